"""Networks whose use of fast oscillations does not survive without what muscles of the head are known for."""

from collections.abc import Iterator, Mapping
from typing import Any

from reportgen.audits._frequencies import Explanation, above, estimate, explanations
from reportgen.audits._smoke import soften
from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import NO_BREAK, counted, fixed, listing

NEEDS = ("facts", "band_views", "scores")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an explanation in frequencies whose recordings have temporal sites and samples fast oscillations.

    Muscles may do what a network does with gamma, if it loses balanced accuracy without all above the low-pass, or if gamma
    speaks for a class but not without the temporal ring of electrodes; each by intervals over units. Accuracy that is lost
    with the ring alone is no sign of muscles: there is brain below it too, at lower frequencies.
    """
    for one in explanations(inputs):
        muscles = one.found["muscles"]
        if muscles and (muscles["loss"]["low_pass"] or any(row["effect"] for row in muscles["gamma"])):
            yield soften(_finding(one, muscles), one.smoke)


def _finding(one: Explanation, muscles: Mapping[str, Any]) -> Finding:
    units, unit = len(one.found["units"]), one.found["unit"]
    lost, cut = muscles["loss"]["low_pass"], f"above {muscles['low_pass']:g}{NO_BREAK}Hz"
    evidence = f"{one.explainer} over {counted(units, unit)}: balanced accuracy lost without what lies {cut} {_shown(lost)},"
    evidence += f" without temporal electrodes {_shown(muscles['loss']['without_temporal'])}"
    if units < MIN_GROUPS:
        return Finding(
            severity="notice",
            about=one.about,
            title=f"Too few {unit}s to say whether muscles do what the network does with gamma",
            evidence=evidence,
            remedy=f"Test on {MIN_GROUPS} {unit}s or more, and do not speak of gamma of the brain until then.",
        )
    used = [row for row in muscles["gamma"] if above(row["effect"])]
    gone = [row for row in used if not (above(row["without_temporal"]) and _stays(row["low_pass"]))]
    evidence += f"; gamma clearly speaks for {listing([row['class'] for row in used]) or 'no class'}"
    if not gone and not above(lost):
        title = (
            "Gamma that the network uses survives the low-pass, and without temporal electrodes"
            if used
            else "The network needs no gamma"
        )
        return Finding(severity="ok", about=one.about, title=title, evidence=evidence)
    return Finding(
        severity="warning",
        about=one.about,
        title="What the network does with gamma may be muscle",
        evidence=evidence,
        remedy=f"Do not call it gamma of the brain; train again with band_filter up to {muscles['low_pass']:g}{NO_BREAK}Hz or"
        f" without {listing(muscles['temporal'])}, and report that score.",
        rows=(
            ("class", "logit that gamma adds [95 % interval]", f"without what lies {cut}", "without temporal electrodes"),
            *((row["class"], *(_shown(row[name]) for name in ("effect", "low_pass", "without_temporal"))) for row in gone),
        )
        if gone
        else (),
    )


def _stays(value: Mapping[str, Any] | None) -> bool:
    """Whether the effect is still there under the low-pass; it says nothing of samples that hold nothing above it."""
    return value is None or above(value)


def _shown(value: Mapping[str, Any] | None) -> str:
    """An estimate; unknown where nothing could be taken out."""
    return estimate(value) if value else fixed(None, 2)
