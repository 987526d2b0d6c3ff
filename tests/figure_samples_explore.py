"""Small made-up outputs of looking at EEG, planted so that every figure has one right answer.

Planted: negative has 1.2 dB more beta everywhere and most of it at F3, and positive more gamma, most at C4 and, as muscles
would make it, at T8. Samples lie beside those of their subject. Trimming changes nothing, and without outlier trials the
accuracy rises by 0.06. Of three trials that lie far from the others two are of subject 3.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.bands import BANDS
from reportgen.montage import SEED_62, positions
from reportgen.outputs import Out, Output

CLASSES = ("negative", "neutral", "positive")
MUSE = ("TP9", "AF7", "AF8", "TP10")
PLANTED: Sequence[tuple[str, str, int, float]] = (  # band, channel, class, dB at the channel
    ("beta", "F3", 0, 4.0),
    ("gamma", "C4", 2, 2.5),
    ("gamma", "T8", 2, 3.0),
)
FACTS: Mapping[str, Any] = {
    "title": "Sim",
    "modality": "eeg",
    "simulated": True,
    "redistribute": True,
    "references": [],
    "notices": [],
}


def explored(
    folder: Path,
    *,
    channels: Sequence[str] = SEED_62,
    classes: Sequence[str] = CLASSES,
    subjects: int = 8,
    effect: float = 1.0,
    given: bool = False,
    places: bool = True,
    dataset: str = "eeg",
    experiment: str = "look",
) -> list[Output]:
    """The facts of a data set and the outputs of the task `explore` on it.

    Args:
        folder: to write into.
        channels: names.
        classes: names.
        subjects: how many.
        effect: times what is planted; 0: the classes do not differ.
        given: features are given, so that there are bands and no spectra.
        places: it is known where the electrodes are.
        dataset: its name.
        experiment: its name.
    """
    facts = _out(folder / dataset)
    at = positions(channels) if places else None
    facts.json("facts", {**FACTS, "classes": classes, "channels": channels, "positions": at, "rate": 200.0})
    out = _out(folder / experiment)
    map_ = planted(channels, len(classes)) * effect
    np.savez(out.path("spectra", ".npz"), **spectra(map_, channels, classes, subjects, given=given))
    out.json("separation", separation(map_, channels, classes, subjects, given=given))
    np.savez(out.path("projection", ".npz"), **projection(classes, subjects))
    out.json("outliers", outliers(classes, subjects, effect))
    return [*_outputs(facts, dataset=dataset), *_outputs(out, dataset=dataset, experiment=experiment)]


def planted(channels: Sequence[str], classes: int) -> np.ndarray:
    """(class, channel, band) dB that falls off around the electrodes it is planted at."""
    found = np.zeros((classes, len(channels), len(BANDS)))
    found[0, :, list(BANDS).index("beta")] = 1.2
    at = positions(channels) or {}
    centres = positions(SEED_62) or {}
    for band, centre, label, size in PLANTED:
        for i, channel in enumerate(channels):
            far = np.linalg.norm(np.subtract(at.get(channel, (1, 1, 1)), centres[centre]))
            found[label % classes, i, list(BANDS).index(band)] += size * np.exp(-((far / 0.04) ** 2))
    return found


def spectra(
    map_: np.ndarray, channels: Sequence[str], classes: Sequence[str], subjects: int, *, given: bool
) -> dict[str, np.ndarray]:
    """The kind `spectra`: 1/f with alpha, and in each band what is planted; of subjects that are differently strong."""
    rng = np.random.default_rng(1)
    edges = np.array(list(BANDS.values()))
    frequency = np.empty(0) if given else np.arange(1, 201) / 2
    member = ((frequency >= edges[:, :1]) & (frequency < edges[:, 1:])).astype(float)  # (band, frequency)
    shape = 20 - 12 * np.log10(np.maximum(frequency, 0.5)) + 6 * np.exp(-(((frequency - 10) / 1.5) ** 2))
    strong = rng.normal(0, 3, subjects)
    power = shape + map_ @ member + rng.normal(0, 0.1, (len(classes), len(channels), len(frequency)))
    units = power.mean(1) + strong[:, None, None] + rng.normal(0, 0.3, (subjects, len(classes), len(frequency)))
    bands = map_ + rng.normal(0, 0.15, map_.shape) + np.array([12, 8, 7, 2, -2.0])
    band_units = bands.mean(1) + strong[:, None, None] + rng.normal(0, 0.2, (subjects, len(classes), len(BANDS)))
    found = {"frequency": frequency, "power": power, "unit_power": units, "band_power": bands, "unit_band_power": band_units}
    texts = {"classes": classes, "channels": channels, "bands": list(BANDS), "units": [str(i + 1) for i in range(subjects)]}
    return {
        **found,
        "edges": edges,
        **_limits(units, ""),
        **_limits(band_units, "band_"),
        **{name: np.array(value) for name, value in texts.items()},
    }


def _limits(values: np.ndarray, prefix: str) -> dict[str, np.ndarray]:
    """Limits as of normal values, and none with fewer than six units."""
    n = len(values)
    own = values - values.mean(axis=1, keepdims=True)
    half, narrow = (1.96 * x.std(axis=0) / np.sqrt(n) if n >= 6 else np.full(x.shape[1:], np.nan) for x in (values, own))
    mean, difference = values.mean(axis=0), own.mean(axis=0)
    limits = {"low": mean - half, "high": mean + half, "difference": difference}
    limits |= {"difference_low": difference - narrow, "difference_high": difference + narrow}
    return {prefix + name: value for name, value in limits.items()}


def separation(
    map_: np.ndarray, channels: Sequence[str], classes: Sequence[str], subjects: int, *, given: bool
) -> dict[str, Any]:
    """The kind `separation`: η² grows with what is planted, and p falls."""
    rng = np.random.default_rng(2)
    between = map_.var(axis=0)  # (channel, band)
    eta2 = between / (between + 2) + rng.uniform(0, 0.03, between.shape)
    whole = map_.mean(axis=1)  # (class, band)
    of_whole = whole.var(axis=0) / (whole.var(axis=0) + 0.5) + 0.01
    return {
        "unit": "subject",
        "units": subjects,
        "trials": 15 * subjects,
        "silent": 3,
        "measure": "nat" if given else "dB",
        "classes": classes,
        "channels": channels,
        "bands": list(BANDS),
        "edges": [list(edges) for edges in BANDS.values()],
        "mains": [] if given else [(48.0, 52.0)],
        "exchanged": ["clip"],
        "items": 15,
        "blocks": "recording",
        "permutations": 1000,
        "tested": True,
        "eta2": eta2,
        "p": np.where(eta2 > 0.25, 0.002, 0.6),
        "largest": map_.argmax(axis=0),
        "whole": {
            "eta2": of_whole,
            "p": np.where(of_whole > 0.04, 0.011, 0.5),
            "largest": whole.argmax(axis=0),
            "smallest": whole.argmin(axis=0),
            "difference": np.ptp(whole, axis=0),
        },
    }


def projection(classes: Sequence[str], subjects: int, *, by: str = "subject") -> dict[str, np.ndarray]:
    """The kind `projection` of 40 samples a subject, who lie in heaps of their own, or with `by` in heaps of a class."""
    rng = np.random.default_rng(3)
    member = np.repeat(np.arange(subjects), 40)
    trial = np.arange(len(member)) // 4
    label = trial % len(classes)
    heap = member if by == "subject" else label
    centres = (
        12 * np.stack([np.cos(2.4 * np.arange(99)), np.sin(2.4 * np.arange(99))], axis=1) * np.sqrt(np.arange(99))[:, None]
    )
    tsne = centres[heap] + rng.normal(0, 2.5, (len(heap), 2))
    pca = np.concatenate([centres[heap] / 4, np.zeros((len(heap), 1))], axis=1) + rng.normal(0, 3, (len(heap), 3))
    chance = np.array([1 / len(classes), 1 / subjects if subjects > 1 else np.nan])
    like = (
        np.array([0.9, chance[1] + 0.03]) if by == "class" else np.array([chance[0] + 0.03, 0.92 if subjects > 1 else np.nan])
    )
    return {
        "index": np.arange(len(heap)) * 2,
        "pca": pca,
        "tsne": tsne,
        "explained": 0.4 * 0.6 ** np.arange(12),
        "label": label,
        "trial": np.array([f"trial {i}" for i in trial]),
        "unit": np.array("subject" if subjects > 1 else "trial"),
        "member": np.array([str(i + 1) for i in member]),
        "classes": np.array(classes),
        "spaces": np.array(["components", "tsne"]),
        "orders": np.array(["class", "unit"]),
        "neighbours": np.stack([0.9 * like, like]),
        "chance": chance,
        "perplexity": np.array(40.0),
        "of": np.array(2 * len(heap)),
        "left_out": np.array(1),
    }


def outliers(classes: Sequence[str], subjects: int, effect: float = 1.0, trials: int = 9) -> dict[str, Any]:
    """The kind `outliers`: four inputs, and outlier trials of which two thirds are of subject 3."""
    rng = np.random.default_rng(4)
    full = np.clip(rng.normal(0.6, 0.1, subjects), 0.35, 0.9)
    moved = {"full": 0.0, "time": -0.003, "time_frequency": 0.004, "without_outliers": 0.06 * effect}
    rows = []
    for name, by in moved.items():
        values = full + by + (rng.normal(0, 0.012, subjects) if by else 0)
        measure = {"units": values, "mean": values.mean(), **_difference(values - full if name != "full" else None, by)}
        rows.append({"input": name, "shape": [62, 5], "n": 900, "accuracy": measure, "balanced_accuracy": measure})
    found = [
        {
            "trial": f"{i}_1:{i + 2}",
            "subject": "3" if i % 3 else str(i + 1),
            "recording": f"{i}_1.mat",
            "label": classes[i % len(classes)],
            "distance": 3.7 + 70 * 0.75**i,
            "folds": subjects - 1 if i < 4 else 2,
            "of": subjects - 1,
        }
        for i in range(trials)
    ]
    share = {"left_out": 12 * trials, "of": 3000}
    told = {"rule": "training trials far from the others", "threshold": 3.5, "samples": share, "trials": found}
    names = [str(i + 1) for i in range(subjects)]
    counts = {"unit": "subject", "units": names, "folds": subjects, "trials": 15 * subjects, "left_out": ["9_1:1"]}
    return {**counts, "inputs": rows, "outliers": told}


def _difference(values: np.ndarray | None, by: float) -> dict[str, float | None]:
    if values is None:
        return dict.fromkeys(("difference", "low", "high", "p"))
    if len(values) < 6:
        return {"difference": float(values.mean()), "low": None, "high": None, "p": None}
    half = 1.96 * float(values.std()) / len(values) ** 0.5
    mean = float(values.mean())
    return {"difference": mean, "low": mean - half, "high": mean + half, "p": 0.008 if by > 0.02 else 0.6}


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
