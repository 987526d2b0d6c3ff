"""Cuts trials out of continuous .cnt recordings, and brings them to a lower sampling rate without aliasing.

A file of 1 GB is never read whole: a minute at a time is made float32, a few channels at a time are resampled.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import mne
import numpy as np

from reportgen.core import Recording, Stretch
from reportgen.datasets._seed_continuous import AGAIN, Continuous, open_continuous, read_part
from reportgen.datasets._seed_files import Remarks, Source, check_values
from reportgen.datasets._seed_tables import Clip, Table
from reportgen.errors import DataError, UsageError
from reportgen.montage import SEED_62

_EXTRA = frozenset({"M1", "M2", "VEO", "HEO", "VEOG", "HEOG", "EKG", "EMG", "ECG", "EOG"})
"""Recorded beside the brain: mastoids, eyes, heart and muscles."""
_OPTIONAL = frozenset({"CB1", "CB2"})
"""Caps other than Neuroscan's lack them."""
_BLOCK = 60.0  # s that are read at once
_CHANNELS = 8  # that are resampled at once


def recording(source: Source, table: Table, rate: float, margin: float, remarks: Remarks) -> Recording:
    """The trials of a continuous recording.

    Args:
        source: the .cnt file, of Neuroscan or of ANT.
        table: where its trials lie, s since it began.
        rate: Hz to resample to.
        margin: s before and after each trial that are kept for filters to ring in, as far as there are any.
        remarks: where it is noted what differs from the table.

    Returns:
        Trials (channel, time) in µV; channels are those of SEED in their order, less CB1 and CB2 if the file has none.

    Raises:
        DataError: the file is cut off or broken, lacks channels or has one twice, or ends before the first trial.
        MachineError: it is one of ANT, and antio is missing.
        UsageError: `rate` is higher than the file's.
    """
    whole = open_continuous(source)
    if rate > whole.rate:
        raise UsageError(f"{source.name} was recorded at {whole.rate:g} Hz, less than rate = {rate:g}", "Set a lower `rate`.")
    picks = _picks(whole.names, source.name, remarks)
    channels = tuple(name for name in SEED_62 if name in picks)
    stretches = []
    for clip, stop in _inside(table, whole.samples / whole.rate, source.name, remarks):
        place = f"{source.name} trial {clip.trial}"
        x, lead, tail = _cut(whole, list(picks.values()), (clip.start or 0.0, stop), rate, margin, place)
        check_values(x[:, lead : x.shape[1] - tail], channels, place, remarks)
        stretches.append(
            Stretch(x=x, label=clip.label, trial=clip.trial, clip=clip.film, start=clip.start or 0.0, lead=lead, tail=tail)
        )
    return Recording(
        subject=str(source.subject),
        session=str(source.session),
        source=source.name,
        channels=channels,
        rate=rate,
        stretches=tuple(stretches),
    )


def _picks(names: Sequence[str], shown: str, remarks: Remarks) -> dict[str, int]:
    """{name: index in the file} of SEED's channels."""
    plain = Counter(re.sub(r"-\d+$", "", name.strip().upper()) for name in names)  # MNE numbers channels of one name
    if twice := [name for name in SEED_62 if plain[name] > 1]:
        raise DataError(f"{shown} has the channels {', '.join(twice[:8])} more than once", AGAIN)
    places = {name.strip().upper(): i for i, name in enumerate(names)}
    picks = {name: places[name] for name in SEED_62 if name in places}
    missing = [name for name in SEED_62 if name not in picks]
    if set(missing) - _OPTIONAL:
        raise DataError(f"{shown} lacks the channels {', '.join(missing[:8])} ({len(picks)} of 62 are there)", AGAIN)
    for name in missing:
        remarks.add(f"recordings without channel {name}", shown)
    for name in places.keys() - set(SEED_62) - _EXTRA:
        remarks.add(f"recordings with channel {name}, left out", shown)
    if list(picks.values()) != sorted(picks.values()):
        remarks.add("recordings with channels in another order, put in order by name", shown)
    return picks


def _inside(table: Table, seconds: float, shown: str, remarks: Remarks) -> Iterator[tuple[Clip, float]]:
    """The trials that lie in the recording, and where they end."""
    inside = [clip for clip in table.clips if (clip.start or 0.0) + 1.0 <= seconds]
    if not inside:
        raise DataError(f"{shown} is {seconds:.1f} s long, its first trial starts at {table.clips[0].start:g} s", AGAIN)
    for clip in table.clips[len(inside) :]:
        remarks.add("trials after the end of the recording, absent", f"{shown} trial {clip.trial}, recorded {seconds:.1f} s")
    for clip in inside:
        stop = (clip.start or 0.0) + clip.seconds
        if stop > seconds:
            remarks.add("trials cut short by the end of the recording", f"{shown} trial {clip.trial}: {stop - seconds:.1f} s")
        yield clip, min(stop, seconds)


def _cut(
    whole: Continuous, picks: Sequence[int], span: tuple[float, float], rate: float, margin: float, place: str
) -> tuple[np.ndarray, int, int]:
    """(channel, time) float32 µV of a trial with its margins, and how long these are in samples."""
    start, stop = span
    lead, length = int(min(margin, start) * rate), round((stop - start) * rate)
    tail = int(min(margin, whole.samples / whole.rate - stop) * rate)
    first = round((start - lead / rate) * whole.rate)
    last = min(first + round((lead + length + tail) / rate * whole.rate), whole.samples)
    x = _read(whole, picks, first, last, place)
    x = x if rate == whole.rate else _resample(x, rate, whole.rate)
    return x, lead, max(x.shape[1] - lead - length, 0)


def _read(whole: Continuous, picks: Sequence[int], first: int, last: int, place: str) -> np.ndarray:
    x = np.empty((len(picks), last - first), np.float32)
    step = round(_BLOCK * whole.rate)
    for begin in range(first, last, step):
        end = min(begin + step, last)
        x[:, begin - first : end - first] = read_part(whole, picks, begin, end, place)
    return x


def _resample(x: np.ndarray, rate: float, recorded: float) -> np.ndarray:
    """MNE's resampling in the frequency domain: what lies above half the new rate is removed, not folded down."""
    parts = np.array_split(x, max(len(x) // _CHANNELS, 1))
    resampled = (mne.filter.resample(part.astype(float), up=rate, down=recorded, verbose="error") for part in parts)
    return np.concatenate([part.astype(np.float32) for part in resampled])
