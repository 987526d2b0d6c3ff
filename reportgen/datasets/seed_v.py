"""SEED-V: EEG of 16 people (62 channels, three sessions) who saw 45 films: disgust, fear, sad, neutral or happy."""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Literal

from annotated_doc import Doc
from annotated_types import Ge, Gt, Unit

from reportgen.core import Facts, Recording
from reportgen.datasets import _seed_cuts, _seed_features
from reportgen.datasets._seed_facts import CONSENT, LICENCE, limits
from reportgen.datasets._seed_features import Numbered
from reportgen.datasets._seed_files import Remarks, Source, choose, compare, find, numbered, told
from reportgen.datasets._seed_tables import SEED_V, SEED_V_CLASSES

FACTS = Facts(
    title="SEED-V",
    modality="eeg",
    classes=SEED_V_CLASSES,
    simulated=False,
    licence=LICENCE,
    consent=CONSENT,
    redistribute=False,
    citation="Liu, W., Qiu, J.-L., Zheng, W.-L., & Lu, B.-L. (2022). Comparing recognition performance and robustness of"
    " multimodal deep learning models for multimodal emotion recognition. IEEE Transactions on Cognitive and Developmental"
    " Systems, 14(2), 715–729.",
    bibtex="""@article{liu2022comparing,
  author = {Liu, Wei and Qiu, Jie-Lin and Zheng, Wei-Long and Lu, Bao-Liang},
  title = {Comparing Recognition Performance and Robustness of Multimodal Deep Learning Models for Multimodal
    Emotion Recognition},
  journal = {IEEE Transactions on Cognitive and Developmental Systems},
  volume = {14},
  number = {2},
  pages = {715--729},
  year = {2022},
  doi = {10.1109/TCDS.2021.3071170}
}""",
    limits=limits(
        "Sixteen of the twenty students of its publication; each session has other films, three of each class. No score"
        " under a split without leakage is known to compare with."
    ),
)
_SUBJECTS = range(1, 17)
_WINDOW = 4.0  # s, of the features


def load(
    *,
    path: Annotated[Path, Doc("folder EEG_raw or EEG_DE_features, or one that holds it")],
    form: Annotated[
        Literal["signals", "features"], Doc("signals of EEG_raw, or differential entropy of EEG_DE_features")
    ] = "signals",
    rate: Annotated[float, Gt(0), Unit("Hz"), Doc("sampling rate of the signals, which were recorded at 1000 Hz")] = 200.0,
    margin: Annotated[
        float, Ge(0), Unit("s"), Doc("signal before and after each trial that is kept for filters to ring in")
    ] = 4.0,
    subjects: Annotated[tuple[int, ...], Doc("subjects to read; none: all")] = (),
    sessions: Annotated[tuple[int, ...], Doc("sessions to read; none: all")] = (),
) -> Iterator[Recording]:
    """Read one session of one subject at a time.

    Signals are µV; given features have one window in four seconds.

    Raises:
        DataError: nothing of SEED-V in that form is at `path`, or something there is wrong.
    """
    sources = _continuous(path) if form == "signals" else _given(path)
    chosen = choose(sources, subjects, sessions)
    remarks = Remarks()
    compare(chosen, subjects or _SUBJECTS, sessions or SEED_V, remarks)
    opened = lru_cache(maxsize=1)(_seed_features.read_numbered)  # a file holds three sessions
    read = partial(_signals, rate=rate, margin=margin) if form == "signals" else partial(_features, opened=opened)
    yield from told(partial(read, remarks=remarks), chosen, remarks)


def _continuous(path: Path) -> list[Source]:
    pattern = r"(?P<subject>\d+)_(?P<session>[123])(_\d{8})?\.cnt"
    return numbered(find(path, ["EEG_raw"], pattern, "signals of SEED-V, EEG_raw/1_1_20180804.cnt and so on"), path)


def _given(path: Path) -> list[Source]:
    """Three sources a file: it holds the three sessions of a subject."""
    wanted = "features of SEED-V, EEG_DE_features/1_123.npz and so on"
    found = find(path, ["EEG_DE_features"], r"(?P<subject>\d+)_123\.npz", wanted)
    files = sorted((int(match["subject"]), file) for file, match in found.items())
    return [
        Source(file, f"{file.relative_to(path).as_posix()} session {session}", subject, session)
        for subject, file in files
        for session in SEED_V
    ]


def _signals(source: Source, *, rate: float, margin: float, remarks: Remarks) -> Recording:
    return _seed_cuts.recording(source, SEED_V[source.session], rate, margin, remarks)


def _features(source: Source, *, opened: Callable[[Path], tuple[Numbered, Numbered]], remarks: Remarks) -> Recording:
    given = _seed_features.numbered(source, opened(source.path), SEED_V, remarks)
    return _seed_features.recording(source, given, _WINDOW, "de_LDS", remarks)
