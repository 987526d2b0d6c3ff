"""Generators that fail in one known way are caught by the scores that are there for it, and honest samples by none."""

from dataclasses import replace

import numpy as np
import pytest

from reportgen.realism.catalogue import SCORES
from reportgen.realism.controls import TITLES, controls
from reportgen.realism.descriptors import descriptors
from reportgen.realism.discrepancy import permutation_p
from reportgen.realism.neighbours import copies, distinct
from reportgen.realism.scaling import Scaling
from reportgen.realism.sets import Crowd, Pair, weights_of
from reportgen.synthetic import Domain

RATE, CHANNELS, WINDOWS = 128, 8, 10
TEST_TRIALS, TRAIN_TRIALS = 20, 40
COMPARED = TEST_TRIALS // 2 * WINDOWS  # samples of a class on each side
DOMAIN = Domain(
    shape=(CHANNELS, RATE),
    axes=("channel", "time"),
    unit="µV",
    classes=("calm", "tense"),
    channels=tuple(f"C{number}" for number in range(CHANNELS)),
    rate=float(RATE),
    bands=None,
)
MIXING = np.eye(CHANNELS) + 0.4 * np.random.default_rng(99).normal(size=(CHANNELS, CHANNELS))
FEATURES = np.random.default_rng(98).normal(size=(CHANNELS * 3, 24)) / 10
BURSTS = ((10, (0.6, 1.2)), (6, (1.2, 0.6)), (22, (0.6, 1.2)))  # Hz and how many a second in either class


def background(rng, times):
    """Pink noise (channel, time) of unit variance."""
    frequencies = np.fft.rfftfreq(2 * times, 1 / RATE)  # twice as long: no window is a period
    noise = rng.normal(size=(2, CHANNELS, len(frequencies)))
    wave = np.fft.irfft((noise[0] + 1j * noise[1]) / np.sqrt(np.maximum(frequencies, 0.5)))[:, :times]
    return wave / wave.std(axis=1, keepdims=True)


def simulated_trial(rng, label):
    """(window, channel, time): bursts of three rhythms that are no sines, each in its own source; sources are mixed."""
    sources, time = background(rng, WINDOWS * RATE), np.arange(WINDOWS * RATE) / RATE
    for source, (frequency, often) in enumerate(BURSTS):
        centres = rng.uniform(0, WINDOWS, size=(rng.poisson(often[label] * WINDOWS), 1))
        phase = 2 * np.pi * frequency * (time - centres) + rng.uniform(0, 2 * np.pi, size=centres.shape)
        shape = np.exp(-0.5 * ((time - centres) * frequency / 1.2) ** 2)
        sources[source] += 3 * (shape * (np.sin(phase) + 0.4 * np.sin(2 * phase))).sum(axis=0)
    gains = np.exp(rng.normal(0, 0.1, size=(CHANNELS, 1)))  # every trial is a little different
    return (10 * MIXING @ (sources * gains)).reshape(CHANNELS, WINDOWS, RATE).swapaxes(0, 1)


def recorded(seed, trials):
    rng = np.random.default_rng(seed)
    labels = np.arange(trials) % 2
    x = np.concatenate([simulated_trial(rng, label) for label in labels]).astype(np.float32)
    return Crowd(x=x, labels=labels.repeat(WINDOWS), group=np.arange(trials).repeat(WINDOWS))


def network(x):
    """Stands for features of a trained network: a fixed non-linear function of the powers of three bands."""
    power = np.log(np.abs(np.fft.rfft(x)) ** 2 + 1e-3)
    bands = np.stack([power[..., band].mean(axis=-1) for band in (slice(1, 8), slice(8, 14), slice(14, 40))], axis=-1)
    return np.tanh((bands.reshape(len(x), -1) - 8) @ FEATURES)


