"""Where on the head each band speaks for each class, by one view of the network."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from annotated_doc import Doc
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.transforms import offset_copy

from reportgen.core import Figure
from reportgen.figures import _band_maps as shared
from reportgen.figures._band_maps import Maps
from reportgen.figures._bands import DIVERGING
from reportgen.figures._frequencies import headings
from reportgen.figures._scalp import FEWEST, flat, scalp_map
from reportgen.figures._style import INK, TALLEST, Look, fit, looks, new_figure, nothing
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "experiment"
NEEDS = ("facts", "band_views", "band_effect")

INCHES = 5.3  # of all heads of a row
POINTS = 9.5  # of labels: they stay readable on a phone
TOLD = 3  # channels of a class that the title names
UNKNOWN = "The places of the electrodes are not known."


def draw(
    inputs: Inputs,
    *,
    view: Annotated[
        Literal["gradient", "stop", "swap", "passes"],
        Doc("the view to draw; if it does not tell channels apart, the first of these that does"),
    ] = "gradient",
) -> Figure:
    """Draw a head for each class and band, all in one scale."""
    facts, maps = inputs.one("facts"), Maps.of(inputs, view)
    known = [channel for channel in inputs.one("band_views")["channels"] if channel in (facts["positions"] or {})]
    drawn = maps is not None and bool(known)
    if maps is None:
        picture, caption, alt = (
            nothing(f"{shared.NOT_TOLD}."),
            "There are no effects of single channels to map.",
            "No heads are drawn.",
        )
    else:
        picture = _heads(maps, facts["positions"]) if known else nothing(UNKNOWN)
        caption = _caption(maps, facts, known)
        alt = f"{'Heads, one a class and band' if known else 'No heads'}. Strongest channels: {shared.alt(maps)}."
    return Figure(
        title=shared.title(maps, TOLD),
        caption=caption,
        alt=alt,
        picture=picture,
        data=shared.table(maps),
        dense=drawn,
        width="column" if drawn else "narrow",
    )


def _heads(maps: Maps, positions: Mapping[str, Sequence[float]]) -> Picture:
    classes, channels = maps.found["classes"], maps.found["channels"]
    picture = new_figure("column", min(0.9 + min(1.1, 6 / len(maps.bands)) * len(classes), TALLEST))
    axes = picture.subplots(len(classes), len(maps.bands), squeeze=False)
    rings, squares = maps.strongest(), maps.planted(site=True)
    for row, (name, look) in enumerate(zip(classes, looks(classes), strict=True)):
        for column, ax in enumerate(axes[row]):
            values = maps.means[row, column]
            colours = scalp_map(ax, values, positions, channels, (-maps.limit, maps.limit), DIVERGING)
            for places, mark in ((squares, {"marker": "s", "markersize": 8.5}), (rings, {"marker": "o", "markersize": 3.4})):
                own = [channels[c] for i, band, c in sorted(places) if (i, band) == (row, column)]
                _mark(ax, [positions[channel] for channel in own if channel in positions], mark)
        _name(axes[row, 0], name, look)
    names, points = headings(maps.found["bands"], INCHES / len(maps.bands), POINTS)
    for ax, text in zip(axes[0], names, strict=True):
        ax.set_title(text, fontsize=points, loc="center")
    bar = picture.colorbar(colours, ax=axes, orientation="horizontal", fraction=0.05, aspect=60, pad=0.02)
    maps.name_unit(bar, POINTS)
    return picture


def _name(ax: Axes, name: str, look: Look) -> None:
    """The class left of its row."""
    where = offset_copy(ax.transAxes, ax.get_figure(root=True), x=-8, units="points")
    ax.plot(0, 0.5, look.marker, color=look.colour, transform=where, clip_on=False)
    how: dict[str, Any] = {"ha": "right", "va": "center", "fontsize": POINTS}
    ax.annotate(fit(name, 1.15, POINTS), (0, 0.5), (-15, 0), "axes fraction", "offset points", **how)


def _mark(ax: Axes, places: Sequence[Sequence[float]], how: Mapping[str, Any]) -> None:
    """White rings at the strongest electrodes; empty squares around the planted ones."""
    points = flat(places)
    fill = "white" if how["marker"] == "o" else "none"
    ax.plot(*points.T, linestyle="none", color=INK, markerfacecolor=fill, markeredgewidth=0.8, zorder=4, **how)


def _caption(maps: Maps, facts: Mapping[str, Any], known: Sequence[str]) -> str:
    parts = list(shared.caption(maps, facts))
    if not known:
        return " ".join([*parts, UNKNOWN])
    parts.append("Heads are seen from above, nose up, below bands with their frequencies in Hz; all share one scale.")
    parts.append(
        "Electrodes below the outline lie beside the map."
        if len(known) >= FEWEST
        else "There are too few electrodes for a map between them."
    )
    if maps.strongest():
        parts.append(f"White rings: {shared.STRONGEST}.")
    if maps.planted(site=True):
        parts.append("Square: where the simulation has planted the class.")
    if unknown := [channel for channel in maps.found["channels"] if channel not in known]:
        parts.append(f"Not drawn, as their place is not known: {listing(unknown)}.")
    return " ".join(parts)
