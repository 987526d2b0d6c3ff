"""All experiments side by side: accuracy with its interval, single seeds, baseline, chance and published values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from reportgen.core import Figure
from reportgen.figures._plotly import layout
from reportgen.figures._style import FAINT, INK, QUIET, SMALL, VALIDATION, key, legend_below, new_figure, range_line
from reportgen.figures._words import count, listing, number, with_interval
from reportgen.outputs import Inputs

EACH = "study"
NEEDS = ("facts", "scores")

NOT_A_RESULT = "smoke-trained: not a result"


@dataclass(frozen=True, slots=True)
class Row:
    """One experiment of the plot."""

    dataset: str
    experiment: str
    model: str
    smoke: bool
    seeds: int
    n: int
    accuracy: Mapping[str, Any]
    twin_free: Mapping[str, Any]
    baseline: Mapping[str, Any]
    published: tuple[Mapping[str, Any], ...]

    @property
    def note(self) -> str:
        """The small line below the experiment's name."""
        return NOT_A_RESULT if self.smoke else f"{self.model} · {count(self.seeds, 'seed')}".lstrip(" ·")


Groups = list[tuple[str, list[Row]]]


def draw(inputs: Inputs) -> Figure:
    """Draw every experiment of the study that was scored."""
    groups = [(name, list(rows)) for name, rows in groupby(_rows(inputs), key=lambda row: row.dataset)]
    lines = sum(len(rows) + 0.9 for _, rows in groups)
    picture = new_figure("column", 0.75 + min(0.34, 6.4 / lines) * lines)
    ax = picture.subplots()
    y, ticks = 0.0, []
    for name, rows in groups:
        ax.annotate(
            f"{name}  · n = {rows[0].n:,}", (0, y), (-4, 0), ax.get_yaxis_transform(), "offset points", ha="right", va="center"
        ).set_fontweight("bold")
        for i, row in enumerate(rows, start=1):
            _draw_row(ax, y + i, row)
            ticks.append((y + i, row))
        chance = rows[0].baseline["chance"]
        ax.plot([chance, chance], [y + 0.4, y + len(rows) + 0.5], color=QUIET, linewidth=0.8, dashes=(1, 2), zorder=1)
        y += len(rows) + 0.9
    _frame(ax, ticks, y)
    legend_below(picture, _legend([row for _, rows in groups for row in rows]))
    return Figure(
        title=_title(groups),
        caption=_caption(groups),
        alt=_alt(groups),
        picture=picture,
        data=_table(groups),
        interactive=_interactive(groups),
    )


def _rows(inputs: Inputs) -> list[Row]:
    """The experiments in the order of the study, those of one data set together."""
    facts = {about["dataset"]: value for about, value in inputs.all("facts")}
    rows = [_row(inputs, facts[about["dataset"]], about, scores) for about, scores in inputs.all("scores")]
    order = list(dict.fromkeys(row.dataset for row in rows))
    return sorted(rows, key=lambda row: order.index(row.dataset))


def _row(inputs: Inputs, facts: Mapping[str, Any], about: Mapping[str, str], scores: Mapping[str, Any]) -> Row:
    view = scores["views"]["all"]
    model = next((value["id"] for _, value in inputs.all("model", experiment=about["experiment"])), "")
    return Row(
        facts["title"],
        about["experiment"],
        model,
        scores["smoke"],
        len(scores["seeds"]),
        view["n"],
        view["metrics"]["accuracy"],
        scores["views"].get("twin_free", view)["metrics"]["accuracy"],
        view["baseline"],
        tuple(r for r in facts["references"] if _comparable(r, model, scores["test_origin"])),
    )


def _comparable(reference: Mapping[str, Any], model: str, part: str) -> bool:
    """A published score is shown only beside the same network on the same part of the data."""
    return bool(reference["metric"] == "accuracy" and reference["model"] == model and reference["part"] == part)


