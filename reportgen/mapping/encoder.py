"""The networks that put intensities into a plane: any number of emotions → hidden layers → 2, the last layer linear."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn


class Encoder(nn.Module):
    """Shifted and scaled intensities through layers with ReLU; a straight way beside them, if there is one, is added.

    The straight way begins as the first two principal axes: the map then begins as a plane that is right in the large, and the
    layers learn what is different from it.
    """

    mean: Tensor
    scale: Tensor

    def __init__(
        self, mean: Tensor, scale: float, hidden: Sequence[int], straight: Tensor | None, draw: torch.Generator
    ) -> None:
        """Weights are drawn as `nn.Linear` does, from ±1/√inputs, but from a generator of our own.

        Args:
            mean: (emotion,) that is subtracted.
            scale: that is divided by afterwards.
            hidden: widths of the hidden layers.
            straight: (emotion, 2), what the straight way begins as; None: there is none.
            draw: of the first weights.
        """
        super().__init__()
        self.register_buffer("mean", mean.float())
        self.register_buffer("scale", torch.tensor(float(scale)))
        widths = [len(mean), *hidden, 2]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))
        self.straight = None if straight is None else nn.Parameter(straight.float())
        with torch.no_grad():
            for layer, width in zip(self.layers, widths, strict=False):
                for weights in layer.parameters():
                    weights.uniform_(-(width**-0.5), width**-0.5, generator=draw)

    def forward(self, x: Tensor) -> Tensor:
        """(row, emotion) -> (row, 2)."""
        x = (x - self.mean) / self.scale
        y: Tensor = x
        for layer in self.layers[:-1]:
            y = torch.relu_(layer(y))
        y = self.layers[-1](y)
        return y if self.straight is None else y + x @ self.straight

    @torch.no_grad()
    def tensors(self) -> dict[str, Tensor]:
        """All that it knows, for `stacked`."""
        found = {"mean": self.mean, "scale": self.scale}
        for index, layer in enumerate(self.layers):
            found |= {f"{name}{index}": value for name, value in layer.named_parameters()}
        found |= {} if self.straight is None else {"straight": self.straight}
        return {name: tensor.detach().cpu().clone() for name, tensor in found.items()}


def turned(tensors: Mapping[str, Tensor], centre: np.ndarray, turn: np.ndarray) -> dict[str, Tensor]:
    """The tensors of a network that gives (y − centre) @ turn where the given one gives y: only what is linear changes."""
    last = f"{_depth(tensors) - 1}"
    matrix, middle = (torch.as_tensor(value, dtype=torch.float64) for value in (turn, centre))
    found = {name: tensor.double() for name, tensor in tensors.items()}
    found[f"weight{last}"] = matrix.T @ found[f"weight{last}"]
    found[f"bias{last}"] = (found[f"bias{last}"] - middle) @ matrix
    if "straight" in found:
        found["straight"] = found["straight"] @ matrix
    return {name: tensor.float().contiguous() for name, tensor in found.items()}


def stacked(members: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The tensors of several networks of one shape, with an axis `member` in front."""
    return {name: torch.stack([one[name] for one in members]) for name in members[0]}


@torch.no_grad()
def encoded(tensors: Mapping[str, Tensor], x: Tensor) -> Tensor:
    """(row, emotion) -> (member, row, 2), with the tensors of `stacked`."""
    x = (x - tensors["mean"][:, None]) / tensors["scale"][:, None, None]
    y = x
    depth = _depth(tensors)
    for index in range(depth):
        y = torch.baddbmm(tensors[f"bias{index}"][:, None], y, tensors[f"weight{index}"].transpose(1, 2))
        y = y if index == depth - 1 else y.relu_()
    return y + x @ tensors["straight"] if "straight" in tensors else y


def _depth(tensors: Mapping[str, Tensor]) -> int:
    return sum(name.startswith("weight") for name in tensors)
