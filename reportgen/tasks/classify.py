"""Train a classifier with several seeds, score it once on the test part, and explain it."""

from collections.abc import Iterator

from reportgen.core import Step
from reportgen.study import Experiment, Study
from reportgen.tasks._experiment import divided, explained, rehearsed, trained_and_scored


def plan(name: str, experiment: Experiment, study: Study) -> Iterator[Step]:
    """The steps of one experiment, in an order in which they could run."""
    yield divided(name, experiment, study)
    yield rehearsed(name, experiment)
    yield from trained_and_scored(name, experiment, study)
    yield from explained(name, experiment, study)
