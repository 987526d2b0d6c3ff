"""What a network with attention attends to: weights over bands, places on the head and slices in time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure as Picture
from matplotlib.figure import SubFigure
from matplotlib.ticker import MaxNLocator

from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Figure
from reportgen.figures._bands import DIVERGING, legend_of_classes
from reportgen.figures._head_rows import GRID, SEEN, grid
from reportgen.figures._layout import Colours
from reportgen.figures._over_units import Spread, over_units
from reportgen.figures._scalp import scalp_map
from reportgen.figures._style import INK, QUIET, SMALL, TALLEST, fit, looks, new_figure
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "explainer"
NEEDS = ("facts", "attention", "attention_about")

_NOTABLE = 0.05  # of an even share: less is called even
_ACROSS = 4  # heads side by side
_WORDS: Mapping[str, str] = {"spectral": "bands", "spatial": "places", "temporal": "slices"}
_CHART = 2.1  # inches of the charts of bands and slices


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Weights that add up to a whole: over bands, places or slices."""

    what: str  # spectral, spatial, temporal
    names: Sequence[str]
    whole: Spread  # (name,) mean over classes
    own: Spread  # (class, name)
    apart: Spread  # (class, name) difference of each class from the mean over classes

    @property
    def preferred(self) -> int | None:
        """What gets most, if that is more than its share."""
        notable = _away(self.whole, 1.0)
        return int(np.where(notable, self.whole.mean, -np.inf).argmax()) if (self.whole.mean[notable] > 1).any() else None

    @property
    def uneven(self) -> bool:
        """Whether any weight is off its share."""
        return bool(_away(self.whole, 1.0).any())

    @property
    def differs(self) -> bool:
        """Whether the classes do."""
        return bool(_away(self.apart, 0.0).any())


def draw(inputs: Inputs) -> Figure:
    """Draw dots of bands and slices, one a class, and heads of all classes together and of each."""
    facts, about = inputs.one("facts"), inputs.one("attention_about")
    parts = list(_parts(inputs.one("attention"), about))
    return Figure(
        title=_title(parts, len(about["units"])),
        caption=_caption(facts, about, parts),
        alt=_alt(parts, facts["classes"]),
        picture=_picture(parts, facts, about, inputs.one("attention")),
        data=_table(parts, facts["classes"]),
        dense=any(part.what == "spatial" for part in parts),
    )


