"""Splits with folds: no trial on two sides, nothing tested twice, and each keeps apart what its name says."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from reportgen import plugins
from reportgen.core import TEST, TRAIN, UNUSED, VALIDATION, Folds, Rows
from reportgen.errors import DataError, UsageError
from reportgen.splits._folds import dealt
from reportgen.splits.cross_dataset import divide as cross_dataset
from reportgen.splits.cross_session import divide as cross_session
from reportgen.splits.front_back import divide as front_back
from reportgen.splits.kfold import divide as kfold
from reportgen.splits.loso import divide as loso
from reportgen.splits.loso_clip import divide as loso_clip

CLASSES = ("negative", "neutral", "positive")
LABELS = (2, 1, 0, 0, 1, 2, 0, 1, 2, 2, 1, 0, 1, 2, 0)  # of SEED's fifteen clips


def rows(
    subjects: int = 4, sessions: int = 3, *, uneven: bool = False, datasets: tuple[str, ...] = ("seed",), seed: int = 0
) -> Rows:
    """Windows of recordings with fifteen clips each; uneven: trials of any length, some missing, recordings interleaved."""
    rng, table = np.random.default_rng(seed), []
    for dataset in datasets:
        for subject in range(subjects):
            for session in range(1, sessions + 1):
                for clip, label in enumerate(LABELS):
                    if uneven and clip > 11 and rng.random() < 0.3:
                        continue
                    windows = int(rng.integers(1, 9)) if uneven else 5
                    who = f"{dataset} {subject}"
                    table += [
                        (label, dataset, who, session, f"{who}/{session}", f"{who}/{session}/{clip}", f"{clip}")
                    ] * windows
    if uneven:  # the trials of a recording stay in their order
        recording = np.array([row[4] for row in table])
        order = np.empty(len(table), int)
        order[np.argsort(rng.permutation(recording), kind="stable")] = np.argsort(recording, kind="stable")
        table = [table[i] for i in order]
    columns = [np.array(column) for column in zip(*table, strict=True)]
    names = ("labels", "origin", "subject", "session", "recording", "trial", "clip")
    named: dict[str, Any] = dict(zip(names, columns, strict=True))
    return Rows(**named, groups=np.arange(len(table)), classes=CLASSES, training_part="")


WAYS: dict[str, Callable[[Rows, int], Folds]] = {
    "front_back recording": lambda given, seed: front_back(given, seed, validation=0.2),
    "front_back pooled": lambda given, seed: front_back(given, seed, train=9, within="pooled"),
    "kfold trial": kfold,
    "kfold clip": lambda given, seed: kfold(given, seed, by="clip", folds=3),
    "kfold recording": lambda given, seed: kfold(given, seed, by="recording", folds=0, validation=0.0),
    "kfold session": lambda given, seed: kfold(given, seed, by="session", folds=3),
    "kfold subject": lambda given, seed: kfold(given, seed, by="subject", folds=2),
    "loso": loso,
    "cross_session subject": cross_session,
    "cross_session all": lambda given, seed: cross_session(given, seed, within="all"),
    "loso_clip": lambda given, seed: loso_clip(given, seed, clip_folds=2),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("way", WAYS)
def test_no_trial_lies_on_two_sides_and_none_is_tested_twice(way: str, uneven: bool, seed: int) -> None:
    given = rows(uneven=uneven, seed=seed)
    folds = WAYS[way](given, seed)
    assert folds.parts.shape == (len(folds.names), len(given.labels)) and folds.parts.dtype == np.uint8
    assert len(set(folds.names)) == len(folds.names)
    assert ((folds.parts == TEST).sum(axis=0) <= 1).all()
    for parts in folds.parts:
        sides = [set(given.trial[parts == part].tolist()) for part in (UNUSED, TRAIN, VALIDATION, TEST)]
        assert sum(map(len, sides)) == len(set.union(*sides)), "a trial lies in two parts"
        assert set(given.labels[parts == TRAIN].tolist()) == {0, 1, 2}
        assert (parts == TEST).any()
        if way != "kfold recording":
            assert set(given.labels[parts == VALIDATION].tolist()) == {0, 1, 2}


@pytest.mark.parametrize(
    ("way", "column"),
    [
        ("kfold clip", "clip"),
        ("kfold recording", "recording"),
        ("kfold session", "session"),
        ("kfold subject", "subject"),
        ("loso", "subject"),
        ("loso_clip", "subject"),
        ("loso_clip", "clip"),
        ("cross_session subject", "session"),
        ("cross_session all", "session"),
    ],
)
@pytest.mark.parametrize("uneven", [False, True])
def test_what_is_tested_is_unknown_to_the_model(way: str, column: str, uneven: bool) -> None:
    given = rows(uneven=uneven)
    values = getattr(given, column)
    for parts in WAYS[way](given, 0).parts:
        learnt = np.isin(parts, (TRAIN, VALIDATION))
        assert not set(values[learnt].tolist()) & set(values[parts == TEST].tolist())


@pytest.mark.parametrize("way", [way for way in WAYS if not way.startswith("front_back")])
def test_everything_is_tested_once(way: str) -> None:
    given = rows(uneven=True)
    np.testing.assert_array_equal((WAYS[way](given, 0).parts == TEST).sum(axis=0), 1)


def test_front_back_is_seeds_nine_and_six() -> None:
    given = rows()
    folds = front_back(given, 0, train=9, validation=0.0)
    assert folds.names[:4] == tuple(f"subject seed {i} session {j}" for i, j in ((0, 1), (0, 2), (0, 3), (1, 1)))
    for name, parts in zip(folds.names, folds.parts, strict=True):
        own = np.array([f"subject {a} session {b}" == name for a, b in zip(given.subject, given.session, strict=True)])
        clip = given.clip.astype(int)
        np.testing.assert_array_equal(parts == TRAIN, own & (clip < 9))
        np.testing.assert_array_equal(parts == TEST, own & (clip >= 9))
        np.testing.assert_array_equal(parts == UNUSED, ~own)
    pooled = front_back(given, 0, train=0.6, within="pooled", validation=0.0)
    np.testing.assert_array_equal(pooled.parts, [np.where(given.clip.astype(int) < 9, TRAIN, TEST)])


def test_front_back_goes_by_appearance_not_by_name() -> None:
    given = rows(1, 1, uneven=True, seed=3)
    order = list(dict.fromkeys(given.trial.tolist()))
    (parts,) = front_back(given, 0, train=8, validation=0.0).parts
    assert set(given.trial[parts == TRAIN].tolist()) == set(order[:8])


def test_cross_session_within_a_subject_learns_from_that_subject_alone() -> None:
    given = rows()
    folds = cross_session(given, 0)
    assert len(folds.names) == 12 and folds.names[1] == "subject seed 0 session 2"
    for parts in folds.parts:
        assert len(set(given.subject[parts != UNUSED].tolist())) == 1


def test_loso_clip_learns_from_others_on_other_clips_and_each_group_has_all_classes() -> None:
    given = rows()
    folds = loso_clip(given, 1, clip_folds=5)
    assert len(folds.names) == 20
    for parts in folds.parts:
        test, learnt = parts == TEST, np.isin(parts, (TRAIN, VALIDATION))
        assert sorted(given.labels[test][::5].tolist()) == [0, 0, 0, 1, 1, 1, 2, 2, 2]  # one clip a class, three sessions
        expected = ~np.isin(given.subject, given.subject[test]) & ~np.isin(given.clip, given.clip[test])
        np.testing.assert_array_equal(learnt, expected)


def test_cross_dataset_never_learns_from_what_it_tests() -> None:
    given = rows(2, 1, datasets=("seed", "iv", "v"))
    each = cross_dataset(given, 0)
    assert each.names == ("data set seed", "data set iv", "data set v")
    for name, parts in zip(("seed", "iv", "v"), each.parts, strict=True):
        np.testing.assert_array_equal(parts == TEST, given.origin == name)
        assert UNUSED not in parts
    (parts,) = cross_dataset(given, 0, train=["seed", "v"], test=["v"], validation=0.0).parts
    np.testing.assert_array_equal(parts == TRAIN, given.origin == "seed")
    np.testing.assert_array_equal(parts == UNUSED, given.origin == "iv")
    with pytest.raises(UsageError, match=r"cross_dataset: test: unknown data set 'sead': did you mean 'seed'\?"):
        cross_dataset(given, 0, test=["sead"])
    with pytest.raises(UsageError, match="no data set is left to learn from when v is tested"):
        cross_dataset(given, 0, train=["v"], test=["v"])


def test_cards_are_dealt_evenly_overall_and_in_each_stratum() -> None:
    strata = np.repeat([0, 1, 2], [7, 5, 11])
    for seed in range(5):
        hand = dealt(strata, 4, seed)
        for own in (hand, *(hand[strata == one] for one in range(3))):
            assert np.ptp(np.bincount(own, minlength=4)) <= 1


def test_validation_takes_its_share_of_the_trials_of_each_class() -> None:
    given = rows(uneven=True)
    for parts in kfold(given, 0, validation=0.25).parts:
        for label in range(3):
            own = given.labels == label
            train, validation = (len(set(given.trial[own & (parts == part)].tolist())) for part in (TRAIN, VALIDATION))
            assert validation == round(0.25 * (train + validation))


@pytest.mark.parametrize("way", WAYS)
def test_the_seed_alone_decides(way: str) -> None:
    given = rows(uneven=True)
    np.testing.assert_array_equal(WAYS[way](given, 1).parts, WAYS[way](given, 1).parts)
    if way != "kfold recording":
        assert (WAYS[way](given, 1).parts != WAYS[way](given, 2).parts).any()


def _without(given: Rows, **columns: Any) -> Rows:
    return Rows(**{name: columns.get(name, getattr(given, name)) for name in Rows.__dataclass_fields__})


def test_what_the_data_do_not_say_is_asked_for() -> None:
    given = rows()
    with pytest.raises(UsageError, match="split loso needs the subject of each sample; the data set does not say it") as error:
        loso(_without(given, subject=None), 0)
    assert "use split = 'kfold'" in error.value.hint
    some = given.clip.astype(object)
    some[:10] = ""
    with pytest.raises(UsageError, match="split loso_clip needs the clip of each sample; 10 of 900 lack it"):
        loso_clip(_without(given, clip=some), 0)
    with pytest.raises(UsageError, match="split kfold needs the trial"):
        kfold(_without(given, trial=None), 0, by="subject")


def test_too_little_data_is_said_with_numbers() -> None:
    with pytest.raises(DataError, match="loso: seed 0 is the only subject"):
        loso(rows(1), 0)
    with pytest.raises(DataError, match="subject seed 0 has session 1 only"):
        cross_session(rows(2, 1), 0)
    with pytest.raises(DataError, match="class negative has 5 clips for clip_folds = 6"):
        loso_clip(rows(), 0, clip_folds=6)
    with pytest.raises(DataError, match="has 15 trials: the first 15 cannot be learnt from and others tested"):
        front_back(rows(), 0, train=15)
    with pytest.raises(UsageError, match=r"train = 9.5 is no whole number"):
        front_back(rows(), 0, train=9.5)
    with pytest.raises(DataError, match="4 of subject cannot fill 5 folds"):
        kfold(rows(), 0, by="subject")
    with pytest.raises(UsageError, match="one fold leaves nothing"):
        kfold(rows(), 0, folds=1)
    with pytest.raises(DataError, match="subject seed 0 session 1 has no trial of negative among 2 to train on"):
        front_back(rows(), 0, train=2)
    with pytest.raises(DataError, match="one trial of negative to train on: none can be spared"):
        front_back(rows(), 0, train=3)
    assert (front_back(rows(), 0, train=3, validation=0.0).parts == TRAIN).any()


def test_a_trial_has_one_label() -> None:
    given = rows()
    labels = given.labels.copy()
    labels[3] = 0
    with pytest.raises(DataError, match="samples of trial seed 0/1/0 have several labels"):
        kfold(_without(given, labels=labels), 0)
    labels = given.labels.copy()
    labels[given.trial == "seed 0/1/0"] = 0
    with pytest.raises(DataError, match="clip 0 has several labels"):
        loso_clip(_without(given, labels=labels), 0)


@pytest.mark.parametrize("name", ["front_back", "kfold", "loso", "cross_session", "cross_dataset", "loso_clip"])
def test_settings_have_ranges_and_folds_are_announced(name: str) -> None:
    assert plugins.returns("split", name) == "Folds"
    plugins.settings("split", name).model_validate({"validation": 0})
    with pytest.raises(ValidationError):
        plugins.settings("split", name).model_validate({"validation": 1})
