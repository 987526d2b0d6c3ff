"""One class, many images: what speaks for the class in several test images of it, and whether that is the same place."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from annotated_doc import Doc
from annotated_types import Interval
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
    how_made,
    lies,
    limit_of,
    one_decimal,
    overlay,
    scale_bar,
    strongest,
)
from reportgen.figures._canvas import canvas
from reportgen.figures._style import QUIET, SMALL, TALLEST, WIDTHS, Width, fit, label_width
from reportgen.figures._words import counted, noun
from reportgen.outputs import Inputs

EACH = "explainer"
NEEDS = ("facts", "attribution", "attribution_about", "explained")
SHOWS = ("explained_samples", "class_activation")

GAP, BELOW, BETWEEN = 0.05, 0.17, 0.2  # inches: right of a picture, for the words under it, between blocks
NUMBER = 0.27  # inches for a number under a picture
SMALLEST, LARGEST = 0.7, 0.95  # inches: width of a picture that blocks side by side leave, and that one block takes

Rows = Sequence[tuple[str, Sequence[Told]]]  # class and its images


def draw(
    inputs: Inputs,
    *,
    images: Annotated[int, Interval(ge=1, le=8), Doc("images of each class, in the order of the lot")] = 6,
) -> Figure:
    """Draw a row a class: its images, each under the map of that class."""
    found = attributed(inputs)
    rows = [(name, [told for told in found.told if told.label == c][:images]) for c, name in enumerate(found.classes)]
    rows = [(name, own) for name, own in rows if own]
    return Figure(
        title=_title(found, rows),
        caption=_caption(found, rows),
        alt=_alt(found, rows),
        picture=_sheet(found, rows),
        data=[
            ["class", "sample", "predicted", _number(found), "strongest place"],
            *(
                [name, told.sample, found.classes[told.predicted], f"{_evidence(found, told):.6f}", strongest(found.own(told))]
                for name, own in rows
                for told in own
            ),
        ],
        dense=True,
        width=_width(rows),
    )


def _left(rows: Rows) -> float:
    """Inches for the names of the classes."""
    return min(label_width([name for name, _ in rows]), 1.1)


def _across(rows: Rows) -> int:
    """Blocks side by side, one a class."""
    block = _left(rows) + _most(rows) * SMALLEST
    return max(1, int((WIDTHS["column"] + BETWEEN) / (block + BETWEEN)))


def _width(rows: Rows) -> Width:
    return "narrow" if _across(rows) == 1 and _left(rows) + _most(rows) * LARGEST < WIDTHS["narrow"] else "column"


def _most(rows: Rows) -> int:
    """Images of the class that has most."""
    return max(len(own) for _, own in rows)


def _number(found: Attribution) -> str:
    """What stands below a map: `logit`, or `mean of the map` where that is not all of it."""
    return found.about["unit"] if found.about["complete"] else "mean of the map"


def _evidence(found: Attribution, told: Told) -> float:
    return float(found.evidence[told.index, told.label])


def _sheet(found: Attribution, rows: Rows) -> Picture:
    """Blocks of one class each, side by side where there are few images."""
    most, left, across, width = _most(rows), _left(rows), _across(rows), _width(rows)
    down = -(-len(rows) // across)
    block = (WIDTHS[width] + BETWEEN) / across - BETWEEN
    step = min((block - left + GAP) / most, (TALLEST - BAR) / down - BELOW, LARGEST + GAP)
    pitch = min(block, left + most * step) + BETWEEN
    picture, ax = canvas(width, min((step + BELOW) * down + BAR, TALLEST))
    limit = limit_of(*(found.own(told) for _, own in rows for told in own))
    for i, (name, own) in enumerate(rows):
        x, y = i % across * pitch + left, i // across * (step + BELOW)
        ax.text(x - 0.08, y + (step - GAP) / 2, fit(name, left - 0.1), ha="right", va="center")
        for column, told in enumerate(own):
            _one(ax, found, told, (x + column * step, y), step - GAP, limit)
    negative = any((found.own(told) < 0).any() for _, own in rows for told in own)
    scale_bar(ax, limit, f"relevance ({found.about['unit']}s), lines at half", negative=negative)
    return picture


def _one(ax: Axes, found: Attribution, told: Told, corner: tuple[float, float], side: float, limit: float) -> None:
    x, y = corner
    overlay(ax, found.own(told), found.grey(told), x, y, side, limit)
    ax.text(x, y + side + 0.08, one_decimal(_evidence(found, told)), fontsize=SMALL, va="center")
    if not told.right:
        mistaken = fit(f"→ {found.classes[told.predicted]}", side + GAP - NUMBER, SMALL)
        ax.text(x + NUMBER, y + side + 0.08, mistaken, fontsize=SMALL, va="center", color=QUIET)


def _agreement(found: Attribution, own: Sequence[Told]) -> tuple[str, int]:
    """The place where most of a class's images have their strongest evidence, and how many they are."""
    return Counter(strongest(found.own(told)) for told in own).most_common(1)[0]


def _title(found: Attribution, rows: Rows) -> str:
    told = [(name, len(own), *_agreement(found, own)) for name, own in rows]
    if max(n for _, n, _, _ in told) == 1:
        return f"What speaks for the class by {found.about['explainer']}, in one image of each class"
    if all(often == n for _, n, _, often in told):
        return f"By {found.about['explainer']}, what speaks most for a class lies in the same place in all its images"
    told.sort(key=lambda row: -row[3] / row[1])
    (best, n, where, often), (worst, n_worst, _, seldom) = told[0], told[-1]
    by = found.about["explainer"]
    return (
        f"By {by}, what speaks most for {noun(best)} lies {lies(where)} in {often} of {counted(n, 'image')}; "
        f"for {noun(worst)} no more than {seldom} of {n_worst} agree on a place"
    )


def _caption(found: Attribution, rows: Rows) -> str:
    n = sum(len(own) for _, own in rows)
    told = f"class's {_number(found)}: the mean of the map plus the model's bias" if found.about["complete"] else _number(found)
    made = how_made(found.about)
    parts = (
        f"Maps of the true class by {made} for {counted(n, 'test image')} drawn by lot, a row a class.",
        HUES,
        f"All maps share one scale, so that a pale one says little. The number is the {told}.",
        "An arrow names the class that an image is mistaken for.",
        NOT_SHOWN if found.images is None else "",
    )
    return " ".join(filter(None, parts))


def _alt(found: Attribution, rows: Rows) -> str:
    told = [(name, *_agreement(found, own), len(own)) for name, own in rows]
    return "Where most images of a class have their strongest evidence for it: " + (
        "; ".join(f"{name} {lies(where)}, {often} of {n}" for name, where, often, n in told) + "."
    )
