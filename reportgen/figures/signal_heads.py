"""Where on the head each band is strong, in real samples and in synthetic ones."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures import _signals as shared
from reportgen.figures._bands import DIVERGING
from reportgen.figures._head_rows import SEEN
from reportgen.figures._layout import GREEK, Colours
from reportgen.figures._pass_band import passed
from reportgen.figures._scalp import FEWEST, scalp_map
from reportgen.figures._signals import About, Arrays, Shown
from reportgen.figures._style import QUIET, SMALL, TALLEST, Look, fit, label_width, new_figure
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "experiment"
NEEDS = ("signal_means", "signal_about")
SHOWS = ("signal_scores",)

HEADS = 20  # each takes MNE a tenth of a second
GENERATORS = 3
LIKENESS: Mapping[float, str] = {  # from such a correlation on, in words
    0.9: "almost that of real ones",
    0.5: "like that of real ones in part",
    -1.0: "another one",
}
WIDER = 1.3  # times the largest real deviation: where colours end


class Row(NamedTuple):
    """What is drawn side by side."""

    name: str
    beside: str  # what is written below it
    look: Look | None  # None of real samples
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
    heard = _heard(about, means[every[0].key])
    powers = {one: _over_classes(means[one.key]["power_made"])[heard] for one in every}
    real = _over_classes(means[every[0].key]["power_real"])[heard]
    found = {one: _pattern(power, real) for one, power in powers.items()}
    trained = _pattern(_over_classes(means[every[0].key]["power_train"])[heard], real)
    level = np.nanmean(real, axis=1, keepdims=True)
    columns = [about["columns"][i] for i in heard]
    made = every[: max(1, min(GENERATORS, HEADS // len(columns) - 1))]
    rows = [Row("Real, test part", "", None, real - level)]
    rows += [Row(one.title, f"r = {fixed(found[one].correlation, 2)}", one.look, powers[one] - level) for one in made]
    known = [channel for channel in about["channels"] if channel in (about["positions"] or {})]
    return Figure(
        title=_title(about, found, trained),
        caption=_caption(inputs, about, known, made, every, columns),
        alt=_alt(found, trained),
        picture=_heads(about, rows, columns) if known else _strips(about, rows, columns),
        data=_table(about, every, means),
        dense=True,
    )


def _heard(about: About, means: Arrays) -> list[int]:
    """Indices of bands of which a filter has left real signals at least half; all bands of maps."""
    every = range(len(about["columns"]))
    if about["domain"] == "maps":
        return list(every)
    frequency = means["frequency"]
    kept = passed(frequency, np.nanmean(means["level_real"][:, 0], axis=0))
    inside = [(frequency >= low) & (frequency < high) for low, high in about["bands"].values()]
    return [i for i in every if kept[inside[i]].mean() >= 0.5] or list(every)


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


def _heads(about: About, rows: Sequence[Row], columns: Sequence[str]) -> Picture:
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


def _strips(about: About, rows: Sequence[Row], columns: Sequence[str]) -> Picture:
    """Bands below each other, channels side by side: for electrodes whose places are not known."""
    channels = about["channels"]
    picture = new_figure("column", min(1.1 + (0.16 * len(columns) + 0.15) * len(rows), TALLEST))
    axes = picture.subplots(len(rows), 1, squeeze=False, sharex=True)[:, 0]
    colours = _colours(rows)
    for row, ax in zip(rows, axes, strict=True):
        ax.imshow(row.values, cmap=colours.cmap, norm=colours.norm, aspect="auto", interpolation="nearest")
        ax.set_yticks(range(len(columns)), [GREEK.get(name) or fit(name, 0.5, SMALL) for name in columns], fontsize=SMALL)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        shared.name_above(ax, f"{row.name}{', ' + row.beside if row.beside else ''}", row.look)
    step = max(1, -(-len(channels) // 32))
    turned = 90 if label_width(list(channels), SMALL) * len(channels[::step]) > 5.5 else 0
    names = [fit(channel, 0.6, SMALL) for channel in channels[::step]]
    axes[-1].set_xticks(range(0, len(channels), step), names, fontsize=SMALL, rotation=turned)
    shared.bar(picture, colours, list(axes), _label(about))
    return picture


def _name(ax: Axes, row: Row) -> None:
    """The name left of a row, in up to three lines, beside it the mark, and below it how alike it is."""
    how: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right"}
    if row.look:
        shared.mark(ax, row.look, (0, 0.5), (-9, 5))
    ax.annotate(shared.lines_of(row.name), (0, 0.5), (-15 if row.look else -8, 0), va="bottom", weight="bold", **how)
    ax.annotate(row.beside, (0, 0.5), (-15, -3), va="top", fontsize=SMALL, color=QUIET, **how)


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


def _caption(
    inputs: Inputs,
    about: About,
    known: Sequence[str],
    made: Sequence[Shown],
    every: Sequence[Shown],
    columns: Sequence[str],
) -> str:
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
    if lost := [name for name in about["columns"] if name not in columns]:
        parts.append(f"Not drawn, as a filter has left almost nothing of real windows there: {listing(lost)}.")
    return " ".join(filter(None, [*parts, shared.not_drawn(made, every), shared.diverged(inputs)]))


def _alt(found: Mapping[Shown, Pattern], trained: Pattern) -> str:
    groups: dict[str, list[str]] = {}
    for one, pattern in found.items():
        words = next((words for least, words in LIKENESS.items() if pattern.correlation >= least), "of an unknown pattern")
        groups.setdefault(words, []).append(one.title)
    told = "; ".join(f"{words}: {listing(groups[words])}" for words in groups)
    off = shared.as_real({one: pattern.off for one, pattern in found.items()}, trained.off)
    return f"Maps of bands over the head, real ones on top. Their pattern is {told}. Level and pattern together are {off}."


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
