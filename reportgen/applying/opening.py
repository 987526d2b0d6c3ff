"""Looks at a user's files before anything is read of them: are they there, and of the kind that the experiment takes?"""

from collections.abc import Sequence
from pathlib import Path

from reportgen.applying.finding import Found, Sort
from reportgen.datasets._recording_files import FORMATS
from reportgen.errors import DataError, UsageError

_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp")
_TABLES = (".csv", ".tsv", ".txt", ".xlsx")
_TAKES: dict[Sort, str] = {
    "pictures": "pictures, such as PNG or JPEG",
    "recordings": f"recordings of EEG ({', '.join(FORMATS)}), or csv with the columns timestamps and the channels",
    "intensities": "tables in csv with the columns that its model learned from, such as text",
    "map": "tables in csv with a column for each emotion",
}


def checked(found: Found, files: Sequence[Path]) -> list[Path]:
    """The files, if all of them may be what the experiment is applied to.

    Raises:
        UsageError: there is none, or one stands there twice.
        DataError: one does not exist, is a folder or empty, or is of another kind.
    """
    if not files:
        raise UsageError("no file is given", f"Experiment '{found.name}' takes {_TAKES[found.sort]}.")
    if twice := [file for i, file in enumerate(files) if file.resolve() in {other.resolve() for other in files[:i]}]:
        raise UsageError(f"{twice[0]} is given twice", "Give each file once.")
    for file in files:
        _check(found, file)
    return list(files)


def _check(found: Found, file: Path) -> None:
    takes = f"Experiment '{found.name}' takes {_TAKES[found.sort]}."
    if not file.exists():
        raise DataError(f"{file} does not exist", takes)
    if not file.is_file():
        raise DataError(f"{file} is a folder" if file.is_dir() else f"{file} is no file", f"Name its files. {takes}")
    if not file.stat().st_size:
        raise DataError(f"{file} is empty", f"Export or copy it again. {takes}")
    looks = _looks_like(file)
    fits = {"pictures": "picture", "recordings": "recording", "intensities": "table", "map": "table"}[found.sort]
    if looks and looks != fits and not (looks == "table" and fits == "recording" and file.suffix.casefold() == ".csv"):
        raise DataError(f"{file} is a {looks}, which experiment '{found.name}' does not take", takes)


def _looks_like(file: Path) -> str:
    """What the name of a file says that it is, "" if it says nothing."""
    name = file.name.casefold()
    if name.endswith(FORMATS):
        return "recording"
    kinds = {"picture": _PICTURES, "table": _TABLES}
    return next((kind for kind, endings in kinds.items() if name.endswith(endings)), "")
