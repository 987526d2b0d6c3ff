"""From a study to a build in the store: read, run what is out of date, audit, write it down."""

import difflib
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from reportgen import __version__
from reportgen.console import Talk
from reportgen.core import Step
from reportgen.errors import StepError, UsageError
from reportgen.fingerprint import digest
from reportgen.finished import known_classes, same_rows
from reportgen.options import Options
from reportgen.pipeline import Conductor, Outcome, status, up_to_date
from reportgen.planning import (
    Folds,
    plan_audits,
    plan_checks,
    plan_comparisons,
    plan_contrasts,
    plan_evaluations,
    plan_layings,
    plan_study,
    prepares,
)
from reportgen.plugins import find, unknown
from reportgen.store import Build, Record, Store
from reportgen.study import Study
from reportgen.study_file import read_study
from reportgen.workers import Pools, pools
from reportgen.workspace import Workspace


def run(workspace: Workspace, study_path: Path, options: Options, talk: Talk) -> tuple[Build, dict[str, str], list[str]]:
    """Bring every step of a study up to date and write the build down.

    Raises:
        UsageError: what the user gave is wrong; nothing is rendered then.
    """
    study, source = read_study(study_path, options.profile, workspace.root)
    _check_only(study, options)
    name, started = study_path.stem, _now()
    store = Store(workspace.store)
    with store.locked(), pools(options.jobs, in_process=options.in_process) as workers:
        conductor = conductor_of(store, name, workers, options, talk)
        plan = _Plan(study, workspace.root, store, name)
        steps = plan.steps(options.only)
        names = [step.name for step in steps]
        _check_again([*steps, *_plan_compared(study, names, store.evaluations(name), {}, {})], options)
        talk.say(f"{study.title} ({study.profile} profile): {len(steps)} steps")
        outcome = _run(conductor, plan, options)
        everything = plan.steps()
        if options.only:  # the report goes on showing what was left out and still holds
            outcome.records = up_to_date(everything, store, name) | outcome.records
        # In the order of the plan, not of what happened to be up to date: a disturbed build gives the same pages.
        finished = [step.name for step in everything if step.name in outcome.records]
        ever = store.add_evaluations(name, _evaluations(store, outcome.records))
        seen = same_rows(store, study, outcome.records), known_classes(store, study, outcome.records)
        compared = _plan_compared(study, finished, ever, *seen)
        beside = conductor.run(compared, outcome.records, options.again, failed=outcome.failed)
        audited = [name for name in _names(_audited(everything), compared) if name in beside.records]
        audits = list(plan_audits(study, audited))
        looked_back = conductor.run(audits, beside.records, options.again, failed=beside.failed)
        for error in (*beside.wrong_use, *looked_back.wrong_use):
            talk.remarks(str(error))
        ran, failed = outcome.ran + beside.ran + looked_back.ran, looked_back.failed
        _say_what_ran(talk, len(ran), len(failed), len(plan.steps(options.only)) + len(compared) + len(audits))
        planned = _names(finished, [*compared, *audits])
        records = {name: looked_back.records[name] for name in planned if name in looked_back.records}
        command = (
            f"reportgen build {_shown(study_path, workspace.root)} --profile {study.profile} --threads {options.cpu_threads}"
        )
        made = _remember(store, name, study, source, command, started, records, failed)
    return made, failed, ran


class _Plan:
    """The steps of a study: those of its folds are known as soon as its splits are made."""

    def __init__(self, study: Study, root: Path, store: Store, name: str) -> None:
        self._study, self._root, self._store = study, root, store
        self.folds = self.known_folds(up_to_date(plan_checks(study, root), store, name))

    def known_folds(self, records: Mapping[str, Record]) -> Folds:
        """{experiment: names of its folds} of the splits that are made."""
        made = {name: records[f"split {name}"] for name in self._study.experiment if f"split {name}" in records}
        return {name: self._store.inputs([record.key]).one("split")["folds"] for name, record in made.items()}

    def steps(self, only: Sequence[str] = ()) -> list[Step]:
        """All of them, or those of some experiments."""
        return plan_study(self._study, self._root, only, self.folds)


