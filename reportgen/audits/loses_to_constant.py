"""Models of intensities whose error is not below that of always saying zero, or the median."""

from collections.abc import Iterator, Mapping, Sequence

from reportgen.audits._regression import Assessed, Model, assessed, limits, named
from reportgen.core import Finding, Severity
from reportgen.outputs import Inputs
from reportgen.words import counted, fixed, listing, percent

NEEDS = ("regression",)
_TITLES: Mapping[Severity, str] = {
    "warning": "A constant errs less than {}",
    "notice": "No clear gain over a constant: {}",
    "ok": "{} better than a constant",
}
_REMEDIES: Mapping[Severity, str] = {
    "warning": "Do not report the error of these models without that of the constant. Choose them by a correlation, train them"
    " on the absolute error, or give them better inputs.",
    "notice": "Say so beside the error, and judge these models by correlations. More videos in the test part make intervals"
    " narrower.",
    "ok": "",
}


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """A finding each for the models of an experiment that lose, that do not clearly win, and that win.

    Where most ratings are zero a constant has a low mean absolute error: only what is below it was learned. Whether a
    difference to the median is clear is decided by its interval, paired over videos. The median is of the training part;
    a model that errs less than it, but more than always zero, does not clearly win.
    """
    for one in assessed(inputs):
        fates = {model["id"]: _fate(one, model) for model in one.models}
        for fate in _TITLES:
            models = [model for model in one.models if fates[model["id"]] == fate]
            if models:
                yield _finding(one, models, fate)


def _fate(one: Assessed, model: Model) -> Severity:
    gap = _gap(one, model)
    if gap["high"] is not None and gap["high"] < 0:
        return "warning"
    below = model["scores"]["mae"]["mean"] < one.baseline("zero")["scores"]["mae"]["mean"]
    return "ok" if gap["low"] is not None and gap["low"] > 0 and below else "notice"


def _gap(one: Assessed, model: Model) -> Mapping[str, float | None]:
    """By how much the median errs more."""
    wanted = {"first": model["id"], "second": "median", "score": "mae"}
    pair = next(pair for pair in one.found["pairs"] if all(pair[name] == value for name, value in wanted.items()))
    difference: Mapping[str, float | None] = pair["difference"]
    return difference


def _finding(one: Assessed, models: Sequence[Model], fate: Severity) -> Finding:
    names = listing([named(model) for model in models])
    whom = f"{counted(len(models), 'model')} {'is' if len(models) == 1 else 'are'}" if fate == "ok" else names
    constants = [f"always {key} {fixed(one.baseline(key)['scores']['mae']['mean'], 3)}" for key in ("zero", "median")]
    errors = [f"{named(model)} {limits(model['scores']['mae'], 3)}" for model in models]
    zero = f"{percent(one.found['zero'])} of the test segments have no emotion at all"
    return Finding(
        severity=fate,
        about=one.about,
        title=_TITLES[fate].format(whom),
        evidence=f"mean absolute error: {', '.join([*constants, *errors])}; {zero}",
        remedy=_REMEDIES[fate],
        rows=(("model", "error", "error of the median less its own"), *(_row(one, model) for model in models)),
    )


def _row(one: Assessed, model: Model) -> tuple[str, ...]:
    return named(model), limits(model["scores"]["mae"], 3), limits(_gap(one, model), 4)
