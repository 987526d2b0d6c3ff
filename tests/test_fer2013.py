"""FER2013 is read the same from every form that people have, and whatever is wrong with it is said with its place."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reportgen.core import Samples
from reportgen.datasets.fer2013 import FACTS, load
from reportgen.errors import DataError
from reportgen.plugins import settings

CLASSES = FACTS.classes
PARTS = tuple(FACTS.counts)
N = 2 * len(PARTS) * len(CLASSES)


def small_set() -> Iterator[tuple[int, str, np.ndarray]]:
    """(label, part, image): two of each class and part, in mixed order."""
    rng = np.random.default_rng(0)
    for i in rng.permutation(N):
        yield int(i) % 7, PARTS[i // 7 % 3], rng.integers(256, size=(48, 48), dtype=np.uint8)


def line(*, emotion: object = 3, pixels: object = None, usage: str = "Training") -> str:
    text = " ".join(map(str, np.arange(2304) % 256)) if pixels is None else pixels
    return f"{emotion},{text},{usage}"


def table(path: Path, *lines: str, header: str = "emotion,pixels,Usage") -> Path:
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def whole_table(path: Path) -> Path:
    return table(
        path, *(line(emotion=label, pixels=" ".join(map(str, x.ravel())), usage=part) for label, part, x in small_set())
    )


def icml_table(path: Path) -> Path:
    """As Kaggle has it: another order, blanks before the names."""
    rows = (f"{label},{part},{' '.join(map(str, x.ravel()))}" for label, part, x in small_set())
    return table(path, *rows, header="emotion, Usage, pixels")


def image(path: Path, x: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(x).save(path)
    return path


def tree(root: Path, *, official: bool = True, upper: bool = False) -> Path:
    """train|test/<class>/*.png, with or without Kaggle's file names."""
    for i, (label, part, x) in enumerate(small_set()):
        name = CLASSES[label].upper() if upper else CLASSES[label]
        folder = root / ("train" if part == "Training" else "test") / name
        image(folder / (f"{part}_{i}.png" if official else f"im{i}.png"), x)
    return root


def read(path: Path, **options: object) -> Samples:
    """All chunks as one."""
    chunks = list(load(path=path, **options))
    assert all(not chunk.notices for chunk in chunks[:-1])
    columns = {name: np.concatenate([getattr(c, name) for c in chunks]) for name in ("x", "labels", "origin", "sources")}
    return Samples(**columns, axes=chunks[0].axes, unit=chunks[0].unit, notices=chunks[-1].notices)


def content(samples: Samples) -> Counter[tuple[bytes, int, str]]:
    rows = zip(samples.x, samples.labels, samples.origin, strict=True)
    return Counter((x.tobytes(), int(label), str(part)) for x, label, part in rows)


EXPECTED = Counter((x.tobytes(), label, part) for label, part, x in small_set())


@pytest.mark.parametrize(
    "write",
    [
        lambda folder: whole_table(folder / "fer2013.csv"),
        lambda folder: whole_table(folder / "fer2013.csv").parent,
        lambda folder: icml_table(folder / "icml_face_data.csv"),
        lambda folder: icml_table(folder / "icml_face_data.csv").parent,
        tree,
        lambda folder: tree(folder / "archive" / "fer2013").parent.parent,
        lambda folder: tree(folder, upper=True),
    ],
    ids=["csv", "folder of csv", "icml", "folder of icml", "tree", "wrapped tree", "upper case tree"],
)
def test_every_form_gives_the_same_samples(tmp_path, write: Callable[[Path], Path]):
    assert content(read(write(tmp_path))) == EXPECTED


def test_sources_lead_back_to_the_sample(tmp_path):
    path = whole_table(tmp_path / "fer2013.csv")
    samples = read(path)
    row = int(samples.sources[5].removeprefix("row "))
    pixels = path.read_text().splitlines()[row - 1].split(",")[1]
    assert pixels == " ".join(map(str, samples.x[5].ravel()))

    root = tree(tmp_path / "tree")
    samples = read(root)
    with Image.open(root / samples.sources[5]) as original:
        assert (np.asarray(original) == samples.x[5]).all()


def test_classes_are_matched_by_name_not_by_order_of_folders(tmp_path):
    """By order, neutral would come before sad and surprise."""
    for name in CLASSES:
        image(tmp_path / "train" / name / "a.png", np.full((48, 48), CLASSES.index(name), np.uint8))
    samples = read(tmp_path)
    assert (samples.labels == samples.x[:, 0, 0]).all()


def test_quoted_pixels_blank_lines_and_a_byte_order_mark_are_read(tmp_path):
    pixels = " ".join(["7"] * 2304)
    (tmp_path / "a.csv").write_text(f'\ufeffemotion,pixels,Usage\r\n4,"{pixels}",PrivateTest\r\n\r\n', encoding="utf-8")
    samples = read(tmp_path / "a.csv")
    assert (samples.x == 7).all()
    assert (samples.labels.tolist(), samples.origin.tolist()) == ([4], ["PrivateTest"])


def test_a_table_longer_than_a_chunk_keeps_all_rows_in_order(tmp_path):
    rows = [line(emotion=i % 7) for i in range(1030)]
    samples = read(table(tmp_path / "fer2013.csv", *rows))
    assert samples.labels.tolist() == [i % 7 for i in range(1030)]
    assert samples.sources[-1] == "row 1031"


def test_images_without_official_names_keep_the_part_of_their_folder(tmp_path):
    samples = read(tree(tmp_path, official=False))
    assert Counter(samples.origin.tolist()) == {"Training": 14, "test": 28}
    assert samples.notices[0].startswith("files whose names do not tell the official part")
    assert samples.notices[0].endswith(": 42")
    assert "test/happy: 4 (published 1,774)" in samples.notices  # of both tests together
    assert not any(notice.startswith(("PublicTest", "PrivateTest")) for notice in samples.notices)


def test_a_test_image_in_the_training_folder_stays_a_test_image(tmp_path):
    tree(tmp_path)
    image(tmp_path / "train" / "sad" / "PublicTest_99.png", np.zeros((48, 48), np.uint8))
    samples = read(tmp_path)
    assert Counter(samples.origin.tolist()) == {"Training": 14, "PublicTest": 15, "PrivateTest": 14}
    assert samples.notices[0] == "files in train or test against the part in their names (the names count): 1"


def test_every_difference_to_the_published_counts_is_one_line(tmp_path):
    happy = [line(emotion=3, usage="Training")] * 2
    notices = read(table(tmp_path / "fer2013.csv", *happy)).notices
    assert "Training/happy: 2 (published 7,215)" in notices
    assert "Training/disgust: 0 (published 436)" in notices
    assert "PublicTest: absent (published 3,589)" in notices
    assert len(notices) == 7 + 2


def test_published_counts_are_those_of_the_paper():
    sums = {part: sum(counts.values()) for part, counts in FACTS.counts.items()}
    assert sums == {"Training": 28_709, "PublicTest": 3_589, "PrivateTest": 3_589}
    both_tests = {name: FACTS.counts["PublicTest"][name] + FACTS.counts["PrivateTest"][name] for name in CLASSES}
    assert list(both_tests.values()) == [958, 111, 1_024, 1_774, 1_247, 831, 1_233]  # of the folder form


def test_complete_counts_give_no_notice(tmp_path, monkeypatch):
    """The published counts are replaced by those of the small set: then nothing differs."""
    for part in PARTS:
        monkeypatch.setitem(FACTS.counts, part, dict.fromkeys(CLASSES, 2))
    assert read(tree(tmp_path)).notices == ()


def test_rows_without_usage_are_training(tmp_path):
    samples = read(table(tmp_path / "train.csv", line().rpartition(",")[0], header="emotion,pixels"))
    assert samples.origin.tolist() == ["Training"]
    assert samples.notices[0] == "train.csv has no column Usage: all of its rows are taken as Training"


def test_constant_images_are_kept(tmp_path):
    samples = read(table(tmp_path / "fer2013.csv", line(pixels=" ".join(["0"] * 2304))))
    assert not samples.x.any()


def test_colour_images_become_grey_and_are_counted(tmp_path):
    tree(tmp_path)
    image(tmp_path / "train" / "sad" / "Training_99.png", np.full((48, 48, 3), (200, 100, 50), np.uint8))
    samples = read(tmp_path)
    assert samples.x[samples.sources == "train/sad/Training_99.png"][0, 0, 0] == round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)
    assert samples.notices[0] == "colour images converted to grey: 1"


def test_limit_keeps_the_first_of_each_class_and_part(tmp_path):
    path = whole_table(tmp_path / "fer2013.csv")
    samples, everything = read(path, limit=1), read(path)
    assert set(content(samples).values()) == {1}
    assert len(samples.x) == N // 2
    first = [np.flatnonzero((everything.labels == i) & (everything.origin == part))[0] for i in range(7) for part in PARTS]
    assert set(samples.sources) == set(everything.sources[first])
    assert samples.notices == ("limit = 1: the first of each class and part only, counts not compared with the published",)


def test_pixels_beyond_the_limit_are_not_read(tmp_path):
    path = table(tmp_path / "fer2013.csv", line(), line(pixels="abc"))
    assert len(read(path, limit=1).x) == 1


BAD_ROWS = {
    "too few pixels": (line(pixels=" ".join(["1"] * 2303)), "2,303 pixels where 48 × 48 = 2,304 are needed"),
    "too many pixels": (line(pixels=" ".join(["1"] * 2305)), "2,305 pixels where 48 × 48 = 2,304 are needed"),
    "no pixels": (line(pixels=""), "0 pixels where"),
    "a pixel of 300": (line(pixels=" ".join(["1"] * 16 + ["300"] + ["1"] * 2287)), "pixel 17 is '300', not a whole number"),
    "a pixel of abc": (line(pixels=" ".join(["abc"] + ["1"] * 2303)), "pixel 1 is 'abc', not a whole number from 0 to 255"),
    "a negative pixel": (line(pixels=" ".join(["1"] * 2303 + ["-1"])), "pixel 2,304 is '-1', not a whole number"),
    "a fraction": (line(pixels=" ".join(["0.5"] * 2304)), "pixel 1 is '0.5', not a whole number"),
    "a superscript": (line(pixels=" ".join(["²"] * 2304)), "pixel 1 is '²', not a whole number"),
    "pixels between tabs": (line(pixels="\t".join(["1"] * 2304)), "separated by something else than blanks"),
    "label 9": (line(emotion=9), "emotion is '9', not a number from 0 to 6"),
    "label happy": (line(emotion="happy"), "emotion is 'happy', not a number from 0 to 6"),
    "unknown Usage": (line(usage="PublicTests"), "unknown Usage 'PublicTests': did you mean 'PublicTest'?"),
    "cells missing": ("3,1 2 3", "2 cells where the header has 3"),
}


@pytest.mark.parametrize(("row", "fault"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_a_bad_row_is_named_with_its_remedy(tmp_path, row, fault):
    path = table(tmp_path / "fer2013.csv", line(), row, line())
    with pytest.raises(DataError) as error:
        read(path)
    assert error.value.message.startswith("fer2013.csv row 3: ")
    assert fault in error.value.message
    assert "\n" not in error.value.message
    assert 'on_bad_sample = "skip"' in error.value.hint
    assert error.value.exit_code == 2


@pytest.mark.parametrize(("row", "fault"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
def test_a_bad_row_can_be_skipped_and_is_said(tmp_path, row, fault):
    samples = read(table(tmp_path / "fer2013.csv", line(), row, line()), on_bad_sample="skip")
    assert samples.sources.tolist() == ["row 2", "row 4"]
    assert samples.notices[0].startswith("bad samples skipped: 1 (fer2013.csv row 3: ")
    assert fault in samples.notices[0]


def test_of_many_skipped_rows_the_first_are_named(tmp_path):
    samples = read(table(tmp_path / "fer2013.csv", line(), *[line(emotion=9)] * 5), on_bad_sample="skip")
    assert samples.notices[0].startswith("bad samples skipped: 5 (fer2013.csv row 3: ")
    assert samples.notices[0].endswith("; and 2 more)")
    assert "row 5" in samples.notices[0]
    assert "row 6" not in samples.notices[0]


def text_file(name: str, text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    return write


def both_tables(folder: Path) -> Path:
    whole_table(folder / "fer2013.csv")
    return icml_table(folder / "icml_face_data.csv").parent


def two_trees(folder: Path) -> Path:
    tree(folder / "old")
    return tree(folder / "new").parent


def unknown_class(folder: Path) -> Path:
    return image(tree(folder) / "train" / "hapy" / "a.png", np.zeros((48, 48), np.uint8)).parents[2]


def class_twice(folder: Path) -> Path:
    return image(tree(folder) / "train" / "Happy" / "a.png", np.zeros((48, 48), np.uint8)).parents[2]


def empty_class(folder: Path) -> Path:
    (folder / "train" / "happy").mkdir(parents=True)
    (folder / "train" / "happy" / ".DS_Store").touch()
    return folder


def no_classes(folder: Path) -> Path:
    (folder / "train").mkdir()
    return folder


BAD_SETS = {
    "missing": (lambda folder: folder / "nowhere", "nowhere does not exist", "is its variable set?"),
    "empty folder": (lambda folder: folder, "holds neither fer2013.csv nor .* found no folders", "train and test"),
    "empty csv": (text_file("fer2013.csv", ""), "fer2013.csv is empty", "Download"),
    "only a header": (text_file("fer2013.csv", "emotion,pixels,Usage\n"), "fer2013.csv holds no images", "Download"),
    "wrong header": (
        text_file("a.csv", "id,mood\n1,2\n"),
        "row 1: .*no column emotion and no column pixels; found id, mood",
        "Usage",
    ),
    "Kaggle's test.csv": (text_file("test.csv", "pixels\n1 2\n"), "row 1: .*no column emotion; found pixels", "no labels"),
    "a NUL": (text_file("a.csv", "emotion,pixels,Usage\n\0"), "a.csv (cannot be read|row 2)", "Download|skip"),
    "an archive": (text_file("fer2013.tar.gz", "x"), "fer2013.tar.gz is not a csv file", "Unpack"),
    "two tables": (both_tables, "holds both fer2013.csv and icml_face_data.csv", "Give the file"),
    "two trees": (two_trees, "holds neither .* found new, old", "train and test"),
    "unknown class": (unknown_class, "train/hapy: unknown class folder 'hapy': did you mean 'happy'", "Rename"),
    "a class twice": (class_twice, "train/happy: the class has two folders, Happy and happy", "Merge"),
    "an empty class": (empty_class, "train/happy: the class folder is empty", "Unpack"),
    "no classes": (no_classes, "holds no images", "Download"),
}


@pytest.mark.parametrize(("write", "message", "hint"), BAD_SETS.values(), ids=BAD_SETS.keys())
def test_a_bad_set_is_refused_with_place_and_remedy(tmp_path, write, message, hint):
    with pytest.raises(DataError, match=message) as error:
        read(write(tmp_path))
    assert "\n" not in error.value.message
    assert error.value.hint
    assert any(word in error.value.hint for word in hint.split("|"))


def test_a_set_of_bad_samples_only_names_the_first(tmp_path):
    with pytest.raises(DataError, match=r"all 2 samples are bad, first fer2013\.csv row 2: emotion is '9'"):
        read(table(tmp_path / "fer2013.csv", line(emotion=9), line(emotion=8)), on_bad_sample="skip")


def truncated(path: Path) -> None:
    image(path, np.random.default_rng(0).integers(256, size=(48, 48), dtype=np.uint8))
    path.write_bytes(path.read_bytes()[:400])


BAD_IMAGES = {
    "truncated jpg": ("a.jpg", truncated, "cannot be decoded"),
    "truncated png": ("a.png", truncated, "cannot be decoded"),
    "text": ("a.jpg", lambda path: path.write_text("hello"), "not an image"),
    "nothing": ("a.png", lambda path: path.touch(), "not an image"),
    "other file": ("notes.txt", lambda path: path.write_text("hello"), "not an image: the name ends on '.txt'"),
    "folder": ("inner", lambda path: path.mkdir(), "not an image: the name ends on ''"),
    "wrong size": ("a.png", lambda path: image(path, np.zeros((50, 60), np.uint8)), "60 × 50 pixels where 48 × 48 are needed"),
    "16 bits": ("a.png", lambda path: image(path, np.zeros((48, 48), np.uint16)), "where 8 bits are needed"),
}


@pytest.mark.parametrize(("name", "write", "fault"), BAD_IMAGES.values(), ids=BAD_IMAGES.keys())
def test_a_bad_image_is_named_or_skipped(tmp_path, name, write, fault):
    tree(tmp_path)
    write(tmp_path / "train" / "sad" / name)
    with pytest.raises(DataError) as error:
        read(tmp_path)
    assert error.value.message.startswith(f"train/sad/{name}: ")
    assert fault in error.value.message
    assert 'on_bad_sample = "skip"' in error.value.hint

    samples = read(tmp_path, on_bad_sample="skip")
    assert content(samples) == EXPECTED
    assert samples.notices[0].startswith(f"bad samples skipped: 1 (train/sad/{name}: ")
    assert str(tmp_path) not in samples.notices[0]


def test_folders_beside_train_and_test_are_said_and_hidden_ones_are_not(tmp_path):
    tree(tmp_path)
    for name in ("validation", ".cache", "__MACOSX"):
        (tmp_path / name).mkdir()
    notices = read(tmp_path).notices
    assert notices[0] == "folder validation is not read: it is neither train nor test"
    assert not any("cache" in notice or "MACOSX" in notice for notice in notices)


def test_facts_keep_the_photographs_private():
    assert not FACTS.redistribute
    assert FACTS.training_part in FACTS.counts
    assert next(r.part for r in FACTS.references if r.model == "fer_vgg") == "PrivateTest"


def test_settings_can_be_read_as_text():
    options = settings("dataset", "fer2013").model_validate({"path": "faces.csv"})
    assert options.model_dump() == {"path": Path("faces.csv"), "on_bad_sample": "error", "limit": 0}


@pytest.mark.skipif(not os.environ.get("FER2013"), reason="the environment variable FER2013 does not lead to the data set")
def test_the_real_set_has_the_published_counts():
    samples = read(Path(os.environ["FER2013"]))
    for part in set(samples.origin) - {"test"}:
        counts = np.bincount(samples.labels[samples.origin == part], minlength=7)
        assert dict(zip(CLASSES, counts.tolist(), strict=True)) == FACTS.counts[part]
    assert len(np.unique(samples.x.reshape(len(samples.x), -1), axis=0)) < len(samples.x)  # it has identical images
