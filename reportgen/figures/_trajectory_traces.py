"""The traces of the interactive twin of ways through the emotion space, as plain Plotly JSON without places that move.

All of them are of the type `scatter`: where only some traces of a plot move, Plotly drops whatever is of another type.
"""

from collections.abc import Iterator, Sequence
from math import ceil, log10
from typing import Any

import numpy as np
from matplotlib.colors import to_hex, to_rgba_array
from matplotlib.figure import Figure as Picture

from reportgen.figures._density import shades
from reportgen.figures._emotion_space import called, is_plane, look_of, shown_anchors, zero_named
from reportgen.figures._plotly import plain
from reportgen.figures._style import INK, QUIET
from reportgen.figures._trajectories import Journey, Video, set_look, set_words

RATED = "#6E6E6E"
_FRACTION = 600  # of the width of the map: how exactly places are written
_PALE = 0.5
_SHADE = 0.6  # of the strength of the density in other figures
_SYMBOLS = {"o": "circle", "v": "triangle-down", "^": "triangle-up", "D": "diamond", "s": "square", "P": "cross", "X": "x"}
_SYMBOLS |= {"<": "triangle-left", ">": "triangle-right", "p": "pentagon", "h": "hexagon", "*": "star"}
_PHONE, _LETTER, _LINE = 240, 7.3, 15  # px: side of the map on a phone, width of a letter, height of a line
_TURNS = {
    f"{('bottom', 'middle', 'top')[up + 1]} {('left', 'center', 'right')[right + 1]}": (right, up)
    for up, right in ((1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1), (0, 1), (0, -1))
}
_GAP = np.array([8, 4])  # px
_FAR = 1000
_BEYOND = [
    np.array(box)
    for box in (
        *((-_FAR, -_FAR, 0, _FAR), (_PHONE, -_FAR, _FAR, _FAR)),
        *((-_FAR, -_FAR, _FAR, 0), (-_FAR, _PHONE, _FAR, _FAR)),
    )
]
Json = dict[str, Any]


def base(own: Journey) -> Iterator[Json]:
    """What never changes: the density of the training part in filled contours, and the pure emotions."""
    ax = Picture().add_subplot()
    shades(ax, own.density, own.density["train"])
    for drawn in ax.collections:
        for path, colour in zip(drawn.get_paths(), to_rgba_array(drawn.get_facecolor()), strict=True):
            outline = [np.vstack([ring, [[np.nan, np.nan]]]) for ring in path.to_polygons()]
            places = places_of(np.concatenate(outline or [np.empty((0, 2))]), own.limits)
            look = {"mode": "none", "fill": "toself", "fillcolor": to_hex(tuple(1 - _SHADE * (1 - colour[:3])))}
            yield {"type": "scatter", **places, **look, "hoverinfo": "skip", "showlegend": False}
    if not is_plane(own.map):
        yield _anchors(own)


def _anchors(own: Journey) -> Json:
    """Pure emotions and the place of no emotion; their names stay within the map."""
    named = [(called(one["emotion"]), one["at"], look_of(one["emotion"])) for one in shown_anchors(own.map)]
    if own.map["zero"]:
        named.append((zero_named(own.map["zero"]), own.map["zero"]["at"], look_of("neutral")))
    at = np.array([at for _, at, _ in named], float).reshape(-1, 2)
    return {
        "type": "scatter",
        "mode": "markers+text",
        **places_of(at, own.limits),
        "text": [plain(name) for name, _, _ in named],
        "textposition": _sides(own, at, [name for name, _, _ in named]),
        "textfont": {"size": 12, "color": QUIET},
        "marker": {
            "color": [look.colour for _, _, look in named],
            "symbol": [_SYMBOLS.get(look.marker, "circle") for _, _, look in named],
            "size": 9,
            "opacity": 0.8,
        },
        "cliponaxis": False,
        "hoverinfo": "text",
        "showlegend": False,
    }


def _sides(own: Journey, at: np.ndarray, names: Sequence[str]) -> list[str]:
    """On which side of its anchor (anchor, 2) each name covers least, on a map that is as small as on a phone."""
    points = (at - own.limits[:, 0]) / np.ptp(own.limits, axis=1) * _PHONE
    taken = [np.concatenate([point - 6, point + 6]) for point in points]  # left, lower, right, upper edge in pixels
    found = []
    for point, name in zip(points, names, strict=True):
        half = np.array([0.5 * _LETTER * len(name), 0.5 * _LINE])
        middles = {side: point + np.array(turn) * (half + _GAP) for side, turn in _TURNS.items()}
        boxes = {side: np.concatenate([middle - half, middle + half]) for side, middle in middles.items()}
        outwards = sorted(boxes, key=lambda side: -float((point - _PHONE / 2) @ _TURNS[side]))
        best = min(outwards, key=lambda side: _covered(boxes[side], taken))
        taken.append(boxes[best])
        found.append(best)
    return found


def _covered(box: np.ndarray, taken: Sequence[np.ndarray]) -> float:
    """Square pixels of others that a box covers, and of itself that lie beyond the map."""
    others = [*taken, *_BEYOND]
    return sum(float(np.prod(np.clip(np.minimum(box[2:], one[2:]) - np.maximum(box[:2], one[:2]), 0, None))) for one in others)


def whole_way(own: Journey, name: str) -> Json:
    """All of a way, pale; the name is that of a set, "" as rated."""
    return {**_empty(name), "mode": "lines", "line": {**_look(own, name), "width": 1}, "opacity": _PALE, "showlegend": False}


