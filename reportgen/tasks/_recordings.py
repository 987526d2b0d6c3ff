"""The steps that the tasks on recordings share: features, split, and one estimator or network a fold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from reportgen import plugins
from reportgen.core import Step
from reportgen.fingerprint import digest
from reportgen.study import Choice, Experiment, Study, is_estimator

_STEPS = "reportgen.steps"
_ROWS = ("facts", "features", "samples", "labels", "rows")
_FOLDS = ("parts", "fitted", "model", "fold_logits", "fold_validation_logits", "looks")
_SCORED = ("facts", "labels", "rows", "parts", "split", "logits", "test_samples", "validation_logits", "validation_samples")
_ESTIMATOR_SHUFFLES, _NETWORK_SHUFFLES = 3, 1  # where the study says nothing: trainings of networks take long
EXPLAINED = 32
"""Test samples of each class and fold that are explained where the study says nothing; means over them are shown, not they."""


def featured(experiment: Experiment, study: Study, chain: Sequence[Choice] = ()) -> Step:
    """What the recordings become: one step for all experiments that make the same of the same recordings.

    Args:
        experiment: of the study.
        study: knows the pools.
        chain: of features; none: the experiment's own.
    """
    chosen = [feature.model_dump() for feature in chain or experiment.features]
    sources = study.members(experiment.dataset)
    name = "-".join([*(feature["use"] for feature in chosen), digest(chosen)[:4]])
    return Step(
        name=f"features {experiment.dataset} {name}",
        call=f"{_STEPS}.features:run",
        settings={"chain": chosen},
        inputs=tuple(f"load {source}" for source in dict.fromkeys((experiment.dataset, *sources))),
        about={"dataset": experiment.dataset, "features": name},
        plugins=tuple(sorted({f"feature/{feature['use']}" for feature in chosen})),
        reads=("facts", "signals", "stretches"),
    )


def divided(name: str, experiment: Experiment, study: Study, features: Step) -> Step:
    """The split of an experiment: of the samples that the step `features` makes."""
    return Step(
        name=f"split {name}",
        call=f"{_STEPS}.split:run",
        settings={**experiment.split.model_dump(), "seed": study.seed},
        inputs=(f"load {experiment.dataset}", features.name),
        about={**features.about, "experiment": name},
        plugins=(f"split/{experiment.split.use}",),
        reads=("facts", "labels", "rows"),
    )


def folded(experiment: Experiment) -> bool:
    """Whether only the finished split knows how many models there are."""
    return "Folds" in plugins.returns("split", experiment.split.use)


def fitted_and_scored(name: str, experiment: Experiment, study: Study, features: Step, folds: Sequence[str]) -> Iterator[Step]:
    """One estimator a fold and seed, the scores of all folds together, and what shuffled labels come to.

    Args:
        name: of the experiment.
        experiment: what is fitted.
        study: where the seed of the bootstrap stands.
        features: the step that makes the samples.
        folds: names of the folds, as the finished split gives them.
    """
    given = (f"load {experiment.dataset}", features.name, f"split {name}")
    about = {**features.about, "experiment": name}
    code = (f"model/{experiment.model.use}",)
    chosen: dict[str, Any] = {"model": experiment.model.model_dump(), "train": experiment.train}
    for seed in experiment.seeds:
        fits = {in_fold("fit", name, fold, f"seed {seed}"): number for number, fold in enumerate(folds)}
        for fit, number in fits.items():
            yield Step(
                name=fit,
                call=f"{_STEPS}.fit:run",
                settings={**chosen, "fold": number, "seed": seed},
                inputs=given,
                about={**about, "fold": str(number), "seed": str(seed)},
                plugins=code,
                reads=(*_ROWS, "parts"),
            )
        yield gathered(name, about, seed, fits)
    yield scored(name, experiment, study, features)
    if repeats := shuffles(experiment):
        yield Step(
            name=f"canary {name}",
            call=f"{_STEPS}.canary:run",
            settings={**chosen, "repeats": repeats, "seed": study.seed},
            inputs=given,
            about=about,
            plugins=code,
            reads=(*_ROWS, "parts"),
        )


def shuffles(experiment: Experiment) -> int:
    """How often an experiment is repeated with shuffled labels."""
    asked = experiment.evaluate.shuffles
    if asked is not None:
        return asked
    return _ESTIMATOR_SHUFFLES if is_estimator(experiment.model.use) else _NETWORK_SHUFFLES


def in_fold(verb: str, name: str, fold: str, which: str) -> str:
    """Name of a step of one fold: `train eegnet subject 3 seed 0`."""
    return " ".join(filter(None, [verb, name, fold, which]))


def gathered(name: str, about: Mapping[str, str], seed: int, folds: Iterable[str]) -> Step:
    """The answers of all folds as those of one model."""
    return Step(
        name=f"evaluate {name} seed {seed}",
        call=f"{_STEPS}.gather:run",
        inputs=(f"split {name}", *folds),
        about={**about, "seed": str(seed)},
        reads=_FOLDS,
    )


def scored(name: str, experiment: Experiment, study: Study, features: Step, trained: Iterable[str] = ()) -> Step:
    """The scores of all folds and seeds together; `trained`: steps of networks, whose history is looked at."""
    evaluate = experiment.evaluate
    return Step(
        name=f"score {name}",
        call=f"{_STEPS}.score:run",
        settings={"resamples": evaluate.resamples, "unit": evaluate.unit, "seed": study.seed},
        inputs=(
            *(f"load {experiment.dataset}", features.name, f"split {name}"),
            *trained,
            *(f"evaluate {name} seed {seed}" for seed in experiment.seeds),
        ),
        about={**features.about, "experiment": name},
        reads=(*_SCORED, "history", "looks") if trained else (*_SCORED, "looks"),
    )


def later(name: str, experiment: Experiment) -> Step:
    """Stands for the steps of folds that are not known before the split is made."""
    verb = "fit" if is_estimator(experiment.model.use) else "train"
    return Step(name=f"{verb} {name} in each fold", call="", inputs=(f"split {name}",), about={"experiment": name})
