"""What signals of a training part say, octave by octave: how loud each channel is, how channels go together, and spectra."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

GRID = 257  # frequencies of a filter, from 0 to half the rate of its level
_SHORTEST = 6  # samples of the coarsest level
_LEVELS = 6  # at most
_EDGE = 3 / 8  # of a level's rate: up to here it makes signals; above, the filter that raises the rate cuts
_SMALL = 1e-9
_TRUST = 20  # windows of all groups that say as much as those of the group
_HEARD = 200  # windows that spectra of sources are of, about
_FARTHEST = 10.0  # natural logarithm of an amplitude over the usual one: dead electrodes are no quieter, loose ones no louder


def levels_of(times: int) -> int:
    """How many levels make so many samples."""
    return 1 + max(0, min(_LEVELS - 1, int(math.log2(max(1.0, times / _SHORTEST)))))


def edges_of(levels: int) -> list[tuple[float, float]]:
    """(from, below) of each level, finest first, as shares of the rate of the signals."""
    edges = [0.5, *(_EDGE / 2**level for level in range(1, levels)), 0.0]
    return [(low, high) for high, low in pairwise(edges)]


@dataclass(frozen=True, slots=True)
class Octaves:
    """What is known of each level, finest first."""

    usual: np.ndarray  # (level, channel) natural logarithm of the amplitude, median over windows
    loudness: np.ndarray  # (window, level, channel) the same of each window, less the usual one
    mixing: np.ndarray  # (group, level, channel, source): of windows that are made equally loud
    amplitude: np.ndarray  # (group, level, source, grid) of filters

    @classmethod
    def of(cls, x: np.ndarray, groups: np.ndarray) -> Self:
        """Of x (window, channel, time), standardised, and groups (window,) int of windows that are alike."""
        times = x.shape[-1]
        spectra, inside = _spectra(x), _inside(times)
        usual, loudness = loudness_beyond(x)
        members = [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
        found = []
        for level, chosen in enumerate(inside):
            even = spectra[..., chosen] * np.exp(-loudness[:, level] - usual[level])[..., None].astype(np.float32)
            frequency, step = np.flatnonzero(chosen) / times * 2**level, 2**level / times
            pooled = _covariance(even)
            covariances = [(len(own) * _covariance(even[own]) + _TRUST * pooled) / (len(own) + _TRUST) for own in members]
            found.append([_sources(even, covariance, frequency, step) for covariance in covariances])
        mixing, amplitude = (np.stack([[pair[i] for pair in level] for level in found], axis=1) for i in (0, 1))
        return cls(usual, loudness, mixing, amplitude)

    def nearer(self, made: np.ndarray, goal: np.ndarray) -> Self:
        """The same with filters and loudness changed as `made` (window, channel, time) needs to be heard as `goal`."""
        times = made.shape[-1]
        missing = np.clip((goal - heard(made)) / 2, -1, 1)
        missing[:, 0] = missing[:, 1]  # the mean of a window is taken out
        frequency = np.arange(missing.shape[1]) / times
        usual, amplitude = self.usual.copy(), self.amplitude.copy()
        for level, chosen in enumerate(_inside(times)):
            usual[level] += missing[:, chosen].mean(1)
            of_frequency = np.interp(np.linspace(0, 0.5, GRID) / 2**level, frequency, missing.mean(0))
            amplitude[:, level] *= np.exp(of_frequency)
        return type(self)(usual, self.loudness, self.mixing, amplitude)


def loudness_beyond(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The usual loudness (level, channel), and by how much each window of x (window, channel, time) is beyond it."""
    loudness = loudness_of(x)
    usual = np.median(loudness, axis=0)
    return usual, np.clip(loudness - usual, -_FARTHEST, _FARTHEST)


def heard(x: np.ndarray) -> np.ndarray:
    """(channel, frequency): mean over windows of the natural logarithm of the power under a Hann window."""
    return np.asarray(np.log(np.abs(_spectra(x - x.mean(-1, keepdims=True))) ** 2 + _SMALL).mean(0, dtype=np.float64))


def loudness_of(x: np.ndarray) -> np.ndarray:
    """(window, level, channel) natural logarithms of amplitudes of x (window, channel, time)."""
    return _loudness(_spectra(x), _inside(x.shape[-1]))


def _spectra(x: np.ndarray) -> np.ndarray:
    """(window, channel, frequency) complex, under a Hann window of power 1; white noise of SD 1 has power 1 everywhere."""
    window = np.hanning(x.shape[-1] + 2)[1:-1].astype(np.float32)
    scale = np.sqrt(np.mean(window**2) * x.shape[-1])
    return np.asarray(np.fft.rfft(x * (window / scale), axis=-1).astype(np.complex64))


def _inside(times: int) -> list[np.ndarray]:
    """(frequency,) bool of each level; no level is without a frequency."""
    frequency = np.arange(times // 2 + 1) / times
    return [(frequency >= low) & (frequency < high + (high == 0.5)) for low, high in edges_of(levels_of(times))]


def _loudness(spectra: np.ndarray, inside: list[np.ndarray]) -> np.ndarray:
    """(window, level, channel) natural logarithms of amplitudes."""
    share = [2 * chosen.sum() / (2 * (len(chosen) - 1)) for chosen in inside]
    power = [np.mean(np.abs(spectra[..., chosen]) ** 2, axis=-1) * part for chosen, part in zip(inside, share, strict=True)]
    return np.asarray(np.log(np.stack(power, axis=1) + _SMALL) / 2)


def _covariance(spectra: np.ndarray) -> np.ndarray:
    """(channel, channel) of (window, channel, frequency) complex, mean over windows and frequencies."""
    flat = spectra.transpose(1, 0, 2).reshape(spectra.shape[1], -1)
    return np.asarray((flat @ flat.conj().T).real / max(1, flat.shape[1]))


def _sources(spectra: np.ndarray, covariance: np.ndarray, frequency: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Principal components of the channels: (channel, source) of norm 1 by channel, and (source, grid) amplitudes.

    Args:
        spectra: (window, channel, frequency) complex, of the frequencies of one level.
        covariance: (channel, channel) of a group of windows.
        frequency: (frequency,) shares of the rate of the level.
        step: from one to the next.
    """
    sizes, directions = np.linalg.eigh(covariance)
    mixing = directions * np.sqrt(np.maximum(sizes, 1e-6 * sizes[-1]))
    own = np.einsum("ck,scf->skf", directions.astype(np.float32), spectra[:: 1 + len(spectra) // _HEARD], optimize=True)
    density = np.mean(np.abs(own) ** 2, axis=0)
    grid = np.linspace(0, 0.5, GRID)
    amplitude = np.sqrt(np.stack([np.interp(grid, frequency, row) for row in density]))
    amplitude[:, (grid < frequency[0] - step / 2) | (grid > frequency[-1] + step / 2)] = 0
    return mixing / np.sqrt((mixing**2).sum(1, keepdims=True) + _SMALL), amplitude
