"""Experiments on one data set and split side by side, as the page of a comparison is given them."""

from collections.abc import Mapping, Sequence
from typing import Any

from reportgen.report.results import Score
from reportgen.report.shelf import Shelf
from reportgen.report.subjects import Comparison, Dataset, Experiment
from reportgen.report.tables import Cell, Link, Seconds, Table
from reportgen.words import ABSENT, count, fixed, listing, p_value

_TESTS: Mapping[str, str] = {"mcnemar": "McNemar, exact", "sign_flip": "sign flips of groups"}


def comparison_of(
    shelf: Shelf, name: str, found: Mapping[str, Any], dataset: Dataset, experiments: Mapping[str, Experiment]
) -> Comparison:
    """From the output `comparison`."""
    shown = tuple(experiments[row["name"]] for row in found["experiments"])
    titles = {experiment.name: experiment.title for experiment in shown}
    same = [experiment for experiment in experiments.values() if experiment.samples == shown[0].samples]
    return Comparison(
        name=name,
        slug=f"comparison-{name.replace('_', '-')}",
        dataset=dataset,
        split=shelf.plugin("split", found["split"]),
        n=found["n"],
        groups=found["groups"],
        experiments=shown,
        left_out=tuple(experiment for experiment in same if experiment not in shown and experiment.recognises),
        clear=_by_winner([(p["first"], p["second"]) for p in found["pairs"] if _clear(p, better=True)], titles),
        reversed=_by_winner([(p["second"], p["first"]) for p in found["pairs"] if _clear(p, better=False)], titles),
        settled=_by_winner(
            [(p["first"], p["second"]) for p in found["pairs"] if _clear(p, better=True) and _settled(p)], titles
        ),
        apart=sum(_clear(p, better=better) for p in found["pairs"] for better in (True, False)),
        pairs=len(found["pairs"]),
        tests=tuple(dict.fromkeys(pair["test"] for pair in found["pairs"] if pair["p"] is not None)),
        tables={"scores": _scores(shelf, name, found["experiments"], shown), "pairs": _pairs(name, found["pairs"], titles)},
    )


def _clear(pair: Mapping[str, Any], *, better: bool) -> bool:
    """Whether a difference in this direction is larger than chance makes it, all pairs considered."""
    return pair["p_holm"] is not None and pair["p_holm"] < 0.05 and (pair["difference"] > 0) == better


def _settled(pair: Mapping[str, Any]) -> bool:
    """Whether the difference is larger than other trainings with the same settings would explain."""
    limits = pair["trainings"]
    return limits is not None and (limits["low"] > 0 or limits["high"] < 0)


def _by_winner(pairs: Sequence[tuple[str, str]], titles: Mapping[str, str]) -> tuple[str, ...]:
    """`Small network over Softmax regression and Published network` for each that is better than others."""
    beaten: dict[str, list[str]] = {}
    for winner, loser in pairs:
        beaten.setdefault(winner, []).append(titles[loser])
    return tuple(f"{titles[winner]} over {listing(losers)}" for winner, losers in beaten.items())


def training_seconds(shelf: Shelf, experiment: str) -> float:
    """Of all trainings of an experiment, or of all fits of an estimator."""
    return sum(record.seconds for record in shelf.about(experiment=experiment) if record.step.startswith(("train ", "fit ")))


def _scores(shelf: Shelf, name: str, found: Sequence[Mapping[str, Any]], experiments: Sequence[Experiment]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row, experiment in zip(found, experiments, strict=True):
        metrics = experiment.scores.all.metrics if experiment.scores else {}
        rows.append(
            (
                Link(experiment.title, f"{experiment.slug}.html", row["model"]),
                row["parameters"] or None,
                len(row["seeds"]),
                row["validation"],
                Score.of(row["accuracy"]),
                metrics.get("balanced_accuracy"),
                metrics.get("macro_f1"),
                Seconds(training_seconds(shelf, experiment.name)),
                Seconds(experiment.tuning.seconds) if experiment.tuning else None,
            )
        )
    return Table(
        id=f"table-experiments-{name}",
        caption="Experiments by their accuracy on the validation part, best first; scores of the test part as mean ± standard "
        "deviation over seeds [95 % interval]. Times are those of all trainings together, and of the search for settings.",
        head=(
            "Experiment",
            "Parameters",
            "Seeds",
            "Validation accuracy",
            "Accuracy",
            "Balanced accuracy",
            "Macro-F1",
            "Training",
            "Search",
        ),
        rows=tuple(rows),
    )


def _interval(limits: Mapping[str, float] | None) -> str:
    return f"[{fixed(limits['low'], 2)}, {fixed(limits['high'], 2)}]" if limits else ABSENT


def _pairs(name: str, pairs: Sequence[Mapping[str, Any]], titles: Mapping[str, str]) -> Table:
    return Table(
        id=f"table-pairs-{name}",
        caption="Differences of the accuracy on the same test samples, first less second, with paired 95 % intervals, and the "
        "intervals for other trainings where both have several; p-values are two-sided, and corrected after Holm for all "
        "pairs of this table.",
        head=(
            "First",
            "Second",
            "Difference",
            "Other trainings",
            "Test",
            "Only first right",
            "Only second right",
            "p",
            "p (Holm)",
        ),
        rows=tuple(
            (
                titles[pair["first"]],
                titles[pair["second"]],
                Score.of(pair),
                _interval(pair["trainings"]),
                _TESTS[pair["test"]] if pair["p"] is not None else ABSENT,
                *([count(n) for n in pair["discordant"]] if pair["discordant"] else (ABSENT, ABSENT)),
                p_value(pair["p"]),
                p_value(pair["p_holm"]),
            )
            for pair in pairs
        ),
    )
