"""Step: put synthetic samples of one generator beside real ones, for pictures of both.

All real samples are of the training and the test part of one fold. Examples are drawn at random, not chosen: real ones are
of different trials, and the same for all generators. Distances are root mean squares of the differences of all numbers, in
standard deviations of the training part (of each channel of signals, of each number of maps).

Kind `signal_pair`, an npz archive; NaN where a class has no sample:

    real (class, example, …)     samples of the test part
    made (class, example, …)     synthetic ones
    nearest (class, example, …)  the training sample nearest to each of `made`
    gap (class, example, 2)      distance of each of `made` to that, and to the nearest sample of the test part
    usual (class, sample, 2)     the same distances of random samples of the test part: to the nearest training sample, and to
                                 the nearest test sample of another trial

Kind `signal_means`, an npz archive, see realism/portraits.py; of `real`, the test part, of `made`, and of `train`, the training
part, which shows how far apart real samples are:

    frequency (frequency,) Hz, empty of maps        spectrum_… (class, channel, frequency) dB of mean power
    edges_real (2, channel, frequency): 95 % interval over trials of the mean of `spectrum_real` over classes
    level_… (class, 3, column): mean over channels and its 95 % interval over trials, or over synthetic samples or the trials
        that they are made from; columns are frequencies, or of maps bands
    power_… (class, band, channel) dB; of maps the mean number           covariance_… (channel, channel): correlations
    plane_real, plane_made, plane_train (sample, 2): the first two principal components of descriptors of the training part,
        and plane_real_labels … (sample,) int

Kind `signal_about`, a JSON object:

    {"generator": its key, "diverged": "" or what happened: then there is nothing else, "fold": its name, "domain": "signals" |
     "maps", "axes" of a sample, "unit", "rate": Hz | null, "seconds" of a sample | null, "classes", "channels",
     "cells": [[row, column]] of each channel of a grid | null, "positions": {channel: [x, y, z] m} | null,
     "columns": [band], "bands": {name: [from, below] Hz} | null, "over": "trial",
     "n": {"real", "made", "train"}: samples looked at, "groups": {"real", "made"}: what intervals are over}
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reportgen.core import TEST, TRAIN
from reportgen.features._grids import places
from reportgen.outputs import Inputs, Out
from reportgen.realism.components import Components
from reportgen.realism.descriptors import descriptors
from reportgen.realism.portraits import band_edges, nearest, portrait, spread
from reportgen.realism.sets import Crowd
from reportgen.steps._crowds import domain_of, part_of, rows_of
from reportgen.synthetic import Domain, Real
from reportgen.work import Work

MOST = 1000  # samples of a side that means are made of
POINTS = 300  # of a side in the plane
USUAL = 40  # real samples of a class whose distance to the training part is measured


def run(inputs: Inputs, out: Out, work: Work, *, examples: int = 3, seed: int, resamples: int, fold: int) -> None:
    """Write signal_pair, signal_means and signal_about; of a generator that diverged, signal_about alone.

    Args:
        inputs: facts, features, samples, labels, rows, parts, and of one generator synthetic, synthetic_labels, where there
            are any synthetic_source and generator; split, if there is one, names the fold.
        out: to write into.
        work: hears how far it is.
        examples: of each class.
        seed: of what is drawn.
        resamples: of the bootstrap.
        fold: index into the first axis of `parts`.
    """
    domain = domain_of(inputs)
    about = _about(inputs, domain, fold)
    if "synthetic" not in inputs:
        why = next((made["diverged"] for _, made in inputs.all("generator")), "")
        out.json("signal_about", {**about, "diverged": why or "its training diverged"})
        return
    real, _ = part_of(inputs, fold, TEST, most=MOST, seed=seed)
    train, _ = part_of(inputs, fold, TRAIN, most=MOST, seed=seed)
    made = _made(inputs, seed)
    work.progress(0, 3, "neighbours")
    restricted = not inputs.one("facts")["redistribute"]
    pair = _pair(inputs, domain, real, train, made, fold, examples, seed)
    np.savez_compressed(out.path("signal_pair", ".npz", restricted=restricted, unit=domain.unit), **pair)  # type: ignore[arg-type]
    work.progress(1, 3, "means")
    cells = None if about["cells"] is None else np.array(about["cells"])
    means: dict[str, Any] = {}
    for side, one in (("real", _crowd(real)), ("made", made), ("train", _crowd(train))):
        seen = portrait(domain, one, cells, resamples=resamples, seed=seed)
        means |= {f"{name}_{side}": getattr(seen, name) for name in ("spectrum", "level", "power", "covariance")}
        if side == "real":
            means["edges_real"] = seen.edges
    work.progress(2, 3, "plane")
    means |= {"frequency": seen.frequency, **_plane(domain, train, {"real": real, "made": made, "train": train}, seed)}
    np.savez_compressed(out.path("signal_means", ".npz"), **means)
    groups = {"real": len(np.unique(real.trial)), "made": made.groups}
    out.json("signal_about", {**about, "n": {"real": len(real), "made": len(made), "train": len(train)}, "groups": groups})


def _about(inputs: Inputs, domain: Domain, fold: int) -> dict[str, Any]:
    """What is known before anything is measured."""
    features, facts = inputs.one("features"), inputs.one("facts")
    grid = next((feature["settings"]["grid"] for feature in features["chain"] if feature["use"] == "topographic_grid"), None)
    keys = [about["generator"] for kind in ("synthetic", "generator") for about in inputs.about(kind)]
    edges = band_edges(domain)
    return {
        "generator": keys[0] if keys else "",
        "diverged": "",
        "fold": next((split["folds"][fold] for _, split in inputs.all("split")), ""),
        "domain": "signals" if domain.signals else "maps",
        "axes": domain.axes,
        "unit": domain.unit,
        "rate": domain.rate if domain.signals else None,
        "seconds": domain.shape[-1] / domain.rate if domain.signals else None,
        "classes": domain.classes,
        "channels": domain.channels,
        "cells": np.stack(places(grid, domain.channels), axis=1) if grid else None,
        "positions": facts["positions"],
        "columns": list(edges) or _columns(features),
        "bands": edges or None,
        "over": "trial",
    }


def _columns(features: Mapping[str, Any]) -> list[str]:
    """Names along the axis of a map that is neither of channels nor of cells."""
    sizes = dict(zip(features["axes"][1:], features["shape"], strict=True))
    axis = next((axis for axis in reversed(sizes) if axis not in ("channel", "row", "column")), None)
    return features["names"].get(axis) or [str(i + 1) for i in range(sizes.get(axis, 1))]


def _crowd(real: Real) -> Crowd:
    """Real samples, grouped by trial."""
    return Crowd(x=real.x, labels=real.labels, group=_numbered(real.trial))


def _made(inputs: Inputs, seed: int) -> Crowd:
    """Synthetic samples, no more than `MOST`; those of one source trial are one group, others are alone."""
    labels = np.asarray(inputs.one("synthetic_labels")).astype(int)
    rows = np.sort(np.random.default_rng(seed).permutation(len(labels))[:MOST])
    group = np.arange(len(labels))
    for _, source in inputs.all("synthetic_source"):
        first = np.asarray(source)[:, 0]
        trial = np.asarray(inputs.one("rows")["trial"])
        group = _numbered(np.where(first >= 0, trial[first], group.astype(str)))
    return Crowd(x=np.array(inputs.one("synthetic")[rows], np.float32), labels=labels[rows], group=group[rows])


def _numbered(names: np.ndarray) -> np.ndarray:
    return np.unique(names, return_inverse=True)[1]


def _pair(
    inputs: Inputs, domain: Domain, real: Real, train: Real, made: Crowd, fold: int, examples: int, seed: int
) -> dict[str, np.ndarray]:
    """The kind `signal_pair`."""
    samples, scale = inputs.one("samples"), spread(domain, train.x)
    trial = np.asarray(inputs.one("rows")["trial"])
    learned, unseen = (rows_of(inputs, fold, part) for part in (TRAIN, TEST))
    shape = (len(domain.classes), examples)
    found = {name: np.full((*shape, *domain.shape), np.nan, np.float32) for name in ("real", "made", "nearest")}
    found |= {"gap": np.full((*shape, 2), np.nan), "usual": np.full((shape[0], USUAL, 2), np.nan)}
    for label in range(shape[0]):
        rng = np.random.default_rng([seed, fold, label])
        own = np.flatnonzero(real.labels == label)
        if len(own):
            found["real"][label] = real.x[own[_of_different(real.trial[own], examples, rng)]]
            drawn = rng.permutation(own)[:USUAL]
            known = nearest(real.x[drawn], samples, learned, scale)[1]
            others = nearest(real.x[drawn], samples, unseen, scale, (real.trial[drawn], trial[unseen]))[1]
            found["usual"][label, : len(drawn)] = np.stack([known, others], axis=1)
        if len(own := np.flatnonzero(made.of_class(label))):
            x = made.x[np.resize(rng.permutation(own), examples)]
            near, far = nearest(x, samples, learned, scale), nearest(x, samples, unseen, scale)
            found["made"][label], found["nearest"][label] = x, samples[near[0]]
            found["gap"][label] = np.stack([near[1], far[1]], axis=1)
    return found


def _of_different(trial: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) random samples, each of another trial as long as there are others."""
    order = rng.permutation(len(trial))
    first = np.sort(np.unique(trial[order], return_index=True)[1])
    rest = np.setdiff1d(np.arange(len(trial)), first)
    return np.asarray(np.resize(order[np.concatenate([first, rest])], n))


def _plane(domain: Domain, train: Real, sides: Mapping[str, Real | Crowd], seed: int) -> dict[str, np.ndarray]:
    """Points of each side in the plane of the two components that hold most of the training part."""
    described = descriptors(domain, train.x)
    components = Components.of(described)
    found = {}
    for name, side in sides.items():
        rows = np.sort(np.random.default_rng(seed).permutation(len(side))[:POINTS])
        points = components(described[rows] if side is train else descriptors(domain, side.x[rows]))[:, :2]
        found[f"plane_{name}"] = np.pad(points, ((0, 0), (0, 2 - points.shape[1]))).astype(np.float32)
        found[f"plane_{name}_labels"] = side.labels[rows]
    return found
