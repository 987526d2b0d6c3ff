"""Train a classifier with several seeds, score it once on the test part, and explain it."""

from collections.abc import Iterator

from reportgen.core import Step
from reportgen.study import Experiment, Study

_STEPS = "reportgen.steps"
_SCORED = ("facts", "labels", "twins", "parts", "twin_free", "split", "history", "logits", "test_samples", "validation_logits")


def plan(name: str, experiment: Experiment, study: Study) -> Iterator[Step]:
    """The steps of one experiment, in an order in which they could run."""
    about = {"dataset": experiment.dataset, "experiment": name}
    load, split = f"load {experiment.dataset}", f"split {name}"
    yield Step(
        name=split,
        call=f"{_STEPS}.split:run",
        settings={**experiment.split.model_dump(), "seed": study.seed},
        inputs=(load,),
        about=about,
        plugins=(f"split/{experiment.split.use}",),
        reads=("facts", "labels", "origin", "twins"),
    )
    for seed in experiment.seeds:
        yield from _train_and_evaluate(name, experiment, seed)
    runs = [f"{verb} {name} seed {seed}" for seed in experiment.seeds for verb in ("train", "evaluate")]
    yield Step(
        name=f"score {name}",
        call=f"{_STEPS}.score:run",
        settings={"resamples": experiment.evaluate.resamples, "seed": study.seed},
        inputs=(load, split, *runs),
        about=about,
        reads=(*_SCORED, "looks"),
    )
    yield from _explain(name, experiment, study)


def _train_and_evaluate(name: str, experiment: Experiment, seed: int) -> Iterator[Step]:
    about = {"dataset": experiment.dataset, "experiment": name, "seed": str(seed)}
    load, split = f"load {experiment.dataset}", f"split {name}"
    model = (f"model/{experiment.model.use}",)
    yield Step(
        name=f"train {name} seed {seed}",
        call=f"{_STEPS}.train:run",
        settings={"model": experiment.model.model_dump(), "train": experiment.train, "seed": seed},
        inputs=(load, split),
        about=about,
        plugins=model,
        reads=("facts", "samples", "labels", "parts"),
    )
    yield Step(
        name=f"evaluate {name} seed {seed}",
        call=f"{_STEPS}.evaluate:run",
        settings={"views": experiment.evaluate.views},
        inputs=(load, split, f"train {name} seed {seed}"),
        about=about,
        plugins=model,
        reads=("facts", "samples", "parts", "model", "weights"),
    )


def _explain(name: str, experiment: Experiment, study: Study) -> Iterator[Step]:
    seed = experiment.seeds[0]  # the same network for all explainers, so that they can be compared
    train, evaluate = f"train {name} seed {seed}", f"evaluate {name} seed {seed}"
    for explainer, choice in experiment.explain.items():
        yield Step(
            name=f"explain {name} {explainer}",
            call=f"{_STEPS}.explain:run",
            settings={**choice.model_dump(), "images_per_class": experiment.images_per_class, "seed": study.seed},
            inputs=(f"load {experiment.dataset}", train, evaluate),
            about={"dataset": experiment.dataset, "experiment": name, "seed": str(seed), "explainer": explainer},
            plugins=(f"explainer/{choice.use}", f"model/{experiment.model.use}"),
            reads=("facts", "samples", "labels", "truth", "model", "weights", "logits", "test_samples"),
        )
