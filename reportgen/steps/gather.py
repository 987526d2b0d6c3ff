"""Step: the answers of the models of all folds as those of one, in the order of the samples."""

import numpy as np

from reportgen.core import TEST, VALIDATION
from reportgen.outputs import Inputs, Out


def run(inputs: Inputs, out: Out, _work: object) -> None:
    """Write model, logits, test_samples, validation_logits, validation_samples and looks of one seed.

    No sample is tested twice, but one may lie in the validation part of several folds.
    """
    parts = np.atleast_2d(inputs.one("parts"))  # (fold, sample)
    folds = sorted(inputs.about("fold_logits"), key=lambda about: int(about["fold"]))
    for kind, part, samples in (("logits", TEST, "test_samples"), ("validation_logits", VALIDATION, "validation_samples")):
        index = np.concatenate([np.flatnonzero(parts[int(about["fold"])] == part) for about in folds])
        logits = np.concatenate([inputs.one(f"fold_{kind}", fold=about["fold"]) for about in folds])
        order = np.argsort(index, kind="stable")
        out.array(kind, logits[order], ("sample", "class"))
        out.array(samples, index[order].astype(np.int32), ("sample",))
    models = inputs.all("model") if "model" in inputs else ((about, fitted["model"]) for about, fitted in inputs.all("fitted"))
    out.json("model", next(iter(models))[1])
    looks = [looks for _, looks in inputs.all("looks")]
    out.json("looks", {"test": sum(look["test"] for look in looks) // len(folds), "by": looks[0]["by"]})
