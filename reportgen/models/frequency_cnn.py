"""S0's networks for images of frequency × channel: two 3×3 convolutions and one hidden layer.

As published in github.com/yeb2Binfang/2021CS-GY9223 (2021), layer by layer, after Babushkin et al. 2021 (IEEE EMBS NER). The
defaults are the old network: 3,845,988 parameters for 80 frequencies, 59 channels and four classes. `maps` = 64 and `pools` = 1
are the modified one: 31,562,948 parameters, and 25,599,172 for the 67 frequencies from 13 Hz on. S0 trained both with RMSprop
at 0.001, decay 0.0001 and batches of 32 for 100 epochs.
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

_EPSILON = 1e-3  # Keras' of batch normalisation


def build(
    spec: Spec,
    *,
    maps: Annotated[int, Ge(1), Unit("maps"), Doc("of each convolution; 64 in the modified network")] = 32,
    pools: Annotated[int, Interval(ge=1, le=2), Doc("maxima over 2×2; 1: none after the second convolution, as modified")] = 2,
    dense: Annotated[int, Ge(1), Unit("units"), Doc("units of the hidden layer")] = 512,
    batch_norm: Annotated[bool, Doc("after the first maxima, before and after the hidden layer, as S0's flag")] = False,
    dropout: Annotated[float, Interval(ge=0, lt=1), Doc("share dropped around the hidden layer; S0's flag: 0.5")] = 0.0,
) -> nn.Module:
    """Build the network: (sample, map, frequency, channel) float32, one map, to logits (sample, class).

    Neighbouring columns are channels that follow each other in the recording, on the head or not, as S0 had them. The weights
    start as Keras' do: Glorot and Bengio's uniform ones, and zero biases. Batch normalisation has Keras' epsilon and torch's
    memory, as in fer_vgg.

    Raises:
        UsageError: the samples are no images of frequency × channel, or too small for the layers.
    """
    demand("frequency_cnn", spec, ("map", "frequency", "channel"), "Let the features end with `spectrogram_map`.")
    least = {1: 8, 2: 10}[pools]  # leaves one position
    if min(spec.shape[1:]) < least:
        raise UsageError(
            f"frequency_cnn with pools = {pools} needs {least} frequencies and {least} channels or more, not {told(spec)}",
            "Keep more of them, set pools = 1, which needs 8, or use eegnet on `windows`.",
        )
    rows, columns = (_left(size, pools) for size in spec.shape[1:])
    layers: OrderedDict[str, nn.Module] = OrderedDict(conv1=nn.Conv2d(1, maps, 3), relu1=nn.ReLU(), pool1=nn.MaxPool2d(2))
    if batch_norm:
        layers["norm1"] = nn.BatchNorm2d(maps, eps=_EPSILON)
    layers |= OrderedDict(conv2=nn.Conv2d(maps, maps, 3), relu2=nn.ReLU())
    if pools == 2:
        layers["pool2"] = nn.MaxPool2d(2)
    layers["flatten"] = nn.Flatten()
    layers |= _regularised("flat", maps * rows * columns, batch_norm, dropout)
    layers |= OrderedDict(hidden=nn.Linear(maps * rows * columns, dense), relu=nn.ReLU())
    layers |= _regularised("hidden", dense, batch_norm, dropout)
    layers["output"] = nn.Linear(dense, spec.classes)
    return nn.Sequential(layers).apply(glorot)


def _left(size: int, pools: int) -> int:
    """Frequencies or channels that are left before the hidden layer: of 80 and 59 they are 18 and 13, or 37 and 26."""
    size = (size - 2) // 2 - 2
    return size // 2 if pools == 2 else size


def _regularised(name: str, units: int, batch_norm: bool, dropout: float) -> OrderedDict[str, nn.Module]:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if batch_norm:
        layers[f"norm_{name}"] = nn.BatchNorm1d(units, eps=_EPSILON)
    if dropout:
        layers[f"dropout_{name}"] = nn.Dropout(dropout)
    return layers
