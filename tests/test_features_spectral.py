"""Features of frequency bands: against analytic spectra, textbook loops and planted tones."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from reportgen import plugins
from reportgen.bands import BANDS
from reportgen.core import Piece
from reportgen.errors import UsageError
from reportgen.montage import SEED_62

RATE = 200.0
entropy, psd, lds, spectrogram, grid, both_measures = (
    plugins.verb("feature", name)
    for name in ("differential_entropy", "psd", "lds", "spectrogram_map", "topographic_grid", "de_and_psd")
)  # fmt: skip


def piece_of(x, rate=RATE, **more):
    x = np.asarray(x, np.float32)
    channels = tuple(f"E{number}" for number in range(len(x)))
    return Piece(**{"x": x, "axes": ("channel", "time"), "unit": "µV", "channels": channels, "rate": rate} | more)


def windows_of(x, channels=None, **more):
    """A piece of windows of 1 s from 10 s on."""
    starts = 10 + np.arange(len(x))
    channels = channels or tuple(f"E{number}" for number in range(x.shape[1]))
    spans = np.stack([starts, starts + 1], axis=-1).astype(float)
    given = {"axes": ("window", "channel", "band"), "unit": "nat", "rate": RATE, "spans": spans}
    return Piece(x=x.astype(np.float32), channels=channels, **given | more)


def noise(channels=4, seconds=30, seed=0):
    return np.random.default_rng(seed).normal(0, 10, size=(channels, int(seconds * RATE)))


def tone(frequency, rate=RATE, seconds=10, amplitude=6.0):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(0, seconds, 1 / rate) + 0.3)[None]


def entropy_of(variance):
    return 0.5 * np.log(2 * np.pi * np.e * np.asarray(variance))


# differential entropy


@pytest.mark.parametrize("coefficients", [(0.95,), (1.6, -0.8)], ids=["AR(1)", "AR(2)"])
@pytest.mark.parametrize("method", ["fourier", "filter"])
def test_entropy_of_an_autoregressive_process_is_that_of_its_spectral_density(coefficients, method):
    polynomial = np.array([1, *(-c for c in coefficients)])
    x = signal.lfilter([1], polynomial, np.random.default_rng(3).normal(0, 5, size=(12, 41_000)))[:, 1000:]
    measured = entropy(piece_of(x), window=20.0, method=method)
    frequencies = np.arange(0, 100, 0.01)
    density = 2 * 25 / RATE / np.abs(np.polyval(polynomial[::-1], np.exp(-2j * np.pi * frequencies / RATE))) ** 2
    for index, (name, (low, high)) in enumerate(BANDS.items()):
        inside = (frequencies >= low) & (frequencies < high)
        gain = 1.0
        if method == "filter":  # there and back
            sections = signal.butter(3, (low, high), "bandpass", fs=RATE, output="sos")
            gain = np.abs(signal.freqz_sos(sections, frequencies, fs=RATE)[1]) ** 4
            inside[:] = True
        expected = np.sum((density * gain)[inside]) * 0.01
        variance = np.exp(2 * measured.x[..., index].astype(float)) / (2 * np.pi * np.e)
        error = variance.std() / np.sqrt(variance.size)
        assert variance.mean() == pytest.approx(expected, abs=4 * error), name
        assert measured.x[..., index].mean() == pytest.approx(entropy_of(expected), abs=0.04), name


@pytest.mark.parametrize("method", ["fourier", "filter"])
def test_entropy_equals_a_loop_over_windows_channels_and_bands(method):
    x = noise(channels=3, seconds=5.3)
    found = entropy(piece_of(x, lead=40, tail=20), window=0.75, step=0.5, method=method)
    for number, first in enumerate(range(40, x.shape[-1] - 20 - 150 + 1, 100)):
        for channel, samples in enumerate(x.astype(np.float32).astype(float)):
            for band, (low, high) in enumerate(BANDS.values()):
                if method == "filter":
                    sections = signal.butter(3, (low, high), "bandpass", fs=RATE, output="sos")
                    passed = signal.sosfiltfilt(sections, samples, padlen=200)
                    variance = passed[first : first + 150].var(ddof=1)
                else:
                    at, power = signal.periodogram(samples[first : first + 150], RATE, "hann")
                    half = at[1] / 2
                    share = np.clip(np.minimum(at + half, high) - np.maximum(at - half, low), 0, None)
                    variance = power @ share
                assert found.x[number, channel, band] == pytest.approx(entropy_of(variance), abs=1e-6)
    assert number == len(found.x) - 1


def test_entropy_says_what_it_is():
    found = entropy(piece_of(noise(), start=12.5, lead=100, tail=300), window=1.0)
    assert found.axes == ("window", "channel", "band")
    assert found.names == {"band": tuple(BANDS)}
    assert found.x.dtype == np.float32
    assert (found.unit, found.lead, found.tail, found.notices) == ("nat", 0, 0, ())
    np.testing.assert_allclose(found.spans, 12.5 + np.stack([np.arange(28), np.arange(1, 29)], axis=-1))


@pytest.mark.parametrize("frequency", [2.5, 6, 11, 22, 40])
@pytest.mark.parametrize("method", ["fourier", "filter"])
def test_a_tone_is_in_its_band_and_in_no_other(frequency, method):
    found = entropy(piece_of(tone(frequency)), window=2.0, method=method)
    variance = np.exp(2 * found.x[1:-1].astype(float)) / (2 * np.pi * np.e)
    own = [low <= frequency < high for low, high in BANDS.values()]
    np.testing.assert_allclose(variance[..., own], 18, rtol=0.05)
    assert np.all(variance[..., np.logical_not(own)] < 0.4)


def test_bands_are_true_at_the_effective_rate_of_an_interpolated_trial():
    rate = 123.4  # of a trial that was squeezed: its samples lie further apart than the recording's did
    found = entropy(piece_of(tone(11, rate), rate=rate, start=5.0), window=1.0)
    assert found.x.mean(axis=(0, 1)).argmax() == list(BANDS).index("alpha")
    assert np.exp(2 * found.x[0, 0, 2].astype(float)) / (2 * np.pi * np.e) == pytest.approx(18, rel=0.05)
    length = round(rate) / rate
    np.testing.assert_allclose(found.spans[1], [5 + length, 5 + 2 * length])


def test_an_offset_and_a_slow_drift_do_not_reach_high_bands():
    x = noise(channels=2)
    drift = 1000 + 300 * np.sin(2 * np.pi * 0.3 * np.arange(x.shape[-1]) / RATE)
    still, drifting = entropy(piece_of(x)), entropy(piece_of(x + drift))
    np.testing.assert_allclose(drifting.x[..., 2:].mean(axis=0), still.x[..., 2:].mean(axis=0), atol=0.05)


@pytest.mark.parametrize("earlier", [("resample", {"rate": 512.0}), ("fixed_duration", {"seconds": 60.0})])
def test_what_was_never_recorded_is_not_measured(earlier):
    use, settings = earlier
    raised = plugins.verb("feature", use)(piece_of(noise(seconds=20), rate=256.0), **settings)
    for feature in (entropy, psd):
        with pytest.raises(
            UsageError, match="band hi, 180 to 220 Hz, goes beyond 128 Hz, the highest that is recorded"
        ) as told:
            feature(raised, bands={"hi": (180, 220)})
        assert "Leave it out of `bands` or end it there" in told.value.hint
        assert feature(raised, bands={"all": (1, 128)}).x.shape[2] == 1
    with pytest.raises(UsageError, match="frequencies go beyond 128 Hz, the highest that is recorded") as told:
        spectrogram(raised, window=2.0, high=150.0)
    assert told.value.hint.startswith("Set high = 128 or less")
    assert spectrogram(raised, window=2.0, high=128.0).x.shape[1] == 128


def test_own_bands_come_from_low_to_high_and_side_by_side_add_up_to_the_variance():
    own = {"high": [30, 100], "low": [0, 10], "middle": [10, 30]}
    x = noise()
    found = entropy(piece_of(x), bands=own)
    assert found.names["band"] == ("low", "middle", "high")
    variance = np.exp(2 * found.x.astype(float)) / (2 * np.pi * np.e)
    assert variance.sum(axis=-1).mean() == pytest.approx(100, rel=0.02)


@pytest.mark.parametrize(
    ("settings", "rate", "told"),
    [
        ({}, 90.0, "band gamma, 31 to 50 Hz, goes beyond 45 Hz, half the rate of 90 Hz"),
        ({"bands": {"odd": (12, 8)}}, RATE, "band odd, 12 to 8 Hz, does not go from a lower"),
        ({"bands": {"odd": (-1, 8)}}, RATE, "band odd, -1 to 8 Hz, does not"),
        ({"window": 0.25}, RATE, "band delta, 1 to 4 Hz, is finer than the 4 Hz that windows of 0.25 s can tell"),
        ({"method": "filter", "bands": {"all": (1, 100)}}, RATE, "filter for band all, 1 to 100 Hz, needs frequencies between"),
        ({"method": "filter", "bands": {"all": (0, 90)}}, RATE, "filter for band all, 0 to 90 Hz, needs"),
    ],
)
def test_bands_that_cannot_be_measured_are_named(settings, rate, told):
    with pytest.raises(UsageError, match=told) as caught:
        entropy(piece_of(noise(), rate=rate), **settings)
    assert caught.value.hint


@pytest.mark.parametrize("method", ["fourier", "filter"])
def test_a_flat_channel_has_a_stated_floor_and_no_infinity(method):
    x = noise(channels=3)
    x[1] = 1000.0
    found = entropy(piece_of(x), method=method)
    np.testing.assert_allclose(found.x[:, 1], entropy_of(1e-6), rtol=1e-5)
    assert found.notices == ("power below 1e-06 (µV)² is taken as 1e-06 (µV)², in channels E1",)
    assert np.isfinite(found.x).all()


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_windows_with_missing_samples_are_left_out_and_said(missing):
    x = noise(channels=2, seconds=6)
    x[1, 500] = missing  # in the third second
    for feature in (entropy, psd):
        found = feature(piece_of(x))
        assert found.spans[:, 0].tolist() == [0, 1, 3, 4, 5]
        assert np.isfinite(found.x).all()
        assert found.notices == ("A window holds values that are no numbers and is left out.",)
    assert spectrogram(piece_of(x), window=1.0).spans[:, 0].tolist() == [0, 1, 3, 4, 5]
    filtered = entropy(piece_of(x), method="filter")
    assert filtered.spans[:, 0].tolist() == [0, 1, 3, 4, 5]
    assert filtered.notices[0].startswith("channel E1 has missing samples: differential_entropy bridges them")
    x[0, 900:] = missing
    assert len(psd(piece_of(x)).notices) == 3, "a notice of each window"


def test_a_trial_shorter_than_a_window_gives_none():
    for feature, axes in ((entropy, (2, 5)), (psd, (2, 5)), (spectrogram, (80, 2))):
        found = feature(piece_of(noise(channels=2, seconds=0.5)), window=2.0)
        assert found.x.shape == (0, *axes)
        assert len(found.notices) == 1


@pytest.mark.parametrize("feature", [entropy, psd, spectrogram])
def test_windows_are_no_signal(feature):
    with pytest.raises(UsageError, match=r"\(channel, time\) signals, not \(window, channel, band\) of shape \(3, 2, 5\)"):
        feature(windows_of(np.ones((3, 2, 5))))
    one_axis = replace(piece_of(noise()), x=np.ones(100, np.float32), axes=("time",))
    with pytest.raises(UsageError, match="takes"):
        feature(one_axis)


# power spectral density


def test_density_of_white_noise_is_flat_and_calibrated():
    found = psd(piece_of(noise(channels=8, seconds=120)), logarithm=False)
    assert found.unit == "µV²/Hz"
    np.testing.assert_allclose(found.x.mean(axis=(0, 1)), 100 / 100, rtol=0.06)  # variance over half the rate


def test_logarithm_of_density():
    x = noise()
    plain, logarithmic = psd(piece_of(x), logarithm=False), psd(piece_of(x))
    np.testing.assert_allclose(logarithmic.x, np.log10(plain.x), atol=1e-5)
    assert logarithmic.unit == "log10 µV²/Hz"


def test_entropy_is_half_the_logarithm_of_density_times_width():
    x = noise()
    width = [high - low for low, high in BANDS.values()]
    density = psd(piece_of(x), logarithm=False, window=2.0, step=0.5).x
    np.testing.assert_allclose(entropy(piece_of(x), window=2.0, step=0.5).x, entropy_of(density * width), atol=1e-5)


# linear dynamical system


def smoothed(values, causal=False, drift=1e-4):
    """Kalman's filter and the smoother of Rauch, Tung and Striebel, of one feature, as textbooks have them."""
    a, c, q, r = 1.0, 1.0, drift, 1.0
    mean, variance = (values[0], 1.0) if causal else (np.mean(values), 0.01)
    means, variances = [], []
    for number, value in enumerate(values):
        predicted, spread = (mean, variance) if number == 0 else (a * mean, a * variance * a + q)
        gain = spread * c / (c * spread * c + r)
        mean, variance = predicted + gain * (value - c * predicted), (1 - gain * c) * spread
        if causal and number == 0:
            mean, variance = values[0], r  # nothing was known before
        means.append(mean)
        variances.append(variance)
    if causal:
        return means
    for number in reversed(range(len(values) - 1)):
        back = variances[number] * a / (a * variances[number] * a + q)
        means[number] += back * (means[number + 1] - a * means[number])
    return means


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("drift", [1e-4, 0.3])
def test_smoothing_equals_a_textbook_loop_over_features(causal, drift):
    x = np.random.default_rng(5).normal(4, 1, size=(40, 3, 5))
    found = lds(windows_of(x), causal=causal, drift=drift).x
    for channel in range(3):
        for band in range(5):
            expected = smoothed(x.astype(np.float32)[:, channel, band].astype(float), causal, drift)
            np.testing.assert_allclose(found[:, channel, band], expected, atol=1e-6)


