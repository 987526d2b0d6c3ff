"""Your own EEG: recordings in EDF, BDF, GDF, FIF, EEGLAB, BrainVision or CNT, cut by their events or by a table."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, MinLen, Unit

from reportgen.core import Facts, Recording, Stretch
from reportgen.datasets import _segments
from reportgen.datasets._cutting import cut, pieces
from reportgen.datasets._recording_files import Found, Header, find, header, plain_number, read, spelled
from reportgen.datasets._segments import Segment
from reportgen.datasets._tally import Tally, listed
from reportgen.errors import DataError, UsageError
from reportgen.plugins import unknown

_ASK = "Not stated in the study file."
FACTS = Facts(
    title="EEG recordings",
    modality="eeg",
    classes=(),  # the setting `classes` knows them
    simulated=False,
    licence=_ASK,
    consent=_ASK,
    redistribute=False,
    citation="",
    limits="The recordings were brought by the user; what the classes stand for, how they were elicited and who agreed to what"
    " is known only as far as the study file says it. Signals are taken as they lie in the files: not filtered, not"
    " re-referenced, artefacts not removed.",
)
_PLAUSIBLE = (0.1, 5000.0)  # µV, standard deviation of EEG with its drifts
_SAME_RATE = 1.001  # headers write 249.9997 Hz where 250 are meant
Plan = tuple[Found, Header, Sequence[Segment]]


def load(
    *,
    path: Annotated[Path, Doc("a recording, or a folder of them that is searched with all its folders")],
    classes: Annotated[tuple[str, ...], MinLen(2), Doc("names of the classes, in the order of the report")],
    events: Annotated[dict[str, str] | None, Doc("{event in the files: class}; events that are not named are not used")] = None,
    start: Annotated[float, Unit("s"), Doc("from an event to the beginning of its trial")] = 0.0,
    stop: Annotated[float | None, Unit("s"), Doc("from an event to the end of its trial; by default the next event")] = None,
    segments: Annotated[
        Path | None, Doc("csv in place of events: file, start, stop, label; subject, session, trial, clip")
    ] = None,
    pattern: Annotated[
        str, Doc("regular expression of file names, with (?P<subject>…) and (?P<session>…); others are left out")
    ] = "",
    drop: Annotated[tuple[str, ...], Doc("channels to leave out, such as those of the eyes, in any spelling")] = (),
    rate: Annotated[
        float, Ge(0), Unit("Hz"), Doc("resample to this, behind a low-pass; not above the rate of the files, which 0 keeps")
    ] = 0.0,
    margin: Annotated[
        float, Ge(0), Unit("s"), Doc("kept before and after each trial, so that filters do not ring in it")
    ] = 1.0,
    title: Annotated[str, Doc("of the data, for the report")] = "",
    citation: Annotated[str, Doc("how the data want to be cited")] = "",
    licence: Annotated[str, Doc("of the data")] = "",
    consent: Annotated[str, Doc("what the people in the data agreed to")] = "",
    redistribute: Annotated[bool, Doc("signals of single trials may be shown in a public report")] = False,
) -> Iterator[Recording]:
    """Read the recordings one by one; what is to be said about them comes with the last.

    Settings from `title` on describe the data: the step `load` puts them, and `classes`, into the facts.

    Raises:
        UsageError: settings do not fit each other, or `rate` is above that of a recording.
        DataError: a file is wrong, or no trial is found.
    """
    del title, citation, licence, consent, redistribute
    _check(classes, events, start, stop, segments)
    tally = Tally()
    files = find(path, pattern, Path(segments) if segments else None, tally)
    if segments:
        plans = _by_table(files, Path(segments), classes, tally)
    else:
        labels = {" ".join(event.split()): classes.index(name) for event, name in (events or {}).items()}
        plans = _by_events(files, labels, start, stop, tally)
    channels = _common([head for _, head, _ in plans], drop, tally)
    rate = _not_above(rate, plans) if rate else _rate(plans)
    for i, plan in enumerate(plans, 1):
        stretches = tuple(_stretches(plan, channels, rate, margin, tally))
        file = plan[0]
        yield Recording(
            subject=file.subject,
            session=file.session,
            source=file.name,
            channels=channels,
            rate=rate,
            stretches=stretches,
            notices=tally.lines() if i == len(plans) else (),
        )


def _check(
    classes: Sequence[str], events: Mapping[str, str] | None, start: float, stop: float | None, segments: Path | None
) -> None:
    """Settings that must fit each other."""
    if len(set(classes)) < len(classes):
        raise UsageError(f"classes {', '.join(classes)}: one stands there twice", "Name each class once.")
    if bool(events) == bool(segments):
        given = "both are given" if events else "neither is given"
        raise UsageError(f"trials come from `events` or from `segments`: {given}", 'Such as events = { T1 = "left" }.')
    for event, name in (events or {}).items():
        if name not in classes:
            raise UsageError(f"events: '{event}': {unknown('class', name, classes)}", "`classes` names them all.")
    if events and (idle := [name for name in classes if name not in events.values()]):
        raise UsageError(f"no event stands for {listed(idle)}", "Name an event of each class in `events`.")
    if segments and (start or stop is not None):
        raise UsageError("start and stop count from events, and `segments` has its own", "Delete them.")
    if stop is not None and stop <= start:
        raise UsageError(f"stop = {stop:g} s is not after start = {start:g} s", "Both count from the event.")


def _by_events(files: Sequence[Found], labels: Mapping[str, int], start: float, stop: float | None, tally: Tally) -> list[Plan]:
    """The recordings that have trials, by their events."""
    headers = {file: header(file, labels, tally) for file in files}
    parts = {part.resolve() for head in headers.values() for part in head.parts}  # those come with the file that they continue
    headers = {file: head for file, head in headers.items() if file.path.resolve() not in parts}
    there = {event for head in headers.values() for _, event in head.events}
    if not there & labels.keys():
        wanted = listed([f"'{event}'" for event in labels])
        fault = f"no recording has the event {wanted}; there are {_segments.present(headers.values())}"
        raise DataError(fault, "Name events of the files in `events`, or list the trials in a table: `segments`.")
    for event in sorted(labels.keys() - there):
        tally.add("events that no recording has", f"'{event}'")
    plans: list[Plan] = []
    for file, head in headers.items():
        if trials := _whole(_segments.from_events(head, labels, start, stop, file.name, tally), head, file, tally):
            plans.append((file, head, trials))
        else:
            tally.add("recordings without a trial are left out", file.name)
    if not plans:
        raise DataError(f"of {len(files)} recordings none has a trial left: {'; '.join(tally.lines())}", "Mend start and stop.")
    return plans


def _by_table(files: Sequence[Found], path: Path, classes: Sequence[str], tally: Tally) -> list[Plan]:
    """The recordings that a table lists."""
    table = _segments.from_table(path, [file.name for file in files], classes)
    plans: list[Plan] = []
    for file in files:
        if not (rows := table.get(file.name)):
            tally.add(f"recordings that {path.name} does not list are left out", file.name)
            continue
        head = header(file, (), tally)
        _segments.check_ends(rows, head, file.name)
        whose = {"subject": file.subject, "session": file.session}
        whose |= {column: plain_number(value) for column, value in rows.whose.items()}
        named = Found(path=file.path, name=file.name, **whose)
        if trials := _whole(rows.segments, head, file, tally):
            plans.append((named, head, trials))
    if not plans:
        raise DataError(f"{path.name}: no trial is left: {'; '.join(tally.lines())}", "Trials must lie outside of bad spans.")
    return plans


def _whole(segments: Sequence[Segment], head: Header, file: Found, tally: Tally) -> list[Segment]:
    """The trials that are not lost in breaks; what breaks and overlaps do to the others is told."""
    kept = []
    for segment in segments:
        parts = pieces(segment, head, 0.0)
        seconds = sum(stop - start for _, start, stop, _ in parts)
        if not parts:
            tally.add("trials within breaks or bad spans, or too short, are left out", f"{file.name} at {segment.start:.1f} s")
            continue
        if segment.stop - segment.start - seconds > 1 / head.rate or len(parts) > 1:
            tally.add("trials cut at breaks or bad spans of their recording", f"{file.name} at {segment.start:.1f} s")
        kept.append(segment)
    _segments.tell_overlaps(kept, head, file.name, tally)
    return kept


def _common(headers: Sequence[Header], drop: Sequence[str], tally: Tally) -> tuple[str, ...]:
    """The channels that all recordings have, in the order of the first, without those to be dropped."""
    counts = Counter(channel for head in headers for channel in head.channels)
    unwanted = {spelled(name) for name in drop}
    for name in unwanted - counts.keys():
        raise DataError(f"drop: {unknown('channel', name, counts)}", "Name channels of the recordings.")
    common = tuple(name for name in headers[0].channels if counts[name] == len(headers) and name not in unwanted)
    if not common:
        left = "besides those dropped " if drop else ""
        fault = f"no channel {left}is in all {len(headers)} recordings; the first has {listed(tuple(headers[0].channels), 8)}"
        raise DataError(fault, "Read recordings of different caps as data sets of their own.")
    for name, count in counts.items():
        if count < len(headers) and name not in unwanted:
            tally.add("channels that not all recordings have are left out", f"{name} in {count:,} of {len(headers):,}")
    return common


def _rate(plans: Sequence[Plan]) -> float:
    """The rate of all recordings."""
    rates: dict[float, list[str]] = {}
    for file, head, _ in plans:
        rates.setdefault(head.rate, []).append(file.name)
    if len(rates) > 1:
        told = "; ".join(f"{rate:g} Hz: {listed(names, 2)}" for rate, names in sorted(rates.items()))
        raise DataError(f"recordings differ in their rate: {told}", f"Bring them to one: rate = {min(rates):g}.")
    return next(iter(rates))


def _not_above(rate: float, plans: Sequence[Plan]) -> float:
    """The rate that is asked for, if every recording has it."""
    file, head, _ = min(plans, key=lambda plan: plan[1].rate)
    if rate > head.rate * _SAME_RATE:
        raise UsageError(f"{file.name} was recorded at {head.rate:g} Hz, less than rate = {rate:g}", "Set a lower `rate`.")
    return rate


def _stretches(plan: Plan, channels: Sequence[str], rate: float, margin: float, tally: Tally) -> Iterator[Stretch]:
    """The trials of one recording."""
    file, head, segments = plan
    raw = read(file)
    deviations = []
    for segment in segments:
        place = f"{file.name} at {segment.start:.1f} s"
        for stretch in cut(raw, segment, head, channels, margin, rate, place, tally):
            deviations.append(float(np.median(stretch.x.std(-1))))
            yield stretch
    if not deviations:
        hint = "Drop the channel that is empty: `drop`; or leave the recording out by `pattern`."
        raise DataError(f"{file.name}: its trials hold no numbers, or nothing but zeros", hint)
    if not _PLAUSIBLE[0] <= (typical := float(np.median(deviations))) <= _PLAUSIBLE[1]:
        tally.add(
            "recordings whose amplitude is not that of EEG: is the unit in the file right?", f"{file.name}: {typical:.2g} µV"
        )
    if rate != head.rate:
        tally.add(f"recordings resampled to {rate:g} Hz", f"{file.name} from {head.rate:g} Hz")
