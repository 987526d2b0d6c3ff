"""What the two figures of channels and bands share: which view they show, its means, and what may be said of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any, NamedTuple

import numpy as np
from matplotlib.colorbar import Colorbar
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reportgen.figures._bands import muscular
from reportgen.figures._frequencies import MEANINGS, MUSCLES, Entry, Found, View, about, called, defined, few, plain, planted
from reportgen.figures._words import noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import MINUS, listing

ORDER = ("gradient", "stop", "swap", "passes")
"""Views in the order in which they are preferred."""
NOT_TOLD = "No view tells channels apart"
STRONGEST = "the strongest channels of a class in its band: up to five, at least half as strong as the first"
_CLAIMS = 3  # classes that a title names
_SMALL = 0.02  # effects below it are told in powers of ten
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Unit(NamedTuple):
    """What effects are told in."""

    power: int  # of ten; 0: as they are

    @classmethod
    def of(cls, largest: float) -> "Unit":
        """For effects of which this is the largest."""
        return cls(floor(log10(largest)) if largest < _SMALL else 0)

    @property
    def size(self) -> float:
        """Of one."""
        return 10.0**self.power

    @property
    def text(self) -> str:
        """Before a quantity: `10⁻⁴ `, or nothing."""
        return f"10{str(self.power).translate(_RAISED)} " if self.power else ""

    @property
    def times(self) -> str:
        """Behind a number: ` · 10⁻⁴`, or nothing."""
        return f" · {self.text.rstrip()}" if self.power else ""


def _meets(entry: Entry, edges: Sequence[float]) -> bool:
    """Whether a range of a class has frequencies of a band."""
    return any(one["low"] < edges[1] and edges[0] < one["high"] for one in entry["ranges"])


@dataclass(frozen=True, slots=True)
class Maps:
    """What one view says of each channel and band."""

    found: Found
    view: View
    means: np.ndarray  # (class, band, channel) over units, NaN where no unit has one

    @classmethod
    def of(cls, inputs: Inputs, wanted: str) -> "Maps | None":
        """Those of the wanted view or, where it has none, of the first that tells channels apart."""
        found, effects = inputs.one("band_views"), inputs.one("band_effect")
        there = {view["view"]: view for view in defined(found) if f"{view['view']} channels" in effects}
        chosen = next((there[name] for name in (wanted, *ORDER) if name in there), None)
        if chosen is None:
            return None
        units = np.asarray(effects[f"{chosen['view']} channels"], float)  # (unit, class, band, channel)
        known = np.isfinite(units)
        count = known.sum(axis=0)
        means = np.where(count, np.where(known, units, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
        return cls(found, chosen, means)

    @property
    def edges(self) -> list[Sequence[float]]:
        """Hz, of each band."""
        return list(self.found["bands"].values())

    @property
    def bands(self) -> list[str]:
        """Their names."""
        return list(self.found["bands"])

    @property
    def limit(self) -> float:
        """The largest effect of all, for or against."""
        return (
            float(np.nanmax(np.abs(self.means))) if np.isfinite(self.means).any() and np.nan_to_num(self.means).any() else 1.0
        )

    def claimed(self) -> list[Entry]:
        """Classes of which something may be said: all if nothing could be tested, else those with a range."""
        told = [entry for entry in self.view["classes"] if entry["strongest"] and entry["band"]]
        return [entry for entry in told if entry["ranges"] or not self.found["tested"]]

    def strongest(self) -> set[tuple[int, int, int]]:
        """Index of class, band and channel of the strongest channels of each such class."""
        found = self.found
        return {
            (found["classes"].index(entry["class"]), self.bands.index(entry["band"]), found["channels"].index(one["channel"]))
            for entry in self.claimed()
            for one in leading(entry)
        }

    def planted(self, *, site: bool = False) -> set[tuple[int, int, int]]:
        """Index of class, band and channel of what the simulation put in, in the band of its peak: all of it, or its site."""
        found = self.found
        return {
            (found["classes"].index(label), band, found["channels"].index(channel))
            for label, row in planted(found).items()
            for band, (low, high) in enumerate(self.edges)
            for channel in ([row["site"]] if site else row["channels"])
            if low <= row["peak"] < high and channel in found["channels"]
        }

    @property
    def larger_elsewhere(self) -> bool:
        """Whether an effect outside all ranges of its class is larger than the weakest of the strongest channels."""
        inside = [[_meets(entry, edges) for edges in self.edges] for entry in self.view["classes"]]  # (class, band)
        outside = np.where(np.array(inside)[..., None], 0, np.abs(np.nan_to_num(self.means)))
        marked = [self.means[place] for place in self.strongest()]
        return bool(marked) and float(outside.max()) > min(marked)

    @property
    def unit(self) -> "Unit":
        """What effects are told in: a power of ten where they are small."""
        return Unit.of(self.limit)

    def name_unit(self, bar: Colorbar, points: float) -> None:
        """Ticks and label of the bar that says what colours mean."""
        unit = self.unit
        bar.locator = MaxNLocator(5)
        bar.formatter = FuncFormatter(lambda value, _: f"{value / unit.size:.3g}".replace("-", MINUS))
        bar.update_ticks()
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=points, length=2)
        bar.set_label(f"against  ←  effect in {unit.text}{self.view['quantity']}  →  for the class", fontsize=points)

    def muscular(self, band: int, channel: int) -> bool:
        """Whether it may be muscle."""
        return muscular(self.found["channels"][channel], self.edges[band])

    def any_muscle(self) -> bool:
        """Whether any of it may be."""
        return any(self.muscular(b, c) for b in range(len(self.bands)) for c in range(len(self.found["channels"])))


def leading(entry: Entry) -> list[Mapping[str, Any]]:
    """Of the five strongest channels of a class those that are at least half as strong as the first."""
    return [one for one in entry["strongest"] if one["effect"] >= entry["strongest"][0]["effect"] / 2]


def title(maps: Maps | None, sites: int) -> str:
    """Where each class is read, with so many of its strongest channels."""
    if maps is None:
        return NOT_TOLD
    claimed = maps.claimed()
    if not claimed:
        return f"By {called(maps.view)} no frequency range is beyond chance, so that no channel stands out"
    tested, by = maps.found["tested"], called(maps.view)
    if len(claimed) == 1:
        (entry,) = claimed
        why = "its strongest range" if tested else "where its effect is largest"
        where = f"in {entry['band']}, {why}, {noun(entry['class'])} is read most from {_place(maps, entry, sites, band=False)}"
        return sentence(f"by {by}, {where}") + ("" if tested else ", not tested")
    told = [f"{noun(entry['class'])} is read most from {_place(maps, entry, sites)}" for entry in claimed]
    told = [told[0], *(one.replace(" is read most from ", " from ") for one in told[1:])]
    if len(told) > _CLAIMS:
        told = [*told[: _CLAIMS - 1], f"{len(told) - _CLAIMS + 1} more classes from elsewhere"]
    why = "in the band of its strongest range" if tested else "in the band of its largest effect"
    return sentence(f"by {by}, each {why}, {listing(told)}") + ("" if tested else ", not tested")


def _place(maps: Maps, entry: Entry, sites: int, *, band: bool = True) -> str:
    """`T8 (gamma, maybe muscle)`."""
    names = [one["channel"] for one in leading(entry)[:sites]]
    doubt = any(muscular(one, maps.found["bands"][entry["band"]]) for one in names)
    notes = [*([entry["band"]] if band else []), *(["maybe muscle"] if doubt else [])]
    return listing(names) + (f" ({', '.join(notes)})" if notes else "")


def caption(maps: Maps, facts: Mapping[str, Any]) -> Iterator[str]:
    """What is shown of whose trials, and what is not tested."""
    view = maps.view
    yield f"Effect of each channel and band on what the network says of {about(maps.found, facts['title'])},"
    yield f"by {called(view)} ({MEANINGS[view['view']]}), in {view['quantity']}: mean over {maps.found['unit']}s."
    if not maps.found["tested"]:
        yield f"Nothing is tested: {few(maps.found)}."
    else:
        yield "Ranges of frequencies are tested, channels are not: the strongest are named and no more is claimed."
        without = [entry["class"] for entry in view["classes"] if not entry["ranges"]]
        if maps.larger_elsewhere:
            yield "Larger effects in other bands are in no range beyond chance."
        if without:
            yield f"No range of this view speaks for {listing([noun(label) for label in without])}."
    if maps.any_muscle():
        yield MUSCLES


def alt(maps: Maps) -> str:
    """The strongest channels of each class, with their effects."""
    return "; ".join(_told(maps, entry) for entry in maps.view["classes"])


def _told(maps: Maps, entry: Entry) -> str:
    if not entry["strongest"]:
        return f"{entry['class']} nowhere"
    unit = maps.unit
    each = ", ".join(f"{one['channel']} {plain(one['effect'] / unit.size)}{unit.times}" for one in entry["strongest"])
    doubt = "" if entry in maps.claimed() else ", no range beyond chance"
    return f"{entry['class']} in {entry['band']}: {each}{doubt}"


def table(maps: Maps | None) -> list[list[object]]:
    """Every class, band and channel."""
    header: list[object] = [
        "view",
        "class",
        "band",
        "channel",
        "mean effect",
        "may be muscle",
        "among the strongest",
        "planted",
    ]
    if maps is None:
        return [header, ["", "", "", "", None, "", "", ""]]
    found, strongest, put_in = maps.found, maps.strongest(), maps.planted()
    return [
        header,
        *(
            [
                *(called(maps.view), label, band, channel, float(maps.means[i, j, k])),
                *(maps.muscular(j, k), (i, j, k) in strongest, (i, j, k) in put_in),
            ]
            for i, label in enumerate(found["classes"])
            for j, band in enumerate(maps.bands)
            for k, channel in enumerate(found["channels"])
        ),
    ]
