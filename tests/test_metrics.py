"""Scores and their intervals: as scikit-learn defines them, and holding the truth as often as they say."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as peer

from reportgen.bootstrap import Resampled, distance_interval, interval, resample, sum_by
from reportgen.core import TEST, TRAIN
from reportgen.errors import FailedError
from reportgen.metrics import BINS, METRICS, Predictions, classification_scores, confusion, reliability, softmax, view
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import score
from tests import (
    factories,
    factories_ratings,
    factories_recordings,
    factories_synthetic,
    figure_samples_frequencies,
    figure_samples_relevance,
)

CLASSES = tuple("abcd")


def predictions(n: int = 400, seeds: int = 1, seed: int = 0, groups: np.ndarray | None = None) -> Predictions:
    """Imbalanced classes, recognised about half of the time."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(4, size=n, p=[0.5, 0.3, 0.15, 0.05])
    logits = rng.normal(size=(seeds, n, 4)) + 1.2 * (labels[:, None] == np.arange(4))
    groups = np.arange(n) if groups is None else groups
    return Predictions(logits=logits, labels=labels, groups=groups, classes=CLASSES, majority=0)


def scores_of(given: Predictions, resamples: int = 400, seed: int = 0) -> dict[str, Any]:
    found = view(given, whole=len(given.labels), resamples=resamples, seed=seed)
    assert found is not None
    json.dumps(found, allow_nan=False)
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_scores_are_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, said = rng.integers(5, size=200), rng.integers(5, size=200)
    for missing_true, missing_said in (((), ()), ((2,), ()), ((), (3,)), ((4,), (4,))):
        true = np.where(np.isin(labels, missing_true), 0, labels)
        pred = np.where(np.isin(said, missing_said), 1, said)
        counts = confusion(true, pred, 5)
        np.testing.assert_array_equal(counts, peer.confusion_matrix(true, pred, labels=range(5)))
        ours = classification_scores(counts)
        assert ours["accuracy"] == pytest.approx(peer.accuracy_score(true, pred))
        assert ours["balanced_accuracy"] == pytest.approx(peer.balanced_accuracy_score(true, pred))
        assert ours["macro_f1"] == pytest.approx(peer.f1_score(true, pred, average="macro", zero_division=0))
        theirs = peer.precision_recall_fscore_support(true, pred, labels=range(5), zero_division=0)
        for name, row in zip(("precision", "recall", "f1"), theirs, strict=False):
            known = np.isfinite(ours[name])
            np.testing.assert_allclose(ours[name][known], row[known])
        np.testing.assert_array_equal(np.isfinite(ours["recall"]), counts.sum(axis=1) > 0)


def test_view_says_the_same_of_each_seed() -> None:
    given = predictions(seeds=3)
    found = scores_of(given)
    said = given.logits.argmax(axis=-1)
    accuracies = [peer.accuracy_score(given.labels, row) for row in said]
    assert found["metrics"]["accuracy"]["seeds"] == pytest.approx(accuracies)
    assert found["metrics"]["accuracy"]["sd"] == pytest.approx(np.std(accuracies, ddof=1))
    matrices = [peer.confusion_matrix(given.labels, row) for row in said]
    np.testing.assert_allclose(found["confusion"], np.mean(matrices, axis=0))
    precision = np.mean([peer.precision_score(given.labels, row, average=None) for row in said], axis=0)
    assert [row["precision"]["mean"] for row in found["per_class"]] == pytest.approx(precision)
    assert [row["n"] for row in found["per_class"]] == np.bincount(given.labels).tolist()
    assert found["baseline"]["majority"]["accuracy"] == pytest.approx(np.mean(given.labels == 0))
    difference = np.mean(accuracies) - np.mean(given.labels == 0)
    assert found["above_baseline"]["difference"] == pytest.approx(difference)
    for name in METRICS:
        row = found["metrics"][name]
        assert row["low"] <= row["mean"] <= row["high"], name
    assert scores_of(predictions(seeds=1))["metrics"]["accuracy"]["sd"] is None


