"""Figures of searches and comparisons say what was planted, claim nothing where nothing is known, and stay readable."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from math import log10
from pathlib import Path
from typing import Any

import figure_samples
import figure_samples_across as samples
import numpy as np
import pytest
from figure_samples import CLASSES
from matplotlib.text import Text

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style
from reportgen.figures._trials import scale_of, tick
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import figure as step

TUNING = ("tuning_history", "tuning_importance", "tuning_parallel")
COMPARING = ("comparison", "class_differences")
FIGURES = (*TUNING, *COMPARING)
BIG = {**samples.SPACE, **samples.MORE}
BLANK = "\N{NO-BREAK SPACE}"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    return everything(tmp_path_factory.mktemp("study"))


def everything(folder: Path) -> list[Output]:
    """The facts of `faces`, the search and the comparison."""
    facts = [o for o in figure_samples.data_set(folder, "faces", simulated=True) if o.kind == "facts"]
    return [*facts, *samples.across(folder)]


def about(outputs: Sequence[Output], name: str) -> list[Output]:
    """What the planner would hand to a figure."""
    needs = {"facts", *plugins.constant(plugins.path_of("figure", name), "NEEDS")}
    return [o for o in outputs if o.kind in needs]


def draw(name: str, outputs: Sequence[Output]) -> Figure:
    with drawing_style():
        figure: Figure = plugins.verb("figure", name)(Inputs(outputs))
        figure.picture.draw_without_rendering()
    return figure


def run(name: str, outputs: Sequence[Output], folder: Path) -> dict[str, Any]:
    """Draw as the pipeline does; the words."""
    folder.mkdir(parents=True, exist_ok=True)
    step.run(Inputs(about(outputs, name)), Out(folder), None, use=name, settings={})
    words: dict[str, Any] = json.loads((folder / "figure.json").read_text(encoding="utf-8"))
    return words


@pytest.fixture(scope="module")
def drawn(study: list[Output], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, dict[str, Any]]]:
    root, done = tmp_path_factory.mktemp("drawn"), dict[str, tuple[Path, dict[str, Any]]]()

    def find(name: str) -> tuple[Path, dict[str, Any]]:
        if name not in done:
            done[name] = root / name, run(name, study, root / name)
        return done[name]

    return find


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "figure.csv").read_text(encoding="utf-8"))))


def search(study: Sequence[Output], folder: Path, found: Mapping[str, Any], importance: Any = None) -> list[Output]:
    """The study with another search."""
    return [o for o in study if o.kind == "facts"] + samples.searched(folder, "faces", "search", found, importance)


def compare(study: Sequence[Output], folder: Path, found: Mapping[str, Any]) -> list[Output]:
    """The study with another comparison."""
    return [o for o in study if o.kind == "facts"] + samples.compared(folder, "faces", "faces-official", found)


def check_look(figure: Figure) -> None:
    """As wide as the report, no text too small to print, nothing cut off, no text upon another."""
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width]
    assert height <= TALLEST
    texts = [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in texts) >= SMALL
    area = figure.picture.get_tightbbox()
    assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
    assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"
    outside = beyond(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts if text not in outside]
    for i, (one, box) in enumerate(boxes):
        for other, below in boxes[:i]:
            shared = min(min(box.x1, below.x1) - max(box.x0, below.x0), min(box.y1, below.y1) - max(box.y0, below.y0))
            assert shared < 2.5, f"{one!r} stands upon {other!r}"  # pixels: boxes are a little larger than their letters


def beyond(figure: Figure) -> list[Text]:
    """Labels of ticks that lie outside their axis: matplotlib keeps them, but does not draw them."""
    found: list[Text] = []
    for axis in (axis for ax in figure.picture.axes for axis in (ax.xaxis, ax.yaxis)):
        low, high = sorted(axis.get_view_interval())
        found += [tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_contract(name: str, study: list[Output]) -> None:
    figure = draw(name, about(study, name))
    assert len({figure.title, figure.caption, figure.alt}) == 3
    assert not figure.title.endswith(".")
    assert figure.caption.endswith(".")
    header, *table = figure.data
    assert table
    assert {len(row) for row in table} == {len(header)}
    check_look(figure)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("tuning_history", "Trial 7 is the best of 20: validation accuracy 0.71; 13 were stopped early and 1 failed"),
        ("tuning_importance", f"learning_rate explains 93{BLANK}% of how the trials differ, conv1 next to nothing"),
        ("tuning_parallel", "All 6 trials that ran to their end have a learning_rate between 0.0031 and 0.011"),
        ("comparison", f"small is clearly better than linear (p{BLANK}<{BLANK}0.001); not distinguishable from large"),
        ("class_differences", "small finds surprise more often than large; every class but fear more often than linear"),
    ],
)
def test_title_states_the_planted_finding(name: str, title: str, drawn: Any) -> None:
    _, words = drawn(name)
    assert words["title"] == title
    assert words["caption"].endswith(" Simulated data.")


def test_same_bytes_in_another_process_without_heavy_libraries(drawn: Any, tmp_path: Path) -> None:
    code = f"""
