"""Estimators are fitted to training alone: scaling, outliers and the choice of a candidate never see the test part."""

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC, LinearSVC

from reportgen import plugins
from reportgen.core import Spec
from reportgen.errors import DataError, StepError
from reportgen.estimating import Data, fit, outlying

CLASSES = ("negative", "neutral", "positive")
WINDOWS = 4


def data(seed: int = 0, *, classes: int = 3, apart: float = 2.0, trials: int = 20, features: int = 6) -> Data:
    """Three subjects with `trials` trials of four windows; the first features tell the classes apart."""
    rng = np.random.default_rng(seed)
    n = 3 * trials * WINDOWS
    trial = np.repeat(np.arange(3 * trials), WINDOWS)
    labels = trial % classes
    x = rng.normal(size=(n, features)) + rng.normal(scale=0.3, size=(3 * trials, features))[trial]
    x[:, :classes] += apart * np.eye(classes)[labels]
    part = trial % trials  # the last trials of each subject are tested
    return Data(
        x=(x.reshape(n, 2, -1) * 5 + 100).astype(np.float32),
        labels=labels,
        classes=CLASSES[:classes],
        trial=np.array([f"t{i}" for i in trial]),
        subject=np.array([f"s{i // trials}" for i in trial]),
        train=np.flatnonzero(part < trials // 2),
        validation=np.flatnonzero((part >= trials // 2) & (part < 3 * trials // 4)),
        test=np.flatnonzero(part >= 3 * trials // 4),
    )


def built(use: str, given: Data, **settings: Any) -> Any:
    return plugins.verb("model", use)(Spec(given.x.shape[1:], len(given.classes)), **settings)


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    return float((logits.argmax(axis=1) == labels).mean())


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    ("use", "settings"),
    [("svm", {}), ("svm", {"kernel": "rbf"}), ("svm", {"kernel": "rbf", "exact": 20}), ("logistic_regression", {})],
)
def test_what_separates_classes_is_learnt(use: str, settings: dict[str, Any], classes: int) -> None:
    given = data(classes=classes, apart=4.0)
    fitted = fit(built(use, given, **settings), given, 0)
    assert fitted.logits.shape == (len(given.test), classes) and fitted.logits.dtype == np.float32
    assert fitted.validation_logits.shape == (len(given.validation), classes)
    assert accuracy(fitted.logits, given.labels[given.test]) > 0.9
    assert fitted.told["probabilities"]
    assert (fitted.told["sharpness"] is None) == (use == "logistic_regression"), "decision values are scaled on validation"
    assert fitted.told["samples"] == {"train": 120, "validation": 60, "test": 60} and fitted.told["features"] == 6


def test_numbers_are_scikit_learns() -> None:
    given = data()
    x = given.x.reshape(len(given.x), -1).astype(np.float64)
    mean, sd = x[given.train].mean(axis=0), x[given.train].std(axis=0)
    peer = LogisticRegression(C=0.1, max_iter=1000).fit(((x - mean) / sd)[given.train], given.labels[given.train])
    fitted = fit(built("logistic_regression", given, C=[0.1]), given, 0)
    np.testing.assert_allclose(fitted.logits, peer.predict_log_proba(((x - mean) / sd)[given.test]), atol=2e-3)


def test_gaussian_kernel_has_scikit_learns_width_and_its_approximation_is_near_it() -> None:
    given = data(apart=1.0, trials=40)
    x = (given.x - given.x[given.train].mean(axis=0)) / given.x[given.train].std(axis=0)
    x = x.reshape(len(x), -1)
    peer = SVC(C=1.0).fit(x[given.train], given.labels[given.train])
    exact = fit(built("svm", given, kernel="rbf", C=[1.0]), given, 0)
    values = exact.told["sharpness"] * peer.decision_function(x[given.test])
    np.testing.assert_allclose(exact.logits, values, atol=1e-3)
    near = fit(built("svm", given, kernel="rbf", C=[1.0], exact=1, components=200), given, 0)
    assert (near.logits.argmax(axis=1) == exact.logits.argmax(axis=1)).mean() > 0.85


def test_decision_values_are_scaled_to_probabilities_that_are_as_sure_as_they_are_right() -> None:
    fitted = fit(built("svm", given := data(apart=0.6, trials=60), C=[1.0]), given, 0)
    powers = np.exp(fitted.logits - fitted.logits.max(axis=1, keepdims=True))
    sure = (powers / powers.sum(axis=1, keepdims=True)).max(axis=1).mean()
    right = (fitted.logits.argmax(axis=1) == given.labels[given.test]).mean()
    assert abs(sure - right) < 0.1


@pytest.mark.parametrize("scale", ["train", "none"])
@pytest.mark.parametrize("outliers", [0.0, 3.5])
def test_the_test_part_changes_nothing_that_is_fitted(scale: Any, outliers: float) -> None:
    given = data()
    x, labels = given.x.copy(), given.labels.copy()
    x[given.test] = 1e4 * np.random.default_rng(1).normal(size=x[given.test].shape)
    labels[given.test] = 0
    changed = replace(given, x=x, labels=labels)
    first, second = (fit(built("svm", d), d, 0, scale=scale, outliers=outliers, samples=90) for d in (given, changed))
    np.testing.assert_array_equal(first.validation_logits, second.validation_logits)
    np.testing.assert_array_equal(first.estimator.coef_, second.estimator.coef_)
    assert first.told == second.told and not first.told["transductive"]


def test_scaling_by_subject_uses_test_samples_and_says_so() -> None:
    given = data(apart=1.5)
    x = given.x + 1000 * (given.subject == "s1")[:, None, None]  # a level of one person that training does not know
    other = given.subject != "s1"
    train = np.concatenate([given.train, given.test])
    given = replace(given, x=x, train=train[other[train]], validation=given.validation[other[given.validation]])
    given = replace(given, test=np.flatnonzero(~other))
    results = {scale: fit(built("svm", given), given, 0, scale=scale) for scale in ("train", "subject")}
    right = {name: accuracy(one.logits, given.labels[given.test]) for name, one in results.items()}
    assert right["subject"] > right["train"] + 0.2
    assert results["subject"].told["transductive"] and not results["train"].told["transductive"]


def test_planted_outliers_are_found_and_left_out_of_training_alone() -> None:
    given = data(trials=40)
    planted = ["t3", "t47"]
    x = given.x.copy()
    x[np.isin(given.trial, [*planted, "t39"])] += 60  # t39 is tested
    given = replace(given, x=x)
    assert set(planted) <= set(given.trial[given.train].tolist()) and "t39" in given.trial[given.test]
    found = outlying(given, 3.5)
    assert set(found) == set(planted) and all(z > 3.5 for z in found.values())
    fitted = fit(built("svm", given), given, 0, outliers=3.5)
    assert {one["trial"] for one in fitted.told["outliers"]["trials"]} == set(planted)
    assert fitted.told["outliers"]["samples"] == 2 * WINDOWS
    assert fitted.told["samples"] == {"train": 232, "validation": 120, "test": 120}
    assert fit(built("svm", given), given, 0).told["samples"]["train"] == 240


def test_a_subjects_own_level_is_no_outlier() -> None:
    given = data()
    shifted = replace(given, x=given.x + 500 * (given.subject == "s1")[:, None, None].astype(np.float32))
    assert set(outlying(shifted, 3.5)) == set(outlying(given, 3.5))


def test_few_trials_have_no_outliers_and_that_is_noted() -> None:
    given = data(trials=8)
    few = replace(given, train=given.train[given.subject[given.train] == "s0"])
    told = fit(built("svm", few), few, 0, outliers=3.5).told
    assert told["outliers"]["trials"] == [] and "fewer than 5 training trials" in told["notes"][0]


def test_validation_chooses_the_first_of_the_best() -> None:
    given = data(apart=4.0)
    good = built("logistic_regression", given, C=[1.0])["C = 1"]
    same = built("logistic_regression", given, C=[1.0])["C = 1"]
    bad = built("most_frequent", given)["most frequent"]
    fitted = fit({"bad": bad, "good": good, "same": same}, given, 0)
    assert fitted.told["chosen"] == "good"
    scores = {one["name"]: one["validation"] for one in fitted.told["candidates"]}
    assert scores["bad"] == pytest.approx(1 / 3) and scores["good"] == scores["same"] > 0.9
    alone = fit({"bad": bad, "good": good}, replace(given, validation=given.validation[:0]), 0)
    assert alone.told["chosen"] == "bad" and alone.validation_logits.shape == (0, 3)
    assert [one["validation"] for one in alone.told["candidates"]] == [None, None]


def test_baselines_answer_as_they_say() -> None:
    given = data(trials=200)
    labels = np.where((given.labels == 1) & (np.arange(len(given.labels)) % 5 > 0), 0, given.labels)  # not one of three
    given = replace(given, labels=labels)
    shares = np.bincount(labels[given.train]) / len(given.train)
    most = fit(built("most_frequent", given), given, 0)
    np.testing.assert_allclose(np.exp(most.logits), np.tile(shares, (len(given.test), 1)), rtol=1e-5)
    drawn = fit(built("class_distribution", given), given, 0).logits
    np.testing.assert_allclose(np.bincount(drawn.argmax(axis=1)) / len(drawn), shares, atol=0.06)
    np.testing.assert_array_equal(drawn, fit(built("class_distribution", given), given, 0).logits)
    assert (drawn != fit(built("class_distribution", given), given, 1).logits).any() and np.isfinite(drawn).all()


@pytest.mark.parametrize(
    ("use", "settings"), [("svm", {}), ("svm", {"kernel": "rbf", "exact": 20}), ("logistic_regression", {})]
)
def test_the_same_seed_gives_the_same_numbers(use: str, settings: dict[str, Any]) -> None:
    given = data()
    first, second = (fit(built(use, given, **settings), given, 7, samples=60) for _ in range(2))
    np.testing.assert_array_equal(first.logits, second.logits)
    assert first.told == second.told


def test_fewer_samples_keep_the_shares_of_the_classes() -> None:
    seen = []

    class Spy(LinearSVC):
        def fit(self, x: np.ndarray, y: np.ndarray) -> Any:
            seen.append(np.bincount(y))
            return super().fit(x, y)

    given = data()
    given = replace(given, train=np.sort(np.concatenate([given.train, given.test])))
    fit({"spy": Spy()}, given, 0, samples=45)
    full = np.bincount(given.labels[given.train])
    np.testing.assert_allclose(seen[0], 45 * full / full.sum(), atol=1)


def test_warnings_become_notes() -> None:
    given = data(apart=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        told = fit(built("logistic_regression", given, iterations=1), given, 0).told
    assert [note.partition(":")[0] for note in told["notes"]] == ["C = 0.01", "C = 0.1", "C = 1"]
    assert all("converge" in note for note in told["notes"])


def test_features_that_do_not_vary_count_for_nothing() -> None:
    given = data()
    x = given.x.copy()
    x[:, 1, 2] = 7
    x[given.test, 1, 2] = 1e6
    without = replace(given, x=given.x.reshape(len(x), -1)[:, :5])
    constant = replace(given, x=x)
    first, second = (fit(built("svm", d), d, 0) for d in (without, constant))
    np.testing.assert_allclose(first.logits, second.logits, atol=1e-4)
    assert second.told["notes"] == ["1 of 6 features do not vary and are left out"]


def test_data_that_cannot_be_learnt_from_is_said() -> None:
    given = data()
    with pytest.raises(StepError, match="no feature varies in the training part"):
        fit(built("svm", given), replace(given, x=np.ones_like(given.x)), 0)
    with pytest.raises(DataError, match="the training part has no sample of neutral among 80"):
        fit(built("svm", given), replace(given, train=given.train[given.labels[given.train] != 1]), 0)
    x = given.x.copy()
    x[given.test[:3], 0, 0] = np.nan
    x[given.test[3], 0, 0] = np.inf
    with pytest.raises(DataError, match=r"features of 4 of 60 samples hold values that are no numbers, first in trial t15"):
        fit(built("svm", given), replace(given, x=x), 0)


def test_settings_of_the_train_table() -> None:
    table = plugins.settings_of(plugins.PACKAGE / "estimating.py", "fit")
    assert table().model_dump() == {"scale": "train", "outliers": 0.0, "samples": 0}
    for wrong in ({"scale": "test"}, {"outliers": -1}, {"samples": -1}, {"epochs": 3}):
        with pytest.raises(ValidationError):
            table.model_validate(wrong)
    for use in ("svm", "logistic_regression", "most_frequent", "class_distribution"):
        assert plugins.constant(plugins.path_of("model", use), "ESTIMATOR") is True
    with pytest.raises(ValidationError):
        plugins.settings("model", "svm").model_validate({"C": [0.0]})
    with pytest.raises(ValidationError):
        plugins.settings("model", "svm").model_validate({"C": []})
