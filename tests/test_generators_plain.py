"""Plain generators keep what they say that they keep, and lose the rest."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.signal import hilbert
from scipy.stats import kurtosis, skew

from reportgen import plugins
from reportgen.core import Place
from reportgen.errors import StepError, UsageError
from reportgen.generators import gaussian, interpolation, mixup, phase_surrogate
from reportgen.spectra import power_spectra
from reportgen.synthetic import Domain, Learnable, Made, Real

PLAIN: dict[str, Callable[..., Made]] = {
    "phase_surrogate": phase_surrogate.generate,
    "gaussian": gaussian.generate,
    "mixup": mixup.generate,
    "interpolation": interpolation.generate,
}
CLASSES = ("calm", "tense")
RATE, CHANNELS, TIMES = 128.0, 3, 128
BANDS = {"alpha": (8.0, 14.0), "beta": (14.0, 31.0)}
SEED = Place(device="cpu", seed=3)


def known(x: np.ndarray, labels: np.ndarray, wanted: np.ndarray | None = None, axes: tuple[str, ...] = ()) -> Learnable:
    """Samples (sample, channel, time) of a training part, or (sample, channel, band); nothing to validate with."""
    axes = axes or ("channel", "time")
    domain = Domain(
        shape=x.shape[1:],
        axes=axes,
        unit="µV",
        classes=CLASSES,
        channels=tuple(f"C{number}" for number in range(x.shape[1])),
        rate=RATE if axes[-1] == "time" else float("nan"),
        bands=None if axes[-1] == "time" else BANDS,
    )
    train = Real(x=x.astype(np.float32), labels=labels, trial=np.arange(len(x)).astype(str))
    nothing = Real(x=x[:0], labels=labels[:0], trial=np.empty(0, str))
    return Learnable(domain=domain, train=train, validation=nothing, wanted=labels if wanted is None else wanted)


def bursts(samples: int = 80, seed: int = 0) -> Learnable:
    """Bursts of 10 Hz that all channels share, in noise; those of tense windows are twice as strong."""
    rng = np.random.default_rng(seed)
    labels, time = np.arange(samples) % 2, np.arange(TIMES) / RATE
    phase, middle = rng.uniform(0, 2 * np.pi, (samples, 1)), rng.uniform(0.3, 0.7, (samples, 1))
    burst = np.exp(-(((time - middle) / 0.08) ** 2)) * np.cos(2 * np.pi * 10 * time + phase)
    x = rng.normal(0, 1, (samples, CHANNELS, TIMES)) + 10 * (1 + labels)[:, None, None] * burst[:, None]
    return known(x + np.array([0, 5, -5])[:, None], labels)


def maps(samples: int = 60, seed: int = 0) -> Learnable:
    """(channel, band) numbers that go together, skewed, with means of their class; one of them never changes."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 2
    common = rng.exponential(1, (samples, 1, 1))
    x = common + 0.5 * rng.normal(size=(samples, 4, 2)) + 3 * labels[:, None, None]
    x[:, 2, 1] = 7
    return known(x, labels, axes=("channel", "band"))


@pytest.mark.parametrize("name", PLAIN)
def test_same_seed_same_bytes(name: str) -> None:
    learnable = bursts()
    first, again = (PLAIN[name](learnable, SEED) for _ in range(2))
    other = PLAIN[name](learnable, Place(device="cpu", seed=4))
    assert first.x is not None and again.x is not None and other.x is not None
    assert first.x.tobytes() == again.x.tobytes()
    assert not np.array_equal(first.x, other.x)
    assert first.x.shape == learnable.train.x.shape and first.x.dtype == np.float32
    assert np.isfinite(first.x).all() and first.notes == again.notes


@pytest.mark.parametrize("name", PLAIN)
def test_samples_are_of_the_class_that_was_asked_for_in_that_order(name: str) -> None:
    rng = np.random.default_rng(0)
    x = np.where(np.arange(40)[:, None, None] < 30, 0.0, 100.0) + rng.normal(size=(40, CHANNELS, TIMES))
    labels = np.repeat([0, 1], [30, 10])
    wanted = rng.permutation(np.repeat([0, 1], [15, 25]))
    made = PLAIN[name](known(x, labels, wanted), SEED)
    assert made.x is not None
    own = made.x.mean(axis=(1, 2))
    middle = 50 - 1e-6 if name == "mixup" else 90 * wanted + 5  # the larger weight is at least a half
    assert np.array_equal(own > middle, wanted == 1)


