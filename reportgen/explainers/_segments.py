"""Superpixels of one image."""

import numpy as np
from skimage.segmentation import slic

_COMPACTNESS = 0.1  # of grey values in [0, 1]: follows the edges of a face, and flat cheeks are still cut evenly
_SMOOTHING = 1  # pixels
_TOLERANCE = 0.2  # of the target: 50 gives 40 to 60
_TRIES = 5


def superpixels(image: np.ndarray, target: int) -> np.ndarray:
    """Divide an image into about `target` segments: SLIC (Achanta et al. 2012, doi 10.1109/TPAMI.2012.120).

    SLIC drops segments that are too small, so it is asked again until the count is within 20 % of the target; the
    nearest count is taken if it never is. A constant image has no edges to follow and is cut by a regular grid.

    Args:
        image: (row, column) uint8.
        target: number of segments wished for.

    Returns:
        (row, column) int, segment of each pixel, numbered from 0 without gaps.
    """
    if image.min() == image.max():
        return _grid(image.shape[0], image.shape[1], target)
    asked, found = target, []
    for _ in range(_TRIES):
        found.append(
            slic(image, n_segments=asked, compactness=_COMPACTNESS, sigma=_SMOOTHING, start_label=0, channel_axis=None)
        )
        count = found[-1].max() + 1
        if abs(count - target) <= _TOLERANCE * target:
            break
        asked = round(asked * target / count)
    return min(found, key=lambda segments: abs(segments.max() + 1 - target))


def _grid(rows: int, columns: int, target: int) -> np.ndarray:
    """The regular grid of nearly square cells that comes nearest to `target`."""
    down = min(rows, max(1, round((target * rows / columns) ** 0.5)))
    across = min(columns, max(1, round(target / down)))
    row, column = np.arange(rows) * down // rows, np.arange(columns) * across // columns
    return np.asarray(row[:, None] * across + column)  # (row, column)
