"""Activation maximisation: the input that each class, and each of the units that tell classes apart, wants most."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from math import ceil
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Ge, Gt, Interval, Unit
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

from reportgen.core import Array, Explained
from reportgen.explainers._gradient import axes_of, differentiable
from reportgen.explainers._maps import PROBED, hooked
from reportgen.explainers._units import of_samples, selectivity, shares

MAKES = ("ideals",)

_BATCH = 32  # samples
_START = 0.1  # SD of the noise that the ascent begins with
_SHARP = 0.2  # cells: a narrower blur changes nothing
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm)
_Activity = dict[str, Tensor]
"""{layer: (sample, unit)}."""


class _Target(NamedTuple):
    layer: str
    unit: int


def explain(
    model: nn.Module,
    explained: Explained,
    progress: Callable[[int, int], None],
    *,
    steps: Annotated[int, Ge(1), Unit("steps"), Doc("of the ascent")] = 128,
    step: Annotated[float, Gt(0), Unit("SD"), Doc("length of a step: root mean square over the input")] = 0.1,
    decay: Annotated[float, Interval(ge=0, lt=1), Doc("share that the input shrinks by in a step")] = 0.05,
    blur: Annotated[float, Ge(0), Unit("cells"), Doc("width of a Gaussian after the first step, which falls to 0")] = 0.5,
    layers: Annotated[int, Ge(0), Unit("layers"), Doc("last convolutions that are asked, beside a dense layer")] = 2,
    units: Annotated[int, Ge(0), Unit("units"), Doc("asked of a layer, the most class-selective ones")] = 4,
    seed: Annotated[int, Ge(0), Doc("seeds the noise that the ascent begins with")] = 0,
) -> dict[str, Any]:
    """Climb from weak noise to an input that makes a logit or a unit as large as it gets, all of them in one batch.

    Steps along the gradient, scaled to one length, with weight decay and a Gaussian blur as of Yosinski et al. 2015 (arXiv
    1506.06579); here the blur falls to 0, so that it guides the first steps and takes no fine detail from the result. With
    gradients that keep their direction the input ends at step / decay: 2 SD. Units are what they are before their
    activation, after a normalisation; those of convolutions are means over positions. What does not vary among samples, such
    as cells without an electrode, is left as it is.

    Returns:
        `ideals` in SD of the training part, and `ideals_about`, which says what was reached and the most of any test sample
        seen. Its layers: `output` of all classes, then layers in the order of the network. See `reportgen.kinds.KINDS`.

    Raises:
        DataError: a class has no reference sample.
    """
    reference = explained.reference
    watched = _watched(model, reference[:PROBED], layers) if units else []
    activity = _activities(model, reference, watched)
    share = shares(explained, "activation_maximisation").double().numpy()  # (sample, class)
    targets = [_Target("output", label) for label in range(len(explained.classes))]
    for layer in watched:
        selective = selectivity(share.T @ activity[layer].clamp(min=0).double().numpy())
        targets += [_Target(layer, int(unit)) for unit in np.argsort(-selective, kind="stable")[:units]]
    x = _start(targets, reference, seed)
    varies = (reference != reference[:1]).any(0)
    for number in range(steps):
        x = x + step * _direction(model, x, watched, targets, varies)
        width = blur * (1 - (number + 1) / steps)
        x = torch.where(varies, (1 - decay) * (_blurred(x, width) if width > _SHARP else x), reference[0])
        progress(number + 1, steps)
    reached = _own(_activities(model, x, watched), targets)
    return _outputs(explained, targets, x, reached, activity)


def _outputs(
    explained: Explained, targets: Sequence[_Target], x: Tensor, reached: Tensor, activity: Mapping[str, Tensor]
) -> dict[str, Any]:
    shape = explained.images.shape[1:]  # without the leading axis of one that the model wants
    values = x.cpu().numpy().reshape(len(x), *shape).astype(np.float32)
    ideals, told = {}, {}
    for layer in dict.fromkeys(target.layer for target in targets):
        own = [i for i, target in enumerate(targets) if target.layer == layer]
        asked = [targets[i].unit for i in own]
        ideals[layer] = Array(values[own], ("target", *axes_of(shape)), "SD")
        told[layer] = {
            "targets": [explained.classes[unit] if layer == "output" else str(unit) for unit in asked],
            "activation": [float(reached[i]) for i in own],
            "samples": [float(most) for most in activity[layer][:, asked].amax(0)],
        }
    return {"ideals": ideals, "ideals_about": {"axes": list(axes_of(shape)), "layers": told, "fold": ""}}


def _start(targets: Sequence[_Target], reference: Tensor, seed: int) -> Tensor:
    """(target, …) weak noise."""
    noise = np.random.default_rng(seed).standard_normal((len(targets), *reference.shape[1:]), dtype=np.float32)
    return _START * torch.from_numpy(noise).to(reference.device)


def _direction(model: nn.Module, x: Tensor, watched: Sequence[str], targets: Sequence[_Target], varies: Tensor) -> Tensor:
    """Gradient (target, …) of what each target wants, of root mean square 1 over what varies; 0 where it wants nothing."""
    with differentiable(model), torch.enable_grad():
        x = x.detach().requires_grad_()
        wanted = _own(_observed(model, x, watched), targets).sum()  # targets do not mix
        (gradient,) = torch.autograd.grad(wanted, x)
    gradient = gradient * varies
    size = (gradient.flatten(1).square().sum(1) / varies.sum()).sqrt().view(-1, *[1] * (x.ndim - 1))
    return gradient / size.clamp_min(torch.finfo(size.dtype).tiny)


def _own(activity: _Activity, targets: Sequence[_Target]) -> Tensor:
    """(target,): of each target what it is in its own row."""
    return torch.stack([activity[layer][row, unit] for row, (layer, unit) in enumerate(targets)])


@torch.no_grad()
def _activities(model: nn.Module, samples: Tensor, watched: Sequence[str]) -> _Activity:
    parts = [_observed(model, part, watched) for part in torch.split(samples, _BATCH)]
    return {name: torch.cat([part[name] for part in parts]).cpu() for name in ("output", *watched)}


def _observed(model: nn.Module, x: Tensor, watched: Sequence[str]) -> _Activity:
    """What the units of the watched layers, and the classes, make of the input."""
    found: _Activity = {}
    last, shape = "", torch.Size()

    def look(name: str, module: nn.Module, _: Any, output: Tensor) -> None:
        nonlocal last, shape
        if isinstance(module, _NORMS):  # of the layer right before it
            name = last if output.shape == shape else ""
        last, shape = name, output.shape
        if name in watched:
            own = of_samples(output, len(x))
            found[name] = own.flatten(2).mean(2) if own.ndim > 2 else own  # now: an activation may write over it

    with hooked(_layers(model), look):
        output = model(x)
    return {**found, "output": output}


def _layers(model: nn.Module) -> list[tuple[str, nn.Module]]:
    return [(name, m) for name, m in model.named_modules() if isinstance(m, (*_CONVOLUTIONS, *_NORMS, nn.Linear))]


@torch.no_grad()
def _watched(model: nn.Module, x: Tensor, layers: int) -> list[str]:
    """The last convolutions with several units and positions, and the last dense layer before the output, in their order."""
    convolutions: list[str] = []
    dense: list[str] = []

    def look(name: str, module: nn.Module, _: Any, output: Tensor) -> None:
        if "attention" in name:
            return  # it weighs what others see
        if isinstance(module, _CONVOLUTIONS) and output.shape[1] > 1 and output[0, 0].numel() > 1:
            convolutions.append(name)
        elif isinstance(module, nn.Linear) and output.ndim == 2:
            dense.append(name)

    with hooked(_layers(model), look):
        model(x)
    chosen = list(dict.fromkeys(islice(reversed(convolutions), layers)))[::-1]
    return chosen + dense[:-1][-1:]


def _blurred(x: Tensor, width: float) -> Tensor:
    """X (target, …) under a Gaussian of `width` cells along its last two axes; what lies outside is as its edge."""
    reach = ceil(3 * width)
    weights = torch.exp(-((torch.arange(-reach, reach + 1, device=x.device) / width) ** 2) / 2)
    weights = weights / weights.sum()
    flat = x.flatten(0, -3).unsqueeze(1)  # (any, 1, row, column)
    across = conv2d(pad(flat, (reach, reach, 0, 0), mode="replicate"), weights.view(1, 1, 1, -1))
    return conv2d(pad(across, (0, 0, reach, reach), mode="replicate"), weights.view(1, 1, -1, 1)).view_as(x)
