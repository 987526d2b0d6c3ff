"""Every score, in the order of the report: what it is called, what is good, and which control shows it at its worst."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reportgen.realism.covariance import covariance_distance
from reportgen.realism.discrepancy import mmd
from reportgen.realism.frechet import frechet
from reportgen.realism.neighbours import coverage, density, memory_floor, memory_ratio
from reportgen.realism.sets import Pair
from reportgen.realism.spectral import autocorrelation_distance, band_power_divergence, psd_distance
from reportgen.realism.transport import sliced_wasserstein
from reportgen.realism.two_sample import two_sample_auc

Measure = Callable[[Pair], np.ndarray]
"""Pair -> (1 + resample,), see sets.py; raises TooFewError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score of how real samples are."""

    title: str  # of columns and bars
    unit: str = ""
    better: Literal["low", "high"] = "low"
    ceiling: Literal["noise", "channels", "classes", ""] = "noise"  # the control that shows it at its worst
    worst: float | None = None  # instead of a control
    domains: tuple[str, ...] = ("signals", "maps")
    says: str  # what it sees, in one sentence
    of: Measure | None  # None: made of answers of the trained model, not of a pair
    floor: Measure | None = None  # None: the score of the training part


SCORES: Mapping[str, Score] = {
    "psd_distance": Score(
        title="Distance of the spectra",
        unit="dB",
        domains=("signals",),
        says="How far the mean spectra of channels and classes lie apart.",
        of=psd_distance,
    ),
    "band_power_divergence": Score(
        title="Divergence of band power",
        unit="nat",
        says="How differently band power is distributed over the samples of each class, channel and band.",
        of=band_power_divergence,
    ),
    "covariance_distance": Score(
        title="Distance of covariance",
        ceiling="channels",
        says="Whether channels go together as they do in real samples.",
        of=covariance_distance,
    ),
    "autocorrelation_distance": Score(
        title="Distance of autocorrelation",
        domains=("signals",),
        says="Whether rhythms last as long as real ones, whatever their amplitude.",
        of=autocorrelation_distance,
    ),
    "sliced_wasserstein": Score(
        title="Sliced Wasserstein distance",
        says="How far samples must be moved, on average over directions, to become the real ones.",
        of=sliced_wasserstein,
    ),
    "mmd": Score(
        title="MMD²",
        says="Any difference of the distributions of a class that a smooth kernel sees; 0 is expected of real samples.",
        of=mmd,
    ),
    "frechet": Score(
        title="Fréchet distance",
        says="Whether the network that was trained on real samples sees the same mean and covariance.",
        of=frechet,
    ),
    "density": Score(
        title="Density",
        better="high",
        says="Whether samples lie where real ones are; about 1 for real samples, above it for too typical ones.",
        of=density,
    ),
    "coverage": Score(
        title="Coverage",
        better="high",
        says="How much of the variety of real samples is reached; near 0 for a single mode.",
        of=coverage,
    ),
    "two_sample_auc": Score(
        title="Two-sample test AUC",
        says="How well a classifier tells synthetic from real samples of trials that it has not seen; 0.5 is guessing.",
        of=two_sample_auc,
    ),
    "tstr": Score(
        title="Trained on synthetic (TSTR)",
        better="high",
        ceiling="classes",
        says="Balanced accuracy on real test samples of the model trained on synthetic ones alone.",
        of=None,
    ),
    "trts": Score(
        title="Tested on synthetic (TRTS)",
        better="high",
        ceiling="classes",
        says="Balanced accuracy on synthetic samples of the model trained on real ones.",
        of=None,
    ),
    "augmentation": Score(
        title="Gain from augmentation",
        better="high",
        ceiling="classes",
        says="What adding synthetic samples to the training part changes in balanced accuracy on real test samples.",
        of=None,
    ),
    "memory_ratio": Score(
        title="Memorisation ratio",
        better="high",
        ceiling="",
        worst=0.0,
        says="How far the nearest training sample is, against the nearest unseen real one; 1 is no nearer, 0 are copies.",
        of=memory_ratio,
        floor=memory_floor,
    ),
}
"""{name: score}; names are those of the kind `signal_scores`."""
