"""Study files: whatever is wrong is said at once, with line, key and the nearest known name."""

import pytest

from reportgen.errors import StudyError, UsageError
from reportgen.study_file import read_study
from reportgen.toml_lines import line_of

GOOD = """
title = "A study"

[dataset.faces]
use = "faces_sim"

[experiment.small]
dataset = "faces"
model = "fer_gap_small"
"""
TUNE = GOOD + "task = 'tune'\n[experiment.small.tune.space]\n"


def write(tmp_path, text):
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path, text, **options):
    with pytest.raises(StudyError) as caught:
        read_study(write(tmp_path, text), **options)
    return caught.value.message.split("\n")


def test_defaults_are_filled_in(tmp_path):
    study, source = read_study(write(tmp_path, GOOD))
    small = study.experiment["small"]
    assert source == GOOD
    assert (small.task, small.split.use, small.seeds, small.train["optimizer"]) == ("classify", "official", [0], "adam")
    assert study.profile == "full"


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (('model = "fer_gap_small"', 'model = "fer_vg"'), 9, ["experiment.small.model", "did you mean 'fer_vgg'?"]),
        (('use = "faces_sim"', 'use = "face_sim"'), 5, ["dataset.faces", "did you mean 'faces_sim'?"]),
        (('dataset = "faces"', 'dataset = "facs"'), 8, ["did you mean 'faces'?"]),
        (('title = "A study"', 'titel = "A study"'), 2, ["titel", "did you mean 'title'?"]),
        (('title = "A study"', "title = 3"), 2, ["title", "must be a valid string", "3"]),
        (('use = "faces_sim"', 'use = "faces_sim"\nsamples = "many"'), 6, ["dataset.faces.samples", "'many'"]),
        (('dataset = "faces"', 'dataset = "faces"\nseeds = [1, 1]'), 9, ["holds a seed twice"]),
        (('dataset = "faces"', 'dataset = "faces"\nseeds = [-1]'), 9, ["greater than or equal to 0", "-1"]),
        (('dataset = "faces"', 'dataset = "faces"\nseeds = []'), 9, ["experiment.small.seeds"]),
        (('dataset = "faces"', 'dataset = "faces"\ntask = "clasify"'), 9, ["did you mean 'classify'?"]),
        (('dataset = "faces"', 'dataset = "faces"\ntrain = {epoch = 3}'), 9, ["train", "did you mean 'epochs'?"]),
        (('dataset = "faces"', 'dataset = "faces"\ntrain = {epochs = 0}'), 9, ["greater than or equal to 1", "0"]),
        (("[experiment.small]", "[experiment.'two words']"), 7, ["no name"]),
        (("[experiment.small]", "[dataset.spare]\nuse = 'faces_sim'\n\n[experiment.small]"), 7, ["no experiment uses this"]),
        (("[dataset.faces]\nuse", "[dataset.faces]\nuses"), 4, ["the key `use` is required"]),
        (('dataset = "faces"', 'dataset = "faces"\ntask = "tune"'), 9, ["needs a table `tune`"]),
        ((GOOD, GOOD + "[experiment.small.tune.space]\n'model.width' = {low = 4, high = 8}"), 10, ["only the task tune"]),
        (
            (GOOD, TUNE + "'model.width' = {low = 0, high = 8}"),
            12,
            ["tune.space.model.width.low", "width of fer_gap_small", "1"],
        ),
        ((GOOD, TUNE + "'model.widht' = {low = 4, high = 8}"), 12, ["did you mean 'model.width'?"]),
        ((GOOD, GOOD + "explain = {lime = {images_per_class = -1}}"), 10, ["explain.lime.images_per_class", "-1"]),
        ((GOOD, GOOD + "judge = {percentiles = [0]}"), 10, ["judge.percentiles", "greater than 0"]),
        ((GOOD, GOOD + "[figure.forrest]"), 10, ["did you mean 'forest'?"]),
    ],
)
def test_a_fault_has_its_line_its_key_and_a_remedy(tmp_path, change, line, words):
    lines = faults(tmp_path, GOOD.replace(*change))
    said = next(text for text in lines if f"study.toml:{line}: " in text)
    assert all(word in said for word in words), said


def test_all_faults_are_said_at_once(tmp_path):
    text = GOOD.replace("faces_sim", "fases").replace("fer_gap_small", "fer_gapp") + "colour = 1\n"
    assert len(faults(tmp_path, text)) == 3


def test_two_experiments_of_one_name(tmp_path):
    lines = faults(tmp_path, GOOD + "\n[experiment.small]\ndataset = 'faces'\n")
    assert "experiment" in lines[0]
    assert "line 11" in lines[0]


def test_profile_overrides_and_its_faults_have_their_own_line(tmp_path):
    text = GOOD + "\n[profile.quick.experiment.small.train]\nepochs = 2\n"
    study, _ = read_study(write(tmp_path, text), "quick")
    assert (study.profile, study.experiment["small"].train["epochs"]) == ("quick", 2)
    assert read_study(write(tmp_path, text), "full")[0].experiment["small"].train["epochs"] != 2
    (line,) = faults(tmp_path, text.replace("epochs = 2", "epochs = -2"), profile="quick")
    assert "study.toml:12: profile.quick.experiment.small.train.epochs" in line


def test_unknown_profile_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match="did you mean 'quick'"):
        read_study(write(tmp_path, GOOD + "\n[profile.quick]\n"), "quik")


def test_default_profile(tmp_path):
    study, _ = read_study(write(tmp_path, GOOD + "\n[profile]\ndefault = 'quick'\n[profile.quick]\ntitle = 'Short'\n"))
    assert (study.profile, study.title) == ("quick", "Short")


def test_not_toml_and_no_file(tmp_path):
    assert "not valid TOML" in faults(tmp_path, "title = \n")[0]
    with pytest.raises(UsageError, match="no study file"):
        read_study(tmp_path / "absent.toml")
    with pytest.raises(UsageError, match="is a folder"):
        read_study(tmp_path)


FER = GOOD.replace('use = "faces_sim"', 'use = "fer2013"\npath = "PATH"')


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("${NO_SUCH_VARIABLE}", "environment variable NO_SUCH_VARIABLE is not set"),
        ("", "the path is empty"),
        ("nowhere/fer2013.csv", "no such file or folder"),
    ],
)
def test_data_that_is_not_there(tmp_path, path, words, monkeypatch):
    monkeypatch.delenv("NO_SUCH_VARIABLE", raising=False)
    (line,) = faults(tmp_path, FER.replace("PATH", path), root=tmp_path)
    assert "study.toml:6: dataset.faces.path" in line
    assert words in line


def test_paths_come_from_the_environment(tmp_path, monkeypatch):
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n")
    monkeypatch.setenv("FACES", str(tmp_path / "fer2013.csv"))
    study, _ = read_study(write(tmp_path, FER.replace("PATH", "${FACES}")), root=tmp_path)
    assert study.files("faces") == {"path": "${FACES}"}


def test_lines_of_keys_pass_over_long_strings_and_inline_tables():
    text = 'a = """\nb = 1\n"""\nb = {c = 2}\n[d.e]\nf.g = 3\n'
    assert [line_of(text, keys) for keys in (["b"], ["b", "c"], ["d", "e"], ["d", "e", "f", "g"], ["nothing"])] == [
        4,
        4,
        5,
        6,
        1,
    ]
