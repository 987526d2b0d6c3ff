"""SEED-IV: EEG of 15 people (62 channels, three sessions) who saw 72 films, neutral, sad, fearful or happy."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from annotated_doc import Doc

from reportgen.core import Facts, Recording, Reference
from reportgen.datasets import _seed_features, _seed_matlab
from reportgen.datasets._seed_facts import CONSENT, LICENCE, limits
from reportgen.datasets._seed_files import Remarks, Source, choose, compare, find, numbered, told
from reportgen.datasets._seed_tables import SEED_IV, SEED_IV_CLASSES

_LIBEER = "LibEER (IEEE Trans. Affect. Comput. 2025, arXiv:2410.09767)"
_EEGAIN = "EEGain (EmotionLab)"
_WITHIN = "within subjects: each session's trials divided into parts to train, choose and test"
_ACROSS = "across subjects: parts to train, choose and test"
_LOSO = "leave one subject out, session 1 only, read with a wrong sampling rate"
FACTS = Facts(
    title="SEED-IV",
    modality="eeg",
    classes=SEED_IV_CLASSES,
    simulated=False,
    licence=LICENCE,
    consent=CONSENT,
    redistribute=False,
    citation="Zheng, W.-L., Liu, W., Lu, Y., Lu, B.-L., & Cichocki, A. (2019). EmotionMeter: A multimodal framework for"
    " recognizing human emotions. IEEE Transactions on Cybernetics, 49(3), 1110–1122.",
    bibtex="""@article{zheng2019emotionmeter,
  author = {Zheng, Wei-Long and Liu, Wei and Lu, Yifei and Lu, Bao-Liang and Cichocki, Andrzej},
  title = {{EmotionMeter}: A Multimodal Framework for Recognizing Human Emotions},
  journal = {IEEE Transactions on Cybernetics},
  volume = {49},
  number = {3},
  pages = {1110--1122},
  year = {2019},
  doi = {10.1109/TCYB.2018.2797176}
}""",
    references=tuple(
        Reference(name=name, model="", metric=metric, value=value, part=part, source=source)
        for name, metric, value, part, source in (
            ("GCBNet-BLS", "accuracy", 0.5351, _WITHIN, _LIBEER),
            ("GCBNet-BLS", "macro_f1", 0.4691, _WITHIN, _LIBEER),
            ("DGCNN", "accuracy", 0.5239, _WITHIN, _LIBEER),
            ("SVM", "accuracy", 0.4780, _WITHIN, _LIBEER),
            ("EEGNet", "accuracy", 0.2989, _WITHIN, _LIBEER),
            ("MS-MDA", "accuracy", 0.5607, _ACROSS, _LIBEER),
            ("RGNN", "accuracy", 0.4413, _ACROSS, _LIBEER),
            ("DGCNN", "accuracy", 0.4254, _ACROSS, _LIBEER),
            ("DeepConvNet", "accuracy", 0.45, _LOSO, _EEGAIN),
            ("DeepConvNet", "macro_f1", 0.42, _LOSO, _EEGAIN),
            ("EEGNet", "accuracy", 0.32, _LOSO, _EEGAIN),
            ("Trivial", "accuracy", 0.31, _LOSO, _EEGAIN),
        )
    ),
    limits=limits("Fifteen students of one university; each session has other films, six of each class."),
)
_SUBJECTS = range(1, 16)
_WINDOW = 4.0  # s, of the features


def load(
    *,
    path: Annotated[Path, Doc("folder eeg_raw_data or eeg_feature_smooth, or one that holds it")],
    form: Annotated[
        Literal["signals", "features"], Doc("signals of eeg_raw_data, or features of eeg_feature_smooth")
    ] = "signals",
    feature: Annotated[
        Literal["de_LDS", "de_movingAve", "psd_LDS", "psd_movingAve"],
        Doc("which of the features: differential entropy or power, smoothed in one of two ways"),
    ] = "de_LDS",
    subjects: Annotated[tuple[int, ...], Doc("subjects to read; none: all")] = (),
    sessions: Annotated[tuple[int, ...], Doc("sessions to read; none: all")] = (),
) -> Iterator[Recording]:
    """Read one session of one subject at a time.

    Signals are µV at 200 Hz; given features have one window in four seconds.

    Raises:
        DataError: nothing of SEED-IV in that form is at `path`, or something there is wrong.
    """
    folder = "eeg_raw_data" if form == "signals" else "eeg_feature_smooth"
    wanted = f"{form} of SEED-IV, {folder}/1/1_20160518.mat and so on"
    found = find(path, [folder], r"(?P<session>[123])/(?P<subject>\d+)_\d{8}\.mat", wanted)
    chosen = choose(numbered(found, path), subjects, sessions)
    remarks = Remarks()
    compare(chosen, subjects or _SUBJECTS, sessions or SEED_IV, remarks)
    read = _signals if form == "signals" else partial(_features, feature=feature)
    yield from told(partial(read, remarks=remarks), chosen, remarks)


def _signals(source: Source, *, remarks: Remarks) -> Recording:
    return _seed_matlab.recording(source, SEED_IV[source.session], remarks)


def _features(source: Source, *, feature: _seed_features.Feature, remarks: Remarks) -> Recording:
    given = _seed_features.matlab(source, feature, SEED_IV[source.session], remarks)
    return _seed_features.recording(source, given, _WINDOW, feature, remarks)
