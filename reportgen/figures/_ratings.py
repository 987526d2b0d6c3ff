"""What the figures of rated segments share: the ratings with what they are of, and words on emotions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.emotions import is_plane
from reportgen.figures._words import counted, noun
from reportgen.outputs import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """All rated segments of a data set."""

    title: str
    emotions: tuple[str, ...]  # as the data call them
    values: np.ndarray  # (segment, emotion) float, NaN where nobody rated it
    low: float  # least rating: above it an emotion is present
    high: float
    whole: str  # video or song

    @property
    def names(self) -> list[str]:
        """Emotions as they are written."""
        return [name.replace("_", " ") for name in self.emotions]

    @property
    def rated(self) -> np.ndarray:
        """(segment, emotion): those segments that have all ratings."""
        return np.asarray(self.values[np.isfinite(self.values).all(axis=1)])

    @property
    def present(self) -> np.ndarray:
        """(segment, emotion) bool: of `rated`."""
        return np.asarray(self.rated > self.low + 1e-6)

    @property
    def plane(self) -> bool:
        """Whether ratings are places between bad and good, calm and excited."""
        return is_plane(self.emotions)

    def segments(self, n: int) -> str:
        """`1 song`, `18 198 segments`."""
        return counted(n, "segment")


def ratings_in(inputs: Inputs) -> Ratings:
    """From the kinds `facts` and `intensities`."""
    facts: Mapping[str, Any] = inputs.one("facts")
    return Ratings(
        title=facts["title"],
        emotions=tuple(facts["classes"]),
        values=np.asarray(inputs.one("intensities"), float),
        low=float(facts["scale"][0]),
        high=float(facts["scale"][1]),
        whole=facts["whole"],
    )


def emotion_noun(name: str) -> str:
    """The emotion that a word stands for: `happy` is happiness."""
    return noun(name.replace("_", " "))
