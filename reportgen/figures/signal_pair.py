"""Real samples above, synthetic ones below, all on the same scale."""

from collections.abc import Mapping, Sequence
from enum import Enum
from math import log
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures import _signals as shared
from reportgen.figures._signals import REAL, About, Shown
from reportgen.figures._style import Look, fit, looks
from reportgen.figures._traces import scale_bars, step_of, traces
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "experiment"
NEEDS = ("signal_pair", "signal_about")
SHOWS = ("signal_scores",)

GENERATORS = 4  # rows below the real one
CHANNELS = 5
CLASSES = 3
MAPS = 9  # in a row
ACROSS = 4  # windows in a row
AS_MUCH: Mapping[float, str] = {  # up to so many times as much as real ones, in words
    0.5: "far less than real ones",
    0.8: "less",
    1.25: "about as much",
    2.0: "more",
    float("inf"): "far more",
}
TINY = 1e-9  # instead of nothing at all in a logarithm


class Row(NamedTuple):
    """What is drawn side by side."""

    name: str
    look: Look | None  # None of real ones
    x: np.ndarray  # (class, example, …)

    @property
    def colour(self) -> str:
        """Of its traces."""
        return self.look.colour if self.look else REAL


class Measure(Enum):
    """How samples move, as a verb."""

    SWING = "swing by"
    STEP = "change from one moment to the next by"
    VARY = "vary by"

    @property
    def signals(self) -> bool:
        """Whether it is of signals."""
        return self is not Measure.VARY

    @property
    def meaning(self) -> str:
        """For captions."""
        return {
            Measure.SWING: "The title tells the range of a channel within a window, median over windows and channels.",
            Measure.STEP: "The title tells how far a channel goes from one sample in time to the next, mean over all.",
            Measure.VARY: "The title tells the standard deviation of the numbers of a map, mean over maps.",
        }[self]

    def of(self, about: About, x: np.ndarray) -> float:
        """Of x (class, example, …); NaN where there are no samples."""
        flat = x.reshape(-1, *x.shape[2:])
        flat = flat[np.isfinite(flat.reshape(len(flat), -1)).all(axis=1)]
        if not len(flat):
            return float("nan")
        if self is Measure.VARY:
            return float(shared.of_places(about, flat).std(axis=(1, 2)).mean())
        return float(np.median(np.ptp(flat, axis=-1)) if self is Measure.SWING else np.abs(np.diff(flat, axis=-1)).mean())


def draw(inputs: Inputs) -> Figure:
    """Draw the same classes in every row: a window of each, or several maps."""
    about, every = shared.about_of(inputs), shared.generators(inputs, "signal_pair")
    made, pairs = every[:GENERATORS], shared.arrays(inputs, "signal_pair")
    signals = about["domain"] == "signals"
    real = pairs[every[0].key]["real"]
    what = f"Real {shared.many(about)} of the test part"
    rows = [Row(what, None, real), *(Row(one.title, one.look, pairs[one.key]["made"]) for one in made)]
    columns = _columns(about, rows, ACROSS if signals else MAPS)
    picked = shared.some_channels(about, CHANNELS)
    measure = _telling(about, {one: pairs[one.key]["made"] for one in every}, real)
    sizes = {one: measure.of(about, pairs[one.key]["made"]) for one in every}
    usual = measure.of(about, real)
    return Figure(
        title=_title(about, measure, sizes, usual),
        caption=_caption(inputs, about, measure, columns, picked, made, every),
        alt=_alt(about, measure, sizes, usual),
        picture=_traces(about, rows, columns, picked) if signals else _maps(about, rows, columns),
        data=_table(about, rows, columns, picked),
        dense=True,
    )