@pytest.mark.parametrize("name", ["phase_surrogate", "mixup", "interpolation"])
def test_every_training_sample_is_used_before_any_is_used_twice(name: str) -> None:
    labels, wanted = np.repeat([0, 1], [7, 5]), np.repeat([1, 0, 1], [9, 4, 4])
    x = np.random.default_rng(0).normal(size=(12, CHANNELS, TIMES))
    source = PLAIN[name](known(x, labels, wanted), SEED).source
    assert source is not None and source.shape == (17, 1 if name == "phase_surrogate" else 2)
    assert np.array_equal(labels[source[:, 0]], wanted)
    used = np.bincount(source[:, 0], minlength=12)
    assert used[:7].max() == 1 and used[:7].sum() == 4
    assert set(used[7:]) == {2, 3} and used[7:].sum() == 13


@pytest.mark.parametrize("name", PLAIN)
def test_progress_is_told_before_the_work(name: str) -> None:
    """Rehearsals stop a generator there: what is wrong with a study must have been said by then."""

    class Stopped(Exception):
        pass

    def stop(done: int, of: int, news: str) -> None:
        assert done < of and news
        raise Stopped

    with pytest.raises(Stopped):
        PLAIN[name](bursts(8), Place(device="cpu", seed=0, progress=stop))


@pytest.mark.parametrize(("name", "needed"), [("phase_surrogate", 1), ("gaussian", 2), ("mixup", 2), ("interpolation", 2)])
def test_too_few_samples_of_a_class(name: str, needed: int) -> None:
    few = 9 + needed
    x, labels = np.random.default_rng(0).normal(size=(few, CHANNELS, TIMES)), np.repeat([0, 1], [10, needed - 1])
    with pytest.raises(StepError, match=rf"'tense' has {needed - 1} training sample.* takes {needed}:") as error:
        PLAIN[name](known(x, labels, np.array([0, 1])), SEED)
    assert error.value.hint
    assert PLAIN[name](known(x, labels, np.array([0, 0])), SEED).x is not None, "nobody asked for this class"


@pytest.mark.parametrize("name", PLAIN)
def test_two_samples_of_a_class_are_enough(name: str) -> None:
    made = PLAIN[name](known(np.random.default_rng(0).normal(size=(4, CHANNELS, TIMES)), np.array([0, 0, 1, 1])), SEED)
    assert made.x is not None and np.isfinite(made.x).all()


@pytest.mark.parametrize("name", PLAIN)
def test_settings_and_references_can_be_read_without_importing(name: str) -> None:
    path = plugins.path_of("generator", name)
    fields = plugins.settings("generator", name).model_fields
    assert plugins.summary(path).endswith(".")
    assert all(any(hasattr(m, "documentation") for m in field.metadata) for field in fields.values())
    reference = plugins.constant(path, "BIBTEX", "")
    assert not reference or f"keywords = {{generator/{name}}}" in reference


# surrogates


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("times", [128, 127])
def test_surrogate_keeps_the_power_of_each_window(shared: bool, times: int) -> None:
    learnable = bursts()
    x = learnable.train.x[..., :times]
    made = phase_surrogate.generate(known(x, learnable.wanted), SEED, shared=shared)
    assert made.x is not None and made.source is not None
    parents = x[made.source[:, 0]]
    spectra, own = (np.abs(np.fft.rfft(one.astype(float))) for one in (parents, made.x))
    assert np.allclose(own, spectra, atol=1e-5 * spectra.max())
    assert np.allclose(made.x.mean(axis=-1), parents.mean(axis=-1), atol=1e-5)
    waves = (one - one.mean(axis=-1, keepdims=True) for one in (parents, made.x))
    likeness = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(*waves, strict=True)]
    assert np.mean(likeness) < 0.2, "it is no copy"


def test_shared_phases_keep_the_covariance_and_own_ones_do_not() -> None:
    learnable = bursts()
    together, apart = (phase_surrogate.generate(learnable, SEED, shared=shared) for shared in (True, False))
    assert together.x is not None and together.source is not None and apart.x is not None
    real = covariances(learnable.train.x[together.source[:, 0]])
    assert np.allclose(covariances(together.x), real, atol=1e-4 * real.max())
    off = ~np.eye(CHANNELS, dtype=bool)
    assert np.abs(covariances(apart.x).mean(axis=0)[off]).max() < 0.2 * real.mean(axis=0)[off].min()
    assert set(together.keeps) - set(apart.keeps) == {"covariance_distance"}


def test_surrogates_have_no_bursts() -> None:
    learnable = bursts()
    made = phase_surrogate.generate(learnable, SEED)
    assert made.x is not None
    tense = learnable.wanted == 1
    waves = (x[tense] - x[tense].mean(axis=-1, keepdims=True) for x in (learnable.train.x, made.x))
    real, own = (kurtosis(np.abs(hilbert(x)).ravel()) for x in waves)
    assert own < 0.5 * real


