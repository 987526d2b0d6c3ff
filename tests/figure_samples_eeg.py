"""Small made-up outputs of recordings and of experiments on them, planted so that every figure has one right answer.

Planted: T7 is flat in recording 5 and FP1 saturates in the recordings of subject 3; mains are strong at the back. Subjects are
recognised from 0.41 to 0.78, and subject 15 not better than by chance. Knowing the person is worth 0.15, the clips 0.08.
Trials of 300 s that become 50 s long keep 33 Hz of 200.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import figure_samples
import numpy as np

from reportgen.contrast import Outcome, contrasted
from reportgen.montage import SEED_62, positions
from reportgen.outputs import Out, Output

CLASSES = ("negative", "neutral", "positive")
RATE = 100.0
CLIPS = (23, 23, 21, 24, 18, 20, 24, 22, 26, 24, 23, 23, 24, 24, 21)  # s
OF_CLIP = (2, 1, 0, 0, 1, 2, 0, 1, 2, 2, 1, 0, 1, 2, 0)  # class of each clip
SPLITS: Mapping[str, float] = {"kfold": 0.75, "loso": 0.60, "loso_clip": 0.52}


def eeg(folder: Path) -> list[Output]:
    """A data set `eeg` of 15 subjects, the experiment `svm` on it, and its contrast of three splits."""
    return [
        *recordings(folder, "eeg"),
        *experiment(folder, "eeg", "svm", accuracies(15)),
        *contrast(folder, "eeg", accuracies(15)),
    ]


def of(outputs: Sequence[Output], name: str) -> list[Output]:
    """What a figure of the kind's own subject is given: outputs of the study whose kinds it reads."""
    from reportgen import plugins

    path = plugins.path_of("figure", name)
    kinds = {"facts", *plugins.constant(path, "NEEDS"), *(plugins.constant(path, "SHOWS") or ())}
    return [output for output in outputs if output.kind in kinds]


def recordings(
    folder: Path,
    name: str,
    *,
    subjects: int = 15,
    sessions: int = 3,
    channels: Sequence[str] = SEED_62,
    classes: Sequence[str] = CLASSES,
    redistribute: bool = True,
    places: bool = True,
) -> list[Output]:
    """The outputs of `load`; all recordings share the signals of one, which no figure can see."""
    out = _out(folder / name)
    labels = [label % len(classes) for label in OF_CLIP]
    signals = [signal(channels, label, seconds, seed) for seed, (label, seconds) in enumerate(zip(labels, CLIPS, strict=True))]
    offsets = np.cumsum([0, *map(len, signals)]).tolist()
    rows = [
        {
            "subject": str(subject),
            "session": str(session),
            "recording": f"{subject}_{session}.mat",
            "trial": str(trial + 1),
            "clip": f"clip {trial + 1}",
            "label": label,
            "start": float(offsets[trial] / RATE),
            "offset": offsets[trial],
            "lead": 0,
            "length": len(signals[trial]),
            "tail": 0,
        }
        for subject in range(1, subjects + 1)
        for session in range(1, sessions + 1)
        for trial, label in enumerate(labels)
    ]
    out.json("stretches", {column: [row[column] for row in rows] for column in rows[0]})
    out.array("signals", np.concatenate(signals), ("time", "channel"), "µV", restricted=not redistribute)
    out.json("quality", quality(channels, subjects, sessions))
    counts = {c: sum(row["label"] == i for row in rows) for i, c in enumerate(classes)}
    out.json(
        "facts",
        {
            "title": name.upper(),
            "modality": "eeg",
            "classes": classes,
            "simulated": redistribute,
            "redistribute": redistribute,
            "parts": ["recorded"],
            "training_part": "recorded",
            "counts": {"recorded": counts},
            "n": len(rows),
            "axes": ["time", "channel"],
            "unit": "µV",
            "rate": RATE,
            "channels": channels,
            "positions": positions(channels) if places else None,
            "bands": None,
            "subjects": subjects,
            "sessions": sessions,
            "recordings": subjects * sessions,
            "references": [],
            "notices": [],
        },
    )
    return _outputs(out, dataset=name)


def signal(channels: Sequence[str], label: int, seconds: float, seed: int) -> np.ndarray:
    """(time, channel) float32 µV: pink noise that neighbours share, alpha at the back, blinks at the forehead."""
    rng = np.random.default_rng(seed)
    n, k = int(seconds * RATE), len(channels)
    frequency = np.fft.rfftfreq(n, 1 / RATE)
    pink = rng.normal(size=(3 + k, len(frequency))) + 1j * rng.normal(size=(3 + k, len(frequency)))
    noise = np.fft.irfft(pink / np.maximum(frequency, 1) ** 0.8, n)
    noise *= 12 / noise.std(axis=1, keepdims=True)
    time, back = np.arange(n) / RATE, np.linspace(0, 1, k)
    alpha = (4 + 8 * back)[:, None] * np.sin(2 * np.pi * 10 * time + rng.uniform(0, 6)) * (1 + np.sin(time)) / 2
    blinks = sum(np.exp(-0.5 * ((time - at) / 0.07) ** 2) for at in np.arange(1.2, seconds, 3.1))
    fast = (1 + label) * np.sin(2 * np.pi * 38 * time)
    x = 0.7 * noise[label % 3] + 0.6 * noise[3:] + alpha + (110 * np.exp(-8 * back))[:, None] * blinks + fast
    return np.ascontiguousarray(x.T, dtype=np.float32)


