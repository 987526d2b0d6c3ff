"""Writes recordings in exactly the forms of the SEED family: for the simulator, tests and benchmarks of the readers.

Folder and file names, keys, shapes and types are the publisher's. Pickles are written here only because the publisher's
files hold them; nothing else of this project writes one.
"""

import pickle
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import h5py
import numpy as np
from scipy.io import savemat

from reportgen.bands import BANDS
from reportgen.datasets._seed_tables import CULTURE_TRAIN, SEED, SEED_FIRST_DATES, SEED_TRAIN

Trials = Sequence[np.ndarray]
_INITIALS = "djc mhw phl zjy wyw ww jl ly sxy xyl jj ys wsf wk lqj"  # of the subjects of SEED


def seed_date(subject: int, session: int) -> str:
    """When subject and session were recorded: the published date of the first session, the others a week apart each."""
    first = SEED_FIRST_DATES.get(subject, "20140101")
    return (datetime.strptime(first, "%Y%m%d") + timedelta(weeks=session - 1)).strftime("%Y%m%d")


def write_seed(root: Path, subject: int, session: int, trials: Trials, *, hdf5: bool = False, compress: bool = False) -> Path:
    """`Preprocessed_EEG/1_20131027.mat` and `label.mat` of SEED.

    Args:
        root: the folder to write into.
        subject: from 1.
        session: from 1; readers tell it from the date.
        trials: each (62, time) µV at 200 Hz, in the published order.
        hdf5: as MATLAB's version 7.3, and not 5.
        compress: as MATLAB does on its own.
    """
    folder = _made(root / "Preprocessed_EEG")
    savemat(folder / "label.mat", {"label": np.array([[label - 1 for label in SEED.labels]], np.int16)})
    path = folder / f"{subject}_{seed_date(subject, session)}.mat"
    return _signals(path, subject, trials, hdf5, compress)


def write_seed_iv(
    root: Path, subject: int, session: int, trials: Trials, *, hdf5: bool = False, compress: bool = False
) -> Path:
    """`eeg_raw_data/1/1_20131027.mat` of SEED-IV; trials and options as in `write_seed`."""
    folder = _made(root / "eeg_raw_data" / str(session))
    path = folder / f"{subject}_{seed_date(subject, session)}.mat"
    return _signals(path, subject, trials, hdf5, compress)


def _signals(path: Path, subject: int, trials: Trials, hdf5: bool, compress: bool) -> Path:
    initials = _INITIALS.split()[(subject - 1) % 15]
    variables = {f"{initials}_eeg{i}": np.asarray(x, float) for i, x in enumerate(trials, 1)}
    return write_matlab(path, variables, hdf5=hdf5, compress=compress)


def write_seed_features(
    root: Path, subject: int, session: int, features: Mapping[str, Trials], *, window: int = 1, hdf5: bool = False
) -> Path:
    """`ExtractedFeatures_1s/1_20131027.mat` of SEED.

    Args:
        root: the folder to write into.
        subject: from 1.
        session: from 1; readers tell it from the date.
        features: {"de_LDS" or the like: trials, each (window, 62, 5)}.
        window: 1 or 4 s.
        hdf5: as MATLAB's version 7.3, and not 5.
    """
    folder = _made(root / f"ExtractedFeatures_{window}s")
    return _features(folder / f"{subject}_{seed_date(subject, session)}.mat", features, hdf5)


def write_seed_iv_features(
    root: Path, subject: int, session: int, features: Mapping[str, Trials], *, hdf5: bool = False
) -> Path:
    """`eeg_feature_smooth/1/1_20131027.mat` of SEED-IV, windows of 4 s; features as in `write_seed_features`."""
    folder = _made(root / "eeg_feature_smooth" / str(session))
    return _features(folder / f"{subject}_{seed_date(subject, session)}.mat", features, hdf5)


