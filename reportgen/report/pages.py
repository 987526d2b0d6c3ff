"""Pages: every template that a build has something for becomes Markdown, with its figures, tables and files beside it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from jinja2 import Environment

from reportgen.report.beside import beside, data_of, downloads_of
from reportgen.report.context import (
    ComparisonContext,
    ContrastContext,
    DatasetContext,
    Download,
    ExperimentContext,
    Picture,
    Report,
    StudyContext,
)
from reportgen.report.figures import plan_figures
from reportgen.report.folder import update
from reportgen.report.gather import report_of
from reportgen.report.numbering import Numbering
from reportgen.report.pictures import pictures_of, placed
from reportgen.report.shelf import Shelf, kinds_of, own_bibliography
from reportgen.report.subjects import Dataset, Experiment
from reportgen.report.templates import Sheet, environment, render, sheets, title_text
from reportgen.store import Build, Store
from reportgen.study import is_estimator

PDF = "report.pdf"
"""Lies beside the pages, so that MkDocs takes it along."""


@dataclass(frozen=True, slots=True)
class Page:
    """One rendered page."""

    slug: str  # file name without the suffix; "index" for the first
    title: str
    section: str  # of the navigation, empty for none
    markdown: str


@dataclass(frozen=True, slots=True)
class Pages:
    """All rendered pages, in the order of the report."""

    folder: Path
    report: Report
    pages: tuple[Page, ...]
    data: tuple[Download, ...]  # data files beside the pages
    templates: tuple[Path, ...]
    changed: bool  # anything in the folder


def render_pages(
    store: Store,
    build: Build,
    drawn: Mapping[str, str],
    folder: Path,
    *,
    templates: Sequence[Path],
    failed: Mapping[str, str],
    public: bool,
    pdf: bool = True,
) -> Pages:
    """Render a build.

    Args:
        store: holds the records and outputs.
        build: what is rendered.
        drawn: {step of a figure: key of its record}.
        folder: gets the pages and what they show; only what changed is written, what is stale is removed.
        templates: folders of templates; the first that has one wins.
        failed: {step: what went wrong}, figures included.
        public: samples of restricted data sets are left out.
        pdf: report.pdf is going to lie beside the pages, so they may link to it.
    """
    shelf = Shelf.of(store, build, drawn.values(), failed, own_bibliography(templates), public=public)
    drawn_pictures = pictures_of(store, drawn.values())
    pictures = [picture for picture, _ in drawn_pictures]
    left_out = _left_out(store, build, drawn, failed) if public else []
    report = report_of(shelf, pictures, downloads_of(shelf), left_out=left_out, pdf=pdf)
    numbering = Numbering(shelf.bibliography)
    pages = _render(list(_drafts(templates, shelf, report, pictures)), templates, numbering)
    files: dict[str, bytes | Path] = {f"{page.slug}.md": page.markdown.encode() for page in pages}
    for _, own in drawn_pictures:
        files |= own
    files |= beside(shelf, numbering, templates)
    changed = update(folder, files, keep=[PDF] if pdf else [])
    return Pages(folder, report, tuple(pages), tuple(data_of(report, numbering.shown)), tuple(templates), changed)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A page that is going to be rendered."""

    slug: str
    title: str
    sheet: Sheet
    context: StudyContext


def _drafts(templates: Sequence[Path], shelf: Shelf, report: Report, pictures: Sequence[Picture]) -> Iterator[_Draft]:
    """Every page that the build has something for."""
    everything = [(sheet, *one) for sheet in sheets(templates) for one in _subjects(sheet, report)]
    there = [one for one in everything if set(one[0].needs) <= _kinds(shelf, one[0], one[3])]
    for sheet, slug, title, subject, extra in there:
        rivals = [rival for rival, _, _, other, _ in there if other == subject and _about(rival) == _about(sheet)]
        figures = placed(sheet, rivals, (picture for picture in pictures if picture.subject == subject))
        key = _key(sheet, report, pictures)
        yield _Draft(slug, title, sheet, _CONTEXTS[sheet.each](report=report, figures=figures, key=key, **extra))


def _about(sheet: Sheet) -> str:
    """What records call the subjects of a page."""
    return _ABOUT.get(sheet.each, sheet.each)


def _kinds(shelf: Shelf, sheet: Sheet, subject: str) -> set[str]:
    """What the build has about a subject, or at all."""
    about = {_about(sheet): subject} if subject else {}
    return {kind for record in shelf.about(**about) for kind in kinds_of(record)}


_CONTEXTS: Mapping[str, Any] = {
    "study": StudyContext,
    "dataset": DatasetContext,
    "experiment": ExperimentContext,
    "comparison": ComparisonContext,
    "recordings": DatasetContext,
    "ratings": DatasetContext,
    "network": ExperimentContext,
    "baseline": ExperimentContext,
    "exploration": ExperimentContext,
    "frequencies": ExperimentContext,
    "signals": ExperimentContext,
    "regression": ExperimentContext,
    "space": ExperimentContext,
    "trajectories": ExperimentContext,
    "contrast": ContrastContext,
}
_ABOUT: Mapping[str, str] = {
    **dict.fromkeys(("recordings", "ratings"), "dataset"),
    **dict.fromkeys(("network", "baseline", "exploration", "frequencies", "signals"), "experiment"),
    **dict.fromkeys(("regression", "space", "trajectories"), "experiment"),
}
"""What records call the subjects that share a context."""


