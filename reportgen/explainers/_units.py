"""Which units of hidden layers tell the classes apart: what explainers of hidden layers share."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from reportgen.core import Explained
from reportgen.errors import DataError

ACTIVATIONS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Sigmoid, nn.Tanh)


def shares(explained: Explained, explainer: str) -> Tensor:
    """(sample, class) float32: what a reference sample contributes to the mean of its class.

    Raises:
        DataError: a class has no reference sample.
    """
    labels = torch.as_tensor(explained.reference_labels).long()
    members = one_hot(labels, len(explained.classes)).float()
    count = members.sum(0)  # (class,)
    if not count.all():
        raise DataError(
            f"{explainer}: none of the {len(labels)} test samples is of class '{explained.classes[int(count.argmin())]}'",
            "Divide the data set so that the test part holds every class.",
        )
    return members / count


def of_samples(output: Tensor, samples: int) -> Tensor:
    """What a layer writes (sample × slice, …), as (sample, …): the mean over slices, which networks on films fold away."""
    return output if len(output) == samples else output.reshape(samples, -1, *output.shape[1:]).mean(1)


def selectivity(activity: np.ndarray) -> np.ndarray:
    """Class selectivity of units (Morcos et al. 2018, arXiv 1803.06959): (μ_max − μ_rest) / (μ_max + μ_rest).

    μ_max is a unit's mean activity for the class that excites it most, μ_rest that for all other classes. 0: the same
    for all classes, or silent; 1: silent for all classes but one.

    Args:
        activity: (class, unit), class means; what is below 0 counts as 0.

    Returns:
        (unit,) in [0, 1].
    """
    activity = activity.clip(min=0)
    strongest = activity.max(axis=0)
    rest = (activity.sum(axis=0) - strongest) / max(len(activity) - 1, 1)
    both = strongest + rest
    return np.where(both > 0, strongest - rest, 0) / np.where(both > 0, both, 1)
