"""Computational sequences (.csd) of the CMU-MultimodalSDK: HDF5 with numbers or words of videos, and their times.

A file has one root; below it lie `data/<video>/features` (row, feature) and `data/<video>/intervals` (row, 2) in s, and
`metadata/<key>`, each a text of JSON. Files that the SDK aligned have several entries a video, `<video>[0]` and so on.
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import h5py
import numpy as np

from reportgen.datasets._tally import listed
from reportgen.errors import DataError

_KNOWN = {
    "varep": "covarep",  # one root is misspelt
    "facet": "facet",
    "openface": "openface",
    "opensmile": "opensmile",
    "glove": "words",
    "wordvectors": "words",
}  # {what a root holds: name of its modality}
_BROKEN = (AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError)  # what h5py raises
_AGAIN = "Download the file again."
_FORM = "A .csd file has one root with `data` and, below it, `features` and `intervals` of each video."


@dataclass(frozen=True, slots=True)
class Track:
    """One open file: something over the time of each video."""

    name: str  # of the modality, in plain words
    file: str  # for messages
    kind: Literal["ratings", "numbers", "text"]
    width: int  # numbers of a row
    names: tuple[str, ...]  # of these numbers, as far as the file tells
    entries: Mapping[str, Sequence[str]]  # {video: names of its groups}
    data: Any  # h5py.Group

    def read(self, video: str) -> tuple[np.ndarray, np.ndarray]:
        """Intervals (row, 2) float64 in s and features (row, feature) of a video; no rows where the file has none of it.

        Raises:
            DataError: the file is broken there, or the two do not fit each other.
        """
        place = f"{self.file}, video {video}"
        try:
            groups = [self.data[entry] for entry in self.entries.get(video, ())]
            intervals = [np.asarray(group["intervals"][()], np.float64) for group in groups]
            features = [self._rows(group["features"]) for group in groups]
        except _BROKEN as error:
            raise DataError(f"{place} cannot be read: {_said(error)}", _AGAIN) from error
        for times, rows in zip(intervals, features, strict=True):
            if times.ndim != 2 or times.shape[1] != 2 or len(times) != len(rows):
                shapes = f"intervals of shape {times.shape} beside features of shape {rows.shape}"
                raise DataError(f"{place}: {shapes}", "Each row of features needs a start and a stop.")
            if rows.shape[1:] != (self.width,):
                raise DataError(f"{place}: {rows.shape[1:]} features a row where others have {self.width}", _AGAIN)
        if not groups:
            return np.empty((0, 2)), np.empty((0, self.width), np.float32)
        return np.concatenate(intervals), np.concatenate(features)

    def _rows(self, found: Any) -> np.ndarray:
        """(row, feature) float32, or text as objects."""
        values = found[()]
        if self.kind == "text":
            return np.array([[_text(cell)] for cell in np.ravel(values)], object).reshape(-1, 1)
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and that is missing
            return np.asarray(values, np.float32)


def find(path: Path, files: ExitStack) -> list[Track]:
    """Open every .csd file of a folder, in the order of names; `files` closes them.

    Raises:
        DataError: there is none, or one is broken.
    """
    if not path.exists():
        raise DataError(f"{path} does not exist", "`folder` holds the .csd files; is its variable set?")
    paths = sorted(path.rglob("*.csd")) if path.is_dir() else [path]
    if not paths:
        there = listed(sorted(file.name for file in path.iterdir())) or "nothing"
        raise DataError(f"{path} holds no .csd file; it holds {there}", "Get CMU_MOSEI_Labels.csd and modalities beside it.")
    return [_track(file, file.relative_to(path).as_posix() if path.is_dir() else file.name, files) for file in paths]


def _track(path: Path, file: str, files: ExitStack) -> Track:
    try:
        opened = files.enter_context(h5py.File(path, "r"))
        root = next(iter(opened))
        data, told = opened[root]["data"], _metadata(opened[root])
        entries: dict[str, list[str]] = {}
        for entry in data:
            entries.setdefault(re.sub(r"\[\d+\]$", "", entry), []).append(entry)
        first = data[next(iter(data))]["features"]
        width, is_text = (first.shape[1] if first.ndim == 2 else 1), first.dtype.kind in "OSU"
    except StopIteration:
        raise DataError(f"{file} is empty", _AGAIN) from None
    except _BROKEN as error:
        raise DataError(f"{file} cannot be read as .csd: {_said(error)}", _FORM) from error
    rated = "label" in f"{root} {told.get('root name', '')}".lower()
    names = told.get("dimension names", ())
    return Track(
        name=_plain(root, str(told.get("root name", ""))),
        file=file,
        kind="ratings" if rated else "text" if is_text else "numbers",
        width=1 if is_text else width,
        names=tuple(map(str, names)) if isinstance(names, list) else (),
        entries={video: sorted(own, key=_number) for video, own in entries.items()},
        data=data,
    )


def _metadata(root: Any) -> dict[str, Any]:
    """What a file tells of itself; the SDK writes JSON, and other writers plain text."""
    if "metadata" not in root:
        return {}
    told = {key: _text(np.ravel(item[()])[0]) for key, item in root["metadata"].items() if np.size(item)}
    return {key: _json(text) for key, text in told.items()}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _number(entry: str) -> int:
    """Of an aligned entry, `video[12]`."""
    found = re.search(r"\[(\d+)\]$", entry)
    return int(found[1]) if found else -1


def _plain(root: str, other: str) -> str:
    """`covarep` of "COVAREP", `facet` of "FACET 4.2" or "CMU_MOSEI_VisualFacet42", `words` of "glove_vectors"."""
    for name in (root, other):
        low = re.sub(r"[^a-z]", "", name.lower())
        if known := next((modality for part, modality in _KNOWN.items() if part in low), ""):
            return known
    return "_".join(re.findall(r"[a-z0-9]+", root.lower())) or "unnamed"


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or "it is broken"
