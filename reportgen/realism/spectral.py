"""Distances of spectra, of band power and of autocorrelations, and how such distances are found for all resamples at once.

Each compares means of the real samples with means of the synthetic ones. Means of a resample are a matrix product with its
weights, so that a weight of 2 is the same as a sample that is there twice.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from reportgen.bands import BANDS
from reportgen.realism.descriptors import bands_of, in_blocks
from reportgen.realism.sets import FEWEST, Pair, TooFewError
from reportgen.spectra import power_spectra, squares

FEWEST_SAMPLES = 4
"""Samples on each side, and of each class where classes are apart, that a mean and a variance need."""
Distance = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Means (row, number) of real and of synthetic samples -> (row,)."""
_AT_ONCE = 64  # resamples whose means are in memory at a time
_SCALE = 400  # training samples that are enough to find how large a floor is
_LAG = 0.5  # s
_SHARE = 1e-5  # of the training part's median power: 50 dB below it, where amplifiers and filters are heard and no brain
_NARROW = 1e-2  # of the training part's variance, the least of a class: a tenth of its standard deviation
_TINY = float(np.finfo(np.float32).tiny)


def psd_distance(pair: Pair) -> np.ndarray:
    """How far typical spectra lie apart: root mean square over channels and frequencies, dB, mean over classes.

    A typical spectrum is the mean over windows of decibels: of the power itself a few windows with movements would decide, and
    the floor of small test parts would hide everything (of simulated EEG with 24 test trials it was 4.4 dB). Frequencies are
    those of the five bands, 1 to 50 Hz or half the rate, about 1 Hz apart (Welch's method, Hann's taper).
    Powers are taken as no less than 50 dB below the median of the training part. Twice the amplitude is 6.02 dB away.

    Returns:
        (1 + resample,) dB, from 0.

    Raises:
        TooFewError: too few trials or samples of a class, or no frequency within reach.
    """
    labels = classes_of(pair)
    real, made, train = (_spectra(pair, x) for x in (pair.real.x, pair.made.x, some(pair.train.x)))
    if not train.shape[1]:
        raise TooFewError(f"{pair.domain.shape[-1]} samples at {pair.domain.rate:g} Hz have no frequency from 1 to 50 Hz")
    least = _SHARE * float(np.median(train.mean(axis=0))) + _TINY
    real, made = (10 * np.log10(np.maximum(power, least)) for power in (real, made))

    def distance(real: np.ndarray, made: np.ndarray) -> np.ndarray:
        return np.asarray(np.sqrt(((made - real) ** 2).mean(axis=1)))

    return mean_of_finite([resampled(pair, real, made, distance, label) for label in labels])


def band_power_divergence(pair: Pair) -> np.ndarray:
    """How far log band power is distributed apart, or the numbers of maps: symmetric Kullback–Leibler divergence.

    Of normal distributions fitted to each class, channel and band; the mean of both directions, then the mean over all. A
    variance is taken as no less than 1 % of the training part's, so that a single mode is far away, but not infinitely.

    Returns:
        (1 + resample,) nat, from 0.

    Raises:
        TooFewError: too few trials or samples of a class, or nothing that varies.
    """
    labels = classes_of(pair)
    columns = len(bands_of(pair.domain)) * int(np.prod(pair.domain.shape[:-1])) if pair.domain.signals else None
    train = pair.train.views["descriptors"][:, :columns]
    varies = train.std(axis=0) > 1e-6 * np.abs(train).max(axis=0, initial=0)
    if not varies.any():
        raise TooFewError("no number of the training part varies")
    centre, least = train[:, varies].mean(axis=0), _NARROW * train[:, varies].var(axis=0)

    def moments(numbers: np.ndarray) -> np.ndarray:
        own = numbers[:, :columns][:, varies] - centre  # or a variance would drown in the square of a mean
        return np.hstack([own, own**2])

    def distance(real: np.ndarray, made: np.ndarray) -> np.ndarray:
        (mean, square), (other, other_square) = np.hsplit(real, 2), np.hsplit(made, 2)
        variance, wide = np.maximum(square - mean**2, least), np.maximum(other_square - other**2, least)
        apart = (mean - other) ** 2 * (1 / variance + 1 / wide)
        return np.asarray((variance / wide + wide / variance - 2 + apart).mean(axis=1) / 4)

    real, made = (moments(crowd.views["descriptors"]) for crowd in (pair.real, pair.made))
    return mean_of_finite([resampled(pair, real, made, distance, label) for label in labels])


