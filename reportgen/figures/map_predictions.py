"""Predictions on the map of emotions, a panel for each model and set of modalities: what the error hides is seen here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.patches import Patch

from reportgen.core import Figure
from reportgen.figures._callouts import cut
from reportgen.figures._candidates import some, told
from reportgen.figures._density import HELD, SHADES, Density, shades, shares_of
from reportgen.figures._emotion_space import Map, anchors, background, frame, ring, shown_anchors
from reportgen.figures._laid import About, Arrays, Source, laid, model_of, panel, sets_of, some_of, within
from reportgen.figures._regression import said
from reportgen.figures._style import INK, QUIET, SMALL, TALLEST, WIDTHS, fit, key, nothing
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs
from reportgen.words import ABSENT, NO_BREAK, counted, listing, percent

EACH = "experiment"
NEEDS = ("map", "density", "laid", "laid_about")
HOLDS = {"laid_about": ("sort", "regression")}

ROWS, COLUMNS = 4, 4  # that have room
DOTS, DOT = 700, 3.2  # predictions drawn in a panel, points of each
TRUTH = 1.8  # inches: side of the panel of the truth
LINE, SPOT = 0.03, 0.1  # share of the true area that is no more than a line; spread in units of the map that is one spot
SMALL_AREA = 0.25  # share of the true area that no model exceeds if the title says so
_SINGLE = {"keep to a line": "keeps to a line", "keep to one spot": "keeps to one spot", "collapse": "collapses"}
BETWEEN = 0.27  # inches between rows of panels
Candidate = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A model of a source, and its candidates by set."""

    about: About
    arrays: Arrays
    key: str
    title: str
    candidates: Mapping[str, Candidate]


def draw(inputs: Inputs) -> Figure:
    """Draw the truth, then a panel for each model and set."""
    found, density, sources = inputs.one("map"), inputs.one("density"), laid(inputs, "regression")
    every = [row for source in sources for row in _rows(source)]
    if not every:
        return Figure(
            title="No predictions lie on this map",
            caption="No experiment of the study predicts the emotions of this map.",
            alt="An empty picture: there are no predictions to lay on the map.",
            picture=nothing("no predictions of these emotions"),
            data=[["source", "model", "set"], ["", "", ""]],
            width="narrow",
        )
    rows = every[:ROWS]
    columns = sets_of([one for row in rows for one in row.candidates.values()])
    columns = [*columns[: COLUMNS - 1], columns[-1]] if len(columns) > COLUMNS else columns
    return Figure(
        title=_title(found, every),
        caption=_caption(every, rows, columns),
        alt=_alt(every),
        picture=_picture(found, density, rows, columns),
        data=_table(every),
        dense=True,
    )


def _rows(source: Source) -> Iterator[Row]:
    """The models of a source, baselines excepted; collapsed ones keep their place, as they stand beside others."""
    about, arrays = source
    own = [one for one in about["candidates"] if one["set"] and one["id"] in arrays]
    for name in dict.fromkeys(one["key"] for one in own):
        mine = {one["set"]: one for one in own if one["key"] == name}
        yield Row(about, arrays, name, model_of(next(iter(mine.values()))), mine)


def _picture(found: Map, density: Density, rows: Sequence[Row], columns: Sequence[str]) -> Picture:
    """Rows are models and columns sets; where there is one set, models stand side by side."""
    width, left, above = WIDTHS["column"], 0.32, TRUTH + 0.75
    beside = len(columns) == 1
    down, across = (1, len(rows)) if beside else (len(rows), len(columns))
    side = min((width - left) / across - 0.1, (TALLEST - above) / down - BETWEEN, 1.9)
    pitch = min((width - left) / across, 1.35 * side)
    picture = Picture(figsize=(width, above + down * (side + BETWEEN)))
    _truth(picture, found, density, rows[0])
    several = len({row.about["source"] for row in rows}) > 1
    for i, row in enumerate(rows):
        truth = shares_of(row.arrays["truth"], density)
        name = f"{row.title}: {row.about['title']}" if several else row.title
        for j, column in enumerate(columns):
            at = (0, i) if beside else (i, j)
            ax = panel(picture, left + at[1] * pitch, above + at[0] * (side + BETWEEN), side)
            if beside or i == 0:
                head = f"{name} on {_set(column)}" if beside else _set(column)
                how: dict[str, Any] = {"ha": "center", "weight": "bold"}
                ax.annotate(fit(head, pitch), (0.5, 1), (0, 17), "axes fraction", "offset points", **how)
            if j == 0 and not beside:
                ax.set_ylabel(cut(name, side - 0.1, 8.5), weight="bold", labelpad=4)
            _predicted(ax, found, density, truth, row, column)
    return picture


