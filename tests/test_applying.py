"""Applying a stored model to files of one's own: what the page says, and what is refused."""

import csv
import io
import re
import shutil
import sys
from pathlib import Path

import html_reading
import mne
import numpy as np
import pytest
from PIL import Image

from reportgen import building
from reportgen.applying import predicting
from reportgen.applying.applying import apply
from reportgen.applying.finding import find
from reportgen.applying.networks import networks_of
from reportgen.applying.regressors import regressors_of
from reportgen.applying.space import Space, of_rows, spaces
from reportgen.applying.space_pictures import _cut
from reportgen.applying.strongest import strongest, tallied
from reportgen.applying.table_files import opened
from reportgen.applying.unlikeness import Measured, Unlikeness, measured, odd, pattern
from reportgen.cli import app
from reportgen.console import QUIET, Talk
from reportgen.datasets import eeg_sim, faces_sim
from reportgen.errors import DataError, MachineError, UsageError
from reportgen.options import Options
from reportgen.store import Store
from reportgen.workspace import Workspace

ROOT = Path(__file__).parent.parent
STUDY = """
title = "Own <b>files</b>"
seed = 3

[dataset.faces]
use = "faces_sim"
samples = 210

[dataset.brains]
use = "eeg_sim"
subjects = 4
sessions = 1
trials = 6
seconds = 3
channels = "ten_twenty"

[experiment.small]
title = "Small & plain"
dataset = "faces"
model = { use = "fer_gap_small", width = 4 }
seeds = [0, 1]
train = { epochs = 2, batch = 16 }
evaluate = { resamples = 200 }

[experiment.tried]
dataset = "faces"
model = "linear"
train = { smoke = true }
evaluate = { resamples = 200 }

[experiment.waves]
dataset = "brains"
features = { use = "windows", window = 1.0 }
model = { use = "eegnet", kernel = 16, filters = 2 }
split = { use = "kfold", by = "subject", folds = 2, validation = 0.4 }
train = { epochs = 1 }
evaluate = { resamples = 200, shuffles = 0 }

[experiment.bands]
dataset = "brains"
features = { use = "windows", window = 1.0 }
model = "most_frequent"
split = { use = "kfold", by = "subject", folds = 2, validation = 0.4 }
evaluate = { resamples = 200, shuffles = 0 }

[dataset.speakers]
use = "emotion_sim"
videos = 30
segments = 6

[experiment.feelings]
task = "regress"
dataset = "speakers"
split = { use = "official", validation_origin = ["dev"] }
evaluate = { resamples = 200 }
modalities = ["face", "text"]

[experiment.feelings.regress.knn]

[experiment.feelings.regress.ridge]

[experiment.space]
task = "embed"
dataset = "speakers"
split = { use = "official", validation_origin = ["dev"] }
evaluate = { resamples = 200 }
lay = { peers = [] }
map = { steps = 300, members = 2 }
"""
ANSWER = re.compile(r'<p class="answer">(.*?)</p>')
EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A workspace with a finished build of networks on pictures and on recordings."""
    folder = tmp_path_factory.mktemp("applying")
    (folder / "own.toml").write_text(STUDY)
    made = Workspace(folder, folder)
    _, failed, _ = building.run(made, folder / "own.toml", Options(in_process=True, threads=1), Talk(QUIET))
    assert [step for step in failed if not step.startswith("audit")] == []
    return made


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder for files of a user."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def face(files):
    """A simulated face that no network has learned from."""
    drawn = next(faces_sim.load(samples=16, seed=99))
    Image.fromarray(drawn.x[0]).save(files / "face.png")
    return files / "face.png"


@pytest.fixture(scope="module")
def signal():
    """(channel, time) µV, names and rate of a simulated person that no network has learned from."""
    recording = next(eeg_sim.load(subjects=2, sessions=1, trials=6, seconds=3, channels="ten_twenty", seed=7))
    whole = [one.x[:, one.lead : one.x.shape[1] - one.tail] for one in recording.stretches]
    return np.concatenate(whole, axis=1), recording.channels, recording.rate


def saved(folder, name, x, channels, rate):
    info = mne.create_info(list(channels), rate, "eeg")
    mne.io.RawArray(x * 1e-6, info, verbose="error").save(folder / name, overwrite=True, verbose="error")
    return folder / name


@pytest.fixture(scope="module")
def brain(files, signal):
    return saved(files, "brain_raw.fif", *signal)


def page(workspace, experiment, *given, out=None):
    path = apply(workspace, "", experiment, list(given), out, Talk(QUIET))
    return path, path.read_text(encoding="utf-8")


def shown(workspace, experiment, *given):
    return html_reading.read(page(workspace, experiment, *given)[1])


@pytest.fixture(scope="module")
def of_face(workspace, face):
    """The page of the face."""
    return page(workspace, "small", face)[1]


@pytest.fixture(scope="module")
def of_brain(workspace, brain):
    """The page of the recording."""
    return page(workspace, "waves", brain)[1]


# pages


def test_a_picture_gets_prediction_explanation_and_likeness(workspace, face):
    before = {path: path.stat().st_mtime_ns for path in workspace.store.rglob("*")}
    path, html = page(workspace, "small", face)
    read = html_reading.read(html)
    assert path == workspace.root / "applied" / "small.html"
    assert read.headings[:2] == ["Small & plain, applied", "face.png"]
    assert {"What it says", "What its answer depends on", "How like the training data it is"} <= set(read.headings)
    assert all(name in read.words for name in faces_sim.FACTS.classes)
    assert "mean over 2 networks" in read.words
    assert "learned from simulated data" in read.words
    assert "Nothing here is a diagnosis" in read.words
    assert "{" not in read.words
    build = Store(workspace.store).last_build()[1]
    assert build.id in read.words
    assert build.records["train small seed 0"] in read.words
    assert {path: path.stat().st_mtime_ns for path in workspace.store.rglob("*")} == before, "the store is only read"


def test_the_answer_is_that_of_the_stored_networks(workspace, face, of_face):
    networks = networks_of(find(Store(workspace.store), "", "small"))
    grey = np.asarray(Image.open(face))
    mean = networks.probabilities(grey[None])[:, 0].mean(axis=0)
    percents = [round(100 * p) for p in sorted(mean, reverse=True)]
    rows = re.findall(r'<th scope="row">(\w+)</th><td class="number">(\d+)\xa0%', of_face)
    assert [int(percent) for _, percent in rows] == percents
    assert rows[0][0] == networks.classes[int(mean.argmax())]


def test_the_page_stands_alone_and_is_the_same_again(workspace, face, of_face):
    html = of_face
    read = html_reading.read(html)
    assert all(load.startswith("data:image/") for load in read.loads)
    assert not [tag for tag, _ in read.tags if tag in ("script", "link", "iframe")]
    assert read.images
    assert all(image["alt"] for image in read.images)
    assert {tag for tag, _ in read.tags} >= {"main", "h1", "h2", "th"}
    named = [given["aria-labelledby"] for tag, given in read.tags if tag == "table"]
    assert named and set(named) <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))
    assert "prefers-color-scheme: dark" in html
    assert "<b>files</b>" not in html
    assert page(workspace, "small", face)[1] == html


def test_several_files_share_a_page(workspace, face, files):
    grey = Image.open(face)
    wide = Image.new("RGB", (96 * 3, 96), "white")
    wide.paste(grey.resize((96, 96)), (96, 0))
    wide.save(files / "wide.jpg")
    read = shown(workspace, "small", face, files / "wide.jpg")
    assert {"face.png", "wide.jpg"} <= set(read.headings)
    assert "288 × 96 pixels; turned to grey" not in read.words
    assert "288 × 96 pixels, turned to grey, cut to the 96 × 96 in its middle, made 48 × 48" in read.words


def test_what_is_unlike_the_training_data_is_said(workspace, of_face, files):
    noise = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    Image.fromarray(noise).save(files / "noise.png")
    Image.new("L", (48, 48), 3).save(files / "night.png")
    warning = "Unlike anything the model learned from: its answer means little"
    assert warning not in of_face
    _, html = page(workspace, "small", files / "noise.png", files / "night.png")
    assert html.count(warning) == 2
    assert "its contrast is 0 grey levels" in html


def test_a_picture_that_was_learned_from_is_told(workspace, of_face, files):
    inputs = find(Store(workspace.store), "", "small").outputs("samples", "parts")
    train = int(np.flatnonzero(np.asarray(inputs.one("parts")) == 1)[0])
    Image.fromarray(np.array(inputs.one("samples")[train])).save(files / "known.png")
    told = "one of those that the model learned from"
    assert told in shown(workspace, "small", files / "known.png").words
    assert told not in of_face


def test_a_smoke_trained_model_is_no_result(workspace, face, of_face):
    assert "No result" in shown(workspace, "tried", face).words
    assert "No result" not in of_face


def test_a_recording_is_decoded_window_by_window(of_brain, signal):
    read = html_reading.read(of_brain)
    x, channels, rate = signal
    windows = x.shape[1] // round(rate)
    assert f"mean over 2 networks and {windows} windows" in read.words
    assert f"{len(channels)} channels" in read.words
    assert {"What it says", "What its answer depends on"} <= set(read.headings)
    assert all(name in read.words for name in eeg_sim.FACTS.classes)


def test_a_table_of_signals_says_the_same_as_the_file(workspace, of_brain, signal, files):
    x, channels, rate = signal
    with (files / "brain.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["timestamps", *(name.lower() for name in channels)])
        writer.writerows([5e5 + i / rate, *column] for i, column in enumerate(x.T))
    assert ANSWER.search(page(workspace, "waves", files / "brain.csv")[1])[1] == ANSWER.search(of_brain)[1]


def test_channels_in_another_order_and_a_higher_rate_are_brought_into_line(workspace, brain, signal, files):
    x, channels, rate = signal
    order = np.random.default_rng(1).permutation(len(channels))
    saved(files, "order_raw.fif", x[order], [f"EEG {channels[i]}" for i in order], rate)
    saved(files, "fast_raw.fif", np.repeat(x, 2, axis=1), channels, 2 * rate)
    names = ("order", "brain", "fast")
    _, html = page(workspace, "waves", *(files / f"{name}_raw.fif" for name in names))
    said = ANSWER.findall(html)
    assert said[0] == said[1]
    assert f"brought to the {rate:g} Hz of the training data" in html


def test_signals_far_too_strong_are_unlike_the_training_data(workspace, signal, files):
    x, channels, rate = signal
    loud = saved(files, "loud_raw.fif", 100 * np.random.default_rng(0).standard_normal(x.shape) * x.std(), channels, rate)
    assert "its features' strength is" in shown(workspace, "waves", loud).words


# tables


def table(folder, name, header, rows):
    with (folder / name).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return folder / name


def test_pure_emotions_lie_where_the_map_says(workspace, files):
    """Whatever the order of the columns, and whatever the emotions are called."""
    names = {"happy": "Happiness", "anger": "Angry"}
    order = [3, 0, 5, 1, 4, 2]
    rows = 3 * np.eye(6)[:, order]
    pure = table(
        files, "pure.csv", ["who", *(names.get(EMOTIONS[i], EMOTIONS[i]) for i in order)], [["a", *row] for row in rows]
    )
    _, html = page(workspace, "space", pure)
    strongest = re.findall(r'<th scope="row">row \d</th><td class="said">([a-z]+)</td>', html)
    assert strongest == ["happiness", "sadness", "anger", "surprise", "disgust", "fear"]
    there = {one["emotion"]: one["at"] for one in spaces(find(Store(workspace.store), "", "space"))[0].about["anchors"]}
    for name, row in zip(EMOTIONS, re.findall(r"<tr><th scope=\"row\">row .*</tr>", html), strict=True):
        places = [float(cell.replace("\N{MINUS SIGN}", "-")) for cell in re.findall(r">([^<>±]+)</td>", row)[-2:]]
        assert places == pytest.approx(there[name], abs=0.006)
    assert "Where it lies among emotions" in html


def test_a_row_lies_where_the_step_put_it(workspace, files):
    space = spaces(find(Store(workspace.store), "", "space"))[0]
    values = np.array([[1.0, 0, 0, 0.3, 0, 0]])
    at = space(values).at[0]
    one = table(files, "one.csv", EMOTIONS, values)
    said = f"({at[0]:.2f}, {at[1]:.2f})".replace("-", "\N{MINUS SIGN}")
    assert said in shown(workspace, "space", one).words


def test_on_the_plane_of_valence_and_arousal_ratings_are_places():
    about = {"method": "plane", "emotions": ["valence", "arousal"], "scale": [-1, 1], "anchors": [], "zero": None}
    about |= {"limits": [[-1.1, 1.1], [-1.1, 1.1]], "segments": 100, "orientation": {"by": "none"}}
    space = Space(name="plane", about=about, density=None, weights={})
    places = space(np.array([[0.5, 0.25], [-0.5, -0.25]]))
    assert places.at.tolist() == [[0.5, 0.25], [-0.5, -0.25]]
    states = strongest(about["emotions"], space.scale, places.at)
    assert states == ["a pleasant, excited state", "an unpleasant, calm state"]
    assert tallied(about["emotions"], states) == "a pleasant, excited state in 1 of 2 rows, an unpleasant, calm state in 1"
    assert of_rows(space, places, places.at).source.startswith("data:image/svg+xml;base64,")


def test_a_weak_emotion_is_named_though_another_pure_one_lies_nearer(workspace, files):
    """Pure emotions are of full strength: the nearest one says where a row lies, and not what it is."""
    rows = [[0, 1.3, 0.3, 0, 0, 0.3], [0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 1, 0], [3, 3, 3, 3, 3, 3]]
    read = shown(workspace, "space", table(files, "weak.csv", EMOTIONS, rows))
    told = "strongest emotion: sadness in 1 of 4 rows, no emotion in 1, happiness and disgust in 1, 6 emotions alike in 1"
    assert told in read.words
    assert [image["alt"] for image in read.images] == [f"The rows on the map; {told}."]
    assert "Row 5 is unlike anything the model learned from: what is said of it means little." in read.words
    assert "0 %" not in told and "nearest" not in read.words
    single = shown(workspace, "space", table(files, "sad.csv", EMOTIONS, rows[:1]))
    assert "sadness is strongest, at (" in single.words
    assert "The row: sadness is strongest; it lies at (" in single.images[0]["alt"]


def test_many_rows_are_told_in_percent():
    emotions, values = ["happy", "sad"], np.repeat([[2.0, 0], [0, 1]], [30, 10], axis=0)
    top = strongest(emotions, (0, 3), values)
    assert tallied(emotions, top) == "strongest emotion: happiness in 75\xa0% of 40 rows, sadness in 25\xa0%"


def test_an_ellipse_that_would_hide_the_map_is_cut():
    spread = np.array([np.eye(2), 100 * np.diag([1, 0.25])])
    cut, larger = _cut(spread, 40.0)
    assert larger.tolist() == [False, True]
    assert np.allclose(cut[0], np.eye(2)) and np.allclose(cut[1], [[4, 0], [0, 1]]), "as long and narrow as it was"


def test_ratings_over_time_become_a_course(workspace, files):
    rng = np.random.default_rng(0)
    rows = [[video, 5 * i, 5 * i + 4, *rng.uniform(0, 3, 6).round(1)] for video in "ab" for i in (2, 0, 1)]
    read = shown(workspace, "space", table(files, "course.csv", ["video", "start", "end", *EMOTIONS], rows))
    assert "2 courses over time" in read.words
    assert "6 rows" in read.words


def test_ratings_unlike_those_of_the_training_part(workspace, files):
    warning = "Unlike anything the model learned from"
    assert warning in shown(workspace, "space", table(files, "all.csv", EMOTIONS, [[3, 3, 3, 3, 3, 3]])).words
    assert warning not in shown(workspace, "space", table(files, "none.csv", EMOTIONS, [[0, 0, 0, 0, 0, 0]])).words


def test_an_emotion_that_the_map_does_not_know_is_not_used(workspace, files):
    rows = [[0, 0, 0, 0, 0, 0, 1]]
    assert "The map knows no tension" in shown(workspace, "space", table(files, "more.csv", [*EMOTIONS, "tension"], rows)).words


def test_what_is_said_becomes_intensities_and_a_place(workspace, files):
    found = find(Store(workspace.store), "", "feelings")
    said = found.outputs("transcripts").one("transcripts")
    texts = table(files, "said.csv", ["text"], [[str(text)] for text in said[:4]])
    read = shown(workspace, "feelings", texts)
    assert "predicted from text by" in read.words
    assert "always saying the median" in read.words
    assert "Row by row" in read.headings
    assert "Where it lies among emotions" in read.headings


def test_stored_models_predict_what_the_step_predicted(workspace, files):
    """The inputs of a stored test row, given as a table, bring back the stored estimate."""
    found = find(Store(workspace.store), "", "feelings")
    inputs = found.outputs("estimates", "modalities", "transcripts")
    estimates = inputs.one("estimates", regressor="ridge")
    rows = estimates["test/segments"] if "test/segments" in estimates else estimates["all/test/segments"]
    face, said = inputs.one("modalities")["face"][rows[:5]], inputs.one("transcripts")[rows[:5]]
    header = ["text", *(f"face_{i + 1}" for i in range(face.shape[1]))]
    given = opened(
        table(files, "both.csv", header, [[str(text), *map(repr, map(float, x))] for text, x in zip(said, face, strict=True)])
    )
    known = regressors_of(found)
    handed = predicting._given(known, given)
    assert handed.set == "all"
    x = known.prepared(handed.names, handed.modalities, handed.transcripts)
    ridge = next(model for model in known.models("all") if model.key == "ridge")
    assert np.allclose(known.predict(ridge, x, handed.video), estimates["all/test"][:5], atol=1e-4)


def test_words_that_a_prediction_depends_on(workspace, files):
    found = find(Store(workspace.store), "", "feelings")
    said = max((str(text) for text in found.outputs("transcripts").one("transcripts")), key=len)
    read = shown(workspace, "feelings", table(files, "long.csv", ["text"], [[said]]))
    assert "when a word is left out" in read.words


def test_words_that_nobody_said_in_the_training_part_are_told(workspace, files):
    read = shown(workspace, "feelings", table(files, "odd.csv", ["text"], [["zzz qqq"], ["It was a wonderful film"]]))
    assert "Row 2: no word that the model has learned from is said." in read.words
    assert "Row 3: no word" not in read.words


def test_columns_that_a_map_does_not_know_are_named(workspace, files):
    read = shown(workspace, "space", table(files, "awe.csv", [*EMOTIONS, "awe", "video"], [[0, 0, 0, 0, 0, 0, 3, "a"]]))
    assert "The map knows no awe: these columns are not used." in read.words


def test_a_face_and_a_recording_lie_on_the_map_of_emotions_too(of_face, of_brain):
    assert "Where it lies among emotions" in html_reading.read(of_face).headings
    assert "positive as happiness" in html_reading.read(of_brain).words


@pytest.mark.parametrize(
    ("header", "row", "message"),
    [
        (EMOTIONS[:5], [0] * 5, "row 1: no column for the emotion 'fear'"),
        (EMOTIONS, [0, 0, 0, "much", 0, 0], "row 2, column surprise: 'much' is no number"),
        (EMOTIONS, [0, 0, 0, 0, "", 0], "row 2, column disgust: is empty"),
        (EMOTIONS, [0, 3.5, 0, 0, 0, 0], "row 2, column sad: '3.5' is out of the scale"),
        (EMOTIONS, [0, 0, "nan", 0, 0, 0], "row 2, column anger: 'nan' is no finite number"),
        (EMOTIONS, [0] * 7, "row 2: 7 cells where the header has 6"),
        ((*EMOTIONS, "sadness"), [0] * 7, "columns 'sad' and 'sadness' mean the same emotion"),
        ((*EMOTIONS, "start", "end"), [0] * 6 + [5, 3], "column end: '3' is before its start"),
    ],
)
def test_tables_that_a_map_cannot_place(workspace, files, header, row, message):
    assert message in refused(workspace, "space", table(files, "wrong.csv", header, [row])).message


def test_tables_of_the_wrong_kind(workspace, face, brain, files):
    assert (
        "no columns that a model learned from"
        in refused(workspace, "feelings", table(files, "ratings.csv", EMOTIONS, [[0] * 6])).message
    )
    (files / "header.csv").write_text("text\n")
    (files / "fake.csv").write_bytes(face.read_bytes())
    for experiment in ("space", "feelings"):
        assert "is a picture, which experiment" in refused(workspace, experiment, face).message
        assert "is a recording, which experiment" in refused(workspace, experiment, brain).message
        assert "has no row below its header" in refused(workspace, experiment, files / "header.csv").message
        assert "is no table that can be read" in refused(workspace, experiment, files / "fake.csv").message


# what is refused


def refused(workspace, experiment, *given, out=None, study=""):
    with pytest.raises(UsageError) as caught:
        apply(workspace, study, experiment, list(given), out, Talk(QUIET))
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("experiment", ["small", "waves"])
def test_files_of_the_wrong_kind(workspace, face, brain, files, experiment):
    (files / "empty.png").write_bytes(b"")
    (files / "words.csv").write_text("one,two\n1,2\n")
    (files / "words.dat").write_text("hello")
    wrong = {"small": brain, "waves": face}[experiment]
    assert "which experiment" in refused(workspace, experiment, wrong).message
    assert "is empty" in refused(workspace, experiment, files / "empty.png").message
    assert "is a folder" in refused(workspace, experiment, files).message
    assert "does not exist" in refused(workspace, experiment, files / "nowhere.png").message
    assert "is given twice" in refused(workspace, experiment, face, face).message
    assert "no file" in refused(workspace, experiment).message
    assert isinstance(refused(workspace, experiment, files / "words.csv"), DataError)
    assert isinstance(refused(workspace, experiment, files / "words.dat"), DataError)


def test_broken_pictures(workspace, face, files):
    whole = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (99, 99), dtype=np.uint8)).save(whole, "PNG")
    (files / "half.png").write_bytes(whole.getvalue()[:2000])
    Image.fromarray(np.full((48, 48), 999, np.uint16)).save(files / "deep.png")
    assert "cannot be decoded" in refused(workspace, "small", files / "half.png").message
    assert "where 8 bits are needed" in refused(workspace, "small", files / "deep.png").message


def test_recordings_that_do_not_fit(workspace, brain, signal, files):
    x, channels, rate = signal
    few = saved(files, "few_raw.fif", x[:5], channels[:5], rate)
    slow = saved(files, "slow_raw.fif", x[:, ::2], channels, rate / 2)
    short = saved(files, "short_raw.fif", x[:, : round(rate) // 2], channels, rate)
    (files / "cut_raw.fif").write_bytes(brain.read_bytes()[:3000])
    assert f"lacks {len(channels) - 5} of the {len(channels)} channels" in refused(workspace, "waves", few).message
    assert "was recorded at" in refused(workspace, "waves", slow).message
    assert "no window can be made" in refused(workspace, "waves", short).message
    assert "cut_raw.fif" in refused(workspace, "waves", files / "cut_raw.fif").message


def test_experiments_that_cannot_be_applied(workspace, face):
    assert "did you mean 'small'?" in refused(workspace, "smal", face).message
    estimator = refused(workspace, "bands", face)
    assert "is an estimator, whose fit is not kept" in estimator.message
    assert "small, tried, waves, feelings, space" in estimator.hint
    assert "nothing has been built of study other" in refused(workspace, "small", face, study="other").message


def test_without_torch_it_says_what_is_missing(workspace, face, monkeypatch):
    for name in [name for name in sys.modules if name == "torch" or name.startswith("reportgen.applying.")]:
        if name not in ("reportgen.applying.applying", "reportgen.applying.finding"):
            monkeypatch.delitem(sys.modules, name)
    for name in ("pictures", "recordings", "tables"):
        monkeypatch.delattr(f"reportgen.applying.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MachineError, match="for which torch is needed"):
        apply(workspace, "", "small", [face], None, Talk(QUIET))


def test_places_where_a_page_cannot_go(workspace, face, files):
    assert "is a folder" in refused(workspace, "small", face, out=files).message
    assert "the page is HTML" in refused(workspace, "small", face, out=files / "page.pdf").message
    (files / "own.html").write_bytes(face.read_bytes())
    assert "one of the files that are read" in refused(workspace, "small", files / "own.html", out=files / "own.html").message


def test_nothing_is_said_from_an_output_that_was_changed(workspace, face, tmp_path):
    shutil.copytree(workspace.root, tmp_path / "copy", copy_function=shutil.copy2)
    copy = Workspace(tmp_path / "copy", tmp_path / "copy")
    store = Store(copy.store)
    path = store.object(store.last_build()[1].records["train small seed 1"]) / "history.json"
    path.write_text(path.read_text() + " ")
    assert "step 'train small seed 1'" in refused(copy, "small", face).message


def test_the_command_says_where_the_page_is(workspace, face, files, monkeypatch):
    from typer.testing import CliRunner

    monkeypatch.chdir(workspace.root)
    done = CliRunner().invoke(app, ["apply", "small", str(face), "--out", str(files / "said.html")])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert re.fullmatch(r"face\.png: \w+, \d+\s%", lines[0])
    assert "said.html" in done.output
    assert (files / "said.html").exists()


# how unlike


def test_distance_is_judged_by_the_validation_part():
    rng = np.random.default_rng(0)
    train, validation, given = (rng.standard_normal((n, 3)) for n in (500, 300, 300))
    assert measured("", given, train, validation).far.mean() < 0.05
    assert measured("", given + 10, train, validation).far.all()
    assert measured("", given, train, validation[:0]).far.mean() < 0.05


def test_a_new_person_is_compared_as_people_are_with_each_other():
    """Four people, each in a corner of their own; a fifth in a corner between them is no stranger than they are."""
    rng = np.random.default_rng(0)
    corners = np.array([[0, 0], [10, 0], [0, 10], [10, 10]])
    who = np.repeat(np.arange(4), 50)
    train, validation = (corners[who] + rng.standard_normal((200, 2)) for _ in range(2))
    fifth = np.array([5, 5]) + rng.standard_normal((50, 2))
    assert measured("", fifth, train, validation).far.all(), "nearer to itself than to others is every person"
    assert not measured("", fifth, train, validation, (who, who)).far.any()
    assert measured("", fifth + 50, train, validation, (who, who)).far.all()


def test_on_a_grid_of_ratings_a_step_is_never_far():
    grid = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    given = np.array([[0.4, 0.0], [5.0, 5.0]])
    assert measured("", given, grid, grid, neighbours=1).far.tolist() == [True, True]
    assert measured("", given, grid, grid, neighbours=1, least=1.0).far.tolist() == [False, True]


def test_pattern_knows_neither_brightness_nor_contrast():
    x = np.random.default_rng(0).standard_normal((2, 4, 4))
    assert np.allclose(pattern(x), pattern(30 + 5 * x))
    assert np.allclose(pattern(np.zeros((1, 4, 4))), 0)


def test_odd_numbers_are_named():
    usual = np.random.default_rng(0).uniform(10, 20, 1000)
    assert odd("level", 15.0, usual, "") == ()
    assert "its level is 40" in odd("level", 40.0, usual, "")[0]


def test_a_part_of_the_windows_may_be_unlike():
    far = np.arange(10) < 2
    one = measured("", np.zeros((10, 1)), np.zeros((9, 1)), np.zeros((9, 1)))
    assert not Unlikeness(measures=(one,), rows="windows").warning
    some = type(one)(what="it", far=far, ratio=np.where(far, 3.0, 0.5))
    assert Unlikeness(measures=(some,), rows="windows").warning.startswith("20")


def test_unlikeness_is_graded():
    def warned(*ratio, **given):
        far = np.array(ratio) > 1
        return Unlikeness(measures=(Measured(what="it", far=far, ratio=np.array(ratio)),), **given).warning

    assert warned(0.9) == ""
    assert warned(1.4).startswith("Somewhat unlike what the model learned from")
    assert warned(1.6) == "Unlike anything the model learned from: its answer means little."
    assert "is 40" in warned(0.5, odd=("its level is 40",))
    rows = tuple(f"row {i}" for i in range(2, 6))
    assert warned(0.5, 0.6, 0.7, 0.8, names=rows) == ""
    told = warned(0.5, 9, 1.2, 2, names=rows)
    assert told.startswith("Row 3 and row 5 are unlike anything the model learned from: what is said of them means little.")
    assert told.endswith("Row 4 is somewhat unlike what the model learned from.")
    many = tuple(f"row {i}" for i in range(100))
    assert warned(*[1.2] * 2, *[0.5] * 98, names=many) == "", "as many as are expected of inputs like the training part"
    assert "and 12 more are unlike anything" in warned(*[2] * 20, *[0.5] * 80, names=many)
