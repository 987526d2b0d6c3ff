"""Perturbed copies of one image, drawn and judged in batches on the device."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from scipy.linalg import hadamard
from scipy.ndimage import gaussian_filter

Predict = Callable[[np.ndarray], np.ndarray]
"""Masks (sample, segment) bool, True where the image is seen, to probabilities (sample, class) float64."""

_CPU_BATCH = 16  # copies whose activations stay in the cache of a core
_DEVICE_BATCH = 2048  # all copies at once, bounded by the memory of a small GPU


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Copies of one image with some of its superpixels hidden; the first copy is the image itself."""

    masks: np.ndarray  # (sample, segment) bool, True: seen
    probabilities: np.ndarray  # (sample, class) float64

    def __add__(self, other: "Neighbourhood") -> "Neighbourhood":
        """Both neighbourhoods of one image, the image itself once."""
        return Neighbourhood(
            np.concatenate([self.masks, other.masks[1:]]), np.concatenate([self.probabilities, other.probabilities[1:]])
        )


def balanced(segments: int, pairs: int, generator: np.random.Generator) -> np.ndarray:
    """Masks in complementary pairs whose columns are orthogonal: rows of a randomised Hadamard matrix.

    Each superpixel is seen in exactly half of the masks, as it is on average in LIME's coin flips, and any two of them
    are seen together in exactly a quarter once a whole block of `block(segments)` masks is drawn. Columns are chosen
    and their signs flipped at random, so that blocks of different generators are independent. A folded-over
    Plackett–Burman design (Box and Wilson 1951): pairwise interactions of superpixels do not bias the weights.

    Returns:
        (2 · pairs, segment) bool; mask i and mask pairs + i are complements.
    """
    order = block(segments) // 2
    rows, columns = generator.permutation(order)[:pairs], generator.permutation(order)[:segments]
    flipped = generator.random(segments) < 0.5
    masks = (hadamard(order)[np.ix_(rows, columns)] > 0) ^ flipped  # (pair, segment)
    return np.concatenate([masks, ~masks])


def block(segments: int) -> int:
    """Masks in a whole balanced block: a Hadamard matrix of a power of two, and its complements."""
    return 2 << max(segments - 1, 1).bit_length()


def background(image: np.ndarray, segments: np.ndarray, hide: Literal["mean", "blur", "black"]) -> np.ndarray:
    """What is seen where a superpixel is hidden: (row, column) float32 in [0, 255].

    The mean of the superpixel is the lime package's default and 0 is S2's. The blur is a Gaussian as wide as a
    superpixel, so that nothing of its content is left.
    """
    if hide == "black":
        return np.zeros(image.shape, np.float32)
    count = np.bincount(segments.ravel())  # (segment,)
    if hide == "blur":
        return gaussian_filter(image.astype(np.float32), sigma=(image.size / len(count)) ** 0.5)
    return (np.bincount(segments.ravel(), image.ravel()) / count)[segments].astype(np.float32)


def predictor(model: Any, standardise: Any, image: np.ndarray, hidden: np.ndarray, segments: np.ndarray, device: Any) -> Predict:
    """A function that hides superpixels of an image and asks the model; the copies never leave the device.

    Args:
        model: `torch.nn.Module` in evaluation mode, (image, channel, row, column) to logits (image, class).
        standardise: (image, channel, row, column) in [0, 255] to the model's input.
        image: (row, column) in [0, 255].
        hidden: (row, column) in [0, 255], from `background`.
        segments: (row, column) int.
        device: where the model lies.
    """
    seen, unseen = (torch.tensor(a.ravel(), dtype=torch.float32, device=device) for a in (image, hidden))  # (pixel,)
    segment = torch.as_tensor(segments.ravel(), device=device)  # (pixel,)

    def logits(masks: torch.Tensor) -> torch.Tensor:
        # The product of the masks with the one-hot segments (segment, pixel), gathered: exact, and half its time on a CPU.
        copies = torch.lerp(unseen, seen, masks.index_select(1, segment))  # (sample, pixel)
        return model(standardise(copies.view(-1, 1, *image.shape)))  # type: ignore[no-any-return]

    return lambda masks: probabilities(logits, torch.as_tensor(masks, dtype=torch.float32, device=device))


@torch.inference_mode()
def probabilities(logits: Callable[[torch.Tensor], torch.Tensor], inputs: torch.Tensor, batch: int = 0) -> np.ndarray:
    """Softmax of a model's logits over batches that suit the device: (sample, class) float64."""
    batch = batch or (_CPU_BATCH if inputs.device.type == "cpu" else _DEVICE_BATCH)
    found = torch.cat([logits(part) for part in inputs.split(batch)])  # (sample, class)
    return found.cpu().double().softmax(dim=1).numpy()