def test_surrogate_says_how_far_the_ends_of_a_window_are_apart() -> None:
    time = np.arange(TIMES) / RATE
    tone = np.tile(np.cos(2 * np.pi * 4 * time + np.arange(8)[:, None])[:, None], (1, 2, 1))
    whole = phase_surrogate.generate(known(tone, np.arange(8) % 2), SEED)
    assert not whole.notes, "whole periods: the last sample is followed by the first"
    (note,) = phase_surrogate.generate(known(tone + 4 * time, np.arange(8) % 2), SEED).notes
    assert 20 < float(note.split(" times")[0].split()[-1]) < 40
    assert not phase_surrogate.generate(known(np.ones((4, 2, 16)), np.arange(4) % 2), SEED).notes


def test_jump_reaches_high_frequencies_of_a_tapered_spectrum() -> None:
    """What the docstring warns of: a slow drift, which Welch's taper keeps at low frequencies, is spread by random phases."""
    time, rng = np.arange(TIMES) / RATE, np.random.default_rng(0)
    drift = rng.normal(size=(60, 1, 1)) * time * 20 + 0.01 * rng.normal(size=(60, 1, TIMES))
    made = phase_surrogate.generate(known(drift, np.arange(60) % 2), SEED)
    assert made.x is not None
    real, own = (power_spectra(x, RATE)[1][..., 40:].mean() for x in (drift, made.x))
    assert own > 10 * real


def test_no_surrogates_of_maps() -> None:
    with pytest.raises(UsageError, match=r"\(channel, time\).* 4 × 2 \(channel, band\)") as error:
        phase_surrogate.generate(maps(), SEED)
    assert error.value.hint


# normal distributions


def test_gaussian_has_mean_and_covariance_of_its_class() -> None:
    learnable = maps(400)
    wanted = np.repeat([0, 1], 4000)
    made = gaussian.generate(known(learnable.train.x, learnable.train.labels, wanted, ("channel", "band")), SEED)
    assert made.x is not None and made.source is None
    for label in (0, 1):
        real, own = (x[of == label].reshape(-1, 8) for x, of in ((learnable.train.x, learnable.train.labels), (made.x, wanted)))
        assert np.allclose(own.mean(axis=0), real.mean(axis=0), atol=0.06)
        assert np.allclose(own.std(axis=0), real.std(axis=0), rtol=0.05)
        assert np.allclose(np.cov(own.T), np.cov(real.T), rtol=0.12)
        assert abs(skew(own[:, 0])) < 0.15 < 0.8 < skew(real[:, 0]), "normal, and not as the real ones are"
    assert made.keeps == ("band_power_divergence",)


def test_gaussian_leaves_alone_what_never_changes() -> None:
    made = gaussian.generate(maps(), SEED)
    assert made.x is not None and (made.x[:, 2, 1] == 7).all()


def test_gaussian_shrinks_correlations_where_samples_are_few_and_keeps_variances() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(12, 20, 5)) * 10.0 ** np.arange(5)  # independent numbers of very different size
    wanted = np.zeros(6000, int)
    made = gaussian.generate(known(x, np.zeros(12, int), wanted, ("channel", "band")), SEED)
    assert made.x is not None
    own = made.x.reshape(len(wanted), -1)
    assert np.allclose(own.std(axis=0), x.reshape(12, -1).std(axis=0), rtol=0.06)
    off = ~np.eye(100, dtype=bool)
    loose, tight = np.abs(np.corrcoef(own.T)[off]).mean(), np.abs(np.corrcoef(x.reshape(12, -1).T)[off]).mean()
    assert loose < 0.3 * tight, "correlations of twelve samples are chance"
    assert np.linalg.matrix_rank(own[:200] / own.std(axis=0)) == 100, "draws are not confined to the span of the samples"
    (note,) = made.notes
    share = int(note.split("by ")[1].split("\N{NO-BREAK SPACE}")[0])
    assert share > 80 and "calm" in note


def test_gaussian_signals_have_spectrum_autocovariance_and_covariance_but_no_bursts() -> None:
    learnable = bursts(160)
    made = gaussian.generate(known(learnable.train.x, learnable.train.labels, np.ones(3000, int)), SEED)
    assert made.x is not None
    real = learnable.train.x[learnable.train.labels == 1]
    spectra = [10 * np.log10(power_spectra(x, RATE)[1].mean(axis=0)) for x in (real, made.x)]
    assert np.abs(spectra[0] - spectra[1])[:, 1:-1].max() < 0.6, "dB"
    lagged = [np.mean(x[..., :-6] * x[..., 6:], axis=(0, 2)) for x in (real, made.x)]
    assert np.allclose(lagged[0], lagged[1], rtol=0.05)
    inside = [covariances(x).mean(axis=0) for x in (real, made.x)]
    assert np.allclose(inside[0], inside[1], rtol=0.05)
    power = [np.log(power_spectra(x, RATE)[1][:, 0, 10]) for x in (real, made.x)]
    assert power[1].std() > 2 * power[0].std(), "power of a normal process scatters; that of equal bursts does not"
    (note,) = made.notes
    assert "80 training windows" in note and "384" in note


