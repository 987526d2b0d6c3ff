"""What a crowd of samples looks like: mean spectra, band power of each channel, correlations of channels, near neighbours.

These numbers are for pictures: they are described, not ranked. Of signals they are what the scores look at: decibels of power,
averaged over samples, and covariances as shares of each window's power; of power itself a few windows with movements would
decide. Of maps everything is of the map's own numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.bands import BANDS
from reportgen.bootstrap import LEVEL, MIN_GROUPS, interval, resample, sum_by
from reportgen.realism.sets import Crowd, weights_of
from reportgen.spectra import power_spectra
from reportgen.synthetic import Domain

_SHARE = 1e-5  # of the median power: 50 dB below it nothing is measured, as in spectral.py
_AT_ONCE = 2**24  # numbers of candidates that are in memory at a time when neighbours are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """Of one crowd; NaN where a class has no sample. A column is a frequency of signals, and a band of maps."""

    frequency: np.ndarray  # (frequency,) Hz above 0; empty of maps
    spectrum: np.ndarray  # (class, channel, frequency) dB of unit²/Hz; empty of maps
    edges: np.ndarray  # (2, channel, frequency): 95 % interval of the mean over classes; NaN with fewer than six groups
    level: np.ndarray  # (class, 3, column): mean over channels, and its 95 % interval over groups, NaN with fewer than six
    power: np.ndarray  # (class, band, channel): dB of unit²/Hz; of maps the mean number
    covariance: np.ndarray  # (channel, channel): correlations; NaN of a channel that does not vary


def portrait(domain: Domain, crowd: Crowd, cells: np.ndarray | None = None, *, resamples: int, seed: int) -> Portrait:
    """Look at a crowd.

    Args:
        domain: what its numbers mean.
        crowd: samples; its groups are what intervals are over.
        cells: (channel, 2) row and column of each channel, of samples on a grid.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    frequency, numbers = _numbers(domain, crowd.x, cells)
    own = [crowd.of_class(label) for label in range(len(domain.classes))]
    means = np.stack([_mean(numbers[rows]) for rows in own])  # (class, column, channel)
    levels = [_level(numbers[rows], crowd.group[rows], resamples, seed) for rows in own]
    return Portrait(
        frequency=frequency,
        spectrum=means.swapaxes(1, 2) if domain.signals else np.zeros((len(own), means.shape[2], 0)),
        edges=_edges(numbers, crowd, len(own), resamples, seed) if domain.signals else np.zeros((2, means.shape[2], 0)),
        level=np.stack(levels),
        power=_band_power(means, frequency, band_edges(domain)) if domain.signals else means,
        covariance=_correlation_of_signals(crowd.x) if domain.signals else _correlation_of_maps(numbers),
    )


def band_edges(domain: Domain) -> dict[str, tuple[float, float]]:
    """{name: (from, below) Hz}: the bands of a map, or the official ones of which a signal holds a frequency."""
    if not domain.signals:
        return dict(domain.bands or {})
    known = _frequencies(domain)
    return {name: (low, high) for name, (low, high) in BANDS.items() if ((known >= low) & (known < high)).any()}


def placed(axes: Sequence[str], x: np.ndarray, cells: np.ndarray | None = None) -> np.ndarray:
    """Maps (…, axes of a sample) as (…, column, place): columns are bands, places are channels; slices are averaged.

    Args:
        axes: of a sample.
        x: of those axes, after any number of others.
        cells: (channel, 2) row and column of each channel, of samples on a grid.
    """
    names = list(axes)
    if tuple(names[-2:]) == ("row", "column"):
        where = np.moveaxis(np.indices(x.shape[-2:]), 0, -1).reshape(-1, 2) if cells is None else np.asarray(cells, int)
        x, names = x[..., where[:, 0], where[:, 1]], [*names[:-2], "channel"]
    elif "channel" in names:
        x = np.moveaxis(x, names.index("channel") - len(names), -1)
        names = [*(name for name in names if name != "channel"), "channel"]
    else:
        x, names = x[..., None], [*names, "channel"]
    before = x.shape[: x.ndim - len(names)]
    if len(names) == 1:
        return np.asarray(x[..., None, :])
    return np.asarray(x.reshape(*before, -1, *x.shape[-2:]).mean(axis=len(before)))


def spread(domain: Domain, x: np.ndarray) -> np.ndarray:
    """Standard deviations of samples (sample, …): of each channel of signals, of each number of maps; 1 where it is 0."""
    axes = (0, x.ndim - 1) if domain.signals else (0,)
    found = np.asarray(x, float).std(axis=axes, keepdims=True)[0]
    return np.where(found > 0, found, 1.0)


