"""Each session is tested by a model that learnt from the other sessions: whether it holds for another session."""

from typing import Annotated, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Lt

from reportgen.core import Folds, Rows
from reportgen.errors import DataError
from reportgen.splits._folds import Fold, distinct, folds_of, trials_of


def divide(
    rows: Rows,
    seed: int,
    *,
    within: Annotated[
        Literal["subject", "all"], Doc("subject: a model for each subject and session; all: one a session, for all subjects")
    ] = "subject",
    validation: Annotated[float, Ge(0), Lt(1), Doc("share of the training trials of each class; 0: none")] = 0.2,
) -> Folds:
    """Hold out one session after the other; the person is known from other days.

    Raises:
        UsageError: subjects or sessions are not known.
        DataError: somebody, or all together, have one session only.
    """
    trials = trials_of(rows, "cross_session", "subject", "session")
    subject, session = trials.columns["subject"], trials.columns["session"]
    pools = {"": np.ones(len(trials), bool)}
    if within == "subject":
        pools = {f"subject {name} ": subject == name for name in distinct(subject)}
    folds = []
    for who, own in pools.items():
        names = distinct(session[own])
        if len(names) < 2:
            message = f"split cross_session: {who or 'the data set '}has session {names[0]} only"
            raise DataError(message, "Set within = 'all', or leave that subject out." if who else "Use split = 'kfold'.")
        folds += [Fold(f"{who}session {name}", own & (session == name), own & (session != name)) for name in names]
    return folds_of(trials, folds, validation, seed)
