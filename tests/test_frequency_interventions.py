"""Frequencies are taken out of signals and exchanged between trials, muscles are looked for: planted truths are found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from reportgen import montage, plugins
from reportgen.bands import BANDS
from reportgen.core import Decoder, Piece, Trial
from reportgen.errors import StepError
from reportgen.features._grids import places
from reportgen.frequencies import interventions, muscles
from reportgen.frequencies.answers import Answers
from reportgen.frequencies.effect import Grid, Measured, specific
from reportgen.frequencies.filtering import exchanged, fitted, gains

RATE = 128.0
CHANNELS = ("FZ", "C3", "C4", "PZ", "T7", "T8")
Chain = Sequence[tuple[str, dict[str, Any]]]
WINDOWS: Chain = [("windows", {"window": 1.0})]
SPECTROGRAM: Chain = [("spectrogram_map", {"window": 1.0, "low": 1.0, "high": 61.0})]
ENTROPY: Chain = [("differential_entropy", {"window": 1.0})]
FILM: Chain = [*ENTROPY, ("topographic_grid", {"stack": 2})]


@dataclass(frozen=True)
class Tone:
    """What a class is told by: an oscillation in a channel."""

    hertz: float
    channel: str

    @property
    def place(self) -> int:
        return CHANNELS.index(self.channel)


TONES = (Tone(10, "PZ"), Tone(20, "C4"), Tone(38, "T7"))


class Amplitudes(nn.Module):
    """The logit of each class is the amplitude of its tone in windows (sample, 1, channel, time)."""

    def __init__(self, tones: Sequence[Tone]) -> None:
        super().__init__()
        self.tones = tones

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        time = torch.arange(x.shape[-1]) / RATE
        taper = torch.hann_window(x.shape[-1])
        waves = [torch.exp(2j * torch.pi * tone.hertz * time) * taper for tone in self.tones]
        return torch.stack([(x[:, 0, t.place] * w).mean(-1).abs() for t, w in zip(self.tones, waves, strict=True)], dim=1)


class Picks(nn.Module):
    """The logit of each class is one number of a sample."""

    def __init__(self, which: Sequence[tuple[int, ...]]) -> None:
        super().__init__()
        self.which = which

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([x[(slice(None), 0, *place)] for place in self.which], dim=1)


def signal(rng: np.random.Generator, tone: Tone | None, amplitude: float = 2.0, seconds: float = 5.0) -> np.ndarray:
    """(channel, time): noise of 1 µV, and a tone."""
    x = rng.standard_normal((len(CHANNELS), int(seconds * RATE)))
    if tone is not None:
        x[tone.place] += amplitude * np.sin(2 * np.pi * (tone.hertz * np.arange(x.shape[1]) / RATE + rng.random()))
    return x.astype(np.float32)


def decoder(
    chain: Chain,
    model: nn.Module,
    tones: Sequence[Tone | None] = TONES,
    *,
    units: int = 2,
    trials: int = 2,
    signals: Callable[[np.random.Generator, Tone | None, int], np.ndarray] = lambda rng, tone, _number: signal(rng, tone),
    unit: str = "subject {unit}",
) -> Decoder:
    """One fold of trials of 3 s or so, with 1 s of lead and of tail."""
    rng = np.random.default_rng(3)
    verbs = [(plugins.verb("feature", name), settings) for name, settings in chain]

    def through(piece: Piece) -> Piece:
        for verb, settings in verbs:
            piece = verb(piece, **settings)
        return piece

    samples, told, labels = [], [], []
    for number, label, person in ((n, c, u) for u in range(units) for n in range(trials) for c in range(len(tones))):
        x = signals(rng, tones[label], number)
        sides = {"lead": int(RATE), "tail": int(RATE)}
        piece = Piece(x=x, axes=("channel", "time"), unit="µV", channels=CHANNELS, rate=RATE, **sides)
        made = through(piece)
        kept = made.x[np.isfinite(made.x).all(axis=tuple(range(1, made.x.ndim)))]
        rows = np.arange(len(labels), len(labels) + len(kept))
        name = f"subject {person}: trial {number} of {label}"
        told.append(
            Trial(label=label, unit=unit.format(unit=person, name=name), name=name, samples=rows, piece=lambda p=piece: p)
        )
        samples.append(kept)
        labels += [label] * len(kept)
    x = np.concatenate(samples).astype(np.float32)
    axes = made.axes[1:]
    return Decoder(
        fold="",
        model=model,
        control=None,
        standardise=lambda batch: batch.unsqueeze(1) if len(axes) == 2 else batch,
        device="cpu",
        classes=tuple(f"class {label}" for label in range(len(tones))),
        samples=x,
        labels=np.array(labels),
        over="subject",
        unit=np.repeat([t.unit for t in told], [len(t.samples) for t in told]),
        trial=np.repeat([t.name for t in told], [len(t.samples) for t in told]),
        baseline=x.mean(axis=0),
        spread=x.std(axis=0),
        axes=axes,
        channels=CHANNELS,
        cells=np.stack(places("8x9", CHANNELS), axis=1) if "row" in axes else None,
        frequency=np.array([float(f.removesuffix(" Hz")) for f in made.names["frequency"]]) if "frequency" in axes else None,
        bands=BANDS if "band" in axes else None,
        rate=RATE,
        trials=told,
        extract=lambda piece: through(piece).x,
        positions=montage.positions(CHANNELS),
    )


def spectrum(bands: dict[str, tuple[float, float]] | None = None) -> Grid:
    starts = np.arange(3.0, 50, 2)
    narrow = {"low": (8.0, 12.0), "middle": (18.0, 22.0), "high": (36.0, 40.0)}
    return Grid(np.stack([starts, starts + 2], axis=1), narrow if bands is None else bands, fine=True)


def spectrogram_decoder(**more: Any) -> Decoder:
    return decoder(SPECTROGRAM, Picks([(int(tone.hertz) - 1, tone.place) for tone in TONES]), **more)


def ask(who: Decoder, grid: Grid, kind: str, trials: int = 0, channels: bool = False, seed: int = 0) -> Measured:
    return interventions.measure(who, who.model, grid, kind=kind, trials=trials, channels=channels, seed=seed)


# --- filtering


def tone(hertz: float, seconds: float = 12.0, phase: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE + phase)[None]


def test_a_tone_within_the_window_vanishes_and_one_outside_stays() -> None:
    both = tone(10) + tone(14) + 1000
    inside, above = exchanged(both, np.zeros_like(both), np.array([[9.0, 11.0], [13.0, 15.0]]), RATE)
    middle = slice(int(3 * RATE), -int(3 * RATE))  # away from the ends
    assert np.abs(inside - tone(14) - 1000)[:, middle].max() < 5e-3
    assert np.abs(above - tone(10) - 1000)[:, middle].max() < 5e-3
    ends = [np.abs(inside - tone(14) - 1000)[:, part].std() for part in (slice(0, 64), slice(-64, None))]
    assert max(ends) < 0.35


def test_what_falls_on_the_edge_is_halved_and_windows_side_by_side_add_up() -> None:
    edges = np.array([[0.0, 10.0], [10.0, 14.3], [14.3, RATE / 2]])
    assert np.allclose(gains(edges, 3000, RATE).sum(axis=0), 1, atol=1e-6)
    x = np.random.default_rng(0).standard_normal((3, 701)) + 40
    without = list(exchanged(x, np.zeros_like(x), edges, RATE))
    assert np.allclose(sum(x - part for part in without), x, atol=1e-4)
    assert np.allclose(gains(edges, 1280, RATE)[:2, 200], 0.5)  # 200 · 128 / 2 / 1280 = 10 Hz


def test_an_exchange_of_all_frequencies_is_the_other_signal() -> None:
    x, other = np.random.default_rng(1).standard_normal((2, 4, 333))
    (made,) = exchanged(x, other, np.array([[0.0, RATE / 2]]), RATE)
    assert np.allclose(made, other, atol=1e-5)


def test_missing_samples_stay_missing_and_spoil_no_others() -> None:
    x = tone(10)
    x[0, 700:720] = np.nan
    (made,) = exchanged(x, np.full_like(x, np.nan), np.array([[9.0, 11.0]]), RATE)
    assert (np.isnan(made) == np.isnan(x)).all()
    assert np.nanstd(made[:, 300:500]) < 0.05


def test_a_donor_is_cut_or_goes_on_as_its_mirror_image() -> None:
    x = np.arange(4.0)[None]
    assert fitted(x, 3).tolist() == [[0, 1, 2]]
    assert fitted(x, 10).tolist() == [[0, 1, 2, 3, 3, 2, 1, 0, 0, 1]]


# --- stop and swap


@pytest.mark.parametrize("kind", ["stop", "swap"])
@pytest.mark.parametrize("make", [lambda: decoder(WINDOWS, Amplitudes(TONES)), spectrogram_decoder], ids=["raw", "spectrogram"])
def test_the_frequency_and_the_channel_of_each_class_are_found_and_nothing_elsewhere(kind: str, make: Any) -> None:
    grid = spectrum()
    found = ask(make(), grid, kind, channels=True)
    assert found.channels is not None
    away = np.min([np.abs(grid.centres - tone.hertz) for tone in TONES], axis=0) > 2.5
    for label, tone in enumerate(TONES):
        curve = found.curve[found.label == label].mean(axis=0)
        assert abs(grid.centres[curve.argmax()] - tone.hertz) <= 1
        assert np.abs(curve[away]).max() < 0.08 * curve.max()
        by_channel = found.channels[found.label == label].mean(axis=0)
        assert np.unravel_index(by_channel.argmax(), by_channel.shape) == (label, tone.place)
        unread = [place for place in range(len(CHANNELS)) if place not in {tone.place for tone in TONES}]
        assert not by_channel[:, unread].any()


@pytest.fixture
def plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a trial says of its own class, whatever others say of it: sums are exact."""
    monkeypatch.setattr(interventions, "specific", lambda effects, label, _: effects[np.arange(len(label)), ..., label])


