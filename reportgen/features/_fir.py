"""Symmetric filters of finite length: they shift nothing in time."""

import numpy as np
from scipy.signal import firwin, kaiserord, oaconvolve

_ATTENUATION = 100.0  # dB: an offset of millivolts leaves no ripple of a microvolt
_TRANSITION = 0.1  # of the frequency from which on nothing passes


def low_pass(stop: float, rate: float) -> np.ndarray:
    """Kernel that passes what lies below 0.9 `stop`, and from `stop` on leaves 0.00001 of the amplitude.

    Args:
        stop: Hz, at most half of `rate`.
        rate: Hz.

    Returns:
        (tap,) float64, an odd number of them, of sum 1: Kaiser's window design.
    """
    taps, beta = kaiserord(_ATTENUATION, _TRANSITION * stop / (rate / 2))
    cutoff = stop * (1 - _TRANSITION / 2)
    return np.asarray(firwin(taps | 1, cutoff, window=("kaiser", beta), fs=rate))


def filtered(x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Filter each channel; beyond its ends a signal goes on as its own mirror image.

    Turned about its last point besides, as MNE does it, it would have another mean there: of real recordings cut to 2 to
    20 s, that makes a high-pass filter err more, by a factor of 2 to 20 in the power of the error.

    Args:
        x: (channel, time).
        kernel: (tap,), an odd number of them, symmetric.

    Returns:
        (channel, time) float64.
    """
    margin = len(kernel) // 2
    longer = np.pad(x.astype(np.float64), ((0, 0), (margin, margin)), mode="reflect")
    return np.asarray(oaconvolve(longer, kernel[np.newaxis], mode="valid", axes=-1))
