"""Step: several data sets of recordings as one, under the same classes. Nothing is copied: signals stay where they are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from reportgen.core import Facts
from reportgen.errors import DataError, UsageError
from reportgen.outputs import Inputs, Out
from reportgen.plugins import unknown


def run(
    inputs: Inputs,
    out: Out,
    _work: object,
    *,
    name: str,
    datasets: list[str],
    classes: list[str],
    labels: dict[str, dict[str, str]],
) -> None:
    """Write facts and stretches of the pool: of each stretch `dataset` says where its signal lies.

    Subjects, recordings, trials and clips of two data sets are never the same; sessions are counted alike.

    Raises:
        UsageError: a class of a data set that the pool has no word for.
        DataError: the data sets share too few channels, some are signals and others features, or two hold the same recording.
    """
    _refuse_copies(name, {member: found for member in datasets for _, found in inputs.all("quality", dataset=member)})
    facts = {member: inputs.one("facts", dataset=member) for member in datasets}
    tables = {member: inputs.one("stretches", dataset=member) for member in datasets}
    common = _common_channels(facts)
    _check_labels(name, facts, labels)
    ours = {member: [_label(name, member, own, classes, labels) for own in facts[member]["classes"]] for member in datasets}
    rows = [row for member in datasets for row in _rows(member, tables[member], ours[member])]
    if not rows:
        raise DataError(f"pool {name}: no trial is left", "Name classes of the data sets in its labels.")
    out.json("stretches", {column: [row[column] for row in rows] for column in rows[0]})
    out.json("facts", _facts(facts, classes, common, rows))


def _refuse_copies(pool: str, quality: Mapping[str, Mapping[str, Any]]) -> None:
    """Signals that measure the same to the last digit on all channels are the same signals: one person would count as two."""
    first: dict[str, tuple[str, str]] = {}
    for member, found in quality.items():
        for row in found["recordings"]:
            measured = json.dumps([found["channels"], row["seconds"], row["measures"]], sort_keys=True)
            other, recording = first.setdefault(measured, (member, row["recording"]))
            if other != member:
                message = f"pool {pool}: {row['recording']} of {member} is a copy of {recording} of {other}"
                raise DataError(message, f"Leave {member} or {other} out of the pool, or that recording out of one of them.")


def _common_channels(facts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The channels that all data sets have, in the order of the first one."""
    kinds = {member: tuple(found["axes"]) for member, found in facts.items()}
    if len(set(kinds.values())) > 1:
        what = "; ".join(f"{member} is (" + ", ".join(axes) + ")" for member, axes in kinds.items())
        raise DataError(f"signals and given features cannot be pooled: {what}", "Read all of them in one form.")
    units = {member: found["unit"] for member, found in facts.items()}
    if len(set(units.values())) > 1:
        what = ", ".join(f"{member} is in {unit}" for member, unit in units.items())
        raise DataError(f"values of several units cannot be pooled: {what}", "Read the same feature of all of them.")
    bands = {member: found["bands"] for member, found in facts.items()}
    if any(own != next(iter(bands.values())) for own in bands.values()):
        raise DataError("the data sets give features of other bands than each other", "Read their signals instead.")
    first, *others = ([channel.upper() for channel in found["channels"]] for found in facts.values())
    common = [channel for channel in first if all(channel in other for other in others)]
    if not common:
        raise DataError("the pooled data sets have no channel in common", "Pool data sets of one montage.")
    return common


def _check_labels(pool: str, facts: Mapping[str, Mapping[str, Any]], labels: Mapping[str, Mapping[str, str]]) -> None:
    """A misspelt class would keep its name, and nobody would notice."""
    for member, own in labels.items():
        for name in own:
            if name not in facts[member]["classes"]:
                known = unknown("class", name, facts[member]["classes"])
                raise UsageError(f"pool {pool}: labels.{member}: {known}", f"Write it as {member} does.")


def _label(pool: str, member: str, own: str, classes: Sequence[str], labels: Mapping[str, Mapping[str, str]]) -> int:
    """Index of our class for a class of a member; -1: left out."""
    name = labels.get(member, {}).get(own, own)
    if name and name not in classes:
        hint = f"Say it in the study: [pool.{pool}.labels.{member}] {own} = one of {', '.join(classes)}, or '' to leave it out."
        raise UsageError(f"pool {pool}: nobody knows what '{own}' of {member} is", hint)
    return classes.index(name) if name else -1


def _rows(member: str, table: Mapping[str, Sequence[Any]], ours: Sequence[int]) -> list[dict[str, Any]]:
    rows = [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]
    told = [{**row, "dataset": member, "label": ours[row["label"]]} for row in rows if ours[row["label"]] >= 0]
    for row in told:
        row |= {column: f"{member} {row[column]}" for column in ("subject", "recording") if row[column]}
        row["clip"] = f"{member} {row['clip']}" if row["clip"] else ""
    return told


def _facts(
    facts: Mapping[str, Mapping[str, Any]],
    classes: Sequence[str],
    common: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    first = next(iter(facts.values()))
    told = Facts(
        title=" + ".join(dict.fromkeys(found["title"] for found in facts.values())),
        modality="eeg",
        classes=tuple(classes),
        simulated=all(found["simulated"] for found in facts.values()),
        licence="; ".join(dict.fromkeys(found["licence"] for found in facts.values())),
        consent="; ".join(dict.fromkeys(found["consent"] for found in facts.values())),
        redistribute=all(found["redistribute"] for found in facts.values()),
        citation=" ".join(dict.fromkeys(found["citation"] for found in facts.values())),
        limits=" ".join(dict.fromkeys(found["limits"] for found in facts.values())),
    )
    trials = {(row["recording"], row["trial"]): row for row in rows}.values()
    counts = {
        member: {own: sum(row["dataset"] == member and row["label"] == i for row in trials) for i, own in enumerate(classes)}
        for member in facts
    }
    rates = {found["rate"] for found in facts.values()}
    positions = first["positions"]
    lost = {member: len(found["channels"]) - len(common) for member, found in facts.items()}
    notices = [f"{n} channels of {member} are left out: not all of the pool have them." for member, n in lost.items() if n]
    if len(rates) > 1:
        what = ", ".join(f"{member} {found['rate']:g} Hz" for member, found in facts.items())
        notices.append(f"The rates differ ({what}): features have to begin with resample, or be of bands.")
    return {
        **asdict(told),
        "id": "pool",
        "n": len(trials),
        "parts": list(facts),
        "training_part": next(iter(facts)),
        "test_part": next(iter(facts)),
        "published_counts": {},
        "counts": counts,
        "shape": [len(common), *first["shape"][1:]],
        "axes": first["axes"],
        "unit": first["unit"],
        "rate": rates.pop() if len(rates) == 1 else None,
        "channels": list(common),
        "positions": {k.upper(): at for k, at in positions.items() if k.upper() in common} if positions else None,
        "bands": first["bands"],
        "subjects": len({row["subject"] for row in rows}),
        "sessions": len({row["session"] for row in rows}),
        "recordings": len({row["recording"] for row in rows}),
        "seconds": sum(row["length"] / facts[row["dataset"]]["rate"] for row in rows),
        "notices": notices,
    }
