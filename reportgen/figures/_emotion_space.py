"""The map of emotions as figures share it: what lies behind predictions, trajectories and classes.

`Map` is the kind `map`, `Density` the kind `density`. Places are (x, y) in the units of the map, sizes of panels in inches.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import atan2, cos, pi, sin
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, Wedge
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from reportgen.emotions import plain
from reportgen.figures._callouts import Ground, beside_points, cut, extent
from reportgen.figures._density import Density, ground_of, shades
from reportgen.figures._style import INK, QUIET, SMALL, Look, looks
from reportgen.figures._words import noun, sentence
from reportgen.words import NO_BREAK, percent

Map = Mapping[str, Any]

NOTHING = looks(["neutral"])[0]
"""How the vector of zeros is drawn: as a neutral class."""
TOLD = 0.8  # correlation of the anchors with valence or arousal from which an axis is named after it
SELDOM = 0.005  # share below which segments without emotion are not counted
_RIM, _LEAST = 0.12, 0.2  # inches between the ring and the names, and its least radius
_WIDE = 2.6  # inches of a panel in which the names of two quadrants stand side by side
_QUADRANTS = (
    (("pleasant", "excited"), 1, 1),
    (("unpleasant", "excited"), 0, 1),
    (("unpleasant", "calm"), 0, 0),
    (("pleasant", "calm"), 1, 0),
)
_HALO = [withStroke(linewidth=1.8, foreground="white")]


def look_of(emotion: str) -> Look:
    """Colour and marker of an emotion in every figure."""
    return looks([emotion])[0]


def colour_of(emotion: str) -> str:
    """Colour of an emotion in every figure."""
    return look_of(emotion).colour


def looks_on(found_map: Map) -> dict[str, Look]:
    """Colour and marker of each emotion of a map: as everywhere, and those that nobody knows unlike each other."""
    return dict(zip(found_map["emotions"], looks(found_map["emotions"]), strict=True))


def called(emotion: str) -> str:
    """What an emotion is called within a sentence: `happiness`, `joyful activation`, `PVHA`."""
    name = emotion.strip()
    return name if name.isupper() else noun(name.replace("_", " ").lower())


def is_plane(found_map: Map) -> bool:
    """Whether the map is the plane of valence and arousal itself."""
    return bool(found_map["method"] == "plane")


def background(
    ax: Axes,
    found_map: Map,
    density: Density | None,
    *,
    labels: bool = True,
    part: str = "train",
    inches: float | None = None,
    axis_names: bool = False,
) -> None:
    """Draw what lies behind everything: shades of the density, the vector of zeros and the pure emotions.

    Args:
        ax: gets equal scales and the limits of the map.
        found_map: kind `map`.
        density: kind `density`; None: no shades.
        labels: write the names of emotions beside them; they do not overlap.
        part: of the density, train or test.
        inches: side of the panel when printed; needed where a layout still changes it. Without: as it is now.
        axis_names: say what the axes mean, or that they mean nothing.
    """
    frame(ax, found_map, axis_names=axis_names)
    if density is not None:
        shades(ax, density, density[part], found_map["segments"] if part == "train" else None)
    anchors(ax, found_map)
    if labels:
        name_anchors(ax, found_map, inches, ground=None if density is None else ground_of(density, density[part]))


def frame(ax: Axes, found_map: Map, *, axis_names: bool = False, box: bool = False) -> None:
    """Limits, equal scales and, of the plane of valence and arousal, ticks; `box`: a thin line around the panel."""
    across, up = found_map["limits"]
    ax.set(xlim=across, ylim=up, autoscale_on=False)
    ax.set_aspect("equal", adjustable="box")
    if is_plane(found_map):
        middle = _middle(found_map)
        ax.axhline(middle, color="#D0D0D0", linewidth=0.6, zorder=0.6)
        ax.axvline(middle, color="#D0D0D0", linewidth=0.6, zorder=0.6)
    if is_plane(found_map) and axis_names:
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    else:
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(box)
        ax.spines[:].set(color="#C8C8C8", linewidth=0.6)
    if axis_names:
        names = axes_named(found_map)
        ax.set_xlabel(names[0], fontsize=SMALL, color=QUIET)
        ax.set_ylabel(names[1], fontsize=SMALL, color=QUIET)


def axes_named(found_map: Map) -> tuple[str, str]:
    """What the axes mean, in words; an axis without a meaning says so on the horizontal one."""
    if is_plane(found_map):
        return "valence (unpleasant to pleasant)", "arousal (calm to excited)"
    across, up = (_named(found_map, axis) for axis in ("valence", "arousal"))
    x = "towards pleasant →" if across else "the horizontal axis has no meaning of its own"
    y = "towards excited →" if up else ""
    return (x, y) if across or up else ("the axes have no meaning of their own", "")


def _named(found_map: Map, axis: str) -> bool:
    turned = found_map["orientation"]
    return bool(turned["by"] == "affect" and turned[axis] is not None and turned[axis] >= TOLD)


def _middle(found_map: Map) -> float:
    """The neutral value of a scale."""
    low, high = found_map["scale"]
    return float(low + high) / 2


def shown_anchors(found_map: Map) -> list[Mapping[str, Any]]:
    """The pure emotions that have a place; valence and arousal are axes, not places."""
    return [one for one in found_map["anchors"] if plain(one["emotion"]) not in ("valence", "arousal")]


def anchors(ax: Axes, found_map: Map, *, size: float = 6.0) -> None:
    """Mark the vector of zeros and each pure emotion, with an ellipse of two standard deviations over the ensemble."""
    drawn_as = looks_on(found_map)
    if zero := found_map["zero"]:
        _mark(ax, zero["at"], NOTHING, size)
    for one in shown_anchors(found_map):
        look = drawn_as[one["emotion"]]
        ax.add_patch(_ellipse(one["at"], one["spread"], facecolor=look.colour, alpha=0.25, linewidth=0, zorder=2))
        _mark(ax, one["at"], look, size)


def _mark(ax: Axes, at: Sequence[float], look: Look, size: float) -> None:
    times = {"*": 1.5, "D": 0.85}.get(look.marker, 1.0)
    how: dict[str, Any] = {"color": look.colour, "markersize": times * size, "markeredgecolor": "white", "markeredgewidth": 0.6}
    ax.plot(*at, look.marker, zorder=4, **how)


def _ellipse(at: Sequence[float], spread: Sequence[Sequence[float]], times: float = 2, **how: Any) -> Ellipse:
    """An ellipse that many standard deviations around a place; `spread` is a covariance (2, 2)."""
    values, vectors = np.linalg.eigh(np.asarray(spread, float))
    width, height = 2 * times * np.sqrt(np.maximum(values[::-1], 0))
    return Ellipse((at[0], at[1]), width, height, angle=float(np.degrees(np.arctan2(*vectors[::-1, 1]))), **how)


def name_anchors(
    ax: Axes, found_map: Map, inches: float | None = None, size: float = 7.5, *, ground: Ground | None = None
) -> None:
    """Write the names of pure emotions and of the vector of zeros beside them, none over another, nor on dark ground."""
    if is_plane(found_map):
        _name_quadrants(ax, inches)
    names = [sentence(cut(called(one["emotion"]), 1.3, size)) for one in shown_anchors(found_map)]
    at = [one["at"] for one in shown_anchors(found_map)]
    colours = [INK] * len(names)
    if zero := found_map["zero"]:
        names.append(zero_named(zero))
        at.append(zero["at"])
        colours.append(QUIET)
    beside_points(ax, np.array(at, float).reshape(-1, 2), names, colours, inches, size, ground=ground)


def zero_named(zero: Mapping[str, Any]) -> str:
    """The vector of zeros, with the share of the training segments that have it."""
    share = zero.get("share")
    return "nothing" if share is None or share < SELDOM else f"nothing: {percent(share)}"


def _name_quadrants(ax: Axes, inches: float | None) -> None:
    """Names in the corners, in two lines where the panel is small."""
    between = ",\n" if inches is not None and inches < _WIDE else ", "
    for words, x, y in _QUADRANTS:
        at = (0.98 if x else 0.02, 0.98 if y else 0.02)
        sides: dict[str, Any] = {"ha": "right" if x else "left", "va": "top" if y else "bottom", "path_effects": _HALO}
        ax.text(*at, between.join(words), transform=ax.transAxes, fontsize=SMALL, color=QUIET, zorder=5, **sides)


def angles(found_map: Map) -> list[float]:
    """Angle in radians of each shown anchor as seen from the vector of zeros, or from the middle of all where there is none."""
    at = np.array([one["at"] for one in shown_anchors(found_map)], float).reshape(-1, 2)
    zero = found_map["zero"]
    middle = np.asarray(zero["at"], float) if zero else at.mean(axis=0)
    return [atan2(y, x) for x, y in at - middle]


def ring(ax: Axes, found_map: Map, size: float = SMALL) -> None:
    """A circular legend in axes of its own, which keep their size: each emotion at the angle at which it lies on the map.

    Sectors reach half-way to the next emotion. Names stand left and right of the ring, in the order of their angles; those
    for which there is no room are cut.
    """
    names, turns = [one["emotion"] for one in shown_anchors(found_map)], angles(found_map)
    width, height = np.asarray(ax.get_figure().get_size_inches()) * ax.get_position().size  # type: ignore[union-attr]
    written, left, right = _written(names, turns, width - 2 * (_LEAST + _RIM), size)
    radius = float(np.clip((width - left - right) / 2 - _RIM, _LEAST, min(0.42, 0.32 * height)))
    start = -(left + _RIM + radius) - max(width - left - right - 2 * (radius + _RIM), 0) / 2
    ax.set(xlim=(start, start + width), ylim=(-height / 2, height / 2), autoscale_on=False)  # inches
    ax.set_axis_off()
    _rim(ax, looks_on(found_map), names, turns, radius)
    if found_map["zero"]:
        _mark(ax, (0, 0), NOTHING, 5)
    for i, (x, y) in _places(turns, radius, (height / 2, size)):
        side = 1 if x > 0 else -1
        bend = [radius * cos(turns[i]), x - side * 0.06, x - side * 0.02], [radius * sin(turns[i]), y, y]
        ax.plot(*bend, color="#B0B0B0", linewidth=0.5, zorder=1)
        ax.text(x, y, written[i], ha="left" if side > 0 else "right", va="center", fontsize=size)


def _written(names: Sequence[str], turns: Sequence[float], room: float, size: float) -> tuple[list[str], float, float]:
    """Names as they are written, and how many inches those left and right need: the longer side may take what is over."""
    full = [sentence(called(name)) for name in names]
    sides = [cos(turn) > 0 for turn in turns]

    def widest(texts: Sequence[str], side: bool) -> float:
        return max((extent(text, size)[0] / 72 for text, own in zip(texts, sides, strict=True) if own == side), default=0.0)

    needed = {side: widest(full, side) for side in (False, True)}
    given = {side: max(room / 2, room - needed[not side]) for side in needed}
    written = [cut(text, given[side], size) for text, side in zip(full, sides, strict=True)]
    return written, widest(written, False), widest(written, True)


def _rim(ax: Axes, drawn_as: Mapping[str, Look], names: Sequence[str], turns: Sequence[float], radius: float) -> None:
    """The ring with a marker for each emotion."""
    for name, start, stop in _sectors(names, turns):
        how: dict[str, Any] = {"facecolor": drawn_as[name].colour, "alpha": 0.55, "linewidth": 0}
        ax.add_patch(Wedge((0, 0), radius, start, stop, width=0.3 * radius, **how))
    for name, turn in zip(names, turns, strict=True):
        _mark(ax, (0.85 * radius * cos(turn), 0.85 * radius * sin(turn)), drawn_as[name], 5)


def _sectors(names: Sequence[str], turns: Sequence[float]) -> Iterator[tuple[str, float, float]]:
    """(emotion, start, stop) in degrees: half-way to its neighbours on the circle."""
    order = sorted(range(len(names)), key=lambda i: turns[i])
    for place, i in enumerate(order):
        before, after = order[place - 1], order[(place + 1) % len(order)]
        back, ahead = ((turns[i] - turns[before]) % (2 * pi), (turns[after] - turns[i]) % (2 * pi))
        if len(order) == 1:
            back = ahead = 2 * pi
        yield names[i], float(np.degrees(turns[i] - back / 2)), float(np.degrees(turns[i] + ahead / 2))


def _places(turns: Sequence[float], radius: float, room: tuple[float, float]) -> Iterator[tuple[int, tuple[float, float]]]:
    """(emotion, where its name starts), apart by a line of text on each side; `room`: half of the height, size of text."""
    half, size = room
    line = 1.3 * size / 72
    for side in (-1, 1):
        own = sorted((i for i, turn in enumerate(turns) if (cos(turn) > 0) == (side > 0)), key=lambda i: sin(turns[i]))
        heights = apart([1.2 * radius * sin(turns[i]) for i in own], line, half - line / 2)
        for i, y in zip(own, heights, strict=True):
            yield i, (side * (radius + _RIM), y)


def apart(heights: Sequence[float], gap: float, reach: float) -> list[float]:
    """Rising heights, moved as little as needed so that they differ by `gap` and stay within ± `reach` if there is room."""
    found = np.array(heights, float)
    for _ in range(200):
        found = np.clip(found, -reach, reach)
        push = np.maximum(gap - np.diff(found), 0) / 2
        if not len(found) or push.max(initial=0) < 1e-6:
            break
        found[:-1] -= push
        found[1:] += push
    return [float(height) for height in found]


def scale_words(found_map: Map) -> str:
    """`0 to 3`."""
    low, high = found_map["scale"]
    return f"{low:g}{NO_BREAK}to{NO_BREAK}{high:g}".replace("-", "−")
