"""Trainings that go through their samples in the same order each time, perhaps one class after another."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Gt, Lt

from reportgen.audits._controls import experiments
from reportgen.audits._divided import samples_about
from reportgen.audits._smoke import soften
from reportgen.core import TRAIN, Finding
from reportgen.outputs import Inputs
from reportgen.words import count, fixed

NEEDS = ("facts", "labels", "parts", "history")
_UNSHUFFLED = "Set shuffle = true: batches of always the same samples leave the mark of that order on what is learned."
_SORTED = (
    "Set shuffle = true: with batches of one class a network forgets the others, and its averages drift from class to class."
)


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of one class in a sequence of labels, held against those of a random order."""

    found: int
    expected: float
    z: float  # (found − expected) / standard deviation of a random order; 0 where there is but one order
    longest: int  # samples in the longest one

    def __str__(self) -> str:
        return (
            f"{count(self.found)} runs of one class, {fixed(self.expected, 1)} expected of a random order"
            f" (z = {fixed(self.z, 1)}), the longest of {count(self.longest)} samples"
        )


def inspect(
    inputs: Inputs,
    *,
    few: Annotated[float, Gt(0), Lt(1), Doc("sorted or nearly: fewer runs than this share of those of a random order")] = 0.5,
    level: Annotated[float, Gt(0), Lt(1), Doc("p of the one-sided runs test below which few runs are no chance")] = 0.001,
) -> Iterator[Finding]:
    """One finding an experiment, about the fold whose samples are nearest to being sorted.

    The runs test of Wald and Wolfowitz (1940, Ann. Math. Stat. 11, 147) for several classes, in its normal approximation.
    In large data the faintest order is no chance, so an error also takes few runs: with half as many as expected of seven equal
    classes, the next sample has the same label in four of seven cases instead of one.
    """
    for name in experiments(inputs, "history"):
        histories = [history for _, history in inputs.all("history", experiment=name)]
        labels = np.asarray(inputs.one("labels", **samples_about(inputs.about("history", experiment=name)[0])))
        parts = np.atleast_2d(inputs.one("parts", experiment=name))  # (fold, sample)
        order = histories[0]["order"]  # a setting, the same for all seeds and folds
        stored = [labels[own == TRAIN] for own in parts]
        folds = [_runs(np.sort(own) if order == "by_class" else own) for own in stored]
        runs = min(folds, key=lambda own: own.found / own.expected)  # the fold that is nearest to being sorted
        sorted_ = runs.found < few * runs.expected and runs.z < NormalDist().inv_cdf(level)
        yield soften(_finding(f"experiment {name}", order, runs, sorted_), any(history["smoke"] for history in histories))


def _runs(labels: np.ndarray) -> _Runs:
    """Of labels (sample,), at least one.

    Mean and variance over all orders of the same labels (Mood 1940, Ann. Math. Stat. 11, 367; Barton and David 1957,
    Biometrika 44, 168).
    """
    n = len(labels)
    counts = np.bincount(labels).astype(float)
    squares, cubes = float((counts**2).sum()), float((counts**3).sum())
    expected = n + 1 - squares / n
    variance = (squares * (squares + n * (n + 1)) - 2 * n * cubes - n**3) / (n**2 * (n - 1)) if n > 1 else 0.0
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    z = (len(starts) - expected) / sqrt(variance) if variance > 0 else 0.0
    return _Runs(len(starts), expected, z, int(np.diff(starts, append=n).max()))


def _finding(about: str, order: str, runs: _Runs, sorted_: bool) -> Finding:
    if order == "shuffled":
        title = "The training samples were shuffled in each epoch"
        return Finding(severity="ok", about=about, title=title, evidence=f"in their stored order there are {runs}")
    evidence = f"the same order in each epoch ({order.replace('_', ' ')}): {runs}"
    if sorted_:
        title = "The network was trained on one class after another"
        return Finding(severity="error", about=about, title=title, evidence=evidence, remedy=_SORTED)
    title = "The training samples were not shuffled"
    return Finding(severity="warning", about=about, title=title, evidence=evidence, remedy=_UNSHUFFLED)
