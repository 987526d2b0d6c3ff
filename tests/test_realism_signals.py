"""What distances between crowds of signals or maps see, what they do not see, and that weights are counts."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from reportgen.realism.components import Components
from reportgen.realism.covariance import covariance_distance
from reportgen.realism.descriptors import bands_of, descriptors, names
from reportgen.realism.scaling import Scaling
from reportgen.realism.sets import Crowd, Pair, TooFewError, weights_of
from reportgen.realism.spectral import autocorrelation_distance, band_power_divergence, psd_distance
from reportgen.realism.transport import sliced_wasserstein
from reportgen.synthetic import Domain

RATE, CHANNELS, TIME, TRIALS, WINDOWS = 128.0, 6, 256, 16, 10
OF_SIGNALS = (psd_distance, band_power_divergence, autocorrelation_distance, covariance_distance, sliced_wasserstein)
OF_MAPS = (band_power_divergence, covariance_distance, sliced_wasserstein)


def domain(*shape, axes=("channel", "time"), rate=RATE, channels=None):
    count = shape[axes.index("channel")] if "channel" in axes else 0
    named = channels or tuple(f"C{number}" for number in range(count))
    bands = dict.fromkeys(("theta", "alpha"), (4.0, 8.0)) if "band" in axes else None
    return Domain(shape=shape, axes=axes, unit="µV", classes=("calm", "tense"), channels=named, rate=rate, bands=bands)


SIGNALS = domain(CHANNELS, TIME)


def shaped(rng, shape, power):
    """Gaussian noise (…, time) with a power spectrum, a function of Hz."""
    frequencies = np.fft.rfftfreq(4 * shape[-1], 1 / RATE)  # longer, so that windows are no periods
    noise = rng.normal(size=(*shape[:-1], len(frequencies))) + 1j * rng.normal(size=(*shape[:-1], len(frequencies)))
    wave = np.fft.irfft(noise * np.sqrt(power(np.maximum(frequencies, 0.5))))[..., : shape[-1]]
    return wave / wave.std()


def simulated(seed, tense=1.0):
    """Background 1/f with bursts of alpha that neighbours share; tense windows have stronger alpha. (sample, channel, time)."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(TRIALS) % 2, WINDOWS)
    n = len(labels)
    background = shaped(rng, (n, CHANNELS, TIME), lambda f: 1 / f)
    centre, time = rng.uniform(0.3, 1.7, size=(n, 1, 1)), np.arange(TIME) / RATE
    burst = np.exp(-(((time - centre) / 0.15) ** 2)) * np.sin(2 * np.pi * (10 * time + rng.uniform(size=(n, 1, 1))))
    x = background + (3 + tense * labels[:, None, None]) * burst
    mixing = np.exp(-np.abs(np.subtract.outer(np.arange(CHANNELS), np.arange(CHANNELS))) / 1.5)
    return (10 * mixing @ x).astype(np.float32), labels


def crowd(x, labels, whole, scaling, group=None):
    group = np.arange(len(x)) // WINDOWS if group is None else group
    numbers = descriptors(whole, x)
    return Crowd(x=x, labels=labels, group=group, views={"descriptors": numbers, "scaled": scaling(numbers)})


def pair(real, made, train, whole=SIGNALS, groups=None):
    """Of (x, labels) each; 20 resamples."""
    scaling = Scaling.of(descriptors(whole, train[0]))
    sides = [crowd(*real, whole, scaling, groups), crowd(*made, whole, scaling)]
    weights = [weights_of(side.group, 20, np.random.default_rng(5)) for side in sides]
    return Pair(
        domain=whole,
        real=sides[0],
        made=sides[1],
        train=crowd(*train, whole, scaling),
        real_weights=weights[0],
        made_weights=weights[1],
        seed=3,
    )


@pytest.fixture(scope="module")
def real():
    return simulated(1)


