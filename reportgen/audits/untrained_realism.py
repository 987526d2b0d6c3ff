"""Generators that were near the real samples before their training, and no nearer after it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reportgen.audits._synthetic import Row, Weighed, named, weighed
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import fixed, listing

NEEDS = ("facts", "signal_scores")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment with generators that say how near they start; see `of_training` in realism/verdicts.py.

    A generator that starts from clusters, spectra or correlations of the training part is near real samples without having
    learned anything from its discriminator: its scores are then no merit of the training.
    """
    for one in weighed(inputs):
        rows = [row for row in one.scores.get("trained", ()) if row["verdict"]]
        if rows:
            yield _finding(one, rows, named(rows, "nothing added"))


def _finding(one: Weighed, rows: Sequence[Row], idle: Sequence[str]) -> Finding:
    if not idle:
        title = "What generators start from is improved by their training"
        return Finding(severity="ok", about=one.about, title=title, evidence=_evidence(rows), rows=_table(rows))
    return Finding(
        severity="notice",
        about=one.about,
        title=f"Training added nothing to what was near real before it: {listing(idle)}",
        evidence=_evidence([row for row in rows if row["key"] in idle]),
        remedy="Do not credit the adversarial training with these scores. Train for longer, or on more recordings, and look"
        " again.",
        rows=_table(rows),
    )


def _evidence(rows: Sequence[Row]) -> str:
    told = (f"{row['key']} {fixed(row['share'], 2)}" for row in rows)
    return f"distance to the validation part after training ÷ before it: {', '.join(told)}"


def _table(rows: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    header = ("generator", "spectrum at the start", "kept", "MMD² at the start", "kept", "training part", "verdict")
    return (header, *((row["key"], *_numbers(row), row["verdict"]) for row in rows))


def _numbers(row: Mapping[str, Any]) -> tuple[str, ...]:
    unit = f" {row['unit']}" if row["unit"] else ""
    start, kept, floor = row["start"], row["kept"], row["floor"]
    spectra = (f"{fixed(one['spectrum'], 2)}{unit}" for one in (start, kept))
    return (
        *spectra,
        fixed(start["mmd"], 3),
        fixed(kept["mmd"], 3),
        f"{fixed(floor['spectrum'], 2)}{unit}, {fixed(floor['mmd'], 3)}",
    )
