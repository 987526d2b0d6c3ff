"""How samples become trials, and how the frequencies of a spectrum fall into the windows of a grid."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from reportgen.core import Decoder

_AT_ONCE = {"cpu": 2**20, "cuda": 2**22}
"""Numbers of the network's input that are held at once: its maps take some hundred times the memory."""


@dataclass(frozen=True, slots=True)
class Trials:
    """The test trials of a decoder: windows of one trial are nearly the same sample, trials are what is counted."""

    label: np.ndarray  # (trial,) int
    unit: np.ndarray  # (trial,) str
    number: np.ndarray  # (sample,) int: the trial of each sample

    @classmethod
    def of(cls, decoder: Decoder) -> "Trials":
        """The trials in the order of their names."""
        _, first, number = np.unique(decoder.trial, return_index=True, return_inverse=True)
        return cls(decoder.labels[first], decoder.unit[first], number)

    def mixed(self) -> dict[str, np.ndarray]:
        """{unit: its trials (trial of the unit,) int}, those units that have trials of more than one class."""
        members = {str(unit): np.flatnonzero(self.unit == unit) for unit in np.unique(self.unit)}
        return {unit: own for unit, own in members.items() if len(np.unique(self.label[own])) > 1}


class TrialMeans:
    """Means over the samples of each trial, of values that come in batches."""

    def __init__(self, trials: Trials) -> None:
        self._number = trials.number
        self._count = np.bincount(trials.number)
        self._sums: np.ndarray | None = None  # (trial, …) float32: of large maps, there are many numbers

    def add(self, part: slice, values: Tensor) -> None:
        """Take in the values (sample, …) of a part of the samples."""
        here, own = np.unique(self._number[part], return_inverse=True)
        belongs = torch.as_tensor(own == np.arange(len(here))[:, np.newaxis]).to(values)  # (trial here, sample)
        sums = torch.tensordot(belongs, values.detach(), 1).cpu().numpy()
        if self._sums is None:
            self._sums = np.zeros((len(self._count), *sums.shape[1:]), np.float32)
        self._sums[here] += sums

    def values(self) -> np.ndarray:
        """(trial, …) float32."""
        if self._sums is None:
            raise ValueError("no samples were taken in")
        return self._sums / self._count.astype(np.float32).reshape(-1, *[1] * (self._sums.ndim - 1))


def batches(decoder: Decoder, copies: int = 1) -> Iterator[tuple[slice, Tensor]]:
    """Parts of the samples (sample, …) on the device, few enough that so many copies of each fit into memory."""
    samples = decoder.samples
    held = _AT_ONCE.get(torch.device(decoder.device).type, _AT_ONCE["cpu"])
    size = max(1, held // (samples[0].size * copies))
    for first in range(0, len(samples), size):
        part = slice(first, first + size)
        yield part, torch.as_tensor(samples[part], dtype=torch.float32, device=decoder.device)


def around(centres: np.ndarray, width: float, highest: float = np.inf) -> np.ndarray:
    """(bin, 2) Hz: what bins of that width around their centres stand for, cut to what there is, 0 to `highest` Hz."""
    return np.stack([centres - width / 2, centres + width / 2], axis=1).clip(0, highest)


def of_transform(length: int, rate: float) -> np.ndarray:
    """(bin, 2) Hz: what the numbers of a real Fourier transform of `length` samples stand for: k·Δf ± Δf/2."""
    return around(np.fft.rfftfreq(length, 1 / rate), rate / length, rate / 2)


def overlap(windows: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """(window, bin) Hz that windows (window, 2) and bins (bin, 2) have in common."""
    low = np.maximum(windows[:, np.newaxis, 0], bins[:, 0])
    high = np.minimum(windows[:, np.newaxis, 1], bins[:, 1])
    return np.asarray((high - low).clip(min=0))


def shares(windows: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """(window, bin) in [0, 1]: the share of each bin's width that lies in a window. For sums over windows."""
    return np.asarray(overlap(windows, bins) / (bins[:, 1] - bins[:, 0]))


def weights(windows: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """(window, bin): what bins contribute to the mean over a window; NaN where bins cover less than half of it."""
    common = overlap(windows, bins)
    covered = common.sum(axis=1, keepdims=True)
    enough = covered >= (windows[:, 1:] - windows[:, :1]) / 2
    return np.where(enough, common / np.where(enough, covered, 1), np.nan)
