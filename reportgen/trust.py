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


def verdict(measures: Mapping[str, Mapping[str, Any]]) -> str:
    """`it beats every control in deletion and ROAD; it is not shown to be better than an edge map in insertion`."""
    by_controls: dict[tuple[str, ...], list[str]] = {}
    for name, measure in measures.items():
        by_controls.setdefault(tuple(unbeaten(measure)), []).append(MEASURES[name])
    return "; ".join(
        f"it is not shown to be better than {listing([CONTROLS[name] for name in left])} in {listing(where)}"
        if left
        else f"it beats every control in {listing(where)}"
        for left, where in sorted(by_controls.items(), key=lambda item: len(item[0]))
    )
