"""Step: train one model with one seed; the test part is not even handed in."""

from typing import Any

import numpy as np
import torch

from reportgen import plugins
from reportgen.core import PARTS, Spec
from reportgen.networks import layer_table, save_weights
from reportgen.outputs import Inputs, Out
from reportgen.training import Data, Place, fit
from reportgen.work import Work


def run(inputs: Inputs, out: Out, work: Work, *, model: dict[str, Any], train: dict[str, Any], seed: int) -> None:
    """Write model, weights and history. An interrupted training goes on from its checkpoint in the work folder.

    Where settings were searched for, the winner's (kind `tuned`) take the place of the study's.
    """
    found = inputs.one("tuned")["settings"] if "tuned" in inputs else {}
    model = {**model, "settings": {**model["settings"], **found.get("model", {})}}
    train = {**train, **found.get("train", {})}
    spec, data = learned_from(inputs)
    torch.manual_seed(seed)  # initial weights
    network = plugins.verb("model", model["use"])(spec, **model["settings"])
    place = Place(device=work.device, seed=seed, checkpoint=work.folder / "checkpoint.safetensors", progress=work.progress)
    fitted = fit(network, data, place, **train)
    save_weights(out.path("weights", ".safetensors"), network, fitted.standardise)
    out.json("history", fitted.history)
    out.json("model", {"id": model["use"], "settings": model["settings"], **layer_table(network, spec)})


def learned_from(inputs: Inputs) -> tuple[Spec, Data]:
    """What a model is built for, and the training and validation part: of the test part not even the numbers."""
    facts, parts = inputs.one("facts"), inputs.one("parts")
    data = Data(
        images=inputs.one("samples"),
        labels=np.array(inputs.one("labels"), dtype=np.int64),
        train=np.flatnonzero(parts == PARTS.index("train")),
        validation=np.flatnonzero(parts == PARTS.index("validation")),
    )
    return Spec(shape=(1, *facts["shape"]), classes=len(facts["classes"])), data
