"""The view `passes`: what the kernels of a network let through, and how well it tells a class from the rest, in each hertz.

It says what a layer offers to those after it, not what these make of it: a network trained on shuffled labels still passes
what its kernels do not stop, so this view of it need not be empty. Maps are read as convolutions write them, before
activation and pooling, in test samples.

Signals (channel, time). The value of a map is its log power in a window of frequencies, by Hann's taper, mean over the
samples of a trial. A kernel that scales a frequency scales it in all classes alike, which AUC does not see: each map
therefore counts by its response |H(f)|², chained over the layers, relative to its largest in the grid. |H(f)|² is measured
with an impulse at each channel, summed over channels. Only convolutions count whose maps are linear in the input, for after
an activation a frequency in a map is no longer that of the signal (a rectified rhythm shows up at twice its frequency).

Spectra (frequency, channel). The value is that of a map at the row of a frequency, mean over the samples of a trial; rows
stand for what lies at the centre of what they see. All convolutions count, all maps alike.

The number, at most 0.5, is the mean over maps of

    |AUC − 0.5| less its mean under random labels of the same trials,

AUC being that of the class against the rest over the test trials of a unit (Mann and Whitney 1947, Ann. Math. Stat. 18, 50).
Random labels take away what few trials show by chance: where nothing is told apart it is 0 on average; weak effects come
out too small. Layers count alike; those with eight positions or fewer along the axis do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor, nn

from reportgen.core import Decoder
from reportgen.frequencies.effect import FINE, Grid, Measured
from reportgen.frequencies.positions import Axis, axes_of, heard, linear
from reportgen.frequencies.windows import TrialMeans, Trials, around, batches, of_transform, weights

_FEWEST = 9  # positions of a map along the axis: fewer are no spectrum
_AT_ONCE = 2**24  # areas under curves that are held at once, 64 MiB


@dataclass(frozen=True, slots=True)
class _Layer:
    """What is read of a convolution."""

    call: int  # of the calls of convolutions in a pass, from 0
    windows: np.ndarray  # (window, place): which places of `counts` make up a window of the grid; NaN where none do
    spectrum: Tensor | None  # (place, frequency): from the power of signals to places; None: positions are places
    counts: np.ndarray  # (map, place) or (1, 1) in [0, 1]: how much a map counts


def defined(decoder: Decoder) -> str:
    """Why the view is not defined for the samples of this decoder, or ""."""
    if decoder.axes not in FINE:
        return f"In samples of ({', '.join(decoder.axes)}) kernels do not slide along frequency or time."
    if not Trials.of(decoder).mixed():
        return "No unit has test trials of more than one class: nothing can be told apart within it."
    if not _traced(decoder, decoder.model):
        along = "the signal itself along time" if _is_signal(decoder) else "spectra along frequency"
        return f"The network has no convolution that sees {along} and keeps more than {_FEWEST - 1} positions."
    return ""


def measure(decoder: Decoder, network: nn.Module, grid: Grid, *, shuffles: int = 50, seed: int = 0) -> Measured:
    """How well what the maps pass tells each class from the rest.

    Args:
        decoder: whose test samples are read.
        network: its model or its control.
        grid: where effects are measured.
        shuffles: random labels, of which the mean is taken away.
        seed: of the random labels.

    Returns:
        A row for each unit and class, of the units that have trials of several classes. curve: AUC − 0.5 above chance;
        NaN where no layer reaches a frequency.
    """
    trials = Trials.of(decoder)
    layers = _layers(decoder, network, grid)
    values = _values(decoder, network, trials, layers) if layers else []
    label: list[int] = []
    unit: list[str] = []
    curves = [np.empty((0, len(grid.edges)))]
    for number, (name, own) in enumerate(trials.mixed().items()):
        present = np.unique(trials.label[own])
        relabelled = _relabelled(trials.label[own], shuffles, np.random.default_rng((seed, number)))
        members = relabelled[:, np.newaxis] == present[:, np.newaxis]  # (labelling, class, trial)
        found = [_curve(layer, of_layer[own], members) for layer, of_layer in zip(layers, values, strict=True)]
        label += present.tolist()
        unit += [name] * len(present)
        curves.append(_mean_where_known(found, (len(present), len(grid.edges))))
    return Measured(label=np.array(label, int), unit=np.array(unit, str), curve=np.concatenate(curves))


def _is_signal(decoder: Decoder) -> bool:
    return decoder.axes == ("channel", "time")


def _relabelled(labels: np.ndarray, shuffles: int, generator: np.random.Generator) -> np.ndarray:
    """(1 + shuffle, trial): the labels, and the same ones at random."""
    return np.concatenate([labels[np.newaxis], generator.permuted(np.tile(labels, (shuffles, 1)), axis=1)])


def _mean_where_known(curves: Sequence[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Mean over layers (class, window), of those that are not NaN there."""
    stack = np.stack([np.full(shape, np.nan), *curves])
    known = np.isfinite(stack)
    return np.asarray(np.where(known, stack, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan))


