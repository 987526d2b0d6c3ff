"""Frequencies of which real signals have anything left: where a filter has taken them away, a difference says nothing."""

import numpy as np

_GONE = 20.0  # dB below what is strong within two octaves: no EEG falls that fast, so that a filter has done it
_SLOPE = 8.0  # dB below what is strong within an octave: still its slope
_STRONG = 0.75  # quantile: a rhythm is a peak of few frequencies


def passed(frequency: np.ndarray, level: np.ndarray) -> np.ndarray:
    """(frequency,) bool: all but those that a filter has left almost nothing of, with its slope.

    Args:
        frequency: (frequency,) Hz, rising, above 0.
        level: (frequency,) dB of real signals.
    """
    kept = np.ones(len(frequency), bool)
    if not np.isfinite(level).all() or not len(level):
        return kept
    top = int(level.argmax())
    kept[: _cut(frequency[top::-1], level[top::-1])] = False
    kept[len(kept) - _cut(frequency[top:], level[top:]) :] = False
    return kept


def _cut(frequency: np.ndarray, level: np.ndarray) -> int:
    """How many of the frequencies, from the strongest one outwards to an edge, are gone."""
    gone = [i for i in range(len(level)) if level[i] < _strong(frequency, level, i, 4.0) - _GONE]
    if not gone:
        return 0
    first = gone[0]
    while first and level[first - 1] < _strong(frequency, level, first - 1, 2.0) - _SLOPE:
        first -= 1
    return len(level) - first


def _strong(frequency: np.ndarray, level: np.ndarray, i: int, times: float) -> float:
    """A high level between a frequency and so many times (or that part of) it, towards the strongest one."""
    apart = np.maximum(frequency[: i + 1] / frequency[i], frequency[i] / frequency[: i + 1])
    return float(np.quantile(level[: i + 1][apart <= times], _STRONG))
