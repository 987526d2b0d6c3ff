"""Places on a map of emotions: of rated rows, of predicted intensities, and of what a classifier says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from safetensors.torch import load_file

from reportgen.applying.answers import Answer, Drawn
from reportgen.applying.finding import Found, kinds_of
from reportgen.applying.space_pictures import SINGLE, drawn_on
from reportgen.applying.strongest import strongest, tallied
from reportgen.emotions import plain, told_by
from reportgen.figures._emotion_space import called
from reportgen.mapping.projection import projection_of
from reportgen.words import counted, fixed


@dataclass(frozen=True, slots=True)
class Places:
    """Places on a map."""

    at: np.ndarray  # (row, 2)
    spread: np.ndarray  # (row, 2, 2) covariance: over the networks of the map and, of a classifier, over its networks


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A map of emotions of the build."""

    name: str  # of its experiment
    about: Mapping[str, Any]  # kind `map`
    density: Mapping[str, np.ndarray] | None
    weights: Mapping[str, Any]

    def __call__(self, values: np.ndarray) -> Places:
        """Places of intensities (row, emotion) in the map's scale."""
        placed = projection_of(self.about, self.weights)(np.asarray(values, np.float32))
        return Places(np.asarray(placed.at, np.float64), np.asarray(placed.spread, np.float64))

    @property
    def scale(self) -> tuple[float, float]:
        """Least and largest intensity."""
        low, high = self.about["scale"]
        return float(low), float(high)


def spaces(found: Found) -> list[Space]:
    """All maps of the build, that of the experiment itself first."""
    kinds = ("map", "map_weights", "density")
    made = []
    for record in found.records:
        if "map" not in kinds_of(record):
            continue
        inputs = found.read([record], kinds)
        made.append(
            Space(
                name=record.about["experiment"],
                about=inputs.one("map"),
                density=inputs.one("density") if "density" in inputs else None,
                weights=load_file(inputs.one("map_weights")) if "map_weights" in inputs else {},
            )
        )
    return sorted(made, key=lambda space: space.name != found.name)


def space_for(found: Found, emotions: Sequence[str]) -> Space | None:
    """The first map of the same emotions in the same order, None if there is none."""
    wanted = [plain(name) for name in emotions]
    return next((space for space in spaces(found) if [plain(name) for name in space.about["emotions"]] == wanted), None)


def place_classes(found: Found, made: Sequence[Answer], probabilities: np.ndarray, classes: Sequence[str]) -> list[Answer]:
    """Add to each answer where it lies on the first map that knows the emotions of the classes.

    The probability of a class, times the largest rating, counts as the intensity of its emotion.

    Args:
        found: the experiment.
        made: its answers.
        probabilities: (file, network, class).
        classes: their names.
    """
    fitting = ((space, told_by(classes, space.about["emotions"])) for space in spaces(found))
    space, told = next(((space, told) for space, told in fitting if told is not None), (None, None))
    if space is None or told is None:
        return list(made)
    meant = [
        f"{name} as {called(e)}" for name, row in zip(classes, told, strict=True) for e in _told(space, row) if e != plain(name)
    ]
    low, high = space.about["scale"]
    files, networks, _ = probabilities.shape
    values = low + probabilities @ told * (high - low)  # (file, network, emotion)
    each = space(values.reshape(files * networks, -1)).at.reshape(files, networks, 2)
    means = space(values.mean(axis=1))
    return [
        replace(
            answer,
            position=_of_file(space, answer.said, means.at[i], means.spread[i] + _covariance(each[i]), networks, meant),
        )
        for i, answer in enumerate(made)
    ]


def _covariance(at: np.ndarray) -> np.ndarray:
    """(2, 2) of places (network, 2); zeros of a single one."""
    return np.cov(at.T) if len(at) > 1 else np.zeros((2, 2))


def _told(space: Space, row: np.ndarray) -> list[str]:
    """The emotion that a class stands for, if any: (emotion,) of 0 and 1."""
    return [plain(name) for name, told in zip(space.about["emotions"], row, strict=True) if told]


def _of_file(space: Space, said: str, at: np.ndarray, spread: np.ndarray, networks: int, meant: Sequence[str]) -> Drawn:
    """One file on a map."""
    as_told = f" ({', '.join(meant)})" if meant else ""
    over = f" and between its {networks} networks" if networks > 1 else ""
    return drawn_on(
        space.about,
        space.density,
        at[None],
        spread[None],
        alt=f"The answer: {said}; it lies at {point(at)} on the map.",
        caption=f"{_of_map(space)} The ring is this file: its confidence in each class counts as the intensity of that emotion"
        f"{as_told},"
        " which is a belief and no measured intensity. Ellipses are two standard deviations over the networks of the map"
        f"{over}.",
    )


def _of_map(space: Space) -> str:
    """What a map is, for captions."""
    segments = counted(space.about["segments"], "rated segment")
    return f"The map of {segments}, darker where there are more, with the pure emotions on it."


def point(at: np.ndarray) -> str:
    """`(0.81, −0.20)`."""
    return f"({fixed(float(at[0]), 2)}, {fixed(float(at[1]), 2)})"


def of_rows(space: Space, places: Places, values: np.ndarray, times: Sequence[np.ndarray] = ()) -> Drawn:
    """Rows of a table on a map.

    Args:
        space: the map.
        places: of the rows.
        values: (row, emotion).
        times: rows (row,) int of each video in the order of time, which a line joins.
    """
    emotions = space.about["emotions"]
    told = tallied(emotions, strongest(emotions, space.scale, values))
    alone = len(values) == 1
    alt = f"The row: {told}; it lies at {point(places.at[0])} on the map." if alone else f"The rows on the map; {told}."
    rings = "Rings are the rows of this table, with ellipses of two standard deviations over the networks of the map."
    dots = "Dots are the rows of this table."
    lines = "Lines join its rows in the order of time, from dark to bright: a white ring is the start, a filled one the end."
    said = lines if times else rings if len(values) <= SINGLE else dots
    return drawn_on(
        space.about,
        space.density,
        places.at,
        places.spread,
        times,
        alt=alt,
        caption=f"{_of_map(space)} {said}",
    )
