"""One image, all classes: what speaks for and against every class, on one scale, with what it adds to each output."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Interval
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._attribution import (
    BAR,
    HUES,
    NOT_SHOWN,
    Attribution,
    Told,
    attributed,
    frame,
    how_made,
    lies,
    limit_of,
    one_a_class,
    one_decimal,
    overlay,
    row_name,
    scale_bar,
    strongest,
)
from reportgen.figures._canvas import canvas, place
from reportgen.figures._style import INK, QUIET, SMALL, TALLEST, WIDTHS, fit, label_width
from reportgen.figures._words import counted
from reportgen.outputs import Inputs

EACH = "explainer"
NEEDS = ("facts", "attribution", "attribution_about", "explained")
SHOWS = ("explained_samples", "class_activation")

GAP, HEADING, BELOW = 0.05, 0.2, 0.3  # inches
MARK = 0.72  # inches: "true, predicted"


def draw(
    inputs: Inputs,
    *,
    images: Annotated[int, Interval(ge=1, le=7), Doc("images shown, one a class at most")] = 3,
    scale: Annotated[Literal["shared", "image"], Doc("of the colours: one for all images, or one for each")] = "shared",
    seed: Annotated[int, Ge(0), Doc("of the lot that decides which classes' images are shown")] = 0,
) -> Figure:
    """Draw a row an image: the image itself, then the map of every class over it."""
    found = attributed(inputs)
    rows = _drawn_by_lot(one_a_class(found.told, len(found.classes)), images, seed)
    return Figure(
        title=_title(found, rows),
        caption=_caption(found, rows, scale),
        alt=_alt(found, rows),
        picture=_sheet(found, rows, scale),
        data=_table(found, rows),
        dense=True,
    )


def _drawn_by_lot(rows: Sequence[Told], images: int, seed: int) -> list[Told]:
    chosen = np.random.default_rng(seed).permutation(len(rows))[:images]
    return [rows[i] for i in sorted(chosen)]


def _sheet(found: Attribution, rows: Sequence[Told], scale: str) -> Picture:
    names = [found.classes[row.label] for row in rows] + [f"→ {found.classes[row.predicted]}" for row in rows if not row.right]
    left = min(max(label_width(names), label_width(["100 %"], SMALL)), 0.9)
    first = int(found.images is not None)  # the column of the image itself
    step = min(
        (WIDTHS["column"] - left + GAP) / (len(found.classes) + first), (TALLEST - HEADING - BAR) / len(rows) - BELOW + GAP, 1.2
    )
    height = step - GAP + BELOW
    picture, ax = canvas("column", HEADING + height * len(rows) + BAR)
    for column, name in enumerate((*(("image",) * first), *found.classes)):
        colour = QUIET if column < first else INK
        middle = left + column * step + (step - GAP) / 2
        ax.text(middle, HEADING / 2, fit(name, step, SMALL), fontsize=SMALL, ha="center", va="center", color=colour)
    shared = limit_of(*(found.maps[row.index] for row in rows))
    for i, row in enumerate(rows):
        y = HEADING + i * height
        row_name(ax, row, found.classes, left, y + (step - GAP) / 2)
        limit = shared if scale == "shared" else limit_of(found.maps[row.index])
        _row(ax, found, row, (left, y), step, limit)
    negative = any((found.maps[row.index] < 0).any() for row in rows)
    if scale == "shared":
        scale_bar(ax, shared, f"relevance ({found.about['unit']}s), lines at half", negative=negative)
    else:
        scale_bar(ax, 1.0, "relevance as a share of the image's largest, lines at half", negative=negative)
    return picture


def _row(ax: Axes, found: Attribution, row: Told, corner: tuple[float, float], step: float, limit: float) -> None:
    (x, y), side = corner, step - GAP
    grey = found.grey(row)
    if grey is not None:
        place(ax, grey, x, y, side)
        x += step
    for c in range(len(found.classes)):
        here = x + c * step
        overlay(ax, np.asarray(found.maps[row.index, c], float), grey, here, y, side, limit)
        if c == row.label:
            frame(ax, here, y, side)
        said = c == row.predicted
        text = one_decimal(found.evidence[row.index, c])
        mark = "true, predicted" if said and row.right else "predicted" if said else "true" if c == row.label else ""
        how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": SMALL}
        ax.text(here + side / 2, y + side + 0.08, text, weight="bold" if said else "normal", **how)
        ax.text(_inside(here + side / 2), y + side + 0.19, mark, color=QUIET, **how)


def _inside(middle: float) -> float:
    """Where a mark may have its middle without leaving the picture."""
    return min(max(middle, MARK / 2), WIDTHS["column"] - MARK / 2)


def _title(found: Attribution, rows: Sequence[Told]) -> str:
    where, often = Counter(strongest(found.own(row)) for row in rows).most_common(1)[0]
    by = f"By {found.about['explainer']}, what speaks most"
    if len(rows) == 1:
        return f"{by} for {found.classes[rows[0].label]} in an image of it lies {lies(where)}"
    if often == 1:
        return f"{by} for its class lies somewhere else in each of the {len(rows)} images"
    return f"{by} for the class of an image lies {lies(where)} in {often} of {counted(len(rows), 'image')}"


def _caption(found: Attribution, rows: Sequence[Told], scale: str) -> str:
    exact, unit = found.about["complete"], found.about["unit"]
    made = how_made(found.about)
    parts = (
        f"Maps of all classes by {made} for {counted(len(rows), 'test image')}, one a class at most.",
        "It is the first of the class drawn by lot that the model gets right (with its probability), else the first.",
        HUES,
        "All maps share one scale, so that a pale one says little."
        if scale == "shared"
        else "Each image has a scale of its own: colours of different images cannot be compared.",
        f"The number below a map is the class's {unit}: the mean of the map plus the model's bias, which leaves nothing out."
        if exact
        else f"The number below a map is its mean, in {unit}s; the rest of the {unit} has no place in the map.",
        "The map of the true class is framed, the number of the predicted one bold.",
        NOT_SHOWN if found.images is None else "",
    )
    return " ".join(filter(None, parts))


def _alt(found: Attribution, rows: Sequence[Told]) -> str:
    return "Rows of maps, one for each class. " + "; ".join(_told(found, row) for row in rows) + "."


def _told(found: Attribution, row: Told) -> str:
    evidence, name = found.evidence[row.index], found.classes[row.label]
    text = f"Image of {name}: strongest evidence for it {lies(strongest(found.own(row)))}, {one_decimal(evidence[row.label])}"
    others = [int(c) for c in np.argsort(-evidence, kind="stable") if c != row.label]
    return f"{text}; next is {found.classes[others[0]]} with {one_decimal(evidence[others[0]])}"


def _table(found: Attribution, rows: Sequence[Told]) -> list[list[object]]:
    number = found.about["unit"] if found.about["complete"] else "mean of the map"
    header: list[object] = ["sample", "true", "predicted", "class", number, "smallest", "largest", "strongest place"]
    return [
        header,
        *(
            [
                *(row.sample, found.classes[row.label], found.classes[row.predicted], name),
                *(f"{value:.6f}" for value in (found.evidence[row.index, c], own.min(), own.max())),
                strongest(own),
            ]
            for row in rows
            for c, name in enumerate(found.classes)
            for own in [found.maps[row.index, c]]
        ),
    ]
