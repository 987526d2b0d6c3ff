"""Preprocessing and plain features: tones keep their frequency and time, faults are found, wrong input is answered."""

from dataclasses import replace

import mne
import numpy as np
import pytest

from reportgen import plugins
from reportgen.core import Piece
from reportgen.errors import DataError, UsageError
from reportgen.features import (
    amplitude,
    average,
    bad_channels,
    band_filter,
    fixed_duration,
    reference,
    resample,
    trim,
    windows,
)
from reportgen.features._signal import cut, flat
from reportgen.montage import SEED_62, positions

SIGNAL_FEATURES = {
    "amplitude": {},
    "bad_channels": {},
    "band_filter": {},
    "fixed_duration": {},
    "reference": {},
    "resample": {"rate": 100.0},
    "trim": {},
    "windows": {},
}


def piece_of(x: np.ndarray, rate: float = 200.0, **more) -> Piece:
    x = np.atleast_2d(x).astype(np.float32)
    more = {"channels": tuple(f"C{number}" for number in range(1, len(x) + 1)), "unit": "µV", **more}
    return Piece(x=x, axes=("channel", "time"), rate=rate, **more)


def tone(frequency: float, seconds: float, rate: float = 200.0, high: float = 10.0) -> np.ndarray:
    """(time,): a cosine that begins at its crest at 0 s."""
    return high * np.cos(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def given() -> Piece:
    """Windows as a data set publishes them: (window, channel, band)."""
    x = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
    spans = 10 + np.stack([np.arange(4), np.arange(4) + 1], axis=-1).astype(float)
    return Piece(
        x=x, axes=("window", "channel", "band"), unit="", channels=("C1", "C2", "C3"), rate=1.0, start=10.0, spans=spans
    )


def strength(x: np.ndarray, rate: float, frequency: float) -> float:
    """Amplitude of the tone of one frequency in (time,), from its middle half."""
    quarter = len(x) // 4
    taper = np.hanning(2 * quarter)
    wave = np.exp(-2j * np.pi * frequency * np.arange(2 * quarter) / rate)
    return float(2 * np.abs(x[quarter : 3 * quarter] * taper @ wave) / taper.sum())


def scalp(seconds: float = 20, rate: float = 200.0) -> np.ndarray:
    """(62, time) of smooth fields on the head in 1/f-like noise: each channel is much like its neighbours."""
    draw = np.random.default_rng(3)
    places = np.array(list(positions(SEED_62).values()))
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    sources = np.cumsum(draw.standard_normal((3, round(seconds * rate))), axis=1)
    return places @ sources + 0.05 * draw.standard_normal((62, sources.shape[1]))


# all of them ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "settings"), SIGNAL_FEATURES.items())
def test_the_settings_of_a_feature_are_read_as_text_and_survive_a_record(name, settings):
    table = plugins.settings("feature", name).model_validate(settings)
    piece = piece_of(scalp(4), channels=SEED_62)
    found = plugins.verb("feature", name)(piece, **table.model_dump(mode="json"))
    assert np.isfinite(found.x).all()
    assert found.x.dtype == np.float32


@pytest.mark.parametrize("name", sorted(SIGNAL_FEATURES.keys() - {"trim"}))  # trim takes windows too
def test_given_features_are_no_signal(name):
    with pytest.raises(UsageError, match=rf"feature {name} takes \(channel, time\) signals, not \(window, channel, band\)"):
        plugins.verb("feature", name)(given(), **SIGNAL_FEATURES[name])


@pytest.mark.parametrize(("name", "settings"), SIGNAL_FEATURES.items())
def test_a_feature_leaves_its_input_alone(name, settings):
    x = scalp(4)
    x[5] = 0
    piece = piece_of(x, channels=SEED_62, lead=50, tail=30)
    before = piece.x.copy()
    plugins.verb("feature", name)(piece, **settings)
    np.testing.assert_array_equal(piece.x, before)


# windows --------------------------------------------------------------------------------------------------------------


def test_windows_hold_the_samples_of_their_spans_and_share_memory():
    piece = piece_of(np.arange(1000), rate=100.0, start=30.0, lead=100, tail=200)
    views, spans = cut(piece, 2.0, 0.5)
    assert np.shares_memory(views, piece.x)
    assert views.shape == (11, 1, 200)
    np.testing.assert_allclose(spans[3], (31.5, 33.5))
    np.testing.assert_array_equal(views[3, 0], np.arange(250, 450))
    assert spans[-1, 1] == 30.0 + 7.0  # the trial ends there, the tail does not count


def test_windows_lie_end_to_end_where_no_step_is_set():
    found = windows.extract(piece_of(np.arange(1050), rate=100.0), window=2.0)
    assert (found.axes, found.lead, found.tail) == (("window", "channel", "time"), 0, 0)
    np.testing.assert_array_equal(found.x[:, 0].ravel(), np.arange(1000))
    np.testing.assert_allclose(found.spans[:, 0], (0, 2, 4, 6, 8))


def test_a_whole_trial_can_be_one_window():
    piece = piece_of(np.arange(1050), rate=100.0, lead=50)
    found = windows.extract(piece, window=0.0)
    np.testing.assert_array_equal(found.x[0], piece.trial)
    np.testing.assert_allclose(found.spans, [[0, 10]])


def test_a_trial_shorter_than_a_window_gives_none_and_says_so():
    found = windows.extract(piece_of(np.ones((3, 150)), rate=100.0), window=2.0)
    assert (found.x.shape, found.spans.shape) == ((0, 3, 200), (0, 2))
    assert found.notices == ("shorter than one window of 2 s: no sample is made of it",)


@pytest.mark.parametrize("settings", [{"window": 0.001}, {"window": 1.0, "step": 0.001}])
def test_a_window_or_step_of_less_than_a_sample_is_refused(settings):
    with pytest.raises(UsageError, match="less than one sample at 200 Hz"):
        windows.extract(piece_of(tone(10, 5)), **settings)


# resample -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [128.0, 100.0, 333.0, 66.7])
def test_resampling_keeps_tones_that_both_rates_hold_and_their_phase(rate):
    found = resample.extract(piece_of(tone(10, 20)), rate=rate)
    middle = slice(found.x.shape[-1] // 4, found.x.shape[-1] // 2)
    expected = tone(10, 20, found.rate)[middle]
    np.testing.assert_allclose(found.x[0, middle], expected, atol=0.01)
    assert found.rate == pytest.approx(rate, rel=1e-4)


@pytest.mark.parametrize("frequency", [51.0, 60.0, 90.0])
def test_what_the_new_rate_cannot_hold_is_suppressed_by_more_than_60_db(frequency):
    found = resample.extract(piece_of(tone(frequency, 20)), rate=100.0)
    middle = found.x[0, 500:1500]
    assert np.abs(middle).max() < 10 * 10 ** (-60 / 20)


def test_an_offset_does_not_ring_at_the_ends():
    found = resample.extract(piece_of(np.full(1000, 4000.0)), rate=128.0)
    np.testing.assert_allclose(found.x, 4000, rtol=1e-5)


def test_resampling_keeps_the_trial_in_its_place():
    recording = tone(3, 10, 256.0)  # crest at 0 s of the recording; the trial lies from 2 s to 7 s
    piece = piece_of(recording, 256.0, lead=513, tail=768, start=513 / 256)
    found = resample.extract(piece, rate=100.0)
    assert found.start == pytest.approx(2.01)  # the first new sample in the trial
    assert found.trial.shape[-1] == 499
    time = found.start + np.arange(found.trial.shape[-1]) / found.rate
    np.testing.assert_allclose(found.trial[0], 10 * np.cos(2 * np.pi * 3 * time), atol=0.01)


def test_resampling_to_the_same_rate_changes_nothing():
    piece = piece_of(tone(10, 5))
    assert resample.extract(piece, rate=200.0) is piece


@pytest.mark.parametrize("rate", [50.0, 128.0, 512.0])
def test_resampling_keeps_gaps_where_they_are(rate):
    x = np.stack([tone(6, 30), tone(6, 30)])
    x[1, 3000:3010] = np.nan  # 15 s to 15.045 s
    found = resample.extract(piece_of(x), rate=rate)
    gone = np.flatnonzero(np.isnan(found.x[1])) / rate
    step = max(1 / rate, 1 / 200)
    assert np.isfinite(found.x[0]).all()
    assert 15 - step < gone.min() <= 15 <= 15.045 <= gone.max() + 1 / rate
    assert gone.max() < 15.045 + step
    assert len(gone) == round((gone.max() - gone.min()) * rate) + 1
    assert found.notices[0].startswith("channel C2 has missing samples: resample bridges them")


def test_the_highest_frequency_that_was_recorded_is_kept_in_mind():
    raised = resample.extract(piece_of(tone(6, 10)), rate=512.0)
    assert raised.highest == 100
    assert resample.extract(resample.extract(raised, rate=80.0), rate=160.0).highest == 40
    assert fixed_duration.extract(raised, seconds=5.0).highest == 100
    assert fixed_duration.extract(piece_of(tone(6, 10)), seconds=20.0).highest == 100
    assert fixed_duration.extract(piece_of(tone(6, 10)), seconds=5.0).highest == 50


# band_filter ----------------------------------------------------------------------------------------------------------


def test_a_band_passes_its_own_tones_without_shift_and_stops_others():
    slow, own, fast = tone(1.5, 30), tone(10, 30), tone(70, 30)
    found = band_filter.extract(piece_of([slow, own, fast, slow + own + fast]), low=4.0, high=45.0)
    inner = found.x[:, 1000:-1000]
    np.testing.assert_allclose(inner[1], own[1000:-1000], atol=0.05)
    np.testing.assert_allclose(inner[3], own[1000:-1000], atol=0.15)
    assert np.abs(inner[[0, 2]]).max() < 0.1


def test_the_band_is_that_of_mne():
    x = np.random.default_rng(0).standard_normal((2, 4000))
    found = band_filter.extract(piece_of(x), low=4.0, high=30.0)
    expected = mne.filter.filter_data(x, 200.0, 4.0, 30.0, verbose="error")
    np.testing.assert_allclose(found.x[:, 500:-500], expected[:, 500:-500], atol=1e-5)


def test_a_notch_takes_the_mains_and_leaves_what_is_beside():
    parts = [tone(50, 30), tone(48, 30), tone(60, 30), tone(0.1, 30)]
    found = band_filter.extract(piece_of(parts), low=0.0, high=0.0, notch=(50.0, 60.0))
    left = [strength(x, 200.0, f) for x, f in zip(found.x, (50, 48, 60, 0.1), strict=True)]
    np.testing.assert_allclose(left, (0, 10, 0, 10), atol=0.1)


def test_lead_and_tail_are_filtered_along_and_keep_the_trial_from_ringing():
    x = np.random.default_rng(1).standard_normal((1, 8000))
    whole = band_filter.extract(piece_of(x))
    part = band_filter.extract(piece_of(x[:, 1000:7000], lead=1500, tail=1500))
    assert (part.lead, part.tail) == (1500, 1500)
    np.testing.assert_allclose(part.trial, whole.x[:, 2500:5500], atol=1e-5)


def test_a_signal_shorter_than_its_filter_is_filtered_and_said_to_be():
    found = band_filter.extract(piece_of(4000 + tone(10, 1)), low=1.0, high=45.0)
    assert found.notices == ("shorter than the filter of 3.3 s, which distorts its slow waves",)
    np.testing.assert_allclose(found.x[0], tone(10, 1), atol=2.5)  # a step of 4000 µV at its ends would drown it


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"high": 100.0}, "`high` reaches 100 Hz, not below half of the signal's rate of 200 Hz"),
        ({"low": 120.0, "high": 0.0}, "`low` reaches 120 Hz"),
        ({"notch": (50.0, 99.0)}, "`notch` reaches 100.25 Hz"),
        ({"notch": (1.0,)}, "notch = 1 Hz is not above 1.25 Hz"),
        ({"low": 45.0}, "low = 45 Hz is not below high = 45 Hz"),
        ({"low": 0.0, "high": 0.0}, "neither low nor high nor notch is set"),
    ],
)
def test_a_band_that_the_signal_cannot_have_is_refused(settings, told):
    with pytest.raises(UsageError, match=told):
        band_filter.extract(piece_of(tone(10, 5)), **settings)


