"""The view `gradient`: integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365) along the amplitude spectrum.

A sample x of class c has the score s(x) = logit of c less the mean of all logits. Of a signal (channel, time), the real
Fourier transform of a window is A·e^{iφ}, without a taper, so that it can be undone. Phases φ stay, amplitudes go straight
from the usual ones A₀ to those of the sample: x(α) = irfft((A₀ + α(A − A₀))·e^{iφ}), and what an amplitude did is

    (A − A₀) · ∫ ∂s(x(α))/∂A dα, α from 0 to 1, in logits.

Over all frequencies and channels it adds up to s(x) − s(x(0)). Features that are spectra or bands take the place of A. What
the same frequencies do for that logit in the unit's trials of other classes is then taken from it, where that is positive
(`effect.specific`).

A₀ is what is usual for the unit: the mean over classes, of the mean over its trials, of the mean over their windows. It is
of the unit itself, as networks meet new people here: against the training part, what is peculiar to a person would be laid
at the door of every class. Labels only weigh the classes alike; nothing is chosen by them. A unit that has one class only
takes the usual of all test trials of the fold; where these are of one class too, features take the training part's
`Decoder.baseline`, and for signals nothing is defined, since that one has no amplitudes.

The integral is the sum of Gauss and Legendre. Each sample's gradient is its own: it does not depend on what else is in a batch.
"""

from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from torch import Tensor, nn

from reportgen.core import Decoder
from reportgen.frequencies.effect import BANDED, FINE, Grid, Measured, specific
from reportgen.frequencies.windows import TrialMeans, Trials, around, batches, of_transform, shares


def defined(decoder: Decoder) -> str:
    """Why the view is not defined for the samples of this decoder, or ""."""
    if decoder.axes not in FINE + BANDED:
        return f"Samples of ({', '.join(decoder.axes)}) know no frequencies."
    if _is_signal(decoder) and len(np.unique(decoder.labels)) < 2:
        return "The test part has one class only: there is no usual spectrum to compare its signals with."
    return ""


def measure(decoder: Decoder, network: nn.Module, grid: Grid, *, steps: int = 16) -> Measured:
    """What the amplitudes of each test trial did for the logit of its class, mean over its windows.

    Args:
        decoder: whose test samples are explained.
        network: its model or its control.
        grid: where effects are measured.
        steps: points of the integral. With 16, sums are off by 0.01 % of s(x) − s(x(0)) in a network of EEGNet's kind, which
            is smooth (with 8, 0.02 %), and by 1 % in one of rectifiers and maxima (3 %): measured against 256 points.

    Returns:
        A row for each trial, no rows where the view is not defined. curve: logits, sum over the channels and the
        frequencies in a window; a bin of Δf Hz counts by the share of its width that lies in it. channels: logits, sums
        over the frequencies in a band.
    """
    trials = Trials.of(decoder)
    if defined(decoder):
        bands, channels = len(grid.bands), len(decoder.channels)
        return Measured(
            label=trials.label[:0],
            unit=trials.unit[:0],
            curve=np.empty((0, len(grid.edges))),
            channels=np.empty((0, bands, channels)),
        )
    usual = torch.as_tensor(_usual(decoder, trials), dtype=torch.float32, device=decoder.device)  # (trial, …)
    into_windows, into_bands = (torch.as_tensor(m).to(usual) for m in _sums(decoder, grid))
    curve, channels_of = TrialMeans(trials), TrialMeans(trials)
    for part, x in batches(decoder, steps):
        effects = _effects(decoder, network, x, usual[torch.as_tensor(trials.number[part], device=x.device)], steps)
        by_bin = torch.stack([_by_bin(effect, decoder) for effect in effects], dim=-1)  # (sample, bin, channel, class)
        curve.add(part, torch.einsum("sbcl,wb->swl", by_bin, into_windows))
        channels_of.add(part, torch.einsum("sbcl,kb->skcl", by_bin, into_bands))
    told = [specific(means.values(), trials.label, trials.unit) for means in (curve, channels_of)]
    return Measured(label=trials.label, unit=trials.unit, curve=told[0], channels=told[1])


def _is_signal(decoder: Decoder) -> bool:
    return decoder.axes == ("channel", "time")


