"""EEGNet for raw signals: filters along time, weighted sums of channels, and a separable convolution.

Lawhern et al. 2018 (J. Neural Eng. 15, 056013; arXiv 1611.08024), as published in github.com/vlawhern/arl-eegmodels. The
defaults are its EEGNet-8,2 for signals of 128 Hz; 2,388 parameters for 64 channels, 128 samples and four classes.
One thing is done in another order: channels are summed before their signals are filtered. Both are linear, so outputs and
gradients are the same, and with 62 channels an update takes a sixth of the time on a CPU; see _temporal_norm.py.
"""

from collections import OrderedDict
from typing import Annotated

from annotated_doc import Doc
from annotated_types import Ge, Interval, Unit
from torch import Tensor, nn

from reportgen.core import Spec
from reportgen.errors import UsageError
from reportgen.models._glorot import glorot
from reportgen.models._max_norm import MaxNormLinear, SpatialFilters, hold
from reportgen.models._taken import demand, told
from reportgen.models._temporal_norm import TemporalNorm

_EPSILON = 1e-3  # Keras' of batch normalisation


class EEGNet(nn.Module):
    """Logits (sample, class) of signals (sample, 1, channel, time).

    `temporal` has the kernels (filter, 1, 1, tap), `spatial` the weights of channels (filter × depth, 1, channel, 1), those of
    one filter side by side. The maps of `temporal` are (sample, filter, depth, time).
    """

    def __init__(self, channels: int, filters: int, depth: int, kernel: int, rest: nn.Sequential) -> None:
        super().__init__()
        self.filters, self.depth = filters, depth
        self.spatial = SpatialFilters(filters * depth, channels, limit=1.0)
        self.pad = _same(kernel)
        self.temporal = nn.Conv2d(filters, filters, (1, kernel), groups=filters, bias=False)
        self.temporal_norm = TemporalNorm(filters, eps=_EPSILON)
        self.rest = rest

    def forward(self, x: Tensor) -> Tensor:
        """Logits (sample, class) of x (sample, 1, channel, time)."""
        maps = self.spatial(x).reshape(len(x), self.filters, self.depth, -1)
        maps = self.temporal(self.pad(maps))
        maps = self.temporal_norm(maps, x, self.temporal.weight, self.spatial.weight)
        return self.rest(maps.reshape(len(x), self.filters * self.depth, 1, -1))  # type: ignore[no-any-return]


def build(
    spec: Spec,
    *,
    filters: Annotated[int, Ge(1), Unit("filters"), Doc("along time")] = 8,
    depth: Annotated[int, Ge(1), Unit("filters"), Doc("over the channels, for each filter along time")] = 2,
    kernel: Annotated[int, Ge(3), Unit("samples"), Doc("length of the filters: half of the rate, 64 at 128 Hz")] = 64,
    separable: Annotated[int, Ge(1), Unit("samples"), Doc("length of the second filters: half of the rate after `pool`")] = 16,
    pool: Annotated[int, Ge(1), Unit("samples"), Doc("that the first mean makes one of")] = 4,
    pool_last: Annotated[int, Ge(1), Unit("samples"), Doc("that the last mean makes one of, of those")] = 8,
    dropout: Annotated[
        float, Interval(ge=0, lt=1), Doc("share dropped after each mean; published: 0.5 within people, 0.25 across")
    ] = 0.5,
) -> nn.Module:
    """Build the network: (sample, map, channel, time) float32, one map, to logits (sample, class).

    The weights start as Glorot and Bengio's uniform ones, within the limits on their norms: 1 for each sum of channels, 0.25
    for each class. Batch normalisation has Keras' epsilon and torch's memory, as in fer_vgg. Samples at the end that no longer
    fill a mean are left out, as Keras leaves them.

    Raises:
        UsageError: the samples are no signals, or shorter than the two means take.
    """
    demand("eegnet", spec, ("map", "channel", "time"), "Let the features end with `windows`.")
    _, channels, times = spec.shape
    if times < pool * pool_last:
        raise UsageError(
            f"eegnet with pool = {pool} and pool_last = {pool_last} needs {pool * pool_last} samples of time or more, not"
            f" {told(spec)}",
            "Take longer windows, or make the pools smaller.",
        )
    width = filters * depth
    rest: OrderedDict[str, nn.Module] = OrderedDict(
        spatial_norm=nn.BatchNorm2d(width, eps=_EPSILON),
        elu=nn.ELU(),
        pool=nn.AvgPool2d((1, pool)),
        dropout=nn.Dropout(dropout),
        pad=_same(separable),
        depthwise=nn.Conv2d(width, width, (1, separable), groups=width, bias=False),
        pointwise=nn.Conv2d(width, width, 1, bias=False),
        norm=nn.BatchNorm2d(width, eps=_EPSILON),
        elu_last=nn.ELU(),
        pool_last=nn.AvgPool2d((1, pool_last)),
        dropout_last=nn.Dropout(dropout),
        flatten=nn.Flatten(),
        output=MaxNormLinear(width * (times // pool // pool_last), spec.classes, limit=0.25),
    )
    return EEGNet(channels, filters, depth, kernel, nn.Sequential(rest)).apply(glorot).apply(_held)


def _same(taps: int) -> nn.ZeroPad2d:
    """Zeros that keep the length of a signal; where taps are even, one more ahead than back, as in Keras."""
    return nn.ZeroPad2d(((taps - 1) // 2, taps // 2, 0, 0))


def _held(layer: nn.Module) -> None:
    if isinstance(layer, MaxNormLinear | SpatialFilters):
        hold(layer.weight, layer.limit)
