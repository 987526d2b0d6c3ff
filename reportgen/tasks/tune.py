"""Search settings by Hyperband on the validation part, then train, score and explain the winner like any other experiment."""

from collections.abc import Iterator, Sequence

from reportgen.core import Step
from reportgen.study import Experiment, Study
from reportgen.tasks._experiment import divided, explained, rehearsed, trained_and_scored


def plan(name: str, experiment: Experiment, study: Study, _folds: Sequence[str]) -> Iterator[Step]:
    """The steps of one experiment, in an order in which they could run; the winner is an input of its trainings."""
    assert experiment.tune is not None, "the study has seen to it"
    yield divided(name, experiment, study)
    yield rehearsed(name, experiment)
    yield Step(
        name=f"tune {name}",
        call="reportgen.steps.tune:run",
        settings={
            "model": experiment.model.model_dump(),
            "train": experiment.train,
            "tune": experiment.tune.model_dump(mode="json"),
            "seed": study.seed,
        },
        inputs=(f"load {experiment.dataset}", f"split {name}", f"rehearse {name}"),
        about={"dataset": experiment.dataset, "experiment": name},
        plugins=(f"model/{experiment.model.use}",),
        reads=("facts", "samples", "labels", "parts"),
    )
    yield from trained_and_scored(name, experiment, study, tuned_by=f"tune {name}")
    yield from explained(name, experiment, study)
