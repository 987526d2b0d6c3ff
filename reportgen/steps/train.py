"""Step: train one model with one seed, in one fold; the test part is not even handed in."""

from typing import Any

import numpy as np
import torch

from reportgen import plugins
from reportgen.core import TRAIN, VALIDATION, Place, Spec
from reportgen.networks import layer_table, save_weights
from reportgen.outputs import Inputs, Out
from reportgen.steps._crowds import shared_axes
from reportgen.steps._spec import spec_of
from reportgen.training import Data, fit
from reportgen.work import Work


def run(
    inputs: Inputs, out: Out, work: Work, *, model: dict[str, Any], train: dict[str, Any], seed: int, fold: int = 0
) -> None:
    """Write model, weights and history. An interrupted training goes on from its checkpoint in the work folder.

    Where settings were searched for, the winner's (kind `tuned`) take the place of the study's.
    """
    found = inputs.one("tuned")["settings"] if "tuned" in inputs else {}
    model = {**model, "settings": {**model["settings"], **found.get("model", {})}}
    train = {**train, **found.get("train", {})}
    write(learned_from(inputs, fold), spec_of(inputs), out, work, model=model, train=train, seed=seed)


def write(data: Data, spec: Spec, out: Out, work: Work, *, model: dict[str, Any], train: dict[str, Any], seed: int) -> None:
    """Train, and write model, weights and history."""
    torch.manual_seed(seed)  # initial weights
    network = plugins.verb("model", model["use"])(spec, **model["settings"])
    place = Place(device=work.device, seed=seed, checkpoint=work.folder / "checkpoint.safetensors", progress=work.progress)
    fitted = fit(network, data, place, **train)
    save_weights(out.path("weights", ".safetensors"), network, fitted.standardise)
    out.json("history", fitted.history)
    out.json("model", {"id": model["use"], "settings": model["settings"], **layer_table(network, spec)})


def learned_from(inputs: Inputs, fold: int = 0) -> Data:
    """The training and validation part of a fold: of the test part not even the numbers."""
    parts = np.atleast_2d(inputs.one("parts"))[fold]
    axes = inputs.one("features")["axes"][1:] if "features" in inputs else ()
    return Data(
        samples=inputs.one("samples"),
        labels=np.array(inputs.one("labels"), dtype=np.int64),
        train=np.flatnonzero(parts == TRAIN),
        validation=np.flatnonzero(parts == VALIDATION),
        shared=shared_axes(axes),
    )
