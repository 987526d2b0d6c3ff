"""Each subject is tested, on clips that the model never saw anybody watch: neither the person nor the clip is known."""

from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Lt

from reportgen.core import Folds, Rows
from reportgen.errors import DataError
from reportgen.splits._folds import Fold, Trials, dealt, distinct, folds_of, trials_of


def divide(
    rows: Rows,
    seed: int,
    *,
    clip_folds: Annotated[int, Ge(2), Doc("groups of clips that are held out in turn, each with all classes")] = 3,
    validation: Annotated[float, Ge(0), Lt(1), Doc("share of the training trials of each class; 0: none")] = 0.2,
) -> Folds:
    """One fold for each subject and group of clips: learn from the other subjects' trials on the other clips.

    What is left, the subject on other clips and others on these clips, is unused in that fold. A subject who saw no clip
    of a group has no fold with it.

    Raises:
        UsageError: subjects or clips are not known.
        DataError: there is one subject only, a class has fewer clips than groups, or a clip has several labels.
    """
    trials = trials_of(rows, "loso_clip", "subject", "clip")
    subject, group = trials.columns["subject"], _clip_groups(trials, clip_folds, seed)
    names = distinct(subject)
    if len(names) < 2:
        raise DataError(f"split loso_clip: {names[0]} is the only subject", "Use split = {use = 'kfold', by = 'clip'}.")
    folds = [
        Fold(f"subject {name} clips {i + 1}", (subject == name) & (group == i), (subject != name) & (group != i))
        for name in names
        for i in range(clip_folds)
    ]
    return folds_of(trials, [fold for fold in folds if fold.test.any()], validation, seed)


def _clip_groups(trials: Trials, clip_folds: int, seed: int) -> np.ndarray:
    """The group of each trial's clip: (trial,) int."""
    clips, first, clip = np.unique(trials.columns["clip"], return_index=True, return_inverse=True)
    labels = trials.labels[first]  # (clip,)
    if wrong := np.flatnonzero(labels[clip] != trials.labels).tolist():
        raise DataError(
            f"split loso_clip: clip {clips[clip[wrong[0]]]} has several labels",
            "Groups of clips need one class a clip; use split = 'loso'.",
        )
    counts = np.bincount(labels, minlength=len(trials.classes))
    if counts.min() < clip_folds:
        scarce = trials.classes[int(counts.argmin())]
        message = f"split loso_clip: class {scarce} has {counts.min()} clips for clip_folds = {clip_folds}"
        raise DataError(message, f"Set clip_folds = {counts.min()}." if counts.min() > 1 else "Use split = 'loso'.")
    return np.asarray(dealt(labels, clip_folds, seed)[clip])
