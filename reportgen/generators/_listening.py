"""A critic of signals that looks at their course in time and at their spectra."""

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from reportgen.generators._adversarial_rules import Critic, Views
from reportgen.generators._octave_start import edges_of, levels_of

_BANDS = 14  # of a spectrum, from narrow to wide
_EMPHASIS = 0.95  # of differences from sample to sample: the spectrum of EEG falls, and what is fast would not be seen
_SMALL = 1e-8
_BEND = 3.0  # SDs


class SignalCritic(Critic):
    """One number for each signal (sample, channel, time) of a class.

    The views are: differences from sample to sample, which make all frequencies about equally loud; and of each channel log
    power in bands and the shape of its waves, each standardised over the training part. What is far out counts as its
    logarithm, or a few windows with a loose electrode would be all that the critic listens to.
    """

    window: Tensor
    pool: Tensor
    octaves: Tensor
    loud: Tensor
    middle: Tensor
    spread: Tensor

    def __init__(self, train: Tensor, classes: int, maps: int, units: int) -> None:
        super().__init__()
        channels, times = train.shape[1:]
        self.register_buffer("window", torch.hann_window(times + 2)[1:-1].clone())
        self.register_buffer("pool", _bands(times))
        self.register_buffer("octaves", _octaves(times))
        step = train[..., 1:] - _EMPHASIS * train[..., :-1]
        self.register_buffer("loud", step.square().mean(2, keepdim=True).median(0, keepdim=True)[0].sqrt().clamp_min(_SMALL))
        numbers = torch.cat([self._numbers(chunk) for chunk in torch.split(train, 256)])
        low, middle, high = np.quantile(numbers.numpy(), (0.16, 0.5, 0.84), axis=0).astype(np.float32)
        self.register_buffer("middle", torch.from_numpy(middle))
        self.register_buffer("spread", torch.from_numpy((high - low) / 2).clamp_min(0.05))
        self.mix = nn.Conv1d(channels, maps, 1)
        depth = max(1, min(4, int(np.log2(max(2, times / 8)))))
        self.convolve = nn.ModuleList(nn.Conv1d(maps, maps, 7, stride=2, padding=3) for _ in range(depth))
        self.hear = nn.Sequential(nn.Linear(len(middle), units), nn.SiLU(), nn.Linear(units, units))
        self.see = nn.Linear(2 * maps, units)
        self.join = nn.Sequential(nn.SiLU(), nn.Linear(units, units), nn.SiLU())
        self.output = nn.Linear(units, 1)
        self.classes = nn.Embedding(classes, units)

    def views(self, x: Tensor) -> Views:
        """(sample, channel, time - 1) and (sample, number)."""
        step = (x[..., 1:] - _EMPHASIS * x[..., :-1]) / self.loud
        return _bent(step), _bent((self._numbers(x) - self.middle) / self.spread)

    def judge(self, views: Views, labels: Tensor) -> Tensor:
        """(sample,)."""
        maps = self.mix(views[0])
        for layer in self.convolve:
            maps = functional.silu(layer(maps))
        seen = torch.cat([maps.mean(2), maps.abs().mean(2)], 1)
        x = self.join(self.see(seen) + self.hear(views[1]))
        return self.output(x)[:, 0] + (x * self.classes(labels)).mean(1)  # type: ignore[no-any-return]

    def _numbers(self, x: Tensor) -> Tensor:
        """(sample, number): log power in bands; how it swells in each octave; how skewed and how peaked each channel is."""
        x = x - x.mean(-1, keepdim=True)
        power = torch.fft.rfft(x * self.window).abs().square()[..., 1:] @ self.pool
        parts = torch.fft.ifft(torch.fft.fft(x)[..., None, :] * self.octaves).abs().square()  # (sample, channel, octave, time)
        swells = parts.square().mean(-1) / (parts.mean(-1).square() + _SMALL)
        size = (x.square().mean(-1) + _SMALL).sqrt()
        tilt = x.pow(3).mean(-1) / size.pow(3)
        peak = x.pow(4).mean(-1) / size.pow(4)
        shape = torch.cat([(swells + _SMALL).log(), torch.asinh(tilt)[..., None], (peak + _SMALL).log()[..., None]], -1)
        return torch.cat([(power + _SMALL).log(), shape], -1).flatten(1)


def _bent(x: Tensor) -> Tensor:
    return _BEND * torch.asinh(x / _BEND)


def _octaves(times: int) -> Tensor:
    """(octave, frequency) 2 where a frequency is of an octave, 0 elsewhere and for negative ones: signals become analytic."""
    frequency = np.fft.fftfreq(times)
    edges = edges_of(levels_of(times))
    return torch.from_numpy(np.stack([2.0 * ((frequency > low) & (frequency <= high)) for low, high in edges])).float()


def _bands(times: int) -> Tensor:
    """(frequency, band): means over bands that get wider with frequency."""
    count = times // 2
    edges = np.unique(np.round(np.geomspace(1, count + 1, min(_BANDS, count) + 1)).astype(int)) - 1
    pool = np.zeros((count, len(edges) - 1), np.float32)
    for band, (low, high) in enumerate(pairwise(edges)):
        pool[low:high, band] = 1 / (high - low)
    return torch.from_numpy(pool)
