"""Drawing of grey faces in batches: a lit surface with folds, mouth, eyes, brows and nose, moved by action units.

Lengths are in half face widths. The constants were chosen by eye: what each unit moves is FACS, how far is ours.
"""

from collections.abc import Mapping

import numpy as np

from reportgen.datasets._face_canvas import EYE_LINE, MOUTH_LINE, Face, Field, bump, darken, over, ramp, stroke
from reportgen.datasets._face_parameters import Person, View
from reportgen.datasets._face_surroundings import behind, glasses, hair, hand


def draw(person: Person, view: View, unit: Mapping[int, np.ndarray], occlusion: float) -> Field:
    """Draw faces without the camera's blur and noise.

    Args:
        person: who, (sample, 1, 1) each.
        view: how they are seen.
        unit: {action unit: (sample, 1, 1) intensity in [0, 1]}.
        occlusion: share of people with glasses, and of views with a fringe and with a hand.

    Returns:
        (sample, row, column) float32, grey in [0, 1].
    """
    face = Face.place(person, view, unit)
    skin = np.broadcast_to(person.skin, face.u.shape).copy()
    for paint in (_beard, _folds_of_age_and_brow, _folds_of_cheeks, _mouth, _eyes, _brows, _nose):
        paint(face, skin)
    skin *= _light(face)
    glasses(face, skin, np.flatnonzero(person.glasses < occlusion))
    image = behind(face)
    over(image, face.solid((1 - face.inside) / 2), skin)
    hair(face, image, view.fringe < occlusion)
    hand(face, image, np.flatnonzero(view.hand < occlusion))
    return np.asarray(np.clip(((image - 0.5) * view.contrast + 0.5) * view.exposure, 0, 1))


def _light(face: Face) -> Field:
    """Lambert's law on the surface of the head: 1 where it faces the light, less in its shadow."""
    p, view, unit = face.person, face.view, face.unit
    height = 0.85 * np.sqrt(np.maximum(1.02 - face.inside, 0))
    nose = ramp(face.y + 0.4, 1.5) * ramp(p.nose_length - face.y, 11)
    height += 0.24 * nose * stroke(face.x, 0.62 * p.nose_width)
    height -= 0.11 * bump(face.side - p.eye_distance, face.y - EYE_LINE, 0.25, 0.15)
    cheek = bump(face.side - 0.52, face.y - 0.16 + 0.05 * unit[6], 0.24, 0.17)
    height += (0.05 + 0.1 * unit[6] + 0.04 * unit[12]) * cheek
    height += 0.05 * bump(face.x, face.y - p.jaw + 0.25 - 0.1 * face.parting, 0.22, 0.14)
    down, right = (slope * face.pixel for slope in np.gradient(height, axis=(1, 2)))
    towards = (1 - right * view.light_x - down * view.light_y) / np.sqrt(1 + right**2 + down**2)
    diffuse = np.maximum(towards, 0) / np.sqrt(1 + view.light_x**2 + view.light_y**2)
    return np.asarray(view.ambient + (1 - view.ambient) * 1.25 * diffuse)


def _beard(face: Face, skin: Field) -> None:
    low = ramp(face.y - 0.42 + 0.25 * face.side, 4)
    mouth = bump(face.x, face.y - MOUTH_LINE - 0.06, 0.3, 0.12)
    darken(skin, np.maximum(face.person.beard, 0) * low * (1 - 0.8 * mouth))


def _folds_of_age_and_brow(face: Face, skin: Field) -> None:
    """Lines on the forehead (1, 2), between the brows (4, 9) and across the root of the nose (9)."""
    age, unit = face.person.age, face.unit
    raised = np.maximum(unit[1], unit[2])
    for level in (-0.97, -0.82):
        line = stroke(face.y - level + 0.08 * raised + 0.06 * face.side**2, 0.04)
        darken(skin, line * ramp(0.62 - face.side, 4) * (0.08 * age + 0.2 * raised))
    frown = face.groove((0.1, -0.62, 0.07, -0.36), 0.045)
    darken(skin, frown * (0.06 * age + 0.36 * unit[4] + 0.14 * unit[9]))
    for level in (-0.2, -0.09):
        wrinkle = stroke(face.y - level + 0.3 * face.side, 0.035) * ramp(0.2 - face.side, 8)
        darken(skin, wrinkle * 0.34 * unit[9])


