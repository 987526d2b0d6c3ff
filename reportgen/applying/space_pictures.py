"""Draws places on a map of emotions, with their uncertainty and, where rows follow each other, their course."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from reportgen.applying.answers import Drawn
from reportgen.applying.drawing import embedded
from reportgen.figures._comet import draw_comet
from reportgen.figures._emotion_space import background
from reportgen.figures._style import INK, drawing_style, new_figure
from reportgen.figures._trajectories import TWO, Track, ellipse

_SIDE = 4.4  # inches
_WIDEST = 0.1  # of the width of the map: half a drawn ellipse; one that fills the map hides it
_DASHED = " A dashed ellipse is larger than it is drawn: that place is hardly known."
_CUT = " Ellipses are drawn no larger than a fifth of the map: some are larger."
SINGLE = 40
"""Rows that get an ellipse and a ring of their own; more are dots."""


def drawn_on(
    about: Mapping[str, Any],
    density: Mapping[str, np.ndarray] | None,
    at: np.ndarray,
    spread: np.ndarray,
    courses: Sequence[np.ndarray] = (),
    *,
    alt: str,
    caption: str,
) -> Drawn:
    """A map with places on it.

    Args:
        about: kind `map`.
        density: kind `density`, or None.
        at: (row, 2).
        spread: (row, 2, 2) covariance.
        courses: rows (row,) int that a line joins, in the order of time.
        alt: see Drawn.
        caption: see Drawn.
    """
    spread, cut = _cut(spread, float(np.ptp(about["limits"][0])))
    if cut.any() and (courses or len(at) <= SINGLE):
        caption += _CUT if courses else _DASHED
    with drawing_style():
        picture = new_figure("narrow", _SIDE)
        ax = picture.subplots()
        background(ax, about, density, inches=_SIDE - 0.4, axis_names=True)
        _reach(ax, np.vstack([at, *([ellipse(at, spread).reshape(-1, 2)] if len(at) <= SINGLE and not courses else [])]))
        for rows in (rows for rows in courses if len(rows) > 1):
            track = Track(name="", at=at[rows], spread=spread[rows], intensities=np.empty((len(rows), 0)))
            draw_comet(ax, track, np.linspace(0, 1, len(rows)))
        if len(at) <= SINGLE and not courses:
            for outline, larger in zip(ellipse(at, spread), cut, strict=True):
                how: dict[str, Any] = {"fill": False, "edgecolor": INK, "linestyle": "--", "linewidth": 0.9}
                how = how if larger else {"facecolor": INK, "alpha": 0.18, "linewidth": 0}
                ax.add_patch(Polygon(outline, zorder=5, **how))
            ax.plot(*at.T, "o", color="none", markeredgecolor=INK, markeredgewidth=1.3, markersize=8, zorder=6)
        if not courses:
            ax.plot(*at.T, "o", color=INK, markersize=2, zorder=6)
        return embedded(picture, alt=alt, caption=caption, dense=len(at) > 2000)


def _cut(spread: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Covariances (row, 2, 2) whose ellipses are no larger than is drawn, and which ones (row,) were."""
    half = TWO * np.sqrt(np.maximum(np.linalg.eigvalsh(np.nan_to_num(spread))[:, -1], 0))
    size = np.minimum(1, _WIDEST * width / np.maximum(half, 1e-12))
    return spread * size[:, None, None] ** 2, size < 1


def _reach(ax: Axes, at: np.ndarray) -> None:
    """Widen the limits, which are square, so that no place lies outside."""
    across, up = np.array(ax.get_xlim()), np.array(ax.get_ylim())
    middle = np.array([across.mean(), up.mean()])
    half = max(np.ptp(across), np.ptp(up)) / 2
    needed = 1.05 * float(np.abs(at - middle).max(initial=0))
    if needed > half:
        ax.set(xlim=middle[0] + np.array([-needed, needed]), ylim=middle[1] + np.array([-needed, needed]))
