"""What a duel of two networks would lose in a kill, what it is recognised by, and the tables of its layers."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from reportgen.checkpoints import State
from reportgen.core import Place


@dataclass(slots=True, kw_only=True)
class Duel(State):
    """Two networks in one module, `generator` and `critic`; `optimizer` is that of the generator."""

    model: nn.ModuleDict
    critic_optimizer: Optimizer

    def tensors(self) -> dict[str, Tensor]:
        """Everything but `rows`, flat."""
        moments = {
            f"critic_optimizer.{index}/{name}": value
            for index, values in self.critic_optimizer.state_dict()["state"].items()
            for name, value in values.items()
            if isinstance(value, Tensor)
        }
        return State.tensors(self) | moments

    def restore(self, tensors: Mapping[str, Tensor], rows: list[dict[str, Any]]) -> None:
        """Become the state that was saved."""
        own = {key: value for key, value in tensors.items() if key.startswith("critic_optimizer.")}
        State.restore(self, {key: value for key, value in tensors.items() if key not in own}, rows)
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in own.items():
            index, _, name = key.removeprefix("critic_optimizer.").partition("/")
            moments.setdefault(int(index), {})[name] = value
        self.critic_optimizer.load_state_dict({**self.critic_optimizer.state_dict(), "state": moments})


def seed(*numbers: int) -> None:
    """Seed torch's global generator."""
    torch.manual_seed(int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]))


def reproducible(device: torch.device) -> AbstractContextManager[None]:
    """Hold cuDNN to deterministic algorithms, without its search for the fastest, whose outcome varies between runs."""
    if device.type != "cuda":
        return nullcontext()
    return torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True)


def identity(state: State, values: tuple[Tensor, ...], place: Place, settings: Mapping[str, Any]) -> str:
    """Digest of what a checkpoint belongs to. Device and threads count, because numbers depend on them."""
    network = {name: list(value.shape) for name, value in state.model.state_dict().items()}
    contents = [hashlib.sha256(value.cpu().numpy().tobytes()).hexdigest() for value in values]
    told = [dict(settings), place.seed, place.device, torch.get_num_threads(), network, contents]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@torch.no_grad()
def table(network: nn.Module, use: Callable[[], object]) -> dict[str, Any]:
    """The layers of a network with the shapes that `use` really makes them give, in the order of computation.

    Returns:
        layers: [{name, type, shape (of the output, without the sample axis), parameters}]; trainable: their parameters.
    """
    layers: list[dict[str, Any]] = []

    def note(name: str, layer: nn.Module, output: Tensor | tuple[Tensor, ...]) -> None:
        output = output if isinstance(output, Tensor) else output[0]
        parameters = sum(values.numel() for values in layer.parameters())
        shape = list(output.shape[1:])
        layers.append({"name": name, "type": type(layer).__name__, "shape": shape, "parameters": parameters})

    hooks = [
        layer.register_forward_hook(lambda layer, _, output, name=name: note(name, layer, output))
        for name, layer in network.named_modules()
        if not list(layer.children()) and name
    ]
    use()
    for hook in hooks:
        hook.remove()
    return {"layers": layers, "trainable": sum(values.numel() for values in network.parameters() if values.requires_grad)}
