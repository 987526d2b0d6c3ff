"""What trimming the inputs and leaving out outlier trials do to the accuracy, unit by unit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._bands import CLEAR, told_p
from reportgen.figures._style import INK, QUIET, SMALL, new_figure
from reportgen.figures._words import counted, sentence
from reportgen.outputs import Inputs
from reportgen.words import MINUS, decimals, fixed, listing

EACH = "experiment"
NEEDS = ("facts", "outliers")

LABELS: Mapping[str, str] = {
    "full": "all of each trial",
    "time": "without its\nfirst moments",
    "time_frequency": "and without\nlow frequencies",
    "without_outliers": "trained without\noutlier trials",
}
WORDS: Mapping[str, str] = {
    "time": "without the first moments of each trial",
    "time_frequency": "without first moments and low frequencies",
    "without_outliers": "without outlier trials in training",
}
PAIR = "#C9C9C9"  # lines of single units
Compared = Sequence[Mapping[str, Any]]  # `inputs` of the kind `outliers`


def draw(inputs: Inputs) -> Figure:
    """Draw the accuracy of each input, a thin line for each unit and a thick one for their mean."""
    facts, found = (inputs.one(kind) for kind in NEEDS)
    chance = 1 / len(facts["classes"])
    return Figure(
        title=_title(found),
        caption=_caption(facts, found),
        alt=_alt(found, chance),
        picture=_picture(found, chance),
        data=_table(found),
    )


def _picture(found: Mapping[str, Any], chance: float) -> Picture:
    picture = new_figure("column", 3.6)
    ax = picture.subplots()
    rows: Compared = found["inputs"]
    at = range(len(rows))
    units = np.array([row["accuracy"]["units"] for row in rows])  # (input, unit)
    means = [row["accuracy"]["mean"] for row in rows]
    ax.plot(at, units, color=PAIR, linewidth=0.7, marker="o", markersize=2.5, zorder=2)
    ax.plot(at, means, color=INK, linewidth=1.8, marker="D", markersize=5, zorder=3)
    ax.axhline(chance, color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
    ax.annotate(
        "chance", (1, chance), (4, 0), ax.get_yaxis_transform(), "offset points", va="center", fontsize=SMALL, color=QUIET
    )
    ax.annotate("mean", (len(rows) - 1, means[-1]), (7, 0), "data", "offset points", va="center", weight="bold")
    for i, row in enumerate(rows):
        how: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": SMALL, "linespacing": 1.4}
        ax.text(i, 1.02, _note(row["accuracy"]), transform=ax.get_xaxis_transform(), **how)
    ax.set_xticks(at, [LABELS[row["input"]] for row in rows])
    ax.tick_params(axis="x", length=0)
    ax.set(xlim=(-0.4, len(rows) - 0.6), ylabel="accuracy")
    ax.grid(axis="y")
    return picture


def _note(measure: Mapping[str, Any]) -> str:
    """Mean, or the difference with its interval over its p-value."""
    if measure["difference"] is None:
        return f"mean {fixed(measure['mean'], 3)}"
    return "\n".join(filter(None, [_change(measure), told_p(measure["p"]) if measure["p"] is not None else ""]))


def _change(measure: Mapping[str, Any]) -> str:
    """`+0.012 [−0.010, 0.034]`."""
    low, high = measure["low"], measure["high"]
    places = min(3, decimals((high - low) / 2)) if low is not None else 3
    told = f"{measure['difference']:+.{places}f}".replace("-", MINUS)
    return told if low is None else f"{told} [{fixed(low, places)}, {fixed(high, places)}]"


def _clear(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Inputs whose accuracy differs clearly, also if all inputs are counted (Bonferroni)."""
    others = [row for row in found["inputs"] if row["accuracy"]["difference"] is not None]
    return [row for row in others if row["accuracy"]["p"] is not None and row["accuracy"]["p"] * len(others) < CLEAR]


