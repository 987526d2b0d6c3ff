"""Scores of predicted intensities are those of scikit-learn, also where videos count several times, and never guessed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from reportgen.regression.moments import Moments, Said
from reportgen.regression.scores import OF_EMOTION, SCORES, Rules, drawn, estimate, of_emotion, scores, thresholds
from reportgen.regression.summary import Candidate, Part, Ratings, summary

EMOTIONS = ("happy", "sad", "fear")


def said(seeds: int = 2, *, videos: int = 12, rows: int = 150, seed: int = 0) -> Said:
    """Mostly zero, in thirds of a point, and predictions with many ties."""
    rng = np.random.default_rng(seed)
    truth = np.round(np.clip(rng.normal([0.3, -0.3, -0.8], size=(rows, 3)), 0, 3) * 3) / 3
    predicted = np.round(np.clip(0.5 * truth + 0.4 + 0.4 * rng.standard_normal((seeds, rows, 3)), 0, 3), 1)
    video = np.unique(np.sort(rng.integers(videos, size=rows)), return_inverse=True)[1]
    return Said(truth=truth, predicted=predicted, video=video)


def rules(of: Said, **given: Any) -> Rules:
    given = {"median": np.array([0.3, 0.0, 0.0]), "thresholds": np.full((len(of.predicted), 3), 0.5)} | given
    return Rules(least=0.0, **given)


def by_hand(truth: np.ndarray, predicted: np.ndarray, median: float) -> Mapping[str, float]:
    """Of one emotion and seed."""
    present = truth > 0
    shared = np.mean((truth - truth.mean()) * (predicted - predicted.mean()))
    return {
        "mae": np.abs(truth - predicted).mean(),
        "skill": 1 - np.abs(truth - predicted).mean() / np.abs(truth - median).mean(),
        "pearson": np.corrcoef(truth, predicted)[0, 1],
        "concordance": 2 * shared / (truth.var() + predicted.var() + (truth.mean() - predicted.mean()) ** 2),
        "f1": f1_score(present, predicted >= 0.5),
        "average_precision": average_precision_score(present, predicted),
    }


def test_scores_are_those_of_scikit_learn_in_every_resample() -> None:
    one = said()
    weighed = scores(one, rules(one))
    weights = np.random.default_rng(1).integers(0, 3, (4, one.videos)).astype(float)
    weights[0] = 1
    found = weighed(weights)
    for row, often in enumerate(weights):
        chosen = np.repeat(np.arange(len(one.truth)), often[one.video].astype(int))
        hand = [
            [by_hand(one.truth[chosen, e], seed[chosen, e], median) for e, median in enumerate((0.3, 0.0, 0.0))]
            for seed in one.predicted
        ]
        for name in OF_EMOTION:
            right = np.array([[emotion[name] for emotion in seed] for seed in hand]).mean(axis=0)
            np.testing.assert_allclose([found[f"{name} {e}"][row] for e in range(3)], right, atol=1e-6, err_msg=name)
            if name != "skill":
                overall = {"f1": "macro_f1"}.get(name, name)
                np.testing.assert_allclose(found[overall][row], right.mean(), atol=1e-6, err_msg=name)


def test_skill_over_all_emotions_is_of_their_mean_error() -> None:
    one = said()
    found = scores(one, rules(one))(np.ones((1, one.videos)))
    usual = np.abs(one.truth - [0.3, 0, 0]).mean()
    assert found["skill"][0] == pytest.approx(1 - found["mae"][0] / usual)


def test_moments_are_those_of_repeated_rows() -> None:
    one = said()
    weights = np.random.default_rng(0).integers(0, 3, (3, one.videos)).astype(float)
    moments = Moments(one.truth, one.video)
    for row, often in enumerate(weights):
        chosen = one.truth[np.repeat(np.arange(len(one.truth)), often[one.video].astype(int))]
        np.testing.assert_allclose(moments.covariance(weights)[row], np.cov(chosen.T, bias=True), atol=1e-12)
        np.testing.assert_allclose(moments.mean(weights)[row], chosen.mean(axis=0), atol=1e-12)


# thresholds


def test_thresholds_are_the_best_of_the_validation_part() -> None:
    one = said()
    found = thresholds(one.truth, one.predicted, 0.0)
    for seed, own in zip(one.predicted, found, strict=True):
        for e, at in enumerate(own):
            reached = f1_score(one.truth[:, e] > 0, seed[:, e] >= at)
            others = [f1_score(one.truth[:, e] > 0, seed[:, e] >= other) for other in np.unique(seed[:, e])]
            assert reached == pytest.approx(max(others))


def test_an_emotion_that_validation_lacks_has_no_threshold_and_no_f1() -> None:
    one = said()
    lacking = np.where(np.arange(3) == 2, 0, one.truth)
    found = scores(one, rules(one, thresholds=thresholds(lacking, one.predicted, 0.0)))(np.ones((1, one.videos)))
    assert np.isnan(found["f1 2"][0]) and np.isnan(found["macro_f1"][0]) and found["f1 0"][0] > 0
    assert found["average_precision 2"][0] > 0


# undefined


def test_what_is_undefined_is_null_and_never_zero() -> None:
    one = said()
    truth = one.truth * [1, 1, 0]
    predicted = one.predicted.copy()
    predicted[..., 1] = 0.7
    given = Said(truth=truth, predicted=predicted, video=one.video)
    found = drawn(given, scores(given, rules(given)), resamples=200, seed=0)
    each = [of_emotion(found, given, rules(given), e) for e in range(3)]
    assert all(each[2][name]["mean"] is None for name in ("pearson", "concordance", "f1", "average_precision", "skill"))
    assert each[1]["pearson"]["mean"] is None and each[1]["concordance"] == {"mean": 0.0, "low": None, "high": None}
    assert each[1]["average_precision"]["mean"] == pytest.approx((truth[:, 1] > 0).mean())
    assert estimate(found, "pearson")["mean"] is None, "a mean does not skip what a model is too constant for"
    flat = [of_emotion(found, given, rules(given), 0)[name]["mean"] for name in ("f1", "average_precision")]
    assert flat[0] is not None and estimate(found, "average_precision")["mean"] is not None


def test_where_everything_is_present_nothing_is_told_by_finding_it() -> None:
    """Valence from −1 to 1: every segment lies above the least."""
    one = said()
    found = scores(one, Rules(least=-1.0, median=np.zeros(3), thresholds=np.zeros((2, 3))))(np.ones((1, one.videos)))
    assert np.isnan([found["f1 0"][0], found["average_precision 0"][0]]).all() and np.isfinite(found["pearson"][0])


# intervals


def test_intervals_are_over_videos() -> None:
    """Equal segments of a video are one observation."""
    one = said(1, rows=60)
    often = {name: np.repeat(values, 10, axis=0) for name, values in (("truth", one.truth), ("video", one.video))}
    many = Said(predicted=np.repeat(one.predicted, 10, axis=1), **often)
    few, lots = (drawn(given, scores(given, rules(given)), resamples=400, seed=0) for given in (one, many))
    for name in SCORES:
        first, second = estimate(few, name), estimate(lots, name)
        assert first["low"] is not None and first["low"] < first["mean"] < first["high"]
        assert second == pytest.approx(first, abs=1e-6)


def test_nothing_is_claimed_of_five_videos() -> None:
    one = said(1, videos=5)
    found = drawn(one, scores(one, rules(one)), resamples=100, seed=0)
    assert all(estimate(found, name)["low"] is None and estimate(found, name)["mean"] is not None for name in SCORES)


def test_nor_of_an_emotion_in_five_videos() -> None:
    one = said(1)
    truth = np.where((np.arange(3) == 2) & (one.video[:, None] > 4), 0, one.truth)
    rare = Said(truth=truth, predicted=one.predicted, video=one.video)
    found = of_emotion(drawn(rare, scores(rare, rules(rare)), resamples=100, seed=0), rare, rules(rare), 2)
    assert found["f1"]["low"] is None and found["average_precision"]["low"] is None and found["mae"]["low"] is not None


# all together


def part(of: Said) -> Part:
    return Part(values=of.truth, video=np.array([f"video {number}" for number in of.video]))


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    test, validation, train = said(), said(rows=80, seed=1), said(rows=200, seed=2)
    ratings = Ratings(
        emotions=EMOTIONS, scale=(0.0, 3.0), whole="video", train=part(train), validation=part(validation), test=part(test)
    )
    worse = np.random.default_rng(0).permuted(test.predicted, axis=1)
    models = [
        Candidate(key=key, use=use, set="text", title="KNN", sort="neighbours", test=given, validation=validation.predicted)
        for key, use, given in (("knn", "knn", test.predicted), ("wide", "knn", worse))
    ]
    return summary(models, ratings, resamples=300, seed=0, seeds=[0, 1])


def test_baselines_are_always_there(found: dict[str, Any]) -> None:
    ids = [one["id"] for one in found["candidates"]]
    assert ids == ["knn/text", "wide/text", "zero", "median", "mean"]
    zero, median, mean = found["candidates"][2:]
    assert {one["sort"] for one in (zero, median, mean)} == {"baseline"}
    assert all(one["collapse"]["verdict"] == "constant" for one in (zero, median, mean))
    assert median["scores"]["skill"]["mean"] == 0 and zero["scores"]["pearson"]["mean"] is None
    truth = said().truth
    assert zero["scores"]["mae"]["mean"] == pytest.approx(truth.mean())
    assert zero["scores"]["average_precision"]["mean"] == pytest.approx((truth > 0).mean())
    assert found["zero"] == pytest.approx((truth == 0).all(axis=1).mean())
    np.testing.assert_allclose(found["present"], (truth > 0).mean(axis=0))


def test_models_of_one_kind_are_told_apart(found: dict[str, Any]) -> None:
    assert [one["title"] for one in found["candidates"][:2]] == ["KNN (knn)", "KNN (wide)"]
    assert found["seeds"] == [0, 1] and found["sets"] == ["text"]


def test_pairs_say_who_is_better(found: dict[str, Any]) -> None:
    pairs = {(pair["first"], pair["second"], pair["score"]): pair for pair in found["pairs"]}
    for score in ("mae", "pearson", "concordance", "average_precision"):
        pair = pairs["knn/text", "wide/text", score]
        assert pair["better"] == "knn/text" and 0 < pair["difference"]["low"] < pair["difference"]["mean"]
        first, second = (one["scores"][score]["mean"] for one in found["candidates"][:2])
        assert pair["difference"]["mean"] == pytest.approx(abs(first - second))
    assert pairs["wide/text", "median", "mae"]["better"] == "median"
    assert ("wide/text", "median", "pearson") not in pairs, "a constant has no correlation"
    assert ("knn/text", "zero", "mae") not in pairs


def test_validation_is_told_for_choosing(found: dict[str, Any]) -> None:
    given = said(rows=80, seed=1)
    told = found["candidates"][0]["validation"]
    assert told["mae"] == pytest.approx(np.abs(given.predicted - given.truth).mean())
    each = [[np.corrcoef(seed[:, e], given.truth[:, e])[0, 1] for e in range(3)] for seed in given.predicted]
    assert told["pearson"] == pytest.approx(np.mean(each))
    assert found["candidates"][2]["validation"]["pearson"] is None


def test_a_lower_error_that_hides_a_collapse_is_named() -> None:
    """S3's finding: a network that learns medians and sees happiness alone, beside noisy neighbours who tell all."""
    rng = np.random.default_rng(0)
    y = np.maximum(rng.normal([0.3, -0.3, -0.8], size=(400, 3)), 0)
    given = Part(values=y, video=np.repeat([f"video {number:02d}" for number in range(40)], 10))
    ratings = Ratings(emotions=EMOTIONS, scale=(0.0, 3.0), whole="video", train=given, validation=given, test=given)
    network = np.median(y, axis=0) + (y - np.median(y, axis=0)) * [0.9, 1e-3, 1e-3]
    neighbours = 0.5 * y + 0.5 * np.abs(rng.standard_normal(y.shape))
    models = [
        Candidate(key=key, use=key, set="text", title=key, sort="other", test=said[None], validation=said[None])
        for key, said in (("neighbours", neighbours), ("network", network))
    ]
    found = summary(models, ratings, resamples=300, seed=0, seeds=[0])
    (hidden,) = found["hidden"]
    assert (hidden["hides"], hidden["beside"], hidden["set"]) == ("network/text", "neighbours/text", "text")
    assert hidden["mae"][0] < hidden["mae"][1] and "only tells happy from the rest" in hidden["why"]
    assert "neighbours tells sad and fear beyond its dominant factor" in hidden["why"]
    worse = [models[0], Candidate(**{**_fields(models[1]), "test": network[None] + 2})]
    assert not summary(worse, ratings, resamples=300, seed=0, seeds=[0])["hidden"], "its error hides nothing"


def _fields(one: Candidate) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("key", "use", "set", "title", "sort", "test", "validation")}
