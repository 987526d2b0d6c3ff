"""What a network of recordings says to features that it cannot take."""

from reportgen.core import Spec
from reportgen.errors import UsageError


def demand(model: str, spec: Spec, axes: tuple[str, ...], remedy: str) -> None:
    """Take samples of these axes only.

    Args:
        model: its id.
        spec: what it is to be built for.
        axes: of a sample, as the network takes it.
        remedy: which features have them.

    Raises:
        UsageError: the samples have other axes.
    """
    if spec.axes != axes:
        taken = ", ".join(axis for axis in axes if axis != "map")
        raise UsageError(f"{model} takes samples of ({taken}), not of {told(spec)}", remedy)


def told(spec: Spec) -> str:
    """`(channel 62, time 256)`: without the axis of one map, which features do not have."""
    return f"({', '.join(f'{axis} {size}' for axis, size in zip(spec.axes, spec.shape, strict=True) if axis != 'map')})"
