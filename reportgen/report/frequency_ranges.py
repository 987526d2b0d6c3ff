"""Of each class the range of frequencies that most views share, and what stands against taking it for an answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.frequencies.effect import OF_DATA
from reportgen.report.frequency_tables import NAMES, defined, hertz, of_class, peak

_FIRST = tuple(NAMES[view] for view in ("stop", "gradient", "swap", "passes"))
"""Whose range the answer gives, if as many others find it: interventions on the signal say most of what the network needs."""
_OF_DATA = tuple(NAMES[view] for view in OF_DATA)
_FAR = 2.0  # times as strong
_ALIKE, _SURELY = 0.7, 0.5  # as in the audit `shuffled_explanation`

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRange:
    """The range of frequencies that speaks most for a class."""

    name: Annotated[str, Doc("of the class")]
    view: Annotated[str, Doc("whose range it is: that of the view whose range most others share")]
    hertz: Annotated[str, Doc("`10–18 Hz`")]
    peak: Annotated[str, Doc("`14.0 Hz [13.2, 14.9]`; of whole bands empty")]
    channels: Annotated[tuple[str, ...], Doc("those of largest effect, at most three; none where the view tells none apart")]
    passed: Annotated[bool, Doc("only feature maps show it: they pass it on, and nothing says that it is used")]
    single: Annotated[bool, Doc("no other view that says what is used finds it")]
    echoed: Annotated[bool, Doc("networks trained on shuffled labels show a range of the class there, by the same view")]
    lacks: Annotated[str, Doc("class that is read twice as strongly from there, whose signal may be what lacks, or empty")]
    weaker: Annotated[tuple[str, ...], Doc("further ranges of the same view")]
    also: Annotated[tuple[str, ...], Doc("other views that find an overlapping range")]
    elsewhere: Annotated[Mapping[str, str], Doc("{other view that says what is used: its range, if none of its overlap}")]
    without: Annotated[tuple[str, ...], Doc("all other views: they find none there")]

    @property
    def shared(self) -> bool:
        """Two views that say what is used find it, or the only one that there is."""
        return not self.passed and not self.single

    @property
    def found_by(self) -> tuple[str, ...]:
        """All views that say what is used and find it."""
        return tuple(view for view in (self.view, *self.also) if view not in _OF_DATA)


def ranges(found: Found) -> Iterator[ClassRange]:
    """Of each class the strongest range that most views share."""
    views = defined(found)
    for name in found["classes"]:
        entries = {view: of_class(views[view], name) for view in _FIRST if view in views}
        also = {view: _others(view, entries) for view in entries if entries[view]["ranges"]}
        if not also:
            continue
        used = {view: [other for other in also[view] if other not in _OF_DATA] for view in also}
        first = max(also, key=lambda view: (view not in _OF_DATA, len(used[view])))  # the first of equal ones
        best, *weaker = entries[first]["ranges"]
        left = [view for view in entries if view not in (first, *also[first])]
        elsewhere = {} if first in _OF_DATA else {view: _strongest(entries[view]) for view in left if view in used}
        elsewhere = {view: text for view, text in elsewhere.items() if view not in _OF_DATA}
        yield ClassRange(
            name=name,
            view=first,
            hertz=hertz(best["low"], best["high"]),
            peak=peak(best) if found["fine"] else "",
            channels=tuple(one["channel"] for one in entries[first]["strongest"][:3]),
            passed=first in _OF_DATA,
            single=not used[first] and sum(view not in _OF_DATA for view in entries) > 1,
            echoed=any(_meet(best, one) for one in _control(views[first], name)),
            lacks=_lacks(views[first], name, best),
            weaker=tuple(hertz(one["low"], one["high"]) for one in weaker),
            also=also[first],
            elsewhere=elsewhere,
            without=tuple(view for view in left if view not in elsewhere),
        )


def echoes(views: Mapping[str, Found]) -> Iterator[tuple[str, str]]:
    """(view, `positive 10–18 Hz`): ranges that networks trained on shuffled labels show."""
    for name, view in views.items():
        for entry in view["control"]["classes"] if view["control"] and name not in _OF_DATA else ():
            yield from ((name, f"{entry['class']} {hertz(one['low'], one['high'])}") for one in entry["ranges"])


def alike(views: Mapping[str, Found]) -> Iterator[str]:
    """Views whose curves are those of networks trained on shuffled labels, by the rule of the audit."""
    for name, view in views.items():
        likeness = view["control"]["likeness"] if view["control"] and name not in _OF_DATA else None
        mean, low = (likeness["mean"], likeness["low"]) if likeness else (None, None)
        if (mean is not None and mean >= _ALIKE) or (low is not None and low > _SURELY):
            yield name


def missed(truth: Sequence[Found]) -> Iterator[str]:
    """`positive (10–18 Hz)`: what was planted and is found by no view that says what is used."""
    for row in truth:
        if not any(view["found"] for view in row["views"] if view["view"] not in OF_DATA):
            yield f"{row['class']} ({hertz(*row['band'])})"


def _others(view: str, entries: Mapping[str, Found]) -> tuple[str, ...]:
    """The other views with a range that overlaps the strongest one of a view."""
    best = entries[view]["ranges"][0]
    return tuple(name for name in entries if name != view and any(_meet(best, one) for one in entries[name]["ranges"]))


def _lacks(view: Found, name: str, best: Found) -> str:
    """The class that the same view reads from there, more than twice as strongly."""
    rivals = ((entry["class"], one) for entry in view["classes"] if entry["class"] != name for one in entry["ranges"])
    return next((rival for rival, one in rivals if _meet(best, one) and one["effect"] > _FAR * best["effect"]), "")


def _strongest(entry: Found) -> str:
    best = entry["ranges"][0]
    return hertz(best["low"], best["high"])


def _control(view: Found, name: str) -> Sequence[Found]:
    """The ranges of a class of networks trained on shuffled labels."""
    return of_class(view["control"], name)["ranges"] if view["control"] else ()


def _meet(first: Found, second: Found) -> bool:
    return bool(first["low"] < second["high"] and second["low"] < first["high"])
