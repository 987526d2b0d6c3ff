"""Differential entropy and power spectral density of each channel and frequency band, side by side."""

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
) -> Piece:
    """Put both after each other: x (window, channel, band), first the entropy of each band in nats, then its density in µV²/Hz.

    Project S1 and 4D-aNN (Xiao et al. 2022, Cogn. Neurodyn.) give their networks both. Each is the band's power on another
    scale, the entropy half its logarithm: what the density adds is weight on large power. They are those of the features
    differential_entropy (method fourier) and psd (without logarithm), named "alpha DE" and "alpha PSD".

    Raises:
        UsageError: the piece is no signal, a window or step is less than a sample, or a band cannot be measured.
    """
    signal_of(piece, "de_and_psd")
    windows, spans = cut(piece, window, step)
    meant = bands_of(bands, piece, windows.shape[-1])
    power, flat = floored(band_power(windows, piece.rate, meant), piece, f"({piece.unit})²")
    entropy = 0.5 * np.log(2 * np.pi * np.e * power)
    density = power / [high - low for low, high in meant.values()]
    return complete(
        replace(
            piece,
            x=np.concatenate([entropy, density], axis=-1).astype(np.float32),
            axes=("window", "channel", "band"),
            unit=f"nat, {piece.unit}²/Hz",
            lead=0,
            tail=0,
            spans=spans,
            names={"band": (*(f"{name} DE" for name in meant), *(f"{name} PSD" for name in meant))},
            notices=piece.notices + too_short(spans, window) + flat,
        )
    )
