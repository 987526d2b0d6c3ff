"""LIME: the superpixels that speak for and against each class, and how stable that is over seeds."""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import add
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Gt, Unit
from lime.lime_image import ImageExplanation

from reportgen.core import Array, Explained
from reportgen.errors import DataError, UsageError
from reportgen.explainers._engines import TOP, Fit, batched, fast_fit, package
from reportgen.explainers._neighbourhood import Scene
from reportgen.explainers._segments import superpixels
from reportgen.explainers._surrogate import agreement, surrogate, weights

MAKES = ("attribution",)

_FEWEST = 8  # superpixels that an explanation can choose from
_ENOUGH = 10  # copies a superpixel: rule of thumb of lime's authors (its issue 524)


class _Result(NamedTuple):
    """The explanation of one image."""

    segments: np.ndarray  # (row, column) int
    weights: np.ndarray  # (class, segment), probability
    signs: np.ndarray  # (class, segment), share of repeats
    quality: dict[str, Any]


def explain(
    model: Any,
    explained: Explained,
    progress: Callable[[int, int], None],
    *,
    samples: Annotated[int, Ge(16), Unit("copies"), Doc("copies of the image in each neighbourhood, at most")] = 256,
    repeats: Annotated[int, Ge(2), Doc("independently seeded neighbourhoods; stability is measured between them")] = 5,
    adaptive: Annotated[bool, Doc("stop when the repeats agree on the top five of the predicted class")] = True,
    control_variate: Annotated[bool, Doc("lower the noise of the weights by a likeness of the model")] = True,
    segments: Annotated[int, Ge(8), Unit("superpixels"), Doc("superpixels aimed at, met within 20 %")] = 50,
    hide: Annotated[Literal["mean", "blur", "black"], Doc("what is seen where a superpixel is hidden")] = "mean",
    kernel_width: Annotated[float, Gt(0), Unit("cosine distance"), Doc("how near a copy must be to count")] = 0.25,
    engine: Annotated[Literal["batched", "lime"], Doc("lime: the package's own slow path, to compare with")] = "batched",
    seed: Annotated[int, Ge(0), Doc("seeds the neighbourhoods of an image together with its number")] = 0,
) -> dict[str, Any]:
    """Explain all classes of each image by LIME (Ribeiro, Singh and Guestrin 2016, doi 10.1145/2939672.2939778).

    The weights are those of one surrogate on the copies of all repeats together. Stability (Jaccard index of the top
    five superpixels, share of equal signs) is between single repeats, and so errs on the low side. The defaults of
    hiding, kernel and ridge are the lime package's. Engine "lime" neither balances, adapts nor uses a control variate.

    Returns:
        `superpixels`, `superpixel_weights`, `superpixel_signs`, `lime_quality`, and `attribution`: the weights painted
        on the pixels. See `reportgen.kinds.KINDS`.

    Raises:
        UsageError: engine "lime" cannot hide by blurring.
        DataError: an image divides into fewer than eight superpixels.
    """
    if engine == "lime" and hide == "blur":
        raise UsageError("explainer lime: engine 'lime' cannot hide by 'blur'", "Hide by 'mean' or 'black', or use 'batched'.")
    fit: Fit
    if engine == "lime":
        fit = partial(surrogate, kernel_width=kernel_width)
        draw = partial(package, samples=samples, hide=hide, kernel_width=kernel_width)
    else:
        fit = partial(fast_fit, kernel_width=kernel_width, control_variate=control_variate)
        draw = partial(batched, fit=fit, samples=samples, hide=hide, adaptive=adaptive)
    place = model, explained.standardise, explained.x.device, len(explained.classes)
    results = []
    for image, sample in zip(explained.images, explained.ids.tolist(), strict=True):
        scene = _usable(Scene(*place, image, superpixels(image, segments)), sample)
        near, repeated = draw(scene, [(seed, sample, repeat) for repeat in range(repeats)])
        whole = reduce(add, near)
        about = {"sample": sample, "samples": len(whole.masks), "kernel_width": kernel_width, "engine": engine}
        results.append(_result(scene, about, fit(scene, whole), repeated))
        progress(len(results), len(explained.images))
    return _outputs(results)


def _usable(scene: Scene, sample: int) -> Scene:
    """The scene, if it has enough superpixels."""
    if scene.count < _FEWEST:
        size = "×".join(map(str, scene.image.shape))
        raise DataError(
            f"lime: sample {sample} of {size} pixels divides into {scene.count} superpixels, {_FEWEST} are needed",
            "Explain larger images, or leave lime out of this experiment.",
        )
    return scene


def _result(scene: Scene, about: dict[str, Any], whole: ImageExplanation, repeated: Sequence[ImageExplanation]) -> _Result:
    """Weights of the whole neighbourhood, held against those of its parts."""
    found, parts = weights(whole), np.stack([weights(part) for part in repeated])  # (class, segment), (repeat, …)
    quality = about | {
        "segments": scene.count,
        "repeats": len(parts),
        "r2": list(whole.score.values()),
        "jaccard": [agreement(part, TOP) for part in parts.swapaxes(0, 1)],
        "notes": _notes(scene, about["samples"]),
    }
    return _Result(scene.segments, found, (np.sign(parts) == np.sign(found)).mean(axis=0), quality)


def _notes(scene: Scene, samples: int) -> list[str]:
    """What a reader must know before believing the explanation."""
    notes = []
    if scene.image.min() == scene.image.max():
        notes.append("The image is constant: its superpixels are a regular grid.")
    if samples < _ENOUGH * scene.count:
        notes.append(f"{samples} samples are fewer than {_ENOUGH} for each of {scene.count} superpixels.")
    return notes


def _outputs(results: Sequence[_Result]) -> dict[str, Any]:
    """The results of all images as outputs of the step."""
    segments, found, signs, quality = zip(*results, strict=True)
    painted = [w[:, s] for w, s in zip(found, segments, strict=True)]  # (class, row, column)
    unit = "probability"
    return {
        "superpixels": Array(np.stack(segments).astype(np.int16), ("image", "row", "column")),
        "superpixel_weights": Array(_padded(found), ("image", "class", "segment"), unit),
        "superpixel_signs": Array(_padded(signs), ("image", "class", "segment"), "share of repeats"),
        "lime_quality": list(quality),
        "attribution": Array(np.stack(painted).astype(np.float32), ("image", "class", "row", "column"), unit),
    }


def _padded(rows: Sequence[np.ndarray]) -> np.ndarray:
    """(class, segment) of each image as one (image, class, segment) float32, NaN beyond an image's own segments."""
    found = np.full((len(rows), len(rows[0]), max(row.shape[1] for row in rows)), np.nan, np.float32)
    for target, row in zip(found, rows, strict=True):
        target[:, : row.shape[1]] = row
    return found
