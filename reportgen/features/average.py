"""One sample a trial: the mean of all of its windows."""

from dataclasses import replace

import numpy as np

from reportgen.core import Piece
from reportgen.features._signal import windows_of
from reportgen.features._spectral import complete


def extract(piece: Piece) -> Piece:
    """Average over the windows: x (1, …), whose span reaches from the first window to the last; none of no windows.

    Windows with missing values are left out of the mean.

    Raises:
        UsageError: the piece is still a signal.
    """
    windows_of(piece, "average")
    piece = complete(piece)
    x, spans = windows_of(piece, "average")
    if not len(x):
        return piece
    span = np.array([[spans[:, 0].min(), spans[:, 1].max()]])
    return replace(piece, x=x.mean(0, keepdims=True, dtype=np.float64).astype(np.float32), spans=span)
