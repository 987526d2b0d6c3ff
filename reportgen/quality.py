"""What is wrong with recorded signals, channel by channel: measured once, while a recording is read.

A kind `quality` is the JSON object

    {"channels": [str], "recordings": [{"subject", "session", "recording", "seconds", "measures": {name: [channel]}}]}

with the measures of `MEASURES`; a measure that is not defined for a channel is null. Those of a recording are means over its
stretches, weighted by their seconds. Signals should be in µV.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

MEASURES: Mapping[str, str] = {
    "missing": "share of samples in [0, 1] that are no finite numbers",
    "flat": "share of time in [0, 1] in which the signal does not change for 0.25 s or longer",
    "saturated": "share of samples in [0, 1] at the highest or lowest value of a stretch, if it comes several times in a row",
    "amplitude": "robust standard deviation in µV: 1.4826 times the median distance from the median",
    "line": "power within 1 Hz of 50 or 60 Hz, whichever is stronger, over that 2 to 5 Hz beside it",
    "muscle": "share in [0, 1] of the power above 1 Hz that lies above 30 Hz, mains left out",
    "jumps": "steps from one sample to the next beyond 15 robust standard deviations of all steps, a minute",
}
LIMITS: Mapping[str, float] = {"flat": 0.1, "saturated": 0.01, "weak": 0.5, "strong": 5.0, "line": 10.0, "muscle": 0.4}
"""From where on `verdict` calls a channel faulty; of brain signals, 2 to 20 % of the power lie above 30 Hz."""
FAULTS: Mapping[str, str] = {
    "missing": "samples are missing",
    "flat": f"does not change for more than {100 * LIMITS['flat']:g} % of the time",
    "saturated": f"more than {100 * LIMITS['saturated']:g} % of the samples are at the limit of the amplifier",
    "weak": f"amplitude below {LIMITS['weak']:g} µV",
    "strong": f"amplitude above {LIMITS['strong']:g} times the median of the channels that are not weak",
    "line": f"power at 50 or 60 Hz more than {LIMITS['line']:g} times that beside it",
    "muscle": f"more than {100 * LIMITS['muscle']:g} % of the power above 30 Hz",
}
"""What `verdict` may say of a channel, worst first."""
UNUSABLE = ("missing", "flat", "saturated", "weak", "strong")
"""The faults that no filter mends."""

_STILL = 0.25  # s without change that no living head shows
_DRAWN = 10_000  # samples of a stretch for its medians: their error is about 1 %
_SEGMENT, _SEGMENTS = 2.0, 24  # s, and how many of a stretch spectra are averaged over
_MAINS = (50.0, 60.0)  # Hz
_JUMP = 15.0
_GAUSS = 1.4826  # standard deviation of a normal distribution over its median absolute deviation


class Quality:
    """Adds up what is measured in the stretches of a recording."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._sums: dict[str, np.ndarray] = {}  # (channel,) measure times seconds
        self._known: dict[str, np.ndarray] = {}  # (channel,) seconds in which it is defined

    def add(self, x: np.ndarray, rate: float) -> None:
        """Measure a stretch.

        Args:
            x: (channel, time) float32, µV.
            rate: Hz.
        """
        seconds = x.shape[1] / rate
        self.seconds += seconds
        for name, values in signal_quality(x, rate).items():
            known = np.isfinite(values)
            self._sums[name] = self._sums.get(name, 0.0) + seconds * np.where(known, values, 0.0)
            self._known[name] = self._known.get(name, 0.0) + seconds * known

    def recording(self, *, subject: str, session: str, recording: str) -> dict[str, Any]:
        """The row of kind `quality` of all stretches so far."""
        measures = {name: _listed(self._sums[name], self._known[name]) for name in self._sums}
        whose = {"subject": subject, "session": session, "recording": recording}
        return {**whose, "seconds": round(self.seconds, 3), "measures": measures}


def _listed(sums: np.ndarray, seconds: np.ndarray) -> list[float | None]:
    """Weighted means to four digits; None where nothing is known."""
    return [float(f"{total / weight:.4g}") if weight else None for total, weight in zip(sums, seconds, strict=True)]


def signal_quality(x: np.ndarray, rate: float) -> dict[str, np.ndarray]:
    """The `MEASURES` of one stretch.

    Medians are over at most 10,000 samples and spectra over at most 24 windows of 2 s, drawn alike for every stretch of
    one length.

    Args:
        x: (channel, time) float32, µV.
        rate: Hz.

    Returns:
        {measure: (channel,)}; NaN where it is not defined: `line` and `muscle` where the rate is too low or a stretch
        shorter than 2 s, everything but `missing` of a channel without finite samples.
    """
    x = np.asarray(x)
    finite = np.isfinite(x)
    missing = 1 - finite.mean(axis=1)
    holed = bool(missing.any())
    if holed:
        x = np.where(finite, x, np.float32(np.nan))  # which differs from itself: it is never flat
    drawn = x[:, _draw(x.shape[1])]
    middle = _median(drawn)
    measures = {
        "missing": missing,
        "flat": _flat(x, rate),
        "saturated": _saturated(x),
        "amplitude": _GAUSS * _median(np.abs(drawn - middle[:, None])),
        **_spectral(np.where(finite, x, middle[:, None]) if holed else x, rate),
        "jumps": _jumps(x, rate),
    }
    return {name: np.where((missing < 1) | (name == "missing"), values, np.nan) for name, values in measures.items()}


