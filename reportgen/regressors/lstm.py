"""Long short-term memory over the segments of a video, or over the windows of a segment."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Ge, Gt, Interval
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from reportgen.core import Place
from reportgen.errors import StepError
from reportgen.regression.contract import Learned, Rated, Wanted

TITLE = "LSTM"
SORT = "network"
BIBTEX = """@article{hochreiter1997lstm,
  author = {Hochreiter, Sepp and Schmidhuber, J{\\"u}rgen},
  title = {Long Short-Term Memory},
  journal = {Neural Computation},
  year = {1997},
  volume = {9},
  number = {8},
  pages = {1735--1780},
  doi = {10.1162/neco.1997.9.8.1735},
  keywords = {regressor/lstm},
}"""
_LARGEST = 1.0  # norm of a gradient: those of recurrent networks may explode (Pascanu et al. 2013, ICML)
_AT_ONCE = 256  # sequences that are predicted together


def build(
    wanted: Wanted,
    *,
    units: Annotated[int, Ge(1), Doc("of a layer, in each direction")] = 64,
    layers: Annotated[int, Ge(1), Doc("on top of each other")] = 1,
    both: Annotated[bool, Doc("read backwards in time too; a prediction then knows what comes after it")] = False,
    dropout: Annotated[float, Interval(ge=0, lt=1), Doc("share of inputs and of what each layer says that is hidden")] = 0.3,
    loss: Annotated[Literal["mse", "mae"], Doc("mean squared or mean absolute error")] = "mse",
    learning_rate: Annotated[float, Gt(0), Doc("of Adam")] = 0.001,
    batch: Annotated[int, Ge(1), Doc("videos, or segments that have windows, of an update")] = 16,
    epochs: Annotated[int, Ge(1), Doc("at most")] = 100,
    patience: Annotated[int, Ge(1), Doc("epochs without a lower error in the validation part, after which it stops")] = 15,
) -> nn.Module:
    """Build an LSTM with a linear output.

    Where segments have windows, it reads the windows of a segment and answers at the last one. Otherwise it reads the segments
    of a video in the order of time and answers at each. The epoch with the least error in the validation part is kept.
    """
    training = {"loss": loss, "learning_rate": learning_rate, "batch": batch, "epochs": epochs, "patience": patience}
    return _Reader(wanted, {"units": units, "layers": layers, "both": both, "dropout": dropout}, training)


class _Reader(nn.Module):
    """The network, and how it learns."""

    def __init__(self, wanted: Wanted, shape: Mapping[str, Any], training: Mapping[str, Any]) -> None:
        super().__init__()
        units, layers, dropout = shape["units"], shape["layers"], shape["dropout"]
        between = dropout if layers > 1 else 0.0  # torch hides what a layer says only from a further layer
        self.memory = nn.LSTM(wanted.features, units, layers, batch_first=True, dropout=between, bidirectional=shape["both"])
        self.hide = nn.Dropout(dropout)
        self.answer = nn.Linear(units * (2 if shape["both"] else 1), wanted.emotions)
        self.windowed, self.training_settings = wanted.windows > 1, training

    def forward(self, sequences: list[Tensor]) -> Tensor:
        """Sequences (time, feature) of any length -> (row, emotion): of each one row, or a row for each of its times."""
        packed = pack_sequence([self.hide(one) for one in sequences], enforce_sorted=False)
        told, (last, _) = self.memory(packed)
        if self.windowed:
            directions = 2 if self.memory.bidirectional else 1
            ends = last[-directions:].transpose(0, 1).flatten(1)  # of the last layer: forwards, then backwards
            return self.answer(self.hide(ends))  # type: ignore[no-any-return]
        padded, lengths = pad_packed_sequence(told, batch_first=True)  # (sequence, time, unit)
        there = torch.arange(padded.shape[1])[None, :] < lengths[:, None]
        return self.answer(self.hide(padded[there.to(padded.device)]))  # type: ignore[no-any-return]

    def learn(self, known: Learned, place: Place) -> dict[str, Any]:
        """Adam until the validation part says stop; returns the course.

        Raises:
            StepError: the loss is no finite number, in the training or in the validation part.
        """
        settings = self.training_settings
        self.to(place.device)
        torch.manual_seed(place.seed)
        with torch.no_grad():  # a network that says the mean has nothing to unlearn
            self.answer.bias.copy_(torch.from_numpy(known.train.y.mean(axis=0)))
        optimizer = torch.optim.Adam(self.parameters(), lr=settings["learning_rate"])
        train, validation = self._told(known.train, place.device), self._told(known.validation, place.device)
        rows: list[dict[str, Any]] = []
        best: dict[str, Tensor] = {}
        least, chosen = float("inf"), 0
        for epoch in range(1, settings["epochs"] + 1):
            row = {"epoch": epoch, "train_loss": self._taught(train, optimizer), "validation_loss": self._judged(validation)}
            rows.append(row)
            if not np.isfinite([row["train_loss"], row["validation_loss"]]).all():
                raise StepError(
                    f"lstm: the loss of epoch {epoch} is not a finite number",
                    "Lower `learning_rate`, or look for extreme features.",
                )
            if row["validation_loss"] < least:
                least, chosen = row["validation_loss"], epoch
                best = {name: tensor.clone() for name, tensor in self.state_dict().items()}
            place.progress(epoch, settings["epochs"], f"validation {settings['loss']} {row['validation_loss']:.4f}")
            if epoch - chosen >= settings["patience"]:
                break
        self.load_state_dict(best)
        return {"epochs": rows, "chosen": chosen, "loss": settings["loss"]}

    @torch.no_grad()
    def predict(self, x: np.ndarray, video: np.ndarray) -> np.ndarray:
        """(row, window, feature), (row,) -> (row, emotion)."""
        self.eval()
        device = self.answer.weight.device
        sequences = [torch.from_numpy(one).to(device) for one in self._sequences(x, video)]
        said = [self(sequences[start : start + _AT_ONCE]) for start in range(0, len(sequences), _AT_ONCE)]
        return np.asarray(torch.cat(said).cpu().numpy()) if said else np.zeros((0, self.answer.out_features), np.float32)

    def _sequences(self, values: np.ndarray, video: np.ndarray) -> list[np.ndarray]:
        """What is read in one go: the windows of a row, or the rows of a video, (time, feature)."""
        if self.windowed:
            return list(values)
        return np.split(values[:, 0], _ends(video)) if len(values) else []

    def _told(self, part: Rated, device: str) -> list[tuple[Tensor, Tensor]]:
        """Sequences with what people said of them: (time, feature), (row, emotion)."""
        inputs = self._sequences(part.x, part.video)
        truth = np.split(part.y, range(1, len(part.y))) if self.windowed else np.split(part.y, _ends(part.video))
        return [
            (torch.from_numpy(one).to(device), torch.from_numpy(right).to(device))
            for one, right in zip(inputs, truth, strict=True)
        ]

    def _taught(self, known: list[tuple[Tensor, Tensor]], optimizer: torch.optim.Optimizer) -> float:
        """One epoch; its mean loss over rows."""
        self.train()
        order = torch.randperm(len(known)).tolist()
        total, rows = 0.0, 0
        for inputs, truth in _batches([known[i] for i in order], self.training_settings["batch"]):
            loss = self._error(self(inputs), truth)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.parameters(), _LARGEST)
            optimizer.step()
            total, rows = total + loss.item() * len(truth), rows + len(truth)
        return total / rows

    @torch.no_grad()
    def _judged(self, known: list[tuple[Tensor, Tensor]]) -> float:
        """Mean loss over rows."""
        self.eval()
        losses = [(float(self._error(self(inputs), truth)), len(truth)) for inputs, truth in _batches(known, _AT_ONCE)]
        return sum(loss * rows for loss, rows in losses) / sum(rows for _, rows in losses)

    def _error(self, said: Tensor, truth: Tensor) -> Tensor:
        error = nn.functional.mse_loss if self.training_settings["loss"] == "mse" else nn.functional.l1_loss
        return error(said, truth)


def _ends(video: np.ndarray) -> np.ndarray:
    """Where a new video begins, the first one excepted."""
    return np.asarray(np.flatnonzero(np.diff(video)) + 1)


def _batches(known: list[tuple[Tensor, Tensor]], size: int) -> Iterator[tuple[list[Tensor], Tensor]]:
    for start in range(0, len(known), size):
        inputs, truth = zip(*known[start : start + size], strict=True)
        yield list(inputs), torch.cat(truth)
