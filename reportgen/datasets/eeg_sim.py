"""Simulated EEG of people who watch film clips, with planted emotions, clips, artefacts and bad channels.

Dipoles in a spherical head make a 1/f background and the usual rhythms. A negative and a positive clip add bursts of an
oscillation, each in its band and from its place; a neutral clip adds nothing. A clip may besides leave a pattern of its
own, the same in everybody, which tells nothing about emotion. `Recording.planted` of each recording:

    classes       {class: {band [Hz, Hz], peak Hz, site, channels [strongest first, down to half of the strongest],
                  strength, amplitude µV at the strongest}}: `strength` is the SD in a burst as a multiple of the
                  background's in the same band. A class that adds nothing is not named.
    clip_effect   as set
    blinks        how many
    muscle        {amplitude µV, effect}: `effect` is by how much more muscles work in positive clips
    bad_channels  {channel: flat, noisy or drifting}, in all trials
    outlier_trials [trial]: those that a movement has spoilt

With the defaults and seeds 0 and 1, logistic regression on differential entropy of 1 s windows reaches a balanced accuracy
of 0.61 and 0.57 on held-out people if it has seen their clips in others (loso), and of 0.53 and 0.49 if it has not
(loso_clip); chance is 0.33. Without `clip_effect` both are 0.57; with `class_effect` 2 besides, 0.49.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_doc import Doc
from annotated_types import Ge, Interval, MultipleOf, Unit

from reportgen.core import Facts, Recording, Stretch
from reportgen.datasets import _eeg_artefacts as artefacts
from reportgen.datasets._eeg_forward import Head, head
from reportgen.datasets._eeg_people import Brain, Emotion, brain, chance, ongoing, pattern
from reportgen.datasets._eeg_sources import frequencies, noise
from reportgen.errors import UsageError
from reportgen.montage import SEED_62

FACTS = Facts(
    title="Simulated EEG",
    modality="eeg",
    classes=("negative", "neutral", "positive"),
    simulated=True,
    licence="MIT, as this project",
    consent="Nobody was recorded: every signal is computed.",
    redistribute=True,
    citation="Simulated by reportgen with the spherical head of MNE-Python (Gramfort et al. 2013), in the design of SEED"
    " (Zheng and Lu 2015).",
    bibtex="""@article{gramfort2013mne,
  author = {Gramfort, Alexandre and Luessi, Martin and Larson, Eric and Engemann, Denis A. and Strohmeier, Daniel and
    Brodbeck, Christian and Goj, Roman and Jas, Mainak and Brooks, Teon and Parkkonen, Lauri and H{\\"a}m{\\"a}l{\\"a}inen,
    Matti},
  title = {{MEG} and {EEG} data analysis with {MNE-Python}},
  journal = {Frontiers in Neuroscience},
  volume = {7},
  pages = {267},
  year = {2013},
  doi = {10.3389/fnins.2013.00267}
}""",
    limits="Emotions are planted as oscillations of two bands and places, stronger or weaker as the study sets. Results"
    " show that the methods find what is there and nothing else; they say nothing about emotions in people's brains.",
)
_ORDER = (2, 1, 0, 0, 1, 2, 0, 1, 2, 2, 1, 0, 1, 2, 0)  # classes of SEED's clips; every three hold all classes
_SECONDS = (235, 233, 206, 238, 185, 195, 237, 216, 265, 237, 235, 233, 235, 238, 206)  # of SEED's clips
_PAUSE = 15.0  # s between clips
_TEN_TWENTY = "FP1 FP2 F7 F3 FZ F4 F8 T7 C3 CZ C4 T8 P7 P3 PZ P4 P8 O1 O2"
_SENSOR = 0.4  # µV, noise of the amplifier
_POSITIVE = FACTS.classes.index("positive")


@dataclass(frozen=True, slots=True)
class _Design:
    """What all recordings share."""

    at: Head
    emotions: tuple[Emotion, ...]
    lengths: tuple[int, ...]  # samples of each trial
    rate: float
    clip_effect: float
    subject_effect: float
    blinks: float
    muscle: float
    muscle_effect: float
    bad_channels: float
    outliers: float
    seed: int


def load(
    *,
    subjects: Annotated[int, Ge(1), Unit("subjects"), Doc("how many people")] = 8,
    sessions: Annotated[int, Ge(1), Unit("sessions"), Doc("how often each is recorded, with the same clips")] = 2,
    trials: Annotated[
        int, Ge(3), MultipleOf(3), Unit("trials"), Doc("of a session, a third of each class in SEED's order")
    ] = 15,
    seconds: Annotated[float, Ge(0), Unit("s"), Doc("length of a trial; 0: as long as SEED's, 185 to 265 s")] = 8.0,
    rate: Annotated[float, Ge(64), Unit("Hz"), Doc("samples a second")] = 128.0,
    channels: Annotated[
        Literal["seed_62", "ten_twenty"], Doc("the 62 electrodes of SEED, or the 19 of the 10-20 system among them")
    ] = "seed_62",
    class_effect: Annotated[
        float, Ge(0), Doc("SD of an emotion's bursts as a multiple of the background's in the same band")
    ] = 3.0,
    negative_hz: Annotated[float, Ge(4), Unit("Hz"), Doc("centre of the band of negative clips")] = 21.0,
    negative_site: Annotated[str, Doc("electrode above its place")] = "F3",
    positive_hz: Annotated[float, Ge(4), Unit("Hz"), Doc("centre of the band of positive clips")] = 36.0,
    positive_site: Annotated[str, Doc("electrode above its place")] = "C4",
    bandwidth: Annotated[float, Interval(ge=2, le=12), Unit("Hz"), Doc("width of both bands")] = 8.0,
    clip_effect: Annotated[float, Ge(0), Doc("the same of each clip's own pattern, which tells nothing about emotion")] = 1.0,
    subject_effect: Annotated[float, Ge(0), Doc("how much people and days differ; 0: not at all")] = 1.0,
    blinks: Annotated[float, Ge(0), Unit("a minute"), Doc("how often the eyes blink")] = 12.0,
    muscle: Annotated[float, Ge(0), Unit("µV"), Doc("amplitude of tense muscles at temporal and low electrodes")] = 5.0,
    muscle_effect: Annotated[float, Ge(0), Doc("by how much more muscles work in positive clips; 1: twice as much")] = 0.0,
    bad_channels: Annotated[float, Interval(ge=0, le=0.5), Doc("share of electrodes that fail in a recording")] = 0.02,
    outliers: Annotated[float, Interval(ge=0, le=0.5), Doc("share of trials that a movement spoils")] = 0.02,
    seed: Annotated[int, Ge(0), Doc("of everything that is drawn")] = 0,
) -> Iterator[Recording]:
    """Simulate one recording after another; equal settings give equal signals, however many others are made.

    Raises:
        UsageError: a band does not fit the rate, a site is no electrode, or a trial is shorter than a second.
    """
    if 0 < seconds < 1:
        raise UsageError(f"eeg_sim: trials of {seconds:g} s are too short", "Set `seconds` to 1 or more, or to 0 for SEED's.")
    half = bandwidth / 2
    emotions = tuple(
        Emotion(FACTS.classes.index(name), _site(name, site), *_band(name, hz - half, hz + half, rate), class_effect)
        for name, site, hz in (("negative", negative_site, negative_hz), ("positive", positive_site, positive_hz))
    )
    design = _Design(
        at=head().of(SEED_62 if channels == "seed_62" else _TEN_TWENTY.split()),
        emotions=emotions,
        lengths=tuple(round((seconds or _SECONDS[trial % len(_SECONDS)]) * rate) for trial in range(trials)),
        rate=rate,
        clip_effect=clip_effect,
        subject_effect=subject_effect,
        blinks=blinks,
        muscle=muscle,
        muscle_effect=muscle_effect,
        bad_channels=bad_channels,
        outliers=outliers,
        seed=seed,
    )
    for subject in range(subjects):
        for session in range(sessions):
            yield _record(design, subject, session)


def _site(name: str, site: str) -> str:
    if site.upper() not in SEED_62:
        raise UsageError(
            f"eeg_sim: {name}_site = {site!r} is none of the 62 electrodes of SEED", 'Name one of them, such as "F3" or "CPZ".'
        )
    return site.upper()


def _band(name: str, low: float, high: float, rate: float) -> tuple[float, float]:
    if low < 1 or high >= rate / 2:
        raise UsageError(
            f"eeg_sim: the band of {name} clips, {low:g}-{high:g} Hz, is not between 1 Hz and half the rate, {rate / 2:g} Hz",
            f"Move {name}_hz, narrow `bandwidth` or raise `rate`.",
        )
    return low, high


def _record(design: _Design, subject: int, session: int) -> Recording:
    """One person on one day."""
    who = brain(design.at, design.seed, subject, session, design.subject_effect, len(FACTS.classes))
    rng = chance(design.seed, "trial", subject, session)
    bad = artefacts.bad_channels(rng, design.at.channels, design.bad_channels)
    spoilt = [str(clip + 1) for clip in np.flatnonzero(rng.random(len(design.lengths)) < design.outliers)]
    stretches: list[Stretch] = []
    blinks, start = 0, _PAUSE
    for clip, length in enumerate(design.lengths):
        label, trial = _ORDER[clip % len(_ORDER)], str(clip + 1)
        of_brain, of_body, of_faults = chance(design.seed, "trial", subject, session, clip).spawn(3)
        x = _brain(design, who, of_brain, clip, label)
        blinks += _body(design, who, of_body, x, label)
        x *= who.electrodes[:, None].astype(np.float32)
        if trial in spoilt:
            x += artefacts.movement(of_faults, design.at, length, design.rate)
        artefacts.spoil(of_faults, x, design.at.channels, bad, design.rate)
        stretches.append(Stretch(x=x, label=label, trial=trial, clip=trial, start=start))
        start += length / design.rate + _PAUSE
    return Recording(
        subject=str(subject + 1),
        session=str(session + 1),
        source=f"{subject + 1}_{session + 1}",
        channels=design.at.channels,
        rate=design.rate,
        stretches=tuple(stretches),
        planted=_truth(design, who) | {"blinks": blinks, "bad_channels": bad, "outlier_trials": spoilt},
    )


def _brain(design: _Design, who: Brain, rng: np.random.Generator, clip: int, label: int) -> np.ndarray:
    """(channel, time) float32 µV: what the brain does during a clip."""
    at, length, rate = design.at, design.lengths[clip], design.rate
    of_emotion, of_rest = rng.spawn(2)
    always = ongoing(at, who, of_rest, length, rate)
    x = always.mixing.astype(np.float32) @ noise(of_rest, always.densities, length, rate)
    if design.clip_effect:
        own = pattern(at, who, design.seed, clip, frequencies(length, rate), design.clip_effect)
        x += own.mixing.astype(np.float32) @ noise(of_rest, own.densities, length, rate)
    for emotion in design.emotions:
        if emotion.label == label:
            signal = emotion.signal(who, of_emotion, length, rate)
            x += np.outer(emotion.field(at, who), signal).astype(np.float32)
    return np.asarray(x)


def _body(design: _Design, who: Brain, rng: np.random.Generator, x: np.ndarray, label: int) -> int:
    """Add blinks, muscles and the amplifier's noise to a trial, `x` (channel, time) µV; return the number of blinks."""
    at, length, rate = design.at, x.shape[1], design.rate
    lids, count = artefacts.blinks(rng, length, rate, design.blinks * who.blinking)
    x += np.outer(artefacts.eyes(at), lids).astype(np.float32)
    amplitude = design.muscle * (1 + design.muscle_effect * (label == _POSITIVE))
    x += np.float32(amplitude) * artefacts.muscles(head(), at).astype(np.float32) @ artefacts.muscle_noise(rng, length, rate)
    x += np.float32(_SENSOR) * rng.standard_normal(x.shape, np.float32)
    return count


def _truth(design: _Design, who: Brain) -> dict[str, Any]:
    """What is planted into all trials of a recording; the module says what the names mean."""
    return {
        "classes": {
            FACTS.classes[emotion.label]: _emotion(design.at, who, emotion) for emotion in design.emotions if emotion.strength
        },
        "clip_effect": design.clip_effect,
        "muscle": {"amplitude": design.muscle, "effect": design.muscle_effect},
    }


def _emotion(at: Head, who: Brain, emotion: Emotion) -> dict[str, Any]:
    field = np.abs(emotion.field(at, who))
    strongest = [at.channels[i] for i in np.argsort(-field) if field[i] >= 0.5]
    return {
        "band": [emotion.low, emotion.high],
        "peak": round(emotion.peak(who), 2),
        "site": emotion.site,
        "channels": strongest,
        "strength": emotion.strength,
        "amplitude": round(emotion.amplitude(who), 3),
    }
