"""Means, variances and correlations of truth and predictions in resamples of videos: sums over videos, weighted."""

from dataclasses import dataclass

import numpy as np

FLAT = 1e-9
"""Variance, in squared units of the scale, below which numbers are all the same up to rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What people and a model say of the same segments."""

    truth: np.ndarray  # (segment, emotion) float64
    predicted: np.ndarray  # (seed, segment, emotion) float64
    video: np.ndarray  # (segment,) int from 0 on, none left out

    @property
    def videos(self) -> int:
        """How many."""
        return int(self.video.max()) + 1


def by_video(values: np.ndarray, video: np.ndarray) -> np.ndarray:
    """Sums over the segments of each video: (segment, …) -> (video, …)."""
    sums = np.zeros((int(video.max()) + 1, *values.shape[1:]))
    np.add.at(sums, video, values)
    return sums


class Moments:
    """Means and covariances of some columns, in any number of resamples at once.

    Args:
        columns: (segment, …, column).
        video: (segment,) int.
    """

    def __init__(self, columns: np.ndarray, video: np.ndarray) -> None:
        self._centre = columns.mean(axis=0)  # small numbers lose fewer digits when they are squared
        centred = columns - self._centre
        self._n = np.bincount(video).astype(float)
        self._sums = by_video(centred, video)
        self._products = by_video(centred[..., :, None] * centred[..., None, :], video)

    def covariance(self, weights: np.ndarray) -> np.ndarray:
        """(row, …, column, column) of weights (row, video): how often each video counts."""
        n = weights @ self._n
        means, products = (np.tensordot(weights, sums, 1) for sums in (self._sums, self._products))
        means /= n.reshape(-1, *[1] * (means.ndim - 1))
        products /= n.reshape(-1, *[1] * (products.ndim - 1))
        return np.asarray(products - means[..., :, None] * means[..., None, :])

    def mean(self, weights: np.ndarray) -> np.ndarray:
        """(row, …, column)."""
        means = np.tensordot(weights, self._sums, 1)
        return np.asarray(means / (weights @ self._n).reshape(-1, *[1] * (means.ndim - 1)) + self._centre)


def correlation(covariance: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Covariance ÷ √(first × second), two variances; NaN where one of them does not vary."""
    varies = (first > FLAT) & (second > FLAT)
    scale = np.sqrt(np.where(varies, first * second, 1))
    return np.asarray(np.where(varies, covariance / scale, np.nan))


def diagonal(covariance: np.ndarray) -> np.ndarray:
    """(…, column, column) -> (…, column)."""
    return np.diagonal(covariance, axis1=-2, axis2=-1)
