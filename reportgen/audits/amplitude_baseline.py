"""Models that are no better than the plain amplitude of each channel, which needs no brain."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.audits._clear import chance, is_clear
from reportgen.audits._controls import AMPLITUDE, is_amplitude, is_guess
from reportgen.bootstrap import MIN_GROUPS, interval, resample
from reportgen.comparison import sign_flip
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import counted, fixed, listing

NEEDS = ("facts", "features", "split", "scores", "model", "comparison")
_RESAMPLES = 2000
_WHY = (
    "Contact of electrodes, blinks and muscles alone decide how strong a channel is: say that the score may be of them, clean"
    " the signals (band_filter, bad_channels), and look at what the model uses."
)


@dataclass(frozen=True, slots=True)
class _Scored:
    """An experiment on signals and what it came to."""

    name: str
    dataset: str
    split: str  # JSON
    unit: str
    control: bool  # does it look at amplitudes only?
    accuracy: float
    units: Mapping[str, float]  # {unit: accuracy}


@dataclass(frozen=True, slots=True)
class _Difference:
    """Accuracy of the model less that of the control."""

    mean: float
    low: float | None
    high: float | None
    p: float | None
    over: str

    def __str__(self) -> str:
        limits = f" [{fixed(self.low, 3)}, {fixed(self.high, 3)}]" if self.low is not None else ""
        return f"difference {fixed(self.mean, 3)}{limits} {self.over}, {chance(self.p)}"


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment whose split amplitudes were tried on too, and one a data set for those where they were not."""
    scored = [*_scored(inputs)]
    lacking: dict[str, list[_Scored]] = {}
    for one in scored:
        controls = [c for c in scored if c.control and (c.dataset, c.split, c.unit) == (one.dataset, one.split, one.unit)]
        if one.control:
            continue
        if controls:
            control = max(controls, key=lambda c: c.accuracy)
            yield _finding(one, control, _difference(inputs, one, control))
        else:
            lacking.setdefault(one.dataset, []).append(one)
    for dataset, experiments in lacking.items():
        yield _lacks(dataset, experiments)


def _scored(inputs: Inputs) -> Iterator[_Scored]:
    """Experiments on recorded signals, without those that guess: of given features there are no amplitudes."""
    for about, scores in inputs.all("scores"):
        name, dataset = about["experiment"], about["dataset"]
        if "features" in about and inputs.one("facts", dataset=dataset)["bands"] is None and not is_guess(inputs, name):
            split = inputs.one("split", experiment=name)
            yield _Scored(
                name=name,
                dataset=dataset,
                split=json.dumps({"use": split["name"], **split["settings"]}),
                unit=scores["unit"],
                control=is_amplitude(inputs, about),
                accuracy=scores["views"]["all"]["metrics"]["accuracy"]["mean"],
                units={unit["name"]: unit["accuracy"] for unit in scores["units"]},
            )


def _difference(inputs: Inputs, one: _Scored, control: _Scored) -> _Difference:
    """As they were compared on the same samples, or else over the units that both test."""
    for _, found in inputs.all("comparison", dataset=one.dataset):
        for pair in found["pairs"]:
            over = f"on the same {counted(found['n'], 'sample')} of {counted(found['groups'], one.unit)}"
            if (pair["first"], pair["second"]) == (one.name, control.name):
                return _Difference(pair["difference"], pair["low"], pair["high"], pair["p_holm"], over)
            if (pair["first"], pair["second"]) == (control.name, one.name):
                low, high = (None if pair[key] is None else -pair[key] for key in ("high", "low"))
                return _Difference(-pair["difference"], low, high, pair["p_holm"], over)
    return _of_units(one, control)


def _of_units(one: _Scored, control: _Scored) -> _Difference:
    """The mean over units, each of which counts alike."""
    both = sorted(one.units.keys() & control.units.keys())
    differences = np.array([one.units[unit] - control.units[unit] for unit in both] or [one.accuracy - control.accuracy])
    sums = np.stack([differences, np.ones(len(differences))], axis=1)
    drawn = resample(sums, lambda rows: {"mean": rows[:, 0] / rows[:, 1]}, resamples=_RESAMPLES, seed=0)
    p = float(sign_flip(differences[:, None], seed=0)[0]) if len(both) >= MIN_GROUPS else None
    return _Difference(drawn.estimate["mean"], *interval(drawn, "mean"), p, f"over {counted(len(both), one.unit)}")


def _finding(one: _Scored, control: _Scored, difference: _Difference) -> Finding:
    about = f"experiment {one.name}"
    values = f"accuracy {fixed(one.accuracy, 3)}, with plain amplitudes {fixed(control.accuracy, 3)} ({control.name})"
    evidence = f"{values}; {difference}"
    better = difference.mean > 0
    if better and is_clear(difference.p):
        title = "The model is better than plain amplitudes"
        return Finding(severity="ok", about=about, title=title, evidence=evidence)
    title = f"The model is {'not clearly' if better else 'no'} better than plain amplitudes"
    return Finding(severity="notice" if better else "warning", about=about, title=title, evidence=evidence, remedy=_WHY)


def _lacks(dataset: str, experiments: Sequence[_Scored]) -> Finding:
    """The lines to add stand there once: of several splits each needs its own."""
    splits: dict[str, list[str]] = {}
    for one in experiments:
        splits.setdefault(one.split, []).append(one.name)
    (first, names), *others = splits.items()
    split = ", ".join(f"{key} = {json.dumps(value)}" for key, value in json.loads(first).items())
    lines = f'dataset = "{dataset}", features = "{AMPLITUDE}", model = "logistic_regression", split = {{{split}}}'
    more = f"; and one more with the split of each of {listing([named[0] for _, named in others])}" if others else ""
    return Finding(
        severity="notice",
        about=f"data set {dataset}",
        title="No experiment says what plain amplitudes would reach",
        evidence=f"{counted(len(splits), 'split')} without one: "
        + "; ".join(f"{json.loads(split)['use']} of {listing(named)}" for split, named in splits.items()),
        remedy=f"Add [experiment.{names[0]}_{AMPLITUDE}] with {lines}{more}: contact, blinks and muscles alone may do as well.",
    )
