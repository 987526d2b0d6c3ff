"""All experiments of one data set and split side by side, on the same test samples: what the kind `comparison` is made of.

A kind `comparison` is the JSON object

    {"dataset", "split": {"use", "settings"}, "n": test samples, "groups": of identical ones,
     "experiments": [{"name", "model", "seeds": [int], "parameters": trainable ones,
                      "accuracy": {"seeds", "mean", "sd", "low", "high"}, as in `scores`, "validation": mean accuracy | null}],
     "pairs": [{"first", "second", "difference": accuracy of the first less that of the second, "low", "high",
                "trainings": {"low", "high"} | null, "test": "mcnemar" | "sign_flip", "p", "p_holm",
                "discordant": [samples that only the first gets right, only the second] | null: several seeds}],
     "per_class": [{"first", "second", "classes": [{"class", "n", "difference": of recall, "low", "high", "p", "p_holm"}]}]}

Experiments stand in the order of their mean validation accuracy, best first, and `first` of a pair is the better one there:
the test part ranks nothing. Validation accuracies have chosen epochs, and settings where these were searched for, so they
flatter; they only give the order. `per_class` holds the first experiment against each other one.

Differences are of means over seeds. Their 95 % intervals are paired: groups of identical samples are resampled, the same
for both experiments and all their seeds, so that what makes a sample hard for both cancels out. `p` is two-sided: of McNemar's
exact test where both experiments have one seed and every group is one sample, otherwise of the sign-flip test; that of a
class is the same test on the class's samples. `p_holm` is corrected for all pairs of the comparison, and in the classes for
all classes of all pairs there. With fewer than six groups, of the class where it is about one, limits and p-values are null;
limits also where all resamples agree.

What the p-value and the paired interval are about: these trained models and other test samples of the same kind. `p` is small
if models that are right equally often would seldom differ by so much on so many samples. What they are not about: other
trainings of the same settings. Those vary too, and two experiments with equal settings can have a tiny p-value.

`trainings` is about the settings: the 95 % interval of the difference for other trainings and other test samples. Its
variance is that of the paired resamples + sd² / n of the first one's seeds + the same of the second one's, its width a quantile
of Student's t with the degrees of freedom of Satterthwaite (1946, Biometrics Bulletin 2, 110) and Welch (1947,
Biometrika 34, 28): n − 1 for the seeds, infinitely many for the resamples. Of simulated normal differences it holds 93 to 97 %
with three seeds each, but as few as 88 % if nearly all of the variance is that of two seeds of one experiment. Seeds share
their test samples, so that a little luck with samples is in their sd as well and counts twice, which widens it. It is null
unless both experiments have two seeds, there are six groups and something varies. It is not corrected for several pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from scipy.special import stdtrit

from reportgen.bootstrap import LEVEL, MIN_GROUPS, Resampled, interval, resample, sum_by

DRAWS = 9_999
"""Of signs: with the observed ones 10,000, so that p-values are multiples of 0.0001."""
_BATCH = 256  # draws of signs in memory at a time
_SAME = 1e-9  # sums nearer than this are equal: their order changes the last digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the models of one experiment made of the test samples."""

    name: str
    model: str  # id
    seeds: Sequence[int]
    parameters: int  # trainable ones
    accuracy: Mapping[str, Any]  # {"seeds", "mean", "sd", "low", "high"} of `scores`
    validation: float | None  # mean accuracy over seeds on the validation part, None where nothing was validated
    right: np.ndarray  # (seed, sample) bool: was the sample's class named?


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The test samples that all experiments answered."""

    labels: np.ndarray  # (sample,) int
    groups: np.ndarray  # (sample,) int: samples of one group are not independent
    classes: Sequence[str]


def side_by_side(answers: Sequence[Answers], samples: Samples, *, resamples: int, seed: int) -> dict[str, Any]:
    """The kind `comparison` without its `dataset` and `split`.

    Args:
        answers: of each experiment, at least one.
        samples: that they are answers to.
        resamples: of the bootstrap.
        seed: of the bootstrap and of the sign flips.
    """
    ranked = sorted(answers, key=lambda one: -(one.validation or 0.0))  # stable: equal ones stay in the order of the study
    drawn = _resampled(ranked, samples, resamples, seed)
    told = ("name", "model", "seeds", "parameters", "accuracy", "validation")
    return {
        "n": len(samples.labels),
        "groups": len(np.unique(samples.groups)),
        "experiments": [{key: getattr(one, key) for key in told} for one in ranked],
        "pairs": _pairs(ranked, samples, drawn, seed),
        "per_class": _per_class(ranked, samples, drawn, seed),
    }


def _resampled(ranked: Sequence[Answers], samples: Samples, resamples: int, seed: int) -> Resampled:
    """What resampling does to differences of accuracy, `0 2` for the first and third, and of recall, `0 2 5` in class 5."""
    own = np.eye(len(samples.classes))[samples.labels]  # (sample, class)
    right = _shares(ranked)[:, :, None] * own[:, None]  # (sample, experiment, class)
    columns = np.concatenate([own[:, None], right], axis=1)  # (sample, 1 + experiment, class)

    def differences(sums: np.ndarray) -> dict[str, np.ndarray]:
        table = sums.reshape(len(sums), *columns.shape[1:])
        counts, hits = table[:, :1], table[:, 1:]
        accuracy = hits.sum(axis=-1) / counts.sum(axis=-1)  # (row, experiment)
        recall = np.divide(hits, counts, out=np.full(hits.shape, np.nan), where=counts > 0.5)  # (row, experiment, class)
        pairs = combinations(range(len(ranked)), 2)
        overall = {f"{i} {j}": accuracy[:, i] - accuracy[:, j] for i, j in pairs}
        others, classes = range(1, len(ranked)), range(len(samples.classes))
        return overall | {f"0 {j} {c}": recall[:, 0, c] - recall[:, j, c] for j in others for c in classes}

    return resample(sum_by(samples.groups, columns.reshape(len(columns), -1)), differences, resamples=resamples, seed=seed)


def _pairs(ranked: Sequence[Answers], samples: Samples, drawn: Resampled, seed: int) -> list[dict[str, Any]]:
    numbers = list(combinations(range(len(ranked)), 2))
    pairs = [(ranked[i], ranked[j]) for i, j in numbers]
    p_values = _p_values(pairs, samples, seed)
    return [
        {
            "first": first.name,
            "second": second.name,
            **_difference(drawn, f"{i} {j}"),
            "trainings": _trainings(first, second, drawn, f"{i} {j}"),
            "test": "mcnemar" if _plain(first, second, samples) else "sign_flip",
            "discordant": _discordant(first, second),
            "p": p,
            "p_holm": corrected,
        }
        for (i, j), (first, second), p, corrected in zip(numbers, pairs, p_values, _holm_known(p_values), strict=True)
    ]


def _trainings(first: Answers, second: Answers, drawn: Resampled, name: str) -> dict[str, float] | None:
    """The interval of a difference of means over seeds for other trainings and other test samples; see above."""
    if name not in drawn.replicates or min(len(first.right), len(second.right)) < 2:
        return None
    accuracies = [one.right.mean(axis=1) for one in (first, second)]
    trained = np.array([each.var(ddof=1) / len(each) for each in accuracies])
    variance = float(np.var(drawn.replicates[name], ddof=1) + trained.sum())
    if variance < _SAME**2:
        return None
    lost = float(sum(v**2 / (len(each) - 1) for v, each in zip(trained, accuracies, strict=True)))
    freedom = variance**2 / lost if lost > 0 else np.inf
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * variance**0.5
    return {"low": drawn.estimate[name] - half, "high": drawn.estimate[name] + half}


def _plain(first: Answers, second: Answers, samples: Samples) -> bool:
    """Whether samples are independent and each is answered once by either: what McNemar's test is made for."""
    return len(first.right) == len(second.right) == 1 and len(np.unique(samples.groups)) == len(samples.groups)


