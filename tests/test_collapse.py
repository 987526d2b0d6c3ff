"""Collapse is found where it was planted; weak and healthy models are not accused."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from reportgen.regression.collapse import collapse
from reportgen.regression.dimensions import effective_rank, expected_covariance, shown
from reportgen.regression.moments import Said
from reportgen.regression.telling import number, only_tells, told_by

EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")
RHO = np.array(
    [
        [1.0, -0.4, -0.4, 0.2, -0.4, -0.2],
        [-0.4, 1.0, 0.2, 0.0, 0.2, 0.2],
        [-0.4, 0.2, 1.0, 0.0, 0.5, 0.1],
        [0.2, 0.0, 0.0, 1.0, 0.0, 0.0],
        [-0.4, 0.2, 0.5, 0.0, 1.0, 0.1],
        [-0.2, 0.2, 0.1, 0.0, 0.1, 1.0],
    ]
)
SD = np.array([0.8, 0.5, 0.4, 0.2, 0.4, 0.2])
Rng = np.random.Generator


def truth(rng: Rng, videos: int = 40, each: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Correlated emotions (segment, emotion), alike within a video, most of them at zero; and the videos."""
    root = np.linalg.cholesky(RHO).T
    mood = np.repeat(rng.standard_normal((videos, 6)), each, axis=0) * 0.5
    mood = (mood + rng.standard_normal(mood.shape) * 0.75**0.5) @ root
    return np.maximum(mood - 0.3, 0) * SD, np.repeat(np.arange(videos), each)


def calibrated(r: float, like_truth: bool = True) -> Callable[[Rng, np.ndarray], np.ndarray]:
    """Correlates by r with every emotion, with variance r²; noise correlates as the truth does, or is independent."""

    def predict(rng: Rng, y: np.ndarray) -> np.ndarray:
        noise = rng.standard_normal(y.shape) @ (np.linalg.cholesky(np.corrcoef(y.T)).T if like_truth else np.eye(6))
        return y.mean(axis=0) + r**2 * (y - y.mean(axis=0) + noise * y.std(axis=0) * (1 / r**2 - 1) ** 0.5)

    return predict


def one_factor(noise: float = 0.1, own: float = 0.0, bent: bool = False) -> Callable[[Rng, np.ndarray], np.ndarray]:
    """What happiness, seen with noise, tells of all emotions; `own` noise of each, as of few neighbours."""

    def predict(rng: Rng, y: np.ndarray) -> np.ndarray:
        z = (y - y.mean(axis=0)) / y.std(axis=0)
        factor = z[:, 0] + noise * rng.standard_normal(len(z))
        factor = factor / factor.std()
        slope = z.T @ factor / len(z)
        shape = np.tanh(factor) + 0.3 * factor**2 if bent else factor
        return y.mean(axis=0) + y.std(axis=0) * (shape[:, None] * slope + own * rng.standard_normal(z.shape))

    return predict


def found(predict: Callable[[Rng, np.ndarray], np.ndarray], seed: int = 0, videos: int = 40, seeds: int = 1) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    y, video = truth(rng, videos)
    said = np.stack([predict(rng, y) for _ in range(seeds)])
    return collapse(Said(truth=y, predicted=said, video=video), EMOTIONS, resamples=300, seed=0)


def verdicts(predict: Callable[[Rng, np.ndarray], np.ndarray], draws: int = 12, videos: int = 40) -> Counter[str]:
    return Counter(found(predict, seed, videos)["verdict"] for seed in range(draws))


# the numbers


def test_effective_rank_counts_equal_directions() -> None:
    assert effective_rank(np.eye(6)) == pytest.approx(6)
    assert effective_rank(np.ones((6, 6))) == pytest.approx(1)
    assert effective_rank(np.diag([4.0, 4, 0])) == pytest.approx(2)
    halves = np.array([0.5, 0.25, 0.25])
    assert effective_rank(np.diag(7 * halves)) == pytest.approx(np.exp(-(halves * np.log(halves)).sum()))
    assert np.isnan(effective_rank(np.zeros((3, 3))))


