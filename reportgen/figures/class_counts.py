"""How many samples each class has in each part of a data set."""

from collections.abc import Mapping
from typing import Any

from reportgen.core import Figure
from reportgen.figures._style import QUIET, SMALL, looks, new_figure, rows_of
from reportgen.figures._words import counted, noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import count, listing, percent

EACH = "dataset"
NEEDS = ("facts", "origin")

LABEL: Mapping[str, Any] = {
    "va": "center",
    "fontsize": SMALL,
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.5},  # keeps the dotted line off the number
}


def draw(inputs: Inputs) -> Figure:
    """Draw the share of each class, one panel a part, with the counts at the bars."""
    facts = inputs.one("facts")
    classes, training = facts["classes"], facts["training_part"]
    parts = {part: row for part, row in facts["counts"].items() if any(row.values())}
    parts = dict(sorted(parts.items(), key=lambda found: found[0] != training))  # what is learned from comes first
    shares = {part: [row.get(name, 0) / sum(row.values()) for name in classes] for part, row in parts.items()}
    picture = new_figure("column" if len(parts) > 1 else "narrow", 0.75 + 0.2 * len(classes))
    axes = picture.subplots(1, len(parts), squeeze=False, sharex=True)[0]
    for ax, (part, row) in zip(axes, parts.items(), strict=True):
        for i, (name, look, share) in enumerate(zip(classes, looks(classes), shares[part], strict=True)):
            ax.barh(i, 100 * share, color=look.colour, height=0.72)
            ax.annotate(count(row.get(name, 0)), (100 * share, i), (3, 0), "data", "offset points", **LABEL)
        ax.axvline(100 / len(classes), color=QUIET, linewidth=0.9, dashes=(1, 1.5), zorder=1)
        rows_of(ax, classes if ax is axes[0] else [""] * len(classes))
        ax.set(title=f"{part} · n = {count(sum(row.values()))}", xlabel="% of the part")
        ax.set_xlim(0, 124 * max(map(max, shares.values())))
    return Figure(
        title=_title(next(iter(parts.values()))),
        caption=f"Samples of each class in {listing(list(parts))} of {facts['title']}. Bars are shares of a part, numbers are "
        "counts; on the dotted line all classes would be equally frequent. A model that always answers the largest class is "
        "right that often.",
        alt="Bar charts of class counts. " + " ".join(f"{part}: {_told(row)}." for part, row in parts.items()),
        picture=picture,
        data=[
            ["part", "class", "samples"],
            *([part, name, row.get(name, 0)] for part, row in parts.items() for name in classes),
        ],
        width="column" if len(parts) > 1 else "narrow",
    )


def _title(row: Mapping[str, int]) -> str:
    rarest, commonest = min(row, key=lambda name: row[name]), max(row, key=lambda name: row[name])
    if not row[rarest]:
        return f"There is no sample of {noun(rarest)} to train on"
    times = row[commonest] / row[rarest]
    if times < 1.2:
        return "All classes are about equally frequent"
    return sentence(f"{noun(commonest)} has {times:.{0 if times >= 10 else 1}f} times as many samples as {noun(rarest)}")


def _told(row: Mapping[str, int]) -> str:
    total = sum(row.values())
    each = [f"{name} {count(n)} ({percent(n / total)})" for name, n in row.items()]
    return f"{counted(total, 'sample')}, {listing(each)}"
