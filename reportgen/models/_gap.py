"""Convolutional networks that end in global average pooling and one linear layer, for all `fer_gap` models.

Because nothing but a mean and a linear layer follows the last maps, a class's logit is exactly the mean of its class
activation map plus a bias: CAM (Zhou et al. 2016, arXiv 1512.04150) needs no gradient and leaves nothing out.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from reportgen.core import Spec


class GapNet(nn.Module):
    """Logits = head(mean of the maps over rows and columns). Dropout acts between the two, in training only."""

    def __init__(self, maps: nn.Module, head: nn.Linear, dropout: float) -> None:
        super().__init__()
        self.maps = maps
        self.dropout = nn.Dropout(dropout)
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        """Logits (sample, class) of x (sample, channel, row, column)."""
        maps = self.maps(x)  # (sample, map, row, column), none negative
        return self.head(self.dropout(maps.mean((2, 3))))  # type: ignore[no-any-return]


def network(spec: Spec, *, widths: Sequence[int], depths: Sequence[int], dropout: float) -> GapNet:
    """Stages of `depths` 3×3 convolutions with `widths` maps, between which maxima over 2×2 halve the maps.

    As VGG (Simonyan and Zisserman 2015, arXiv 1409.1556) with batch normalisation. Strides instead of maxima were tried
    on simulated faces: they lose the thin lines around eyes and mouth, and 24 points of accuracy.
    """
    layers: list[nn.Module] = []
    channels = spec.shape[0]
    for width, depth in zip(widths, depths, strict=True):
        layers += [nn.MaxPool2d(2)] if layers else []
        for _ in range(depth):
            layers += _convolution(channels, width)
            channels = width
    return GapNet(nn.Sequential(*layers), nn.Linear(channels, spec.classes), dropout)


def _convolution(channels: int, width: int) -> list[nn.Module]:
    """A convolution, He-initialised (arXiv 1502.01852), normalised and rectified."""
    layer = nn.Conv2d(channels, width, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return [layer, nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
