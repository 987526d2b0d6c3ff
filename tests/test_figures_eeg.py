"""Figures of recordings say what was planted, keep to the report's look, and claim nothing where nothing is known."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import figure_samples_eeg as samples
import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.text import Text

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures._recordings import in_order, spread_over
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style
from reportgen.kinds import KINDS
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import figure as step

DATA = ("montage", "trials", "recorded_signals", "signal_quality")
RESULTS = ("unit_scores", "split_contrast", "interpolation_loss")
FIGURES = (*DATA, *RESULTS)
MUSE = ("TP9", "AF7", "AF8", "TP10")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    return samples.eeg(tmp_path_factory.mktemp("study"))


def draw(name: str, outputs: Sequence[Output]) -> Figure:
    with drawing_style():
        figure: Figure = plugins.verb("figure", name)(Inputs(samples.of(outputs, name)))
        figure.picture.draw_without_rendering()
    return figure


def check_look(figure: Figure) -> None:
    """As wide as the report, no text too small to print, nothing cut off, on white."""
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width]
    assert height <= TALLEST
    texts = [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in texts) >= SMALL
    area = figure.picture.get_tightbbox()
    assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
    assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"


def texts(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.picture.findobj(Text) if text.get_visible()}


def changed(outputs: Sequence[Output], kind: str, folder: Path, **values: Any) -> list[Output]:
    """The outputs, with other values in one of them."""
    old = next(output for output in outputs if output.kind == kind)
    (folder / f"{kind}.json").write_text(json.dumps({**old.load(), **values}))
    return [replace(o, path=folder / f"{kind}.json") if o is old else o for o in outputs]


@pytest.mark.parametrize("name", FIGURES)
def test_contract(name: str, study: list[Output]) -> None:
    path = plugins.path_of("figure", name)
    assert plugins.constant(path, "EACH") in ("dataset", "experiment", "contrast")
    assert set(plugins.constant(path, "NEEDS")) <= set(KINDS)
    figure = draw(name, study)
    words = {" ".join(text.split()) for text in (figure.title, figure.caption, figure.alt)}
    assert len(words) == 3
    assert not figure.title.endswith(".")
    assert figure.caption.endswith(".")
    header, *rows = figure.data
    assert rows
    assert all(isinstance(cell, str) for cell in header)
    assert {len(row) for row in rows} == {len(header)}
    check_look(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_files_again(name: str, study: list[Output], tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "again"):
        folder.mkdir(exist_ok=True)
        step.run(Inputs(samples.of(study, name)), Out(folder), None, use=name, settings={})
    for file in (tmp_path / "again").iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes()
    told = json.loads((tmp_path / "figure.json").read_text())
    assert told["caption"].endswith("Simulated data.")
    assert len(list(csv.DictReader(io.StringIO((tmp_path / "figure.csv").read_text())))) > 3


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("montage", "62 electrodes: 100\N{NO-BREAK SPACE}% of the head lies within 4 cm of one"),
        ("trials", "Each of 15 subjects has 15 trials of every class"),
        ("signal_quality", "4 signals of 2\N{NARROW NO-BREAK SPACE}790 are faulty, FP1 most often (3 of 45 recordings)"),
        ("unit_scores", "Accuracy differs between subjects, from 0.32 to 0.78, and 1 of 15 is not above chance"),
        ("split_contrast", "Knowing the person is worth 0.16 and knowing the clips is worth 0.08 of accuracy"),
    ],
)
def test_titles_say_what_was_planted(name: str, title: str, study: list[Output]) -> None:
    assert draw(name, study).title == title


@pytest.fixture(scope="module")
def muse(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    folder = tmp_path_factory.mktemp("muse")
    return [
        *samples.recordings(folder, "muse", subjects=3, sessions=6, channels=MUSE),
        *samples.experiment(folder, "muse", "svm", samples.accuracies(3)),
        *samples.contrast(folder, "muse", samples.accuracies(3)),
    ]


@pytest.mark.parametrize("name", FIGURES)
def test_three_people_and_four_channels(name: str, muse: list[Output]) -> None:
    figure = draw(name, muse)
    check_look(figure)
    assert "[" not in figure.alt, "three units: no intervals"


@pytest.mark.parametrize("name", DATA)
def test_many_classes_and_channels_that_nobody_knows(name: str, tmp_path: Path) -> None:
    classes = ("a name that is much longer than anybody expects", *"bcdefgh")
    channels = [f"electrode number {i}" for i in range(90)]
    outputs = samples.recordings(tmp_path, "many", subjects=30, sessions=1, channels=channels, classes=classes, places=False)
    check_look(draw(name, outputs))


def test_montage_marks_sites_over_muscles_whatever_their_spelling(tmp_path: Path) -> None:
    channels = ("EEG T7-REF", "Fp1", "Cz.", "O1", "Fictive")
    outputs = samples.recordings(tmp_path, "odd", subjects=1, sessions=1, channels=channels)
    figure = draw("montage", outputs)
    assert {row[0]: row[4] for row in figure.data[1:]} == {name: name == "EEG T7-REF" for name in channels}
    assert "Not drawn, as their place is not known: Fictive" in figure.caption
    assert figure.title.startswith("4 electrodes")


def test_no_map_is_made_up_without_places(tmp_path: Path) -> None:
    outputs = samples.recordings(tmp_path, "odd", subjects=1, sessions=1, channels=("one", "two"), places=False)
    figure = draw("montage", outputs)
    assert figure.title == "Where the electrodes sat is not known"
    check_look(figure)


def test_trials_of_a_gap_are_as_long_as_their_stretches_together(tmp_path: Path) -> None:
    outputs = samples.recordings(tmp_path, "gaps", subjects=2, sessions=1)
    table = next(o for o in outputs if o.kind == "stretches").load()
    twice = {name: [*values, values[0]] for name, values in table.items()}  # the first trial has a second stretch
    figure = draw("trials", changed(outputs, "stretches", tmp_path, **twice))
    assert figure.data == draw("trials", outputs).data
    longest = 2 * table["length"][0] / samples.RATE
    assert f"to {longest:.0f} s long" in figure.alt


def test_trials_of_a_pool_are_told_apart_by_data_set(tmp_path: Path) -> None:
    outputs = samples.recordings(tmp_path, "pool", subjects=3, sessions=1)
    table = next(o for o in outputs if o.kind == "stretches").load()
    sources = ["old" if who == "1" else "new" for who in table["subject"]]
    pooled = changed(outputs, "stretches", tmp_path, dataset=sources)
    figure = draw("trials", changed(pooled, "facts", tmp_path, rate=None))
    assert "negative (old)" in texts(figure)
    assert {(row[0], row[2]) for row in figure.data[1:]} == {("old", "1"), ("new", "2"), ("new", "3")}
    assert "lengths are not drawn" in figure.caption
    assert "s long" not in figure.alt
    check_look(figure)


def test_trials_name_classes_that_are_rare_or_missing(tmp_path: Path) -> None:
    outputs = samples.recordings(tmp_path, "few", subjects=2, sessions=1)
    table = next(o for o in outputs if o.kind == "stretches").load()
    rare = [2 if label == 1 else label for label in table["label"]]
    figure = draw("trials", changed(outputs, "stretches", tmp_path, label=rare))
    assert figure.title == "There is no trial of neutral"
    assert "2 cells are empty" in figure.caption
    mesh = next(iter(figure.picture.findobj(QuadMesh)))
    assert np.asarray(mesh.get_array()).tolist() == [[5, 5], [0, 0], [10, 10]]


def test_recorded_signals_are_those_of_the_trial(study: list[Output]) -> None:
    figure = draw("recorded_signals", study)
    inputs = Inputs(samples.of(study, "recorded_signals"))
    facts, table, signals = (inputs.one(kind) for kind in ("facts", "stretches", "signals"))
    header, *rows = figure.data
    own = [row for row in rows if row[0] == "neutral"]
    trial = next(i for i, label in enumerate(table["label"]) if label == 1)
    start = table["offset"][trial] + (table["length"][trial] - 500) // 2
    channel = facts["channels"].index(header[4].removesuffix(" in µV"))
    expected = signals[start : start + 500, channel]
    assert [row[4] for row in own] == pytest.approx(expected - np.median(expected), abs=0.01)
    assert len(header) == 4 + 8
    assert "1 s" in texts(figure)


def test_recorded_signals_survive_gaps_and_dead_channels(tmp_path: Path) -> None:
    outputs = samples.recordings(tmp_path, "bad", subjects=1, sessions=1)
    old = next(o for o in outputs if o.kind == "signals")
    x = np.array(old.load())
    x[:, 0], x[:, 1] = np.nan, 0
    x[::7] = np.nan
    np.save(tmp_path / "x.npy", x)
    figure = draw("recorded_signals", [replace(o, path=tmp_path / "x.npy") if o is old else o for o in outputs])
    check_look(figure)


def test_recorded_signals_may_not_be_shown_in_public(tmp_path: Path) -> None:
    outputs = samples.recordings(tmp_path, "private", subjects=1, sessions=1, redistribute=False)
    assert "signals" not in Inputs(outputs, public=True)
    assert [o.kind for o in outputs if o.restricted] == ["signals"]


def test_signal_quality_marks_the_faults(study: list[Output]) -> None:
    figure = draw("signal_quality", study)
    header, *rows = figure.data
    table = [dict(zip(header, row, strict=True)) for row in rows]
    flat = [(row["subject"], row["session"], row["channel"]) for row in table if "flat" in str(row["faults"])]
    assert flat == [("2", "2", "T7")]
    clipped = {(row["subject"], row["channel"]) for row in table if "saturated" in str(row["faults"])}
    assert clipped == {("3", "FP1")}
    assert {"flat", "saturated"} <= texts(figure)
    assert "missing" not in texts(figure), "the legend names what is drawn"
    assert len(set(samples.SEED_62) & texts(figure)) == 62


def test_signal_quality_means_one_thing_by_faulty_and_names_ties(tmp_path: Path) -> None:
    outputs = samples.recordings(tmp_path, "few", subjects=3, sessions=1, channels=("FP1", "CB1", "C2", "O1"))
    found = samples.quality(("FP1", "CB1", "C2", "O1"), 3, 1)
    for row in found["recordings"]:
        row["measures"] |= {"flat": [0, 0.9, 0.9, 0], "saturated": [0] * 4, "amplitude": [9] * 4, "line": [99] * 4}
    faulty = draw("signal_quality", changed(outputs, "quality", tmp_path, **found))
    assert faulty.title == "6 signals of 12 are faulty, CB1 and C2 most often (3 of 3 recordings each)"
    assert "6 signals of 12 are faulty" in faulty.alt
    assert "Noisy are 12 signals" in faulty.alt
    for row in found["recordings"]:
        row["measures"]["flat"] = [0] * 4
    noisy = draw("signal_quality", changed(outputs, "quality", tmp_path, **found))
    assert noisy.title == "No signal of 12 is faulty, but 100\N{NO-BREAK SPACE}% of them have strong mains"
    assert "No signal of 12 is faulty" in noisy.alt
    assert "called noisy, not faulty: 100\N{NO-BREAK SPACE}% of all signals are" in noisy.caption


def test_signal_quality_knows_what_a_low_rate_hides(muse: list[Output], tmp_path: Path) -> None:
    found = next(o for o in muse if o.kind == "quality").load()
    for row in found["recordings"]:
        row["measures"] |= {"line": [None] * 4, "muscle": [None] * 4}
    figure = draw("signal_quality", changed(muse, "quality", tmp_path, **found))
    assert "not known:\nrate too low" in texts(figure)
    check_look(figure)


@pytest.mark.parametrize(
    ("values", "unit", "title"),
    [
        ([0.61, 0.62, 0.6], "subject", "All 3 subjects are recognised about equally well, from 0.60 to 0.62"),
        ([0.7], "subject", "The only subject is recognised with an accuracy of 0.70"),
        (np.linspace(0.5, 0.9, 45), "recording", "Accuracy differs between recordings, from 0.50 to 0.90"),
        (
            np.linspace(0.0, 1.0, 300),
            "trial",
            "Accuracy differs between trials, from 0.00 to 1.00, and 100 of 300 are not above chance",
        ),
    ],
)
def test_unit_scores_say_how_far_units_differ(values: Any, unit: str, title: str, study: list[Output], tmp_path: Path) -> None:
    made = samples.experiment(tmp_path, "eeg", "other", np.array(values), unit)
    figure = draw("unit_scores", [*(o for o in study if o.about == {"dataset": "eeg"}), *made])
    assert figure.title == title
    assert [row[2] for row in figure.data[1:]] == sorted(values, reverse=True)
    check_look(figure)


@pytest.mark.parametrize(
    ("seeds", "title"), [((0,), "16 of 30 trials are right"), ((0, 1), "On average 15.5 of 30 trials are right")]
)
def test_units_of_one_sample_are_right_or_wrong(seeds: Sequence[int], title: str, study: list[Output], tmp_path: Path) -> None:
    names = [f"S1.edf:{i + 1}" for i in range(30)]
    values = [1.0] * 15 + [1.0 if len(seeds) == 1 else 0.5] + [0.0] * 14
    units = [
        {"name": name, "n": 1, "accuracy": value, "balanced_accuracy": value, "baseline": 0.5}
        for name, value in sorted(zip(names, values, strict=True))  # by text: 1, 10, 11
    ]
    outputs = [o for o in study if o.about == {"dataset": "eeg"} or o.kind == "scores"]
    figure = draw("unit_scores", changed(outputs, "scores", tmp_path, units=units, unit="trial", seeds=seeds))
    assert figure.title == title
    assert [row[0] for row in figure.data[1:]] == names
    assert {"right", "wrong"} <= texts(figure)
    check_look(figure)


@pytest.mark.parametrize(("n", "named"), [(60, True), (61, False)])
def test_units_are_named_as_long_as_that_can_be_read(n: int, named: bool, study: list[Output], tmp_path: Path) -> None:
    made = samples.experiment(tmp_path, "eeg", "other", np.linspace(0.3, 0.9, n))
    figure = draw("unit_scores", [*(o for o in study if o.about == {"dataset": "eeg"}), *made])
    assert ("subject 7" in texts(figure)) == named
    check_look(figure)


@pytest.mark.parametrize(("groups", "reason"), [(5, "There are too few subjects"), (8, "all resamples of the subjects")])
def test_unit_scores_say_why_there_is_no_interval(groups: int, reason: str, study: list[Output], tmp_path: Path) -> None:
    found = samples.scores(np.full(groups, 1 / 3))
    view = found["views"]["all"]
    view["metrics"]["accuracy"] |= {"low": None, "high": None}
    outputs = [o for o in study if o.about == {"dataset": "eeg"} or o.kind == "scores"]
    outputs = changed(outputs, "scores", tmp_path, **found)
    figure = draw("unit_scores", outputs)
    assert figure.title == f"All {groups} subjects are recognised with an accuracy of 0.33"
    assert reason in figure.caption
    assert "Over all windows it is 0.33;" in figure.caption
    (tmp_path / "model.json").write_text(json.dumps({"id": "most_frequent"}))
    guess = Output("model", tmp_path / "model.json", {"dataset": "eeg", "experiment": "svm"}, restricted=False)
    told = draw("unit_scores", [*outputs, guess]).title
    assert told == "It always answers the most frequent class of its training: its accuracy is 0.33 for every subject"


def test_unit_scores_are_drawn_beside_chance_and_the_largest_class(study: list[Output]) -> None:
    lines = draw("unit_scores", study).picture.axes[0].lines
    places = [line.get_xdata()[0] for line in lines if len(set(line.get_xdata())) == 1]
    assert places[1:] == pytest.approx([1 / 3, 0.25])


def test_split_contrast_claims_nothing_with_few_units(muse: list[Output]) -> None:
    figure = draw("split_contrast", muse)
    assert figure.title == "There are too few subjects to say what the split is worth"
    assert "interval" not in figure.caption
    assert "p\N{NO-BREAK SPACE}" not in figure.alt


@pytest.mark.parametrize(
    ("splits", "title"),
    [
        ({"loso": 0.6, "loso_clip": 0.6}, "No split gives a clearly different accuracy than another"),
        ({"mine": 0.6, "yours": 0.45}, "The split alone changes the accuracy by up to 0.1"),
        ({"kfold": 0.7, "cross_session": 0.7, "loso": 0.5}, "Knowing the person is worth up to 0.2"),
    ],
)
def test_split_contrast_says_what_is_clear(splits: dict[str, float], title: str, tmp_path: Path) -> None:
    figure = draw("split_contrast", samples.contrast(tmp_path, "eeg", samples.accuracies(15), splits))
    assert figure.title.startswith(title)
    check_look(figure)


def test_split_contrast_of_many_splits_draws_named_gaps(tmp_path: Path) -> None:
    splits = {"kfold": 0.7, "front_back": 0.66, "cross_session": 0.63, "loso": 0.5, "loso_clip": 0.42}
    figure = draw("split_contrast", samples.contrast(tmp_path, "eeg", samples.accuracies(45), splits))
    assert "Of 10 pairs 5 are drawn" in figure.caption
    assert "several things at once" not in texts(figure)
    check_look(figure)


def test_interpolation_names_what_long_trials_lose(study: list[Output]) -> None:
    figure = draw("interpolation_loss", study)
    assert "from 192 to 33 Hz" in figure.title
    assert "25 trials of 45 have no gamma band" in figure.caption


def test_interpolation_says_what_is_folded_down(study: list[Output], tmp_path: Path) -> None:
    folded = {"power aliased": [0.07] * len(samples.interpolated()["seconds"])}
    figure = draw("interpolation_loss", changed(study, "interpolated", tmp_path, **folded))
    assert "Up to 7\N{NO-BREAK SPACE}% of what is left was folded down" in figure.caption


def test_interpolation_without_known_losses_is_one_panel(study: list[Output], tmp_path: Path) -> None:
    even = {"effective rate in Hz": [100.0] * 45, "power lost": [None] * 45}
    figure = draw("interpolation_loss", changed(study, "interpolated", tmp_path, **even))
    assert figure.title == "All trials have an effective rate of 100 Hz"
    assert len(figure.picture.axes) == 1
    check_look(figure)


def test_names_are_ordered_as_people_count() -> None:
    assert in_order(["10", "2", "1", "b", "a2", "a10"]) == ["1", "2", "10", "a2", "a10", "b"]
    assert in_order(["10_2.mat", "2_1.mat", "10_1.mat"]) == ["2_1.mat", "10_1.mat", "10_2.mat"]


def test_picked_electrodes_are_far_from_each_other() -> None:
    channels = samples.SEED_62
    places = samples.positions(channels)
    assert places is not None
    picked = spread_over(channels, places, 6)
    assert len(picked) == 6
    at = np.array([places[channels[i]] for i in picked])
    apart = np.linalg.norm(at[:, None] - at, axis=-1)[np.triu_indices(6, 1)]
    assert apart.min() > 0.08
    assert spread_over(channels, None, 3) == [0, 30, 61]
    assert spread_over(MUSE, places, 8) == [0, 1, 2, 3]
