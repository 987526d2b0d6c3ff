"""Some videos over time: where the truth and predictions move on the map, and how far the modalities agree.

A kind `trajectories` is the JSON object

    {"whole", "dataset", "emotions", "scale", "simulated", "model": {"key", "title"} or null, "sets": [str],
     "videos": [{"video", "speaker", "why": chosen for what, "seconds", "start": [s], "stop": [s],
        "truth": {"at": [[x, y]], "spread": [[[xx, xy], [xy, yy]]], "intensities": [[number]]},
        "tracks": [{"id", "key", "set", "title", "at", "spread", "intensities"}],
        "agreement": {"between": [[set, set]], "distance": [[number a segment] a pair], "mean": [number], "chance", "unit"}
            or null}]}

A distance is that of two modalities' predictions for a segment, over all emotions, as a share of the scale; `chance` is
the median distance of predictions for different segments.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

LEAST = 4
"""Segments that a course in time needs."""
_PAIRS = 4000  # of different segments that chance is a median over
_DIGITS = 4


def trails(
    tracks: Mapping[str, Any], about: Mapping[str, Any], found: Mapping[str, Any], *, count: int, seed: int
) -> dict[str, Any] | None:
    """Follow some videos; None if no video has enough segments.

    Args:
        tracks: {arrays: as `laid`, values: {id or truth: (segment, emotion)}, segments: {column: (segment,)}}.
        about: as `laid_about`.
        found: as `map`.
        count: how many videos.
        seed: of the pairs that chance is measured on.
    """
    videos = _chosen(tracks["segments"]["video"], tracks["arrays"]["truth"], count)
    if not videos:
        return None
    model, shown = _model(about["candidates"])
    single = [one for one in shown if one["set"] != "all"]
    span = found["scale"][1] - found["scale"][0]
    chance = _chance([tracks["values"][one["id"]] for one in single], span, seed)
    return {
        **{name: about[name] for name in ("whole", "dataset", "simulated")},
        "emotions": found["emotions"],
        "scale": found["scale"],
        "model": model,
        "sets": [one["set"] for one in shown],
        "videos": [_followed(tracks, name, why, shown, chance, span) for name, why in videos.items()],
    }


def _chosen(video: np.ndarray, truth: np.ndarray, count: int) -> dict[str, str]:
    """{video: why}: the one with most segments, those that move farthest and least in a segment; then by length."""
    names, sizes = np.unique(video, return_counts=True)
    able = {str(name): int(size) for name, size in zip(names, sizes, strict=True) if size >= LEAST}
    if not able:
        return {}
    steps = {name: float(np.linalg.norm(np.diff(truth[video == name], axis=0), axis=1).mean()) for name in able}
    longest = sorted(able, key=lambda name: (-able[name], name))
    farthest = sorted(able, key=lambda name: (-steps[name], name))
    wanted = [(longest[0], "most segments"), (farthest[0], "moves farthest"), (farthest[-1], "moves least")]
    chosen: dict[str, str] = {}
    for name, why in [*wanted, *((name, "among the longest") for name in longest)]:
        if len(chosen) < count:
            chosen.setdefault(name, why)
    return chosen


def _model(candidates: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str] | None, list[Mapping[str, Any]]]:
    """The model whose tracks are shown, with its sets: the one of largest correlation on the validation part."""
    if not candidates:
        return None, []
    best = max(candidates, key=lambda one: -1.0 if one["validation"] is None else one["validation"])
    own = [one for one in candidates if one["key"] == best["key"]]
    return {"key": best["key"], "title": best["title"].partition(" on ")[0]}, own


def _followed(
    tracks: Mapping[str, Any], name: str, why: str, shown: Sequence[Mapping[str, Any]], chance: float | None, span: float
) -> dict[str, Any]:
    table = tracks["segments"]
    rows = np.flatnonzero(table["video"] == name)
    rows = rows[np.argsort(table["start"][rows], kind="stable")]
    single = [one for one in shown if one["set"] != "all"]
    start, stop = table["start"][rows], table["stop"][rows]
    return {
        "video": name,
        "speaker": str(table["speaker"][rows[0]]),
        "why": why,
        "seconds": float(stop.max() - start.min()),
        "start": np.round(start, 3).tolist(),
        "stop": np.round(stop, 3).tolist(),
        "truth": _track(tracks, "truth", rows),
        "tracks": [{**{k: one[k] for k in ("id", "key", "set", "title")}, **_track(tracks, one["id"], rows)} for one in shown],
        "agreement": _agreement(tracks["values"], single, rows, chance, span),
    }


def _track(tracks: Mapping[str, Any], name: str, rows: np.ndarray) -> dict[str, Any]:
    arrays = {"at": tracks["arrays"][name], "spread": tracks["arrays"][f"{name}/spread"], "intensities": tracks["values"][name]}
    return {key: np.round(array[rows].astype(np.float64), _DIGITS).tolist() for key, array in arrays.items()}


def _agreement(
    values: Mapping[str, np.ndarray], single: Sequence[Mapping[str, Any]], rows: np.ndarray, chance: float | None, span: float
) -> dict[str, Any] | None:
    if len(single) < 2:
        return None
    pairs = list(combinations(single, 2))
    distance = np.stack([_apart(values[a["id"]][rows], values[b["id"]][rows], span) for a, b in pairs])  # (pair, segment)
    return {
        "between": [[a["set"], b["set"]] for a, b in pairs],
        "distance": np.round(distance, _DIGITS).tolist(),
        "mean": np.round(distance.mean(axis=0), _DIGITS).tolist(),
        "chance": chance,
        "unit": "of the scale",
    }


def _apart(first: np.ndarray, second: np.ndarray, span: float) -> np.ndarray:
    """Euclidean distance of two predictions over all emotions, as a share of the scale: (segment,)."""
    return np.asarray(np.linalg.norm(first.astype(np.float64) - second, axis=1) / span)


def _chance(predictions: Sequence[np.ndarray], span: float, seed: int) -> float | None:
    """Median distance of two modalities' predictions for different segments, drawn by lot: half of them lie nearer.

    Of several pairs of modalities it is that of their mean distance, which is what the strip shows.
    """
    if len(predictions) < 2 or len(predictions[0]) < 2:
        return None
    rng, n = np.random.default_rng(seed), len(predictions[0])
    i = rng.integers(n, size=_PAIRS)
    j = (i + rng.integers(1, n, size=_PAIRS)) % n  # never the same segment
    return float(np.median(np.mean([_apart(a[i], b[j], span) for a, b in combinations(predictions, 2)], axis=0)))
