"""The dominant factor of predictions, and what is left of truth and predictions without it: see collapse.py."""

from dataclasses import dataclass

import numpy as np

from reportgen.regression.moments import FLAT, Said

_KNOTS = (0.2, 0.4, 0.6, 0.8)
_SHRINKAGE = 0.05  # of the predictions' covariance, towards none, in units of their mean variance: few videos have chance ones


@dataclass(frozen=True, slots=True)
class Dominant:
    """What predictions tell most of, and what is left without it."""

    loadings: np.ndarray  # (seed, emotion): in which direction of the truth
    share: np.ndarray  # (seed,) of the variance of predictions
    factor: np.ndarray  # (seed, segment), of variance 1 or constant
    truth: np.ndarray  # (seed, segment, emotion): what is left
    predicted: np.ndarray


def dominant_factor(said: Said) -> Dominant:
    """The dominant factor of each seed, all of one direction, and what is left."""
    truth = said.truth - said.truth.mean(axis=0)
    each = [_factor(truth, one - one.mean(axis=0)) for one in said.predicted]
    left = [(_left(factor, truth), _left(factor, one)) for (factor, _, _), one in zip(each, said.predicted, strict=True)]
    factors, loadings, shares = (np.array(side) for side in zip(*each, strict=True))
    alike = np.where(loadings @ loadings[0] < 0, -1, 1)[:, None]
    mean = (loadings * alike).mean(axis=0)
    alike = alike * (-1 if mean[np.abs(mean).argmax()] < 0 else 1)
    return Dominant(
        loadings * alike,
        shares,
        factors * alike,
        *(np.array(side) for side in zip(*left, strict=True)),
    )


def _factor(truth: np.ndarray, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The factor (segment,), its direction in the truth (emotion,), largest part positive, and its share of the variance.

    The factor has variance 1, or none.
    """
    n, emotions = truth.shape
    covariance, shared = predicted.T @ predicted / n, predicted.T @ truth / n  # (predicted, truth)
    shrunk = covariance + _SHRINKAGE * np.trace(covariance) / emotions * np.eye(emotions)
    weights = np.linalg.solve(shrunk, shared)
    direction = np.linalg.eigh(shared.T @ weights)[1][:, -1]
    direction = direction * np.sign(direction[np.abs(direction).argmax()])
    factor = predicted @ weights @ direction
    variance = factor.var()
    along = (predicted.T @ factor / n) ** 2
    share = float(along.sum() / variance / np.trace(covariance)) if variance > FLAT**2 else 0.0
    return factor / (factor.std() or 1), direction, share


def _left(factor: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values (segment, emotion) less what a smooth function of the factor makes of them."""
    knots = np.unique(np.quantile(factor, _KNOTS))
    bends = np.maximum(factor[:, None] - knots, 0)
    terms = np.column_stack([factor, bends])
    terms = terms[:, np.ptp(terms, axis=0) > 0]
    terms = np.column_stack([np.ones(len(factor)), (terms - terms.mean(axis=0)) / terms.std(axis=0)])
    return np.asarray(values - terms @ np.linalg.lstsq(terms, values)[0])
