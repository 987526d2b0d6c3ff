"""Attention weights: what a network with attention attends to, over bands, places on the head and time."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from operator import length_hint
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from reportgen.core import Array, Decoder
from reportgen.errors import UsageError
from reportgen.explainers._maps import hooked

MAKES = ("attention",)
TAKES = "decoders"

_BATCH = 64  # samples
_AXES = {"spectral": ("band",), "spatial": ("row", "column"), "temporal": ("slice",)}


def explain(decoders: Iterable[Decoder], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Average the weights that each fold's network gives its test samples, over the samples of each unit and class.

    Weights are the outputs of modules named `spectral_attention` (sample × slice, band), `spatial_attention` (sample × slice,
    row, column) and `temporal_attention` (sample, slice). They are divided by their mean, of cells over those with an
    electrode, so that even weights are 1; those of slices are averaged. What is attended to need not matter to the answer.

    Args:
        decoders: of all folds.
        progress: is told folds done and all of them.

    Returns:
        `attention` and `attention_about`; see `reportgen.kinds.KINDS`.

    Raises:
        UsageError: the network has none of these modules.
    """
    total = length_hint(decoders)
    sums: dict[tuple[str, str], Any] = defaultdict(float)  # (what attends, unit): (class, …)
    counts: dict[str, Any] = defaultdict(int)  # unit: (class,)
    for number, decoder in enumerate(decoders, start=1):
        member = np.eye(len(decoder.classes))[decoder.labels]  # (sample, class)
        weights = _weights(decoder)
        for unit in dict.fromkeys(decoder.unit.tolist()):
            own = decoder.unit == unit
            counts[unit] += member[own].sum(axis=0)
            for name, values in weights.items():
                sums[name, unit] += np.einsum("sc,s...->c...", member[own], values[own])
        progress(number, max(number, total))
        told, known = decoder, list(weights)
    found = {name: _means(name, sums, counts) for name in known}
    return {"attention": found, "attention_about": _about(told, found, counts)}


def _means(name: str, sums: dict[tuple[str, str], Any], counts: dict[str, Any]) -> Array:
    """(unit, class, …) float32, NaN where a unit has no sample of a class."""
    with np.errstate(invalid="ignore"):
        rows = [sums[name, unit] / n.reshape(-1, *[1] * len(_AXES[name])) for unit, n in counts.items()]
    return Array(np.stack(rows).astype(np.float32), ("unit", "class", *_AXES[name]), "even = 1")


def _about(decoder: Decoder, found: dict[str, Array], counts: dict[str, Any]) -> dict[str, Any]:
    return {
        "names": {"band": _bands(decoder, found["spectral"].values.shape[-1])} if "spectral" in found else {},
        "cells": None if decoder.cells is None else decoder.cells.tolist(),
        "channels": list(decoder.channels),
        "over": decoder.over,
        "units": list(counts),
        "n": [int(n) for n in sum(counts.values())],
    }


def _bands(decoder: Decoder, n: int) -> list[str]:
    """Names of what spectral attention is over, or their numbers where they are not known."""
    known = list(decoder.bands or ())
    return known if len(known) == n else [str(i + 1) for i in range(n)]


@torch.no_grad()
def _weights(decoder: Decoder) -> dict[str, np.ndarray]:
    """{what attends: (sample, …)} of a decoder's test samples, even weights are 1."""
    modules = _modules(decoder.model)
    found: dict[str, list[Tensor]] = {name: [] for name in modules}
    samples, cells = torch.as_tensor(decoder.samples), decoder.cells

    def keep(name: str, _: nn.Module, __: Any, output: Tensor) -> None:
        shared = output if name != "spatial" or cells is None else output[:, cells[:, 0], cells[:, 1]]
        even = shared.flatten(1).mean(1).clamp_min(torch.finfo(output.dtype).tiny)
        weights = output / even.view(-1, *[1] * (output.ndim - 1))
        if name != "temporal":
            weights = weights.reshape(size, -1, *weights.shape[1:]).mean(1)  # over slices, which vary fastest
        found[name].append(weights.cpu())

    with hooked(modules.items(), keep):
        for part in torch.split(samples, _BATCH):
            size = len(part)
            decoder.model(decoder.standardise(part.to(decoder.device)))
    return {name: torch.cat(parts).double().numpy() for name, parts in found.items()}


def _modules(model: nn.Module) -> dict[str, nn.Module]:
    named = {path.rpartition(".")[2]: module for path, module in model.named_modules()}
    modules = {name: named[f"{name}_attention"] for name in _AXES if f"{name}_attention" in named}
    if not modules:
        raise UsageError(
            "explainer attention_weights: the network has no spectral, spatial or temporal attention",
            "Leave attention_weights out of this experiment, or use a model that attends, such as fourd_attention.",
        )
    return modules
