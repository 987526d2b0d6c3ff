"""The first trials of each recording for training, the others for the test: SEED's 9 and 6."""

from typing import Annotated, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Gt, Lt

from reportgen.core import Folds, Rows
from reportgen.errors import DataError, UsageError
from reportgen.splits._folds import Fold, distinct, folds_of, trials_of


def divide(
    rows: Rows,
    seed: int,
    *,
    train: Annotated[float, Gt(0), Doc("first trials of each recording to learn from; below 1: their share")] = 0.6,
    within: Annotated[
        Literal["recording", "pooled"], Doc("recording: a model for each; pooled: one model for all, which knows everybody")
    ] = "recording",
    validation: Annotated[float, Ge(0), Lt(1), Doc("share of the training trials of each class; 0: none")] = 0.2,
) -> Folds:
    """Divide each recording, that is a subject's session, in the order of its trials (Zheng and Lu 2015).

    The clips of the test are new, the person and the day are not.

    Raises:
        UsageError: subjects or sessions are not known, or `train` is no whole number of trials.
        DataError: a recording has too few trials, or a class has too few among the first ones.
    """
    if train >= 1 and train % 1:
        raise UsageError(f"split front_back: train = {train:g} is no whole number", "Give whole trials, or a share below 1.")
    trials = trials_of(rows, "front_back", "subject", "session")
    recording = np.array([f"subject {a} session {b}" for a, b in zip(*trials.columns.values(), strict=True)])
    folds = []
    for name in distinct(recording):
        own = np.flatnonzero(recording == name)
        first = int(train) if train >= 1 else round(train * len(own))
        if not 0 < first < len(own):
            message = (
                f"split front_back: {name} has {len(own)} trials: the first {first} cannot be learnt from and others tested"
            )
            raise DataError(message, "Lower train, or set it to a share such as 0.6.")
        every = np.arange(len(trials))
        folds.append(Fold(name, np.isin(every, own[first:]), np.isin(every, own[:first])))
    if within == "pooled":
        test, train_on = (np.any([getattr(fold, part) for fold in folds], axis=0) for part in ("test", "train"))
        folds = [Fold("all recordings", test, train_on)]
    return folds_of(trials, folds, validation, seed)
