"""What audits read of experiments that make synthetic samples (kind `signal_scores`): generators alone, controls aside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.outputs import Inputs

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Weighed:
    """An experiment whose generators were held against real samples."""

    experiment: str
    scores: Mapping[str, Any]  # kind `signal_scores`

    @property
    def about(self) -> str:
        """Of its findings."""
        return f"experiment {self.experiment}"

    def rows(self, table: str) -> Sequence[Row]:
        """`memory`, `modes` or `discriminators`: a row each generator, none of controls."""
        generators = {one["key"] for one in self.scores["candidates"] if one["sort"] != "control"}
        return [row for row in self.scores[table] if row["key"] in generators]


def weighed(inputs: Inputs) -> Iterator[Weighed]:
    """All of a study."""
    for about, scores in inputs.all("signal_scores"):
        yield Weighed(about["experiment"], scores)


def named(rows: Sequence[Row], *verdicts: str) -> list[str]:
    """Generators of which one of these verdicts is said, in their order."""
    return [row["key"] for row in rows if row["verdict"] in verdicts]
