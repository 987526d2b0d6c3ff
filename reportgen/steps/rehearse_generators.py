"""Step: see whether generators can make samples of this shape, before hours go into their training."""

from contextlib import suppress
from typing import Any

import numpy as np

from reportgen import plugins
from reportgen.core import Place
from reportgen.errors import StepError, UsageError
from reportgen.outputs import Inputs, Out
from reportgen.steps._crowds import domain_of
from reportgen.study import is_estimator
from reportgen.synthetic import Domain, Learnable, Real

_EACH = 4  # samples of each class: enough to find a neighbour among


class _EnoughError(Exception):
    """The generator has found its way to its first update."""


def run(
    inputs: Inputs,
    out: Out,
    _work: object,
    *,
    model: dict[str, Any],
    train: dict[str, Any],
    generators: dict[str, dict[str, Any]],
) -> None:
    """Write rehearsal: what was tried on noise.

    Raises:
        UsageError: a generator cannot make samples of this shape, or the model cannot be built for them; the message names
            the table of the study.
    """
    domain = domain_of(inputs)
    if not is_estimator(model["use"]):
        _build(inputs, model, train)
    for key, generator in generators.items():
        try:
            _try(domain, generator)
        except UsageError as error:
            raise UsageError(f"generate.{key}: {error.message}", error.hint) from None
    out.json("rehearsal", {"model": model["use"], "loss": train.get("loss"), "explainers": [], "generators": list(generators)})


def _build(inputs: Inputs, model: dict[str, Any], train: dict[str, Any]) -> None:
    import torch

    from reportgen.losses import loss_of
    from reportgen.steps._spec import spec_of

    torch.manual_seed(0)
    try:
        loss_of(train["loss"], plugins.verb("model", model["use"])(spec_of(inputs), **model["settings"]), 0.0)
    except UsageError as error:
        raise UsageError(f"model: {error.message}", error.hint) from None


def _try(domain: Domain, generator: dict[str, Any]) -> None:
    """Let a generator begin on noise; it tells its progress before its first update, and is stopped there."""

    def stop(*_: object) -> None:
        raise _EnoughError

    labels = np.repeat(np.arange(len(domain.classes)), _EACH)
    x = np.random.default_rng(0).standard_normal((len(labels), *domain.shape)).astype(np.float32)
    noise = Real(x=x, labels=labels, trial=np.arange(len(labels)).astype(str))
    known = Learnable(domain=domain, train=noise, validation=noise, wanted=labels)
    with suppress(_EnoughError, StepError):  # a step's fault is of its samples, and these are none
        plugins.verb("generator", generator["use"])(known, Place(device="cpu", seed=0, progress=stop), **generator["settings"])
