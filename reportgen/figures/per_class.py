"""Recall and precision of each class with their intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._style import QUIET, SMALL, TALLEST, key, legend_below, looks, new_figure, range_line, rows_of
from reportgen.figures._words import listing, noun, number, sentence, with_interval
from reportgen.outputs import Inputs

EACH = "experiment"
NEEDS = ("scores",)


def draw(inputs: Inputs) -> Figure:
    """Draw recall and precision of each class, best recall first."""
    scores = inputs.one("scores")
    view = scores["views"]["all"]
    colours = {name: look.colour for name, look in zip(scores["classes"], looks(scores["classes"]), strict=True)}
    rows = sorted(view["per_class"], key=lambda row: -_or_minus_one(row["recall"]))
    said = dict(zip(scores["classes"], (sum(column) for column in zip(*view["confusion"], strict=True)), strict=True))
    picture = new_figure("narrow", min(0.85 + 0.34 * len(rows), TALLEST))
    ax = picture.subplots()
    for i, row in enumerate(rows):
        _draw_row(ax, i, row, colours[row["class"]], said[row["class"]])
    ...
