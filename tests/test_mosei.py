"""CMU-MOSEI: files in exactly the SDK's form and tables come back right, aligned by interval, and every fault is said."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from reportgen import plugins
from reportgen.core import Segments
from reportgen.datasets import _mosei_overlap
from reportgen.datasets._rated import in_range, numbers, read_rows
from reportgen.errors import DataError, UsageError

REAL = Path(__file__).parents[2] / "shared/data/mosei"
EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")


def read(use: str, **settings) -> list[Segments]:
    """As the step does it: settings from the plugin's own model."""
    whole = plugins.settings("dataset", use)(**settings)
    return list(plugins.verb("dataset", use)(**{name: getattr(whole, name) for name in type(whole).model_fields}))


def said(videos: list[Segments], words: str) -> str:
    """The one notice that has these words."""
    assert not any(video.notices for video in videos[:-1])
    (line,) = [line for line in videos[-1].notices if words in line]
    return line


# --- .csd files ---------------------------------------------------------------------------------------------------------


def write_csd(path: Path, root: str, data: dict, **metadata) -> Path:
    """As the SDK's `write_CSD` does."""
    with h5py.File(path, "w") as file:
        top = file.create_group(root)
        group = top.create_group("data")
        for video, (intervals, features) in data.items():
            own = group.create_group(video)
            own.create_dataset("features", data=features)
            own.create_dataset("intervals", data=intervals)
        group = top.create_group("metadata")
        for key, value in {"root name": root, "version": "1.0", **metadata}.items():
            group.create_dataset(key, (1,), dtype=h5py.special_dtype(vlen=str))
            group[key][0] = json.dumps(value)
    return path


def rated(*rows: tuple[float, ...]) -> np.ndarray:
    """Labels (segment, 7) of happy and sad only."""
    return np.array([[0.0, happy, sad, 0, 0, 0, 0] for happy, sad in rows], np.float32)


LABELS = {
    # not in the order of time, as the published file has them
    "b_-1": (np.array([[4.0, 6.0], [0.0, 2.0]]), rated((2 / 3, 0), (1, 2))),
    "a": (np.array([[1.0, 3.0]]), rated((3, 0))),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_csd(tmp_path / "any name.csd", "All Labels", LABELS)
    return tmp_path


def voice(folder: Path, data: dict, root: str = "COVAREP") -> None:
    write_csd(folder / f"{root}.csd", root, data)


VOICE = {
    "a": (np.array([[0.0, 1.5], [1.5, 2.0], [2.0, 9.0]]), np.array([[1.0, 10], [2, 20], [4, 40]])),
    "b_-1": (np.array([[0.0, 2.0], [3.0, 5.0], [5.0, 5.5]]), np.array([[1.0, 1], [2, 2], [8, 8]])),
}


def test_labels_come_in_the_order_of_time_and_videos_in_that_of_names(folder):
    a, b = read("mosei", folder=folder)
    assert (a.video, b.video, a.part) == ("a", "b_-1", "all")
    np.testing.assert_array_equal(b.start, [0, 4])
    np.testing.assert_array_equal(b.stop, [2, 6])
    np.testing.assert_allclose(b.values, [[1, 2, 0, 0, 0, 0], [2 / 3, 0, 0, 0, 0, 0]], rtol=1e-6)
    assert b.values.dtype == np.float32
    assert not a.modalities
    assert not a.transcripts
    assert "all videos are of the part 'all'" in said([a, b], "no folds")


def test_features_are_averaged_over_what_overlaps_by_the_seconds_it_overlaps(folder):
    voice(folder, VOICE)
    a, b = read("mosei", folder=folder)
    # 1 to 3 s meets half a second of the first, half of the second and one of the third
    np.testing.assert_allclose(a.modalities["covarep"], [[(0.5 * 1 + 0.5 * 2 + 1 * 4) / 2, (5 + 10 + 40) / 2]])
    np.testing.assert_allclose(b.modalities["covarep"], [[1, 1], [(1 * 2 + 0.5 * 8) / 1.5] * 2], rtol=1e-6)
    assert a.modalities["covarep"].dtype == np.float32


def test_touching_ends_do_not_overlap():
    segments, intervals = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0], [2.0, 3.0], [1.5, 1.5], [np.nan, np.nan]])
    assert np.isnan(_mosei_overlap.average(segments, intervals, np.ones((4, 1), np.float32))).all()
    assert not _mosei_overlap.touched(segments, intervals).any()


