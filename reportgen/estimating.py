"""Fitting of scikit-learn's estimators: the keyword-only parameters of `fit` are a study's `train` table for them.

Whatever is fitted, scaling and the search for outliers included, is fitted in a fold, to its training part. A kind
`fitted` is the JSON object

    {"model": as in kind `model`, with "estimator": its class, and "probabilities", as step `fit` adds it,
     "chosen": name of the candidate that is kept, "candidates": [{"name", "validation": balanced accuracy | null}],
     "scale": "train" | "subject" | "none", "transductive": were unlabelled test samples used for scaling?,
     "features": numbers a sample, "samples": {"train", "validation", "test"} that were used,
     "probabilities": are the logits those of probabilities? otherwise they are decision values,
     "sharpness": what decision values were multiplied with, so that their softmax is a probability, or null,
     "outliers": {"rule": in words, "threshold", "samples": left out, "trials": [{"trial", "distance"}], farthest first},
     "notes": [what the estimators warned of, what was left out]}

Without a validation part the first candidate is kept, the only one that is fitted. Nothing is fitted again after the choice.
"""

import math
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit
from scipy.optimize import minimize_scalar
from sklearn.base import BaseEstimator
from sklearn.utils import resample

from reportgen.errors import DataError, StepError
from reportgen.metrics import classification_scores, confusion

Scale = Literal["train", "subject", "none"]
RULE = (
    "training trials whose distance has a modified z-score (Iglewicz and Hoaglin 1993) above the threshold; the distance of a"
    " trial is the mean over features of |its mean − median of its subject's training trials|, each feature in units of the"
    " median of that over all training trials"
)
"""How outliers are found. No label and no sample of another part is looked at."""
_SPREAD = 1.4826  # × median absolute deviation is the standard deviation of normal values
_FEWEST = 5  # trials that a median can describe
_LEAST = 1e-12  # probability that a logarithm is taken of


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """One fold of an experiment."""

    x: np.ndarray  # (sample, …) float, may be memory-mapped
    labels: np.ndarray  # (sample,) int, index into classes
    classes: tuple[str, ...]
    trial: np.ndarray  # (sample,) str
    subject: np.ndarray  # (sample,) str
    train: np.ndarray  # (sample,) int, index into x; so are the next two
    validation: np.ndarray
    test: np.ndarray

    def rows(self, index: np.ndarray) -> np.ndarray:
        """Samples (sample, feature) float32, a copy.

        Raises:
            DataError: some are no numbers.
        """
        x = np.array(self.x[index], np.float32).reshape(len(index), math.prod(self.x.shape[1:]))
        if wrong := np.flatnonzero(~np.isfinite(x).all(axis=1)).tolist():
            place = f"first in trial {self.trial[index[wrong[0]]]}"
            raise DataError(
                f"features of {len(wrong)} of {len(x)} samples hold values that are no numbers, {place}",
                "Look at the features: a logarithm of a flat channel is not finite.",
            )
        return x


@dataclass(frozen=True, slots=True)
class Fitted:
    """The chosen candidate and what it says."""

    told: dict[str, Any]  # kind `fitted`
    estimator: BaseEstimator
    validation_logits: np.ndarray  # (sample, class) float32, in the order of data.validation
    logits: np.ndarray  # (sample, class) float32, in the order of data.test


