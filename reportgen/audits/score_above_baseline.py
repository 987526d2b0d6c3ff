"""Scores that are not clearly above what naming the most frequent class would reach."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from reportgen.audits._baseline import above_all, verdict
from reportgen.audits._controls import is_amplitude, is_guess
from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, fixed

NEEDS = ("scores", "model", "features")
_ON = {"all": "", "twin_free": " on twin-free samples"}


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment, and one for its twin-free test samples where they are fewer.

    None of models that are meant to guess: they are the baseline. Plain amplitudes are meant to tell nothing.
    """
    for about, scores in inputs.all("scores"):
        if is_guess(inputs, about["experiment"]):
            continue
        for name, view in scores["views"].items():
            if view and (name == "all" or not view["same"]):
                finding = soften(_finding(f"experiment {about['experiment']}", view, _ON[name]), scores["smoke"])
                unbeaten = finding.severity == "ok" or not is_amplitude(inputs, about)
                yield finding if unbeaten else replace(finding, severity="ok", remedy="")


def _finding(about: str, view: Mapping[str, Any], where: str) -> Finding:
    severity, said, remedy = verdict(above_all(view), view["groups"])
    accuracy, majority, above = view["metrics"]["accuracy"]["mean"], view["baseline"]["majority"], view["above_baseline"]
    limits = f" [{fixed(above['low'], 3)}, {fixed(above['high'], 3)}]" if above["low"] is not None else ""
    evidence = (
        f"accuracy {fixed(accuracy, 3)} of {count(view['n'])}, always {majority['class']} {fixed(majority['accuracy'], 3)},"
        f" chance {fixed(view['baseline']['chance'], 3)}; difference {fixed(above['difference'], 3)}{limits}"
    )
    return Finding(severity=severity, about=about, title=f"The accuracy {said}{where}", evidence=evidence, remedy=remedy)
