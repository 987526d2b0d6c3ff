"""Step: power spectra of each class, channel and unit, and how far each channel and band separates the classes.

Both look at all trials, whatever the split: they describe the data and choose nothing.

A trial's spectrum is Welch's, of all of its stretches, in dB (10 log10 of µV²/Hz); a band's power is that of its mean density.
Bands leave out what lies within 2 Hz of 50 and 60 Hz, since mains, not brains, would decide what a band holds there; the
spectrum itself keeps it. A unit's power is the mean over its trials of a class, and a class's the mean over units. Power
that is zero, of a flat channel, is NaN and left out of means. Given features have no spectrum: then `frequency` is empty,
and band values are the features themselves, in their own unit, with nothing left out of them.

Kind `spectra`, an npz archive:

    frequency (frequency,) Hz        power (class, channel, frequency) dB        unit_power (unit, class, frequency) dB
    low, high (class, frequency)     difference, difference_low, difference_high (class, frequency): from the mean over classes
    band_power (class, channel, band)                                            unit_band_power (unit, class, band)
    band_difference, band_difference_low, band_difference_high (class, band)
    classes, channels, bands, units: text    edges (band, 2) Hz: from, below

Whatever has no axis `channel` is of the mean over channels. Limits are 95 % bootstrap intervals over units, NaN with fewer
than six. Units are drawn with all their classes: where each unit holds every class, how strong one's signals are does not
widen the interval of a difference. Where units lack classes, as recordings of one class or trials do, it does.

Kind `separation`, a JSON object:

    {"unit": "subject" | "recording" | "trial", "units", "trials": numbers of them, "silent": trials × channels without power,
     "measure": "dB" or the unit of given features, "classes", "channels", "bands", "edges",
     "mains": [[from, to]] Hz left out of bands,
     "exchanged": ["clip" | "trial" | "recording" | "subject"], "items": number of them, "permutations",
     "blocks": "recording" | "subject" | "data set", "tested": whether the labels can be exchanged in enough ways for p < 0.05,
     "eta2", "p": [channel][band], null where power does not vary, p also where nothing is tested,
     "largest": [channel][band] index of class,
     "whole": {"eta2", "p", "largest", "smallest", "difference": [band]}}

η² is the share of the variance of band power between the trials of a block that lies between classes; p comes from labels by
lot, corrected for all channels and bands, see `_separation`. `whole` is the same of the mean over channels, corrected
for all bands; `difference` is between the means of the largest and the smallest class.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reportgen.bootstrap import interval, resample
from reportgen.outputs import Inputs, Out
from reportgen.steps._separation import LEVEL, PERMUTATIONS, design, separate
from reportgen.steps._trial_power import Trials, facts_of, trials_of
from reportgen.units import Unit, units_of
from reportgen.work import Work


def run(inputs: Inputs, out: Out, work: Work, *, unit: Unit, resamples: int, seed: int, window: float = 2.0) -> None:
    """Write spectra and separation from facts, signals and stretches; one stretch is in memory at a time.

    Args:
        inputs: of one data set, or of a pool and its members.
        out: to write into.
        work: hears how far it is.
        unit: what intervals are over.
        resamples: of the bootstrap.
        seed: of the bootstrap and of labels by lot.
        window: seconds of Welch's segments.
    """
    facts = facts_of(inputs)
    trials = trials_of(inputs, window, lambda done, total: work.progress(done, total, f"{done} of {total} stretches"))
    name, unit_of = units_of(trials.rows, unit)
    units, index = np.unique(unit_of, return_inverse=True)
    arrays: dict[str, Any] = {"frequency": trials.frequency, "edges": np.array(list(trials.edges.values()), float)}
    for prefix, values in (("", trials.power), ("band_", trials.bands)):
        arrays[f"{prefix}power"], of_units = _averaged(values, index, trials.rows["label"], len(facts["classes"]))
        arrays[f"unit_{prefix}power"] = of_units
        arrays |= {prefix + key: array for key, array in _intervals(of_units, resamples, seed).items()}
    texts = {"classes": facts["classes"], "channels": facts["channels"], "bands": list(trials.edges), "units": units}
    arrays |= {key: np.array(value, dtype=str) for key, value in texts.items()}
    np.savez_compressed(out.path("spectra", ".npz", unit="dB"), **arrays)
    out.json("separation", {"unit": name, "units": len(units), **_separation(trials, facts, arrays["band_power"], seed)})


def _averaged(values: np.ndarray, unit: np.ndarray, label: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of (trial, channel, column): over units (class, channel, column), and over channels (unit, class, column)."""
    cells, cell = np.unique(unit * classes + label, return_inverse=True)  # units and classes that there are trials of
    means = np.stack([_mean(values[cell == i], 0) for i in range(len(cells))])  # (cell, channel, column)
    of_units = np.full(((unit.max() + 1) * classes, values.shape[-1]), np.nan)
    of_units[cells] = _mean(means, 1)
    of_classes = np.stack([_mean(means[cells % classes == c], 0) for c in range(classes)])
    return of_classes, of_units.reshape(unit.max() + 1, classes, values.shape[-1])


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    """The mean of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    return _ratio(np.where(known, values, 0).sum(axis), known.sum(axis))


def _ratio(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan))


def _intervals(values: np.ndarray, resamples: int, seed: int) -> dict[str, np.ndarray]:
    """Limits of the mean over units, and its difference from the mean over classes with limits, of (unit, class, column)."""
    shape = values.shape[1:]
    known = np.isfinite(values)
    sums = np.concatenate([np.where(known, values, 0), known], axis=1).reshape(len(values), 2 * shape[0] * shape[1])

    def statistic(rows: np.ndarray) -> Mapping[str, np.ndarray]:
        totals, counts = np.split(rows.reshape(len(rows), 2 * shape[0], shape[1]), 2, axis=1)
        mean = _ratio(totals, counts)  # (row, class, column)
        both = np.stack([mean, mean - mean.mean(axis=1, keepdims=True)], axis=1).reshape(len(rows), rows.shape[1])
        return {str(i): column for i, column in enumerate(both.T)}

    drawn = resample(sums, statistic, resamples=resamples, seed=seed)
    names = [str(i) for i in range(2 * shape[0] * shape[1])]
    estimate = np.array([drawn.estimate[name] for name in names], float).reshape(2, *shape)
    limits = np.array([interval(drawn, name) for name in names], float).reshape(2, *shape, 2)  # None becomes NaN
    (low, high), (difference_low, difference_high) = np.moveaxis(limits, -1, 1)
    told = {"low": low, "high": high, "difference": estimate[1]}
    return {**told, "difference_low": difference_low, "difference_high": difference_high}


def _separation(trials: Trials, facts: Mapping[str, Any], band_power: np.ndarray, seed: int) -> dict[str, Any]:
    """The kind `separation` without its units."""
    plan, classes = design(trials.rows), len(facts["classes"])
    count, *shape = trials.bands.shape
    eta2, p = separate(trials.bands.reshape(count, -1), plan, classes, seed)
    whole = _mean(trials.bands, 1)  # (trial, band)
    whole_eta2, whole_p = separate(whole, plan, classes, seed)
    mean = _mean(band_power, 1)  # (class, band)
    largest, smallest = _extreme(mean), _extreme(-mean)  # (band,)
    bands = np.arange(len(largest))
    return {
        "trials": count,
        "silent": int((~np.isfinite(trials.bands)).any(axis=-1).sum()),
        "measure": "dB" if len(trials.frequency) else facts["unit"],
        "classes": facts["classes"],
        "channels": facts["channels"],
        "bands": list(trials.edges),
        "edges": [list(edges) for edges in trials.edges.values()],
        "mains": trials.mains,
        "exchanged": plan.exchanged,
        "items": len(plan.label),
        "blocks": plan.blocked_by,
        "permutations": PERMUTATIONS,
        "tested": plan.least() < LEVEL,
        "eta2": _numbers(eta2.reshape(shape)),
        "p": _numbers(p.reshape(shape)),
        "largest": _extreme(band_power).tolist(),
        "whole": {
            "eta2": _numbers(whole_eta2),
            "p": _numbers(whole_p),
            "largest": largest.tolist(),
            "smallest": smallest.tolist(),
            "difference": _numbers(mean[largest, bands] - mean[smallest, bands]),
        },
    }


def _extreme(values: np.ndarray) -> np.ndarray:
    """Index of the class with the largest value of (class, …)."""
    return np.asarray(np.where(np.isfinite(values), values, -np.inf).argmax(axis=0))


def _numbers(values: np.ndarray) -> Any:
    """Nested lists in which NaN is null."""
    return np.where(np.isfinite(values), values.astype(object), None).tolist()  # type: ignore[call-overload]