def test_alignment_agrees_with_a_plain_loop_whatever_the_order_and_overlap():
    rng = np.random.default_rng(0)
    starts, begins = rng.uniform(0, 100, 150), rng.uniform(0, 100, 400)
    segments = np.stack([np.sort(starts), np.sort(starts) + rng.uniform(0.1, 9, 150)], axis=1)
    intervals = np.stack([begins, begins + rng.uniform(0, 0.5, 400)], axis=1)
    features = rng.normal(size=(400, 3)).astype(np.float32)
    features[rng.random((400, 3)) < 0.3] = np.nan
    means = _mosei_overlap.average(segments, intervals, features)
    touched = _mosei_overlap.touched(segments, intervals)
    for i, (start, stop) in enumerate(segments):
        seconds = np.clip(np.minimum(stop, intervals[:, 1]) - np.maximum(start, intervals[:, 0]), 0, None)
        assert touched[i] == (seconds > 0).any()
        for j in range(3):
            known = np.isfinite(features[:, j]) & (seconds > 0)
            expected = np.average(features[known, j], weights=seconds[known]) if known.any() else np.nan
            np.testing.assert_allclose(means[i, j], expected, rtol=1e-4, atol=1e-5)


def test_23_000_segments_are_aligned(tmp_path):
    videos, segments, rows = 230, 100, 600  # two rows a second, segments of three seconds
    begins = np.arange(rows) / 2
    times = np.stack([begins, begins + 0.5], axis=1)
    spans = np.stack([np.arange(segments) * 3.0, np.arange(segments) * 3.0 + 3], axis=1)
    features = np.repeat((begins + 0.25)[:, None], 16, axis=1).astype(np.float32)
    names = [f"v{i}" for i in range(videos)]
    write_csd(tmp_path / "l.csd", "All Labels", {name: (spans, rated(*[(1, 0)] * segments)) for name in names})
    voice(tmp_path, dict.fromkeys(names, (times, features)))
    found = read("mosei", folder=tmp_path)
    assert sum(len(video.values) for video in found) == 23_000
    for video in found:
        np.testing.assert_allclose(video.modalities["covarep"][:, 7], spans.mean(axis=1), rtol=1e-5)


def test_a_segment_that_nothing_overlaps_is_missing_and_counted(folder):
    voice(folder, {"b_-1": (np.array([[0.0, 1.0]]), np.array([[5.0]]))})
    a, b = videos = read("mosei", folder=folder)
    assert np.isnan(a.modalities["covarep"]).all()
    np.testing.assert_array_equal(b.modalities["covarep"], [[5], [np.nan]])
    assert "1 segment of 1 video (b_-1)" in said(videos, "covarep: without a feature that overlaps")
    assert "1 segment of 1 video (a)" in said(videos, "covarep: not in its file")


def test_intervals_that_overlap_nothing_in_a_whole_file_are_an_error(folder):
    voice(folder, {video: (intervals + 1000, x) for video, (intervals, x) in VOICE.items()})
    with pytest.raises(DataError, match=r"COVAREP.csd: no interval of covarep overlaps any segment of any name.csd"):
        read("mosei", folder=folder)
    assert read("mosei", folder=write_csd(folder / "alone.csd", "All Labels", LABELS))


