"""How each network that makes samples was trained: losses, what its discriminator gets right, and what it was chosen by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.figure import SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter
from matplotlib.transforms import ScaledTranslation

from reportgen.core import Figure
from reportgen.figures._course_words import MOST, caption_of, title_of, told_of
from reportgen.figures._courses import CRITERIA, Course, Trained, by_floor, start_of, trained_of
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, beside, fit, key, legend_below, nothing
from reportgen.outputs import Inputs
from reportgen.words import percent

EACH = "experiment"
NEEDS = ("course",)
SHOWS = ("signal_scores",)

ROW, BELOW = 1.62, 0.3  # inches: of a generator, and of the legend

CROSS = "#B00020"
DASHED = (0, (4, 1))
JUDGED: Mapping[str, str] = {"train": "training", "validation": "unseen real", "made": "synthetic", "noise": "white noise"}
COLUMNS = (
    *("generator_loss", "discriminator_loss", "accuracy_real", "accuracy_made"),
    *("gap", "penalty", "spectrum", "mmd"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of a panel."""

    column: str
    name: str
    colour: str
    dash: Any = "-"


def draw(inputs: Inputs) -> Figure:
    """Draw a row of panels for each generator: single trainings thin, their mean thick."""
    trained = trained_of(inputs)
    there = [one for one in trained if any(course["epochs"] for course in one.courses)]
    return Figure(
        title=title_of(trained),
        caption=caption_of(trained, there),
        alt=f"Curves over epochs. {'. '.join(map(told_of, trained))}.",
        picture=_picture(there[:MOST]) if there else nothing("No training ended an epoch."),
        data=_table(trained),
        width="column" if there else "narrow",
    )


def _picture(trained: Sequence[Trained]) -> Picture:
    picture = Picture(figsize=(WIDTHS["column"], ROW * len(trained) + BELOW), layout="constrained")
    rows = picture.subfigures(len(trained), 1, squeeze=False)[:, 0]
    for row, one in zip(rows, trained, strict=True):
        row.suptitle(_heading(one), x=0.028, ha="left", fontsize=7.5, color=INK)
        _mark(row, one)
        _draw_row(row, one)
    entries = [key("o", "chosen epoch", color=QUIET, markeredgecolor="white")]
    if any(one.start("spectrum") is not None for one in trained):
        entries.append(key("o", "before training", color=QUIET, markerfacecolor="white"))
    if any(len(one.courses) > 1 for one in trained):
        entries += [
            key("", "mean", linestyle="-", color=QUIET, linewidth=1.8),
            key("", "one training", linestyle="-", color=QUIET, linewidth=0.7, alpha=0.6),
        ]
    if any(course["diverged"] for one in trained for course in one.courses):
        entries.append(key("x", "training diverged", color=CROSS, markeredgewidth=1.6))
    legend_below(picture, entries)
    return picture


def _mark(row: SubFigure, one: Trained) -> None:
    """The mark of a generator before its heading."""
    place = row.transSubfigure + ScaledTranslation(0.09, -0.08, row.dpi_scale_trans)
    row.add_artist(
        Line2D([0], [1], linestyle="none", marker=one.look.marker, color=one.look.colour, markersize=5, transform=place)
    )


def _heading(one: Trained) -> str:
    """`gan_dense · binary cross-entropy · 2 of 4 trainings diverged: epoch 7 …`."""
    parts = [one.title, one.courses[0]["loss"]]
    if one.gone:
        parts.append(one.gone)
    return fit(" · ".join(parts), WIDTHS["column"] + 0.4, SMALL)


def _draw_row(row: SubFigure, one: Trained) -> None:
    panels = list(_panels(one))
    judged = _judged(one)
    axes = row.subplots(1, len(panels) + bool(judged), squeeze=False)[0]
    for ax, (title, lines) in zip(axes, panels, strict=False):
        _draw_lines(ax, one, lines)
        ax.set_title(title, fontsize=7.5, color=QUIET)
    if judged:
        _draw_judged(axes[-1], judged, one.look.colour)


def _panels(one: Trained) -> Iterator[tuple[str, Sequence[Line]]]:
    """What is of synthetic samples has the colour of their generator."""
    own = one.look.colour
    yield "losses", (Line("generator_loss", "G_loss", own), Line("discriminator_loss", "D_loss", INK, DASHED))
    if one.known("accuracy_real") and not one.critic:
        yield "share that D gets right", (Line("accuracy_real", "real", INK), Line("accuracy_made", "synthetic", own, DASHED))
    if one.known("gap"):
        yield "critic’s distance", (Line("gap", "", INK),)
    if one.known("spectrum") and all(course["floor"] for course in one.courses):
        yield "× the floor, log axis", (Line("spectrum", "spectrum", own), Line("mmd", "MMD", QUIET, DASHED))


