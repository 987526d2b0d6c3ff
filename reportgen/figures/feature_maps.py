"""What the hidden layers see: mean maps of the units that tell the classes apart best, layer by layer."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Interval
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._canvas import canvas
from reportgen.figures._style import QUIET, SMALL, TALLEST, WIDTHS, fit, label_width
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "experiment"
NEEDS = ("facts", "feature_maps", "feature_units")
SHOWS = ("features",)  # of recordings: what the axes of a map are

STRIP, FLATTEST, STEEPEST = 0.25, 0.6, 1.6  # height of a map of recordings as a share of its width
WIDEST = 0.66  # inches of such a map
GAP, HEADING, BETWEEN, LARGEST = 0.02, 0.42, 0.16, 0.3  # inches


def draw(
    inputs: Inputs,
    *,
    units: Annotated[int, Interval(ge=1, le=16), Doc("units shown of each layer, most selective first")] = 8,
    layers: Annotated[int, Interval(ge=1, le=12), Doc("layers shown at most, spread evenly over the depth")] = 6,
) -> Figure:
    """Draw one block a layer: a row a class, a column a unit."""
    which = inputs.about("feature_maps")[0]
    maps, told = inputs.one("feature_maps", **which), inputs.one("feature_units", **which)
    axes = tuple(inputs.one("features")["axes"][1:]) if "features" in inputs else ()
    if axes == ("frequency", "channel"):  # frequency to the right, as everywhere
        maps = {name: values.swapaxes(-1, -2) for name, values in maps.items()}
    classes, names = inputs.one("facts")["classes"], _spread_over(list(told), layers)
    picture = _sheet({name: maps[name][:, :units] for name in names}, told, classes, recorded=bool(axes))
    return Figure(
        title=_title(told),
        caption=_caption(names, told, units, axes),
        alt=_alt(names, told),
        picture=picture,
        data=[
            ["layer", "unit", "class selectivity"],
            *(
                [name, unit, f"{s:.4f}"]
                for name in told
                for unit, s in zip(told[name]["units"], told[name]["selectivity"], strict=True)
            ),
        ],
        dense=True,
    )


def _sheet(maps: Mapping[str, np.ndarray], told: Mapping[str, Any], classes: list[str], *, recorded: bool) -> Picture:
    """All blocks, up to three side by side; those of recordings, whose maps are larger, below each other if they are few."""
    down = len(maps) if recorded and len(maps) <= 3 else -(-len(maps) // 3)
    across = -(-len(maps) // down)
    left = label_width(classes, SMALL)
    block = (WIDTHS["column"] - left - BETWEEN * (across - 1)) / across
    units = max(values.shape[1] for values in maps.values())
    ratios = [_ratio(values) if recorded else 1.0 for values in maps.values()]
    lines = [max(ratios[i : i + across]) for i in range(0, len(ratios), across)]  # of each line of blocks its tallest maps
    free = TALLEST + BETWEEN - down * (HEADING + BETWEEN)
    step = min(block / units, WIDEST if recorded else LARGEST, free / (len(classes) * sum(lines)))
    tops = np.cumsum([0, *(HEADING + step * ratio * len(classes) + BETWEEN for ratio in lines)])
    picture, ax = canvas("column", tops[-1] - BETWEEN)
    for i, (name, values) in enumerate(maps.items()):
        column, row = i % across, i // across
        corner = left + column * (block + BETWEEN), float(tops[row])
        _block(ax, name, values, told[name], corner, (step, step * ratios[i]), _scales(values, recorded))
        for c, label in enumerate(classes if column == 0 else ()):
            middle = tops[row] + HEADING + (c + 0.5) * step * ratios[i]
            ax.text(left - 0.06, middle, label, fontsize=SMALL, ha="right", va="center")
    return picture


def _ratio(maps: np.ndarray) -> float:
    """Height of a map as a share of its width: that of its positions, but neither a line nor a pole; one row is a strip."""
    rows, columns = maps.shape[-2:]
    return STRIP if rows == 1 else float(np.clip(rows / columns, FLATTEST, STEEPEST))


def _spread_over(names: list[str], most: int) -> list[str]:
    """At most `most` of the names, first and last among them, evenly spaced."""
    return [names[i] for i in np.unique(np.linspace(0, len(names) - 1, min(most, len(names))).round().astype(int))]


def _block(
    ax: Axes,
    name: str,
    maps: np.ndarray,
    told: Mapping[str, Any],
    corner: tuple[float, float],
    size: tuple[float, float],
    scales: Sequence[tuple[float, float]],
) -> None:
    """Maps (class, unit, row, column) of one layer, each of `size`, below its name, its units and their selectivity."""
    (x, y), (step, tall) = corner, size
    wide, high = step - GAP, tall - GAP
    ax.text(x, y + 0.1, fit(name, step * maps.shape[1], 8), va="center")
    for column, (unit, selectivity) in enumerate(zip(told["units"], told["selectivity"], strict=False)):
        if column < maps.shape[1]:
            middle = x + column * step + wide / 2
            ax.text(middle, y + 0.24, str(unit), fontsize=SMALL, ha="center", va="center", color=QUIET)
            ax.text(middle, y + 0.35, f"{selectivity:.2f}".lstrip("0"), fontsize=SMALL, ha="center", va="center", color=QUIET)
    for row, column in np.ndindex(maps.shape[:2]):
        left, top = x + column * step, y + HEADING + row * tall
        extent = (left, left + wide, top + high, top)
        black, white = scales[column]
        ax.imshow(maps[row, column], extent=extent, aspect="auto", cmap="gray", vmin=black, vmax=white)


def _scales(maps: np.ndarray, recorded: bool) -> list[tuple[float, float]]:
    """What is black and what is white for each unit of a layer: of sparse maps one pixel would leave the rest black.

    Units of recordings have scales of their own, which a bad channel or two do not spoil.
    """
    if not recorded:
        return [(float(maps.min()), float(np.percentile(maps, 99)))] * maps.shape[1]
    return [(float(np.percentile(unit, 2)), float(np.percentile(unit, 95))) for unit in maps.swapaxes(0, 1)]


def _best(told: Mapping[str, Any]) -> float:
    """Mean selectivity of a layer's stored units, the most selective ones."""
    return float(np.mean(told["selectivity"]))


