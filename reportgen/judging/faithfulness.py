"""Whether what a map calls relevant is what the network used: deletion, insertion and ROAD, beside four controls.

The class is the one that the network predicts for the whole image, the score its probability. Pixels go or come in the order
of their relevance; equals by lot, the same for all maps of an image.

- deletion (Petsiuk et al. 2018, RISE, arXiv 1806.07421): the most relevant pixels are replaced by the mean grey of the training
  part. The area under the curve is small for a good map.
- insertion (the same): the most relevant pixels are put into a blurred image. The area is large for a good map. The blur's
  standard deviation is a tenth of the shorter side, 4.8 pixels of 48: near the 5 pixels of RISE's code.
- road (Rong et al. 2022, arXiv 2202.00449): pixels are replaced by noisy linear imputation (`imputation`), which does not give
  the mask's shape away as a grey patch does. The mean over percentiles of (LeRF − MoRF) / 2, the probability left after
  removing the least relevant pixels and that after the most relevant ones, is large for a good map.

A kind `faithfulness` is

    {"images", "steps", "percentiles": [20, 40, 60, 80],
     "measures": {"deletion": MEASURE, lower is better, "insertion": MEASURE, "road": MEASURE} (see `measures`),
     "curves": {"deletion" | "insertion": {"fraction": [of the pixels deleted or inserted, 0 to 1 in `steps` steps],
                                           "explainer" | control: [mean probability of the explained class]},
                "road_morf" | "road_lerf": {"fraction": [of the pixels removed], …}}}
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor, nn

from reportgen.judging.imputation import impute, noise_of
from reportgen.judging.measures import Bootstrap, measure
from reportgen.networks import batch_for

BLUR = 0.1
"""Standard deviation of insertion's blur, in shorter sides of the image."""
CURVES = ("deletion", "insertion", "road_morf", "road_lerf")
_TIES = 1  # beside seed and sample id, so that what breaks ties is not the random control


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose maps are judged, on which images."""

    model: nn.Module  # in evaluation mode, on the device of x; see `networks.to_device`
    x: Tensor  # (image, channel, row, column), the network's input
    grey: float  # what deleted pixels become: mean of the training part, in units of x
    sd: float  # of the training part, in units of x
    classes: np.ndarray  # (image,) int, the class that each map explains
    ids: np.ndarray  # (image,) int: what is random depends on them, not on the batch
    maps: Mapping[str, np.ndarray]  # {"explainer" or control: (image, row, column)}


def faithfulness(
    asked: Asked,
    bootstrap: Bootstrap,
    *,
    steps: int,
    percentiles: Sequence[int],
    seed: int,
    progress: Callable[[int, int], None],
) -> dict[str, Any]:
    """The kind `faithfulness`; progress is told in images.

    Args:
        asked: at least one image.
        bootstrap: over images.
        steps: of the curves of deletion and insertion, at least 1.
        percentiles: of the pixels that ROAD removes, in (0, 100).
        seed: of noise and ties.
        progress: called with images done and in all.
    """
    share, removed = np.arange(steps + 1) / steps, np.array(percentiles) / 100
    curves = probabilities(asked, share, removed, seed, progress)
    area = {name: np.trapezoid(curves[name], share, axis=2) for name in ("deletion", "insertion")}  # (map, image)
    road = (curves["road_lerf"] - curves["road_morf"]).mean(2) / 2
    scores = {"deletion": area["deletion"], "insertion": area["insertion"], "road": road}
    measures = {
        name: measure(dict(zip(asked.maps, rows, strict=True)), bootstrap, better="lower" if name == "deletion" else "higher")
        for name, rows in scores.items()
    }
    fractions = {"deletion": share, "insertion": share, "road_morf": removed, "road_lerf": removed}
    return {
        "images": len(asked.x),
        "steps": steps,
        "percentiles": list(percentiles),
        "measures": measures,
        "curves": {
            name: {"fraction": fractions[name].tolist()}
            | {who: mean.tolist() for who, mean in zip(asked.maps, curves[name].mean(1), strict=True)}
            for name in CURVES
        },
    }


def probabilities(
    asked: Asked, share: np.ndarray, removed: np.ndarray, seed: int, progress: Callable[[int, int], None]
) -> dict[str, np.ndarray]:
    """Probability of the explained class on every curve: {name in CURVES: (map, image, fraction)}.

    Args:
        asked: whose maps.
        share: (fraction,) of the pixels deleted and inserted, rising from 0 to 1.
        removed: (fraction,) of the pixels that ROAD removes.
        seed: of noise and ties.
        progress: called with images done and in all.
    """
    device = asked.x.device
    noise = asked.sd * noise_of(asked.ids, asked.x.shape[1:], seed).to(device)
    ranks = torch.from_numpy(np.stack([_ranks(maps, asked.ids, seed) for maps in asked.maps.values()], axis=1)).to(device)
    at_once = max(1, batch_for(device.type) // (ranks.shape[1] * (len(share) + len(removed))))  # images
    blocks: dict[str, list[np.ndarray]] = {name: [] for name in CURVES}
    for start in range(0, len(asked.x), at_once):
        block = slice(start, start + at_once)
        classes = torch.as_tensor(asked.classes[block], device=device)
        for name, shown in _shown(asked.x[block], ranks[block], noise[block], asked.grey, share, removed):
            blocks[name].append(_answers(asked.model, shown, classes))
        progress(min(start + at_once, len(asked.x)), len(asked.x))
    return {name: np.concatenate(parts).swapaxes(0, 1) for name, parts in blocks.items()}


def _ranks(maps: np.ndarray, ids: np.ndarray, seed: int) -> np.ndarray:
    """Place of each pixel by relevance, 0 for the largest: (image, row, column) int32."""
    ranks = np.empty((len(maps), maps[0].size), np.int32)
    for rank, values, sample in zip(ranks, maps, ids, strict=True):
        lot = np.random.default_rng((seed, int(sample), _TIES)).random(values.size)
        rank[np.lexsort((lot, -values.ravel()))] = np.arange(values.size)
    return ranks.reshape(maps.shape)


def _shown(
    x: Tensor, ranks: Tensor, noise: Tensor, grey: float, share: np.ndarray, removed: np.ndarray
) -> Iterator[tuple[str, Tensor]]:
    """What the network is shown on each curve: (image, map, fraction, channel, row, column).

    Args:
        x: (image, channel, row, column).
        ranks: (image, map, row, column), 0 for the most relevant pixel.
        noise: (image, channel, row, column), for imputed pixels.
        grey: for deleted pixels.
        share: (fraction,) deleted and inserted.
        removed: (fraction,) removed by ROAD.
    """
    pixels = ranks[0, 0].numel()
    first = _below(ranks, share, pixels)
    images = x[:, None, None]
    yield "deletion", images.masked_fill(first, grey)
    yield "insertion", torch.where(first, images, _blurred(x)[:, None, None])
    both = torch.cat([ranks, pixels - 1 - ranks], dim=1)  # most relevant first, then least
    holes = _below(both, removed, pixels)[:, :, :, 0]  # (image, 2 map, fraction, row, column)
    imputed = impute(x, holes.flatten(1, 2), noise=noise).view(*holes.shape[:3], *x.shape[1:])
    yield from zip(("road_morf", "road_lerf"), torch.split(imputed, ranks.shape[1], dim=1), strict=True)


def _below(ranks: Tensor, fractions: np.ndarray, pixels: int) -> Tensor:
    """Is a pixel among the first of its map? (image, map, fraction, 1, row, column) bool."""
    counts = torch.as_tensor(np.rint(fractions * pixels), dtype=ranks.dtype, device=ranks.device)
    return ranks[:, :, None, None] < counts[:, None, None, None]


def _blurred(x: Tensor) -> Tensor:
    """Images (image, channel, row, column) blurred by a Gaussian, mirrored at borders."""
    sd = BLUR * min(x.shape[2:])
    down, across = (torch.as_tensor(gaussian_filter1d(np.eye(n), sd, axis=0)).to(x) for n in x.shape[2:])
    return down @ x @ across.T


@torch.no_grad()
def _answers(model: nn.Module, shown: Tensor, classes: Tensor) -> np.ndarray:
    """Probability of each image's class (image, …) float64 for inputs (image, …, channel, row, column)."""
    flat = shown.flatten(0, -4)
    chunks = torch.split(flat, batch_for(shown.device.type))
    probabilities = torch.cat([model(chunk).float().softmax(1) for chunk in chunks])
    own = classes.repeat_interleave(len(flat) // len(classes))
    return np.asarray(probabilities.gather(1, own[:, None]).cpu().double().view(shown.shape[:-3]))
