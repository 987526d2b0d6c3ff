"""What views of frequencies agree on for a class, and which of them contradict the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.figures._frequencies import Entry, Found, View, of_class
from reportgen.frequencies.effect import OF_DATA

_FIRST = ("stop", "gradient", "swap")
"""Whose range is told of those that as many others share."""
_NUMERALS = ("no", "one", "two", "three", "four", "five")


@dataclass(frozen=True, slots=True)
class Agreed:
    """The range that views which say what is used agree on for a class."""

    label: str
    low: float  # Hz
    high: float
    views: int  # that share it


def agreed(found: Found, label: str) -> Agreed | None:
    """The strongest range of the view whose one most others share; one that nobody shares does not count, but of an only view.

    The same rule as that of the report's answer.
    """
    own = {view["view"]: entry["ranges"] for view, entry in of_class(found, label) if view["view"] not in OF_DATA}
    finding = [view for view in _FIRST if own.get(view)]
    shared = {view: sum(any(touching(own[view][0], one) for one in ranges) for ranges in own.values()) for view in finding}
    first = max(finding, key=lambda view: shared[view], default="")  # the first of equal ones
    if not first or shared[first] < min(2, len(own)):
        return None
    return Agreed(label, own[first][0]["low"], own[first][0]["high"], shared[first])


def by_views(n: int, of: int) -> str:
    """`by three of four views`, `by both views`, `by the only view`, `by none of the four views`."""
    if n == 0:
        return "not by the only view" if of == 1 else "by neither view" if of == 2 else f"by none of the {_numeral(of)} views"
    if n == of:
        return "by the only view" if n == 1 else "by both views" if n == 2 else f"by all {_numeral(n)} views"
    return f"by {_numeral(n)} of {_numeral(of)} views"


def _numeral(n: int) -> str:
    return _NUMERALS[n] if n < len(_NUMERALS) else str(n)


def touching(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two ranges share frequencies."""
    return bool(one["low"] < other["high"] and other["low"] < one["high"])


def _contradict(one: Entry, other: Entry) -> bool:
    """Both find ranges of the class, and none of them share frequencies."""
    pairs = [(a, b) for a in one["ranges"] for b in other["ranges"]]
    return bool(pairs) and not any(touching(a, b) for a, b in pairs)


def odd(pairs: Sequence[tuple[View, Entry]]) -> set[str]:
    """Views of what is used whose ranges of a class contradict those of most of the others that find some."""
    finding = [(view["view"], entry) for view, entry in pairs if entry["ranges"] and view["view"] not in OF_DATA]
    return {
        name
        for name, entry in finding
        if len(finding) > 1 and 2 * sum(_contradict(entry, other) for _, other in finding) > len(finding) - 1
    }
