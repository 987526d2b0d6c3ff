"""S4's network for faces: three 3×3 convolutions and one hidden layer, 11,169,287 parameters; or a GAP head.

As published in github.com/johnnycapra/Machine_Learning_Emotion_Recognition (2024), layer by layer, for one channel and seven
classes. Its notebook enlarges the images of 48×48 pixels to 224×224 by `flow_from_directory`, whose default takes the nearest
pixel; the first layer does the same, pixel by pixel, so that everything else goes on seeing 48×48.
"""

from collections import OrderedDict
from typing import Annotated, Literal

from annotated_doc import Doc
from annotated_types import Ge, Unit
from torch import nn

from reportgen.core import Spec
from reportgen.errors import UsageError
from reportgen.models._glorot import glorot

_SIDE = {"flatten": 224, "gap": 48}  # pixels, where the study says 0
_LEAST = {"flatten": 22, "gap": 18}  # pixels that leave one position after the last layer with positions


def build(
    spec: Spec,
    *,
    head: Annotated[
        Literal["flatten", "gap"], Doc("flatten: hidden layer on all positions, as published; gap: mean and one linear layer")
    ] = "flatten",
    activation: Annotated[
        Literal["softmax", "sigmoid"], Doc("sigmoid: of each output, as published, divided by their sum for probabilities")
    ] = "softmax",
    conv1: Annotated[int, Ge(1), Unit("maps"), Doc("maps of the first convolution")] = 32,
    conv2: Annotated[int, Ge(1), Unit("maps"), Doc("maps of the second convolution")] = 64,
    conv3: Annotated[int, Ge(1), Unit("maps"), Doc("maps of the third convolution")] = 128,
    dense: Annotated[int, Ge(1), Unit("units"), Doc("units of the hidden layer; with flatten only")] = 128,
    side: Annotated[int, Ge(0), Unit("pixels"), Doc("images are made so large; 0: 224 with flatten, 48 with gap")] = 0,
) -> nn.Module:
    """Build the network: (sample, channel, row, column) float32 to outputs (sample, class) whose softmax is the probabilities.

    With `activation = "softmax"` these are logits z. With "sigmoid" they are log σ(z): the softmax of log-sigmoids is
    σ(z_i) / Σ_j σ(z_j), which is what Keras' categorical cross-entropy makes of sigmoid outputs before it takes their
    logarithm. So the published loss is the usual cross-entropy of these outputs. The other loss for sigmoids, binary
    cross-entropy, is a setting of training.

    With `head = "gap"` the last pooling is left out, so that the last maps stay fine (8×8 of 48×48 pixels), and class
    activation maps are exact for softmax. The weights start as Keras' do: Glorot and Bengio's uniform ones, and zero biases.

    Raises:
        UsageError: `side` is too small for three convolutions.
    """
    size = side or _SIDE[head]
    if size < _LEAST[head]:
        raise UsageError(
            f"fer_conv3 with head = '{head}' needs images of {_LEAST[head]}×{_LEAST[head]} pixels or more, not {size}×{size}",
            f"Set side = {_LEAST[head]} or more; side = 0 stands for {_SIDE[head]}.",
        )
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if spec.shape[1:] != (size, size):
        layers["resize"] = nn.Upsample((size, size), mode="nearest-exact")  # as PIL, and so Keras, finds the nearest pixel
    channels = spec.shape[0]
    for number, width in enumerate((conv1, conv2, conv3), 1):
        layers[f"conv{number}"] = nn.Conv2d(channels, width, 3)
        layers[f"relu{number}"] = nn.ReLU()
        layers[f"pool{number}"] = nn.MaxPool2d(2)
        channels, size = width, (size - 2) // 2
    if head == "gap":
        layers["pool3"] = nn.AdaptiveAvgPool2d(1)  # in place of the maxima: one mean a map
        layers |= OrderedDict(flatten=nn.Flatten(), output=nn.Linear(conv3, spec.classes))
    else:
        layers |= OrderedDict(flatten=nn.Flatten(), hidden=nn.Linear(conv3 * size**2, dense), relu=nn.ReLU())
        layers["output"] = nn.Linear(dense, spec.classes)
    if activation == "sigmoid":
        layers["log_sigmoid"] = nn.LogSigmoid()
    return nn.Sequential(layers).apply(glorot)