def _draw(length: int) -> np.ndarray:
    """Where to look, in order: not at equal distances, which mains would be in step with."""
    if length <= _DRAWN:
        return np.arange(length)
    return np.sort(np.random.default_rng(0).choice(length, _DRAWN, replace=False))


def _median(values: np.ndarray) -> np.ndarray:
    """Medians (channel,) of the finite values; 0 where there is none."""
    holed = np.isnan(values).any(axis=1)
    medians = np.median(np.where(holed[:, None], 0, values), axis=1)
    for channel in np.flatnonzero(holed):
        found = values[channel][~np.isnan(values[channel])]
        medians[channel] = np.median(found) if len(found) else 0
    return np.asarray(medians)


def _flat(x: np.ndarray, rate: float) -> np.ndarray:
    """Share of time (channel,) in runs of at least `_STILL` without change."""
    least = max(int(np.ceil(_STILL * rate)), 1)  # steps in a row
    still = x[:, 1:] == x[:, :-1]
    steps = still.shape[1]
    if steps < least or not still.any():
        return np.zeros(len(x))
    held = 1  # still[:, i] says: the `held` steps from i on are without change
    while held < least:
        more = min(held, least - held)
        still = still[:, :-more] & still[:, more:]
        held += more
    runs = still[:, 0] + (still[:, 1:] & ~still[:, :-1]).sum(axis=1)  # each is `least - 1` steps longer than its trues
    return np.asarray((still.sum(axis=1) + runs * (least - 1)) / steps)


def _saturated(x: np.ndarray) -> np.ndarray:
    """Share of samples (channel,) at an extreme value; 0 if it never comes twice in a row or there is no other value."""
    highest, lowest = np.fmax.reduce(x, axis=1), np.fmin.reduce(x, axis=1)
    share = np.zeros(len(x))
    for extreme in (highest, lowest):
        there = x == extreme[:, None]
        repeated = (there[:, 1:] & there[:, :-1]).any(axis=1)
        share += repeated * there.mean(axis=1)
    return np.where(highest > lowest, share, 0.0)


def _jumps(x: np.ndarray, rate: float) -> np.ndarray:
    """Steps a minute (channel,) that are far larger than the others; NaN if most steps are 0."""
    steps = np.abs(np.diff(x, axis=1))
    usual = _GAUSS * _median(steps[:, _draw(steps.shape[1])])
    far = (steps > _JUMP * usual[:, None]).sum(axis=1)
    return np.where(usual > 0, far * 60 * rate / x.shape[1], np.nan)


def _spectral(x: np.ndarray, rate: float) -> dict[str, np.ndarray]:
    """`line` and `muscle` (channel,) from spectra of Hann windows of 2 s that lie evenly over the stretch."""
    length, nothing = int(_SEGMENT * rate), np.full(len(x), np.nan)
    if x.shape[1] < length:
        return {"line": nothing, "muscle": nothing}
    frequency = np.fft.rfftfreq(length, 1 / rate)
    power = np.zeros((len(x), len(frequency)))
    taper = np.hanning(length).astype(np.float32)
    for start in np.linspace(0, x.shape[1] - length, min(x.shape[1] // length, _SEGMENTS)).astype(int):
        window = x[:, start : start + length]
        spectrum = np.fft.rfft((window - window.mean(axis=1, keepdims=True)) * taper)
        power += spectrum.real**2 + spectrum.imag**2
    return {"line": _line(power, frequency), "muscle": _muscle(power, frequency)}


def _line(power: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """The larger of the ratios at 50 and 60 Hz (channel,); NaN if the rate is too low for both."""
    ratios = [np.full(len(power), np.nan)]
    for mains in _MAINS:
        away = np.abs(frequency - mains)
        if frequency[-1] >= mains + 1:
            at, beside = power[:, away <= 1].mean(axis=1), power[:, (away > 2) & (away <= 5)].mean(axis=1)
            ratios.append(_ratio(at, beside))
    return np.asarray(np.fmax.reduce(ratios))


def _muscle(power: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Share of power above 30 Hz (channel,); NaN if the rate leaves hardly any there."""
    if frequency[-1] < 35:
        return np.full(len(power), np.nan)
    apart = np.min([np.abs((frequency + mains / 2) % mains - mains / 2) for mains in _MAINS], axis=0)  # Hz from a harmonic
    counted = (frequency > 1) & (apart > 1)
    return _ratio(power[:, counted & (frequency > 30)].sum(axis=1), power[:, counted].sum(axis=1))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0))


def verdict(row: Mapping[str, Any], channels: Sequence[str]) -> list[tuple[str, str]]:
    """What is wrong in a recording.

    Args:
        row: one of `recordings` in the kind `quality`.
        channels: names.

    Returns:
        (channel, key of `FAULTS`), channel by channel; a flat channel is not called weak as well.
    """
    of = {name: np.array([np.nan if v is None else v for v in values], float) for name, values in row["measures"].items()}
    amplitude = of["amplitude"]
    alive = amplitude >= LIMITS["weak"]
    usual = np.median(amplitude[alive]) if alive.any() else np.inf
    found = {name: of[name] > LIMITS[name] for name in ("flat", "saturated", "line", "muscle")}
    found |= {
        "missing": of["missing"] > 0,
        "weak": (amplitude < LIMITS["weak"]) & ~found["flat"],
        "strong": amplitude > LIMITS["strong"] * usual,
    }
    return [(channel, fault) for i, channel in enumerate(channels) for fault in FAULTS if found[fault][i]]