def _set(name: str) -> str:
    return "everything" if name == "all" else name.replace("_", " ")


def _truth(picture: Picture, found: Map, density: Density, row: Row) -> None:
    """The truth of the first source with names, the circular legend, and what marks mean."""
    ax = panel(picture, 0.32, 0.25, TRUTH)
    ax.set_title("Truth", weight="bold", pad=4)
    background(ax, found, {**density, "truth": shares_of(row.arrays["truth"], density)}, part="truth", inches=TRUTH)
    frame(ax, found, box=True)
    right = 0.32 + TRUTH + 0.15
    if shown_anchors(found):
        ring(panel(picture, right, 0.3, 2.05, 1.5), found)
        right += 2.1
    beside = panel(picture, right, 0.3, WIDTHS["column"] - right, 1.5)
    beside.set_axis_off()
    palest, darkest = (percent(share) for share in (HELD[0], HELD[-1]))
    entries: list[Any] = [
        Patch(facecolor=SHADES(0.0), label=f"{palest} of the truth"),
        Patch(facecolor=SHADES(1.0), label=f"{darkest} of the truth"),
        key(".", "prediction", markersize=5),
        key("s", "collapsed", markerfacecolor="white", markersize=9, markeredgewidth=1.8),
    ]
    beside.legend(handles=entries, loc="center left", fontsize=SMALL, handlelength=1.4, labelspacing=0.6, labelcolor=QUIET)


def _predicted(ax: Axes, found: Map, density: Density, truth: np.ndarray, row: Row, column: str) -> None:
    """Predictions as dots over the truth; a collapsed model has a thick frame and is called so."""
    frame(ax, found, box=True)
    if (one := row.candidates.get(column)) is None:
        ax.text(0.5, 0.5, "not trained", transform=ax.transAxes, ha="center", va="center", fontsize=SMALL, color=QUIET)
        return
    shades(ax, density, truth)
    anchors(ax, found, size=4)
    points = row.arrays[one["id"]]
    points = within(points[some_of(len(points), DOTS)], found)
    ax.plot(*points.T, ".", color=INK, markersize=DOT, markeredgewidth=0, alpha=0.5, zorder=3)
    collapsed = one["verdict"] == "collapsed"
    if collapsed:
        ax.spines[:].set(color=INK, linewidth=1.8)
    area = percent(one["area"]["mean"]) if one["area"]["mean"] is not None else ""
    text = ", ".join(filter(None, [said(one["verdict"]), area])) or ABSENT
    weight, colour = ("bold", INK) if collapsed else ("normal", QUIET)
    ax.set_title(text, fontsize=SMALL, color=colour, weight=weight, pad=4, loc="center")


def _every(rows: Sequence[Row]) -> list[tuple[Row, Candidate]]:
    return [(row, one) for row in rows for one in row.candidates.values()]


def _area(one: Candidate) -> float:
    """Share of the true area; infinite where it is not known."""
    value = one["area"]["mean"]
    return float("inf") if value is None else float(value)


def _name(row: Row, one: Candidate, rows: Sequence[Row]) -> str:
    name = f"{model_of(one)} on {_set(one['set'])}"
    return f"{name} ({row.about['title']})" if len({other.about["source"] for other in rows}) > 1 else name


def _title(found: Map, rows: Sequence[Row]) -> str:
    every = sorted(_every(rows), key=lambda pair: _area(pair[1]))
    if fallen := [pair for pair in every if pair[1]["verdict"] == "collapsed"]:
        return _on_fallen(found, rows, fallen)
    known = [(row, one) for row, one in every if np.isfinite(_area(one))]
    verdicts = {one["verdict"] for _, one in every}
    start = "No model collapses" if verdicts & {"healthy", "weak"} else "Predictions on the map"
    if not known:
        return f"{start}; how much of the true area they fill is not known"
    ends = list(dict.fromkeys(percent(_area(one)) for _, one in (known[0], known[-1])))
    return (
        f"{start}: predictions fill {' to '.join(ends)} of the true area"
        if verdicts & {"healthy", "weak"}
        else (f"Predictions fill {' to '.join(ends)} of the true area; whether models collapsed could not be tested")
    )