def _usual(decoder: Decoder, trials: Trials) -> np.ndarray:
    """What each trial is compared with (trial, …): amplitudes (channel, bin) of signals, otherwise features."""
    taken = TrialMeans(trials)
    for part, x in batches(decoder):
        taken.add(part, torch.fft.rfft(x).abs() if _is_signal(decoder) else x)
    means = taken.values()

    def balanced(own: np.ndarray) -> np.ndarray:
        label = trials.label[own]
        return np.asarray(np.mean([means[own[label == number]].mean(axis=0) for number in np.unique(label)], axis=0))

    several = len(np.unique(trials.label)) > 1
    usual: np.ndarray = np.empty_like(means)
    usual[:] = balanced(np.arange(len(means))) if several else decoder.baseline
    for own in trials.mixed().values():
        usual[own] = balanced(own)
    return usual


def _effects(decoder: Decoder, network: nn.Module, x: Tensor, usual: Tensor, steps: int) -> list[Tensor]:
    """Integrated gradients of samples x (sample, …), in logits of each class: (sample, channel, bin) of signals, or as x."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)  # of -1 to 1
    along = torch.as_tensor((nodes + 1) / 2).to(x).reshape(-1, *[1] * (x.ndim - 1))  # (step, …)
    spectrum = torch.fft.rfft(x) if _is_signal(decoder) else None
    here = x if spectrum is None else spectrum.abs()
    path = (usual[:, None] + along * (here - usual)[:, None]).flatten(0, 1).requires_grad_()  # (sample × step, …)
    samples = path
    if spectrum is not None:
        turn = torch.where(here > 0, spectrum / here.clamp(min=torch.finfo(here.dtype).tiny), torch.ones_like(spectrum))
        samples = torch.fft.irfft(path * turn.repeat_interleave(steps, 0), n=x.shape[-1])
    with _differentiable(network):
        logits = network(decoder.standardise(samples))
        sums = (logits - logits.mean(1, keepdim=True)).sum(0)  # sums, no means: each sample has its own gradient
        gradients = [torch.autograd.grad(one, path, retain_graph=True)[0] for one in sums]
    return [(here - usual) * _mean(gradient.reshape(len(x), steps, *here.shape[1:]), weights / 2) for gradient in gradients]


def _mean(each: Tensor, weights: np.ndarray) -> Tensor:
    """The integral (sample, …) of gradients (sample, step, …)."""
    mean: Tensor = torch.tensordot(each, torch.as_tensor(weights).to(each), dims=([1], [0]))
    return mean


def _differentiable(network: nn.Module) -> AbstractContextManager[None]:
    """CuDNN has no gradients of recurrent layers in evaluation mode: those networks go without it."""
    recurrent = any(isinstance(module, nn.RNNBase) for module in network.modules())
    return torch.backends.cudnn.flags(enabled=False) if recurrent else nullcontext()


def _by_bin(effect: Tensor, decoder: Decoder) -> Tensor:
    """(sample, bin, channel) of effects in the shape of `_effect`; bins are frequencies or bands."""
    if decoder.axes[0] == "channel":
        return effect.swapaxes(1, 2)
    if decoder.axes[-1] == "channel":
        return effect
    if decoder.cells is None:
        raise ValueError("cells of a grid without channels")
    rows, columns = torch.as_tensor(decoder.cells, device=effect.device).long().T
    slices = effect.sum(1) if decoder.axes[0] == "slice" else effect
    return slices[..., rows, columns]


def _sums(decoder: Decoder, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """What each bin contributes to windows (window, bin) and to bands (band, bin)."""
    if not grid.fine:  # several rows may hold the same band
        rows = np.array(list((decoder.bands or {}).values()), float)
        same = (grid.edges[:, None] == rows[None]).all(axis=2).astype(float)
        return same, same
    if decoder.frequency is None:
        bins = of_transform(decoder.samples.shape[-1], decoder.rate)
    else:
        spacing = float(np.median(np.diff(decoder.frequency))) if len(decoder.frequency) > 1 else 1.0
        bins = around(decoder.frequency, spacing)
    return shares(grid.edges, bins), shares(np.array(list(grid.bands.values()), float), bins)
