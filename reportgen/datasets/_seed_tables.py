"""What the publishers of the SEED family say about their recordings: films, labels, lengths and dates.

Lengths and codes are those that the files and the code of their users agree on; where sources disagree it is said here.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportgen.errors import DataError

RATE = 200.0
"""Hz, of the preprocessed signals of SEED and SEED-IV."""
VALENCE = ("negative", "neutral", "positive")
"""Classes of SEED, SEED-GER and SEED-FRA; their labels −1, 0, 1 (in newer files 0, 1, 2) are in this order."""
SEED_IV_CLASSES = ("neutral", "sad", "fear", "happy")
SEED_V_CLASSES = ("disgust", "fear", "sad", "neutral", "happy")


@dataclass(frozen=True, slots=True)
class Clip:
    """One film of a session."""

    trial: str  # its number in the session, from 1
    film: str  # the same wherever it was shown
    label: int  # index into the classes
    seconds: float
    start: float | None = None  # s since the recording began; None: the recording is published in trials

    def windows(self, seconds: float) -> int:
        """How many windows of that length without overlap it has."""
        return int(self.seconds // seconds)


@dataclass(frozen=True, slots=True)
class Table:
    """The films of one session in the order that they were shown in."""

    clips: tuple[Clip, ...]
    slack: float = 1.0  # s by which a length may differ: it is published in whole seconds, or only in windows

    @property
    def labels(self) -> tuple[int, ...]:
        """Of every clip."""
        return tuple(clip.label for clip in self.clips)

    def clip(self, trial: int) -> Clip | None:
        """The clip of a trial that is counted from 1."""
        return self.clips[trial - 1] if 1 <= trial <= len(self.clips) else None


def _lengths(labels: str, seconds: Sequence[float], session: str = "", slack: float = 1.0) -> Table:
    rows = enumerate(zip(labels.split(), seconds, strict=True), 1)
    return Table(tuple(Clip(str(i), f"{session}{i}", int(label), length) for i, (label, length) in rows), slack)


def _spans(labels: str, starts: str, ends: str, session: str = "", first_code: int = 0) -> Table:
    columns = ([int(number) for number in text.split()] for text in (labels, starts, ends))
    rows = enumerate(zip(*columns, strict=True), 1)
    return Table(
        tuple(Clip(str(i), f"{session}{i}", label - first_code, end - start, start) for i, (label, start, end) in rows)
    )


_SEED_SECONDS = (235, 233, 206, 238, 185, 195, 237, 216, 265, 237, 235, 233, 235, 238, 206)
SEED = _lengths("2 1 0 0 1 2 0 1 2 2 1 0 1 2 0", _SEED_SECONDS)
"""SEED: the same 15 films in all three sessions; lengths are N // 200 of the N samples in its files."""
SEED_TRAIN = 9
"""The files of SEED_Multimodal call the first nine films train and the others test."""
_FIRST_DATES = (
    "20131027 20140404 20140603 20140621 20140411 20130712 20131027 20140511 20140620 20131130 20140618 20131127"
    " 20140527 20140601 20130709"
)
SEED_FIRST_DATES: Mapping[int, str] = dict(enumerate(_FIRST_DATES.split(), 1))
"""{subject: date of its first session}."""

_WINDOW_4S = {
    1: "42 23 49 32 22 40 38 52 36 42 12 27 54 42 64 35 17 44 35 12 28 28 43 34",
    2: "55 25 34 36 53 27 34 46 34 20 60 12 36 27 44 15 46 49 45 10 37 44 24 19",
    3: "42 32 23 45 48 26 64 23 26 16 51 41 39 19 28 44 14 17 45 22 39 38 41 39",
}
_SEED_IV_LABELS = {
    1: "1 2 3 0 2 0 0 1 0 1 2 1 1 1 2 3 2 2 3 3 0 3 0 3",
    2: "2 1 3 0 0 2 0 2 3 3 2 3 2 0 1 1 2 1 0 3 0 1 3 1",
    3: "1 2 2 1 3 3 3 1 1 2 1 0 2 3 3 0 2 3 0 0 2 0 1 0",
}
SEED_IV: Mapping[int, Table] = {
    session: _lengths(_SEED_IV_LABELS[session], [4 * int(n) + 2 for n in windows.split()], f"{session}-", slack=2.0)
    for session, windows in _WINDOW_4S.items()
}
"""{session: table}; lengths are known only as numbers of windows of 4 s: the middle is given here."""

