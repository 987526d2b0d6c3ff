"""The head as a grid, seen from above with the nose up: which electrode is in which cell."""

from collections.abc import Mapping, Sequence

import numpy as np

from reportgen.errors import UsageError
from reportgen.montage import positions

_MIDDLE = """
    F7  F5  F3  F1  FZ  F2  F4  F6  F8
    FT7 FC5 FC3 FC1 FCZ FC2 FC4 FC6 FT8
    T7  C5  C3  C1  CZ  C2  C4  C6  T8
    TP7 CP5 CP3 CP1 CPZ CP2 CP4 CP6 TP8
    P7  P5  P3  P1  PZ  P2  P4  P6  P8
    .   PO7 PO5 PO3 POZ PO4 PO6 PO8 .
    .   .   CB1 O1  OZ  O2  CB2 .   .
"""
GRIDS: Mapping[str, str] = {
    # 4D-CRNN (Shen et al. 2020, Cogn. Neurodyn. 14, 815)
    "8x9": f"""
    .   .   AF3 FP1 FPZ FP2 AF4 .   .   {_MIDDLE}""",
    # TorchEEG
    "9x9": f"""
    .   .   .   FP1 FPZ FP2 .   .   .
    .   .   .   AF3 .   AF4 .   .   .   {_MIDDLE}""",
}
"""{name: picture of it}: one line a row, a dot where there is no electrode."""


def shape_of(grid: str) -> tuple[int, int]:
    """Rows and columns."""
    cells = _cells(grid)
    return len(cells), len(cells[0])


def places(grid: str, channels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Row and column (channel,) of each channel; names are found by the place that they have on the head, in any spelling.

    Raises:
        UsageError: the grid has no cell for a channel, or one for two of them.
    """
    named = {name: (row, column) for row, line in enumerate(_cells(grid)) for column, name in enumerate(line) if name != "."}
    cells = {place: named[name] for name, place in (positions(list(named)) or {}).items()}
    found = positions(channels) or {}
    unknown = [channel for channel in channels if found.get(channel) not in cells]
    if unknown:
        raise UsageError(
            f"the {grid} grid has no place for {', '.join(unknown)}",
            "Leave these channels out where the data set is read, or do without the grid.",
        )
    taken = [cells[found[channel]] for channel in channels]
    if len(set(taken)) < len(taken):
        twice = [channel for channel, cell in zip(channels, taken, strict=True) if taken.count(cell) > 1]
        raise UsageError(f"in the {grid} grid, {', '.join(twice)} share a place", "Leave one of them out.")
    rows, columns = np.array(taken, int).reshape(-1, 2).T
    return rows, columns


def _cells(grid: str) -> list[list[str]]:
    return [line.split() for line in GRIDS[grid].strip().splitlines() if line.strip()]
