"""A user's recording of EEG as pieces: the channels that a model knows, at a rate that its features can take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.core import Piece, Stretch
from reportgen.datasets import _muse_table
from reportgen.datasets._cutting import cut
from reportgen.datasets._gaps import gapless, without
from reportgen.datasets._recording_files import FORMATS, Found, Header, header, read, spelled
from reportgen.datasets._runs import SHORTEST
from reportgen.datasets._segments import Segment
from reportgen.datasets._tally import Tally, listed
from reportgen.errors import DataError
from reportgen.words import duration

_SAME = 1e-3  # share by which a rate may differ: headers write 249.9997 Hz where 250 are meant
_FAR = 1.02  # times the rate: more than clocks drift
_MUCH = 60  # gapless stretches that are read: a recording with more is in tatters


@dataclass(frozen=True, slots=True)
class Taken:
    """What was read of a recording."""

    pieces: tuple[Piece, ...]  # gapless, in the order of time
    seconds: float
    read: tuple[str, ...]  # what was done to it


def taken(file: Path, facts: Mapping[str, Any], *, resampled: bool) -> Taken:
    """Read a recording with the channels of a data set.

    Args:
        file: in any of the common formats, or a csv of time stamps in s and channels in µV.
        facts: of the data set that a model learned from.
        resampled: the model's features bring signals to a rate of their own, so that any rate may come in.

    Raises:
        DataError: it cannot be read, lacks a channel, or was recorded at too low a rate.
    """
    tally = Tally()
    is_table = not file.name.casefold().endswith(FORMATS)
    stretches, rate, own = _from_table(file, facts, tally) if is_table else _from_file(file, facts, resampled, tally)
    if not stretches:
        raise DataError(f"{file} holds no stretch of signals without gaps", "Look at its channels: are they flat, or empty?")
    channels = tuple(facts["channels"])
    pieces = [
        Piece(x=one.x, axes=("channel", "time"), unit="µV", channels=channels, rate=rate, start=one.start)
        for one in stretches[:_MUCH]
    ]
    seconds = sum(one.x.shape[-1] for one in stretches) / rate
    told = [f"{len(channels)} channels, {duration(seconds)} at {own:g} Hz"]
    if rate != own:
        told.append(f"brought to the {rate:g} Hz of the training data")
    if len(stretches) > 1:
        told.append(f"{len(stretches)} stretches without gaps")
    return Taken(tuple(pieces), seconds, (*told, *(line.rstrip(".") for line in tally.lines())))


def _rate(file: Path, own: float, facts: Mapping[str, Any], *, resampled: bool) -> float:
    """Hz of the pieces: that of the training data, unless features resample.

    Raises:
        DataError: the recording's is lower, and what it lacks cannot be made up.
    """
    wanted = float(facts["rate"])
    if resampled or abs(own / wanted - 1) < _SAME:
        return own if resampled else wanted
    if own < wanted:
        fault = f"{file} was recorded at {own:g} Hz, and the model learned from signals at {wanted:g} Hz"
        raise DataError(fault, f"Record at {wanted:g} Hz or above, or train a model on the feature `resample`.")
    return wanted


def _from_file(file: Path, facts: Mapping[str, Any], resampled: bool, tally: Tally) -> tuple[list[Stretch], float, float]:
    """Stretches, their rate, and that of the file."""
    found = Found(path=file, name=file.name, subject="1", session="1")
    head = header(found, (), tally)
    rate = _rate(file, head.rate, facts, resampled=resampled)
    known = dict(zip(map(spelled, head.channels), head.channels.values(), strict=True))
    wanted = _matched(file, facts["channels"], known)
    ours = Header(
        channels=wanted, rate=head.rate, seconds=head.seconds, events=head.events, regions=head.regions, parts=head.parts
    )
    whole = Segment(start=0.0, stop=head.seconds, label=0, trial="1")
    same = abs(head.rate / rate - 1) < _SAME
    made = list(cut(read(found), whole, ours, list(wanted), 0.0, head.rate if same else rate, file.name, tally))
    return made, rate, head.rate


def _from_table(file: Path, facts: Mapping[str, Any], tally: Tally) -> tuple[list[Stretch], float, float]:
    """The same of a csv such as the Muse headband writes."""
    rate = float(facts["rate"])
    columns = _columns(file)
    wanted = _matched(file, facts["channels"], {spelled(column): column for column in columns})
    stamps, x = _muse_table.read(file, file.name, list(wanted.values()), rate)
    own = (len(stamps) - 1) / max(float(stamps[-1] - stamps[0]), 1e-9)
    if own > rate * _FAR:  # gaps make it seem slower, nothing makes it seem faster
        fault = f"{file} holds {own:.4g} samples a second, and the model learned from signals at {rate:g} Hz"
        raise DataError(fault, f"Resample it to {rate:g} Hz.")
    good = np.isfinite(x).all(axis=0)
    if not good.all():
        tally.add("samples that are no numbers are cut out like gaps", f"{(~good).sum():,}")
    spans = [(begin, end) for begin, end in without(gapless(stamps, rate), good) if end - begin >= SHORTEST * rate]
    made = [
        Stretch(x=x[:, begin:end].astype(np.float32), label=0, trial="1", start=float(stamps[begin] - stamps[0]))
        for begin, end in spans
    ]
    return made, rate, rate


def _columns(file: Path) -> list[str]:
    """Names of the columns of a csv."""
    try:
        with file.open(encoding="utf-8-sig") as opened:
            first = opened.readline()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file} is no recording that can be read", f"Recordings end in {', '.join(FORMATS)}.") from error
    return [cell.strip().strip('"') for cell in first.split(",")]


def _matched(file: Path, channels: Sequence[str], there: Mapping[str, str]) -> dict[str, str]:
    """{channel as the model knows it: as the file calls it}, whatever the spelling.

    Raises:
        DataError: a channel is missing.
    """
    if missing := [channel for channel in channels if spelled(channel) not in there]:
        fault = f"{file} lacks {len(missing)} of the {len(channels)} channels that the model learned from: {listed(missing, 6)}"
        raise DataError(fault, f"It has {listed(list(there.values()), 8) or 'none'}. Name channels as the 10-20 system does.")
    return {channel: there[spelled(channel)] for channel in channels}
