"""How values with the axes of a sample of EEG features are drawn: places on the head × frequency, time or bands.

Whatever the axes of a sample, its values become a matrix (place, column): a place is a channel, or a cell of a grid where
nobody says which channel lies in it, and a column is a frequency, a moment or a band. Slices of a film are averaged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.bands import BANDS
from reportgen.figures._bands import DIVERGING
from reportgen.figures._over_units import Spread
from reportgen.figures._style import QUIET, SMALL, fit
from reportgen.outputs import Inputs

GREEK: Mapping[str, str] = {"delta": "δ", "theta": "θ", "alpha": "α", "beta": "β", "gamma": "γ"}
"""Letters of the official bands, where their names have no room."""
LETTERS = ", ".join(f"{letter} {low:g}–{high:g} Hz" for letter, (low, high) in zip(GREEK.values(), BANDS.values(), strict=True))
_FINEST = 200  # moments of a window that are drawn: more have no room
_STRIPES = ("#F3F3F3", "#FFFFFF")
_WHOLE = 0.999  # share of the values that the colours cover


class Colours(NamedTuple):
    """What values look like."""

    cmap: str | Colormap
    norm: Normalize

    @property
    def limits(self) -> tuple[float, float]:
        """Values at both ends."""
        return float(self.norm.vmin or 0), float(self.norm.vmax or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the axes of a sample mean."""

    axes: tuple[str, ...]  # of a sample
    places: tuple[str, ...]  # names of channels or cells; "" where there is one place: everything together
    along: str  # what the columns are: frequency, time, band
    names: tuple[str, ...]  # of columns: "13 Hz", "0.25 s", "alpha"
    at: np.ndarray  # (column,) Hz or s, otherwise their number
    grid: tuple[int, int] | None  # rows and columns, where places are cells
    cells: np.ndarray | None  # (channel, 2) where channels lie in the grid, if that is known
    positions: Mapping[str, Sequence[float]]  # {channel: (x, y, z)} m, as far as known

    def matrix(self, values: np.ndarray) -> np.ndarray:
        """Values (…, axes of a sample) as (…, place, column); NaN stays."""
        values = np.asarray(values, float)
        if self.axes[0] == "slice":
            values = values.mean(axis=-4)
        if self.axes[-2:] == ("row", "column"):
            values = np.moveaxis(values, -3, -1)  # (…, row, column, band)
            if self.cells is not None:
                return np.asarray(values[..., self.cells[:, 0], self.cells[:, 1], :])
            return values.reshape(*values.shape[:-3], -1, values.shape[-1])
        if self.axes == ("frequency", "channel"):
            return values.swapaxes(-1, -2)
        if len(self.axes) == 1:
            values = values[..., None, :]
        return _thinned(values) if self.along == "time" else values

    @property
    def heads(self) -> bool:
        """Whether values of a column can be drawn on the head."""
        return self.along == "band" and not self.grid and any(place in self.positions for place in self.places)

    def region(self, column: int) -> str:
        """Where a column lies, in a word or two: "in alpha", "above 50 Hz", "at 0.4 s"."""
        if self.along == "frequency":
            return region(float(self.at[column]))
        if self.along == "time":
            return f"at {self.at[column]:.1f} s"
        return f"{'in' if self.along == 'band' else 'at'} {self.names[column]}"


def region(frequency: float) -> str:
    """Where a frequency in Hz lies: "in alpha", or "at 62 Hz" outside the official bands."""
    own = next((band for band, (low, high) in BANDS.items() if low <= frequency < high), None)
    return f"in {own}" if own else f"at {frequency:g} Hz"


def layout(inputs: Inputs, axes: Sequence[str], cells: Sequence[Sequence[int]] | None = None) -> Layout:
    """What the axes of a sample mean, or what is left of them, by the kinds `facts`, `features` and, for seconds, `rows`."""
    features, own = inputs.one("features"), tuple(axes)
    sizes = dict(zip(features["axes"][1:], features["shape"], strict=True))
    along = next((axis for axis in ("frequency", "time", "band") if axis in own), own[-1])
    known = {"channel": features["channels"], **features["names"]}
    names: Sequence[str] = known.get(along) or [str(i + 1) for i in range(sizes[along])]
    at = np.arange(1, sizes[along] + 1, dtype=float)
    if along == "frequency":
        at = np.array([float(name.split()[0]) for name in names])
    if along == "time":
        at = _thinned((at - 0.5) * window(inputs) / sizes[along])
        names = [f"{moment:.3g} s" for moment in at]
    placed = own[-2:] == ("row", "column")
    grid = (sizes["row"], sizes["column"]) if placed and cells is None else None
    places = ("",) if len(own) == 1 else tuple(features["channels"])
    return Layout(
        axes=own,
        places=tuple(f"row {r + 1}, column {c + 1}" for r, c in np.ndindex(grid)) if grid else places,
        along=along,
        names=tuple(names),
        at=at,
        grid=grid,
        cells=np.asarray(cells, int) if placed and cells is not None else None,
        positions=inputs.one("facts")["positions"] or {},
    )