def _on_fallen(found: Map, rows: Sequence[Row], fallen: Sequence[tuple[Row, Candidate]]) -> str:
    """Which models collapsed, and how: those that look like the one with the least area first."""
    how = _shape(found, *fallen[0])
    alike = [pair for pair in fallen if _shape(found, *pair) == how]
    (row, one), n, left = alike[0], len(alike), len(fallen) - len(alike)
    ends = list(dict.fromkeys(percent(_area(own)) for _, own in alike if np.isfinite(_area(own))))
    area = f" ({' to '.join([ends[0], *ends[1:][-1:]])} of the true area)" if ends else ""
    if n > 1 and all(own is row for own, _ in fallen) and n == len(row.candidates):
        return f"{sentence(row.title)} {_SINGLE[how]} whatever it is given{area}"
    others = f" and {n - 1} more" if n > 1 else ""
    parts = [f"{sentence(_name(row, one, rows))}{others} {how if others else _SINGLE[how]}{area}"]
    if left:
        parts.append(f"{left} more {'collapses' if left == 1 else 'collapse'}")
    areas = [_area(own) for _, own in _every(rows)]
    if len(areas) > len(alike) and max(areas) <= SMALL_AREA:
        parts.append(f"no model fills more than {percent(max(areas))}")
    return "; ".join(parts)


def _shape(found: Map, row: Row, one: Candidate) -> str:
    """What collapsed predictions look like."""
    points = row.arrays[one["id"]]
    spread = float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))
    if spread < SPOT * (found["unit"] or 1.0):
        return "keep to one spot"
    return "keep to a line" if _area(one) <= LINE else "collapse"


def _fitted(laid: Iterable[Mapping[str, Any]]) -> str:
    """Whether the map has seen what is tested."""
    seen = sum(one["seen"] for one in laid)
    return f"which was fitted to {counted(seen, 'segment')} of the same videos" if seen else "which was not fitted to them"


def _caption(every: Sequence[Row], rows: Sequence[Row], columns: Sequence[str]) -> str:
    tests = {row.about["source"]: row.about for row in rows}
    sizes = [
        f"{counted(one['n'], 'segment')} of {counted(one['videos'], one['whole'])}"
        + (f" ({one['title']}{', simulated' if one['simulated'] else ''})" if len(tests) > 1 else "")
        for one in tests.values()
    ]
    parts = [
        f"Test parts of {listing(sizes)}, laid on the map, {_fitted(tests.values())}. Grey shades: the truth, from",
        f"95{NO_BREAK}% to 20{NO_BREAK}% of its segments; dots: predictions, at most {DOTS} of them, by lot.",
        "Percentages: area of the ellipse with the spread of the predictions, as a share of that of the truth; of a line it is",
        "none. Collapsed: predictions have fewer dimensions than those of a calibrated model with the same correlations; weak",
        "ones only keep near the middle.",
    ]
    shown = {one["id"] for row in rows for one in row.candidates.values() if one["set"] in columns}
    more = [_name(row, one, every) for row, one in _every(every) if row not in rows or one["id"] not in shown]
    if more:
        parts.append(f"Only in the data, for lack of room: {some(more, 6)}.")
    return " ".join(parts)


def _alt(rows: Sequence[Row]) -> str:
    parts = []
    for row, one in _every(rows)[: ROWS * COLUMNS]:
        area = f"fills {told(one['area'])} of the true area" if one["area"]["mean"] is not None else "has no known area"
        parts.append(f"{_name(row, one, rows)} {area}" + (f" ({said(one['verdict'])})" if one["verdict"] else ""))
    return sentence(f"small maps with the truth in grey and predictions as dots. {'; '.join(parts)}.")


def _table(rows: Sequence[Row]) -> list[list[object]]:
    table: list[list[object]] = [["source", "model", "set", "verdict", "share of true area", "segment", "x", "y"]]
    done = set[str]()
    for row, one in _every(rows):
        index = row.arrays.get("segments", np.arange(len(row.arrays["truth"])))
        if row.about["source"] not in done:
            done.add(row.about["source"])
            table += _places([row.about["source"], "truth", "", "", None], index, row.arrays["truth"])
        name = [row.about["source"], model_of(one), one["set"], said(one["verdict"]), one["area"]["mean"]]
        table += _places(name, index, row.arrays[one["id"]])
    return table


def _places(name: Sequence[object], index: np.ndarray, points: np.ndarray) -> Iterator[list[object]]:
    """Rows of the points that are drawn."""
    for i in some_of(len(points), DOTS):
        yield [*name, int(index[i]), *np.round(points[i], 4).tolist()]
