"""Phase-randomised surrogates: training windows with their own spectrum and random phases."""

from typing import Annotated

import numpy as np
from annotated_doc import Doc

from reportgen.core import Place
from reportgen.errors import UsageError
from reportgen.generators._drawing import drawn, rows_by_class
from reportgen.spectra import blocks
from reportgen.synthetic import Domain, Learnable, Made
from reportgen.words import fixed

BIBTEX = """@article{theiler1992testing,
  author = {Theiler, James and Eubank, Stephen and Longtin, André and Galdrikian, Bryan and Farmer, J. Doyne},
  title = {Testing for Nonlinearity in Time Series: The Method of Surrogate Data},
  journal = {Physica D: Nonlinear Phenomena},
  year = {1992},
  volume = {58},
  number = {1--4},
  pages = {77--94},
  doi = {10.1016/0167-2789(92)90102-S},
  keywords = {generator/phase_surrogate},
}

@article{prichard1994generating,
  author = {Prichard, Dean and Theiler, James},
  title = {Generating Surrogate Data for Time Series with Several Simultaneously Measured Variables},
  journal = {Physical Review Letters},
  year = {1994},
  volume = {73},
  number = {7},
  pages = {951--954},
  doi = {10.1103/PhysRevLett.73.951},
  keywords = {generator/phase_surrogate},
}"""
_OF_SPECTRUM = ("psd_distance", "autocorrelation_distance", "band_power_divergence")
_NO_JUMP = 2  # steps between neighbours: ends that are no further apart are not told of


def generate(
    known: Learnable,
    place: Place,
    *,
    shared: Annotated[bool, Doc("turn all channels of a window by the same phases: their covariance stays as it is")] = True,
) -> Made:
    """Turn each frequency of a training window by a random phase: bursts and the shape of waves are lost.

    The power of each window at each frequency of its Fourier transform is kept exactly, its mean too (Theiler et al. 1992);
    with shared phases the cross-spectra, and so the covariance of the channels (Prichard and Theiler 1994). The transform
    takes a window for periodic. It is not: where its end meets its start there is a jump, whose power random phases spread
    over the whole surrogate. A tapered spectrum, such as Welch's, does not see the jump in the window but does see it in the
    surrogate: there the spectrum is kept but for some power at high frequencies, and the autocorrelation, which the
    transform takes around the end, but for a faster decay. How large it is stands in the notes.

    Raises:
        UsageError: the samples are no signals.
        StepError: a class that is asked for has no training sample.
    """
    _refuse_maps(known.domain)
    place.progress(0, 1, "turning phases")
    rng = np.random.default_rng(place.seed)
    source = drawn(rows_by_class(known, 1, "a surrogate"), known.wanted, rng)
    made = known.train.x[source]
    for block in blocks(made):
        made[block] = _turned(made[block], shared, rng)
    keeps = (*_OF_SPECTRUM, "covariance_distance") if shared else _OF_SPECTRUM
    return Made(x=made, source=source[:, None], keeps=keeps, notes=_jump(known.train.x))


def _refuse_maps(domain: Domain) -> None:
    if not domain.signals:
        raise UsageError(
            f"generator phase_surrogate makes signals (channel, time), and these samples are maps of {domain.told}",
            'Leave it out, or end the features in `use = "windows"`.',
        )


def _turned(x: np.ndarray, shared: bool, rng: np.random.Generator) -> np.ndarray:
    """Surrogates of x (window, channel, time)."""
    windows, channels, samples = x.shape
    spectra = np.fft.rfft(x.astype(float))
    phases = rng.uniform(0, 2 * np.pi, (windows, 1 if shared else channels, spectra.shape[-1]))
    phases[..., 0] = 0  # the mean
    if samples % 2 == 0:
        phases[..., -1] = 0  # half the rate: real in every signal
    return np.fft.irfft(spectra * np.exp(1j * phases), samples).astype(np.float32)


def _jump(x: np.ndarray) -> tuple[str, ...]:
    """How far the ends of windows (window, channel, time) are apart, for the report."""
    step = np.sqrt(np.mean(np.diff(x, axis=-1).astype(float) ** 2))
    jump = np.sqrt(np.mean((x[..., 0] - x[..., -1]).astype(float) ** 2))
    if jump <= _NO_JUMP * step:
        return ()
    told = f"The ends of a training window are {fixed(jump / step, 1)} times as far apart as neighbouring samples are:"
    return (f"{told} a surrogate spreads that jump over all frequencies.",)
