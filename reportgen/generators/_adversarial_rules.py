"""Two rules of the game between a generator and its critic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

Views = Sequence[Tensor]
"""What a critic looks at of samples: tensors (sample, …)."""

TOLD = ("discriminator_loss", "accuracy_real", "accuracy_made", "gap", "penalty")
"""What `judge` takes note of, in this order; NaN for what a rule does not have."""


class Critic(nn.Module):
    """Looks at samples in one or several ways, which it does not learn, and gives each sample one number."""

    def views(self, x: Tensor) -> Views:
        """What is looked at of x (sample, …)."""
        return (x,)

    def judge(self, views: Views, labels: Tensor) -> Tensor:
        """(sample,): the higher, the more it looks like a real one of its class."""
        raise NotImplementedError

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        """(sample,) of x (sample, …)."""
        return self.judge(self.views(x), labels)


class Rule(Protocol):
    """What both sides strive for."""

    @property
    def loss(self) -> str:
        """Its name for the report."""

    def judge(self, critic: Any, real: Views, made: Views, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The critic's loss on a batch, and the numbers of TOLD (5,), on the device and without gradients."""

    def fool(self, critic: Any, made: Tensor, labels: Tensor) -> Tensor:
        """The generator's loss on a batch."""


@dataclass(frozen=True, slots=True)
class CrossEntropy:
    """Goodfellow et al. 2014 with the generator's loss that does not saturate: real is 1, made is 0."""

    loss: str = "binary cross-entropy"

    def judge(self, critic: Critic, real: Views, made: Views, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean of the cross-entropies of both halves, as Keras has it for two batches."""
        on_real, on_made = _both(critic, real, made, labels)
        loss = (functional.softplus(-on_real).mean() + functional.softplus(on_made).mean()) / 2
        missing = torch.full_like(loss, torch.nan)
        told = [loss, (on_real > 0).float().mean(), (on_made <= 0).float().mean(), missing, missing]
        return loss, torch.stack(told).detach()

    def fool(self, critic: Critic, made: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of made samples that are called real."""
        return functional.softplus(-critic(made, labels)).mean()


@dataclass(frozen=True, slots=True)
class Wasserstein:
    """Gulrajani et al. 2017: the critic's gradient has norm 1 between real and made samples, or pays for it.

    The norm is that of the gradient by all that the critic looks at: its views are spaces of their own, of one scale each.
    """

    weight: float  # of the penalty
    loss: str = "Wasserstein with gradient penalty"

    def judge(self, critic: Critic, real: Views, made: Views, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Accuracies are of the threshold midway between the means of both halves."""
        on_real, on_made = _both(critic, real, made, labels)
        gap = on_real.mean() - on_made.mean()
        penalty = self._penalty(critic, real, made, labels)
        loss = -gap + self.weight * penalty
        middle = (on_real.mean() + on_made.mean()) / 2
        told = [loss, (on_real > middle).float().mean(), (on_made <= middle).float().mean(), gap, penalty]
        return loss, torch.stack(told).detach()

    def fool(self, critic: Critic, made: Tensor, labels: Tensor) -> Tensor:
        """What the critic says of made samples, with the other sign."""
        score: Tensor = critic(made, labels).mean()
        return -score

    @staticmethod
    def _penalty(critic: Critic, real: Views, made: Views, labels: Tensor) -> Tensor:
        share = torch.rand(len(labels), device=labels.device)
        between = [
            torch.lerp(false, true, share.reshape(-1, *[1] * (true.ndim - 1))).requires_grad_()
            for true, false in zip(real, made, strict=True)
        ]
        gradients = torch.autograd.grad(critic.judge(between, labels).sum(), between, create_graph=True)
        squares: Tensor = torch.stack([gradient.square().flatten(1).sum(1) for gradient in gradients]).sum(0)
        penalty: Tensor = ((squares + 1e-12).sqrt() - 1).square().mean()
        return penalty


def _both(critic: Critic, real: Views, made: Views, labels: Tensor) -> tuple[Tensor, Tensor]:
    """(sample,) of real and of made ones, in one pass."""
    views = [torch.cat(pair) for pair in zip(real, made, strict=True)]
    on_real, on_made = critic.judge(views, torch.cat([labels, labels])).chunk(2)
    return on_real, on_made
