"""Mean of the ratings of the k training segments with the nearest inputs."""

from typing import Annotated, Literal

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Ge
from torch import Tensor, nn

from reportgen.core import Place
from reportgen.errors import UsageError
from reportgen.regression.contract import Learned, Wanted
from reportgen.regressors._summaries import summarised, width

TITLE = "KNN"
SORT = "neighbours"
_AT_ONCE = 1024  # rows whose distances to all training rows are in memory
_TOUCHING = 1e-6  # distance below which a neighbour outweighs all others


def build(
    wanted: Wanted,
    *,
    k: Annotated[int, Ge(1), Doc("neighbours")] = 15,
    weights: Annotated[
        Literal["uniform", "distance"], Doc("all neighbours count the same, or as the inverse of their distance")
    ] = "uniform",
) -> nn.Module:
    """Build k nearest neighbours by Euclidean distance between standardised inputs, as S3 has them.

    Of rows with windows, means and standard deviations over windows are compared.

    Raises:
        UsageError: there are fewer training rows than neighbours.
    """
    if k > wanted.rows:
        raise UsageError(f"knn: k = {k} neighbours of {wanted.rows} training segments", f"Set `k` to {wanted.rows} or fewer.")
    return _Neighbours(wanted, k, weights)


class _Neighbours(nn.Module):
    """The training part, and whom to ask in it."""

    inputs: Tensor
    ratings: Tensor

    def __init__(self, wanted: Wanted, k: int, weights: str) -> None:
        super().__init__()
        self.k, self.weights = k, weights
        self.register_buffer("inputs", torch.zeros(wanted.rows, width(wanted.features, wanted.windows)))
        self.register_buffer("ratings", torch.zeros(wanted.rows, wanted.emotions))

    def learn(self, known: Learned, place: Place) -> None:
        """Keep the training part."""
        self.to(place.device)
        self.inputs.copy_(summarised(torch.from_numpy(known.train.x)))
        self.ratings.copy_(torch.from_numpy(known.train.y))
        place.progress(1, 1, f"{len(self.inputs)} training segments")

    @torch.no_grad()
    def predict(self, x: np.ndarray, video: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """(row, window, feature) -> (row, emotion)."""
        rows = summarised(torch.from_numpy(x).to(self.inputs.device))
        if not len(rows):
            return np.zeros((0, self.ratings.shape[1]), np.float32)
        return np.asarray(torch.cat([self._asked(chunk) for chunk in torch.split(rows, _AT_ONCE)]).cpu().numpy())

    def _asked(self, rows: Tensor) -> Tensor:
        # Squares and products, which are faster, lose the digits of small distances: nobody would be his own neighbour.
        distances = torch.cdist(rows, self.inputs, compute_mode="donot_use_mm_for_euclid_dist")
        distance, nearest = distances.topk(self.k, largest=False)  # (row, neighbour)
        if self.weights == "uniform":
            return self.ratings[nearest].mean(dim=1)
        weight = 1 / distance.clamp(min=_TOUCHING)
        return torch.einsum("rn,rne->re", weight / weight.sum(dim=1, keepdim=True), self.ratings[nearest])