@pytest.mark.usefixtures("plainly")
def test_stopping_is_exactly_the_change_of_the_centred_logit_and_of_accuracy() -> None:
    who = decoder(WINDOWS, Amplitudes(TONES))
    found = ask(who, spectrum(), "stop")
    trial = who.trials[0]
    (changed,) = exchanged(trial.piece().x, np.zeros_like(trial.piece().x), np.array([[9.0, 11.0]]), RATE)
    answers = [
        who.model(torch.tensor(x).unsqueeze(1)).numpy()
        for x in (who.samples[trial.samples], who.extract(replace(trial.piece(), x=changed)))
    ]
    own = [(logits - logits.mean(axis=1, keepdims=True))[:, trial.label].mean() for logits in answers]
    right = [(logits.argmax(axis=1) == trial.label).mean() for logits in answers]
    row = np.flatnonzero((found.label == trial.label) & (found.unit == trial.unit))[0]
    assert np.isclose(found.curve[row, 3], own[0] - own[1], atol=1e-5)
    assert np.isclose(found.correct[row, 3], right[0] - right[1])
    assert found.correct[found.label == trial.label, 3].mean() > 0.3
    assert not found.correct[:, spectrum().centres > 45].any()


@pytest.mark.parametrize("kind", ["stop", "swap"])
@pytest.mark.parametrize("chain", [ENTROPY, FILM], ids=["bands", "film"])
def test_samples_of_bands_are_taken_band_by_band(kind: str, chain: Chain) -> None:
    rows, columns = places("8x9", CHANNELS)
    bands = (2, 3, 4)  # of the three tones
    which = [
        (band, tone.place) if chain is ENTROPY else (band, rows[tone.place], columns[tone.place])
        for tone, band in zip(TONES, bands, strict=True)
    ]
    model = Picks([place[::-1] for place in which]) if chain is ENTROPY else Picks(which)
    who = decoder(chain, model, signals=lambda rng, tone, _number: signal(rng, tone, seconds=6.0))
    found = ask(who, Grid(np.array(list(BANDS.values())), BANDS, fine=False), kind, channels=True)
    assert found.channels is not None
    for label, tone in enumerate(TONES):
        assert found.curve[found.label == label].mean(axis=0).argmax() == bands[label]
        by_channel = found.channels[found.label == label].mean(axis=0)
        assert np.unravel_index(by_channel.argmax(), by_channel.shape) == (bands[label], tone.place)


