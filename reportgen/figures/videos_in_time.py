"""How rated segments lie in time: segments a video, seconds a segment, gaps, and how alike the segments of a video are."""

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._ratings import Ratings, ratings_in
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, beside, fit, looks, nothing
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, count, duration, fixed, percent

EACH = "dataset"
NEEDS = ("facts", "segments")
HOLDS = {"facts": ("n", ">", "videos")}
SHOWS = ("intensities",)

SHOWN = 7  # videos that are drawn over time, from the shortest to the longest
BAR = "#5B7083"
BINS = 24
EVEN = 1.02  # segments of all videos that differ by less are equally long


class Timed(NamedTuple):
    """Segments in time."""

    names: np.ndarray  # (video,) in the order of the data
    video: np.ndarray  # (segment,) int: index into names
    start: np.ndarray  # (segment,) s
    stop: np.ndarray  # (segment,) s
    whole: str  # video or song
    title: str

    @property
    def each(self) -> np.ndarray:
        """(video,) number of segments."""
        return np.bincount(self.video, minlength=len(self.names))

    @property
    def lengths(self) -> np.ndarray:
        """(segment,) s."""
        return np.asarray(self.stop - self.start)

    @property
    def spans(self) -> np.ndarray:
        """(video,) s from the first start to the last stop."""
        first, last = np.full(len(self.names), np.inf), np.full(len(self.names), -np.inf)
        np.minimum.at(first, self.video, self.start)
        np.maximum.at(last, self.video, self.stop)
        return np.asarray(last - first)

    @property
    def coverage(self) -> float:
        """Share of these spans that segments fill; segments that overlap count once."""
        order = np.lexsort((self.start, self.video))
        video, start, stop = self.video[order], self.start[order], self.stop[order]
        reach = np.empty_like(stop)  # the latest stop so far, in the same video
        for own in np.split(np.arange(len(video)), np.flatnonzero(np.diff(video)) + 1):
            reach[own] = np.maximum.accumulate(stop[own])
        before = np.concatenate([[-np.inf], reach[:-1]])
        before[np.concatenate([[True], np.diff(video) > 0])] = -np.inf
        return float(np.maximum(stop - np.maximum(start, before), 0).sum() / max(self.spans.sum(), 1e-9))


def draw(inputs: Inputs) -> Figure:
    """Draw two histograms, how alike the segments of a video are, and some videos over time."""
    timed = _timed(inputs)
    ratings = next((ratings_in(inputs) for _ in inputs.all("intensities")), None)
    several = bool(timed.each.max(initial=0) > 1)
    alike = _alike(ratings, timed.video) if ratings and several else []
    return Figure(
        title=_title(timed, alike),
        caption=_caption(timed, alike, several=several),
        alt=_alt(timed, alike),
        picture=_picture(timed, alike) if several else nothing(_only(timed)),
        data=_table(timed),
        width="column" if several else "narrow",
    )


def _timed(inputs: Inputs) -> Timed:
    facts, segments = inputs.one("facts"), inputs.one("segments")
    names, first, video = np.unique(segments["video"], return_index=True, return_inverse=True)
    order = np.argsort(first)  # as in the data, not by name
    places = np.argsort(order)
    start, stop = (np.asarray(segments[name], float) for name in ("start", "stop"))
    return Timed(names[order], places[video.ravel()], start, stop, facts["whole"], facts["title"])


def _alike(ratings: Ratings, video: np.ndarray) -> list[tuple[str, float]]:
    """(emotion, how alike): the intraclass correlation ICC(1) of one-way analysis of variance (Shrout and Fleiss 1979).

    It is the share of the variance that lies between videos, with the size of a video that Donner (1986) gives for unequal
    ones; 0 where segments of one video are no more alike than others.
    """
    known = np.isfinite(ratings.values).all(axis=1)
    names, group = np.unique(video[known], return_inverse=True)
    values, sizes = ratings.values[known], np.bincount(group).astype(float)
    n, groups = len(values), len(names)
    if groups < 2 or n <= groups:
        return []
    sums = np.zeros((groups, values.shape[1]))
    np.add.at(sums, group, values)
    means = sums / sizes[:, None]
    between = (sizes[:, None] * (means - values.mean(axis=0)) ** 2).sum(axis=0) / (groups - 1)
    within = ((values - means[group]) ** 2).sum(axis=0) / (n - groups)
    size = (n - (sizes**2).sum() / n) / (groups - 1)
    total = between + (size - 1) * within
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where(total > 1e-12, (between - within) / total, np.nan)
    return [(name, float(max(share, 0.0))) for name, share in zip(ratings.names, shares, strict=True) if np.isfinite(share)]


