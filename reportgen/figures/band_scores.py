"""How well networks of the same kind do that are trained on a single band, beside all frequencies and chance."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._bands import numbers
from reportgen.figures._frequencies import span
from reportgen.figures._style import INK, QUIET, SMALL, beside, key, legend_below, new_figure, range_line, rows_of
from reportgen.figures._words import counted, number, sentence, with_interval
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "experiment"
NEEDS = ("facts", "band_scores")

POINTS = 8.5
ROW = 0.36  # inches
FAINT = "#B5B5B5"
SPREAD = 0.22  # of a row: units are spread so far up and down, so that equal ones are seen

Scores = Mapping[str, Any]
Band = Mapping[str, Any]


def draw(inputs: Inputs) -> Figure:
    """Draw the mean of each band with its interval, each unit as a faint dot, all frequencies on top."""
    facts, found = inputs.one("facts"), inputs.one("band_scores")
    return Figure(
        title=_title(found),
        caption=_caption(facts, found),
        alt=_alt(found),
        picture=_picture(found),
        data=_table(found),
        width="narrow",
    )


def _picture(found: Scores) -> Picture:
    bands = found["bands"]
    picture = new_figure("narrow", 1.1 + ROW * (len(bands) + 1))
    ax = picture.subplots()
    whole = found["whole"]
    if whole["low"] is not None:
        ax.axvspan(whole["low"], whole["high"], color="#E8EEF4", linewidth=0, zorder=0)
    _draw_row(ax, 0, whole)
    for y, band in enumerate(bands, start=1):
        units = numbers(band["units"])
        at = y + SPREAD * np.resize((-1.0, 0.0, 1.0), len(units))
        ax.plot(units, at, "o", color=FAINT, markersize=2.6, markeredgewidth=0, zorder=1.5)
        _draw_row(ax, y, band["balanced_accuracy"])
    ax.axvline(found["chance"], color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    rows_of(ax, ["all frequencies", *(f"{band['band']}, {span(band['low'], band['high'])}" for band in bands)])
    ax.tick_params(axis="y", labelsize=POINTS)
    ax.set_xlabel("balanced accuracy", fontsize=POINTS)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.grid(axis="x")
    line = "-" if _claimed(found) else "none"
    mean = key("D", "mean, 95 % interval" if _claimed(found) else "mean", linestyle=line)
    unit = key("o", found["unit"], color=FAINT, markersize=2.6)
    legend_below(picture, [mean, unit, key("", "chance", linestyle=(0, (1, 1.5)), color=QUIET)])
    return picture


def _draw_row(ax: Axes, y: int, value: Mapping[str, Any]) -> None:
    range_line(ax, y, value["low"], value["high"], INK, 1.6)
    ax.plot(value["mean"], y, "D", color=INK, markersize=4.5, zorder=3)
    beside(ax, y, with_interval(value).replace(" [", "\n["), size=SMALL)


def _claimed(found: Scores) -> bool:
    return any(value["low"] is not None for value in (found["whole"], *(band["balanced_accuracy"] for band in found["bands"])))


def _title(found: Scores) -> str:
    if not found["bands"]:
        return "No network was trained on a single band"
    best = max(found["bands"], key=lambda band: band["balanced_accuracy"]["mean"])
    if not _claimed(found):
        reached = f"{best['band']} alone reaches {number(best['balanced_accuracy'])}, all frequencies {number(found['whole'])}"
        return sentence(f"{reached}, on too few {found['unit']}s for a claim")
    clear = _clear(found)
    if not clear:
        return "No band alone is clearly better than chance"
    ordered = sorted(clear, key=lambda band: -band["balanced_accuracy"]["mean"])
    first, *others = [f"{band['band']} {number(band['balanced_accuracy'])}" for band in ordered[:2]]
    told = [first.replace(" ", " alone reaches ", 1), *others]
    return sentence(f"{listing(told)}, all frequencies {number(found['whole'])}; chance is {fixed(found['chance'], 2)}")


def _clear(found: Scores) -> list[Band]:
    """Bands whose interval lies above chance."""
    return [
        band
        for band in found["bands"]
        if band["balanced_accuracy"]["low"] is not None and band["balanced_accuracy"]["low"] > found["chance"]
    ]


def _caption(facts: Mapping[str, Any], found: Scores) -> str:
    unit = found["unit"]
    parts = [
        f"Balanced accuracy on {facts['title']} of networks of the same kind that are trained and tested on one band,",
        f"each tested on what it was not trained on: mean over {counted(len(found['units']), unit)}.",
    ]
    if _claimed(found):
        parts.append(f"Lines are 95 % intervals over {unit}s, not corrected for the number of bands; pale: that of all.")
        if without := [band["band"] for band in found["bands"] if band not in _clear(found)]:
            parts.append(f"Not clearly above chance: {listing(without)}.")
    else:
        parts.append(f"There are no intervals: {counted(len(found['units']), unit)} are too few for a claim about others.")
    parts.append("What a network can learn from a band alone need not be what it uses where it has all of them.")
    return " ".join(parts)


def _alt(found: Scores) -> str:
    each = [f"{band['band']} {with_interval(band['balanced_accuracy'])}" for band in found["bands"]]
    ends = f"all frequencies {with_interval(found['whole'])}, chance {fixed(found['chance'], 2)}"
    return f"A row of dots for each band. {sentence('; '.join([*each, ends]))}."


def _table(found: Scores) -> list[list[object]]:
    rows: list[list[object]] = [["band", "from Hz", "below Hz", "whose", "balanced accuracy", "low", "high"]]
    rows.append(["all", None, None, "mean", *_values(found["whole"])])
    for band in found["bands"]:
        place = [band["band"], band["low"], band["high"]]
        rows.append([*place, "mean", *_values(band["balanced_accuracy"])])
        rows += [[*place, unit, value, None, None] for unit, value in zip(found["units"], band["units"], strict=True)]
    return rows


def _values(value: Mapping[str, Any]) -> Sequence[object]:
    return [value[name] for name in ("mean", "low", "high")]