def _discordant(first: Answers, second: Answers) -> list[int] | None:
    """How many samples only the one gets right, and only the other; None where several seeds disagree on that."""
    if not len(first.right) == len(second.right) == 1:
        return None
    one, other = first.right[0], second.right[0]
    return [int((one & ~other).sum()), int((other & ~one).sum())]


def _p_values(pairs: Sequence[tuple[Answers, Answers]], samples: Samples, seed: int) -> list[float | None]:
    """One for each pair, by its own test; None for fewer than six groups."""
    if not pairs or len(np.unique(samples.groups)) < MIN_GROUPS:
        return [None] * len(pairs)
    differences = np.stack([first.right.mean(axis=0) - second.right.mean(axis=0) for first, second in pairs], axis=1)
    flipped = sign_flip(sum_by(samples.groups, differences), seed=seed)
    return [
        mcnemar(*counts) if (counts := _discordant(*pair)) and _plain(*pair, samples) else float(p)
        for pair, p in zip(pairs, flipped, strict=True)
    ]


def _shares(ranked: Sequence[Answers]) -> np.ndarray:
    """Share of the seeds that are right: (sample, experiment)."""
    return np.stack([one.right.mean(axis=0) for one in ranked], axis=1)


def _difference(drawn: Resampled, name: str, *, claimed: bool = True) -> dict[str, float | None]:
    """A difference with the limits of its interval if any are claimed; None for that of a class without samples."""
    low, high = interval(drawn, name) if claimed else (None, None)
    difference = drawn.estimate[name]
    return {"difference": difference if np.isfinite(difference) else None, "low": low, "high": high}


