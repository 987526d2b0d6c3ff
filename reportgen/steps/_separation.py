"""How far a number of each trial separates the classes, and how far labels by lot would."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import factorial, prod

import numpy as np

PERMUTATIONS = 1000
LEVEL = 0.05  # where no p-value can be below it, nothing is tested
_BATCH = 100  # permutations whose sums are in memory at a time
_LEVELS = ("recording", "subject", "dataset")  # the finest first; each lies within the next one


@dataclass(frozen=True, slots=True)
class Design:
    """What is exchanged when labels are given by lot: items, each with one label, within strata."""

    exchanged: tuple[str, ...]  # what items with others to exchange with are: "clip", "trial", "recording", "subject"
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

    def least(self) -> float:
        """The smallest p-value that there can be: the share of all arrangements that divide the items as the true one does.

        Those are more than one where classes are equally frequent in each stratum: to swap their names changes no η².
        """
        present = np.unique(self.label, return_inverse=True)[1]
        counts = np.zeros((self.stratum.max() + 1, present.max() + 1), int)
        np.add.at(counts, (self.stratum, present), 1)
        ways = prod(factorial(sum(row)) // prod(map(factorial, row)) for row in counts.tolist())
        alike = prod(map(factorial, np.unique(counts, axis=1, return_counts=True)[1].tolist()))
        return alike / ways


def design(trials: Mapping[str, np.ndarray]) -> Design:
    """What is exchanged, so that nothing but the class could tell its items apart.

    Trials are exchanged within their recording. A recording of one class stays whole and is exchanged with others of its
    subject: what its trials share, such as a cap put on anew, is of the recording and not yet of the class. So does a
    subject of one class in its data set.

    Where several people saw the same clips, a clip stays whole: two people who answer to one clip in the same way say
    something of the clip, not yet of its class, and the labels of single trials by lot would take the one for the other.
    That is left undone where a recording of one class holds several clips.

    Blocks are recordings where each of them has trials of several classes, otherwise subjects, otherwise data sets.

    Args:
        trials: {dataset, subject, session, recording, clip: (trial,) text, label: (trial,) int}.
    """
    by, block = _blocks(trials)
    if not _shared_clips(trials):
        return Design(*_widest(trials), block, by)
    clips, first, clip = np.unique(trials["clip"], return_index=True, return_inverse=True)
    shown = [str(sorted({*trials["dataset"][clip == i], *trials["session"][clip == i]})) for i in range(len(clips))]
    return Design(("clip",), clip, trials["label"][first], np.unique(shown, return_inverse=True)[1], block, by)


def _blocks(trials: Mapping[str, np.ndarray]) -> tuple[str, np.ndarray]:
    for by in _LEVELS:
        if not _of_one_class(trials, by).any():
            return by.replace("dataset", "data set"), np.unique(trials[by], return_inverse=True)[1]
    return "data set", np.zeros(len(trials["label"]), int)


def _shared_clips(trials: Mapping[str, np.ndarray]) -> bool:
    """Whether clips can be exchanged: shown more than once, of one class each, and not several in a recording of one class."""
    clip, recording = trials["clip"], trials["recording"]
    apart = _of_one_class(trials, "recording")
    pairs = set(zip(recording[apart].tolist(), clip[apart].tolist(), strict=True))
    alone = len(pairs) == len(np.unique(recording[apart]))
    return "" not in clip and len(np.unique(clip)) < len(clip) and bool(_of_one_class(trials, "clip").all()) and alone


def _of_one_class(trials: Mapping[str, np.ndarray], by: str) -> np.ndarray:
    """Whether all trials of a trial's recording, subject … are of its class: (trial,) bool."""
    code = np.unique(trials[by], return_inverse=True)[1]
    pairs = np.unique(np.stack([code, trials["label"]]), axis=1)[0]
    return np.asarray((np.bincount(pairs) == 1)[code])


def _widest(trials: Mapping[str, np.ndarray]) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray]:
    """Each trial's item, the widest of one class that it lies in: `exchanged`, `item`, `label`, `stratum` of a design."""
    count = len(trials["label"])
    codes = [np.unique(trials[by], return_inverse=True)[1] for by in _LEVELS]
    places = np.stack([np.arange(count), *codes, np.zeros(count, int)])  # (level, trial), the finest first
    level = np.zeros(count, int)
    for i, by in enumerate(_LEVELS, start=1):
        level[_of_one_class(trials, by) & (level == i - 1)] = i
    own, outer = (np.stack([level + up, places[level + up, np.arange(count)]]) for up in (0, 1))
    _, first, item = np.unique(own, axis=1, return_index=True, return_inverse=True)
    stratum, label = np.unique(outer[:, first], axis=1, return_inverse=True)[1].ravel(), trials["label"][first]
    several = np.bincount(np.unique(np.stack([stratum, label]), axis=1)[0])[stratum] > 1
    names = ("trial", *_LEVELS)
    return tuple(names[i] for i in np.unique(level[first][several])), item.ravel(), label, stratum


def separate(values: np.ndarray, plan: Design, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """η² of each column, and its p-value corrected for all columns.

    η² is the share of the variance between trials of a block that lies between classes. p is the share of labels by lot
    whose largest η² of all columns reaches it (Westfall and Young 1993: the largest statistic). That holds if items could
    be exchanged: a slow drift within a recording is taken for an effect of classes that follow one another.

    Args:
        values: (trial, column); NaN where nothing was measured.
        plan: from `design`.
        classes: how many.
        seed: of the lots.

    Returns:
        η² and p, (column,) each; NaN in columns without variance, and p wherever labels can be exchanged in too few ways for
        any p below `LEVEL`.
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
    if plan.least() >= LEVEL:
        return found, np.full(len(found), np.nan)
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
