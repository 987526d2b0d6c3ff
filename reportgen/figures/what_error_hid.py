"""What the error hid: the error of each model beside how many directions of the emotions its predictions keep."""

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Figure
from reportgen.figures._collapse_words import title_of
from reportgen.figures._labels import Label, place_labels
from reportgen.figures._regression import (
    ALARM,
    BASELINES,
    Candidate,
    Found,
    baseline,
    colour_of,
    draw_dot,
    few,
    found_in,
    interval_words,
    legend_of,
    markers_of,
    models_of,
    name_of,
    said,
    set_name,
    spoken,
    tested_on,
    titles_of,
    verdict_of,
)
from reportgen.figures._style import QUIET, SMALL, WIDTHS, Width, fit, nothing
from reportgen.outputs import Inputs
from reportgen.words import fixed

EACH = "experiment"
NEEDS = ("regression",)

LEFT, RIGHT, ABOVE, BELOW = 0.55, 0.12, 0.42, 0.85  # inches around the panels
ACROSS, DOWN = 0.2, 0.3  # inches between them
PANEL = 2.15  # inches: height of one
FLOOR, LEAST_TOP = -0.08, 1.28  # what the upright axis shows at least
BEYOND = 0.6  # spans of the models: the error of a constant answer that lies further off has no line, but an arrow
KEPT = "directions kept (1: as a calibrated predictor)"


class Spot(NamedTuple):
    """A model in the picture: estimates (mean, low, high) of its error, and of the share of directions that it keeps."""

    one: Candidate
    error: tuple[float, float | None, float | None]
    kept: tuple[float, float | None, float | None]


def draw(inputs: Inputs) -> Figure:
    """Draw a panel for each set of modalities, all models in it."""
    found = found_in(inputs)
    spots = [spot for one in models_of(found) if (spot := _spot(one))]
    width: Width = "column" if len({spot.one["set"] for spot in spots}) > 1 else "narrow"
    return Figure(
        title=title_of(found),
        caption=_caption(found, spots),
        alt=_alt(found, spots),
        picture=_picture(found, spots, width) if spots else nothing("No model has an error to show."),
        data=_table(found),
        width=width,
    )


def _spot(one: Candidate) -> Spot | None:
    """Where a model stands; predictions that never change keep nothing."""
    error, collapse = one["scores"]["mae"], one["collapse"] or {}
    rank, whole, gap = (collapse.get(name) or {} for name in ("rank", "calibrated", "gap"))
    if error["mean"] is None:
        return None
    errors = (error["mean"], error["low"], error["high"])
    if verdict_of(one) == "constant":
        return Spot(one, errors, (0.0, None, None))
    if rank.get("mean") is None or not whole.get("mean"):
        return None
    known = gap.get("low") is not None and gap.get("high") is not None
    ends = (1 - gap["high"] / whole["mean"], 1 - gap["low"] / whole["mean"]) if known else (None, None)
    return Spot(one, errors, (rank["mean"] / whole["mean"], *ends))


def _picture(found: Found, spots: Sequence[Spot], width: Width) -> Picture:
    sets = [name for name in found["sets"] if any(spot.one["set"] == name for spot in spots)]
    columns = len(sets) if len(sets) < 3 else 2 if len(sets) <= 6 else 3
    rows = ceil(len(sets) / columns)
    tall = min(PANEL, (7.4 - ABOVE - BELOW - (rows - 1) * DOWN) / rows)
    height = ABOVE + BELOW + rows * tall + (rows - 1) * DOWN
    picture = Picture(figsize=(WIDTHS[width], height))
    broad = (WIDTHS[width] - LEFT - RIGHT - (columns - 1) * ACROSS) / columns
    limits = _limits(found, spots)
    for i, name in enumerate(sets):
        row, column = divmod(i, columns)
        bottom = height - ABOVE - (row + 1) * tall - row * DOWN
        left = LEFT + column * (broad + ACROSS)
        place = (left / WIDTHS[width], bottom / height, broad / WIDTHS[width], tall / height)
        ax = picture.add_axes(place)
        ax.set(xlim=limits[0], ylim=limits[1])
        lowest = i + columns >= len(sets)
        _frame(ax, found, set_name(name) if len(sets) > 1 else "", first=column == 0, lowest=lowest, top=row == 0)
        _draw_panel(ax, found, [spot for spot in spots if spot.one["set"] == name])
    middle = (LEFT + (WIDTHS[width] - RIGHT)) / 2 / WIDTHS[width]
    label = "mean absolute error on the test part (left is better)"
    picture.text(middle, (BELOW - 0.36) / height, label, ha="center", va="center")
    upright = (BELOW + (height - ABOVE)) / 2 / height
    words = KEPT if rows > 1 else KEPT.replace(" (", "\n(")
    picture.text(0.01, upright, words, rotation=90, ha="left", va="center", multialignment="center")
    _legend(picture, found, spots, height)
    return picture


