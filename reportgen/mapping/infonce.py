"""Contrastive parametric t-SNE: each vector is told from others of its batch by whom it is near to.

Of vectors i of a batch, places yᵢ and Cauchy's kernel kᵢⱼ = 1 / (1 + |yᵢ − yⱼ|²), the loss is InfoNCE (van den Oord 2018; for
maps Damrich et al. 2023) with all other vectors of the batch as negatives,

    L = −Σᵢⱼ Pᵢⱼ log(kᵢⱼ / Σₗ≠ᵢ wₗ kᵢₗ).

Where others draw one positive for each anchor, all positives in the batch count here, each with its share P (`affinities.py`):
that is the expectation of the draw, without its noise, and each vector goes through the network once. Its gradient is written
down, 4 Σⱼ (Pᵢⱼ − Sᵢⱼ) kᵢⱼ (yᵢ − yⱼ) with S the symmetric part of what the kernel gives each pair, so that only the network
itself is differentiated. To it comes a part for the large (`distances.py`). The learning rate rises over the first steps and
falls along a cosine.
"""

import math
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor

from reportgen.mapping.affinities import Graph
from reportgen.mapping.distances import Pairs, pairs_of
from reportgen.mapping.distances import gradient as gradient_of_distances
from reportgen.mapping.distances import loss as loss_of_distances
from reportgen.mapping.encoder import Encoder

_RISE = 50  # steps in which the learning rate rises


def learn(
    encoder: Encoder,
    graph: Graph,
    draw: torch.Generator,
    *,
    steps: int,
    batch: int,
    learning_rate: float,
    distances: float,
) -> Iterator[Callable[[], float]]:
    """Fit a network by Adam; after each step comes what would tell its loss.

    Args:
        encoder: that learns.
        graph: of all vectors.
        draw: of the batches.
        steps: updates.
        batch: different vectors in each.
        learning_rate: the highest.
        distances: how much 1 − r of `distances.py` counts.
    """
    optimiser = torch.optim.Adam(encoder.parameters(), learning_rate)
    batches = _batches(len(graph.vectors), batch, draw)
    for step in range(steps):
        rate = learning_rate * min(1, (step + 1) / _RISE) * (1 + math.cos(math.pi * step / steps)) / 2
        optimiser.param_groups[0]["lr"] = rate
        chosen = next(batches).to(graph.vectors.device)
        vectors, weights = graph.vectors[chosen], graph.weights[chosen]
        joint, pairs = graph.block(chosen), pairs_of(vectors, weights) if distances else None
        places = encoder(vectors)
        optimiser.zero_grad()
        torch.autograd.backward(places, gradient(places.detach(), joint, weights, pairs, distances))
        optimiser.step()
        yield partial(loss, places.detach(), joint, weights, pairs, distances)


def _batches(vectors: int, batch: int, draw: torch.Generator) -> Iterator[Tensor]:
    """Index of different vectors, all of them before one comes again; what is left of a round is dropped."""
    size = min(batch, vectors)
    while True:
        order = torch.randperm(vectors, generator=draw)
        yield from order[: vectors // size * size].reshape(-1, size)


def gradient(places: Tensor, joint: Tensor, weights: Tensor, pairs: Pairs | None = None, distances: float = 0.0) -> Tensor:
    """Of the loss by the places (vector, 2), given P (vector, vector) and weights (vector,)."""
    squares = _squares(places)
    kernel = _kernel(squares)
    guessed = kernel * weights
    guessed *= (joint.sum(dim=1) / guessed.sum(dim=1).clamp_min(1e-30))[:, None]
    pull = (joint - (guessed + guessed.T) / 2).mul_(kernel)
    near = 4 * (pull.sum(dim=1, keepdim=True) * places - pull @ places)
    return near if pairs is None else near + distances * gradient_of_distances(places, squares, pairs)


def loss(places: Tensor, joint: Tensor, weights: Tensor, pairs: Pairs | None = None, distances: float = 0.0) -> float:
    """InfoNCE, in nats, and what the distances add."""
    squares = _squares(places)
    kernel = _kernel(squares)
    logs = kernel.clamp_min(1e-30).log()
    near = float((joint.sum(dim=1) * (kernel @ weights).clamp_min(1e-30).log()).sum() - (joint * logs).sum())
    return near if pairs is None else near + distances * loss_of_distances(squares, pairs)


def _squares(places: Tensor) -> Tensor:
    """Squared distances of all pairs."""
    lengths = (places**2).sum(dim=1)
    return torch.addmm(lengths[:, None] + lengths, places, places.T, alpha=-2).clamp_min_(0)


def _kernel(squares: Tensor) -> Tensor:
    """Cauchy's kernel of all pairs, 0 of each vector with itself."""
    return (squares + 1).reciprocal_().fill_diagonal_(0)