def _run(conductor: Conductor, plan: _Plan, options: Options) -> Outcome:
    """First what needs no training: what the user has to mend is said before hours go into the rest."""
    first = conductor.run([step for step in plan.steps(options.only) if prepares(step)], again=options.again)
    _stop_on_wrong_use(first)
    plan.folds = plan.known_folds(first.records)
    rest = [step for step in plan.steps(options.only) if not prepares(step)]
    outcome = conductor.run(rest, first.records, options.again, failed=first.failed)
    _stop_on_wrong_use(outcome)
    outcome.ran = first.ran + outcome.ran
    return outcome


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found."""

    notices: list[str]  # of the readers of data
    findings: list[dict[str, Any]]
    faults: list[str]  # what the user must mend before a build


def check(workspace: Workspace, study_path: Path, options: Options, talk: Talk) -> Checked:
    """Validate a study and its data, and run the audits that need no model, over whatever could be read."""
    study, _ = read_study(study_path, options.profile, workspace.root)
    name, store = study_path.stem, Store(workspace.store)
    with store.locked(), pools(1, in_process=options.in_process) as workers:
        conductor = conductor_of(store, name, workers, options, talk)
        steps = plan_checks(study, workspace.root)
        outcome = conductor.run(steps)
        finished = [step.name for step in steps if step.name in outcome.records]
        audits = list(plan_audits(study, finished, untrained=True))
        audited = conductor.run(audits, outcome.records)
        done = [*finished, *(step.name for step in audits if step.name in audited.records)]
        inputs = store.inputs(audited.records[name].key for name in done)
        if failed := {**audited.failed, **(outcome.failed if not outcome.wrong_use else {})}:
            raise StepError("; ".join(f"{step}: {text}" for step, text in failed.items()))
        return Checked(
            notices=[f"{about['dataset']}: {line}" for about, facts in inputs.all("facts") for line in facts["notices"]],
            findings=[finding for _, found in inputs.all("findings") for finding in found],
            faults=list(dict.fromkeys(str(error) for error in outcome.wrong_use)),
        )


def what_would_run(workspace: Workspace, study_path: Path, options: Options) -> Iterable[tuple[Step, str]]:
    """Every step of a study with the reason to run it, "" for none. Nothing is run and no torch is loaded."""
    study, _ = read_study(study_path, options.profile, workspace.root)
    _check_only(study, options)
    name, store = study_path.stem, Store(workspace.store)
    plan = _Plan(study, workspace.root, store, name)
    steps = plan.steps(options.only)
    ready = up_to_date([step for step in steps if prepares(step)], store, name)
    seen = same_rows(store, study, ready), known_classes(store, study, ready)
    compared = _plan_compared(study, [step.name for step in steps], store.evaluations(name), *seen)
    audits = plan_audits(study, _names(_audited(steps), compared))
    yield from status([*steps, *compared, *audits], store, name)
    store.files.save()


def _plan_compared(
    study: Study,
    finished: Sequence[str],
    ever: Mapping[str, Sequence[str]],
    same: Mapping[str, str],
    classes: Mapping[str, Sequence[str]],
) -> list[Step]:
    """What looks back on the finished steps, before the audits look at all: comparisons, and counts of evaluations."""
    counted = plan_evaluations(study, {name: len(tried) for name, tried in ever.items()})
    laid = plan_layings(study, finished, classes)
    return [*plan_comparisons(study, finished, same), *plan_contrasts(study, finished), *counted, *laid]


def _audited(steps: Iterable[Step]) -> list[str]:
    """What audits look at: not the networks that were trained on shuffled labels, which are no results themselves."""
    return [step.name for step in steps if "control" not in step.about]


def _names(finished: Iterable[str], steps: Iterable[Step]) -> list[str]:
    return [*finished, *(step.name for step in steps)]


def _check_only(study: Study, options: Options) -> None:
    for name in options.only:
        if name not in study.experiment:
            raise UsageError(f"--only: {unknown('experiment', name, study.experiment)}")


def _check_again(steps: Iterable[Step], options: Options) -> None:
    names = {step.name for step in steps} | {f"{kind} {name}" for kind in ("audit", "figure") for name in find(kind)}
    known = names | {name.partition(" ")[0] for name in names}
    for word in options.again:
        if word not in known and not word.startswith("figure "):
            near = difflib.get_close_matches(word, known, 1)
            told = f": did you mean '{near[0]}'?" if near else ""
            raise UsageError(f"--again: unknown step '{word}'{told}", "`reportgen status` lists the steps.")


def _evaluations(store: Store, records: Mapping[str, Record]) -> dict[str, list[str]]:
    """{experiment: digest of the settings behind each of its evaluations}.

    Settings and not keys: the same training repeated after an update of a library is no new trial.
    """
    found: dict[str, list[str]] = {}
    for record in records.values():
        if record.step.startswith("evaluate "):
            earlier = [made for key in record.inputs.values() if (made := store.record(key))]
            tried = [record.settings, *(made.settings for made in earlier), *_winners(store, earlier)]
            found.setdefault(record.about["experiment"], []).append(digest(tried))
    return found


def _winners(store: Store, earlier: Iterable[Record]) -> list[Any]:
    """Settings that were searched for: another winner on the test part is another trial of it."""
    return [
        tuned["settings"]
        for record in earlier
        for _, tuned in store.inputs(record.inputs.values(), reads=("tuned",)).all("tuned")
    ]


def conductor_of(store: Store, study: str, workers: Pools, options: Options, talk: Talk) -> Conductor:
    """A conductor as the options want it."""
    return Conductor(store, study, workers, talk, device=options.device, threads=options.cpu_threads)


def _stop_on_wrong_use(outcome: Outcome) -> None:
    """Faults in what the user gave end the build, all of them at once and each once."""
    if outcome.wrong_use:
        raise UsageError("\n".join(dict.fromkeys(str(error) for error in outcome.wrong_use)))


def _say_what_ran(talk: Talk, ran: int, failed: int, total: int) -> None:
    if not ran and not failed:
        talk.say("  nothing to run: every step is up to date")
    else:
        rest = ", the others were up to date" if ran + failed < total else ""
        talk.say(f"  {ran} of {total} steps ran{f', {failed} failed' if failed else rest}")


def _remember(
    store: Store,
    name: str,
    study: Study,
    source: str,
    command: str,
    started: str,
    records: Mapping[str, Record],
    failed: Mapping[str, str],
) -> Build:
    """Write the build down, unless it equals the last one."""
    keys = {step: record.key for step, record in records.items()}
    described = {**study.model_dump(mode="json"), "dataset": _flat(study.model_dump(mode="json")["dataset"])}
    try:
        _, last = store.last_build(name)
        if (last.records, last.study, last.source, last.failed) == (keys, described, source, dict(failed)):
            return last
    except UsageError:
        pass  # the first build of this study
    made = Build(
        id=started.replace(":", "-").replace("+00-00", "Z"),
        study=described,
        source=source,
        profile=study.profile,
        command=command,
        started=started,
        records=keys,
        failed=dict(failed),
        environment=_environment(),
    )
    store.save_build(name, made)
    return made


def _shown(path: Path, root: Path) -> str:
    """A study's path as another machine would give it."""
    whole = path.absolute()
    return str(whole.relative_to(root)) if whole.is_relative_to(root) else path.name


def _flat(choices: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    return {name: {"use": choice["use"], **dict(choice["settings"])} for name, choice in choices.items()}  # type: ignore[call-overload]


def _environment() -> dict[str, str]:
    libraries = {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}
    own = {
        "reportgen": __version__,
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
    }
    return own | {name: libraries[name] for name in sorted(libraries, key=str.lower) if name.lower() in _SHOWN}


_SHOWN = frozenset(
    (
        "numpy",
        "scipy",
        "scikit-learn",
        "scikit-image",
        "torch",
        "mne",
        "lime",
        "matplotlib",
        "plotly",
        "jinja2",
        "mkdocs",
        "mkdocs-material",
        "weasyprint",
        "pydantic",
    )
)
"""Libraries whose versions a reader may want; a record holds those that its step used."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
