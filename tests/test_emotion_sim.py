"""Simulated speakers are rated as people are in CMU-MOSEI, and their modalities tell what they are said to tell."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeCV
from sklearn.preprocessing import StandardScaler

from reportgen.core import Segments
from reportgen.datasets._spoken import PLEASANT, UNPLEASANT
from reportgen.datasets.emotion_sim import FACTS, load
from reportgen.errors import UsageError
from reportgen.plugins import settings

WISHED = (0.53, 0.26, 0.21, 0.10, 0.18, 0.08)
"""Share of segments in which each emotion is present, as in CMU-MOSEI."""


@pytest.fixture(scope="module")
def many() -> list[Segments]:
    return list(load(videos=240))


def stacked(videos: list[Segments], name: str) -> np.ndarray:
    return np.concatenate([getattr(video, name) for video in videos])


def test_equal_settings_give_equal_bytes() -> None:
    one, again, other = (list(load(videos=8, seed=seed)) for seed in (1, 1, 2))
    for a, b in zip(one, again, strict=True):
        assert a.values.tobytes() == b.values.tobytes() and a.transcripts == b.transcripts
        assert all(a.modalities[name].tobytes() == b.modalities[name].tobytes() for name in ("face", "voice"))
        assert replace(a, start=0, stop=0, values=0, spread=0, raters=0, modalities={}) == replace(
            b, start=0, stop=0, values=0, spread=0, raters=0, modalities={}
        )
    assert one[0].values.tobytes() != other[0].values.tobytes()


def test_more_noise_changes_nothing_but_that_modality() -> None:
    plain, noisy = next(load(videos=8)), next(load(videos=8, voice_noise=9.0))
    assert np.array_equal(plain.values, noisy.values) and plain.transcripts == noisy.transcripts
    assert np.array_equal(plain.modalities["face"], noisy.modalities["face"])
    assert not np.array_equal(plain.modalities["voice"], noisy.modalities["voice"])


def test_ratings_are_means_of_three_raters(many: list[Segments]) -> None:
    values, spread = stacked(many, "values"), stacked(many, "spread")
    assert values.dtype == np.float32 and (values.min(), values.max()) == FACTS.scale
    assert np.allclose(3 * values, np.round(3 * values), atol=1e-5)
    assert set(stacked(many, "raters")) == {3}
    mixed = ~np.isclose(values, np.round(values))
    assert (spread[mixed] > 0.4).all(), "raters who differ are apart"
    assert (spread[values == 0] == 0).all()


def test_emotions_are_as_frequent_as_in_mosei(many: list[Segments]) -> None:
    values = stacked(many, "values")
    present = (values > 0).mean(0)
    assert np.allclose(present, WISHED, atol=0.05)
    assert present.argmax() == 0 and FACTS.classes[0] == "happy"
    assert 0.1 < (values == 0).all(1).mean() < 0.19
    happy = Counter(np.round(3 * values[:, 0]).astype(int).tolist())
    assert [happy[k] > happy[k + 3] for k in range(5)] == [True] * 5, "weak feelings are more frequent than strong ones"


def test_moods_last() -> None:
    def lasting(smoothness: float) -> np.ndarray:
        videos = list(load(videos=120, smoothness=smoothness))
        pairs = [np.concatenate([v.values[:-1], v.values[1:]], axis=1) for v in videos]
        return np.corrcoef(np.concatenate(pairs).T)[np.arange(6), np.arange(6) + 6]

    assert (lasting(0.85) > 0.4).all()
    assert lasting(0.0).mean() < 0.2, "only temper is left"


def test_segments_follow_each_other_in_time(many: list[Segments]) -> None:
    for video in many:
        assert len(video.values) >= 4 and video.start[0] >= 0
        assert (video.stop - video.start > 1.9).all() and (video.start[1:] - video.stop[:-1] >= 0).all()
    lengths = [len(video.values) for video in many]
    assert 11 < np.mean(lengths) < 13 and len(set(lengths)) > 5
    gaps = np.concatenate([video.start[1:] - video.stop[:-1] for video in many])
    assert 0 < np.median(gaps) < 1


def test_speakers_are_in_one_part(many: list[Segments]) -> None:
    parts: dict[str, set[str]] = {}
    for video in many:
        parts.setdefault(video.speaker, set()).add(video.part)
    assert all(len(own) == 1 for own in parts.values())
    speaking = Counter(video.speaker for video in many)
    assert len(speaking) == 180 and set(speaking.values()) == {1, 2}
    shares = Counter(video.part for video in many)
    assert shares["train"] / 240 == pytest.approx(0.7, abs=0.07)
    assert shares["dev"] / 240 == pytest.approx(0.1, abs=0.05)
    assert shares["test"] / 240 == pytest.approx(0.2, abs=0.06)
    assert {video.part for video in load(videos=6)} == {"train", "dev", "test"}


def test_truth_is_said_once_as_json(many: list[Segments]) -> None:
    planted = json.loads(json.dumps(many[0].planted))
    assert planted["collapse"] == ["text"] and planted["modalities"]["text"]["tells"] == ["happy"]
    face, voice = (planted["modalities"][name] for name in ("face", "voice"))
    assert face["tells"] == voice["tells"] == list(FACTS.classes)
    assert face["reliability"] > 0.5 > 0.2 > voice["reliability"]
    assert all(video.planted is None for video in many[1:])


def test_words_tell_of_happiness(many: list[Segments]) -> None:
    for video in many[:3]:
        for text in video.transcripts:
            assert text[0].isupper() and text.endswith(".") and 12 <= len(text.split()) <= 30
    said = [text for video in many for text in video.transcripts]
    pleasant = np.array([sum(word.strip(".,") in PLEASANT for word in text.split()) for text in said])
    unpleasant = np.array([sum(word.strip(".,") in UNPLEASANT for word in text.split()) for text in said])
    happy = stacked(many, "values")[:, 0]
    assert pleasant[happy > 1].mean() > 4 > 1 > unpleasant[happy > 1].mean()
    assert np.corrcoef(pleasant - unpleasant, happy)[0, 1] > 0.55
    muffled = list(load(videos=60, clarity=0.0))
    words = [sum(w.strip(".,") in PLEASANT for w in text.split()) for v in muffled for text in v.transcripts]
    assert abs(np.corrcoef(words, stacked(muffled, "values")[:, 0])[0, 1]) < 0.12


# what a model can learn


def inputs(videos: list[Segments], train: np.ndarray) -> Mapping[str, np.ndarray]:
    """(segment, feature) of each modality, text by TF-IDF and SVD of the training part."""
    said = np.array([text for video in videos for text in video.transcripts])
    terms = TfidfVectorizer(sublinear_tf=True).fit(said[train])
    svd = TruncatedSVD(20, random_state=0).fit(terms.transform(said[train]))
    sensed = {name: np.concatenate([video.modalities[name] for video in videos]) for name in ("face", "voice")}
    return {**sensed, "text": svd.transform(terms.transform(said))}


@pytest.fixture(scope="module")
def predictions(many: list[Segments]) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """Truth and what ridge regression of each modality says of the test part, (segment, emotion) all."""
    part = np.concatenate([[video.part] * len(video.values) for video in many])
    train, test, y = part == "train", part == "test", stacked(many, "values")
    said = {}
    for name, x in inputs(many, train).items():
        scaled = StandardScaler().fit(x[train]).transform(x)
        model = RidgeCV(np.logspace(0, 5, 21), alpha_per_target=True).fit(scaled[train], y[train])
        said[name] = model.predict(scaled[test])
    return y[test], said


def correlations(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    n = truth.shape[1]
    return np.corrcoef(truth.T, said.T)[np.arange(n), np.arange(n) + n]


def rest(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Correlation of each emotion once the first principal component of what is said is removed from both."""
    scaled = (said - said.mean(0)) / truth.std(0)
    first = np.linalg.svd(scaled, full_matrices=False)[0][:, :1]
    return correlations(*(x - x.mean(0) - first @ (first.T @ (x - x.mean(0))) for x in (truth, said)))