def _per_class(ranked: Sequence[Answers], samples: Samples, drawn: Resampled, seed: int) -> list[dict[str, Any]]:
    classes = range(len(samples.classes))
    p_values = {(j, c): p for c in classes for j, p in enumerate(_class_p_values(ranked, samples, c, seed), 1)}
    corrected = dict(zip(p_values, _holm_known(list(p_values.values())), strict=True))
    return [
        {
            "first": ranked[0].name,
            "second": other.name,
            "classes": [
                {
                    "class": samples.classes[c],
                    "n": int((samples.labels == c).sum()),
                    **_difference(drawn, f"0 {j} {c}", claimed=p_values[j, c] is not None),
                    "p": p_values[j, c],
                    "p_holm": corrected[j, c],
                }
                for c in classes
            ],
        }
        for j, other in enumerate(ranked[1:], 1)
    ]


def _class_p_values(ranked: Sequence[Answers], samples: Samples, label: int, seed: int) -> list[float | None]:
    """Of the first experiment against each other one, on the samples of a class."""
    own = samples.labels == label
    kept = replace(samples, labels=samples.labels[own], groups=samples.groups[own])
    first, *others = (replace(one, right=one.right[:, own]) for one in ranked)
    return _p_values([(first, other) for other in others], kept, seed)


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided p-value of McNemar's test (McNemar 1947, Psychometrika 12, 153) by the binomial distribution itself.

    If two models are right equally often, each sample that only one of them gets right is the first one's with
    probability one half.

    Args:
        only_first: samples that only the first model gets right.
        only_second: samples that only the second one gets right.
    """
    discordant = only_first + only_second
    ways = sum(comb(discordant, k) for k in range(min(only_first, only_second) + 1))  # exact, of 2 to the discordant
    return min(1.0, 2 * ways / (1 << discordant))


def sign_flip(sums: np.ndarray, *, seed: int, draws: int = DRAWS) -> np.ndarray:
    """Two-sided p-values of the sign-flip test (Winkler et al. 2014, NeuroImage 92, 381), (pair,).

    If it makes no difference which of two experiments gave which answers to a group, then the sign of the group's difference is
    a coin's. The statistic is the sum over groups; p is (1 + draws with one as large) / (1 + draws), which is never 0
    (Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9, 39). Samples of one group flip together. On
    independent samples with one seed it is McNemar's test, but for the luck of the draws.

    Args:
        sums: (group, pair) sums over the group's samples of (mean over seeds of right of the first − the same of the second).
        seed: of the draws, which are the same for all pairs.
        draws: how many.
    """
    rng = np.random.default_rng(seed)
    sums = sums[(np.abs(sums) > _SAME).any(axis=1)]  # the others have no sign
    observed = np.abs(sums.sum(axis=0)) - _SAME
    extreme = np.zeros(sums.shape[1], int)
    for start in range(0, draws, _BATCH):
        coins = rng.integers(2, size=(min(_BATCH, draws - start), len(sums)), dtype=np.int8)
        extreme += (np.abs((2.0 * coins - 1) @ sums) >= observed).sum(axis=0)
    return np.asarray((1 + extreme) / (1 + draws))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values that keep the chance of any false claim among all of them (Holm 1979, Scand. J. Stat. 6, 65), in the same order.

    The smallest of m is multiplied by m, the next by m − 1 and so on; none is less than one before it, or more than 1.
    """
    order = np.argsort(p_values, kind="stable")
    steps = np.asarray(p_values)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(1, np.maximum.accumulate(steps))
    return [float(p) for p in corrected]


def _holm_known(p_values: Sequence[float | None]) -> list[float | None]:
    """Of those that there are; None of the others."""
    corrected = iter(holm([p for p in p_values if p is not None]))
    return [None if p is None else next(corrected) for p in p_values]
