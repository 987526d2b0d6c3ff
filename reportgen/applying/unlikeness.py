"""How unlike what a model learned from an input is: a network is as sure of a cat as of a face.

Vectors are compared with their nearest neighbours in the training part (Sun et al. 2022, Out-of-distribution detection with
deep nearest neighbors, arXiv 2204.06507). What counts as far is said by the validation part, which is of the same kind and
which the training has not seen: 99 % of it lie nearer. Where several people were recorded, a validation row is compared with
the training rows of other people, as somebody new will be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.neighbors import NearestNeighbors

from reportgen.applying.strongest import FEW
from reportgen.words import count, counted, listing, percent

MOST = 2000
"""Training rows that are compared with, drawn by lot: more change little and cost time."""
USUAL = 0.99
"""Share of the validation rows that lie nearer than what counts as far."""
_NEIGHBOURS = 5  # their mean distance: one neighbour may be an outlier itself
_MUCH = 1.5  # times what counts as far, up to which an input is only somewhat unlike
_NAMED = 8  # rows in a warning
_MOSTLY, _PARTLY = 0.5, 0.1  # share of far rows; 0.01 is expected of inputs like the training data


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How far the rows of an input lie, by one measure."""

    what: str  # is compared: "what the network makes of it"
    far: np.ndarray  # (row,) bool
    ratio: np.ndarray  # (row,) distance, as a multiple of the one that 99 % of validation rows keep within


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlikeness:
    """All that is known of how unlike an input is."""

    measures: tuple[Measured, ...]
    odd: tuple[str, ...] = ()  # simple facts that are far from those of the training part
    rows: str = "it"  # what rows are: "windows"; "it" for a single one
    names: tuple[str, ...] = ()  # of rows that are each judged by themselves, as those of a table are

    @property
    def share(self) -> float:
        """Share of the rows that lie far by any measure."""
        return float(np.any([one.far for one in self.measures], axis=0).mean()) if self.measures else 0.0

    @property
    def ratio(self) -> np.ndarray:
        """(row,) how far each row lies, as a multiple of what counts as far: the largest of all measures."""
        return np.asarray(np.max([one.ratio for one in self.measures], axis=0))

    @property
    def warning(self) -> str:
        """What to warn of; empty for an input like the training data."""
        if self.names:
            return self._of_names()
        said = f" ({'; '.join(self.odd)})" if self.odd else ""
        if self.odd or (self.share >= _MOSTLY and float(np.median(self.ratio)) > _MUCH):
            return f"Unlike anything the model learned from: its answer means little{said}."
        if self.share >= _MOSTLY:
            return "Somewhat unlike what the model learned from: read its answer with care."
        if self.share >= _PARTLY:
            return f"{percent(self.share)} of its {self.rows} are unlike anything the model learned from."
        return ""

    def _of_names(self) -> str:
        """Which rows are unlike: `row 5 is unlike anything …`."""
        much = [name for name, one in zip(self.names, self.ratio, strict=True) if one > _MUCH]
        far = np.any([one.far for one in self.measures], axis=0)
        some = [name for name, one in zip(self.names, far, strict=True) if one and name not in set(much)]
        told = []
        if much:
            told.append(f"{_rows(much)} unlike anything the model learned from: what is said of {_them(much)} means little.")
        if some and (len(self.names) < FEW or len(some) >= _PARTLY * len(self.names)):
            told.append(f"{_rows(some)} somewhat unlike what the model learned from.")
        return " ".join(one[:1].upper() + one[1:] for one in told)

    @property
    def sentence(self) -> str:
        """How it compares, with numbers."""
        if not self.measures:
            return "There is nothing to compare it with: the training part is empty."
        told = listing([f"{one.what} {np.median(one.ratio):.2f} times" for one in self.measures])
        many = "" if self.rows == "it" else f", in the median of {len(self.measures[0].far)} {self.rows}"
        if self.names:
            low, high = float(self.ratio.min()), float(self.ratio.max())
            far = int(np.any([one.far for one in self.measures], axis=0).sum())
            told = f"{listing([one.what for one in self.measures])} {low:.2f} to {high:.2f} times"
            many = f"; {count(far)} of {counted(len(self.names), 'row')} {'is' if far == 1 else 'are'} far"
        return (
            f"Distance from the training part, against the distance that {percent(USUAL)} of the validation part keep within:"
            f" {told}{many}. Above 1 is far."
        )


