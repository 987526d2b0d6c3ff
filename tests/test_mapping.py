"""A map of emotions: clusters stay apart, happy lies on the right, what is stored is what was fitted, and seeds decide all."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from scipy.spatial.distance import cdist

from reportgen.core import TEST, TRAIN, VALIDATION, Place
from reportgen.embedding.distinct import Distinct, distinct
from reportgen.embedding.quality import Mapped, quality
from reportgen.emotions import pure
from reportgen.errors import StepError, UsageError
from reportgen.mapping import infonce
from reportgen.mapping.affinities import conditional, graph_of, weights_of
from reportgen.mapping.distances import pairs_of
from reportgen.mapping.ensemble import aligned
from reportgen.mapping.fitting import Fitted, fit
from reportgen.mapping.orientation import agreement, orientation
from reportgen.mapping.projection import Projection, projection_of
from reportgen.outputs import Inputs, Out
from reportgen.steps import embed, measure
from reportgen.work import Work
from tests import factories

EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")
GEMS = ("amazement", "solemnity", "tenderness", "nostalgia", "calmness", "power", "joyful_activation", "tension", "sadness")
SCALE = (0.0, 10.0)
QUICK: dict[str, Any] = {"steps": 100, "batch": 64, "hidden": (32, 32), "perplexity": 8.0, "members": 2}


def ratings(rows: int, seed: int, emotions: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Each row has one main emotion, rated in thirds, and a little of another: (row, emotion), and which is its main one."""
    rng = np.random.default_rng(seed)
    main = rng.integers(emotions, size=rows)
    values = np.zeros((rows, emotions), np.float32)
    values[np.arange(rows), main] = rng.integers(5, 10, rows) / 3
    values[np.arange(rows), (main + rng.integers(1, emotions, rows)) % emotions] += rng.integers(0, 3, rows) / 3
    return values, main


def place(seed: int = 0) -> Place:
    return Place("cpu", seed)


@pytest.fixture(scope="module")
def known() -> Distinct:
    return distinct(ratings(600, 0)[0])


@pytest.fixture(scope="module")
def fitted(known: Distinct) -> Fitted:
    return fit(known, EMOTIONS, SCALE, place(), **QUICK)


def separation(at: np.ndarray, groups: np.ndarray) -> float:
    """Share of points whose nearest other place is of their own group."""
    distances = cdist(at, at)
    distances[distances < 1e-9] = np.inf  # itself, and its copies
    return float((groups[distances.argmin(axis=1)] == groups).mean())


@pytest.mark.parametrize("method", ["infonce", "vdm2009"])
def test_planted_clusters_are_found_also_among_unseen_ratings(known: Distinct, method: Any) -> None:
    settings = QUICK | ({"steps": 60, "members": 1} if method == "vdm2009" else {})
    made = fit(known, EMOTIONS, SCALE, place(), method=method, **settings)
    values, main = ratings(300, 1)
    assert separation(Projection(EMOTIONS, made.tensors)(values).at, main) > 0.85
    losses = [row["loss"] for row in made.course if row["member"] == 0]
    assert losses[-1] < losses[0]


def test_the_methods_have_their_own_defaults_and_the_study_may_change_each(known: Distinct) -> None:
    made = fit(known, EMOTIONS, SCALE, place(), method="vdm2009", steps=1, members=1)
    assert made.settings["hidden"] == [500, 500, 2000]
    assert made.settings["batch"] == min(500, len(known))
    assert "straight" not in made.tensors
    quick = fit(known, EMOTIONS, SCALE, place(), steps=1, members=1)
    assert (quick.settings["method"], quick.settings["hidden"], quick.settings["learning_rate"]) == (
        "infonce",
        [96, 96, 96],
        0.01,
    )
    assert "straight" in quick.tensors


def test_happy_lies_right_of_sad_and_the_middle_of_the_rows_in_the_middle(known: Distinct, fitted: Fitted) -> None:
    projection = Projection(EMOTIONS, fitted.tensors)
    at = dict(zip(EMOTIONS, projection(pure(EMOTIONS, SCALE)).at, strict=True))
    assert at["happy"][0] > at["sad"][0]
    assert fitted.oriented == "affect"
    plane = projection(known.vectors).at
    assert np.abs(np.average(plane, axis=0, weights=known.weights)).max() < 1e-3 * np.abs(plane).max()


