"""SEED: EEG of 15 people (62 channels, three sessions) who saw 15 films, negative, neutral or positive."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import Annotated, Literal

from annotated_doc import Doc
from annotated_types import Unit

from reportgen.core import Facts, Recording, Reference
from reportgen.datasets import _seed_features, _seed_matlab
from reportgen.datasets._seed_facts import CONSENT, LICENCE, limits
from reportgen.datasets._seed_files import Remarks, Source, choose, compare, find, numbered, told
from reportgen.datasets._seed_tables import SEED, SEED_FIRST_DATES, VALENCE
from reportgen.errors import DataError

_LIBEER = "LibEER (IEEE Trans. Affect. Comput. 2025, arXiv:2410.09767)"
_EEGAIN = "EEGain (EmotionLab)"
_WITHIN = "within subjects: 9 trials to train, 3 to choose, 3 to test"
_ACROSS = "across subjects: 9 to train, 3 to choose, 3 to test"
_LOSO = "leave one subject out"
_FRONT_BACK = "trials 1–9 to train, 10–15 to test, as in the paper; whether the test part chose the model is not said"
FACTS = Facts(
    title="SEED",
    modality="eeg",
    classes=VALENCE,
    simulated=False,
    licence=LICENCE,
    consent=CONSENT,
    redistribute=False,
    citation="Zheng, W.-L., & Lu, B.-L. (2015). Investigating critical frequency bands and channels for EEG-based emotion"
    " recognition with deep neural networks. IEEE Transactions on Autonomous Mental Development, 7(3), 162–175.",
    bibtex="""@article{zheng2015investigating,
  author = {Zheng, Wei-Long and Lu, Bao-Liang},
  title = {Investigating Critical Frequency Bands and Channels for {EEG}-Based Emotion Recognition with Deep Neural Networks},
  journal = {IEEE Transactions on Autonomous Mental Development},
  volume = {7},
  number = {3},
  pages = {162--175},
  year = {2015},
  doi = {10.1109/TAMD.2015.2431497}
}""",
    references=tuple(
        Reference(name=name, model="", metric=metric, value=value, part=part, source=source)
        for name, metric, value, part, source in (
            ("DGCNN", "accuracy", 0.8255, _WITHIN, _LIBEER),
            ("DGCNN", "macro_f1", 0.7989, _WITHIN, _LIBEER),
            ("SVM", "accuracy", 0.7508, _WITHIN, _LIBEER),
            ("SVM", "macro_f1", 0.7082, _WITHIN, _LIBEER),
            ("EEGNet", "accuracy", 0.5881, _WITHIN, _LIBEER),
            ("DGCNN", "accuracy", 0.8948, _FRONT_BACK, _LIBEER),
            ("MS-MDA", "accuracy", 0.64, _ACROSS, _LIBEER),
            ("MS-MDA", "macro_f1", 0.5735, _ACROSS, _LIBEER),
            ("DGCNN", "accuracy", 0.6087, _ACROSS, _LIBEER),
            ("EEGNet", "accuracy", 0.3819, _ACROSS, _LIBEER),
            ("SVM", "accuracy", 0.3707, _ACROSS, _LIBEER),
            ("DeepConvNet", "accuracy", 0.55, _LOSO, _EEGAIN),
            ("DeepConvNet", "macro_f1", 0.52, _LOSO, _EEGAIN),
            ("EEGNet", "accuracy", 0.46, _LOSO, _EEGAIN),
            ("Trivial", "accuracy", 0.34, _LOSO, _EEGAIN),
        )
    ),
    limits=limits("Fifteen students of one university who saw the same fifteen Chinese films three times."),
)
_SUBJECTS = range(1, 16)
_MULTIMODAL = (*range(1, 6), *range(8, 15))
_SESSIONS = (1, 2, 3)


def load(
    *,
    path: Annotated[Path, Doc("folder of Preprocessed_EEG, ExtractedFeatures or SEED_Multimodal, or one that holds it")],
    form: Annotated[
        Literal["signals", "features", "multimodal"],
        Doc("signals of Preprocessed_EEG, features of ExtractedFeatures, or differential entropy of SEED_Multimodal"),
    ] = "signals",
    feature: Annotated[
        Literal["de_LDS", "de_movingAve", "psd_LDS", "psd_movingAve"],
        Doc("which features of ExtractedFeatures: differential entropy or power, smoothed in one of two ways"),
    ] = "de_LDS",
    window: Annotated[Literal[1, 4], Unit("s"), Doc("length of the windows that given features were made of")] = 1,
    subjects: Annotated[tuple[int, ...], Doc("subjects to read; none: all")] = (),
    sessions: Annotated[tuple[int, ...], Doc("sessions to read; none: all")] = (),
) -> Iterator[Recording]:
    """Read one session of one subject at a time.

    Signals are µV at 200 Hz; given features have one window a second, or one in four.

    Raises:
        DataError: nothing of SEED in that form is at `path`, or something there is wrong.
    """
    remarks = Remarks()
    sources = _sources(path, form, window, remarks)
    chosen = choose(sources, subjects, sessions)
    published = _MULTIMODAL if form == "multimodal" else _SUBJECTS
    compare(chosen, subjects or published, sessions or _SESSIONS, remarks)
    read = {
        "signals": partial(_seed_matlab.recording, table=SEED, remarks=remarks),
        "features": partial(_features, feature=feature, window=window, remarks=remarks),
        "multimodal": partial(_multimodal, window=window, remarks=remarks),
    }[form]
    yield from told(read, chosen, remarks)


def _sources(path: Path, form: str, window: int, remarks: Remarks) -> list[Source]:
    if form == "multimodal":
        wanted = f"features of SEED_Multimodal, eeg_used_{window}s/1_1.npz and so on"
        found = find(path, [f"eeg_used_{window}s"], r"(?P<subject>\d+)_(?P<session>[123])\.npz", wanted)
        return numbered(found, path)
    features = ["ExtractedFeatures", "ExtractedFeatures_1s"] if window == 1 else ["ExtractedFeatures_4s"]
    folders = ["Preprocessed_EEG"] if form == "signals" else features
    wanted = f"{form} of SEED, {folders[-1]}/1_20131027.mat and so on"
    found = find(path, folders, r"(?P<subject>\d+)_(?P<date>\d{8})\.mat", wanted)
    _seed_matlab.check_labels(next(iter(found)).with_name("label.mat"), SEED)
    return _by_date(found, path, remarks)


def _by_date(found: Mapping[Path, re.Match[str]], root: Path, remarks: Remarks) -> list[Source]:
    """The sessions of a subject are counted in the order of their dates: no file says its number."""
    dates: dict[int, dict[str, Path]] = {}
    for path, match in found.items():
        dates.setdefault(int(match["subject"]), {})[match["date"]] = path
    sources: list[Source] = []
    for subject, files in sorted(dates.items()):
        if len(files) > len(_SESSIONS):
            raise DataError(
                f"subject {subject} has {len(files)} files, published are {len(_SESSIONS)} sessions", "Remove some."
            )
        first, published = min(files), SEED_FIRST_DATES.get(subject)
        if published and first != published:
            remarks.add(
                "subjects whose first file is not of the published date, sessions are counted from it all the same",
                f"subject {subject}: {first}, published {published}",
            )
        elif len(files) < len(_SESSIONS) and (len(files) > 1 or not published):
            remarks.add(
                "subjects with fewer files than sessions: which is missing is not known, they are counted by date from 1",
                f"subject {subject}: {len(files)} of {len(_SESSIONS)}",
            )
        names = (files[date].relative_to(root).as_posix() for date in sorted(files))
        rows = zip(sorted(files), names, count(1), strict=False)
        sources.extend(Source(files[date], name, subject, session) for date, name, session in rows)
    return sources


def _features(source: Source, *, feature: _seed_features.Feature, window: int, remarks: Remarks) -> Recording:
    given = _seed_features.matlab(source, feature, SEED, remarks)
    return _seed_features.recording(source, given, window, feature, remarks)


def _multimodal(source: Source, *, window: int, remarks: Remarks) -> Recording:
    given = _seed_features.parted(source, SEED, window, remarks)
    return _seed_features.recording(source, given, window, "de_LDS", remarks)