SEED_V: Mapping[int, Table] = {
    1: _spans(
        "4 1 3 2 0 4 1 3 2 0 4 1 3 2 0",
        "30 132 287 555 773 982 1271 1628 1730 2025 2227 2435 2667 2932 3204",
        "102 228 524 742 920 1240 1568 1697 1994 2166 2401 2607 2901 3172 3359",
        session="1-",
    ),
    2: _spans(
        "2 1 3 0 4 4 0 3 2 1 3 4 1 2 0",
        "30 299 548 646 836 1000 1091 1392 1657 1809 1966 2186 2333 2490 2741",
        "267 488 614 773 967 1059 1331 1622 1777 1908 2153 2302 2428 2709 2817",
        session="2-",
    ),
    3: _spans(
        "2 1 3 0 4 4 0 3 2 1 3 4 1 2 0",
        "30 353 478 674 825 908 1200 1346 1451 1711 2055 2307 2457 2726 2888",
        "321 418 643 764 877 1147 1284 1418 1679 1996 2275 2425 2664 2857 3066",
        session="3-",
    ),
}
"""{session: table}."""

FRENCH = _spans(
    "1 -1 0 -1 1 0 -1 0 1 -1 0 1 1 0 -1 -1 0 1 -1 0 1",
    "21 213 489 687 982 1103 1252 1572 1738 1887 2174 2327 2492 2619 2783 2931 3029 3216 3369 3515 3622",
    "193 468 667 962 1082 1232 1552 1718 1867 2154 2307 2471 2599 2763 2910 3008 3195 3349 3495 3602 3797",
    first_code=-1,
)
"""SEED-FRA: the same 21 films in all sessions; the first 12 are called train."""
GERMAN = _spans(
    "1 -1 -1 0 1 -1 0 1 1 0 -1 0 1 0 -1 -1 0 1",
    "5 411 861 1114 1287 1454 1620 1878 2135 2310 2502 2709 3028 3162 3290 3656 3823 4366",
    "136 831 1084 1257 1423 1589 1848 2105 2280 2472 2677 2998 3131 3259 3626 3792 4079 4538",
    first_code=-1,
)
"""SEED-GER: 18 films by the code of its users; its page speaks of 20. Treat it as a default that may be wrong."""
CULTURE_TRAIN = 12
"""The files of SEED-FRA call the first twelve films train; taken over for SEED-GER."""

_COLUMNS = ("trial", "label", "start", "end")
_FORM = "Its columns are trial, label (name of the class, or −1, 0, 1), start and end in s."


def read(path: Path, classes: Sequence[str]) -> Table:
    """A user's own table of trials: a csv file with the columns trial, label, start and end.

    Args:
        path: the file.
        classes: names of the classes; a label is one of them, or a number that counts them from −1.

    Raises:
        DataError: a column is missing, or a row makes no sense.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [{str(key).strip().casefold(): value for key, value in row.items()} for row in csv.DictReader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}", _FORM) from error
    if not rows or any(column not in rows[0] for column in _COLUMNS):
        raise DataError(f"{path} has not all of the columns {', '.join(_COLUMNS)}, or no rows", _FORM)
    clips = tuple(_clip(row, f"{path} row {i}", classes) for i, row in enumerate(rows, 2))
    _check_order(path, clips)
    return Table(clips)


def _clip(row: Mapping[str, str], place: str, classes: Sequence[str]) -> Clip:
    codes = {name: i for i, name in enumerate(classes)} | {str(i - 1): i for i in range(len(classes))}
    label = (row["label"] or "").strip().casefold().replace("−", "-")
    if label not in codes:
        raise DataError(f"{place}: label is '{label}', known are {', '.join(codes)}", _FORM)
    try:
        start, end = float(row["start"]), float(row["end"])
    except (TypeError, ValueError):
        raise DataError(f"{place}: start '{row['start']}' or end '{row['end']}' is no number", _FORM) from None
    if not 0 <= start < end < float("inf"):
        raise DataError(f"{place}: from {start:g} to {end:g} s is no span of time", _FORM)
    trial = (row["trial"] or "").strip()
    return Clip(trial, trial, codes[label], end - start, start)


def _check_order(path: Path, clips: Sequence[Clip]) -> None:
    if len({clip.trial for clip in clips}) < len(clips) or not all(clip.trial for clip in clips):
        raise DataError(f"{path}: the trials have not all a name of their own", "Number them from 1.")
    ends = [(clip.start or 0.0) + clip.seconds for clip in clips]
    for before, end, clip in zip(clips, ends, clips[1:], strict=False):
        if clip.start is not None and clip.start < end:
            raise DataError(
                f"{path}: trial {clip.trial} starts at {clip.start:g} s, before trial {before.trial} ends at {end:g} s",
                "Trials follow each other without overlap.",
            )
