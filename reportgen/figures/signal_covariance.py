"""Which channels go together, in real samples and in synthetic ones."""

from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures import _signals as shared
from reportgen.figures._bands import DIVERGING
from reportgen.figures._layout import Colours
from reportgen.figures._signals import REAL, About, Arrays, Shown
from reportgen.figures._style import SMALL, Look, fit, new_figure
from reportgen.outputs import Inputs
from reportgen.words import fixed

EACH = "experiment"
NEEDS = ("signal_means", "signal_about")
SHOWS = ("signal_scores",)

GENERATORS = 8
FEW = 5  # channels whose correlations are written down
NAMED = 6  # channels at an axis

Panel = tuple[str, str, Look | None, np.ndarray]
"""Its name, what is written below it, its look, None of real samples, and the matrix."""


def draw(inputs: Inputs) -> Figure:
    """Draw the matrix of real samples and that of each generator, all in one scale."""
    about, every = shared.about_of(inputs), shared.generators(inputs, "signal_means")
    if not every:
        return shared.nothing_made(inputs)
    means, made = shared.arrays(inputs, "signal_means"), every[:GENERATORS]
    real = means[every[0].key]["covariance_real"]
    sizes = {one: _off(means[one.key]["covariance_made"], real) for one in every}
    floor = _off(means[every[0].key]["covariance_train"], real)
    panels: list[Panel] = [("Real, test part", "", None, real)]
    panels += [(one.title, f"{fixed(sizes[one], 2)} off", one.look, means[one.key]["covariance_made"]) for one in made]
    return Figure(
        title=_title(about, sizes, floor),
        caption=_caption(inputs, about, made, every),
        alt=_alt(sizes, floor),
        picture=_matrices(about, panels),
        data=_table(about, every, means),
        dense=True,
    )


def _off(made: np.ndarray, real: np.ndarray) -> float:
    """Root mean square difference of the correlations of different channels; NaN of a single one."""
    return shared.root_mean_square((made - real)[~np.eye(len(real), dtype=bool)])


def _matrices(about: About, panels: Sequence[Panel]) -> Picture:
    across = len(panels) if len(panels) <= 3 else 4 if len(panels) in (4, 7, 8) else 3
    down = ceil(len(panels) / across)
    side = min(6.0 / across, 1.75 if down > 2 else 1.85)
    picture = new_figure("column", 0.65 + (side + 0.42) * down)
    axes = picture.subplots(down, across, squeeze=False)
    order = shared.front_to_back(about)
    colours = Colours(DIVERGING, Normalize(-1, 1))
    for i, ax in enumerate(axes.flat):
        if i >= len(panels):
            ax.set_axis_off()
            continue
        name, beside, look, values = panels[i]
        _matrix(ax, values[np.ix_(order, order)], [about["channels"][k] for k in order], colours, named=i % across == 0)
        shared.name_above(ax, "\n".join(filter(None, [shared.lines_of(name, side - 0.1), beside])), look)
    shared.bar(picture, colours, axes, "correlation of two channels", beyond=False)
    return picture


def _matrix(ax: Axes, values: np.ndarray, channels: Sequence[str], colours: Colours, *, named: bool) -> None:
    ax.imshow(values, cmap=colours.cmap, norm=colours.norm, interpolation="nearest")
    ax.set_facecolor("#DDDDDD")  # of channels that do not vary
    shown = sorted({round(i) for i in np.linspace(0, len(channels) - 1, min(NAMED, len(channels)))})
    ax.set_yticks(shown, [fit(channels[i], 0.5, SMALL) if named else "" for i in shown], fontsize=SMALL)
    ax.set_xticks([])
    ax.tick_params(length=0, pad=2)
    ax.spines[:].set_visible(False)
    if len(channels) <= FEW:
        for (row, column), value in np.ndenumerate(values):
            if np.isfinite(value):
                white = abs(value) > 0.6
                ax.text(
                    column, row, fixed(value, 2), ha="center", va="center", fontsize=SMALL, color="white" if white else REAL
                )


def _title(about: About, sizes: Mapping[Shown, float], floor: float) -> str:
    ends = shared.off(sizes, "covariance_distance")
    if ends is None:
        return "There are no correlations: a single channel, or none that varies"
    first, last = ends
    told = f"Correlations of channels are {fixed(sizes[first], 2)} off in {first.title}"
    told += f" and {fixed(sizes[last], 2)} in {last.title}" if last != first else ""
    return f"{told}; in real training {shared.many(about)} {fixed(floor, 2)}"


def _caption(inputs: Inputs, about: About, made: Sequence[Shown], every: Sequence[Shown]) -> str:
    if about["domain"] == "signals":
        what = "Correlations of channels within windows, from the mean of their covariances over windows"
    else:
        what = "Correlations of channels over samples of all classes, mean over bands"
    parts = [f"{what}{shared.where(about)}. Red: they rise and fall together; blue: against each other; white: independent."]
    placed = all(channel in (about["positions"] or {}) for channel in about["channels"])
    parts.append(
        "Channels are in rows from the forehead to the back of the head." if placed else "Channels are in their stored order."
    )
    parts.append("Numbers are root mean square differences from real samples of the test part over pairs of channels.")
    if kept := [one.title for one in every if "covariance_distance" in one.keeps]:
        parts.append(f"Like real ones by construction, which is no merit: {', '.join(kept)}.")
    return " ".join(filter(None, [*parts, shared.not_drawn(made, every), shared.diverged(inputs)]))


def _alt(sizes: Mapping[Shown, float], floor: float) -> str:
    return f"Matrices of correlations of channels, real ones first. As far as correlations go, {shared.as_real(sizes, floor)}."


def _table(about: About, every: Sequence[Shown], means: Mapping[str, Arrays]) -> list[list[object]]:
    first = means[every[0].key]
    sides = [first["covariance_real"], first["covariance_train"], *(means[one.key]["covariance_made"] for one in every)]
    channels = about["channels"]
    pairs = zip(*np.triu_indices(len(channels), 1), strict=True)
    header: list[object] = ["channel", "other channel", "real test part", "real training part", *(one.title for one in every)]
    return [header, *([channels[a], channels[b], *(round(float(side[a, b]), 4) for side in sides)] for a, b in pairs)]
