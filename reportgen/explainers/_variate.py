"""A control variate for LIME: a cheap likeness of the model, whose own weights need no call of the model."""

from functools import lru_cache

import numpy as np

from reportgen.explainers._neighbourhood import Neighbourhood, balanced, block
from reportgen.explainers._surrogate import FactorisedRidge, design, kernel

_BLOCKS = 32  # of the masks that the likeness is explained on: 4,096 for 33 to 64 superpixels, 3 % from the limit
_FLOOR = 1e-12  # of probabilities whose logarithm is taken


def steadied(near: Neighbourhood, kernel_width: float, ridge: FactorisedRidge) -> np.ndarray:
    """Targets (sample, class) for the surrogate whose weights vary less than those of the probabilities.

    A linear surrogate misses the saturation of the softmax, and what it misses is the noise of its weights. So the
    likeness g(z) = softmax(a + z B) is fitted to the logarithms of the probabilities; LIME's linear fit l(z) of g is
    found from thousands of masks; and y − g(z) + l(z) is returned. Its weights are those of g, plus those of the part
    of the model that is unlike g: the same in expectation up to the fit of g, with less to vary. Control variates of
    explanations: Goldwasser and Hooker 2024 (arXiv 2310.07672), Witter, Liu and Musco 2025 (arXiv 2506.11849).
    """
    masks, distance = design(near.masks)
    logits = np.log(near.probabilities.clip(min=_FLOOR))
    ridge.fit(masks, logits - logits.mean(axis=1, keepdims=True), kernel(distance, kernel_width))
    likeness = _softmax(ridge.predict(masks))
    everywhere, weight, linear = _everywhere(masks.shape[1], kernel_width)
    linear.fit(everywhere, _softmax(ridge.predict(everywhere)), weight)
    return np.asarray(near.probabilities - likeness + linear.predict(masks))


@lru_cache(8)
def _everywhere(segments: int, kernel_width: float) -> tuple[np.ndarray, np.ndarray, FactorisedRidge]:
    """Many balanced masks, their weights, and the regression on them; the same for all images of so many segments."""
    generator = np.random.default_rng(segments)
    masks, distance = design(balanced(segments, _BLOCKS * block(segments), generator))
    return masks, kernel(distance, kernel_width), FactorisedRidge()


def _softmax(logits: np.ndarray) -> np.ndarray:
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exp / exp.sum(axis=1, keepdims=True))
