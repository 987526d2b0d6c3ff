"""How real synthetic samples are: every score of every generator on a bar from real samples to the worst that can be made."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D
from matplotlib.markers import CARETLEFTBASE, CARETRIGHTBASE, MarkerStyle

from reportgen.core import Figure
from reportgen.figures._candidates import Candidate, Found, drawn, generators, looks_of, number, value_of
from reportgen.figures._canvas import canvas
from reportgen.figures._realism_words import (
    Score,
    alt_of,
    best_of,
    blocks_of,
    caption_of,
    ends_told,
    table_of,
    tested,
    title_of,
    worst_of,
)
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, Look, fit, key, nothing
from reportgen.outputs import Inputs
from reportgen.words import MINUS

EACH = "experiment"
NEEDS = ("signal_scores",)

LEFT, RIGHT = 2.1, 0.06  # inches beside the bars
ROW, HEADING = 0.365, 0.21  # inches: height of a score and of the heading of a block
LEVEL, TILTED = 0.34, 0.96  # inches: height of names above the bars
BELOW = 0.36  # inches: legend
WIDEST = 1.5  # inches of a bar
LETTERS = 6  # of a number below a bar
BEFORE, BEYOND = -0.12, 1.12  # positions that are drawn; the others are cut
ARROW = 0.075  # inches from a mark to the arrow that says that it lies further out
SIDES = 0.09, 0.11  # inches of a cell left and right of its bar: the arrow stays within
PALE, GREY = "#D9D9D9", "#9A9A9A"


def draw(inputs: Inputs) -> Figure:
    """Draw a row for each score and a bar in it for each generator."""
    found = inputs.one("signal_scores")
    blocks, shown = blocks_of(found), drawn(found)
    there = bool(blocks) and not all(one["diverged"] for one in shown)
    return Figure(
        title=title_of(found),
        caption=caption_of(found, blocks),
        alt=alt_of(found, blocks),
        picture=_picture(found, blocks, shown) if there else nothing("No score is defined here."),
        data=table_of(found),
        width="column" if there else "narrow",
    )


def _picture(found: Found, blocks: Mapping[str, Sequence[Score]], shown: Sequence[Candidate]) -> Picture:
    column = (WIDTHS["column"] - LEFT - RIGHT) / len(shown)
    tilted = max(len(one["title"]) for one in shown) * 7.5 * 0.61 / 72 > column - 0.25
    top = TILTED if tilted else LEVEL
    height = top + sum(HEADING + ROW * len(scores) for scores in blocks.values()) + BELOW
    picture, ax = canvas("column", height)
    _name(ax, shown, looks_of(generators(found)), column, top, tilted=tilted)
    y = top
    for title, scores in blocks.items():
        ax.text(0.02, y + 0.11, title, fontsize=7.5, color=QUIET, weight="bold", va="center")
        ax.plot([0.02, WIDTHS["column"] - RIGHT], [y + 0.01] * 2, color=PALE, linewidth=0.6)
        y += HEADING
        for score in scores:
            _draw_row(ax, y, found, score, shown, column)
            y += ROW
    _legend(ax, found, shown)
    return picture


def _name(ax: Axes, shown: Sequence[Candidate], looks: Mapping[str, Look], column: float, top: float, *, tilted: bool) -> None:
    """The generators above their bars, in their colours."""
    for i, one in enumerate(shown):
        look, x = looks[one["key"]], LEFT + i * column + SIDES[0]
        ax.plot(x, top - 0.1, look.marker, color=look.colour, markersize=4.5)
        if tilted:
            how: dict[str, Any] = {"rotation": 62, "rotation_mode": "anchor", "ha": "left", "va": "bottom"}
            ax.text(x + 0.06, top - 0.12, fit(one["title"], 0.88, SMALL), fontsize=SMALL, color=INK, **how)
        else:
            ax.text(x + 0.1, top - 0.1, fit(one["title"], column - 0.25, 7.5), fontsize=7.5, va="center")


def _draw_row(ax: Axes, y: float, found: Found, score: Score, shown: Sequence[Candidate], column: float) -> None:
    blind = score["score"] in found["blind"]
    colour = GREY if blind else INK
    ax.text(0.02, y + 0.11, fit(score["title"], LEFT + 0.2, 7.5), fontsize=7.5, color=colour, va="center")
    ax.text(0.02, y + 0.25, fit(ends_told(found, score), LEFT + 0.2, SMALL), fontsize=SMALL, color=QUIET, va="center")
    if blind:
        words = f"cannot tell even {worst_of(found, score)} from real"
        ax.text(LEFT + 0.1, y + 0.11, words, fontsize=SMALL, color=GREY, va="center")
    best = "" if blind else best_of(found, score)
    looks = looks_of(generators(found))
    for i, one in enumerate(shown):
        left = LEFT + i * column + SIDES[0]
        if not blind:
            bar = _Bar(ax, left, min(column - sum(SIDES), WIDEST), y + 0.11)
            _draw_cell(bar, one, score["score"], looks[one["key"]])
        value = value_of(found, one["key"], score["score"])
        text = _short(value) if value["mean"] is not None else "diverged" if one["diverged"] else "left out"
        how: dict[str, Any] = {"weight": "bold" if one["key"] == best else "normal", "va": "center", "fontsize": SMALL}
        ax.text(left, y + 0.25, text, color=colour if value["mean"] is not None else QUIET, **how)


def _short(value: Mapping[str, Any]) -> str:
    """A number that has room below a narrow bar."""
    text = number(value)
    return text if len(text) <= LETTERS else f"{value['mean']:.2g}".replace("-", MINUS)


class _Bar:
    """A bar from real samples (0) to the ceiling (1) on the canvas, in inches."""

    def __init__(self, ax: Axes, left: float, width: float, y: float) -> None:
        self.ax, self.left, self.y = ax, left, y
        self._unit = width / (BEYOND - BEFORE)
        low, high = self.at(0.0), self.at(1.0)
        ax.plot([low, high], [y, y], color=PALE, linewidth=1.0, zorder=1)
        ax.plot(low, y, "|", color=INK, markersize=6, markeredgewidth=1.0, zorder=1)
        ax.plot(high, y, "|", color=QUIET, markersize=6, markeredgewidth=0.8, zorder=1)

    def at(self, position: float) -> float:
        """Where a position lies, cut at the ends."""
        return float(self.left + self._unit * (np.clip(position, BEFORE, BEYOND) - BEFORE))


def _draw_cell(bar: _Bar, one: Candidate, score: str, look: Look) -> None:
    value = one["values"].get(score)
    if not value or value["position"] is None:
        return
    over, position = value["over_floor"], float(value["position"])
    if over and over["low"] is not None and position and over["mean"]:
        ends = [bar.at(over[end] * position / over["mean"]) for end in ("low", "high")]  # as positions
        bar.ax.plot(ends, [bar.y] * 2, color=look.colour, linewidth=1.4, solid_capstyle="butt", zorder=2)
    face = look.colour if value["ranked"] else "white"
    size = 3.6 if look.marker == "D" else 4.4
    x = bar.at(position)
    bar.ax.plot(x, bar.y, look.marker, color=look.colour, markerfacecolor=face, markersize=size, zorder=3)
    if not BEFORE <= position <= BEYOND:
        side = 1 if position > BEYOND else -1
        arrow = CARETRIGHTBASE if side > 0 else CARETLEFTBASE
        bar.ax.plot(x + side * ARROW, bar.y, marker=arrow, color=INK, markersize=3.5, zorder=3)


def _legend(ax: Axes, found: Found, shown: Sequence[Candidate]) -> None:
    """What ticks and marks mean, under everything."""
    entries = [
        key("|", "as real", markersize=7),
        key("|", "ceiling", color=QUIET, markersize=7),
        key("o", "synthetic, 95 % interval", linestyle="-") if tested(found) else key("o", "synthetic"),
        Line2D([], [], linestyle="none", marker=MarkerStyle(CARETRIGHTBASE), color=INK, markersize=3.5, label="further out"),
    ]
    values = [value for one in shown for name, value in one["values"].items() if name not in found["blind"]]
    if not all(value["position"] is None or value["ranked"] for value in values):
        entries.append(key("o", "not ranked", markerfacecolor="white"))
    ax.legend(
        handles=entries,
        loc="lower center",
        bbox_to_anchor=(0.5, 0.0),
        bbox_transform=ax.transAxes,
        ncols=len(entries),
        columnspacing=1.3,
        handletextpad=0.4,
        handlelength=1.4,
        borderaxespad=0.3,
    )
