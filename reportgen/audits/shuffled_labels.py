"""A canary: a model that was fitted to shuffled labels must know nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, fixed

NEEDS = ("facts", "canary")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment whose estimator was fitted to shuffled labels."""
    for about, canary in inputs.all("canary"):
        yield _finding(f"experiment {about['experiment']}", canary)


def _finding(about: str, canary: Mapping[str, Any]) -> Finding:
    shuffles, folds = counted(canary["repeats"], "shuffle"), counted(canary["folds"], "fold")
    evidence = (
        f"balanced accuracy {fixed(canary['mean'], 3)} with labels shuffled over trials"
        f" ({shuffles} in {folds}, {count(canary['trials'])} test trials);"
        f" {fixed(canary['expected'], 3)} expected, at most {fixed(canary['high'], 3)} in 95 of 100 cases"
    )
    if canary["kept"]:
        evidence += f"; training trials kept their labels {count(canary['kept'])} times, because they are tested too"
    if canary["mean"] <= canary["high"]:
        title = "With shuffled labels nothing is recognised"
        return Finding(severity="ok", about=about, title=title, evidence=evidence)
    return Finding(
        severity="error",
        about=about,
        title="Shuffled labels score above chance: something other than the labels leads from training to test",
        evidence=evidence,
        remedy="Look for trials, windows or copies that lie in training and test, and for features that were made of both;"
        " until then no score of this split means anything.",
    )
