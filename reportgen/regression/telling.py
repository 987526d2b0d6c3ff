"""What the dominant factor of predictions tells, in words."""

from collections.abc import Sequence

import numpy as np

from reportgen.words import fixed, listing

LARGE = 0.5
"""Share of the largest correlation with the truth from which on an emotion is one of those that a factor tells."""
MOVED = 0.25
"""Share of the largest movement of predictions from which on a factor moves those of an emotion noticeably."""
_AGAINST = " against "


def told_by(emotions: Sequence[str], correlation: np.ndarray, moved: np.ndarray, clear: np.ndarray) -> str:
    """Which emotions a factor tells: `happy against sad and anger`, `happy` alone, or nothing.

    An emotion counts if predictions of it and the factor clearly correlate with its truth, the factor at least half as much
    as with any other that counts; and if the factor moves its predictions by at least a quarter of what it moves any, in the
    same direction.

    Args:
        emotions: their names.
        correlation: (emotion,) of the factor with the truth, in −1 to 1.
        moved: (emotion,) by how much predictions move with a standard deviation of the factor, in standard deviations of
            the truth.
        clear: (emotion,) bool: whether this correlation and that of predictions with the truth are clearly not by chance.
    """
    counts = clear & (correlation * moved > 0) & (np.abs(moved) >= MOVED * np.abs(moved).max(initial=0))
    counts &= np.abs(correlation) >= LARGE * np.abs(correlation[counts]).max(initial=0)
    sides = [[worded(name) for name, one in zip(emotions, counts & side, strict=True) if one] for side in _signs(correlation)]
    return _AGAINST.join(listing(side) for side in sides if side)


def _signs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return values > 0, values < 0


def only_tells(told: str) -> str:
    """What a model with one factor does: `only tells happy from sad and anger`, `only tells happy from the rest`."""
    if not told:
        return "tells one thing only, which is none of the emotions clearly"
    one, _, other = told.partition(_AGAINST)
    return f"only tells {one} from {other or 'the rest'}"


def worded(emotion: str) -> str:
    """`joyful activation` of joyful_activation."""
    return emotion.replace("_", " ")


def number(value: float | None, places: int) -> str:
    """A number with that many decimal places; what rounds to zero has no sign."""
    return fixed(None if value is None else round(value, places) + 0.0, places)
