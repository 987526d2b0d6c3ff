"""Step: divide the samples of a data set for an experiment."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reportgen import plugins
from reportgen.core import PARTS, TEST, TRAIN, UNUSED, VALIDATION, Folds, Rows
from reportgen.errors import DataError
from reportgen.outputs import Inputs, Out


def run(inputs: Inputs, out: Out, _work: object, *, use: str, settings: dict[str, Any], seed: int) -> None:
    """Write split and parts from facts and labels, and from origin and twins or, of recordings, from rows.

    Of images also twin_free. Of rated segments, which have no classes, from facts and segments alone: a video is a group.

    Raises:
        DataError: a part is empty, or lacks a class.
    """
    facts = inputs.one("facts")
    rows = _rows(inputs, facts)
    labels, classes = rows.labels, rows.classes
    divided = plugins.verb("split", use)(rows, seed, **settings)
    folds = divided if isinstance(divided, Folds) else Folds(names=("",), parts=np.atleast_2d(divided))
    each = [_counts(parts, labels, classes) for parts in folds.parts]
    for name, counts in zip(folds.names, each, strict=True):
        _check(counts, use, name, validated=isinstance(divided, np.ndarray))
    tests = (folds.parts == TEST).sum(axis=0)  # (sample,) folds that test it
    if tests.max() > 1:
        raise ValueError(f"split {use} tests {(tests > 1).sum()} samples more than once")
    images = "rows" not in inputs and "segments" not in inputs
    if images:
        learnt_from = np.isin(folds.parts[0], (TRAIN, VALIDATION))
        twin_free = ~np.isin(rows.groups, rows.groups[learnt_from])
        out.array("twin_free", twin_free, ("sample",))
    out.array("parts", *((divided, ("sample",)) if isinstance(divided, np.ndarray) else (folds.parts, ("fold", "sample"))))
    out.json(
        "split",
        {
            "name": use,
            "settings": settings,
            "folds": list(folds.names),
            "counts": _summed(each),
            "test_origin": sorted(set(rows.origin[tests > 0].tolist())),
            "n_test": int(tests.sum()),
            "n_test_twin_free": int(twin_free[tests > 0].sum()) if images else None,
        },
    )


def _rows(inputs: Inputs, facts: Mapping[str, Any]) -> Rows:
    if "segments" in inputs:
        return _of_segments(inputs, facts)
    labels = np.asarray(inputs.one("labels"))
    return _of_recordings(inputs, facts, labels) if "rows" in inputs else _of_images(inputs, facts, labels)


def _of_segments(inputs: Inputs, facts: Mapping[str, Any]) -> Rows:
    """Segments of one video belong together, and so do the videos of one speaker, where speakers are known."""
    table = inputs.one("segments")
    return Rows(
        labels=np.zeros(len(table["video"]), int),
        origin=table["part"],
        groups=np.unique(np.where(table["speaker"] != "", table["speaker"], table["video"]), return_inverse=True)[1],
        classes=("segment",),
        training_part=facts["training_part"],
        test_part=facts["test_part"],
    )


def _of_images(inputs: Inputs, facts: Mapping[str, Any], labels: np.ndarray) -> Rows:
    origin = np.asarray(facts["parts"])[inputs.one("origin")]
    named = {name: facts[name] for name in ("training_part", "test_part")}
    return Rows(labels=labels, origin=origin, groups=inputs.one("twins"), classes=tuple(facts["classes"]), **named)


def _of_recordings(inputs: Inputs, facts: Mapping[str, Any], labels: np.ndarray) -> Rows:
    """Windows of one trial belong together, whatever the split."""
    table = inputs.one("rows")
    known = {name: table[name] if (table[name] != "").all() else None for name in ("subject", "session", "recording", "clip")}
    return Rows(
        labels=labels,
        origin=table["dataset"],
        groups=np.unique(table["trial"], return_inverse=True)[1],
        classes=tuple(facts["classes"]),
        training_part=facts["training_part"],
        test_part=facts["test_part"],
        trial=table["trial"],
        **known,
    )


def _counts(parts: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> dict[str, dict[str, int]]:
    table = np.zeros((len(PARTS), len(classes)), int)
    np.add.at(table, (parts, labels), 1)
    return {part: dict(zip(classes, row.tolist(), strict=True)) for part, row in zip(PARTS, table, strict=True)}


def _summed(each: Sequence[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """The test parts of all folds together, and the mean of their other parts; unused is what no fold uses for anything."""
    means = {
        part: {name: sum(counts[part][name] for counts in each) // (1 if part == PARTS[TEST] else len(each)) for name in row}
        for part, row in each[0].items()
    }
    if len(each) > 1:
        means[PARTS[UNUSED]] = dict.fromkeys(means[PARTS[UNUSED]], 0)
    return means


def _check(counts: Mapping[str, Mapping[str, int]], use: str, fold: str, *, validated: bool) -> None:
    """Every part has every class; of a split with folds the test part of one may lack some, and none need be validated."""
    for part in ("train", "validation", "test") if validated else ("train",):
        if missing := [name for name, n in counts[part].items() if not n]:
            n = sum(counts[part].values())
            what = f"no sample of {', '.join(missing)} among {n}" if n else "no sample at all"
            where = f"fold {fold}: " if fold else ""
            hint = "Change the split's settings, or give more data."
            raise DataError(f"split {use}: {where}the {part} part has {what}", hint)