def surrogate(x, seed):
    """The spectrum and covariance of each window, and random phases that its channels share."""
    spectrum = np.fft.rfft(x)
    turned = np.exp(2j * np.pi * np.random.default_rng(seed).random((len(x), 1, spectrum.shape[-1])))
    turned[..., [0, -1]] = 1
    return np.fft.irfft(spectrum * turned, n=x.shape[-1]).astype(np.float32)


def single_mode(train, seed):
    """The first training sample of each class again and again, with a little noise."""
    first = np.array([np.flatnonzero(train.of_class(label))[0] for label in range(2)])
    noise = np.random.default_rng(seed).normal(0, 0.01 * train.x.std(), size=train.x.shape)
    return Crowd(x=(train.x[first][train.labels] + noise).astype(np.float32), labels=train.labels, group=np.arange(len(train)))


class Look:
    """All candidates of one simulated study beside its test part; scores are measured once."""

    def __init__(self):
        train = recorded(1, TRAIN_TRIALS)
        self.components = Scaling.of(descriptors(DOMAIN, train.x))
        self.train, self.real = self.seen(train), self.seen(recorded(2, TEST_TRIALS))
        noise = np.random.default_rng(4).normal(0, 0.2 * train.x.std(), size=train.x.shape)
        shifted = np.concatenate([train.x[..., 24:], train.x[..., :24]], axis=-1)
        self.candidates = controls(DOMAIN, train, 5) | {
            "honest": recorded(3, TEST_TRIALS),
            "copies": train,
            "noisy copies": replace(train, x=(train.x + noise).astype(np.float32)),
            "shifted copies": replace(train, x=shifted),
            "louder copies": replace(train, x=np.float32(1.3) * train.x),
            "mode": single_mode(train, 6),
            "phases": replace(train, x=surrogate(train.x, 7)),
        }
        self.pairs, self.known = {}, {}

    def seen(self, crowd):
        numbers = descriptors(DOMAIN, crowd.x)
        views = {"descriptors": numbers, "scaled": self.components(numbers), "network": network(crowd.x)}
        return replace(crowd, views=views)

    def pair(self, key):
        if key not in self.pairs:
            crowd, rng = self.candidates[key], np.random.default_rng(8)
            rows = np.concatenate([rng.permutation(np.flatnonzero(crowd.of_class(label)))[:COMPARED] for label in range(2)])
            made = self.seen(Crowd(x=crowd.x[rows], labels=crowd.labels[rows], group=crowd.group[rows]))
            weights = [weights_of(side.group, 60, np.random.default_rng(9)) for side in (self.real, made)]
            self.pairs[key] = Pair(
                domain=DOMAIN,
                real=self.real,
                made=made,
                train=self.train,
                real_weights=weights[0],
                made_weights=weights[1],
                seed=10,
            )
        return self.pairs[key]

    def __call__(self, key, name):
        """(1 + resample,)."""
        if (key, name) not in self.known:
            score = SCORES[name]
            measure = score.floor if key == "real" and score.floor else score.of
            self.known[key, name] = measure(self.pair(key))
        return self.known[key, name]

    def worse(self, key, name):
        """How much worse than the real training part: the score, and the 5 % below which resamples say that it is not."""
        sign = 1 if SCORES[name].better == "low" else -1
        gap = sign * (self(key, name) - self("real", name))
        return gap[0], 2 * gap[0] - np.quantile(gap[1:], 0.95)

    def position(self, key, name):
        """0: as the real training part; 1: as the control that shows the score at its worst; guessing is no merit."""
        score, least = SCORES[name], 0.5 if name == "two_sample_auc" else -np.inf
        worst = score.worst if score.worst is not None else self(score.ceiling, name)[0]
        own, floor = (max(self(each, name)[0], least) for each in (key, "real"))
        return (own - floor) / (worst - floor)


MEASURED = [name for name, score in SCORES.items() if score.of is not None]


@pytest.fixture(scope="module")
def look():
    return Look()


@pytest.mark.parametrize("name", MEASURED)
def test_every_score_is_clearly_worse_at_its_ceiling_than_at_its_floor(look, name):
    if SCORES[name].worst is not None:
        assert look("real", name)[0] > SCORES[name].worst + 0.5
    else:
        gap, low = look.worse(SCORES[name].ceiling, name)
        assert gap > 0
        assert low > 0


