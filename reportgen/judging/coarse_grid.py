"""The operator of ROAD's imputation on a batch of images, and its preconditioner on a coarse grid.

See `imputation` for what is solved. Images are held flat as (system, place): row after row, with a zero behind each row and a
row of zeros behind each image. A neighbour is then always as many places away, and none belongs to another image.
"""

from math import ceil

import torch
from torch import Tensor
from torch.nn.functional import pad

_SPACING = 8  # pixels between coarse nodes, at least; more nodes cost more than the iterations that they save
_NODES = 13  # a side, at most
_RIDGE = 1e-4  # on the diagonal of the coarse matrices, relative: hats that touch one and the same hole only are alike


class Grid:
    """What all systems of images of one size, type and device share."""

    def __init__(self, rows: int, columns: int, like: Tensor) -> None:
        self.shape = (rows + 1, columns + 1)
        ones = framed(like.new_ones(1, rows, columns))
        self.weight = ones * (self._spread(ones) / 12 - ones / 3)  # (1, place): sum of the weights of a pixel's neighbours
        self._centre = self.weight + 1 / 3  # `_spread` counts the pixel itself by 4 / 12
        self.hats = (_hats(rows).to(like), _hats(columns).to(like))  # P of the module's matrices: (row, node), (column, node)
        self.nodes = (self.hats[0].shape[1], self.hats[1].shape[1])
        down, across = (_pairs(hats) for hats in self.hats)
        first, second = (r[:, None] * self.nodes[1] + c for r, c in zip(down, across, strict=True))
        self._entries = (first * self.nodes[0] * self.nodes[1] + second).flatten()  # of the pairs in a flat coarse matrix
        self._down = {shift: _products(self.hats[0], down, shift).T.contiguous() for shift in (0, 1)}
        self._across = {shift: _products(self.hats[1], across, shift) for shift in (-1, 0, 1)}

    def neighbours(self, values: Tensor) -> Tensor:
        """W: sums over the eight neighbours by weight, for (system, place) with a frame of zeros; nonsense in the frame."""
        return self._spread(values).div_(12).sub_(values, alpha=1 / 3)

    def _spread(self, values: Tensor) -> Tensor:
        """Convolution with (1, 2, 1) down and across: 12 W and 4 times the pixel itself."""
        width = self.shape[1]
        flat = pad(values.flatten(), (width + 1, width + 1))
        for step in (1, 1, width, width):
            flat = flat[step:] + flat[:-step]
        return flat.view_as(values)

    def laplacian(self, values: Tensor, holes: Tensor) -> Tensor:
        """(D − W) of values that are zero but in the holes, both (system, place)."""
        return (values * self._centre).addcmul_(self._spread(values), holes, value=-1 / 12)

    def coarse_inverses(self, holes: Tensor) -> Tensor:
        """Inverses (system, node, node) of Pᵀ (D − W) P, the systems of hats P that are cut off to the holes.

        A product of one hat and another one a pixel further on is a function of the row times one of the column. The
        matrix's entries are sums of such products over removed pixels (for D) and pairs of removed pixels (for W).
        """
        image = holes.view(-1, *self.shape)
        half = self._down[0] @ (image * self.weight.view(self.shape) / 2) @ self._across[0]  # (system, pair, pair)
        for down, across, weight in ((0, 1, 1 / 6), (1, 0, 1 / 6), (1, 1, 1 / 12), (1, -1, 1 / 12)):
            both = image * image.roll((-down, -across), (1, 2))
            half -= weight * (self._down[down] @ both @ self._across[across])
        matrix = holes.new_zeros(len(holes), (self.nodes[0] * self.nodes[1]) ** 2)
        matrix[:, self._entries] = half.flatten(1)
        matrix = matrix.view(len(holes), self.nodes[0] * self.nodes[1], -1)
        matrix = matrix + matrix.mT
        diagonal = matrix.diagonal(dim1=1, dim2=2)
        diagonal += torch.where(diagonal > 0, _RIDGE * diagonal, 1)
        return torch.cholesky_inverse(torch.linalg.cholesky(matrix))

    def precondition(self, residual: Tensor, holes: Tensor, inverses: Tensor) -> Tensor:
        """Residual + P (Pᵀ (D − W) P)⁻¹ Pᵀ residual, (system, place)."""
        down, across = self.hats
        sums = down.T @ residual.view(-1, *self.shape) @ across  # (system, node, node)
        steps = (inverses * sums.flatten(1)[:, None]).sum(2)
        return torch.addcmul(residual, (down @ (steps.view_as(sums) @ across.T)).view_as(residual), holes)


def framed(values: Tensor) -> Tensor:
    """(system, row, column) to (system, place)."""
    return pad(values, (0, 1, 0, 1)).flatten(1)


def _hats(pixels: int) -> Tensor:
    """Bilinear hats (pixel + 1, node) float64, the first and the last node on the first and the last pixel, then the frame."""
    nodes = min(ceil((pixels - 1) / _SPACING) + 1, _NODES)
    place = torch.arange(pixels, dtype=torch.float64)[:, None] / max(pixels - 1, 1) * (nodes - 1)  # in nodes
    return pad((1 - (place - torch.arange(nodes)).abs()).clamp_min(0), (0, 0, 0, 1))


def _pairs(hats: Tensor) -> tuple[Tensor, Tensor]:
    """Hats that meet or are a pixel apart: two (pair,) int."""
    near = hats + hats.roll(1, 0) + hats.roll(-1, 0)
    first, second = (hats.T @ near > 0).nonzero(as_tuple=True)
    return first, second


def _products(hats: Tensor, pairs: tuple[Tensor, Tensor], shift: int) -> Tensor:
    """(pixel, pair): one hat times the other one `shift` pixels further on."""
    return hats[:, pairs[0]] * hats.roll(-shift, 0)[:, pairs[1]]
