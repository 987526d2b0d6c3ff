"""What figures of synthetic samples share: which generators are drawn, how each looks, and how much they differ from real."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from reportgen.core import Figure
from reportgen.figures._candidates import in_order, looks_of
from reportgen.figures._layout import GREEK, Colours
from reportgen.figures._recordings import spread_over
from reportgen.figures._scalp import flat
from reportgen.figures._style import INK, SMALL, TALLEST, Look, fit, new_figure, nothing
from reportgen.outputs import Inputs
from reportgen.realism.portraits import placed
from reportgen.words import count, listing

REAL, TRAINED = "#222222", "#9A9A9A"  # test part and training part
About = Mapping[str, Any]
Arrays = Mapping[str, np.ndarray]

MOST = (0.02, 0.98)  # quantiles of real values that have colours of their own
_TIMES = {  # times as far off as real training samples, in words
    1.25: "no further off than the real training part",
    2.0: "up to twice as far off",
    5.0: "several times as far off",
    float("inf"): "far off",
}
_ROWS = 0.22  # head radii: distance of two rows of the cap, seen from above


@dataclass(frozen=True, slots=True)
class Shown:
    """A generator in a figure."""

    key: str
    title: str
    network: bool
    keeps: tuple[str, ...]  # scores that it preserves by construction
    colour: str
    marker: str

    @property
    def look(self) -> Look:
        """Colour and marker."""
        return Look(self.colour, self.marker)

    @property
    def dash(self) -> str:
        """Networks are drawn, plain generators dashed."""
        return "-" if self.network else "--"


def generators(inputs: Inputs, kind: str = "") -> list[Shown]:
    """Networks first, then plain ones, each looking the same in all figures; only those that have an output of `kind`."""
    known: dict[str, Mapping[str, Any]] = {
        key: {"key": key} for key in (one["generator"] for one in inputs.about("signal_about"))
    }
    for _, scores in inputs.all("signal_scores"):
        known |= {one["key"]: one for one in scores["candidates"] if one["key"] in known}
    looks = looks_of(known.values())
    found = [
        Shown(
            one["key"],
            one.get("title") or one["key"],
            one.get("sort") == "network",
            tuple(one.get("keeps") or ()),
            looks[one["key"]].colour,
            looks[one["key"]].marker,
        )
        for one in in_order(known.values())
    ]
    there = {about["generator"] for about in inputs.about(kind)} if kind else set(known)
    return [one for one in found if one.key in there]


def nothing_made(inputs: Inputs) -> Figure:
    """Where all generators diverged."""
    text = "No generator has made samples"
    return Figure(
        title=text,
        caption=diverged(inputs) or f"{text}.",
        alt="Nothing is drawn, as there are no synthetic samples.",
        picture=nothing(f"{text}."),
        data=[["generator"], *([one.title] for one in generators(inputs))],
        width="narrow",
    )


def arrays(inputs: Inputs, kind: str) -> dict[str, Arrays]:
    """{generator: its arrays}."""
    return {about["generator"]: values for about, values in inputs.all(kind)}


def about_of(inputs: Inputs) -> About:
    """What all generators of an experiment share: that of the first one that has not diverged, else of the first."""
    found = [told for _, told in inputs.all("signal_about")]
    return next((told for told in found if not told["diverged"]), found[0])


def diverged(inputs: Inputs) -> str:
    """Which generators are missing and why, for captions."""
    titles = {one.key: one.title for one in generators(inputs)}
    gone = [
        f"{titles[told['generator']]} ({told['diverged'].rstrip('.')})"
        for _, told in inputs.all("signal_about")
        if told["diverged"]
    ]
    return f"Not shown, as training diverged: {'; '.join(gone)}." if gone else ""


def not_drawn(drawn: Sequence[Shown], every: Sequence[Shown]) -> str:
    """Which generators have no room, for captions."""
    rest = [one.title for one in every if one not in drawn]
    return f"Without room here: {listing(rest)}." if rest else ""


def many(about: About, n: int | None = None) -> str:
    """What samples are called: windows of signals, samples otherwise; with their number if it is given."""
    what = "window" if about["domain"] == "signals" else "sample"
    return f"{what}s" if n is None else f"{count(n)} {what}{'' if n == 1 else 's'}"


def where(about: About) -> str:
    """`, fold subject 3`, or nothing."""
    return f", fold {about['fold']}" if about["fold"] else ""


def quantity(about: About) -> str:
    """Behind a number of a difference: ` dB` of signals, the unit of a map."""
    unit = "dB" if about["domain"] == "signals" else about["unit"]
    return f"\N{NO-BREAK SPACE}{unit}" if unit else ""


def two(value: float) -> str:
    """A number to two digits: 0.053, 1.2, 14."""
    if not np.isfinite(value):
        return "–"
    places = 1 - floor(log10(abs(value))) if abs(value) > 1e-9 else 1
    return f"{value:.{min(max(places, 0), 4)}f}".replace("-", "−")


def off(values: Mapping[Shown, float], score: str) -> tuple[Shown, Shown] | None:
    """The network with the smallest and the generator with the largest difference; without networks the smallest of all.

    Those that keep `score` by construction count only if there are no others.
    """
    known = {one: value for one, value in values.items() if np.isfinite(value)}
    fair = {one: value for one, value in known.items() if score not in one.keeps} or known
    if not fair:
        return None
    first = [one for one in fair if one.network] or list(fair)
    return min(first, key=lambda one: fair[one]), max(fair, key=lambda one: fair[one])


def as_real(values: Mapping[Shown, float], floor: float) -> str:
    """In words, which generators are as far off as real training samples are, and which are further off, for alt texts."""
    known = {one: value / floor for one, value in values.items() if np.isfinite(value) and floor > 0}
    groups: dict[str, list[str]] = {}
    for one, times in known.items():
        groups.setdefault(next(words for most, words in _TIMES.items() if times <= most), []).append(one.title)
    return "; ".join(f"{words}: {listing(groups[words])}" for words in _TIMES.values() if words in groups) or "nothing is known"


def root_mean_square(values: Any) -> float:
    """Of what is known; NaN of nothing."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    return float(np.sqrt((known**2).mean())) if known.size else float("nan")


