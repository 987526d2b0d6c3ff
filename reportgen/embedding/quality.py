"""How good a map is: neighbours, distances, and steps over time, on different vectors weighted by how many segments have them.

A map puts equal vectors on one point, whatever it does. Pairs of equal vectors are therefore left out of every score:
neighbours are other vectors, distances are between different vectors, steps are between segments that differ. A vector weighs
as much as there are segments with it, a pair of vectors as the product of both.

Intervals are over videos (`bootstrap.py`). What is resampled is how much each vector, pair or step weighs. Neighbours and ranks
stay those of all segments that are measured: a video more or less does not change who is near whom, only who is counted.

Kind `map_quality`:

    {"k", "n": {"segments", "distinct", "videos"}, "train": {"segments", "distinct"}, "resamples",
     "measures": [{"key", "title", "better": "high", "best": 1.0, "says": sentence}],
     "methods": [{"key": "map", "pca" or "opentsne", "title", "values": {measure: {"mean", "low", "high"}},
                  "train": {measure: number or null}, "note"}],
     "absent": [{"key", "why"}]}

`values` are of segments that no fit has seen, `train` of those it was fitted to. A mean is null where too few vectors or steps
are there to measure it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from reportgen.bootstrap import Resampled, interval, resample, sum_by
from reportgen.embedding.distinct import Distinct
from reportgen.embedding.neighbours import kept, most_neighbours

MEASURES: tuple[Mapping[str, Any], ...] = (
    {
        "key": "trustworthiness",
        "title": "Trustworthiness",
        "better": "high",
        "best": 1.0,
        "says": "Vectors that lie side by side on the map are similar in truth.",
    },
    {
        "key": "continuity",
        "title": "Continuity",
        "better": "high",
        "best": 1.0,
        "says": "Vectors that are similar in truth lie side by side on the map.",
    },
    {
        "key": "recall",
        "title": "Neighbours kept",
        "better": "high",
        "best": 1.0,
        "says": "Share of the nearest vectors on the map that are among the nearest in truth.",
    },
    {
        "key": "spearman",
        "title": "Distances (Spearman)",
        "better": "high",
        "best": 1.0,
        "says": "Rank correlation of the distances between all pairs of vectors, on the map and in truth.",
    },
    {
        "key": "steps",
        "title": "Steps over time (Spearman)",
        "better": "high",
        "best": 1.0,
        "says": "Rank correlation of the steps from one segment of a video to the next, on the map and in truth.",
    },
)
_KEYS = tuple(str(measure["key"]) for measure in MEASURES)
_NEIGHBOURLY = ("trustworthiness", "continuity", "recall")
_POINTS = 2000  # vectors whose pairs are looked at: two million distances
_FEWEST = 3  # steps of which a rank correlation says anything
_DIGITS = 9  # sums in another order differ in their last digits


@dataclass(frozen=True, slots=True)
class Mapped:
    """Segments and where they lie on a map."""

    known: Distinct
    plane: np.ndarray  # (distinct, 2): where each different vector lies
    video: np.ndarray  # (row,) int: rows of a video lie together, in the order of time


def quality(mapped: Mapped, *, k: int, resamples: int, seed: int) -> dict[str, dict[str, float | None]]:
    """{measure: {"mean", "low", "high"}}: limits are null where nothing is claimed.

    Args:
        mapped: what is measured.
        k: neighbours that are looked at; fewer of few vectors, see `most_neighbours`.
        resamples: of videos; 0: no intervals.
        seed: of the resamples, and of the draw of vectors where there are very many.
    """
    columns = _Columns(mapped, k, seed)
    if resamples:
        drawn = resample(columns.sums, columns.scores, resamples=resamples, seed=seed)
    else:
        total = columns.sums.sum(axis=0, keepdims=True)
        drawn = Resampled({name: float(rows[0]) for name, rows in columns.scores(total).items()}, {}, {})
    return {name: _estimate(drawn, name) for name in _KEYS}


def _estimate(drawn: Resampled, name: str) -> dict[str, float | None]:
    mean = drawn.estimate[name]
    if not np.isfinite(mean):
        return {"mean": None, "low": None, "high": None}
    low, high = interval(drawn, name) if np.isfinite(drawn.replicates.get(name, np.nan)).any() else (None, None)
    return {"mean": mean, "low": low, "high": high}


class _Columns:
    """What is summed over the segments of each video, and the scores that follow from the sums."""

    def __init__(self, mapped: Mapped, k: int, seed: int) -> None:
        self._neighbours = most_neighbours(len(mapped.known), k)
        names, video = np.unique(mapped.video, return_inverse=True)
        inverse = mapped.known.inverse
        chosen = _chosen(len(mapped.known), seed)
        self._pairs = _Pairs(mapped, chosen)
        place = np.full(len(mapped.known), -1)
        place[chosen] = np.arange(len(chosen))
        counts = np.zeros((len(names), len(chosen)))
        inside = place[inverse] >= 0
        np.add.at(counts, (video[inside], place[inverse[inside]]), 1.0)
        linear = np.column_stack([np.ones(len(inverse)), self._values(mapped)[inverse]])
        self.sums = np.hstack([sum_by(video, linear), _steps(mapped, video, len(names)), counts])

    def _values(self, mapped: Mapped) -> np.ndarray:
        """(distinct, measure): how well each vector keeps its neighbours."""
        if not self._neighbours:
            return np.full((len(mapped.known), len(_NEIGHBOURLY)), np.nan)
        found = kept(mapped.known.vectors, mapped.plane, self._neighbours)
        return np.column_stack([getattr(found, name) for name in _NEIGHBOURLY])

    def scores(self, sums: np.ndarray) -> dict[str, np.ndarray]:
        """(row, column) sums -> {measure: (row,)}, NaN where one is undefined."""
        rows, values, steps, weights = np.split(sums, [1, 4, 10], axis=1)
        means = np.round(values / np.maximum(rows, 1), _DIGITS)
        found = dict(zip(_NEIGHBOURLY, means.T, strict=True))
        return {**found, "spearman": self._pairs.correlation(weights), "steps": _correlation(steps.T)}


def _chosen(n: int, seed: int) -> np.ndarray:
    """The vectors whose distances are compared: all, or as many as fit drawn by lot."""
    return np.arange(n) if n <= _POINTS else np.sort(np.random.default_rng(seed).choice(n, _POINTS, replace=False))


class _Pairs:
    """Weighted ranks of the distances between vectors in both spaces, and their correlation under other weights."""

    def __init__(self, mapped: Mapped, chosen: np.ndarray) -> None:
        weights = mapped.known.weights[chosen]
        first, second = np.triu_indices(len(chosen), 1)
        self._ranks = [
            _square(_ranks(cdist(points, points)[first, second], weights[first] * weights[second]), len(chosen))
            for points in (np.asarray(space[chosen], np.float64) for space in (mapped.known.vectors, mapped.plane))
        ]

    def correlation(self, weights: np.ndarray) -> np.ndarray:
        """(row, vector) weights -> (row,): Pearson's correlation of the ranks, each pair weighted by its two vectors."""
        true, plane = self._ranks
        products = (true, plane, true * plane, true**2, plane**2)
        pairs = weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)
        return _correlation(np.stack([pairs, *(((weights @ product) * weights).sum(axis=1) for product in products)]))


