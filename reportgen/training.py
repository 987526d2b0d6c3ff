"""Training of a network on images or features of recordings: the parameters of `fit` by name are a study's `train` table.

Whatever is random in an epoch (order, augmentation, dropout) follows from (seed, epoch) alone, so that a training that was
killed and continued ends in the same bytes as an undisturbed one, on the same device with the same number of threads.
"""

import copy
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Ge, Gt, Interval, Unit
from torch import nn

from reportgen.augment import AUGMENTATIONS
from reportgen.checkpoints import Checkpoint, State
from reportgen.core import Place
from reportgen.epochs import Part, Recipe, train_epoch, validate
from reportgen.errors import StepError
from reportgen.losses import loss_of
from reportgen.networks import Standardise, to_device
from reportgen.optimisers import Schedule, optimizer_of

Choose = Literal["validation_loss", "validation_accuracy", "last"]


@dataclass(frozen=True, slots=True)
class Data:
    """What may be learned from: the test part is not in it."""

    samples: np.ndarray  # (sample, row, column) uint8, or (sample, …) float32; may be memory-mapped
    labels: np.ndarray  # (sample,) int
    train: np.ndarray  # (sample,) int, index into samples
    validation: np.ndarray  # (sample,) int, index into samples
    shared: tuple[int, ...] = ()  # axes of a sample of features along which the scale is the same, such as time

    def scale(self, train: np.ndarray) -> Standardise:
        """Mean and sd of the training samples."""
        chosen = self.samples[train]
        return Standardise.of(chosen) if chosen.dtype == np.uint8 else Standardise.of_features(chosen, self.shared)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a training leaves beside the chosen weights in its model."""

    history: dict[str, Any]  # kind `history`
    standardise: Standardise


def fit(
    model: nn.Module,
    data: Data,
    place: Place,
    *,
    epochs: Annotated[int, Ge(1), Unit("epochs"), Doc("passes over the training part")] = 30,
    batch: Annotated[int, Ge(1), Unit("samples"), Doc("samples per update")] = 64,
    samples: Annotated[int, Ge(0), Unit("samples"), Doc("train on this many, classes in proportion; 0: on all")] = 0,
    shuffle: Annotated[bool, Doc("draw a new order for each epoch; false: the same order each time")] = True,
    order: Annotated[
        Literal["stored", "by_class"], Doc("unshuffled: as the data set stores them, or as a folder of classes is read")
    ] = "stored",
    standardise: Annotated[bool, Doc("to mean 0 and sd 1 of the training part; false: values as they are")] = True,
    augment: Annotated[Literal["none", "flip", "s2", "modern"], Doc("random changes of the images")] = "none",
    mixup: Annotated[float, Ge(0), Doc("alpha of mixup's Beta distribution (Zhang et al. 2018); 0: off")] = 0.0,
    label_smoothing: Annotated[float, Interval(ge=0, lt=1), Doc("share of each target spread over all classes")] = 0.0,
    loss: Annotated[
        Literal["cross_entropy", "binary_cross_entropy"], Doc("binary: each class apart, for networks that end in sigmoids")
    ] = "cross_entropy",
    optimizer: Annotated[Literal["adam", "rmsprop", "sgd"], Doc("sgd is with Nesterov's momentum")] = "adam",
    learning_rate: Annotated[float, Gt(0), Doc("highest learning rate")] = 0.001,
    weight_decay: Annotated[float, Ge(0), Doc("of weights only; decoupled with adam")] = 0.0,
    momentum: Annotated[float, Interval(ge=0, lt=1), Doc("of sgd")] = 0.9,
    clip: Annotated[float, Ge(0), Doc("largest norm of the gradient; 0: any")] = 0.0,
    schedule: Annotated[Literal["constant", "decay", "cosine", "plateau"], Doc("course of the learning rate")] = "constant",
    warm_up: Annotated[int, Ge(0), Unit("epochs"), Doc("linear rise to the learning rate")] = 0,
    decay: Annotated[float, Ge(0), Doc("with decay: the rate is divided by 1 + decay × updates, as in Keras")] = 0.0,
    plateau_factor: Annotated[float, Interval(gt=0, lt=1), Doc("with plateau: what the rate is multiplied by")] = 0.75,
    plateau_patience: Annotated[int, Ge(1), Unit("epochs"), Doc("with plateau: epochs without a lower loss")] = 5,
    ema: Annotated[float, Interval(ge=0, lt=1), Doc("decay of a moving average of the weights, then kept; 0: off")] = 0.0,
    choose: Annotated[
        Literal["validation_loss", "validation_accuracy", "last"], Doc("which epoch's weights are kept")
    ] = "validation_loss",
    patience: Annotated[int, Ge(0), Unit("epochs"), Doc("stop after so many epochs without a better one; 0: never")] = 0,
    smoke: Annotated[bool, Doc("one epoch of eight batches, to show that it runs")] = False,
) -> Fitted:
    """Train `model` and leave the chosen epoch's weights in it, on `place.device`, in evaluation mode.

    Seeds torch's global generator, which dropout draws from. Continues from `place.checkpoint` if that is of this very
    training. Early stopping, plateaus and the choice of the epoch look at the validation part alone.

    Raises:
        StepError: the loss is no longer finite, memory does not suffice, or a validation part is needed and empty.
        UsageError: the loss does not fit the network.
    """
    settings = {name: value for name, value in locals().items() if name not in ("model", "data", "place")}
    if not len(data.validation) and (choose != "last" or patience or schedule == "plateau"):
        raise StepError(
            "the validation part is empty", "Give it a share in the split, or set choose = 'last' and patience = 0."
        )
    train, validation = stratified(data.labels, data.train, samples, place.seed), data.validation
    if smoke:
        epochs = 1
        train, validation = (stratified(data.labels, part, 8 * batch, place.seed) for part in (train, validation))
    if not shuffle and order == "by_class":
        train = train[np.argsort(data.labels[train], kind="stable")]
    device = torch.device(place.device)
    parts = [Part.of(data.samples, data.labels, part, device) for part in (train, validation)]
    levels = data.scale(train)
    scale = levels if standardise else Standardise(0.0, 1.0)
    batches = math.ceil(len(train) / batch)
    rates = Schedule(schedule, learning_rate, epochs * batches, warm_up * batches, decay, plateau_factor, plateau_patience)
    target = loss_of(loss, model, label_smoothing)
    recipe = Recipe(batch, shuffle, AUGMENTATIONS[augment], mixup, target, clip, ema, scale, rates)
    to_device(model, place.device)
    state = State(model, optimizer_of(model, optimizer, weight_decay, momentum), copy.deepcopy(model) if ema else None)
    checkpoint = Checkpoint(place.checkpoint, _identity(state, parts, place, settings))
    news = checkpoint.load(state)
    place.progress(len(state.rows) * batches, rates.updates, news)
    with _reproducible(device):
        while len(state.rows) < epochs and not _enough(state.rows, place, choose, patience):
            _one_epoch(state, recipe, parts, place, choose)
            checkpoint.save(state)
    model.load_state_dict(state.best)
    model.eval()
    history = {
        "epochs": state.rows,
        "chosen": chosen(state.rows, choose) + 1,
        "chosen_by": choose,
        "stopped": len(state.rows) if len(state.rows) < epochs else None,
        "smoke": smoke,
        "loss": loss,
        "order": "shuffled" if shuffle else order,
        "samples": {"train": len(train), "validation": len(validation)},
        "standardise": scale.told(),
        "levels": levels.told() if data.samples.dtype == np.uint8 else None,
    }
    return Fitted(history, scale)


def _enough(rows: Sequence[Mapping[str, Any]], place: Place, choose: Choose, patience: int) -> bool:
    """Whether the training ends early: nothing gets better, or its place has seen enough."""
    return bool(rows) and (place.stop(rows) or 0 < patience <= waited(rows, choose))


def _one_epoch(state: State, recipe: Recipe, parts: Sequence[Part], place: Place, choose: Choose) -> None:
    """Train, validate, take note, and keep the weights if they are the best so far."""
    epoch, updates = len(state.rows) + 1, recipe.schedule.updates

    def tell(update: int) -> None:
        if update % max(1, updates // 1000) == 0:
            place.progress(update, updates, _in_words(state.rows))

    _seed(place.seed, epoch)
    try:
        trained = train_epoch(state, recipe, parts[0], tell)
    except torch.OutOfMemoryError as error:
        raise StepError(f"{place.device} has too little memory for batch = {recipe.batch}", "Lower batch.") from error
    row: dict[str, Any] = {"epoch": epoch, **trained, **validate(state.judged(), recipe.standardise, parts[1])}
    losses = [row[name] for name in ("train_loss", "validation_loss") if row[name] is not None]
    if not all(map(math.isfinite, losses)):
        raise StepError(
            f"training diverged in epoch {epoch}: loss {losses[0]:g}, learning rate {row['learning_rate']:g}",
            "Lower learning_rate, lengthen warm_up, or limit the gradient with clip = 1.0.",
        )
    state.rows.append(row)
    if chosen(state.rows, choose) == epoch - 1:
        state.best = {name: value.clone() for name, value in state.judged().state_dict().items()}
    place.progress(epoch * math.ceil(len(parts[0]) / recipe.batch), updates, _in_words(state.rows))


def chosen(rows: Sequence[Mapping[str, Any]], choose: Choose) -> int:
    """Index of the epoch whose weights are kept; the earliest of equal ones."""
    if choose == "last":
        return len(rows) - 1
    sign = 1 if choose == "validation_loss" else -1
    return min(range(len(rows)), key=lambda i: sign * rows[i][choose])


def waited(rows: Sequence[Mapping[str, Any]], choose: Choose) -> int:
    """Epochs since the best one; with "last" since that of the lowest validation loss."""
    return len(rows) - 1 - chosen(rows, "validation_loss" if choose == "last" else choose) if rows else 0


def stratified(labels: np.ndarray, part: np.ndarray, count: int, seed: int) -> np.ndarray:
    """`count` samples of a part in the order of the part, each class in proportion; all of them if `count` is 0.

    The samples of a smaller count are among those of a larger one.
    """
    if not count or count >= len(part):
        return part
    shuffled = np.random.default_rng(seed).permutation(len(part))
    labels = labels[part[shuffled]]
    quantile = np.empty(len(part))  # of each sample among those of its class
    for label in np.unique(labels):
        (members,) = np.nonzero(labels == label)
        quantile[members] = (np.arange(len(members)) + 0.5) / len(members)
    return part[np.sort(shuffled[np.argsort(quantile, kind="stable")[:count]])]


def _seed(seed: int, epoch: int) -> None:
    """Seed torch's global generator for an epoch."""
    torch.manual_seed(int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0]))


def _reproducible(device: torch.device) -> AbstractContextManager[None]:
    """Hold cuDNN to deterministic algorithms, without its search for the fastest, whose outcome varies between runs."""
    if device.type != "cuda":
        return nullcontext()
    return torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True)


def _identity(state: State, parts: Sequence[Part], place: Place, settings: Mapping[str, Any]) -> str:
    """Digest of what a checkpoint belongs to. Device and threads count, because numbers depend on them."""
    network = {name: list(value.shape) for name, value in state.model.state_dict().items()}
    where = [place.device, torch.get_num_threads()]
    contents = [
        hashlib.sha256(values.cpu().numpy().tobytes()).hexdigest() for part in parts for values in (part.samples, part.labels)
    ]
    told = [settings, place.seed, where, network, contents]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _in_words(rows: Sequence[Mapping[str, Any]]) -> str:
    """The last epoch for a progress bar."""
    if not rows:
        return ""
    row, part = rows[-1], "train" if rows[-1]["validation_loss"] is None else "validation"
    return f"epoch {row['epoch']}: {part} loss {row[f'{part}_loss']:.3f}, accuracy {100 * row[f'{part}_accuracy']:.1f} %"
