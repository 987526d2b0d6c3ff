"""What synthetic samples are good for: training on them, being recognised, and adding them to real ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Figure
from reportgen.figures._candidates import (
    CONTROL,
    Estimate,
    Found,
    by_key,
    draw_estimate,
    drawn,
    generators,
    interval_words,
    looks_of,
    name_of,
    on_missing,
    some,
    told,
)
from reportgen.figures._style import INK, QUIET, SMALL, Look, beside, key, legend_below, new_figure, nothing, rows_of
from reportgen.outputs import Inputs
from reportgen.words import listing, p_value

EACH = "experiment"
NEEDS = ("signal_scores",)

EMPTY: Estimate = dict.fromkeys(("mean", "low", "high"))
DASHED = (0, (4, 2))
ROW, REST = 0.34, 1.05  # inches: of a generator, and of headings, axis and legend
SHIFT = 0.16  # rows from the middle to TSTR above it and TRTS below it
TWICE = "no more than real samples twice"
WORSE = "no worse than real samples twice"
WORDS: Mapping[str, str] = {
    "helped": "helps",
    "hurt": "hurts",
    TWICE: "helps, but no more than showing real samples twice",
    WORSE: "hurts, but no more than showing real samples twice",
}
"""What the title says of augmentation by verdict."""
SHORT: Mapping[str, str] = dict.fromkeys((TWICE, WORSE), "as real ones twice")
"""What stands beside a row instead of a longer verdict."""
CONTROLS: Mapping[str, str] = {"classes": "swapped classes", "real": "real ones twice"}

LEARNED: Mapping[float, str] = {  # from such a share of what real samples teach above chance on, in words
    0.9: "as much as from real samples",
    0.5: "more than half as much above chance",
    0.1: "little",
    float("-inf"): "nothing",
}

Row = Mapping[str, Any]


def draw(inputs: Inputs) -> Figure:
    """Draw a row for each generator: accuracies left, what adding its samples changes right."""
    found = inputs.one("signal_scores")
    rows = _rows(found)
    there = any(row["tstr"]["mean"] is not None or row["change"]["mean"] is not None for row in rows)
    return Figure(
        title=_title(found),
        caption=_caption(found, there),
        alt=_alt(found, there),
        picture=_picture(found, rows) if there else nothing("No model was trained on synthetic samples."),
        data=_table(found),
        width="column" if there else "narrow",
    )


def _rows(found: Found) -> list[Row]:
    """Of the generators that are drawn, then of the controls that a model learned from."""
    known = {row["key"]: row for row in found["utility"]["rows"]}
    nothing = {"tstr": EMPTY, "trts": EMPTY, "both": EMPTY, "change": EMPTY, "gain": EMPTY, "p": None, "verdict": ""}
    rows: list[Row] = [known.get(one["key"]) or {**nothing, "key": one["key"]} for one in drawn(found)]
    rows += [known[name] for name in ("classes",) if name in known]
    again = known.get("real")
    return [*rows, {**again, "tstr": EMPTY, "trts": EMPTY}] if again else rows


def _picture(found: Found, rows: Sequence[Row]) -> Picture:
    picture = new_figure("column", REST + ROW * len(rows))
    scores, changes = picture.subplots(1, 2, sharey=True, gridspec_kw={"width_ratios": (1.15, 1)})
    looks = {**looks_of(generators(found)), **dict.fromkeys(CONTROLS, CONTROL)}
    for i, row in enumerate(rows):
        _draw_row(scores, changes, i, row, looks[row["key"]], gone=_gone(found, row["key"]))
    _frame_scores(scores, found)
    rows_of(scores, [_name(found, row["key"]) for row in rows])
    changes.axvline(0, color=QUIET, linewidth=0.9, zorder=1)
    twice = _twice(found)
    if twice is not None:
        changes.axvline(twice, color=QUIET, linewidth=0.9, linestyle=DASHED, zorder=1)
    changes.set_title("added to real samples", fontsize=8, color=INK)
    changes.set_xlabel("change in balanced accuracy")
    changes.tick_params(axis="y", length=0)
    changes.spines["left"].set_visible(False)
    for ax in (scores, changes):
        ax.grid(axis="x")
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    entries = [
        key("o", "learned from synthetic"),
        key("o", "tested on synthetic", markerfacecolor="white"),
        key("", "real", linestyle="-"),
        key("", "chance", linestyle=(0, (1, 1.5)), color=QUIET, linewidth=0.9),
    ]
    if twice is not None:
        entries.append(key("", "real twice", linestyle=DASHED, color=QUIET, linewidth=0.9))
    legend_below(picture, entries)
    return picture


def _twice(found: Found) -> float | None:
    """What seeing each real sample twice changes."""
    return next((row["change"]["mean"] for row in found["utility"]["rows"] if row["key"] == "real"), None)


def _draw_row(scores: Axes, changes: Axes, i: int, row: Row, look: Look, *, gone: bool) -> None:
    draw_estimate(scores, i - SHIFT, row["tstr"], look, size=4.4)
    draw_estimate(scores, i + SHIFT, row["trts"], look, hollow=True, size=4.4)
    draw_estimate(changes, i, row["change"], look)
    if gone:
        words = ["diverged"]
    else:
        p = "" if row["p"] is None else f"p = {p_value(row['p'])}".replace("= <", "<")
        words = [text for text in (SHORT.get(row["verdict"], row["verdict"]), p) if text]
    for j, text in enumerate(words):
        lift = 0 if len(words) == 1 else 4.5 - 9 * j
        beside(changes, i, text, lift=lift, colour=QUIET if j or gone else INK, size=SMALL)


def _frame_scores(ax: Axes, found: Found) -> None:
    real = found["utility"]["real"]
    if real["mean"] is not None:
        ax.axvline(real["mean"], color=INK, linewidth=1.1, zorder=1)
    if real["low"] is not None and real["high"] is not None:
        ax.axvspan(real["low"], real["high"], color="#E6E6E6", linewidth=0, zorder=0)
    ax.axvline(found["chance"], color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    ax.set_title("alone", fontsize=8, color=INK)
    ax.set_xlabel("balanced accuracy")


def _name(found: Found, name: str) -> str:
    return CONTROLS.get(name) or name_of(found, name)


def _gone(found: Found, name: str) -> bool:
    one = by_key(found, name)
    return bool(one and one["diverged"])


def _title(found: Found) -> str:
    rows = [row for row in _rows(found) if row["change"]["mean"] is not None and row["key"] not in CONTROLS]
    if not rows:
        return "What synthetic samples are good for was not measured"
    tested = [row for row in rows if row["verdict"] != "not tested"]
    if not tested:
        if found["units"] >= MIN_GROUPS:
            return "Whether adding synthetic samples helps was not tested"
        return f"{found['units']} {found['unit_of_test']}s are too few to test whether adding synthetic samples helps"
    if "augmentation" in found["blind"]:
        return "Whether adding synthetic samples helps cannot be told: adding swapped classes does not clearly hurt either"
    by = {verdict: [row for row in tested if row["verdict"] == verdict] for verdict in WORDS}
    parts = [(_named(found, rows), WORDS[verdict]) for verdict, rows in by.items() if rows]
    if not parts:
        return "Adding synthetic samples to real ones makes no clear difference"
    (names, verb), *others = parts
    told = [f"Adding samples of {names} {verb}", *(f"adding those of {names} {verb}" for names, verb in others)]
    return "; ".join([*told, *([] if by["helped"] or by[TWICE] else ["no others help"])])


def _named(found: Found, rows: Sequence[Row]) -> str:
    """`wgan_raw (+0.031)`, or without the number where there are several."""
    names = some([_name(found, row["key"]) for row in rows])
    return names if len(rows) > 1 else f"{names} ({told({**EMPTY, 'mean': rows[0]['change']['mean']}, signed=True)})"


def _caption(found: Found, there: bool) -> str:
    if not there:
        return " ".join(["The model of the experiment was trained on no synthetic sample.", *on_missing(found)])
    model, unit = found["model"], found["unit_of_test"]
    parts = [
        f"Balanced accuracy of {model['use']}; {_trainings(found)}.",
        "Left: trained on synthetic samples and tested on real ones, what can be learned from them; trained on real samples",
        "and tested on synthetic ones, whether their classes are recognised.",
        f"Black: the same model on real samples only, {told(found['utility']['real'])}; dotted: chance, {found['chance']:.2f}.",
        f"Right: trained on both, less trained on real ones, paired over {unit}s; p of sign flips.",
        "It helps where it is clearly above 0 and above real samples seen twice: as many updates, and nothing new.",
        interval_words(found),
    ]
    controls = {row["key"] for row in _rows(found)} & set(CONTROLS)
    if controls:
        told_of = {
            "classes": "real samples whose classes were swapped",
            "real": "the real samples themselves, seen twice (dashed)",
        }
        parts.append(f"Grey are controls: {listing([words for name, words in told_of.items() if name in controls])}.")
    return " ".join([*parts, *on_missing(found)])


def _trainings(found: Found) -> str:
    """How many trainings a number is a mean of."""
    n, folds, seeds = found["model"]["trainings"], len(found["folds"]), len(found["seeds"])
    many = f" in each of {folds} folds" if folds > 1 else ""
    many += f" for each of {seeds} seeds of the generators" if seeds > 1 else ""
    return f"each number is of a single training{many}" if n == 1 else f"each number is the mean of {n} trainings{many}"


def _alt(found: Found, there: bool) -> str:
    if not there:
        return "There is nothing to see: no accuracy is known."
    rows = [row for row in _rows(found) if row["change"]["mean"] is not None and row["key"] not in CONTROLS]
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(row["verdict"] or "not tested", []).append(_name(found, row["key"]))
    told_of = "; ".join(f"{words}: {listing(names)}" for words, names in groups.items())
    parts = [
        _learned(found),
        f"Added to real ones, {told_of}" if told_of else "",
        *(f"{one['title']} diverged" for one in drawn(found) if one["diverged"]),
    ]
    return f"Two charts of dots. {'. '.join(filter(None, parts))}."


def _learned(found: Found) -> str:
    """What a model learns from synthetic samples alone."""
    real, chance = found["utility"]["real"]["mean"], found["chance"]
    if real is None or real <= chance:
        return ""
    groups: dict[str, list[str]] = {}
    for row in _rows(found):
        if row["key"] not in CONTROLS and row["tstr"]["mean"] is not None:
            share = (row["tstr"]["mean"] - chance) / (real - chance)
            groups.setdefault(next(words for least, words in LEARNED.items() if share >= least), []).append(
                _name(found, row["key"])
            )
    told_of = "; ".join(f"{words} from {listing(groups[words])}" for words in LEARNED.values() if words in groups)
    return f"Alone, a model learns {told_of}" if told_of else ""


def _table(found: Found) -> list[list[object]]:
    ends = ("mean", "low", "high")
    names = ("tstr", "trts", "both", "change", "gain")
    header: list[object] = ["candidate", *(f"{name} {end}" for name in names for end in ends), "p", "verdict", "diverged"]
    known = {row["key"]: row for row in found["utility"]["rows"]}
    rows: list[list[object]] = [["real alone", *(found["utility"]["real"][end] for end in ends), *[None] * 13, "", ""]]
    for name in dict.fromkeys([*(one["key"] for one in generators(found)), *known]):
        row = known.get(name) or {"p": None, "verdict": "", **dict.fromkeys(names, EMPTY)}
        values = [row[what][end] for what in names for end in ends]
        one = by_key(found, name)
        rows.append([name, *values, row["p"], row["verdict"], one["diverged"] if one else ""])
    return [header, *rows]
