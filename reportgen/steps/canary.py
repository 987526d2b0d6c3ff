"""Step: fit the same estimator to shuffled labels, which must bring it down to chance.

In each fold the labels of the training and validation trials change places: a trial keeps one label for all of its samples,
each class keeps its number of trials, and a subject its own labels where every subject has several classes. Labels of the
test part stay. A trial that lies in the test part too, which no honest split has, keeps its label everywhere: what an
estimator recognises of it then shows as a score above chance. So does any way in which test labels reach the training.

A kind `canary` is the JSON object

    {"repeats", "folds", "accuracy": [a value a repeat], "balanced_accuracy": [a value a repeat], both over the test samples of
     all folds together, "chance": 1 / classes, "majority": accuracy of naming each fold's most frequent training class,
     "n": test samples, "trials": of them, "within_subject": were labels shuffled within subjects?,
     "kept": how often a training trial of a fold kept its label, because it is tested there too,
     "mean": of balanced_accuracy over repeats, "expected": where it lies on average if nothing leaks,
     "low", "high": and in 95 of 100 cases}

A mean above `high` says: shuffled labels score above chance. A mean below `low` proves no leak: with few trials, a class that
is tested is rarer in training.

Balanced accuracy is what counts, since naming one class throughout gives chance, whatever the sizes of the classes. `expected`
is chance, or what naming each fold's most frequent class comes to, if that is more: people who report one emotion most of
the time do so in training and test, and that is no leak. Where labels are shuffled within subjects, it is each subject's
most frequent class, if that subject is learnt from.

`low` and `high` are `expected` ± the larger of two half-widths. The one is of independent answers to the test trials of each
class, never to their windows (binomial, normal approximation). The other follows from how the folds' shares of the score
vary over repeats (Student's t): where the classes really differ, all trials of a class are named alike, and scores of
shuffled labels vary far more than the number of trials would let them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import stdtrit

from reportgen.bootstrap import LEVEL
from reportgen.estimating import Data, fit
from reportgen.metrics import classification_scores, confusion
from reportgen.outputs import Inputs, Out
from reportgen.steps.fit import candidates_of, folds_of
from reportgen.work import Work

_DRAWS = 1000  # until no class of few trials has left the training part


@dataclass(frozen=True, slots=True)
class Shuffled:
    """Labels after their trials have exchanged them."""

    labels: np.ndarray  # (sample,) int, of all samples
    within: bool  # did they stay with their subjects?
    kept: int  # training trials that are tested too


def run(inputs: Inputs, out: Out, work: Work, *, model: dict[str, Any], train: dict[str, Any], repeats: int, seed: int) -> None:
    """Write canary from facts, features, samples, labels, rows and parts.

    Args:
        inputs: of the experiment.
        out: for the output.
        work: hears how far it is.
        model: {use, settings} of the estimator.
        train: settings of `estimating.fit`, the same as in the experiment.
        repeats: how often labels are shuffled, at least once.
        seed: of the shuffles and of whatever the estimator draws.
    """
    folds = folds_of(inputs)
    shape = (repeats, len(folds), len(folds[0].classes), len(folds[0].classes))
    counts, told = np.zeros(shape), list[Shuffled]()  # (repeat, fold, true class, named class)
    for repeat, number in np.ndindex(shape[:2]):
        work.progress(repeat * len(folds) + number, repeats * len(folds), f"shuffle {repeat + 1}")
        fold, rng = folds[number], np.random.default_rng([seed, repeat, number])
        told.append(shuffle(fold, rng))
        data = replace(fold, labels=told[-1].labels)
        fitted = fit(candidates_of(model, data), data, int(rng.integers(2**31)), **train)
        counts[repeat, number] = confusion(fold.labels[fold.test], fitted.logits.argmax(axis=1), shape[-1])
    own = told[: len(folds)]  # every repeat moves the same trials
    about = {"within_subject": all(one.within for one in own), "kept": sum(one.kept for one in own)}
    out.json("canary", {**judged(counts, folds, [one.within for one in own]), **about})


def shuffle(fold: Data, rng: np.random.Generator) -> Shuffled:
    """Let the training and validation trials of a fold exchange their labels, so that training keeps some of each class."""
    learnt = np.concatenate([fold.train, fold.validation])
    names, first, trial = np.unique(fold.trial[learnt], return_index=True, return_inverse=True)
    labels, subject = fold.labels[learnt][first], fold.subject[learnt][first]
    free = ~np.isin(names, fold.trial[fold.test])
    within = all(len(np.unique(labels[free & (subject == name)])) > 1 for name in np.unique(subject[free]))
    stratum = subject if within else np.zeros(len(names))
    everywhere, needed = fold.labels.copy(), np.unique(fold.labels[fold.train])
    for _ in range(_DRAWS):
        for one in np.unique(stratum[free]):
            own = np.flatnonzero(free & (stratum == one))
            labels[own] = rng.permutation(labels[own])
        everywhere[learnt] = labels[trial]
        if np.isin(needed, everywhere[fold.train]).all():
            break
    return Shuffled(everywhere, within, int((~free).sum()))


def judged(counts: np.ndarray, folds: Sequence[Data], within: Sequence[bool]) -> dict[str, Any]:
    """All of `canary` but how labels were shuffled.

    Args:
        counts: (repeat, fold, true class, named class) test samples.
        folds: as they are, with true labels.
        within: (fold,) were labels shuffled within subjects?
    """
    scores = classification_scores(counts.sum(axis=1))  # of each repeat
    classes = counts.shape[-1]
    tests = [np.unique(np.stack([fold.labels[fold.test], _number(fold.trial)[fold.test]]), axis=1) for fold in folds]
    trials = np.bincount(np.concatenate([labels for labels, _ in tests]), minlength=classes)  # (class,)
    base = [_base_counts(fold, own) for fold, own in zip(folds, within, strict=True)]
    mean, expected = float(scores["balanced_accuracy"].mean()), max(1 / classes, _scores(base)["balanced_accuracy"])
    half = max(_half_of_trials(trials), _half_of_repeats(counts))
    return {
        "repeats": len(counts),
        "folds": len(folds),
        "accuracy": scores["accuracy"].tolist(),
        "balanced_accuracy": scores["balanced_accuracy"].tolist(),
        "chance": 1 / classes,
        "majority": _scores([_base_counts(fold, within=False) for fold in folds])["accuracy"],
        "n": int(counts[0].sum()),
        "trials": int(trials.sum()),
        "mean": mean,
        "expected": expected,
        "low": max(0.0, expected - half),
        "high": min(1.0, expected + half),
    }


def _number(names: np.ndarray) -> np.ndarray:
    return np.unique(names, return_inverse=True)[1]


def _scores(counts: Sequence[np.ndarray]) -> dict[str, float]:
    """Accuracy and balanced accuracy of the sum of confusion matrices."""
    scores = classification_scores(np.sum(counts, axis=0))
    return {name: float(scores[name]) for name in ("accuracy", "balanced_accuracy")}


def _base_counts(fold: Data, within: bool) -> np.ndarray:
    """Confusion matrix of naming the most frequent training class of the fold, or of the subject where it is learnt from."""
    classes = len(fold.classes)
    frequent = int(np.bincount(fold.labels[fold.train], minlength=classes).argmax())
    named = np.full(len(fold.test), frequent)
    if within:
        for name in np.intersect1d(fold.subject[fold.train], fold.subject[fold.test]):
            own = fold.train[fold.subject[fold.train] == name]
            named[fold.subject[fold.test] == name] = np.bincount(fold.labels[own], minlength=classes).argmax()
    return confusion(fold.labels[fold.test], named, classes)


def _half_of_trials(trials: np.ndarray) -> float:
    """Half-width for independent answers to the test trials of each class (class,), each right by chance."""
    chance, tested = 1 / len(trials), trials[trials > 0]
    sd = np.sqrt((chance * (1 - chance) / tested).sum()) / len(tested)
    return float(stdtrit(np.inf, (1 + LEVEL) / 2) * sd)


def _half_of_repeats(counts: np.ndarray) -> float:
    """Half-width from the variance of each fold's share of balanced accuracy over repeats; 0 of one repeat."""
    repeats, folds = counts.shape[:2]
    if repeats < 2:
        return 0.0
    of_class = counts[0].sum(axis=(0, -1))  # (class,) test samples
    hits = np.diagonal(counts, axis1=-2, axis2=-1)[..., of_class > 0]  # (repeat, fold, class)
    shares = (hits / of_class[of_class > 0]).mean(axis=-1)  # (repeat, fold)
    variance = shares.var(axis=0, ddof=1).sum() / repeats
    return float(stdtrit(folds * (repeats - 1), (1 + LEVEL) / 2) * np.sqrt(variance))