def _rows(names: Sequence[str]) -> str:
    """`row 5 is`, `row 5 and row 7 are`, and no more than some."""
    more = [f"{count(len(names) - _NAMED)} more"] if len(names) > _NAMED else []
    return f"{listing([*names[:_NAMED], *more])} {'is' if len(names) == 1 else 'are'}"


def _them(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"


def drawn(index: np.ndarray, seed: int, most: int = MOST) -> np.ndarray:
    """Up to `most` of them by lot, in their order."""
    return np.sort(np.random.default_rng(seed).permutation(index)[:most])


def measured(
    what: str,
    given: np.ndarray,
    train: np.ndarray,
    validation: np.ndarray,
    whose: tuple[Sequence[str], Sequence[str]] | None = None,
    neighbours: int = _NEIGHBOURS,
    least: float = 0.0,
) -> Measured:
    """Compare rows with those of the training part.

    Args:
        what: is compared, for a sentence.
        given: (row, number) of the input.
        train: (row, number), not empty.
        validation: (row, number); where there is none, training rows are compared with the others.
        whose: of each training row, and of each validation row, whose it is; None: unknown, or nobody's.
        neighbours: whose mean distance counts.
        least: distance that is never far, such as the step of a scale.
    """
    usual = _usual(train, validation, whose, neighbours)
    distance = _distance(given, train, neighbours)
    limit = max(float(np.quantile(usual, USUAL)), least, 1e-12)
    return Measured(what=what, far=distance > limit * (1 + 1e-9), ratio=distance / limit)


def _usual(
    train: np.ndarray,
    validation: np.ndarray,
    whose: tuple[Sequence[str], Sequence[str]] | None,
    neighbours: int,
) -> np.ndarray:
    """(row,) distances of rows like those that the model learned from."""
    if not len(validation):
        near = min(neighbours + 1, len(train))  # each is its own nearest neighbour
        distances = NearestNeighbors(n_neighbors=near).fit(train).kneighbors(train)[0][:, 1:]
        return np.asarray(distances.mean(axis=1)) if distances.size else np.zeros(len(train))
    if whose is None:
        return _distance(validation, train, neighbours)
    teachers, pupils = (np.asarray(names) for names in whose)
    found = np.empty(len(validation))
    for name in np.unique(pupils):
        others = train[teachers != name]
        found[pupils == name] = _distance(validation[pupils == name], others if len(others) else train, neighbours)
    return found


def _distance(rows: np.ndarray, train: np.ndarray, neighbours: int) -> np.ndarray:
    """(row,) mean distance to the nearest training rows."""
    search = NearestNeighbors(n_neighbors=min(neighbours, len(train))).fit(train)
    return np.asarray(search.kneighbors(rows)[0].mean(axis=1))


def directed(rows: np.ndarray) -> np.ndarray:
    """Rows (row, number) at length one: activations grow with contrast, their pattern says what was seen."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def pattern(rows: np.ndarray) -> np.ndarray:
    """Samples (row, …) as (row, number), each less its mean and over its deviation: brightness and contrast are apart."""
    flat = np.asarray(rows, np.float64).reshape(len(rows), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(flat.std(axis=1, keepdims=True), 1e-6))


def odd(name: str, given: float, usual: np.ndarray, unit: str) -> tuple[str, ...]:
    """Say of a number of the input that it is out of the range of 99 % of training rows (row,), if it is."""
    low, high = (float(edge) for edge in np.quantile(usual, [0.005, 0.995]))
    slack = 0.05 * (high - low)
    if low - slack <= given <= high + slack:
        return ()
    return (f"its {name} is {given:.3g}{unit}, that of {percent(USUAL)} of the training part {low:.3g} to {high:.3g}{unit}",)