@pytest.fixture(scope="module")
def train():
    return simulated(2)


def maps(seed, n=120, shape=(5, 2)):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, *shape)) @ np.array([[1.0, 0.3], [0.0, 0.8]]) + 4).astype(np.float32), np.arange(n) % 2


MAPS = domain(5, 2, axes=("channel", "band"), rate=np.nan)


# Scores


@pytest.mark.parametrize("score", OF_SIGNALS)
def test_a_crowd_is_no_distance_from_itself_under_any_weights(score, real, train):
    np.testing.assert_allclose(score(pair(real, real, train)), 0, atol=1e-9)


def test_twice_the_amplitude_is_six_decibels_and_the_same_rhythm(real, train):
    loud = pair(real, (2 * real[0], real[1]), train)
    np.testing.assert_allclose(psd_distance(loud), 20 * np.log10(2), rtol=1e-9)
    np.testing.assert_allclose(autocorrelation_distance(loud), 0, atol=1e-6)
    np.testing.assert_allclose(covariance_distance(loud), 0, atol=1e-6)  # shares of power


@pytest.mark.parametrize("score", OF_SIGNALS)
def test_white_noise_is_further_away_than_other_real_trials(score, real, train):
    noise = np.random.default_rng(0).normal(0, train[0].std(), size=real[0].shape).astype(np.float32)
    floor = score(pair(real, train, train))
    ceiling = score(pair(real, (noise, real[1]), train))
    assert ceiling.min() > 1.5 * floor.max()
    assert ceiling[0] > 4 * floor[0]


def surrogate(x, seed, shared=True):
    """The same amplitude spectra with random phases: the same for all channels, so that these go together as before."""
    rng = np.random.default_rng(seed)
    spectra = np.fft.rfft(x)
    turns = np.exp(2j * np.pi * rng.uniform(size=(len(x), 1 if shared else x.shape[1], spectra.shape[-1])))
    turns[..., [0, -1]] = 1  # the mean, and half the rate: both are real
    return np.fft.irfft(spectra * turns, x.shape[-1]).astype(np.float32)


def places(score, train, real, *made):
    """Of candidates between the training part, 0, and white noise, 1."""
    noise = np.random.default_rng(0).normal(0, train[0].std(), size=real[0].shape).astype(np.float32)
    floor, ceiling, *values = (score(pair(real, (x, real[1]), train))[0] for x in (train[0], noise, *made))
    return [(value - floor) / (ceiling - floor) for value in values]


def test_random_phases_keep_spectrum_autocorrelation_and_covariance_but_lose_the_bursts(real, train):
    made = surrogate(real[0], 0)
    for score in (psd_distance, autocorrelation_distance, band_power_divergence, covariance_distance):
        assert places(score, train, real, made)[0] < 0.05, score.__name__
    bursts = [name.startswith("bursts of alpha") for name in names(SIGNALS)]
    before, after = (descriptors(SIGNALS, x)[:, bursts] for x in (real[0], made))
    assert (before.mean(axis=0) - after.mean(axis=0) > 2 * (before.std(axis=0) + after.std(axis=0))).all()
    assert places(sliced_wasserstein, train, real, made)[0] > 0.25


def test_noise_without_bursts_has_none_to_lose():
    x = shaped(np.random.default_rng(0), (300, CHANNELS, TIME), lambda f: 1 / f**2)
    bursts = [name.startswith("bursts") for name in names(SIGNALS)]
    before, after = (descriptors(SIGNALS, windows)[:, bursts] for windows in (x, surrogate(x, 0, shared=False)))
    assert (np.abs(before.mean(axis=0) - after.mean(axis=0)) < 0.3 * before.std(axis=0)).all()


def test_channels_that_lose_their_common_phases_keep_their_spectra_and_not_their_covariance(real, train):
    made = surrogate(real[0], 0, shared=False)
    assert places(psd_distance, train, real, made)[0] < 0.05
    assert places(covariance_distance, train, real, made)[0] > 0.8


