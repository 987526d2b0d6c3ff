"""Which seconds of a recording are a trial of which class: by the events in its file, or by a table."""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportgen.datasets._recording_files import Header
from reportgen.datasets._tally import Tally, listed
from reportgen.errors import DataError
from reportgen.plugins import unknown

_NEEDED = ("file", "start", "stop", "label")
_WHOSE = ("subject", "session")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A trial, or a part of one."""

    start: float  # s since the recording began
    stop: float
    label: int
    trial: str  # unique in its recording
    clip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a table says about one recording."""

    segments: tuple[Segment, ...]
    places: tuple[str, ...]  # of the segments: "segments.csv row 5"
    whose: Mapping[str, str]  # {subject, session: as far as the table knows}


def from_events(
    header: Header, wanted: Mapping[str, int], start: float, stop: float | None, name: str, tally: Tally
) -> tuple[Segment, ...]:
    """Trials around the events of a recording, in the order of time.

    Args:
        header: of the recording.
        wanted: {event: label}.
        start: s from the event to the beginning of its trial.
        stop: s from the event to the end of its trial; None: the trial ends at the next event of any kind.
        name: of the file.
        tally: told of trials that are left out.
    """
    onsets = sorted({onset for onset, _ in header.events})
    following = dict(zip(onsets, (*onsets[1:], header.seconds), strict=False))
    segments: list[Segment] = []
    for onset, event in header.events:
        if event not in wanted:
            continue
        begin, end = onset + start, following[onset] if stop is None else onset + stop
        place = f"{name} at {onset:.1f} s"
        if begin < -1 / header.rate or end > header.seconds + 1 / header.rate:
            tally.add("trials that reach beyond their recording are left out", place)
        elif end <= begin:
            tally.add("trials that would end before they begin are left out: the next event follows within `start`", place)
        else:
            trial = str(len(segments) + 1)
            segments.append(Segment(start=max(begin, 0.0), stop=end, label=wanted[event], trial=trial))
    return tuple(segments)


def present(headers: Iterable[Header]) -> str:
    """The events of all recordings: `'T0' (15), 'T1' (8)`."""
    counts = Counter(event for header in headers for _, event in header.events)
    return listed([f"'{event}' ({count:,})" for event, count in sorted(counts.items())], 20) or "none at all"


def from_table(path: Path, names: Sequence[str], classes: Sequence[str]) -> dict[str, Listed]:
    """Trials as a csv lists them, {file: …}; its columns may stand in any order, and its row 1 is the header.

    Args:
        path: of the csv.
        names: of the recordings, as `find` gives them.
        classes: that a label may be.

    Raises:
        DataError: the table is wrong, with the row.
    """
    rows: dict[str, list[tuple[str, Mapping[str, str], Segment]]] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, skipinitialspace=True)
            _check_columns(path, table.fieldnames or ())
            for cells in table:
                place = f"{path.name} row {table.line_num}"
                if None in cells:
                    raise DataError(f"{place}: more cells than the header has", "Put a text with a comma in quotes.")
                row = {key: (cells.get(key) or "").strip() for key in (*_NEEDED, *_WHOSE, "trial", "clip")}
                name = _file(row["file"], names, place)
                rows.setdefault(name, []).append((place, row, _segment(row, classes, place, len(rows.get(name, ())))))
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", "`segments` is a csv in UTF-8.") from error
    if not rows:
        raise DataError(f"{path} lists no segment", f"Write one row a trial: {', '.join(_NEEDED)}.")
    return {name: _listed(found) for name, found in rows.items()}


def _check_columns(path: Path, header: Sequence[str]) -> None:
    if missing := [name for name in _NEEDED if name not in header]:
        found = ", ".join(header) or "nothing"
        hint = f"Needed are {', '.join(_NEEDED)}; subject, session, trial and clip are welcome. Commas separate them."
        raise DataError(f"{path.name} row 1: no column {' and no column '.join(missing)}; found {found}", hint)


def _file(written: str, names: Sequence[str], place: str) -> str:
    """The recording that a row means: by its path below the folder, or by its bare name if that is unique."""
    if written in names:
        return written
    same = [name for name in names if name.rpartition("/")[2] == written]
    if len(same) > 1:
        raise DataError(f"{place}: '{written}' may be {' or '.join(same)}", "Write the folder too.")
    if not same:
        raise DataError(f"{place}: {unknown('file', written, names[:50])}", "Files are named below `path`, with their ending.")
    return same[0]


def _segment(row: Mapping[str, str], classes: Sequence[str], place: str, before: int) -> Segment:
    if row["label"] not in classes:
        raise DataError(f"{place}: {unknown('class', row['label'], classes)}", "Correct the row, or set `classes`.")
    try:
        start, stop = float(row["start"]), float(row["stop"])
    except ValueError:
        hint = "Write seconds since the recording began, with a point."
        raise DataError(f"{place}: start '{row['start']}' and stop '{row['stop']}' are not both numbers", hint) from None
    if not 0 <= start < stop < float("inf"):
        raise DataError(f"{place}: a trial from {start:g} s to {stop:g} s", "It starts at 0 s or later and stops after that.")
    trial = row["trial"] or str(before + 1)
    return Segment(start=start, stop=stop, label=classes.index(row["label"]), trial=trial, clip=row["clip"])


def _listed(rows: Sequence[tuple[str, Mapping[str, str], Segment]]) -> Listed:
    """The rows of one recording, which must agree on whose it is and on what a trial is."""
    _, first, _ = rows[0]
    trials: dict[str, Segment] = {}
    for place, row, segment in rows:
        for column in _WHOSE:
            if row[column] != first[column]:
                fault = f"{place}: {column} '{row[column]}' where an earlier row of {row['file']} says '{first[column]}'"
                raise DataError(fault, "One file is one recording of one subject in one session.")
        like = trials.setdefault(segment.trial, segment)
        if (like.label, like.clip) != (segment.label, segment.clip):
            raise DataError(
                f"{place}: trial {segment.trial} has another label or clip earlier", "Number trials of a file apart."
            )
    return Listed(
        segments=tuple(segment for _, _, segment in rows),
        places=tuple(place for place, _, _ in rows),
        whose={column: first[column] for column in _WHOSE if first[column]},
    )


def check_ends(listed_: Listed, header: Header, name: str) -> None:
    """See that no segment of a table reaches beyond the end of its recording.

    Raises:
        DataError: one does.
    """
    for place, segment in zip(listed_.places, listed_.segments, strict=True):
        if segment.stop > header.seconds + 1 / header.rate:
            fault = f"{place}: stop {segment.stop:g} s lies beyond the end of {name}, {header.seconds:g} s"
            raise DataError(fault, "Correct the row; times are seconds since the file begins.")


def tell_overlaps(segments: Sequence[Segment], header: Header, name: str, tally: Tally) -> None:
    """Count trials that begin before an earlier one has ended."""
    end = 0.0
    for segment in sorted(segments, key=lambda segment: segment.start):
        if segment.start < end - 0.5 / header.rate:
            tally.add(
                "trials that begin before an earlier one ends, so that they share data", f"{name} at {segment.start:.1f} s"
            )
        end = max(end, segment.stop)
