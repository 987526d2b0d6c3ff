"""Samples that are identical to the last bit: in several parts, in the test part and in training, with different labels."""

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement, pairwise
from typing import Annotated, Any

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge

from reportgen.audits._divided import Divided, divided, samples_about
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing, percent

NEEDS = ("facts", "labels", "origin", "sources", "twins", "split", "parts", "rows")


def inspect(inputs: Inputs, *, examples: Annotated[int, Ge(0), Doc("groups of samples to show")] = 5) -> Iterator[Finding]:
    """Two or three findings a data set of samples, and one an experiment, on recordings too."""
    for about, facts in inputs.all("facts"):
        if facts["modality"] != "image":
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
        if split["n_test_twin_free"] is not None:
            yield _tested(f"experiment {about['experiment']}", split["n_test"], split["n_test"] - split["n_test_twin_free"])
    for one in divided(inputs):
        yield _copied(one, inputs.one("twins", **samples_about(one.about)), examples)


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


def _copied(one: Divided, twins: np.ndarray, examples: int) -> Finding:
    """Windows of two recordings are never equal by chance: noise alone tells them apart."""
    about, shared = f"experiment {one.name}", one.shared(twins.astype(str))
    places = _places(one, twins)
    if not shared.samples and not places:
        evidence = f"{count(shared.of)} test samples compared with those that their models learned from"
        return Finding(severity="ok", about=about, title="No test sample was learned from", evidence=evidence)
    most = sorted(places.items(), key=lambda place: -place[1])[:examples]
    rows = (("recording", "and its copy", "equal samples"), *((a, b, count(n)) for (a, b), n in most))
    title = "Test samples are copies of samples that their model learned from"
    return Finding(
        severity="error" if shared.samples else "warning",
        about=about,
        title=title if shared.samples else "Recordings are copies of each other",
        evidence=f"{shared} are identical to the last bit to learned ones; {_said(places)}",
        remedy=_remedy(one, places),
        rows=rows if most else (),
    )


def _places(one: Divided, twins: np.ndarray) -> dict[tuple[str, str], int]:
    """Pairs of recordings that share samples: {(recording, other recording): samples of the first that the second has too}."""
    names, recording = np.unique(one.rows["recording"], return_inverse=True)
    pairs, counts = np.unique(np.stack([np.unique(twins, return_inverse=True)[1], recording]), axis=1, return_counts=True)
    found: dict[tuple[str, str], int] = {}
    order = np.flatnonzero(np.isin(pairs[0], np.flatnonzero(np.bincount(pairs[0]) > 1)))
    for i, j in pairwise(order):  # neighbours are sorted by group, then by recording
        if pairs[0, i] == pairs[0, j]:
            pair = (str(names[pairs[1, i]]), str(names[pairs[1, j]]))
            found[pair] = found.get(pair, 0) + int(counts[i])
    return found


def _said(places: Mapping[tuple[str, str], int]) -> str:
    if not places:
        return "they lie in the same recording"
    return f"{counted(len(places), 'pair')} of recordings {'shares' if len(places) == 1 else 'share'} samples"


def _remedy(one: Divided, places: Mapping[tuple[str, str], int]) -> str:
    """Which of the copies to leave out: data sets of a pool, recordings, or what repeats within one."""
    names, samples = np.unique(one.rows["recording"], return_counts=True)
    half = dict(zip(names.tolist(), samples / 2, strict=True))
    source = dict(zip(one.rows["recording"].tolist(), one.rows["dataset"].tolist(), strict=True))
    whole = [pair for pair, n in places.items() if n >= min(half[name] for name in pair)]
    for first, second in whole:
        if source[first] != source[second]:
            return f"Leave {source[first]} or {source[second]} out of the pool, or the recordings that both hold."
    if whole:
        return f"Leave out {whole[0][0]} or {whole[0][1]}, and one of each other pair: one recording is not two."
    return "Leave out what repeats, and look whether the channels were connected there: real signals never repeat."
