"""The trial without its first and last seconds, such as the artefacts of its onset."""

from dataclasses import replace
from typing import Annotated

from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.core import Piece
from reportgen.errors import UsageError
from reportgen.features._signal import signal_of, windows_of

_ROUNDING = 1e-6  # s


def extract(
    piece: Piece,
    *,
    first: Annotated[float, Ge(0), Unit("s"), Doc("length of what goes at the start of each gapless stretch")] = 0.5,
    last: Annotated[float, Ge(0), Unit("s"), Doc("length of what goes at its end")] = 0.0,
) -> Piece:
    """Take away the ends of a trial: of a signal to the nearest sample, of windows every one that touches them.

    What is taken from a signal still keeps later filters from ringing: it becomes lead and tail.

    Raises:
        UsageError: neither end loses anything.
    """
    if not (first or last):
        raise UsageError("feature trim: neither first nor last is set", "Set one, or leave the feature out.")
    return _signal(piece, first, last) if piece.spans is None else _windows(piece, first, last)


def _signal(piece: Piece, first: float, last: float) -> Piece:
    length = signal_of(piece, "trim").shape[-1] - piece.lead - piece.tail
    before = min(round(first * piece.rate), length)
    after = min(round(last * piece.rate), length - before)
    return replace(
        piece,
        start=piece.start + before / piece.rate,
        lead=piece.lead + before,
        tail=piece.tail + after,
        notices=piece.notices + _emptied(length - before - after, first, last),
    )


def _windows(piece: Piece, first: float, last: float) -> Piece:
    x, spans = windows_of(piece, "trim")
    begin, end = spans[:, 0].min(initial=float("inf")), spans[:, 1].max(initial=float("-inf"))
    kept = (spans[:, 0] >= begin + first - _ROUNDING) & (spans[:, 1] <= end - last + _ROUNDING)
    return replace(piece, x=x[kept], spans=spans[kept], notices=piece.notices + _emptied(kept.sum(), first, last))


def _emptied(left: int, first: float, last: float) -> tuple[str, ...]:
    return () if left else (f"not longer than the {first + last:g} s that are trimmed: no sample is made of it",)
