"""Interpolation between a training sample and a near neighbour of its class."""

from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge
from sklearn.neighbors import NearestNeighbors

from reportgen.core import Place
from reportgen.generators._drawing import cancelled, drawn, mixed, rows_by_class
from reportgen.synthetic import Learnable, Made
from reportgen.words import counted, listing

BIBTEX = """@article{chawla2002smote,
  author = {Chawla, Nitesh V. and Bowyer, Kevin W. and Hall, Lawrence O. and Kegelmeyer, W. Philip},
  title = {SMOTE: Synthetic Minority Over-Sampling Technique},
  journal = {Journal of Artificial Intelligence Research},
  year = {2002},
  volume = {16},
  pages = {321--357},
  doi = {10.1613/jair.953},
  keywords = {generator/interpolation},
}"""


def generate(
    known: Learnable,
    place: Place,
    *,
    neighbours: Annotated[int, Ge(1), Doc("nearest samples of the class, one of which is drawn")] = 5,
) -> Made:
    """Put each sample at random between a training sample and one of its nearest neighbours (Chawla et al. 2002, SMOTE).

    Near is what has a small Euclidean distance of all numbers; neighbours are often of the same trial. Of signals that is of
    little use: windows are near each other that are weak, and the mean of two whose oscillations have unrelated phases
    loses power, half of it in the middle. The distance of the spectra shows it.

    Raises:
        StepError: a class that is asked for has fewer than two training samples.
    """
    rows = rows_by_class(known, 2, "interpolation")
    place.progress(0, 1, "interpolating")
    rng = np.random.default_rng(place.seed)
    own = drawn(rows, known.wanted, rng)
    other = np.empty_like(own)
    for label, members in rows.items():
        places = known.wanted == label
        near = members[_nearest(known.train.x[members], min(neighbours, len(members) - 1))]  # (member, neighbour)
        chosen = rng.integers(near.shape[1], size=np.count_nonzero(places))
        other[places] = near[np.searchsorted(members, own[places]), chosen]
    source = np.stack([own, other], axis=1)
    made = mixed(known.train.x, source, rng.uniform(size=len(own)))
    return Made(x=made, source=source, notes=(*_few(known, rows, neighbours), *cancelled(known, made, source)))


def _nearest(x: np.ndarray, neighbours: int) -> np.ndarray:
    """(sample, neighbour) int: rows of x (sample, …), itself left out."""
    search = NearestNeighbors(n_neighbors=neighbours, algorithm="brute").fit(x.reshape(len(x), -1))
    return np.asarray(search.kneighbors(return_distance=False))


def _few(known: Learnable, rows: dict[int, np.ndarray], neighbours: int) -> tuple[str, ...]:
    """Classes that have fewer neighbours to draw from, for the report."""
    few = {known.domain.classes[label]: len(own) for label, own in rows.items() if len(own) <= neighbours}
    told = listing([f"{name} ({counted(many, 'sample')})" for name, many in few.items()])
    return (f"Fewer than {neighbours} neighbours are there to draw from in {told}.",) if few else ()
