"""Cuts the trials out of an open recording: only what is needed is read, and what filters need around it."""

from collections.abc import Iterator, Sequence
from typing import Any

import mne
import numpy as np

from reportgen.core import Stretch
from reportgen.datasets._recording_files import AGAIN, Header, signals_end
from reportgen.datasets._runs import SHORTEST, runs
from reportgen.datasets._segments import Segment
from reportgen.datasets._tally import Tally
from reportgen.errors import DataError

_MICROVOLT = 1e6  # µV in the V that MNE gives


def pieces(segment: Segment, header: Header, margin: float) -> list[tuple[float, float, float, float]]:
    """The gapless parts of a trial, with a margin that keeps clear of breaks too.

    Args:
        segment: of the recording.
        header: knows its breaks.
        margin: s, as far as there is data.

    Returns:
        [(first, start, stop, last)] s since the recording began: the part is from start to stop.
    """
    found = []
    for first, last in header.regions:
        start, stop = max(segment.start, first), min(segment.stop, last)
        if stop - start >= SHORTEST:
            found.append((max(first, start - margin), start, stop, min(last, stop + margin)))
    return found


def cut(
    raw: Any, segment: Segment, header: Header, channels: Sequence[str], margin: float, rate: float, place: str, tally: Tally
) -> Iterator[Stretch]:
    """Read one trial: a stretch for each of its gapless parts.

    Args:
        raw: the open mne.io.BaseRaw.
        segment: of it.
        header: of it.
        channels: to be read, in our spelling; the order of the rows.
        margin: s before and after the trial.
        rate: Hz of what is made; if it is not that of the file, MNE resamples below a steep low-pass.
        place: of the trial, for the tally.
        tally: told of what is cut out.

    Raises:
        DataError: the file ends before its header says, or is broken there.
    """
    picks = [raw.ch_names.index(header.channels[channel]) for channel in channels]
    for times in pieces(segment, header, margin):
        first, start, stop, last = (min(round(time * header.rate), raw.n_times) for time in times)
        x = _read(raw, picks, first, last, place)
        good = _measured(x, header.rate)
        if not good[start - first : stop - first].all():
            tally.add("trials with values that are no numbers or all zero, which are cut out", place)
        for begin, end in runs(good):
            begin_trial, end_trial = max(start - first, begin), min(stop - first, end)
            if end_trial - begin_trial >= SHORTEST * header.rate:
                part = (begin_trial - begin, end_trial - begin)
                yield _stretch(x[:, begin:end], part, first + begin, segment, header.rate, rate)


def _read(raw: Any, picks: Sequence[int], first: int, last: int, place: str) -> np.ndarray:
    """(channel, time) µV. Most formats open a file that is cut off all the same, and only fail here."""
    try:
        return np.asarray(raw.get_data(picks, first, last, verbose="error") * _MICROVOLT)
    except Exception as error:  # each format has errors of its own
        raise DataError(f"{place} cannot be read: {signals_end(error)}", AGAIN) from error


def _measured(x: np.ndarray, rate: float) -> np.ndarray:
    """(time,) bool: neither missing values nor the zeros that fill up a file or a drop-out of the amplifier."""
    good = np.isfinite(x).all(0)
    for begin, end in runs((x == 0).all(0)):
        good[begin:end] &= end - begin < SHORTEST * rate
    return np.asarray(good)


def _stretch(x: np.ndarray, part: tuple[int, int], first: int, segment: Segment, rate: float, wanted: float) -> Stretch:
    """A gapless piece whose samples `part` are the trial, and whose first is the recording's `first`."""
    begin, end = part
    if wanted != rate:
        x = mne.filter.resample(x, up=wanted, down=rate, verbose="error")
        begin, end = round(begin * wanted / rate), min(round(end * wanted / rate), x.shape[1])
    return Stretch(
        x=x.astype(np.float32),
        label=segment.label,
        trial=segment.trial,
        clip=segment.clip,
        start=first / rate + begin / wanted,
        lead=begin,
        tail=x.shape[1] - end,
    )
