"""Fit a map of emotions by parametric t-SNE: the parameters of `fit` by name are a study's table `map`."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

import numpy as np
import torch
from annotated_doc import Doc
from annotated_types import Ge, Gt, Interval, Unit

from reportgen.core import Place
from reportgen.embedding.distinct import Distinct
from reportgen.emotions import pure
from reportgen.errors import StepError
from reportgen.mapping import infonce, vdm2009
from reportgen.mapping.affinities import Graph, graph_of, weights_of
from reportgen.mapping.encoder import Encoder, encoded, stacked, turned
from reportgen.mapping.ensemble import aligned
from reportgen.mapping.orientation import orientation

_FEWEST = 5  # different vectors
_TOLD = 50  # times that a loss is written down for each network
_START = 5.0  # standard deviation along the first principal axis as the map begins, in widths of the kernel


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit leaves."""

    tensors: dict[str, torch.Tensor]  # of all networks, turned the right way round: see encoder.stacked
    course: list[dict[str, Any]]  # {"member", "step", "loss"}
    settings: dict[str, Any]  # as used
    oriented: Literal["affect", "none"]  # by what the map was turned
    notes: list[str]


@dataclass(frozen=True, slots=True)
class _Method:
    """A way to fit a network, with what it needs."""

    learn: Callable[..., Iterator[Callable[[], float]]]
    straight: bool  # whether it has a straight way beside the layers, and scaled input
    hidden: Sequence[int]
    passes: int  # over the different vectors
    steps: int  # at least
    batch: int
    learning_rate: float
    more: Mapping[str, float] = field(default_factory=dict)  # settings that only this one has

    def enough(self, vectors: int) -> int:
        """Steps where the study does not say it: of few vectors, many more would learn them by heart."""
        return max(self.steps, math.ceil(self.passes * vectors / min(self.batch, vectors)))


_METHODS: Mapping[str, _Method] = {
    "infonce": _Method(infonce.learn, True, (96, 96, 96), 150, 100, 256, 0.01),
    "vdm2009": _Method(vdm2009.learn, False, (500, 500, 2000), 90, 240, 500, 0.001),
}


def fit(
    known: Distinct,
    emotions: Sequence[str],
    scale: tuple[float, float],
    place: Place,
    *,
    method: Annotated[
        Literal["infonce", "vdm2009"], Doc("contrastive; or as van der Maaten 2009 and S3: slower, with a larger network")
    ] = "infonce",
    perplexity: Annotated[float, Gt(1), Doc("effective number of different neighbours of a vector")] = 30.0,
    multiplicity: Annotated[
        float, Interval(ge=0, le=1), Doc("a vector that n segments have weighs n to this power: 1 each segment, 0 each vector")
    ] = 0.5,
    hidden: Annotated[
        tuple[int, ...], Doc("widths of the hidden layers; none: 96, 96, 96 with infonce, 500, 500, 2000 with vdm2009")
    ] = (),
    steps: Annotated[
        int, Ge(0), Unit("updates"), Doc("of each network; 0: 150 passes over the vectors with infonce, 90 with vdm2009")
    ] = 0,
    batch: Annotated[int, Ge(0), Unit("vectors"), Doc("per update; 0: 256 with infonce, 500 with vdm2009")] = 0,
    learning_rate: Annotated[float, Ge(0), Doc("the highest; 0: 0.01 with infonce, 0.001 with vdm2009")] = 0.0,
    distances: Annotated[
        float,
        Ge(0),
        Doc("infonce: how much the loss asks that all distances correlate with true ones; 0: neighbours alone count"),
    ] = 0.5,
    members: Annotated[int, Ge(1), Unit("networks"), Doc("of different seeds: where they disagree, a place is uncertain")] = 5,
) -> Fitted:
    """Fit networks that put any intensities on a map, and turn it the right way round.

    `known` are the different vectors of the training part, `scale` is the least and largest intensity. The defaults were chosen
    on simulated ratings and on the published training and development parts of CMU-MOSEI; see benchmarks/README.md.

    Raises:
        StepError: too few different vectors, or a loss that is no number.
    """
    if len(known) < _FEWEST:
        raise StepError(
            f"the training part has {len(known)} different ratings, too few for a map",
            f"At least {_FEWEST} are needed: look at the data set and its split.",
        )
    wanted: dict[str, Any] = {"hidden": hidden, "batch": batch, "learning_rate": learning_rate}
    how = replace(_METHODS[method], **{name: value for name, value in wanted.items() if value})
    how = replace(how, steps=steps or how.enough(len(known)), more={"distances": distances} if method == "infonce" else {})
    vectors, weights = (tensor.to(place.device) for tensor in (torch.as_tensor(known.vectors), weights_of(known, multiplicity)))
    graph = graph_of(vectors, weights, perplexity)
    course: list[dict[str, Any]] = []
    networks = [_network(how, graph, place, (member, members), course) for member in range(members)]
    tensors, by = _oriented(networks, known, emotions, scale)
    settings = {"method": method, "perplexity": graph.perplexity, "multiplicity": multiplicity, "hidden": list(how.hidden)}
    settings |= {
        "steps": how.steps,
        "batch": min(how.batch, len(known)),
        "learning_rate": how.learning_rate,
        **how.more,
        "members": members,
    }
    return Fitted(tensors, course, settings, by, _notes(perplexity, graph.perplexity, by))


