"""Missing samples of a signal: bridged for a filter, which would spread them over the channel, and missing again after it."""

import numpy as np

from reportgen.core import Piece


def bridged(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A signal without gaps, and where it had them: missing and infinite samples become straight lines.

    Args:
        x: (channel, time).

    Returns:
        (channel, time) float64, at its ends with the nearest sample that is there, 0 in a channel without any; and
        (channel, time) bool.
    """
    gone = ~np.isfinite(x)
    whole = np.where(gone, 0, x).astype(np.float64)
    for channel in np.flatnonzero(gone.any(-1) & ~gone.all(-1)):
        lost, there = np.flatnonzero(gone[channel]), np.flatnonzero(~gone[channel])
        whole[channel, lost] = np.interp(lost, there, whole[channel, there])
    return whole, gone


def with_gaps(x: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """The signal x (channel, time) as float32, NaN where `gone` (channel, time)."""
    return np.where(gone, np.nan, x).astype(np.float32)


def moved(gone: np.ndarray, up: int, down: int, count: int) -> np.ndarray:
    """Which new samples are made of missing ones: those less than a step of the slower rate away from one.

    Args:
        gone: (channel, time) bool.
        up: new samples that take the time of
        down: old ones: new sample n lies at the old place n × down / up.
        count: of new samples.

    Returns:
        (channel, new time) bool.
    """
    places, reach = np.arange(count) * down, max(up, down)
    first = np.clip((places - reach) // up + 1, 0, gone.shape[-1])
    stop = np.clip(-(-(places + reach) // up), first, gone.shape[-1])
    before = np.pad(np.cumsum(gone, axis=-1), ((0, 0), (1, 0)))
    return np.asarray(before[:, stop] > before[:, first])


def told(gone: np.ndarray, piece: Piece, feature: str) -> tuple[str, ...]:
    """A notice of each channel of a piece with gaps (channel, time)."""
    names = [piece.channels[place] for place in np.flatnonzero(gone.any(-1))]
    text = f"has missing samples: {feature} bridges them, which distorts what lies beside, and leaves them missing"
    return tuple(f"channel {name} {text}" for name in names)
