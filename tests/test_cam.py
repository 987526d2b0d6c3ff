"""CAM adds up to the logits, Grad-CAM is CAM where CAM exists, and neither leaves a trace in the network."""

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from reportgen import plugins
from reportgen.core import Explained, Spec
from reportgen.errors import DataError, StepError, UsageError
from reportgen.explainers import cam, grad_cam
from reportgen.networks import to_device
from reportgen.outputs import Inputs, Out, Output

CLASSES = ("angry", "happy", "sad")
METHODS = ("grad_cam", "hires_cam", "layer_cam")
EXACT = [
    ("fer_gap_small", {"width": 4}, "maps.stage4.relu2", [6, 6]),
    ("fer_gap", {"width": 4, "dropout": 0.9}, "maps.stage4.relu3", [6, 6]),
    ("fer_conv3", {"head": "gap", "conv1": 4, "conv2": 5, "conv3": 6}, "relu3", [8, 8]),
]


def randomised(model: nn.Module, seed: int = 0) -> nn.Module:
    """In evaluation mode, with parameters and running statistics that leave nothing at 0 or 1."""
    generator = torch.Generator().manual_seed(seed)
    for name, values in (*model.named_parameters(), *model.named_buffers()):
        if values.is_floating_point():
            noise = torch.randn(values.shape, generator=generator)
            values.data.add_(noise.abs() if "running_var" in name else 0.3 * noise)
    return model.eval()


def built(name: str, **settings: Any) -> nn.Module:
    torch.manual_seed(0)
    model = randomised(plugins.verb("model", name)(Spec((1, 48, 48), len(CLASSES)), **settings))
    to_device(model, "cpu")
    return model


def foreign(*, inplace: bool = False) -> nn.Sequential:
    """Batch norm, maxima, dropout, and a head of two linear layers."""
    torch.manual_seed(0)
    layers = OrderedDict(
        first=nn.Conv2d(1, 5, 3),
        norm=nn.BatchNorm2d(5),
        active=nn.ReLU(inplace),
        pool=nn.MaxPool2d(2),
        second=nn.Conv2d(5, 4, 3, padding=1),
        elu=nn.ELU(inplace=inplace),
        drop=nn.Dropout2d(0.5),
        flatten=nn.Flatten(),
        hidden=nn.Linear(4 * 25, 6),
        tanh=nn.Tanh(),
        output=nn.Linear(6, len(CLASSES)),
    )
    return randomised(nn.Sequential(layers))


def signals() -> nn.Sequential:
    """A network on (sample, channel, time)."""
    torch.manual_seed(0)
    convolutions = nn.Conv1d(3, 6, 5), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(6, 8, 5), nn.ReLU()
    return randomised(nn.Sequential(*convolutions, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(8, len(CLASSES))))


def images(count: int = 5, side: int = 48, seed: int = 1) -> Tensor:
    """(image, 1, row, column)."""
    return torch.randn(count, 1, side, side, generator=torch.Generator().manual_seed(seed))


def asked(x: Tensor, reference: Tensor | None = None, labels: np.ndarray | None = None) -> Explained:
    ids = np.arange(len(x))
    return Explained(
        x, np.zeros((len(x), *x.shape[2:]), np.uint8), ids % 3, CLASSES, ids, lambda pixels: pixels, reference, labels
    )


def found(explainer: Any, model: nn.Module, x: Tensor, **settings: Any) -> tuple[np.ndarray, dict[str, Any]]:
    """Class maps (image, class, map row, map column) and what is said about them."""
    outputs = explainer.explain(model, asked(x), lambda done, total: None, **settings)
    return outputs["class_activation"].values, outputs["attribution_about"]


def logits_of(model: nn.Module, x: Tensor) -> np.ndarray:
    with torch.no_grad():
        return model(x).numpy()


