"""Images of frequency × channel: the mean amplitude in a window at each frequency."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Gt, Unit

from reportgen.core import Piece
from reportgen.errors import UsageError
from reportgen.features._signal import cut, signal_of, too_short
from reportgen.features._spectral import ceiling, complete
from reportgen.spectra import blocks, taper, tapered_spectra

_ROUNDING = 1e-9


def extract(
    piece: Piece,
    *,
    window: Annotated[float, Ge(0), Unit("s"), Doc("length of a window; 0: the whole trial")] = 4.0,
    step: Annotated[float, Ge(0), Unit("s"), Doc("from window to window; 0: end to end")] = 0.0,
    low: Annotated[float, Ge(0), Unit("Hz"), Doc("the lowest frequency; 13 leaves out slow artefacts")] = 0.0,
    high: Annotated[float, Gt(0), Unit("Hz"), Doc("frequencies stay below it; at most half the rate")] = 80.0,
    resolution: Annotated[float, Gt(0), Unit("Hz"), Doc("from frequency to frequency: segments are its inverse long")] = 1.0,
) -> Piece:
    """Average amplitude spectra of segments of a window, which overlap by half: x (window, frequency, channel).

    By default the 80 frequencies that Babushkin et al. (2021, IEEE EMBS NER) gave their networks, in image form.
    Each segment is taken without its mean and with Hann's taper; a tone of amplitude A gives A at its frequency, in the unit
    of the signal. At a rate that is no multiple of the resolution, frequencies are true to half a sample in a segment.

    Raises:
        UsageError: the piece is no signal, frequencies go beyond what the signal holds, or a window is shorter than a segment.
    """
    signal_of(piece, "spectrogram_map")
    windows, spans = cut(piece, window, step)
    length = round(piece.rate / resolution)
    chosen = _chosen(piece, windows.shape[-1], resolution, low, high)
    x = np.empty((len(windows), len(chosen), len(piece.channels)), np.float32)
    with np.errstate(invalid="ignore"):  # infinite samples become NaN: `complete` leaves them out
        for block in blocks(windows):
            x[block] = _amplitudes(windows[block], length)[..., chosen].swapaxes(1, 2)
    return complete(
        replace(
            piece,
            x=x,
            axes=("window", "frequency", "channel"),
            lead=0,
            tail=0,
            spans=spans,
            names={"frequency": tuple(f"{number * resolution:g} Hz" for number in chosen)},
            notices=piece.notices + too_short(spans, window),
        )
    )


def _amplitudes(windows: np.ndarray, length: int) -> np.ndarray:
    """(window, channel, frequency): mean over segments of `length` samples of windows (window, channel, time)."""
    segments = np.lib.stride_tricks.sliding_window_view(windows, length, axis=-1)[..., :: length - length // 2, :]
    return np.asarray(np.abs(tapered_spectra(segments)).mean(axis=-2) * 2 / taper(length).sum())


def _chosen(piece: Piece, samples: int, resolution: float, low: float, high: float) -> np.ndarray:
    """Which frequencies of a segment are wanted: their numbers, counted in steps of the resolution."""
    length, (highest, why) = round(piece.rate / resolution), ceiling(piece)
    chosen = np.arange(*np.ceil(np.array((low, high)) / resolution - _ROUNDING)).astype(int)
    if not len(chosen):
        raise UsageError("feature spectrogram_map: no frequency lies from low to below high", "Set `high` above `low`.")
    if chosen[-1] > length // 2 or chosen[-1] * piece.rate / length > highest * (1 + _ROUNDING):
        raise UsageError(
            f"feature spectrogram_map: frequencies go beyond {highest:.4g} Hz, {why}",
            f"Set high = {int(highest)} or less, or let earlier features keep a higher rate.",
        )
    if not 2 <= length <= samples:
        raise UsageError(
            f"feature spectrogram_map: a segment has {length} samples, a window {samples}: {piece.rate:.4g} Hz",
            "Set a longer window, or a coarser `resolution`.",
        )
    return chosen
