"""Ratings of whole songs whose valence is the arousal of everything else, and the other way round."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from reportgen.core import Finding
from reportgen.emotions import is_plane
from reportgen.outputs import Inputs
from reportgen.words import count, fixed, listing

NEEDS = ("facts", "intensities", "segments", "overall_ratings")
_FEW = 10  # songs: with fewer nothing is said
_RESAMPLES = 1000
_EMOTIONS = ("valence", "arousal")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding a data set of valence and arousal, and one more for each two of them that have rated the same songs.

    Files of one song collection put valence first and those of another arousal. Names of columns are checked by what they say:
    the valence of a whole song has to follow the mean of its valence over time more than that of its arousal.
    """
    known = [about["dataset"] for about in inputs.about("overall_ratings")]
    sets = {name: ratings for name in known if (ratings := _ratings(inputs, name))}
    for name, ratings in sets.items():
        both = [video for video in ratings.overall if video in ratings.mean]
        yield _judge(
            f"data set {name}", _stack(ratings.overall, both), _stack(ratings.mean, both), ("as a whole", "over time"), name
        )
    names = list(sets)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            both = [video for video in sets[one].overall if video in sets[other].overall]
            if both:
                first, second = (_stack(sets[name].overall, both) for name in (one, other))
                said = (f"in {one}", f"in {other}")
                yield _judge(f"data sets {listing([one, other])}", first, second, said, f"{one} or {other}")


@dataclass(frozen=True, slots=True)
class _Ratings:
    overall: Mapping[str, np.ndarray]  # {song: (emotion,)} as a whole
    mean: Mapping[str, np.ndarray]  # the same: mean over its segments


def _ratings(inputs: Inputs, name: str) -> _Ratings | None:
    if not is_plane(inputs.one("facts", dataset=name)["classes"]):
        return None
    whole = inputs.one("overall_ratings", dataset=name)
    values = np.asarray(inputs.one("intensities", dataset=name), float)
    rated = np.isfinite(values).all(axis=1)
    videos, group = np.unique(inputs.one("segments", dataset=name)["video"][rated], return_inverse=True)
    sums = np.zeros((len(videos), values.shape[1]))
    np.add.at(sums, group, values[rated])
    means = sums / np.bincount(group, minlength=len(videos))[:, None]
    overall = {str(video): row for video, row in zip(whole["video"], whole["values"], strict=True) if np.isfinite(row).all()}
    return _Ratings(overall, {str(video): row for video, row in zip(videos, means, strict=True)})


def _stack(table: Mapping[str, np.ndarray], songs: list[str]) -> np.ndarray:
    return np.array([table[song] for song in songs]).reshape(len(songs), len(_EMOTIONS))


def _judge(about: str, first: np.ndarray, second: np.ndarray, said: tuple[str, str], where: str) -> Finding:
    """Two ratings of the same songs, (song, emotion) both."""
    n = len(first)
    if n < _FEW or min(np.ptp(first, axis=0).min(), np.ptp(second, axis=0).min()) == 0:
        evidence = f"{count(n)} songs were rated {said[0]} and {said[1]}, {_FEW} that differ are needed"
        title = "Whether valence and arousal are swapped cannot be told"
        remedy = "Read more songs, or compare some of them with the publisher's tables by hand."
        return Finding(severity="notice", about=about, title=title, evidence=evidence, remedy=remedy)
    r = _correlations(first, second)
    low, high = _interval(first, second)
    evidence = (
        f"of {count(n)} songs, valence {said[0]} correlates with valence {said[1]} by {fixed(r[0, 0], 2)} and with arousal by"
        f" {fixed(r[0, 1], 2)}, arousal with arousal by {fixed(r[1, 1], 2)} and with valence by {fixed(r[1, 0], 2)};"
        f" equal names agree more than different ones by {fixed(_straight(r), 2)} [{fixed(low, 2)}, {fixed(high, 2)}]"
    )
    rows = (
        ("", *(f"{name} {said[1]}" for name in _EMOTIONS)),
        *((f"{name} {said[0]}", *(fixed(float(one), 3) for one in row)) for name, row in zip(_EMOTIONS, r, strict=True)),
    )
    if low > 0:
        title = "Valence and arousal are what their names say"
        return Finding(severity="ok", about=about, title=title, evidence=evidence, rows=rows)
    return Finding(
        severity="error" if high < 0 else "warning",
        about=about,
        title="Valence and arousal are swapped" if high < 0 else "Valence and arousal may be swapped, or tell nothing apart",
        evidence=evidence,
        remedy=f"Look at the header of the table of {where} beside the publisher's: some have arousal first, some valence."
        " Correct the names there; nothing was swapped here, and every score and map is of the columns as they are named.",
        rows=rows,
    )


def _correlations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(emotion of the first, emotion of the second)."""
    return np.asarray(np.corrcoef(first.T, second.T)[: len(_EMOTIONS), len(_EMOTIONS) :])


def _straight(r: np.ndarray) -> float:
    """By how much ratings of one name agree more than ratings of different names, mean of both."""
    return float((r[0, 0] + r[1, 1] - r[0, 1] - r[1, 0]) / 2)


def _interval(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Of `_straight`, 95 % of resamples of songs; a resample in which all songs are alike says nothing."""
    rng = np.random.default_rng(0)
    drawn = [rng.integers(len(first), size=len(first)) for _ in range(_RESAMPLES)]
    with np.errstate(invalid="ignore"):
        found = [_straight(_correlations(first[songs], second[songs])) for songs in drawn]
    low, high = np.nanpercentile(found, (2.5, 97.5))
    return float(low), float(high)
