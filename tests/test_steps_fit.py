"""The steps of estimators: what they write, that shuffled labels fall to chance, and what trimming and outliers do."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.core import TEST, TRAIN, VALIDATION, Rows
from reportgen.errors import DataError
from reportgen.outputs import Inputs, Out, Output
from reportgen.splits.front_back import divide as front_back
from reportgen.splits.kfold import divide as kfold
from reportgen.splits.loso import divide as loso
from reportgen.steps import canary, fit, outliers
from reportgen.work import Work

CLASSES = ["negative", "neutral", "positive"]
SVM = {"use": "svm", "settings": {"kernel": "linear", "C": [0.01, 0.1], "exact": 5000, "components": 100}}
TRAINING = {"scale": "train", "outliers": 0.0, "samples": 0}


def made(
    subjects: int = 6, trials: int = 12, *, apart: float = 1.0, seed: int = 0, classes: int = 3, windows: int = 3
) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Samples (sample, channel, band), rows and labels: trials of some windows that are much alike."""
    rng = np.random.default_rng(seed)
    trial = np.repeat(np.arange(subjects * trials), windows)
    labels = trial % classes
    x = rng.normal(scale=0.3, size=(len(trial), 8)) + rng.normal(size=(subjects * trials, 8))[trial]
    x[:, :classes] += apart * np.eye(classes)[labels]
    rows = {
        "dataset": np.full(len(trial), "toy"),
        "subject": np.array([f"s{i // trials}" for i in trial]),
        "session": np.full(len(trial), "1"),
        "recording": np.array([f"s{i // trials} 1" for i in trial]),
        "trial": np.array([f"s{i // trials} 1 {i % trials:02d}" for i in trial]),
        "clip": np.array([str(i % trials) for i in trial]),
    }
    return x.reshape(-1, 4, 2).astype(np.float32), rows, labels.astype(np.int16)


def split_rows(rows: dict[str, np.ndarray], labels: np.ndarray) -> Rows:
    named = {name: rows[name] for name in ("subject", "session", "recording", "trial", "clip")}
    return Rows(
        labels=labels, origin=rows["dataset"], groups=np.arange(len(labels)), classes=tuple(CLASSES), training_part="", **named
    )


def stored(folder: Path, x: np.ndarray, rows: dict[str, np.ndarray], labels: np.ndarray, name: str = "full") -> list[Output]:
    """Of the step `features`."""
    out = Out(folder / f"features {name}")
    out.folder.mkdir(parents=True)
    out.array("samples", x, ("sample", "channel", "band"))
    out.array("labels", labels, ("sample",))
    np.savez(out.path("rows", ".npz"), **rows)
    return described(out, features=name)


def described(out: Out, **about: str) -> list[Output]:
    return [Output(one["kind"], out.folder / name, about) for name, one in out.described.items()]


def given(folder: Path, parts: np.ndarray, classes: int = 3, **about: str) -> list[Output]:
    """Of the steps `load` and `split`."""
    out = Out(folder / "given")
    out.folder.mkdir(parents=True)
    out.json("facts", {"classes": CLASSES[:classes]})
    out.array("parts", parts, ("fold", "sample")[-parts.ndim :])
    return described(out, **about)


def ran(step: Any, folder: Path, inputs: list[Output], **settings: Any) -> Inputs:
    """What a step writes."""
    out = Out(folder / "out" / str(len(list(folder.glob("out/*")))))
    out.folder.mkdir(parents=True)
    step.run(Inputs(inputs), out, Work(folder, {}, "cpu", 1), **settings)
    return Inputs(described(out))


