"""What the score of one model owes to how the data are divided: to knowing the person, the clips, the day."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._style import INK, QUIET, SMALL, beside, fit, key, legend_below, new_figure, range_line
from reportgen.figures._words import counted, sentence, with_interval
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, fixed, listing, p_value

EACH = "contrast"
NEEDS = ("contrast",)

WORTH: Mapping[str, str] = {
    "session": "knowing the session",
    "subject identity": "knowing the person",
    "stimulus identity": "knowing the clips",
}
ALL_PAIRS = 6  # up to here every pair is drawn, else those that name a gap
ALPHA = 0.05
UPPER = 2.6  # inches of the panel of units
FAINT = "#B5B5B5"
BESIDE: Mapping[str, Any] = {
    "va": "center",
    "fontsize": SMALL,
    "zorder": 5,
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85},
}

Found = Mapping[str, Any]  # the output `contrast`
Pair = Mapping[str, Any]  # one of its `pairs`


def draw(inputs: Inputs) -> Figure:
    """Draw each unit under each split, and the differences between splits."""
    found = inputs.one("contrast")
    below = 0.5 + 0.38 * len(_shown(found))  # inches of the lower panel
    picture = new_figure("narrow", UPPER + below)
    upper, lower = picture.subplots(2, 1, height_ratios=(UPPER, below))
    _draw_units(upper, found)
    _draw_pairs(lower, found)
    legend_below(picture, _legend(found))
    return Figure(
        title=_title(found), caption=_caption(found), alt=_alt(found), picture=picture, data=_table(found), width="narrow"
    )


def _legend(found: Found) -> list[Line2D]:
    claimed = any(row["low"] is not None for row in found["experiments"])
    return [
        key("o", found["unit"], color=FAINT, linestyle="-", markersize=3),
        key("D", "mean, 95 % interval" if claimed else "mean", linestyle="-" if claimed else "none"),
        key("", "chance", linestyle=(0, (1, 1.5)), color=QUIET),
    ]


def _shown(found: Found) -> list[Pair]:
    """All pairs or, where they are too many to read, those that name a gap."""
    pairs: list[Pair] = found["pairs"]
    return pairs if len(pairs) <= ALL_PAIRS else [pair for pair in pairs if pair["names_gap"]][:ALL_PAIRS] or pairs[:ALL_PAIRS]


def _draw_units(ax: Axes, found: Found) -> None:
    rows = found["experiments"]
    places = np.arange(len(rows))
    table = np.array([row["units"] for row in rows], float)  # (experiment, unit)
    many = table.shape[1] > 40
    ax.plot(places, table, color=FAINT, linewidth=0.3 if many else 0.7, zorder=1)
    ax.plot(places, table, "o", color=FAINT, markersize=1.8 if many else 3, zorder=2)
    ax.axhline(found["chance"], color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    for x, row in enumerate(rows):
        if row["low"] is not None:
            ax.plot([x, x], [row["low"], row["high"]], color=INK, linewidth=1.6, solid_capstyle="butt", zorder=3)
        ax.plot(x, row["accuracy"], "D", color=INK, markersize=4.5, zorder=4)
        ax.annotate(fixed(row["accuracy"], 2), (x, row["accuracy"]), (6, 0), "data", "offset points", **BESIDE)
    tilted: dict[str, Any] = {"rotation": 25, "ha": "right", "rotation_mode": "anchor"} if len(rows) > 3 else {}
    ax.set_xticks(places, [_label(row) for row in rows], fontsize=SMALL, **tilted)
    ax.set(xlim=(-0.35, len(rows) - 0.45), ylabel="accuracy")
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.grid(axis="y")


def _label(row: Mapping[str, Any]) -> str:
    """The split, one setting a line."""
    return "\n".join(fit(part, 1.0, SMALL) for part in row["split"].split(", "))


def _draw_pairs(ax: Axes, found: Found) -> None:
    pairs = _shown(found)
    split = {row["name"]: row["split"] for row in found["experiments"]}
    ax.axvline(0, color=QUIET, linewidth=0.9, zorder=1)
    ends = [0.0]
    for y, pair in enumerate(pairs):
        beside(
            ax, y, fit(f"{split[pair['first']]} − {split[pair['second']]}", 1.5, 7.5), gap=-6, lift=4.5, colour=INK, size=7.5
        )
        beside(ax, y, WORTH.get(pair["names_gap"], "several things at once"), gap=-6, lift=-4.5)
        if pair["difference"] is None:
            beside(ax, y, "no unit in both")
            continue
        clear = _clear(pair)
        colour = INK if clear else QUIET
        range_line(ax, y, pair["low"], pair["high"], colour, 1.8)
        ax.plot(pair["difference"], y, "o", color=colour, markerfacecolor=colour if clear else "white")
        beside(ax, y, _signed(pair).replace(" [", "\n["), colour=colour)
        ends += [pair[end] for end in ("low", "high", "difference") if pair[end] is not None]
    margin = 0.08 * (max(ends) - min(ends)) + 0.01
    ax.set(xlim=(min(ends) - margin, max(ends) + margin), ylim=(len(pairs) - 0.4, -0.6), yticks=[], xlabel="difference")
    ax.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)


def _metric(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"mean": row[name], "low": row["low"], "high": row["high"]}


def _clear(pair: Pair) -> bool:
    return pair["p_holm"] is not None and pair["p_holm"] < ALPHA


def _signed(pair: Pair) -> str:
    """`+0.15 [0.12, 0.18]`."""
    text = with_interval(_metric(pair, "difference"))
    return f"+{text}" if pair["difference"] > 0 else text


def _title(found: Found) -> str:
    if all(pair["p_holm"] is None for pair in found["pairs"]):
        return f"There are too few {found['unit']}s to say what the split is worth"
    clear = sorted(filter(_clear, found["pairs"]), key=lambda pair: -abs(pair["difference"]))
    named = [pair["names_gap"] for pair in found["pairs"] if pair["names_gap"]]
    if not clear:
        return "No split gives a clearly different accuracy than another"
    if not named:
        return f"The split alone changes the accuracy by up to {fixed(abs(clear[0]['difference']), 2)}"
    largest: dict[str, float] = {}
    for pair in clear:
        if pair["names_gap"]:
            largest.setdefault(pair["names_gap"], pair["difference"])
    told = [
        f"{WORTH[gap]} is worth {'up to ' if named.count(gap) > 1 else ''}{fixed(difference, 2)}"
        for gap, difference in largest.items()
    ]
    if not told:
        difference = fixed(abs(clear[0]["difference"]), 2)
        return f"Knowing several of these at once is worth {difference} of accuracy, none of them clearly so alone"
    return sentence(f"{listing(told)} of accuracy")


def _caption(found: Found) -> str:
    unit = found["unit"]
    told = (
        f"The same features, model and training, divided in different ways. Above: each line is one {unit}, diamonds are means "
        f"over {unit}s. Below: differences over the {unit}s that both splits test"
    )
    if any(pair["low"] is not None for pair in found["pairs"]):
        told += ", with paired 95 % intervals; hollow: not distinguishable from zero by a sign-flip test, corrected after Holm"
    told += ". Splits also differ in how much and from whom a model learns: a gap is what that knowledge is worth here."
    if len(_shown(found)) < len(found["pairs"]):
        told += f" Of {len(found['pairs'])} pairs {len(_shown(found))} are drawn; the data hold all of them."
    return told


def _alt(found: Found) -> str:
    scores = "; ".join(f"{row['split']} {with_interval(_metric(row, 'accuracy'))}" for row in found["experiments"])
    pairs = "; ".join(_described(pair) for pair in found["pairs"])
    return f"Mean accuracies over {counted(len(found['units']), found['unit'])}: {scores}. Differences: {pairs}."


def _described(pair: Pair) -> str:
    names = f"{pair['first']} minus {pair['second']}"
    if pair["difference"] is None:
        return f"{names} unknown"
    gap = f" ({WORTH[pair['names_gap']]})" if pair["names_gap"] else ""
    return f"{names}{gap} {_signed(pair)}{_p(pair['p_holm'])}"


def _p(p: float | None) -> str:
    if p is None:
        return ""
    return f", p{NO_BREAK}{p_value(p)}" if p < 0.001 else f", p{NO_BREAK}={NO_BREAK}{p_value(p)}"


def _table(found: Found) -> list[list[object]]:
    rows: list[list[object]] = [
        ["what", "experiment", "minus", "split", found["unit"], "value", "low", "high", "p", "p (Holm)", "gap"]
    ]
    for row in found["experiments"]:
        whose = [row["name"], "", row["split"]]
        rows.append(["mean", *whose, "", row["accuracy"], row["low"], row["high"], None, None, ""])
        for unit, value in zip(found["units"], row["units"], strict=True):
            rows.append([found["unit"], *whose, unit, value, None, None, None, None, ""])
    for pair in found["pairs"]:
        numbers = (pair[name] for name in ("difference", "low", "high", "p", "p_holm", "names_gap"))
        rows.append(["difference", pair["first"], pair["second"], "", "", *numbers])
    return rows
