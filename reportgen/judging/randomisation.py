"""Whether maps depend on what the network learned: its layers are drawn anew one after the other, from output to input.

Cascading model parameter randomisation (Adebayo et al. 2018, arXiv 1810.03292). An explainer whose maps stay what they were
shows the image, not the network. Likeness is measured on the map of the class that the trained network predicts, with its sign:
by Spearman's rank correlation, which is 1 of two constant maps and 0 of a constant map and another one; and by SSIM with the
Gaussian window of Wang et al. 2004. For SSIM each map is divided by its largest absolute value, and [−1, 1] is laid on [0, 1]
as in a picture of it: otherwise a map and its negative would be alike, as their means differ in sign just as their details do.
Batch normalisation forgets its running means with its weights, and so passes on what it is given.

A kind `randomisation` is

    {"images", "constant": those whose map of the trained network is constant and says nothing, left out of all likenesses,
     "layers": those with parameters,
     "depths": [{"depth": layers drawn anew, "layer": the last of them, "" for none, "spearman": WHO, "ssim": WHO}]}

(WHO as in `measures`, of nulls if no image is left), from depth 0, which is the trained network, to all layers.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.stats import rankdata
from skimage.metrics import structural_similarity
from torch import Tensor, nn

from reportgen.errors import StepError
from reportgen.judging.measures import Bootstrap, means
from reportgen.networks import to_device

_ROUNDING = 1e-6  # of the largest value: spread of a constant map; a float32 one gains up to 3e-7 when it is enlarged
_WINDOW = 1.5, 3.5  # standard deviation in pixels of SSIM's window, and where it ends, in those; Wang et al. 2004


class Stage(NamedTuple):
    """A network some of whose layers were drawn anew."""

    depth: int  # how many
    layer: str  # the last of them
    model: nn.Module


def stages(depth: int, layers: int) -> list[int]:
    """Up to `depth` numbers of layers to randomise, spread evenly, with 1 and all of them."""
    return [int(number) for number in np.unique(np.rint(np.linspace(1, layers, max(depth, 2))))]


def layers_by_depth(model: nn.Module, x: Tensor) -> list[str]:
    """Names of the layers with parameters of their own, from the output to the input, by a pass over x.

    Layers that the pass does not reach come last.

    Raises:
        StepError: one of them cannot be drawn anew, because it has no `reset_parameters`.
    """
    own = {name: layer for name, layer in model.named_modules() if list(layer.parameters(recurse=False))}
    if fixed := [f"{name} ({type(layer).__name__})" for name, layer in own.items() if not hasattr(layer, "reset_parameters")]:
        raise StepError(f"layers without `reset_parameters` cannot be randomised: {', '.join(fixed)}", "Give them one.")
    called: list[str] = []
    hooks = [layer.register_forward_hook(lambda *_, name=name: called.append(name)) for name, layer in own.items()]
    try:
        with torch.no_grad():
            model(x)
    finally:
        for hook in hooks:
            hook.remove()
    return list(dict.fromkeys(reversed(called))) + [name for name in own if name not in called]


def randomised(model: nn.Module, x: Tensor, *, depths: int, seed: int) -> Iterator[Stage]:
    """The stages of the cascade, each with a network of its own in evaluation mode on the device of x.

    The layers keep what they were drawn: a later stage differs from an earlier one in its further layers only.
    """
    names = layers_by_depth(model, x[:1])
    drawn = deepcopy(model).cpu()  # the numbers that a seed gives differ between devices
    wanted = stages(depths, len(names))
    for depth, name in enumerate(names, 1):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed + depth)
            drawn.get_submodule(name).reset_parameters()  # type: ignore[operator]
        if depth in wanted:
            copy = deepcopy(drawn).eval()
            to_device(copy, str(x.device))
            yield Stage(depth, name, copy)


def randomisation(trained: np.ndarray, found: Sequence[tuple[int, str, np.ndarray]], bootstrap: Bootstrap) -> dict[str, Any]:
    """The kind `randomisation`.

    Args:
        trained: (image, row, column), maps of the trained network.
        found: (depth, layer, maps of the same images and classes) of each stage, the last of them of the whole network.
        bootstrap: over images.
    """
    telling = np.ptp(trained, axis=(1, 2)) > _ROUNDING * np.abs(trained).max(axis=(1, 2))  # (image,)
    rows = []
    for depth, layer, maps in ((0, "", trained), *found):
        likeness = {"spearman": spearman(trained, maps)[telling], "ssim": ssim(trained, maps)[telling]}
        nothing = dict.fromkeys(likeness, dict.fromkeys(("mean", "low", "high")))
        rows.append({"depth": depth, "layer": layer, **(means(likeness, bootstrap) if telling.any() else nothing)})
    return {"images": len(trained), "constant": int((~telling).sum()), "layers": found[-1][0], "depths": rows}


def spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Rank correlations (image,) in [−1, 1] of maps (image, row, column), equal values sharing their mean rank."""
    ranks = [rankdata(maps.reshape(len(maps), -1), axis=1) for maps in (first, second)]
    centred = [rank - rank.mean(1, keepdims=True) for rank in ranks]  # (image, pixel)
    squares = [(rank**2).sum(1) for rank in centred]
    size = np.sqrt(squares[0] * squares[1])
    both_constant = (squares[0] == 0) & (squares[1] == 0)
    products = np.where(both_constant, 1.0, (centred[0] * centred[1]).sum(1))
    return np.asarray(products / np.where(size > 0, size, 1))


def ssim(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Structural similarities (image,) in [−1, 1] of maps (image, row, column), each in units of its largest absolute value.

    The window is narrower where the map is smaller than its eleven pixels.
    """
    sd = min(_WINDOW[0], (min(first.shape[1:]) - 1) // 2 / _WINDOW[1])
    settings = {"data_range": 1.0, "gaussian_weights": True, "sigma": sd, "use_sample_covariance": False}
    pairs = zip(_scaled(first), _scaled(second), strict=True)
    return np.array([structural_similarity(a, b, **settings) for a, b in pairs])  # type: ignore[no-untyped-call]


def _scaled(maps: np.ndarray) -> np.ndarray:
    """Maps (image, row, column) in [0, 1], 1/2 where they are 0."""
    largest = np.abs(maps).max(axis=(1, 2), keepdims=True).astype(float)
    return np.asarray((1 + maps / np.where(largest > 0, largest, 1)) / 2)
