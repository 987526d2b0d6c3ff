"""Scores of predictions with intervals and baselines: what the kind `scores` is made of.

A kind `scores` is the JSON object

    {"n", "groups", "seeds": [int], "classes": [str], "test_origin": [the publisher's parts in the test part],
     "smoke": was any training one that only tries the code?, "looks": at the test part, over all seeds,
     "validation": {"n", "accuracy": {"seeds": [one value a seed], "mean", "sd"}},
     "unit": "image" | "subject" | "recording" | "trial": what the groups are, "folds": number of models a seed,
     "units": [{"name", "n", "accuracy", "balanced_accuracy", "baseline"}] means over seeds of each group, of recordings,
     "subjects": the same of each subject, whatever the groups are,
     "clips": {"n", "accuracy": {"low", "high"}, "above_baseline": {"low", "high"}}: intervals over clips in place of the
     groups, of recordings whose clips are known, otherwise null: what is seen of few clips may not hold for others,
     "learned_trials": mean over folds of the trials in the training part, of recordings, otherwise null,
     "sources": [{"name", "n", "units", "accuracy": {"mean", "low", "high"}, "largest": share of its largest class}] of each
     data set of a pool,
     "views": {"all": view, "twin_free": view of the test samples without an identical one in train or validation}}

and a view is

    {"n", "groups", "same": does it hold the whole test part?,
     "metrics": {"accuracy" | "balanced_accuracy" | "macro_f1" | "ece": {"seeds", "mean", "sd", "low", "high"}},
     "baseline": {"majority": {"class", "accuracy", "low", "high"}, "chance": 1 / classes},
     "above_baseline": {"difference", "low", "high"}: accuracy less that of the majority class, paired,
     "per_class": [{"class", "n", "precision": {"mean", "low", "high"}, "recall": …, "f1": …}],
     "confusion": (true, predicted) mean count over seeds,
     "reliability": [{"low", "high", "n", "confidence", "accuracy"}] over the samples of all seeds}

`sd` is the sample standard deviation over seeds, null for one seed. `low` and `high` are the limits of the 95 % interval
of the mean over seeds, for other test samples and these trained models: groups of identical samples are resampled,
the same ones for all seeds. They are null where nothing is claimed (see `bootstrap`), also for a class with fewer than
six groups. An empty view is null.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reportgen.bootstrap import MIN_GROUPS, Resampled, distance_interval, interval, resample, sum_by

METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "ece")
PER_CLASS = ("precision", "recall", "f1")
BINS = 15
"""Equal-width bins of confidence, (low, high], of the expected calibration error (Guo et al. 2017, ICML)."""
_EDGES = np.linspace(0, 1, BINS + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What the models of several seeds say of the same samples."""

    logits: np.ndarray  # (seed, sample, class)
    labels: np.ndarray  # (sample,) int
    groups: np.ndarray  # (sample,) int: samples of one group are not independent
    classes: Sequence[str]
    majority: int  # the most frequent class of the training part; of several folds, of all that they use

    def only(self, keep: np.ndarray) -> "Predictions":
        """Of the samples where `keep` (sample,) bool is True."""
        return replace(self, logits=self.logits[:, keep], labels=self.labels[keep], groups=self.groups[keep])


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities in float64 along the last axis."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def classification_scores(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of confusion matrices, as scikit-learn defines them.

    A class without samples has no recall and is left out of balanced accuracy; if it is never predicted either, it is
    left out of macro-F1 too. The precision of a class that is never predicted is 0.

    Args:
        counts: (…, true class, predicted class), at least one sample in each matrix.

    Returns:
        accuracy, balanced_accuracy, macro_f1: (…); precision, recall, f1: (…, class).
    """
    hits = np.diagonal(counts, axis1=-2, axis2=-1)  # (…, class)
    true, predicted = counts.sum(axis=-1), counts.sum(axis=-2)
    recall, f1 = _ratio(hits, true, np.nan), _ratio(2 * hits, true + predicted, np.nan)
    return {
        "accuracy": hits.sum(axis=-1) / true.sum(axis=-1),
        "balanced_accuracy": np.nanmean(recall, axis=-1),
        "macro_f1": np.nanmean(f1, axis=-1),
        "precision": _ratio(hits, predicted, 0.0),
        "recall": recall,
        "f1": f1,
    }


def _ratio(part: np.ndarray, whole: np.ndarray, otherwise: float) -> np.ndarray:
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), otherwise), where=whole > 0))


def bin_of(confidence: np.ndarray) -> np.ndarray:
    """The bin of each confidence in [0, 1], from 0."""
    return np.asarray(np.digitize(confidence, _EDGES[1:-1], right=True))


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts (true class, predicted class) of int arrays (sample,)."""
    return np.bincount(labels * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def _columns(predictions: Predictions) -> np.ndarray:
    """What has to be summed over samples: (sample, seed × (class × class + bin)).

    For each seed one cell of the confusion matrix, and (hit − confidence) in one calibration bin: their sums give the
    ECE, Σ over bins |Σ (hit − confidence)| / n.
    """
    seeds, n, classes = predictions.logits.shape
    probabilities = softmax(predictions.logits)
    said, confidence = probabilities.argmax(axis=-1), probabilities.max(axis=-1)  # (seed, sample)
    columns = np.zeros((n, seeds, classes * classes + BINS))
    sample, seed = np.arange(n), np.arange(seeds)[:, None]
    columns[sample, seed, predictions.labels * classes + said] = 1
    columns[sample, seed, classes * classes + bin_of(confidence)] = (said == predictions.labels) - confidence
    return columns.reshape(n, -1)


def _unpacked(sums: np.ndarray, seeds: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Confusion matrices (row, seed, true, predicted) and gaps of the bins over n (row, seed, bin)."""
    sums = sums.reshape(len(sums), seeds, -1)
    counts = sums[..., :-BINS].reshape(len(sums), seeds, classes, classes)
    return counts, sums[..., -BINS:] / counts.sum(axis=(-2, -1))[..., None]


def _resampled(predictions: Predictions, resamples: int, seed: int) -> tuple[dict[str, np.ndarray], Resampled]:
    """Scores of each seed {name: (seed,)}, and what resampling does to their means over seeds."""
    seeds, _, classes = predictions.logits.shape
    sums = sum_by(predictions.groups, _columns(predictions))
    centre = _unpacked(sums.sum(axis=0, keepdims=True), seeds, classes)[1]

    def scores(sums: np.ndarray) -> dict[str, np.ndarray]:
        """{name: (row, seed)}; the scores of class 3 are named `recall 3` and so on."""
        counts, gaps = _unpacked(sums, seeds, classes)
        both = classification_scores(counts)
        overall = {name: values for name, values in both.items() if name not in PER_CLASS}
        single = {f"{name} {c}": both[name][..., c] for name in PER_CLASS for c in range(classes)}
        majority = counts[:, :, predictions.majority].sum(axis=-1) / counts.sum(axis=(-2, -1))
        paired = {"majority": majority, "above_baseline": both["accuracy"] - majority}
        calibration = {"ece": np.abs(gaps).sum(axis=-1), "noise": np.abs(gaps - centre).sum(axis=-1)}
        return {**overall, **single, **paired, **calibration}

    def means(sums: np.ndarray) -> dict[str, np.ndarray]:
        return {name: values.mean(axis=1) for name, values in scores(sums).items()}

    each = {name: values[0] for name, values in scores(sums.sum(axis=0, keepdims=True)).items()}
    return each, resample(sums, means, resamples=resamples, seed=seed)


def view(predictions: Predictions, *, whole: int, resamples: int, seed: int) -> dict[str, Any] | None:
    """A view of `scores`; None without samples.

    Args:
        predictions: of the view's samples.
        whole: number of samples in the test part.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    n, classes = len(predictions.labels), predictions.classes
    if not n:
        return None
    each, drawn = _resampled(predictions, resamples, seed)
    majority = {"class": classes[predictions.majority], "accuracy": drawn.estimate["majority"], **_limits(drawn, "majority")}
    return {
        "n": n,
        "groups": len(np.unique(predictions.groups)),
        "same": n == whole,
        "metrics": {name: {**spread(each[name]), **_limits(drawn, name)} for name in METRICS},
        "baseline": {"majority": majority, "chance": 1 / len(classes)},
        "above_baseline": {"difference": drawn.estimate["above_baseline"], **_limits(drawn, "above_baseline")},
        "per_class": [_of_class(predictions, drawn, index) for index in range(len(classes))],
        "confusion": _confusion(predictions).tolist(),
        "reliability": reliability(softmax(predictions.logits), predictions.labels),
    }


def _limits(drawn: Resampled, name: str) -> dict[str, float | None]:
    limits = distance_interval(drawn, name, "noise") if name == "ece" else interval(drawn, name)
    return dict(zip(("low", "high"), limits, strict=True))


def spread(values: np.ndarray) -> dict[str, Any]:
    """One value a seed, their mean, and their standard deviation (None for a single one)."""
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return {"seeds": [float(value) for value in values], "mean": float(np.mean(values)), "sd": sd}


def by_unit(predictions: Predictions) -> list[dict[str, Any]]:
    """`units` of `scores`: how well each group of samples is recognised, in the order of their names."""
    names, unit = np.unique(predictions.groups, return_inverse=True)
    seeds, _, classes = predictions.logits.shape
    counts = np.zeros((seeds, len(names), classes, classes))
    said = predictions.logits.argmax(axis=-1)  # (seed, sample)
    np.add.at(counts, (np.arange(seeds)[:, None], unit, predictions.labels, said), 1)
    found = classification_scores(counts)
    n = np.bincount(unit)
    baseline = np.bincount(unit, predictions.majority == predictions.labels) / n
    means = {name: found[name].mean(axis=0) for name in ("accuracy", "balanced_accuracy")}  # (unit,)
    return [
        {"name": str(name), "n": int(n[i]), "baseline": float(baseline[i]), **{key: float(m[i]) for key, m in means.items()}}
        for i, name in enumerate(names)
    ]


def _of_class(predictions: Predictions, drawn: Resampled, index: int) -> dict[str, Any]:
    own = predictions.labels == index
    claimed = len(np.unique(predictions.groups[own])) >= MIN_GROUPS
    row: dict[str, Any] = {"class": predictions.classes[index], "n": int(own.sum())}
    for name in PER_CLASS:
        mean = drawn.estimate[f"{name} {index}"]
        limits = _limits(drawn, f"{name} {index}") if claimed else {"low": None, "high": None}
        row[name] = {"mean": mean if np.isfinite(mean) else None, **limits}
    return row


def _confusion(predictions: Predictions) -> np.ndarray:
    said, classes = predictions.logits.argmax(axis=-1), len(predictions.classes)
    return np.asarray(np.mean([confusion(predictions.labels, row, classes) for row in said], axis=0))


def reliability(probabilities: np.ndarray, labels: np.ndarray) -> list[dict[str, Any]]:
    """The reliability curve over the samples of all seeds; confidence and accuracy of an empty bin are None.

    Args:
        probabilities: (seed, sample, class).
        labels: (sample,) int.
    """
    confidence, hit = probabilities.max(axis=-1).ravel(), (probabilities.argmax(axis=-1) == labels).ravel()
    bins = bin_of(confidence)
    n, sure, right = (np.bincount(bins, weights, BINS) for weights in (None, confidence, hit))
    return [
        {
            "low": float(_EDGES[b]),
            "high": float(_EDGES[b + 1]),
            "n": int(n[b]),
            "confidence": float(sure[b] / n[b]) if n[b] else None,
            "accuracy": float(right[b] / n[b]) if n[b] else None,
        }
        for b in range(BINS)
    ]