def rank(truth: np.ndarray, said: np.ndarray) -> float:
    """Exponential of the entropy of the normalised eigenvalues of the covariance, in units of the truth."""
    shares = np.linalg.eigvalsh(np.cov((said / truth.std(0)).T))
    shares = shares[shares > 0] / shares[shares > 0].sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))


def test_face_tells_all_emotions(predictions: tuple[np.ndarray, Mapping[str, np.ndarray]]) -> None:
    truth, said = predictions
    assert (correlations(truth, said["face"]) > 0.55).all() and correlations(truth, said["face"]).mean() < 0.9
    assert (rest(truth, said["face"]) > 0.4).all()
    assert rank(truth, said["face"]) > 4


def test_voice_is_weak_and_not_collapsed(predictions: tuple[np.ndarray, Mapping[str, np.ndarray]]) -> None:
    truth, said = predictions
    r = correlations(truth, said["voice"])
    assert (r > 0.15).all() and 0.2 < r.mean() < 0.45
    assert (rest(truth, said["voice"]) > 0.08).all()
    assert rank(truth, said["voice"]) > 3.5
    ratio = said["voice"].var(0) / truth.var(0)
    assert ratio.mean() == pytest.approx(np.mean(r**2), abs=0.06), "calibrated"


def test_text_tells_one_dimension(predictions: tuple[np.ndarray, Mapping[str, np.ndarray]]) -> None:
    truth, said = predictions
    r = correlations(truth, said["text"])
    assert r[0] > 0.55 and r[1:].max() < 0.4
    assert rank(truth, said["text"]) < 1.6
    assert np.abs(rest(truth, said["text"])[1:]).max() < 0.12


# settings


@pytest.mark.parametrize("speakers", [2, 4, 11])
def test_speakers_have_one_video_or_two(speakers: int) -> None:
    with pytest.raises(UsageError, match=rf"{speakers} speakers cannot have 10 videos") as caught:
        list(load(videos=10, speakers=speakers))
    assert "5 to 10" in caught.value.hint


def test_settings_have_ranges() -> None:
    made = settings("dataset", "emotion_sim")
    assert made().model_dump()["videos"] == 60
    for wrong in ({"videos": 3}, {"smoothness": 1.0}, {"clarity": 1.5}, {"disagreement": 0.0}, {"face_noise": -1.0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            made.model_validate(wrong)
    assert len({video.speaker for video in load(videos=10, speakers=10)}) == 10