def test_a_calibrated_predictor_has_the_covariance_that_is_expected_of_it() -> None:
    """By simulation: ŷ = r² (y + noise like the truth), of different r in each emotion."""
    rng = np.random.default_rng(0)
    r = np.array([0.7, 0.2, 0.5, 0.1, 0.4, 0.3])
    y, noise = (rng.standard_normal((400_000, 6)) @ np.linalg.cholesky(RHO).T for _ in range(2))
    predicted = r**2 * (y + noise * np.sqrt(1 / r**2 - 1))
    np.testing.assert_allclose(np.cov(predicted.T), expected_covariance(RHO, r, np.zeros(6)), atol=3e-3)
    np.testing.assert_allclose([np.corrcoef(y[:, e], predicted[:, e])[0, 1] for e in range(6)], r, atol=5e-3)
    wider = expected_covariance(RHO, r, np.full(6, 2.0))
    np.testing.assert_allclose(np.cov((predicted / r * 2**0.5).T), wider, atol=2e-2)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_variance_and_area_of_truth_made_smaller(share: float) -> None:
    one = found(lambda _rng, y: y.mean(axis=0) + share * (y - y.mean(axis=0)))
    assert one["area"]["mean"] == pytest.approx(share**2, abs=1e-9)
    assert one["variance_ratio"]["mean"] == pytest.approx(share**2, abs=1e-9)
    assert one["verdict"] == ("healthy" if share else "constant")
    if share:
        assert one["r2"]["mean"] == pytest.approx(1) and one["gap"]["mean"] == pytest.approx(0, abs=1e-6)
        assert one["kept"] == list(EMOTIONS)


def test_a_line_has_no_area() -> None:
    assert found(one_factor())["area"]["mean"] == pytest.approx(0, abs=1e-6)


def test_the_dominant_factor_is_named() -> None:
    one = found(one_factor(0.0))["dominant"]
    assert one["told"].startswith("happy") and "sad" not in one["told"].partition(" against ")[0]
    assert one["share"] == pytest.approx(1) and np.linalg.norm(one["loadings"]) == pytest.approx(1)
    assert one["loadings"][0] == max(np.abs(one["loadings"]))
    assert all(-1 < one["loadings"][e] < -0.1 for e in (1, 2, 4))


def test_a_factor_is_named_after_emotions_that_it_moves() -> None:
    """All go with happiness in the truth, but predictions of others stand still: S3's network on absolute errors."""

    def still(rng: Rng, y: np.ndarray) -> np.ndarray:
        return np.median(y, axis=0) + (one_factor(0.5)(rng, y) - y.mean(axis=0)) * [1, 0.01, 0.01, 0.01, 0.01, 0.01]

    assert found(still)["dominant"]["told"] == "happy"
    assert found(still, seeds=3)["dominant"]["told"] == "happy"
    noise = [found(lambda rng, y: rng.standard_normal(y.shape), seed)["dominant"]["told"] for seed in range(10)]
    assert noise.count("") >= 8, noise
    assert found(one_factor(), videos=5)["dominant"]["told"] == "", "too few videos to tell"


def test_seeds_whose_factors_point_to_opposite_sides_are_turned_alike() -> None:
    """Happy against anger, and anger against happy, are the same."""
    rng = np.random.default_rng(0)
    pair = rng.standard_normal(400)
    y = np.column_stack([pair, -pair]) + 0.5 * rng.standard_normal((400, 2))
    sides = [y.mean(axis=0) + 0.5 * (y[:, :1] - y[:, 1:]) * [a, -b] for a, b in ((1, 0.9), (0.9, 1))]
    said = Said(
        truth=y, predicted=np.stack([one + 1e-3 * rng.standard_normal(y.shape) for one in sides]), video=np.arange(400) // 10
    )
    dominant = collapse(said, ("happy", "joyful_anger"), resamples=200, seed=0)["dominant"]
    assert dominant["told"] in ("happy against joyful anger", "joyful anger against happy")
    assert np.abs(dominant["loadings"]).min() > 0.5, "they do not cancel"


