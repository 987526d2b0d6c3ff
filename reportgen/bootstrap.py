"""Intervals by resampling groups: identical images, one subject's trials, one video's segments count as one draw.

A score is a function of sums over samples (counts of a confusion matrix, gaps of calibration bins). A resample of the
groups is then a weight for each of them, and many resamples are one matrix product.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

MIN_GROUPS = 6
"""With fewer independent groups the points are shown and nothing is claimed."""
LEVEL = 0.95
_NORMAL = NormalDist()
_BATCH = 256  # resamples whose weights are in memory at a time
_SAME = 1e-9  # scores nearer than this are equal: sums in another order differ in their last digits

Statistic = Callable[[np.ndarray], Mapping[str, np.ndarray]]
"""(row, column) sums over samples -> {name: (row,) score}, NaN where it is undefined."""
Interval = tuple[float | None, float | None]
"""Lower and upper limit, or (None, None) where nothing is claimed."""


@dataclass(frozen=True, slots=True)
class Resampled:
    """Scores of the data as they are, of each resample of the groups, and of the data without each group in turn."""

    estimate: Mapping[str, float]
    replicates: Mapping[str, np.ndarray]  # (resample,)
    jackknife: Mapping[str, np.ndarray]  # (group,)


def sum_by(groups: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Sums over the samples of each group: (sample, column) -> (group, column)."""
    names, group = np.unique(groups, return_inverse=True)
    sums = np.zeros((len(names), columns.shape[1]))
    np.add.at(sums, group, columns)
    return sums


def resample(sums: np.ndarray, statistic: Statistic, *, resamples: int, seed: int) -> Resampled:
    """Draw as many groups as there are, with replacement, `resamples` times.

    Args:
        sums: (group, column) sums over the samples of each group.
        statistic: makes scores from sums; row by row.
        resamples: how many.
        seed: of the draws.
    """
    total = sums.sum(axis=0, keepdims=True)
    estimate = {name: float(rows[0]) for name, rows in statistic(total).items()}
    if len(sums) < MIN_GROUPS:
        return Resampled(estimate, {}, {})
    batches = [statistic(weights @ sums) for weights in _weights(len(sums), resamples, np.random.default_rng(seed))]
    replicates = {name: np.concatenate([batch[name] for batch in batches]) for name in estimate}
    return Resampled(estimate, replicates, statistic(total - sums))


def _weights(groups: int, resamples: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """How often each group is drawn: batches of (resample, group)."""
    for start in range(0, resamples, _BATCH):
        rows = min(_BATCH, resamples - start)
        drawn = rng.integers(groups, size=(rows, groups)) + groups * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * groups).reshape(rows, groups).astype(float)


def interval(drawn: Resampled, name: str) -> Interval:
    """The bias-corrected and accelerated (BCa) interval of a score (Efron 1987, J. Am. Stat. Assoc. 82, 171).

    Resamples of few groups vary too little. The tails are therefore those of Student's t, widened by √(n / (n − 1)) for n
    groups (Hesterberg 2015, Am. Stat. 69, 371): nothing changes for many groups.

    None is given for fewer than `MIN_GROUPS` groups, and for a score that is the same in all resamples: that says that
    the sample is too small to show how the score varies, not that it does not.

    Args:
        drawn: from `resample`.
        name: of the score.
    """
    if name not in drawn.replicates:
        return None, None
    values, estimate = _finite(drawn.replicates[name]), drawn.estimate[name]
    if not np.isfinite(estimate) or np.ptp(values) < _SAME:
        return None, None
    below = (np.mean(values < estimate - _SAME) + np.mean(values < estimate + _SAME)) / 2
    limit = 0.5 / len(values)
    bias = _NORMAL.inv_cdf(float(np.clip(below, limit, 1 - limit)))
    left_out = _finite(drawn.jackknife[name])
    acceleration = _acceleration(left_out)
    tails = (bias + sign * _tail(len(left_out)) for sign in (-1, 1))
    low, high = np.quantile(values, [_NORMAL.cdf(bias + tail / (1 - acceleration * tail)) for tail in tails])
    return float(low), float(high)


def _tail(groups: int) -> float:
    """How many standard deviations an interval over so many groups reaches to each side.

    The quantile of Student's t by its expansion in 1 / ν (Abramowitz and Stegun 1964, 26.7.5), right to 0.005 from ν = 5 on.
    """
    z, nu = _NORMAL.inv_cdf((1 + LEVEL) / 2), groups - 1
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    quantile = z + sum(term / nu**power for power, term in enumerate(terms, start=1))
    return float(quantile * (groups / nu) ** 0.5)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.asarray(values[np.isfinite(values)])


def _acceleration(jackknife: np.ndarray) -> float:
    influence = jackknife.mean() - jackknife
    spread = float((influence**2).sum()) ** 1.5
    return float((influence**3).sum()) / (6 * spread) if spread > 0 else 0.0


def distance_interval(drawn: Resampled, name: str, noise: str) -> Interval:
    """The interval of a score that is a norm of a vector, such as the ECE: never below 0, and so biased upwards.

    Resampling adds as much bias again, so that percentiles lie above the truth when it is small (in simulations 95 %
    intervals of an ECE near 0 never held it). The upper limit is therefore reflected at the estimate (basic bootstrap), but
    not below it. The lower one follows from the triangle inequality: the truth is at least the estimate less the
    norm of its error, which the resamples show: `noise` names the norm of (resampled − estimated vector).
    """
    if name not in drawn.replicates:
        return None, None
    tail, estimate = (1 - LEVEL) / 2, drawn.estimate[name]
    low = estimate - float(np.quantile(drawn.replicates[noise], 1 - tail))
    high = 2 * estimate - float(np.quantile(drawn.replicates[name], tail))
    return max(0.0, low), max(estimate, high)
