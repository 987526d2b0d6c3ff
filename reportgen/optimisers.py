"""Optimisers and learning rate schedules, under the names that studies use."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from torch import nn
from torch.optim import SGD, AdamW, Optimizer, RMSprop

OptimizerName = Literal["adam", "rmsprop", "sgd"]
ScheduleName = Literal["constant", "decay", "cosine", "plateau"]


def optimizer_of(model: nn.Module, name: OptimizerName, weight_decay: float, momentum: float) -> Optimizer:
    """The optimiser; its learning rate is set before each update from a `Schedule`.

    Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101; without decay it is plain Adam),
    RMSprop with Keras' memory of 0.9, or SGD with Nesterov's momentum. Only weights decay, biases and normalisation do
    not (He et al. 2019, arXiv 1812.01187).
    """
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    if name == "adam":
        return AdamW(groups)
    if name == "rmsprop":
        return RMSprop(groups, alpha=0.9)
    return SGD(groups, momentum=momentum, nesterov=momentum > 0)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The learning rate as a function of what has happened, so that nothing of it needs to be stored."""

    name: ScheduleName
    learning_rate: float
    updates: int  # of the whole training
    warm_up: int  # updates
    decay: float  # per update
    factor: float
    patience: int  # epochs

    def rate(self, update: int, losses: Sequence[float]) -> float:
        """Learning rate of an update, counted from 0, after epochs with these validation losses."""
        if update < self.warm_up:
            return self.learning_rate * (update + 1) / self.warm_up
        return self.learning_rate * self._share(update, losses)

    def _share(self, update: int, losses: Sequence[float]) -> float:
        if self.name == "decay":
            return 1 / (1 + self.decay * update)  # Keras' `decay`, as the published projects use it
        if self.name == "cosine":  # Loshchilov and Hutter 2017, arXiv 1608.03983
            return 0.5 * (1 + math.cos(math.pi * (update - self.warm_up) / (self.updates - self.warm_up)))
        if self.name == "plateau":
            return self.factor ** plateaus(losses, self.patience)
        return 1.0


def plateaus(losses: Sequence[float], patience: int) -> int:
    """How often `patience` epochs in a row brought no lower loss than the best before them."""
    best, waited, found = math.inf, 0, 0
    for loss in losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if waited == patience:
            waited, found = 0, found + 1
    return found