def test_told_by_takes_what_is_clear_moved_and_large() -> None:
    names = ("happy", "sad", "anger", "fear")
    r, moved = np.array([0.4, -0.3, -0.3, -0.1]), np.array([0.4, -0.3, -0.02, -0.2])
    clear = np.ones(4, bool)
    assert told_by(names, r, moved, clear) == "happy against sad"
    assert told_by(names, r, moved, np.array([True, False, True, True])) == "happy"
    assert told_by(names, r, -moved, clear) == "", "in the wrong direction"
    assert told_by(names, r, np.zeros(4), clear) == told_by(names, r, moved, ~clear) == ""
    assert only_tells("happy against sad") == "only tells happy from sad"
    assert only_tells("happy") == "only tells happy from the rest"


def test_numbers_that_decide_are_there() -> None:
    one = found(one_factor(0.5, own=0.02))
    assert one["verdict"] == "collapsed" and one["left"]["high"] < 0.5 * one["told"]["mean"]
    assert one["narrow"] == pytest.approx(0.7 * one["calibrated"]["mean"] + 0.3) and one["rank"]["mean"] < one["narrow"]
    well = found(calibrated(0.7))
    assert well["told"]["mean"] == pytest.approx(0.7, abs=0.05) and well["left"]["low"] > 0
    assert "is left of a mean correlation of 0.7" in well["why"] and "negative" not in well["why"]
    assert number(-0.001, 2) == "0.00" and number(-0.01, 2) == "\N{MINUS SIGN}0.01"


# verdicts over many draws


@pytest.mark.parametrize("videos", [12, 40])
@pytest.mark.parametrize("r", [0.05, 0.15, 0.3, 0.7])
@pytest.mark.parametrize("like_truth", [True, False])
def test_calibrated_models_are_never_accused(r: float, like_truth: bool, videos: int) -> None:
    said = verdicts(calibrated(r, like_truth), videos=videos)
    assert not said["collapsed"], said
    if r == 0.7:
        assert said == {"healthy": 12}
    if r == 0.05:
        assert said["weak"] >= 11


FACTORS = {"clean": one_factor(), "noisy": one_factor(1.0), "own": one_factor(0.3, own=0.05), "bent": one_factor(bent=True)}


@pytest.mark.parametrize("predict", FACTORS.values(), ids=FACTORS)
def test_a_single_factor_is_found(predict: Callable[[Rng, np.ndarray], np.ndarray]) -> None:
    said = verdicts(predict)
    assert said["collapsed"] >= 11, said


def test_a_second_thing_that_is_told_saves_a_model() -> None:
    """Happy or not, and fear besides."""

    def predict(rng: Rng, y: np.ndarray) -> np.ndarray:
        said = one_factor()(rng, y)
        said[:, 5] += 0.5 * (y[:, 5] - y[:, 5].mean()) + 0.2 * y[:, 5].std() * rng.standard_normal(len(y))
        return said

    one = found(predict)
    assert one["verdict"] == "healthy" and "fear" in one["kept"] and "fear beyond its dominant factor" in one["why"]


def test_variations_that_nobody_sees_save_no_model() -> None:
    """A network that learns medians: right about all emotions, but only happiness moves."""

    def predict(rng: Rng, y: np.ndarray) -> np.ndarray:
        said = calibrated(0.5)(rng, y)
        return np.median(y, axis=0) + (said - said.mean(axis=0)) * np.where(np.arange(6) == 0, 1, 1e-3)

    one = found(predict)
    assert one["verdict"] == "collapsed" and one["dominant"]["told"].startswith("happy")
    assert one["of"]["fear"]["partial"]["mean"] > 0.3, "its size aside"
    careful = found(lambda rng, y: 0.1 * calibrated(0.5)(rng, y))
    assert careful["verdict"] == "healthy", "all too small alike"


