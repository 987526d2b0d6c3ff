"""Perturbed copies of one image, drawn and judged in batches on the device."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal

import numpy as np
import torch
from scipy.linalg import hadamard
from scipy.ndimage import gaussian_filter

Hide = Literal["mean", "blur", "black"]

_CPU_BATCH = 64  # copies: larger ones leave the caches of a core, smaller ones cost calls
_DEVICE_PIXELS = 2048 * 48 * 48  # of all copies at once, bounded by the memory of a small GPU


@dataclass(frozen=True, slots=True)
class Scene:
    """One image, its superpixels, and the model that looks at it."""

    model: Any  # torch.nn.Module in evaluation mode: (image, channel, row, column) to logits (image, class)
    standardise: Any  # (image, channel, row, column) in [0, 255] to the model's input
    device: Any  # where the model lies
    classes: int
    image: np.ndarray  # (row, column) uint8
    segments: np.ndarray  # (row, column) int, from 0

    @property
    def count(self) -> int:
        """Number of superpixels."""
        return int(self.segments.max()) + 1

    @torch.inference_mode()
    def ask(self, inputs: torch.Tensor, draw: Callable[[torch.Tensor], torch.Tensor]) -> np.ndarray:
        """What the model says to copies that are drawn on the device, batch by batch.

        Args:
            inputs: (sample, …) on the device.
            draw: makes (sample, row, column) in [0, 255] of them.

        Returns:
            (sample, class) float64, probabilities.
        """
        batch = _CPU_BATCH if inputs.device.type == "cpu" else max(1, _DEVICE_PIXELS // self.image.size)
        logits = [self.model(self.standardise(draw(part)[:, None])) for part in torch.split(inputs, batch)]
        return np.asarray(torch.cat(logits).cpu().double().softmax(dim=1))


@dataclass(frozen=True)
class Neighbourhood:
    """Copies of one image with some of its superpixels hidden; the first copy is the image itself."""

    masks: np.ndarray  # (sample, segment) bool, True: seen
    probabilities: np.ndarray  # (sample, class) float64

    @cached_property
    def design(self) -> np.ndarray:
        """The masks as numbers (sample, segment), laid out by column as LimeBase copies them."""
        return np.asarray(self.masks.T.copy().astype(float).T)

    @cached_property
    def distance(self) -> np.ndarray:
        """Cosine distance (sample,) of the masks to the image, a mask of ones."""
        return np.asarray(1 - np.sqrt(np.count_nonzero(self.masks, axis=1) / self.masks.shape[1]))

    def grown(self, masks: np.ndarray, probabilities: np.ndarray) -> "Neighbourhood":
        """With more copies."""
        return Neighbourhood(np.concatenate([self.masks, masks]), np.concatenate([self.probabilities, probabilities]))

    def __add__(self, other: "Neighbourhood") -> "Neighbourhood":
        """With the copies of another neighbourhood of the same image."""
        return self.grown(other.masks[1:], other.probabilities[1:])


def block(segments: int) -> int:
    """Pairs of masks in a balanced block: the order of the smallest Hadamard matrix with a column a segment."""
    return 1 << max(segments - 1, 1).bit_length()


def balanced(segments: int, pairs: int, generator: np.random.Generator) -> np.ndarray:
    """Masks in complementary pairs whose columns are orthogonal: rows of randomised Hadamard matrices.

    Each superpixel is seen in exactly half of the masks and, in whole blocks, any two of them together in exactly a
    quarter, as they are on average in LIME's coin flips. Columns are chosen, their signs flipped and the rows shuffled
    at random, so that the masks of different generators are independent. This is a folded-over two-level design (Box
    and Hunter 1961, doi 10.1080/00401706.1961.10489951): joint effects of two superpixels hardly leak into the
    weights of single ones.

    Returns:
        (2 · pairs, segment) bool, True: seen; masks i and pairs + i are complements.
    """
    order, blocks = block(segments), []
    for _ in range(0, pairs, order):
        rows, columns = generator.permutation(order), generator.permutation(order)[:segments]
        blocks.append(_hadamard(order)[np.ix_(rows, columns)] ^ (generator.random(segments) < 0.5))
    masks = np.concatenate(blocks)[:pairs]  # (pair, segment)
    return np.concatenate([masks, ~masks])


@cache
def _hadamard(order: int) -> np.ndarray:
    """(order, order) bool, True where a Hadamard matrix holds 1."""
    return np.asarray(hadamard(order) > 0)


def background(image: np.ndarray, segments: np.ndarray, hide: Hide) -> np.ndarray:
    """What is seen where a superpixel is hidden: (row, column) float32 in [0, 255].

    The mean of the superpixel is the lime package's default. The blur is a Gaussian as wide as a superpixel, so that
    nothing of its content is left.
    """
    if hide == "black":
        return np.zeros(image.shape, np.float32)
    pixels = np.bincount(segments.ravel())  # (segment,)
    if hide == "blur":
        return np.asarray(gaussian_filter(image.astype(np.float32), sigma=(image.size / len(pixels)) ** 0.5))
    means: np.ndarray = (np.bincount(segments.ravel(), image.ravel()) / pixels).astype(np.float32)  # (segment,)
    return np.asarray(means[segments])


def predictor(scene: Scene, hide: Hide) -> Callable[[np.ndarray], np.ndarray]:
    """A function from masks (sample, segment) bool to probabilities (sample, class); the copies never leave the device."""
    fill = background(scene.image, scene.segments, hide)
    seen, unseen = (torch.tensor(a.ravel(), dtype=torch.float32, device=scene.device) for a in (scene.image, fill))
    segment = torch.as_tensor(scene.segments.ravel(), device=scene.device)  # (pixel,)

    def draw(masks: torch.Tensor) -> torch.Tensor:
        # The product of the masks with one-hot segments (segment, pixel), gathered: exact, and half its time on a CPU.
        return torch.lerp(unseen, seen, masks.index_select(1, segment)).view(-1, *scene.image.shape)

    return lambda masks: scene.ask(torch.as_tensor(masks, dtype=torch.float32, device=scene.device), draw)
