"""Validation scores far above the test score."""

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist
from typing import Annotated, Any

from annotated_doc import Doc
from annotated_types import Ge, Gt, Lt

from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, fixed

NEEDS = ("scores",)


def inspect(
    inputs: Inputs,
    *,
    gap: Annotated[float, Ge(0), Lt(1), Doc("accuracy that choosing the best of many epochs may gain by luck")] = 0.03,
    level: Annotated[float, Gt(0), Lt(1), Doc("p of the one-sided test below which a gap is no chance")] = 0.01,
) -> Iterator[Finding]:
    """One finding an experiment.

    A gap is far if it is larger than `gap` and unlikely by chance in the pooled z-test of two proportions (Fleiss, Levin and
    Paik 2003, Statistical Methods for Rates and Proportions, section 3). The default of `gap` is about two standard
    errors of an accuracy on a thousand validation samples. The accuracies are means over seeds, tested as those of one
    model, for all seeds share the samples. Windows of recordings are not independent, so that no such test holds: there the
    gap is far if the validation accuracy is above the interval of the test accuracy, if there is one.
    """
    for about, scores in inputs.all("scores"):
        if scores["unit"] != "image" and scores["validation"]["n"]:
            yield _of_recordings(f"experiment {about['experiment']}", scores, gap)
        elif scores["validation"]["n"]:
            yield soften(_finding(f"experiment {about['experiment']}", scores, gap, level), scores["smoke"])


def _finding(about: str, scores: dict[str, Any], gap: float, level: float) -> Finding:
    validation, test = scores["validation"]["accuracy"]["mean"], scores["views"]["all"]["metrics"]["accuracy"]["mean"]
    n_validation, n_test = scores["validation"]["n"], scores["n"]
    p = _p_value(validation, test, n_validation, n_test)
    evidence = (
        f"accuracy {fixed(validation, 3)} on {count(n_validation)} validation samples, {fixed(test, 3)} on {count(n_test)}"
        f" test samples; p {f'= {fixed(p, 3)}' if p >= 0.001 else '< 0.001'}"
    )
    if validation - test <= gap or p >= level:
        title = "The validation accuracy is not far above the test accuracy"
        return Finding(severity="ok", about=about, title=title, evidence=evidence)
    return Finding(
        severity="warning",
        about=about,
        title="The validation accuracy is far above the test accuracy",
        evidence=evidence,
        remedy="Look for copies, subjects or sessions of the training samples in the validation part, and for test data"
        " of another kind; tune less on the validation part.",
    )


def _of_recordings(about: str, scores: dict[str, Any], gap: float) -> Finding:
    """A validation part of the same people and clips as the training part is recognised better: no fault, but no result."""
    n, validation = scores["validation"]["n"], scores["validation"]["accuracy"]["mean"]
    test = scores["views"]["all"]["metrics"]["accuracy"]
    limits = f" [{fixed(test['low'], 3)}, {fixed(test['high'], 3)}]" if test["high"] is not None else ""
    evidence = (
        f"accuracy {fixed(validation, 3)} on {count(n)} validation samples, {fixed(test['mean'], 3)}{limits}"
        f" on {count(scores['n'])} test samples of {counted(scores['groups'], scores['unit'])}"
    )
    if validation - test["mean"] <= gap or (test["high"] is not None and validation <= test["high"]):
        title = "The validation accuracy is not far above the test accuracy"
        return Finding(severity="ok", about=about, title=title, evidence=evidence)
    return Finding(
        severity="notice",
        about=about,
        title="The validation accuracy is far above the test accuracy",
        evidence=evidence,
        remedy="Never report it: the validation part holds people, days or clips that the training part knows too.",
    )


def _p_value(first: float, second: float, n_first: int, n_second: int) -> float:
    """Of the one-sided test that the first proportion is not larger."""
    pooled = (first * n_first + second * n_second) / (n_first + n_second)
    error = sqrt(pooled * (1 - pooled) * (1 / n_first + 1 / n_second))
    return 1 - NormalDist().cdf((first - second) / error) if error else 1.0