@pytest.mark.parametrize("chain", [WINDOWS, SPECTROGRAM, ENTROPY, FILM], ids=["raw", "spectrogram", "bands", "film"])
def test_features_put_in_channel_by_channel_are_those_of_signals_changed_channel_by_channel(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = decoder(chain, nn.Identity(), units=1, trials=1)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(who.samples[0].size, 3), nn.Tanh())
    who = replace(who, model=model)
    assert Answers(who, model).apart
    fast = ask(who, spectrum({"low": (8.0, 12.0)}), "stop", channels=True).channels
    monkeypatch.setattr(Answers, "apart", False)
    slow = ask(who, spectrum({"low": (8.0, 12.0)}), "stop", channels=True).channels
    assert fast is not None and slow is not None
    assert np.allclose(fast, slow, atol=1e-5)
    assert fast.any()


def test_channels_that_share_a_reference_are_not_apart() -> None:
    who = decoder([("reference", {}), *WINDOWS], Amplitudes(TONES), units=1, trials=1)
    assert not Answers(who, who.model).apart
    found = ask(who, spectrum(), "stop", channels=True).channels
    assert found is not None
    assert [row[label].argmax() for label, row in enumerate(found)] == [tone.place for tone in TONES]


def test_equal_seeds_give_equal_bytes_and_the_lot_takes_at_most_so_many() -> None:
    who = decoder(WINDOWS, Amplitudes(TONES), trials=4)
    for kind in ("stop", "swap"):
        one, two, other = (ask(who, spectrum({}), kind, trials=2, seed=seed) for seed in (5, 5, 6))
        assert one.curve.tobytes() == two.curve.tobytes()
        assert one.curve.tobytes() != other.curve.tobytes()
        kinds = sorted(zip(one.unit.tolist(), one.label.tolist(), strict=True))
        assert kinds == [(f"subject {unit}", label) for unit in range(2) for label in range(3) for _ in range(2)]


