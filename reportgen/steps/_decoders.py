"""The networks of an experiment on recordings, fold by fold, as explainers are given them."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from reportgen.core import TEST, TRAIN, Decoder, Piece, Trial
from reportgen.features._grids import places
from reportgen.networks import Standardise, as_input, to_device
from reportgen.outputs import Inputs
from reportgen.steps._crowds import edges
from reportgen.steps.evaluate import rebuilt
from reportgen.steps.features import Row, Source, Verbs, finite, through, verbs_of
from reportgen.units import Unit, units_of

_ROUNDING = 1e-6  # s


class Decoders:
    """One network in memory at a time: each is read when it is asked for."""

    def __init__(self, inputs: Inputs, device: str, unit: Unit) -> None:
        """Look at what all folds share.

        Args:
            inputs: facts, features, samples, labels, rows, parts, split, of each fold model and weights, and where there are
                signals also signals and stretches.
            device: of torch.
            unit: what intervals are over.
        """
        self._inputs, self._device = inputs, device
        self.experiment = inputs.about("split")[0]["experiment"]
        self._parts = np.atleast_2d(inputs.one("parts"))
        self._rows = inputs.one("rows")
        self._labels = np.asarray(inputs.one("labels")).astype(int)
        self._samples = inputs.one("samples")
        self.unit, self._units = units_of(self._rows, unit)
        self._names = inputs.one("split")["folds"]
        source = Source(inputs)
        self.facts = source.facts
        self._shared = shared(inputs.one("features"), source.facts)
        chain = verbs_of(inputs.one("features")["chain"])
        self._extract = partial(_extract, chain)
        self._stretches = [] if source.facts["bands"] else source.rows
        self._source = source
        self._moments: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator[Decoder]:
        return (self[fold] for fold in range(len(self)))

    def __getitem__(self, fold: int) -> Decoder:
        test, train = (np.flatnonzero(self._parts[fold] == part) for part in (TEST, TRAIN))
        model, standardise = self._network(fold)
        if fold not in self._moments:  # explainers go over the folds more than once
            self._moments[fold] = _moments(self._samples, self._labels, train)
        means, spread = self._moments[fold]
        return Decoder(
            fold=self._names[fold],
            model=model,
            control=self._control(fold),
            standardise=partial(_input, standardise),
            device=self._device,
            samples=np.array(self._samples[test]),
            labels=self._labels[test],
            unit=self._units[test],
            over=self.unit,
            trial=self._rows["trial"][test],
            baseline=means,
            spread=spread,
            trials=self._trials(test),
            extract=self._extract,
            planted=self._planted(),
            **self._shared,
        )

    def _network(self, fold: int) -> tuple[Any, Standardise]:
        model, standardise = rebuilt(self._inputs, experiment=self.experiment, fold=str(fold))
        to_device(model.eval(), self._device)
        return model, standardise

    def _control(self, fold: int) -> Any:
        about = {"control": self.experiment, "fold": str(fold), "shuffle": "0"}
        if not self._inputs.about("weights", **about):
            return None
        model, _ = rebuilt(self._inputs, **about)
        to_device(model.eval(), self._device)
        return model

    def _planted(self) -> Any:
        """Of a single simulated data set; those of a pool may have planted different things."""
        found = [planted for _, planted in self._inputs.all("planted")]
        return found[0] if len(found) == 1 else None

    def _trials(self, test: np.ndarray) -> list[Trial]:
        """The stretches that test samples were cut from, in the order of recording."""
        trial, start, stop = (self._rows[name][test] for name in ("trial", "start", "stop"))
        found = []
        for row in self._stretches:
            begin = row["start"] - _ROUNDING
            end = row["start"] + row["length"] / self._rate(row) + _ROUNDING
            inside = (trial == f"{row['recording']}:{row['trial']}") & (start >= begin) & (stop <= end)
            if len(samples := np.flatnonzero(inside)):
                read = partial(self._source.piece, row)
                unit = str(self._units[test][samples[0]])
                found.append(Trial(label=row["label"], unit=unit, name=str(trial[samples[0]]), samples=samples, piece=read))
        return found

    def _rate(self, row: Row) -> float:
        return float(self._inputs.one("facts", dataset=row["dataset"])["rate"])


def shared(features: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What all decoders of an experiment have in common, but networks and samples.

    Args:
        features: kind `features`.
        facts: of the data set or pool.
    """
    axes, names, channels = tuple(features["axes"][1:]), features["names"], tuple(features["channels"])
    grid = next((feature["settings"]["grid"] for feature in features["chain"] if feature["use"] == "topographic_grid"), None)
    return {
        "classes": tuple(facts["classes"]),
        "axes": axes,
        "channels": channels,
        "cells": np.stack(places(grid, channels), axis=1) if grid else None,
        "frequency": np.array([float(name.split()[0]) for name in names["frequency"]]) if "frequency" in axes else None,
        "bands": edges(names["band"], features["chain"], facts) if "band" in axes else None,
        "rate": features["rate"] or float("nan"),
        "positions": facts["positions"],
    }


def _extract(verbs: Verbs, piece: Piece) -> np.ndarray:
    made = through(verbs, {"recording": "a changed signal", "trial": ""}, piece)
    return np.asarray(made.x[finite(made)], np.float32)


def _input(standardise: Standardise, samples: Any) -> Any:
    return standardise(as_input(samples))


def _moments(samples: np.ndarray, labels: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the training part (sample,): the mean over classes of the mean of each, and the standard deviation."""
    known, number, count = np.unique(labels[train], return_inverse=True, return_counts=True)
    sums, squares = np.zeros((2, len(known), *samples.shape[1:]))  # (class, …)
    for part in np.array_split(np.arange(len(train)), 1 + len(train) // 1024):  # in doubles, a piece at a time
        x = np.asarray(samples[train[part]], np.float64)
        np.add.at(sums, number[part], x)
        np.add.at(squares, number[part], x**2)
    mean, square = (total.sum(axis=0) / len(train) for total in (sums, squares))
    means = (sums / count.reshape(-1, *[1] * (sums.ndim - 1))).mean(axis=0)
    return means.astype(np.float32), np.sqrt(np.maximum(square - mean**2, 0)).astype(np.float32)