def _picture(timed: Timed, alike: Sequence[tuple[str, float]]) -> Picture:
    shown = _chosen(timed)
    upper, lower = max(1.25, 0.16 * len(alike) + 0.2), 0.17 * len(shown) + 0.12
    picture = Picture(figsize=(WIDTHS["column"], upper + lower + 1.05), layout="constrained")
    grid = picture.add_gridspec(2, 3 if alike else 2, height_ratios=(upper, lower))
    _histogram(picture.add_subplot(grid[0, 0]), timed.each, f"segments a {timed.whole}", f"{timed.whole}s", whole=True)
    _histogram(picture.add_subplot(grid[0, 1]), timed.lengths, "seconds a segment", "segments", whole=False)
    if alike:
        _draw_alike(picture.add_subplot(grid[0, 2]), alike, timed.whole)
    _draw_times(picture.add_subplot(grid[1, :]), timed, shown)
    return picture


def _histogram(ax: Axes, values: np.ndarray, label: str, what: str, *, whole: bool) -> None:
    """A histogram that gathers the few largest values in its last bar."""
    top = float(np.quantile(values, 0.99)) if len(values) > 50 else float(values.max())
    if values.max() <= EVEN * values.min():
        ax.bar([0], [len(values)], 0.5, color=BAR)
        ax.set(xlim=(-1, 1), xticks=[0], xticklabels=[f"{values.mean():.3g}"])
    else:
        step = max(1, int(np.ceil(top / BINS))) if whole else top / BINS
        edges = np.arange(0.5, top + step + 0.5, step) if whole else np.linspace(0, top, BINS + 1)
        ax.hist(np.minimum(values, edges[-1] - 1e-9), edges.tolist(), color=BAR, rwidth=0.9)
        ax.axvline(float(np.median(values)), color=INK, linewidth=0.9, dashes=(1, 1.5))
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=whole))
    ax.set_title(label, fontsize=8)
    ax.set_ylabel(what, fontsize=7.5)
    ax.tick_params(labelsize=SMALL)
    ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))


def _draw_alike(ax: Axes, alike: Sequence[tuple[str, float]], whole: str) -> None:
    colours = looks([name for name, _ in alike])
    for i, ((_, share), look) in enumerate(zip(alike, colours, strict=True)):
        ax.barh(i, share, color=look.colour, height=0.62)
        beside(ax, i, fixed(share, 2), gap=3)
    ax.set_yticks(range(len(alike)), [fit(name, 0.85, SMALL) for name, _ in alike], fontsize=SMALL)
    ax.set(ylim=(len(alike) - 0.5, -0.5), xlim=(0, max(0.5, *(share for _, share in alike))))
    ax.set_title(f"alike in a {whole}", fontsize=8)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.xaxis.set_major_locator(MaxNLocator(3))
    ax.spines["left"].set_visible(False)


def _chosen(timed: Timed) -> list[int]:
    """Some videos of several segments, evenly from the shortest to the longest."""
    long = np.flatnonzero(timed.each > 1)
    order = long[np.argsort(timed.spans[long], kind="stable")]
    places = np.linspace(0, len(order) - 1, min(SHOWN, len(order))).round().astype(int)
    return [int(order[place]) for place in places]


