"""What audits read of experiments that predict intensities (kind `regression`): models alone, baselines aside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.outputs import Inputs
from reportgen.regression.telling import number

Model = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Assessed:
    """An experiment whose models were held against baselines."""

    experiment: str
    found: Mapping[str, Any]  # kind `regression`

    @property
    def about(self) -> str:
        """Of its findings."""
        return f"experiment {self.experiment}"

    @property
    def models(self) -> Sequence[Model]:
        """Without baselines."""
        return [one for one in self.found["candidates"] if one["sort"] != "baseline"]

    def baseline(self, key: str) -> Model:
        """`zero`, `median` or `mean`."""
        return next(one for one in self.found["candidates"] if one["id"] == key)


def assessed(inputs: Inputs) -> Iterator[Assessed]:
    """All of a study."""
    for about, found in inputs.all("regression"):
        yield Assessed(about["experiment"], found)


def named(model: Model) -> str:
    """`KNN on text`."""
    on = "all modalities" if model["set"] == "all" else model["set"]
    return f"{model['title']} on {on}"


def limits(estimate: Mapping[str, float | None], places: int) -> str:
    """A number with its interval, where there is one."""
    told = number(estimate["mean"], places)
    if estimate["low"] is None:
        return told
    return f"{told} [{number(estimate['low'], places)}, {number(estimate['high'], places)}]"
