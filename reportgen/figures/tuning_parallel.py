"""Every trial of a search as a line through its settings to its value: which combinations are good."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from reportgen.core import Figure
from reportgen.figures._plotly import layout, plain
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, fit, new_figure
from reportgen.figures._trials import (
    CHOSEN,
    COMPLETE,
    PRUNED,
    STOPPED,
    Found,
    Row,
    Scale,
    ending,
    names,
    objective,
    objective_scale,
    scale_of,
    tick,
    told,
    value_of,
    valued,
    winner,
    written,
)
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "experiment"
NEEDS = ("trials", "tuned")

Settings = Mapping[str, Scale]  # the axes of the parameters, from left to right

NARROW = 1 / 3  # of an axis: what all good trials have in common
STEPS = 24  # of the colours beside the axis of the objective
PALE = "#CFCFCF"  # trials that were stopped early, where lines cannot be made thinner than others
TO_EDGE = 0.35  # of the distance between two axes: room beyond the outer ones


def draw(inputs: Inputs) -> Figure:
    """Draw the settings of every trial in parallel coordinates, coloured by what the trial reached."""
    found, importance = inputs.one("trials"), inputs.one("tuned")["importance"] or {}
    order = sorted(found["space"], key=lambda parameter: float(importance.get(parameter, 0.0)))
    settings = {parameter: scale_of(found["space"][parameter]) for parameter in order}
    reached = objective_scale(found, [value_of(row) for row in _finished(found)])
    picture = new_figure("column", 3.5)
    ax = picture.subplots()
    _draw_lines(ax, found, settings, reached)
    _draw_axes(ax, found, settings, reached)
    return Figure(
        title=_title(found, settings),
        caption=_caption(found, bool(importance)),
        alt=_alt(found, settings),
        picture=picture,
        data=_table(found, settings),
        interactive=_interactive(found, settings),
    )


def _finished(found: Found) -> list[Row]:
    """The trials whose values can be compared: all were trained to the end."""
    return [row for row in valued(found) if ending(row, found) in (COMPLETE, CHOSEN)]


def _colour(share: float) -> str:
    """Cividis without its palest end: the better, the darker."""
    return to_hex(colormaps["cividis_r"](0.12 + 0.88 * share))


def _draw_lines(ax: Axes, found: Found, settings: Settings, reached: Scale) -> None:
    """The better, the darker and the further in front; stopped trials have no value that compares, and end before its axis."""
    for row in valued(found):
        if ending(row, found) == PRUNED:
            ax.plot(_heights(row, settings), color=STOPPED, linewidth=0.7, alpha=0.55, zorder=1)
    for row in sorted(_finished(found), key=lambda row: reached.share(value_of(row))):
        share = reached.share(value_of(row))
        heights, thick = [*_heights(row, settings), share], ending(row, found) == CHOSEN
        ax.plot(heights, color="white", linewidth=4.2 if thick else 2.2, alpha=0.8, zorder=2 + share)
        ax.plot(heights, color=_colour(share), linewidth=2.6 if thick else 1.1, zorder=2 + share)


def _heights(row: Row, settings: Settings) -> list[float]:
    """Where a trial crosses the axes, in [0, 1]."""
    return [scale.share(row["params"][parameter]) for parameter, scale in settings.items()]


def _draw_axes(ax: Axes, found: Found, settings: Settings, reached: Scale) -> None:
    last, called = len(settings), names(found["space"])
    wide = (WIDTHS["column"] - 0.4) / (last + 2 * TO_EDGE)  # inches between two axes
    for x, (parameter, scale) in enumerate(settings.items()):
        _draw_axis(ax, x, scale, 0.75 * wide)
        short = fit(called[parameter], 0.95 * wide, 7.5) == called[parameter]
        _name_axis(ax, x, [called[parameter]] if short else called[parameter].split("_"), 0.95 * wide)
    _draw_axis(ax, last, reached, 0.75 * wide)
    _name_axis(ax, last, objective(found).split(), 0.95 * wide, weight="bold")
    for low, high in pairwise(i / STEPS for i in range(STEPS + 1)):
        ax.fill_between([last + 0.01, last + 0.05], low, high, color=_colour((low + high) / 2), linewidth=0, zorder=4)
    share = reached.share(value_of(winner(found)))
    how: dict[str, Any] = {"va": "center", "weight": "bold", "fontsize": SMALL, "zorder": 5}
    ax.annotate(f"trial {found['best']}", (last + 0.05, share), (3, 0), "data", "offset points", **how)
    ax.set(xlim=(-TO_EDGE, last + TO_EDGE), ylim=(-0.04, 1.03))
    ax.set_axis_off()


def _draw_axis(ax: Axes, x: int, scale: Scale, room: float) -> None:
    """A vertical axis with its values left of it, legible over the lines."""
    ax.plot([x, x], [0, 1], color=QUIET, linewidth=0.8, zorder=4)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
    for place, text in scale.ticks:
        share = (place - scale.low) / (scale.high - scale.low)
        how: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": SMALL, "bbox": box, "zorder": 4.5}
        ax.annotate(fit(text, room, SMALL), (x, share), (-4, 0), "data", "offset points", **how)
        ax.plot(x, share, "_", color=QUIET, markersize=4, zorder=4)


def _name_axis(ax: Axes, x: int, lines: Sequence[str], room: float, **how: Any) -> None:
    text = "\n".join(fit(line, room, 7.5) for line in lines)
    ax.annotate(text, (x, 1), (0, 9), "data", "offset points", ha="center", va="bottom", fontsize=7.5, color=INK, **how)


def _title(found: Found, settings: Settings) -> str:
    rows, called = _finished(found), names(found["space"])
    if len(rows) > 2:
        spans = {p: _span(rows, p, scale) for p, scale in settings.items() if not scale.choices}
        parameter = min(spans, key=lambda p: spans[p], default="")
        if parameter and spans[parameter] <= NARROW:
            values = [row["params"][parameter] for row in rows]
            least, most = (tick(float(f"{value:.2g}")) for value in (min(values), max(values)))
            return f"All {len(rows)} trials that ran to their end have a {called[parameter]} between {least} and {most}"
    important = {p: winner(found)["params"][p] for p in [*settings][-4:][::-1]}
    return f"Trial {found['best']} wins with {told(important)}"


def _span(rows: Sequence[Row], parameter: str, scale: Scale) -> float:
    """How much of its axis the trials take up."""
    shares = [scale.share(row["params"][parameter]) for row in rows]
    return max(shares) - min(shares)


def _caption(found: Found, ordered: bool) -> str:
    parts = [
        "Each line is a trial; it crosses every axis where its setting lies in the searched range.",
        f"The darker a line, the better its {objective(found)}, which stands on the last axis; the thick one was chosen.",
    ]
    if any(row["state"] == PRUNED for row in found["rows"]):
        parts.append("Grey lines are trials that were stopped early: their values come from fewer epochs and do not compare.")
    if ordered and len(found["space"]) > 1:
        parts.append("The most important setting stands next to the values.")
    return " ".join(parts)


def _alt(found: Found, settings: Settings) -> str:
    rows = sorted(_finished(found), key=value_of, reverse=found["direction"] == "maximize")
    others = [f"trial {row['number']} with {written(found, value_of(row))}" for row in rows[:3] if row is not winner(found)]
    return (
        f"Parallel coordinates of {counted(len(found['rows']), 'trial')} over {counted(len(settings), 'setting')} and the "
        f"{objective(found)}. Chosen is trial {found['best']} with {written(found, value_of(winner(found)))} and "
        f"{told(winner(found)['params'])}{'; other good ones are ' if others else ''}{listing(others)}."
    )


def _table(found: Found, settings: Settings) -> list[list[object]]:
    return [
        ["trial", "ending", "epochs", *settings, objective(found)],
        *(
            [row["number"], ending(row, found), row["epochs"], *(row["params"].get(p) for p in settings), value_of(row)]
            for row in found["rows"]
        ),
    ]


def _interactive(found: Found, settings: Settings) -> dict[str, Any]:
    """The same axes for Plotly, to move and to brush, with the number of each trial and the epochs that it was trained."""
    reached = objective_scale(found, [value_of(row) for row in _finished(found)])
    shares = {row["number"]: reached.share(value_of(row)) for row in _finished(found)}  # of those whose values compare
    rows = sorted(valued(found), key=lambda row: shares.get(row["number"], -1.0))  # the best in front
    values, called = [value_of(row) for row in rows], names(found["space"])
    scale = [[0, PALE], [0.33, PALE], *([_level(share), _colour(share)] for share in (0, 0.2, 0.4, 0.6, 0.8, 1))]
    trace = {
        "type": "parcoords",
        "line": {
            "color": [_level(shares[row["number"]]) if row["number"] in shares else 0 for row in rows],
            "colorscale": scale,
            "cmin": 0,
            "cmax": 1,
        },
        "unselected": {"line": {"color": "#EEEEEE", "opacity": 0.5}},
        "labelangle": -20,
        "dimensions": [
            _dimension("trial", _whole(0, max(row["number"] for row in rows)), [row["number"] for row in rows]),
            *(_dimension(called[p], axis, [row["params"][p] for row in rows]) for p, axis in settings.items()),
            _dimension("epochs", _whole(1, found["epochs"]), [row["epochs"] for row in rows]),
            _dimension(objective(found), objective_scale(found, values), values),
        ],
    }
    return {"data": [trace], "layout": {**layout(440), "margin": {"l": 60, "r": 60, "t": 90, "b": 45}}}


def _whole(low: int, high: int) -> Scale:
    return scale_of({"low": low, "high": high, "step": 1})


def _level(share: float) -> float:
    """Where a value that compares lies on the colour scale; below it is the grey of stopped trials."""
    return round((share + 0.5) / 1.5, 3)


def _dimension(label: str, scale: Scale, values: Sequence[Any]) -> dict[str, Any]:
    """One axis: Plotly has neither logarithms nor categories here, so that it is given places and their texts."""
    return {
        "label": plain(label),
        "values": [float(f"{scale.place(value):.5g}") for value in values],
        "range": [scale.low, scale.high],
        "tickvals": [place for place, _ in scale.ticks],
        "ticktext": [text for _, text in scale.ticks],  # which Plotly shows as they are, other than labels
    }