def _subjects(sheet: Sheet, report: Report) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(slug, title, name of the subject, what the context gets of it)."""
    if sheet.each in ("dataset", "recordings", "ratings"):
        own = (d for d in report.datasets if _holds(d) == sheet.each)
        yield from ((d.slug, d.title, d.name, {"dataset": d}) for d in own)
    elif sheet.each in ("experiment", "network", "baseline", "exploration"):
        yield from ((e.slug, e.title, e.name, {"experiment": e}) for e in report.experiments if _kind(e) == sheet.each)
    elif sheet.each == "frequencies":
        asked = ((e, e.frequencies) for e in report.experiments if e.frequencies)
        yield from ((found.slug, f"{sheet.title}: {e.title}", e.name, {"experiment": e}) for e, found in asked)
    elif sheet.each == "trajectories":
        followed = ((e, e.space.trajectories) for e in report.experiments if e.space and e.space.trajectories)
        yield from ((slug, f"{sheet.title}: {e.title}", e.name, {"experiment": e}) for e, slug in followed)
    elif sheet.each in ("signals", "regression", "space"):
        made = (e for e in report.experiments if _kind(e) == sheet.each)
        yield from ((e.slug, f"{sheet.title}: {e.title}", e.name, {"experiment": e}) for e in made)
    elif sheet.each == "contrast":
        for contrast in report.contrasts:
            title = f"{sheet.title}: {contrast.model.id} on {contrast.dataset.title}"
            yield contrast.slug, title, contrast.name, {"contrast": contrast}
    elif sheet.each == "comparison":
        for c in report.comparisons:
            yield c.slug, f"{sheet.title} on {c.dataset.title}, {c.name.partition('-')[2]} split", c.name, {"comparison": c}
    else:
        yield sheet.slug, sheet.title, "", {}


def _holds(dataset: Dataset) -> str:
    """Which page a data set gets."""
    return "recordings" if dataset.recorded else "ratings" if dataset.ratings else "dataset"


_PAGES: Mapping[str, str] = {"explore": "exploration", "generate": "signals", "regress": "regression", "embed": "space"}
"""Tasks that have a page of their own."""


def _kind(experiment: Experiment) -> str:
    """Which page an experiment gets: that of its task, of an estimator, of a network on recordings or images."""
    if experiment.task in _PAGES:
        return _PAGES[experiment.task]
    if experiment.model and is_estimator(experiment.model.id):
        return "baseline"
    return "network" if experiment.recordings else "experiment"


def _key(sheet: Sheet, report: Report, pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    best = report.best[0] if report.best else None
    subjects = {best.name, best.dataset.name} if best and best.dataset else set()
    asked = {e.name for e in report.experiments if e.frequencies and not e.smoke}
    found = {picture.plugin: picture for picture in pictures if picture.subject in asked and "band_views" in picture.needs}
    rated = {e.name for e in report.experiments if e.space or e.regression}
    found |= {picture.plugin: picture for picture in pictures if picture.subject in rated}
    made = {e.name for e in report.experiments if e.synthetic}
    found |= {picture.plugin: picture for picture in pictures if picture.subject in made and "signal_pair" in picture.needs}
    found |= {picture.plugin: picture for picture in pictures if picture.subject in subjects}
    return tuple(found[name] for name in sheet.key if name in found)


def _render(drafts: Sequence[_Draft], templates: Sequence[Path], numbering: Numbering) -> list[Page]:
    """Render all pages in order, twice: numbers of what comes later are known the second time."""
    jinja = environment(templates, numbering.functions())
    _render_once(drafts, jinja, numbering)
    numbering.begin_again()
    return _render_once(drafts, jinja, numbering)


def _render_once(drafts: Sequence[_Draft], jinja: Environment, numbering: Numbering) -> list[Page]:
    pages = []
    for index, draft in enumerate(drafts):
        numbering.page = draft.slug if index else "index"  # the first page is the site's entrance
        values = {field.name: getattr(draft.context, field.name) for field in fields(draft.context)}
        front = f"---\ntitle: {json.dumps(title_text(draft.title), ensure_ascii=False)}\n---\n\n"
        pages.append(Page(numbering.page, draft.title, draft.sheet.section, front + render(jinja, draft.sheet, values)))
    return pages


def _left_out(store: Store, build: Build, drawn: Mapping[str, str], failed: Mapping[str, str]) -> list[str]:
    """Figures of a local report that a public one lacks."""
    return [
        step.name for step in plan_figures(store, build, public=False) if step.name not in drawn and step.name not in failed
    ]
