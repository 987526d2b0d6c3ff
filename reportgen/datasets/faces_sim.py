"""Simulated 48 × 48 grey faces of seven emotions, drawn from facial action units, with the region that carries each.

Person, resting face, turn of the head, light, occlusion, blur and noise vary; the people of the test part are not
those of the training part. The planted truth of a face is where it differs from the same photograph of the same
person at rest: what an explanation of its class has to find. A neutral face has none.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Interval, Unit

from reportgen.core import Facts, Samples
from reportgen.datasets._face_drawing import draw
from reportgen.datasets._face_parameters import CLASSES, Person, View, express
from reportgen.errors import DataError

FACTS = Facts(
    title="Simulated faces",
    modality="image",
    classes=CLASSES,
    simulated=True,
    licence="MIT, as this project",
    consent="Nobody is shown: every face is drawn.",
    redistribute=True,
    citation="Simulated by reportgen after the action units of Ekman, Friesen and Hager (2002).",
    bibtex="""@book{ekman2002facs,
  author = {Ekman, Paul and Friesen, Wallace V. and Hager, Joseph C.},
  title = {Facial Action Coding System: The Manual},
  publisher = {Research Nexus},
  address = {Salt Lake City},
  year = {2002}
}""",
    training_part="train",
    limits="The faces are drawn from seven prototypes. Results show that the methods work and what explanations of them"
    " are worth; they say nothing about how well emotions of real people can be recognised.",
)
_CHUNK = 512
_SHARES = {  # of the classes, in percent; fer2013 as in the Training part of FER2013
    "balanced": (1, 1, 1, 1, 1, 1, 1),
    "fer2013": (13.92, 1.52, 14.27, 25.13, 16.82, 11.05, 17.29),
}
_VISIBLE = 5.0  # grey levels; a smaller change drowns in the noise of the camera


def load(
    *,
    samples: Annotated[int, Ge(14), Unit("faces"), Doc("how many to draw")] = 4000,
    seed: Annotated[int, Ge(0), Doc("of everything that is drawn")] = 0,
    faces_per_person: Annotated[int, Ge(1), Unit("faces"), Doc("how many faces of each person")] = 8,
    test_share: Annotated[float, Interval(gt=0, lt=1), Doc("share of the people that form the test part")] = 0.3,
    proportions: Annotated[Literal["balanced", "fer2013"], Doc("of the classes: equal, or as in FER2013")] = "balanced",
    weakest: Annotated[float, Interval(gt=0, le=1), Doc("intensity of the weakest expression; 1 is the strongest")] = 0.4,
    occlusion: Annotated[float, Interval(ge=0, le=1), Doc("share with glasses, share with a fringe, share with a hand")] = 0.12,
    noise: Annotated[float, Ge(0), Unit("grey levels"), Doc("standard deviation of the camera's noise")] = 6.0,
) -> Iterator[Samples]:
    """Draw the faces, 512 at a time; equal settings give equal bytes.

    Raises:
        DataError: there are fewer faces than two people need.
    """
    if samples < 2 * faces_per_person:
        raise DataError(
            f"faces_sim: {samples} samples are less than two people with {faces_per_person} faces each",
            "One part needs people of its own: raise `samples` or lower `faces_per_person`.",
        )
    face = np.arange(samples)
    person = face // faces_per_person
    people = int(person[-1]) + 1
    in_test = person >= people - min(max(round(test_share * people), 1), people - 1)
    everybody = Person.draw(np.random.default_rng((seed, 0)), people)
    labels = _labels(np.random.default_rng((seed, 1)), in_test, _SHARES[proportions])
    for chunk, start in enumerate(range(0, samples, _CHUNK)):
        rows = slice(start, start + _CHUNK)
        rng = np.random.default_rng((seed, 2, chunk))
        x, truth = _photograph(rng, everybody[person[rows]], labels[rows], weakest, occlusion, noise)
        names = [f"person-{p:04d}/face-{f:02d}" for p, f in zip(person[rows], face[rows] % faces_per_person, strict=True)]
        yield Samples(
            x=x,
            axes=("sample", "row", "column"),
            unit="grey level",
            labels=labels[rows],
            origin=np.where(in_test[rows], "test", "train"),
            sources=np.array(names),
            truth=truth,
        )


def _labels(rng: np.random.Generator, in_test: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    """Classes in random order, in both parts as near to their shares as whole numbers allow."""
    labels = np.empty(len(in_test), np.int16)
    bounds = np.cumsum(shares) / np.sum(shares)
    for part in (~in_test, in_test):
        n = int(part.sum())
        labels[part] = rng.permutation(np.searchsorted(bounds, (np.arange(n) + 0.5) / n))
    return labels


def _photograph(
    rng: np.random.Generator, person: Person, labels: np.ndarray, weakest: float, occlusion: float, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """Faces as a camera gives them, (sample, row, column) uint8, and where their expression shows, bool."""
    view = View.draw(rng, len(labels))
    units = express(rng, labels, weakest)
    shown = draw(person, view, units, occlusion) * 255
    at_rest = draw(person, view, {unit: np.zeros_like(value) for unit, value in units.items()}, occlusion) * 255
    seen = shown + view.blur * (_soften(shown) - shown)
    seen += noise * view.grain * rng.standard_normal(seen.shape, np.float32)
    return np.clip(np.rint(seen), 0, 255).astype(np.uint8), _region(np.abs(shown - at_rest))


def _region(change: np.ndarray) -> np.ndarray:
    """Where the expression changes the image by more than a fifth of its largest change."""
    change = _soften(change)
    return np.asarray(change > np.maximum(0.2 * change.max(axis=(1, 2), keepdims=True), _VISIBLE))


def _soften(images: np.ndarray) -> np.ndarray:
    """Binomial 3 × 3 filter."""
    for axis in (1, 2):
        pad = [(0, 0), (0, 0), (0, 0)]
        pad[axis] = (1, 1)
        wide = np.moveaxis(np.pad(images, pad, mode="edge"), axis, 0)
        images = np.moveaxis((wide[:-2] + 2 * wide[1:-1] + wide[2:]) / 4, 0, axis)
    return images
