"""Step: score the predictions of an experiment, all seeds together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.core import TEST, TRAIN, UNUSED, VALIDATION
from reportgen.errors import FailedError
from reportgen.metrics import Predictions, by_unit, spread, view
from reportgen.outputs import Inputs, Out
from reportgen.units import Unit as Wanted
from reportgen.units import units_of


def run(
    inputs: Inputs,
    out: Out,
    _work: object,
    *,
    seed: int,
    resamples: Annotated[int, Ge(200), Unit("resamples"), Doc("of groups of samples that are not independent")] = 2000,
    unit: Annotated[
        Literal["auto", "subject", "recording", "trial"],
        Doc("of recordings: what intervals are over; auto: subjects, or recordings or trials if there is only one subject"),
    ] = "auto",
) -> None:
    """Write scores from facts, labels, split, parts, each seed's logits, test_samples, validation_logits and looks.

    Of images also from twins, twin_free and history, of recordings from rows.

    Raises:
        FailedError: a model gave values that are no numbers.
    """
    labels, parts = np.asarray(inputs.one("labels")), np.atleast_2d(inputs.one("parts"))  # (fold, sample)
    seeds = sorted((about["seed"] for about in inputs.about("logits")), key=int)
    test = np.flatnonzero((parts == TEST).any(axis=0))
    if not all(np.array_equal(samples, test) for _, samples in inputs.all("test_samples")):
        raise ValueError("test_samples are not the samples of the test part in their order")
    groups = _units(inputs, unit)
    predictions = Predictions(
        logits=_logits(inputs, "logits", seeds),
        labels=labels[test].astype(int),
        groups=groups.of[test],
        classes=inputs.one("facts")["classes"],
        majority=_majority(parts, labels),
    )
    kept = {"all": np.ones(len(test), bool), "twin_free": _twin_free(inputs, len(labels))[test]}
    views = {name: view(predictions.only(keep), whole=len(test), resamples=resamples, seed=seed) for name, keep in kept.items()}
    out.json(
        "scores",
        {
            "n": len(test),
            "groups": len(np.unique(predictions.groups)),
            "unit": groups.name,
            "folds": len(parts),
            "units": by_unit(predictions) if "rows" in inputs else [],
            "subjects": _by_subject(inputs, predictions, test),
            "clips": _over_clips(inputs, predictions, test, resamples, seed),
            "learned_trials": _learned_trials(inputs, parts),
            "sources": _sources(inputs, predictions, test, resamples, seed),
            "seeds": [int(name) for name in seeds],
            "classes": predictions.classes,
            "test_origin": inputs.one("split")["test_origin"],
            "smoke": any(history["smoke"] for _, history in inputs.all("history")),
            "looks": sum(looks["test"] for _, looks in inputs.all("looks")),
            "validation": _validation(inputs, seeds, labels, parts),
            "views": views,
        },
    )


class _Units(NamedTuple):
    """The groups of samples that are not independent."""

    name: str
    of: np.ndarray  # (sample,)


def _units(inputs: Inputs, wanted: Wanted) -> _Units:
    if "rows" in inputs:
        return _Units(*units_of(inputs.one("rows"), wanted))
    return _Units("image", np.asarray(inputs.one("twins")))


def _twin_free(inputs: Inputs, n: int) -> np.ndarray:
    """(sample,) bool; windows of recordings are never identical by design, so that all of them count."""
    return np.asarray(inputs.one("twin_free")) if "twin_free" in inputs else np.ones(n, bool)


def _majority(parts: np.ndarray, labels: np.ndarray) -> int:
    """The most frequent class of the training part; of several folds, of all samples that they use.

    The class that is most frequent in the training of a fold is rarer in its test part, so that always naming it does worse
    than naming one class throughout: no baseline to be proud of.
    """
    used = parts[0] == TRAIN if len(parts) == 1 else (parts != UNUSED).any(axis=0)
    return int(np.bincount(labels[used]).argmax())


def _by_subject(inputs: Inputs, predictions: Predictions, test: np.ndarray) -> list[dict[str, Any]]:
    """Scores of each subject, whatever the units are: splits with other units than each other have subjects in common."""
    if "rows" not in inputs:
        return []
    return by_unit(replace(predictions, groups=inputs.one("rows")["subject"][test]))


def _over_clips(inputs: Inputs, predictions: Predictions, test: np.ndarray, resamples: int, seed: int) -> dict[str, Any] | None:
    """Intervals that say what other clips could change, where the groups say what other people could."""
    if "rows" not in inputs or "" in (clips := inputs.one("rows")["clip"][test]):
        return None
    found = view(replace(predictions, groups=clips), whole=0, resamples=resamples, seed=seed)
    assert found is not None
    measured = {"accuracy": found["metrics"]["accuracy"], "above_baseline": found["above_baseline"]}
    limits = {name: {limit: value[limit] for limit in ("low", "high")} for name, value in measured.items()}
    return {"n": found["groups"], **limits}


def _learned_trials(inputs: Inputs, parts: np.ndarray) -> float | None:
    """Mean over folds of the trials in the training part."""
    if "rows" not in inputs:
        return None
    trial = inputs.one("rows")["trial"]
    return float(np.mean([len(np.unique(trial[part == TRAIN])) for part in parts]))


def _sources(inputs: Inputs, predictions: Predictions, test: np.ndarray, resamples: int, seed: int) -> list[dict[str, Any]]:
    """The accuracy on each data set of a pool; nothing for a single one."""
    if "rows" not in inputs or len(sources := list(dict.fromkeys(origin := inputs.one("rows")["dataset"][test]))) < 2:
        return []
    views = {name: view(predictions.only(origin == name), whole=0, resamples=resamples, seed=seed) for name in sources}
    return [
        {
            "name": str(name),
            "n": own["n"],
            "units": own["groups"],
            "accuracy": own["metrics"]["accuracy"],
            "largest": float(np.bincount(predictions.labels[origin == name]).max() / own["n"]),
        }
        for name, own in views.items()
        if own
    ]


def _logits(inputs: Inputs, kind: str, seeds: Sequence[str]) -> np.ndarray:
    """(seed, sample, class) float."""
    logits = np.stack([inputs.one(kind, seed=name) for name in seeds])
    for name, rows in zip(seeds, logits, strict=True):
        if not np.isfinite(rows).all():
            message = f"seed {name}: {kind} hold values that are no numbers"
            raise FailedError(message, "The training diverged: lower its learning rate.")
    return logits


def _validation(inputs: Inputs, seeds: Sequence[str], labels: np.ndarray, parts: np.ndarray) -> dict[str, Any]:
    """Accuracy of each seed on its validation part, of several folds on all of them; null where nothing is validated."""
    index = np.flatnonzero(parts[0] == VALIDATION)
    if "validation_samples" in inputs:
        index = np.asarray(inputs.one("validation_samples", seed=seeds[0]))
    if not len(index):
        return {"n": 0, "accuracy": {"seeds": [], "mean": None, "sd": None}}
    logits = _logits(inputs, "validation_logits", seeds)
    return {"n": len(index), "accuracy": spread((logits.argmax(axis=-1) == labels[index]).mean(axis=-1))}