def test_the_smoother_is_the_most_probable_course():
    x = np.random.default_rng(6).normal(size=(25, 1, 1))
    course = np.eye(25) + np.diag([1 / 0.01] + [0] * 24)  # noise, and the first state about the mean
    course += (np.diff(np.eye(25), axis=0).T @ np.diff(np.eye(25), axis=0)) / 1e-4  # steps
    given = x[:, 0, 0] + np.array([x.mean() / 0.01] + [0] * 24)
    np.testing.assert_allclose(lds(windows_of(x)).x[:, 0, 0], np.linalg.solve(course, given), atol=1e-5)


def test_the_filter_knows_no_later_window_and_the_smoother_does():
    x = np.random.default_rng(7).normal(size=(30, 2, 5))
    later = x.copy()
    later[20:] += 10
    same = lds(windows_of(x), causal=True).x[:20] == lds(windows_of(later), causal=True).x[:20]
    assert same.all()
    assert np.all(np.abs(lds(windows_of(x)).x[:20] - lds(windows_of(later)).x[:20]) > 0.1)


def test_smoothing_uncovers_a_drift_under_noise_and_keeps_everything_else():
    truth = np.linspace(0, 3, 200)[:, None, None]
    given = windows_of(truth + np.random.default_rng(8).normal(size=(200, 2, 5)), names={"band": tuple(BANDS)})
    found = lds(given, drift=1e-3)
    assert np.std(found.x - truth) < 0.4 * np.std(given.x - truth)
    assert replace(found, x=given.x) == given
    assert lds(windows_of(np.ones((0, 2, 5)))).x.shape == (0, 2, 5)
    assert lds(windows_of(np.ones((1, 2, 5)))).x == pytest.approx(1)


