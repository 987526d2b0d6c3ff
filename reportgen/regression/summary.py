"""All models and baselines of an experiment, as the kind `regression` has them.

A kind `regression` is the JSON object

    {"emotions": [name], "scale": [least, largest], "whole": "video" | "song", "n": test segments, "videos": of them,
     "train", "validation": {"segments", "videos"}, "zero": share of test segments without any emotion,
     "present": [share of test segments with each emotion], "sd": [standard deviation of the truth, of each emotion],
     "sets": [set of modalities], "seeds": [int], "resamples",
     "candidates": [{"id": "knn/text", or "zero", "median", "mean" of baselines, "key", "use", "set": "" of baselines, "title",
                     "sort": "neighbours" | "linear" | "network" | "other" | "baseline",
                     "scores": {mae, skill, pearson, concordance, macro_f1, average_precision: estimate}, means over emotions,
                     "emotions": {emotion: {mae, skill, pearson, concordance, f1, average_precision, variance_ratio, partial:
                                            estimate}},
                     "validation": {"mae", "pearson": number or null},
                     "collapse": {"rank", "calibrated", "gap": calibrated − rank, "variance_ratio": of predictions ÷ truth,
                                  "told": mean correlation, where negative ones count as 0,
                                  "left": mean of what is left of it without the dominant factor,
                                  "r2": of a calibrated predictor, "area": share of the true one that is filled: estimate,
                                  "narrow": rank up to which it is low, null where there is none,
                                  "kept": [emotion that is told beyond the dominant factor],
                                  "dominant": null or {"share": of the variance of predictions, "loadings": [of each emotion],
                                                       "told": "happy against sad", "happy" alone, or "" for no emotion},
                                  "verdict": "collapsed" | "weak" | "healthy" | "constant" | "not tested", "why": sentence}}],
     "pairs": [{"first", "second": id, "score": "mae" | "pearson" | "concordance" | "average_precision",
                "difference": estimate, positive where the first is better, "better": id or "" where that is not clear}],
     "hidden": [{"hides", "beside": id, "set", "mae": [of both], "why": sentence}]}

and an estimate is {"mean", "low", "high"} with a 95 % interval over videos of the test part, null where undefined, or where
nothing is claimed: see `bootstrap`. All numbers are means over seeds. See scores.py and collapse.py for what they are.

Pairs are of models of the same set, and of each model with the median; nothing is corrected for their number. `hidden` has
models of clearly lower error that collapsed, or are constant, each beside a model of the same set that clearly correlates
with the truth and keeps an emotion, or a rank that is not low: what S3 saw on its map, and the error did not say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from reportgen.bootstrap import Resampled
from reportgen.regression.collapse import NARROW, collapse
from reportgen.regression.moments import FLAT, Said, correlation
from reportgen.regression.scores import SCORES, Estimate, Rules, drawn, estimate, of_emotion, scores, thresholds
from reportgen.regression.telling import only_tells, worded
from reportgen.words import fixed, listing

BASELINES: Mapping[str, str] = {"zero": "Always zero", "median": "Always the median", "mean": "Always the mean"}
"""What knows nothing of a segment: {id: title}; median and mean are of the training part, emotion by emotion."""
_COMPARED = ("mae", "pearson", "concordance", "average_precision")
_LOWER = ("mae",)  # is better
_BLIND = ("collapsed", "constant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Ratings of one part."""

    values: np.ndarray  # (segment, emotion), nothing missing
    video: np.ndarray  # (segment,) text

    @property
    def counts(self) -> dict[str, int]:
        """How many segments and videos."""
        return {"segments": len(self.values), "videos": len(np.unique(self.video))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """What people said."""

    emotions: Sequence[str]
    scale: tuple[float, float]
    whole: str
    train: Part
    validation: Part
    test: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a model said of the parts that it did not learn from."""

    key: str
    use: str  # id of the regressor, "" of a baseline
    set: str  # of modalities, "" of a baseline
    title: str
    sort: str
    test: np.ndarray  # (seed, segment, emotion)
    validation: np.ndarray

    @property
    def id(self) -> str:
        """Unique in an experiment."""
        return f"{self.key}/{self.set}" if self.set else self.key


def summary(
    models: Sequence[Candidate], ratings: Ratings, *, resamples: int, seed: int, seeds: Sequence[int]
) -> dict[str, Any]:
    """Kind `regression`.

    Args:
        models: without baselines.
        ratings: of all parts.
        resamples: of videos.
        seed: of the draws.
        seeds: of the trainings.
    """
    least = ratings.scale[0]
    candidates = [*models, *_baselines(ratings)]
    rated = [_rated(one, candidates, ratings, resamples, seed) for one in candidates]
    told, found = [one for one, _ in rated], {one["id"]: each for one, each in rated}
    truth, pairs = ratings.test.values, _pairs(models, found)
    return {
        "emotions": list(ratings.emotions),
        "scale": list(ratings.scale),
        "whole": ratings.whole,
        "n": len(truth),
        "videos": ratings.test.counts["videos"],
        "train": ratings.train.counts,
        "validation": ratings.validation.counts,
        "zero": float((truth <= least).all(axis=1).mean()),
        "present": (truth > least).mean(axis=0).tolist(),
        "sd": truth.std(axis=0).tolist(),
        "sets": list(dict.fromkeys(one.set for one in models)),
        "seeds": list(seeds),
        "resamples": resamples,
        "candidates": told,
        "pairs": pairs,
        "hidden": _hidden(told, pairs),
    }


def _baselines(ratings: Ratings) -> list[Candidate]:
    known = ratings.train.values
    zero = np.clip(np.zeros(known.shape[1]), *ratings.scale)
    constants = {"zero": zero, "median": np.median(known, axis=0), "mean": known.mean(axis=0)}
    parts = {"test": ratings.test, "validation": ratings.validation}
    return [
        Candidate(
            key=key,
            use="",
            set="",
            title=BASELINES[key],
            sort="baseline",
            **{name: np.tile(said, (1, len(part.values), 1)) for name, part in parts.items()},
        )
        for key, said in constants.items()
    ]


def _rated(
    one: Candidate, candidates: Sequence[Candidate], ratings: Ratings, resamples: int, seed: int
) -> tuple[dict[str, Any], Resampled]:
    """A candidate as in `regression`, and its scores in resamples."""
    truth = ratings.test.values.astype(float)
    video = np.unique(ratings.test.video, return_inverse=True)[1]
    said = Said(truth=truth, predicted=one.test.astype(float), video=video)
    rules = Rules(
        least=ratings.scale[0],
        median=np.median(ratings.train.values, axis=0),
        thresholds=thresholds(ratings.validation.values, one.validation, ratings.scale[0]),
    )
    found = drawn(said, scores(said, rules), resamples=resamples, seed=seed)
    shape = collapse(said, ratings.emotions, resamples=resamples, seed=seed)
    of = shape.pop("of")
    several = sum(other.title == one.title for other in candidates if other.set == one.set) > 1
    told = {
        "id": one.id,
        "key": one.key,
        "use": one.use,
        "set": one.set,
        "title": f"{one.title} ({one.key})" if several else one.title,
        "sort": one.sort,
        "scores": {name: estimate(found, name) for name in SCORES},
        "emotions": {name: of_emotion(found, said, rules, place) | of[name] for place, name in enumerate(ratings.emotions)},
        "validation": _validated(one.validation.astype(float), ratings.validation.values.astype(float)),
        "collapse": shape,
    }
    return told, found


def _validated(predicted: np.ndarray, truth: np.ndarray) -> dict[str, float | None]:
    """Mean error and correlation in the validation part, by which settings may be chosen."""
    varies = truth.var(axis=0) > FLAT
    centred = [values - values.mean(axis=-2, keepdims=True) for values in (predicted[..., varies], truth[:, varies])]
    said, true = ((values**2).mean(axis=-2) for values in centred)
    r = correlation((centred[0] * centred[1]).mean(axis=-2), said, np.broadcast_to(true, said.shape))
    pearson = float(r.mean()) if r.size else float("nan")
    return {"mae": float(np.abs(predicted - truth).mean()), "pearson": pearson if np.isfinite(pearson) else None}


def _pairs(models: Sequence[Candidate], found: Mapping[str, Resampled]) -> list[dict[str, Any]]:
    beside = [(a.id, b.id) for a, b in combinations(models, 2) if a.set == b.set]
    each = [(one.id, "median") for one in models]
    pairs = []
    for first, second in [*beside, *each]:
        for score in _COMPARED:
            gap = _gap(found[first], found[second], score)
            if gap["mean"] is not None:
                pairs.append({"first": first, "second": second, "score": score, "difference": gap, "better": ""})
                pairs[-1]["better"] = first if (gap["low"] or 0) > 0 else second if (gap["high"] or 0) < 0 else ""
    return pairs


def _gap(first: Resampled, second: Resampled, score: str) -> Estimate:
    """By how much the first is better, on the same resamples."""
    sign = -1 if score in _LOWER else 1
    sides = [{score: sign * (one[score] - other[score])} if one else {} for one, other in _sides(first, second)]
    return estimate(Resampled(*sides), score)


def _sides(first: Resampled, second: Resampled) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    return [
        (first.estimate, second.estimate),
        (first.replicates, second.replicates),
        (first.jackknife, second.jackknife),
    ]


def _hidden(told: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Models whose clearly lower error hides that they tell less than another."""
    errs_less = {(pair["first"], pair["second"]): pair["better"] for pair in pairs if pair["score"] == "mae"}
    return [
        {
            "hides": one["id"],
            "beside": other["id"],
            "set": one["set"],
            "mae": [one["scores"]["mae"]["mean"], other["scores"]["mae"]["mean"]],
            "why": _hides(one, other),
        }
        for one in told
        for other in told
        if one["set"]
        and one["collapse"]["verdict"] in _BLIND
        and _tells_more(other)
        and one["id"] in (errs_less.get((one["id"], other["id"])), errs_less.get((other["id"], one["id"])))
    ]


def _tells_more(one: Mapping[str, Any]) -> bool:
    """Whether a model clearly tells something, and in more than one direction."""
    shape, r = one["collapse"], one["scores"]["pearson"]["low"]
    if shape["verdict"] not in ("healthy", "weak") or r is None or r <= 0:
        return False
    return bool(shape["kept"] or shape["gap"]["mean"] < NARROW * (shape["calibrated"]["mean"] - 1))


def _hides(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    errors = [fixed(side["scores"]["mae"]["mean"], 3) for side in (one, other)]
    dominant = one["collapse"]["dominant"]
    tells = only_tells(dominant["told"]) if dominant else "says the same of every segment"
    kept, rank = other["collapse"]["kept"], other["collapse"]["rank"]["mean"]
    more = (
        f"tells {listing([worded(name) for name in kept])} beyond its dominant factor"
        if kept
        else f"has an effective rank of {fixed(rank, 1)}"
    )
    less = f"{one['title']} errs less than {other['title']}, {errors[0]} against {errors[1]}"
    return f"{less}, yet it {tells}; {other['title']} {more}."
