"""The few directions in which real samples differ most: for pictures, see scaling.py for distances."""

from dataclasses import dataclass
from typing import Self

import numpy as np

_CONSTANT = 1e-6  # of a number's size, float32 is no finer: what varies less does not vary


@dataclass(frozen=True, slots=True)
class Components:
    """Principal components of standardised descriptors; both come from the training part alone."""

    mean: np.ndarray  # (descriptor,)
    loadings: np.ndarray  # (descriptor, component), with the scale of each descriptor in them; 0 where it does not vary

    @classmethod
    def of(cls, train: np.ndarray, most: int = 32, share: float = 0.95) -> Self:
        """Learn them.

        Descriptors that never vary are left out: cells of a grid without an electrode, for example.

        Args:
            train: (sample, descriptor) of the training part; there may be fewer samples than descriptors.
            most: components to keep at most.
            share: of the variance that is enough to keep.
        """
        mean, spread = train.mean(axis=0), train.std(axis=0)
        varies = spread > _CONSTANT * np.abs(train).max(axis=0)
        standard = (train[:, varies] - mean[varies]) / spread[varies]
        _, values, axes = np.linalg.svd(standard, full_matrices=False)
        explained = np.cumsum(values**2) / max(float((values**2).sum()), np.finfo(float).tiny)
        kept = min(most, int(np.count_nonzero(values > _CONSTANT)), 1 + int(np.count_nonzero(explained < share)))
        loadings = np.zeros((train.shape[1], kept))
        loadings[varies] = axes[:kept].T / spread[varies, None]
        return cls(mean, loadings)

    def __call__(self, descriptors: np.ndarray) -> np.ndarray:
        """(sample, descriptor) -> (sample, component) float64: scores, the first of which vary most; not whitened."""
        return np.asarray((descriptors - self.mean) @ self.loadings)
