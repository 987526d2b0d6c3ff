"""How far an explanation can be trusted, in words: which controls it beats, from the intervals of the judging steps."""

from collections.abc import Mapping
from typing import Any

from reportgen.words import listing

CONTROLS: Mapping[str, str] = {
    "random": "a random map",
    "centre": "a centred Gaussian",
    "edges": "an edge map",
    "blur_matched": "its own map shuffled and blurred alike",
}
"""Maps that know nothing of the network, by the names that `faithfulness` and `localisation` give them."""
MEASURES: Mapping[str, str] = {
    "deletion": "deletion",
    "insertion": "insertion",
    "road": "ROAD",
    "pointing": "the pointing game",
    "inside": "relevance inside the planted regions",
}


def unbeaten(measure: Mapping[str, Any]) -> list[str]:
    """The controls that a measure of `faithfulness` or `localisation` does not show to be worse than the explainer.

    A control is beaten if the 95 % interval of the paired difference lies above zero; without an interval nothing is
    claimed, so the control counts as unbeaten.
    """
    return [name for name, control in measure["controls"].items() if not (control["difference_low"] or 0) > 0]


def worse(measure: Mapping[str, Any]) -> list[str]:
    """The controls, all of them unbeaten, that are better than the explainer: the interval lies below zero."""
    return [name for name, control in measure["controls"].items() if (control["difference_high"] or 0) < 0]


def verdict(measures: Mapping[str, Mapping[str, Any]]) -> str:
    """`it beats every control in deletion; it is worse than an edge map in ROAD; it is not shown to be better than …`."""
    clauses: dict[str, list[str]] = {"beats every control": []}  # first, whatever comes first in measures
    for name, measure in measures.items():
        left, lost = unbeaten(measure), worse(measure)
        unclear = [control for control in left if control not in lost]
        for clause, controls in (("is worse than", lost), ("is not shown to be better than", unclear)):
            if controls:
                clauses.setdefault(f"{clause} {listing([CONTROLS[c] for c in controls])}", []).append(MEASURES[name])
        if not left:
            clauses["beats every control"].append(MEASURES[name])
    return "; ".join(f"it {clause} in {listing(where)}" for clause, where in clauses.items() if where)
