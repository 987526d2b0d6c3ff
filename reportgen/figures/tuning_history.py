"""What a search for settings found, trial by trial, and how far each trial was trained before it was stopped."""

from itertools import accumulate
from math import isnan
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from reportgen.core import Figure
from reportgen.figures._style import SMALL, VALIDATION, key, legend_below, new_figure
from reportgen.figures._trials import (
    CHOSEN,
    COMPLETE,
    FAILED,
    MARKS,
    PRUNED,
    Found,
    draw_points,
    ending,
    legend_of,
    objective,
    scale_objective,
    value_of,
    valued,
    winner,
    written,
)
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import count, listing

EACH = "experiment"
NEEDS = ("trials",)

FEW_EPOCHS = 6  # up to here epochs stand at equal distances


def draw(inputs: Inputs) -> Figure:
    """Draw every trial's value with the best one so far, and beside it the course of every trial over its epochs."""
    found = inputs.one("trials")
    picture = new_figure("column", 2.9)
    left, right = picture.subplots(1, 2, sharey=True, width_ratios=(1.15, 1))
    _draw_values(left, found)
    _draw_courses(right, found)
    scale_objective(left, found)
    legend_below(picture, [*legend_of(found, *reversed(list(MARKS))), key("", "best so far", color=VALIDATION, linestyle="-")])
    return Figure(
        title=_title(found),
        caption=_caption(found),
        alt=_alt(found),
        picture=picture,
        data=_table(found),
    )


def _best_so_far(found: Found) -> tuple[list[int], list[float]]:
    """Numbers of the trials that ran to their end, and the best value up to each of them."""
    rows = [row for row in valued(found) if ending(row, found) in (COMPLETE, CHOSEN)]
    better = max if found["direction"] == "maximize" else min
    return [row["number"] for row in rows], list(accumulate((value_of(row) for row in rows), better))


def _draw_values(ax: Axes, found: Found) -> None:
    numbers, best = _best_so_far(found)
    last = max(row["number"] for row in found["rows"])
    ax.step([*numbers, last], [*best, best[-1]], where="post", color=VALIDATION, linewidth=1.2, zorder=1)
    draw_points(ax, found, lambda row: float(row["number"]))
    if failed := [row["number"] for row in found["rows"] if isnan(value_of(row))]:
        worst = 0.02 if found["direction"] == "maximize" else 0.98  # they have no value: at the worse end of the axis
        at: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "clip_on": False}
        ax.plot(failed, [worst] * len(failed), linestyle="none", **MARKS[FAILED], **at)
    _name_winner(ax, found, last)
    margin = 0.5 if last == 0 else 0.03 * last + 0.3
    ax.set(xlabel="trial", ylabel=objective(found), xlim=(-margin, last + margin))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True) if last else FixedLocator([0]))


def _name_winner(ax: Axes, found: Found, last: int) -> None:
    """Beside its dot, on the side where the chart has room: no trial is better."""
    gap = -5 if found["best"] > 0.75 * last > 0 else 5
    lift = 4 if found["direction"] == "maximize" else -4
    how: dict[str, Any] = {"ha": "left" if gap > 0 else "right", "va": "bottom" if lift > 0 else "top"}
    how |= {"color": VALIDATION, "weight": "bold", "fontsize": SMALL + 0.5}
    at = found["best"], value_of(winner(found))
    ax.annotate(f"trial {found['best']}", at, (gap, lift), "data", "offset points", **how)


def _draw_courses(ax: Axes, found: Found) -> None:
    """A line over the epochs for each trial, marked at the epoch that counts, or where it was stopped."""
    best = np.argmax if found["direction"] == "maximize" else np.argmin
    for state, how in MARKS.items():
        thick: dict[str, Any] = {"linewidth": 2.0} if state == CHOSEN else {"linewidth": 0.7, "alpha": 0.8}
        for row in (row for row in found["rows"] if ending(row, found) == state and row["course"]):
            epochs, marked = range(1, len(row["course"]) + 1), len(row["course"]) - 1
            if state in (COMPLETE, CHOSEN):
                marked = int(best(row["course"]))
            ax.plot(epochs, row["course"], markevery=[marked], **{**how, **thick})
    _epochs(ax, found)


