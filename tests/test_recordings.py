"""From recordings to samples: what is read is kept, what features make of it knows where it comes from, pools share classes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reportgen.core import PARTS, TEST, TRAIN, Facts, Piece, Recording, Stretch
from reportgen.errors import DataError, UsageError
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import features, gather, pool, split
from reportgen.steps._intake_recordings import RecordingIntake
from reportgen.work import Work

FACTS = Facts(
    title="Toy EEG",
    modality="eeg",
    classes=("calm", "glad"),
    simulated=True,
    licence="MIT",
    consent="nobody",
    redistribute=False,
    citation="Nobody (2026)",
)
CHANNELS = ("Fz", "Cz", "Pz")
RATE = 50.0


def recording(subject: int, *, channels: Sequence[str] = CHANNELS, rate: float = RATE, **changes: Any) -> Recording:
    """Two trials of 4 s, one of each class; the values say whose they are: 100 × subject + 10 × trial + channel."""
    level = np.arange(len(channels))[:, None] + 100.0 * subject
    stretches = tuple(
        Stretch(
            x=np.tile(level + 10 * trial, int(4 * rate)).astype(np.float32),
            label=trial,
            trial=str(trial + 1),
            clip=f"clip {trial + 1}",
            start=5.0 * trial,
        )
        for trial in range(2)
    )
    told = {"subject": str(subject), "session": "1", "source": f"file {subject}"}
    return replace(Recording(**told, channels=tuple(channels), rate=rate, stretches=stretches), **changes)


def read(folder: Path, recordings: Sequence[Recording], name: str = "toy", facts: Facts = FACTS) -> list[Output]:
    """What the step `load` writes of these recordings."""
    folder.mkdir(parents=True)
    out = Out(folder)
    with RecordingIntake(facts, out) as intake:
        for each in recordings:
            intake.add(each)
    intake.finish("toy")
    return outputs(out, dataset=name)


def outputs(out: Out, **about: str) -> list[Output]:
    return [Output(o["kind"], out.folder / name, about, o["restricted"]) for name, o in out.described.items()]


def made(folder: Path, given: Sequence[Output], *chain: Mapping[str, Any]) -> list[Output]:
    """What the step `features` makes of them."""
    (folder / "out").mkdir(parents=True)
    out = Out(folder / "out")
    whole = [{"use": feature["use"], "settings": {k: v for k, v in feature.items() if k != "use"}} for feature in chain]
    features.run(Inputs(given), out, Work(folder, {}, "cpu", 1), chain=whole)
    return outputs(out, dataset=given[0].about["dataset"], features="toy")


@pytest.fixture
def toy(tmp_path: Path) -> list[Output]:
    return read(tmp_path / "toy", [recording(1), recording(2)])


WINDOWS = {"use": "windows", "window": 1.0, "step": 1.0}


def test_signals_are_kept_as_they_were_read(toy: list[Output]) -> None:
    kept = Inputs(toy)
    signals, table, facts = kept.one("signals"), kept.one("stretches"), kept.one("facts")
    assert signals.shape == (4 * 200, 3)
    for row, offset in enumerate(table["offset"]):
        own = signals[offset : offset + table["length"][row]]
        level = 100 * int(table["subject"][row]) + 10 * (int(table["trial"][row]) - 1)
        assert (own == level + np.arange(3)).all()
    assert (facts["n"], facts["subjects"], facts["recordings"], facts["seconds"]) == (4, 2, 2, 16.0)
    assert facts["counts"] == {"recorded": {"calm": 2, "glad": 2}}


def test_a_reader_that_changes_the_channels_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="file 2 has other channels"):
        read(tmp_path / "toy", [recording(1), recording(2, channels=("Fz", "Cz"))])


def test_every_window_knows_where_it_comes_from(tmp_path: Path, toy: list[Output]) -> None:
    inputs = Inputs(made(tmp_path / "made", toy, WINDOWS))
    samples, labels, rows = inputs.one("samples"), inputs.one("labels"), inputs.one("rows")
    assert samples.shape == (16, 3, 50)
    subject, trial = rows["subject"].astype(int), np.array([text[-1] for text in rows["trial"]], int) - 1
    assert (samples[:, 0, 0] == 100 * subject + 10 * trial).all()
    assert (labels == trial).all()
    assert rows["index"].tolist() == [0, 1, 2, 3] * 4
    assert (rows["start"] == 5 * trial + rows["index"]).all()
    assert (rows["stop"] - rows["start"] == 1).all()
    assert set(rows["clip"]) == {"clip 1", "clip 2"}
    assert len(set(rows["trial"])) == 4, "trials of two recordings are two trials"


def test_margins_serve_filters_and_are_no_samples(tmp_path: Path) -> None:
    one = recording(1)
    with_margin = replace(one.stretches[0], lead=50, tail=25)
    given = read(tmp_path / "toy", [replace(one, stretches=(with_margin, one.stretches[1]))])
    rows = Inputs(made(tmp_path / "made", given, WINDOWS)).one("rows")
    assert (rows["trial"] == "file 1:1").sum() == 2, "2.5 of 4 s belong to the trial"


def test_windows_without_numbers_are_left_out_and_counted(tmp_path: Path) -> None:
    one = recording(1)
    one.stretches[0].x[1, 60] = np.nan
    inputs = Inputs(made(tmp_path / "made", read(tmp_path / "toy", [one]), WINDOWS))
    assert inputs.one("rows")["index"].tolist() == [0, 2, 3, 0, 1, 2, 3]
    (notice,) = inputs.one("features")["notices"]
    assert "no numbers" in notice


def test_nothing_left_is_an_error_with_a_remedy(tmp_path: Path, toy: list[Output]) -> None:
    with pytest.raises(DataError, match="none of 4 stretches") as error:
        made(tmp_path / "made", toy, {"use": "windows", "window": 9.0, "step": 9.0})
    assert "shorter windows" in error.value.hint


def test_features_must_end_in_windows(tmp_path: Path, toy: list[Output]) -> None:
    with pytest.raises(UsageError, match=r"after trim it is still a signal \(channel, time\) of 3 × 200"):
        made(tmp_path / "made", toy, {"use": "trim", "first": 0.5, "last": 0.0})


def test_equal_windows_compare_and_others_do_not(tmp_path: Path, toy: list[Output]) -> None:
    chains = {"a": [WINDOWS], "b": [{**WINDOWS, "use": "amplitude"}], "c": [{**WINDOWS, "window": 2.0}]}
    same = {name: Inputs(made(tmp_path / name, toy, *chain)).one("features")["same"] for name, chain in chains.items()}
    assert same["a"] == same["b"] != same["c"]


def test_given_features_are_windows_already(tmp_path: Path) -> None:
    bands = {"delta": (1.0, 4.0), "theta": (4.0, 8.0)}
    x = np.arange(5 * 3 * 2, dtype=np.float32).reshape(5, 3, 2)
    stretch = Stretch(x=x, label=0, trial="1", start=10.0)
    given = Recording(
        subject="1", session="1", source="a", channels=CHANNELS, rate=0.25, stretches=(stretch,), unit="nat", bands=bands
    )
    kept = read(tmp_path / "toy", [given])
    inputs = Inputs(made(tmp_path / "made", kept, {"use": "average"}))
    assert np.array_equal(inputs.one("samples"), x.mean(axis=0, keepdims=True))
    assert (inputs.one("rows")["start"], inputs.one("rows")["stop"]) == (10.0, 30.0), "four seconds a window"
    with pytest.raises(UsageError, match="differential_entropy takes"):
        made(tmp_path / "wrong", kept, {"use": "differential_entropy", "window": 1.0})


def pooled(folder: Path, given: Sequence[Output], labels: Mapping[str, Mapping[str, str]]) -> list[Output]:
    folder.mkdir(parents=True)
    out = Out(folder)
    classes = ["negative", "positive"]
    pool.run(Inputs(given), out, None, name="both", datasets=["old", "new"], classes=classes, labels=dict(labels))
    return outputs(out, dataset="both")


@pytest.fixture
def two(tmp_path: Path) -> list[Output]:
    """Two data sets of other classes, channels in another order and spelling, and people of the same names."""
    old = read(tmp_path / "old", [recording(1), recording(2)], "old")
    other = replace(FACTS, classes=("sad", "bored", "happy"))
    trials = recording(1, channels=("PZ", "CZ", "Oz"))
    return old + read(tmp_path / "new", [trials], "new", other)


LABELS = {"old": {"calm": "negative", "glad": "positive"}, "new": {"sad": "negative", "bored": "", "happy": "positive"}}


def test_a_pool_has_common_channels_and_classes(tmp_path: Path, two: list[Output]) -> None:
    both = pooled(tmp_path / "both", two, LABELS)
    facts = Inputs(both).one("facts")
    assert facts["channels"] == ["CZ", "PZ"]
    assert facts["counts"] == {"old": {"negative": 2, "positive": 2}, "new": {"negative": 1, "positive": 0}}
    assert facts["subjects"] == 3, "people of two data sets are never the same"
    inputs = Inputs(made(tmp_path / "made", [*both, *two], WINDOWS))
    samples, rows = inputs.one("samples"), inputs.one("rows")
    old, new = rows["dataset"] == "old", rows["dataset"] == "new"
    assert (samples[old & (rows["trial"] == "old file 1:1"), :, 0] == [101, 102]).all(), "Cz, Pz"
    assert (samples[new, :, 0] == [101, 100]).all(), "there Pz comes first"
    assert not set(rows["clip"][old]) & set(rows["clip"][new])
    assert len(samples) == 20


def test_a_recording_that_two_members_hold_is_refused(tmp_path: Path) -> None:
    """It would count as two people."""
    given = read(tmp_path / "old", [recording(1), recording(2)], "old") + read(tmp_path / "new", [recording(2)], "new")
    with pytest.raises(DataError, match="of new is a copy of") as error:
        pooled(tmp_path / "both", given, {name: {"calm": "negative", "glad": "positive"} for name in ("old", "new")})
    assert "Leave new or old out of the pool" in error.value.hint


def test_a_misspelt_class_is_not_silently_kept(tmp_path: Path, two: list[Output]) -> None:
    with pytest.raises(UsageError, match=r"labels\.new: unknown class 'bord': did you mean 'bored'"):
        pooled(tmp_path / "both", two, {**LABELS, "new": {**LABELS["new"], "bord": ""}})


def test_values_of_other_units_are_not_pooled(tmp_path: Path) -> None:
    old = read(tmp_path / "old", [recording(1)], "old")
    moving = recording(2, unit="V")
    moving.stretches[0].x[0] += np.sin(np.arange(200))
    new = read(tmp_path / "new", [moving], "new")
    with pytest.raises(DataError, match="old is in µV, new is in V"):
        pooled(tmp_path / "both", [*old, *new], {})


def test_windows_of_unequal_size_are_refused_with_both_sizes(tmp_path: Path) -> None:
    short = recording(1)
    longer = replace(short.stretches[1], x=np.tile(short.stretches[1].x, 2))
    given = read(tmp_path / "toy", [replace(short, stretches=(short.stretches[0], longer))])
    with pytest.raises(UsageError, match=r"trial 2 are 3 × 400 \(channel, time\) at 50 Hz, those of file 1 3 × 200"):
        made(tmp_path / "made", given, {"use": "windows", "window": 0.0, "step": 0.0})


def test_a_class_without_a_word_of_the_pool_is_refused(tmp_path: Path, two: list[Output]) -> None:
    with pytest.raises(UsageError, match="nobody knows what 'bored' of new is") as error:
        pooled(tmp_path / "both", two, {**LABELS, "new": {"sad": "negative", "happy": "positive"}})
    assert "[pool.both.labels.new]" in error.value.hint


def divided(folder: Path, given: Sequence[Output], use: str, **settings: Any) -> Inputs:
    folder.mkdir()
    out = Out(folder)
    split.run(Inputs(given), out, None, use=use, settings=settings, seed=0)
    return Inputs(outputs(out, dataset="toy", experiment="e"))


@pytest.fixture
def samples(tmp_path: Path) -> list[Output]:
    given = read(tmp_path / "toy", [recording(i, source=f"file {i}") for i in range(1, 5)])
    return [*given, *made(tmp_path / "made", given, WINDOWS)]


def test_every_person_is_tested_once_by_a_model_that_does_not_know_them(tmp_path: Path, samples: list[Output]) -> None:
    inputs = divided(tmp_path / "split", samples, "loso", validation=0.0)
    parts, subject = inputs.one("parts"), Inputs(samples).one("rows")["subject"]
    assert ((parts == TEST).sum(axis=0) == 1).all()
    for own in parts:
        assert not set(subject[own == TEST]) & set(subject[own == TRAIN])
    told = inputs.one("split")
    assert len(told["folds"]) == 4
    assert told["counts"]["test"] == {"calm": 16, "glad": 16}
    assert told["counts"]["train"] == {"calm": 12, "glad": 12}


def test_a_split_by_share_keeps_trials_whole(tmp_path: Path, samples: list[Output]) -> None:
    parts = divided(tmp_path / "split", samples, "holdout", test=0.25, validation=0.3, shuffle=True).one("parts")
    trial = Inputs(samples).one("rows")["trial"]
    assert all(len(set(parts[trial == name])) == 1 for name in set(trial))


def test_gathered_folds_stand_in_the_order_of_the_samples(tmp_path: Path, samples: list[Output]) -> None:
    folded = divided(tmp_path / "split", samples, "loso", validation=0.0)
    parts = np.asarray(folded.one("parts"))
    found: list[Output] = [*folded._outputs]
    for fold in (2, 0, 1, 3):
        (tmp_path / f"fit {fold}").mkdir()
        out = Out(tmp_path / f"fit {fold}")
        tested = np.flatnonzero(parts[fold] == TEST)
        out.array("fold_logits", np.stack([tested, -tested], axis=1).astype(np.float32), ("sample", "class"))
        out.array("fold_validation_logits", np.zeros((0, 2), np.float32), ("sample", "class"))
        out.json("fitted", {"model": {"id": "svm", "settings": {}}})
        out.json("looks", {"test": 1, "by": ["fit"]})
        found += outputs(out, dataset="toy", experiment="e", fold=str(fold), seed="0")
    (tmp_path / "gathered").mkdir()
    out = Out(tmp_path / "gathered")
    gather.run(Inputs(found), out, None)
    inputs = Inputs(outputs(out, dataset="toy"))
    assert np.array_equal(inputs.one("test_samples"), np.arange(parts.shape[1]))
    assert np.array_equal(inputs.one("logits")[:, 0], np.arange(parts.shape[1]))
    assert inputs.one("looks")["test"] == 1, "each sample was looked at once"
    assert PARTS[TEST] == "test"


def pieces() -> Iterator[Piece]:
    yield Piece(x=np.zeros((2, 10), np.float32), axes=("channel", "time"), unit="µV", channels=("Fz", "Cz"), rate=10, lead=2)


def test_a_trial_is_what_its_margins_leave() -> None:
    (piece,) = pieces()
    assert piece.trial.shape == (2, 8)
    assert replace(piece, tail=3).trial.shape == (2, 5)
