"""Test samples that were used to choose a model, or looked at more than once."""

from collections.abc import Iterator

from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import listing

NEEDS = ("history", "looks")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment, over all of its seeds."""
    for experiment in dict.fromkeys(about["experiment"] for about in inputs.about("history")):
        histories = [history for _, history in inputs.all("history", experiment=experiment)]
        chosen_by = sorted({history["chosen_by"] for history in histories})
        looks = {about["seed"]: look for about, look in inputs.all("looks", experiment=experiment)}
        smoke = any(history["smoke"] for history in histories)
        yield soften(_finding(f"experiment {experiment}", chosen_by, looks), smoke)


def _finding(about: str, chosen_by: list[str], looks: dict[str, dict[str, object]]) -> Finding: ...
