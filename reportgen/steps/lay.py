"""Step: put something on a map of emotions: its own test part, what models predict, or what classifiers say.

A kind `laid_about` is the JSON object

    {"map", "source": experiments, "sort": "own" | "regression" | "classes", "title", "dataset", "simulated", "whole",
     "n": test segments or samples, "videos", "seen": how many of the segments are of videos that the map was fitted to,
     "candidates": [{"id": "knn/text", "key", "use", "set", "title", "sort", "area", "distance", "verdict",
        "validation": mean correlation on the validation part, or null}],
     "classes": [str] or null, "told": {class: emotion, "" for none} or null}

`area` is how much of the true area predictions fill, `distance` how far from the truth they lie on average, in units of
`map.unit`; both are {"mean", "low", "high"}, 95 % intervals over videos. `trajectories` is described in `_trails`.

The npz `laid` holds places (segment, 2) and their covariance over the networks of the map (segment, 2, 2): `truth`,
`truth/spread`, of each candidate `id` and `id/spread`, and `segments`, indices into the data set. Of classifiers it holds
`probabilities` (sample, 2), `labels` (sample,) and `class_means` (class, 2).
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from scipy.special import softmax

from reportgen.bootstrap import resample, sum_by
from reportgen.core import TEST, TRAIN
from reportgen.emotions import told_by
from reportgen.mapping.projection import Projection
from reportgen.outputs import Inputs, Out
from reportgen.regression.scores import estimate
from reportgen.steps._map import projection_in
from reportgen.steps._rated import rows_of
from reportgen.steps._trails import trails
from reportgen.work import Work

Sort = Literal["own", "regression", "classes"]


def run(
    inputs: Inputs,
    out: Out,
    _work: Work,
    *,
    onto: str,
    source: str,
    sort: Sort,
    dataset: str,
    title: str,
    videos: int,
    samples: int,
    resamples: int,
    seed: int,
) -> None:
    """Write laid and laid_about and, of what has a course in time, trajectories.

    Args:
        inputs: map and map_weights; facts, segments and parts of the map's own data, and their intensities; or of the source
            facts, intensities, segments, estimates and regression, or facts, labels, logits and test_samples.
        out: for the outputs.
        onto: name of the experiment that made the map.
        source: name of the experiment that is put on it; the same: its own test part.
        sort: what the source is.
        dataset: of the source.
        title: of the source.
        videos: that are followed over time.
        samples: of a classifier, at most.
        resamples: of the bootstrap over videos.
        seed: of whatever is drawn.
    """
    found = inputs.one("map")
    facts = inputs.one("facts", dataset=dataset)
    about: dict[str, Any] = {"map": onto, "source": source, "sort": sort, "title": title, "dataset": dataset}
    about |= {"simulated": facts["simulated"], "whole": found["whole"], "candidates": [], "classes": None, "told": None}
    projection = projection_in(inputs)
    if sort == "classes":
        arrays, told = _classified(inputs, facts, found, projection, samples, seed)
    else:
        arrays, told, tracks = _rated(
            inputs, found, projection, resamples, seed, dataset=dataset, of_regression=sort == "regression"
        )
        if followed := trails(tracks, {**about, **told}, found, count=videos, seed=seed):
            out.json("trajectories", followed)
    np.savez_compressed(out.path("laid", ".npz", axes=("segment", "map")), **arrays)  # type: ignore[arg-type] # stubs
    out.json("laid_about", {**about, **told})


def _classified(
    inputs: Inputs, facts: Mapping[str, Any], found: Mapping[str, Any], projection: Projection, samples: int, seed: int
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Probabilities of classes as intensities: each times the largest rating of the emotion that the class stands for."""
    meant = told_by(facts["classes"], found["emotions"])
    if meant is None:
        raise ValueError(f"classes {facts['classes']} say nothing in the space of {found['emotions']}")
    low, high = found["scale"]
    logits, index = inputs.one("logits"), np.asarray(inputs.one("test_samples"))
    chosen = np.sort(np.random.default_rng(seed).permutation(len(index))[:samples])
    shares = softmax(logits[chosen], axis=1)  # (sample, class)
    labels = np.asarray(inputs.one("labels"))[index[chosen]].astype(np.int16)
    placed = projection((low + shares @ meant * (high - low)).astype(np.float32))
    means = np.stack([placed.at[labels == i].mean(axis=0) if (labels == i).any() else [np.nan] * 2 for i in range(len(meant))])
    names = {name: "".join(np.array(found["emotions"])[row > 0]) for name, row in zip(facts["classes"], meant, strict=True)}
    arrays = {"probabilities": placed.at, "labels": labels, "class_means": means.astype(np.float32)}
    return arrays, {"n": len(index), "videos": 0, "seen": 0, "classes": facts["classes"], "told": names}


