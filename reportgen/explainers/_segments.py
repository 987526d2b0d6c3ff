"""Superpixels of one image."""

from typing import Literal

import numpy as np
from skimage.segmentation import slic

_COMPACTNESS = 0.1  # of grey values in [0, 1]: SLIC follows the face's edges and still fills flat cheeks with even segments
_SMOOTHING = 1  # pixels, as S2
_TOLERANCE = 0.2  # of the target: 50 gives 40 to 60
_TRIES = 5


def superpixels(image: np.ndarray, target: int) -> tuple[np.ndarray, Literal["slic", "grid"]]:
    """Divide an image into about `target` segments: SLIC (Achanta et al. 2012, doi 10.1109/TPAMI.2012.120).

    SLIC drops segments that are too small, so it is asked again until the count is within 20 % of the target, and
    the nearest count is taken if it never is. A constant image has no edges to follow and is cut by a regular grid.

    Args:
        image: (row, column) uint8.
        target: number of segments wished for.

    Returns:
        (row, column) int, segment of each pixel, numbered from 0 without gaps, and how they were found.
    """
    if image.min() == image.max():
        return _grid(*image.shape, target), "grid"
    asked, best = target, np.zeros(image.shape, int)
    for _ in range(_TRIES):
        found = slic(
            image, n_segments=asked, compactness=_COMPACTNESS, sigma=_SMOOTHING, start_label=0, channel_axis=None
        )  # (row, column)
        best = min(best, found, key=lambda segments: abs(segments.max() + 1 - target))
        if abs(best.max() + 1 - target) <= _TOLERANCE * target:
            break
        asked = round(asked * target / (found.max() + 1))
    return best, "slic"


def _grid(rows: int, columns: int, target: int) -> np.ndarray:
    """The regular grid of square-ish cells that comes nearest to `target`."""
    down = min(rows, max(1, round((target * rows / columns) ** 0.5)))
    across = min(columns, max(1, round(target / down)))
    row, column = np.arange(rows) * down // rows, np.arange(columns) * across // columns
    return row[:, None] * across + column  # (row, column)
