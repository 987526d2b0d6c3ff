"""What the figures of LIME read: the outputs of one explainer, image by image."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.outputs import Inputs


@dataclass(frozen=True, slots=True)
class Explanation:
    """The superpixels of one image and what they do for the image's own class."""

    index: int  # of the image in the explainer's outputs
    sample: int  # index into samples
    label: int
    predicted: int
    probability: float  # of the predicted class
    superpixels: np.ndarray  # (row, column) int, from 0
    weights: np.ndarray  # (segment,) of class `label`
    signs: np.ndarray  # (segment,) share of repeats with the sign of the weight

    @property
    def right(self) -> bool:
        """Whether the model names the image's class."""
        return self.label == self.predicted


def source(inputs: Inputs) -> Mapping[str, str]:
    """The experiment's first explainer with superpixels, and its seed: which outputs belong together."""
    about = inputs.about("superpixels")[0]
    return {key: about[key] for key in ("experiment", "seed", "explainer")}


def explanations(inputs: Inputs) -> Iterator[Explanation]:
    """Every explained image in the order in which they were drawn by lot."""
    which = source(inputs)
    told: list[dict[str, Any]] = inputs.one("explained", **which)
    arrays = [inputs.one(kind, **which) for kind in ("superpixels", "superpixel_weights", "superpixel_signs")]
    for index, (row, superpixels, weights, signs) in enumerate(zip(told, *arrays, strict=True)):
        own = int(superpixels.max()) + 1
        label = row["label"]
        yield Explanation(
            index,
            row["sample"],
            label,
            row["predicted"],
            row["probability"],
            np.asarray(superpixels),
            np.asarray(weights[label, :own], float),
            np.asarray(signs[label, :own], float),
        )
