"""How the networks that make synthetic samples were trained: tables of the kinds `generator`, `course` and `signal_scores`."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reportgen.report.synthetic_words import Found, score
from reportgen.report.tables import Cell, Table
from reportgen.words import ABSENT, count, listing, percent


class Learned(NamedTuple):
    """What a generator wrote in one fold with one seed."""

    key: str  # of the generator in the study
    generator: Found  # kind `generator`
    course: Found | None  # kind `course`, of a network


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
