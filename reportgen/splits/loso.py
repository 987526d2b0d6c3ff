"""Each subject is tested by a model that never saw that person: leave one subject out."""

from typing import Annotated

from annotated_doc import Doc
from annotated_types import Ge, Lt

from reportgen.core import Folds, Rows
from reportgen.errors import DataError
from reportgen.splits._folds import Fold, distinct, folds_of, trials_of


def divide(
    rows: Rows,
    seed: int,
    *,
    validation: Annotated[float, Ge(0), Lt(1), Doc("share of the training trials of each class; 0: none")] = 0.2,
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
    folds = [Fold(f"subject {name}", subject == name, subject != name) for name in names]
    return folds_of(trials, folds, validation, seed)
