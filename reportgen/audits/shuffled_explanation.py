"""Explanations in frequencies that a network trained on shuffled labels gives too, or of a network that learned nothing."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from annotated_doc import Doc
from annotated_types import Gt, Lt

from reportgen.audits._baseline import above_all, verdict
from reportgen.audits._frequencies import Explanation, above, defined, estimate, explanations, hertz
from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.frequencies.effect import OF_DATA
from reportgen.outputs import Inputs
from reportgen.words import counted, fixed, listing

NEEDS = ("facts", "band_views", "scores")


def inspect(
    inputs: Inputs,
    *,
    alike: Annotated[float, Gt(0), Lt(1), Doc("mean correlation with the control's curves from which they are alike")] = 0.7,
    surely: Annotated[float, Gt(0), Lt(1), Doc("they are alike too if the whole interval lies above this one")] = 0.5,
) -> Iterator[Finding]:
    """One finding an explanation, and one more where the network itself is not above its baseline.

    A view tells nothing of what was learned if the control, a network like it that was trained on shuffled labels, shows a
    range in it, or if both have the same curves. The squares of the two limits say how much of what varies in the one
    curve varies in the other as well: about half of it on average, or surely a quarter of it. The view `passes` shows the
    data and is left out. Ranges are tested at 5 % in each view, so that the control may show one by chance: the table says
    where.
    """
    for one in explanations(inputs):
        yield soften(_held(one, alike, surely), one.smoke)
        for _, scores in inputs.all("scores", experiment=one.experiment):
            yield from (soften(finding, one.smoke) for finding in _unlearned(one, scores["views"]["all"]))


def _held(one: Explanation, alike: float, surely: float) -> Finding:
    """The explanation beside that of its control."""
    about, found = one.about, one.found
    views = [view for view in defined(found) if view["view"] not in OF_DATA]
    controls = {view["view"]: view["control"] for view in views if view["control"]}
    if not controls:
        return Finding(
            severity="notice",
            about=about,
            title="Nothing says what the explanation would show without labels",
            evidence=f"{one.explainer}: no network was trained on shuffled labels",
            remedy="Train in earnest, with evaluate.shuffles of 1 or more: what a network shows that was trained on shuffled"
            " labels is of the data or of its build.",
        )
    told = [f"{view} {estimate(control['likeness'])}" for view, control in controls.items() if control["likeness"]]
    evidence = f"{one.explainer} over {counted(len(found['units']), found['unit'])}: correlation of the curves with those of"
    evidence += f" networks trained on shuffled labels {', '.join(told) or 'unknown'}"
    same = {view: control for view, control in controls.items() if _is_same(control, alike, surely)}
    if same:
        return _same(about, evidence, same)
    if not found["tested"] or len(told) < len(controls):
        return Finding(
            severity="notice",
            about=about,
            title=f"Too few {found['unit']}s to hold the explanation against that of shuffled labels",
            evidence=evidence,
            remedy=f"Test on more {found['unit']}s; until then do not say that the network learned what is shown.",
        )
    evidence += f"; no range of theirs in any of {counted(len(controls), 'view')}"
    title = "Networks trained on shuffled labels show neither ranges nor the same curves"
    return Finding(severity="ok", about=about, title=title, evidence=evidence)


def _is_same(control: Mapping[str, Any], alike: float, surely: float) -> bool:
    likeness = control["likeness"]
    mean = likeness["mean"] if likeness else None
    return _ranges(control) != {} or (mean is not None and mean >= alike) or above(likeness, surely)


def _ranges(control: Mapping[str, Any]) -> dict[str, str]:
    """{class: ranges that the control shows}."""
    return {one["class"]: hertz(one["ranges"]) for one in control["classes"] if one["ranges"]}


def _same(about: str, evidence: str, same: Mapping[str, Mapping[str, Any]]) -> Finding:
    rows = [
        (view, "; ".join(f"{name} {where}" for name, where in _ranges(control).items()) or "none", _likeness(control))
        for view, control in same.items()
    ]
    return Finding(
        severity="warning",
        about=about,
        title=f"Networks trained on shuffled labels show ranges or the same curves too: {listing(list(same))}",
        evidence=evidence,
        remedy="Do not take these views for what the network learned: they show the data or its build. Look at the other views,"
        " and train again with other seeds if it is a single range.",
        rows=(("view", "ranges with shuffled labels", "correlation with them [95 % interval]"), *rows),
    )


def _likeness(control: Mapping[str, Any]) -> str:
    return estimate(control["likeness"]) if control["likeness"] else "unknown"


def _unlearned(one: Explanation, view: Mapping[str, Any]) -> Iterator[Finding]:
    """Where there is nothing to explain; too few groups to say so are a matter of other audits."""
    above_baseline = above_all(view)
    severity, said, _ = verdict(above_baseline, view["groups"])
    if severity in ("warning", "error"):
        yield Finding(
            severity="warning",
            about=one.about,
            title=f"What {one.explainer} explains has learned nothing for sure",
            evidence=f"the accuracy {said}: difference {fixed(above_baseline['difference'], 3)}",
            remedy="Do not read frequencies off this network before it recognises something.",
        )
