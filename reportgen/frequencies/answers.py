"""What a network answers to test trials whose signals were changed: features are computed anew, all windows are named.

Answers are centred logits: a logit minus the mean of all classes, so that what raises all of them alike counts for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np
import torch

from reportgen.core import Decoder, Piece, Trial
from reportgen.errors import StepError

_BATCH = 256  # samples that go through a network together
_GATHERED = 1024  # samples whose features are kept until they go through it
_TOLERANCE = 1e-3  # standard deviations of the training part: filters that sum in another order differ by far less


def defined(decoder: Decoder) -> str:
    """Why trials cannot be changed, or ""."""
    return "" if len(decoder.trials) else "features were given, not the signals that they were made of"


def drawn(trials: Iterable[Trial], most: int, seed: int) -> list[Trial]:
    """At most so many trials of each unit and class, by lot.

    Args:
        trials: those without any sample are left out.
        most: how many; 0: all.
        seed: of the lot.
    """
    rng = np.random.default_rng(seed)
    groups = groupby(sorted((trial for trial in trials if len(trial.samples)), key=_kind), key=_kind)
    chosen = []
    for members in (list(group) for _, group in groups):
        order = rng.permutation(len(members))
        chosen += [members[place] for place in sorted(order[: most or len(members)])]
    return chosen


def _kind(trial: Trial) -> tuple[str, int]:
    return trial.unit, trial.label


@dataclass(frozen=True, slots=True)
class Heard:
    """A trial as it is."""

    piece: Piece
    features: np.ndarray  # (sample, …) float32
    logits: np.ndarray  # (sample, class), centred


class Answers:
    """What a network says of changed trials of a decoder."""

    def __init__(self, decoder: Decoder, network: Any) -> None:
        """Listen to `network`: the decoder's model or its control."""
        self.classes = decoder.classes
        self._decoder = decoder
        self._network = network

    def heard(self, trial: Trial) -> Heard:
        """A trial as it is.

        Raises:
            StepError: its signal is not (channel, time), or does not give the features that the decoder has.
        """
        piece, stored = trial.piece(), self._decoder.samples[trial.samples]
        if piece.axes != ("channel", "time") or len(piece.x) != len(self._decoder.channels):
            raise StepError(
                f"trial {trial.name}: its signal is ({', '.join(piece.axes)}) of shape {piece.x.shape}, not (channel, time) of"
                f" {len(self._decoder.channels)} channels",
                "Build the features of the experiment anew.",
            )
        made = self._features(piece, piece.x)
        if made.shape != stored.shape:
            raise _different(trial, f"of shape {made.shape} in place of {stored.shape}")
        apart = np.abs(made - stored) - _TOLERANCE * (self._decoder.spread + np.abs(stored))
        if (apart > 0).any():
            raise _different(trial, f"off by up to {float(np.abs(made - stored).max()):.3g}")
        return Heard(piece, made, self.logits(made))

    def changed(self, heard: Heard, signals: Iterable[np.ndarray]) -> np.ndarray:
        """What is said of a trial with each of some signals (channel, time) in place of its own.

        Returns:
            (signal, sample, class) centred logits.

        Raises:
            StepError: a signal gives another number of samples.
        """
        parts, waiting = [], []
        for signal in signals:
            waiting.append(self.features(heard, signal))
            if len(waiting) * len(heard.features) >= _GATHERED:
                parts.append(self.logits(np.concatenate(waiting)))
                waiting = []
        if waiting:
            parts.append(self.logits(np.concatenate(waiting)))
        return np.concatenate(parts).reshape(-1, *heard.logits.shape)

    def spliced(self, heard: Heard, features: np.ndarray) -> np.ndarray:
        """What is said of a trial with the features (sample, …) of one channel at a time in place of its own.

        Returns:
            (channel, sample, class) centred logits.
        """
        device, count = self._decoder.device, len(heard.features)
        owned, own, other = (torch.from_numpy(x).to(device) for x in (self._owned, heard.features, features))
        pairs = torch.split(torch.arange(len(owned) * count, device=device), _BATCH)
        mixed = (torch.where(owned[part // count], other[part % count], own[part % count]) for part in pairs)
        return np.concatenate([self.logits(x) for x in mixed]).reshape(-1, *heard.logits.shape)

    def features(self, heard: Heard, signal: np.ndarray) -> np.ndarray:
        """(sample, …) float32: of a trial with another signal (channel, time)."""
        made = self._features(heard.piece, signal)
        if made.shape != heard.features.shape:
            raise StepError(
                f"a changed signal gives features of shape {made.shape}, as it was {heard.features.shape}",
                "Leave out features that choose among windows by what is in them.",
            )
        return made

    def logits(self, features: np.ndarray | torch.Tensor) -> np.ndarray:
        """(sample, class) centred logits of features (sample, …)."""
        inputs = torch.as_tensor(features).to(self._decoder.device)
        with torch.no_grad():
            raw = torch.cat([self._network(self._decoder.standardise(batch)) for batch in torch.split(inputs, _BATCH)])
        values = raw.cpu().numpy().astype(np.float64)
        return np.asarray(values - values.mean(axis=1, keepdims=True))

    @cached_property
    def apart(self) -> bool:
        """Whether features of a channel are of its signal alone: tried on the first trial, every channel against every other.

        The places of channels are read as binary numbers, digit by digit: channels with a 1 become half as large, those with
        a 0 must not change, and the other way round. What a chain does to some trials only, such as to mend bad channels, may
        be missed.
        """
        if _owners(self._decoder) is None:
            return False
        heard = self.heard(next(trial for trial in self._decoder.trials if len(trial.samples)))
        number = np.arange(len(self._decoder.channels))
        return all(
            self._only(heard, (number >> digit & 1) == value)
            for digit in range(max(1, int(number[-1]).bit_length()))
            for value in (0, 1)
        )

    def _only(self, heard: Heard, which: np.ndarray) -> bool:
        """Whether half as large signals of some channels (channel,) bool change no features but theirs."""
        made = self.features(heard, np.where(which[:, None], heard.piece.x / 2, heard.piece.x).astype(np.float32))
        return not (made != heard.features)[:, ~self._owned[which].any(axis=0)].any()

    @cached_property
    def _owned(self) -> np.ndarray:
        owners = _owners(self._decoder)
        assert owners is not None
        return owners

    def _features(self, piece: Piece, x: np.ndarray) -> np.ndarray:
        made = np.asarray(self._decoder.extract(replace(piece, x=x)), np.float32)
        return made[np.isfinite(made).all(axis=tuple(range(1, made.ndim)))]


def _owners(decoder: Decoder) -> np.ndarray | None:
    """(channel, …) bool: which numbers of a sample are of a channel; None where that cannot be told."""
    shape, count = decoder.samples.shape[1:], len(decoder.channels)
    if "channel" in decoder.axes:
        others = [1 + place for place, axis in enumerate(decoder.axes) if axis != "channel"]
        return np.broadcast_to(np.expand_dims(np.eye(count, dtype=bool), others), (count, *shape)).copy()
    if decoder.cells is None:
        return None
    owned = np.zeros((count, *shape), dtype=bool)
    owned[np.arange(count), ..., decoder.cells[:, 0], decoder.cells[:, 1]] = True
    return owned


def _different(trial: Trial, how: str) -> StepError:
    return StepError(
        f"trial {trial.name}: features that are made anew of its signal are {how}",
        "Build the features anew if the recordings or the chain have changed, and split by whole trials.",
    )
