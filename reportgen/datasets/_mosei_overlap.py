"""Puts what was measured over time, and what was said, beside the segments that people rated."""

from collections.abc import Sequence

import numpy as np

_BLOCK = 64  # segments at a time: 64 beside five minutes of voice, 100 rows a second, are 8 MB
_SILENCE = "sp"


def average(segments: np.ndarray, intervals: np.ndarray, features: np.ndarray) -> np.ndarray:
    """Mean of the features that overlap each segment, with the overlap in seconds as weight.

    Args:
        segments: (segment, 2) start and stop in s, in the order of time.
        intervals: (row, 2) start and stop in s.
        features: (row, feature) float32; NaN is missing and left out of the means.

    Returns:
        (segment, feature) float32; NaN where nothing known overlaps.
    """
    blocks = [segments[i : i + _BLOCK] for i in range(0, len(segments), _BLOCK)]
    return np.concatenate([_average(block, intervals, features) for block in blocks])


def _average(segments: np.ndarray, intervals: np.ndarray, features: np.ndarray) -> np.ndarray:
    touching = (intervals[:, 1] > segments[:, 0].min()) & (intervals[:, 0] < segments[:, 1].max())
    seconds, x = _seconds(segments, intervals[touching]), features[touching]
    known = np.isfinite(x)
    weighted = seconds @ np.where(known, x, 0)
    total = seconds @ known.astype(np.float32)
    means = np.full(weighted.shape, np.nan, np.float32)
    np.divide(weighted, total, out=means, where=total > 0)
    return means


def touched(segments: np.ndarray, intervals: np.ndarray) -> np.ndarray:
    """Which segments any interval overlaps, (segment,) bool: of those that start before one ends, more than end before it."""
    proper = intervals[intervals[:, 1] > intervals[:, 0]]
    begun = np.searchsorted(np.sort(proper[:, 0]), segments[:, 1], side="left")
    ended = np.searchsorted(np.sort(proper[:, 1]), segments[:, 0], side="right")
    return np.asarray(begun > ended)


def _seconds(segments: np.ndarray, intervals: np.ndarray) -> np.ndarray:
    """How long each segment and interval overlap: (segment, row) float32."""
    begin = np.maximum(segments[:, None, 0], intervals[None, :, 0])
    end = np.minimum(segments[:, None, 1], intervals[None, :, 1])
    return np.asarray(np.clip(end - begin, 0, None), np.float32)


def spoken(segments: np.ndarray, intervals: np.ndarray, words: Sequence[str]) -> tuple[str, ...]:
    """What is said in each segment: the words whose middle lies in it, without the pauses.

    By their middle no word is cut into two sentences that follow each other, as forced alignment seldom ends where a
    segment does.
    """
    order = [i for i in np.argsort(intervals[:, 0], kind="stable") if words[i] != _SILENCE]
    middle = intervals[order].mean(axis=1)
    inside = (segments[:, None, 0] <= middle) & (middle < segments[:, None, 1])
    return tuple(" ".join(words[order[i]] for i in np.flatnonzero(row)) for row in inside)
