"""Maps that cannot know the network, to hold an attribution against: chance, the centre, edges, and its own blur.

A measure alone says little: a map of the image's edges, or a spot in its middle, may score as well as an explanation. ROAD and
its like also reward smooth maps, whatever they show (arXiv 2304.13836). So the fourth control is as smooth as the
attribution, has the same values, and differs from it only in where they lie.
"""

import numpy as np
from scipy.ndimage import gaussian_filter, sobel

from reportgen.trust import CONTROLS

_SPOT = 4  # sides of the image to one standard deviation of the centred Gaussian
_LAGS = 8  # sides of the image to the longest lag that smoothness is measured at
_HALVINGS = 12  # of the interval of the blur: to a four-thousandth of its length


def control_maps(attribution: np.ndarray, images: np.ndarray, ids: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """The controls of a batch of maps, by the names in `reportgen.trust.CONTROLS`.

    Args:
        attribution: (image, row, column) of one class each.
        images: (image, row, column), grey values.
        ids: (image,) sample ids: with the seed, they decide what is random, whatever else is in the batch.
        seed: of the random maps.

    Returns:
        {control: (image, row, column) float64}.
    """
    shape = attribution.shape
    generators = [np.random.default_rng((seed, int(sample))) for sample in ids]
    maps = {
        "random": np.stack([rng.random(shape[1:]) for rng in generators]),
        "centre": np.broadcast_to(_spot(*shape[1:]), shape),
        "edges": np.stack([_edges(image.astype(float)) for image in images]),
        "blur_matched": np.stack([moved(one, rng) for one, rng in zip(attribution, generators, strict=True)]),
    }
    return {name: maps[name] for name in CONTROLS}


def _spot(rows: int, columns: int) -> np.ndarray:
    """A Gaussian in the middle: (row, column)."""
    down, across = (np.exp(-(((np.arange(n) - (n - 1) / 2) * _SPOT / n) ** 2) / 2) for n in (rows, columns))
    return np.asarray(down[:, None] * across)


def _edges(image: np.ndarray) -> np.ndarray:
    """Magnitude of the grey values' gradient by Sobel's filters: (row, column)."""
    return np.asarray(np.hypot(sobel(image, 0), sobel(image, 1)))


def moved(attribution: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The values of a map (row, column) at other places, so that the result is as smooth as the map.

    Noise is blurred by a Gaussian, and its pixels are given the values of the map in the order of their size. The width of
    the Gaussian is found by bisection. Where the map is smoother than the widest one, which is a quarter of the shorter
    side, that is used.
    """
    noise, values, wanted = rng.normal(size=attribution.shape), np.sort(attribution, axis=None), smoothness(attribution)

    def blurred(sd: float) -> np.ndarray:
        order = gaussian_filter(noise, sd, mode="wrap").argsort(axis=None)
        found = np.empty(values.shape)
        found[order] = values
        return found.reshape(attribution.shape)

    low, high = 0.0, min(attribution.shape) / 4
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if smoothness(blurred(middle)) < wanted else (low, middle)
    return blurred(high)


def smoothness(values: np.ndarray) -> float:
    """Mean autocorrelation of a map (row, column) over lags up to an eighth of its side, down and across.

    For blurred white noise it follows from ρ(d) = exp(−d² / 4σ²); measuring it instead also serves maps of constant blocks,
    whose autocorrelation falls linearly at first. 0 for a constant map.
    """
    centred = values.astype(float) - values.mean()
    if not centred.any():
        return 0.0
    variance = (centred**2).mean()
    found = [
        (side[lag:] * side[:-lag]).mean() / variance
        for side in (centred, centred.T)
        for lag in range(1, max(len(side) // _LAGS, 1) + 1)
        if lag < len(side)
    ]
    return float(np.mean(found))
