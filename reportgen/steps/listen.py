"""Step: let one explainer say what the networks of an experiment on recordings use, on samples that they have not seen."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from reportgen import plugins
from reportgen.core import Array, Decoder, Explained
from reportgen.networks import batch_for
from reportgen.outputs import Inputs, Out
from reportgen.steps._decoders import Decoders
from reportgen.steps.explain import drawn
from reportgen.units import Unit
from reportgen.work import Work


class Heard(NamedTuple):
    """What an explainer says of one fold."""

    decoder: Decoder
    chosen: np.ndarray  # (image,) int, index into decoder.samples
    said: dict[str, Any]  # {kind: value}


def run(
    inputs: Inputs, out: Out, work: Work, *, use: str, settings: dict[str, Any], samples_per_class: int, unit: Unit, seed: int
) -> None:
    """Write what the explainer returns, and explained: which samples it looked at.

    An explainer that takes decoders is given those of all folds; one that makes attributions is asked in each fold, and its
    maps are averaged (kind `relevance`); any other one is asked in the first fold whose test part holds all classes.

    Args:
        inputs: see `Decoders`.
        out: for the outputs.
        work: hears how far it is.
        use: id of the explainer.
        settings: of it.
        samples_per_class: of a fold that are explained, by lot.
        unit: what intervals are over.
        seed: of the lot.
    """
    decoders = Decoders(inputs, work.device, unit)
    path, explain = plugins.path_of("explainer", use), plugins.verb("explainer", use)
    if plugins.constant(path, "TAKES", "") == "decoders":
        outputs = explain(decoders, lambda done, total: work.progress(done, total, "folds"), **settings)
        everything = [Heard(decoder, np.arange(len(decoder.labels)), {}) for decoder in decoders]
        out.json("explained", [row for heard in everything for row in _said(heard)])
    elif "attribution" in plugins.constant(path, "MAKES", ()):
        asked = [_asked(decoder, explain, settings, samples_per_class, seed, work, averaged=False) for decoder in decoders]
        outputs = _relevance(asked, decoders)
        out.json("explained", [row for heard in asked for row in _said(heard)])
    else:
        first = next((decoder for decoder in decoders if len(np.unique(decoder.labels)) == len(decoder.classes)), decoders[0])
        asked = [_asked(first, explain, settings, samples_per_class, seed, work, averaged=True)]
        outputs = _placed(asked[0])
        out.json("explained", _said(asked[0]))
    for kind, value in outputs.items():
        out.put(kind, value)


def _asked(
    decoder: Decoder,
    explain: Callable[..., Any],
    settings: dict[str, Any],
    per_class: int,
    seed: int,
    work: Work,
    *,
    averaged: bool,
) -> Heard:
    """Let an explainer of single networks explain some test samples of a fold."""
    chosen = drawn(np.arange(len(decoder.labels)), decoder.labels, per_class, seed)
    explained = handed(decoder, chosen, averaged=averaged)
    text = f"samples of {decoder.fold}" if decoder.fold else "samples"
    said = explain(decoder.model, explained, lambda done, total: work.progress(done, total, text), **settings)
    return Heard(decoder, chosen, said)


def handed(decoder: Decoder, chosen: np.ndarray, *, averaged: bool) -> Explained:
    """What an explainer is given of the test samples `chosen` (image,) of a fold.

    They are its reference samples too, if it averages over classes itself: a fold may hold one class only.
    """
    x = _input(decoder, decoder.samples[chosen])
    return Explained(
        x=x,
        images=decoder.samples[chosen],
        labels=decoder.labels[chosen],
        classes=decoder.classes,
        ids=chosen,
        standardise=decoder.standardise,
        reference=x if averaged else None,
        reference_labels=decoder.labels[chosen] if averaged else None,
    )


def _input(decoder: Decoder, samples: np.ndarray) -> torch.Tensor:
    return decoder.standardise(torch.from_numpy(samples).to(decoder.device))  # type: ignore[no-any-return]


def _relevance(asked: Sequence[Heard], decoders: Decoders) -> dict[str, Any]:
    """Mean maps of all folds: of each unit and class, over the samples of that class; then over units."""
    maps = np.concatenate([_of_own_class(heard) for heard in asked])  # (image, …)
    labels = np.concatenate([heard.decoder.labels[heard.chosen] for heard in asked])
    unit = np.concatenate([heard.decoder.unit[heard.chosen] for heard in asked])
    samples = np.concatenate([heard.decoder.samples[heard.chosen] for heard in asked])
    names, classes = np.unique(unit), asked[0].decoder.classes
    cells = np.full((len(names), len(classes), *maps.shape[1:]), np.nan)  # (unit, class, …)
    for u, c in np.ndindex(cells.shape[:2]):
        if (own := (unit == names[u]) & (labels == c)).any():
            cells[u, c] = maps[own].mean(axis=0)
    known = np.isfinite(cells).sum(axis=0)
    mean = np.where(known, np.nansum(cells, axis=0) / np.maximum(known, 1), np.nan)
    average = np.stack([samples[labels == c].mean(axis=0) for c in range(len(classes))])
    about = asked[0].said["attribution_about"]
    first: Array = asked[0].said["attribution"]
    axes = list(asked[0].decoder.axes)
    if maps.ndim - 1 < len(axes):  # an explainer that says nothing of channels
        axes = axes[-(maps.ndim - 1) :]
    return {
        "relevance": {
            "mean": Array(mean.astype(np.float32), ("class", *axes), first.unit),
            "units": Array(cells.astype(np.float32), ("unit", "class", *axes), first.unit),
            "input": Array(average.astype(np.float32), ("class", *asked[0].decoder.axes)),
        },
        "relevance_about": {
            "method": about["method"],
            "unit": first.unit,
            "over": decoders.unit,
            "axes": axes,
            "units": names.tolist(),
            "n": np.bincount(labels, minlength=len(classes)).tolist(),
            "folds": len(asked),
            "cells": asked[0].decoder.cells,
        },
    }


def _placed(heard: Heard) -> dict[str, Any]:
    """What an explainer of one network says, with the fold and the places of channels, which it does not know."""
    if "ideals_about" not in heard.said:
        return heard.said
    about = {"fold": heard.decoder.fold, "axes": list(heard.decoder.axes), "cells": heard.decoder.cells}
    return {**heard.said, "ideals_about": {**heard.said["ideals_about"], **about}}


def _of_own_class(heard: Heard) -> np.ndarray:
    """The map (image, …) of each sample for its own class, from (image, class, …)."""
    values = heard.said["attribution"].values
    return np.asarray(values[np.arange(len(values)), heard.decoder.labels[heard.chosen]], np.float64)


@torch.no_grad()
def _said(heard: Heard) -> list[dict[str, Any]]:
    """What the network of a fold says of the samples that were explained."""
    decoder, chosen = heard.decoder, heard.chosen
    batches = np.array_split(chosen, 1 + len(chosen) // batch_for(decoder.device))
    outputs = torch.cat([decoder.model(_input(decoder, decoder.samples[batch])).float() for batch in batches if len(batch)])
    said = zip(chosen.tolist(), decoder.labels[chosen].tolist(), outputs.softmax(1).cpu().numpy(), strict=True)
    return [
        {"fold": decoder.fold, "sample": sample, "label": label, "predicted": int(p.argmax()), "probability": float(p.max())}
        for sample, label, p in said
    ]
