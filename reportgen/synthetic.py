"""What a generator of synthetic samples is given, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What the numbers of a sample mean: the same for real and synthetic ones."""

    shape: tuple[int, ...]  # of a sample
    axes: tuple[
        str, ...
    ]  # of a sample: ("channel", "time"), ("channel", "band"), ("band", "row", "column"), ("slice", "band", …)
    unit: str
    classes: tuple[str, ...]
    channels: tuple[str, ...]
    rate: float  # Hz, of an axis `time`, otherwise NaN
    bands: Mapping[str, tuple[float, float]] | None  # {name: (from, below) Hz} of an axis `band`, in its order

    @property
    def signals(self) -> bool:
        """Whether a sample is a signal; otherwise it is a map of features."""
        return self.axes[-1] == "time"

    @property
    def told(self) -> str:
        """`62 × 128 (channel, time)`, for messages."""
        return f"{' × '.join(map(str, self.shape))} ({', '.join(self.axes)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """Real samples of one part of a fold."""

    x: np.ndarray  # (sample, …) float32, as the features gave them
    labels: np.ndarray  # (sample,) int, index into Domain.classes
    trial: np.ndarray  # (sample,) str, unique in the study

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnable:
    """All that a generator may know: of the test part not even the numbers."""

    domain: Domain
    train: Real
    validation: Real  # to choose by, never to learn from; may be empty
    wanted: np.ndarray  # (sample,) int: the class of each synthetic sample that is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Synthetic samples, and what is left of the generator that made them."""

    x: np.ndarray | None  # (sample, …) float32 in the order of Learnable.wanted; None: the training diverged
    source: np.ndarray | None = None  # (sample, n) int, rows of Learnable.train that each was made from; None: no certain ones
    keeps: tuple[str, ...] = ()  # scores of realism/catalogue.py that it preserves by construction: no merit, not ranked
    course: Mapping[str, Any] | None = None  # kind `course`, of an adversarial training
    model: Mapping[str, Any] | None = (
        None  # {trainable, layers [{name, type, shape, parameters}]} of generator and discriminator
    )
    weights: Mapping[str, Any] = field(default_factory=dict)  # {name: torch.Tensor} of the generator that was kept
    diverged: str = ""  # what happened, in one sentence
    notes: tuple[str, ...] = ()  # one sentence each, for the report
