"""How much each frequency speaks for each class, by every view of the network, and the ranges that are beyond chance."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from reportgen.core import Figure
from reportgen.figures._agreement import Agreed, agreed, by_views
from reportgen.figures._bands import legend_of_classes, numbers, told_p
from reportgen.figures._frequencies import (
    MEANINGS,
    Entry,
    Found,
    Hertz,
    View,
    about,
    any_above,
    called,
    defined,
    draw_curves,
    draw_planted,
    emotions,
    few,
    largest,
    not_defined,
    planted,
    span,
    spoken,
    using,
    windows_of,
)
from reportgen.figures._style import SMALL, Look, fit, label_width, looks, new_figure, nothing
from reportgen.figures._words import noun, sentence
from reportgen.outputs import Inputs
from reportgen.words import listing

EACH = "experiment"
NEEDS = ("facts", "band_views")

POINTS = 8.5  # of labels: they stay readable on a phone
INCHES = 5.2  # of a frequency axis, about
LANE = 0.16  # inches: height of the ranges of a class
CURVE = 1.15  # inches: height of the curves of a view
REST = 1.0  # inches: names of bands, axis, legend
HIGHEST = 6.6  # inches: with heading, title and caption on one page
MUSCLES_FROM = 31.0  # Hz, where gamma begins
CLAIMS = 3  # classes that the title names


def draw(inputs: Inputs) -> Figure:
    """Draw the curves of all classes, view under view, and below the curves of each view the ranges it finds."""
    facts, found = inputs.one("facts"), inputs.one("band_views")
    shown = defined(found)
    return Figure(
        title=_title(found),
        caption=_caption(facts, found),
        alt=_alt(found),
        picture=_picture(found, shown) if shown else nothing("No view is defined for this network."),
        data=_table(found),
        width="column" if shown else "narrow",
    )


def _picture(found: Found, shown: Sequence[View]) -> Picture:
    axis, lanes = Hertz.of(found), _lanes(found)
    below = LANE * len(lanes)
    curve = max(0.5, min(CURVE, (HIGHEST - REST) / len(shown) - below))
    picture = new_figure("column", REST + len(shown) * (curve + below))
    heights = [height for _ in shown for height in ([curve, below] if lanes else [curve])]
    axes = picture.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0].reshape(len(shown), -1)
    picture.set_layout_engine("constrained", hspace=0.01, h_pad=0.02)
    for i, (view, own) in enumerate(zip(shown, axes, strict=True)):
        draw_curves(own[0], axis, view["classes"])
        axis.prepare(own[0], INCHES, names=i == 0, numbered=False, size=POINTS)
        own[0].set_ylabel(f"{called(view)}\n({view['quantity']})", fontsize=POINTS)
        if lanes:
            _draw_lanes(own[1], axis, view, found, lanes)
    last = axes[-1, -1]
    axis.prepare(last, INCHES, names=False, size=POINTS)
    if axis.fine:
        last.set_xlabel("frequency in Hz", fontsize=POINTS)
    legend_of_classes(picture, found["classes"], "-" if axis.fine else "none")
    return picture


def _lanes(found: Found) -> list[str]:
    """Classes that have a range in some view, or a planted one."""
    with_range = {entry["class"] for view in defined(found) for entry in view["classes"] if entry["ranges"]}
    return [label for label in found["classes"] if label in with_range or label in planted(found)]


def _draw_lanes(ax: Axes, axis: Hertz, view: View, found: Found, lanes: Sequence[str]) -> None:
    """The ranges of each class in a line of its own, first class on top."""
    look = dict(zip(found["classes"], looks(found["classes"]), strict=True))
    entries = {entry["class"]: entry for entry in view["classes"]}
    for row, label in enumerate(lanes):
        if label in planted(found):
            draw_planted(ax, axis, planted(found)[label]["band"], row - 0.47, row + 0.47)
        _draw_ranges(ax, axis, entries[label], row, look[label])
    axis.prepare(ax, INCHES, names=False, numbered=False, size=POINTS)
    ax.set_yticks(range(len(lanes)), [fit(label, 0.62, SMALL) for label in lanes], fontsize=SMALL)
    ax.set_ylim(len(lanes) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0, pad=3)
    ax.spines[:].set_visible(False)


def _draw_ranges(ax: Axes, axis: Hertz, entry: Entry, row: int, look: Look) -> None:
    """Bars with their frequencies beside them, as far as there is room."""
    ordered = sorted(entry["ranges"], key=lambda one: one["low"])
    spans = [axis.at((one["low"], one["high"])) for one in ordered]
    following = [*(start for start, _ in spans[1:]), axis.limits[1]]  # where the room beside each bar ends
    for one, (start, end), room in zip(ordered, spans, following, strict=False):
        ax.barh(row, end - start, 0.55, start, color=look.colour, edgecolor="white", linewidth=0.5, zorder=2)
        text = f" {span(one['low'], one['high'])} "
        wide = (label_width([text], SMALL) - 0.1) / axis.inches_of(INCHES)
        if end + wide <= room:
            spoken(ax, end, row, text)
        elif len(ordered) == 1:
            spoken(ax, start, row, text, ha="right")


def _claims(found: Found) -> list[Agreed]:
    """What is found for the classes, by most views first."""
    claims = [claim for label in found["classes"] if (claim := agreed(found, label))]
    return sorted(claims, key=lambda claim: -claim.views)


def _title(found: Found) -> str:
    views, claims = len(using(found)), _claims(found)
    if not defined(found):
        return "No view of frequencies is defined for this network"
    if not found["tested"]:
        return sentence(f"{few(found)} to test which frequencies speak for a class")
    if not claims:
        return _on_none(found)
    if views == 1 or len({claim.views for claim in claims}) == 1:
        whole = "" if views == len(defined(found)) else " of what is used"
        ending = f", {by_views(claims[0].views, views)}{whole}"
        counts = [""] * len(claims)
    else:
        ending, counts = "", [f" ({claim.views} of {views} views)" for claim in claims]
    told = [f"{noun(c.label)} from {span(c.low, c.high)}{n}" for c, n in zip(claims, counts, strict=True)]
    more = f" and {len(told) - CLAIMS + 1} more classes from others" if len(told) > CLAIMS else ""
    first, *others = told[: CLAIMS - 1] if more else told
    subject, _, rest = first.partition(" from ")
    start = sentence(f"{subject} is read from {rest}")
    return (", ".join([start, *others]) + more if more else listing([start, *others])) + ending


def _on_none(found: Found) -> str:
    """What is said where no range is claimed."""
    if not using(found):
        return "No view is defined that says which frequencies are used"
    if not any(entry["ranges"] for view in using(found) for entry in view["classes"]):
        of_data = any(entry["ranges"] for view in defined(found) for entry in view["classes"])
        return (
            "Only feature maps, which show the data, have a range: none is used beyond chance"
            if of_data
            else "No frequency range speaks for a class beyond chance"
        )
    return "No range of frequencies is named by two views of what is used"


def _caption(facts: Mapping[str, Any], found: Found) -> str:
    shown = defined(found)
    if not shown:
        return f"The frequencies that the network uses cannot be told. {not_defined(found)}"
    wide = numbers(found["windows"])
    each = f"A point is a window of {np.median(wide[:, 1] - wide[:, 0]):g} Hz." if found["fine"] else _banded()
    parts = [f"Effect of frequencies on what the network says of {about(found, facts['title'])}.", each]
    parts.append("Above zero they speak for the class.")
    parts.append(sentence("; ".join(f"{called(view)}: {MEANINGS[view['view']]}" for view in shown)) + ".")
    parts += _on_chance(found)
    parts.append("Hatched: the band that the simulation has planted." if found["truth"] else "")
    parts += [not_defined(found), _on_control(found)]
    if any_above(found, MUSCLES_FROM):
        parts.append("Above 30 Hz muscles of the head are part of what is recorded.")
    return " ".join(filter(None, parts))


def _banded() -> str:
    return "The features know bands as a whole, so that frequencies within a band cannot be told apart."


def _on_chance(found: Found) -> Iterator[str]:
    """What is an interval, what is a range, and for which classes there is none."""
    unit = found["unit"]
    entries = [entry for view in defined(found) for entry in view["classes"]]
    if any(entry["curve"]["low"] is not None for entry in entries):
        yield f"{'Pale areas' if found['fine'] else 'Lines through the marks'} are 95 % intervals over {unit}s."
    if not found["tested"]:
        yield f"Nothing is tested: {few(found)}."
        return
    if not any(entry["ranges"] for entry in entries):
        yield f"No range is beyond chance in a permutation test over {unit}s."
        return
    yield (
        f"Bars are ranges where a cluster permutation test over {unit}s finds effects beyond chance, corrected for windows and"
        " classes, and where the effect is at least a quarter of its largest one."
        if found["fine"]
        else f"Bars are bands whose effect is beyond chance by sign flips over {unit}s, corrected for bands and classes."
    )
    if _claims(found):
        yield "In the title: of views that share a range of the class, the strongest range of the one that most others share."
    if len(using(found)) < len(defined(found)):
        yield "Feature maps show the data and do not count for what is used."
    if without := [label for label in found["classes"] if not agreed(found, label)]:
        named = "No two views share a range" if len(using(found)) > 1 else "No view of what is used finds a range"
        yield f"{named} that speaks for {emotions(without)}."


def _on_control(found: Found) -> str:
    """What networks trained on shuffled labels show, if they show something."""
    false = [
        f"{called(view)} for {entry['class']}"
        for view in using(found)
        for entry in (view["control"] or {"classes": ()})["classes"]
        if entry["ranges"]
    ]
    return f"Networks trained on shuffled labels show ranges too: {listing(false)}." if false else ""


def _alt(found: Found) -> str:
    shown = defined(found)
    if not shown:
        return "There is nothing to see: no view of the frequencies is defined."
    each = "; ".join(f"{called(view)}: {', '.join(_told(entry, found) for entry in view['classes'])}" for view in shown)
    what = "Curves of effect over frequency" if found["fine"] else "Bars of effect, band by band"
    return f"{what}, one panel a view. {sentence(each)}."


def _told(entry: Entry, found: Found) -> str:
    """`positive 32–40 Hz with its peak at 36 Hz, p = 0.002`."""
    if ranges := entry["ranges"]:
        best = ranges[0]
        at = f" with its peak at {best['peak']:.1f} Hz" if found["fine"] else ""
        return f"{entry['class']} {span(best['low'], best['high'])}{at}, {told_p(best['p'])}"
    if found["tested"] or entry["peak"] is None:
        return f"{entry['class']} none"
    return f"{entry['class']} {largest(entry, found)}, not tested"


def _table(found: Found) -> list[list[object]]:
    header: list[object] = ["view", "quantity", "class", "from Hz", "below Hz", "mean", "low", "high", "in a range", "why not"]
    rows: list[list[object]] = []
    for view in found["views"]:
        if not view["defined"]:
            rows.append([called(view), view["quantity"], "", None, None, None, None, None, "", view["why"]])
            continue
        for entry in view["classes"]:
            rows += [[called(view), view["quantity"], entry["class"], *row, ""] for row in windows_of(found, entry)]
    return [header, *rows]
