"""Where a model fails: how often each class is taken for each other one, in percent of the true class."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._order import similar_side_by_side
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, Width, new_figure, paper_cividis
from reportgen.figures._words import guess, noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import count, percent

EACH = "experiment"
NEEDS = ("scores",)
SHOWS = ("model",)

ONE_ANSWER = 0.8  # a model that gives one answer this often has no confusions worth a name


def draw(inputs: Inputs) -> Figure:
    """Draw the confusion matrix over all test samples, similar classes side by side."""
    scores = inputs.one("scores")
    view = scores["views"]["all"]
    counts = np.array(view["confusion"], float)  # (true, predicted), mean over seeds
    order = similar_side_by_side(counts)
    counts, classes = counts[np.ix_(order, order)], [scores["classes"][i] for i in order]
    rates = np.divide(
        counts, counts.sum(1, keepdims=True), out=np.full_like(counts, np.nan), where=counts.sum(1, keepdims=True) > 0
    )
    width: Width = "narrow" if len(classes) <= 8 else "column"
    picture = new_figure(width, 0.55 + min(0.47, (WIDTHS[width] - 1.1) / len(classes)) * len(classes))
    _heat(picture.subplots(), rates, counts, classes)
    return Figure(
        title=_title(rates, counts, classes, guess(inputs)),
        caption=_caption(view["n"], len(scores["seeds"])),
        alt=_alt(rates, classes),
        picture=picture,
        data=[
            ["true", "predicted", "count", "share of true"],
            *([t, p, counts[i, j], rates[i, j]] for i, t in enumerate(classes) for j, p in enumerate(classes)),
        ],
        width=width,
    )


def _heat(ax: Axes, rates: np.ndarray, counts: np.ndarray, classes: Sequence[str]) -> None:
    ax.pcolormesh(rates, cmap=paper_cividis(), vmin=0, vmax=1, edgecolors="white", linewidth=1.5)
    ax.invert_yaxis()
    with_counts = len(classes) <= 12
    for (i, j), rate in np.ndenumerate(rates):
        if np.isnan(rate):
            if j == 0:
                ax.text(0.1, i + 0.5, "no samples", color=QUIET, fontsize=SMALL, va="center")
            continue
        colour = INK if rate < 0.45 else "white"
        ax.text(
            j + 0.5,
            i + 0.5 - 0.14 * with_counts,
            f"{100 * rate:.0f}",
            color=colour,
            ha="center",
            va="center",
            weight="bold" if i == j else "normal",
        )
        if with_counts:
            ax.text(j + 0.5, i + 0.75, f"{counts[i, j]:.0f}", color=colour, ha="center", va="center", fontsize=SMALL, alpha=0.8)
    slanted = max(map(len, classes)) * len(classes) > 60
    ax.set_xticks(
        np.arange(len(classes)) + 0.5,
        classes,
        rotation=45 if slanted else 0,
        ha="right" if slanted else "center",
        rotation_mode="anchor",
    )
    ax.set_yticks(np.arange(len(classes)) + 0.5, classes)
    ax.set(xlabel="predicted", ylabel="true")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _title(rates: np.ndarray, counts: np.ndarray, classes: Sequence[str], guessed: str) -> str:
    if guessed:
        return f"{guessed}: the matrix shows no more than that"
    said = counts.sum(0) / counts.sum()
    if said.max() >= ONE_ANSWER:
        return f"Nearly every sample is taken for {noun(classes[int(said.argmax())])} ({percent(float(said.max()))})"
    true, predicted = _worst(rates)
    rate = rates[true, predicted]
    if rate < 0.05:
        return "The classes are hardly ever mistaken for each other"
    return sentence(
        f"{noun(classes[true])} is mistaken for {noun(classes[predicted])} in {percent(float(rate))} of its samples"
    )


def _worst(rates: np.ndarray) -> tuple[int, int]:
    """True and predicted class of the largest confusion."""
    errors = np.where(np.eye(len(rates), dtype=bool) | np.isnan(rates), -1, rates)
    true, predicted = divmod(int(errors.argmax()), len(rates))
    return true, predicted


def _caption(n: int, seeds: int) -> str:
    mean = "" if seeds == 1 else f", mean over {seeds} seeds"
    return (
        f"Confusion matrix of {count(n)} test samples{mean}. A row is a true class, a column what the model answered; large "
        "numbers are percent of the row, small ones counts. The diagonal is right. Classes that are confused with each other "
        "stand side by side (hierarchical clustering), so that dark squares beside the diagonal are classes that the model "
        "cannot tell apart."
    )


def _alt(rates: np.ndarray, classes: Sequence[str]) -> str:
    errors = [(rates[i, j], i, j) for i, j in np.ndindex(rates.shape) if i != j and not np.isnan(rates[i, j])]
    worst = [f"{classes[i]} taken for {classes[j]} {percent(float(rate))}" for rate, i, j in sorted(errors, reverse=True)[:3]]
    right = [f"{name} {percent(float(rates[i, i]))}" for i, name in enumerate(classes) if not np.isnan(rates[i, i])]
    return f"Heat map. Right answers: {', '.join(right)}. Largest confusions: {'; '.join(worst)}."
