"""Step: let the experiment's model learn from synthetic samples, and from both, and ask it about the test part of a fold.

A kind `taught` holds logits

    tstr    (training, test sample, class)    learned from synthetic samples alone
    both    (training, test sample, class)    learned from real and synthetic samples
    trts    (synthetic sample, class)         learned from real samples, asked about synthetic ones
    named   (synthetic sample,) int           the class that each synthetic sample is meant to have
    alone   (training, test sample, class)    of the candidate "real": learned from the whole training part

of the candidate "real" the training part stands for synthetic samples, as many as a generator makes: `tstr` is then what so
many real samples are worth, and `both` what it brings to see them twice. The candidate "classes" is the same under wrong
names. The validation part is real in all cases: it chooses the epoch, or the candidate of a search. A kind `taught_about` is
{"candidate", "diverged": bool, "trainings", "n": {"real", "synthetic", "test"}}.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from reportgen.core import TEST, TRAIN, VALIDATION
from reportgen.outputs import Inputs, Out
from reportgen.steps._crowds import part_of, rows_of, shared_axes
from reportgen.study import is_estimator
from reportgen.work import Work

_CONTROLS = ("real", "classes")


@dataclass(frozen=True, slots=True)
class _Table:
    """Real and synthetic samples under each other."""

    x: np.ndarray  # (sample, …) float32
    labels: np.ndarray  # (sample,) int
    subject: np.ndarray  # (sample,) str, "synthetic" of those
    trial: np.ndarray  # (sample,) str
    classes: tuple[str, ...]
    shared: tuple[int, ...]  # axes of a sample with one scale, see training.Data
    train: np.ndarray  # (sample,) int, index into x; so are the next three
    validation: np.ndarray
    test: np.ndarray
    synthetic: np.ndarray


class _Pupil(Protocol):
    """What learns."""

    def learn(self, table: _Table, train: np.ndarray, asked: np.ndarray, seed: int) -> np.ndarray:
        """Learn from some samples; logits (sample, class) of those that are asked about."""


def run(
    inputs: Inputs,
    out: Out,
    work: Work,
    *,
    model: dict[str, Any],
    train: dict[str, Any],
    candidate: str,
    trainings: int,
    most: int,
    fold: int,
    seed: int,
) -> None:
    """Write taught and taught_about.

    Args:
        inputs: facts, features, samples, labels, rows, parts; synthetic samples of a generator; model and weights of the
            network that learned from the real training part, if the model is a network.
        out: for the outputs.
        work: hears how far it is.
        model: {use, settings} of the experiment's model.
        train: its `train` table.
        candidate: key of a generator, or a control.
        trainings: how often a network learns; an estimator learns once.
        most: samples that a generator makes, at most: controls have no more.
        fold: index into the first axis of `parts`.
        seed: of the first training.
    """
    if candidate not in _CONTROLS and "synthetic" not in inputs:
        np.savez_compressed(out.path("taught", ".npz"))
        out.json("taught_about", {"candidate": candidate, "diverged": True, "trainings": 0, "n": None})
        return
    table = _table(inputs, fold, candidate, most, seed)
    pupil: _Pupil = _Estimator(model, train) if is_estimator(model["use"]) else _network(inputs, work, model, train)
    repeats = 1 if is_estimator(model["use"]) else trainings
    both = np.concatenate([table.train, table.synthetic])
    whole = candidate == "real" and len(table.synthetic) == len(table.train)  # the same samples, in the same order
    alone, tstr, doubled = [], [], []
    for repeat in range(repeats):
        work.progress(2 * repeat, 2 * repeats, f"{len(table.synthetic)} synthetic samples")
        if candidate == "real":
            alone.append(pupil.learn(table, table.train, table.test, seed + repeat))
        tstr.append(alone[-1] if whole else pupil.learn(table, table.synthetic, table.test, seed + repeat))
        work.progress(2 * repeat + 1, 2 * repeats, f"{len(both)} samples, real and synthetic")
        doubled.append(pupil.learn(table, both, table.test, seed + repeat))
    trts = pupil.learn(table, table.train, table.synthetic, seed)
    arrays = {"tstr": np.stack(tstr), "both": np.stack(doubled), "trts": trts, **({"alone": np.stack(alone)} if alone else {})}
    logits = {key: value.astype(np.float32) for key, value in arrays.items()}
    named = table.labels[table.synthetic].astype(np.int16)
    np.savez_compressed(out.path("taught", ".npz"), **logits, named=named)  # type: ignore[arg-type]
    n = {"real": len(table.train), "synthetic": len(table.synthetic), "test": len(table.test)}
    out.json("taught_about", {"candidate": candidate, "diverged": False, "trainings": repeats, "n": n})


def _table(inputs: Inputs, fold: int, candidate: str, most: int, seed: int) -> _Table:
    parts = [rows_of(inputs, fold, part) for part in (TRAIN, VALIDATION, TEST)]
    index = np.concatenate(parts)
    rows, labels = inputs.one("rows"), np.asarray(inputs.one("labels")).astype(np.int64)[index]
    x = np.array(inputs.one("samples")[index], np.float32)
    classes = tuple(inputs.one("facts")["classes"])
    train, validation, test = np.split(np.arange(len(index)), np.cumsum([len(part) for part in parts])[:-1])
    if candidate in _CONTROLS:
        some = part_of(inputs, fold, TRAIN, most=most, seed=seed)[0]
        more, named = some.x, some.labels.astype(np.int64)
        named = (named + 1) % len(classes) if candidate == "classes" else named
    else:
        more, named = np.array(inputs.one("synthetic"), np.float32), np.asarray(inputs.one("synthetic_labels")).astype(np.int64)
    made = np.full(len(named), "synthetic")
    return _Table(
        x=np.concatenate([x, more]),
        labels=np.concatenate([labels, named]),
        subject=np.concatenate([rows["subject"][index], made]),
        trial=np.concatenate([rows["trial"][index], np.char.add("synthetic ", np.arange(len(named)).astype(str))]),
        classes=classes,
        shared=shared_axes(inputs.one("features")["axes"][1:]),
        train=train,
        validation=validation,
        test=test,
        synthetic=len(index) + np.arange(len(named)),
    )


class _Estimator:
    """One of scikit-learn's."""

    def __init__(self, model: Mapping[str, Any], train: Mapping[str, Any]) -> None:
        self._model, self._train = model, train

    def learn(self, table: _Table, train: np.ndarray, asked: np.ndarray, seed: int) -> np.ndarray:
        """Fit and choose as in any experiment."""
        from reportgen.estimating import Data, fit
        from reportgen.steps.fit import candidates_of

        data = Data(
            x=table.x,
            labels=table.labels,
            classes=table.classes,
            trial=table.trial,
            subject=table.subject,
            train=train,
            validation=table.validation,
            test=asked,
        )
        return fit(candidates_of(self._model, data), data, seed, **self._train).logits


def _network(inputs: Inputs, work: Work, model: Mapping[str, Any], train: Mapping[str, Any]) -> _Pupil:
    from reportgen.steps._pupil import Network

    return Network(inputs, work, model, train)
