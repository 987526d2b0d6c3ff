"""A way over a map as a comet whose tail fades."""

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.patches import Polygon

from reportgen.figures._style import INK
from reportgen.figures._trajectories import Track, along, ellipse

_BRIGHTEST = 0.85  # of cividis: what is brighter is lost on white
_ELLIPSES = 6  # of a way
_ARROWS = 5
_LONG = 0.4  # of the width of the panel: a way needs that for each arrow


def colours(time: np.ndarray) -> np.ndarray:
    """(…, rgba) of moments in [0, 1]: cividis, the later the brighter."""
    return np.asarray(colormaps["cividis"](_BRIGHTEST * np.asarray(time)))


def draw_comet(ax: Axes, track: Track, time: np.ndarray) -> None:
    """A way whose tail fades: coloured by time, with its start, its end, arrows and, at some segments, its uncertainty."""
    at = track.at
    parts = np.stack([at[:-1], at[1:]], axis=1)  # (step, end, axis)
    head = (time[:-1] + time[1:]) / 2
    ax.add_collection(LineCollection(list(parts), colors="white", linewidths=1.7 + 1.9 * head**1.5, capstyle="round", zorder=6))
    faded = colours(head)
    faded[:, 3] = 0.4 + 0.6 * head**1.5
    ax.add_collection(LineCollection(list(parts), colors=faded, linewidths=0.7 + 1.5 * head**1.5, capstyle="round", zorder=7))
    _ellipses(ax, track, time)
    for place, angle in zip(*along(at, _LONG * float(np.ptp(ax.get_xlim())), _ARROWS), strict=True):
        head_of = (3, 0, np.degrees(angle) - 90)
        ax.plot(*place, marker=head_of, markersize=5, color=INK, markeredgecolor="white", markeredgewidth=0.5, zorder=8)
    ends: dict[str, Any] = {"markersize": 5.5, "markeredgewidth": 1.2, "zorder": 9}
    ax.plot(*at[0], "o", color=colours(time)[0], markerfacecolor="white", **ends)
    ax.plot(*at[-1], "o", markerfacecolor=colours(time)[-1], markeredgecolor=INK, **ends | {"markeredgewidth": 0.8})


def _ellipses(ax: Axes, track: Track, time: np.ndarray) -> None:
    """Two standard deviations around some segments."""
    chosen = np.unique(np.linspace(0, len(track.at) - 1, _ELLIPSES).round().astype(int))
    known = [i for i in chosen if np.nan_to_num(np.trace(track.spread[i])) > 0]
    outlines = [Polygon(outline) for outline in ellipse(track.at[known], track.spread[known])]
    edges = colours(time[known])
    how: dict[str, Any] = {"facecolors": np.column_stack([edges[:, :3], np.full(len(known), 0.15)]), "edgecolors": edges}
    ax.add_collection(PatchCollection(outlines, linewidths=0.5, zorder=5, **how))
