"""Feature maps: what hidden layers show of each class, their most class-selective units first."""

from collections import defaultdict
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Ge, Unit
from torch import Tensor, nn

from reportgen.core import Array, Explained
from reportgen.errors import UsageError
from reportgen.explainers._units import ACTIVATIONS, of_samples, selectivity, shares

_BATCH = 32  # samples: the maps of all layers of a batch are held at once


def explain(
    model: nn.Module,
    explained: Explained,
    progress: Callable[[int, int], None],
    *,
    layers: Annotated[int, Ge(1), Unit("layers"), Doc("convolutions shown at most, spread evenly over the depth")] = 4,
    units: Annotated[int, Ge(1), Unit("units"), Doc("maps shown of a layer at most, the most selective ones")] = 8,
) -> dict[str, Any]:
    """Average the maps of hidden convolutions over the reference samples of each class.

    Of networks on films, which fold slices into the samples, maps are means over slices too.

    Returns:
        `feature_maps` and `feature_units`, layers in the order of the network, named by their path and type; see
        `reportgen.kinds.KINDS`.

    Raises:
        DataError: a class has no reference sample.
        UsageError: the model has no convolution.
    """
    means = _class_means(model, explained, layers, progress)
    shown, about = {}, {}
    for name, maps in means.items():
        selective = selectivity(maps.mean(axis=(2, 3)))  # (unit,)
        best = np.argsort(-selective, kind="stable")[:units]
        shown[name] = Array(maps[:, best].astype(np.float32), ("class", "unit", "row", "column"), "activation")
        about[name] = {"units": best.tolist(), "selectivity": selective[best].tolist(), "of": len(selective)}
    return {"feature_maps": shown, "feature_units": about}


def _class_means(
    model: nn.Module, explained: Explained, layers: int, progress: Callable[[int, int], None]
) -> dict[str, np.ndarray]:
    """{layer: (class, unit, row, column)} float64, mean over the reference samples of each class."""
    share = shares(explained, "feature_maps").to(explained.reference.device)  # (sample, class)
    means: dict[str, Any] = defaultdict(float)
    done = 0
    for x, part in zip(torch.split(explained.reference, _BATCH), torch.split(share, _BATCH), strict=True):
        for name, maps in _spread(_maps(model, x), layers).items():
            means[name] += torch.einsum("sc,surk->curk", part, maps).cpu().double().numpy()
        done += len(x)
        progress(done, len(share))
    return dict(means)


@torch.inference_mode()
def _maps(model: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Maps {layer: (sample, unit, row, column)} of one pass, after the activation that follows the convolution.

    Convolutions of one pixel are left out: they see no neighbourhood, and in residual networks they are shortcuts.
    Where no activation of the same shape follows as a module, the positive part is taken.
    """
    maps: dict[str, Tensor] = {}
    waiting = ""

    def keep(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def hook(module: nn.Module, _: Any, output: Tensor) -> None:
            nonlocal waiting
            if isinstance(module, nn.Conv2d):
                waiting = f"{name} ({type(module).__name__})"
                maps[waiting] = output.relu()
            elif waiting and output.shape == maps[waiting].shape:
                maps[waiting], waiting = output.clone(), ""  # what follows may write over it

        return hook

    watched = [(name, m) for name, m in model.named_modules() if isinstance(m, ACTIVATIONS) or _sees_neighbours(m)]
    hooks = [module.register_forward_hook(keep(name)) for name, module in watched]
    try:
        model(x)
    finally:
        for hook in hooks:
            hook.remove()
    if not maps:
        raise UsageError("feature_maps: the model has no convolution", "Leave feature_maps out of this experiment.")
    return {name: of_samples(found, len(x)) for name, found in maps.items()}


def _sees_neighbours(module: nn.Module) -> bool:
    return isinstance(module, nn.Conv2d) and max(module.kernel_size) > 1


def _spread(maps: dict[str, Tensor], count: int) -> dict[str, Tensor]:
    """At most `count` layers at even distances, the first and the last among them."""
    names = list(maps)
    chosen = np.unique(np.linspace(0, len(names) - 1, min(count, len(names))).round().astype(int))
    return {names[i]: maps[names[i]] for i in chosen}
