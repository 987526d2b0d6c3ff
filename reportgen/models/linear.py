"""Softmax regression on the pixels: the baseline that every network must beat."""

import math
from collections import OrderedDict

from torch import nn

from reportgen.core import Spec


def build(spec: Spec) -> nn.Module:
    """Build the model: (sample, channel, row, column) float32 to logits (sample, class)."""
    output = nn.Linear(math.prod(spec.shape), spec.classes)
    nn.init.zeros_(output.weight)  # the loss is convex: there is no symmetry to break
    nn.init.zeros_(output.bias)
    return nn.Sequential(OrderedDict(flatten=nn.Flatten(), output=output))
