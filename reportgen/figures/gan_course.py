"""How each network that makes samples was trained: losses, what its discriminator gets right, and what it was chosen by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.figure import SubFigure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, StrMethodFormatter

from reportgen.core import Figure
from reportgen.figures._candidates import some
from reportgen.figures._courses import CRITERIA, Course, Trained, by_floor, trained_of
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, beside, fit, key, legend_below, nothing
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing, percent

EACH = "experiment"
NEEDS = ("course",)
SHOWS = ("signal_scores",)

MOST = 4  # generators that are drawn
ROW, BELOW = 1.62, 0.3  # inches: of a generator, and of the legend
CERTAIN, GUESSING = 0.9, (0.4, 0.6)  # share right of a discriminator that never guesses, and of one that does
WEAK = "The discriminator of {} ends at {} right, but is too weak for this to mean anything"

GENERATOR, DISCRIMINATOR, SYNTHETIC, CROSS = "#D55E00", "#0072B2", "#CC79A7", "#B00020"
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
        title=_title(trained),
        caption=_caption(trained, there),
        alt=f"Curves over epochs. {'. '.join(map(_told, trained))}.",
        picture=_picture(there[:MOST]) if there else nothing("No training ended an epoch."),
        data=_table(trained),
        width="column" if there else "narrow",
    )


def _picture(trained: Sequence[Trained]) -> Picture:
    picture = Picture(figsize=(WIDTHS["column"], ROW * len(trained) + BELOW), layout="constrained")
    rows = picture.subfigures(len(trained), 1, squeeze=False)[:, 0]
    for row, one in zip(rows, trained, strict=True):
        row.suptitle(_heading(one), x=0.005, ha="left", fontsize=7.5, color=INK)
        _draw_row(row, one)
    entries = [key("o", "chosen epoch", color=QUIET, markeredgecolor="white")]
    if any(len(one.courses) > 1 for one in trained):
        entries += [
            key("", "mean", linestyle="-", color=QUIET, linewidth=1.8),
            key("", "one training", linestyle="-", color=QUIET, linewidth=0.7, alpha=0.6),
        ]
    if any(course["diverged"] for one in trained for course in one.courses):
        entries.append(key("x", "training diverged", color=CROSS, markeredgewidth=1.6))
    legend_below(picture, entries)
    return picture


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
        _draw_judged(axes[-1], judged)


def _panels(one: Trained) -> Iterator[tuple[str, Sequence[Line]]]:
    losses = (Line("generator_loss", "G_loss", GENERATOR), Line("discriminator_loss", "D_loss", DISCRIMINATOR, (0, (4, 1))))
    yield "losses", losses
    if one.known("accuracy_real") and not one.critic:
        lines = Line("accuracy_real", "real", INK), Line("accuracy_made", "synthetic", SYNTHETIC, (0, (4, 1)))
        yield "share that D gets right", lines
    if one.known("gap"):
        yield "critic’s distance", (Line("gap", "", DISCRIMINATOR),)
    if one.known("spectrum") and all(course["floor"] for course in one.courses):
        yield "times the floor", (Line("spectrum", "spectrum", "#009E73"), Line("mmd", "MMD", "#E69F00", (0, (4, 1))))


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
    margin = 0.5 if last == 1 else 0.03 * last
    ax.set_xlim(1 - margin, last + margin)
    ax.set_xticks(_ticks(last))
    ax.set_xlabel("epoch", fontsize=SMALL, labelpad=1)
    ax.tick_params(labelsize=SMALL)
    if lines[0].column == "accuracy_real":
        ax.set_ylim(-0.03, 1.03)
        ax.axhline(0.5, color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    if lines[0].column in CRITERIA:
        _draw_floor(ax)
    _name_ends(ax, ends)


def _ticks(last: int) -> list[int]:
    """Up to three epochs: a narrow panel has no room for more."""
    return [int(epoch) for epoch in MaxNLocator(3, integer=True, min_n_ticks=1).tick_values(1, last) if 1 <= epoch <= last]


def _draw_training(ax: Axes, course: Course, line: Line, *, thin: bool, marked: bool) -> None:
    values = by_floor(course, line.column)
    if not np.isfinite(values).any():
        return
    how: dict[str, Any] = {"linewidth": 0.7, "alpha": 0.5} if thin else {"linewidth": 1.4}
    dot = "." if np.isfinite(values).sum() == 1 else ""
    measured = np.flatnonzero(np.isfinite(values))  # criteria are not measured after every epoch
    ax.plot(measured + 1, values[measured], color=line.colour, linestyle=line.dash, marker=dot, **how)
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


def _draw_judged(ax: Axes, judged: Mapping[str, Sequence[float]]) -> None:
    """What the final discriminator gets right, on four kinds of samples."""
    for i, (name, values) in enumerate(judged.items()):
        colour = SYNTHETIC if name == "made" else QUIET if name == "noise" else INK
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


def _title(trained: Sequence[Trained]) -> str:
    gone = [one for one in trained if all(course["diverged"] for course in one.courses)]
    parts = [f"The training of {some([one.title for one in gone])} diverged"] if gone else []
    told = [text for one in trained if one not in gone and (text := _finding(one))]
    joined = "; ".join([*parts, *(text[:1].lower() + text[1:] if parts or i else text for i, text in enumerate(told[:2]))])
    return joined or f"{some([one.title for one in trained])} trained to their end; no measure says how well"


def _finding(one: Trained) -> str:
    some = sum(bool(course["diverged"]) for course in one.courses)
    ending = f" ({some} of {len(one.courses)} trainings diverged)" if some else ""
    return (_of_critic(one) if one.critic else _of_discriminator(one)) + ending


def _of_discriminator(one: Trained) -> str:
    if one.right is None:
        return ""
    if one.verdict == "weak":
        return WEAK.format(one.title, percent(one.right))
    told = f"The discriminator of {one.title} ends at {percent(one.right)} right"
    if one.right >= CERTAIN:
        return f"{told}: it never has to guess"
    if one.verdict == "memorises":
        return f"{told}, but only on samples that it learned by heart"
    return f"{told}: it has to guess" if GUESSING[0] <= one.right <= GUESSING[1] else f"{told}: it guesses at times"


def _of_critic(one: Trained) -> str:
    ratio = one.chosen("spectrum")
    if ratio is not None:
        return f"The kept spectrum of {one.title} ({one.epochs}) is {fixed(ratio, 1)} times as far off as that of real samples"
    gap = one.mean("gap")
    known = gap[np.isfinite(gap)]
    if not len(known):
        return ""
    return f"The critic of {one.title} sees a distance of {known[0]:.2g} at first and {known[-1]:.2g} at the end"


def _caption(trained: Sequence[Trained], there: Sequence[Trained]) -> str:
    parts = ["Training of each network that makes samples, epoch by epoch."]
    if any(not one.critic for one in there):
        parts.append(
            "D is the discriminator, G the generator; dotted is guessing. A share near one half says that samples look real "
            "only if D is good at all: right is what it gets right on real samples that it has never seen and on white noise."
        )
    if any(one.critic for one in there):
        parts.append(
            "A Wasserstein critic estimates how far real and synthetic samples lie apart; right it is by a threshold midway "
            "between its means of both. Losses of different generators do not compare."
        )
    if any(one.known("spectrum") and one.courses[0]["floor"] for one in there):
        parts.append(
            "Kept is the epoch whose spectrum and MMD are nearest to the validation part, in units of what the real training "
            "part has there (dotted)."
        )
    parts += [f"{one.title}: {one.gone}." for one in trained if one.gone]
    if len(there) > MOST:
        parts.append(f"Only in the data, for lack of room: {listing([one.title for one in there[MOST:]])}.")
    return " ".join(parts)


def _told(one: Trained) -> str:
    """One generator in numbers, for the alt text."""
    n = len(one.courses)
    parts = [f"{one.title}, {counted(n, 'training')} with {one.courses[0]['loss']}"]
    names = {"generator_loss": "generator loss", "discriminator_loss": "discriminator loss", "gap": "distance"}
    for column, name in names.items():
        values = one.mean(column)
        values = values[np.isfinite(values)]
        if len(values):
            parts.append(f"{name} from {fixed(float(values[0]), 2)} to {fixed(float(values[-1]), 2)}")
    if one.right is not None:
        real, synthetic = (percent(one.last(f"accuracy_{name}")) for name in ("real", "made"))
        parts.append(f"share right {real} of real, {synthetic} of synthetic")
    for column, name in (("spectrum", "spectrum"), ("mmd", "MMD")):
        if (ratio := one.chosen(column)) is not None:
            parts.append(f"{name} {fixed(ratio, 1)} floors in {one.epochs}")
    return ", ".join([*parts, one.gone] if one.gone else parts)


def _table(trained: Sequence[Trained]) -> list[list[object]]:
    header: list[object] = ["generator", "seed", "fold", "loss", "epoch", *COLUMNS, *(f"{name} floor" for name in CRITERIA)]
    header += ["chosen", "diverged"]
    header += [f"judged {name}" for name in JUDGED.values()]
    rows: list[list[object]] = []
    for one in trained:
        for about, course in zip(one.abouts, one.courses, strict=True):
            whose = [one.key, about["seed"], about.get("fold", ""), course["loss"]]
            floor, judged = course["floor"] or {}, course["judged"] or {}
            floors, shares = [floor.get(name) for name in CRITERIA], [judged.get(name) for name in JUDGED]
            epochs = course["epochs"] or [dict.fromkeys(("epoch", *COLUMNS))]
            for row in epochs:
                kept = row["epoch"] is not None and row["epoch"] == course["chosen"]
                values = [row["epoch"], *(row[name] for name in COLUMNS)]
                rows.append([*whose, *values, *floors, kept, course["diverged"], *shares])
    return [header, *rows]
