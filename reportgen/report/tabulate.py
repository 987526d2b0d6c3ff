"""The tables of the report, as data."""

import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from reportgen.fingerprint import digest
from reportgen.report.context import Audit
from reportgen.report.results import Model, Scores, View
from reportgen.report.subjects import Experiment
from reportgen.report.tables import Anchor, Cell, Code, Link, Seconds, Table
from reportgen.store import Record
from reportgen.words import setting

METRICS: Mapping[str, str] = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "macro_f1": "Macro-F1",
    "ece": "Expected calibration error",
}
SEVERITIES = ("error", "warning", "notice", "ok")
"""Worst first."""


def record_id(step: str) -> str:
    """Where a step's record is linked to on the page that lists the records."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", step)
    # Names of folds are the data's: two of them may differ in nothing that an address can hold.
    return f"record-{plain}" if plain == step.replace(" ", "-") else f"record-{plain}-{digest(step)[:6]}"


def counts(name: str, facts: Mapping[str, Any]) -> Table:
    """Samples of each class in each of the publisher's parts."""
    parts = list(facts["counts"])
    rows: list[tuple[Cell, ...]] = []
    for label in facts["classes"]:
        each = [facts["counts"][part].get(label, 0) for part in parts]
        rows.append((label, *each, sum(each)))
    totals = [sum(facts["counts"][part].values()) for part in parts]
    return Table(
        id=f"table-counts-{name}",
        caption=f"{facts['title']}: {_COUNTED[facts['modality'] == 'eeg']}.",
        head=("Class", *parts, "all"),
        rows=(*rows, ("all", *totals, sum(totals))),
    )


_COUNTED = ("samples of each class in each of the publisher's parts", "trials of each class in each data set")


def published(name: str, facts: Mapping[str, Any]) -> Table:
    """Published reference values, each with the part that it belongs to."""
    return Table(
        id=f"table-published-{name}",
        caption=f"Published scores on {facts['title']}. A score compares only with one on the same part.",
        head=("Work", "Score", "Value", "Part", "Source"),
        rows=tuple(
            (r["name"], METRICS.get(r["metric"], r["metric"]), float(r["value"]), r["part"], r["source"])
            for r in facts["references"]
        ),
    )


def divided(name: str, split: Mapping[str, Any]) -> Table:
    """Samples of each class in each part of an experiment."""
    parts = [part for part, classes in split["counts"].items() if sum(classes.values())]
    classes = list(next(iter(split["counts"].values())))
    rows = [(label, *(split["counts"][part][label] for part in parts)) for label in classes]
    totals = [sum(split["counts"][part].values()) for part in parts]
    return Table(
        id=f"table-parts-{name}",
        caption="Samples of each class in each part of this experiment.",
        head=("Class", *parts),
        rows=(*rows, ("all", *totals)),
    )


def scores(name: str, found: Scores, published: Iterable[Mapping[str, Any]]) -> Table:
    """Every metric on all test samples and, if that differs, on those without a twin; then what compares with it.

    `published` are reference values of the same model on the same part.
    """
    views = [found.all] if not found.twins or found.twin_free is None else [found.all, found.twin_free]
    rows: list[tuple[Cell, ...]] = [
        (title, *(view.metrics[metric] for view in views)) for metric, title in METRICS.items() if metric in found.all.metrics
    ]
    majority = f"Always answering {found.all.majority}"
    rows.append((majority, *(view.baseline for view in views)))
    rows.append((f"Accuracy above {majority[0].lower()}{majority[1:]}", *(view.above for view in views)))
    rows += [(f"{METRICS.get(r['metric'], r['metric'])} published by {r['source']}", r["value"]) for r in published]
    rows.append(("Chance", *(view.chance for view in views)))
    rows.append(("Samples", *(view.n for view in views)))
    rows.append(
        (f"Independent {found.unit}s" if found.unit != "image" else "Independent groups", *(view.groups for view in views))
    )
    return Table(
        id=f"table-scores-{name}",
        caption="Scores on the test part: mean ± standard deviation over seeds [95 % interval].",
        head=("Score", "All test samples", "Without an identical twin")[: 1 + len(views)],
        rows=tuple((*row, *[None] * (1 + len(views) - len(row))) for row in rows),
    )


def per_class(name: str, view: View) -> Table:
    """How well each class is recognised."""
    return Table(
        id=f"table-classes-{name}",
        caption="How well each class is recognised: mean over seeds [95 % interval].",
        head=("Class", "Samples", "Precision", "Recall", "F1"),
        rows=tuple((row.name, row.n, row.precision, row.recall, row.f1) for row in view.per_class),
        spread=False,
    )


def layers(name: str, model: Model) -> Table:
    """The layers of a network."""
    return Table(
        id=f"table-layers-{name}",
        caption="Layers from input to output.",
        head=("Layer", "Computes", "Shape of its output", "Parameters"),
        rows=tuple((Code(layer.name), layer.type, layer.shape, layer.parameters) for layer in model.layers),
    )


def settings(name: str, groups: Mapping[str, Mapping[str, Any]], meanings: Mapping[str, Mapping[str, str]]) -> Table:
    """Every setting that an experiment ran with: {"model fer_vgg": {setting: value}}, and what each means."""
    return Table(
        id=f"table-settings-{name}",
        caption="Every setting of this experiment, defaults included.",
        head=("Of", "Setting", "Value", "Meaning"),
        rows=tuple(
            (group, Code(key), setting(value), meanings.get(group, {}).get(key, ""))
            for group, values in groups.items()
            for key, value in values.items()
        ),
    )


