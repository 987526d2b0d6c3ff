"""Emotify, emoMusic and DEAM are read from files in exactly their form, and what is wrong with them is said with its place."""

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from reportgen.core import Segments
from reportgen.datasets import deam, emomusic, emotify
from reportgen.errors import DataError, ReportgenError

GENRES = ("classical", "rock", "electronic", "pop")  # in the order of Emotify's track ids
SHARED = Path(__file__).parents[2] / "shared" / "data"
EMOTIFY = (
    "track id, genre, amazement, solemnity, tenderness, nostalgia, calmness, power, joyful_activation, tension, sadness,"
    " mood, liked, disliked, age, gender, mother tongue"
)


# Emotify


def emotify_folder(
    folder: Path,
    *,
    songs: int = 12,
    header: str = EMOTIFY,
    rows: Sequence[str] = (),
    features: bool = True,
    order: str = "files",
) -> Path:
    """`songs` of each genre; the tags of a song are its ratings, rows in the order of file names, one window missing."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    n = songs * len(GENRES)
    shares = rng.uniform(0, 1, (n, 9))
    lines, tags = [], []
    for song in range(n):
        genre = GENRES[song // songs]
        felt = rng.random((8, 9)) < shares[song]
        tail = "3,1,0,21,1,English"
        lines += [f"{song + 1},{genre},{','.join(map(str, row.astype(int)))},{tail}" for row in felt]
        name = (genre, f"{song % songs + 1}.mp3") if order == "files" else (f"{song:03d}",)
        tags.append((name, felt.mean(0)))
    (folder / "data.csv").write_text("\n".join((header, *lines, *rows)) + "\n", encoding="utf-8")
    if features:
        x = np.array([np.tile(mean, (20, 1)) for _, mean in sorted(tags, key=lambda one: one[0])], np.float32)
        x[0, 18:] = np.nan
        np.save(folder / "taggram.npy", x)
    return folder


def test_ratings_are_averaged_over_players(tmp_path: Path) -> None:
    songs = list(emotify.load(path=emotify_folder(tmp_path)))
    assert [song.video for song in songs] == [str(i + 1) for i in range(48)]
    assert [song.source for song in songs[::12]] == ["classical 1", "rock 13", "electronic 25", "pop 37"]
    with (tmp_path / "data.csv").open() as file:
        rows = [row for row in csv.reader(file) if row[0] == "7"]
    felt = np.array([row[2:11] for row in rows], float)
    song = songs[6]
    assert np.allclose(song.values, felt.mean(0)) and song.values.shape == (1, 9)
    assert song.spread is not None and np.allclose(song.spread, felt.std(0))
    assert song.raters is not None and song.raters.tolist() == [8]
    assert (song.start, song.stop, song.part, song.speaker) == (0, 60, "all", "")
    assert emotify.FACTS.classes[0] == "amazement" and emotify.FACTS.scale == (0, 1) and emotify.FACTS.whole == "song"


def test_rows_without_names_follow_the_names_of_files(tmp_path: Path) -> None:
    """Classical 1, 10, 11, 12, 2, … electronic, pop, rock: as a folder lists them."""
    songs = list(emotify.load(path=emotify_folder(tmp_path)))
    for song in songs:
        assert np.allclose(song.modalities["tags"][0, :18], song.values, atol=1e-6)
    notices = songs[-1].notices
    assert any(line.startswith("taggram.npy is taken in the order of names of sound files, in which songs") for line in notices)
    assert "windows without numbers: 2 of 1 songs (classical 1)" in notices
    assert np.isnan(songs[0].modalities["tags"][0, 18:]).all()
    assert not any(song.notices for song in songs[:-1])


@pytest.mark.parametrize(("written", "asked"), [("files", "songs"), ("songs", "files")])
def test_the_other_order_is_refused(tmp_path: Path, written: str, asked: str) -> None:
    folder = emotify_folder(tmp_path, order=written)
    with pytest.raises(DataError, match=r"taggram.npy has its songs in another order") as caught:
        list(emotify.load(path=folder, order=asked))  # type: ignore[arg-type]
    assert caught.value.hint == f'Set order = "{written}".'
    right = list(emotify.load(path=folder, order=written))  # type: ignore[arg-type]
    assert np.allclose(right[20].modalities["tags"][0, 0], right[20].values[0], atol=1e-6)


def test_ratings_alone_are_enough(tmp_path: Path) -> None:
    folder = emotify_folder(tmp_path, features=False)
    assert not next(emotify.load(path=folder)).modalities
    assert not next(emotify.load(path=folder / "data.csv")).modalities
    elsewhere = emotify_folder(tmp_path / "other") / "taggram.npy"
    assert next(emotify.load(path=folder / "data.csv", windows=elsewhere)).modalities["tags"].shape == (1, 20, 9)


def test_too_many_emotions_and_none_are_counted(tmp_path: Path) -> None:
    extra = ["1,classical,1,1,1,1,0,0,0,0,0,3,1,0,21,1,English", "1,classical,0,0,0,0,0,0,0,0,0,3,1,0,21,1,English"]
    few = list(emotify.load(path=emotify_folder(tmp_path / "a", features=False)))[-1].notices
    more = list(emotify.load(path=emotify_folder(tmp_path / "b", features=False, rows=extra)))[-1].notices

    def number(notices: Sequence[str], words: str) -> int:
        return int(next((line.split()[0] for line in notices if words in line), "0"))

    for words in ("more than the 3 emotions", "name no emotion"):
        assert number(more, words) == number(few, words) + 1
    assert more[0] == "386 ratings of 48 songs: 8 to 10 a song"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"header": EMOTIFY.replace(" tension,", " stress,")}, "has no column tension; its columns are track id, genre"),
        ({"rows": ["3,classical,0,2,0,0,0,0,0,0,0,3,1,0,21,1,en"]}, "row 386, column solemnity: 2 where 0 or 1 is a rating"),
        ({"rows": ["3,classical,0,x,0,0,0,0,0,0,0,3,1,0,21,1,en"]}, "row 386, column solemnity: 'x' is no number"),
        ({"rows": ["3,classical,0,,0,0,0,0,0,0,0,3,1,0,21,1,en"]}, "row 386, column solemnity: the cell is empty"),
        ({"rows": ["3,pop,0,0,0,0,0,0,0,0,0,3,1,0,21,1,en"]}, "row 386: the song is pop here and classical above"),
        ({"rows": ["3.5,pop,0,0,0,0,0,0,0,0,0,3,1,0,21,1,en"]}, "row 386, column track id: 3.5 where a whole number"),
        ({"rows": ["3,pop,0"]}, "row 386: 3 cells where the header has 17"),
        ({"rows": ["99,pop,0,0,0,0,0,0,0,0,0,3,1,0,21,1,en"]}, "features of 48 songs, the ratings are of 49"),
    ],
)
def test_wrong_ratings(tmp_path: Path, change: Mapping[str, object], said: str) -> None:
    with pytest.raises(DataError) as caught:
        list(emotify.load(path=emotify_folder(tmp_path, **change)))  # type: ignore[arg-type]
    assert said in caught.value.message and caught.value.hint and "\n" not in caught.value.message


def test_wrong_features(tmp_path: Path) -> None:
    folder = emotify_folder(tmp_path)

    def fault(path: Path) -> str:
        with pytest.raises(DataError) as caught:
            list(emotify.load(path=folder, windows=path))
        return caught.value.message

    for name, x in {"flat": np.zeros((48, 20)), "words": np.full((48, 2, 2), "a")}.items():
        np.save(tmp_path / f"{name}.npy", x)
        assert "not (song, window, feature) of numbers" in fault(tmp_path / f"{name}.npy")
    np.save(tmp_path / "objects.npy", np.full((48, 2, 2), None), allow_pickle=True)
    assert "is no array of numbers" in fault(tmp_path / "objects.npy")
    assert "is no array of numbers" in fault(folder / "data.csv")
    assert "does not exist" in fault(tmp_path / "nothing.npy")
    with pytest.raises(DataError, match=r"data.csv does not exist"):
        list(emotify.load(path=tmp_path / "objects.npy" / ".." / "nowhere" / "data.csv"))


# emoMusic and DEAM

TIMES = [f"sample_{15000 + 500 * i}ms" for i in range(8)]


def courses(songs: Sequence[int], seed: int = 0) -> Mapping[str, np.ndarray]:
    """{emotion: (song, time)} that have nothing in common."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(-0.7, 0.7, (2, len(songs), 1))
    return dict(zip(("valence", "arousal"), level + rng.uniform(-0.1, 0.1, (2, len(songs), 8)), strict=True))


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]], end: str = "\n", join: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(end.join(join.join(map(str, row)) for row in (header, *rows)) + end, encoding="utf-8")


