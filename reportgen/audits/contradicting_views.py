"""Views of one network that contradict each other on which frequencies it uses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Any

from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.audits._frequencies import Views, below, defined, estimate, explanations, hertz
from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, count, counted, listing

NEEDS = ("facts", "band_views", "scores")


@dataclass(frozen=True, slots=True)
class _Class:
    """What the views say of a class."""

    name: str
    ranges: Mapping[str, Views]  # {view: ranges}
    agreement: Mapping[tuple[str, str], Mapping[str, Any]]  # {views: correlation of their curves}

    def contradictions(self, gap: float) -> Iterator[str]:
        """Pairs of views, in words."""
        for first, second in combinations(self.ranges, 2):
            apart = _apart(self.ranges[first], self.ranges[second])
            correlation = self.agreement.get((first, second)) or self.agreement.get((second, first))
            if apart is not None and apart > gap:
                yield f"{self.name}: ranges of {first} and {second} are {apart:.3g}{NO_BREAK}Hz apart"
            elif correlation and below(correlation) and self.ranges[first] and self.ranges[second]:
                yield f"{self.name}: the curves of {first} and {second} correlate by {estimate(correlation)}"

    @property
    def without(self) -> list[str]:
        """Views without a range, where others have one."""
        there = any(self.ranges.values())
        return [view for view, ranges in self.ranges.items() if there and not ranges]

    @property
    def row(self) -> tuple[str, ...]:
        """Of the table."""
        return self.name, *map(hertz, self.ranges.values())


def _apart(first: Views, second: Views) -> float | None:
    """Hz between the nearest two of their ranges, 0 where two overlap; None where a view has no range."""
    gaps = [max(a["low"], b["low"]) - min(a["high"], b["high"]) for a in first for b in second]
    return max(0.0, min(gaps)) if gaps else None


def inspect(
    inputs: Inputs,
    *,
    gap: Annotated[float, Ge(0), Unit("Hz"), Doc("between the nearest ranges of two views that still agree")] = 1.0,
) -> Iterator[Finding]:
    """One finding an explanation in frequencies.

    Two views contradict each other on a class if both have ranges and none of them overlap, or if their curves fall where
    those of the other rise: a negative correlation with a 95 % interval below 0. Where one shows no range, nothing is
    claimed that could be contradicted: taking away a band that a class lacks does it good, and gradients count the lack.
    """
    for one in explanations(inputs):
        yield soften(_finding(one.about, one.explainer, one.found, gap), one.smoke)


def _finding(about: str, explainer: str, found: Mapping[str, Any], gap: float) -> Finding:
    views = defined(found)
    if len(views) < 2 or not found["tested"]:
        return _untold(about, explainer, found)
    classes = [_held(name, views, found["agreement"]) for name in found["classes"]]
    pairs = len(classes) * len(views) * (len(views) - 1) // 2
    names = [view["view"] for view in views]
    against = [sentence for one in classes for sentence in one.contradictions(gap)]
    if against:
        return Finding(
            severity="warning",
            about=about,
            title="Views contradict each other on which frequencies the network uses",
            evidence=f"{explainer}: {count(len(against))} of {counted(pairs, 'pair')} of views: {'; '.join(against)}",
            remedy="Name no frequency range of these classes, or say which view it is of; those that change the signal (stop,"
            " swap) come nearest to what the network uses.",
            rows=_table(names, [one for one in classes if any(one.contradictions(gap))]),
        )
    if partly := [one for one in classes if one.without]:
        return Finding(
            severity="notice",
            about=about,
            title="Not all views find the ranges that others find",
            evidence=f"{explainer}: " + "; ".join(f"{one.name}: nothing in {listing(one.without)}" for one in partly),
            remedy="Say which views a range comes from: one that finds nothing may have too little power, or the range may be"
            " of the data and not of the network.",
            rows=_table(names, partly),
        )
    ranged = [one for one in classes if any(one.ranges.values())]
    title = "Views agree on the ranges" if ranged else "No view finds a range: none contradicts another"
    told = "; ".join(f"{one.name}: {', '.join(f'{view} {hertz(own)}' for view, own in one.ranges.items())}" for one in ranged)
    evidence = f"{explainer}: {counted(pairs, 'pair')} of views" + (f"; {told}" if told else "")
    return Finding(severity="ok", about=about, title=title, evidence=evidence)


def _held(name: str, views: Views, agreement: Views) -> _Class:
    ranges = {view["view"]: next(one["ranges"] for one in view["classes"] if one["class"] == name) for view in views}
    correlations = {(one["first"], one["second"]): one["correlation"] for one in agreement if one["class"] == name}
    return _Class(name, ranges, correlations)


def _table(views: Sequence[str], classes: Sequence[_Class]) -> tuple[tuple[str, ...], ...]:
    return ("class", *views), *(one.row for one in classes)


def _untold(about: str, explainer: str, found: Mapping[str, Any]) -> Finding:
    """One view, or none that is tested: neither agreement nor contradiction."""
    views = [view["view"] for view in defined(found)]
    if len(views) < 2:
        title = "Too few views to hold against each other"
        others = [f"{view['view']}: {view['why']}" for view in found["views"] if not view["defined"]]
        evidence = "; ".join([f"{explainer}: {listing(views) or 'no view'} alone", *others])
        remedy = "Ask for more views, of features that they are defined for."
    else:
        title = "Nobody can say whether the views agree"
        unit = found["unit"]
        evidence = f"{explainer}: {listing(views)} show curves over {counted(len(found['units']), unit)}, without a test"
        remedy = f"Test on more {unit}s; until then claim neither that views agree nor that they contradict each other."
    return Finding(severity="notice", about=about, title=title, evidence=evidence, remedy=remedy)