def test_exchanged_channels_show_in_covariance_always_and_in_spectra_only_where_channels_differ():
    order, slope = [3, 0, 4, 1, 5, 2], np.exp(-np.abs(np.subtract.outer(np.arange(CHANNELS), np.arange(CHANNELS))))
    labels = np.repeat(np.arange(TRIALS) % 2, WINDOWS)
    mixing = slope / np.linalg.norm(slope, axis=1, keepdims=True)  # all channels have the same power and spectrum
    rng = np.random.default_rng(6)
    real, train = (mixing @ shaped(rng, (len(labels), CHANNELS, TIME), lambda f: 1 / f) for _ in range(2))
    gain = np.arange(1, CHANNELS + 1)[:, None]

    def distances(score, gain):
        sides = ((gain * train)[:, index] for index in (slice(None), order))
        return [score(pair((gain * real, labels), (made, labels), (gain * train, labels)))[0] for made in sides]

    floor, mixed = distances(covariance_distance, 1)
    assert mixed > 5 * floor
    floor, mixed = distances(psd_distance, 1)
    assert mixed < 1.2 * floor
    for score in (psd_distance, covariance_distance):
        floor, mixed = distances(score, gain)
        assert mixed > 5 * floor


def test_swapped_classes_show_in_band_power_of_classes(real, train):
    swapped = pair(real, (train[0], 1 - train[1]), train)
    assert band_power_divergence(swapped)[0] > 2 * band_power_divergence(pair(real, train, train))[0]


def test_divergence_of_normal_distributions_is_the_known_one():
    x, labels = maps(0)
    for label in (0, 1):
        own = x[labels == label]
        x[labels == label] = (own - own.mean(axis=0)) / own.std(axis=0)
    shifted, wide = (pair((x, labels), (made, labels), (x, labels), MAPS) for made in (x + 1, 2 * x))
    assert band_power_divergence(shifted)[0] == pytest.approx(1 / 2, rel=1e-5)
    assert band_power_divergence(wide)[0] == pytest.approx((4 + 1 / 4 - 2) / 4, rel=1e-5)


def test_a_single_mode_is_far_but_not_infinitely():
    x, labels = maps(0)
    single = pair((x, labels), (np.repeat(x[:1], len(x), axis=0), labels), maps(1), MAPS)
    assert 5 < band_power_divergence(single)[0] < 200


def test_wasserstein_distance_of_a_shift_is_the_shift():
    given = pair(maps(0), maps(1), maps(2), MAPS)
    line = np.random.default_rng(0).normal(size=(120, 1))
    assert seen_as(given, line, line + 0.7) == pytest.approx(0.7)
    plane = np.hstack([line, line**2])
    assert seen_as(given, plane, plane + np.array([0.7, 0])) == pytest.approx(0.7 * 2 / np.pi, rel=0.15)  # mean of |cos|


def seen_as(given, real, made):
    sides = {name: replaced(getattr(given, name), scaled=view) for name, view in (("real", real), ("made", made))}
    return sliced_wasserstein(replaced_sides(given, **sides))[0]


def replaced(crowd, **views):
    return Crowd(x=crowd.x, labels=crowd.labels, group=crowd.group, views={**crowd.views, **views})


def replaced_sides(given, **sides):
    fields = ("domain", "real", "made", "train", "real_weights", "made_weights", "seed")
    return Pair(**{name: sides.get(name, getattr(given, name)) for name in fields})


def test_wasserstein_distance_under_weights_is_that_of_scipy():
    given = pair(maps(0), maps(1), maps(2), MAPS)
    rng = np.random.default_rng(1)
    line, other = rng.normal(size=(120, 1)), rng.gamma(2, size=(120, 1))
    sides = {"real": replaced(given.real, scaled=line), "made": replaced(given.made, scaled=other)}
    expected = [
        wasserstein_distance(line[:, 0], other[:, 0], own, others)
        for own, others in zip(given.real_weights, given.made_weights, strict=True)
    ]
    np.testing.assert_allclose(sliced_wasserstein(replaced_sides(given, **sides)), expected)


