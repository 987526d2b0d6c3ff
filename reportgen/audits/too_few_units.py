"""Scores over too few people or recordings to claim anything, or over parts of people where they are meant of people."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from reportgen.audits._controls import is_guess
from reportgen.audits._divided import samples_about, told_once
from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted

NEEDS = ("facts", "rows", "scores", "test_samples", "model")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment on recordings, one more where its units are finer than people; none of models that guess."""
    yield from told_once(_findings(inputs))


def _findings(inputs: Inputs) -> Iterator[Finding]:
    for about, scores in inputs.all("scores"):
        if "features" in about and not is_guess(inputs, about["experiment"]):
            _, tested = next(inputs.all("test_samples", experiment=about["experiment"]))
            subjects = np.unique(inputs.one("rows", **samples_about(about))["subject"][tested])
            people = len(subjects[subjects != ""])
            yield _few(f"experiment {about['experiment']}", scores)
            if scores["unit"] != "subject":
                yield _finer(f"experiment {about['experiment']}", scores, people)


def _few(about: str, scores: Mapping[str, Any]) -> Finding:
    units, unit = scores["groups"], scores["unit"]
    evidence = f"{count(scores['n'])} test samples of {counted(units, unit)}; {MIN_GROUPS} are needed for an interval"
    if units >= MIN_GROUPS:
        return Finding(severity="ok", about=about, title=f"There are enough {unit}s for an interval", evidence=evidence)
    return Finding(
        severity="warning" if units < 2 else "notice",
        about=about,
        title=f"Too few {unit}s to claim anything",
        evidence=evidence,
        remedy=f"Test on more {unit}s: the windows of one {unit} are no independent samples, however many there are. Until then"
        f" show the {'point' if units < 2 else 'points'} and draw no conclusion.",
    )


def _finer(about: str, scores: Mapping[str, Any], people: int) -> Finding:
    unit = scores["unit"]
    whose = counted(people, "subject") if people else "unknown people"
    evidence = f"intervals are over {counted(scores['groups'], unit)} of {whose}"
    if people < 2:
        title = f"The score holds for {'one person' if people else 'people nobody knows'}"
        remedy = "Say so; what holds for people takes several of them, named by the reader."
    else:
        title = "The score holds for these people"
        remedy = f'Say that its interval is for other {unit}s of the same people, or set evaluate.unit = "subject".'
    return Finding(severity="notice", about=about, title=title, evidence=evidence, remedy=remedy)
