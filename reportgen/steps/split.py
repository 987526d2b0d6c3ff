"""Step: divide the samples of a data set for an experiment."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reportgen import plugins
from reportgen.core import PARTS, TEST, TRAIN, VALIDATION, Rows
from reportgen.errors import DataError
from reportgen.outputs import Inputs, Out


def run(inputs: Inputs, out: Out, _work: object, *, use: str, settings: dict[str, Any], seed: int) -> None:
    """Write split, parts and twin_free from facts, labels, origin and twins.

    Raises:
        DataError: a part is empty, or lacks a class.
    """
    facts, labels, twins = inputs.one("facts"), inputs.one("labels"), inputs.one("twins")
    origin = np.asarray(facts["parts"])[inputs.one("origin")]
    named = {name: facts[name] for name in ("training_part", "test_part")}
    rows = Rows(labels=labels, origin=origin, groups=twins, classes=tuple(facts["classes"]), **named)
    parts = plugins.verb("split", use)(rows, seed, **settings)
    counts = _counts(parts, labels, facts["classes"])
    _check(counts, use)
    learnt_from = np.isin(parts, (TRAIN, VALIDATION))
    twin_free = ~np.isin(twins, twins[learnt_from])
    test = parts == TEST
    out.array("parts", parts, ("sample",))
    out.array("twin_free", twin_free, ("sample",))
    out.json(
        "split",
        {
            "name": use,
            "settings": settings,
            "counts": counts,
            "test_origin": sorted(set(origin[test].tolist())),
            "n_test": int(test.sum()),
            "n_test_twin_free": int((test & twin_free).sum()),
        },
    )


def _counts(parts: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]) -> dict[str, dict[str, int]]:
    table = np.zeros((len(PARTS), len(classes)), int)
    np.add.at(table, (parts, labels), 1)
    return {part: dict(zip(classes, row.tolist(), strict=True)) for part, row in zip(PARTS, table, strict=True)}


def _check(counts: Mapping[str, Mapping[str, int]], use: str) -> None:
    for part in ("train", "validation", "test"):
        if missing := [name for name, n in counts[part].items() if not n]:
            n = sum(counts[part].values())
            what = f"no sample of {', '.join(missing)} among {n}" if n else "no sample at all"
            raise DataError(f"split {use}: the {part} part has {what}", "Change the split's settings, or give more data.")
