"""Parametric t-SNE as van der Maaten wrote it in 2009, and as S3 used it, but for how the network begins.

Vectors are divided into batches once. Of each batch P is computed within the batch, and the loss is the Kullback-Leibler
divergence

    L = Σᵢⱼ Pᵢⱼ log(Pᵢⱼ / Qᵢⱼ),    Qᵢⱼ = wᵢ wⱼ kᵢⱼ / Σₐ≠ᵦ wₐ wᵦ kₐᵦ,    k Student's kernel with one degree of freedom.

Different from the paper: layers begin at random and not from restricted Boltzmann machines, are rectified and not logistic, and
learn by Adam and not by conjugate gradients; batches hold 500 vectors and not 5000; different vectors are weighted by how often
they occur (`affinities.py`), which of weights of 1 is the paper's.
"""

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from reportgen.mapping.affinities import Graph, conditional
from reportgen.mapping.encoder import Encoder


def learn(
    encoder: Encoder, graph: Graph, draw: torch.Generator, *, steps: int, batch: int, learning_rate: float
) -> Iterator[Callable[[], float]]:
    """Fit a network by Adam; after each step comes what would tell its loss.

    Args:
        encoder: that learns.
        graph: of all vectors; its vectors, weights and perplexity are used, its neighbours are not.
        draw: of the batches.
        steps: updates.
        batch: different vectors in each.
        learning_rate: of all steps.
    """
    optimiser = torch.optim.Adam(encoder.parameters(), learning_rate)
    vectors = len(graph.vectors)
    order = torch.randperm(vectors, generator=draw).to(graph.vectors.device)
    batches = [(chosen, _joint(graph, chosen)) for chosen in order.chunk(max(1, round(vectors / batch)))]
    for step in range(steps):
        chosen, joint = batches[step % len(batches)]
        divergence = _divergence(encoder(graph.vectors[chosen]), joint, graph.weights[chosen])
        optimiser.zero_grad()
        torch.autograd.backward(divergence)
        optimiser.step()
        yield divergence.item


def _joint(graph: Graph, chosen: Tensor) -> Tensor:
    """P within a batch: (vector, vector) float32, summing to 1."""
    x, weights = graph.vectors[chosen].double(), graph.weights[chosen].double()
    squares = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist") ** 2
    squares.fill_diagonal_(math.inf)
    perplexity = min(graph.perplexity, (len(x) - 1) / 3)
    joint = conditional(squares, weights.log().expand_as(squares), perplexity) * weights[:, None]
    joint = joint + joint.T
    return (joint / joint.sum()).float()


def _divergence(places: Tensor, joint: Tensor, weights: Tensor) -> Tensor:
    squares = ((places[:, None] - places) ** 2).sum(dim=2)
    kernel = weights[:, None] * weights / (1 + squares)
    kernel = kernel * (1 - torch.eye(len(places), device=places.device))
    guessed = kernel / kernel.sum()
    return (joint * (joint.clamp_min(1e-12).log() - guessed.clamp_min(1e-12).log())).sum()
