"""The stored networks of an experiment: what they say of samples, and how unlike their training part samples are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from reportgen.applying.answers import Bar, Bars
from reportgen.applying.finding import Found
from reportgen.applying.unlikeness import Measured, directed, drawn, measured, pattern
from reportgen.core import TRAIN, VALIDATION, Explained
from reportgen.errors import UsageError
from reportgen.figures._style import looks
from reportgen.networks import Standardise, as_input, predict
from reportgen.outputs import Inputs
from reportgen.steps._frozen import seen
from reportgen.steps.evaluate import rebuilt
from reportgen.words import NO_BREAK, counted, listing, percent

DEVICE = "cpu"
"""A few samples need no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One trained network."""

    about: Mapping[str, str]  # experiment, seed and, of recordings, fold
    model: nn.Module
    standardise: Standardise
    fold: int  # index into the first axis of `parts`


@dataclass(frozen=True, slots=True)
class Networks:
    """All networks of an experiment, and the samples that they learned from."""

    inputs: Inputs
    each: tuple[Network, ...]  # in the order of the build; the first one explains
    classes: tuple[str, ...]

    def probabilities(self, samples: np.ndarray) -> np.ndarray:
        """(network, sample, class) of samples as they are stored."""
        logits = [predict(one.model, samples, one.standardise, DEVICE) for one in self.each]
        return torch.from_numpy(np.stack(logits)).double().softmax(-1).numpy()

    def explained(self, samples: np.ndarray, labels: np.ndarray) -> Explained:
        """Samples as an explainer is given them, without others to compare with."""
        standardise = self.each[0].standardise
        return Explained(
            x=standardise(as_input(torch.from_numpy(np.array(samples)))),
            images=np.array(samples),
            labels=labels,
            classes=self.classes,
            ids=np.arange(len(samples)),
            standardise=standardise,
        )

    def part(self, part: int) -> np.ndarray:
        """(sample,) int: where the samples of a part of the first network's fold lie, up to 2,000 by lot."""
        parts = np.atleast_2d(self.inputs.one("parts"))[self.each[0].fold]
        return drawn(np.flatnonzero(parts == part), seed=part)

    def measures(self, samples: np.ndarray, subject: np.ndarray | None = None) -> tuple[Measured, ...]:
        """How far samples lie from the training part of the first network.

        Args:
            samples: as they are stored.
            subject: (sample,) of all stored samples, where people are known. Activations of people that a network has
                learned from do not tell how far those of others usually lie: they are left out then.
        """
        train, validation = self.part(TRAIN), self.part(VALIDATION)
        if not len(train):
            return ()
        whose = None if subject is None else (subject[train], subject[validation])
        stored = self.inputs.one("samples")
        mine, theirs, others = (self.standard(x) for x in (samples, stored[train], stored[validation]))
        found = [measured("its pattern", pattern(mine), pattern(theirs), pattern(others), whose)]
        known = whose is not None and np.isin(whose[1], whose[0]).any()
        views = [self._seen(x) for x in (samples, stored[train], stored[validation])]
        if not known and all(view is not None for view in views):
            mine, theirs, others = (directed(view) for view in views if view is not None)
            found.append(measured("what the network makes of it", mine, theirs, others, whose))
        return tuple(found)

    def standard(self, samples: np.ndarray) -> np.ndarray:
        """(sample, number) as the first network takes them."""
        x = torch.from_numpy(np.array(samples, dtype=np.float32))
        if not len(x):
            return np.empty((0, int(np.prod(samples.shape[1:]))))
        return self.each[0].standardise(as_input(x)).flatten(1).double().numpy()

    def _seen(self, samples: np.ndarray) -> np.ndarray | None:
        first = self.each[0]
        if not len(samples):
            samples = np.zeros((1, *samples.shape[1:]), np.float32)
            found = seen(first.model, first.standardise, samples, DEVICE)
            return None if found is None else found[:0]
        return seen(first.model, first.standardise, np.array(samples, np.float32), DEVICE)


def networks_of(found: Found) -> Networks:
    """Build the networks again and fill them with what was stored.

    Raises:
        UsageError: an output is gone or was changed, or a setting does not fit the network any more.
    """
    kinds = ("facts", "samples", "labels", "parts", "features", "rows", "model", "weights", "history")
    inputs = found.outputs(*kinds)
    each = []
    for about in found.about("weights"):
        one = {word: about[word] for word in ("experiment", "seed", "fold") if word in about}
        try:
            model, standardise = rebuilt(inputs, **one)
        except (TypeError, RuntimeError) as error:
            fault = f"the stored network of experiment '{found.name}' does not fit its code any more: {error}"
            raise UsageError(" ".join(fault.split())[:300], "Run `reportgen build`: it is trained anew.") from error
        each.append(Network(about=about, model=model.eval(), standardise=standardise, fold=int(about.get("fold", 0))))
    classes = inputs.one("features" if "features" in inputs else "facts", **_whose(found, inputs))["classes"]
    return Networks(inputs, tuple(each), tuple(classes))


def _whose(found: Found, inputs: Inputs) -> dict[str, str]:
    return {} if "features" in inputs else {"dataset": found.dataset}


def bars(classes: Sequence[str], probabilities: np.ndarray, networks: int, over: str) -> Bars:
    """The confidence in each class, the likeliest first.

    Args:
        classes: their names.
        probabilities: (network, class), summed to one.
        networks: how many there are.
        over: what was averaged beside networks: "" or "12 windows".
    """
    mean = probabilities.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    colours = [look.colour for look in looks(classes)]
    rows = tuple(
        Bar(
            name=classes[i],
            share=float(mean[i]),
            told=percent(float(mean[i])),
            spread=_range(probabilities[:, i]) if networks > 1 else "",
            colour=colours[i],
        )
        for i in order
    )
    averaged = listing([counted(networks, "network"), *([over] if over else [])]) if networks > 1 or over else ""
    return Bars(
        caption=f"Confidence in each class{f', mean over {averaged}' if averaged else ''}.",
        what="class",
        number="confidence",
        spread="lowest to highest of the networks" if networks > 1 else "",
        rows=rows,
    )


def _range(values: np.ndarray) -> str:
    low, high = (percent(float(value)) for value in (values.min(), values.max()))
    return low if low == high else f"{low.removesuffix(f'{NO_BREAK}%')}–{high}"


def agreement(classes: Sequence[str], probabilities: np.ndarray) -> tuple[str, ...]:
    """A warning where the networks (network, class) disagree on the class."""
    said = probabilities.argmax(axis=1)
    top = int(probabilities.mean(axis=0).argmax())
    if (said == top).all():
        return ()
    count = {classes[i]: int((said == i).sum()) for i in dict.fromkeys(said.tolist())}
    told = listing([f"{name} ({n} of {len(said)})" for name, n in sorted(count.items(), key=lambda item: -item[1])])
    return (f"The networks disagree, and say {told}.",)


def answer_of(classes: Sequence[str], probabilities: np.ndarray) -> str:
    """`happy, 82 %`, of (network, class)."""
    mean = probabilities.mean(axis=0)
    return f"{classes[int(mean.argmax())]}, {percent(float(mean.max()))}"
