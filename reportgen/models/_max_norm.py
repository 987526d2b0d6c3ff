"""Layers none of whose units has weights of a larger norm than a limit, as Keras' max_norm constrains them.

Keras brings weights that an update has made too long back to the limit. Here the next pass does so, before it uses them: no
gradient passes through it, and no pass, of training or not, is computed with weights beyond the limit.
"""

import torch
from torch import Tensor, nn

_MARGIN = 1e-6  # below the limit, so that rounding does not shorten weights a second time


def hold(weight: Tensor, limit: float) -> None:
    """Shorten the weights (unit, …) of each unit to at most `limit`, in place; the others keep every bit."""
    norm = torch.linalg.vector_norm(weight.data, dim=tuple(range(1, weight.ndim)), keepdim=True)
    weight.data.mul_(torch.where(norm > limit, (1 - _MARGIN) * limit / norm, torch.ones_like(norm)))


class MaxNormLinear(nn.Linear):
    """(sample, unit) to (sample, class)."""

    def __init__(self, units: int, classes: int, limit: float) -> None:
        super().__init__(units, classes)
        self.limit = limit

    def forward(self, x: Tensor) -> Tensor:
        """The linear layer, of weights within the limit."""
        hold(self.weight, self.limit)
        return super().forward(x)


class SpatialFilters(nn.Conv2d):
    """(sample, 1, channel, time) to (sample, filter, 1, time): sums over all channels, each with a weight of its own."""

    def __init__(self, filters: int, channels: int, limit: float) -> None:
        super().__init__(1, filters, (channels, 1), bias=False)
        self.limit = limit

    def forward(self, x: Tensor) -> Tensor:
        """The convolution, as a product of matrices: its gradient for the input takes a third of the time."""
        hold(self.weight, self.limit)
        return torch.einsum("fc,sct->sft", self.weight[:, 0, :, 0], x[:, 0]).unsqueeze(2)
