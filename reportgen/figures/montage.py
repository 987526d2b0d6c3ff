"""Where the electrodes sit on the head, and which of them lie over strong muscles."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._scalp import electrodes, flat
from reportgen.figures._style import key, legend_below, new_figure, nothing
from reportgen.figures._words import counted
from reportgen.montage import TEMPORAL
from reportgen.outputs import Inputs
from reportgen.words import listing, percent

EACH = "dataset"
NEEDS = ("facts", "stretches")

RADIUS = 0.157  # m along the scalp from the vertex to the outline of the head
NEAR = 0.04  # m
RING: Mapping[str, Any] = {
    "markersize": 7.5,
    "markerfacecolor": "none",
    "markeredgecolor": "#D98600",
    "markeredgewidth": 0.9,
}


def draw(inputs: Inputs) -> Figure:
    """Draw the head from above with its electrodes."""
    facts = inputs.one("facts")
    places: Mapping[str, Sequence[float]] = facts["positions"] or {}
    known = [channel for channel in facts["channels"] if channel in places]
    if not known:
        return _unknown(facts)
    unknown = [channel for channel in facts["channels"] if channel not in places]
    temporal = [channel for channel in known if _temporal(channel)]
    points = flat([places[channel] for channel in known])  # (channel, 2) head radii
    near = _covered(points)
    picture = new_figure("narrow", 4.6 if len(known) > 8 else 3.4)
    ax = picture.subplots()
    _mark(ax, points[[channel in temporal for channel in known]])
    electrodes(ax, places, known)
    if temporal:
        legend_below(picture, [key("o", "over muscles of the jaw and temple", **RING)])
    return Figure(
        title=f"{counted(len(known), 'electrode')}: {percent(near)} of the head lies within 4 cm of one",
        caption=_caption(facts, temporal, unknown),
        alt=f"Head seen from above with {counted(len(known), 'electrode')}: {listing(known)}."
        + (f" Marked: {listing(temporal)}." if temporal else ""),
        picture=picture,
        data=[
            ["channel", "x in m", "y in m", "z in m", "over muscles"],
            *([channel, *places.get(channel, (None,) * 3), channel in temporal] for channel in facts["channels"]),
        ],
        width="narrow",
    )


def _temporal(channel: str) -> bool:
    """Whether a channel lies over muscles, whatever its name has around that of the site: "EEG T7-REF", "T7.."."""
    return not TEMPORAL.isdisjoint(re.split(r"[^A-Z0-9]+", channel.upper()))


def _mark(ax: Axes, points: np.ndarray) -> None:
    """A light ring around electrodes (electrode, 2)."""
    ax.plot(*points.T, "o", **RING, zorder=2.8)


def _covered(points: np.ndarray) -> float:
    """Share of the disc of the head that lies within `NEAR` of an electrode (electrode, 2)."""
    x, y = np.meshgrid(*[np.linspace(-1, 1, 81)] * 2)
    disc = np.stack([x, y], axis=-1)[np.hypot(x, y) <= 1]  # (point, 2)
    distance = np.linalg.norm(disc[:, None] - points, axis=-1).min(axis=1)
    return float((distance * RADIUS <= NEAR).mean())


def _caption(facts: Mapping[str, Any], temporal: Sequence[str], unknown: Sequence[str]) -> str:
    told = f"Electrodes of {facts['title']} on a standard head seen from above, nose up; distances are along the scalp."
    if temporal:
        told += " Rings mark sites over the muscles of jaw and temple: above 20 Hz they record these more than the brain."
    if unknown:
        told += f" Not drawn, as their place is not known: {listing(unknown)}."
    return told


def _unknown(facts: Mapping[str, Any]) -> Figure:
    return Figure(
        title="Where the electrodes sat is not known",
        caption=f"The names of the channels of {facts['title']} are not those of the 10-05 system, so there is no map.",
        alt=f"No map. Channels: {listing(facts['channels'])}.",
        picture=nothing("The places of the electrodes are not known."),
        data=[["channel"], *([channel] for channel in facts["channels"])],
        width="narrow",
    )