def test_missing_samples_stay_missing_and_no_others_become_so():
    x = np.stack([tone(10, 30), tone(10, 30)])
    x[1, 3000:3010] = np.nan
    x[1, 5] = np.inf
    found = band_filter.extract(piece_of(x), low=4.0, high=45.0)
    np.testing.assert_array_equal(np.isnan(found.x), ~np.isfinite(x))
    np.testing.assert_allclose(found.x[1, 3200:-1000], x[1, 3200:-1000], atol=0.5)
    assert found.notices == (
        "channel C2 has missing samples: band_filter bridges them, which distorts what lies beside, and leaves them missing",
    )
    assert np.isnan(band_filter.extract(piece_of(np.full((1, 4000), np.nan))).x).all()


# reference ------------------------------------------------------------------------------------------------------------


def test_the_average_reference_leaves_a_mean_of_zero():
    found = reference.extract(piece_of(np.random.default_rng(0).standard_normal((5, 100)) + 800))
    np.testing.assert_allclose(found.x.mean(0), 0, atol=1e-4)


def test_flat_and_missing_channels_are_left_out_of_the_mean():
    x = np.random.default_rng(0).standard_normal((5, 100))
    x[1], x[3, 7] = 900, np.nan
    found = reference.extract(piece_of(x))
    np.testing.assert_allclose(found.x[[0, 2, 4]], x[[0, 2, 4]] - x[[0, 2, 4]].mean(0), atol=1e-5)
    np.testing.assert_array_equal(found.x[1], 900)
    assert found.notices == (
        "channel C2 is flat or has missing values: left out of the reference",
        "channel C4 is flat or has missing values: left out of the reference",
    )