def quality(channels: Sequence[str], subjects: int, sessions: int) -> dict[str, Any]:
    """The faults that are planted: see above."""
    rng, k = np.random.default_rng(3), len(channels)
    front = np.exp(-4 * np.linspace(0, 1, k))
    recorded = []
    for number in range(subjects * sessions):
        amplitude = (9 + 14 * front) * rng.lognormal(0, 0.18, k) * rng.lognormal(0, 0.2)
        flat, saturated = np.zeros(k), np.zeros(k)
        if number == 4 and "T7" in channels:
            at = list(channels).index("T7")
            flat[at], amplitude[at] = 0.9, 0.05
        if number // sessions == 2:
            saturated[0], amplitude[0] = 0.04, 160.0
        measures = {
            "missing": np.zeros(k),
            "flat": flat,
            "saturated": saturated,
            "amplitude": amplitude,
            "line": (1 + 30 * np.linspace(0, 1, k) ** 4) * rng.lognormal(0, 0.5, k),
            "muscle": np.clip(0.06 + 0.2 * np.isin(channels, ("T7", "T8", "FT7", "FT8")) + rng.normal(0, 0.02, k), 0, 1),
            "jumps": rng.poisson(0.3, k),
        }
        recorded.append(
            {
                "subject": str(number // sessions + 1),
                "session": str(number % sessions + 1),
                "recording": f"{number // sessions + 1}_{number % sessions + 1}.mat",
                "seconds": 3394.0,
                "measures": {name: [float(f"{value:.4g}") for value in values] for name, values in measures.items()},
            }
        )
    return {"channels": channels, "recordings": recorded}


def accuracies(n: int) -> np.ndarray:
    """(unit,): from 0.78 down to 0.41, the last one at 0.32 if there are many."""
    values = np.linspace(0.78, 0.41, n)
    if n >= 15:
        values[-2:] = 0.41, 0.32
    return np.random.default_rng(0).permutation(values)


def scores(values: np.ndarray, unit: str = "subject", classes: Sequence[str] = CLASSES) -> dict[str, Any]:
    """The kind `scores` of units that were recognised so well."""
    base = figure_samples.scores(classes, figure_samples.confusion_rates(classes, float(values.mean())), groups=len(values))
    names = [str(i + 1) if unit == "subject" else f"recording-{i + 1:02d}.csv" for i in range(len(values))]
    rows = [
        {"name": name, "n": 3394, "accuracy": float(value), "balanced_accuracy": float(value), "baseline": 0.35}
        for name, value in zip(names, values, strict=True)
    ]
    return {**base, "unit": unit, "units": rows, "folds": len(values), "sources": []}


def experiment(folder: Path, dataset: str, name: str, values: np.ndarray, unit: str = "subject") -> list[Output]:
    """Scores of an experiment, and what interpolation did to its trials."""
    out = _out(folder / name)
    out.json("scores", scores(values, unit))
    out.json("interpolated", interpolated())
    return _outputs(out, dataset=dataset, experiment=name)


def interpolated() -> dict[str, Any]:
    """Trials of 52 to 300 s at 200 Hz that all became 50 s long: what lies above half of the effective rate is lost."""
    seconds = np.linspace(52, 300, 45)
    rate = 200 * 50 / seconds
    power = lambda f: (np.log(1 + f)) / np.log(101)  # noqa: E731
    lost = 1 - power(rate / 2)
    return {
        "subject": [str(i % 15 + 1) for i in range(45)],
        "trial": [f"t{i}" for i in range(45)],
        "label": [i % 3 for i in range(45)],
        "seconds": seconds.tolist(),
        "effective rate in Hz": rate.tolist(),
        "power lost": np.clip(lost, 0, 1).tolist(),
    }


def contrast(
    folder: Path, dataset: str, values: np.ndarray, splits: Mapping[str, float] = SPLITS, name: str = "svm"
) -> list[Output]:
    """A contrast: units of each split differ from each other as `values`, and the splits in their means."""
    rng = np.random.default_rng(5)
    outcomes = [
        Outcome(
            name=f"{name}-{use}",
            split={"use": use, "settings": {}},
            units={
                str(i + 1): float(np.clip(v - values.mean() + mean + rng.normal(0, 0.03), 0, 1)) for i, v in enumerate(values)
            },
        )
        for use, mean in splits.items()
    ]
    out = _out(folder / f"{dataset}-{name}")
    found = contrasted(outcomes, resamples=500, seed=0)
    out.json("contrast", {"dataset": dataset, "unit": "subject", "chance": 1 / 3, **found})
    return _outputs(out, dataset=dataset, contrast=f"{dataset}-{name}")


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [
        Output(kind=told["kind"], path=out.folder / name, about=about, restricted=told["restricted"])
        for name, told in out.described.items()
    ]
