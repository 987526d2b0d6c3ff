"""Rated segments on their way into the store and into parts."""

from pathlib import Path

import factories_ratings
import numpy as np
import pytest

from reportgen.core import TEST, TRAIN, Facts, Segments
from reportgen.errors import StudyError
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import split
from reportgen.steps._intake_segments import SegmentIntake
from reportgen.steps._trails import trails
from reportgen.study_file import read_study
from reportgen.work import Work

FACTS = Facts(
    title="Songs", modality="vector", classes=("joy", "calm"), simulated=True, licence="", consent="", redistribute=False,
    citation="", scale=(0.0, 3.0), whole="song",
)  # fmt: skip


def video(name: str = "a", n: int = 3, **fields: object) -> Segments:
    start = np.arange(n, dtype=float)
    told = {"part": "train", "source": f"{name}.csv", "values": np.ones((n, 2), np.float32), **fields}
    return Segments(video=name, start=start, stop=start + 1, **told)  # type: ignore[arg-type]


def taken(folder: Path, *videos: Segments) -> Inputs:
    folder.mkdir(parents=True, exist_ok=True)
    out = Out(folder)
    intake = SegmentIntake(FACTS, out)
    for one in videos:
        intake.add(one)
    intake.finish("songs")
    return Inputs(
        [
            Output(o["kind"], folder / name, {"dataset": "songs"}, restricted=o["restricted"])
            for name, o in out.described.items()
        ]
    )


def test_what_is_known_is_kept(tmp_path: Path) -> None:
    values = np.array([[0, 0], [1, 0], [np.nan, 2]], np.float32)
    first = video(values=values, raters=np.array([3, 3, 2]), spread=np.full((3, 2), 0.5), transcripts=("well", "", "so"))
    second = video("b", 2, part="test", speaker="x", overall=np.array([1.0, 2.0]), notices=("odd",))
    found = taken(tmp_path, first, second)
    facts = found.one("facts")
    assert (facts["n"], facts["videos"], facts["speakers"], facts["seconds"]) == (5, 2, 1, 5.0)
    assert facts["counts"] == {"test": {"joy": 2, "calm": 2}, "train": {"joy": 1, "calm": 1}}
    assert facts["n_parts"] == {"test": 2, "train": 3}
    assert (facts["zero"], facts["unrated"], facts["distinct"], facts["raters"]) == (1, 1, 3, 3.0)
    assert facts["modalities"] == {"text": {"shape": [], "missing": 3}}
    assert facts["notices"] == ["odd"]
    assert found.one("segments")["raters"].tolist() == [3, 3, 2, -1, -1]
    assert found.one("transcripts").tolist() == ["well", "", "so", "", ""]
    assert np.isnan(found.one("rater_spread")[3:]).all()
    assert found.one("overall_ratings")["video"].tolist() == ["b"]


def test_what_was_said_is_kept_from_a_public_report(tmp_path: Path) -> None:
    found = taken(tmp_path, video(transcripts=("a", "b", "c"), modalities={"face": np.ones((3, 4), np.float32)}))
    hidden = Inputs(found._outputs, public=True)
    assert "intensities" in hidden
    assert "transcripts" not in hidden
    assert "modalities" not in hidden


def test_a_reader_at_fault_is_told(tmp_path: Path) -> None:
    intake = SegmentIntake(FACTS, Out(tmp_path))
    with pytest.raises(ValueError, match="arrays of"):
        intake.add(video(modalities={"face": np.ones((2, 4))}))
    intake.add(video(modalities={"face": np.ones((3, 4))}))
    with pytest.raises(ValueError, match="other modalities"):
        intake.add(video("b", modalities={"face": np.ones((3, 5))}))


def test_no_video_and_no_speaker_lies_in_two_parts(tmp_path: Path) -> None:
    videos = [video(str(i), 4, speaker=f"s{i // 2}" if i < 8 else "") for i in range(16)]
    found = taken(tmp_path / "data", *videos)
    (tmp_path / "split").mkdir()
    out = Out(tmp_path / "split")
    split.run(found, out, Work(tmp_path, {}, "cpu", 1), use="holdout", settings={"test": 0.4, "validation": 0.3}, seed=0)
    parts, table = np.load(tmp_path / "split" / "parts.npy"), found.one("segments")
    assert {TRAIN, TEST} < set(parts.tolist())
    for group in (table["video"], np.where(table["speaker"] == "", table["video"], table["speaker"])):
        assert all(len(set(parts[group == name].tolist())) == 1 for name in np.unique(group))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('task = "classify"\nmodel = "linear"', "task: classify needs classes"),
        ('task = "regress"', "regress: the task regress needs this table"),
        ('task = "regress"\nregress = { zero = { use = "ridge" } }', "regress.zero: a baseline has this name"),
        ('task = "regress"\nregress = { ridge = {} }\nmap = { members = 2 }', "map: only the task embed reads this table"),
        ('task = "embed"\nregress = { ridge = {} }', "regress: only the task regress reads this table"),
        ('task = "embed"\nsplit = "loso"', "split: ratings are divided once"),
        ('task = "embed"\nmodel = "linear"', "model: the task embed does not read this table"),
        ('task = "embed"\ndataset = "faces"', "task: embed needs rated segments, and this data set holds images"),
        ('task = "embed"\nmap = { perplexty = 3 }', "did you mean 'perplexity'"),
        ('task = "embed"\nmap = { method = "umap" }', "map.method"),
        ('dataset = "faces"', "model: this key is required"),
    ],
)
def test_a_study_is_told_what_does_not_fit(tmp_path: Path, table: str, message: str) -> None:
    own = table if "dataset" in table else f'dataset = "speakers"\n{table}'
    text = f'title = "t"\n[dataset.speakers]\nuse = "emotion_sim"\n[dataset.faces]\nuse = "faces_sim"\n[experiment.x]\n{own}\n'
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=message):
        read_study(tmp_path / "s.toml")


