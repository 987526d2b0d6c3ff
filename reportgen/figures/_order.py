"""The order of classes in a matrix: which of them are alike."""

import numpy as np


def similar_side_by_side(counts: np.ndarray) -> list[int]:
    """Order of the classes of counts (true, predicted): hierarchical clustering, average linkage of how often two are confused.

    The two chains of classes that are confused most are joined, turned so that their most similar ends meet, until one
    chain is left.
    """
    rates = counts / np.maximum(counts.sum(1, keepdims=True), 1e-12)
    similar = rates + rates.T  # (class, class)
    chains = [[c] for c in range(len(counts))]
    while len(chains) > 1:
        pairs = [(a, b) for a in range(len(chains)) for b in range(a + 1, len(chains))]
        a, b = max(pairs, key=lambda pair: similar[np.ix_(chains[pair[0]], chains[pair[1]])].mean())
        second = chains.pop(b)
        turned = [(x, y) for x in (chains[a], chains[a][::-1]) for y in (second, second[::-1])]
        first, last = max(turned, key=lambda pair: similar[pair[0][-1], pair[1][0]])
        chains[a] = [*first, *last]
    return chains[0]
