"""A made-up map of emotions, with the ratings, predictions and classes that lie on it, planted so that figures have one answer.

Planted: happiness lies apart from anger, disgust and fear, which lie side by side. Of the models `lstm` only tells happy from
not happy: its predictions keep to a line. `knn` fills the true area. Of the classes of `faces` happy is told best.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.emotions import affect
from reportgen.outputs import Out, Output

SIX = ("happy", "sad", "anger", "surprise", "disgust", "fear")
NINE = (
    *("amazement", "solemnity", "tenderness", "nostalgia", "calmness", "power", "joyful_activation", "tension"),
    "sadness",
)
TWO = ("valence", "arousal")
TITLES: Mapping[str, str] = {"knn": "KNN", "lstm": "LSTM", "ridge": "Ridge", "transformer": "Transformer", "forest": "Forest"}
SETS = ("text", "audio", "vision", "all")
PLACES: Mapping[str, tuple[float, float]] = {
    "happy": (7.5, 3.5),
    "sad": (-3.5, -5.5),
    "anger": (-4.5, 3.2),
    "surprise": (1.5, 6.0),
    "disgust": (-5.6, 1.4),
    "fear": (-3.4, 4.6),
}
COLLAPSED = "lstm"
NOTHING = (0.6, -0.8)


def on_map(
    folder: Path,
    *,
    emotions: Sequence[str] = SIX,
    together: float = 1.0,
    n: int = 1500,
    models: Sequence[str] = ("knn", "lstm"),
    sets: Sequence[str] = SETS,
    sources: Sequence[str] = ("own", "words", "faces"),
    collapsed: Sequence[str] = (COLLAPSED,),
    turned: bool = True,
    classes: Sequence[str] = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    simulated: bool = True,
    quality: Mapping[str, Any] | None = None,
) -> list[Output]:
    """What the task `embed` writes.

    Args:
        folder: to write into.
        emotions: of the map; valence and arousal: the map is their plane.
        together: how far the pure emotions lie apart, as a share of usual.
        n: rated segments of the training part.
        models: keys of `TITLES`, of the source `words`.
        sets: of modalities; `all` is everything.
        sources: `own`, any name of predictions, and those that begin with `faces`, whose classes are laid.
        collapsed: models that keep to a line.
        turned: the axes are turned by valence and arousal.
        classes: of the faces.
        simulated: the data are.
        quality: kind `map_quality`, otherwise a usual one.
    """
    rng = np.random.default_rng(0)
    plane = tuple(emotions) == TWO
    found = a_map(emotions, turned=turned, n=n)
    about = {"dataset": "talks", "experiment": "space"}
    out = _out(folder / "talks")
    out.json("facts", {"title": "Talks", "modality": "vector", "simulated": simulated, "redistribute": True, "notices": []})
    outputs = _outputs(out, dataset="talks")
    out = _out(folder / "space")
    train, test = (place(found, ratings(emotions, size, rng)) for size in (n, max(n // 3, 4)))
    if not plane:
        found["limits"] = limits(found, train)
    found["unit"] = float(np.sqrt(((train - train.mean(axis=0)) ** 2).sum(axis=1).mean()))
    out.json("map", found | {"anchors": [nearer(one, together) for one in found["anchors"]]})
    np.savez(out.path("density", ".npz"), **density(found, train, test))
    out.json("map_quality", quality or a_quality())
    outputs += _outputs(out, **about)
    for source in sources:
        out = _out(folder / source)
        if source.startswith("faces"):
            told, arrays = faces(found, source, classes, rng)
        else:
            told, arrays = predictions(found, source, test, models if source != "own" else (), sets, collapsed, rng)
        out.json("laid_about", {**told, "simulated": simulated})
        np.savez(out.path("laid", ".npz"), **arrays)
        outputs += _outputs(out, **about, laid=source)
    return outputs


def nearer(anchor: Mapping[str, Any], share: float) -> dict[str, Any]:
    """A pure emotion that lies nearer to the vector of zeros."""
    at = np.array(NOTHING) + share * (np.array(anchor["at"]) - NOTHING)
    return {**anchor, "at": at.tolist(), "spread": (share * np.array(anchor["spread"])).tolist()}


def a_map(emotions: Sequence[str], *, turned: bool = True, n: int = 1500) -> dict[str, Any]:
    """The kind `map`; its limits and unit follow from what lies on it."""
    plane = tuple(emotions) == TWO
    at = [PLACES.get(name) or tuple(8 * np.array(affect(name) or spot(i, len(emotions)))) for i, name in enumerate(emotions)]
    anchors = [
        {
            "emotion": name,
            "at": list(map(float, where)),
            "spread": [[0.06, 0.02], [0.02, 0.04]],
            "affect": affect(name),
        }
        for name, where in zip(emotions, at, strict=True)
    ]
    return {
        "method": "plane" if plane else "infonce",
        "emotions": list(emotions),
        "scale": [-1, 1] if plane else [0, 3],
        "whole": "song" if plane else "video",
        "dimension": 2,
        "settings": {},
        "members": 1 if plane else 5,
        "segments": n,
        "distinct": n if plane else n // 4,
        "parameters": 0 if plane else 67_000,
        "anchors": [] if plane else anchors,
        "zero": None if plane else {"at": list(NOTHING), "share": 0.15},
        "limits": [[-1.05, 1.05], [-1.05, 1.05]],
        "unit": 1.0,
        "orientation": {"by": "affect", "valence": 0.93, "arousal": 0.84}
        if turned
        else {"by": "none", "valence": None, "arousal": None},
        "course": [],
        "notes": [],
    }


def spot(i: int, n: int) -> tuple[float, float]:
    """Where an emotion lies of which nothing is known."""
    return float(np.cos(2 * np.pi * i / n)), float(np.sin(2 * np.pi * i / n))


def ratings(emotions: Sequence[str], n: int, rng: np.random.Generator) -> np.ndarray:
    """(segment, emotion) in the scale: mostly zeros and thirds; happiness is the most frequent; or a plane."""
    if tuple(emotions) == TWO:
        return np.clip(rng.normal([0.15, 0.05], [0.4, 0.35], (n, 2)), -1, 1)
    odds = np.linspace(0.5, 0.12, len(emotions))
    level = np.ceil(rng.exponential(1.9, (n, len(emotions)))) / 3
    found = np.where(rng.random((n, len(emotions))) < odds, np.clip(level, 0, 3), 0)
    found[rng.random(n) < 0.15] = 0
    return found


def place(found: Mapping[str, Any], values: np.ndarray) -> np.ndarray:
    """Where ratings (segment, emotion) lie on the map."""
    if found["method"] == "plane":
        return values
    anchors, zero = np.array([one["at"] for one in found["anchors"]]), np.array(found["zero"]["at"])
    share = values / 3
    total = np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
    towards = share / total @ (anchors - zero)
    return np.asarray(zero + towards * np.tanh(1.6 * share.max(axis=1, keepdims=True)) / np.tanh(1.6))


def limits(found: Mapping[str, Any], points: np.ndarray) -> list[list[float]]:
    """Equal spans around everything."""
    every = np.vstack([points, [one["at"] for one in found["anchors"]]])
    middle, half = (every.max(axis=0) + every.min(axis=0)) / 2, 1.12 * np.ptp(every, axis=0).max() / 2
    return [[float(one - half), float(one + half)] for one in middle]


def density(found: Mapping[str, Any], train: np.ndarray, test: np.ndarray, cells: int = 80) -> dict[str, np.ndarray]:
    """The kind `density`."""
    x, y = (np.linspace(*ends, cells + 1) for ends in found["limits"])
    shares = {
        part: np.histogram2d(points[:, 1], points[:, 0], bins=(y, x))[0] / len(points)
        for part, points in (("train", train), ("test", test))
    }
    return {"x": x, "y": y, **shares}


def predictions(
    found: Mapping[str, Any],
    source: str,
    truth: np.ndarray,
    models: Sequence[str],
    sets: Sequence[str],
    collapsed: Sequence[str],
    rng: np.random.Generator,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """`laid_about` and `laid` of rated segments, without models of the map's own."""
    arrays = {"truth": truth, "truth/spread": small(len(truth)), "segments": np.arange(len(truth))}
    candidates = []
    for model in models:
        for i, name in enumerate(sets):
            at = (
                line(found, truth, rng)
                if model in collapsed
                else truth + found["unit"] * (0.25 + 0.1 * i) * rng.normal(size=truth.shape)
            )
            arrays |= {f"{model}/{name}": at, f"{model}/{name}/spread": small(len(at))}
            candidates.append(candidate(model, name, "collapsed" if model in collapsed else ("healthy", "weak")[i == 1], i))
    own = source == "own"
    about = {
        "map": "space",
        "source": source,
        "sort": "own" if own else "regression",
        "title": "Talks" if own else source.capitalize(),
        "dataset": "talks",
        "whole": found["whole"],
        "n": len(truth),
        "videos": max(len(truth) // 20, 1),
        "seen": 0,
        "candidates": candidates,
        "classes": None,
        "told": None,
    }
    return about, arrays


def candidate(model: str, name: str, verdict: str, i: int = 0) -> dict[str, Any]:
    """A model of one set of modalities on the map."""
    area = (0.06 if verdict == "collapsed" else 0.55) + 0.05 * i
    return {
        "id": f"{model}/{name}",
        "key": model,
        "use": model,
        "set": name,
        "title": f"{TITLES.get(model, model)} on {'everything' if name == 'all' else name}",
        "validation": 0.4,
        "sort": "network" if model == "lstm" else "neighbours",
        "area": estimate(area),
        "distance": estimate(0.7 + 0.1 * i),
        "verdict": verdict,
    }


def estimate(value: float, half: float = 0.03) -> dict[str, float]:
    """A score with its interval."""
    return {"mean": value, "low": value - half, "high": value + half}


def line(found: Mapping[str, Any], truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Predictions that only tell happy from not happy: they lie on a slightly bent line."""
    start, stop = (np.array(PLACES[name]) for name in ("sad", "happy"))
    if found["method"] == "plane":
        start, stop = np.array([-0.5, -0.3]), np.array([0.6, 0.3])
    along = np.clip(0.5 + 0.18 * rng.normal(size=len(truth)), 0, 1)[:, None]
    bend = found["unit"] * 0.3 * np.sin(np.pi * along) * np.array([-0.5, 0.8])
    return start + along * (stop - start) + bend + 0.02 * found["unit"] * rng.normal(size=truth.shape)


def small(n: int) -> np.ndarray:
    """(segment, 2, 2): covariances over the ensemble."""
    return np.tile(np.array([[0.05, 0.01], [0.01, 0.05]], np.float32), (n, 1, 1))


def faces(
    found: Mapping[str, Any], source: str, classes: Sequence[str], rng: np.random.Generator, each: int = 40
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """`laid_about` and `laid` of a classifier that is rather sure of happy faces and unsure of others."""
    from reportgen.emotions import told_by

    told = told_by(classes, found["emotions"])
    assert told is not None
    labels = np.repeat(np.arange(len(classes)), each)
    sure = np.array([3.5 if name == "happy" else 1.6 for name in classes])
    logits = sure[labels, None] * np.eye(len(classes))[labels] + rng.normal(size=(len(labels), len(classes)))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    means = np.stack([shares[labels == label].mean(axis=0) for label in range(len(classes))])
    about = {
        "map": "space",
        "source": source,
        "sort": "classes",
        "title": "Small network on faces",
        "dataset": "faces",
        "whole": found["whole"],
        "n": len(labels),
        "videos": 0,
        "seen": 0,
        "candidates": [],
        "classes": list(classes),
        "told": {
            name: found["emotions"][int(row.argmax())] if row.any() else "" for name, row in zip(classes, told, strict=True)
        },
    }
    arrays = {
        "probabilities": place(found, 3 * shares @ told),
        "labels": labels,
        "class_means": place(found, 3 * means @ told),
    }
    return about, arrays


MEASURES = ("trustworthiness", "continuity", "recall", "spearman", "steps")


def a_quality(
    values: Mapping[str, Sequence[float | None]] | None = None, absent: Sequence[Mapping[str, str]] = (), *, videos: int = 60
) -> dict[str, Any]:
    """The kind `map_quality`: {method: a value for each measure}."""
    values = values or {
        "map": (0.982, 0.985, 0.384, 0.89, 0.91),
        "pca": (0.946, 0.975, 0.205, 0.887, 0.88),
        "opentsne": (0.996, 0.98, 0.51, 0.79, 0.72),
    }
    titles = {"map": "This map", "pca": "PCA", "opentsne": "openTSNE"}
    measures = [
        {
            "key": measure,
            "title": title,
            "better": "high",
            "best": 1.0,
            "says": says,
        }
        for measure, title, says in zip(
            MEASURES,
            ("Trustworthiness", "Continuity", "Neighbours kept", "Distances, Spearman", "Steps in time, Spearman"),
            (
                "Neighbours on the map are neighbours in the ratings.",
                "Neighbours in the ratings are neighbours on the map.",
                "Share of the 15 nearest ratings that are among the 15 nearest on the map.",
                "Far apart in the ratings is far apart on the map.",
                "A long step from a segment to the next is long on the map.",
            ),
            strict=True,
        )
    ]
    none = {"mean": None, "low": None, "high": None}
    methods = [
        {
            "key": key,
            "title": titles.get(key, key),
            "values": {
                measure: none
                if one is None
                else (estimate(one, 0.012) if videos >= 6 else {"mean": one, "low": None, "high": None})
                for measure, one in zip(MEASURES, own, strict=True)
            },
            "train": {
                measure: None if one is None or measure == "steps" else min(one + 0.01, 1.0)
                for measure, one in zip(MEASURES, own, strict=True)
            },
            "note": "its places of unseen segments are fitted one by one" if key == "opentsne" else "",
        }
        for key, own in values.items()
    ]
    return {
        "k": 15,
        "n": {"segments": 4500, "distinct": 1300, "videos": videos},
        "train": {"segments": 16000, "distinct": 3900},
        "resamples": 200,
        "measures": measures,
        "methods": methods,
        "absent": list(absent),
    }


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