def by_hand(model: nn.Sequential, layer: str, method: str, x: Tensor) -> np.ndarray:
    """Class maps (image, class, …) as published but for the last ReLU, one image and class at a time, gradients × positions."""
    cut = list(dict(model.named_children())).index(layer) + 1
    maps = model[:cut](x).detach()
    rows = []
    for image in maps:
        for label in range(len(CLASSES)):
            leaf = image[None].clone().requires_grad_()
            model[cut:](leaf.clone())[0, label].backward(inputs=[leaf])
            gradient = leaf.grad[0]  # (map, …)
            if method == "grad_cam":
                gradient = gradient.flatten(1).mean(1).reshape(-1, *[1] * (image.ndim - 1)).expand_as(image)
            if method == "layer_cam":
                gradient = gradient.clamp(min=0)
            rows.append((gradient * image).sum(0) * image[0].numel())
    return torch.stack(rows).unflatten(0, (len(x), len(CLASSES))).numpy()


@pytest.mark.parametrize(("name", "settings", "layer", "shape"), EXACT)
def test_cam_adds_up_to_the_logits(name: str, settings: dict, layer: str, shape: list[int]) -> None:
    model, x = built(name, **settings), images()
    maps, about = found(cam, model, x)
    complete = about.pop("complete")
    assert about == {"method": "cam", "layer": layer, "map_shape": shape, "unit": "logit"}
    sums = maps.mean((2, 3)) + complete["bias"]
    np.testing.assert_allclose(sums, logits_of(model, x), rtol=1e-5, atol=1e-5)
    assert np.abs(sums - logits_of(model, x)).max() <= complete["largest_gap"] + 1e-5
    assert complete["largest_gap"] < 1e-4


def test_cam_is_the_head_at_each_position() -> None:
    model, x = built("fer_gap_small", width=4), images()
    maps, about = found(cam, model, x)
    with torch.no_grad():
        last, head = model.get_submodule("maps")(x), model.get_submodule("head")
        expected = head(last.movedim(1, -1)).movedim(-1, 1) - head.bias[:, None, None]  # the linear layer as a 1×1 convolution
    np.testing.assert_allclose(maps, expected.numpy(), rtol=1e-4, atol=1e-5)
    assert about["complete"]["bias"] == head.bias.tolist()


@pytest.mark.parametrize("bias", [False, True])
def test_cam_takes_foreign_networks_by_what_they_compute(bias: bool) -> None:
    class Odd(nn.Module):
        """One ReLU for everything, an average of averages, the mean taken without a module."""

        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Linear(6, 3, bias=bias)  # the order of naming is not that of computing
            self.spare = nn.Linear(6, 6)
            self.relu = nn.ReLU()
            self.pool = nn.AvgPool2d(2)
            self.convolutions = nn.ModuleList([nn.Conv2d(1, 4, 3), nn.Conv2d(4, 6, 3)])

        def forward(self, x: Tensor) -> Tensor:
            for convolution in self.convolutions:
                x = self.relu(convolution(x))
            return self.last(self.pool(x).mean((2, 3)))

    model, x = randomised(Odd()), images(side=12)
    maps, about = found(cam, model, x)
    assert (about["layer"], about["map_shape"]) == ("relu", [8, 8]), "the finest maps that are exact"
    with torch.no_grad():
        last = model.relu(model.convolutions[1](model.relu(model.convolutions[0](x))))
        expected = torch.einsum("nkij,ck->ncij", last, model.last.weight)
    np.testing.assert_allclose(maps, expected.numpy(), rtol=1e-4, atol=1e-5)
    assert any(about["complete"]["bias"]) == bias


class TwoHeads(nn.Sequential):
    """Ends in global average pooling, but in more than one linear layer."""

    def __init__(self) -> None:
        pooled = nn.Conv2d(1, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
        super().__init__(*pooled, nn.Linear(6, 6), nn.Linear(6, 3))


@pytest.mark.parametrize(
    "model",
    [
        built("fer_vgg"),
        built("linear"),
        built("fer_conv3", side=48, dense=8),
        built("fer_conv3", head="gap", activation="sigmoid"),
        randomised(TwoHeads()),
        randomised(nn.Sequential(nn.Conv2d(1, 6, 3), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(6, 3))),
        randomised(nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())),
    ],
    ids=["fer_vgg", "linear", "flatten", "sigmoid", "two linear layers", "maxima", "no linear layer"],
)
def test_cam_refuses_what_it_would_not_be_exact_for(model: nn.Module) -> None:
    with pytest.raises(UsageError, match="does not end in global average pooling and one linear layer") as refused:
        found(cam, model, images())
    assert "grad_cam" in refused.value.hint


