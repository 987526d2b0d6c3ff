"""Put any intensities on a stored map, seen before or not: the networks are asked, nothing is fitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from reportgen.errors import UsageError
from reportgen.mapping.encoder import encoded

_ROWS = 1024  # that go through the networks at a time: their hidden layers fit into the cache


@dataclass(frozen=True, slots=True)
class Placed:
    """Where intensities lie on a map."""

    at: np.ndarray  # (row, 2) float32: by the first network
    spread: np.ndarray  # (row, 2, 2) float32: covariance over the networks; zeros of a single one


@dataclass(frozen=True, slots=True)
class Projection:
    """A map that can be asked."""

    emotions: Sequence[str]
    tensors: Mapping[str, torch.Tensor]  # of `encoder.stacked`; nothing: the ratings are a plane themselves

    def __call__(self, vectors: np.ndarray) -> Placed:
        """Where (row, emotion) lie, emotions in the order of the map.

        Raises:
            UsageError: another number of emotions than the map was made of.
        """
        vectors = np.atleast_2d(np.asarray(vectors, np.float32))
        wanted = len(self.emotions)
        if vectors.ndim != 2 or vectors.shape[1] != wanted:
            raise UsageError(
                f"the map is of {wanted} emotions ({', '.join(self.emotions)}), not of {vectors.shape[-1]}",
                "Give one intensity for each of them, in this order.",
            )
        if not self.tensors:
            return Placed(vectors.copy(), np.zeros((len(vectors), 2, 2), np.float32))
        parts = [_placed(encoded(self.tensors, rows)) for rows in torch.split(torch.from_numpy(vectors), _ROWS)]
        at, spread = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
        return Placed(at, spread)


def projection_of(about: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> Projection:
    """A stored map: its JSON of kind `map`, and its tensors."""
    return Projection(tuple(about["emotions"]), {} if about["method"] == "plane" else dict(weights))


def _placed(members: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(member, row, 2) -> the first (row, 2) and the covariance of all (row, 2, 2), that of a sample."""
    off = members - members.mean(dim=0)
    spread = torch.einsum("mra,mrb->rab", off, off) / max(1, len(members) - 1)
    return members[0], spread
