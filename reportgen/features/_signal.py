"""What features need to know of a piece: whether it is a signal or windows, and how windows are cut from a signal."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from reportgen.core import Piece
from reportgen.errors import UsageError
from reportgen.plugins import unknown

_ROUNDING = 1e-5


def signal_of(piece: Piece, name: str) -> np.ndarray:
    """The signal of a piece with its lead and tail, (channel, time), in piece.unit.

    Raises:
        UsageError: the piece holds windows, of an earlier feature or of given features.
    """
    if piece.axes != ("channel", "time") or piece.x.ndim != 2:
        hint = "Put it before the features that make windows; given features have no signal."
        raise UsageError(f"feature {name} takes (channel, time) signals, not {_described(piece)}", hint)
    return piece.x


def windows_of(piece: Piece, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The windows of a piece, (window, …), and their spans, (window, 2) in s since the recording began.

    Raises:
        UsageError: the piece is still a signal.
    """
    if piece.axes[:1] != ("window",) or piece.spans is None:
        hint = "Put it after a feature that makes windows."
        raise UsageError(f"feature {name} takes windows, not {_described(piece)}", hint)
    return piece.x, piece.spans


def _described(piece: Piece) -> str:
    return f"({', '.join(piece.axes)}) of shape {piece.x.shape}"


def places_of(names: Iterable[str], piece: Piece, feature: str) -> list[int]:
    """Where channels stand in a piece; upper and lower case are the same.

    Raises:
        UsageError: the piece has no channel of a name.
    """
    places = {name.casefold(): place for place, name in enumerate(piece.channels)}
    for name in names:
        if name.casefold() not in places:
            fault = unknown("channel", name, piece.channels)
            raise UsageError(f"feature {feature}: {fault}", "Name channels of the recordings.")
    return [places[name.casefold()] for name in names]


def missing(piece: Piece) -> np.ndarray:
    """(channel,) bool: a value of the signal, or of its lead and tail, is NaN or infinite."""
    return np.asarray(~np.isfinite(piece.x).all(-1))


def flat(piece: Piece) -> np.ndarray:
    """(channel,) bool: it does not move in the trial, but for the rounding of filters, next to what the others do."""
    trial = piece.trial
    with np.errstate(invalid="ignore"):  # infinite samples are no range
        ranges = trial.max(-1, initial=-np.inf) - trial.min(-1, initial=np.inf)
    moving = ranges[(ranges > 0) & np.isfinite(ranges)]
    return np.asarray(ranges <= _ROUNDING * (np.median(moving) if moving.size else 0))


def cut(piece: Piece, window: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Cut the trial of a signal into windows, without copying; samples after the last whole window are left over.

    Args:
        piece: a signal (channel, time); its lead and tail are not cut.
        window: length in s, rounded to samples; 0: the whole trial is one window.
        step: from the start of one window to that of the next in s, rounded to samples; 0: windows lie end to end.

    Returns:
        (window, channel, time) read-only view, and (window, 2) start and stop in s since the recording began. A trial shorter
        than one window gives none of them, with the other axes as they would be.

    Raises:
        UsageError: window or step is less than one sample.
    """
    trial = piece.trial
    length = _samples(window, "window", piece.rate) if window else max(1, trial.shape[-1])
    stride = _samples(step, "step", piece.rate) if step else length
    if trial.shape[-1] < length:
        return np.empty((0, len(trial), length), trial.dtype), np.empty((0, 2))
    views = np.lib.stride_tricks.sliding_window_view(trial, length, axis=-1)[:, ::stride].transpose(1, 0, 2)
    first = np.arange(len(views)) * stride
    return views, piece.start + np.stack([first, first + length], axis=-1) / piece.rate


def runs(spans: np.ndarray) -> list[slice]:
    """The windows that follow each other, from gap to gap: spans (window, 2) in s, in the order of time.

    The usual step is the shortest: where windows start one and a half of it apart or more, some between them were left out.
    """
    steps = np.diff(spans[:, 0])
    edges = [0, *(np.flatnonzero(steps > 1.5 * steps.min(initial=np.inf)) + 1), len(spans)]
    return [slice(first, stop) for first, stop in pairwise(edges) if first < stop]


def too_short(spans: np.ndarray, window: float) -> tuple[str, ...]:
    """The notice of a trial that `cut` made no window of: spans (0, 2)."""
    return () if len(spans) else (f"shorter than one window of {window:g} s: no sample is made of it",)


def _samples(seconds: float, what: str, rate: float) -> int:
    """Seconds in whole samples."""
    count = round(seconds * rate)
    if count < 1:
        raise UsageError(f"a {what} of {seconds:g} s is less than one sample at {rate:g} Hz", f"Set a longer {what}.")
    return count
