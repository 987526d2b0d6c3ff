"""The same model under several splits, as the page of a contrast is given it."""

from collections.abc import Mapping
from typing import Any

from reportgen.report.results import Score
from reportgen.report.subjects import Contrast, Dataset, Experiment
from reportgen.report.tables import Link, Table
from reportgen.words import count, fixed, p_value

_WORTH: Mapping[str, str] = {
    "session": "To know the session",
    "subject identity": "To know the person",
    "stimulus identity": "To know the clips",
}


def contrast_of(name: str, found: Mapping[str, Any], dataset: Dataset, experiments: Mapping[str, Experiment]) -> Contrast:
    """From the output `contrast`."""
    shown = tuple(experiments[row["name"]] for row in found["experiments"])
    titles = {experiment.name: experiment.title for experiment in shown}
    return Contrast(
        name=name,
        slug=f"contrast-{name.replace('_', '-')}",
        dataset=dataset,
        model=shown[0].model,
        unit=found["unit"],
        units=found["n_units"],
        experiments=shown,
        gaps=tuple(_gap(pair, experiments) for pair in found["pairs"] if pair["names_gap"]),
        tables={"scores": _scores(name, found, titles, shown), "pairs": _pairs(name, found, titles)},
    )


def _gap(pair: Mapping[str, Any], experiments: Mapping[str, Experiment]) -> str:
    """What a pair of splits measures, and what else differs: models also learn from more or fewer trials."""
    first, second = (experiments[pair[name]] for name in ("first", "second"))
    limits = "" if pair["low"] is None else f" [{fixed(pair['low'], 2)}, {fixed(pair['high'], 2)}]"
    number = f"{fixed(pair['difference'], 2)}{limits}"
    claim = "" if pair["p"] is not None else f"; {pair['units']} of them are too few to claim it"
    learned = [count(round(one.scores.learned_trials or 0)) for one in (first, second) if one.scores]
    sizes = f", learned from {learned[0]} and {learned[1]} trials" if len(set(learned)) > 1 else ""
    return f"{_WORTH[pair['names_gap']]} is worth {number} ({first.title} less {second.title}{sizes}){claim}."


def _scores(name: str, found: Mapping[str, Any], titles: Mapping[str, str], shown: tuple[Experiment, ...]) -> Table:
    splits = {experiment.name: experiment.split for experiment in shown}
    slugs = {experiment.name: experiment.slug for experiment in shown}
    learned = {one.name: round(one.scores.learned_trials or 0) if one.scores else None for one in shown}
    return Table(
        id=f"table-contrast-{name}",
        caption=f"The same features and model, divided in several ways: accuracy [95 % interval over {found['unit']}s].",
        head=("Experiment", "Split", "Accuracy", "Trials learned from", "How it divides"),
        rows=tuple(
            (
                Link(titles[row["name"]], f"{slugs[row['name']]}.html"),
                row["split"],
                Score.of({"mean": row["accuracy"], "low": row["low"], "high": row["high"]}),
                learned[row["name"]],
                splits[row["name"]].summary,
            )
            for row in found["experiments"]
        ),
    )


def _pairs(name: str, found: Mapping[str, Any], titles: Mapping[str, str]) -> Table:
    return Table(
        id=f"table-contrast-pairs-{name}",
        caption=f"Differences of accuracy, paired over {found['unit']}s [95 % interval]; p-values by sign flips, corrected"
        " after Holm for all pairs of this table.",
        head=("First", "Second", "Difference", f"{found['unit'].capitalize()}s", "p", "p (Holm)", "What it measures"),
        rows=tuple(
            (
                titles[pair["first"]],
                titles[pair["second"]],
                Score.of(pair),
                pair["units"],
                p_value(pair["p"]),
                p_value(pair["p_holm"]),
                pair["names_gap"] or None,
            )
            for pair in found["pairs"]
        ),
    )
