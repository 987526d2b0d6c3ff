"""Stretches without a hole."""

import numpy as np

SHORTEST = 0.1  # s of a gapless stretch: no feature can use less


def runs(good: np.ndarray) -> list[tuple[int, int]]:
    """Where a (time,) bool array is true without interruption: [(first, one after the last)]."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], good, [False]))))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]
