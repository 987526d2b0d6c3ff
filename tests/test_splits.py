"""How samples are divided: whole groups, every class, the publisher's test part, the same for the same seed."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from reportgen import plugins
from reportgen.core import PARTS, TEST, TRAIN, UNUSED, VALIDATION, Rows
from reportgen.errors import DataError, UsageError
from reportgen.outputs import Inputs
from reportgen.splits.holdout import divide as holdout
from reportgen.splits.official import divide as official
from tests import factories


def rows(seed: int = 0, n: int = 3000, groups: int = 1800) -> Rows:
    """Imbalanced classes in three parts; groups of a few samples each, mixed in label and part."""
    rng = np.random.default_rng(seed)
    return Rows(
        labels=rng.choice(4, size=n, p=[0.05, 0.2, 0.3, 0.45]),
        origin=rng.choice(["Training", "PublicTest", "PrivateTest"], size=n, p=[0.8, 0.1, 0.1]),
        groups=rng.integers(groups, size=n),
        classes=("a", "b", "c", "d"),
        training_part="Training",
    )


def shared_groups(given: Rows, parts: np.ndarray, one: int, other: int) -> set[int]:
    return set(given.groups[parts == one].tolist()) & set(given.groups[parts == other].tolist())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shuffle", [True, False])
def test_holdout_never_breaks_a_group(seed: int, shuffle: bool) -> None:
    given = rows(seed)
    parts = holdout(given, seed, shuffle=shuffle)
    for one, other in ((TRAIN, TEST), (TRAIN, VALIDATION), (VALIDATION, TEST)):
        assert not shared_groups(given, parts, one, other)
    assert UNUSED not in parts


@pytest.mark.parametrize("seed", range(5))
def test_official_validation_shares_no_group_with_training(seed: int) -> None:
    given = rows(seed)
    for settings in ({}, {"validation_origin": ("PrivateTest",)}):
        parts = official(given, seed, test=("PublicTest",), **settings)
        assert not shared_groups(given, parts, TRAIN, VALIDATION)
        assert shared_groups(given, parts, TRAIN, TEST), "the fixture should have test samples with twins in training"


def test_official_test_part_is_the_publishers() -> None:
    given = rows()
    parts = official(given, 0, test=("PublicTest",))
    np.testing.assert_array_equal(parts == TEST, given.origin == "PublicTest")
    np.testing.assert_array_equal(np.isin(parts, (TRAIN, VALIDATION)), given.origin == "Training")
    np.testing.assert_array_equal(parts == UNUSED, given.origin == "PrivateTest")


def test_official_can_join_parts_and_take_one_for_validation() -> None:
    given = rows()
    parts = official(given, 0, test=("PrivateTest",), validation_origin=("PublicTest",))
    np.testing.assert_array_equal(parts == VALIDATION, given.origin == "PublicTest")
    left_out = (given.origin == "Training") & (parts == UNUSED)
    held_out = set(given.groups[given.origin == "PublicTest"].tolist())
    np.testing.assert_array_equal(left_out, (given.origin == "Training") & np.isin(given.groups, list(held_out)))
    joined = official(given, 0, test=("PrivateTest", "PublicTest"))
    np.testing.assert_array_equal(joined == TEST, given.origin != "Training")
    wider = official(given, 0, test=("PrivateTest",), training=("Training", "PublicTest"))
    np.testing.assert_array_equal(wider == TEST, given.origin == "PrivateTest")
    assert UNUSED not in wider


def test_shares_hold_in_every_class() -> None:
    """Within half a group, when the samples of a group have one label."""
    rng = np.random.default_rng(3)
    groups = rng.integers(1500, size=3000)
    given = Rows(
        labels=groups % 4 * (groups % 3 == 0),  # class 0 has most of the groups
        origin=np.full(3000, "train"),
        groups=groups,
        classes=("a", "b", "c", "d"),
        training_part="train",
    )
    parts = holdout(given, 0, test=0.2, validation=0.1)
    largest = np.bincount(groups).max()
    for label in range(4):
        n, in_test, in_validation = (
            np.sum((given.labels == label) & chosen) for chosen in (True, parts == TEST, parts == VALIDATION)
        )
        assert abs(in_test - 0.2 * n) <= largest / 2
        assert abs(in_validation - 0.1 * (n - in_test)) <= largest / 2


def test_single_samples_are_divided_exactly() -> None:
    given = Rows(
        labels=np.repeat([0, 1], [100, 50]),
        origin=np.full(150, "train"),
        groups=np.arange(150),
        classes=("a", "b"),
        training_part="train",
    )
    parts = holdout(given, 0, test=0.2, validation=0.25)
    table = [[int(np.sum((given.labels == c) & (parts == p))) for p in (TRAIN, VALIDATION, TEST)] for c in (0, 1)]
    assert table == [[60, 20, 20], [30, 10, 10]]


def test_unshuffled_takes_the_last_in_order() -> None:
    given = rows(groups=10**9)
    parts = holdout(given, 0, test=0.2, validation=0.1, shuffle=False)
    np.testing.assert_array_equal(parts, np.repeat([TRAIN, VALIDATION, TEST], [2160, 240, 600]))


def test_the_seed_alone_decides() -> None:
    given = rows()
    for divide in (holdout, lambda *args: official(*args, test=("PublicTest",))):
        np.testing.assert_array_equal(divide(given, 1), divide(given, 1))
        assert np.any(divide(given, 1) != divide(given, 2))


def test_names_are_checked() -> None:
    with pytest.raises(UsageError, match=r"test: unknown part 'PublicTst': did you mean 'PublicTest'\?"):
        official(rows(), 0, test=("PublicTst",))
    with pytest.raises(UsageError, match="known are PrivateTest, PublicTest, Training"):
        official(rows(), 0, test=("xyz",))
    with pytest.raises(UsageError, match="part 'Training' is in test and in training"):
        official(rows(), 0, test=("Training",))


@pytest.mark.parametrize(
    ("use", "wrong"),
    [("holdout", {"test": 0}), ("holdout", {"test": 1}), ("official", {"validation": 1.5}), ("official", {"validation": 0})],
)
def test_settings_have_ranges(use: str, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        plugins.settings("split", use).model_validate(wrong)


def test_step_counts_and_finds_twins(tmp_path: Path) -> None:
    data = factories.data_set(tmp_path, parts={"train": 30, "test": 10}, copies=((0, 90), (1, 91), (92, 93)))
    found = Inputs([*data, *factories.divided(tmp_path, data)])
    split, parts, twins, labels = (found.one(kind) for kind in ("split", "parts", "twins", "labels"))
    learned = {int(twin) for twin, part in zip(twins, parts, strict=True) if part in (TRAIN, VALIDATION)}
    assert found.one("twin_free").tolist() == [int(twin) not in learned for twin in twins]
    assert (split["n_test"], split["n_test_twin_free"], split["test_origin"]) == (30, 28, ["test"])
    for index, part in enumerate(PARTS):
        for label, name in enumerate(factories.CLASSES):
            assert split["counts"][part][name] == np.sum((parts == index) & (labels == label))


def test_step_refuses_parts_without_a_class(tmp_path: Path) -> None:
    data = factories.data_set(tmp_path, parts={"train": 4, "test": 10})
    with pytest.raises(DataError, match="split official: the validation part has no sample at all"):
        factories.divided(tmp_path, data, "a")
    with pytest.raises(DataError, match="the validation part has no sample of angry, sad among 1"):
        factories.divided(tmp_path, data, "b", "holdout", {"shuffle": False, "test": 0.8, "validation": 0.15})
