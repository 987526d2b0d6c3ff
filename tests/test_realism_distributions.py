"""Distances of distributions have the values that theory gives them, weights are counts, and too little is refused."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from reportgen.realism.controls import controls
from reportgen.realism.discrepancy import mmd, permutation_p
from reportgen.realism.frechet import MOST_COMPONENTS, frechet
from reportgen.realism.neighbours import copies, coverage, density, distinct, memory_floor, memory_ratio
from reportgen.realism.sets import Crowd, Pair, TooFewError, weights_of
from reportgen.realism.two_sample import two_sample_auc
from reportgen.synthetic import Domain

SCORES = (mmd, frechet, density, coverage, two_sample_auc, memory_ratio, memory_floor)


def domain(*shape, axes=("channel", "band"), classes=("calm",)):
    return Domain(shape=shape, axes=axes, unit="", classes=classes, channels=(), rate=128.0, bands=None)


def crowd(points, group=None, labels=None):
    """Of points (sample, number), which are all of its views."""
    points = np.asarray(points, float).reshape(len(points), -1)
    group = np.arange(len(points)) if group is None else group
    labels = np.zeros(len(points), int) if labels is None else labels
    views = dict.fromkeys(("descriptors", "scaled", "network"), points)
    return Crowd(x=points[:, :, None].astype(np.float32), labels=labels, group=np.asarray(group), views=views)


def pair(real, made, train=None, weights=None, resamples=10, seed=0, classes=("calm",)):
    drawn = [weights_of(side.group, resamples, np.random.default_rng(4)) for side in (real, made)]
    real_weights, made_weights = drawn if weights is None else weights
    return Pair(
        domain=domain(real.x.shape[1], 1, classes=classes),
        real=real,
        made=made,
        train=real if train is None else train,
        real_weights=real_weights,
        made_weights=made_weights,
        seed=seed,
    )


def normal(seed, n=200, numbers=3, mean=0.0, trials=None, effect=0.0, alone=False):
    """Points around the means of their trials, which are groups unless points stand alone."""
    rng = np.random.default_rng(seed)
    trial = np.arange(n) % (trials or n)
    means = rng.normal(size=(n, numbers)) if alone else rng.normal(size=(n, numbers))[trial]
    points = mean + effect * means + rng.normal(size=(n, numbers))
    return crowd(points, group=np.arange(n) if alone else trial)


def exactly(points, mean, covariance):
    """Points moved so that their mean and covariance are these."""
    centred = points - points.mean(axis=0)
    white = centred @ np.linalg.inv(np.linalg.cholesky(np.cov(centred.T))).T
    return mean + white @ np.linalg.cholesky(covariance).T


def test_frechet_of_two_normals_is_its_formula():
    rng = np.random.default_rng(0)
    spread = [np.diag([4.0, 1.0]), np.diag([1.0, 9.0])]
    real, made = (
        crowd(exactly(rng.normal(size=(50, 2)), mean, own)) for mean, own in zip(([0, 0], [3, 4]), spread, strict=True)
    )
    train = crowd(exactly(rng.normal(size=(50, 2)), [1, 1], np.eye(2)))
    unit = 2 * 49 / 50  # the training part's variance over both numbers, of a population
    assert frechet(pair(real, made, train))[0] == pytest.approx((25 + (2 - 1) ** 2 + (1 - 3) ** 2) / unit)


def test_frechet_of_covariances_that_do_not_commute():
    rng = np.random.default_rng(1)
    first, second = np.array([[2.0, 0.9], [0.9, 1.0]]), np.array([[1.0, -0.7], [-0.7, 3.0]])
    real, made = (crowd(exactly(rng.normal(size=(40, 2)), [0, 0], own)) for own in (first, second))
    overlap = np.sqrt(np.linalg.eigvals(first @ second)).sum()
    expected = (np.trace(first) + np.trace(second) - 2 * overlap) / (np.trace(first) * 39 / 40)
    assert frechet(pair(real, made))[0] == pytest.approx(expected)


def test_frechet_is_0_for_the_same_crowd_and_looks_at_few_components():
    same = normal(2, numbers=40)
    assert frechet(pair(same, same))[0] == pytest.approx(0, abs=1e-9)
    few = normal(3, n=2 * MOST_COMPONENTS - 1, numbers=40)
    with pytest.raises(TooFewError, match="31 samples on a side; 16 components of the network need 32"):
        frechet(pair(few, few, same))


def test_frechet_of_a_model_that_is_no_network_is_left_out():
    side = normal(0)
    blind = replace(side, views={"scaled": side.views["scaled"]})
    with pytest.raises(TooFewError, match="no network"):
        frechet(pair(blind, blind))


def test_mmd_of_equal_distributions_is_0_on_average_though_windows_of_a_trial_are_alike():
    values = [mmd(pair(*(normal(2 * seed + side, 80, trials=10, effect=1.0) for side in (0, 1))))[0] for seed in range(60)]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(len(values))
    assert min(values) < 0 < max(values)


def test_mmd_is_its_definition_for_single_samples():
    real, made = normal(5, 30), normal(6, 40, mean=0.5)
    points = [side.views["scaled"] for side in (real, made)]
    width = np.median(cdist(points[0], points[0])[np.triu_indices(30, 1)])
    own, other, across = (
        np.exp(-(cdist(first, second) ** 2) / (2 * width**2))
        for first, second in ((points[0], points[0]), (points[1], points[1]), points)
    )
    expected = (own.sum() - 30) / (30 * 29) + (other.sum() - 40) / (40 * 39) - 2 * across.mean()
    assert mmd(pair(real, made))[0] == pytest.approx(expected)


def test_mmd_is_of_classes_and_sees_right_samples_under_wrong_names():
    labels = np.arange(60) % 2
    points = np.random.default_rng(0).normal(size=(60, 2)) + 4 * labels[:, None]
    real, made = crowd(points, labels=labels), crowd(points + 0.01, labels=labels)
    classes = ("calm", "tense")
    assert mmd(pair(real, made, classes=classes))[0] < 0.05
    assert mmd(pair(real, replace(made, labels=1 - labels), classes=classes))[0] > 0.5


def test_a_resample_without_one_class_is_scored_by_the_other():
    labels = np.arange(24) // 4 % 2
    side = crowd(np.random.default_rng(0).normal(size=(24, 2)), group=np.arange(24) // 4, labels=labels)
    weights = np.array([np.ones(24), 2.0 * labels])
    made = replace(normal(1, 24, 2), labels=labels)
    values = mmd(pair(side, made, weights=(weights, np.ones((2, 24))), classes=("calm", "tense")))
    tense = [replace(one, labels=np.where(labels == 1, 0, 5)) for one in (side, made)]
    assert values[1] == pytest.approx(mmd(pair(*tense, train=side))[0])


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("trials", [6, 20])
def test_p_is_even_where_nothing_differs_whether_samples_stand_alone_or_in_trials(alone, trials):
    """Of two classes: of the fewest trials that are measured, each has three."""
    p = []
    for seed in range(150):
        real = normal(3 * seed, 80, trials=trials, effect=1.0)
        made = normal(3 * seed + 1, 80, trials=trials, effect=1.0, alone=alone)
        labels = np.arange(80) % trials % 2
        sides = [replace(side, labels=labels) for side in (real, made)]
        both = pair(*sides, normal(3 * seed + 2, 80), seed=seed, resamples=0, classes=("calm", "tense"))
        p.append(permutation_p(both, permutations=100))
    assert np.mean(np.array(p) <= 0.05) < 0.14
    assert 0.35 < np.mean(np.array(p) <= 0.5) < 0.6


def test_p_is_small_where_crowds_differ_and_the_same_for_the_same_seed():
    real, made = normal(0, 80, trials=10), normal(1, 80, mean=1.0)
    assert permutation_p(pair(real, made), permutations=200) == pytest.approx(1 / 201)
    close = normal(1, 80, mean=0.2)
    assert permutation_p(pair(real, close, seed=3)) == permutation_p(pair(real, close, seed=3))


def line(*points, group=None):
    return crowd(np.array(points, float)[:, None], group=group)


def test_coverage_and_density_by_hand():
    real = line(*range(12))  # radii: 5, 4, 3, 3 … 3, 4, 5: a ball reaches to the fifth neighbour
    made = line(0.0, 0.0, 5.5, 100.0)
    radii = np.array([5, 4, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5])
    inside = np.abs(np.arange(12)[:, None] - np.array([0.0, 0.0, 5.5, 100.0])) <= radii[:, None]
    assert coverage(pair(real, made))[0] == pytest.approx(inside.any(axis=1).mean())
    assert density(pair(real, made))[0] == pytest.approx(inside.sum() / (5 * 4))
    assert coverage(pair(real, line(*[100.0] * 4)))[0] == 0


def test_balls_reach_to_other_trials():
    """Six trials of eight windows each, which lie together: a ball within a trial would hold nobody else."""
    centres = 10.0 * np.arange(6)
    real = crowd((centres[:, None] + 0.01 * np.arange(8)).reshape(-1, 1), group=np.arange(48) // 8)
    assert coverage(pair(real, line(*(centres + 5))))[0] == 1


def test_coverage_of_an_equal_crowd_is_that_of_theory():
    values = [coverage(pair(normal(2 * seed), normal(2 * seed + 1)))[0] for seed in range(10)]
    assert np.mean(values) == pytest.approx(1 - 0.5**5, abs=0.01)


def test_resamples_lie_around_the_score_and_not_below():
    for score in (coverage, density, mmd, two_sample_auc):
        values = score(pair(normal(0), normal(1), resamples=200))
        assert abs(values[1:].mean() - values[0]) < 0.5 * values[1:].std()


def twice(side, chosen):
    """The crowd with the chosen groups drawn twice, as groups of their own, and the others not at all."""
    rows = np.concatenate([np.flatnonzero(chosen)] * 2)
    again = side.group[rows] + np.repeat([0, side.group.max() + 1], chosen.sum())
    views = {name: view[rows] for name, view in side.views.items()}
    return Crowd(x=side.x[rows], labels=side.labels[rows], group=again, views=views)


def doubled(chosen):
    return np.array([np.ones(len(chosen)), 2.0 * chosen])


@pytest.mark.parametrize("score", [frechet, memory_ratio])
def test_a_weight_of_2_is_the_same_as_two_samples(score):
    real, made, train = normal(0, 40), normal(1, 40, mean=0.3), normal(2, 40)
    chosen = np.arange(40) % 2 == 0
    weighted = score(pair(real, made, train, weights=(np.ones((2, 40)), doubled(chosen))))
    assert weighted[1] == pytest.approx(score(pair(real, twice(made, chosen), train))[0])
    assert weighted[1] != pytest.approx(weighted[0])


def test_weights_of_neighbours_count_balls_and_samples():
    real, made = line(*range(12)), line(0.0, 3.0, 5.5, 8.0, 11.0, 100.0)
    chosen = np.array([1, 0, 1, 0, 1, 0], bool)
    weighted = density(pair(real, made, weights=(np.ones((2, 12)), doubled(chosen))))
    assert weighted[1] == pytest.approx(density(pair(real, twice(made, chosen)))[0])
    only = np.array([np.ones(12), np.eye(12)[0] * 12])
    covered = coverage(pair(real, line(*[0.0] * 4, 100.0, 100.0), weights=(only, np.ones((2, 6)))))
    assert covered[1] == 1  # the one ball that counts is reached


def test_auc_of_what_can_be_separated_is_1_and_of_what_cannot_is_half():
    assert (two_sample_auc(pair(normal(0), normal(1, mean=9.0))) == 1).all()
    values = [two_sample_auc(pair(normal(2 * seed), normal(2 * seed + 1)))[0] for seed in range(8)]
    assert np.mean(values) == pytest.approx(0.5, abs=0.04)


def test_equal_scores_are_half_won():
    same = crowd(np.ones((30, 2)))
    np.testing.assert_array_equal(two_sample_auc(pair(same, same)), 0.5)


def test_auc_sees_more_than_means_and_covariances():
    rng = np.random.default_rng(0)
    modes = crowd(exactly(0.2 * rng.normal(size=(300, 4)) + rng.choice([-1.0, 1.0], size=(300, 4)), np.zeros(4), np.eye(4)))
    gaussian = crowd(exactly(rng.normal(size=(300, 4)), np.zeros(4), np.eye(4)))
    assert two_sample_auc(pair(modes, gaussian))[0] > 0.65


def test_auc_does_not_learn_trials_by_heart():
    """Every trial has a place of its own, and the same distribution of places on either side."""
    sides = [[normal(2 * seed + side, 160, 10, trials=20, effect=5.0) for side in (0, 1)] for seed in range(8)]
    values = [two_sample_auc(pair(*both))[0] for both in sides]
    assert np.mean(values) < 0.55


def test_weights_of_the_auc_count_pairs():
    real, made = normal(0, 60), normal(1, 60, mean=0.5)
    weights = np.random.default_rng(2).integers(0, 4, size=(2, 5, 60)).astype(float)
    weights[:, 0] = 1
    values = two_sample_auc(pair(real, made, weights=tuple(weights)))
    even = two_sample_auc(pair(real, made, weights=tuple(3 * weights)))
    np.testing.assert_allclose(values, even)
    assert len(set(values.round(6))) == 5


def test_memory_of_exact_and_of_honest_samples_whatever_the_number_of_training_samples():
    real, few, many = normal(0, 100), normal(1, 100), normal(2, 2000)
    for train in (few, many):
        assert memory_ratio(pair(real, normal(3, 100), train))[0] == pytest.approx(1, abs=0.15)
        assert memory_floor(pair(real, normal(3, 100), train))[0] == pytest.approx(1, abs=0.15)
        assert memory_ratio(pair(real, train, train))[0] == pytest.approx(0, abs=1e-9)
        assert copies(pair(real, normal(3, 100), train)) < 0.15
    copied = crowd(many.views["scaled"][:100])
    assert memory_ratio(pair(real, copied, many))[0] == pytest.approx(0, abs=1e-9)
    assert copies(pair(real, copied, many)) == 1


def test_timid_samples_in_the_middle_are_no_copies():
    middle = crowd(0.2 * np.random.default_rng(5).normal(size=(100, 3)))
    assert copies(pair(normal(0, 100), middle, normal(1, 100))) < 0.2


def test_distinct_is_the_ratio_of_spreads_and_0_of_one_sample():
    real = normal(0, 100)
    half = crowd(real.views["scaled"] / 2)
    assert distinct(pair(real, half)) == pytest.approx(0.5)
    assert distinct(pair(real, crowd(np.ones((100, 3))))) == 0


def test_distinct_does_not_count_windows_of_one_trial():
    """Ten trials of ten equal windows are as varied as ten single samples."""
    points = np.random.default_rng(0).normal(size=(10, 3))
    real = crowd(points.repeat(10, axis=0), group=np.arange(10).repeat(10))
    assert distinct(pair(real, crowd(points))) == pytest.approx(1)


@pytest.mark.parametrize("score", SCORES)
def test_too_few_trials_are_told(score):
    side = normal(0, 50, trials=5)
    with pytest.raises(TooFewError, match="5 real trials, and 6 are needed"):
        score(pair(side, normal(1, 50)))


@pytest.mark.parametrize("score", [mmd, permutation_p, distinct])
def test_a_class_of_one_trial_has_no_distance(score):
    real = crowd(np.random.default_rng(0).normal(size=(24, 2)), group=np.arange(24) // 4)
    one_group = replace(real, group=np.zeros(24, int))
    with pytest.raises(TooFewError, match="two groups of samples on each side"):
        score(pair(real, one_group))


def test_too_few_neighbours_and_groups_are_told():
    few = line(*range(6), group=np.arange(6))
    with pytest.raises(TooFewError, match="4 independent groups on a side"):
        two_sample_auc(pair(normal(0, 40), normal(1, 40, trials=4)))
    assert coverage(pair(few, few))[0] == 1  # just enough: every other one is a neighbour


def test_equal_seeds_give_equal_numbers():
    for score in SCORES:
        same = [score(pair(normal(0, 60), normal(1, 60), normal(2, 300), seed=7)) for _ in range(2)]
        np.testing.assert_array_equal(*same)


def maps_of_grids(n=50):
    """(sample, band, row, column) with 5 electrodes on 9 cells."""
    x = np.zeros((n, 2, 3, 3), np.float32)
    x[:, :, [0, 1, 1, 2, 2], [1, 0, 2, 0, 1]] = np.random.default_rng(0).normal(3, 2, size=(n, 2, 5)) + np.arange(5)
    return Crowd(x=x, labels=np.arange(n) % 2, group=np.arange(n) // 5)


def test_controls_of_grids_leave_empty_cells_empty_and_move_every_other():
    whole, train = domain(2, 3, 3, axes=("band", "row", "column"), classes=("calm", "tense")), maps_of_grids()
    made = controls(whole, train, 0)
    empty = np.ptp(train.x, axis=(0, 1)) == 0
    for control in made.values():
        assert (control.x[..., empty] == 0).all()
        assert control.x.dtype == np.float32
    filled = train.x[..., ~empty]
    moved = made["channels"].x[..., ~empty]
    places = [[np.array_equal(moved[..., new], filled[..., old]) for old in range(5)] for new in range(5)]
    np.testing.assert_array_equal(np.sum(places, axis=1), 1)  # every cell has one origin
    assert not np.diagonal(places).any()  # never itself
    assert made["noise"].x[..., ~empty].mean() == pytest.approx(filled.mean(), abs=0.5)
    assert made["noise"].x[..., ~empty].std() == pytest.approx(filled.std(), rel=0.1)


def test_controls_of_signals_have_the_power_of_each_channel_and_the_right_groups():
    rng = np.random.default_rng(1)
    x = (rng.normal(size=(40, 3, 64)).cumsum(axis=-1) * np.array([1, 5, 20])[:, None]).astype(np.float32)
    train = Crowd(x=x, labels=np.arange(40) % 3, group=np.arange(40) // 4)
    made = controls(domain(3, 64, axes=("channel", "time"), classes=("a", "b", "c")), train, 0)
    np.testing.assert_allclose(made["noise"].x.std(axis=(0, 2)), x.std(axis=(0, 2)), rtol=0.1)
    assert made["noise"].groups == 40
    np.testing.assert_array_equal(made["classes"].labels, (train.labels + 1) % 3)
    np.testing.assert_array_equal(made["classes"].x, x)
    np.testing.assert_array_equal(made["channels"].group, train.group)
    np.testing.assert_array_equal(np.sort(made["channels"].x, axis=1), np.sort(x, axis=1))


def test_one_channel_cannot_be_shuffled():
    x = np.random.default_rng(0).normal(size=(8, 1, 16)).astype(np.float32)
    train = Crowd(x=x, labels=np.zeros(8, int), group=np.arange(8))
    assert list(controls(domain(1, 16, axes=("channel", "time")), train, 0)) == ["real", "noise", "classes"]
