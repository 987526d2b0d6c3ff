"""Step: hold the maps of one explainer against controls, planted regions, and maps of the network drawn anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from reportgen import plugins
from reportgen.core import Explained
from reportgen.judging.controls import control_maps
from reportgen.judging.faithfulness import Asked, faithfulness
from reportgen.judging.localisation import localisation
from reportgen.judging.measures import EXPLAINER, Bootstrap
from reportgen.judging.randomisation import randomisation, randomised
from reportgen.networks import to_device
from reportgen.outputs import Inputs, Out
from reportgen.steps.evaluate import rebuilt
from reportgen.work import Work

CHEAP = 32
"""Passes through the network an image: with no more, an explainer is asked about all images with the network drawn anew."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The explained images that are judged, and how to explain them again."""

    explained: Explained
    predicted: np.ndarray  # (image,) int, by the trained network
    explainer: Mapping[str, Any]  # {"use", "settings"}
    seed: int

    def attribution(self, model: nn.Module, which: np.ndarray, progress: Callable[[int, int], None]) -> np.ndarray:
        """Maps (image, class, row, column) of another network, for the images `which` (image,) int."""
        one = self.explained
        some = replace(one, x=one.x[which], images=one.images[which], labels=one.labels[which], ids=one.ids[which])
        verb = plugins.verb("explainer", self.explainer["use"])
        return np.asarray(verb(model, some, progress, **self.explainer["settings"])["attribution"].values)

    def beside_controls(self, attribution: np.ndarray, classes: np.ndarray, which: np.ndarray) -> dict[str, np.ndarray]:
        """Maps {"explainer" or control: (image, row, column)} of one class of each image.

        Args:
            attribution: (image, class, row, column) of the images `which`.
            classes: (image,) int, of all images.
            which: (image,) int.
        """
        own = of_class(attribution, classes[which])
        return {EXPLAINER: own, **control_maps(own, self.explained.images[which], self.explained.ids[which], self.seed)}


def run(
    inputs: Inputs,
    out: Out,
    work: Work,
    *,
    explainer: dict[str, Any],
    images: int,
    steps: int,
    percentiles: list[int],
    depths: int,
    randomised_images: int,
    resamples: int,
    seed: int,
) -> None:
    """Judge the maps of all explained images; their faithfulness, which costs most, of `images` of them (0: all).

    Fewer than all are taken evenly over the classes. The explainer, {"use", "settings"}, is asked again for the maps of up
    to `depths` networks whose layers were drawn anew, on up to `randomised_images` images (0: all).
    """
    bootstrap = Bootstrap(resamples, seed)
    model, standardise = rebuilt(inputs)
    to_device(model.eval(), work.device)
    judged = _judged(inputs, standardise, work.device, explainer, seed)
    one, predicted, everyone = judged.explained, judged.predicted, np.arange(len(judged.predicted))
    attribution = np.asarray(inputs.one("attribution"))

    some = evenly(one.labels, images)
    maps = judged.beside_controls(attribution[some], predicted, some)
    levels = inputs.one("history")["levels"]
    units = {"grey": (levels["mean"] - standardise.mean) / standardise.sd, "sd": levels["sd"] / standardise.sd}
    asked = Asked(model=model, x=one.x[some], classes=predicted[some], ids=one.ids[some], maps=maps, **units)
    progress = _told(work, "images: deletion, insertion, ROAD")
    found = faithfulness(asked, bootstrap, steps=steps, percentiles=percentiles, seed=seed, progress=progress)
    out.json("faithfulness", found)

    few = evenly(one.labels, randomised_images)
    stages, drawn_anew, which = cascade(judged, model, few, depths, work)
    own = [(depth, layer, of_class(values, predicted[few])) for depth, layer, values in stages]
    out.json("randomisation", randomisation(of_class(attribution[few], predicted[few]), own, bootstrap))

    if "explained_truth" in inputs:
        truth = np.asarray(inputs.one("explained_truth"))
        maps = judged.beside_controls(attribution, one.labels, everyone)
        other = judged.beside_controls(drawn_anew, one.labels, which), which
        if places := localisation(maps, truth, one.labels, one.classes, bootstrap, randomised=other):
            out.json("localisation", places)


def evenly(labels: np.ndarray, count: int) -> np.ndarray:
    """The first `count` samples (sample,) int in rising order, taken from each class in turn; all for 0."""
    turn = np.zeros(len(labels), int)
    for label in np.unique(labels):
        turn[labels == label] = np.arange((labels == label).sum())
    return np.sort(np.lexsort((labels, turn))[: count or len(labels)])


def of_class(attribution: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The map (image, row, column) of one class of each image, from (image, class, row, column) and (image,) int."""
    return np.asarray(attribution[np.arange(len(classes)), classes])


def cascade(
    judged: Judged, model: nn.Module, few: np.ndarray, depths: int, work: Work
) -> tuple[list[tuple[int, str, np.ndarray]], np.ndarray, np.ndarray]:
    """Maps of the network as its layers are drawn anew.

    Returns:
        (depth, layer, maps (image, class, row, column) of the images `few`) of each stage; maps of the network that is all
        drawn anew; and the images (image,) int that these are of: all images if that is `CHEAP`, otherwise `few`.
    """
    found, passes = [], 0
    for stage in randomised(model, judged.explained.x, depths=depths, seed=judged.seed):
        seen: list[int] = []
        hook = stage.model.register_forward_pre_hook(lambda _, given, seen=seen: seen.append(len(given[0])))
        maps = judged.attribution(stage.model, few, _told(work, f"images: {stage.depth} layers drawn anew"))
        hook.remove()
        found.append((stage.depth, stage.layer, maps))
        passes = sum(seen)
    everyone = np.arange(len(judged.explained.ids))
    if passes > CHEAP * len(few) or len(few) == len(everyone):
        return found, found[-1][2], few
    return found, judged.attribution(stage.model, everyone, _told(work, "images: all layers drawn anew")), everyone


def _told(work: Work, text: str) -> Callable[[int, int], None]:
    return lambda done, total: work.progress(done, total, text)


def _judged(inputs: Inputs, standardise: Any, device: str, explainer: Mapping[str, Any], seed: int) -> Judged:
    """The explained images; there are no reference samples, since class means are not judged."""
    said = inputs.one("explained")
    images = np.array(inputs.one("explained_samples"))
    labels, predicted, ids = (np.array([row[name] for row in said]) for name in ("label", "predicted", "sample"))
    x = standardise(torch.from_numpy(images).to(device).unsqueeze(1))  # (image, channel, row, column)
    classes = tuple(inputs.one("facts")["classes"])
    return Judged(Explained(x, images, labels, classes, ids, standardise), predicted, explainer, seed)