def tracks(predictions: dict[str, np.ndarray], lengths: tuple[int, ...]) -> dict[str, object]:
    names = np.repeat([f"v{i}" for i in range(len(lengths))], lengths)
    start = np.concatenate([np.arange(n) for n in lengths]).astype(float)
    arrays = {}
    for name, values in predictions.items():
        arrays |= {name: values[:, :2], f"{name}/spread": np.zeros((len(values), 2, 2))}
    segments = {"video": names, "speaker": np.full(len(names), ""), "start": start, "stop": start + 1}
    return {"arrays": arrays, "values": predictions, "segments": segments}


ABOUT = {"whole": "video", "dataset": "speakers", "simulated": True, "candidates": []}
MAP = {"emotions": ["a", "b"], "scale": [0, 2]}


def candidate(name: str, one: str, verdict: str = "healthy", validation: float = 0.5) -> dict[str, object]:
    return {
        "id": f"{name}/{one}", "key": name, "set": one, "title": f"{name.upper()} on {one}", "verdict": verdict,
        "validation": validation,
    }  # fmt: skip


def test_the_longest_the_farthest_and_the_calmest_video_are_followed() -> None:
    values = np.zeros((14, 2), np.float32)
    values[5:9, 0] = [0, 2, 0, 2]  # v1 moves far
    values[9:13, 0] = [0, 0.5, 0, 0.5]  # v2 a little, v0 not at all; v3 has a single segment
    found = trails(tracks({"truth": values}, (5, 4, 4, 1)), ABOUT, MAP, count=3, seed=0)
    assert found is not None
    assert [(one["video"], one["why"]) for one in found["videos"]][:2] == [("v0", "most segments"), ("v1", "moves farthest")]
    assert found["videos"][0]["agreement"] is None
    assert found["model"] is None
    assert trails(tracks({"truth": values[:3]}, (3,)), ABOUT, MAP, count=3, seed=0) is None


def test_modalities_that_say_the_same_agree_beyond_chance() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((40, 2)).astype(np.float32) * 2
    predictions = {"truth": truth, "knn/face": truth, "knn/voice": truth, "knn/all": truth, "old/face": truth}
    known = [
        candidate("knn", "face"),
        candidate("knn", "voice"),
        candidate("knn", "all"),
        candidate("old", "face", "healthy", 0.4),
    ]
    found = trails(tracks(predictions, (20, 20)), {**ABOUT, "candidates": known}, MAP, count=2, seed=0)
    assert found is not None
    assert found["model"] == {"key": "knn", "title": "KNN"}  # the better one on the validation part
    agreement = found["videos"][0]["agreement"]
    assert agreement["between"] == [["face", "voice"]]
    assert agreement["mean"] == [0.0] * 20
    assert agreement["chance"] > 0.3


def test_predictions_on_a_line_fill_no_area(tmp_path: Path) -> None:
    made = {(o.kind, o.about.get("laid", "")): o for o in factories_ratings.study(tmp_path)}
    told = made["laid_about", "feelings"].load()
    areas = {one["id"]: one["area"]["mean"] for one in told["candidates"]}
    assert set(areas) == {f"{key}/{one}" for key in ("ridge", "lstm") for one in ("face", "voice", "text", "all")}
    assert areas["ridge/text"] < areas["ridge/face"]
    own = made["laid_about", "space"].load()
    assert own["sort"] == "own"
    assert own["candidates"] == []
    laid = made["laid", "feelings"].load()
    assert len(laid["truth"]) == len(laid["ridge/all"]) == told["n"]
    assert np.array_equal(laid["truth"], made["laid", "space"].load()["truth"])  # the same test part on the same map


def test_a_map_that_has_seen_the_test_videos_of_a_model_is_found_out(tmp_path: Path) -> None:
    data = factories_ratings.loaded(tmp_path)
    apart = {"use": "holdout", "test": 0.6, "validation": 0.2}
    regression = factories_ratings.predicted(tmp_path, data, regressors={"ridge": {"use": "ridge"}}, cut=apart)
    mapping = factories_ratings.mapped(tmp_path, data)
    given = [*data, *(o for o in mapping if o.kind in ("parts", "map", "map_weights"))]
    given += [o for o in regression if o.kind in ("estimates", "regression")]
    made = {o.kind: o for o in factories_ratings.laid(tmp_path, given, "feelings", "regression")}
    told, video = made["laid_about"].load(), np.load(next(o.path for o in data if o.kind == "segments"))["video"]
    parts = next(o for o in mapping if o.kind == "parts").load()
    expected = np.isin(video[made["laid"].load()["segments"]], video[np.asarray(parts) == TRAIN]).sum()
    assert told["seen"] == expected > 0
