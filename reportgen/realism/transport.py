"""How far one crowd of samples has to be moved to become the other."""

import numpy as np

from reportgen.realism.sets import Pair, TooFewError
from reportgen.realism.spectral import enough, row_blocks

_DIRECTIONS = 64


def sliced_wasserstein(pair: Pair) -> np.ndarray:
    """Mean over random directions of the Wasserstein distance between both crowds, seen along each direction.

    In the view `scaled`, along 64 directions that are drawn from the pair's seed, of order 1: the area between both
    cumulated distributions (Rabin, Peyré, Delon and Bernot 2011, Scale Space and Variational Methods, 435). It sees
    differences of any kind, also where means and variances agree.

    Returns:
        (1 + resample,) from 0, in the unit of the view.

    Raises:
        TooFewError: too few trials or samples, or nothing that varies.
    """
    enough(pair)
    real, made = (crowd.views["scaled"] for crowd in (pair.real, pair.made))
    if not real.shape[1]:
        raise TooFewError("no descriptor of the training part varies")
    directions = np.random.default_rng(pair.seed).normal(size=(_DIRECTIONS, real.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    seen = directions @ np.concatenate([real, made]).T
    shares = np.hstack([_shares(pair.real_weights), -_shares(pair.made_weights)])
    return np.concatenate([_areas(seen, np.ascontiguousarray(shares[rows].T)) for rows in row_blocks(len(shares))])


def _shares(weights: np.ndarray) -> np.ndarray:
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _areas(seen: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Mean area between two cumulated distributions: (direction, sample) and signed (sample, row) -> (row,)."""
    total = np.zeros(shares.shape[1])
    for values in seen:
        order = np.argsort(values, kind="stable")
        cumulated = np.cumsum(shares[order[:-1]], axis=0)
        total += np.diff(values[order]) @ np.abs(cumulated, out=cumulated)
    return total / len(seen)
