"""Logistic regression on the features: a linear baseline that gives probabilities."""

from typing import Annotated

from annotated_doc import Doc
from annotated_types import Ge, Gt, MinLen, Unit
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from reportgen.core import Spec

ESTIMATOR = True


def build(
    _spec: Spec,
    *,
    C: Annotated[
        tuple[Annotated[float, Gt(0)], ...], MinLen(1), Doc("weight of errors, one a candidate; validation chooses")
    ] = (0.01, 0.1, 1.0),
    iterations: Annotated[int, Ge(1), Unit("iterations"), Doc("at most")] = 1000,
) -> dict[str, BaseEstimator]:
    """The candidates, one a value of C: softmax regression with a squared penalty on its weights (L-BFGS)."""
    return {f"C = {c:g}": LogisticRegression(C=c, max_iter=iterations) for c in C}
