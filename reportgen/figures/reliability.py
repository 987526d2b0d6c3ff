"""Whether a model's confidence is honest: accuracy against confidence, and how often it is how sure."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._style import INK, NEGATIVE, POSITIVE, QUIET, SMALL, new_figure
from reportgen.figures._words import with_interval
from reportgen.outputs import Inputs
from reportgen.words import count, percent

EACH = "experiment"
NEEDS = ("scores",)

FEW = 20  # predictions in a bin, below which its accuracy says little
HONEST = 0.02  # of difference between mean confidence and accuracy


def draw(inputs: Inputs) -> Figure:
    """Draw the reliability curve above a histogram of confidence."""
    scores = inputs.one("scores")
    view = scores["views"]["all"]
    bins = [b for b in view["reliability"] if b["n"]]
    picture = new_figure("narrow", 4.2)
    curve, histogram = picture.subplots(2, 1, height_ratios=[3, 1], sharex=True)
    _draw_curve(curve, bins)
    _draw_histogram(histogram, bins)
    told = [f"{percent(b['accuracy'])} at {b['confidence']:.2f}" for b in bins if b["n"] >= FEW]
    return Figure(
        title=f"{_verdict(bins)}: expected calibration error {with_interval(view['metrics']['ece'])}",
        caption=f"Above, how often answers of a given confidence are right, in {len(view['reliability'])} bins of equal "
        "width; on the dotted line a model is as sure as it is right. Orange gaps are too much confidence, blue ones too "
        f"little; open points rest on fewer than {FEW} answers. Below, how often the model is how sure. All seeds together, "
        f"{count(view['n'])} test samples.",
        alt=f"Reliability curve and histogram. Mean confidence {_mean(bins, 'confidence'):.2f}, accuracy "
        f"{_mean(bins, 'accuracy'):.2f}. Right answers by confidence: {', '.join(told) or 'too few'}.",
        picture=picture,
        data=[["low", "high", "n", "confidence", "accuracy"], *(list(b.values()) for b in view["reliability"])],
        width="narrow",
    )


def _draw_curve(ax: Axes, bins: Sequence[Mapping[str, Any]]) -> None:
    ax.plot([0, 1], [0, 1], color=QUIET, linewidth=0.9, dashes=(1, 2))
    ax.annotate(
        "as sure as right",
        (0.2, 0.2),
        (-2, 3),
        textcoords="offset points",
        rotation=45,
        rotation_mode="anchor",
        transform_rotates_text=True,
        fontsize=SMALL,
        color=QUIET,
    )
    for b in bins:
        over = b["confidence"] > b["accuracy"]
        ax.plot(
            [b["confidence"]] * 2,
            [b["confidence"], b["accuracy"]],
            color=POSITIVE if over else NEGATIVE,
            alpha=0.35,
            linewidth=6,
            solid_capstyle="butt",
        )
    sure = [b for b in bins if b["n"] >= FEW]
    ax.plot([b["confidence"] for b in sure], [b["accuracy"] for b in sure], color=INK)
    for b in bins:
        ax.plot(
            b["confidence"], b["accuracy"], "o", color=INK, markerfacecolor=INK if b["n"] >= FEW else "white", clip_on=False
        )
    ax.set(ylim=(0, 1.02), ylabel="share of right answers")


def _draw_histogram(ax: Axes, bins: Sequence[Mapping[str, Any]]) -> None:
    total = sum(b["n"] for b in bins)
    ax.bar(
        [b["low"] for b in bins],
        [100 * b["n"] / total for b in bins],
        [b["high"] - b["low"] for b in bins],
        align="edge",
        color=QUIET,
        edgecolor="white",
    )
    ax.set(xlim=(0, 1.005), xlabel="confidence (probability of the answer)", ylabel="% of answers")


def _mean(bins: Sequence[Mapping[str, Any]], name: str) -> float:
    """Mean of a bin's column over all answers."""
    return float(sum(b["n"] * b[name] for b in bins) / sum(b["n"] for b in bins))


def _verdict(bins: Sequence[Mapping[str, Any]]) -> str:
    gap = _mean(bins, "confidence") - _mean(bins, "accuracy")
    if abs(gap) < HONEST:
        return "The model is as sure as it is right"
    return f"The model is {'surer' if gap > 0 else 'less sure'} than it should be by {100 * abs(gap):.0f} points"
