"""Spectra of many signals at once."""

from collections.abc import Iterator

import numpy as np

_AT_ONCE = 2**17  # samples that are transformed together: they stay in the processor's cache, 1 MiB of float64


def power_spectra(x: np.ndarray, rate: float, resolution: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Spectral density (Welch 1967, IEEE Trans. Audio Electroacoust. 15, 70): segments with Hann's taper overlap by half.

    Args:
        x: (…, time) µV; any number of leading axes. A NaN makes the spectrum of its signal NaN.
        rate: Hz, of `time`.
        resolution: Hz between two frequencies: segments are 1/resolution s long, or as long as a shorter signal.

    Returns:
        Frequencies (frequency,) in Hz from 0 to half the rate, and the one-sided power (…, frequency) in µV²/Hz, whose
        sum times the distance of the frequencies is the variance of x. Float64.

    Raises:
        ValueError: a segment has fewer than two samples.
    """
    length = min(round(rate / resolution), x.shape[-1])
    if length < 2:
        raise ValueError(f"a spectrum needs segments of at least 2 samples, not {length}: {x.shape}, {rate:g} Hz")
    step = length - length // 2
    segments = np.moveaxis(np.lib.stride_tricks.sliding_window_view(x, length, axis=-1)[..., ::step, :], -2, 0)
    power = sum(squares(tapered_spectra(segments[block])).sum(axis=0) for block in blocks(segments)) / len(segments)
    power[..., 1 : (length + 1) // 2] *= 2  # negative frequencies; the mean and half the rate have none
    return np.fft.rfftfreq(length, 1 / rate), power / (rate * (taper(length) ** 2).sum())


def taper(length: int) -> np.ndarray:
    """Hann's taper (time,), periodic: a tone of a whole number of periods reaches its own and the next frequency only."""
    return np.hanning(length + 1)[:-1]


def tapered_spectra(x: np.ndarray) -> np.ndarray:
    """Spectra (…, frequency) complex128 of x (…, time): each less its mean, tapered, and summed without a factor."""
    centred = x.astype(float)
    centred -= centred.mean(axis=-1, keepdims=True)  # or its offset would leak into the lowest frequencies
    centred *= taper(x.shape[-1])
    return np.fft.rfft(centred)


def squares(spectra: np.ndarray) -> np.ndarray:
    """Squared magnitude."""
    return np.asarray(spectra.real**2 + spectra.imag**2)


def blocks(x: np.ndarray) -> Iterator[slice]:
    """Slices of the first axis of x, each small enough for the processor's cache."""
    size = max(1, _AT_ONCE * len(x) // max(1, x.size))
    return (slice(first, first + size) for first in range(0, len(x), size))
