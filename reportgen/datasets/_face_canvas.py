"""What faces are drawn on: the coordinates of every pixel on the head, and soft brushes in them.

Brushes are masks in [0, 1] over the pixel grid (sample, row, column); an edge is one pixel wide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from reportgen.datasets._face_parameters import Person, View

SIZE = 48
EYE_LINE = -0.28
MOUTH_LINE = 0.62
_HALF_FACE = 18.0  # pixels in half a face's width at scale 1
_CROWN = np.float32(1.42)  # height of the head above its middle

Field = np.ndarray  # (sample, row, column) float32
Length = np.ndarray | float


@dataclass(frozen=True, slots=True)
class Face:
    """Pixels in the plane of the head (u to the right, v down) and on its surface (x, y), from the middle of the face."""

    person: Person
    view: View
    unit: Mapping[int, np.ndarray]  # {action unit: (sample, 1, 1) in [0, 1]}
    pixel: np.ndarray  # (sample, 1, 1) pixels in one unit of length
    u: Field
    v: Field
    inside: Field  # squared distance from the middle, 1 at the outline of the head
    x: Field
    y: Field
    side: Field  # distance from the middle line
    parting: np.ndarray  # (sample, 1, 1) how far the lips are apart

    @classmethod
    def place(cls, person: Person, view: View, unit: Mapping[int, np.ndarray]) -> Self:
        """Turn, move and scale the head before the camera; an open mouth lengthens it."""
        row, column = np.mgrid[:SIZE, :SIZE].astype(np.float32) - (SIZE - 1) / 2
        pixel = _HALF_FACE * view.scale
        right, down = (column - view.shift_x) / pixel, (row - view.shift_y) / pixel
        cos, sin = np.cos(view.roll), np.sin(view.roll)
        v = cos * down - sin * right
        u = cos * right + sin * down + view.shear * v
        parting = np.maximum(unit[26], np.maximum(view.speech, 0))
        width = person.width * (1 - person.taper * np.maximum(v, 0) ** 2)
        upright = (v / np.where(v < 0, _CROWN, person.jaw + 0.14 * parting)) ** 2
        inside = (u / width) ** 2 + upright * (0.75 + 0.25 * upright)
        depth = np.sqrt(np.maximum(1 - inside, 0))
        x = u - view.yaw * depth  # what is nearer to the camera moves more when the head turns
        y = v - view.pitch * depth
        return cls(person, view, unit, pixel, u, v, inside, x, y, np.abs(x), parting)

    def solid(self, distance: Field) -> Field:
        """Coverage of pixels, from their signed distance (inside positive) to an edge."""
        return np.asarray(np.clip(distance * self.pixel + 0.5, 0, 1))

    def line(self, distance: Field, width: float) -> Field:
        """A line whose `width` is in pixels, so that it does not vanish on a small face."""
        return stroke(distance * self.pixel, width)

    def groove(self, ends: tuple[Length, Length, Length, Length], width: float) -> Field:
        """A soft line between two points (x1, y1, x2, y2), on both halves of the face."""
        x1, y1, x2, y2 = ends
        dx, dy = x2 - x1, y2 - y1
        along = np.clip(((self.side - x1) * dx + (self.y - y1) * dy) / (dx**2 + dy**2), 0, 1)
        return bump(self.side - x1 - along * dx, self.y - y1 - along * dy, width, width)


def bump(x: Field, y: Field, width: Length, height: Length) -> Field:
    """Nearly exp(-(x / width)² - (y / height)²), but zero beyond two widths: exp is slow where it underflows."""
    return np.square(np.square(np.maximum(1 - (x / (2 * width)) ** 2 - (y / (2 * height)) ** 2, 0)))


def stroke(across: Field, width: Length) -> Field:
    """A soft line, from the distance to its middle."""
    return np.square(np.square(np.maximum(1 - (across / (2 * width)) ** 2, 0)))


def ramp(distance: Field, steepness: float) -> Field:
    """0 below zero, 1 above 1 / `steepness`."""
    return np.clip(distance * steepness, 0, 1)


def over(base: Field, mask: Field, grey: Length) -> None:
    """Paint `grey` over `base` where `mask` is 1."""
    base += mask * (grey - base)


def darken(base: Field, mask: Field) -> None:
    """Take the share `mask` of its grey from `base`."""
    base *= 1 - mask
