"""Features smoothed over the windows of a trial, as what drifts slowly under noise (linear dynamical system)."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from annotated_doc import Doc
from annotated_types import Gt

from reportgen.core import Piece
from reportgen.features._signal import runs, windows_of
from reportgen.features._spectral import complete

_PRIOR = 0.01  # variance of the first state about the windows' mean, as a share of the noise


def extract(
    piece: Piece,
    *,
    drift: Annotated[
        float, Gt(0), Doc("variance of a step from window to window, as a share of the noise: the less, the smoother")
    ] = 1e-4,
    causal: Annotated[bool, Doc("only from windows that went before (filter), not from later ones too (smoother)")] = False,
) -> Piece:
    """Estimate the state behind each feature: a random walk that is seen through noise. The shape stays.

    The smoother is that of Rauch, Tung and Striebel (1965, AIAA J. 3, 1445) on Kalman's filter, for EEG features by Shi and
    Lu (2010, EMBC, 6587). Constants are the field's: transition and observation 1, step 1e-4, noise 1, prior variance 0.01
    about the trial's mean, to which it pulls the first windows. Only their ratios matter: with them a window is averaged with
    some hundred on each side.

    Windows with missing values are left out. They and other gaps part a trial: what lies between two of them is smoothed as a
    trial of its own.

    **Every window of a trial has then seen all others.** A split that puts windows of one trial on both sides leaks; an
    audit looks for that. `causal` leaves out later windows, and the prior, which knows the trial's mean: it starts with the
    first window. A split by time within a trial is then honest towards the past; one at random still leaks.

    Raises:
        UsageError: the piece is still a signal.
    """
    windows_of(piece, "lds")
    piece = complete(piece)
    x, spans = windows_of(piece, "lds")
    states = np.empty_like(x, dtype=np.float32)
    for run in runs(spans):
        filtered, variances = _filter(x[run].astype(float), drift, causal)
        states[run] = filtered if causal else _smooth(filtered, variances, drift)
    return replace(piece, x=states)


def _filter(x: np.ndarray, drift: float, causal: bool) -> tuple[np.ndarray, np.ndarray]:
    """Kalman's filter of x (window, …): means (window, …) and variances (window,) of the states given windows up to each."""
    means, variances = np.empty_like(x), np.empty(len(x))
    mean, variance = (0.0, np.inf) if causal or not len(x) else (x.mean(axis=0), _PRIOR)
    for window, seen in enumerate(x):
        gain = 1.0 if np.isinf(variance) else variance / (variance + 1)
        mean = mean + gain * (seen - mean)
        means[window], variances[window] = mean, gain  # the noise is 1: what is left of the variance is the gain
        variance = gain + drift
    return means, variances


def _smooth(means: np.ndarray, variances: np.ndarray, drift: float) -> np.ndarray:
    """Means (window, …) of the states given all windows: what later windows say is passed back."""
    smoothed = means.copy()
    for window in range(len(means) - 2, -1, -1):
        share = variances[window] / (variances[window] + drift)
        smoothed[window] += share * (smoothed[window + 1] - means[window])
    return smoothed
