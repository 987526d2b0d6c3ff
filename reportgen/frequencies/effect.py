"""What a view measures: how much each frequency does for the logit of a class, in windows that slide over the spectrum.

A kind `band_effect` is the npz archive

    {"edges": (window, 2) Hz: from, below, of each window of `curve`; "band_edges": (band, 2) Hz; and of each view V
     "V curve": (unit, class, window), "V channels": (unit, class, band, channel), where it can tell channels apart,
     "V correct": (unit, class, window): by how much the share of correctly named windows falls, of interventions;
     "V control curve" and so on: the same of networks trained on shuffled labels}

float32, means over the test trials of a class, NaN where a unit has none. What the numbers are is said by each view.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from reportgen.bands import BANDS
from reportgen.core import Decoder
from reportgen.errors import UsageError

View = Literal["passes", "gradient", "stop", "swap", "retrain"]
OF_DATA: tuple[View, ...] = ("passes",)
"""Views that show what the data hold and a network lets through, trained or not: they say nothing of what it uses."""
FINE = (("channel", "time"), ("frequency", "channel"))
"""Axes of samples that can tell frequencies within a band apart."""
BANDED = (("channel", "band"), ("band", "row", "column"), ("slice", "band", "row", "column"))
"""Axes of samples that know bands as a whole."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Grid:
    """Where effects are measured."""

    edges: np.ndarray  # (window, 2) Hz: from, below
    bands: Mapping[str, tuple[float, float]]  # {name: (from, below) Hz}, where channels are told apart
    fine: bool  # windows slide; otherwise they are the bands

    @property
    def centres(self) -> np.ndarray:
        """(window,) Hz."""
        return np.asarray(self.edges.mean(axis=1))

    @classmethod
    def of(
        cls, decoder: Decoder, low: float, high: float, width: float, step: float, bands: Mapping[str, Sequence[float]]
    ) -> "Grid":
        """Windows of `width` Hz that slide by `step` Hz from `low` to `high`, as far as the samples can tell them apart.

        Args:
            decoder: whose samples they are for.
            low: Hz, where the first window begins.
            high: Hz, where the last one ends; 0: the end of the highest band.
            width: Hz.
            step: Hz.
            bands: {name: (from, below) Hz}; none: the official ones, from `low` as far as the samples reach.

        Raises:
            UsageError: the samples know no frequencies, or reach less far than is asked.
        """
        if decoder.axes in BANDED:
            return cls._of_bands(decoder, bands)
        _check_fine(decoder, width, step)
        lowest, highest = reach(decoder)
        chosen = {name: (float(a), float(b)) for name, (a, b) in (bands or within(max(low, lowest), highest)).items()}
        if not chosen:
            raise UsageError(
                f"band_attribution: no official band lies between low = {low:g} Hz and the {highest:g} Hz that samples hold",
                "Lower `low`, or say your own `bands`.",
            )
        end = high or max(b for _, b in chosen.values())
        _check_edges({**chosen, "from low to high": (low, end)}, (lowest, highest), decoder.rate)
        starts = np.arange(low, end - width + _ROUNDING, step)
        if not len(starts):
            hint = "Lower `width` or `low`, or raise `high`."
            raise UsageError(f"band_attribution: no window of {width:g} Hz fits from {low:g} to {end:g} Hz", hint)
        return cls(np.stack([starts, starts + width], axis=1), chosen, fine=True)

    @classmethod
    def _of_bands(cls, decoder: Decoder, bands: Mapping[str, Sequence[float]]) -> "Grid":
        if decoder.bands is None:
            raise UsageError("band_attribution: the edges of the bands are not known", "Use a feature that says them.")
        known = distinct(decoder.bands)
        if bands:
            raise UsageError(
                f"band_attribution: the samples hold the bands {', '.join(known)} and know no others",
                "Leave `bands` out here, and say them where the features are made.",
            )
        return cls(np.array(list(known.values()), float), known, fine=False)


def _check_fine(decoder: Decoder, width: float, step: float) -> None:
    if decoder.axes not in FINE:
        raise UsageError(
            f"band_attribution is not defined for samples of ({', '.join(decoder.axes)})",
            "Use features that keep frequencies: windows of signals, spectrogram_map, or bands.",
        )
    if np.isnan(decoder.rate) and decoder.frequency is None:
        raise UsageError(
            "band_attribution: signals were brought to one length, so that their frequencies differ from trial to trial",
            "Take windows of the signals as they are, without fixed_duration, or spectrogram_map.",
        )
    if step > width:
        hint = "Set `step` to `width` or less."
        raise UsageError(f"band_attribution: windows of {width:g} Hz that slide by {step:g} Hz leave gaps", hint)


