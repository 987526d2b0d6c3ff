"""Simulated faces show what their labels say, where their truth says, and by different people in train and test."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from reportgen.datasets.faces_sim import FACTS, load
from reportgen.errors import DataError

CLASS = {name: label for label, name in enumerate(FACTS.classes)}


def drawn(**settings: Any) -> SimpleNamespace:
    """All chunks together."""
    chunks = list(load(**settings))
    names = ("x", "labels", "origin", "sources", "truth")
    return SimpleNamespace(**{name: np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in names})


@pytest.fixture(scope="module")
def faces() -> SimpleNamespace:
    return drawn(samples=1500, seed=3)


def people(sources: np.ndarray) -> set[str]:
    return {source.partition("/")[0] for source in sources}


def test_every_row_says_what_it_is(faces):
    assert faces.x.shape == faces.truth.shape == (1500, 48, 48)
    assert (faces.x.dtype, faces.truth.dtype) == (np.uint8, np.bool_)
    assert len(set(faces.sources)) == 1500
    assert set(faces.origin) == {"train", "test"}


def test_equal_settings_give_equal_bytes_and_another_seed_other_faces(faces):
    again, other = next(load(samples=1500, seed=3)), drawn(samples=32, seed=4)
    assert all((getattr(again, name) == getattr(faces, name)[:512]).all() for name in ("x", "labels", "truth", "sources"))
    assert not (again.x[:32] == other.x).all(axis=(1, 2)).any()


def test_faces_are_drawn_a_chunk_at_a_time():
    assert len(next(load(samples=10**5)).x) == 512


def test_nobody_is_in_both_parts(faces):
    train, test = (people(faces.sources[faces.origin == part]) for part in ("train", "test"))
    assert not train & test
    assert len(test) / len(train | test) == pytest.approx(0.3, abs=0.01)


def test_every_person_has_the_asked_number_of_faces():
    sources = drawn(samples=60, faces_per_person=5).sources
    assert {sum(source.startswith(person) for source in sources) for person in people(sources)} == {5}


def test_no_face_is_drawn_twice(faces):
    assert len(np.unique(faces.x.reshape(len(faces.x), -1), axis=0)) == len(faces.x)


@pytest.mark.parametrize("part", ["train", "test"])
def test_balanced_classes_differ_by_one_at_most(faces, part):
    counts = np.bincount(faces.labels[faces.origin == part], minlength=7)
    assert np.ptp(counts) <= 1


def test_proportions_can_follow_fer2013():
    counts = np.bincount(drawn(samples=200, proportions="fer2013").labels, minlength=7)
    assert counts.argmax() == CLASS["happy"]
    assert counts.argmin() == CLASS["disgust"]
    assert counts[CLASS["happy"]] == pytest.approx(0.2513 * 200, abs=2)


def standardised(images: np.ndarray) -> np.ndarray:
    """Each face with mean 0 and standard deviation 1."""
    x = images - images.mean(axis=(1, 2), keepdims=True)
    return x / x.std(axis=(1, 2), keepdims=True)


def dark_above(images: np.ndarray) -> float:
    """How far the dark is above the bright, around the corners of the mouth of the mean face."""
    mouth = standardised(images).mean(0)[29:41]  # (row, column)
    moment = (mouth * (np.arange(12) - 5.5)[:, None]).sum(0)
    return float(moment[[16, 17, 18, 29, 30, 31]].mean())


def test_corners_of_the_mouth_are_high_in_happiness_and_low_in_sadness(faces):
    happy, neutral, sad = (dark_above(faces.x[faces.labels == CLASS[name]]) for name in ("happy", "neutral", "sad"))
    assert happy > neutral + 1.5
    assert neutral > sad + 0.4


def test_only_neutral_faces_have_no_truth(faces):
    empty = ~faces.truth.any(axis=(1, 2))
    assert (empty == (faces.labels == CLASS["neutral"])).all()
    assert faces.truth[~empty].mean(axis=(1, 2)).max() < 0.3  # a region, not the whole face


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("angry", 0.65, 1.0), ("disgust", 0.2, 0.6), ("happy", 0.2, 0.55), ("sad", 0.5, 0.9), ("surprise", 0.35, 0.75)],
)
def test_truth_lies_on_the_features_that_the_class_moves(faces, name, low, high):
    """Anger is mostly in brows and eyes, disgust and happiness in nose, cheeks and mouth, the others in both."""
    truth = faces.truth[faces.labels == CLASS[name]]
    assert low < truth[:, :25].sum() / truth.sum() < high


@pytest.mark.parametrize("name", ["angry", "fear", "happy", "sad", "surprise"])
def test_truth_lies_where_the_class_differs_from_neutral(faces, name):
    x = standardised(faces.x)
    shown, rest = x[faces.labels == CLASS[name]], x[faces.labels == CLASS["neutral"]]
    error = np.sqrt(shown.var(0) / len(shown) + rest.var(0) / len(rest))
    difference = np.abs(shown.mean(0) - rest.mean(0)) / error  # (row, column), in standard errors
    truth = faces.truth[faces.labels == CLASS[name]].mean(0)
    assert difference[truth > 0.3].mean() > 1.25 * difference[truth < 0.05].mean()


def test_stronger_expressions_change_more_of_the_face():
    weak, strong = (drawn(samples=140, weakest=weakest, noise=0.0).truth for weakest in (0.05, 1.0))
    assert strong.mean() > 1.2 * weak.mean()


def test_occlusion_hides_part_of_the_expression():
    free, hidden = (drawn(samples=140, occlusion=share) for share in (0.0, 1.0))
    assert hidden.truth.mean() < 0.8 * free.truth.mean()
    assert (free.labels == hidden.labels).all()


def test_noise_is_as_strong_as_asked():
    clear, grainy = (drawn(samples=70, noise=noise).x.astype(float) for noise in (0.0, 12.0))
    assert (grainy - clear).std() == pytest.approx(12.0, rel=0.2)


def test_the_class_is_not_a_matter_of_brightness_or_place(faces):
    """The nearest class mean, a linear classifier, finds some of the classes but stays far from what is there."""
    x = standardised(faces.x).reshape(len(faces.x), -1)
    train = faces.origin == "train"
    means = np.stack([x[train & (faces.labels == label)].mean(0) for label in range(7)])
    distances = (means**2).sum(1) - 2 * x[~train] @ means.T  # up to a constant of each sample
    assert np.mean(distances.argmin(1) == faces.labels[~train]) < 0.45


def test_light_is_set_so_that_little_is_lost(faces):
    assert np.mean((faces.x == 0) | (faces.x == 255)) < 0.01


def test_too_few_faces_for_two_people_are_refused():
    with pytest.raises(DataError, match="14 samples are less than two people with 8 faces each") as error:
        next(load(samples=14))
    assert "faces_per_person" in error.value.hint


def test_the_smallest_set_still_has_both_parts():
    assert set(drawn(samples=14, faces_per_person=7, test_share=0.01).origin) == {"train", "test"}


def test_facts_say_that_nobody_is_shown():
    assert FACTS.simulated
    assert FACTS.redistribute
    assert FACTS.training_part == next(load(samples=16)).origin[0]
