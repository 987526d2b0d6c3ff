"""Labels beside points of a chart, where they cover neither each other nor the points."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from reportgen.figures._style import SMALL, label_width

_LINE = 1.3  # heights of letters from one line to the next
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
_GAPS = (0.09, 0.2, 0.32, 0.46, 0.62)  # inches from the point: the nearest free place is taken
_OUTSIDE, _COVERED, _ON_LABEL, _FAR = 400.0, 3.0, 60.0, 2.0  # what is paid for each fault


@dataclass(frozen=True, slots=True)
class Label:
    """Words of one point."""

    x: float
    y: float
    text: str  # may have several lines
    colour: str
    weight: str = "normal"


def place_labels(ax: Axes, labels: Sequence[Label], avoid: np.ndarray) -> None:
    """Write labels, the first one first, each where it covers least.

    Args:
        ax: with its final place in the picture and its final limits.
        labels: the most important first.
        avoid: (point, 2) in data: what should stay free beside the points of the labels.
    """
    inches = ax.transData + ax.figure.dpi_scale_trans.inverted()
    area = ax.get_window_extent().transformed(ax.figure.dpi_scale_trans.inverted())
    points = np.array([(one.x, one.y) for one in labels], float).reshape(-1, 2)
    busy = inches.transform(np.concatenate([points, np.asarray(avoid, float).reshape(-1, 2)]))
    inside = np.array([area.x0, area.y0, area.x1, area.y1])
    taken: list[np.ndarray] = []
    for one in labels:
        at = inches.transform((one.x, one.y))
        size = np.array([_width(one), _height(one)])
        boxes = [_box(at, size, side, gap) for gap, side in product(_GAPS, _SIDES)]
        fees = [
            _fee(box, inside, busy, taken) + _FAR * gap for box, (gap, _) in zip(boxes, product(_GAPS, _SIDES), strict=True)
        ]
        box = boxes[int(np.argmin(fees))]
        taken.append(box)
        _write(ax, one, at, box)


def _width(one: Label) -> float:
    return label_width(one.text.split("\n"), SMALL) - 0.06


def _height(one: Label) -> float:
    return (one.text.count("\n") + 1) * SMALL * _LINE / 72


def _box(at: np.ndarray, size: np.ndarray, side: tuple[int, int], gap: float) -> np.ndarray:
    """Left, lower, right and upper edge in inches of a label on one side of a point."""
    direction = np.array(side, float)
    reach = gap / np.linalg.norm(direction)
    middle = at + direction * (reach + size / 2)
    return np.concatenate([middle - size / 2, middle + size / 2])


def _fee(box: np.ndarray, inside: np.ndarray, busy: np.ndarray, taken: Sequence[np.ndarray]) -> float:
    """How bad a place is: outside, over points, over other labels."""
    out = np.maximum(0, [inside[0] - box[0], inside[1] - box[1], box[2] - inside[2], box[3] - inside[3]]).sum()
    margin = 0.035
    covered = np.all((busy > box[:2] - margin) & (busy < box[2:] + margin), axis=1).sum()
    over = sum(float(np.prod(np.maximum(0, np.minimum(box[2:], one[2:]) - np.maximum(box[:2], one[:2])))) for one in taken)
    return float(_OUTSIDE * out + _COVERED * covered + _ON_LABEL * over + (over > 0))


def _write(ax: Axes, one: Label, at: np.ndarray, box: np.ndarray) -> None:
    middle = (box[:2] + box[2:]) / 2
    nearest = np.clip(at, box[:2], box[2:])
    points = 72 * (np.array([box[0], middle[1]]) - at)
    how: dict[str, Any] = {"ha": "left", "va": "center", "fontsize": SMALL, "linespacing": 1.1, "zorder": 5}
    ax.annotate(one.text, (one.x, one.y), tuple(points), "data", "offset points", color=one.colour, weight=one.weight, **how)
    if np.linalg.norm(nearest - at) > 0.15:  # inches: it stands so far away that a thin line leads to it
        ends = 72 * (nearest - at)
        line = {"arrowstyle": "-", "color": one.colour, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3, "alpha": 0.6}
        ax.annotate("", (one.x, one.y), tuple(ends), "data", "offset points", arrowprops=line)
