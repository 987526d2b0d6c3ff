"""What follows from the scores, in a word: of use, of memory, of modes, and of the discriminators.

The limits are ours and stated here, so that a reader can disagree: no test says where a ratio of distances becomes a copy.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reportgen.realism.sets import Estimate

RATIO = 0.2
"""Distance to the training part ÷ to unseen samples, as a share of that of real ones, below which a generator copies."""
IDENTICAL = 0.05
"""Share of samples with a ratio that low from which some are copies, whatever the others are."""
NEAR_COPIES = 0.25
"""Share of samples that are nearer to a training sample than 95 % of real ones are, from which they are near copies."""
SINGLE, FEW = 0.1, 0.5
"""Distance between a generator's own samples, as a share of that of real ones: below it is a single mode, or few."""
COVERED = 0.5
"""Share of the floor's coverage below which modes are missing."""
TELLS_NOISE = 0.65
"""Share right on white noise and training samples, their mean, below which a discriminator knows nothing: 0.5 is a guess."""
GUESS = 0.5
"""Share right on white noise below which a discriminator is blind to it, whatever else it knows."""
EVEN = 0.15
"""Distance from one half within which an accuracy looks like a balance."""
TELLS = 0.6
"""Area under the curve above which another classifier tells synthetic from real, so that a balance means nothing."""
SURE = 0.05
"""p from which a change of accuracy is none."""
ADDED = 0.9
"""Distance to the validation part after training ÷ before it, from which training added nothing."""
KNOWS = 0.6
"""Share right on training samples from which a discriminator knows them at all."""
LEARNT_BY_HEART = 0.3
"""Accuracy on training samples less that on unseen real ones from which a discriminator has memorised."""

_BOTH = ("spectrum", "mmd")  # what a generator is chosen by


def of_use(change: Estimate, gain: Estimate, p: float | None) -> str:
    """Whether adding synthetic samples changed the accuracy, and by more than seeing real samples twice does.

    Args:
        change: to learning from real samples.
        gain: to learning from real samples, each of them twice: as many updates, and nothing new.
        p: of sign flips of the change; with few units it is stricter than an interval.
    """
    low, high = change["low"], change["high"]
    if low is None or high is None:
        return "not tested"
    if p is not None and p >= SURE:
        return "no clear difference"
    if low > 0:
        return "helped" if (gain["low"] or 0.0) > 0 else "no more than real samples twice"
    if high < 0:
        return "hurt" if (gain["high"] or 0.0) < 0 else "no worse than real samples twice"
    return "no clear difference"


def of_memory(ratio: Estimate, floor: Estimate, copies: float | None, identical: float | None) -> str:
    """Whether samples are copies of the training part."""
    if ratio["mean"] is None or copies is None:
        return "not measured"
    share = ratio["mean"] / floor["mean"] if floor["mean"] else ratio["mean"]
    if share < RATIO or (identical or 0.0) > IDENTICAL:
        return "copies"
    return "near copies" if copies > NEAR_COPIES and (ratio["high"] or 0.0) < (floor["mean"] or 0.0) else "no sign"


def of_modes(distinct: float | None, coverage: Estimate, floor: Estimate) -> str:
    """Whether samples differ from each other, and reach what is real: varied ones may lie elsewhere altogether."""
    if distinct is None:
        return "not measured"
    if distinct < FEW:  # a mode in the middle of all real samples may reach most of them
        return "single mode" if distinct < SINGLE else "few modes"
    if coverage["mean"] is None or not floor["mean"]:
        return "not measured"
    return "elsewhere" if coverage["mean"] < COVERED * floor["mean"] else "spread"


def of_discriminator(told: Mapping[str, Any], auc: Estimate) -> str:
    """Whether an accuracy near one half would mean anything."""
    judged = told["judged"]
    if judged:
        known = judged["noise"] is not None and judged["train"] is not None
        if known and (judged["noise"] < GUESS or _mean(judged, "noise", "train") < TELLS_NOISE):
            return "weak"
        if (judged["train"] or 0.0) > KNOWS and _gap(judged) > LEARNT_BY_HEART:
            return "memorises"
    sides = [told[name] for name in ("accuracy_real", "accuracy_made") if told[name] is not None]
    if not sides:
        return "fair" if judged else ""
    even = abs(float(np.mean(sides)) - 0.5) < EVEN
    return "weak" if even and (auc["low"] or 0.0) > TELLS else "fair"


def _mean(judged: Mapping[str, Any], first: str, second: str) -> float:
    return float(judged[first] + judged[second]) / 2


def _gap(judged: Mapping[str, Any]) -> float:
    if judged["train"] is None or judged["validation"] is None:
        return 0.0
    return float(judged["train"] - judged["validation"])


def of_training(courses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Whether what is near real was there before the first update: means over folds and seeds.

    Returns:
        start, kept, floor: {spectrum, mmd} or None; share: sum of both in units of the floor, kept ÷ start; verdict.
    """
    known = [course for course in courses if course.get("start") and course["floor"] and course["chosen"]]
    if not known:
        return {"start": None, "kept": None, "floor": None, "share": None, "verdict": ""}
    kept = [course["epochs"][course["chosen"] - 1] for course in known]
    sides = {"start": [one["start"] for one in known], "kept": kept, "floor": [one["floor"] for one in known]}
    told: dict[str, Any] = {
        name: {key: float(np.mean([one[key] for one in rows])) for key in _BOTH} for name, rows in sides.items()
    }
    after, before = (
        sum(told[name][key] / max(told["floor"][key], np.finfo(np.float32).tiny) for key in _BOTH) for name in ("kept", "start")
    )
    share = after / before if before else None
    verdict = "" if share is None else "better than its start" if share < ADDED else "nothing added"
    return {**told, "share": share, "verdict": verdict}


def averaged(courses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The last epoch's accuracies and the final judgement of the discriminators of all folds and seeds, as means."""

    def mean(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return float(np.mean(known)) if known else None

    last = [course["epochs"][-1] for course in courses if course["epochs"]]
    judged = [course["judged"] for course in courses if course["judged"]]
    sides = ("train", "validation", "made", "noise")
    return {
        **{name: mean([row[name] for row in last]) for name in ("accuracy_real", "accuracy_made")},
        "judged": {name: mean([one[name] for one in judged]) for name in sides} if judged else None,
    }
