"""What adversarial generators say to samples that they cannot make, and what they give back."""

import numpy as np
import torch
from torch import Tensor

from reportgen.errors import UsageError
from reportgen.generators._adversarial import Played
from reportgen.generators._scale import Scale
from reportgen.synthetic import Domain, Learnable, Made


def demand(generator: str, domain: Domain, makes: dict[tuple[str, ...], tuple[int, ...]], kind: str, remedy: str) -> None:
    """Take samples of these axes only.

    Args:
        generator: its id.
        domain: of the samples.
        makes: {axes: an example of a shape} that it can make.
        kind: what those are in one word.
        remedy: which features have them.

    Raises:
        UsageError: the samples have other axes; the message has both shapes.
    """
    if domain.axes not in makes:
        examples = " or ".join(f"{' × '.join(map(str, shape))} ({', '.join(axes)})" for axes, shape in makes.items())
        raise UsageError(f"{generator} makes {kind} such as {examples}, not {domain.told}", remedy)


def classes_of(labels: np.ndarray) -> Tensor:
    """(sample,) int64."""
    return torch.from_numpy(np.array(labels, np.int64))


def result(known: Learnable, played: Played, scale: Scale, x: np.ndarray | None, notes: tuple[str, ...] = ()) -> Made:
    """What a game gives back; samples that are no numbers count as a training that diverged."""
    course, diverged = played.course, played.diverged
    if x is not None and not np.isfinite(x).all():
        diverged = f"epoch {course['chosen']}: generated samples hold values that are no numbers"
        course = course | {"diverged": diverged}
    if diverged or x is None:
        return Made(x=None, course=course, model=played.model, diverged=diverged, notes=notes)
    weights = {f"generator.{name}": value.cpu() for name, value in played.generator.state_dict().items()}
    x = x.reshape(len(known.wanted), *known.domain.shape)
    return Made(x=x, course=course, model=played.model, weights=weights | scale.tensors(), notes=notes)