def autocorrelation_distance(pair: Pair) -> np.ndarray:
    """How far mean autocorrelations lie apart: root mean square over channels and lags up to 0.5 s.

    The autocorrelation of each window is divided by its own at lag 0, so that amplitudes do not count; that of a flat
    channel is 0 at all lags.

    Returns:
        (1 + resample,) from 0.

    Raises:
        TooFewError: too few trials or samples.
    """
    enough(pair)
    least = _SHARE * float(np.median(some(pair.train.x).var(axis=-1, dtype=np.float64))) + _TINY
    lags = max(1, min(round(_LAG * pair.domain.rate), pair.domain.shape[-1] - 1))
    real, made = (in_blocks(lambda x: _autocorrelations(x, lags, least), crowd.x) for crowd in (pair.real, pair.made))
    return resampled(pair, real, made, lambda real, made: np.sqrt(((real - made) ** 2).mean(axis=1)))


def enough(pair: Pair) -> None:
    """Raise TooFewError where resamples of trials would say nothing about other trials."""
    if pair.real.groups < FEWEST:
        raise TooFewError(f"{pair.real.groups} real trials, and {FEWEST} are needed")
    if len(pair.made) < FEWEST_SAMPLES:
        raise TooFewError(f"{len(pair.made)} synthetic samples, and {FEWEST_SAMPLES} are needed")


def classes_of(pair: Pair) -> list[int]:
    """Those that both sides have; a TooFewError where there is none, or too little of one."""
    enough(pair)
    labels = [int(label) for label in np.intersect1d(pair.real.labels, pair.made.labels)]
    if not labels:
        raise TooFewError("real and synthetic samples have no class in common")
    for label in labels:
        for side, crowd in (("real", pair.real), ("synthetic", pair.made)):
            count = int(crowd.of_class(label).sum())
            if count < FEWEST_SAMPLES:
                raise TooFewError(f"{count} {side} samples of {pair.domain.classes[label]}, and {FEWEST_SAMPLES} are needed")
    return labels


def resampled(pair: Pair, real: np.ndarray, made: np.ndarray, distance: Distance, label: int | None = None) -> np.ndarray:
    """A distance between means under each row of weights.

    Args:
        pair: whose weights.
        real: (sample, number), whose means over samples are compared.
        made: the same of synthetic samples.
        distance: of means, row by row.
        label: a class to keep to; None: all samples.

    Returns:
        (1 + resample,); NaN where a class was not drawn.
    """
    crowds = (pair.real, pair.made)
    of_real, of_made = (np.full(len(crowd), True) if label is None else crowd.of_class(label) for crowd in crowds)
    real, made = real[of_real], made[of_made]
    parts = [
        distance(_means(pair.real_weights[rows][:, of_real], real), _means(pair.made_weights[rows][:, of_made], made))
        for rows in row_blocks(len(pair.real_weights))
    ]
    return np.concatenate(parts)


def row_blocks(rows: int) -> Iterator[slice]:
    """Slices of resamples that are worked on together."""
    return (slice(first, first + _AT_ONCE) for first in range(0, rows, _AT_ONCE))


def mean_of_finite(scores: list[np.ndarray]) -> np.ndarray:
    """Mean over arrays (row,) of those that are defined in a row; NaN where none is."""
    defined = np.isfinite(scores)
    count, total = defined.sum(axis=0), np.where(defined, scores, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))


def some(x: np.ndarray) -> np.ndarray:
    """Samples from all over x, at most 400 of them or so."""
    return x[:: max(1, len(x) // _SCALE)]


def _means(weights: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """(row, sample) and (sample, number) -> weighted means (row, number)."""
    total = weights.sum(axis=1, keepdims=True)
    shares = np.divide(weights, total, out=np.full(weights.shape, np.nan), where=total > 0)
    return np.asarray(shares @ numbers)


def _spectra(pair: Pair, x: np.ndarray) -> np.ndarray:
    """(sample, channel × frequency) unit²/Hz, of frequencies in the five bands."""
    rate = pair.domain.rate
    lowest, highest = min(low for low, _ in BANDS.values()), max(high for _, high in BANDS.values())

    def measure(x: np.ndarray) -> np.ndarray:
        frequencies, power = power_spectra(x, rate)
        return power[..., (frequencies >= lowest) & (frequencies < highest)].reshape(len(x), -1)

    return in_blocks(measure, x)


def _autocorrelations(x: np.ndarray, lags: int, least: float) -> np.ndarray:
    """(sample, channel × lag) of lags 1 to `lags`; the estimate that is divided by the same number of times at each lag."""
    time = x.shape[-1]
    centred = x.astype(np.float64)
    centred -= centred.mean(axis=-1, keepdims=True)
    length = next_fast_len(time + lags, real=True)  # zeros in between, or the end would meet the beginning
    covariance = irfft(squares(rfft(centred, length)), length)[..., : lags + 1] / time
    return np.asarray((covariance[..., 1:] / np.maximum(covariance[..., :1], least)).reshape(len(x), -1))
