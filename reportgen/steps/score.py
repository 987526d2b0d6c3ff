"""Step: score the predictions of an experiment, all seeds together."""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.core import TEST, TRAIN, VALIDATION
from reportgen.errors import FailedError
from reportgen.metrics import Predictions, spread, view
from reportgen.outputs import Inputs, Out


def run(
    inputs: Inputs,
    out: Out,
    _work: object,
    *,
    seed: int,
    resamples: Annotated[int, Ge(200), Unit("resamples"), Doc("of groups of identical samples")] = 2000,
) -> None:
    """Write scores from facts, labels, twins, twin_free, split, parts and each seed's logits, history and looks.

    Raises:
        FailedError: a model gave values that are no numbers.
    """
    facts, split, labels, parts = (inputs.one(kind) for kind in ("facts", "split", "labels", "parts"))
    seeds = sorted((about["seed"] for about in inputs.about("logits")), key=int)
    test, train = np.flatnonzero(parts == TEST), labels[parts == TRAIN]
    predictions = Predictions(
        logits=_logits(inputs, "logits", seeds),
        labels=labels[test].astype(int),
        groups=inputs.one("twins")[test],
        classes=facts["classes"],
        majority=int(np.bincount(train, minlength=len(facts["classes"])).argmax()),
    )
    if not all(np.array_equal(samples, test) for _, samples in inputs.all("test_samples")):
        raise ValueError("test_samples are not the samples of the test part in their order")
    kept = {"all": np.ones(len(test), bool), "twin_free": inputs.one("twin_free")[test]}
    views = {name: view(predictions.only(keep), whole=len(test), resamples=resamples, seed=seed) for name, keep in kept.items()}
    out.json(
        "scores",
        {
            "n": len(test),
            "groups": len(np.unique(predictions.groups)),
            "seeds": [int(name) for name in seeds],
            "classes": facts["classes"],
            "test_origin": split["test_origin"],
            "smoke": any(history["smoke"] for _, history in inputs.all("history")),
            "looks": sum(looks["test"] for _, looks in inputs.all("looks")),
            "validation": _validation(_logits(inputs, "validation_logits", seeds), labels[parts == VALIDATION]),
            "views": views,
        },
    )


def _logits(inputs: Inputs, kind: str, seeds: Sequence[str]) -> np.ndarray:
    """(seed, sample, class) float."""
    logits = np.stack([inputs.one(kind, seed=name) for name in seeds])
    for name, rows in zip(seeds, logits, strict=True):
        if not np.isfinite(rows).all():
            message = f"seed {name}: {kind} hold values that are no numbers"
            raise FailedError(message, "The training diverged: lower its learning rate.")
    return logits


def _validation(logits: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Accuracy of each seed on its validation part."""
    return {"n": len(labels), "accuracy": spread((logits.argmax(axis=-1) == labels).mean(axis=-1))}