def _legend(picture: Picture, found: Found, spots: Sequence[Spot], height: float) -> None:
    entries = legend_of(found, [spot.one for spot in spots], markers=False)  # models are labelled where they stand
    how: dict[str, Any] = {"columnspacing": 1.6, "handletextpad": 0.4, "handlelength": 1.2, "borderaxespad": 0}
    picture.legend(handles=entries, loc="lower center", bbox_to_anchor=(0.5, 0.05 / height), ncols=len(entries), **how)


def _limits(found: Found, spots: Sequence[Spot]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The same for all panels: all points, their intervals and the baselines that are not far off."""
    errors = [value for spot in spots for value in spot.error if value is not None]
    errors += [min((value for _, value in _lines(found)), default=errors[0])]
    room = BEYOND * (max(errors) - min(errors))
    errors += [value for _, value in _lines(found) if value < max(errors) + room]
    kept = [value for spot in spots for value in spot.kept if value is not None]
    margin = 0.07 * (max(errors) - min(errors) or max(errors))
    return (min(errors) - margin, max(errors) + margin), (min(FLOOR, *kept), max(LEAST_TOP, 1.06 * max(kept)))


def _lines(found: Found) -> list[tuple[str, float]]:
    """Errors of the baselines."""
    known = [(name, baseline(found, name)) for name in BASELINES]
    return [(name, one["scores"]["mae"]["mean"]) for name, one in known if one and one["scores"]["mae"]["mean"] is not None]


def _frame(ax: Axes, found: Found, title: str, *, first: bool, lowest: bool, top: bool) -> None:
    ax.axhline(1, color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    high = ax.get_xlim()[1]
    near = [(name, value) for name, value in _lines(found) if value < high]
    for _, value in near:
        ax.axvline(value, color=QUIET, linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    if top:
        _name_lines(ax, near, [(name, value) for name, value in _lines(found) if value >= high])
    ax.set_title(title, fontsize=8, weight="bold", pad=14 if top else 4)
    ax.set_xticks(_ticks(ax))
    ax.set_yticks([0, 0.5, 1], ["0", "½", "1"] if first else ["", "", ""])
    ax.tick_params(labelbottom=lowest)


def _ticks(ax: Axes) -> list[float]:
    """Round errors, but none so near the edge of a panel that its number meets that of the next one."""
    low, high = ax.get_xlim()
    values = [float(value) for value in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)]
    room = 0.07 * (high - low)
    return [value for value in values if low + room <= value <= high - room]


def _name_lines(ax: Axes, near: Sequence[tuple[str, float]], far: Sequence[tuple[str, float]]) -> None:
    """What constant answer each line above the panel is; those that lie upon each other share their words."""
    low, high = ax.get_xlim()
    groups: list[tuple[list[str], float]] = []
    for name, value in sorted(near, key=lambda line: line[1]):
        if groups and value - groups[-1][1] < 0.14 * (high - low):
            groups[-1][0].append(name)
        else:
            groups.append(([name], value))
    how: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "va": "bottom", "fontsize": SMALL, "color": QUIET}
    last = 0.5 if far else 0.85  # share of the panel from which on words stand left of their line
    for names, value in groups:
        side = "right" if value > low + last * (high - low) else "left" if value < low + 0.15 * (high - low) else "center"
        ax.text(value, 1.01, ", ".join(names), ha=side, **how)
    if far:
        ax.text(high, 1.01, ", ".join(f"{name} {fixed(value, 2)} →" for name, value in far), ha="right", **how)


def _draw_panel(ax: Axes, found: Found, spots: Sequence[Spot]) -> None:
    markers, titles = markers_of(found), titles_of(found)
    at = {spot.one["id"]: (spot.error[0], spot.kept[0]) for spot in spots}
    busy: list[np.ndarray] = [np.array([(value, y) for _, value in _lines(found) for y in np.linspace(*ax.get_ylim(), 25)])]
    pairs = [(at[pair["beside"]], at[pair["hides"]]) for pair in found["hidden"] if {pair["beside"], pair["hides"]} <= set(at)]
    busy += [_arrow(ax, start, stop) for start, stop in pairs]
    for spot in spots:
        busy += _intervals(ax, spot)
        draw_dot(ax, *at[spot.one["id"]], spot.one, markers[spot.one["key"]], size=6)
    marked = sorted(spots, key=lambda spot: verdict_of(spot.one) != "collapsed")
    labels = [_label(spot, fit(titles[spot.one["key"]], 1.3, SMALL)) for spot in marked]
    place_labels(ax, labels, np.concatenate([part.reshape(-1, 2) for part in busy]))


def _label(spot: Spot, title: str) -> Label:
    verdict = verdict_of(spot.one)
    words = f"{title}\n{verdict}" if verdict in ("collapsed", "constant") else title
    return Label(spot.error[0], spot.kept[0], words, colour_of(spot.one), "bold" if verdict == "collapsed" else "normal")


def _intervals(ax: Axes, spot: Spot) -> list[np.ndarray]:
    """Thin lines through a point; returns what they cover."""
    (x, left, right), (y, lower, upper) = spot.error, spot.kept
    colour = colour_of(spot.one)
    how: dict[str, Any] = {"color": colour, "linewidth": 0.8, "alpha": 0.55, "solid_capstyle": "butt", "zorder": 2}
    covered = []
    if left is not None and right is not None:
        ax.plot([left, right], [y, y], **how)
        covered.append(np.column_stack([np.linspace(left, right, 12), np.full(12, y)]))
    if lower is not None and upper is not None:
        ax.plot([x, x], [lower, upper], **how)
        covered.append(np.column_stack([np.full(12, x), np.linspace(lower, upper, 12)]))
    return covered


def _arrow(ax: Axes, start: tuple[float, float], stop: tuple[float, float]) -> np.ndarray:
    """From a model to one with a lower error that tells less."""
    line = {"arrowstyle": "-|>", "color": ALARM, "linewidth": 1.1, "shrinkA": 5, "shrinkB": 6, "mutation_scale": 9}
    ax.annotate("", stop, start, arrowprops=line, zorder=3)
    return np.linspace(start, stop, 15)


def _caption(found: Found, spots: Sequence[Spot]) -> str:
    parts = [
        "Each dot is a model on one set of modalities: left of the dashed lines it errs less than a constant answer.",
        "Upright: effective rank of its predictions over that of a calibrated predictor with the same correlations.",
        "A collapsed model lies clearly below 1, and no emotion keeps a correlation once its strongest direction is removed.",
    ]
    if found["hidden"]:
        parts.append("Arrows lead from a model to one of the same inputs with a lower error that tells less.")
    untested = [one["collapse"] for one in models_of(found) if verdict_of(one) == "not tested" and one["collapse"]]
    untold = untested[0]["why"] if untested else ""
    if untold and found["videos"] >= MIN_GROUPS:
        parts.append(f"Hollow: not tested. {untold.rstrip('.')}.")
    parts.append(f"Measured on {tested_on(found)}.")
    parts.append(interval_words(found))
    missing = [name_of(found, one) for one in models_of(found) if one["id"] not in {spot.one["id"] for spot in spots}]
    if missing:
        parts.append(f"Without a place here, as no rank is known: {few(missing)}.")
    return " ".join(parts)


def _alt(found: Found, spots: Sequence[Spot]) -> str:
    def words(spot: Spot) -> str:
        numbers = f"error {fixed(spot.error[0], 3)}, keeps {fixed(spot.kept[0], 2)}"
        return f"{name_of(found, spot.one)}: {numbers}, {said(verdict_of(spot.one))}"

    lines = ", ".join(f"{name} {fixed(value, 3)}" for name, value in _lines(found))
    each = "; ".join(map(words, spots)) or "nothing could be drawn"
    return f"Scatter plot of mean absolute error and the share of directions kept. {each}. Errors of constant answers: {lines}."


def _table(found: Found) -> list[list[object]]:
    header: list[object] = ["model", "set", "id", "verdict", "tells"]
    names = (
        "mean absolute error",
        "effective rank",
        "rank of a calibrated predictor",
        "gap",
        "variance ratio",
        "r squared",
        "area",
    )
    header += [f"{name}{end}" for name in names for end in ("", " low", " high")]
    rows: list[list[object]] = []
    for one in [*models_of(found), *(one for name in BASELINES if (one := baseline(found, name)))]:
        collapse = one["collapse"] or {}
        estimates = [one["scores"]["mae"], *(collapse.get(name) for name in _COLUMNS)]
        told = spoken(str((collapse.get("dominant") or {}).get("told") or ""))
        about = [one["title"], one["set"], one["id"], said(verdict_of(one)), told]
        rows.append([*about, *((estimate or {}).get(end) for estimate in estimates for end in ("mean", "low", "high"))])
    return [header, *rows]


_COLUMNS = ("rank", "calibrated", "gap", "variance_ratio", "r2", "area")