def test_cam_notices_a_network_that_goes_another_way_for_some_images() -> None:
    class Moody(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.maps, self.head = nn.Conv2d(1, 4, 3), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            scale = 1 + (x.mean((1, 2, 3)) > 3).float()[:, None]
            return self.head(self.maps(x).mean((2, 3)) * scale)

    model, x = randomised(Moody()), images(side=8)
    found(cam, model, x)
    x[-1] += 9
    with pytest.raises(StepError, match="the maps of maps miss the network's own logits by up to"):
        found(cam, model, x)


@pytest.mark.parametrize("method", ["grad_cam", "hires_cam"])
@pytest.mark.parametrize(("name", "settings", "layer", "shape"), EXACT)
def test_grad_cam_is_cam_where_cam_exists(name: str, settings: dict, layer: str, shape: list[int], method: str) -> None:
    model, x = built(name, **settings), images()
    maps, about = found(grad_cam, model, x, method=method)
    assert about == {"method": method, "layer": layer, "map_shape": shape, "unit": "logit", "complete": None}
    expected, _ = found(cam, model, x)
    np.testing.assert_allclose(maps, expected, rtol=1e-4, atol=1e-5)


def test_layer_cam_is_cam_of_the_positive_weights() -> None:
    model, x = built("fer_gap_small", width=4), images()
    maps, _ = found(grad_cam, model, x, method="layer_cam")
    assert not np.allclose(maps, found(cam, model, x)[0], atol=0.1)
    model.get_parameter("head.weight").data.clamp_(min=0)
    np.testing.assert_allclose(maps, found(cam, model, x)[0], rtol=1e-4, atol=1e-5)


def test_hires_cam_adds_up_to_the_logits_of_one_linear_layer_and_grad_cam_does_not() -> None:
    torch.manual_seed(0)
    model = randomised(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 3)))
    x = images(side=8)
    logits = logits_of(model, x)
    maps, _ = found(grad_cam, model, x, method="hires_cam")
    np.testing.assert_allclose(maps.mean((2, 3)) + model[3].bias.detach().numpy(), logits, rtol=1e-4, atol=1e-4)
    maps, _ = found(grad_cam, model, x, method="grad_cam")
    assert np.abs(maps.mean((2, 3)) + model[3].bias.detach().numpy() - logits).max() > 0.1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("layer", ["first", "norm", "active", "pool", "second", "elu", "drop"])
@pytest.mark.parametrize("inplace", [False, True])
def test_all_classes_at_once_are_one_class_at_a_time(method: str, layer: str, inplace: bool) -> None:
    model, x = foreign(), images(3, side=12)
    expected = by_hand(model, layer, method, x)
    model = foreign(inplace=inplace).to(memory_format=torch.channels_last)
    maps, about = found(grad_cam, model, x, method=method, layer=layer)
    np.testing.assert_allclose(maps, expected, rtol=1e-3, atol=1e-4)
    assert about["layer"] == layer
    np.testing.assert_array_equal(found(grad_cam, model, x, method=method, layer=layer, positive=True)[0], maps.clip(0))


@pytest.mark.parametrize("method", METHODS)
def test_log_sigmoids_are_explained_as_they_are(method: str) -> None:
    model, x = built("fer_conv3", head="gap", activation="sigmoid", conv3=6), images(2)
    maps, about = found(grad_cam, model, x, method=method)
    np.testing.assert_allclose(maps, by_hand(model, "relu3", method, x), rtol=1e-3, atol=1e-5)
    assert about["unit"] == "log sigmoid"


class Residual(nn.Module):
    """A block as of He et al. 2016 with one activation, written in place, for both convolutions and the head."""

    def __init__(self, functional: bool) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.act = torch.relu if functional else nn.ReLU(inplace=True)
        self.hidden, self.output = nn.Linear(4, 5), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.first(x))
        x = self.act(self.second(x) + x)
        return self.output(self.act(self.hidden(x.amax((2, 3)))))


