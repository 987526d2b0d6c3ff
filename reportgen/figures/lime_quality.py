"""How far LIME can be trusted: the fit of its linear model, its stability over repeats, and what that cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._lime import source
from reportgen.figures._style import INK, looks, new_figure, rows_of
from reportgen.outputs import Inputs

EACH = "experiment"
NEEDS = ("facts", "explained", "lime_quality", "superpixels")

PANELS = ("R² of the linear model", "stability (Jaccard index)", "copies of the image")
GOOD = 0.5  # of R² and of the Jaccard index; below, an explanation says little


@dataclass(frozen=True, slots=True)
class Row:
    """One explained image, judged for its own class."""

    sample: int
    label: int
    values: tuple[float, float, float]  # in the order of PANELS


def draw(inputs: Inputs) -> Figure:
    """Draw a dot for each explained image and a line for the median of its class."""
    classes = inputs.one("facts")["classes"]
    rows = _rows(inputs)
    present = [c for c in range(len(classes)) if any(row.label == c for row in rows)]
    picture = new_figure("column", 0.7 + 0.24 * len(present))
    axes = picture.subplots(1, len(PANELS), sharey=True)
    for measure, (ax, name) in enumerate(zip(axes, PANELS, strict=True)):
        for y, c in enumerate(present):
            _dots(ax, y, [row.values[measure] for row in rows if row.label == c], looks(classes)[c].colour)
        ax.set(title=name, xlim=(0, None) if measure == 2 else (0, 1.02))
        ax.grid(axis="x")
        rows_of(ax, [classes[c] for c in present])
    fit, stability, copies = np.median([row.values for row in rows], axis=0)
    told = [_told(classes[c], [row for row in rows if row.label == c]) for c in present]
    return Figure(
        title=_title(float(fit), float(stability)),
        caption=f"Each dot is one of {len(rows)} explained images, explained for its own class; lines are medians. R²: the "
        "share of the variance of the model's answers around the image that LIME's linear model reproduces. Stability: "
        "overlap (Jaccard index) of the five strongest superpixels between repeats with other random copies, 1 is perfect. "
        "Right: perturbed copies that the model answered.",
        alt=f"Three dot plots by class. Median R² {fit:.2f}, median Jaccard index {stability:.2f}, median number of copies "
        f"{copies:.0f}. {'; '.join(told)}.",
        picture=picture,
        data=[["class", "sample", "r2", "jaccard", "copies"], *([classes[r.label], r.sample, *r.values] for r in rows)],
    )


def _rows(inputs: Inputs) -> list[Row]:
    which = source(inputs)
    labels = {row["sample"]: row["label"] for row in inputs.one("explained", **which)}
    return [
        Row(q["sample"], label, (q["r2"][label], q["jaccard"][label], q["samples"]))
        for q in inputs.one("lime_quality", **which)
        for label in [labels[q["sample"]]]
    ]


def _dots(ax: Axes, y: int, values: Sequence[float], colour: str) -> None:
    ax.plot(values, [y] * len(values), "o", color=colour, alpha=0.6, markersize=4, markeredgewidth=0)
    ax.plot([np.median(values)] * 2, [y - 0.32, y + 0.32], color=INK, linewidth=1.4)


def _title(fit: float, stability: float) -> str:
    if fit < GOOD and stability < GOOD:
        return (
            f"LIME should not be relied on here: it fits badly (median R² {fit:.2f}) and is unstable (Jaccard {stability:.2f})"
        )
    if fit < GOOD:
        return f"LIME is stable (Jaccard {stability:.2f}) but its linear model fits badly (median R² {fit:.2f})"
    if stability < GOOD:
        return f"LIME fits (median R² {fit:.2f}) but its strongest superpixels change between repeats (Jaccard {stability:.2f})"
    return f"LIME's linear model fits (median R² {fit:.2f}) and names the same superpixels again (Jaccard {stability:.2f})"


def _told(name: str, rows: Sequence[Row]) -> str:
    fit, stability, _ = np.median([row.values for row in rows], axis=0)
    return f"{name} R² {fit:.2f}, Jaccard {stability:.2f}"
