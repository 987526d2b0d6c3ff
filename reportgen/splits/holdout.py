"""A share of all samples held out for the test, whatever the publisher's parts."""

from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Gt, Lt

from reportgen.core import TEST, TRAIN, VALIDATION, Rows
from reportgen.splits._draw import final, stratified


def divide(
    rows: Rows,
    seed: int,
    *,
    test: Annotated[float, Gt(0), Lt(1), Doc("share of all samples")] = 0.2,
    validation: Annotated[float, Gt(0), Lt(1), Doc("share of the samples that are not in the test part")] = 0.1,
    shuffle: Annotated[bool, Doc("draw at random within each class; false: the last samples in their order")] = True,
) -> np.ndarray:
    """Divide at random within each class or, unshuffled, in order: training, validation, test.

    No group lies in two parts.

    Returns:
        (sample,) uint8, index into core.PARTS.
    """

    def held_out(pool: np.ndarray, share: float) -> np.ndarray:
        labels, groups = rows.labels[pool], rows.groups[pool]
        chosen = stratified(labels, groups, share, seed) if shuffle else final(groups, share)
        return np.asarray(pool[chosen])

    parts = np.full(len(rows.labels), TRAIN, np.uint8)
    parts[held_out(np.arange(len(parts)), test)] = TEST
    parts[held_out(np.flatnonzero(parts == TRAIN), validation)] = VALIDATION
    return parts