def test_fit_writes_what_later_steps_read(tmp_path: Path) -> None:
    x, rows, labels = made(apart=4.0)
    parts = loso(split_rows(rows, labels), 0).parts
    inputs = [*stored(tmp_path, x, rows, labels), *given(tmp_path, parts)]
    found = ran(fit, tmp_path, inputs, model=SVM, train=TRAINING, fold=2, seed=0)
    logits, test = found.one("fold_logits"), parts[2] == TEST
    assert logits.shape == (test.sum(), 3) and logits.dtype == np.float32
    assert (logits.argmax(axis=1) == labels[test]).mean() > 0.9
    assert found.one("fold_validation_logits").shape == ((parts[2] == VALIDATION).sum(), 3)
    assert found.one("looks") == {"test": 1, "by": ["fit"]}
    model = found.one("fitted")["model"]
    assert (model["id"], model["estimator"], model["probabilities"]) == ("svm", "LinearSVC", True)
    assert (model["trainable"], model["layers"], model["settings"]) == (0, [], SVM["settings"])
    assert found.one("fitted")["samples"]["train"] == (parts[2] == TRAIN).sum()


def test_fit_takes_parts_without_folds_and_no_validation(tmp_path: Path) -> None:
    x, rows, labels = made()
    parts = front_back(split_rows(rows, labels), 0, within="pooled", validation=0.0).parts[0]
    inputs = [*stored(tmp_path, x, rows, labels), *given(tmp_path, parts)]
    first, second = (ran(fit, tmp_path, inputs, model=SVM, train=TRAINING, fold=0, seed=0) for _ in range(2))
    assert first.one("fold_validation_logits").shape == (0, 3) and first.one("fitted")["chosen"] == "C = 0.01"
    np.testing.assert_array_equal(first.one("fold_logits"), second.one("fold_logits"))


def shuffled(folder: Path, x: np.ndarray, rows: Any, labels: np.ndarray, parts: np.ndarray, **settings: Any) -> dict[str, Any]:
    inputs = [*stored(folder, x, rows, labels), *given(folder, parts)]
    settings = {"model": SVM, "train": TRAINING, "repeats": 3, "seed": 0, **settings}
    return dict(ran(canary, folder, inputs, **settings).one("canary"))


def test_shuffled_labels_fall_to_chance(tmp_path: Path) -> None:
    """Whether or not there is anything to learn; separable classes make shuffled scores vary most."""
    for seed, apart in enumerate((0.0, 1.0, 6.0)):
        x, rows, labels = made(apart=apart, seed=seed)
        told = shuffled(tmp_path / str(seed), x, rows, labels, loso(split_rows(rows, labels), 0).parts)
        assert told["low"] <= told["mean"] <= told["high"] and told["low"] < 1 / 3 < told["high"] < 0.7
        assert (told["folds"], told["n"], told["trials"], told["kept"], told["within_subject"]) == (6, 216, 72, 0, True)
        assert told["chance"] == told["expected"] == pytest.approx(1 / 3) and told["majority"] == pytest.approx(1 / 3)
        assert len(told["accuracy"]) == len(told["balanced_accuracy"]) == told["repeats"] == 3
        assert told["mean"] == pytest.approx(np.mean(told["balanced_accuracy"]))


def test_false_alarms_are_rare(tmp_path: Path) -> None:
    alarms = []
    for seed in range(20):
        x, rows, labels = made(4, 9, apart=3.0, seed=seed)
        told = shuffled(tmp_path / str(seed), x, rows, labels, kfold(split_rows(rows, labels), seed, folds=3).parts, seed=seed)
        alarms.append(told["mean"] > told["high"])
    assert sum(alarms) <= 2


def test_windows_of_one_trial_on_both_sides_sound_the_alarm(tmp_path: Path) -> None:
    """With a classifier that recognises a trial, windows at random leave shuffled labels far above chance."""
    x, rows, labels = made(4, 6, apart=0.0, windows=9)
    folds = np.random.default_rng(0).integers(4, size=len(labels))
    parts = np.where(folds == np.arange(4)[:, None], TEST, TRAIN).astype(np.uint8)
    model = {"use": "svm", "settings": {"kernel": "rbf", "C": [10.0], "exact": 5000, "components": 1}}
    told = shuffled(tmp_path, x, rows, labels, parts, model=model)
    assert told["mean"] > told["high"] + 0.1 and told["kept"] > 0


