"""What a simulated face is made of: a person, an expression in action units, and the view of the camera.

Lengths are in half face widths, angles in radians, greys in [0, 1]. Every value is an array (sample, 1, 1), so that
it meets the pixel grid (sample, row, column) by broadcasting.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Self, get_args

import numpy as np

CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
UNITS: Mapping[str, tuple[int, ...]] = {
    "angry": (4, 5, 7, 23),
    "disgust": (9, 15),
    "fear": (1, 2, 4, 5, 20, 26),
    "happy": (6, 12),
    "sad": (1, 4, 15),
    "surprise": (1, 2, 5, 26),
    "neutral": (),
}
"""Action units of each class after EMFACS (Friesen and Ekman 1983)."""
ACTION_UNITS = tuple(sorted({unit for units in UNITS.values() for unit in units}))


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Parameters, each drawn uniformly from the range beside its type."""

    @classmethod
    def draw(cls, rng: np.random.Generator, n: int) -> Self:
        """Draw `n` of them; the first ones do not depend on `n`."""
        low, high = np.array([get_args(parameter.type)[1] for parameter in fields(cls)]).T
        values = rng.uniform(low, high, (n, len(low))).astype(np.float32)  # (sample, parameter)
        return cls(*values.T[:, :, None, None])

    def __getitem__(self, rows: np.ndarray) -> Self:
        return type(self)(*(getattr(self, parameter.name)[rows] for parameter in fields(self)))


@dataclass(frozen=True, slots=True)
class Person(_Drawn):
    """What all faces of one person share, the resting face included."""

    skin: Annotated[np.ndarray, (0.42, 0.86)]
    hair: Annotated[np.ndarray, (0.05, 0.5)]
    width: Annotated[np.ndarray, (0.9, 1.06)]
    jaw: Annotated[np.ndarray, (1.16, 1.42)]  # from the middle of the face to the chin
    taper: Annotated[np.ndarray, (0.08, 0.3)]  # how much the jaw narrows towards the chin
    hairline: Annotated[np.ndarray, (-1.12, -0.86)]
    parting: Annotated[np.ndarray, (-0.25, 0.25)]  # slope of the hairline
    side_hair: Annotated[np.ndarray, (-1.0, 1.9)]  # how far hair falls beside the cheeks
    eye_distance: Annotated[np.ndarray, (0.38, 0.48)]
    eye_width: Annotated[np.ndarray, (0.19, 0.25)]
    eye_height: Annotated[np.ndarray, (0.08, 0.125)]
    eye_slant: Annotated[np.ndarray, (-0.12, 0.12)]
    iris: Annotated[np.ndarray, (0.08, 0.4)]
    brow_height: Annotated[np.ndarray, (0.24, 0.36)]  # above the eye
    brow_thickness: Annotated[np.ndarray, (0.03, 0.075)]
    brow_darkness: Annotated[np.ndarray, (0.35, 0.9)]
    brow_slope: Annotated[np.ndarray, (-0.05, 0.05)]  # of the resting face: inner end lower (+) or higher (-)
    nose_length: Annotated[np.ndarray, (0.26, 0.4)]
    nose_width: Annotated[np.ndarray, (0.15, 0.23)]
    mouth_width: Annotated[np.ndarray, (0.3, 0.42)]
    mouth_curve: Annotated[np.ndarray, (-0.05, 0.05)]  # of the resting face: corners lower (+) or higher (-)
    lip: Annotated[np.ndarray, (0.06, 0.12)]
    lip_darkness: Annotated[np.ndarray, (0.12, 0.38)]
    beard: Annotated[np.ndarray, (-0.9, 0.5)]  # below 0: none
    age: Annotated[np.ndarray, (0.0, 0.5)]  # depth of the folds of the resting face
    glasses: Annotated[np.ndarray, (0.0, 1.0)]  # a rank in [0, 1]: the lowest wear them


@dataclass(frozen=True, slots=True)
class View(_Drawn):
    """What differs between two photographs of one face."""

    roll: Annotated[np.ndarray, (-0.2, 0.2)]
    yaw: Annotated[np.ndarray, (-0.28, 0.28)]
    pitch: Annotated[np.ndarray, (-0.12, 0.14)]
    shear: Annotated[np.ndarray, (-0.07, 0.07)]
    scale: Annotated[np.ndarray, (0.9, 1.15)]
    shift_x: Annotated[np.ndarray, (-2.5, 2.5)]  # pixels
    shift_y: Annotated[np.ndarray, (-2.0, 3.0)]  # pixels
    gaze: Annotated[np.ndarray, (-0.07, 0.07)]
    lopsided_brows: Annotated[np.ndarray, (-0.05, 0.05)]
    lopsided_mouth: Annotated[np.ndarray, (-0.07, 0.07)]
    blink: Annotated[np.ndarray, (-6.0, 0.6)]  # below 0: none
    speech: Annotated[np.ndarray, (-0.8, 0.4)]  # below 0: none; lips apart for another reason than the expression
    light_x: Annotated[np.ndarray, (-0.75, 0.75)]
    light_y: Annotated[np.ndarray, (-0.8, 0.25)]
    ambient: Annotated[np.ndarray, (0.35, 0.75)]
    exposure: Annotated[np.ndarray, (0.75, 1.1)]
    contrast: Annotated[np.ndarray, (0.65, 1.15)]
    background: Annotated[np.ndarray, (0.1, 0.85)]
    background_x: Annotated[np.ndarray, (-0.2, 0.2)]  # gradient over the image
    background_y: Annotated[np.ndarray, (-0.2, 0.2)]
    cloth: Annotated[np.ndarray, (0.08, 0.8)]
    fringe: Annotated[np.ndarray, (0.0, 1.0)]  # a rank in [0, 1]: in the lowest, hair falls over the brows
    fringe_tilt: Annotated[np.ndarray, (-0.25, 0.25)]
    hand: Annotated[np.ndarray, (0.0, 1.0)]  # a rank in [0, 1]: in the lowest, a hand is on the face
    hand_angle: Annotated[np.ndarray, (-0.7, 0.7)]
    hand_reach: Annotated[np.ndarray, (0.25, 0.6)]
    blur: Annotated[np.ndarray, (0.0, 0.8)]
    grain: Annotated[np.ndarray, (0.3, 1.7)]  # factor on the noise


def express(rng: np.random.Generator, labels: np.ndarray, weakest: float) -> dict[int, np.ndarray]:
    """Intensity in [0, 1] of every action unit, for faces that show the classes `labels`.

    Each face has a strength in [`weakest`, 1]; each of its units differs from that by up to a quarter. Units that the
    class does not move are 0.

    Returns:
        {action unit: (sample, 1, 1)}.
    """
    moved = np.array([[unit in UNITS[name] for unit in ACTION_UNITS] for name in CLASSES])  # (class, unit)
    strength = rng.uniform(weakest, 1.0, (len(labels), 1))
    values = strength * rng.uniform(0.75, 1.25, (len(labels), len(ACTION_UNITS)))
    values = np.minimum(values, 1.0).astype(np.float32) * moved[labels]
    return {unit: values[:, i, None, None] for i, unit in enumerate(ACTION_UNITS)}
