"""Attention that can be read: each module's output is the weights themselves, and a weight of 1 is an even share.

All are shares: softmax × number of what is shared, so that a weight of 2 is twice an even share of bands, cells and slices
alike. Gates by a sigmoid would say less: all may rise together, which the next layer takes back. Scores begin as 0, and the
network as one without attention.
"""

import torch
from torch import Tensor, nn


class SpectralAttention(nn.Module):
    """Weights of bands: from the mean of each over the head, by two linear layers (Hu et al. 2018, arXiv 1709.01507)."""

    def __init__(self, bands: int, hidden: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(bands, hidden)
        self.relu = nn.ReLU()
        self.score = _even(nn.Linear(hidden, bands))

    def forward(self, x: Tensor) -> Tensor:
        """(sample × slice, band) of x (sample × slice, band, row, column)."""
        scores: Tensor = self.score(self.relu(self.hidden(x.mean((2, 3)))))
        return scores.softmax(1) * scores.shape[1]


class SpatialAttention(nn.Module):
    """Weights of cells: from what lies around each, by two convolutions, and from where it is.

    Cells that were 0 in all of training have no electrode: they get no weight, and take none from the others, whose mean is 1.
    """

    occupied: Tensor

    def __init__(self, bands: int, hidden: int, rows: int, columns: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(bands, hidden, 3, padding=1)
        self.relu = nn.ReLU()
        self.score = _even(nn.Conv2d(hidden, 1, 1, bias=False))  # no bias: shares do not change with it
        self.place = Place(rows, columns)
        self.register_buffer("occupied", torch.zeros(rows, columns, dtype=torch.bool))

    def forward(self, x: Tensor) -> Tensor:
        """(sample × slice, row, column) of x (sample × slice, band, row, column)."""
        if self.training:
            self.occupied.logical_or_((x != 0).any(0).any(0))
        cells = self.occupied | ~self.occupied.any()  # all, before any training
        scores: Tensor = self.place(self.score(self.relu(self.conv(x))).squeeze(1))
        shares = scores.flatten(1).masked_fill(~cells.flatten(), -torch.inf).softmax(1) * cells.sum()
        return shares.view_as(scores)


class Place(nn.Module):
    """A score for each cell, whatever is in it."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.scores = nn.Parameter(torch.zeros(rows, columns))

    def forward(self, scores: Tensor) -> Tensor:
        """(sample × slice, row, column) of scores of that shape."""
        return scores + self.scores


class TemporalAttention(nn.Module):
    """Weights of slices: additive attention (Bahdanau et al. 2015, arXiv 1409.0473) of one learned question."""

    def __init__(self, states: int, hidden: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(states, hidden)
        self.tanh = nn.Tanh()
        self.score = _even(nn.Linear(hidden, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        """(sample, slice) of x (sample, slice, state)."""
        scores: Tensor = self.score(self.tanh(self.hidden(x))).squeeze(2)
        return scores.softmax(1) * scores.shape[1]


class BothWays(nn.LSTM):
    """Bidirectional LSTM: (sample, slice, unit) to (sample, slice, 2 × state), states of both directions side by side."""

    def __init__(self, units: int, states: int) -> None:
        super().__init__(units, states, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """States after each slice; gradients exist in evaluation mode too, where explainers want them."""
        if self.training or not x.is_cuda:
            return super().forward(x)[0]
        with torch.backends.cudnn.flags(enabled=False):  # cuDNN has gradients of an LSTM in training mode only
            return super().forward(x)[0]


def _even(layer: nn.Module) -> nn.Module:
    """The layer, with zeros for its first weights."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer
