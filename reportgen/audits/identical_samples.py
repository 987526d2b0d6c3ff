"""Samples that are identical to the last bit: in several parts, in the test part and in training, with different labels."""

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge

from reportgen.audits._divided import divided, samples_about
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, listing, percent

NEEDS = ("facts", "labels", "origin", "sources", "twins", "split", "parts", "rows")


def inspect(inputs: Inputs, *, examples: Annotated[int, Ge(0), Doc("groups of samples to show")] = 5) -> Iterator[Finding]:
    """Two or three findings a data set of samples, and one an experiment, on recordings too."""
    for about, facts in inputs.all("facts"):
        if facts["modality"] == "eeg":
            continue
        name = f"data set {about['dataset']}"
        labels, origin, sources, twins = (
            np.asarray(inputs.one(kind, dataset=about["dataset"])) for kind in ("labels", "origin", "sources", "twins")
        )
        group = np.unique(twins, return_inverse=True)[1]
        yield _across(name, facts["parts"], _table(group, origin, len(facts["parts"])))
        table = _table(group, labels, len(facts["classes"]))
        shown = _conflicts(table)[:examples]
        yield _labels(name, table, [_example(facts, group == g, labels, sources) for g in shown])
    for about, split in inputs.all("split"):
        if "features" not in about:
            yield _tested(f"experiment {about['experiment']}", split["n_test"], split["n_test"] - split["n_test_twin_free"])
    for one in divided(inputs):
        shared = one.shared(inputs.one("twins", **samples_about(one.about)).astype(str))
        yield _tested(f"experiment {one.name}", shared.of, shared.samples)


def _table(group: np.ndarray, column: np.ndarray, columns: int) -> np.ndarray:
    """How many samples of each group are in each column: (group, column)."""
    table = np.zeros((group.max(initial=-1) + 1, columns), int)
    np.add.at(table, (group, column), 1)
    return table


def _across(about: str, parts: list[str], table: np.ndarray) -> Finding:
    several = table[table.sum(axis=1) > 1]
    if not len(several):
        return Finding(
            severity="ok", about=about, title="No two samples are identical", evidence=f"{count(len(table))} compared"
        )
    spread = int(((several > 0).sum(axis=1) > 1).sum())
    evidence = (
        f"{count(len(several))} groups of identical samples hold {count(int(several.sum()))} of {count(int(table.sum()))}"
    )
    return Finding(
        severity="warning" if spread else "notice",
        about=about,
        title="Identical samples lie in more than one part" if spread else "Some samples are identical, within one part",
        evidence=f"{evidence}; {count(spread)} groups lie in more than one part",
        remedy="Intervals are made over groups of identical samples; remove copies from data of your own.",
        rows=(("parts", "groups", "samples"), *_pairs(parts, several)),
    )


def _pairs(parts: list[str], several: np.ndarray) -> Iterator[tuple[str, ...]]:
    """For each pair of parts, the groups that lie in both and their samples there; of one part, those that lie in it twice."""
    for a, b in combinations_with_replacement(range(len(parts)), 2):
        shared = several[:, a] > 1 if a == b else (several[:, a] > 0) & (several[:, b] > 0)
        if shared.any():
            samples = several[shared][:, sorted({a, b})].sum()
            yield (
                f"within {parts[a]}" if a == b else f"{parts[a]} and {parts[b]}",
                count(int(shared.sum())),
                count(int(samples)),
            )


def _conflicts(table: np.ndarray) -> np.ndarray:
    """The groups whose samples have several labels."""
    return np.flatnonzero((table > 0).sum(axis=1) > 1)


def _labels(about: str, table: np.ndarray, rows: list[tuple[str, ...]]) -> Finding:
    groups = table[_conflicts(table)]
    if not len(groups):
        title = "Identical samples have the same label"
        return Finding(severity="ok", about=about, title=title, evidence="0 groups with several labels")
    wrong = int((groups.sum(axis=1) - groups.max(axis=1)).sum())
    return Finding(
        severity="warning",
        about=about,
        title="Identical samples have different labels",
        evidence=f"{count(len(groups))} groups have several labels: at least {count(wrong)} of"
        f" {count(int(groups.sum()))} samples in them are labelled wrongly",
        remedy="No model can get all of them right; leave them out or correct them if the labels are yours.",
        rows=(("samples", "labels"), *rows) if rows else (),
    )


def _example(facts: Mapping[str, Any], members: np.ndarray, labels: np.ndarray, sources: np.ndarray) -> tuple[str, str]:
    names = [facts["classes"][label] for label in labels[members]]
    return listing(sources[members].tolist()), listing(names)


def _tested(about: str, n: int, twins: int) -> Finding:
    evidence = f"{count(twins)} of {count(n)} test samples ({percent(twins / n)})"
    if not twins:
        return Finding(severity="ok", about=about, title="No test sample was learned from", evidence=evidence)
    return Finding(
        severity="warning",
        about=about,
        title="Some test samples are identical to samples that were learned from",
        evidence=evidence + " have an identical one in the training or validation part",
        remedy="Compare the score on all test samples with published ones; believe the one on twin-free samples.",
    )
