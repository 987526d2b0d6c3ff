"""Means over units with their intervals: what figures say of explanations that each unit has one of."""

from typing import NamedTuple

import numpy as np

from reportgen.bootstrap import MIN_GROUPS, interval, resample

_RESAMPLES = 1000


class Spread(NamedTuple):
    """Means over units, each with its 95 % interval; NaN where there is none."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def of(self, row: int) -> "Spread":
        """One row of it."""
        return Spread(self.mean[row], self.low[row], self.high[row])

    @property
    def known(self) -> bool:
        """Whether there are intervals."""
        return bool(np.isfinite(self.low).any())


def over_units(values: np.ndarray, seed: int = 0) -> Spread:
    """Mean of values (unit, …) over units, and BCa intervals (…) where there are six units or more.

    Units without a value (NaN) do not count.
    """
    flat = np.asarray(values, float).reshape(len(values), -1)
    known = np.isfinite(flat)
    columns = np.concatenate([np.where(known, flat, 0), known], axis=1)
    n = flat.shape[1]

    def means(sums: np.ndarray) -> dict[str, np.ndarray]:
        with np.errstate(invalid="ignore"):
            found = sums[:, :n] / np.where(sums[:, n:] > 0, sums[:, n:], np.nan)
        return {str(i): found[:, i] for i in range(n)}

    drawn = resample(columns, means, resamples=_RESAMPLES, seed=seed)
    enough = known.sum(axis=0) >= MIN_GROUPS
    ends = [interval(drawn, str(i)) if enough[i] else (None, None) for i in range(n)]
    mean = np.array([drawn.estimate[str(i)] for i in range(n)])
    low, high = np.array(ends, float).T if n else np.zeros((2, 0))
    return Spread(*(part.reshape(np.shape(values)[1:]) for part in (mean, low, high)))
