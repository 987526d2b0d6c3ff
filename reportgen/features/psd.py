"""Power spectral density of each channel and frequency band: the mean power per Hz."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.core import Piece
from reportgen.features._signal import cut, signal_of, too_short
from reportgen.features._spectral import band_power, bands_of, complete, floored


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
    logarithm: Annotated[bool, Doc("its decadic logarithm, which is closer to normal; without it, power itself")] = True,
) -> Piece:
    """Average the one-sided spectral density over each band: x (window, channel, band).

    Each window is taken without its mean and with Hann's taper (periodogram). In the unit of the signal squared per Hz, µV²/Hz.

    Raises:
        UsageError: the piece is no signal, a window or step is less than a sample, or a band cannot be measured.
    """
    signal_of(piece, "psd")
    windows, spans = cut(piece, window, step)
    meant = bands_of(bands, piece, windows.shape[-1])
    density = band_power(windows, piece.rate, meant) / [high - low for low, high in meant.values()]
    unit, notices = f"{piece.unit}²/Hz", piece.notices + too_short(spans, window)
    if logarithm:
        density, flat = floored(density, piece, unit)
        density, unit, notices = np.log10(density), f"log10 {unit}", notices + flat
    return complete(
        replace(
            piece,
            x=density.astype(np.float32),
            axes=("window", "channel", "band"),
            unit=unit,
            lead=0,
            tail=0,
            spans=spans,
            names={"band": tuple(meant)},
            notices=notices,
        )
    )
