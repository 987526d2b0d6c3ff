"""Trials in .mat files of the SEED family: MATLAB's version 5 through scipy, version 7.3 through HDF5.

Keys are found by what they end in and never by their place. One trial at a time is read and made float32, so that a
recording of 340 MB in float64 never lies in memory whole.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import h5py
import numpy as np
from scipy.io import loadmat, whosmat
from scipy.io.matlab import MatReadError

from reportgen.core import Recording, Stretch
from reportgen.datasets._seed_files import Remarks, Source, check_values, said
from reportgen.datasets._seed_tables import RATE, Clip, Table
from reportgen.errors import DataError
from reportgen.montage import SEED_62

_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MatReadError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)  # what scipy and h5py raise of broken files
_RATE_TRIALS = 5  # fewer may have one factor by chance
_AGAIN = "Download the file again, or leave its subject out: `subjects`."


def names(path: Path, shown: str) -> tuple[str, ...]:
    """The names of the variables in a .mat file.

    Raises:
        DataError: the file is broken or no .mat file.
    """
    try:
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                return tuple(name for name, item in file.items() if isinstance(item, h5py.Dataset))
        return tuple(name for name, _, _ in whosmat(path))
    except _BROKEN as error:
        raise DataError(f"{shown} cannot be read as .mat: {said(error)}", _AGAIN) from error


def value(path: Path, name: str, shown: str) -> np.ndarray:
    """One numeric variable, its axes in MATLAB's order.

    Raises:
        DataError: the file is broken there, or the variable holds no numbers.
    """
    try:
        if h5py.is_hdf5(path):
            with h5py.File(path, "r") as file:
                found = file[name][()].T  # HDF5 has the axes the other way round
        else:
            found = loadmat(path, variable_names=[name])[name]
    except _BROKEN as error:
        raise DataError(f"{shown} {name} cannot be read: {said(error)}", _AGAIN) from error
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "biuf":
        raise DataError(f"{shown} {name} holds no numbers", _AGAIN)
    return found


def trials(
    source: Source, pattern: str, example: str, table: Table, remarks: Remarks
) -> Iterator[tuple[Clip, str, np.ndarray]]:
    """The trials of a recording in the order of their numbers, one in memory at a time.

    Args:
        source: the .mat file.
        pattern: of the keys; its group is the number of the trial, from 1.
        example: a key that fits, for messages.
        table: the published trials.
        remarks: where missing and unknown trials are noted.

    Yields:
        The clip, the key, and the variable in MATLAB's order of axes.

    Raises:
        DataError: no key fits, two keys are one trial, or the file is broken.
    """
    keys = _keys(source, re.compile(pattern), example)
    for number in sorted(keys.keys() | range(1, len(table.clips) + 1)):
        clip = table.clip(number)
        if clip is None:
            remarks.add("trials that were not published, left out", f"{source.name} {keys[number]}")
        elif number not in keys:
            remarks.add("trials absent", f"{source.name} trial {number}")
        else:
            yield clip, keys[number], value(source.path, keys[number], source.name)


def _keys(source: Source, pattern: re.Pattern[str], example: str) -> dict[int, str]:
    found = names(source.path, source.name)
    keys: dict[int, str] = {}
    for name in found:
        if match := pattern.search(name):
            twin = keys.setdefault(int(match[1]), name)
            if twin is not name:
                raise DataError(f"{source.name} holds trial {match[1]} twice: {twin} and {name}", _AGAIN)
    if not keys:
        held = ", ".join(sorted(found)[:5]) or "nothing"
        raise DataError(
            f"{source.name} holds no trials, keys such as {example}; found {held}",
            "Give the folder of the form that the study asks for.",
        )
    return keys


def recording(source: Source, table: Table, remarks: Remarks) -> Recording:
    """The signals of one recording: keys `…_eeg1`, `…_eeg2` and so on, each (62, time) µV at 200 Hz.

    Where a trial lay in the recording is not published: they follow each other without gaps.

    Raises:
        DataError: the file is broken, a trial is not (62, time), or the lengths are those of another rate.
    """
    stretches: list[Stretch] = []
    lengths: list[tuple[float, float]] = []
    start = 0.0
    for clip, key, found in trials(source, r"_eeg(\d+)$", "djc_eeg1", table, remarks):
        place = f"{source.name} {key}"
        x = _checked(found, place)
        check_values(x, SEED_62, place, remarks)
        seconds = x.shape[1] / RATE
        lengths.append((seconds, clip.seconds))
        if abs(seconds - clip.seconds) > table.slack:
            remarks.add("trials not as long as published", f"{place}: {seconds:.1f} s, published {clip.seconds:g} s")
        stretches.append(Stretch(x=x, label=clip.label, trial=clip.trial, clip=clip.film, start=start))
        start += seconds
    _check_rate(source, lengths, table.slack)
    return Recording(
        subject=str(source.subject),
        session=str(source.session),
        source=source.name,
        channels=SEED_62,
        rate=RATE,
        stretches=tuple(stretches),
    )


def _check_rate(source: Source, lengths: Sequence[tuple[float, float]], slack: float) -> None:
    """Lengths that are all off by one factor are those of another rate, at which every frequency would be wrong.

    Args:
        source: for messages.
        lengths: [(as recorded, as published)] s.
        slack: s by which they may differ.
    """
    if len(lengths) < _RATE_TRIALS:
        return
    recorded, published = np.array(lengths).T  # each (trial,)
    factor = float(np.median(recorded / published))
    if not _most(recorded, published, slack) and _most(recorded / factor, published, slack):
        rate = float(f"{factor * RATE:.3g}")  # lengths are not published more precisely
        raise DataError(
            f"{source.name}: its trials are {factor:.3g} times as long as published: it fits {rate:g} Hz and not {RATE:g} Hz",
            f"Give the publisher's files, or bring these to {RATE:g} Hz first.",
        )


def _most(recorded: np.ndarray, published: np.ndarray, slack: float) -> bool:
    return bool((np.abs(recorded - published) <= slack).mean() > 0.5)


def _checked(found: np.ndarray, place: str) -> np.ndarray:
    """The trial as (channel, time) float32."""
    if found.ndim != 2 or found.shape[0] != len(SEED_62) or not found.shape[1]:
        shape = " × ".join(map(str, found.shape))
        raise DataError(f"{place} is {shape}, where {len(SEED_62)} channels × time are needed", _AGAIN)
    return np.ascontiguousarray(found, np.float32)


def check_labels(path: Path, table: Table) -> None:
    """Compare a `label.mat` with the published labels, where there is one.

    Args:
        path: the file that may be there.
        table: the published labels, which the file counts from −1.

    Raises:
        DataError: it says something else.
    """
    if not path.is_file():
        return
    if "label" not in (found := names(path, path.name)):
        raise DataError(f"{path} has no key label; found {', '.join(found[:5]) or 'nothing'}", _AGAIN)
    labels = value(path, "label", path.name).ravel()
    published = np.array(table.labels) - 1
    if not np.array_equal(labels, published):
        pairs = zip(labels.tolist(), published.tolist(), strict=False)
        wrong = [f"trial {i}: {own:g}, published {other}" for i, (own, other) in enumerate(pairs, 1) if own != other]
        where = wrong[0] if wrong else f"their number: {len(labels)}, published {len(published)}"
        raise DataError(f"{path} differs from the published labels in {where}", "Remove label.mat to use the published ones.")
