"""Grad-CAM and its relatives: class activation maps of any convolutional layer, from the gradients of all classes at once."""

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Annotated, Any, Literal

import torch
from annotated_doc import Doc
from torch import Tensor, nn

from reportgen.core import Explained
from reportgen.errors import UsageError
from reportgen.explainers._maps import PROBED, Layer, about, at, explanation, observed
from reportgen.explainers._units import ACTIVATIONS

_BATCH = 32  # samples at most, which a CPU's cache holds
_HELD = 1 << 24  # numbers in the gradients of a batch, 64 MiB of them
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d)

Method = Literal["grad_cam", "hires_cam", "layer_cam"]

MAKES = ("attribution",)


def explain(
    model: nn.Module,
    explained: Explained,
    progress: Callable[[int, int], None],
    *,
    method: Annotated[
        Literal["grad_cam", "hires_cam", "layer_cam"],
        Doc("how gradients weigh maps: their mean over positions, each at its place, or only where positive"),
    ] = "grad_cam",
    layer: Annotated[str, Doc("path of the layer in the network; empty: the last convolution, after its activation")] = "",
    positive: Annotated[bool, Doc("keep what speaks for a class only, as published, not what speaks against it")] = False,
) -> dict[str, Any]:
    """Explain all classes of each image by the gradients of its outputs with respect to a layer's maps.

    grad_cam (Selvaraju et al. 2017, arXiv 1610.02391) is the most used; as it averages gradients, it can point where the
    network did not look. hires_cam (Draelos and Carin 2020, arXiv 2011.08891) cannot where one linear layer follows the maps:
    the mean of its map is then the logit but for the bias. layer_cam (Jiang et al. 2021, doi 10.1109/TIP.2021.3089943) drops
    negative gradients and suits early layers.

    Gradients are multiplied by the number of positions. So maps do not shrink as they get finer, and on a network with global
    average pooling and one linear layer grad_cam and hires_cam are CAM, in logits. The maps keep their sign by default, so
    that classes and images share one scale on which zero means nothing; with `positive` the end of the published formulae, a
    ReLU, is added. The outputs of the network are taken as they are, also where they are not the outputs of a linear layer.

    Of signals (channel, time) the result is (image, class, time) where the layer has mixed all channels, as EEGNet does.

    Returns:
        `attribution`, `class_activation`, `attribution_about` and, with reference samples, `attribution_means`; see
        `reportgen.kinds.KINDS`.

    Raises:
        UsageError: the network has no convolution with more than one position, or no such layer with maps.
        DataError: a class has no reference sample.
    """
    place = _place(model, explained.x[:PROBED], layer)
    batch = min(_BATCH, max(1, _HELD // (len(explained.classes) * prod(place.shape))))
    maps = partial(_class_maps, model, place, method, positive)
    return explanation(explained, maps, batch, progress, place.unit) | {"attribution_about": about(method, place, None)}


def _class_maps(model: nn.Module, layer: Layer, method: Method, positive: bool, x: Tensor) -> Tensor:
    """Class maps (sample, class, row, column) or (sample, class, time) in logits."""
    maps, gradients = _gradients(model, layer, x)
    maps, gradients = maps.flatten(2), gradients.flatten(3)  # (sample, map, position), (class, sample, map, position)
    if method == "grad_cam":
        found = torch.einsum("csm,smp->scp", gradients.mean(3), maps)
    else:
        found = torch.einsum("csmp,smp->scp", gradients.relu() if method == "layer_cam" else gradients, maps)
    found = found.reshape(*found.shape[:2], *layer.shape[1:]) * prod(layer.shape[1:])
    return found.relu() if positive else found


def _gradients(model: nn.Module, layer: Layer, x: Tensor) -> tuple[Tensor, Tensor]:
    """The layer's maps (sample, map, …), and the gradients (class, sample, map, …) of all outputs by one batched pass back.

    The network goes on from a copy of the maps: what it writes over is the copy, and what came before them keeps no graph.
    """
    maps = x

    def cut(output: Tensor) -> Tensor:
        nonlocal maps
        torch.set_grad_enabled(True)  # until no_grad ends
        maps = output.detach().requires_grad_()
        return maps.clone()

    with torch.no_grad(), at(model, layer, cut):
        outputs = model(x)  # (sample, class)
    one = torch.eye(outputs.shape[1], dtype=outputs.dtype, device=outputs.device)
    each = one[:, None].expand(-1, len(x), -1)  # (class, sample, class): samples do not mix
    (gradients,) = torch.autograd.grad(outputs, maps, each, is_grads_batched=True)
    return maps.detach(), gradients


@torch.no_grad()
def _place(model: nn.Module, x: Tensor, wanted: str) -> Layer:
    """The layer of that name, when it runs last; by default the last convolution, after the activation that follows it.

    Where no activation follows as a module, it is the convolution itself.
    """
    seen: list[tuple[Layer, nn.Module]] = []
    observed(model, x, lambda layer, module, _: seen.append((layer, module)))
    if not seen:
        raise UsageError(
            "explainer grad_cam: no layer of the network has maps",
            "Explain it with saliency, which takes any network, or images with lime.",
        )
    fitting = [layer for layer, _ in seen if layer.name == wanted] if wanted else _after_last_convolution(seen)
    if not fitting:
        leaves = dict.fromkeys(layer.name for layer, module in seen if not list(module.children()))
        what = f"no layer '{wanted}' with maps" if wanted else "no convolution with more than one position"
        raise UsageError(f"explainer grad_cam: the network has {what}", f"Set layer to one of {', '.join(leaves)}.")
    return fitting[-1]


def _after_last_convolution(seen: list[tuple[Layer, nn.Module]]) -> list[Layer]:
    """The layer that is taken by default, if there is one."""
    convolutions = [i for i, (_, module) in enumerate(seen) if isinstance(module, _CONVOLUTIONS)]
    if not convolutions:
        return []
    (last, _), *after = seen[convolutions[-1] :]
    active = [layer for layer, module in after if isinstance(module, ACTIVATIONS) and layer.shape == last.shape]
    return [*active, last][:1]
