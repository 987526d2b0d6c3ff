"""Moods of simulated speakers: six emotions that rise and fall together, and what three raters make of them.

A mood is a vector of normal variables, one an emotion: the temper of the speaker, plus an autoregressive course over the
segments of a video. A rater sees it with an error of their own and gives as many points, 0 to 3, as thresholds lie below;
the lowest threshold is set so that an emotion is present, for at least one rater, as often as wanted.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")
RATERS = 3
POINTS = 3  # most that a rater gives
_PRESENT = np.array([0.53, 0.26, 0.21, 0.10, 0.18, 0.08])
"""Share of segments in which an emotion is present: of CMU-MOSEI's labels (Zadeh et al. 2018, ACL, 2236)."""
_CORRELATION = np.array(
    [
        [1.0, -0.6, -0.6, 0.35, -0.6, -0.5],
        [-0.6, 1.0, 0.3, 0.0, 0.4, 0.45],
        [-0.6, 0.3, 1.0, 0.0, 0.6, 0.3],
        [0.35, 0.0, 0.0, 1.0, 0.0, 0.0],
        [-0.6, 0.4, 0.6, 0.0, 1.0, 0.3],
        [-0.5, 0.45, 0.3, 0.0, 0.3, 1.0],
    ]
)
"""Of moods, (emotion, emotion): signs as among CMU-MOSEI's labels, but larger, so that who tells happy from not happy alone
seems to tell something about the others too."""
_TEMPER = 0.15  # share of the variance of moods that lies between speakers
_STEP = 0.8  # between thresholds, in standard deviations of a mood
_GRID = np.linspace(-8, 8, 2001)  # of a normal variable, for integrals over it


@dataclass(frozen=True, slots=True)
class Ratings:
    """What raters say of the segments of a video."""

    mean: np.ndarray  # (segment, emotion) in thirds of a point
    spread: np.ndarray  # (segment, emotion) standard deviation over raters


@dataclass(frozen=True, slots=True)
class Raters:
    """Everybody who rates: their errors, and where they see an emotion begin."""

    error: float  # standard deviation, of moods it is 1
    thresholds: np.ndarray  # (emotion, point)

    def judge(self, mood: np.ndarray, rng: np.random.Generator) -> Ratings:
        """Moods (segment, emotion) -> ratings."""
        seen = mood + self.error * rng.standard_normal((RATERS, *mood.shape))
        points = (seen[..., None] > self.thresholds).sum(-1)
        return Ratings(points.mean(0), points.std(0))

    def intensity(self, mood: np.ndarray) -> np.ndarray:
        """What infinitely many raters say on average, as a score: mean 0 and variance 1 over all moods; (segment, emotion)."""
        weight = np.exp(-(_GRID**2) / 2)
        weight /= weight.sum()
        everywhere = self._expected(np.repeat(_GRID[:, None], len(EMOTIONS), axis=1))
        mean = weight @ everywhere
        deviation = np.sqrt(weight @ (everywhere - mean) ** 2)
        return np.asarray((self._expected(mood) - mean) / deviation)

    def _expected(self, mood: np.ndarray) -> np.ndarray:
        return np.asarray(ndtr((mood[..., None] - self.thresholds) / self.error).sum(-1))


def raters(error: float) -> Raters:
    """Raters who find each emotion as often as those of CMU-MOSEI."""
    lowest = np.array([_threshold(share, error) for share in _PRESENT])
    return Raters(error, lowest[:, None] + _STEP * np.arange(POINTS))


def _threshold(share: float, error: float) -> float:
    """Above which at least one rater sees the mood in this share of segments."""
    weight = np.exp(-(_GRID**2) / 2)
    weight /= weight.sum()
    return float(brentq(lambda at: share - 1 + weight @ ndtr((at - _GRID) / error) ** RATERS, -8, 8))


def temper(rng: np.random.Generator) -> np.ndarray:
    """What a speaker always feels a little more or less of: (emotion,)."""
    return np.asarray(np.sqrt(_TEMPER) * _together(rng, 1)[0])


def course(rng: np.random.Generator, temper: np.ndarray, segments: int, smoothness: float) -> np.ndarray:
    """Moods of a speaker over one video, (segment, emotion).

    Args:
        rng: of this video.
        temper: (emotion,) of the speaker.
        segments: how many.
        smoothness: correlation of a mood, apart from temper, with that of the segment before.
    """
    fresh = _together(rng, segments)
    mood = np.empty_like(fresh)
    mood[0] = fresh[0]
    for segment in range(1, segments):
        mood[segment] = smoothness * mood[segment - 1] + np.sqrt(1 - smoothness**2) * fresh[segment]
    return np.asarray(temper + np.sqrt(1 - _TEMPER) * mood)


def _together(rng: np.random.Generator, n: int) -> np.ndarray:
    """(n, emotion) normal variables with the correlation of moods."""
    return np.asarray(rng.standard_normal((n, len(EMOTIONS))) @ np.linalg.cholesky(_CORRELATION).T)


def happy(mood: np.ndarray) -> np.ndarray:
    """(segment,) bool: whether the speaker is happier than the average, be it enough for raters to see it or not."""
    return np.asarray(mood[:, EMOTIONS.index("happy")] > 0)
