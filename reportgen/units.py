"""The independent units of EEG samples: subjects, or recordings or trials where there is only one subject.

Windows of one trial are nearly the same sample, trials of one person share the person. Intervals and tests are
therefore over units, never over windows.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np

Unit = Literal["auto", "subject", "recording", "trial"]
_COARSEST_FIRST = ("subject", "recording", "trial")


def units_of(rows: Mapping[str, np.ndarray], wanted: Unit = "auto") -> tuple[str, np.ndarray]:
    """What the units are, and the one that each sample belongs to.

    Args:
        rows: kind `rows`: {subject, recording, trial: (sample,) text}.
        wanted: "auto": subjects if there are several, otherwise recordings, otherwise trials.

    Returns:
        "subject", "recording" or "trial", and its name for each sample (sample,) text.
    """
    several = (unit for unit in _COARSEST_FIRST if len(np.unique(rows[unit])) > 1)
    unit = next(several, "trial") if wanted == "auto" else wanted
    return unit, np.asarray(rows[unit])
