"""First weights as Keras draws them, for networks that were published in it."""

from torch import nn


def glorot(layer: nn.Module) -> None:
    """Uniform weights for (fan in + fan out) / 2 (Glorot and Bengio 2010, AISTATS), and zero biases."""
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
