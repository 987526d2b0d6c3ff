"""What CAM and its gradient relatives share: a look at a run of the network, enlarging, and means over classes.

A *map* is what a layer writes for each sample, channel and position: (sample, map, row, column) where the model is given
images, (sample, map, time) where it is given signals. Networks on signals of the shape of an image, such as EEGNet, mix all
channels into maps of one row, which know time alone.
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
    calls, unit = Counter[str](), unit_of(model)

    def look(name: str, module: nn.Module, _: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.ndim == x.ndim and output[0, 0].numel() > 1:
            note(Layer(name, calls[name], tuple(output.shape[1:]), unit), module, output)
        calls[name] += 1

    with hooked(model.named_modules(), look):
        return model(x)  # type: ignore[no-any-return]


def unit_of(model: nn.Module) -> str:
    """What the network's outputs are."""
    return "log sigmoid" if isinstance(list(model.modules())[-1], nn.LogSigmoid) else "logit"


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
        `class_activation`, `attribution` and, with reference samples, `attribution_means`; see `reportgen.kinds.KINDS`.
        Where maps have one row and samples have more, what is enlarged is (…, time).

    Raises:
        DataError: there are reference samples, but none of some class.
    """
    size = explained.x.shape[2:]
    activation, means = averaged(explained, lambda x, _: maps(x), batch, progress)
    attribution = _enlarged(activation, size)
    axes, found = _POSITIONS[activation.ndim], _POSITIONS[attribution.ndim]
    outputs = {
        "class_activation": array(activation, ("image", "class", *(f"map {axis}" for axis in axes)), unit),
        "attribution": array(attribution, ("image", "class", *found), unit),
    }
    if means is not None:
        outputs["attribution_means"] = array(_enlarged(means[None], size)[0], ("class", *found), unit)
    return outputs


def averaged(
    explained: Explained, maps: Callable[[Tensor, np.ndarray], Tensor], batch: int, progress: Callable[[int, int], None]
) -> tuple[Tensor, Tensor | None]:
    """Class maps (image, class, …) of the images, and their means (class, …) over reference samples, if there are any.

    Where the images are the reference samples, their maps are made once.

    Args:
        explained: what the explainer was given.
        maps: class maps (sample, class, …) of a batch of the model's input, and of a number for each of its samples that
            seeds are derived from.
        batch: samples that are explained at once.
        progress: is told samples done and all of them.

    Raises:
        DataError: there are reference samples, but none of some class.
    """
    x, reference = explained.x, explained.reference
    done, total = 0, len(x) + (0 if reference is None or reference is x else len(reference))

    def in_batches(samples: Tensor, ids: np.ndarray) -> Iterator[Tensor]:
        nonlocal done
        for start in range(0, len(samples), batch):
            part = samples[start : start + batch]
            yield maps(part, ids[start : start + batch]).cpu()
            done += len(part)
            progress(done, total)

    found = torch.cat(list(in_batches(x, explained.ids)))
    if reference is None:
        return found, None
    labels = torch.as_tensor(explained.reference_labels).long()
    _check_every_class(labels, explained.classes)
    own = torch.split(found, batch) if reference is x else in_batches(reference, np.arange(len(reference)))
    return found, _class_means(zip(own, torch.split(labels, batch), strict=True), len(explained.classes))


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
        parts: class maps (sample, class, …), and labels (sample,).
        classes: how many.

    Returns:
        (class, …), summed in double precision.
    """
    own = [(maps[torch.arange(len(labels)), labels], labels) for maps, labels in parts]
    maps, labels = (torch.cat(rows) for rows in zip(*own, strict=True))
    return torch.stack([maps[labels == label].double().mean(0) for label in range(classes)]).float()


def _enlarged(maps: Tensor, size: Sequence[int]) -> Tensor:
    """Maps (sample, class, …) of that many positions, linear between the centres of theirs; of one row their columns alone."""
    if maps.ndim == 4 and maps.shape[2] == 1 < size[0]:
        maps, size = maps[:, :, 0], size[1:]
    return interpolate(maps, tuple(size), mode=_MODES[maps.ndim], align_corners=False)


def array(values: Tensor, axes: Sequence[str], unit: str) -> Array:
    """As an output: float32 on the machine's own memory."""
    return Array(np.asarray(values.cpu().numpy(), np.float32), tuple(axes), unit)


def about(method: str, layer: Layer, complete: dict[str, Any] | None) -> dict[str, Any]:
    """The output `attribution_about`."""
    return {
        "method": method,
        "layer": layer.name,
        "map_shape": list(layer.shape[1:]),
        "unit": layer.unit,
        "complete": complete,
    }
