"""Figures say what was planted, keep to the report's look, and show nothing that a public report may not show."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import figure_samples
import figure_samples_across
import numpy as np
import pytest
from figure_samples import CLASSES
from matplotlib.text import Text
from PIL import Image

from reportgen import plugins
from reportgen.core import Figure
from reportgen.errors import StepError
from reportgen.figures import network
from reportgen.figures._canvas import canvas, faded, outline
from reportgen.figures._order import similar_side_by_side
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style, fit, looks
from reportgen.figures._words import with_interval
from reportgen.kinds import KINDS
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import figure as step

OF_RECORDINGS = {
    *("stretches", "separation", "projection", "outliers", "quality", "interpolated", "contrast"),
    *("band_views", "band_scores", "relevance", "ideals", "attention"),
    *("signal_scores", "signal_about", "course"),
    *("map", "map_quality", "regression", "regressor", "intensities", "segments", "trajectories"),
}
"""Kinds whose figures have tests of their own: test_figures_eeg.py, _explore.py, _frequencies.py, _relevance.py, _signals.py,
_realism.py, _space.py, _regression.py and _trajectories.py."""
FIGURES = [
    name for name, path in sorted(plugins.find("figure").items()) if not OF_RECORDINGS & set(plugins.constant(path, "NEEDS"))
]
EACH = {name: plugins.constant(path, "EACH") for name, path in plugins.find("figure").items()}
NEEDS = {name: plugins.constant(path, "NEEDS") for name, path in plugins.find("figure").items()}
SAMPLES = {"samples", "explained_samples"}  # which a public report of a restricted data set may not show
SHOWING = [name for name, path in plugins.find("figure").items() if SAMPLES & set(plugins.constant(path, "SHOWS") or ())]
NOT_OF_PHOTOS = {"explained_truth", "localisation", "trials", "comparison"}  # no planted truth, no search, one experiment
INTERACTIVE = ("forest", "learning_curves", "tuning_parallel")
STRIP = 0.2  # inches above a picture, where its tags stand


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    return figure_samples.study(tmp_path_factory.mktemp("study"))


def about(study: list[Output], name: str, *, photos: bool = False) -> list[Output]:
    """What the planner would hand to a figure: about the simulated faces, or about the restricted photos."""
    shown = {*NEEDS[name], *(plugins.constant(plugins.path_of("figure", name), "SHOWS") or ()), "facts", "history"}
    return [o for o in subject(study, name, photos=photos) if o.kind in shown]


def subject(study: list[Output], name: str, *, photos: bool = False) -> list[Output]:
    """All outputs of the study, data set, experiment, explainer or comparison that a figure is about."""
    dataset, experiment = ("photos", "net") if photos else ("faces", "search" if "trials" in NEEDS[name] else "small")
    if EACH[name] == "study":
        return study
    return figure_samples.of(
        study,
        dataset=dataset,
        experiment=experiment if EACH[name] in ("experiment", "explainer") else "",
        explainer="cam" if EACH[name] == "explainer" else "",
        comparison="faces-official" if EACH[name] == "comparison" else "",
    )


def draw(name: str, outputs: Sequence[Output], **settings: Any) -> Figure:
    with drawing_style():
        figure: Figure = plugins.verb("figure", name)(Inputs(outputs), **settings)
        figure.picture.draw_without_rendering()
    return figure


def run(name: str, outputs: Sequence[Output], folder: Path, *, public: bool = False) -> tuple[Out, dict[str, Any]]:
    """Draw as the pipeline does; what was written, and the words."""
    folder.mkdir(parents=True, exist_ok=True)
    out = Out(folder)
    step.run(Inputs(outputs, public=public), out, None, use=name, settings={}, public=public)
    return out, json.loads((folder / "figure.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def drawn(study: list[Output], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, dict[str, Any]]]:
    """Folder and words of a figure about the simulated faces, drawn once for all tests."""
    root, done = tmp_path_factory.mktemp("drawn"), dict[str, tuple[Path, dict[str, Any]]]()

    def find(name: str) -> tuple[Path, dict[str, Any]]:
        if name not in done:
            out, words = run(name, about(study, name), root / name)
            done[name] = out.folder, words
        return done[name]

    return find


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "figure.csv").read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", FIGURES)
def test_contract(name: str, study: list[Output]) -> None:
    assert EACH[name] in ("study", "dataset", "experiment", "explainer", "comparison")
    assert set(NEEDS[name]) <= set(KINDS)
    assert plugins.settings("figure", name)()  # every setting has a default
    figure = draw(name, about(study, name))
    words = [figure.title, figure.caption, figure.alt]
    assert all(words)
    assert len({" ".join(text.split()) for text in words}) == 3
    assert not figure.title.endswith(".")
    assert figure.caption.endswith(".")
    header, *table = figure.data
    assert table
    assert all(isinstance(cell, str) for cell in header)
    assert {len(row) for row in table} == {len(header)}
    check_look(figure)


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
    assert figure.picture.get_facecolor()[:3] == (1, 1, 1)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    """Twelve classes, one with a long name, and twelve experiments on them, one of them found in a long search."""
    folder, classes = tmp_path_factory.mktemp("crowd"), ("a name that is much longer than anybody expects", *"bcdefghijkl")
    outputs = figure_samples.data_set(folder, "faces", simulated=True, classes=classes)
    for i in range(12):
        made: dict[str, Any] = {"seeds": range(1 + i % 3), "accuracy": 0.2 + 0.05 * i, "explained": i == 0, "classes": classes}
        outputs += figure_samples.experiment(folder, "faces", f"e{i}", **made)
    space = {**figure_samples_across.SPACE, **figure_samples_across.MORE}
    outputs += figure_samples_across.searched(folder, "faces", "e0", figure_samples_across.trials(60, complete=20, space=space))
    found = figure_samples_across.comparison({f"e{i}": (0.2 + 0.05 * i, 0.3, (0,)) for i in range(12)}, classes=classes)
    outputs += figure_samples_across.compared(folder, "faces", "faces-official", found)
    return [o for o in outputs if o.kind in ("scores", "facts", "model", "split") or o.about.get("experiment", "e0") == "e0"]


@pytest.mark.parametrize("name", FIGURES)
def test_many_classes_and_experiments_fit_on_a_page(name: str, crowd: list[Output]) -> None:
    explainer = "cam" if EACH[name] == "explainer" else ""
    one = figure_samples.of(crowd, dataset="faces", experiment="e0", explainer=explainer, comparison="faces-official")
    check_look(draw(name, crowd if EACH[name] == "study" else one))


FOR_TWO = ("attribution_classes", "attribution_images", "attribution_means", "class_counts", "class_means", "confusion_matrix")


@pytest.mark.parametrize("name", [*FOR_TWO, "lime_on_truth", "localisation", "per_class"])
def test_two_classes(name: str, tmp_path: Path) -> None:
    outputs = figure_samples.data_set(tmp_path, "faces", simulated=True, classes=("positive", "negative"))
    made: dict[str, Any] = {"seeds": (0,), "accuracy": 0.6, "classes": ("positive", "negative")}
    outputs += figure_samples.experiment(tmp_path, "faces", "small", **made)
    check_look(draw(name, subject(outputs, name)))


def test_same_bytes_in_another_process_without_heavy_libraries(study: list[Output], drawn: Any, tmp_path: Path) -> None:
    """Hashes of strings differ between processes, so that the order of a set would show."""
    code = f"""
