"""Traces of signals below each other, each in a lane of its own, all on one scale, and bars that say which."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from reportgen.figures._signals import round_down
from reportgen.figures._style import INK, QUIET, SMALL

_USUAL, _TRACES = 0.97, 0.8  # share of a trace, and of traces, that have room in their lanes
_LANE = 0.58  # of the distance of two traces: how far one may go from its middle, beyond which it is cut


def step_of(windows: Sequence[np.ndarray]) -> float:
    """Distance of two traces, in the unit of windows (channel, time): most of most real ones keeps to its lane."""
    reach = [np.quantile(np.abs(row - np.median(row)), _USUAL) for one in windows for row in one]
    return float(np.quantile(reach, _TRACES)) / _LANE or 1.0


def traces(ax: Axes, x: np.ndarray, seconds: float, step: float, **line: Any) -> None:
    """Signals (channel, time) below each other, each without its median and cut where its lane ends."""
    time = np.arange(x.shape[1]) * seconds / x.shape[1]
    for i, row in enumerate(x):
        lane = Rectangle((0, -(i + _LANE) * step), seconds, 2 * _LANE * step, transform=ax.transData)
        (drawn,) = ax.plot(time, row - np.median(row) - i * step, **({"linewidth": 0.6} | line))
        drawn.set_clip_path(lane)
    ax.set(xlim=(0, seconds), ylim=(-(len(x) - 1 + _LANE) * step, _LANE * step), xticks=[])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def scale_bars(ax: Axes, seconds: float, step: float, unit: str, traces: int) -> None:
    """Bars of some s and some of the unit below the last panel of `traces` that are `step` apart."""
    wide, high = round_down(0.3 * seconds), round_down(0.8 * step)
    x, y = seconds, -(traces + 0.62) * step
    ax.plot([x - wide, x, x], [y, y, y + high], color=INK, linewidth=1.1, solid_joinstyle="miter", clip_on=False)
    text = f"{wide:g} s" if wide >= 1 else f"{1000 * wide:g} ms"
    how: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": SMALL, "color": QUIET, "annotation_clip": False}
    ax.annotate(f"{text}, {high:g} {unit}".strip(), (x - wide, y), (-4, 2), textcoords="offset points", **how)