def test_a_signal_cannot_be_smoothed_over_windows():
    with pytest.raises(UsageError, match="feature lds takes windows"):
        lds(piece_of(noise()))


@pytest.mark.parametrize("missing", [np.nan, np.inf])
@pytest.mark.parametrize("causal", [False, True])
def test_a_missing_window_costs_itself_and_parts_what_is_smoothed(missing, causal):
    x = np.random.default_rng(10).normal(4, 1, size=(30, 2, 5))
    holed = x.copy()
    holed[12, 1, 3] = missing
    found = lds(windows_of(holed), causal=causal)
    parts = [lds(windows_of(part), causal=causal).x for part in (x[:12], x[13:])]
    np.testing.assert_allclose(found.x, np.concatenate(parts), atol=1e-6)
    assert found.spans[:, 0].tolist() == [*range(10, 22), *range(23, 40)]
    assert found.notices == ("A window holds values that are no numbers and is left out.",)
    assert lds(windows_of(np.full((3, 2, 5), missing))).x.shape == (0, 2, 5)


# frequency × channel


def test_a_tone_has_its_amplitude_at_its_frequency_in_its_channel():
    x = np.concatenate([tone(17), tone(40, amplitude=2)])
    found = spectrogram(piece_of(x), window=4.0)
    assert found.axes == ("window", "frequency", "channel")
    assert found.x.shape == (2, 80, 2)
    assert found.x[:, 17, 0] == pytest.approx(6, rel=1e-3)
    assert found.x[:, 40, 1] == pytest.approx(2, rel=1e-3)
    assert np.delete(found.x[..., 0], [16, 17, 18], axis=1).max() < 0.01
    assert (found.names["frequency"][17], found.unit) == ("17 Hz", "µV")


