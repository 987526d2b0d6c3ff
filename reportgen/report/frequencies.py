"""Which frequencies the networks of an experiment use, as its pages are given it: from kinds `band_views` and `band_scores`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.frequencies.effect import OF_DATA
from reportgen.report.frequency_tables import NAMES, defined, hertz, of_class, peak, score, tables_of, temporal
from reportgen.report.results import Score
from reportgen.report.tables import Table

_FIRST = tuple(NAMES[view] for view in ("stop", "gradient", "swap", "passes"))
"""Whose range the answer gives, if as many others find it: interventions on the signal say most of what the network needs."""
_OF_DATA = tuple(NAMES[view] for view in OF_DATA)
_LEAST = 0.01  # of a logit


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
    also: Annotated[tuple[str, ...], Doc("other views that find an overlapping range")]
    without: Annotated[tuple[str, ...], Doc("other views that find none there")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A range of fast frequencies at temporal sites, which may be muscle."""

    name: Annotated[str, Doc("of the class")]
    views: Annotated[tuple[str, ...], Doc("that show it")]
    channels: Annotated[tuple[str, ...], Doc("the temporal ones among the strongest")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gamma:
    """What fast frequencies do for a class, and what is left of it without the temporal ring."""

    name: Annotated[str, Doc("of the class")]
    effect: Annotated[Score, Doc("centred logit that is lost without gamma")]
    left: Annotated[Score | None, Doc("the same where the temporal ring is computed from the other channels, if it can be")]

    @property
    def clear(self) -> bool:
        """There is an effect beyond chance, large enough to move a probability by more than a thousandth."""
        return _above(self.effect) and (self.effect.mean or 0) >= _LEAST

    @property
    def stays(self) -> bool:
        """It does not need the temporal ring."""
        return _above(self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Muscles:
    """Whether the networks do as well without what muscles are known for."""

    low_pass: Annotated[float, Doc("Hz, above which signals were cut")]
    temporal: Annotated[tuple[str, ...], Doc("the channels of the temporal ring")]
    whole: Annotated[Score, Doc("balanced accuracy on signals as they are")]
    low_passed: Annotated[Score | None, Doc("balanced accuracy lost by the low-pass, None where it says nothing")]
    without: Annotated[Score | None, Doc("balanced accuracy lost without the temporal ring, None where it cannot be computed")]
    why: Annotated[tuple[str, ...], Doc("reasons for what is None, as sentences")]
    gamma: Annotated[tuple[Gamma, ...], Doc("one a class, none where windows end below gamma")]

    @property
    def needs_fast(self) -> bool:
        """The low-pass clearly costs."""
        return _above(self.low_passed)

    @property
    def needs_ring(self) -> bool:
        """To lose the temporal ring clearly costs."""
        return _above(self.without)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """What a simulation put in for a class, and which views find it."""

    name: Annotated[str, Doc("of the class")]
    hertz: Annotated[str, Doc("`10–18 Hz`")]
    site: Annotated[str, Doc("the channel nearest to it")]
    found: Annotated[tuple[str, ...], Doc("views whose strongest range overlaps it")]
    missed: Annotated[tuple[str, ...], Doc("views whose strongest range does not, or that have none")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrained:
    """The same network trained on single bands."""

    best: Annotated[str, Doc("the band it does best with")]
    hertz: Annotated[str, Doc("its limits: `14–31 Hz`")]
    score: Annotated[Score, Doc("balanced accuracy with that band alone")]
    whole: Annotated[Score, Doc("balanced accuracy with all bands")]
    chance: Annotated[float, Doc("balanced accuracy of guessing")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """Which frequencies the networks of an experiment use."""

    slug: Annotated[str, Doc("file name of its page without the suffix")]
    fine: Annotated[bool, Doc("frequencies within a band can be told apart")]
    unit: Annotated[str, Doc("what tests and intervals are over: subject, recording, trial")]
    units: Annotated[int, Doc("how many of them")]
    trials: Annotated[int, Doc("test trials that were looked at")]
    folds: Annotated[int, Doc("networks, each on test trials of its own")]
    tested: Annotated[bool, Doc("there are units enough for a claim")]
    classes: Annotated[tuple[str, ...], Doc("names")]
    low: Annotated[float, Doc("Hz, where the first window begins")]
    high: Annotated[float, Doc("Hz, where the last one ends")]
    width: Annotated[float, Doc("Hz, of the first window")]
    step: Annotated[float, Doc("Hz, from one window to the next")]
    views: Annotated[tuple[str, ...], Doc("names of the views that are defined")]
    absent: Annotated[Mapping[str, str], Doc("{view: why it is not defined, as a sentence}")]
    ranges: Annotated[tuple[ClassRange, ...], Doc("of each class that has one")]
    silent: Annotated[tuple[str, ...], Doc("classes of which no view finds a range")]
    pairs: Annotated[int, Doc("pairs of views that were compared, class by class, and have an interval")]
    agree: Annotated[int, Doc("those whose curves are clearly alike")]
    contradict: Annotated[int, Doc("those whose curves clearly contradict each other")]
    controlled: Annotated[bool, Doc("networks trained on shuffled labels were looked at too")]
    echoes: Annotated[tuple[str, ...], Doc("`band-stop: positive 10–18 Hz`: ranges that these show")]
    alike: Annotated[tuple[str, ...], Doc("views whose curves of these are clearly like those of the real networks")]
    suspects: Annotated[tuple[Suspect, ...], Doc("fast ranges at temporal sites")]
    muscles: Annotated[Muscles | None, Doc("the check whether that is muscle, None where it cannot be made")]
    truth: Annotated[tuple[Planted, ...], Doc("of simulated data")]
    retrained: Annotated[Retrained | None, Doc("the network on single bands, if that was tried")]
    tables: Annotated[Mapping[str, Table], Doc("views, agreement, control, muscles, gamma, truth, retrained")]


def frequencies_of(experiment: str, found: Mapping[str, Any], alone: Mapping[str, Any] | None) -> Frequencies:
    """From the outputs `band_views` and, if single bands were tried, `band_scores`."""
    windows, views = found["windows"], defined(found)
    limits = [row["correlation"] for row in found["agreement"] if row["correlation"] and row["correlation"]["low"] is not None]
    ranges = tuple(_ranges(found))
    return Frequencies(
        slug=f"frequencies-{experiment.replace('_', '-')}",
        fine=found["fine"],
        unit=found["unit"],
        units=len(found["units"]),
        trials=found["trials"],
        folds=found["folds"],
        tested=found["tested"],
        classes=tuple(found["classes"]),
        low=min(low for low, _ in windows),
        high=max(high for _, high in windows),
        width=windows[0][1] - windows[0][0],
        step=windows[1][0] - windows[0][0] if len(windows) > 1 else 0.0,
        views=tuple(views),
        absent={NAMES[view["view"]]: _sentence(view["why"]) for view in found["views"] if not view["defined"]},
        ranges=ranges,
        silent=tuple(name for name in found["classes"] if name not in {one.name for one in ranges}),
        pairs=len(limits),
        agree=sum(each["low"] > 0 for each in limits),
        contradict=sum(each["high"] < 0 for each in limits),
        controlled=any(view["control"] for view in views.values()),
        echoes=tuple(_echoes(views)),
        alike=tuple(name for name, view in views.items() if name not in _OF_DATA and _like(view["control"])),
        suspects=tuple(_suspects(found)),
        muscles=_muscles(found["muscles"]) if found["muscles"] else None,
        truth=tuple(_planted(row) for row in found["truth"] or ()),
        retrained=_retrained(alone) if alone else None,
        tables=tables_of(experiment, found, alone),
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _ranges(found: Mapping[str, Any]) -> Iterator[ClassRange]:
    """Of each class the strongest range that most views share."""
    views = defined(found)
    for name in found["classes"]:
        entries = {view: of_class(views[view], name) for view in _FIRST if view in views}
        also = {view: _others(view, entries) for view in entries if entries[view]["ranges"]}
        if not also:
            continue
        used = {view: [other for other in also[view] if other not in _OF_DATA] for view in also}
        first = max(also, key=lambda view: (view not in _OF_DATA, len(used[view])))  # the first of equal ones
        best = entries[first]["ranges"][0]
        yield ClassRange(
            name=name,
            view=first,
            hertz=hertz(best["low"], best["high"]),
            peak=peak(best) if found["fine"] else "",
            channels=tuple(one["channel"] for one in entries[first]["strongest"][:3]),
            passed=first in _OF_DATA,
            single=not used[first] and sum(view not in _OF_DATA for view in entries) > 1,
            echoed=any(_meet(best, one) for one in _control(views[first], name)),
            also=also[first],
            without=tuple(view for view in entries if view not in (first, *also[first])),
        )


def _others(view: str, entries: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The other views with a range that overlaps the strongest one of a view."""
    best = entries[view]["ranges"][0]
    return tuple(name for name in entries if name != view and any(_meet(best, one) for one in entries[name]["ranges"]))


def _control(view: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """The ranges of a class of networks trained on shuffled labels."""
    return of_class(view["control"], name)["ranges"] if view["control"] else ()


def _meet(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    return bool(first["low"] < second["high"] and second["low"] < first["high"])


def _echoes(views: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Ranges that networks trained on shuffled labels show."""
    for name, view in views.items():
        for entry in view["control"]["classes"] if view["control"] and name not in _OF_DATA else ():
            yield from (f"{name}: {entry['class']} {hertz(one['low'], one['high'])}" for one in entry["ranges"])


def _like(control: Mapping[str, Any] | None) -> bool:
    likeness = control["likeness"] if control else None
    return bool(likeness and likeness["low"] is not None and likeness["low"] > 0)


def _suspects(found: Mapping[str, Any]) -> Iterator[Suspect]:
    """Classes for which fast frequencies at temporal sites count."""
    for name in found["classes"]:
        there = {view: temporal(of_class(told, name), found) for view, told in defined(found).items()}
        sites = dict.fromkeys(channel for channels in there.values() for channel in channels)
        if sites:
            yield Suspect(name=name, views=tuple(view for view in there if there[view]), channels=tuple(sites))


def _muscles(found: Mapping[str, Any]) -> Muscles:
    return Muscles(
        low_pass=found["low_pass"],
        temporal=tuple(found["temporal"]),
        whole=Score.of(found["balanced_accuracy"]["whole"]),
        low_passed=score(found["loss"]["low_pass"]),
        without=score(found["loss"]["without_temporal"]),
        why=tuple(_sentence(why) for why in found.get("why", {}).values() if why),
        gamma=tuple(
            Gamma(name=row["class"], effect=Score.of(row["effect"]), left=score(row["without_temporal"]))
            for row in found["gamma"]
            if row["effect"]
        ),
    )


def _above(score: Score | None) -> bool:
    return score is not None and score.low is not None and score.low > 0


def _planted(row: Mapping[str, Any]) -> Planted:
    return Planted(
        name=row["class"],
        hertz=hertz(*row["band"]),
        site=row["site"],
        found=_named(row["views"], found=True),
        missed=_named(row["views"], found=False),
    )


def _named(views: Sequence[Mapping[str, Any]], *, found: bool) -> tuple[str, ...]:
    return tuple(NAMES[view["view"]] for view in views if view["found"] == found)


def _retrained(found: Mapping[str, Any]) -> Retrained:
    best = max(found["bands"], key=lambda row: row["balanced_accuracy"]["mean"])
    return Retrained(
        best=best["band"],
        hertz=hertz(best["low"], best["high"]),
        score=Score.of(best["balanced_accuracy"]),
        whole=Score.of(found["whole"]),
        chance=found["chance"],
    )
