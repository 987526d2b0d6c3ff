"""Two ways to LIME explanations of one image: batched and balanced, or the lime package's own."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from lime import lime_image
from lime.lime_image import ImageExplanation

from reportgen.explainers._neighbourhood import Hide, Neighbourhood, Scene, balanced, block, predictor
from reportgen.explainers._surrogate import FactorisedRidge, agreement, surrogate, weights
from reportgen.explainers._variate import steadied

TOP = 5  # superpixels that a reader remembers: stability is about them
_STABLE = 0.85  # mean Jaccard index: of five neighbourhoods, one may differ by one superpixel

Seed = tuple[int, ...]
Drawn = tuple[list[Neighbourhood], list[ImageExplanation]]
"""Neighbourhoods, one a seed, and the explanation of each."""

lime_image.tqdm = iter  # release 0.2.0.1 has no switch for its progress bar


class Fit(Protocol):
    """How a neighbourhood becomes an explanation, of all classes or of some."""

    def __call__(self, scene: Scene, near: Neighbourhood, *, labels: Iterable[int] = ()) -> ImageExplanation: ...


def fast_fit(
    scene: Scene, near: Neighbourhood, *, labels: Iterable[int] = (), kernel_width: float, control_variate: bool
) -> ImageExplanation:
    """The surrogate by one factorisation, of steadied targets if wished."""
    ridge = FactorisedRidge()
    targets = steadied(near, kernel_width, ridge) if control_variate else None
    return surrogate(scene, near, kernel_width, regressor=ridge, labels=labels, targets=targets)


def batched(scene: Scene, seeds: Sequence[Seed], fit: Fit, *, samples: int, adaptive: bool, hide: Hide) -> Drawn:
    """Balanced neighbourhoods of at most `samples` copies, the image itself among them, judged together.

    If `adaptive`, they grow by a balanced block at a time until they agree: until the mean Jaccard index of their five
    strongest superpixels of the predicted class is 0.85. Stopping when the choice is stable is the idea of S-LIME (Zhou,
    Hooker and Wang 2021, doi 10.1145/3447548.3467274); independent replicates take the place of its normal approximation.
    """
    predict = predictor(scene, hide)
    generators = [np.random.default_rng(seed) for seed in seeds]
    whole = np.ones((1, scene.count), bool)
    near = [Neighbourhood(whole, predict(whole))] * len(seeds)
    pairs = (samples - 1) // 2
    step = block(scene.count) if adaptive else pairs
    for drawn in range(0, pairs, step):
        masks = [balanced(scene.count, min(step, pairs - drawn), generator) for generator in generators]
        found = np.split(predict(np.concatenate(masks)), len(seeds))  # one pass for all
        near = [n.grown(m, p) for n, m, p in zip(near, masks, found, strict=True)]
        if adaptive and _agree(scene, near, fit):
            break
    return near, [fit(scene, n) for n in near]


def _agree(scene: Scene, near: Sequence[Neighbourhood], fit: Fit) -> bool:
    predicted = [int(near[0].probabilities[0].argmax())]
    return agreement(np.concatenate([weights(fit(scene, n, labels=predicted)) for n in near]), TOP) >= _STABLE


class _Explainer(lime_image.LimeImageExplainer):  # type: ignore[misc]
    """The package's explainer; keeps the neighbourhood that it drew."""

    near: Neighbourhood

    def data_labels(self, *args: Any, **kwargs: Any) -> tuple[np.ndarray, np.ndarray]:
        masks, found = super().data_labels(*args, **kwargs)
        self.near = Neighbourhood(masks.astype(bool), found)
        return masks, found


def package(scene: Scene, seeds: Sequence[Seed], *, samples: int, hide: Hide, kernel_width: float) -> Drawn:
    """The lime package's `LimeImageExplainer.explain_instance`, once a seed, with `samples` copies each.

    The explainer is new each time: the random state of a used one goes on from call to call, which is the package's
    most reported surprise (its issues 67, 119, 477, 486, 683). `hide` cannot be "blur".
    """

    def classify(copies: np.ndarray) -> np.ndarray:  # (sample, row, column, 3): the package makes RGB of grey
        pixels = torch.as_tensor(copies[..., 0], dtype=torch.float32, device=scene.device)
        return scene.ask(pixels, lambda part: part)

    near, explanations = [], []
    for seed in seeds:
        state = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(seed)))
        explainer = _Explainer(kernel_width=kernel_width, feature_selection="none", random_state=state)
        explanation = explainer.explain_instance(
            scene.image.astype(float),
            classify,
            labels=range(scene.classes),
            top_labels=None,
            hide_color=None if hide == "mean" else 0,
            num_samples=samples,
            segmentation_fn=lambda _: scene.segments,
        )
        near.append(explainer.near)
        explanations.append(explanation)
    return near, explanations
