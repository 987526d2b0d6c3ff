"""Predict intensities of emotions from each modality and from all, and find the models that collapsed."""

from collections.abc import Iterator, Sequence

from reportgen.core import Step
from reportgen.study import Experiment, Study
from reportgen.tasks._rated import STEPS, about, divided, given

_RATED = ("facts", "intensities", "segments", "parts")


def plan(name: str, experiment: Experiment, study: Study, _folds: Sequence[str]) -> Iterator[Step]:
    """The steps of one experiment, in an order in which they could run."""
    yield divided(name, experiment, study)
    yield Step(
        name=f"prepare {name}",
        call=f"{STEPS}.prepare:run",
        settings={"modalities": experiment.modalities, "text": experiment.text},
        inputs=given(name, experiment),
        about=about(name, experiment),
        reads=(*_RATED, "modalities", "transcripts"),
    )
    learned = []
    for key, choice in experiment.regress.items():
        for seed in experiment.seeds:
            learned.append(f"regress {name} {key} seed {seed}")
            yield Step(
                name=learned[-1],
                call=f"{STEPS}.regress:run",
                settings={**choice.model_dump(), "key": key, "seed": seed},
                inputs=(*given(name, experiment), f"prepare {name}"),
                about={**about(name, experiment), "regressor": key, "seed": str(seed)},
                plugins=(f"regressor/{choice.use}",),
                reads=(*_RATED, "prepared", "preparation"),
            )
    yield Step(
        name=f"assess {name}",
        call=f"{STEPS}.assess:run",
        settings={"resamples": experiment.evaluate.resamples, "seed": study.seed},
        inputs=(*given(name, experiment), *learned),
        about=about(name, experiment),
        reads=(*_RATED, "split", "regressor", "estimates"),
    )