@pytest.mark.parametrize("to", [["c2", "C3"], ["C3", "C2"]])
def test_channels_to_refer_to_are_named_in_any_case(to):
    x = np.random.default_rng(0).standard_normal((4, 100))
    np.testing.assert_allclose(reference.extract(piece_of(x), to=to).x, x - x[1:3].mean(0), atol=1e-6)


def test_one_channel_to_refer_to_becomes_zero():
    assert not reference.extract(piece_of(np.random.default_rng(0).standard_normal((4, 9))), to="C2").x[1].any()


def test_a_reference_that_is_not_there_is_refused():
    x = np.random.default_rng(0).standard_normal((4, 100))
    x[1] = 0
    with pytest.raises(UsageError, match="unknown channel 'CZ'"):
        reference.extract(piece_of(x), to=["CZ"])
    with pytest.raises(DataError, match=r"every channel to refer to \(C2\) is flat or has missing values, 3.0 s into"):
        reference.extract(piece_of(x, start=3.0), to=["C2"])
    with pytest.raises(UsageError, match="`to` names no channel"):
        reference.extract(piece_of(x), to=[])
    with pytest.raises(DataError, match="every channel"):
        reference.extract(piece_of(np.zeros((4, 100))))


# bad_channels ---------------------------------------------------------------------------------------------------------


