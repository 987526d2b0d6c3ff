"""Simulated people: how brains, caps and recordings differ, and what clips and emotions add to them."""

from dataclasses import dataclass

import numpy as np

from reportgen.datasets._eeg_forward import Head, head
from reportgen.datasets._eeg_sources import background, background_sd, bursts, frequencies, rhythm

SLOPE = 1.8
"""How the power of the background of an average brain falls: 1 / f^1.8."""
BACKGROUND = 12.0
"""µV: SD of the background of an average brain, 1-45 Hz, mean over channels."""

_RHYTHMS = (  # electrode above, Hz, SD in Hz, µV: alpha at the back, mu over the hands, frontal theta
    ("O1", 10.0, 0.8, 6.0),
    ("O2", 10.0, 0.8, 6.0),
    ("POZ", 10.0, 1.0, 5.0),
    ("C3", 11.0, 1.2, 2.5),
    ("C4", 11.0, 1.2, 2.5),
    ("FZ", 6.0, 1.0, 2.5),
)
_STREAMS = ("subject", "session", "trial", "clip")  # their chances are independent
_CLIP_SOURCES = 4
_CLIP_REACH = (4.0, 40.0)  # Hz


def chance(seed: int, what: str, *which: int) -> np.random.Generator:
    """Randomness of one subject, session, trial or clip, whatever else is simulated."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAMS.index(what), *which)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brain:
    """One person in one session, with the cap as it sits that day."""

    gain: float  # of the background
    slope: float
    peak: float  # Hz by which all rhythms lie higher
    rhythms: np.ndarray  # (rhythm,) factor of each
    response: np.ndarray  # (class,) factor of what an emotion adds
    shift: np.ndarray  # (class, 3) m by which its place differs from that of others
    tilt: np.ndarray  # (class, 3) and its direction
    detune: np.ndarray  # (class,) its frequency, in shares of half the band
    blinking: float  # factor of how often
    crowd: np.ndarray  # (channel, channel) mixes the background
    cap: np.ndarray  # (3,) m by which the cap sits elsewhere
    electrodes: np.ndarray  # (channel,) gain of each


def brain(at: Head, seed: int, subject: int, session: int, effect: float, classes: int) -> Brain:
    """Draw a person and a day; `effect` 0 makes all people and days equal, 1 is what the values below say."""
    person, day = chance(seed, "subject", subject), chance(seed, "session", subject, session)

    def spread(rng: np.random.Generator, sd: float, *shape: int) -> np.ndarray:
        return np.asarray(effect * sd * rng.standard_normal(shape))

    rhythms = np.exp(spread(person, 0.4) + spread(person, 0.15, len(_RHYTHMS)) + spread(day, 0.1, len(_RHYTHMS)))
    return Brain(
        gain=float(np.exp(spread(person, 0.2) + spread(day, 0.08))),
        slope=SLOPE + float(spread(person, 0.15) + spread(day, 0.05)),
        peak=float(spread(person, 0.7) + spread(day, 0.1)),
        rhythms=rhythms,
        response=np.exp(spread(person, 0.25, classes) + spread(day, 0.1, classes)),
        shift=spread(person, 0.008, classes, 3),
        tilt=spread(person, 0.25, classes, 3),
        detune=np.clip(spread(person, 0.15, classes), -1 / 3, 1 / 3),
        blinking=float(np.exp(spread(person, 0.4))),
        crowd=at.crowd(chance(seed, "subject").standard_normal(at.points.shape) + spread(person, 0.6, *at.points.shape)),
        cap=spread(day, 0.004, 3),
        electrodes=np.exp(spread(day, 0.08, len(at.channels))),
    )


@dataclass(frozen=True, slots=True)
class Ongoing:
    """What goes on in a brain all the time while a clip is shown: independent sources, their spectra and places."""

    densities: np.ndarray  # (source, frequency) amplitude per √Hz, SD 1
    mixing: np.ndarray  # (channel, source) µV


def ongoing(at: Head, who: Brain, rng: np.random.Generator, length: int, rate: float) -> Ongoing:
    """Background and rhythms of one trial, a little different from those of the last."""
    frequency = frequencies(length, rate)
    names, peaks, widths, amplitudes = zip(*_RHYTHMS, strict=True)
    gain = who.gain * rng.lognormal(0, 0.05)
    slope = who.slope + rng.normal(0, 0.04)
    amplitude = np.array(amplitudes) * who.rhythms * rng.lognormal(0, 0.2, len(names))
    fields = np.stack([at.patch(head().under(name) + who.cap) for name in names], axis=1)
    densities = [
        np.broadcast_to(background(frequency, slope), (len(at.channels), len(frequency))),
        rhythm(frequency, np.array(peaks) + who.peak, np.array(widths)),
    ]
    return Ongoing(np.concatenate(densities), np.concatenate([BACKGROUND * gain * who.crowd, fields * amplitude], axis=1))


def pattern(at: Head, who: Brain, seed: int, clip: int, frequency: np.ndarray, strength: float) -> Ongoing:
    """What a clip adds in everybody: some places at some frequencies, unlike those of any other clip.

    Args:
        at: the head.
        who: whose cap it is recorded with.
        seed: of the data set.
        clip: number of the clip.
        frequency: (frequency,) Hz.
        strength: SD at the best electrode, as a multiple of the background's in the same band.
    """
    rng = chance(seed, "clip", clip)
    places = head().points[rng.integers(len(head().points), size=_CLIP_SOURCES)]
    peak = np.geomspace(*_CLIP_REACH, 100)[rng.integers(100, size=_CLIP_SOURCES)]
    width = 0.5 + peak / 15
    beside = [background_sd(max(p - 2 * w, 1.0), p + 2 * w, SLOPE) for p, w in zip(peak, width, strict=True)]
    fields = np.stack([at.patch(place + who.cap) for place in places], axis=1)
    return Ongoing(rhythm(frequency, peak, width), strength * BACKGROUND * fields * beside)


@dataclass(frozen=True, slots=True)
class Emotion:
    """What a class adds: bursts of an oscillation in a band, from a place."""

    label: int
    site: str  # electrode above the place
    low: float  # Hz
    high: float  # Hz
    strength: float  # SD in a burst as a multiple of the background's in the band

    def amplitude(self, who: Brain) -> float:
        """µV: SD in a burst at the best electrode."""
        return float(self.strength * who.response[self.label] * BACKGROUND * background_sd(self.low, self.high, SLOPE))

    def peak(self, who: Brain) -> float:
        """Hz: around which a person's bursts lie."""
        return float((self.low + self.high) / 2 + who.detune[self.label] * (self.high - self.low) / 2)

    def field(self, at: Head, who: Brain) -> np.ndarray:
        """(channel,): 1 at the electrode where it is strongest."""
        return at.patch(head().under(self.site) + who.cap + who.shift[self.label], who.tilt[self.label])

    def signal(self, who: Brain, rng: np.random.Generator, length: int, rate: float) -> np.ndarray:
        """(time,) µV at that electrode; two thirds of half the band around the peak leave room for people to differ."""
        reach = (self.high - self.low) / 3
        return self.amplitude(who) * bursts(rng, length, rate, self.peak(who) - reach, self.peak(who) + reach)
