"""Neighbours of different vectors in truth and on a map, with ties: on a grid of ratings many distances are the same.

A vector's neighbours are the k nearest *other* vectors: its own copies lie on one point of any map and prove nothing.

Ties in truth are forgiven: whichever of several equally near vectors a map puts first is right. Distances that differ by less
than `TOLERANCE` of the root mean square distance are equal, for ratings are kept to three decimals, and what is equal on the
grid of raters' means then differs a little. Ties on the map are shared: where several vectors lie equally far, each is a
neighbour in part and has the mean of their ranks, so that a map that puts all on one point is no better than chance.

A map that changes nothing scores exactly 1, whatever the order of the vectors.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

TOLERANCE = 0.002
"""Share of the root mean square distance below which distances in truth are tied."""
_CELLS = 4_000_000  # distances in memory at a time


@dataclass(frozen=True, slots=True)
class Kept:
    """How well the neighbours of each vector are kept: 1 is best."""

    trustworthiness: np.ndarray  # (vector,): near on the map, and near in truth (Venna and Kaski 2001)
    continuity: np.ndarray  # (vector,): near in truth, and near on the map
    recall: np.ndarray  # (vector,): share of the k nearest on the map that are among the k nearest in truth


def most_neighbours(vectors: int, wanted: int) -> int:
    """How many neighbours can be asked for: the norm of trustworthiness needs fewer than half of the vectors."""
    return max(0, min(wanted, (vectors - 1) // 2))


def kept(truth: np.ndarray, plane: np.ndarray, k: int) -> Kept:
    """Compare neighbours of (vector, emotion) with those of the same vectors on a map, (vector, 2).

    Args:
        truth: different vectors.
        plane: where each of them lies on the map.
        k: neighbours, 1 … `most_neighbours`.
    """
    n = len(truth)
    norm = 2 / (k * (2 * n - 3 * k - 1))
    tolerance = TOLERANCE * float(np.sqrt(2 * np.asarray(truth, np.float64).var(axis=0).sum()))
    parts = []
    for rows in _chunks(n):
        true, laid = _Space(truth, rows, k, tolerance), _Space(plane, rows, k, 0.0)
        excess = np.maximum(0, true.least_ranks(laid.member > 0) - k)  # of what lies near on the map
        trust = 1 - norm * (laid.member * excess).sum(axis=1)
        torn = np.maximum(0, laid.middle_ranks(true.member > 0) - true.reached.sum(axis=1, keepdims=True))
        continuity = 1 - norm * (true.member * torn).sum(axis=1)
        recall = 1 - (laid.member * ~true.reached).sum(axis=1) / k
        parts.append((trust, continuity, recall))
    return Kept(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _chunks(n: int) -> Iterator[np.ndarray]:
    size = max(1, _CELLS // n)
    for start in range(0, n, size):
        yield np.arange(start, min(n, start + size))


class _Space:
    """Distances of some vectors to all others, in one space; those that differ by up to `tolerance` are tied."""

    def __init__(self, points: np.ndarray, rows: np.ndarray, k: int, tolerance: float) -> None:
        points = np.asarray(points, np.float64)
        self._distances = cdist(points[rows], points)
        self._distances[np.arange(len(rows)), rows] = np.inf  # nobody is a neighbour of itself
        self._tolerance = tolerance
        finite = np.sort(self._distances, axis=1)[:, :-1]  # the last is the vector itself
        last = finite[:, [k - 1]]
        closer = self._distances < last - tolerance
        self.reached = self._distances <= last + tolerance  # (row, vector): no farther than the k-th
        tied = self.reached & ~closer
        share = (k - closer.sum(axis=1)) / tied.sum(axis=1)
        self.member = closer + tied * share[:, None]  # (row, vector): sums to k
        self._shift = (2 * float(finite.max()) + 1) * np.arange(len(rows))
        self._line = (finite + self._shift[:, None]).ravel()  # rows one after another: rising throughout
        self._others = finite.shape[1]

    def least_ranks(self, wanted: np.ndarray) -> np.ndarray:
        """(row, vector): 1 + how many vectors are clearly nearer; 0 where it is not wanted."""
        row, column = np.nonzero(wanted)
        slack = 1.001 * self._tolerance  # a little more than makes a tie, so that rounding unties nobody
        nearer = self._count(row, self._distances[row, column] - slack, "left")
        return _filled(wanted, 1.0 + nearer)

    def middle_ranks(self, wanted: np.ndarray) -> np.ndarray:
        """(row, vector): the mean rank of all that lie equally far; 0 where it is not wanted."""
        row, column = np.nonzero(wanted)
        nearer, as_near = (self._count(row, self._distances[row, column], side) for side in ("left", "right"))
        return _filled(wanted, (nearer + 1 + as_near) / 2)

    def _count(self, row: np.ndarray, distances: np.ndarray, side: str) -> np.ndarray:
        """How many others are nearer than a distance ("left"), or no farther ("right")."""
        asked = np.maximum(distances, 0) + self._shift[row]
        return np.asarray(np.searchsorted(self._line, asked, side=side) - row * self._others)  # type: ignore[call-overload]


def _filled(wanted: np.ndarray, values: np.ndarray) -> np.ndarray:
    table = np.zeros(wanted.shape)
    table[wanted] = values
    return table
