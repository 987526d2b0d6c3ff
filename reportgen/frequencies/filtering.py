"""What a signal holds within windows of frequencies, and the signal with something else there.

Beyond its ends a signal goes on as its own mirror image, so that nothing jumps there: its spectrum is then the discrete
cosine transform (DCT-II; Strang 1999, SIAM Rev. 41, 135), and to weigh that shifts nothing in time. The edges of a window
are half a period of a cosine wide, centred on its limits: windows side by side add up to the signal. What rings does so
for about 1 / `EDGE` seconds, which the lead and tail of a trial take up. A trial without them keeps a part of what
oscillates at its very ends.
"""

from collections.abc import Iterator

import numpy as np
from scipy.fft import dct, idct

EDGE = 0.5
"""Hz, from where a window holds nothing to where it holds all: as fine as windows that slide by 0.5 Hz can make use of."""


def exchanged(x: np.ndarray, other: np.ndarray, edges: np.ndarray, rate: float) -> Iterator[np.ndarray]:
    """A signal that holds, within each window in turn, what another one holds there.

    Args:
        x: (channel, time). Missing samples stay missing; for the filter a straight line bridges them.
        other: (channel, time); zeros take the window out.
        edges: (window, 2) Hz: from, below. A window from 0 Hz has no lower edge, one to half the rate no upper one.
        rate: Hz.

    Yields:
        (channel, time) float32, for each window.
    """
    difference = dct(bridged(other) - bridged(x), type=2, axis=-1).astype(np.float32)  # the signal's offset is gone from bands
    for gain in gains(edges, x.shape[-1], rate):
        yield (x + idct(difference * gain, type=2, axis=-1)).astype(np.float32)


def gains(edges: np.ndarray, samples: int, rate: float) -> np.ndarray:
    """(window, frequency) float32: how much of each of the frequencies 0, rate / 2 / samples, … a window holds."""
    frequency = np.arange(samples) * rate / 2 / samples
    low, high = np.asarray(edges, float).T[..., None]
    low, high = np.where(low > 0, low, -np.inf), np.where(high < rate / 2, high, np.inf)
    inside = np.clip(np.minimum(frequency - low, high - frequency) / EDGE + 0.5, 0, 1)
    return np.asarray(np.sin(np.pi / 2 * inside) ** 2, dtype=np.float32)


def bridged(x: np.ndarray) -> np.ndarray:
    """(channel, time) float64 without gaps: missing and infinite samples become straight lines, in an empty channel 0."""
    gone = ~np.isfinite(x)
    whole = np.where(gone, 0, x).astype(np.float64)
    for channel in np.flatnonzero(gone.any(-1) & ~gone.all(-1)):
        lost, there = np.flatnonzero(gone[channel]), np.flatnonzero(~gone[channel])
        whole[channel, lost] = np.interp(lost, there, whole[channel, there])
    return whole


def fitted(x: np.ndarray, samples: int) -> np.ndarray:
    """(channel, samples): the beginning of a longer signal; a shorter one goes on as its mirror image."""
    missing = max(0, samples - x.shape[-1])
    return np.asarray(np.pad(x, ((0, 0), (0, missing)), mode="symmetric")[:, :samples])
