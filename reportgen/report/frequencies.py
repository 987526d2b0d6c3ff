"""Which frequencies the networks of an experiment use, as its pages are given it: from kinds `band_views` and `band_scores`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.report.frequency_ranges import ClassRange, alike, echoes, missed, ranges
from reportgen.report.frequency_tables import NAMES, defined, hertz, of_class, score, tables_of, temporal
from reportgen.report.results import Score, View
from reportgen.report.tables import Table
from reportgen.words import fixed, listing

_LEAST = 0.01  # of a logit: less moves a probability by a quarter of a percent at most
_SHARE = 0.1  # of the largest effect of band-stop


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

    clear: Annotated[bool, Doc("beyond chance, and not tiny beside the largest effect of band-stop")]

    @property
    def stays(self) -> bool:
        """It does not need the temporal ring."""
        return _above(self.left)

    @property
    def shrinks(self) -> bool:
        """Clearly less is left of it: the intervals lie apart."""
        left = self.left.high if self.left else None
        return left is not None and self.effect.low is not None and left < self.effect.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Balanced accuracy on signals as they are, and on changed ones."""

    before: Annotated[Score, Doc("as they are")]
    after: Annotated[Score, Doc("changed")]
    lost: Annotated[Score, Doc("the difference, paired over units")]

    @property
    def falls(self) -> bool:
        """It clearly does."""
        return _above(self.lost)

    @property
    def values(self) -> str:
        """0.54 to 0.53."""
        return f"{fixed(self.before.mean, 2)} to {fixed(self.after.mean, 2)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Muscles:
    """Whether the networks do as well without what muscles are known for."""

    low_pass: Annotated[float, Doc("Hz, above which signals were cut")]
    temporal: Annotated[tuple[str, ...], Doc("the channels of the temporal ring")]
    low_passed: Annotated[Change | None, Doc("by the low-pass, None where it says nothing")]
    without: Annotated[Change | None, Doc("without the temporal ring, None where it cannot be computed")]
    why: Annotated[Mapping[str, str], Doc("{low_pass | without_temporal: why it is None}")]
    gamma: Annotated[tuple[Gamma, ...], Doc("one a class, none where windows end below gamma")]


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
    changed: Annotated[int, Doc("those of them that interventions and the check for muscles changed")]
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
    unlearned: Annotated[str, Doc("`not better` or `not clearly better` than the baseline, if the networks are not")]
    caveats: Annotated[tuple[str, ...], Doc("what stands against taking ranges that views share for an answer, as clauses")]
    suspects: Annotated[tuple[Suspect, ...], Doc("fast ranges at temporal sites")]
    muscles: Annotated[Muscles | None, Doc("the check whether that is muscle, None where it cannot be made")]
    truth: Annotated[tuple[Planted, ...], Doc("of simulated data")]
    retrained: Annotated[Retrained | None, Doc("the network on single bands, if that was tried")]
    tables: Annotated[Mapping[str, Table], Doc("views, agreement, control, muscles, gamma, truth, retrained")]