def test_infinite_and_missing_numbers_do_not_spoil_a_mean(folder):
    x = np.array([[1.0, -np.inf], [np.nan, np.inf], [4, 1e300]])
    voice(folder, {**VOICE, "a": (VOICE["a"][0], x)})
    a, b = read("mosei", folder=folder)
    np.testing.assert_allclose(a.modalities["covarep"], [[(0.5 * 1 + 1 * 4) / 1.5, np.nan]], rtol=1e-6)
    assert said([a, b], "infinite") == "covarep: 4 of 12 numbers are infinite or none and count as missing"


@pytest.mark.parametrize("root", ["All Labels", "CMU_MOSEI_LABELS"])
def test_labels_are_known_by_their_root_and_not_by_their_name(tmp_path, root):
    write_csd(tmp_path / "COVAREP.csd", root, LABELS)
    assert len(read("mosei", folder=tmp_path)) == 2


@pytest.mark.parametrize(
    ("root", "name"),
    [
        ("COVAREP", "covarep"),
        ("COAVAREP", "covarep"),
        ("FACET 4.2", "facet"),
        ("CMU_MOSEI_VisualFacet42", "facet"),
        ("OpenFace_2", "openface"),
        ("glove_vectors", "words"),
        ("CMU_MOSEI_TimestampedWordVectors", "words"),
        ("My own", "my_own"),
    ],
)
def test_modalities_are_called_in_plain_words(folder, root, name):
    voice(folder, VOICE, root)
    assert list(read("mosei", folder=folder)[0].modalities) == [name]


WORDS = {
    "a": (
        np.array([[2.5, 2.9], [0.0, 1.2], [1.2, 1.4], [1.4, 2.0], [2.9, 3.2]]),
        np.array([[b"world"], [b"oh"], [b"hello"], [b"sp"], [b"and"]]),
    ),
    "b_-1": (np.array([[0.5, 1.0], [2.0, 4.0]]), np.array([["naïve".encode()], [b"between"]])),
}


def test_transcripts_hold_the_words_of_a_segment_without_pauses(folder):
    write_csd(folder / "x.csd", "words", WORDS)
    write_csd(folder / "y.csd", "phones", {"a": (np.array([[1.0, 2.0]]), np.array([[b"AH0"]]))})
    a, b = videos = read("mosei", folder=folder)
    assert a.transcripts == ("hello world",)  # "oh" and "and" lie more outside than inside
    assert b.transcripts == ("naïve", "")
    assert not a.modalities
    assert "1 segment of 1 video (b_-1)" in said(videos, "without a word")


def test_some_modalities_are_taken_and_a_missing_one_names_those_that_are_there(folder):
    write_csd(folder / "x.csd", "words", WORDS)
    voice(folder, VOICE)
    voice(folder, VOICE, "FACET 4.2")
    (a, _) = read("mosei", folder=folder, modalities=("facet",))
    assert list(a.modalities) == ["facet"]
    assert not a.transcripts
    assert read("mosei", folder=folder, modalities=("text",))[0].transcripts == ("hello world",)
    with pytest.raises(UsageError, match=r"has no openface; there are covarep, facet, text"):
        read("mosei", folder=folder, modalities=("facet", "openface"))


def test_entries_of_a_file_that_the_sdk_aligned_belong_to_their_video(tmp_path):
    times, values = np.array([[0.0, 1.0], [1.0, 2.0]]), rated((1, 0), (2, 0))
    pieces = {f"v[{i}]": (times[i : i + 1], values[i : i + 1]) for i in (1, 0)}
    write_csd(tmp_path / "l.csd", "All Labels", pieces)
    voice(tmp_path, {f"v[{i}]": (times[i : i + 1], np.full((1, 2), i)) for i in range(2)})
    (video,) = read("mosei", folder=tmp_path)
    assert video.video == "v"
    np.testing.assert_array_equal(video.values[:, 0], [1, 2])
    np.testing.assert_array_equal(video.modalities["covarep"], [[0, 0], [1, 1]])