def _columns(about: About, rows: Sequence[Row], most: int) -> list[tuple[int, int]]:
    """(class, example) of each column: classes that have samples in every row, as many examples as there is room for."""
    known = np.all([np.isfinite(row.x.reshape(*row.x.shape[:2], -1)).all(axis=(1, 2)) for row in rows], axis=0)
    labels = [label for label in range(len(about["classes"])) if known[label]][:CLASSES]
    each = min(rows[0].x.shape[1], most // max(len(labels), 1))
    return [(label, example) for label in labels for example in range(each)]


def _traces(about: About, rows: Sequence[Row], columns: Sequence[tuple[int, int]], picked: Sequence[int]) -> Picture:
    height = min(0.22 * len(picked) + 0.05, 6.5 / len(rows) - 0.2)
    picture, axes = shared.grid(len(rows), len(columns), height, sharex=True, sharey=True)
    step = step_of([rows[0].x[label, example][list(picked)] for label, example in columns])
    for row, line in zip(rows, axes, strict=True):
        for (label, example), ax in zip(columns, line, strict=True):
            traces(ax, row.x[label, example][list(picked)], about["seconds"], step, color=row.colour)
        names = [fit(about["channels"][i], 0.45) for i in picked]
        line[0].set_yticks(-step * np.arange(len(picked)), names, fontsize=7)
        shared.heading(line[0], row.name, look=row.look)
    _name_classes(about, axes[0], columns)
    scale_bars(axes[-1, -1], about["seconds"], step, about["unit"], len(picked))
    return picture


def _maps(about: About, rows: Sequence[Row], columns: Sequence[tuple[int, int]]) -> Picture:
    values = [shared.of_places(about, row.x) for row in rows]  # (class, example, channel, band)
    shown = np.stack([values[0][label, example] for label, example in columns])
    order = shared.front_to_back(about)
    colours = shared.levels(shown)
    picture, axes = shared.grid(len(rows), len(columns), min(1.1, 6.2 / len(rows) - 0.2))
    for i, (row, line) in enumerate(zip(rows, axes, strict=True)):
        for (label, example), ax in zip(columns, line, strict=True):
            shared.heat(
                ax, values[i][label, example][order], about, order, colours, names=ax is line[0], bands=i == len(rows) - 1
            )
        shared.heading(line[0], row.name, look=row.look)
    _name_classes(about, axes[0], columns)
    shared.bar(picture, colours, axes, about["unit"])
    return picture


def _name_classes(about: About, line: Sequence[Axes], columns: Sequence[tuple[int, int]]) -> None:
    """Above the first column of each class."""
    look = looks(about["classes"])
    firsts = {label: i for i, (label, _) in reversed(list(enumerate(columns)))}
    for label, i in firsts.items():
        shared.heading(line[i], fit(about["classes"][label], 6 / len(firsts)), 15, colour=look[label].colour)


def _telling(about: About, made: Mapping[Shown, np.ndarray], real: np.ndarray) -> Measure:
    """The measure by which the generators differ most from real samples."""
    known = [measure for measure in Measure if measure.signals == (about["domain"] == "signals")]
    return max(known, key=lambda measure: max(_apart(measure.of(about, x), measure.of(about, real)) for x in made.values()))


def _apart(size: float, usual: float) -> float:
    """The logarithm of a quotient, without its sign; 0 where there is none."""
    return abs(log(max(size, TINY) / max(usual, TINY))) if np.isfinite(size + usual) else 0.0


def _title(about: About, measure: Measure, sizes: Mapping[Shown, float], usual: float) -> str:
    away = {one: _apart(size, usual) for one, size in sizes.items() if np.isfinite(size)}
    unit = f"\N{NO-BREAK SPACE}{about['unit']}" if about["unit"] else ""
    ends = shared.off(away, "")
    if ends is None:
        return "No class has both real and synthetic samples"
    told = [f"those of {one.title} by {shared.two(sizes[one])}{unit}" for one in dict.fromkeys(ends)]
    return f"Real {shared.many(about)} {measure.value} {shared.two(usual)}{unit}, {listing(told)}"


def _caption(
    inputs: Inputs,
    about: About,
    measure: Measure,
    columns: Sequence[tuple[int, int]],
    picked: Sequence[int],
    made: Sequence[Shown],
    every: Sequence[Shown],
) -> str:
    what = shared.many(about)
    parts = [f"Real {what} of the test part above, synthetic ones below{shared.where(about)}, drawn at random and not chosen."]
    if about["domain"] == "signals":
        n = len(about["channels"])
        chosen = f"{len(picked)} of {n} channels, far from each other" if len(picked) < n else f"all {n} channels"
        parts.append(f"Rows show {chosen}, on one scale; what leaves the lane of its channel is cut off.")
    else:
        parts.append(
            "A map has channels from front to back as rows and bands as columns. All have one scale, from the 2nd to the 98th "
            "percentile of the real ones; what lies beyond has the colour of its end."
        )
    parts.append(measure.meaning)
    parts.append(shared.class_words(about, sorted({label for label, _ in columns}), "the first ones with samples"))
    parts.append("A few examples show what samples look like, not how often they do.")
    return " ".join(filter(None, [*parts, shared.not_drawn(made, every), shared.diverged(inputs)]))


def _alt(about: About, measure: Measure, sizes: Mapping[Shown, float], usual: float) -> str:
    kind = "Traces of a few channels" if about["domain"] == "signals" else "Heat maps of channels and bands"
    groups: dict[str, list[str]] = {}
    for one, size in sizes.items():
        if np.isfinite(size) and usual > 0:
            groups.setdefault(next(words for most, words in AS_MUCH.items() if size / usual <= most), []).append(one.title)
    told = "; ".join(f"{words}: {listing(groups[words])}" for words in AS_MUCH.values() if words in groups)
    return f"{kind} in rows, real ones on top. Synthetic ones {measure.value} {told or 'what nobody knows'}."


def _table(about: About, rows: Sequence[Row], columns: Sequence[tuple[int, int]], picked: Sequence[int]) -> list[list[object]]:
    if about["domain"] == "signals":
        header: list[object] = ["samples", "class", "example", "time in s", *(about["channels"][i] for i in picked)]
        step = 1 / about["rate"]
        return [
            header,
            *(
                [row.name, about["classes"][label], example + 1, round(i * step, 5), *values]
                for row in rows
                for label, example in columns
                for i, values in enumerate(np.round(row.x[label, example][list(picked)].T, 3).tolist())
            ),
        ]
    return [
        ["samples", "class", "example", "channel", *about["columns"]],
        *(
            [row.name, about["classes"][label], example + 1, channel, *values]
            for row in rows
            for label, example in columns
            for channel, values in zip(
                about["channels"], np.round(shared.of_places(about, row.x)[label, example], 4).tolist(), strict=True
            )
        ),
    ]
