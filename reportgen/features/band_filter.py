"""The signal between two frequencies, by a symmetric filter that shifts nothing in time, and without the hum of the mains."""

from dataclasses import replace
from functools import lru_cache
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit
from mne.filter import create_filter

from reportgen.core import Piece
from reportgen.errors import UsageError
from reportgen.features._fir import filtered
from reportgen.features._gaps import bridged, told, with_gaps
from reportgen.features._signal import signal_of

_SLOPE = 1.0  # Hz, of a notch
_NOTCH = 0.25 + _SLOPE  # Hz to either side that a notch reaches: a quarter of a hertz is gone, the rest is its slope


def extract(
    piece: Piece,
    *,
    low: Annotated[float, Ge(0), Unit("Hz"), Doc("what is slower goes; 0: nothing does")] = 1.0,
    high: Annotated[float, Ge(0), Unit("Hz"), Doc("what is faster goes; 0: nothing does")] = 45.0,
    notch: Annotated[tuple[float, ...], Unit("Hz"), Doc("frequencies to take out: 50 or 60 Hz of the mains")] = (),
) -> Piece:
    """Filter by MNE's default design: Hamming window; beyond an edge the slope takes a quarter of its frequency, at least 2 Hz.

    Lead and tail are filtered along and stay. A signal shorter than the filter is filtered as if it went on as its own
    image, and a notice says so. Missing samples are bridged by straight lines and stay missing; a notice says so, too.

    Raises:
        UsageError: the piece is no signal, the frequencies leave nothing, or one is not below half of its rate.
    """
    x, gone = bridged(signal_of(piece, "band_filter"))
    _check(piece.rate, low, high, notch)
    kernel = _kernel(piece.rate, low, high, tuple(notch))
    notices = piece.notices + told(gone, piece, "band_filter")
    if x.shape[-1] < len(kernel):
        notices += (f"shorter than the filter of {len(kernel) / piece.rate:.1f} s, which distorts its slow waves",)
    return replace(piece, x=with_gaps(filtered(x, kernel), gone), notices=notices)


def _check(rate: float, low: float, high: float, notch: tuple[float, ...]) -> None:
    if not (low or high or notch):
        raise UsageError("feature band_filter: neither low nor high nor notch is set", "Set one, or leave the feature out.")
    if high and low >= high:
        raise UsageError(f"feature band_filter: low = {low:g} Hz is not below high = {high:g} Hz", "Set low below high.")
    if min(notch, default=rate) <= _NOTCH:
        raise UsageError(f"feature band_filter: notch = {min(notch):g} Hz is not above {_NOTCH} Hz", "Set `low` instead.")
    highest = {"low": low, "high": high, "notch": max(notch, default=-_NOTCH) + _NOTCH}
    for name, edge in highest.items():
        if edge >= rate / 2:
            raise UsageError(
                f"feature band_filter: `{name}` reaches {edge:g} Hz, not below half of the signal's rate of {rate:g} Hz",
                f"A signal of {rate:g} Hz holds only what is slower than {rate / 2:g} Hz: set lower frequencies.",
            )


@lru_cache(maxsize=64)
def _kernel(rate: float, low: float, high: float, notch: tuple[float, ...]) -> np.ndarray:
    """All filters in one: (tap,), an odd number."""
    kernel = np.ones(1)
    if low or high:
        kernel = create_filter(None, rate, low or None, high or None, verbose="error")
    for frequency in notch:
        above, below = frequency + _NOTCH, frequency - _NOTCH  # the lower edge above the higher one: MNE makes a stop band
        kernel = np.convolve(kernel, create_filter(None, rate, above, below, "auto", _SLOPE, _SLOPE, verbose="error"))
    return kernel
