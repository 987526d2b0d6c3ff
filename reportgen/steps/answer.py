"""Step: the one look of a fold's network at the fold's test part."""

import numpy as np

from reportgen.core import TEST, VALIDATION
from reportgen.networks import predict
from reportgen.outputs import Inputs, Out
from reportgen.steps.evaluate import rebuilt
from reportgen.work import Work


def run(inputs: Inputs, out: Out, work: Work, *, fold: int) -> None:
    """Write fold_logits and fold_validation_logits, and note down that the test part was looked at."""
    model, standardise = rebuilt(inputs)
    samples, parts = inputs.one("samples"), np.atleast_2d(inputs.one("parts"))[fold]
    for done, (kind, part) in enumerate((("fold_logits", TEST), ("fold_validation_logits", VALIDATION))):
        chosen = np.flatnonzero(parts == part)
        work.progress(done, 2, f"{len(chosen)} samples")
        logits = predict(model, samples[chosen], standardise, work.device) if len(chosen) else _nothing(inputs)
        out.array(kind, logits, ("sample", "class"))
    out.json("looks", {"test": 1, "by": ["answer"]})


def _nothing(inputs: Inputs) -> np.ndarray:
    return np.zeros((0, len(inputs.one("facts")["classes"])), np.float32)