def _parts(weights: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Iterator[_Part]:
    for what in (what for what in _WORDS if what in weights):
        values = _placed(weights[what], about) if what == "spatial" else np.asarray(weights[what], float)
        flat = values.reshape(*values.shape[:2], -1)  # (unit, class, name)
        whole = _mean(flat)
        yield _Part(
            what=what,
            names=_names(what, weights[what].shape, about),
            whole=over_units(whole),
            own=over_units(flat),
            apart=over_units(flat - whole[:, None]),
        )


def _placed(values: np.ndarray, about: Mapping[str, Any]) -> np.ndarray:
    """(unit, class, row, column) as (unit, class, channel), or all cells where nobody says which channel is in which."""
    if about["cells"] is None:
        return np.asarray(values, float)
    rows, columns = np.asarray(about["cells"], int).T
    return np.asarray(values[..., rows, columns], float)


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over classes of (unit, class, name), of those that a unit has."""
    known = np.isfinite(values)
    n = known.sum(axis=1)
    return np.asarray(np.where(n, np.where(known, values, 0).sum(axis=1) / np.maximum(n, 1), np.nan))


def _names(what: str, shape: Sequence[int], about: Mapping[str, Any]) -> list[str]:
    if what == "spectral":
        return list(about["names"]["band"])
    if what == "temporal":
        return [f"slice {i + 1}" for i in range(shape[-1])]
    if about["cells"] is not None:
        return list(about["channels"])
    return [f"row {row + 1}, column {column + 1}" for row, column in np.ndindex(*shape[-2:])]


def _away(spread: Spread, middle: float) -> np.ndarray:
    """Where weights are notably off, and, where there are intervals, these do not hold the middle."""
    off = np.abs(np.nan_to_num(spread.mean, nan=middle) - middle) >= _NOTABLE
    return np.asarray(off & ~((spread.low <= middle) & (middle <= spread.high)))


def _picture(
    parts: Sequence[_Part], facts: Mapping[str, Any], about: Mapping[str, Any], weights: Mapping[str, np.ndarray]
) -> Picture:
    charts = [part for part in parts if part.what != "spatial"]
    heads = [part for part in parts if part.what == "spatial"]
    rows = ceil((1 + len(facts["classes"])) / _ACROSS)
    inches = [_CHART] * bool(charts) + [0.7 + 1.55 * rows] * bool(heads)
    picture = new_figure("column", min(sum(inches) + 0.3, TALLEST))
    blocks = iter(picture.subfigures(len(inches), 1, squeeze=False, height_ratios=inches)[:, 0])
    if charts:
        axes = next(blocks).subplots(1, len(charts), squeeze=False, sharey=True)[0]
        for ax, part in zip(axes, charts, strict=True):
            _dots(ax, part, facts["classes"])
        axes[0].set_ylabel("weight (an even share is 1)")
    if heads:
        _heads(next(blocks), heads[0], rows, facts, weights["spatial"].shape[-2:], about["cells"])
    if charts:
        legend_of_classes(picture, facts["classes"])
    return picture


def _dots(ax: Axes, part: _Part, classes: Sequence[str]) -> None:
    """A dot a class with its interval, and a bar for all classes together."""
    at = np.arange(len(part.names))
    ax.axhline(1, color=QUIET, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    ax.hlines(part.whole.mean, at - 0.4, at + 0.4, color=INK, linewidth=1.0, zorder=2)
    for i, look in enumerate(looks(classes)):
        x = at + 0.6 * ((i + 0.5) / len(classes) - 0.5)
        own = part.own.of(i)
        ax.vlines(x, own.low, own.high, color=look.colour, linewidth=1.3)
        ax.plot(x, own.mean, look.marker, color=look.colour, markersize=4)
    numbers = part.what == "temporal"
    names = [name.removeprefix("slice ") if numbers else fit(name, 2.6 / len(at), SMALL) for name in part.names]
    step = ceil(len(at) / 12)
    ax.set_xticks(at[::step], names[::step])
    ax.tick_params(axis="x", length=0, labelsize=SMALL)
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.set_title("over slices, first to last" if numbers else "over bands")


def _in_cells(values: np.ndarray, shape: tuple[int, ...], cells: Sequence[Sequence[int]] | None) -> np.ndarray:
    """Values of channels, or of all cells, as (row, column), NaN where there is no electrode."""
    if cells is None:
        return values.reshape(shape)
    found = np.full(shape, np.nan)
    found[tuple(np.asarray(cells, int).T)] = values
    return found


def _heads(
    block: SubFigure,
    part: _Part,
    rows: int,
    facts: Mapping[str, Any],
    shape: tuple[int, ...],
    cells: Sequence[Sequence[int]] | None,
) -> None:
    """Heads of all classes together and of each class, or grids where places are not known."""
    maps = [part.whole.mean, *part.own.mean]
    size = max(float(np.nanmax(np.abs(np.array(maps) - 1))), _NOTABLE)
    colours = Colours(DIVERGING, Normalize(1 - size, 1 + size))
    across = min(_ACROSS, ceil(len(maps) / rows))
    axes = block.subplots(rows, across, squeeze=False)
    positions = facts["positions"] or {}
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, values, name in zip(axes.flat, maps, ["all classes", *facts["classes"]], strict=False):
        if any(channel in positions for channel in part.names):
            scalp_map(ax, values, positions, part.names, colours.limits, colours.cmap)
        else:
            grid(ax, _in_cells(values, shape, cells), colours)
        ax.set_title(fit(name, 5.6 / across), loc="center")
    how: dict[str, Any] = {"orientation": "horizontal", "fraction": 0.06, "aspect": 60, "pad": 0.02}
    bar = block.colorbar(ScalarMappable(colours.norm, colours.cmap), ax=axes, **how)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL, length=2)
    bar.locator = MaxNLocator(4, steps=[1, 2, 5, 10])
    bar.update_ticks()
    bar.set_label("weight over the head (an even share is 1)", fontsize=SMALL + 0.5)


def _title(parts: Sequence[_Part], units: int) -> str:
    preferred = [
        f"{part.names[at]} ({fixed(float(part.whole.mean[at]), 1)} times its share)"
        for part in parts
        if (at := part.preferred) is not None
    ]
    differs = any(part.differs for part in parts)
    untested = ", not tested" if units < MIN_GROUPS else ""
    if preferred:
        between = "and differs between the classes" if differs else "whatever the class"
        return f"Attention goes most to {listing(preferred)}, {between}{untested}"
    if any(part.uneven for part in parts):
        return f"Attention leaves some {listing([_WORDS[p.what] for p in parts if p.uneven])} out and prefers none{untested}"
    between = "but differs between the classes" if differs else "and the same for all classes"
    return f"Attention is nearly even over {listing([_WORDS[part.what] for part in parts])} {between}{untested}"


def _caption(facts: Mapping[str, Any], about: Mapping[str, Any], parts: Sequence[_Part]) -> str:
    over = about.get("over", "unit")
    units = counted(len(about["units"]), over)
    each = listing([f"{n} of {name}" for name, n in zip(facts["classes"], about["n"], strict=True)])
    told = [
        f"Mean attention of the networks of {facts['title']} to test samples ({each}), mean over {units}; 1 is an even share.",
        "Bars are means over classes." if any(part.what != "spatial" for part in parts) else "",
    ]
    if any(part.what == "spatial" for part in parts):
        told.append(SEEN if about["cells"] is not None and facts["positions"] else GRID)
    if any(part.own.known for part in parts):
        told.append(f"Lines through dots are 95 % intervals over {over}s, not corrected for how many there are.")
        told.append(f"Uneven is called what is off by {_NOTABLE:g} of a share or more and whose interval does not hold it.")
    else:
        told.append(f"There are no intervals: {units} are too few for a claim about others.")
    even = [_WORDS[part.what] for part in parts if not part.uneven]
    alike = [_WORDS[part.what] for part in parts if not part.differs]
    told.append(f"Even over {listing(even)}." if even else "")
    told.append(f"Alike for all classes over {listing(alike)}." if alike else "")
    told.append("What is attended to need not matter to the answer.")
    return " ".join(filter(None, told))


def _alt(parts: Sequence[_Part], classes: Sequence[str]) -> str:
    def told(part: _Part) -> str:
        best = [int(np.nan_to_num(row, nan=-np.inf).argmax()) for row in part.own.mean]
        each = [
            f"{name} {part.names[at]} {fixed(float(part.own.mean[i, at]), 2)}"
            for i, (name, at) in enumerate(zip(classes, best, strict=True))
        ]
        return f"over {_WORDS[part.what]}: {', '.join(each)}"

    return f"Attention weights. Largest of each class {'; '.join(told(part) for part in parts)}."


def _table(parts: Sequence[_Part], classes: Sequence[str]) -> list[list[object]]:
    rows: list[list[object]] = [["attention", "to", "class", "mean weight", "low", "high"]]
    for part in parts:
        for name, spread in [("all", part.whole), *((name, part.own.of(i)) for i, name in enumerate(classes))]:
            for place, *numbers in zip(part.names, *spread, strict=True):
                rows.append([part.what, place, name, *(f"{number:.4f}" for number in numbers)])
    return rows
