"""Spectra of real and synthetic windows over each other, class by class; of maps the mean of each band."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reportgen.bands import BANDS
from reportgen.core import Figure
from reportgen.figures import _signals as shared
from reportgen.figures._bands import shade
from reportgen.figures._layout import GREEK
from reportgen.figures._pass_band import passed
from reportgen.figures._signals import REAL, TRAINED, About, Arrays, Shown
from reportgen.figures._style import INK, SMALL, TALLEST, fit, key, looks, new_figure
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import count

EACH = "experiment"
NEEDS = ("signal_means", "signal_about")
SHOWS = ("signal_scores",)

CLASSES = {"signals": 3, "maps": 4}  # panels
CHANNELS = 4  # small panels
NAME = 1.72  # inches of a name in the legend
MARKS = 4  # on a line, so that lines can be told apart without their colour
LEAST = 2.0  # dB that are shown above and below
NARROW = 1.15  # quotient of the ends of a band that is not named
LEVEL, LOW, HIGH = range(3)


def draw(inputs: Inputs) -> Figure:
    """Draw real samples with their interval, and each generator over them."""
    about, made = shared.about_of(inputs), shared.generators(inputs, "signal_means")
    means = shared.arrays(inputs, "signal_means")
    if not made:
        return shared.nothing_made(inputs)
    shown = _shown(about, means[made[0].key])
    gaps = {one: (means[one.key]["level_made"] - means[one.key]["level_real"])[:, LEVEL, shown] for one in made}
    sizes = {one: shared.root_mean_square(gap) for one, gap in gaps.items()}
    largest = np.array([[shared.root_mean_square(row) for row in gap] for gap in gaps.values()]).max(axis=0)
    labels = shared.classes_of(largest, CLASSES[about["domain"]])
    signals = about["domain"] == "signals"
    picture = _curves(about, made, means, labels, shown) if signals else _dots(about, made, means, labels)
    floor = shared.root_mean_square((means[made[0].key]["level_train"] - means[made[0].key]["level_real"])[:, LEVEL, shown])
    return Figure(
        title=_title(about, sizes, floor),
        caption=_caption(inputs, about, means[made[0].key], labels, shown),
        alt=_alt(about, sizes, floor),
        picture=picture,
        data=_table(about, made, means),
    )


def _shown(about: About, means: Arrays) -> np.ndarray:
    """(column,) bool: frequencies within the official bands that no filter has emptied; all bands of maps."""
    if about["domain"] == "maps":
        return np.ones(means["level_real"].shape[-1], bool)
    frequency = means["frequency"]
    return np.asarray(_official(frequency) & passed(frequency, np.nanmean(means["level_real"][:, LEVEL], axis=0)))


def _official(frequency: np.ndarray) -> np.ndarray:
    """(frequency,) bool."""
    edges = list(BANDS.values())
    return np.asarray((frequency >= edges[0][0]) & (frequency < edges[-1][1]))


def _curves(
    about: About, made: Sequence[Shown], means: Mapping[str, Arrays], labels: Sequence[int], shown: np.ndarray
) -> Picture:
    """Levels above, differences from real below, and at the bottom single channels."""
    picture = new_figure("column", 7.0)
    classes, channels = picture.subfigures(2, 1, height_ratios=[2.5, 1], squeeze=False)[:, 0]
    _draw_classes(classes, about, made, means, labels, shown)
    _draw_channels(channels, about, made, means, shown)
    real_ones = [
        key("", "real, test part", color=REAL, linestyle="-"),
        key("", "real, training part", color=TRAINED, linestyle="-"),
    ]
    _legend(picture, [*real_ones, *(Line2D([], [], label=fit(one.title, NAME, SMALL), **_line(one)) for one in made)])
    return picture


def _draw_classes(
    part: SubFigure,
    about: About,
    made: Sequence[Shown],
    means: Mapping[str, Arrays],
    labels: Sequence[int],
    shown: np.ndarray,
) -> None:
    """Means over channels, class by class."""
    axes = part.subplots(2, len(labels), squeeze=False, sharex=True, sharey="row", height_ratios=[1.1, 1])
    look, first = looks(about["classes"]), means[made[0].key]
    frequency = first["frequency"][shown]
    for column, label in enumerate(labels):
        real = first["level_real"][label][:, shown]
        for row, base in enumerate((0 * real[LEVEL], real[LEVEL])):
            ax = axes[row, column]
            ax.fill_between(frequency, real[LOW] - base, real[HIGH] - base, color=REAL, alpha=0.2, linewidth=0, zorder=1)
            ax.plot(frequency, first["level_train"][label, LEVEL, shown] - base, color=TRAINED, linewidth=1, zorder=1.5)
            for i, one in enumerate(made):
                level = means[one.key]["level_made"][label, LEVEL, shown] - base
                ax.plot(frequency, level, **_line(one), markevery=_marks(frequency, i, len(made)), zorder=2)
            ax.plot(frequency, real[LEVEL] - base, color=REAL, linewidth=1.4, zorder=2.5)
            _frame(ax, frequency, names=row == 0)
        name = {"color": look[label].colour, "weight": "bold", "pad": 13}
        axes[0, column].set_title(fit(about["classes"][label], 5.5 / len(labels)), **name)
    low, high = axes[1, 0].get_ylim()
    axes[1, 0].set_ylim(min(low, -LEAST), max(high, LEAST))  # nothing looks large that is small
    axes[0, 0].set_ylabel(f"power in dB{_density(about)}")
    axes[1, 0].set_ylabel("less that of real, in dB")


def _density(about: About) -> str:
    return f" of {about['unit']}²/Hz" if about["unit"] else ""


def _draw_channels(
    part: SubFigure, about: About, made: Sequence[Shown], means: Mapping[str, Arrays], shown: np.ndarray
) -> None:
    """Some channels that are spread over the head, mean over classes."""
    picked = shared.some_channels(about, CHANNELS)
    axes = part.subplots(1, len(picked), squeeze=False, sharex=True, sharey=True)[0]
    first = means[made[0].key]
    frequency = first["frequency"][shown]
    for ax, channel in zip(axes, picked, strict=True):
        low, high = first["edges_real"][:, channel, shown]
        ax.fill_between(frequency, low, high, color=REAL, alpha=0.2, linewidth=0, zorder=1)
        for i, one in enumerate(made):
            level = _over_classes(means[one.key]["spectrum_made"], channel, shown)
            marks = {"markevery": _marks(frequency, i, len(made), 2)}
            ax.plot(frequency, level, **(_line(one) | {"linewidth": 0.9, "markersize": 2.5}), **marks, zorder=2)
        ax.plot(frequency, _over_classes(first["spectrum_real"], channel, shown), color=REAL, linewidth=1.3, zorder=2.5)
        _frame(ax, frequency, names=False)
        ax.set_title(fit(about["channels"][channel], 1.0), color=INK)
        ax.set_xlabel("frequency in Hz", fontsize=SMALL + 0.5)
    axes[0].set_ylabel("power in dB")


def _over_classes(spectrum: np.ndarray, channel: int, shown: np.ndarray) -> np.ndarray:
    """(frequency,): the mean over classes that have samples of (class, channel, frequency); NaN of a flat channel."""
    levels = spectrum[:, channel, shown]
    known = levels[np.isfinite(levels).all(axis=1)]
    return np.asarray(known.mean(axis=0) if len(known) else np.full(int(shown.sum()), np.nan))


def _line(one: Shown) -> dict[str, Any]:
    return {"color": one.colour, "linestyle": one.dash, "marker": one.marker, "markersize": 3, "linewidth": 1.1}


def _marks(frequency: np.ndarray, i: int, of: int, marks: int = MARKS) -> list[int]:
    """Where a line has marks: evenly on a logarithmic axis, and elsewhere than those of other lines."""
    goals = frequency[0] * (frequency[-1] / frequency[0]) ** ((np.arange(marks) + (i + 0.5) / of) / marks)
    return sorted({int(at) for at in np.abs(frequency[:, None] - goals).argmin(axis=0)})


def _frame(ax: Axes, frequency: np.ndarray, *, names: bool) -> None:
    """Official bands behind the lines, above them their letters."""
    cut = {name: (max(low, frequency[0]), min(high, frequency[-1])) for name, (low, high) in BANDS.items()}
    known = {name: ends for name, ends in cut.items() if ends[1] > NARROW * ends[0]}
    shade(ax, [GREEK[name] for name in known], list(known.values()), names=names)
    ax.set_xlim(frequency[0], frequency[-1])
    ax.tick_params(axis="x", labelsize=SMALL)


def _legend(picture: Picture, entries: Sequence[Line2D]) -> None:
    how: dict[str, Any] = {"fontsize": SMALL, "handletextpad": 0.5, "columnspacing": 1.4, "handlelength": 2.4}
    picture.legend(handles=list(entries), loc="outside lower center", ncols=min(3, len(entries)), **how)


def _dots(about: About, made: Sequence[Shown], means: Mapping[str, Arrays], labels: Sequence[int]) -> Picture:
    """Differences of the means of each band, one chart a class below the other."""
    picture = new_figure("column", min(0.75 + 1.35 * len(labels), TALLEST))
    axes = picture.subplots(len(labels), 1, squeeze=False, sharex=True, sharey=True)[:, 0]
    look, columns = looks(about["classes"]), np.arange(len(about["columns"]))
    for ax, label in zip(axes, labels, strict=True):
        real = means[made[0].key]["level_real"][label]
        ax.bar(columns, real[HIGH] - real[LOW], 0.9, bottom=real[LOW] - real[LEVEL], color="#DDDDDD", zorder=1)
        ax.hlines(0 * columns, columns - 0.45, columns + 0.45, color=REAL, linewidth=1, zorder=1.5)
        trained = means[made[0].key]["level_train"][label, LEVEL] - real[LEVEL]
        ax.hlines(trained, columns - 0.45, columns + 0.45, color=TRAINED, linewidth=1, linestyle=":", zorder=1.5)
        for i, one in enumerate(made):
            level = means[one.key]["level_made"][label] - real[LEVEL]
            at = columns + 0.8 * ((i + 0.5) / len(made) - 0.5)
            ax.vlines(at, level[LOW], level[HIGH], color=one.colour, linewidth=1.2, zorder=2)
            ax.plot(at, level[LEVEL], one.marker, color=one.colour, markersize=4, zorder=3)
        ax.set_title(about["classes"][label], color=look[label].colour, weight="bold")
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.tick_params(axis="x", length=0)
    names = [fit(name, 5.2 / len(columns), SMALL) for name in about["columns"]]
    axes[-1].set_xticks(columns, names, rotation=0 if len(columns) <= 12 else 90)
    picture.supylabel(f"mean less that of real samples{', in ' + about['unit'] if about['unit'] else ''}", fontsize=8)
    real_ones = [
        key("", "real, test part", color=REAL, linestyle="-"),
        key("", "real, training part", color=TRAINED, linestyle=":"),
    ]
    _legend(picture, [*real_ones, *(key(one.marker, fit(one.title, NAME, SMALL), color=one.colour) for one in made)])
    return picture


def _title(about: About, sizes: Mapping[Shown, float], floor: float) -> str:
    ends = shared.off(sizes, "psd_distance" if about["domain"] == "signals" else "band_power_divergence")
    if ends is None:
        return "No class has both real and synthetic samples"
    unit, (best, worst) = shared.quantity(about), ends
    what = "spectra" if about["domain"] == "signals" else "band means"
    told = f"{what.capitalize()} of {best.title} are {shared.two(sizes[best])}{unit} off"
    told += f", those of {worst.title} {shared.two(sizes[worst])}{unit}" if worst != best else ""
    return f"{told}; those of real training {shared.many(about)} {shared.two(floor)}{unit}"


def _caption(inputs: Inputs, about: About, first: Arrays, labels: Sequence[int], shown: np.ndarray) -> str:
    n, over = about["n"], about["over"]
    signals = about["domain"] == "signals"
    what = "Power spectra, mean over channels" if signals else "Mean of each band over channels, less that of real samples"
    real_ones = f"{shared.many(about, n['real'])} of the test part in {counted(about['groups']['real'], over)}"
    parts = [f"{what}: {real_ones}, and {count(n['made'])} synthetic ones of each generator{shared.where(about)}."]
    if np.isfinite(first["level_real"][:, LOW]).any():
        parts.append(f"Grey areas: 95 % bootstrap intervals of real ones over {over}s.")
    else:
        parts.append(f"There are no intervals: no class has six {over}s.")
    if signals:
        parts.append(
            "Second row: differences from real windows; third: single channels spread over the head, mean over classes."
        )
        parts.append("Networks are solid, other generators dashed.")
        parts.append(_filtered(first["frequency"], shown))
    else:
        parts.append(f"Lines through marks: the same over synthetic samples, or over the {over}s that they are made from.")
    parts.append("Numbers are root mean squares over classes and " + ("drawn frequencies." if signals else "bands."))
    parts.append("The training part (grey line) shows how far apart real samples are.")
    parts.append(_preserved(inputs, signals))
    parts.append(shared.class_words(about, labels, "those with the largest difference"))
    return " ".join(filter(None, [*parts, shared.diverged(inputs)]))


def _filtered(frequency: np.ndarray, shown: np.ndarray) -> str:
    """What is not drawn."""
    if (shown == _official(frequency)).all():
        return ""
    low, high = frequency[shown][[0, -1]]
    return f"Only {low:.3g} to {high:.3g} Hz are drawn: elsewhere a filter has left almost nothing of real windows."


def _preserved(inputs: Inputs, signals: bool) -> str:
    score = "psd_distance" if signals else "band_power_divergence"
    kept = [one.title for one in shared.generators(inputs, "signal_means") if score in one.keeps]
    return f"Like real ones by construction, which is no merit: {', '.join(kept)}." if kept else ""


def _alt(about: About, sizes: Mapping[Shown, float], floor: float) -> str:
    kind = "Lines of power over frequency" if about["domain"] == "signals" else "Dots of band means"
    return f"{kind}, real and synthetic. Compared with the test part, {shared.as_real(sizes, floor)}."


def _table(about: About, made: Sequence[Shown], means: Mapping[str, Arrays]) -> list[list[object]]:
    signals = about["domain"] == "signals"
    first = means[made[0].key]
    columns = first["frequency"].tolist() if signals else about["columns"]
    sides = [("real test part", first["level_real"]), ("real training part", first["level_train"])]
    sides += [(one.title, means[one.key]["level_made"]) for one in made]
    rows: list[list[object]] = [
        [name, about["classes"][label], place, *level[label, :, i].round(4).tolist()]
        for name, level in sides
        for label in range(len(level))
        for i, place in enumerate(columns)
    ]
    of = "power in dB" if signals else "mean"
    return [["samples", "class", "frequency in Hz" if signals else "band", of, "low", "high"], *rows]
