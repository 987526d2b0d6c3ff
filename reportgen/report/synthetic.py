"""Synthetic samples beside real ones, as the pages of an experiment are given them: from the kind `signal_scores`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.report.synthetic_numbers import Found, Shown, score, short, titles_of, upper
from reportgen.report.synthetic_tables import pairs_of, tables_of
from reportgen.report.synthetic_trained import Begun, Discriminator, Learned, begun_of, discriminator_of
from reportgen.report.synthetic_words import Likeness, headline, likenesses
from reportgen.report.tables import Table
from reportgen.words import count, p_value

_TOO_NEAR = 0.15  # share of samples, of which 5 % are expected, from which a page names it even where nothing was copied
_BYTES = 16  # of a weight, its gradient and the two moments of Adam, in float32


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a model that learns from synthetic samples besides the real ones."""

    title: Annotated[str, Doc("of the generator")]
    change: Annotated[Shown, Doc("balanced accuracy on real test samples, less that of the model trained on real ones alone")]
    gain: Annotated[Shown | None, Doc("the same, less that of the model that sees each real sample twice")]
    p: Annotated[str, Doc("of flipping the signs of the change: `p = 0.016`, empty where it is not known")]
    verdict: Annotated[
        str, Doc("helped, hurt, no clear difference, not tested, cannot tell; or no more, no worse than real samples twice")
    ]

    @property
    def told(self) -> str:
        """0.14 [0.06, 0.27], p = 0.016."""
        return ", ".join(part for part in (self.change.estimate, self.p) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Whether a generator gives back what it learned from."""

    title: Annotated[str, Doc("of the generator")]
    ratio: Annotated[Shown | None, Doc("distance to the nearest training sample ÷ that to the nearest unseen real one")]
    copies: Annotated[float | None, Doc("share nearer to a training sample than 95 % of real test samples are")]
    identical: Annotated[float | None, Doc("share ten times nearer to a training sample than to any held-out real one")]
    verdict: Annotated[str, Doc("copies, near copies, no sign, not measured")]

    @property
    def near(self) -> bool:
        """Many samples are too near, whatever the verdict."""
        return self.copies is not None and self.copies > _TOO_NEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """Whether a generator makes always the same, or what is not there."""

    title: Annotated[str, Doc("of the generator")]
    coverage: Annotated[Shown | None, Doc("share of real test samples that have a synthetic neighbour")]
    floor: Annotated[Shown | None, Doc("share of them that have a real training sample as a neighbour")]
    distinct: Annotated[float | None, Doc("distance between its samples of a class ÷ that between real ones")]
    verdict: Annotated[str, Doc("single mode, few modes, elsewhere, spread, not measured")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A score that could not be measured."""

    name: Annotated[str, Doc("of the score")]
    of: Annotated[tuple[str, ...], Doc("titles of the generators that lack it, empty: all of them")]
    why: Annotated[str, Doc("as a sentence")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """Why a dense layer cannot make whole trials."""

    trial: Annotated[str, Doc("shape of a whole trial: `62 × 10 000`")]
    width: Annotated[int, Doc("units that a dense layer leads from, 0: not known")]
    weights: Annotated[int, Doc("of one dense layer to that")]
    here: Annotated[int, Doc("of the same layer to the samples here, 0: not known")]

    @property
    def gigabytes(self) -> str:
        """What the layer takes in training."""
        return f"{_BYTES * self.weights / 1e9:.0f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthetic:
    """Synthetic samples of several generators, held against real ones that these have not seen."""

    slug: Annotated[str, Doc("file name of its page without the suffix")]
    finding: Annotated[str, Doc("of the generator that comes first, as a title")]
    noun: Annotated[str, Doc("signals or maps: what samples are called")]
    told: Annotated[str, Doc("shape and axes of a sample: `62 × 128 (channel, time)`")]
    unit: Annotated[str, Doc("of its values, empty for none")]
    rate: Annotated[float | None, Doc("Hz, of signals")]
    classes: Annotated[tuple[str, ...], Doc("names")]
    folds: Annotated[int, Doc("parts that are tested in turn; generators learn anew in each")]
    seeds: Annotated[int, Doc("trainings of each network in a fold")]
    over: Annotated[str, Doc("what intervals of most scores are over: trial")]
    unit_of_test: Annotated[str, Doc("what intervals of trained models are over: subject, recording, trial")]
    units: Annotated[int, Doc("how many of these")]
    learned_from: Annotated[int, Doc("real samples that a generator learned from, mean over folds")]
    test: Annotated[int, Doc("real test samples of all folds")]
    test_trials: Annotated[int, Doc("trials of them")]
    compared: Annotated[int, Doc("samples of each side that distances are measured on")]
    made: Annotated[int, Doc("synthetic samples of each generator in a fold")]
    resamples: Annotated[int, Doc("bootstrap resamples of trials")]
    model: Annotated[str, Doc("id of the model that learns from synthetic samples")]
    network: Annotated[bool, Doc("it is a network")]
    trainings: Annotated[int, Doc("of it, whose scores are averaged")]
    chance: Annotated[float, Doc("balanced accuracy of guessing")]
    names: Annotated[Mapping[str, str], Doc("{name of a generator in the study: what the report calls it}")]
    generators: Annotated[tuple[Likeness, ...], Doc("networks first")]
    begun: Annotated[tuple[Begun, ...], Doc("one a network that was measured before its training")]
    reached: Annotated[Shown | None, Doc("balanced accuracy of the model trained on real samples alone")]
    changes: Annotated[tuple[Change, ...], Doc("one a generator that its samples could be added of")]
    memories: Annotated[tuple[Memory, ...], Doc("one a generator")]
    modes: Annotated[tuple[Modes, ...], Doc("one a generator")]
    discriminators: Annotated[tuple[Discriminator, ...], Doc("one a network that had one")]
    blind: Annotated[tuple[str, ...], Doc("scores that cannot even tell their worst control from real samples here")]
    missing: Annotated[tuple[Missing, ...], Doc("scores that could not be measured")]
    large: Annotated[Large | None, Doc("why a dense layer cannot make whole trials, None: it was not worked out")]
    pairs: Annotated[tuple[Table, ...], Doc("of each network: by how much it is better than each other generator")]
    tables: Annotated[
        Mapping[str, Table],
        Doc("verdicts, rivals, ranks, signals, distribution, utility, memory, networks, discriminators, sees"),
    ]

    @property
    def claimed(self) -> bool:
        """Something is known for sure about a generator."""
        return any(one.told for one in self.generators)

    @property
    def teaches(self) -> bool:
        """Trained on real samples, the model clearly does better than guessing: otherwise what it learns says little."""
        reached = self.reached
        return reached is not None and reached.low is not None and reached.low > self.chance


def slug_of(experiment: str) -> str:
    """Of the page of an experiment that makes synthetic samples."""
    return f"signals-{experiment.replace('_', '-')}"


def synthetic_of(experiment: str, found: Found, learned: Sequence[Learned]) -> Synthetic:
    """From the output `signal_scores`, and from what each generator wrote of its training."""
    made, noun = likenesses(found), "signals" if found["domain"] == "signals" else "maps"
    names = {one["key"]: one["title"] for one in found["candidates"] if one["sort"] != "control"}
    titles = titles_of(found)
    sizes, model = {name: round(value or 0) for name, value in found["n"].items()}, found["model"]
    return Synthetic(
        slug=slug_of(experiment),
        finding=headline(made, noun),
        noun=noun,
        told=found["told"],
        unit=found["unit"] or "",
        rate=found["rate"],
        classes=tuple(found["classes"]),
        folds=len(found["folds"]),
        seeds=len(found["seeds"]),
        over=found["over"],
        unit_of_test=found["unit_of_test"],
        units=found["units"] or 0,
        learned_from=sizes["train"],
        test=sizes["test"],
        test_trials=sizes["test_trials"],
        compared=sizes["compared"],
        made=sizes["synthetic"],
        resamples=found["resamples"] or 0,
        model=model["use"],
        network=model["network"],
        trainings=model["trainings"] or 1,
        chance=found["chance"],
        names=names,
        generators=made,
        begun=tuple(begun_of(found, names)),
        reached=score(found["utility"]["real"]),
        changes=tuple(_changes(found, names)),
        memories=tuple(_memory(row, names) for row in found["memory"]),
        modes=tuple(_modes(row, found, names) for row in found["modes"]),
        discriminators=tuple(discriminator_of(row, names) for row in found["discriminators"]),
        blind=tuple(short(name, titles) for name in found["blind"]),
        missing=tuple(_missing(found, titles)),
        large=_large(found["large"]),
        pairs=tuple(pairs_of(experiment, found)),
        tables=tables_of(experiment, found, made, learned),
    )


def _changes(found: Found, names: Mapping[str, str]) -> Iterator[Change]:
    """Of generators, not of controls; a verdict without an interval is none, nor one that wrong classes would have as well."""
    for row in (row for row in found["utility"]["rows"] if row["key"] in names):
        change = score(row["change"])
        if change is not None:
            said = "cannot tell" if "augmentation" in found["blind"] else row["verdict"]
            p = p_value(row["p"])
            yield Change(
                title=names[row["key"]],
                change=change,
                gain=score(row["gain"]),
                p="" if row["p"] is None else f"p {p}" if p.startswith("<") else f"p = {p}",
                verdict=said if change.certain else "not tested",
            )


def _memory(row: Found, names: Mapping[str, str]) -> Memory:
    """Without an interval somebody may be blamed, as a warning, but nobody is cleared."""
    ratio = score(row["ratio"])
    verdict = row["verdict"] if ratio and (ratio.certain or row["verdict"] != "no sign") else "not measured"
    return Memory(title=names[row["key"]], ratio=ratio, copies=row["copies"], identical=row["identical"], verdict=verdict)


def _modes(row: Found, found: Found, names: Mapping[str, str]) -> Modes:
    coverage = score(row["coverage"])
    known = row["verdict"] != "spread" or (coverage is not None and coverage.certain)
    verdict = row["verdict"] if known else "not measured"
    real = next((one["values"].get("coverage") for one in found["candidates"] if one["key"] == "real"), None)
    title = names[row["key"]]
    return Modes(title=title, coverage=coverage, floor=score(real), distinct=row["distinct"], verdict=verdict)


def _missing(found: Found, titles: Mapping[str, str]) -> Iterator[Missing]:
    """Scores that all lack, then those that some lack; one whose training diverged lacks all of them for that reason."""
    for row in found["scores"]:
        if row["absent"]:
            yield Missing(name=short(row["score"], titles), of=(), why=_sentence(row["absent"]))
    measured = [row["score"] for row in found["scores"] if not row["absent"]]
    whose: dict[tuple[str, str], list[str]] = {}
    for one in (one for one in found["candidates"] if one["sort"] != "control" and not one["diverged"]):
        for name in measured:
            if why := (one["values"].get(name) or {}).get("why"):
                whose.setdefault((name, why), []).append(one["title"])
    for (name, why), own in whose.items():
        yield Missing(name=short(name, titles), of=tuple(own), why=_sentence(why))


def _sentence(text: str) -> str:
    return f"{upper(text).rstrip('.')}."


def _large(found: Mapping[str, Any] | None) -> Large | None:
    told = (found or {}).get("weights")
    told = told if isinstance(told, Mapping) else found
    if not told:
        return None
    return Large(
        trial=" × ".join(count(length) for length in told["trial"]),
        width=round(told.get("from") or 0),
        weights=round(told["weights"]),
        here=round(told.get("here") or 0),
    )