# mixes


def weights(made: Made, x: np.ndarray) -> np.ndarray:
    """(sample,): of the first source, from the samples; each must lie between its two."""
    assert made.x is not None and made.source is not None
    first, second = (x[made.source[:, place]].reshape(len(made.x), -1).astype(float) for place in (0, 1))
    own, ahead = made.x.reshape(len(made.x), -1) - second, first - second
    share = (own * ahead).sum(axis=1) / (ahead**2).sum(axis=1)
    assert np.allclose(own, share[:, None] * ahead, atol=1e-4)
    return np.asarray(share)


def test_mixup_weighs_the_wanted_class_more_and_mixes_with_anybody_else() -> None:
    x, labels = np.random.default_rng(0).normal(size=(40, CHANNELS, TIMES)), np.repeat([0, 1], 20)
    wanted = np.tile([0, 1], 1000)
    made = mixup.generate(known(x, labels, wanted), SEED)
    share = weights(made, x)
    assert made.source is not None
    own, other = made.source.T
    assert np.array_equal(labels[own], wanted) and (own != other).all()
    assert 0.5 <= share.min() < 0.52 and 0.98 < share.max() <= 1
    assert abs(np.mean(labels[other] != wanted) - 20 / 39) < 0.05
    assert made.notes[0].startswith(f"{100 * np.mean(labels[other] != wanted):.0f}") and "another class" in made.notes[0]


def test_small_alpha_makes_copies() -> None:
    learnable = bursts()
    shares = [weights(mixup.generate(learnable, SEED, alpha=alpha), learnable.train.x).mean() for alpha in (0.1, 1.0, 50.0)]
    assert shares[0] > 0.9 and abs(shares[1] - 0.75) < 0.06 and shares[2] < 0.6


def test_interpolation_is_between_near_neighbours_of_the_class() -> None:
    learnable = maps(60)
    wanted = np.repeat([0, 1], 300)
    given = known(learnable.train.x, learnable.train.labels, wanted, ("channel", "band"))
    made = interpolation.generate(given, SEED, neighbours=3)
    x, labels = given.train.x.reshape(60, -1), given.train.labels
    share = weights(made, given.train.x)
    assert share.min() >= 0 and share.max() <= 1 and abs(share.mean() - 0.5) < 0.05
    assert made.source is not None and not made.notes
    own, other = made.source.T
    assert np.array_equal(labels[own], wanted) and np.array_equal(labels[other], wanted)
    distance = np.linalg.norm(x[:, None] - x, axis=-1) + np.where((labels[:, None] != labels) | np.eye(60, dtype=bool), 1e9, 0)
    near = np.argsort(distance, axis=1)[:, :3]
    assert (near[own] == other[:, None]).any(axis=1).all()
    assert len(set(zip(own.tolist(), other.tolist(), strict=True))) > 150, "each of the neighbours is drawn"


def test_interpolation_says_where_neighbours_are_few() -> None:
    x, labels = np.random.default_rng(0).normal(size=(12, 4, 2)), np.repeat([0, 1], [9, 3])
    (note,) = interpolation.generate(known(x, labels, axes=("channel", "band")), SEED, neighbours=5).notes
    assert "tense (3 samples)" in note and "calm" not in note


@pytest.mark.parametrize("name", ["mixup", "interpolation"])
def test_mixes_of_unrelated_phases_lose_a_third_of_their_power(name: str) -> None:
    rng, time = np.random.default_rng(0), np.arange(TIMES) / RATE
    tones = np.cos(2 * np.pi * 10 * time + rng.uniform(0, 2 * np.pi, (400, 1, 1)) + np.zeros((1, CHANNELS, 1)))
    settings: dict[str, Any] = {"neighbours": 399} if name == "interpolation" else {}  # near ones have nearly the same phase
    made = PLAIN[name](known(tones, np.zeros(400, int), np.zeros(4000, int)), SEED, **settings)
    assert made.x is not None
    kept = made.x.var(axis=-1).mean() / tones.var(axis=-1).mean()
    assert abs(kept - 2 / 3) < 0.03
    assert f"keep {100 * kept:.0f}\N{NO-BREAK SPACE}%" in made.notes[-1]


def covariances(x: np.ndarray) -> np.ndarray:
    """(sample, channel, channel) of each window."""
    centred = x.astype(float) - x.mean(axis=-1, keepdims=True, dtype=float)
    return np.asarray(centred @ centred.swapaxes(-1, -2) / x.shape[-1])
