"""Random changes of training images: whole batches on the device, one resampling for all geometry.

Works on standardised images, so that an erased pixel is 0, the mean of the training part.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Beta
from torch.nn import functional


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """How strongly images are changed; every strength is drawn anew and uniformly for each image. 0 is off."""

    rotation: float = 0.0  # degrees, up to ±
    shift: float = 0.0  # share of height and of width, up to ±
    zoom: float = 0.0  # relative size, up to ±
    flip: float = 0.0  # probability of a left-right flip
    contrast: float = 0.0  # relative, up to ±, about the mean of the training part
    brightness: float = 0.0  # standard deviations of the training part, up to ±
    erase: float = 0.0  # probability that a rectangle becomes the mean grey

    def __call__(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Changed copy of x (sample, channel, row, column) float32; torch's global generator if none is given."""
        draw = _Draw(x, generator)
        if self.rotation or self.shift or self.zoom or self.flip:
            x = _resampled(x, self._affine(draw, x.shape[-2] / x.shape[-1]))
        if self.contrast or self.brightness:
            x = x * (1 + draw.within(self.contrast, 1, 1, 1)) + draw.within(self.brightness, 1, 1, 1)
        return x.masked_fill(_rectangles(draw, x, self.erase), 0.0) if self.erase else x

    def _affine(self, draw: "_Draw", ratio: float) -> Tensor:
        """Maps (sample, 2, 3) from places in the new image to places in the old one, both from -1 to 1.

        `ratio` is height / width: rotation happens in pixels, not in those unequal units.
        """
        angle = draw.within(math.radians(self.rotation))  # (sample,)
        size = 1 / (1 + draw.within(self.zoom))
        mirror = 1 - 2 * draw.happens(self.flip)
        cos, sin = size * angle.cos(), size * angle.sin()
        right, down = 2 * draw.within(self.shift), 2 * draw.within(self.shift)  # the image is 2 units wide
        column = torch.stack([mirror * cos, -mirror * sin * ratio, right], 1)
        row = torch.stack([sin / ratio, cos, down], 1)
        return torch.stack([column, row], 1)


def _resampled(x: Tensor, affine: Tensor) -> Tensor:
    """Bilinear; beyond the border its pixels are repeated, as Keras' ImageDataGenerator does (fill_mode "nearest")."""
    grid = functional.affine_grid(affine, list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _rectangles(draw: "_Draw", x: Tensor, probability: float) -> Tensor:
    """Mask (sample, 1, row, column) of one rectangle in some images (Zhong et al. 2020, arXiv 1708.04896).

    Its area is 2 to 25 % of the image and its sides differ by up to a factor of 3.3.
    """
    rows, columns = x.shape[-2:]
    area, stretch = draw.between(0.02, 0.25), draw.within(0.5 * math.log(3.3)).exp()
    height, width = (area.sqrt() * stretch).clamp_max(1), (area.sqrt() / stretch).clamp_max(1)  # (sample,), shares
    top, left = draw.between(0, 1) * (1 - height), draw.between(0, 1) * (1 - width)
    height = height * draw.happens(probability)
    row = (torch.arange(rows, device=x.device) + 0.5) / rows
    column = (torch.arange(columns, device=x.device) + 0.5) / columns
    inside_rows = (row >= top[:, None]) & (row < (top + height)[:, None])  # (sample, row)
    inside_columns = (column >= left[:, None]) & (column < (left + width)[:, None])  # (sample, column)
    return (inside_rows[:, :, None] & inside_columns[:, None, :])[:, None]


def mixup(x: Tensor, labels: Tensor, alpha: float) -> tuple[Tensor, list[tuple[Tensor, float]]]:
    """Blend each image of a batch with another one (Zhang et al. 2018, arXiv 1710.09412); `alpha` 0 changes nothing.

    Returns:
        the images (sample, channel, row, column), and their labels (sample,) with the weight in [0, 1] that each has in
        the loss, the heavier first. Draws from torch's global generator.
    """
    if not alpha:
        return x, [(labels, 1.0)]
    share = Beta(alpha, alpha).sample().item()
    share = max(share, 1 - share)
    partner = torch.randperm(len(x), device=x.device)
    return torch.lerp(x[partner], x, share), [(labels, share), (labels[partner], 1 - share)]


@dataclass(frozen=True, slots=True)
class _Draw:
    """One random number for each image of a batch."""

    like: Tensor  # (sample, …): how many, where and in which precision
    generator: torch.Generator | None

    def between(self, low: float, high: float, *ones: int) -> Tensor:
        shape = (len(self.like), *ones)
        unit = torch.rand(shape, generator=self.generator, device=self.like.device, dtype=self.like.dtype)
        return low + (high - low) * unit

    def within(self, strength: float, *ones: int) -> Tensor:
        return self.between(-strength, strength, *ones)

    def happens(self, probability: float) -> Tensor:
        return (self.between(0, 1) < probability).to(self.like.dtype)


AUGMENTATIONS: Mapping[str, Augmentation] = {
    "none": Augmentation(),
    "flip": Augmentation(flip=0.5),
    "s2": Augmentation(rotation=40, shift=0.2, zoom=0.05, flip=0.5),  # as published with fer_vgg
    "modern": Augmentation(rotation=15, shift=0.08, zoom=0.12, flip=0.5, contrast=0.2, brightness=0.2, erase=0.5),
}
"""What the training setting `augment` may name."""