def whole(course: Mapping[str, np.ndarray], emotion: str) -> np.ndarray:
    """(song,) from 1 to 9."""
    return np.round(5 + 4 * course[emotion].mean(1), 3)


Cells = dict[str, list[list[object]]]


def emomusic_folder(folder: Path, change: Callable[[Cells], object] = lambda _: None, swapped: bool = False) -> Path:
    """20 songs; `change` may spoil the rows of a table before it is written."""
    songs = list(range(2, 22))
    course = courses(songs)
    first, second = ("valence", "arousal") if swapped else ("arousal", "valence")
    info = '"song_id","file_name","Artist","Song title","start of the segment (min.sec)","end of the segment (min.sec)","Genre"'
    tables: Cells = {
        **{e: [[song, *values] for song, values in zip(songs, course[e], strict=True)] for e in course},
        "static": [
            [song, a, 0.9, v, 0.6] for song, a, v in zip(songs, whole(course, first), whole(course, second), strict=True)
        ],
        "info": [
            [song, f'"\t{song}.mp3"', '"Somebody\t"', '"\tA song, and\t"', '"\t0.48\t"', '"\t1.33\t"', '"\tBlues\t"',
             f'"\t{"evaluation" if song % 4 == 0 else "development"}"']
            for song in songs
        ],
    }  # fmt: skip
    change(tables)
    for emotion in course:
        write(folder / f"{emotion}_cont_average.csv", ["song_id", *TIMES], tables[emotion])
    write(
        folder / "static_annotations.csv",
        ["song_id", "mean_arousal", "std_arousal", "mean_valence", "std_valence"],
        tables["static"],
    )
    write(folder / "songs_info.csv", [info, '"Mediaeval 2013 set"'], tables["info"])
    return folder


