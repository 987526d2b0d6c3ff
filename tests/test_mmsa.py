"""MMSA's pickles: nothing in them is run, padding is told from windows, and windows are averaged evenly."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from reportgen import plugins
from reportgen.core import Segments
from reportgen.datasets._mmsa_windows import shorten
from reportgen.datasets.mmsa import FACTS
from reportgen.errors import DataError

WIDTHS = {"text": 6, "audio": 4, "vision": 3}
WINDOWS = {"text": 5, "audio": 40, "vision": 30}


def read(path: Path, **settings) -> list[Segments]:
    """As the step does it: settings from the plugin's own model."""
    whole = plugins.settings("dataset", "mmsa")(path=path, **settings)
    return list(plugins.verb("dataset", "mmsa")(**{name: getattr(whole, name) for name in type(whole).model_fields}))


def part(*ids: str) -> dict:
    """As `unaligned_50.pkl` has it."""
    n, rng = len(ids), np.random.default_rng(len(ids))
    text = rng.normal(size=(n, WINDOWS["text"], WIDTHS["text"])).astype(np.float32)
    mask = np.zeros((n, 3, WINDOWS["text"]))
    mask[:, 1, :3] = 1
    made = {"raw_text": np.array([f"said {one}" for one in ids]), "id": np.array(ids), "text": text, "text_bert": mask}
    for name in ("audio", "vision"):
        x = rng.normal(size=(n, WINDOWS[name], WIDTHS[name]))
        x[:, 20:] = 0  # padding
        made |= {name: x, f"{name}_lengths": [20] * n}
    labels = np.linspace(-3, 3, n)
    annotations = np.array(["Neutral"] * n)
    return {**made, "annotations": annotations, "classification_labels": np.zeros(n), "regression_labels": labels}


def whole(**changed) -> dict:
    made = {"train": part("b$_$10", "a-_1$_$2", "b$_$9"), "valid": part("c$_$0"), "test": part("d$_$1", "d$_$0")}
    for where, values in changed.items():
        made[where] = {**made[where], **values}
    return made


def write(path: Path, content) -> Path:
    path.write_bytes(pickle.dumps(content, protocol=4))
    return path


def test_clips_become_segments_of_their_video_in_order(tmp_path):
    content = whole()
    videos = read(write(tmp_path / "x.pkl", content))
    assert [(video.video, video.part) for video in videos] == [("a-_1", "train"), ("b", "train"), ("c", "valid"), ("d", "test")]
    b = videos[1]
    np.testing.assert_array_equal(b.start, [9, 10])
    np.testing.assert_array_equal(b.stop, [10, 11])
    np.testing.assert_array_equal(b.values, [[3], [-3]])  # the third and the first of the file
    assert b.transcripts == ("said b$_$9", "said b$_$10")
    (notice,) = videos[-1].notices
    assert "no times" in notice
    assert FACTS.classes == ("sentiment",)
    assert FACTS.scale == (-3, 3)


def test_windows_are_means_of_even_shares_and_padding_is_missing(tmp_path):
    content = whole()
    videos = read(write(tmp_path / "x.pkl", content), windows=10)
    assert {name: x.shape[1:] for name, x in videos[1].modalities.items()} == {
        "text": (5, 6),
        "audio": (10, 4),
        "vision": (10, 3),
    }
    audio = content["train"]["audio"][2, :20].reshape(10, 2, 4).mean(axis=1)
    np.testing.assert_allclose(videos[1].modalities["audio"][0], audio, rtol=1e-5, atol=1e-6)
    text = videos[1].modalities["text"][0]
    np.testing.assert_array_equal(text[:3], content["train"]["text"][2, :3])  # fewer than `windows` stay as they are
    assert np.isnan(text[3:]).all()
    assert all(x.dtype == np.float32 for x in videos[1].modalities.values())
    (one, *_) = read(tmp_path / "x.pkl", windows=1)
    np.testing.assert_allclose(
        one.modalities["audio"][0, 0], content["train"]["audio"][1, :20].mean(axis=0), rtol=1e-4, atol=1e-6
    )


def test_shares_are_even_where_the_windows_do_not_divide():
    x = np.arange(7, dtype=float)[None, :, None]
    own = np.ones((1, 7), bool)
    np.testing.assert_allclose(shorten(x, own, 3)[0, :, 0], [1.0, 3.5, 5.5])  # 0 1 2, 3 4, 5 6
    assert np.isnan(shorten(x, ~own, 3)).all()


