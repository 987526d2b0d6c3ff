"""How far raters disagree: spread between raters beside spread between segments, and the ceiling that this sets."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.bootstrap import MIN_GROUPS, interval, resample, sum_by
from reportgen.core import Figure
from reportgen.figures._ratings import Ratings, emotion_noun, ratings_in
from reportgen.figures._style import (
    INK,
    QUIET,
    SMALL,
    beside,
    fit,
    key,
    legend_below,
    looks,
    new_figure,
    nothing,
    range_line,
)
from reportgen.figures._words import counted, sentence
from reportgen.outputs import Inputs
from reportgen.words import ABSENT, NO_BREAK, fixed

EACH = "dataset"
NEEDS = ("facts", "intensities", "rater_spread")
SHOWS = ("segments",)

ROW, REST = 0.27, 1.05  # inches: of an emotion, and of headings, axis and legend
RESAMPLES = 1000


class Agreed(NamedTuple):
    """How far raters agree on one emotion."""

    emotion: str
    n: int  # segments with a known spread
    within: float  # standard deviation between raters: root of their mean variance
    between: float  # standard deviation of the ratings between segments
    reliability: float | None  # of a mean over raters; None where their number is unknown
    low: float | None
    high: float | None


def draw(inputs: Inputs) -> Figure:
    """Draw a row for each emotion: the two spreads left, the reliability of mean ratings right."""
    ratings = ratings_in(inputs)
    spread = np.asarray(inputs.one("rater_spread"), float)
    raters, video = _raters(inputs)
    rows = [row for j in range(len(ratings.emotions)) if (row := _row(ratings, spread, raters, video, j))]
    return Figure(
        title=_title(rows),
        caption=_caption(rows, ratings, raters, video),
        alt=_alt(rows),
        picture=_picture(rows) if rows else nothing("No segment was rated by several people."),
        data=_table(rows),
        width="column" if rows else "narrow",
    )


def _raters(inputs: Inputs) -> tuple[np.ndarray | None, np.ndarray | None]:
    """(segment,) how many rated each, NaN unknown; (segment,) the video of each."""
    for _, segments in inputs.all("segments"):
        raters = np.asarray(segments["raters"], float)
        known = raters > 0
        return (np.where(known, raters, np.nan) if known.any() else None), np.asarray(segments["video"])
    return None, None


def _row(ratings: Ratings, spread: np.ndarray, raters: np.ndarray | None, video: np.ndarray | None, j: int) -> Agreed | None:
    value, own = ratings.values[:, j], spread[:, j]
    known = np.isfinite(value) & np.isfinite(own)
    if known.sum() < 2:
        return None
    found: tuple[float | None, float | None, float | None] = (None, None, None)
    if raters is not None and video is not None:
        counted_too = known & np.isfinite(raters)
        if counted_too.sum() > 1:
            found = _reliability(value[counted_too], own[counted_too] ** 2 / raters[counted_too], video[counted_too])
    within = float(np.sqrt(np.mean(own[known] ** 2)))
    return Agreed(ratings.names[j], int(known.sum()), within, float(value[known].std()), *found)


def _reliability(value: np.ndarray, error: np.ndarray, video: np.ndarray) -> tuple[float | None, float | None, float | None]:
    """One less the variance that raters leave in a mean over them, divided by the variance of these means, with its interval.

    Args:
        value: (segment,) mean over raters.
        error: (segment,) variance between raters, divided by their number.
        video: (segment,) what is resampled.
    """
    sums = sum_by(video, np.column_stack([np.ones(len(value)), value, value**2, error]))

    def reliability(rows: np.ndarray) -> dict[str, np.ndarray]:
        n, total, squares, left = rows.T
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = squares / n - (total / n) ** 2
            return {"reliability": np.where(variance > 1e-12, 1 - left / n / variance, np.nan)}

    drawn = resample(sums, reliability, resamples=RESAMPLES, seed=0)
    estimate = drawn.estimate["reliability"]
    if not np.isfinite(estimate):
        return None, None, None
    low, high = interval(drawn, "reliability")
    return float(estimate), low, high


def _picture(rows: Sequence[Agreed]) -> Picture:
    told = any(row.reliability is not None for row in rows)
    picture = new_figure("column", REST + ROW * len(rows))
    if told:
        left, right = picture.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": (1.5, 1)})
        _draw_reliability(right, rows)
    else:
        left = picture.subplots()
    _draw_spreads(left, rows)
    entries = [
        key("o", "between raters of a segment", color=INK),
        key("|", "between segments", color=INK, markersize=9, markeredgewidth=1.6),
    ]
    legend_below(picture, entries)
    return picture


def _draw_spreads(ax: Axes, rows: Sequence[Agreed]) -> None:
    for i, (row, look) in enumerate(zip(rows, looks([row.emotion for row in rows]), strict=True)):
        ax.plot([row.within, row.between], [i, i], color=QUIET, linewidth=0.8, alpha=0.6, zorder=2)
        ax.plot(row.between, i, "|", color=INK, markersize=9, markeredgewidth=1.6, zorder=3)
        ax.plot(row.within, i, look.marker, color=look.colour, markersize=5, zorder=4, clip_on=False)
    ax.set_yticks(range(len(rows)), [fit(row.emotion, 1.6, 7.5) for row in rows], fontsize=7.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_xlim(0, 1.06 * (max(max(row.within, row.between) for row in rows) or 1))
    ax.set(xlabel="standard deviation of ratings")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")


def _draw_reliability(ax: Axes, rows: Sequence[Agreed]) -> None:
    for i, (row, look) in enumerate(zip(rows, looks([row.emotion for row in rows]), strict=True)):
        if row.reliability is None:
            beside(ax, i, "unknown")
            continue
        low, high = (None if end is None else float(np.clip(end, 0, 1)) for end in (row.low, row.high))
        range_line(ax, i, low, high, look.colour)
        ax.plot(np.clip(row.reliability, 0, 1), i, look.marker, color=look.colour, markersize=5, zorder=3, clip_on=False)
        beside(ax, i, f"r ≤ {fixed(_ceiling(row.reliability), 2)}", colour=INK, size=SMALL + 0.5)
    ax.set(xlim=(-0.02, 1.02), xlabel="reliability of mean ratings", xticks=[0, 0.5, 1])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")


def _ceiling(reliability: float) -> float:
    """The largest correlation that a model can reach with such means: a perfect one has it (Spearman 1904)."""
    return float(np.sqrt(np.clip(reliability, 0, 1)))


def _title(rows: Sequence[Agreed]) -> str:
    if not rows:
        return "Nobody knows how far raters agree"
    known = [row for row in rows if row.reliability is not None]
    if known:
        best, worst = (choose(known, key=lambda row: row.reliability or 0.0) for choose in (max, min))
        names = emotion_noun(worst.emotion), emotion_noun(best.emotion)
        if (worst.reliability or 0) <= 0:
            return f"Raters agree no more on {names[0]} than by chance"
        high, low = (fixed(_ceiling(row.reliability or 0), 2) for row in (best, worst))
        if high == low:
            return f"No model can expect a correlation above {high} with these ratings"
        ceiling = f"no model can expect r above {low}, but {high} for {names[1]}"
        return sentence(f"ratings of {names[0]} are least reliable: {ceiling}")
    wider = [row for row in rows if row.within > row.between]
    if not wider:
        return f"Raters of one segment differ less than segments do, for all {len(rows)} scales"
    if len(wider) == len(rows):
        return "Raters of one segment differ more than segments do"
    return f"Raters of one segment differ more than segments do for {len(wider)} of {counted(len(rows), 'emotion')}"


def _caption(rows: Sequence[Agreed], ratings: Ratings, raters: np.ndarray | None, video: np.ndarray | None) -> str:
    if not rows:
        return f"{ratings.title} has no segment that several people rated, as far as is known."
    n = max(row.n for row in rows)
    parts = [f"Ratings of {ratings.segments(n)} of {ratings.title}. Left: how far raters of one differ (root"]
    parts[0] += " of the mean variance), beside segments."
    if any(row.reliability is not None for row in rows) and raters is not None and video is not None:
        middle = float(np.nanmedian(raters))
        parts.append(f"Right: the share of the variance of mean ratings (median of {middle:g} raters) that raters agree on:")
        parts.append("1 − mean of (variance between raters ÷ their number) ÷ variance of the means.")
        parts.append("Its root is the ceiling of any model's correlation with these means.")
        groups = len(np.unique(video))
        if groups >= MIN_GROUPS:
            parts.append(f"Lines there are 95{NO_BREAK}% bootstrap intervals over {counted(groups, ratings.whole)}.")
        else:
            parts.append(f"There are no intervals: {counted(groups, ratings.whole)} are too few.")
    else:
        parts.append("How many people rated a segment is not known, so that no ceiling follows for models.")
    return " ".join(parts)


def _alt(rows: Sequence[Agreed]) -> str:
    def words(row: Agreed) -> str:
        reliability = "" if row.reliability is None else f", reliability {fixed(row.reliability, 2)}"
        return f"{row.emotion} {fixed(row.within, 2)} between raters, {fixed(row.between, 2)} between segments{reliability}"

    return f"Dots and ticks by emotion. Standard deviations: {'; '.join(map(words, rows)) or ABSENT}."


def _table(rows: Sequence[Agreed]) -> list[list[object]]:
    header = ["emotion", "segments", "between raters", "between segments"]
    table: list[list[object]] = [[*header, "reliability", "low", "high"]]
    table += [list(row) for row in rows]
    return table
