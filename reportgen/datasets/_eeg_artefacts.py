"""What recordings of EEG hold besides the brain: blinks, muscles, bad electrodes, movements."""

import numpy as np

from reportgen.datasets._eeg_forward import Head
from reportgen.datasets._eeg_sources import background, frequencies, noise, scatter

KINDS = ("flat", "noisy", "drifting")
"""What is wrong with a bad channel."""
MUSCLES = ("F7", "F8", "T7", "T8", "CB1", "CB2")
"""Electrodes next to the muscles of forehead, jaw and neck."""

_EYES = ((-0.032, 0.105, -0.02), (0.032, 0.105, -0.02))  # m, head coordinates
_BLINK = 0.4  # s
_BLINK_HEIGHT = (60.0, 140.0)  # µV at the forehead
_TENSE = (0.5, 3.0)  # s
_NOISY = 60.0  # µV
_DRIFT = 120.0  # µV after a second
_MOVEMENT = 400.0  # µV


def eyes(head: Head) -> np.ndarray:
    """(channel,): how strongly a blink is seen, 1 where it is strongest: at the forehead."""
    seen = sum(head.falloff(np.array(eye), 0.045) for eye in _EYES)
    return np.asarray(seen / np.max(seen))


def muscles(whole: Head, head: Head) -> np.ndarray:
    """(channel, muscle): how strongly each of `MUSCLES` of the whole head is seen by the electrodes of `head`."""
    places = [whole.electrodes[whole.channels.index(name)] for name in MUSCLES]
    return np.stack([head.falloff(place, 0.025) for place in places], axis=1)


def blinks(rng: np.random.Generator, length: int, rate: float, per_minute: float) -> tuple[np.ndarray, int]:
    """(time,) µV at the forehead, and how many: lids close faster than they open."""
    count = int(rng.poisson(per_minute * length / rate / 60))
    time = np.arange(int(_BLINK * rate)) / rate / _BLINK
    height = rng.uniform(*_BLINK_HEIGHT, (count, 1))
    onset = rng.uniform(0, max(length / rate - _BLINK, 0), count)
    return scatter(onset, height * np.sin(np.pi * time**0.7) ** 2, length, rate), count


def muscle_noise(rng: np.random.Generator, length: int, rate: float) -> np.ndarray:
    """(muscle, time) float32: activity of each muscle, SD about 1 while it is tense."""
    frequency = frequencies(length, rate)
    density = np.broadcast_to(_muscle_density(frequency), (len(MUSCLES), len(frequency)))
    return np.asarray(noise(rng, density, length, rate) * np.stack([_tension(rng, length, rate) for _ in MUSCLES]))


def _muscle_density(frequency: np.ndarray) -> np.ndarray:
    """(frequency,): amplitude density, per √Hz: sets in at 20 Hz, is level from there on, has SD 1 in 40 Hz."""
    return np.asarray(np.sqrt(1 / (1 + np.exp(-(frequency - 24) / 2)) / 40))


def _tension(rng: np.random.Generator, length: int, rate: float) -> np.ndarray:
    """(time,) float32: amplitude of a muscle: a little always, much now and then."""
    time = np.arange(int(_TENSE[1] * rate)) / rate
    count = rng.poisson(0.08 * (length / rate + _TENSE[1]))
    swell = np.sin(np.pi * np.clip(time / rng.uniform(*_TENSE, (count, 1)), 0, 1)) ** 2
    onset = rng.uniform(-_TENSE[1], length / rate, count)
    return (0.3 + scatter(onset, rng.lognormal(0, 0.5, (count, 1)) * swell, length, rate)).astype(np.float32)


def bad_channels(rng: np.random.Generator, channels: tuple[str, ...], share: float) -> dict[str, str]:
    """{channel: kind} of the electrodes that fail in a recording, `share` of all on average."""
    failing = rng.random(len(channels)) < share
    kinds = rng.choice(KINDS, len(channels))
    return {channel: str(kind) for channel, kind, fails in zip(channels, kinds, failing, strict=True) if fails}


def spoil(rng: np.random.Generator, x: np.ndarray, channels: tuple[str, ...], bad: dict[str, str], rate: float) -> None:
    """Replace what the bad channels of a trial, `x` (channel, time) µV, have recorded."""
    for channel, kind in bad.items():
        dice = rng.standard_normal(x.shape[1])
        row = x[channels.index(channel)]
        if kind == "flat":
            row[:] = 0
        elif kind == "noisy":
            row += _NOISY * dice
        else:
            row += _DRIFT * np.cumsum(dice) / np.sqrt(rate)


def movement(rng: np.random.Generator, head: Head, length: int, rate: float) -> np.ndarray:
    """(channel, time) µV: the head or a cable moves during the whole trial, far beyond what a brain gives."""
    slow = noise(rng, background(frequencies(length, rate), 2.5)[None].repeat(3, 0), length, rate)
    seen = np.stack([head.falloff(head.electrodes[rng.integers(len(head.electrodes))], 0.06) for _ in slow], axis=1)
    return np.asarray(_MOVEMENT * seen.astype(np.float32) @ slow)
