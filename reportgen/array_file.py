"""An .npy file that grows by chunks, so that a data set never has to fit into memory."""

from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.lib import format as npy


class ArrayFile:
    """Append arrays of equal trailing shape to one .npy file; its header is completed on leaving.

    numpy pads an .npy header so that the first axis can grow in place; that is what makes this possible.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._like: np.ndarray | None = None
        self._rows = 0

    def append(self, rows: np.ndarray) -> None:
        """Add rows; dtype and trailing shape must be those of the first ones."""
        if self._like is None:
            self._like = np.empty((0, *rows.shape[1:]), rows.dtype)
            self._write_header()
        if rows.dtype != self._like.dtype or rows.shape[1:] != self._like.shape[1:]:
            raise ValueError(f"rows of {rows.dtype} {rows.shape[1:]} after {self._like.dtype} {self._like.shape[1:]}")
        self._file.write(np.ascontiguousarray(rows).tobytes())
        self._rows += len(rows)

    def _write_header(self) -> None:
        assert self._like is not None
        header = npy.header_data_from_array_1_0(self._like)
        header["shape"] = (self._rows, *self._like.shape[1:])
        self._file.seek(0)
        npy.write_array_header_1_0(self._file, header)
        self._file.seek(0, 2)

    def __enter__(self) -> "ArrayFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._like is not None:
            self._write_header()
        self._file.close()
