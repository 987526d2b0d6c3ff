"""CMU-MOSEI, or segments rated like it, as one csv: times and six emotions a row, perhaps what was said, part and speaker.

Columns are known by their names, whatever their order and case: video_id, video or id; start; end or stop; happy or
happiness, sad or sadness, anger or angry, surprise, disgust, fear; text or transcript; split, source or part; speaker.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_doc import Doc

from reportgen.core import Facts, Segments
from reportgen.datasets import _mosei_facts
from reportgen.datasets._rated import Counted, Rows, by_video, in_range, numbers, read_rows, told_last
from reportgen.datasets._tally import listed
from reportgen.emotions import plain
from reportgen.errors import DataError, UsageError

FACTS = Facts(
    title="CMU-MOSEI as a table",
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
_NAMES: Mapping[str, Sequence[str]] = {
    "video": ("video_id", "video", "id"),
    "start": ("start", "start_time"),
    "stop": ("end", "stop", "end_time"),
    "text": ("text", "transcript"),
    "part": ("split", "source", "part"),
    "speaker": ("speaker", "speaker_id"),
}  # {what it is: names, the surer first}
_NEEDED = ("video", "start", "stop", *_mosei_facts.EMOTIONS)
_ALL = "all"  # the part of a table that names none
_UNUSED = "unused"


def load(
    *,
    path: Annotated[Path, Doc("the csv")],
    training_part: Annotated[str, Doc("what the column split, source or part calls the part to train on")] = "train",
    test_part: Annotated[str, Doc("and the part to test on")] = "test",
    title: Annotated[str, Doc("what the report calls the data; empty: CMU-MOSEI as a table")] = "",
    redistribute: Annotated[bool, Doc("transcripts may be shown in a public report")] = False,
) -> Iterator[Segments]:
    """Read the table whole and give one video after the other; what is to be said about all comes with the last.

    Settings from `training_part` on describe the data: the step `load` puts them into the facts.

    Raises:
        UsageError: the table has parts, and none is called `training_part`.
        DataError: a column is missing or a cell is wrong, with its row.
    """
    del test_part, title, redistribute
    header, rows = read_rows(path)
    columns = _columns(header, path)
    parts = _texts(rows, columns, "part", _UNUSED if "part" in columns else _ALL)
    if "part" in columns and training_part not in parts:
        fault = f"{path} has no rows of the part '{training_part}'; its parts are {listed(sorted(set(parts)), 8)}"
        raise UsageError(fault, 'Say which of them to train on: training_part = "…", and test_part likewise.')
    table = _Table(path, rows, columns, parts)
    yield from told_last(table.videos(), table.notices)


def _columns(header: Sequence[str], path: Path) -> dict[str, int]:
    """{what it is: place in a row}."""
    there: dict[str, int] = {}
    for place, name in enumerate(header):
        there.setdefault(plain(re.sub(r"[\s_-]+", "_", name)), place)
    wanted = {**_NAMES, **{emotion: (emotion,) for emotion in _mosei_facts.EMOTIONS}}
    known = {what: [there[name] for name in names if name in there] for what, names in wanted.items()}
    found = {what: places[0] for what, places in known.items() if places}
    if missing := [what for what in _NEEDED if what not in found]:
        emotional = "emotion " if missing[0] in _mosei_facts.EMOTIONS else ""
        fault = f"{path} has no column for the {emotional}{listed(missing, 9)}; its columns are {listed(header, 20)}"
        names = "; ".join(" or ".join(wanted[what]) for what in missing)
        raise DataError(fault, f"Name the column so: {names}. All six emotions are needed, in 0 to 3.")
    return found


def _texts(rows: Rows, columns: Mapping[str, int], what: str, other: str = "") -> list[str]:
    """A column of text without blanks around it; `other` where there is nothing."""
    return [(cells[columns[what]].strip() if what in columns else "") or other for cells in rows.values()]


class _Table:
    """Makes videos of rows, and counts what is left out."""

    def __init__(self, path: Path, rows: Rows, columns: Mapping[str, int], parts: Sequence[str]) -> None:
        self._name, self._rows, self._columns = path.name, list(rows), columns
        measured = {what: columns[what] for what in _NEEDED[1:]}
        found = numbers(rows, measured, str(path))
        self._spans, self._values = found[:, :2], found[:, 2:]
        self._video = _texts(rows, columns, "video")
        self._text, self._speaker = _texts(rows, columns, "text"), _texts(rows, columns, "speaker")
        self._part = parts
        self._counted = Counted()
        self._range = ""
        self._check(path)

    def _check(self, path: Path) -> None:
        """Rows that no reading makes sense of."""
        if "" in self._video:
            row = self._rows[self._video.index("")]
            raise DataError(f"{path} row {row:,}: no video is named", "Correct the row or delete it.")
        if (backwards := self._spans[:, 1] <= self._spans[:, 0]).any():
            i = int(np.argmax(backwards))
            start, stop = self._spans[i]
            fault = f"{path} row {self._rows[i]:,}: the segment ends at {stop:g} s and starts at {start:g} s"
            raise DataError(fault, "A segment ends after it starts: correct the row or delete it.")

    def videos(self) -> Iterator[Segments]:
        """One video, and one part of it, after the other."""
        fitting, self._range = in_range(self._values, *_mosei_facts.SCALE)
        read = 0
        for rows in by_video(self._video, self._part, *self._spans.T):
            video = self._video[rows[0]]
            self._counted.add("out of range left out", video, (~fitting[rows]).sum())
            again = np.r_[False, (np.diff(self._spans[rows], axis=0) == 0).all(axis=1)]  # in the order of start and stop
            self._counted.add("segments given more than once, the first kept", video, (again & fitting[rows]).sum())
            kept = rows[fitting[rows] & ~again]
            if len(kept):
                read += 1
                yield self._segments(kept)
        if not read:
            raise DataError(f"{self._name}: all rows are out of range, {self._range}", "Give intensities from 0 to 3.")

    def _segments(self, rows: np.ndarray) -> Segments:
        first = rows[0]
        return Segments(
            video=self._video[first],
            part=self._part[first],
            source=f"{self._name} row {self._rows[first]}",
            start=self._spans[rows, 0],
            stop=self._spans[rows, 1],
            values=self._values[rows].astype(np.float32),
            speaker=self._speaker[first],
            transcripts=tuple(self._text[row] for row in rows) if "text" in self._columns else (),
        )

    def notices(self) -> tuple[str, ...]:
        """What is to be said once all rows are read."""
        told = list(self._counted.lines())
        if self._range:
            told.append(f"intensities out of range are {self._range}")
        if "part" not in self._columns:
            told.append(
                f"no column names parts: all rows are of the part '{_ALL}', so that a split by video has to divide them"
            )
        elif blank := self._part.count(_UNUSED):
            told.append(f"rows whose part is empty, part {_UNUSED}: {blank:,}")
        parts = Counter(video for video, _ in set(zip(self._video, self._part, strict=True)))
        if torn := sorted(video for video, n in parts.items() if n > 1):
            told.append(f"videos with rows in several parts: {len(torn):,} ({listed(torn)})")
        return tuple(told)