def fit(
    candidates: Mapping[str, BaseEstimator],
    data: Data,
    seed: int,
    *,
    scale: Annotated[
        Literal["train", "subject", "none"],
        Doc("each feature to mean 0 and sd 1: of the training part, or of each subject, whose test samples then take part"),
    ] = "train",
    outliers: Annotated[float, Ge(0), Doc("leave out training trials with a robust distance above this; 0: none")] = 0.0,
    samples: Annotated[int, Ge(0), Unit("samples"), Doc("fit to this many, classes in proportion; 0: to all")] = 0,
) -> Fitted:
    """Fit each candidate to the training part; keep the first of those with the best balanced accuracy on validation.

    Raises:
        DataError: features hold values that are no numbers, or the training part lacks a class.
        StepError: nothing varies in the training part, or an estimator can neither decide nor give probabilities.
    """
    notes: Counter[str] = Counter()
    if outliers and len(np.unique(data.trial[data.train])) < _FEWEST:
        notes[f"outliers were not looked for among fewer than {_FEWEST} training trials"] += 1
    far = outlying(data, outliers) if outliers else {}
    kept = data.train[~np.isin(data.trial[data.train], list(far))]
    chosen = _capped(kept, data.labels, samples, seed)
    _check_classes(data, chosen)
    scaling = Scaling.of(data, kept, scale)
    if scaling.idle:
        notes[f"{scaling.idle} of {scaling.mean.shape[1]} features do not vary and are left out"] += 1
    x, validation, test = (scaling.apply(data, part) for part in (chosen, data.validation, data.test))
    if not np.ptp(x, axis=0).any():
        raise StepError("no feature varies in the training part", "Look at the features, and at the signals they are made of.")
    tried = dict(candidates) if len(validation) else dict(list(candidates.items())[:1])
    for name, estimator in tried.items():
        with _noted(notes, name):
            estimator.set_params(**{key: seed for key in estimator.get_params() if key.split("__")[-1] == "random_state"})
            estimator.fit(x, data.labels[chosen])
    said = {name: _logits(estimator, validation, len(data.classes)) for name, estimator in tried.items()}
    scores = {name: _balanced(logits, data.labels[data.validation]) for name, logits in said.items()}
    best = max(tried, key=lambda name: scores[name] or 0.0)
    sharpness = None
    if len(validation) and not hasattr(tried[best], "predict_proba"):
        sharpness = _sharpness(said[best], data.labels[data.validation])
    told = {
        "chosen": best,
        "candidates": [{"name": name, "validation": scores.get(name)} for name in candidates],
        "scale": scale,
        "transductive": scale == "subject",
        "features": x.shape[1],
        "samples": {"train": len(x), "validation": len(validation), "test": len(test)},
        "probabilities": hasattr(tried[best], "predict_proba") or sharpness is not None,
        "sharpness": sharpness,
        "outliers": _told(far, outliers, len(data.train) - len(kept)),
        "notes": [text if times == 1 else f"{text} ({times} times)" for text, times in notes.items()],
    }
    answers = (said[best], _logits(tried[best], test, len(data.classes)))
    return Fitted(told, tried[best], *(logits * (sharpness or 1.0) for logits in answers))


def _told(far: Mapping[str, float], threshold: float, samples: int) -> dict[str, Any]:
    """The outliers in `fitted`."""
    trials = [{"trial": trial, "distance": distance} for trial, distance in far.items()]
    return {"rule": RULE, "threshold": threshold, "samples": samples, "trials": trials}


def outlying(data: Data, threshold: float) -> dict[str, float]:
    """Training trials that lie far from the others, by `RULE`.

    Returns:
        {trial: its modified z-score}, farthest first.
    """
    names, first, trial = np.unique(data.trial[data.train], return_index=True, return_inverse=True)
    if len(names) < _FEWEST:
        return {}
    x = data.rows(data.train)
    sums = np.zeros((len(names), x.shape[1]))
    np.add.at(sums, trial, x)
    means = sums / np.bincount(trial)[:, None]  # (trial, feature)
    subject = data.subject[data.train][first]
    for name in np.unique(subject):
        means[subject == name] -= np.median(means[subject == name], axis=0)
    away = np.abs(means)
    unit = np.median(away, axis=0)
    if not unit.any():
        return {}
    distance = (away[:, unit > 0] / unit[unit > 0]).mean(axis=1)
    over = distance - np.median(distance)
    spread = _SPREAD * np.median(np.abs(over))
    z = over / spread if spread else np.zeros(len(over))
    return {str(names[i]): float(z[i]) for i in np.argsort(-z, kind="stable") if z[i] > threshold}


