"""Two crowds of samples beside each other, and the weights under which every score is computed at once.

A score is a function of a `Pair` that gives one number for each row of its weights. The first row weighs everybody equally:
that is the score itself. Each other row is a bootstrap resample of groups: a real trial is drawn whole, and so is whatever
was made from one trial. All scores of an experiment are computed under the same draws of the real side, so that differences
between candidates are paired.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from reportgen.synthetic import Domain

Estimate = dict[str, float | None]
"""{mean, low, high}: a score with its 95 % interval, null where nothing is claimed."""
FEWEST = 6
"""Real trials that a score needs; with fewer, no resample says anything about others."""


class TooFewError(Exception):
    """A score has too few samples or trials to be defined; the text says how many it has and needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Samples of one kind: of the test part, of the training part, or of a candidate."""

    x: np.ndarray  # (sample, …) float32, as features give them
    labels: np.ndarray  # (sample,) int
    group: np.ndarray  # (sample,) int: samples of one group are no independent ones
    views: Mapping[str, np.ndarray] = field(default_factory=dict)  # {name: (sample, number) float64}: what samples are seen as
    kin: np.ndarray | None = (
        None  # (sample,) int: samples of one kin are nearer to each other than to those of other parts; groups
    )

    def __len__(self) -> int:
        return len(self.labels)

    def of_class(self, label: int) -> np.ndarray:
        """(sample,) bool."""
        return np.asarray(self.labels == label)

    @property
    def groups(self) -> int:
        """How many."""
        return len(np.unique(self.group))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A candidate beside the real test part, in equal numbers of each class."""

    domain: Domain
    real: Crowd  # of the test part, which no candidate was made from
    made: Crowd
    train: Crowd  # real samples that candidates were made from: scales, components and neighbours come from here
    real_weights: np.ndarray  # (1 + resample, sample) float64, rows sum to the number of samples
    made_weights: np.ndarray  # (1 + resample, sample)
    seed: int  # of projections and permutations


def weights_of(group: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """How often each sample counts: first once, then as its group is drawn with replacement.

    Args:
        group: (sample,) int.
        resamples: how many.
        rng: of the draws.

    Returns:
        (1 + resample, sample) float64; each row sums to the number of samples.
    """
    names, own = np.unique(group, return_inverse=True)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)  # (resample, group)
    weights = np.vstack([np.ones(len(group)), drawn[:, own]])
    return np.asarray(weights * (len(group) / weights.sum(axis=1, keepdims=True)))
