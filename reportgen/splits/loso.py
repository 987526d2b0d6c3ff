"""Each subject is tested by a model that never saw that person: leave one subject out."""

from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Gt, Le, Lt

from reportgen.core import Folds, Rows
from reportgen.errors import DataError
from reportgen.splits._draw import stratified
from reportgen.splits._folds import Fold, distinct, folds_of, trials_of


def divide(
    rows: Rows,
    seed: int,
    *,
    validation: Annotated[float, Ge(0), Lt(1), Doc("share of the training trials of each class; 0: none")] = 0.2,
    share: Annotated[
        float, Gt(0), Le(1), Doc("of the training trials of each class that are used: as few as loso_clip has, to compare")
    ] = 1.0,
) -> Folds:
    """One fold a subject. Where all see the same clips, those of the test are known from others: see loso_clip.

    Raises:
        UsageError: subjects are not known.
        DataError: there is only one, or the others lack a class.
    """
    trials = trials_of(rows, "loso", "subject")
    subject = trials.columns["subject"]
    names = distinct(subject)
    if len(names) < 2:
        raise DataError(f"split loso: {names[0]} is the only subject", "Use split = 'front_back' or split = 'kfold'.")
    folds = [Fold(f"subject {name}", subject == name, _thinned(subject != name, trials.labels, share, seed)) for name in names]
    return folds_of(trials, folds, validation, seed)


def _thinned(train: np.ndarray, labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """A share of the training trials (trial,) bool of each class, at random."""
    index = np.flatnonzero(train)
    kept = np.zeros_like(train)
    kept[index if share == 1 else index[stratified(labels[index], index, share, seed)]] = True
    return kept
