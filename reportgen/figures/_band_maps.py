"""What the two figures of channels and bands share: which view they show, its means, and what may be said of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.figures._bands import muscular
from reportgen.figures._frequencies import MEANINGS, MUSCLES, Entry, Found, View, about, called, defined, few, planted
from reportgen.figures._words import noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

ORDER = ("gradient", "stop", "swap", "passes")
"""Views in the order in which they are preferred."""
NOT_TOLD = "No view tells channels apart"
STRONGEST = "the strongest channels of a class in its band: up to five, at least half as strong as the first"
_CLAIMS = 3  # classes that a title names


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
    told = [f"{noun(entry['class'])} most from {_place(maps, entry, sites)}" for entry in claimed]
    if len(told) > _CLAIMS:
        told = [*told[: _CLAIMS - 1], f"{len(told) - _CLAIMS + 1} more classes from elsewhere"]
    head, _, rest = told[0].partition(" most from ")
    first = f"by {called(maps.view)}, {head} is read most from {rest}"
    return sentence(listing([first, *told[1:]])) + ("" if maps.found["tested"] else ", not tested")


def _place(maps: Maps, entry: Entry, sites: int) -> str:
    """`T8 in gamma, maybe muscle`."""
    names = [one["channel"] for one in leading(entry)[:sites]]
    doubt = any(muscular(one, maps.found["bands"][entry["band"]]) for one in names)
    return f"{listing(names)} in {entry['band']}{' (maybe muscle)' if doubt else ''}"


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
    each = ", ".join(f"{one['channel']} {fixed(one['effect'], 2)}" for one in entry["strongest"])
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