def test_each_class_gives_as_often_as_it_takes() -> None:
    who = decoder(WINDOWS, Amplitudes(TONES), trials=3)
    few = [trial for trial in who.trials if not (trial.label == 2 and "trial 0" in trial.name)]
    pairs = list(interventions._paired(few, seed=0))
    assert len(pairs) == 2 * 3 * 3
    for unit in ("subject 0", "subject 1"):
        own = [pair for pair in pairs if pair.trial.unit == unit]
        assert (
            np.bincount([p.trial.label for p in own]).tolist()
            == np.bincount([p.about.label for p in own]).tolist()
            == [3, 3, 3]
        )
        assert {(p.trial.label, p.about.label) for p in own} == {(a, b) for a in range(3) for b in range(3) if a != b}
    assert all(pair.about.unit == pair.trial.unit for pair in pairs)


def test_what_any_foreign_band_does_is_not_taken_for_what_a_class_does() -> None:
    class Together(nn.Module):
        """Class 0 where two amplitudes go together, whatever the class."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            low, high = Amplitudes([Tone(10, "PZ"), Tone(20, "PZ")])(x).T
            return torch.stack([low * high, torch.zeros_like(low)], dim=1)

    def both(rng: np.random.Generator, _tone: Tone | None, number: int) -> np.ndarray:
        amplitude = 1.0 + 8.0 * (number % 2)
        parts = [signal(rng, Tone(hertz, "PZ"), amplitude) for hertz in (10.0, 20.0)]
        return np.asarray(parts[0] + parts[1])

    who = decoder(WINDOWS, Together(), (None, None), trials=6, signals=both)
    found = ask(who, spectrum({}), "swap")
    stopped = ask(who, spectrum({}), "stop")
    largest = np.abs(stopped.curve).max()
    for label in range(2):
        assert np.abs(found.curve[found.label == label].mean(axis=0)).max() < 0.05 * largest


def test_units_of_one_class_exchange_with_each_other() -> None:
    who = decoder(WINDOWS, Amplitudes(TONES), unit="{name}")
    found = ask(who, spectrum({}), "swap")
    assert sorted(found.unit) == sorted(trial.name for trial in who.trials)
    assert all(f"of {label}" in unit for unit, label in zip(found.unit, found.label, strict=True))
    curve = found.curve[found.label == 1].mean(axis=0)
    assert abs(spectrum().centres[curve.argmax()] - 20) <= 1
    alone = replace(who, trials=[trial for trial in who.trials if trial.label == 1])
    assert ask(alone, spectrum({}), "swap", channels=True).curve.shape == (0, len(spectrum().edges))


def test_trials_of_other_lengths_and_with_gaps_are_taken() -> None:
    def uneven(rng: np.random.Generator, tone: Tone | None, number: int) -> np.ndarray:
        x = signal(rng, tone, seconds=5.0 + 2 * number)
        if number == 1:
            x[:, 300:310] = np.nan
        return x

    who = decoder(WINDOWS, Amplitudes(TONES), signals=uneven)
    assert {len(trial.samples) for trial in who.trials} == {3, 4}  # of 5 s, one window is missing
    for kind in ("stop", "swap"):
        found = ask(who, spectrum(), kind, channels=True)
        assert found.channels is not None
        assert np.isfinite(found.curve).all() and np.isfinite(found.channels).all()
        for label, tone in enumerate(TONES):
            curve = found.curve[found.label == label].mean(axis=0)
            assert abs(spectrum().centres[curve.argmax()] - tone.hertz) <= 1


def test_features_that_the_signals_do_not_give_are_an_error() -> None:
    who = decoder(WINDOWS, Amplitudes(TONES))
    with pytest.raises(StepError, match=r"trial subject 0: trial 0 of 0: features .* off by up to"):
        ask(replace(who, samples=who.samples + who.spread), spectrum(), "stop")
    with pytest.raises(StepError, match=r"of shape \(2, 6, 128\) in place of \(3, 6, 128\)"):
        ask(replace(who, extract=lambda piece: decoder_windows(piece)[:2]), spectrum(), "stop")
    faster = {trial.name: replace(trial.piece(), rate=200.0) for trial in who.trials}
    mixed = [replace(t, piece=lambda name=t.name: faster[name]) if t.label else t for t in who.trials]
    with pytest.raises(StepError, match="rate and channels must be the same"):
        ask(replace(who, trials=mixed, extract=lambda piece: decoder_windows(replace(piece, rate=RATE))), spectrum(), "swap")


def decoder_windows(piece: Piece) -> np.ndarray:
    return np.asarray(plugins.verb("feature", "windows")(piece, window=1.0).x)


def test_given_features_have_no_signals_to_change() -> None:
    who = replace(decoder(ENTROPY, Picks([(0, 0)] * 3), units=1, trials=1), trials=())
    assert "features were given" in interventions.defined(who) == muscles.defined(who)
    assert muscles.check([who], spectrum(), trials=0, seed=0) is None


# --- muscles


def people(tones: Sequence[Tone | None], read: Sequence[Tone], units: int = 7, chain: Chain = WINDOWS) -> Decoder:
    """Class 0 has the first tone, class 1 the second or nothing; the network asks for each class's amplitude."""
    return decoder(chain, Amplitudes(read), tones, units=units)


