"""Step: the one look at the test part."""

from typing import Any, Literal

import numpy as np

from reportgen import plugins
from reportgen.core import PARTS
from reportgen.networks import load_weights, predict
from reportgen.outputs import Inputs, Out
from reportgen.steps._spec import spec_of
from reportgen.work import Work


def run(inputs: Inputs, out: Out, work: Work, *, views: Literal["one", "flip", "ten_crop"]) -> None:
    """Write logits of the test and validation parts, and note down that the test part was looked at."""
    model, standardise = rebuilt(inputs)
    images, parts = inputs.one("samples"), inputs.one("parts")
    for kind, part in (("logits", "test"), ("validation_logits", "validation")):
        chosen = np.flatnonzero(parts == PARTS.index(part))
        work.progress(0, 2, f"{len(chosen)} {part} samples")
        logits = predict(model, images[chosen], standardise, work.device, views=views)
        out.array(kind, logits, ("sample", "class"))
        if part == "test":
            out.array("test_samples", chosen.astype(np.int32), ("sample",))
    out.json("looks", {"test": 1, "by": ["evaluate"]})


def rebuilt(inputs: Inputs, **about: str) -> tuple[Any, Any]:
    """The trained model and the standardisation of its input.

    Args:
        inputs: facts, model and weights; of recordings also features.
        about: what model and weights are about, if there are several.
    """
    described = inputs.one("model", **about)
    model = plugins.verb("model", described["id"])(spec_of(inputs), **described["settings"])
    return model, load_weights(inputs.one("weights", **about), model)
