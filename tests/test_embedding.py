"""How good a map is: exactly 1 where nothing is changed, whatever the order and however often a rating comes again."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness

from reportgen.embedding.density import CELLS, density, edges, limits
from reportgen.embedding.distinct import distinct
from reportgen.embedding.neighbours import kept, most_neighbours
from reportgen.embedding.peers import Absent, Peer, peer
from reportgen.embedding.quality import MEASURES, Mapped, quality

KEYS = {measure["key"] for measure in MEASURES}


def grid(rows: int = 500, seed: int = 0) -> np.ndarray:
    """Ratings in thirds from 0 to 1 of six emotions, many of them the same and many without any: (row, emotion)."""
    rng = np.random.default_rng(seed)
    values = np.minimum(rng.integers(0, 4, (rows, 6)), rng.integers(0, 4, (rows, 6))) / 3
    values[rng.random(rows) < 0.3] = 0
    return values.astype(np.float32)


def videos(rows: int, length: int = 10) -> np.ndarray:
    return np.arange(rows) // length


def scores(values: np.ndarray, plane: np.ndarray, video: np.ndarray | None = None, k: int = 15) -> dict[str, float | None]:
    """Means of all measures, `plane` of rows."""
    known = distinct(values)
    first = np.unique(known.inverse, return_index=True)[1]
    where = videos(len(values)) if video is None else video
    found = quality(Mapped(known, plane[first], where), k=k, resamples=0, seed=0)
    return {name: value["mean"] for name, value in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_a_map_that_changes_nothing_scores_exactly_one_in_any_order(seed: int) -> None:
    values = grid(seed=seed)
    rows = np.random.default_rng(seed).permutation(len(values))
    for some in (values, values[rows]):
        known = distinct(some)
        assert scores(some, known.vectors[known.inverse]) == dict.fromkeys(KEYS, 1.0)


def test_so_does_one_that_is_turned_and_enlarged() -> None:
    values = grid()
    known = distinct(values)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]
    turned = 40 * known.vectors.astype(np.float64) @ turn
    assert scores(values, turned[known.inverse]) == pytest.approx(dict.fromkeys(KEYS, 1.0), abs=1e-5)


def test_the_order_of_the_videos_changes_nothing() -> None:
    values = grid()
    plane = values[:, :2] + 0.3 * values[:, 2:4]
    order = np.random.default_rng(0).permutation(50)
    rows = (order[:, None] * 10 + np.arange(10)).ravel()
    video = videos(len(values))
    assert scores(values[rows], plane[rows], video[rows]) == scores(values, plane, video)


def test_a_row_that_comes_again_is_a_weight() -> None:
    values = grid(120)
    plane = (values[:, :2] + 0.3 * values[:, 2:4]).astype(np.float64)
    times = np.random.default_rng(0).integers(1, 6, len(values))
    again, plane_again = np.repeat(values, times, axis=0), np.repeat(plane, times, axis=0)
    known = distinct(values)
    first = np.unique(known.inverse, return_index=True)[1]
    each = kept(known.vectors, plane[first], 15)
    weights = np.bincount(known.inverse, times)
    found = scores(again, plane_again, np.repeat(videos(len(values)), times))
    assert found["recall"] == pytest.approx(np.average(each.recall, weights=weights), abs=1e-8)
    assert found["trustworthiness"] == pytest.approx(np.average(each.trustworthiness, weights=weights), abs=1e-8)
    assert found["recall"] != pytest.approx(scores(values, plane)["recall"], abs=1e-4)
    even = scores(np.repeat(values, 3, axis=0), np.repeat(plane, 3, axis=0), np.repeat(videos(len(values)), 3))
    assert even == pytest.approx(scores(values, plane), abs=1e-8)


def test_without_ties_the_scores_are_those_of_others() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 3, (150, 6)).astype(np.float32)
    known = distinct(values)
    plane = known.vectors[:, :2].astype(np.float64)
    true = known.vectors.astype(np.float64)
    found = kept(true, plane, 15)
    near = [np.argsort(np.linalg.norm(space[:, None] - space, axis=2) + 1e9 * np.eye(150))[:, :15] for space in (true, plane)]
    shared = np.mean([len(set(a) & set(b)) / 15 for a, b in zip(*near, strict=True)])
    assert found.trustworthiness.mean() == pytest.approx(trustworthiness(true, plane, n_neighbors=15), abs=4e-3)
    assert found.continuity.mean() == pytest.approx(trustworthiness(plane, true, n_neighbors=15), abs=4e-3)
    assert found.recall.mean() == pytest.approx(shared, abs=5e-3)
    first, second = np.triu_indices(150, 1)
    lengths = [np.linalg.norm(space[first] - space[second], axis=1) for space in (true, plane)]
    assert scores(values, values[:, :2])["spearman"] == pytest.approx(spearmanr(*lengths).statistic, abs=1e-3)
    video = videos(150)
    inside = np.flatnonzero(video[1:] == video[:-1])
    steps = [np.linalg.norm(space[inside + 1] - space[inside], axis=1) for space in (values, values[:, :2])]
    assert scores(values, values[:, :2])["steps"] == pytest.approx(spearmanr(*steps).statistic, abs=1e-3)


def test_a_map_that_puts_all_on_one_point_is_no_better_than_chance() -> None:
    values = grid()
    found = scores(values, np.zeros((len(values), 2)))
    different = len(distinct(values))
    assert found["recall"] is not None
    assert found["recall"] < 3 * 15 / different
    assert found["trustworthiness"] == pytest.approx(0.5, abs=0.06)
    assert found["continuity"] == pytest.approx(0.5, abs=0.06)
    assert found["spearman"] is found["steps"] is None


def test_a_worse_map_scores_worse() -> None:
    values = grid()
    rng = np.random.default_rng(0)
    known = distinct(values)
    noise = rng.normal(size=(len(known), 6))[known.inverse]
    little, much = (scores(values, values + amount * noise) for amount in (0.05, 0.5))
    for key in KEYS:
        assert 1 > (little[key] or 0) > (much[key] or 0)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    known = distinct(grid())
    whole = kept(known.vectors, known.vectors[:, :2], 15)
    monkeypatch.setattr("reportgen.embedding.neighbours._CELLS", 7 * len(known))
    parts = kept(known.vectors, known.vectors[:, :2], 15)
    np.testing.assert_allclose(parts.recall, whole.recall, atol=1e-12)
    np.testing.assert_allclose(parts.continuity, whole.continuity, atol=1e-12)


def test_few_vectors_have_fewer_neighbours_and_very_few_none() -> None:
    assert [most_neighbours(count, 15) for count in (100, 20, 4, 2, 0)] == [15, 9, 1, 0, 0]
    found = scores(np.zeros((5, 6), np.float32), np.zeros((5, 2)))
    assert found == dict.fromkeys(KEYS)


def test_intervals_are_over_videos_and_few_videos_claim_nothing() -> None:
    values = grid()
    known = distinct(values)
    wide, narrow = (
        quality(Mapped(known, known.vectors[:, :2], video), k=15, resamples=300, seed=0)
        for video in (videos(500, 50), videos(500, 5))
    )
    for key in KEYS - {"steps"}:
        estimate = narrow[key]
        assert estimate["low"] is not None
        assert estimate["mean"] is not None
        assert estimate["high"] is not None
        assert estimate["low"] < estimate["mean"] < estimate["high"]
        assert wide[key]["mean"] == pytest.approx(estimate["mean"])
    few = quality(Mapped(known, known.vectors[:, :2], videos(500, 100)), k=15, resamples=300, seed=0)
    assert all(value["low"] is None and value["mean"] is not None for value in few.values())


def test_peers_are_fitted_to_the_training_part_and_place_others() -> None:
    known, other = distinct(grid(400)), distinct(grid(60, 1))
    components = peer("pca", known, 0)
    assert isinstance(components, Peer)
    rows = np.repeat(known.vectors.astype(np.float64), known.weights.astype(int), axis=0)
    np.testing.assert_allclose(np.average(components.train, axis=0, weights=known.weights), 0, atol=1e-9)
    largest = np.linalg.eigvalsh(np.cov(rows.T, bias=True))[::-1][:2]
    np.testing.assert_allclose(np.average(components.train**2, axis=0, weights=known.weights), largest, rtol=1e-9)
    assert components.place(other.vectors).shape == (len(other), 2)


def test_opentsne_keeps_neighbours_and_tells_when_it_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("openTSNE")
    known, other = distinct(grid(250)), distinct(grid(30, 1))
    found, again = (peer("opentsne", known, 0) for _ in range(2))
    assert isinstance(found, Peer)
    assert isinstance(again, Peer)
    assert np.array_equal(found.train, again.train)
    assert kept(known.vectors, found.train, 5).recall.mean() > 0.5
    assert found.place(other.vectors).shape == (len(other), 2)
    assert isinstance(peer("opentsne", distinct(np.eye(6)), 0), Absent)
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    missing = peer("opentsne", known, 0)
    assert isinstance(missing, Absent)
    assert "openTSNE cannot be loaded" in missing.why


def test_the_density_holds_all_rows_where_they_lie() -> None:
    rng = np.random.default_rng(0)
    plane, weights = rng.normal(size=(300, 2)) * [3, 1], rng.integers(1, 9, 300).astype(float)
    within = limits(plane, weights, np.array([[10.0, 0.0], [0.0, 0.5]]))
    assert within[0, 1] > 10
    assert np.ptp(within[0]) == pytest.approx(np.ptp(within[1]))
    inside = ((plane > within[:, 0]) & (plane < within[:, 1])).all(axis=1)
    assert weights[inside].sum() >= 0.99 * weights.sum()
    x, y = edges(within)
    shares = density(plane, weights, x, y)
    assert shares.shape == (CELLS, CELLS)
    assert shares.sum() == pytest.approx(weights[inside].sum() / weights.sum(), rel=1e-5)
    middle = [(side[1:] + side[:-1]) / 2 for side in (x, y)]
    assert shares.sum(axis=0) @ middle[0] == pytest.approx(np.average(plane[:, 0], weights=weights), abs=0.2)
    spread = [float(np.sqrt(shares.sum(axis=axis) @ middle[axis] ** 2)) for axis in (0, 1)]
    assert spread[0] > 2 * spread[1]


def test_real_labels_score_one_on_themselves() -> None:
    path = Path(__file__).parents[2] / "shared/data/mosei/labels.csv"
    if not path.exists():
        pytest.skip("the MOSEI labels are not on this machine")
    table = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=range(5, 11))[:3000]
    known = distinct(table)
    assert scores(table, known.vectors[known.inverse]) == dict.fromkeys(KEYS, 1.0)
