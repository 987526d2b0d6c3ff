"""A network that learns from real samples, synthetic ones, or both."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from reportgen import plugins
from reportgen.core import Place
from reportgen.networks import predict
from reportgen.outputs import Inputs
from reportgen.steps._spec import spec_of
from reportgen.steps.evaluate import rebuilt
from reportgen.training import Data, fit
from reportgen.work import Work


class Network:
    """The network of the experiment."""

    def __init__(self, inputs: Inputs, work: Work, model: Mapping[str, Any], train: Mapping[str, Any]) -> None:
        self._inputs, self._work, self._model, self._train = inputs, work, model, train
        self._first: int | None = None  # seed of the network that learned from the real training part

    def learn(self, table: Any, train: np.ndarray, asked: np.ndarray, seed: int) -> np.ndarray:
        """Train anew; what the first seed makes of the real training part is there already."""
        self._first = seed if self._first is None else self._first
        if seed == self._first and train is table.train:
            network, standardise = rebuilt(self._inputs)
        else:
            torch.manual_seed(seed)  # initial weights
            network = plugins.verb("model", self._model["use"])(spec_of(self._inputs), **self._model["settings"])
            data = Data(samples=table.x, labels=table.labels, train=train, validation=table.validation, shared=table.shared)
            standardise = fit(network, data, Place(device=self._work.device, seed=seed), **self._train).standardise
        return predict(network, table.x[asked], standardise, self._work.device)
