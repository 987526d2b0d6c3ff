"""Figures of synthetic samples say what was planted into their numbers, rank nothing that is no merit, and stay readable."""

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import figure_samples_realism as samples
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.markers import CARETRIGHTBASE
from matplotlib.text import Text

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures._candidates import LOOKS, SHARED, generators, looks_of, number, told, within
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style
from reportgen.figures._style import looks as looks_of_classes
from reportgen.figures.signal_realism import LEFT, RIGHT
from reportgen.kinds import KINDS
from reportgen.outputs import Inputs, Out, Output
from reportgen.realism.sets import FEWEST
from reportgen.steps import figure as step

OF_SCORES = ("signal_realism", "signal_utility", "signal_memory")
FIGURES = ("gan_course", *OF_SCORES)
Scores = dict[str, Any]
Courses = dict[tuple[str, int, int], Any]
NO_NETWORK = {"frechet": "the model of the experiment is an estimator"}
CASES: dict[str, tuple[Scores, Callable[[], Courses]]] = {
    "two": (
        {"candidates": 2},
        lambda: {
            ("gan_dense", 0, 0): samples.course(),
            ("wgan_raw", 0, 0): samples.course(wasserstein=True, seed=1),
        },
    ),
    "eight": (
        {"candidates": 8, "blind": ("density", "tstr")},
        lambda: {
            (key, fold, 0): samples.course(
                wasserstein=key == "wgan_raw",
                seed=fold,
                diverged=samples.NAN if (key, fold) == ("gan_dense", 1) else "",
            )
            for key in ("gan_dense", "wgan_raw")
            for fold in range(4)
        },
    ),
    "maps": (
        {"domain": "maps", "candidates": 8, "diverged": ("gan_dense",), "absent": NO_NETWORK},
        lambda: {
            ("gan_dense", 0, 0): samples.course(diverged=samples.NAN),
            ("wgan_de", 0, 0): samples.course(wasserstein=True, epochs=60, seed=2),
        },
    ),
    "few": (
        {"domain": "maps", "candidates": 2, "units": 4, "classes": ("sad", "happy")},
        lambda: {("wgan_de", 0, 0): samples.course(wasserstein=True, epochs=1)},
    ),
    "holes": (
        {
            "candidates": 5,
            "diverged": ("gan_dense",),
            "absent": {"mmd": samples.TOO_FEW},
            "left_out": {("wgan_raw", "density"): "no neighbours were found"},
        },
        lambda: {("gan_dense", fold, seed): samples.course(diverged=samples.NAN) for fold in range(2) for seed in range(2)},
    ),
    "nothing": (
        {
            "candidates": 1,
            "diverged": ("gan_dense",),
            "units": 4,
            "absent": {name: samples.TOO_FEW for name in samples.SCORES if name not in samples.OF_USE},
        },
        lambda: {("gan_dense", 0, 0): {**samples.course(diverged=samples.NAN), "epochs": [], "chosen": 0}},
    ),
}
Drawn = Callable[[str, str], Figure]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Output]]:
    return cache(
        lambda case: samples.made(tmp_path_factory.mktemp("study"), samples.signal_scores(**CASES[case][0]), CASES[case][1]())
    )


@pytest.fixture(scope="module")
def drawn(make: Callable[[str], list[Output]]) -> Drawn:
    """A figure of one of the `CASES`, drawn once for all tests."""
    return cache(lambda case, name: draw(name, make(case)))


@pytest.fixture
def after(tmp_path: Path) -> Callable[..., Figure]:
    """A figure of scores that were changed."""

    def make_and_draw(name: str, change: Callable[[Scores], None], **how: Any) -> Figure:
        scores = samples.signal_scores(**how)
        change(scores)
        return draw(name, samples.made(tmp_path, scores))

    return make_and_draw


def about(outputs: Sequence[Output], name: str) -> list[Output]:
    """What the planner would hand to a figure."""
    path = plugins.path_of("figure", name)
    needs = {"facts", *plugins.constant(path, "NEEDS"), *plugins.constant(path, "SHOWS", ())}
    return [o for o in outputs if o.kind in needs]


