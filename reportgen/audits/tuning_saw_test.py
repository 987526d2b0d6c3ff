"""Searches for settings that ranked their trials on samples of a test part."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.audits._divided import samples_about
from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, percent

NEEDS = ("facts", "trials", "ranked_samples", "test_samples", "twins", "history")

_SEEN = (
    "Rank trials on a part of the training data: these settings were made for the test samples, so that the score is too high,"
    " and nobody knows by how much."
)
_ELSEWHERE = "Use what was found in this experiment only, or divide the data in the same way in both."
_ALIKE = "Believe the score on twin-free samples."


@dataclass(frozen=True, slots=True)
class _Overlap:
    """Test samples of an experiment that a search looked at."""

    experiment: str
    n: int  # test samples
    same: int  # of them among the ranked ones
    twins: int  # others of them that are identical to a ranked one

    def __str__(self) -> str:
        if not self.n:
            return f"{self.experiment} was not evaluated"
        seen = f"{count(self.same)} of {count(self.n)} test samples of {self.experiment} ({percent(self.same / self.n)})"
        return f"{seen} are among them, {count(self.twins)} more are identical to one of them"


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding a search, held against the test parts of all experiments on its data set."""
    for about, trials in inputs.all("trials"):
        name = about["experiment"]
        ranked = np.asarray(inputs.one("ranked_samples", experiment=name))
        twins = np.asarray(inputs.one("twins", **samples_about(about)))
        tested = {other["experiment"]: samples for other, samples in inputs.all("test_samples", **samples_about(about))}
        overlaps = [_overlap(other, np.asarray(samples), ranked, twins) for other, samples in tested.items()]
        smoke = any(history["smoke"] for _, history in inputs.all("history", experiment=name))
        yield soften(_finding(name, trials, len(ranked), overlaps), smoke)


def _overlap(experiment: str, tested: np.ndarray, ranked: np.ndarray, twins: np.ndarray) -> _Overlap:
    same = np.isin(tested, ranked)
    alike = np.isin(twins[tested], twins[ranked])
    return _Overlap(experiment, len(tested), int(same.sum()), int((alike & ~same).sum()))


def _finding(name: str, trials: Mapping[str, Any], ranked: int, overlaps: Sequence[_Overlap]) -> Finding:
    about, part = f"experiment {name}", trials["ranked_on"]["part"]
    own = next((one for one in overlaps if one.experiment == name), _Overlap(name, 0, 0, 0))  # none: it was not evaluated
    elsewhere = [one for one in overlaps if one.same and one is not own]
    searched = f"{count(len(trials['rows']))} trials ranked on {count(ranked)} samples of the {part} part"
    evidence = f"{searched}; {own}"
    if part != "validation" or own.same:
        title = "The search for settings saw the test part"
        return Finding(severity="error", about=about, title=title, evidence=evidence, remedy=_SEEN)
    if own.twins:
        title = "The search for settings saw samples that are identical to test samples"
        return Finding(severity="warning", about=about, title=title, evidence=evidence, remedy=_ALIKE)
    if elsewhere:
        title = "The search for settings saw samples that another experiment is tested on"
        evidence = "; ".join([searched, *map(str, elsewhere)])
        return Finding(severity="notice", about=about, title=title, evidence=evidence, remedy=_ELSEWHERE)
    return Finding(severity="ok", about=about, title="The search for settings did not see the test part", evidence=evidence)
