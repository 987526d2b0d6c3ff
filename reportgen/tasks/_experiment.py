"""The steps that the tasks share: divide, train and score, explain and judge."""

from collections.abc import Iterator

from reportgen import plugins
from reportgen.core import Step
from reportgen.study import Experiment, Study

_STEPS = "reportgen.steps"
_SCORED = ("facts", "labels", "twins", "parts", "twin_free", "split", "history", "logits", "test_samples", "validation_logits")
_NETWORK = ("facts", "samples", "labels", "truth", "model", "weights", "test_samples")
_JUDGED = ("facts", "history", "model", "weights", "attribution", "explained", "explained_samples", "explained_truth")


def divided(name: str, experiment: Experiment, study: Study) -> Step:
    """The split of an experiment."""
    return Step(
        name=f"split {name}",
        call=f"{_STEPS}.split:run",
        settings={**experiment.split.model_dump(), "seed": study.seed},
        inputs=(f"load {experiment.dataset}",),
        about={"dataset": experiment.dataset, "experiment": name},
        plugins=(f"split/{experiment.split.use}",),
        reads=("facts", "labels", "origin", "twins"),
    )


def rehearsed(name: str, experiment: Experiment) -> Step:
    """Model, loss and explainers on an untrained network: what does not fit together is said before the training."""
    explainers = {
        explainer: {"use": choice.use, "settings": choice.settings} for explainer, choice in experiment.explain.items()
    }
    return Step(
        name=f"rehearse {name}",
        call=f"{_STEPS}.rehearse:run",
        settings={"model": experiment.model.model_dump(), "loss": experiment.train["loss"], "explainers": explainers},
        inputs=(f"load {experiment.dataset}",),
        about={"dataset": experiment.dataset, "experiment": name},
        plugins=(f"model/{experiment.model.use}", *sorted({f"explainer/{choice['use']}" for choice in explainers.values()})),
        reads=("facts",),
    )


def trained_and_scored(name: str, experiment: Experiment, study: Study, *, tuned_by: str = "") -> Iterator[Step]:
    """One training and one look at the test part a seed, then the scores of all seeds.

    Args:
        name: of the experiment.
        experiment: what is trained.
        study: where the seed of the bootstrap stands.
        tuned_by: name of the step whose winner the trainings take their settings from.
    """
    for seed in experiment.seeds:
        yield from _train_and_evaluate(name, experiment, seed, tuned_by)
    runs = [f"{verb} {name} seed {seed}" for seed in experiment.seeds for verb in ("train", "evaluate")]
    yield Step(
        name=f"score {name}",
        call=f"{_STEPS}.score:run",
        settings={"resamples": experiment.evaluate.resamples, "seed": study.seed},
        inputs=(f"load {experiment.dataset}", f"split {name}", *runs),
        about={"dataset": experiment.dataset, "experiment": name},
        reads=(*_SCORED, "looks"),
    )


def _train_and_evaluate(name: str, experiment: Experiment, seed: int, tuned_by: str) -> Iterator[Step]:
    about = {"dataset": experiment.dataset, "experiment": name, "seed": str(seed)}
    load, split = f"load {experiment.dataset}", f"split {name}"
    model = (f"model/{experiment.model.use}",)
    yield Step(
        name=f"train {name} seed {seed}",
        call=f"{_STEPS}.train:run",
        settings={"model": experiment.model.model_dump(), "train": experiment.train, "seed": seed},
        inputs=(load, split, f"rehearse {name}", *filter(None, [tuned_by])),
        about=about,
        plugins=model,
        reads=("facts", "samples", "labels", "parts", *(["tuned"] if tuned_by else [])),
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


def explained(name: str, experiment: Experiment, study: Study) -> Iterator[Step]:
    """Every explainer on the same network, so that they can be compared; those that make maps are judged.

    Not those of a smoke-trained network: its explanations are no result either.
    """
    seed = experiment.seeds[0]
    network = (f"load {experiment.dataset}", f"train {name} seed {seed}", f"evaluate {name} seed {seed}")
    for explainer, choice in experiment.explain.items():
        about = {"dataset": experiment.dataset, "experiment": name, "seed": str(seed), "explainer": explainer}
        code = (f"explainer/{choice.use}", f"model/{experiment.model.use}")
        chosen = {"use": choice.use, "settings": choice.settings}
        yield Step(
            name=f"explain {name} {explainer}",
            call=f"{_STEPS}.explain:run",
            settings={
                **chosen,
                "images_per_class": choice.images_per_class or experiment.images_per_class,
                "seed": study.seed,
            },
            inputs=network,
            about=about,
            plugins=code,
            reads=_NETWORK,
        )
        if not experiment.train["smoke"] and "attribution" in plugins.constant(
            plugins.path_of("explainer", choice.use), "MAKES", ()
        ):
            yield Step(
                name=f"judge {name} {explainer}",
                call=f"{_STEPS}.judge:run",
                settings={"explainer": chosen, **experiment.judge.model_dump(), "seed": study.seed},
                inputs=(*network[:2], f"explain {name} {explainer}"),
                about=about,
                plugins=code,
                reads=_JUDGED,
            )
