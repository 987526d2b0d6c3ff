"""Whether what an explanation calls relevant is what the network used: deletion, insertion and ROAD beside four controls."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._controls import (
    BEHIND,
    DOTS,
    MOST,
    Judged,
    draw_measure,
    headline,
    images,
    judged,
    key_of_dots,
    left_out,
    name_rows,
    table,
    told,
)
from reportgen.figures._style import INK, QUIET, SMALL, fit, legend_below, new_figure
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs
from reportgen.trust import CONTROLS, MEASURES

EACH = "experiment"
NEEDS = ("faithfulness",)

WORDS: Mapping[str, str] = {name: MEASURES[name] for name in ("deletion", "insertion", "road")}
SCALES: Mapping[str, str] = {
    "deletion": "area under the curve",
    "insertion": "area under the curve",
    "road": "mean of the curve",
}
CURVES: Mapping[str, tuple[str, str]] = {  # over and under the curves
    "deletion": ("probability of the class", "share of pixels deleted"),
    "insertion": ("probability of the class", "share of pixels inserted"),
    "road": ("(LeRF − MoRF) / 2", "share of pixels removed"),
}
DASHES: Mapping[str, Any] = {
    "random": (0, (1, 1.2)),
    "centre": (0, (4, 1.4)),
    "edges": (0, (4, 1.2, 1, 1.2)),
    "blur_matched": "solid",
}
STRIDE = len(CONTROLS) + 1.4  # rows from one explainer to the next


def draw(inputs: Inputs) -> Figure:
    """Draw a dot for each map and measure, with the curves below."""
    explainers = judged(inputs, "faithfulness")
    return Figure(
        title=_title(explainers),
        caption=_caption(explainers),
        alt="Dots with intervals, and curves below. " + ". ".join(told(one, WORDS) for one in explainers) + ".",
        picture=_picture(explainers[:MOST]),
        data=table(explainers),
    )


def _title(explainers: Sequence[Judged]) -> str:
    text = headline(explainers, WORDS)
    return text if text.startswith(explainers[0].name) else sentence(text)  # names of explainers keep their small letters


def _picture(explainers: Sequence[Judged]) -> Picture:
    n = len(explainers)
    dots, curves = 0.5 + 0.165 * STRIDE * n, 0.95
    picture = new_figure("column", dots + (curves + 0.05) * n + 0.75)
    axes = picture.subplots(1 + n, len(WORDS), height_ratios=[dots, *[curves] * n])
    for column, measure in enumerate(WORDS):
        _dots(axes[0, column], explainers, measure)
        for ax in axes[2:, column]:
            ax.sharey(axes[1, column])
        for one, ax in zip(explainers, axes[1:, column], strict=True):
            _curves(ax, one.found["curves"], measure)
        axes[1, column].set_title(CURVES[measure][0], fontsize=SMALL, color=QUIET)
        axes[-1, column].set_xlabel(CURVES[measure][1], fontsize=SMALL)
    for one, ax in zip(explainers, axes[1:, 0], strict=True):
        ax.set_ylabel(fit(one.name, 0.9), weight="bold")
    for i, one in enumerate(explainers):
        name_rows(axes[0, 0], i * STRIDE, one.name, DASHES)
    legend_below(picture, key_of_dots())
    return picture


def _dots(ax: Axes, explainers: Sequence[Judged], measure: str) -> None:
    for i, one in enumerate(explainers):
        draw_measure(ax, i * STRIDE, one.found["measures"][measure])
    ax.set(ylim=(len(explainers) * STRIDE - 0.8, -0.7), yticks=[], title=WORDS[measure])
    ax.set_xlabel(SCALES[measure])
    if explainers[0].found["measures"][measure]["better"] == "lower":
        ax.invert_xaxis()
    ax.text(1, 1.02, "better →", transform=ax.transAxes, ha="right", va="bottom", fontsize=SMALL, color=QUIET)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)


def _curves(ax: Axes, curves: Mapping[str, Any], measure: str) -> None:
    for who in (*CONTROLS, "explainer"):
        fraction, values = _curve(curves, measure, who)
        if who == "explainer":
            ax.plot(fraction, values, color=INK, linewidth=1.6)
        else:
            ax.plot(fraction, values, color=BEHIND, linewidth=0.9, linestyle=DASHES[who])
    ax.set_xticks(_curve(curves, measure, "explainer")[0] if measure == "road" else (0, 0.5, 1))
    ax.yaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    ax.grid(axis="y")
    ax.tick_params(labelsize=SMALL)


def _curve(curves: Mapping[str, Any], measure: str, who: str) -> tuple[Sequence[float], Sequence[float]]:
    if measure != "road":
        return curves[measure]["fraction"], curves[measure][who]
    least, most = (np.asarray(curves[name][who]) for name in ("road_lerf", "road_morf"))
    return curves["road_lerf"]["fraction"], ((least - most) / 2).tolist()


def _caption(explainers: Sequence[Judged]) -> str:
    return (
        "Does the network use what an explanation calls relevant? Deletion: pixels turn grey, most relevant first, and the "
        "probability of the predicted class should fall. Insertion: they come back into a blurred image, and it should rise. "
        "ROAD: pixels are filled in from their neighbours, and losing the most relevant ones (MoRF) should cost more than "
        f"losing the least relevant (LeRF). Means over {images(explainers)}, 95 % bootstrap intervals; on all axes better is "
        f"right. Controls cannot know the network; the last one is the map itself, shuffled and as smooth as before. {DOTS}"
        + left_out(explainers)
    )
