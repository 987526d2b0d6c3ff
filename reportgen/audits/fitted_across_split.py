"""Smoothing, scaling or fitting that has seen test samples."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.audits._divided import Divided, Shared, divided, samples_about
from reportgen.core import PARTS, Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing

NEEDS = ("facts", "features", "split", "parts", "rows", "fitted", "history")
_SMOOTHER = "lds"


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment on what is fitted, and one on windows that are smoothed over time."""
    for one in divided(inputs):
        chain = inputs.one("features", **samples_about(one.about))["chain"]
        smoothers = [feature["settings"] for feature in chain if feature["use"] == _SMOOTHER]
        if smoothers:
            yield _smoothed(one, causal=all(settings["causal"] for settings in smoothers))
        fitted = [*inputs.all("fitted", experiment=one.name)]
        fitted += [(about, _trained(history)) for about, history in inputs.all("history", experiment=one.name)]
        if fitted:
            yield _fitted(one, fitted)


def _smoothed(one: Divided, *, causal: bool) -> Finding:
    shared = _later(one) if causal else one.shared(one.rows["trial"])
    which = "earlier" if causal else "all"
    evidence = f"a window is an average with {which} windows of its trial; {shared} have lent values to learned ones"
    about = f"experiment {one.name}"
    if not shared.samples:
        return Finding(severity="ok", about=about, title="Smoothing stays within training and test", evidence=evidence)
    return Finding(
        severity="error",
        about=about,
        title="Smoothing mixes training and test",
        evidence=evidence,
        remedy="Divide whole trials, as the splits kfold, front_back and loso do, or leave out lds.",
    )


def _later(one: Divided) -> Shared:
    """Test samples with a later window of their trial in training."""
    names, trial = np.unique(one.rows["trial"], return_inverse=True)
    counts, n = [], 0
    for learnt, test in one.folds():
        last = np.full(len(names), -np.inf)
        np.maximum.at(last, trial[learnt], one.rows["start"][learnt])
        counts.append(int((one.rows["start"][test] < last[trial[test]]).sum()))
        n += int(test.sum())
    return Shared(sum(counts), n, sum(map(bool, counts)), len(counts))


def _trained(history: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a network was fitted to, as the kind `fitted` says it of an estimator: its input is scaled by training samples."""
    plain = history["standardise"] == {"mean": 0.0, "sd": 1.0}
    return {"scale": "none" if plain else "train", "samples": {**history["samples"], "test": 0}, "transductive": False}


def _fitted(one: Divided, fitted: Sequence[tuple[Mapping[str, str], Mapping[str, Any]]]) -> Finding:
    about = f"experiment {one.name}"
    scales = sorted({told["scale"] for _, told in fitted})
    evidence = f"{counted(len(fitted), 'model')}, features scaled by {listing([_SCALES[scale] for scale in scales])}"
    if beyond := [f"fold {own['fold']}: {fault}" for own, told in fitted for fault in _beyond(one, own, told)]:
        return Finding(
            severity="error",
            about=about,
            title="Models were fitted to other samples than those of their part",
            evidence=f"{evidence}; {count(len(beyond))} parts have fewer samples than were used of them, first {beyond[0]}",
            remedy="Do not believe this score; fit to the training part of the fold alone.",
        )
    if not any(told["transductive"] for _, told in fitted):
        return Finding(severity="ok", about=about, title="What is fitted is fitted to training samples", evidence=evidence)
    seen = sum(told["samples"]["test"] for _, told in fitted if told["transductive"])
    return Finding(
        severity="notice",
        about=about,
        title="Features are scaled with the help of test samples, without their labels",
        evidence=f"{evidence}: {count(seen)} test samples took part",
        remedy="Call the score transductive: a new person's samples must all be there before the first one is recognised;"
        ' train.scale = "train" does without.',
    )


_SCALES: Mapping[str, str] = {
    "train": "those of the training part",
    "subject": "all of their subject, training or test",
    "none": "nothing",
}


def _beyond(one: Divided, own: Mapping[str, str], told: Mapping[str, Any]) -> Iterator[str]:
    """Parts of a fold that fewer samples lie in than were used of them."""
    parts = one.parts[int(own["fold"])]
    for part in ("train", "validation", "test"):
        used, there = told["samples"][part], int((parts == PARTS.index(part)).sum())
        if used > there:
            yield f"{count(used)} {part} samples of {count(there)}"