def twice(crowd, index):
    return Crowd(
        x=crowd.x[index],
        labels=crowd.labels[index],
        group=crowd.group[index],
        views={name: view[index] for name, view in crowd.views.items()},
    )


@pytest.mark.parametrize(
    ("score", "of_signals"), [*((score, True) for score in OF_SIGNALS), *((score, False) for score in OF_MAPS)]
)
def test_a_weight_of_two_is_a_sample_that_is_there_twice(score, of_signals, real, train):
    given = pair(real, train, train) if of_signals else pair(maps(0), maps(1), maps(2), MAPS)
    rng = np.random.default_rng(4)
    counts = [rng.integers(0, 3, size=len(side)) for side in (given.real, given.made)]
    weighed = score(replaced_sides(given, real_weights=np.vstack(counts[:1] * 2), made_weights=np.vstack(counts[1:] * 2)))
    real_twice, made_twice = (
        twice(side, np.repeat(np.arange(len(side)), count))
        for side, count in zip((given.real, given.made), counts, strict=True)
    )
    ones = {"real_weights": np.ones((1, len(real_twice))), "made_weights": np.ones((1, len(made_twice)))}
    doubled = score(replaced_sides(given, real=real_twice, made=made_twice, **ones))
    np.testing.assert_allclose(weighed, doubled[0], rtol=1e-9)


def test_covariance_of_maps_is_the_same_on_grids_and_films():
    (x, labels), (other, _), (known, _) = maps(0), maps(1), maps(2)
    flat = covariance_distance(pair((x, labels), (other, labels), (known, labels), MAPS))

    def on_grid(x):
        grid = np.zeros((len(x), 2, 2, 4), np.float32)
        grid.reshape(len(x), 2, 8)[..., [0, 2, 3, 5, 6]] = x.swapaxes(1, 2)
        return grid

    def on_film(x):
        return np.repeat(on_grid(x)[:, None], 3, axis=1)

    for arranged, axes in ((on_grid, ("band", "row", "column")), (on_film, ("slice", "band", "row", "column"))):
        sides = [(arranged(side), labels) for side in (x, other, known)]
        whole = domain(*sides[0][0].shape[1:], axes=axes, rate=np.nan)
        np.testing.assert_allclose(covariance_distance(pair(*sides, whole)), flat, rtol=1e-6)
    doubled = pair((x, labels), (2 * x, labels), (known, labels), MAPS)
    np.testing.assert_allclose(covariance_distance(doubled), 3, rtol=1e-5)


def test_a_class_that_no_resample_draws_leaves_the_other():
    given = pair(maps(0), maps(1), maps(2), MAPS)
    only = np.vstack([np.ones(120), 2.0 * (given.real.labels == 0)])
    score = band_power_divergence(replaced_sides(given, real_weights=only, made_weights=np.ones((2, 120))))
    calm = twice(given.real, given.real.labels == 0)
    ones = {"real_weights": np.ones((1, 60)), "made_weights": np.ones((1, 120))}
    assert score[1] == pytest.approx(band_power_divergence(replaced_sides(given, real=calm, **ones))[0])


@pytest.mark.parametrize("score", OF_SIGNALS)
def test_a_flat_channel_and_silence_have_finite_distances(score, real, train):
    dead = real[0].copy()
    dead[:, 2] = 7.5
    assert np.isfinite(score(pair(real, (dead, real[1]), train))).all()
    assert score(pair(real, (dead, real[1]), train))[0] > 0.05
    assert np.isfinite(score(pair(real, (np.zeros_like(dead), real[1]), train))).all()
    np.testing.assert_allclose(score(pair((dead, real[1]), (dead, real[1]), (dead, real[1])))[0], 0, atol=1e-9)


