"""Which frequencies, places and moments an explainer finds relevant for each class: mean maps over test samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._bands import legend_of_classes
from reportgen.figures._head_rows import GRID, SEEN, head_rows
from reportgen.figures._layout import (
    LETTERS,
    Layout,
    along_words,
    colour_bar,
    layout,
    name_columns,
    panel,
    profile,
    scale,
    stripes,
)
from reportgen.figures._over_units import Spread, over_units
from reportgen.figures._style import SMALL, fit, looks, new_figure
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "explainer"
NEEDS = ("facts", "features", "rows", "relevance", "relevance_about")

_EXCESS = 0.25  # of the mean over all: by so much a band, a class or a part of the window has more than others
_PARTS = 4  # of a window
_ALIKE = 0.9  # correlation of maps from which on they are called the same
_ACROSS = 4  # panels side by side
_METHODS: Mapping[str, str] = {"grad_cam": "Grad-CAM", "hires_cam": "HiResCAM", "layer_cam": "LayerCAM", "cam": "CAM"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Relevance:
    """What is drawn."""

    classes: Sequence[str]
    about: Mapping[str, Any]  # the kind `relevance_about`, and the explainer's name
    own: Layout
    maps: np.ndarray  # (class, place, column)
    units: np.ndarray  # (unit, class, column): mean over places
    profiles: Spread  # (class, column): over units

    @property
    def peaks(self) -> list[int]:
        """Of each class the column with the largest relevance, by its size."""
        return [int(np.abs(np.nan_to_num(row)).argmax()) for row in self.profiles.mean]

    def strongest(self, label: int, column: int) -> int:
        """The place of the largest relevance in a column."""
        return int(np.abs(np.nan_to_num(self.maps[label, :, column])).argmax())

    @property
    def likeness(self) -> float | None:
        """The lowest correlation between the maps of two classes; None where one of them is flat."""
        flat = np.nan_to_num(self.maps.reshape(len(self.maps), -1))
        if len(flat) < 2 or (np.ptp(flat, axis=1) == 0).any():
            return None
        return float(min(np.corrcoef(flat[a], flat[b])[0, 1] for a, b in combinations(range(len(flat)), 2)))


def draw(inputs: Inputs) -> Figure:
    """Draw a panel for each class, or of time alone a line, all in one scale."""
    found = _read(inputs)
    return Figure(
        title=_title(found),
        caption=_caption(inputs.one("facts"), found),
        alt=_alt(found),
        picture=_picture(found),
        data=_table(found),
        dense=len(found.own.places) > 1,
    )


def _read(inputs: Inputs) -> _Relevance:
    ((where, about),) = inputs.all("relevance_about")
    values, own = inputs.one("relevance"), layout(inputs, about["axes"], about.get("cells"))
    maps, units = own.matrix(values["mean"]), own.matrix(values["units"])
    if own.grid:  # cells without an electrode
        empty = ~np.any(own.matrix(values["input"]) != 0, axis=(0, 2))
        maps[:, empty], units[:, :, empty] = np.nan, np.nan
    with np.errstate(invalid="ignore"):
        total, n = np.nansum(units, axis=2), np.isfinite(units).sum(axis=2)
    each = np.where(n, total / np.maximum(n, 1), np.nan)
    return _Relevance(
        classes=inputs.one("facts")["classes"],
        about={**about, "explainer": where["explainer"]},
        own=own,
        maps=maps,
        units=each,
        profiles=over_units(each),
    )


def _picture(found: _Relevance) -> Picture:
    if len(found.own.places) == 1:
        return _lines(found)
    if found.own.heads or found.own.grid:
        return head_rows(found.maps, found.classes, found.own, scale(found.maps), f"relevance in {found.about['unit']}")
    return _panels(found)


def _lines(found: _Relevance) -> Picture:
    picture = new_figure("column", 2.8)
    ax = picture.subplots()
    marks = max(1, len(found.own.at) // 8)
    for i, look in enumerate(looks(found.classes)):
        line: dict[str, Any] = {"marker": look.marker, "markevery": (i % marks, marks), "markersize": 4}
        profile(ax, found.own, found.profiles.of(i), look.colour, **line)
    stripes(ax, found.own)
    name_columns(ax, found.own)
    ax.set(xlabel=along_words(found.own), ylabel=f"mean relevance\nin {found.about['unit']}")
    ax.margins(x=0)
    legend_of_classes(picture, found.classes, "-")
    return picture


def _panels(found: _Relevance) -> Picture:
    """Of each class a matrix of channels, and above it the mean over channels."""
    down = ceil(len(found.classes) / _ACROSS)
    across = ceil(len(found.classes) / down)
    high = min(max(0.07 * len(found.own.places), 1.3), 3.6 / down)  # inches of a matrix
    picture = new_figure("column", 1.0 + down * (high + 0.95))
    axes = picture.subplots(2 * down, across, squeeze=False, height_ratios=[0.5, high] * down)
    colours = scale(found.maps)
    top = np.nanmax([found.profiles.mean, found.profiles.high]), np.nanmin([found.profiles.mean, found.profiles.low])
    room = 0.06 * max(top[0] - min(top[1], 0), 1e-12)
    for i, look in enumerate(looks(found.classes)):
        row, column = divmod(i, across)
        above, below = axes[2 * row : 2 * row + 2, column]
        above.set_title(fit(found.classes[i], 5.0 / across), pad=11)
        profile(above, found.own, found.profiles.of(i), look.colour)
        stripes(above, found.own)
        panel(below, found.maps[i], found.own, colours, None if column else high)
        name_columns(below, found.own)
        above.set(xlim=below.get_xlim(), xticks=[], ylim=(min(0, top[1]) - room, top[0] + room))
        above.locator_params(axis="y", nbins=3)
        above.tick_params(axis="y", labelsize=SMALL, labelleft=not column)
        if row == down - 1 or i + across >= len(found.classes):
            below.set_xlabel(along_words(found.own), fontsize=SMALL + 0.5)
    for ax in axes[-2:, (len(found.classes) - 1) % across + 1 :].flat:
        ax.set_axis_off()
    colour_bar(picture, colours, axes, found.maps, f"relevance in {found.about['unit']}")
    return picture


def _title(found: _Relevance) -> str:
    by = f"By {found.about['explainer']}"
    if not np.nan_to_num(found.maps).any():
        return f"{by}, nothing is relevant: all maps are zero"
    if not found.profiles.known:
        return f"{by}: {counted(len(found.units), found.about.get('over', 'unit'))} are too few to say where relevance lies"
    told = _over_time(found) if found.own.along == "time" else _over_bands(found)
    return f"{by}, relevance {told}"


def _over_bands(found: _Relevance) -> str:
    """`gathers in beta for negative, and is spread over all frequencies for neutral`."""
    what = {"frequency": "frequencies", "band": "bands"}.get(found.own.along, f"values of {found.own.along}")
    places: dict[str, list[str]] = {}
    for label, name in enumerate(found.classes):
        places.setdefault(_gathers(found, label), []).append(name)
    even = places.pop("", [])
    spread = f"is spread over all {what}"
    if not places:
        return f"{spread}, whatever the class"
    if len(places) == 1 and not even:
        same = found.likeness is not None and found.likeness >= _ALIKE
        return f"gathers {next(iter(places))}, {'the same for' if same else 'with maps that differ between'} all classes"
    each = ", ".join(f"{where} for {listing(names)}" for where, names in places.items())
    return f"gathers {each}{f', and {spread} for {listing(even)}' if even else ''}"


def _gathers(found: _Relevance, label: int) -> str:
    """The band with clearly more relevance of a class than all together: "in beta", or nothing."""
    regions = np.array([found.own.region(column) for column in range(len(found.own.names))])
    own = found.units[:, label]  # (unit, column)
    bands = {name: own[:, regions == name].mean(axis=1) for name in dict.fromkeys(regions) if name.startswith("in ")}
    if not bands:
        return ""
    best = max(bands, key=lambda name: float(np.nan_to_num(bands[name]).sum()))
    return best if _apart(bands[best], own.mean(axis=1)) > 0 else ""


def _apart(some: np.ndarray, whole: np.ndarray) -> int:
    """1 where values of units (unit,) are larger than those of the whole, by enough and clearly; -1 smaller; otherwise 0."""
    if np.isfinite(some - whole).any():
        low, high = (float(ends[0]) for ends in over_units((some - whole)[:, None])[1:])
    else:  # a unit is a trial, and of one class
        one, other = over_units(some[:, None]), over_units(whole[:, None])
        low, high = float((one.low - other.high)[0]), float((one.high - other.low)[0])
    if not (low > 0 or high < 0):
        return 0
    apart, size = np.nanmean(some) - np.nanmean(whole), abs(np.nanmean(whole))
    return int(np.sign(apart)) if abs(apart) >= _EXCESS * size else 0


def _over_time(found: _Relevance) -> str:
    """Whether relevance is even over the window, and for which class it is largest: where windows begin means nothing."""
    parts = np.stack([part.mean(axis=-1) for part in np.array_split(found.units, _PARTS, axis=-1)], axis=-1)
    all_classes = np.nanmean(parts, axis=1)  # (unit, part)
    even = not any(_apart(part, all_classes.mean(axis=1)) for part in all_classes.T)
    totals = found.units.mean(axis=-1)  # (unit, class)
    first = int(np.nan_to_num(over_units(totals).mean).argmax())
    others = np.delete(totals, first, axis=1).T
    over = "even over the window" if even else "uneven over the window"
    if len(others) and all(_apart(totals[:, first], other) > 0 for other in others):
        return f"is largest for {found.classes[first]} and {over}"
    return f"is {over} and not clearly larger for one class than for all others"


def _caption(facts: Mapping[str, Any], found: _Relevance) -> str:
    about, own = found.about, found.own
    named = about["explainer"]
    method = _METHODS.get(about["method"], about["method"])
    units = counted(len(about["units"]), about.get("over", "unit"))
    network = "the network" if about["folds"] == 1 else f"the networks of {about['folds']} folds, each on its own test part"
    each = listing([f"{n} of {name}" for name, n in zip(found.classes, about["n"], strict=True)])
    whose = f"{network} of {facts['title']}; {each}; mean over {units}"
    parts = [
        f"Mean relevance by {named} ({method}) in {about['unit']}, for the class of the sample itself: {whose}.",
        _what_is_seen(own),
        f"Bands: {LETTERS}." if own.along == "frequency" else "",
        "Slices of a sample are averaged." if own.axes[0] == "slice" else "",
    ]
    if own.heads or len(own.places) > 1:
        parts.append("All maps share one scale, which cuts the largest 0.1 % of the values.")
    if not own.heads and not own.grid:
        parts.append(
            f"Pale areas are 95 % intervals over {about.get('over', 'unit')}s."
            if found.profiles.known
            else f"There are no intervals: {units} are too few for a claim about others."
        )
    if found.profiles.known:
        parts.append(_rule(own))
    if (likeness := found.likeness) is not None:
        parts.append(f"The least alike of two classes' maps correlate by {fixed(likeness, 2)}.")
    return " ".join(filter(None, parts))


def _rule(own: Layout) -> str:
    """When the title says something."""
    share = f"{100 * _EXCESS:.0f} % or more"
    if own.along == "time":
        return f"Uneven: a quarter of the window is clearly off the mean, by {share}; larger: so than each other class."
    return f"It gathers in a band whose mean exceeds that over all by {share}, with a 95 % interval above zero."


def _what_is_seen(own: Layout) -> str:
    if len(own.places) == 1:
        return f"A line is a class, over {along_words(own)}."
    if own.heads:
        return SEEN
    if own.grid:
        return GRID
    return "Rows are channels in the order of the data set, some of them named; the line above is the mean over channels."


def _alt(found: _Relevance) -> str:
    def told(label: int, peak: int) -> str:
        place = found.own.places[found.strongest(label, peak)]
        at = f" at {place}" if place else ""
        return f"{found.classes[label]} {found.own.names[peak]}{at} ({found.profiles.mean[label, peak]:.2g})"

    what = "Lines" if len(found.own.places) == 1 else "Maps"
    if found.own.along == "time":
        means = np.nan_to_num(found.profiles.mean).mean(axis=1)
        sizes = "; ".join(f"{name} {mean:.2g}" for name, mean in zip(found.classes, means, strict=True))
        return f"{what} of relevance over time in the window, one a class. Means over the window: {sizes}."
    each = "; ".join(told(label, peak) for label, peak in enumerate(found.peaks))
    return f"{what} of relevance over {found.own.along}, one a class. Largest mean over places, and where it is most: {each}."


def _table(found: _Relevance) -> list[list[object]]:
    own, (mean, low, high) = found.own, found.profiles
    unit = found.about["unit"]
    header: list[object] = ["class", own.along, f"mean in {unit}", "low", "high", "strongest place", "relevance there"]
    rows: list[list[object]] = [header]
    for label, name in enumerate(found.classes):
        for column, at in enumerate(own.names):
            place = found.strongest(label, column)
            numbers = [f"{part[label, column]:.6g}" for part in (mean, low, high)]
            rows.append([name, at, *numbers, own.places[place], f"{found.maps[label, place, column]:.6g}"])
    return rows
