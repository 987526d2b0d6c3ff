"""S1's GAN: two dense networks, trained by Adam on binary cross-entropy.

What project S1 says of its GAN on SEED: Adam with 2e-4 for generator and discriminator, binary cross-entropy, 30 epochs, a
batch of 32, trials interpolated to 50 s, and curves of G_loss, D_loss and the discriminator's accuracy. Its code was never
published: the layers here are ours, as is that both networks are told the class, since S1 made emotional EEG. The last
epoch is kept, as nothing is said of a choice.
"""

from typing import Annotated, Literal

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Ge, Gt, Unit
from torch import Tensor, nn
from torch.nn import functional

from reportgen.core import Place
from reportgen.errors import UsageError
from reportgen.generators._adversarial import Game, made, play
from reportgen.generators._adversarial_rules import Critic, CrossEntropy, Views
from reportgen.generators._adversarial_state import seed
from reportgen.generators._demands import classes_of, result
from reportgen.generators._scale import Scale
from reportgen.synthetic import Domain, Learnable, Made

BIBTEX = """@inproceedings{goodfellow2014gan,
  author = {Goodfellow, Ian and Pouget-Abadie, Jean and Mirza, Mehdi and Xu, Bing and Warde-Farley, David and Ozair, Sherjil
    and Courville, Aaron and Bengio, Yoshua},
  title = {Generative adversarial nets},
  booktitle = {Advances in Neural Information Processing Systems},
  volume = {27},
  year = {2014}
}"""

_SLOPE = 0.2  # of leaky rectifiers below zero
_BETAS = (0.9, 0.999)  # Adam's own, as Keras has them


