"""How the networks that make synthetic samples were trained: of the kinds `generator`, `course` and `signal_scores`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from annotated_doc import Doc

from reportgen.realism.verdicts import TELLS_NOISE
from reportgen.report.synthetic_numbers import Found, Shown, score
from reportgen.report.tables import Cell, Table
from reportgen.words import ABSENT, NO_BREAK, count, fixed, listing, percent

_BEGINS: Mapping[str, str] = {
    "wgan_raw": "clusters, spectra and correlations of the training part",
    "wgan_de": "clusters of the training part",
}


class Learned(NamedTuple):
    """What a generator wrote in one fold with one seed."""

    key: str  # of the generator in the study
    generator: Found  # kind `generator`
    course: Found | None  # kind `course`, of a network


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """How far a network's samples were from the validation part before its training, and how far they are after it."""

    key: Annotated[str, Doc("of the generator in the study")]
    title: Annotated[str, Doc("of the generator")]
    begins: Annotated[str, Doc("what it takes from the training part before any update, empty for nothing that is known")]
    better: Annotated[bool, Doc("training brought it nearer; otherwise it added nothing")]
    left: Annotated[float, Doc("share of its distance that is left after training")]
    spectrum: Annotated[tuple[str, str, str], Doc("distance of its spectrum at the start, kept, and of real training samples")]
    mmd: Annotated[tuple[str, str, str], Doc("the same of MMD²")]


def begun_of(found: Found, names: Mapping[str, str]) -> Iterator[Begun]:
    """Of each network that was measured before its first update."""
    uses = {one["key"]: one["use"] for one in found["candidates"]}
    for row in (row for row in found["trained"] if row["verdict"]):
        sides = [row[name] for name in ("start", "kept", "floor")]
        start, kept, floor = (_off(side["spectrum"], row["unit"]) for side in sides)
        yield Begun(
            key=row["key"],
            title=names[row["key"]],
            begins=_BEGINS.get(uses[row["key"]], ""),
            better=row["verdict"] == "better than its start",
            left=row["share"],
            spectrum=(start, kept, floor),
            mmd=(_off(sides[0]["mmd"]), _off(sides[1]["mmd"]), _off(sides[2]["mmd"])),
        )


def _off(distance: float, unit: str = "") -> str:
    """8.5 dB: about two digits."""
    places = 0 if distance >= 100 else 1 if distance >= 1 else 2 if distance >= 0.1 else 3
    return fixed(distance, places) + (f"{NO_BREAK}{unit}" if unit else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discriminator:
    """Whether the accuracy of a discriminator says anything about the samples."""

    title: Annotated[str, Doc("of the generator that it trained")]
    accuracy: Annotated[float | None, Doc("share of training and synthetic samples that it is right about in the last epoch")]
    why: Annotated[str, Doc("what the verdict rests on, empty where there is nothing to explain")]
    auc: Annotated[Shown | None, Doc("area under the curve of a classifier that tells synthetic from real ones")]
    verdict: Annotated[str, Doc("weak, memorises, fair; empty: nothing is known")]


def discriminator_of(row: Found, names: Mapping[str, str]) -> Discriminator:
    """With the reason that its verdict has, see realism/verdicts.py."""
    shares = [share for share in (row["accuracy_real"], row["accuracy_made"]) if share is not None]
    return Discriminator(
        title=names[row["key"]],
        accuracy=sum(shares) / len(shares) if shares else None,
        why=_reason(row),
        auc=score(row["auc"]),
        verdict=row["verdict"] or "",
    )


def _reason(row: Found) -> str:
    judged = row["judged"] or {}
    noise, train, unseen = (judged.get(part) for part in ("noise", "train", "validation"))
    if row["verdict"] == "memorises" and train is not None and unseen is not None:
        return f"it takes {percent(train)} of them for real, but only {percent(unseen)} of real ones that it has not seen"
    if row["verdict"] != "weak":
        return ""
    if noise is not None and train is not None and (noise + train) / 2 < TELLS_NOISE:
        low = min(noise, train)
        sides = [f"{percent(noise)} of white noise for synthetic", f"{percent(train)} of its training samples for real"]
        first, second = sides if low == noise else sides[::-1]
        return f"it takes {'only ' if low else ''}{first}, and {second}; guessing gives 50{NO_BREAK}% of each"
    return "that is near one half, but another classifier does tell synthetic from real"


def networks(experiment: str, found: Found, learned: Sequence[Learned]) -> Table:
    """How they were trained, over folds and seeds, one row a generator."""
    return Table(
        id=f"table-networks-{experiment}",
        caption="How the networks were trained, over all folds and seeds: trained weights of the generator and of its"
        " discriminator (D), epochs that were run, and the epoch whose generator was kept.",
        head=("Generator", "Weights", "Weights of D", "Epochs", "Kept", "Chosen by", "Diverged"),
        rows=tuple(_networks(found, learned)),
    )


def _networks(found: Found, learned: Sequence[Learned]) -> Iterator[tuple[Cell, ...]]:
    names = {one["key"]: one["title"] for one in found["candidates"]}
    for key in (key for key in names if any(one.key == key and one.course for one in learned)):
        own = [one for one in learned if one.key == key]
        courses = [one.course for one in own if one.course]
        model: Found = next((one.generator["model"] for one in own if one.generator.get("model")), {})
        yield (
            names[key],
            _weights(model, "generator"),
            _weights(model, "discriminator"),
            _span([len(course["epochs"]) for course in courses]),
            _span([course["chosen"] for course in courses]),
            listing(list(dict.fromkeys(course["chosen_by"] for course in courses))),
            f"{sum(bool(course['diverged']) for course in courses)} of {len(courses)}",
        )


def _weights(model: Found, part: str) -> int | None:
    return (model.get(part) or {}).get("trainable")


def _span(numbers: Sequence[int | None]) -> str:
    """`12 to 40`, or `12` where all are the same."""
    there = [number for number in numbers if number is not None]
    return " to ".join(count(end) for end in dict.fromkeys((min(there), max(there)))) if there else ABSENT


def discriminators(experiment: str, found: Found) -> Table:
    """What they are right about, one row a network."""
    names = {one["key"]: one["title"] for one in found["candidates"]}
    rows = []
    for row in found["discriminators"]:
        judged = row["judged"] or {}
        shares = [percent(judged.get(part)) for part in ("train", "validation", "made", "noise")]
        last = [percent(row[part]) for part in ("accuracy_real", "accuracy_made")]
        rows.append((names[row["key"]], *last, *shares, score(row["auc"]), row["verdict"] or ABSENT))
    return Table(
        id=f"table-discriminators-{experiment}",
        caption="What the discriminators are right about: in their last epoch, and the final one on training samples, on real"
        " ones that it has not seen, on fresh synthetic ones and on white noise; beside it the area under the curve (AUC)"
        " of a classifier that was trained for nothing but to tell synthetic from real (0.5: it cannot).",
        head=(
            *("Generator", "Last epoch, real", "synthetic", "Training part", "Unseen real", "Made", "Noise"),
            *("AUC", "Verdict"),
        ),
        rows=tuple(rows),
    )
