"""Candidates that nobody generated: real samples, and samples that are wrong in one known way.

The first is the floor of every score. One of the others is its ceiling: what the score says of samples that lack just what it
looks at. A score that cannot tell its ceiling from its floor says nothing on these data.
"""

from collections.abc import Mapping

import numpy as np

from reportgen.realism.sets import Crowd
from reportgen.synthetic import Domain

TITLES: Mapping[str, str] = {
    "real": "Real training part",
    "noise": "White noise",
    "channels": "Shuffled channels",
    "classes": "Swapped classes",
}
"""{control: its name on pages}, in the order in which they are shown."""
_PLACES = ("channel", "row", "column")  # axes along the scalp; a grid has two
_STEADY = 1e-6  # of the largest number: a cell that varies less is empty, float32 is no finer


def controls(domain: Domain, train: Crowd, seed: int) -> dict[str, Crowd]:
    """Each control with as many samples of each class as the training part has.

    Args:
        domain: of the samples.
        train: the training part; its views are not carried over.
        seed: of noise and shuffling.

    Returns:
        {control: crowd without views}, in the order of `TITLES`; samples made from one trial keep its group, noise has one
        group for each sample. `channels` is left out where fewer than two channels vary: there is nothing to shuffle.
    """
    rng = np.random.default_rng(seed)
    noise = Crowd(x=_noise(domain, train.x, rng), labels=train.labels, group=np.arange(len(train)))
    swapped = (train.labels + 1) % len(domain.classes)
    crowds = {"real": Crowd(x=train.x, labels=train.labels, group=train.group), "noise": noise}
    shuffled = _shuffled(domain, train.x, rng)
    if shuffled is not None:
        crowds["channels"] = Crowd(x=shuffled, labels=train.labels, group=train.group)
    return crowds | {"classes": Crowd(x=train.x, labels=swapped, group=train.group)}


def _noise(domain: Domain, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """White normal noise like x: each channel of signals with its own mean and SD, maps with those of all that varies."""
    noise = rng.standard_normal(x.shape, dtype=np.float32)
    if domain.signals:
        axes = (0, x.ndim - 1)
        return np.asarray(noise * x.std(axis=axes, keepdims=True) + x.mean(axis=axes, keepdims=True), dtype=np.float32)
    varies = np.ptp(x, axis=0) > _STEADY * np.abs(x).max()  # grids have cells without an electrode
    known = x[:, varies]
    return np.where(varies, noise * known.std(dtype=float) + known.mean(dtype=float), x).astype(np.float32)


def _shuffled(domain: Domain, x: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Every channel in another's place, the same for all samples; None where there are not two."""
    own = [1 + axis for axis, name in enumerate(domain.axes) if name in _PLACES]
    if not own:
        return None
    front = list(range(1, 1 + len(own)))
    turned = np.moveaxis(x, own, front)
    places = turned.reshape(len(x), int(np.prod([x.shape[axis] for axis in own])), -1)  # (sample, place, number)
    varying = np.flatnonzero(np.ptp(places, axis=(0, 2)) > _STEADY * np.abs(x).max())
    if len(varying) < 2:
        return None
    cycle = rng.permutation(varying)  # each gives its place to the next: nobody keeps it
    moved = places.copy()
    moved[:, cycle] = places[:, np.roll(cycle, 1)]
    return np.ascontiguousarray(np.moveaxis(moved.reshape(turned.shape), front, own))
