"""Step: let one explainer say what the networks of an experiment on recordings use, on samples that they have not seen."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch

from reportgen import plugins
from reportgen.core import Array, Decoder, Explained
from reportgen.errors import StepError
from reportgen.networks import batch_for
from reportgen.outputs import Inputs, Out
from reportgen.steps._decoders import Decoders
from reportgen.steps.explain import drawn
from reportgen.units import Unit
from reportgen.work import Work


class Heard(NamedTuple):
    """What is kept of one fold: no network, and none of its samples."""

    labels: np.ndarray  # (image,) int
    unit: np.ndarray  # (image,) str
    own: np.ndarray  # (image, …): the map of each for its own class
    input: np.ndarray  # (class, …): sums of the samples of each class
    said: list[dict[str, Any]]  # rows of kind `explained`


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
    path = plugins.path_of("explainer", use)
    asked = Asked(plugins.verb("explainer", use), settings, samples_per_class, seed, work)
    if plugins.constant(path, "TAKES", "") == "decoders":
        outputs = asked.explain(decoders, lambda done, total: work.progress(done, total, "folds"), **settings)
        said = [row for decoder in decoders for row in _said(decoder, np.arange(len(decoder.labels)))]
    elif "attribution" in plugins.constant(path, "MAKES", ()):
        outputs, said = _relevance(asked, decoders)
    else:
        outputs, said = _of_one_fold(asked, decoders)
    out.json("explained", said)
    for kind, value in outputs.items():
        out.put(kind, value)


class Asked(NamedTuple):
    """An explainer of single networks, and how it is asked."""

    explain: Callable[..., Any]
    settings: Mapping[str, Any]
    per_class: int
    seed: int
    work: Work

    def __call__(self, decoder: Decoder, *, averaged: bool) -> tuple[np.ndarray, dict[str, Any]]:
        """The test samples (image,) that are explained, index into those of the decoder, and {kind: value}."""
        chosen = drawn(np.arange(len(decoder.labels)), decoder.labels, self.per_class, self.seed)
        text = f"samples of {decoder.fold}" if decoder.fold else "samples"
        explained = handed(decoder, chosen, averaged=averaged)
        said = self.explain(
            decoder.model, explained, lambda done, total: self.work.progress(done, total, text), **self.settings
        )
        return chosen, said


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


def _relevance(asked: Asked, decoders: Decoders) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Mean maps of all folds: of each unit and class, over the samples of that class; then over units."""
    heard = []
    for decoder in decoders:
        chosen, said = asked(decoder, averaged=False)
        heard.append(_heard(decoder, chosen, said["attribution"]))
        about, unit, cells = said["attribution_about"], said["attribution"].unit, decoder.cells
        sample, classes = list(decoder.axes), len(decoder.classes)
    maps, labels, of = (np.concatenate([getattr(one, name) for one in heard]) for name in ("own", "labels", "unit"))
    names, members = np.unique(of), np.bincount(labels, minlength=classes)
    means = _by_unit(maps, labels, of, names, classes)
    known = np.isfinite(means).sum(axis=0)
    mean = np.where(known, np.nansum(means, axis=0) / np.maximum(known, 1), np.nan)
    total = np.sum([one.input for one in heard], axis=0)
    average = total / np.maximum(members, 1).reshape(-1, *[1] * (total.ndim - 1))
    axes = sample[len(sample) - (maps.ndim - 1) :]  # all, or those that an explainer speaks of
    relevance = {
        "mean": Array(mean.astype(np.float32), ("class", *axes), unit),
        "units": Array(means.astype(np.float32), ("unit", "class", *axes), unit),
        "input": Array(average.astype(np.float32), ("class", *sample)),
    }
    told = {"method": about["method"], "unit": unit, "over": decoders.unit, "axes": axes, "units": names.tolist()}
    told |= {"n": members.tolist(), "folds": len(heard), "cells": cells}
    return {"relevance": relevance, "relevance_about": told}, [row for one in heard for row in one.said]


def _heard(decoder: Decoder, chosen: np.ndarray, maps: Array) -> Heard:
    """What is kept of a fold, from maps (image, class, …) of its samples."""
    labels = decoder.labels[chosen]
    member = np.eye(len(decoder.classes))[labels]  # (image, class)
    sums = np.tensordot(member.T, decoder.samples[chosen].astype(np.float64), 1)
    own = np.asarray(maps.values[np.arange(len(labels)), labels], np.float64)
    return Heard(labels, decoder.unit[chosen], own, sums, _said(decoder, chosen))


def _by_unit(maps: np.ndarray, labels: np.ndarray, unit: np.ndarray, names: np.ndarray, classes: int) -> np.ndarray:
    """(unit, class, …) means of maps (image, …), NaN where a unit has none of a class."""
    means = np.full((len(names), classes, *maps.shape[1:]), np.nan)
    for u, c in np.ndindex(means.shape[:2]):
        if (own := (unit == names[u]) & (labels == c)).any():
            means[u, c] = maps[own].mean(axis=0)
    return means


def _of_one_fold(asked: Asked, decoders: Decoders) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What an explainer says of one network, with the fold and the places of channels, which it does not know.

    Raises:
        StepError: no fold tests all classes.
    """
    whole = (decoder for decoder in decoders if len(np.unique(decoder.labels)) == len(decoder.classes))
    decoder = next(whole, None)
    if decoder is None:
        raise StepError("no fold has test samples of all classes", "Leave this explainer out, or divide into fewer folds.")
    chosen, said = asked(decoder, averaged=True)
    if "ideals_about" in said:
        placed = {"fold": decoder.fold, "axes": list(decoder.axes), "cells": decoder.cells}
        said = {**said, "ideals_about": {**said["ideals_about"], **placed}}
    return said, _said(decoder, chosen)


@torch.no_grad()
def _said(decoder: Decoder, chosen: np.ndarray) -> list[dict[str, Any]]:
    """What the network of a fold says of the samples that were explained."""
    batches = np.array_split(chosen, 1 + len(chosen) // batch_for(decoder.device))
    outputs = torch.cat([decoder.model(_input(decoder, decoder.samples[batch])).float() for batch in batches if len(batch)])
    said = zip(chosen.tolist(), decoder.labels[chosen].tolist(), outputs.softmax(1).cpu().numpy(), strict=True)
    return [
        {"fold": decoder.fold, "sample": sample, "label": label, "predicted": int(p.argmax()), "probability": float(p.max())}
        for sample, label, p in said
    ]