def _features(path: Path, features: Mapping[str, Trials], hdf5: bool) -> Path:
    """(window, channel, band) becomes MATLAB's (channel, window, band)."""
    variables = {
        f"{name}{i}": np.asarray(x, float).transpose(1, 0, 2)
        for name, trials in features.items()
        for i, x in enumerate(trials, 1)
    }
    return write_matlab(path, variables, hdf5=hdf5, compress=False)


def write_matlab(path: Path, variables: Mapping[str, np.ndarray], *, hdf5: bool, compress: bool) -> Path:
    """A .mat file of any variables, axes in MATLAB's order."""
    if not hdf5:
        savemat(path, dict(variables), do_compression=compress)
        return path
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, x in variables.items():
            dataset = file.create_dataset(name, data=np.asarray(x).T, compression="gzip" if compress else None)
            dataset.attrs["MATLAB_class"] = np.bytes_("double")
    with path.open("r+b") as raw:  # the block that MATLAB puts before HDF5's own
        raw.write(b"MATLAB 7.3 MAT-file, Platform: PCWIN64".ljust(116) + bytes(8) + b"\x00\x02IM")
    return path


def write_seed_v_features(root: Path, subject: int, trials: Trials, labels: Sequence[int]) -> Path:
    """`EEG_DE_features/1_123.npz` of SEED-V.

    Args:
        root: the folder to write into.
        subject: from 1.
        trials: those of all three sessions, each (window, 62, 5), windows of 4 s.
        labels: of the trials.
    """
    path = _made(root / "EEG_DE_features") / f"{subject}_123.npz"
    data = {i: np.asarray(x, float).reshape(len(x), -1) for i, x in enumerate(trials)}
    label = {i: np.full(len(x), code, float) for i, (x, code) in enumerate(zip(trials, labels, strict=True))}
    np.savez(path, data=pickle.dumps(data), label=pickle.dumps(label))
    return path


def write_parted_features(
    folder: Path, subject: int, session: int, trials: Trials, labels: Sequence[int], *, train: int, window: int = 1
) -> Path:
    """`eeg_used_1s/1_1.npz` of SEED_Multimodal, SEED-GER and SEED-FRA.

    Args:
        folder: `Chinese/02-EEG-DE-feature` or the like.
        subject: from 1.
        session: from 1.
        trials: each (window, 62, 5).
        labels: of the trials, as they shall stand in the file.
        train: how many of the first trials are the part called train.
        window: 1 or 4 s.
    """
    path = _made(folder / f"eeg_used_{window}s") / f"{subject}_{session}.npz"
    repeated = [np.full(len(x), code) for x, code in zip(trials, labels, strict=True)]
    np.savez(
        path,
        train_data=pickle.dumps(_bands(trials[:train])),
        test_data=pickle.dumps(_bands(trials[train:])),
        train_label=np.concatenate(repeated[:train]),
        test_label=np.concatenate(repeated[train:]),
    )
    return path


def write_multimodal(root: Path, subject: int, session: int, trials: Trials, labels: Sequence[int], window: int = 1) -> Path:
    """SEED_Multimodal: its first nine films are called train."""
    folder = root / "Chinese" / "02-EEG-DE-feature"
    return write_parted_features(folder, subject, session, trials, labels, train=SEED_TRAIN, window=window)


def write_seed_ger(root: Path, subject: int, session: int, trials: Trials, labels: Sequence[int], window: int = 1) -> Path:
    """Features of SEED-GER."""
    folder = root / "German" / "02-EEG-DE-features"
    return write_parted_features(folder, subject, session, trials, labels, train=CULTURE_TRAIN, window=window)


def write_seed_fra(root: Path, subject: int, session: int, trials: Trials, labels: Sequence[int], window: int = 1) -> Path:
    """Features of SEED-FRA."""
    folder = root / "French" / "02-EEG-DE-features"
    return write_parted_features(folder, subject, session, trials, labels, train=CULTURE_TRAIN, window=window)


def _bands(trials: Trials) -> dict[str, np.ndarray]:
    """{band: (window, 62)} of trials one after another."""
    x = np.concatenate(trials).astype(float)
    return {band: np.ascontiguousarray(x[:, :, i]) for i, band in enumerate(BANDS)}


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
