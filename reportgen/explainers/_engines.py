"""Two ways to LIME explanations of one image: batched and balanced, or the lime package's own."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from lime import lime_image
from lime.lime_image import ImageExplanation

from reportgen.explainers._neighbourhood import Hide, Neighbourhood, Scene, balanced, block, predictor
from reportgen.explainers._surrogate import FactorisedRidge, agreement, surrogate, weights

TOP = 5  # superpixels that a reader remembers: stability is about them
_STABLE = 0.85  # mean Jaccard index: of five neighbourhoods, one may differ by one superpixel

lime_image.tqdm = iter  # release 0.2.0.1 has no switch for its progress bar


def batched(
    scene: Scene, seeds: Sequence[tuple[int, ...]], *, samples: int, hide: Hide, kernel_width: float, adaptive: bool
) -> tuple[list[Neighbourhood], list[ImageExplanation]]:
    """Balanced neighbourhoods, one a seed, that grow together block by block to at most `samples` copies each.

    If `adaptive`, they grow no more once they agree: once the mean Jaccard index of their five strongest superpixels of
    the predicted class is 0.85. Stopping when the choice is stable is the idea of S-LIME (Zhou, Hooker and Wang 2021,
    doi 10.1145/3447548.3467274); independent replicates take the place of its normal approximation.
    """
    predict, ridge = predictor(scene, hide), FactorisedRidge()
    generators = [np.random.default_rng(seed) for seed in seeds]
    whole = np.ones((1, scene.count), bool)
    near = [Neighbourhood(whole, predict(whole))] * len(seeds)
    pairs = (samples - 1) // 2
    for drawn in range(0, pairs, block(scene.count)):
        more = min(block(scene.count), pairs - drawn)
        masks = [balanced(scene.count, more, generator) for generator in generators]
        found = np.split(predict(np.concatenate(masks)), len(seeds))  # one pass for all
        near = [n.grown(m, p) for n, m, p in zip(near, masks, found, strict=True)]
        if adaptive and _agree(scene, near, kernel_width, ridge):
            break
    return near, [surrogate(scene, n, kernel_width, ridge) for n in near]


def _agree(scene: Scene, near: Sequence[Neighbourhood], kernel_width: float, ridge: FactorisedRidge) -> bool:
    predicted = [int(near[0].probabilities[0].argmax())]
    repeats = [weights(surrogate(scene, n, kernel_width, ridge, predicted)) for n in near]
    return agreement(np.concatenate(repeats), TOP) >= _STABLE


class _Explainer(lime_image.LimeImageExplainer):  # type: ignore[misc]
    """The package's explainer; keeps the neighbourhood that it drew."""

    near: Neighbourhood

    def data_labels(self, *args: Any, **kwargs: Any) -> tuple[np.ndarray, np.ndarray]:
        masks, found = super().data_labels(*args, **kwargs)
        self.near = Neighbourhood(masks.astype(bool), found)
        return masks, found


def package(
    scene: Scene, seeds: Sequence[tuple[int, ...]], *, samples: int, hide: Hide, kernel_width: float
) -> tuple[list[Neighbourhood], list[ImageExplanation]]:
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
