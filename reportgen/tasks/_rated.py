"""What the tasks for rated segments share."""

from reportgen.core import Step
from reportgen.study import Experiment, Study

STEPS = "reportgen.steps"


def about(name: str, experiment: Experiment) -> dict[str, str]:
    """What all steps of an experiment are about."""
    return {"dataset": experiment.dataset, "experiment": name}


def given(name: str, experiment: Experiment) -> tuple[str, ...]:
    """What all steps of an experiment are given."""
    return (f"load {experiment.dataset}", f"split {name}")


def divided(name: str, experiment: Experiment, study: Study) -> Step:
    """The split of an experiment: by video."""
    return Step(
        name=f"split {name}",
        call=f"{STEPS}.split:run",
        settings={**experiment.split.model_dump(), "seed": study.seed},
        inputs=(f"load {experiment.dataset}",),
        about=about(name, experiment),
        plugins=(f"split/{experiment.split.use}",),
        reads=("facts", "segments"),
    )
