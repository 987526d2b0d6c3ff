"""Class activation maps in closed form: what each place adds to each class's logit, exactly, for networks that allow it."""

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from reportgen.core import Explained
from reportgen.errors import StepError, UsageError
from reportgen.explainers._maps import PROBED, Layer, about, at, explanation, hooked, observed

_BATCH = 32  # samples: few stay in a CPU's cache
_TOLERANCE = 1e-4  # of the largest number: what float32 may lose in sums over positions and maps

MAKES = ("attribution",)


class _Head(NamedTuple):
    """The end of a network: logits = linear(mean of the layer's maps over positions)."""

    layer: Layer
    linear: nn.Linear

    @property
    def bias(self) -> Tensor:
        """(class,), zeros where the linear layer has none."""
        return self.linear.weight.new_zeros(len(self.linear.weight)) if self.linear.bias is None else self.linear.bias


def explain(model: nn.Module, explained: Explained, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Explain all classes of each image by CAM (Zhou et al. 2016, arXiv 1512.04150), in one pass a batch.

    Where a logit is w · (mean of the last maps over positions) + b, the map w · (last maps) has a mean of exactly logit − b:
    nothing is left out and nothing is scaled. Whether a network ends so is seen in what a pass computes, and that the maps add
    up to the network's own logits is checked in every batch. Images and signals alike.

    Returns:
        `attribution`, `class_activation`, `attribution_about` and, with reference samples, `attribution_means`; see
        `reportgen.kinds.KINDS`.

    Raises:
        UsageError: the network does not end in global average pooling and one linear layer.
        StepError: the maps do not add up to the logits within 1e-4 of the largest number among them (or of 1).
        DataError: a class has no reference sample.
    """
    head = _head(model, explained.x[:PROBED])
    gaps: list[float] = []
    outputs = explanation(explained, partial(_class_maps, model, head, gaps), _BATCH, progress)
    complete = {"bias": head.bias.tolist(), "largest_gap": max(gaps)}
    return outputs | {"attribution_about": about("cam", head.layer, complete)}


@torch.inference_mode()
def _class_maps(model: nn.Module, head: _Head, gaps: list[float], x: Tensor) -> Tensor:
    """Class maps (sample, class, …) in logits; the largest |mean of the map + bias − logit| is added to `gaps`."""
    maps = x

    def weigh(output: Tensor) -> None:
        nonlocal maps
        maps = torch.matmul(head.linear.weight, output.flatten(2))  # (sample, class, position)

    with at(model, head.layer, weigh):
        logits = model(x)
    gap = float((maps.mean(2) + head.bias - logits).abs().max())
    if not gap <= _TOLERANCE * max(1.0, float(logits.abs().max()), float(maps.abs().max())):
        raise StepError(
            f"explainer cam: the maps of {head.layer.name} miss the network's own logits by up to {gap:.3g}",
            "The network does not compute the same for every image; explain it with grad_cam.",
        )
    gaps.append(gap)
    return maps.reshape(*maps.shape[:2], *head.layer.shape[1:])


@torch.inference_mode()
def _head(model: nn.Module, x: Tensor) -> _Head:
    """Find the head by what a pass over x computes, whatever the network calls its parts.

    The network's output must be that of the linear layer that ran last, and the input of this layer the mean of some module's
    maps over positions. Of several such modules (averages of averages are averages) the one with most positions is taken.
    """
    means: list[tuple[tuple[int, bool, int], Layer, Tensor]] = []  # rank, layer, (sample, map)
    last: tuple[Any, ...] = (None, x, x, x)  # linear layer, its input, its output twice

    def keep(_: str, linear: nn.Module, inputs: Any, output: Tensor) -> None:
        nonlocal last
        last = linear, inputs[0].clone(), output.clone(), output  # what follows may write over them

    def note(layer: Layer, module: nn.Module, output: Tensor) -> None:
        rank = prod(layer.shape[1:]), not list(module.children()), len(means)
        means.append((rank, layer, output.flatten(2).mean(2)))

    with hooked(((name, module) for name, module in model.named_modules() if isinstance(module, nn.Linear)), keep):
        logits = observed(model, x, note)
    linear, given, said, there = last
    fitting = [(rank, layer) for rank, layer, mean in means if _same(mean, given)]
    # Equal numbers are not enough: log σ(z) is z in float32 where z is far below zero.
    if not (fitting and torch.equal(said, logits) and there.data_ptr() == logits.data_ptr()):
        raise UsageError(
            "explainer cam: the network does not end in global average pooling and one linear layer, so that class activation"
            " maps are not exact",
            "Use grad_cam, which takes any convolutional network, or a model with such a head: fer_gap, or fer_conv3 with"
            " head = 'gap'.",
        )
    return _Head(max(fitting)[1], linear)


def _same(mean: Tensor, given: Tensor) -> bool:
    """Are these equal but for rounding?"""
    return mean.shape == given.shape and bool((mean - given).abs().max() <= _TOLERANCE * given.abs().max())
