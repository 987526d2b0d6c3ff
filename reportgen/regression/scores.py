"""How well intensities are predicted: errors and correlations of each emotion, with intervals over videos.

    mae                 mean absolute error, in units of the scale
    skill               1 − mae ÷ mae of always saying the median of the training part; over all emotions of their mean mae
    pearson             Pearson's correlation, NaN where truth or predictions do not vary
    concordance         Lin's (1989, Biometrics 45, 255): 2 cov ÷ (var + var + (difference of means)²); a prediction that does
                        not vary has none to tell: 0
    f1                  of "present", above the least of the scale; a prediction says so from a threshold on that is best in
                        the validation part, emotion by emotion
    average_precision   of "present" by the prediction itself: area under precision over recall, in steps, as scikit-learn has
                        it; the share of present segments is what a constant reaches

F1 and average precision are NaN where an emotion is present in no test segment, or in all of them; F1 also where none of the
validation part has it. Means over emotions are over those that vary in the test part (of f1 and average precision: that are
present in some test segments and not in all); they are NaN if a score of one of these is undefined, rather than to skip what a
model is too constant for. Scores of several seeds are averaged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_curve

from reportgen.bootstrap import MIN_GROUPS, Resampled, interval, resample
from reportgen.regression.moments import FLAT, Moments, Said, by_video, correlation, diagonal

SCORES = ("mae", "skill", "pearson", "concordance", "macro_f1", "average_precision")
OF_EMOTION = ("mae", "skill", "pearson", "concordance", "f1", "average_precision")
_CALLED = {"f1": "macro_f1"}  # the mean over emotions
_OF_PRESENT = ("f1", "average_precision")
_AT_ONCE = 256  # resamples that are in memory

Estimate = dict[str, float | None]
"""{mean, low, high}: None where undefined, or where nothing is claimed."""
Weighed = Callable[[np.ndarray], Mapping[str, np.ndarray]]
"""(row, video) how often each video counts -> {name: (row,)}, NaN where undefined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What scores are measured by, all of it known without the test part."""

    least: float  # of the scale
    median: np.ndarray  # (emotion,) of the training part
    thresholds: np.ndarray  # (seed, emotion) of "present", see `thresholds`


def thresholds(truth: np.ndarray, predicted: np.ndarray, least: float) -> np.ndarray:
    """From where on a prediction means "present": what gives the best F1.

    Args:
        truth: (segment, emotion) of the validation part.
        predicted: (seed, segment, emotion) of the same.
        least: of the scale.

    Returns:
        (seed, emotion), NaN of an emotion that is never present.
    """
    present = truth > least
    return np.array([[_threshold(present[:, e], said[:, e]) for e in range(truth.shape[1])] for said in predicted])


def _threshold(present: np.ndarray, said: np.ndarray) -> float:
    if not present.any():
        return float("nan")
    precision, recall, at = precision_recall_curve(present, said)
    f1 = 2 * precision * recall / np.maximum(precision + recall, np.finfo(float).tiny)
    return float(at[f1[:-1].argmax()])


def drawn(said: Said, weighed: Weighed, *, resamples: int, seed: int) -> Resampled:
    """Numbers of the test part as it is, of resamples of its videos, and without each video; equal seeds draw alike."""

    def batches(weights: np.ndarray) -> dict[str, np.ndarray]:
        parts = [weighed(weights[start : start + _AT_ONCE]) for start in range(0, len(weights), _AT_ONCE)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    return resample(np.eye(said.videos), batches, resamples=resamples, seed=seed)


def estimate(found: Resampled, name: str) -> Estimate:
    """A number with its 95 % interval."""
    mean = found.estimate[name]
    low, high = interval(found, name) if np.isfinite(mean) else (None, None)
    return {"mean": float(mean) if np.isfinite(mean) else None, "low": low, "high": high}


def of_emotion(found: Resampled, said: Said, rules: Rules, emotion: int) -> dict[str, Estimate]:
    """All scores of an emotion; what is said of "present" has no interval if it is present in fewer than six videos."""
    told = {name: estimate(found, f"{name} {emotion}") for name in OF_EMOTION}
    if len(np.unique(said.video[said.truth[:, emotion] > rules.least])) < MIN_GROUPS:
        told |= {name: {"mean": told[name]["mean"], "low": None, "high": None} for name in _OF_PRESENT}
    return told


def scores(said: Said, rules: Rules) -> Weighed:
    """All scores, {"mae": mean over emotions, "mae 0": of the first one, …}."""
    errors, correlations, present = _errors(said, rules), _correlations(said), _of_present(said, rules)
    counted = {name: _defined(said, rules, name) for name in OF_EMOTION}

    def weighed(weights: np.ndarray) -> dict[str, np.ndarray]:
        each = {**errors(weights), **correlations(weights), **present(weights)}  # {name: (row, emotion)}
        mean = {_CALLED.get(name, name): _mean(each[name][:, counted[name]]) for name in OF_EMOTION}
        mean["skill"] = _skill(mean["mae"], each["usual"].mean(axis=1))
        return mean | {f"{name} {e}": each[name][:, e] for name in OF_EMOTION for e in range(said.truth.shape[1])}

    return weighed


def _defined(said: Said, rules: Rules, name: str) -> np.ndarray:
    """(emotion,) bool: which ones a mean is over."""
    if name in ("mae", "skill"):
        return np.ones(said.truth.shape[1], bool)
    if name in _OF_PRESENT:
        present = said.truth > rules.least
        return np.asarray(present.any(axis=0) & ~present.all(axis=0))
    return np.asarray(said.truth.var(axis=0) > FLAT)


def _mean(values: np.ndarray) -> np.ndarray:
    return values.mean(axis=1) if values.shape[1] else np.full(len(values), np.nan)


def _skill(error: np.ndarray, usual: np.ndarray) -> np.ndarray:
    return np.asarray(1 - np.divide(error, usual, out=np.full(error.shape, np.nan), where=usual > 0))


def _errors(said: Said, rules: Rules) -> Weighed:
    own = by_video(np.abs(said.predicted - said.truth).mean(axis=0), said.video)
    median = by_video(np.abs(rules.median - said.truth), said.video)
    n = np.bincount(said.video).astype(float)

    def weighed(weights: np.ndarray) -> dict[str, np.ndarray]:
        error, usual = (weights @ sums / (weights @ n)[:, None] for sums in (own, median))
        return {"mae": error, "usual": usual, "skill": _skill(error, usual)}

    return weighed


def _correlations(said: Said) -> Weighed:
    both = np.stack(np.broadcast_arrays(said.truth, said.predicted), axis=-1)  # (seed, segment, emotion, 2)
    moments = Moments(both.transpose(1, 0, 2, 3), said.video)

    def weighed(weights: np.ndarray) -> dict[str, np.ndarray]:
        covariance, mean = moments.covariance(weights), moments.mean(weights)  # (row, seed, emotion, 2, 2), (…, 2)
        truth, predicted = np.moveaxis(diagonal(covariance), -1, 0)
        shared, gap = covariance[..., 0, 1], mean[..., 0] - mean[..., 1]
        whole = truth + predicted + gap**2
        varies = truth > FLAT
        concordance = np.divide(2 * shared, whole, out=np.full(whole.shape, np.nan), where=varies)
        concordance[varies & (predicted <= FLAT)] = 0.0
        return {"pearson": correlation(shared, truth, predicted).mean(axis=1), "concordance": concordance.mean(axis=1)}

    return weighed


def _of_present(said: Said, rules: Rules) -> Weighed:
    present = said.truth > rules.least
    named = said.predicted >= rules.thresholds[:, None]  # (seed, segment, emotion); never of a NaN
    hits = by_video((named & present).transpose(1, 0, 2).astype(float), said.video)
    both = by_video((named.astype(float) + present).transpose(1, 0, 2), said.video)
    known = np.isfinite(rules.thresholds) & _defined(said, rules, "f1")
    ranked = [[_Ranked(seed[:, e], present[:, e], said.video) for e in range(present.shape[1])] for seed in said.predicted]

    def weighed(weights: np.ndarray) -> dict[str, np.ndarray]:
        found, counted = (np.tensordot(weights, sums, 1) for sums in (hits, both))  # (row, seed, emotion)
        f1 = np.divide(2 * found, counted, out=np.full(counted.shape, np.nan), where=known & (counted > 0))
        precision = np.stack([np.stack([one.precision(weights) for one in seed], axis=1) for seed in ranked])
        return {"f1": f1.mean(axis=1), "average_precision": precision.mean(axis=0)}

    return weighed


class _Ranked:
    """Segments in falling order of a prediction: average precision is a walk down the list."""

    def __init__(self, said: np.ndarray, present: np.ndarray, video: np.ndarray) -> None:
        order = np.argsort(-said, kind="stable")
        ties = np.append(np.flatnonzero(np.diff(said[order])), len(said) - 1)  # last place of each run of equal predictions
        self._hits = np.flatnonzero(present[order])
        self._ends = ties[np.searchsorted(ties, self._hits)]
        self._hits_until = np.searchsorted(self._hits, self._ends, side="right") - 1
        self._video = video[order]
        self._some = 0 < len(self._hits) < len(said)

    def precision(self, weights: np.ndarray) -> np.ndarray:
        """(row,) of weights (row, video); NaN where nothing is present, or everything."""
        if not self._some:
            return np.full(len(weights), np.nan)
        own = weights.astype(np.float32)[:, self._video]  # counts below 2²⁴ are exact
        of_hits = own[:, self._hits]
        until = np.cumsum(own, axis=1)[:, self._ends]
        found = np.cumsum(of_hits, axis=1)
        share = np.divide(found[:, self._hits_until], until, out=np.zeros_like(until), where=until > 0)
        total = found[:, -1].astype(float)
        gained = np.einsum("rh,rh->r", of_hits, share, dtype=float)
        return np.asarray(np.divide(gained, total, out=np.full(len(weights), np.nan), where=total > 0))