@dataclass(frozen=True, slots=True)
class Scaling:
    """What each sample is scaled by: owners are subjects, or there is one of all samples."""

    mean: np.ndarray  # (owner, feature)
    sd: np.ndarray  # (owner, feature), inf where nothing varies
    owner: np.ndarray  # (sample,) int

    @property
    def idle(self) -> int:
        """Number of features that do not vary for any owner."""
        return int(np.isinf(self.sd).all(axis=0).sum())

    @classmethod
    def of(cls, data: Data, train: np.ndarray, scale: Scale) -> "Scaling":
        """Measure.

        Args:
            data: of the fold.
            train: (sample,) int, index into data.x: the training samples that are learnt from.
            scale: "train" looks at nothing else; "subject" at all samples of the fold, not at their labels.
        """
        owner = np.zeros(len(data.labels), int)
        if scale == "none":
            one = np.ones((1, data.x[0].size))
            return cls(0 * one, one, owner)
        if scale == "train":
            return cls(*_moments(data.rows(train)), owner)
        used = np.concatenate([train, data.validation, data.test])
        names, owner[used] = np.unique(data.subject[used], return_inverse=True)
        moments = [_moments(data.rows(used[owner[used] == i])) for i in range(len(names))]
        mean, sd = (np.concatenate(table) for table in zip(*moments, strict=True))
        return cls(mean, sd, owner)

    def apply(self, data: Data, index: np.ndarray) -> np.ndarray:
        """Scaled samples (sample, feature) float32."""
        x, owner = data.rows(index), self.owner[index]
        mean, sd = self.mean.astype(np.float32), self.sd.astype(np.float32)
        for one in np.unique(owner):  # in place: a data set may fill half of the memory
            own = slice(None) if len(mean) == 1 else owner == one
            x[own] -= mean[one]
            x[own] /= sd[one]
        return x


def _moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each feature, (1, feature); the latter inf where it is nothing but rounding."""
    pieces = np.array_split(x, 1 + len(x) // 8192)  # in doubles, a piece at a time
    mean = sum(piece.sum(axis=0, dtype=np.float64) for piece in pieces)[None] / len(x)
    variance = sum(((piece - mean) ** 2).sum(axis=0) for piece in pieces)[None] / len(x)
    sd = np.sqrt(variance)
    return mean, np.where(sd > 1e-9 * np.abs(mean), sd, np.inf)


def _capped(train: np.ndarray, labels: np.ndarray, samples: int, seed: int) -> np.ndarray:
    if not samples or samples >= len(train):
        return train
    drawn = resample(train, replace=False, n_samples=samples, stratify=labels[train], random_state=seed)
    return np.asarray(np.sort(drawn))


def _check_classes(data: Data, train: np.ndarray) -> None:
    counts = np.bincount(data.labels[train], minlength=len(data.classes))
    if missing := [name for name, n in zip(data.classes, counts, strict=True) if not n]:
        raise DataError(
            f"the training part has no sample of {', '.join(missing)} among {len(train)}",
            "Change the split; or raise outliers and samples in the table train, if these left them out.",
        )


@contextmanager
def _noted(notes: Counter[str], name: str) -> Iterator[None]:
    """Warnings become notes: a machine that has not converged is a finding, not an accident."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    notes.update(f"{name}: {str(warning.message).splitlines()[0]}" for warning in caught)


def _logits(estimator: BaseEstimator, x: np.ndarray, classes: int) -> np.ndarray:
    """Logarithms of probabilities, or decision values: (sample, class) float32; training has all classes, so none lacks."""
    if not len(x):
        return np.zeros((0, classes), np.float32)
    if hasattr(estimator, "predict_proba"):
        return np.asarray(np.log(np.maximum(estimator.predict_proba(x), _LEAST)), np.float32)
    if not hasattr(estimator, "decision_function"):
        message = f"{type(estimator).__name__} has neither predict_proba nor decision_function"
        raise StepError(message, "Give the model's plugin an estimator that has one of them.")
    values = np.asarray(estimator.decision_function(x), np.float32)
    return values if values.ndim > 1 else np.stack([-values / 2, values / 2], axis=1)


def _sharpness(values: np.ndarray, labels: np.ndarray) -> float:
    """The factor that makes probabilities of decision values (sample, class), fitted to the validation part.

    Temperature scaling (Guo et al. 2017, ICML): the factor of highest likelihood. It changes no answer.
    """

    def loss(logarithm: float) -> float:
        scaled = np.exp(logarithm) * values.astype(np.float64)
        return float((np.logaddexp.reduce(scaled, axis=1) - scaled[np.arange(len(labels)), labels]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded").x))


def _balanced(logits: np.ndarray, labels: np.ndarray) -> float | None:
    """Balanced accuracy; None of no samples."""
    if not len(logits):
        return None
    counts = confusion(labels, logits.argmax(axis=1), logits.shape[1])
    return float(classification_scores(counts)["balanced_accuracy"])
