"""How the trainings of an experiment went: one a seed, and of recordings one a fold and seed."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from reportgen.report.results import Training
from reportgen.report.shelf import Shelf
from reportgen.report.tables import Cell, Seconds, Table
from reportgen.words import ABSENT, count, listing


def trainings_of(shelf: Shelf, experiment: str) -> tuple[Training, ...]:
    """In the order of the build; those on shuffled labels are not of the experiment."""
    return tuple(_training(shelf, about, history) for about, history in shelf.inputs.all("history", experiment=experiment))


def _training(shelf: Shelf, about: Mapping[str, str], history: Mapping[str, Any]) -> Training:
    record = shelf.maker("history", **about)
    rows = {row["epoch"]: row for row in history["epochs"]}
    return Training(
        seed=about["seed"],
        fold=about.get("fold", ""),
        epochs=len(rows),
        early=history["stopped"] is not None,
        smoke=history["smoke"],
        chosen=history["chosen"],
        validation=rows[history["chosen"]]["validation_accuracy"] if history["chosen"] in rows else None,
        device=record.device if record else "",
        seconds=record.seconds if record else 0.0,
    )


def trainings_table(name: str, found: Sequence[Training]) -> Table:
    """One row a seed: its training, or the range of those in its folds."""
    if len({training.fold for training in found}) > 1:
        return _by_seed(name, found)
    return Table(
        id=f"table-trainings-{name}",
        caption="One training a seed: the epoch whose weights were kept, and its accuracy on the validation part.",
        head=("Seed", "Epochs", "Epoch kept", "Validation accuracy", "Time", "Device"),
        rows=tuple((t.seed, t.epochs, t.chosen, t.validation, Seconds(t.seconds), t.device) for t in found),
    )


def _by_seed(name: str, found: Sequence[Training]) -> Table:
    seeds = {seed: [training for training in found if training.seed == seed] for seed in dict.fromkeys(t.seed for t in found)}
    return Table(
        id=f"table-trainings-{name}",
        caption="One training a fold, the folds of a seed in one row: fewest and most epochs, the epochs whose weights were"
        " kept, their accuracy on the validation part of the fold (mean, lowest, highest), the time of all together.",
        head=("Seed", "Folds", "Epochs", "Epoch kept", "Validation accuracy", "Lowest", "Highest", "Time", "Device"),
        rows=tuple((seed, len(own), *_range(own)) for seed, own in seeds.items()),
    )


def _range(found: Sequence[Training]) -> tuple[Cell, ...]:
    reached = [training.validation for training in found if training.validation is not None]
    return (
        _span([training.epochs for training in found]),
        _span([training.chosen for training in found if training.chosen is not None]),
        *((fmean(reached), min(reached), max(reached)) if reached else (None, None, None)),
        Seconds(sum(training.seconds for training in found)),
        listing(sorted({training.device for training in found})),
    )


def _span(numbers: Sequence[int]) -> str:
    """`12 to 40`, or `12` where all are the same."""
    ends = dict.fromkeys((min(numbers), max(numbers))) if numbers else {}
    return " to ".join(count(end) for end in ends) or ABSENT
