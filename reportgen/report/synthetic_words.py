"""What follows from the scores of synthetic samples, generator by generator, in words: of the kind `signal_scores`.

Nothing is claimed of a number without an interval.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.report.results import Score
from reportgen.words import NO_BREAK, listing, percent

SHORT: Mapping[str, str] = {
    "psd_distance": "spectrum",
    "band_power_divergence": "band power",
    "covariance_distance": "covariance",
    "autocorrelation_distance": "autocorrelation",
    "sliced_wasserstein": "sliced Wasserstein distance",
    "mmd": "MMD²",
    "frechet": "Fréchet distance",
    "density": "density",
    "coverage": "coverage",
    "two_sample_auc": "two-sample test",
    "tstr": "TSTR",
    "trts": "TRTS",
    "augmentation": "augmentation",
    "memory_ratio": "memorisation ratio",
}
"""What scores are called in sentences."""
_TEST = "two_sample_auc"
_NAMED = 2  # scores that a headline names
OF_THEIR_OWN = ("augmentation", "memory_ratio")
"""Scores that say how useful or how new samples are, not how real: they have sentences of their own."""

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A network's synthetic samples beside those of another generator."""

    other: Annotated[str, Doc("title of the other generator")]
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
    real: Annotated[tuple[str, ...], Doc("scores that hardly tell its samples from other real ones")]
    near: Annotated[tuple[str, ...], Doc("scores by which they are near")]
    between: Annotated[tuple[str, ...], Doc("scores by which they lie between real ones and the worst control")]
    far: Annotated[tuple[str, ...], Doc("scores by which they are far off")]
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
    def realistic(self) -> tuple[str, ...]:
        """Scores by which its samples are real, or near it."""
        return self.real + self.near


def short(name: str, titles: Mapping[str, str]) -> str:
    """What a score is called in a sentence; one that is not known here by its title."""
    return SHORT.get(name, titles.get(name, name))


def score(value: Found | None) -> Score | None:
    """A mean with its limits, None where there is no mean."""
    return Score.of(value) if value and value.get("mean") is not None else None


def certain(value: Found | None) -> bool:
    """Whether something may be claimed of a number."""
    found = score(value)
    return found is not None and found.certain


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
    titles = {row["score"]: row["title"] for row in found["scores"]}

    def by(*verdicts: str) -> tuple[str, ...]:
        return tuple(short(name, titles) for name, verdict in said.items() if verdict in verdicts)

    rank = one["rank"] or {}
    return Likeness(
        key=one["key"],
        title=one["title"],
        use=one["use"],
        network=one["sort"] == "network",
        diverged=(one["diverged"] or "").rstrip("."),
        notes=tuple(one["notes"]),
        real=by("real"),
        near=by("near"),
        between=by("between"),
        far=by("far"),
        beyond=tuple(short(n, titles) for n, v in said.items() if v == "far" and one["values"][n]["position"] >= 1),
        kept=tuple(short(name, titles) for name in one["keeps"] if name in one["values"]),
        rank=rank.get("mean"),
        ranked=rank.get("of") or 0,
        apart=_apart(one, said),
        beside=tuple(_beside(one["key"], found, titles)) if one["sort"] == "network" else (),
    )


def _apart(one: Found, said: Mapping[str, str]) -> float | None:
    """How often a classifier tells one of its samples from a real one, if that is clearly more than for real samples."""
    value = one["values"].get(_TEST)
    clear = value and _TEST in said and value["over_floor"]["low"] > 0
    return value["mean"] if value and clear else None


def _verdicts(one: Found, found: Found) -> Iterator[tuple[str, str]]:
    """(score, verdict), where there is one, it has an interval, and it is no gift of the construction."""
    for row in found["scores"]:
        value = one["values"].get(row["score"])
        apart = row["score"] in (*OF_THEIR_OWN, *one["keeps"], *found["blind"])
        if value and not apart and value["verdict"] and value["position"] is not None and certain(value["over_floor"]):
            yield row["score"], value["verdict"]


def _beside(key: str, found: Found, titles: Mapping[str, str]) -> Iterator[Beside]:
    """Of each other generator that the network shares a score with an interval with."""
    for other in beside(key, found):
        said = {name: pair["better"] or "" for name, pair in other["pairs"].items() if certain(pair["difference"])}
        if said:
            yield Beside(
                other=other["title"],
                plain=other["sort"] == "plain",
                better=_named(said, key, titles),
                worse=_named(said, other["key"], titles),
                open=_named(said, "", titles),
            )


def beside(key: str, found: Found) -> Iterator[Found]:
    """Other generators beside a network: {key, title, sort, pairs {score: {difference, better}}}.

    A difference is positive where the network is better. A network that comes earlier has told of both. Scores that one of
    both preserves by construction are left out, those that cannot tell, and those of use and memory.
    """
    made = generators_of(found)
    keeps = {one["key"]: set(one["keeps"]) for one in made}
    networks = [one["key"] for one in made if one["sort"] == "network"]
    earlier = networks[: networks.index(key)]
    for other in (one for one in made if one["key"] not in (key, *earlier)):
        both = {key, other["key"]}
        rows = (row for row in found["pairs"] if {row["first"], row["second"]} == both)
        apart = {*keeps[key], *keeps[other["key"]], *OF_THEIR_OWN, *found["blind"]}
        own = {row["score"]: _seen_from(key, row) for row in rows if row["score"] not in apart}
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
    by = {1: "By the one score that can tell"}.get(one.told, f"By all {one.told} scores")
    if len(one.realistic) == one.told:
        return f"{by} the {whose} are real or near it"
    if len(one.far) == one.told:
        return f"{by} the {whose} are far from real"
    good = f"By {len(one.realistic) or 'none'} of {one.told} scores the {whose} are real or near it"
    return f"{good}, by {len(one.far)} they are far from it" if one.far else good


def _told_apart(one: Likeness, whose: str) -> str:
    """`The synthetic signals of “wgan raw” are near real ones by spectrum and 7 more of 11 scores, but a classifier …`."""
    good = [name for name in one.realistic if name != SHORT[_TEST]]
    pairs = f"{percent(one.apart)} of pairs (guessing: 50{NO_BREAK}%)"
    if not good:
        others = f"by none of {one.told - 1} other scores are they near real ones" if one.told > 1 else ""
        return f"A classifier tells the {whose} from real ones in {pairs}" + (f", and {others}" if others else "")
    by = f"{', '.join(good[:_NAMED])} and {len(good) - _NAMED} more of {one.told} scores"
    by = by if len(good) > _NAMED + 1 else listing(good)
    return f"{whose[:1].upper()}{whose[1:]} are near real ones by {by}, but a classifier tells them apart in {pairs}"
