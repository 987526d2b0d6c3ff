"""What the controls say of an explanation, as sentences: from the outputs of the judging steps."""

from collections.abc import Iterator, Mapping
from typing import Any

from reportgen.report.results import Score
from reportgen.trust import unbeaten, verdict
from reportgen.words import counted, percent


def sentences(faithfulness: Any, localisation: Any, randomisation: Any) -> Iterator[str]:
    """How far an explanation can be trusted; each argument is an output of that kind, or None."""
    if faithfulness:
        yield f"Over {counted(faithfulness['images'], 'image')}: {verdict(faithfulness['measures'])}."
    if localisation and localisation["images"]:
        yield from _located(localisation)
    if randomisation:
        last = randomisation["depths"][-1]
        spearman = Score.of(last["spearman"])
        yield f"With all {randomisation['layers']} layers randomised, its maps are like the real ones by {spearman.estimate}."


def _located(found: Mapping[str, Any]) -> Iterator[str]:
    pointing = Score.of(found["measures"]["pointing"]["explainer"])
    inside = Score.of(found["measures"]["inside"]["explainer"])
    yield (
        f"On {counted(found['images'], 'image')} with a planted region ({percent(found['chance'])} of the area) its strongest"
        f" point lies inside in {pointing.estimate} of them, and {inside.estimate} of its relevance:"
        f" {verdict(found['measures'])}."
    )
    if found.get("randomised"):
        randomised = found["randomised"]["pointing"]
        point = Score.of(randomised["explainer"])
        passes = "fails the same test" if unbeaten(randomised) else "passes the same test, which therefore says nothing"
        yield f"A randomised network (strongest point inside in {point.estimate}) {passes}."
