"""Reads pickles of data sets without running what they ask for: arrays and plain containers come back, nothing else.

A pickle is a program: it may call anything that can be imported. Here it may name only what makes numpy arrays and
ordered dictionaries, and even these are stand-ins of ours, so that no code of numpy meets a forged state.
"""

import codecs
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import numpy as np

from reportgen.errors import DataError

_SUSPECT = "The publisher's file holds arrays and plain containers only: do not open this one elsewhere, download it again."
_AGAIN = "Download the file again."
_KINDS = "biufcSUO"  # of numpy's types: numbers, text and, of plain containers, objects
_BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
    NotImplementedError,  # a method of compression that Python lacks
)


class _Refused(Exception):
    """The pickle wants something by name that it is not given."""


class _Dtype:
    """Stands in for numpy.dtype: a checked name, and a byte order that arrives later."""

    __slots__ = ("name",)

    def __init__(self, name: Any, _align: Any = False, _copy: Any = True) -> None:
        self.name = str(_text(name))

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order, fields = _text(state[1]), state[3]
        if fields is not None:
            raise _Refused("a structured array")
        if order in {"<", ">"}:
            self.name = order + self.name.lstrip("<>=|")

    def made(self) -> np.dtype[Any]:
        made = np.dtype(self.name)
        if made.kind not in _KINDS:
            raise _Refused(f"an array of {self.name}")
        return made


class _Array:
    """Stands in for numpy.ndarray while its parts arrive."""

    __slots__ = ("values",)

    def __init__(self, *_: Any) -> None:
        self.values: Any = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, dtype, by_columns, content = state
        self.values = _array(content, dtype, shape, "F" if by_columns else "C")


def _array(content: Any, dtype: _Dtype, shape: Any, order: str = "C") -> np.ndarray:
    """An array of bytes, or of a list of objects, as a pickle holds it: its parts may still be stand-ins."""
    made = dtype.made()
    if made.kind == "O":
        flat = np.empty(len(content), object)
        for i, item in enumerate(content):  # numpy would take lists of equal length apart
            flat[i] = item
    else:
        raw = content.encode("latin1") if isinstance(content, str) else content  # str: pickled by Python 2
        flat = np.frombuffer(raw, made)
    return flat.reshape(shape, order="F" if order == "F" else "C")


def _scalar(dtype: _Dtype, content: Any) -> Any:
    return _array(content, dtype, ()).item()


def _text(value: Any) -> Any:
    return value.decode("latin1") if isinstance(value, bytes) else value


def _encode(text: str, encoding: str = "latin1") -> bytes:
    """How old protocols write bytes; other codecs than that one would be code again."""
    if codecs.lookup(encoding).name != "iso8859-1":
        raise _Refused(f"the codec {encoding}")
    return text.encode("latin1")


def _allowed() -> Mapping[tuple[str, str], Callable[..., Any]]:
    """What a pickle may name. New functions each time: a pickle can write into those that it gets."""
    numpy: dict[tuple[str, str], Callable[..., Any]] = {("numpy", "dtype"): _Dtype, ("numpy", "ndarray"): _Array}
    for core in ("numpy.core", "numpy._core"):  # before and since numpy 2
        numpy[core + ".multiarray", "_reconstruct"] = lambda *_: _Array()
        numpy[core + ".multiarray", "scalar"] = lambda *parts: _scalar(*parts)  # noqa: PLW0108 a new one
        numpy[core + ".numeric", "_frombuffer"] = lambda *parts: _array(*parts)  # noqa: PLW0108 a new one
    plain: dict[tuple[str, str], Callable[..., Any]] = {}
    for builtins in ("builtins", "__builtin__"):  # the latter in Python 2 and in old protocols
        plain |= {(builtins, "set"): set, (builtins, "frozenset"): frozenset, (builtins, "bytes"): lambda: b""}
    return (
        numpy
        | plain
        | {
            ("collections", "OrderedDict"): OrderedDict,
            ("_codecs", "encode"): lambda *parts: _encode(*parts),  # noqa: PLW0108 a new one
        }
    )


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(stream, encoding="latin1")
        self._known = _allowed()

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._known:
            raise _Refused(f"{module}.{name}")
        return self._known[module, name]


def unpickle(content: bytes | IO[bytes], place: str) -> Any:
    """Read one pickle of numpy arrays, numbers, text, lists, tuples, sets and dictionaries.

    Args:
        content: the pickle.
        place: file and key, for messages.

    Returns:
        What was pickled; arrays may be read-only.

    Raises:
        DataError: the pickle is broken, or wants anything else, which is named and not run.
    """
    try:
        return _plain(_Unpickler(BytesIO(content) if isinstance(content, bytes) else content).load())
    except _Refused as refused:
        raise DataError(f"{place}: the pickle wants {refused}, which is refused", _SUSPECT) from None
    except _BROKEN as error:
        raise DataError(f"{place}: the pickle cannot be read ({_said(error)})", _AGAIN) from error


def _said(error: Exception) -> str:
    """What a library says, in our words where it speaks of its own code and not of the file."""
    if isinstance(error, (AttributeError, LookupError, TypeError)) or not str(error):
        return "it is cut off or broken"
    return " ".join(str(error).split())


def _plain(value: Any) -> Any:
    """The same with real arrays for their stand-ins."""
    if isinstance(value, _Array):
        return _plain(value.values)
    if isinstance(value, _Dtype):
        return value.made()
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        whole = np.empty(value.shape, object)
        for index, item in np.ndenumerate(value):
            whole[index] = _plain(item)
        return whole
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(_plain(item) for item in value)
    return value


def read_npz(path: Path) -> dict[str, Any]:
    """Read every array of an .npz file; those that are pickles, as objects or as bytes, are opened with `unpickle`.

    Raises:
        DataError: the file is no .npz, is broken, or a pickle in it is refused.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".npy")]
            return {name.removesuffix(".npy"): _member(archive.read(name), f"{path} {name[:-4]}") for name in names}
    except DataError:
        raise
    except (*_BROKEN, RuntimeError) as error:  # zipfile says RuntimeError of encryption
        raise DataError(f"{path} cannot be read as .npz ({_said(error)})", _AGAIN) from error


def _member(content: bytes, place: str) -> Any:
    stream = BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read_header(stream)
    if dtype.hasobject:
        inside = unpickle(stream, place)
        return inside.item() if shape == () and isinstance(inside, np.ndarray) else inside
    values = np.lib.format.read_array(BytesIO(content), allow_pickle=False)
    # numpy keeps the bytes of pickle.dumps as one text of bytes; each pickle ends with a full stop, so that none is lost
    if dtype.kind in "SV" and values.size == 1:
        return unpickle(values.tobytes(), place)
    return values
