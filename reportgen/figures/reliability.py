"""Whether a model's confidence is honest: accuracy against confidence, and how often it is how sure."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._style import INK, NEGATIVE, POSITIVE, QUIET, SMALL, new_figure
from reportgen.figures._words import guess, with_interval
from reportgen.outputs import Inputs
from reportgen.words import count, percent

EACH = "experiment"
NEEDS = ("scores",)
SHOWS = ("model",)

FEW = 20  # predictions in a bin, below which its accuracy says little
HONEST = 0.02  # of calibration error
ONE_WAY = 0.8  # of the error, from where on confidence is called too high, or too low


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
        title=_title(bins, view["metrics"]["ece"]["mean"], guess(inputs)),
        caption=f"Above, how often answers of a given confidence are right, in {len(view['reliability'])} bins of equal "
        "width; on the dotted line a model is as sure as it is right. Orange gaps are too much confidence, blue ones too "
        f"little; open points rest on fewer than {FEW} answers. Below, how often the model is how sure. The mean gap over "
        f"all answers is the expected calibration error, {with_interval(view['metrics']['ece'])}. All seeds together, "
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


def _title(bins: Sequence[Mapping[str, Any]], error: float, guessed: str) -> str:
    """Of the expected calibration error, and of its direction if it has one."""
    if guessed:
        return f"{guessed}: its confidence says nothing of a single sample"
    points = f"{100 * error:.0f} point{'' if round(100 * error) == 1 else 's'} on average"
    if error < HONEST:
        return f"The model is about as sure as it is right: its confidence is off by {points}"
    gaps = [b["n"] * (b["confidence"] - b["accuracy"]) for b in bins]
    above = sum(gap for gap in gaps if gap > 0) / (sum(map(abs, gaps)) or 1)
    if above >= ONE_WAY:
        return f"The model is surer than it should be, by {points}"
    if above <= 1 - ONE_WAY:
        return f"The model is less sure than it should be, by {points}"
    return f"The model's confidence is off by {points}, sometimes too high, sometimes too low"