def test_image_equals_short_time_spectra_of_scipy():
    x = noise(channels=2, seconds=9)
    found = spectrogram(piece_of(x), window=3.0, low=13, resolution=0.5)
    for window in range(3):
        samples = x[:, window * 600 : (window + 1) * 600].astype(np.float32).astype(float)
        _, _, density = signal.spectrogram(samples, RATE, "hann", 400, 200, scaling="spectrum", mode="psd")
        expected = np.sqrt(2 * density).mean(axis=-1)[:, 26:160]  # amplitude of a tone from its power
        np.testing.assert_allclose(found.x[window], expected.T, atol=1e-5)
    assert found.names["frequency"][:2] == ("13 Hz", "13.5 Hz")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"high": 120.0}, "beyond 100 Hz, half the rate of 200 Hz"),
        ({"low": 50.0, "high": 50.0}, "no frequency"),
        ({"window": 0.5}, "a segment has 200 samples, a window 100"),
    ],
)
def test_images_that_cannot_be_made(settings, told):
    with pytest.raises(UsageError, match=told):
        spectrogram(piece_of(noise()), **settings)


# grids


@pytest.mark.parametrize(
    ("name", "shape", "cells"),
    [
        ("8x9", (8, 9), {"AF3": (0, 2), "FPZ": (0, 4), "F7": (1, 0), "P8": (5, 8), "PO7": (6, 1), "CB2": (7, 6)}),
        (
            "9x9",
            (9, 9),
            {"FP1": (0, 3), "AF3": (1, 3), "AF4": (1, 5), "CZ": (4, 4), "PO8": (7, 7), "CB1": (8, 2)},
        ),
    ],
)
def test_electrodes_are_in_their_cells_and_nothing_else_is(name, shape, cells):
    x = np.arange(1.0, 62 * 5 * 3 + 1).reshape(3, 62, 5)
    found = grid(windows_of(x, SEED_62, names={"band": tuple(BANDS)}), grid=name)
    assert found.axes == ("window", "band", "row", "column")
    assert found.x.shape == (3, 5, *shape)
    for channel, (row, column) in cells.items():
        np.testing.assert_array_equal(found.x[:, :, row, column], x[:, SEED_62.index(channel)])
    assert np.count_nonzero(found.x) == x.size
    assert found.x.sum() == x.sum()
    assert found.names["band"] == tuple(BANDS)


