"""Whether two views say the same: of one network, or of it and one that was trained on shuffled labels."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from reportgen.frequencies.effect import Effect
from reportgen.frequencies.ranges import over_units

TOP = 5
"""So many channels are called the strongest."""
_LARGEST = 1 - 1e-6  # of a correlation: the z of 1 is infinite
_LEAST = 3  # numbers that a correlation needs
_SAME = 1e-9  # what varies less is the same


def strongest(channels: np.ndarray, names: Sequence[str]) -> list[dict[str, Any]]:
    """The channels with the largest mean effect for the class, up to five; those that speak against it are none.

    Args:
        channels: (unit, channel), NaN where a unit does not have the class.
        names: of the channels.
    """
    mean = over_units(channels)[0]
    order = np.argsort(-mean, kind="stable")[:TOP]
    return [{"channel": names[i], "effect": float(mean[i])} for i in order if mean[i] > 0]


def correlation(first: np.ndarray, second: np.ndarray) -> dict[str, float | None] | None:
    """Mean over units of the correlation of each unit's two rows (unit, number), and its 95 % interval by Fisher's z.

    Numbers that one of the two does not know are left out, and units with fewer than three or of which one never varies.

    Returns:
        Limits are None with fewer than six units; all is None without units.
    """
    r = np.array([_pearson(x, y) for x, y in zip(first, second, strict=True)])
    if not np.isfinite(r).any():
        return None
    limits = over_units(np.arctanh(np.clip(r, -_LARGEST, _LARGEST)))
    return {name: None if z is None else float(np.tanh(z)) for name, z in zip(("mean", "low", "high"), limits, strict=True)}


def _pearson(first: np.ndarray, second: np.ndarray) -> float:
    known = np.isfinite(first) & np.isfinite(second)
    x, y = first[known].astype(float), second[known].astype(float)
    if len(x) < _LEAST or any(np.ptp(values) <= _SAME * np.abs(values).max() for values in (x, y)):
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def agreement(views: Sequence[Mapping[str, Any]], effects: Mapping[str, Effect]) -> list[dict[str, Any]]:
    """Each two of the views that are defined, class by class: `agreement` of the kind `band_views`.

    Args:
        views: of the kind `band_views`.
        effects: what they measured.
    """
    defined = [view for view in views if view["defined"]]
    return [
        {
            "first": a["view"],
            "second": b["view"],
            "class": of_a["class"],
            "correlation": correlation(effects[a["view"]].curve[:, i], effects[b["view"]].curve[:, i]),
            "apart": None if of_a["peak"] is None or of_b["peak"] is None else abs(of_a["peak"] - of_b["peak"]),
            "shared": _shared(of_a["strongest"], of_b["strongest"]),
        }
        for a, b in combinations(defined, 2)
        for i, (of_a, of_b) in enumerate(zip(a["classes"], b["classes"], strict=True))
    ]


def likeness(real: Effect, control: Effect) -> dict[str, float | None] | None:
    """Correlation of each unit's curves, all classes one after another, with those of its network for shuffled labels."""
    return correlation(*(effect.curve.reshape(len(effect.curve), -1) for effect in (real, control)))


def _shared(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> int | None:
    if not first or not second:
        return None
    return len({one["channel"] for one in first} & {one["channel"] for one in second})
