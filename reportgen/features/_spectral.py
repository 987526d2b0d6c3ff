"""What features of frequency bands share: which bands, their power in each window, and what cannot be measured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from reportgen.bands import BANDS
from reportgen.core import Piece
from reportgen.errors import UsageError
from reportgen.spectra import blocks, squares, taper, tapered_spectra

FLOOR = 1e-6  # (µV)², (µV)²/Hz …: a nanovolt is below the noise of any amplifier, and keeps logarithms finite

Bands = dict[str, tuple[float, float]]


def bands_of(given: Mapping[str, Sequence[float]], piece: Piece, samples: int) -> Bands:
    """The bands that are meant, from low to high, whatever order a stored table has them in.

    Args:
        given: {name: (from, below)} in Hz; nothing: the official bands.
        piece: a signal, whose rate and highest frequency after interpolation differ from trial to trial.
        samples: of a window.

    Raises:
        UsageError: a band is none, lies above what the signal holds, or is finer than a window can tell.
    """
    rate, (highest, why) = piece.rate, ceiling(piece)
    bands = {name: (float(low), float(high)) for name, (low, high) in (given or BANDS).items()}
    for name, (low, high) in bands.items():
        place = f"band {name}, {low:g} to {high:g} Hz,"
        if not 0 <= low < high:
            raise UsageError(f"{place} does not go from a lower to a higher frequency", "Correct it in `bands`.")
        if high > highest:
            hint = "Leave it out of `bands` or end it there, or let earlier features keep a higher rate."
            raise UsageError(f"{place} goes beyond {highest:.4g} Hz, {why}", hint)
        if (high - low) * (samples + 1) < rate:  # of a window that was rounded to samples
            raise UsageError(
                f"{place} is finer than the {rate / samples:.3g} Hz that windows of {samples / rate:.3g} s can tell",
                "Set a longer window, or wider bands.",
            )
    return dict(sorted(bands.items(), key=lambda item: item[1]))


def ceiling(piece: Piece) -> tuple[float, str]:
    """The highest frequency in Hz that a signal holds, and in words why it is that."""
    half = piece.rate / 2
    if piece.highest < half:
        return piece.highest, f"the highest that is recorded: at {piece.rate:.4g} Hz, earlier features only added samples"
    return half, f"half the rate of {piece.rate:.4g} Hz"


def band_power(windows: np.ndarray, rate: float, bands: Bands) -> np.ndarray:
    """The part of the variance of each window that lies in each band, by Parseval's theorem.

    Args:
        windows: (window, channel, time); each is taken without its mean and with Hann's taper.
        rate: Hz.
        bands: {name: (from, below)} in Hz.

    Returns:
        (window, channel, band) float64, in the unit of the windows squared. Frequencies lie 1/length apart and stand for what
        is around them: one on the edge of two bands counts by half in each, so that bands side by side add up to the variance.
    """
    weights = _weights(windows.shape[-1], rate, bands)
    power = np.empty((*windows.shape[:2], len(bands)))
    with np.errstate(invalid="ignore"):  # infinite samples become NaN, see `complete`
        for block in blocks(windows):
            power[block] = squares(tapered_spectra(windows[block])[..., : len(weights)]) @ weights
    return power


def _weights(samples: int, rate: float, bands: Bands) -> np.ndarray:
    """(frequency, band): what a squared spectrum counts in a band's variance, up to the highest frequency that does."""
    spacing = rate / samples
    centre = np.arange(samples // 2 + 1)[:, None] * spacing
    low, high = np.array(list(bands.values())).T
    share = np.clip(np.minimum(centre + spacing / 2, high) - np.maximum(centre - spacing / 2, low), 0, None)
    used = np.flatnonzero(share.any(axis=1))[-1] + 1
    return np.asarray(share[:used] * 2 / (rate * (taper(samples) ** 2).sum()))  # 2: negative frequencies


def complete(piece: Piece) -> Piece:
    """Only those windows whose features are numbers: missing and infinite samples have none.

    There is a notice of each window that goes, all in the same words: the report counts them.
    """
    kept = np.isfinite(piece.x).all(axis=tuple(range(1, piece.x.ndim)))
    if kept.all() or piece.spans is None:
        return piece
    lost = ("A window holds values that are no numbers and is left out.",) * int((~kept).sum())
    return replace(piece, x=piece.x[kept], spans=piece.spans[kept], notices=piece.notices + lost)


def floored(power: np.ndarray, piece: Piece, unit: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Power (window, channel, band) of at least `FLOOR`, and a notice of the channels where there is less."""
    flat = np.asarray((power < FLOOR).any(axis=(0, 2)))
    names = ", ".join(channel for channel, less in zip(piece.channels, flat, strict=True) if less)
    notice = f"power below {FLOOR:g} {unit} is taken as {FLOOR:g} {unit}, in channels {names}"
    return np.maximum(power, FLOOR), (notice,) if flat.any() else ()
