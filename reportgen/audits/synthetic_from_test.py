"""Synthetic samples made from test trials."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.audits._controls import experiments
from reportgen.audits._divided import samples_about
from reportgen.core import PARTS, TEST, TRAIN, VALIDATION, Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing

NEEDS = ("facts", "rows", "parts", "generator", "synthetic_source")
_MAY_SEE = (PARTS[TRAIN], PARTS[VALIDATION])
_SHOWN = 3  # names of trials


@dataclass(frozen=True, slots=True)
class _Training:
    """A generator in one fold, with one seed."""

    about: Mapping[str, str]
    generator: Mapping[str, Any]  # kind `generator`
    parts: np.ndarray  # (sample,) uint8, index into PARTS
    trial: np.ndarray  # (sample,) str
    source: np.ndarray | None  # (synthetic sample, n) int, index into samples; None: no certain ones

    def made_from(self, forbidden: np.ndarray) -> int:
        """Synthetic samples with a source among these (sample,) bool."""
        return 0 if self.source is None else int(forbidden[self.source].any(axis=1).sum())

    @property
    def tested(self) -> np.ndarray:
        """(sample,) bool: of a trial that is tested, whichever part itself is in."""
        return np.asarray(np.isin(self.trial, self.trial[self.parts == TEST]))

    @property
    def foreign(self) -> np.ndarray:
        """(sample,) bool: of no tested trial, and of no training part either."""
        return np.asarray((self.parts != TRAIN) & ~self.tested)

    @property
    def shown(self) -> list[str]:
        """Parts that it was given and must not see."""
        return [part for part in self.generator["trained"]["seen"] if part not in _MAY_SEE]

    @property
    def surplus(self) -> int:
        """Samples that it learned from beyond those of its training part."""
        return max(0, int(self.generator["trained"]["samples"]) - int((self.parts == TRAIN).sum()))

    def faults(self) -> list[str]:
        """What is wrong, in words."""
        tested, foreign = self.made_from(self.tested), self.made_from(self.foreign)
        return [
            *([f"{counted(tested, 'sample')} made from test trials"] if tested else []),
            *([f"{counted(foreign, 'sample')} made from samples that are not of the training part"] if foreign else []),
            *([f"it was given the part {listing(self.shown)}"] if self.shown else []),
            *([f"it learned from {counted(self.surplus, 'sample')} more than the training part has"] if self.surplus else []),
        ]


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment: on the sources of its synthetic samples, and on the parts that its generators were given.

    A synthetic sample of a test trial is as good as that trial: whoever learns from it has seen the test, and every score of
    the generator is flattered. Samples of validation are there to choose by, and to be made from neither.
    """
    for name in experiments(inputs, "generator"):
        trainings = list(_trainings(inputs, name))
        faults = [(one, said) for one in trainings if (said := one.faults())]
        yield _leaked(f"experiment {name}", faults, len(trainings)) if faults else _clean(f"experiment {name}", trainings)


def _trainings(inputs: Inputs, name: str) -> Iterator[_Training]:
    parts = np.atleast_2d(inputs.one("parts", experiment=name))  # (fold, sample)
    trial = inputs.one("rows", **samples_about(inputs.about("parts", experiment=name)[0]))["trial"]
    for about, generator in inputs.all("generator", experiment=name):
        source = next((found for _, found in inputs.all("synthetic_source", **about)), None)
        yield _Training(about, generator, parts[int(about["fold"])], trial, source)


def _leaked(about: str, faults: Sequence[tuple[_Training, Sequence[str]]], of: int) -> Finding:
    samples = sum(one.made_from(one.tested) for one, _ in faults)
    keys = list(dict.fromkeys(one.about["generator"] for one, _ in faults))
    evidence = f"{count(len(faults))} of {counted(of, 'training')}: {listing(keys)}"
    names = _names([one for one, _ in faults])
    if samples:
        evidence += f"; {counted(samples, 'synthetic sample')} made from {names}"
    lines = [(one.about["generator"], one.about["fold"], one.about["seed"], "; ".join(said)) for one, said in faults]
    return Finding(
        severity="error",
        about=about,
        title="Synthetic samples are made from test trials" if samples else "Generators saw more than the training part",
        evidence=evidence,
        remedy="Do not believe scores of these generators, nor of models that learned from their samples: divide whole trials"
        " first, and let generators learn from the training part of each fold.",
        rows=(("generator", "fold", "seed", "what is wrong"), *lines),
    )


def _names(trainings: Sequence[_Training]) -> str:
    """Of tested trials that samples were made from: `trial a, b and c, and 4 more`."""
    found = {
        str(name)
        for one in trainings
        if one.source is not None
        for name in np.unique(one.trial[one.source][one.tested[one.source]])
    }
    shown = sorted(found)[:_SHOWN]
    more = [f"{count(len(found) - len(shown))} more"] if len(found) > len(shown) else []
    return f"trial {listing([*shown, *more])}"


def _clean(about: str, trainings: Sequence[_Training]) -> Finding:
    traced = [one for one in trainings if one.source is not None]
    samples = sum(len(one.source) for one in traced if one.source is not None)
    evidence = f"{counted(len(trainings), 'training')} on the training part alone"
    if traced:
        evidence += f"; {counted(samples, 'synthetic sample')} with known sources, none of them of a test trial"
    return Finding(severity="ok", about=about, title="No synthetic sample is made from a test trial", evidence=evidence)
