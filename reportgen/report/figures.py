"""Which figures a build has: found by what its records hold, nothing is drawn here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen import plugins
from reportgen.core import Step
from reportgen.report.shelf import kinds_of
from reportgen.store import Build, Record, Store


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure is about: the study, a data set, an experiment, one of its explainers, or a group of experiments."""

    name: str  # empty for the study, "small cam" for an explainer
    about: Mapping[str, str]
    records: tuple[Record, ...]


def plan_figures(store: Store, build: Build, *, public: bool) -> list[Step]:
    """One step for each figure and each subject whose records hold all kinds that the figure needs.

    A figure plugin says `EACH = "study" | "dataset" | "experiment" | "explainer" | "comparison" | "contrast"`, `NEEDS`
    (kinds without which there is nothing to draw), `SHOWS` (kinds that it also reads where they are there) and `HOLDS`
    (what a JSON kind must hold somewhere, or there is nothing to draw either: {kind: way into it}, see `_holds`).

    Args:
        store: holds the records.
        build: what the figures are drawn of.
        public: samples of restricted data sets are not handed in.
    """
    records = [record for key in build.records.values() if (record := store.record(key))]
    return [step for name in plugins.find("figure") for step in _steps(name, store, build, records, public=public)]


def _steps(name: str, store: Store, build: Build, records: Sequence[Record], *, public: bool) -> Iterator[Step]:
    path = plugins.path_of("figure", name)
    needs = tuple(plugins.constant(path, "NEEDS", ()))
    each = plugins.constant(path, "EACH", "study")
    told = (
        ("facts", "history") if each in ("experiment", "explainer") else ("facts",)
    )  # simulated? smoke-trained? The step says so
    reads = tuple(dict.fromkeys((*needs, *plugins.constant(path, "SHOWS", ()), *told)))
    for subject in _subjects(each, build.study, records):
        there = {kind for record in subject.records for kind in _open_kinds(record, public=public)}
        if set(needs) <= there and _filled(store, subject, plugins.constant(path, "HOLDS", {})):
            yield _step(name, subject, build.study, reads, public=public)


def _filled(store: Store, subject: Subject, wanted: Mapping[str, Sequence[str]]) -> bool:
    """Whether some output of each of these kinds holds what is wanted."""
    keys = [record.key for record in subject.records]
    return all(
        any(_holds(value, way) for _, value in store.inputs(keys, reads=(kind,)).all(kind)) for kind, way in wanted.items()
    )


def _holds(value: Any, way: Sequence[str]) -> bool:
    """Whether JSON has anything at the end of a way: names, `*` for any of them, what a text must be, or `one > other`."""
    if not way or value is None:
        return bool(value)
    first, *rest = way
    if isinstance(value, str):
        return value == first
    if rest[:1] == [">"]:
        return bool(value[first] > value[rest[1]])
    inner = value.values() if first == "*" else [value[first]] if first in value else []
    return any(_holds(one, rest) for one in inner)


def _subjects(each: str, study: Mapping[str, Any], records: Sequence[Record]) -> Iterator[Subject]:
    if each == "study":
        yield Subject("", {}, tuple(records))
    elif each == "dataset":
        for name in (*study["dataset"], *study.get("pool", {})):
            yield Subject(name, {"dataset": name}, tuple(_of_dataset(records, name)))
    elif each in ("comparison", "contrast"):
        for name in dict.fromkeys(record.about[each] for record in records if each in record.about):
            own = [record for record in records if record.about.get(each) == name]
            dataset = own[0].about["dataset"]
            yield Subject(name, {"dataset": dataset, each: name}, (*_of_dataset(records, dataset), *own))
    else:
        for name, table in study["experiment"].items():
            own = [record for record in records if record.about.get("experiment") == name]
            about = {"dataset": table["dataset"], "experiment": name}
            whole = Subject(name, about, (*_of_dataset(records, table["dataset"]), *_features(records, own), *own))
            yield from [whole] if each == "experiment" else _explainers(whole, table["explain"])


def _explainers(experiment: Subject, names: Iterable[str]) -> Iterator[Subject]:
    """An experiment once for each of its explainers, without what the others made."""
    for name in names:
        records = tuple(record for record in experiment.records if record.about.get("explainer", name) == name)
        yield Subject(f"{experiment.name} {name}", {**experiment.about, "explainer": name}, records)


def _of_dataset(records: Sequence[Record], name: str) -> Iterator[Record]:
    return (record for record in records if record.about == {"dataset": name})


def _features(records: Sequence[Record], own: Sequence[Record]) -> Iterator[Record]:
    """The features of an experiment, which it may share with others."""
    used = next(({name: r.about[name] for name in ("dataset", "features")} for r in own if "features" in r.about), None)
    return (record for record in records if record.about == used)


def _open_kinds(record: Record, *, public: bool) -> set[str]:
    """The kinds of a record's outputs that may be read."""
    return {output["kind"] for output in record.outputs.values() if not (public and output["restricted"])}


def _step(name: str, subject: Subject, study: Mapping[str, Any], reads: tuple[str, ...], *, public: bool) -> Step:
    read = [record for record in subject.records if kinds_of(record) & set(reads)]
    outputs = [output for record in read for output in record.outputs.values() if output["kind"] in reads]
    asked = study.get("figure", {}).get(name, {"settings": {}})["settings"]
    chosen = plugins.settings("figure", name).model_validate(asked).model_dump(mode="json")
    settings: dict[str, Any] = {"use": name, "settings": chosen}
    if public and any(output["restricted"] for output in outputs):
        settings["public"] = True  # another figure, with a key of its own
    return Step(
        name=f"figure {name} {subject.name}".strip(),
        call="reportgen.steps.figure:run",
        settings=settings,
        inputs=tuple(record.step for record in read),
        about={"figure": name, **subject.about},
        plugins=(f"figure/{name}",),
        reads=reads,
    )
