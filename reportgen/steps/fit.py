"""Step: fit one estimator in one fold, with the one look at its test part."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from reportgen import plugins
from reportgen.core import TEST, TRAIN, VALIDATION, Spec
from reportgen.estimating import Data, fit
from reportgen.outputs import Inputs, Out
from reportgen.work import Work


def run(inputs: Inputs, out: Out, work: Work, *, model: dict[str, Any], train: dict[str, Any], fold: int, seed: int) -> None:
    """Write fitted, with the model in it, fold_logits, fold_validation_logits and looks.

    Args:
        inputs: facts, features, samples, labels, rows and parts.
        out: for the outputs.
        work: hears how far it is.
        model: {use, settings} of an estimator.
        train: settings of `estimating.fit`.
        fold: index into the first axis of `parts`; 0 of a split without folds.
        seed: of whatever the estimator draws.
    """
    data = folds_of(inputs)[fold]
    candidates = candidates_of(model, data)
    work.progress(0, 1, f"{len(candidates)} candidates, {len(data.train)} training samples")
    fitted = fit(candidates, data, seed, **train)
    described = {
        "id": model["use"],
        "settings": model["settings"],
        "trainable": 0,
        "buffers": 0,
        "layers": [],
        "estimator": type(fitted.estimator).__name__,
        "probabilities": fitted.told["probabilities"],
    }
    out.json("fitted", {"model": described, **fitted.told})
    out.array("fold_logits", fitted.logits, ("sample", "class"))
    out.array("fold_validation_logits", fitted.validation_logits, ("sample", "class"))
    out.json("looks", {"test": 1, "by": ["fit"]})


def folds_of(inputs: Inputs) -> list[Data]:
    """The samples under the parts of each fold; a split without folds has one."""
    samples = samples_of(inputs)
    return [divided(samples, own) for own in np.atleast_2d(inputs.one("parts"))]


def samples_of(inputs: Inputs, **about: str) -> Data:
    """All samples, none of them in a part yet, from facts, samples, labels and rows.

    Args:
        inputs: of a step.
        about: what samples, labels and rows are about, if there are several.
    """
    rows, none = inputs.one("rows", **about), np.empty(0, int)
    return Data(
        x=inputs.one("samples", **about),
        labels=np.array(inputs.one("labels", **about), dtype=np.int64),
        classes=tuple(inputs.one("facts")["classes"]),
        trial=rows["trial"],
        subject=rows["subject"],
        train=none,
        validation=none,
        test=none,
    )


def divided(samples: Data, parts: np.ndarray) -> Data:
    """The same samples under the parts (sample,) of a fold."""
    train, validation, test = (np.flatnonzero(parts == part) for part in (TRAIN, VALIDATION, TEST))
    return replace(samples, train=train, validation=validation, test=test)


def candidates_of(model: Mapping[str, Any], data: Data) -> dict[str, BaseEstimator]:
    """What a model's plugin proposes for samples of this shape, not fitted."""
    spec = Spec(shape=tuple(data.x.shape[1:]), classes=len(data.classes))
    return dict(plugins.verb("model", model["use"])(spec, **model["settings"]))