def explanations(
    name: str, quality: Iterable[Mapping[str, Any]], explained: Iterable[Mapping[str, Any]], classes: Sequence[str]
) -> Table:
    """How well each image could be explained."""
    said = {row["sample"]: row for row in explained}
    return Table(
        id=f"table-explained-{name}",
        caption="Each explained test image: how well the surrogate fits, and how far repeated explanations agree "
        "(share of their five strongest superpixels in common); medians over classes.",
        head=("Sample", "Class", "Predicted", "Probability", "Superpixels", "Copies", "R²", "Agreement"),
        rows=tuple(
            (
                Code(str(row["sample"])),
                classes[said[row["sample"]]["label"]],
                classes[said[row["sample"]]["predicted"]],
                said[row["sample"]]["probability"],
                row["segments"],
                row["samples"],
                middle(row["r2"]),
                middle(row["jaccard"]),
            )
            for row in quality
        ),
    )


def middle(values: Iterable[float | None]) -> float | None:
    """Median of those that are there."""
    there = [value for value in values if value is not None]
    return median(there) if there else None


def own_records(name: str, found: Iterable[Record]) -> Table:
    """The steps of an experiment, each linked to its record; the folds of a seed stand in one row."""
    rows = tuple(_steps(own, Link(_step(own), f"reproduce.html#{record_id(own[0].step)}")) for own in _by_fold(found))
    return Table(id=f"table-records-{name}", caption="The steps behind this page.", head=("Step", *_RECORD), rows=rows)


def all_records(found: Iterable[Record]) -> Table:
    """Every step of a build: why it ran, how long, on what, and under which key; the folds of a seed stand in one row."""
    rows = tuple(_steps(own, Anchor(_step(own), record_id(own[0].step))) for own in _by_fold(found))
    return Table(id="table-records", caption="Every step of this build and its record.", head=("Step", *_RECORD), rows=rows)


def _by_fold(found: Iterable[Record]) -> Iterable[Sequence[Record]]:
    groups: dict[tuple[str, ...], list[Record]] = {}
    for record in found:
        whose = tuple(f"{key} {value}" for key, value in sorted(record.about.items()) if key != "fold")
        groups.setdefault((record.call, *(whose if "fold" in record.about else (record.step,))), []).append(record)
    return groups.values()


def _step(records: Sequence[Record]) -> str:
    more = len(records) - 1
    return f"{records[0].step} and {more} more folds" if more else records[0].step


def _steps(records: Sequence[Record], name: Cell) -> tuple[Cell, ...]:
    reason, _, *rest = _record(records[0])
    return name, reason, Seconds(sum(record.seconds for record in records)), *rest


_RECORD = ("Why it ran", "Time", "Device", "Key", "Versions")


def _record(record: Record) -> tuple[Cell, ...]:
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    return record.reason, Seconds(record.seconds), record.device, Code(record.key[:12]), versions


def results(experiments: Iterable[Experiment]) -> Table:
    """All experiments side by side."""
    return Table(
        id="table-results",
        caption="All experiments on all of their test samples: mean ± standard deviation over seeds [95 % interval].",
        head=("Experiment", "Parameters", "n", "Accuracy", "Balanced accuracy", "Macro-F1", "Largest class", "Chance"),
        rows=tuple(map(_result, experiments)),
    )


def _result(experiment: Experiment) -> tuple[Cell, ...]:
    note = f"{experiment.name}, {experiment.model.id}" + ("; smoke-trained: not a result" if experiment.smoke else "")
    title = Link(experiment.title, f"{experiment.slug}.html", note)
    parameters = experiment.network.trainable if experiment.network and experiment.network.layers else None
    if experiment.scores is None:
        return title, parameters, None, None, None, None, None, None
    view = experiment.scores.all
    metrics = [view.metrics.get(name) for name in ("accuracy", "balanced_accuracy", "macro_f1")]
    return title, parameters, view.n, *metrics, view.baseline.mean, view.chance


def audits(found: Iterable[Audit]) -> Table:
    """What every check came to."""
    return Table(
        id="table-audits",
        caption="Every check and what it found.",
        head=("Check", "What it looks for", *SEVERITIES),
        rows=tuple(map(_tally, found)),
    )


def _tally(audit: Audit) -> tuple[Cell, ...]:
    found = [sum(remark.severity == severity for remark in audit.findings) for severity in SEVERITIES]
    return Link(audit.title, f"audits.html#audit-{audit.id}"), audit.summary, *found


def environment(found: Mapping[str, str]) -> Table:
    """Versions of the software that computed."""
    rows = tuple((name, Code(version)) for name, version in found.items())
    return Table(
        id="table-environment",
        caption="The machine and the software that computed the results.",
        head=("What", "Version"),
        rows=rows,
    )


def evidence(audit: str, number: int, caption: str, rows: Sequence[Sequence[str]]) -> Table:
    """The small table of a finding."""
    head, *body = rows
    return Table(
        id=f"table-{audit}-{number}",
        caption=caption,
        head=tuple(head),
        rows=tuple(map(tuple, body)),
    )