def comet(own: Journey, name: str, tail: int) -> Json:
    """The last segments of a way: the later, the larger and the less transparent."""
    grow, look = np.linspace(0.15, 1, tail), _look(own, name)
    large = 9 if not name else 6
    title = plain(set_words(own, name)) if name else "rated"
    marker = {"color": look["color"], "size": (1 + large * grow).round(1).tolist(), "opacity": grow.round(2).tolist()}
    line = {**look, "width": 3 if not name else 2 if name == own.sets[0] else 1.3}
    known = {"marker": marker, "line": line, "name": title, "hovertemplate": f"{title}<extra></extra>"}
    return {**_empty(name), "mode": "lines+markers", **known}


def uncertainty() -> Json:
    """The ellipse around the end of the rated comet."""
    line = {"color": RATED, "width": 1}
    return {
        **_empty(""),
        "mode": "lines",
        "line": line,
        "fill": "toself",
        "fillcolor": "rgba(34,34,34,0.1)",
        "showlegend": False,
    }


def mark() -> Json:
    """The moment, as a line in the strip."""
    return {**_beneath(), "mode": "lines", "line": {"color": "#B00020", "width": 2}}


def _empty(name: str) -> Json:
    """A trace on the map; the legend shows and hides all of a way at once."""
    return {"type": "scatter", "x": [], "y": [], "legendgroup": plain(name) or "rated", "hoverinfo": "skip"}


def _beneath() -> Json:
    """A trace of the strip."""
    return {"type": "scatter", "x": [], "y": [], "xaxis": "x2", "yaxis": "y2", "showlegend": False, "hoverinfo": "skip"}


def _look(own: Journey, name: str) -> dict[str, str]:
    colour, dash = set_look(own, name) if name else (RATED if own.model else INK, "solid")
    return {"color": colour, "dash": dash}


def strip(own: Journey) -> Iterator[Json]:
    """The traces under the map: how far modalities are apart and chance, or one for each emotion."""
    if own.agreement:
        area = {"fill": "tozeroy", "fillcolor": "rgba(143,163,181,0.55)", "line": {"color": "#5F7A92", "width": 1}}
        yield {**_beneath(), "mode": "lines", **area, "hovertemplate": "%{y:.2f} apart<extra></extra>"}
        text = {"mode": "lines+text", "textposition": "top left", "textfont": {"size": 11, "color": QUIET}}
        yield {**_beneath(), **text, "text": ["", "chance"], "line": {"color": QUIET, "width": 1, "dash": "dash"}}
        return
    for i, name in enumerate(own.emotions):
        words, colour = plain(called(name)), look_of(name).colour
        if is_plane(own.map):
            line = {"color": colour, "width": 1.8, "dash": ("solid", "dash")[i]}
            shown = {"name": words, "legendgroup": words, "showlegend": True}
            yield {**_beneath(), "mode": "lines", "line": line, **shown, "hovertemplate": f"{words} %{{y:.2f}}<extra></extra>"}
        else:
            yield {**_beneath(), "mode": "none", "fill": "toself", "fillcolor": colour, "name": words}


def strip_places(own: Journey, video: Video) -> list[Json]:
    """Where the traces of the strip lie for a video."""
    ends = np.column_stack([video.start, video.start, video.stop, video.stop]).round(2)
    if own.agreement:
        apart = np.zeros(len(ends)) if video.apart is None else video.apart
        heights = np.outer(apart, [0, 1, 1, 0]).round(3)
        chance = {"x": [ends.min(), ends.max()], "y": numbers(np.full(2, video.chance).round(3))}
        return [{"x": ends.ravel().tolist(), "y": numbers(heights.ravel())}, chance]
    if is_plane(own.map):
        middle = ((video.start + video.stop) / 2).round(2).tolist()
        return [{"x": middle, "y": numbers(values.round(3))} for values in video.truth.intensities.T]
    low, high = own.scale
    shares = (video.truth.intensities - low) / (high - low)
    rows = [np.outer(values, [0, 0.9, 0.9, 0]).ravel() - row for row, values in enumerate(shares.T)]
    return [{"x": ends.ravel().tolist(), "y": numbers(heights.round(2))} for heights in rows]


def strip_axis(own: Journey) -> Json:
    """The axis of the strip, the same for all videos."""
    if own.agreement:
        known = [float(np.nanmax([*video.apart, video.chance])) for video in own.videos if video.apart is not None]
        return {"range": [0, round(1.3 * max(known), 3) or 1], "title": _titled("apart"), "nticks": 4}
    if not is_plane(own.map):
        names = [called(name) for name in own.emotions]
        short = [plain(name if len(name) < 11 else f"{name[:9]}…") for name in names]
        ticks = {"tickvals": [0.4 - row for row in range(len(names))], "ticktext": short, "tickfont": {"size": 11}}
        return {"range": [0.9 - len(names), 1], "showgrid": False, "ticks": "", **ticks}
    rated = np.concatenate([video.truth.intensities for video in own.videos])
    low, high = float(np.nanmin(rated)), float(np.nanmax(rated))
    room = 0.06 * (high - low) or 0.1
    return {"range": [round(low - room, 3), round(high + room, 3)], "title": _titled("rating"), "nticks": 4}


def _titled(text: str) -> Json:
    return {"text": text, "font": {"size": 13}, "standoff": 4}


def places_of(at: np.ndarray, view: np.ndarray) -> dict[str, list[float | None]]:
    """Places (point, 2) as two lists."""
    return {axis: written(values, view) for axis, values in zip("xy", at.T, strict=True)}


def written(values: np.ndarray, view: np.ndarray) -> list[float | None]:
    """Numbers as exact as a view (axis, 2) can show them."""
    digits = max(0, ceil(log10(_FRACTION / float(np.ptp(view, axis=1).max()))))
    return numbers(np.round(np.asarray(values, float), digits))


def numbers(values: np.ndarray) -> list[float | None]:
    """For JSON, which knows no NaN."""
    return [value if value == value else None for value in values.tolist()]
