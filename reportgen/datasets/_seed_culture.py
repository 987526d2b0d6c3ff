"""What SEED-GER and SEED-FRA share: their folders, and which of their forms is read how."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from reportgen.core import Recording
from reportgen.datasets import _seed_cuts, _seed_features, _seed_tables
from reportgen.datasets._seed_files import Remarks, Source, choose, compare, find, numbered, told
from reportgen.datasets._seed_tables import VALENCE, Table
from reportgen.errors import UsageError

_SUBJECTS = range(1, 9)
_SESSIONS = (1, 2, 3)


class Chosen(NamedTuple):
    """What the user asks for."""

    path: Path
    title: str
    form: Literal["signals", "features"]
    window: int  # s
    rate: float  # Hz
    margin: float  # s


def read(
    chosen: Chosen, published: Table, trials: str, subjects: Sequence[int], sessions: Sequence[int]
) -> Iterator[Recording]:
    """Read one recording after the other.

    Args:
        chosen: what to read.
        published: the table of trials.
        trials: name of a file in `path` with another table, or "".
        subjects: all if empty.
        sessions: all if empty.

    Raises:
        DataError: nothing of that form is there, or something is wrong.
        UsageError: `trials` names a folder.
    """
    if Path(trials).name != trials or "\\" in trials:  # what lies outside `path` is not known to belong to the data
        raise UsageError(f"trials = '{trials}' is no plain name of a file", "Put the csv file into `path`, and give its name.")
    table = _seed_tables.read(chosen.path / trials, VALENCE) if trials else published
    sources = choose(_sources(chosen), subjects, sessions)
    remarks = Remarks()
    compare(sources, subjects or _SUBJECTS, sessions or _SESSIONS, remarks)
    if trials and len(table.clips) != len(published.clips):
        remarks.add("trials in a table of its own", f"{trials}: {len(table.clips)}, published {len(published.clips)}")

    def one(source: Source) -> Recording:
        if chosen.form == "signals":
            return _seed_cuts.recording(source, table, chosen.rate, chosen.margin, remarks)
        given = _seed_features.parted(source, table, chosen.window, remarks)
        return _seed_features.recording(source, given, chosen.window, "de_LDS", remarks)

    yield from told(one, sources, remarks)


def _sources(chosen: Chosen) -> list[Source]:
    folder, ending = ("01-EEG-raw", "cnt") if chosen.form == "signals" else (f"eeg_used_{chosen.window}s", "npz")
    pattern = rf"(?P<subject>\d+)_(?P<session>[123])\.{ending}"
    found = find(chosen.path, [folder], pattern, f"{chosen.form} of {chosen.title}, {folder}/1_1.{ending} and so on")
    return numbered(found, chosen.path)
