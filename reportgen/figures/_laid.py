"""What lies on a map of emotions: kinds `laid_about` (`About`) and `laid` (`Arrays`), one of each a source."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.figures._emotion_space import Map
from reportgen.outputs import Inputs

About = Mapping[str, Any]
Arrays = Mapping[str, np.ndarray]
Source = tuple[About, Arrays]


def laid(inputs: Inputs, sort: str) -> list[Source]:
    """All sources of a sort: of the data that the map was learned from first, and large ones before small ones."""
    own = {about["dataset"] for _, about in inputs.all("laid_about") if about["sort"] == "own"}
    arrays = {about["laid"]: value for about, value in inputs.all("laid")}
    found = [(told, arrays[about["laid"]]) for about, told in inputs.all("laid_about") if told["sort"] == sort]
    return sorted(found, key=lambda one: (one[0]["dataset"] not in own, -one[0]["n"], one[0]["source"]))


def within(points: np.ndarray, found: Map) -> np.ndarray:
    """Points (point, 2); those beyond the limits of the map are drawn at its edge."""
    ends = np.asarray(found["limits"], float)
    return np.asarray(np.clip(points, ends[:, 0], ends[:, 1]))


def some_of(n: int, most: int) -> np.ndarray:
    """Indices of at most so many of n, drawn by lot and always the same."""
    return np.sort(np.random.default_rng(0).permutation(n)[:most])


def panel(picture: Picture, left: float, top: float, side: float, height: float | None = None) -> Axes:
    """Axes of so many inches, measured from the upper left corner of the picture."""
    width, tall = picture.get_size_inches()
    down = side if height is None else height
    return picture.add_axes((left / width, 1 - (top + down) / tall, side / width, down / tall))


def model_of(candidate: Mapping[str, Any]) -> str:
    """`KNN` of "KNN on text"."""
    return str(candidate["title"]).removesuffix(" on everything").removesuffix(f" on {candidate['set']}")


def sets_of(candidates: Sequence[Mapping[str, Any]]) -> list[str]:
    """Sets of modalities in their order, everything together last."""
    sets = list(dict.fromkeys(str(one["set"]) for one in candidates if one["set"]))
    return sorted(sets, key=lambda name: name == "all")
