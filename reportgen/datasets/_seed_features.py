"""Given features of the SEED family: .mat with a key a trial, .npz with numbered trials, .npz in a train and a test part."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from reportgen.bands import BANDS
from reportgen.core import Recording, Stretch
from reportgen.datasets._seed_files import Remarks, Source
from reportgen.datasets._seed_matlab import trials
from reportgen.datasets._seed_tables import Clip, Table
from reportgen.errors import DataError
from reportgen.montage import SEED_62
from reportgen.unpickling import read_npz

Feature = Literal["de_LDS", "de_movingAve", "psd_LDS", "psd_movingAve"]
Run = tuple[int, np.ndarray]  # a label, and (window, channel, band) of the windows in a row that have it
Numbered = dict[int, np.ndarray]  # {number of the trial: its values}
_AGAIN = "Download the file again, or leave its subject out: `subjects`."
_LENGTHS = (1, 4)  # s, of the windows that the publisher offers


class Given(NamedTuple):
    """The windows of one trial."""

    clip: Clip
    x: np.ndarray  # (window, channel, band) float32
    place: str  # file and key


def recording(source: Source, given: Sequence[Given], window: float, feature: Feature, remarks: Remarks) -> Recording:
    """A recording of given features; windows do not overlap, so that its rate is one a window.

    A trial starts where the publisher's table says or, where there is none, when the one before it ends.

    Args:
        source: its file.
        given: its trials.
        window: length of the windows, s.
        feature: what they are.
        remarks: where lengths that differ, and values that are no numbers, are noted.

    Raises:
        DataError: the windows are of another length.
    """
    _check_windows(source, given, window, remarks)
    stretches: list[Stretch] = []
    end = 0.0
    for clip, x, place in given:
        if broken := int((~np.isfinite(x)).sum()):
            remarks.add("trials with values that are no numbers, left as they are", f"{place}: {broken:,} values")
        start = max(end, clip.start or 0.0)
        stretches.append(Stretch(x=x, label=clip.label, trial=clip.trial, clip=clip.film, start=start))
        end = start + len(x) * window
    return Recording(
        subject=str(source.subject),
        session=str(source.session),
        source=source.name,
        channels=SEED_62,
        rate=1 / window,
        stretches=tuple(stretches),
        unit="differential entropy as published" if feature.startswith("de_") else "power as published",
        bands=BANDS,
    )


def _check_windows(source: Source, given: Sequence[Given], window: float, remarks: Remarks) -> None:
    def fits(seconds: float) -> bool:
        return 2 * sum(abs(len(x) - clip.windows(seconds)) <= 1 for clip, x, _ in given) > len(given)

    if not fits(window) and (other := [seconds for seconds in _LENGTHS if seconds != window and fits(seconds)]):
        raise DataError(
            f"{source.name}: its trials have as many windows as windows of {other[0]} s would give, not of {window:g} s",
            f"Set `window = {other[0]}`, or give the folder of the other features.",
        )
    for clip, x, place in given:
        if abs(len(x) - clip.windows(window)) > 1:
            remarks.add("trials not as long as published", f"{place}: {len(x)} windows, published {clip.windows(window)}")


def matlab(source: Source, feature: Feature, table: Table, remarks: Remarks) -> list[Given]:
    """Features in a .mat file: keys `de_LDS1` and so on, each (62, window, 5).

    Raises:
        DataError: the file is broken, or a key has another shape.
    """
    given = []
    for clip, key, found in trials(source, rf"^{feature}(\d+)$", f"{feature}1", table, remarks):
        place = f"{source.name} {key}"
        if found.ndim != 3 or found.shape[::2] != (len(SEED_62), len(BANDS)):
            raise DataError(f"{place} is {_shape(found)}, where {len(SEED_62)} × windows × {len(BANDS)} are needed", _AGAIN)
        given.append(Given(clip, np.ascontiguousarray(found.transpose(1, 0, 2), np.float32), place))
    return given


def _shape(x: np.ndarray) -> str:
    return " × ".join(map(str, x.shape)) or "one value"


def read_numbered(path: Path) -> tuple[Numbered, Numbered]:
    """SEED-V's .npz of all sessions: `data` {0 … 44: (window, 62 · 5)}, `label` {0 … 44: (window,)}.

    Raises:
        DataError: the file is broken, or a member is missing or holds no numbers.
    """
    members = read_npz(path)
    return _numbers(members, "data", path), _numbers(members, "label", path)


def numbered(source: Source, file: tuple[Numbered, Numbered], tables: Mapping[int, Table], remarks: Remarks) -> list[Given]:
    """The trials of one session of SEED-V.

    Args:
        source: the file and the session.
        file: what `read_numbered` gives of it.
        tables: {session: table}; the trials of the sessions are numbered through.
        remarks: where missing trials are noted.

    Raises:
        DataError: a trial has another shape, or its labels are not as many as its windows or not those published.
    """
    data, labels = file
    before = sum(len(tables[session].clips) for session in tables if session < source.session)
    given = []
    for i, clip in enumerate(tables[source.session].clips, before):
        place = f"{source.name} trial {i}"
        if i not in data:
            remarks.add("trials absent", place)
            continue
        x = _channels_and_bands(data[i], place)
        _check_label(labels.get(i), len(x), clip, place)
        given.append(Given(clip, x, place))
    return given


def _numbers(members: Mapping[str, Any], key: str, path: Path) -> Numbered:
    if not isinstance(members.get(key), dict):
        raise DataError(f"{path} holds no dictionary {key}; found {', '.join(members) or 'nothing'}", _AGAIN)
    try:
        return {int(number): np.asarray(values, float) for number, values in members[key].items()}
    except (TypeError, ValueError) as error:
        raise DataError(f"{path} {key}: {error}", _AGAIN) from error


def _check_label(labels: np.ndarray | None, windows: int, clip: Clip, place: str) -> None:
    found = [] if labels is None else sorted(set(labels.ravel().tolist()))
    if found != [clip.label]:
        said = " and ".join(f"{label:g}" for label in found) or "absent"
        raise DataError(f"{place}: its label is {said}, published is {clip.label}", _AGAIN)
    if labels is not None and labels.size != windows:
        raise DataError(f"{place} has {windows} windows and {labels.size} labels", _AGAIN)


def _channels_and_bands(x: np.ndarray, place: str) -> np.ndarray:
    if x.ndim != 2 or x.shape[1] != len(SEED_62) * len(BANDS):
        raise DataError(f"{place} is {_shape(x)}, where windows × {len(SEED_62)} · {len(BANDS)} are needed", _AGAIN)
    return x.reshape(len(x), len(SEED_62), len(BANDS)).astype(np.float32)


def parted(source: Source, table: Table, window: float, remarks: Remarks) -> list[Given]:
    """Features in two parts, of SEED_Multimodal, SEED-GER and SEED-FRA.

    `train_data` and `test_data` are {band: (window, 62)}, `train_label` and `test_label` (window,). Where one trial ends
    and the next begins is not written in them: it is where the label changes and, between films of one class, where
    the published lengths say. Where these do not fit, such films stay one trial, so that no split can part them.

    Args:
        source: the file.
        table: the published trials.
        window: length of the windows, s.
        remarks: where films that stay together are noted.

    Raises:
        DataError: a member is missing or broken, or the labels are not in the published order.
    """
    members = read_npz(source.path)
    data, labels = zip(*(_part(members, name, source) for name in ("train", "test")), strict=True)
    codes = np.split(_codes(np.concatenate(labels), source.name), [len(labels[0])])
    runs = [list(_runs(x, code)) for x, code in zip(data, codes, strict=True)]
    given: list[Given] = []
    for clips, x in _assign(runs, table, window, source):
        place = f"{source.name} trial {'+'.join(clip.trial for clip in clips)}"
        counts = [clip.windows(window) for clip in clips]
        if len(clips) == 1 or sum(counts) == len(x):
            ends = np.cumsum(counts)[:-1]
            given.extend(Given(clip, own, place) for clip, own in zip(clips, np.split(x, ends), strict=True))
        else:
            remarks.add(
                "films of one class that stay one trial, because their lengths are not as published",
                f"{place}: {len(x)} windows, published {' + '.join(map(str, counts))}",
            )
            given.append(Given(_joined(clips), x, place))
    return given


def _joined(clips: Sequence[Clip]) -> Clip:
    trial, film = ("+".join(names) for names in zip(*((clip.trial, clip.film) for clip in clips), strict=True))
    return Clip(trial, film, clips[0].label, sum(clip.seconds for clip in clips), clips[0].start)


def _part(members: Mapping[str, Any], name: str, source: Source) -> tuple[np.ndarray, np.ndarray]:
    """(window, channel, band) float32 and (window,) labels as written."""
    data, labels = members.get(f"{name}_data"), members.get(f"{name}_label")
    if not isinstance(data, dict) or not isinstance(labels, np.ndarray):
        wanted = f"a dictionary {name}_data and an array {name}_label"
        raise DataError(f"{source.name} does not hold {wanted}; found {', '.join(members) or 'nothing'}", _AGAIN)
    x = _bands(data, f"{source.name} {name}_data")
    if labels.size != len(x):
        raise DataError(f"{source.name}: {name}_data has {len(x)} windows, {name}_label {labels.size}", _AGAIN)
    return x, labels.ravel()


def _bands(data: dict[Any, Any], place: str) -> np.ndarray:
    named = {str(band).strip().casefold(): values for band, values in data.items()}
    if absent := [band for band in BANDS if band not in named]:
        raise DataError(f"{place} has no {' and no '.join(absent)}; found {', '.join(named) or 'nothing'}", _AGAIN)
    try:
        bands = [np.asarray(named[band], np.float32) for band in BANDS]
    except (TypeError, ValueError) as error:
        raise DataError(f"{place}: {error}", _AGAIN) from error
    for name, x in zip(BANDS, bands, strict=True):
        if x.ndim != 2 or x.shape != (len(bands[0]), len(SEED_62)):
            raise DataError(f"{place} {name} is {_shape(x)}, where windows × {len(SEED_62)} are needed", _AGAIN)
    return np.stack(bands, axis=-1)


def _codes(labels: np.ndarray, place: str) -> np.ndarray:
    """Labels from 0, of those of a whole recording: one part of it may lack a class."""
    if labels.dtype.kind in "biuf":
        for known in ((0, 1, 2), (-1, 0, 1)):
            if np.isin(labels, known).all():
                return labels.astype(int) - known[0]
    found = ", ".join(np.unique(labels.astype(str))[:5])
    if labels.dtype.kind not in "biuf":
        raise DataError(f"{place}: its labels are no numbers but such as '{found}'", _AGAIN)
    raise DataError(f"{place}: its labels are {found}, where they must be −1, 0, 1 or 0, 1, 2", _AGAIN)


def _runs(x: np.ndarray, labels: np.ndarray) -> Iterator[Run]:
    ends = np.flatnonzero(np.diff(labels)) + 1
    for own, windows in zip(np.split(labels, ends), np.split(x, ends), strict=True):
        if len(own):
            yield int(own[0]), windows


def _assign(
    runs: Sequence[Sequence[Run]], table: Table, window: float, source: Source
) -> Iterator[tuple[tuple[Clip, ...], np.ndarray]]:
    """The films of each run of one label. Which film the second part begins with is tried: not all sources say it."""
    found = [run for part in runs for run in part]
    labels = [[label for label, _ in part] for part in runs]
    best, smallest = None, np.inf
    for first in range(len(table.clips) + 1):
        films = [_same_label(part) for part in (table.clips[:first], table.clips[first:])]
        if labels == [[run[0].label for run in part] for part in films]:
            flat = [run for part in films for run in part]
            wanted = [sum(clip.windows(window) for clip in run) for run in flat]
            misfit = sum(abs(len(x) - n) for (_, x), n in zip(found, wanted, strict=True))
            best, smallest = (flat, misfit) if misfit < smallest else (best, smallest)
    if best is None:
        shown = " | ".join(" ".join(map(str, part)) for part in labels)
        raise DataError(
            f"{source.name}: its labels, counted from 0, follow each other as {shown}, which is not the published order",
            "If the publisher changed the films, give their table where the data set has a setting `trials`.",
        )
    return zip(best, (x for _, x in found), strict=True)


def _same_label(clips: Sequence[Clip]) -> list[tuple[Clip, ...]]:
    return [tuple(run) for _, run in groupby(clips, lambda clip: clip.label)]
