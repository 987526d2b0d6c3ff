"""fer_conv3: S4's network as published, and its head whose class activation maps are exact."""

import math

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from reportgen.core import Spec
from reportgen.errors import UsageError
from reportgen.models.fer_conv3 import build
from reportgen.networks import layer_table

FACES = Spec(shape=(1, 48, 48), classes=7)


def faces(count: int = 2) -> torch.Tensor:
    return torch.randn(count, 1, 48, 48, generator=torch.Generator().manual_seed(0))  # (sample, channel, row, column)


def test_it_is_the_published_network() -> None:
    table = layer_table(build(FACES), FACES)
    assert (table["trainable"], table["buffers"]) == (11_169_287, 0)
    assert [layer["name"] for layer in table["layers"]] == [
        *("resize", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "conv3", "relu3", "pool3"),
        *("flatten", "hidden", "relu", "output"),
    ]
    shapes = {layer["name"]: layer["shape"] for layer in table["layers"]}
    assert shapes["resize"] == [1, 224, 224]
    assert [shapes[name] for name in ("conv1", "pool1", "conv2")] == [[32, 222, 222], [32, 111, 111], [64, 109, 109]]
    assert [shapes[name] for name in ("pool2", "conv3", "pool3")] == [[64, 54, 54], [128, 52, 52], [128, 26, 26]]
    assert [layer["parameters"] for layer in table["layers"] if layer["parameters"]] == [320, 18_496, 73_856, 11_075_712, 903]


def test_images_are_enlarged_as_keras_does() -> None:
    pixels = np.random.default_rng(0).integers(256, size=(48, 48), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(pixels).resize((224, 224), Image.Resampling.NEAREST))  # Keras leaves it to PIL
    found = build(FACES).get_submodule("resize")(torch.tensor(pixels)[None, None].float())
    np.testing.assert_array_equal(found[0, 0].numpy(), expected)


@pytest.mark.parametrize(
    ("spec", "settings", "resized"),
    [
        (FACES, {"head": "gap"}, False),
        (FACES, {"side": 48}, False),
        (FACES, {"head": "gap", "side": 64}, True),
        (Spec((1, 224, 224), 7), {}, False),
        (Spec((3, 48, 40), 7), {"head": "gap"}, True),
    ],
)
def test_only_images_of_another_size_are_resized(spec: Spec, settings: dict, resized: bool) -> None:
    names = [layer["name"] for layer in layer_table(build(spec, **settings), spec)["layers"]]
    assert ("resize" in names) == resized


def test_gap_head_is_small_and_keeps_the_last_maps_fine() -> None:
    table = layer_table(build(FACES, head="gap"), FACES)
    shapes = {layer["name"]: layer["shape"] for layer in table["layers"]}
    assert shapes["relu3"] == [128, 8, 8]
    assert table["trainable"] == 320 + 18_496 + 73_856 + 7 * 128 + 7


def test_widths_are_settings() -> None:
    model = build(FACES, conv1=3, conv2=4, conv3=5, dense=6, side=30)
    shapes = [tuple(p.shape) for p in model.parameters() if p.ndim > 1]
    assert shapes == [(3, 1, 3, 3), (4, 3, 3, 3), (5, 4, 3, 3), (6, 5 * 2 * 2), (7, 6)]


@pytest.mark.parametrize("head", ["flatten", "gap"])
def test_log_sigmoids_become_the_probabilities_that_keras_makes_of_sigmoids(head: str) -> None:
    torch.manual_seed(0)
    model = build(FACES, head=head, activation="sigmoid", side=48)
    assert isinstance(list(model.modules())[-1], nn.LogSigmoid), "the binary loss looks for it there"
    x = 30 * faces()
    sigmoids = model[:-1](x).sigmoid()
    torch.testing.assert_close(model(x).softmax(1), sigmoids / sigmoids.sum(1, keepdim=True))
    target = torch.tensor([2, 5])
    keras = -torch.log(sigmoids / sigmoids.sum(1, keepdim=True))[[0, 1], target].mean()  # its categorical cross-entropy
    torch.testing.assert_close(nn.functional.cross_entropy(model(x), target), keras)


def test_first_weights_are_those_of_keras() -> None:
    torch.manual_seed(0)
    model = build(FACES)
    for name, fans in (("conv2", 9 * (32 + 64)), ("hidden", 86_528 + 128), ("output", 128 + 7)):
        weight, limit = model.get_parameter(f"{name}.weight"), math.sqrt(6 / fans)
        assert weight.abs().max().item() == pytest.approx(limit, rel=0.01)
        assert weight.std().item() == pytest.approx(limit / math.sqrt(3), rel=0.05)  # uniform
        assert not model.get_parameter(f"{name}.bias").any()


@pytest.mark.parametrize(("head", "least"), [("flatten", 22), ("gap", 18)])
def test_it_says_which_images_are_too_small(head: str, least: int) -> None:
    assert build(FACES, head=head, side=least)(faces()).shape == (2, 7)
    with pytest.raises(UsageError, match=rf"{least}×{least} pixels or more, not {least - 1}×{least - 1}") as refused:
        build(FACES, head=head, side=least - 1)
    assert f"side = {least} or more" in refused.value.hint