def test_intensities_out_of_range_are_left_out_and_said(folder):
    wrong = {name: (np.array([[0.0, 1.0], [1.0, 2.0]]), rated((5, 0), (0, 1))) for name in ("2HP4KedfmSc", "XDVkhOziCkg")}
    write_csd(folder / "any name.csd", "All Labels", {**LABELS, **wrong, "c": (np.array([[0.0, 1.0]]), rated((0, -1)))})
    videos = read("mosei", folder=folder)
    assert [len(video.values) for video in videos] == [1, 1, 1, 2]  # nothing is left of c
    line = said(videos, "out of range left out")
    assert line.endswith("3 segments of 3 videos (2HP4KedfmSc, XDVkhOziCkg, c)")
    assert "5 where 0 to 3 is the scale" in said(videos, "intensities out of range")


def test_segments_without_a_length_are_left_out(folder):
    write_csd(
        folder / "any name.csd", "All Labels", {**LABELS, "c": (np.array([[1.0, 1.0], [3.0, 2.0]]), rated((1, 0), (1, 0)))}
    )
    videos = read("mosei", folder=folder)
    assert len(videos) == 2
    assert "2 segments of 1 video (c)" in said(videos, "do not end after they start")


FOLDS = {"train": ["a"], "dev": ["lost"], "test": []}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(FOLDS),
        str(FOLDS),
        json.dumps({"train": ["a"], "valid": ["lost"], "test": []}),
        "standard_train_fold=['a']\n\nstandard_valid_fold=['lost']\nstandard_test_fold=[]\n",
    ],
)
def test_official_folds_are_read_in_any_of_their_forms(folder, text):
    (folder / "folds.py").write_text(text, encoding="utf-8")
    a, b = videos = read("mosei", folder=folder, folds=folder / "folds.py")
    assert (a.part, b.part) == ("train", "unused")
    assert "2 segments of 1 video (b_-1)" in said(videos, "in none of the folds")
    assert said(videos, "of the folds that have no labels").endswith(": 1")


