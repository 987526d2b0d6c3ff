"""Own network of ten 3×3 convolutions with a GAP and linear head, whose class activation maps are exact."""

from typing import Annotated

from annotated_doc import Doc
from annotated_types import Ge, Interval, Unit
from torch import nn

from reportgen.core import Spec
from reportgen.models._gap import network


def build(
    spec: Spec,
    *,
    width: Annotated[
        int, Ge(1), Unit("maps"), Doc("maps of the first stage; the next ones have 2, 4 and 8 times as many")
    ] = 64,
    dropout: Annotated[float, Interval(ge=0, lt=1), Doc("share of averaged maps dropped before the linear layer")] = 0.3,
) -> nn.Module:
    """Build the network: (sample, channel, row, column) float32 to logits (sample, class).

    With the default width 7,640,391 parameters for (1, 48, 48) and seven classes, and last maps of 6×6.
    """
    widths = (width, 2 * width, 4 * width, 8 * width)
    return network(spec, widths=widths, depths=(2, 2, 3, 3), dropout=dropout)
