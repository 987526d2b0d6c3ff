"""Whether a model tells one thing only, though it predicts several emotions.

**Effective rank.** Predictions are divided by the standard deviation of the truth, emotion by emotion. The effective rank of
their covariance is exp H, where H is the entropy of its eigenvalues, divided by their sum (Roy and Vetterli 2007, EUSIPCO,
606): 1 if all predictions rise and fall together, the number of emotions if they vary alike and independently.

**The predictor it is held against** has the same correlation r with the truth in each emotion, and is otherwise as good as
that allows. Let y be the truth, of variance 1 in each emotion and correlations ρ. A predictor a (y + n) with noise n correlates
by r if var n = (1 − r²) / r²; it is calibrated, so that the truth given the prediction is the prediction, if a = r², and
then its variance is a² / r² = r². The noise has the correlations ρ too: that of a neighbour's ratings or of fitted weights
does, while independent noise would make every weak predictor look rich, and any real one poor beside it. So

    cov(e, f) = s_e s_f ρ_ef (r_e r_f + √(1 − r_e²) √(1 − r_f²)),    var(e) = s_e²

with s_e = r_e if it is calibrated. A model may vary by more: then s_e² is its own variance, since noise of its own must not
count as richness. Correlations that are negative or undefined count as 0.

**What is left.** A rank says nothing of whether what varies is true. The dominant factor is the sum of predictions that tells
most of all emotions (the first direction of reduced-rank regression: Izenman 1975, J. Multivar. Anal. 5, 248): the first
principal component of the predictions, where noise is small, and less disturbed by noise elsewhere. Whatever is a smooth
function of it is taken out of predictions and truth, straight between quintiles: happy from not happy may well tell sad in
a bent line. The correlation of what remains is the partial correlation of an emotion. It knows no size: predictions that all
but stand still may correlate. It therefore counts less where predictions have less than a quarter of the standard deviation
of a calibrated predictor (`shown`), as those of a network that learns medians do. An emotion is kept if what is left is
clearly above 0, corrected for the number of emotions, and at least half of its r.

A factor is named after emotions that it tells, as telling.py says: its loadings alone would also name emotions that go with
these in the truth, and that a model does not move.

**Verdicts.** All numbers are means over seeds, intervals are over videos of the test part.

    collapsed    the rank is clearly below the predictor's, by three tenths of the way to 1 at least; what is left is clearly
                 less than half of the correlation, in the mean over emotions; and nothing is left of any emotion, or so
                 little that none is kept and the rank is clearly below 2
    constant     no prediction varies
    weak         not collapsed, and the mean correlation is below 0.2, or not clearly above 0: predictions tell little of
                 anything, or nothing. Their variance, beside r², says whether they show it
    healthy      what is left is clearly above 0, or an emotion is kept
    not tested   fewer than six videos or two emotions, or none of the above is clear

In simulations a weak model often has a clearly lower rank too, since whoever knows little is careful: it is what is left that
tells them apart. Of 50 draws each of 12 and of 40 of MOSEI's videos, with KNN and ridge regression on simulated inputs that
tell all emotions badly, a looser form of this rule, which did not ask whether anything is left of any emotion, accused 2 of 200
models with 12 test videos and none of 200 with 40; on inputs that tell one factor it found 167 and 219 of 300. What it missed
was noisy KNN above all, which passes for weak or not tested. The rule as it stands accuses and finds fewer.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import t as student

from reportgen.bootstrap import LEVEL, MIN_GROUPS, Resampled, interval
from reportgen.regression.dimensions import area, effective_rank, expected_covariance, shown
from reportgen.regression.dominant import Dominant, dominant_factor
from reportgen.regression.moments import FLAT, Moments, Said, correlation, diagonal
from reportgen.regression.scores import Estimate, Weighed, drawn, estimate
from reportgen.regression.telling import number, told_by, worded
from reportgen.words import listing

WEAK = 0.2
"""Mean correlation below which a model is weak: it tells less than 4 % of the variance."""
KEPT = 0.5
"""Share of a correlation from which it is kept without the dominant factor."""
NUMBERS = ("rank", "calibrated", "gap", "left", "told", "variance_ratio", "r2", "area")
SINGLE = 2.0
"""Effective rank below which predictions hardly vary in a second direction."""
NARROW = 0.3
"""Share of the dimensions beyond the first, of those that correlations allow, from which on a rank is low."""
_NOTHING: Estimate = {"mean": None, "low": None, "high": None}


def collapse(said: Said, emotions: Sequence[str], *, resamples: int, seed: int) -> dict[str, Any]:
    """Numbers and verdict.

    Args:
        said: of the test part.
        emotions: their names.
        resamples: of videos.
        seed: of the draws.

    Returns:
        `collapse` of a candidate of kind `regression`, and {"of": {emotion: {"variance_ratio", "partial"}}}.
    """
    varies = said.truth.std(axis=0) ** 2 > FLAT
    empty: dict[str, Any] = {**dict.fromkeys(NUMBERS, _NOTHING), "narrow": None, "kept": [], "dominant": None}
    empty["of"] = {name: {"variance_ratio": _NOTHING, "partial": _NOTHING} for name in emotions}
    if varies.sum() < 2:
        return empty | {"verdict": "not tested", "why": "Fewer than two emotions vary in the test part."}
    names = [name for name, one in zip(emotions, varies, strict=True) if one]
    scaled = _scaled(said, varies)
    if (scaled.predicted.var(axis=1) <= FLAT).all():
        return _constant(empty, names)
    told = dominant_factor(scaled)
    found = drawn(scaled, _numbers(scaled, told, said.truth[:, varies].std(axis=0)), resamples=resamples, seed=seed)
    kept = [name for place, name in enumerate(names) if _kept(found, place, len(names))]
    numbers = {name: estimate(found, name) for name in NUMBERS}
    each = {
        name: {what: estimate(found, f"{what} {place}") for what in ("variance_ratio", "partial")}
        for place, name in enumerate(names)
    }
    dominant = _dominant(told, varies, _named(found, names, said.videos))
    verdict, why = _verdict(found, kept, said.videos, dominant["told"])
    limits = {"narrow": _narrow(found), "kept": kept, "dominant": dominant}
    return {**numbers, **limits, "of": empty["of"] | each, "verdict": verdict, "why": why}


def _constant(empty: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    still: Estimate = {"mean": 0.0, "low": None, "high": None}
    of = empty["of"] | {name: {"variance_ratio": still, "partial": _NOTHING} for name in names}
    numbers = {"variance_ratio": still, "area": still, "of": of}
    return empty | numbers | {"verdict": "constant", "why": "It says the same of every segment."}


def _scaled(said: Said, varies: np.ndarray) -> Said:
    """Emotions that vary, in standard deviations of the truth."""
    sd = said.truth[:, varies].std(axis=0)
    return Said(truth=said.truth[:, varies] / sd, predicted=said.predicted[..., varies] / sd, video=said.video)


def _numbers(said: Said, told: Dominant, sd: np.ndarray) -> Weighed:
    """All numbers that intervals are asked of; `sd` (emotion,) leads back to units of the scale."""
    emotions = said.truth.shape[1]
    sides = np.broadcast_arrays(said.truth, said.predicted)
    joint = Moments(np.concatenate(sides, axis=-1).transpose(1, 0, 2), said.video)
    beside = np.broadcast_to(told.factor[..., None], sides[1].shape)
    named = Moments(np.stack([beside, *sides], axis=-1).transpose(1, 0, 2, 3), said.video)
    left = Moments(np.stack([told.truth, told.predicted], axis=-1).transpose(1, 0, 2, 3), said.video)
    plane = np.linalg.eigh(np.cov((said.truth * sd).T))[1][:, -2:] * sd[:, None]  # (emotion, 2), of scaled numbers

    def weighed(weights: np.ndarray) -> dict[str, np.ndarray]:
        covariance = joint.covariance(weights)  # (row, seed, truth and predicted, truth and predicted)
        truth, predicted = covariance[..., :emotions, :emotions], covariance[..., emotions:, emotions:]
        shared = diagonal(covariance[..., :emotions, emotions:])
        own, spread = diagonal(truth), diagonal(predicted)
        signed = np.nan_to_num(correlation(shared, own, spread))
        r = np.clip(signed, 0, 1)
        rho = np.nan_to_num(correlation(truth, own[..., :, None], own[..., None, :]))
        rank, calibrated = effective_rank(predicted), effective_rank(expected_covariance(rho, r, spread))
        both = left.covariance(weights)  # (row, seed, emotion, 2, 2)
        partial = correlation(both[..., 0, 1], both[..., 0, 0], both[..., 1, 1])
        ratio = np.divide(spread, own, out=np.full(own.shape, np.nan), where=own > FLAT)
        left_over = np.nan_to_num(partial) * shown(spread / np.where(own > FLAT, own, 1), r)
        each = {"variance_ratio": ratio, "partial": partial, "left": left_over, "r": r, "own": signed}
        each |= _of_factor(named.covariance(weights))
        mean = {
            "rank": rank,
            "calibrated": calibrated,
            "gap": calibrated - rank,
            "r2": (r**2).mean(axis=-1),
            "r": signed.mean(axis=-1),
            "told": r.mean(axis=-1),
            "left": left_over.mean(axis=-1),
            "lost": (KEPT * r - left_over).mean(axis=-1),
            "variance_ratio": ratio.mean(axis=-1),
            "area": area(truth, predicted, plane),
        }
        numbers = {name: values.mean(axis=1) for name, values in mean.items()}
        return numbers | {f"{name} {e}": values.mean(axis=1)[:, e] for name, values in each.items() for e in range(emotions)}

    return weighed


def _of_factor(covariance: np.ndarray) -> dict[str, np.ndarray]:
    """Of factor, truth and prediction (…, emotion, 3, 3): what the factor has to do with the others (…, emotion)."""
    own = diagonal(covariance)
    along = np.divide(covariance[..., 0, 2], np.sqrt(own[..., 0]), out=np.zeros(own.shape[:-1]), where=own[..., 0] > FLAT)
    return {"named": np.nan_to_num(correlation(covariance[..., 0, 1], own[..., 0], own[..., 1])), "moved": along}


def _kept(found: Resampled, place: int, emotions: int) -> bool:
    """Whether an emotion is told beyond the dominant factor; with few videos resamples vary too little, as in bootstrap.py."""
    name = f"left {place}"
    left, r = found.estimate[name], found.estimate[f"r {place}"]
    if not _above(found, name) or left < KEPT * r:
        return False
    return bool(left > _reach(found, name, emotions))


def _reach(found: Resampled, name: str, emotions: int) -> float:
    """From how far on a number of one of several emotions is clearly not 0."""
    draws, videos = found.replicates[name], len(found.jackknife[name])
    tail = student.ppf(1 - (1 - LEVEL) / 2 / emotions, videos - 1) * (videos / (videos - 1)) ** 0.5
    return float(tail * np.std(draws[np.isfinite(draws)]))


def _above(found: Resampled, name: str) -> bool:
    """Clearly above 0; a number that is the same in all resamples, as of perfect predictions, is what it is."""
    draws = found.replicates.get(name, np.zeros(0))
    draws = draws[np.isfinite(draws)]
    if not len(draws) or not np.isfinite(found.estimate[name]):
        return False
    low, _ = interval(found, name)
    return bool((draws.min() if low is None else low) > 0)


def _named(found: Resampled, names: Sequence[str], videos: int) -> str:
    """The emotions that the dominant factor tells; none with too few videos to tell."""
    if videos < MIN_GROUPS:
        return ""
    each, each_own = ([f"{what} {place}" for place in range(len(names))] for what in ("named", "own"))
    clear = np.array([abs(found.estimate[name]) > _reach(found, name, len(names)) for name in each])
    clear &= np.array([found.estimate[name] > _reach(found, name, len(names)) for name in each_own])
    moved = np.array([found.estimate[f"moved {place}"] for place in range(len(names))])
    return told_by(names, np.array([found.estimate[name] for name in each]), moved, clear)


def _dominant(told: Dominant, varies: np.ndarray, named: str) -> dict[str, Any]:
    loadings = np.zeros(len(varies))
    loadings[varies] = told.loadings.mean(axis=0)
    loadings /= max(float(np.linalg.norm(loadings)), FLAT)
    return {"share": float(told.share.mean()), "loadings": loadings.tolist(), "told": named}


def _narrow(found: Resampled) -> float | None:
    """The largest rank that is low."""
    calibrated = found.estimate["calibrated"]
    return float(calibrated - NARROW * (calibrated - 1)) if np.isfinite(calibrated) else None


def _verdict(found: Resampled, kept: Sequence[str], videos: int, told: str) -> tuple[str, str]:
    """What follows, and why."""
    at = found.estimate
    if videos < MIN_GROUPS:
        return "not tested", f"The test part has {videos} videos, and intervals take {MIN_GROUPS}."
    of = f"a mean correlation of {number(at['told'], 2)}"
    if number(at["told"], 2) != number(at["r"], 2):
        of += ", where negative ones count as 0"
    named = f" ({told})" if told else ""
    left = f"without its dominant factor{named}, {number(at['left'], 2)} is left of {of}"
    rank = f"effective rank {_limits(found, 'rank', 1)}, where the same correlations allow {number(at['calibrated'], 1)}"
    if not _above(found, "r"):
        return "weak", f"It tells nothing clearly: its mean correlation is {_limits(found, 'r', 2)}."
    narrow = _above(found, "gap") and at["gap"] >= NARROW * (at["calibrated"] - 1)
    if narrow and not kept and _above(found, "lost") and (_single(found) or not _beyond(found)):
        return "collapsed", f"One factor tells nearly all: {left}; {rank}."
    if at["r"] < WEAK:
        varied = f"its predictions have {number(at['variance_ratio'], 2)} of the variance of the truth"
        honest = at["variance_ratio"] <= 2 * at["r2"] + _limit(found)
        shown = "not clearly more than twice" if honest else "clearly more than twice"
        calibrated = f"{shown} a calibrated predictor's {number(at['r2'], 2)}"
        return "weak", f"Its mean correlation is {_limits(found, 'r', 2)}; {varied}, {calibrated}."
    if kept or _above(found, "left"):
        beyond = (
            f" {listing([worded(name) for name in kept])} beyond its dominant factor"
            if kept
            else " more than its dominant factor"
        )
        return "healthy", f"It tells{beyond}: {left}."
    return "not tested", f"{videos} videos do not tell: {left}, {_limits(found, 'left', 2)}; {rank}."


def _single(found: Resampled) -> bool:
    """Whether predictions clearly vary in fewer than two directions."""
    _, high = interval(found, "rank")
    return high is not None and high < SINGLE


def _beyond(found: Resampled) -> bool:
    """Whether any emotion is clearly told without the dominant factor, however little."""
    names = [name for name in found.estimate if name.startswith("left ")]
    return any(found.estimate[name] > _reach(found, name, len(names)) for name in names)


def _limit(found: Resampled) -> float:
    """By how much r² may be larger in other videos."""
    _, high = interval(found, "r2")
    return max(0.0, (high or 0.0) - found.estimate["r2"])


def _limits(found: Resampled, name: str, places: int) -> str:
    low, high = interval(found, name)
    told = number(found.estimate[name], places)
    return told + (f" [{number(low, places)}, {number(high, places)}]" if low is not None else "")