def _rated(
    inputs: Inputs,
    found: Mapping[str, Any],
    projection: Projection,
    resamples: int,
    seed: int,
    *,
    dataset: str,
    of_regression: bool,
) -> tuple[dict[str, np.ndarray], dict[str, Any], dict[str, Any]]:
    """The truth of the test segments and, of a regression, what is predicted."""
    values, table = (inputs.one(kind, dataset=dataset) for kind in ("intensities", "segments"))
    predicted, candidates, rows = _predicted(inputs) if of_regression else ({}, [], rows_of(inputs, TEST))
    placed = {"truth": projection(values[rows]), **{name: projection(one) for name, one in predicted.items()}}
    arrays = {"segments": rows.astype(np.int32)}
    for name, one in placed.items():
        arrays |= {name: one.at, f"{name}/spread": one.spread}
    video = table["video"][rows]
    against = (arrays["truth"], video, found["unit"], resamples, seed)
    held = [{**one, **_held_against(arrays[one["id"]], *against)} for one in candidates]
    columns = {name: column[rows] for name, column in table.items()}
    tracks = {"arrays": arrays, "values": {"truth": values[rows], **predicted}, "segments": columns}
    seen = _seen(inputs, video) if of_regression else 0
    return arrays, {"n": len(rows), "videos": len(np.unique(video)), "seen": seen, "candidates": held}, tracks


def _seen(inputs: Inputs, video: np.ndarray) -> int:
    """How many of these segments are of videos that the map was fitted to."""
    (of_map,) = (about["dataset"] for about in inputs.about("parts"))
    table, parts = inputs.one("segments", dataset=of_map), np.asarray(inputs.one("parts"))
    return int(np.isin(video, table["video"][parts == TRAIN]).sum())


def _predicted(inputs: Inputs) -> tuple[dict[str, np.ndarray], list[dict[str, Any]], np.ndarray]:
    """Predictions of the first seed of each model: {id: (segment, emotion)}, what they are, and which segments."""
    regression = inputs.one("regression")
    seed = str(regression["seeds"][0])
    predicted, rows = dict[str, np.ndarray](), np.zeros(0, int)
    for about, arrays in inputs.all("estimates", seed=seed):
        rows = arrays["test/segments"]
        sets = [name.removesuffix("/test") for name in arrays if name.endswith("/test")]
        predicted |= {f"{about['regressor']}/{one}": arrays[f"{one}/test"] for one in sets}
    known = [one for one in regression["candidates"] if one["id"] in predicted]
    kept = ("id", "key", "use", "set", "sort")
    candidates = [
        {
            **{name: one[name] for name in kept},
            "title": _titled(one, len(regression["sets"])),
            "verdict": one["collapse"]["verdict"],
            "validation": (one["validation"] or {}).get("pearson"),
        }
        for one in known
    ]
    return {one["id"]: predicted[one["id"]] for one in known}, candidates, np.asarray(rows)


def _titled(candidate: Mapping[str, Any], sets: int) -> str:
    """`KNN on text`, `KNN on everything`; of a single modality, `KNN`."""
    what = "everything" if candidate["set"] == "all" else candidate["set"]
    return f"{candidate['title']} on {what}" if sets > 1 else str(candidate["title"])


def _held_against(
    at: np.ndarray, truth: np.ndarray, video: np.ndarray, unit: float, resamples: int, seed: int
) -> dict[str, Any]:
    """The share of the true area that predictions fill, and their distance to the truth.

    The area is that of the ellipse of equal spread, √det of the covariance: it is 0 if all lie on a line.
    """
    gap = np.linalg.norm(at - truth, axis=1)[:, None] / unit
    columns = np.concatenate([np.ones((len(at), 1)), gap, _moments(at), _moments(truth)], axis=1)
    drawn = resample(sum_by(video, columns), _areas, resamples=resamples, seed=seed)
    return {name: estimate(drawn, name) for name in ("area", "distance")}


def _moments(at: np.ndarray) -> np.ndarray:
    """Whose sums give the covariance: (segment, 5)."""
    at = at.astype(np.float64)
    return np.column_stack([at, at[:, 0] ** 2, at[:, 1] ** 2, at[:, 0] * at[:, 1]])


def _areas(sums: np.ndarray) -> dict[str, np.ndarray]:
    n = sums[:, :1]

    def area(part: np.ndarray) -> np.ndarray:
        mean = part / n
        xx, yy, xy = mean[:, 2] - mean[:, 0] ** 2, mean[:, 3] - mean[:, 1] ** 2, mean[:, 4] - mean[:, 0] * mean[:, 1]
        return np.asarray(np.sqrt(np.maximum(xx * yy - xy**2, 0)))

    with np.errstate(divide="ignore", invalid="ignore"):
        return {"area": area(sums[:, 2:7]) / area(sums[:, 7:12]), "distance": sums[:, 1] / n[:, 0]}
