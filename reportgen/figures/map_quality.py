"""How well the map keeps who is near whom, on segments that no fit has seen, beside PCA and openTSNE."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import MaxNLocator

from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Figure
from reportgen.figures._candidates import draw_estimate, told, within
from reportgen.figures._style import INK, QUIET, SMALL, Look, beside, fit, key, new_figure, nothing
from reportgen.figures._words import sentence
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, count, counted, fixed, listing, percent

EACH = "experiment"
NEEDS = ("map_quality",)

LOOKS: Mapping[str, Look] = {"map": Look(INK, "o"), "pca": Look("#7A5195", "s"), "opentsne": Look("#2F7F86", "D")}
OTHERS = (Look("#8A6D1F", "^"), Look("#52658A", "v"))
NAMES: Mapping[str, str] = {"pca": "PCA", "opentsne": "openTSNE"}
STEP = 0.24  # rows of a measure between its methods
Quality = Mapping[str, Any]


def draw(inputs: Inputs) -> Figure:
    """Draw a row for each measure, a dot with its interval for each method, hollow marks for training values."""
    found = inputs.one("map_quality")
    return Figure(
        title=_title(found),
        caption=_caption(found, _whole(inputs)),
        alt=_alt(found),
        picture=_picture(found),
        data=_table(found),
        width="column" if _measures(found) else "narrow",
    )


def _measures(found: Quality) -> list[Mapping[str, Any]]:
    """Those that some method has a value of."""
    return [one for one in found["measures"] if any(_value(method, one["key"]) is not None for method in found["methods"])]


def _value(method: Mapping[str, Any], measure: str) -> float | None:
    value = (method["values"].get(measure) or {}).get("mean")
    return None if value is None else float(value)


def _looks(found: Quality) -> dict[str, Look]:
    unknown = [one["key"] for one in found["methods"] if one["key"] not in LOOKS]
    return {**LOOKS, **{name: OTHERS[i % len(OTHERS)] for i, name in enumerate(unknown)}}


def _picture(found: Quality) -> Picture:
    measures, methods, looks = _measures(found), found["methods"], _looks(found)
    if not measures:
        return nothing("no measure has a value")
    picture = new_figure("column", 0.75 + 0.62 * len(measures))
    ax = picture.subplots()
    ends = [1.0]
    for row, measure in enumerate(measures):
        for place, method in enumerate(methods):
            y = row + STEP * (place - (len(methods) - 1) / 2)
            ends += _mark(ax, y, method, measure["key"], looks[method["key"]])
    _frame(ax, measures, min(ends))
    entries = [key(looks[one["key"]].marker, fit(one["title"], 1.6), color=looks[one["key"]].colour) for one in methods]
    if any(_trained(one, measure["key"]) is not None for one in methods for measure in measures):
        entries.append(key("o", "on the training part", color=QUIET, markerfacecolor="white"))
    picture.legend(handles=entries, loc="outside lower center", ncols=len(entries), columnspacing=1.4, handletextpad=0.3)
    return picture


def _mark(ax: Axes, y: float, method: Mapping[str, Any], measure: str, look: Look) -> list[float]:
    """Draw a value and what it is on the training part; the numbers that the axis must reach."""
    estimate, train = method["values"].get(measure), _trained(method, measure)
    if train is not None:
        ax.plot(train, y, look.marker, color=look.colour, markerfacecolor="white", markersize=4.5, alpha=0.8, zorder=2.5)
    if estimate is None or estimate["mean"] is None:
        beside(ax, y, "not known", size=SMALL)
        return [] if train is None else [train]
    draw_estimate(ax, y, estimate, look)
    beside(ax, y, told(estimate), colour=look.colour)
    known = (estimate["low"], estimate["mean"], train)
    return [float(value) for value in known if value is not None]


def _trained(method: Mapping[str, Any], measure: str) -> float | None:
    return (method.get("train") or {}).get(measure)


def _frame(ax: Axes, measures: Sequence[Mapping[str, Any]], least: float) -> None:
    """Names of measures, lines between them, and the best value."""
    ax.set_yticks(range(len(measures)), [_two_lines(one["title"]) for one in measures])
    ax.set_ylim(len(measures) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_xlim(min(0.0, least - 0.05), 1.02)
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    for edge in range(1, len(measures)):
        ax.axhline(edge - 0.5, color="#E6E6E6", linewidth=0.6, zorder=0)
    ax.axvline(1, color=QUIET, linewidth=0.8, linestyle=(0, (3, 2)), zorder=0)
    ax.text(1, 1.0, "best", transform=ax.get_xaxis_transform(), ha="center", va="bottom", fontsize=SMALL, color=QUIET)
    ax.set_xlabel("held-out segments")


def _two_lines(title: str, inches: float = 1.35) -> str:
    """A title, broken once where it is long."""
    if fit(title, inches) == title or " " not in title:
        return fit(title, inches)
    words = title.split()
    after = [i for i, word in enumerate(words[:-1], 1) if word.endswith(",")] or range(1, len(words))
    at = min(after, key=lambda i: abs(len(" ".join(words[:i])) - len(" ".join(words[i:]))))
    return "\n".join(fit(" ".join(part), inches) for part in (words[:at], words[at:]))


def _clearly(found: Quality, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Measures of which the whole interval of the first method lies above that of the second."""
    higher = []
    for measure in _measures(found):
        a, b = (method["values"].get(measure["key"]) or {} for method in (first, second))
        if a.get("low") is not None and b.get("high") is not None and a["low"] > b["high"]:
            higher.append(within(measure["title"].split(",")[0]))
    return higher


