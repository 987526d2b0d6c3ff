"""Discriminators too weak for their accuracy near 50 % to mean anything."""

from collections.abc import Iterator, Sequence

from reportgen.audits._frequencies import estimate
from reportgen.audits._synthetic import Row, Weighed, named, weighed
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import ABSENT, listing, percent

NEEDS = ("facts", "signal_scores")
_SIDES = {
    "train": "training samples",
    "validation": "unseen real ones",
    "made": "its generator's",
    "noise": "white noise",
}
_HEADER = ("generator", "accuracy", *(f"right on {side}" for side in _SIDES.values()), "AUC of the two-sample test", "verdict")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment with discriminators, one more where some of them know training samples by heart.

    An accuracy of a half is what a perfect generator brings about (Goodfellow et al. 2014), and what a discriminator has that
    sees nothing. Two things tell them apart: one that sees anything knows white noise when it sees it; and if the generator is
    perfect, nobody else tells its samples from real ones either: where the two-sample test does, the discriminator
    failed. A third one has training samples right and unseen real ones wrong: it knows samples, and not what is real. The
    limits are those of realism/verdicts.py, so that the page says the same.
    """
    for one in weighed(inputs):
        rows = one.rows("discriminators")
        weak, known = named(rows, "weak"), named(rows, "memorises")
        if weak:
            yield _weak(one, rows, weak)
        if known:
            yield _memorising(one, rows, known)
        fair = named(rows, "fair")
        if fair and not weak and not known:
            title = "Discriminators see what they are shown"
            yield Finding(severity="ok", about=one.about, title=title, evidence=_evidence(rows, fair), rows=_table(rows))


def _weak(one: Weighed, rows: Sequence[Row], weak: Sequence[str]) -> Finding:
    return Finding(
        severity="warning",
        about=one.about,
        title=f"The discriminator is too weak for its verdict to mean anything: {listing(weak)}",
        evidence=_evidence(rows, weak),
        remedy=f"Do not read an accuracy near {percent(0.5)}, or a small gap, as success: believe scores that are measured from"
        " outside. Make the discriminator larger, or update it more often.",
        rows=_table(rows),
    )


def _memorising(one: Weighed, rows: Sequence[Row], known: Sequence[str]) -> Finding:
    return Finding(
        severity="warning",
        about=one.about,
        title=f"The discriminator knows its training samples by heart: {listing(known)}",
        evidence=_evidence(rows, known),
        remedy="Do not read its accuracy: it tells known samples from others, and not real from synthetic ones. Train for fewer"
        " epochs, with more recordings, or with dropout in the discriminator.",
        rows=_table(rows),
    )


def _evidence(rows: Sequence[Row], keys: Sequence[str]) -> str:
    return "; ".join(f"{row['key']}: {_told(row)}" for row in rows if row["key"] in keys)


def _told(row: Row) -> str:
    """`accuracy 52 %; right on 55 % of training samples, … ; a two-sample test has an AUC of 0.90 [0.85, 0.95]`."""
    accuracy, judged = _accuracy(row), row["judged"] or {}
    right = [f"{percent(judged[side])} of {told}" for side, told in _SIDES.items() if judged.get(side) is not None]
    return ", ".join(
        [
            *([f"accuracy {percent(accuracy)}"] if accuracy is not None else []),
            *([f"right on {listing(right)}"] if right else []),
            *([f"AUC of a two-sample test {estimate(row['auc'])}"] if row["auc"]["mean"] is not None else []),
        ]
    )


def _accuracy(row: Row) -> float | None:
    """On real and synthetic samples in equal numbers, at the end of the training."""
    real, made = row["accuracy_real"], row["accuracy_made"]
    return None if real is None or made is None else (real + made) / 2


def _table(rows: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    lines = [
        (
            row["key"],
            percent(_accuracy(row)),
            *(percent((row["judged"] or {}).get(side)) for side in _SIDES),
            estimate(row["auc"]),
            row["verdict"] or ABSENT,
        )
        for row in rows
    ]
    return (_HEADER, *lines)
