"""Classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv 1610.06545): can anybody tell synthetic from real samples?

The classifier is a support vector machine with an RBF kernel on all standardised descriptors. A linear one sees little
but means; forests and boosted trees see no more than the machine and take ten times as long. AUCs measured on simulated
data, signals of 16 and maps of 20 trials, 20 windows each (means of two draws, 310 numbers: one draw, in which other real
trials gave 0.65; the logistic classifier and boosted trees were shown components as well):

| real against                                        | logistic | RBF machine | extra trees | boosted trees |
|-----------------------------------------------------|----------|-------------|-------------|---------------|
| other real trials, signals with bursts              | 0.43     | 0.44        | 0.43        | 0.52          |
| surrogates with shared random phases, 8 channels    | 0.91     | 0.91        | 0.92        | 0.93          |
| heavy-tailed maps: Gaussian, same covariance        | 0.49     | 0.65        | 0.66        | 0.65          |
| maps of several modes: Gaussian, same covariance    | 0.50     | 0.63        | 0.63        | 0.62          |
| heavy-tailed maps, 310 numbers: Gaussian            | 0.70     | 0.77        | 0.78        | not measured  |
| seconds on one core, 40 to 112 descriptors          | 0.04     | 0.11        | 1.7         | 2.2           |

Principal components are not shown to it: they are fitted to the training part, and held against the test part that alone
gave 0.70 for real samples.
"""

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from reportgen.realism.sets import Crowd, Pair, TooFewError
from reportgen.realism.spectral import enough

FOLDS = 5
"""Parts of both crowds that take turns in being told apart by a classifier that has not seen them."""


def two_sample_auc(pair: Pair) -> np.ndarray:
    """How often a synthetic sample looks more synthetic than a real one does; 0.5: they cannot be told apart, 1: always.

    Cross-validated: groups stay whole, each fold has groups of both sides, evenly over classes. Only samples of one fold are
    compared, which one classifier has judged. Somewhat below 0.5 is expected of equal crowds of few trials: what is left
    out of one side lacks in its mean. Resamples weigh samples; nothing is fitted again.

    Returns:
        (1 + resample,): the score, then its resamples; NaN where no fold has both sides.

    Raises:
        TooFewError: too few trials or samples, or fewer groups on a side than there are folds.
    """
    enough(pair)
    real_fold, made_fold = (_folds(crowd, pair.seed) for crowd in (pair.real, pair.made))
    right, pairs = np.zeros((2, len(pair.real_weights)))
    for fold in range(FOLDS):
        real, made = real_fold == fold, made_fold == fold
        scores = _judged(pair, real, made)
        real_weights, made_weights = pair.real_weights[:, real], pair.made_weights[:, made]
        right += _won(scores, real_weights, made_weights)
        pairs += real_weights.sum(axis=1) * made_weights.sum(axis=1)
    return np.asarray(np.divide(right, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0))


def _folds(crowd: Crowd, seed: int) -> np.ndarray:
    """(sample,) fold of each: groups are dealt class by class, in random order."""
    _, first, own = np.unique(crowd.group, return_index=True, return_inverse=True)
    if len(first) < FOLDS:
        raise TooFewError(f"{len(first)} independent groups on a side; a test in {FOLDS} folds needs {FOLDS}")
    order = np.random.default_rng(seed).permutation(len(first))
    order = order[np.argsort(crowd.labels[first][order], kind="stable")]
    fold = np.empty(len(first), int)
    fold[order] = np.arange(len(first)) % FOLDS
    return np.asarray(fold[own])


def _judged(pair: Pair, real: np.ndarray, made: np.ndarray) -> np.ndarray:
    """How synthetic samples of a fold look, real ones first, to a classifier that learned from all others."""
    sides = [(crowd.views["descriptors"], chosen) for crowd, chosen in ((pair.real, real), (pair.made, made))]
    known = np.concatenate([numbers[~chosen] for numbers, chosen in sides])
    named = np.repeat([0, 1], [np.count_nonzero(~chosen) for _, chosen in sides])
    classifier = make_pipeline(StandardScaler(), SVC(class_weight="balanced", cache_size=64)).fit(known, named)
    return np.asarray(classifier.decision_function(np.concatenate([numbers[chosen] for numbers, chosen in sides])))


def _won(scores: np.ndarray, real_weights: np.ndarray, made_weights: np.ndarray) -> np.ndarray:
    """Weighted number of pairs in which the synthetic sample has the higher score, ties half: (1 + resample,).

    Args:
        scores: (sample,) real ones first.
        real_weights: (1 + resample, real sample).
        made_weights: (1 + resample, made sample).
    """
    values, place = np.unique(scores, return_inverse=True)
    real, made = np.split(place, [real_weights.shape[1]])
    below = np.zeros((len(real_weights), len(values)))
    np.add.at(below.T, real, real_weights.T)  # of each value, then of all up to it
    lower = np.cumsum(below, axis=1) - below / 2
    return np.asarray((lower[:, made] * made_weights).sum(axis=1))
