"""FER2013 as one table: fer2013.csv, icml_face_data.csv, or Kaggle's train.csv without the column Usage."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from reportgen.datasets._fer_intake import CLASSES, PARTS, SIDE, BadSample, Intake, Row
from reportgen.errors import DataError
from reportgen.plugins import unknown

_LABELS = {str(label): label for label in range(len(CLASSES))}
_PARTS = {part.casefold(): part for part in PARTS}
_AGAIN = "Download the file again; every row of the original is complete."


def read(path: Path, intake: Intake) -> Iterator[Row]:
    """Read one row at a time; the file's row 1 is the header.

    Raises:
        DataError: the header or, unless they are to be skipped, a row is wrong.
    """
    if path.suffix.casefold() != ".csv":
        raise DataError(f"{path} is not a csv file", "Unpack an archive first; for images give the folder of train and test.")
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            table = csv.reader(file)
            columns = _columns(path, next(table, None), intake)
            for cells in filter(None, table):
                source = f"row {table.line_num}"
                try:
                    row = _row(cells, columns, source, intake)
                except BadSample as bad:
                    intake.refuse(f"{path.name} {source}", bad)
                else:
                    if row:
                        yield intake.keep(row)
    except (OSError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}", _AGAIN) from error


def _columns(path: Path, header: Sequence[str] | None, intake: Intake) -> Mapping[str, int]:
    """Where the columns are; order, case and blanks around their names do not matter."""
    if header is None:
        raise DataError(f"{path} is empty", _AGAIN)
    columns = {name.strip().casefold(): i for i, name in enumerate(header)}
    if missing := [name for name in ("emotion", "pixels") if name not in columns]:
        found = ", ".join(name.strip()[:20] or "(blank)" for name in header[:5])
        raise DataError(
            f"{path} row 1: the header has no column {' and no column '.join(missing)}; found {found}",
            "FER2013 has emotion, pixels and Usage: give fer2013.csv or icml_face_data.csv. Kaggle's test.csv has no labels.",
        )
    if "usage" not in columns:
        intake.notices.append(f"{path.name} has no column Usage: all of its rows are taken as Training")
    return columns


def _row(cells: Sequence[str], columns: Mapping[str, int], source: str, intake: Intake) -> Row | None:
    """One image, or None where it is not wanted."""
    if len(cells) < len(columns):
        raise BadSample(f"{len(cells)} cells where the header has {len(columns)}", _AGAIN)
    emotion = cells[columns["emotion"]].strip()
    usage = cells[columns["usage"]].strip() if "usage" in columns else PARTS[0]
    if emotion not in _LABELS:
        raise BadSample(f"emotion is '{emotion[:20]}', not a number from 0 to {len(CLASSES) - 1}", "Correct the row.")
    if usage.casefold() not in _PARTS:
        raise BadSample(unknown("Usage", usage[:20], PARTS), "Correct the row.")
    label, part = _LABELS[emotion], _PARTS[usage.casefold()]
    return Row(_image(cells[columns["pixels"]]), label, part, source) if intake.wants(part, label) else None


def _image(text: str) -> np.ndarray:
    if text.isascii() and text.replace(" ", "").isdigit():  # else numpy would stop in the middle
        values = np.fromstring(text, np.int64, sep=" ")
        if values.size == SIDE * SIDE and values.max() < 256:
            return values.astype(np.uint8).reshape(SIDE, SIDE)
    raise BadSample(_fault(text.split()), _AGAIN)


def _fault(pixels: Sequence[str]) -> str:
    if len(pixels) != SIDE * SIDE:
        return f"{len(pixels):,} pixels where {SIDE} × {SIDE} = {SIDE * SIDE:,} are needed"
    for i, pixel in enumerate(pixels, 1):
        if not (pixel.isascii() and pixel.isdigit() and int(pixel) < 256):
            return f"pixel {i:,} is '{pixel[:20]}', not a whole number from 0 to 255"
    return "pixels are separated by something else than blanks"