def test_windows_of_zeros_are_padding_where_no_lengths_are_given(tmp_path):
    content = whole()
    for own in content.values():
        del own["audio_lengths"], own["vision_lengths"], own["text_bert"]
        own["audio"] = np.roll(own["audio"], 20, axis=1)  # aligned files are padded in front
    videos = read(write(tmp_path / "x.pkl", content), windows=20)
    expected = content["train"]["audio"][1, 20:]
    np.testing.assert_allclose(videos[0].modalities["audio"][0], expected, rtol=1e-6)


def test_infinite_numbers_are_missing_and_counted(tmp_path):
    content = whole()
    content["train"]["audio"][1, :2] = -np.inf
    content["train"]["audio"][1, 2, 0] = np.nan
    videos = read(write(tmp_path / "x.pkl", content))
    audio = videos[0].modalities["audio"][0]
    assert np.isnan(audio[0]).all()
    np.testing.assert_allclose(audio[1, 0], content["train"]["audio"][1, 3, 0], rtol=1e-6)
    assert np.isfinite(audio[1:]).all()
    assert "audio: 9 numbers are infinite or none and count as missing" in videos[-1].notices


def test_numbers_past_their_stated_length_are_left_out_and_counted(tmp_path):
    videos = read(write(tmp_path / "x.pkl", whole(valid={"audio_lengths": [4]})))
    c = videos[2].modalities["audio"][0]
    assert np.isfinite(c[:4]).all()
    assert np.isnan(c[4:]).all()
    assert "audio: 1 segments have numbers past their stated length, which are left out" in videos[-1].notices


def test_sentiment_out_of_range_is_left_out_and_said(tmp_path):
    videos = read(write(tmp_path / "x.pkl", whole(train={"regression_labels": np.array([5.0, 0, 1])})))
    assert [len(video.values) for video in videos] == [1, 1, 1, 2]
    assert "sentiment out of range left out: 1 segment of 1 video (b)" in videos[-1].notices


class Runs:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call[0], self.call[1:]


@pytest.mark.parametrize("where", ["whole", "inside"])
def test_a_pickle_that_wants_to_run_code_is_refused_and_nothing_runs(tmp_path, where):
    ran = tmp_path / "ran"
    bad = Runs(os.system, f"touch {ran}")
    path = write(tmp_path / "x.pkl", bad if where == "whole" else whole(train={"raw_text": bad}))
    with pytest.raises(DataError, match=r"x.pkl: the pickle wants .*system, which is refused"):
        read(path)
    assert not ran.exists()
    pickle.loads(path.read_bytes())  # noqa: S301 what it would have done
    assert ran.exists()


def test_what_is_no_such_pickle_is_named(tmp_path):
    path = tmp_path / "x.pkl"
    with pytest.raises(DataError, match="cannot be read"):
        read(path)
    path.write_bytes(pickle.dumps(whole())[:500])
    with pytest.raises(DataError, match="the pickle cannot be read"):
        read(path)
    for content, there in (([1, 2], "there is list"), ({"train": {}}, "there is train"), ({}, "there is nothing")):
        with pytest.raises(DataError, match=f"holds no train, valid, test; {there}"):
            read(write(path, content))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"id": ["c_0"]}, r"the id 'c_0' is not like video"),
        ({"id": ["c$_$zero"]}, r"the id 'c\$_\$zero' is not like"),
        ({"regression_labels": ["good"]}, "regression_labels holds no numbers"),
        ({"regression_labels": [1.0, 2.0]}, "2 regression_labels and 1 raw_text where there are 1 ids"),
        ({"audio": np.zeros((1, 40))}, r"audio has the shape \(1, 40\)"),
        ({"audio": np.zeros((2, 40, 4))}, r"audio has the shape \(2, 40, 4\)"),
        ({"audio_lengths": [3, 3]}, "audio_lengths: 2 where there are 1 ids"),
        ({"vision": np.zeros((1, 30, 9))}, "train has features"),
    ],
)
def test_faults_in_a_part_are_named(tmp_path, changed, fault):
    with pytest.raises(DataError, match=fault):
        read(write(tmp_path / "x.pkl", whole(valid=changed)))


def test_missing_keys_are_named_beside_those_that_are_there(tmp_path):
    content = whole()
    del content["valid"]["regression_labels"]
    with pytest.raises(DataError, match=r"part valid: no regression_labels; there are annotations, audio"):
        read(write(tmp_path / "x.pkl", content))
