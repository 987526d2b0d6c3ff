"""Pictures of superpixel weights: which superpixels a LIME figure shows."""

from typing import Literal

import numpy as np


def top_mask(superpixels: np.ndarray, weights: np.ndarray, *, count: int, sign: Literal[1, -1]) -> np.ndarray:
    """Mask of the strongest superpixels of one sign, strongest first, ties to the lower number.

    The mask of `lime.lime_image.ImageExplanation.get_image_and_mask` with `positive_only` (`sign=1`) or
    `negative_only` (`sign=-1`) and `num_features=count`: at most `count` superpixels, none of weight zero.

    Args:
        superpixels: (row, column) int, segment of each pixel, from 0.
        weights: (segment,) float, any unit; NaN beyond the image's own segments.
        count: how many superpixels at most.
        sign: 1 for those that speak for the class, -1 for those that speak against it.

    Returns:
        (row, column) bool.
    """
    strength = sign * weights  # (segment,)
    strongest = np.argsort(-strength, kind="stable")[:count]  # NaN sorts last
    return np.isin(superpixels, strongest[strength[strongest] > 0])
