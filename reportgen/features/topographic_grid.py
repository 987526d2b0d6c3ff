"""Bands as images of the head: each channel in its cell of a grid, and some windows in a row as a film."""

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Unit

from reportgen.core import Piece
from reportgen.errors import UsageError
from reportgen.features._grids import places, shape_of
from reportgen.features._signal import runs, windows_of


def extract(
    piece: Piece,
    *,
    grid: Annotated[Literal["8x9", "9x9"], Doc("rows × columns; 9x9 puts AF3 and AF4 behind FP1 and FP2")] = "8x9",
    stack: Annotated[int, Ge(1), Unit("windows"), Doc("that make one sample; above 1, an axis `slice` counts them")] = 1,
) -> Piece:
    """Put channels into a grid: x (window, band, row, column), or (window, slice, band, row, column) of stacked windows.

    Cells without an electrode are 0, nose up. The grids are those of 4D-CRNN, which stacks 6 windows of 0.5 s, and TorchEEG.

    Raises:
        UsageError: the piece has no (window, channel, band), or the grid has no place for a channel.
    """
    x, spans = windows_of(piece, "topographic_grid")
    if piece.axes != ("window", "channel", "band"):
        raise UsageError(
            f"feature topographic_grid takes (window, channel, band), not ({', '.join(piece.axes)}) of shape {x.shape}",
            "Put it after a feature of bands, such as `differential_entropy`.",
        )
    rows, columns = places(grid, piece.channels)
    images = np.zeros((len(x), x.shape[2], *shape_of(grid)), np.float32)
    images[:, :, rows, columns] = x.swapaxes(1, 2)
    drawn = replace(piece, x=images, axes=("window", "band", "row", "column"))
    return drawn if stack == 1 else _stacked(drawn, spans, stack)


def _stacked(piece: Piece, spans: np.ndarray, stack: int) -> Piece:
    """Each sample is `stack` windows that follow each other without a gap: from the start of the first to the stop of the last.

    There is a notice of each window that is left over, all in the same words: the report counts them.
    """
    firsts = [first for run in runs(spans) for first in range(run.start, run.stop - stack + 1, stack)]
    members = np.array(firsts, int)[:, np.newaxis] + np.arange(stack)
    notice = f"A window is left over at the end of a trial or before a gap, too few for a stack of {stack}, and is left out."
    return replace(
        piece,
        x=piece.x[members],
        axes=("window", "slice", "band", "row", "column"),
        spans=np.stack([spans[members[:, 0], 0], spans[members[:, -1], 1]], axis=-1),
        notices=piece.notices + (notice,) * (len(piece.x) - members.size),
    )
