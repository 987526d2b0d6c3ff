"""Shortens padded windows of features evenly, by means, so that large files become small ones."""

import numpy as np

_BLOCK = 128  # segments at a time: 128 of 500 windows and 74 features are 19 MB


def shorten(x: np.ndarray, own: np.ndarray, most: int) -> np.ndarray:
    """Reduce windows to at most `most`, each the mean of an equal share of the windows that a segment really has.

    Args:
        x: (segment, window, feature); infinite or NaN is missing and left out of the means.
        own: (segment, window) bool: no padding.
        most: windows to keep; a segment that has no more keeps them as they are.

    Returns:
        (segment, most, feature) float32, NaN after a segment's last window and where nothing is known.
    """
    out = np.full((len(x), most, x.shape[2]), np.nan, np.float32)
    for begin in range(0, len(x), _BLOCK):
        block = slice(begin, begin + _BLOCK)
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and that is missing
            out[block] = _means(x[block].astype(np.float32), own[block], most)
    return out


def _means(x: np.ndarray, own: np.ndarray, most: int) -> np.ndarray:
    n = own.sum(axis=1, keepdims=True)
    rank = np.cumsum(own, axis=1) - 1
    place = np.where(n > most, rank * most // np.maximum(n, 1), rank)  # (segment, window): which kept one it goes to
    takes = ((place[:, None] == np.arange(most)[:, None]) & own[:, None]).astype(np.float32)  # (segment, kept, window)
    known = np.isfinite(x)
    total, found = takes @ np.where(known, x, 0), takes @ known.astype(np.float32)
    means = np.full(found.shape, np.nan, np.float32)
    np.divide(total, found, out=means, where=found > 0)
    return means
