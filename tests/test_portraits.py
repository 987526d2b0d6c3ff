"""What a crowd looks like, where it is known: spectra, correlations, neighbours; and step `beside`, which compares two."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.core import TEST, TRAIN
from reportgen.outputs import Inputs, Out, Output
from reportgen.realism import portraits
from reportgen.realism.portraits import band_edges, nearest, placed, portrait, spread
from reportgen.realism.sets import Crowd
from reportgen.steps import beside
from reportgen.synthetic import Domain
from reportgen.work import Work

RATE = 128.0
CLASSES = ("negative", "positive")
CHANNELS = ("FZ", "CZ", "PZ")
TRIALS, WINDOWS = 8, 3  # of each class and part, and of each trial


def signals(classes: int = 2, channels: int = 3, seconds: float = 1.0) -> Domain:
    shape = (channels, round(seconds * RATE))
    told: dict[str, Any] = {"classes": CLASSES[:classes], "channels": CHANNELS[:channels], "rate": RATE, "bands": None}
    return Domain(shape=shape, axes=("channel", "time"), unit="µV", **told)


def maps(axes: tuple[str, ...] = ("channel", "band"), shape: tuple[int, ...] = (3, 2)) -> Domain:
    told: dict[str, Any] = {"classes": CLASSES, "channels": CHANNELS, "bands": {"alpha": (8.0, 14.0), "beta": (14.0, 31.0)}}
    return Domain(shape=shape, axes=axes, unit="nat", rate=float("nan"), **told)


def crowd(x: np.ndarray, labels: Any = 0, per_group: int = 1) -> Crowd:
    labels = np.broadcast_to(labels, len(x)).astype(int)
    return Crowd(x=x.astype(np.float32), labels=labels, group=np.arange(len(x)) // per_group)


def look(domain: Domain, one: Crowd, cells: np.ndarray | None = None) -> portraits.Portrait:
    return portrait(domain, one, cells, resamples=200, seed=0)


def test_white_noise_has_its_variance_at_every_frequency() -> None:
    x = np.random.default_rng(0).normal(0, 2, (300, 3, 128))
    seen = look(signals(1), crowd(x))
    assert seen.frequency.tolist() == list(range(1, 65))
    expected = 10 * np.log10(4 / (RATE / 2)) - 10 * np.euler_gamma / np.log(10)  # the mean logarithm of an exponential one
    assert seen.spectrum[0, :, 1:60] == pytest.approx(expected, abs=1.0)  # of 300 windows
    assert seen.power[0] == pytest.approx(expected, abs=0.6)
    mean, low, high = seen.level[0]
    assert (low < mean).all() and (mean < high).all()
    assert 0.85 < np.mean((low[1:60] < expected) & (expected < high[1:60])) <= 1


def test_one_window_with_a_movement_decides_nothing() -> None:
    """Power is averaged as decibels: a window 40 dB above 19 others lifts the mean by 2 dB, not by 27."""
    time = np.arange(128) / RATE
    tone = np.sqrt(2) * np.sin(2 * np.pi * 10 * time) * np.array([100.0, *[1.0] * 19])[:, None, None] * np.ones((1, 3, 1))
    seen, calm = look(signals(1), crowd(tone)), look(signals(1), crowd(tone[1:]))
    assert (seen.spectrum - calm.spectrum)[0, :, 9] == pytest.approx(2.0, abs=0.01)
    assert list(band_edges(signals())) == ["delta", "theta", "alpha", "beta", "gamma"]
    assert seen.power[0, 2].min() > seen.power[0, [0, 1, 3, 4]].max()


def test_bands_without_a_frequency_are_left_out() -> None:
    short = Domain(
        **{name: getattr(signals(), name) for name in ("axes", "unit", "classes", "channels", "bands")}, rate=32.0, shape=(3, 8)
    )
    assert list(band_edges(short)) == ["theta", "alpha", "beta"]  # 4, 8, 12 and 16 Hz


def test_trials_that_differ_widen_the_interval_windows_do_not() -> None:
    rng = np.random.default_rng(1)
    strength = np.exp(rng.normal(0, 0.5, 10))
    x = rng.normal(size=(80, 3, 128)) * np.repeat(strength, 8)[:, None, None]
    of_trials, of_windows = (look(signals(1), crowd(x, per_group=n)).level[0] for n in (8, 1))
    assert np.median(of_trials[2] - of_trials[1]) > 1.8 * np.median(of_windows[2] - of_windows[1])
    few = look(signals(1), crowd(x[:40], per_group=8)).level[0]  # five trials
    assert np.isfinite(few[0]).all() and np.isnan(few[1:]).all()


def test_a_class_without_samples_and_a_flat_channel_are_not_numbers() -> None:
    x = np.random.default_rng(2).normal(size=(20, 3, 128))
    x[:, 1] = 5.0
    seen = look(signals(2), crowd(x, 0))
    assert np.isnan(seen.power[1]).all() and np.isnan(seen.level[1]).all()
    assert np.isnan(seen.power[0, :, 1]).all() and np.isfinite(seen.power[0, :, [0, 2]]).all()
    assert np.isfinite(seen.level[0, 0]).all(), "it is left out of the mean"
    assert np.isnan(seen.covariance[1]).all() and seen.covariance[0, 0] == pytest.approx(1)


def test_correlations_are_those_that_were_mixed_in() -> None:
    """Channel 2 is 0.6 of channel 1 and 0.8 of its own; an offset of a window is no correlation."""
    rng = np.random.default_rng(3)
    source = rng.normal(size=(200, 3, 128))
    x = np.stack([source[:, 0], 0.6 * source[:, 0] + 0.8 * source[:, 1], 10 * source[:, 2]], axis=1)
    x += 100 * rng.normal(size=(200, 1, 1))
    expected = [[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1]]
    assert look(signals(1), crowd(x)).covariance == pytest.approx(np.array(expected), abs=0.03)
    numbers = np.stack([source[:, 0, :2], -source[:, 0, :2], source[:, 2, :2]], axis=1)  # (sample, channel, band)
    of_maps = look(maps(), crowd(numbers)).covariance
    assert of_maps[0, 1] == pytest.approx(-1) and abs(of_maps[0, 2]) < 0.15


def test_maps_are_of_their_own_numbers() -> None:
    x = np.random.default_rng(4).normal(0, 0.1, (40, 3, 2)) + np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]])
    seen = look(maps(), crowd(x, np.arange(40) % 2))
    assert seen.frequency.size == 0 and seen.spectrum.shape == (2, 3, 0)
    assert seen.power[1] == pytest.approx(np.array([[1, 2, 3], [5, 6, 7]]), abs=0.1)
    assert seen.level[:, 0] == pytest.approx(np.array([[2, 6], [2, 6]]), abs=0.1)


def test_samples_of_any_axes_become_columns_and_places() -> None:
    channel_band = np.arange(6.0).reshape(1, 3, 2)
    expected = channel_band.swapaxes(1, 2)
    assert placed(("channel", "band"), channel_band).tolist() == expected.tolist()
    assert placed(("band", "channel"), expected).tolist() == expected.tolist()
    cells = np.array([[0, 1], [1, 0], [1, 1]])
    grid = np.zeros((1, 2, 2, 2))
    grid[:, :, cells[:, 0], cells[:, 1]] = expected
    assert placed(("band", "row", "column"), grid, cells).tolist() == expected.tolist()
    assert placed(("band", "row", "column"), grid).shape == (1, 2, 4), "all cells where channels are not known"
    film = np.stack([grid, grid + 2], axis=1)
    assert placed(("slice", "band", "row", "column"), film, cells).tolist() == (expected + 1).tolist()
    assert placed(("band",), np.zeros((5, 2))).shape == (5, 2, 1)
    assert placed(("channel",), np.zeros((5, 3))).shape == (5, 1, 3)


def test_a_copy_is_its_own_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    among = rng.normal(size=(50, 3, 16)) * np.array([1, 1, 1000])[:, None]
    index = np.arange(10, 50)
    domain = signals()
    scale = spread(domain, among)
    assert scale.shape == (3, 1) and scale[2] == pytest.approx(1000, rel=0.1)
    copies = among[[12, 40, 3]]
    row, gap = nearest(copies, among, index, scale)
    assert row[:2].tolist() == [12, 40] and gap[:2] == pytest.approx(0, abs=1e-6)
    assert row[2] >= 10 and gap[2] == pytest.approx(1.3, abs=0.2), "the third is not among the candidates"
    every = np.sqrt((((copies[2] - among[index]) / scale) ** 2).mean(axis=(1, 2)))
    assert row[2] == index[every.argmin()] and gap[2] == pytest.approx(every.min())
    monkeypatch.setattr(portraits, "_AT_ONCE", 100)
    again = nearest(copies, among, index, scale)
    assert again[0].tolist() == row.tolist() and again[1] == pytest.approx(gap)


def test_neighbours_of_ones_own_trial_do_not_count() -> None:
    among = np.random.default_rng(6).normal(size=(6, 2, 8))
    trial, one = np.array(list("aabbbb")), np.ones((2, 1))
    row, _ = nearest(among[:1], among, np.arange(6), one, (trial[:1], trial))
    assert row[0] >= 2
    _, gap = nearest(among[:1], among, np.arange(2), one, (trial[:1], trial[:2]))
    assert np.isinf(gap[0])


def given(folder: Path, *, restricted: bool = False, grid: bool = False) -> list[Output]:
    """Recordings of which the first half is the training part and the second the test part, in the second of two folds."""
    rng = np.random.default_rng(7)
    n = 2 * 2 * TRIALS * WINDOWS
    labels = np.arange(n) // WINDOWS % 2
    x = rng.normal(0, 3, (n, 3, 64)).astype(np.float32)
    if grid:
        x = np.zeros((n, 2, 9, 9), np.float32)
        x[..., [3, 5, 7], 4] = rng.normal(size=(n, 2, 3))
    parts = np.full((2, n), TEST, np.uint8)
    parts[1, : n // 2] = TRAIN
    out = _out(folder)
    facts = {"classes": CLASSES, "redistribute": not restricted, "positions": None, "bands": None, "title": "Sim"}
    out.json("facts", {**facts, "channels": CHANNELS})
    shape, axes = (x.shape[1:], ("band", "row", "column") if grid else ("channel", "time"))
    chain = [{"use": "topographic_grid", "settings": {"grid": "9x9"}}] if grid else []
    names = {"band": ["alpha", "beta"]} if grid else {}
    told = {"shape": shape, "axes": ["sample", *axes], "unit": "µV", "names": names, "channels": CHANNELS, "rate": 64.0}
    out.json("features", {**told, "chain": chain})
    out.array("samples", x, ("sample", *axes), restricted=restricted)
    out.array("labels", labels.astype(np.int16), ("sample",))
    out.array("parts", parts, ("fold", "sample"))
    trial = np.array([f"trial {i // WINDOWS}" for i in range(n)])
    np.savez(out.path("rows", ".npz"), trial=trial, index=np.arange(n) % WINDOWS)
    out.json("split", {"folds": ["first", "second"]})
    return _outputs(out, dataset="eeg")


def generated(folder: Path, found: list[Output], x: np.ndarray | None, *, source: np.ndarray | None = None) -> list[Output]:
    """What a generator gives back for the labels of the training part."""
    out = _out(folder)
    labels = np.asarray(Inputs(found).one("labels"))[: 2 * TRIALS * WINDOWS]
    out.json("generator", {"diverged": "" if x is not None else "epoch 3: the loss is no number"})
    if x is not None:
        out.array("synthetic", x, ("sample", "channel", "time"))
        out.array("synthetic_labels", labels, ("sample",))
    if source is not None:
        out.array("synthetic_source", source.astype(np.int32), ("sample", "n"))
    return [*found, *_outputs(out, generator="mine", experiment="net")]


def run(folder: Path, outputs: list[Output], **settings: Any) -> tuple[Inputs, Mapping[str, dict[str, Any]]]:
    out = _out(folder)
    work = Work(_out(folder / "work").folder, {}, "cpu", 1)
    beside.run(Inputs(outputs), out, work, **{"seed": 0, "resamples": 50, "fold": 1} | settings)
    return Inputs(_outputs(out, generator="mine")), out.described


def test_beside_shows_test_windows_synthetic_ones_and_their_neighbours(tmp_path: Path) -> None:
    found = given(tmp_path / "eeg")
    samples, labels = (np.asarray(Inputs(found).one(kind)) for kind in ("samples", "labels"))
    learned = 2 * TRIALS * WINDOWS
    rng = np.random.default_rng(8)
    made = rng.normal(0, 3, (learned, 3, 64)).astype(np.float32)
    made[labels[:learned] == 1] = samples[:learned][labels[:learned] == 1]  # copies, of one class alone
    made_things, described = run(tmp_path / "out", generated(tmp_path / "net", found, made))
    pair, means, about = (made_things.one(kind) for kind in ("signal_pair", "signal_means", "signal_about"))
    assert pair["real"].shape == pair["made"].shape == pair["nearest"].shape == (2, 3, 3, 64)
    for label in range(2):
        rows = [int(np.flatnonzero((samples == one).all(axis=(1, 2)))[0]) for one in pair["real"][label]]
        assert min(rows) >= learned and set(labels[rows]) == {label}, "of the test part and the class"
        assert len({row // WINDOWS for row in rows}) == 3, "of different trials"
        known = [(samples[:learned] == one).all(axis=(1, 2)).any() for one in pair["nearest"][label]]
        assert all(known), "neighbours are of the training part"
    assert pair["gap"][1, :, 0] == pytest.approx(0) and (pair["nearest"][1] == pair["made"][1]).all()
    assert (pair["gap"][..., 1] > 1).all() and (pair["gap"][0, :, 0] > 1).all()
    usual = pair["usual"][np.isfinite(pair["usual"]).all(axis=-1)]
    assert np.median(usual[:, 0] / usual[:, 1]) == pytest.approx(1, abs=0.02)
    assert means["spectrum_real"].shape == means["spectrum_made"].shape == (2, 3, len(means["frequency"]))
    assert means["power_train"].shape == (2, 5, 3) and means["covariance_made"].shape == (3, 3)
    assert np.isfinite(means["level_real"]).all() and means["level_real"].shape == (2, 3, 32)
    for side in ("real", "made", "train"):
        assert len(means[f"plane_{side}"]) == len(means[f"plane_{side}_labels"]) > 0 and means[f"plane_{side}"].shape[1] == 2
    assert (about["generator"], about["fold"], about["diverged"]) == ("mine", "second", "")
    assert about["n"] == {"real": learned, "made": learned, "train": learned} and about["groups"]["real"] == 2 * TRIALS
    assert about["groups"]["made"] == learned, "without sources every synthetic sample is alone"
    assert list(about["bands"]) == about["columns"] and about["seconds"] == 1.0
    assert not any(one["restricted"] for one in described.values())


def test_beside_draws_the_same_real_windows_for_all_generators(tmp_path: Path) -> None:
    found = given(tmp_path / "eeg", restricted=True)
    shape = (2 * TRIALS * WINDOWS, 3, 64)
    first, second = (np.random.default_rng(i).normal(size=shape).astype(np.float32) for i in (1, 2))
    source = np.arange(shape[0])[:, None]
    one, described = run(tmp_path / "a", generated(tmp_path / "na", found, first, source=source))
    other, _ = run(tmp_path / "b", generated(tmp_path / "nb", found, second))
    again, _ = run(tmp_path / "c", generated(tmp_path / "nc", found, first, source=source))
    assert (one.one("signal_pair")["real"] == other.one("signal_pair")["real"]).all()
    assert described["signal_pair.npz"]["restricted"] and not described["signal_means.npz"]["restricted"]
    assert one.one("signal_about")["groups"]["made"] == 2 * TRIALS, "what is made of one trial is one group"
    for name, values in one.one("signal_means").items():
        np.testing.assert_array_equal(values, again.one("signal_means")[name])
    moved, _ = run(tmp_path / "d", generated(tmp_path / "nd", found, first), seed=5)
    assert (moved.one("signal_pair")["real"] != one.one("signal_pair")["real"]).any()


def test_beside_tells_of_a_generator_that_diverged(tmp_path: Path) -> None:
    made, described = run(tmp_path / "out", generated(tmp_path / "net", given(tmp_path / "eeg"), None))
    assert set(described) == {"signal_about.json"}
    assert made.one("signal_about")["diverged"] == "epoch 3: the loss is no number"
    assert made.one("signal_about")["generator"] == "mine"


def test_beside_reads_channels_from_a_grid(tmp_path: Path) -> None:
    found = given(tmp_path / "eeg", grid=True)
    samples = np.asarray(Inputs(found).one("samples"))
    made, _ = run(tmp_path / "out", generated(tmp_path / "net", found, samples[: 2 * TRIALS * WINDOWS] + np.float32(1)))
    means, about = made.one("signal_means"), made.one("signal_about")
    assert np.shape(about["cells"]) == (3, 2) and about["domain"] == "maps" and about["rate"] is None
    assert means["power_made"].shape == (2, 2, 3) and means["frequency"].size == 0
    assert means["power_made"] - means["power_train"] == pytest.approx(1, abs=1e-5)
    assert about["columns"] == ["alpha", "beta"]


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
