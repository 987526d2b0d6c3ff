"""One measure of an explainer beside its controls, as JSON, with bootstrap intervals over images.

    MEASURE = {"better": "higher" | "lower", "explainer": WHO, "controls": {control: CONTROL}}
    WHO = {"mean", "low", "high"}: mean over images and its 95 % interval
    CONTROL = WHO and {"difference", "difference_low", "difference_high"}: of the explainer and the control, paired by image
        and signed so that positive means that the explainer is better

Limits are null where nothing is claimed: for fewer than six images, and where no image differs from another (`bootstrap`). The
difference of an explainer and a control may be the same in every image, as where one always points right and the other never
does: with six images that is no chance (sign test, p = 2⁻⁵), so its limits are then the difference itself, unless that is
no more than rounding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from reportgen.bootstrap import MIN_GROUPS, interval, resample

_SMALLEST = 1e-6  # difference that is more than rounding: probabilities are float32, with steps of 6e-8 below 1
EXPLAINER = "explainer"
"""The name of the explainer's own map beside those in `reportgen.trust.CONTROLS`."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How images are resampled."""

    resamples: int
    seed: int


def measure(values: Mapping[str, np.ndarray], bootstrap: Bootstrap, *, better: Literal["higher", "lower"]) -> dict[str, Any]:
    """A measure from its values {"explainer" or control: (image,)}, at least one image."""
    sign = 1 if better == "higher" else -1
    own = values[EXPLAINER]
    controls = [name for name in values if name != EXPLAINER]
    differences = {f"less {name}": sign * (own - values[name]) for name in controls}
    found = means({**values, **differences}, bootstrap)

    def control(name: str) -> dict[str, float | None]:
        less = found[f"less {name}"]
        if less["low"] is None and len(own) >= MIN_GROUPS and abs(less["mean"] or 0) >= _SMALLEST:
            less = dict.fromkeys(less, less["mean"])
        return found[name] | {"difference": less["mean"], "difference_low": less["low"], "difference_high": less["high"]}

    return {"better": better, EXPLAINER: found[EXPLAINER], "controls": {name: control(name) for name in controls}}


def means(values: Mapping[str, np.ndarray], bootstrap: Bootstrap) -> dict[str, dict[str, float | None]]:
    """WHO of each of several values of the same images, {name: (image,)}; the same resamples for all."""
    columns = np.stack([np.ones(len(next(iter(values.values())))), *values.values()], axis=1)  # (image, column)

    def of(sums: np.ndarray) -> dict[str, np.ndarray]:
        return {name: sums[:, column] / sums[:, 0] for column, name in enumerate(values, 1)}

    drawn = resample(columns, of, resamples=bootstrap.resamples, seed=bootstrap.seed)
    limits = {name: interval(drawn, name) for name in values}
    return {name: {"mean": drawn.estimate[name], "low": limits[name][0], "high": limits[name][1]} for name in values}
