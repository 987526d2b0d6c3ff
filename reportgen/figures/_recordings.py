"""What figures of recordings share: names in the order in which people count, and electrodes far from each other."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np


def in_order(names: Iterable[str]) -> list[str]:
    """Different names, numbers in them by their value: 2 before 10."""
    return sorted(
        set(names),
        key=lambda name: [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", name)],
    )


def spread_over(channels: Sequence[str], positions: Mapping[str, Sequence[float]] | None, n: int) -> list[int]:
    """Indices of up to `n` channels, in their order: far from each other or, without places, evenly taken.

    Args:
        channels: names.
        positions: {channel: (x, y, z)} m; channels without a place are not taken.
        n: how many.
    """
    known = [i for i, channel in enumerate(channels) if channel in (positions or {})]
    if len(channels) <= n or not known or not positions:
        return sorted({round(i) for i in np.linspace(0, len(channels) - 1, min(n, len(channels)))})
    places = np.array([positions[channels[i]] for i in known])  # (channel, 3)
    taken = [int(places[:, 1].argmax())]  # the foremost one
    while len(taken) < min(n, len(known)):
        far = np.linalg.norm(places[:, None] - places[taken], axis=-1).min(axis=1)
        taken.append(int(far.argmax()))
    return sorted(known[i] for i in taken)
