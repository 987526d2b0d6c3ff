"""From a study to its steps: the tasks say how, and nothing is loaded or run."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from reportgen import plugins
from reportgen.core import Step
from reportgen.emotions import told_by
from reportgen.study import Study, resolve
from reportgen.tasks._recordings import featured

Folds = Mapping[str, Sequence[str]]
"""{experiment: names of its folds}."""
UNTRAINED = frozenset(
    (
        *("facts", "samples", "labels", "origin", "sources", "twins", "truth", "class_means", "split", "parts", "twin_free"),
        *("signals", "stretches", "quality", "planted", "features", "rows", "pieces"),
        *("intensities", "segments", "modalities", "transcripts", "rater_spread", "overall_ratings"),
    )
)
"""The kinds that exist before anything is trained: an audit that needs no others runs in `reportgen check`."""


def plan_study(study: Study, root: Path, only: Sequence[str] = (), folds: Folds | None = None) -> list[Step]:
    """Every step but comparisons, audits and figures, each after those that it needs.

    Args:
        study: what is planned.
        root: folder that relative data paths start at.
        only: names of the experiments to keep; none: all.
        folds: {experiment: names of its folds}, as far as their splits are made; without them, one step that is no real
            one stands for all of them.
    """
    experiments = {name: e for name, e in study.experiment.items() if not only or name in only}
    asked = {experiment.dataset for experiment in experiments.values()}
    used = {member for name in asked for member in study.members(name)}
    steps = {f"load {name}": _load(study, name, root) for name in study.dataset if name in used}
    steps |= {f"load {name}": _pooled(study, name) for name in study.pool if name in asked}
    for name, experiment in experiments.items():
        planned = plugins.verb("task", experiment.task)(name, experiment, study, (folds or {}).get(name, ()))
        steps |= {step.name: step for step in planned}  # features that experiments share are made once
    return list(steps.values())


def plan_checks(study: Study, root: Path) -> list[Step]:
    """The steps that need no training: data, splits, and whether models, losses and explainers fit together."""
    return [step for step in plan_study(study, root) if prepares(step)]


def prepares(step: Step) -> bool:
    """Whether a step comes before all training."""
    return step.name.startswith(("load ", "features ", "split ", "rehearse "))


def plan_comparisons(study: Study, finished: Iterable[str], same: Mapping[str, str]) -> Iterator[Step]:
    """One step for the experiments that were tested on the same samples: scores on other samples are other numbers.

    Smoke-trained experiments have no result to compare.

    Args:
        study: what is planned.
        finished: names of the finished steps.
        same: {experiment: what is equal for experiments on the same rows}, of those on recordings.
    """
    done = set(finished)
    groups: dict[str, list[str]] = {}
    for name, experiment in study.experiment.items():
        if f"score {name}" in done and not experiment.train.get("smoke"):
            asked = [experiment.dataset, experiment.split.model_dump(), same.get(name, ""), experiment.evaluate.unit]
            groups.setdefault(json.dumps(asked), []).append(name)
    taken: list[str] = []
    for names in groups.values():
        if len(names) > 1:
            first = study.experiment[names[0]]
            comparison = _numbered(f"{first.dataset}-{first.split.use}", taken)
            yield _comparison(study, comparison, names, done)


def _numbered(plain: str, taken: list[str]) -> str:
    """A name that is not taken yet, and now is: the second one ends in -2."""
    taken.append(plain)
    count = taken.count(plain)
    return plain if count == 1 else f"{plain}-{count}"


def _comparison(study: Study, comparison: str, names: Sequence[str], done: Container[str]) -> Step:
    experiments = [study.experiment[name] for name in names]
    first = experiments[0]
    own = featured(first, study).name if study.recordings(first.dataset) else ""
    evaluated = [f"evaluate {name} seed {seed}" for name in names for seed in study.experiment[name].seeds]
    trained = [f"train {name} seed {study.experiment[name].seeds[0]}" for name in names]
    return Step(
        name=f"compare {comparison}",
        call="reportgen.steps.compare:run",
        settings={
            "experiments": list(names),
            "split": first.split.model_dump(),
            "resamples": max(experiment.evaluate.resamples for experiment in experiments),
            "unit": first.evaluate.unit,
            "seed": study.seed,
        },
        inputs=(
            *(f"load {first.dataset}", *filter(None, [own])),
            *evaluated,
            *(step for step in trained if step in done),
            *(f"score {name}" for name in names),
        ),
        about={"dataset": first.dataset, "comparison": comparison},
        reads=("facts", "labels", "twins", "rows", "logits", "test_samples", "scores", "model"),
    )


def plan_contrasts(study: Study, finished: Iterable[str]) -> Iterator[Step]:
    """One step for the experiments on recordings that only differ in their split."""
    done = set(finished)
    groups: dict[str, list[str]] = {}
    for name, experiment in study.experiment.items():
        if f"score {name}" in done and study.recordings(experiment.dataset):
            alike = experiment.model_dump(include={"dataset", "features", "model", "train", "seeds"})
            groups.setdefault(json.dumps(alike), []).append(name)
    taken: list[str] = []
    for names in groups.values():
        first = study.experiment[names[0]]
        splits = {name: study.experiment[name].split.model_dump() for name in names}
        if len(names) > 1:
            contrast = _numbered(f"{first.dataset}-{first.model.use}", taken)
            yield Step(
                name=f"contrast {contrast}",
                call="reportgen.steps.contrast:run",
                settings={
                    "experiments": names,
                    "splits": splits,
                    "resamples": first.evaluate.resamples,
                    "seed": study.seed,
                },
                inputs=(f"load {first.dataset}", *(f"score {name}" for name in names)),
                about={"dataset": first.dataset, "contrast": contrast},
                reads=("facts", "scores"),
            )


def plan_layings(study: Study, finished: Iterable[str], classes: Mapping[str, Sequence[str]]) -> Iterator[Step]:
    """What is put on each map of emotions: its own test part, predictions of intensities, and what classifiers say.

    Of the classifiers of a data set the first one of the study is taken, whose training is no smoke test.

    Args:
        study: what is planned.
        finished: names of the finished steps.
        classes: {data set: its classes or emotions}, as far as they are read.
    """
    done = set(finished)
    for onto, embedding in study.experiment.items():
        emotions = classes.get(embedding.dataset, ())
        if f"embed {onto}" not in done or not emotions:
            continue
        yield _laid(study, onto, onto, "own", [f"split {onto}"], ("intensities", "segments", "parts"))
        taken = set[str]()
        for name, experiment in study.experiment.items():
            own = classes.get(experiment.dataset, ())
            if f"assess {name}" in done and list(own) == list(emotions):
                keys = [f"regress {name} {key} seed {experiment.seeds[0]}" for key in experiment.regress]
                reads = ("intensities", "segments", "parts", "estimates", "regression")
                learned = [f"load {embedding.dataset}", f"split {onto}"]  # did the map see what models are tested on?
                yield _laid(study, onto, name, "regression", [*keys, f"assess {name}", *learned], reads)
            elif _tells(study, name, done, taken) and told_by(own, emotions) is not None:
                taken.add(experiment.dataset)
                recorded = study.recordings(experiment.dataset)
                given = [
                    *([featured(experiment, study).name] if recorded else []),
                    f"evaluate {name} seed {experiment.seeds[0]}",
                ]
                yield _laid(study, onto, name, "classes", given, ("labels", "logits", "test_samples"))


def _tells(study: Study, name: str, done: Container[str], taken: Container[str]) -> bool:
    """Whether an experiment is the first classifier of its data set with a result."""
    experiment = study.experiment[name]
    result = f"evaluate {name} seed {experiment.seeds[0]}" in done and not experiment.train.get("smoke")
    return result and experiment.dataset not in taken


def _laid(study: Study, onto: str, source: str, sort: str, given: Sequence[str], reads: Sequence[str]) -> Step:
    embedding, experiment = study.experiment[onto], study.experiment[source]
    return Step(
        name=f"lay {onto} {source}",
        call="reportgen.steps.lay:run",
        settings={
            "onto": onto,
            "source": source,
            "sort": sort,
            "dataset": experiment.dataset,
            "title": experiment.title or source,
            "videos": embedding.lay.videos,
            "samples": embedding.lay.samples,
            "resamples": embedding.evaluate.resamples,
            "seed": study.seed,
        },
        inputs=tuple(dict.fromkeys((f"embed {onto}", f"load {experiment.dataset}", *given))),
        about={"dataset": embedding.dataset, "experiment": onto, "laid": source},
        reads=("map", "map_weights", "facts", *reads),
    )


def _pooled(study: Study, name: str) -> Step:
    """Several data sets as one: nothing is copied, the features are made of each one's own signals."""
    pool = study.pool[name]
    return Step(
        name=f"load {name}",
        call="reportgen.steps.pool:run",
        settings={**pool.model_dump(mode="json"), "name": name},
        inputs=tuple(f"load {member}" for member in pool.datasets),
        about={"dataset": name},
        reads=("facts", "stretches", "quality"),
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
