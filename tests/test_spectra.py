"""Power spectra are calibrated, true to their frequencies, and those of scipy."""

import numpy as np
import pytest
from scipy import signal

from reportgen.spectra import power_spectra


@pytest.mark.parametrize(("rate", "resolution"), [(128, 1), (163.3, 1), (200, 0.5), (200, 2), (3, 0.001)])
def test_equals_welch_of_scipy_for_any_leading_axes(rate, resolution):
    x = np.random.default_rng(0).normal(3, 2, size=(2, 3, 1237)).astype(np.float32)
    length = min(round(rate / resolution), x.shape[-1])
    frequencies, power = power_spectra(x, rate, resolution)
    expected = signal.welch(x.astype(float), rate, nperseg=length, noverlap=length // 2)
    np.testing.assert_allclose(frequencies, expected[0])
    np.testing.assert_allclose(power, expected[1], rtol=1e-9, atol=1e-12)


def test_white_noise_is_flat_and_its_spectrum_adds_up_to_its_variance():
    x = np.random.default_rng(1).normal(0, 5, size=(8, 60_000))
    frequencies, power = power_spectra(x, 200.0)
    level = 25 / 100  # variance over half the rate
    np.testing.assert_allclose(power.mean(axis=0)[2:-1], level, rtol=0.08)
    np.testing.assert_allclose(power.sum(axis=-1) * frequencies[1], x.var(axis=-1), rtol=0.01)


def test_a_tone_is_at_its_frequency_with_its_power():
    time = np.arange(0, 30, 1 / 200)
    frequencies, power = power_spectra(4 * np.sin(2 * np.pi * 11 * time), 200.0)
    assert frequencies[power.argmax()] == 11
    assert power.sum() == pytest.approx(4**2 / 2)


def test_a_missing_sample_spoils_its_own_signal_only():
    x = np.random.default_rng(2).normal(size=(2, 1000))
    x[0, 500] = np.nan
    _, power = power_spectra(x, 100.0)
    assert np.isnan(power[0]).all()
    assert np.isfinite(power[1]).all()


def test_a_signal_of_one_sample_has_no_spectrum():
    with pytest.raises(ValueError, match="at least 2 samples, not 1"):
        power_spectra(np.ones((3, 1)), 100.0)
