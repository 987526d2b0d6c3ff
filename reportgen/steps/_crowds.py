"""The samples of an experiment as generators and scores are given them: part by part, fold by fold."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.bands import BANDS
from reportgen.outputs import Inputs
from reportgen.synthetic import Domain, Real


def domain_of(inputs: Inputs) -> Domain:
    """What the samples are, from facts and features."""
    features, facts = inputs.one("features"), inputs.one("facts")
    axes, names = tuple(features["axes"][1:]), features["names"]
    return Domain(
        shape=tuple(features["shape"]),
        axes=axes,
        unit=features["unit"],
        classes=tuple(facts["classes"]),
        channels=tuple(features["channels"]),
        rate=(features["rate"] or float("nan")) if axes[-1] == "time" else float("nan"),
        bands=edges(names["band"], features["chain"], facts) if "band" in axes else None,
    )


def edges(names: Sequence[str], chain: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """{name: (from, below) Hz} of the bands of a feature, None where they are not said."""
    said = next((feature["settings"]["bands"] for feature in chain if feature["settings"].get("bands")), None)
    known = said or facts["bands"] or BANDS
    found = {name: known.get(name) or known.get(name.rpartition(" ")[0]) for name in names}
    return None if None in found.values() else {name: tuple(pair) for name, pair in found.items() if pair}


SHARED = ("time", "slice")
"""Axes of features along which all numbers have one scale: what they mean does not change from one to the next."""


def shared_axes(axes: Sequence[str]) -> tuple[int, ...]:
    """Places among the axes of a sample of those that share a scale, as training.Data has them."""
    return tuple(place for place, axis in enumerate(axes) if axis in SHARED)


def rows_of(inputs: Inputs, fold: int, part: int, *, most: int = 0, seed: int = 0) -> np.ndarray:
    """Where the samples of a part lie.

    Args:
        inputs: labels and parts.
        fold: index into the first axis of `parts`.
        part: index into core.PARTS.
        most: no more than so many, classes in proportion; 0: all.
        seed: of the draw.

    Returns:
        (sample,) int, index into all samples.
    """
    index = np.flatnonzero(np.atleast_2d(inputs.one("parts"))[fold] == part)
    if most and most < len(index):
        labels = np.asarray(inputs.one("labels")).astype(int)[index]
        return _drawn(index, labels, most, np.random.default_rng([seed, fold, part]))
    return index


def part_of(inputs: Inputs, fold: int, part: int, *, most: int = 0, seed: int = 0) -> tuple[Real, np.ndarray]:
    """The real samples of a part, and where they lie; arguments as of `rows_of`, which needs no samples."""
    index = rows_of(inputs, fold, part, most=most, seed=seed)
    labels = np.asarray(inputs.one("labels")).astype(int)[index]
    x = np.array(inputs.one("samples")[index], np.float32)
    return Real(x=x, labels=labels, trial=np.asarray(inputs.one("rows")["trial"])[index]), index


def _drawn(index: np.ndarray, labels: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """About `most` of them in their order, each class in proportion."""
    order = rng.permutation(len(index))
    place = np.empty(len(index))  # of each sample among those of its class, as a share
    for label in np.unique(labels):
        own = order[labels[order] == label]
        place[own] = (np.arange(len(own)) + 0.5) / len(own)
    return np.asarray(np.sort(index[np.argsort(place, kind="stable")[:most]]))


def kin_of(inputs: Inputs, test: np.ndarray, train: np.ndarray) -> np.ndarray:
    """(test sample,) int: who belongs together: people that the training part lacks, otherwise recordings, or trials.

    Args:
        inputs: rows.
        test: (sample,) int, index into all samples.
        train: the same of the training part.
    """
    rows = inputs.one("rows")
    apart = (unit for unit in ("subject", "recording") if not np.isin(rows[unit][test], rows[unit][train]).any())
    return np.unique(rows[next(apart, "trial")][test], return_inverse=True)[1]
