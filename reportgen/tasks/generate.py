"""Make synthetic samples, hold them against real ones that no generator has seen, and let a model learn from them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from reportgen.core import Step
from reportgen.study import Experiment, Study, is_estimator
from reportgen.tasks import _recordings
from reportgen.tasks._recordings import in_fold

_STEPS = "reportgen.steps"
_REAL = ("facts", "features", "samples", "labels", "rows", "parts")
_FROZEN = ("model", "weights")
_MADE = ("synthetic", "synthetic_labels", "synthetic_source", "generator")
_TAUGHT = ("real", "classes")
"""Controls that the model learns from too: what real samples are worth, and what wrong labels are."""


class Generating(NamedTuple):
    """An experiment that makes synthetic samples."""

    name: str
    experiment: Experiment
    study: Study
    features: Step
    folds: Sequence[str]  # names, as the finished split gives them

    @property
    def given(self) -> tuple[str, ...]:
        """What all its steps are given."""
        return (f"load {self.experiment.dataset}", self.features.name, f"split {self.name}")

    @property
    def about(self) -> dict[str, str]:
        """What its steps are about."""
        return {**self.features.about, "experiment": self.name}

    @property
    def model(self) -> dict[str, Any]:
        """What learns from samples, and how."""
        return {"model": self.experiment.model.model_dump(), "train": self.experiment.train}

    def frozen(self, fold: str) -> list[str]:
        """The network that learned from the real training part of a fold; an estimator is none."""
        return [] if is_estimator(self.experiment.model.use) else [in_fold("train", self.name, fold, "on real samples")]


def plan(name: str, experiment: Experiment, study: Study, folds: Sequence[str]) -> Iterator[Step]:
    """The steps of one experiment, in an order in which they could run; no folds: they are not known yet."""
    features = _recordings.featured(experiment, study)
    yield features
    yield _recordings.divided(name, experiment, study, features)
    generating = Generating(name, experiment, study, features, folds or [""])
    yield _rehearsed(generating)
    if not folds and _recordings.folded(experiment):
        yield Step(name=f"generate {name} in each fold", call="", inputs=(f"split {name}",), about={"experiment": name})
        return
    for number, fold in enumerate(generating.folds):
        yield from _in_fold(generating, number, fold)
    yield from _looked_at(generating)
    yield _weighed(generating)


def _rehearsed(generating: Generating) -> Step:
    """Whether generators can make samples of this shape, and the model can learn from them."""
    chosen = {key: choice.model_dump() for key, choice in generating.experiment.generate.items()}
    used = sorted({f"generator/{choice['use']}" for choice in chosen.values()})
    return Step(
        name=f"rehearse {generating.name}",
        call=f"{_STEPS}.rehearse_generators:run",
        settings={**generating.model, "generators": chosen},
        inputs=generating.given,
        about=generating.about,
        plugins=(f"model/{generating.experiment.model.use}", *used),
        reads=("facts", "features", "labels", "rows", "parts"),
    )


def _in_fold(generating: Generating, number: int, fold: str) -> Iterator[Step]:
    """All that is made and measured in one fold."""
    about = {**generating.about, "fold": str(number)}
    for step in generating.frozen(fold):
        yield Step(
            name=step,
            call=f"{_STEPS}.train:run",
            settings={**generating.model, "seed": generating.study.seed, "fold": number},
            inputs=(*generating.given, f"rehearse {generating.name}"),
            about={**generating.features.about, "control": generating.name, "fold": str(number)},
            plugins=(f"model/{generating.experiment.model.use}",),
            reads=("facts", "features", "samples", "labels", "parts"),
        )
    for seed in generating.experiment.seeds:
        for key, choice in generating.experiment.generate.items():
            made = in_fold("generate", f"{generating.name} {key}", fold, f"seed {seed}")
            own = {**about, "generator": key, "seed": str(seed)}
            yield Step(
                name=made,
                call=f"{_STEPS}.generate:run",
                settings={**choice.model_dump(), "most": generating.experiment.realism.most, "seed": seed, "fold": number},
                inputs=(*generating.given, f"rehearse {generating.name}"),
                about=own,
                plugins=(f"generator/{choice.use}",),
                reads=_REAL,
            )
            yield _likened(generating, in_fold("liken", f"{generating.name} {key}", fold, f"seed {seed}"), own, [made])
            yield _taught(generating, in_fold("teach", f"{generating.name} {key}", fold, f"seed {seed}"), own, [made], key)
    yield _likened(generating, in_fold("liken", generating.name, fold, "controls"), {**about, "candidate": "controls"}, [])
    for control in _TAUGHT:
        own = {**about, "candidate": control}
        yield _taught(generating, in_fold("teach", generating.name, fold, control), own, [], control)


def _likened(generating: Generating, name: str, about: dict[str, str], made: Sequence[str]) -> Step:
    """A generator, or the controls, held against the test part."""
    number, realism = int(about["fold"]), generating.experiment.realism
    return Step(
        name=name,
        call=f"{_STEPS}.liken:run",
        settings={
            "fold": number,
            "most": realism.most,
            "compared": realism.compared,
            "resamples": realism.resamples,
            "permutations": realism.permutations,
            "seed": generating.study.seed,
        },
        inputs=(*generating.given, *made, *generating.frozen(generating.folds[number])),
        about=about,
        plugins=(f"model/{generating.experiment.model.use}",),
        reads=(*_REAL, *_MADE, *_FROZEN),
    )


def _taught(generating: Generating, name: str, about: dict[str, str], made: Sequence[str], candidate: str) -> Step:
    """The model on synthetic samples, on both, and on real ones beside."""
    number = int(about["fold"])
    return Step(
        name=name,
        call=f"{_STEPS}.teach:run",
        settings={
            **generating.model,
            "candidate": candidate,
            "trainings": generating.experiment.realism.trainings,
            "most": generating.experiment.realism.most,
            "fold": number,
            "seed": generating.study.seed,
        },
        inputs=(*generating.given, *made, *generating.frozen(generating.folds[number])),
        about=about,
        plugins=(f"model/{generating.experiment.model.use}",),
        reads=(*_REAL, *_MADE, *_FROZEN),
    )


def _looked_at(generating: Generating) -> Iterator[Step]:
    """Of the first fold and seed: what pictures are made from."""
    seed, fold, realism = generating.experiment.seeds[0], generating.folds[0], generating.experiment.realism
    for key in generating.experiment.generate:
        yield Step(
            name=f"beside {generating.name} {key}",
            call=f"{_STEPS}.beside:run",
            settings={"examples": realism.examples, "resamples": realism.resamples, "fold": 0, "seed": generating.study.seed},
            inputs=(*generating.given, in_fold("generate", f"{generating.name} {key}", fold, f"seed {seed}")),
            about={**generating.about, "generator": key, "seed": str(seed), "fold": "0"},
            reads=(*_REAL, "split", *_MADE),
        )


def _weighed(generating: Generating) -> Step:
    """All candidates and scores together."""
    name, experiment = generating.name, generating.experiment
    folds = generating.folds
    seeds = [(f"{name} {key}", f"seed {seed}") for seed in experiment.seeds for key in experiment.generate]
    inputs = [
        *(in_fold(verb, who, fold, which) for who, which in seeds for fold in folds for verb in ("generate", "liken", "teach")),
        *(in_fold("liken", name, fold, "controls") for fold in folds),
        *(in_fold("teach", name, fold, control) for fold in folds for control in _TAUGHT),
    ]
    return Step(
        name=f"weigh {name}",
        call=f"{_STEPS}.weigh:run",
        settings={
            "generators": {key: choice.use for key, choice in experiment.generate.items()},
            "seeds": experiment.seeds,
            "model": experiment.model.use,
            "network": not is_estimator(experiment.model.use),
            "unit": experiment.evaluate.unit,
            "resamples": experiment.evaluate.resamples,
            "seed": generating.study.seed,
        },
        inputs=(*generating.given, *inputs),
        about=generating.about,
        reads=(
            *("facts", "features", "labels", "rows", "parts", "split"),
            *("generator", "course", "realism", "realism_about", "taught", "taught_about"),
        ),
    )