import sys
for name in ("torch", "scipy", "sklearn", "skimage", "mne", "pandas", "plotly", "matplotlib.pyplot"):
    sys.modules[name] = None
from pathlib import Path
import test_figures as tests
study = tests.figure_samples.study(Path({str(tmp_path / "study")!r}))
for name in tests.FIGURES:
    tests.run(name, tests.about(study, name), Path({str(tmp_path)!r}) / name)
"""
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=Path(__file__).parent.parent)
    for name in FIGURES:
        first, _ = drawn(name)
        files = sorted(path.name for path in first.iterdir())
        assert files == sorted(path.name for path in (tmp_path / name).iterdir())
        assert not [f for f in files if (first / f).read_bytes() != (tmp_path / name / f).read_bytes()], name


@pytest.mark.parametrize("name", FIGURES)
def test_files(name: str, drawn: Any) -> None:
    folder, words = drawn(name)
    picture = folder / words["file"]
    assert words["csv"] == "figure.csv"
    assert (folder / "figure.plotly.json").exists() == words["interactive"] == (name in INTERACTIVE)
    width, height = words["inches"]
    if words["dense"]:
        with Image.open(picture) as image:
            assert image.size == pytest.approx((200 * width, 200 * height), abs=2)
            assert "Software" not in image.info
    else:
        text = picture.read_text(encoding="utf-8")
        assert f'width="{72 * width:g}pt" height="{72 * height:g}pt"' in text
        assert "<dc:date>" not in text
        assert "<text" not in text  # outlines: no font is needed


@pytest.mark.parametrize("name", FIGURES)
def test_simulated_is_said_in_picture_and_caption(name: str, study: list[Output], drawn: Any) -> None:
    folder, words = drawn(name)
    mixed = EACH[name] == "study"
    assert words["caption"].endswith(" Simulated data: Faces." if mixed else " Simulated data.")
    _, untagged = draw(name, about(study, name)).picture.get_size_inches()
    assert words["inches"][1] == pytest.approx(untagged + STRIP, abs=0.001)
    if words["dense"]:
        with Image.open(folder / words["file"]) as image:
            strip = np.asarray(image.convert("L"))[: int(STRIP * 200 * 0.9)]
        assert strip.min() < 160, "nothing is written in the strip"
    else:
        assert f"<!-- simulated{': Faces' if mixed else ''} -->" in (folder / words["file"]).read_text(encoding="utf-8")
    if words["interactive"]:
        plot = json.loads((folder / "figure.plotly.json").read_text(encoding="utf-8"))
        assert plot["layout"]["annotations"][0]["text"].startswith("simulated")


def test_real_data_carry_no_tag(study: list[Output], tmp_path: Path) -> None:
    _, words = run("per_class", about(study, "per_class", photos=True), tmp_path)
    assert "imulated" not in words["caption"]
    assert "<!-- simulated" not in (tmp_path / "figure.svg").read_text(encoding="utf-8")


def test_smoke_trained_is_said(study: list[Output], tmp_path: Path) -> None:
    _, words = run("network", figure_samples.of(study, dataset="faces", experiment="large"), tmp_path)
    assert "Smoke-trained: not a result. Simulated data." in words["caption"]
    assert "<!-- smoke-trained: not a result · simulated -->" in (tmp_path / "figure.svg").read_text(encoding="utf-8")


def without_restricted(outputs: list[Output]) -> list[Output]:
    """Restricted files are gone: reading one would fail even if `Inputs` let it pass."""
    return [replace(o, path=Path("gone.npy")) if o.restricted else o for o in outputs]


@pytest.mark.parametrize("name", [n for n in FIGURES if n not in SHOWING and not NOT_OF_PHOTOS & set(NEEDS[n])])
def test_figure_reads_no_samples(name: str, study: list[Output]) -> None:
    outputs = without_restricted(about(study, name, photos=True))
    with drawing_style():
        drawn = plugins.verb("figure", name)(Inputs(outputs, public=True))  # raises Restricted if it asks for samples
    assert drawn.alt


@pytest.mark.parametrize("name", SHOWING)
def test_public_report_shows_something_else(name: str, study: list[Output], tmp_path: Path) -> None:
    outputs = without_restricted(about(study, name, photos=True))
    out, words = run(name, outputs, tmp_path, public=True)
    assert not any(described["restricted"] for described in out.described.values())
    assert "public report" in words["caption"]


@pytest.mark.parametrize("name", SHOWING)
def test_local_report_marks_pictures_of_restricted_samples(name: str, study: list[Output], tmp_path: Path) -> None:
    out, words = run(name, about(study, name, photos=True), tmp_path)
    assert {file for file, described in out.described.items() if described["restricted"]} == {words["file"], words["csv"]}
    assert "public report" not in words["caption"]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("attribution_classes", "By cam, what speaks most for the class of an image lies in the lower centre in 3 of 3 images"),
        ("attribution_images", "By cam, what speaks most for a class lies in the same place in all its images"),
        ("attribution_means", "By cam, what speaks most for a class lies on average in the lower centre for every class"),
        ("class_counts", "Happiness has 4.0 times as many samples as disgust"),
        ("class_means", "Surprise differs most from the mean of all classes"),
        ("confusion_matrix", "Fear is mistaken for sadness in 33\N{NO-BREAK SPACE}% of its samples"),
        (
            "faithfulness",
            "No explanation clearly beats every control: neither lime nor cam does",
        ),
        ("feature_maps", "Class selectivity grows from 0.20 in features.0.conv to 0.66 in features.3.conv"),
        ("forest", "Best accuracies: 0.765 on Faces (small) and 0.632 on Photos (net)"),
        ("learning_curves", "at epoch 9, then the validation loss rises"),
        ("lime_on_truth", "LIME's superpixels lie on the planted regions 7.1 times as much as random ones"),
        ("lime_panels", "35 of 35 superpixels that LIME names for the classes keep their sign"),
        ("lime_quality", "LIME's linear model fits (median R² 0.70) and names the same superpixels again (Jaccard 0.76)"),
        (
            "localisation",
            "On the planted regions cam beats every control, lime does not clearly",
        ),
        ("misclassified", "take fear for sadness"),
        ("network", "parameters of gap_cnn lie in its Linear dense"),
        ("per_class", "Fear is found least: recall 0.55"),
        ("randomisation", "those of cam depend on what the network learned: 0.04 [0.00, 0.08]"),
        ("reliability", "The model is surer than it should be, by 9 points on average"),
    ],
)
def test_title_states_the_planted_finding(name: str, title: str, drawn: Any) -> None:
    _, words = drawn(name)
    assert title in words["title"]


def with_scores(study: list[Output], tmp_path: Path, **view: Any) -> list[Output]:
    """The experiment `small` with other values in its view of all test samples."""
    outputs = figure_samples.of(study, dataset="faces", experiment="small")
    value = json.loads(next(o.path for o in outputs if o.kind == "scores").read_text())
    value["views"]["all"] |= view
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(value))
    return [replace(o, path=path) if o.kind == "scores" else o for o in outputs]


def test_confusion_of_a_model_with_one_answer_has_no_name(study: list[Output], tmp_path: Path) -> None:
    counts = np.zeros((7, 7))
    counts[:, CLASSES.index("happy")] = 12
    figure = draw("confusion_matrix", with_scores(study, tmp_path, confusion=counts.tolist()))
    assert figure.title.startswith("Nearly every sample is taken for happiness")


def test_similar_classes_stand_side_by_side() -> None:
    counts = 100 * np.eye(6)
    for a, b in ((0, 5), (1, 4), (2, 3)):
        counts[a, b] = counts[b, a] = 40
    counts[5, 1] = 20  # joins the first two pairs at these ends
    order = similar_side_by_side(counts)
    assert sorted(order) == list(range(6))
    beside = {frozenset(pair) for pair in pairwise(order)}
    assert {frozenset(pair) for pair in ((0, 5), (1, 4), (2, 3), (5, 1))} <= beside


def test_forest_compares_only_what_compares(drawn: Any) -> None:
    """The published value belongs to fer_vgg on PrivateTest: not to another network, not to another part."""
    folder, words = drawn("forest")
    assert {row["experiment"]: row["published"] for row in rows(folder)} == {
        "small": "",
        "large": "",
        "linear": "",
        "net": "0.676 Copur 2021",
    }
    assert "0.676 (Copur 2021)" in words["caption"]
    assert "large 0.289 [0.259, 0.320], smoke-trained: not a result" in words["alt"]
    plot = json.loads((folder / "figure.plotly.json").read_text())
    dots = plot["data"][-1]
    assert dots["x"] == pytest.approx([float(row["accuracy"]) for row in rows(folder)])
    assert dots["marker"]["symbol"] == ["circle", "circle-open", "circle", "circle"]
    assert "template" not in plot["layout"]


def split(name: str, **settings: Any) -> dict[str, Any]:
    return {"name": name, "settings": settings}


def headings(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.picture.axes[0].texts if text.get_weight() == "bold"]


def test_forest_ranks_nothing_that_was_tested_on_other_samples(tmp_path: Path) -> None:
    outputs = figure_samples.data_set(tmp_path, "faces", simulated=True)
    made: dict[str, Any] = {"seeds": (0,), "explained": False}
    for name, accuracy, how in (
        ("a", 0.5, split("official", test=[])),
        ("b", 0.9, split("holdout", test=0.3, validation=0.1)),
        ("c", 0.6, split("official", test=[])),
        ("d", 0.8, split("holdout", test=0.4, validation=0.1)),
    ):
        outputs += figure_samples.experiment(tmp_path, "faces", name, accuracy=accuracy, split=how, **made)
    figure = draw("forest", outputs)
    check_look(figure)
    named = ["Faces · official split", "Faces · holdout split, test = 0.3", "Faces · holdout split, test = 0.4"]
    assert headings(figure) == [f"{name} · n = 840" for name in named]
    assert [row[:3] for row in figure.data[1:]] == [
        ["Faces", "official split", "a"],
        ["Faces", "official split", "c"],
        ["Faces", "holdout split, test = 0.3", "b"],
        ["Faces", "holdout split, test = 0.4", "d"],
    ]
    assert all(f"on {name} (" in figure.title for name in named)
    assert "do not compare" in figure.caption
    axis = figure.interactive["layout"]["yaxis"]
    one, two, three = (f"<b>{name} · n = 840</b>" for name in named)
    assert axis["categoryarray"] == [one, "a", "c", two, "b", three, "d"]
    assert axis["range"] == [6.5, -0.5], "names of groups have a line though they have no point"
    alike = [o for o in outputs if o.about.get("experiment") not in ("b", "d")]
    assert headings(draw("forest", alike)) == ["Faces · n = 840"], "one split needs no name"
    assert "do not compare" not in draw("forest", alike).caption


def test_forest_tells_test_samples_apart_by_their_number_where_no_split_is_known(tmp_path: Path) -> None:
    outputs = figure_samples.data_set(tmp_path, "faces", simulated=True)
    for name in "abc":
        outputs += figure_samples.experiment(tmp_path, "faces", name, seeds=(0,), accuracy=0.5, explained=False)
    scores = Inputs(outputs).one("scores", experiment="b")
    scores["views"]["all"]["n"] = 84
    (tmp_path / "few.json").write_text(json.dumps(scores))
    few = [
        replace(o, path=tmp_path / "few.json") if (o.kind, o.about.get("experiment")) == ("scores", "b") else o for o in outputs
    ]
    figure = draw("forest", [o for o in few if o.kind != "split"])
    assert headings(figure) == ["Faces · n = 840", "Faces · n = 84"]
    assert [row[2] for row in figure.data[1:]] == ["a", "c", "b"]


def test_forest_names_data_sets_of_one_title_apart(tmp_path: Path) -> None:
    outputs = []
    for name in ("faces", "more"):
        outputs += figure_samples.data_set(tmp_path, name, simulated=True)
        outputs += figure_samples.experiment(tmp_path, name, f"on-{name}", seeds=(0,), accuracy=0.5, explained=False)
    facts = next(o for o in outputs if o.kind == "facts")
    outputs = [replace(o, path=facts.path) if o.kind == "facts" else o for o in outputs]
    assert headings(draw("forest", outputs)) == ["Faces (faces) · n = 840", "Faces (more) · n = 840"]


def test_forest_claims_nothing_below_the_baseline_or_without_intervals(study: list[Output], tmp_path: Path) -> None:
    def title(low: float | None, groups: int = 700, difference: float = 0.5) -> str:
        above = {"difference": difference, "low": low, "high": None if low is None else 0.6}
        return draw("forest", with_scores(study, tmp_path, above_baseline=above, groups=groups)).title

    assert title(0.4).startswith("small reaches an accuracy of")
    assert title(-0.01) == "No experiment is clearly better than always answering the largest class"
    assert title(None, groups=5).endswith("on too few independent groups for a claim")
    assert title(None).endswith("always answering the largest class gives 0.25"), "all resamples agree"
    assert title(None, difference=0) == "No experiment is clearly better than always answering the largest class"


def test_forest_says_both_reasons_why_there_is_no_interval(study: list[Output], tmp_path: Path) -> None:
    metrics = figure_samples.scores(CLASSES, figure_samples.confusion_rates(CLASSES, 0.5), groups=5)["views"]["all"]["metrics"]
    caption = draw("forest", with_scores(study, tmp_path, metrics=metrics)).caption
    assert "fewer than 6 independent groups, or all resamples agree" in caption


def test_text_of_the_user_is_shown_as_text(study: list[Output], tmp_path: Path) -> None:
    outputs = [replace(o, about={**o.about, "experiment": "<b>$x_1$"}) if "experiment" in o.about else o for o in study]
    one = [o for o in outputs if o.about["dataset"] == "photos"]
    run("forest", one, tmp_path)
    assert "<!-- &lt;b&gt;$x_1$ -->" in (tmp_path / "figure.svg").read_text()
    assert "&lt;b&gt;" in (tmp_path / "figure.plotly.json").read_text()


def test_learning_curves_mark_the_chosen_epoch_of_every_seed(study: list[Output], drawn: Any) -> None:
    folder, _ = drawn("learning_curves")
    chosen = {row["seed"]: int(row["epoch"]) for row in rows(folder) if row["chosen"] == "True"}
    assert chosen == {"0": 9, "1": 9, "2": 9}
    panel = draw("learning_curves", about(study, "learning_curves")).picture.axes[0]
    dots = [line for line in panel.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in dots] == [9, 9, 9]
    plot = json.loads((folder / "figure.plotly.json").read_text())
    validation = [trace for trace in plot["data"] if trace["name"] == "validation, seed 0"]
    assert [trace["marker"]["size"].index(9) for trace in validation] == [8, 8]


@pytest.mark.parametrize(
    ("history", "ending"),
    [
        ({"chosen": 12}, "at epoch 12, the last one: it may improve with more epochs"),
        ({"chosen": 12, "chosen_by": "last"}, "at epoch 12"),
        ({"chosen": 1, "epochs": 1}, "at epoch 1"),
    ],
)
def test_learning_curves_say_how_training_ended(
    history: dict[str, Any], ending: str, study: list[Output], tmp_path: Path
) -> None:
    value = figure_samples.history(0, 0.8)
    value["epochs"] = value["epochs"][: history.pop("epochs", 12)]
    (tmp_path / "history.json").write_text(json.dumps(value | history))
    old = next(o for o in about(study, "learning_curves") if o.kind == "history")
    figure = draw("learning_curves", [replace(old, path=tmp_path / "history.json")])
    assert figure.title.endswith(ending)


def test_losses_that_differ_share_no_axis(study: list[Output], tmp_path: Path) -> None:
    (tmp_path / "history.json").write_text(json.dumps(figure_samples.history(0, 0.8) | {"loss": "binary_cross_entropy"}))
    old = next(o for o in about(study, "learning_curves") if o.kind == "history")
    figure = draw("learning_curves", [replace(old, path=tmp_path / "history.json")])
    check_look(figure)
    titles = [ax.get_title(loc="left") for ax in figure.picture.axes]
    assert titles == ["binary cross-entropy", "cross-entropy", "accuracy"]
    rows = [dict(zip(figure.data[0], row, strict=True)) for row in figure.data[1:]]
    for ax, column in zip(figure.picture.axes, ("train_loss", "validation_loss"), strict=False):
        curves = [line.get_ydata() for line in ax.lines if len(line.get_ydata()) == len(rows)]
        assert all(curve == pytest.approx([row[column] for row in rows]) for curve in curves)
    losses = [trace for trace in figure.interactive["data"] if "loss" in trace["hovertemplate"]]
    assert [(trace["name"], trace["yaxis"]) for trace in losses] == [("training, seed 0", "y"), ("validation, seed 0", "y2")]
    assert "The two losses do not compare" in figure.caption
    same = draw("learning_curves", about(study, "learning_curves"))
    assert [ax.get_title(loc="left") for ax in same.picture.axes] == ["loss", "accuracy"]
    assert "do not compare" not in same.caption


def test_per_class_names_what_is_unknown(study: list[Output], tmp_path: Path) -> None:
    rates = figure_samples.confusion_rates(CLASSES, 0.6)
    rates[:, 1] = 0  # disgust is never answered
    view = figure_samples.scores(CLASSES, rates, groups=4)["views"]["all"]
    view["confusion"][6] = [0] * 7  # no sample is neutral
    view["per_class"][6] |= {"n": 0, "recall": {"mean": None, "low": None, "high": None}}
    outputs = with_scores(study, tmp_path, **view)
    figure = draw("per_class", outputs)
    texts = {text.get_text() for text in figure.picture.findobj(Text)}
    assert {"never answered", "no samples"} <= texts
    assert "neutral unknown, no samples" in figure.alt
    disgust = next(dict(zip(figure.data[0], row, strict=True)) for row in figure.data[1:] if row[0] == "disgust")
    assert disgust["precision"] is None, "never answered"
    assert "[" not in figure.alt  # four groups: no intervals
    assert "no samples" in {text.get_text() for text in draw("confusion_matrix", outputs).picture.findobj(Text)}
    _, words = run("confusion_matrix", outputs, tmp_path / "out")
    assert {row["share of true"] for row in rows(tmp_path / "out") if row["true"] == "neutral"} == {""}
    assert "nan" not in words["alt"]


def test_reliability_tells_too_sure_from_too_shy(study: list[Output], tmp_path: Path) -> None:
    def title(*gaps: float) -> str:
        bins = [{"low": 0.6, "high": 0.8, "n": 50, "confidence": 0.7, "accuracy": 0.7 - gap} for gap in gaps]
        error = {"mean": sum(map(abs, gaps)) / len(gaps), "low": None, "high": None, "seeds": [0.1], "sd": None}
        metrics = dict.fromkeys(("accuracy", "balanced_accuracy", "macro_f1", "ece"), error)
        return draw("reliability", with_scores(study, tmp_path, reliability=bins, metrics=metrics)).title

    assert title(0.1) == "The model is surer than it should be, by 10 points on average"
    assert title(-0.1) == "The model is less sure than it should be, by 10 points on average"
    assert title(0.001).startswith("The model is about as sure as it is right")
    assert title(0.25, -0.23) == "The model's confidence is off by 24 points on average, sometimes too high, sometimes too low"
    assert title(0.25, 0.1, -0.01).startswith("The model is surer than it should be, by 12 points")


@pytest.mark.parametrize("name", ["reliability", "per_class", "confusion_matrix"])
@pytest.mark.parametrize(
    ("model", "title"),
    [
        ("most_frequent", "It always answers the most frequent class of its training"),
        ("class_distribution", "It answers at random, as often as each class is in its training"),
    ],
)
def test_figures_say_of_a_guess_what_it_is(name: str, model: str, title: str, study: list[Output], tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(json.dumps({"id": model}))
    outputs = [replace(o, path=tmp_path / "model.json") if o.kind == "model" else o for o in about(study, name)]
    assert draw(name, outputs).title.startswith(title)


def test_misclassified_shows_the_most_confident_mistakes(study: list[Output], drawn: Any) -> None:
    folder, _ = drawn("misclassified")
    outputs = Inputs(about(study, "misclassified"))
    samples, labels = outputs.one("test_samples", seed="0"), outputs.one("labels")
    logits = np.asarray(outputs.one("logits", seed="0"), float)
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    truth, said = labels[samples], probabilities.argmax(1)
    wrong = [(-p[s], int(i), t, s) for i, t, s, p in zip(samples, truth, said, probabilities, strict=True) if s != t]
    expected = [(str(i), CLASSES[t], CLASSES[s]) for _, i, t, s in sorted(wrong)][:21]
    assert [(row["sample"], row["true"], row["predicted"]) for row in rows(folder)] == expected


def test_misclassified_without_mistakes(study: list[Output], tmp_path: Path) -> None:
    path = tmp_path / "logits.npy"
    np.save(path, 9 * np.eye(7, dtype=np.float32)[np.repeat(range(7), 12)])
    outputs = [replace(o, path=path) if o.kind == "logits" else o for o in about(study, "misclassified")]
    figure = draw("misclassified", outputs)
    assert figure.title == "No test sample is misclassified"
    check_look(figure)


def test_sample_sheet_draws_by_lot_from_the_training_part(study: list[Output]) -> None:
    outputs = about(study, "sample_sheet")
    labels, origin = (Inputs(outputs).one(kind) for kind in ("labels", "origin"))
    first, again, other = (draw("sample_sheet", outputs, per_class=4, seed=seed).data[1:] for seed in (0, 0, 1))
    assert first == again != other
    assert len(first) == 4 * 7
    assert all(origin[sample] == 0 and CLASSES[labels[sample]] == name for name, sample in first)


def test_lime_panels_show_one_right_image_of_each_class_and_hatch_the_unstable(study: list[Output], tmp_path: Path) -> None:
    outputs = about(study, "lime_panels")
    told = Inputs(outputs).one("explained", explainer="lime")
    shown = {name: sample for name, sample, *_ in draw("lime_panels", outputs).data[1:]}
    assert list(shown) == list(CLASSES)
    for row in told:
        if row["sample"] in shown.values():
            assert row["label"] == row["predicted"]
    signs = Inputs(outputs).one("superpixel_signs")
    np.save(tmp_path / "signs.npy", np.where(np.isnan(signs), np.nan, 0.5).astype(np.float32))
    shaky = [replace(o, path=tmp_path / "signs.npy") if o.kind == "superpixel_signs" else o for o in outputs]
    assert draw("lime_panels", shaky).title.startswith("0 of 35 superpixels")


def test_lime_on_truth_finds_nothing_in_noise(study: list[Output], tmp_path: Path) -> None:
    outputs = about(study, "lime_on_truth")
    weights = Inputs(outputs).one("superpixel_weights")
    noise = np.random.default_rng(5).normal(0, 0.1, weights.shape).astype(np.float32)
    np.save(tmp_path / "noise.npy", np.where(np.isnan(weights), np.nan, noise))
    random = [replace(o, path=tmp_path / "noise.npy") if o.kind == "superpixel_weights" else o for o in outputs]
    figure = draw("lime_on_truth", random)
    assert figure.title.startswith("LIME's superpixels lie on the planted regions no more than random ones")
    assert "neutral" not in [row[0] for row in figure.data]  # nothing is planted for it


def test_lime_on_truth_counts_area(study: list[Output]) -> None:
    """By hand for one image: share of the five strongest superpixels' pixels that lie on its mouth."""
    outputs = [o for o in about(study, "lime_on_truth") if o.about.get("explainer") != "cam"]
    inputs = Inputs(outputs)
    superpixels, weights, truth = (inputs.one(kind) for kind in ("superpixels", "superpixel_weights", "explained_truth"))
    happy = [i for i, row in enumerate(inputs.one("explained")) if CLASSES[row["label"]] == "happy"]
    shares = []
    for i in happy:
        best = np.argsort(-np.nan_to_num(weights[i, CLASSES.index("happy")], nan=-1))[:5]
        inside = np.isin(superpixels[i], best)
        shares.append(truth[i][inside].mean())
    told = {row[0]: row for row in draw("lime_on_truth", outputs).data[1:]}
    assert told["happy"][2] == pytest.approx(np.mean(shares))
    assert told["happy"][5] == pytest.approx(truth[happy[0]].mean(), rel=0.1)  # equal blocks: by lot as in the whole image


