"""What the controls say of an explanation, as sentences: from the outputs of the judging steps."""

from collections.abc import Iterator, Mapping
from typing import Any

from reportgen.bootstrap import MIN_GROUPS
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
        yield _forgotten(randomisation)


def _forgotten(found: Mapping[str, Any]) -> str:
    """What became of the maps with all layers randomised."""
    telling = found["images"] - found.get("constant", 0)
    if not telling:
        return f"All maps of {counted(found['images'], 'image')} are constant: nothing can be said of randomising the network."
    likeness, constant = Score.of(found["depths"][-1]["spearman"]), found["images"] - telling
    without = " in every one of them" if telling >= MIN_GROUPS else " (too few for an interval)"
    left_out = f"; {counted(constant, 'image')} with a constant map {'is' if constant == 1 else 'are'} left out"
    return (
        f"With all {found['layers']} layers randomised, its maps of {counted(telling, 'image')} are like the real ones by a"
        f" rank correlation of {likeness.estimate}{'' if likeness.certain else without}{left_out if constant else ''}."
    )


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
