"""Mix-up: weighted means of two training samples of any classes, of the class that weighs more."""

from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Gt

from reportgen.core import Place
from reportgen.generators._drawing import cancelled, drawn, mixed, rows_by_class
from reportgen.synthetic import Learnable, Made
from reportgen.words import percent


def generate(
    known: Learnable,
    place: Place,
    *,
    alpha: Annotated[
        float, Gt(0), Doc("both parameters of the beta distribution of weights: 1 all are alike, less: nearer to copies")
    ] = 1.0,
) -> Made:
    """Mix a sample of the wanted class with any other one, as Zhang et al. (2018) do while they train.

    They mix the labels too, and a synthetic sample has one class: the larger weight, λ or 1 − λ with λ ~ Beta(α, α), goes to
    the sample of the wanted class. Their α is 1 on small images and 0.2 to 0.4 on large ones.

    The mean of two windows is no window: where the phases of their oscillations are unrelated, it has λ² + (1 − λ)² of
    their power, a half for equal weights and two thirds on average for α = 1. The distance of the spectra shows it.

    Raises:
        StepError: a class that is asked for has fewer than two training samples.
    """
    rows = rows_by_class(known, 2, "mixing")
    place.progress(0, 1, "mixing")
    rng = np.random.default_rng(place.seed)
    own = drawn(rows, known.wanted, rng)
    other = (own + rng.integers(1, len(known.train), len(own))) % len(known.train)  # anyone but itself
    share = rng.beta(alpha, alpha, len(own))
    source = np.stack([own, other], axis=1)
    made = mixed(known.train.x, source, np.maximum(share, 1 - share))
    return Made(x=made, source=source, notes=(*_foreign(known, other), *cancelled(known, made, source)))


def _foreign(known: Learnable, other: np.ndarray) -> tuple[str, ...]:
    """How often the smaller share is of another class, for the report."""
    foreign = float(np.mean(known.train.labels[other] != known.wanted))
    return (f"{percent(foreign)} of the mixes hold a sample of another class, of at most half their weight.",)
