"""From a user's files to a page: which experiment, what it says of them, where it lies in the space of emotions."""

from collections.abc import Sequence
from pathlib import Path

from reportgen.applying.answers import Answer
from reportgen.applying.finding import Found, find
from reportgen.applying.opening import checked
from reportgen.applying.page import asked_of, rendered
from reportgen.atomic import write_atomically
from reportgen.console import Talk
from reportgen.errors import MachineError, UsageError
from reportgen.store import Store
from reportgen.workspace import Workspace

SUFFIXES = (".html", ".htm")


def apply(workspace: Workspace, study: str, experiment: str, files: Sequence[Path], out: Path | None, talk: Talk) -> Path:
    """Run a stored model or map of the last build on files and write one page; nothing is trained, the store is only read.

    Args:
        workspace: whose store and templates.
        study: name of one that was built; "" for the last one.
        experiment: name of one of its experiments.
        files: pictures, recordings or tables, as the experiment takes them.
        out: the page; None: applied/EXPERIMENT.html in the workspace.
        talk: is told what was said of each file, and where the page is.

    Returns:
        Where the page is.

    Raises:
        UsageError: nothing that can be applied is stored, or the page cannot be put there.
        DataError: a file is not what the experiment takes.
    """
    found = find(Store(workspace.store), study, experiment)
    given = checked(found, files)
    target = _target(workspace, found, given, out)
    asked = asked_of(found)
    made = _answers(found, given)
    write_atomically(target, rendered(asked, made, workspace.templates))
    for answer in made:
        talk.say(f"{answer.name}: {answer.said}")
        for warning in answer.warnings:
            talk.say(f"  warning: {warning}")
    if asked.smoke:
        talk.say("  warning: this model was trained to try the code only: its answers are no result")
    talk.say(f"page  {target}")
    return target


def _answers(found: Found, files: Sequence[Path]) -> list[Answer]:
    """What the experiment says of each file.

    Raises:
        MachineError: torch is not installed: the report half does without it, and a model does not.
    """
    try:
        from reportgen.applying import pictures, recordings, tables
        from reportgen.applying.space import place_classes
    except ModuleNotFoundError as error:
        raise MachineError(f"apply runs models, for which {error.name} is needed", "pip install 'reportgen[run]'") from None
    if found.sort in ("map", "intensities"):
        return tables.answers(found, files)
    read = pictures.answers if found.sort == "pictures" else recordings.answers
    made, probabilities, classes = read(found, files)
    return place_classes(found, made, probabilities, classes)


def _target(workspace: Workspace, found: Found, files: Sequence[Path], out: Path | None) -> Path:
    """Where the page goes."""
    target = out or workspace.root / "applied" / f"{found.name}.html"
    if target.is_dir():
        raise UsageError(f"{target} is a folder", f"Name the page: --out {target / f'{found.name}.html'}.")
    if target.suffix.casefold() not in SUFFIXES:
        raise UsageError(f"--out {target}: the page is HTML", f"Name it {target.with_suffix('.html')}.")
    if target.resolve() in {file.resolve() for file in files}:
        raise UsageError(f"--out {target} is one of the files that are read", "Name another file.")
    return target