def test_a_file_of_folds_is_never_run(folder):
    ran = folder / "ran"
    lists = "standard_train_fold=['a']\nstandard_valid_fold=[]\nstandard_test_fold=['b_-1']\n"
    (folder / "folds.py").write_text(f"open({str(ran)!r}, 'w')\n{lists}", encoding="utf-8")
    assert [video.part for video in read("mosei", folder=folder, folds=folder / "folds.py")] == ["train", "test"]
    (folder / "folds.py").write_text(f"standard_train_fold=[open({str(ran)!r}, 'w')]\n", encoding="utf-8")
    with pytest.raises(DataError, match="holds no folds"):
        read("mosei", folder=folder, folds=folder / "folds.py")
    assert not ran.exists()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"train": ["a"], "dev": []}', "no list of the part test"),
        ('{"train": ["a"], "dev": [], "test": ["a"]}', "the video a is in train and in test"),
        ('{"train": "a", "dev": [], "test": []}', "the part train is no list"),
        ("{", "holds no folds"),
        ("standard_train_fold = [", "holds no folds"),
        ("", "no list of the part train"),
    ],
)
def test_bad_folds_are_named(folder, text, fault):
    (folder / "folds.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=fault):
        read("mosei", folder=folder, folds=folder / "folds.json")


def test_a_missing_file_of_folds_is_named(folder):
    with pytest.raises(DataError, match=r"nowhere.json does not exist"):
        read("mosei", folder=folder, folds=folder / "nowhere.json")


def test_folders_without_labels_or_with_two_are_errors(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        read("mosei", folder=tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"holds no .csd file; it holds nothing"):
        read("mosei", folder=tmp_path)
    voice(tmp_path, VOICE)
    with pytest.raises(DataError, match=r"holds no labels; its files are COVAREP.csd"):
        read("mosei", folder=tmp_path)
    for name in ("one", "two"):
        write_csd(tmp_path / f"{name}.csd", "All Labels", LABELS)
    with pytest.raises(DataError, match=r"holds the labels twice, one.csd and two.csd"):
        read("mosei", folder=tmp_path)


def test_the_same_modality_twice_is_an_error(folder):
    voice(folder, VOICE)
    voice(folder, VOICE, "CMU_MOSEI_COVAREP")
    with pytest.raises(DataError, match=r"holds covarep twice"):
        read("mosei", folder=folder)


def test_labels_of_another_width_or_order_are_errors(tmp_path):
    write_csd(tmp_path / "l.csd", "Emotion Labels", {"a": (np.array([[0.0, 1.0]]), np.zeros((1, 6)))})
    with pytest.raises(DataError, match=r"labels of 6 columns where 7 are needed"):
        read("mosei", folder=tmp_path)
    order = ["sentiment", "sad", "happy", "anger", "surprise", "disgust", "fear"]
    write_csd(tmp_path / "l.csd", "All Labels", LABELS, **{"dimension names": order})
    with pytest.raises(DataError, match="in the order sentiment, sad, happy"):
        read("mosei", folder=tmp_path)


def test_broken_files_are_named(folder):
    (folder / "torn.csd").write_bytes((folder / "any name.csd").read_bytes()[:3000])
    with pytest.raises(DataError, match=r"torn.csd cannot be read as .csd"):
        read("mosei", folder=folder)
    with h5py.File(folder / "torn.csd", "w") as file:
        file.create_group("COVAREP")
    with pytest.raises(DataError, match=r"torn.csd cannot be read as .csd"):
        read("mosei", folder=folder)
    with h5py.File(folder / "torn.csd", "w"):
        pass
    with pytest.raises(DataError, match=r"torn.csd is empty"):
        read("mosei", folder=folder)


@pytest.mark.parametrize(
    ("intervals", "features", "fault"),
    [
        (np.zeros((2, 2)), np.zeros((3, 2)), r"intervals of shape \(2, 2\) beside features of shape \(3, 2\)"),
        (np.zeros((3, 1)), np.zeros((3, 2)), r"intervals of shape \(3, 1\)"),
        (np.zeros((3, 2)), np.zeros((3, 5)), r"\(5,\) features a row where others have 2"),
    ],
)
def test_arrays_that_do_not_fit_name_file_and_video(folder, intervals, features, fault):
    voice(folder, {"a": VOICE["a"], "b_-1": (intervals, features)})
    with pytest.raises(DataError, match=rf"COVAREP.csd, video b_-1: {fault}"):
        read("mosei", folder=folder)


# --- tables -------------------------------------------------------------------------------------------------------------

HEADER = "video_id,start,end,happy,sad,anger,surprise,disgust,fear,split"


def table(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_rows_become_videos_in_the_order_of_time(tmp_path):
    path = table(tmp_path / "t.csv", "b,5,6,1,0,0,0,0,0,dev", "a,2,3.5,0,0,3,0,0,0,train", "b,0.5,5,0,2,0,0,0,0.333,dev")
    a, b = read("mosei_table", path=path)
    assert (a.video, a.part, a.source) == ("a", "train", "t.csv row 3")
    np.testing.assert_array_equal(b.start, [0.5, 5])
    np.testing.assert_allclose(b.values, [[0, 2, 0, 0, 0, 0.333], [1, 0, 0, 0, 0, 0]], rtol=1e-6)
    assert not b.notices
    assert not b.transcripts


def test_columns_are_known_by_other_names_in_any_order_and_case(tmp_path):
    header = " Fear ,disgusted,Angry, Sadness,HAPPINESS,Surprise,stop,Start Time,video,transcript,Source,speaker,segment"
    path = table(tmp_path / "t.csv", "0.1,0.2,0.3,0.4,0.5,0.6,9,8,v,so,test-part,ann,1", header=header)
    (video,) = read("mosei_table", path=path, training_part="test-part")
    np.testing.assert_allclose(video.values, [[0.5, 0.4, 0.3, 0.6, 0.2, 0.1]])
    assert (video.video, video.part, video.speaker, video.transcripts) == ("v", "test-part", "ann", ("so",))
    assert (video.start[0], video.stop[0]) == (8, 9)


def test_transcripts_keep_quotes_lines_and_letters(tmp_path):
    long = "naïve 你好 " * 3000
    rows = ['a,0,1,1,0,0,0,0,0,train,"He said ""no, never"",\nthen left"', f"a,1,2,1,0,0,0,0,0,train,{long}"]
    (video,) = read("mosei_table", path=table(tmp_path / "t.csv", *rows, header=f"{HEADER},text"))
    assert video.transcripts == ('He said "no, never",\nthen left', long.strip())


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path):
    rows = ['a,0,1,1,0,0,0,0,0,train,"two\nlines"', "", "a,1,2,1,0,0,0,0,oh,train,b"]
    with pytest.raises(DataError, match=r"row 4, column fear: 'oh' is no number"):
        read("mosei_table", path=table(tmp_path / "t.csv", *rows, header=f"{HEADER},text"))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("a,0,1,1,,0,0,0,0,train", "row 3, column sad: the cell is empty"),
        ("a,0,1,1,nan,0,0,0,0,train", "row 3, column sad: 'nan' is no number"),
        ("a,0,1,1,0,inf,0,0,0,train", "row 3, column anger: 'inf' is no number"),
        ("a,x,1,1,0,0,0,0,0,train", "row 3, column start: 'x' is no number"),
        ("a,2,1,1,0,0,0,0,0,train", "row 3: the segment ends at 1 s and starts at 2 s"),
        ("a,1,1,1,0,0,0,0,0,train", "row 3: the segment ends at 1 s and starts at 1 s"),
        (",0,1,1,0,0,0,0,0,train", "row 3: no video is named"),
        ("a,0,1,1,0,0,0,0,0", "row 3: 9 cells where the header has 10"),
        ('a,0,1,1,0,0,0,0,0,"train', "unexpected end of data"),
    ],
)
def test_bad_cells_are_named_by_row(tmp_path, row, fault):
    with pytest.raises(DataError, match=fault):
        read("mosei_table", path=table(tmp_path / "t.csv", "a,8,9,1,0,0,0,0,0,train", row))


