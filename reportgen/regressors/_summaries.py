"""What a row with windows is, to a model without time."""

import torch
from torch import Tensor


def width(features: int, windows: int) -> int:
    """How many numbers `summarised` gives for a row."""
    return features if windows == 1 else 2 * features


def summarised(x: Tensor) -> Tensor:
    """(row, window, feature) -> (row, number): the only window, or mean and standard deviation over windows side by side."""
    if x.shape[1] == 1:
        return x[:, 0]
    mean = x.mean(dim=1)
    return torch.cat([mean, (x - mean[:, None]).square().mean(dim=1).sqrt()], dim=1)
