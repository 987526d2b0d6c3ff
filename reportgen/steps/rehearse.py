"""Step: see on an untrained network whether its settings fit together, before hours go into training it."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from reportgen import plugins
from reportgen.core import Explained, Spec
from reportgen.errors import DataError, UsageError
from reportgen.losses import loss_of
from reportgen.networks import Standardise
from reportgen.outputs import Inputs, Out

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
) -> None:
    """Write rehearsal: the names of what was tried.

    Raises:
        UsageError: the model cannot be built for these samples, its outputs do not fit the loss, or an explainer does not
            fit the model; the message names the table of the study.
    """
    facts = inputs.one("facts")
    spec = Spec(shape=(1, *facts["shape"]), classes=len(facts["classes"]))
    torch.manual_seed(0)
    network = _located("model", lambda: plugins.verb("model", model["use"])(spec, **model["settings"]))
    _located("train", lambda: loss_of(loss, network, 0.0))
    network.eval()
    for name, explainer in explainers.items():
        _located(f"explain.{name}", lambda explainer=explainer: _explain_once(network, spec, facts, explainer))
    out.json("rehearsal", {"model": model["use"], "loss": loss, "explainers": list(explainers)})


def _located(table: str, attempt: Any) -> Any:
    """What an attempt gives; its faults name the table they come from."""
    try:
        return attempt()
    except DataError:
        return None  # about samples, and these are none
    except UsageError as error:
        raise UsageError(f"{table}: {error.message}", error.hint) from None


def _explain_once(network: nn.Module, spec: Spec, facts: Mapping[str, Any], explainer: Mapping[str, Any]) -> None:
    """Let an explainer look at noise, a sample of each class, until it has used the network often enough."""
    labels = torch.arange(spec.classes)
    images = torch.randint(0, 256, (spec.classes, *spec.shape), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    standardise = Standardise(127.5, 74.0)  # of uniform noise
    x = standardise(images)
    noise = Explained(
        x=x,
        images=images[:, 0].numpy(),
        labels=labels.numpy(),
        classes=tuple(facts["classes"]),
        ids=labels.numpy(),
        standardise=standardise,
        reference=x,
        reference_labels=labels.numpy(),
    )
    passes = 0

    def count(*_: object) -> None:
        nonlocal passes
        passes += 1
        if passes > _PASSES:
            raise _EnoughError

    hook = network.register_forward_pre_hook(count)
    try:
        plugins.verb("explainer", explainer["use"])(network, noise, lambda *_: None, **explainer["settings"])
    except _EnoughError:
        pass
    finally:
        hook.remove()
