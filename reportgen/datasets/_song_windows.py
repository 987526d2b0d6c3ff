"""Features of the windows of songs whose rows carry no names: which row is which song, and whether that can be true."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.spatial.distance import pdist

from reportgen.datasets._tally import listed
from reportgen.errors import DataError

Way = Literal["files", "songs"]
_CLEAR = 0.1  # by which a correlation has to exceed the other; over 400 songs in random order it is 0.00 ± 0.02
_ENOUGH = 10  # songs of a genre


@dataclass(frozen=True, slots=True)
class Order:
    """Songs by track id, and in which row of the features each one is."""

    songs: np.ndarray  # (song,) int, from small to large
    genres: Sequence[str]  # (song,)

    def rows(self, way: Way) -> np.ndarray:
        """(song,) int: `songs` by track id; `files` by the names of sound files.

        A sound file is called by the number of the song in its genre, from 1 on, and lies in a folder of the genre.
        """
        if way == "songs":
            return np.arange(len(self.songs))
        seen: dict[str, int] = {}
        names = []
        for genre in self.genres:
            seen[genre] = seen.get(genre, 0) + 1
            names.append((genre, f"{seen[genre]}.mp3"))
        place = {name: row for row, name in enumerate(sorted(names))}
        return np.array([place[name] for name in names])


def read_windows(path: Path, songs: int) -> np.ndarray:
    """Read (song, window, feature) float32; what is infinite becomes NaN, which marks what is missing.

    Raises:
        DataError: the file is missing, no array, or of another number of songs.
    """
    if not path.is_file():
        raise DataError(f"{path} does not exist", "Give the .npy of window features, or none.")
    try:
        x = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no array of numbers: {error}", "Give a .npy of (song, window, feature).") from error
    if not isinstance(x, np.ndarray) or x.ndim != 3 or x.dtype.kind not in "fiu":
        shape = f"an array {x.shape} of {x.dtype}" if isinstance(x, np.ndarray) else "an archive"
        raise DataError(f"{path} is {shape}, not (song, window, feature) of numbers", "Give one row a song.")
    if len(x) != songs:
        fault = f"{path} has features of {len(x):,} songs, the ratings are of {songs:,}"
        raise DataError(fault, "Give the features of the same songs.")
    return np.where(np.isfinite(x), x, np.nan).astype(np.float32)


def fitting(x: np.ndarray, order: Order, way: Way, ratings: np.ndarray, place: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Features in the order of the songs, and what is to be said of them.

    Args:
        x: (song, window, feature) as read.
        order: which row is which song.
        way: that is meant.
        ratings: (song, emotion).
        place: the file, for messages.

    Raises:
        DataError: the other order fits the ratings clearly better.
    """
    other: Way = "songs" if way == "files" else "files"
    fits = {one: _fit(x[order.rows(one)], ratings, np.asarray(order.genres)) for one in (way, other)}
    if fits[other] > fits[way] + _CLEAR:
        told = f"like songs are rated alike with r {fits[other]:.2f} in that of {other}, {fits[way]:.2f} in that of {way}"
        raise DataError(f"{place} has its songs in another order: {told}", f'Set order = "{other}".')
    own = x[order.rows(way)]
    called = "names of sound files" if way == "files" else "track ids"
    fit = "" if np.isnan(fits[way]) else f", in which songs with like features are rated alike with r {fits[way]:.2f}"
    against = "" if np.isnan(fits[other]) else f"; in the other order r is {fits[other]:.2f}"
    return own, (f"{Path(place).name} is taken in the order of {called}{fit}{against}", *_missing(own, order))


def _fit(x: np.ndarray, ratings: np.ndarray, genres: np.ndarray) -> float:
    """Correlation of distances between songs in features and in ratings: mean over genres, NaN where songs are too few."""
    mean = _mean(x)
    mean = (mean - mean.mean(0)) / np.maximum(mean.std(0), np.finfo(np.float32).tiny)
    found = [
        np.corrcoef(pdist(mean[own]), pdist(ratings[own]))[0, 1]
        for own in (genres == genre for genre in np.unique(genres))
        if own.sum() >= _ENOUGH and np.ptp(mean[own]) > 0 and np.ptp(ratings[own]) > 0
    ]
    return float(np.mean(found)) if found else np.nan


def _mean(x: np.ndarray) -> np.ndarray:
    """(song, window, feature) -> (song, feature): over the windows that are there."""
    there = ~np.isnan(x)
    return np.asarray(np.where(there, x, 0).sum(1) / np.maximum(there.sum(1), 1))


def _missing(x: np.ndarray, order: Order) -> tuple[str, ...]:
    lost = np.isnan(x).any(2)
    if not lost.any():
        return ()
    songs = [f"{order.genres[row]} {order.songs[row]}" for row in np.flatnonzero(lost.any(1)).tolist()]
    return (f"windows without numbers: {int(lost.sum()):,} of {len(songs):,} songs ({listed(songs)})",)
