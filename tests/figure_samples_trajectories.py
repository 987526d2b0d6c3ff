"""Made-up ways of videos and songs over the map of `figure_samples_space`, planted so that figures have one answer.

Planted: what is predicted lies half-way between the rated places and their mean, so that it moves half as far. Modalities
agree better than chance but in segments 3 and 4 of the first video, which moves farthest.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import figure_samples_space as space
import numpy as np

from reportgen.outputs import Out, Output

SETS = ("text", "audio", "vision", "all")
CHANCE = 0.3
APART = 0.12, 0.55  # of modalities: usually, and where it is planted
PLANTED = (3, 4)  # segments, counted from 0
WHY = ("moves farthest", "most segments", "moves least")
LONG = "a_video_with_a_name_that_is_much_longer_than_anybody_expects-dX1"


def followed(
    folder: Path,
    *,
    emotions: Sequence[str] = space.SIX,
    segments: Sequence[int] = (12, 20, 7),
    sets: Sequence[str] = SETS,
    own: bool = True,
    names: Sequence[str] = (),
    shrunk: float = 0.5,
    spread: float = 1.0,
) -> list[Output]:
    """A map and the ways of its own videos and, with `sets`, those that a source `words` predicts.

    Args:
        folder: to write into.
        emotions: of the map; valence and arousal: songs in their plane, rated twice a second.
        segments: of each video.
        sets: that a model predicts from; nothing: there is no such source.
        own: the map's own ratings are followed too.
        names: of videos, as far as they are not `v1`, `v2` …
        shrunk: how much of the way predictions move.
        spread: times the usual uncertainty.
    """
    sources = (("own",) if own else ()) + (("words",) if sets else ())
    outputs = space.on_map(folder, emotions=emotions, sources=sources)
    found = next(o for o in outputs if o.kind == "map").load()
    names = [*names, *(f"v{i + 1}" for i in range(len(names), len(segments)))]
    for source in sources:
        out = Out(folder / f"{source} over time")
        out.folder.mkdir()
        used = tuple(sets) if source == "words" else ()
        out.json("trajectories", trajectories(found, names, segments, used, shrunk, spread))
        about = {"dataset": "talks", "experiment": "space", "laid": source}
        outputs += [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
    return outputs


def trajectories(
    found: Mapping[str, Any], names: Sequence[str], segments: Sequence[int], sets: Sequence[str], shrunk: float, spread: float
) -> dict[str, Any]:
    """The kind `trajectories`."""
    return {
        "whole": found["whole"],
        "dataset": "talks",
        "emotions": found["emotions"],
        "scale": found["scale"],
        "simulated": True,
        "model": {"key": "knn", "title": "KNN"} if sets else None,
        "sets": list(sets),
        "videos": [
            video(found, i, name, n, sets, shrunk, spread) for i, (name, n) in enumerate(zip(names, segments, strict=True))
        ],
    }


def video(
    found: Mapping[str, Any], i: int, name: str, n: int, sets: Sequence[str], shrunk: float, spread: float
) -> dict[str, Any]:
    """One of them."""
    rng = np.random.default_rng(10 + i)
    plane = found["method"] == "plane"
    rated = rated_song(n, rng) if plane else rated_video(n, len(found["emotions"]), rng, calm=0.2 if i == 0 else 0.6)
    start, stop = times(n, rng, songs=plane)
    single = [one for one in sets if one != "all"]
    return {
        "video": name,
        "speaker": "" if plane else f"speaker {i}",
        "why": WHY[i] if i < len(WHY) else "among the longest",
        "seconds": float(stop[-1] - start[0]),
        "start": start.tolist(),
        "stop": stop.tolist(),
        "truth": track(found, rated, spread),
        "tracks": [
            {"id": f"knn/{one}", "key": "knn", "set": one, "title": f"KNN on {one}"}
            | track(found, predicted(found, rated, shrunk, 0.0 if one == "all" else 0.1, rng), spread)
            for one in sets
        ],
        "agreement": agreement(n, single, first=i == 0) if len(single) > 1 else None,
    }


def rated_video(n: int, emotions: int, rng: np.random.Generator, *, calm: float) -> np.ndarray:
    """(segment, emotion) in thirds of 0..3, as MOSEI has them; it starts happy and ends sad."""
    found = np.where(rng.random((n, emotions)) < 0.35, rng.integers(1, 8, (n, emotions)) / 3, 0.0)
    found[rng.random(n) < calm] = 0
    found[0], found[-1] = 0, 0
    found[0, 0], found[-1, 1] = 2, 2
    return found


def rated_song(n: int, rng: np.random.Generator) -> np.ndarray:
    """(segment, 2) of a slow way in the plane of valence and arousal."""
    slow = np.cumsum(rng.normal(0, 0.012, (n, 2)), axis=0)
    turn = np.linspace(0, 1.5 * np.pi, n)
    return np.asarray(rng.uniform(-0.5, 0.5, 2) + slow + 0.12 * np.stack([np.cos(turn), np.sin(turn)], axis=1))


def times(n: int, rng: np.random.Generator, *, songs: bool) -> tuple[np.ndarray, np.ndarray]:
    """Start and stop (segment,) in s; between sentences there are gaps."""
    if songs:
        return 15 + np.arange(n) / 2, 15.5 + np.arange(n) / 2
    length, gap = rng.uniform(2, 9, n), rng.uniform(0, 1.5, n)
    stop = np.cumsum(length + gap) + 4
    return (stop - length).round(3), stop.round(3)


def predicted(found: Mapping[str, Any], rated: np.ndarray, shrunk: float, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Ratings drawn towards their mean."""
    mean = rated.mean(axis=0)
    near = mean + shrunk * (rated - mean) + noise * float(rated.std()) * rng.normal(size=rated.shape)
    return np.asarray(np.clip(near, *found["scale"]))


def track(found: Mapping[str, Any], values: np.ndarray, spread: float) -> dict[str, Any]:
    """Where ratings lie, and how sure that is."""
    at = space.place(found, values)
    variance = 0.0 if found["method"] == "plane" else 0.03 * spread
    covariance = np.tile(variance * np.array([[1.0, 0.3], [0.3, 0.6]]), (len(values), 1, 1))
    return {"at": at.round(4).tolist(), "spread": covariance.tolist(), "intensities": values.round(4).tolist()}


def agreement(n: int, single: Sequence[str], *, first: bool) -> dict[str, Any]:
    """Between single modalities: near but where it is planted."""
    pairs = list(combinations(single, 2))
    mean = np.where(np.isin(np.arange(n), PLANTED) & first, APART[1], APART[0]) + 0.02 * np.sin(np.arange(n))
    distance = [(mean + 0.03 * (i - (len(pairs) - 1) / 2)).round(4).tolist() for i in range(len(pairs))]
    between = [list(pair) for pair in pairs]
    return {"between": between, "distance": distance, "mean": mean.round(4).tolist(), "chance": CHANCE, "unit": "of the scale"}