def _curve(layer: _Layer, values: np.ndarray, members: np.ndarray) -> np.ndarray:
    """(class, window) of values (trial, map, place) of one unit."""
    maps, counts = values.shape[1], np.broadcast_to(layer.counts, values.shape[1:])
    block = max(1, _AT_ONCE // max(1, members[..., 0].size * values.shape[2]))
    total = np.zeros((members.shape[1], values.shape[2]))
    for first in range(0, maps, block):
        above = _above_chance(values[:, first : first + block], members)  # (class, map, place)
        total += (above * counts[first : first + block]).sum(axis=1)
    return np.asarray(total / maps @ layer.windows.T)


def _above_chance(values: np.ndarray, members: np.ndarray) -> np.ndarray:
    """|AUC − 0.5| less its mean under random labels: (class, …), of values (trial, …).

    Args:
        values: (trial, …), equal ones share a rank.
        members: (labelling, class, trial) bool: is a trial of the class? The first labelling is the true one.
    """
    ranks = rankdata(values, axis=0).astype(np.float32)  # sums of ranks are exact up to 2²⁴
    size = members[0].sum(axis=-1, dtype=np.float32).reshape(-1, *[1] * (values.ndim - 1))  # (class, …)
    sums = np.tensordot(members.astype(np.float32), ranks, 1)  # (labelling, class, …)
    strength = np.abs((sums - size * (size + 1) / 2) / (size * (len(values) - size)) - 0.5)
    return np.asarray(strength[0] - strength[1:].mean(axis=0))


def _values(decoder: Decoder, network: nn.Module, trials: Trials, layers: Sequence[_Layer]) -> list[np.ndarray]:
    """What each layer shows of each trial: (trial, map, place) float32."""
    wanted = {layer.call: (layer, TrialMeans(trials)) for layer in layers}
    axis = _axis_of(decoder)
    for part, x in batches(decoder):

        def take(call: int, output: Tensor, part: slice = part) -> None:
            if call in wanted:
                layer, means = wanted[call]
                means.add(part, _shown(layer, _rows(output, axis)))

        with torch.no_grad(), heard(network, take):
            network(decoder.standardise(x))
    return [means.values() for _, means in wanted.values()]


def _shown(layer: _Layer, rows: Tensor) -> Tensor:
    """(sample, map, place) of rows (sample, map, position)."""
    if layer.spectrum is None:
        return rows
    power = _power(rows - rows.mean(-1, keepdim=True)) @ layer.spectrum.T
    return power.clamp(min=torch.finfo(power.dtype).tiny).log()


def _power(rows: Tensor) -> Tensor:
    """(…, frequency) of rows (…, time), by Hann's taper, without a unit."""
    taper = torch.hann_window(rows.shape[-1], device=rows.device, dtype=rows.dtype)
    power: Tensor = torch.fft.rfft(rows * taper).abs().square()
    return power


def _axis_of(decoder: Decoder) -> int:
    """The axis of time or frequency in the network's input and, as is the custom, in its maps."""
    return -1 if _is_signal(decoder) else -2


def _rows(output: Tensor, axis: int) -> Tensor:
    """(sample, map, position): all else that a map has, such as channels, makes maps of their own."""
    return output.movedim(axis, -1).flatten(1, -2)


def _traced(decoder: Decoder, network: nn.Module) -> dict[int, Axis]:
    """{call: axis} of the convolutions that count."""
    sample = torch.as_tensor(decoder.samples[[0, -1]], dtype=torch.float32, device=decoder.device)
    x = decoder.standardise(sample)
    axes = axes_of(network, x[:1], _axis_of(decoder))
    long = {call: axis for call, axis in axes.items() if axis.length >= _FEWEST}
    if not _is_signal(decoder):
        return long
    straight = linear(network, x)
    return {call: axis for call, axis in long.items() if straight[call]}


def _layers(decoder: Decoder, network: nn.Module, grid: Grid) -> list[_Layer]:
    traced = _traced(decoder, network)
    if not _is_signal(decoder):
        return [_of_spectra(decoder, grid, call, axis) for call, axis in traced.items()]
    responses = _responses(decoder, network)
    return [_of_signals(decoder, grid, call, axis, responses[call]) for call, axis in traced.items()]


def _of_spectra(decoder: Decoder, grid: Grid, call: int, axis: Axis) -> _Layer:
    """Rows of maps stand for the frequencies at the centre of what they see."""
    frequency = np.asarray(decoder.frequency, float)
    spacing = float(np.median(np.diff(frequency)))
    centres = frequency[0] + spacing * (axis.start + axis.step * np.arange(axis.length))
    return _Layer(call, weights(grid.edges, around(centres, spacing * axis.step)), None, np.ones((1, 1)))


def _of_signals(decoder: Decoder, grid: Grid, call: int, axis: Axis, response: Tensor) -> _Layer:
    """Windows of frequencies that lie below half the rate of a layer are its places."""
    into = weights(grid.edges, of_transform(axis.length, decoder.rate / axis.step))  # (window, frequency)
    reached = np.isfinite(into).all(axis=1)
    spectrum = torch.as_tensor(into[reached]).to(response)
    passed = (response @ spectrum.T).cpu().double().numpy()  # (map, place)
    largest = passed.max(axis=1, keepdims=True, initial=0)
    windows = np.where(reached[:, np.newaxis], np.eye(len(reached))[:, reached], np.nan)
    return _Layer(call, windows, spectrum, passed / np.where(largest > 0, largest, 1))


@torch.no_grad()
def _responses(decoder: Decoder, network: nn.Module) -> dict[int, Tensor]:
    """{call: |H(f)|² (map, frequency)} of convolutions with linear maps: sum over impulses, one at each channel."""
    channels, time = decoder.samples.shape[1:]
    impulses = torch.zeros(channels + 1, 1, channels, time, device=decoder.device)  # the last stays silent
    impulses[torch.arange(channels), 0, torch.arange(channels), time // 2] = 1
    axis, found = _axis_of(decoder), {}

    def hear(call: int, output: Tensor) -> None:
        rows = _rows(output, axis)
        found[call] = torch.fft.rfft(rows[:-1] - rows[-1:]).abs().square().sum(0)

    with heard(network, hear):
        network(impulses)
    return found
