"""Files of recordings in any of the common formats: which there are, whose they are, and what their headers say."""

import re
import warnings
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mne

from reportgen.datasets._tally import Tally, listed
from reportgen.errors import DataError, UsageError

FORMATS = (".edf", ".bdf", ".gdf", ".fif", ".fif.gz", ".set", ".cnt", ".vhdr")
_COMPANIONS = (".fdt", ".eeg", ".vmrk")  # read by way of another file
_BREAK = re.compile(r"(BAD|EDGE)(?![a-z])|.*boundary|New Segment", re.IGNORECASE)  # as MNE, EEGLAB and BrainVision write it
_CUT_OFF = "Invalid tag"  # MNE only logs it of .fif, and reads what is there: without signals, or without events
AGAIN = "Download the file again, with those that belong to it, or leave it out by `pattern`."
_TRIGGERS = 0xFFFF  # the bits of a trigger channel that are not about the amplifier (BioSemi)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file, and whose recording it is."""

    path: Path
    name: str  # below the folder that was given, with /
    subject: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a recording says without its signals."""

    channels: Mapping[str, str]  # of EEG: {spelling of ours: of the file}
    rate: float  # Hz
    seconds: float
    events: tuple[tuple[float, str], ...]  # s since the recording began, and what; in this order
    regions: tuple[tuple[float, float], ...]  # s: gapless, and not marked as bad
    parts: tuple[Path, ...]  # of a recording that goes on in further files


def find(path: Path, pattern: str, table: Path | None, tally: Tally) -> list[Found]:
    """All recordings at a path.

    Args:
        path: a file, or a folder that is searched with all its folders.
        pattern: regular expression with groups `subject` and `session`; files that it does not match are left out.
        table: a file that is known and no recording.
        tally: told of what is left out.

    Raises:
        DataError: there is no recording.
        UsageError: `pattern` is no regular expression.
    """
    try:
        matcher = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"pattern = '{pattern}' is not a regular expression: {error}", "In TOML put it in '…'.") from error
    names = _recordings(path, table, tally)
    found, unmatched = [], []
    for name in names:
        if match := matcher.search(name):
            whose = {group: plain_number(value or "1") for group, value in match.groupdict().items()}
            file = path / name if path.is_dir() else path
            subject, session = whose.get("subject", "1"), whose.get("session", "1")
            found.append(Found(path=file, name=name, subject=subject, session=session))
        else:
            unmatched.append(name)
            tally.add("files that `pattern` does not match are left out", name)
    if not found:
        raise DataError(f"{path}: pattern = '{pattern}' matches none of {listed(unmatched)}", "Mend the pattern.")
    return found


def plain_number(written: str) -> str:
    """Subject 001 and subject 1 are the same person; what is no number stays as it is."""
    return str(int(written)) if written.isascii() and written.isdigit() else written


def _recordings(path: Path, table: Path | None, tally: Tally) -> list[str]:
    """Names of the files that look like recordings."""
    known = ", ".join(FORMATS)
    if path.is_file():
        if not path.name.casefold().endswith(FORMATS):
            raise DataError(f"{path} is no recording: its name ends in none of {known}", "Give the recording, or its folder.")
        return [path.name]
    if not path.is_dir():
        raise DataError(f"{path} does not exist", "`path` is a recording or a folder of them; is its variable set?")
    files = sorted(f for f in path.rglob("*") if f.is_file() and not f.name.startswith("."))
    names = [f.relative_to(path).as_posix() for f in files if f.name.casefold().endswith(FORMATS)]
    if not names:
        held = listed([f.name for f in files]) or "nothing"
        raise DataError(f"{path} holds no recording; it holds {held}", f"Recordings end in {known}.")
    for file in files:
        if not file.name.casefold().endswith((*FORMATS, *_COMPANIONS)) and not (table and file.resolve() == table.resolve()):
            tally.add("files of other kinds are not read", file.name)
    return names


def read(file: Found, tally: Tally | None = None) -> Any:
    """Open a recording; its signals stay on disk where the format allows it.

    Args:
        file: of `find`.
        tally: told of what MNE finds odd in it; None: it has been told.

    Returns:
        mne.io.BaseRaw

    Raises:
        DataError: it cannot be read.
    """
    with warnings.catch_warnings(record=True) as heard, mne.utils.catch_logging() as log:
        warnings.simplefilter("always")
        try:
            raw = mne.io.read_raw(file.path, preload=False, verbose="warning")
        except Exception as error:
            hint = "Is it whole, and are the files that belong to it beside it?"
            raise DataError(f"{file.name} cannot be read: {_line(error, file)}", hint) from error
    if _CUT_OFF in log.getvalue():
        raise DataError(f"{file.name} is truncated: it ends before what it announces", AGAIN)
    for warning in heard if tally else ():
        if tally and issubclass(warning.category, RuntimeWarning):
            tally.add(f"said on reading: {_line(warning.message, file)}", file.name)
    return raw


def _line(said: object, file: Found) -> str:
    first = (str(said).strip() or type(said).__name__).splitlines()[0]
    return first.replace(str(file.path), file.name).rstrip(".")


def signals_end(error: Exception) -> str:
    """What it means that the header of a file could be read and its signals cannot."""
    first = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
    first = first.removesuffix(", please report this error to MNE-Python developers")  # it is no fault of theirs
    return f"the file is truncated, or its signals are broken ({first})"


def header(file: Found, wanted: Collection[str], tally: Tally) -> Header:
    """What a recording says without its signals.

    Args:
        file: of `find`.
        wanted: names of events that are trials, whatever they sound like.
        tally: told of what is odd.

    Raises:
        DataError: it cannot be read, or holds no EEG.
    """
    raw = read(file, tally)
    if raw.info["bads"]:
        tally.add("recordings whose file marks channels as bad, which are kept", f"{file.name}: {listed(raw.info['bads'])}")
    seconds = raw.n_times / raw.info["sfreq"]
    onsets = (raw.annotations.onset - raw.first_time).tolist()
    marks = [(onset, " ".join(str(text).split())) for onset, text in zip(onsets, raw.annotations.description, strict=True)]
    lengths = raw.annotations.duration.tolist()
    broken = [bool(_BREAK.match(text)) and text not in wanted for _, text in marks]
    holes = [(onset, onset + length) for (onset, _), length, is_hole in zip(marks, lengths, broken, strict=True) if is_hole]
    events = sorted(mark for mark, is_hole in zip(marks, broken, strict=True) if not is_hole) or _triggers(raw, file)
    return Header(
        channels=_eeg(raw, file),
        rate=float(raw.info["sfreq"]),
        seconds=seconds,
        events=tuple(events),
        regions=tuple(_between(sorted(holes), seconds)),
        parts=tuple(Path(part) for part in raw.filenames[1:] if part),
    )


def _triggers(raw: Any, file: Found) -> list[tuple[float, str]]:
    """Rising values of a trigger channel: formats such as BDF have no annotations."""
    if "stim" not in raw.get_channel_types():
        return []
    try:
        found = mne.find_events(raw, shortest_event=1, mask=_TRIGGERS, mask_type="and", verbose="error")
    except Exception as error:  # each format has errors of its own
        raise DataError(f"{file.name}: its trigger channel cannot be read: {signals_end(error)}", AGAIN) from error
    return [((sample - raw.first_samp) / raw.info["sfreq"], str(code)) for sample, _, code in found.tolist()]


def _between(holes: Sequence[tuple[float, float]], seconds: float) -> list[tuple[float, float]]:
    regions, begin = [], 0.0
    for start, stop in (*holes, (seconds, seconds)):
        if start > begin:
            regions.append((begin, min(start, seconds)))
        begin = max(begin, stop)
    return regions


def spelled(channel: str) -> str:
    """A channel as we write it: "FC5" for "Fc5." or "EEG Fc5"; what it was measured against ("-REF") stays."""
    name = " ".join(channel.split()).strip(". ").upper()
    return re.sub(r"^EEG[ _.-]+(?=[A-Z])", "", name)


def _eeg(raw: Any, file: Found) -> dict[str, str]:
    """{spelling of ours: of the file} of the EEG channels of a recording."""
    types = raw.get_channel_types()
    channels: dict[str, str] = {}
    for written in (name for name, kind in zip(raw.ch_names, types, strict=True) if kind == "eeg"):
        name = spelled(written)
        if name in channels:
            hint = "Rename one of them in the file."
            raise DataError(f"{file.name}: '{channels[name]}' and '{written}' are both channel {name}", hint)
        channels[name] = written
    if not channels:
        kinds = ", ".join(f"{count} {kind}" for kind, count in Counter(types).items())
        raise DataError(f"{file.name} has no EEG channel; it has {kinds}", "Leave it out by `pattern`.")
    return channels
