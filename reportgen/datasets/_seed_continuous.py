"""Opens continuous .cnt recordings: two makers call their files so, Neuroscan (read by MNE) and ANT (read by antio)."""

import importlib.util
import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mne
import numpy as np

from reportgen.datasets._seed_files import Source, said
from reportgen.errors import DataError, MachineError

AGAIN = "Download the file again, or leave its subject out: `subjects`."
_HEADER, _ELECTRODE = 900, 75  # bytes of a Neuroscan file's header, and of that of each channel
_MICROVOLTS = frozenset({"uv", "µv", "μv"})  # the last two differ: micro sign and Greek mu
_BROKEN = (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError, struct.error)


class Continuous(ABC):
    """A recording on disk, of which parts can be read."""

    names: Sequence[str]  # of the channels
    rate: float  # Hz
    samples: int

    @abstractmethod
    def part(self, picks: Sequence[int], first: int, last: int) -> np.ndarray:
        """(channel, time) µV of the channels `picks`, from sample `first` to before `last`."""


class _Neuroscan(Continuous):
    def __init__(self, source: Source, header: bytes) -> None:
        self._raw = _open_neuroscan(source, header)
        self.names, self.rate, self.samples = self._raw.ch_names, float(self._raw.info["sfreq"]), self._raw.n_times

    def part(self, picks: Sequence[int], first: int, last: int) -> np.ndarray:
        return np.asarray(self._raw[list(picks), first:last][0] * 1e6)  # V to µV


class _Ant(Continuous):
    """Without MNE: it also asks for the birthday, and antio 0.7 ends the whole process where a file has none."""

    def __init__(self, path: Path, shown: str) -> None:
        import antio  # optional: few have files of ANT
        import antio.parser

        self._file = antio.read_cnt(path)
        self.names, units, *_ = antio.parser.read_info(self._file)
        self.rate, self.samples = float(self._file.get_sample_frequency()), int(self._file.get_sample_count())
        if others := sorted(set(units) - _MICROVOLTS):
            raise DataError(f"{shown} has channels in {', '.join(others)}, not in µV", AGAIN)

    def part(self, picks: Sequence[int], first: int, last: int) -> np.ndarray:
        return np.asarray(self._file.get_samples_as_nparray(first, last))[list(picks)]


def open_continuous(source: Source) -> Continuous:
    """Open a .cnt file of whichever maker; its first bytes tell.

    Raises:
        DataError: it is cut off, broken or neither.
        MachineError: it is one of ANT, and antio is missing.
    """
    try:
        with source.path.open("rb") as file:
            header = file.read(_HEADER)
        if header.startswith((b"RIFF", b"RF64")):
            if importlib.util.find_spec("antio") is None:
                raise MachineError(f"{source.name} is a file of ANT, which needs antio to be read", "pip install antio")
            return _Ant(source.path, source.name)
        if header.startswith(b"Version 3.0"):
            if len(header) < _HEADER:
                raise DataError(f"{source.name} is cut off in its header: it has {len(header)} bytes", AGAIN)
            return _Neuroscan(source, header)
    except _BROKEN as error:
        raise DataError(f"{source.name} cannot be read as .cnt: {said(error)}", AGAIN) from error
    raise DataError(
        f"{source.name} is no .cnt: it begins with {header[:11]!r}",
        f"Files of Neuroscan begin with 'Version 3.0', those of ANT with 'RIFF'. {AGAIN}",
    )


def read_part(continuous: Continuous, picks: Sequence[int], first: int, last: int, place: str) -> np.ndarray:
    """A part of a recording; `place` is named if it cannot be read.

    Raises:
        DataError: the file is broken there.
    """
    try:
        return continuous.part(picks, first, last)
    except _BROKEN as error:
        raise DataError(f"{place} cannot be read: {said(error)}", AGAIN) from error


def _open_neuroscan(source: Source, header: bytes) -> Any:
    """Read 32-bit samples, and their number from the size of the file: the headers of real files claim −732."""
    n_channels, said, table = (_number(header, *field) for field in ((370, "<H"), (864, "<i"), (886, "<i")))
    size = source.path.stat().st_size
    content = table - _HEADER - _ELECTRODE * n_channels
    if not n_channels or content <= 0 or table > size:
        raise DataError(f"{source.name} is cut off: it has {size:,} bytes, its table of events starts at {table:,}", AGAIN)
    width = 2 if content == 2 * said * n_channels else 4  # bytes; nothing else in the file says it
    return mne.io.read_raw_cnt(
        source.path,
        data_format="int16" if width == 2 else "int32",
        recompute_n_samples=said * n_channels * width != content,
        verbose="error",
    )


def _number(header: bytes, place: int, form: str) -> int:
    return int(struct.unpack_from(form, header, place)[0])