def test_what_is_shown_goes_with_size() -> None:
    r = np.array([0.5, 0.4, 0.3])
    np.testing.assert_allclose(shown(r**2, r), 1)
    np.testing.assert_allclose(shown(r**2 / 100, r), 1)
    excused = (0.3425 / 0.5) ** 0.5  # the others alone have less variance than r² of all
    np.testing.assert_allclose(shown(r**2 * [1, 1 / 64, 1], r), [1, 0.5 / excused, 1])
    assert shown(np.zeros(3), np.zeros(3)).tolist() == [1, 1, 1]


def test_noise_is_weak_whatever_its_rank_or_size() -> None:
    for size in (0.05, 1.0):
        one = found(lambda rng, y, size=size: size * rng.standard_normal(y.shape))  # type: ignore[misc]
        assert one["verdict"] == "weak" and "It tells nothing clearly" in one["why"]
    honest = found(calibrated(0.12))
    assert honest["verdict"] == "weak" and "not clearly more than twice a calibrated predictor's" in honest["why"]


def test_seeds_are_averaged() -> None:
    one, many = found(one_factor(0.5)), found(one_factor(0.5), seeds=3)
    assert many["verdict"] == "collapsed" and many["rank"]["mean"] == pytest.approx(one["rank"]["mean"], abs=0.2)


# where nothing can be told


def test_few_videos_and_few_emotions_are_not_tested() -> None:
    few = found(one_factor(), videos=5)
    assert few["verdict"] == "not tested" and "5 videos" in few["why"] and few["rank"]["low"] is None
    y, video = truth(np.random.default_rng(0))
    single = collapse(Said(truth=y[:, :1], predicted=y[None, :, :1], video=video), ("happy",), resamples=50, seed=0)
    assert single["verdict"] == "not tested" and single["rank"]["mean"] is None


def test_emotions_that_nobody_shows_are_left_out() -> None:
    y, video = truth(np.random.default_rng(0))
    y[:, 3] = 0
    one = collapse(Said(truth=y, predicted=0.5 * y[None], video=video), EMOTIONS, resamples=100, seed=0)
    assert one["verdict"] == "healthy" and "surprise" not in one["kept"] and one["dominant"]["loadings"][3] == 0
    assert one["of"]["surprise"]["partial"]["mean"] is None and one["of"]["sad"]["variance_ratio"]["mean"] == pytest.approx(
        0.25
    )


def test_a_constant_emotion_among_others_is_no_fault_of_the_numbers() -> None:
    y, video = truth(np.random.default_rng(0))
    said = 0.5 * y
    said[:, 5] = 0.1
    one = collapse(Said(truth=y, predicted=said[None], video=video), EMOTIONS, resamples=100, seed=0)
    assert one["verdict"] == "healthy" and one["of"]["fear"]["variance_ratio"]["mean"] == 0
    assert one["of"]["fear"]["partial"]["mean"] is None


def test_valence_and_arousal() -> None:
    rng = np.random.default_rng(0)
    y, video = rng.uniform(-1, 1, (400, 2)), np.repeat(np.arange(40), 10)
    line = y[:, :1] * [0.8, 0.3] + 0.01 * rng.standard_normal(y.shape)
    plane = 0.5 * y + 0.2 * rng.standard_normal(y.shape)
    both = [Said(truth=y, predicted=predicted[None], video=video) for predicted in (line, plane)]
    said = [collapse(one, ("valence", "arousal"), resamples=300, seed=0) for one in both]
    assert [one["verdict"] for one in said] == ["collapsed", "healthy"]
    assert said[0]["dominant"]["told"] == "valence"
