"""What a search is about, as plain values that may cross to other processes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from reportgen.core import Spec
from reportgen.search import parameters

Progress = Callable[[int, int, str], None]
"""Told how much is done, of all, and the last news."""


@dataclass(frozen=True, slots=True)
class Task:
    """A search: for which model, among which settings, and where."""

    spec: Spec
    model: Mapping[str, Any]  # {"use", "settings"}; a trial's own settings take the place of these
    train: Mapping[str, Any]  # settings of training.fit, likewise
    tune: Mapping[str, Any]  # search.Tune as JSON
    seed: int
    device: str  # of torch
    folder: Path  # survives a kill

    @property
    def epochs(self) -> int:
        """Most epochs of a trial."""
        return 1 if self.train.get("smoke") else int(self.tune["epochs"])

    @property
    def sign(self) -> int:
        """1 if less of the objective is better, -1 if more is."""
        return 1 if self.tune["objective"] == "validation_loss" else -1

    def best(self, course: list[float]) -> float:
        """The value of a trial: the best of its epochs."""
        return self.sign * min(self.sign * value for value in course)

    def distributions(self) -> dict[str, BaseDistribution]:
        """The space as optuna sees it, by name: draws must not depend on the order in a study file."""
        fields = parameters(self.model["use"])
        space = sorted(self.tune["space"].items())
        return {name: _distribution(values, whole=fields[name].annotation is int) for name, values in space}


def _distribution(values: Mapping[str, Any], *, whole: bool) -> BaseDistribution:
    if "choices" in values:
        return CategoricalDistribution(values["choices"])
    low, high, step, log = (values[key] for key in ("low", "high", "step", "log"))
    if whole:
        return IntDistribution(int(low), int(high), log=log, step=int(step or 1))
    return FloatDistribution(float(low), float(high), log=log, step=step)


def own(params: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """The parameters of the "model" or of the training ("train"), by their own names."""
    return {name.removeprefix(f"{owner}."): value for name, value in params.items() if name.startswith(f"{owner}.")}
