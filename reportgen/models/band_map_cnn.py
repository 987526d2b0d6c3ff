"""CNN on maps of bands over the head, for S1's experiment: four convolutions and one hidden layer.

S1 published no code. Known from its README: it classifies features of bands, differential entropy and PSD, with a CNN that is
trained by Adam at 0.0002 on categorical cross-entropy, in batches of 32 for 100 epochs, for three classes. Everything else here
is ours: the layers are those that 4D-CRNN (Shen et al. 2020, Cogn. Neurodyn. 14, 815; github.com/aug08/4D-CRNN) runs over each
slice of its films, narrower for CPUs, with dropout. `width` = 64, `dense` = 512 and `dropout` = 0 are its widths.
"""

from collections import OrderedDict
from typing import Annotated

from annotated_doc import Doc
from annotated_types import Ge, Interval, Unit
from torch import nn

from reportgen.core import Spec
from reportgen.errors import UsageError
from reportgen.models._glorot import glorot
from reportgen.models._taken import demand, told


def build(
    spec: Spec,
    *,
    width: Annotated[int, Ge(1), Unit("maps"), Doc("maps of the first and last convolution; between them 2 and 4 times")] = 32,
    dense: Annotated[int, Ge(1), Unit("units"), Doc("units of the hidden layer")] = 128,
    dropout: Annotated[float, Interval(ge=0, lt=1), Doc("share dropped before and after the hidden layer")] = 0.25,
) -> nn.Module:
    """Build the network: (sample, band, row, column) float32 to logits (sample, class), for any number of bands.

    Two features of the same bands, such as differential entropy and PSD, are twice as many bands. With the defaults 242,243
    parameters for ten bands on the 8×9 grid and three classes. The weights start as Keras' do: Glorot and Bengio's uniform
    ones, and zero biases.

    Raises:
        UsageError: the samples are no maps of bands, or smaller than 2×2 cells.
    """
    remedy = "Let the features end with bands, such as `differential_entropy`, and `topographic_grid` with stack = 1."
    demand("band_map_cnn", spec, ("band", "row", "column"), remedy)
    bands, rows, columns = spec.shape
    if min(rows, columns) < 2:
        raise UsageError(f"band_map_cnn needs 2 rows and 2 columns or more, not {told(spec)}", "Take a larger grid.")
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        conv1=nn.Conv2d(bands, width, 5, padding=2),
        relu1=nn.ReLU(),
        pad2=nn.ZeroPad2d((1, 2, 1, 2)),  # as Keras keeps the size with an even kernel
        conv2=nn.Conv2d(width, 2 * width, 4),
        relu2=nn.ReLU(),
        pad3=nn.ZeroPad2d((1, 2, 1, 2)),
        conv3=nn.Conv2d(2 * width, 4 * width, 4),
        relu3=nn.ReLU(),
        conv4=nn.Conv2d(4 * width, width, 1),
        relu4=nn.ReLU(),
        pool=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        dropout=nn.Dropout(dropout),
        hidden=nn.Linear(width * (rows // 2) * (columns // 2), dense),
        relu=nn.ReLU(),
        dropout_hidden=nn.Dropout(dropout),
        output=nn.Linear(dense, spec.classes),
    )
    return nn.Sequential(layers).apply(glorot)
