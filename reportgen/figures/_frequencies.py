"""What the figures of frequencies share: an axis in Hz, curves, ranges, names of views, and what the views agree on.

`Found` is the kind `band_views`, `View` one of its views, `Entry` what a view says of one class.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from reportgen.bootstrap import MIN_GROUPS
from reportgen.figures._bands import numbers
from reportgen.figures._style import INK, QUIET, SMALL, Look, label_width, looks
from reportgen.figures._words import counted, noun
from reportgen.frequencies.effect import OF_DATA
from reportgen.words import count, fixed, listing

Found = Mapping[str, Any]
View = Mapping[str, Any]
Entry = Mapping[str, Any]

NAMES: Mapping[str, str] = {
    "passes": "feature maps",
    "gradient": "gradient",
    "stop": "band-stop",
    "swap": "band-swap",
    "retrain": "single bands",
}
"""What views are called in figures."""
MEANINGS: Mapping[str, str] = {
    "passes": "how well the power in what convolutions pass on tells the class from the others, less what labels by lot tell",
    "gradient": "integrated gradients on the amplitude spectrum",
    "stop": "what the logit loses where these frequencies are filtered out of the signal",
    "swap": "what these frequencies of the class add to its logit in trials of other classes",
    "retrain": "how well a network does that is trained on these frequencies alone",
}
MUSCLES = "What temporal electrodes record in gamma may be of muscles."
_GREEK: Mapping[str, str] = {"delta": "δ", "theta": "θ", "alpha": "α", "beta": "β", "gamma": "γ"}
_STRIPES = ("#F1F1F1", "#FFFFFF")
_MARKS = 9  # on a curve, so that curves can be told apart without their colour
_LETTER = 0.62  # em


@dataclass(frozen=True, slots=True)
class Hertz:
    """A frequency axis: linear where windows slide, as they are equally wide; else one step a band."""

    fine: bool
    windows: np.ndarray  # (window, 2) Hz
    bands: Mapping[str, Sequence[float]]  # {name: (from, below) Hz}

    @classmethod
    def of(cls, found: Found) -> "Hertz":
        """The axis that all figures of an experiment share."""
        return cls(found["fine"], numbers(found["windows"]), found["bands"])

    def at(self, hertz: Any) -> np.ndarray:
        """Where frequencies lie on the axis."""
        if self.fine:
            return np.asarray(hertz, float)
        ends = np.maximum.accumulate(np.array(list(self.bands.values()), float).ravel())
        places = np.stack([np.arange(len(self.bands)) - 0.5, np.arange(len(self.bands)) + 0.5], axis=1).ravel()
        return np.asarray(np.interp(hertz, ends, places))

    @property
    def centres(self) -> np.ndarray:
        """(window,) where effects are drawn."""
        return self.windows.mean(axis=1) if self.fine else np.arange(len(self.bands), dtype=float)

    @property
    def limits(self) -> tuple[float, float]:
        """Ends of the axis."""
        return (float(self.windows.min()), float(self.windows.max())) if self.fine else (-0.5, len(self.bands) - 0.5)

    def prepare(self, ax: Axes, inches: float, *, names: bool, numbered: bool = True, size: float = 8.0) -> None:
        """Bands as light stripes on an axis of about so many inches, named above it, and what stands below it."""
        low, high = self.limits
        steps = np.arange(len(self.bands))[:, None] + (-0.5, 0.5)
        ends = np.clip(self.at(list(self.bands.values())), low, high) if self.fine else steps
        spans = dict(zip(self.bands, ends, strict=True))
        for i, (start, end) in enumerate(spans.values()):
            ax.axvspan(start, end, color=_STRIPES[i % 2], linewidth=0, zorder=0)
        ax.set_xlim(low, high)
        if not self.fine:
            labels, small = headings(self.bands, inches / len(self.bands), size)
            ax.set_xticks(self.centres, labels if numbered else [], fontsize=small)
            if numbered and "Hz" not in "".join(labels):
                ax.set_xlabel("Hz", fontsize=size)
            ax.tick_params(axis="x", length=0)
            return
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        ax.tick_params(axis="x", labelbottom=numbered, length=2.5 if numbered else 0, labelsize=size)
        if names:
            _name_bands(ax, spans, inches / (high - low))

    def inches_of(self, inches: float) -> float:
        """Inches of one step on an axis that is so many inches wide."""
        return inches / (self.limits[1] - self.limits[0])


def letters(bands: Sequence[str], inches: float, size: float) -> list[str]:
    """Names of bands that each have so much room; all with Greek letters, and cut, where one is too long."""
    room = inches * 72 / (size * _LETTER)
    if max(map(len, bands)) <= room:
        return list(bands)
    words = [band.partition(" ") for band in bands]
    short = [" ".join(filter(None, (_GREEK.get(first.lower(), first), rest))) for first, _, rest in words]
    return [name[: max(1, int(room))].rstrip() for name in short]


def headings(bands: Mapping[str, Sequence[float]], inches: float, size: float) -> tuple[list[str], float]:
    """Names of bands over their frequencies, each in so much room, and their size in points; `Hz` is left out if need be."""
    hertz = [span(*ends) for ends in bands.values()]
    if label_width(hertz, size) > inches:
        hertz, size = [text.removesuffix(" Hz") for text in hertz], SMALL
    return [f"{name}\n{text}" for name, text in zip(letters(list(bands), inches - 0.05, size), hertz, strict=True)], size


def _name_bands(ax: Axes, spans: Mapping[str, np.ndarray], scale: float) -> None:
    """Names above the axis, of which a unit is `scale` inches."""
    spans = {band: ends for band, ends in spans.items() if ends[1] > ends[0]}
    spare = min((np.ptp(ends) * scale - len(band) * SMALL * _LETTER / 72 for band, ends in spans.items()), default=0.0)
    names = list(spans) if spare >= 0 else letters(list(spans), 0, SMALL)
    at = ax.get_xaxis_transform()  # y counts heights of the chart
    how: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": SMALL if spare >= 0 else 8.5, "color": QUIET}
    for text, ends in zip(names, spans.values(), strict=True):
        ax.text(ends.mean(), 1.03, text, transform=at, **how)


def draw_curves(ax: Axes, axis: Hertz, entries: Sequence[Entry], pale: float = 0.18) -> None:
    """The effect of each frequency for each class, with its interval where there is one, and a line at none."""
    ax.axhline(0, color=QUIET, linewidth=0.7, zorder=1)
    for i, (entry, look) in enumerate(zip(entries, looks([entry["class"] for entry in entries]), strict=True)):
        curve = {name: numbers(values) for name, values in entry["curve"].items() if values is not None}
        draw = _line if axis.fine else _bars
        draw(ax, axis.centres, curve, look, i, len(entries), pale)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))


def _line(ax: Axes, x: np.ndarray, curve: Mapping[str, np.ndarray], look: Look, i: int, of: int, pale: float) -> None:
    if "low" in curve:
        ax.fill_between(x, curve["low"], curve["high"], color=look.colour, alpha=pale, linewidth=0, zorder=1.5)
    every = max(1, len(x) // _MARKS)
    where = (i * every // of + every // 3, every)  # not at the same places as those of other classes
    ax.plot(x, curve["mean"], color=look.colour, marker=look.marker, markersize=4, markevery=where, zorder=2)


def _bars(ax: Axes, x: np.ndarray, curve: Mapping[str, np.ndarray], look: Look, i: int, of: int, _: float) -> None:
    wide = 0.8 / of
    at = x + (i - (of - 1) / 2) * wide
    ax.bar(at, curve["mean"], 0.9 * wide, color=look.colour, alpha=0.4, linewidth=0, zorder=1.5)
    if "low" in curve:
        ax.vlines(at, curve["low"], curve["high"], color=look.colour, linewidth=1.1, zorder=2)
    ax.plot(at, curve["mean"], look.marker, color=look.colour, markersize=4, zorder=3)


def draw_planted(ax: Axes, axis: Hertz, band: Sequence[float], low: float, high: float) -> None:
    """A hatched box from `low` to `high` over the frequencies that a simulation has put in."""
    start, end = axis.at(band)
    box = Rectangle((start, low), end - start, high - low, hatch="/////", facecolor="#F4F4F4", edgecolor="#8A8A8A")
    box.set(linewidth=0.6, zorder=0.8)
    ax.add_patch(box)


def defined(found: Found) -> list[View]:
    """Views that say something of this network."""
    return [view for view in found["views"] if view["defined"]]


def not_defined(found: Found) -> str:
    """Which views say nothing and why, for captions."""
    told = [f"{called(view)} ({view['why'].rstrip('.')})" for view in found["views"] if not view["defined"]]
    return f"Not defined here: {'; '.join(told)}." if told else ""


def called(view: View) -> str:
    """What a view is called in figures."""
    return NAMES.get(view["view"], view["view"])


def span(low: float, high: float) -> str:
    """`32–40 Hz`, to a tenth."""
    return f"{round(low, 1):g}–{round(high, 1):g} Hz"


def largest(entry: Entry, found: Found) -> str:
    """Where the largest mean effect is: `largest at 10.0 Hz`, or `largest in alpha`."""
    if entry["peak"] is None:
        return "nothing"
    return f"largest at {entry['peak']:.1f} Hz" if found["fine"] or not entry["band"] else f"largest in {entry['band']}"


def of_class(found: Found, label: str) -> list[tuple[View, Entry]]:
    """What each defined view says of a class."""
    return [(view, entry) for view in defined(found) for entry in view["classes"] if entry["class"] == label]


def using(found: Found) -> list[View]:
    """Defined views that say what the network uses, and not only what the data hold."""
    return [view for view in defined(found) if view["view"] not in OF_DATA]


def few(found: Found) -> str:
    """Why nothing is tested, for titles and captions."""
    units, unit = len(found["units"]), found["unit"]
    told = f"{counted(units, unit)} {'is' if units == 1 else 'are'} too few"
    return told if units < MIN_GROUPS else f"{told} for {len(found['classes'])} classes"


def about(found: Found, title: str) -> str:
    """Whose trials they are, for captions."""
    trials = f"{counted(found['trials'], 'trial')} of {counted(len(found['units']), found['unit'])} of {title}"
    folds = f", in {count(found['folds'])} folds" if found["folds"] > 1 else ""
    return f"{trials} that the network was not trained on{folds}"


def any_above(found: Found, hertz: float) -> bool:
    """Whether a range reaches above so many Hz."""
    return any(r["high"] > hertz for view in defined(found) for entry in view["classes"] for r in entry["ranges"])


def planted(found: Found) -> Mapping[str, Mapping[str, Any]]:
    """{class: what the simulation put in}."""
    return {row["class"]: row for row in found["truth"] or ()}


def windows_of(found: Found, entry: Entry) -> Iterator[list[object]]:
    """From and below in Hz, mean, low, high and whether it lies in a range, of each window of a class: for tables."""
    missing = [None] * len(found["windows"])
    curve = [entry["curve"][limit] or missing for limit in ("mean", "low", "high")]
    for (start, end), *values in zip(found["windows"], *curve, strict=True):
        middle = (start + end) / 2
        yield [start, end, *values, any(one["low"] <= middle <= one["high"] for one in entry["ranges"])]


def estimate(value: Mapping[str, Any], places: int = 2) -> str:
    """`0.42 [0.31, 0.53]`, without limits where there are none or they round to the mean."""
    mean, *limits = (None if value[name] is None else plain(value[name], places) for name in ("mean", "low", "high"))
    return f"{mean}" if None in limits or limits == [mean, mean] else f"{mean} [{', '.join(map(str, limits))}]"


def plain(value: float, places: int = 2) -> str:
    """A number with so many decimal places, and no minus before zero."""
    return fixed(round(value, places) + 0.0, places)


def emotions(names: Sequence[str], most: int = 3) -> str:
    """`positive and negative`, or the first ones and how many more."""
    if len(names) <= most:
        return listing([noun(one) for one in names])
    return listing([*(noun(one) for one in names[: most - 1]), f"{len(names) - most + 1} more classes"])


def spoken(ax: Axes, x: float, y: float, text: str, **how: Any) -> None:
    """Small text at a place of the data, readable on whatever lies below it."""
    plate: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.3}
    style: dict[str, Any] = {"fontsize": SMALL, "color": INK, "va": "center", "bbox": plate, "zorder": 3} | how
    ax.text(x, y, text, **style)
