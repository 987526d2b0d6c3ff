"""Differential entropy here beside loops around scipy of the same definition, and beside TorchEEG's, one thread, one run.

A trial is what one of SEED is: 62 channels at 200 Hz, windows of 1 s, the five official bands; simulated, with a spectrum that
falls as that of EEG does. The loop goes over channels and bands and gives scipy all windows of a channel at once; papers'
scripts often call it for each window besides. One call for a whole trial, and its bands from the one spectrum, is the most that
scipy can. All get the same numbers: scipy in double precision, in which SEED's files are and ours calculates too, ours in
single precision, in which readers hand them on. Targets: 10 times faster than the loop, and the same numbers to 1e-6.

TorchEEG's is a causal filter of order 5 in each window, of four bands, and a logarithm to base 2: only its time compares.
It is not among our dependencies and asks for an old scipy, so it gets an environment of its own that borrows what .venv has:

    .venv/bin/python -m venv --without-pip .venv-torcheeg
    ls -d "$PWD"/.venv/lib/python3*/site-packages > "$(ls -d .venv-torcheeg/lib/python3*/site-packages)/base.pth"
    .venv/bin/python -m pip --python .venv-torcheeg/bin/python install --no-deps torcheeg==1.1.3
    .venv-torcheeg/bin/python benchmarks/eeg_features.py

Where it is missing, this says so and measures the rest.
"""

import argparse
import importlib
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # read on import
sys.path[0] = str(Path(__file__).parents[1])  # not this folder

# ruff: noqa: E402
import numpy as np
from scipy import signal

from reportgen import plugins
from reportgen.bands import BANDS
from reportgen.core import Piece

CHANNELS, RATE = 62, 200  # Hz
OURS, LOOP = "ours, fourier", "scipy, a channel and band"
OURS_FILTER, LOOP_FILTER = "ours, filter", "scipy, a channel and band, filter"
RATIO, APART = 10, 1e-6  # targets
entropy = plugins.verb("feature", "differential_entropy")
Measure = Callable[[np.ndarray], np.ndarray]  # (channel, time) -> (window, channel, band)
Candidate = tuple[Measure, np.ndarray]  # and what it is given


def main() -> None:
    """Print the times of a window and how far the numbers are apart."""
    options = arguments()
    trial = simulated(options.seconds, options.seed)
    double = trial.astype(float)
    some = double[:, : 2 * RATE]
    candidates: dict[str, Candidate] = {
        LOOP: (periodograms, double),
        OURS: (ours, trial),
        "scipy, one call a trial": (spectrogram, double),
        "scipy, a window, channel and band": (window_by_window, some),
        LOOP_FILTER: (filters, double),
        OURS_FILTER: (partial(ours, method="filter"), trial),
    }
    if theirs := torcheeg():
        candidates["TorchEEG, a window"] = (theirs, some)
    shown = f"{CHANNELS} channels, trials of {options.seconds} s, {len(BANDS)} bands, {options.rounds} rounds"
    print(f"Differential entropy, ms of CPU time for a window of 1 s: {shown}. Target: {RATIO}×, within {APART:g}\n")
    ratios = table(timed(candidates, options.rounds))
    if not theirs:
        print("TorchEEG is not here; the top of this file says how to get it.")
    apart = differences(trial)
    print(f"Target {'met' if ratios[OURS] >= RATIO and max(apart) <= APART else 'missed'}.")


