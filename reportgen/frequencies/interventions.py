"""What a network says once a window of frequencies is taken out of the raw signal, or comes from a trial of another class.

Numbers are changes of centred logits (see answers.py), means over the windows of a test trial. Its features are computed
anew by the chain of the experiment. A row is a test trial, or a pair of them.

`stop`: the centred logit of the trial's own class as it is, minus that without the window of frequencies; less what the same
does to the logit of that class in the unit's trials of other classes, where that is positive (`effect.specific`). Positive:
what was there spoke for the class, more than it does anywhere. The idea is that of Schirrmeister et al. (2017, Hum. Brain
Mapp. 38, 5391), who add noise to the spectrum. A trial without a band is like none that the network has learnt from, all the
more where features are logarithms: `swap` stays closer to what it knows.

`swap`: a trial is given what another one, a donor of another class from the same unit, holds in the window of frequencies.
The row is about the donor's class c: the centred logit of c after, minus before, minus the mean of that difference over all
pairs of the unit. Positive: the band of a trial of class c, put into another one, speaks for c.
What any foreign band does to the logit of c, whichever class it is from, is that mean: in each unit a class gives as often
as it takes, so that what bands bring and what they take cancel in it where changes of logits add up. No second swap, with a
donor of the trial's own class, is needed. Of two classes, both have then the same effect.
Units of one class only, such as trials that are units of their own, are taken together within a fold, and a row is of the
donor's unit. A donor that is longer is cut, one that is shorter goes on as its mirror image.

By channels, the same is done to one channel at a time, for each band.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from reportgen.core import Decoder, Trial
from reportgen.errors import StepError
from reportgen.frequencies.answers import Answers, Heard, defined, drawn
from reportgen.frequencies.effect import Grid, Measured, specific
from reportgen.frequencies.filtering import exchanged, fitted

__all__ = ["defined", "measure"]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A trial that is changed, and where the change comes from."""

    trial: Trial
    donor: Trial | None  # None: nothing takes the place of what is taken out
    pool: int  # pairs that belong together

    @property
    def about(self) -> Trial:
        return self.donor or self.trial


@dataclass(frozen=True, slots=True)
class _Change:
    """Differences of a trial, after minus before, means over its windows."""

    curve: np.ndarray  # (window of the grid, class)
    correct: np.ndarray  # (window of the grid,)
    channels: np.ndarray | None  # (band, channel, class)


