"""Feature maps: class means of what units really show, the most selective units first."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from reportgen.core import Explained
from reportgen.errors import DataError, UsageError
from reportgen.explainers.feature_maps import explain

CLASSES = ("vertical", "horizontal", "flat")
PLANTED = 3  # unit of the first layer that answers to vertical stripes only


def stripes(per_class: int = 10, seed: int = 0) -> tuple[Tensor, np.ndarray]:
    """Images (sample, 1, 12, 12) of vertical stripes, horizontal stripes and nothing, with a little noise."""
    labels = np.arange(len(CLASSES) * per_class) % len(CLASSES)
    wave = torch.tensor([0.0, 1.0, 0.0, -1.0]).repeat(3).expand(12, 12)
    patterns = torch.stack([wave, wave.T, torch.zeros(12, 12)])
    noise = torch.randn(len(labels), 12, 12, generator=torch.Generator().manual_seed(seed))
    return (patterns[labels] + 0.01 * noise)[:, None], labels


def network(*, inplace: bool = False) -> nn.Sequential:
    """Two convolutions; one unit of the first is planted."""
    torch.manual_seed(0)
    layers = nn.Sequential(
        nn.Conv2d(1, 5, 3, bias=False), nn.BatchNorm2d(5), nn.ReLU(inplace), nn.Conv2d(5, 4, 3), nn.ReLU(inplace), nn.Flatten()
    )
    kernel = torch.tensor([[-0.5, 1.0, -0.5]] * 3)  # blind to horizontal stripes: its rows sum to zero
    with torch.no_grad():
        layers[0].weight[:] = 0.1 * torch.randn(5, 1, 3, 3) + 0.3
        layers[0].weight[PLANTED, 0] = kernel
        layers[1].bias[:] = 0.2  # all other units answer to everything …
        layers[1].bias[PLANTED] = -0.2  # … and this one to nothing weak
    return layers.eval()


def asked(x: Tensor, labels: np.ndarray, classes: tuple[str, ...] = CLASSES) -> Explained:
    empty = np.zeros((0, *x.shape[2:]), np.uint8)
    return Explained(x[:0], empty, labels[:0], classes, labels[:0], lambda pixels: pixels, x, labels)


def found(model: nn.Module, x: Tensor, labels: np.ndarray, **settings: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    outputs = explain(model, asked(x, labels), lambda done, total: None, **settings)
    return {name: array.values for name, array in outputs["feature_maps"].items()}, outputs["feature_units"]


@pytest.mark.parametrize("inplace", [False, True])
def test_planted_unit_comes_first_with_its_mean_maps(inplace: bool) -> None:
    (x, labels), model = stripes(), network(inplace=inplace)
    maps, units = found(model, x, labels)
    assert list(maps) == list(units) == ["0 (Conv2d)", "3 (Conv2d)"]
    assert units["0 (Conv2d)"]["units"][0] == PLANTED
    assert units["0 (Conv2d)"]["selectivity"][0] == pytest.approx(1)
    assert units["0 (Conv2d)"]["selectivity"][1] < 0.7
    with torch.no_grad():
        shown = network()[:3](x)[:, PLANTED].numpy()  # after the activation
    for label in range(3):
        np.testing.assert_allclose(maps["0 (Conv2d)"][label, 0], shown[labels == label].mean(0), atol=1e-6)


def test_selectivity_is_that_of_morcos() -> None:
    (x, labels), model = stripes(), network()
    _, units = found(model, x, labels, units=5)
    with torch.no_grad():
        activity = network()[:3](x).mean((2, 3)).numpy()  # (sample, unit)
    means = np.stack([activity[labels == label].mean(0) for label in range(3)])  # (class, unit)
    for unit, selectivity in zip(units["0 (Conv2d)"]["units"], units["0 (Conv2d)"]["selectivity"], strict=True):
        strongest = means[:, unit].argmax()
        rest = np.delete(means[:, unit], strongest).mean()
        expected = (means[strongest, unit] - rest) / (means[strongest, unit] + rest)
        assert selectivity == pytest.approx(expected, abs=1e-5)


def test_silent_unit_is_last_and_not_selective() -> None:
    (x, labels), model = stripes(), network()
    with torch.no_grad():
        model[1].bias[0] = -100
    _, units = found(model, x, labels, units=5)
    assert units["0 (Conv2d)"]["units"][-1] == 0
    assert units["0 (Conv2d)"]["selectivity"][-1] == 0


def test_units_and_layers_are_limited_and_layers_spread_over_the_depth() -> None:
    x, labels = stripes()
    deep = nn.Sequential(*[layer for _ in range(7) for layer in (nn.Conv2d(1, 1, 3, padding=1), nn.ReLU())]).eval()
    maps, _ = found(deep, x, labels, layers=3)
    assert list(maps) == ["0 (Conv2d)", "6 (Conv2d)", "12 (Conv2d)"]
    maps, units = found(network(), x, labels, units=2)
    assert maps["0 (Conv2d)"].shape == (3, 2, 10, 10)
    assert (len(units["0 (Conv2d)"]["units"]), units["0 (Conv2d)"]["of"]) == (2, 5)


def test_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x, labels = stripes(15)
    maps, units = found(network(), x, labels)
    monkeypatch.setattr("reportgen.explainers.feature_maps._BATCH", 4)
    again, units_again = found(network(), x, labels)
    assert {n: u["units"] for n, u in units.items()} == {n: u["units"] for n, u in units_again.items()}
    for name, values in maps.items():
        np.testing.assert_allclose(values, again[name], atol=1e-6)


class Residual(nn.Module):
    """A block as of He et al. 2016, which ends in its sum's activation, written in place."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.shortcut = (
            nn.Conv2d(1, 4, 3, padding=1),
            nn.Conv2d(4, 4, 3, padding=1),
            nn.Conv2d(1, 4, 1),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.second(self.relu(self.first(x))) + self.shortcut(x))