def test_good_channels_are_left_as_they_are():
    piece = piece_of(scalp(), channels=SEED_62)
    found = bad_channels.extract(piece)
    assert (found.measures, found.notices) == ({"bad channels": 0}, ())
    assert found.x is piece.x


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (lambda x, draw: np.full_like(x, 12.0), "flat"),
        (lambda x, draw: np.where(np.arange(x.size) == 700, np.nan, x), "missing values"),
        (lambda x, draw: 40 * x, "an amplitude unlike the others"),
        (lambda x, draw: x + np.diff(draw.standard_normal(x.size + 1), n=1), "high-frequency noise"),
        (lambda x, draw: np.roll(x, x.size // 2), "no channel that moves with it"),
    ],
)
def test_a_planted_fault_is_found_and_mended(fault, reason):
    clean = mne.filter.filter_data(scalp(), 200.0, 2.0, None, verbose="error")  # what is rolled is not alike by its drift
    faulty, place = clean.copy(), SEED_62.index("CZ")
    faulty[place] = fault(clean[place], np.random.default_rng(5))
    found = bad_channels.extract(piece_of(faulty, channels=SEED_62))
    assert found.notices == (f"channel CZ is bad ({reason}) and is interpolated",)
    assert found.measures == {"bad channels": 1}
    assert np.corrcoef(found.x[place], clean[place])[0, 1] > 0.95
    others = np.arange(62) != place
    np.testing.assert_array_equal(found.x[others], faulty[others].astype(np.float32))


def test_a_channel_that_drops_out_now_and_then_is_found():
    x = scalp()
    x[7].reshape(20, 200)[::4] = 0.0
    found = bad_channels.extract(piece_of(x, channels=SEED_62))
    assert found.measures == {"bad channels": 1}
    assert f"channel {SEED_62[7]} is bad" in found.notices[0]


