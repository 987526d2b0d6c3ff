"""Ratings lie on a coarse grid: the same vectors, the vector of zeros above all, come again and again."""

from dataclasses import dataclass

import numpy as np

_DIGITS = 3  # ratings are means of a few raters: 0.333333 and 0.3333334 are one


@dataclass(frozen=True, slots=True)
class Distinct:
    """Different vectors, and how often each is there."""

    vectors: np.ndarray  # (distinct, emotion) float32, in rising order
    weights: np.ndarray  # (distinct,) float64: how many rows have it
    inverse: np.ndarray  # (row,) int: index of each row's vector

    def __len__(self) -> int:
        return len(self.vectors)


def distinct(values: np.ndarray) -> Distinct:
    """The different rows of (row, emotion), equal to three decimals."""
    rounded = np.round(np.asarray(values, np.float64), _DIGITS) + 0.0  # no negative zero
    vectors, inverse, counts = np.unique(rounded, axis=0, return_inverse=True, return_counts=True)
    return Distinct(vectors.astype(np.float32), counts.astype(np.float64), inverse.ravel())
