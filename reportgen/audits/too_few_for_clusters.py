"""Frequency ranges of too few people or recordings for the test that finds them."""

from collections.abc import Iterator
from math import floor, log2

from reportgen.audits._frequencies import Explanation, defined, explanations
from reportgen.audits._smoke import soften
from reportgen.bootstrap import LEVEL, MIN_GROUPS
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing, p_value

NEEDS = ("facts", "band_views", "scores")
_SIGNIFICANT = 1 - LEVEL


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an explanation in frequencies that has a view.

    A cluster permutation test flips the signs of whole units (Maris and Oostenveld 2007, J. Neurosci. Methods 164, 177): of n
    units there are 2ⁿ ways, so that no p is below 2⁻ⁿ, and after Holm's correction over the classes the smallest one is so many
    times that.
    """
    for one in explanations(inputs):
        if defined(one.found):
            yield soften(_finding(one), one.smoke)


def _finding(one: Explanation) -> Finding:
    found, unit, classes = one.found, one.found["unit"], len(one.found["classes"])
    units, needed = len(found["units"]), max(MIN_GROUPS, floor(log2(classes / _SIGNIFICANT)) + 1)
    evidence = (
        f"{one.explainer} over {counted(units, unit)}: the smallest p of {count(classes)} classes is"
        f" {p_value(min(1.0, classes * 2.0**-units))}; {needed} {unit}s are needed"
    )
    if units < needed:
        claimed = any(row["ranges"] for view in defined(found) for row in view["classes"])
        return Finding(
            severity="warning" if claimed or units < 2 else "notice",
            about=one.about,
            title=f"Frequency ranges are named of too few {unit}s" if claimed else f"Too few {unit}s to test frequency ranges",
            evidence=evidence,
            remedy=f"Test on {needed} {unit}s or more; until then curves are of these {unit}s, and no range says nothing.",
        )
    if lacking := _lacking(one, needed):
        return Finding(
            severity="notice",
            about=one.about,
            title=f"Too few {unit}s have trials of a class to test its frequency ranges",
            evidence=f"{evidence}; {listing([f'{name} has {count(n)}' for name, n in lacking.items()])}",
            remedy=f"Test on more {unit}s with trials of {listing(list(lacking))}: finding no range there says nothing.",
        )
    title = f"There are enough {unit}s to test frequency ranges"
    return Finding(severity="ok", about=one.about, title=title, evidence=evidence)


def _lacking(one: Explanation, needed: int) -> dict[str, int]:
    """{class: units that have trials of it}, of the view that has the fewest, where they are too few."""
    fewest: dict[str, int] = {}
    for view in defined(one.found):
        for row in view["classes"]:
            fewest[row["class"]] = min(row["units"], fewest.get(row["class"], row["units"]))
    return {name: units for name, units in fewest.items() if units < needed}
