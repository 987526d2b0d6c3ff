"""How many trials of each class there are, of whom, and how long they last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._recordings import in_order
from reportgen.figures._style import INK, SMALL, beside, looks, new_figure, paper_cividis, rows_of
from reportgen.figures._words import counted, noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import count, duration

EACH = "dataset"
NEEDS = ("facts", "stretches")

WRITTEN = 16  # subjects up to which a number fits into a cell
MANY = 3000  # dots that make an SVG too heavy
EVEN = 1.1  # ratio below which classes are called balanced


@dataclass(frozen=True, slots=True)
class Row:
    """The trials of a class, in a pool those of one of its data sets."""

    name: str
    label: int
    source: str  # data set of a pool, else ""
    seconds: np.ndarray  # (trial,); NaN if the rate is not known
    counts: Mapping[str, int]  # {subject: trials}, also of subjects without any


def draw(inputs: Inputs) -> Figure:
    """Draw the length of every trial, class by class, and the number of trials of each subject."""
    facts = inputs.one("facts")
    rows = _rows(inputs.one("stretches"), facts["classes"], facts["rate"])
    timed = bool(facts["rate"])
    picture = new_figure("column", 0.8 + 0.3 * len(rows))
    panels = picture.subplots(1, 1 + timed, squeeze=False, sharey=True, width_ratios=[1, 1.5][1 - timed :])[0]
    if timed:
        _draw_lengths(panels[0], rows, facts["classes"])
    _draw_counts(panels[-1], rows)
    rows_of(panels[0], [f"{row.name} ({row.source})" if row.source else row.name for row in rows])
    return Figure(
        title=_title(rows, facts["classes"]),
        caption=_caption(facts, rows, timed=timed),
        alt=_alt(rows),
        picture=picture,
        data=[
            ["data set", "class", "subject", "trials"],
            *([row.source, row.name, who, n] for row in rows for who, n in row.counts.items()),
        ],
        dense=sum(len(row.seconds) for row in rows) > MANY,
    )


def _rows(stretches: Mapping[str, Sequence[Any]], classes: Sequence[str], rate: float | None) -> list[Row]:
    trials = _trials(stretches)
    rows = []
    for source in dict.fromkeys(trial["dataset"] for trial in trials):
        inside = [trial for trial in trials if trial["dataset"] == source]
        subjects = in_order(trial["subject"] for trial in inside)
        for label, name in enumerate(classes):
            own = [trial for trial in inside if trial["label"] == label]
            seconds = np.array([trial["length"] for trial in own], float) / (rate or np.nan)
            counts = {who: sum(trial["subject"] == who for trial in own) for who in subjects}
            rows.append(Row(name, label, source, seconds, counts))
    return rows


def _trials(stretches: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """One row a trial; one with a gap is as long as its stretches together."""
    trials: dict[tuple[str, str], dict[str, Any]] = {}
    for values in zip(*stretches.values(), strict=True):
        row = {"dataset": "", **dict(zip(stretches, values, strict=True))}
        before = trials.get((row["recording"], row["trial"]), {"length": 0})
        trials[row["recording"], row["trial"]] = {**row, "length": before["length"] + row["length"]}
    return list(trials.values())


def _draw_lengths(ax: Axes, rows: Sequence[Row], classes: Sequence[str]) -> None:
    for y, row in enumerate(rows):
        look = looks(classes)[row.label]
        aside = np.random.default_rng(0).uniform(-0.3, 0.3, len(row.seconds))  # trials of one length lie beside each other
        ax.plot(row.seconds, y + aside, look.marker, color=look.colour, alpha=0.5, markersize=2.8, markeredgewidth=0)
    longest = max((row.seconds.max() for row in rows if len(row.seconds)), default=1.0)
    ax.set(xlim=(0, 1.05 * longest), xlabel="length of a trial in s")
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.grid(axis="x")


def _draw_counts(ax: Axes, rows: Sequence[Row]) -> None:
    widest = max(len(row.counts) for row in rows)
    table = np.full((len(rows), widest), np.nan)
    for y, row in enumerate(rows):
        table[y, : len(row.counts)] = list(row.counts.values())
    most, written = float(np.nanmax(table)), widest <= WRITTEN
    ax.pcolormesh(
        np.arange(widest + 1) - 0.5,
        np.arange(len(rows) + 1) - 0.5,
        table,
        cmap=paper_cividis(),
        vmin=0,
        vmax=(5 if written else 1.8) * most,
    )
    ax.vlines(np.arange(widest - 1) + 0.5, -0.5, len(rows) - 0.5, color="white", linewidth=0.5)
    ax.hlines(np.arange(len(rows) - 1) + 0.5, -0.5, widest - 0.5, color="white", linewidth=2)
    for y, row in enumerate(rows):
        for x, n in enumerate(row.counts.values() if written else ()):
            ax.text(x, y, str(n), ha="center", va="center", fontsize=SMALL, color=INK)
        beside(ax, y, _total(row))
    sources = {row.source for row in rows}
    if len(sources) == 1 and written:
        ax.set_xticks(range(widest), list(rows[0].counts), fontsize=SMALL)
    else:
        ax.set_xticks([])
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.set_xlabel(f"trials of each subject{'' if written else ': from 0 (white) to ' + count(int(most))}")


def _total(row: Row) -> str:
    """`75 trials, 4 h 54 min`."""
    known = np.isfinite(row.seconds).all() and len(row.seconds)
    return counted(len(row.seconds), "trial") + (f", {duration(float(row.seconds.sum()))}" if known else "")


def _title(rows: Sequence[Row], classes: Sequence[str]) -> str:
    each = [n for row in rows for n in row.counts.values()]
    subjects = sum(len(row.counts) for row in rows) // len(classes)
    if len(set(each)) == 1 and subjects > 1:
        return f"Each of {subjects} subjects has {counted(each[0], 'trial')} of every class"
    numbers = {name: sum(len(row.seconds) for row in rows if row.name == name) for name in classes}
    rarest, commonest = min(numbers, key=lambda name: numbers[name]), max(numbers, key=lambda name: numbers[name])
    if not numbers[rarest]:
        return f"There is no trial of {noun(rarest)}"
    if numbers[commonest] < EVEN * numbers[rarest]:
        return "All classes have about equally many trials"
    return sentence(f"{noun(commonest)} has {numbers[commonest] / numbers[rarest]:.1f} times as many trials as {noun(rarest)}")


def _caption(facts: Mapping[str, Any], rows: Sequence[Row], *, timed: bool) -> str:
    lengths = "Left: each dot is the length of one trial. Right: how" if timed else "How"
    told = f"{lengths} many trials of each class every subject of {facts['title']} has, with the sum at the right."
    if not timed:
        told += " The data sets were sampled at different rates, so that lengths are not drawn."
    if missing := sum(not n for row in rows for n in row.counts.values()):
        told += f" {sentence(counted(missing, 'cell'))} {'is' if missing == 1 else 'are'} empty: a subject without a class."
    return f"{told} Long trials give more windows than short ones, and weigh more in scores that count windows."


def _alt(rows: Sequence[Row]) -> str:
    return f"Dots and a table of trials: {'; '.join(_described(row) for row in rows)}."


def _described(row: Row) -> str:
    name = f"{row.name} of {row.source}" if row.source else row.name
    if not len(row.seconds):
        return f"{name}: no trial"
    least, most = min(row.counts.values()), max(row.counts.values())
    each = f"{least} a subject" if least == most else f"{least} to {most} a subject"
    if not np.isfinite(row.seconds).all():
        return f"{name}: {_total(row)}, {each}"
    lengths = [f"{end:.0f}" for end in (row.seconds.min(), row.seconds.max())]
    return f"{name}: {_total(row)}, {each}, {' to '.join(dict.fromkeys(lengths))} s long"
