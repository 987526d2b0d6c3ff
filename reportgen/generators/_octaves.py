"""A generator of signals octave by octave, from slow to fast, that starts from what is known of the training part.

Each level works at twice the rate of the one before. Noise is filtered, made louder and softer by the network, mixed into
channels and raised to the next rate by a filter without aliases, so that no level leaves images of itself in the octaves
above: strided transposed convolutions leave such artefacts in spectra (Hartmann et al. 2018). Filters, mixing and loudness
begin with the spectra, correlations and clusters of loudness of the training part; all are then learned further.
"""

from typing import Self

import numpy as np
import torch
from scipy.signal import firwin
from torch import Tensor, nn
from torch.nn import functional

from reportgen.generators._clusters import Clusters
from reportgen.generators._octave_start import Octaves, heard, loudness_beyond

_TAPS = 17  # of the filter of each source
_MARGIN = 8  # samples that each level makes ahead and behind: filters there see zeros
_RAISE = 17  # taps of the filter that raises the rate
_LOUDEST = 3.0  # natural logarithm of the largest factor that the network gives: signals stay finite
_DEAD = -5.0  # loudness below which an electrode has failed: it says nothing at all
_TRIED = 256  # signals by which the start is corrected
_ROUNDS = 3  # of correction, by trial
_SMALL = 1e-9


