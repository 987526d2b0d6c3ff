"""`reportgen build` in order: study, steps, audits, figures, pages, PDF, site. Reads like a table of contents."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from reportgen import __version__
from reportgen.console import VERBOSE, Talk
from reportgen.core import Step
from reportgen.errors import FailedError, StepError, UsageError
from reportgen.pipeline import Conductor, Outcome, status
from reportgen.planning import plan_audits, plan_checks, plan_study
from reportgen.plugins import unknown
from reportgen.store import Build, Record, Store
from reportgen.study import Study, read_study
from reportgen.workers import Pools, pools
from reportgen.workspace import Workspace

if TYPE_CHECKING:
    from reportgen.report.pages import Pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may be asked of a build, beside the study."""

    profile: str = ""
    only: tuple[str, ...] = ()
    device: str = "auto"
    jobs: int = 1
    again: tuple[str, ...] = ()
    public: bool = False
    pdf: bool = True
    strict: bool = True
    paper: str = "A4"
    in_process: bool = False  # for tests and debuggers

    @property
    def threads(self) -> int:
        """CPU threads of one worker."""
        return max(1, len(os.sched_getaffinity(0)) // self.jobs) if hasattr(os, "sched_getaffinity") else 1


@dataclass(slots=True)
class Report:
    """What came of a build."""

    site: Path
    pdf: Path | None = None
    failed: dict[str, str] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # "pages", "site", "PDF": what was written anew


def build(workspace: Workspace, study_path: Path, options: Options, talk: Talk) -> Report:
    """Run what is out of date, then render."""
    made, failed, ran = run(workspace, study_path, options, talk)
    report = render(workspace, study_path.stem, made, options, talk)
    report.failed = {**failed, **report.failed}
    report.ran = ran + report.ran
    return report


def run(workspace: Workspace, study_path: Path, options: Options, talk: Talk) -> tuple[Build, dict[str, str], list[str]]:
    """Bring every step of a study up to date and write the build down.

    Raises:
        UsageError: what the user gave is wrong; nothing is rendered then.
    """
    study, source = read_study(study_path, options.profile, workspace.root)
    _check_words(study, options)
    name, started = study_path.stem, _now()
    store = Store(workspace.store)
    with store.locked(), pools(options.jobs, in_process=options.in_process) as workers:
        conductor = _conductor(store, name, workers, options, talk)
        everything = plan_study(study, workspace.root)
        steps = plan_study(study, workspace.root, options.only)
        talk.say(f"{study.title} ({study.profile} profile): {len(steps)} steps")
        outcome = conductor.run(steps, again=options.again)
        _stop_on_wrong_use(outcome)
        outcome.records |= _up_to_date(everything, store, name, outcome)
        audits = list(plan_audits(study, outcome.records))
        audited = conductor.run(audits, outcome.records, options.again)
        ran, failed = outcome.ran + audited.ran, outcome.failed | audited.failed
        _say_what_ran(talk, len(ran), len(failed), len(steps) + len(audits))
        made = _remember(store, name, study, source, started, audited.records, failed)
    return made, failed, ran


def render(workspace: Workspace, name: str, made: Build | None, options: Options, talk: Talk) -> Report:
    """Draw figures, write pages, print the PDF, build the site: from the store alone."""
    from reportgen.report.figures import plan_figures
    from reportgen.report.pages import render_pages

    store = Store(workspace.store)
    with store.locked():
        if made is None:
            name, made = store.last_build(name)
        known = _records(store, made)
        figures = plan_figures(store, made, public=options.public)
        with pools(max(options.jobs, os.cpu_count() or 1), in_process=options.in_process) as workers:
            drawn = _conductor(store, name, workers, options, talk).run(figures, known, options.again)
        keys = {step.name: drawn.records[step.name].key for step in figures if step.name in drawn.records}
        failed = {**made.failed, **drawn.failed}
        pages = render_pages(
            store, made, keys, workspace.pages, templates=workspace.templates, failed=failed, public=options.public
        )
    report = Report(site=workspace.site, failed=drawn.failed, ran=drawn.ran, changed=["pages"] if pages.changed else [])
    _print_and_publish(workspace, pages, options, talk, report)
    return report


def _print_and_publish(workspace: Workspace, pages: "Pages", options: Options, talk: Talk, report: Report) -> None:
    """PDF first: it lies among the pages, where MkDocs takes it along."""
    from reportgen.report.pdf import print_pdf
    from reportgen.report.site import build_site

    if options.pdf:
        try:
            talk.say("  PDF", level=VERBOSE)
            if print_pdf(pages, workspace.pages, workspace.pages / "report.pdf", paper=options.paper):
                report.changed.append("PDF")
            report.pdf = workspace.site / "report.pdf"
        except FailedError as error:
            report.failed["PDF"] = str(error)
            talk.errors.print(f"  PDF: failed: {error}", markup=False)
    talk.say("  site", level=VERBOSE)
    if build_site(workspace.out, workspace.pages, workspace.site, strict=options.strict):
        report.changed.append("site")


def check(workspace: Workspace, study_path: Path, options: Options, talk: Talk) -> tuple[list[dict[str, object]], list[str]]:
    """Validate a study and its data, and run the audits that need no model.

    Returns:
        The findings and the notices of the data sets.
    """
    study, _ = read_study(study_path, options.profile, workspace.root)
    name, store = study_path.stem, Store(workspace.store)
    with store.locked(), pools(1, in_process=options.in_process) as workers:
        conductor = _conductor(store, name, workers, options, talk)
        outcome = conductor.run(plan_checks(study, workspace.root))
        _stop_on_wrong_use(outcome)
        audits = list(plan_audits(study, outcome.records, untrained=True))
        audited = conductor.run(audits, outcome.records)
        if failed := {**outcome.failed, **audited.failed}:
            raise StepError("; ".join(f"{step}: {text}" for step, text in failed.items()))
        inputs = store.inputs(record.key for record in audited.records.values())
        findings = [finding for _, found in inputs.all("findings") for finding in found]
        notices = [f"{about['dataset']}: {line}" for about, facts in inputs.all("facts") for line in facts["notices"]]
    return findings, notices


def what_would_run(workspace: Workspace, study_path: Path, options: Options) -> Iterable[tuple[Step, str]]:
    """Every step of a study with the reason to run it, "" for none. Nothing is run and no torch is loaded."""
    study, _ = read_study(study_path, options.profile, workspace.root)
    _check_words(study, options)
    store = Store(workspace.store)
    steps = plan_study(study, workspace.root, options.only)
    yield from status([*steps, *plan_audits(study, [step.name for step in steps])], store, study_path.stem)
    store.files.save()


def _check_words(study: Study, options: Options) -> None:
    for name in options.only:
        if name not in study.experiment:
            raise UsageError(f"--only: {unknown('experiment', name, study.experiment)}")


def _conductor(store: Store, study: str, workers: Pools, options: Options, talk: Talk) -> Conductor:
    return Conductor(store, study, workers, talk, device=options.device, threads=options.threads)


def _stop_on_wrong_use(outcome: Outcome) -> None:
    """Faults in what the user gave end the build, all of them at once."""
    if outcome.wrong_use:
        raise UsageError("\n".join(str(error) for error in outcome.wrong_use))


def _up_to_date(steps: Sequence[Step], store: Store, study: str, outcome: Outcome) -> dict[str, Record]:
    """Records of steps that --only left out and that still hold: the report goes on showing them."""
    others = {step.name for step, reason in status(steps, store, study) if not reason} - outcome.records.keys()
    keys = store.latest_keys(study)
    found = {name: store.record(keys[name]) for name in others if name in keys}
    return {name: record for name, record in found.items() if record}


def _say_what_ran(talk: Talk, ran: int, failed: int, total: int) -> None:
    if not ran and not failed:
        talk.say("  nothing to run: every step is up to date")
    else:
        rest = ", the others were up to date" if ran + failed < total else ""
        talk.say(f"  {ran} of {total} steps ran{f', {failed} failed' if failed else rest}")


def _remember(
    store: Store, name: str, study: Study, source: str, started: str, records: Mapping[str, Record], failed: Mapping[str, str]
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
        command=f"reportgen build {name}.toml --profile {study.profile}",
        started=started,
        records=keys,
        failed=dict(failed),
        environment=_environment(),
    )
    store.save_build(name, made)
    return made


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
    ["numpy", "scipy", "scikit-learn", "scikit-image", "torch", "mne", "lime", "matplotlib", "plotly", "jinja2", "mkdocs"]
    + ["mkdocs-material", "weasyprint", "pydantic"]
)


def _records(store: Store, made: Build) -> dict[str, Record]:
    found = {step: store.record(key) for step, key in made.records.items()}
    if gone := [step for step, record in found.items() if record is None]:
        raise UsageError(f"the store lacks what step '{gone[0]}' made", "Run `reportgen build` again: it is made anew.")
    return {step: record for step, record in found.items() if record}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
