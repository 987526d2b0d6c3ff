"""In which classes one model is better than another: differences of recall between the best experiment and each other one."""

from collections.abc import Mapping, Sequence, Set
from math import ceil
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from reportgen.core import Figure
from reportgen.figures._style import (
    QUIET,
    SMALL,
    TALLEST,
    Look,
    Width,
    fit,
    key,
    legend_below,
    looks,
    new_figure,
    range_line,
    rows_of,
)
from reportgen.figures._words import noun, with_interval
from reportgen.outputs import Inputs
from reportgen.words import count, fixed, listing

EACH = "comparison"
NEEDS = ("facts", "comparison")

Rival = Mapping[str, Any]  # one of `per_class`: the best experiment against another one
Row = Mapping[str, Any]  # one of its classes
Clear = Set[tuple[str, str]]  # experiments and classes with a clear difference

ALPHA = 0.05
ABREAST = 3  # panels beside each other
ROW, AROUND = 0.185, 0.34  # inches for a class, and for the title of a panel
BELOW = 0.8  # inches for the axis and the legend
NAMED = 3  # so many classes are named in the title


def draw(inputs: Inputs) -> Figure:
    """Draw the paired difference of recall of each class, one panel for each other experiment."""
    found, classes = inputs.one("comparison"), inputs.one("facts")["classes"]
    rivals: Sequence[Rival] = found["per_class"]
    look = dict(zip(classes, looks(classes), strict=True))
    clear = _clear(rivals)
    panel = AROUND + ROW * len(rivals[0]["classes"])
    shown = rivals[: ABREAST * int((TALLEST - BELOW) / panel)]
    width: Width = "narrow" if len(shown) == 1 else "column"
    picture = new_figure(width, BELOW + panel * ceil(len(shown) / ABREAST))
    _draw_panels(picture, shown, look, clear)
    return Figure(
        title=_title(rivals, clear, few=all(pair["p"] is None for pair in found["pairs"])),
        caption=_caption(rivals, shown, clear),
        alt=_alt(rivals, clear),
        picture=picture,
        data=_table(rivals, clear),
        width=width,
    )


def _clear(rivals: Sequence[Rival]) -> Clear:
    """Experiments and classes whose difference chance alone would hardly make, with all of them considered."""
    return {(rival["second"], row["class"]) for rival in rivals for row in _tested(rival) if row["p_holm"] < ALPHA}


def _tested(rival: Rival) -> list[Row]:
    return [row for row in rival["classes"] if row["p_holm"] is not None]


def _draw_panels(picture: Picture, rivals: Sequence[Rival], look: Mapping[str, Look], clear: Clear) -> None:
    across = min(len(rivals), ABREAST)
    axes = picture.subplots(ceil(len(rivals) / across), across, squeeze=False, sharex=True).ravel()
    for i, (ax, rival) in enumerate(zip(axes, rivals, strict=False)):
        _draw_rival(ax, rival, look, clear)
        rows_of(ax, [fit(row["class"], 1.1) if i % across == 0 else "" for row in rival["classes"]])
        ax.set_title(f"against {fit(rival['second'], 1.2)}")
        ax.tick_params(labelbottom=i + across >= len(rivals))  # nothing below
        if i // across == (len(rivals) - 1) // across:
            ax.set_xlabel(f"difference of recall\n{fit(rival['first'], 1.0)} better →")
    for ax in axes[len(rivals) :]:
        ax.remove()
    legend_below(picture, _legend(rivals, clear))


def _draw_rival(ax: Axes, rival: Rival, look: Mapping[str, Look], clear: Clear) -> None:
    ax.axvline(0, color=QUIET, linewidth=0.9, zorder=1)
    for y, row in enumerate(rival["classes"]):
        if row["difference"] is None:
            ax.annotate("no samples", (0, y), (4, 0), "data", "offset points", va="center", color=QUIET, fontsize=SMALL)
            continue
        colour, marker = look[row["class"]].colour, look[row["class"]].marker
        width, fill = (2.0, colour) if (rival["second"], row["class"]) in clear else (0.9, "white")
        range_line(ax, y, row["low"], row["high"], colour, width)
        ax.plot(row["difference"], y, marker, color=colour, markerfacecolor=fill, markersize=5.5, zorder=3)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.grid(axis="x")


def _legend(rivals: Sequence[Rival], clear: Clear) -> list[Line2D]:
    several = sum(len(rival["classes"]) for rival in rivals)
    filled = key("o", "clear, with all differences considered", linestyle="-", linewidth=2.0, markersize=5.5)
    hollow = key("o", "no clear difference", linestyle="-", linewidth=0.9, markersize=5.5, markerfacecolor="white")
    return [entry for entry, there in ((filled, clear), (hollow, len(clear) < several)) if there]