def measure(
    decoder: Decoder,
    network: Any,
    grid: Grid,
    *,
    kind: Literal["stop", "swap"],
    trials: int,
    channels: bool,
    seed: int,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Measured:
    """Change test trials and listen to what the network says then.

    Args:
        decoder: that is `defined`.
        network: its model or its control.
        grid: windows of frequencies, and bands for the channels.
        kind: see the module.
        trials: at most so many of each unit and class, drawn by lot; 0: all.
        channels: also by bands and channels.
        seed: of the lot, and of who gives to whom.
        progress: is told how many rows of how many are done.

    Raises:
        StepError: the signals do not give the features that the decoder has.
    """
    chosen = drawn(decoder.trials, trials, seed)
    pairs = [_Pair(trial, None, 0) for trial in chosen] if kind == "stop" else list(_paired(chosen, seed))
    answers = Answers(decoder, network)
    changes = []
    for number, pair in enumerate(pairs):
        changes.append(_change(answers, pair, grid, channels))
        progress(number + 1, len(pairs))
    return _gathered(
        pairs, changes, (len(grid.edges), len(decoder.classes)), (len(grid.bands), len(decoder.channels)), channels
    )


def _paired(trials: Sequence[Trial], seed: int) -> Iterator[_Pair]:
    """Who gives to whom: in a round each class gives once and takes once, and over rounds each class gives to each other one.

    There are as many rounds as the largest class has trials; those of smaller ones take turns again.
    """
    rng = np.random.default_rng([seed, 1])
    for pool, members in enumerate(_pools(trials)):
        classes = [[trial for trial in members if trial.label == label] for label in sorted({trial.label for trial in members})]
        lots = [[group[place] for place in rng.permutation(len(group))] for group in classes]
        order = [lots[place] for place in rng.permutation(len(lots))]
        for turn in range(max(map(len, order)) if len(order) > 1 else 0):
            on = 1 + turn % (len(order) - 1)
            for taker, giver in zip(order, order[on:] + order[:on], strict=True):
                yield _Pair(taker[turn % len(taker)], giver[turn % len(giver)], pool)


def _pools(trials: Sequence[Trial]) -> list[list[Trial]]:
    """Trials of each unit that has several classes, and those of all other units together."""
    units = [[trial for trial in trials if trial.unit == unit] for unit in sorted({trial.unit for trial in trials})]
    several = [members for members in units if len({trial.label for trial in members}) > 1]
    alone = [trial for members in units if len({trial.label for trial in members}) == 1 for trial in members]
    return [*several, alone] if alone else several


def _change(answers: Answers, pair: _Pair, grid: Grid, channels: bool) -> _Change:
    heard = answers.heard(pair.trial)
    given = _given(pair, heard)
    after = answers.changed(heard, exchanged(heard.piece.x, given, grid.edges, heard.piece.rate))
    right = [(logits.argmax(axis=-1) == pair.trial.label).mean(axis=-1) for logits in (after, heard.logits)]
    by_channel = _by_channel(answers, heard, given, grid) if channels else None
    return _Change((after - heard.logits).mean(axis=1), right[0] - right[1], by_channel)


def _given(pair: _Pair, heard: Heard) -> np.ndarray:
    """(channel, time): what takes the place of the trial's own signal."""
    own = heard.piece
    if pair.donor is None:
        return np.zeros_like(own.x)
    given = pair.donor.piece()
    if given.rate != own.rate or given.channels != own.channels:
        raise StepError(
            f"trial {pair.donor.name} of {len(given.channels)} channels at {given.rate:g} Hz cannot give to"
            f" {pair.trial.name} of {len(own.channels)} at {own.rate:g} Hz: rate and channels must be the same",
            "Leave out the view swap, or explain the data sets of the pool one by one.",
        )
    return fitted(given.x, own.x.shape[-1])


def _by_channel(answers: Answers, heard: Heard, given: np.ndarray, grid: Grid) -> np.ndarray:
    """(band, channel, class): differences with one channel changed.

    Where the chain keeps channels apart, features with all of them changed are made once and put in channel by channel.
    """
    own, bands = heard.piece.x, np.array(list(grid.bands.values()), float)
    signals = exchanged(own, given, bands, heard.piece.rate)
    if answers.apart:
        after = [answers.spliced(heard, answers.features(heard, signal)) for signal in signals]
    else:
        which = np.eye(len(own), dtype=bool)[:, :, None]
        after = [answers.changed(heard, (np.where(one, signal, own) for one in which)) for signal in signals]
    return np.asarray((np.stack(after) - heard.logits).mean(axis=2))


def _gathered(
    pairs: Sequence[_Pair], changes: Sequence[_Change], curve: tuple[int, int], channels: tuple[int, int], by_channel: bool
) -> Measured:
    """Rows of all pairs: curve is (window, class), channels (band, channel)."""
    label = np.array([pair.about.label for pair in pairs], int)
    unit = np.array([pair.about.unit for pair in pairs], str)
    whole = np.array([change.curve for change in changes]).reshape(len(pairs), *curve)
    correct = np.array([change.correct for change in changes]).reshape(len(pairs), curve[0])
    parts = None
    if by_channel:
        each = np.array([change.channels for change in changes], float).reshape(len(pairs), *channels, curve[1])
        parts = _effect(pairs, each, label)
    return Measured(label=label, unit=unit, curve=_effect(pairs, whole, label), channels=parts, correct=-correct)


def _effect(pairs: Sequence[_Pair], change: np.ndarray, label: np.ndarray) -> np.ndarray:
    """(row, …): what speaks for the class of each row, of differences (row, …, class)."""
    if all(pair.donor is None for pair in pairs):
        return specific(-change, label, np.array([pair.about.unit for pair in pairs], str))
    pools, pool = np.unique([pair.pool for pair in pairs], return_inverse=True)
    foreign = np.stack([change[pool == place].mean(axis=0) for place in range(len(pools))])
    return np.asarray((change - foreign[pool])[np.arange(len(label)), ..., label])
