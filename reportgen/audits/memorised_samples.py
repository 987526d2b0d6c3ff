"""Generators whose samples are copies of training samples."""

from collections.abc import Iterator, Sequence

from reportgen.audits._frequencies import estimate
from reportgen.audits._synthetic import Row, Weighed, named, weighed
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import counted, listing, percent

NEEDS = ("facts", "signal_scores")
_RARELY = percent(0.05)  # of real test samples: as `copies` of `signal_scores` counts
_HEADER = ("generator", "memory ratio [95 % interval]", f"as near as {_RARELY} of real samples", "verdict")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment, and one more where some samples are nearly copies; see realism/verdicts.py.

    The memory ratio is the distance of a synthetic sample to the nearest training sample, divided by that to the nearest
    real sample that no generator saw; the median. A sample that says nothing of its training samples has 1, a copy 0. Beside
    it stands the share of synthetic samples that are as near to a training sample as only one real test sample in twenty.
    Means of two training samples are near them by construction: what is found holds of them as well.
    """
    for one in weighed(inputs):
        rows = one.rows("memory")
        copied, near = named(rows, "copies"), named(rows, "near copies")
        if copied:
            yield _copied(one, rows, copied)
        if near:
            yield _near(one, rows, near)
        if rows and not copied and not near:
            yield _clean(one, rows)


def _copied(one: Weighed, rows: Sequence[Row], copied: Sequence[str]) -> Finding:
    return Finding(
        severity="warning",
        about=one.about,
        title=f"Synthetic samples are copies of training samples: {listing(copied)}",
        evidence=_evidence(rows, copied),
        remedy="Do not call these samples new, and do not pass them on as if nobody were in them. A network may be trained for"
        " fewer epochs, or on more recordings; mixes of training samples are near them by construction.",
        rows=_table(rows),
    )


def _near(one: Weighed, rows: Sequence[Row], near: Sequence[str]) -> Finding:
    return Finding(
        severity="notice",
        about=one.about,
        title=f"Synthetic samples are nearer to training samples than real ones are: {listing(near)}",
        evidence=_evidence(rows, near),
        remedy="Read high scores of these generators with this in mind: whoever stays near real samples looks real.",
        rows=_table(rows),
    )


def _clean(one: Weighed, rows: Sequence[Row]) -> Finding:
    measured = named(rows, "no sign")
    if not measured:
        return Finding(
            severity="notice",
            about=one.about,
            title="Nothing says whether training samples were memorised",
            evidence=f"distances to training samples were not measured for {listing(named(rows, 'not measured'))}",
            remedy="Test on more trials: distances to unseen real samples are needed to hold the others against.",
        )
    return Finding(
        severity="ok",
        about=one.about,
        title="No generator repeats its training samples",
        evidence=_evidence(rows, measured),
        rows=_table(rows),
    )


def _evidence(rows: Sequence[Row], keys: Sequence[str]) -> str:
    told = [
        f"{row['key']}: memory ratio {estimate(row['ratio'])}, {percent(row['copies'])} of its samples as near to a training"
        f" sample as {_RARELY} of real ones are"
        for row in rows
        if row["key"] in keys
    ]
    left = named(rows, "not measured")
    return "; ".join([*told, *([f"{counted(len(left), 'generator')} not measured: {listing(left)}"] if left else [])])


def _table(rows: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    lines = [(row["key"], estimate(row["ratio"]), percent(row["copies"]), row["verdict"]) for row in rows]
    return (_HEADER, *lines)
