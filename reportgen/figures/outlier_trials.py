"""The training trials that lie far from the others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure as Picture
from matplotlib.ticker import LogLocator, NullLocator

from reportgen.core import Figure
from reportgen.figures._bands import legend_of_classes
from reportgen.figures._style import INK, QUIET, SMALL, beside, fit, looks, new_figure, nothing
from reportgen.figures._words import counted, sentence
from reportgen.outputs import Inputs
from reportgen.words import fixed, percent

EACH = "experiment"
NEEDS = ("facts", "outliers")

MOST = 32  # trials in the picture
WIDE = 8.0  # × threshold: from there on the axis is logarithmic


def draw(inputs: Inputs) -> Figure:
    """Draw the distance of each outlier trial, farthest first."""
    facts, found = inputs.one("facts"), inputs.one("outliers")["outliers"]
    trials = found["trials"]
    return Figure(
        title=_title(trials),
        caption=_caption(facts, found),
        alt=_alt(found),
        picture=_picture(trials[:MOST], found["threshold"], facts["classes"])
        if trials
        else nothing("No training trial lies beyond the threshold."),
        data=[
            ["trial", "subject", "recording", "class", "distance", "folds that found it", "folds that learn from it"],
            *([row[name] for name in ("trial", "subject", "recording", "label", "distance", "folds", "of")] for row in trials),
            ["threshold", "", "", "", found["threshold"], None, None],
        ],
        width="column" if trials else "narrow",
    )


def _picture(trials: Sequence[Mapping[str, Any]], threshold: float, classes: Sequence[str]) -> Picture:
    picture = new_figure("column", 1.1 + 0.17 * len(trials) + 0.16 * (len(classes) // 4))
    ax = picture.subplots()
    look = dict(zip(classes, looks(classes), strict=True))
    for row, trial in enumerate(trials):
        own = look[trial["label"]]
        ax.plot([threshold, trial["distance"]], [row, row], color="#D5D5D5", linewidth=1, zorder=1)
        ax.plot(trial["distance"], row, own.marker, color=own.colour, markersize=5)
        beside(ax, row, f"{trial['folds']} of {counted(trial['of'], 'fold')}")
    if trials[0]["distance"] > WIDE * threshold:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_locator(NullLocator())
    ax.axvline(threshold, color=INK, linewidth=0.9)
    ax.annotate(
        "threshold", (threshold, 1), (0, 3), ax.get_xaxis_transform(), "offset points", ha="center", fontsize=SMALL, color=QUIET
    )
    ax.set_yticks(range(len(trials)), [fit(f"subject {row['subject']} · {row['trial']}", 2.2, SMALL) for row in trials])
    ax.tick_params(axis="y", length=0, labelsize=SMALL)
    ax.set(ylim=(len(trials) - 0.4, -0.6), xlabel="distance from the other trials of the subject (modified z-score)")
    ax.spines["left"].set_visible(False)
    legend_of_classes(picture, classes)
    return picture


def _title(trials: Sequence[Mapping[str, Any]]) -> str:
    if not trials:
        return "No training trial lies far from the others"
    far = f"{counted(len(trials), 'trial')} {'lies' if len(trials) == 1 else 'lie'} far from the others"
    (subject, most), *_ = Counter(row["subject"] for row in trials).most_common(1)
    (label, same), *_ = Counter(row["label"] for row in trials).most_common(1)
    if len(trials) > 2 and most > len(trials) / 2:
        return f"{far}, {'all' if most == len(trials) else most} of them of subject {subject}"
    if len(trials) > 4 and same > 0.7 * len(trials):
        return f"{far}, {'all' if same == len(trials) else same} of them {label}"
    return far


def _caption(facts: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    trials, samples = found["trials"], found["samples"]
    parts = [f"Outliers of {facts['title']}, with a threshold of {fixed(found['threshold'], 1)}: {found['rule']}."]
    if trials:
        parts.append(
            "Of a trial that several folds learn from the largest distance is drawn; right, how many of them found it."
        )
    if len(trials) > MOST:
        parts.append(f"Drawn are the {MOST} farthest of {len(trials)}.")
    share = percent(samples["left_out"] / samples["of"]) if samples["of"] else ""
    parts.append(f"They are {share} of the training samples of all folds." if trials and share else "")
    parts.append("A trial may lie far away because of a movement or a bad electrode, or because it is what the class is like.")
    return " ".join(filter(None, parts))


def _alt(found: Mapping[str, Any]) -> str:
    trials = found["trials"]
    if not trials:
        return f"No trial has a distance above {fixed(found['threshold'], 1)}."
    each = [f"{row['trial']} ({row['label']}) {fixed(row['distance'], 1)}" for row in trials[:10]]
    more = f"; {len(trials) - 10} more" if len(trials) > 10 else ""
    return sentence(f"dots of distance, the threshold is {fixed(found['threshold'], 1)}. {'; '.join(each)}{more}.")
