"""One csv of the Muse headband: time stamps and channels, read as they stand."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reportgen.datasets._gaps import PACKET
from reportgen.errors import DataError

STAMPS = "timestamps"
_FAR = 1.5  # times the interval that stamps should have: not a matter of clocks any more
_AGAIN = "Download the file again."


def read(path: Path, name: str, channels: Sequence[str], rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Read the stamps and channels of a recording.

    Args:
        path: of the csv; its columns may stand in any order, and its row 1 is the header.
        name: that errors call it.
        channels: columns that are wanted.
        rate: Hz that the stamps should have.

    Returns:
        Stamps (time,) s, and values (channel, time) µV, NaN where a cell is empty.

    Raises:
        DataError: the table is wrong, with the row.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, *rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row] or [[]]
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{name} cannot be read: {error}", _AGAIN) from error
    wanted = (STAMPS, *channels)
    if missing := [column for column in wanted if column not in header]:
        found = ", ".join(header[:8]) or "nothing"
        hint = f"The headband's csv has {', '.join(wanted)}."
        raise DataError(f"{name} row 1: no column {' and no column '.join(missing)}; found {found}", hint)
    values = _numbers(rows, len(header), name)[:, [header.index(column) for column in wanted]].T
    _check(values[0], rate, name)
    return values[0], values[1:]


def _numbers(rows: Sequence[Sequence[str]], width: int, name: str) -> np.ndarray:
    """(row, column); an empty cell is NaN."""
    for i, row in enumerate(rows, 2):
        if len(row) != width:
            raise DataError(f"{name} row {i}: {len(row)} cells where the header has {width}", _AGAIN)
    if len(rows) < 2:
        raise DataError(f"{name} holds {len(rows)} samples", _AGAIN)
    try:
        return np.array([[cell or "nan" for cell in row] for row in rows]).astype(np.float64)
    except ValueError:
        i, cell = next((i, cell) for i, row in enumerate(rows, 2) for cell in row if cell and not _is_number(cell))
        raise DataError(f"{name} row {i}: '{cell[:20]}' is not a number", "Correct the row.") from None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _check(stamps: np.ndarray, rate: float, name: str) -> None:
    """Stamps are seconds that do not go back."""
    if not np.isfinite(stamps).all():
        raise DataError(f"{name} row {2 + int(np.argmin(np.isfinite(stamps)))}: no time stamp", "Correct or delete the row.")
    intervals = np.diff(stamps)
    if (intervals < 0).any():
        place = int(np.argmax(intervals < 0))
        fault = f"{name} row {place + 3}: the time stamp goes back by {-intervals[place]:.3f} s"
        raise DataError(fault, "Sort the rows by their stamps, or split the file where the clock was set.")
    apart = min(PACKET, len(stamps) - 1)
    interval = float(np.median(stamps[apart:] - stamps[:-apart])) / apart  # of a packet, so that bursts do not matter
    if not 1 / _FAR < interval * rate < _FAR:
        fault = f"{name}: typical stamps are {interval:g} s apart, where {rate:g} Hz make {1 / rate:.4g} s"
        raise DataError(fault, f"`{STAMPS}` are seconds.")
