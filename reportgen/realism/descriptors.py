"""What a sample looks like in a few hundred interpretable numbers.

A window of signals is told by its power in each band, how bursty each band is, the shape of its values and how its
channels go together. None of these depends much on when something happens in the window.

A window cut from a longer signal jumps from its end to its beginning, and a transform takes the jump for a burst of all
frequencies. The line from the first to the last value is therefore taken off before. Without that, Gaussian noise with the
slope of EEG would seem to have bursts that its phase-randomised surrogates, which are periodic, do not have.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise, product, repeat

import numpy as np
from scipy.fft import ifft, next_fast_len, rfft

from reportgen.bands import BANDS
from reportgen.spectra import blocks, squares
from reportgen.synthetic import Domain

_WIDE = 4.0  # Hz: an envelope in a narrower band hardly changes within a window of a second
_LEAST = 3  # coefficients of the transform that an envelope is made of
_FLAT = 1e-10  # of the mean variance of a window's channels: a channel below it is flat
_ROUNDING = 1e-13  # of the square of a channel's level: float32 is no finer
_SHARE = 1e-6  # of the mean power of a window's channels, the least that is told of one of them: a logarithm has no zero
_STEADY = 1e-3  # the least coefficient of variation that is told
_ALIKE = 0.9999  # the highest correlation that is told
_TINY = float(np.finfo(np.float32).tiny)  # instead of 0 in a division or a logarithm


def descriptors(domain: Domain, x: np.ndarray) -> np.ndarray:
    """Tell samples by numbers: of signals those below, of maps their own.

    Of signals, channel by channel within each:
    - log power of each band of bands.py that lies below half the rate, in log unit²;
    - burstiness of each such band of at least 4 Hz: log coefficient of variation of its envelope. Gaussian noise has
      log √(4/π − 1) = −0.65 in a long window; bursts have more, a steady rhythm has less;
    - skewness, log kurtosis of the values (log 3 of Gaussian noise) and of their steps from one time to the next;
    - of more than one channel: correlation of each with the next, as Fisher's z; root mean square correlation of each with
      all others; log of the number of dimensions that channels fill, the participation ratio of their correlation matrix.

    Args:
        domain: of the samples.
        x: (sample, …) float32, as features give them. A flat channel has low powers, no bursts and no correlations.

    Returns:
        (sample, descriptor) float64, in the order of `names`.
    """
    if not domain.signals:
        return np.asarray(x.reshape(len(x), int(np.prod(domain.shape))), dtype=np.float64)
    numbers = np.empty((len(x), len(names(domain))))
    for block in blocks(x):
        numbers[block] = _of_signals(domain, x[block].reshape(-1, *_size(domain)))
    return numbers


def names(domain: Domain) -> tuple[str, ...]:
    """Of descriptors, in their order: `alpha power of FP1`, or of maps the places: `FP1, alpha`."""
    if not domain.signals:
        return tuple(", ".join(place) for place in product(*map(_places, repeat(domain), range(len(domain.shape)))))
    channels = _channels(domain)
    measures = [*(f"{band} power" for band in bands_of(domain)), *(f"bursts of {band}" for band in _wide(domain))]
    measures += ["skewness", "kurtosis", "kurtosis of steps"]
    single = [f"{measure} of {name}" for measure in measures for name in channels]
    if len(channels) < 2:
        return tuple(single)
    among = [f"correlation of {first} and {second}" for first, second in pairwise(channels)]
    return (*single, *among, *(f"correlation of {name} with others" for name in channels), "dimensions of channels")


def bands_of(domain: Domain) -> Mapping[str, tuple[float, float]]:
    """{name: (from, below) Hz} of bands that lie below half the rate and that a window is long enough for.

    Their log powers are the first descriptors of signals: all channels of the first band, then of the second.
    """
    reached = {name: limits for name, limits in BANDS.items() if limits[1] <= domain.rate / 2}
    return {name: limits for name, limits in reached.items() if _count(domain, limits) > 0}


def in_blocks(measure: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """A measure of many samples, a few at a time: what lies between stays small."""
    return np.concatenate([measure(x[block]) for block in blocks(x)])


def _size(domain: Domain) -> tuple[int, int]:
    """How many channels and times; more axes in front of `time` count as channels."""
    return int(np.prod(domain.shape[:-1])), domain.shape[-1]


def _channels(domain: Domain) -> tuple[str, ...]:
    count = _size(domain)[0]
    return domain.channels if len(domain.channels) == count else tuple(f"channel {number + 1}" for number in range(count))


def _places(domain: Domain, axis: int) -> tuple[str, ...]:
    """What stands along an axis of a map: channels, bands, otherwise `row 3`."""
    known = {"channel": domain.channels, "band": tuple(domain.bands or ())}.get(domain.axes[axis], ())
    counted = tuple(f"{domain.axes[axis]} {number + 1}" for number in range(domain.shape[axis]))
    return known if len(known) == domain.shape[axis] else counted


def _wide(domain: Domain) -> Mapping[str, tuple[float, float]]:
    """Bands that have an envelope to speak of."""
    return {
        name: (low, high)
        for name, (low, high) in bands_of(domain).items()
        if high - low >= _WIDE and _count(domain, (low, high)) >= _LEAST
    }


def _coefficients(domain: Domain, limits: tuple[float, float]) -> slice:
    """Of the Fourier transform of a window of T samples, where number k is at k·rate/T Hz."""
    first, end = (int(np.ceil(limit * domain.shape[-1] / domain.rate)) for limit in limits)
    return slice(first, end)


def _count(domain: Domain, limits: tuple[float, float]) -> int:
    """How many coefficients a band has."""
    band = _coefficients(domain, limits)
    return int(band.stop - band.start)


def _of_signals(domain: Domain, x: np.ndarray) -> np.ndarray:
    """(sample, channel, time) -> (sample, descriptor)."""
    centred = _without_flat(x)
    waves = rfft(centred - _line(centred)) / x.shape[-1]
    deviations = np.sqrt((centred**2).mean(axis=-1, keepdims=True))
    standard = np.divide(centred, deviations, out=np.zeros_like(centred), where=deviations > 0)
    columns = [_log_powers(waves, [_coefficients(domain, limits) for limits in bands_of(domain).values()])]
    columns += [_burstiness(waves[..., _coefficients(domain, limits)]) for limits in _wide(domain).values()]
    columns += [(standard**2 * standard).mean(axis=-1), _log_kurtosis(standard), _log_kurtosis(np.diff(standard))]
    return np.concatenate([*columns, *_together(standard)], axis=1)


def _without_flat(x: np.ndarray) -> np.ndarray:
    """Each channel less its mean; 0 where it is flat up to rounding."""
    centred = x.astype(np.float64)
    level = centred.mean(axis=-1, keepdims=True)
    centred -= level
    variance = (centred**2).mean(axis=-1, keepdims=True)
    centred *= variance > _FLAT * variance.mean(axis=1, keepdims=True) + _ROUNDING * level**2
    return centred


def _line(x: np.ndarray) -> np.ndarray:
    """From the first to the last value along the last axis, with mean 0."""
    return np.asarray((x[..., -1:] - x[..., :1]) * np.linspace(-0.5, 0.5, x.shape[-1]))


def _log_powers(waves: np.ndarray, bands: list[slice]) -> np.ndarray:
    """(sample, channel, coefficient) -> (sample, band × channel): log of the variance within each band."""
    if not bands:
        return np.empty((len(waves), 0))
    powers = 2 * np.stack([squares(waves[..., band]).sum(axis=-1) for band in bands], axis=1)  # two: negative frequencies
    least = np.maximum(_SHARE * powers.sum(axis=1).mean(axis=1), _TINY)
    return np.asarray(np.log(np.maximum(powers, least[:, None, None])).reshape(len(waves), -1))


def _burstiness(band: np.ndarray) -> np.ndarray:
    """(sample, channel, coefficient) of one band -> (sample, channel).

    A band without its negative frequencies is an analytic signal. Its amplitude does not depend on where the band begins,
    so that a short transform of the band alone has the whole envelope.
    """
    envelope = np.abs(ifft(band, n=next_fast_len(3 * band.shape[-1])))
    variation = envelope.std(axis=-1) / np.maximum(envelope.mean(axis=-1), _TINY)
    return np.asarray(np.log(np.maximum(variation, _STEADY)))


def _log_kurtosis(x: np.ndarray) -> np.ndarray:
    """Along the last axis, of values with mean 0; never below 0 = log 1, which a flat channel has."""
    squares = x**2
    ratio = (squares**2).mean(axis=-1) / np.maximum(squares.mean(axis=-1) ** 2, _TINY)
    return np.asarray(np.log(np.maximum(ratio, 1.0)))


def _together(standard: np.ndarray) -> list[np.ndarray]:
    """How channels go together: columns (sample, …) of standardised signals (sample, channel, time)."""
    channels = standard.shape[1]
    if channels < 2:
        return []
    correlation = standard @ standard.swapaxes(1, 2) / standard.shape[-1]
    own = np.diagonal(correlation, axis1=1, axis2=2)
    following = np.arctanh(np.clip(np.diagonal(correlation, 1, axis1=1, axis2=2), -_ALIKE, _ALIKE))
    squares = (correlation**2).sum(axis=-1)
    others = np.sqrt(np.maximum(squares - own**2, 0) / (channels - 1))
    dimensions = np.log(np.maximum(own.sum(axis=1) ** 2, 1.0) / np.maximum(squares.sum(axis=1), 1.0))
    return [following, others, dimensions[:, None]]
