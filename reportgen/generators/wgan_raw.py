"""Conditional WGAN-GP on raw signals: octaves that are raised without aliases, and a critic that hears the spectrum.

Gulrajani et al. 2017 with a projection critic (Miyato and Koyama 2018). A window is loud or quiet in each octave and channel
as a point of a mixture of normal distributions says (Gurumurthy et al. 2017, DeLiGAN); noise of the right spectrum and
correlation between channels is played as loud as that. Clusters, spectra and correlations start from the training part, see
_octaves.py: what the adversaries add is on top of it, and the course says how near the start is. The critic hears differences
from sample to sample, log power in bands, and of each channel how it swells, how skewed and how peaked it is.
"""

from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Gt, Interval, Unit

from reportgen.core import Place
from reportgen.generators._adversarial import Game, made, play
from reportgen.generators._adversarial_rules import Wasserstein
from reportgen.generators._adversarial_state import seed
from reportgen.generators._choosing import Choice
from reportgen.generators._demands import classes_of, demand, result
from reportgen.generators._listening import SignalCritic
from reportgen.generators._octaves import OctaveGenerator
from reportgen.generators._scale import Scale
from reportgen.synthetic import Learnable, Made

BIBTEX = """@inproceedings{gulrajani2017improved,
  author = {Gulrajani, Ishaan and Ahmed, Faruk and Arjovsky, Martin and Dumoulin, Vincent and Courville, Aaron},
  title = {Improved training of {Wasserstein} {GANs}},
  booktitle = {Advances in Neural Information Processing Systems},
  volume = {30},
  year = {2017}
}"""


def generate(
    known: Learnable,
    place: Place,
    *,
    epochs: Annotated[int, Ge(1), Unit("epochs"), Doc("passes over the training part")] = 40,
    batch: Annotated[int, Ge(2), Unit("samples"), Doc("samples per update")] = 32,
    learning_rate: Annotated[float, Gt(0), Doc("of the generator")] = 0.0005,
    critic_rate: Annotated[float, Gt(0), Doc("learning rate of the critic")] = 0.0005,
    critic_updates: Annotated[int, Ge(1), Unit("updates"), Doc("of the critic for each of the generator")] = 3,
    penalty: Annotated[float, Gt(0), Doc("weight of the gradient penalty")] = 10.0,
    cluster: Annotated[int, Ge(2), Unit("samples"), Doc("of a class that share a cluster of latent numbers, on average")] = 6,
    maps: Annotated[int, Ge(1), Unit("maps"), Doc("of the convolutions along time, in each network")] = 32,
    units: Annotated[int, Ge(1), Unit("units"), Doc("of the dense layers")] = 128,
    average: Annotated[float, Interval(ge=0, lt=1), Doc("decay of a moving average of the generator, which is kept")] = 0.99,
) -> Made:
    """Train both networks and make the wanted samples.

    Raises:
        UsageError: the samples are no signals.
    """
    domain = known.domain
    demand("wgan_raw", domain, {("channel", "time"): (62, 128)}, "signals", "Let the features end with `windows`.")
    scale, classes = Scale.of(known), len(domain.classes)
    train, validation = (scale.there(part.x) for part in (known.train, known.validation))
    seed(place.seed, 0)
    labels = known.train.labels
    generator = OctaveGenerator.started(train.numpy(), labels, classes, size=cluster, style=units, maps=maps, seed=place.seed)
    game = Game(
        generator=generator,
        critic=SignalCritic(train, classes, maps, units),
        rule=Wasserstein(penalty),
        train=train,
        conditions=classes_of(known.train.labels),
        validation=validation,
        validation_conditions=classes_of(known.validation.labels),
        epochs=epochs,
        batch=batch,
        critic_updates=critic_updates,
        rates=(learning_rate, critic_rate),
        betas=(0.0, 0.9),
        average=average,
        choice=Choice.of(known),
        finish=scale.back,
        settings={"penalty": penalty},
    )
    played = play(game, place)
    x = None if played.diverged else scale.back(made(played.generator, np.asarray(known.wanted), place))
    return result(known, played, scale, x)
