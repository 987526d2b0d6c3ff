"""Segments in which nobody saw any emotion, or in which several are equally strong: what an argmax would call them."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from reportgen.core import Finding
from reportgen.emotions import is_plane
from reportgen.outputs import Inputs
from reportgen.words import count, counted, percent

NEEDS = ("facts", "intensities")
_MANY = 0.01  # share of segments from which on class counts are visibly wrong


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding a data set of intensities; valence and arousal have no zero that means nothing.

    The largest of several equal numbers is, to numpy, pandas and torch alike, the first: zeros become the first emotion.
    """
    for about, values in inputs.all("intensities"):
        facts = inputs.one("facts", dataset=about["dataset"])
        rated = np.asarray(values)[np.isfinite(values).all(axis=1)]
        if not is_plane(facts["classes"]) and len(rated):
            yield _judge(f"data set {about['dataset']}", rated, facts)


def _judge(about: str, values: np.ndarray, facts: Mapping[str, Any]) -> Finding:
    nothing = (values <= facts["scale"][0]).all(axis=1)
    equal = ((values == values.max(axis=1, keepdims=True)).sum(axis=1) > 1) & ~nothing
    n = len(values)
    if not (nothing | equal).any():
        title, evidence = "Every segment has one strongest emotion", f"{counted(n, 'segment')}, none all zero, none with a tie"
        return Finding(severity="ok", about=about, title=title, evidence=evidence)
    zeros, ties = int(nothing.sum()), int(equal.sum())
    first = facts["classes"][0]
    called = int((values.argmax(axis=1) == 0).sum())
    told = [f"{count(zeros)} of {counted(n, 'segment')} ({percent(zeros / n)}) are without any emotion"] if zeros else []
    told += [f"an argmax calls them {first}, {percent(zeros / called)} of all that it calls so"] if zeros else []
    of = "" if zeros else f" of {counted(n, 'segment')}"
    told += [f"{count(ties)}{of} ({percent(ties / n)}) have several equally strong emotions"] if ties else []
    return Finding(
        severity="warning" if zeros >= _MANY * n else "notice",
        about=about,
        title=f"An argmax would call nothing “{first}”" if zeros else "An argmax would break ties by the order of the columns",
        evidence="; ".join(told),
        remedy="Do not make classes of intensities by their largest. Keep them as numbers, as this report does, or ask of each"
        " emotion whether it is present; where one class is needed, let “none” be one and leave ties out, and say how many.",
        rows=_table(values, nothing, equal, facts),
    )


def _table(values: np.ndarray, nothing: np.ndarray, equal: np.ndarray, facts: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """How many segments an argmax calls by each emotion, and how many have it alone as their strongest."""
    names = facts["classes"]
    called = np.bincount(values.argmax(axis=1), minlength=len(names))
    clear = np.bincount(values[~nothing & ~equal].argmax(axis=1), minlength=len(names))
    present = (values > facts["scale"][0]).sum(axis=0)
    lines = [
        (name, count(int(a)), count(int(b)), count(int(c))) for name, a, b, c in zip(names, called, clear, present, strict=True)
    ]
    return (("emotion", "argmax", "strongest alone", "present"), *lines)
