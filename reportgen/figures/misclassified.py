"""The mistakes that a model is most confident of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Interval
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._canvas import canvas, place
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, fit, new_figure, nothing, rows_of
from reportgen.figures._words import counted, noun
from reportgen.metrics import softmax
from reportgen.outputs import Inputs
from reportgen.words import count

EACH = "experiment"
NEEDS = ("facts", "labels", "origin", "logits", "test_samples")
SHOWS = ("samples",)

COLUMNS, GAP, BELOW = 7, 0.08, 0.3  # BELOW: inches for the words under a picture


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong answer."""

    sample: int  # index into samples
    true: str
    predicted: str
    confidence: float

    @property
    def pair(self) -> str:
        """What was taken for what."""
        return f"{self.true} → {self.predicted}"


def draw(
    inputs: Inputs,
    *,
    shown: Annotated[int, Interval(ge=1, le=42), Doc("mistakes, the most confident ones")] = 21,
) -> Figure:
    """Draw the most confident mistakes as pictures, or as a chart of who was taken for whom where none may be shown."""
    seed = min((about["seed"] for about in inputs.about("logits")), key=int)
    mistakes, n = _mistakes(inputs, seed)
    worst = mistakes[:shown]
    pictures = bool(worst) and "samples" in inputs
    return Figure(
        title=_title(worst),
        caption=_caption(worst, pictures) + f" Seed {seed} is wrong on {count(len(mistakes))} of {counted(n, 'test sample')}.",
        alt=_alt(worst),
        picture=_picture(worst, inputs),
        data=[
            ["sample", "true", "predicted", "confidence"],
            *([m.sample, m.true, m.predicted, f"{m.confidence:.6f}"] for m in worst),
        ],
        dense=pictures,
        width="column" if pictures else "narrow",
    )


def _picture(worst: Sequence[Mistake], inputs: Inputs) -> Picture:
    if not worst:
        return nothing("no test sample is misclassified")
    return _sheet(worst, inputs.one("samples")) if "samples" in inputs else _chart(worst)


def _mistakes(inputs: Inputs, seed: str) -> tuple[list[Mistake], int]:
    """All mistakes of one seed, most confident first, and the number of test samples."""
    classes, samples = inputs.one("facts")["classes"], np.asarray(inputs.one("test_samples", seed=seed))
    probabilities = softmax(np.asarray(inputs.one("logits", seed=seed)))  # (sample, class)
    true, predicted = np.asarray(inputs.one("labels"))[samples], probabilities.argmax(1)
    confidence = probabilities.max(1)
    wrong = np.flatnonzero(true != predicted)
    order = wrong[np.lexsort((samples[wrong], -confidence[wrong]))]
    found = [Mistake(int(samples[i]), classes[true[i]], classes[predicted[i]], float(confidence[i])) for i in order]
    return found, len(samples)


def _sheet(worst: Sequence[Mistake], samples: np.ndarray) -> Picture:
    """The pictures, most confident first, row by row."""
    step = (WIDTHS["column"] + GAP) / COLUMNS
    picture, ax = canvas("column", (step + BELOW) * -(-len(worst) // COLUMNS))
    for i, mistake in enumerate(worst):
        x, y, side = i % COLUMNS * step, i // COLUMNS * (step + BELOW), step - GAP
        place(ax, samples[mistake.sample], x, y, side)
        ax.text(x, y + side + 0.08, f"{fit(mistake.true, side - 0.1, SMALL)} →", fontsize=SMALL, va="center")
        predicted, confidence = fit(mistake.predicted, side - 0.3, SMALL), f"{mistake.confidence:.2f}"
        ax.text(x, y + side + 0.2, predicted, fontsize=SMALL, va="center", weight="bold")
        ax.text(x + side, y + side + 0.2, confidence, fontsize=SMALL, va="center", ha="right", color=QUIET)
    return picture


def _chart(worst: Sequence[Mistake]) -> Picture:
    """One row for each pair of classes, one dot for each mistake."""
    pairs = Counter(mistake.pair for mistake in worst).most_common()
    picture = new_figure("narrow", 0.6 + 0.2 * len(pairs))
    ax = picture.subplots()
    for row, (pair, times) in enumerate(pairs):
        ax.plot([m.confidence for m in worst if m.pair == pair], [row] * times, "o", color=INK, alpha=0.5, markeredgewidth=0)
        ax.annotate(str(times), (1, row), (10, 0), ax.get_yaxis_transform(), "offset points", va="center", fontsize=SMALL)
    rows_of(ax, [pair for pair, _ in pairs])
    ax.set(xlabel="confidence in the wrong answer")
    ax.grid(axis="both")
    return picture


def _title(worst: Sequence[Mistake]) -> str:
    if not worst:
        return "No test sample is misclassified"
    (true, predicted), times = Counter((m.true, m.predicted) for m in worst).most_common(1)[0]
    if times == 1:
        return "The most confident mistakes have no common pattern"
    return f"Of the {len(worst)} most confident mistakes, {times} take {noun(true)} for {noun(predicted)}"


def _caption(worst: Sequence[Mistake], pictures: bool) -> str:
    if not worst:
        return "Every test sample gets its right class."
    if pictures:
        return (
            "The most confident mistakes: true class → predicted class, and the confidence in the wrong answer. They show what "
            "misleads the model, or labels that deserve a second look."
        )
    return (
        "The most confident mistakes by pair of classes (true → predicted): a dot for each, how many at the right. The samples "
        "may not be passed on, so that this public report does not show them."
    )


def _alt(worst: Sequence[Mistake]) -> str:
    if not worst:
        return "Empty: there is no mistake to show."
    pairs = Counter(f"{m.true} taken for {m.predicted}" for m in worst).most_common(5)
    told = ", ".join(f"{pair} ({times})" for pair, times in pairs)
    return (
        f"{counted(len(worst), 'mistake')} with confidence from {worst[-1].confidence:.2f} to {worst[0].confidence:.2f}. "
        f"Most frequent: {told}."
    )