def arguments() -> argparse.Namespace:
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, default, text in (
        ("seconds", 240, "length of a trial"),
        ("rounds", 20, "trials that every candidate measures"),
        ("seed", 0, "of the signals"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{text} (default: {default})")
    return parser.parse_args()


def simulated(seconds: int, seed: int) -> np.ndarray:
    """(channel, time) float32 µV with an offset: power falls with frequency to the second, standard deviation 30 µV."""
    white = np.random.default_rng(seed).normal(size=(CHANNELS, seconds * RATE))
    falling = signal.lfilter([1], [1, -0.98], white)
    return (100 + 30 * falling / falling.std()).astype(np.float32)


def ours(x: np.ndarray, **settings: str) -> np.ndarray:
    """The feature as an experiment runs it."""
    names = tuple(map(str, range(len(x))))
    return entropy(Piece(x=x, axes=("channel", "time"), unit="µV", channels=names, rate=RATE), **settings).x


def periodograms(x: np.ndarray) -> np.ndarray:
    """A loop over channels and bands: Hann's periodogram of all windows of a channel, and a band's part of it."""
    variance = [[part(*signal.periodogram(c.reshape(-1, RATE), RATE, "hann"), band) for band in BANDS.values()] for c in x]
    return of_variance(np.array(variance).transpose(2, 0, 1))


def window_by_window(x: np.ndarray) -> np.ndarray:
    """The same, with a call for each window."""
    windows = x.reshape(len(x), -1, RATE).swapaxes(0, 1)
    bands = BANDS.values()
    return of_variance(
        np.array([[[part(*signal.periodogram(c, RATE, "hann"), band) for band in bands] for c in window] for window in windows])
    )


def spectrogram(x: np.ndarray) -> np.ndarray:
    """The same, in as few calls of scipy as it can be done."""
    frequencies, _, density = signal.spectrogram(x, RATE, "hann", RATE, 0)
    variance = np.stack([part(frequencies, density.swapaxes(1, 2), band) for band in BANDS.values()], axis=-1)
    return of_variance(variance.swapaxes(0, 1))


def filters(x: np.ndarray) -> np.ndarray:
    """A loop over channels and bands: the channel filtered forwards and backwards, and its variance in each window."""
    sections = [signal.butter(3, band, "bandpass", fs=RATE, output="sos") for band in BANDS.values()]
    passed = [[signal.sosfiltfilt(s, c, padlen=RATE).reshape(-1, RATE).var(axis=-1, ddof=1) for s in sections] for c in x]
    return of_variance(np.array(passed).transpose(2, 0, 1))


def part(frequencies: np.ndarray, density: np.ndarray, band: tuple[float, float]) -> np.ndarray:
    """Integral of density (…, frequency) over a band; a frequency stands for half the way to each of its neighbours."""
    half = frequencies[1] / 2
    share = np.clip(np.minimum(frequencies + half, band[1]) - np.maximum(frequencies - half, band[0]), 0, None)
    return np.asarray(density @ share)


def of_variance(variance: np.ndarray) -> np.ndarray:
    """Differential entropy of normal distributions, nats."""
    return np.asarray(0.5 * np.log(2 * np.pi * np.e * variance))


def torcheeg() -> Measure | None:
    """TorchEEG's transform, window by window as its data sets call it; None where it cannot be imported."""
    if not importlib.util.find_spec("torcheeg"):
        return None
    for name in ("pywt", "spectrum"):
        if not importlib.util.find_spec(name):
            sys.modules[name] = Anything(name)  # imported, but of no use to the transform
    transforms = importlib.import_module("torcheeg.transforms")
    measure = transforms.BandDifferentialEntropy(sampling_rate=RATE)
    return lambda x: np.array([measure(eeg=window)["eeg"] for window in x.reshape(len(x), -1, RATE).swapaxes(0, 1)])


class Anything(ModuleType):
    """A module that has whatever is imported from it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


def timed(candidates: Mapping[str, Candidate], rounds: int) -> dict[str, np.ndarray]:
    """Milliseconds of CPU time a window {candidate: (round,)}; taking turns, a busy machine slows all alike."""
    times = np.empty((len(candidates), rounds + 2))
    for round_ in range(rounds + 2):
        for row, (measure, x) in enumerate(candidates.values()):
            start = time.process_time()
            measure(x)
            times[row, round_] = 1000 * (time.process_time() - start) / (x.shape[-1] / RATE)
    return dict(zip(candidates, times[:, 2:], strict=True))  # the first two rounds only filled the caches


def table(times: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Print times, and how often each goes into that of the loop; returns the medians over rounds of these ratios."""
    medians = {}
    print(f"{'':34s} {'median':>8s} {'10–90 %':>17s} {'ratio':>9s} {'10–90 %':>17s}")
    for name, taken in times.items():
        low, middle, high = np.quantile(taken, (0.1, 0.5, 0.9))
        first = times[LOOP_FILTER if "filter" in name else LOOP]
        least, ratio, most = np.quantile(first / taken, (0.1, 0.5, 0.9))
        medians[name] = float(ratio)
        print(f"{name:34s} {middle:8.3f} {low:8.3f}–{high:8.3f} {ratio:8.3g}× {least:8.3g}–{most:7.3g}×")
    print()
    return medians


def differences(trial: np.ndarray) -> list[float]:
    """Print how far ours are from the loops at most, nats, by each method."""
    double = trial.astype(float)
    pairs = {OURS: (ours(trial), periodograms(double)), OURS_FILTER: (ours(trial, method="filter"), filters(double))}
    apart = []
    for name, (mine, theirs) in pairs.items():
        apart.append(float(np.abs(mine - theirs).max()))
        print(f"{name}: {mine.size} values, at most {apart[-1]:.1e} nats from the loop's")
    return apart


if __name__ == "__main__":
    main()
