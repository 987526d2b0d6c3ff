"""`reportgen serve`: MkDocs' own server over the rendered pages; studies and templates are watched beside it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from reportgen import rendering
from reportgen.console import QUIET, Talk
from reportgen.errors import ReportgenError
from reportgen.options import Options
from reportgen.workspace import Workspace


def serve(workspace: Workspace, study: Path, profile: str, address: str, talk: Talk) -> None:
    """Build, serve, and build again when the study, a template or a plugin of the workspace changes.

    MkDocs watches the pages and reloads the browser; we only make them anew.
    """
    from mkdocs.commands.serve import serve as serve_pages

    options = Options(profile=profile, pdf=False)
    rendering.build(workspace, study, options, talk)
    stop = threading.Event()
    again = lambda: _rebuild(workspace, study, options, talk)  # noqa: E731 - what the watcher calls
    threading.Thread(target=_watch, args=(again, workspace, study, stop), daemon=True).start()
    try:
        serve_pages(str(workspace.out / "mkdocs.yml"), dev_addr=address)
    finally:
        stop.set()


def _rebuild(workspace: Workspace, study: Path, options: Options, talk: Talk) -> None:
    try:
        rendering.build(workspace, study, options, Talk(QUIET))
        talk.say("pages are up to date")
    except ReportgenError as error:  # a half-typed study is no reason to stop serving
        talk.errors.print(str(error), markup=False)


def _watch(rebuild: Callable[[], None], workspace: Workspace, study: Path, stop: threading.Event) -> None:
    before = dict(_stamps(workspace, study))
    while not stop.wait(0.5):
        now = dict(_stamps(workspace, study))
        if now != before:
            before = now
            rebuild()


def _stamps(workspace: Workspace, study: Path) -> Iterator[tuple[Path, int]]:
    folders = [*workspace.templates, workspace.root / "plugins"]
    for path in [study, *(file for folder in folders if folder.is_dir() for file in folder.rglob("*") if file.is_file())]:
        if path.exists():
            yield path, path.stat().st_mtime_ns