def test_interpolation_is_that_of_mne():
    x = scalp(4)
    info = mne.create_info(list(SEED_62), 200.0, "eeg")
    places = {name: np.array(place) for name, place in positions(SEED_62).items()}
    info.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"))
    raw = mne.io.RawArray(x, info, verbose="error")
    raw.info["bads"] = ["FZ", "O1"]
    raw.interpolate_bads(origin=(0, 0, 0.04), verbose="error")
    found = bad_channels.extract(piece_of(x, channels=SEED_62), find=False, names=["Fz", "o1"])
    np.testing.assert_allclose(found.x, raw.get_data(), rtol=1e-3, atol=1e-3)
    assert found.measures == {"bad channels": 2}
    assert found.notices[0] == "channel FZ is bad (named as bad) and is interpolated"


def test_lead_and_tail_are_mended_along():
    x = scalp()
    x[10, 30] = np.nan  # in the lead
    found = bad_channels.extract(piece_of(x, channels=SEED_62, lead=100, tail=100))
    assert np.isfinite(found.x).all()


def test_few_channels_are_not_compared_with_each_other():
    x = np.random.default_rng(0).standard_normal((5, 2000)) * np.array([1, 1, 1, 1, 500])[:, None]
    x[2] = 0.0
    found = bad_channels.extract(piece_of(x, channels=("TP9", "AF7", "AF8", "TP10", "FPZ")))
    assert found.notices == ("channel AF8 is bad (flat) and is interpolated",)


def test_what_cannot_be_interpolated_is_named():
    x = np.random.default_rng(0).standard_normal((5, 400))
    x[1] = 0.0
    with pytest.raises(UsageError, match="the position of C99 is not known"):
        bad_channels.extract(piece_of(x, channels=("FZ", "C99", "CZ", "PZ", "OZ")))
    with pytest.raises(DataError, match="2 of 5 channels are bad, 3 left to interpolate from"):
        bad_channels.extract(piece_of(x, channels=("FZ", "FP1", "CZ", "PZ", "OZ")), names=["OZ"])
    with pytest.raises(UsageError, match="unknown channel 'T9'"):
        bad_channels.extract(piece_of(x, channels=("FZ", "FP1", "CZ", "PZ", "OZ")), names=["T9"])
    with pytest.raises(UsageError, match="find is false and names is empty"):
        bad_channels.extract(piece_of(x), find=False)


def test_a_recording_that_is_wholly_flat_is_refused():
    with pytest.raises(DataError, match="62 of 62 channels are bad, 0 left"):
        bad_channels.extract(piece_of(np.zeros((62, 1000)), channels=SEED_62))


# fixed_duration -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["fourier", "filtered", "plain"])
@pytest.mark.parametrize("seconds", [52, 120, 30])
def test_trials_of_any_length_get_one_shape_and_tones_keep_their_true_frequency(method, seconds):
    found = fixed_duration.extract(piece_of(tone(6, seconds)), method=method)
    assert found.x.shape == (1, 10_000)
    assert found.rate == pytest.approx(200 * 50 / seconds)
    assert found.measures["effective rate in Hz"] == found.rate
    time = np.arange(10_000) / found.rate
    middle = slice(2000, 8000)
    np.testing.assert_allclose(found.x[0, middle], 10 * np.cos(2 * np.pi * 6 * time[middle]), atol=0.1)


def test_windows_of_a_squeezed_trial_lie_in_true_time():
    piece = piece_of(tone(6, 300), start=40.0, lead=200, tail=1000)
    found = windows.extract(fixed_duration.extract(piece), window=6.0)
    assert found.spans[0, 0] == 40.0
    assert found.x.shape == (49, 1, 204)  # 6 s at 34 Hz
    assert found.spans[-1, 1] == pytest.approx(40 + 49 * 204 * 294 / 10_000)


@pytest.mark.parametrize("method", ["filtered", "fourier", "plain"])
def test_straight_lines_stay_straight_and_lead_and_tail_go(method):
    line = np.arange(4000) / 100
    found = fixed_duration.extract(piece_of(line, 100.0, lead=500, tail=500), seconds=7.5, method=method)
    np.testing.assert_allclose(found.x[0], 5 + np.arange(750) * 0.04, atol=1e-4)
    assert (found.lead, found.tail, found.rate) == (0, 0, 25.0)


