"""What lies beside the pages: downloads, the numbers of tables, style sheets and scripts."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reportgen.errors import MachineError
from reportgen.report.context import Download, Picture, Report
from reportgen.report.numbering import Numbering
from reportgen.report.shelf import Shelf
from reportgen.report.tables import Table

_STUDY, _BUILD, _RECORDS, _BIBTEX = (
    f"downloads/{name}" for name in ("study.toml", "build.json", "records.json", "references.bib")
)


def downloads_of(shelf: Shelf) -> list[Download]:
    """What a reader may take away beside the figures and tables."""
    scores = shelf.inputs.about("scores")
    return [
        Download(file=_STUDY, title="The study file"),
        Download(file=_BUILD, title="This build: study, records by key, environment"),
        Download(file=_RECORDS, title="The records of all steps"),
        *(Download(file=_scores(about), title=f"All scores of {about['experiment']}") for about in scores),
        Download(file=_BIBTEX, title="The references as BibTeX"),
    ]


def data_of(report: Report, shown: Iterable[Picture | Table]) -> Iterator[Download]:
    """Every file with data: the downloads and the CSV of each figure and table."""
    yield from report.downloads
    for thing in shown:
        yield (
            Download(file=thing.file, title=thing.caption)
            if isinstance(thing, Table)
            else Download(file=thing.data, title=thing.title)
        )


def beside(shelf: Shelf, numbering: Numbering, templates: Sequence[Path]) -> dict[str, bytes | Path]:
    """{path relative to the pages: content, or a file to copy}."""
    files: dict[str, bytes | Path] = {
        _STUDY: shelf.build.source.encode(),
        _BUILD: _json(asdict(shelf.build)),
        _RECORDS: _json([asdict(record) for record in shelf.records]),
        _BIBTEX: "".join(f"{entry.source}\n\n" for entry in numbering.publications()).encode(),
    }
    files |= {_scores(about): _json(scores) for about, scores in shelf.inputs.all("scores")}
    files |= {thing.file: thing.csv().encode() for thing in numbering.shown if isinstance(thing, Table)}
    return files | _assets(templates, numbering.shown)


def _scores(about: Mapping[str, str]) -> str:
    return f"downloads/scores-{about['experiment']}.json"


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def _assets(templates: Sequence[Path], shown: Iterable[Picture | Table]) -> dict[str, Path]:
    """Style sheets and scripts; Plotly only where a figure needs it."""
    found: dict[str, Path] = {}
    for folder in templates:
        for path in sorted((folder / "assets").glob("*")):
            found.setdefault(f"assets/{path.name}", path)
    if any(isinstance(thing, Picture) and thing.interactive for thing in shown):
        found["assets/plotly.min.js"] = _plotly()
    return found


def _plotly() -> Path:
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise MachineError("a figure is interactive, but plotly is not installed", "pip install plotly")
    return Path(spec.origin).with_name("package_data") / "plotly.min.js"
