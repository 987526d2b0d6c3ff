"""Models of intensities that predict several emotions and tell one thing only."""

from collections.abc import Iterator, Sequence

from reportgen.audits._regression import Assessed, Model, assessed, limits, named
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.regression.telling import only_tells, worded
from reportgen.words import counted, fixed, listing

NEEDS = ("regression",)


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """A finding each for constant, collapsed, untested and other models of an experiment; see regression/collapse.py."""
    for one in assessed(inputs):
        constant, collapsed, untested = (_those(one, verdict) for verdict in ("constant", "collapsed", "not tested"))
        rest = [model for model in one.models if model["collapse"]["verdict"] in ("healthy", "weak")]
        if constant:
            yield _constant(one, constant)
        if collapsed:
            yield _collapsed(one, collapsed)
        if untested:
            yield _untested(one, untested)
        if rest:
            yield _passed(one, rest)


def _those(one: Assessed, verdict: str) -> list[Model]:
    return [model for model in one.models if model["collapse"]["verdict"] == verdict]


def _constant(one: Assessed, models: Sequence[Model]) -> Finding:
    return Finding(
        severity="error",
        about=one.about,
        title=f"Predictions do not vary: {listing([named(model) for model in models])}",
        evidence=_errors(models),
        remedy="Whatever error is reported for these models is that of a constant. Look at the learning rate, the loss and"
        " their inputs.",
    )


def _collapsed(one: Assessed, models: Sequence[Model]) -> Finding:
    lines = [f"{named(model)} {only_tells(_told(model))}. {model['collapse']['why']}" for model in models]
    hidden = [pair["why"] for pair in one.found["hidden"] if pair["hides"] in {model["id"] for model in models}]
    return Finding(
        severity="warning",
        about=one.about,
        title=f"Collapsed to a single factor: {listing([named(model) for model in models])}",
        evidence=" ".join([*lines, *hidden]).removesuffix("."),
        remedy="Do not read these models' scores of single emotions as if each had been told. Give them inputs that tell more,"
        " weigh rare emotions more, or say that they predict one dimension.",
        rows=_table(models),
    )


def _untested(one: Assessed, models: Sequence[Model]) -> Finding:
    return Finding(
        severity="notice",
        about=one.about,
        title=f"Whether they collapsed cannot be told: {listing([named(model) for model in models])}",
        evidence=" ".join(f"{named(model)}: {model['collapse']['why']}" for model in models).removesuffix("."),
        remedy="Give the test part more videos.",
    )


def _passed(one: Assessed, models: Sequence[Model]) -> Finding:
    weak = [model for model in models if model["collapse"]["verdict"] == "weak"]
    told = f"; weak, and no more than that: {listing([named(model) for model in weak])}" if weak else ""
    many = counted(len(models), "model")
    return Finding(
        severity="ok",
        about=one.about,
        title=f"{many} did not collapse",
        evidence=f"{_ranks(models)}{told}",
        rows=_table(models),
    )


def _told(model: Model) -> str:
    """What its dominant factor tells, "" for none of the emotions."""
    return str((model["collapse"]["dominant"] or {}).get("told", ""))


def _ranks(models: Sequence[Model]) -> str:
    """Effective ranks, beside those of a calibrated predictor."""
    each = [(named(model), model["collapse"]) for model in models]
    shown = (f"{name} {fixed(one['rank']['mean'], 1)} of {fixed(one['calibrated']['mean'], 1)}" for name, one in each)
    return f"effective rank of predictions, of a calibrated predictor's: {', '.join(shown)}"


def _errors(models: Sequence[Model]) -> str:
    return "mean absolute error: " + ", ".join(f"{named(model)} {limits(model['scores']['mae'], 3)}" for model in models)


def _table(models: Sequence[Model]) -> tuple[tuple[str, ...], ...]:
    header = ("model", "verdict", "rank", "calibrated", "still tells", "dominant factor", "variance", "r²", "error")
    return (header, *(_row(model) for model in models))


def _row(model: Model) -> tuple[str, ...]:
    one = model["collapse"]
    numbers = (limits(one[name], 1) for name in ("rank", "calibrated"))
    spread = (fixed(one[name]["mean"], 2) for name in ("variance_ratio", "r2"))
    beyond = listing([worded(name) for name in one["kept"]]) or "nothing more"
    return (
        named(model),
        one["verdict"],
        *numbers,
        beyond,
        _told(model) or "none",
        *spread,
        fixed(model["scores"]["mae"]["mean"], 3),
    )