class _Conditions(nn.Module):
    """(sample, condition) one-hot of the class, and beside it of the channel: conditions are class × channels + channel."""

    def __init__(self, classes: int, channels: int) -> None:
        super().__init__()
        self.classes, self.channels = classes, channels

    @property
    def size(self) -> int:
        return self.classes + (self.channels if self.channels > 1 else 0)

    def forward(self, conditions: Tensor) -> Tensor:
        """Of (sample,) int64."""
        hot = [functional.one_hot(conditions // self.channels, self.classes)]
        if self.channels > 1:
            hot.append(functional.one_hot(conditions % self.channels, self.channels))
        return torch.cat(hot, 1).float()


class _Generator(nn.Module):
    """Samples (sample, …) of conditions (sample,): noise through two hidden layers."""

    def __init__(self, shape: tuple[int, ...], conditions: _Conditions, noise: int, units: int) -> None:
        super().__init__()
        self.shape, self.noise, self.conditions = shape, noise, conditions
        self.hidden = nn.Linear(noise + conditions.size, units // 2)
        self.wide = nn.Linear(units // 2, units)
        self.output = nn.Linear(units, int(np.prod(shape)))

    def forward(self, conditions: Tensor) -> Tensor:
        """Of (sample,) int64, with fresh noise."""
        noise = torch.randn(len(conditions), self.noise, device=conditions.device)
        x = torch.cat([noise, self.conditions(conditions)], 1)
        for layer in (self.hidden, self.wide):
            x = functional.leaky_relu(layer(x), _SLOPE)
        return self.output(x).reshape(-1, *self.shape)  # type: ignore[no-any-return]


class _Discriminator(Critic):
    """Log-odds (sample,) that a sample of a condition is real."""

    def __init__(self, shape: tuple[int, ...], conditions: _Conditions, units: int) -> None:
        super().__init__()
        self.conditions = conditions
        self.wide = nn.Linear(int(np.prod(shape)) + conditions.size, units)
        self.hidden = nn.Linear(units, units // 2)
        self.output = nn.Linear(units // 2, 1)

    def judge(self, views: Views, labels: Tensor) -> Tensor:
        """Of the samples themselves."""
        x = torch.cat([views[0].flatten(1), self.conditions(labels)], 1)
        for layer in (self.wide, self.hidden):
            x = functional.leaky_relu(layer(x), _SLOPE)
        return self.output(x)[:, 0]  # type: ignore[no-any-return]


def generate(
    known: Learnable,
    place: Place,
    *,
    channels: Annotated[
        Literal["together", "one"], Doc("what a sample of the networks is: the whole sample, or one channel of it")
    ] = "together",
    epochs: Annotated[int, Ge(1), Unit("epochs"), Doc("passes over the training part")] = 30,
    batch: Annotated[int, Ge(2), Unit("samples"), Doc("samples per update")] = 32,
    learning_rate: Annotated[float, Gt(0), Doc("of both networks")] = 0.0002,
    noise: Annotated[int, Ge(1), Unit("numbers"), Doc("that a sample is made from")] = 100,
    units: Annotated[int, Ge(2), Unit("units"), Doc("of the widest hidden layer; the other one has half as many")] = 256,
    most: Annotated[int, Ge(1), Unit("weights"), Doc("that a layer may have")] = 20_000_000,
) -> Made:
    """Train both networks and make the wanted samples.

    With `channels` = "one" the networks are told the channel too, and samples are put together from channels that were drawn
    independently of each other.

    Raises:
        UsageError: a layer would have more than `most` weights, or single channels are asked for and samples have none.
    """
    domain, apart = known.domain, channels == "one"
    shape, count = _unit(domain, apart), domain.shape[0] if apart else 1
    _affordable(domain, shape, units, most, apart)
    scale = Scale.of(known)
    seed(place.seed, 0)
    told = [_Conditions(len(domain.classes), count) for _ in range(2)]
    train, validation = (
        (scale.there(part.x).reshape(-1, *shape), _each(classes_of(part.labels), count))
        for part in (known.train, known.validation)
    )
    game = Game(
        generator=_Generator(shape, told[0], noise, units),
        critic=_Discriminator(shape, told[1], units),
        rule=CrossEntropy(),
        train=train[0],
        conditions=train[1],
        validation=validation[0],
        validation_conditions=validation[1],
        epochs=epochs,
        batch=batch,
        critic_updates=1,
        rates=(learning_rate, learning_rate),
        betas=_BETAS,
        average=0.0,
        choice=None,
        finish=scale.back,
    )
    played = play(game, place)
    if played.diverged:
        return result(known, played, scale, None)
    drawn = made(played.generator, _each(classes_of(known.wanted), count), place)
    return result(known, played, scale, scale.back(drawn.reshape(-1, *domain.shape)))


def _unit(domain: Domain, apart: bool) -> tuple[int, ...]:
    """Shape of what the networks take for a sample."""
    if apart and domain.axes[0] != "channel":
        raise UsageError(
            f'gan_dense: with channels = "one" it makes samples such as 62 × 128 (channel, time), not {domain.told}',
            'Set channels = "together", or let the features end with `windows` or `differential_entropy`.',
        )
    return domain.shape[1:] if apart else domain.shape


def _affordable(domain: Domain, shape: tuple[int, ...], units: int, most: int, apart: bool) -> None:
    weights = units * int(np.prod(shape))
    if weights > most:
        told = f"{domain.shape[-1]} ({domain.axes[-1]}) of one channel" if apart else domain.told
        raise UsageError(
            f"gan_dense: a dense layer from {units} units to {told} has {_millions(weights)} weights, more than"
            f" most = {_millions(most)}",
            ("" if apart or domain.axes[0] != "channel" else 'Set channels = "one", or ')
            + "resample the signals or take shorter windows first.",
        )


def _millions(weights: int) -> str:
    return f"{weights / 1e6:.0f} million" if weights >= 1_000_000 else f"{weights:,}"


def _each(labels: Tensor, channels: int) -> Tensor:
    """(sample × channel,) int64: class × channels + channel, of every channel of every sample."""
    return (labels[:, None] * channels + torch.arange(channels)).reshape(-1)
