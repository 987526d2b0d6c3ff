"""How far the power of each channel and band separates the classes."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure as Picture
from matplotlib.patches import Rectangle

from reportgen.core import Figure
from reportgen.figures._bands import CLEAR, DESCRIBED, by_lot, hertz, muscular, numbers, told_p, without_mains
from reportgen.figures._style import INK, TALLEST, Width, fit, key, legend_below, new_figure, paper_cividis
from reportgen.outputs import Inputs
from reportgen.words import count, fixed, listing

EACH = "experiment"
NEEDS = ("facts", "separation")

MOST = 72  # channels in one figure
COLUMN = 24  # from as many on they stand in two columns
POINTS = 9.0  # of labels: they stay readable on a phone
SHARE = "η² is the share of the variance between trials that lies between classes"
Separation = Mapping[str, Any]
Place = tuple[int, int]
"""Index of channel and of band."""


def draw(inputs: Inputs) -> Figure:
    """Draw a cell for each channel and band, channels in the order of the data set."""
    facts, separation = (inputs.one(kind) for kind in NEEDS)
    eta2 = numbers(separation["eta2"])
    shown = _shown(eta2)
    width: Width = "column" if len(shown) >= COLUMN else "narrow"
    return Figure(
        title=_title(separation),
        caption=_caption(facts, separation, len(shown)),
        alt=_alt(separation),
        picture=_picture(separation, shown, width),
        data=_table(separation),
        width=width,
    )


def _shown(eta2: np.ndarray) -> list[int]:
    """Indices of channels: all, or of very many those that separate the classes best."""
    best = np.argsort(-np.nan_to_num(eta2).max(axis=1), kind="stable")[:MOST]
    return sorted(best.tolist())


def _clear(separation: Separation) -> list[Place]:
    """Where the classes differ clearly, most first."""
    eta2, p = numbers(separation["eta2"]), numbers(separation["p"])
    return sorted(((int(c), int(b)) for c, b in np.argwhere(p < CLEAR)), key=lambda place: -eta2[place])


def _is_muscle(separation: Separation, place: Place) -> bool:
    return muscular(separation["channels"][place[0]], separation["edges"][place[1]])


def _picture(separation: Separation, shown: Sequence[int], width: Width) -> Picture:
    columns = min(2, ceil(len(shown) / COLUMN))
    rows = ceil(len(shown) / columns)
    picture = new_figure(width, min(1.4 + 0.165 * rows, TALLEST))
    axes = picture.subplots(1, columns, squeeze=False)[0]
    scale = Normalize(0, max(float(np.nan_to_num(numbers(separation["eta2"])).max()), 0.01))
    for i, ax in enumerate(axes):
        own = shown[i * rows : (i + 1) * rows]
        _block(ax, separation, own, scale, rows)
    bar = picture.colorbar(
        ScalarMappable(scale, paper_cividis()), ax=axes, orientation="horizontal", fraction=0.05, aspect=50, pad=0.01
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=POINTS, length=2)
    bar.set_label("η²: share of variance between classes", fontsize=POINTS)
    if entries := _legend(separation, shown):
        legend_below(picture, entries)
    return picture


def _block(ax: Axes, separation: Separation, channels: Sequence[int], scale: Normalize, rows: int) -> None:
    """One column of channels, first one on top."""
    bands, eta2, p = separation["bands"], numbers(separation["eta2"]), numbers(separation["p"])
    ax.pcolormesh(np.ma.masked_invalid(eta2[channels]), cmap=paper_cividis(), norm=scale, edgecolor="white", linewidth=0.5)
    for row, channel in enumerate(channels):
        for band in range(len(bands)):
            dark = scale(np.nan_to_num(eta2[channel, band])) > 0.6
            if muscular(separation["channels"][channel], separation["edges"][band]):
                ax.add_patch(Rectangle((band, row), 1, 1, fill=False, hatch="/////", edgecolor="#B5B5B5", linewidth=0))
            if p[channel, band] < CLEAR:
                ax.plot(band + 0.5, row + 0.5, "o", color="white" if dark else INK, markersize=3, markeredgewidth=0)
    ax.set_yticks(np.arange(len(channels)) + 0.5, [fit(separation["channels"][i], 0.7, POINTS) for i in channels])
    ax.set_xticks(np.arange(len(bands)) + 0.5, [fit(band, 0.55, POINTS) for band in bands])
    ax.tick_params(length=0, labelsize=POINTS, labeltop=True, labelbottom=False)
    ax.set(xlim=(0, len(bands)), ylim=(rows, 0))
    ax.spines[:].set_visible(False)


def _legend(separation: Separation, shown: Sequence[int]) -> list[Any]:
    bands = range(len(separation["bands"]))
    marked = any(_is_muscle(separation, (channel, band)) for channel in shown for band in bands)
    hatched = Rectangle((0, 0), 1, 1, hatch="/////", facecolor="white", edgecolor="#B5B5B5", linewidth=0, label="may be muscle")
    clear = [key("o", f"clear, p < {CLEAR:g}", markersize=3)] if _clear(separation) else []
    return [*clear, *([hatched] if marked else [])]


def _title(separation: Separation) -> str:
    if not separation["tested"]:
        eta2 = np.nan_to_num(numbers(separation["eta2"]))
        channel, band = divmod(int(eta2.argmax()), eta2.shape[1])
        most = f"{separation['bands'][band].capitalize()} at {separation['channels'][channel]}"
        doubt = ", maybe as muscle" if _is_muscle(separation, (channel, band)) else ""
        return f"{most} separates the classes most{doubt}, not tested (η² = {fixed(float(eta2.max()), 2)})"
    clear = _clear(separation)
    if not clear:
        return "No channel and band separates the classes more than labels by lot would"
    brain = [place for place in clear if not _is_muscle(separation, place)]
    if not brain:
        return f"Only temporal {separation['bands'][clear[0][1]]} separates the classes, which may be of muscles"
    best = brain[0]
    told = f"{separation['bands'][best[1]].capitalize()} at {separation['channels'][best[0]]} separates the classes most"
    if best != clear[0]:
        told += ", but for temporal sites that may be of muscles"
    return f"{told} (η² = {fixed(separation['eta2'][best[0]][best[1]], 2)})"


def _caption(facts: Mapping[str, Any], separation: Separation, shown: int) -> str:
    cells, blocks = numbers(separation["eta2"]).size, separation["blocks"]
    clear = _clear(separation)
    power = "power of each channel and band" if separation["measure"] == "dB" else "given features of each channel and band"
    within = "" if blocks == "data set" else f", after each {blocks}'s mean is taken away"
    parts = [f"How far the {power} separates the classes of {facts['title']}, trial by trial{within}: {SHARE}."]
    if shown < len(separation["channels"]):
        parts.append(f"Shown are the {shown} of {count(len(separation['channels']))} channels that separate them most.")
    parts.append(f"{count(len(clear))} of {count(cells)} do so clearly." if separation["tested"] else "")
    parts += [without_mains(separation), by_lot(separation, "all channels and bands")]
    edges = [hertz(own) for own in separation["edges"] if muscular("T7", own)]
    if edges and any(muscular(channel, own) for channel in separation["channels"] for own in separation["edges"]):
        parts.append(f"At hatched temporal sites {listing(edges)} hold more of muscles than of the brain.")
    return " ".join([*filter(None, parts), DESCRIBED])


def _alt(separation: Separation) -> str:
    eta2, p = numbers(separation["eta2"]), numbers(separation["p"])
    order = np.argsort(-np.nan_to_num(eta2), axis=None, kind="stable")[:6]
    best = [(int(c), int(b)) for c, b in zip(*np.unravel_index(order, eta2.shape), strict=True) if np.isfinite(eta2[c, b])]
    each = [
        f"{separation['channels'][c]} {separation['bands'][b]} {fixed(float(eta2[c, b]), 2)} ({told_p(float(p[c, b]))})"
        for c, b in best
    ]
    return (
        f"Matrix of channels and bands. Highest η²: {'; '.join(each)}."
        if each
        else "Matrix of channels and bands without values."
    )


def _table(separation: Separation) -> list[list[object]]:
    return [
        ["channel", "band", "eta squared", "p corrected", "class with most", "may be muscle"],
        *(
            [
                *(channel, band, separation["eta2"][i][j], separation["p"][i][j]),
                *(separation["classes"][separation["largest"][i][j]], _is_muscle(separation, (i, j))),
            ]
            for i, channel in enumerate(separation["channels"])
            for j, band in enumerate(separation["bands"])
        ),
    ]
