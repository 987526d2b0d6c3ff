"""In how many directions, how far and how visibly predictions vary: measures that `collapse` is made of."""

import numpy as np

from reportgen.regression.moments import FLAT

SMALL = 0.25
"""Standard deviation of predictions ÷ that of a calibrated predictor, below which what they tell counts less."""


def effective_rank(covariance: np.ndarray) -> np.ndarray:
    """Exp of the entropy of eigenvalues, NaN without any variance: (…, emotion, emotion) -> (…)."""
    values = np.clip(np.linalg.eigvalsh(covariance), 0, None)
    total = values.sum(axis=-1, keepdims=True)
    share = np.divide(values, total, out=np.zeros_like(values), where=total > FLAT)
    entropy = -(share * np.log(np.where(share > 0, share, 1))).sum(axis=-1)
    return np.asarray(np.where(total[..., 0] > FLAT, np.exp(entropy), np.nan))


def expected_covariance(rho: np.ndarray, r: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Of a predictor as described above, in units of the truth's variance.

    Args:
        rho: (…, emotion, emotion) correlations of the truth.
        r: (…, emotion) of predictions with the truth, in 0 to 1.
        variance: (…, emotion) of the predictions, less than r² counts as r².
    """
    noise = np.sqrt(1 - r**2)
    shared = rho * (r[..., :, None] * r[..., None, :] + noise[..., :, None] * noise[..., None, :])
    own = np.eye(r.shape[-1], dtype=bool)
    s = np.sqrt(np.maximum(variance, r**2))
    return np.asarray(np.where(own, 1, shared) * s[..., :, None] * s[..., None, :])


def shown(variance: np.ndarray, r: np.ndarray) -> np.ndarray:
    """How much of a correlation counts, as variations that are too small are told to nobody.

    Args:
        variance: (…, emotion) of predictions, in units of the truth's; that of a calibrated predictor is r².
        r: (…, emotion) correlations with the truth, in 0 to 1.

    Returns:
        (…, emotion): 1 from a quarter of the standard deviation of a calibrated predictor on, and in proportion below. A
        model whose predictions are all too small is excused by as much as they are together.
    """
    size, whole = np.sqrt(np.clip(variance, 0, None)), np.sqrt((r**2).sum(axis=-1, keepdims=True))
    together = np.sqrt((size**2).sum(axis=-1, keepdims=True))
    excused = np.minimum(1, np.divide(together, whole, out=np.ones_like(whole), where=whole > 0))
    needed = SMALL * r * excused
    return np.asarray(np.minimum(1, np.divide(size, needed, out=np.ones_like(size), where=needed > 0)))


def area(truth: np.ndarray, predicted: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Area of the ellipse that holds 95 % of predictions ÷ that of the truth: both go with the root of a determinant.

    Args:
        truth: (…, emotion, emotion) covariance.
        predicted: the same of predictions.
        plane: (emotion, 2) axes of the plane that the ellipses lie in.

    Returns:
        (…,), NaN where the truth has no area.
    """
    said, true = (np.clip(np.linalg.det(plane.T @ one @ plane), 0, None) for one in (predicted, truth))
    return np.asarray(np.sqrt(np.divide(said, true, out=np.full(said.shape, np.nan), where=true > FLAT**2)))