def _same(found: Mapping[str, Any]) -> list[str]:
    """Inputs with which every single unit has the accuracy that it has with the full input."""
    full, *others = found["inputs"]
    return [row["input"] for row in others if row["accuracy"]["units"] == full["accuracy"]["units"]]


def _is_testable(found: Mapping[str, Any]) -> bool:
    """Whether there are enough units for any sign flips to be clear."""
    return 2.0 ** (1 - len(found["units"])) * (len(found["inputs"]) - 1) < CLEAR


def _title(found: Mapping[str, Any]) -> str:
    others = [row["accuracy"] for row in found["inputs"] if row["accuracy"]["difference"] is not None]
    if not _is_testable(found) or any(measure["p"] is None for measure in others):
        most = fixed(max(abs(measure["difference"]) for measure in others), 3)
        return f"Other inputs move the accuracy by up to {most}, on too few {found['unit']}s for a claim"
    if not (clear := _clear(found)):
        trimming = "Neither trimming nor leaving out outlier trials changes" if len(others) > 1 else ""
        least = min(1.0, min(measure["p"] for measure in others) * len(others))
        corrected = "corrected " if len(others) > 1 else ""
        return f"{trimming or 'Leaving out outlier trials does not change'} the accuracy clearly ({corrected}{told_p(least)})"
    best = max(clear, key=lambda row: abs(row["accuracy"]["difference"]))
    way = "rises" if best["accuracy"]["difference"] > 0 else "falls"
    return sentence(f"{WORDS[best['input']]} the accuracy {way} by {fixed(abs(best['accuracy']['difference']), 2)}")


def _caption(facts: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    units = counted(len(found["units"]), found["unit"])
    parts = [
        f"Accuracy of the same model on {facts['title']} with other inputs: a thin line for each of {units}, thick their mean."
    ]
    if any(row["accuracy"]["low"] is not None for row in found["inputs"]):
        parts.append(
            f"Above, the difference from all of each trial with its 95 % interval over {found['unit']}s and the p-value of "
            "sign flips: each for one comparison, uncorrected."
        )
        if (many := len(found["inputs"]) - 1) > 1 and _is_testable(found):
            parts.append(
                f"The title calls clear what has p < {CLEAR:g} after correction for {many} comparisons (Bonferroni), so that"
                " an interval without 0 may not be clear."
            )
    else:
        parts.append("Above, the difference from all of each trial; there are too few units for intervals.")
    parts.append(f"All inputs are tested on the same {counted(found['trials'], 'trial')}, outliers among them.")
    if found["left_out"]:
        parts.append(f"Left out everywhere, because an input lacks them: {counted(len(found['left_out']), 'trial')}.")
    same = [LABELS[name].replace("\n", " ") for name in _same(found)]
    return " ".join([*parts, *([f"No {found['unit']} differs at all: {listing(same)}."] if same else [])])


def _alt(found: Mapping[str, Any], chance: float) -> str:
    each = [
        f"{LABELS[row['input']]} {fixed(row['accuracy']['mean'], 3)}".replace("\n", " ")
        + (f", difference {_change(row['accuracy'])}" if row["accuracy"]["difference"] is not None else "")
        for row in found["inputs"]
    ]
    return f"Lines of accuracy over inputs. {'; '.join(each)}. Chance is {fixed(chance, 2)}."


def _table(found: Mapping[str, Any]) -> list[list[object]]:
    return [
        ["input", found["unit"], "accuracy", "balanced accuracy"],
        *(
            [row["input"], unit, accuracy, balanced]
            for row in found["inputs"]
            for unit, accuracy, balanced in zip(
                found["units"], row["accuracy"]["units"], row["balanced_accuracy"]["units"], strict=True
            )
        ),
        *([row["input"], "mean", row["accuracy"]["mean"], row["balanced_accuracy"]["mean"]] for row in found["inputs"]),
    ]