def test_nothing_to_draw_is_said(study: list[Output], tmp_path: Path) -> None:
    truth = Inputs(about(study, "lime_on_truth")).one("explained_truth", explainer="lime")
    np.save(tmp_path / "truth.npy", np.zeros_like(truth))
    (tmp_path / "model.json").write_text(json.dumps({"id": "forest of trees", "layers": []}))
    new = {"explained_truth": tmp_path / "truth.npy", "model": tmp_path / "model.json"}
    outputs = [replace(o, path=new.get(o.kind, o.path)) for o in figure_samples.of(study, dataset="faces", experiment="small")]
    for name, title in (
        ("lime_on_truth", "No explained image has a planted region"),
        ("network", "forest of trees has no trainable layers"),
    ):
        figure = draw(name, outputs)
        assert figure.title == title
        check_look(figure)


def test_feature_maps_spread_over_many_layers(study: list[Output], tmp_path: Path) -> None:
    maps, units = figure_samples.feature_maps(CLASSES, 16)
    np.savez(tmp_path / "feature_maps.npz", **maps)
    (tmp_path / "feature_units.json").write_text(json.dumps(units))
    new = {"feature_maps": tmp_path / "feature_maps.npz", "feature_units": tmp_path / "feature_units.json"}
    figure = draw("feature_maps", [replace(o, path=new.get(o.kind, o.path)) for o in about(study, "feature_maps")], layers=6)
    assert "in 6 of 16 layers" in figure.caption
    shown = {text.get_text() for text in figure.picture.findobj(Text)}
    assert {"features.0.conv", "features.15.conv"} <= shown
    assert len({row[0] for row in figure.data[1:]}) == 16  # the data hold all of them


