"""Bad channels, found in each trial or named, computed anew from the others by spherical splines."""

from dataclasses import replace
from functools import lru_cache
from typing import Annotated

import mne
import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Gt, Le, Unit

from reportgen import montage
from reportgen.core import Piece
from reportgen.errors import DataError, UsageError
from reportgen.features._channel_rules import judged
from reportgen.features._signal import flat, missing, places_of, signal_of

_FEWEST = 4  # good channels that a surface is laid through


def extract(
    piece: Piece,
    *,
    find: Annotated[bool, Doc("look for bad channels in each trial")] = True,
    names: Annotated[tuple[str, ...], Doc("channels that are bad in all recordings")] = (),
    z: Annotated[float, Gt(0), Doc("robust standard deviations from the other channels' amplitude or fast noise")] = 5.0,
    correlation: Annotated[float, Ge(0), Le(1), Doc("of 1 s windows, that some other channels must reach")] = 0.4,
    share: Annotated[float, Ge(0), Le(1), Unit("of the windows"), Doc("that may stay below it; PREP: 0.01")] = 0.1,
) -> Piece:
    """Find channels that are flat, have missing values or break a rule of the PREP pipeline, and interpolate them.

    The rules compare channels: of fewer than eight, only flat ones and missing values are found. Put the feature before
    `reference`, which spreads a bad channel over all. Measured: "bad channels", their number in the trial.

    Raises:
        UsageError: the piece is no signal, a name is unknown, or a bad channel has no known position.
        DataError: too few channels are good.
    """
    x = signal_of(piece, "bad_channels")
    if not (find or names):
        raise UsageError("feature bad_channels: find is false and names is empty", "Set one, or leave the feature out.")
    reasons = dict.fromkeys(places_of(names, piece, "bad_channels"), "named as bad")
    if find:
        reasons = _found(piece, z, correlation, share) | reasons
    bad = tuple(sorted(reasons))
    if bad:
        x = x.copy()
        good, weights = _splines(tuple(piece.channels), bad)
        x[list(bad)] = weights @ x[good]
    told = tuple(f"channel {piece.channels[place]} is bad ({reasons[place]}) and is interpolated" for place in bad)
    return replace(piece, x=x, measures={**piece.measures, "bad channels": float(len(bad))}, notices=piece.notices + told)


def _found(piece: Piece, z: float, correlation: float, share: float) -> dict[int, str]:
    """{place of a bad channel: the first reason for it}."""
    gone, still = missing(piece), flat(piece)
    reasons = {int(place): "flat" for place in np.flatnonzero(still)}
    reasons |= {int(place): "missing values" for place in np.flatnonzero(gone)}
    rest = np.flatnonzero(~(gone | still))
    for reason, bad in judged(piece.trial[rest], piece.rate, z=z, correlation=correlation, share=share):
        reasons = {int(place): reason for place in rest[bad]} | reasons
    return reasons


@lru_cache(maxsize=256)
def _splines(channels: tuple[str, ...], bad: tuple[int, ...]) -> tuple[list[int], np.ndarray]:
    """Places of the good channels, and the weights that make the bad ones of them (bad, good).

    MNE interpolates the unit matrix, so that the weights are had once for all trials with the same bad channels.
    """
    known = montage.positions(channels) or {}
    lost = [channels[place] for place in bad if channels[place] not in known]
    if lost:
        raise UsageError(
            f"feature bad_channels: the position of {', '.join(lost)} is not known: it cannot be interpolated",
            "Give channels the names of the 10-05 system, or leave the channel or the feature out.",
        )
    good = [place for place, name in enumerate(channels) if place not in bad and name in known]
    if len(good) < _FEWEST:
        raise DataError(
            f"feature bad_channels: {len(bad)} of {len(channels)} channels are bad, {len(good)} left to interpolate from",
            f"At least {_FEWEST} must be good: leave the recording out, or set `find = false`.",
        )
    return good, _weights([channels[place] for place in good], [channels[place] for place in bad])


def _weights(good: list[str], bad: list[str]) -> np.ndarray:
    """(bad, good)."""
    info = montage.info([*good, *bad], 100.0)
    info["bads"] = bad
    unit = np.eye(len(good) + len(bad))[:, : len(good)]
    raw = mne.io.RawArray(unit, info, verbose="error")
    raw.interpolate_bads(mode="accurate", origin=(0.0, 0.0, 0.04), verbose="error")
    return np.asarray(raw.get_data()[len(good) :], dtype=np.float32)