def test_emomusic_as_it_is_written(tmp_path: Path) -> None:
    songs = list(emomusic.load(path=emomusic_folder(tmp_path)))
    course = courses(range(20))
    assert [song.video for song in songs] == [str(song) for song in range(2, 22)]
    assert Counter(song.part for song in songs) == {"development": 15, "evaluation": 5}
    for row, song in enumerate(songs):
        assert song.values.dtype == np.float32
        assert np.allclose(song.values, np.column_stack([course["valence"][row], course["arousal"][row]]), atol=1e-6)
        assert song.overall is not None and np.allclose(song.overall, song.values.mean(0), atol=1e-3), "1 to 9 becomes -1 to 1"
    assert songs[0].start.tolist() == [15 + 0.5 * i for i in range(8)] and np.allclose(songs[0].stop - songs[0].start, 0.5)
    (told,) = songs[-1].notices
    assert "valence correlates with the mean course of valence by 1.00" in told and "(20 songs)" in told
    assert "SWAPPED" not in told


def test_swapped_names_are_told_and_kept(tmp_path: Path) -> None:
    songs = list(emomusic.load(path=emomusic_folder(tmp_path, swapped=True)))
    assert songs[-1].notices[0].startswith("COLUMNS SEEM SWAPPED, nothing was changed: ")
    straight = list(emomusic.load(path=emomusic_folder(tmp_path / "straight")))
    for one, other in zip(songs, straight, strict=True):
        assert one.overall is not None and other.overall is not None
        assert np.allclose(one.overall, other.overall[::-1]) and np.array_equal(one.values, other.values)