def classes_of(size: Iterable[float], most: int) -> list[int]:
    """Up to `most` classes in their order: those of the largest size, which is NaN where a class has no samples."""
    known = [(value, label) for label, value in enumerate(size) if np.isfinite(value)]
    return sorted(label for _, label in sorted(known, key=lambda pair: (-pair[0], pair[1]))[:most])


def class_words(about: About, drawn: Sequence[int], which: str) -> str:
    """Which classes are drawn if not all are, for captions."""
    n = len(about["classes"])
    return f"Drawn are {len(drawn)} of {n} classes, {which}." if len(drawn) < n else ""


def front_to_back(about: About) -> list[int]:
    """Channels in rows of the cap from the forehead on, each from left to right; as stored where places are not known."""
    at = about["positions"] or {}
    channels = about["channels"]
    if not all(channel in at for channel in channels):
        return list(range(len(channels)))
    points = flat([at[channel] for channel in channels])
    return sorted(range(len(channels)), key=lambda i: (-round(points[i, 1] / _ROWS), points[i, 0], i))


def some_channels(about: About, n: int) -> list[int]:
    """Indices of up to `n` channels that are far from each other."""
    return spread_over(about["channels"], about["positions"], n)


def round_down(value: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten that is not larger."""
    power = 10.0 ** floor(log10(value)) if value > 0 and np.isfinite(value) else 1.0
    return max((size * power for size in (1, 2, 5) if size * power <= value * 1.0001), default=power)


def grid(rows: int, columns: int, height: float, **how: Any) -> tuple[Picture, np.ndarray]:
    """Panels (row, column) of so many inches of height, with room for a heading of each row, and above for names of columns."""
    whole = min(0.36 + (height + 0.2) * rows + 0.35, TALLEST)
    picture = new_figure("column", whole)
    axes = picture.subplots(rows, columns, squeeze=False, **how)
    engine: Any = picture.get_layout_engine()
    engine.set(rect=(0, 0, 1, 1 - 0.36 / whole), hspace=0.22 / height, w_pad=0.02)
    return picture, axes


def heading(ax: Axes, text: str, points: float = 3.0, *, look: Look | None = None, colour: str = INK) -> None:
    """Bold text above a panel and beyond its right edge, after the mark of a generator; panels keep their size."""
    right = mark(ax, look, (0, 1), (3.5, points + 4.0)) if look else 0.0
    how: dict[str, Any] = {"color": colour, "weight": "bold", "ha": "left", "va": "bottom", "fontsize": 8}
    ax.annotate(text, (0, 1), (right, points), "axes fraction", "offset points", **how).set_in_layout(False)


def mark(ax: Axes, look: Look, at: tuple[float, float], points: tuple[float, float]) -> float:
    """The mark of a generator, at a place of the panel and so many points from it; returns where a name after it begins."""
    place = ax.transAxes + ScaledTranslation(points[0] / 72, points[1] / 72, _picture_of(ax).dpi_scale_trans)
    how: dict[str, Any] = {"color": look.colour, "markersize": 5, "clip_on": False, "markeredgewidth": 0.5}
    ax.add_line(Line2D([at[0]], [at[1]], linestyle="none", marker=look.marker, transform=place, **how))
    return points[0] + 5.5


def _picture_of(ax: Axes) -> Picture:
    picture = ax.get_figure(root=True)
    assert picture is not None, "a panel belongs to a picture"
    return picture


def name_above(ax: Axes, text: str, look: Look | None) -> None:
    """The name of a panel in bold, in some lines, after the mark of a generator."""
    size, pad = SMALL + 0.5, 4.0
    first = pad + 1.2 * size * text.count("\n") + 0.4 * size  # middle of the first line
    right = mark(ax, look, (0, 1), (3.5, first)) if look else 0.0
    how: dict[str, Any] = {"color": INK, "weight": "bold", "fontsize": size, "ha": "left", "va": "bottom"}
    ax.annotate(text, (0, 1), (right, pad), "axes fraction", "offset points", annotation_clip=False, **how)


def of_places(about: About, x: np.ndarray) -> np.ndarray:
    """Maps (…, axes of a sample) as (…, channel, band)."""
    return placed(about["axes"], x, about["cells"]).swapaxes(-1, -2)


def levels(values: np.ndarray) -> Colours:
    """Colours for most real values: a flat channel, far below all others, would leave these one colour."""
    low, high = np.quantile(values[np.isfinite(values)], MOST)
    return Colours("cividis", Normalize(float(low), float(max(high, low + 1e-9))))


def heat(
    ax: Axes, values: np.ndarray, about: About, order: Sequence[int], colours: Colours, *, names: bool, bands: bool
) -> None:
    """A map (channel, band), channels of that order downwards."""
    ax.imshow(values, cmap=colours.cmap, norm=colours.norm, aspect="auto", interpolation="nearest")
    shown = sorted({round(i) for i in np.linspace(0, len(order) - 1, min(5, len(order)))})
    ax.set_yticks(
        shown, [fit(about["channels"][order[i]], 0.45, SMALL) for i in shown] if names else [""] * len(shown), fontsize=SMALL
    )
    columns = [GREEK.get(name) or fit(name, 0.2, SMALL) for name in about["columns"]]
    ax.set_xticks(range(len(columns)), columns if bands else [], fontsize=SMALL) if bands else ax.set_xticks([])
    ax.tick_params(length=0, pad=2)
    ax.spines[:].set_visible(False)


def lines_of(text: str, inches: float = 1.1) -> str:
    """The text in as many lines as it needs, in bold."""
    return "\n".join(wrap(text, max(8, round(inches * 14))))


def bar(picture: Picture, colours: Colours, axes: Any, label: str, *, beyond: bool = True) -> None:
    """What colours mean, below everything; values may lie `beyond`."""
    how: dict[str, Any] = {
        "orientation": "horizontal",
        "extend": "both" if beyond else "neither",
        "fraction": 0.04,
        "aspect": 60,
    }
    made = picture.colorbar(ScalarMappable(colours.norm, colours.cmap), ax=axes, pad=0.02, **how)
    made.outline.set_visible(False)
    made.ax.tick_params(labelsize=SMALL, length=2)
    made.ax.xaxis.set_major_locator(MaxNLocator(5))
    made.set_label(label, fontsize=SMALL + 0.5)
