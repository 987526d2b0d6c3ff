"""Names beside points of a square panel: none over another, over a marker or beyond the edge, as far as there is room."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.textpath import TextPath

_TURNS = np.arange(16) * 2 * np.pi / 16
_REACHES = (8.0, 12.0, 19.0, 27.0, 36.0, 48.0, 62.0, 78.0)  # points from the marker to the name
_LED = 12.0  # points from which on a line leads from the marker to its name
_MARKER = 4.0  # points: half of the width of a marker
_BETWEEN = 4.0  # points between two names in one line
_ROUNDS = 4
_DARK = 14.0  # what a name costs that lies on the darkest ground: as much as this many points from its marker
Boxes = np.ndarray
"""(box, 4) in points: left, bottom, right, top."""
Ground = tuple[np.ndarray, np.ndarray]
"""Places (place, 2) on the map, and how dark it is there, (place,) in [0, 1]."""


def beside_points(
    ax: Axes,
    at: np.ndarray,
    names: Sequence[str],
    colours: Sequence[str],
    inches: float | None = None,
    size: float = 7.5,
    *,
    ground: Ground | None = None,
) -> None:
    """Write names beside points (point, 2) of the map.

    Args:
        ax: with its final limits.
        at: (point, 2) in the units of the axes.
        names: one a point.
        colours: of names.
        inches: side of the square panel when printed; None: as it is now.
        size: of the text, in points.
        ground: what is dark behind the names, which is avoided.
    """
    if not names:
        return
    points, side = _points(ax, at, inches)
    extents = [(extent(name, size)[0] + _BETWEEN, extent(name, size)[1]) for name in names]
    dark = (np.empty((0, 2)), np.empty(0)) if ground is None else (_points(ax, ground[0], inches)[0], ground[1])
    offsets, aligned = _placed(points, side, extents, dark)
    for where, name, colour, offset, across in zip(at, names, colours, offsets, aligned, strict=True):
        far = float(np.hypot(*offset)) > _LED + 1
        line = {"arrowstyle": "-", "color": "#7A7A7A", "linewidth": 0.5, "shrinkA": 1, "shrinkB": 3} if far else None
        how: dict[str, Any] = {"ha": across, "va": "center", "fontsize": size, "color": colour, "arrowprops": line}
        text = ax.annotate(name, where, offset, "data", "offset points", zorder=6, annotation_clip=False, **how)
        text.set_path_effects([withStroke(linewidth=1.8, foreground="white")])


def _points(ax: Axes, at: np.ndarray, inches: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Where points lie in the panel, and its width and height, in points."""
    position, page = ax.get_position(), np.asarray(ax.get_figure().get_size_inches())  # type: ignore[union-attr]
    now = 72 * min(page * [position.width, position.height])
    side = np.full(2, now if inches is None else 72 * inches)
    ends = np.array([ax.get_xlim(), ax.get_ylim()])
    return (at - ends[:, 0]) / np.diff(ends, axis=1)[:, 0] * side, side


@cache
def extent(name: str, size: float) -> tuple[float, float]:
    """Width and height of a text of one line, in points."""
    box = TextPath((0, 0), name, size=size, prop=FontProperties(family="DejaVu Sans")).get_extents()
    return float(box.width) + 2, 1.15 * size


def cut(text: str, inches: float, size: float) -> str:
    """The text, or its beginning if it is wider than there is room."""
    if extent(text, size)[0] <= 72 * inches:
        return text
    shown = bisect_right(range(1, len(text)), 72 * inches, key=lambda n: extent(_short(text, n), size)[0])
    return _short(text, max(shown, 1))


def _short(text: str, n: int) -> str:
    return text[:n].rstrip() + "…"


def _placed(
    points: np.ndarray, side: np.ndarray, extents: Sequence[tuple[float, float]], dark: Ground
) -> tuple[np.ndarray, list[str]]:
    """Offsets (name, 2) in points and how each name is aligned: the best of many places, again as others have moved."""
    offsets, aligned = _candidates()
    choices = [_boxes(point, offsets, aligned, size) for point, size in zip(points, extents, strict=True)]
    markers = np.hstack([points - _MARKER, points + _MARKER])
    outward = points - points.mean(axis=0)
    costs = [
        20 * _overlap(boxes, markers) + 40 * _beyond(boxes, side) + _strain(offsets, out) + _DARK * _darkness(boxes, dark)
        for boxes, out in zip(choices, outward, strict=True)
    ]
    chosen: list[int | None] = [None] * len(points)
    for _ in range(_ROUNDS):
        for i, boxes in enumerate(choices):
            taken = [choices[j][k] for j, k in enumerate(chosen) if j != i and k is not None]
            crowd = _overlap(boxes, np.array(taken).reshape(-1, 4))
            chosen[i] = int(np.argmin(costs[i] + 60 * crowd))
    best = [choice or 0 for choice in chosen]
    return offsets[best], [aligned[i] for i in best]


def _candidates() -> tuple[np.ndarray, list[str]]:
    """Offsets (candidate, 2) in points from a point, and the side of the name that stands there."""
    around = np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=1)
    offsets = np.concatenate([reach * around for reach in _REACHES])
    sides = ["center" if abs(x) < 1e-6 else "left" if x > 0 else "right" for x, _ in offsets]
    return offsets, sides


def _boxes(point: np.ndarray, offsets: np.ndarray, aligned: Sequence[str], size: tuple[float, float]) -> Boxes:
    """Where a name would stand in each case."""
    width, height = size
    left = np.array([{"left": 0.0, "center": 0.5, "right": 1.0}[side] for side in aligned]) * width
    corner = point + offsets - np.stack([left, np.full(len(left), height / 2)], axis=1)
    return np.hstack([corner, corner + np.array([width, height])])


def _overlap(boxes: Boxes, others: Boxes) -> np.ndarray:
    """Area that each box shares with others, in square points, as at least 1 where it is not 0."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low, 0, None).prod(axis=2).sum(axis=1))


def _darkness(boxes: Boxes, ground: Ground) -> np.ndarray:
    """How dark it is at the darkest place in each box."""
    (x, y), values = ground[0].T, ground[1]
    left, low, right, high = boxes.T[:, :, None]
    inside = (x >= left) & (x <= right) & (y >= low) & (y <= high)
    return np.asarray(np.where(inside, values, 0.0).max(axis=1, initial=0.0))


def _beyond(boxes: Boxes, side: np.ndarray) -> np.ndarray:
    """How far each box reaches beyond the panel, in points."""
    return np.asarray((np.clip(-boxes[:, :2], 0, None) + np.clip(boxes[:, 2:] - side, 0, None)).sum(axis=1))


def _strain(offsets: np.ndarray, outward: np.ndarray) -> np.ndarray:
    """What a place costs by itself: far from its point, or on the side where the others are."""
    reach = np.hypot(*offsets.T)
    length = float(np.hypot(*outward))
    along = offsets @ outward / (reach * length) if length > 0 else np.zeros(len(reach))
    return np.asarray(reach - 3 * along)
