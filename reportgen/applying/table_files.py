"""A user's table: a csv with a header, of which some columns must be numbers within a scale."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reportgen.emotions import plain
from reportgen.errors import DataError
from reportgen.plugins import unknown

_STOPS = ("stop", "end")
_MOST = 200_000  # rows
_AGAIN = "Export the table as csv in UTF-8, with commas between columns and a header in row 1."


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it was written."""

    file: Path
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # cells, as many as the header has
    lines: tuple[int, ...]  # where rows stand in the file

    def __len__(self) -> int:
        return len(self.rows)

    def named(self, row: int) -> str:
        """`row 5`, as it stands in the file."""
        return f"row {self.lines[row]}"

    @property
    def names(self) -> tuple[str, ...]:
        """`row 2` and so on; nothing for a single row."""
        return tuple(map(self.named, range(len(self)))) if len(self) > 1 else ()

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        place = self.header.index(name)
        return [row[place] for row in self.rows]

    def numbers(self, names: Sequence[str], scale: tuple[float, float] | None = None) -> np.ndarray:
        """Columns as numbers (row, column).

        Raises:
            DataError: a cell is empty, no number, infinite or outside the scale, with its row and column.
        """
        texts = [list(row) for row in zip(*(self.column(name) for name in names), strict=True)]
        try:
            values = np.array(texts, dtype=np.float64).reshape(len(self), len(names))
        except ValueError:
            row, column = next((i, j) for i, j in np.ndindex(len(self), len(names)) if not _is_number(texts[i][j]))
            raise self._fault(row, names[column], texts[row][column], "is no number", "Write numbers with a point.") from None
        wrong = ~np.isfinite(values)
        hint = "Write numbers with a point, in every row."
        if not wrong.any() and scale is not None:
            wrong = (values < scale[0]) | (values > scale[1])
            hint = f"The model knows ratings from {scale[0]:g} to {scale[1]:g}: bring yours to that scale."
        if wrong.any():
            row, column = (int(i) for i in np.argwhere(wrong)[0])
            bounds = "is no finite number" if scale is None or not np.isfinite(values[row, column]) else "is out of the scale"
            raise self._fault(row, names[column], texts[row][column], bounds, hint)
        return values

    def _fault(self, row: int, column: str, cell: str, what: str, hint: str) -> DataError:
        said = f"'{cell[:20]}' {what}" if cell else "is empty"
        return DataError(f"{self.file} row {self.lines[row]}, column {column}: {said}", hint)

    def courses(self) -> tuple[np.ndarray, ...]:
        """Rows (row,) int of each video in the order of time; nothing where no column `start` says when rows begin."""
        if "start" not in self.header:
            return ()
        names = ("start", *(name for name in _STOPS if name in self.header))
        times = self.numbers(names)
        if len(names) > 1 and (late := times[:, 1] < times[:, 0]).any():
            row = int(np.argmax(late))
            raise self._fault(row, names[1], self.column(names[1])[row], "is before its start", "Write seconds since it began.")
        whose = np.array(self.column("video") if "video" in self.header else [""] * len(self))
        each = (np.flatnonzero(whose == name) for name in dict.fromkeys(whose.tolist()))
        return tuple(rows[np.argsort(times[rows, 0], kind="stable")] for rows in each)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def opened(file: Path) -> Table:
    """Read a table.

    Raises:
        DataError: it cannot be read, has no rows, or a row has other cells than the header.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            reader = csv.reader(text, skipinitialspace=True)
            header = tuple(cell.strip() for cell in next(reader, []))
            rows, lines = [], []
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    rows.append(tuple(cell.strip() for cell in cells))
                    lines.append(reader.line_num)
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{file} is no table that can be read: {error}", _AGAIN) from error
    if not rows:
        raise DataError(f"{file} has no row below its header", _AGAIN)
    if len(rows) > _MOST:
        raise DataError(f"{file} has {len(rows):,} rows, more than {_MOST:,}", "Split it.")
    if twice := next((name for i, name in enumerate(header) if name in header[:i]), ""):
        raise DataError(f"{file} row 1: two columns are called '{twice}'", "Rename one of them.")
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(header):
            raise DataError(f"{file} row {line}: {len(row)} cells where the header has {len(header)}", _AGAIN)
    return Table(file=file, header=header, rows=tuple(rows), lines=tuple(lines))


def emotion_columns(table: Table, emotions: Sequence[str]) -> list[str]:
    """The columns of the emotions, by any of their names.

    Raises:
        DataError: one is missing, or two columns mean the same.
    """
    found: dict[str, str] = {}
    for name in table.header:
        if plain(name) in found:
            fault = f"{table.file} row 1: columns '{found[plain(name)]}' and '{name}' mean the same emotion"
            raise DataError(fault, "Rename one of them.")
        found[plain(name)] = name
    for emotion in emotions:
        if plain(emotion) not in found:
            there = unknown("emotion", emotion, table.header).partition(": ")[2]
            fault = f"{table.file} row 1: no column for the emotion '{emotion}': {there}"
            raise DataError(fault, f"The map knows {len(emotions)} emotions: {', '.join(emotions)}.")
    return [found[plain(emotion)] for emotion in emotions]
