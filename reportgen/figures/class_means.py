"""The mean picture of each class and how it differs from the mean of all classes."""

import numpy as np

from reportgen.core import Figure
from reportgen.figures._canvas import canvas, colour_bar, place
from reportgen.figures._style import QUIET, SMALL, WIDTHS, fit, label_width
from reportgen.figures._words import noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "dataset"
NEEDS = ("facts", "class_means")

GAP, HEADING, BAR = 0.05, 0.22, 0.42  # inches


def draw(inputs: Inputs) -> Figure:
    """Draw the mean of each class above its difference to the mean of all classes."""
    facts, means = inputs.one("facts"), np.asarray(inputs.one("class_means"), float)  # (class, row, column)
    classes, differences = facts["classes"], means - means.mean(0)
    limit = float(np.abs(differences).max()) or 1.0  # grey levels
    columns, left = min(len(classes), 8), label_width(["difference"], SMALL)
    step = (WIDTHS["column"] - left + GAP) / columns
    block = HEADING + 2 * step
    picture, ax = canvas("column", block * -(-len(classes) // columns) + BAR)
    for i, name in enumerate(classes):
        x, y = left + i % columns * step, i // columns * block
        ax.text(x + (step - GAP) / 2, y + HEADING / 2, fit(name, step), ha="center", va="center")
        place(ax, means[i], x, y + HEADING, step - GAP, vmin=means.min(), vmax=means.max())
        drawn = place(ax, differences[i], x, y + HEADING + step, step - GAP, cmap="RdBu_r", vmin=-limit, vmax=limit)
        if i % columns == 0:
            for row, text in enumerate(("mean", "difference")):
                middle = y + HEADING + row * step + (step - GAP) / 2
                ax.text(left - 0.06, middle, text, ha="right", va="center", fontsize=SMALL, color=QUIET)
    colour_bar(ax, drawn, "difference in grey levels")
    spread = np.sqrt((differences**2).mean((1, 2)))  # (class,)
    order, counts = np.argsort(-spread, kind="stable"), facts["counts"][facts["training_part"]]
    return Figure(
        title=sentence(
            f"{noun(classes[order[0]])} differs most from the mean of all classes, {noun(classes[order[-1]])} least"
        ),
        caption=f"Above, the mean picture of each class (one grey scale) over the part {facts['training_part']} of "
        f"{facts['title']}; below, its difference to the mean of the classes (red: brighter, blue: darker). What is coloured "
        "separates the classes without any model.",
        alt=f"Mean pictures of {listing(classes)}, and their differences to the overall mean, strongest first: "
        + listing([f"{classes[i]} {spread[i]:.1f}" for i in order])
        + " grey levels (root mean square).",
        picture=picture,
        data=[
            ["class", "samples", "mean grey level", "root mean square difference"],
            *([classes[i], counts.get(classes[i], 0), f"{means[i].mean():.2f}", f"{spread[i]:.2f}"] for i in order),
        ],
        dense=True,
    )