def _check_edges(bands: Mapping[str, tuple[float, float]], held: tuple[float, float], rate: float) -> None:
    for name, (low, high) in bands.items():
        if not low < high:
            hint = "Set its first frequency below its second, in `bands` or `low` and `high`."
            raise UsageError(f"band_attribution: {name}, {low:g} to {high:g} Hz, does not rise", hint)
        if low < held[0] - _ROUNDING or high > held[1] + _ROUNDING:
            raise UsageError(
                f"band_attribution: {name}, {low:g} to {high:g} Hz, is not within the {held[0]:g} to {held[1]:g} Hz that"
                f" samples of {rate:g} Hz hold",
                "Ask for less, or let the features keep a higher rate or more frequencies.",
            )


def distinct(bands: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Bands by their edges: of "alpha DE" and "alpha PSD", which are the same frequencies, alpha."""
    first = {edges: name for name, edges in reversed(list(bands.items()))}
    several = len(first) < len(bands)
    return {name.rpartition(" ")[0] if several else name: edges for edges, name in reversed(list(first.items()))}


def reach(decoder: Decoder) -> tuple[float, float]:
    """Lowest and highest frequency in Hz that fine samples hold."""
    if decoder.frequency is None:
        return 0.0, decoder.rate / 2
    half = float(np.median(np.diff(decoder.frequency))) / 2 if len(decoder.frequency) > 1 else 0.5
    return max(0.0, float(decoder.frequency[0]) - half), float(decoder.frequency[-1]) + half


def within(lowest: float, highest: float) -> dict[str, tuple[float, float]]:
    """The official bands, cut to what samples hold; those of which less than half is held are left out."""
    cut = {name: (max(low, lowest), min(high, highest)) for name, (low, high) in BANDS.items()}
    return {name: (a, b) for name, (a, b) in cut.items() if b - a >= (BANDS[name][1] - BANDS[name][0]) / 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a view says of test trials: a row is a trial, or a unit and class, of one decoder."""

    label: np.ndarray  # (row,) int: class whose logit it is about
    unit: np.ndarray  # (row,) str
    curve: np.ndarray  # (row, window of the grid), positive: speaks for the class
    channels: np.ndarray | None = None  # (row, band of the grid, channel)
    correct: np.ndarray | None = None  # (row, window of the grid): drop in the share of correctly named windows


@dataclass(frozen=True, slots=True)
class Effect:
    """What a view says of all units."""

    curve: np.ndarray  # (unit, class, window) float32
    channels: np.ndarray | None  # (unit, class, band, channel) float32
    correct: np.ndarray | None = None  # (unit, class, window) float32


def combined(parts: Iterable[Measured], units: Sequence[str], classes: int) -> Effect:
    """Means over the rows of each unit and class, of all decoders together."""
    rows = list(parts)
    label, unit = (np.concatenate([getattr(part, name) for part in rows]) for name in ("label", "unit"))
    number = {name: i for i, name in enumerate(units)}
    cell = np.array([number[str(name)] for name in unit], int) * classes + label

    def means(values: np.ndarray) -> np.ndarray:
        total = np.zeros((len(units) * classes, *values.shape[1:]))
        np.add.at(total, cell, values)
        count = np.bincount(cell, minlength=len(total)).reshape(-1, *[1] * (values.ndim - 1))
        return np.where(count, total / np.maximum(count, 1), np.nan).reshape(len(units), classes, *values.shape[1:])

    def known(name: str) -> np.ndarray | None:
        each = [values for part in rows if (values := getattr(part, name)) is not None]
        return means(np.concatenate(each)).astype(np.float32) if len(each) == len(rows) else None

    curve = means(np.concatenate([part.curve for part in rows])).astype(np.float32)
    return Effect(curve, known("channels"), known("correct"))


def specific(effects: np.ndarray, label: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """What speaks for the class of each trial, less what does so in trials of other classes too.

    A network may answer to a band whichever class it hears, and so may one that has learned nothing. From the effect on the
    logit of a trial's own class is taken the mean effect on that logit in the unit's trials of the other classes, where that
    is positive. Where labels mean nothing, what is left is not positive on average, also if several units share a network.

    Args:
        effects: (trial, …, class) on the logit of each class.
        label: (trial,) int.
        unit: (trial,) str. Units that have one class only are taken together.

    Returns:
        (trial, …).
    """
    own = np.array(effects[np.arange(len(label)), ..., label])
    pool = _pools(label, unit)
    for place in np.unique(pool):
        members = {k: np.flatnonzero((pool == place) & (label == k)) for k in np.unique(label[pool == place])}
        means = {k: effects[rows].mean(axis=0) for k, rows in members.items()}  # (…, class)
        for k, rows in members.items():
            if others := [mean[..., k] for other, mean in means.items() if other != k]:
                own[rows] -= np.maximum(np.mean(others, axis=0), 0)
    return own


def _pools(label: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """(trial,) int: a number for each unit that has several classes, -1 for all other trials."""
    _, number = np.unique(unit, return_inverse=True)
    several = [len(np.unique(label[number == place])) > 1 for place in range(number.max(initial=-1) + 1)]
    return np.where(np.array(several, bool)[number], number, -1) if len(number) else number
