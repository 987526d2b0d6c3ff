"""The views `gradient` and `passes` find what small networks of known truth use, and nothing where there is nothing."""

from collections import OrderedDict
from dataclasses import fields, replace
from functools import partial

import numpy as np
import pytest
import torch
from scipy.signal import firwin
from scipy.stats import mannwhitneyu
from torch import nn

from reportgen.bands import BANDS
from reportgen.core import Decoder
from reportgen.frequencies import gradients, passes, positions
from reportgen.frequencies import windows as windows_module
from reportgen.frequencies.effect import Grid, combined
from reportgen.frequencies.windows import TrialMeans, Trials, around, of_transform, overlap, shares, weights

RATE, TIME = 128.0, 256
CHANNELS = ("F3", "F4", "C3", "C4", "O1", "O2")
FIVE = dict(BANDS)


def decoder_of(samples, labels, *, axes=("channel", "time"), unit=None, trial=None, model=None, scale=None, **facts) -> Decoder:
    """A decoder whose network sees samples / scale, with a leading axis of one where they have two axes."""
    samples, labels = np.asarray(samples, np.float32), np.asarray(labels)
    spread = np.asarray(samples.std(axis=0) + 0.1 if scale is None else scale, np.float32)

    def standardise(x):
        y = x / torch.as_tensor(spread).to(x)
        return y[:, None] if len(axes) == 2 else y

    empty = {field.name: None for field in fields(Decoder)}
    return Decoder(
        **empty
        | {
            "fold": "",
            "model": model,
            "standardise": standardise,
            "device": "cpu",
            "classes": tuple("abc"[: labels.max() + 1]),
            "samples": samples,
            "labels": labels,
            "unit": np.array(["one"] * len(labels)) if unit is None else np.array(unit),
            "trial": np.array([f"trial {i:03}" for i in range(len(labels))]) if trial is None else np.array(trial),
            "baseline": samples.mean(axis=0),
            "spread": spread,
            "axes": axes,
            "channels": CHANNELS,
            "rate": RATE,
            "trials": (),
            "extract": lambda piece: piece.x,
        }
        | facts
    )


def grid_of(low=0.0, high=RATE / 2, width=2.0, step=2.0) -> Grid:
    starts = np.arange(low, high - width + 1e-9, step)
    return Grid(np.stack([starts, starts + width], axis=1), FIVE, fine=True)


def signals(labels, rhythms, seed=0, noise=1.0):
    """Noise, and for the samples of class c the rhythms {c: [(Hz, channel, amplitude)]} in random phase."""
    generator = np.random.default_rng(seed)
    x = generator.normal(0, noise, (len(labels), len(CHANNELS), TIME))
    time = np.arange(TIME) / RATE
    for i, label in enumerate(labels):
        for hertz, channel, amplitude in rhythms.get(label, ()):
            x[i, channel] += amplitude * np.sin(2 * np.pi * hertz * time + generator.uniform(0, 2 * np.pi))
    return x.astype(np.float32)


def band_pass(low, high, taps=129):
    """A convolution of one map over time that passes low to high Hz of each channel."""
    layer = nn.Conv2d(1, 1, (1, taps), padding="same", bias=False)
    layer.weight.data[:] = torch.as_tensor(firwin(taps, (low, high), pass_zero=False, fs=RATE))
    return layer


class BandPower(nn.Module):
    """Logits (0, log power of one channel from low to high Hz): class 1 is where there is much of it."""

    def __init__(self, low, high, channel):
        super().__init__()
        frequency = torch.fft.rfftfreq(TIME, 1 / RATE)
        self.channel, self.inside = channel, (frequency >= low) & (frequency < high)

    def forward(self, x):
        power = torch.fft.rfft(x[:, 0, self.channel]).abs().square()
        logit = (power[:, self.inside].sum(1) + 1).log()
        return torch.stack([torch.zeros_like(logit), logit], 1)


@pytest.fixture(autouse=True)
def one_thread():
    torch.manual_seed(0)
    torch.set_num_threads(1)


