"""Where on a map segments lie: its limits, and the share of segments in each cell of a grid."""

import numpy as np
from scipy.ndimage import gaussian_filter

CELLS = 120
"""Along each side of the grid."""
_SMOOTH = 1.5  # standard deviation of the smoothing, in cells
_INSIDE = 0.99  # share of the rows that lie within the limits
_MARGIN = 0.05  # of the span, on each side


def limits(plane: np.ndarray, weights: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """A square that holds all anchors and 99 % of the rows, with a margin: (axis, 2), low and high.

    Args:
        plane: (vector, 2).
        weights: (vector,): how many rows have each.
        anchors: (anchor, 2).
    """
    tail = (1 - _INSIDE) / 4  # on each side of each of two axes
    bounds = np.array([_quantiles(plane[:, axis], weights, (tail, 1 - tail)) for axis in (0, 1)])
    low, high = np.minimum(bounds[:, 0], anchors.min(axis=0)), np.maximum(bounds[:, 1], anchors.max(axis=0))
    half = max(float((high - low).max()) * (0.5 + _MARGIN), 1e-6)
    middle = (low + high) / 2
    return np.column_stack([middle - half, middle + half])


def _quantiles(values: np.ndarray, weights: np.ndarray, shares: tuple[float, float]) -> tuple[float, float]:
    """The largest value with no more than the first share below it, the smallest with the second share at or below it."""
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(weights[order]) / weights.sum()
    low, high = (values[order][min(int(np.searchsorted(mass, share - 1e-12)), len(values) - 1)] for share in shares)
    return float(low), float(high)


def edges(within: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the cells across and upwards: (cell + 1,) each, from limits (axis, 2)."""
    across, upwards = (np.linspace(low, high, CELLS + 1) for low, high in within)
    return across, upwards


def density(plane: np.ndarray, weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Share of all rows in each cell, smoothed: (row, column) float32, rows upwards; what lies outside is in none.

    Args:
        plane: (vector, 2).
        weights: (vector,).
        x: edges of columns.
        y: edges of rows.
    """
    counted, _, _ = np.histogram2d(plane[:, 1], plane[:, 0], bins=(y, x), weights=weights)
    smooth = gaussian_filter(counted, _SMOOTH, mode="constant")
    return np.asarray(smooth * (counted.sum() / max(smooth.sum(), 1e-300)) / max(weights.sum(), 1.0), np.float32)