def _draw_row(ax: Axes, y: float, row: Row) -> None:
    metric, colour = row.accuracy, QUIET if row.smoke else INK
    ax.plot(row.baseline["majority"]["accuracy"], y, "|", color=QUIET, markersize=9, markeredgewidth=1.0)
    if len(row.accuracy["seeds"]) > 1:
        ax.plot(row.accuracy["seeds"], [y + 0.27] * len(row.accuracy["seeds"]), "|", color=colour, markersize=4)
    range_line(ax, y, metric["low"], metric["high"], colour)
    ax.plot(metric["mean"], y, "o", color=colour, markerfacecolor="white" if row.smoke else colour, markersize=5)
    for published in row.published:
        ax.plot(published["value"], y, "D", color=VALIDATION, markerfacecolor="white", markersize=4.5, zorder=1.5)


def _frame(ax: Axes, ticks: list[tuple[float, Row]], bottom: float) -> None:
    ax.set_yticks([y for y, _ in ticks], ["" for _ in ticks])
    for y, row in ticks:
        beside = {"xycoords": ax.get_yaxis_transform(), "textcoords": "offset points", "va": "center"}
        ax.annotate(row.experiment, (0, y), (-8, 4), ha="right", **beside)
        ax.annotate(row.note, (0, y), (-8, -5), ha="right", fontsize=SMALL, color=QUIET, **beside)
        ax.annotate(with_interval(row.accuracy), (1, y), (6, 0), ha="left", color=QUIET if row.smoke else INK, **beside)
    low, high = _limits([row for _, row in ticks])
    ax.set(xlim=(low, high), ylim=(bottom - 0.2, -0.5), xlabel="accuracy on the test part")
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)