def test_a_decision_by_temporal_gamma_goes_with_the_temporal_ring() -> None:
    who = people((Tone(38, "T7"), Tone(38, "T8")), (Tone(38, "T7"), Tone(38, "T8")))
    found = muscles.check([who], spectrum(), trials=0, seed=0)
    assert found is not None
    assert found["temporal"] == ["T7", "T8"]
    assert found["balanced_accuracy"]["whole"]["mean"] > 0.95
    assert found["balanced_accuracy"]["without_temporal"]["mean"] < 0.7
    assert found["loss"]["without_temporal"]["low"] > 0.2
    assert abs(found["loss"]["low_pass"]["mean"]) < 0.03
    for row in found["gamma"]:
        assert row["effect"]["low"] > 5 * abs(row["without_temporal"]["mean"])


def test_a_decision_by_central_beta_loses_nothing() -> None:
    tones = (Tone(20, "C3"), Tone(24, "C4"))
    found = muscles.check([people(tones, tones)], spectrum(), trials=0, seed=0)
    assert found is not None
    for name in ("low_pass", "without_temporal"):
        assert abs(found["loss"][name]["mean"]) < 0.01
    assert max(abs(row[name]["mean"]) for row in found["gamma"] for name in ("effect", "without_temporal")) < 1e-3


