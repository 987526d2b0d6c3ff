"""What the ratings look like: how often and how strongly each emotion is felt, and which of them are felt together."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._bands import DIVERGING
from reportgen.figures._ratings import Ratings, emotion_noun, ratings_in
from reportgen.figures._regression import signed
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, Width, fit, label_width, looks, nothing, paper_cividis
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs
from reportgen.words import count, fixed, percent

EACH = "dataset"
NEEDS = ("facts", "intensities")

ROW, ABOVE, BELOW = 0.3, 0.42, 0.52  # inches: of an emotion, and above and below all of them
NAMES, SHARES, HISTOGRAM, GAP = 1.02, 0.95, 1.05, 0.24  # inches of the columns
LEVELS = 9  # steps of intensity above nothing; thirds of a scale of three, as means of three raters are
CELL = 0.4  # inches of a cell of the matrix at most
NEARLY = 0.005  # share below which segments without emotion are nearly none
DENSE = 0.6  # share of segments with an emotion, in the median: above it, correlations say more than shares
BINS = 24  # of valence and of arousal
QUADRANTS = (
    ("pleasant and excited", 1, 1),
    ("unpleasant and excited", -1, 1),
    ("unpleasant and calm", -1, -1),
    ("pleasant and calm", 1, -1),
)


def draw(inputs: Inputs) -> Figure:
    """Draw shares, histograms and a matrix of what comes together, or the plane of valence and arousal."""
    ratings = ratings_in(inputs)
    there = len(ratings.rated) > 0
    width: Width = "narrow" if ratings.plane or not there else "column"
    if not there:
        title, picture = "No segment was rated", nothing("No segment was rated.")
    elif ratings.plane:
        title, picture = _plane_title(ratings), _plane(ratings)
    else:
        title, picture = _title(ratings), _picture(ratings)
    return Figure(
        title=title,
        caption=_caption(ratings, there=there),
        alt=_alt(ratings, there=there),
        picture=picture,
        data=_table(ratings, there=there),
        width=width,
    )


def _picture(ratings: Ratings) -> Picture:
    k, width = len(ratings.names), WIDTHS["column"]
    slant = 0.72 * min(label_width(ratings.names, SMALL), 0.95)
    above = max(ABOVE, 0.3 + slant)
    height = above + ROW * k + BELOW
    picture = Picture(figsize=(width, height))

    def box(left: float, wide: float) -> Axes:
        return picture.add_axes((left / width, BELOW / height, wide / width, ROW * k / height))

    _draw_shares(box(NAMES, SHARES), ratings)
    _draw_histograms(picture, ratings, (NAMES + SHARES + GAP, HISTOGRAM), above)
    left = NAMES + SHARES + HISTOGRAM + 2 * GAP
    room = width - left - 0.62 * slant - 0.05  # the last name leans out
    _draw_matrix(box(left, min(room, CELL * k)), ratings)
    return picture


def _draw_shares(ax: Axes, ratings: Ratings) -> None:
    """Bars of the share of segments in which an emotion is present; the light rest is nothing at all."""
    shares = ratings.present.mean(axis=0)
    for i, (share, look) in enumerate(zip(shares, looks(ratings.names), strict=True)):
        ax.barh(i, 100, color="#EEEEEE", height=0.6)
        ax.barh(i, 100 * share, color=look.colour, height=0.6)
        inside = share > 0.6
        x, side, colour = (100 * share - 3, "right", "white") if inside else (100 * share + 3, "left", INK)
        ax.text(x, i, percent(float(share)), ha=side, va="center", fontsize=SMALL, color=colour)
    ax.set_yticks(range(len(shares)), [fit(name, NAMES - 0.02, 7.5) for name in ratings.names], fontsize=7.5)
    ax.set(xlim=(0, 100), ylim=(len(shares) - 0.5, -0.5), xticks=[0, 50, 100], xlabel="% of segments")
    ax.set_title("present", fontsize=8, pad=4)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.spines["left"].set_visible(False)


def _edges(ratings: Ratings) -> np.ndarray:
    """(level + 1,): intensities above nothing, in steps whose middles are equal parts of the scale."""
    step = (ratings.high - ratings.low) / LEVELS
    edges = ratings.low + step * (np.arange(LEVELS + 1) + 0.5)
    edges[0] = ratings.low + 1e-6
    return np.asarray(edges)


def _histogram(ratings: Ratings) -> np.ndarray:
    """(emotion, level): of the segments in which an emotion is present, the share with each intensity."""
    edges, values = _edges(ratings), np.clip(ratings.rated, ratings.low, ratings.high)
    counts = np.array([np.histogram(values[:, j], edges)[0] for j in range(values.shape[1])], float)
    return np.asarray(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def _draw_histograms(picture: Picture, ratings: Ratings, place: tuple[float, float], above: float) -> None:
    """A small histogram of the intensity of each emotion where it is present, all on one scale."""
    width, height = picture.get_size_inches()
    rows = _histogram(ratings)
    middles = ratings.low + (ratings.high - ratings.low) * (np.arange(LEVELS) + 1) / LEVELS
    step = middles[1] - middles[0]
    for i, (row, look) in enumerate(zip(rows, looks(ratings.names), strict=True)):
        bottom = height - above - ROW * (i + 1)
        ax = picture.add_axes((place[0] / width, bottom / height, place[1] / width, 0.8 * ROW / height))
        ax.bar(middles, row, 0.86 * step, color=look.colour)
        ax.set(xlim=(ratings.low, ratings.high + 0.6 * step), ylim=(0, max(float(rows.max()), 1e-9)), yticks=[])
        ax.spines["left"].set_visible(False)
        last = i == len(rows) - 1
        ax.spines["bottom"].set_color(QUIET if last else "#CCCCCC")
        ticks = [ratings.low, (ratings.low + ratings.high) / 2, ratings.high]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks] if last else [""] * 3, fontsize=SMALL)
        ax.tick_params(axis="x", length=2.5 if last else 0)
        if i == 0:
            ax.set_title("and then how much", fontsize=8, pad=4 + 0.2 * ROW * 72)
        if last:
            ax.set_xlabel("intensity")


def _dense(ratings: Ratings) -> bool:
    """Whether nearly everything is present somewhere, so that shares say little and correlations more."""
    return bool(np.median(ratings.present.mean(axis=0)) > DENSE)


def _correlations(ratings: Ratings) -> np.ndarray:
    """(emotion, emotion) Pearson correlation over segments; NaN where a rating never changes."""
    centred = ratings.rated - ratings.rated.mean(axis=0)
    sizes = np.sqrt((centred**2).sum(axis=0))
    both = np.outer(sizes, sizes)
    return np.asarray(np.divide(centred.T @ centred, both, out=np.full_like(both, np.nan), where=both > 1e-12))


def _together(ratings: Ratings) -> np.ndarray:
    """(emotion, emotion): of segments with the emotion of the row, the share that also has that of the column; NaN: none."""
    present = ratings.present.astype(float)
    counts = present.T @ present
    own = np.diag(counts)[:, None]
    return np.asarray(np.divide(counts, own, out=np.full_like(counts, np.nan), where=own > 0))


def _draw_matrix(ax: Axes, ratings: Ratings) -> None:
    """What comes together: shares, or correlations where nearly everything is present."""
    dense = _dense(ratings)
    values = _correlations(ratings) if dense else _together(ratings)
    k = len(values)
    shown = np.where(np.eye(k, dtype=bool), np.nan, values)
    colours: dict[str, Any] = {"cmap": DIVERGING, "vmin": -1} if dense else {"cmap": paper_cividis(), "vmin": 0}
    ax.pcolormesh(np.nan_to_num(shown), vmax=1, edgecolors="white", linewidth=1.0, **colours)
    for (i, j), value in np.ndenumerate(shown):
        how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": SMALL}
        if np.isfinite(value):
            dark = abs(value) > (0.55 if dense else 0.4)
            text = fixed(float(value), 1) if dense else f"{100 * value:.0f}"
            ax.text(j + 0.5, i + 0.5, text, color="white" if dark else INK, **how)
        elif i == j:
            ax.text(j + 0.5, i + 0.5, "·", color=QUIET, **how)
    ax.set(ylim=(k, 0), xlim=(0, k))
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(k) + 0.5, [fit(name, 0.95, SMALL) for name in ratings.names], fontsize=SMALL)
    for label in ax.get_xticklabels():
        label.set(rotation=45, ha="left", va="bottom", rotation_mode="anchor")
    ax.set_yticks([])
    ax.tick_params(length=0, pad=2)
    ax.set_xlabel("correlation over segments" if dense else "% of the row that also\nhave the column", fontsize=SMALL)
    ax.spines[:].set_visible(False)


def _plane(ratings: Ratings) -> Picture:
    """Density of segments over valence and arousal."""
    side = 3.3
    picture = Picture(figsize=(WIDTHS["narrow"], side + 0.15), layout="constrained")
    ax = picture.subplots()
    values, edges = ratings.rated, np.linspace(ratings.low, ratings.high, BINS + 1)
    counts = np.histogram2d(values[:, 1], values[:, 0], bins=(edges, edges))[0]
    shown = ax.pcolormesh(edges, edges, 100 * counts / max(len(values), 1), cmap=paper_cividis(), rasterized=False)
    middle = (ratings.low + ratings.high) / 2
    ax.axhline(middle, color=QUIET, linewidth=0.7, dashes=(1, 1.5))
    ax.axvline(middle, color=QUIET, linewidth=0.7, dashes=(1, 1.5))
    reach = (ratings.high - ratings.low) / 2
    for name, x, y in QUADRANTS:
        how: dict[str, Any] = {"ha": "right" if x > 0 else "left", "va": "top" if y > 0 else "bottom"}
        share = percent(_share(ratings, x, y))
        words = name.replace(" and ", "\n")
        ax.text(middle + 0.97 * x * reach, middle + 0.97 * y * reach, f"{words}\n{share}", fontsize=SMALL, color=INK, **how)
    ax.set(xlabel=ratings.names[0], ylabel=ratings.names[1], aspect="equal")
    bar = picture.colorbar(shown, ax=ax, fraction=0.05, shrink=0.8)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL, length=2)
    bar.set_label("% of segments in a cell", fontsize=7.5)
    return picture


def _share(ratings: Ratings, x: int, y: int) -> float:
    """Of segments in one quadrant."""
    away = ratings.rated - (ratings.low + ratings.high) / 2
    return float(((np.sign(away[:, 0]) == x) & (np.sign(away[:, 1]) == y)).mean())


def _title(ratings: Ratings) -> str:
    shares = dict(zip(ratings.emotions, ratings.present.mean(axis=0), strict=True))
    most, least = max(shares, key=lambda name: shares[name]), min(shares, key=lambda name: shares[name])
    none = float((~ratings.present.any(axis=1)).mean())
    if none == 1:
        return "No segment has any emotion"
    ending = "; nearly none is without emotion" if 0 < none < NEARLY else ""
    if none >= NEARLY:
        ending = f"; {percent(none)} have no emotion at all"
    head = f"{emotion_noun(most)} is present in {percent(shares[most])} of the segments"
    if shares[most] - shares[least] > 0.05:
        head += f", {emotion_noun(least)} in {percent(shares[least])}"
    return sentence(head + ending)


def _plane_title(ratings: Ratings) -> str:
    name, x, y = max(QUADRANTS, key=lambda quadrant: _share(ratings, *quadrant[1:]))
    r = _correlation(ratings)
    how = "do not go together" if abs(r) < 0.1 else "go together" if r > 0 else "go against each other"
    return f"{percent(_share(ratings, x, y))} of the segments are {name}; valence and arousal {how} (r = {signed(r, 2)})"


def _correlation(ratings: Ratings) -> float:
    x, y = ratings.rated.T
    return float(np.corrcoef(x, y)[0, 1]) if x.std() > 0 and y.std() > 0 else 0.0


def _caption(ratings: Ratings, *, there: bool) -> str:
    n, of = len(ratings.rated), len(ratings.values)
    left_out = f"{count(of - n)} of {ratings.segments(of)} of {ratings.title} that were not rated are left out."
    if not there:
        return f"None of {ratings.segments(of)} of {ratings.title} has a rating of all emotions."
    if ratings.plane:
        parts = [f"Where {ratings.segments(n)} of {ratings.title} lie between unpleasant and pleasant, calm and excited."]
        parts.append("White cells are empty: a model is never asked for them. Numbers are shares of the quadrants.")
    else:
        none = int((~ratings.present.any(axis=1)).sum())
        parts = [f"Ratings of {ratings.segments(n)} of {ratings.title}, from {ratings.low:g} to {ratings.high:g}."]
        parts.append("Left: how many have more than nothing of an emotion; middle: how much; right: what comes together.")
        if none:
            words = f"{ratings.segments(none)} without any emotion"
            parts.append(f"Who takes the strongest emotion for the class calls {words} “{ratings.names[0]}”, the first name.")
    if of > n:
        parts.append(left_out)
    return " ".join(parts)


def _alt(ratings: Ratings, *, there: bool) -> str:
    if not there:
        return "There is nothing to see, as nobody rated these segments."
    if ratings.plane:
        shares = ", ".join(f"{name} {percent(_share(ratings, x, y))}" for name, x, y in QUADRANTS)
        means = ratings.rated.mean(axis=0)
        return f"Density plot. Shares: {shares}. Means: valence {signed(means[0], 2)}, arousal {signed(means[1], 2)}."
    shares = ratings.present.mean(axis=0)
    each = [f"{name} {percent(float(share))}" for name, share in zip(ratings.names, shares, strict=True)]
    return f"Bars, histograms and a matrix. Present: {', '.join(each)}. {_pair(ratings)}"


def _pair(ratings: Ratings) -> str:
    """The emotions that come together most often."""
    names, off = ratings.names, np.eye(len(ratings.names), dtype=bool)
    values = np.where(off, -np.inf, np.nan_to_num(_correlations(ratings) if _dense(ratings) else _together(ratings)))
    i, j = divmod(int(values.argmax()), len(values))
    if _dense(ratings):
        return f"Most alike: {names[i]} and {names[j]}, r = {fixed(float(values[i, j]), 2)}."
    return f"Most often together: of segments with {names[i]}, {percent(float(values[i, j]))} also have {names[j]}."


def _table(ratings: Ratings, *, there: bool) -> list[list[object]]:
    header: list[object] = ["emotion", "segments", "share present", "mean", "standard deviation", "largest"]
    header += [f"also {name}" for name in ratings.names]
    header += [f"correlation with {name}" for name in ratings.names]
    if not there:
        nothing_known: list[list[object]] = [[name, 0, *[None] * (len(header) - 2)] for name in ratings.names]
        return [header, *nothing_known]
    values, together = ratings.rated, np.concatenate([_together(ratings), _correlations(ratings)], axis=1)
    present = ratings.present.mean(axis=0)
    rows: list[list[object]] = []
    for j, name in enumerate(ratings.names):
        own = values[:, j]
        told: Sequence[float] = [float(present[j]), own.mean(), own.std(), own.max()]
        rows.append([name, len(own), *(round(float(one), 5) for one in told), *(round(float(one), 5) for one in together[j])])
    return [header, *rows]