def window(inputs: Inputs) -> float:
    """Seconds of a sample."""
    rows = inputs.one("rows")
    return float(rows["stop"][0] - rows["start"][0])


def _thinned(values: np.ndarray) -> np.ndarray:
    """Means of moments that follow each other (…, moment), so that no more are left than can be drawn."""
    n = values.shape[-1]
    starts = np.unique(np.linspace(0, n, min(n, _FINEST) + 1).astype(int)[:-1])
    return np.asarray(np.add.reduceat(values, starts, axis=-1) / np.diff([*starts, n]))


def scale(values: np.ndarray) -> Colours:
    """Colours for values: from 0 where none is negative, otherwise around 0; the few largest ones are cut."""
    sizes = np.abs(values[np.isfinite(values)])
    limit = float(np.quantile(sizes, _WHOLE)) if sizes.any() else 1.0
    limit = limit or float(sizes.max())
    signed = bool((np.nan_to_num(values) < 0).any())
    return Colours(DIVERGING if signed else "cividis", Normalize(-limit if signed else 0, limit))


def panel(ax: Axes, values: np.ndarray, own: Layout, colours: Colours, inches: float | None) -> None:
    """Draw a matrix (place, column): places downwards, named where the panel is so many inches high, else not."""
    edges = _edges(own)
    ax.imshow(
        values,
        cmap=colours.cmap,
        norm=colours.norm,
        aspect="auto",
        interpolation="nearest",
        extent=(edges[0], edges[-1], len(values), 0),
    )
    if own.along == "frequency":
        for edge in _between(edges):
            ax.axvline(edge, color="white", linewidth=0.5, alpha=0.4)
    if inches is None:
        ax.set_yticks([])
    else:
        step = max(1, ceil(len(values) * 0.125 / inches))
        shown = range(0, len(values), step)
        ax.set_yticks([i + 0.5 for i in shown], [_short(own.places[i]) for i in shown], fontsize=SMALL)
    ax.tick_params(axis="y", length=0, pad=2)
    ax.spines[:].set_visible(False)


def _short(name: str, most: int = 9) -> str:
    """A name, or its end, in which names of channels differ."""
    return name if len(name) <= most else f"…{name[1 - most :].lstrip()}"


def name_columns(ax: Axes, own: Layout) -> None:
    """Ticks of the columns of a panel."""
    ax.tick_params(axis="x", labelsize=SMALL)
    if own.along in ("frequency", "time"):
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    else:
        step = max(1, ceil(len(own.names) / 16))
        shown = range(0, len(own.names), step)
        ax.set_xticks([i + 1 for i in shown], [GREEK.get(own.names[i]) or fit(own.names[i], 0.5, SMALL) for i in shown])


def along_words(own: Layout) -> str:
    """What the columns count, for the label of their axis."""
    return {"frequency": "frequency in Hz", "time": "time in the window in s"}.get(own.along, own.along)


def profile(ax: Axes, own: Layout, spread: Spread, colour: str, **line: Any) -> None:
    """A line over the columns, with its interval where there is one."""
    ax.fill_between(own.at, spread.low, spread.high, color=colour, alpha=0.2, linewidth=0)
    ax.plot(own.at, spread.mean, color=colour, **line)


def stripes(ax: Axes, own: Layout) -> None:
    """The official bands behind a line over frequencies, with their letters above it."""
    if own.along != "frequency":
        return
    edges = _edges(own)
    for i, (band, (low, high)) in enumerate(BANDS.items()):
        left, right = (float(np.clip(edge - _half(own), edges[0], edges[-1])) for edge in (low, high))
        if right > left:
            ax.axvspan(left, right, color=_STRIPES[i % 2], linewidth=0, zorder=0)
            at = ax.get_xaxis_transform()  # y counts heights of the chart
            middle = (left + right) / 2
            ax.text(middle, 1.0, GREEK[band], transform=at, ha="center", va="bottom", fontsize=SMALL, color=QUIET)


def colour_bar(picture: Picture, colours: Colours, axes: Any, values: np.ndarray, label: str) -> None:
    """What the colours mean, below everything."""
    low, high = colours.limits
    cut = bool((np.abs(np.nan_to_num(values)) > high).any())
    extend = ("both" if low < 0 else "max") if cut else "neither"
    bar = picture.colorbar(
        ScalarMappable(colours.norm, colours.cmap),
        ax=axes,
        orientation="horizontal",
        extend=extend,
        fraction=0.05,
        aspect=60,
        pad=0.02,
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL, length=2)
    bar.ax.xaxis.set_major_locator(MaxNLocator(5))
    bar.set_label(label, fontsize=SMALL + 0.5)


def _half(own: Layout) -> float:
    return float(np.median(np.diff(own.at))) / 2 if len(own.at) > 1 else 0.5


def _edges(own: Layout) -> np.ndarray:
    """Where the columns end."""
    return np.array([*(own.at - _half(own)), own.at[-1] + _half(own)])


def _between(edges: np.ndarray) -> list[float]:
    """Where official bands meet within a panel."""
    half = (edges[1] - edges[0]) / 2
    ends = sorted({end for pair in BANDS.values() for end in pair})
    return [end - half for end in ends if edges[0] < end - half < edges[-1]]
