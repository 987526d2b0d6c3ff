"""Which training samples synthetic ones are made from, and what is left of them."""

from collections.abc import Mapping

import numpy as np

from reportgen.errors import StepError
from reportgen.synthetic import Learnable
from reportgen.words import count, counted, percent


def rows_by_class(known: Learnable, fewest: int, purpose: str) -> dict[int, np.ndarray]:
    """{class that is asked for: (row,) int of the training part}.

    Raises:
        StepError: a class has fewer training samples than `fewest`, which `purpose` needs.
    """
    rows = {int(label): np.flatnonzero(known.train.labels == label) for label in np.unique(known.wanted)}
    for label, own in rows.items():
        if len(own) < fewest:
            raise StepError(
                f"class {known.domain.classes[label]!r} has {counted(len(own), 'training sample')}, and {purpose} takes"
                f" {count(fewest)}: no synthetic ones are made",
                "Add recordings, take shorter windows, or choose a split that leaves some of every class for training.",
            )
    return rows


def drawn(rows: Mapping[int, np.ndarray], wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A training row of the right class for each synthetic sample: all are used before any is used twice.

    Args:
        rows: {class: (row,) int}, from `rows_by_class`.
        wanted: (sample,) int, class.
        rng: of the order.

    Returns:
        (sample,) int.
    """
    found = np.empty(len(wanted), int)
    for label, own in rows.items():
        places = np.flatnonzero(wanted == label)
        rounds = -(-len(places) // len(own))
        found[places] = rng.permuted(np.tile(own, (rounds, 1)), axis=1).ravel()[: len(places)]
    return found


def mixed(x: np.ndarray, source: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted means of two samples each.

    Args:
        x: (sample, …) float32 of the training part.
        source: (synthetic sample, 2) int, rows of x.
        weight: (synthetic sample,) in [0, 1], of the first of the two.

    Returns:
        (synthetic sample, …) float32.
    """
    share = weight.astype(np.float32).reshape(-1, *(1,) * (x.ndim - 1))
    return np.asarray(share * x[source[:, 0]] + (1 - share) * x[source[:, 1]])


def cancelled(known: Learnable, made: np.ndarray, source: np.ndarray) -> tuple[str, ...]:
    """What mixing did to the power of signals, for the report; nothing of maps, whose means do not cancel.

    Args:
        known: whose training part the samples were made from.
        made: (synthetic sample, channel, time).
        source: (synthetic sample, 2) int.
    """
    power = known.train.x.var(axis=-1, dtype=float).mean(axis=-1) if known.domain.signals else np.zeros(len(known.train))
    before = power[source].mean()
    if before == 0:
        return ()
    left = made.var(axis=-1, dtype=float).mean() / before
    return (f"Mixed windows keep {percent(left)} of the power of those that they were made from: oscillations in them cancel.",)