def _network(
    how: _Method, graph: Graph, place: Place, number: tuple[int, int], course: list[dict[str, Any]]
) -> dict[str, torch.Tensor]:
    """One network of the ensemble; its losses are written into `course` now and then."""
    member, members = number
    draw = torch.Generator().manual_seed(int(np.random.SeedSequence([place.seed, member]).generate_state(1)[0]))
    encoder = _encoder(graph, how, draw).to(place.device)
    losses = how.learn(encoder, graph, draw, steps=how.steps, batch=how.batch, learning_rate=how.learning_rate, **how.more)
    for step, told in enumerate(losses, start=1):
        if step % max(1, how.steps // _TOLD) == 0 or step == how.steps:
            loss = told()
            if not np.isfinite(loss):
                raise StepError(f"the map's loss is {loss} after {step} steps", "Give it a smaller learning_rate.")
            course.append({"member": member, "step": step, "loss": loss})
            place.progress(
                member * how.steps + step, members * how.steps, f"network {member + 1} of {members}, loss {loss:.3f}"
            )
    return encoder.tensors()


def _encoder(graph: Graph, how: _Method, draw: torch.Generator) -> Encoder:
    """A network that has learned nothing; with a straight way, it begins near the principal plane."""
    x, share = graph.vectors.cpu().double(), graph.weights.cpu().double() / graph.weights.sum().cpu().double()
    if not how.straight:
        return Encoder(torch.zeros(x.shape[1]), 1.0, how.hidden, None, draw)
    mean = share @ x
    centred = (x - mean) * share.sqrt()[:, None]
    scale = float((centred**2).sum().sqrt()) / x.shape[1] ** 0.5  # root mean square of all numbers
    _, lengths, axes = torch.linalg.svd(centred, full_matrices=False)
    axes = axes * torch.sign(axes.gather(1, axes.abs().argmax(dim=1, keepdim=True)))  # the sign of an axis is arbitrary
    return Encoder(mean, scale, how.hidden, axes[:2].T * (_START * scale / lengths[0]), draw)


def _oriented(
    networks: Sequence[Mapping[str, torch.Tensor]], known: Distinct, emotions: Sequence[str], scale: tuple[float, float]
) -> tuple[dict[str, torch.Tensor], Literal["affect", "none"]]:
    """All networks laid on the first one, the mean of the training rows in the middle, and the map turned by its anchors."""
    vectors = torch.as_tensor(known.vectors)
    centres, turns = aligned(encoded(stacked(networks), vectors).double().numpy(), known.weights)
    pairs = list(zip(networks, centres, turns, strict=True))
    level = stacked([turned(one, centre, turn) for one, centre, turn in pairs])
    there = known.vectors.max(axis=0) > np.float32(scale[0])  # where an emotion lies that nobody had is not known
    seen = [name for name, one in zip(emotions, there.tolist(), strict=True) if one]
    plane, anchors = (
        encoded(level, torch.as_tensor(x))[0].double().numpy() for x in (known.vectors, pure(emotions, scale)[there])
    )
    found = orientation(seen, anchors, plane, known.weights)
    return stacked([turned(one, centre, turn @ found.turn) for one, centre, turn in pairs]), found.by


def _notes(wanted: float, used: float, by: str) -> list[str]:
    notes = []
    if used < wanted:
        notes.append(f"There are too few different ratings for a perplexity of {wanted:g}: {used:.3g} is used.")
    if by == "none":
        notes.append("Valence and arousal are known of fewer than two emotions: the map's widest direction lies across.")
    return notes