def test_a_decision_above_45_hz_goes_with_the_low_pass() -> None:
    tones = (Tone(52, "C3"), Tone(52, "C4"))
    found = muscles.check([people(tones, tones)], spectrum(), trials=0, seed=0)
    assert found is not None
    assert found["loss"]["low_pass"]["low"] > 0.2
    assert abs(found["loss"]["without_temporal"]["mean"]) < 0.01


def test_nothing_is_claimed_of_fewer_than_six_units_and_what_cannot_be_done_says_why() -> None:
    tones = (Tone(20, "C3"), Tone(24, "C4"))
    who = people(tones, tones, units=3)
    told = {**(who.positions or {})}
    del told["T8"]
    found = muscles.check([replace(who, positions=told)], spectrum(), low_pass=64.0, trials=1, seed=0)
    assert found is not None
    assert found["balanced_accuracy"]["whole"]["low"] is None
    assert found["balanced_accuracy"]["low_pass"] is found["loss"]["without_temporal"] is None
    assert found["gamma"][0]["without_temporal"] is None
    assert found["why"] == {
        "low_pass": "the samples hold nothing above 64 Hz",
        "without_temporal": "the position of T8 is not known",
    }
    central = replace(who, channels=("FZ", "C3", "C4", "PZ", "P7X", "P8"))
    assert muscles.check([central], spectrum(), trials=1, seed=0) is None


def test_units_of_several_folds_are_gathered() -> None:
    tones = (Tone(38, "T7"), Tone(38, "T8"))
    who = people(tones, tones, units=6)
    halves = [replace(who, trials=[t for t in who.trials if (t.unit < "subject 3") == first]) for first in (True, False)]
    whole, parts = (muscles.check(each, spectrum(), trials=0, seed=0) for each in ([who], halves))
    assert whole == parts


def test_what_a_network_answers_to_whatever_it_hears_speaks_for_no_class() -> None:
    rng = np.random.default_rng(0)
    label, unit = np.tile([0, 1, 2], 8), np.repeat(["a", "b"], 12)
    deaf = np.full((24, 5, 3), [2.0, -1.0, -1.0]) + 0.1 * rng.standard_normal((24, 5, 3))
    of_first = specific(deaf, label, unit)[label == 0]
    assert abs(of_first.mean()) < 0.1, "two logits everywhere, and none is left"
    own = deaf.copy()
    own[label == 0, 3, 0] += 1
    assert specific(own, label, unit)[label == 0, 3].mean() == pytest.approx(1, abs=0.1)
    np.testing.assert_array_equal(specific(own, label, unit)[label == 1], own[label == 1][..., 1])


def test_trials_that_are_units_are_held_against_all_others() -> None:
    effects = np.array([[[1.0, 0.0]], [[0.5, 0.0]], [[0.0, 1.0]]])
    found = specific(effects, np.array([0, 1, 1]), np.array(["x", "y", "z"]))
    np.testing.assert_allclose(found[:, 0], [0.75, 0.0, 1.0])
