"""How well each subject, recording or trial is recognised, sorted, beside chance and the majority class."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._style import INK, QUIET, beside, fit, key, legend_below, new_figure, rows_of
from reportgen.figures._words import counted, with_interval
from reportgen.outputs import Inputs
from reportgen.words import count, fixed

EACH = "experiment"
NEEDS = ("scores", "facts", "stretches")  # stretches: only recordings have units

NAMED = 48  # units that are named in the picture
TOLD = 20  # and in its alt text
ALIKE = 0.05  # range of accuracies below which units are called alike
BAND = "#D9E6F2"

Units = Sequence[Mapping[str, Any]]


def draw(inputs: Inputs) -> Figure:
    """Draw a dot for each unit, with the mean over all windows as a band."""
    scores = inputs.one("scores")
    view, unit = scores["views"]["all"], scores["unit"]
    units: Units = sorted(scores["units"], key=lambda row: -row["accuracy"])
    named = len(units) <= NAMED
    picture = new_figure("narrow", 1.2 + (0.165 if len(units) < 30 else 0.125) * len(units) if named else 4.5)
    ax = picture.subplots()
    _draw_lines(ax, view)
    ax.plot([row["accuracy"] for row in units], range(len(units)), "o", color=INK, markersize=4 if named else 2, zorder=3)
    if named:
        rows_of(ax, [f"{unit} {row['name']}" if len(row["name"]) < 5 else row["name"] for row in units])
        for y, row in enumerate(units):
            beside(ax, y, f"n = {count(row['n'])}" if not y else count(row["n"]))
    else:
        ax.set(ylim=(len(units) - 0.5, -0.5), ylabel=f"{count(len(units))} {unit}s, best first")
    ax.set(xlim=_limits(units, view), xlabel="accuracy")
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.grid(axis="x")
    legend_below(picture, _legend(view))
    return Figure(
        title=_title(units, unit, view),
        caption=_caption(scores, units),
        alt=_alt(units, unit, view),
        picture=picture,
        data=[
            [unit, "n", "accuracy", "balanced accuracy", "accuracy of the majority class"],
            *([row["name"], row["n"], row["accuracy"], row["balanced_accuracy"], row["baseline"]] for row in units),
        ],
        width="narrow",
    )


def _draw_lines(ax: Axes, view: Mapping[str, Any]) -> None:
    metric, baseline = view["metrics"]["accuracy"], view["baseline"]
    if metric["low"] is not None:
        ax.axvspan(metric["low"], metric["high"], color=BAND, linewidth=0, zorder=0)
    ax.axvline(metric["mean"], color=INK, linewidth=1, zorder=1)
    ax.axvline(baseline["chance"], color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    ax.axvline(baseline["majority"]["accuracy"], color=QUIET, linewidth=0.9, dashes=(4, 2), zorder=1)


def _limits(units: Units, view: Mapping[str, Any]) -> tuple[float, float]:
    shown = [row["accuracy"] for row in units] + [view["baseline"]["chance"], view["baseline"]["majority"]["accuracy"]]
    return max(-0.02, min(shown) - 0.05), min(1.02, max(shown) + 0.05)


def _legend(view: Mapping[str, Any]) -> list[Any]:
    metric = view["metrics"]["accuracy"]
    label = "all windows, 95 % interval" if metric["low"] is not None else "all windows"
    band: dict[str, Any] = {
        "markersize": 7,
        "markeredgewidth": 0,
        "markerfacecolor": BAND if metric["low"] is not None else "none",
    }
    return [
        key("s", label, linestyle="-", color=INK, **band),
        key("", "largest class", linestyle=(0, (4, 2)), color=QUIET),
        key("", "chance", linestyle=(0, (1, 1.5)), color=QUIET),
    ]


def _worst_and_best(units: Units) -> tuple[str, str]:
    return fixed(units[-1]["accuracy"], 2), fixed(units[0]["accuracy"], 2)


def _below(units: Units, view: Mapping[str, Any]) -> int:
    """How many units are recognised no better than by guessing."""
    return sum(row["accuracy"] <= view["baseline"]["chance"] for row in units)


def _title(units: Units, unit: str, view: Mapping[str, Any]) -> str:
    worst, best = _worst_and_best(units)
    if len(units) == 1:
        return f"The only {unit} is recognised with an accuracy of {best}"
    if units[0]["accuracy"] - units[-1]["accuracy"] < ALIKE:
        return f"All {len(units)} {unit}s are recognised about equally well, from {worst} to {best}"
    told = f"Accuracy differs between {unit}s, from {worst} to {best}"
    if below := _below(units, view):
        told += f", and {count(below)} of {count(len(units))} {'is' if below == 1 else 'are'} not above chance"
    return told


def _caption(scores: Mapping[str, Any], units: Units) -> str:
    view, unit = scores["views"]["all"], scores["unit"]
    values = np.array([row["accuracy"] for row in units])
    told = f"Accuracy of each {unit} in the test part, best first, {_seeds(scores)}with the number of windows at the right."
    if len(units) > NAMED:
        told = f"Accuracy of each {unit} in the test part, best first{', mean over seeds' if len(scores['seeds']) > 1 else ''}."
    told += f" Over all windows it is {with_interval(view['metrics']['accuracy'])}"
    told += f"; the mean of {unit}s is {fixed(float(values.mean()), 3)}"
    told += f" with a standard deviation of {fixed(float(values.std(ddof=1)), 3)}." if len(values) > 1 else "."
    if view["metrics"]["accuracy"]["low"] is None:
        return f"{told} There are too few {unit}s for an interval."
    return f"{told} The interval is for other {unit}s of the same kind, and says nothing of a single one."


def _seeds(scores: Mapping[str, Any]) -> str:
    return "mean over seeds, " if len(scores["seeds"]) > 1 else ""


def _alt(units: Units, unit: str, view: Mapping[str, Any]) -> str:
    shown = units if len(units) <= TOLD else [*units[:3], *units[-3:]]
    each = "; ".join(f"{fit(row['name'], 2)} {fixed(row['accuracy'], 2)}" for row in shown)
    which = "" if len(shown) == len(units) else ", the three best and the three worst"
    majority = fixed(view["baseline"]["majority"]["accuracy"], 2)
    return (
        f"Dots for {counted(len(units), unit)}{which}: {each}. Chance {fixed(view['baseline']['chance'], 2)}, "
        f"largest class {majority}."
    )
