"""DEAM, the MediaEval set of 2013 to 2015: 1,802 songs with valence and arousal, rated twice a second and as a whole.

A segment is one rating, half a second, from second 15 on. Ratings of whole songs, 1 to 9, are brought to -1 to 1. Columns are
known by their names: the static files have valence first, emoMusic's has arousal first, and in that of songs 2001 to 2058 the
columns of extremes lie between.

The numbers of songs say the part: up to 1000 the development set, which is emoMusic's, up to 2000 the evaluation of 2014, and
above the whole songs of 2015.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_doc import Doc

from reportgen.core import Facts, Segments
from reportgen.datasets._rated import numbers, read_rows, told_last
from reportgen.datasets._song_affect import EMOTIONS, SCALE, Song, Songs, read_course, read_overall
from reportgen.datasets._tally import listed
from reportgen.errors import DataError

FACTS = Facts(
    title="DEAM",
    modality="vector",
    classes=EMOTIONS,
    simulated=False,
    licence="Songs under Creative Commons licences; annotations for research",
    consent="Workers of a crowd and of a laboratory gave their ratings for pay; nobody is named.",
    redistribute=False,
    citation="Aljanaki, Yang and Soleymani (2017)",
    bibtex="""@article{aljanaki2017deam,
  author = {Aljanaki, Anna and Yang, Yi-Hsuan and Soleymani, Mohammad},
  title = {Developing a benchmark for emotional analysis of music},
  journal = {PLoS ONE},
  volume = {12},
  number = {3},
  pages = {e0173392},
  year = {2017},
  doi = {10.1371/journal.pone.0173392}
}""",
    training_part="development",
    test_part="evaluation 2014",
    limits="Ratings are means over five to ten people and hide how much these differ. Each rating is close to the one before:"
    " what is learned is learned from songs, not from segments. The parts were rated in different years by different people,"
    " those of 2015 to whole songs.",
    scale=SCALE,
    whole="song",
)
_SONGS = "annotations averaged per song"
_NESTS = (".", "annotations", "DEAM_Annotations/annotations", "annotations/annotations")  # what archives wrap around it
_STATIC = "static_annotations_averaged_songs_*.csv"
_PARTS = ((1000, "development"), (2000, "evaluation 2014"))  # (last song, part)
_LATER = "evaluation 2015"
_NEAR = 0.25  # s: half of the time between two frames of features


def load(
    *,
    path: Annotated[Path, Doc("folder that holds “annotations/annotations averaged per song”, and perhaps “features”")],
    features: Annotated[bool, Doc("read features/{song}.csv too, 260 numbers every half second")] = False,
) -> Iterator[Segments]:
    """Read all annotations and give one song after the other; what is to be said about all comes with the last.

    Raises:
        DataError: a file or a column is missing, a cell is wrong, or songs differ in their features.
    """
    folder = _annotations(path)
    courses = {emotion: read_course(folder / "dynamic (per second annotations)" / f"{emotion}.csv") for emotion in EMOTIONS}
    overall = _overall(folder / "song_level")
    songs = Songs(courses, overall, folder, long=False)
    heard = _Features(path, songs.songs) if features else None
    made = (song.segments(_part(song.name), f"song {song.name}", heard.of(song) if heard else None) for song in songs)
    yield from told_last(made, lambda: (*songs.notices(), *(heard.notices() if heard else ())))


def _annotations(path: Path) -> Path:
    found = [path / nest / _SONGS for nest in _NESTS if (path / nest / _SONGS).is_dir()]
    if path.name == _SONGS and path.is_dir():
        return path
    if not found:
        raise DataError(
            f"{path} has no folder “annotations/{_SONGS}”", "Give the folder that DEAM_Annotations was unpacked into."
        )
    return found[0]


def _overall(folder: Path) -> dict[str, np.ndarray]:
    """{song: (emotion,)} of all files of whole songs; a song in two of them is taken from the first."""
    files = sorted(folder.glob(_STATIC))
    if not files:
        raise DataError(f"{folder} has no {_STATIC}", "Unpack DEAM_Annotations as a whole.")
    columns = {emotion: f"{emotion}_mean" for emotion in EMOTIONS}
    tables = [read_overall(file, columns) for file in files]
    return {song: values for table in reversed(tables) for song, values in table.items()}


def _part(song: str) -> str:
    return next((part for last, part in _PARTS if int(song) <= last), _LATER)


class _Features:
    """The numbers that come with DEAM, by song, brought to the times of its ratings."""

    def __init__(self, path: Path, songs: Sequence[str]) -> None:
        nests = (path / "features", path / "features" / "features")
        self._folder = next((nest for nest in nests if any((nest / f"{song}.csv").is_file() for song in songs)), None)
        if self._folder is None:
            raise DataError(
                f"{path} has no folder “features” with {songs[0]}.csv and so on", "Unpack it, or set features = false."
            )
        first = next(song for song in songs if self._file(song).is_file())
        self._names = [name for name in read_rows(self._file(first), ";")[0] if name != "frameTime"]
        self._without: list[str] = []
        self._far: dict[str, int] = {}

    def _file(self, song: str) -> Path:
        return (self._folder or Path()) / f"{song}.csv"

    def of(self, song: Song) -> Mapping[str, np.ndarray]:
        """{"features": (segment, feature) float32} of the frame nearest in time, NaN where there is none."""
        x = np.full((len(song.start), len(self._names)), np.nan, np.float32)
        if not self._file(song.name).is_file():
            self._without.append(song.name)
            return {"features": x}
        time, frames = self._read(self._file(song.name))
        nearest = np.abs(song.start[:, None] - time).argmin(1)
        near = np.abs(time[nearest] - song.start) <= _NEAR
        x[near] = frames[nearest[near]]
        if not near.all():
            self._far[song.name] = int((~near).sum())
        return {"features": x}

    def _read(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        """Times (frame,) in s and features (frame, feature), in the order of the first song's columns."""
        header, rows = read_rows(path, ";")
        wanted = ("frameTime", *self._names)
        if set(header) != set(wanted):
            odd = sorted(set(header) ^ set(wanted))
            fault = f"{path} has other columns than the first song: {listed(odd)}"
            raise DataError(fault, "Download it again, or set features = false.")
        found = numbers(rows, {name: header.index(name) for name in wanted}, str(path), blank=True)
        return found[:, 0], found[:, 1:].astype(np.float32)

    def notices(self) -> tuple[str, ...]:
        """Where features are missing."""
        far = f"segments without a frame of features: {sum(self._far.values()):,} of {len(self._far):,} songs"
        return (
            *([f"songs without features: {len(self._without):,} ({listed(self._without)})"] if self._without else []),
            *([f"{far} ({listed(list(self._far))})"] if self._far else []),
        )
