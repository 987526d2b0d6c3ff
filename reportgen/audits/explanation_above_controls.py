"""Explanations that are no better than maps that know nothing of the network, or whose test an untrained network passes too."""

from collections.abc import Iterator, Mapping
from typing import Any

from reportgen.audits._smoke import soften
from reportgen.bootstrap import MIN_GROUPS
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.trust import CONTROLS, MEASURES, unbeaten, verdict
from reportgen.words import counted, fixed, listing

NEEDS = ("facts", "faithfulness", "localisation", "history")
_SUBJECT = {"faithfulness": "in what the network uses", "localisation": "in where the classes were planted"}
Measures = Mapping[str, Mapping[str, Any]]


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an explainer for faithfulness and, where regions were planted, one for localisation and one for its test."""
    for kind in ("faithfulness", "localisation"):
        for about, found in inputs.all(kind):
            smoke = any(history["smoke"] for _, history in inputs.all("history", experiment=about["experiment"]))
            for finding in _findings(f"experiment {about['experiment']}", about["explainer"], kind, found):
                yield soften(finding, smoke)


def _findings(about: str, explainer: str, kind: str, found: Mapping[str, Any]) -> Iterator[Finding]:
    where = _SUBJECT[kind]
    if found["images"] < MIN_GROUPS:
        yield Finding(
            severity="notice",
            about=about,
            title=f"Too few images to say whether {explainer} beats its controls {where}",
            evidence=f"{counted(found['images'], 'image')}, {MIN_GROUPS} are needed for an interval",
            remedy="Explain more images: raise images_per_class.",
        )
        return
    yield _beaten(about, explainer, where, found["images"], found["measures"])
    if kind == "localisation" and found["randomised"] and found["randomised"]["images"] >= MIN_GROUPS:
        yield _fails(about, explainer, found["randomised"]["images"], _measures(found["randomised"]))


def _measures(found: Mapping[str, Any]) -> Measures:
    return {name: found[name] for name in MEASURES if name in found}


def _beaten(about: str, explainer: str, where: str, images: int, measures: Measures) -> Finding:
    left = [(name, control) for name, measure in measures.items() for control in unbeaten(measure)]
    evidence = f"{counted(images, 'image')}: {verdict(measures)}"
    if not left:
        title = f"The maps of {explainer} are better than all controls {where}"
        return Finding(severity="ok", about=about, title=title, evidence=evidence)
    return Finding(
        severity="warning",
        about=about,
        title=f"The maps of {explainer} are not better than all controls {where}",
        evidence=evidence,
        remedy="Do not show these maps as the network's reasons without saying so; maps that know nothing may do as well.",
        rows=(
            ("measure", "better is", "control", explainer, "of the control", "advantage [95 % interval]"),
            *(_row(measures[name], name, control) for name, control in left),
        ),
    )


def _row(measure: Mapping[str, Any], name: str, control: str) -> tuple[str, ...]:
    held = measure["controls"][control]
    low, high = held["difference_low"], held["difference_high"]
    limits = f" [{fixed(low, 3)}, {fixed(high, 3)}]" if low is not None else ""
    advantage = f"{fixed(held['difference'], 3)}{limits}"
    means = fixed(measure["explainer"]["mean"], 3), fixed(held["mean"], 3)
    return MEASURES[name], measure["better"], CONTROLS[control], *means, advantage


def _fails(about: str, explainer: str, images: int, measures: Measures) -> Finding:
    """Whether a network that learned nothing passes the test of localisation, as it must not."""
    passed = [name for name, measure in measures.items() if not unbeaten(measure)]
    means = [f"{MEASURES[name]} {fixed(measure['explainer']['mean'], 3)}" for name, measure in measures.items()]
    evidence = f"{explainer} on the network with all layers drawn anew, {counted(images, 'image')}: {listing(means)}"
    if not passed:
        title = "A network that learned nothing fails the test of localisation"
        return Finding(severity="ok", about=about, title=title, evidence=f"{evidence}; {verdict(measures)}")
    return Finding(
        severity="warning",
        about=about,
        title="A network that learned nothing passes the test of localisation",
        evidence=f"{evidence}; it beats every control in {listing([MEASURES[name] for name in passed])}",
        remedy=f"Do not take {listing([MEASURES[name] for name in passed])} as a sign of what the network learned: the planted"
        " regions stand out in the images themselves.",
    )