def test_default_layer_is_the_last_convolution_after_its_activation() -> None:
    layers = [found(grad_cam, foreign(), images(2, 12))[1], found(grad_cam, built("fer_vgg"), images(2))[1]]
    assert [(about["layer"], about["map_shape"]) for about in layers] == [("elu", [5, 5]), ("block4.relu2", [5, 5])]
    model, x = randomised(Residual(functional=False)), images(2, 12)
    maps, about = found(grad_cam, model, x, method="hires_cam")
    assert about["layer"] == "act"
    with torch.no_grad():
        first = model.first(x).relu()
        second = (model.second(first) + first).relu()  # the second of three calls
    leaf = second.clone().requires_grad_()
    output = model.output(model.hidden(leaf.amax((2, 3))).relu())
    for label in range(3):
        (gradient,) = torch.autograd.grad(output[:, label].sum(), leaf, retain_graph=True)
        np.testing.assert_allclose(maps[:, label], (144 * gradient * second).sum(1).numpy(), rtol=1e-4, atol=1e-4)


def test_convolution_itself_is_taken_where_its_activation_is_no_module() -> None:
    assert found(grad_cam, randomised(Residual(functional=True)), images(2, 12))[1]["layer"] == "second"


def test_convolutions_of_one_position_are_passed_over() -> None:
    head = nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 3, 1), nn.ReLU(), nn.Flatten()
    model = randomised(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), *head))
    assert found(grad_cam, model, images(2, 12))[1]["layer"] == "1"


def test_layers_that_cannot_be_used_are_answered_with_those_that_can() -> None:
    for wrong in ("pol", "flatten", "hidden"):
        with pytest.raises(UsageError, match=f"no layer '{wrong}' with maps") as refused:
            found(grad_cam, foreign(), images(2, 12), layer=wrong)
        assert refused.value.hint == "Set layer to one of first, norm, active, pool, second, elu, drop."
    with pytest.raises(UsageError, match="no convolution with more than one position") as refused:
        found(grad_cam, nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(36, 3)).eval(), images(2, 12))
    assert refused.value.hint == "Set layer to one of 0."
    with pytest.raises(UsageError, match="no layer of the network has maps") as refused:
        found(grad_cam, built("linear"), images(2))
    assert "lime" in refused.value.hint


def test_maps_are_enlarged_between_the_centres_of_their_positions() -> None:
    model, x = built("fer_gap_small", width=4), images(2)
    for outputs in (explainer.explain(model, asked(x), lambda done, total: None) for explainer in (cam, grad_cam)):
        small, large = outputs["class_activation"].values, outputs["attribution"].values
        assert (small.shape, large.shape) == ((2, 3, 6, 6), (2, 3, 48, 48))
        at = np.clip((np.arange(48) + 0.5) / 8 - 0.5, 0, 5)  # centres of pixels on the map, no further out than its own
        low, share = np.minimum(at.astype(int), 4), at - np.minimum(at.astype(int), 4)
        rows = small[:, :, low] * (1 - share)[:, None] + small[:, :, low + 1] * share[:, None]
        expected = rows[..., low] * (1 - share) + rows[..., low + 1] * share
        np.testing.assert_allclose(large, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("explainer", "settings"), [(cam, {}), *((grad_cam, {"method": method}) for method in METHODS)])
