"""CMU-MOSEI from its .csd files: six emotions in sentences of YouTube videos, with what was seen, heard and said.

One folder holds the labels and any number of modalities; a file is known by its root and not by its name. Features of a
segment are the mean of all rows whose intervals overlap its own, weighted by the overlap in seconds. A file of words in
time gives the transcripts.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_doc import Doc

from reportgen.core import Facts, Segments
from reportgen.datasets import _mosei_csd, _mosei_facts, _mosei_folds, _mosei_overlap
from reportgen.datasets._mosei_csd import Track
from reportgen.datasets._rated import Counted, in_range, told_last
from reportgen.datasets._tally import listed
from reportgen.emotions import plain
from reportgen.errors import DataError, UsageError

FACTS = Facts(
    title="CMU-MOSEI",
    modality="vector",
    classes=_mosei_facts.EMOTIONS,
    simulated=False,
    licence=_mosei_facts.LICENCE,
    consent=_mosei_facts.CONSENT,
    redistribute=False,
    citation=_mosei_facts.CITATION,
    bibtex=_mosei_facts.BIBLIOGRAPHY,
    training_part="train",
    test_part="test",
    limits=_mosei_facts.LIMITS,
    scale=_mosei_facts.SCALE,
    whole="video",
)
_COLUMNS = ("sentiment", *_mosei_facts.EMOTIONS)  # of the labels
_TEXT = "text"  # what `modalities` calls the transcripts
_GET = "Get CMU_MOSEI_Labels.csd, whose rows are sentiment, happy, sad, anger, surprise, disgust and fear."


def load(
    *,
    folder: Annotated[Path, Doc("folder of the labels and of any modalities, as .csd files; or the label file alone")],
    modalities: Annotated[tuple[str, ...], Doc("modalities to take, text for the transcripts; none: all that are there")] = (),
    folds: Annotated[
        Path | None, Doc("parts of the videos: cmu_mosei_std_folds.py, which is not run, or JSON; none: all are one part")
    ] = None,
) -> Iterator[Segments]:
    """Read one video after the other; what is to be said about all of them comes with the last.

    Raises:
        UsageError: `modalities` names one whose file is not there.
        DataError: a file is broken, there are no labels, or a modality's intervals overlap no segment at all.
    """
    with ExitStack() as files:
        tracks = _mosei_csd.find(folder, files)
        labels = _labels(tracks, folder)
        chosen = _chosen(tracks, modalities, folder)
        parts = _mosei_folds.read(Path(folds)) if folds else None
        reader = _Reader(labels, chosen, parts)
        yield from told_last(reader.videos(), reader.notices)


def _labels(tracks: Sequence[Track], folder: Path) -> Track:
    """The file of the ratings."""
    found = [track for track in tracks if track.kind == "ratings"]
    whole = [track for track in found if track.width == len(_COLUMNS)]
    if not found:
        raise DataError(f"{folder} holds no labels; its files are {listed([track.file for track in tracks], 8)}", _GET)
    if not whole:
        fault = f"{found[0].file} has labels of {found[0].width} columns where {len(_COLUMNS)} are needed"
        raise DataError(fault, _GET)
    if len(whole) > 1:
        raise DataError(f"{folder} holds the labels twice, {whole[0].file} and {whole[1].file}", "Take one of them away.")
    names = [plain(name) for name in whole[0].names]
    if sorted(names) == sorted(_COLUMNS) and names != list(_COLUMNS):
        raise DataError(f"{whole[0].file} has its columns in the order {', '.join(names)}", _GET)
    return whole[0]


def _chosen(tracks: Sequence[Track], wanted: Sequence[str], folder: Path) -> Mapping[str, Track]:
    """The modalities to read; text by the name `text`."""
    there: dict[str, Track] = {}
    for track in tracks:
        if track.kind == "ratings" or (track.kind == "text" and "word" not in track.name):
            continue  # nothing is made of the sounds that words consist of
        name = _TEXT if track.kind == "text" else track.name
        if name in there:
            raise DataError(f"{folder} holds {name} twice, {there[name].file} and {track.file}", "Take one of them away.")
        there[name] = track
    if missing := [name for name in wanted if name not in there]:
        known = ", ".join(there) or "only labels"
        raise UsageError(f"modalities: {folder} has no {' and no '.join(missing)}; there are {known}", "Get its .csd file.")
    return {name: track for name, track in there.items() if not wanted or name in wanted}


class _Reader:
    """Puts modalities beside labels, video by video, and counts what is to be said."""

    def __init__(self, labels: Track, tracks: Mapping[str, Track], parts: Mapping[str, str] | None) -> None:
        self._labels, self._parts = labels, parts
        self._tracks = {name: track for name, track in tracks.items() if track.kind == "numbers"}
        self._words = tracks.get(_TEXT)
        self._counted = Counted()
        self._range = ""  # what was found outside the scale
        self._missing = dict.fromkeys(self._tracks, np.zeros(2))  # numbers that are missing, and all
        self._met = dict.fromkeys(tracks, 0)  # segments that each overlaps

    def videos(self) -> Iterator[Segments]:
        """All videos that are rated, in the order of their names."""
        read = 0
        for video in sorted(self._labels.entries):
            spans, values = self._ratings(video)
            if len(spans):
                read += 1
                yield self._video(video, spans, values)
        if not read:
            raise DataError(f"{self._labels.file} holds no segment that can be used", _GET)
        self._check()

    def _check(self) -> None:
        """Each modality says something about some segment."""
        for name, met in self._met.items():
            if not met:
                track = self._words if name == _TEXT and self._words else self._tracks[name]
                fault = f"{track.file}: no interval of {name} overlaps any segment of {self._labels.file}"
                raise DataError(fault, "Get both from one place, with the same videos and times in s; or set `modalities`.")

    def _ratings(self, video: str) -> tuple[np.ndarray, np.ndarray]:
        """Times (segment, 2) and ratings (segment, emotion) of the segments that can be used, in the order of time."""
        spans, labels = self._labels.read(video)
        values = labels[:, 1:]
        lasting = np.asarray(spans[:, 1] > spans[:, 0]) & np.isfinite(spans).all(axis=1)
        fitting, told = in_range(values, *_mosei_facts.SCALE)
        self._counted.add("segments that do not end after they start, left out", video, (~lasting).sum())
        self._counted.add("out of range left out", video, (lasting & ~fitting).sum())
        self._range = self._range or told
        good = np.flatnonzero(lasting & fitting)
        order = good[np.lexsort((spans[good, 1], spans[good, 0]))]
        return spans[order], values[order]

    def _video(self, video: str, spans: np.ndarray, values: np.ndarray) -> Segments:
        part = "all" if self._parts is None else self._parts.get(video, "unused")
        if part == "unused":
            self._counted.add("in none of the folds, part unused", video, len(spans))
        return Segments(
            video=video,
            part=part,
            source=f"{self._labels.file} {video}",
            start=spans[:, 0],
            stop=spans[:, 1],
            values=values,
            modalities={name: self._modality(name, video, spans) for name in self._tracks},
            transcripts=self._spoken(video, spans),
        )

    def _modality(self, name: str, video: str, spans: np.ndarray) -> np.ndarray:
        """(segment, feature) float32; NaN where nothing is known."""
        track = self._tracks[name]
        intervals, features = track.read(video)
        means = _mosei_overlap.average(spans, intervals, features)
        apart = ~_mosei_overlap.touched(spans, intervals)
        absent = video not in track.entries
        self._missing[name] = self._missing[name] + np.array([np.count_nonzero(~np.isfinite(features)), features.size])
        self._met[name] += len(spans) - apart.sum()
        self._counted.add(f"{name}: {'not in its file' if absent else 'without a feature that overlaps'}", video, apart.sum())
        return means

    def _spoken(self, video: str, spans: np.ndarray) -> tuple[str, ...]:
        if not self._words:
            return ()
        intervals, words = self._words.read(video)
        said = _mosei_overlap.spoken(spans, intervals, words[:, 0].tolist())
        silent = sum(not text for text in said)
        self._met[_TEXT] += len(said) - silent
        self._counted.add("without a word", video, silent)
        return said

    def notices(self) -> tuple[str, ...]:
        """What is to be said once all videos are read."""
        told = list(self._counted.lines())
        if self._range:
            told.append(f"intensities out of range are such as {self._range}")
        for name, (missing, numbers) in self._missing.items():
            if missing:
                told.append(f"{name}: {missing:,.0f} of {numbers:,.0f} numbers are infinite or none and count as missing")
        if self._parts is None:
            told.append("no folds are given: all videos are of the part 'all', so that a split by video has to divide them")
        elif absent := len(self._parts.keys() - self._labels.entries.keys()):
            told.append(f"videos of the folds that have no labels: {absent:,}")
        return tuple(told)
