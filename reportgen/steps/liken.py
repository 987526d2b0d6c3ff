"""Step: hold synthetic samples of one generator, or the controls, against the test part of a fold.

A kind `realism_about` is the JSON object

    {"candidates": {key: {"why": {score: why it is left out}, "p": {"mmd": p of permutations or null},
                          "copies": share of samples nearer to a training sample than 95 % of real ones are, or null,
                          "identical": share of samples that are ten times nearer to one than to any other, or null,
                          "distinct": distance between its own samples ÷ that of real ones, or null, "diverged": bool}},
     "n": {"compared": {class: samples of each side}, "trials": real ones, "train": samples, "train_trials"}}

and a kind `realism` holds {"key/score": (1 + resample,)}, see realism/sets.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from reportgen.core import TEST, TRAIN
from reportgen.outputs import Inputs, Out
from reportgen.realism.catalogue import SCORES, Score
from reportgen.realism.controls import controls
from reportgen.realism.descriptors import descriptors
from reportgen.realism.discrepancy import permutation_p
from reportgen.realism.neighbours import copies, distinct, identical
from reportgen.realism.scaling import Scaling
from reportgen.realism.sets import Crowd, Pair, TooFewError, weights_of
from reportgen.steps._crowds import domain_of, kin_of, part_of, rows_of
from reportgen.synthetic import Domain, Real
from reportgen.work import Work

_REAL, _MADE = range(2)  # of the draws of bootstrap resamples


def run(
    inputs: Inputs, out: Out, work: Work, *, fold: int, most: int, compared: int, resamples: int, permutations: int, seed: int
) -> None:
    """Write realism and realism_about.

    Args:
        inputs: facts, features, samples, labels, rows, parts; of a generator its synthetic samples, otherwise controls are
            made here; model and weights of the frozen network, if there is one.
        out: for the outputs.
        work: hears how far it is.
        fold: index into the first axis of `parts`.
        most: samples that a generator makes, at most: no more real ones stand beside them.
        compared: samples of each side, at most.
        resamples: of trials.
        permutations: of the test of the discrepancy.
        seed: of all draws; the real side is drawn alike for all candidates of a fold.
    """
    look = _Look(inputs, work, fold, seed)
    real, train = look.real(most, compared), look.train()
    weights = weights_of(real.group, resamples, np.random.default_rng([seed, fold, _REAL]))
    arrays: dict[str, np.ndarray] = {}
    told: dict[str, Any] = {}
    candidates = look.candidates()
    for done, (key, crowd) in enumerate(candidates.items()):
        work.progress(done, len(candidates), key)
        if crowd is None:
            told[key] = {"why": {}, "p": {}, "copies": None, "identical": None, "distinct": None, "diverged": True}
            continue
        made = look.seen(_alike(crowd, real, np.random.default_rng([seed, fold, len(real)])))
        made_weights = weights_of(made.group, resamples, np.random.default_rng([seed, fold, _MADE]))
        pair = Pair(
            domain=look.domain, real=real, made=made, train=train, real_weights=weights, made_weights=made_weights, seed=seed
        )
        found, told[key] = _measured(pair, key, permutations)
        arrays |= {f"{key}/{score}": values for score, values in found.items()}
    np.savez_compressed(out.path("realism", ".npz"), **arrays)  # type: ignore[arg-type]
    counts = np.bincount(real.labels, minlength=len(look.domain.classes))
    out.json(
        "realism_about",
        {
            "candidates": told,
            "n": {
                "compared": dict(zip(look.domain.classes, counts.tolist(), strict=True)),
                "trials": real.groups,
                "train": len(train),
                "train_trials": train.groups,
            },
        },
    )


def _measured(pair: Pair, key: str, permutations: int) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """All scores that are defined, and why the others are not."""
    found: dict[str, np.ndarray] = {}
    why: dict[str, str] = {}
    domain = "signals" if pair.domain.signals else "maps"
    for name, score in SCORES.items():
        if score.of is None or domain not in score.domains:
            continue
        try:
            found[name] = _score(score, key)(pair)
        except TooFewError as error:
            why[name] = str(error)
    extra = {
        "p": {"mmd": _or_none(lambda: permutation_p(pair, permutations))},
        "copies": _or_none(lambda: copies(pair)),
        "identical": _or_none(lambda: identical(pair)),
        "distinct": _or_none(lambda: distinct(pair)),
    }
    return found, {"why": why, "diverged": False, **extra}


def _score(score: Score, key: str) -> Callable[[Pair], np.ndarray]:
    """Training samples are no measure of how near real ones come to them: their floor is made of unseen ones."""
    assert score.of is not None
    return score.floor if key == "real" and score.floor else score.of


def _or_none(measure: Callable[[], float]) -> float | None:
    try:
        return measure()
    except TooFewError:
        return None


class _Look:
    """The samples of a fold, seen in all ways that scores need."""

    def __init__(self, inputs: Inputs, work: Work, fold: int, seed: int) -> None:
        self.domain: Domain = domain_of(inputs)
        self._inputs, self._work, self._fold, self._seed = inputs, work, fold, seed
        self._train, self._index = part_of(inputs, fold, TRAIN)
        described = descriptors(self.domain, self._train.x)
        self._scaling = Scaling.of(described)
        self._frozen = self._network()
        self._described = described

    def _network(self) -> Callable[[np.ndarray], np.ndarray | None]:
        if "weights" not in self._inputs:
            return lambda _: None
        from reportgen.steps._frozen import seen
        from reportgen.steps.evaluate import rebuilt

        model, standardise = rebuilt(self._inputs)
        return lambda x: seen(model, standardise, x, self._work.device)

    def real(self, most: int, compared: int) -> Crowd:
        """Of the test part as many samples of each class as can be compared: no more than generators make."""
        test, index = part_of(self._inputs, self._fold, TEST, most=compared, seed=self._seed)
        made = rows_of(self._inputs, self._fold, TRAIN, most=most, seed=self._seed)
        labels = np.asarray(self._inputs.one("labels")).astype(int)
        limit = np.bincount(labels[made], minlength=len(self.domain.classes))
        whole = replace(_crowd(test), kin=kin_of(self._inputs, index, self._index))
        return self.seen(_first(whole, limit, np.random.default_rng([self._seed, self._fold])))

    def train(self) -> Crowd:
        """The training part, all of it."""
        return self.seen(_crowd(self._train), self._described)

    def candidates(self) -> Mapping[str, Crowd | None]:
        """{key: samples}: of the generator, None if it diverged; without one the controls."""
        about = self._inputs.about("generator")
        if not about:
            made = controls(self.domain, _crowd(self._train), self._seed)
            return dict(made)
        key = about[0]["generator"]
        if "synthetic" not in self._inputs:
            return {key: None}
        x = np.array(self._inputs.one("synthetic"), np.float32)
        return {
            key: Crowd(x=x, labels=np.asarray(self._inputs.one("synthetic_labels")).astype(int), group=self._groups(len(x)))
        }

    def _groups(self, n: int) -> np.ndarray:
        """What was made from one trial belongs together; otherwise each sample stands for itself."""
        if "synthetic_source" not in self._inputs:
            return np.arange(n)
        trial = np.unique(self._train.trial, return_inverse=True)[1]
        source = np.searchsorted(self._index, np.asarray(self._inputs.one("synthetic_source"))[:, 0])
        return np.asarray(trial[source])

    def seen(self, crowd: Crowd, described: np.ndarray | None = None) -> Crowd:
        """With all views."""
        numbers = descriptors(self.domain, crowd.x) if described is None else described
        views = {"descriptors": numbers, "scaled": self._scaling(numbers)}
        network = self._frozen(crowd.x)
        return replace(crowd, views=views | ({} if network is None else {"network": network}))


def _crowd(real: Real) -> Crowd:
    return Crowd(x=real.x, labels=real.labels, group=np.unique(real.trial, return_inverse=True)[1])


def _alike(crowd: Crowd, real: Crowd, rng: np.random.Generator) -> Crowd:
    """As many samples of each class as there are real ones."""
    return _first(crowd, np.bincount(real.labels), rng)


def _first(crowd: Crowd, most: np.ndarray, rng: np.random.Generator) -> Crowd:
    """No more than `most` (class,) samples of each class, drawn at random, in their order."""
    order = rng.permutation(len(crowd))
    kept = [order[crowd.labels[order] == label][:count] for label, count in enumerate(most)]
    index = np.sort(np.concatenate(kept))
    kin = None if crowd.kin is None else crowd.kin[index]
    return Crowd(x=crowd.x[index], labels=crowd.labels[index], group=crowd.group[index], kin=kin)
