"""Cuts trials out of continuous .cnt recordings, and brings them to a lower sampling rate without aliasing.

A file of 1 GB is never read whole: a minute at a time is made float32, a few channels at a time are resampled.
"""

import importlib.util
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import mne
import numpy as np

from reportgen.core import Recording, Stretch
from reportgen.datasets._seed_files import Remarks, Source, check_values
from reportgen.datasets._seed_tables import Clip, Table
from reportgen.errors import DataError, MachineError, UsageError
from reportgen.montage import SEED_62

_EXTRA = frozenset({"M1", "M2", "VEO", "HEO", "VEOG", "HEOG", "EKG", "EMG", "ECG", "EOG"})
"""Recorded beside the brain: mastoids, eyes, heart and muscles."""
_OPTIONAL = frozenset({"CB1", "CB2"})
"""Caps other than Neuroscan's lack them."""
_BLOCK = 60.0  # s that are read at once
_CHANNELS = 8  # that are resampled at once
_AGAIN = "Download the file again, or leave its subject out: `subjects`."
_HEADER = 900  # bytes, of a Neuroscan file
_BROKEN = (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError, struct.error)


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
        DataError: the file is cut off or broken, lacks channels, or ends before the first trial.
        MachineError: it is one of ANT, and antio is missing.
        UsageError: `rate` is higher than the file's.
    """
    raw = _open(source)
    recorded = float(raw.info["sfreq"])
    if rate > recorded:
        raise UsageError(f"{source.name} was recorded at {recorded:g} Hz, which is less than rate = {rate:g}", "Set `rate`.")
    picks = _picks(raw.ch_names, source.name, remarks)
    channels = tuple(name for name in SEED_62 if name in picks)
    stretches = []
    for clip, stop in _inside(table, raw.n_times / recorded, source.name, remarks):
        x, lead, tail = _cut(raw, [picks[name] for name in channels], clip.start or 0.0, stop, rate, margin, source.name)
        check_values(x[:, lead : x.shape[1] - tail], channels, f"{source.name} trial {clip.trial}", remarks)
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


def _open(source: Source) -> Any:
    """The raw of MNE, of whichever maker's file it is: both call it .cnt."""
    try:
        with source.path.open("rb") as file:
            header = file.read(_HEADER)
        if header.startswith((b"RIFF", b"RF64")):
            return _open_ant(source)
        if header.startswith(b"Version 3.0"):
            return _open_neuroscan(source, header)
    except _BROKEN as error:
        raise DataError(f"{source.name} cannot be read as .cnt: {_said(error)}", _AGAIN) from error
    raise DataError(
        f"{source.name} is no .cnt: it begins with {header[:11]!r}",
        "Files of Neuroscan begin with 'Version 3.0', those of ANT with 'RIFF'. " + _AGAIN,
    )


def _said(error: BaseException) -> str:
    return (str(error) or type(error).__name__).replace("\n", " ")


def _open_ant(source: Source) -> Any:
    if importlib.util.find_spec("antio") is None:
        raise MachineError(f"{source.name} was written by ANT's eego, which MNE reads through antio", "pip install antio")
    return mne.io.read_raw_ant(source.path, verbose="error")


def _open_neuroscan(source: Source, header: bytes) -> Any:
    """Read 32-bit samples, and their number from the size of the file: the header of real files says −732."""
    n_channels, said, table = (_number(header, *field) for field in ((370, "<H"), (864, "<i"), (886, "<i")))
    size = source.path.stat().st_size
    content = table - _HEADER - 75 * n_channels  # a channel's own header has 75 bytes
    if not n_channels or content <= 0 or table > size:
        raise DataError(f"{source.name} is cut off: it has {size:,} bytes, its table of events starts at {table:,}", _AGAIN)
    width = 2 if content == 2 * said * n_channels else 4  # bytes; nothing else in the file says it
    return mne.io.read_raw_cnt(
        source.path,
        data_format="int16" if width == 2 else "int32",
        recompute_n_samples=said * n_channels * width != content,
        verbose="error",
    )


def _number(header: bytes, place: int, form: str) -> int:
    return int(struct.unpack_from(form, header, place)[0])


def _picks(names: Sequence[str], shown: str, remarks: Remarks) -> dict[str, int]:
    """{name: index in the file} of SEED's channels."""
    places = {name.strip().upper(): i for i, name in enumerate(names)}
    picks = {name: places[name] for name in SEED_62 if name in places}
    missing = [name for name in SEED_62 if name not in picks]
    if set(missing) - _OPTIONAL:
        raise DataError(f"{shown} lacks the channels {', '.join(missing[:8])} ({len(picks)} of 62 are there)", _AGAIN)
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
        raise DataError(f"{shown} is {seconds:.1f} s long, its first trial starts at {table.clips[0].start:g} s", _AGAIN)
    for clip in table.clips[len(inside) :]:
        remarks.add("trials after the end of the recording, absent", f"{shown} trial {clip.trial}, recorded {seconds:.1f} s")
    for clip in inside:
        stop = (clip.start or 0.0) + clip.seconds
        if stop > seconds:
            remarks.add("trials cut short by the end of the recording", f"{shown} trial {clip.trial}: {stop - seconds:.1f} s")
        yield clip, min(stop, seconds)


def _cut(
    raw: Any, picks: Sequence[int], start: float, stop: float, rate: float, margin: float, shown: str
) -> tuple[np.ndarray, int, int]:
    """(channel, time) float32 µV of a trial with its margins, and how long these are in samples."""
    recorded, end = float(raw.info["sfreq"]), raw.n_times / float(raw.info["sfreq"])
    lead = int(min(margin, start) * rate)
    length = round((stop - start) * rate)
    tail = int(min(margin, end - stop) * rate)
    first = round((start - lead / rate) * recorded)
    last = min(first + round((lead + length + tail) / rate * recorded), raw.n_times)
    try:
        x = _read(raw, picks, first, last)
    except _BROKEN as error:
        raise DataError(f"{shown} cannot be read from {start:g} s on: {_said(error)}", _AGAIN) from error
    x = x if rate == recorded else _resample(x, rate, recorded)
    return x, lead, max(x.shape[1] - lead - length, 0)


def _read(raw: Any, picks: Sequence[int], first: int, last: int) -> np.ndarray:
    x = np.empty((len(picks), last - first), np.float32)
    step = round(_BLOCK * float(raw.info["sfreq"]))
    for begin in range(first, last, step):
        end = min(begin + step, last)
        x[:, begin - first : end - first] = raw[list(picks), begin:end][0] * 1e6  # V to µV
    return x


def _resample(x: np.ndarray, rate: float, recorded: float) -> np.ndarray:
    """MNE's resampling in the frequency domain: what lies above half the new rate is removed, not folded down."""
    parts = np.array_split(x, max(len(x) // _CHANNELS, 1))
    resampled = (mne.filter.resample(part.astype(float), up=rate, down=recorded, verbose="error") for part in parts)
    return np.concatenate([part.astype(np.float32) for part in resampled])
