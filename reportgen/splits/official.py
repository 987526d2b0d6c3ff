"""The publisher's own parts; for validation a share of the training part, or a part of the publisher's."""

from collections.abc import Iterable
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Gt, Lt

from reportgen import plugins
from reportgen.core import TEST, TRAIN, UNUSED, VALIDATION, Rows
from reportgen.errors import UsageError
from reportgen.splits._draw import stratified


def divide(
    rows: Rows,
    seed: int,
    *,
    test: Annotated[tuple[str, ...], Doc("the publisher's parts to test on; none: the data set's own choice")] = (),
    training: Annotated[tuple[str, ...], Doc("the publisher's parts to train on; none: the data set's own choice")] = (),
    validation_origin: Annotated[tuple[str, ...], Doc("the publisher's parts to validate on; none: a share of training")] = (),
    validation: Annotated[float, Gt(0), Lt(1), Doc("share of each class of training, unless validation_origin is given")] = 0.1,
) -> np.ndarray:
    """Divide as published.

    Test samples with an identical twin in training stay where the publisher put them, so that scores compare with
    published ones; the output `twin_free` tells them apart. Training and validation never share a group: a training
    sample with a twin in `validation_origin` is left unused.

    Returns:
        (sample,) uint8, index into core.PARTS.

    Raises:
        UsageError: a part that the data do not have, or one part for two purposes.
    """
    training, test = tuple(training) or (rows.training_part,), tuple(test) or (rows.test_part,)
    _check_names(rows, {"test": test, "training": training, "validation_origin": validation_origin})
    parts = np.full(len(rows.labels), UNUSED, np.uint8)
    parts[np.isin(rows.origin, test)] = TEST
    pool = np.flatnonzero(np.isin(rows.origin, training))
    parts[pool] = TRAIN
    if validation_origin:
        held_out = np.isin(rows.origin, validation_origin)
        parts[pool[np.isin(rows.groups[pool], rows.groups[held_out])]] = UNUSED
        parts[held_out] = VALIDATION
    else:
        parts[pool[stratified(rows.labels[pool], rows.groups[pool], validation, seed)]] = VALIDATION
    return parts


def _check_names(rows: Rows, wanted: dict[str, Iterable[str]]) -> None:
    known, purpose = set(rows.origin.tolist()), dict[str, str]()
    for setting, names in wanted.items():
        for name in names:
            if name not in known:
                free = sorted(known - {one for other, used in wanted.items() if other != setting for one in used})
                hint = (
                    f'Name parts that are there: split = {{use = "official", {setting} = ["{free[0]}"]}}.'
                    if free
                    else "All parts there are serve another purpose: divide by a share, with split = 'holdout'."
                )
                raise UsageError(f"split official: {setting}: {plugins.unknown('part', name, known)}", hint)
            if purpose.setdefault(name, setting) != setting:
                message = f"split official: part '{name}' is in {purpose[name]} and in {setting}"
                raise UsageError(message, "Name it in one of them.")
