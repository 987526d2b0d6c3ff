"""Emotify: 400 one-minute excerpts of music, each rated by some twenty players on the nine emotions of the Geneva scales.

`data.csv` has one row a rating: track id, genre, and 0 or 1 for each emotion; header cells may begin with blanks. Ratings are
averaged over the players of a song, the standard deviation over them is kept. There is one segment a song.

A file `taggram.npy` (song, window, tag) adds what musicnn hears in twenty windows of 3 s. Its rows carry no names. Those of the
circulating copy are in the order in which a folder lists the sound files: genres in the order of the alphabet, in each the
names "1", "10", "100", "11", … of its 100 songs, while track ids run through classical, rock, electronic, pop. That was
verified: the songs whose last windows are missing are those whose sound files are shorter than a minute, and only in this order
are songs with like tags rated alike. `load` measures that for both orders and refuses the one that fits clearly worse.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_doc import Doc

from reportgen.core import Facts, Segments
from reportgen.datasets._rated import numbers, read_rows
from reportgen.datasets._song_windows import Order, fitting, read_windows
from reportgen.datasets._tally import listed
from reportgen.errors import DataError

EMOTIONS = (
    *("amazement", "solemnity", "tenderness", "nostalgia", "calmness", "power", "joyful_activation", "tension", "sadness"),
)
FACTS = Facts(
    title="Emotify",
    modality="vector",
    classes=EMOTIONS,
    simulated=False,
    licence="None is stated; its authors ask to be cited",
    consent="Players of an online game gave their ratings; age, gender and mother tongue are in the file and are not read.",
    redistribute=False,
    citation="Aljanaki, Wiering and Veltkamp (2016)",
    bibtex="""@article{aljanaki2016emotify,
  author = {Aljanaki, Anna and Wiering, Frans and Veltkamp, Remco C.},
  title = {Studying emotion induced by music through a crowdsourcing game},
  journal = {Information Processing \\& Management},
  volume = {52},
  number = {1},
  pages = {115--128},
  year = {2016},
  doi = {10.1016/j.ipm.2015.03.004}
}""",
    training_part="all",
    test_part="",
    limits="Players could name three emotions at most and skip songs, so that a rating says which emotions a song is"
    " known for among those who chose to rate it. Songs of half of the set have some 48 raters and of the other half some 16:"
    " their means are not equally sure. There is no published division into training and test.",
    scale=(0.0, 1.0),
    whole="song",
)
_SECONDS = 60.0  # length of an excerpt, says the site of the data set: www2.projects.science.uu.nl/memotion/emotifydata
_MOST = 3  # emotions that the game lets a player name
_TABLE, _WINDOWS = "data.csv", "taggram.npy"


def load(
    *,
    path: Annotated[Path, Doc("folder of data.csv and perhaps taggram.npy, or the csv")],
    windows: Annotated[
        Path | None, Doc("features of windows as .npy (song, window, feature); without it taggram.npy of the folder")
    ] = None,
    order: Annotated[
        Literal["files", "songs"],
        Doc("of the songs in `windows`: as a folder lists sound files, 1, 10, 100 … in each genre; or by track id"),
    ] = "files",
) -> Iterator[Segments]:
    """Read the ratings and give one song after the other, by track id; what is to be said about all comes with the last.

    Raises:
        DataError: a file or column is missing, a rating is neither 0 nor 1, features are of other songs or in another order.
    """
    table = path / _TABLE if path.is_dir() else path
    ratings = _Ratings(table)
    source = windows or (path / _WINDOWS if (path / _WINDOWS).is_file() else None)
    modalities: dict[str, np.ndarray] = {}
    notices = ratings.notices()
    if source:
        given = read_windows(source, len(ratings.songs))
        modalities["tags"], told = fitting(given, Order(ratings.songs, ratings.genres), order, ratings.mean, str(source))
        notices += told
    last = len(ratings.songs) - 1
    for row, song in enumerate(ratings.songs):
        yield Segments(
            video=str(song),
            part=FACTS.training_part,
            source=f"{ratings.genres[row]} {song}",
            start=np.zeros(1),
            stop=np.full(1, _SECONDS),
            values=ratings.mean[row : row + 1].astype(np.float32),
            spread=ratings.spread[row : row + 1],
            raters=ratings.raters[row : row + 1],
            modalities={name: x[row : row + 1] for name, x in modalities.items()},
            notices=notices if row == last else (),
        )


class _Ratings:
    """What data.csv says of each song.

    Attributes:
        songs: (song,) int, track ids from small to large.
        genres: (song,) str.
        mean: (song, emotion) share of the players who felt it.
        spread: (song, emotion) standard deviation over players.
        raters: (song,) int.
    """

    def __init__(self, path: Path) -> None:
        header, rows = read_rows(path)
        columns = _columns(header, path)
        found = numbers(rows, {name: columns[name] for name in ("track id", *EMOTIONS)}, str(path))
        felt, self._places = found[:, 1:], list(rows)
        self._check(found, path)
        self.songs, first, song = np.unique(found[:, 0].astype(int), return_index=True, return_inverse=True)
        genres = np.array([cells[columns["genre"]].strip() for cells in rows.values()])
        self._same_genre(genres, genres[first][song], path)
        self.genres: Sequence[str] = genres[first].tolist()
        self.raters = np.bincount(song)
        sums = np.zeros((len(self.songs), len(EMOTIONS)))
        np.add.at(sums, song, felt)
        self.mean = sums / self.raters[:, None]
        self.spread = np.sqrt(self.mean * (1 - self.mean))  # of zeros and ones
        self._more = int((felt.sum(1) > _MOST).sum())
        self._none = int((felt.sum(1) == 0).sum())

    def _check(self, found: np.ndarray, path: Path) -> None:
        """Cells that are numbers, and yet no track or rating."""
        wrong = np.column_stack([found[:, :1] != np.round(found[:, :1]), ~np.isin(found[:, 1:], (0, 1))])
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            name = ("track id", *EMOTIONS)[column]
            wanted = "0 or 1 is a rating" if column else "a whole number names a track"
            fault = f"{path} row {self._places[row]:,}, column {name}: {found[row, column]:g} where {wanted}"
            raise DataError(fault, "Correct the row or delete it.")

    def _same_genre(self, genres: np.ndarray, first: np.ndarray, path: Path) -> None:
        if (other := genres != first).any():
            row = int(np.argmax(other))
            fault = f"{path} row {self._places[row]:,}: the song is {genres[row]} here and {first[row]} above"
            raise DataError(fault, "Correct the row or delete it.")

    def notices(self) -> tuple[str, ...]:
        """What the ratings hold that the game does not allow, or that a reader of means would not see."""
        few, most = self.raters.min(), self.raters.max()
        return (
            f"{self.raters.sum():,} ratings of {len(self.songs):,} songs: {few:,} to {most:,} a song",
            *([f"{self._more:,} ratings name more than the {_MOST} emotions that the game allows"] if self._more else []),
            *([f"{self._none:,} ratings name no emotion"] if self._none else []),
        )


def _columns(header: Sequence[str], path: Path) -> dict[str, int]:
    columns = {name.casefold(): place for place, name in enumerate(header)}
    if missing := [name for name in ("track id", "genre", *EMOTIONS) if name not in columns]:
        fault = f"{path} has no column {listed(missing, 11)}; its columns are {listed(header, 20)}"
        raise DataError(fault, "Give the data.csv of Emotify: track id, genre, nine emotions, one row a rating.")
    return columns
