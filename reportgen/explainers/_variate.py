"""A control variate for LIME: a cheap likeness of the model, whose own weights need no call of the model."""

from functools import lru_cache

import numpy as np

from reportgen.explainers._neighbourhood import Neighbourhood, balanced, block
from reportgen.explainers._surrogate import FactorisedRidge, kernel

_BLOCKS = 32  # of masks that the likeness is explained on: 4,096 for 33 to 64 superpixels; its weights then err by 3 %
_FLOOR = 1e-12  # of probabilities whose logarithm is taken


def steadied(near: Neighbourhood, kernel_width: float, ridge: FactorisedRidge) -> np.ndarray:
    """Targets (sample, class) for the surrogate whose weights vary less than those of the probabilities.

    A linear surrogate misses the saturation of the softmax, and what it misses is the noise of its weights. So a
    likeness g(z) = softmax(a + z B) is fitted to the logarithms of the probabilities y; LIME's linear fit l(z) of g is
    found from thousands of masks; and y − g(z) + l(z) is returned. Its weights are those of g, and those of whatever
    in the model is unlike g: nearly the same in expectation, with less to vary. Control variates for explanations:
    Goldwasser and Hooker 2024 (arXiv 2310.07672); Witter, Liu and Musco 2025 (arXiv 2506.11849).
    """
    logits = np.log(near.probabilities.clip(min=_FLOOR))
    ridge.fit(near.design, logits - logits.mean(axis=1, keepdims=True), kernel(near.distance, kernel_width))
    everywhere, weight, linear = _everywhere(near.masks.shape[1], kernel_width)
    linear.fit(everywhere, _softmax(everywhere, ridge), weight)
    return np.asarray(near.probabilities - _softmax(near.design, ridge) + linear.predict(near.design))


@lru_cache(32)
def _everywhere(segments: int, kernel_width: float) -> tuple[np.ndarray, np.ndarray, FactorisedRidge]:
    """Many balanced masks, their weights, and the regression on them; the same for all images of so many segments."""
    masks = balanced(segments, _BLOCKS * block(segments), np.random.default_rng(segments))
    near = Neighbourhood(masks, np.empty(0))
    weight = kernel(near.distance, kernel_width)
    return near.design.astype(np.float32), weight.astype(np.float32), FactorisedRidge()  # half the time, as good a mean


def _softmax(masks: np.ndarray, ridge: FactorisedRidge) -> np.ndarray:
    """Probabilities (sample, class) of logits that a regression gives masks (sample, segment), in their precision."""
    slope, offset = ridge.coef_.T.astype(masks.dtype), ridge.intercept_[:, None].astype(masks.dtype)
    logits = slope @ masks.T + offset  # (class, sample): sums over classes are several times as fast this way round
    exp = np.exp(logits - logits.max(axis=0))
    return np.asarray((exp / exp.sum(axis=0)).T)
