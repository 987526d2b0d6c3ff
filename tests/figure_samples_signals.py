"""Small made-up outputs of putting synthetic samples beside real ones, planted so that every figure has one right answer.

Planted: `wgan` is as real samples are, a little stronger in gamma. `dense` has a single mode, far too much at high
frequencies, and no pattern over the head. `phases` has the spectrum of real windows, but channels know nothing of each other.
`copies` are training samples with a little noise. Others are like real ones.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.bands import BANDS
from reportgen.features._grids import places as cells_of
from reportgen.montage import SEED_62, positions
from reportgen.outputs import Out, Output
from reportgen.realism.portraits import band_edges, nearest, portrait, spread
from reportgen.realism.sets import Crowd
from reportgen.synthetic import Domain

CLASSES = ("negative", "neutral", "positive")
MUSE = ("TP9", "AF7", "AF8", "TP10")
TITLES: Mapping[str, str] = {
    "wgan": "WGAN-GP on raw windows",
    "dense": "GAN of dense layers",
    "phases": "Phase surrogates",
    "shared": "Phase surrogates, shared phases",
    "gaussian": "Gaussian",
    "mixed": "Mix-up",
    "copies": "Interpolation within a class",
    "other": "WGAN-GP on maps",
}
NETWORKS = ("wgan", "dense", "other")
USES: Mapping[str, str] = {
    "wgan": "wgan_raw",
    "dense": "gan_dense",
    "phases": "phase_surrogate",
    "shared": "phase_surrogate",
    "gaussian": "gaussian",
    "mixed": "mixup",
    "copies": "interpolation",
    "other": "wgan_de",
}
KEEPS: Mapping[str, Sequence[str]] = {"phases": ("psd_distance",), "shared": ("psd_distance", "covariance_distance")}
TWO = ("wgan", "dense")
RATE = 64.0
TRIALS, WINDOWS = 8, 4  # of each class, and of each trial
GRID = "9x9"


def beside(
    folder: Path,
    *,
    channels: Sequence[str] = SEED_62[::4],
    classes: Sequence[str] = CLASSES,
    keys: Sequence[str] = tuple(TITLES),
    domain: str = "signals",
    places: bool = True,
    trials: int = TRIALS,
    gone: Sequence[str] = (),
    restricted: bool = False,
    scored: bool = True,
    fold: str = "subject 3",
) -> list[Output]:
    """The facts of a data set and what step `beside` has written of some generators.

    Args:
        folder: to write into.
        channels: names.
        classes: names.
        keys: of `TITLES`.
        domain: signals, maps or grid.
        places: it is known where the electrodes are.
        trials: of each class.
        gone: generators that diverged.
        restricted: samples may not be passed on.
        scored: there are scores, which hold the titles.
        fold: its name.
    """
    at = positions(channels) if places else None
    own = _out(folder / "eeg")
    facts = {"title": "Sim", "modality": "eeg", "simulated": True, "redistribute": not restricted, "classes": classes}
    own.json("facts", {**facts, "channels": channels, "positions": at, "rate": RATE, "notices": []})
    found = _outputs(own, dataset="eeg")
    what = domain_of(domain, channels, classes)
    cells = np.stack(cells_of(GRID, channels), axis=1) if domain == "grid" else None
    train, test = (crowd(what, channels, trials, seed, cells) for seed in (1, 2))
    for key in keys:
        out = _out(folder / key)
        _write(
            out,
            what,
            key,
            train,
            test,
            cells,
            at,
            fold,
            diverged="epoch 7: the loss is no number" if key in gone else "",
            restricted=restricted,
        )
        found += _outputs(out, dataset="eeg", experiment="net", generator=key, fold="0", seed="0")
    if scored:
        out = _out(folder / "scores")
        out.json("signal_scores", scores(keys))
        found += _outputs(out, dataset="eeg", experiment="net")
    return found


def domain_of(kind: str, channels: Sequence[str], classes: Sequence[str]) -> Domain:
    """What the numbers of a sample mean."""
    signals = kind == "signals"
    shape = {"signals": (len(channels), round(RATE)), "maps": (len(channels), len(BANDS)), "grid": (len(BANDS), 9, 9)}[kind]
    axes = {"signals": ("channel", "time"), "maps": ("channel", "band"), "grid": ("band", "row", "column")}[kind]
    told: dict[str, Any] = {"classes": tuple(classes), "channels": tuple(channels), "bands": None if signals else dict(BANDS)}
    return Domain(shape=shape, axes=axes, unit="µV" if signals else "nat", rate=RATE if signals else float("nan"), **told)


def crowd(what: Domain, channels: Sequence[str], trials: int, seed: int, cells: np.ndarray | None) -> Crowd:
    """Real samples."""
    labels = np.repeat(np.arange(len(what.classes)), trials * WINDOWS)
    group = np.repeat(np.arange(len(what.classes) * trials), WINDOWS)
    return Crowd(x=samples(what, channels, labels, seed, cells), labels=labels, group=group)


def samples(
    what: Domain, channels: Sequence[str], labels: np.ndarray, seed: int, cells: np.ndarray | None = None, *, mixed: bool = True
) -> np.ndarray:
    """Pink noise with an alpha rhythm at the back and, of the last class, beta at the front; maps of the like.

    Unless `mixed`, channels know nothing of each other.
    """
    rng = np.random.default_rng(seed)
    n, c = len(labels), len(channels)
    mix = mixing(channels) if mixed else np.eye(c)
    last = labels == labels.max(initial=1)
    front = np.linspace(1, 0, c)
    if not what.signals:
        level = np.array([3.2, 2.6, 2.4, 1.6, 0.9])[:, None] + front * np.array([0.2, 0, -0.8, 0, 0.1])[:, None]
        x = level + 0.3 * rng.normal(size=(n, 1, 1)) + 0.35 * rng.normal(size=(n, len(BANDS), c)) @ mix.T
        x[:, 3] += 0.5 * last[:, None] * front
        return (x.swapaxes(1, 2) if cells is None else gridded(x, cells)).astype(np.float32)
    time = np.arange(what.shape[-1]) / what.rate
    frequency = np.fft.rfftfreq(len(time), 1 / what.rate)
    pink = np.fft.irfft(np.fft.rfft(rng.normal(size=(n, c, len(time)))) / np.maximum(frequency, 1) ** 0.7, len(time))
    turn = 2 * np.pi * rng.uniform(size=(n, 1, 1))
    alpha = np.sin(2 * np.pi * 10 * time + turn) * (1.3 - front)[:, None] * rng.gamma(2, 0.5, (n, 1, 1))
    beta = np.sin(2 * np.pi * 21 * time + turn) * front[:, None] * last[:, None, None]
    return (25 * (0.7 + 0.6 * front)[:, None] * (mix @ pink) + 6 * alpha + 4 * beta).astype(np.float32)


def mixing(channels: Sequence[str]) -> np.ndarray:
    """(channel, channel): near electrodes record the like."""
    at = positions(channels) or {}
    points = np.array([at.get(name, (0.01 * i, 0, 0)) for i, name in enumerate(channels)])
    near = np.exp(-((np.linalg.norm(points[:, None] - points, axis=-1) / 0.06) ** 2))
    return near / np.linalg.norm(near, axis=1, keepdims=True)


def gridded(x: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """(sample, band, channel) in a grid."""
    found = np.zeros((*x.shape[:2], 9, 9))
    found[..., cells[:, 0], cells[:, 1]] = x
    return found


def synthetic(key: str, what: Domain, train: Crowd, seed: int, cells: np.ndarray | None) -> np.ndarray:
    """What a generator makes, in the order of the training part."""
    rng = np.random.default_rng(seed)
    usual = samples(what, what.channels, train.labels, seed, cells)
    noise = rng.normal(size=train.x.shape)
    if key == "copies":
        return np.asarray(train.x[::-1][np.argsort(train.labels[::-1], kind="stable")] + 0.02 * train.x.std() * noise)
    if key == "dense":
        return np.asarray(usual[[0] * len(usual)] * 0.4 + 0.6 * train.x.std() * (0.2 if not what.signals else 1) * noise)
    if key in ("phases", "gaussian"):
        return samples(what, what.channels, train.labels, seed, cells, mixed=False)
    if key == "wgan" and what.signals:
        return np.asarray(usual + 0.02 * usual.std() * noise)
    return usual


def _write(
    out: Out,
    what: Domain,
    key: str,
    train: Crowd,
    test: Crowd,
    cells: np.ndarray | None,
    at: Mapping[str, Any] | None,
    fold: str,
    *,
    diverged: str,
    restricted: bool,
) -> None:
    """What step `beside` writes."""
    edges = band_edges(what)
    about = {
        "generator": key,
        "diverged": diverged,
        "fold": fold,
        "domain": "signals" if what.signals else "maps",
        "axes": what.axes,
        "unit": what.unit,
        "rate": what.rate if what.signals else None,
        "classes": what.classes,
        "seconds": what.shape[-1] / what.rate if what.signals else None,
        "channels": what.channels,
        "cells": cells,
        "positions": at,
        "columns": list(edges),
        "bands": edges,
        "over": "trial",
    }
    if diverged:
        out.json("signal_about", about)
        return
    made = Crowd(
        x=synthetic(key, what, train, list(TITLES).index(key) + 10, cells).astype(np.float32),
        labels=train.labels,
        group=train.group,
    )
    np.savez(out.path("signal_pair", ".npz", restricted=restricted), **pair(what, train, test, made))
    means = {}
    for side, one in (("real", test), ("made", made), ("train", train)):
        seen = portrait(what, one, cells, resamples=60, seed=0)
        means |= {f"{name}_{side}": getattr(seen, name) for name in ("spectrum", "level", "power", "covariance")}
        means |= {"edges_real": seen.edges} if side == "real" else {}
        points = plane(what, one.x, train.x)
        means |= {f"plane_{side}": points, f"plane_{side}_labels": one.labels}
    np.savez(out.path("signal_means", ".npz"), frequency=seen.frequency, **means)
    n, groups = {"real": len(test), "made": len(made), "train": len(train)}, {"real": test.groups, "made": made.groups}
    out.json("signal_about", {**about, "n": n, "groups": groups})


def pair(what: Domain, train: Crowd, test: Crowd, made: Crowd) -> dict[str, np.ndarray]:
    """Three examples of each class."""
    scale, index = spread(what, train.x), np.arange(len(train))
    rows = [np.flatnonzero(test.of_class(label))[[0, WINDOWS, 2 * WINDOWS]] for label in range(len(what.classes))]
    real, own = (np.stack([one.x[at] for at in rows]) for one in (test, made))
    flat = own.reshape(-1, *what.shape)
    near, far = nearest(flat, train.x, index, scale), nearest(flat, test.x, index, scale)
    groups = test.group, test.group
    both = np.stack([nearest(test.x, train.x, index, scale)[1], nearest(test.x, test.x, index, scale, groups)[1]], axis=1)
    usual = np.stack([both[test.of_class(label)] for label in range(len(rows))])
    gap = np.stack([near[1], far[1]], axis=1).reshape(len(rows), 3, 2)
    return {"real": real, "made": own, "nearest": train.x[near[0]].reshape(own.shape), "gap": gap, "usual": usual}


def plane(what: Domain, x: np.ndarray, train: np.ndarray) -> np.ndarray:
    """(sample, 2): principal components of the logarithms of what channels hold."""

    def seen(values: np.ndarray) -> np.ndarray:
        flat = values.reshape(len(values), -1)
        return np.log(values.std(axis=2)) if what.signals else flat

    base = seen(train)
    axes = np.linalg.svd(base - base.mean(axis=0), full_matrices=False)[2][:2]
    points = (seen(x) - base.mean(axis=0)) @ axes.T
    return np.asarray(points / ((base - base.mean(axis=0)) @ axes.T).std(axis=0), np.float32)


def scores(keys: Sequence[str]) -> dict[str, Any]:
    """As much of the kind `signal_scores` as figures of examples read."""
    candidates = [
        {
            "key": key,
            "use": USES[key],
            "title": TITLES[key],
            "sort": "network" if key in NETWORKS else "plain",
            "keeps": list(KEEPS.get(key, ())),
        }
        for key in keys
    ]
    memory = [
        {
            "key": key,
            "ratio": {"mean": 0.04 if key == "copies" else 0.97, "low": 0.03, "high": 1.0},
            "copies": 0.05,
            "verdict": "no sign",
        }
        for key in keys
    ]
    modes = [{"key": key, "verdict": "few modes" if key == "dense" else "spread"} for key in keys]
    return {"candidates": candidates, "memory": memory, "modes": modes}


def _out(folder: Path) -> Out:
    folder.mkdir(parents=True, exist_ok=True)
    return Out(folder)


def _outputs(out: Out, **about: str) -> list[Output]:
    return [Output(d["kind"], out.folder / name, about, d["restricted"]) for name, d in out.described.items()]
