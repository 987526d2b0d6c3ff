"""What keeps a map right in the large: distances on it should correlate with distances in truth, between all pairs.

Neighbours alone leave open where groups lie to each other, and t-SNE puts them where they happen to fall. Of all pairs of a
batch, weighted by the product of their vectors' weights,

    L = 1 − r,    r = Pearson's correlation of dᵢⱼ = |yᵢ − yⱼ| with |xᵢ − xⱼ|,

which asks for no scale: how large a map is, neighbours decide. That is metric multidimensional scaling with a free unit
(Borg and Groenen 2005, chapter 9).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

_LEAST = 1e-6  # squared distance on the map below which two places are one


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a batch."""

    weights: Tensor  # (vector, vector), summing to 1, 0 of each vector with itself
    truth: Tensor  # (vector, vector): distances in truth, their mean 0 and their variance 1


def pairs_of(vectors: Tensor, weights: Tensor) -> Pairs:
    """The pairs of (vector, emotion) with weights (vector,)."""
    products = torch.outer(weights, weights).fill_diagonal_(0)
    products /= products.sum()
    truth = torch.cdist(vectors, vectors)
    truth -= (products * truth).sum()
    truth /= (products * truth**2).sum().sqrt().clamp_min(1e-12)
    return Pairs(products, truth)


def gradient(places: Tensor, squares: Tensor, pairs: Pairs) -> Tensor:
    """Of the loss by the places (vector, 2), given their squared distances (vector, vector)."""
    lengths, spread, r = _compared(squares, pairs)
    pull = pairs.weights * (pairs.truth - r * lengths) / (spread * squares.clamp_min(_LEAST).sqrt())
    return 2 * (pull @ places - pull.sum(dim=1, keepdim=True) * places)


def loss(squares: Tensor, pairs: Pairs) -> float:
    """1 − r, given squared distances on the map."""
    return 1 - float(_compared(squares, pairs)[2])


def _compared(squares: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor, Tensor]:
    """Distances on the map with mean 0 and variance 1, their standard deviation before, and their correlation with truth."""
    lengths = squares.clamp_min(_LEAST).sqrt()
    lengths = lengths - (pairs.weights * lengths).sum()
    spread = (pairs.weights * lengths**2).sum().sqrt().clamp_min(1e-12)
    lengths = lengths / spread
    return lengths, spread, (pairs.weights * lengths * pairs.truth).sum()