@pytest.mark.parametrize(("method", "aliased"), [("filtered", 0.0), ("fourier", 0.0), ("plain", 0.8)])
def test_what_a_squeezed_trial_cannot_hold_is_measured(method, aliased):
    """300 s at 200 Hz become 33 Hz: of tones of 10 Hz and, twice as high, 30 Hz, four fifths of the power are lost."""
    found = fixed_duration.extract(piece_of(tone(10, 300) + tone(30, 300, high=20.0)), method=method)
    assert found.measures["power lost"] == pytest.approx(0.8, abs=0.01)
    assert found.measures["power aliased"] == pytest.approx(aliased, abs=0.01)
    assert strength(found.x[0], found.rate, 10.0) == pytest.approx(10, abs=0.2)
    folded = strength(found.x[0], found.rate, 100 / 3 - 30.0)  # 30 Hz seen at 33.3 Hz
    assert folded == pytest.approx(20 if aliased else 0, abs=0.5)
    assert [("loses" in text, "folded" in text) for text in found.notices] == [(True, False)] + [(False, True)] * bool(aliased)


def test_a_trial_that_is_stretched_loses_nothing():
    found = fixed_duration.extract(piece_of(tone(10, 40) + tone(30, 40)))
    assert found.measures["power lost"] < 1e-3
    assert found.notices == ()


def test_what_straight_lines_weaken_is_measured():
    """A line between samples weakens a tone by the square of sinc(frequency / rate)."""
    found = fixed_duration.extract(piece_of(tone(30, 70)), method="filtered")
    assert found.measures["power lost"] == pytest.approx(1 - np.sinc(30 / 200) ** 4, abs=0.01)


def test_missing_values_and_silence_do_not_spoil_the_measures():
    x = np.stack([tone(10, 60), np.full(12_000, np.nan)])
    assert fixed_duration.extract(piece_of(x)).measures["power lost"] == pytest.approx(0, abs=1e-3)
    assert fixed_duration.extract(piece_of(np.zeros((2, 12_000)))).measures["power lost"] == 0


@pytest.mark.parametrize("method", ["fourier", "filtered", "plain"])
@pytest.mark.parametrize("seconds", [30.0, 120.0])
def test_a_gap_costs_a_stretched_trial_no_more_than_itself(method, seconds):
    x = tone(6, 70)[np.newaxis]
    x[0, 7000:7010] = np.inf  # 35 s; the trial is 60 s from 5 s on
    found = fixed_duration.extract(piece_of(x, lead=1000, tail=1000), seconds=seconds, method=method)
    gone = np.flatnonzero(np.isnan(found.x[0])) / found.rate
    assert 29.95 < gone.min() < gone.max() < 30.1
    assert len(gone) <= 0.07 * found.rate + 2
    assert np.isfinite(found.measures["power lost"])


def test_a_trial_of_one_sample_is_refused():
    with pytest.raises(DataError, match="cannot make 10000 samples of 1"):
        fixed_duration.extract(piece_of(np.ones((2, 1))))


# amplitude, average, trim ---------------------------------------------------------------------------------------------


def test_the_amplitude_of_a_tone_is_known():
    piece = piece_of([tone(10, 4), 800 + tone(10, 4, high=20.0), np.full(800, 5.0)])
    found = amplitude.extract(piece, window=1.0)
    assert (found.axes, found.unit, found.x.shape) == (("window", "channel"), "ln µV", (4, 3))
    np.testing.assert_allclose(found.x[:, :2], np.log([[10, 20]] / np.sqrt(2)) + np.zeros((4, 1)), atol=1e-5)
    np.testing.assert_allclose(found.x[:, 2], np.log(1e-3))  # flat: finite
    ranges = amplitude.extract(piece, window=1.0, measure="peak_to_peak")
    assert ranges.unit == "µV"
    np.testing.assert_allclose(ranges.x, [[20, 40, 0]] * 4, atol=1e-4)


def test_the_amplitude_of_no_window_has_its_shape():
    found = amplitude.extract(piece_of(np.ones((3, 10))), window=1.0)
    assert (found.x.shape, found.spans.shape, len(found.notices)) == ((0, 3), (0, 2), 1)


@pytest.mark.parametrize("measure", ["log_rms", "peak_to_peak"])
@pytest.mark.parametrize("values", [(np.nan,), (np.inf, np.inf), (np.inf, -np.inf)])
def test_the_amplitude_of_windows_with_missing_samples_is_left_out(measure, values):
    x = np.stack([tone(10, 10), tone(10, 10)])
    x[1, 500 : 500 + len(values)] = values
    x[0, 1900] = np.nan
    found = amplitude.extract(piece_of(x), window=1.0, measure=measure)
    assert found.spans[:, 0].tolist() == [0, 1, 3, 4, 5, 6, 7, 8]
    assert np.isfinite(found.x).all()
    assert found.notices == ("A window holds values that are no numbers and is left out.",) * 2


