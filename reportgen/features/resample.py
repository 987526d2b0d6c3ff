"""The signal at another sampling rate, low-passed so that nothing folds back."""

from dataclasses import replace
from fractions import Fraction
from math import ceil
from typing import Annotated

from annotated_doc import Doc
from annotated_types import Ge, Unit
from scipy.signal import resample_poly

from reportgen.core import Piece
from reportgen.features._fir import low_pass
from reportgen.features._gaps import bridged, moved, told, with_gaps
from reportgen.features._signal import signal_of

_LARGEST_DENOMINATOR = 10_000


def extract(
    piece: Piece,
    *,
    rate: Annotated[float, Ge(1), Unit("Hz"), Doc("sampling rate that the signal gets")],
) -> Piece:
    """Resample by a polyphase filter; what lies below 0.9 of the lower Nyquist frequency stays as it is.

    The trial keeps its place: its first sample is the first of the new ones that lies in it, and `start` is that one's time.

    Missing samples are bridged by straight lines; the new ones that lie there are missing, and a notice says so.

    Raises:
        UsageError: the piece is no signal.
    """
    x = signal_of(piece, "resample")
    ratio = Fraction(rate / piece.rate).limit_denominator(_LARGEST_DENOMINATOR)
    if ratio == 1:
        return piece
    up, down = ratio.as_integer_ratio()
    kernel = low_pass(min(piece.rate, rate) / 2, piece.rate * up)
    whole, gone = bridged(x)
    new = resample_poly(whole, up, down, axis=-1, window=kernel, padtype="line")
    first, stop = ceil(piece.lead * ratio), ceil((x.shape[-1] - piece.tail) * ratio)
    return replace(
        piece,
        x=with_gaps(new, moved(gone, up, down, new.shape[-1])),
        rate=piece.rate * up / down,
        highest=min(piece.highest, piece.rate / 2, piece.rate * up / down / 2),
        start=piece.start + float(first - piece.lead * ratio) / (piece.rate * up / down),
        lead=first,
        tail=new.shape[-1] - stop,
        notices=piece.notices + told(gone, piece, "resample"),
    )