# bins and windows


def test_bins_count_by_the_share_of_their_width_within_a_window():
    bins = around(np.arange(0, 6.0), 1.0, 5.0)
    assert bins[0].tolist() == [0, 0.5]
    assert bins[-1].tolist() == [4.5, 5]
    share = shares(np.array([[1.0, 3.0], [0.0, 5.0]]), bins)
    np.testing.assert_allclose(share, [[0, 0.5, 1, 0.5, 0, 0], [1, 1, 1, 1, 1, 1]])


@pytest.mark.parametrize("length", [255, 256])
def test_bins_of_a_transform_lie_end_to_end_up_to_half_the_rate(length):
    bins = of_transform(length, RATE)
    np.testing.assert_allclose(bins[1:, 0], bins[:-1, 1])
    assert (bins[0, 0], bins[-1, 1]) == (0, RATE / 2)
    tiling = grid_of().edges
    np.testing.assert_allclose(shares(tiling, bins).sum(axis=0), 1)
    np.testing.assert_allclose(overlap(tiling, bins).sum(), RATE / 2)


def test_means_over_a_window_know_where_bins_end():
    found = weights(np.array([[1.0, 3.0], [4.5, 5.5], [4.6, 5.6]]), np.array([[i, i + 1.0] for i in range(5)]))
    np.testing.assert_allclose(found[0], [0, 0.5, 0.5, 0, 0])
    np.testing.assert_allclose(found[1], [0, 0, 0, 0, 1])  # half of it is covered
    assert np.isnan(found[2]).all()


def test_means_over_trials_do_not_depend_on_the_parts():
    labels = [0, 1, 0, 1, 1]
    decoder = decoder_of(np.zeros((5, 2, 2)), labels, trial=["b", "a", "b", "a", "c"], unit=["u", "v", "u", "v", "v"])
    trials = Trials.of(decoder)
    assert trials.label.tolist() == [1, 0, 1]
    assert trials.unit.tolist() == ["v", "u", "v"]
    assert trials.mixed() == {}
    values = torch.arange(10.0).reshape(5, 2)
    for size in (1, 2, 5):
        means = TrialMeans(trials)
        for first in range(0, 5, size):
            means.add(slice(first, first + size), values[first : first + size])
        np.testing.assert_allclose(means.values(), [[4, 5], [2, 3], [8, 9]])


# gradient


def test_the_gradient_of_log_band_power_is_at_its_frequency_and_channel():
    labels = np.tile([0, 1], 20)
    x = signals(labels, {1: [(10, 2, 0.8)], 0: [(24, 4, 0.8)]})
    decoder, grid = decoder_of(x, labels, scale=1.0), grid_of(1, 50, 2, 0.5)
    found = gradients.measure(decoder, BandPower(9, 11.1, 2), grid)
    for label in (0, 1):  # both classes are told apart by the same rhythm, the one by having it, the other by lacking it
        curve, channels = found.curve[found.label == label].mean(0), found.channels[found.label == label].mean(0)
        assert abs(grid.centres[curve.argmax()] - 10) <= 0.5
        assert curve.max() > 0.3
        assert np.abs(curve[(grid.edges[:, 0] > 11.5) | (grid.edges[:, 1] < 8.5)]).max() < 1e-6
        assert CHANNELS[channels[list(FIVE).index("alpha")].argmax()] == "C3"
    assert found.unit.tolist() == ["one"] * 40
    assert found.channels.shape == (40, 5, 6)


def test_a_trial_that_speaks_against_its_class_is_negative():
    labels = np.tile([0, 1], 20)
    x = signals(1 - labels, {1: [(10, 2, 0.8)]})
    found = gradients.measure(decoder_of(x, labels), BandPower(9, 11.1, 2), grid_of())
    assert found.curve.sum(axis=1).mean() < -0.2


def usual_spectrum(x, labels):
    amplitudes = np.abs(np.fft.rfft(x.astype(float)))
    return np.mean([amplitudes[labels == label].mean(axis=0) for label in np.unique(labels)], axis=0)


