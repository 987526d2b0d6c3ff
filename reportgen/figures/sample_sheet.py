"""Real samples of each class, drawn at random from the training part."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Interval

from reportgen.core import Figure
from reportgen.figures._canvas import canvas, place
from reportgen.figures._style import TALLEST, WIDTHS, fit, label_width, looks
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "dataset"
NEEDS = ("facts", "labels", "origin", "class_means")
SHOWS = ("samples",)

GAP = 0.035  # inches


def draw(
    inputs: Inputs,
    *,
    per_class: Annotated[int, Interval(ge=1, le=16), Doc("samples shown of each class")] = 10,
    seed: Annotated[int, Ge(0), Doc("seed of the random choice")] = 0,
) -> Figure:
    """Draw some samples of each class, or the mean of each class where samples may not be shown."""
    return _samples(inputs, per_class, seed) if "samples" in inputs else _means(inputs)


def _samples(inputs: Inputs, per_class: int, seed: int) -> Figure:
    facts, samples = inputs.one("facts"), inputs.one("samples")
    classes, part = facts["classes"], facts["training_part"]
    chosen = _chosen(inputs, facts, per_class, seed)
    left = label_width(classes) + 0.12
    step = min((WIDTHS["column"] - left + GAP) / per_class, TALLEST / len(classes))
    picture, ax = canvas("column", step * len(classes) - GAP)
    for i, (name, look, row) in enumerate(zip(classes, looks(classes), chosen, strict=True)):
        middle = i * step + (step - GAP) / 2
        ax.plot(left - 0.1, middle, look.marker, color=look.colour)
        ax.text(left - 0.2, middle, name, ha="right", va="center")
        for j, sample in enumerate(row):
            place(ax, samples[sample], left + j * step, i * step, step - GAP)
    return Figure(
        title=f"What the classes of {facts['title']} look like",
        caption=f"Up to {counted(per_class, 'sample')} of each class, drawn at random (seed {seed}) from the part {part}: "
        "nobody picked them. What people cannot tell apart here, a model can hardly learn.",
        alt=f"A sheet of small grey pictures with one row for each class: {listing(classes)}.",
        picture=picture,
        data=[["class", "sample"], *([name, sample] for name, row in zip(classes, chosen, strict=True) for sample in row)],
        dense=True,
    )


def _chosen(inputs: Inputs, facts: Mapping[str, Any], per_class: int, seed: int) -> list[list[int]]:
    """Indices into samples for each class."""
    labels, origin = np.asarray(inputs.one("labels")), np.asarray(inputs.one("origin"))
    training = origin == facts["parts"].index(facts["training_part"])
    rng = np.random.default_rng(seed)
    found = [np.flatnonzero(training & (labels == c)) for c in range(len(facts["classes"]))]
    return [sorted(rng.choice(some, min(per_class, len(some)), replace=False).tolist()) for some in found]


def _means(inputs: Inputs) -> Figure:
    facts, means = inputs.one("facts"), inputs.one("class_means")
    classes = facts["classes"]
    columns = min(len(classes), 8)
    step = (WIDTHS["column"] + GAP) / columns
    picture, ax = canvas("column", (step + 0.2) * -(-len(classes) // columns))
    for i, (name, mean) in enumerate(zip(classes, means, strict=True)):
        x, y = i % columns * step, i // columns * (step + 0.2)
        ax.text(x + (step - GAP) / 2, y + 0.09, fit(name, step), ha="center", va="center")
        place(ax, mean, x, y + 0.2, step - GAP, vmin=means.min(), vmax=means.max())
    return Figure(
        title=f"What the samples of each class of {facts['title']} have in common",
        caption=f"Mean picture of each class over the part {facts['training_part']}. The samples may not be passed on, so "
        "that this public report shows none of them; nobody can be recognised in a mean of many.",
        alt=f"Blurred mean pictures, one for each class: {listing(classes)}. No single sample is shown.",
        picture=picture,
        data=[["class", "samples"], *([name, facts["counts"][facts["training_part"]].get(name, 0)] for name in classes)],
        dense=True,
    )
