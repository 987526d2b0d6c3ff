"""Fréchet distance of two crowds, as a network sees them (Heusel et al. 2017, arXiv 1706.08500, with our own network)."""

import numpy as np

from reportgen.realism.sets import Pair, TooFewError
from reportgen.realism.spectral import enough

MOST_COMPONENTS = 16
"""Of the network's features; a covariance of more would need more samples than a test part has."""
_SMALLEST = 1e-9  # share of the variance: components below it are rounding


def frechet(pair: Pair) -> np.ndarray:
    """Fréchet distance in the view `network`; 0: the same mean and covariance.

    It is |m − n|² + tr(A + B − 2 √(√A B √A)) of the normal distributions N(m, A) and N(n, B) that are fitted to both crowds
    (Dowson and Landau 1982, J. Multivar. Anal. 12, 450). The view is turned to the leading principal components of the
    training part and divided by its standard deviation over all of them: 1 is the mean square of the distance of training
    samples from their centre. Few samples make the distance too large; the floor, which has as many, shows by how much.

    Returns:
        (1 + resample,): the score, then its resamples.

    Raises:
        TooFewError: too few trials or samples, there is no such view, or a side has fewer than two samples for each component.
    """
    enough(pair)
    real, made = _components(pair)
    means, covariances = zip(*(_moments(*side) for side in ((real, pair.real_weights), (made, pair.made_weights))), strict=True)
    apart = ((means[0] - means[1]) ** 2).sum(axis=1)
    traces = sum(np.trace(covariance, axis1=1, axis2=2) for covariance in covariances)
    return np.asarray(np.maximum(apart + traces - 2 * _overlap(*covariances), 0.0))


def _components(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Both crowds (sample, component) in units of the training part's spread."""
    if not all("network" in crowd.views for crowd in (pair.train, pair.real, pair.made)):
        raise TooFewError("the experiment's model is no network, and gives no features to compare")
    train = pair.train.views["network"]
    centre = train.mean(axis=0)
    _, spread, directions = np.linalg.svd(train - centre, full_matrices=False)
    kept = directions[:MOST_COMPONENTS][spread[:MOST_COMPONENTS] ** 2 > _SMALLEST * (spread**2).sum()]
    fewest = min(len(pair.real), len(pair.made))
    if not 0 < 2 * len(kept) <= fewest:
        raise TooFewError(f"{fewest} samples on a side; {len(kept)} components of the network need {2 * len(kept)}")
    unit = np.sqrt(((train - centre) @ kept.T).var(axis=0).sum())
    real, made = ((crowd.views["network"] - centre) @ kept.T / unit for crowd in (pair.real, pair.made))
    return real, made


def _moments(x: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted means (1 + resample, component) and covariances (1 + resample, component, component)."""
    samples, size = x.shape
    mean = weights @ x / samples
    squares = weights @ (x[:, :, None] * x[:, None, :]).reshape(samples, -1)
    products = squares.reshape(-1, size, size) - samples * mean[:, :, None] * mean[:, None, :]
    return mean, products / (samples - 1)


def _overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Tr √(√A B √A) for each of many A and B (…, component, component)."""
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]) @ vectors.swapaxes(-1, -2)
    inner = np.linalg.eigvalsh(root @ second @ root)
    return np.asarray(np.sqrt(np.maximum(inner, 0.0)).sum(axis=-1))