def _draw_times(ax: Axes, timed: Timed, shown: Sequence[int]) -> None:
    """Segments as bars from the start of the first one on; every second one lighter, so that they can be told apart."""
    for row, video in enumerate(shown):
        own = np.flatnonzero(timed.video == video)
        own = own[np.argsort(timed.start[own], kind="stable")]
        start = timed.start[own] - timed.start[own].min()
        colours = np.where(np.arange(len(own)) % 2, "#9AAAB8", BAR)
        ax.barh(np.full(len(own), row), timed.lengths[own], left=start, height=0.62, color=colours.tolist(), linewidth=0)
        beside(ax, row, counted(len(own), "segment"), gap=4)
    names = [fit(str(timed.names[video]), 0.95, SMALL) for video in shown]
    ax.set_yticks(range(len(shown)), names, fontsize=SMALL)
    ax.set(ylim=(len(shown) - 0.45, -0.55))
    ax.set_xlim(0, 1.01 * float(timed.spans[list(shown)].max()))
    ax.set_xlabel("seconds since the first segment begins", fontsize=7.5)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_color(QUIET)


def _only(timed: Timed) -> str:
    return f"Every {timed.whole} is one segment."


def _title(timed: Timed, alike: Sequence[tuple[str, float]]) -> str:
    most = int(timed.each.max(initial=0))
    if most <= 1:
        return f"Every {timed.whole} is one segment of about {duration(float(np.median(timed.lengths)))}"
    middle = float(np.median(timed.each))
    head = f"Half of the {timed.whole}s have {ceil(middle)} segments or more"
    if timed.each.min() == most:
        head = f"A {timed.whole} has {most} segments"
    if not alike:
        return f"{head}, of about {duration(float(np.median(timed.lengths)))} each"
    share = float(np.mean([one for _, one in alike]))
    if share < 0.05:
        return f"{head}; segments of one {timed.whole} are hardly more alike than others"
    return f"{head}; {percent(share)} of the variance of ratings lies between {timed.whole}s"


def _caption(timed: Timed, alike: Sequence[tuple[str, float]], *, several: bool) -> str:
    n, videos = counted(len(timed.video), "segment"), counted(len(timed.names), timed.whole)
    if not several:
        return f"{n} of {timed.title}, each of them a {timed.whole} of its own, so that nothing is left to show over time."
    parts = [
        f"{n} of {videos} of {timed.title}. Dotted lines are medians; the largest 1{NO_BREAK}% is gathered in the last bar.",
        f"Segments fill {percent(timed.coverage)} of the time from the first to the last of a {timed.whole}.",
    ]
    if alike:
        parts.append(f"Alike: the share of the variance of ratings that lies between {timed.whole}s (intraclass correlation).")
        parts.append(f"The larger it is, the more a split by segment would give away; splits here are by {timed.whole}.")
    parts.append(f"Below: {len(_chosen(timed))} {timed.whole}s from the shortest to the longest, segments as bars.")
    return " ".join(parts)


def _alt(timed: Timed, alike: Sequence[tuple[str, float]]) -> str:
    each, lengths = timed.each, timed.lengths
    if each.max(initial=0) <= 1:
        return f"There is no picture: {count(len(timed.names))} {timed.whole}s have no second segment."
    told = f"; alike: {', '.join(f'{name} {fixed(share, 2)}' for name, share in alike)}" if alike else ""
    numbers = f"{count(each.min())} to {count(each.max())} segments a {timed.whole}, median {np.median(each):g}"
    if each.min() == each.max():
        numbers = f"{count(each.min())} segments in each {timed.whole}"
    seconds = f"{lengths.min():.1f} to {lengths.max():.1f} seconds a segment, median {np.median(lengths):.1f}"
    if lengths.max() <= EVEN * lengths.min():
        seconds = f"each of {lengths.mean():.1f} seconds"
    return f"Histograms and bars over time. {numbers}; {seconds}{told}."


def _table(timed: Timed) -> list[list[object]]:
    spans, filled = timed.spans, np.bincount(timed.video, weights=timed.lengths, minlength=len(timed.names))
    columns: list[Any] = [timed.names, timed.each, spans.round(3), filled.round(3)]
    rows = [[str(name), int(n), float(span), float(own)] for name, n, span, own in zip(*columns, strict=True)]
    return [[timed.whole, "segments", "seconds from first to last", "seconds of segments"], *rows]
