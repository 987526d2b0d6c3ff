"""Batch normalisation of each channel's filtered signal, for networks that sum over channels before they filter.

A filter along time and a sum over channels may change places, as both are linear. The sum first leaves a few signals of 62 to
filter, but batch normalisation between the two wants the mean and variance of all that were never filtered. Both follow from
the signals: the variance is what the filters leave of their power spectrum (Parseval), less what lies beyond their ends.
"""

import torch
from scipy.fft import next_fast_len
from torch import Tensor, nn
from torch.nn import functional


class TemporalNorm(nn.BatchNorm2d):
    """What batch normalisation of (sample, filter, channel, time), before a sum over channels, does to its result."""

    def forward(self, maps: Tensor, x: Tensor, kernels: Tensor, spatial: Tensor) -> Tensor:  # type: ignore[override]
        """Normalised maps (sample, filter, depth, time).

        Args:
            maps: (sample, filter, depth, time), summed over channels and filtered.
            x: (sample, 1, channel, time), of which they were made.
            kernels: (filter, 1, 1, tap), with which they were filtered.
            spatial: (filter × depth, 1, channel, 1), with which channels were weighted.
        """
        mean, variance = self._moments(x, kernels)
        scale = self.weight * (variance + self.eps).rsqrt()
        shift = self.bias - mean * scale  # of each channel, at each time
        totals = spatial.reshape(*maps.shape[1:3], -1).sum(2)  # (filter, depth): what the sum makes of a constant
        return maps * scale[:, None, None] + (shift[:, None] * totals)[..., None]

    def _moments(self, x: Tensor, kernels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance (filter,) of this batch in training, otherwise those remembered."""
        if not self.training:
            return self.running_mean, self.running_var  # type: ignore[return-value]
        with torch.autocast(x.device.type, enabled=False):
            mean, variance = moments(x.flatten(0, 2), kernels.flatten(1))
        count = x.numel()
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)  # type: ignore[union-attr, arg-type]
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)  # type: ignore[union-attr, arg-type]
            self.num_batches_tracked.add_(1)  # type: ignore[union-attr]
        return mean, variance


def moments(signals: Tensor, kernels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance (filter,) of filtered signals, kept as long as they were with zeros beyond both ends.

    Args:
        signals: (signal, time).
        kernels: (filter, tap), three taps or more; where they are even, one more reaches ahead than back.
    """
    taps, count = kernels.shape[1], signals.numel()
    back = (taps - 1) // 2
    total = functional.pad(signals.sum(0), (back, taps - 1 - back))
    mean = kernels @ total.unfold(0, taps, 1).sum(0) / count
    energy = _energy(kernels, signals)
    energy = energy - _beyond(kernels[:, back + 1 :], signals) - _beyond(kernels[:, :back].flip(1), signals.flip(1))
    return mean, (energy / count - mean**2).clamp_min(0)


def _energy(kernels: Tensor, signals: Tensor) -> Tensor:
    """Sum of squares (filter,) of all that the filters make of the signals, beyond their ends too, by Parseval's theorem."""
    length = next_fast_len(signals.shape[1] + kernels.shape[1] - 1, real=True)  # no end reaches around to the other
    gain, spectra = (torch.view_as_real(torch.fft.rfft(x, length)).flatten(1) for x in (kernels, signals))
    power: Tensor = spectra.square().sum(0).reshape(-1, 2).sum(1)  # (frequency,)
    mirrored = torch.zeros_like(power)
    mirrored[1 : (length + 1) // 2] = 1  # frequencies whose negative is another one
    energy: Tensor = torch.mv(gain.square(), (power * (1 + mirrored)).repeat_interleave(2)) / length
    return energy


def _beyond(ends: Tensor, signals: Tensor) -> Tensor:
    """Sum of squares (filter,) of what the filters make before the first sample, of taps (filter, tap) that reach ahead."""
    steps = ends.shape[1]
    samples = signals[:, :steps]
    taps = functional.pad(ends, (0, steps)).unfold(1, steps, 1)[:, :steps, : samples.shape[1]]  # (filter, step, sample)
    return ((taps @ (samples.T @ samples)) * taps).sum((1, 2))