def test_network_adds_up_blocks_of_deep_models(study: list[Output], tmp_path: Path) -> None:
    model = figure_samples.model_table("deep", 7, blocks=8)
    (tmp_path / "model.json").write_text(json.dumps(model))
    old = next(o for o in about(study, "network") if o.kind == "model")
    figure = draw("network", [replace(old, path=tmp_path / "model.json")])
    assert [row[0] for row in figure.data[1:]] == [f"block{i}" for i in range(8)] + ["dense", "head"]
    assert sum(row[3] for row in figure.data[1:]) == model["trainable"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"alt": " "}, "figure network: its alt is empty"),
        ({"alt": "Same."}, "figure network: its alt text repeats its caption"),
        ({"alt": "Named"}, "figure network: its alt text repeats its title"),
    ],
)
def test_words_are_required(
    words: dict[str, str], message: str, study: list[Output], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = network.draw
    faulty = {"title": "Named", "caption": "Same.", **words}
    monkeypatch.setattr(network, "draw", lambda inputs, **settings: replace(original(inputs, **settings), **faulty))
    with pytest.raises(StepError, match=message):
        run("network", about(study, "network"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_class_colours_are_those_of_the_report() -> None:
    fixed = {"happy": "#E69F00", "sad": "#0072B2", "angry": "#D55E00", "fear": "#CC79A7", "disgust": "#009E73"}
    fixed |= {"surprise": "#56B4E9", "neutral": "#7F7F7F", "Positive": "#E69F00", "negative": "#0072B2"}
    assert {name: look.colour for name, look in zip(fixed, looks(list(fixed)), strict=True)} == fixed
    others = looks([f"class {i}" for i in range(12)])
    assert len({look.colour for look in others}) == len({look.marker for look in others}) == 12


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.661, 0.691, "0.676 [0.661, 0.691]"),
        (0.636, 0.716, "0.68 [0.64, 0.72]"),
        (None, None, "0.68"),
    ],
)
def test_digits_follow_the_interval(low: float | None, high: float | None, text: str) -> None:
    assert with_interval({"mean": 0.676, "low": low, "high": high}) == text


