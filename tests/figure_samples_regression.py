"""Realistic outputs of a data set of rated segments and of an experiment that predicts their intensities, in small.

Planted: the LSTM on text has a lower error than KNN on text and tells only happy from sad; KNN on voice is weak but calibrated;
models on the face are healthy; KNN spreads its predictions wider than its correlations support. Happy is the easiest emotion,
surprise the hardest. Ratings of a video are alike, raters agree least on surprise.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.outputs import Out, Output

Json = dict[str, Any]
SIX = ("happy", "sad", "anger", "surprise", "disgust", "fear")
GEMS = ("amazement", "solemnity", "tenderness", "nostalgia", "calmness", "power", "joyful_activation", "tension", "sadness")
PLANE = ("valence", "arousal")
TITLES: Mapping[str, str] = {"knn": "KNN", "lstm": "LSTM", "ridge": "Ridge", "wide": "KNN", "net": "Temporal convolution"}
SORTS: Mapping[str, str] = {"knn": "neighbours", "lstm": "network", "ridge": "linear", "wide": "neighbours", "net": "network"}
EASE = (0.48, 0.36, 0.33, 0.06, 0.3, 0.12, 0.26, 0.2, 0.15)  # correlation reached at quality 1
PRESENT = (0.52, 0.26, 0.22, 0.09, 0.18, 0.08, 0.3, 0.14, 0.11)
SPREAD = (0.62, 0.41, 0.38, 0.2, 0.33, 0.19, 0.3, 0.25, 0.22)
QUALITY: Mapping[str, float] = {"text": 1.0, "voice": 0.45, "face": 0.8, "all": 1.12}
ERROR = 0.164  # mean absolute error of the median, which is zero
COLLAPSED = (("lstm", "text"),)
WEAK = (("knn", "voice"), ("ridge", "voice"))
STRETCH: Mapping[str, float] = {"knn": 2.6, "lstm": 1.0, "ridge": 1.0, "wide": 1.8, "net": 0.9}  # variance ratio over r²


def estimate(mean: float | None, half: float, videos: int = 60) -> Json:
    """{mean, low, high}, null where nothing is claimed."""
    known = mean is not None and videos >= 6
    wide = half * (60 / max(videos, 1)) ** 0.5
    return {"mean": mean, "low": mean - wide if known else None, "high": mean + wide if known else None}


def regression(
    *,
    keys: Sequence[str] = ("knn", "ridge", "lstm"),
    sets: Sequence[str] = ("text", "voice", "face", "all"),
    emotions: Sequence[str] = SIX,
    videos: int = 60,
    gone: Sequence[tuple[str, str]] = COLLAPSED,
    weak: Sequence[tuple[str, str]] = WEAK,
    constant: Sequence[tuple[str, str]] = (),
    titles: Mapping[str, str] = TITLES,
    seeds: int = 1,
    whole: str = "video",
) -> Json:
    """The kind `regression` of an experiment.

    Args:
        keys: of models.
        sets: of modalities.
        emotions: names.
        videos: in the test part.
        gone: (key, set) of those that collapsed: their error is low.
        weak: of those that are weak but calibrated.
        constant: of those that answer the same whatever they are given.
        titles: of models.
        seeds: that models were trained with.
        whole: what segments are of.
    """
    n, k = 31 * videos, len(emotions)
    models = [
        _model(key, name, emotions, videos, titles.get(key, key), _fate((key, name), gone, weak, constant, videos))
        for name in sets
        for key in keys
    ]
    found: Json = {
        "emotions": list(emotions),
        "scale": [0, 3],
        "whole": whole,
        "n": n,
        "videos": videos,
        "train": {"segments": 9 * n, "videos": 9 * videos},
        "validation": {"segments": n, "videos": videos},
        "zero": 0.15,
        "present": list(PRESENT[:k]),
        "sd": list(SPREAD[:k]),
        "sets": list(sets),
        "seeds": list(range(seeds)),
        "resamples": 2000,
        "candidates": [*models, *(_baseline(name, emotions, videos) for name in ("zero", "median", "mean"))],
    }
    found["pairs"] = _pairs(models, videos)
    found["hidden"] = _hidden(models)
    return found


def _fate(
    own: tuple[str, str],
    gone: Sequence[tuple[str, str]],
    weak: Sequence[tuple[str, str]],
    constant: Sequence[tuple[str, str]],
    videos: int,
) -> str:
    if own in constant:
        return "constant"
    if videos < 6:
        return "not tested"
    return "collapsed" if own in gone else "weak" if own in weak else "healthy"


def _model(key: str, name: str, emotions: Sequence[str], videos: int, title: str, fate: str) -> Json:
    quality = QUALITY.get(name, 0.9) * {"knn": 0.88, "ridge": 1.0, "lstm": 0.97, "wide": 0.7, "net": 1.05}.get(key, 1.0)
    r = quality * np.array(EASE[: len(emotions)])
    stretch = STRETCH.get(key, 1.0)
    if fate == "collapsed":
        r, stretch = r * np.where(np.arange(len(r)) < 2, 1.0, 0.22), 0.7
    if fate == "weak":
        stretch = 1.0
    if fate == "constant":
        r = np.full(len(r), np.nan)
    skill = 0.2 * float(np.nan_to_num(r).mean()) - 0.055 * (stretch - 1) + {"collapsed": 0.075, "constant": 0.01}.get(fate, 0.0)
    table = {
        emotion: _emotion(float(one), stretch, skill, PRESENT[i], SPREAD[i], videos, fate)
        for i, (emotion, one) in enumerate(zip(emotions, r, strict=True))
    }
    error = ERROR * (1 - skill)
    mean = {score: _mean(table, score) for score in ("pearson", "concordance", "average_precision")}
    f1 = 0.5 + 0.3 * float(np.nan_to_num(r).mean()) - (0.06 if fate == "collapsed" else 0)
    return {
        "id": f"{key}/{name}",
        "key": key,
        "use": key,
        "set": name,
        "title": title,
        "sort": SORTS.get(key, "other"),
        "scores": {
            "mae": estimate(error, 0.006, videos),
            "skill": estimate(skill, 0.02, videos),
            "pearson": estimate(mean["pearson"], 0.03, videos),
            "concordance": estimate(mean["concordance"], 0.025, videos),
            "macro_f1": estimate(f1, 0.02, videos),
            "average_precision": estimate(mean["average_precision"], 0.03, videos),
        },
        "emotions": table,
        "validation": {"mae": error * 1.03 + 0.0005 * len(key), "pearson": mean["pearson"]},
        "collapse": _collapse(r, stretch, quality, emotions, videos, fate),
    }


def _mean(table: Json, score: str) -> float | None:
    values = [row[score]["mean"] for row in table.values()]
    return None if None in values else float(np.mean(values))


def _emotion(r: float, stretch: float, skill: float, present: float, sd: float, videos: int, fate: str) -> Json:
    known = None if np.isnan(r) else r
    ratio = 0.0 if known is None else stretch * r**2
    concordance = 0.0 if known is None else 2 * r * ratio**0.5 / (1 + ratio)
    half = 0.05 + 0.25 * (0.2 - min(present, 0.2))
    partial = None if known is None else r * (0.1 if fate == "collapsed" else 0.6)
    return {
        "mae": estimate(0.45 * sd * (1 - skill), 0.02, videos),
        "skill": estimate(skill, 0.02, videos),
        "pearson": estimate(known, half, videos),
        "concordance": estimate(concordance, half, videos),
        "f1": estimate(0.5 + 0.3 * (known or 0), 0.04, videos),
        "average_precision": estimate(present + (1 - present) * 0.8 * (known or 0) ** 2 + 0.1 * (known or 0), 0.04, videos),
        "variance_ratio": estimate(ratio, 0.2 * ratio, videos),
        "partial": estimate(partial, 0.04, videos),
    }


def _collapse(r: np.ndarray, stretch: float, quality: float, emotions: Sequence[str], videos: int, fate: str) -> Json:
    if fate == "constant":
        empty = estimate(None, 0)
        names = ("rank", "calibrated", "gap", "left", "told", "variance_ratio", "r2", "area")
        return {
            **dict.fromkeys(names, empty),
            "narrow": None,
            "kept": [],
            "dominant": None,
            "verdict": "constant",
            "why": "Its predictions never change.",
        }
    whole = 1.2 + 0.42 * len(emotions) * quality / (quality + 0.4)
    chance = 0.93 + 0.7 * (7 * quality % 0.1)  # no two models have the same
    rank = {"collapsed": 1.06, "weak": chance * whole}.get(fate, (chance + 0.04 * stretch) * whole)
    loadings = [0.83, -0.52, -0.12, 0.03, -0.15, -0.02, 0.01, -0.03, -0.02][: len(emotions)]
    squared = float(np.mean(r**2))
    return {
        "rank": estimate(rank, 0.05 if fate == "collapsed" else 0.22, videos),
        "calibrated": estimate(whole, 0.25, videos),
        "gap": estimate(whole - rank, 0.24, videos),
        "left": estimate(0.01 if fate == "collapsed" else 0.6 * float(np.nan_to_num(r).mean()), 0.02, videos),
        "told": estimate(float(np.nan_to_num(r).mean()), 0.02, videos),
        "narrow": whole - 0.3 * (whole - 1),
        "kept": [] if fate in ("collapsed", "not tested") else list(emotions[: 2 if fate == "weak" else 4]),
        "dominant": {
            "share": 0.97 if fate == "collapsed" else 0.55,
            "loadings": loadings,
            "told": f"{emotions[0]} against {emotions[1]}",
        },
        "variance_ratio": estimate(stretch * squared, 0.15 * stretch * squared, videos),
        "r2": estimate(squared, 0.2 * squared, videos),
        "area": estimate(0.04 if fate == "collapsed" else 0.3 * quality, 0.02, videos),
        "verdict": fate,
        "why": "Its predictions vary along 1.08 directions, where 2.7 are supported.",
    }


def _baseline(name: str, emotions: Sequence[str], videos: int) -> Json:
    error = ERROR * {"zero": 1.0, "median": 1.0, "mean": 1.32}[name]
    empty = estimate(None, 0)
    row = {
        "mae": estimate(error, 0.006, videos),
        "skill": estimate(1 - error / ERROR, 0.0, videos),
        "pearson": empty,
        "concordance": {"mean": 0.0, "low": None, "high": None},
        "average_precision": {"mean": 0.225, "low": None, "high": None},
    }
    f1 = {"mean": 0.43, "low": None, "high": None}
    own = {**row, "f1": f1, "variance_ratio": {"mean": 0.0, "low": None, "high": None}, "partial": empty}
    collapse = _collapse(np.zeros(len(emotions)), 1, 1, emotions, videos, "constant")
    return {
        "id": name,
        "key": name,
        "use": name,
        "set": "",
        "title": name.capitalize(),
        "sort": "baseline",
        "scores": {**row, "macro_f1": f1},
        "emotions": dict.fromkeys(emotions, own),
        "validation": None,
        "collapse": collapse,
    }


def _pairs(models: Sequence[Json], videos: int) -> list[Json]:
    pairs = []
    for i, one in enumerate(models):
        for other in models[i + 1 :]:
            if one["set"] == other["set"]:
                gain = other["scores"]["mae"]["mean"] - one["scores"]["mae"]["mean"]
                told = estimate(gain, 0.003, videos)
                clear = told["low"] is not None and told["low"] * told["high"] > 0
                better = ("" if not clear else one["id"]) if gain > 0 else (other["id"] if clear else "")
                pairs.append({"first": one["id"], "second": other["id"], "score": "mae", "difference": told, "better": better})
    return pairs


def _hidden(models: Sequence[Json]) -> list[Json]:
    def error(one: Json) -> float:
        return float(one["scores"]["mae"]["mean"])

    gone = [one for one in models if one["collapse"]["verdict"] == "collapsed"]
    sound = [one for one in models if one["collapse"]["verdict"] in ("healthy", "weak")]
    return [
        {
            "hides": one["id"],
            "beside": other["id"],
            "set": one["set"],
            "mae": [error(one), error(other)],
            "why": f"{one['title']} errs by {error(one):.3f} where {other['title']} errs by {error(other):.3f}, but its"
            " predictions vary along one direction only.",
        }
        for one in gone
        for other in sound
        if one["set"] == other["set"] and error(one) < error(other)
    ]


def regressor(use: str, sets: Sequence[str], *, epochs: int = 30, seed: int = 0, title: str = "") -> Json:
    """The kind `regressor` of one model and seed; 0 epochs: it learns in none."""
    rng = np.random.default_rng((seed, len(use)))

    def course(place: int) -> Json | None:
        if not epochs:
            return None
        at = np.arange(1, epochs + 1)
        train = 0.14 + 0.1 * np.exp(-at / 6) - 0.0012 * at + rng.normal(0, 0.0008, epochs)
        unseen = 0.165 + 0.07 * np.exp(-at / 4) + 0.0007 * (place + 1) * np.maximum(at - 8, 0) + rng.normal(0, 0.0015, epochs)
        rows = [
            {"epoch": int(e), "train_loss": float(a), "validation_loss": float(b)}
            for e, a, b in zip(at, train, unseen, strict=True)
        ]
        return {"epochs": rows, "chosen": int(unseen.argmin()) + 1, "loss": "mse"}

    made = {
        name: {"modalities": [name], "wanted": {}, "parameters": 40_000, "course": course(i)} for i, name in enumerate(sets)
    }
    return {
        "use": use,
        "settings": {},
        "seed": seed,
        "title": title or TITLES.get(use, use),
        "sort": SORTS.get(use, "other"),
        "sets": made,
        "trained": {"segments": 15000, "videos": 540},
        "notes": [],
    }


def rated(
    emotions: Sequence[str] = SIX,
    *,
    videos: int = 60,
    most: int = 24,
    seconds: float = 7.0,
    scale: tuple[float, float] = (0.0, 3.0),
    raters: int = 3,
    whole: str = "video",
    even: bool = False,
    seed: int = 0,
) -> dict[str, Any]:
    """Ratings of segments: {facts, intensities, segments, rater_spread}.

    Args:
        emotions: names.
        videos: how many.
        most: segments of a video; 1: songs that are rated as a whole.
        seconds: of a segment, in the middle.
        scale: least and largest rating.
        raters: of a segment.
        whole: what segments are of.
        even: all segments are equally long and follow one another.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    counts = np.full(videos, most) if even or most == 1 else rng.integers(1, most + 1, videos)
    video = np.repeat(np.arange(videos), counts)
    n, k = len(video), len(emotions)
    plane = tuple(emotions) == PLANE
    feeling = 0.8 * rng.normal(size=(videos, k))[video] + rng.normal(size=(n, k))
    if plane:
        feeling[:, 1] = 0.55 * feeling[:, 0] + 0.8 * feeling[:, 1]
        values = np.clip(0.22 * feeling, *scale)
        spread = np.abs(rng.normal(0.3, 0.06, (n, k)))
    else:
        ease, often = np.array(SPREAD[:k]), np.array(PRESENT[:k])
        if k > 4:
            feeling[:, 4] += 0.9 * feeling[:, 2]  # disgust comes with anger
        feeling /= feeling.std(axis=0)
        shifted = feeling - np.quantile(feeling, 1 - often, axis=0).diagonal()
        span = scale[1] - scale[0]
        values = np.clip(np.round(np.maximum(shifted, 0) * ease * raters * 3 / span + 0.35 * (shifted > 0)) / raters, 0, 1)
        values = scale[0] + span * np.where(shifted > 0, np.maximum(values, 1 / raters) * 0.66, 0)
        room = 0.3 * (values - scale[0] + 0.03 * span) * (scale[1] - values + 0.03 * span)
        spread = np.sqrt(room) * np.linspace(0.7, 0.5, k)
    lengths = np.full(n, seconds) if even else np.clip(rng.lognormal(np.log(seconds), 0.5, n), 1, 40)
    gaps = np.zeros(n) if even else rng.exponential(1.5, n)
    stop = np.concatenate([np.cumsum(lengths[video == v] + gaps[video == v]) for v in range(videos)])
    names = np.array([f"{whole} {v:03d}" for v in range(videos)])
    facts = {
        "title": "Ratings",
        "modality": "vector",
        "classes": list(emotions),
        "simulated": True,
        "redistribute": True,
        "scale": list(scale),
        "whole": whole,
        "videos": videos,
        "speakers": videos // 3,
        "seconds": float(lengths.sum()),
        "zero": float((values <= scale[0]).all(axis=1).mean()),
        "raters": raters,
        "n": n,
        "notices": [],
        "references": [],
    }
    segments = {
        "video": names[video],
        "speaker": names[video // 3],
        "part": np.full(n, "train"),
        "source": np.full(n, "table"),
        "text": np.full(n, ""),
        "start": stop - lengths,
        "stop": stop,
        "raters": np.full(n, raters),
    }
    return {
        "facts": facts,
        "intensities": values.astype(np.float32),
        "segments": segments,
        "rater_spread": spread.astype(np.float32),
    }


def data_set(folder: Path, made: Mapping[str, Any], name: str = "ratings") -> list[Output]:
    """The outputs of `load`."""
    out = _out(folder / name)
    out.json("facts", made["facts"])
    out.array("intensities", made["intensities"], ("segment", "emotion"))
    np.savez(out.path("segments", ".npz"), **made["segments"])
    if made.get("rater_spread") is not None:
        out.array("rater_spread", made["rater_spread"], ("segment", "emotion"))
    return _outputs(out, dataset=name)


def experiment(
    folder: Path, found: Mapping[str, Any], regressors: Mapping[tuple[str, int], Json], name: str = "predict"
) -> list[Output]:
    """The outputs of `regress` and `assess`: {(key, seed): regressor}."""
    out = _out(folder / name)
    out.json("regression", found)
    outputs = _outputs(out, dataset="ratings", experiment=name)
    for (key, seed), value in regressors.items():
        own = _out(folder / f"{name} {key} {seed}")
        own.json("regressor", value)
        outputs += _outputs(own, dataset="ratings", experiment=name, regressor=key, seed=str(seed))
    return outputs


def made(folder: Path, found: Mapping[str, Any] | None = None, ratings: Mapping[str, Any] | None = None) -> list[Output]:
    """A whole study: ratings, an experiment on them, and its models."""
    found = found or regression()
    courses = {("lstm", seed): regressor("lstm", found["sets"], seed=seed) for seed in found["seeds"]}
    courses |= {("knn", 0): regressor("knn", found["sets"], epochs=0)}
    return [*data_set(folder, ratings or rated()), *experiment(folder, found, courses)]


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
