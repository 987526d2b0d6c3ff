"""Residual networks that end in global average pooling and one linear layer, for all `fer_gap` models.

Because nothing but a mean and a linear layer follows the last maps, a class's logit is exactly the mean of its class
activation map plus a bias: CAM (Zhou et al. 2016, arXiv 1512.04150) needs no gradient and leaves nothing out.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from reportgen.core import Spec


class GapNet(nn.Module):
    """Logits = head(mean of maps over rows and columns). `dropout` acts in training only, between the two."""

    def __init__(self, maps: nn.Module, channels: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.maps = maps
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (sample, class) of x (sample, channel, row, column)."""
        maps = self.maps(x)  # (sample, map, row, column), never negative
        return self.head(self.dropout(maps.mean((2, 3))))  # type: ignore[no-any-return]


class Block(nn.Module):
    """Two 3×3 convolutions beside a shortcut (He et al. 2016, arXiv 1512.03385)."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(*convolution(channels, width, 3, stride), nn.ReLU(inplace=True))
        self.second = nn.Sequential(*convolution(width, width, 3))
        same = channels == width and stride == 1
        self.shortcut = nn.Identity() if same else nn.Sequential(*convolution(channels, width, 1, stride))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Maps (sample, width, row / stride, column / stride) of x (sample, channel, row, column)."""
        return self.relu(self.second(self.first(x)) + self.shortcut(x))  # type: ignore[no-any-return]


def convolution(channels: int, width: int, size: int, stride: int = 1) -> tuple[nn.Conv2d, nn.BatchNorm2d]:
    """A convolution and its normalisation, He-initialised (arXiv 1502.01852)."""
    layer = nn.Conv2d(channels, width, size, stride, size // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return layer, nn.BatchNorm2d(width)


def network(spec: Spec, *, widths: Sequence[int], depths: Sequence[int], stride: int, dropout: float) -> GapNet:
    """A first convolution with `stride`, then one stage per width: `depths` blocks, halving the maps between stages."""
    stages: list[nn.Module] = [*convolution(spec.shape[0], widths[0], 3, stride), nn.ReLU(inplace=True)]
    for stage, ((channels, width), depth) in enumerate(zip(pairwise((widths[0], *widths)), depths, strict=True)):
        stages.append(Block(channels, width, stride=2 if stage else 1))
        stages += [Block(width, width, stride=1) for _ in range(depth - 1)]
    return GapNet(nn.Sequential(*stages), widths[-1], spec.classes, dropout)
