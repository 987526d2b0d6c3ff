"""Names the most frequent class of the training part, whatever it is shown: the least that a model must beat."""

from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier

from reportgen.core import Spec

ESTIMATOR = True


def build(_spec: Spec) -> dict[str, BaseEstimator]:
    """One candidate; its probabilities are the shares of the classes in training."""
    return {"most frequent": DummyClassifier(strategy="prior")}
