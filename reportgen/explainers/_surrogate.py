"""The lime package's surrogate: a weighted ridge regression of a class's probability on which superpixels are seen."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any, Self

import numpy as np
from lime.lime_base import LimeBase
from lime.lime_image import ImageExplanation
from scipy.linalg import cho_factor, cho_solve

from reportgen.explainers._neighbourhood import Neighbourhood, Scene

_CONSTANT = 1e-9  # standard deviation of a probability that has none but rounding


class FactorisedRidge:
    """`sklearn.linear_model.Ridge` with sample weights, factorised once for all targets of one design.

    LIME fits every class to the same masks and weights: only the right-hand side differs. The coefficients are
    Ridge's, and `LimeBase` takes it as its `model_regressor`. A target is (sample,) or (sample, class).
    """

    coef_: np.ndarray  # (segment,) or (segment, class)
    intercept_: Any  # float or (class,)

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha
        self._design: tuple[np.ndarray, ...] = ()

    def fit(self, masks: np.ndarray, target: np.ndarray, sample_weight: np.ndarray) -> Self:
        """Fit (sample, segment) to a target."""
        design = masks, sample_weight
        if not self._design or not all(a is b or np.array_equal(a, b) for a, b in zip(self._design, design, strict=True)):
            self._factorise(masks, sample_weight)
            self._design = design
        self.coef_ = cho_solve(self._factor, self._weighted.T @ target, check_finite=False)
        self.intercept_ = self._share @ target - self._mean @ self.coef_
        return self

    def _factorise(self, masks: np.ndarray, sample_weight: np.ndarray) -> None:
        self._share = sample_weight / sample_weight.sum()  # (sample,)
        self._mean = self._share @ masks  # (segment,)
        centred = masks - self._mean
        self._weighted = centred * sample_weight[:, None]  # (sample, segment)
        self._factor = cho_factor(self._weighted.T @ centred + self.alpha * np.eye(masks.shape[1]), check_finite=False)

    def predict(self, masks: np.ndarray) -> np.ndarray:
        """(sample, segment) to a target."""
        return np.asarray(masks @ self.coef_ + self.intercept_)

    def score(self, masks: np.ndarray, target: np.ndarray, sample_weight: np.ndarray) -> float:
        """Weighted R² of one class."""
        return float(r2(target, self.predict(masks), sample_weight))


def r2(target: np.ndarray, predicted: np.ndarray, sample_weight: np.ndarray) -> np.ndarray:
    """Weighted R² of (sample, …); 0 where the target does not vary and there is nothing to explain."""
    share = sample_weight / sample_weight.sum()
    spread = share @ (target - share @ target) ** 2
    return np.where(spread > _CONSTANT**2, 1 - share @ (target - predicted) ** 2 / np.maximum(spread, _CONSTANT**2), 0.0)


def kernel(distance: np.ndarray, width: float) -> np.ndarray:
    """Weight of a copy at a cosine distance from the image: the exponential kernel of the lime package."""
    return np.sqrt(np.exp(-(distance**2) / width**2))


def surrogate(
    scene: Scene,
    near: Neighbourhood,
    kernel_width: float,
    *,
    regressor: Any = None,
    labels: Iterable[int] = (),
    targets: np.ndarray | None = None,
) -> ImageExplanation:
    """Explain classes by `LimeBase` on a neighbourhood.

    Args:
        scene: the image and its superpixels.
        near: the copies and their probabilities.
        kernel_width: in cosine distance.
        regressor: what fits; scikit-learn's Ridge with alpha 1, the package's own choice, if None.
        labels: classes to explain; all of them if empty.
        targets: (sample, class) to fit instead of the probabilities.

    Returns:
        The package's explanation, with `local_pred` and `score` by class: R², always of the probabilities.
    """
    weight = kernel(near.distance, kernel_width)
    base = LimeBase(lambda _: weight)  # asked for each class, always with the same distances
    fitted = near.probabilities if targets is None else targets
    found = ImageExplanation(scene.image, scene.segments)
    found.score, found.local_pred = {}, {}
    for label in labels or range(scene.classes):
        found.intercept[label], found.local_exp[label], found.score[label], found.local_pred[label] = (
            base.explain_instance_with_data(
                near.design, fitted, near.distance, label, scene.count, feature_selection="none", model_regressor=regressor
            )
        )
    if targets is not None:
        predicted = near.design @ weights(found).T + list(found.intercept.values())  # (sample, class)
        fit = r2(near.probabilities[:, list(found.score)], predicted, weight)
        found.score = dict(zip(found.score, fit.tolist(), strict=True))
    return found


def weights(explanation: ImageExplanation) -> np.ndarray:
    """Weights of an explanation in the order of its classes: (class, segment) float64, in probability."""
    ranked = list(explanation.local_exp.values())  # of each class: (segment, weight), strongest first
    found = np.empty((len(ranked), len(ranked[0])))
    for row, pairs in zip(found, ranked, strict=True):
        for segment, weight in pairs:
            row[segment] = weight
    return found


def agreement(repeats: np.ndarray, top: int) -> float:
    """Mean Jaccard index of the `top` superpixels of largest absolute weight, over all pairs of repeats.

    Args:
        repeats: (repeat, segment), two repeats or more.
        top: size of the sets.
    """
    sets = [set(row[:top]) for row in np.argsort(-np.abs(repeats), axis=1, kind="stable").tolist()]
    return float(np.mean([len(a & b) / len(a | b) for a, b in combinations(sets, 2)]))
