"""Heads seen from above, nose up: maps of values between electrodes, drawn by MNE, and the electrodes by themselves.

Units of all plots are head radii: the outline of the head has radius 1.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.patches import Circle

from reportgen.errors import MachineError
from reportgen.figures._style import INK, QUIET, SMALL

Place = Sequence[float]

FEWEST = 8  # electrodes: with fewer, what a map shows between them would be invented
_CENTRE = (-0.0015, 0.0167, 0.0390)  # m, head coordinates of MNE: between FPz and Oz, T7 and T8 of `colin27_1005`
_TILT = np.deg2rad(7.85)  # of the line from Oz to FPz against the axis to the nose: Oz lies higher
_EDGE = np.deg2rad(100)  # angle from the vertex at which the outline is drawn; T7 lies at 95 degrees, FPz at 86


def flat(places: Sequence[Place]) -> np.ndarray:
    """Places on the head (electrode, 3) in m as points of the plane (electrode, 2) in head radii.

    Azimuthal and equidistant: the distance from the vertex Cz is the angle from it.
    """
    x, y, z = (np.asarray(places, float).reshape(-1, 3) - _CENTRE).T
    front, up = y * np.cos(_TILT) - z * np.sin(_TILT), y * np.sin(_TILT) + z * np.cos(_TILT)
    across = np.hypot(x, front)
    radius = np.arctan2(across, up) / _EDGE
    return np.asarray(np.stack([x, front], axis=-1) * (radius / np.maximum(across, 1e-9))[:, None])


def scalp_map(
    ax: Axes,
    values: np.ndarray,
    positions: Mapping[str, Place],
    channels: Sequence[str],
    limits: tuple[float, float],
    cmap: str | Colormap,
    names: bool = False,
) -> ScalarMappable:
    """Draw values between their electrodes, or, of fewer than eight electrodes, as coloured dots.

    The map ends at the outline; electrodes below it are coloured dots beside it.

    Args:
        ax: to draw into; its frame is taken away.
        values: (channel,); electrodes without a finite one are left out.
        positions: {channel: (x, y, z)} m, head coordinates; a channel without one is left out.
        channels: names.
        limits: values at both ends of the colours.
        cmap: colours.
        names: whether to name the electrodes.

    Returns:
        What a colour bar needs.

    Raises:
        MachineError: MNE is not installed.
    """
    shown = [i for i, channel in enumerate(channels) if channel in positions and np.isfinite(values[i])]
    points, heights = flat([positions[channels[i]] for i in shown]), np.asarray(values, float)[shown]
    colours = ScalarMappable(Normalize(*limits), cmap)
    if len(shown) < FEWEST:
        _dots(ax, points, colours.to_rgba(heights), 55)
    else:
        _interpolate(ax, heights, points, limits, cmap)
        low = np.hypot(*points.T) > 1  # where the map has ended
        ax.plot(*points[~low].T, ".", color=INK, markersize=1.6, markeredgewidth=0, zorder=3)
        _dots(ax, points[low], colours.to_rgba(heights[low]), 14)
    if names:
        _name(ax, points, [channels[i] for i in shown])
    _head(ax, points)
    return colours


def electrodes(ax: Axes, positions: Mapping[str, Place], channels: Sequence[str], names: bool = True) -> None:
    """Draw where the electrodes sit; a channel without a position is left out."""
    shown = [channel for channel in channels if channel in positions]
    points = flat([positions[channel] for channel in shown])
    ax.plot(*points.T, "o", color=INK, markersize=3, markeredgewidth=0, zorder=3)
    if names:
        _name(ax, points, shown)
    _head(ax, points)


def _interpolate(ax: Axes, values: np.ndarray, points: np.ndarray, limits: tuple[float, float], cmap: str | Colormap) -> None:
    try:
        from mne.viz import plot_topomap
    except ImportError:
        raise MachineError("scalp maps are drawn by MNE, which is not installed", "pip install 'reportgen[run]'") from None
    how = {"sphere": (0, 0, 0, 1), "outlines": None, "sensors": False, "contours": 0, "extrapolate": "head", "show": False}
    image, _ = plot_topomap(values, points, axes=ax, vlim=limits, cmap=cmap, **how)
    image.set_clip_path(Circle((0, 0), 1, transform=ax.transData))


def _dots(ax: Axes, points: np.ndarray, colours: np.ndarray, area: float) -> None:
    ax.scatter(points[:, 0], points[:, 1], s=area, c=colours, edgecolors=QUIET, linewidths=0.5, clip_on=False, zorder=3)


def _name(ax: Axes, points: np.ndarray, names: Sequence[str]) -> None:
    for point, name in zip(points, names, strict=True):
        ax.annotate(name, point, (0, 3), textcoords="offset points", ha="center", va="bottom", fontsize=SMALL, zorder=4)


def _head(ax: Axes, points: np.ndarray) -> None:
    """Outline with nose and ears, and room for them."""
    ear = np.array([[0.995, 0.12], [1.04, 0.16], [1.08, 0.14], [1.09, 0.0], [1.1, -0.14], [1.06, -0.24], [0.97, -0.24]]).T
    turn = np.linspace(0, 2 * np.pi, 121)
    nose = [[-0.17, 0, 0.17], [0.985, 1.13, 0.985]]
    for x, y in ((np.cos(turn), np.sin(turn)), nose, ear, (-ear[0], ear[1])):
        ax.plot(x, y, color=QUIET, linewidth=0.8, zorder=2.5)
    side, low = np.abs(points).max(axis=0, initial=1) + 0.08
    ax.set(xlim=(-max(side, 1.13), max(side, 1.13)), ylim=(-low, 1.16), aspect="equal")
    ax.set_axis_off()
