"""A generator and a critic learn from each other: the training that all adversarial generators share.

Whatever is random in an epoch follows from (seed, epoch) alone, so that a training that was killed and continued ends in
the same bytes as an undisturbed one, on the same device with the same number of threads. The host waits for the device
once an epoch.
"""

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Adam

from reportgen.checkpoints import Checkpoint
from reportgen.core import Place
from reportgen.errors import StepError
from reportgen.generators._adversarial_rules import TOLD, Critic, Rule, Views
from reportgen.generators._adversarial_state import Duel, identity, reproducible, seed, table
from reportgen.generators._choosing import Choice

_CHUNK = 256  # samples made at once
_LOOKS = 60  # at the validation part, at most
_SAMPLING = 2**31  # seeds of samples: apart from those of epochs


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """Who plays, by which rules, and for how long."""

    generator: nn.Module  # (sample,) int conditions -> (sample, …); draws its noise from torch's global generator
    critic: Critic
    rule: Rule
    train: Tensor  # (sample, …) in the generator's units
    conditions: Tensor  # (sample,) int64: the class of each, or the class and the channel
    validation: Tensor  # (sample, …): only judged, to see whether the critic knows the training part by heart
    validation_conditions: Tensor
    epochs: int
    batch: int
    critic_updates: int  # for each of the generator
    rates: tuple[float, float]  # learning rates of generator and critic
    betas: tuple[float, float]
    average: float  # decay of the moving average of the generator, which is kept; 0: none
    choice: Choice | None  # None: the last epoch is kept
    finish: Callable[[Tensor], np.ndarray]  # generator's output -> samples as features give them
    settings: Mapping[str, Any] = field(default_factory=dict)  # whatever else a checkpoint is recognised by

    @property
    def batches(self) -> int:
        """Of an epoch."""
        return math.ceil(len(self.train) / self.batch)

    @property
    def look(self) -> int:
        """Epochs from one look at the validation part to the next."""
        return math.ceil(self.epochs / _LOOKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a game leaves; its generator is in the state that was chosen."""

    generator: nn.Module
    course: dict[str, Any]
    model: dict[str, Any]
    diverged: str


def play(game: Game, place: Place) -> Played:
    """Train both networks on `place.device`, and keep the chosen epoch's generator.

    Raises:
        StepError: memory does not suffice.
    """
    device = torch.device(place.device)
    state = _state(game, device)
    told = {name: getattr(game, name) for name in ("epochs", "batch", "critic_updates", "rates", "betas", "average")}
    checkpoint = Checkpoint(
        place.checkpoint,
        identity(state, (game.train, game.conditions, game.validation), place, told | dict(game.settings)),
    )
    start = _compared(state, game, place)
    news = checkpoint.load(state)
    model = _tables(state.model, game, device)
    place.progress(len(state.rows) * game.batches, game.epochs * game.batches, news)
    diverged = ""
    try:
        with reproducible(device):
            real = _Real.of(game, state.model["critic"], device)
            while len(state.rows) < game.epochs and not diverged and not (state.rows and place.stop(state.rows)):
                diverged = _one_epoch(state, game, real, place)
                if not diverged:
                    checkpoint.save(state)
        course = _course(state, game, start, diverged)
        generator = state.judged() if not state.best else _with(state.judged(), state.best)
        if not diverged:
            course["judged"] = _judged(state.model["critic"], generator, game, place)
    except torch.OutOfMemoryError as error:
        raise StepError(f"{place.device} has too little memory for batch = {game.batch}", "Lower batch.") from error
    return Played(generator=generator, course=course, model=model, diverged=diverged)


@torch.no_grad()
def made(generator: nn.Module, conditions: np.ndarray | Tensor, place: Place, stream: int = 0) -> Tensor:
    """(sample, …) on the CPU: samples of these conditions, always the same ones of a seed and a stream."""
    seed(place.seed, _SAMPLING + stream)
    wanted = torch.as_tensor(conditions, dtype=torch.int64, device=place.device)
    generator.eval()
    return torch.cat([generator(chunk).float().cpu() for chunk in torch.split(wanted, _CHUNK)])


@dataclass(frozen=True, slots=True)
class _Real:
    """The training part as the critic sees it, on the device."""

    views: Views
    conditions: Tensor

    @classmethod
    @torch.no_grad()
    def of(cls, game: Game, critic: Any, device: torch.device) -> "_Real":
        chunks = [critic.views(chunk.to(device)) for chunk in torch.split(game.train, _CHUNK)]
        return cls([torch.cat(parts) for parts in zip(*chunks, strict=True)], game.conditions.to(device))


def _state(game: Game, device: torch.device) -> Duel:
    both = nn.ModuleDict({"generator": game.generator, "critic": game.critic}).to(device)
    generator, critic = both["generator"], both["critic"]
    return Duel(
        model=both,
        optimizer=Adam((values for values in generator.parameters() if values.requires_grad), game.rates[0], game.betas),
        average=copy.deepcopy(generator) if game.average else generator,
        critic_optimizer=Adam(critic.parameters(), game.rates[1], game.betas),
    )


def _tables(both: nn.ModuleDict, game: Game, device: torch.device) -> dict[str, Any]:
    """The layers of both, by one sample."""
    one = torch.zeros(1, dtype=torch.int64, device=device)
    sample = game.train[:1].to(device)
    return {
        "generator": table(both["generator"], lambda: both["generator"](one)),
        "discriminator": table(both["critic"], lambda: both["critic"](sample, one)),
    }


def _one_epoch(state: Duel, game: Game, real: _Real, place: Place) -> str:
    """Train, take note, and keep the generator if it is the best so far; what went wrong, if something did."""
    epoch, total = len(state.rows) + 1, game.epochs * game.batches
    seed(place.seed, epoch)
    told, losses = _updates(state, game, real, lambda update: _tell(place, update, total, state.rows))
    loss, *rest = [*losses.tolist(), *told.tolist()]
    row: dict[str, Any] = {"epoch": epoch, "generator_loss": loss, **dict(zip(TOLD, rest, strict=True))}
    wrong = not all(map(math.isfinite, (loss, row["discriminator_loss"])))
    row = {name: value if math.isfinite(value) else None for name, value in row.items()} | {"spectrum": None, "mmd": None}
    state.rows.append(row)
    if wrong:
        return f"epoch {epoch}: a loss is no longer a finite number"
    if game.choice is None or (epoch % game.look and epoch != game.epochs):
        return ""
    measured = _compared(state, game, place)
    if measured is None or not all(map(math.isfinite, measured.values())):
        return f"epoch {epoch}: generated samples hold values that are no numbers"
    row |= measured
    if _chosen(state.rows, game.choice) == epoch:
        state.best = {name: value.clone() for name, value in state.judged().state_dict().items()}
    return ""


def _compared(state: Duel, game: Game, place: Place) -> dict[str, float] | None:
    """The generator's samples beside the validation part, from the same noise each time; None without such a part."""
    if game.choice is None:
        return None
    return game.choice.measure(game.finish(made(state.judged(), game.choice.labels, place, 1)))


def _updates(state: Duel, game: Game, real: _Real, tell: Callable[[int], None]) -> tuple[Tensor, Tensor]:
    """A pass of the critic over the training part; (numbers of TOLD, generator's loss (1,)), means over the updates."""
    generator: nn.Module = state.model["generator"]
    critic: Any = state.model["critic"]
    device, count = real.conditions.device, len(real.conditions)
    state.model.train()
    told, losses, turns = torch.zeros(len(TOLD), device=device), torch.zeros(1, device=device), 0
    batches = torch.split(torch.randperm(count, device=device), game.batch)
    for update, index in enumerate(batches, len(state.rows) * len(batches) + 1):
        labels = real.conditions[index]
        with torch.no_grad():
            views = critic.views(generator(labels))
        loss, numbers = game.rule.judge(critic, [view[index] for view in real.views], views, labels)
        state.critic_optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        state.critic_optimizer.step()
        told += numbers
        if update % game.critic_updates == 0:
            losses += _fool(state, game, real.conditions[torch.randint(count, (game.batch,), device=device)])
            turns += 1
            if state.average is not generator:
                done = update // game.critic_updates
                _move(state.judged(), generator, min(game.average, (1 + done) / (10 + done)))
        tell(update)
    return told / len(batches), losses / max(turns, 1)


def _fool(state: Duel, game: Game, labels: Tensor) -> Tensor:
    """One update of the generator; its loss, still on the device."""
    critic = state.model["critic"].requires_grad_(False)
    loss = game.rule.fool(critic, state.model["generator"](labels), labels)
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    state.optimizer.step()
    critic.requires_grad_(True)
    return loss.detach()


@torch.no_grad()
def _move(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the average towards the network, buffers included."""
    for mean, value in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        mean.lerp_(value, 1 - decay) if mean.is_floating_point() else mean.copy_(value)


def _tell(place: Place, update: int, total: int, rows: list[dict[str, Any]]) -> None:
    if update % max(1, total // 1000) == 0:
        place.progress(update, total, _in_words(rows))


def _in_words(rows: list[dict[str, Any]]) -> str:
    """The last epoch for a progress bar."""
    if not rows or rows[-1]["generator_loss"] is None:
        return ""
    row = rows[-1]
    return f"epoch {row['epoch']}: generator {row['generator_loss']:.3f}, discriminator {row['discriminator_loss']:.3f}"


def _chosen(rows: list[dict[str, Any]], choice: Choice | None) -> int:
    """Number of the epoch that is kept, the earliest of equal ones; 0 if none is yet."""
    if choice is None:
        return len(rows)
    looked = [row for row in rows if row["mmd"] is not None]
    return int(min(looked, key=choice.badness)["epoch"]) if looked else 0


def _with(network: nn.Module, values: Mapping[str, Tensor]) -> nn.Module:
    network.load_state_dict(values)
    return network


def _course(state: Duel, game: Game, start: dict[str, float] | None, diverged: str) -> dict[str, Any]:
    """Kind `course`; `start` is what `choice` measures before the first update."""
    return {
        "epochs": state.rows,
        "chosen": _chosen(state.rows, game.choice),
        "chosen_by": "last" if game.choice is None else "spectrum and MMD of the validation part",
        "floor": None if game.choice is None else game.choice.floor,
        "start": start,
        "loss": game.rule.loss,
        "batch": game.batch,
        "updates": len(state.rows) * game.batches,
        "diverged": diverged,
        "judged": None,
    }


@torch.no_grad()
def _judged(critic: nn.Module, generator: nn.Module, game: Game, place: Place) -> dict[str, float | None]:
    """Share told right by the last critic: {train, validation, made, noise}.

    Noise is white, with the SD of each number of a training sample. Of a critic that gives no probabilities the threshold
    lies midway between its means on training and on made samples.
    """
    critic.eval()
    seed(place.seed, _SAMPLING + 2)
    noise = torch.randn(game.train.shape) * game.train.std(0, keepdim=True)
    fresh = made(generator, game.conditions, place, 3)
    groups = {
        "train": (game.train, game.conditions),
        "validation": (game.validation, game.validation_conditions),
        "made": (fresh, game.conditions),
        "noise": (noise, game.conditions),
    }
    says = {name: _says(critic, *group, place.device) for name, group in groups.items()}
    threshold = 0.0
    if "Wasserstein" in game.rule.loss:
        threshold = (says["train"].mean().item() + says["made"].mean().item()) / 2
    return {
        name: (((values > threshold) == (name in ("train", "validation"))).float().mean().item() if len(values) else None)
        for name, values in says.items()
    }


def _says(critic: nn.Module, x: Tensor, conditions: Tensor, device: str) -> Tensor:
    """(sample,) on the CPU."""
    parts = zip(torch.split(x, _CHUNK), torch.split(conditions, _CHUNK), strict=True)
    said = [critic(part.to(device), labels.to(device)).cpu() for part, labels in parts if len(part)]
    return torch.cat([torch.zeros(0), *said])
