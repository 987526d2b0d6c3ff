"""How well intensities are predicted: all scores of each model on each set of modalities, beside constant answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.markers import CARETLEFT, CARETRIGHT
from matplotlib.ticker import MaxNLocator

from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Figure
from reportgen.figures._regression import (
    BASELINES,
    NONE,
    Candidate,
    Found,
    above_zero,
    baseline,
    collapsed,
    colour_of,
    draw_dot,
    few,
    found_in,
    interval_words,
    legend_of,
    markers_of,
    models_of,
    name_of,
    rows_named,
    said,
    tested_on,
    told,
    value,
    verdict_of,
)
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, beside, legend_below, nothing, range_line
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs
from reportgen.words import percent

EACH = "experiment"
NEEDS = ("regression",)

SCORES: Mapping[str, str] = {
    "skill": "skill",
    "pearson": "Pearson r",
    "concordance": "concordance",
    "average_precision": "average precision",
    "macro_f1": "macro-F1",
}
TITLED: Mapping[str, str] = {"average_precision": "average\nprecision"}
ROW, REST, TALL = 0.23, 1.0, 7.3  # inches: of a row, of headings, axis and legend, and of the picture at most
MOST = 40  # rows that have room
NAMES = 1.55  # inches for names of rows
FROM_ZERO = ("skill", "pearson", "concordance")  # scores whose panels show zero


def draw(inputs: Inputs) -> Figure:
    """Draw a row for each model and set, best on the validation part first, and a panel for each score."""
    found = found_in(inputs)
    models = models_of(found)[:MOST]
    scores = [name for name in SCORES if any(_known(one, name) for one in models)]
    there = bool(models) and bool(scores)
    return Figure(
        title=_title(found),
        caption=_caption(found, scores),
        alt=_alt(found, models),
        picture=_picture(found, models, scores) if there else nothing("No model has a score."),
        data=_table(found),
        width="column" if there else "narrow",
    )


def _known(one: Candidate, score: str) -> bool:
    return (one["scores"].get(score) or NONE)["mean"] is not None


def _picture(found: Found, models: Sequence[Candidate], scores: Sequence[str]) -> Picture:
    constant = [one for name in BASELINES if (one := baseline(found, name))]
    rows = len(models) + len(constant) + 0.5
    height = min(TALL, REST + ROW * rows)
    picture = Picture(figsize=(WIDTHS["column"], height), layout="constrained")
    axes = picture.subplots(1, len(scores), squeeze=False, sharey=True)[0]
    for ax, score in zip(axes, scores, strict=True):
        _draw_panel(ax, found, models, constant, score)
    names = [*rows_named(found, models, NAMES), *(BASELINES[one["id"]] for one in constant)]
    places = [*range(len(models)), *(len(models) + 0.5 + i for i in range(len(constant)))]
    first = axes[0]
    first.set_yticks(places, names, fontsize=7.5)
    first.set_ylim(rows - 0.5, -0.6)
    for i, label in enumerate(first.get_yticklabels()):
        label.set_color(colour_of(models[i]) if i < len(models) else QUIET)
    legend_below(picture, legend_of(found, models, markers=False))
    return picture


def _draw_panel(ax: Axes, found: Found, models: Sequence[Candidate], constant: Sequence[Candidate], score: str) -> None:
    markers = markers_of(found)
    still = (baseline(found, "median") or {}).get("scores", {}).get(score) or NONE
    line = 0.0 if score in FROM_ZERO else still["mean"]
    low, high = _limits(models, score, line)
    ax.set_xlim(low, high)
    if line is not None:
        ax.axvline(line, color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    for i, one in enumerate(models):
        estimate = one["scores"].get(score) or NONE
        if estimate["mean"] is not None:
            range_line(ax, i, estimate["low"], estimate["high"], colour_of(one), 1.2)
            draw_dot(ax, estimate["mean"], i, one, markers[one["key"]], size=4.4)
        beside(ax, i, value(estimate), gap=3, colour=colour_of(one))
    for i, one in enumerate(constant):
        estimate, y = one["scores"].get(score) or NONE, len(models) + 0.5 + i
        if estimate["mean"] is not None:
            off = CARETLEFT if estimate["mean"] < low else CARETRIGHT if estimate["mean"] > high else "|"
            x = float(np.clip(estimate["mean"], low, high))
            ax.plot(x, y, marker=off, color=QUIET, markersize=6, markeredgewidth=1.2, clip_on=False)
        beside(ax, y, value(estimate), gap=3)
    ax.set_title(TITLED.get(score, SCORES[score]), fontsize=8, color=INK)
    ax.set_xticks(_ticks(low, high))
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.axhspan(len(models) - 0.25, len(models) + len(constant) + 0.05, color="#F5F5F5", linewidth=0, zorder=0)
    ax.spines["left"].set_visible(False)


def _limits(models: Sequence[Candidate], score: str, line: float | None) -> tuple[float, float]:
    """All values of models, their intervals, and what the median reaches; a constant answer may lie further off."""
    values = [v for one in models for v in (one["scores"].get(score) or NONE).values() if v is not None]
    values += [] if line is None else [line]
    low, high = min(values), max(values)
    margin = 0.08 * ((high - low) or 1.0)
    return low - margin, high + margin


def _ticks(low: float, high: float) -> list[float]:
    """Two at most: a narrow panel has no room for more."""
    values = [float(value) for value in MaxNLocator(3, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= value <= high]
    return [values[0], values[-1]] if len(values) > 2 else values


def _title(found: Found) -> str:
    models = models_of(found)
    if not models:
        return "No model was assessed"
    best = models[0]
    skill = best["scores"]["skill"]
    clear = sum(above_zero(one["scores"]["skill"]) for one in models)
    if found["videos"] < MIN_GROUPS or skill["low"] is None:
        return sentence(f"{name_of(found, best)} is best on the validation part, but too little was tested for a claim")
    if clear == 0:
        return "No model is clearly better than always answering the median"
    beat = "beats" if clear == 1 else "beat"
    many = f"; {clear} of {len(models)} models clearly {beat} the median" if len(models) > 1 else ""
    if above_zero(skill):
        words = f"errs {percent(skill['mean'])} less than the median"
        mark = ", but collapsed" if verdict_of(best) == "collapsed" else ""
        return sentence(f"{name_of(found, best)}, chosen on the validation part, {words}{mark}{many}")
    return sentence(f"{name_of(found, best)}, chosen on the validation part, is not clearly better than the median{many}")


def _caption(found: Found, scores: Sequence[str]) -> str:
    means = " (means over emotions)" if len(found["emotions"]) > 1 else ""
    parts = [f"Scores{means} of {tested_on(found)}; models with the lowest error on the validation part come first."]
    parts.append("Skill: how much less a model errs than the median of the training part; dotted: what that median reaches.")
    if "average_precision" in scores or "macro_f1" in scores:
        parts.append("Average precision and macro-F1 are of the question whether an emotion is present at all.")
    parts.append("Constant answers have no correlation; an arrow says that one lies further off.")
    if gone := collapsed(models_of(found)):
        parts.append(f"Collapsed, so that scores are of one direction only: {few([name_of(found, one) for one in gone])}.")
    parts.append(interval_words(found))
    if len(models_of(found)) > MOST:
        parts.append(f"Only the first {MOST} of {len(models_of(found))} rows have room; all are in the data.")
    return " ".join(parts)


def _alt(found: Found, models: Sequence[Candidate]) -> str:
    each = [
        f"{name_of(found, one)}: skill {told(one['scores']['skill'])}, r {told(one['scores']['pearson'])}" for one in models[:6]
    ]
    more = f"; and {len(models) - 6} more" if len(models) > 6 else ""
    return f"Dots with intervals in {len(SCORES)} panels, a row for each model and set of modalities. {'; '.join(each)}{more}."


def _table(found: Found) -> list[list[object]]:
    names = ("mae", *SCORES)
    header: list[object] = ["model", "set", "id", "verdict", "validation error"]
    header += [f"{name}{end}" for name in names for end in ("", " low", " high")]
    rows: list[list[object]] = []
    for one in [*models_of(found), *(one for name in BASELINES if (one := baseline(found, name)))]:
        values: list[Any] = [(one["scores"].get(name) or NONE)[end] for name in names for end in ("mean", "low", "high")]
        error = (one["validation"] or {}).get("mae")
        rows.append([one["title"], one["set"], one["id"], said(verdict_of(one)), error, *values])
    return [header, *rows]
