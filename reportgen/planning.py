"""From a study to its steps: the tasks say how, and nothing is loaded or run."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from reportgen import plugins
from reportgen.core import Step
from reportgen.study import Study, resolve

UNTRAINED = frozenset(
    {"facts", "samples", "labels", "origin", "sources", "twins", "truth", "class_means", "split", "parts", "twin_free"}
)
"""The kinds that exist before anything is trained: an audit that needs no others runs in `reportgen check`."""


def plan_study(study: Study, root: Path, only: Sequence[str] = ()) -> list[Step]:
    """Every step but comparisons, audits and figures, each after those that it needs; `only` keeps some experiments."""
    experiments = {name: e for name, e in study.experiment.items() if not only or name in only}
    used = {experiment.dataset for experiment in experiments.values()}
    steps = [_load(study, name, root) for name in study.dataset if name in used]
    for name, experiment in experiments.items():
        steps += plugins.verb("task", experiment.task)(name, experiment, study)
    return steps


def plan_checks(study: Study, root: Path) -> list[Step]:
    """The steps that need no training: data, splits, and whether models, losses and explainers fit together."""
    return [step for step in plan_study(study, root) if prepares(step)]


def prepares(step: Step) -> bool:
    """Whether a step comes before all training."""
    return step.name.startswith(("load ", "split ", "rehearse "))


def plan_comparisons(study: Study, finished: Iterable[str]) -> Iterator[Step]:
    """One step for each data set and split that several scored experiments share: scores on other samples are other numbers.

    Smoke-trained experiments have no result to compare.
    """
    experiments, done = study.experiment, set(finished)
    groups: dict[str, list[str]] = {}
    for name, experiment in experiments.items():
        if f"score {name}" in done and not experiment.train["smoke"]:
            groups.setdefault(json.dumps([experiment.dataset, experiment.split.model_dump()]), []).append(name)
    taken: list[str] = []
    for names in groups.values():
        if len(names) < 2:
            continue
        first = experiments[names[0]]
        plain = f"{first.dataset}-{first.split.use}"
        earlier = taken.count(plain)
        taken.append(plain)
        comparison = f"{plain}-{earlier + 1}" if earlier else plain
        evaluated = [f"evaluate {name} seed {seed}" for name in names for seed in experiments[name].seeds]
        trained = [f"train {name} seed {experiments[name].seeds[0]}" for name in names]
        yield Step(
            name=f"compare {comparison}",
            call="reportgen.steps.compare:run",
            settings={
                "experiments": names,
                "split": first.split.model_dump(),
                "resamples": max(experiments[name].evaluate.resamples for name in names),
                "seed": study.seed,
            },
            inputs=(f"load {first.dataset}", *evaluated, *trained, *(f"score {name}" for name in names)),
            about={"dataset": first.dataset, "comparison": comparison},
            reads=("facts", "labels", "twins", "logits", "test_samples", "scores", "model"),
        )


def _load(study: Study, name: str, root: Path) -> Step:
    choice = study.dataset[name]
    return Step(
        name=f"load {name}",
        call="reportgen.steps.load:run",
        settings=choice.model_dump(),
        about={"dataset": name},
        plugins=(f"dataset/{choice.use}",),
        files={setting: resolve(written, root) for setting, written in study.files(name).items()},
    )


def plan_evaluations(study: Study, ever: Mapping[str, int]) -> Iterator[Step]:
    """One step an experiment: how many trainings were ever tried on the test part."""
    for name, count in ever.items():
        if name in study.experiment:
            experiment = study.experiment[name]
            yield Step(
                name=f"evaluations {name}",
                call="reportgen.steps.evaluations:run",
                settings={"ever": count, "shown": len(experiment.seeds)},
                about={"dataset": experiment.dataset, "experiment": name},
            )


def plan_audits(study: Study, steps: Iterable[str], *, untrained: bool = False) -> Iterator[Step]:
    """One step an audit, over all the steps that there are; `untrained`: those that need no model."""
    names = tuple(steps)
    for audit, path in plugins.find("audit").items():
        needs = tuple(plugins.constant(path, "NEEDS", ()))
        if untrained and not set(needs) <= UNTRAINED:
            continue
        chosen = study.audit.get(audit)
        settings = chosen.settings if chosen else plugins.settings("audit", audit)().model_dump(mode="json")
        yield Step(
            name=f"audit {audit}",
            call="reportgen.steps.audit:run",
            settings={"use": audit, "settings": settings},
            inputs=names,
            about={"audit": audit},
            plugins=(f"audit/{audit}",),
            reads=(*needs, "facts"),
        )