# Too few


@pytest.mark.parametrize("score", OF_SIGNALS)
def test_five_real_trials_are_too_few(score, real, train):
    five = pair(real, train, train, groups=np.arange(len(real[0])) % 5)
    with pytest.raises(TooFewError, match="5 real trials, and 6 are needed"):
        score(five)


def test_too_few_samples_of_a_class_are_told():
    x, labels = maps(0)
    rare = np.where(np.arange(120) < 3, 1, 0)
    with pytest.raises(TooFewError, match="3 synthetic samples of tense, and 4 are needed"):
        band_power_divergence(pair((x, labels), (x, rare), maps(1), MAPS))
    with pytest.raises(TooFewError, match="no class in common"):
        band_power_divergence(pair((x, 0 * labels), (x, 0 * labels + 1), maps(1), MAPS))
    with pytest.raises(TooFewError, match="3 synthetic samples, and 4 are needed"):
        covariance_distance(pair((x, labels), (x[:3], labels[:3]), maps(1), MAPS))


def test_maps_that_never_vary_have_no_score():
    x, labels = maps(0)
    constant = (np.full_like(x, 4), labels)
    for score in OF_MAPS:
        with pytest.raises(TooFewError, match="varies"):
            score(pair((x, labels), (x, labels), constant, MAPS))


# Descriptors


def test_a_tone_has_its_power_in_its_band():
    time = np.arange(TIME) / RATE
    x = np.tile(4 * np.sin(2 * np.pi * 10 * time + 1), (2, 1, 1))
    whole = domain(1, TIME)
    numbers = dict(zip(names(whole), descriptors(whole, x)[0], strict=True))
    assert numbers["alpha power of C0"] == pytest.approx(np.log(4**2 / 2), abs=0.05)
    assert numbers["gamma power of C0"] < np.log(4**2 / 2) - 5
    assert numbers["bursts of alpha of C0"] < -1.5  # a steady rhythm


def test_gaussian_noise_has_the_known_burstiness_and_shape():
    whole = domain(1, 60_000)
    x = np.random.default_rng(0).normal(size=(4, 1, 60_000))
    mean = dict(zip(names(whole), descriptors(whole, x).mean(axis=0), strict=True))
    assert [mean[f"bursts of {band} of C0"] for band in ("theta", "alpha", "beta", "gamma")] == pytest.approx(
        [np.log(np.sqrt(4 / np.pi - 1))] * 4, abs=0.03
    )
    assert mean["skewness of C0"] == pytest.approx(0, abs=0.03)
    assert [mean["kurtosis of C0"], mean["kurtosis of steps of C0"]] == pytest.approx([np.log(3)] * 2, abs=0.03)
    assert not any("delta" in name and "bursts" in name for name in names(whole))  # 3 Hz are too narrow


def test_descriptors_see_what_happens_and_not_when(real):
    x = surrogate(real[0], 0)  # periodic: no jump moves into the window
    still, moved = (descriptors(SIGNALS, windows) for windows in (x, np.roll(x, 100, axis=-1)))
    starts = ("correlation", "dimensions", "skewness", "kurtosis of C")
    exact = [name.startswith(starts) for name in names(SIGNALS)]
    np.testing.assert_allclose(moved[:, exact], still[:, exact], atol=1e-4)
    assert (np.abs(moved - still).mean(axis=0) < 0.7 * still.std(axis=0)).all()
    assert (np.abs((moved - still).mean(axis=0)) < 0.2 * still.std(axis=0)).all()
    assert np.median(np.abs(moved - still).mean(axis=0) / still.std(axis=0)) < 0.1


