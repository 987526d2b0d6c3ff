"""Rows of heads, one a band: what rows of values look like on the head, or on the grid that stands for it."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.figures._layout import Colours, Layout, colour_bar
from reportgen.figures._scalp import scalp_map
from reportgen.figures._style import TALLEST, fit, new_figure

SEEN = "Heads are seen from above, nose up."
GRID = "Grids are the head seen from above, nose up; white cells have no electrode."


def head_rows(maps: np.ndarray, names: Sequence[str], own: Layout, colours: Colours, label: str) -> Picture:
    """Draw maps (row, place, band), rows named at their left and bands above, with the meaning of the colours below."""
    picture = new_figure("column", min(0.9 + 1.1 * len(names), TALLEST))
    axes = picture.subplots(len(names), len(own.names), squeeze=False)
    for (row, column), ax in np.ndenumerate(axes):
        values = maps[row, :, column]
        if own.grid:
            grid(ax, values.reshape(own.grid), colours)
        else:
            scalp_map(ax, values, own.positions, own.places, colours.limits, colours.cmap)
        if row == 0:
            ax.set_title(fit(own.names[column], 5.2 / len(own.names)), loc="center")
        if column == 0:
            at = "axes fraction", "offset points"
            ax.annotate(fit(names[row], 1.1), (0, 0.5), (-8, 0), *at, ha="right", va="center")
    colour_bar(picture, colours, axes, maps, label)
    return picture


def grid(ax: Axes, values: np.ndarray, colours: Colours) -> None:
    """A grid (row, column), nose up; empty cells stay white."""
    ax.imshow(np.ma.masked_invalid(values), cmap=colours.cmap, norm=colours.norm, interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
