"""What follows from the scores of synthetic samples, generator by generator, in words: of the kind `signal_scores`.

Nothing is claimed of a number without an interval.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from annotated_doc import Doc

from reportgen.report.synthetic_numbers import SHORT, UNCOUNTED, Found, certain, short, titles_of, upper
from reportgen.words import NO_BREAK, listing, percent

_TEST = "two_sample_auc"
_NAMED = 2  # scores that a headline names
_COPYING = ("copies", "near copies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A network's synthetic samples beside those of another generator."""

    other: Annotated[str, Doc("title of the other generator")]
    kind: Annotated[str, Doc("what the other one is: network, plain rule; and whether it copies")]
    plain: Annotated[bool, Doc("the other one is no network")]
    better: Annotated[tuple[str, ...], Doc("scores by which the network is clearly better")]
    worse: Annotated[tuple[str, ...], Doc("scores by which it is clearly worse")]
    open: Annotated[tuple[str, ...], Doc("scores that do not clearly differ")]

    @property
    def n(self) -> int:
        """Scores that both can be compared by."""
        return len(self.better) + len(self.worse) + len(self.open)


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How real the samples of a generator are, score by score."""

    key: Annotated[str, Doc("its name in the study")]
    title: Annotated[str, Doc("what the report calls it")]
    use: Annotated[str, Doc("id of its plugin")]
    network: Annotated[bool, Doc("it was trained; otherwise it is a plain rule")]
    diverged: Annotated[str, Doc("what became of its training, empty if nothing went wrong")]
    notes: Annotated[tuple[str, ...], Doc("what it says of itself, in sentences")]
    kind: Annotated[str, Doc("network, plain rule; and whether it copies: `plain rule, copies`")]
    alike: Annotated[tuple[str, ...], Doc("scores that do not clearly tell its samples from other real ones")]
    slight: Annotated[tuple[str, ...], Doc("scores by which they are as real, but for a small and clear difference")]
    near: Annotated[tuple[str, ...], Doc("scores by which they are near")]
    between: Annotated[tuple[str, ...], Doc("scores by which they lie part of the way to the worst control")]
    far: Annotated[tuple[str, ...], Doc("scores by which they are far off")]
    unclear: Annotated[tuple[str, ...], Doc("those of `between` and `far` that are not clearly worse than real ones")]
    open: Annotated[tuple[str, ...], Doc("scores whose interval is too wide to say anything")]
    beyond: Annotated[tuple[str, ...], Doc("those of `far` by which they are no better than the worst control")]
    kept: Annotated[tuple[str, ...], Doc("scores that it preserves by construction, which is no merit")]
    rank: Annotated[float | None, Doc("mean place among the generators, 1 is best; None where it is not ranked")]
    ranked: Annotated[int, Doc("scores that it is ranked on")]
    apart: Annotated[float | None, Doc("area under the curve of the two-sample test, if clearly above that of real samples")]
    beside: Annotated[tuple[Beside, ...], Doc("of a network: how it compares with each other generator")]

    @property
    def told(self) -> int:
        """Scores that say something of it for sure."""
        return len(self.realistic) + len(self.between) + len(self.far)

    @property
    def counted(self) -> int:
        """Scores that count for it and have an interval."""
        return self.told + len(self.open)

    @property
    def realistic(self) -> tuple[str, ...]:
        """Scores by which its samples are real, or near it."""
        return self.alike + self.slight + self.near


def generators_of(found: Found) -> list[Found]:
    """Networks first, then plain rules; of each the best by rank first, as far as they are ranked."""
    made = [one for one in found["candidates"] if one["sort"] != "control"]
    ranks = {one["key"]: (one["rank"] or {}).get("mean") for one in made}
    return sorted(made, key=lambda one: (one["sort"] != "network", ranks[one["key"]] is None, ranks[one["key"]] or 0.0))


def likenesses(found: Found) -> tuple[Likeness, ...]:
    """Of each generator, in that order."""
    return tuple(_likeness(one, found) for one in generators_of(found))


def _likeness(one: Found, found: Found) -> Likeness:
    said = dict(_verdicts(one, found))
    titles = titles_of(found)
    clear = {name for name in said if one["values"][name]["over_floor"]["low"] > 0}

    def by(verdict: str, names: Collection[str] = said) -> tuple[str, ...]:
        return tuple(short(name, titles) for name, own in said.items() if own == verdict and name in names)

    rank = one["rank"] or {}
    return Likeness(
        key=one["key"],
        title=one["title"],
        use=one["use"],
        network=one["sort"] == "network",
        diverged=(one["diverged"] or "").rstrip("."),
        notes=tuple(one["notes"]),
        kind=kind_of(one, found),
        alike=by("real", said.keys() - clear),
        slight=by("real", clear),
        near=by("near"),
        between=by("between"),
        far=by("far"),
        unclear=by("between", said.keys() - clear) + by("far", said.keys() - clear),
        open=by(""),
        beyond=tuple(short(n, titles) for n, v in said.items() if v == "far" and one["values"][n]["position"] >= 1),
        kept=tuple(short(name, titles) for name in one["keeps"] if name in one["values"]),
        rank=rank.get("mean"),
        ranked=rank.get("of") or 0,
        apart=_apart(one, said),
        beside=tuple(_beside(one["key"], found, titles)) if one["sort"] == "network" else (),
    )


def kind_of(one: Found, found: Found) -> str:
    """`network`, `plain rule, copies`: who gives back what it learned from is near real for that reason."""
    memory = next((row["verdict"] for row in found["memory"] if row["key"] == one["key"]), "")
    told = "network" if one["sort"] == "network" else "plain rule"
    return f"{told}, {memory}" if memory in _COPYING else told


def _apart(one: Found, said: Mapping[str, str]) -> float | None:
    """How often a classifier tells one of its samples from a real one, if that is clearly more than for real samples."""
    value = one["values"].get(_TEST)
    clear = value and _TEST in said and value["over_floor"]["low"] > 0
    return value["mean"] if value and clear else None


def _verdicts(one: Found, found: Found) -> Iterator[tuple[str, str]]:
    """(score, verdict) of those that count and have an interval; "" where that is too wide for a word."""
    for name in counting(one, found):
        value = one["values"][name]
        if value["position"] is not None and certain(value["over_floor"]):
            yield name, value["verdict"]


def counting(one: Found, found: Found) -> tuple[str, ...]:
    """Scores that count for how real the samples of a generator are, here as everywhere: in the finding, places and pairs.

    These are all but those that are left out, that cannot tell, that are no merit of it, such as those that it preserves by
    construction, and that never count.
    """
    ranked = (row["score"] for row in found["scores"] if (one["values"].get(row["score"]) or {}).get("ranked"))
    return tuple(name for name in ranked if name not in (*UNCOUNTED, *one["keeps"], *found["blind"]))


def _beside(key: str, found: Found, titles: Mapping[str, str]) -> Iterator[Beside]:
    """Of each other generator that the network shares a score with an interval with."""
    for other in beside(key, found):
        said = {name: pair["better"] or "" for name, pair in other["pairs"].items() if certain(pair["difference"])}
        if said:
            yield Beside(
                other=other["title"],
                kind=kind_of(other, found),
                plain=other["sort"] == "plain",
                better=_named(said, key, titles),
                worse=_named(said, other["key"], titles),
                open=_named(said, "", titles),
            )


def beside(key: str, found: Found) -> Iterator[Found]:
    """Other generators beside a network: {key, title, sort, pairs {score: {difference, better}}}.

    A difference is positive where the network is better. A network that comes earlier has told of both. Only scores that count
    for both are compared.
    """
    made = generators_of(found)
    counted = {one["key"]: counting(one, found) for one in made}
    networks = [one["key"] for one in made if one["sort"] == "network"]
    earlier = networks[: networks.index(key)]
    for other in (one for one in made if one["key"] not in (key, *earlier)):
        both = {key, other["key"]}
        rows = (row for row in found["pairs"] if {row["first"], row["second"]} == both)
        common = set(counted[key]).intersection(counted[other["key"]])
        own = {row["score"]: _seen_from(key, row) for row in rows if row["score"] in common}
        if own:
            yield {"key": other["key"], "title": other["title"], "sort": other["sort"], "pairs": own}


def _seen_from(key: str, row: Found) -> Found:
    found = row["difference"]
    if row["first"] == key or found is None:
        return {"difference": found, "better": row["better"]}
    ends = {"mean": found["mean"], "low": found["high"], "high": found["low"]}
    return {"difference": {name: None if end is None else -end for name, end in ends.items()}, "better": row["better"]}


def _named(said: Mapping[str, str], better: str, titles: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(short(name, titles) for name, winner in said.items() if winner == better)


def headline(made: Sequence[Likeness], noun: str) -> str:
    """The finding, as the title of the answer: of the network that is ranked best, or else of the best plain generator.

    What is near to real is never said without the two-sample test, if that clearly tells synthetic from real.
    """
    alive = [one for one in made if not one.diverged]
    if not alive:
        return f"No generator finished, so that there are no synthetic {noun}"
    told = next((one for one in alive if one.told), None)
    if told is None:
        return f"How real the synthetic {noun} are cannot be said"
    whose = f"synthetic {noun} of “{told.title}”"
    return _counted(told, whose) if told.apart is None else _told_apart(told, whose)


def _counted(one: Likeness, whose: str) -> str:
    by = {1: "By the one score that can tell"}.get(one.counted, f"By all {one.counted} scores")
    if len(one.realistic) == one.counted:
        return f"{by} the {whose} are real or near it"
    if len(one.far) == one.counted:
        return f"{by} the {whose} are far from real"
    good = f"By {len(one.realistic) or 'none'} of {one.counted} scores the {whose} are real or near it"
    return f"{good}, by {len(one.far)} they are far from it" if one.far else good


def _told_apart(one: Likeness, whose: str) -> str:
    """`The synthetic signals of “wgan raw” are near real ones by spectrum and 7 more of 11 scores, but a classifier …`."""
    good = [name for name in one.realistic if name != SHORT[_TEST]]
    pairs = f"{percent(one.apart)} of pairs (guessing: 50{NO_BREAK}%)"
    if not good:
        others = f"by none of {one.counted - 1} other scores are they near real ones" if one.counted > 1 else ""
        return f"A classifier tells the {whose} from real ones in {pairs}" + (f", and {others}" if others else "")
    by = f"{', '.join(good[:_NAMED])} and {len(good) - _NAMED} more of {one.counted} scores"
    by = by if len(good) > _NAMED + 1 else listing(good)
    return f"{upper(whose)} are near real ones by {by}, but a classifier tells them apart in {pairs}"
