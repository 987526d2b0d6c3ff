"""From a build in the store to the finished report: figures, pages, PDF, site. Imports no torch and reads no data."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from reportgen.building import conductor_of, run
from reportgen.console import VERBOSE, Talk
from reportgen.errors import FailedError, UsageError
from reportgen.options import Options
from reportgen.store import Build, Record, Store
from reportgen.workers import pools
from reportgen.workspace import Workspace


@dataclass(slots=True)
class Report:
    """What came of a build."""

    site: Path
    pdf: Path | None = None
    failed: dict[str, str] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)  # "pages", "site", "PDF": what was written anew


def build(workspace: Workspace, study: Path, options: Options, talk: Talk) -> Report:
    """Run what is out of date, then render."""
    made, failed, ran = run(workspace, study, options, talk)
    report = render(workspace, study.stem, made, options, talk)
    report.failed = {**failed, **report.failed}
    report.ran = ran + report.ran
    return report


def render(workspace: Workspace, name: str, made: Build | None, options: Options, talk: Talk) -> Report:
    """Draw figures, write pages, print the PDF and build the site; without a build, of the last one of that name.

    Raises:
        UsageError: nothing has been built, or the store lacks a part of it.
    """
    from reportgen.report.pages import render_pages

    report = Report(site=workspace.site)
    store = Store(workspace.store)
    with store.locked():
        if made is None:
            name, made = store.last_build(name)
        drawn = _draw(store, name, made, options, talk, report)
        failed = {**made.failed, **report.failed}
        write = partial(render_pages, store, made, drawn, workspace.pages, templates=workspace.templates, public=options.public)
        pages = write(failed=failed, pdf=options.pdf)
        if not _publish(workspace, pages, options, talk, report):
            pages = write(failed={**failed, "PDF": report.failed["PDF"]}, pdf=False)
            _publish(workspace, pages, replace(options, pdf=False), talk, report)
    return report


def _draw(store: Store, name: str, made: Build, options: Options, talk: Talk, report: Report) -> dict[str, str]:
    """Bring the figures up to date: {step: key}."""
    from reportgen.report.figures import plan_figures

    steps = plan_figures(store, made, public=options.public)
    with pools(max(options.jobs, os.cpu_count() or 1), in_process=options.in_process) as workers:
        outcome = conductor_of(store, name, workers, options, talk).run(steps, _records(store, made), options.again)
    report.failed |= outcome.failed
    report.ran += outcome.ran
    if outcome.ran:
        talk.say(f"  {len(outcome.ran)} of {len(steps)} figures drawn")
    return {step.name: outcome.records[step.name].key for step in steps if step.name in outcome.records}


def _records(store: Store, made: Build) -> Mapping[str, Record]:
    """The records of a build; nothing is shown that is not what its step wrote."""
    found: dict[str, Record] = {}
    for step, key in made.records.items():
        record = store.record(key)
        if fault := store.damage(record) if record else "its record is gone or was changed":
            hint = "Run `reportgen build`: it is made anew."
            raise UsageError(f"what step '{step}' left in the store cannot be shown: {fault} ({store.object(key)})", hint)
        assert record is not None
        found[step] = record
    return found


def _publish(workspace: Workspace, pages: Any, options: Options, talk: Talk, report: Report) -> bool:
    """Build the site while another process prints the PDF; False if there is no PDF, and then the site still stands."""
    from reportgen.report.pages import PDF
    from reportgen.report.pdf import plan_pdf
    from reportgen.report.site import build_site, take_pdf

    printing = plan_pdf(workspace, pages, paper=options.paper) if options.pdf else None
    with ThreadPoolExecutor(1) as beside:
        if printing:
            talk.say("  PDF", level=VERBOSE)
        printed = beside.submit(printing.print) if printing else None
        talk.say("  site", level=VERBOSE)
        built = build_site(workspace, pages, strict=options.strict)
    try:
        if printed:
            printed.result()
            report.changed.append("PDF")
    except FailedError as error:
        report.failed["PDF"] = str(error)
        talk.errors.print(f"  PDF: failed: {error}", markup=False)
        return False
    take_pdf(workspace)
    report.changed += ["site"] if built else []
    report.pdf = workspace.site / PDF if options.pdf else None
    return True