def test_a_table_without_an_emotion_says_which_and_what_it_has(tmp_path):
    path = table(tmp_path / "t.csv", "a,0,1,1,0,0,0,0", header="id,start,end,happy,sad,anger,disgust,fear")
    with pytest.raises(DataError) as raised:
        read("mosei_table", path=path)
    assert "has no column for the emotion surprise; its columns are id, start, end, happy, sad" in raised.value.message
    assert "\n" not in raised.value.message
    assert "surprise" in raised.value.hint


def test_a_table_without_times_says_so(tmp_path):
    path = table(tmp_path / "t.csv", "a,1,0,0,0,0,0", header="id,happy,sad,anger,surprise,disgust,fear")
    with pytest.raises(DataError, match="has no column for the start, stop; its columns"):
        read("mosei_table", path=path)


def test_rows_out_of_range_and_repeated_ones_are_left_out_and_counted(tmp_path):
    rows = ["a,0,1,1,0,0,0,0,0,train", "a,0,1,2,0,0,0,0,0,train", "b,0,1,4,0,0,0,0,0,train", "b,1,2,0,-1,0,0,0,0,train"]
    videos = read("mosei_table", path=table(tmp_path / "t.csv", *rows))
    assert [video.values[:, 0].tolist() for video in videos] == [[1]]
    assert said(videos, "out of range left out") == "out of range left out: 2 segments of 1 video (b)"
    assert "from -1 to 4 where 0 to 3" in said(videos, "intensities out of range")
    assert "1 segment of 1 video (a)" in said(videos, "more than once")
    with pytest.raises(DataError, match="all rows are out of range"):
        read("mosei_table", path=table(tmp_path / "t.csv", *rows[2:]))


