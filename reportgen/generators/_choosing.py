"""Which epoch's generator is kept: the one whose samples look most like the validation part, by two plain distances.

Both are divided by what real samples of the training part reach, so that 1 is as near as can be hoped for. No loss is
looked at: those of adversaries say nothing about samples.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from reportgen.synthetic import Domain, Learnable

_KEPT = 500  # samples of each side at most: more cost time and change nothing
_SMALL = 1e-12
_SHARE = 1e-5  # of the median power: 50 dB below it nothing is measured
_COMPONENTS = 24


@dataclass(frozen=True, slots=True)
class Choice:
    """The validation part as samples are compared with it."""

    labels: np.ndarray  # (sample,) int: of the samples to compare
    domain: Domain
    middle: np.ndarray  # (number,) of features, of the training part
    spread: np.ndarray
    basis: np.ndarray  # (number, component): what features are compared in
    width: float  # of the kernel: mean squared distance
    features: np.ndarray  # (sample, component) of the validation part
    average: np.ndarray  # what `_average` gives of the validation part
    floor: dict[str, float]  # {spectrum, mmd} of as many samples of the training part

    @classmethod
    def of(cls, known: Learnable) -> Self | None:
        """None where there is no validation part."""
        if len(known.validation) < 2:
            return None
        rng = np.random.default_rng(0)
        held = np.sort(rng.permutation(len(known.validation))[:_KEPT])
        like = np.sort(rng.permutation(len(known.train))[: len(held)])
        validation, train = known.validation.x[held], known.train.x[like]
        raw = _features(train, known.domain)
        middle, spread = raw.mean(0), raw.std(0)
        spread = np.where(spread > _SMALL, spread, 1.0)
        _, scale, directions = np.linalg.svd((raw - middle) / spread, full_matrices=False)
        kept = np.flatnonzero(scale > 1e-3 * scale[0] + _SMALL)[:_COMPONENTS]
        chosen = directions[kept] / scale[kept, None] * np.sqrt(len(raw))
        half = cls(known.validation.labels[held], known.domain, middle, spread, chosen.T, 1.0, np.empty(0), np.empty(0), {})
        features = half._seen(validation)
        width = 2 * float(features.var(0).sum())
        average = _average(validation, known.domain)
        whole = cls(half.labels, known.domain, middle, spread, chosen.T, width, features, average, {})
        return cls(half.labels, known.domain, middle, spread, chosen.T, width, features, average, whole.measure(train))

    def measure(self, x: np.ndarray) -> dict[str, float]:
        """{spectrum, mmd} of samples (sample, …).

        spectrum: of signals dB, RMS over channels and frequencies of the difference of typical spectra, which are means over
        windows of decibels: one movement decides nothing. Of maps the RMS of the differences of means and SDs, in the unit of
        the map. mmd: MMD² with an RBF kernel, biased: never negative.
        """
        if not np.isfinite(x).all():
            return {"spectrum": float("nan"), "mmd": float("nan")}
        spectrum = np.sqrt(np.mean((_average(x, self.domain) - self.average) ** 2))
        seen = self._seen(x)
        own, cross, other = (
            self._kernel(a, b).mean() for a, b in ((seen, seen), (seen, self.features), (self.features, self.features))
        )
        return {"spectrum": float(spectrum), "mmd": float(own + other - 2 * cross)}

    def badness(self, measured: dict[str, float]) -> float:
        """Sum of both as multiples of the floor: 2 for samples of the training part."""
        return sum(measured[name] / max(self.floor[name], _SMALL) for name in ("spectrum", "mmd"))

    def _seen(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(np.clip((_features(x, self.domain) - self.middle) / self.spread, -20, 20) @ self.basis)

    def _kernel(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        squares = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * one @ other.T
        return np.asarray(np.exp(-squares / self.width))


def _average(x: np.ndarray, domain: Domain) -> np.ndarray:
    """Typical spectrum in dB (channel, frequency) of signals; means and SDs of the numbers of maps, each number by itself."""
    if domain.signals:
        power = _power(x)
        least = _SHARE * float(np.median(power)) + _SMALL  # a flat channel has no logarithm
        return np.asarray(10 * np.log10(np.maximum(power, least)).mean(0))
    flat = x.reshape(len(x), -1).astype(np.float64)
    return np.stack([flat.mean(0), flat.std(0)])


def _features(x: np.ndarray, domain: Domain) -> np.ndarray:
    """(sample, number): log power in octaves of frequency of each channel and how much each channel swings; or the map."""
    if not domain.signals:
        return x.reshape(len(x), -1).astype(np.float64)
    power = _power(x)
    count = power.shape[-1]
    edges = np.unique(np.minimum(2 ** np.arange(1 + int(np.log2(count))), count - 1))
    octaves = np.add.reduceat(power, edges, axis=-1) if len(edges) > 1 else power
    swing = np.log(np.abs(x).max(-1) ** 2 + _SMALL) - np.log(x.var(-1) + _SMALL)
    return np.concatenate([np.log(octaves + _SMALL).reshape(len(x), -1), swing], axis=1)


def _power(x: np.ndarray) -> np.ndarray:
    """(sample, channel, frequency) of signals, under a Hann window, without the mean."""
    signal = (x - x.mean(-1, keepdims=True)) * np.hanning(x.shape[-1] + 2)[1:-1].astype(np.float32)
    return np.asarray(np.abs(np.fft.rfft(signal, axis=-1)) ** 2)[..., 1:].astype(np.float64)
