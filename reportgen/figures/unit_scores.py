"""How well each subject, recording or trial is recognised, sorted, beside chance and the majority class."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._recordings import in_order
from reportgen.figures._style import INK, QUIET, SMALL, beside, fit, key, legend_below, new_figure, rows_of
from reportgen.figures._words import counted, guess, sentence, why_no_interval, with_interval
from reportgen.outputs import Inputs
from reportgen.words import count, fixed

EACH = "experiment"
NEEDS = ("scores", "facts", "stretches")  # stretches: only recordings have units
SHOWS = ("model",)

NAMED = 60  # units that are named in the picture
TOLD = 20  # and in its alt text
ALIKE = 0.05  # range of accuracies below which units are called alike
BAND = "#D9E6F2"

Units = Sequence[Mapping[str, Any]]


def draw(inputs: Inputs) -> Figure:
    """Draw a dot for each unit, with the mean over all windows as a band."""
    scores = inputs.one("scores")
    view, unit = scores["views"]["all"], scores["unit"]
    units = _best_first(scores["units"])
    named, single = len(units) <= NAMED, _single(units)
    picture = new_figure("narrow", 1.2 + _row_height(len(units)) * len(units) if named else 4.5)
    ax = picture.subplots()
    _draw_lines(ax, view)
    ax.plot([row["accuracy"] for row in units], range(len(units)), "o", color=INK, markersize=4 if named else 2, zorder=3)
    if named:
        rows_of(ax, [f"{unit} {row['name']}" if len(row["name"]) < 5 else row["name"] for row in units])
        ax.tick_params(axis="y", labelsize=SMALL)
        for y, row in enumerate(() if single else units):
            beside(ax, y, f"n = {count(row['n'])}" if not y else count(row["n"]))
    else:
        ax.set(ylim=(len(units) - 0.5, -0.5), ylabel=f"{count(len(units))} {unit}s, best first")
    ax.set(xlim=_limits(units, view), xlabel="share of right answers" if single else "accuracy")
    if single:
        ax.set_xticks((0, 0.25, 0.5, 0.75, 1), ("wrong", "0.25", "0.50", "0.75", "right"))
    else:
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.grid(axis="x")
    legend_below(picture, _legend(view))
    return Figure(
        title=_title(units, unit, view, guess(inputs)),
        caption=_caption(scores, units),
        alt=_alt(units, unit, view),
        picture=picture,
        data=[
            [unit, "n", "accuracy", "balanced accuracy", "accuracy of the majority class"],
            *([row["name"], row["n"], row["accuracy"], row["balanced_accuracy"], row["baseline"]] for row in units),
        ],
        width="narrow",
    )


def _best_first(units: Units) -> Units:
    """Equally good ones in the order in which people count."""
    place = {name: i for i, name in enumerate(in_order(row["name"] for row in units))}
    return sorted(units, key=lambda row: (-row["accuracy"], place[row["name"]]))


def _single(units: Units) -> bool:
    """Whether each unit is one sample, which is right or wrong."""
    return all(row["n"] == 1 for row in units)


def _row_height(n: int) -> float:
    """Inches of a row, of so many that are named."""
    return 0.165 if n < 30 else 0.125 if n <= 48 else 0.104


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


def _title(units: Units, unit: str, view: Mapping[str, Any], guessed: str) -> str:
    worst, best = _worst_and_best(units)
    if guessed:
        return f"{guessed}: {'' if _single(units) else 'its accuracy is '}{_reached(units, unit)}"
    if _single(units):
        return sentence(_reached(units, unit))
    if len(units) == 1:
        return f"The only {unit} is recognised with an accuracy of {best}"
    if worst == best:
        return f"All {len(units)} {unit}s are recognised with an accuracy of {best}"
    if units[0]["accuracy"] - units[-1]["accuracy"] < ALIKE:
        return f"All {len(units)} {unit}s are recognised about equally well, from {worst} to {best}"
    told = f"Accuracy differs between {unit}s, from {worst} to {best}"
    if below := _below(units, view):
        told += f", and {count(below)} of {count(len(units))} {'is' if below == 1 else 'are'} not above chance"
    return told


def _reached(units: Units, unit: str) -> str:
    """`16 of 30 trials are right`, `0.33 for every subject`, `from 0.20 to 0.40 for 8 subjects`."""
    worst, best = _worst_and_best(units)
    if not _single(units):
        return f"{best} for every {unit}" if worst == best else f"from {worst} to {best} for {counted(len(units), unit)}"
    right = sum(row["accuracy"] for row in units)
    whole = abs(right - round(right)) < 1e-6
    told = count(round(right)) if whole else f"on average {fixed(right, 1)}"
    return f"{told} of {counted(len(units), unit)} {'is' if right == 1 else 'are'} right"


def _caption(scores: Mapping[str, Any], units: Units) -> str:
    view, unit = scores["views"]["all"], scores["unit"]
    values = np.array([row["accuracy"] for row in units])
    told = f"Accuracy of each {unit} in the test part, best first, {_seeds(scores)}with the number of windows at the right."
    if _single(units):
        told = f"Whether the one window of each {unit} in the test part is right, right ones first{_mean_over_seeds(scores)}."
    elif len(units) > NAMED:
        told = f"Accuracy of each {unit} in the test part, best first{_mean_over_seeds(scores)}."
    if _single(units):
        told += f" The accuracy is {with_interval(view['metrics']['accuracy'])}."
    else:
        told += f" Over all windows it is {with_interval(view['metrics']['accuracy'])}"
        told += f"; the mean of {unit}s is {fixed(float(values.mean()), 2)}"
        told += f" with a standard deviation of {fixed(float(values.std(ddof=1)), 2)}." if len(values) > 1 else "."
    if view["metrics"]["accuracy"]["low"] is None:
        return f"{told} {why_no_interval(view['groups'], unit)}"
    return f"{told} The interval is for other {unit}s of the same kind, and says nothing of a single one."


def _seeds(scores: Mapping[str, Any]) -> str:
    return "mean over seeds, " if len(scores["seeds"]) > 1 else ""


def _mean_over_seeds(scores: Mapping[str, Any]) -> str:
    return ", mean over seeds" if len(scores["seeds"]) > 1 else ""


def _alt(units: Units, unit: str, view: Mapping[str, Any]) -> str:
    shown = units if len(units) <= TOLD else [*units[:3], *units[-3:]]
    each = "; ".join(f"{fit(row['name'], 2)} {fixed(row['accuracy'], 2)}" for row in shown)
    which = "" if len(shown) == len(units) else ", the three best and the three worst"
    if _single(units):
        which, each = ", one sample each", _reached(units, unit)
    majority = fixed(view["baseline"]["majority"]["accuracy"], 2)
    return (
        f"Dots for {counted(len(units), unit)}{which}: {each}. Chance {fixed(view['baseline']['chance'], 2)}, "
        f"largest class {majority}."
    )
