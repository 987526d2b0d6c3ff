"""How far apart channels go together in real and in synthetic samples."""

from collections.abc import Iterator

import numpy as np

from reportgen.realism.descriptors import in_blocks
from reportgen.realism.sets import Pair, TooFewError
from reportgen.realism.spectral import enough, mean_of_finite, resampled, some
from reportgen.synthetic import Domain

_CONSTANT = 1e-6  # of a cell's size, float32 is no finer: what varies less does not vary
_SHARE = 1e-5  # of the training part's norm, the least that a distance is divided by


def covariance_distance(pair: Pair) -> np.ndarray:
    """Frobenius norm of the difference of covariance matrices, as a share of the norm of the real one.

    Of signals, covariances of channels within windows as shares of the window's power, mean over windows: without that, a few
    windows with movements would decide, and how strong signals are is seen by other scores. Of maps, covariances over
    samples: of channels, or of grids of their cells, in each band or frequency; then the mean over these. Slices of a film
    count as samples. Cells that never vary in the training part are left out. 0 is equal; √2 about what unrelated matrices
    have.

    Returns:
        (1 + resample,) from 0.

    Raises:
        TooFewError: too few trials or samples, or nothing that varies.
    """
    enough(pair)
    if pair.domain.signals:
        return _of_signals(pair)
    crowds = (crowd.x for crowd in (pair.real, pair.made, pair.train))
    layers = zip(*(_layers(pair.domain, x) for x in crowds), strict=True)
    distances = [distance for layer in layers if (distance := _of_layer(pair, *layer)) is not None]
    if not distances:
        raise TooFewError("no cell of the training part varies")
    return mean_of_finite(distances)


def _of_signals(pair: Pair) -> np.ndarray:
    real, made, train = (in_blocks(_within_windows, x) for x in (pair.real.x, pair.made.x, some(pair.train.x)))
    least = _SHARE * float(np.linalg.norm(train.mean(axis=0))) + np.finfo(np.float32).tiny
    return resampled(pair, real, made, lambda real, made: _norm(made - real) / np.maximum(_norm(real), least))


def _of_layer(pair: Pair, real: np.ndarray, made: np.ndarray, train: np.ndarray) -> np.ndarray | None:
    """Of one band (sample, slice, cell); None where nothing varies in it."""
    train = train.reshape(-1, train.shape[-1])
    varies = train.std(axis=0) > _CONSTANT * np.abs(train).max(axis=0)
    cells = int(varies.sum())
    if not cells:
        return None
    centre = train[:, varies].mean(axis=0)  # close to all means: a covariance would drown in the square of a mean
    least = _SHARE * float(np.linalg.norm(np.cov(train[:, varies].T)))
    first, second, factor = _triangle(cells)

    def covariance(moments: np.ndarray) -> np.ndarray:
        mean = moments[:, :cells]
        return np.asarray(moments[:, cells:] - mean[:, first] * mean[:, second] * factor)

    def distance(real: np.ndarray, made: np.ndarray) -> np.ndarray:
        own = covariance(real)
        return np.asarray(_norm(covariance(made) - own) / np.maximum(_norm(own), least))

    return resampled(pair, _moments(real[..., varies] - centre), _moments(made[..., varies] - centre), distance)


def _moments(x: np.ndarray) -> np.ndarray:
    """(sample, slice, cell) -> (sample, cell + pair of cells): means of values and of products over slices."""
    return np.hstack([x.mean(axis=1), _packed(x.swapaxes(1, 2) @ x / x.shape[1])])


def _within_windows(x: np.ndarray) -> np.ndarray:
    """(sample, channel, time) -> (sample, pair of channels)."""
    centred = x.astype(np.float64).reshape(len(x), -1, x.shape[-1])
    centred -= centred.mean(axis=-1, keepdims=True)
    covariance = centred @ centred.swapaxes(1, 2) / x.shape[-1]
    power = np.trace(covariance, axis1=1, axis2=2)[:, None, None]
    return _packed(np.divide(covariance, power, out=np.zeros_like(covariance), where=power > 0))


def _packed(matrices: np.ndarray) -> np.ndarray:
    """Symmetric (sample, row, column) -> (sample, pair) of the same norm."""
    first, second, factor = _triangle(matrices.shape[-1])
    return np.asarray(matrices[:, first, second] * factor)


def _triangle(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows and columns of the upper half, and the factor with which the half has the norm of the whole."""
    first, second = np.triu_indices(size)
    return first, second, np.where(first == second, 1.0, np.sqrt(2.0))


def _norm(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(x, axis=1))


def _layers(domain: Domain, x: np.ndarray) -> Iterator[np.ndarray]:
    """(sample, slice, cell) float64 of each band or frequency of maps (sample, …)."""
    cells = [axis for axis in domain.axes if axis in ("channel", "row", "column")] or list(domain.axes)
    order = ["slice"] if "slice" in domain.axes and "slice" not in cells else []
    others = [axis for axis in domain.axes if axis not in (*cells, *order)]
    places = [1 + domain.axes.index(axis) for axis in (*others, *order, *cells)]
    slices, size = (int(np.prod([domain.shape[domain.axes.index(axis)] for axis in axes])) for axes in (order, cells))
    stacked = x.transpose(*places[: len(others)], 0, *places[len(others) :]).reshape(-1, len(x), slices, size)
    return (layer.astype(np.float64) for layer in stacked)
