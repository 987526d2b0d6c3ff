"""How far a number of each trial separates the classes, and how far labels by lot would."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

PERMUTATIONS = 1000
_BATCH = 100  # permutations whose sums are in memory at a time


@dataclass(frozen=True, slots=True)
class Design:
    """What is exchanged when labels are given by lot: items, each with one label, within strata."""

    exchanged: str  # "clip" or "trial"
    item: np.ndarray  # (trial,) int: the item that a trial belongs to
    label: np.ndarray  # (item,) int: class
    stratum: np.ndarray  # (item,) int: labels are exchanged within it
    block: np.ndarray  # (trial,) int: its mean is taken away
    blocked_by: str  # "recording", "subject" or "data set"

    def drawn(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Labels (permutation, trial) with items exchanged within their strata."""
        order = np.lexsort((rng.random((count, len(self.label))), np.broadcast_to(self.stratum, (count, len(self.label)))))
        places = np.argsort(self.stratum, kind="stable")
        labels = np.empty((count, len(self.label)), int)
        labels[:, places] = self.label[order]
        return labels[:, self.item]


def design(trials: Mapping[str, np.ndarray]) -> Design:
    """Blocks are recordings where each of them has trials of several classes, otherwise subjects.

    Where several people saw the same clips, a clip stays whole: two people who answer to one clip in the same way say
    something of the clip, not yet of its class, and the labels of single trials by lot would take the one for the other.

    Args:
        trials: {dataset, subject, session, recording, clip: (trial,) text, label: (trial,) int}.
    """
    by, block = _blocks(trials)
    clips, clip = np.unique(trials["clip"], return_inverse=True)
    labelled = np.unique(np.stack([clip, trials["label"]]), axis=1)  # (clip and class, pair)
    whole = labelled.shape[1] == len(clips) and "" not in clips and len(clips) < len(clip)
    if not whole:
        return Design("trial", np.arange(len(clip)), trials["label"], block, block, by)
    shown = [str(sorted({*trials["dataset"][clip == i], *trials["session"][clip == i]})) for i in range(len(clips))]
    return Design("clip", clip, labelled[1], np.unique(shown, return_inverse=True)[1], block, by)


def _blocks(trials: Mapping[str, np.ndarray]) -> tuple[str, np.ndarray]:
    for by in ("recording", "subject"):
        block = np.unique(trials[by], return_inverse=True)[1]
        if all(len(np.unique(trials["label"][block == i])) > 1 for i in range(block.max() + 1)):
            return by, block
    return "data set", np.zeros(len(trials["label"]), int)


def separate(values: np.ndarray, plan: Design, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """η² of each column, and its p-value corrected for all columns.

    η² is the share of the variance between trials of a block that lies between classes. p is the share of labels by lot
    whose largest η² of all columns reaches it (Westfall and Young 1993: the largest statistic).

    Args:
        values: (trial, column); NaN where nothing was measured.
        plan: from `design`.
        classes: how many.
        seed: of the lots.

    Returns:
        η² and p, (column,) each; NaN in columns without variance.
    """
    known = np.isfinite(values)
    centred = np.where(known, values - _means(np.where(known, values, 0), known, plan.block), 0)
    total = (centred**2).sum(axis=0)
    varies = total > 1e-12 * np.where(known, values**2, 0).sum(axis=0)
    scale = np.where(varies, total, np.nan)

    def eta(labels: np.ndarray) -> np.ndarray:
        """(permutation, column) of labels (permutation, trial)."""
        member = (labels[:, None] == np.arange(classes)[:, None]).astype(float)  # (permutation, class, trial)
        sums, counts = member @ centred, member @ known.astype(float)
        return np.asarray((sums**2 / np.maximum(counts, 1)).sum(axis=1) / scale)

    found = eta(plan.label[plan.item][None])[0]
    lots = np.concatenate([eta(labels) for labels in _lots(plan, seed)])
    largest = np.where(varies, lots, 0).max(axis=1)
    reached = (largest[:, None] >= found - 1e-9).sum(axis=0)
    return found, np.where(varies, (1 + reached) / (1 + PERMUTATIONS), np.nan)


def _lots(plan: Design, seed: int) -> Iterator[np.ndarray]:
    rng = np.random.default_rng(seed)
    for start in range(0, PERMUTATIONS, _BATCH):
        yield plan.drawn(min(_BATCH, PERMUTATIONS - start), rng)


def _means(values: np.ndarray, known: np.ndarray, block: np.ndarray) -> np.ndarray:
    """The mean of each trial's block (trial, column), of known values only."""
    sums, counts = (np.zeros((block.max() + 1, values.shape[1])) for _ in range(2))
    np.add.at(sums, block, values)
    np.add.at(counts, block, known)
    return np.asarray((sums / np.maximum(counts, 1))[block])
