"""Which model is better, and how sure that is: scores side by side, and the paired differences between them."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._style import INK, QUIET, SMALL, VALIDATION, beside, fit, key, legend_below, new_figure, range_line
from reportgen.figures._words import counted, with_interval
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, listing, p_value

EACH = "comparison"
NEEDS = ("comparison",)

Found = Mapping[str, Any]  # the output `comparison`
Pair = Mapping[str, Any]  # one of its `pairs`

ALL_PAIRS = 6  # up to here every pair is drawn, else those with the experiment that is best on the validation part
ALPHA = 0.05
NAME = 1.15  # inches for a name
THICK, THIN = 2.2, 0.8  # points: lines of the paired interval, and of the one for other trainings


def draw(inputs: Inputs) -> Figure:
    """Draw the accuracy of each experiment, and the difference of each pair with its interval and p-value."""
    found = inputs.one("comparison")
    pairs = _shown(found)
    rows = max(len(found["experiments"]), len(pairs))
    picture = new_figure("column", 0.95 + min(0.36, 6.2 / rows) * rows)
    left, right = picture.subplots(1, 2, width_ratios=(1, 1.05))
    _draw_scores(left, found, rows)
    _draw_pairs(right, pairs, rows)
    legend_below(picture, _legend(found, pairs))
    return Figure(
        title=_title(found),
        caption=_caption(found, pairs),
        alt=_alt(found),
        picture=picture,
        data=_table(found),
    )


def _shown(found: Found) -> Sequence[Pair]:
    """All pairs, or, where they are too many to read, those with the best experiment on the validation part."""
    pairs: Sequence[Pair] = found["pairs"]
    return pairs if len(pairs) <= ALL_PAIRS else _with_best(found)


def _with_best(found: Found) -> list[Pair]:
    return [pair for pair in found["pairs"] if pair["first"] == found["experiments"][0]["name"]]


def _clear(pair: Pair) -> bool:
    """Whether chance alone would hardly make so large a difference, with all pairs considered."""
    return pair["p_holm"] is not None and pair["p_holm"] < ALPHA


def _settled(pair: Pair) -> bool:
    """Whether it is clear and other trainings of the same settings would hardly turn it round either."""
    ends = pair["trainings"]
    return _clear(pair) and ends is not None and (ends["low"] > 0 if pair["difference"] > 0 else ends["high"] < 0)


def _draw_scores(ax: Axes, found: Found, rows: int) -> None:
    for y, row in enumerate(found["experiments"]):
        metric, seeds = row["accuracy"], row["accuracy"]["seeds"]
        range_line(ax, y, metric["low"], metric["high"], INK)
        ax.plot(metric["mean"], y, "o", color=INK)
        if len(seeds) > 1:
            ax.plot(seeds, [y + 0.24] * len(seeds), "|", color=QUIET, markersize=3.5)
        ax.plot(row["validation"], y, "|", color=VALIDATION, markersize=8, markeredgewidth=1.2)
        beside(ax, y, fit(row["name"], NAME), gap=-6, lift=4.5, colour=INK, size=8)
        beside(ax, y, with_interval(metric), gap=-6, lift=-4.5)
    _frame(ax, rows, "accuracy on the test part")


def _draw_pairs(ax: Axes, pairs: Sequence[Pair], rows: int) -> None:
    ax.axvline(0, color=QUIET, linewidth=0.9, zorder=1)
    for y, pair in enumerate(pairs):
        colour = INK if _clear(pair) else QUIET
        if pair["trainings"]:
            range_line(ax, y, pair["trainings"]["low"], pair["trainings"]["high"], colour, THIN)
        range_line(ax, y, pair["low"], pair["high"], colour, THICK)
        ax.plot(pair["difference"], y, "o", color=colour, markerfacecolor=colour if _clear(pair) else "white")
        beside(ax, y, fit(pair["first"], NAME), gap=-6, lift=4.5, colour=INK, size=8)
        beside(ax, y, f"minus {fit(pair['second'], NAME - 0.3, SMALL)}", gap=-6, lift=-4.5)
        beside(ax, y, _difference(pair), lift=4.5, colour=colour, size=7.5)
        beside(ax, y, _p(pair), lift=-4.5, colour=colour)
    ends = [0.0, *(pair[end] for pair in pairs for end in ("low", "high", "difference") if pair[end] is not None)]
    ends += [end for pair in pairs if pair["trainings"] for end in pair["trainings"].values()]
    room = 0.08 * (max(ends) - min(ends)) + 0.005
    ax.set_xlim(min(ends) - room, max(ends) + room)
    _frame(ax, rows, "difference of the accuracy\nfirst better →")


def _frame(ax: Axes, rows: int, label: str) -> None:
    ax.set(ylim=(rows - 0.45, -0.55), yticks=[], xlabel=label)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)


def _difference(pair: Pair) -> str:
    """`+0.350 [0.310, 0.390]`."""
    number = with_interval({"mean": pair["difference"], "low": pair["low"], "high": pair["high"]})
    return f"+{number}" if pair["difference"] > 0 else number


def _wider(pair: Pair) -> str:
    """` ([0.290, 0.410] for other trainings)`, or nothing."""
    if not pair["trainings"]:
        return ""
    _, ends = with_interval({"mean": pair["difference"], **pair["trainings"]}).split(" ", 1)
    return f" ({ends} for other trainings)"


def _p(pair: Pair) -> str:
    """`p = 0.012`, corrected; without one nothing can be said."""
    return _told_p(pair["p_holm"]) if pair["p_holm"] is not None else "too few samples to tell"


def _told_p(p: float, relation: str = "=") -> str:
    return f"p{NO_BREAK}{p_value(p)}" if p < 0.001 else f"p{NO_BREAK}{relation}{NO_BREAK}{p_value(p)}"


def _legend(found: Found, pairs: Sequence[Pair]) -> list[Line2D]:
    entries = [
        key("o", "mean, 95 % interval", linestyle="-"),
        key("|", "seed", color=QUIET, markersize=4) if any(len(row["seeds"]) > 1 for row in found["experiments"]) else None,
        key("", "also for other trainings", linestyle="-", linewidth=THIN) if any(p["trainings"] for p in pairs) else None,
        key("|", "validation part", color=VALIDATION, markersize=8, markeredgewidth=1.2),
        None
        if all(map(_clear, pairs))
        else key("o", "no clear difference", color=QUIET, markerfacecolor="white", linestyle="-"),
    ]
    return [entry for entry in entries if entry]


def _title(found: Found) -> str:
    best, pairs = found["experiments"][0]["name"], _with_best(found)
    if all(pair["p_holm"] is None for pair in pairs):
        return "There are too few independent test samples to say which experiment is better"
    better = [pair for pair in pairs if _clear(pair) and pair["difference"] > 0]
    worse = [pair for pair in pairs if _clear(pair) and pair["difference"] < 0]
    alike = [pair for pair in pairs if not _clear(pair) and pair["p_holm"] is not None]
    parts = [
        f"{clearly}better than {_others(some, pairs)}{only} ({_at_most(some)})" for clearly, some, only in _by_reach(better)
    ]
    if alike:
        parts.append(f"not distinguishable from {_others(alike, pairs)}")
    told = [f"{best} is {'; '.join(parts)}"] if parts else []
    for clearly, some, only in _by_reach(worse):
        verb = "is" if len(some) == 1 else "are"
        told.append(f"{_others(some, pairs)} {verb} {clearly}better than {best}{only} ({_at_most(some)})")
    return "; ".join(told)


def _by_reach(pairs: Sequence[Pair]) -> list[tuple[str, list[Pair], str]]:
    """Those that are clear for other trainings too, and those that are for these ones, each with the words around them."""
    settled, trained = ([pair for pair in pairs if _settled(pair) == known] for known in (True, False))
    both = (("clearly ", settled, ""), ("", trained, " for these trained models"))
    return [(clearly, some, only) for clearly, some, only in both if some]


def _others(some: Sequence[Pair], pairs: Sequence[Pair]) -> str:
    """Their names, or how many they are."""
    return listing([pair["second"] for pair in some]) if len(some) <= 3 else f"{len(some)} of {len(pairs)} others"


def _at_most(pairs: Sequence[Pair]) -> str:
    return _told_p(max(pair["p_holm"] for pair in pairs), "=" if len(pairs) == 1 else "≤")


def _caption(found: Found, pairs: Sequence[Pair]) -> str:
    every = len(found["pairs"])
    parts = [
        f"Left: accuracy on the same {counted(found['n'], 'test sample')} in {counted(found['groups'], 'independent group')}.",
        "The order is that of the validation part (blue ticks): the test part ranks nothing. Right: differences on the same",
    ]
    if all(pair["p_holm"] is None for pair in pairs):
        parts.append("samples. There are too few independent groups for intervals and p-values, so nothing is claimed.")
    else:
        parts.append("samples. Thick lines are paired 95 % intervals; they and the two-sided p-values")
        parts[-1] += f", corrected after Holm for {every} pairs," if every > 1 else ""
        parts[-1] += " are about these trained models and other test samples."
        parts.append(_about_trainings(pairs))
        if not all(map(_clear, pairs)):
            parts.append("Hollow: not distinguishable from zero, which does not show that the two are equally good.")
        if any(metric["low"] is None for metric in (*pairs, *(row["accuracy"] for row in found["experiments"]))):
            parts.append("Where there is no interval, all resamples agree, which does not show how a value varies.")
    if len(pairs) < every:
        parts.append(f"Of {every} pairs those with {found['experiments'][0]['name']} are drawn; the data hold all of them.")
    return " ".join(parts)


def _about_trainings(pairs: Sequence[Pair]) -> str:
    """What the thin lines are, or why there are none."""
    there = [pair for pair in pairs if pair["trainings"]]
    if not there:
        return "None is about other trainings: that takes two seeds of both experiments."
    text = "Thin lines are 95 % intervals for other trainings of the same settings as well, not corrected for several pairs"
    return f"{text}; there is none where an experiment has one seed." if len(there) < len(pairs) else f"{text}."


def _alt(found: Found) -> str:
    scores = "; ".join(f"{row['name']} {with_interval(row['accuracy'])}" for row in found["experiments"])
    pairs = "; ".join(
        f"{pair['first']} minus {pair['second']} {_difference(pair)}{_wider(pair)}, {_p(pair)}" for pair in _shown(found)
    )
    return f"Accuracies, best on the validation part first: {scores}. Differences: {pairs}."


def _table(found: Found) -> list[list[object]]:
    header = ["what", "experiment", "minus", "model", "parameters", "seeds", "validation", "value", "sd", "low", "high"]
    return [
        [*header, "low (trainings)", "high (trainings)", "test", "p", "p (Holm)", "only first right", "only second right"],
        *(
            ["accuracy", row["name"], "", row["model"], row["parameters"], len(row["seeds"]), row["validation"]]
            + [row["accuracy"][name] for name in ("mean", "sd", "low", "high")]
            + [None, None, "", None, None, None, None]
            for row in found["experiments"]
        ),
        *(
            ["difference", pair["first"], pair["second"], "", None, None, None, pair["difference"], None, pair["low"]]
            + [pair["high"], *((pair["trainings"] or {}).get(end) for end in ("low", "high"))]
            + [pair[name] for name in ("test", "p", "p_holm")]
            + list(pair["discordant"] or (None, None))
            for pair in found["pairs"]
        ),
    ]
