"""What the hidden layers see: mean maps of the units that tell the classes apart best, layer by layer."""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Interval
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._canvas import canvas, place
from reportgen.figures._style import QUIET, SMALL, TALLEST, WIDTHS, fit, label_width
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "experiment"
NEEDS = ("facts", "feature_maps", "feature_units")

GAP, HEADING, BETWEEN, LARGEST = 0.02, 0.42, 0.16, 0.3  # inches


def draw(
    inputs: Inputs,
    *,
    units: Annotated[int, Interval(ge=1, le=16), Doc("units shown of each layer, most selective first")] = 8,
    layers: Annotated[int, Interval(ge=1, le=12), Doc("layers shown at most, spread evenly over the depth")] = 6,
) -> Figure:
    """Draw one block a layer: a row a class, a column a unit."""
    about = inputs.about("feature_maps")[0]
    which = {key: about[key] for key in ("experiment", "seed", "explainer")}
    maps, told = inputs.one("feature_maps", **which), inputs.one("feature_units", **which)
    classes, names = inputs.one("facts")["classes"], _spread_over(list(told), layers)
    picture = _sheet({name: maps[name][:, :units] for name in names}, told, classes)
    return Figure(
        title=_title(told),
        caption=_caption(names, told, units),
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


def _sheet(maps: Mapping[str, np.ndarray], told: Mapping[str, Any], classes: list[str]) -> Picture:
    """All blocks, up to three side by side."""
    down = -(-len(maps) // 3)
    across = -(-len(maps) // down)
    left = label_width(classes, SMALL)
    block = (WIDTHS["column"] - left - BETWEEN * (across - 1)) / across
    units = max(values.shape[1] for values in maps.values())
    step = min(block / units, LARGEST, ((TALLEST + BETWEEN) / down - HEADING - BETWEEN) / len(classes))
    height = HEADING + step * len(classes) + BETWEEN
    picture, ax = canvas("column", height * down - BETWEEN)
    for i, (name, values) in enumerate(maps.items()):
        column, row = i % across, i // across
        _block(ax, name, values, told[name], (left + column * (block + BETWEEN), row * height), step)
        for c, label in enumerate(classes if column == 0 else ()):
            middle = row * height + HEADING + (c + 0.5) * step
            ax.text(left - 0.06, middle, label, fontsize=SMALL, ha="right", va="center")
    return picture


def _spread_over(names: list[str], most: int) -> list[str]:
    """At most `most` of the names, first and last among them, evenly spaced."""
    return [names[i] for i in np.unique(np.linspace(0, len(names) - 1, min(most, len(names))).round().astype(int))]


def _block(ax: Axes, name: str, maps: np.ndarray, told: Mapping[str, Any], corner: tuple[float, float], step: float) -> None:
    """Maps (class, unit, row, column) of one layer on one grey scale, below its name, its units and their selectivity."""
    x, y = corner
    side = step - GAP
    ax.text(x, y + 0.1, fit(name, step * maps.shape[1], 8), va="center")
    for column, (unit, selectivity) in enumerate(zip(told["units"], told["selectivity"], strict=False)):
        if column < maps.shape[1]:
            middle = x + column * step + side / 2
            ax.text(middle, y + 0.24, str(unit), fontsize=SMALL, ha="center", va="center", color=QUIET)
            ax.text(middle, y + 0.35, f"{selectivity:.2f}".lstrip("0"), fontsize=SMALL, ha="center", va="center", color=QUIET)
    scale = {"vmin": maps.min(), "vmax": np.percentile(maps, 99)}  # of sparse maps one pixel would leave the rest black
    for row, column in np.ndindex(maps.shape[:2]):
        place(ax, maps[row, column], x + column * step, y + HEADING + row * step, side, **scale)


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


def _caption(names: list[str], told: Mapping[str, Any], units: int) -> str:
    which = "every layer" if len(names) == len(told) else f"{len(names)} of {len(told)} layers"
    return (
        f"Mean feature maps of each class over test samples, in {which}: a row is a class, a column one of the up to {units} "
        "units that tell the classes apart best, with its number and its class selectivity (0: answers all classes alike, 1: "
        "one class alone). Brighter is more active; all maps of a layer share one grey scale, on which the brightest 1 % is "
        "white. A column whose rows differ tells classes apart."
    )


def _alt(names: list[str], told: Mapping[str, Any]) -> str:
    layers = [f"{name} ({counted(told[name]['of'], 'unit')}) {max(told[name]['selectivity']):.2f}" for name in names]
    return f"Grids of small grey maps. Highest class selectivity of a unit: {listing(layers)}."
