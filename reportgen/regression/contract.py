"""What regressors are built for and given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from reportgen.core import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a regressor is built for; JSON, so that a stored one can be built again."""

    features: int  # numbers of one window, all modalities of the set side by side
    windows: int  # of a row; 1: rows have no windows of their own, and those of a video follow one another
    emotions: int
    scale: tuple[float, float]  # least and largest intensity
    rows: int  # in the training part


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """Rows of one part: inputs, and what people said."""

    x: np.ndarray  # (row, window, feature) float32, standardised, nothing missing
    y: np.ndarray  # (row, emotion) float32 in the scale, nothing missing
    video: np.ndarray  # (row,) int: rows of a video lie together, in the order of time


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The two parts that a regressor may learn from."""

    train: Rated
    validation: Rated


class Regressor(Protocol):
    """What `build` gives: a torch.nn.Module whose tensors, parameters and buffers, are all that it knows."""

    def learn(self, known: Learned, place: Place) -> Mapping[str, Any] | None:
        """Learn from the training part; the validation part may stop it.

        Returns the JSON of its course, {"epochs": [{"epoch", "train_loss", "validation_loss"}], "chosen": epoch, "loss": name},
        or None without one.
        """

    def predict(self, x: np.ndarray, video: np.ndarray) -> np.ndarray:
        """(row, window, feature), (row,) -> (row, emotion) float32, not yet cut to the scale."""

    def state_dict(self) -> Mapping[str, Any]:
        """Its tensors, with which another one, built for the same, predicts the same."""

    def load_state_dict(self, state: Mapping[str, Any]) -> Any:
        """Take over the tensors of another one."""
