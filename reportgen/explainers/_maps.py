"""What CAM and its gradient relatives share: a look at a run of the network, enlarging, and means over classes.

A *map* is what a layer writes for each sample, channel and position: (sample, map, row, column) where the model is given
images, (sample, map, time) where it is given signals.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from reportgen.core import Array, Explained
from reportgen.errors import DataError

PROBED = 2
"""Samples that are enough to see what a network computes."""

_POSITIONS = {3: ("time",), 4: ("row", "column")}  # axes beside sample and channel, by the axes of the model's input
_MODES = {3: "linear", 4: "bilinear"}

Hook = Callable[[str, nn.Module, Any, Any], Tensor | None]
"""Given the name of a module, itself, its inputs and its output; what it returns takes the place of the output."""


class Layer(NamedTuple):
    """Where maps are taken from: a module may run more than once in a pass, as activations often do."""

    name: str
    call: int  # of its calls in a pass, from 0
    shape: tuple[int, ...]  # of its output for one sample: (map, row, column) or (map, time)
    unit: str  # of the network's outputs, which maps of this layer explain


@contextmanager
def hooked(modules: Iterable[tuple[str, nn.Module]], hook: Hook) -> Iterator[None]:
    """Let `hook` see what the modules do, and leave none of it behind."""
    handles = [module.register_forward_hook(partial(hook, name)) for name, module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def observed(model: nn.Module, x: Tensor, note: Callable[[Layer, nn.Module, Tensor], None]) -> Tensor:
    """Outputs of the model for x; `note` is told of all maps with more than one position, in the order of computation."""
    calls = Counter[str]()
    unit = "log sigmoid" if isinstance(list(model.modules())[-1], nn.LogSigmoid) else "logit"

    def look(name: str, module: nn.Module, _: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.ndim == x.ndim and output[0, 0].numel() > 1:
            note(Layer(name, calls[name], tuple(output.shape[1:]), unit), module, output)
        calls[name] += 1

    with hooked(model.named_modules(), look):
        return model(x)  # type: ignore[no-any-return]


@contextmanager
def at(model: nn.Module, layer: Layer, act: Callable[[Tensor], Tensor | None]) -> Iterator[None]:
    """Let `act` see the maps of a layer, in its one call; what it returns takes their place."""
    calls = count()
    with hooked(
        [(layer.name, model.get_submodule(layer.name))],
        lambda _, __, ___, output: act(output) if next(calls) == layer.call else None,
    ):
        yield


def explanation(
    explained: Explained,
    maps: Callable[[Tensor], Tensor],
    batch: int,
    progress: Callable[[int, int], None],
    unit: str = "logit",
) -> dict[str, Any]:
    """Explain the images, and average over the reference samples of each class where there are any.

    Args:
        explained: what the explainer was given.
        maps: class maps (image, class, row, column), or (image, class, time), of a batch of the model's input.
        batch: samples that are explained at once.
        progress: is told samples done and all of them.
        unit: of the maps.

    Returns:
        `class_activation`, `attribution` and, with reference samples, `attribution_means`; see `reportgen.core.KINDS`.

    Raises:
        DataError: there are reference samples, but none of some class.
    """
    x, reference = explained.x, explained.reference
    done, total = 0, len(x) + (0 if reference is None else len(reference))

    def in_batches(samples: Tensor) -> Iterator[Tensor]:
        nonlocal done
        for part in torch.split(samples, batch):
            yield maps(part).cpu()
            done += len(part)
            progress(done, total)

    activation = torch.cat(list(in_batches(x)))
    axes = _POSITIONS[x.ndim]
    outputs = {
        "class_activation": _array(activation, ("image", "class", *(f"map {axis}" for axis in axes)), unit),
        "attribution": _array(_enlarged(activation, x.shape[2:]), ("image", "class", *axes), unit),
    }
    if reference is not None:
        labels = torch.as_tensor(explained.reference_labels).long()
        _check_every_class(labels, explained.classes)
        means = _class_means(zip(in_batches(reference), torch.split(labels, batch), strict=True), len(explained.classes))
        outputs["attribution_means"] = _array(_enlarged(means[None], x.shape[2:])[0], ("class", *axes), unit)
    return outputs


def _check_every_class(labels: Tensor, classes: Sequence[str]) -> None:
    members = torch.bincount(labels, minlength=len(classes))  # (class,)
    if not members.all():
        raise DataError(
            f"none of the {len(labels)} test samples is of class '{classes[int(members.argmin())]}': it has no mean map",
            "Divide the data set so that the test part holds every class.",
        )


def _class_means(parts: Iterable[tuple[Tensor, Tensor]], classes: int) -> Tensor:
    """Mean over the samples of each class of their map for that class, taken before enlarging, which is linear.

    Args:
        parts: class maps (sample, class, row, column) or (sample, class, time), and labels (sample,).
        classes: how many.

    Returns:
        (class, row, column) or (class, time), summed in double precision.
    """
    own = [(maps[torch.arange(len(labels)), labels], labels) for maps, labels in parts]
    maps, labels = (torch.cat(rows) for rows in zip(*own, strict=True))
    return torch.stack([maps[labels == label].double().mean(0) for label in range(classes)]).float()


def _enlarged(maps: Tensor, size: Sequence[int]) -> Tensor:
    """Maps (sample, class, …) of that many positions, linear between the centres of theirs."""
    return interpolate(maps, tuple(size), mode=_MODES[maps.ndim], align_corners=False)


def _array(values: Tensor, axes: Sequence[str], unit: str) -> Array:
    return Array(np.asarray(values.numpy(), np.float32), tuple(axes), unit)


def about(method: str, layer: Layer, complete: dict[str, Any] | None) -> dict[str, Any]:
    """The output `attribution_about`."""
    return {
        "method": method,
        "layer": layer.name,
        "map_shape": list(layer.shape[1:]),
        "unit": layer.unit,
        "complete": complete,
    }