def frequencies_of(
    experiment: str, found: Mapping[str, Any], alone: Mapping[str, Any] | None, scored: View | None
) -> Frequencies:
    """From the outputs `band_views` and, if single bands were tried, `band_scores`, and from the scores of the networks."""
    windows, views = found["windows"], defined(found)
    limits = [row["correlation"] for row in found["agreement"] if row["correlation"] and row["correlation"]["low"] is not None]
    named, suspects, unlearned = tuple(ranges(found)), tuple(_suspects(found)), _unlearned(scored)
    return Frequencies(
        slug=f"frequencies-{experiment.replace('_', '-')}",
        fine=found["fine"],
        unit=found["unit"],
        units=len(found["units"]),
        trials=found["trials"],
        changed=found.get("changed", found["trials"]),
        folds=found["folds"],
        tested=found["tested"],
        classes=tuple(found["classes"]),
        low=min(low for low, _ in windows),
        high=max(high for _, high in windows),
        width=windows[0][1] - windows[0][0],
        step=windows[1][0] - windows[0][0] if len(windows) > 1 else 0.0,
        views=tuple(views),
        absent={NAMES[view["view"]]: _sentence(view["why"]) for view in found["views"] if not view["defined"]},
        ranges=named,
        silent=tuple(name for name in found["classes"] if name not in {one.name for one in named}),
        pairs=len(limits),
        agree=sum(each["low"] > 0 for each in limits),
        contradict=sum(each["high"] < 0 for each in limits),
        controlled=any(view["control"] for view in views.values()),
        echoes=tuple(f"{view}: {where}" for view, where in echoes(views)),
        alike=tuple(alike(views)),
        unlearned=unlearned,
        caveats=tuple(_caveats(found, [one for one in named if one.shared], suspects, unlearned)),
        suspects=suspects,
        muscles=_muscles(found["muscles"], _least(views)) if found["muscles"] else None,
        truth=tuple(_planted(row) for row in found["truth"] or ()),
        retrained=_retrained(alone) if alone else None,
        tables=tables_of(experiment, found, alone),
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _unlearned(scored: View | None) -> str:
    """With too few groups for an interval only a mean that is not better counts."""
    if scored is None or scored.accuracy.mean is None or scored.beats_baseline:
        return ""
    if scored.accuracy.mean <= max(scored.baseline.mean or 0.0, scored.chance):
        return "not better"
    return "not clearly better" if scored.accuracy.certain else ""


def _caveats(
    found: Mapping[str, Any], shared: Sequence[ClassRange], suspects: Sequence[Suspect], unlearned: str
) -> Iterator[str]:
    views = defined(found)
    if unlearned:
        yield f"the networks are {unlearned} than always giving one answer"
    if shared and (echoing := list(dict.fromkeys(view for view, _ in echoes(views)))):
        yield f"networks trained on shuffled labels show ranges by {listing(echoing)} too"
    if shared and (same := list(alike(views))):
        yield f"the curves of {listing(same)} are like those of networks trained on shuffled labels"
    named = {one.name: (one.view, *one.also) for one in shared}
    if muscle := [one.name for one in suspects if set(one.views) & set(named.get(one.name, ()))]:
        yield f"what speaks for {listing(muscle)} may be muscle"
    if found["tested"] and (gone := list(missed(found["truth"] or ()))):
        yield f"no view finds what was planted for {listing(gone)}"


def _suspects(found: Mapping[str, Any]) -> Iterator[Suspect]:
    """Classes for which fast frequencies at temporal sites count."""
    for name in found["classes"]:
        there = {view: temporal(of_class(told, name), found) for view, told in defined(found).items()}
        sites = dict.fromkeys(channel for channels in there.values() for channel in channels)
        if sites:
            yield Suspect(name=name, views=tuple(view for view in there if there[view]), channels=tuple(sites))


def _least(views: Mapping[str, Any]) -> float:
    """Logit from which an effect of gamma is worth a word, beside those of band-stop in any window on any class."""
    entries = views["band-stop"]["classes"] if "band-stop" in views else ()
    effects: list[float] = [mean for entry in entries for mean in entry["curve"]["mean"] if mean is not None]
    return max(_LEAST, _SHARE * max(effects, default=0.0))


def _muscles(found: Mapping[str, Any], least: float) -> Muscles:
    """`least`: see `_least`."""
    return Muscles(
        low_pass=found["low_pass"],
        temporal=tuple(found["temporal"]),
        low_passed=_change(found, "low_pass"),
        without=_change(found, "without_temporal"),
        why={name: why.rstrip(".") for name, why in found.get("why", {}).items() if why},
        gamma=tuple(_gamma(row, least) for row in found["gamma"] if row["effect"]),
    )


def _change(found: Mapping[str, Any], name: str) -> Change | None:
    if not found["loss"].get(name):
        return None
    before, after = (Score.of(found["balanced_accuracy"][variant]) for variant in ("whole", name))
    return Change(before=before, after=after, lost=Score.of(found["loss"][name]))


def _gamma(row: Mapping[str, Any], least: float) -> Gamma:
    effect = Score.of(row["effect"])
    clear = _above(effect) and (effect.mean or 0.0) >= least
    return Gamma(name=row["class"], effect=effect, left=score(row["without_temporal"]), clear=clear)


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
