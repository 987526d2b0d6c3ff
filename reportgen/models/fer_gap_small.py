"""Small sibling of fer_gap for CPUs: five 3×3 convolutions, GAP and linear head, exact class activation maps."""

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
        int, Ge(1), Unit("maps"), Doc("maps of the first stage; the next ones have 2, 4 and 6 times as many")
    ] = 16,
    pools: Annotated[int, Interval(ge=0, le=3), Doc("maxima that halve the maps; fewer: finer activation maps, slower")] = 3,
    dropout: Annotated[float, Interval(ge=0, lt=1), Doc("share of averaged maps dropped before the linear layer")] = 0.0,
) -> nn.Module:
    """Build the network: (sample, channel, row, column) float32 to logits (sample, class).

    With the default width 162,711 parameters for (1, 48, 48) and seven classes, and last maps of 6×6; `pools` = 1 leaves
    them at 24×24, where they show places that 6×6 maps blur.
    """
    widths = (width, 2 * width, 4 * width, 6 * width)
    return network(spec, widths=widths, depths=(1, 1, 1, 2), dropout=dropout, pools=pools)
