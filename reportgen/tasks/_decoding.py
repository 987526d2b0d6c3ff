"""The steps of a network on recordings: trained in each fold, and on shuffled labels beside it, scored, and explained."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from reportgen.core import Step
from reportgen.study import Experiment, Study
from reportgen.tasks._recordings import EXPLAINED, gathered, in_fold, scored, shuffles

_STEPS = "reportgen.steps"
_LEARNT = ("facts", "features", "samples", "labels", "parts")
_EXPLAINED = (
    *("facts", "signals", "stretches", "planted", "features", "samples", "labels", "rows", "parts", "split"),
    *("model", "weights"),
)
_SIGNALS = ("facts", "signals", "stretches")


class Decoding(NamedTuple):
    """An experiment that trains networks on recordings."""

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
    def loads(self) -> tuple[str, ...]:
        """The steps that read its recordings: of a pool also those of its members."""
        sources = (self.experiment.dataset, *self.study.members(self.experiment.dataset))
        return tuple(f"load {source}" for source in dict.fromkeys(sources))

    @property
    def about(self) -> dict[str, str]:
        """What its steps are about."""
        return {**self.features.about, "experiment": self.name}

    @property
    def code(self) -> tuple[str, ...]:
        """The plugins whose code makes its samples and its network."""
        return (f"model/{self.experiment.model.use}", *self.features.plugins)

    def trained(self, seed: int) -> dict[str, int]:
        """{step: number of the fold}."""
        return {in_fold("train", self.name, fold, f"seed {seed}"): number for number, fold in enumerate(self.folds)}

    def controls(self, repeat: int) -> dict[str, int]:
        """The same on shuffled labels."""
        return {in_fold("train", self.name, fold, f"shuffle {repeat}"): number for number, fold in enumerate(self.folds)}


def rehearsed(name: str, experiment: Experiment, features: Step) -> Step:
    """Model, loss and explainers on an untrained network: what does not fit together is said before the training."""
    explainers = {key: {"use": choice.use, "settings": choice.settings} for key, choice in experiment.explain.items()}
    used = sorted({f"explainer/{choice['use']}" for choice in explainers.values()})
    return Step(
        name=f"rehearse {name}",
        call=f"{_STEPS}.rehearse:run",
        settings={
            "model": experiment.model.model_dump(),
            "loss": experiment.train["loss"],
            "explainers": explainers,
            "unit": experiment.evaluate.unit,
        },
        inputs=(f"load {experiment.dataset}", features.name, f"split {name}"),
        about={**features.about, "experiment": name},
        plugins=(f"model/{experiment.model.use}", *used),
        reads=("facts", "features", "labels", "rows", "parts"),
    )


def steps(decoding: Decoding) -> Iterator[Step]:
    """All steps of the experiment after its split."""
    for seed in decoding.experiment.seeds:
        yield from _learnt(decoding, seed)
    trained = [step for seed in decoding.experiment.seeds for step in decoding.trained(seed)]
    yield scored(decoding.name, decoding.experiment, decoding.study, decoding.features, trained)
    if not decoding.experiment.train["smoke"]:
        yield from _shuffled(decoding)
    yield from _explained(decoding)


def _learnt(decoding: Decoding, seed: int) -> Iterator[Step]:
    """A training and a look at the test part in each fold, and the answers of all folds together."""
    name, experiment, model = decoding.name, decoding.experiment, decoding.code[:1]
    answers = []
    for (train, number), fold in zip(decoding.trained(seed).items(), decoding.folds, strict=True):
        about = {**decoding.about, "fold": str(number), "seed": str(seed)}
        yield Step(
            name=train,
            call=f"{_STEPS}.train:run",
            settings={"model": experiment.model.model_dump(), "train": experiment.train, "seed": seed, "fold": number},
            inputs=(*decoding.given, f"rehearse {name}"),
            about=about,
            plugins=model,
            reads=_LEARNT,
        )
        answers.append(in_fold("answer", name, fold, f"seed {seed}"))
        yield Step(
            name=answers[-1],
            call=f"{_STEPS}.answer:run",
            settings={"fold": number},
            inputs=(*decoding.given, train),
            about=about,
            plugins=model,
            reads=("facts", "features", "samples", "parts", "model", "weights"),
        )
    yield gathered(name, decoding.about, seed, (*decoding.trained(seed), *answers))


def _shuffled(decoding: Decoding) -> Iterator[Step]:
    """The same trainings on shuffled labels, and what they score."""
    experiment, repeats = decoding.experiment, shuffles(decoding.experiment)
    for repeat in range(repeats):
        for train, number in decoding.controls(repeat).items():
            yield Step(
                name=train,
                call=f"{_STEPS}.train_shuffled:run",
                settings={
                    "model": experiment.model.model_dump(),
                    "train": experiment.train,
                    "seed": decoding.study.seed,
                    "fold": number,
                    "repeat": repeat,
                },
                inputs=(*decoding.given, f"rehearse {decoding.name}"),
                about={**decoding.features.about, "control": decoding.name, "fold": str(number), "shuffle": str(repeat)},
                plugins=decoding.code[:1],
                reads=(*_LEARNT, "rows"),
            )
    if repeats:
        yield Step(
            name=f"canary {decoding.name}",
            call=f"{_STEPS}.canary_network:run",
            settings={"repeats": repeats, "seed": decoding.study.seed},
            inputs=(*decoding.given, *(step for repeat in range(repeats) for step in decoding.controls(repeat))),
            about=decoding.about,
            plugins=decoding.code[:1],
            reads=(*_LEARNT, "rows", "model", "weights"),
        )


def _explained(decoding: Decoding) -> Iterator[Step]:
    """Every explainer on the networks of the first seed, beside those of shuffled labels where they were trained."""
    experiment, seed = decoding.experiment, decoding.experiment.seeds[0]
    smoke = experiment.train["smoke"]
    controls = decoding.controls(0) if shuffles(experiment) and not smoke else {}
    networks = (*decoding.trained(seed), *controls, f"evaluate {decoding.name} seed {seed}")
    evaluate = experiment.evaluate
    everyone = experiment.images_per_class if "images_per_class" in experiment.model_fields_set else EXPLAINED
    for key, choice in experiment.explain.items():
        yield Step(
            name=f"explain {decoding.name} {key}",
            call=f"{_STEPS}.listen:run",
            settings={
                "use": choice.use,
                "settings": choice.settings,
                "unit": evaluate.unit,
                "seed": decoding.study.seed,
                "samples_per_class": choice.images_per_class or everyone,
            },
            inputs=tuple(dict.fromkeys((*decoding.loads, *decoding.given, *networks))),
            about={**decoding.about, "seed": str(seed), "explainer": key},
            plugins=(f"explainer/{choice.use}", *decoding.code),
            reads=_EXPLAINED,
        )
        if "retrain" in choice.settings.get("views", ()) and not smoke:
            yield _retrained(decoding, key, choice.settings)


def _retrained(decoding: Decoding, key: str, settings: dict[str, Any]) -> Step:
    experiment, seed = decoding.experiment, decoding.experiment.seeds[0]
    return Step(
        name=f"retrain {decoding.name} {key}",
        call=f"{_STEPS}.retrain:run",
        settings={
            "model": experiment.model.model_dump(),
            "train": experiment.train,
            "bands": settings["bands"],
            "unit": experiment.evaluate.unit,
            "seed": seed,
        },
        inputs=tuple(dict.fromkeys((*decoding.loads, *decoding.given, f"evaluate {decoding.name} seed {seed}"))),
        about={**decoding.about, "seed": str(seed), "explainer": key},
        plugins=tuple(dict.fromkeys((*decoding.code, "feature/band_filter"))),
        reads=(*_SIGNALS, *_LEARNT, "rows", "logits"),
    )
