"""Where on the head each band is strong, in real samples and in synthetic ones."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures import _signals as shared
from reportgen.figures._bands import DIVERGING
from reportgen.figures._head_rows import SEEN
from reportgen.figures._layout import GREEK, Colours
from reportgen.figures._scalp import FEWEST, scalp_map
from reportgen.figures._signals import REAL, About, Arrays, Shown
from reportgen.figures._style import QUIET, SMALL, TALLEST, fit, label_width, new_figure
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "experiment"
NEEDS = ("signal_means", "signal_about")
SHOWS = ("signal_scores",)

HEADS = 20  # each takes MNE a tenth of a second
GENERATORS = 3
WIDER = 1.3  # times the largest real deviation: where colours end


class Row(NamedTuple):
    """What is drawn side by side."""

    name: str
    beside: str  # what is written right of it
    colour: str
    values: np.ndarray  # (band, channel)


class Pattern(NamedTuple):
    """How a generator's pattern over the head is like the real one."""

    correlation: float  # mean over bands, over channels
    off: float  # root mean square difference, level included


def draw(inputs: Inputs) -> Figure:
    """Draw a row of heads for real samples and for networks, one head a band, all in one scale."""
    about, every = shared.about_of(inputs), shared.generators(inputs, "signal_means")
    if not every:
        return shared.nothing_made(inputs)
    means = shared.arrays(inputs, "signal_means")
    powers = {one: _over_classes(means[one.key]["power_made"]) for one in every}
    real = _over_classes(means[every[0].key]["power_real"])
    found = {one: _pattern(power, real) for one, power in powers.items()}
    trained = _pattern(_over_classes(means[every[0].key]["power_train"]), real)
    level = np.nanmean(real, axis=1, keepdims=True)
    made = every[: max(1, min(GENERATORS, HEADS // len(about["columns"]) - 1))]
    rows = [Row("Real, test part", "", REAL, real - level)]
    rows += [Row(one.title, f"r = {fixed(found[one].correlation, 2)}", one.colour, powers[one] - level) for one in made]
    known = [channel for channel in about["channels"] if channel in (about["positions"] or {})]
    return Figure(
        title=_title(about, found, trained),
        caption=_caption(inputs, about, known, made, every),
        alt=_alt(about, found, trained),
        picture=_heads(about, rows) if known else _strips(about, rows),
        data=_table(about, every, means),
        dense=True,
    )


def _over_classes(power: np.ndarray) -> np.ndarray:
    """(band, channel): the mean over classes that have samples of (class, band, channel)."""
    known = np.isfinite(power)
    counts = known.sum(axis=0)
    return np.asarray(np.where(counts, np.where(known, power, 0).sum(axis=0) / np.maximum(counts, 1), np.nan))


def _pattern(power: np.ndarray, real: np.ndarray) -> Pattern:
    """Of (band, channel)."""
    correlations = []
    for own, usual in zip(power, real, strict=True):
        known = np.isfinite(own) & np.isfinite(usual)
        if known.sum() > 2 and own[known].std() > 0 and usual[known].std() > 0:
            correlations.append(np.corrcoef(own[known], usual[known])[0, 1])
    return Pattern(float(np.mean(correlations)) if correlations else float("nan"), shared.root_mean_square(power - real))


def _colours(rows: Sequence[Row]) -> Colours:
    """White at the mean of real samples over channels; ends somewhat beyond what real ones have."""
    limit = WIDER * float(np.nanmax(np.abs(rows[0].values), initial=1e-6))
    return Colours(DIVERGING, Normalize(-limit, limit))


def _heads(about: About, rows: Sequence[Row]) -> Picture:
    columns = about["columns"]
    picture = new_figure("column", min(0.8 + min(1.15, 5.0 / len(columns)) * len(rows), TALLEST))
    axes = picture.subplots(len(rows), len(columns), squeeze=False)
    colours = _colours(rows)
    for row, line in zip(rows, axes, strict=True):
        for band, ax in enumerate(line):
            scalp_map(ax, row.values[band], about["positions"], about["channels"], colours.limits, colours.cmap)
        _name(line[0], row)
    for name, ax in zip(columns, axes[0], strict=True):
        ax.set_title(fit(name, 4.9 / len(columns)), loc="center")
    shared.bar(picture, colours, axes, _label(about))
    return picture


def _strips(about: About, rows: Sequence[Row]) -> Picture:
    """Bands below each other, channels side by side: for electrodes whose places are not known."""
    columns, channels = about["columns"], about["channels"]
    picture = new_figure("column", min(1.1 + (0.16 * len(columns) + 0.15) * len(rows), TALLEST))
    axes = picture.subplots(len(rows), 1, squeeze=False, sharex=True)[:, 0]
    colours = _colours(rows)
    for row, ax in zip(rows, axes, strict=True):
        ax.imshow(row.values, cmap=colours.cmap, norm=colours.norm, aspect="auto", interpolation="nearest")
        ax.set_yticks(range(len(columns)), [GREEK.get(name) or fit(name, 0.5, SMALL) for name in columns], fontsize=SMALL)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_title(f"{row.name}{', ' + row.beside if row.beside else ''}", color=row.colour, weight="bold")
    step = max(1, -(-len(channels) // 32))
    turned = 90 if label_width(list(channels), SMALL) * len(channels[::step]) > 5.5 else 0
    names = [fit(channel, 0.6, SMALL) for channel in channels[::step]]
    axes[-1].set_xticks(range(0, len(channels), step), names, fontsize=SMALL, rotation=turned)
    shared.bar(picture, colours, list(axes), _label(about))
    return picture


def _name(ax: Axes, row: Row) -> None:
    """The name left of a row, in up to three lines, and below it how alike it is."""
    ax.annotate(
        shared.lines_of(row.name),
        (0, 0.5),
        (-8, 0),
        "axes fraction",
        "offset points",
        ha="right",
        va="bottom",
        color=row.colour,
        weight="bold",
    )
    ax.annotate(
        row.beside, (0, 0.5), (-8, -3), "axes fraction", "offset points", ha="right", va="top", fontsize=SMALL, color=QUIET
    )


def _label(about: About) -> str:
    unit = "dB" if about["domain"] == "signals" else about["unit"]
    what = "band power" if about["domain"] == "signals" else "value"
    return f"{what} less the mean over channels of real samples{', in ' + unit if unit else ''}"


def _title(about: About, found: Mapping[Shown, Pattern], trained: Pattern) -> str:
    unlike = {one: 1 - pattern.correlation for one, pattern in found.items()}
    ends = shared.off(unlike, "band_power_divergence")
    if ends is None:
        unit, sizes = shared.quantity(about), {one: pattern.off for one, pattern in found.items()}
        ends = shared.off(sizes, "")
        return (
            f"Over the head {ends[0].title} is {shared.two(sizes[ends[0]])}{unit} off"
            if ends
            else "No pattern over the head is known"
        )
    told = [f"{one.title} is like real {shared.many(about)} with r = {fixed(found[one].correlation, 2)}" for one in ends[:1]]
    told += [f"{one.title} with {fixed(found[one].correlation, 2)}" for one in ends[1:] if one != ends[0]]
    if np.isfinite(trained.correlation):
        told.append(f"the real training part with {fixed(trained.correlation, 2)}")
    return f"Over the head, {listing(told)}"


def _caption(inputs: Inputs, about: About, known: Sequence[str], made: Sequence[Shown], every: Sequence[Shown]) -> str:
    what = "Band power" if about["domain"] == "signals" else "The mean of each band"
    less = f"less the mean over channels of real {shared.many(about)} in the same band"
    parts = [f"{what}, mean over classes{shared.where(about)}, {less}."]
    if not known:
        parts.append("The places of the electrodes are not known: channels are drawn side by side, bands below each other.")
    else:
        parts.append(SEEN)
        if len(known) < FEWEST:
            parts.append("There are too few electrodes for a map between them.")
    parts.append(
        "All share one scale, which real samples set; r is the correlation with real samples over channels, mean over bands."
    )
    return " ".join(filter(None, [*parts, shared.not_drawn(made, every), shared.diverged(inputs)]))


def _alt(about: About, found: Mapping[Shown, Pattern], trained: Pattern) -> str:
    unit = shared.quantity(about)

    def told(name: str, pattern: Pattern) -> str:
        r = f"r {fixed(pattern.correlation, 2)}, " if np.isfinite(pattern.correlation) else ""
        return f"{name} {r}{shared.two(pattern.off)}{unit} off"

    each = "; ".join([*(told(one.title, pattern) for one, pattern in found.items()), told("the training part", trained)])
    return f"Maps of bands over the head, real ones on top. Compared with them: {each}."


def _table(about: About, every: Sequence[Shown], means: Mapping[str, Arrays]) -> list[list[object]]:
    sides = [
        (f"real {part}", means[every[0].key][f"power_{side}"])
        for part, side in (("test part", "real"), ("training part", "train"))
    ]
    sides += [(one.title, means[one.key]["power_made"]) for one in every]
    rows: list[list[object]] = [
        [name, about["classes"][label], channel, *np.round(power[label, :, i], 4).tolist()]
        for name, power in sides
        for label in range(len(power))
        for i, channel in enumerate(about["channels"])
    ]
    return [["samples", "class", "channel", *about["columns"]], *rows]
