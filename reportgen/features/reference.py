"""The signal against another reference: the mean of all channels or of some."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
from annotated_doc import Doc

from reportgen.core import Piece
from reportgen.errors import DataError, UsageError
from reportgen.features._signal import flat, missing, places_of, signal_of


def extract(
    piece: Piece,
    *,
    to: Annotated[str | list[str], Doc('"average": the mean of all channels; or names of some')] = "average",
) -> Piece:
    """Subtract the mean of the channels named.

    Channels that are flat or have missing values in the trial are left out of the mean, and stay as they are.

    Raises:
        UsageError: the piece is no signal, `to` is empty, or there is no channel of a name.
        DataError: all of the channels to refer to are flat or have missing values.
    """
    x = signal_of(piece, "reference")
    silent = flat(piece) | missing(piece)
    wanted = _wanted(to, piece)
    usable = [place for place in wanted if not silent[place]]
    if not usable:
        names = ", ".join(piece.channels[place] for place in wanted)
        raise DataError(
            f"feature reference: every channel to refer to ({names}) is flat or has missing values, {piece.start:.1f} s into"
            " a recording",
            "Refer to other channels, or leave the recording out.",
        )
    new = np.where(silent[:, np.newaxis], x, x - x[usable].mean(0, dtype=np.float64))
    left_out = tuple(
        f"channel {piece.channels[place]} is flat or has missing values: left out of the reference"
        for place in wanted
        if silent[place]
    )
    return replace(piece, x=new.astype(np.float32), notices=piece.notices + left_out)


def _wanted(to: str | Sequence[str], piece: Piece) -> list[int]:
    if to == "average":
        return list(range(len(piece.channels)))
    if not to:
        raise UsageError("feature reference: `to` names no channel", 'Set to = "average", or name channels.')
    return places_of([to] if isinstance(to, str) else to, piece, "reference")
