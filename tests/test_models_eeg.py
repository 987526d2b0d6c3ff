"""Networks of recordings: the published ones to the parameter, what they learn, and what explainers want of them."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from reportgen import plugins
from reportgen.core import Spec
from reportgen.errors import UsageError
from reportgen.models._max_norm import hold
from reportgen.models._temporal_norm import moments
from reportgen.networks import layer_table, to_device

IMAGE, MAPS, FILM, SIGNAL = (
    ("map", "frequency", "channel"),
    ("band", "row", "column"),
    ("slice", "band", "row", "column"),
    ("map", "channel", "time"),
)
SPECS = {
    "frequency_cnn": Spec((1, 20, 12), 3, IMAGE),
    "band_map_cnn": Spec((5, 8, 9), 3, MAPS),
    "fourd_attention": Spec((6, 5, 8, 9), 3, FILM),
    "eegnet": Spec((1, 6, 70), 3, SIGNAL),
}
SMALL = {"frequency_cnn": {"maps": 8, "dense": 32}, "band_map_cnn": {"width": 8, "dense": 32}}
MODIFIED = {"maps": 64, "pools": 1}  # S0's second network
MODELS = list(SPECS)


def built(name: str, spec: Spec | None = None, **settings: object) -> nn.Module:
    torch.manual_seed(0)
    model: nn.Module = plugins.verb("model", name)(spec or SPECS[name], **(settings or SMALL.get(name, {})))
    return model


def noise(spec: Spec, count: int = 4) -> Tensor:
    return torch.randn(count, *spec.shape, generator=torch.Generator().manual_seed(1))


def trained(model: nn.Module, x: Tensor, labels: Tensor, updates: int = 60, rate: float = 0.003) -> nn.Module:
    optimizer = torch.optim.Adam(model.train().parameters(), lr=rate)
    for update in range(updates):
        batch = torch.arange(32 * update, 32 * (update + 1)) % len(x)
        optimizer.zero_grad()
        functional.cross_entropy(model(x[batch]), labels[batch]).backward()
        optimizer.step()
    return model.eval()


# the published networks


@pytest.mark.parametrize(
    ("frequencies", "settings", "parameters", "flat"),
    [
        (80, {}, 3_845_988, 7_488),
        (80, MODIFIED, 31_562_948, 61_568),
        (67, MODIFIED, 25_599_172, None),
    ],
)
def test_frequency_cnn_is_the_published_network(frequencies: int, settings: dict, parameters: int, flat: int | None) -> None:
    spec = Spec((1, frequencies, 59), 4, IMAGE)
    with torch.device("meta"):
        model = plugins.verb("model", "frequency_cnn")(spec, **settings)
    assert sum(p.numel() for p in model.parameters()) == parameters
    assert flat in (None, model.get_submodule("hidden").in_features)


def test_frequency_cnn_has_the_published_layers() -> None:
    table = layer_table(built("frequency_cnn", Spec((1, 80, 59), 4, IMAGE), maps=32), Spec((1, 80, 59), 4, IMAGE))
    assert [layer["name"] for layer in table["layers"]] == [
        *("conv1", "relu1", "pool1", "conv2", "relu2", "pool2", "flatten", "hidden", "relu", "output")
    ]
    shapes = {layer["name"]: layer["shape"] for layer in table["layers"]}
    assert [shapes[name] for name in ("conv1", "pool1", "conv2")] == [[32, 78, 57], [32, 39, 28], [32, 37, 26]]
    assert [shapes[name] for name in ("pool2", "flatten", "hidden", "output")] == [[32, 18, 13], [7488], [512], [4]]
    assert [layer["parameters"] for layer in table["layers"] if layer["parameters"]] == [320, 9_248, 3_834_368, 2_052]


def test_frequency_cnn_starts_as_keras_does() -> None:
    model = built("frequency_cnn", maps=32)
    for name, fans in (("conv2", 9 * (32 + 32)), ("hidden", 32 * 3 * 1 + 512), ("output", 512 + 3)):
        weight, limit = model.get_parameter(f"{name}.weight"), math.sqrt(6 / fans)
        assert weight.abs().max().item() == pytest.approx(limit, rel=0.01)
        assert weight.std().item() == pytest.approx(limit / math.sqrt(3), rel=0.05)  # uniform
        assert not model.get_parameter(f"{name}.bias").any()


def test_frequency_cnn_is_regularised_where_s0_has_flags() -> None:
    names = [name for name, _ in built("frequency_cnn", batch_norm=True, dropout=0.5).named_children()]
    inserted = ["norm1", "norm_flat", "dropout_flat", "norm_hidden", "dropout_hidden"]
    assert [name for name in names if name in inserted] == inserted
    after = {second: first for first, second in pairwise(names)}
    assert [after[name] for name in ("norm1", "norm_flat", "norm_hidden")] == ["pool1", "flatten", "relu"]


def test_band_map_cnn_counts() -> None:
    spec = Spec((10, 8, 9), 3, MAPS)
    table = layer_table(built("band_map_cnn", spec, width=32), spec)
    counts = [10 * 25 * 32 + 32, 32 * 16 * 64 + 64, 64 * 16 * 128 + 128, 128 * 32 + 32, 32 * 16 * 128 + 128, 128 * 3 + 3]
    assert [layer["parameters"] for layer in table["layers"] if layer["parameters"]] == counts
    assert table["trainable"] == 242_243
    assert all(layer["shape"][1:] == [8, 9] for layer in table["layers"] if layer["type"] == "Conv2d")


def test_fourd_attention_counts() -> None:
    spec = SPECS["fourd_attention"]
    table = layer_table(built("fourd_attention"), spec)
    attention = [5 * 8 + 8, 8 * 5 + 5, 5 * 9 * 8 + 8, 8, 8 * 9]
    maps = [5 * 9 * 16, 2 * 16, 16 * 9 * 32, 2 * 32, 32 * 4 * 4 * 64 + 64]
    rest = [2 * 4 * 32 * (64 + 32 + 2), 64 * 32 + 32, 32, 64 * 3 + 3]
    assert [layer["parameters"] for layer in table["layers"] if layer["parameters"]] == [*attention, *maps, *rest]
    assert table["trainable"] == 66_192


def test_eegnet_has_the_published_parameters() -> None:
    spec = Spec((1, 64, 128), 4, SIGNAL)
    table = layer_table(built("eegnet", spec, filters=8), spec)
    counts = {layer["name"].removeprefix("rest."): layer["parameters"] for layer in table["layers"] if layer["parameters"]}
    assert counts == {
        "spatial": 64 * 16,
        "temporal": 64 * 8,
        "temporal_norm": 2 * 8,
        "spatial_norm": 2 * 16,
        "depthwise": 16 * 16,
        "pointwise": 16 * 16,
        "norm": 2 * 16,
        "output": 16 * (128 // 4 // 8) * 4 + 4,
    }
    assert (table["trainable"], table["buffers"]) == (2_388, 80)


# eegnet: the other order of its first layers, and the limits on weights


class AsPublished(nn.Module):
    """The first layers of eegnet in the published order, of its weights."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.norm = nn.BatchNorm2d(model.filters, eps=1e-3)
        self.norm.load_state_dict(model.temporal_norm.state_dict())

    def forward(self, x: Tensor) -> Tensor:
        taps = self.model.temporal.weight.shape[-1]
        maps = functional.conv2d(functional.pad(x, ((taps - 1) // 2, taps // 2)), self.model.temporal.weight)
        maps = functional.conv2d(self.norm(maps), self.model.spatial.weight, groups=self.model.filters)
        return self.model.rest(maps)


@pytest.mark.parametrize(("times", "kernel"), [(70, 64), (33, 64), (50, 7), (128, 3), (40, 4)])
@pytest.mark.parametrize("training", [True, False])
def test_eegnet_is_equal_in_the_published_order(times: int, kernel: int, training: bool) -> None:
    spec = Spec((1, 5, times), 3, SIGNAL)
    model = built("eegnet", spec, kernel=kernel, dropout=0.0, filters=3)
    for name in ("weight", "bias", "running_mean", "running_var"):
        nn.init.uniform_(getattr(model.temporal_norm, name), 0.5, 1.5)
    model.double().train(training)
    published = AsPublished(model).double().train(training)
    x = (noise(spec, 7).cumsum(3) / 3 + 0.5).double().requires_grad_()  # slow, and not centred
    answers, grads, memories = [], [], []
    for network, norm in ((published, published.norm), (model, model.temporal_norm)):
        logits = network(x)
        weights = [norm.weight, norm.bias, model.temporal.weight, model.spatial.weight, model.rest.pointwise.weight]
        answers.append(logits)
        grads.append(torch.autograd.grad((logits**2).sum(), [x, *weights]))
        memories.append([norm.running_mean, norm.running_var, norm.num_batches_tracked])
    torch.testing.assert_close(answers[1], answers[0])
    torch.testing.assert_close(grads[1], grads[0], atol=1e-9, rtol=1e-6)
    torch.testing.assert_close(memories[1], memories[0])


def test_moments_are_exact_in_single_precision() -> None:
    x, kernels = noise(Spec((1, 10, 128), 2, SIGNAL), 8).cumsum(3).flatten(0, 2), torch.randn(4, 64)
    x, kernels[0] = (x - x.mean()) / x.std(), torch.tensor([1.0, -1.0]).repeat(32)  # one that passes what is hardly there
    filtered = functional.conv1d(functional.pad(x.double(), (31, 32))[:, None], kernels.double()[:, None])
    mean, variance = moments(x, kernels)
    torch.testing.assert_close(mean.double(), filtered.mean((0, 2)), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(variance.double(), filtered.var((0, 2), correction=0), atol=1e-4, rtol=1e-4)


def test_eegnet_holds_its_weights_within_the_limits() -> None:
    spec = SPECS["eegnet"]
    model = built("eegnet")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.eval()(noise(spec))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items()), "as built they are within"
    trained(model, noise(spec, 64), torch.arange(64) % 3, updates=10, rate=0.3)(noise(spec))
    spatial, output = (
        model.get_parameter(f"{name}.weight").detach().flatten(1).norm(dim=1) for name in ("spatial", "rest.output")
    )
    assert spatial.max() == pytest.approx(1.0, rel=1e-5)
    assert output.max() == pytest.approx(0.25, rel=1e-5)
    assert max(spatial.max() - 1, output.max() - 0.25) <= 0


def test_weights_are_shortened_once() -> None:
    weight = nn.Parameter(torch.randn(50, 3, 40, generator=torch.Generator().manual_seed(0)))
    short, direction = weight[0].detach() / 100, functional.normalize(weight[1].detach().flatten(), dim=0)
    weight.data[0] = short
    hold(weight, 0.25)
    once = weight.detach().clone()
    hold(weight, 0.25)
    assert torch.equal(weight, once)
    assert torch.equal(weight[0], short)
    torch.testing.assert_close(functional.normalize(weight[1].flatten(), dim=0), direction)


# what they learn


def planted(name: str, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Samples (sample, …) of noise, and in each class something bright where only that class has it; labels (sample,)."""
    draws = torch.Generator().manual_seed(seed)
    shape = SPECS[name].shape
    x, labels = torch.randn(count, *shape, generator=draws), torch.arange(count) % 3
    for label in range(3):
        chosen = labels == label
        if name == "frequency_cnn":
            x[chosen, 0, 3 + 6 * label] += 1.5
        elif name == "band_map_cnn":
            x[chosen, label, 2 : 4 + label, 4:6] += 2
        elif name == "fourd_attention":
            x[chosen, 4, 1 + label, 2:5, 3:6] += 2
        else:
            phase = 2 * math.pi * torch.rand(int(chosen.sum()), 1, 1, generator=draws)
            x[chosen, :, 1:3] += torch.sin(2 * math.pi * (6 + 10 * label) / 128 * torch.arange(shape[-1]) + phase)[:, None]
    if name == "fourd_attention":
        x[..., 0, [0, 1, 7, 8]] = 0  # no electrode there
    return x, labels


@pytest.fixture(scope="module")
def learned() -> dict[str, nn.Module]:
    return {name: trained(built(name), *planted(name, 480, 0)) for name in MODELS}


@pytest.mark.parametrize("name", MODELS)
def test_it_learns_what_is_planted(name: str, learned: dict[str, nn.Module]) -> None:
    x, labels = planted(name, 150, 1)
    assert (learned[name](x).argmax(1) == labels).float().mean() > 0.9


@pytest.mark.parametrize("name", MODELS)
def test_training_follows_from_the_seed(name: str) -> None:
    one, two = (trained(built(name), *planted(name, 64, 0), updates=2).state_dict() for _ in range(2))
    assert all(torch.equal(one[key], two[key]) for key in one)


# what explainers want


@pytest.mark.parametrize("name", MODELS)
def test_gradients_of_all_classes_come_in_one_batch(name: str, learned: dict[str, nn.Module]) -> None:
    x = planted(name, 5, 2)[0].requires_grad_()
    logits = learned[name](x)
    each = torch.stack([torch.autograd.grad(logits[:, label].sum(), x, retain_graph=True)[0] for label in range(3)])
    asked = torch.eye(3)[:, None].expand(3, len(x), 3)
    (batched,) = torch.autograd.grad(logits, x, asked, is_grads_batched=True)
    torch.testing.assert_close(batched, each)
    assert each.flatten(1).abs().sum(1).all()


@pytest.mark.parametrize("name", MODELS)
def test_answers_do_not_depend_on_the_batch_or_the_layout(name: str, learned: dict[str, nn.Module]) -> None:
    model, (x, _) = learned[name], planted(name, 6, 3)
    with torch.no_grad():
        answers = model(x)
        assert torch.equal(answers, model(x))
        torch.testing.assert_close(torch.cat([model(sample[None]) for sample in x]), answers, atol=1e-4, rtol=1e-4)
        to_device(model, "cpu")
        torch.testing.assert_close(model(x), answers, atol=1e-4, rtol=1e-4)


def attentions(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name in ("spectral", "spatial", "temporal"):
        layer = model.get_submodule(f"{name}_attention")
        layer.register_forward_hook(lambda _layer, _input, output, name=name: found.update({name: output.detach()}))
    model(x)
    return found


def test_attention_can_be_read(learned: dict[str, nn.Module]) -> None:
    x, _ = planted("fourd_attention", 30, 4)
    weights = attentions(learned["fourd_attention"], x)
    assert weights["spectral"].shape == (30 * 6, 5)
    assert weights["spatial"].shape == (30 * 6, 8, 9)
    assert weights["temporal"].shape == (30, 6)
    electrodes = (x != 0).any(0).any(0).any(0)
    assert not weights["spatial"][:, ~electrodes].any()
    for shares in (weights["spectral"], weights["spatial"][:, electrodes], weights["temporal"]):
        torch.testing.assert_close(shares.mean(1), torch.ones(len(shares)))
    assert weights["temporal"].mean(0).argmax() == 4, "the one slice in which classes differ"
    assert weights["spatial"].mean(0)[2:5, 3:6].mean() > 1.2, "the cells in which they differ"


def test_attention_begins_even() -> None:
    for shares in attentions(built("fourd_attention").eval(), noise(SPECS["fourd_attention"])).values():
        torch.testing.assert_close(shares, torch.ones_like(shares))


def test_attention_takes_a_sample_of_nothing_but_zeros(learned: dict[str, nn.Module]) -> None:
    assert learned["fourd_attention"](torch.zeros(1, 6, 5, 8, 9)).isfinite().all()


# what they cannot take


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("other", MODELS)
def test_other_features_are_refused_with_both_shapes(name: str, other: str) -> None:
    if name == other:
        return
    taken = ", ".join(axis for axis in SPECS[name].axes if axis != "map")
    pairs = zip(SPECS[other].axes, SPECS[other].shape, strict=True)
    given = ", ".join(f"{axis} {size}" for axis, size in pairs if axis != "map")
    with pytest.raises(UsageError) as refused:
        built(name, SPECS[other])
    assert refused.value.message == f"{name} takes samples of ({taken}), not of ({given})"
    assert "`" in refused.value.hint, "names the features to take"


def test_images_are_refused() -> None:
    with pytest.raises(UsageError, match=r"not of \(channel 1, row 48, column 48\)"):
        built("frequency_cnn", Spec((1, 48, 48), 7))


@pytest.mark.parametrize(
    ("name", "settings", "least", "small", "said"),
    [
        (
            "frequency_cnn",
            {"pools": 2},
            (1, 10, 10),
            (1, 80, 4),
            "10 channels or more, not (frequency 80, channel 4)",
        ),
        (
            "frequency_cnn",
            {"pools": 1},
            (1, 8, 8),
            (1, 7, 59),
            "8 channels or more, not (frequency 7, channel 59)",
        ),
        ("band_map_cnn", {}, (1, 2, 2), (5, 1, 9), "2 rows and 2 columns or more, not (band 5, row 1, column 9)"),
        ("fourd_attention", {}, (1, 1, 2, 2), (6, 5, 8, 1), "2 rows and 2 columns or more"),
        ("eegnet", {}, (1, 1, 32), (1, 62, 31), "32 samples of time or more, not (channel 62, time 31)"),
        ("eegnet", {"pool": 2, "pool_last": 3}, (1, 1, 6), (1, 62, 5), "6 samples of time or more"),
    ],
)
def test_what_is_too_small_is_said(name: str, settings: dict, least: tuple, small: tuple, said: str) -> None:
    fits = Spec(least, 2, SPECS[name].axes)
    assert built(name, fits, **settings).eval()(noise(fits)).shape == (4, 2)
    with pytest.raises(UsageError) as refused:
        built(name, Spec(small, 2, SPECS[name].axes), **settings)
    assert said in refused.value.message
    assert refused.value.hint
