"""Regressors find what was planted, can be stored, and respect the order of time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor

from reportgen import plugins
from reportgen.core import Place
from reportgen.errors import StepError, UsageError
from reportgen.regression.contract import Learned, Rated, Wanted

NAMES = ("knn", "ridge", "lstm")
QUICK: Mapping[str, Mapping[str, Any]] = {
    "knn": {"k": 5},
    "ridge": {},
    "lstm": {"units": 8, "epochs": 25, "learning_rate": 0.02, "dropout": 0.0},
}
PLACE = Place(device="cpu", seed=3)


def rated(rows: int, *, windows: int = 1, seed: int = 0, videos: int = 12) -> Rated:
    """Two emotions that follow from four features, with a little noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rows, windows, 4)).astype(np.float32)
    y = x.mean(axis=1) @ np.array([[1.0, 0.0], [0.0, -1.0], [0.5, 0.5], [0.0, 0.0]]) * windows**0.5
    y += 0.05 * rng.standard_normal(y.shape)
    return Rated(x=x, y=y.astype(np.float32), video=np.sort(rng.integers(videos, size=rows)))


def noise(rows: int, features: int, seed: int) -> Rated:
    """Two emotions that have nothing to do with the features; videos of four segments."""
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((rows, 1, features), np.float32), rng.standard_normal((rows, 2), np.float32)
    return Rated(x=x, y=y, video=np.arange(rows) // 4)


def wanted(part: Rated) -> Wanted:
    rows, windows, features = part.x.shape
    return Wanted(features=features, windows=windows, emotions=part.y.shape[1], scale=(-3, 3), rows=rows)


def built(name: str, part: Rated, **settings: Any) -> Any:
    torch.manual_seed(PLACE.seed)
    return plugins.verb("regressor", name)(wanted(part), **{**QUICK[name], **settings})


def learned(name: str, known: Learned, **settings: Any) -> Any:
    model = built(name, known.train, **settings)
    model.course = model.learn(known, PLACE)
    return model


@pytest.fixture(scope="module", params=[1, 6], ids=["segments", "windows"])
def known(request: pytest.FixtureRequest) -> Learned:
    return Learned(train=rated(240, windows=request.param), validation=rated(60, windows=request.param, seed=1))


@pytest.mark.parametrize("name", NAMES)
def test_what_was_planted_is_found_and_can_be_stored(name: str, known: Learned, tmp_path: Path) -> None:
    test = rated(80, windows=known.train.x.shape[1], seed=2)
    model = learned(name, known)
    said = model.predict(test.x, test.video)
    assert said.dtype == np.float32 and said.shape == test.y.shape
    assert min(np.corrcoef(said[:, e], test.y[:, e])[0, 1] for e in range(2)) > 0.8
    save_file({key: value.contiguous() for key, value in model.state_dict().items()}, tmp_path / "weights.safetensors")
    other = built(name, known.train)
    assert not np.array_equal(other.predict(test.x, test.video), said)
    other.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    assert np.array_equal(other.predict(test.x, test.video), said)


@pytest.mark.parametrize("name", NAMES)
def test_equal_seeds_learn_alike_and_nothing_is_predicted_of_nothing(name: str, known: Learned) -> None:
    first, second = (learned(name, known, **({"epochs": 3} if name == "lstm" else {})) for _ in range(2))
    assert all(torch.equal(tensor, second.state_dict()[key]) for key, tensor in first.state_dict().items())
    nothing = known.train.x[:0]
    assert first.predict(nothing, np.zeros(0, int)).shape == (0, 2)


@pytest.mark.parametrize("name", NAMES)
def test_plugins_say_what_they_are(name: str) -> None:
    path = plugins.path_of("regressor", name)
    assert plugins.constant(path, "TITLE") and plugins.constant(path, "SORT") in ("neighbours", "linear", "network")
    assert plugins.settings("regressor", name)()


# KNN


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_neighbours_are_those_of_scikit_learn(weights: str) -> None:
    known = Learned(train=rated(200), validation=rated(20, seed=1))
    test = rated(50, seed=2)
    right = KNeighborsRegressor(7, weights=weights).fit(known.train.x[:, 0], known.train.y).predict(test.x[:, 0])
    np.testing.assert_allclose(learned("knn", known, k=7, weights=weights).predict(test.x, test.video), right, atol=1e-4)


def test_a_known_segment_outweighs_all_others_by_distance() -> None:
    known = Learned(train=rated(50), validation=rated(20, seed=1))
    said = learned("knn", known, k=10, weights="distance").predict(known.train.x, known.train.video)
    np.testing.assert_allclose(said, known.train.y, atol=1e-4)


def test_more_neighbours_than_segments() -> None:
    with pytest.raises(UsageError, match="k = 51 neighbours of 50 training segments"):
        built("knn", rated(50), k=51)


def test_windows_are_told_apart_by_their_spread() -> None:
    """Windows of equal mean, calm or restless."""
    rng = np.random.default_rng(0)
    restless = rng.random(120) > 0.5
    x = rng.standard_normal((120, 20, 3)) * np.where(restless, 3.0, 0.5)[:, None, None]
    part = Rated(x=x.astype(np.float32), y=restless[:, None].astype(np.float32), video=np.arange(120))
    said = learned("knn", Learned(train=part, validation=part)).predict(part.x, part.video)
    assert ((said[:, 0] > 0.5) == restless).all()


# ridge


def test_ridge_is_that_of_scikit_learn_with_the_penalty_that_validation_likes() -> None:
    known = Learned(train=rated(30), validation=rated(200, seed=1))
    penalties = [0.001, 0.1, 10.0]
    model = learned("ridge", known, penalties=penalties)
    x, y, test = known.train.x[:, 0].astype(float), known.train.y.astype(float), rated(40, seed=2)
    each = {penalty: Ridge(alpha=penalty * 30).fit(x, y) for penalty in penalties}
    errors = {p: np.mean((one.predict(known.validation.x[:, 0]) - known.validation.y) ** 2) for p, one in each.items()}
    best = min(errors, key=errors.__getitem__)
    assert float(model.penalty) == best
    np.testing.assert_allclose(model.predict(test.x, test.video), each[best].predict(test.x[:, 0]), atol=1e-5)


def test_noise_is_penalised_most() -> None:
    known = Learned(train=noise(60, 40, 0), validation=noise(60, 40, 1))
    model = learned("ridge", known, penalties=[0.001, 1.0, 1000.0])
    assert float(model.penalty) == 1000


def test_no_penalty_at_all() -> None:
    with pytest.raises(ValueError, match="penalties"):
        plugins.settings("regressor", "ridge")(penalties=[])


# LSTM


def echo(seed: int, videos: int = 40) -> Rated:
    """An emotion that repeats what the only feature was a segment before; videos have 3 to 9 segments."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(3, 10, videos)
    values = [rng.standard_normal(length).astype(np.float32) for length in lengths]
    before = [np.append(0, one[:-1]).astype(np.float32) for one in values]
    return Rated(
        x=np.concatenate(values)[:, None, None], y=np.concatenate(before)[:, None], video=np.repeat(np.arange(videos), lengths)
    )


@pytest.fixture(scope="module")
def remembering() -> Any:
    return learned("lstm", Learned(train=echo(0), validation=echo(1)), epochs=60)


def test_the_past_is_remembered_and_never_that_of_another_video(remembering: Any) -> None:
    test = echo(2)
    said = remembering.predict(test.x, test.video)
    assert np.corrcoef(said[:, 0], test.y[:, 0])[0, 1] > 0.95
    alone = np.concatenate([remembering.predict(test.x[test.video == v], test.video[test.video == v]) for v in range(40)])
    np.testing.assert_allclose(said, alone, atol=1e-6)


def test_the_future_is_not_known_unless_it_is_asked_for(remembering: Any) -> None:
    test = echo(2)
    changed = test.x.copy()
    last = np.append(np.diff(test.video) > 0, True)
    changed[last] += 5
    said, other = (remembering.predict(x, test.video) for x in (test.x, changed))
    np.testing.assert_allclose(said[~last], other[~last], atol=1e-6)
    assert (np.abs(said - other)[last] > 1e-3).any()
    both = built("lstm", test, both=True)
    said, other = (both.predict(x, test.video) for x in (test.x, changed))
    assert (np.abs(said - other)[~last] > 1e-4).any()


def test_the_course_stops_and_the_best_epoch_is_kept() -> None:
    """Noise: validation soon gets worse."""
    known = Learned(train=noise(40, 30, 0), validation=noise(40, 30, 1))
    heard: list[int] = []
    torch.manual_seed(0)
    model = plugins.verb("regressor", "lstm")(wanted(known.train), epochs=60, patience=4, learning_rate=0.01, dropout=0.0)
    course = model.learn(known, Place(device="cpu", seed=0, progress=lambda done, *_: heard.append(done)))
    losses = [row["validation_loss"] for row in course["epochs"]]
    assert course["loss"] == "mse" and course["chosen"] == 1 + int(np.argmin(losses))
    assert len(losses) == course["chosen"] + 4 < 60 and heard == [row["epoch"] for row in course["epochs"]]
    said = model.predict(known.validation.x, known.validation.video)
    assert np.mean((said - known.validation.y) ** 2) == pytest.approx(min(losses), abs=1e-6)
    assert course["epochs"][-1]["train_loss"] < course["epochs"][0]["train_loss"]


def test_absolute_error_goes_to_the_median() -> None:
    rng = np.random.default_rng(0)
    y = np.where(rng.random((300, 1)) < 0.7, 0.0, 3.0).astype(np.float32)
    part = Rated(x=np.zeros((300, 1, 1), np.float32), y=y, video=np.arange(300) // 10)
    known = Learned(train=part, validation=part)
    squared, absolute = (
        learned("lstm", known, loss=loss, epochs=40).predict(part.x, part.video).mean() for loss in ("mse", "mae")
    )
    assert abs(squared - y.mean()) < 0.15 and absolute < 0.2


@pytest.mark.parametrize("name", ["ridge", "lstm"])
def test_numbers_that_are_none(name: str) -> None:
    part = rated(30)
    broken = Rated(x=np.where(part.x > 1, np.float32("inf"), part.x), y=part.y, video=part.video)
    with pytest.raises(StepError, match="finite"):
        learned(name, Learned(train=broken, validation=part))
