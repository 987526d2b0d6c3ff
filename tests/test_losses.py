"""Losses: sigmoids normalised over the classes are Keras' categorical cross-entropy, and binary is torch's own."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from reportgen.errors import UsageError
from reportgen.losses import loss_of

SCORES = torch.tensor([[2.0, -1.0, 0.5], [-3.0, 4.0, 0.0], [0.1, 0.2, -8.0]])
LABELS = torch.tensor([0, 1, 2])
SIGMOIDS = nn.Sequential(nn.Linear(3, 3), nn.LogSigmoid())


def test_cross_entropy_of_log_sigmoids_is_that_of_sigmoids_normalised_over_the_classes() -> None:
    sigmoids = SCORES.sigmoid()
    normalised = sigmoids / sigmoids.sum(1, keepdim=True)  # as Keras' categorical_crossentropy does to any outputs
    expected = -normalised[range(3), LABELS].log().mean()
    found = loss_of("cross_entropy", SIGMOIDS, 0.0)(functional.logsigmoid(SCORES), LABELS)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_binary_is_torchs_of_every_class(smoothing: float) -> None:
    scores, same = SCORES.clone().requires_grad_(), SCORES.clone().requires_grad_()
    targets = functional.one_hot(LABELS, 3) * (1 - smoothing) + smoothing / 3
    expected = functional.binary_cross_entropy_with_logits(same, targets)
    found = loss_of("binary_cross_entropy", SIGMOIDS, smoothing)(functional.logsigmoid(scores), LABELS)
    torch.testing.assert_close(found, expected)
    found.backward()
    expected.backward()
    torch.testing.assert_close(scores.grad, same.grad)


def test_binary_of_certain_outputs_is_finite() -> None:
    found = loss_of("binary_cross_entropy", SIGMOIDS, 0.0)(
        functional.logsigmoid(torch.tensor([[80.0, -80.0]])), torch.tensor([1])
    )
    assert torch.isfinite(found)


def test_constant_guess_has_the_loss_that_was_published_as_a_result() -> None:
    """A network that says 1/7 of each of seven classes has 0.4101, and 85.7 % of its 'decisions' are right."""
    outputs = torch.full((7, 7), 1 / 7).log()
    assert loss_of("binary_cross_entropy", SIGMOIDS, 0.0)(outputs, torch.arange(7)).item() == pytest.approx(0.4101, abs=1e-4)


def test_binary_needs_sigmoids() -> None:
    with pytest.raises(UsageError, match="outputs are sigmoids"):
        loss_of("binary_cross_entropy", nn.Linear(3, 3), 0.0)