def test_one_bad_window_does_not_cost_the_average():
    x = given().x.copy()
    x[2, 1, 0] = np.nan
    found = average.extract(replace(given(), x=x))
    np.testing.assert_allclose(found.x[0], x[[0, 1, 3]].mean(0))
    assert (found.spans.tolist(), len(found.notices)) == ([[10, 14]], 1)
    assert average.extract(replace(given(), x=np.full_like(x, np.nan))).x.shape == (0, 3, 2)


def test_infinite_samples_make_no_channel_flat():
    x = np.stack([tone(10, 5), np.full(1000, np.inf), tone(10, 5)])
    x[0, 3] = np.inf
    assert flat(piece_of(x)).tolist() == [False, False, False]


def test_the_average_of_a_trial_is_one_sample_that_spans_it():
    found = average.extract(given())
    np.testing.assert_allclose(found.x, given().x.mean(0, keepdims=True))
    np.testing.assert_allclose(found.spans, [[10, 14]])
    nothing = replace(given(), x=given().x[:0], spans=given().spans[:0])
    assert average.extract(nothing).x.shape == (0, 3, 2)


def test_a_signal_has_no_windows_to_average():
    with pytest.raises(UsageError, match=r"feature average takes windows, not \(channel, time\) of shape \(1, 1000\)"):
        average.extract(piece_of(tone(10, 5)))


def test_the_ends_of_a_trimmed_signal_go_to_lead_and_tail():
    piece = piece_of(np.arange(1000), 100.0, start=20.0, lead=100, tail=200)
    found = trim.extract(piece, first=0.5, last=1.0)
    assert (found.start, found.lead, found.tail) == (20.5, 150, 300)
    np.testing.assert_array_equal(found.trial[0], np.arange(150, 700))


def test_windows_that_touch_the_trimmed_ends_go():
    found = trim.extract(given(), first=0.5, last=1.0)
    np.testing.assert_array_equal(found.x, given().x[1:3])
    np.testing.assert_allclose(found.spans, [[11, 12], [12, 13]])


@pytest.mark.parametrize("piece", [given(), piece_of(tone(10, 4))])
def test_trimming_a_whole_trial_leaves_nothing_and_says_so(piece):
    found = trim.extract(piece, first=3.0, last=3.0)
    assert found.notices == ("not longer than the 6 s that are trimmed: no sample is made of it",)
    assert (found.x.shape[0] if found.spans is not None else found.trial.size) == 0


def test_trimming_nothing_is_refused():
    with pytest.raises(UsageError, match="neither first nor last"):
        trim.extract(given(), first=0.0)


# chains ---------------------------------------------------------------------------------------------------------------


def test_a_chain_keeps_a_tone_at_its_frequency_and_its_time():
    recording = tone(7, 90, 500.0) + tone(50, 90, 500.0) + 3000
    piece = piece_of([recording, tone(3, 90, 500.0)], 500.0, lead=2500, tail=2500, start=5.0)
    chain = [
        lambda p: resample.extract(p, rate=200.0),
        lambda p: band_filter.extract(p, low=1.0, high=40.0),
        lambda p: trim.extract(p, first=2.0),
        lambda p: fixed_duration.extract(p, seconds=20.0),
        lambda p: windows.extract(p, window=4.0),
    ]
    for feature in chain:
        piece = feature(piece)
    assert piece.rate == pytest.approx(200 * 20 / 78)
    length = piece.x.shape[-1]
    time = piece.spans[5, 0] + np.arange(length) / piece.rate
    np.testing.assert_allclose(piece.x[5, 0], 10 * np.cos(2 * np.pi * 7 * time), atol=0.6)
    assert piece.spans[0, 0] == pytest.approx(7.0)


def test_a_band_that_a_squeezed_trial_cannot_hold_is_refused():
    squeezed = fixed_duration.extract(piece_of(tone(10, 300)))
    with pytest.raises(UsageError, match=r"`high` reaches 45 Hz, not below half of the signal's rate of 33\.3333 Hz"):
        band_filter.extract(squeezed)
