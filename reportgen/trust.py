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
    """`it beats every control in deletion; it is worse than an edge map in ROAD; it is not shown to be better than …`."""
    beats, others = list[str](), dict[tuple[str, tuple[str, ...]], list[str]]()
    for name, measure in measures.items():
        left = unbeaten(measure)
        worse = [control for control in left if (measure["controls"][control]["difference_high"] or 0) < 0]
        if not left:
            beats.append(MEASURES[name])
        for words, controls in (
            ("is worse than", worse),
            ("is not shown to be better than", [c for c in left if c not in worse]),
        ):
            if controls:
                others.setdefault((words, tuple(controls)), []).append(MEASURES[name])
    said = [f"it beats every control in {listing(beats)}"] if beats else []
    return "; ".join(
        [
            *said,
            *(
                f"it {words} {listing([CONTROLS[c] for c in left])} in {listing(where)}"
                for (words, left), where in others.items()
            ),
        ]
    )
