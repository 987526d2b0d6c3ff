"""From scores of candidates and controls to what they say: differences to the floor, places, pairs and verdicts.

Intervals are those of the basic bootstrap (Davison and Hinkley 1997, section 5.2) over trials of the test part: a distance
between samples is never below 0 and grows with noise, and a resample adds as much noise again, which reflecting at the score
takes away. An interval is widened to hold its score. Folds and seeds are averaged; trainings with other seeds would scatter
more than these intervals say.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.realism.catalogue import SCORES
from reportgen.realism.sets import Estimate

REAL = "real"
NEAR, BETWEEN = 0.25, 0.75
"""Positions between floor and ceiling up to which a score is called near, and between."""
ALIKE = 0.05
"""Position up to which it is called real, even if a large sample tells it from the floor."""
_LEVEL = 0.95
_GUESSING = 0.5  # of a two-sample test: below, the classifier is as lost as there

Draws = Mapping[str, np.ndarray]
"""{score: (1 + resample,)} of a candidate."""


def interval_of(values: np.ndarray, *, least: float = -np.inf, most: float = np.inf) -> Estimate:
    """A score and its interval, from the score and its resamples.

    Args:
        values: (1 + resample,), the score itself first.
        least: what it cannot be below.
        most: what it cannot be above.
    """
    score, drawn = float(values[0]), values[1:][np.isfinite(values[1:])]
    if not np.isfinite(score):
        return {"mean": None, "low": None, "high": None}
    if not len(drawn):
        return {"mean": score, "low": None, "high": None}
    below, above = np.quantile(drawn, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    low, high = 2 * score - above, 2 * score - below
    return {"mean": score, "low": float(max(least, min(low, score))), "high": float(min(most, max(high, score)))}


def worse(name: str, first: np.ndarray, second: np.ndarray, floor: np.ndarray | None = None) -> np.ndarray:
    """By how much the first is worse than the second, in units of the score.

    Args:
        name: of the score.
        first: (row,).
        second: (row,).
        floor: (row,) of real samples: a higher density or coverage is no better, samples that crowd in the middle have it too.
    """
    if name == "two_sample_auc":
        first, second = np.maximum(first, _GUESSING), np.maximum(second, _GUESSING)
    if name in ("density", "coverage") and floor is not None:
        first, second = np.minimum(first, floor), np.minimum(second, floor)
    return np.asarray(first - second if SCORES[name].better == "low" else second - first)


def ceiling_of(name: str, draws: Mapping[str, Draws]) -> np.ndarray | None:
    """The score at its worst: that of its control, or the fixed one of the catalogue."""
    score = SCORES[name]
    if score.worst is not None:
        floor = draws[REAL].get(name)
        return None if floor is None else np.full_like(floor, score.worst)
    return draws.get(score.ceiling, {}).get(name)


def blind(draws: Mapping[str, Draws]) -> list[str]:
    """Scores that cannot tell real samples from the worst on these data."""
    found = []
    for name in SCORES:
        floor, ceiling = draws[REAL].get(name), ceiling_of(name, draws)
        if floor is not None and ceiling is not None:
            low = interval_of(worse(name, ceiling, floor))["low"]
            if low is None or low <= 0:
                found.append(name)
    return found


def value_of(name: str, key: str, draws: Mapping[str, Draws], lost: Sequence[str], unranked: Sequence[str]) -> dict[str, Any]:
    """A score of a candidate as `signal_scores` has it, but `why`.

    Args:
        name: of the score.
        key: of the candidate.
        draws: of all candidates.
        lost: scores that are blind.
        unranked: scores that are no merit of the candidate, such as those that it preserves by construction.
    """
    own, floor, ceiling = draws[key][name], draws[REAL].get(name), ceiling_of(name, draws)
    least = -np.inf if name in ("mmd", "augmentation") else 0.0
    most = 1.0 if name in ("coverage", "two_sample_auc") else np.inf
    nothing = {"over_floor": None, "position": None, "verdict": "", "ranked": False}
    value: dict[str, Any] = {**interval_of(own, least=least, most=most), **nothing}
    if floor is None or key == REAL:
        return value
    over = interval_of(worse(name, own, floor, floor))
    value |= {"over_floor": over, "ranked": name not in (*unranked, *lost, "memory_ratio")}
    if ceiling is not None and name not in lost:
        span = float(worse(name, ceiling, floor)[0])
        value |= {"position": (over["mean"] or 0.0) / span, "verdict": verdict(over, span)}
    return value


def verdict(over: Estimate, span: float) -> str:
    """Where a score lies between real samples (position 0) and the worst (1).

    Called real is what lies at most `ALIKE` of the way to the ceiling, or is not clearly off the floor, if besides its
    interval ends within `NEAR`: that few trials cannot tell a large distance from none makes nothing real. Called near is
    what ends before `BETWEEN`; where the interval reaches further, nothing is said.

    Args:
        over: how much worse than real samples.
        span: how much worse than these the ceiling is.
    """
    position, end = ((over[name] or 0.0) / span for name in ("mean", "high"))
    unclear = over["low"] is not None and over["low"] <= 0
    if position <= NEAR:
        if end <= NEAR and (position <= ALIKE or unclear):
            return "real"
        return "near" if end <= BETWEEN else ""
    return "between" if position <= BETWEEN else "far"


def ranks(values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """{candidate: {mean: mean place over the scores that it is ranked on, of: how many these are}}.

    A place is a share: 1 is the best, and as many as there are the worst, whatever the number of those that are ranked.

    Args:
        values: {candidate: {score: as `value_of` gives it}}, without controls.
    """
    places: dict[str, list[float]] = {key: [] for key in values}
    for name in SCORES:
        ranked = [key for key in values if values[key].get(name, {}).get("ranked") and values[key][name]["mean"] is not None]
        if len(ranked) > 1:
            badness = np.array([values[key][name]["over_floor"]["mean"] for key in ranked])
            place = (badness[:, None] > badness).sum(axis=1) + ((badness[:, None] == badness).sum(axis=1) - 1) / 2
            for key, share in zip(ranked, place / (len(ranked) - 1), strict=True):
                places[key].append(1 + share * (len(values) - 1))
    return {key: {"mean": float(np.mean(own)) if own else None, "of": len(own)} for key, own in places.items()}


def pairs(
    draws: Mapping[str, Draws], networks: Sequence[str], plain: Sequence[str], unranked: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    """Each network against the others and against plain generators, score by score, but for what is no merit of one."""
    return [
        {"first": first, "second": second, "score": name, **_held(name, first, second, draws)}
        for place, first in enumerate(networks)
        for second in (*networks[place + 1 :], *plain)
        for name in SCORES
        if name in draws[first] and name in draws[second]
        if name != "memory_ratio" and name not in (*unranked[first], *unranked[second])
    ]


def _held(name: str, first: str, second: str, draws: Mapping[str, Draws]) -> dict[str, Any]:
    floor = draws.get(REAL, {}).get(name)
    difference = interval_of(worse(name, draws[second][name], draws[first][name], floor))
    return {"difference": difference, "better": better(first, second, difference)}


def better(first: str, second: str, difference: Estimate) -> str:
    """Who clearly is, if the difference speaks for the first where it is above 0; "" for nobody."""
    low, high = difference["low"], difference["high"]
    if low is None or high is None:
        return ""
    return first if low > 0 else second if high < 0 else ""
