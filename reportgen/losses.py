"""What training minimises, by the names that the setting `loss` may have."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from reportgen.errors import UsageError

Loss = Callable[[Tensor, Tensor], Tensor]
"""Outputs (sample, class) and labels (sample,) int64 to their mean loss."""

_NEARLY_ZERO = -1e-7  # log of the largest probability whose complement float32 can tell from 0


def loss_of(name: str, model: nn.Module, label_smoothing: float) -> Loss:
    """The loss of a name, with a share of each target spread over all classes.

    `cross_entropy` is of the softmax of the outputs. `binary_cross_entropy` takes each class apart, as if a sample could
    have several: it fits labels that exclude each other badly, and is here to measure how badly.

    Raises:
        UsageError: `binary_cross_entropy` needs outputs that are logarithms of sigmoids.
    """
    if name == "cross_entropy":
        return partial(functional.cross_entropy, label_smoothing=label_smoothing)
    if not isinstance(list(model.modules())[-1], nn.LogSigmoid):
        raise UsageError(
            "loss = 'binary_cross_entropy' needs a network whose outputs are sigmoids",
            "Give its model activation = 'sigmoid' (fer_conv3 has it), or train with loss = 'cross_entropy'.",
        )
    return partial(_binary, label_smoothing=label_smoothing)


def _binary(outputs: Tensor, labels: Tensor, label_smoothing: float) -> Tensor:
    """Mean over samples and classes of −t log p − (1 − t) log(1 − p), where the outputs are log p."""
    classes = outputs.shape[1]
    targets = functional.one_hot(labels, classes) * (1 - label_smoothing) + label_smoothing / classes
    log_p = outputs.clamp(max=_NEARLY_ZERO)
    return -(targets * log_p + (1 - targets) * torch.log(-torch.expm1(log_p))).mean()
