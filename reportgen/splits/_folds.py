"""What the splits with folds share: they divide trials, never the samples of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.core import TEST, TRAIN, UNUSED, VALIDATION, Folds, Rows
from reportgen.errors import DataError, UsageError

KNOWN_BY = {
    "subject": "Its reader must name the subject of each recording; without subjects, use split = 'kfold'.",
    "session": "Its reader must number the sessions; without them, use split = 'kfold'.",
    "recording": "Its reader must name the recordings; without them, use split = {use = 'kfold', by = 'trial'}.",
    "trial": "Its reader must name the trials: only whole trials are divided.",
    "clip": "Its reader must name what was shown in each trial; without clips, use split = 'loso'.",
}
"""What to do where a column of `Rows` is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """One row a trial, in the order in which trials appear in the samples."""

    split: str  # for messages
    classes: tuple[str, ...]
    labels: np.ndarray  # (trial,) int
    origin: np.ndarray  # (trial,) str
    columns: Mapping[str, np.ndarray]  # {subject, session …: (trial,) str}: those that were asked for
    of_sample: np.ndarray  # (sample,) int, index into trials

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Fold:
    """The trials of one model, before some are spared for validation."""

    name: str
    test: np.ndarray  # (trial,) bool
    train: np.ndarray  # (trial,) bool; none of them is in `test`


def trials_of(rows: Rows, split: str, *needs: str) -> Trials:
    """The trials of the samples, with the columns that a split needs.

    Raises:
        UsageError: the data set does not say one of them.
        DataError: the samples of one trial have several labels.
    """
    column = {name: _column(rows, split, name) for name in ("trial", *needs)}
    names, first, trial = np.unique(column["trial"], return_index=True, return_inverse=True)
    order = np.argsort(first)
    of_sample, first = np.argsort(order)[trial], first[order]
    labels = np.asarray(rows.labels)[first]
    if wrong := np.flatnonzero(labels[of_sample] != rows.labels).tolist():
        raise DataError(
            f"split {split}: the samples of trial {names[trial[wrong[0]]]} have several labels",
            "A trial is divided as a whole: make a trial of each stretch with one label.",
        )
    return Trials(
        split=split,
        classes=rows.classes,
        labels=labels,
        origin=np.asarray(rows.origin)[first],
        columns={name: column[name][first] for name in needs},
        of_sample=of_sample,
    )


def _column(rows: Rows, split: str, name: str) -> np.ndarray:
    column = getattr(rows, name)
    values = np.array([""] if column is None else column).astype(str)
    if (values == "").any():
        told = "the data set does not say it" if (values == "").all() else f"{(values == '').sum()} of {len(values)} lack it"
        raise UsageError(f"split {split} needs the {name} of each sample; {told}", KNOWN_BY[name])
    return values


def distinct(values: np.ndarray) -> list[str]:
    """The different values in the order in which they appear."""
    return list(dict.fromkeys(values.tolist()))


def dealt(strata: np.ndarray, hands: int, seed: int) -> np.ndarray:
    """Deal cards at random into `hands` hands, as many to each as possible, of each stratum too: they differ by one at most.

    Args:
        strata: (card,) int.
        hands: how many.
        seed: of the shuffle.

    Returns:
        (card,) int, from 0: the hand of each.
    """
    order = np.random.default_rng(seed).permutation(len(strata))
    order = order[np.argsort(strata[order], kind="stable")]
    hand = np.empty(len(strata), int)
    hand[order] = np.arange(len(strata)) % hands
    return hand


def folds_of(trials: Trials, folds: Sequence[Fold], validation: float, seed: int) -> Folds:
    """Spare a share of each fold's training trials for validation, check the folds, and give each sample its trial's part.

    Args:
        trials: of the samples.
        folds: no trial is in the test part of two of them.
        validation: share of the training trials of each class; 0: none. Rounded, but at least one trial.
        seed: of the draw, which is another one in each fold.

    Raises:
        DataError: a fold has nothing to test, or a class has too few training trials.
    """
    parts = np.full((len(folds), len(trials)), UNUSED, np.uint8)
    for number, fold in enumerate(folds):
        _check(trials, fold, validation)
        parts[number, fold.test] = TEST
        parts[number, fold.train] = TRAIN
        parts[number, _spared(trials.labels, fold.train, validation, np.random.default_rng([seed, number]))] = VALIDATION
    return Folds(names=tuple(fold.name for fold in folds), parts=parts[:, trials.of_sample])


def _check(trials: Trials, fold: Fold, validation: float) -> None:
    place = f"split {trials.split}: fold {fold.name}"
    if not fold.test.any():
        raise DataError(f"{place} has no trial to test", "Change the split's settings, or give more data.")
    counts = np.bincount(trials.labels[fold.train], minlength=len(trials.classes))
    if missing := [name for name, n in zip(trials.classes, counts, strict=True) if not n]:
        message = f"{place} has no trial of {', '.join(missing)} among {counts.sum()} to train on"
        raise DataError(message, "Change the split's settings, or give more data.")
    if validation and counts.min() < 2:
        name = trials.classes[int(counts.argmin())]
        message = f"{place} has one trial of {name} to train on: none can be spared for validation"
        raise DataError(message, "Set validation = 0 in the split, or give more data.")


def _spared(labels: np.ndarray, train: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """About `share` of the training trials of each class, at random: (trial,) int, index into trials."""
    spared = [np.empty(0, int)]
    if share:
        for label in np.unique(labels[train]):
            own = np.flatnonzero(train & (labels == label))
            count = min(max(1, round(share * len(own))), len(own) - 1)
            spared.append(rng.permutation(own)[:count])
    return np.concatenate(spared)
