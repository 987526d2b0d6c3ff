"""A straight line in all inputs, held back by a penalty that the validation part chooses (ridge regression)."""

from typing import Annotated

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Gt, Len
from torch import Tensor, nn

from reportgen.core import Place
from reportgen.errors import StepError
from reportgen.regression.contract import Learned, Wanted
from reportgen.regressors._summaries import summarised, width

TITLE = "Ridge"
SORT = "linear"
BIBTEX = """@article{hoerl1970ridge,
  author = {Hoerl, Arthur E. and Kennard, Robert W.},
  title = {Ridge Regression: Biased Estimation for Nonorthogonal Problems},
  journal = {Technometrics},
  year = {1970},
  volume = {12},
  number = {1},
  pages = {55--67},
  doi = {10.1080/00401706.1970.10488634},
  keywords = {regressor/ridge},
}"""


def build(
    wanted: Wanted,
    *,
    penalties: Annotated[
        list[Annotated[float, Gt(0)]],
        Len(min_length=1),
        Doc(
            "of squared weights, for each training segment; the one with the least squared error in the validation part is kept"
        ),
    ] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0],  # noqa: B006 - never changed: settings are read as text
) -> nn.Module:
    """Build ridge regression of all emotions with an intercept, in closed form.

    Of rows with windows, means and standard deviations over windows are its inputs.
    """
    return _Line(wanted, penalties)


class _Line(nn.Module):
    """Weights, intercept and the penalty that was chosen."""

    weight: Tensor
    intercept: Tensor
    penalty: Tensor

    def __init__(self, wanted: Wanted, penalties: list[float]) -> None:
        super().__init__()
        self.penalties = sorted(penalties)
        inputs = width(wanted.features, wanted.windows)
        self.register_buffer("weight", torch.zeros(inputs, wanted.emotions, dtype=torch.float64))
        self.register_buffer("intercept", torch.zeros(wanted.emotions, dtype=torch.float64))
        self.register_buffer("penalty", torch.zeros((), dtype=torch.float64))

    def learn(self, known: Learned, place: Place) -> None:
        """Solve for all penalties at once: the eigenvectors of the inputs' covariance are the same for all of them.

        Raises:
            StepError: the inputs are no finite numbers.
        """
        x, y = (summarised(torch.from_numpy(known.train.x)).double(), torch.from_numpy(known.train.y).double())
        centre, middle = x.mean(dim=0), y.mean(dim=0)
        covariance = (x - centre).T @ (x - centre) / len(x)
        if not covariance.isfinite().all():
            raise StepError("ridge: the covariance of the inputs is not finite", "Look for extreme features.")
        values, vectors = torch.linalg.eigh(covariance)
        told = vectors.T @ ((x - centre).T @ (y - middle) / len(x))  # (direction, emotion)
        asked = (summarised(torch.from_numpy(known.validation.x)).double() - centre) @ vectors
        right = torch.from_numpy(known.validation.y).double() - middle
        kept = [told / (values.clamp(min=0) + penalty)[:, None] for penalty in self.penalties]
        errors = torch.stack([((asked @ one - right) ** 2).mean() for one in kept])
        best = int(errors.argmin())
        self.weight.copy_(vectors @ kept[best])
        self.intercept.copy_(middle - centre @ self.weight)
        self.penalty.fill_(self.penalties[best])
        place.progress(1, 1, f"penalty {self.penalties[best]:g}")

    def predict(self, x: np.ndarray, video: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """(row, window, feature) -> (row, emotion)."""
        rows = summarised(torch.from_numpy(x)).double()
        return np.asarray((rows @ self.weight + self.intercept).float().numpy())
