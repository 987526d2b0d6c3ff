"""Where the maps of a network lie on its input: hooks that follow time or frequency through convolutions and pools."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

_BEND = 0.02  # relative error of a sum of inputs up to which maps are linear: far above what rounding to TF32 does
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d)
_POOLS = (nn.AvgPool1d, nn.AvgPool2d, nn.MaxPool1d, nn.MaxPool2d)


@dataclass(frozen=True, slots=True)
class Axis:
    """Where the positions of maps lie along the input's axis of time or frequency."""

    length: int
    step: float = 1.0  # from one to the next, in positions of the input
    start: float = 0.0  # the centre of what the first sees, in positions of the input


@contextmanager
def heard(network: nn.Module, hear: Callable[[int, Tensor], None]) -> Iterator[None]:
    """Tell `hear` the number of the call and the output of each convolution, and leave nothing of it behind."""
    calls = iter(range(2**31))
    modules = [module for module in network.modules() if isinstance(module, _CONVOLUTIONS)]
    handles = [module.register_forward_hook(lambda _, __, output: hear(next(calls), output)) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@torch.no_grad()
def axes_of(network: nn.Module, x: Tensor, axis: int) -> dict[int, Axis]:
    """{call: axis} of all convolutions whose maps have as many axes as there must be for `axis` to be one of theirs.

    Convolutions and pools say how they move positions. What changes lengths otherwise (padding, functions) is followed
    by lengths: positions stay centred, and a length that shrinks to a third is a step of three, one that loses a few is not.
    """
    latest = Axis(x.shape[axis])
    known = {latest.length: latest}  # the newest of each length: shortcuts go back to an older one
    found: dict[int, Axis] = {}
    calls = iter(range(2**31))

    def follow(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal latest
        call = next(calls) if isinstance(module, _CONVOLUTIONS) else -1
        if output.ndim + axis < 2:  # it has no such axis
            return
        length = inputs[0].shape[axis]
        latest = _moved(known.get(length) or _centred(latest, length), module, axis, output.shape[axis])
        known[latest.length] = latest
        if call >= 0:
            found[call] = latest

    modules = [module for module in network.modules() if isinstance(module, _CONVOLUTIONS + _POOLS)]
    handles = [module.register_forward_hook(follow) for module in modules]
    try:
        network(x)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _centred(before: Axis, length: int) -> Axis:
    step = before.step * max(1, round(before.length / length))
    return Axis(length, step, before.start + (before.step * (before.length - 1) - step * (length - 1)) / 2)


def _moved(before: Axis, module: nn.Module, axis: int, length: int) -> Axis:
    """The axis after a convolution or pool (the arithmetic of Dumoulin and Visin 2016, arXiv 1603.07285)."""
    kernel, stride, dilation, padding = (
        value[axis] if isinstance(value, tuple) else value
        for value in (getattr(module, name, 1) for name in ("kernel_size", "stride", "dilation", "padding"))
    )
    seen = (kernel - 1) * dilation  # from the first to the last position under the kernel
    before_first = {"same": seen // 2, "valid": 0}.get(padding, 0) if isinstance(padding, str) else padding
    return Axis(length, before.step * stride, before.start + before.step * (seen / 2 - before_first))


@torch.no_grad()
def linear(network: nn.Module, x: Tensor) -> dict[int, bool]:
    """{call: are the maps of this convolution linear in the input?} Tried with two samples x and their sum."""
    found: dict[int, bool] = {}

    def hear(call: int, output: Tensor) -> None:
        nothing, first, second, both = output.double()
        response = first + second - 2 * nothing
        found[call] = bool((both - nothing - response).norm() <= _BEND * response.norm())

    with heard(network, hear):
        network(torch.stack([torch.zeros_like(x[0]), x[0], x[1], x[0] + x[1]]))
    return found
