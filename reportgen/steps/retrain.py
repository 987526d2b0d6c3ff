"""Step: train the same network on a single band at a time: what each band holds, whatever the whole network makes of it.

A kind `band_scores` is the JSON object

    {"unit": what intervals are over, "units": [name], "chance": 1 / classes, "folds", "whole": {"mean", "low", "high"} of the
     experiment's own network, "bands": [{"band", "low", "high": Hz, "balanced_accuracy": {"mean", "low", "high"},
     "units": [balanced accuracy of each]}]}

Scores are means over units, with 95 % intervals of Student's t over units, or null with fewer than six. A band that a network
does well with alone need not be what the whole network uses, and the other way round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from reportgen import plugins
from reportgen.core import TEST, Place, Spec
from reportgen.errors import StepError
from reportgen.frequencies.effect import distinct, within
from reportgen.frequencies.ranges import over_units
from reportgen.metrics import classification_scores, confusion
from reportgen.networks import predict
from reportgen.outputs import Inputs, Out
from reportgen.steps._decoders import shared
from reportgen.steps._spec import spec_of
from reportgen.steps.features import Source, finite, through, verbs_of
from reportgen.steps.train import learned_from
from reportgen.training import Data, fit
from reportgen.units import Unit, units_of
from reportgen.work import Work

_ROUNDING = 1e-6  # Hz
_LIMITS = ("mean", "low", "high")
_EDGE = 1.0  # Hz below half the rate: a filter needs room for its slope


def run(
    inputs: Inputs,
    out: Out,
    work: Work,
    *,
    model: dict[str, Any],
    train: dict[str, Any],
    bands: dict[str, Sequence[float]],
    unit: Unit,
    seed: int,
) -> None:
    """Write band_scores from facts, signals, stretches, features, samples, labels, rows, parts, test_samples and logits.

    Args:
        inputs: of the experiment, evaluated.
        out: for the output.
        work: hears how far it is.
        model: {use, settings} of the network.
        train: settings of `training.fit`, the same as in the experiment.
        bands: {name: (from, below) Hz}; none: the official ones, as far as the signals reach.
        unit: what intervals are over.
        seed: of each training.
    """
    parts, labels = np.atleast_2d(inputs.one("parts")), np.asarray(inputs.one("labels")).astype(int)
    over, of = units_of(inputs.one("rows"), unit)
    data, spec = learned_from(inputs), spec_of(inputs)
    classes = spec.classes
    test = np.flatnonzero((parts == TEST).any(axis=0))
    names = np.unique(of[test])
    asked = dict(bands) or _bands(inputs)
    rows, whole = [], inputs.one("logits")
    for number, (band, (low, high)) in enumerate(asked.items()):
        own = replace(data, samples=_only(inputs, low, high))
        said = np.full(len(labels), -1)
        for fold, part in enumerate(parts):
            work.progress(number * len(parts) + fold, len(asked) * len(parts), f"{band}, fold {fold + 1}")
            index = np.flatnonzero(part == TEST)
            said[index] = _answers(spec, _within_fold(own, inputs, fold), index, work.device, model, train, seed)
        scores = _by_unit(labels[test], said[test], of[test], names, classes)
        rows.append({"band": band, "low": low, "high": high, "balanced_accuracy": mean_of(scores), "units": _plain(scores)})
    own_scores = _by_unit(labels[test], whole.argmax(axis=1), of[test], names, classes)
    told = {"unit": over, "units": names.tolist(), "chance": 1 / classes, "folds": len(parts)}
    out.json("band_scores", {**told, "whole": mean_of(own_scores), "bands": rows})


def _only(inputs: Inputs, low: float, high: float) -> np.ndarray:
    """The samples (sample, …) with nothing but a band in them, in the order of the experiment's own.

    Signals are filtered. Of spectra and bands the other rows are made zero, for a filter leaves a little of everything, and a
    logarithm, or the scale of the training part, would make much of it again.
    """
    axes = inputs.one("features")["axes"][1:]
    kept = _kept(inputs, low, high)
    if kept is None:
        return _filtered(inputs, low, high)
    place = 1 + axes.index("frequency" if "frequency" in axes else "band")
    return np.where(np.expand_dims(kept, [i for i in range(len(axes) + 1) if i != place]), inputs.one("samples"), np.float32(0))


def _shared(inputs: Inputs) -> dict[str, Any]:
    facts = inputs.one("facts", dataset=inputs.about("features")[0]["dataset"])
    return shared(inputs.one("features"), facts)


def _bands(inputs: Inputs) -> dict[str, tuple[float, float]]:
    """Those that the features know, or the official ones."""
    known = _shared(inputs)["bands"]
    return distinct(known) if known else within(0.0, float(inputs.one("rows")["rate"].min()) / 2 - _EDGE)


def _kept(inputs: Inputs, low: float, high: float) -> np.ndarray | None:
    """(row,) bool: rows of spectra whose frequency lies in a band, or of bands that share some with it; None of signals."""
    told = _shared(inputs)
    if told["frequency"] is not None:  # a row on the border of two bands is of one of them
        return np.asarray((told["frequency"] >= low - _ROUNDING) & (told["frequency"] < high - _ROUNDING))
    if not told["bands"]:
        return None
    edges = np.array(list(told["bands"].values()), float)
    return np.asarray((edges[:, 0] < high - _ROUNDING) & (edges[:, 1] > low + _ROUNDING))


def _filtered(inputs: Inputs, low: float, high: float) -> np.ndarray:
    """Samples of signals that were filtered before their features were made."""
    source, verbs = Source(inputs), verbs_of(inputs.one("features")["chain"])
    keep = plugins.verb("feature", "band_filter")
    made = (through(verbs, row, keep(source.piece(row), low=low, high=high, notch=[])) for row in source.rows)
    samples = np.concatenate([np.asarray(piece.x[finite(piece)], np.float32) for piece in made])
    if len(samples) != len(inputs.one("labels")):
        raise StepError("a band alone gives other windows than the whole signal", "Leave the view retrain out.")
    return samples


def _within_fold(data: Data, inputs: Inputs, fold: int) -> Data:
    """The same samples under the parts of a fold."""
    own = learned_from(inputs, fold)
    return replace(data, train=own.train, validation=own.validation)


def _answers(
    spec: Spec, data: Data, test: np.ndarray, device: str, model: Mapping[str, Any], train: Mapping[str, Any], seed: int
) -> np.ndarray:
    """The classes (sample,) that a network names, trained in a fold on a single band."""
    torch.manual_seed(seed)  # initial weights
    network = plugins.verb("model", model["use"])(spec, **model["settings"])
    fitted = fit(network, data, Place(device=device, seed=seed), **train)
    return np.asarray(predict(network, data.samples[test], fitted.standardise, device).argmax(axis=1))


def _by_unit(labels: np.ndarray, said: np.ndarray, unit: np.ndarray, names: np.ndarray, classes: int) -> np.ndarray:
    """Balanced accuracy (unit,)."""
    each = [confusion(labels[unit == name], said[unit == name], classes) for name in names]
    return np.array([float(classification_scores(counts)["balanced_accuracy"]) for counts in each])


def mean_of(values: np.ndarray) -> dict[str, float | None]:
    """Mean and 95 % interval of Student's t over units (unit,), no interval with fewer than six."""
    return {name: None if value is None else float(value) for name, value in zip(_LIMITS, over_units(values), strict=True)}


def _plain(values: np.ndarray) -> list[float]:
    return [float(value) for value in values]
