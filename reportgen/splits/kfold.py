"""Each trial, clip, recording, session or subject is tested once, in one of several folds that are drawn at random."""

from typing import Annotated, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Lt, Unit

from reportgen.core import Folds, Rows
from reportgen.errors import DataError, UsageError
from reportgen.splits._folds import Fold, dealt, distinct, folds_of, trials_of


def divide(
    rows: Rows,
    seed: int,
    *,
    by: Annotated[
        Literal["trial", "clip", "recording", "session", "subject"], Doc("what stays together in a fold, always whole trials")
    ] = "trial",
    folds: Annotated[int, Ge(0), Unit("folds"), Doc("how many; 0: one for each, leave one out")] = 5,
    validation: Annotated[float, Ge(0), Lt(1), Doc("share of the training trials of each class; 0: none")] = 0.2,
) -> Folds:
    """Deal whole groups into folds, of each class as many to each fold as its groups allow.

    A group counts as of the class that most of its trials have. By trial, both the person and what was shown may
    lie in training and test.

    Raises:
        UsageError: the data set does not say what `by` asks for, or there is one fold only.
        DataError: there are fewer groups than folds, or a fold lacks a class.
    """
    if folds == 1:
        raise UsageError("split kfold: one fold leaves nothing to learn", "Set folds to 2 or more, or to 0: leave one out.")
    trials = trials_of(rows, "kfold", "trial", by)
    names = distinct(trials.columns[by])
    if len(names) < max(2, folds):
        raise DataError(
            f"split kfold: {len(names)} of {by} cannot fill {max(2, folds)} folds",
            "Lower folds, or set by to something smaller, such as by = 'trial'.",
        )
    group = np.array([names.index(name) for name in trials.columns[by].tolist()])  # (trial,)
    counts = np.zeros((len(names), len(rows.classes)), int)
    np.add.at(counts, (group, trials.labels), 1)
    hand = dealt(counts.argmax(axis=1), folds, seed) if folds else np.arange(len(names))
    titles = [f"fold {i + 1}" for i in range(folds)] if folds else [f"{by} {name}" for name in names]
    made = [Fold(title, hand[group] == i, hand[group] != i) for i, title in enumerate(titles)]
    return folds_of(trials, made, validation, seed)
