"""Softmax regression on the pixels: the baseline that every network must beat."""

import math

from torch import nn

from reportgen.core import Spec


def build(spec: Spec) -> nn.Module:
    """Build the model: (sample, channel, row, column) float32 to logits (sample, class)."""
    layer = nn.Linear(math.prod(spec.shape), spec.classes)
    nn.init.zeros_(layer.weight)  # the loss is convex: no symmetry to break, and no noise in the shown weights
    nn.init.zeros_(layer.bias)
    return nn.Sequential(nn.Flatten(), layer)
