"""What simulated speakers say: plain sentences whose pleasant and unpleasant words tell one thing, whether somebody is happy.

There are few different words, so that what they tell can be learned from some hundred segments.
"""

import numpy as np

PLEASANT = ("great", "lovely", "perfect", "beautiful", "amazing")
UNPLEASANT = ("bad", "boring", "awful", "poor", "dull")
_PLAIN = ("long", "short", "new", "usual")
_THINGS = ("film", "story", "song", "talk", "game", "trip")
_SAID = "I think the {} was {} and {}, and it seemed {} and {}. The {} was {} and {}."
_NEUTRAL = 0.1  # share of adjectives that tell nothing


def sentences(rng: np.random.Generator, happy: np.ndarray, clarity: float) -> tuple[str, ...]:
    """What is said in each segment.

    Args:
        rng: of this video.
        happy: (segment,) bool. Nothing else decides on words.
        clarity: 1: every word fits; 0: as many words fit as do not.

    Returns:
        (segment,): two sentences with six adjectives about two things.
    """
    return tuple(_said(rng, (1 + clarity if one else 1 - clarity) / 2) for one in happy)


def _said(rng: np.random.Generator, pleasant: float) -> str:
    first, second = rng.permutation(_THINGS)[:2]
    words = [word for _ in range(3) for word in _pair(rng, pleasant)]
    return _SAID.format(first, *words[:4], second, *words[4:])


def _pair(rng: np.random.Generator, pleasant: float) -> tuple[str, str]:
    """Two different adjectives: each is pleasant with this probability, unless it tells nothing."""
    one, other = (np.array(_kind(rng, pleasant)) for _ in range(2))
    first = rng.choice(one)
    return str(first), str(rng.choice(other[other != first]))


def _kind(rng: np.random.Generator, pleasant: float) -> tuple[str, ...]:
    telling = PLEASANT if rng.random() < pleasant else UNPLEASANT
    return _PLAIN if rng.random() < _NEUTRAL else telling
