"""Whether maps lie where the class was planted: the pointing game, and the share of positive relevance inside.

The maps are those of the images' own labels, since the regions were planted for them. A kind `localisation` is

    {"images": with a region, "left_out": without one, "chance": mean share of the images' area that is region,
     "measures": {"pointing": MEASURE, "inside": MEASURE}, higher is better (see `measures`),
     "per_class": [{"class", "images", "pointing": WHO, "inside": WHO}], classes with a region only,
     "randomised": null | {"images", "pointing": MEASURE, "inside": MEASURE}: maps of the same network after all its layers
         were drawn anew, as another explainer beside its own controls}

Pointing (Zhang et al. 2016, arXiv 1608.00507) asks whether the map's largest value lies inside; without their tolerance of
15 pixels, and where several pixels share that value, it is their share inside: the hits to expect if one is drawn by lot.
`inside` is the sum of the positive values inside over that everywhere; a map without positive values says nothing of the place
and counts as the region's share of the area, as a constant one does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.judging.measures import EXPLAINER, Bootstrap, means, measure

Maps = Mapping[str, np.ndarray]
"""{"explainer" or control: (image, row, column)} of the labels' class."""


def localisation(
    maps: Maps,
    truth: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    bootstrap: Bootstrap,
    *,
    randomised: tuple[Maps, np.ndarray] | None,
) -> dict[str, Any] | None:
    """The kind `localisation`, or None if no image has a region.

    Args:
        maps: of the trained network.
        truth: (image, row, column) bool, the planted regions.
        labels: (image,) int, index into classes.
        classes: their names.
        bootstrap: over images.
        randomised: maps of the randomised network, and which images (image,) int they are of.
    """
    planted = truth.any(axis=(1, 2))
    if not planted.any():
        return None
    scores = {who: scored(values[planted], truth[planted]) for who, values in maps.items()}
    own = [(label, labels[planted] == label) for label in np.unique(labels[planted])]
    return {
        "images": int(planted.sum()),
        "left_out": int((~planted).sum()),
        "chance": float(truth[planted].mean()),
        "measures": _measures(scores, bootstrap),
        "per_class": [
            {"class": classes[label], "images": int(these.sum())}
            | means({name: value[these] for name, value in scores[EXPLAINER].items()}, bootstrap)
            for label, these in own
        ],
        "randomised": None if randomised is None else _randomised(*randomised, truth, bootstrap),
    }


def _randomised(maps: Maps, which: np.ndarray, truth: np.ndarray, bootstrap: Bootstrap) -> dict[str, Any] | None:
    """The same measures for some of the images."""
    planted = truth[which].any(axis=(1, 2))
    if not planted.any():
        return None
    scores = {who: scored(values[planted], truth[which][planted]) for who, values in maps.items()}
    return {"images": int(planted.sum()), **_measures(scores, bootstrap)}


def _measures(scores: Mapping[str, Mapping[str, np.ndarray]], bootstrap: Bootstrap) -> dict[str, Any]:
    return {
        name: measure({who: score[name] for who, score in scores.items()}, bootstrap, better="higher")
        for name in ("pointing", "inside")
    }


def scored(maps: np.ndarray, truth: np.ndarray) -> dict[str, np.ndarray]:
    """Scores {"pointing" or "inside": (image,)} in [0, 1] of maps (image, row, column) on regions (image, row, column) bool."""
    flat, inside = maps.reshape(len(maps), -1).astype(float), truth.reshape(len(truth), -1)
    largest = flat == flat.max(axis=1, keepdims=True)
    positive = flat.clip(min=0)
    positive[~positive.any(axis=1)] = 1
    return {name: (weight * inside).sum(1) / weight.sum(1) for name, weight in (("pointing", largest), ("inside", positive))}
