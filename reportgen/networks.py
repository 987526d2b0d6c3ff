"""What is done with every network, however it was trained: standardise its input, predict, store it, count it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from reportgen.core import Spec
from reportgen.errors import StepError

Views = Literal["one", "flip", "ten_crop"]


@dataclass(frozen=True, slots=True)
class Standardise:
    """Stored samples to the model's input: (x - mean) / sd.

    Of images the same two numbers for every pixel, grey values; of features two for each number of a sample. They are those
    of the training part alone: statistics over all samples would let the test part into the training.
    """

    mean: float | Tensor  # of features float32, of a sample's shape as the model takes it
    sd: float | Tensor  # > 0

    @classmethod
    def of(cls, images: np.ndarray) -> Self:
        """Mean and sd of images (sample, row, column) uint8, from their histogram and therefore exact.

        Raises:
            StepError: all pixels are equal.
        """
        chunks = np.array_split(images, 1 + len(images) // 4096)  # bincount makes eight bytes of each pixel
        counts = sum(np.bincount(chunk.ravel(), minlength=256) for chunk in chunks)
        levels = np.arange(256)
        mean = np.average(levels, weights=counts)
        sd = np.sqrt(np.average((levels - mean) ** 2, weights=counts))
        if sd == 0:
            raise StepError(f"every pixel of the training part is {mean:g}", "Nothing can be learned: check the data set.")
        return cls(float(mean), float(sd))

    @classmethod
    def of_features(cls, samples: np.ndarray, shared: Sequence[int]) -> Self:
        """Mean and sd of each number of a sample.

        Args:
            samples: (sample, …) float.
            shared: axes of a sample along which all numbers have the same mean and sd, such as time.

        Raises:
            StepError: nothing varies, or some values are no numbers.
        """
        axes = (0, *(axis + 1 for axis in shared))
        chunks = np.array_split(samples, 1 + len(samples) // 4096)  # in doubles, a piece at a time
        count = len(samples) * np.prod([samples.shape[axis] for axis in axes[1:]])
        mean = sum(chunk.sum(axis=axes, dtype=np.float64, keepdims=True) for chunk in chunks) / count
        variance = sum(((chunk - mean) ** 2).sum(axis=axes, keepdims=True) for chunk in chunks) / count
        if not np.isfinite(variance).all():
            raise StepError("features of the training part hold values that are no numbers", "Look at the features.")
        varies = np.sqrt(variance) > 1e-9 * np.abs(mean)
        if not varies.any():
            raise StepError("no feature varies in the training part", "Look at the features, and at the signals they are of.")
        sd = np.where(varies, np.sqrt(variance), 1.0)  # what does not vary becomes 0
        return cls(*(as_input(torch.from_numpy(value).float())[0] for value in (mean, sd)))

    def __call__(self, samples: Tensor) -> Tensor:
        """Model input of samples (sample, channel, row, column), uint8 or float; gradients pass through."""
        mean, sd = (value.to(samples.device) if isinstance(value, Tensor) else value for value in (self.mean, self.sd))
        return (samples.float() - mean) / sd

    def told(self) -> dict[str, Any]:
        """For `history`."""
        if isinstance(self.mean, Tensor):
            return {"over": "sample", "numbers": self.mean.numel()}
        return asdict(self)


def as_input(samples: Tensor) -> Tensor:
    """Samples (sample, …) as networks take them: grey images and features of two axes get one of length one in front."""
    return samples.unsqueeze(1) if samples.ndim == 3 else samples


def to_device(model: nn.Module, device: str) -> None:
    """Move a model, and lay its maps out channels last where convolutions are faster so: on CPU up to 2.7 times."""
    model.to(device)
    if not device.startswith("mps"):
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def batch_for(device: str) -> int:
    """How many images to predict at once: few stay in a CPU's cache (256 take 1.3 times as long), many fill a GPU."""
    return 64 if device == "cpu" else 512


