"""Recall and precision of each class with their intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._style import QUIET, SMALL, beside, key, legend_below, looks, new_figure, range_line, rows_of
from reportgen.figures._words import guess, noun, number, sentence, with_interval
from reportgen.outputs import Inputs
from reportgen.words import count

EACH = "experiment"
NEEDS = ("scores",)
SHOWS = ("model",)

NOTHING = {"mean": None, "low": None, "high": None}


def draw(inputs: Inputs) -> Figure:
    """Draw recall and precision of each class, best recall first."""
    scores = inputs.one("scores")
    classes, view = scores["classes"], scores["views"]["all"]
    said = dict(zip(classes, map(sum, zip(*view["confusion"], strict=True)), strict=True))
    answered = [row if said[row["class"]] else {**row, "precision": NOTHING} for row in view["per_class"]]
    rows = sorted(answered, key=lambda row: _known(row["recall"]["mean"]), reverse=True)
    picture = new_figure("narrow", 0.8 + 0.34 * len(rows))
    ax = picture.subplots()
    for i, row in enumerate(rows):
        colour = looks(classes)[classes.index(row["class"])].colour
        _draw_metric(ax, i - 0.14, row["recall"], "o", colour, colour, "no samples")
        _draw_metric(ax, i + 0.16, row["precision"], "s", colour, "white", "never answered")
        beside(ax, i, f"n = {count(row['n'])}")
    rows_of(ax, [row["class"] for row in rows])
    ax.set(xlim=(-0.015, 1.005), xlabel="recall and precision on the test part")
    ax.grid(axis="x")
    legend_below(picture, [key("o", "recall", linestyle="-"), key("s", "precision", linestyle="-", markerfacecolor="white")])
    return Figure(
        title=_title(rows, guess(inputs)),
        caption="Recall (filled: the share of a class's samples that are recognised) and precision (open: the share of the "
        f"samples given this class that have it) with 95 % bootstrap intervals, {count(view['n'])} test samples. A class "
        "whose precision lies left of its recall is named too often.",
        alt="Recall and precision by class: " + "; ".join(_told(row, said[row["class"]]) for row in rows) + ".",
        picture=picture,
        data=_table(rows, said),
        width="narrow",
    )


def _known(value: float | None) -> float:
    """For sorting: an unknown value comes last."""
    return -1.0 if value is None else value


def _draw_metric(ax: Axes, y: float, metric: Mapping[str, Any], marker: str, edge: str, fill: str, missing: str) -> None:
    if metric["mean"] is None:
        ax.text(0.01, y, missing, fontsize=SMALL, color=QUIET, va="center")
        return
    range_line(ax, y, metric["low"], metric["high"], edge)
    ax.plot(metric["mean"], y, marker, color=edge, markerfacecolor=fill, clip_on=False, zorder=3)


def _title(rows: Sequence[Mapping[str, Any]], guessed: str) -> str:
    if guessed:
        return f"{guessed}: recall and precision show no more than that"
    known = [row for row in rows if row["recall"]["mean"] is not None]
    best, worst = known[0], known[-1]
    if best["recall"]["mean"] - worst["recall"]["mean"] < 0.05:
        return "All classes are found about equally well"
    high, low = number(best["recall"]), number(worst["recall"])
    return sentence(f"{noun(worst['class'])} is found least: recall {low}, against {high} for {noun(best['class'])}")


def _told(row: Mapping[str, Any], said: float) -> str:
    recall = with_interval(row["recall"]) if row["n"] else "unknown, no samples"
    return f"{row['class']} {recall} and {with_interval(row['precision']) if said else 'never answered'}"


def _table(rows: Sequence[Mapping[str, Any]], said: Mapping[str, float]) -> list[list[object]]:
    columns = [(metric, value) for metric in ("recall", "precision", "f1") for value in ("mean", "low", "high")]
    return [
        ["class", "n", "predicted", *(f"{metric} {value}".removesuffix(" mean") for metric, value in columns)],
        *([row["class"], row["n"], said[row["class"]], *(row[metric][value] for metric, value in columns)] for row in rows),
    ]
