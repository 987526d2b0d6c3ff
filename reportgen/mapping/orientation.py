"""Which way round a map is: pure emotions lie as near as possible to where valence and arousal put them, happy on the right.

The turn is the orthogonal Procrustes solution between the places of the pure emotions and their (valence, arousal) in
`emotions.AFFECT`, both without their means. Nothing is scaled and no score depends on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import orthogonal_procrustes

from reportgen.emotions import affect


@dataclass(frozen=True, slots=True)
class Orientation:
    """A rotation, perhaps with a reflection."""

    turn: np.ndarray  # (2, 2): places @ turn
    by: Literal["affect", "none"]


def orientation(emotions: Sequence[str], anchors: np.ndarray, plane: np.ndarray, weights: np.ndarray) -> Orientation:
    """How a map is to be turned.

    Args:
        emotions: their names.
        anchors: (emotion, 2): where the pure ones lie.
        plane: (vector, 2): where vectors lie whose weighted mean is 0.
        weights: (vector,).
    """
    known = [(place, found) for name, place in zip(emotions, anchors, strict=True) if (found := affect(name)) is not None]
    if len(known) >= 2:
        places, wanted = (np.array(side, np.float64) for side in zip(*known, strict=True))
        turn, _ = orthogonal_procrustes(places - places.mean(axis=0), wanted - wanted.mean(axis=0))
        return Orientation(turn, "affect")
    return Orientation(_by_spread(anchors, plane, weights), "none")


def _by_spread(anchors: np.ndarray, plane: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The widest direction lies across; along each axis the pure emotion that lies farthest is on the positive side."""
    _, axes = np.linalg.eigh((plane * weights[:, None]).T @ plane)
    axes = axes[:, ::-1]
    laid = anchors @ axes
    signs = np.sign(laid[np.abs(laid).argmax(axis=0), [0, 1]])
    return np.asarray(axes * np.where(signs == 0, 1, signs))


def agreement(emotions: Sequence[str], anchors: np.ndarray) -> tuple[float | None, float | None]:
    """Pearson's correlation of the anchors' x with valence and of their y with arousal; None of fewer than three."""
    known = [(place, found) for name, place in zip(emotions, anchors, strict=True) if (found := affect(name)) is not None]
    if len(known) < 3:
        return None, None
    places, wanted = (np.array(side, np.float64) for side in zip(*known, strict=True))
    first, second = (_correlation(places[:, axis], wanted[:, axis]) for axis in (0, 1))
    return first, second


def _correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else None