def test_columns_are_known_by_name(tmp_path: Path) -> None:
    """Times in another order, and another column in front."""
    folder = emomusic_folder(tmp_path)
    expected = list(emomusic.load(path=folder))
    for emotion in ("valence", "arousal"):
        path = folder / f"{emotion}_cont_average.csv"
        rows = [line.split(",") for line in path.read_text().splitlines()]
        path.write_text("\n".join(",".join(row[::-1]) for row in rows) + "\n")
    static = folder / "static_annotations.csv"
    rows = [line.split(",") for line in static.read_text().splitlines()]
    static.write_text("\n".join(",".join([row[3], row[0], "0", row[1]]) for row in rows).replace(",0,", ",more,", 1) + "\n")
    for one, other in zip(emomusic.load(path=folder), expected, strict=True):
        assert np.array_equal(one.values, other.values) and np.array_equal(one.start, other.start)
        assert one.overall is not None and other.overall is not None and np.array_equal(one.overall, other.overall)


def test_empty_cells_are_left_out(tmp_path: Path) -> None:
    def spoil(tables: Cells) -> None:
        for row in (tables["valence"][0], tables["arousal"][0]):
            row[1], row[8] = "", "NaN"  # both ends of song 2
        tables["valence"][1][4] = ""  # inside song 3
        tables["arousal"][2][2:6] = [1.5, "", 0.1, 0.1]
        tables["valence"][3][1:] = [""] * 8  # song 5 has nothing
        tables["valence"].pop(4)  # song 6 has arousal alone
        tables["static"].pop(5)  # song 7

    songs = {song.video: song for song in emomusic.load(path=emomusic_folder(tmp_path, spoil))}
    assert set(songs) == {str(song) for song in range(2, 22)} - {"5", "6"}
    assert songs["2"].start.tolist() == [15.5 + 0.5 * i for i in range(6)]
    assert 16.5 not in songs["3"].start and len(songs["3"].start) == 7
    assert len(songs["4"].start) == 6 and np.isfinite(songs["4"].values).all()
    assert songs["7"].overall is None
    told = "\n".join(songs["21"].notices)
    assert "not rated inside a song, left out: 2 segments of 2 videos (3, 4)" in told
    assert "not rated at the ends of a song, left out: 2 segments of 1 video (2)" in told
    assert "ratings 1.5 where -1 to 1 is the scale, left out: 1 segment of 1 video (4)" in told
    assert "songs without a single rating, left out: 1 (5)" in told
    assert "songs with only one of valence and arousal, left out: 1 (6)" in told
    assert "songs that were not rated as a whole: 1 (7)" in told
    assert "songs that were rated only as a whole, left out: 1 (6)" in told


