"""Ranges and peaks of every view beside each other, class by class, and beside what was planted."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._agreement import by_views, odd
from reportgen.figures._frequencies import (
    Entry,
    Found,
    Hertz,
    View,
    about,
    called,
    defined,
    draw_planted,
    emotions,
    few,
    largest,
    not_defined,
    of_class,
    plain,
    planted,
    span,
    using,
)
from reportgen.figures._style import INK, QUIET, TALLEST, Look, beside, fit, looks, new_figure, nothing
from reportgen.figures._words import noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

EACH = "experiment"
NEEDS = ("facts", "band_views")

POINTS = 8.5
ROW = 0.2  # inches
LEAST = 0.145  # inches: rows that are lower cannot be read
REST = 1.0  # inches: names of bands, axis
INCHES = 2.7  # of the axis, about
GAP = 0.6  # rows between classes
MARK = "≠"
COLUMNS: Mapping[str, int] = {"range": 6, "off": 80, "overlap": 114, "channels": 150}
"""Points from the chart to what is told beside it."""


def draw(inputs: Inputs) -> Figure:
    """Draw a row for each class and view: its ranges as bars, the peak of the strongest as a dot with its interval."""
    facts, found = inputs.one("facts"), inputs.one("band_views")
    shown = defined(found)
    return Figure(
        title=_title(found),
        caption=_caption(facts, found),
        alt=_alt(found),
        picture=_picture(found) if shown else nothing("No view is defined for this network."),
        data=_table(found),
        width="column" if shown else "narrow",
    )


def _picture(found: Found) -> Picture:
    axis, classes, views = Hertz.of(found), _shown(found), len(defined(found))
    rows = len(classes) * (views + 1 + GAP) - GAP
    picture = new_figure("column", min(TALLEST, REST + ROW * rows))
    ax = picture.subplots()
    names: list[tuple[float, str]] = []
    look = dict(zip(found["classes"], looks(found["classes"]), strict=True))
    for i, label in enumerate(classes):
        top = i * (views + 1 + GAP)
        _draw_class(ax, axis, found, label, look[label], top)
        names += [(top + 1 + k, called(view)) for k, (view, _) in enumerate(of_class(found, label))]
    axis.prepare(ax, INCHES, names=True, size=POINTS)
    ax.set_yticks([y for y, _ in names], [text for _, text in names], fontsize=POINTS)
    ax.set_ylim(rows - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    if axis.fine:
        ax.set_xlabel("frequency in Hz", fontsize=POINTS)
    return picture


def _shown(found: Found) -> list[str]:
    """All classes or, of more than a page holds, first those that have a range or a planted band."""
    room = int(((TALLEST - REST) / LEAST + GAP) / (len(defined(found)) + 1 + GAP))
    empty = {label: not any(entry["ranges"] for _, entry in of_class(found, label)) for label in found["classes"]}
    chosen = sorted(empty, key=lambda label: empty[label] and label not in planted(found))[:room]
    return [label for label in empty if label in chosen]


def _draw_class(ax: Axes, axis: Hertz, found: Found, label: str, look: Look, top: float) -> None:
    """Name and planted band of a class, and the rows of its views."""
    pairs = of_class(found, label)
    at = ax.get_yaxis_transform()  # x counts widths of the chart, y its rows
    ax.plot(-0.02, top, look.marker, color=look.colour, transform=at, clip_on=False)
    ax.annotate(fit(label, 1.0, POINTS), (-0.02, top), (-7, 0), at, "offset points", ha="right", va="center", weight="bold")
    if put_in := planted(found).get(label):
        draw_planted(ax, axis, put_in["band"], top + 0.55, top + len(pairs) + 0.45)
    strange = odd(pairs)
    for y, (view, entry) in enumerate(pairs, start=1):
        _draw_row(ax, axis, entry, look, top + y)
        colour = INK if entry["ranges"] else QUIET
        beside(ax, top + y, _range(entry, found, marked=view["view"] in strange), colour=colour, size=7.5)
        for column, text in _recovered(view, entry, put_in, found).items():
            beside(ax, top + y, text, gap=COLUMNS[column], colour=colour, size=7.5)
    if not top:
        for column, gap in COLUMNS.items():
            if column == "range" or (found["truth"] and (found["fine"] or column != "off")):
                beside(ax, top, column, gap=gap)


def _draw_row(ax: Axes, axis: Hertz, entry: Entry, look: Look, y: float) -> None:
    for one in entry["ranges"]:
        low, high = axis.at((one["low"], one["high"]))
        ax.barh(y, high - low, 0.62, low, color=look.colour, alpha=0.45, linewidth=0, zorder=1.5)
    if not entry["ranges"]:
        if entry["peak"] is not None:
            ax.plot(axis.at(entry["peak"]), y, "o", color=QUIET, markerfacecolor="white", markersize=4, zorder=2)
        return
    best = entry["ranges"][0]
    if axis.fine and best["peak_low"] is not None:
        ax.plot(axis.at((best["peak_low"], best["peak_high"])), [y, y], color=INK, linewidth=1.3, zorder=2.5)
    if axis.fine and best["peak"] is not None:
        ax.plot(axis.at(best["peak"]), y, "o", color=INK, markersize=4, zorder=3)


def _range(entry: Entry, found: Found, *, marked: bool) -> str:
    """`32–40 Hz`, and whether it contradicts others."""
    if not entry["ranges"]:
        return "no range" if found["tested"] else "not tested"
    best, others = entry["ranges"][0], len(entry["ranges"]) - 1
    return span(best["low"], best["high"]) + (f" +{others}" if others else "") + (f" {MARK}" if marked else "")


def _recovered(view: View, entry: Entry, put_in: Mapping[str, Any] | None, found: Found) -> dict[str, str]:
    """How far the peak is off, what the bands share, how many of the strongest channels are right: {column: text}."""
    row = next((one for one in (put_in or {"views": ()})["views"] if one["view"] == view["view"]), None)
    if row is None or not entry["ranges"]:
        return {}
    if not row["found"]:
        return {"off" if found["fine"] else "overlap": "missed"}
    told = {"overlap": fixed(row["overlap"], 2)}
    told |= {"off": f"{fixed(row['peak_error'], 1)} Hz"} if found["fine"] and row["peak_error"] is not None else {}
    return told | ({"channels": str(row["hits"])} if row["hits"] is not None else {})


def _disputed(found: Found) -> list[str]:
    """Classes for which views contradict each other."""
    return [label for label in found["classes"] if odd(of_class(found, label))]


def _title(found: Found) -> str:
    views = defined(found)
    if not views:
        return "There are no views of the network to compare"
    if not found["tested"]:
        return sentence(f"{few(found)} to compare what the views find")
    entries = [entry for view in views for entry in view["classes"]]
    if not any(entry["ranges"] for entry in entries):
        return "No view finds a frequency range for any class" if len(views) > 1 else "The only view finds no frequency range"
    told = _on_truth(found, len(views)) if found["truth"] else _on_agreement(found)
    if disputed := _disputed(found):
        return f"{told}; views contradict each other on {emotions(disputed)}" if found["truth"] else told
    return told


def _on_truth(found: Found, views: int) -> str:
    """`The planted band of negative is found by three of four views and that of positive by all four views`."""
    hits = {row["class"]: sum(one["found"] for one in row["views"]) for row in found["truth"]}
    if not any(hits.values()):
        return "No view finds a planted band"
    errors = [one["peak_error"] for row in found["truth"] for one in row["views"] if one["found"]]
    within = f"; found peaks lie within {fixed(max(errors), 1)} Hz" if found["fine"] and None not in errors else ""
    if len(set(hits.values())) == 1:
        whose = f"The planted band of {noun(next(iter(hits)))} is" if len(hits) == 1 else "All planted bands are"
        return f"{whose} found {by_views(next(iter(hits.values())), views)}{within}"
    ordered = sorted(hits, key=lambda label: -hits[label])
    first, *others = [f"{noun(label)} {by_views(hits[label], views)}" for label in ordered]
    first = first.replace(" by ", " is found by ", 1)
    return f"The planted band of {listing([first, *(f'that of {one}' for one in others)])}{within}"


def _on_agreement(found: Found) -> str:
    """What views of what is used have in common: feature maps show the data and confirm nothing."""
    if (views := len(using(found))) < 2:
        return f"Nothing confirms what {called((using(found) or defined(found))[0])} finds"
    if disputed := _disputed(found):
        return f"Views contradict each other on {emotions(disputed)}"
    names = [view["view"] for view in using(found)]
    finding = {
        label: [entry for view, entry in of_class(found, label) if entry["ranges"] and view["view"] in names]
        for label in found["classes"]
    }
    shared = [label for label, entries in finding.items() if len(entries) > 1]
    alone = [label for label, entries in finding.items() if len(entries) == 1]
    if not shared:
        return (
            f"Only one view finds a range for {emotions(alone)}"
            if alone
            else "Only feature maps, which show the data, find a frequency range"
        )
    told = [f"{noun(label)} ({by_views(len(finding[label]), views).removeprefix('by ')})" for label in shared[:3]]
    more = f" and {len(shared) - 3} more classes" if len(shared) > 3 else ""
    return f"The views that find a range agree on {', '.join(told) + more if more else listing(told)}"


def _caption(facts: Mapping[str, Any], found: Found) -> str:
    if not defined(found):
        return f"The frequencies that the network uses cannot be told. {not_defined(found)}"
    parts = [f"What each view says of {about(found, facts['title'])}."]
    if len(shown := _shown(found)) < len(found["classes"]):
        parts.append(f"Drawn are {len(shown)} of {len(found['classes'])} classes, first those with a range; the data hold all.")
    entries = [entry for view in defined(found) for entry in view["classes"]]
    if any(entry["ranges"] for entry in entries):
        dots = ", dots the peaks of the strongest" if found["fine"] else ""
        parts.append(f"Bars are ranges beyond chance{dots}.")
        if any(one["peak_low"] is not None for entry in entries for one in entry["ranges"]):
            parts.append(f"Lines through dots are 95 % intervals of the peak over {found['unit']}s.")
    if any(not entry["ranges"] and entry["peak"] is not None for entry in entries):
        parts.append("Hollow: the largest effect where there is no range, by which nothing is claimed.")
    if not found["tested"]:
        parts.append(f"Nothing is tested: {few(found)}.")
    parts += _on_planted(found)
    if _disputed(found):
        parts.append(f"{MARK}: shares no frequency with most of the other views of what is used that find a range.")
    return " ".join(filter(None, [*parts, not_defined(found)]))


def _on_planted(found: Found) -> Iterator[str]:
    """What is drawn and told of the planted bands."""
    if not found["truth"]:
        return
    yield "Hatched: the planted band."
    if any(one["found"] for row in found["truth"] for one in row["views"]):
        off = "how far the peak is off, " if found["fine"] else ""
        yield f"Beside it: {off}the share of the range and the planted band together that they have in common (overlap),"
        yield "and how many of the five strongest channels lie in the planted neighbourhood."


def _alt(found: Found) -> str:
    if not defined(found):
        return "There is nothing to see: no view of the frequencies is defined."
    each = [
        f"{label}: {', '.join(_told(view, entry, found) for view, entry in of_class(found, label))}"
        for label in found["classes"]
    ]
    return f"{sentence('; '.join(each))}.{_alike(found)}"


def _told(view: View, entry: Entry, found: Found) -> str:
    if not entry["ranges"]:
        return f"{called(view)} no range" if found["tested"] else f"{called(view)} {largest(entry, found)}"
    best = entry["ranges"][0]
    text = f"{called(view)} {span(best['low'], best['high'])}{_peak(best) if found['fine'] else ''}"
    put_in = planted(found).get(entry["class"])
    if not put_in:
        return text
    row = next(one for one in put_in["views"] if one["view"] == view["view"])
    return f"{text} ({'overlap ' + fixed(row['overlap'], 2) if row['found'] else 'beside the planted band'})"


def _peak(best: Mapping[str, Any]) -> str:
    limits = "" if best["peak_low"] is None else f" [{best['peak_low']:.1f}, {best['peak_high']:.1f}]"
    return f" with its peak at {best['peak']:.1f}{limits} Hz"


def _alike(found: Found) -> str:
    """How alike the curves of two views are, means over classes."""
    told = []
    for one, other in combinations(defined(found), 2):
        rows = [row for row in found["agreement"] if (row["first"], row["second"]) == (one["view"], other["view"])]
        means = [row["correlation"]["mean"] for row in rows if row["correlation"] and row["correlation"]["mean"] is not None]
        told += [f"{called(one)} with {called(other)} {plain(sum(means) / len(means))}"] if means else []
    return f" Correlation of curves, mean over classes: {'; '.join(told)}." if told else ""


def _table(found: Found) -> list[list[object]]:
    names = ("low", "high", "peak", "peak_low", "peak_high", "effect", "p")
    header = ["class", "view", "range", "low Hz", "high Hz", "peak Hz", "peak low", "peak high", "effect", "p corrected"]
    rows: list[list[object]] = [[*header, "planted from Hz", "planted to Hz", "overlap", "peak error Hz", "why not defined"]]
    for view in found["views"]:
        if not view["defined"]:
            rows.append(["", called(view), "", *[None] * 11, view["why"]])
        for entry in view["classes"]:
            put_in = planted(found).get(entry["class"])
            near = next((one for one in put_in["views"] if one["view"] == view["view"]), None) if put_in else None
            truth = [
                *(put_in["band"] if put_in else (None, None)),
                *(near[x] if near else None for x in ("overlap", "peak_error")),
            ]
            for k, one in enumerate(entry["ranges"], start=1):
                rows.append([entry["class"], called(view), k, *(one[x] for x in names), *(truth if k == 1 else [None] * 4), ""])
            if not entry["ranges"]:
                rows.append([entry["class"], called(view), "none", None, None, entry["peak"], *[None] * 4, *truth, ""])
    return rows
