"""The website: MkDocs over the rendered pages, skipped when nothing that goes into it has changed."""

import filecmp
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from reportgen.atomic import write_atomically
from reportgen.errors import FailedError
from reportgen.fingerprint import Files, digest
from reportgen.plugins import PACKAGE
from reportgen.report.pages import PDF, Pages
from reportgen.report.templates import title_text
from reportgen.workspace import PACKAGED, Workspace

_OWN = "# Written by `reportgen render`, do not edit: mkdocs.yml above this folder is yours and goes first.\n"
_BUILDERS = ("mkdocs", "mkdocs-material", "pymdown-extensions", "markdown")


def build_site(workspace: Workspace, pages: Pages, *, strict: bool) -> bool:
    """Write MkDocs' configuration and build the site.

    Args:
        workspace: its mkdocs.yml is used, or the packaged one if it has none.
        pages: rendered; report.pdf may be printed meanwhile: `take_pdf` adds it afterwards.
        strict: a warning of MkDocs, such as a dead link, is an error.

    Returns:
        False if pages, configuration and MkDocs are those of the site that is there.

    Raises:
        FailedError: MkDocs refuses.
    """
    config = write_config(workspace, pages)
    files, memory = Files(workspace.out / "build" / "files.json"), workspace.out / "build" / "site.json"
    made_of = [config, workspace.out / "build" / "mkdocs.yml"]
    wanted = digest([_but_pdf(files, workspace.pages), *map(files.content, made_of), *map(version, _BUILDERS), strict])
    if workspace.site.is_dir() and remembered(memory) == {"of": wanted, "site": _but_pdf(files, workspace.site)}:
        return False
    memory.unlink(missing_ok=True)  # a kill while MkDocs writes must not look like a finished site
    _mkdocs(config, strict=strict)
    write_atomically(memory, json.dumps({"of": wanted, "site": _but_pdf(files, workspace.site)}))
    files.save()
    return True


def take_pdf(workspace: Workspace) -> None:
    """Make the site's report.pdf the one that lies beside the pages, or none."""
    printed, shown = workspace.pages / PDF, workspace.site / PDF
    if not printed.exists():
        shown.unlink(missing_ok=True)
    elif not shown.exists() or not filecmp.cmp(printed, shown, shallow=False):
        temporary = shown.with_name(f".{shown.name}.{os.getpid()}")
        shutil.copyfile(printed, temporary)
        os.replace(temporary, shown)


def _but_pdf(files: Files, folder: Path) -> str:
    """Digest of the files of a folder without report.pdf, which is printed at the same time."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / PDF]
    return digest([[path.relative_to(folder).as_posix(), files.content(path)] for path in paths])


def write_config(workspace: Workspace, pages: Pages) -> Path:
    """Write title and navigation into build/mkdocs.yml, which the user's mkdocs.yml inherits; returns the latter."""
    report = pages.report
    values: dict[str, Any] = {
        "site_name": title_text(report.title),
        "site_author": title_text(", ".join(report.authors)),
        "site_description": title_text(report.question),
        "copyright": title_text(
            " · ".join(filter(None, [report.title, f"version {report.version}" if report.version else "", report.date]))
        ),
        "docs_dir": "build/pages",
        "site_dir": "site",
        "nav": _navigation(pages),
    }
    text = _OWN + yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=120)
    _write(workspace.out / "build" / "mkdocs.yml", text)
    own = next(
        (p for p in (workspace.root / "mkdocs.yml", PACKAGED / "mkdocs.yml") if p.exists()), PACKAGE.parent / "mkdocs.yml"
    )
    target = workspace.out / "mkdocs.yml"
    if target != own:
        _write(target, own.read_text(encoding="utf-8"))
    return target


def _navigation(pages: Pages) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for section, members in groupby(pages.pages, key=lambda page: page.section):
        links = [{title_text(page.title): f"{page.slug}.md"} for page in members]
        entries += [{title_text(section): links}] if section else links
    return entries


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text)


def remembered(memory: Path) -> Any:
    """What was written down when something was last made; None if nothing was."""
    try:
        return json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _mkdocs(config: Path, *, strict: bool) -> None:
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # Material's banner
    from mkdocs.commands.build import build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort, MkDocsException

    with _said() as lines:
        try:
            build(load_config(str(config), strict=strict))
        except (Abort, MkDocsException) as error:
            found = "\n  ".join(lines) or str(error)
            raise FailedError(
                f"MkDocs refuses the site:\n  {found}", "Mend mkdocs.yml or the page, or use --no-strict."
            ) from None


@contextmanager
def _said() -> Iterator[list[str]]:
    """What MkDocs warns of, kept from the terminal."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger = logging.getLogger("mkdocs")
    handler, before = Keep(logging.WARNING), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
