"""How frequency bands, and what separates classes in them, are drawn and told: the same in every figure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Picture

from reportgen.figures._style import QUIET, SMALL, fit, key, looks
from reportgen.montage import TEMPORAL
from reportgen.words import count, listing, p_value

CLEAR = 0.05
"""p-values below it are called clear."""
DIVERGING = LinearSegmentedColormap.from_list("blue_white_red", ["#053061", "#2F79B5", "#FFFFFF", "#C7453F", "#67001F"])
DESCRIBED = "All trials are looked at, whatever the split: this describes the data and chooses nothing."
_MUSCLE = 20.0  # Hz: bands that begin above it hold what muscles near temporal electrodes make
_STRIPES = ("#F3F3F3", "#FFFFFF")


def shade(ax: Axes, bands: Sequence[str], edges: Sequence[Sequence[float]], *, names: bool = True) -> None:
    """Light stripes behind a spectrum, with ticks where the bands meet; frequency is on a logarithmic x."""
    ax.set_xscale("log")
    for i, (band, (low, high)) in enumerate(zip(bands, edges, strict=True)):
        ax.axvspan(low, high, color=_STRIPES[i % 2], linewidth=0, zorder=0)
        if names:
            at = ax.get_xaxis_transform()  # y counts heights of the chart
            ax.text((low * high) ** 0.5, 1.02, band, transform=at, ha="center", va="bottom", fontsize=SMALL, color=QUIET)
    ends = sorted({edge for pair in edges for edge in pair})
    ax.set_xticks(ends, [f"{edge:g}" for edge in ends])
    ax.xaxis.minorticks_off()
    ax.set_xlim(ends[0], ends[-1])


def legend_of_classes(picture: Picture, classes: Sequence[str], line: str = "none") -> None:
    """Colour and marker of each class below the picture, in as many lines as they need."""
    names = [fit(name, 1.2, SMALL + 0.5) for name in classes]
    entries = [
        key(look.marker, name, color=look.colour, linestyle=line) for name, look in zip(names, looks(classes), strict=True)
    ]
    columns = max(1, min(len(names), int(70 / (4 + max(map(len, names))))))
    how: dict[str, Any] = {"columnspacing": 1.6, "handletextpad": 0.5, "handlelength": 1.4, "borderaxespad": 0.2}
    picture.legend(handles=entries, loc="outside lower center", ncols=columns, **how)


def hertz(edges: Sequence[float]) -> str:
    """The width of a band: `14–31 Hz`."""
    return f"{edges[0]:g}–{edges[1]:g} Hz"


def numbers(values: Any) -> np.ndarray:
    """Nested lists in which null is NaN."""
    return np.array(values, float)


def by_lot(separation: Mapping[str, Any], corrected: str) -> str:
    """Where the p-values of `separation` are from and what they assume, or why there are none, for captions."""
    whose = " and ".join(_exchanged(what, separation["items"]) for what in separation["exchanged"])
    if not separation["tested"]:
        ways = f"the labels {whose} can be exchanged in too few ways" if whose else "there are no labels to exchange"
        return f"Nothing is tested: {ways} for any p below {CLEAR:g}."
    things = listing([f"{what}s" for what in separation["exchanged"]])
    return (
        f"p-values compare with {count(separation['permutations'])} exchanges of the labels {whose}, corrected for {corrected}."
        f" They assume that {things} could be exchanged: slow drifts are not covered."
    )


def _exchanged(what: str, items: int) -> str:
    within = {"trial": " within each recording", "recording": " of one class within each subject", "subject": " of one class"}
    return f"of the {count(items)} clips" if what == "clip" else f"of {what}s{within.get(what, '')}"


def without_mains(separation: Mapping[str, Any]) -> str:
    """What bands leave out, for captions."""
    end = max(high for _, high in separation["edges"])
    ranges = listing([hertz((low, min(high, end))) for low, high in separation["mains"]])
    return f"Bands leave out {ranges}, where mains hum." if ranges else ""


def muscular(channel: str, edges: Sequence[float]) -> bool:
    """Whether what a channel records in a band may be of muscles."""
    return edges[0] >= _MUSCLE and not TEMPORAL.isdisjoint(re.split(r"[^A-Z0-9]+", channel.upper()))


def told_p(p: float | None) -> str:
    """`p = 0.012`, `p < 0.001`, or `not tested` of None and NaN."""
    if p is None or np.isnan(p):
        return "not tested"
    text = p_value(p)
    return f"p {text}" if text.startswith("<") else f"p = {text}"
