"""The PDF: the pages as a tagged book, skipped when nothing that goes into it has changed."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from reportgen.atomic import write_atomically
from reportgen.errors import FailedError, MachineError
from reportgen.fingerprint import Files, digest
from reportgen.plugins import PACKAGE
from reportgen.report.pages import PDF, Pages
from reportgen.report.printer import NO_PANGO, Order
from reportgen.report.site import remembered, write_config
from reportgen.workspace import Workspace

_PRINTERS = ("weasyprint", "markdown", "pydyf", "matplotlib")
_INSTALL = "Debian, Ubuntu: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango."


@dataclass(frozen=True, slots=True)
class Printing:
    """A PDF that is not yet printed."""

    order: Order
    wanted: str  # digest of all that goes into it
    memory: Path  # where it is written down that it was printed

    def print(self) -> None:
        """Print report.pdf beside the pages.

        Raises:
            MachineError: WeasyPrint finds no Pango, or too little memory.
            FailedError: a picture has no alternative text, or a link or a file leads nowhere.
        """
        _print(self.order)
        files = Files(self.memory.with_name("files.json"))
        write_atomically(self.memory, json.dumps({"of": self.wanted, "pdf": files.content(Path(self.order.target))}))


def plan_pdf(workspace: Workspace, pages: Pages, *, paper: Literal["A4", "Letter"]) -> Printing | None:
    """What to print; None if pages, templates and libraries are those of the PDF that is there."""
    config, build = write_config(workspace, pages), workspace.out / "build"
    target, memory, files = workspace.pages / PDF, build / "pdf.json", Files(build / "files.json")
    content = [files.content(path) for path in sorted(pages.folder.rglob("*")) if path.is_file() and path != target]
    prints = [files.content(folder / "print") for folder in pages.templates if (folder / "print").is_dir()]
    wanted = digest([content, prints, files.content(config), paper, *map(version, _PRINTERS)])
    if target.exists() and remembered(memory) == {"of": wanted, "pdf": files.content(target)}:
        return None
    files.save()
    from reportgen.report.book import book

    order = Order(
        html=book(pages, _extensions(config), paper=paper),
        folder=str(pages.folder),
        fonts=str(_fonts()),
        target=str(target),
        attached=[(str(pages.folder / download.file), download.title) for download in pages.data],
    )
    return Printing(order, wanted, memory)


def _extensions(config: Path) -> dict[str, Any]:
    """The Markdown extensions of the site, by MkDocs' own reading of its configuration."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    from mkdocs.config import load_config

    read = load_config(str(config))
    return {name: read["mdx_configs"].get(name, {}) for name in read["markdown_extensions"]}


def _fonts() -> Path:
    """Serif, sans and mono that are free to embed and come with matplotlib: the reader's own do not count."""
    from matplotlib import get_data_path

    return Path(get_data_path()) / "fonts" / "ttf"


def _print(order: Order) -> None:
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, "-m", "reportgen.report.printer"],
        input=json.dumps(asdict(order)),
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode == NO_PANGO:
        raise MachineError("WeasyPrint finds no Pango, so there is no PDF", _INSTALL)
    if done.returncode < 0:
        raise MachineError(f"printing the PDF was killed (signal {-done.returncode})", "Out of memory? Use --no-pdf.")
    if done.returncode:
        raise FailedError(f"the PDF could not be printed: {done.stderr.strip()}", "Use --no-pdf to go on without it.")
    if faults := json.loads(done.stdout):
        raise FailedError("the PDF is not complete:\n  " + "\n  ".join(faults), "Mend the page or the figure.")
