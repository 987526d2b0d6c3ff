"""The rated segments of each part; those that nobody rated are in none."""

import numpy as np

from reportgen.core import PARTS
from reportgen.errors import StepError
from reportgen.outputs import Inputs


def rated(inputs: Inputs) -> np.ndarray:
    """(segment,) bool, from intensities: all emotions were rated."""
    return np.asarray(np.isfinite(np.asarray(inputs.one("intensities"))).all(axis=1))


def rows_of(inputs: Inputs, part: int) -> np.ndarray:
    """(row,) int, index into all segments, from intensities and parts.

    Raises:
        StepError: there are none.
    """
    rows = np.flatnonzero((np.asarray(inputs.one("parts")) == part) & rated(inputs))
    if not len(rows):
        raise StepError(
            f"the split leaves no rated segments for the part {PARTS[part]}",
            "Give more videos, or choose a split with shares for training, validation and test.",
        )
    return rows


def videos_of(inputs: Inputs) -> np.ndarray:
    """(segment,) text: the video of each segment."""
    return np.asarray(inputs.one("segments")["video"])
