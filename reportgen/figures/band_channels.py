"""How much each channel speaks for each class, band by band."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Annotated, Any, Literal

import numpy as np
from annotated_doc import Doc
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure as Picture
from matplotlib.patches import Rectangle

from reportgen.core import Figure
from reportgen.figures import _band_maps as shared
from reportgen.figures._band_maps import Maps
from reportgen.figures._bands import DIVERGING
from reportgen.figures._frequencies import letters
from reportgen.figures._style import INK, SMALL, TALLEST, Width, fit, key, legend_below, new_figure, nothing
from reportgen.outputs import Inputs
from reportgen.words import count

EACH = "experiment"
NEEDS = ("facts", "band_views", "band_effect")

MOST = 72  # channels in one figure
COLUMN = 24  # from as many on they stand in two columns, if there are few classes
WIDE = 4  # classes up to which there is room for two columns
FEW = 5  # bands up to which few channels need no wide figure
ROW = 0.155  # inches
POINTS = 8.5
MUSCLE = "#9A9A9A"


def draw(
    inputs: Inputs,
    *,
    view: Annotated[
        Literal["gradient", "stop", "swap", "passes"],
        Doc("the view to draw; if it does not tell channels apart, the first of these that does"),
    ] = "gradient",
) -> Figure:
    """Draw a cell for each class, band and channel, channels in the order of the data set."""
    maps = Maps.of(inputs, view)
    if maps is None:
        return Figure(
            title=shared.NOT_TOLD,
            caption="The views that are defined for this network say nothing of single channels.",
            alt="There is no matrix to see: effects are not known by channel.",
            picture=nothing("No view tells channels apart."),
            data=shared.table(None),
            width="narrow",
        )
    shown = _shown(maps)
    few = len(shown) < COLUMN and len(maps.found["classes"]) <= WIDE and len(maps.bands) <= FEW
    width: Width = "narrow" if few else "column"
    return Figure(
        title=shared.title(maps, 1),
        caption=_caption(maps, inputs.one("facts"), len(shown)),
        alt=f"Matrix of channels and bands, one a class. Strongest channels: {shared.alt(maps)}.",
        picture=_picture(maps, shown, width),
        data=shared.table(maps),
        width=width,
    )


def _shown(maps: Maps) -> list[int]:
    """Indices of channels: all, or of very many those with the largest effects."""
    largest = np.abs(np.nan_to_num(maps.means)).max(axis=(0, 1))
    return sorted(np.argsort(-largest, kind="stable")[:MOST].tolist())


def _picture(maps: Maps, shown: Sequence[int], width: Width) -> Picture:
    classes = maps.found["classes"]
    blocks = 2 if len(shown) >= COLUMN and len(classes) <= WIDE else 1
    rows = ceil(len(shown) / blocks)
    picture = new_figure(width, 1.6 + ROW * max(rows, 3))
    axes = picture.subplots(1, blocks * len(classes), squeeze=False)[0]
    picture.set_layout_engine("constrained", wspace=0.01, w_pad=0.02)
    scale = Normalize(-maps.limit, maps.limit)
    for i, ax in enumerate(axes):
        block, label = divmod(i, len(classes))
        _cells(ax, maps, label, shown[block * rows : (block + 1) * rows], scale, rows)
        room = {"column": 5.2, "narrow": 3.9}[width] / len(axes)
        ax.set_title(fit(classes[label], room, POINTS), fontsize=POINTS, loc="center", pad=14)
        _name_bands(ax, maps, room)
        if label == 0:
            size = POINTS if (TALLEST - 1.6) / rows > ROW * 0.9 or rows * ROW + 1.6 <= TALLEST else SMALL
            own = shown[block * rows : (block + 1) * rows]
            ax.set_yticks(np.arange(len(own)) + 0.5, [fit(maps.found["channels"][c], 0.62, size) for c in own], fontsize=size)
    how: dict[str, Any] = {"orientation": "horizontal", "fraction": 0.04, "aspect": 50, "pad": 0.01}
    bar = picture.colorbar(ScalarMappable(scale, DIVERGING), ax=axes, **how)
    maps.name_unit(bar, POINTS)
    if entries := _legend(maps):
        legend_below(picture, entries)
    return picture


def _cells(ax: Axes, maps: Maps, label: int, channels: Sequence[int], scale: Normalize, rows: int) -> None:
    """The cells of a class, first channel on top."""
    values = np.ma.masked_invalid(maps.means[label][:, channels].T)  # (channel, band)
    ax.pcolormesh(values, cmap=DIVERGING, norm=scale, edgecolor="#EDEDED", linewidth=0.3)
    strongest, put_in = maps.strongest(), maps.planted()
    for row, channel in enumerate(channels):
        for band in range(len(maps.bands)):
            place = (label, band, channel)
            if maps.muscular(band, channel):
                ax.add_patch(Rectangle((band, row), 1, 1, fill=False, hatch="/////", edgecolor=MUSCLE, linewidth=0))
            if place in put_in:
                ax.add_patch(Rectangle((band + 0.08, row + 0.08), 0.84, 0.84, fill=False, edgecolor=INK, linewidth=0.8))
            if place in strongest:
                dark = abs(scale(np.nan_to_num(values[row, band])) - 0.5) > 0.3
                ax.plot(band + 0.5, row + 0.5, "o", color="white" if dark else INK, markersize=3, markeredgewidth=0)
    ax.set(xlim=(0, len(maps.bands)), ylim=(rows, 0), xticks=[], yticks=[])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _name_bands(ax: Axes, maps: Maps, room: float) -> None:
    """Above the columns: their names or, where they are too long, Greek letters."""
    names = letters(maps.bands, room / len(maps.bands), SMALL)
    ax.set_xticks(np.arange(len(names)) + 0.5, names)
    ax.tick_params(axis="x", labeltop=True, labelbottom=False, labelsize=POINTS if max(map(len, names)) == 1 else SMALL, pad=1)


def _legend(maps: Maps) -> list[Any]:
    """What marks mean, as far as there are some."""
    hatched = Rectangle((0, 0), 1, 1, hatch="/////", facecolor="white", edgecolor=MUSCLE, linewidth=0, label="may be muscle")
    framed = Rectangle((0, 0), 1, 1, facecolor="white", edgecolor=INK, linewidth=0.8, label="planted")
    entries = [key("o", "strongest of a class", markersize=3)] if maps.strongest() else []
    return [*entries, *([hatched] if maps.any_muscle() else []), *([framed] if maps.planted() else [])]


def _caption(maps: Maps, facts: Mapping[str, Any], shown: int) -> str:
    parts = list(shared.caption(maps, facts))
    if shown < (of := len(maps.found["channels"])):
        parts.insert(2, f"Shown are the {shown} of {count(of)} channels with the largest effects.")
    if maps.strongest():
        parts.append(f"Dots: {shared.STRONGEST}.")
    if maps.planted():
        parts.append("Frames: the channels of the planted source, in the band of its peak.")
    return " ".join(parts)
