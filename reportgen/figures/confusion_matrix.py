"""Where a model fails: how often each class is taken for each other one, in percent of the true class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._style import INK, SMALL, WIDTHS, Width, new_figure
from reportgen.figures._words import listing, noun, percent, sentence
from reportgen.outputs import Inputs

EACH = "experiment"
NEEDS = ("scores",)

ONE_ANSWER = 0.8  # a model that gives one answer this often has no confusions worth a name


def draw(inputs: Inputs) -> Figure:
    """Draw the confusion matrix over all test samples, similar classes side by side."""
    scores = inputs.one("scores")
    view = scores["views"]["all"]
    counts = np.array(view["confusion"], float)  # (true, predicted), mean over seeds
    order = similar_side_by_side(counts)
    counts, classes = counts[np.ix_(order, order)], [scores["classes"][i] for i in order]
    rates = np.divide(counts, counts.sum(1, keepdims=True), out=np.full_like(counts, np.nan), where=counts.sum(1, keepdims=True) > 0)
    width: Width = "narrow" if len(classes) <= 8 else "column"
    picture = new_figure(width, 0.55 + min(0.47, (WIDTHS[width] - 1.1) / len(classes)) * len(classes))
    _heat(picture.subplots(), rates, counts, classes)
    return Figure(
        title=_title(rates, counts, classes),
        caption=_caption(view["n"], len(scores["seeds"])),
        alt=_alt(rates, classes),
        picture=picture,
        data=[
            ["true", "predicted", "count", "share of true"],
            *([t, p, counts[i, j], rates[i, j]] for i, t in enumerate(classes) for j, p in enumerate(classes)),
        ],
        width=width,
    )


def similar_side_by_side(counts: np.ndarray) -> list[int]:
    """Order of the classes of counts (true, predicted): hierarchical clustering, average linkage of how often two are confused.

    The two chains of classes that are confused most are joined, turned so that their most similar ends meet, until one
    chain is left.
    """
    rates = counts / np.maximum(counts.sum(1, keepdims=True), 1e-12)
    similar = rates + rates.T  # (class, class)
    chains = [[c] for c in range(len(counts))]
    while len(chains) > 1:
        pairs = [(a, b) for a in range(len(chains)) for b in range(a + 1, len(chains))]
        a, b = max(pairs, key=lambda pair: similar[np.ix_(chains[pair[0]], chains[pair[1]])].mean())
        second = chains.pop(b)
        turned = [(x, y) for x in (chains[a], chains[a][::-1]) for y in (second, second[::-1])]
        chains[a] = sum(max(turned, key=lambda pair: similar[pair[0][-1], pair[1][0]]), [])
    return chains[0]


def _heat(ax: Axes, rates: np.ndarray, counts: np.ndarray, classes: Sequence[str]) -> None:
    image = ax.imshow(100 * rates, vmin=0, vmax=100, aspect="auto")
    with_counts = len(classes) <= 12
    for (i, j), rate in np.ndenumerate(rates):
        if np.isnan(rate):
            continue
        colour = "white" if rate < 0.5 else INK
        ax.text(j, i - 0.14 * with_counts, f"{100 * rate:.0f}", color=colour, ha="center", va="center", weight="bold" if i == j else "normal")
        if with_counts:
            ax.text(j, i + 0.24, f"{counts[i, j]:,.0f}", color=colour, ha="center", va="center", fontsize=SMALL, alpha=0.8)
    slanted = max(map(len, classes)) * len(classes) > 60
    ax.set_xticks(range(len(classes)), classes, rotation=45 if slanted else 0, ha="right" if slanted else "center", rotation_mode="anchor")
    ax.set_yticks(range(len(classes)), classes)
    ax.set(xlabel="predicted", ylabel="true")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ...
