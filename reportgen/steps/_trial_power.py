"""The power spectrum of every trial of a data set or pool, with one stretch in memory at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.bands import BANDS
from reportgen.outputs import Inputs
from reportgen.spectra import power_spectra

HIGHEST = 100.0
"""Hz: spectra end here."""
MAINS = ((48.0, 52.0), (58.0, 62.0))
"""Hz: left out of bands."""
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trials:
    """What is known of each trial; power that is zero or unknown is NaN."""

    rows: Mapping[str, np.ndarray]  # {dataset, subject, session, recording, trial, clip: (trial,) text, label: (trial,) int}
    frequency: np.ndarray  # (frequency,) Hz, empty for given features
    power: np.ndarray  # (trial, channel, frequency) dB
    edges: Mapping[str, Sequence[float]]  # {band: (from, below)} Hz
    bands: np.ndarray  # (trial, channel, band) dB, or the unit of given features
    mains: Sequence[tuple[float, float]]  # (from, to) Hz: those of `MAINS` that lie in a band


def facts_of(inputs: Inputs) -> Row:
    """The facts of the data set, or of the pool if there is one."""
    return _whole(inputs)[0]


def _whole(inputs: Inputs) -> tuple[Row, list[Row]]:
    """Facts and stretches: those of a pool name the data set that each of them lies in."""
    tables = list(inputs.all("stretches"))
    about, table = next((found for found in tables if "dataset" in found[1]), tables[0])
    facts = inputs.one("facts", dataset=about["dataset"])
    rows = [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]
    least = 1 if facts["bands"] else 2  # windows, or samples that have a spectrum
    return facts, [{"dataset": about["dataset"], **row} for row in rows if row["length"] >= least]


def trials_of(inputs: Inputs, window: float, tell: Callable[[int, int], None]) -> Trials:
    """Measure every trial: its spectrum is the mean over its stretches, weighted by their lengths.

    Args:
        inputs: facts, signals and stretches of a data set, or of a pool and its members.
        window: seconds of Welch's segments; data sets of other rates are brought to the same frequencies.
        tell: hears how many stretches are done, and of how many.
    """
    facts, stretches = _whole(inputs)
    frequency = _frequency(inputs, facts, stretches, window)
    numbers: dict[tuple[str, str], int] = {}
    for row in stretches:
        numbers.setdefault((row["recording"], row["trial"]), len(numbers))
    sums: list[Any] = [0.0] * len(numbers)  # (channel, frequency or band)
    lengths = np.zeros(len(numbers))
    for done, (row, values) in enumerate(_measured(inputs, facts, stretches, frequency, window), start=1):
        trial = numbers[row["recording"], row["trial"]]
        sums[trial] = sums[trial] + row["length"] * values
        lengths[trial] += row["length"]
        tell(done, len(stretches))
    mean = np.stack(sums) / lengths[:, None, None]
    rows = _rows(stretches, numbers)
    if not len(frequency):
        return Trials(rows, frequency, mean[..., :0], facts["bands"], mean, ())
    hum = np.any([(frequency >= low) & (frequency <= high) for low, high in MAINS], axis=0)
    within = {band: (frequency >= low) & (frequency < high) for band, (low, high) in BANDS.items()}
    inside = {band: bins & ~hum for band, bins in within.items() if (bins & ~hum).any()}
    edges = {band: BANDS[band] for band in inside}
    reached = [ends for ends in MAINS if any(low < ends[1] and ends[0] < high for low, high in edges.values())]
    mains = [ends for ends in reached if frequency[-1] >= ends[0]]
    bands = np.stack([mean[..., bins].mean(axis=-1) for bins in inside.values()], axis=-1)
    return Trials(rows, frequency, _decibels(mean), edges, _decibels(bands), mains)


def _frequency(inputs: Inputs, facts: Row, stretches: Sequence[Row], window: float) -> np.ndarray:
    """(frequency,) Hz that the spectra of all data sets are known at."""
    if facts["bands"]:
        return np.empty(0)
    used = {row["dataset"] for row in stretches}
    slowest = min(inputs.one("facts", dataset=dataset)["rate"] for dataset in used)
    return np.arange(1, int(min(HIGHEST, slowest / 2) * window) + 1) / window


def _rows(stretches: Sequence[Row], numbers: Mapping[tuple[str, str], int]) -> dict[str, np.ndarray]:
    first: dict[tuple[str, str], Row] = {}
    for row in stretches:
        first.setdefault((row["recording"], row["trial"]), row)
    columns = {
        key: np.array([row[key] for row in first.values()]) for key in ("dataset", "subject", "session", "recording", "clip")
    }
    names = np.array([f"{recording}/{trial}" for recording, trial in numbers])
    return {**columns, "trial": names, "label": np.array([row["label"] for row in first.values()])}


def _measured(
    inputs: Inputs, facts: Row, stretches: Sequence[Row], frequency: np.ndarray, window: float
) -> Iterator[tuple[Row, np.ndarray]]:
    """Each stretch and its (channel, frequency) µV²/Hz, or (channel, band) of given features."""
    used = dict.fromkeys(row["dataset"] for row in stretches)
    signals = {dataset: inputs.one("signals", dataset=dataset) for dataset in used}
    own = {dataset: inputs.one("facts", dataset=dataset) for dataset in used}
    places = {dataset: _places(facts["channels"], own[dataset]["channels"]) for dataset in used}
    for row in stretches:
        start = row["offset"] + row["lead"]
        x = np.asarray(signals[row["dataset"]][start : start + row["length"]], float)[:, places[row["dataset"]]]
        if not len(frequency):
            yield row, x.mean(axis=0)
        else:
            found, power = power_spectra(x.T, own[row["dataset"]]["rate"], 1 / window)
            yield row, _at(frequency, found, power)


def _places(wanted: Sequence[str], channels: Sequence[str]) -> list[int]:
    """Where the channels of a pool stand in a member; upper and lower case are the same."""
    places = {channel.upper(): i for i, channel in enumerate(channels)}
    return [places[channel.upper()] for channel in wanted]


def _at(frequency: np.ndarray, found: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Power (channel, found) at other frequencies, linear between neighbours: (channel, frequency)."""
    right = np.clip(np.searchsorted(found, frequency), 1, len(found) - 1)
    share = np.clip((frequency - found[right - 1]) / (found[right] - found[right - 1]), 0, 1)
    return np.asarray(power[:, right - 1] * (1 - share) + power[:, right] * share)


def _decibels(power: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.where(power > 0, power, np.nan))