def test_a_map_is_turned_and_mirrored_but_never_stretched() -> None:
    wanted = np.array([[0.81, 0.51], [-0.63, -0.27], [-0.51, 0.59], [0.40, 0.67], [-0.60, 0.35], [-0.64, 0.60]])
    angle = 2.0
    away = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])  # with a mirror
    found = orientation(EMOTIONS, 7 * wanted @ away + 3, np.eye(2), np.ones(2))
    np.testing.assert_allclose(found.turn @ found.turn.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(7 * wanted @ away @ found.turn, 7 * wanted, atol=1e-9)
    assert agreement(EMOTIONS, wanted) == (pytest.approx(1), pytest.approx(1))


def test_unknown_emotions_are_turned_by_the_widest_direction_and_said_so(known: Distinct) -> None:
    names = ("happy", *"abcde")
    made = fit(known, names, SCALE, place(), **QUICK)
    assert made.oriented == "none"
    assert any("fewer than two" in note for note in made.notes)
    plane = Projection(names, made.tensors)(known.vectors).at
    across, upwards = np.average(plane**2, axis=0, weights=known.weights)
    assert across > upwards
    assert agreement(names, plane[:6]) == (None, None)


def test_members_are_laid_on_the_first_one() -> None:
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(50, 2))
    turn = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    planes = np.stack([plane, plane @ turn + 5])
    centres, turns = aligned(planes, np.ones(50))
    laid = [(one - centre) @ matrix for one, centre, matrix in zip(planes, centres, turns, strict=True)]
    np.testing.assert_allclose(laid[1], laid[0], atol=1e-10)


def test_networks_that_agree_have_no_spread_and_others_have(known: Distinct, fitted: Fitted) -> None:
    x = ratings(40, 2)[0]
    both = Projection(EMOTIONS, fitted.tensors)(x)
    alone = {name: tensor[:1] for name, tensor in fitted.tensors.items()}
    first = Projection(EMOTIONS, alone)(x)
    other = Projection(EMOTIONS, {name: tensor[1:] for name, tensor in fitted.tensors.items()})(x)
    np.testing.assert_allclose(both.at, first.at, atol=1e-4)
    gap = first.at - other.at
    np.testing.assert_allclose(both.spread, gap[:, :, None] * gap[:, None, :] / 2, atol=1e-3)
    assert not first.spread.any()
    same = Projection(EMOTIONS, {name: torch.cat([tensor, tensor]) for name, tensor in alone.items()})(x)
    np.testing.assert_allclose(same.spread, 0, atol=1e-9)


def test_equal_seeds_give_equal_bytes_and_others_do_not(known: Distinct, fitted: Fitted) -> None:
    torch.rand(3)  # whatever was drawn before does not count
    again = fit(known, EMOTIONS, SCALE, place(), **QUICK)
    assert again.course == fitted.course
    assert all(torch.equal(again.tensors[name], tensor) for name, tensor in fitted.tensors.items())
    other = fit(known, EMOTIONS, SCALE, place(1), **QUICK)
    assert not torch.equal(other.tensors["weight0"], fitted.tensors["weight0"])


def test_a_row_that_comes_again_is_a_weight(known: Distinct) -> None:
    rows = np.repeat(known.vectors, known.weights.astype(int) * 3, axis=0)
    graph = graph_of(torch.as_tensor(known.vectors), weights_of(known, 1.0), 8.0)
    again = distinct(rows[np.random.default_rng(0).permutation(len(rows))])
    other = graph_of(torch.as_tensor(again.vectors), weights_of(again, 1.0), 8.0)
    everything = torch.arange(len(known))
    torch.testing.assert_close(graph.block(everything), other.block(everything))


def test_affinities_have_the_perplexity_over_different_vectors_and_no_share_of_their_own(known: Distinct) -> None:
    graph = graph_of(torch.as_tensor(known.vectors), weights_of(known, 1.0), 8.0)
    entropy = -(graph.shares * graph.shares.clamp_min(1e-30).log()).sum(dim=1)
    np.testing.assert_allclose(entropy.exp(), 8.0, rtol=1e-3)
    joint = graph.block(torch.arange(len(known)))
    assert not joint.diagonal().any()
    assert float(joint.sum()) == pytest.approx(1)
    torch.testing.assert_close(joint, joint.T)


