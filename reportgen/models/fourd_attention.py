"""Attention over bands, scalp and time for films of band maps: a small CNN a slice and a bidirectional LSTM.

After 4D-aNN (Xiao et al. 2022, Cogn. Neurodyn. 16, 805; arXiv 2101.05484). From its abstract: spectral and spatial attention
weigh bands and regions, a CNN reads the weighed maps, and temporal attention weighs the states of a bidirectional LSTM over the
slices. Its layers, their sizes and the form of its attention could not be verified: they are ours, small enough for two cores,
with bands weighed before cells as in CBAM (Woo et al. 2018, arXiv 1807.06521). Its scores are not to be expected of this one.
"""

from collections import OrderedDict
from typing import Annotated

from annotated_doc import Doc
from annotated_types import Ge, Interval, Unit
from torch import Tensor, nn

from reportgen.core import Spec
from reportgen.errors import UsageError
from reportgen.models._attention import BothWays, SpatialAttention, SpectralAttention, TemporalAttention
from reportgen.models._taken import demand, told

_HIDDEN = 8  # units or maps from which bands and cells are scored


class FourDAttention(nn.Module):
    """Logits (sample, class) of films (sample, slice, band, row, column).

    The outputs of `spectral_attention` (sample × slice, band), `spatial_attention` (sample × slice, row, column) and
    `temporal_attention` (sample, slice) are weights with a mean of 1; of cells, over those with an electrode.
    """

    def __init__(self, spec: Spec, maps: nn.Sequential, dense: int, states: int, dropout: float) -> None:
        super().__init__()
        _, bands, rows, columns = spec.shape
        self.spectral_attention = SpectralAttention(bands, _HIDDEN)
        self.spatial_attention = SpatialAttention(bands, _HIDDEN, rows, columns)
        self.maps = maps
        self.lstm = BothWays(dense, states)
        self.temporal_attention = TemporalAttention(2 * states, states)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(2 * states, spec.classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (sample, class) of x (sample, slice, band, row, column)."""
        maps = x.flatten(0, 1)  # (sample × slice, band, row, column)
        maps = maps * self.spectral_attention(maps)[:, :, None, None]
        maps = maps * self.spatial_attention(maps)[:, None]
        states = self.lstm(self.maps(maps).unflatten(0, x.shape[:2]))  # (sample, slice, state)
        weighed = states * self.temporal_attention(states)[:, :, None]
        return self.output(self.dropout(weighed.mean(1)))  # type: ignore[no-any-return]


def build(
    spec: Spec,
    *,
    width: Annotated[int, Ge(1), Unit("maps"), Doc("maps of the first convolution; the second has twice as many")] = 16,
    dense: Annotated[int, Ge(1), Unit("units"), Doc("that describe a slice to the LSTM")] = 64,
    states: Annotated[int, Ge(1), Unit("states"), Doc("of the LSTM, in each direction")] = 32,
    dropout: Annotated[float, Interval(ge=0, lt=1), Doc("share dropped before the units and before the linear layer")] = 0.25,
) -> nn.Module:
    """Build the network: (sample, slice, band, row, column) float32 to logits (sample, class).

    With the defaults 66,192 parameters for six slices of five bands on the 8×9 grid and three classes.

    Raises:
        UsageError: the samples are no films of maps, or maps are smaller than 2×2 cells.
    """
    remedy = "Let the features end with bands, such as `differential_entropy`, and `topographic_grid` with stack = 6."
    demand("fourd_attention", spec, ("slice", "band", "row", "column"), remedy)
    _, bands, rows, columns = spec.shape
    if min(rows, columns) < 2:
        raise UsageError(f"fourd_attention needs 2 rows and 2 columns or more, not {told(spec)}", "Take a larger grid.")
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=nn.Conv2d(bands, width, 3, padding=1, bias=False),
        norm1=nn.BatchNorm2d(width),
        relu1=nn.ReLU(),
        conv2=nn.Conv2d(width, 2 * width, 3, padding=1, bias=False),
        norm2=nn.BatchNorm2d(2 * width),
        relu2=nn.ReLU(),
        pool=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        dropout=nn.Dropout(dropout),
        hidden=nn.Linear(2 * width * (rows // 2) * (columns // 2), dense),
        relu=nn.ReLU(),
    )
    return FourDAttention(spec, nn.Sequential(layers), dense, states, dropout)