def predict(
    model: nn.Module,
    samples: np.ndarray,
    standardise: Standardise,
    device: str,
    batch: int | None = None,
    *,
    views: Views = "one",
) -> np.ndarray:
    """Logits (sample, class) float32 of images (sample, row, column) uint8 or features, which may be memory-mapped.

    Leaves the model on `device` in evaluation mode. Always computed in float32, mixed precision is for training.
    Another `batch` than that of `batch_for` may change the last bits.
    """
    to_device(model.eval(), device)
    batch = batch or batch_for(device)
    chunks = (np.array(samples[start : start + batch]) for start in range(0, len(samples), batch))
    parts = [logits(model, torch.from_numpy(chunk).to(device), standardise, views) for chunk in chunks]
    return torch.cat(parts).cpu().numpy()


@torch.no_grad()
def logits(model: nn.Module, samples: Tensor, standardise: Standardise, views: Views = "one") -> Tensor:
    """Logits (sample, class) of one batch of images (sample, row, column) uint8, or features, on the model's device.

    With several views the probabilities are averaged and given as their logarithms, so that their softmax is the mean.
    """
    x = standardise(as_input(samples))  # (sample, channel, row, column)
    if views == "one":
        return model(x).float()  # type: ignore[no-any-return]
    shown = [x] if views == "flip" else _five_crops(x)
    shown += [view.flip(-1) for view in shown]
    probabilities = torch.stack([model(view).float().softmax(1) for view in shown])  # (view, sample, class)
    return probabilities.mean(0).clamp_min(1e-30).log()


def _five_crops(x: Tensor) -> list[Tensor]:
    """Four corners and the centre, 11/12 of each side (44 of 48 pixels), enlarged to the size of x.

    The crops of Simonyan and Zisserman's VGG lineage on FER2013; enlarged because not every network takes other sizes.
    """
    rows, columns = x.shape[-2:]
    down, right = rows // 12, columns // 12  # margin, pixels
    corners = [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]
    crops = [x[..., i : i + rows - down, j : j + columns - right] for i, j in corners]
    return [functional.interpolate(crop, (rows, columns), mode="bilinear", align_corners=False) for crop in crops]


def save_weights(path: Path, model: nn.Module, standardise: Standardise) -> None:
    """Write parameters, buffers and standardisation as safetensors; equal models give equal bytes."""
    tensors = {name: tensor.cpu().contiguous() for name, tensor in model.state_dict().items()}
    scale = {"mean": standardise.mean, "sd": standardise.sd}
    told = {name: value.tolist() if isinstance(value, Tensor) else value for name, value in scale.items()}
    save_file(tensors, path, {"standardise": json.dumps(told)})  # one entry: their order is not fixed


def load_weights(path: Path, model: nn.Module) -> Standardise:
    """Fill a model that was built with the same settings, and return how to standardise its input."""
    with safe_open(path, "pt") as stored:
        model.load_state_dict({name: stored.get_tensor(name) for name in stored.keys()})  # noqa: SIM118
        told = json.loads(stored.metadata()["standardise"])
    return Standardise(**{name: torch.tensor(value) if isinstance(value, list) else value for name, value in told.items()})


@torch.no_grad()
def layer_table(model: nn.Module, spec: Spec) -> dict[str, Any]:
    """The rows of a model's table, from shapes that a forward pass really had.

    Returns:
        layers: [{name, type, shape (of the output, without the sample axis), parameters}] in the order of computation;
        trainable: number of trainable parameters; buffers: number of other values that are stored and used, such as
        running means, without the integers that only count batches.
    """
    layers: list[dict[str, Any]] = []

    def note(name: str, layer: nn.Module, output: Tensor) -> None:
        parameters = sum(p.numel() for p in layer.parameters(recurse=False))
        shape = list(output.shape[1:])
        layers.append({"name": name, "type": type(layer).__name__, "shape": shape, "parameters": parameters})

    hooks = [
        layer.register_forward_hook(lambda layer, _, output, name=name: note(name, layer, output))
        for name, layer in model.named_modules()
        if not (list(layer.children()) or isinstance(layer, nn.Identity))
    ]
    was_training = model.training
    model.eval()(torch.zeros(1, *spec.shape, device=next(model.parameters()).device))
    model.train(was_training)
    for hook in hooks:
        hook.remove()
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    buffers = sum(b.numel() for b in model.buffers() if b.is_floating_point())
    return {"layers": layers, "trainable": trainable, "buffers": buffers}