@pytest.mark.parametrize("name", MEASURED)
def test_honest_samples_of_other_trials_are_flagged_by_nothing(look, name):
    assert look.position("honest", name) < (0.3 if name == "two_sample_auc" else 0.1)  # 20 trials: its SD is about 0.06
    values = look("honest", name)
    assert values.shape == (61,)
    assert np.isfinite(values).all()


def test_honest_samples_are_no_copies_no_single_mode_and_no_other_distribution(look):
    pair = look.pair("honest")
    assert copies(pair) < 0.12
    assert 0.85 < distinct(pair) < 1.15
    assert permutation_p(pair) > 0.05


def test_real_samples_of_new_trials_fill_the_balls(look):
    assert look("honest", "coverage")[0] > 0.93
    assert 0.8 < look("honest", "density")[0] < 1.4


@pytest.mark.parametrize("name", ["real", "honest"])
def test_real_samples_of_new_trials_cannot_be_told_apart(look, name):
    assert look(name, "two_sample_auc")[0] < 0.62


HIDDEN = [("copies", 0.0), ("noisy copies", 0.3), ("shifted copies", 0.7), ("louder copies", 0.0)]


@pytest.mark.parametrize(("key", "most"), HIDDEN)
def test_copies_of_training_trials_are_memorised_however_they_are_hidden(look, key, most):
    assert look(key, "memory_ratio")[0] <= most + 1e-4
    assert copies(look.pair(key)) > 0.9
    assert 0.9 < look("real", "memory_ratio")[0] < 1.15  # unseen real samples are no copies


def test_a_few_copies_among_honest_samples_are_counted(look):
    pair = look.pair("honest")
    n = len(pair.made) // 4
    views = {name: np.concatenate([look.train.views[name][:n], view[n:]]) for name, view in pair.made.views.items()}
    made = replace(pair.made, x=np.concatenate([look.train.x[:n], pair.made.x[n:]]), views=views)
    assert copies(replace(pair, made=made)) == pytest.approx(0.25 + 0.75 * copies(pair), abs=0.03)


def test_a_single_mode_covers_nothing_and_all_its_samples_are_the_same(look):
    assert look("mode", "coverage")[0] < 0.2 < 0.9 < look("real", "coverage")[0]
    assert distinct(look.pair("mode")) < 0.1


def test_the_right_spectrum_with_random_phases_gives_itself_away_by_bursts_and_shape(look):
    assert look.position("phases", "psd_distance") < 0.05
    assert look.position("phases", "covariance_distance") < 0.05
    assert look.worse("phases", "two_sample_auc")[1] > 0.15
    assert look("phases", "two_sample_auc")[0] > 0.75
    assert permutation_p(look.pair("phases")) < 0.01


def test_white_noise_has_another_spectrum(look):
    assert look("noise", "psd_distance")[0] > 4 * look("real", "psd_distance")[0]
    assert look("noise", "two_sample_auc")[0] > 0.99


def test_shuffled_channels_go_together_wrongly_and_have_the_right_waveforms(look):
    assert look("channels", "covariance_distance")[0] > 3 * look("real", "covariance_distance")[0]


def test_swapped_classes_are_seen_by_scores_that_look_at_classes_and_by_no_other(look):
    assert look.worse("classes", "band_power_divergence")[1] > 0
    assert permutation_p(look.pair("classes")) < 0.05
    assert look("classes", "coverage")[0] == pytest.approx(look("real", "coverage")[0], abs=0.08)


def test_all_controls_have_titles(look):
    assert list(controls(DOMAIN, look.train, 0)) == list(TITLES)


def test_titles_fit_into_columns_and_every_score_is_explained():
    for score in SCORES.values():
        assert len(score.title) <= 28
        assert score.says.endswith(".")
        assert (score.worst is None) == (score.ceiling in TITLES)
