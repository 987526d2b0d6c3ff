"""Differential entropy of each channel and frequency band: how large its signal is, on a logarithmic scale."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit
from scipy.signal import butter, sosfiltfilt

from reportgen.core import Piece
from reportgen.errors import UsageError
from reportgen.features._gaps import bridged, told, with_gaps
from reportgen.features._signal import cut, signal_of, too_short
from reportgen.features._spectral import band_power, bands_of, complete, floored

_ORDER = 3  # of the Butterworth filter, as 4D-CRNN has it (Shen et al. 2020, Cogn. Neurodyn. 14, 815)


def extract(
    piece: Piece,
    *,
    window: Annotated[float, Ge(0), Unit("s"), Doc("length of a window; 0: the whole trial")] = 1.0,
    step: Annotated[float, Ge(0), Unit("s"), Doc("from window to window; 0: end to end")] = 0.0,
    bands: Annotated[
        Mapping[str, tuple[float, float]],
        Unit("Hz"),
        Doc("name = [from, below]; none: delta 1–4, theta 4–8, alpha 8–14, beta 14–31, gamma 31–50"),
    ] = {},
    method: Annotated[
        Literal["fourier", "filter"],
        Doc("of each window's own spectrum, or of the trial filtered as a whole: steadier, but it mixes neighbours"),
    ] = "fourier",
) -> Piece:
    """Take the entropy of a normal distribution, 0.5 ln(2πe σ²), with σ² the variance within a band: x (window, channel, band).

    In nats; the formula is that of Shi, Jiao and Lu (2013, EMBC, 6627). By `fourier` each window has Hann's taper, as the
    features that come with SEED: what lies just outside a band reaches in by one frequency, what is far away does not, and
    windows that do not overlap share no sample. `filter` passes the trial with its lead and tail through a Butterworth
    filter of order 3, forwards and backwards. It uses all of a window, so that the entropy scatters less (in windows of 1 s,
    by a factor of 1.3 in delta to 1.4 in gamma), and keeps slow drifts out of delta. But it takes 0.07 nats away at the
    edges of a band, and puts a part of each window into its neighbours, which a split within a trial would leak.

    The logarithm of a variance that scatters is low on average: by `fourier`, in windows of 1 s, by 0.02 (gamma) to 0.14 nats
    (delta).

    Raises:
        UsageError: the piece is no signal, a window or step is less than a sample, or a band cannot be measured.
    """
    signal_of(piece, "differential_entropy")
    windows, spans = cut(piece, window, step)
    meant = bands_of(bands, piece, windows.shape[-1])
    notices = piece.notices + too_short(spans, window)
    if method == "fourier":
        power = band_power(windows, piece.rate, meant)
    else:
        whole, gone = bridged(piece.x)
        notices += told(gone, piece, "differential_entropy")
        each = [with_gaps(_passed(whole, piece.rate, band), gone) for band in meant.items()]
        power = np.stack([cut(replace(piece, x=x), window, step)[0].var(-1, ddof=1, dtype=float) for x in each], axis=-1)
    power, flat = floored(power, piece, f"({piece.unit})²")
    return complete(
        replace(
            piece,
            x=(0.5 * np.log(2 * np.pi * np.e * power)).astype(np.float32),
            axes=("window", "channel", "band"),
            unit="nat",
            lead=0,
            tail=0,
            spans=spans,
            names={"band": tuple(meant)},
            notices=notices + flat,
        )
    )


def _passed(x: np.ndarray, rate: float, band: tuple[str, tuple[float, float]]) -> np.ndarray:
    """(channel, time): the signal within a band; a second is mirrored at its ends, where it has no lead or tail."""
    name, (low, high) = band
    if low <= 0 or high >= rate / 2:
        raise UsageError(
            f"a filter for band {name}, {low:g} to {high:g} Hz, needs frequencies between 0 and {rate / 2:.4g} Hz",
            'Correct it in `bands`, or set method = "fourier".',
        )
    sections = butter(_ORDER, (low, high), "bandpass", fs=rate, output="sos")
    mirrored = min(round(rate), x.shape[-1] - 1)
    return np.asarray(sosfiltfilt(sections, x, padlen=mirrored))