def _epochs(ax: Axes, found: Found) -> None:
    """The rungs at which Hyperband compares trials lie at equal distances: every one is `reduction` times the last."""
    longest, reduction = found["epochs"], found["reduction"]
    ax.set_xlabel("epoch")
    if longest <= FEW_EPOCHS:
        ax.set_xlim(0.5, longest + 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        return
    rungs = [1]
    while rungs[-1] * reduction * 1.5 < longest:  # one that is nearer has no room beside the last epoch
        rungs.append(rungs[-1] * reduction)
    ax.set_xscale("log")
    ax.set_xlim(0.85, longest * 1.15)
    ax.set_xticks([*rungs, longest])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def _title(found: Found) -> str:
    best = written(found, value_of(winner(found)))
    if len(found["rows"]) == 1:
        return f"The only trial reaches a {objective(found)} of {best}"
    told = _told_states(found)
    return f"Trial {found['best']} is the best of {len(found['rows'])}: {objective(found)} {best}{'; ' if told else ''}{told}"


def _told_states(found: Found) -> str:
    """`13 were stopped early and 1 failed`."""
    states = [row["state"] for row in found["rows"]]
    stopped, failed = states.count(PRUNED), states.count(FAILED)
    told = [f"{stopped} {'was' if stopped == 1 else 'were'} stopped early"] if stopped else []
    return listing([*told, f"{failed} failed"] if failed else told)


def _caption(found: Found) -> str:
    ran, whole = sum(row["epochs"] for row in found["rows"]), len(found["rows"]) * found["epochs"]
    parts = [
        f"Left: the {objective(found)} of every trial at its best epoch. Right: its course, with a dot at the best epoch.",
        f"Trials are ranked on {counted(found['ranked_on']['n'], 'validation sample')}, which flatter the best of many: the",
        "honest number is the test score of the ordinary training with its settings.",
    ]
    if any(row["state"] == PRUNED for row in found["rows"]):
        parts.insert(1, f"Hyperband stopped the pale ones: {counted(ran, 'epoch')} were run instead of {count(whole)}.")
    if not found["repeatable"]:
        parts.append(f"{found['processes']} processes shared the search: in another run the order and the winner may differ.")
    return " ".join(parts)


def _alt(found: Found) -> str:
    numbers, best = _best_so_far(found)
    steps = [(n, v) for i, (n, v) in enumerate(zip(numbers, best, strict=True)) if i == 0 or v != best[i - 1]]
    rise = ", ".join(f"{written(found, value)} at trial {number}" for number, value in steps)
    states = _told_states(found)
    ran = sum(row["state"] == COMPLETE for row in found["rows"])
    return (
        f"Two charts of a search with {counted(len(found['rows']), 'trial')}. "
        f"Left, the best {objective(found)} so far: {rise}. "
        f"Right, courses over up to {counted(found['epochs'], 'epoch')}: {ran} ran to the end{', ' + states if states else ''}."
    )


def _table(found: Found) -> list[list[object]]:
    parameters = list(found["space"])
    header = ["trial", "state", "chosen", "bracket", *parameters, "epoch", objective(found), "value of the trial", "reason"]
    rows: list[list[object]] = [header]
    for row in found["rows"]:
        about = [row["number"], row["state"], row["number"] == found["best"], row["bracket"]]
        about += [row["params"].get(parameter) for parameter in parameters]
        for epoch, value in enumerate(row["course"] or [None], start=1):  # a trial that failed at once is a row as well
            rows.append([*about, epoch if row["course"] else None, value, row["value"], row["reason"]])
    return rows
