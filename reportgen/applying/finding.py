"""The stored model or map of an experiment: what the last build of a study holds of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reportgen.errors import UsageError
from reportgen.outputs import Inputs
from reportgen.plugins import unknown
from reportgen.store import Build, Record, Store

Sort = Literal["pictures", "recordings", "intensities", "map"]
"""What an experiment is applied to: pictures, recordings, or tables, of which a model predicts or a map places intensities."""

_STORED: Mapping[str, str] = {"map": "map", "regressor_weights": "intensities", "weights": "network"}
"""By the kind that holds what was learned; a map that is the plane of valence and arousal has learned nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An experiment of a build, and what is stored of it."""

    store: Store
    study: str  # its name
    build: Build
    name: str  # of the experiment
    sort: Sort
    records: tuple[Record, ...]  # of the whole build
    features: str  # which features of its recordings, "" of others

    @property
    def table(self) -> Mapping[str, Any]:
        """The experiment as it stands in the study."""
        return dict(self.build.study["experiment"][self.name])

    @property
    def title(self) -> str:
        """What its author calls it."""
        return str(self.table["title"] or self.name)

    @property
    def dataset(self) -> str:
        """Name of the data set or pool that it learned from."""
        return str(self.table["dataset"])

    def outputs(self, *kinds: str) -> Inputs:
        """Outputs of the experiment, of its features and of its data set.

        Raises:
            UsageError: one of them is gone, or is not what its step wrote.
        """
        return self.read(filter(self._is_mine, self.records), kinds)

    def read(self, records: Iterable[Record], kinds: Iterable[str]) -> Inputs:
        """Outputs of some kinds of records of this build; nothing is used that is not what its step wrote.

        Raises:
            UsageError: one of them is gone, or is not what its step wrote.
        """
        wanted = set(kinds)
        holding = [record for record in records if wanted & kinds_of(record)]
        for record in holding:
            if fault := self.store.damage(record):
                place = f"what step '{record.step}' left in the store cannot be used: {fault}"
                raise UsageError(place, "Run `reportgen build`: it is made anew.")
        return self.store.inputs((record.key for record in holding), reads=wanted)

    def about(self, kind: str) -> list[Mapping[str, str]]:
        """What the experiment's own outputs of a kind are about, in the order of the build."""
        return [record.about for record in self.records if self._holds(record, kind)]

    def keys(self, kind: str) -> tuple[str, ...]:
        """Keys of the experiment's own records that hold a kind, in the order of the build."""
        return tuple(record.key for record in self.records if self._holds(record, kind))

    def _holds(self, record: Record, kind: str) -> bool:
        return record.about.get("experiment") == self.name and kind in kinds_of(record)

    def _is_mine(self, record: Record) -> bool:
        own = record.about
        if own.get("experiment") == self.name:
            return True
        if own.keys() & {"experiment", "control", "comparison", "contrast", "audit"}:
            return False
        return own.get("dataset") == self.dataset and own.get("features", self.features) == self.features


def find(store: Store, study: str, experiment: str) -> Found:
    """The experiment in the last build of a study; without a name of a study, in the last build of all.

    Raises:
        UsageError: nothing was built, there is no such experiment, or nothing is stored that can be applied.
    """
    name, build = store.last_build(study)
    if experiment not in build.study["experiment"]:
        fault = unknown("experiment", experiment, build.study["experiment"])
        raise UsageError(f"study {name}: {fault}", _others(store, build, name))
    records = tuple(record for record in map(store.record, build.records.values()) if record)
    stored = _stored(records, experiment)
    if not stored:
        raise UsageError(_why_not(build, records, experiment), _others(store, build, name))
    mine = [record.about for record in records if record.about.get("experiment") == experiment]
    features = next((about["features"] for about in mine if "features" in about), "")
    sort: Any = stored if stored != "network" else "recordings" if features else "pictures"
    return Found(store=store, study=name, build=build, name=experiment, sort=sort, records=records, features=features)


def kinds_of(record: Record) -> set[str]:
    """The kinds of a record's outputs."""
    return {output["kind"] for output in record.outputs.values()}


def _held(records: Iterable[Record], experiment: str) -> set[str]:
    """The kinds that an experiment's own records hold."""
    own = (kinds_of(record) for record in records if record.about.get("experiment") == experiment)
    return set().union(*own)


def _stored(records: Iterable[Record], experiment: str) -> str:
    """What can be applied of an experiment, "" if nothing can."""
    held = _held(records, experiment)
    return next((sort for kind, sort in _STORED.items() if kind in held), "")


def _why_not(build: Build, records: Iterable[Record], experiment: str) -> str:
    """Why nothing of an experiment can be applied."""
    table, held = build.study["experiment"][experiment], _held(records, experiment)
    if failed := [step for step in build.failed if experiment in step.split()]:
        return f"experiment '{experiment}' has no stored model: step '{failed[0]}' failed"
    if "fitted" in held and table["task"] == "classify":
        return f"experiment '{experiment}': its model, {table['model']['use']}, is an estimator, whose fit is not kept"
    if not held:
        return f"experiment '{experiment}' was left out of the last build"
    return f"experiment '{experiment}': its task, {table['task']}, keeps no model that can be applied"


def _others(store: Store, build: Build, study: str) -> str:
    """What can be applied instead."""
    records = [record for record in map(store.record, build.records.values()) if record]
    able = [name for name in build.study["experiment"] if _stored(records, name)]
    if not able:
        return f"Nothing of study {study} can be applied: build an experiment with a network or a map."
    return f"What can be applied of study {study}: {', '.join(able)}."