def spoilt(table: str, row: int, column: int, value: object) -> Callable[[Cells], object]:
    def change(tables: Cells) -> None:
        tables[table][row][column] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (spoilt("valence", 2, 3, "loud"), "valence_cont_average.csv row 4, column sample_16000ms: 'loud' is no number"),
        (spoilt("valence", 2, 0, 3), "valence_cont_average.csv row 4: song 3 stands in row 3 too"),
        (spoilt("valence", 2, 0, "4.5"), "valence_cont_average.csv row 4: 4.5 is no number of a song"),
        (spoilt("static", 2, 1, 12), "static_annotations.csv row 4: ratings 12 where 1 to 9 is the scale"),
        (spoilt("static", 2, 3, ""), "static_annotations.csv row 4, column mean_valence: the cell is empty"),
        (spoilt("info", 2, 7, '"\tdev"'), "songs_info.csv row 4: part 'dev' is neither development nor evaluation"),
        (lambda tables: tables["info"].pop(2), "songs_info.csv lacks 1 songs that were rated: 4"),
        (lambda tables: tables["valence"].clear(), "valence_cont_average.csv has a header and no rows"),
    ],
)
def test_wrong_cells(tmp_path: Path, change: Callable[[Cells], object], said: str) -> None:
    with pytest.raises(DataError) as caught:
        list(emomusic.load(path=emomusic_folder(tmp_path, change)))
    assert said in caught.value.message and caught.value.hint and "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "static_annotations.csv",
            "mean_valence",
            "mean_joy",
            "has no column mean_valence; its columns are song_id",
        ),
        ("songs_info.csv", "Mediaeval 2013 set", "set", "has no column Mediaeval 2013 set"),
        ("arousal_cont_average.csv", "sample_15500ms", "second", "has a column second that is no time"),
        ("arousal_cont_average.csv", "song_id", "sample_9ms", "has no columns song_id and sample_15000ms"),
    ],
)
def test_missing_columns(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    path = emomusic_folder(tmp_path) / file
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(DataError) as caught:
        list(emomusic.load(path=tmp_path))
    assert said in caught.value.message and caught.value.hint


@pytest.mark.parametrize(
    "file", ["static_annotations.csv", "songs_info.csv", "valence_cont_average.csv", "arousal_cont_average.csv"]
)
def test_missing_files(tmp_path: Path, file: str) -> None:
    (emomusic_folder(tmp_path) / file).unlink()
    with pytest.raises(DataError, match=f"{file} does not exist"):
        list(emomusic.load(path=tmp_path))
    with pytest.raises(DataError, match="is no folder"):
        list(emomusic.load(path=tmp_path / "nowhere"))


def test_tables_of_different_songs(tmp_path: Path) -> None:
    def other(tables: Cells) -> None:
        for row in tables["valence"]:
            row[0] = int(str(row[0])) + 100

    with pytest.raises(DataError, match="no song has both valence and arousal"):
        list(emomusic.load(path=emomusic_folder(tmp_path, other)))


# DEAM

DEAM_SONGS = (*range(2, 14), 1001, 1002, 2001, 2058)
STATIC = ("song_id", " valence_mean", " valence_std", " arousal_mean", " arousal_std")
EXTREMES = (
    *("song_id", " valence_mean", " valence_std", " valence_ max_mean", " valence_max_std", " valence_min_mean"),
    *(" valence_min_std", " arousal_mean", " arousal_std", " arousal_max_mean"),
)
FEATURES = ("frameTime", "F0final_sma_stddev", "F0final_sma_amean", "pcm_fftMag_mfcc_sma[1]_amean")


def deam_folder(folder: Path, *, nest: str = "annotations", features: bool = False) -> Path:
    course = courses(DEAM_SONGS)
    base = folder / nest / "annotations averaged per song"
    later = [f"sample_{19000 + 500 * i}ms" for i in range(4)]
    for emotion in course:
        rows = [[song, *values, *[""] * 4] for song, values in zip(DEAM_SONGS, course[emotion], strict=True)]
        rows[-1][-4:] = [0.1, 0.2, 0.3, 0.4 if emotion == "valence" else ""]
        write(base / "dynamic (per second annotations)" / f"{emotion}.csv", ["song_id", *TIMES, *later], rows, end="\r\n")
    means = list(zip(DEAM_SONGS, whole(course, "valence"), whole(course, "arousal"), strict=True))
    name = "static_annotations_averaged_songs_{}.csv"
    early = [[song, v, 1.1, a, 1.2] for song, v, a in means if song <= 2000]
    late = [[song, v, 1.1, 8.9, 1, 1.1, 1, a, 1.2, 8.8] for song, v, a in means if song > 2000]
    write(base / "song_level" / name.format("1_2000"), STATIC, early)
    write(base / "song_level" / name.format("2000_2058"), EXTREMES, late)
    if features:
        for song in DEAM_SONGS[1:]:
            rows = [[i / 2, song, i, ""] for i in range(34 if song < 2058 else 80)]
            write(folder / "features" / f"{song}.csv", FEATURES, rows, join=";")
    return folder


@pytest.mark.parametrize("nest", [".", "annotations", "DEAM_Annotations/annotations"])
def test_deam_as_it_is_written(tmp_path: Path, nest: str) -> None:
    songs = {song.video: song for song in deam.load(path=deam_folder(tmp_path, nest=nest))}
    assert list(songs) == [str(song) for song in DEAM_SONGS]
    parts = {"2": "development", "1001": "evaluation 2014", "2001": "evaluation 2015"}
    assert {name: songs[name].part for name in parts} == parts
    course = courses(DEAM_SONGS)
    for row, song in enumerate(songs.values()):
        assert np.allclose(song.values[:8], np.column_stack([course["valence"][row], course["arousal"][row]]))
        assert song.overall is not None and np.allclose(song.overall, song.values[:8].mean(0), atol=1e-3)
    assert len(songs["2"].start) == 8, "empty cells after the end are not rated"
    assert songs["2058"].start[-1] == 20.0, "the last time has valence alone"
    assert songs["2058"].notices[0] == "not rated at the ends of a song, left out: 1 segment of 1 video (2058)"
    assert not songs["2"].modalities
    assert deam.FACTS.training_part == "development" and deam.FACTS.test_part == "evaluation 2014"


def test_features_are_brought_to_the_times_of_ratings(tmp_path: Path) -> None:
    songs = {song.video: song for song in deam.load(path=deam_folder(tmp_path, features=True), features=True)}
    x = songs["3"].modalities["features"]
    assert x.shape == (8, 3) and x.dtype == np.float32 and np.isnan(x[:, 2]).all()
    assert x[:4, 0].tolist() == [3] * 4 and x[:4, 1].tolist() == [30, 31, 32, 33], "frames of 15 s to 16.5 s"
    assert np.isnan(x[4:, :2]).all(), "frames end after 16.5 s"
    assert songs["2058"].modalities["features"][-1, 1] == 40
    assert np.isnan(songs["2"].modalities["features"]).all()
    assert songs["2058"].notices[-2:] == (
        "songs without features: 1 (2)",
        "segments without a frame of features: 56 of 14 songs (3, 4, 5 and 11 more)",
    )


def test_wrong_features_of_deam(tmp_path: Path) -> None:
    folder = deam_folder(tmp_path, features=True)
    path = folder / "features" / "4.csv"
    path.write_text(path.read_text().replace("F0final_sma_amean", "F0"))
    with pytest.raises(DataError, match=r"4.csv has other columns than the first song: F0, F0final_sma_amean"):
        list(deam.load(path=folder, features=True))
    with pytest.raises(DataError, match=r"has no folder “features” with 2.csv and so on"):
        list(deam.load(path=deam_folder(tmp_path / "bare"), features=True))


def test_deam_that_is_not_whole(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no folder “annotations/annotations averaged per song”"):
        list(deam.load(path=tmp_path))
    folder = deam_folder(tmp_path)
    for file in (folder / "annotations" / "annotations averaged per song" / "song_level").iterdir():
        file.unlink()
    with pytest.raises(DataError, match="static_annotations_averaged_songs"):
        list(deam.load(path=folder))


def test_files_that_are_no_text(tmp_path: Path) -> None:
    folder = emomusic_folder(tmp_path)
    (folder / "valence_cont_average.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    with pytest.raises(ReportgenError, match=r"valence_cont_average\.csv"):
        list(emomusic.load(path=folder))


# the real ones


@pytest.mark.skipif(not (SHARED / "emotify").is_dir(), reason="needs the shared sample data")
def test_real_emotify() -> None:
    songs: list[Segments] = list(emotify.load(path=SHARED / "emotify"))
    assert len(songs) == 400 and songs[0].modalities["tags"].shape == (1, 20, 50)
    assert sum(int(song.raters[0]) for song in songs if song.raters is not None) == 8407
    short = {song.source for song in songs if np.isnan(song.modalities["tags"]).any()}
    assert {"classical 16", "classical 40", "classical 66", "classical 73"} < short, "42, 35, 26 and 30 s long"
    assert len(short) == 7
    with pytest.raises(DataError, match="another order"):
        list(emotify.load(path=SHARED / "emotify", order="songs"))


@pytest.mark.skipif(not (SHARED / "emomusic").is_dir(), reason="needs the shared sample data")
def test_real_emomusic() -> None:
    songs: list[Segments] = list(emomusic.load(path=SHARED / "emomusic"))
    assert Counter(song.part for song in songs) == {"development": 619, "evaluation": 125}
    assert {len(song.start) for song in songs} == {61} and len(songs[-1].notices) == 1
    assert "valence by 0.95" in songs[-1].notices[0] and "SWAPPED" not in songs[-1].notices[0]
