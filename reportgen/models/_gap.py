"""Convolutional networks that end in global average pooling and one linear layer, for all `fer_gap` models.

Because nothing but a mean and a linear layer follows the last maps, a class's logit is exactly the mean of its class
activation map plus a bias: CAM (Zhou et al. 2016, arXiv 1512.04150) needs no gradient and leaves nothing out.
"""

from collections import OrderedDict
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


def network(spec: Spec, *, widths: Sequence[int], depths: Sequence[int], dropout: float, pools: int | None = None) -> GapNet:
    """Stages of `depths` 3×3 convolutions with `widths` maps, between which maxima over 2×2 halve the maps.

    `pools` is how often, from the input on; None: between all stages.

    As VGG (Simonyan and Zisserman 2015, arXiv 1409.1556) with batch normalisation. Maxima, because strides in their place
    step over the thin lines around eyes and mouth: at equal cost they left simulated faces half learned.
    """
    stages: OrderedDict[str, nn.Module] = OrderedDict()
    channels, pools = spec.shape[0], len(widths) - 1 if pools is None else pools
    for number, (width, depth) in enumerate(zip(widths, depths, strict=True), 1):
        stages[f"stage{number}"] = _stage(channels, width, depth, halve=1 < number <= pools + 1)
        channels = width
    return GapNet(nn.Sequential(stages), nn.Linear(channels, spec.classes), dropout)


def _stage(channels: int, width: int, depth: int, *, halve: bool) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict(pool=nn.MaxPool2d(2)) if halve else OrderedDict()
    for number in range(1, depth + 1):
        convolution = nn.Conv2d(channels if number == 1 else width, width, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(convolution.weight, mode="fan_out", nonlinearity="relu")  # He et al., arXiv 1502.01852
        layers[f"conv{number}"] = convolution
        layers[f"norm{number}"] = nn.BatchNorm2d(width)
        layers[f"relu{number}"] = nn.ReLU(inplace=True)
    return nn.Sequential(layers)
