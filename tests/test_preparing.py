"""Inputs of regressors: what is learned, from whom, and that it is applied to new segments exactly."""

import json

import numpy as np
import pytest

from reportgen.errors import DataError
from reportgen.regression.preparing import Prepared, applied, prepare

TRAIN = np.arange(60) < 40
WORDS = ("good", "bad", "film", "song", "slow", "loud", "plot", "cast", "warm", "cold")


def face(seed: int = 0) -> np.ndarray:
    """(segment, feature): three that vary, in different units, and one that does not in the training part."""
    x = np.random.default_rng(seed).standard_normal((60, 4)) * [1, 1000, 1e-4, 0] + [0, 5, 3, 7]
    x[TRAIN.sum() :, 3] = 8
    return x.astype(np.float32)


def spoken(seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, 6)) for _ in range(60)]


def test_the_training_part_is_standardised_and_what_is_constant_dropped() -> None:
    made = prepare({"face": face()}, None, TRAIN)
    x = made.arrays["face"]
    assert x.dtype == np.float32 and x.shape == (60, 3)
    np.testing.assert_allclose(x[TRAIN].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(x[TRAIN].std(axis=0), 1, atol=1e-5)
    told = made.preparation["modalities"]["face"]
    assert told == {"features": 3, "windows": 1, "missing": 0.0, "absent": 0, "constant": 1, "text": None}


def test_missing_and_infinite_numbers_become_the_training_mean() -> None:
    x = face()
    x[3, 0], x[5, 1], x[50] = np.nan, -np.inf, np.nan
    made = prepare({"face": x}, None, TRAIN)
    assert made.arrays["face"][[3, 5], [0, 1]].tolist() == [0, 0] and not made.arrays["face"][50].any()
    told = made.preparation["modalities"]["face"]
    assert told["missing"] == pytest.approx(6 / 240) and told["absent"] == 1
    known = np.delete(x[TRAIN, 0], 3)
    np.testing.assert_allclose(made.learned["face/mean"][0], known.mean(dtype=float), rtol=1e-9)


def test_a_feature_without_any_number_in_the_training_part_is_dropped() -> None:
    x = face()
    x[TRAIN, 2] = np.nan
    assert prepare({"face": x}, None, TRAIN).preparation["modalities"]["face"]["constant"] == 2


def test_nothing_is_learned_from_other_parts() -> None:
    x, text = face(), spoken()
    made = prepare({"face": x}, text, TRAIN, components=3)
    changed, other = x.copy(), list(text)
    changed[~TRAIN] *= 100
    other[40:] = ["unheard words " * 3] * 20
    again = prepare({"face": changed}, other, TRAIN, components=3)
    assert made.vocabulary == again.vocabulary and "unheard" not in again.vocabulary
    for name, values in made.learned.items():
        assert np.array_equal(values, again.learned[name]), name
    for name in ("face", "text"):
        assert np.array_equal(made.arrays[name][TRAIN], again.arrays[name][TRAIN])
        assert not np.array_equal(made.arrays[name][~TRAIN], again.arrays[name][~TRAIN])


@pytest.fixture(scope="module")
def made() -> Prepared:
    song = np.random.default_rng(1).standard_normal((60, 5, 2)).astype(np.float32)
    song[7, 2] = np.nan
    return prepare({"face": face(), "song": song}, [*spoken()[:-1], ""], TRAIN, components=4)


@pytest.mark.parametrize("rows", [[0], [7, 3], list(range(20, 60))])
def test_new_segments_are_prepared_exactly_as_they_were(made: Prepared, rows: list[int]) -> None:
    """Whatever segments are beside them, and after JSON."""
    song = np.random.default_rng(1).standard_normal((60, 5, 2)).astype(np.float32)
    song[7, 2] = np.nan
    told = json.loads(json.dumps({"preparation": made.preparation, "vocabulary": made.vocabulary}))
    text = [*spoken()[:-1], ""]
    given = {"song": song[rows], "face": face()[rows]}
    again = applied(told["preparation"], made.learned, told["vocabulary"], given, [text[row] for row in rows])
    assert list(again) == list(made.arrays) == ["face", "song", "text"]
    for name, values in again.items():
        assert np.array_equal(values, made.arrays[name][rows]), name


def test_windows_share_a_scale(made: Prepared) -> None:
    x = made.arrays["song"]
    assert x.shape == (60, 5, 2) and made.preparation["modalities"]["song"]["windows"] == 5
    assert not x[7, 2].any()
    np.testing.assert_allclose(np.delete(x[TRAIN].reshape(-1, 2), 7 * 5 + 2, axis=0).std(axis=0), 1, atol=1e-5)


# transcripts


def test_segments_that_say_the_same_are_alike_and_silent_ones_are_missing(made: Prepared) -> None:
    told = made.preparation["modalities"]["text"]
    assert told["absent"] == told["text"]["empty"] == 1 and not made.arrays["text"][-1].any()
    assert 0 < told["text"]["explained"] < 1 and told["features"] == told["text"]["components"] == 4
    assert told["text"]["terms"] == len(made.vocabulary) and {"good", "film"} < set(made.vocabulary)
    assert any(" " in term for term in made.vocabulary)
    twice = prepare({}, ["good film", "bad song"] * 30, TRAIN).arrays["text"]
    assert np.array_equal(twice[0], twice[2]) and not np.allclose(twice[0], twice[1])


def test_topics_are_told_apart_without_a_common_word() -> None:
    """Latent semantic analysis: words that occur with the same others are alike."""
    rng = np.random.default_rng(0)
    topics = (WORDS[:5], WORDS[5:])
    text = [" ".join(rng.choice(topics[place % 2], 4, replace=False)) for place in range(60)]
    x = prepare({}, text, TRAIN, components=2).arrays["text"]
    sides = [x[40 + side :: 2] for side in range(2)]
    gap = np.linalg.norm(sides[0].mean(axis=0) - sides[1].mean(axis=0))
    assert gap > 5 * max(np.linalg.norm(one.std(axis=0)) for one in sides)


def test_terms_are_the_most_frequent_and_not_too_rare() -> None:
    text = [" ".join(["often"] * 3 + [f"once{place}", "twice" if place < 2 else "never"]) for place in range(60)]
    made = prepare({}, text, TRAIN, least=3)
    assert "twice" not in made.vocabulary and not any("once" in term for term in made.vocabulary)
    assert len(prepare({}, spoken(), TRAIN, terms=10, least=1).vocabulary) == 10


@pytest.mark.parametrize(
    "text", [["word"] * 60, ["", "one two"] * 30, ["same words"] * 60, [f"one{place}" for place in range(60)]]
)
def test_transcripts_that_tell_nothing_are_no_modality(text: list[str]) -> None:
    made = prepare({"face": face()}, text, TRAIN)
    assert list(made.arrays) == ["face"] and made.preparation["modalities"]["text"]["features"] == 0
    again = applied(made.preparation, made.learned, made.vocabulary, {"face": face()}, text)
    assert np.array_equal(again["face"], made.arrays["face"])


def test_a_single_component_keeps_its_size() -> None:
    x = prepare({}, spoken(), TRAIN, components=1).arrays["text"]
    assert x.shape == (60, 1) and len(np.unique(x)) > 20


def test_a_modality_of_that_name_stays_what_it_is() -> None:
    made = prepare({"text": face()}, spoken(), TRAIN, components=4)
    assert {name: x.shape[1] for name, x in made.arrays.items()} == {"text": 3, "transcript": 4}


# bad input


def test_new_segments_of_another_kind(made: Prepared) -> None:
    rest = (made.preparation, made.learned, made.vocabulary)
    song = np.zeros((2, 5, 2), np.float32)
    with pytest.raises(DataError, match="no modality 'face'"):
        applied(*rest, {"song": song}, ["a", "b"])
    with pytest.raises(DataError, match=r"1 × 9 .window, feature., learned from 1 × 4"):
        applied(*rest, {"song": song, "face": np.zeros((2, 9))}, ["a", "b"])
    with pytest.raises(DataError, match=r"4 × 2 .* learned from 5 × 2"):
        applied(*rest, {"song": song[:, 1:], "face": face()[:2]}, ["a", "b"])
    with pytest.raises(DataError, match="no transcripts"):
        applied(*rest, {"song": song, "face": face()[:2]}, None)
