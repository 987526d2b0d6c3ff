"""What surrounds and hides a drawn face: background, shoulders, ears, hair, glasses, a hand."""

import numpy as np

from reportgen.datasets._face_canvas import EYE_LINE, SIZE, Face, Field, bump, over, ramp


def behind(face: Face) -> Field:
    """Background, neck, shoulders, ears and the hair that lies behind the head."""
    p, view, beside = face.person, face.view, np.abs(face.u)
    row, column = np.mgrid[:SIZE, :SIZE].astype(np.float32) / (SIZE - 1) - 0.5
    image = np.asarray(view.background + view.background_x * column + view.background_y * row)
    over(image, face.solid(0.62 - beside) * (face.v > 0.6), 0.62 * p.skin)
    over(image, face.solid(face.v - 1.56 + 0.2 * beside), view.cloth)
    ear = 1 - ((beside - p.width) / 0.12) ** 2 - (face.v / 0.24) ** 2
    over(image, face.solid(0.06 * ear), 0.8 * p.skin)
    cap = 1 - (face.u / (p.width + 0.17)) ** 2 - (np.minimum(face.v - 0.1, 0) / 1.6) ** 2
    over(image, face.solid(cap / 2) * ramp(p.side_hair - 0.4 * beside - face.v, 5), _strands(face))
    return image


def _strands(face: Face) -> Field:
    """Grey of the hair: strands that fall from the crown, and a soft gloss."""
    strand = np.sin(16 * face.u / (1.9 + np.maximum(face.v, -1.5)) + 40 * face.person.hairline)
    gloss = bump(face.u - 0.3 * face.view.light_x, face.v + 1.12, 0.6, 0.2)
    return np.asarray(face.person.hair * (1 + 0.1 * strand + 0.35 * gloss) + 0.02)


def hair(face: Face, image: Field, fringe: np.ndarray) -> None:
    """Hair over the forehead; where `fringe` (sample, 1, 1) is true it falls to the brows and hides them."""
    p, u = face.person, face.u
    long = face.view.fringe_tilt * u + 0.03 * np.sin(17 * u) + 0.02 * np.sin(31 * u) - 0.5
    edge = np.where(fringe, long, p.hairline + p.parting * u + 0.28 * u**2)
    over(image, face.solid(0.6 * (edge - face.v)) * face.solid((1.1 - face.inside) / 2), _strands(face))


def glasses(face: Face, image: Field, worn: np.ndarray) -> None:
    """Rims, lenses that reflect a little, bridge and temples, on the samples `worn`."""
    side, y, pixel = face.side[worn] - face.person.eye_distance[worn], face.y[worn] - EYE_LINE, face.pixel[worn]
    lens = 1 - np.sqrt(np.hypot((side / 0.31) ** 2, ((y - 0.04) / 0.23) ** 2))
    rim = np.clip(1.15 - 0.25 * np.abs(lens) * pixel, 0, 1)
    bar = np.clip(1 - np.abs(y + 0.02) * pixel, 0, 1) * (np.abs(side) > 0.3)
    seen = image[worn]
    over(seen, 0.12 * (lens > 0), 1.0)
    over(seen, 0.9 * np.maximum(rim, bar), 0.08)
    image[worn] = seen


def hand(face: Face, image: Field, worn: np.ndarray) -> None:
    """Four fingers from below on cheek, mouth or chin, on the samples `worn`."""
    view, pixel, skin = face.view[worn], face.pixel[worn], face.person.skin[worn]
    cos, sin = np.cos(view.hand_angle), np.sin(view.hand_angle)
    x, y = face.u[worn] - 0.9 * sin, face.v[worn] - 1.5
    across, along = cos * x + sin * y, cos * y - sin * x
    finger = np.clip(np.round(across / 0.25 - 0.5) + 0.5, -1.5, 1.5)
    tip = (0.12 * finger**2 - 1.6) * view.hand_reach
    radius = np.hypot(across - 0.25 * finger, np.minimum(along - tip, 0))
    light = 0.55 + 0.4 * np.sqrt(np.maximum(1 - (radius / 0.14) ** 2, 0)) + 0.05 * view.light_x
    seen = image[worn]
    over(seen, np.clip((0.15 - radius) * pixel + 0.5, 0, 1), 0.45 * skin)
    over(seen, np.clip((0.12 - radius) * pixel + 0.5, 0, 1), light * skin)
    image[worn] = seen