def test_base_rates_of_people_are_no_alarm(tmp_path: Path) -> None:
    """Each subject reports mostly one class, in training and test alike: naming it is no leak."""
    x, rows, labels = made(6, 24, apart=0.0)
    subject, trial = np.unique(rows["subject"], return_inverse=True)[1], np.arange(len(labels)) // 3 % 24
    labels = np.where(trial % 4 < 2, subject % 3, labels).astype(np.int16)
    x = (x + 5 * np.eye(8)[subject].reshape(-1, 4, 2)).astype(np.float32)  # the person is plain to see
    told = shuffled(tmp_path, x, rows, labels, kfold(split_rows(rows, labels), 0).parts, repeats=2)
    assert told["mean"] > 0.45 and told["mean"] <= told["high"] and told["expected"] > 0.6


def test_shuffling_keeps_trials_subjects_and_counts() -> None:
    x, rows, labels = made()
    fold = fit.divided(_data(x, rows, labels), kfold(split_rows(rows, labels), 0).parts[0])
    one = canary.shuffle(fold, np.random.default_rng(0))
    learnt = np.concatenate([fold.train, fold.validation])
    assert one.within and not one.kept and (one.labels != fold.labels).any()
    np.testing.assert_array_equal(one.labels[fold.test], fold.labels[fold.test])
    for trial in np.unique(rows["trial"]):
        assert len(set(one.labels[rows["trial"] == trial].tolist())) == 1
    for subject in np.unique(rows["subject"]):
        own = learnt[rows["subject"][learnt] == subject]
        np.testing.assert_array_equal(np.bincount(one.labels[own]), np.bincount(fold.labels[own]))


def test_shuffling_leaves_training_every_class() -> None:
    x, rows, labels = made(2, 10)
    for parts in front_back(split_rows(rows, labels), 0, train=6, validation=0.4).parts:
        fold = fit.divided(_data(x, rows, labels), parts)
        for seed in range(30):
            assert set(canary.shuffle(fold, np.random.default_rng(seed)).labels[fold.train].tolist()) == {0, 1, 2}


def test_subjects_of_one_class_exchange_labels_with_others() -> None:
    x, rows, labels = made()
    labels = (np.unique(rows["subject"], return_inverse=True)[1] % 3).astype(np.int16)
    fold = fit.divided(_data(x, rows, labels), np.full(len(labels), TRAIN))
    one = canary.shuffle(fold, np.random.default_rng(0))
    assert not one.within and (one.labels != labels).mean() > 0.4
    np.testing.assert_array_equal(np.bincount(one.labels), np.bincount(labels))


def _data(x: np.ndarray, rows: dict[str, np.ndarray], labels: np.ndarray) -> Any:
    none = np.empty(0, int)
    return fit.Data(
        x=x,
        labels=labels.astype(int),
        classes=tuple(CLASSES),
        trial=rows["trial"],
        subject=rows["subject"],
        train=none,
        validation=none,
        test=none,
    )


def test_canary_is_deterministic_and_follows_its_seed(tmp_path: Path) -> None:
    x, rows, labels = made(4, 9)
    parts = loso(split_rows(rows, labels), 0).parts
    told = [shuffled(tmp_path / str(i), x, rows, labels, parts, seed=seed) for i, seed in enumerate((0, 0, 1))]
    assert told[0] == told[1] != told[2]


def explored(folder: Path, inputs: list[Output], variants: dict[str, str], **settings: Any) -> dict[str, Any]:
    told = {"threshold": 3.5, "unit": "auto", "resamples": 500, "seed": 0, "model": SVM, "train": TRAINING, **settings}
    return dict(ran(outliers, folder, inputs, variants=variants, **told).one("outliers"))