def _folds_of_cheeks(face: Face, skin: Field) -> None:
    """Crow's feet (6), bags (6, 7), folds from nose to mouth (9, 12, 20) and below its corners (15)."""
    p, unit = face.person, face.unit
    outer = p.eye_distance + p.eye_width
    for rise in (-0.12, 0.06):
        crow = face.groove((outer + 0.06, EYE_LINE + 0.02, outer + 0.24, EYE_LINE + rise), 0.035)
        darken(skin, crow * (0.05 * p.age + 0.26 * unit[6]))
    bag = face.groove((p.eye_distance - 0.16, EYE_LINE + 0.19, p.eye_distance + 0.16, EYE_LINE + 0.17), 0.045)
    darken(skin, bag * (0.12 * p.age + 0.2 * unit[6] + 0.16 * unit[7]))
    end, corner = _mouth_width(face), _corner(face)
    laugh = face.groove((1.1 * p.nose_width, 0.7 * p.nose_length, end + 0.1, corner + 0.02), 0.055)
    darken(skin, laugh * np.minimum(0.16 * p.age + 0.24 * unit[12] + 0.26 * unit[9] + 0.12 * unit[20], 0.4))
    droop = face.groove((end, corner, end + 0.07, corner + 0.16), 0.045)
    darken(skin, droop * (0.08 * p.age + 0.28 * unit[15]))


def _mouth_width(face: Face) -> np.ndarray:
    """Half the width of the mouth: wider by 12 and 20, narrower by 23 and 26."""
    unit = face.unit
    stretch = 0.34 * unit[12] + 0.32 * unit[20] - 0.14 * unit[23] - 0.16 * unit[26] * (1 - unit[20])
    return np.asarray(face.person.mouth_width * (1 + stretch))


def _corner(face: Face) -> np.ndarray:
    """Height of the corners of the mouth: up by 12, down by 15 and 20."""
    unit = face.unit
    return np.asarray(MOUTH_LINE + face.person.mouth_curve - 0.15 * unit[12] + 0.13 * unit[15] + 0.05 * unit[20])


def _mouth(face: Face, skin: Field) -> None:
    p, unit, width = face.person, face.unit, _mouth_width(face)
    across = face.x / width
    arch = np.sqrt(np.maximum(1 - across**2, 0))  # 1 in the middle, 0 at the corners
    middle = MOUTH_LINE + 0.06 * unit[12] - 0.05 * unit[15] - 0.05 * unit[9]
    line = middle + (_corner(face) - middle) * across**2 + face.view.lopsided_mouth * face.x
    gap = 0.36 * face.parting + 0.07 * unit[12]
    top, bottom = line - 0.25 * gap * arch, line + 0.75 * gap * arch
    lip = p.lip * (1 - 0.55 * unit[23] - 0.25 * unit[12] - 0.2 * unit[20]) * arch
    bow = 1 - 0.35 * stroke(face.x, 0.05)
    within = face.solid((1 - np.abs(across)) * width)
    red = p.skin * (1 - p.lip_darkness)
    over(skin, face.solid(face.y - top + 0.85 * lip * bow) * face.solid(top - face.y) * within, 0.85 * red)
    over(skin, face.solid(face.y - bottom) * face.solid(bottom + 1.15 * lip - face.y) * within, 1.06 * red)
    darken(skin, 0.28 * bump(face.x, face.y - bottom - 1.15 * lip - 0.09, 0.2, 0.05))
    _cavity(face, skin, top, bottom, within)
    closed = within * np.clip(1 - 6 * gap, 0, 1)
    darken(skin, face.line(face.y - line, 0.7) * closed * (0.55 + 0.2 * unit[23]))


def _cavity(face: Face, skin: Field, top: Field, bottom: Field, within: Field) -> None:
    """The open mouth: dark, with the upper teeth and the tongue."""
    mouth = np.full_like(skin, 0.1)
    over(mouth, 0.5 * bump(face.x, face.y - bottom, 0.16, 0.1), 0.4)
    teeth = face.solid(top + 0.085 + 0.05 * face.unit[12] - face.y) * ramp(0.92 * _mouth_width(face) - face.side, 8)
    over(mouth, teeth, 0.35 + 0.6 * face.person.skin)
    opened = np.clip((bottom - top) * face.pixel, 0, 1)
    over(skin, face.solid(face.y - top) * face.solid(bottom - face.y) * opened * within, mouth)