def nearest(
    x: np.ndarray,
    among: np.ndarray,
    index: np.ndarray,
    scale: np.ndarray,
    groups: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest one of other samples: the root mean square of the differences of all numbers is smallest.

    Args:
        x: (sample, …) what neighbours are looked for.
        among: (any, …) samples, maybe on disk.
        index: (candidate,) rows of `among` that may be neighbours.
        scale: (…) what differences are divided by, as `spread` gives it.
        groups: (sample,) and (candidate,): none of the same group is a neighbour.

    Returns:
        (sample,) int, the row of `among`; (sample,) the distance, 0 of a copy and about 1.4 of unrelated noise, infinite
        where there is no candidate.
    """
    own = (np.asarray(x, float) / scale).astype(np.float32).reshape(len(x), -1)
    least, best = np.full(len(x), np.inf), np.zeros(len(x), int)
    for places in np.array_split(np.arange(len(index)), 1 + len(index) * own.shape[1] // _AT_ONCE):
        rows = index[places]
        others = (np.asarray(among[rows]) / scale).astype(np.float32).reshape(len(rows), -1)
        squares = (others**2).sum(axis=1) - 2 * own @ others.T  # what is the same for all candidates is left out
        if groups is not None:
            squares[groups[0][:, None] == groups[1][places]] = np.inf
        found = squares.argmin(axis=1)
        low = np.take_along_axis(squares, found[:, None], axis=1)[:, 0]
        best, least = np.where(low < least, rows[found], best), np.minimum(low, least)
    gaps = (np.asarray(x, float) - among[best]) / scale
    return best, np.where(np.isfinite(least), np.sqrt((gaps.reshape(len(x), -1) ** 2).mean(axis=1)), np.inf)


def _frequencies(domain: Domain) -> np.ndarray:
    """Of the spectrum of one sample, without 0 Hz: samples are centred."""
    return power_spectra(np.zeros((1, domain.shape[-1])), domain.rate)[0][1:]


def _numbers(domain: Domain, x: np.ndarray, cells: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies, and what each sample has of each column and channel (sample, column, channel)."""
    if not domain.signals:
        return np.zeros(0), np.asarray(placed(domain.axes, x, cells), float)
    frequency, power = power_spectra(x, domain.rate)
    power = power[..., 1:].swapaxes(1, 2)
    power[:, :, power.max(axis=(0, 1), initial=0) == 0] = np.nan  # a channel that is flat in all windows
    least = _SHARE * float(np.nanmedian(power)) + np.finfo(np.float32).tiny  # of one that is flat in some
    return frequency[1:], 10 * np.log10(np.maximum(power, least))


def _mean(values: np.ndarray) -> np.ndarray:
    """Over samples; NaN of none."""
    return np.asarray(values.mean(axis=0) if len(values) else np.full(values.shape[1:], np.nan))


def _level(numbers: np.ndarray, group: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """(3, column): the mean over channels and samples of (sample, column, channel), and its interval over groups."""
    n, columns, channels = numbers.shape
    if not n:
        return np.full((3, columns), np.nan)

    def means(sums: np.ndarray) -> Mapping[str, np.ndarray]:
        mean = (sums[:, :-1] / sums[:, -1:]).reshape(len(sums), columns, channels)
        known = np.isfinite(mean)
        total = np.where(known, mean, 0).sum(axis=2) / np.where(known.any(axis=2), known.sum(axis=2), np.nan)
        return {str(i): column for i, column in enumerate(total.T)}

    drawn = resample(
        sum_by(group, np.column_stack([numbers.reshape(n, -1), np.ones(n)])), means, resamples=resamples, seed=seed
    )
    ends = [interval(drawn, str(i)) if np.isfinite(drawn.estimate[str(i)]) else (None, None) for i in range(columns)]
    return np.vstack([[drawn.estimate[str(i)] for i in range(columns)], np.array(ends, float).T])


def _edges(numbers: np.ndarray, crowd: Crowd, classes: int, resamples: int, seed: int) -> np.ndarray:
    """(2, channel, frequency): percentiles over groups of the mean over classes of (sample, frequency, channel)."""
    flat = numbers.reshape(len(numbers), -1)
    if crowd.groups < MIN_GROUPS:
        return np.full((2, *numbers.shape[:0:-1]), np.nan)
    weights = weights_of(crowd.group, resamples, np.random.default_rng(seed))[1:]
    means = np.full((classes, resamples, flat.shape[1]), np.nan)
    for label in range(classes):
        own = weights[:, crowd.of_class(label)]
        drawn = own.sum(axis=1) > 0  # a resample may lack a class
        means[label, drawn] = own[drawn] @ flat[crowd.of_class(label)] / own[drawn].sum(axis=1, keepdims=True)
    known = np.isfinite(means)
    total = np.where(known, means, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)
    ends = np.quantile(total, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return np.asarray(ends.reshape(2, *numbers.shape[1:]).swapaxes(1, 2))


def _band_power(means: np.ndarray, frequency: np.ndarray, edges: Mapping[str, tuple[float, float]]) -> np.ndarray:
    """(class, band, channel) dB, mean over the frequencies of each band, of (class, frequency, channel)."""
    inside = [(frequency >= low) & (frequency < high) for low, high in edges.values()]
    return np.stack([means[:, rows].mean(axis=1) for rows in inside], axis=1)


def _correlation_of_signals(x: np.ndarray) -> np.ndarray:
    """Of the mean over windows of the covariance of channels, as a share of each window's power, of (sample, channel, time)."""
    centred = np.asarray(x, float)
    centred = centred - centred.mean(axis=-1, keepdims=True)
    size = np.sqrt((centred**2).sum(axis=(1, 2), keepdims=True))
    centred = np.divide(centred, size, out=np.zeros_like(centred), where=size > 0)
    return _correlation(np.tensordot(centred, centred, axes=((0, 2), (0, 2))))


def _correlation_of_maps(numbers: np.ndarray) -> np.ndarray:
    """Mean over columns of the correlation of channels over the samples of (sample, column, channel)."""
    centred = numbers - numbers.mean(axis=0)
    columns = [_correlation(column.T @ column) for column in centred.swapaxes(0, 1)]
    return np.asarray(np.mean(columns, axis=0))


def _correlation(covariance: np.ndarray) -> np.ndarray:
    size = np.sqrt(np.diag(covariance))
    size = np.where(size > 0, size, np.nan)
    return np.asarray(covariance / size / size[:, None])
