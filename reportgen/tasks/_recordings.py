"""The steps that the tasks on recordings share: features, split, and one estimator a fold."""

from collections.abc import Iterator, Sequence
from typing import Any

from reportgen import plugins
from reportgen.core import Step
from reportgen.fingerprint import digest
from reportgen.study import Choice, Experiment, Study

_STEPS = "reportgen.steps"
_ROWS = ("facts", "features", "samples", "labels", "rows")
_FOLDS = ("parts", "fitted", "fold_logits", "fold_validation_logits", "looks")
_SCORED = ("facts", "labels", "rows", "parts", "split", "logits", "test_samples", "validation_logits", "validation_samples")


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
        fits = {f"fit {name}{f' {fold}' if fold else ''} seed {seed}": number for number, fold in enumerate(folds)}
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
        yield Step(
            name=f"evaluate {name} seed {seed}",
            call=f"{_STEPS}.gather:run",
            inputs=(f"split {name}", *fits),
            about={**about, "seed": str(seed)},
            reads=_FOLDS,
        )
    evaluate = experiment.evaluate
    yield Step(
        name=f"score {name}",
        call=f"{_STEPS}.score:run",
        settings={"resamples": evaluate.resamples, "unit": evaluate.unit, "seed": study.seed},
        inputs=(*given, *(f"evaluate {name} seed {seed}" for seed in experiment.seeds)),
        about=about,
        reads=(*_SCORED, "looks"),
    )
    if evaluate.shuffles:
        yield Step(
            name=f"canary {name}",
            call=f"{_STEPS}.canary:run",
            settings={**chosen, "repeats": evaluate.shuffles, "seed": study.seed},
            inputs=given,
            about=about,
            plugins=code,
            reads=(*_ROWS, "parts"),
        )


def later(name: str) -> Step:
    """Stands for the steps of folds that are not known before the split is made."""
    return Step(name=f"fit {name} in each fold", call="", inputs=(f"split {name}",), about={"experiment": name})
