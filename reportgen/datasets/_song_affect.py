"""Valence and arousal of songs: ratings twice a second, and ratings of whole songs, by the names of their columns.

The files of emoMusic put arousal first and those of DEAM valence, and in DEAM's second file other columns lie between: whoever
reads by position takes the one for the other. Nothing is swapped here; the notices say whether the names can be true.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reportgen.core import Segments
from reportgen.datasets._rated import Counted, Rows, in_range, numbers, read_rows
from reportgen.datasets._tally import listed
from reportgen.errors import DataError

EMOTIONS = ("valence", "arousal")
SCALE = (-1.0, 1.0)
_LEAST, _MOST = 1.0, 9.0  # of ratings of whole songs
_STEP = 0.5  # s between ratings, and what each of them stands for
_TIME = re.compile(r"sample_(\d+)ms")
_ENOUGH = 10  # songs to correlate


@dataclass(frozen=True, slots=True)
class Song:
    """All ratings of one song."""

    name: str
    start: np.ndarray  # (segment,) s
    values: np.ndarray  # (segment, emotion) in SCALE
    overall: np.ndarray | None  # (emotion,) in SCALE

    def segments(self, part: str, source: str, modalities: Mapping[str, np.ndarray] | None = None) -> Segments:
        """As readers yield it."""
        return Segments(
            video=self.name,
            part=part,
            source=source,
            start=self.start,
            stop=self.start + _STEP,
            values=self.values.astype(np.float32),
            overall=self.overall,
            modalities=modalities or {},
        )


@dataclass(frozen=True, slots=True)
class Course:
    """How one quality changes: a file of ratings twice a second."""

    start: np.ndarray  # (time,) s
    songs: Mapping[str, np.ndarray]  # {song: (time,)}, NaN where there is none


def read_course(path: Path) -> Course:
    """Read `song_id, sample_15000ms, sample_15500ms, …`, in any order of columns; cells at both ends may be empty.

    Raises:
        DataError: a column is no time, a cell no number, or a song has two rows.
    """
    header, rows = read_rows(path)
    times = {name: place for place, name in enumerate(header) if _TIME.fullmatch(name)}
    unknown = [name for name in header if name not in times and name != "song_id"]
    if "song_id" not in header or not times or unknown:
        what = f"has a column {listed(unknown)} that is no time" if unknown else "has no columns song_id and sample_15000ms …"
        raise DataError(f"{path} {what}", "Give the dynamic annotations: song_id, sample_15000ms, sample_15500ms, …")
    start = np.array([int(name[len("sample_") : -len("ms")]) / 1000 for name in times])
    order = np.argsort(start)
    values = numbers(rows, times, str(path), blank=True)[:, order]
    return Course(start[order], dict(zip(song_ids(rows, header, path), values, strict=True)))


def song_ids(rows: Rows, header: Sequence[str], path: Path) -> list[str]:
    """The song of each row, once each.

    Raises:
        DataError: a song is named by no whole number, or twice.
    """
    ids = numbers(rows, {"song_id": header.index("song_id")}, str(path))[:, 0]
    names = [f"{one:g}" if one != np.round(one) else str(int(one)) for one in ids]
    first: dict[str, int] = {}
    for number, name in zip(rows, names, strict=True):
        if not name.isdigit() or name in first:
            fault = f"song {name} stands in row {first[name]:,} too" if name in first else f"{name} is no number of a song"
            raise DataError(f"{path} row {number:,}: {fault}", "Correct the row or delete it.")
        first[name] = number
    return names


def read_overall(path: Path, columns: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Ratings of whole songs.

    Args:
        path: the csv.
        columns: {emotion: name of its column}; all others are left alone.

    Returns:
        {song: (emotion,)} in SCALE, from 1 to 9.

    Raises:
        DataError: a column is missing, or a rating lies outside of 1 to 9.
    """
    header, rows = read_rows(path)
    wanted = {columns[emotion]: emotion for emotion in EMOTIONS}
    if missing := [name for name in ("song_id", *wanted) if name not in header]:
        fault = f"{path} has no column {listed(missing)}; its columns are {listed(header, 20)}"
        raise DataError(fault, f"Give the static annotations: song_id, {listed(list(wanted))}.")
    values = numbers(rows, {name: header.index(name) for name in wanted}, str(path))
    good, said = in_range(values, _LEAST, _MOST)
    if said:
        row = list(rows)[int(np.argmin(good))]
        raise DataError(f"{path} row {row:,}: ratings {said}", "Correct the row or delete it.")
    scaled = 2 * (values - _LEAST) / (_MOST - _LEAST) - 1
    return dict(zip(song_ids(rows, header, path), scaled, strict=True))