def test_any_spelling_and_some_channels_will_do():
    found = grid(windows_of(np.ones((2, 3, 5)), ("Fp1.", "T3", "EEG Oz-REF")))
    assert list(zip(*np.nonzero(found.x[0, 0]), strict=True)) == [(0, 3), (3, 0), (7, 4)]


def test_stacked_windows_make_one_sample_and_the_rest_is_counted():
    x = np.random.default_rng(9).normal(size=(20, 62, 5))
    one, six = grid(windows_of(x, SEED_62)), grid(windows_of(x, SEED_62), stack=6)
    assert six.axes == ("window", "slice", "band", "row", "column")
    np.testing.assert_array_equal(six.x.reshape(18, *one.x.shape[1:]), one.x[:18])
    assert six.spans.tolist() == [[10, 16], [16, 22], [22, 28]]
    lost = "A window is left over at the end of a trial or before a gap, too few for a stack of 6, and is left out."
    assert six.notices == (lost,) * 2
    assert grid(windows_of(x[:18], SEED_62), stack=6).notices == ()
    few = grid(windows_of(x[:4], SEED_62), stack=6)
    assert few.x.shape == (0, 6, 5, 8, 9)
    assert few.spans.shape == (0, 2)


@pytest.mark.parametrize("step", [0.5, 1.0, 2.0])
def test_windows_on_the_two_sides_of_a_gap_are_not_stacked(step):
    x = np.random.default_rng(11).normal(size=(11, 62, 5))
    starts = np.delete(np.arange(12), 4) * step  # the fifth window was left out
    piece = windows_of(x, SEED_62, spans=np.stack([starts, starts + 1], axis=-1))
    found = grid(piece, stack=3)
    assert found.spans.tolist() == [[first * step, (first + 2) * step + 1] for first in (0, 5, 8)]
    np.testing.assert_array_equal(found.x.reshape(9, 5, 8, 9), grid(piece).x[[0, 1, 2, 4, 5, 6, 7, 8, 9]])
    assert len(found.notices) == 2, "one before the gap, one at the end"