import sys
for name in ("torch", "scipy", "sklearn", "skimage", "mne", "pandas", "plotly", "optuna", "matplotlib.pyplot"):
    sys.modules[name] = None
from pathlib import Path
import test_across_figures as tests
study = tests.everything(Path({str(tmp_path / "study")!r}))
for name in tests.FIGURES:
    tests.run(name, study, Path({str(tmp_path)!r}) / name)
"""
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=Path(__file__).parent.parent)
    for name in FIGURES:
        first, _ = drawn(name)
        assert not [f.name for f in first.iterdir() if f.read_bytes() != (tmp_path / name / f.name).read_bytes()], name


def test_history_follows_the_best_trial_that_ran_to_its_end(study: list[Output], drawn: Any) -> None:
    found = Inputs(study).one("trials")
    ended = [row for row in found["rows"] if row["state"] == "complete"]
    left, right = draw("tuning_history", about(study, "tuning_history")).picture.axes
    best = left.lines[0]
    assert list(best.get_xdata()) == [row["number"] for row in ended] + [19]
    assert list(best.get_ydata())[:-1] == pytest.approx(np.maximum.accumulate([row["value"] for row in ended]))
    lengths = sorted(len(line.get_xdata()) for line in right.lines)
    assert lengths == sorted(row["epochs"] for row in found["rows"] if row["epochs"])
    assert max(right.lines, key=lambda line: float(line.get_linewidth())).get_ydata()[-1] == 0.71
    folder, words = drawn("tuning_history")
    assert "ranked on 80 validation samples, which flatter the best of many" in words["caption"]
    assert "217 epochs were run instead of 540" in words["caption"]
    courses = [row for row in rows(folder) if row["trial"] == "4"]
    assert [float(row["validation accuracy"]) for row in courses] == found["rows"][4]["course"]
    assert [row["reason"] for row in rows(folder) if row["state"] == "failed"] == ["CUDA out of memory"]
    assert {row["trial"] for row in rows(folder) if row["chosen"] == "True"} == {"7"}


def test_history_marks_the_epoch_that_counts(study: list[Output], tmp_path: Path) -> None:
    found = samples.trials()
    found["rows"][7]["course"][20:] = [0.71, *np.linspace(0.7, 0.6, 6)]  # it overfits
    figure = draw("tuning_history", search(study, tmp_path, found))
    thick = max(figure.picture.axes[1].lines, key=lambda line: float(line.get_linewidth()))
    assert thick.get_markevery() == [20]
    assert figure.title.startswith("Trial 7 is the best of 20: validation accuracy 0.71")


def test_a_loss_is_better_the_smaller_it_is(study: list[Output], tmp_path: Path) -> None:
    outputs = search(study, tmp_path, samples.trials(minimize=True))
    history = draw("tuning_history", outputs)
    assert history.title.startswith("Trial 7 is the best of 20: validation loss 0.580")
    best = history.picture.axes[0].lines[0].get_ydata()
    assert list(best) == sorted(best, reverse=True)
    parallel = draw("tuning_parallel", outputs)
    assert parallel.interactive is not None
    low, high = parallel.interactive["data"][0]["dimensions"][-1]["range"]
    assert low > high  # the better end is above
    for figure in (history, parallel, draw("tuning_importance", outputs)):
        check_look(figure)


def test_a_diverged_loss_leaves_the_others_visible(study: list[Output], tmp_path: Path) -> None:
    found = samples.trials(minimize=True)
    found["rows"][2] |= {"course": [9000.0], "value": 9000.0}
    left = draw("tuning_history", search(study, tmp_path, found)).picture.axes[0]
    assert left.get_yscale() == "log"
    height = left.transData.transform([(0, 0.58), (0, 1.6), (0, 9000)])[:, 1]
    assert (height[1] - height[0]) / (height[2] - height[0]) > 0.08
    marks = np.concatenate([line.get_ydata() for line in left.lines if line.get_marker() == "v"])
    assert marks.max() == 9000


@pytest.mark.parametrize("name", TUNING)
@pytest.mark.parametrize(("n", "complete"), [(1, 1), (12, 1), (9, 9)])
def test_few_trials(name: str, n: int, complete: int, study: list[Output], tmp_path: Path) -> None:
    figure = draw(name, search(study, tmp_path, samples.trials(n, complete=complete)))
    check_look(figure)
    assert "nan" not in figure.title + figure.caption + figure.alt
    assert figure.title.startswith(
        {
            "tuning_history": "The only trial reaches a validation accuracy of 0.71" if n == 1 else "Trial 7 is the best of",
            "tuning_importance": "The 9 trials" if complete == 9 else "The one trial that ran to its end does not tell which",
            "tuning_parallel": f"Trial {7 % n} wins with ",
        }[name]
    )


def test_unknown_importance_leaves_only_scatter_panels(study: list[Output], tmp_path: Path) -> None:
    known = draw("tuning_importance", about(study, "tuning_importance"))
    unknown = draw("tuning_importance", search(study, tmp_path, samples.trials()))
    assert len(known.picture.axes) == 5
    assert len(unknown.picture.axes) == 4
    assert unknown.title == "The 6 trials that ran to their end do not tell which setting matters"
    assert "Importance cannot be estimated: too few trials ran to the end (6), or they are too alike." in unknown.caption
    assert {row[1] for row in unknown.data[1:]} == {None}


def test_importance_shows_the_settings_that_matter_most_on_their_own_scale(study: list[Output]) -> None:
    found = Inputs(study).one("trials")
    bars, first, *_ = draw("tuning_importance", about(study, "tuning_importance")).picture.axes
    assert [bar.get_width() for bar in bars.patches] == [0.93, 0.05, 0.02, 0.0]
    assert [label.get_text() for label in bars.get_yticklabels()] == ["learning_rate", "dropout", "optimiser", "conv1"]
    assert first.get_xlabel() == "learning_rate"
    drawn = {(float(x), float(y)) for line in first.lines for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)}
    expected = {(log10(row["params"]["train.learning_rate"]), row["value"]) for row in found["rows"] if row["value"]}
    assert np.array(sorted(drawn)) == pytest.approx(np.array(sorted(expected)))


def test_two_settings_that_matter_alike_are_named_together(study: list[Output], tmp_path: Path) -> None:
    importance = {"train.learning_rate": 0.45, "model.dropout": 0.4, "train.optimiser": 0.1, "model.conv1": 0.05}
    figure = draw("tuning_importance", search(study, tmp_path, samples.trials(), importance))
    assert figure.title == f"learning_rate (45{BLANK}%) and dropout (40{BLANK}%) explain most of how the trials differ"


def test_one_setting_needs_no_importance(study: list[Output], tmp_path: Path) -> None:
    name = "train.learning_rate"
    outputs = search(study, tmp_path, only(samples.trials(), name))
    figure = draw("tuning_importance", outputs)
    assert figure.title == "learning_rate is the only setting that was searched"
    assert "mportance" not in figure.caption
    for each in TUNING:
        check_look(draw(each, outputs))


def only(found: dict[str, Any], name: str) -> dict[str, Any]:
    """The search, as if only one parameter had been searched."""
    trials = [row | {"params": {name: row["params"][name]}} for row in found["rows"]]
    return found | {"space": {name: found["space"][name]}, "rows": trials}


@pytest.mark.parametrize("name", TUNING)
def test_forty_trials_of_eight_settings_are_readable(name: str, study: list[Output], tmp_path: Path) -> None:
    importance = dict(zip(BIG, (0.0, 0.2, 0.41, 0.02, 0.1, 0.07, 0.15, 0.05), strict=True))
    figure = draw(name, search(study, tmp_path, samples.trials(40, complete=9, space=BIG), importance))
    check_look(figure)
    if figure.interactive:
        assert len(json.dumps(figure.interactive)) < 8_000


def test_parallel_lines_cross_the_axes_at_the_settings(study: list[Output]) -> None:
    found = Inputs(study).one("trials")
    figure = draw("tuning_parallel", about(study, "tuning_parallel"))
    thick = max(figure.picture.axes[0].lines, key=lambda line: float(line.get_linewidth()) * (line.get_color() != "white"))
    params = found["rows"][7]["params"]
    expected = [(params["model.conv1"] - 16) / 112, (1 + 0.25) / 1.5, params["model.dropout"] / 0.6, 2 / 3]
    assert list(thick.get_ydata())[:-1] == pytest.approx(
        expected
    )  # conv1, optimiser, dropout, learning_rate: most important last
    stopped = [line for line in figure.picture.axes[0].lines if len(line.get_xdata()) == 4]
    assert len(stopped) == 13, "stopped trials end before the axis of the values, which they have not reached"


def test_parallel_twin_is_plain_small_json_of_the_same_trials(study: list[Output], drawn: Any) -> None:
    folder, words = drawn("tuning_parallel")
    assert words["interactive"]
    text = (folder / "figure.plotly.json").read_text(encoding="utf-8")
    assert len(text) < 4_000
    plot = json.loads(text)
    assert "template" not in plot["layout"]
    assert plot["layout"]["annotations"][0]["text"] == "simulated"
    (trace,) = plot["data"]
    labels = [dimension["label"] for dimension in trace["dimensions"]]
    assert labels == ["trial", "conv1", "optimiser", "dropout", "learning_rate", "epochs", "validation accuracy"]
    columns = {dimension["label"]: dimension["values"] for dimension in trace["dimensions"]}
    assert len(columns["trial"]) == 19  # the one that failed has no value
    assert columns["trial"][-1] == 7  # the best is drawn last, in front of the others
    told = {int(row["trial"]): row for row in rows(folder)}
    for trial, rate, value in zip(columns["trial"], columns["learning_rate"], columns["validation accuracy"], strict=True):
        assert 10**rate == pytest.approx(float(told[trial]["train.learning_rate"]), rel=1e-3)
        assert value == pytest.approx(float(told[trial]["validation accuracy"]), rel=1e-3)
    coloured = [trial for trial, level in zip(columns["trial"], trace["line"]["color"], strict=True) if level > 0]
    assert {told[trial]["ending"] for trial in coloured} == {"complete", "chosen"}


def test_names_with_markup_are_shown_as_text(study: list[Output], tmp_path: Path) -> None:
    name = "model.<b>x</b> & $y"
    space = {name: {"choices": ["<i>one</i>", "a&b"]}, **samples.SPACE}
    outputs = search(study, tmp_path, samples.trials(space=space), {**samples.IMPORTANCE, name: 0.0})
    figure = draw("tuning_parallel", outputs)
    assert figure.interactive is not None
    marked = figure.interactive["data"][0]["dimensions"][1]
    assert marked["label"] == "&lt;b&gt;x&lt;/b&gt; &amp; $y"
    assert marked["ticktext"] == ["<i>one</i>", "a&b"]  # Plotly takes these as they are
    for each in TUNING:
        run(each, outputs, tmp_path / each)
    assert "<!-- &lt;b&gt;x&lt;/b&gt; &amp; $y -->" in (tmp_path / "tuning_importance" / "figure.svg").read_text()


def test_comparison_names_are_cut_and_shown_as_text(study: list[Output], tmp_path: Path) -> None:
    scores = {f"<b>${'long' * 9}_{i}": (0.8 - 0.1 * i, 0.8 - 0.1 * i, (0, 1)) for i in range(3)}
    outputs = compare(study, tmp_path, samples.comparison(scores))
    for name in COMPARING:
        check_look(draw(name, outputs))
        run(name, outputs, tmp_path / name)
        assert "&lt;b&gt;$long" in (tmp_path / name / "figure.svg").read_text()


def test_comparison_draws_every_pair_or_those_with_the_best(study: list[Output], tmp_path: Path) -> None:
    scores = {f"e{i}": (0.8 - 0.05 * i, 0.8 - 0.05 * i, (0, 1)) for i in range(6)}
    four = draw("comparison", compare(study, tmp_path, samples.comparison(dict(list(scores.items())[:4]))))
    six = draw("comparison", compare(study, tmp_path, samples.comparison(scores)))
    assert [len(p_values(figure)) for figure in (four, six)] == [6, 5]
    assert "Of 15 pairs those with e0 are drawn; the data hold all of them." in six.caption
    assert "are drawn" not in four.caption
    assert sum(row[0] == "difference" for row in six.data) == 15
    for figure in (four, six):
        check_look(figure)


def p_values(figure: Figure) -> list[str]:
    """The p-values that stand in the picture."""
    return [text.get_text() for text in figure.picture.findobj(Text) if text.get_text().startswith("p" + BLANK)]


def test_comparison_puts_the_uncertainty_beside_every_number(study: list[Output], drawn: Any) -> None:
    found = Inputs(study).one("comparison")
    folder, words = drawn("comparison")
    told = [row for row in rows(folder) if row["what"] == "difference"]
    assert [(row["experiment"], row["minus"]) for row in told] == [("small", "large"), ("small", "linear"), ("large", "linear")]
    assert [float(row["p (Holm)"]) for row in told] == [pair["p_holm"] for pair in found["pairs"]]
    assert [float(row["low"]) for row in told] == [pair["low"] for pair in found["pairs"]]
    assert "corrected after Holm for 3 pairs" in words["caption"]
    assert f"small minus large +0.02 [−0.02, 0.06], p{BLANK}={BLANK}0.982; small minus linear" in words["alt"]
    assert [row["low (trainings)"] for row in told] == ["", str(found["pairs"][1]["trainings"]["low"]), ""]
    assert " for other trainings), p" in words["alt"]
    assert "Thin lines are 95 % intervals for other trainings" in words["caption"]


def test_comparison_is_clear_of_the_settings_only_where_other_trainings_would_not_turn_it(
    study: list[Output], tmp_path: Path
) -> None:
    """Half of a difference is luck in training: tiny p-values, but the wider interval holds zero."""
    scores = {"small": (0.8, 0.81, (0, 1, 2)), "large": (0.5, 0.7, (0, 1)), "linear": (0.2, 0.6, (0, 1))}
    lucky = samples.comparison(scores, luck=0.4)
    figure = draw("comparison", compare(study, tmp_path / "lucky", lucky))
    p = f"(p{BLANK}≤{BLANK}0.001)"
    told = figure.title.replace(f"p{BLANK}<{BLANK}0.001", f"p{BLANK}≤{BLANK}0.001")
    assert told == f"small is clearly better than linear {p}; better than large for these trained models {p}"
    line = next(line for line in figure.picture.axes[1].lines if list(line.get_ydata()) == [0, 0])
    assert list(line.get_xdata()) == list(lucky["pairs"][0]["trainings"].values())
    check_look(figure)
    single = {"small": (0.8, 0.81, (0,)), "linear": (0.5, 0.7, (0,))}
    figure = draw("comparison", compare(study, tmp_path / "single", samples.comparison(single)))
    assert figure.title == f"small is better than linear for these trained models (p{BLANK}<{BLANK}0.001)"
    assert "None is about other trainings: that takes two seeds of both experiments." in figure.caption
    against = {"picked": (0.5, 0.9, (0,)), "left": (0.7, 0.8, (0, 1))}
    figure = draw("comparison", compare(study, tmp_path / "against", samples.comparison(against)))
    assert figure.title == f"left is better than picked for these trained models (p{BLANK}<{BLANK}0.001)"


def test_comparison_says_why_an_interval_is_missing(study: list[Output], tmp_path: Path) -> None:
    found = samples.comparison()
    assert "all resamples agree" not in draw("comparison", compare(study, tmp_path / "all", found)).caption
    found["pairs"][0] |= {"low": None, "high": None}
    assert "all resamples agree" in draw("comparison", compare(study, tmp_path / "some", found)).caption


def test_comparison_of_one_pair(study: list[Output], tmp_path: Path) -> None:
    scores = {name: samples.SCORES[name] for name in ("small", "large")}
    outputs = compare(study, tmp_path, samples.comparison(scores))
    figure = draw("comparison", outputs)
    assert figure.title == "small is not distinguishable from large"
    assert "Holm" not in figure.caption  # there is nothing to correct for
    assert draw("class_differences", outputs).title == "small finds surprise more often than large"
    for name in COMPARING:
        check_look(draw(name, outputs))


def test_comparison_says_when_the_test_part_contradicts_the_validation_part(study: list[Output], tmp_path: Path) -> None:
    scores = {"picked": (0.5, 0.9, (0, 1)), "left": (0.7, 0.8, (0, 1))}
    outputs = compare(study, tmp_path, samples.comparison(scores))
    assert draw("comparison", outputs).title == f"left is clearly better than picked (p{BLANK}<{BLANK}0.001)"
    assert draw("class_differences", outputs).title == (
        "picked finds surprise more often and every class but surprise less often than left"
    )


@pytest.mark.parametrize("name", COMPARING)
def test_nothing_is_claimed_from_too_few_samples(name: str, study: list[Output], tmp_path: Path) -> None:
    figure = draw(name, compare(study, tmp_path, samples.comparison(few=True, n=4)))
    assert figure.title.startswith("There are too few independent test samples")
    assert "nothing is claimed" in figure.caption
    assert "[" not in figure.alt
    assert "p-value" not in figure.caption.replace("for intervals and p-values", "")
    check_look(figure)


def test_class_differences_claims_only_what_survives_all_comparisons(study: list[Output], tmp_path: Path) -> None:
    found = samples.comparison()
    for row in found["per_class"][1]["classes"]:
        row |= {"difference": 0.1, "low": 0.01, "high": 0.19, "p": 0.03, "p_holm": 0.24}
    figure = draw("class_differences", compare(study, tmp_path, found))
    assert figure.title == "small finds surprise more often than large"
    assert sum(row[-1] for row in figure.data[1:]) == 1
    filled = [line for ax in figure.picture.axes for line in ax.lines if line.get_marker() == "P" and is_filled(line)]
    assert len(filled) == 1
    found["per_class"] = found["per_class"][1:]
    none = draw("class_differences", compare(study, tmp_path, found))
    assert none.title == "No single class clearly separates small from linear"
    assert "None is clear with all 7 differences considered" in none.caption


def is_filled(line: Any) -> bool:
    return bool(line.get_markerfacecolor() != "white")


def test_class_differences_claims_by_the_exact_test_and_not_by_the_interval(study: list[Output], tmp_path: Path) -> None:
    """Five samples that only one gets right: p = 0.0625, however far the interval is from zero."""
    found = samples.comparison()
    for rival in found["per_class"]:
        for row in rival["classes"]:
            row |= {"n": 15, "difference": 0.33, "low": 0.13, "high": 0.6, "p": 0.0625, "p_holm": 0.875}
    found["per_class"][0]["classes"][0] |= {"difference": 1.0, "low": None, "high": None, "p": 0.00006, "p_holm": 0.0008}
    figure = draw("class_differences", compare(study, tmp_path, found))
    assert figure.title == "small finds anger more often than large"
    assert [row[-3:] for row in figure.data[1:3]] == [[0.00006, 0.0008, True], [0.0625, 0.875, False]]
    assert "Holm-corrected p < 0.05" in figure.caption
    check_look(figure)


def test_models_that_agree_in_every_class_are_not_called_too_few(study: list[Output], tmp_path: Path) -> None:
    """Where all resamples agree there is no interval, however many samples there are."""
    found = samples.comparison({name: samples.SCORES[name] for name in ("small", "large")})
    for row in found["per_class"][0]["classes"]:
        row |= {"difference": 0.0, "low": None, "high": None, "p": 1.0, "p_holm": 1.0}
    figure = draw("class_differences", compare(study, tmp_path, found))
    assert figure.title == "No single class clearly separates small from large"
    assert "too alike for one" in figure.caption
    assert "nothing is claimed" not in figure.caption
    check_look(figure)


def test_class_without_test_samples_is_said(study: list[Output], tmp_path: Path) -> None:
    found = samples.comparison()
    for rival in found["per_class"]:
        rival["classes"][2] |= {"n": 0, "difference": None, "low": None, "high": None, "p": None, "p_holm": None}
    figure = draw("class_differences", compare(study, tmp_path, found))
    assert "no samples" in {text.get_text() for text in figure.picture.findobj(Text)}
    check_look(figure)


def test_many_classes_and_experiments_fit_on_a_page(tmp_path: Path) -> None:
    classes = ("a name that is much longer than anybody expects", *"bcdefghijkl")
    facts = [o for o in figure_samples.data_set(tmp_path, "faces", simulated=True, classes=classes) if o.kind == "facts"]
    scores = {f"e{i}": (0.8 - 0.05 * i, 0.81 - 0.05 * i, (0, 1)) for i in range(12)}
    outputs = compare(facts, tmp_path, samples.comparison(scores, classes=classes))
    for name in COMPARING:
        check_look(draw(name, outputs))
    figure = draw("class_differences", outputs)
    assert "Drawn are the 6 others that are best on the validation part; the data hold all 11." in figure.caption
    assert len(figure.data) == 1 + 11 * 12


def test_class_colours_are_those_of_the_report(study: list[Output]) -> None:
    panel = draw("class_differences", about(study, "class_differences")).picture.axes[0]
    marks = {line.get_ydata()[0]: (line.get_color(), line.get_marker()) for line in panel.lines if line.get_marker() != "None"}
    assert marks[CLASSES.index("surprise")] == ("#56B4E9", "P")
    assert marks[CLASSES.index("fear")] == ("#CC79A7", "D")


@pytest.mark.parametrize(
    ("value", "text"),
    [(128, "128"), (0.05, "0.05"), (1e-4, "10⁻⁴"), (3e-5, "3·10⁻⁵"), (0, "0"), (2e5, "2·10⁵"), (-0.5, "−0.5")],
)
def test_numbers_at_axes_are_short(value: float, text: str) -> None:
    assert tick(value) == text


def test_an_axis_holds_its_whole_range() -> None:
    log = scale_of(samples.SPACE["train.learning_rate"])
    assert (log.share(1e-4), log.share(1e-1)) == pytest.approx((0, 1))
    assert [text for _, text in log.ticks] == ["10⁻⁴", "0.001", "0.01", "0.1"]
    whole = scale_of(samples.SPACE["model.conv1"])
    assert [text for _, text in whole.ticks] == ["16", "80", "128"]  # 72 is not one of the steps
    assert scale_of({"low": 3, "high": 3, "step": 1}).share(3) == 0.5
    assert scale_of({"choices": [True]}).share(True) == 0.5
