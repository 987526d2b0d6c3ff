"""Places on a map of emotions: of rated rows, of predicted intensities, and of what a classifier says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from safetensors.torch import load_file

from reportgen.applying.answers import Answer, Drawn
from reportgen.applying.finding import Found, kinds_of
from reportgen.applying.space_pictures import SINGLE, drawn_on
from reportgen.emotions import plain, told_by
from reportgen.figures._emotion_space import called, shown_anchors
from reportgen.mapping.projection import projection_of
from reportgen.words import counted, percent


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

    def nearest(self, at: np.ndarray) -> list[str]:
        """The pure emotion, or `no emotion`, that lies nearest to each place (row, 2)."""
        anchors = shown_anchors(self.about)
        names = [called(one["emotion"]) for one in anchors]
        there = [one["at"] for one in anchors]
        if self.about["zero"]:
            names.append("no emotion")
            there.append(self.about["zero"]["at"])
        if not names:
            return [_quadrant(place, self.about["scale"]) for place in at]
        distance = np.linalg.norm(at[:, None] - np.array(there, float), axis=2)
        return [names[i] for i in distance.argmin(axis=1)]


def _quadrant(place: np.ndarray, scale: Sequence[float]) -> str:
    """Where a place lies in the plane of valence and arousal."""
    middle = (scale[0] + scale[1]) / 2
    pleasant = "a pleasant" if place[0] >= middle else "an unpleasant"
    return f"{pleasant}, {'excited' if place[1] >= middle else 'calm'} state"


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
        replace(answer, position=_of_file(space, means.at[i], means.spread[i] + _covariance(each[i]), networks, meant))
        for i, answer in enumerate(made)
    ]


def _covariance(at: np.ndarray) -> np.ndarray:
    """(2, 2) of places (network, 2); zeros of a single one."""
    return np.cov(at.T) if len(at) > 1 else np.zeros((2, 2))


def _told(space: Space, row: np.ndarray) -> list[str]:
    """The emotion that a class stands for, if any: (emotion,) of 0 and 1."""
    return [plain(name) for name, told in zip(space.about["emotions"], row, strict=True) if told]


def _of_file(space: Space, at: np.ndarray, spread: np.ndarray, networks: int, meant: Sequence[str]) -> Drawn:
    """One file on a map."""
    (near,) = space.nearest(at[None])
    as_told = f" ({', '.join(meant)})" if meant else ""
    over = f" and between its {networks} networks" if networks > 1 else ""
    return drawn_on(
        space.about,
        space.density,
        at[None],
        spread[None],
        alt=f"It lies nearest to {near}.",
        caption=f"{_of_map(space)} The ring is this file: its confidence in each class counts as the intensity of that emotion"
        f"{as_told},"
        " which is a belief and no measured intensity. Ellipses are two standard deviations over the networks of the map"
        f"{over}.",
    )


def _of_map(space: Space) -> str:
    """What a map is, for captions."""
    segments = counted(space.about["segments"], "rated segment")
    return f"The map of {segments}, darker where there are more, with the pure emotions on it."


def of_rows(space: Space, places: Places, times: Sequence[np.ndarray] = ()) -> Drawn:
    """Rows of a table on a map; `times` are the rows (row,) int of each video in the order of time, which a line joins."""
    near = space.nearest(places.at)
    most = max(dict.fromkeys(near), key=near.count)
    share = percent(near.count(most) / len(near))
    alt = f"It lies nearest to {most}." if len(near) == 1 else f"{counted(len(near), 'row')}; {share} lie nearest to {most}."
    rings = "Rings are the rows of this table, with ellipses of two standard deviations over the networks of the map."
    dots = "Dots are the rows of this table."
    lines = "Lines join its rows in the order of time, from dark to bright: a white ring is the start, a filled one the end."
    said = lines if times else rings if len(near) <= SINGLE else dots
    return drawn_on(
        space.about,
        space.density,
        places.at,
        places.spread,
        times,
        alt=alt,
        caption=f"{_of_map(space)} {said}",
    )
