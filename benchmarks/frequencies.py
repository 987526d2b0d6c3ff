"""Our views of which frequencies a network uses beside those of braindecode and captum: same network, same trials, known truth.

EEGNet learns simulated emotions (eeg_sim, 4 to 50 Hz: bands 8 Hz wide, above F3 and C4) and is asked about people it has never
seen. Every method gives an effect for each trial, frequency and channel; ranges, peaks and strongest channels are made of it by
the same rules (reportgen/frequencies), over people:

    gradient        ours: integrated gradients along the amplitudes, from those that are usual for the person
    stop, swap      ours: interventions on the raw signal
    braindecode     amplitude_gradients: of the logit less the mean of all, sum over channels; and times the amplitude
    captum, signal  IntegratedGradients of the signal from zero; the amplitude spectrum of what it gives for the class, less
                    the mean of what it gives for all classes, as such a spectrum knows no sign
    captum, ampl.   IntegratedGradients along the amplitudes, from zero

Peak error, overlap (intersection over union, 0 where nothing is found) and site are of the strongest range of the two planted
classes. `by chance` are ranges of networks that were trained on shuffled labels: there should be none. Ranges take six people
or more. Seconds are CPU time of one thread.

The packages get an environment of their own, beside .venv, that borrows what .venv has. Of braindecode one file is loaded, as
it is: the whole package asks for twenty others, torchaudio among them.

    .venv/bin/python -m venv --without-pip .venv-frequencies
    ls -d "$PWD"/.venv/lib/python3*/site-packages > "$(ls -d .venv-frequencies/lib/python3*/site-packages)/base.pth"
    .venv/bin/python -m pip --python .venv-frequencies/bin/python install --no-deps braindecode==1.8.1 captum==0.9.0 \
        skorch==1.4.0 tabulate==0.10.0
    .venv-frequencies/bin/python benchmarks/frequencies.py

Where a package is missing, this says so and goes on without it.
"""

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # read on import
sys.path[0] = str(Path(__file__).parents[1])  # not this folder

# ruff: noqa: E402
import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.frequency_peers import PEERS, STEPS, Method, peers
from reportgen import plugins
from reportgen.core import Decoder, Piece, Place, Spec, Trial
from reportgen.datasets.eeg_sim import FACTS
from reportgen.frequencies import gradients, interventions
from reportgen.frequencies.effect import Grid, Measured, combined
from reportgen.frequencies.ranges import ranges_of
from reportgen.frequencies.summary import Study, summary
from reportgen.frequencies.windows import batches
from reportgen.metrics import classification_scores, confusion
from reportgen.networks import as_input
from reportgen.training import Data, fit

LOW, HIGH, WIDTH, STEP = 4.0, 50.0, 2.0, 0.5  # Hz: what is left of the signals, and windows that slide


@dataclass(frozen=True)
class Recorded:
    """Simulated recordings, and windows of their trials."""

    pieces: Sequence[Piece]  # of each trial
    label: np.ndarray  # (trial,) int
    person: np.ndarray  # (trial,) str
    planted: Sequence[Mapping[str, Any]]  # of each recording
    samples: np.ndarray  # (sample, channel, time) float32
    trial: np.ndarray  # (sample,) int

    @property
    def labels(self) -> np.ndarray:
        """(sample,) int."""
        return np.asarray(self.label[self.trial])


@dataclass(frozen=True)
class Found:
    """What a method makes of the networks of one seed."""

    peak_error: float  # Hz, mean over the planted classes, as the others
    overlap: float
    found: float
    site: float
    hits: float
    by_chance: int  # ranges with shuffled labels, of all classes
    seconds: float  # of CPU time, of one thread


def main() -> None:
    """Print the table."""
    options = arguments()
    torch.set_num_threads(1)
    methods = {**ours(options.trials), **peers()}
    found, accuracies = {name: list[Found]() for name in methods}, list[float]()
    for seed in range(options.seeds):
        recorded = simulated(options, seed)
        decoders = [decoder(recorded, *part, options, seed) for part in folds(recorded, options.folds)]
        accuracies.append(accuracy(decoders))
        for name, method in methods.items():
            found[name].append(asked(method, decoders, recorded))
            print(f"seed {seed}: {name} {found[name][-1].seconds:.1f} s", file=sys.stderr)
    told = ", ".join(f"{name} {version(name)}" for name in ("torch", *PEERS) if importlib.util.find_spec(name))
    people = f"{options.subjects} people in {options.folds} folds"
    print(f"EEGNet, {options.epochs} epochs, {people}, {options.recorded} trials each, {options.seeds} seeds; {told}")
    print(f"balanced accuracy on people it has not seen: {spread(accuracies, 2)} (chance 0.33)\n")
    table(found)