def test_residual_block_is_shown_after_its_last_activation_and_without_shortcut() -> None:
    x, labels = stripes()
    torch.manual_seed(1)
    model = Residual().eval()
    maps, units = found(model, x, labels)
    assert list(maps) == ["first (Conv2d)", "second (Conv2d)"]
    with torch.no_grad():
        shown = model(x).numpy()[labels == 1].mean(0)[units["second (Conv2d)"]["units"]]
    np.testing.assert_allclose(maps["second (Conv2d)"][1], shown, atol=1e-6)


def test_functional_activation_is_stood_in_for_by_the_positive_part() -> None:
    class Functional(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = nn.Conv2d(1, 2, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.convolution(x).relu().mean((2, 3))

    (x, labels), model = stripes(), Functional().eval()
    maps, units = found(model, x, labels)
    with torch.no_grad():
        shown = model.convolution(x).relu().numpy()[labels == 0].mean(0)[units["convolution (Conv2d)"]["units"]]
    np.testing.assert_allclose(maps["convolution (Conv2d)"][0], shown, atol=1e-6)


def test_model_is_left_as_it_was_and_progress_ends_at_the_total() -> None:
    (x, labels), model, said = stripes(), network(), []
    explain(model, asked(x, labels), lambda done, total: said.append((done, total)))
    assert said == sorted(said)
    assert said[-1] == (30, 30)
    assert not any(module._forward_hooks for module in model.modules())


def test_what_cannot_be_shown_is_said() -> None:
    x, labels = stripes()
    with pytest.raises(UsageError, match="no convolution"):
        found(nn.Flatten(), x, labels)
    with pytest.raises(DataError, match="none of the 30 test samples is of class 'absent'"):
        explain(network(), asked(x, labels, (*CLASSES, "absent")), lambda done, total: None)
