"""Support vector machine, linear or with a Gaussian kernel: what published results on EEG features are held against."""

from typing import Annotated, Any, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Gt, MinLen, Unit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.kernel_approximation import Nystroem
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC, LinearSVC

from reportgen.core import Spec

ESTIMATOR = True


def build(
    _spec: Spec,
    *,
    kernel: Annotated[Literal["linear", "rbf"], Doc("rbf: Gaussian, of a width that follows from the features")] = "linear",
    C: Annotated[
        tuple[Annotated[float, Gt(0)], ...], MinLen(1), Doc("weight of errors, one a candidate; validation chooses")
    ] = (0.01, 0.1, 1.0),
    exact: Annotated[int, Ge(1), Unit("samples"), Doc("rbf: with more training samples its kernel is approximated")] = 5000,
    components: Annotated[int, Ge(1), Doc("rbf: of Nyström's approximation")] = 500,
) -> dict[str, BaseEstimator]:
    """The candidates, one a value of C.

    Linear: one machine against the rest for each class, squared hinge loss (liblinear).
    """
    return {f"C = {c:g}": LinearSVC(C=c, max_iter=5000) if kernel == "linear" else Gaussian(c, exact, components) for c in C}


class Gaussian(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Machine with the kernel exp(−γ |a − b|²), γ = 1 / (features × their variance), exact as long as there are few samples.

    The exact machine's time grows with the square of the samples and more. For many it is a linear machine on
    Nyström's approximation of the kernel (Williams and Seeger 2001, NIPS).
    """

    def __init__(self, C: float, exact: int, components: int, random_state: int = 0) -> None:
        self.C = C
        self.exact = exact
        self.components = components
        self.random_state = random_state

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Gaussian":
        """Fit to samples (sample, feature) and labels (sample,)."""
        gamma = 1 / (x.shape[1] * max(float(x.var()), 1e-12))
        self.machine_ = SVC(C=self.C, gamma=gamma) if len(x) <= self.exact else self._approximate(gamma, len(x))
        self.machine_.fit(x, y)
        self.classes_ = self.machine_.classes_
        return self

    def _approximate(self, gamma: float, samples: int) -> Any:
        components = min(self.components, samples)
        kernel = Nystroem(gamma=gamma, n_components=components, random_state=self.random_state)
        return make_pipeline(kernel, LinearSVC(C=self.C, max_iter=5000, random_state=self.random_state))

    def decision_function(self, x: np.ndarray) -> np.ndarray:
        """Decision values (sample, class), or (sample,) of two classes."""
        return np.asarray(self.machine_.decision_function(x))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Labels (sample,)."""
        return np.asarray(self.machine_.predict(x))
