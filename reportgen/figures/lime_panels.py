"""LIME, one image of each class: what speaks for the class, what against it, and how much of that is unstable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Interval
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.patches import Rectangle

from reportgen.core import Figure
from reportgen.figures._attribution import one_a_class, third
from reportgen.figures._canvas import canvas, colour_bar, faded, hatch, outline, place
from reportgen.figures._lime import Explanation, explanations, source
from reportgen.figures._style import INK, NEGATIVE, POSITIVE, QUIET, SMALL, TALLEST, WIDTHS, fit, label_width
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.superpixels import top_mask
from reportgen.words import percent

EACH = "experiment"
NEEDS = ("facts", "superpixels", "superpixel_weights", "superpixel_signs", "explained", "lime_quality")
SHOWS = ("explained_samples",)

PANELS = ("original", "positive\nsuperpixels", "positive\nboundaries", "negative\nboundaries")
DASHES = (0, (2.5, 1))
GAP, HEADING, KEY = 0.06, 0.32, 0.28  # inches


@dataclass(frozen=True, slots=True)
class Shown:
    """One row: an explanation and its strongest superpixels."""

    name: str  # of the class
    said: str  # how sure the model is of it, or what it says instead
    told: Explanation
    positive: np.ndarray  # (row, column) bool
    negative: np.ndarray  # (row, column) bool
    unstable: np.ndarray  # (row, column) bool


def draw(
    inputs: Inputs,
    *,
    positive: Annotated[int, Ge(1), Doc("superpixels shown that speak for the class, strongest first")] = 5,
    negative: Annotated[int, Ge(0), Doc("superpixels shown that speak against it, strongest first")] = 5,
    stable: Annotated[float, Interval(ge=0.5, le=1), Doc("share of repeats that must agree in sign, else hatched")] = 0.9,
) -> Figure:
    """Draw four panels a class, or the mean weights alone where samples may not be shown."""
    classes = inputs.one("facts")["classes"]
    told = list(explanations(inputs))
    rows = [_shown(classes, chosen, positive, negative, stable) for chosen in one_a_class(told, len(classes))]
    with_pictures = "explained_samples" in inputs
    picture = _panels(rows, inputs.one("explained_samples", **source(inputs))) if with_pictures else _maps(told, classes)
    return Figure(
        title=_title(rows),
        caption=_panels_caption(stable) if with_pictures else _maps_caption(len(told)),
        alt=_alt(rows),
        picture=picture,
        data=_table(rows),
        dense=True,
        width="narrow",
    )


def _shown(classes: Sequence[str], told: Explanation, positive: int, negative: int, stable: float) -> Shown:
    pro = top_mask(told.superpixels, told.weights, count=positive, sign=1)
    contra = top_mask(told.superpixels, told.weights, count=negative, sign=-1)
    unstable = (told.signs < stable)[told.superpixels]
    said = percent(told.probability) if told.right else f"→ {classes[told.predicted]}"
    return Shown(classes[told.label], said, told, pro, contra, unstable)


def _panels(rows: Sequence[Shown], images: np.ndarray) -> Picture:
    names = [row.name for row in rows]
    left = min(max(label_width(names), label_width([row.said for row in rows], SMALL)), 1.1)
    step = min((WIDTHS["narrow"] - left + GAP) / len(PANELS), (TALLEST - HEADING - KEY) / len(rows))
    picture, ax = canvas("narrow", HEADING + step * len(rows) + KEY)
    side = step - GAP
    for column, name in enumerate(PANELS):
        ax.text(
            left + column * step + side / 2, HEADING / 2 - 0.02, name, fontsize=SMALL, ha="center", va="center", linespacing=1.0
        )
    for i, row in enumerate(rows):
        y = HEADING + i * step
        _name(ax, row, left, y + side / 2)
        _row(ax, row, images[row.told.index], [left + column * step for column in range(4)], y, side)
    _key(ax, left, HEADING + step * len(rows) + KEY / 2 - GAP / 2)
    return picture


def _name(ax: Axes, row: Shown, left: float, middle: float) -> None:
    ax.text(left - 0.08, middle - 0.07, fit(row.name, left - 0.1), ha="right", va="center")
    ax.text(left - 0.08, middle + 0.07, fit(row.said, left, SMALL), ha="right", va="center", fontsize=SMALL, color=QUIET)


def _row(ax: Axes, row: Shown, image: np.ndarray, lefts: Sequence[float], y: float, side: float) -> None:
    place(ax, image, lefts[0], y, side)
    place(ax, faded(image, row.positive), lefts[1], y, side)
    place(ax, image, lefts[2], y, side)
    place(ax, image, lefts[3], y, side)
    hatch(ax, row.positive & row.unstable, lefts[1], y, side, POSITIVE)
    outline(ax, row.positive, lefts[1], y, side, colors=POSITIVE, linewidths=0.6)
    _boundaries(ax, row, row.positive, lefts[2], y, side, POSITIVE, "solid")
    _boundaries(ax, row, row.negative, lefts[3], y, side, NEGATIVE, DASHES)


def _boundaries(ax: Axes, row: Shown, mask: np.ndarray, x: float, y: float, side: float, colour: str, dashes: Any) -> None:
    """Outline a mask on a pale rim, so that it stands out from dark and bright pixels."""
    hatch(ax, mask & row.unstable, x, y, side, colour)
    outline(ax, mask, x, y, side, colors="white", linewidths=2.6, alpha=0.8)
    outline(ax, mask, x, y, side, colors=colour, linewidths=1.5, linestyles=[dashes])


def _key(ax: Axes, x: float, y: float) -> None:
    """What the lines mean."""
    for colour, dashes, text, width in (
        (POSITIVE, "-", "speaks for the class", 1.5),
        (NEGATIVE, DASHES, "against it", 0.95),
    ):
        ax.plot([x, x + 0.22], [y, y], color=colour, linestyle=dashes, linewidth=1.5)
        ax.text(x + 0.28, y, text, fontsize=SMALL, va="center")
        x += width
    ax.add_patch(Rectangle((x, y - 0.05), 0.2, 0.1, facecolor="none", edgecolor=INK, hatch="//////", linewidth=0.5))
    ax.text(x + 0.26, y, "unstable", fontsize=SMALL, va="center")


def _maps(told: Sequence[Explanation], classes: Sequence[str]) -> Picture:
    """Mean weight at each pixel, over the images of each class."""
    maps = {
        name: np.mean([e.weights[e.superpixels] for e in told if e.label == c], axis=0)  # (row, column)
        for c, name in enumerate(classes)
        if any(e.label == c for e in told)
    }
    limit = max(float(np.abs(values).max()) for values in maps.values()) or 1.0
    columns = min(4, len(maps))
    step = (WIDTHS["narrow"] + GAP) / 4
    picture, ax = canvas("narrow", (step + 0.2) * -(-len(maps) // columns) + 0.4)
    for i, (name, values) in enumerate(maps.items()):
        x, y = i % columns * step, i // columns * (step + 0.2)
        ax.text(x + (step - GAP) / 2, y + 0.1, fit(name, step), ha="center", va="center")
        drawn = place(ax, values, x, y + 0.2, step - GAP, cmap="RdBu_r", vmin=-limit, vmax=limit)
    colour_bar(ax, drawn, "mean weight (probability)")
    return picture


def _title(rows: Sequence[Shown]) -> str:
    drawn = sum(len(np.unique(row.told.superpixels[row.positive])) for row in rows)
    stable = sum(len(np.unique(row.told.superpixels[row.positive & ~row.unstable])) for row in rows)
    if not drawn:
        return "LIME finds nothing that speaks for any class"
    return f"{stable} of {counted(drawn, 'superpixel')} that LIME names for the classes keep their sign when it is repeated"


def _panels_caption(stable: float) -> str:
    return (
        "LIME explanations, one image a class: the first drawn by lot that the model gets right (with its probability), else "
        "the first (with the class it is taken for). Superpixels that speak for the class (positive weight) on the faded "
        "image, their boundaries, and the dashed boundaries of those that speak against it. Hatched ones are unstable: their "
        f"sign agrees in fewer than {percent(stable)} of the repeats, and they should not be interpreted."
    )


def _maps_caption(images: int) -> str:
    return (
        f"Mean LIME weight at each pixel over the explained images of each class ({images} in all): red speaks for the class, "
        "blue against it. The images may not be passed on, so that this public report does not show them."
    )


def _alt(rows: Sequence[Shown]) -> str:
    speaks = "; ".join(f"{row.name}: {_where(row.positive)}" for row in rows)
    against = "; ".join(f"{row.name}: {_where(row.negative)}" for row in rows)
    return f"Where the superpixels lie that speak for the class: {speaks}. Where those lie that speak against it: {against}."


def _where(mask: np.ndarray) -> str:
    """Where in the image a mask (row, column) has its centre, and how much of it it covers."""
    if not mask.any():
        return "none"
    down, right = (places.mean() / size for places, size in zip(np.nonzero(mask), mask.shape, strict=True))
    return f"{third(down, right)}, {percent(float(mask.mean()))} of the area"


def _table(rows: Sequence[Shown]) -> list[list[object]]:
    table: list[list[object]] = [["class", "sample", "superpixel", "weight", "sign agreement"]]
    for row in rows:
        for superpixel in np.argsort(-row.told.weights, kind="stable"):
            weight, sign = row.told.weights[superpixel], row.told.signs[superpixel]
            table.append([row.name, row.told.sample, int(superpixel), f"{weight:.6f}", f"{sign:.2f}"])
    return table
