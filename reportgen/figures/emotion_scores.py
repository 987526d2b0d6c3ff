"""Which emotions are predicted, and by what: the correlation of each model with the ratings of each emotion."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Figure
from reportgen.emotions import is_plane
from reportgen.figures._regression import (
    NONE,
    Candidate,
    Found,
    above_zero,
    colour_of,
    few,
    found_in,
    interval_words,
    models_of,
    name_of,
    rows_named,
    spoken,
    tested_on,
    told,
    value,
    verdict_of,
)
from reportgen.figures._style import INK, QUIET, SMALL, WIDTHS, Width, fit, label_width, nothing, paper_cividis
from reportgen.figures._words import noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import ABSENT, NO_BREAK, percent

EACH = "experiment"
NEEDS = ("regression",)

ROW, TALL = 0.235, 7.3  # inches: of a row, and of the picture at most
MOST = 28  # rows that have room
NAMES, SIDE = 1.6, 0.08  # inches left and right
WIDEST = 0.75  # inches of a column
FADED = "#A0A0A0"
DARK = 0.45  # share of the colours from which on numbers are white
CELLS = 40  # numbers of which one is clear by chance
LEAST = 0.5  # correlation at the dark end, or more


def draw(inputs: Inputs) -> Figure:
    """Draw a row for each model and set of modalities, and a column for each emotion."""
    found = found_in(inputs)
    models = models_of(found)[:MOST]
    width: Width = "column" if models and len(found["emotions"]) > 3 else "narrow"
    return Figure(
        title=_title(found),
        caption=_caption(found),
        alt=_alt(found, models),
        picture=_picture(found, models, width) if models else nothing("No model was assessed."),
        data=_table(found),
        width=width,
    )


def _picture(found: Found, models: Sequence[Candidate], width: Width) -> Picture:
    emotions = [spoken(name) for name in found["emotions"]]
    column = min(WIDEST, (WIDTHS[width] - NAMES - SIDE) / len(emotions))
    slanted = label_width(emotions, 7.5) > column + 0.06
    above = 0.3 + (min(label_width(emotions, 7.5), 1.1) * 0.72 if slanted else 0.16)
    row = min(ROW, (TALL - above - 0.1) / len(models))
    height = above + row * len(models) + 0.1
    picture = Picture(figsize=(WIDTHS[width], height))
    wide = column * len(emotions)
    ax = picture.add_axes((NAMES / WIDTHS[width], 0.1 / height, wide / WIDTHS[width], row * len(models) / height))
    ax.set(xlim=(0, len(emotions)), ylim=(len(models), 0))
    _draw_cells(ax, found, models)
    names = rows_named(found, models, NAMES - 0.05)
    ax.set_yticks(np.arange(len(models)) + 0.5, names, fontsize=7.5)
    for label, one in zip(ax.get_yticklabels(), models, strict=True):
        label.set_color(colour_of(one))
    _name_emotions(ax, found, emotions, slanted=slanted)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return picture


def _draw_cells(ax: Axes, found: Found, models: Sequence[Candidate]) -> None:
    values = np.array([[_mean(one, name) for name in found["emotions"]] for one in models], float)  # (model, emotion)
    clear = np.array([[above_zero(_r(one, name)) for name in found["emotions"]] for one in models])
    top = max(LEAST, float(np.nanmax(values, initial=0)))
    shown = np.where(clear, values, 0.0)
    ax.pcolormesh(shown, cmap=paper_cividis(), vmin=0, vmax=top, edgecolors="white", linewidth=1.2)
    for (i, j), r in np.ndenumerate(values):
        dark = clear[i, j] and r > DARK * top
        how: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.5}
        colour = "white" if dark else INK if clear[i, j] else FADED
        text = ABSENT if np.isnan(r) else value({"mean": float(r), "low": None, "high": None})
        ax.text(j + 0.5, i + 0.5, text, color=colour, style="normal" if clear[i, j] else "italic", **how)


def _name_emotions(ax: Axes, found: Found, emotions: Sequence[str], *, slanted: bool) -> None:
    """Emotions above their columns, with the share of segments in which each is present."""
    ax.xaxis.tick_top()
    names = [fit(name, 1.1, 7.5) for name in emotions]
    ax.set_xticks(np.arange(len(emotions)) + 0.5, names, fontsize=7.5)
    if slanted:
        ax.tick_params(axis="x", pad=13)
        for label in ax.get_xticklabels():
            label.set(rotation=45, ha="left", va="bottom", rotation_mode="anchor")
    elif _present(found):
        ax.tick_params(axis="x", pad=12)
    lift = 1 + 0.02 / ax.get_window_extent().height * ax.figure.dpi  # 0.02 inches above the cells
    how: dict[str, Any] = {"va": "bottom", "fontsize": SMALL, "color": QUIET}
    shares = _present(found)
    for j, share in enumerate(shares):
        ax.text(j + 0.5, lift, percent(share), transform=ax.get_xaxis_transform(), ha="center", **how)
    if shares:
        ax.text(-0.04, lift, "present in", transform=ax.transAxes, ha="right", **how)


def _present(found: Found) -> list[float]:
    """Share of test segments with each emotion; nothing where ratings are places in a plane."""
    shares = found.get("present") or []
    return [] if is_plane(found["emotions"]) or any(share is None for share in shares) else list(shares)


def _r(one: Candidate, emotion: str) -> Any:
    return (one["emotions"].get(emotion) or {}).get("pearson") or NONE


def _mean(one: Candidate, emotion: str) -> float:
    mean = _r(one, emotion)["mean"]
    return np.nan if mean is None else float(mean)


def _title(found: Found) -> str:
    models = models_of(found)
    if not models:
        return "No model was assessed"
    emotions = found["emotions"]
    best = models[0]  # chosen on the validation part: the best of each column would be chosen on the test part
    if found["videos"] < MIN_GROUPS:
        return f"Too few {found['whole']}s to say which emotion is predicted"
    clear = [name for name in emotions if any(above_zero(_r(one, name)) for one in models)]
    if not clear:
        return "No model clearly correlates with any emotion"
    nowhere = [name for name in emotions if name not in clear]
    own = [name for name in clear if above_zero(_r(best, name))]
    ending = f"; no model predicts {few([noun(spoken(name)) for name in nowhere])}" if nowhere else ""
    if not own:
        return sentence(f"{name_of(found, best)}, chosen on the validation part, clearly correlates with no emotion")
    first, last = (choose(own, key=lambda name: _mean(best, name)) for choose in (max, min))
    head = f"{name_of(found, best)} predicts {noun(spoken(first))} best: r = {value(_r(best, first))}"
    if not nowhere and last != first:
        ending = f", and {noun(spoken(last))} worst: {value(_r(best, last))}"
    return sentence(head + ending)


def _caption(found: Found) -> str:
    parts = [
        f"Pearson correlation of predicted with rated intensities, {tested_on(found)}.",
        "Models with the lowest error on the validation part come first.",
    ]
    if found["videos"] >= MIN_GROUPS:
        cells = len(models_of(found)) * len(found["emotions"])
        parts.append(f"Grey italics: not clearly above zero, as the 95{NO_BREAK}% interval reaches it.")
        if cells >= CELLS:
            parts.append(f"Of {cells} numbers, about {cells / 40:.0f} would look clear by chance if nothing were predicted.")
    if _present(found):
        parts.append("Above the columns: in how many test segments the emotion is present; a rare one is hard to judge.")
    if any(verdict_of(one) == "collapsed" for one in models_of(found)):
        parts.append("Red: collapsed models, whose correlations are all of one direction.")
    parts.append(interval_words(found, "Intervals, in the data of this figure,"))
    if len(models_of(found)) > MOST:
        parts.append(f"Only the first {MOST} of {len(models_of(found))} rows have room; all are in the data.")
    return " ".join(parts)


def _alt(found: Found, models: Sequence[Candidate]) -> str:
    each = [f"{spoken(name)} {_range(models, name)}" for name in found["emotions"]]
    return f"Table of correlations, {len(models)} rows and {len(each)} emotions. Lowest to highest: {'; '.join(each)}."


def _range(models: Sequence[Candidate], emotion: str) -> str:
    known = sorted((_r(one, emotion) for one in models if _r(one, emotion)["mean"] is not None), key=lambda r: r["mean"])
    return f"{value(known[0])} to {told(known[-1])}" if known else "unknown"


def _table(found: Found) -> list[list[object]]:
    shares: Sequence[float | None] = _present(found) or [None] * len(found["emotions"])
    rows: list[list[object]] = []
    for one in models_of(found):
        for name, share in zip(found["emotions"], shares, strict=True):
            r = _r(one, name)
            n = None if share is None else round(share * found["n"])
            rows.append([one["title"], one["set"], one["id"], spoken(name), n, r["mean"], r["low"], r["high"], above_zero(r)])
    return [["model", "set", "id", "emotion", "segments with it", "r", "low", "high", "clearly above zero"], *rows]