def arguments() -> argparse.Namespace:
    """Options with their defaults."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, default, text in (
        ("seeds", 5, "simulations, each with networks of its own"),
        ("subjects", 12, "people; six or more for ranges"),
        ("folds", 3, "networks, each tested on other people"),
        ("recorded", 15, "trials of a person"),
        ("epochs", 40, "passes of a training"),
        ("trials", 0, "of each person and class that interventions change; 0: all, as the others"),
        ("effect", 3.0, "class_effect of eeg_sim"),
        ("window", 1.0, "s, length of a sample"),
    ):
        parser.add_argument(f"--{name}", type=type(default), default=default, help=f"{text} (default: {default})")
    return parser.parse_args()


def simulated(options: argparse.Namespace, seed: int) -> Recorded:
    """People who watch clips that leave no pattern of their own."""
    load = plugins.verb("dataset", "eeg_sim")
    how = {"subjects": options.subjects, "trials": options.recorded, "class_effect": options.effect}
    recordings = list(load(**how, sessions=1, clip_effect=0.0, seed=seed))
    stretches = [(recording, stretch) for recording in recordings for stretch in recording.stretches]
    pieces = [
        Piece(x=s.x, axes=("channel", "time"), unit=r.unit, channels=r.channels, rate=r.rate, start=s.start)
        for r, s in stretches
    ]
    windows = [extracted(piece, window=options.window) for piece in pieces]
    return Recorded(
        pieces=pieces,
        label=np.array([stretch.label for _, stretch in stretches]),
        person=np.array([recording.subject for recording, _ in stretches]),
        planted=[recording.planted or {} for recording in recordings],
        samples=np.concatenate(windows),
        trial=np.repeat(np.arange(len(windows)), [len(own) for own in windows]),
    )


def extracted(piece: Piece, window: float) -> np.ndarray:
    """(window, channel, time) float32: without slow drifts, which are strong and hide the rest from a network."""
    held, cut = (plugins.verb("feature", name) for name in ("band_filter", "windows"))
    return np.asarray(cut(held(piece, low=LOW, high=HIGH), window=window).x, np.float32)


def folds(recorded: Recorded, count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Training and test samples (sample,) int: people take turns in being tested."""
    turn = np.unique(recorded.person, return_inverse=True)[1] % count
    for fold in range(count):
        yield np.flatnonzero(turn[recorded.trial] != fold), np.flatnonzero(turn[recorded.trial] == fold)


def decoder(recorded: Recorded, train: np.ndarray, test: np.ndarray, options: argparse.Namespace, seed: int) -> Decoder:
    """A network of one fold, one like it that was trained on shuffled labels, and the samples that it has not seen."""
    first, labels = recorded.pieces[0], recorded.labels
    own = recorded.samples[train]
    network, standardise = trained(recorded.samples, labels, train, options, seed)
    control, _ = trained(recorded.samples, shuffled(recorded, train, seed), train, options, seed)
    trials = np.unique(recorded.trial[test])
    return Decoder(
        fold="",
        model=network,
        control=control,
        standardise=standardise,
        device="cpu",
        classes=FACTS.classes,
        samples=recorded.samples[test],
        labels=labels[test],
        unit=recorded.person[recorded.trial[test]],
        over="subject",
        trial=recorded.trial[test].astype(str),
        baseline=np.mean([own[labels[train] == label].mean(axis=0) for label in np.unique(labels)], axis=0),
        spread=own.std(axis=0),
        axes=("channel", "time"),
        channels=first.channels,
        cells=None,
        frequency=None,
        bands=None,
        rate=first.rate,
        trials=[
            Trial(
                label=int(recorded.label[number]),
                unit=str(recorded.person[number]),
                name=str(number),
                samples=np.flatnonzero(recorded.trial[test] == number),
                piece=partial(recorded.pieces.__getitem__, number),
            )
            for number in trials
        ],
        extract=partial(extracted, window=options.window),
        positions=None,
    )