def _eyes(face: Face, skin: Field) -> None:
    p, view, unit = face.person, face.view, face.unit
    x = face.side - p.eye_distance
    y = face.y - EYE_LINE + p.eye_slant * x
    arch = 1 - (x / p.eye_width) ** 2  # 1 in the middle, 0 at the corners
    open_eye = p.eye_height * (1 - np.maximum(view.blink, 0))
    upper = -open_eye * (1 + 0.65 * unit[5] - 0.3 * unit[6] - 0.45 * unit[7] - 0.4 * unit[9]) * arch
    upper -= 0.05 * np.maximum(unit[1] - unit[2], 0) * -x / p.eye_width  # sadness lifts the inner corner
    lower = 0.8 * open_eye * (1 + 0.1 * unit[5] - 0.6 * unit[6] - 0.5 * unit[7] - 0.3 * unit[9]) * arch
    darken(skin, 0.16 * bump(x, y + 0.1, 0.24, 0.1))
    eye = _eyeball(face, x - view.gaze * np.sign(face.x), y)
    darken(eye, 0.4 * np.clip(1 - (y - upper) / 0.07, 0, 1))
    over(skin, face.solid(y - upper) * face.solid(lower - y) * np.clip(2 * arch + 0.5, 0, 1), eye)
    within = face.solid(p.eye_width - np.abs(x))
    darken(skin, 0.6 * face.line(y - upper, 0.75) * within)
    darken(skin, 0.2 * face.line(y - upper + 0.075, 0.8) * within * (1 - 0.6 * unit[5]))
    darken(skin, 0.22 * face.line(y - lower, 0.8) * within)


def _eyeball(face: Face, x: Field, y: Field) -> Field:
    eye = np.broadcast_to(0.44 + 0.36 * face.person.skin, x.shape).copy()
    radius = np.sqrt(x**2 + (y + 0.01) ** 2)
    over(eye, face.solid(0.1 - radius), face.person.iris)
    over(eye, face.solid(0.045 - radius), 0.03)
    over(eye, 0.7 * bump(x - 0.035 * np.sign(face.x), y + 0.05, 0.03, 0.03), 1.0)
    return eye


def _brows(face: Face, skin: Field) -> None:
    p, unit = face.person, face.unit
    along = (face.side - p.eye_distance + 0.27 + 0.05 * unit[4]) / 0.56  # 0 at the nose, 1 at the temple
    inward = np.clip(1 - along, 0, 1)
    rest = p.brow_slope * (2 * inward - 1) - p.brow_height - 0.36 * (along - along**2) + ramp(along - 0.6, 1) / 10
    lift = 0.2 * unit[1] * inward + 0.2 * unit[2] * (1 - inward) + 0.07 * np.minimum(unit[1], unit[2])
    drop = (0.17 * unit[4] * (1 - 0.7 * unit[1]) + 0.08 * unit[9]) * (0.35 + 0.65 * inward) + 0.03 * unit[6]
    line = EYE_LINE + rest - lift + drop + face.view.lopsided_brows * np.sign(face.x)
    thickness = p.brow_thickness * (0.55 + 0.75 * inward)
    brow = face.solid(thickness - np.abs(face.y - line)) * face.solid(0.28 - 0.56 * np.abs(along - 0.5))
    over(skin, brow * p.brow_darkness, np.minimum(p.hair, 0.7 * p.skin))


def _nose(face: Face, skin: Field) -> None:
    """Nostrils, wings and the shadow below; the nose itself is made by the light."""
    p, unit = face.person, face.unit
    y = face.y - p.nose_length + 0.05 * unit[9]
    wing = p.nose_width * (1 + 0.14 * unit[9] + 0.1 * unit[12])
    darken(skin, 0.55 * bump(face.side - 0.48 * wing, y + 0.01, 0.055, 0.035))
    darken(skin, 0.22 * bump(face.side - wing, y + 0.05, 0.035, 0.07))
    darken(skin, 0.2 * bump(face.x, y - 0.05, 0.9 * wing, 0.04))
