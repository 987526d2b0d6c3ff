"""Activity of a simulated brain: 1/f background and rhythms as shaped noise, emotions as bursts of oscillation."""

import numpy as np
from scipy import fft

_REACH = (1.0, 45.0)  # Hz: where the background has SD 1
_KNEE = 0.7  # Hz: below, the background stays level
_BURSTS = 1.2  # a second
_LASTING = (0.3, 1.0)  # s
_HARMONIC = 0.2  # amplitude of the second harmonic: its crests are sharper than its troughs


def background(frequency: np.ndarray, slope: float) -> np.ndarray:
    """(frequency,): amplitude density, per √Hz, of 1/f noise whose power falls with `slope` and has SD 1 in 1–45 Hz."""

    def power(f: np.ndarray) -> np.ndarray:
        return np.asarray((f**2 + _KNEE**2) ** (-slope / 2))

    reach = np.linspace(*_REACH, 500)
    density = np.sqrt(power(frequency) / np.trapezoid(power(reach), reach))
    density[frequency == 0] = 0
    return np.asarray(density)


def background_sd(low: float, high: float, slope: float) -> float:
    """SD of that background between two frequencies in Hz."""
    reach = np.linspace(low, high, 200)
    return float(np.sqrt(np.trapezoid(background(reach, slope) ** 2, reach)))


def rhythm(frequency: np.ndarray, peak: np.ndarray, width: np.ndarray) -> np.ndarray:
    """(source, frequency): amplitude densities of noise of SD 1 around `peak` (source,) Hz with SD `width` (source,) Hz.

    Noise in a narrow band waxes and wanes as the rhythms of the brain do.
    """
    distance = (frequency - peak[:, None]) / width[:, None]
    return np.asarray(np.exp(-(distance**2) / 4) / np.sqrt(width * np.sqrt(2 * np.pi))[:, None])


def noise(rng: np.random.Generator, densities: np.ndarray, length: int, rate: float) -> np.ndarray:
    """(source, time) float32: Gaussian noise with the given amplitude densities.

    Args:
        rng: source of chance.
        densities: (source, frequency), per √Hz, at `frequencies(length, rate)`.
        length: samples.
        rate: Hz.
    """
    whole = _whole(length, rate)
    dice = rng.standard_normal((len(densities), 2 * densities.shape[1]), np.float32).view(np.complex64)
    dice *= (densities * (np.sqrt(rate * whole) / 2)).astype(np.float32)
    return np.asarray(fft.irfft(dice, whole, overwrite_x=True)[:, :length])


def frequencies(length: int, rate: float) -> np.ndarray:
    """Hz: of the spectrum that `length` samples are drawn from."""
    return np.asarray(fft.rfftfreq(_whole(length, rate), 1 / rate))


def _whole(length: int, rate: float) -> int:
    """Samples that noise is drawn for: a second more than are used, since it repeats itself from there on."""
    return int(fft.next_fast_len(length + int(rate), real=True))


def bursts(rng: np.random.Generator, length: int, rate: float, low: float, high: float) -> np.ndarray:
    """(time,): an oscillation that comes and goes, of SD about 1 while it lasts, each time at another frequency.

    It is not a sine: a second harmonic, where the rate carries it, makes its crests sharper than its troughs.

    Args:
        rng: source of chance.
        length: samples.
        rate: Hz.
        low: of the frequencies, Hz.
        high: of the frequencies, Hz.
    """
    count = rng.poisson(_BURSTS * (length / rate + _LASTING[1]))
    lasting = rng.uniform(*_LASTING, (count, 1))
    onset = rng.uniform(-_LASTING[1], length / rate, count)
    time = np.arange(int(_LASTING[1] * rate)) / rate
    phase = 2 * np.pi * (rng.uniform(low, high, (count, 1)) * time + rng.random((count, 1)))
    wave = np.sin(phase)
    if 2 * high < rate / 2:
        wave -= _HARMONIC * np.cos(2 * phase)
    swell = np.sin(np.pi * np.clip(time / lasting, 0, 1)) ** 0.5
    return scatter(onset, np.sqrt(2) * rng.lognormal(0, 0.25, (count, 1)) * swell * wave, length, rate)


def scatter(onset: np.ndarray, shapes: np.ndarray, length: int, rate: float) -> np.ndarray:
    """(time,): the sum of `shapes` (event, time), each from its `onset` (event,) s on; what lies outside is cut."""
    at = np.round(onset * rate).astype(int)[:, None] + np.arange(shapes.shape[1])
    inside = (at >= 0) & (at < length)
    return np.bincount(at[inside], shapes[inside], length)