def _square(values: np.ndarray, n: int) -> np.ndarray:
    """Values of pairs as a symmetric matrix with zeros on its diagonal: pairs of equal vectors do not count."""
    square = np.zeros((n, n))
    square[np.triu_indices(n, 1)] = values
    return square + square.T


def _ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Ranks from -½ to ½ where each value counts as often as its weight says; those equal to nine digits share their mean."""
    _, inverse = np.unique(np.round(values / max(values.max(initial=0), 1e-300), _DIGITS), return_inverse=True)
    mass = np.bincount(inverse, weights)
    middle = np.cumsum(mass) - mass / 2
    return np.asarray((middle / max(mass.sum(), 1e-300))[inverse] - 0.5)


def _steps(mapped: Mapped, video: np.ndarray, videos: int) -> np.ndarray:
    """Of each video (video, 6): steps between segments that differ, and sums, products and squares of their ranks."""
    inverse = mapped.known.inverse
    here = np.flatnonzero((video[1:] == video[:-1]) & (inverse[1:] != inverse[:-1]))
    before, after = inverse[here], inverse[here + 1]
    sums = np.zeros((videos, 6))
    if not len(here):
        return sums
    lengths = (
        np.linalg.norm(np.asarray(space[after], np.float64) - space[before], axis=1)
        for space in (mapped.known.vectors, mapped.plane)
    )
    true, plane = (_ranks(length, np.ones(len(here))) for length in lengths)
    np.add.at(sums, video[here], np.column_stack([np.ones(len(here)), true, plane, true * plane, true**2, plane**2]))
    return sums


def _correlation(sums: np.ndarray) -> np.ndarray:
    """Pearson's correlation from (6, row): n, Σa, Σb, Σab, Σa², Σb²; NaN of fewer than three pairs or of equal ones."""
    count, a, b, ab, aa, bb = sums
    n = np.maximum(count, 1)
    product = (aa / n - (a / n) ** 2) * (bb / n - (b / n) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (ab / n - (a / n) * (b / n)) / np.sqrt(product)
    return np.where((count >= _FEWEST) & (product > 1e-20), np.round(value, _DIGITS), np.nan)