def test_trimming_is_compared_on_the_same_test_trials(tmp_path: Path) -> None:
    """An onset artefact that trimming removes: the trimmed input must score better, the same one alike."""
    x, rows, labels = made(8, 9, apart=3.0, seed=1)
    dirty, kept = x.copy(), np.arange(len(x)) % 3 > 0
    dirty[~kept] += 30 * np.random.default_rng(2).normal(size=dirty[~kept].shape)
    short = {name: column[kept] for name, column in rows.items()}
    lacking = kept & (rows["trial"] != "s0 1 04")
    parts = loso(split_rows(rows, labels), 0).parts
    inputs = [
        *stored(tmp_path, dirty, rows, labels),
        *stored(tmp_path, x[kept], short, labels[kept], "trimmed"),
        *stored(tmp_path, x[lacking], {n: c[lacking] for n, c in rows.items()}, labels[lacking], "raised"),
        *given(tmp_path, parts, experiment="look"),
    ]
    told = explored(tmp_path, inputs, {"full": "full", "time": "trimmed", "time_frequency": "raised"})
    assert [row["input"] for row in told["inputs"]] == ["full", "time", "time_frequency", "without_outliers"]
    full, time, frequency, _ = told["inputs"]
    assert (told["unit"], len(told["units"]), told["folds"], told["trials"]) == ("subject", 8, 8, 71)
    assert told["left_out"] == ["s0 1 04"] and [full["n"], time["n"], frequency["n"]] == [213, 142, 142]
    assert full["accuracy"]["difference"] is None and full["shape"] == [4, 2]
    for metric in outliers.METRICS:
        gain = time[metric]
        assert gain["difference"] == pytest.approx(np.mean(np.subtract(gain["units"], full[metric]["units"])))
        assert 0 < gain["low"] < gain["difference"] < gain["high"] and gain["p"] < 0.05
    json.dumps(told, allow_nan=False)


def test_outlier_trials_are_listed_with_the_folds_that_found_them(tmp_path: Path) -> None:
    x, rows, labels = made(6, 18, apart=1.0)
    planted = rows["trial"] == "s3 1 07"
    x[planted] += 40
    parts = loso(split_rows(rows, labels), 0, validation=0.0).parts
    told = explored(tmp_path, [*stored(tmp_path, x, rows, labels), *given(tmp_path, parts)], {"full": "full"})
    first = told["outliers"]["trials"][0]
    assert (first["trial"], first["subject"], first["recording"], first["label"]) == ("s3 1 07", "s3", "s3 1", "neutral")
    assert first["folds"] == first["of"] == 5 and first["distance"] > 10
    assert told["outliers"]["samples"]["of"] == (parts == TRAIN).sum() and told["outliers"]["samples"]["left_out"] >= 15
    assert told["inputs"][0]["n"] == told["inputs"][1]["n"] == len(labels), "outliers stay in the test"


def test_few_units_claim_nothing(tmp_path: Path) -> None:
    x, rows, labels = made(3, 12)
    inputs = [*stored(tmp_path, x, rows, labels), *given(tmp_path, loso(split_rows(rows, labels), 0).parts)]
    row = explored(tmp_path, inputs, {"full": "full"})["inputs"][1]
    assert row["accuracy"]["low"] is row["accuracy"]["high"] is row["accuracy"]["p"] is None
    assert row["accuracy"]["difference"] is not None
    by_trial = explored(tmp_path, inputs, {"full": "full"}, unit="trial")
    assert by_trial["unit"] == "trial" and by_trial["inputs"][1]["accuracy"]["p"] is not None


def test_a_split_that_breaks_trials_is_refused(tmp_path: Path) -> None:
    x, rows, labels = made(3, 6)
    parts = np.where(np.arange(len(labels)) % 2, TEST, TRAIN).astype(np.uint8)
    inputs = [*stored(tmp_path, x, rows, labels), *given(tmp_path, parts)]
    with pytest.raises(DataError, match="trial s0 1 00 lies in two parts of one fold"):
        explored(tmp_path, inputs, {"full": "full"})
