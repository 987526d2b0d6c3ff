"""The lime package's surrogate: a weighted ridge regression of a class's probability on which superpixels are seen."""

from functools import partial
from itertools import combinations
from collections.abc import Sequence
from typing import Any

import numpy as np
from lime.lime_base import LimeBase
from lime.lime_image import ImageExplanation
from scipy.linalg import cho_factor, cho_solve

from reportgen.explainers._neighbourhood import Neighbourhood


class FactorisedRidge:
    """`sklearn.linear_model.Ridge(alpha)` with sample weights, factorised once for all targets of one design.

    LIME fits every class to the same masks and weights: only the right-hand side differs. The coefficients are
    Ridge's, and `LimeBase` takes it as its `model_regressor`.
    """

    coef_: np.ndarray  # (segment,)
    intercept_: float

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha
        self._design: tuple[np.ndarray, np.ndarray] = (np.empty(0), np.empty(0))

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> "FactorisedRidge":
        """Fit (sample, segment) to (sample,)."""
        if not all(map(np.array_equal, self._design, (X, sample_weight))):
            self._factorise(X, sample_weight)
        self.coef_ = cho_solve(self._factor, self._weighted.T @ y, check_finite=False)
        self.intercept_ = np.average(y, weights=sample_weight) - self._mean @ self.coef_
        return self

    def _factorise(self, X: np.ndarray, weight: np.ndarray) -> None:
        self._mean = weight @ X / weight.sum()  # (segment,)
        centred = X - self._mean
        self._weighted = centred * weight[:, None]  # (sample, segment)
        self._factor = cho_factor(self._weighted.T @ centred + self.alpha * np.eye(X.shape[1]), check_finite=False)
        self._design = X, weight

    def predict(self, X: np.ndarray) -> np.ndarray:
        """(sample, segment) to (sample,)."""
        return X @ self.coef_ + self.intercept_

    def score(self, X: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        """Weighted R², by scikit-learn's rule 1 for a constant that is met and 0 for one that is missed."""
        residual = sample_weight @ (y - self.predict(X)) ** 2
        total = sample_weight @ (y - np.average(y, weights=sample_weight)) ** 2
        return float(1 - residual / total) if total else float(residual == 0)


def kernel(distance: np.ndarray, width: float) -> np.ndarray:
    """Weight of a copy at a cosine distance from the image: the exponential kernel of the lime package."""
    return np.sqrt(np.exp(-(distance**2) / width**2))


def surrogate(
    image: np.ndarray, segments: np.ndarray, near: Neighbourhood, width: float, regressor: Any = None, labels: Sequence[int] = ()
) -> ImageExplanation:
    """Explain classes by `LimeBase` on a neighbourhood (Ribeiro et al. 2016, doi 10.1145/2939672.2939778).

    Args:
        image: (row, column) uint8, kept in the result.
        segments: (row, column) int, from 0.
        near: the copies and their probabilities, the image itself first.
        width: of the kernel, in cosine distance.
        regressor: what fits; scikit-learn's Ridge with alpha 1, the package's choice, if None.
        labels: classes to explain; all of them if empty.

    Returns:
        The package's explanation, with `score` and `local_pred` by class.
    """
    base = LimeBase(partial(kernel, width=width))
    masks = np.asfortranarray(near.masks, dtype=float)  # LimeBase takes columns of it
    distance = 1 - np.sqrt(near.masks.mean(axis=1))  # cosine distance to a mask of ones
    explanation = ImageExplanation(image, segments)
    explanation.score, explanation.local_pred = {}, {}
    for label in labels or range(near.probabilities.shape[1]):
        (
            explanation.intercept[label],
            explanation.local_exp[label],
            explanation.score[label],
            explanation.local_pred[label],
        ) = base.explain_instance_with_data(
            masks, near.probabilities, distance, label, masks.shape[1], feature_selection="none", model_regressor=regressor
        )
    return explanation


def weights(explanation: ImageExplanation) -> np.ndarray:
    """Weights of an explanation in the order of its classes: (class, segment) float64."""
    found = np.empty((len(explanation.local_exp), len(next(iter(explanation.local_exp.values())))))
    for row, pairs in zip(found, explanation.local_exp.values(), strict=True):
        segment, weight = zip(*pairs, strict=True)
        row[list(segment)] = weight
    return found


def agreement(repeats: np.ndarray, top: int) -> float:
    """Mean Jaccard index of the `top` superpixels of largest absolute weight, over all pairs of repeats.

    Args:
        repeats: (repeat, segment), two repeats or more.
        top: size of the sets.
    """
    sets = [set(np.argsort(-np.abs(row), kind="stable")[:top].tolist()) for row in repeats]
    return float(np.mean([len(a & b) / len(a | b) for a, b in combinations(sets, 2)]))
