"""Generators that make one sample again and again."""

from collections.abc import Iterator, Sequence

from reportgen.audits._frequencies import estimate
from reportgen.audits._synthetic import Row, Weighed, named, weighed
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import counted, fixed, listing

NEEDS = ("facts", "signal_scores")
_HEADER = ("generator", "coverage [95 % interval]", "distance between its samples ÷ between real ones", "verdict")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment, and one more each where some know but a few modes, or lie elsewhere; see realism/verdicts.py.

    A generator with a single mode covers few real samples (coverage of Naeem et al. 2020), and its samples of a class are
    nearer to each other than real ones of that class. One whose samples vary, but cover few real ones, lies elsewhere.
    """
    for one in weighed(inputs):
        rows = one.rows("modes")
        single, few, elsewhere = (named(rows, verdict) for verdict in ("single mode", "few modes", "elsewhere"))
        if single:
            yield _single(one, rows, single)
        if few:
            yield _few(one, rows, few)
        if elsewhere:
            yield _elsewhere(one, rows, elsewhere)
        if rows and not single and not few and not elsewhere:
            yield _clean(one, rows)


def _single(one: Weighed, rows: Sequence[Row], single: Sequence[str]) -> Finding:
    return Finding(
        severity="warning",
        about=one.about,
        title=f"Generators with a single mode: {listing(single)}",
        evidence=_evidence(rows, single),
        remedy="Do not train on these samples: they are one sample of each class and its echoes. Train with a critic that is"
        " updated more often, smaller learning rates, or a Wasserstein loss.",
        rows=_table(rows),
    )


def _few(one: Weighed, rows: Sequence[Row], few: Sequence[str]) -> Finding:
    return Finding(
        severity="notice",
        about=one.about,
        title=f"Synthetic samples are less varied than real ones: {listing(few)}",
        evidence=_evidence(rows, few),
        remedy="Say that these samples show the usual and not the range of real ones.",
        rows=_table(rows),
    )


def _elsewhere(one: Weighed, rows: Sequence[Row], elsewhere: Sequence[str]) -> Finding:
    return Finding(
        severity="notice",
        about=one.about,
        title=f"Synthetic samples vary, but miss most real ones: {listing(elsewhere)}",
        evidence=_evidence(rows, elsewhere),
        remedy="Do not take their variety for that of real samples; the spectra and the plane of samples show where they lie.",
        rows=_table(rows),
    )


def _clean(one: Weighed, rows: Sequence[Row]) -> Finding:
    spread = named(rows, "spread")
    if not spread:
        return Finding(
            severity="notice",
            about=one.about,
            title="Nothing says how varied synthetic samples are",
            evidence=f"neither coverage nor distances were measured for {listing(named(rows, 'not measured'))}",
            remedy="Test on more trials: their spread is what that of synthetic samples is held against.",
        )
    title = "No generator has a single mode"
    return Finding(severity="ok", about=one.about, title=title, evidence=_evidence(rows, spread), rows=_table(rows))


def _evidence(rows: Sequence[Row], keys: Sequence[str]) -> str:
    told = [
        f"{row['key']}: coverage {estimate(row['coverage'])}, its samples are {fixed(row['distinct'], 2)} times as far apart as"
        " real ones"
        for row in rows
        if row["key"] in keys
    ]
    left = named(rows, "not measured")
    return "; ".join([*told, *([f"{counted(len(left), 'generator')} not measured: {listing(left)}"] if left else [])])


def _table(rows: Sequence[Row]) -> tuple[tuple[str, ...], ...]:
    return (_HEADER, *((row["key"], estimate(row["coverage"]), fixed(row["distinct"], 2), row["verdict"]) for row in rows))
