"""S2's network for FER2013: four blocks of two 3×3 convolutions and one hidden layer, 3,332,679 parameters.

As published in github.com/CopurOnur/Emotion_Recognition_CNN (2021), layer by layer, for (1, 48, 48) and seven classes.
"""

from collections import OrderedDict
from typing import Annotated, Literal

from annotated_doc import Doc
from annotated_types import Interval
from torch import nn

from reportgen.core import Spec
from reportgen.errors import UsageError


def build(
    spec: Spec,
    *,
    dropout: Annotated[float, Interval(ge=0, lt=1), Doc("share of units dropped after blocks 1 to 3")] = 0.25,
    dropout_last: Annotated[float, Interval(ge=0, lt=1), Doc("share of units dropped after block 4")] = 0.5,
    dropout_hidden: Annotated[float, Interval(ge=0, lt=1), Doc("share of units dropped after the hidden layer")] = 0.5,
    init: Annotated[Literal["he", "s2"], Doc("first weights: He et al. 2015, or standard normal as S2 published")] = "he",
) -> nn.Module:
    """Build the network: (sample, channel, row, column) float32 to logits (sample, class).

    The batch normalisation has Keras' epsilon, 0.001; its running statistics move by torch's 0.1 a batch and not by
    Keras' 0.01, which a short training would not let settle.

    Raises:
        UsageError: the images are too small for four poolings.
    """
    rows, columns = (_pooled(size) for size in spec.shape[1:])
    if min(rows, columns) < 1:
        raise UsageError(f"fer_vgg needs images of 31×31 pixels or more, not {spec.shape[1]}×{spec.shape[2]}", "Use fer_gap.")
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        block1=_block(spec.shape[0], 64, dropout),
        block2=_block(64, 64, dropout),
        block3=_block(64, 128, dropout),
        block4=_block(128, 256, dropout_last),
        flatten=nn.Flatten(),
        hidden=nn.Linear(256 * rows * columns, 2048),
        relu=nn.ReLU(),
        dropout=nn.Dropout(dropout_hidden),
        output=nn.Linear(2048, spec.classes),
    )
    network = nn.Sequential(layers)
    if init == "s2":
        return network.apply(_standard_normal)
    nn.init.normal_(network.apply(_he).get_parameter("output.weight"), std=0.01)  # or the first losses are four times chance
    return network


def _block(channels: int, width: int, dropout: float) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=nn.Conv2d(channels, width, 3, padding=1),
        relu1=nn.ReLU(),
        conv2=nn.Conv2d(width, width, 3, padding=1),
        relu2=nn.ReLU(),
        norm=nn.BatchNorm2d(width, eps=1e-3),
        pool=nn.MaxPool2d(3, 2),
        dropout=nn.Dropout(dropout),
    )
    return nn.Sequential(layers)


def _pooled(size: int) -> int:
    """Rows or columns that four poolings 3×3 with stride 2 leave: 48, 23, 11, 5, 2."""
    for _ in range(4):
        size = (size - 3) // 2 + 1
    return size


def _he(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]


def _standard_normal(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.normal_(layer.weight)
        nn.init.normal_(layer.bias)  # type: ignore[arg-type]
