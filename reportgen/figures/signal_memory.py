"""Whether generators copy what they learned from, and whether they make more than one kind of sample."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reportgen.core import Figure
from reportgen.figures._candidates import (
    Estimate,
    Found,
    by_key,
    draw_estimate,
    drawn,
    generators,
    looks_of,
    name_of,
    on_missing,
    some,
    value_of,
)
from reportgen.figures._style import INK, QUIET, SMALL, beside, new_figure, nothing, rows_of
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, listing, percent

EACH = "experiment"
NEEDS = ("signal_scores",)

EXPECTED = 0.05  # share of real test samples that are this near to a training sample, by how the share is defined
ROW, REST = 0.27, 1.08  # inches
COPYING = ("copies", "near copies")
LOST = ("single mode", "few modes", "elsewhere")


SEEN: Mapping[str, str] = {
    "copies": "copies of what was learned",
    "near copies": "unusually near to what was learned",
    "no sign": "no sign of copying",
    "single mode": "a single kind of sample",
    "few modes": "few kinds of samples",
    "elsewhere": "varied, but not where real ones are",
    "spread": "as varied as real ones",
}
"""What each verdict means, for the alt text."""


class Panel(NamedTuple):
    """One chart: what it measures, and what its ends mean."""

    title: str
    low: str = ""
    high: str = ""


RATIO, SHARE, COVERED, VARIETY = (
    Panel("distance ratio", low="copies"),
    Panel("share too near", high="copies"),
    Panel("real ones covered", high="all"),
    Panel("variety", low="one mode"),
)
PANELS = (RATIO, SHARE, COVERED, VARIETY)


class Row(NamedTuple):
    """One generator: an estimate for each panel, the share of copies, and both verdicts."""

    key: str
    values: Sequence[Estimate]
    identical: float | None
    memory: str
    modes: str


def draw(inputs: Inputs) -> Figure:
    """Draw a row for each generator: two charts of memory, two of variety."""
    found = inputs.one("signal_scores")
    shown = {one["key"] for one in drawn(found)}
    rows = [row for row in _rows(found) if row.key in shown]
    there = any(value["mean"] is not None for row in rows for value in row.values)
    return Figure(
        title=_title(found, _rows(found)),
        caption=_caption(found, there),
        alt=_alt(found, _rows(found), there),
        picture=_picture(found, rows) if there else nothing("No distance was measured."),
        data=_table(found),
        width="column" if there else "narrow",
    )


def _rows(found: Found) -> list[Row]:
    modes = {row["key"]: row for row in found["modes"]}
    rows = []
    order = [one["key"] for one in generators(found)]
    for row in sorted(found["memory"], key=lambda row: order.index(row["key"])):
        own = modes.get(row["key"]) or {"coverage": _alone(None), "distinct": None, "verdict": "not measured"}
        values = row["ratio"], _alone(row["copies"]), own["coverage"], _alone(own["distinct"])
        rows.append(Row(row["key"], values, row["identical"], row["verdict"], own["verdict"]))
    return rows


def _alone(value: float | None) -> Estimate:
    """A number without an interval."""
    return {"mean": value, "low": None, "high": None}


def _picture(found: Found, rows: Sequence[Row]) -> Picture:
    picture = new_figure("column", REST + ROW * len(rows))
    engine: Any = picture.get_layout_engine()
    engine.set(wspace=0.06)  # else numbers of neighbouring charts touch
    axes = picture.subplots(1, len(PANELS), sharey=True)
    looks = looks_of(generators(found))
    real = {
        RATIO: value_of(found, "real", "memory_ratio")["mean"] or 1.0,
        SHARE: EXPECTED,
        COVERED: value_of(found, "real", "coverage")["mean"],
        VARIETY: 1.0,
    }
    for j, (ax, panel) in enumerate(zip(axes, PANELS, strict=True)):
        for i, row in enumerate(rows):
            if panel is SHARE and row.identical:
                draw_estimate(ax, i, _alone(row.identical), looks[row.key], hollow=True)
            draw_estimate(ax, i, row.values[j], looks[row.key])
        _frame(ax, panel, real[panel])
    for i, row in enumerate(rows):
        one = by_key(found, row.key)
        gone = bool(one and one["diverged"])
        beside(axes[1], i, "diverged" if gone else row.memory, gap=5, colour=_shade(row.memory in COPYING))
        beside(axes[3], i, "" if gone else row.modes, gap=5, colour=_shade(row.modes in LOST))
    for ax in (axes[0], axes[3]):
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    for ax in (axes[1], axes[2]):
        ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.0f}"))
        ax.set_xlabel(f"{NO_BREAK}%")
    rows_of(axes[0], [name_of(found, row.key) for row in rows])
    return picture


def _shade(found: bool) -> str:
    return INK if found else QUIET


def _frame(ax: Axes, panel: Panel, real: float | None) -> None:
    """Limits, the line of real samples, and what both ends mean."""
    if real is not None:
        ax.axvline(real, color=INK, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    low, high = ax.get_xlim()
    ax.set_xlim(min(0.0, low) - 0.04, max(1.05, high))
    ax.set_title(panel.title, fontsize=7.5, color=INK, pad=13)
    how: dict[str, Any] = {"transform": ax.transAxes, "va": "bottom", "fontsize": SMALL, "color": QUIET}
    ax.text(0, 1.02, f"← {panel.low}" if panel.low else "", ha="left", **how)
    ax.text(1, 1.02, f"{panel.high} →" if panel.high else "", ha="right", **how)
    ax.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")


def _title(found: Found, rows: Sequence[Row]) -> str:
    known = [row for row in rows if row.memory != "not measured"]
    if not known and all(row.modes == "not measured" for row in rows):
        return "Whether anything was memorised was not measured"
    copying = {verdict: [name_of(found, row.key) for row in rows if row.memory == verdict] for verdict in COPYING}
    lost = {verdict: [name_of(found, row.key) for row in rows if row.modes == verdict] for verdict in LOST}
    said = {
        "training samples are copied by {}": copying["copies"],
        "samples of {} stay near what was learned from": copying["near copies"],
        "samples of {} are all alike": lost["single mode"],
        "samples of {} have few modes": lost["few modes"],
        "samples of {} vary, but miss most real ones": lost["elsewhere"],
    }
    parts = [words.format(some(names)) for words, names in said.items() if names]
    if known and not any(copying.values()):
        measured = "" if len(known) == len(rows) else " that was measured"
        parts.insert(0, f"no generator{measured} copies what it learned from")
    return sentence("; ".join(parts) or "the samples are as varied as real ones")


def _caption(found: Found, there: bool) -> str:
    if not there:
        return " ".join(["Distances need samples on both sides.", *on_missing(found)])
    copied = any(row["identical"] for row in found["memory"])
    parts = [
        "Left: the distance of a synthetic sample to the nearest training sample, divided by that to the nearest real one",
        "that was held out (median; 0: copies, 1: no nearer to what it learned from; dotted: real samples).",
        f"Second: the share of samples nearer to a training sample than 95{NO_BREAK}% of real test samples are;",
        f"dotted: the expected {percent(EXPECTED)}.",
        *(["Hollow: those ten times nearer to it than to any held-out one, which are copies."] if copied else []),
        "Third: the share of real samples with a synthetic one among their neighbours; dotted: by the real training part.",
        "Right: how far samples of one class lie apart, as a multiple of real ones; near 0 all are alike.",
        "Elsewhere: they vary, but cover less than half as many real samples as the training part does.",
    ]
    if any(row["ratio"]["low"] is not None for row in found["memory"]):
        parts.append(f"Lines are 95{NO_BREAK}% intervals over {found['over']}s.")
    return " ".join([*parts, *on_missing(found)])


def _alt(found: Found, rows: Sequence[Row], there: bool) -> str:
    if not there:
        return "There is nothing to see: nothing was measured."
    groups: dict[str, list[str]] = {}
    for row in rows:
        one = by_key(found, row.key)
        words = (
            "diverged"
            if one and one["diverged"]
            else f"{SEEN.get(row.memory, row.memory)} and {SEEN.get(row.modes, row.modes)}"
        )
        groups.setdefault(words, []).append(name_of(found, row.key))
    told = "; ".join(f"{listing(names)}: {words}" for words, names in groups.items())
    return f"Four charts of dots, two of memory and two of variety. {told}."


def _table(found: Found) -> list[list[object]]:
    header: list[object] = ["candidate", "ratio", "ratio low", "ratio high", "share too near", "expected"]
    header += ["share of copies", "memory", "coverage", "coverage low", "coverage high", "variety", "modes", "diverged"]
    rows: list[list[object]] = []
    for row in _rows(found):
        ratio, copies, coverage, distinct = row.values
        one = by_key(found, row.key)
        ends = [[value[end] for end in ("mean", "low", "high")] for value in (ratio, coverage)]
        memory = [*ends[0], copies["mean"], EXPECTED, row.identical, row.memory]
        rows.append([row.key, *memory, *ends[1], distinct["mean"], row.modes, one["diverged"] if one else ""])
    return [header, *rows]
