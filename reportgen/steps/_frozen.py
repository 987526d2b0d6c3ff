"""What the experiment's own network, trained on real samples and then left alone, sees in a sample."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from reportgen.networks import Standardise, as_input, batch_for, to_device


@torch.no_grad()
def seen(model: nn.Module, standardise: Standardise, x: np.ndarray, device: str) -> np.ndarray | None:
    """The input of the network's last linear layer, (sample, unit) float64; None of a network without one.

    Args:
        model: gives logits (sample, class).
        standardise: samples to its input.
        x: (sample, …) float32, as features gave them.
        device: of torch.
    """
    last = next((layer for layer in reversed(list(model.modules())) if isinstance(layer, nn.Linear)), None)
    if last is None:
        return None
    caught: list[Tensor] = []

    def keep(_layer: nn.Module, given: Any) -> None:
        caught.append(given[0].flatten(1).float().cpu())

    hook = last.register_forward_pre_hook(keep)
    to_device(model.eval(), device)
    for chunk in torch.split(torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32)), batch_for(device)):
        model(standardise(as_input(chunk.to(device))))
    hook.remove()
    return torch.cat(caught).double().numpy()
