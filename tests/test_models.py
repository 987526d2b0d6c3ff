"""Every network: takes what it is built for, returns raw logits, and has exactly the parameters it claims."""

import math

import pytest
import torch
from torch import nn

from reportgen import plugins
from reportgen.core import Spec
from reportgen.errors import UsageError
from reportgen.networks import layer_table

FACES, COLOUR = Spec(shape=(1, 48, 48), classes=7), Spec(shape=(3, 64, 40), classes=3)
OF_RECORDINGS = {  # what these take, and another size of it
    "frequency_cnn": [Spec((1, *size), 7, ("map", "frequency", "channel")) for size in ((30, 19), (12, 40))],
    "band_map_cnn": [Spec(size, 7, ("band", "row", "column")) for size in ((5, 8, 9), (2, 9, 9))],
    "fourd_attention": [Spec(size, 7, ("slice", "band", "row", "column")) for size in ((6, 5, 8, 9), (3, 2, 9, 9))],
    "eegnet": [Spec((1, *size), 7, ("map", "channel", "time")) for size in ((19, 128), (4, 77))],
}
MODELS = [name for name, path in sorted(plugins.find("model").items()) if not plugins.constant(path, "ESTIMATOR", False)]
GAP = [name for name in MODELS if name.startswith("fer_gap")]


def spec_of(name: str, which: int = 0) -> Spec:
    return OF_RECORDINGS.get(name, [FACES, COLOUR])[which]


def built(name: str, spec: Spec | None = None, **settings: object) -> nn.Module:
    torch.manual_seed(0)
    model: nn.Module = plugins.verb("model", name)(spec or spec_of(name), **settings)
    return model.eval()


def noise(spec: Spec) -> torch.Tensor:
    return torch.randn(4, *spec.shape, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def x() -> torch.Tensor:
    return noise(FACES)  # (sample, channel, row, column)


def test_fer_vgg_is_the_published_network() -> None:
    table = layer_table(built("fer_vgg"), FACES)
    assert table["trainable"] == 3_332_679
    assert table["buffers"] == 1_024  # running means and variances
    shapes = {layer["name"]: layer["shape"] for layer in table["layers"]}
    assert [shapes[f"block{i}.pool"] for i in (1, 2, 3, 4)] == [[64, 23, 23], [64, 11, 11], [128, 5, 5], [256, 2, 2]]
    parameters = [layer["parameters"] for layer in table["layers"] if layer["parameters"]]
    block1, block2 = [640, 36_928, 128], [36_928, 36_928, 128]
    assert parameters == [*block1, *block2, 73_856, 147_584, 256, 295_168, 590_080, 512, 2_099_200, 14_343]
    dropouts = [m.p for m in built("fer_vgg").modules() if isinstance(m, nn.Dropout)]
    assert dropouts == [0.25, 0.25, 0.25, 0.5, 0.5]


def test_fer_vgg_can_start_as_published() -> None:
    hidden = built("fer_vgg", init="s2").get_parameter("hidden.weight")
    assert hidden.std().item() == pytest.approx(1, rel=0.01)
    hidden = built("fer_vgg").get_parameter("hidden.weight")
    assert hidden.std().item() == pytest.approx(math.sqrt(2 / 1024), rel=0.01)


def test_fer_vgg_says_which_images_are_too_small() -> None:
    built("fer_vgg", Spec(shape=(1, 31, 31), classes=7))
    with pytest.raises(UsageError, match="31×31 pixels or more, not 48×30"):
        built("fer_vgg", Spec(shape=(1, 48, 30), classes=7))


@pytest.mark.parametrize(
    ("name", "least", "most"), [("fer_gap", 5e6, 10e6), ("fer_gap_small", 1e5, 3e5), ("linear", 16135, 16135)]
)
def test_size(name: str, least: float, most: float) -> None:
    assert least <= layer_table(built(name), FACES)["trainable"] <= most


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("which", [0, 1])
def test_every_parameter_learns_for_any_shape(name: str, which: int) -> None:
    spec = spec_of(name, which)
    model = built(name, spec)
    for parameter in model.parameters():
        parameter.data.abs_().mul_(0.2).add_(0.002)  # no zeros: what they lead to has no gradient; small: gates close
    logits = model(torch.rand(2, *spec.shape))
    assert logits.shape == (2, spec.classes)
    (logits * torch.arange(1.0, spec.classes + 1)).sum().backward()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


@pytest.mark.parametrize("name", MODELS)
def test_outputs_are_logits(name: str) -> None:
    model, x = built(name), noise(spec_of(name))
    for parameter in model.parameters():
        parameter.data.add_(0.02)
    logits = model(100 * x)
    assert not torch.allclose(logits.sum(1), torch.ones(4)), "probabilities"
    assert logits.exp().sum(1).log().abs().max() > 0.1, "logarithms of probabilities"


@pytest.mark.parametrize("name", MODELS)
def test_first_weights_follow_from_the_seed(name: str) -> None:
    one, two = (built(name).state_dict() for _ in range(2))
    assert all(torch.equal(one[key], two[key]) for key in one)


@pytest.mark.parametrize("name", GAP)
def test_class_activation_maps_are_exact(name: str, x: torch.Tensor) -> None:
    model = built(name, width=8, dropout=0.9)
    maps = model.get_submodule("maps")(x)  # (sample, map, row, column)
    weight, bias = model.get_parameter("head.weight"), model.get_parameter("head.bias")
    cam = torch.einsum("nkij,ck->ncij", maps, weight)  # (sample, class, row, column)
    assert cam.shape[2:] == (6, 6)
    torch.testing.assert_close(cam.mean((2, 3)) + bias, model(x))


@pytest.mark.parametrize("name", MODELS)
def test_layer_table_adds_up_and_leaves_no_trace(name: str) -> None:
    model = built(name).train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    table = layer_table(model, spec_of(name))
    assert sum(layer["parameters"] for layer in table["layers"]) == table["trainable"]
    assert table["layers"][-1]["shape"] == [7]
    assert [layer["name"] for layer in table["layers"]] == [n for n, m in model.named_modules() if not list(m.children())]
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


def test_layer_table_counts_what_is_trained() -> None:
    model = built("linear")
    model.get_parameter("output.bias").requires_grad_(False)
    assert layer_table(model, FACES)["trainable"] == 7 * 48 * 48


def test_linear_is_linear(x: torch.Tensor) -> None:
    model, y = built("linear"), x.flip(0)
    nn.init.normal_(model.get_parameter("output.weight"))
    torch.testing.assert_close(model(x + 2 * y), model(x) + 2 * model(y), rtol=1e-4, atol=1e-3)
