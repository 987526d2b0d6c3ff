"""Conditional WGAN-GP on maps of features, such as differential entropy of each channel and band.

Gulrajani et al. 2017 with a projection critic (Miyato and Koyama 2018); Luo and Lu 2018 made differential entropy of SEED
so. The generator draws points of a mixture of normal distributions (Gurumurthy et al. 2017, DeLiGAN) and changes them by a
network. Here the mixture starts from k-means of the training part, because people and days differ: what the adversaries add
is on top of it, and is little where maps are few. Numbers are standardised by medians and quantiles.
"""

from typing import Annotated

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Ge, Gt, Interval, Unit
from torch import Tensor, nn

from reportgen.core import Place
from reportgen.generators._adversarial import Game, made, play
from reportgen.generators._adversarial_rules import Critic, Views, Wasserstein
from reportgen.generators._adversarial_state import seed
from reportgen.generators._choosing import Choice
from reportgen.generators._clusters import Clusters
from reportgen.generators._demands import classes_of, demand, result
from reportgen.generators._scale import Scale
from reportgen.synthetic import Learnable, Made

BIBTEX = """@inproceedings{gulrajani2017improved,
  author = {Gulrajani, Ishaan and Ahmed, Faruk and Arjovsky, Martin and Dumoulin, Vincent and Courville, Aaron},
  title = {Improved training of {Wasserstein} {GANs}},
  booktitle = {Advances in Neural Information Processing Systems},
  volume = {30},
  year = {2017}
}"""

_BEND = 3.0  # SDs: a failed electrode must not be all that counts
_FINE = 0.5  # scale of the second view
_MAKES: dict[tuple[str, ...], tuple[int, ...]] = {
    ("channel", "band"): (62, 5),
    ("frequency", "channel"): (40, 62),
    ("band", "row", "column"): (5, 8, 9),
    ("slice", "band", "row", "column"): (6, 4, 8, 9),
}


class _Residual(nn.Module):
    """x + change of it."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.change = nn.Sequential(nn.Linear(units, units), nn.SiLU(), nn.Linear(units, units))

    def forward(self, x: Tensor) -> Tensor:
        """(sample, unit)."""
        return x + self.change(x)  # type: ignore[no-any-return]


class _Generator(nn.Module):
    """Maps (sample, …) of classes (sample,): a point of a cluster, and what a network makes of it."""

    def __init__(
        self, train: Tensor, labels: np.ndarray, classes: int, *, size: int, units: int, blocks: int, seed: int
    ) -> None:
        super().__init__()
        self.shape = train.shape[1:]
        flat = train.flatten(1)
        self.clusters = Clusters(flat.numpy(), labels, classes, size, seed)
        self.condition = nn.Embedding(classes, units)
        self.enter = nn.Linear(flat.shape[1], units)
        self.blocks = nn.Sequential(*[_Residual(units) for _ in range(blocks)], nn.SiLU())
        self.output = nn.Linear(units, flat.shape[1])
        self.register_buffer("varies", (flat.std(0) > 0).float())
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, labels: Tensor) -> Tensor:
        """Of (sample,) int64, with fresh noise."""
        point, _ = self.clusters(labels)
        units = self.blocks(self.enter(point) + self.condition(labels))
        return ((point + self.output(units)) * self.varies).reshape(-1, *self.shape)  # type: ignore[no-any-return]


class _Critic(Critic):
    """One number for each map of a class; the views are the map itself, and the same whitened by what differs in clusters."""

    white: Tensor

    def __init__(self, generator: _Generator, classes: int, units: int, blocks: int) -> None:
        super().__init__()
        around = generator.clusters.around.detach()
        self.register_buffer("white", _FINE * torch.linalg.pinv(around, rtol=1e-2))
        self.enter = nn.Linear(len(around), units)
        self.fine = nn.Linear(len(around), units)
        self.blocks = nn.Sequential(*[_Residual(units) for _ in range(blocks)], nn.SiLU())
        self.output = nn.Linear(units, 1)
        self.condition = nn.Embedding(classes, units)

    def views(self, x: Tensor) -> Views:
        """(sample, number) twice."""
        flat = x.flatten(1)
        return flat, flat @ self.white

    def judge(self, views: Views, labels: Tensor) -> Tensor:
        """(sample,)."""
        x = self.blocks(self.enter(views[0]) + self.fine(views[1]))
        return self.output(x)[:, 0] + (x * self.condition(labels)).mean(1)  # type: ignore[no-any-return]


def generate(
    known: Learnable,
    place: Place,
    *,
    epochs: Annotated[int, Ge(1), Unit("epochs"), Doc("passes over the training part")] = 60,
    batch: Annotated[int, Ge(2), Unit("samples"), Doc("samples per update")] = 64,
    learning_rate: Annotated[float, Gt(0), Doc("of both networks")] = 0.0005,
    critic_updates: Annotated[int, Ge(1), Unit("updates"), Doc("of the critic for each of the generator")] = 5,
    penalty: Annotated[float, Gt(0), Doc("weight of the gradient penalty")] = 10.0,
    cluster: Annotated[int, Ge(2), Unit("samples"), Doc("of a class that share a cluster of latent numbers, on average")] = 6,
    units: Annotated[int, Ge(1), Unit("units"), Doc("of each hidden layer")] = 256,
    blocks: Annotated[int, Ge(0), Unit("blocks"), Doc("of two hidden layers, in each network")] = 2,
    average: Annotated[float, Interval(ge=0, lt=1), Doc("decay of a moving average of the generator, which is kept")] = 0.99,
) -> Made:
    """Train both networks and make the wanted samples.

    Raises:
        UsageError: the samples are no maps.
    """
    domain = known.domain
    demand("wgan_de", domain, _MAKES, "maps", "Let the features end with `differential_entropy` or with a grid of it.")
    scale = Scale.of(known, _BEND)
    train, validation = (scale.there(part.x) for part in (known.train, known.validation))
    seed(place.seed, 0)
    labels, classes = known.train.labels, len(domain.classes)
    generator = _Generator(train, labels, classes, size=cluster, units=units, blocks=blocks, seed=place.seed)
    game = Game(
        generator=generator,
        critic=_Critic(generator, classes, units, blocks),
        rule=Wasserstein(penalty),
        train=train,
        conditions=classes_of(known.train.labels),
        validation=validation,
        validation_conditions=classes_of(known.validation.labels),
        epochs=epochs,
        batch=batch,
        critic_updates=critic_updates,
        rates=(learning_rate, learning_rate),
        betas=(0.0, 0.9),
        average=average,
        choice=Choice.of(known),
        finish=scale.back,
        settings={"penalty": penalty},
    )
    played = play(game, place)
    x = None if played.diverged else scale.back(made(played.generator, np.asarray(known.wanted), place))
    return result(known, played, scale, x)
