"""How many samples each class has in each part of a data set."""

from collections.abc import Mapping

from reportgen.core import Figure
from reportgen.figures._style import QUIET, SMALL, TALLEST, looks, new_figure, rows_of
from reportgen.figures._words import counted, noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import count, listing, percent

EACH = "dataset"
NEEDS = ("facts",)


def draw(inputs: Inputs) -> Figure:
    """Draw the share of each class, one panel a part, with the counts at the bars."""
    facts = inputs.one("facts")
    classes, parts = facts["classes"], {part: row for part, row in facts["counts"].items() if sum(row.values())}
    largest = max(row.get(name, 0) / sum(row.values()) for row in parts.values() for name in classes)
    picture = new_figure("column" if len(parts) > 1 else "narrow", min(0.75 + 0.2 * len(classes), TALLEST))
    axes = picture.subplots(1, len(parts), squeeze=False, sharex=True)[0]
    for ax, (part, row) in zip(axes, parts.items(), strict=True):
        total = sum(row.values())
        for i, (name, look) in enumerate(zip(classes, looks(classes), strict=True)):
            share = 100 * row.get(name, 0) / total
            ax.barh(i, share, color=look.colour, height=0.72)
            ax.annotate(
                f"{count(row.get(name, 0))}", (share, i), (3, 0), textcoords="offset points", va="center", fontsize=SMALL
            )
        ax.axvline(100 / len(classes), color=QUIET, linewidth=0.8, dashes=(1, 2))
        rows_of(ax, classes if ax is axes[0] else [""] * len(classes))
        ax.set(title=f"{part} · n = {count(total)}", xlim=(0, 122 * largest), xlabel="share of the part in %")
    return Figure(
        title=_title(facts["training_part"], parts),
        caption=f"Samples of each class in {listing(list(parts))} of {facts['title']}. Bars are shares, numbers are counts; the dotted line "
        "is where all classes would be equally frequent. A model that always names the largest class is right that often.",
        alt="Bar chart of class counts. " + " ".join(f"{part}: {_told(row)}." for part, row in parts.items()),
        picture=picture,
        data=[
            ["part", "class", "samples"],
            *([part, name, row.get(name, 0)] for part, row in parts.items() for name in classes),
        ],
        width="column" if len(parts) > 1 else "narrow",
    )


def _title(training_part: str, parts: Mapping[str, Mapping[str, int]]) -> str:
    row = parts.get(training_part) or next(iter(parts.values()))
    rarest, commonest = min(row, key=lambda name: row[name]), max(row, key=lambda name: row[name])
    if not row[rarest]:
        return f"There is no sample of {noun(rarest)} to train on"
    times = row[commonest] / row[rarest]
    if times < 1.2:
        return "All classes are about equally frequent"
    return sentence(f"{noun(commonest)} has {times:.{0 if times >= 10 else 1}f} times as many samples as {noun(rarest)}")


def _told(row: Mapping[str, int]) -> str:
    total = sum(row.values())
    return listing([f"{name} {count(n)} ({percent(n / total)})" for name, n in row.items()]) + f" of {counted(total, 'sample')}"