def calibrated(n: int, rng: np.random.Generator, sharpness: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits (1, sample, class) and labels; drawn from the probabilities themselves where sharpness is 1."""
    logits = rng.normal(size=(n, 4)) * 1.5
    labels = (softmax(logits).cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return sharpness * logits[None], labels


def ece(logits: np.ndarray, labels: np.ndarray) -> float:
    given = Predictions(logits=logits, labels=labels, groups=np.zeros(len(labels)), classes=CLASSES, majority=0)
    return float(scores_of(given)["metrics"]["ece"]["mean"])


def test_ece_is_zero_where_confidence_is_honest() -> None:
    logits, labels = calibrated(100_000, np.random.default_rng(0))
    assert ece(logits, labels) < 0.01
    assert ece(3 * logits, labels) > 0.15


def test_ece_is_the_gap_of_confidence_and_accuracy() -> None:
    logits = np.zeros((1, 10, 4))
    logits[:, :, 0] = np.log(3 * 0.9 / 0.1)  # probability 0.9
    assert ece(logits, np.array([0] * 6 + [1] * 4)) == pytest.approx(0.3)


def test_ece_is_that_of_guo() -> None:
    """Computed bin by bin, as in equation 3 of Guo et al. 2017."""
    given = predictions(seeds=2)
    for row, found in zip(softmax(given.logits), scores_of(given)["metrics"]["ece"]["seeds"], strict=True):
        confidence, hit = row.max(axis=1), row.argmax(axis=1) == given.labels
        expected = 0.0
        for b in range(BINS):
            inside = (confidence > b / BINS) & (confidence <= (b + 1) / BINS)
            if inside.any():
                expected += inside.mean() * abs(hit[inside].mean() - confidence[inside].mean())
        assert found == pytest.approx(expected)


def test_reliability_pools_the_seeds() -> None:
    given = predictions(seeds=2)
    curve = reliability(softmax(given.logits), given.labels)
    assert sum(row["n"] for row in curve) == 2 * len(given.labels)
    assert all(row["low"] < row["confidence"] <= row["high"] for row in curve if row["n"])
    assert curve[0] == {"low": 0.0, "high": pytest.approx(1 / 15), "n": 0, "confidence": None, "accuracy": None}
    hits = sum(row["n"] * row["accuracy"] for row in curve if row["n"])
    assert hits == pytest.approx((given.logits.argmax(axis=-1) == given.labels).sum())


def test_interval_of_accuracy_holds_the_truth_as_often_as_it_says() -> None:
    """95 of 100 times, with samples that come in identical twos and threes; ignoring that would hold it less often."""
    truth, covered, ignorant = 0.7, [], []
    for trial in range(300):
        rng = np.random.default_rng(trial)
        groups = np.repeat(np.arange(60), rng.integers(1, 6, size=60))
        hits = (rng.random(60) < truth)[groups].astype(float)
        columns = np.stack([hits, np.ones(len(hits))], axis=1)
        for found, by in ((covered, groups), (ignorant, np.arange(len(hits)))):
            low, high = interval(accuracy_of(columns, by, trial), "accuracy")
            assert low is not None and high is not None
            found.append(low <= truth <= high)
    assert 0.90 <= np.mean(covered) <= 0.99
    assert np.mean(ignorant) < 0.85


def accuracy_of(columns: np.ndarray, groups: np.ndarray, seed: int, resamples: int = 300) -> Resampled:
    """Resampled ratio of the first column to the second."""
    return resample(sum_by(groups, columns), lambda s: {"accuracy": s[:, 0] / s[:, 1]}, resamples=resamples, seed=seed)


@pytest.mark.parametrize("sharpness", [1.0, 1.5])
def test_interval_of_ece_holds_the_truth_even_near_zero(sharpness: float) -> None:
    """Percentiles of resamples would hold an ECE near 0 never."""
    truth = ece(*calibrated(200_000, np.random.default_rng(99), sharpness))
    held, percentile = [], []
    for trial in range(100):
        logits, labels = calibrated(300, np.random.default_rng(trial), sharpness)
        given = Predictions(logits=logits, labels=labels, groups=np.arange(300), classes=CLASSES, majority=0)
        row = scores_of(given, resamples=200)["metrics"]["ece"]
        held.append(row["low"] <= truth <= row["high"])
        percentile.append(row["low"] <= row["mean"] <= row["high"])
    assert np.mean(held) >= 0.90
    assert all(percentile)


def test_distance_interval_of_a_known_vector() -> None:
    """Estimate 1, resamples 0.2 farther out, error up to 0.5: the truth is at least 0.5 and at most 1."""
    noise = np.linspace(0, 0.5, 2001)
    drawn = Resampled({"d": 1.0}, {"d": np.full(2001, 1.2), "noise": noise}, {})
    assert distance_interval(drawn, "d", "noise") == (pytest.approx(0.5, abs=0.02), 1.0)
    assert distance_interval(Resampled({"d": 0.1}, drawn.replicates, {}), "d", "noise")[0] == 0


@pytest.mark.parametrize(("groups", "kind"), [(6, "normal"), (8, "normal"), (15, "normal")])
def test_interval_over_few_groups_is_wide_enough(groups: int, kind: str) -> None:
    """Plain percentiles of resamples miss the mean of six subjects in 13 of 100 studies."""
    missed = 0
    for study in range(300):
        rng = np.random.default_rng(study)
        values = getattr(rng, kind)(size=groups)
        drawn = resample(
            np.stack([values, np.ones(groups)], axis=1), lambda s: {"m": s[:, 0] / s[:, 1]}, resamples=600, seed=study
        )
        low, high = interval(drawn, "m")
        assert low is not None
        assert high is not None
        missed += low > 0 or high < 0
    assert missed / 300 < 0.095


def test_interval_is_scipys_bca() -> None:
    rng = np.random.default_rng(5)
    values = rng.exponential(size=40) ** 2  # skewed: plain percentiles differ
    columns = np.stack([values, np.ones(40)], axis=1)
    ours = interval(accuracy_of(columns, np.arange(40), 0, 20_000), "accuracy")
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(1))
    assert ours == pytest.approx(tuple(theirs.confidence_interval), rel=0.02)
    plain = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1))
    assert plain.confidence_interval.high < 0.97 * theirs.confidence_interval.high


def width(found: dict[str, Any], name: str = "accuracy") -> float:
    return float(found["metrics"][name]["high"] - found["metrics"][name]["low"])


def test_identical_samples_widen_the_interval() -> None:
    """Each sample twice tells as much as each once: the interval is √2 as wide as if they were all different."""
    once = predictions(300)
    twice = Predictions(
        logits=np.tile(once.logits, (1, 2, 1)),
        labels=np.tile(once.labels, 2),
        groups=np.tile(once.groups, 2),
        classes=CLASSES,
        majority=0,
    )
    different = Predictions(logits=twice.logits, labels=twice.labels, groups=np.arange(600), classes=CLASSES, majority=0)
    assert width(scores_of(twice, 4000)) == pytest.approx(width(scores_of(once, 4000)), rel=0.05)
    assert width(scores_of(twice, 4000)) == pytest.approx(2**0.5 * width(scores_of(different, 4000)), rel=0.1)


def test_seeds_are_resampled_jointly() -> None:
    """Three times the same model is as uncertain as once; three different ones are less, but not as of three test parts."""
    one = predictions(seeds=1)
    same = Predictions(
        logits=np.repeat(one.logits, 3, axis=0), labels=one.labels, groups=one.groups, classes=CLASSES, majority=0
    )
    assert scores_of(same)["metrics"]["accuracy"]["low"] == pytest.approx(scores_of(one)["metrics"]["accuracy"]["low"])
    assert scores_of(same)["metrics"]["accuracy"]["sd"] == 0


def test_few_groups_claim_nothing() -> None:
    five = scores_of(predictions(50, groups=np.arange(50) % 5))
    six = scores_of(predictions(50, groups=np.arange(50) % 6))
    assert all(five["metrics"][name][limit] is None for name in METRICS for limit in ("low", "high"))
    assert five["above_baseline"]["low"] is None and five["per_class"][0]["recall"]["low"] is None
    assert all(six["metrics"][name]["low"] is not None for name in METRICS)


def test_rare_class_claims_nothing() -> None:
    given = predictions(100)
    labels = np.where(given.labels == 3, 0, given.labels)
    labels[:5] = 3
    rare = scores_of(Predictions(logits=given.logits, labels=labels, groups=given.groups, classes=CLASSES, majority=0))
    assert rare["per_class"][3]["n"] == 5
    assert rare["per_class"][3]["recall"]["low"] is None
    assert rare["per_class"][0]["recall"]["low"] is not None
    absent = Predictions(logits=given.logits, labels=np.minimum(labels, 2), groups=given.groups, classes=CLASSES, majority=0)
    assert scores_of(absent)["per_class"][3]["recall"] == {"mean": None, "low": None, "high": None}


def test_comparison_with_the_baseline_is_paired() -> None:
    """A model that names the majority class is its baseline in every resample: no difference, whatever the sample."""
    given = predictions(200)
    logits = np.zeros((1, 200, 4))
    logits[:, :, 0] = 1
    copycat = scores_of(Predictions(logits=logits, labels=given.labels, groups=given.groups, classes=CLASSES, majority=0))
    assert copycat["above_baseline"] == {"difference": 0.0, "low": None, "high": None}
    assert copycat["baseline"]["majority"]["low"] < copycat["baseline"]["majority"]["accuracy"]


def test_the_seed_alone_decides() -> None:
    assert scores_of(predictions(), seed=1) == scores_of(predictions(), seed=1)
    assert scores_of(predictions(), seed=1) != scores_of(predictions(), seed=2)


@pytest.fixture
def outputs(tmp_path: Path) -> list[Output]:
    """Two seeds; of 60 test samples two have a twin in training and two are twins of each other."""
    copies = ((60, 0), (61, 1), (2, 3))
    data = factories.data_set(tmp_path, parts={"test": 20, "train": 40}, copies=copies)
    data += factories.divided(tmp_path, data)
    return [
        *data,
        *factories.trained(tmp_path, data, seed=7, accuracy=0.7, validation_accuracy=0.9),
        *factories.trained(tmp_path, data, seed=10, accuracy=0.8, validation_accuracy=0.5, looks=2, smoke=True),
    ]


def test_step_scores_all_seeds(outputs: list[Output], tmp_path: Path) -> None:
    found = Inputs(factories.scored(tmp_path, outputs)).one("scores")
    labels, parts = (Inputs(outputs).one(kind) for kind in ("labels", "parts"))
    assert found["seeds"] == [7, 10]
    assert found["views"]["all"]["metrics"]["accuracy"]["seeds"] == pytest.approx([0.7, 0.8])
    assert (found["n"], found["groups"], found["looks"], found["smoke"]) == (60, 59, 3, True)
    assert found["test_origin"] == ["test"]
    assert found["validation"]["n"] == 12
    assert found["validation"]["accuracy"]["seeds"] == pytest.approx([11 / 12, 0.5])
    majority = np.bincount(labels[parts == TRAIN]).argmax()
    row = found["views"]["all"]["baseline"]["majority"]
    assert (row["class"], row["accuracy"]) == (factories.CLASSES[majority], np.mean(labels[parts == TEST] == majority))


def test_twin_free_view_leaves_twins_out(outputs: list[Output], tmp_path: Path) -> None:
    """The two test samples with a twin in training go, those that are twins of each other stay, as one group."""
    found, inputs = Inputs(factories.scored(tmp_path, outputs)).one("scores"), Inputs(outputs)
    free = found["views"]["twin_free"]
    assert (free["n"], free["groups"], free["same"]) == (58, 57, False)
    assert found["views"]["all"]["same"]
    said = inputs.one("logits", seed="7").argmax(axis=1)
    kept = [i for i in range(60) if i not in (0, 1)]
    labels = inputs.one("labels")
    assert free["metrics"]["accuracy"]["seeds"][0] == pytest.approx(np.mean(said[kept] == labels[kept]))


def test_step_without_twins(tmp_path: Path) -> None:
    data = factories.data_set(tmp_path)
    data += factories.divided(tmp_path, data)
    data += factories.trained(tmp_path, data)
    views = Inputs(factories.scored(tmp_path, data)).one("scores")["views"]
    assert views["twin_free"] == views["all"]
    assert views["all"]["same"]


def test_step_where_all_are_twins(tmp_path: Path) -> None:
    data = factories.data_set(tmp_path, parts={"test": 2, "train": 20}, copies=[(6 + i, i) for i in range(6)])
    data += factories.divided(tmp_path, data)
    data += factories.trained(tmp_path, data)
    views = Inputs(factories.scored(tmp_path, data)).one("scores")["views"]
    assert views["twin_free"] is None
    assert views["all"]["n"] == 6


def test_step_refuses_a_diverged_model(outputs: list[Output], tmp_path: Path) -> None:
    out = factories.out_in(tmp_path, "diverged")
    out.array("logits", np.full((60, 3), np.nan), ("sample", "class"))
    others = [o for o in outputs if (o.kind, o.about.get("seed")) != ("logits", "7")]
    broken = factories.of(out, dataset="faces", experiment="small", seed="7")
    with pytest.raises(FailedError, match="seed 7: logits hold values that are no numbers"):
        score.run(Inputs([*others, *broken]), Out(tmp_path), None, seed=0, resamples=200)


def test_factories_write_every_kind(tmp_path: Path) -> None:
    from reportgen.kinds import KINDS

    made = [
        *factories.study(tmp_path / "images"),
        *factories_recordings.study(tmp_path / "recordings"),
        *figure_samples_relevance.explained(tmp_path / "explained"),
        *figure_samples_frequencies.looked(tmp_path / "looked"),
        *factories_synthetic.study(tmp_path / "synthetic"),
        *factories_ratings.study(tmp_path / "ratings"),
    ]
    assert {output.kind for output in made} == set(KINDS)
    for output in made:
        output.load()
