"""How densely segments lie on a map: shades of one quiet hue, and lines, each of which holds a share of them.

`Density` is the kind `density`: edges of a grid, `x` and `y`, and the share of segments in each cell (row, column).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

Density = Mapping[str, np.ndarray]

HELD = (0.95, 0.8, 0.6, 0.4, 0.2)
"""Shares of the segments that the shades of a density hold, from the palest to the darkest."""
OUTLINED = (0.8, 0.4)
"""Shares of the segments that the lines of a density hold."""
SHADES = LinearSegmentedColormap.from_list("shades", ["#F1F3F5", "#A9B4C0"])
_SMOOTH = 0.1  # of the width of the map: how far the density of a single segment would be smoothed
_MANY = 1000  # segments from which on the density is told by themselves; fewer are smoothed further, or each is an island
_FURTHER = 1.6  # times at most
_DARK = 0.4  # share of the segments that dark ground holds


def shades(ax: Axes, density: Density, shares: np.ndarray, n: int | None = None) -> None:
    """Draw shares (row, column) of segments on the grid of a density as filled contours of one quiet hue; `n`: of how many."""
    smooth = _smoothed(shares, n)
    if levels := _levels(smooth, HELD):
        colours = SHADES(np.linspace(0, 1, len(levels)))
        ax.contourf(*_centres(density), smooth, [*levels, smooth.max() * 1.01], colors=colours, zorder=0.5)


def outlines(
    ax: Axes,
    density: Density,
    shares: np.ndarray,
    colour: str = "black",
    held: Sequence[float] = OUTLINED,
    n: int | None = None,
) -> None:
    """Draw shares (row, column) of segments as contour lines, which hold `held` of them; `n`: how many."""
    smooth = _smoothed(shares, n)
    if levels := _levels(smooth, held):
        ax.contour(*_centres(density), smooth, levels, colors=colour, linewidths=0.8, zorder=1.5)


def shares_of(points: np.ndarray, density: Density) -> np.ndarray:
    """Share of points (point, 2) in each cell (row, column) of the grid of a density; those beyond it are in no cell."""
    counts = np.histogram2d(points[:, 1], points[:, 0], bins=[density["y"], density["x"]])[0]
    return np.asarray(counts / max(len(points), 1))


def ground_of(density: Density, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centres (cell, 2) of the cells where shades are darkest, and how dense it is there, (cell,) in [0, 1]."""
    smooth = _smoothed(shares)
    levels = _levels(smooth, (_DARK,))
    rows, columns = np.nonzero(smooth >= levels[0]) if levels else (np.empty(0, int), np.empty(0, int))
    x, y = _centres(density)
    return np.stack([x[columns], y[rows]], axis=1), np.ones(len(rows))


def _centres(density: Density) -> tuple[np.ndarray, np.ndarray]:
    x, y = ((density[axis][1:] + density[axis][:-1]) / 2 for axis in "xy")
    return x, y


def _smoothed(shares: np.ndarray, n: int | None = None) -> np.ndarray:
    """Shares (row, column), smoothed with a Gaussian that narrows with the number of segments as by Scott (1992).

    Where that number is not given, it is told by the least share: cells at the rim hold one segment each.
    """
    found = np.asarray(shares, float)
    least = 1 / n if n and n < _MANY else float(found[found > 0].min(initial=1))
    width = _SMOOTH * least ** (1 / 6) * float(np.clip((_MANY * least) ** 0.4, 1, _FURTHER))
    for axis in (0, 1):
        cells = found.shape[axis]
        apart = np.subtract.outer(np.arange(cells), np.arange(cells)) / max(width * cells, 0.6)
        weights = np.exp(-(apart**2) / 2)
        found = np.moveaxis(np.tensordot(weights / weights.sum(axis=0), found, (1, axis)), 0, axis)
    return found


def _levels(smooth: np.ndarray, held: Sequence[float]) -> list[float]:
    """Heights above which such shares of everything lie, rising."""
    falling = np.sort(smooth.ravel())[::-1]
    if not falling.sum() > 0:
        return []
    mass = np.cumsum(falling) / falling.sum()
    found = {float(falling[min(int(np.searchsorted(mass, share)), len(falling) - 1)]) for share in held}
    return [level for level in sorted(found) if 0 < level < smooth.max()]
