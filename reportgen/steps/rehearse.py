"""Step: see on an untrained network whether its settings fit together, before hours go into training it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from reportgen import plugins
from reportgen.core import TEST, Decoder, Explained, Spec, Trial
from reportgen.errors import DataError, StepError, UsageError
from reportgen.losses import loss_of
from reportgen.networks import Standardise, as_input
from reportgen.outputs import Inputs, Out
from reportgen.steps._decoders import shared
from reportgen.steps._spec import spec_of
from reportgen.units import Unit, units_of

_SAMPLES = 64  # of a fold: more units and classes show nothing else
_PASSES = 4  # through the network: an explainer that got so far with one image has found its layers


class _EnoughError(Exception):
    """The explainer works: what follows would only cost time."""


def run(
    inputs: Inputs,
    out: Out,
    _work: object,
    *,
    model: dict[str, Any],
    loss: str,
    explainers: dict[str, dict[str, Any]],
    unit: Unit = "auto",
) -> None:
    """Write rehearsal: the names of what was tried.

    Raises:
        UsageError: the model cannot be built for these samples, its outputs do not fit the loss, or an explainer does not
            fit the model; the message names the table of the study.
    """
    facts, spec = inputs.one("facts"), spec_of(inputs)
    torch.manual_seed(0)
    network = _located("model", lambda: plugins.verb("model", model["use"])(spec, **model["settings"]))
    _located("train", lambda: loss_of(loss, network, 0.0))
    network.eval()
    for name, explainer in explainers.items():
        noise = (
            _decoders(network, inputs, unit)
            if _takes_decoders(explainer["use"])
            else _images(spec, facts, "features" in inputs)
        )
        _located(f"explain.{name}", lambda explainer=explainer, noise=noise: _explain_once(network, noise, explainer))
    out.json("rehearsal", {"model": model["use"], "loss": loss, "explainers": list(explainers)})


def _located(table: str, attempt: Any) -> Any:
    """What an attempt gives; its faults name the table they come from."""
    try:
        return attempt()
    except DataError:
        return None  # about samples, and these are none
    except UsageError as error:
        raise UsageError(f"{table}: {error.message}", error.hint) from None


def _takes_decoders(explainer: str) -> bool:
    return bool(plugins.constant(plugins.path_of("explainer", explainer), "TAKES", "") == "decoders")


def _explain_once(network: nn.Module, noise: Explained | list[Decoder], explainer: Mapping[str, Any]) -> None:
    """Let an explainer look at noise until it has used the network often enough."""
    passes = 0

    def count(*_: object) -> None:
        nonlocal passes
        passes += 1
        if passes > _PASSES:
            raise _EnoughError

    hook = network.register_forward_pre_hook(count)
    explain, settings = plugins.verb("explainer", explainer["use"]), explainer["settings"]
    try:
        if isinstance(noise, list):
            explain(noise, lambda *_: None, **settings)
        else:
            explain(network, noise, lambda *_: None, **settings)
    except (_EnoughError, StepError):
        pass  # a step's fault is of its samples, and these are none
    finally:
        hook.remove()


def _images(spec: Spec, facts: Mapping[str, Any], features: bool) -> Explained:
    """A sample of each class: noise."""
    labels, dice = torch.arange(spec.classes), torch.Generator().manual_seed(0)
    if features:
        images, standardise = torch.randn((spec.classes, *spec.shape), generator=dice), Standardise(0.0, 1.0)
    else:
        images = torch.randint(0, 256, (spec.classes, *spec.shape), generator=dice, dtype=torch.uint8)
        standardise = Standardise(127.5, 74.0)  # of uniform noise
    x = standardise(images)
    stored = images[:, 0] if spec.shape[0] == 1 else images
    return Explained(
        x=x,
        images=stored.numpy(),
        labels=labels.numpy(),
        classes=tuple(facts["classes"]),
        ids=labels.numpy(),
        standardise=standardise,
        reference=x,
        reference_labels=labels.numpy(),
    )


def _decoders(network: nn.Module, inputs: Inputs, unit: Unit) -> list[Decoder]:
    """The folds with noise for test samples: one of each unit and class that is tested, trials where there are signals."""
    facts, features = inputs.one("facts"), inputs.one("features")
    labels, units = np.asarray(inputs.one("labels")).astype(int), units_of(inputs.one("rows"), unit)
    return [
        _noise(network, labels[test], units[1][test], facts, features)
        for test in (np.flatnonzero(parts == TEST) for parts in np.atleast_2d(inputs.one("parts")))
    ]


def _noise(
    network: nn.Module, labels: np.ndarray, unit: np.ndarray, facts: Mapping[str, Any], features: Mapping[str, Any]
) -> Decoder:
    _, first = np.unique([f"{name} {label}" for name, label in zip(unit, labels, strict=True)], return_index=True)
    first = np.sort(first)[:_SAMPLES]
    samples = np.random.default_rng(0).standard_normal((len(first), *features["shape"])).astype(np.float32)

    def nothing(*_: object) -> Any:
        raise _EnoughError

    trial = Trial(label=int(labels[first[0]]), unit=str(unit[first[0]]), name="0", samples=np.arange(1), piece=nothing)
    return Decoder(
        fold="",
        model=network,
        control=None,
        standardise=as_input,
        device="cpu",
        samples=samples,
        labels=labels[first],
        unit=unit[first],
        over="subject",
        trial=np.arange(len(first)).astype(str),
        baseline=samples[0],
        spread=np.ones_like(samples[0]),
        trials=[] if facts["bands"] else [trial],
        extract=nothing,
        **shared(features, facts),
    )
