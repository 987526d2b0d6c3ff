"""Whether what a network uses could be muscles: does it do as well without what muscles of the head are known for?

Muscles of the face and jaw are loudest near the temporal electrodes and above 20 Hz (Goncharova et al. 2003, Clin.
Neurophysiol. 114, 1580), so that gamma there may tell faces and not brains. Signals of test trials are changed, features
computed anew, and the same network names all windows again:

- `balanced_accuracy` of a unit, in [0, 1]: mean over its classes of the share of their windows that are named rightly, of
  trials as they are (`whole`), without what lies above `low_pass` Hz, and without the temporal ring of electrodes: their
  signals are computed from the others by spherical splines (Perrin et al. 1989, Electroencephalogr. Clin. Neurophysiol.
  72, 184);
- `loss`: of whole trials minus of changed ones, paired over units. Near 0: what was taken out is not needed;
- `gamma`: what 30 Hz to the end of the grid, in all channels, do for the logit of a trial's class (`stop` in
  interventions.py, more than for that class in other trials), of whole trials (`effect`), of those without what lies above
  `low_pass` Hz, and of those without the temporal ring. An effect that goes with either is suspect.

What stays is not yet of the brain: muscles of the forehead and neck reach other electrodes too.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mne
import numpy as np

from reportgen.bootstrap import interval, resample
from reportgen.core import Decoder, Trial
from reportgen.frequencies.answers import Answers, defined, drawn
from reportgen.frequencies.effect import FINE, Grid, reach, specific
from reportgen.frequencies.filtering import bridged, exchanged
from reportgen.montage import TEMPORAL

__all__ = ["check", "defined"]

_GAMMA = 30.0  # Hz
_FEWEST = 4  # electrodes that a surface is laid through, as in the feature bad_channels
_RESAMPLES = 2000
_BASES = ("whole", "low_pass", "without_temporal")
_VARIANTS = (*_BASES, *(f"{name} without gamma" for name in _BASES))


@dataclass(frozen=True, slots=True)
class _Ring:
    """How temporal electrodes are computed from the others."""

    temporal: np.ndarray  # places of its channels
    others: np.ndarray  # places of channels that it is computed from
    weights: np.ndarray  # (temporal, other)

    def computed(self, x: np.ndarray) -> np.ndarray:
        """(channel, time) with the ring computed from the others; what was missing in it stays missing."""
        made = x.copy()
        made[self.temporal] = np.where(np.isfinite(x[self.temporal]), self.weights @ bridged(x[self.others]), np.nan)
        return made


@dataclass(frozen=True, slots=True)
class _Plan:
    """What can be changed in the trials of a decoder, and why the rest cannot."""

    low_pass: float | None  # Hz
    gamma: tuple[float, float] | None  # Hz
    ring: _Ring | None
    why: Mapping[str, str]

    @classmethod
    def of(cls, decoder: Decoder, grid: Grid, low_pass: float) -> "_Plan":
        why = {"low_pass": _beyond(decoder, low_pass), "without_temporal": _ringless(decoder)}
        end = float(grid.edges.max())
        return cls(
            None if why["low_pass"] else low_pass,
            (_GAMMA, end) if end > _GAMMA else None,
            None if why["without_temporal"] else _splines(decoder),
            why,
        )

    def variants(self, x: np.ndarray, rate: float) -> dict[str, np.ndarray]:
        """{variant: (channel, time)} of a signal (channel, time), those that can be made."""
        made = {"whole": x}
        if self.low_pass is not None:
            made["low_pass"] = _without(x, (self.low_pass, rate / 2), rate)
        if self.ring is not None:
            made["without_temporal"] = self.ring.computed(x)
        if self.gamma is None:
            return made
        bases = [name for name in _BASES if name in made]
        return made | {f"{name} without gamma": _without(made[name], self.gamma, rate) for name in bases}


@dataclass(frozen=True, slots=True)
class _Rows:
    """What became of trials in each variant; NaN where it could not be made."""

    unit: np.ndarray  # (trial,) str
    label: np.ndarray  # (trial,) int
    windows: np.ndarray  # (trial,) int
    right: np.ndarray  # (trial, variant): windows that are named as their class
    logit: np.ndarray  # (trial, variant, class): centred logits, mean over windows

    @classmethod
    def of(cls, trials: Sequence[Trial], answers: Answers, plan: _Plan) -> "_Rows":
        right = np.full((len(trials), len(_VARIANTS)), np.nan)
        logit = np.full((*right.shape, len(answers.classes)), np.nan)
        for row, trial in enumerate(trials):
            heard = answers.heard(trial)
            signals = plan.variants(heard.piece.x, heard.piece.rate)
            said = answers.changed(heard, signals.values())
            places = [_VARIANTS.index(name) for name in signals]
            right[row, places] = (said.argmax(axis=-1) == trial.label).sum(axis=-1)
            logit[row, places] = said.mean(axis=-2)
        label, windows = (
            np.array(list(values), int) for values in zip(*((t.label, len(t.samples)) for t in trials), strict=True)
        )
        return cls(np.array([trial.unit for trial in trials]), label, windows, right, logit)


def check(decoders: Iterable[Decoder], grid: Grid, *, low_pass: float = 45.0, trials: int, seed: int) -> dict[str, Any] | None:
    """Name test trials without fast oscillations and without temporal electrodes.

    Args:
        decoders: of all folds.
        grid: its end is the end of gamma.
        low_pass: Hz.
        trials: at most so many of each unit and class, drawn by lot; 0: all.
        seed: of the lot and of the intervals.

    Returns:
        `muscles` of kind `band_views`: {low_pass, temporal, balanced_accuracy, loss, gamma, why: {low_pass, without_temporal:
        "" or why it could not be done}}, None in place of what could not. Intervals hold 95 % over units, None below six
        of them. None where there are no signals, no trials or no temporal electrodes.

    Raises:
        StepError: the signals do not give the features that a decoder has.
    """
    parts: list[_Rows] = []
    why: dict[str, str] = {}
    temporal: dict[str, None] = {}
    classes: tuple[str, ...] = ()
    for decoder in decoders:
        if defined(decoder) or not any(map(_is_temporal, decoder.channels)):
            continue
        chosen = drawn(decoder.trials, trials, seed)
        if not chosen:
            continue
        plan, classes = _Plan.of(decoder, grid, low_pass), decoder.classes
        why = {name: why.get(name) or text for name, text in plan.why.items()}
        temporal |= dict.fromkeys(filter(_is_temporal, decoder.channels))
        parts.append(_Rows.of(chosen, Answers(decoder, decoder.model), plan))
    if not parts:
        return None
    return {"low_pass": low_pass, "temporal": list(temporal), "why": why, **_told(parts, classes, seed)}


def _without(x: np.ndarray, edges: tuple[float, float], rate: float) -> np.ndarray:
    """(channel, time) without a window of frequencies."""
    return next(exchanged(x, np.zeros_like(x), np.array([edges]), rate))


def _is_temporal(channel: str) -> bool:
    """Whether an electrode is of the temporal ring, in any spelling: "T7", "EEG T3-REF"."""
    return not TEMPORAL.isdisjoint(re.split(r"[^A-Z0-9]+", channel.upper()))


def _beyond(decoder: Decoder, low_pass: float) -> str:
    """Why a low-pass says nothing, or ""."""
    if decoder.axes in FINE:
        end = reach(decoder)[1]
    elif decoder.bands:
        end = max(below for _, below in decoder.bands.values())
    else:
        return "which frequencies the samples hold is not known"
    return "" if end > low_pass else f"the samples hold nothing above {end:g} Hz"


def _ringless(decoder: Decoder) -> str:
    """Why the temporal ring cannot be computed from the other electrodes, or ""."""
    known = decoder.positions or {}
    lost = [name for name in decoder.channels if _is_temporal(name) and name not in known]
    if lost:
        return f"the position of {', '.join(lost)} is not known"
    others = [name for name in decoder.channels if not _is_temporal(name) and name in known]
    return "" if len(others) >= _FEWEST else f"{len(others)} other electrodes with a position are too few"


def _splines(decoder: Decoder) -> _Ring:
    """The ring of a decoder whose temporal channels have positions."""
    known = decoder.positions or {}
    temporal = [place for place, name in enumerate(decoder.channels) if _is_temporal(name)]
    others = [place for place, name in enumerate(decoder.channels) if name in known and place not in temporal]
    names = [decoder.channels[place] for place in (*others, *temporal)]
    info = mne.create_info(names, 100.0, "eeg")
    places = {name: np.asarray(known[name], float) for name in names}
    info.set_montage(mne.channels.make_dig_montage(places, coord_frame="head"), verbose="error")
    info["bads"] = names[len(others) :]
    raw = mne.io.RawArray(np.eye(len(names))[:, : len(others)], info, verbose="error")  # the unit matrix gives the weights
    raw.interpolate_bads(mode="accurate", origin=(0.0, 0.0, 0.04), verbose="error")
    return _Ring(np.array(temporal), np.array(others), np.asarray(raw.get_data()[len(others) :]))


def _told(parts: Sequence[_Rows], classes: Sequence[str], seed: int) -> dict[str, Any]:
    """`balanced_accuracy`, `loss` and `gamma` of the trials of all decoders."""
    unit, label, windows, right, logit = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("unit", "label", "windows", "right", "logit")
    )
    units, number = np.unique(unit, return_inverse=True)
    cell = number * len(classes) + label

    def sums(values: np.ndarray) -> np.ndarray:
        total = np.zeros((len(units) * len(classes), *values.shape[1:]))
        np.add.at(total, cell, values)
        return total.reshape(len(units), len(classes), *values.shape[1:])

    of, trials = sums(windows), sums(np.ones(len(cell)))
    share = sums(right) / np.maximum(of, 1)[..., None]  # (unit, class, variant)
    changed = _BASES[1:]
    accuracy = dict(zip(_VARIANTS, (share.sum(axis=1) / (of > 0).sum(axis=1)[:, None]).T, strict=True))
    said = dict(zip(_VARIANTS, np.moveaxis(logit, 1, 0), strict=True))  # {variant: (trial, class)}
    gamma = [said[name] - said[f"{name} without gamma"] for name in _BASES]
    own = np.stack([specific(change, label, unit) for change in gamma], axis=-1)  # (trial, base)
    each = np.moveaxis(sums(own) / np.where(trials > 0, trials, np.nan)[..., None], -1, 0)  # (base, unit, class)
    effects = dict(zip(("effect", *changed), each, strict=True))
    return {
        "balanced_accuracy": {name: _over(accuracy[name], seed) for name in ("whole", *changed)},
        "loss": {name: _over(accuracy["whole"] - accuracy[name], seed) for name in changed},
        "gamma": [
            {"class": name} | {which: _over(values[:, i], seed) for which, values in effects.items()}
            for i, name in enumerate(classes)
        ],
    }


def _over(values: np.ndarray, seed: int) -> dict[str, float | None] | None:
    """Mean of (unit,), and its 95 % interval; None where no unit has a value."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    sums = np.stack([known, np.ones(len(known))], axis=1)
    means = resample(sums, lambda rows: {"mean": rows[:, 0] / rows[:, 1]}, resamples=_RESAMPLES, seed=seed)
    low, high = interval(means, "mean")
    return {"mean": means.estimate["mean"], "low": low, "high": high}
