"""SmoothGrad: saliency without its noise, as the mean gradient over noisy copies of a sample."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Ge, Unit
from torch import Tensor, nn

from reportgen.core import Explained
from reportgen.explainers._gradient import class_gradients, explanation, rows

MAKES = ("attribution",)


def explain(
    model: nn.Module,
    explained: Explained,
    progress: Callable[[int, int], None],
    *,
    samples: Annotated[int, Ge(1), Unit("copies"), Doc("noisy copies of each sample")] = 50,
    noise: Annotated[float, Ge(0), Unit("of the range"), Doc("standard deviation, as a share of a sample's range")] = 0.2,
    show: Annotated[
        Literal["absolute", "signed", "times_input"],
        Doc("of the mean gradient its size, itself, or times the input"),
    ] = "absolute",
    seed: Annotated[int, Ge(0), Doc("seeds the noise of a sample together with its number")] = 0,
) -> dict[str, Any]:
    """Explain all classes of each sample by the mean gradient over noisy copies (Smilkov et al. 2017, arXiv 1706.03825).

    Gradients are averaged with their sign; the size is taken of the mean. 50 copies and 0.2 are what 2021CS-GY9223, the
    source of S0, used on images of frequency × channel.

    Returns:
        `attribution` (image, class, …) with all axes of a sample, `attribution_about` and, with reference samples,
        `attribution_means`; see `reportgen.kinds.KINDS`.

    Raises:
        DataError: a class has no reference sample.
    """
    most = rows(explained)
    gradients = partial(_smoothed, model, samples, noise, seed, min(samples, most))
    return explanation(model, explained, gradients, max(1, most // samples), progress, "SmoothGrad,", show)


def _smoothed(model: nn.Module, samples: int, noise: float, seed: int, part: int, x: Tensor, ids: np.ndarray) -> Tensor:
    """Mean gradients (sample, class, …) over copies of x (sample, …), `part` copies of each at a time."""
    flat = x.flatten(1)
    width = noise * (flat.amax(1) - flat.amin(1)).view(-1, *[1] * x.ndim)  # (sample, 1, …)
    generators = [np.random.default_rng((seed, int(sample))) for sample in ids]  # whatever else is in the batch
    total = torch.zeros((), device=x.device)
    for start in range(0, samples, part):
        size = (min(part, samples - start), *x.shape[1:])
        drawn = np.stack([generator.standard_normal(size, dtype=np.float32) for generator in generators])
        copies = x[:, None] + width * torch.from_numpy(drawn).to(x.device)  # (sample, copy, …)
        found = class_gradients(model, copies.flatten(0, 1))  # (sample × copy, class, …)
        total = total + found.reshape(len(x), -1, *found.shape[1:]).sum(1)
    return total / samples
