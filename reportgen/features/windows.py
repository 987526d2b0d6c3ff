"""The signal itself, in windows: what networks are given that learn their own features."""

from dataclasses import replace
from typing import Annotated

from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.core import Piece
from reportgen.features._signal import cut, signal_of, too_short


def extract(
    piece: Piece,
    *,
    window: Annotated[float, Ge(0), Unit("s"), Doc("length of a window; 0: the whole trial, if all are of one length")] = 1.0,
    step: Annotated[float, Ge(0), Unit("s"), Doc("from window to window; 0: end to end")] = 0.0,
) -> Piece:
    """Cut the trial into windows: x (window, channel, time).

    Raises:
        UsageError: the piece is no signal, or a window or step is less than one sample.
    """
    signal_of(piece, "windows")
    views, spans = cut(piece, window, step)
    notices = piece.notices + too_short(spans, window)
    return replace(piece, x=views, axes=("window", "channel", "time"), lead=0, tail=0, spans=spans, notices=notices)
