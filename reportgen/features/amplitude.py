"""How strong each channel is in each window, and no more: contact and eye artefacts alone can decode a headband."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.core import Piece
from reportgen.features._signal import cut, signal_of, too_short
from reportgen.features._spectral import complete

_SMALLEST = 1e-3  # of the signal's unit: a nanovolt is below the noise of any amplifier, and keeps logarithms finite


def extract(
    piece: Piece,
    *,
    window: Annotated[float, Ge(0), Unit("s"), Doc("length of a window; 0: the whole trial")] = 1.0,
    step: Annotated[float, Ge(0), Unit("s"), Doc("from window to window; 0: end to end")] = 0.0,
    measure: Annotated[
        Literal["log_rms", "peak_to_peak"],
        Doc("natural logarithm of the root of the mean square about the window's mean, or the highest value less the lowest"),
    ] = "log_rms",
) -> Piece:
    """Measure the amplitude: x (window, channel), in ln of the signal's unit or in that unit.

    Raises:
        UsageError: the piece is no signal, or a window or step is less than one sample.
    """
    signal_of(piece, "amplitude")
    views, spans = cut(piece, window, step)
    with np.errstate(invalid="ignore"):  # infinite samples become NaN: `complete` leaves them out
        if measure == "log_rms":
            x, unit = np.log(np.maximum(views.std(-1, dtype=np.float64), _SMALLEST)), f"ln {piece.unit}"
        else:
            x, unit = np.ptp(views, axis=-1), piece.unit
    return complete(
        replace(
            piece,
            x=x.astype(np.float32),
            axes=("window", "channel"),
            unit=unit,
            lead=0,
            tail=0,
            spans=spans,
            notices=piece.notices + too_short(spans, window),
        )
    )
