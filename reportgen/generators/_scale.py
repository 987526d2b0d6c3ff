"""Samples in units in which networks learn easily, and back."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from reportgen.errors import StepError
from reportgen.synthetic import Learnable


@dataclass(frozen=True, slots=True)
class Scale:
    """Each number of a sample, or each channel of signals, by what is typical of the training part.

    What never varies becomes 0, and its own value again on the way back.
    """

    mean: Tensor  # (1, …)
    sd: Tensor  # (1, …), 0 where nothing varies
    bend: float = 0.0  # SDs from which on values grow as their logarithm does; 0: none do

    @classmethod
    def of(cls, known: Learnable, bend: float = 0.0) -> Self:
        """Of signals, medians over windows of level and power; of maps, mean and SD, or with `bend` median and quantiles.

        A few windows with an electrode that has failed would otherwise set the scale of all.

        Raises:
            StepError: nothing varies, or values are no numbers.
        """
        x = known.train.x
        if not len(x) or not np.isfinite(x).all():
            raise StepError("the training part is empty or holds values that are no numbers", "Look at the features.")
        mean, whole = x.mean(0, dtype=np.float64, keepdims=True), x.std(0, dtype=np.float64, keepdims=True)
        sd = whole
        if known.domain.signals:
            mean = np.median(x.mean(-1, dtype=np.float64, keepdims=True), axis=0, keepdims=True)
            power = np.mean((x - mean) ** 2, axis=-1, keepdims=True, dtype=np.float64)
            sd, whole = np.sqrt(np.median(power, axis=0, keepdims=True)), np.sqrt(power.mean(0, keepdims=True))
        elif bend:
            low, mean, high = np.quantile(x, (0.16, 0.5, 0.84), axis=0, keepdims=True)
            sd = (high - low) / 2
        sd = np.where(sd > 1e-3 * whole, sd, whole)
        sd = np.where(sd > 1e-6 * np.abs(mean), sd, 0.0)
        if not sd.any():
            raise StepError("nothing varies in the training part", "Look at the features, and at the signals they are of.")
        return cls(torch.from_numpy(mean).float(), torch.from_numpy(sd).float(), bend)

    def there(self, x: np.ndarray) -> Tensor:
        """(sample, …) standardised."""
        varies = self.sd > 0
        y = torch.where(varies, (torch.from_numpy(np.array(x, np.float32)) - self.mean) / self.sd.where(varies, 1.0), 0.0)
        return self.bend * torch.asinh(y / self.bend) if self.bend else y

    def back(self, y: Tensor) -> np.ndarray:
        """(sample, …) float32 of standardised samples."""
        y = y.cpu().float()
        if self.bend:
            y = self.bend * torch.sinh(y / self.bend)
        return np.asarray((y * self.sd + self.mean).numpy())

    def tensors(self) -> dict[str, Tensor]:
        """Beside weights: samples are bend × sinh(output / bend) × sd + mean, without a bend output × sd + mean."""
        return {"scale.mean": self.mean, "scale.sd": self.sd, "scale.bend": torch.tensor(self.bend)}
