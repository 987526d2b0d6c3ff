"""What synthetic samples are worth: a model that learned from them, or from them as well, on real people it has not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.bootstrap import MIN_GROUPS, Interval, Statistic, interval, resample
from reportgen.comparison import sign_flip
from reportgen.metrics import confusion
from reportgen.realism.sets import Estimate

_GROUPS = 200  # that synthetic samples, which are independent of each other, are resampled in


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a candidate's models say about the test parts of all folds."""

    tstr: np.ndarray  # (training, sample, class) logits: learned from synthetic samples
    both: np.ndarray  # (training, sample, class): learned from real and synthetic samples
    trts: Sequence[np.ndarray]  # of each fold and seed (sample, class): learned from real samples, asked about synthetic ones
    named: Sequence[np.ndarray]  # of each of these (sample,) int: the class that was asked for
    alone: np.ndarray | None = None  # of real samples, as `tstr`: learned from all of them, where `tstr` is from some


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The test samples of all folds."""

    labels: np.ndarray  # (sample,) int
    unit: np.ndarray  # (sample,) str
    classes: int


def useful(candidates: Mapping[str, Answers], truth: Truth, *, resamples: int, seed: int) -> dict[str, dict[str, Any]]:
    """Balanced accuracies, means over trainings, with intervals over units of the test part.

    Args:
        candidates: {key: answers}; "real" must be among them: its `alone` is what all real samples are worth, its `tstr` what
            as many of them are as there are synthetic ones.
        truth: what is right.
        resamples: of units.
        seed: of the draws and of sign flips.

    Returns:
        {key: {tstr, trts, both, alone (of real samples), change (both − alone), gain (both − both of "real", where real samples
        are seen twice), lost (tstr of "real" − tstr): estimates, p of change or None}}; an interval of `trts` is over
        synthetic samples.
    """
    whole = candidates["real"]
    sides = {"real": whole.tstr, "twice": whole.both, "alone": whole.tstr if whole.alone is None else whole.alone}
    real = {name: _counts(logits, truth) for name, logits in sides.items()}
    return {key: _worth(answers, real, truth, resamples, seed) for key, answers in candidates.items()}


def rivals(
    candidates: Mapping[str, Answers], truth: Truth, first: str, others: Sequence[str], *, resamples: int, seed: int
) -> dict[str, Estimate]:
    """{other: by how much `tstr` of the first is above its own}, paired over units."""
    found = {}
    for other in others:
        tables = {"first": _counts(candidates[first].tstr, truth), "other": _counts(candidates[other].tstr, truth)}
        drawn = resample(*_side_by_side(tables, truth.classes, {"gap": ("first", "other")}), resamples=resamples, seed=seed)
        found[other] = estimate(drawn.estimate["gap"], interval(drawn, "gap"))
    return found


_GAPS = {"change": ("both", "alone"), "gain": ("both", "twice"), "lost": ("real", "tstr")}


def _worth(answers: Answers, real: Mapping[str, np.ndarray], truth: Truth, resamples: int, seed: int) -> dict[str, Any]:
    tables = {"tstr": _counts(answers.tstr, truth), "both": _counts(answers.both, truth), **real}
    drawn = resample(*_side_by_side(tables, truth.classes, _GAPS), resamples=resamples, seed=seed)
    said = {name: estimate(drawn.estimate[name], interval(drawn, name)) for name in ("tstr", "both", "alone", *_GAPS)}
    return {**said, "trts": _recognised(answers, truth.classes, resamples, seed), "p": _p(tables["both"], real["alone"], seed)}


def estimate(mean: float, limits: Interval) -> Estimate:
    """As JSON has it."""
    return {"mean": mean if np.isfinite(mean) else None, "low": limits[0], "high": limits[1]}


def _counts(logits: np.ndarray, truth: Truth) -> np.ndarray:
    """(unit, training, class, class) int: confusion matrices."""
    names, unit = np.unique(truth.unit, return_inverse=True)
    said = logits.argmax(axis=-1)  # (training, sample)
    return np.stack(
        [
            np.stack([confusion(truth.labels[unit == one], each[unit == one], truth.classes) for each in said])
            for one in range(len(names))
        ]
    )


def _side_by_side(
    tables: Mapping[str, np.ndarray], classes: int, gaps: Mapping[str, tuple[str, str]]
) -> tuple[np.ndarray, Statistic]:
    """Confusion matrices as columns (unit, column), and what makes scores and gaps between them of sums over units."""
    sizes = {name: table[0].size for name, table in tables.items()}
    places = dict(zip(sizes, np.split(np.arange(sum(sizes.values())), np.cumsum(list(sizes.values()))[:-1]), strict=True))

    def scores(rows: np.ndarray) -> dict[str, np.ndarray]:
        each = {name: balanced(rows[:, at].reshape(len(rows), -1, classes, classes)) for name, at in places.items()}
        return {**each, **{name: each[first] - each[second] for name, (first, second) in gaps.items()}}

    flat = np.concatenate([table.reshape(len(table), -1) for table in tables.values()], axis=1)
    return flat.astype(float), scores


def balanced(counts: np.ndarray) -> np.ndarray:
    """Mean over trainings of the balanced accuracy.

    Args:
        counts: (…, training, true class, named class); classes without samples do not count.

    Returns:
        (…,) in 0 to 1, NaN without any sample.
    """
    n = counts.sum(axis=-1)
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = np.where(n > 0, right / n, np.nan)
        known = (n > 0).sum(axis=-1)
        return np.asarray((np.nansum(recall, axis=-1) / np.where(known > 0, known, np.nan)).mean(axis=-1))


def _recognised(answers: Answers, classes: int, resamples: int, seed: int) -> Estimate:
    """Of synthetic samples, each of them for itself; the mean over folds and seeds is that of all samples together."""
    labels, said = np.concatenate(answers.named), np.concatenate([logits.argmax(axis=1) for logits in answers.trts])
    groups = np.zeros((min(_GROUPS, len(labels)), classes * classes))
    np.add.at(groups, (np.arange(len(labels)) % len(groups), labels * classes + said), 1)

    def score(rows: np.ndarray) -> dict[str, np.ndarray]:
        return {"trts": balanced(rows.reshape(len(rows), 1, classes, classes))}

    drawn = resample(groups, score, resamples=resamples, seed=seed)
    return estimate(drawn.estimate["trts"], interval(drawn, "trts"))


def _p(both: np.ndarray, real: np.ndarray, seed: int) -> float | None:
    """Of sign flips of the units' own differences; None with too few of them."""
    if len(both) < MIN_GROUPS:
        return None
    difference = balanced(both.astype(float)) - balanced(real.astype(float))
    return float(sign_flip(difference[np.isfinite(difference), None], seed=seed)[0])
