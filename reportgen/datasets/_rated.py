"""What readers of ratings share: tables of text as rows with their numbers, cells as numbers, and ratings in range."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from reportgen.core import Segments
from reportgen.datasets._tally import listed
from reportgen.errors import DataError

Rows = Mapping[int, Sequence[str]]
"""{number of the row as a spreadsheet shows it: its cells}; the header is row 1."""
_AGAIN = "Download the file again."
_SAVE = "Save it as csv: cells separated by commas, text in UTF-8."


def read_rows(path: Path, separator: str = ",") -> tuple[tuple[str, ...], Rows]:
    """Read a table; blanks around the names of its columns are dropped, and so are blank rows.

    Returns:
        The header, and at least one row; each has a cell for each name of the header.

    Raises:
        DataError: the file is missing, empty, broken or no table.
    """
    if not path.is_file():
        told = "is no file" if path.exists() else "does not exist"
        raise DataError(f"{path} {told}", "Give a csv file; is its variable set?")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            found = csv.reader(file, delimiter=separator, skipinitialspace=True, strict=True)
            rows = {number: cells for number, cells in enumerate(found, 1) if any(map(str.strip, cells))}
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is no table of text in UTF-8: byte {error.start:,} is none", _SAVE) from error
    except (OSError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}", _AGAIN) from error
    if not rows:
        raise DataError(f"{path} is empty", _AGAIN)
    return _checked(rows, path)


def _checked(rows: dict[int, list[str]], path: Path) -> tuple[tuple[str, ...], Rows]:
    header = tuple(name.strip() for name in rows.pop(min(rows)))
    if any("\0" in name for name in header):
        raise DataError(f"{path} is a binary file and no table", _SAVE)
    if not rows:
        raise DataError(f"{path} has a header and no rows", _AGAIN)
    for number, cells in rows.items():
        if len(cells) != len(header):
            raise DataError(f"{path} row {number:,}: {len(cells)} cells where the header has {len(header)}", _AGAIN)
    return header, rows


def numbers(rows: Rows, columns: Mapping[str, int], place: str, *, blank: bool = False) -> np.ndarray:
    """Some columns of a table as numbers.

    Args:
        rows: of `read_rows`.
        columns: {name for messages: place in the row}.
        place: the file, for messages.
        blank: whether a cell may be empty or `NaN`, which is NaN.

    Returns:
        (row, column) float64.

    Raises:
        DataError: a cell is no number, with its row and column.
    """
    cells = [[row[i].strip() or "nan" for i in columns.values()] for row in rows.values()]
    try:
        values = np.array(cells).astype(np.float64)
    except ValueError:
        values = np.array([[_number(cell) for cell in row] for row in cells])
    bad = np.isinf(values) | (np.isnan(values) & (not blank))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        number, name = list(rows)[row], list(columns)[column]
        cell = rows[number][columns[name]].strip()
        told = f"'{cell[:20]}' is no number" if cell else "the cell is empty"
        raise DataError(f"{place} row {number:,}, column {name}: {told}", "Correct the row or delete it.")
    return values


def _number(cell: str) -> float:
    """Infinite where there is none, which no table means."""
    try:
        return float(cell)
    except ValueError:
        return np.inf


def in_range(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, str]:
    """Which rows of (row, emotion) lie in a scale; NaN lies in all.

    Returns:
        (row,) bool, and what to say of the others: `from -1 to 12 where 0 to 3 is the scale`; "" if there are none.
    """
    wrong = (values < low) | (values > high)
    good = np.asarray(~wrong.any(axis=1))
    if good.all():
        return good, ""
    least, most = values[wrong].min(), values[wrong].max()
    span = f"from {least:.3g} to {most:.3g}" if least < most else f"{least:.3g}"
    return good, f"{span} where {low:g} to {high:g} is the scale"


class Counted:
    """What is left out or missing, counted over videos."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, int]] = {}

    def add(self, fault: str, video: str, segments: int) -> None:
        """Count a fault of some segments of a video; of none, nothing."""
        if segments:
            videos = self._found.setdefault(fault, {})
            videos[video] = videos.get(video, 0) + int(segments)

    def lines(self) -> tuple[str, ...]:
        """One line a fault: `out of range left out: 4 segments of 3 videos (a, b and c)`."""
        return tuple(
            f"{fault}: {_several(sum(videos.values()), 'segment')} of {_several(len(videos), 'video')} ({listed(list(videos))})"
            for fault, videos in self._found.items()
        )


def _several(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"


def by_video(videos: Sequence[str], parts: Sequence[str], start: np.ndarray, stop: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of each video and part, in the order of time; videos in the order of their names."""
    names, video = np.unique(np.asarray(videos), return_inverse=True)
    _, part = np.unique(np.asarray(parts), return_inverse=True)
    order = np.lexsort((stop, start, part, video))
    if len(names):
        changes = np.flatnonzero((np.diff(video[order]) != 0) | (np.diff(part[order]) != 0)) + 1
        yield from np.split(order, changes)


def told_last(videos: Iterable[Segments], notices: Callable[[], Sequence[str]]) -> Iterator[Segments]:
    """The same videos; what is to be said about all of them comes with the last."""
    last: Segments | None = None
    for video in videos:
        if last is not None:
            yield last
        last = video
    if last is not None:
        yield replace(last, notices=(*last.notices, *notices()))
