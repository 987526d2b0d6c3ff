"""What explainers by the gradient of the input share: gradients of all classes at once, and how they are shown.

`Show` is what becomes of the gradient g of a class's output with respect to the input x, which is in standard deviations of
the training part: its size |g|, itself with its sign, or g · x, which adds up to the output where the network is linear.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from reportgen.core import Explained
from reportgen.explainers._maps import Layer, about, array, averaged, unit_of

Show = Literal["absolute", "signed", "times_input"]

_HELD = 1 << 24  # numbers in the gradients of a batch, 64 MiB of them
_AXES = ("slice", "band", "row", "column")  # of a sample, as many of the last ones as it has
_METHODS = {"absolute": "size of the gradient", "signed": "gradient", "times_input": "gradient × input"}


def rows(explained: Explained) -> int:
    """Inputs that are explained at once: few stay in a CPU's cache, many fill a GPU, and their gradients fit into memory."""
    numbers: int = len(explained.classes) * prod(explained.x.shape[1:])  # of one
    most = 32 if explained.x.device.type == "cpu" else 512
    return min(most, max(1, _HELD // numbers))


def class_gradients(model: nn.Module, x: Tensor) -> Tensor:
    """Gradients (sample, class, …) of all outputs with respect to the input (sample, …), by one batched pass back.

    Networks with recurrent layers, whose passes back cannot be batched on every device, go back class by class.
    """
    with differentiable(model), torch.enable_grad():
        x = x.detach().requires_grad_()
        outputs = model(x)  # (sample, class)
        if recurrent(model):
            totals = outputs.sum(0)  # samples do not mix
            return torch.stack([torch.autograd.grad(total, x, retain_graph=True)[0] for total in totals], dim=1)
        one = torch.eye(outputs.shape[1], dtype=outputs.dtype, device=outputs.device)
        each = one[:, None].expand(-1, len(x), -1)  # (class, sample, class)
        (gradients,) = torch.autograd.grad(outputs, x, each, is_grads_batched=True)
        return gradients.transpose(0, 1)


def recurrent(model: nn.Module) -> bool:
    """Whether the network has LSTM, GRU or simple recurrent layers."""
    return any(isinstance(module, nn.RNNBase) for module in model.modules())


@contextmanager
def differentiable(model: nn.Module) -> Iterator[None]:
    """CuDNN goes back through recurrent layers only while they train: do without it there."""
    with torch.backends.cudnn.flags(enabled=torch.backends.cudnn.enabled and not recurrent(model)):
        yield


def explanation(
    model: nn.Module,
    explained: Explained,
    gradients: Callable[[Tensor, np.ndarray], Tensor],
    batch: int,
    progress: Callable[[int, int], None],
    method: str,
    show: Show,
) -> dict[str, Any]:
    """The gradients of images, and their means over reference samples, as outputs of an explainer.

    Args:
        model: the network.
        explained: what the explainer was given.
        gradients: (sample, class, …) of a batch of inputs, and of numbers (sample,) that seeds are derived from.
        batch: samples at once.
        progress: is told samples done and all of them.
        method: what is said before how gradients are shown, "" for nothing.
        show: see the module.

    Returns:
        `attribution`, with the axes of a sample as it is stored after (image, class), `attribution_about` and, with reference
        samples, `attribution_means`; see `reportgen.kinds.KINDS`.

    Raises:
        DataError: there are reference samples, but none of some class.
    """
    shape = explained.images.shape[1:]  # without the leading axis of one that the model wants

    def maps(x: Tensor, ids: np.ndarray) -> Tensor:
        found = gradients(x, ids)
        found = found.abs() if show == "absolute" else found * x[:, None] if show == "times_input" else found
        return found.reshape(*found.shape[:2], *shape)

    found, means = averaged(explained, maps, batch, progress)
    unit = unit_of(model) + ("" if show == "times_input" else " per SD")
    axes = axes_of(shape)
    outputs: dict[str, Any] = {"attribution": array(found, ("image", "class", *axes), unit)}
    if means is not None:
        outputs["attribution_means"] = array(means, ("class", *axes), unit)
    told = " ".join(filter(None, [method, _METHODS[show]]))
    return outputs | {"attribution_about": about(told, Layer("", 0, (0, *shape), unit), None)}


def axes_of(shape: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the axes of a sample of that shape; what they mean is known where the features are."""
    return _AXES[len(_AXES) - len(shape) :]