def small_network(classes=3):
    return nn.Sequential(
        nn.Conv2d(1, 4, (1, 33), padding="same"),
        nn.BatchNorm2d(4),
        nn.Conv2d(4, 6, (len(CHANNELS), 1)),
        nn.ELU(),
        nn.AvgPool2d((1, 4)),
        nn.Flatten(),
        nn.Linear(6 * TIME // 4, classes),
    ).eval()


@pytest.fixture
def plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a trial says of its own class, whatever others say of it: sums are exact."""
    monkeypatch.setattr(gradients, "specific", lambda effects, label, _: effects[np.arange(len(label)), ..., label])


@pytest.mark.usefixtures("plainly")
def test_effects_add_up_to_the_change_from_the_usual_spectrum():
    labels = np.tile([0, 1, 2], 5)
    x = signals(labels, {1: [(10, 2, 1)], 2: [(20, 3, 1)]})
    decoder, network = decoder_of(x, labels), small_network()
    found = gradients.measure(decoder, network, grid_of(), steps=32)
    phase = np.exp(1j * np.angle(np.fft.rfft(x.astype(float))))
    before = np.fft.irfft(usual_spectrum(x, labels) * phase, n=TIME).astype(np.float32)
    with torch.no_grad():
        after, start = (network(decoder.standardise(torch.as_tensor(y))).numpy() for y in (x, before))
    score = [(z - z.mean(1, keepdims=True))[np.arange(15), labels] for z in (after, start)]
    np.testing.assert_allclose(found.curve.sum(axis=1), score[0] - score[1], atol=0.01 * np.abs(score[0] - score[1]).max())
    assert np.ptp(score[0] - score[1]) > 0.05


def test_gradients_do_not_depend_on_the_batch(monkeypatch):
    labels = np.tile([0, 1, 2], 7)
    decoder, network = decoder_of(signals(labels, {}), labels), small_network()
    whole = gradients.measure(decoder, network, grid_of())
    monkeypatch.setitem(windows_module._AT_ONCE, "cpu", 5 * 16 * 6 * TIME)  # parts of 5, 5, 5, 5 and 1
    assert [len(x) for _, x in windows_module.batches(decoder, 16)] == [5, 5, 5, 5, 1]
    parted = gradients.measure(decoder, network, grid_of())
    np.testing.assert_allclose(parted.curve, whole.curve, atol=1e-6)
    np.testing.assert_allclose(parted.channels, whole.channels, atol=1e-6)


@pytest.mark.usefixtures("plainly")
def test_a_row_is_the_mean_over_the_windows_of_a_trial():
    labels = np.repeat([0, 1, 0, 1], 3)
    network = BandPower(9, 11.1, 2)
    decoder = decoder_of(signals(labels, {}), labels, trial=np.repeat(["p", "q", "r", "s"], 3))
    found = gradients.measure(decoder, network, grid_of())
    assert found.label.tolist() == [0, 1, 0, 1]
    phase = np.exp(1j * np.angle(np.fft.rfft(decoder.samples.astype(float))))
    before = np.fft.irfft(usual_spectrum(decoder.samples, labels) * phase, n=TIME).astype(np.float32)
    after, start = (network(decoder.standardise(torch.as_tensor(y)))[:, 1].numpy() for y in (decoder.samples, before))
    change = (after - start) / 2 * np.where(labels == 1, 1, -1)  # less the mean of two logits
    np.testing.assert_allclose(found.curve.sum(axis=1), change.reshape(4, 3).mean(axis=1), atol=1e-3)


def test_a_unit_is_compared_with_itself():
    """One person's amplitudes are three times another's: neither class gets anything of that."""
    labels = np.tile([0, 1], 20)
    x = signals(labels, {1: [(10, 2, 0.8)]}) * np.repeat([1, 3], 20)[:, None, None]
    unit = np.repeat(["quiet", "loud"], 20)
    found = gradients.measure(decoder_of(x, labels, unit=unit, scale=1.0), BandPower(9, 11.1, 2), grid_of())
    assert (combined([found], ["quiet", "loud"], 2).curve.sum(axis=2) > 0.2).all()


def test_units_of_one_class_are_compared_with_all_trials():
    labels = np.repeat([0, 1], 10)
    x = signals(labels, {1: [(10, 2, 0.8)]})
    alone = gradients.measure(decoder_of(x, labels, unit=np.arange(20).astype(str)), BandPower(9, 11.1, 2), grid_of())
    together = gradients.measure(decoder_of(x, labels), BandPower(9, 11.1, 2), grid_of())
    np.testing.assert_allclose(alone.curve, together.curve, atol=1e-6)


def linear(shape, classes=3):
    return nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape)), classes))


def exact(decoder, network, usual):
    """w·(x − usual) for the logit of each sample's class less the mean of all: (sample, …)."""
    weight = network[1].weight.detach().double().numpy().reshape(-1, *decoder.samples.shape[1:]) / decoder.spread
    return (weight - weight.mean(0))[decoder.labels] * (decoder.samples - usual)


def balanced(decoder):
    return np.mean([decoder.samples[decoder.labels == label].mean(axis=0) for label in range(3)], axis=0)


@pytest.mark.usefixtures("plainly")
def test_linear_networks_on_spectra_get_weight_times_change():
    labels = np.array([0, 1, 2, 0, 0, 1])
    frequency = np.arange(1.0, 41)
    x = np.random.default_rng(0).gamma(2.0, size=(6, 40, 6))
    decoder = decoder_of(x, labels, axes=("frequency", "channel"), frequency=frequency)
    network, grid = linear((40, 6)), grid_of(1, 40, 2, 0.5)
    found, truth = gradients.measure(decoder, network, grid, steps=3), exact(decoder, network, balanced(decoder))
    assert grid.edges[1].tolist() == [1.5, 3.5]
    np.testing.assert_allclose(found.curve[:, 1], truth[:, (frequency >= 2) & (frequency <= 3)].sum(axis=(1, 2)), atol=1e-5)
    alpha = truth[:, (frequency > 8) & (frequency < 14)].sum(axis=1) + (truth[:, 7] + truth[:, 13]) / 2
    np.testing.assert_allclose(found.channels[:, 2], alpha, atol=1e-5)


@pytest.mark.usefixtures("plainly")
@pytest.mark.parametrize("axes", [("channel", "band"), ("band", "row", "column"), ("slice", "band", "row", "column")])
def test_bands_are_attributed_to_the_channels_in_their_cells(axes):
    labels = np.tile([0, 1, 2], 4)
    values = np.random.default_rng(1).normal(size=(12, 3, 5, 6))  # (sample, slice, band, channel)
    cells = np.array([[0, 1], [0, 3], [2, 1], [2, 3], [3, 1], [3, 3]])
    films = np.zeros((12, 3, 5, 4, 5))
    films[..., cells[:, 0], cells[:, 1]] = values
    x = {2: values[:, 0].swapaxes(1, 2), 3: films[:, 0], 4: films}[len(axes)]
    decoder = decoder_of(x, labels, axes=axes, cells=cells, bands=FIVE)
    grid = Grid.of(decoder, 1.0, 0.0, 2.0, 0.5, {})
    network = linear(x.shape[1:])
    found, truth = gradients.measure(decoder, network, grid), exact(decoder, network, balanced(decoder))
    if len(axes) == 2:
        expected = truth.swapaxes(1, 2)
    else:
        expected = (truth.sum(axis=1) if len(axes) == 4 else truth)[..., cells[:, 0], cells[:, 1]]
    np.testing.assert_allclose(found.channels, expected, atol=1e-5)
    np.testing.assert_allclose(found.curve, expected.sum(axis=2), atol=1e-5)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.output = nn.LSTM(5 * 20, 4, bidirectional=True, batch_first=True), nn.Linear(8, 3)

    def forward(self, x):
        return self.output(self.layer(x.flatten(2))[0][:, -1])


@pytest.mark.usefixtures("plainly")
def test_recurrent_networks_have_gradients():
    labels = np.tile([0, 1, 2], 3)
    x = np.random.default_rng(2).normal(size=(9, 3, 5, 4, 5))
    cells = np.array([[i, j] for i in range(4) for j in range(5)])
    axes = ("slice", "band", "row", "column")
    decoder = decoder_of(x, labels, axes=axes, cells=cells, bands=FIVE, channels=tuple(f"E{i}" for i in range(20)))
    network = Recurrent().eval()
    found = gradients.measure(decoder, network, Grid.of(decoder, 1.0, 0.0, 2.0, 0.5, {}))
    after, start = (network(decoder.standardise(torch.as_tensor(y).float())) for y in (x, balanced(decoder)[None]))
    change = ((after - after.mean(1, keepdim=True)) - (start - start.mean())).detach().numpy()[np.arange(9), labels]
    np.testing.assert_allclose(found.curve.sum(axis=1), change, atol=1e-4)


def test_features_of_one_class_are_compared_with_the_training_part():
    x = np.random.default_rng(3).normal(size=(4, 6, 5))
    decoder = decoder_of(x, [1] * 4, axes=("channel", "band"), bands=FIVE, baseline=np.full((6, 5), 0.5, np.float32))
    network = linear((6, 5))
    assert gradients.defined(decoder) == ""
    found = gradients.measure(decoder, network, Grid.of(decoder, 1.0, 0.0, 2.0, 0.5, {}))
    np.testing.assert_allclose(found.curve, exact(decoder, network, 0.5).sum(axis=1), atol=1e-5)


def test_signals_of_one_class_have_no_gradient_view():
    decoder = decoder_of(signals([0] * 4, {}), [0] * 4)
    assert "one class only" in gradients.defined(decoder)
    nothing = gradients.measure(decoder, small_network(), grid_of())
    effect = combined([nothing], ["one"], 1)
    assert np.isnan(effect.curve).all()
    assert np.isnan(effect.channels).all()


def test_samples_without_frequencies_have_no_views():
    decoder = decoder_of(np.zeros((4, 3, 8)), [0, 1, 0, 1], axes=("channel", "measure"))
    assert gradients.defined(decoder) == "Samples of (channel, measure) know no frequencies."
    assert "do not slide" in passes.defined(decoder)


# passes


def by_rank(layers):
    """Layers and a head that nobody looks at."""
    return nn.Sequential(OrderedDict({**layers, "flatten": nn.Flatten(), "head": nn.LazyLinear(2)})).eval()


def test_kernels_pass_their_band_only():
    labels = np.tile([0, 1], 24)
    x = signals(labels, {1: [(10, 2, 0.7), (30, 2, 0.7)]})
    network, grid = by_rank({"conv": band_pass(6, 14)}), grid_of(1, 50, 2, 0.5)
    decoder = decoder_of(x, labels, model=network)
    assert passes.defined(decoder) == ""
    found = passes.measure(decoder, network, grid)
    assert found.label.tolist() == [0, 1]
    assert found.unit.tolist() == ["one", "one"]
    assert found.channels is None
    np.testing.assert_allclose(found.curve[0], found.curve[1], atol=1e-6)  # of two classes, each is the other's rest
    curve, at = found.curve[0], grid.centres
    assert abs(at[curve.argmax()] - 10) <= 1
    assert curve.max() > 0.04  # one of six channels: (0.5 less chance) / 6
    assert np.abs(curve[(at > 20) | (at < 3)]).max() < 0.002
    other = passes.measure(decoder, by_rank({"conv": band_pass(24, 36)}), grid).curve[0]
    assert abs(at[other.argmax()] - 30) <= 1  # the AUC is 1 in each window that holds 30 Hz
    assert np.abs(other[at < 18]).max() < 0.002


def test_spatial_kernels_pass_what_lies_under_them():
    labels = np.tile([0, 1], 24)
    x = signals(labels, {1: [(10, 2, 0.7)]})
    spatial = {name: nn.Conv2d(1, 1, (6, 1), bias=False) for name in ("on", "off")}
    for name, layer in spatial.items():
        layer.weight.data[:] = 0
        layer.weight.data[0, 0, {"on": 2, "off": 5}[name], 0] = 1
    decoder, grid = decoder_of(x, labels), grid_of()
    on, off = (passes.measure(decoder, by_rank({"conv": layer}), grid).curve[0] for layer in spatial.values())
    at = np.abs(grid.centres - 10) <= 1
    assert on[at].max() > 0.3
    assert off[at].max() < 0.2
    assert abs(off.mean()) < 0.05


def test_nothing_is_passed_on_average_where_there_is_nothing():
    grid, curves = grid_of(1, 49, 4, 4), []
    network = by_rank({"conv": nn.Conv2d(1, 2, (1, 9), padding="same")})
    for seed in range(12):
        labels = np.tile([0, 1, 2], 4)
        decoder = decoder_of(signals(labels, {}, seed=seed), labels)
        curves.append(passes.measure(decoder, network, grid, seed=seed).curve.mean(axis=0))
    means = np.mean(curves, axis=1)
    assert abs(means.mean()) < 3 * means.std(ddof=1) / np.sqrt(len(means))
    assert means.min() < 0 < means.max()


def test_deeper_maps_have_their_own_rate_and_rectified_ones_do_not_count():
    labels = np.tile([0, 1], 24)
    x = signals(labels, {1: [(10, channel, 0.9) for channel in range(6)]})
    grid = grid_of(1, 61, 2, 1)
    pooled = {"wide": band_pass(1, 60, 33), "pool": nn.AvgPool2d((1, 4)), "second": nn.Conv2d(1, 1, (1, 5), padding="same")}
    network = by_rank(pooled)
    decoder = decoder_of(x, labels, model=network)
    found = passes._traced(decoder, network)
    assert [(axis.length, axis.step) for axis in found.values()] == [(256, 1), (64, 4)]
    second = passes._layers(decoder, network, grid)[1]
    reached = np.isfinite(second.windows).all(axis=1)
    np.testing.assert_array_equal(reached, grid.centres <= 16)  # half of the rate of 32 Hz
    curve = passes.measure(decoder, network, grid).curve[0]
    assert abs(grid.centres[curve.argmax()] - 10) <= 1
    assert np.isfinite(curve).all()
    bent = by_rank({**pooled, "pool": nn.Sequential(nn.ReLU(), nn.AvgPool2d((1, 4)))})
    assert list(passes._traced(decoder, bent)) == [0]


def test_cropping_is_no_new_rate():
    network = nn.Sequential(
        nn.Conv2d(1, 1, (1, 65)), nn.ZeroPad2d((30, 31, 0, 0)), nn.Conv2d(1, 1, (1, 5)), nn.AvgPool2d((1, 2))
    )
    network.append(nn.Conv2d(1, 1, (1, 7), stride=(1, 3), padding=(0, 3)))
    axes = positions.axes_of(network, torch.zeros(1, 1, 2, TIME), -1)
    assert [(axis.length, axis.step) for axis in axes.values()] == [(192, 1), (249, 1), (42, 6)]
    assert axes[0].start == 32
    assert axes[2].start == pytest.approx(4 + 0.5, abs=1)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("row", [10, 25])
def test_maps_of_spectra_are_read_at_the_row_of_a_frequency(padding, row):
    """A class has more at one frequency in all channels; so has each layer, wherever pooling has moved it."""
    labels = np.tile([0, 1], 20)
    x = np.random.default_rng(4).gamma(8.0, size=(40, 40, 6))
    x[labels == 1, row] += 8
    frequency = np.arange(3.0, 43)
    first, second = nn.Conv2d(1, 3, 3, padding=padding), nn.Conv2d(3, 4, (3, 1))
    network = by_rank({"first": first, "relu": nn.ReLU(), "pool": nn.MaxPool2d(2), "second": second})
    decoder = decoder_of(x, labels, axes=("frequency", "channel"), frequency=frequency, model=network)
    assert passes.defined(decoder) == ""
    grid = grid_of(3, 42, 2, 0.5)
    curve = passes.measure(decoder, network, grid).curve[0]
    assert abs(grid.centres[curve.argmax()] - frequency[row]) <= 1.5
    assert curve.max() > 0.1
    assert np.abs(curve[np.abs(grid.centres - frequency[row]) > 7]).max() < 0.08
    second = passes._traced(decoder, network)[1]
    assert second.step == 2
    assert second.start == {1: 3.5, 0: 2.5}[("padding=(1" not in str(network[0]) and 1) or 0]


def test_areas_are_those_of_mann_and_whitney_with_ties():
    generator = np.random.default_rng(5)
    values = generator.integers(0, 6, (15, 3, 2)).astype(float)
    labels = np.repeat([0, 1, 2], 5)
    members = labels[None, None] == np.arange(3)[None, :, None]
    for label in range(3):
        area = mannwhitneyu(values[labels == label], values[labels != label]).statistic / 50
        both = np.concatenate([members, np.tile([0, 1, 2], 5)[None, None] == np.arange(3)[None, :, None]])
        other = np.tile([0, 1, 2], 5) == label
        chance = mannwhitneyu(values[other], values[~other]).statistic / 50
        expected = np.abs(area - 0.5) - np.abs(chance - 0.5)
        np.testing.assert_allclose(passes._above_chance(values, both)[label], expected, atol=1e-6)


def test_parts_and_runs_give_the_same_numbers(monkeypatch):
    labels = np.tile([0, 1, 2], 6)
    unit = np.repeat(["u", "v"], 9)
    decoder = decoder_of(signals(labels, {1: [(10, 2, 1)]}), labels, unit=unit)
    measure = partial(passes.measure, decoder, small_network(), grid_of(1, 49, 4, 4))
    whole = measure()
    assert list(zip(whole.unit, whole.label, strict=True)) == [(u, c) for u in "uv" for c in range(3)]
    assert measure().curve.tobytes() == whole.curve.tobytes()
    monkeypatch.setitem(windows_module._AT_ONCE, "cpu", 5 * 6 * TIME)
    monkeypatch.setattr(passes, "_AT_ONCE", 1000)
    np.testing.assert_allclose(measure().curve, whole.curve, atol=1e-6)


def test_units_of_one_class_are_left_out():
    labels = np.array([0, 1, 0, 1, 1, 1])
    decoder = decoder_of(signals(labels, {}), labels, unit=["u"] * 4 + ["v"] * 2, model=small_network(classes=2))
    assert passes.measure(decoder, decoder.model, grid_of()).unit.tolist() == ["u", "u"]
    apart = decoder_of(signals(labels, {}), labels, unit=list("pqrstu"), model=decoder.model)
    assert "more than one class" in passes.defined(apart)
    assert len(passes.measure(apart, decoder.model, grid_of()).curve) == 0


def test_bands_and_networks_without_kernels_pass_nothing():
    labels = [0, 1, 0, 1]
    banded = decoder_of(np.zeros((4, 6, 5)), labels, axes=("channel", "band"), bands=FIVE)
    assert passes.defined(banded) == "In samples of (channel, band) kernels do not slide along frequency or time."
    dense = decoder_of(signals(labels, {}), labels, model=linear((6, TIME), 2))
    assert "no convolution that sees the signal itself along time" in passes.defined(dense)
    assert np.isnan(passes.measure(dense, dense.model, grid_of()).curve).all()
    spectra = decoder_of(np.ones((4, 10, 6)), labels, axes=("frequency", "channel"), frequency=np.arange(10.0))
    short = nn.Sequential(nn.Conv2d(1, 1, 3), *linear((8, 4), 2))
    assert "keeps more than 8 positions" in passes.defined(replace(spectra, model=short))
