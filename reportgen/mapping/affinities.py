"""How much each vector is like each other one, as in t-SNE (van der Maaten and Hinton 2008), for vectors that come again.

The weight of a vector is wᵢ = (how many rows have it) ** multiplicity. Of each pair of different vectors

    p(j | i) = wⱼ exp(−βᵢ |xᵢ − xⱼ|²) / Σₗ≠ᵢ wₗ exp(−βᵢ |xᵢ − xₗ|²),    p(i | i) = 0,

so that with multiplicity 1 each vector counts as often as it occurs. βᵢ is such that exp(entropy of p(· | i)) over *different*
vectors is the perplexity: rows that are equal to i, at distance zero, would otherwise eat all of it, and a map puts them on one
point whatever it does. Of all pairs Pᵢⱼ ∝ wᵢ p(j | i) + wⱼ p(i | j), which sums to 1. Only the nearest five times perplexity
vectors of each are looked at.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from reportgen.embedding.distinct import Distinct

_REACH = 5  # neighbours that are looked at, in perplexities
_HALVINGS = 40  # of the interval in which β lies
_ROWS = 1024  # whose distances are in memory at a time


@dataclass(frozen=True, slots=True)
class Graph:
    """Neighbours of each vector and their shares."""

    vectors: Tensor  # (distinct, emotion) float32
    weights: Tensor  # (distinct,) float32, their mean is 1
    neighbours: Tensor  # (distinct, neighbour) int, index into vectors
    shares: Tensor  # (distinct, neighbour) float32: p(j | i)
    perplexity: float  # as used: less than asked for of few vectors

    def block(self, chosen: Tensor) -> Tensor:
        """P of some vectors among themselves, summing to 1: (chosen, chosen)."""
        place = torch.full((len(self.vectors),), len(chosen), device=chosen.device)
        place[chosen] = torch.arange(len(chosen), device=chosen.device)
        shares = self.shares[chosen] * self.weights[chosen, None]
        joint = shares.new_zeros(len(chosen), len(chosen) + 1)  # the last column takes those that were not chosen
        joint.scatter_(1, place[self.neighbours[chosen]], shares)
        joint = joint[:, :-1]
        joint = joint + joint.T
        return joint / joint.sum().clamp_min(1e-30)


def weights_of(known: Distinct, multiplicity: float) -> Tensor:
    """How much each vector weighs: (distinct,) float32 with mean 1."""
    weights = torch.as_tensor(known.weights) ** multiplicity
    return (weights / weights.mean()).float()


def graph_of(vectors: Tensor, weights: Tensor, perplexity: float, reach: int = _REACH) -> Graph:
    """Neighbours of all vectors, on their device.

    Args:
        vectors: (distinct, emotion), at least three.
        weights: (distinct,).
        perplexity: effective number of different neighbours; at most a third of what there are.
        reach: neighbours that are looked at, in perplexities.
    """
    count = len(vectors) - 1
    perplexity = max(1.0, min(perplexity, count / 3))
    nearest = [_nearest(vectors, start, min(count, math.ceil(reach * perplexity))) for start in range(0, len(vectors), _ROWS)]
    squares, neighbours = (torch.cat(part) for part in zip(*nearest, strict=True))
    shares = conditional(squares, weights.double()[neighbours].log(), perplexity)
    return Graph(vectors, weights, neighbours, shares.float(), perplexity)


def _nearest(vectors: Tensor, start: int, count: int) -> tuple[Tensor, Tensor]:
    """Squared distances of some rows to their nearest others, and which these are: (row, count) each."""
    rows = vectors[start : start + _ROWS].double()
    distances = torch.cdist(rows, vectors.double(), compute_mode="donot_use_mm_for_euclid_dist")
    here = torch.arange(len(rows), device=vectors.device)
    distances[here, here + start] = math.inf
    found, neighbours = distances.topk(count, largest=False)
    return found**2, neighbours


def conditional(squares: Tensor, log_weights: Tensor, perplexity: float) -> Tensor:
    """p(j | i) of the wanted perplexity, found by halving: (row, neighbour) squared distances, infinite ones have no share."""
    low = squares.new_zeros(len(squares), 1)
    high = torch.full_like(low, math.inf)
    finite = torch.where(squares.isfinite(), squares, 0)
    beta = 1 / finite.mean(dim=1, keepdim=True).clamp_min(1e-9)
    least = squares.min(dim=1, keepdim=True).values
    for _ in range(_HALVINGS):
        logs = torch.log_softmax(log_weights - beta * (squares - least), dim=1)
        entropy = -(logs.exp() * logs.clamp_min(-1e9)).sum(dim=1, keepdim=True)
        wide = entropy > math.log(perplexity)
        low, high = torch.where(wide, beta, low), torch.where(wide, high, beta)
        beta = torch.where(high.isinf(), 2 * beta, (low + high) / 2).clamp_max(1e12)
    return torch.softmax(log_weights - beta * (squares - least), dim=1)
