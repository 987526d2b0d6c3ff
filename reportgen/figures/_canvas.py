"""Sheets of small images: one canvas measured in inches, so that everything lies where it is put.

`x` and `y` are the left and upper edge in inches from the upper left corner of the picture, `side` the width and
height of a square image.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.image import AxesImage

from reportgen.figures._style import QUIET, SMALL, WIDTHS, Width


def canvas(width: Width, height: float) -> tuple[Picture, Axes]:
    """An empty picture of the report's width whose one Axes counts inches, downwards from the upper left corner."""
    picture = Picture(figsize=(WIDTHS[width], height))
    ax = picture.add_axes((0, 0, 1, 1), xlim=(0, WIDTHS[width]), ylim=(height, 0), autoscale_on=False)
    ax.set_axis_off()
    return picture, ax


def place(ax: Axes, image: np.ndarray, x: float, y: float, side: float, **how: Any) -> AxesImage:
    """Draw (row, column) grey in [0, 255] or (row, column, rgb) in [0, 1]; `how` overrides the colour scale."""
    scale: dict[str, Any] = {"cmap": "gray", "vmin": 0, "vmax": 255} | how
    return ax.imshow(image, extent=(x, x + side, y + side, y), aspect="auto", **scale)


def faded(image: np.ndarray, keep: np.ndarray, strength: float = 0.3) -> np.ndarray:
    """Grey (row, column) in [0, 255] as rgb in [0, 1]: clear where `keep` (row, column) bool holds, pale elsewhere."""
    grey = np.asarray(image, float) / 255
    return np.repeat(np.where(keep, grey, 1 - strength * (1 - grey))[..., None], 3, axis=-1)  # (row, column, rgb)


def outline(ax: Axes, mask: np.ndarray, x: float, y: float, side: float, **how: Any) -> None:
    """Draw the boundary of a mask (row, column) bool along the edges of its pixels."""
    if mask.any():
        ax.contour(*_fine(mask, x, y, side), levels=[0.5], **how)


def hatch(ax: Axes, mask: np.ndarray, x: float, y: float, side: float, colour: str) -> None:
    """Hatch a mask (row, column) bool and leave what lies below visible."""
    if mask.any():
        drawn = ax.contourf(*_fine(mask, x, y, side), levels=[0.5, 1.5], colors="none", hatches=["//////"])
        drawn.set(edgecolor=colour, linewidth=0)


def _fine(mask: np.ndarray, x: float, y: float, side: float, times: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A mask on a finer grid with an empty rim: its contours follow the pixels and close at the border."""
    values = np.pad(np.kron(mask, np.ones((times, times))), 1)
    down, right = ((np.arange(n) - 0.5) / (n - 2) * side for n in values.shape)
    return x + right, y + down, values


def colour_bar(ax: Axes, image: AxesImage, label: str) -> None:
    """What the colours of an image mean: a bar in the lower right corner of the canvas."""
    width, height = ax.get_xlim()[1], ax.get_ylim()[0]
    inside = ax.inset_axes((width - 2.0, height - 0.28, 1.8, 0.08), transform=ax.transData)
    bar = inside.figure.colorbar(image, cax=inside, orientation="horizontal")
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL, length=2, pad=1)
    ax.text(width - 2.1, height - 0.24, label, ha="right", va="center", fontsize=SMALL, color=QUIET)
