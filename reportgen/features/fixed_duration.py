"""Every trial stretched or squeezed to one number of samples, whatever time it took; its frequencies stay true."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Gt, Unit
from scipy.signal import detrend, resample

from reportgen.core import Piece
from reportgen.errors import DataError
from reportgen.features._fir import filtered, low_pass
from reportgen.features._gaps import bridged, moved, told, with_gaps
from reportgen.features._signal import signal_of

_MEASURED = (1.0, 50.0)  # Hz
_NOTABLE = 0.01  # share of the power

Interpolation = Callable[[np.ndarray], np.ndarray]
"""(channel, time) with lead and tail -> (channel, new time) of the trial alone."""


def extract(
    piece: Piece,
    *,
    seconds: Annotated[float, Gt(0), Unit("s"), Doc("the number of samples is this times the rate that the trial has")] = 50.0,
    method: Annotated[
        Literal["fourier", "filtered", "plain"],
        Doc("Fourier series; straight lines between samples after a low-pass filter; or lines alone: high frequencies fold"),
    ] = "fourier",
) -> Piece:
    """Interpolate the trial; its lead and tail go.

    The trial of T s gets seconds × rate samples, which lie T / (seconds × rate) s apart: that is the effective rate, which the
    piece carries from here on, so that bands and windows later are in true Hz and s. What lies above half of it is lost.
    Windows of some seconds then have another number of samples in each trial: give networks the whole trial (window = 0).
    Straight lines also weaken what is held: 30 Hz at 200 Hz by a seventh of its power.
    Missing samples are bridged by straight lines; the new ones that lie there are missing, and a notice says so.
    Measured, of the power at 1 to 50 Hz: "power lost", the share that the new samples do not hold, and "power aliased", the
    share of theirs that came from above half of the effective rate.

    Raises:
        UsageError: the piece is no signal.
        DataError: the trial has fewer than two samples, or would get fewer.
    """
    whole, gone = bridged(signal_of(piece, "fixed_duration"))
    old, new = piece.trial.shape[-1], round(seconds * piece.rate)
    if min(old, new) < 2:
        raise DataError(
            f"feature fixed_duration: cannot make {new} samples of {old}",
            "Set more seconds, or leave the trial out of the data.",
        )
    effective = piece.rate * new / old
    interpolated = _interpolation(piece, new, method)
    lost, aliased = _losses(replace(piece, x=whole), effective, interpolated)
    holes = moved(gone[:, piece.lead : piece.lead + old], new, old, new)
    return replace(
        piece,
        x=with_gaps(interpolated(whole), holes),
        rate=effective,
        highest=min(piece.highest, piece.rate / 2, effective / 2),
        lead=0,
        tail=0,
        measures={**piece.measures, "effective rate in Hz": effective, "power lost": lost, "power aliased": aliased},
        notices=piece.notices + told(gone, piece, "fixed_duration") + _notices(lost, aliased),
    )


def _interpolation(piece: Piece, new: int, method: str) -> Interpolation:
    inside = slice(piece.lead, piece.x.shape[-1] - piece.tail)
    old = inside.stop - inside.start
    if method == "fourier":
        return lambda x: _by_series(x[:, inside].astype(np.float64), new)
    places = piece.lead + np.arange(new) * (old / new)
    if method == "plain" or new >= old:
        return lambda x: _between(x, places)
    kernel = low_pass(piece.rate * new / old / 2, piece.rate)
    return lambda x: _between(filtered(x, kernel), places)


def _between(x: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Straight lines between samples; after the last one, its value. Places in samples."""
    left = places.astype(int)
    right = np.minimum(left + 1, x.shape[-1] - 1)
    return np.asarray(x[:, left] + (places - left) * (x[:, right] - x[:, left]))


def _by_series(x: np.ndarray, new: int) -> np.ndarray:
    """Fourier series of what is left beside the line from end to end, which a series would ring at."""
    slope = (x[:, -1:] - x[:, :1]) / (x.shape[-1] - 1)
    line = x[:, :1] + slope * np.arange(x.shape[-1])
    after = x[:, :1] + slope * np.arange(new) * (x.shape[-1] / new)
    return np.asarray(resample(x - line, new, axis=-1) + after)


def _losses(piece: Piece, effective: float, interpolated: Interpolation) -> tuple[float, float]:
    """Shares of power that are lost, and aliased: the interpolation is linear, so that slow and fast parts go through apart."""
    x = detrend(piece.x, axis=-1)
    spectrum = np.fft.rfft(x, axis=-1)
    frequencies = np.fft.rfftfreq(x.shape[-1], 1 / piece.rate)
    fast = np.fft.irfft(np.where(frequencies > effective / 2, spectrum, 0), x.shape[-1], axis=-1)
    before = _power(x[:, piece.lead : x.shape[-1] - piece.tail], piece.rate)
    kept, folded = _power(interpolated(x - fast), effective), _power(interpolated(fast), effective)
    lost = 1 - kept / before if before else 0.0
    return max(0.0, lost), folded / (kept + folded) if kept + folded else 0.0


def _power(x: np.ndarray, rate: float) -> float:
    """Mean power at 1 to 50 Hz of (channel, time), tapered by Hann's window; comparable between rates."""
    count = x.shape[-1]
    spectrum = np.fft.rfft(x * np.sin(np.pi * np.arange(count) / count) ** 2, axis=-1) / count
    frequencies = np.fft.rfftfreq(count, 1 / rate)
    band = (frequencies >= _MEASURED[0]) & (frequencies <= _MEASURED[1])
    return float((np.abs(spectrum[:, band]) ** 2).sum() * 2)


def _notices(lost: float, aliased: float) -> tuple[str, ...]:
    told = {f"loses more than {_NOTABLE:.0%} of its power at 1 to 50 Hz to the fixed duration": lost}
    told[f"has more than {_NOTABLE:.0%} of its power from frequencies that the fixed duration folded down"] = aliased
    return tuple(text for text, share in told.items() if share > _NOTABLE)