def _title(told: Mapping[str, Mapping[str, Any]]) -> str:
    first, last = next(iter(told)), list(told)[-1]
    low, high = _best(told[first]), _best(told[last])
    if len(told) == 1:
        return f"The units of {first} have a class selectivity of up to {max(told[first]['selectivity']):.2f}"
    if abs(high - low) < 0.05:
        return f"The units of deep layers tell classes apart no better than those of the first ({high:.2f} and {low:.2f})"
    return f"Class selectivity {'grows' if high > low else 'falls'} from {low:.2f} in {first} to {high:.2f} in {last}"


def _caption(names: list[str], told: Mapping[str, Any], units: int, axes: tuple[str, ...]) -> str:
    which = "every layer" if len(names) == len(told) else f"{len(names)} of {len(told)} layers"
    return (
        f"Mean feature maps of each class over test samples, in {which}: a row is a class, a column one of the up to {units} "
        "units that tell the classes apart best, with its number and its class selectivity (0: answers all classes alike, 1: "
        f"one class alone). Brighter is more active; {_shared(axes)} A column whose rows differ tells classes apart."
        f"{_meaning(axes)}"
    )


def _shared(axes: tuple[str, ...]) -> str:
    """What has one grey scale."""
    if axes:
        return "the maps of a unit share one grey scale, on which the darkest 2 % are black and the brightest 5 % white."
    return "all maps of a layer share one grey scale, on which the brightest 1 % is white."


def _meaning(axes: tuple[str, ...]) -> str:
    """What lies where in a map of recordings."""
    if not axes:
        return ""
    if axes[-2:] == ("row", "column"):
        over = " and are means over slices" if axes[0] == "slice" else ""
        return f" Maps show the head from above, nose up{over}."
    along = "frequency" if "frequency" in axes else axes[-1]
    return (
        f" In a map {along} grows to the right, and channels follow each other downwards as in the data set, as far as the"
        " layer keeps them apart: a strip is of all channels together."
    )


def _alt(names: list[str], told: Mapping[str, Any]) -> str:
    layers = [f"{name} ({counted(told[name]['of'], 'unit')}) {max(told[name]['selectivity']):.2f}" for name in names]
    return f"Grids of small grey maps. Highest class selectivity of a unit: {listing(layers)}."