def test_signals_are_explained_in_time(explainer: Any, settings: dict) -> None:
    model, x = signals(), torch.randn(4, 3, 40, generator=torch.Generator().manual_seed(1))
    outputs = explainer.explain(model, asked(x, x, np.arange(4) % 3), lambda done, total: None, **settings)
    activation, attribution = outputs["class_activation"], outputs["attribution"]
    assert (activation.values.shape, activation.axes) == ((4, 3, 14), ("image", "class", "map time"))
    assert (attribution.values.shape, attribution.axes) == ((4, 3, 40), ("image", "class", "time"))
    means = outputs["attribution_means"]
    assert (means.values.shape, means.axes) == ((3, 40), ("class", "time"))
    assert outputs["attribution_about"]["map_shape"] == [14]
    if settings.get("method") == "layer_cam":
        expected = by_hand(model, "4", "layer_cam", x)
        np.testing.assert_allclose(activation.values, expected, rtol=1e-3, atol=1e-4)
    else:
        sums = activation.values.mean(2) + model[-1].bias.detach().numpy()
        np.testing.assert_allclose(sums, logits_of(model, x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("explainer", [cam, grad_cam])
def test_class_means_are_of_the_maps_for_the_own_class(explainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explainer, "_BATCH", 4)
    model, reference = built("fer_gap_small", width=4), images(10, seed=2)
    labels = np.array([0, 2, 1, 1, 0, 2, 2, 2, 0, 1])
    means = explainer.explain(model, asked(images(2), reference, labels), lambda done, total: None)["attribution_means"]
    each = explainer.explain(model, asked(reference), lambda done, total: None)["attribution"].values
    for label in range(3):
        np.testing.assert_allclose(means.values[label], each[labels == label, label].mean(0), rtol=1e-4, atol=1e-5)
    assert (means.axes, means.unit) == (("class", "row", "column"), "logit")


@pytest.mark.parametrize("explainer", [cam, grad_cam])
def test_class_means_need_every_class(explainer: Any) -> None:
    model = built("fer_gap_small", width=4)
    with pytest.raises(DataError, match="none of the 2 test samples is of class 'sad'"):
        explainer.explain(model, asked(images(2), images(2), np.array([0, 1])), lambda done, total: None)
    outputs = explainer.explain(model, asked(images(2)), lambda done, total: None)
    assert set(outputs) == {"attribution", "class_activation", "attribution_about"}, "without reference samples no means"


def test_batches_do_not_matter_and_are_bounded_by_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = foreign(), images(7, side=12)
    sizes: list[int] = []
    expected, _ = found(grad_cam, model, x)
    handle = model.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0])))
    monkeypatch.setattr(grad_cam, "_HELD", 2 * len(CLASSES) * 4 * 25)  # two images of four maps of 5×5
    np.testing.assert_allclose(found(grad_cam, model, x)[0], expected, rtol=1e-5, atol=1e-6)
    assert sizes == [2, 2, 2, 2, 1], "the first pass looks at the network"
    monkeypatch.setattr(grad_cam, "_HELD", 1)
    found(grad_cam, model, x[:2])
    assert sizes[5:] == [2, 1, 1]
    handle.remove()


@pytest.mark.parametrize(("explainer", "settings"), [(cam, {}), *((grad_cam, {"method": method}) for method in METHODS)])
def test_network_is_left_as_it_was_and_progress_ends_at_the_total(explainer: Any, settings: dict) -> None:
    model, said = built("fer_gap_small", width=4), []
    before = {key: value.clone() for key, value in model.state_dict().items()}
    x, reference = images(40), images(6)
    given, labels = x.clone(), np.arange(6) % 3
    outputs = explainer.explain(model, asked(x, reference, labels), lambda done, total: said.append((done, total)), **settings)
    assert said == [(32, 46), (40, 46), (46, 46)]
    assert not any(module._forward_hooks for module in model.modules())
    assert all(p.grad is None and p.requires_grad for p in model.parameters())
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    assert torch.equal(x, given)
    assert not x.requires_grad
    assert torch.is_grad_enabled()
    assert all(value.values.dtype == np.float32 for kind, value in outputs.items() if kind != "attribution_about")


@pytest.mark.parametrize("explainer", [cam, grad_cam])
def test_hooks_are_removed_when_a_pass_fails(explainer: Any) -> None:
    model = built("fer_gap_small", width=4)
    with pytest.raises(RuntimeError):
        explainer.explain(model, asked(images(2).expand(2, 2, 48, 48)), lambda done, total: None)
    assert not any(module._forward_hooks for module in model.modules())


def test_frozen_networks_and_callers_without_gradients_are_explained_too() -> None:
    model, x = built("fer_gap_small", width=4).requires_grad_(False), images(2)
    expected, _ = found(cam, model, x)
    with torch.no_grad():
        np.testing.assert_allclose(found(grad_cam, model, x)[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("explainer", [cam, grad_cam])
def test_outputs_can_be_stored(explainer: Any, tmp_path: Any) -> None:
    x, out = images(3), Out(tmp_path)
    for kind, value in explainer.explain(
        built("fer_gap_small", width=4), asked(x, x, np.arange(3)), lambda done, total: None
    ).items():
        out.put(kind, value)
    inputs = Inputs([Output(o["kind"], tmp_path / name, {}) for name, o in out.described.items()])
    assert inputs.one("attribution").shape == (3, 3, 48, 48)
    assert inputs.one("attribution_about")["map_shape"] == [6, 6]
