"""SEED-GER: EEG of 8 German people (62 channels, three sessions) who saw 18 films, negative, neutral or positive."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from annotated_doc import Doc
from annotated_types import Ge, Gt, Unit

from reportgen.core import Facts, Recording
from reportgen.datasets import _seed_culture
from reportgen.datasets._seed_facts import CONSENT, CULTURE_BIBTEX, CULTURE_CITATION, LICENCE, limits
from reportgen.datasets._seed_tables import GERMAN, VALENCE

FACTS = Facts(
    title="SEED-GER",
    modality="eeg",
    classes=VALENCE,
    simulated=False,
    licence=LICENCE,
    consent=CONSENT,
    redistribute=False,
    citation=CULTURE_CITATION,
    bibtex=CULTURE_BIBTEX,
    limits=limits(
        "Eight people. Sources disagree about its films (18 or 20), and two of the lengths in its table are longer than those"
        " of others report: compare it with the recordings, and give a table of your own where it does not fit."
    ),
)


def load(
    *,
    path: Annotated[Path, Doc("folder German, or one that holds it, or 01-EEG-raw or 02-EEG-DE-features in it")],
    form: Annotated[Literal["signals", "features"], Doc("signals of 01-EEG-raw, or 02-EEG-DE-features")] = "signals",
    window: Annotated[Literal[1, 4], Unit("s"), Doc("length of the windows that given features were made of")] = 1,
    trials: Annotated[
        str, Doc("name of a csv file in `path` with columns trial, label, start, end (s); empty: the published table")
    ] = "",
    rate: Annotated[float, Gt(0), Unit("Hz"), Doc("sampling rate of the signals, which were recorded at 1000 Hz")] = 200.0,
    margin: Annotated[
        float, Ge(0), Unit("s"), Doc("signal before and after each trial that is kept for filters to ring in")
    ] = 4.0,
    subjects: Annotated[tuple[int, ...], Doc("subjects to read; none: all")] = (),
    sessions: Annotated[tuple[int, ...], Doc("sessions to read; none: all")] = (),
) -> Iterator[Recording]:
    """Read one session of one subject at a time.

    Signals are µV; given features have one window a second, or one in four.

    Raises:
        DataError: nothing of SEED-GER in that form is at `path`, or something there is wrong.
    """
    chosen = _seed_culture.Chosen(path, "SEED-GER", form, window, rate, margin)
    yield from _seed_culture.read(chosen, GERMAN, trials, subjects, sessions)