def test_parts_are_the_words_of_the_table_and_the_training_part_must_be_there(tmp_path):
    path = table(tmp_path / "t.csv", "a,0,1,1,0,0,0,0,0,dev", "b,0,1,1,0,0,0,0,0,test-part")
    assert [video.part for video in read("mosei_table", path=path, training_part="dev")] == ["dev", "test-part"]
    with pytest.raises(UsageError, match="no rows of the part 'train'; its parts are dev, test-part"):
        read("mosei_table", path=path)


def test_a_video_in_two_parts_and_empty_parts_are_said(tmp_path):
    rows = ["a,0,1,1,0,0,0,0,0,train", "a,1,2,1,0,0,0,0,0,test", "b,0,1,1,0,0,0,0,0,"]
    videos = read("mosei_table", path=table(tmp_path / "t.csv", *rows))
    assert [(video.video, video.part) for video in videos] == [("a", "test"), ("a", "train"), ("b", "unused")]
    assert said(videos, "several parts").endswith(": 1 (a)")
    assert said(videos, "part is empty").endswith(": 1")


def test_a_table_without_parts_is_one_part(tmp_path):
    path = table(tmp_path / "t.csv", "a,0,1,1,0,0,0,0,0", header=HEADER.removesuffix(",split"))
    (video,) = videos = read("mosei_table", path=path)
    assert video.part == "all"
    assert said(videos, "no column names parts")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (HEADER.encode(), "has a header and no rows"),
        (b"\x89HDF\r\n\x1a\n\xff\xfe" * 9, "is no table of text in UTF-8"),
        (b"a,b\0\n1,2\n", "is a binary file and no table"),
    ],
)
def test_what_is_no_table_is_named(tmp_path, content, fault):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=fault):
        read("mosei_table", path=tmp_path / "t.csv")


def test_missing_tables_and_folders_are_named(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        read_rows(tmp_path / "t.csv")
    with pytest.raises(DataError, match="is no file"):
        read_rows(tmp_path)


def test_tables_may_have_other_separators_blanks_and_empty_cells(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('\ufeffa; "b ";c\r\n1; ;3\r\n\r\n4;NaN;6\r\n', encoding="utf-8")
    header, rows = read_rows(path, ";")
    assert header == ("a", "b", "c")
    assert list(rows) == [2, 4]
    np.testing.assert_array_equal(numbers(rows, {"b": 1, "c": 2}, "t", blank=True), [[np.nan, 3], [np.nan, 6]])


def test_missing_ratings_are_in_every_range():
    good, told = in_range(np.array([[np.nan, 0.0], [3.0, 3.0], [3.1, 0], [np.inf, 0]]), 0, 3)
    assert good.tolist() == [True, True, False, False]
    assert told == "from 3.1 to inf where 0 to 3 is the scale"
    assert in_range(np.zeros((2, 1)), 0, 1)[1] == ""


@pytest.mark.skipif(not REAL.is_dir(), reason="shared/data/mosei is not here")
@pytest.mark.parametrize(
    ("file", "training", "videos", "segments", "parts"),
    [("labels.csv", "train", 2549, 18198, {"train", "dev"}), ("text.csv", "dev", 698, 4697, {"dev", "test-part"})],
)
def test_real_tables_are_read_as_they_are(file, training, videos, segments, parts):
    found = read("mosei_table", path=REAL / file, training_part=training, test_part="test-part")
    assert len(found) == videos
    assert sum(len(video.values) for video in found) == segments
    assert {video.part for video in found} == parts
    assert not found[-1].notices
    values = np.concatenate([video.values for video in found])
    assert 0.1 < (values == 0).all(axis=1).mean() < 0.2
    if file == "text.csv":
        assert all(text for video in found for text in video.transcripts)
