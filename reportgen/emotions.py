"""What emotions are called, and where they lie between bad and good, calm and excited."""

from collections.abc import Mapping, Sequence

import numpy as np

AFFECT: Mapping[str, tuple[float, float]] = {
    "happy": (0.81, 0.51),
    "sad": (-0.63, -0.27),
    "anger": (-0.51, 0.59),
    "surprise": (0.40, 0.67),
    "disgust": (-0.60, 0.35),
    "fear": (-0.64, 0.60),
    "amazement": (0.5, 0.5),
    "solemnity": (0.1, -0.25),
    "tenderness": (0.6, -0.35),
    "nostalgia": (0.3, -0.5),
    "calmness": (0.55, -0.75),
    "power": (0.35, 0.85),
    "joyful_activation": (0.75, 0.65),
    "tension": (-0.5, 0.75),
    "valence": (1.0, 0.0),
    "arousal": (0.0, 1.0),
    "positive": (1.0, 0.0),
    "negative": (-1.0, 0.0),
    "pvha": (0.7, 0.7),
    "nvha": (-0.7, 0.7),
    "nvla": (-0.7, -0.7),
    "pvla": (0.7, -0.7),
}
"""(valence, arousal) in [-1, 1]. The six basic emotions: Russell and Mehrabian 1977, J. Res. Pers. 11, 273. The Geneva
Emotional Music Scales have no published places: these are ours, after their three factors vitality, sublimity and unease
(Zentner et al. 2008, Emotion 8, 494). They decide how a map is turned and in which hue an emotion is drawn, and no score."""

NEUTRAL = "neutral"
"""A class without any emotion."""
_STANDS_FOR: Mapping[str, str] = {"positive": "happy", "negative": "sad"}
_SAME: Mapping[str, str] = {
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "angry": "anger",
    "surprised": "surprise",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
}


def plain(name: str) -> str:
    """One name for what is called differently: `Angry` and `anger` are `anger`."""
    low = name.strip().lower().replace(" ", "_")
    return _SAME.get(low, low)


def affect(name: str) -> tuple[float, float] | None:
    """(valence, arousal) of an emotion or quadrant, None if it is not known here."""
    return AFFECT.get(plain(name))


def is_plane(emotions: Sequence[str]) -> bool:
    """Whether the ratings are valence and arousal, so that they are a plane already."""
    return [plain(name) for name in emotions] == ["valence", "arousal"]


def pure(emotions: Sequence[str], scale: tuple[float, float]) -> np.ndarray:
    """Each emotion alone, at its largest: (emotion, emotion) float32."""
    low, high = scale
    return np.where(np.eye(len(emotions), dtype=bool), high, low).astype(np.float32)


def told_by(classes: Sequence[str], emotions: Sequence[str]) -> np.ndarray | None:
    """Which emotion each class stands for: (class, emotion) of 0 and 1, a row of zeros for `neutral`.

    `positive` stands for happy and `negative` for sad, where these are among the emotions and the classes themselves are not.
    None if a class is neither neutral nor among the emotions: then its probabilities say nothing in this space.
    """
    names = [plain(name) for name in emotions]
    wanted = [name if name in names else _STANDS_FOR.get(name, name) for name in map(plain, classes)]
    if not set(wanted) <= {*names, NEUTRAL} or not set(wanted) & set(names):
        return None
    return np.array([[float(name == emotion) for emotion in names] for name in wanted], np.float32)