def test_rounding_of_a_flat_channel_is_no_signal():
    x = np.random.default_rng(0).normal(size=(3, 3, 250)).astype(np.float32)
    x[:, 1] = 0.1 + 1e-9 * x[:, 1]  # float32 rounds to few values, and so does a mean of them
    x[2] = 0.3
    numbers = descriptors(domain(3, 250), np.asarray(x, np.float32))
    told = dict(zip(names(domain(3, 250)), numbers.T, strict=True))
    for name in ("kurtosis of C1", "kurtosis of steps of C1", "skewness of C1", "correlation of C0 and C1"):
        np.testing.assert_array_equal(told[name], 0, err_msg=name)
    assert (told["alpha power of C1"] < told["alpha power of C0"] - 5)[:2].all()
    assert np.isfinite(numbers).all()


def test_descriptors_see_shuffled_and_independent_channels(real):
    columns = dict(zip(names(SIGNALS), descriptors(SIGNALS, real[0]).T, strict=True))
    shuffled = dict(zip(names(SIGNALS), descriptors(SIGNALS, real[0][:, [3, 0, 4, 1, 5, 2]]).T, strict=True))
    apart = dict(zip(names(SIGNALS), descriptors(SIGNALS, surrogate(real[0], 0, shared=False)).T, strict=True))
    near = "correlation of C0 and C1"
    assert columns[near].mean() - shuffled[near].mean() > 2 * columns[near].std()
    assert apart["dimensions of channels"].mean() - columns["dimensions of channels"].mean() > 1
    np.testing.assert_allclose(shuffled["dimensions of channels"], columns["dimensions of channels"])


@pytest.mark.parametrize(
    ("channels", "time", "rate", "bands"), [(62, 128, 200.0, 5), (1, 10_000, 200.0, 5), (4, 64, 64.0, 4), (3, 20, 128.0, 4)]
)
def test_descriptors_have_names_for_any_rate_and_length(channels, time, rate, bands):
    whole = domain(channels, time, rate=rate)
    numbers = descriptors(whole, np.random.default_rng(0).normal(size=(3, channels, time)).astype(np.float32))
    assert numbers.shape == (3, len(names(whole)))
    assert len(set(names(whole))) == len(names(whole))
    assert len(bands_of(whole)) == bands
    assert np.isfinite(numbers).all()


def test_descriptors_of_a_sample_do_not_depend_on_others(real):
    np.testing.assert_array_equal(descriptors(SIGNALS, real[0])[70:90], descriptors(SIGNALS, real[0][70:90]))


def test_maps_are_their_own_numbers():
    x, _ = maps(0)
    np.testing.assert_array_equal(descriptors(MAPS, x), x.reshape(120, 10))
    assert names(MAPS)[:3] == ("C0, theta", "C0, alpha", "C1, theta")
    assert len(names(domain(2, 3, 4, axes=("band", "row", "column"), rate=np.nan))) == 24


# Components


def test_components_are_uncorrelated_and_hold_their_share():
    train = np.random.default_rng(0).normal(size=(300, 8)) @ np.random.default_rng(1).normal(size=(8, 20)) * np.arange(1, 21)
    components = Components.of(train, share=0.9)
    scores = components(train)
    covariance = scores.T @ scores / 300
    np.testing.assert_allclose(covariance - np.diag(np.diag(covariance)), 0, atol=1e-9)
    variances = np.diag(covariance)
    assert (np.diff(variances) <= 0).all()
    assert variances.sum() > 0.9 * 20 > variances[:-1].sum()  # of 20 standardised numbers, and not one component too many
    assert Components.of(train, share=1).loadings.shape == (20, 8)


def test_components_need_few_samples_and_leave_constants_out():
    train = np.random.default_rng(0).normal(size=(5, 40))
    train[:, 7] = 3.0
    components = Components.of(train)
    other = train.copy()
    other[:, 7] = 1000
    assert components(train).shape == (5, 4)
    np.testing.assert_array_equal(components(other), components(train))
    assert Components.of(np.ones((5, 3)))(np.ones((2, 3))).shape == (2, 0)
