"""What was planted into simulated recordings, and how much of it each view finds.

A view has found what was planted if its strongest range of the class overlaps the planted band. Only that range counts: with
any of several, more ranges would be more chances. Its peak is the peak, or that of the whole curve where there is no range.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def truth(
    planted: Sequence[Mapping[str, Any]], classes: Sequence[str], views: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """`truth` of the kind `band_views`, of the classes that have something planted.

    Args:
        planted: of each recording, see datasets/eeg_sim.py.
        classes: in their order.
        views: of the kind `band_views`.
    """
    rows = []
    for name in classes:
        recordings = [recording["classes"][name] for recording in planted if name in recording["classes"]]
        if recordings:
            there = _planted(recordings)
            found = [
                {"view": view["view"], **_found(own, there)}
                for view in views
                for own in view["classes"]
                if own["class"] == name
            ]
            rows.append({"class": name, **there, "views": found})
    return rows


def _planted(recordings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Means over recordings; channels of at least half of them, strongest first."""
    rank: dict[str, list[int]] = {}
    for recording in recordings:
        for place, channel in enumerate(recording["channels"]):
            rank.setdefault(channel, []).append(place)
    usual = {channel: float(np.mean(places)) for channel, places in rank.items() if 2 * len(places) >= len(recordings)}
    return {
        "band": [float(edge) for edge in np.mean([recording["band"] for recording in recordings], axis=0)],
        "peak": float(np.mean([recording["peak"] for recording in recordings])),
        "site": Counter(recording["site"] for recording in recordings).most_common(1)[0][0],
        "channels": sorted(usual, key=lambda channel: usual[channel]),
    }


def _found(own: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """What the class of a view has of what is there."""
    best = own["ranges"][0] if own["ranges"] else None
    overlap = None if best is None else shared((best["low"], best["high"]), there["band"])
    peak = own["peak"] if best is None else best["peak"]
    top = [one["channel"] for one in own["strongest"]]
    return {
        "found": bool(overlap),
        "peak_error": None if peak is None else abs(peak - there["peak"]),
        "overlap": overlap,
        "hits": len(set(top) & set(there["channels"])) if top else None,
        "site_in_top": there["site"] in top if top else None,
    }


def shared(first: Sequence[float], second: Sequence[float]) -> float:
    """Intersection over union of two ranges (low, high)."""
    both = min(first[1], second[1]) - max(first[0], second[0])
    return max(0.0, both) / (max(first[1], second[1]) - min(first[0], second[0]))
