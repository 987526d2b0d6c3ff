"""Explainers of networks on EEG find what was planted in the network, and what is known in closed form."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from reportgen import plugins
from reportgen.core import Decoder, Explained, Spec
from reportgen.errors import DataError, UsageError
from reportgen.explainers import activation_maximisation, attention_weights, feature_maps, grad_cam, saliency, smooth_grad

CLASSES = ("sad", "neutral", "happy")
SHAPES = [(1, 7, 5), (3, 4, 5), (2, 3, 4, 5)]  # of the model's input: frequency × channel, bands on a grid, a film of them


def silent(done: int, total: int) -> None:
    """No progress."""


def asked(x: Tensor, labels: np.ndarray | None = None, ids: np.ndarray | None = None) -> Explained:
    """All samples, and the same ones as reference if there are labels."""
    stored = x.numpy()[:, 0] if x.ndim == 4 and x.shape[1] == 1 else x.numpy()
    ids = np.arange(len(x)) if ids is None else ids
    reference = None if labels is None else x
    return Explained(x, stored, ids % len(CLASSES), CLASSES, ids, lambda samples: samples, reference, labels)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def linear(shape: tuple[int, ...]) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape)), len(CLASSES))).eval()


class Film(nn.Module):
    """A convolution of each slice, then a recurrent layer over slices."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.spatial = nn.Conv2d(3, 4, 3, padding=1)
        self.time = nn.LSTM(4, 5, batch_first=True, bidirectional=True)
        self.hidden, self.output = nn.Linear(10, 6), nn.Linear(6, len(CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        maps = self.spatial(x.flatten(0, 1)).relu().mean((2, 3))  # (sample × slice, map)
        run, _ = self.time(maps.view(*x.shape[:2], -1))
        return self.output(self.hidden(run.mean(1)).tanh())


@pytest.mark.parametrize("shape", SHAPES)
def test_saliency_of_a_linear_network_is_its_weights(shape: tuple[int, ...]) -> None:
    model, x = linear(shape), drawn(4, *shape)
    weights = model[1].weight.detach().numpy()
    sample = shape[1:] if shape[0] == 1 else shape
    found = {show: saliency.explain(model, asked(x), silent, show=show) for show in ("absolute", "signed", "times_input")}
    values = {show: outputs["attribution"].values for show, outputs in found.items()}
    assert found["signed"]["attribution"].axes == ("image", "class", *("slice", "band", "row", "column")[4 - len(sample) :])
    np.testing.assert_allclose(values["signed"], np.broadcast_to(weights.reshape(3, *sample), (4, 3, *sample)), atol=1e-6)
    np.testing.assert_allclose(values["absolute"], np.abs(values["signed"]))
    sums = values["times_input"].sum(tuple(range(2, values["signed"].ndim))) + model[1].bias.detach().numpy()
    np.testing.assert_allclose(sums, model(x).detach().numpy(), atol=1e-5)
    assert [outputs["attribution_about"]["unit"] for outputs in found.values()] == ["logit per SD", "logit per SD", "logit"]


def test_saliency_of_a_recurrent_network_is_what_small_changes_do() -> None:
    model, x = Film().eval().double(), drawn(2, 4, 3, 5, 6).double()
    found = saliency.explain(model, asked(x), silent, show="signed")["attribution"].values
    assert found.shape == (2, 3, 4, 3, 5, 6)
    for place in [(0, 0, 0, 0), (2, 1, 3, 4), (3, 2, 4, 5)]:
        change = torch.zeros_like(x)
        change[(slice(None), *place)] = 1e-5
        slope = (model(x + change) - model(x - change)).detach().numpy() / 2e-5  # (sample, class)
        np.testing.assert_allclose(found[(slice(None), slice(None), *place)], slope, atol=1e-7)


@pytest.mark.parametrize("explainer", [saliency, smooth_grad])
def test_class_means_are_those_of_the_class_itself(explainer: Any) -> None:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Flatten(), nn.Linear(35, 8), nn.Tanh(), nn.Linear(8, 3)).eval()
    x, labels = drawn(9, 1, 7, 5), np.arange(9) % 3
    outputs = explainer.explain(model, asked(x, labels), silent)
    maps = outputs["attribution"].values
    expected = np.stack([maps[labels == label, label].mean(0) for label in range(3)])
    np.testing.assert_allclose(outputs["attribution_means"].values, expected, rtol=1e-4, atol=1e-6)
    other = replace(asked(x, labels), reference=x.clone())  # the same samples, but they are not known to be
    again = explainer.explain(model, other, silent)["attribution_means"].values
    np.testing.assert_allclose(again, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("explainer", [saliency, smooth_grad])
def test_a_class_without_samples_has_no_mean(explainer: Any) -> None:
    with pytest.raises(DataError, match="of class 'happy'"):
        explainer.explain(linear((1, 7, 5)), asked(drawn(4, 1, 7, 5), np.array([0, 1, 0, 1])), silent)


def test_smooth_grad_of_a_linear_network_is_saliency() -> None:
    model, x = linear((3, 4, 5)), drawn(4, 3, 4, 5)
    plain, smooth = (explainer.explain(model, asked(x), silent)["attribution"].values for explainer in (saliency, smooth_grad))
    np.testing.assert_allclose(smooth, plain, atol=1e-6)


def test_noise_is_that_share_of_the_range_of_each_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(smooth_grad, "class_gradients", lambda model, x: seen.append(x) or x[:, None].expand(-1, 3, -1))
    x = torch.stack([torch.linspace(0, 1, 2000), torch.linspace(-30, 20, 2000)])
    given = Explained(x, x.numpy(), np.zeros(2, int), CLASSES, np.arange(2), lambda samples: samples)
    smooth_grad.explain(nn.Identity(), given, silent, samples=20, noise=0.1)  # one sample after the other
    copies = torch.stack(seen)  # (sample, copy, number)
    np.testing.assert_allclose((copies - x[:, None]).std((1, 2)), [0.1, 5.0], rtol=0.02)


def test_smooth_grad_is_the_same_whatever_is_explained_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Flatten(), nn.Linear(35, 8), nn.Tanh(), nn.Linear(8, 3)).eval()
    x, ids = drawn(5, 1, 7, 5), np.array([4, 9, 2, 30, 7])

    def maps(x: Tensor, ids: np.ndarray) -> np.ndarray:
        found: np.ndarray = smooth_grad.explain(model, asked(x, ids=ids), silent, samples=20)["attribution"].values
        return found

    found = maps(x, ids)
    np.testing.assert_allclose(maps(x.flip(0), ids[::-1].copy())[::-1], found, atol=1e-6)
    assert np.abs(maps(x, ids + 1) - found).max() > 1e-4
    monkeypatch.setattr("reportgen.explainers._gradient._HELD", 3 * 35 * 7)  # seven copies at a time
    np.testing.assert_allclose(maps(x, ids), found, atol=1e-6)


def test_smooth_grad_averages_kinks_away() -> None:
    class Fold(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.abs().flatten(1)[:, :3]

    x = torch.zeros(1, 1, 2, 4)
    x[..., 0, 0], x[..., 1, 3] = 0.01, 1.0
    found = smooth_grad.explain(Fold(), asked(x), silent, samples=400, show="signed")["attribution"].values
    assert saliency.explain(Fold(), asked(x), silent, show="signed")["attribution"].values[0, 0, 0, 0] == 1
    assert abs(found[0, 0, 0, 0]) < 0.2


def planted(seed: int = 0) -> tuple[nn.Sequential, Tensor, np.ndarray]:
    """A network on frequency × channel (12 × 6) whose first unit answers to one frequency, and samples of three classes."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(4 * 72, 8), nn.ReLU(), nn.Linear(8, 3)
    )
    labels = np.arange(24) % 3
    x = 0.3 * drawn(24, 1, 12, 6)
    for label in range(3):
        x[labels == label, 0, 4 * label : 4 * label + 2] += 1.5
    optimiser = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(40):
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(x), torch.as_tensor(labels)).backward()
        optimiser.step()
    return model.eval(), x, labels


def test_the_ideal_of_a_linear_network_is_its_weights() -> None:
    model, x, labels = linear((1, 7, 5)), drawn(9, 1, 7, 5), np.arange(9) % 3
    outputs = activation_maximisation.explain(model, asked(x, labels), silent, blur=0.0)
    assert list(outputs["ideals"]) == ["output"]
    ideals, about = outputs["ideals"]["output"].values, outputs["ideals_about"]
    weights = model[1].weight.detach().numpy().reshape(3, 7, 5)
    for ideal, own in zip(ideals, weights, strict=True):
        assert np.corrcoef(ideal.ravel(), own.ravel())[0, 1] > 0.999
        assert np.sqrt((ideal**2).mean()) == pytest.approx(0.1 * 0.95 / 0.05, rel=0.01)
    told = about["layers"]["output"]
    assert told["targets"] == list(CLASSES)
    np.testing.assert_allclose(told["activation"], model(torch.as_tensor(ideals)[:, None]).diagonal().tolist(), rtol=1e-4)
    np.testing.assert_allclose(told["samples"], model(x).amax(0).detach().numpy(), rtol=1e-4)
    assert all(most < reached for most, reached in zip(told["samples"], told["activation"], strict=True))


def test_ideals_of_classes_hold_the_frequencies_that_were_planted() -> None:
    model, x, labels = planted()
    outputs = activation_maximisation.explain(model, asked(x, labels), silent, steps=64, units=2)
    assert [(name, array.values.shape) for name, array in outputs["ideals"].items()] == [
        ("output", (3, 12, 6)),
        ("0", (2, 12, 6)),
        ("3", (2, 12, 6)),
    ]
    profile = outputs["ideals"]["output"].values.mean(2)  # (class, frequency)
    assert [int(row.argmax()) // 4 for row in profile] == [0, 1, 2]
    for told in outputs["ideals_about"]["layers"].values():
        assert len(told["targets"]) == len(told["activation"]) == len(told["samples"])
    again = activation_maximisation.explain(model, asked(x, labels), silent, steps=64, units=2)
    assert all((again["ideals"][name].values == array.values).all() for name, array in outputs["ideals"].items())


def test_what_never_varies_is_left_alone_and_films_have_ideals() -> None:
    model, x, labels = Film().eval(), drawn(9, 4, 3, 5, 6), np.arange(9) % 3
    x[..., 0, :] = 0  # a row of cells without electrodes
    said: list[tuple[int, int]] = []
    outputs = activation_maximisation.explain(model, asked(x, labels), lambda *told: said.append(told), steps=10, units=2)
    assert said[-1] == (10, 10)
    assert {name: array.values.shape for name, array in outputs["ideals"].items()} == {
        "output": (3, 4, 3, 5, 6),
        "spatial": (2, 4, 3, 5, 6),
        "hidden": (2, 4, 3, 5, 6),
    }
    assert all((array.values[..., 0, :] == 0).all() for array in outputs["ideals"].values())
    assert not any(module._forward_hooks for module in model.modules())


def test_blur_smoothes_the_way_and_no_class_may_be_missing() -> None:
    model, x, labels = linear((1, 20, 9)), drawn(9, 1, 20, 9), np.arange(9) % 3
    rough, smooth = (
        activation_maximisation.explain(model, asked(x, labels), silent, steps=3, blur=blur)["ideals"]["output"].values
        for blur in (0.0, 2.0)
    )
    assert np.abs(np.diff(smooth, axis=1)).mean() < 0.6 * np.abs(np.diff(rough, axis=1)).mean()
    with pytest.raises(DataError, match="activation_maximisation: none of the 9 test samples is of class 'neutral'"):
        activation_maximisation.explain(model, asked(x, np.where(labels == 1, 0, labels)), silent)


class Given(nn.Module):
    """Attention that is read off the input: weights of samples × slices."""

    def __init__(self, read: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.read = read

    def forward(self, x: Tensor) -> Tensor:
        return self.read(x)


class Attending(nn.Module):
    """On films (sample, slice, band, row, column)."""

    def __init__(self, *, temporal: bool = True) -> None:
        super().__init__()
        self.inner = nn.ModuleDict(
            {
                "spectral_attention": Given(lambda x: x[..., 0, 0].softmax(1)),
                "spatial_attention": Given(lambda x: x[:, 0].flatten(1).softmax(1).view(-1, *x.shape[2:])),
            }
        )
        if temporal:
            self.temporal_attention = Given(lambda x: x[:, :, 0, 0, 0].softmax(1))

    def forward(self, x: Tensor) -> Tensor:
        for module in self.inner.values():
            module(x.flatten(0, 1))
        if hasattr(self, "temporal_attention"):
            self.temporal_attention(x)
        return x.flatten(1)[:, :3]


def decoder(model: nn.Module, x: np.ndarray, labels: np.ndarray, unit: list[str], axes: tuple[str, ...]) -> Decoder:
    return Decoder(
        fold="",
        model=model,
        control=None,
        standardise=lambda samples: samples if samples.ndim > 3 else samples[:, None],
        device="cpu",
        classes=CLASSES,
        samples=x,
        labels=labels,
        unit=np.array(unit),
        over="subject",
        trial=np.array(unit),
        baseline=x[0],
        spread=x[0],
        axes=axes,
        channels=("C3", "Cz", "C4"),
        cells=np.array([[0, 0], [0, 1], [1, 2]]),
        frequency=None,
        bands={"alpha": (8.0, 14.0), "beta": (14.0, 31.0)},
        rate=200.0,
        trials=(),
        extract=lambda piece: piece.x,
        positions=None,
    )


FILM = ("slice", "band", "row", "column")


def test_attention_is_averaged_over_the_samples_of_a_unit_and_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention_weights, "_BATCH", 3)
    rng = np.random.default_rng(0)
    folds = [
        decoder(Attending(), films, np.arange(8) % 3, [name] * 4 + ["b"] * 4, FILM)
        for name, films in zip("ac", rng.normal(size=(2, 8, 4, 2, 2, 3)).astype(np.float32), strict=True)
    ]
    said: list[tuple[int, int]] = []
    outputs = attention_weights.explain(folds, lambda *told: said.append(told))
    about, found = outputs["attention_about"], {name: array.values for name, array in outputs["attention"].items()}
    assert said == [(1, 2), (2, 2)]
    assert {name: values.shape for name, values in found.items()} == {
        "spectral": (3, 3, 2),
        "spatial": (3, 3, 2, 3),
        "temporal": (3, 3, 4),
    }
    assert (about["over"], about["units"]) == ("subject", ["a", "b", "c"])
    assert about["n"] == [6, 6, 4]
    assert about["names"] == {"band": ["alpha", "beta"]}
    spatial = found.pop("spatial")
    np.testing.assert_allclose(spatial[:, :, [0, 0, 1], [0, 1, 2]].mean(2), 1, atol=1e-6)  # three cells have an electrode
    for values in found.values():
        np.testing.assert_allclose(values.mean(2), 1, atol=1e-6)
    x = np.concatenate([fold.samples[4:][fold.labels[4:] == 0] for fold in folds])  # unit b, class 0
    shares = np.exp(x[..., 0, 0]) / np.exp(x[..., 0, 0]).sum(-1, keepdims=True)  # (sample, slice, band)
    np.testing.assert_allclose(found["spectral"][1, 0], 2 * shares.mean((0, 1)), rtol=1e-5)


def test_a_class_that_a_unit_lacks_has_no_attention_and_a_module_may_be_missing() -> None:
    x = np.ones((4, 3, 2, 2, 3), np.float32)
    fold = decoder(Attending(temporal=False), x, np.array([0, 0, 1, 2]), ["a", "a", "a", "b"], FILM)
    outputs = attention_weights.explain(iter([fold]), silent)
    assert sorted(outputs["attention"]) == ["spatial", "spectral"]
    spectral = outputs["attention"]["spectral"].values
    assert np.isnan(spectral[1, :2]).all()
    assert np.isnan(spectral[0, 2]).all()
    np.testing.assert_allclose(spectral[0, :2], 1, atol=1e-6)


def test_a_network_without_attention_is_refused() -> None:
    fold = decoder(linear((1, 7, 5)), np.ones((3, 7, 5), np.float32), np.arange(3), ["a"] * 3, ("frequency", "channel"))
    with pytest.raises(UsageError, match="the network has no spectral, spatial or temporal attention"):
        attention_weights.explain([fold], silent)


def bursts() -> tuple[Tensor, np.ndarray]:
    """Signals (sample, 1, 4, 160): a class is a burst of 20 samples from 20, 70 or 120 on, on channel 2."""
    labels = np.arange(12) % 3
    x = 0.05 * drawn(12, 1, 4, 160)
    for sample, label in enumerate(labels):
        x[sample, 0, 2, 20 + 50 * label : 40 + 50 * label] += 1
    return x, labels


def eegnet() -> nn.Sequential:
    """Filters in time, then over all channels, then a mean; each class has the positions of its burst."""
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(1, 2, (1, 9), padding=(0, 4)), nn.Conv2d(2, 4, (4, 1), groups=2), nn.ELU()),
        *(nn.AvgPool2d((1, 5)), nn.Flatten(), nn.Linear(4 * 32, 3)),
    )
    with torch.no_grad():
        model[0].weight.fill_(1 / 9)
        model[1].weight.fill_(0.1)
        model[1].weight[:, :, 2] = 1
        model[5].weight.zero_()
        for label in range(3):
            model[5].weight.view(3, 4, 32)[label, :, 4 + 10 * label : 8 + 10 * label] = 1
    return model.eval()


@pytest.mark.parametrize("method", ["hires_cam", "layer_cam"])
def test_grad_cam_in_one_dimension_finds_the_part_of_the_window(method: Any) -> None:
    x, labels = bursts()
    outputs = grad_cam.explain(eegnet(), asked(x, labels), silent, method=method)
    assert outputs["attribution"].axes == ("image", "class", "time")
    assert outputs["class_activation"].values.shape == (12, 3, 1, 160)
    assert outputs["attribution_about"]["map_shape"] == [1, 160]
    own = outputs["attribution"].values[np.arange(12), labels]  # (image, time)
    centre = (own * np.arange(160)).sum(1) / own.sum(1)
    np.testing.assert_allclose(centre, 29.5 + 50 * labels, atol=2)
    assert outputs["attribution_means"].axes == ("class", "time")
    assert [int(row.argmax()) // 50 for row in outputs["attribution_means"].values] == [0, 1, 2]


def test_coarse_maps_of_signals_are_enlarged_along_time() -> None:
    x, labels = bursts()
    outputs = grad_cam.explain(eegnet(), asked(x), silent, method="hires_cam", layer="3")
    assert outputs["class_activation"].values.shape == (12, 3, 1, 32)
    own = outputs["attribution"].values[np.arange(12), labels]
    assert own.shape == (12, 160)
    assert ((own.argmax(1) >= 20 + 50 * labels) & (own.argmax(1) < 40 + 50 * labels)).all()


def test_grad_cam_refuses_films() -> None:
    with pytest.raises(UsageError, match="no layer of the network has maps") as refused:
        grad_cam.explain(Film().eval(), asked(drawn(3, 4, 3, 5, 6)), silent)
    assert "saliency" in refused.value.hint


def test_feature_maps_of_films_are_means_over_slices() -> None:
    model, x, labels = Film().eval(), drawn(9, 4, 3, 5, 6), np.arange(9) % 3
    outputs = feature_maps.explain(model, asked(x, labels), silent)
    (told,) = outputs["feature_units"].values()
    with torch.no_grad():
        maps = model.spatial(x.flatten(0, 1)).relu().view(9, 4, 4, 5, 6).mean(1).numpy()[labels == 2].mean(0)
    np.testing.assert_allclose(outputs["feature_maps"]["spatial (Conv2d)"].values[2], maps[told["units"]], atol=1e-6)


def test_feature_maps_of_signals_may_have_one_row() -> None:
    x, labels = bursts()
    maps = feature_maps.explain(eegnet(), asked(x, labels), silent)["feature_maps"]
    assert [array.values.shape[2:] for array in maps.values()] == [(4, 160), (1, 160)]


NETWORKS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "eegnet": ((1, 4, 128), ("map", "channel", "time")),
    "frequency_cnn": ((1, 30, 16), ("map", "frequency", "channel")),
    "band_map_cnn": ((5, 8, 9), ("band", "row", "column")),
    "fourd_attention": ((3, 5, 8, 9), ("slice", "band", "row", "column")),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_of_ours_can_be_explained(name: str) -> None:
    shape, axes = NETWORKS[name]
    torch.manual_seed(0)
    model = plugins.verb("model", name)(Spec(shape, len(CLASSES), axes)).eval()
    x, labels = drawn(6, *shape), np.arange(6) % 3
    sample = shape[1:] if shape[0] == 1 else shape
    for explainer, settings in ((saliency, {}), (smooth_grad, {"samples": 2})):
        outputs = explainer.explain(model, asked(x, labels), silent, **settings)
        assert outputs["attribution"].values.shape == (6, 3, *sample)
        assert outputs["attribution"].values.any()
    ideals = activation_maximisation.explain(model, asked(x, labels), silent, steps=3, units=2)["ideals"]
    assert len(ideals) > 1
    assert all(array.values.shape[1:] == sample for array in ideals.values())
    assert feature_maps.explain(model, asked(x, labels), silent)["feature_units"]
    if name == "eegnet":
        assert grad_cam.explain(model, asked(x), silent)["attribution"].values.shape == (6, 3, 128)


def test_attention_of_our_network_is_read() -> None:
    shape, axes = NETWORKS["fourd_attention"]
    torch.manual_seed(0)
    model = plugins.verb("model", "fourd_attention")(Spec(shape, len(CLASSES), axes)).eval()
    x = drawn(6, *shape).numpy()
    found = attention_weights.explain([decoder(model, x, np.arange(6) % 3, ["a", "b"] * 3, axes)], silent)["attention"]
    assert {name: array.values.shape for name, array in found.items()} == {
        "spectral": (2, 3, 5),
        "spatial": (2, 3, 8, 9),
        "temporal": (2, 3, 3),
    }
    np.testing.assert_allclose(found["temporal"].values.mean(2), 1, atol=1e-5)
