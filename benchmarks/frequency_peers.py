"""What braindecode and captum say of the frequencies that a network uses, as our views say it: see frequencies.py.

All explain the logit of the class of a trial less the mean over classes, as our views do. Missing packages are left out.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from reportgen.core import Decoder
from reportgen.frequencies.effect import Grid, Measured
from reportgen.frequencies.windows import TrialMeans, Trials, batches, of_transform, shares

STEPS = 16  # of integrals
PEERS = ("braindecode", "captum", "skorch")
Effect = Callable[[Decoder, nn.Module, Tensor, Tensor], Tensor]
"""Decoder, network, x (sample, channel, time) and labels (sample,) to (sample, channel, bin of the Fourier transform)."""
Method = Callable[[Decoder, nn.Module, Grid], Measured]


def peers() -> dict[str, Method]:
    """Those of the packages that are here."""
    methods: dict[str, Method] = {}
    where = "is not here: the top of benchmarks/frequencies.py says how to get it. Left out."
    if module := amplitude_gradients():
        of_braindecode = partial(braindecode, module.amplitude_gradients)
        methods["braindecode"] = partial(measured, partial(of_braindecode, times=False))
        methods["braindecode × amplitude"] = partial(measured, partial(of_braindecode, times=True))
    else:
        print(f"braindecode with skorch {where}", file=sys.stderr)
    if importlib.util.find_spec("captum"):
        integrated = importlib.import_module("captum.attr").IntegratedGradients
        methods["captum, signal"] = partial(measured, partial(captum_signal, integrated))
        methods["captum, amplitudes"] = partial(measured, partial(captum_amplitudes, integrated))
    else:
        print(f"captum {where}", file=sys.stderr)
    return methods


def amplitude_gradients() -> ModuleType | None:
    """The file of braindecode that has them, without what the rest of the package imports."""
    package = importlib.util.find_spec("braindecode")
    if package is None or package.origin is None or not importlib.util.find_spec("skorch"):
        return None
    path = Path(package.origin).parent / "visualization" / "frequency.py"
    spec = importlib.util.spec_from_file_location("braindecode_frequency", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Centred(nn.Module):
    """Logits less their mean over classes, of signals (sample, channel, time) in µV: what our views explain too."""

    def __init__(self, network: nn.Module, standardise: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.network, self.standardise = network, standardise

    def forward(self, x: Tensor) -> Tensor:
        """(sample, class)."""
        logits: Tensor = self.network(self.standardise(x))
        return logits - logits.mean(1, keepdim=True)


def measured(effect: Effect, one: Decoder, network: nn.Module, grid: Grid) -> Measured:
    """Sums of what a package says over the frequencies of a window or band; means over the samples of a trial."""
    trials = Trials.of(one)
    bins = of_transform(one.samples.shape[-1], one.rate)
    windows, bands = (
        torch.as_tensor(shares(edges, bins)).float() for edges in (grid.edges, np.array(list(grid.bands.values()), float))
    )
    curve, channels = TrialMeans(trials), TrialMeans(trials)
    for part, x in batches(one, STEPS):
        said = effect(one, network, x, torch.as_tensor(one.labels[part])).detach().float()
        curve.add(part, torch.einsum("scf,wf->sw", said, windows))
        channels.add(part, torch.einsum("scf,bf->sbc", said, bands))
    return Measured(label=trials.label, unit=trials.unit, curve=curve.values(), channels=channels.values())


def braindecode(gradients_of: Any, one: Decoder, network: nn.Module, x: Tensor, labels: Tensor, *, times: bool) -> Tensor:
    """Gradients of the own class by the amplitudes, as they are, or times these."""
    said = gradients_of(Centred(network, one.standardise), x.numpy())  # (class, sample, channel, bin), of a mean over samples
    own = torch.as_tensor(said)[labels, torch.arange(len(x))] * len(x)
    return own * torch.fft.rfft(x).abs() if times else own


def captum_signal(integrated: Any, one: Decoder, network: nn.Module, x: Tensor, labels: Tensor) -> Tensor:
    """Spectrum of the attributions for the own class, less the mean over all classes."""
    explain = integrated(Centred(network, one.standardise))
    each = range(len(one.classes))
    spectra = torch.stack([torch.fft.rfft(explain.attribute(x, target=c, n_steps=STEPS)).abs() for c in each])
    return spectra[labels, torch.arange(len(x))] - spectra.mean(0)


def captum_amplitudes(integrated: Any, one: Decoder, network: nn.Module, x: Tensor, labels: Tensor) -> Tensor:
    """Attributions to the amplitudes, phases kept."""
    centred, spectrum = Centred(network, one.standardise), torch.fft.rfft(x)

    def logits(amplitudes: Tensor, phases: Tensor) -> Tensor:
        return centred(torch.fft.irfft(torch.polar(amplitudes, phases), n=x.shape[-1]))  # type: ignore[no-any-return]

    given = {"target": labels, "additional_forward_args": (spectrum.angle(),), "n_steps": STEPS}
    return integrated(logits).attribute(spectrum.abs(), **given)  # type: ignore[no-any-return]
