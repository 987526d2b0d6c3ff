"""One epoch: a pass over the training part, and a look at the validation part.

Both parts lie on the device, images as bytes; batches are gathered, standardised and augmented there, and the host waits for
the device once an epoch. On CUDA updates are computed in bfloat16 where autocast finds it safe; validation is in float32.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from reportgen.augment import Augmentation, mixup
from reportgen.checkpoints import State
from reportgen.losses import Loss
from reportgen.networks import Standardise, as_input, batch_for, logits
from reportgen.optimisers import Schedule


@dataclass(frozen=True, slots=True)
class Part:
    """Training or validation part, on the device."""

    samples: Tensor  # (sample, row, column) uint8, or (sample, …) float32
    labels: Tensor  # (sample,) int64

    @classmethod
    def of(cls, samples: np.ndarray, labels: np.ndarray, index: np.ndarray, device: torch.device) -> Self:
        """The samples at `index`."""
        chosen = torch.from_numpy(samples[index]).to(device)
        return cls(chosen, torch.from_numpy(labels[index].astype(np.int64)).to(device))

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a pass over the training part is made; the settings of `training.fit` under their names."""

    batch: int
    shuffle: bool
    augmentation: Augmentation
    mixup: float
    loss: Loss
    clip: float
    ema: float
    standardise: Standardise
    schedule: Schedule


def train_epoch(state: State, recipe: Recipe, part: Part, tell: Callable[[int], None]) -> dict[str, float]:
    """Update the network with each sample once; `tell` hears the number of updates since the start of training.

    Returns:
        learning_rate of the last update; train_loss and train_accuracy, means over the batches as they were trained:
        augmented, with dropout and, in the loss, with smoothed labels.
    """
    device, count = part.labels.device, len(part)
    order = torch.randperm(count, device=device) if recipe.shuffle else torch.arange(count, device=device)
    batches = torch.split(order, recipe.batch)
    losses = [row["validation_loss"] for row in state.rows]
    sums = torch.zeros(2, device=device)  # loss, correct
    rate = 0.0
    state.model.train()
    for update, index in enumerate(batches, len(state.rows) * len(batches)):
        rate = recipe.schedule.rate(update, losses)
        for group in state.optimizer.param_groups:
            group["lr"] = rate
        sums += _update(state, recipe, part.samples[index], part.labels[index])
        if state.average:
            _move(state.average, state.model, min(recipe.ema, (1 + update) / (10 + update)))
        tell(update + 1)
    loss, accuracy = (sums / count).tolist()
    return {"learning_rate": rate, "train_loss": loss, "train_accuracy": accuracy}


def _update(state: State, recipe: Recipe, samples: Tensor, labels: Tensor) -> Tensor:
    """One update; returns (summed loss, correct ones) of the batch, still on the device."""
    x = recipe.augmentation(recipe.standardise(as_input(samples)))  # (sample, channel, row, column)
    x, targets = mixup(x, labels, recipe.mixup)
    with torch.autocast(x.device.type, torch.bfloat16, enabled=x.device.type == "cuda"):
        outputs = state.model(x).float()  # (sample, class)
    loss = torch.stack([weight * recipe.loss(outputs, target) for target, weight in targets]).sum()
    state.optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    if recipe.clip:
        clip_grad_norm_(state.model.parameters(), recipe.clip)
    state.optimizer.step()
    return torch.stack([loss.detach() * len(labels), (outputs.argmax(1) == labels).sum()])


@torch.no_grad()
def _move(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the average towards the model, buffers included; torch's AveragedModel has no rising decay for the start."""
    for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        mean.lerp_(value, 1 - decay) if mean.is_floating_point() else mean.copy_(value)


@torch.no_grad()
def validate(model: nn.Module, standardise: Standardise, part: Part) -> dict[str, float | None]:
    """validation_loss (cross-entropy without smoothing) and validation_accuracy; None for an empty part."""
    if not len(part):
        return {"validation_loss": None, "validation_accuracy": None}
    model.eval()
    batch = batch_for(part.labels.device.type)
    chunks = zip(*(torch.split(rows, batch) for rows in (part.samples, part.labels)), strict=True)
    sums = torch.zeros(2, device=part.labels.device)  # loss, correct
    for samples, labels in chunks:
        outputs = logits(model, samples, standardise)
        loss = functional.cross_entropy(outputs, labels, reduction="sum")
        sums += torch.stack([loss, (outputs.argmax(1) == labels).sum()])
    loss, accuracy = (sums / len(part)).tolist()
    return {"validation_loss": loss, "validation_accuracy": accuracy}
