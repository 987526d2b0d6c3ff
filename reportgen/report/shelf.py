"""Look-ups in one build: its records, their JSON outputs, what failed, and the plugins that it used."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen import plugins
from reportgen.outputs import Inputs
from reportgen.plugins import Settings
from reportgen.report.references import Publication, parse
from reportgen.report.subjects import Gap, Plugin
from reportgen.search import Tune
from reportgen.store import Build, Record, Store
from reportgen.study import Evaluate, Judge, Lay, Look, Realism, is_estimator

_READ = (
    *("facts", "split", "model", "history", "scores", "explained", "lime_quality", "findings"),
    *("faithfulness", "localisation", "randomisation", "trials", "tuned", "comparison"),
    *("features", "fitted", "canary", "contrast", "outliers", "band_views", "band_scores"),
    *("generator", "course", "signal_scores"),
    *("regression", "map", "map_quality", "laid_about"),
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One build, ready to be looked things up in."""

    build: Build
    records: tuple[Record, ...]
    inputs: Inputs
    failed: Mapping[str, str]
    bibliography: Mapping[str, Publication]
    public: bool

    @classmethod
    def of(
        cls,
        store: Store,
        build: Build,
        drawn: Iterable[str],
        failed: Mapping[str, str],
        bibliography: Mapping[str, Publication],
        *,
        public: bool,
    ) -> "Shelf":
        """Read the records of a build and of its figures (`drawn`: their keys)."""
        found = (store.record(key) for key in (*build.records.values(), *drawn))
        records = tuple({record.step: record for record in found if record}.values())
        inputs = store.inputs((record.key for record in records), reads=_READ)
        own = {about["dataset"]: parse(facts["bibtex"], f"data set {about['dataset']}") for about, facts in inputs.all("facts")}
        everything = {**bibliography, **{key: entry for entries in own.values() for key, entry in entries.items()}}
        return cls(build, records, inputs, failed, everything, public)

    def about(self, **about: str) -> Iterator[Record]:
        """The records about something."""
        return (record for record in self.records if about.items() <= record.about.items())

    def behind(self, experiment: str) -> Iterator[Record]:
        """The records of an experiment, those of its networks on shuffled labels among them."""
        return (
            record for record in self.records if experiment in (record.about.get("experiment"), record.about.get("control"))
        )

    def maker(self, kind: str, **about: str) -> Record | None:
        """The first record that has an output of a kind."""
        return next((record for record in self.about(**about) if kind in kinds_of(record)), None)

    def one(self, kind: str, **about: str) -> Any:
        """The first output of a kind, None if there is none."""
        return next((value for _, value in self.inputs.all(kind, **about)), None)

    def gaps(self, experiment: str = "") -> tuple[Gap, ...]:
        """The steps that did not finish, of an experiment or all; a step's name holds that of its experiment."""
        return tuple(
            Gap(step=step, reason=_one_line(reason))
            for step, reason in self.failed.items()
            if not experiment or experiment in step.split()
        )

    def plugin(self, kind: str, choice: Mapping[str, Any]) -> Plugin:
        """A plugin as the study uses it; the machine that renders may lack it, then it is not described."""
        name = choice["use"]
        return Plugin(
            kind=kind,
            id=name,
            summary=summary(kind, name),
            settings=choice["settings"],
            cites=tuple(key for key, entry in self.bibliography.items() if f"{kind}/{name}" in entry.uses),
        )


def kinds_of(record: Record) -> set[str]:
    """The kinds of a record's outputs."""
    return {output["kind"] for output in record.outputs.values()}


def summary(kind: str, name: str) -> str:
    """A plugin's one-sentence description, empty if this machine lacks it."""
    path = plugins.find(kind).get(name)
    return plugins.summary(path) if path else ""


def meanings(used: Iterable[Plugin]) -> dict[str, dict[str, str]]:
    """What settings mean: {"model fer_vgg": {setting: its description}}, and "train" for those of the training."""
    places = {
        f"{plugin.kind} {plugin.id}": (plugins.find(plugin.kind).get(plugin.id), plugins.VERBS[plugin.kind]) for plugin in used
    }
    estimated = any(plugin.kind == "model" and is_estimator(plugin.id) for plugin in used)
    places["train"] = (plugins.PACKAGE / ("estimating.py" if estimated else "training.py"), "fit")
    places |= {"text": (plugins.PACKAGE / "regression" / "preparing.py", "prepare")}
    places |= {"map": (plugins.PACKAGE / "mapping" / "fitting.py", "fit")}
    tables: Mapping[str, type[Settings]] = {
        "evaluate": Evaluate,
        "judge": Judge,
        "look": Look,
        "tune": Tune,
        "realism": Realism,
        "lay": Lay,
    }
    own = {name: {key: field.description or "" for key, field in table.model_fields.items()} for name, table in tables.items()}
    return own | {name: _documented(path, verb) for name, (path, verb) in places.items() if path}


def _documented(path: Path, verb: str) -> dict[str, str]:
    fields = plugins.settings_of(path, verb).model_fields
    return {
        name: next((m.documentation for m in field.metadata if hasattr(m, "documentation")), "")
        for name, field in fields.items()
    }


def own_bibliography(folders: Iterable[Path]) -> dict[str, Publication]:
    """Publications of the templates' references.bib and of plugins' constant BIBTEX; the first folder's entries win."""
    found: dict[str, Publication] = {}
    for path in (folder / "references.bib" for folder in folders):
        if path.exists():
            found = parse(path.read_text(encoding="utf-8"), path.name) | found
    for kind in plugins.VERBS:
        for name, path in plugins.find(kind).items():
            found |= parse(plugins.constant(path, "BIBTEX", ""), f"{kind} {name}")
    return found


def _one_line(text: str) -> str:
    return ". ".join(line.strip().rstrip(".") for line in text.strip().splitlines()) or "it failed"
