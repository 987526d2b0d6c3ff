"""ROAD's noisy linear imputation (Rong et al. 2022, arXiv 2202.00449) of many masks at once, on any device.

Every removed pixel becomes the weighted mean of its eight neighbours, removed or not: weight 1/6 for those above, below and
beside it, 1/12 for the diagonal ones; at a border the weights of those that exist are divided by their sum. That is one
linear system a mask, with the removed pixels as unknowns. Multiplied by those sums of weights it reads (D − W) x = W k: D
holds the sums, W the weights between pixels, k the pixels that were kept. D − W is a piece of a graph's Laplacian, symmetric
and, as long as one pixel is kept, positive definite. So conjugate gradients solve all systems together, and applying D − W is
a 3×3 convolution.

A Laplacian spreads news by one pixel an iteration, so that large holes would take many. The preconditioner therefore adds to
the residual the solution on a coarse grid of bilinear hats, cut off where pixels were kept (additive Schwarz method of two
levels; Smith, Bjørstad and Gropp 1996). On 48×48 pixels 15 to 33 iterations are then enough, instead of 20 to 140. Dividing
by D (Jacobi) gains nothing: D is 1 but at borders.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import torch
from torch import Tensor

from reportgen.errors import StepError
from reportgen.judging.coarse_grid import Grid, framed

NOISE = 0.01
"""Standard deviation of the noise on imputed pixels, in those of the training part: the default of ROAD's authors."""
_STREAM = 2  # beside seed and sample id, so that the noise is not made of the numbers of the random control
_CHECK = 3  # iterations between looks at the residuals: a look makes a GPU wait
_MOST = 999  # iterations


def impute(images: Tensor, removed: Tensor, *, noise: Tensor | None = None, tolerance: float = 1e-6) -> Tensor:
    """Fill removed pixels in by noisy linear imputation. Where all are removed they become 0: nothing is known of them.

    Args:
        images: (image, channel, row, column) float32 or float64; the arithmetic is done in its type.
        removed: (image, mask, row, column) bool, on the same device.
        noise: (image, channel, row, column), added to removed pixels; see `noise_of`.
        tolerance: norm of the residual relative to that of the right-hand side, at which a system counts as solved.

    Returns:
        (image, mask, channel, row, column).

    Raises:
        StepError: a system was not solved, such as that of an image with a NaN.
    """
    known = images[:, None].expand(-1, removed.shape[1], -1, -1, -1)
    holes = removed[:, :, None].expand_as(known)
    at_once = 64 if images.device.type == "cpu" else 4096  # what stays in a CPU's cache, what fills a GPU
    grid = Grid(images.shape[2], images.shape[3], images)
    parts = zip(*(torch.split(every.flatten(0, 2), at_once) for every in (known, holes)), strict=True)
    filled = torch.cat([_solved(grid, values, hole, tolerance) for values, hole in parts]).view(known.shape)
    return torch.where(holes, filled if noise is None else filled + noise[:, None], known)


def noise_of(ids: np.ndarray, shape: Sequence[int], seed: int) -> Tensor:
    """Gaussian noise (image, channel, row, column) of sd `NOISE` for samples `ids`, on the CPU; each from its id."""
    drawn = [np.random.default_rng((seed, int(sample), _STREAM)).normal(0, NOISE, tuple(shape)) for sample in ids]
    return torch.from_numpy(np.stack(drawn).astype(np.float32))


@dataclass(slots=True)
class _Systems:
    """Conjugate gradients on a batch of systems, all flat and zero outside of the holes (see `coarse_grid`)."""

    holes: Tensor  # (system, place), 1 where removed
    x: Tensor  # (system, place), the solution so far
    residual: Tensor  # (system, place)
    direction: Tensor  # (system, place)
    size: Tensor  # (system, 1): residual · preconditioned residual
    limit: Tensor  # (system,): norm of the residual of a solved system
    inverses: Tensor  # (system, node, node), of the coarse systems

    @classmethod
    def of(cls, grid: Grid, values: Tensor, removed: Tensor, tolerance: float) -> Self:
        """Systems for values (system, row, column) where `removed`, 0 elsewhere; start from 0 everywhere."""
        holes = framed(removed.to(values))
        right = grid.neighbours(framed(values.masked_fill(removed, 0))) * holes
        inverses = grid.coarse_inverses(holes)
        direction = grid.precondition(right, holes, inverses)
        limit = tolerance * right.norm(dim=1)
        return cls(holes, torch.zeros_like(right), right, direction, _dot(right, direction), limit, inverses)

    def iterate(self, grid: Grid) -> None:
        """One step of each system; those that are solved exactly stay where they are."""
        ahead = grid.laplacian(self.direction, self.holes)
        length = _ratio(self.size, _dot(self.direction, ahead))
        self.x.addcmul_(self.direction, length)
        self.residual.addcmul_(ahead, length, value=-1)
        preconditioned = grid.precondition(self.residual, self.holes, self.inverses)
        size = _dot(self.residual, preconditioned)
        self.direction = preconditioned.addcmul_(self.direction, _ratio(size, self.size))
        self.size = size

    def solved(self) -> Tensor:
        """(system,) bool."""
        return torch.le(self.residual.norm(dim=1), self.limit)

    def only(self, keep: Tensor) -> "_Systems":
        """The systems where `keep` (system,) bool is True."""
        return _Systems(*(getattr(self, field.name)[keep] for field in fields(self)))


def _dot(first: Tensor, second: Tensor) -> Tensor:
    """Products (system, 1); faster on a CPU than torch's ways in one call."""
    return (first * second).sum(1, keepdim=True)


def _ratio(above: Tensor, below: Tensor) -> Tensor:
    """0 where both are: of a system that is solved exactly."""
    return above / torch.where(below == 0, 1, below)


@torch.no_grad()
def _solved(grid: Grid, values: Tensor, removed: Tensor, tolerance: float) -> Tensor:
    """Solutions (system, row, column) where `removed`, nonsense elsewhere.

    The systems are solved for the differences to the mean of what is kept, a start that costs nothing and saves digits.
    """
    mean = values.masked_fill(removed, 0).sum((1, 2), keepdim=True) / (~removed).sum((1, 2), keepdim=True).clamp_min(1)
    found = torch.zeros_like(framed(values))
    left = torch.arange(len(values), device=values.device)
    systems = _Systems.of(grid, values - mean, removed, tolerance)
    for iteration in range(_MOST + 1):
        if iteration % _CHECK == 0 and (done := systems.solved()).any():
            if done.sum() > len(left) / 4:  # dropping a few is not worth the copying
                found[left[done]] = systems.x[done]
                left, systems = left[~done], systems.only(~done)
            if not len(left):
                return found.view(-1, *grid.shape)[:, :-1, :-1] + mean
        systems.iterate(grid)
    raise StepError(
        f"ROAD: the imputation of {len(left)} of {len(values)} masks did not converge in {_MOST} iterations",
        "Are there NaNs in the images?",
    )