def _own(found: Quality) -> Mapping[str, Any] | None:
    return next((one for one in found["methods"] if one["key"] == "map"), None)


def _others(found: Quality) -> list[Mapping[str, Any]]:
    return [one for one in found["methods"] if one["key"] != "map"]


def _title(found: Quality) -> str:
    own, measures = _own(found), _measures(found)
    if own is None or not measures:
        return "How good the map is could not be measured"
    kept = [(one["title"], _value(one, "recall")) for one in _others(found)]
    others = [f"{title} {percent(value)}" for title, value in kept if value is not None]
    if (value := _value(own, "recall")) is not None:
        return ", ".join([f"The map keeps {percent(value)} of the {found['k']} nearest held-out segments", *others])
    values = [f"{within(one['title'])} {fixed(value, 2)}" for one in measures if (value := _value(own, one["key"])) is not None]
    return sentence(f"on held-out segments the map has {listing(values[:2])}")


def _whole(inputs: Inputs) -> str:
    """What ratings are segments of."""
    return next((str(facts["whole"]) for _, facts in inputs.all("facts") if "whole" in facts), "video")


def _caption(found: Quality, whole: str) -> str:
    n, train = found["n"], found["train"]
    parts = [
        f"{counted(n['segments'], 'segment')} ({count(n['distinct'])} different ratings) of {counted(n['videos'], whole)}",
        f"that no fit has seen; filled marks. Hollow marks: {counted(train['segments'], 'segment')} of the training part",
        f"({count(train['distinct'])} different). Equal ratings count as one place, weighted by how often they come;",
        f"neighbours are the {found['k']} nearest. 1 is best.",
    ]
    parts += [f"{one['title']}: {one['says'][:1].lower()}{one['says'][1:].rstrip('.')}." for one in _measures(found)]
    parts += [f"{one['title']}: {one['note'].rstrip('.')}." for one in found["methods"] if one.get("note")]
    parts += [f"{NAMES.get(one['key'], one['key'])} is not there: {one['why'].rstrip('.')}." for one in found["absent"]]
    return " ".join([*parts, *_on_intervals(found, whole)])


def _on_intervals(found: Quality, whole: str) -> Iterator[str]:
    known = [value for one in found["methods"] for value in one["values"].values() if value and value["mean"] is not None]
    if any(value["low"] is not None for value in known):
        yield f"Lines are 95{NO_BREAK}% intervals over {whole}s."
        if (own := _own(found)) is None:
            return
        for other in _others(found):
            above, below = _clearly(found, own, other), _clearly(found, other, own)
            sides = [
                f"{how} {other['title']} on {listing(names)}" for how, names in (("above", above), ("below", below)) if names
            ]
            where = listing(sides) or f"neither above nor below {other['title']}"
            yield f"By intervals that do not overlap, the map is {where}."
    elif known and found["n"]["videos"] < MIN_GROUPS:
        yield f"There are too few {whole}s for intervals."


def _alt(found: Quality) -> str:
    rows = []
    for measure in _measures(found):
        values = [(one["title"], one["values"].get(measure["key"])) for one in found["methods"]]
        known = [f"{title} {told(value)}" for title, value in values if value and value["mean"] is not None]
        rows.append(f"{measure['title']}: {', '.join(known)}")
    return f"Dots in a row for each measure. {'; '.join(rows) or 'No measure has a value'}."


def _table(found: Quality) -> list[list[object]]:
    rows: list[list[object]] = []
    for measure in found["measures"]:
        for one in found["methods"]:
            value = one["values"].get(measure["key"]) or dict.fromkeys(("mean", "low", "high"))
            held_out = [value[end] for end in ("mean", "low", "high")]
            rows.append([measure["title"], one["title"], *held_out, _trained(one, measure["key"])])
    return [["measure", "method", "held-out", "low", "high", "training"], *(rows or [["", "", None, None, None, None]])]