class _Raise(nn.Module):
    """Twice the rate: zeros between samples, and a windowed sinc that cuts their images."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kernel", torch.from_numpy(firwin(_RAISE, 0.5, window=("kaiser", 5.0)) * 2).float())

    def forward(self, x: Tensor, length: int) -> Tensor:
        """(sample, map, length) of (sample, map, time): its centre."""
        high = _filtered(torch.stack([x, torch.zeros_like(x)], -1).flatten(-2), self.kernel)
        start = (high.shape[-1] - length) // 2
        return high[..., start : start + length]


class _Level(nn.Module):
    """Channels (sample, channel, time) of one octave."""

    def __init__(self, octaves: Octaves, level: int, style: int, maps: int) -> None:
        super().__init__()
        self.sources = sources = octaves.mixing.shape[-1]
        self.taps = nn.Parameter(torch.from_numpy(_taps(octaves.amplitude[:, level])).float())  # (group, source, tap)
        self.mixing = nn.Parameter(torch.from_numpy(octaves.mixing[:, level]).float())  # (group, channel, source)
        self.usual = nn.Parameter(torch.from_numpy(octaves.usual[level]).float())  # (channel,)
        self.louder = nn.Linear(style, sources)
        self.swell = nn.Conv1d(maps, sources, 1)
        self.wave = nn.Conv1d(maps, sources, 1)
        for values in (*self.louder.parameters(), *self.swell.parameters(), *self.wave.parameters()):
            nn.init.zeros_(values)

    def forward(self, maps: Tensor, style: Tensor, loudness: Tensor, group: Tensor) -> Tensor:
        """Of maps (sample, map, time), style (sample, unit) and loudness (sample, channel), groups (sample,)."""
        noise = torch.randn(len(maps), self.sources, maps.shape[-1] + _TAPS - 1, device=maps.device)
        sources = _filtered(noise, self.taps[group])[..., _TAPS - 1 : 1 - _TAPS]
        change = self.swell(maps) + self.louder(style)[..., None]
        sources = sources * (_LOUDEST * torch.tanh(change / _LOUDEST)).exp() + self.wave(maps)
        channels = self.mixing[group] @ sources
        size = (channels.square() @ _window(channels))[..., None]
        return channels * ((self.usual + loudness)[..., None] - (size + _SMALL).log() / 2).exp()  # type: ignore[no-any-return]


def _window(x: Tensor) -> Tensor:
    """(time,): weights of squares, of sum 1: a Hann window that leaves out the margins."""
    times = x.shape[-1] - 2 * _MARGIN
    window = torch.hann_window(times + 2, device=x.device)[1:-1].square()
    return functional.pad(window / window.sum(), (_MARGIN, _MARGIN))


class OctaveGenerator(nn.Module):
    """Signals (sample, channel, time) of classes (sample,)."""

    def __init__(self, octaves: Octaves, clusters: Clusters, times: int, style: int, maps: int) -> None:
        super().__init__()
        _, levels, channels, _ = octaves.mixing.shape
        self.times, self.maps = times, maps
        self.clusters = clusters
        self.classes = nn.Embedding(len(clusters.shares), style)
        self.enter = nn.Linear(levels * channels, style)
        self.style = nn.Sequential(nn.SiLU(), nn.Linear(style, style), nn.SiLU())
        self.convolve = nn.ModuleList(nn.Conv1d(2 * maps, maps, 5, padding=2) for _ in range(levels))
        self.turn = nn.ModuleList(nn.Linear(style, 2 * maps) for _ in range(levels))
        self.levels = nn.ModuleList(_Level(octaves, level, style, maps) for level in range(levels))
        self.up = _Raise()

    @classmethod
    def started(cls, x: np.ndarray, labels: np.ndarray, classes: int, *, size: int, style: int, maps: int, seed: int) -> Self:
        """From a training part x (sample, channel, time), standardised, with clusters of about `size` windows."""
        times, beyond = x.shape[-1], loudness_beyond(x)[1].reshape(len(x), -1)
        clusters = Clusters(beyond, labels, classes, size, seed)
        octaves = Octaves.of(x, clusters.members)
        goal = heard(x)
        tried = torch.arange(_TRIED) % classes
        for _ in range(_ROUNDS):
            octaves = octaves.nearer(cls(octaves, clusters, times, style, maps).tried(tried), goal)
        return cls(octaves, clusters, times, style, maps)

    @torch.no_grad()
    def tried(self, labels: Tensor) -> np.ndarray:
        """Signals of labels (sample,)."""
        return torch.cat([self(chunk) for chunk in torch.split(labels, 64)]).numpy()

    def forward(self, labels: Tensor) -> Tensor:
        """Of (sample,) int64, with fresh noise."""
        return self.played(labels, *self.clusters(labels))

    def played(self, labels: Tensor, loudness: Tensor, group: Tensor) -> Tensor:
        """Signals of labels (sample,) with a loudness (sample, level × channel), as logarithms over the usual one."""
        style = self.style(self.enter(loudness) + self.classes(labels))
        of_level = loudness.reshape(len(labels), len(self.levels), -1)
        maps = torch.zeros(len(labels), self.maps, 1, device=labels.device)
        signal: Tensor | None = None
        for level in reversed(range(len(self.levels))):
            length = -(-self.times // 2**level) + 2 * _MARGIN
            maps = maps.expand(-1, -1, length) if signal is None else self.up(maps, length)
            maps = torch.cat([maps, torch.randn_like(maps)], 1)
            scale, shift = self.turn[level](style)[..., None].chunk(2, 1)
            maps = functional.silu(self.convolve[level](maps) * (1 + scale) + shift)
            made = self.levels[level](maps, style, of_level[:, level], group)
            signal = made if signal is None else self.up(signal, length) + made
        dead = of_level.mean(1) < _DEAD
        return signal[..., _MARGIN : _MARGIN + self.times].masked_fill(dead[..., None], 0.0)  # type: ignore[index]


def _taps(amplitude: np.ndarray) -> np.ndarray:
    """(…, tap): filters of linear phase with about these amplitudes (…, grid), of power 1."""
    response = np.fft.irfft(amplitude, axis=-1)
    taps = np.concatenate([response[..., -(_TAPS // 2) :], response[..., : _TAPS // 2 + 1]], axis=-1) * np.hamming(_TAPS)
    return np.asarray(taps / np.sqrt((taps**2).sum(-1, keepdims=True) + _SMALL))


def _filtered(x: Tensor, kernel: Tensor) -> Tensor:
    """Full convolution along the last axis; by way of spectra, which on a CPU is faster than convolutions by groups."""
    length = x.shape[-1] + kernel.shape[-1] - 1
    whole = length + length % 2
    product = torch.fft.rfft(x, whole) * torch.fft.rfft(kernel, whole)
    filtered: Tensor = torch.fft.irfft(product, whole)
    return filtered[..., :length]