def _limits(rows: Iterable[Row]) -> tuple[float, float]:
    """A range that holds everything drawn, in steps of 0.05."""
    values = [
        value
        for row in rows
        for value in (
            *row.accuracy["seeds"],
            row.accuracy["mean"],
            row.accuracy["low"],
            row.accuracy["high"],
            row.baseline["majority"]["accuracy"],
            row.baseline["chance"],
            *(r["value"] for r in row.published),
        )
        if value is not None
    ]
    return max(0.0, (min(values) * 20 // 1) / 20 - 0.03), min(1.01, -(-max(values) * 20 // 1) / 20 + 0.02)


def _legend(rows: list[Row]) -> list[Line2D]:
    entries = [
        key("o", "accuracy, 95 % interval", linestyle="-"),
        key("|", "single seeds", markersize=5) if any(len(row.accuracy["seeds"]) > 1 for row in rows) else None,
        key("|", "largest class", color=QUIET, markersize=9),
        key("", "chance", linestyle=(0, (1, 2)), color=QUIET, linewidth=0.8),
        key("D", "published", color=VALIDATION, markerfacecolor="white") if any(row.published for row in rows) else None,
    ]
    return [entry for entry in entries if entry]


def _best(rows: Iterable[Row]) -> Row | None:
    return max((row for row in rows if not row.smoke), key=lambda row: float(row.accuracy["mean"]), default=None)


def _floor(row: Row) -> float:
    """What a model must beat that has learned nothing from the samples."""
    return float(max(row.baseline["majority"]["accuracy"], row.baseline["chance"]))


def _title(groups: Groups) -> str:
    best = [row for row in (_best(rows) for _, rows in groups) if row]
    if not best:
        return "No experiment was trained to the end"
    if len(best) > 1:
        return "Best accuracy: " + listing([f"{_value(row)} on {row.dataset} ({row.experiment})" for row in best])
    row = best[0]
    if row.accuracy["low"] is None:
        return f"{row.experiment} reaches {_value(row)}, with too few independent groups for a claim"
    if row.accuracy["low"] <= _floor(row):
        return "No experiment is clearly better than its baseline"
    return f"{row.experiment} reaches an accuracy of {_value(row)}; always naming the largest class gives {_floor(row):.2f}"


def _value(row: Row) -> str:
    return number(row.accuracy["mean"], row.accuracy["low"], row.accuracy["high"])


def _caption(groups: Groups) -> str:
    rows = [row for _, rows in groups for row in rows]
    parts = [
        "Accuracy of every experiment on its test part (dot: mean over seeds) with 95 % bootstrap intervals over independent groups.",
        "The tall tick is the accuracy of always naming the largest class, the dotted line that of guessing among equally likely classes:",
        "an interval that reaches them shows no learning.",
    ]
    if any(len(row.accuracy["seeds"]) > 1 for row in rows):
        parts.append("Small ticks are single seeds.")
    if any(row.published for row in rows):
        named = dict.fromkeys(f"{r['value']:.3f} ({r['source']})" for row in rows for r in row.published)
        parts.append(f"Diamonds are published values of the same network on the same part: {listing(list(named))}.")
    if any(row.smoke for row in rows):
        parts.append("Hollow dots are networks that were only smoke-trained to show that they run: they are not results.")
    if any(row.accuracy["low"] is None for row in rows):
        parts.append("Where there is no interval, there are too few independent groups for one.")
    return " ".join(parts)


def _alt(groups: Groups) -> str:
    told = [
        f"{row.experiment} {with_interval(row.accuracy)}{', ' + NOT_A_RESULT if row.smoke else ''}"
        for _, rows in groups
        for row in rows
    ]
    floors = [f"{_floor(rows[0]):.2f} on {name}" for name, rows in groups]
    return f"Forest plot. Accuracy with 95 % interval: {'; '.join(told)}. The baseline is {listing(floors)}."


def _table(groups: Groups) -> list[list[object]]:
    header = ["data set", "experiment", "model", "seeds", "n", "smoke-trained", "accuracy", "sd", "low", "high"]
    header += ["twin-free accuracy", "twin-free low", "twin-free high", "majority class", "majority accuracy", "chance", "published"]
    rows = [
        [row.dataset, row.experiment, row.model, row.seeds, row.n, row.smoke]
        + [row.accuracy[k] for k in ("mean", "sd", "low", "high")]
        + [row.twin_free[k] for k in ("mean", "low", "high")]
        + [row.baseline["majority"]["class"], row.baseline["majority"]["accuracy"], row.baseline["chance"]]
        + ["; ".join(f"{r['value']} {r['source']}" for r in row.published)]
        for _, rows in groups
        for row in rows
    ]
    return [header, *rows]


def _interactive(groups: Groups) -> dict[str, Any]:
    """The same plot for Plotly: hovering gives the numbers."""
    rows = [row for _, group in groups for row in group]
    names = [f"{row.experiment}<br><sub>{row.dataset}</sub>" for row in rows]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "accuracy, 95 % interval",
        "x": [row.accuracy["mean"] for row in rows],
        "y": names,
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [_gap(row.accuracy["high"], row.accuracy["mean"]) for row in rows],
            "arrayminus": [_gap(row.accuracy["mean"], row.accuracy["low"]) for row in rows],
            "color": INK,
            "thickness": 1.5,
            "width": 0,
        },
        "marker": {"color": INK, "size": 9, "symbol": ["circle-open" if row.smoke else "circle" for row in rows]},
        "text": [f"{with_interval(row.accuracy)}<br>n = {row.n:,}<br>{row.note}" for row in rows],
        "hovertemplate": "%{y}<br>%{text}<extra></extra>",
    }
    height = 110 + 42 * len(rows)
    return {
        "data": [
            dots,
            _ticks("largest class", "line-ns-open", QUIET, [(row.baseline["majority"]["accuracy"], y) for row, y in zip(rows, names)]),
            _ticks("chance", "line-ns-open", FAINT, [(row.baseline["chance"], y) for row, y in zip(rows, names)]),
            _ticks("single seeds", "x-thin-open", QUIET, [(s, y) for row, y in zip(rows, names) for s in row.accuracy["seeds"]]),
            _ticks("published", "diamond-open", VALIDATION, [(r["value"], y) for row, y in zip(rows, names) for r in row.published]),
        ],
        "layout": layout(height, x={"title": {"text": "accuracy on the test part"}}, y={"autorange": "reversed", "automargin": True}),
    }


def _gap(above: float | None, below: float | None) -> float:
    return 0.0 if above is None or below is None else above - below


def _ticks(name: str, symbol: str, colour: str, points: list[tuple[float, str]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "marker": {"symbol": symbol, "color": colour, "size": 10, "line": {"color": colour, "width": 1.5}},
        "hovertemplate": f"{name} %{{x:.3f}}<extra></extra>",
    }
