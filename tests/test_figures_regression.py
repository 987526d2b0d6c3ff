"""Figures of ratings and of predicted intensities say what was planted, claim nothing of few videos, and stay readable."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import figure_samples_regression as samples
import matplotlib.pyplot
import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Picture
from matplotlib.text import Annotation, Text

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures._labels import Label, place_labels
from reportgen.figures._regression import ALARM
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style
from reportgen.kinds import KINDS
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import figure as step

OF_MODELS = ("what_error_hid", "regression_scores", "emotion_scores", "variance_ratio", "regressor_course")
OF_RATINGS = ("intensities", "rater_spread", "videos_in_time")
REPEATED = ("what_error_hid", "variance_ratio", "intensities", "rater_spread", "videos_in_time")
"""Drawn in two processes: labels that look for a place, legends of emotions, resamples, and groups by name."""
LONG = {
    **samples.TITLES,
    "net": "Temporal convolution with attention over windows",
    "lstm": "Bidirectional LSTM, squared error",
}
FOUR = ("knn", "ridge", "lstm", "net")
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "usual": ({}, {}),
    "sixteen": ({"keys": FOUR, "seeds": 2, "gone": (("lstm", "text"), ("net", "all"))}, {"videos": 40}),
    "sound": ({"gone": ()}, {"videos": 40}),
    "few": ({"videos": 4, "gone": ()}, {"videos": 4, "most": 6}),
    "one": ({"keys": ("lstm",), "sets": ("text",)}, {"videos": 20}),
    "two": ({"keys": ("knn", "lstm"), "sets": ("text",)}, {"videos": 40}),
    "gems": (
        {"emotions": samples.GEMS, "sets": ("audio",), "gone": (("lstm", "audio"),), "whole": "song"},
        {"emotions": samples.GEMS, "videos": 200, "most": 1, "scale": (0.0, 1.0), "raters": 20, "whole": "song", "even": True},
    ),
    "plane": (
        {"emotions": samples.PLANE, "sets": ("audio",), "gone": (), "whole": "song"},
        {
            "emotions": samples.PLANE,
            "videos": 40,
            "most": 60,
            "seconds": 0.5,
            "scale": (-1.0, 1.0),
            "whole": "song",
            "even": True,
        },
    ),
    "long": (
        {
            "keys": ("knn", "wide", "lstm", "net", "ridge"),
            "sets": ("transcripts_of_speech", "voice", "face_units", "all"),
            "titles": LONG,
            "gone": (("lstm", "face_units"),),
            "constant": (("net", "voice"),),
        },
        {"emotions": ("a name that is much longer than anybody expects", *samples.SIX[1:]), "videos": 30},
    ),
}
SAME: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("sound", "two"), OF_MODELS[1:]),
    "sixteen": ("emotion_scores", "variance_ratio"),
    "few": ("intensities", "regressor_course"),
}
OF_CASES = [(case, name) for case in CASES for name in OF_MODELS]
OF_CASES += [(case, name) for case in ("usual", "few", "gems", "plane", "long") for name in OF_RATINGS]
DRAWN = [(case, name) for case, name in OF_CASES if name not in SAME.get(case, ())]
"""What is drawn to be looked at: figures that are no more than others `SAME` in a case are not."""
Drawn = Callable[[str, str], Figure]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Output]]:
    def study(case: str) -> list[Output]:
        models, ratings = CASES[case]
        return samples.made(tmp_path_factory.mktemp("study"), samples.regression(**models), samples.rated(**ratings))

    return cache(study)


@pytest.fixture(scope="module")
def drawn(make: Callable[[str], list[Output]]) -> Drawn:
    """A figure of one of the `CASES`, drawn once for all tests."""
    return cache(lambda case, name: draw(name, make(case)))


@pytest.fixture
def after(tmp_path: Path) -> Callable[..., Figure]:
    """A figure of a `regression` that was changed."""

    def change_and_draw(name: str, change: Callable[[dict[str, Any]], None], **how: Any) -> Figure:
        found = samples.regression(**how)
        change(found)
        return draw(name, samples.experiment(tmp_path, found, {}))

    return change_and_draw


@pytest.fixture
def of_ratings(tmp_path: Path) -> Callable[..., Figure]:
    """A figure of ratings that were changed."""

    def change_and_draw(name: str, change: Callable[[dict[str, Any]], None], **how: Any) -> Figure:
        made = samples.rated(**({"videos": 12, "most": 6} | how))
        change(made)
        return draw(name, samples.data_set(tmp_path, made))

    return change_and_draw


def about(outputs: Sequence[Output], name: str) -> list[Output]:
    """What the planner would hand to a figure."""
    path = plugins.path_of("figure", name)
    kinds = {"facts", *plugins.constant(path, "NEEDS"), *plugins.constant(path, "SHOWS", ())}
    return [o for o in outputs if o.kind in kinds]


def draw(name: str, outputs: Sequence[Output]) -> Figure:
    with drawing_style():
        figure: Figure = plugins.verb("figure", name)(Inputs(about(outputs, name)))
        figure.picture.draw_without_rendering()
    return figure


def run(name: str, outputs: Sequence[Output], folder: Path) -> dict[str, Any]:
    """Draw as the pipeline does; the words."""
    folder.mkdir(parents=True, exist_ok=True)
    step.run(Inputs(about(outputs, name)), Out(folder), None, use=name, settings={})
    words: dict[str, Any] = json.loads((folder / "figure.json").read_text(encoding="utf-8"))
    return words


def shown(figure: Figure) -> list[Text]:
    return [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]


def texts(figure: Figure) -> list[str]:
    return [text.get_text().strip() for text in shown(figure)]


def rows(figure: Figure) -> list[dict[str, Any]]:
    header, *table = figure.data
    return [dict(zip(header, row, strict=True)) for row in table]


def check_look(figure: Figure) -> None:
    """As wide as the report, no text too small to print, nothing cut off."""
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width]
    assert height <= TALLEST
    assert min(text.get_fontsize() for text in shown(figure)) >= SMALL
    area = figure.picture.get_tightbbox()
    assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
    assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"


@pytest.mark.parametrize(("case", "name"), DRAWN)
def test_contract(case: str, name: str, drawn: Drawn) -> None:
    path = plugins.path_of("figure", name)
    assert plugins.constant(path, "EACH") == ("experiment" if name in OF_MODELS else "dataset")
    assert {*plugins.constant(path, "NEEDS"), *plugins.constant(path, "SHOWS", ())} <= set(KINDS)
    figure = drawn(case, name)
    words = [figure.title, figure.caption, figure.alt]
    assert all(words) and len({" ".join(text.split()) for text in words}) == 3
    assert not figure.title.endswith(".") and figure.caption.endswith(".")
    assert not any(word in " ".join(words) for word in ("nan", "None", "  ", "inf ", "_", "−0.00"))
    assert not figure.title[0].islower() and len(figure.title) < 200
    assert len(figure.data) > 1 and {len(row) for row in figure.data} == {len(figure.data[0])}
    check_look(figure)
    assert not matplotlib.pyplot.get_fignums()


@pytest.mark.parametrize(
    ("case", "name", "title"),
    [
        ("two", "what_error_hid", "LSTM on text has a lower error than KNN, and tells only happiness from sadness"),
        ("usual", "what_error_hid", "LSTM on text has a lower error than KNN and Ridge, and tells only happiness from sadness"),
        (
            "sixteen",
            "what_error_hid",
            "and tells only happiness from sadness; the same holds for Temporal convolution on all modalities",
        ),
        ("one", "what_error_hid", "LSTM on text collapsed: it tells only happiness from sadness"),
        ("sound", "what_error_hid", "No model collapsed; "),
        ("few", "what_error_hid", "Too few videos to say whether a model collapsed"),
        (
            "usual",
            "regression_scores",
            "LSTM on text, chosen on the validation part, errs 12 % less than the median, but collapsed",
        ),
        ("few", "regression_scores", "too little was tested for a claim"),
        ("usual", "emotion_scores", "LSTM on text predicts happiness best: r = 0.47; no model predicts surprise"),
        ("few", "emotion_scores", "Too few videos"),
        ("two", "variance_ratio", "Predictions of KNN on text are spread further than correlations support"),
        ("one", "variance_ratio", "Predictions spread as far as their correlations support"),
        ("few", "variance_ratio", "Too few videos"),
        ("one", "regressor_course", "LSTM on text is best on the validation part after epoch "),
        ("usual", "intensities", "Happiness is present in 52 % of the segments, fear in 8 %; 21 % have no emotion at all"),
        ("plane", "intensities", "valence and arousal go together (r = 0."),
        ("usual", "rater_spread", "Ratings of surprise are least reliable: no model can expect r above "),
        ("gems", "videos_in_time", "Every song is one segment of about 7"),
        ("plane", "videos_in_time", "A song has 60 segments; "),
    ],
)
def test_title_states_the_planted_finding(case: str, name: str, title: str, drawn: Drawn) -> None:
    assert title in drawn(case, name).title.replace("\N{NO-BREAK SPACE}", " ")


def arrows(figure: Figure) -> list[Annotation]:
    found = [text for text in figure.picture.findobj(Annotation) if text.arrow_patch and not text.get_text()]
    return [text for text in found if to_rgb(text.arrow_patch.get_edgecolor()) == to_rgb(ALARM)]


def test_arrows_lead_from_each_model_to_the_collapsed_one_that_errs_less(drawn: Drawn) -> None:
    figure = drawn("usual", "what_error_hid")
    place = {row["id"]: row for row in rows(figure)}
    ends = [(round(text.xyann[0], 6), round(text.xy[0], 6)) for text in arrows(figure) if text.xyann[1] > text.xy[1] + 0.2]
    wanted = [
        (place[f"{key}/text"]["mean absolute error"], place["lstm/text"]["mean absolute error"]) for key in ("knn", "ridge")
    ]
    assert sorted(ends) == sorted((round(a, 6), round(b, 6)) for a, b in wanted)
    assert not arrows(drawn("sound", "what_error_hid"))


def test_collapsed_models_are_marked_where_they_stand(drawn: Drawn) -> None:
    figure = drawn("sixteen", "what_error_hid")
    marked = [text.get_text() for text in shown(figure) if "collapsed" in text.get_text() and text.get_color() == ALARM]
    assert sorted(marked) == ["LSTM\ncollapsed", "Temporal convolution\ncollapsed"]
    assert not any(text.get_color() == ALARM for text in shown(drawn("sound", "what_error_hid")))


def test_share_of_directions_is_the_rank_over_the_calibrated_one(after: Callable[..., Figure]) -> None:
    """1 less the gap, with the interval of the gap: where the gap is not clearly above 0, the interval holds 1."""

    def half(found: dict[str, Any]) -> None:
        collapse = found["candidates"][0]["collapse"]
        collapse["rank"] = {"mean": 1.0, "low": 0.9, "high": 1.1}
        collapse["calibrated"] = {"mean": 2.0, "low": 1.8, "high": 2.2}
        collapse["gap"] = {"mean": 1.0, "low": 0.5, "high": 1.5}

    figure = after("what_error_hid", half, keys=("knn",), sets=("text",))
    heights = [list(line.get_ydata()) for line in figure.picture.axes[0].lines]
    assert [0.5] in [[float(y) for y in ys] for ys in heights if len(ys) == 1]
    assert [0.25, 0.75] in heights
    assert "keeps 0.50" in figure.alt


def test_difference_that_is_not_clear_is_said_to_be_so(after: Callable[..., Figure]) -> None:
    def unclear(found: dict[str, Any]) -> None:
        for pair in found["pairs"]:
            pair["better"] = ""

    title = after("what_error_hid", unclear, keys=("knn", "lstm"), sets=("text",)).title
    assert title == "LSTM on text has a lower error (not clearly) than KNN, and tells only happiness from sadness"


def test_only_what_is_clearly_beaten_is_named(after: Callable[..., Figure]) -> None:
    def one_is_clear(found: dict[str, Any]) -> None:
        for pair in found["pairs"]:
            pair["better"] = "" if "ridge/text" in (pair["first"], pair["second"]) else pair["better"]

    title = after("what_error_hid", one_is_clear, sets=("text",)).title
    assert title == "LSTM on text has a lower error than KNN, and tells only happiness from sadness"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("happy against sad and anger", "tells only happiness from sadness and anger"),
        ("happy", "varies in happiness only"),
        ("happy, joyful_activation and fear against sad", "tells only happiness, joyful activation and fear from sadness"),
        ("", "varies in one direction only"),
        ("joyful_activation or not", "varies in joyful activation only"),
    ],
)
def test_title_says_what_a_collapsed_model_tells(told: str, words: str, after: Callable[..., Figure]) -> None:
    def change(found: dict[str, Any]) -> None:
        found["candidates"][0]["collapse"]["dominant"]["told"] = told

    assert after("what_error_hid", change, keys=("lstm",), sets=("text",)).title == f"LSTM on text collapsed: it {words}"


def test_title_claims_no_more_than_was_tested(after: Callable[..., Figure]) -> None:
    def untested(found: dict[str, Any]) -> None:
        found["candidates"][0]["collapse"] |= {"verdict": "not tested", "why": "60 videos are too few to tell"}

    how: dict[str, Any] = {"sets": ("text",), "gone": ()}
    some = after("what_error_hid", untested, keys=("knn", "ridge"), **how)
    assert some.title.startswith("No model that could be tested collapsed; ")
    none = after("what_error_hid", untested, keys=("knn",), **how)
    assert none.title == "Nobody can tell whether a model collapsed"
    assert "60 videos are too few to tell" in none.caption


def test_lower_error_of_a_constant_model_is_said(after: Callable[..., Figure]) -> None:
    def hide(found: dict[str, Any]) -> None:
        pair = {"hides": "net/text", "beside": "knn/text", "set": "text", "mae": [0.1, 0.2], "why": "It says the same."}
        found["hidden"] = [pair]

    figure = after("what_error_hid", hide, keys=("knn", "net"), sets=("text",), gone=(), constant=(("net", "text"),))
    assert figure.title == "Temporal convolution on text has a lower error than KNN, and says the same of every segment"


def test_constant_models_keep_nothing(drawn: Drawn) -> None:
    figure = drawn("long", "what_error_hid")
    assert any(text.endswith("…\nconstant") for text in texts(figure))
    assert "keeps 0.00, constant" in figure.alt
    dashes = [row for row in rows(drawn("long", "emotion_scores")) if row["id"] == "net/voice"]
    assert len(dashes) == 6 and all(row["r"] is None for row in dashes)


@pytest.mark.parametrize("name", OF_MODELS[:4])
def test_few_videos_have_no_intervals_and_no_claims(name: str, drawn: Drawn) -> None:
    figure = drawn("few", name)
    assert "no intervals and no claims: 4 videos" in figure.caption
    assert "95" not in figure.caption
    assert all(
        not value
        for row in rows(figure)
        for column, value in row.items()
        if column.endswith((" low", " high", "clearly above zero"))
    )


def test_intervals_say_over_how_many_videos(drawn: Drawn) -> None:
    for name in OF_MODELS[:4]:
        assert "over the 60 songs" in drawn("gems", name).caption, name


def test_rows_follow_the_error_on_the_validation_part(after: Callable[..., Figure]) -> None:
    """The test part orders nothing: the model with the best test error comes last if the validation part says so."""

    def turned(found: dict[str, Any]) -> None:
        models = [one for one in found["candidates"] if one["validation"]]
        for place, one in enumerate(sorted(models, key=lambda one: one["scores"]["mae"]["mean"], reverse=True)):
            one["validation"]["mae"] = place

    for name in ("regression_scores", "emotion_scores"):
        figure = after(name, turned, sets=("text",), gone=())
        order = list(dict.fromkeys(row["id"] for row in rows(figure)))[:3]
        assert order == ["knn/text", "ridge/text", "lstm/text"] or order == ["knn/text", "lstm/text", "ridge/text"]
        assert figure.title.startswith(("KNN on text", "No model"))


def test_baselines_stand_below_all_models(drawn: Drawn) -> None:
    table = rows(drawn("usual", "regression_scores"))
    assert [row["id"] for row in table[-3:]] == ["zero", "median", "mean"]
    labels = [label.get_text() for label in drawn("usual", "regression_scores").picture.axes[0].get_yticklabels()]
    assert labels[-3:] == ["always zero", "always the median", "always the mean"]


def test_title_counts_models_that_clearly_beat_the_median(after: Callable[..., Figure]) -> None:
    def none(found: dict[str, Any]) -> None:
        for one in found["candidates"]:
            one["scores"]["skill"] = {"mean": 0.01, "low": -0.01, "high": 0.03}

    title = after("regression_scores", none).title
    assert title == "No model is clearly better than always answering the median"


def test_correlations_that_are_not_clear_are_faded(drawn: Drawn) -> None:
    figure = drawn("usual", "emotion_scores")
    table = rows(figure)
    faded = [text for text in shown(figure) if text.get_style() == "italic"]
    assert len(faded) == sum(not row["clearly above zero"] for row in table) > 0
    mesh = next(one for one in figure.picture.axes[0].collections if isinstance(one, QuadMesh))
    clear = np.array([row["clearly above zero"] for row in table])
    assert (np.asarray(mesh.get_array()).ravel()[~clear] == 0).all()
    assert {row["emotion"] for row in table if not row["clearly above zero"]} >= {"surprise"}


def test_many_numbers_are_warned_of(drawn: Drawn) -> None:
    assert "Of 72 numbers, about 2 would look clear by chance" in drawn("usual", "emotion_scores").caption
    assert "by chance" not in drawn("one", "emotion_scores").caption


def test_presence_is_no_matter_of_a_plane(drawn: Drawn) -> None:
    assert "present in" not in texts(drawn("plane", "emotion_scores"))
    assert "present in" in texts(drawn("gems", "emotion_scores"))


def test_calibrated_models_lie_on_the_diagonal(drawn: Drawn) -> None:
    """A weak one near 0, and it is not accused."""
    table = [row for row in rows(drawn("usual", "variance_ratio")) if row["id"] == "knn/voice"]
    assert all(row["variance ratio"] == pytest.approx(row["r squared"]) for row in table)
    assert "KNN on voice: variance ratio 0.02, r² 0.02, as far as they should" in drawn("usual", "variance_ratio").alt
    assert texts(drawn("usual", "variance_ratio")).count("weak") == 2
    assert texts(drawn("usual", "variance_ratio")).count("collapsed") == 1


@pytest.mark.parametrize(("factor", "words"), [(0.2, "shrunk too far"), (1.0, "as far as their"), (5.0, "spread further than")])
def test_title_follows_the_variance_ratio(factor: float, words: str, after: Callable[..., Figure]) -> None:
    def stretched(found: dict[str, Any]) -> None:
        for one in found["candidates"]:
            for end in ("mean", "low", "high"):
                r2 = one["collapse"]["r2"]["mean"] or 0.0
                one["collapse"]["variance_ratio"][end] = factor * r2 * {"mean": 1.0, "low": 0.9, "high": 1.1}[end]

    assert words in after("variance_ratio", stretched, keys=("ridge",), sets=("text",), gone=()).title


def test_negative_correlation_explains_nothing(after: Callable[..., Figure]) -> None:
    def negative(found: dict[str, Any]) -> None:
        found["candidates"][0]["emotions"]["happy"]["pearson"] = {"mean": -0.5, "low": -0.6, "high": -0.4}

    table = rows(after("variance_ratio", negative, keys=("ridge",), sets=("text",), gone=()))
    assert [row["r squared"] for row in table if row["emotion"] == "happy"] == [0.0]


def test_models_without_a_course_have_none(tmp_path: Path) -> None:
    found = samples.regression(keys=("knn",), sets=("text",))
    plain = samples.experiment(tmp_path / "plain", found, {("knn", 0): samples.regressor("knn", ("text",), epochs=0)})
    figure = draw("regressor_course", plain)
    assert figure.title == "No model of this experiment learns in epochs"
    assert "No model of this experiment learns in epochs." in texts(figure)
    check_look(figure)


def test_courses_mark_the_chosen_epoch_of_every_seed(drawn: Drawn) -> None:
    figure = drawn("sixteen", "regressor_course")
    chosen = [row for row in rows(figure) if row["chosen"]]
    assert len(chosen) == 4 * 2  # sets and seeds
    dots = [line for ax in figure.picture.axes for line in ax.lines if line.get_marker() == "o"]
    assert sorted(float(line.get_xdata()[0]) for line in dots) == sorted(float(row["epoch"]) for row in chosen)
    assert all(row["model"] == "LSTM" for row in chosen)


def test_model_that_still_improved_is_named(tmp_path: Path) -> None:
    value = samples.regressor("lstm", ("text", "voice"))
    value["sets"]["voice"]["course"]["chosen"] = 30
    outputs = samples.experiment(tmp_path, samples.regression(), {("lstm", 0): value})
    assert draw("regressor_course", outputs).title == "LSTM on voice was still improving when training ended"


def test_segments_without_emotion_are_counted_as_argmax_would_call_them(of_ratings: Callable[..., Figure]) -> None:
    def nearly_empty(made: dict[str, Any]) -> None:
        made["intensities"][:] = 0
        made["intensities"][0, 1] = 1.0
        made["intensities"][-1] = np.nan

    figure = of_ratings("intensities", nearly_empty)
    n = len(samples.rated(videos=12, most=6)["intensities"])
    assert f"calls {n - 2} segments without any emotion “happy”" in figure.caption
    assert f"1 of {n} segments of Ratings that were not rated are left out" in figure.caption
    present = {row["emotion"]: row["share present"] for row in rows(figure)}
    assert present["sad"] == pytest.approx(1 / (n - 1), abs=1e-4)
    assert present["happy"] == 0


def test_emotions_that_come_together_are_found(of_ratings: Callable[..., Figure]) -> None:
    def together(made: dict[str, Any]) -> None:
        made["intensities"][:] = 0
        made["intensities"][:20, 2] = 1  # 20 with anger, 10 of them with disgust too
        made["intensities"][:10, 4] = 2

    figure = of_ratings("intensities", together, videos=20)
    table = {row["emotion"]: row for row in rows(figure)}
    assert table["anger"]["also disgust"] == 0.5 and table["disgust"]["also anger"] == 1.0
    assert "of segments with disgust, 100\N{NO-BREAK SPACE}% also have anger" in figure.alt


def test_what_is_always_present_is_told_by_correlation(of_ratings: Callable[..., Figure]) -> None:
    """Of music nearly every emotion is ticked by somebody: what comes together is everything."""

    def dense(made: dict[str, Any]) -> None:
        rng = np.random.default_rng(2)
        values = rng.uniform(0.2, 0.8, made["intensities"].shape)
        values[:, 3] = 1 - values[:, 0]
        values[:, 5] = 0.9 * values[:, 1] + 0.01
        made["intensities"] = values.astype(np.float32)

    figure = of_ratings("intensities", dense, scale=(0.0, 1.0), videos=30)
    table = {row["emotion"]: row for row in rows(figure)}
    assert table["happy"]["correlation with surprise"] == pytest.approx(-1, abs=1e-3)
    assert "Most alike: sad and fear, r = 1.00" in figure.alt
    assert "correlation over segments" in texts(figure) and "−1.0" in texts(figure)


def test_nothing_is_drawn_of_what_nobody_rated(of_ratings: Callable[..., Figure]) -> None:
    def unrated(made: dict[str, Any]) -> None:
        made["intensities"][:] = np.nan

    figure = of_ratings("intensities", unrated)
    assert figure.title == "No segment was rated"
    check_look(figure)
    check_look(of_ratings("rater_spread", unrated))
    check_look(of_ratings("videos_in_time", unrated))


def test_quadrants_of_the_plane(of_ratings: Callable[..., Figure]) -> None:
    def one_quadrant(made: dict[str, Any]) -> None:
        made["intensities"] = np.abs(made["intensities"]) * np.array([-1, 1], np.float32) - np.array([0.01, -0.01], np.float32)

    title = of_ratings("intensities", one_quadrant, emotions=samples.PLANE, scale=(-1.0, 1.0)).title
    assert title.startswith("100\N{NO-BREAK SPACE}% of the segments are unpleasant and excited")


def test_reliability_of_planted_raters(of_ratings: Callable[..., Figure]) -> None:
    """Means of four raters with errors of variance 1 around true values of variance 1: reliability 1 / (1 + 1/4) = 0.8."""

    def raters(made: dict[str, Any]) -> None:
        rng = np.random.default_rng(0)
        n = len(made["intensities"])
        ratings = rng.normal(size=(n, 1, 6)) + rng.normal(size=(n, 4, 6))  # (segment, rater, emotion)
        made["intensities"] = ratings.mean(axis=1).astype(np.float32)
        made["rater_spread"] = ratings.std(axis=1, ddof=1).astype(np.float32)
        made["segments"]["raters"][:] = 4

    table = rows(of_ratings("rater_spread", raters, videos=200))
    assert [row["reliability"] for row in table] == pytest.approx([0.8] * 6, abs=0.04)
    assert all(row["low"] < row["reliability"] < row["high"] for row in table)
    assert all(row["between raters"] == pytest.approx(1.0, abs=0.05) for row in table)


def test_without_the_number_of_raters_there_is_no_ceiling(of_ratings: Callable[..., Figure]) -> None:
    def unknown(made: dict[str, Any]) -> None:
        made["segments"]["raters"][:] = -1

    figure = of_ratings("rater_spread", unknown)
    assert all(row["reliability"] is None for row in rows(figure))
    assert "How many people rated a segment is not known" in figure.caption
    assert figure.title.startswith("Raters of one segment differ")


def test_raters_that_agree_on_nothing_are_said_to(of_ratings: Callable[..., Figure]) -> None:
    def noise(made: dict[str, Any]) -> None:
        made["rater_spread"][:, 3] = 30.0

    assert of_ratings("rater_spread", noise).title == "Raters agree no more on surprise than by chance"


def test_few_videos_have_no_interval_of_reliability(drawn: Drawn) -> None:
    assert all(row["low"] is None for row in rows(drawn("few", "rater_spread")))
    assert "There are no intervals: 4 videos are too few." in drawn("few", "rater_spread").caption


@pytest.mark.parametrize(("between", "share"), [(0.0, 0.0), (1.0, 0.5), (3.0, 0.9)])
def test_likeness_of_segments_of_a_video(between: float, share: float, of_ratings: Callable[..., Figure]) -> None:
    """The share of the variance between videos: b² / (b² + 1)."""

    def planted(made: dict[str, Any]) -> None:
        rng = np.random.default_rng(3)
        _, video = np.unique(made["segments"]["video"], return_inverse=True)
        n = len(video)
        made["intensities"] = (between * rng.normal(size=(400, 6))[video] + rng.normal(size=(n, 6))).astype(np.float32)

    figure = of_ratings("videos_in_time", planted, videos=400, most=8)
    told = [float(part.rsplit(" ", 1)[1].rstrip(".")) for part in figure.alt.split("alike: ")[1].split(", ")]
    assert np.mean(told) == pytest.approx(share, abs=0.06)


def test_time_that_segments_fill(of_ratings: Callable[..., Figure]) -> None:
    """Two segments of 4 s, the second 6 s after the first: 8 of 10 s. An overlap counts once."""

    def timed(made: dict[str, Any]) -> None:
        made["segments"]["start"] = np.tile([10.0, 16.0], len(made["intensities"]) // 2)
        made["segments"]["stop"] = made["segments"]["start"] + 4

    assert "Segments fill 80\N{NO-BREAK SPACE}% of the time" in of_ratings("videos_in_time", timed, most=2, even=True).caption

    def overlapping(made: dict[str, Any]) -> None:
        made["segments"]["start"] = np.tile([0.0, 0.0], len(made["intensities"]) // 2)
        made["segments"]["stop"] = np.tile([10.0, 5.0], len(made["intensities"]) // 2)

    assert (
        "Segments fill 100\N{NO-BREAK SPACE}% of the time"
        in of_ratings("videos_in_time", overlapping, most=2, even=True).caption
    )


def test_videos_stay_in_the_order_of_the_data(of_ratings: Callable[..., Figure]) -> None:
    def renamed(made: dict[str, Any]) -> None:
        names = made["segments"]["video"]
        made["segments"]["video"] = np.array([f"z{99 - int(name[-2:]):02d}" for name in names])

    table = rows(of_ratings("videos_in_time", renamed))
    assert [row["video"] for row in table] == [f"z{99 - i}" for i in range(12)]
    assert sum(row["segments"] for row in table) == len(samples.rated(videos=12, most=6)["intensities"])


@pytest.mark.parametrize("name", ["regression_scores", "emotion_scores"])
@pytest.mark.parametrize("case", ["sixteen", "long"])
def test_many_rows_do_not_touch(case: str, name: str, drawn: Drawn) -> None:
    figure = drawn(case, name)
    labels = [label for label in figure.picture.axes[0].get_yticklabels() if label.get_text()]
    boxes = sorted((label.get_window_extent() for label in labels), key=lambda box: box.y0)
    assert len(boxes) >= 16
    assert all(low.y1 <= high.y0 + 1 for low, high in pairwise(boxes))
    assert all(label.get_window_extent().x0 >= 0 for label in labels)
    assert len({label.get_text() for label in labels}) >= 0.8 * len(labels), "names are cut so far that they are alike"


def test_labels_lie_within_the_chart_and_apart() -> None:
    with drawing_style():
        picture = Picture(figsize=(3, 2))
        ax = picture.add_axes((0.1, 0.1, 0.8, 0.8), xlim=(0, 1), ylim=(0, 1))
        at = [(0.02, 0.5), (0.05, 0.52), (0.97, 0.97), (0.5, 0.03), (0.52, 0.05)]
        place_labels(ax, [Label(x, y, f"a longer name {i}", "black") for i, (x, y) in enumerate(at)], np.zeros((0, 2)))
        picture.draw_without_rendering()
        boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
        chart = ax.get_window_extent()
    assert len(boxes) == 5
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(chart.x0 - 2 <= box.x0 and box.x1 <= chart.x1 + 2 and chart.y0 - 2 <= box.y0 for box in boxes)


def test_two_models_of_one_title_are_told_apart(drawn: Drawn) -> None:
    assert {"KNN (knn)", "KNN (wide)"} <= set(texts(drawn("long", "what_error_hid")))


def test_same_bytes_in_another_process(tmp_path: Path) -> None:
    """Without what only the computing half has."""
    how = "tests.samples.regression(keys=('knn', 'lstm'), sets=('text',)), tests.samples.rated(videos=20)"
    study = samples.made(tmp_path / "study", samples.regression(keys=("knn", "lstm"), sets=("text",)), samples.rated(videos=20))
    code = f"""
import sys
for name in ("torch", "sklearn", "skimage", "pandas", "scipy"):
    sys.modules[name] = None
from pathlib import Path
import test_figures_regression as tests
study = tests.samples.made(Path({str(tmp_path / "study")!r}), {how})
for name in tests.REPEATED:
    tests.run(name, study, Path({str(tmp_path / "there")!r}) / name)
"""
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=Path(__file__).parent.parent)
    for name in REPEATED:
        words = run(name, study, tmp_path / "here" / name)
        assert words["caption"].endswith("Simulated data.")
        assert list(csv.DictReader(io.StringIO((tmp_path / "here" / name / "figure.csv").read_text(encoding="utf-8"))))
        for path in sorted((tmp_path / "here" / name).iterdir()):
            assert path.read_bytes() == (tmp_path / "there" / name / path.name).read_bytes(), path.name
