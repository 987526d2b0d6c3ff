"""What all readers of the SEED family share: finding files, choosing subjects, and saying what differs."""

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reportgen.core import Recording
from reportgen.errors import DataError

_DEPTH = 4  # folders that archives wrap around the data
_NAMED = 3  # places that a line names


class Source(NamedTuple):
    """One recording on disk."""

    path: Path
    name: str  # unique in the data set, for people
    subject: int
    session: int


@dataclass(slots=True)
class Remarks:
    """What differs from the published facts: the same of many trials becomes one line."""

    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, place: str) -> None:
        """Note it once more."""
        self.places.setdefault(what, []).append(place)

    def lines(self) -> tuple[str, ...]:
        """`what: 3 (where; where; where)`, the first places only."""
        return tuple(f"{what}: {len(places):,} ({_first(places)})" for what, places in self.places.items())


def _first(places: Sequence[str]) -> str:
    more = f"; and {len(places) - _NAMED:,} more" if len(places) > _NAMED else ""
    return "; ".join(places[:_NAMED]) + more


def find(path: Path, folders: Iterable[str], pattern: str, wanted: str) -> dict[Path, re.Match[str]]:
    """The files whose place below one folder fits: in `path`, or in the one folder below it with a known name.

    Args:
        path: what the user gave.
        folders: names that the publisher gives to the folder.
        pattern: of the files' place below that folder, with slashes.
        wanted: what is looked for, for messages.

    Raises:
        DataError: there is no such file, or several folders have some.
    """
    if not path.is_dir():
        raise DataError(f"{path} is no folder", f"`path` is the folder with {wanted}; is its variable set?")
    names = {name.casefold() for name in folders}
    fitting = re.compile(pattern, re.IGNORECASE)
    if found := _fitting(path, fitting):
        return found
    inside = {folder: _fitting(folder, fitting) for folder in _below(path, _DEPTH) if folder.name.casefold() in names}
    filled = {folder: found for folder, found in inside.items() if found}
    if len(filled) > 1:
        several = " and ".join(str(folder.relative_to(path)) for folder in filled)
        raise DataError(f"{path} holds {wanted} in {several}", "Give the folder that is meant.")
    if not filled:
        held = ", ".join(sorted(item.name for item in path.iterdir())[:5]) or "nothing"
        raise DataError(f"{path} holds no {wanted}; found {held}", "Give the folder of the form that the study asks for.")
    return next(iter(filled.values()))


def _fitting(folder: Path, pattern: re.Pattern[str]) -> dict[Path, re.Match[str]]:
    depth = pattern.pattern.count("/")
    files = sorted(folder.glob("/".join("*" * (depth + 1))))
    matches = ((file, pattern.fullmatch(file.relative_to(folder).as_posix())) for file in files if file.is_file())
    return {file: match for file, match in matches if match}


def _below(folder: Path, depth: int) -> Iterator[Path]:
    for inner in sorted(item for item in folder.iterdir() if item.is_dir()):
        yield inner
        if depth > 1:
            yield from _below(inner, depth - 1)


def numbered(found: Mapping[Path, re.Match[str]], root: Path) -> list[Source]:
    """Sources of files whose names say subject and session, by the groups of the same names.

    Raises:
        DataError: two files are the same recording.
    """
    sources: dict[tuple[int, int], Source] = {}
    for path, match in found.items():
        subject, session = int(match["subject"]), int(match["session"])
        source = Source(path, path.relative_to(root).as_posix(), subject, session)
        twin = sources.setdefault((subject, session), source)
        if twin is not source:
            raise DataError(f"{source.name} and {twin.name} are both subject {subject}, session {session}", "Remove one.")
    return [sources[key] for key in sorted(sources)]


def choose(sources: Sequence[Source], subjects: Sequence[int], sessions: Sequence[int]) -> list[Source]:
    """The recordings of the wanted subjects and sessions; an empty choice means all.

    Raises:
        DataError: a wanted subject or session has none.
    """
    for what, wanted, known in (
        ("subject", subjects, {source.subject for source in sources}),
        ("session", sessions, {source.session for source in sources}),
    ):
        if absent := [number for number in wanted if number not in known]:
            raise DataError(
                f"there is no {what} {', '.join(map(str, absent))}; found are {', '.join(map(str, sorted(known)))}",
                f"Correct `{what}s`, or leave it out for all.",
            )
    chosen = [s for s in sources if (not subjects or s.subject in subjects) and (not sessions or s.session in sessions)]
    if not chosen:
        raise DataError("no recording belongs to both the chosen `subjects` and the chosen `sessions`", "Choose others.")
    return chosen


def compare(sources: Sequence[Source], subjects: Iterable[int], sessions: Iterable[int], remarks: Remarks) -> None:
    """Note recordings of these subjects and sessions that were published and are not here, and those that were not."""
    here = {(source.subject, source.session) for source in sources}
    published = set(product(subjects, sessions))
    for what, keys in (("recordings absent", published - here), ("recordings not published", here - published)):
        for subject, session in sorted(keys):
            remarks.add(what, f"subject {subject} session {session}")


def told(read: Callable[[Source], Recording], sources: Sequence[Source], remarks: Remarks) -> Iterator[Recording]:
    """Read one recording after the other; what is to be said about all of them comes with the last.

    Raises:
        DataError: a recording has no trials, or other channels than those before.
    """
    channels: list[tuple[str, ...]] = []
    for source in sources:  # no name holds a recording while the next one is read
        yield replace(_alike(read(source), channels), notices=remarks.lines() if source is sources[-1] else ())


def _alike(recording: Recording, channels: list[tuple[str, ...]]) -> Recording:
    channels.append(recording.channels)
    if not recording.stretches:
        raise DataError(f"{recording.source} holds none of the published trials", "Download the file again.")
    if channels[0] != channels[-1]:
        few, many = sorted((channels[0], channels[-1]), key=len)
        raise DataError(
            f"{recording.source} has {len(channels[-1])} channels, those before {len(channels[0])}:"
            f" {', '.join(name for name in many if name not in few)} not in all",
            "Leave its subject out: `subjects`.",
        )
    return recording


def check_values(x: np.ndarray, names: Sequence[str], place: str, remarks: Remarks) -> None:
    """Note values that are no numbers, and channels that stay the same through a trial.

    Args:
        x: (channel, time).
        names: of the channels.
        place: file and trial.
        remarks: where it is noted.
    """
    broken = ~np.isfinite(x)
    if broken.any():
        remarks.add("trials with values that are no numbers, left as they are", f"{place}: {int(broken.sum()):,} values")
    if x.shape[1] > 1:
        flat = (x == x[:, :1]).all(axis=1)
        for channel in (name for name, is_flat in zip(names, flat, strict=True) if is_flat):
            remarks.add(f"trials in which channel {channel} is flat", place)


def said(error: BaseException) -> str:
    """What an error of a library says, in one line; in our words where it speaks of its own code and not of the file."""
    if isinstance(error, (AssertionError, AttributeError, LookupError, TypeError, struct.error)):
        return "it is cut off or broken"
    return " ".join((str(error) or type(error).__name__).split())
