"""Step: what trimming the inputs and leaving out outlier trials do to the score.

The same estimator is fitted in the same folds to the input as it is (`full`), to input that lacks the first moments of each
trial (`time`), that lacks low frequencies too (`time_frequency`), and once more to `full` without the outlier trials of the
training part (`without_outliers`). All are tested on the same trials, outliers among them.

A kind `outliers` is the JSON object

    {"unit": "subject" | "recording" | "trial": what scores are compared over, "units": [name], "folds": number of them,
     "trials": test trials that all inputs have, "left_out": [trial that an input lacks: it is neither learnt from nor tested],
     "inputs": [{"input": "full" | "time" | "time_frequency" | "without_outliers", "shape": of a sample,
                 "n": test samples, "accuracy": measure, "balanced_accuracy": measure}], `full` first,
     "outliers": {"rule": in words, "threshold", "samples": {"left_out", "of"} training samples over all folds,
                  "trials": [{"trial", "subject", "recording", "label": class, "distance": the largest, "folds": how many found
                              it, "of": folds that learn from it}], farthest first}}

and a measure is

    {"units": [a value a unit], "mean": over units, "difference": mean of (this − `full`) over units, "low", "high", "p"}

of the unit's test samples; balanced accuracy is over the classes that the unit has. Each unit counts the same, however many
samples it has. `low` and `high` are the limits of the 95 % interval (BCa) of the difference for other units, `p` is
two-sided, of the sign-flip test over units. They are null with fewer than six units, limits also where all resamples
agree. The difference of `full` to itself is null. Nothing is corrected for the number of inputs.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from reportgen.bootstrap import MIN_GROUPS, interval, resample
from reportgen.comparison import sign_flip
from reportgen.core import TEST, TRAIN, UNUSED
from reportgen.errors import DataError
from reportgen.estimating import RULE, Data, fit
from reportgen.metrics import classification_scores
from reportgen.outputs import Inputs, Out
from reportgen.steps.fit import candidates_of, divided, samples_of
from reportgen.units import Unit, units_of
from reportgen.work import Work

FULL, WITHOUT = "full", "without_outliers"
METRICS = ("accuracy", "balanced_accuracy")


@dataclass(frozen=True, slots=True)
class Trials:
    """The trials of the full input, sorted by name."""

    names: np.ndarray  # (trial,) str
    first: np.ndarray  # (trial,) int, index of its first sample in the full input
    parts: np.ndarray  # (fold, trial) uint8, index into PARTS
    units: np.ndarray  # (trial,) str


@dataclass(frozen=True, slots=True)
class Answers:
    """What an input comes to over all folds."""

    shape: tuple[int, ...]  # of a sample
    counts: np.ndarray  # (unit, true class, named class) test samples
    outliers: list[Mapping[str, Any]]  # of each fold as in `fitted`
    learnt: int  # training samples of all folds, outliers among them


def run(
    inputs: Inputs,
    out: Out,
    work: Work,
    *,
    model: dict[str, Any],
    train: dict[str, Any],
    threshold: float,
    variants: dict[str, str],
    unit: Unit,
    resamples: int,
    seed: int,
) -> None:
    """Write outliers from facts, parts, and samples, labels and rows of each input.

    Args:
        inputs: of the experiment.
        out: for the output.
        work: hears how far it is.
        model: {use, settings} of the estimator.
        train: settings of `estimating.fit`; its `outliers` is set here.
        threshold: above which a training trial counts as an outlier, see `estimating.RULE`.
        variants: {"full", "time", "time_frequency": about["features"] of its samples}; `full` is what `parts` divides.
        unit: that scores are compared over.
        resamples: of the bootstrap.
        seed: of the estimator, the bootstrap and the sign flips.

    Raises:
        DataError: a trial lies in two parts of one fold.
    """
    read = {name: samples_of(inputs, features=features) for name, features in variants.items()}
    kind, units = units_of(inputs.one("rows", features=variants[FULL]), unit)
    trials = _trials(read[FULL], np.atleast_2d(inputs.one("parts")), units)
    left_out = ~np.isin(trials.names, reduce(np.intersect1d, [data.trial for data in read.values()]))
    trials.parts[:, left_out] = UNUSED
    order = [FULL, *(name for name in read if name != FULL), WITHOUT]
    answers = {}
    for number, name in enumerate(order):
        work.progress(number, len(order), name)
        settings = {**train, "outliers": threshold if name == WITHOUT else 0.0}
        answers[name] = _answers(read.get(name, read[FULL]), trials, model, settings, seed)
    out.json(
        "outliers",
        {
            "unit": kind,
            "units": _tested_units(trials).tolist(),
            "folds": len(trials.parts),
            "trials": int((trials.parts == TEST).any(axis=0).sum()),
            "left_out": trials.names[left_out].tolist(),
            "inputs": _compared(answers, resamples, seed),
            "outliers": _found(answers[WITHOUT], read[FULL], trials, inputs.one("rows", features=variants[FULL]), threshold),
        },
    )


def _trials(full: Data, parts: np.ndarray, units: np.ndarray) -> Trials:
    """The trials, from the parts (fold, sample) and units (sample,) of their samples."""
    names, first, trial = np.unique(full.trial, return_index=True, return_inverse=True)
    own = parts[:, first]  # (fold, trial)
    if wrong := np.flatnonzero((own[:, trial] != parts).any(axis=0)).tolist():
        raise DataError(
            f"trial {full.trial[wrong[0]]} lies in two parts of one fold, but inputs are compared trial by trial",
            "Use a split that keeps trials whole, such as front_back, kfold or loso.",
        )
    return Trials(names, first, own, units[first])


def _tested_units(trials: Trials) -> np.ndarray:
    return np.unique(trials.units[(trials.parts == TEST).any(axis=0)])


def _answers(data: Data, trials: Trials, model: Mapping[str, Any], settings: Mapping[str, Any], seed: int) -> Answers:
    """Fit and test in each fold; trials that `trials` does not know are unused."""
    own, of_own = np.unique(data.trial, return_inverse=True)
    place = np.searchsorted(trials.names, own)
    known = np.isin(own, trials.names)
    units, unit_of_trial = np.unique(trials.units, return_inverse=True)
    counts, outliers, learnt = np.zeros((len(units), len(data.classes), len(data.classes))), [], 0
    for parts in trials.parts:
        fold = divided(data, np.where(known, parts[np.where(known, place, 0)], UNUSED)[of_own])
        fitted = fit(candidates_of(model, fold), fold, seed, **settings)
        unit = unit_of_trial[place[of_own[fold.test]]]
        np.add.at(counts, (unit, fold.labels[fold.test], fitted.logits.argmax(axis=1)), 1)
        outliers.append(fitted.told["outliers"])
        learnt += len(fold.train)
    return Answers(tuple(data.x.shape[1:]), counts[np.isin(units, _tested_units(trials))], outliers, learnt)


def _compared(answers: Mapping[str, Answers], resamples: int, seed: int) -> list[dict[str, Any]]:
    """One row an input."""
    scores = {name: classification_scores(one.counts) for name, one in answers.items()}
    rows = []
    for name, one in answers.items():
        row: dict[str, Any] = {"input": name, "shape": one.shape, "n": int(one.counts.sum())}
        for metric in METRICS:
            values, full = scores[name][metric], scores[FULL][metric]
            difference = None if name == FULL else values - full
            row[metric] = {"units": values, "mean": float(values.mean()), **_difference(difference, resamples, seed)}
        rows.append(row)
    return rows


def _difference(values: np.ndarray | None, resamples: int, seed: int) -> dict[str, float | None]:
    """Mean of the differences of units (unit,), its interval and its p-value."""
    if values is None:
        return dict.fromkeys(("difference", "low", "high", "p"))
    sums = np.stack([values, np.ones(len(values))], axis=1)
    drawn = resample(sums, lambda table: {"mean": table[:, 0] / table[:, 1]}, resamples=resamples, seed=seed)
    low, high = interval(drawn, "mean")
    p = float(sign_flip(values[:, None], seed=seed)[0]) if len(values) >= MIN_GROUPS else None
    return {"difference": float(values.mean()), "low": low, "high": high, "p": p}


def _found(answers: Answers, full: Data, trials: Trials, rows: Mapping[str, np.ndarray], threshold: float) -> dict[str, Any]:
    """The outlier trials of all folds."""
    distances: dict[str, list[float]] = defaultdict(list)
    for fold in answers.outliers:
        for one in fold["trials"]:
            distances[one["trial"]].append(one["distance"])
    learnt = dict(zip(trials.names.tolist(), (trials.parts == TRAIN).sum(axis=0).tolist(), strict=True))
    first = dict(zip(trials.names.tolist(), trials.first.tolist(), strict=True))
    found = [
        {
            "trial": trial,
            "subject": rows["subject"][first[trial]],
            "recording": rows["recording"][first[trial]],
            "label": full.classes[full.labels[first[trial]]],
            "distance": max(own),
            "folds": len(own),
            "of": learnt[trial],
        }
        for trial, own in sorted(distances.items(), key=lambda item: -max(item[1]))
    ]
    left_out = sum(fold["samples"] for fold in answers.outliers)
    return {"rule": RULE, "threshold": threshold, "samples": {"left_out": left_out, "of": answers.learnt}, "trials": found}