def test_outline_follows_the_pixels() -> None:
    mask = np.zeros((6, 6), bool)
    mask[2:4, 1:3] = True
    _, ax = canvas("narrow", 2.0)
    outline(ax, mask, 1.0, 0.5, 0.6)
    corners = ax.collections[0].get_paths()[0].get_extents()
    assert corners.extents == pytest.approx([1.1, 0.7, 1.3, 0.9], abs=0.01)


def test_faded_keeps_what_is_chosen() -> None:
    image, keep = np.array([[0, 255], [0, 100]]), np.array([[True, True], [False, False]])
    shown = faded(image, keep)[..., 0]
    assert shown[0].tolist() == [0, 1]
    assert 0.6 < shown[1, 0] < shown[1, 1] < 1


def test_long_names_are_cut_with_a_sign() -> None:
    assert fit("surprise", 1.0) == "surprise"
    assert fit("transcendence", 0.5).endswith("…")


def test_drawing_style_leaves_no_trace() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    matplotlib.rcParams["font.size"] = 33  # a reader's own matplotlibrc
    with drawing_style("salt"):
        assert matplotlib.rcParams["font.size"] == 8
        assert matplotlib.rcParams["svg.hashsalt"] == "salt"
    assert matplotlib.rcParams["font.size"] == 33
    matplotlib.rcParams.update({"font.size": before["font.size"]})
