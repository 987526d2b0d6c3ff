"""Drawing a share of samples, whole groups at a time."""

import numpy as np


def stratified(labels: np.ndarray, groups: np.ndarray, share: float, seed: int) -> np.ndarray:
    """About `share` of each class, at random: within half a group of it.

    Args:
        labels: (sample,) int. A group whose samples have several labels counts with that of its first.
        groups: (sample,) int.
        share: between 0 and 1.
        seed: of the draw.

    Returns:
        (sample,) bool, True for the drawn ones.
    """
    _, first, group, size = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    stratum = labels[first]  # (group,)
    order = np.random.default_rng(seed).permutation(len(size))
    drawn = [_leading(order[stratum[order] == label], size, share) for label in np.unique(stratum)]
    return np.isin(group, np.concatenate(drawn))


def final(groups: np.ndarray, share: float) -> np.ndarray:
    """The last `share` of the samples in their order; a group lies where its first sample lies.

    Returns:
        (sample,) bool, True for the last ones.
    """
    _, first, group, size = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    return np.isin(group, _leading(np.argsort(-first), size, share))


def _leading(order: np.ndarray, size: np.ndarray, share: float) -> np.ndarray:
    """The first groups of `order` that together hold `share` of its samples, as nearly as whole groups allow."""
    sizes = size[order]
    return np.asarray(order[sizes.cumsum() - sizes / 2 <= share * sizes.sum()])