def _title(rivals: Sequence[Rival], clear: Clear, *, few: bool) -> str:
    first = rivals[0]["first"]
    others = listing([rival["second"] for rival in rivals]) if len(rivals) <= NAMED else f"{len(rivals)} others"
    if few:
        return "There are too few independent test samples to compare the experiments class by class"
    if not clear:
        return f"No single class clearly separates {first} from {others}"
    told = [part for rival in rivals if (part := _told(rival, clear))]
    more = len(told) - 2
    return (
        f"{first} finds " + "; ".join(told[:2]) + (f"; {more} more also differ{'s' if more == 1 else ''}" if more > 0 else "")
    )


def _told(rival: Rival, clear: Clear) -> str:
    """`surprise more often and fear less often than large`, or nothing."""
    rows = [row for row in rival["classes"] if (rival["second"], row["class"]) in clear]
    more = _named([row["class"] for row in rows if row["difference"] > 0], rival)
    less = _named([row["class"] for row in rows if row["difference"] < 0], rival)
    parts = [f"{named} {how} often" for named, how in ((more, "more"), (less, "less")) if named]
    return f"{' and '.join(parts)} than {rival['second']}" if parts else ""


def _named(some: Sequence[str], rival: Rival) -> str:
    """`fear and sadness`, `every class but fear`, `5 of 12 classes`."""
    every = [row["class"] for row in rival["classes"]]
    missing = [name for name in every if name not in some]
    if not missing:
        return "every class"
    if len(some) > NAMED and len(missing) < NAMED:
        return f"every class but {listing([noun(name) for name in missing])}"
    return listing([noun(name) for name in some]) if len(some) <= NAMED else f"{len(some)} of {len(every)} classes"


def _caption(rivals: Sequence[Rival], shown: Sequence[Rival], clear: Clear) -> str:
    rows = [row for rival in rivals for row in rival["classes"]]
    tested = [row for rival in rivals for row in _tested(rival)]
    without = [row for row in rows if row["low"] is None]
    sizes = sorted({row["n"] for row in rows})
    n = count(sizes[0]) if len(sizes) == 1 else f"{count(sizes[0])} to {count(sizes[-1])}"
    parts = [
        f"Recall of {rivals[0]['first']}, the best on the validation part, minus that of each other experiment on the same",
        f"test samples ({n} of a class){', with paired 95 % intervals' if len(without) < len(rows) else ''}.",
    ]
    if tested:
        which = "Filled marks are clear" if clear else "None is clear"
        several = f" with all {len(tested)} differences considered" if len(tested) > 1 else ""
        parts.append(f"{which}{several} ({'Holm-corrected ' if several else ''}p < 0.05, for these trained models).")
    if without:
        parts.append("Where there is no interval, the samples are too few or too alike for one.")
    if len(tested) < len(rows):
        parts.append("Where there are fewer than six independent groups of samples, nothing is claimed.")
    if len(shown) < len(rivals):
        parts.append(
            f"Drawn are the {len(shown)} others that are best on the validation part; the data hold all {len(rivals)}."
        )
    return " ".join(parts)


def _alt(rivals: Sequence[Rival], clear: Clear) -> str:
    each = [f"{rivals[0]['first']} against {rival['second']}: {_clear_ones(rival, clear)}" for rival in rivals]
    return f"Differences of recall by class. {'; '.join(each)}."


def _clear_ones(rival: Rival, clear: Clear) -> str:
    """`surprise 0.17 [0.08, 0.26]`, `every class but fear 0.38 to 0.43`, `no clear difference`."""
    rows = [row for row in rival["classes"] if (rival["second"], row["class"]) in clear]
    if not rows:
        return "no clear difference"
    if len(rows) <= NAMED:
        told = {row["class"]: {"mean": row["difference"], "low": row["low"], "high": row["high"]} for row in rows}
        return ", ".join(f"{noun(name)} {with_interval(value)}" for name, value in told.items())
    values = [row["difference"] for row in rows]
    return f"{_named([row['class'] for row in rows], rival)} {fixed(min(values), 2)} to {fixed(max(values), 2)}"


def _table(rivals: Sequence[Rival], clear: Clear) -> list[list[object]]:
    return [
        ["first", "second", "class", "n", "difference of recall", "low", "high", "p", "p (Holm)", "clear"],
        *(
            [rival[name] for name in ("first", "second")]
            + [row[name] for name in ("class", "n", "difference", "low", "high", "p", "p_holm")]
            + [(rival["second"], row["class"]) in clear]
            for rival in rivals
            for row in rival["classes"]
        ),
    ]
