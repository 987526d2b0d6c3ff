"""Rules by which a channel is bad, after the PREP pipeline (Bigdely-Shamlo et al. 2015, Front. Neuroinform. 9, 16).

Left out of PREP: its fourth rule, which predicts each channel from random others (RANSAC).
"""

from collections.abc import Iterator

import numpy as np
from scipy.signal import butter, sosfiltfilt

_FEWEST = 8  # channels that a spread over channels can be had from
_SLOW, _FAST = 1.0, 50.0  # Hz: PREP judges what lies between, and takes what is faster for noise
_WINDOW = 1.0  # s
_CLOSEST = 0.98  # quantile over the other channels of |correlation|, in place of the highest
_IQR_TO_SD = 0.7413
_MAD_TO_SD = 1.4826


def judged(trial: np.ndarray, rate: float, *, z: float, correlation: float, share: float) -> Iterator[tuple[str, np.ndarray]]:
    """What channels are bad for, beside being flat or missing.

    Args:
        trial: (channel, time) of the channels that are neither flat nor have missing values; any unit.
        rate: Hz.
        z: robust standard deviations from the median over channels, beyond which an amplitude or its fast part is out of
            the ordinary.
        correlation: below which the closest other channels leave a channel alone in a window of 1 s.
        share: of windows; a channel that is left alone in more is bad.

    Yields:
        The reason in words and (channel,) bool. Nothing of fewer than 8 channels or of less than two windows.
    """
    if len(trial) < _FEWEST or trial.shape[-1] < 2 * _WINDOW * rate:
        return
    steady = _passed(trial.astype(np.float64), _SLOW, "highpass", rate)
    amplitude = _quartile_range(steady)
    yield "an amplitude unlike the others", np.abs(_z(amplitude, _IQR_TO_SD * _quartile_range(amplitude))) > z
    slow = steady
    if rate > 2.2 * _FAST:
        slow = _passed(steady, _FAST, "lowpass", rate)
        noise = _deviation(steady - slow) / np.maximum(_deviation(slow), np.finfo(float).tiny)
        yield "high-frequency noise", _z(noise, _MAD_TO_SD * _deviation(noise)) > z
    yield "no channel that moves with it", (_closest(slow, rate) < correlation).mean(0) > share


def _passed(x: np.ndarray, edge: float, kind: str, rate: float) -> np.ndarray:
    return np.asarray(sosfiltfilt(butter(4, edge, kind, fs=rate, output="sos"), x, axis=-1))


def _z(values: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Distance from the median in spreads; 0 where there is no spread."""
    distance = values - np.median(values)
    return np.asarray(distance / spread if spread else np.zeros_like(distance))


def _quartile_range(x: np.ndarray) -> np.ndarray:
    """Third quartile less the first, along the last axis."""
    low, high = np.percentile(x, (25, 75), axis=-1)
    return np.asarray(high - low)


def _deviation(x: np.ndarray) -> np.ndarray:
    """Median absolute deviation from the median, along the last axis."""
    return np.asarray(np.median(np.abs(x - np.median(x, axis=-1, keepdims=True)), axis=-1))


def _closest(x: np.ndarray, rate: float) -> np.ndarray:
    """(window, channel): |correlation| with the channels that move most like it; 0 where it does not move."""
    length = round(_WINDOW * rate)
    count = x.shape[-1] // length
    windows = x[:, : count * length].reshape(len(x), count, length).transpose(1, 0, 2)
    windows = windows - windows.mean(-1, keepdims=True)
    norm = np.sqrt((windows**2).sum(-1, keepdims=True))
    unit = windows / np.where(norm > 0, norm, 1)
    alike = np.abs(unit @ unit.transpose(0, 2, 1))  # (window, channel, channel)
    others = alike[:, ~np.eye(len(x), dtype=bool)].reshape(count, len(x), len(x) - 1)
    return np.asarray(np.quantile(others, _CLOSEST, axis=-1))
