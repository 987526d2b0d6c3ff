"""What the recordings look like: a few seconds of some channels, for one trial of each class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from reportgen.core import Figure
from reportgen.figures._recordings import spread_over
from reportgen.figures._style import INK, QUIET, SMALL, fit, looks, new_figure
from reportgen.figures._words import counted
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "dataset"
NEEDS = ("facts", "signals", "stretches", "quality")  # quality: given features have none, and are no signals

SECONDS = 5.0
CHANNELS = 8
ACROSS = 3  # panels in a line
HIGHEST, FURTHEST = 2.4, 1.2  # in distances of two traces: how far the uppermost one may rise, and all others may go
FAINT = "#B5B5B5"
WILD = 0.05  # share of samples beyond that which makes a trace hide the others


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some seconds of one trial."""

    label: int
    about: Mapping[str, Any]  # its row in `stretches`
    x: np.ndarray  # (channel, time) µV, without its median


def draw(inputs: Inputs) -> Figure:
    """Draw all classes on one scale, channels from front to back as they are stored."""
    facts = inputs.one("facts")
    picked = spread_over(facts["channels"], facts["positions"], CHANNELS)
    channels = [facts["channels"][i] for i in picked]
    excerpts = _excerpts(inputs.one("signals"), inputs.one("stretches"), facts, picked)
    step = _step(excerpts)
    top = max(float(np.nanmax(one.x[0], initial=0)) for one in excerpts) / step
    across = min(ACROSS, len(excerpts))
    down = ceil(len(excerpts) / across)
    picture = new_figure("column", down * (0.5 + 0.27 * (len(channels) + min(top, HIGHEST))))
    panels = picture.subplots(down, across, squeeze=False, sharex=True, sharey=True).ravel()
    for ax, excerpt in zip(panels, excerpts, strict=False):
        _draw(ax, excerpt, facts, step, min(max(0.7, top), HIGHEST))
    for ax in panels[len(excerpts) :]:
        ax.set_axis_off()
    for ax in panels[::across]:
        ax.set_yticks(-step * np.arange(len(channels)), [fit(channel, 0.6) for channel in channels])
    _scale(panels[len(excerpts) - 1], _round(0.7 * step), facts["unit"], len(channels) * step)
    swing = {facts["classes"][one.label]: float(np.ptp(one.x, axis=1).max()) for one in excerpts}
    return Figure(
        title=_title(excerpts, facts),
        caption=f"{SECONDS:g} s from the middle of one trial of each class in {facts['title']}, {len(channels)} of "
        f"{counted(len(facts['channels']), 'channel')}, all on one scale. Slow large waves at the forehead are blinks, thick "
        "traces are muscle or mains; grey ones leave their row so often that they are cut off. One trial shows what signals "
        "look like, not how classes differ.",
        alt=f"Traces of {listing(channels)}. "
        + "; ".join(f"{name}: the largest swing of a channel is {height:.0f} {facts['unit']}" for name, height in swing.items())
        + ".",
        picture=picture,
        data=_table(excerpts, channels, facts),
        dense=True,
    )


def _excerpts(
    signals: np.ndarray, stretches: Mapping[str, Sequence[Any]], facts: Mapping[str, Any], picked: Sequence[int]
) -> list[Excerpt]:
    """One of each class: from the first stretch that is long enough, or the longest one."""
    rows = [dict(zip(stretches, values, strict=True)) for values in zip(*stretches.values(), strict=True)]
    wanted = round(SECONDS * facts["rate"])
    found = []
    for label in range(len(facts["classes"])):
        if own := [row for row in rows if row["label"] == label]:
            row = next((row for row in own if row["length"] >= wanted), max(own, key=lambda row: row["length"]))
            start = row["offset"] + row["lead"] + max(row["length"] - wanted, 0) // 2
            x = np.asarray(signals[start : start + min(wanted, row["length"])], float)[:, list(picked)].T
            found.append(Excerpt(label, row, x - _middle(x)))
    return found


def _middle(x: np.ndarray) -> np.ndarray:
    """Medians (channel, 1) of what is finite; 0 where nothing is."""
    return np.array([[np.median(row[np.isfinite(row)])] if np.isfinite(row).any() else [0.0] for row in x])


def _step(excerpts: Sequence[Excerpt]) -> float:
    """Distance of two traces, µV: few samples of a usual channel reach the next one."""
    reach = [np.quantile(np.abs(row[np.isfinite(row)]), 0.99) for one in excerpts for row in one.x if np.isfinite(row).any()]
    return 2.2 * float(np.median(reach)) or 1.0


def _round(step: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten that is not longer."""
    power = 10.0 ** floor(log10(step))
    return max(size * power for size in (1, 2, 5) if size * power <= step * 1.0001)


def _draw(ax: Axes, excerpt: Excerpt, facts: Mapping[str, Any], step: float, top: float) -> None:
    look = looks(facts["classes"])[excerpt.label]
    time = np.arange(excerpt.x.shape[1]) / facts["rate"]
    n = len(excerpt.x)
    for i, row in enumerate(excerpt.x):
        cut = np.clip(row, -FURTHEST * step, (FURTHEST if i else HIGHEST) * step)
        wild = np.mean(np.abs(row) > FURTHEST * step) > WILD
        ax.plot(time, cut - i * step, color=FAINT if wild else INK, linewidth=0.5, zorder=1 if wild else 2)
    ax.set_title(f"{facts['classes'][excerpt.label]}", color=look.colour, weight="bold")
    ax.set_title(_whose(excerpt.about), loc="right", fontsize=SMALL, color=QUIET)
    ax.set(xlim=(0, SECONDS), ylim=(-(n + 0.1) * step, top * step), xticks=[])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _whose(row: Mapping[str, Any]) -> str:
    told = f"subject {row['subject']}" if row["subject"] else row["recording"]
    return fit(f"{told}, trial {row['trial']}", 1.2, SMALL)


def _scale(ax: Axes, height: float, unit: str, depth: float) -> None:
    """Bars of 1 s and of some µV below the last panel."""
    x, y = SECONDS - 0.1, -depth + 0.1 * height
    ax.plot([x - 1, x, x], [y, y, y + height], color=INK, linewidth=1.2, solid_joinstyle="miter")
    ax.annotate("1 s", (x - 1, y), (-3, 0), textcoords="offset points", ha="right", va="center", fontsize=SMALL)
    ax.annotate(f"{height:g} {unit}", (x, y + height / 2), (3, 0), textcoords="offset points", va="center", fontsize=SMALL)


def _title(excerpts: Sequence[Excerpt], facts: Mapping[str, Any]) -> str:
    swing = np.median([np.ptp(row) for one in excerpts for row in one.x])
    if not np.isfinite(swing):
        return "The recordings have gaps in the seconds that are drawn"
    return f"Signals swing by about {swing:.0f} {facts['unit']} within {SECONDS:g} s"


def _table(excerpts: Sequence[Excerpt], channels: Sequence[str], facts: Mapping[str, Any]) -> list[list[object]]:
    return [
        ["class", "recording", "trial", "time in s", *(f"{channel} in {facts['unit']}" for channel in channels)],
        *(
            [facts["classes"][one.label], one.about["recording"], one.about["trial"], round(i / facts["rate"], 5), *values]
            for one in excerpts
            for i, values in enumerate(np.round(one.x.T, 3).tolist())
        ),
    ]