def _draw_lines(ax: Axes, one: Trained, lines: Sequence[Line]) -> None:
    ends = []
    several = len(one.courses) > 1
    for i, line in enumerate(lines):
        for course in one.courses:
            _draw_training(ax, course, line, thin=several, marked=i == 0)
        mean = one.mean(line.column)
        known = np.flatnonzero(np.isfinite(mean))
        if several and len(one.whole) > 1:
            ax.plot(known + 1, mean[known], color=line.colour, linewidth=1.8, linestyle=line.dash)
        if len(known):
            ends.append((float(mean[known[-1]]), line.name, line.colour))
    last = max(len(course["epochs"]) for course in one.courses)
    first = 0 if any(np.isfinite(start_of(course, line.column)) for course in one.courses for line in lines) else 1
    margin = 0.5 if last == first else 0.05 * last if last > 1 else 0.2
    ax.set_xlim(first - margin, last + margin)
    ax.set_xticks(_ticks(first, last))
    ax.set_xlabel("epoch", fontsize=SMALL, labelpad=1)
    ax.tick_params(labelsize=SMALL)
    if lines[0].column == "accuracy_real":
        ax.set_ylim(-0.03, 1.03)
        ax.axhline(0.5, color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    if lines[0].column in CRITERIA:
        _draw_floor(ax)
    _name_ends(ax, ends)


def _ticks(first: int, last: int) -> list[int]:
    """Up to three epochs: a narrow panel has no room for more."""
    every = MaxNLocator(3, integer=True, min_n_ticks=1).tick_values(first, last)
    return [int(epoch) for epoch in every if first <= epoch <= last][:3]


def _draw_training(ax: Axes, course: Course, line: Line, *, thin: bool, marked: bool) -> None:
    values = by_floor(course, line.column)
    if not np.isfinite(values).any():
        return
    how: dict[str, Any] = {"linewidth": 0.7, "alpha": 0.5} if thin else {"linewidth": 1.4}
    dot = "." if np.isfinite(values).sum() == 1 else ""
    measured = np.flatnonzero(np.isfinite(values))  # criteria are not measured after every epoch
    epochs, known = measured + 1, values[measured]
    if np.isfinite(start := start_of(course, line.column)):
        ax.plot(0, start, "o", color=line.colour, markerfacecolor="white", markersize=4.5, zorder=3)
        epochs, known = np.array([0, *epochs]), np.array([start, *known])
    ax.plot(epochs, known, color=line.colour, linestyle=line.dash, marker=dot, **how)
    at = int(course["chosen"] or 0)
    if marked and not course["diverged"] and 0 < at <= len(values):
        ax.plot(at, values[at - 1], "o", color=line.colour, markeredgecolor="white", markersize=4.5, zorder=3)
    if course["diverged"]:
        final = int(np.flatnonzero(np.isfinite(values))[-1])
        ax.plot(final + 1, values[final], "x", color=CROSS, markersize=5.5, markeredgewidth=1.6, zorder=4, clip_on=False)


def _name_ends(ax: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Name the lines right of the chart, moved apart where they end together."""
    ax.autoscale_view()  # limits are final from here on
    to_axes = ax.transScale + ax.transLimits
    last = -np.inf
    for value, name, colour in sorted(ends):
        height = float(to_axes.transform((1.0, value))[1])
        last = max(height, last + 0.13)
        ax.annotate(name, (1, last), (3, 0), "axes fraction", "offset points", va="center", color=colour, fontsize=SMALL)


def _draw_floor(ax: Axes) -> None:
    """The line of real samples, and plain numbers on the logarithmic axis."""
    ax.set_yscale("log")
    ax.axhline(1, color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, 0.8), max(high, 1.6))
    ax.yaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if high < 20 * low else (1,)))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _judged(one: Trained) -> dict[str, list[float]]:
    """{samples: share right in each training} of the final discriminator."""
    tables = [course["judged"] for course in one.courses if course["judged"]]
    return {name: [table[name] for table in tables if table[name] is not None] for name in JUDGED} if tables else {}


def _draw_judged(ax: Axes, judged: Mapping[str, Sequence[float]], synthetic: str) -> None:
    """What the final discriminator gets right, on four kinds of samples."""
    for i, (name, values) in enumerate(judged.items()):
        colour = synthetic if name == "made" else QUIET if name == "noise" else INK
        ax.plot(values, [i] * len(values), "|", color=colour, markersize=5)
        if values:
            ax.plot(np.mean(values), i, "o", color=colour, markersize=4.5)
            beside(ax, i, percent(float(np.mean(values))), gap=4, colour=colour)
    ax.axvline(0.5, color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    ax.set(ylim=(3.5, -0.5), xlim=(-0.03, 1.03), xticks=[0, 0.5, 1])
    ax.set_yticks(range(len(JUDGED)), list(JUDGED.values()), fontsize=SMALL)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.spines["left"].set_visible(False)
    ax.set_title("D right at the end", fontsize=7.5, color=QUIET)


def _table(trained: Sequence[Trained]) -> list[list[object]]:
    header: list[object] = [
        "generator",
        "seed",
        "fold",
        "loss",
        "epoch",
        *COLUMNS,
        *(f"{name} {what}" for what in ("floor", "start") for name in CRITERIA),
    ]
    header += ["chosen", "diverged"]
    header += [f"judged {name}" for name in JUDGED.values()]
    rows: list[list[object]] = []
    for one in trained:
        for about, course in zip(one.abouts, one.courses, strict=True):
            whose = [one.key, about["seed"], about.get("fold", ""), course["loss"]]
            floor, judged = course["floor"] or {}, course["judged"] or {}
            start = course.get("start") or {}
            floors, shares = (
                [own.get(name) for own in (floor, start) for name in CRITERIA],
                [judged.get(name) for name in JUDGED],
            )
            epochs = course["epochs"] or [dict.fromkeys(("epoch", *COLUMNS))]
            for row in epochs:
                kept = row["epoch"] is not None and row["epoch"] == course["chosen"]
                values = [row["epoch"], *(row[name] for name in COLUMNS)]
                rows.append([*whose, *values, *floors, kept, course["diverged"], *shares])
    return [header, *rows]