def trained(
    samples: np.ndarray, labels: np.ndarray, train: np.ndarray, options: argparse.Namespace, seed: int
) -> tuple[nn.Module, Callable[[Tensor], Tensor]]:
    """EEGNet after its last epoch, and how its input is standardised."""
    torch.manual_seed(seed)
    network = plugins.verb("model", "eegnet")(
        Spec((1, *samples.shape[1:]), len(FACTS.classes), ("map", "channel", "time")), dropout=0.25
    )
    data = Data(samples, labels.astype(np.int64), train, np.empty(0, int), shared=(1,))
    how: dict[str, Any] = {"batch": 32, "learning_rate": 0.002, "schedule": "cosine", "weight_decay": 0.01}
    fitted = fit(network, data, Place("cpu", seed), epochs=options.epochs, choose="last", **how)
    return network, lambda x: fitted.standardise(as_input(x))


def shuffled(recorded: Recorded, train: np.ndarray, seed: int) -> np.ndarray:
    """Labels (sample,) after the training trials have exchanged theirs."""
    label, own = recorded.label.copy(), np.unique(recorded.trial[train])
    label[own] = np.random.default_rng(seed).permutation(label[own])
    return np.asarray(label[recorded.trial])


@torch.no_grad()
def accuracy(decoders: Sequence[Decoder]) -> float:
    """Balanced accuracy of all folds together."""
    counts = np.zeros((len(FACTS.classes), len(FACTS.classes)))
    for one in decoders:
        said = torch.cat([one.model(one.standardise(x)) for _, x in batches(one)]).argmax(1)
        counts += confusion(one.labels, said.numpy(), len(FACTS.classes))
    return float(classification_scores(counts)["balanced_accuracy"])


def ours(trials: int) -> dict[str, Method]:
    """Our views."""

    def changed(kind: Any, one: Decoder, network: nn.Module, grid: Grid) -> Measured:
        return interventions.measure(one, network, grid, kind=kind, trials=trials, channels=True, seed=0)

    return {
        "gradient": partial(gradients.measure, steps=STEPS),
        "stop": partial(changed, "stop"),
        "swap": partial(changed, "swap"),
    }


def asked(method: Method, decoders: Sequence[Decoder], recorded: Recorded) -> Found:
    """What a method finds of what was planted, and with shuffled labels."""
    units = tuple(sorted(set(recorded.person.tolist())))
    grid = Grid.of(decoders[0], LOW, HIGH, WIDTH, STEP, {})
    start = time.process_time()
    effect = combined([method(one, one.model, grid) for one in decoders], units, len(FACTS.classes))
    seconds = time.process_time() - start
    chance = combined([method(one, one.control, grid) for one in decoders], units, len(FACTS.classes))
    about: dict[str, Any] = {"axes": ("channel", "time"), "unit": "subject", "units": units, "classes": FACTS.classes}
    study = Study(**about, channels=decoders[0].channels, folds=len(decoders), trials=len(recorded.pieces))
    # Whatever the method, it is handed in as a view: one rule for all.
    told = summary(study, grid, {"gradient": effect}, {}, {}, {}, planted=recorded.planted, seed=0)["truth"]
    rows = [planted["views"][0] for planted in told]
    return Found(
        **{name: mean(row[name] for row in rows) for name in ("peak_error", "found", "hits")},
        overlap=mean(row["overlap"] or 0.0 for row in rows),
        site=mean(row["site_in_top"] for row in rows),
        by_chance=sum(map(len, ranges_of(chance.curve, grid, seed=0))),
        seconds=seconds,
    )


def mean(values: Iterator[float | None]) -> float:
    """Of those that are known."""
    known = [float(value) for value in values if value is not None]
    return float(np.mean(known)) if known else float("nan")


def table(found: Mapping[str, Sequence[Found]]) -> None:
    """Print means and standard deviations over seeds."""
    titles = ("found", "peak error, Hz", "overlap", "site in top 5", "near it, of 5", "by chance", "seconds")
    keys = ("found", "peak_error", "overlap", "site", "hits", "by_chance", "seconds")
    print(f"{'':24s}" + "".join(f"{title:>16s}" for title in titles))
    for name, results in found.items():
        cells = (spread([getattr(one, key) for one in results], 2) for key in keys)
        print(f"{name:24s}" + "".join(f"{cell:>16s}" for cell in cells))


def spread(values: Sequence[float], places: int) -> str:
    """`0.81 ± 0.05`."""
    more = f" ± {np.std(values, ddof=1):.{places}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{places}f}{more}"


if __name__ == "__main__":
    main()