@pytest.mark.parametrize("channels", [("FP1", "HEO", "FP2", "AF7"), ("HEO", "AF7")])
def test_channels_without_a_cell_are_named(channels):
    with pytest.raises(UsageError, match="the 8x9 grid has no place for HEO, AF7"):
        grid(windows_of(np.ones((2, len(channels), 5)), channels))
    with pytest.raises(UsageError, match="T7, T3 share a place"):
        grid(windows_of(np.ones((2, 3, 5)), ("T7", "CZ", "T3")))


def test_only_bands_make_a_grid():
    with pytest.raises(UsageError, match=r"takes \(window, channel, band\), not \(window, channel\) of shape \(2, 3\)"):
        grid(windows_of(np.ones((2, 3)), axes=("window", "channel")))


def test_the_chain_of_the_field():
    piece = entropy(piece_of(noise(channels=62, seconds=20), channels=SEED_62), window=0.5)
    made = grid(lds(piece), stack=6)
    assert made.x.shape == (6, 6, 5, 8, 9)
    assert made.spans.tolist() == [[3 * n, 3 * n + 3] for n in range(6)]


def test_entropy_and_density_stand_side_by_side() -> None:
    piece = piece_of(noise(channels=3, seconds=6))
    both = both_measures(piece)
    assert both.x.shape == (6, 3, 10)
    np.testing.assert_allclose(both.x[..., :5], entropy(piece).x, rtol=1e-5)
    np.testing.assert_allclose(both.x[..., 5:], psd(piece, logarithm=False).x, rtol=1e-5)
    assert both.names["band"][2::5] == ("alpha DE", "alpha PSD")
