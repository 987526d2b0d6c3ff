"""What is planted into signals is measured, and what is wrong is said."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from reportgen.outputs import Out
from reportgen.quality import FAULTS, MEASURES, UNUSABLE, Quality, signal_quality, verdict

RATE, SECONDS = 200.0, 60
CHANNELS = ("A", "B", "C", "D", "E")
TIME = np.arange(int(RATE * SECONDS)) / RATE


@pytest.fixture
def x() -> np.ndarray:
    """White noise of 10 µV in five channels."""
    return np.random.default_rng(0).normal(0, 10, (len(CHANNELS), len(TIME))).astype(np.float32)


def row_of(x: np.ndarray, rate: float = RATE) -> dict[str, object]:
    quality = Quality()
    quality.add(x, rate)
    return quality.recording(subject="1", session="1", recording="a.mat")


def test_clean_noise_has_no_fault(x: np.ndarray) -> None:
    found = signal_quality(x, RATE)
    assert set(found) == set(MEASURES)
    assert found["amplitude"] == pytest.approx(np.full(5, 10), rel=0.05)
    assert found["line"] == pytest.approx(np.ones(5), abs=0.3)
    for name in ("missing", "flat", "saturated", "jumps"):
        assert not found[name].any()
    faults = {fault for _, fault in verdict(row_of(x), CHANNELS)}
    assert faults == {"muscle"}, "white noise has most of its power above 30 Hz"


def test_missing_samples_are_counted_and_do_not_disturb_the_rest(x: np.ndarray) -> None:
    whole = signal_quality(x, RATE)
    x[0, 100:160], x[1], x[2, 7] = np.nan, np.inf, -np.inf
    found = signal_quality(x, RATE)
    assert found["missing"] == pytest.approx([60 / len(TIME), 1, 1 / len(TIME), 0, 0])
    assert found["flat"][0] == 0
    assert found["amplitude"][0] == pytest.approx(whole["amplitude"][0], rel=0.02)
    assert all(np.isnan(found[name][1]) for name in MEASURES if name != "missing")
    assert [(channel, fault) for channel, fault in verdict(row_of(x), CHANNELS) if fault == "missing"] == [
        ("A", "missing"),
        ("B", "missing"),
        ("C", "missing"),
    ]


@pytest.mark.parametrize("seconds", [0.25, 0.3, 1.0, 15.0])
def test_stillness_is_measured_in_time(x: np.ndarray, seconds: float) -> None:
    steps = round(seconds * RATE)
    x[0, 500 : 501 + steps] = 3
    x[0, 8000 : 8001 + steps] = -4
    assert signal_quality(x, RATE)["flat"][0] == pytest.approx(2 * steps / (len(TIME) - 1))


def test_short_stillness_is_none_and_a_dead_channel_is_flat_not_weak(x: np.ndarray) -> None:
    x[0, 500:550] = 3  # 49 steps: one less than 0.25 s
    x[1] = 0
    found = signal_quality(x, RATE)
    assert found["flat"].tolist() == [0, 1, 0, 0, 0]
    assert found["saturated"][1] == 0
    assert np.isnan(found["jumps"][1])
    assert [fault for channel, fault in verdict(row_of(x), CHANNELS) if channel == "B"] == ["flat"]


def test_clipping_is_told_from_a_single_highest_value(x: np.ndarray) -> None:
    x[0] = np.clip(40 * x[0], -300, 300)
    found = signal_quality(x, RATE)["saturated"]
    assert found[0] == pytest.approx(np.mean(np.abs(x[0]) == 300))
    assert not found[1:].any()


def test_amplitude_ignores_blinks(x: np.ndarray) -> None:
    x[0] += 400 * (TIME % 5 < 0.2)
    assert signal_quality(x, RATE)["amplitude"][0] == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize("mains", [50, 60])
def test_mains_stand_out_against_what_is_beside_them(x: np.ndarray, mains: int) -> None:
    x[0] += (8 * np.sin(2 * np.pi * mains * TIME)).astype(np.float32)
    density, line = 100 / 100, 8**2 / 2  # µV²/Hz of the noise, µV² of the sine
    found = signal_quality(x, RATE)
    assert found["line"][0] == pytest.approx(1 + line / (density * 2.5), rel=0.3)  # five bins of 0.5 Hz
    assert found["muscle"][0] == pytest.approx(found["muscle"][1], abs=0.03), "mains are no muscle"
    assert ("A", "line") in verdict(row_of(x), CHANNELS)


def test_a_low_pass_at_50_hz_is_no_mains(x: np.ndarray) -> None:
    spectrum = np.fft.rfft(x)
    spectrum[:, np.fft.rfftfreq(x.shape[1], 1 / RATE) > 50] = 0
    assert (signal_quality(np.fft.irfft(spectrum).astype(np.float32), RATE)["line"] < 2).all()


def test_muscle_is_fast_power(x: np.ndarray) -> None:
    slow = (30 * np.sin(2 * np.pi * 10 * TIME)).astype(np.float32)
    x[0] = slow + 0.1 * x[0]
    found = signal_quality(x, RATE)["muscle"]
    assert found[0] < 0.01
    assert found[1] == pytest.approx((100 - 30 - 6) / (100 - 1 - 6), abs=0.05)  # above 30 of above 1 Hz, mains left out


def test_jumps_are_counted_a_minute(x: np.ndarray) -> None:
    x[0] += (1000 * (np.floor(TIME / 15) % 2)).astype(np.float32)
    assert signal_quality(x, RATE)["jumps"].tolist() == [3, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("rate", "length", "unknown"),
    [(60.0, 600, {"line", "muscle"}), (100.0, 600, {"line"}), (112.0, 600, set()), (200.0, 300, {"line", "muscle"})],
)
def test_what_the_rate_or_length_does_not_show_is_not_known(rate: float, length: int, unknown: set[str]) -> None:
    found = signal_quality(np.random.default_rng(0).normal(size=(2, length)).astype(np.float32), rate)
    assert {name for name, values in found.items() if np.isnan(values).all()} == unknown


def test_stretches_count_by_their_seconds(x: np.ndarray) -> None:
    quality = Quality()
    dead = x[:, : len(TIME) // 3].copy()
    dead[0] = 5
    quality.add(x, RATE)
    quality.add(dead, RATE)
    row = quality.recording(subject="1", session="2", recording="a.mat")
    assert row["seconds"] == quality.seconds == 80
    assert {name: row[name] for name in ("subject", "session", "recording")} == {
        "subject": "1",
        "session": "2",
        "recording": "a.mat",
    }
    assert row["measures"]["flat"][0] == 0.25
    assert row["measures"]["amplitude"][0] == pytest.approx(0.75 * 10, rel=0.05)


def test_what_is_known_in_one_stretch_only_is_kept(x: np.ndarray) -> None:
    quality = Quality()
    quality.add(x, RATE)
    quality.add(x[:, :100], RATE)  # too short for spectra
    assert quality.recording(subject="", session="", recording="a")["measures"]["line"] == pytest.approx([1] * 5, abs=0.3)


def test_unknown_measures_are_null_in_the_file(tmp_path: pytest.TempPathFactory, x: np.ndarray) -> None:
    x[1] = np.nan
    Out(tmp_path).json("quality", {"channels": CHANNELS, "recordings": [row_of(x, rate=90.0)]})  # type: ignore[arg-type]
    measures = json.loads((tmp_path / "quality.json").read_text())["recordings"][0]["measures"]  # type: ignore[operator]
    assert measures["line"] == [None] * 5
    assert measures["amplitude"][1] is None
    assert measures["missing"][1] == 1


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda x: 0.01 * x, "weak"),
        (lambda x: 8 * x, "strong"),
        (lambda x: np.clip(x, -15, 15), "saturated"),
        (lambda x: np.where(TIME < 10, 0, x), "flat"),
    ],
)
def test_verdict_names_the_fault(x: np.ndarray, spoil: Callable[[np.ndarray], np.ndarray], fault: str) -> None:
    x[2] = spoil(x[2])
    assert [found for found in verdict(row_of(x), CHANNELS) if found[1] in UNUSABLE] == [("C", fault)]
    assert set(UNUSABLE) < set(FAULTS)


def test_living_channels_are_not_strong_beside_dead_ones(x: np.ndarray) -> None:
    x[:4] = 0
    assert [fault for channel, fault in verdict(row_of(x), CHANNELS) if channel == "E"] == ["muscle"]
