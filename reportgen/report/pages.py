"""Pages: every template that a build has something for becomes Markdown, with its figures, tables and files beside it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from reportgen.errors import MachineError
from reportgen.report.context import DatasetContext, Download, ExperimentContext, Picture, Report, StudyContext
from reportgen.report.figures import plan_figures
from reportgen.report.folder import update
from reportgen.report.gather import report_of
from reportgen.report.numbering import Numbering
from reportgen.report.pictures import pictures_of, placed
from reportgen.report.shelf import Shelf, kinds_of, own_bibliography
from reportgen.report.tables import Table
from reportgen.report.templates import Sheet, environment, sheets, title_text
from reportgen.store import Build, Store

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
    drawn_pictures = pictures_of(store, drawn.values())
    pictures = [picture for picture, _ in drawn_pictures]
    files: dict[str, bytes | Path] = {name: path for _, own in drawn_pictures for name, path in own.items()}
    shelf = Shelf.of(store, build, drawn.values(), failed, own_bibliography(templates), public=public)
    downloads = _downloads(shelf, files)
    left_out = _left_out(store, build, drawn, failed) if public else []
    report = report_of(
        shelf,
        left_out=left_out,
        pdf=pdf,
        downloads=[*downloads, Download(file="downloads/references.bib", title="The references as BibTeX")],
    )
    found = sheets(templates)
    drafts = [draft for sheet in found for draft in _drafts(sheet, found, shelf, report, pictures)]
    numbering = Numbering(shelf.bibliography)
    _render(drafts, templates, numbering)
    numbering = numbering.again()
    pages = _render(drafts, templates, numbering)
    tables = [thing for thing in numbering.shown if isinstance(thing, Table)]
    files |= {f"{page.slug}.md": page.markdown.encode() for page in pages}
    files |= {table.file: table.csv().encode() for table in tables}
    files["downloads/references.bib"] = "\n\n".join(entry.source for entry in numbering.publications()).encode() + b"\n"
    files |= _assets(templates, interactive=any(picture.interactive for picture in pictures))
    changed = update(folder, files, keep=[PDF] if pdf else [])
    data = [*downloads, *_csv(numbering.shown)]
    return Pages(folder, report, tuple(pages), tuple(data), tuple(templates), changed)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A page that is going to be rendered."""

    slug: str
    title: str
    sheet: Sheet
    context: StudyContext


def _drafts(
    sheet: Sheet, everything: Sequence[Sheet], shelf: Shelf, report: Report, pictures: Sequence[Picture]
) -> Iterator[_Draft]:
    """The pages that a template has: none if the build lacks what it needs."""
    rivals = [rival for rival in everything if rival.each == sheet.each]
    key = _key(sheet, report, pictures)
    for slug, title, subject, extra in _subjects(sheet, report):
        about = {sheet.each: subject} if subject else {}
        if set(sheet.needs) <= {kind for record in shelf.about(**about) for kind in kinds_of(record)}:
            figures = placed(sheet, rivals, (picture for picture in pictures if picture.subject == subject))
            yield _Draft(slug, title, sheet, _CONTEXTS[sheet.each](report=report, figures=figures, key=key, **extra))


_CONTEXTS: Mapping[str, Any] = {"study": StudyContext, "dataset": DatasetContext, "experiment": ExperimentContext}


def _subjects(sheet: Sheet, report: Report) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """(slug, title, name of the subject, what the context gets of it)."""
    if sheet.each == "dataset":
        yield from ((d.slug, d.title, d.name, {"dataset": d}) for d in report.datasets)
    elif sheet.each == "experiment":
        yield from ((e.slug, e.title, e.name, {"experiment": e}) for e in report.experiments)
    else:
        yield sheet.slug, sheet.title, "", {}


def _key(sheet: Sheet, report: Report, pictures: Sequence[Picture]) -> tuple[Picture, ...]:
    best = report.best[0] if report.best else None
    subjects = {best.name, best.dataset.name} if best and best.dataset else set()
    found = {picture.plugin: picture for picture in pictures if picture.subject in subjects}
    return tuple(found[name] for name in sheet.key if name in found)


def _render(drafts: Sequence[_Draft], templates: Sequence[Path], numbering: Numbering) -> list[Page]:
    """Render all pages in order; the first one is the site's index."""
    jinja = environment(templates, numbering.functions())
    pages = []
    for index, draft in enumerate(drafts):
        numbering.page = draft.slug if index else "index"
        values = {field.name: getattr(draft.context, field.name) for field in fields(draft.context)}
        body = jinja.from_string(draft.sheet.body).render(values)
        markdown = f"---\ntitle: {json.dumps(title_text(draft.title), ensure_ascii=False)}\n---\n\n{_tidy(body)}"
        pages.append(Page(numbering.page, draft.title, draft.sheet.section, markdown))
    return pages


def _tidy(body: str) -> str:
    """No blanks at line ends, one empty line at most."""
    lines = [line.rstrip() for line in body.strip().splitlines()]
    kept = [line for index, line in enumerate(lines) if line or lines[index - 1]]
    return "\n".join(kept) + "\n"


def _left_out(store: Store, build: Build, drawn: Mapping[str, str], failed: Mapping[str, str]) -> list[str]:
    """Figures of a local report that a public one lacks."""
    return [
        step.name for step in plan_figures(store, build, public=False) if step.name not in drawn and step.name not in failed
    ]


def _downloads(shelf: Shelf, files: dict[str, bytes | Path]) -> list[Download]:
    """Put the study, the build and all scores among the files."""
    build = asdict(shelf.build)
    files["downloads/study.toml"] = shelf.build.source.encode()
    files["downloads/build.json"] = _json(build)
    files["downloads/records.json"] = _json([asdict(record) for record in shelf.records])
    found = [
        Download(file="downloads/study.toml", title="The study file"),
        Download(file="downloads/build.json", title="This build: study, records by key, environment"),
        Download(file="downloads/records.json", title="The records of all steps"),
    ]
    for about, scores in shelf.inputs.all("scores"):
        name = f"downloads/scores-{about['experiment'].replace('_', '-')}.json"
        files[name] = _json(scores)
        found.append(Download(file=name, title=f"All scores of {about['experiment']}"))
    return found


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def _csv(shown: Iterable[Picture | Table]) -> Iterator[Download]:
    for thing in shown:
        if isinstance(thing, Table):
            yield Download(file=thing.file, title=thing.caption)
        else:
            yield Download(file=thing.data, title=thing.title)


def _assets(templates: Sequence[Path], *, interactive: bool) -> dict[str, Path]:
    """Style sheets and scripts; Plotly only where a figure needs it."""
    found: dict[str, Path] = {}
    for folder in templates:
        for path in sorted((folder / "assets").glob("*")):
            found.setdefault(f"assets/{path.name}", path)
    if interactive:
        found["assets/plotly.min.js"] = _plotly()
    return found


def _plotly() -> Path:
    from importlib.util import find_spec

    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise MachineError("plotly is not installed, and a figure is interactive", "pip install plotly")
    return Path(spec.origin).with_name("package_data") / "plotly.min.js"
