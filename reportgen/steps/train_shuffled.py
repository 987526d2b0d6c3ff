"""Step: train the network of a fold on shuffled labels: what it and its explanations show is not learned from the labels."""

from dataclasses import replace
from typing import Any

import numpy as np

from reportgen.outputs import Inputs, Out
from reportgen.steps._spec import spec_of
from reportgen.steps.canary import shuffle
from reportgen.steps.fit import folds_of
from reportgen.steps.train import learned_from, write
from reportgen.work import Work


def run(
    inputs: Inputs, out: Out, work: Work, *, model: dict[str, Any], train: dict[str, Any], seed: int, fold: int, repeat: int
) -> None:
    """Write model, weights and history of a network whose training and validation trials have exchanged their labels.

    Labels move as in the canary of estimators, see steps/canary.py; all else is as in the experiment.
    """
    moved = shuffle(folds_of(inputs)[fold], np.random.default_rng([seed, repeat, fold]))
    data = replace(learned_from(inputs, fold), labels=moved.labels.astype(np.int64))
    write(data, spec_of(inputs), out, work, model=model, train=train, seed=seed)
