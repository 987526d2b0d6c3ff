"""What each view finds beside what it finds in networks that were trained on shuffled labels."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._bands import legend_of_classes
from reportgen.figures._frequencies import (
    Entry,
    Found,
    Hertz,
    View,
    about,
    called,
    defined,
    draw_curves,
    estimate,
    few,
    span,
    windows_of,
)
from reportgen.figures._style import QUIET, SMALL, TALLEST, looks, new_figure, nothing
from reportgen.figures._words import noun, sentence
from reportgen.frequencies.effect import OF_DATA
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "experiment"
NEEDS = ("facts", "band_views")

POINTS = 8.5
INCHES = 2.2  # of each frequency axis, about
CURVE = 1.3  # inches: height of a view
REST = 1.2  # inches: headings, axis, legend
CLAIMS = 2  # false ranges that the title names
ALIKE = 0.7  # mean likeness from which on curves are called alike
SURELY = 0.5  # they are, too, if the whole interval lies above it


def draw(inputs: Inputs) -> Figure:
    """Draw the curves of both kinds of networks side by side, in one scale a view."""
    facts, found = inputs.one("facts"), inputs.one("band_views")
    shown = [view for view in defined(found) if view["control"]]
    return Figure(
        title=_title(found, shown),
        caption=_caption(facts, found, shown),
        alt=_alt(found, shown),
        picture=_picture(found, shown) if shown else nothing("No network was trained on shuffled labels."),
        data=_table(found, shown),
        width="column" if shown else "narrow",
    )


def _picture(found: Found, shown: Sequence[View]) -> Picture:
    axis = Hertz.of(found)
    picture = new_figure("column", min(TALLEST, REST + CURVE * len(shown)))
    axes = picture.subplots(len(shown), 2, sharex=True, sharey="row", squeeze=False)
    for i, (view, (true, shuffled)) in enumerate(zip(shown, axes, strict=True)):
        last = i == len(shown) - 1
        for ax, entries in ((true, view["classes"]), (shuffled, view["control"]["classes"])):
            draw_curves(ax, axis, entries)
            _draw_ranges(ax, axis, entries)
            axis.prepare(ax, INCHES, names=i == 0, numbered=last, size=POINTS if axis.fine else SMALL)
            if axis.fine and last:
                ax.set_xlabel("frequency in Hz", fontsize=POINTS)
        true.set_ylabel(f"{called(view)}\n({view['quantity']})", fontsize=POINTS)
        if likeness := _likeness(view):
            how: dict[str, Any] = {"ha": "left", "va": "center", "fontsize": SMALL, "color": QUIET}
            told = likeness.replace(" [", "\n[")
            shuffled.annotate(f"likeness\n{told}", (1, 0.5), (5, 0), "axes fraction", "offset points", **how)
    for ax, text in zip(axes[0], ("trained on true labels", "trained on shuffled labels"), strict=True):
        ax.set_title(text, fontsize=POINTS, loc="left", pad=16 if axis.fine else 5)
    legend_of_classes(picture, found["classes"], "-" if axis.fine else "none")
    return picture


def _draw_ranges(ax: Axes, axis: Hertz, entries: Sequence[Entry]) -> None:
    """The ranges of each class as bars at the upper edge, a line for each class that has some."""
    at = ax.get_xaxis_transform()  # y counts heights of the chart
    look = looks([entry["class"] for entry in entries])
    for row, i in enumerate(i for i, entry in enumerate(entries) if entry["ranges"]):
        for one in entries[i]["ranges"]:
            y = 0.97 - 0.045 * row
            ax.plot(axis.at((one["low"], one["high"])), [y, y], color=look[i].colour, linewidth=2.6, transform=at, zorder=3)
            ax.lines[-1].set_solid_capstyle("butt")


def _likeness(view: View) -> str:
    """`0.05 [−0.10, 0.20]`, or nothing."""
    likeness = view["control"]["likeness"]
    return estimate(likeness) if likeness and likeness["mean"] is not None else ""


def _alike(view: View) -> bool:
    """Whether its curves are like those of the control, although it says what is used: the rule of the audit."""
    likeness = view["control"]["likeness"]
    if view["view"] in OF_DATA or not likeness or likeness["mean"] is None:
        return False
    return bool(likeness["mean"] >= ALIKE or (likeness["low"] is not None and likeness["low"] > SURELY))


def _false(shown: Sequence[View]) -> list[str]:
    """Ranges of the control, but of views that show the data: `gradient for positive, 8–12 Hz`."""
    return [
        f"{called(view)} for {noun(entry['class'])}, {span(entry['ranges'][0]['low'], entry['ranges'][0]['high'])}"
        for view in shown
        if view["view"] not in OF_DATA
        for entry in view["control"]["classes"]
        if entry["ranges"]
    ]


def _title(found: Found, shown: Sequence[View]) -> str:
    if not shown:
        return "There is no network trained on shuffled labels to compare with"
    if not found["tested"]:
        return sentence(f"{few(found)} to test whether networks trained on shuffled labels find a range")
    if false := _false(shown):
        more = f" and {len(false) - CLAIMS} more" if len(false) > CLAIMS else ""
        return f"Networks trained on shuffled labels show ranges too: {'; '.join(false[:CLAIMS])}{more}"
    if not any(entry["ranges"] for view in shown for one in (view, view["control"]) for entry in one["classes"]):
        return "Neither the network nor one trained on shuffled labels shows a frequency range"
    told = "Networks trained on shuffled labels show no frequency range"
    if any(entry["ranges"] for view in shown for entry in view["control"]["classes"]):
        told += ", except in feature maps, which show the data"
    alike = [called(view) for view in shown if _alike(view)]
    return f"{told}; by {listing(alike)} their curves are like the real ones" if alike else told


def _caption(facts: Mapping[str, Any], found: Found, shown: Sequence[View]) -> str:
    if not shown:
        return "A control is a network of the same kind that is trained on shuffled labels; none was trained here."
    parts = [
        f"What views say of {about(found, facts['title'])} (left), and of one like it whose training labels were shuffled.",
        "The second has nothing to find: what it shows is what a view shows anyway. Each view has one scale.",
    ]
    if any(view["classes"][0]["curve"]["low"] is not None for view in shown):
        parts.append(
            f"{'Pale areas' if found['fine'] else 'Lines through the marks'} are 95 % intervals over {found['unit']}s."
        )
    parts += _on_ranges(found, shown)
    if any(view["view"] in OF_DATA for view in shown):
        parts.append("Feature maps show what the data hold, whatever was learned: they look alike in both.")
    if any(_likeness(view) for view in shown):
        parts.append(f"Likeness is the correlation of the curves of each {found['unit']} in both, all classes together.")
    if without := [called(view) for view in defined(found) if not view["control"]]:
        parts.append(f"There is no control of {listing(without)}.")
    return " ".join(parts)


def _on_ranges(found: Found, shown: Sequence[View]) -> Iterator[str]:
    if not found["tested"]:
        yield f"Nothing is tested: {few(found)}."
    elif any(entry["ranges"] for view in shown for one in (view, view["control"]) for entry in one["classes"]):
        yield "Bars at the upper edge are ranges beyond chance."


def _alt(found: Found, shown: Sequence[View]) -> str:
    if not shown:
        return "There is nothing to see: no control was trained."
    each = [
        sentence(f"{called(view)}: {_told(view, view['classes'])}; shuffled {_told(view, view['control']['classes'])}")
        + (f", likeness {likeness}" if (likeness := _likeness(view)) else "")
        for view in shown
    ]
    tested = "" if found["tested"] else " Nothing is tested."
    return f"Two columns of curves, true labels and shuffled ones. {'. '.join(each)}.{tested}"


def _told(view: View, entries: Sequence[Entry]) -> str:
    """Ranges and the largest effect."""
    ranges = [f"{entry['class']} {span(one['low'], one['high'])}" for entry in entries for one in entry["ranges"]]
    values = [value for entry in entries for value in entry["curve"]["mean"] if value is not None]
    largest = f"largest effect {max(values):.2g} {view['quantity']}" if values else "no effects"
    return f"{', '.join([*(ranges or ['no range']), largest])}"


def _table(found: Found, shown: Sequence[View]) -> list[list[object]]:
    header: list[object] = ["view", "labels", "class", "from Hz", "below Hz", "mean", "low", "high", "in a range", "likeness"]
    if not shown:
        return [header, ["", "", "", None, None, None, None, None, "", None]]
    rows: list[list[object]] = []
    for view in shown:
        alike = (view["control"]["likeness"] or {"mean": None})["mean"]
        for labels, entries in (("true", view["classes"]), ("shuffled", view["control"]["classes"])):
            for entry in entries:
                rows += [[called(view), labels, entry["class"], *row, alike] for row in windows_of(found, entry)]
    return [header, *rows]
