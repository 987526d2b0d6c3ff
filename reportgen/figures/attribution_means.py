"""Where a class is looked for on average: mean maps over test samples, on the mean picture of the class."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._attribution import (
    BAR,
    HUES,
    about_maps,
    by_place,
    how_made,
    lies,
    limit_of,
    overlay,
    scale_bar,
    strongest,
)
from reportgen.figures._canvas import canvas
from reportgen.figures._style import QUIET, SMALL, TALLEST, WIDTHS, Width, fit
from reportgen.outputs import Inputs

EACH = "explainer"
NEEDS = ("facts", "class_means", "attribution_means", "attribution_about")

GAP, HEADING = 0.1, 0.36  # inches


def draw(inputs: Inputs) -> Figure:
    """Draw one picture a class."""
    classes, about = inputs.one("facts")["classes"], about_maps(inputs)
    maps = np.asarray(inputs.one("attribution_means"), float)  # (class, row, column)
    places = {name: strongest(values) for name, values in zip(classes, maps, strict=True)}
    ranked = sorted(zip(classes, maps, strict=True), key=lambda pair: -pair[1].max())
    return Figure(
        title=f"By {about['explainer']}, what speaks most for a class lies on average {by_place(places)}",
        caption=f"Mean map of each class by {how_made(about)} over test samples of the class, on the mean picture of "
        f"its training samples. {HUES} All maps share one scale. Above each its largest relevance, in {about['unit']}s, and "
        "where that lies. A mean shows what the images of a class have in common; what lies elsewhere in each of them fades.",
        alt="Largest mean relevance of each class, strongest first: "
        + "; ".join(f"{name} {values.max():.1f} {lies(places[name])}" for name, values in ranked)
        + ".",
        picture=_sheet(classes, maps, np.asarray(inputs.one("class_means")), about["unit"]),
        data=[
            ["class", "mean relevance", "smallest", "largest", "strongest place"],
            *(
                [name, *(f"{value:.6f}" for value in (own.mean(), own.min(), own.max())), places[name]]
                for name, own in zip(classes, maps, strict=True)
            ),
        ],
        dense=True,
        width=_width(classes),
    )


def _width(classes: Sequence[str]) -> Width:
    return "narrow" if len(classes) <= 3 else "column"


def _sheet(classes: Sequence[str], maps: np.ndarray, pictures: np.ndarray, unit: str) -> Picture:
    width = _width(classes)
    columns = 3 if width == "narrow" else 4 if len(classes) <= 12 else 7
    down = -(-len(classes) // columns)
    step = min((WIDTHS[width] + GAP) / columns, (TALLEST - BAR) / down - HEADING)
    picture, ax = canvas(width, (step + HEADING) * down + BAR - GAP)
    limit, contrast = limit_of(maps), 255 / max(float(np.ptp(pictures)), 1.0)  # means are pale: stretched, all alike
    greys = (pictures - pictures.min()) * contrast
    for i, (name, relevance, grey) in enumerate(zip(classes, maps, greys, strict=True)):
        x, y, side = i % columns * step, i // columns * (step + HEADING), step - GAP
        ax.text(x, y + 0.12, fit(name, side), va="center")
        ax.text(x, y + 0.26, f"{relevance.max():.1f} {lies(strongest(relevance))}", fontsize=SMALL, va="center", color=QUIET)
        overlay(ax, relevance, grey, x, y + HEADING, side, limit)
    scale_bar(ax, limit, f"mean relevance ({unit}s), lines at half", negative=bool((maps < 0).any()))
    return picture