def test_a_vector_that_comes_again_draws_more() -> None:
    squares, weights = torch.ones(1, 4, dtype=torch.float64), torch.tensor([[4.0, 1.0, 1.0, 2.0]], dtype=torch.float64)
    np.testing.assert_allclose(conditional(squares, weights.log(), 2.0), weights / 8)


@pytest.mark.parametrize("distances", [0.0, 2.0])
def test_the_written_gradient_is_that_of_the_loss(known: Distinct, distances: float) -> None:
    graph = graph_of(torch.as_tensor(known.vectors[:30]), weights_of(known, 1.0)[:30], 5.0)
    weights = graph.weights.double()
    given = (graph.block(torch.arange(30)).double(), weights, pairs_of(graph.vectors.double(), weights), distances)
    at = torch.randn(30, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    step, numeric = 1e-5, torch.zeros_like(at)
    for row in range(30):
        for axis in range(2):
            moved = [at.clone(), at.clone()]
            moved[0][row, axis] += step
            moved[1][row, axis] -= step
            numeric[row, axis] = (infonce.loss(moved[0], *given) - infonce.loss(moved[1], *given)) / (2 * step)
    torch.testing.assert_close(infonce.gradient(at, *given), numeric, atol=1e-7, rtol=1e-5)


def test_asking_for_distances_keeps_them(known: Distinct) -> None:
    other = distinct(ratings(300, 1)[0])
    kept = []
    for distances in (0.0, 10.0):
        made = fit(known, EMOTIONS, SCALE, place(), **QUICK, distances=distances)
        plane = Projection(EMOTIONS, made.tensors)(other.vectors).at
        video = np.arange(len(other.inverse)) // 10
        kept.append(quality(Mapped(other, plane, video), k=15, resamples=0, seed=0)["spearman"]["mean"])
    assert kept[1] > kept[0] + 0.02


def test_another_number_of_emotions_is_refused_in_one_line(fitted: Fitted) -> None:
    with pytest.raises(UsageError) as caught:
        Projection(EMOTIONS, fitted.tensors)(np.zeros((3, 9), np.float32))
    assert "6 emotions" in caught.value.message
    assert "not of 9" in caught.value.message
    assert all(name in caught.value.message for name in EMOTIONS)
    assert "\n" not in caught.value.message


def test_too_few_ratings_are_refused_and_few_lower_the_perplexity() -> None:
    with pytest.raises(StepError, match="2 different ratings"):
        fit(distinct(np.eye(6)[:2]), EMOTIONS, SCALE, place())
    made = fit(distinct(ratings(20, 0)[0]), EMOTIONS, SCALE, place(), steps=5, members=1)
    assert made.settings["perplexity"] < 30
    assert "perplexity of 30" in made.notes[0]


def test_a_loss_that_runs_away_is_said(known: Distinct) -> None:
    with pytest.raises(StepError, match="loss is"):
        fit(known, EMOTIONS, SCALE, place(), steps=60, learning_rate=1e30, members=1, method="vdm2009", hidden=(8,))


def stored(folder: Path, emotions: tuple[str, ...], values: np.ndarray, scale: tuple[float, float]) -> Inputs:
    """Outputs of a data set of rated segments: eight rows a video; every seventh video is validated, every third tested."""
    folder.mkdir(parents=True, exist_ok=True)
    out = Out(folder)
    video = np.arange(len(values)) // 8
    parts = np.where(video % 3 == 0, TEST, np.where(video % 7 == 0, VALIDATION, TRAIN)).astype(np.uint8)
    out.json("facts", {"classes": emotions, "scale": scale, "whole": "video"})
    out.array("intensities", values, ("segment", "emotion"))
    out.array("parts", parts, ("segment",))
    np.savez(out.path("segments", ".npz"), video=np.array([f"v{number:03d}" for number in video]))
    return Inputs(factories.of(out))


def mapped(folder: Path, given: Inputs, **settings: Any) -> Inputs:
    (folder / "map").mkdir(parents=True)
    (folder / "measured").mkdir()
    out, work = Out(folder / "map"), Work(folder, {}, "cpu", 1)
    embed.run(given, out, work, map=settings, seed=0)
    both = Inputs([*given._outputs, *factories.of(out)])
    last = Out(folder / "measured")
    measure.run(both, last, work, peers=["pca"], k=15, resamples=200, seed=0)
    return Inputs([*both._outputs, *factories.of(last)])


def test_the_steps_store_what_was_fitted(tmp_path: Path) -> None:
    values, _ = ratings(800, 3)
    values[5] = np.nan  # nobody rated it
    values[8:11] = 0
    given = stored(tmp_path, EMOTIONS, values, SCALE)
    found = mapped(tmp_path, given, **QUICK)
    about = found.one("map")
    weights = load_file(found.one("map_weights"))
    train = np.asarray(given.one("parts")) == TRAIN
    rows = values[train & np.isfinite(values).all(axis=1)]
    made = fit(distinct(rows), EMOTIONS, SCALE, place(), **QUICK)
    straight = Projection(EMOTIONS, made.tensors)(values[:5])
    again = projection_of(about, weights)(values[:5])
    assert np.array_equal(straight.at, again.at)
    assert np.array_equal(straight.spread, again.spread)
    assert about["segments"] == len(rows)
    assert about["distinct"] == len(distinct(rows))
    assert about["zero"]["share"] == pytest.approx((rows == 0).all(axis=1).mean())
    assert [anchor["emotion"] for anchor in about["anchors"]] == list(EMOTIONS)
    (left, right), (low, high) = about["limits"]
    assert right - left == pytest.approx(high - low)
    plane = projection_of(about, weights)(rows).at
    inside = (plane > [left, low]).all(axis=1) & (plane < [right, high]).all(axis=1)
    assert inside.mean() >= 0.99
    assert all(left < anchor["at"][0] < right and low < anchor["at"][1] < high for anchor in about["anchors"])
    density = found.one("density")
    assert density["train"].shape == (len(density["y"]) - 1, len(density["x"]) - 1)
    assert 0.95 < density["train"].sum() <= 1.0001
    json.dumps(about, allow_nan=False)


def test_the_map_is_measured_on_the_test_part_beside_others(tmp_path: Path) -> None:
    given = stored(tmp_path, EMOTIONS, ratings(800, 3)[0], SCALE)
    quality = mapped(tmp_path, given, **QUICK).one("map_quality")
    test = np.asarray(given.one("parts")) == TEST
    assert quality["n"]["segments"] == test.sum()
    own, components = quality["methods"]
    assert (own["key"], components["key"]) == ("map", "pca")
    assert own["values"]["recall"]["mean"] > components["values"]["recall"]["mean"]
    for measured in quality["measures"]:
        value = own["values"][measured["key"]]
        assert value["low"] < value["mean"] < value["high"]
        assert own["train"][measured["key"]] is not None


def test_valence_and_arousal_are_a_plane_already(tmp_path: Path) -> None:
    values = np.random.default_rng(0).uniform(-1, 1, (400, 2)).astype(np.float32)
    found = mapped(tmp_path, stored(tmp_path, ("valence", "arousal"), values, (-1.0, 1.0)), **QUICK)
    about = found.one("map")
    assert about["method"] == "plane"
    assert about["parameters"] == 0
    assert [anchor["at"] for anchor in about["anchors"]] == [[1, 0], [0, 1]]
    assert "map_weights" not in found
    laid = projection_of(about, {})(values)
    assert np.array_equal(laid.at, values)
    assert not laid.spread.any()
    with pytest.raises(UsageError, match=r"2 emotions .* not of 6"):
        projection_of(about, {})(np.zeros((1, 6), np.float32))
    assert "map_quality" not in found  # every measure would call it perfect


def test_the_nine_emotions_of_music_have_a_map_of_their_own() -> None:
    made = fit(distinct(ratings(200, 4, 9)[0]), GEMS, SCALE, place(), **QUICK | {"steps": 80})
    laid = Projection(GEMS, made.tensors)(pure(GEMS, SCALE)).at
    assert laid.shape == (9, 2)
    assert laid[GEMS.index("joyful_activation"), 0] > laid[GEMS.index("sadness"), 0]


def test_a_part_without_ratings_is_refused(tmp_path: Path) -> None:
    given = stored(tmp_path, EMOTIONS, np.full((40, 6), np.nan, np.float32), SCALE)
    with pytest.raises(StepError, match="training part holds no rated segment"):
        mapped(tmp_path, given, **QUICK)