def draw(name: str, outputs: Sequence[Output]) -> Figure:
    with drawing_style():
        figure: Figure = plugins.verb("figure", name)(Inputs(about(outputs, name)))
        figure.picture.draw_without_rendering()
    return figure


def trained(folder: Path, courses: Courses, scores: Scores | None = None) -> Figure:
    return draw("gan_course", samples.made(folder, scores, courses))


def rows(figure: Figure) -> list[dict[str, Any]]:
    header, *table = figure.data
    return [dict(zip(header, row, strict=True)) for row in table]


def texts(figure: Figure) -> list[str]:
    return [text.get_text().strip() for text in figure.picture.findobj(Text) if text.get_visible()]


def check_look(figure: Figure) -> None:
    """As wide as the report, no text too small to print, nothing cut off."""
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width] and height <= TALLEST
    shown = [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in shown) >= SMALL
    area = figure.picture.get_tightbbox()
    assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
    assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other; but for tilted ones, and numbers of axes, of which some are not drawn."""
    figure.picture.draw_without_rendering()
    shown = [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    axes = figure.picture.findobj(Axes)
    ticks = {id(text) for ax in axes for text in (*ax.get_xticklabels(which="both"), *ax.get_yticklabels(which="both"))}
    free = [text for text in shown if text.get_rotation() == 0 and id(text) not in ticks]
    boxes = [(text.get_text(), text.get_window_extent()) for text in free]
    return [
        (first, second)
        for i, (first, one) in enumerate(boxes)
        for second, other in boxes[i + 1 :]
        if min(one.x1, other.x1) - max(one.x0, other.x0) > 1 and min(one.y1, other.y1) - max(one.y0, other.y0) > 2
    ]


@pytest.mark.parametrize("case", CASES)
def test_contract(case: str, drawn: Drawn) -> None:
    for name in FIGURES:
        path = plugins.path_of("figure", name)
        assert plugins.constant(path, "EACH") == "experiment" and set(plugins.constant(path, "NEEDS")) <= set(KINDS)
        figure = drawn(case, name)
        words = [figure.title, figure.caption, figure.alt]
        assert all(words) and len({" ".join(text.split()) for text in words}) == 3, name
        assert not figure.title.endswith(".") and figure.caption.endswith("."), name
        assert not any(word in " ".join(words) for word in (" nan", "None", "  ", "[]")), name
        assert not figure.title[0].islower() and len(figure.title) < 200, name
        assert len(figure.data) > 1 and {len(row) for row in figure.data} == {len(figure.data[0])}, name
        check_look(figure)


@pytest.mark.parametrize("case", ["eight", "holes"])
def test_no_words_lie_on_each_other(case: str, drawn: Drawn) -> None:
    for name in FIGURES:
        assert overlaps(drawn(case, name)) == [], name


@pytest.mark.parametrize(
    ("name", "title"),
    [
        (
            "gan_course",
            "The kept spectrum of wgan raw (epoch 28) is 2.0 times as far off as that of real samples, before training 13",
        ),
        ("signal_realism", "As real ones or near them: wgan raw on "),
        ("signal_utility", "Adding samples of wgan raw (+0.031) helps; adding those of gan dense (−0.052) hurts"),
        ("signal_memory", "No generator copies what it learned from; samples of gan dense are all alike"),
    ],
)
def test_titles_say_what_was_planted(name: str, title: str, drawn: Drawn) -> None:
    assert drawn("two", name).title.startswith(title)


def test_copies_are_named(drawn: Drawn) -> None:
    title = drawn("eight", "signal_memory").title
    assert title.startswith("Training samples are copied by copies; samples of interpolation and mixup stay near")
    assert {row["candidate"]: row["memory"] for row in rows(drawn("eight", "signal_memory"))}["copies"] == "copies"


def test_what_is_kept_by_construction_is_not_ranked(drawn: Drawn) -> None:
    figure = drawn("eight", "signal_realism")
    kept = {(row["candidate"], row["score"]): row for row in rows(figure)}
    assert not kept["phases", "psd_distance"]["ranked"] and kept["wgan_raw", "psd_distance"]["ranked"]
    assert "Hollow: not ranked, as it is kept by construction or as the score ranks nobody." in figure.caption
    assert "not ranked" in texts(figure)
    real = next(row for row in kept.values() if row["candidate"] == "real" and row["score"] == "trts")
    assert real["floor"] == 0.71, "what is recognised of real test samples, not of samples that were learned"


def test_preserved_score_is_never_bold(after: Callable[..., Figure]) -> None:
    figure = after("signal_realism", lambda _: None, candidates=3)
    bold = [text for text in figure.picture.findobj(Text) if text.get_weight() == "bold" and text.get_position()[0] > 2]
    spectra = next(text for text in figure.picture.findobj(Text) if text.get_text() == "Distance of the spectra")
    same_row = [text.get_text() for text in bold if 0 < text.get_position()[1] - spectra.get_position()[1] < 0.2]
    assert same_row == ["1.35"], "phase surrogates have the spectrum by construction"


def _counted(figure: Figure, name: str) -> int:
    """Of how many scores the title counts those on which a generator is real or near, which are all or none."""
    good, of = map(int, re.findall(rf"{name} on (\d+) of (\d+)", figure.title)[0])
    assert good in (0, of)
    return of


def test_all_or_no_scores_are_real_as_planted(drawn: Drawn) -> None:
    title = drawn("two", "signal_realism").title
    assert _counted(drawn("two", "signal_realism"), "wgan raw") > 8 and "gan dense on 0 of " in title


def test_a_score_that_cannot_tell_is_grey(drawn: Drawn) -> None:
    figure = drawn("eight", "signal_realism")
    assert {"cannot tell even white noise from real", "cannot tell even swapped classes from real"} <= set(texts(figure))
    assert "Grey: on these data the control is not clearly worse than real ones." in figure.caption
    assert "density" not in figure.alt and "TSTR" not in figure.alt
    assert _counted(figure, "wgan raw") == _counted(drawn("two", "signal_realism"), "wgan raw") - 2, "none is counted"


def test_positions_beyond_the_ceiling_are_cut(drawn: Drawn) -> None:
    figure = drawn("two", "signal_realism")
    wide = figure.picture.axes[0].get_xlim()[1]
    drawn_at = [line.get_xdata() for line in figure.picture.axes[0].lines]
    assert max(np.max(x) for x in drawn_at if len(x)) < wide
    far = next(row for row in rows(figure) if (row["candidate"], row["score"]) == ("gan_dense", "sliced_wasserstein"))
    assert far["position"] > 1.12, "the data say how far"
    assert "further out" in texts(figure)


def test_intervals_are_places_on_the_bar(after: Callable[..., Figure]) -> None:
    """0.25 of the way, from 0.15 to 0.35, whatever the unit."""

    def place(found: Scores) -> None:
        for one in found["candidates"]:
            if one["key"] == "gan_dense":
                value = one["values"]["psd_distance"]
                value |= {"position": 0.25, "over_floor": {"mean": 50.0, "low": 30.0, "high": 70.0}}

    figure = after("signal_realism", place, candidates=1)
    lines = [line.get_xdata() for line in figure.picture.axes[0].lines if len(line.get_xdata()) == 2]
    bar, interval = np.asarray(lines[1]), np.asarray(lines[2])  # after the line of the block
    assert (interval - bar[0]) / (bar[1] - bar[0]) == pytest.approx([0.15, 0.35])


def test_left_out_scores_say_why(drawn: Drawn) -> None:
    figure = drawn("holes", "signal_realism")
    assert f"Left out, as {samples.TOO_FEW}: MMD²." in figure.caption and "MMD²" not in texts(figure)
    assert "Left out for wgan raw: density (no neighbours were found)." in figure.caption
    assert texts(figure).count("left out") == 1
    assert {row["left out"] for row in rows(figure) if row["score"] == "mmd" and row["candidate"] == "real"} == {
        samples.TOO_FEW
    }


@pytest.mark.parametrize("name", FIGURES)
def test_diverged_generators_are_named(name: str, drawn: Drawn) -> None:
    figure = drawn("holes", name)
    assert "gan dense" in figure.caption and samples.NAN in figure.caption
    assert any("diverged" in text for text in texts(figure)) and "gan dense" in figure.alt
    assert any(samples.NAN in map(str, row.values()) for row in rows(figure))


def test_too_few_units_claim_nothing(drawn: Drawn) -> None:
    assert samples.signal_scores(units=FEWEST - 1)["utility"]["rows"][0]["verdict"] == "not tested"
    assert drawn("few", "signal_utility").title == "4 subjects are too few to test whether adding synthetic samples helps"
    for name in OF_SCORES:
        figure = drawn("few", name)
        assert "[" not in figure.alt and "95" not in figure.caption.replace("than 95", ""), name
    assert "synthetic, 95 % interval" not in texts(drawn("few", "signal_realism"))


@pytest.mark.parametrize("name", FIGURES)
def test_without_a_number_nothing_is_drawn(name: str, drawn: Drawn) -> None:
    figure = drawn("nothing", name)
    if name != "signal_utility":  # its controls are there
        assert figure.width == "narrow" and not figure.picture.axes
    assert any(word in figure.title for word in ("No score", "not measured", "diverged"))


def test_no_clear_difference_is_said(after: Callable[..., Figure]) -> None:
    figure = after("signal_utility", lambda found: None, domain="signals", candidates=0)
    assert figure.title == "What synthetic samples are good for was not measured"

    def unclear(found: Scores) -> None:
        for row in found["utility"]["rows"]:
            row["verdict"] = "no clear difference"

    assert after("signal_utility", unclear).title == "Adding synthetic samples to real ones makes no clear difference"


def test_what_cannot_be_told_is_no_title(after: Callable[..., Figure]) -> None:
    def blind(found: Scores) -> None:
        found["blind"] = ["augmentation"]

    title = after("signal_utility", blind).title
    assert title.startswith("Whether adding synthetic samples helps cannot be told")


def test_controls_are_no_generators(drawn: Drawn) -> None:
    figure = drawn("two", "signal_utility")
    assert {"swapped classes", "real ones twice", "real twice"} <= set(texts(figure))
    assert "swapped" not in figure.title and {row["candidate"] for row in rows(figure)} >= {"real alone", "classes", "wgan_raw"}
    assert "Grey are controls: real samples whose classes were swapped and the real samples" in figure.caption


def test_no_more_than_real_samples_twice_is_no_help(drawn: Drawn) -> None:
    figure = drawn("eight", "signal_utility")
    assert "; of none" not in figure.title
    assert figure.title.endswith("adding those of interpolation (+0.026) helps, but no more than showing real samples twice")
    assert "as real ones twice" in texts(figure)
    assert next(row for row in rows(figure) if row["candidate"] == "interpolation")["gain low"] < 0


def test_varied_samples_elsewhere_are_no_spread(drawn: Drawn) -> None:
    figure = drawn("eight", "signal_memory")
    assert "samples of phases apart vary, but miss most real ones" in figure.title
    assert "elsewhere" in texts(figure) and "varied, but not where real ones are" in figure.alt
    assert {row["candidate"]: row["share of copies"] for row in rows(figure)}["mixup"] == 0.03


@pytest.mark.parametrize("epochs", [1, 2, 12, 60, 200])
def test_a_critic_has_four_panels_with_few_ticks(epochs: int, tmp_path: Path) -> None:
    figure = trained(tmp_path, {("wgan_raw", 0, 0): samples.course(wasserstein=True, epochs=epochs)})
    panels = [ax for ax in figure.picture.findobj(Axes) if ax.get_title(loc="left")]
    assert len(panels) == 4 and overlaps(figure) == []
    assert all(1 <= len(ax.get_xticks()) <= 3 for ax in panels)


def test_hurting_alone_is_no_help(after: Callable[..., Figure]) -> None:
    def hurt(found: Scores) -> None:
        for row in found["utility"]["rows"]:
            row["verdict"] = "hurt" if row["key"] == "wgan_raw" else "no clear difference"

    assert after("signal_utility", hurt, candidates=3).title == "Adding samples of wgan raw (+0.031) hurts; no others help"


def test_weak_discriminators_are_not_praised(tmp_path: Path) -> None:
    scores = samples.signal_scores(candidates=2)
    scores["discriminators"][0]["verdict"] = "weak"
    figure = trained(tmp_path, {("gan_dense", 0, 0): samples.course(weak=True)}, scores)
    assert figure.title.endswith("\N{NO-BREAK SPACE}% right, but is too weak for this to mean anything")
    alone = trained(tmp_path, {("gan_dense", 0, 0): samples.course(weak=True)})
    assert alone.title.endswith("% right: it has to guess"), "nobody has said that it is weak"


def test_a_critic_is_told_by_what_it_was_chosen_by(drawn: Drawn) -> None:
    figure = drawn("maps", "gan_course")
    assert figure.title.startswith("The training of gan dense diverged; the kept spectrum of wgan de (epoch ")
    assert "threshold midway between" in figure.caption and {"spectrum", "MMD", "× the floor, log axis"} <= set(texts(figure))
    chosen = [row for row in rows(figure) if row["chosen"] and row["generator"] == "wgan_de"]
    assert len(chosen) == 1 and f"(epoch {chosen[0]['epoch']})" in figure.title
    ratio = chosen[0]["spectrum"] / chosen[0]["spectrum floor"]
    assert f"is {ratio:.1f} times as far off" in figure.title


def test_what_was_there_before_training_is_no_merit(tmp_path: Path) -> None:
    """A generator that begins as near as it ends has learned nothing, and its start is drawn."""
    course = samples.course(wasserstein=True)
    course["start"], course["chosen"] = {"spectrum": 1.4, "mmd": 0.02}, 28
    course["epochs"][27] |= {"spectrum": 1.4, "mmd": 0.02}
    scores = samples.signal_scores(candidates=2)
    scores["trained"] = [{"key": "wgan_raw", "verdict": "nothing added"}]
    figure = trained(tmp_path / "one", {("wgan_raw", 0, 0): course}, scores)
    assert figure.title.startswith(
        "What wgan raw keeps (epoch 28) was there before training: its spectrum is 2.0 times as far off"
    )
    assert "before training" in texts(figure)
    panel = next(ax for ax in figure.picture.findobj(Axes) if ax.get_title(loc="left") == "× the floor, log axis")
    hollow = [line for line in panel.lines if line.get_markerfacecolor() == "white"]
    assert [tuple(line.get_xydata()[0]) for line in hollow] == [pytest.approx((0, 2.0)), pytest.approx((0, 5.0))]
    course["floor"] = {"spectrum": 1.39, "mmd": 0.02}
    near = trained(tmp_path / "two", {("wgan_raw", 0, 0): course})
    assert "is no further off than that of real samples, before training 1 times" in near.title


def test_arrows_stay_in_their_own_cell(after: Callable[..., Figure]) -> None:
    """Far beyond the ceiling or below the floor, nothing reaches what is written of a neighbour."""

    def far(found: Scores) -> None:
        for one in found["candidates"]:
            for value in one["values"].values():
                value["position"] = 3.0 if value["position"] else None

    figure = after("signal_realism", far, candidates=8)
    marks = [line for line in figure.picture.axes[0].lines if line.get_marker() == CARETRIGHTBASE]
    ends = sorted({round(float(line.get_xdata()[0]), 4) for line in marks})
    column = (WIDTHS["column"] - LEFT - RIGHT) / 8
    cells = [(end - LEFT) / column for end in ends]
    assert [int(cell) for cell in cells] == list(range(8)) and all(cell % 1 < 0.95 for cell in cells)


def test_criteria_need_not_be_measured_in_every_epoch(tmp_path: Path) -> None:
    course = samples.course(wasserstein=True)
    for row in course["epochs"]:
        if row["epoch"] % 5:
            row |= {"spectrum": None, "mmd": None}
    course["chosen"] = 25
    figure = trained(tmp_path, {("wgan_raw", 0, 0): course, ("wgan_raw", 1, 0): course})
    panel = next(ax for ax in figure.picture.findobj(Axes) if ax.get_title(loc="left") == "× the floor, log axis")
    assert max(len(line.get_xdata()) for line in panel.lines) == 7, "a line from the start through what was measured"
    assert "(epoch 25)" in figure.title
    check_look(figure)


def test_a_floor_of_nothing_is_not_divided_by(tmp_path: Path) -> None:
    course = {**samples.course(wasserstein=True), "floor": {"spectrum": 0.7, "mmd": 0.0}}
    figure = trained(tmp_path, {("wgan_raw", 0, 0): course})
    assert "MMD" not in texts(figure) and "spectrum" in texts(figure)


def test_diverged_trainings_leave_the_mean_of_the_others(drawn: Drawn) -> None:
    figure = drawn("eight", "gan_course")
    assert "gan dense: 1 of 4 trainings diverged" in figure.caption and "training diverged" in texts(figure)
    table = [row for row in rows(figure) if row["generator"] == "gan_dense"]
    whole = [row["generator_loss"] for row in table if row["epoch"] == 30]
    panels = [ax for ax in figure.picture.findobj(Axes) if ax.get_title(loc="left") == "losses"]
    ends = [line.get_ydata()[-1] for ax in panels for line in ax.lines if line.get_linewidth() == 1.8]
    assert len(whole) == 3 and any(end == pytest.approx(np.mean(whole)) for end in ends)


def test_looks_are_the_same_whatever_the_order() -> None:
    made = generators(samples.signal_scores(candidates=8))
    looks = looks_of(made)
    assert [one["sort"] for one in made[:2]] == ["network", "network"], "networks come first"
    assert len({look.marker for look in looks.values()}) == len({look.colour for look in looks.values()}) == 8
    assert looks_of(reversed(made)) == looks
    other = generators(samples.signal_scores(domain="maps", candidates=8))
    assert all(looks[key] == look for key, look in looks_of(other).items() if key in looks), "on all pages"
    assert looks["phases"] == LOOKS[SHARED] and looks["phases_apart"] == LOOKS["phase_surrogate"]


def test_generators_do_not_look_like_classes() -> None:
    known = "happy", "sad", "angry", "fear", "disgust", "surprise", "neutral", "positive", "negative"
    colours = np.array([to_rgb(look.colour) for look in looks_of_classes(known)])
    for look in LOOKS.values():
        assert np.linalg.norm(colours - to_rgb(look.colour), axis=1).min() > 0.2


def test_more_generators_than_have_room_are_in_the_data(after: Callable[..., Figure]) -> None:
    def more(found: Scores) -> None:
        for i in range(3):
            old = next(one for one in found["candidates"] if one["key"] == "copies")
            found["candidates"].append({**old, "key": f"more_{i}", "title": f"more {i}"})
        next(one for one in found["candidates"] if one["key"] == "copies")["title"] = "a name much longer than others"

    figure = after("signal_realism", more, candidates=8)
    assert "Only in the data, for lack of room: " in figure.caption
    drawn_ones = {row["candidate"] for row in rows(figure)}
    assert {"more_2", "phases_apart"} <= drawn_ones and "phases apart" not in texts(figure), "the worst by rank has no room"
    check_look(figure)


def test_numbers_have_the_digits_that_intervals_support() -> None:
    assert told({"mean": 0.6213, "low": 0.58, "high": 0.66}, "dB") == "0.62 [0.58, 0.66]\N{NO-BREAK SPACE}dB"
    assert number({"mean": -0.00123, "low": None, "high": None}) == "−0.00123"
    assert told({"mean": None, "low": None, "high": None}, "dB") == "–"
    assert [within(title) for title in ("Fréchet distance", "MMD²", "Coverage")] == ["Fréchet distance", "MMD²", "coverage"]


def test_as_the_pipeline_draws(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    """With the tag of simulated data, and twice the same bytes."""
    words = []
    for again in ("one", "two"):
        (tmp_path / again).mkdir()
        step.run(Inputs(about(make("two"), "signal_memory")), Out(tmp_path / again), None, use="signal_memory", settings={})
        words.append(json.loads((tmp_path / again / "figure.json").read_text(encoding="utf-8")))
    assert words[0]["caption"].endswith("Simulated data.")
    assert (tmp_path / "one/figure.svg").read_bytes() == (tmp_path / "two/figure.svg").read_bytes()
