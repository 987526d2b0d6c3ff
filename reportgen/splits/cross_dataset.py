"""Each data set of a pool is tested by a model that learnt from others: other people, rooms and amplifiers."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Lt

from reportgen import plugins
from reportgen.core import Folds, Rows
from reportgen.errors import UsageError
from reportgen.splits._folds import Fold, Trials, distinct, folds_of, trials_of


def divide(
    rows: Rows,
    seed: int,
    *,
    train: Annotated[tuple[str, ...], Doc("data sets of the pool to learn from; none: all")] = (),
    test: Annotated[tuple[str, ...], Doc("data sets of the pool to test on, a fold each; none: each in turn")] = (),
    validation: Annotated[float, Ge(0), Lt(1), Doc("share of the training trials of each class; 0: none")] = 0.2,
) -> Folds:
    """One fold a tested data set, which is never learnt from in that fold, even if `train` names it.

    Raises:
        UsageError: a data set is not in the pool, or none is left to learn from.
    """
    trials = trials_of(rows, "cross_dataset")
    _check_names(trials, {"train": train, "test": test})
    folds = []
    for name in dict.fromkeys(test or distinct(trials.origin)):
        learnt = (trials.origin != name) & np.isin(trials.origin, train or distinct(trials.origin))
        if not learnt.any():
            message = f"split cross_dataset: no data set is left to learn from when {name} is tested"
            raise UsageError(message, "Name another one in train, or pool more data sets.")
        folds.append(Fold(f"data set {name}", trials.origin == name, learnt))
    return folds_of(trials, folds, validation, seed)


def _check_names(trials: Trials, wanted: dict[str, Sequence[str]]) -> None:
    known = distinct(trials.origin)
    for setting, names in wanted.items():
        for name in names:
            if name not in known:
                hint = f'Name data sets of the pool: split = {{use = "cross_dataset", {setting} = ["{known[0]}"]}}.'
                raise UsageError(f"split cross_dataset: {setting}: {plugins.unknown('data set', name, known)}", hint)