class Songs:
    """Songs with their courses, and what is left out of them.

    Args:
        courses: {emotion: its file}.
        overall: {song: (emotion,)} ratings of whole songs.
        place: the folder, for messages.
        long: songs last as long as the table; otherwise empty cells at the ends only say that a song is over.

    Raises:
        DataError: no song has both valence and arousal.
    """

    def __init__(self, courses: Mapping[str, Course], overall: Mapping[str, np.ndarray], place: Path, *, long: bool) -> None:
        self._courses, self._overall, self._long = courses, overall, long
        self._lost = Counted()
        first, second = (courses[emotion].songs for emotion in EMOTIONS)
        self.songs = sorted(first.keys() & second.keys(), key=int)
        if not self.songs:
            raise DataError(f"{place}: no song has both valence and arousal", "Give the two files of the same data set.")
        self._alone = sorted(first.keys() ^ second.keys(), key=int)
        self._means: dict[str, np.ndarray] = {}

    def __iter__(self) -> Iterator[Song]:
        """One song after the other, by number; those without any segment are left out."""
        for name in self.songs:
            start, values = self._both(name)
            rated = np.isfinite(values).all(1)
            good, said = in_range(np.where(rated[:, None], values, 0), *SCALE)
            self._count(name, values, rated)
            self._lost.add(f"ratings {said}, left out", name, int((~good).sum()))
            kept = rated & good
            if kept.any():
                self._means[name] = values[kept].mean(0)
                yield Song(name, start[kept], values[kept], self._overall.get(name))

    def _count(self, name: str, values: np.ndarray, rated: np.ndarray) -> None:
        """Segments that lack a rating; of a song without any, nothing."""
        if not rated.any():
            return
        first, last = np.flatnonzero(rated)[[0, -1]]
        inside = np.zeros(len(rated), bool)
        inside[first : last + 1] = True
        half = np.isfinite(values).any(axis=1) & ~rated
        self._lost.add("not rated inside a song, left out", name, int((inside & ~rated).sum()))
        ends = ~inside if self._long else ~inside & half
        self._lost.add("not rated at the ends of a song, left out", name, int(ends.sum()))

    def _both(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Times that either course has, and (segment, emotion), NaN where one of them has no rating."""
        start = np.unique(np.concatenate([self._courses[emotion].start for emotion in EMOTIONS]))
        values = np.full((len(start), len(EMOTIONS)), np.nan)
        for column, emotion in enumerate(EMOTIONS):
            course = self._courses[emotion]
            values[np.searchsorted(start, course.start), column] = course.songs[name]
        return start, values

    def notices(self) -> tuple[str, ...]:
        """What was left out of the songs given so far, and whether the names of the columns can be true."""
        without = [name for name in self.songs if name not in self._overall]
        unknown = sorted(self._overall.keys() - set(self.songs), key=int)
        empty = [name for name in self.songs if name not in self._means]
        told = {
            "songs with only one of valence and arousal, left out": self._alone,
            "songs without a single rating, left out": empty,
            "songs that were not rated as a whole": without,
            "songs that were rated only as a whole, left out": unknown,
        }
        counted = [f"{what}: {len(songs):,} ({listed(songs)})" for what, songs in told.items() if songs]
        return (*self._lost.lines(), *counted, *self._agreement())

    def _agreement(self) -> tuple[str, ...]:
        both = [name for name in self._means if name in self._overall]
        if len(both) < _ENOUGH:
            return ()
        whole, mean = (np.array([table[name] for name in both]) for table in (self._overall, self._means))
        if min(whole.std(0).min(), mean.std(0).min()) == 0:
            return ()
        r = np.corrcoef(whole.T, mean.T)[:2, 2:]  # (of the whole song, of its course)
        straight, crossed = (r[0, 0], r[1, 1]), (r[0, 1], r[1, 0])
        swapped = "COLUMNS SEEM SWAPPED, nothing was changed: " if sum(crossed) > sum(straight) else ""
        told = (
            f"rated as a whole, valence correlates with the mean course of valence by {straight[0]:.2f} and of arousal by"
            f" {crossed[0]:.2f}; arousal with that of arousal by {straight[1]:.2f} and of valence by {crossed[1]:.2f}"
        )
        return (f"{swapped}{told} ({len(both):,} songs)",)
