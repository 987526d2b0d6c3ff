"""Figures of frequencies say what was planted, claim nothing where nothing is known, and stay readable."""

import copy
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import figure_samples_frequencies as samples
import matplotlib.pyplot
import numpy as np
import pytest
from matplotlib.figure import Figure as Picture
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures._agreement import agreed, by_views
from reportgen.figures._frequencies import Hertz, estimate, headings, letters
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style
from reportgen.kinds import KINDS
from reportgen.montage import SEED_62
from reportgen.outputs import Inputs, Out, Output
from reportgen.report.frequencies import frequencies_of
from reportgen.steps import figure as step

OF_CHANNELS = ("band_channels", "band_heads")
OF_VIEWS = ("band_effect", "band_views", "band_control", "muscles")
FIGURES = (*OF_VIEWS, *OF_CHANNELS, "band_scores")
LONG = ("a name that is much longer than anybody expects", *"bcdefghijkl")
CASES: dict[str, dict[str, Any]] = {
    "62 channels": {},
    "4 channels": {"channels": samples.MUSE, "classes": ("calm", "afraid"), "subjects": 3, "truth": False},
    "4 channels, 8 subjects": {"channels": samples.MUSE, "classes": ("calm", "afraid"), "truth": False},
    "bands": {"fine": False, "channels": SEED_62[::9], "undefined": ("passes",)},
    "nothing": {"effect": 0.0, "channels": SEED_62[::9], "undefined": ("stop",)},
    "seven classes of bands": {"classes": samples.SEVEN, "channels": SEED_62[::9], "fine": False, "places": False},
    "real": {"truth": False, "control": False, "muscles": False, "undefined": ("stop", "swap"), "channels": SEED_62[::9]},
    "one subject": {"subjects": 1, "channels": SEED_62[::9], "fine": False, "truth": False, "undefined": ("passes", "swap")},
    "unknown places": {"channels": [f"E{i}" for i in range(1, 130)], "places": False, "undefined": ("passes",)},
    "no view": {"undefined": tuple(samples.VIEWS), "channels": SEED_62[::6]},
    "crowd": {"classes": LONG, "subjects": 30, "channels": SEED_62[::9], "places": False},
}
ONCE = ("4 channels, 8 subjects", "bands", "unknown places")
"""Cases that are only drawn by tests of their own."""
Drawn = Callable[[str, str], Figure]
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Output]]:
    return cache(lambda case: samples.looked(tmp_path_factory.mktemp("study"), **CASES[case]))


@pytest.fixture(scope="module")
def drawn(make: Callable[[str], list[Output]]) -> Drawn:
    """A figure of one of the `CASES`, drawn once for all tests."""
    return cache(lambda case, name: draw(name, make(case)))


@pytest.fixture
def after(make: Callable[[str], list[Output]], tmp_path: Path) -> Callable[..., Figure]:
    """A figure of a case whose JSON was changed."""

    def make_and_draw(name: str, change: Change, case: str = "62 channels", kind: str = "band_views") -> Figure:
        outputs = make(case)
        old = next(output for output in outputs if output.kind == kind)
        told = copy.deepcopy(old.load())
        change(told)
        path = tmp_path / f"{kind}.json"
        path.write_text(json.dumps(told), encoding="utf-8")
        return draw(name, [replace(output, path=path) if output is old else output for output in outputs])

    return make_and_draw


def about(outputs: Sequence[Output], name: str) -> list[Output]:
    """What the planner would hand to a figure."""
    needs = {"facts", *plugins.constant(plugins.path_of("figure", name), "NEEDS")}
    return [o for o in outputs if o.kind in needs]


def draw(name: str, outputs: Sequence[Output], **settings: Any) -> Figure:
    with drawing_style():
        figure: Figure = plugins.verb("figure", name)(Inputs(about(outputs, name)), **settings)
        figure.picture.draw_without_rendering()
    return figure


def run(name: str, outputs: Sequence[Output], folder: Path) -> dict[str, Any]:
    """Draw as the pipeline does; the words."""
    folder.mkdir(parents=True, exist_ok=True)
    step.run(Inputs(about(outputs, name)), Out(folder), None, use=name, settings={})
    words: dict[str, Any] = json.loads((folder / "figure.json").read_text(encoding="utf-8"))
    return words


def check_look(figure: Figure) -> None:
    """As wide as the report, no text too small to print or unset as mathematics, nothing cut off, on white."""
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width]
    assert height <= TALLEST
    texts = [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in texts) >= SMALL
    area = figure.picture.get_tightbbox()
    assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
    assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"


def texts(figure: Figure) -> list[str]:
    return [text.get_text().strip() for text in figure.picture.findobj(Text) if text.get_visible()]


def rows(figure: Figure) -> list[dict[str, Any]]:
    header, *table = figure.data
    return [dict(zip(header, row, strict=True)) for row in table]


def entry(told: dict[str, Any], view: str, label: str) -> dict[str, Any]:
    own = next(one for one in told["views"] if one["view"] == view)
    return next(one for one in own["classes"] if one["class"] == label)


@pytest.mark.parametrize("case", [case for case in CASES if case not in ONCE])
def test_contract(case: str, drawn: Drawn) -> None:
    for name in FIGURES:
        path = plugins.path_of("figure", name)
        assert plugins.constant(path, "EACH") == "experiment" and set(plugins.constant(path, "NEEDS")) <= set(KINDS)
        assert plugins.settings("figure", name)() is not None
        figure = drawn(case, name)
        words = [figure.title, figure.caption, figure.alt]
        assert all(words) and len({" ".join(text.split()) for text in words}) == 3, name
        assert not figure.title.endswith(".") and figure.caption.endswith("."), name
        assert not any(word in " ".join(words) for word in ("nan", "None", "  ")), name
        assert not figure.title[0].islower() and len(figure.title) < 200, name
        assert len(figure.data) > 1 and {len(row) for row in figure.data} == {len(figure.data[0])}, name
        check_look(figure)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("band_effect", "Positive is read from 31.8–41.2 Hz (3 of 3 views) and negative from 18.2–25.2 Hz (2 of 3 views)"),
        (
            "band_channels",
            "By gradient, each in the band of its strongest range, negative is read most from F3 (beta) and positive from T8",
        ),
        ("band_heads", "By gradient, each in the band of its strongest range, negative is read most from F3, "),
        ("band_views", "The planted band of positive is found by all four views and that of negative by three of four views"),
        ("band_control", "Networks trained on shuffled labels show no frequency range"),
        (
            "muscles",
            "What gamma does for positive survives without temporal electrodes; accuracy falls without the temporal",
        ),
        ("band_scores", "Gamma alone reaches 0.5"),
    ],
)
def test_titles_say_what_was_planted(name: str, title: str, drawn: Drawn) -> None:
    assert drawn("62 channels", name).title.startswith(title)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("band_effect", "No frequency range speaks for a class beyond chance"),
        ("band_channels", "By gradient no frequency range is beyond chance, so that no channel stands out"),
        ("band_heads", "By gradient no frequency range is beyond chance, so that no channel stands out"),
        ("band_views", "No view finds a frequency range for any class"),
        ("band_control", "Neither the network nor one trained on shuffled labels shows a frequency range"),
        ("muscles", "Gamma speaks clearly for no class; accuracy does not clearly fall without frequencies above 45 Hz or the"),
        ("band_scores", "No band alone is clearly better than chance"),
    ],
)
def test_nothing_is_said_plainly(name: str, title: str, drawn: Drawn) -> None:
    figure = drawn("nothing", name)
    assert figure.title.startswith(title)
    assert "Bars" not in figure.caption and "Dots" not in figure.caption and "rings" not in figure.caption


def test_what_does_not_fit_on_a_page_is_told(drawn: Drawn) -> None:
    figure = drawn("crowd", "band_views")
    assert "Drawn are 8 of 12 classes, first those with a range; the data hold all." in figure.caption
    assert {"b", "l"} <= set(texts(figure)) and "k" not in texts(figure)
    assert {row["class"] for row in rows(figure)} == set(LONG)


@pytest.mark.parametrize("case", ["4 channels", "one subject"])
def test_few_units_claim_nothing(case: str, drawn: Drawn) -> None:
    for name in FIGURES:
        figure = drawn(case, name)
        assert "[" not in figure.alt and "beyond chance" not in " ".join((figure.title, figure.caption, figure.alt)), name
        assert any(word in figure.title for word in ("too few", "not tested")), name
        assert "95" not in figure.caption, name


def test_enough_subjects_may_be_too_few_for_many_classes(after: Callable[..., Figure]) -> None:
    def untested(told: dict[str, Any]) -> None:
        told["tested"] = False
        for view in told["views"]:
            for one in view["classes"]:
                one["ranges"] = []

    figure = after("band_effect", untested)
    assert figure.title == "8 subjects are too few for 3 classes to test which frequencies speak for a class"
    assert "Pale areas are 95 % intervals" in figure.caption
    check_look(figure)


def test_without_a_view_nothing_is_drawn(drawn: Drawn) -> None:
    for name in ("band_effect", "band_views", "band_control", *OF_CHANNELS):
        figure = drawn("no view", name)
        assert figure.width == "narrow" and not figure.picture.axes
    assert "Not defined here: feature maps (it needs signals" in drawn("no view", "band_effect").caption
    assert "why not" in drawn("no view", "band_effect").data[0]


def test_views_that_are_not_defined_are_named(drawn: Drawn) -> None:
    for name in ("band_effect", "band_views"):
        assert "Not defined here: band-stop (it needs signals, and features were given)" in drawn("real", name).caption
    assert drawn("real", "band_effect").title.endswith(", by the only view of what is used")
    assert drawn("real", "band_control").title == "There is no network trained on shuffled labels to compare with"
    assert drawn("real", "muscles").title == "What muscles may have done was not looked at"
    assert "lanted" not in drawn("real", "band_views").caption + drawn("real", "band_effect").caption


def test_ranges_of_one_class_alone(after: Callable[..., Figure]) -> None:
    def keep(told: dict[str, Any]) -> None:
        for view in told["views"]:
            for one in view["classes"]:
                one["ranges"] = one["ranges"] if one["class"] == "positive" else []

    figure = after("band_effect", keep)
    assert figure.title == "Positive is read from 31.8–41.2 Hz, by all three views of what is used"
    assert "No two views share a range that speaks for negative and neutral." in figure.caption
    assert "negative none" in figure.alt
    channels = after("band_channels", keep)
    assert channels.title == "By gradient, in gamma, its strongest range, positive is read most from T8 (maybe muscle)"
    marked = [row for row in rows(channels) if row["among the strongest"]]
    assert {(row["class"], row["band"]) for row in marked} == {("positive", "gamma")}


def test_title_is_the_range_that_most_views_of_what_is_used_share(after: Callable[..., Figure]) -> None:
    """Three views at 8–12 (of the data), 9–13 and 10–15 Hz, and one elsewhere: band-stop comes before the gradient."""

    def spread(told: dict[str, Any]) -> None:
        for view, ends in zip(told["views"], [(8, 12), (9, 13), (10, 15), (40, 48)], strict=True):
            for one in view["classes"]:
                own = {"low": ends[0], "high": ends[1], "peak": sum(ends) / 2, "peak_low": None, "peak_high": None}
                one["ranges"] = [{**own, "effect": 1.0, "p": 0.01}] if one["class"] == "neutral" else []
        told["truth"] = None

    assert after("band_effect", spread).title == "Neutral is read from 10–15 Hz, by two of three views of what is used"
    figure = after("band_views", spread)
    assert figure.title == "Views contradict each other on neutral"
    assert [text for text in texts(figure) if "≠" in text] == ["40–48 Hz ≠"]
    assert "≠: shares no frequency" in figure.caption


def test_what_views_agree_on() -> None:
    def told(**views: Sequence[tuple[float, float]]) -> dict[str, Any]:
        ranges = {view: [{"low": low, "high": high} for low, high in own] for view, own in views.items()}
        each = [{"view": view, "defined": True, "classes": [{"class": "a", "ranges": own}]} for view, own in ranges.items()]
        return {"views": each}

    assert agreed(told(gradient=[], stop=[]), "a") is None
    found = agreed(told(gradient=[(31, 41)], stop=[(8, 12), (30, 40)], swap=[(32, 48)]), "a")
    assert found and (found.low, found.high, found.views) == (31, 41, 3), "that of band-stop is elsewhere, but meets"
    assert agreed(told(passes=[(8, 12)], gradient=[(8, 12)], stop=[]), "a") is None, "the data are no second view"
    assert agreed(told(passes=[(8, 12)]), "a") is None
    alone = agreed(told(passes=[], gradient=[(30, 40), (8, 12)]), "a")
    assert alone and (alone.low, alone.high, alone.views) == (30, 40, 1)


def test_so_many_views() -> None:
    assert [by_views(n, of) for n, of in ((1, 1), (2, 2), (4, 4), (1, 4), (0, 4), (0, 2), (0, 1))] == [
        "by the only view",
        "by both views",
        "by all four views",
        "by one of four views",
        "by none of the four views",
        "by neither view",
        "not by the only view",
    ]


def test_title_is_the_answer_of_the_page(make: Callable[[str], list[Output]], drawn: Drawn) -> None:
    found = Inputs(make("62 channels")).one("band_views")
    for one in frequencies_of("net", found, None, scored=None).ranges:
        shared = not one.single and not one.passed
        assert (one.hertz.replace("\N{NO-BREAK SPACE}", " ") in drawn("62 channels", "band_effect").title) == shared


def test_ranges_that_one_view_alone_shows_are_no_claim(after: Callable[..., Figure]) -> None:
    def only(*views: str) -> Change:
        def keep(told: dict[str, Any]) -> None:
            told["truth"] = None
            for view in told["views"]:
                for one in view["classes"]:
                    one["ranges"] = one["ranges"] if view["view"] in views else []

        return keep

    assert after("band_effect", only("passes", "stop")).title == "No range of frequencies is named by two views of what is used"
    assert after("band_effect", only("passes")).title.startswith("Only feature maps, which show the data, have a range")
    assert after("band_views", only("passes")).title == "Only feature maps, which show the data, find a frequency range"
    assert after("band_views", only("passes", "stop")).title == "Only one view finds a range for negative and positive"


def test_tiny_effects_of_gamma_are_no_matter_of_the_title(after: Callable[..., Figure]) -> None:
    def shrink(told: dict[str, Any]) -> None:
        for row in told["muscles"]["gamma"]:
            row["effect"] = {"mean": 0.05, "low": 0.02, "high": 0.08}

    figure = after("muscles", shrink)
    assert figure.title.startswith("Gamma hardly speaks for any class; ")
    assert "What it does for negative, neutral and positive is too small to matter" in figure.caption


def test_small_effects_are_told_in_powers_of_ten(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    outputs = make("62 channels")
    old = next(output for output in outputs if output.kind == "band_effect")
    np.savez(tmp_path / "band_effect.npz", **{name: values / 1000 for name, values in old.load().items()})
    changed = [replace(o, path=tmp_path / "band_effect.npz") if o is old else o for o in outputs]
    for name in OF_CHANNELS:
        figure = draw(name, changed)
        (label,) = (text for text in texts(figure) if text.startswith("against"))
        assert "effect in 10⁻⁴ logit" in label
        check_look(figure)


def test_numbers_are_told_to_what_matters() -> None:
    assert estimate({"mean": 0.9942, "low": 0.992, "high": 0.9958}) == "0.99 [0.99, 1.00]"
    assert estimate({"mean": 1.0, "low": 1.0, "high": 1.0}) == "1.00"
    assert estimate({"mean": -0.001, "low": None, "high": None}) == "0.00"
    assert headings({"alpha DE": (8, 14), "beta PSD": (14, 31)}, 0.5, 9.5) == (["α DE\n8–14", "β PSD\n14–31"], SMALL)


def test_control_that_finds_something_is_told(after: Callable[..., Figure]) -> None:
    def find(told: dict[str, Any]) -> None:
        own = {"low": 8.0, "high": 12.0, "peak": 10.0, "peak_low": None, "peak_high": None, "effect": 0.2, "p": 0.03}
        told["views"][1]["control"]["classes"][2]["ranges"] = [own]

    title = "Networks trained on shuffled labels show ranges too: gradient for positive, 8–12 Hz"
    assert after("band_control", find).title == title
    assert "Networks trained on shuffled labels show ranges too: gradient for positive." in after("band_effect", find).caption

    def alike(told: dict[str, Any]) -> None:
        told["views"][0]["control"]["likeness"] = {"mean": 0.9, "low": 0.8, "high": 1.0}  # feature maps: as it should be
        told["views"][1]["control"]["likeness"] = {"mean": 0.6, "low": 0.52, "high": 0.8}
        told["views"][2]["control"]["likeness"] = {"mean": 0.7, "low": 0.1, "high": 0.9}
        told["views"][3]["control"]["likeness"] = {"mean": 0.6, "low": 0.4, "high": 0.8}

    assert after("band_control", alike).title.endswith("range; by gradient and band-stop their curves are like the real ones")

    def of_data(told: dict[str, Any]) -> None:
        find(told)
        controls = [view["control"]["classes"][2] for view in told["views"]]
        controls[0]["ranges"], controls[1]["ranges"] = controls[1]["ranges"], []

    title = "Networks trained on shuffled labels show no frequency range, except in feature maps, which show the data"
    assert after("band_control", of_data).title == title
    assert "shuffled" not in after("band_effect", of_data).caption


def test_true_and_shuffled_have_one_scale(drawn: Drawn) -> None:
    axes = drawn("62 channels", "band_control").picture.axes
    assert len(axes) == 8
    assert all(left.get_ylim() == right.get_ylim() for left, right in zip(axes[::2], axes[1::2], strict=True))


def test_muscles_that_may_explain_it(after: Callable[..., Figure]) -> None:
    def lose(told: dict[str, Any]) -> None:
        told["muscles"]["gamma"][2]["without_temporal"] = {"mean": 0.1, "low": -0.1, "high": 0.3}
        told["muscles"]["loss"]["low_pass"] |= {"low": 0.01}

    title = after("muscles", lose).title
    assert title.startswith("What gamma does for positive is not clear without temporal electrodes and may be muscle; ")
    assert title.endswith("without frequencies above 45 Hz and without the temporal ring")


def test_muscles_that_could_only_be_checked_in_part(after: Callable[..., Figure]) -> None:
    def refuse(told: dict[str, Any]) -> None:
        muscles = told["muscles"]
        muscles["balanced_accuracy"] |= {"low_pass": None, "without_temporal": None}
        muscles["loss"] = {"low_pass": None, "without_temporal": None}
        muscles["why"] = {
            "low_pass": "the samples hold nothing above 40 Hz",
            "without_temporal": "3 others are too few",
        }
        for row in muscles["gamma"]:
            row["without_temporal"] = None

    figure = after("muscles", refuse)
    assert figure.title == "Gamma speaks for positive, and whether it would without temporal electrodes is not known"
    assert "Not low-passed: the samples hold nothing above 40 Hz." in figure.caption
    check_look(figure)

    def refuse_all(told: dict[str, Any]) -> None:
        refuse(told)
        for row in told["muscles"]["gamma"]:
            row["effect"] = None

    assert after("muscles", refuse_all).title == "What muscles may have done was not looked at"


def test_temporal_gamma_is_hatched_and_nothing_else(drawn: Drawn) -> None:
    figure = drawn("62 channels", "band_channels")
    marked = {(row["channel"], row["band"]) for row in rows(figure) if row["may be muscle"]}
    assert {band for _, band in marked} == {"gamma"}
    assert {"T7", "T8", "FT7", "TP8", "F7"} <= {channel for channel, _ in marked} and "C3" not in {c for c, _ in marked}
    hatched = [p for ax in figure.picture.axes for p in ax.patches if isinstance(p, Rectangle) and p.get_hatch()]
    assert len(hatched) == 3 * len(marked)  # a cell for each class
    assert "What temporal electrodes record in gamma may be of muscles." in figure.caption
    assert set(SEED_62) <= set(texts(figure))


def test_muscles_are_not_suspected_elsewhere(drawn: Drawn) -> None:
    figure = drawn("unknown places", "band_channels")
    assert "muscle" not in figure.caption + figure.title
    assert "Shown are the 72 of 129 channels with the largest effects." in figure.caption
    assert len(figure.data) == 1 + 3 * 5 * 129
    check_look(figure)


def test_channels_that_are_weaker_than_half_are_not_named(drawn: Drawn) -> None:
    assert drawn("4 channels, 8 subjects", "band_heads").title == (
        "By gradient, each in the band of its strongest range, calm is read most from AF7 (beta)"
        " and afraid from TP10 (gamma, maybe muscle)"
    )


def test_a_channel_without_a_place_is_told(after: Callable[..., Figure]) -> None:
    def lose(facts: dict[str, Any]) -> None:
        del facts["positions"]["CPZ"]

    figure = after("band_heads", lose, case="nothing", kind="facts")
    assert figure.caption.endswith("Not drawn, as their place is not known: CPZ.")
    check_look(figure)


def test_no_places_no_heads(drawn: Drawn) -> None:
    figure = drawn("unknown places", "band_heads")
    assert texts(figure) == ["The places of the electrodes are not known."]
    check_look(figure)
    assert figure.alt.startswith("No heads.")


def test_another_view_of_channels_may_be_asked_for(make: Callable[[str], list[Output]]) -> None:
    assert draw("band_channels", make("62 channels"), view="stop").title.startswith("By band-stop, ")
    fallen_back = draw("band_channels", make("62 channels"), view="passes")  # tells no channels apart
    assert {row["view"] for row in rows(fallen_back)} == {"gradient"}


def test_a_class_that_nobody_has(after: Callable[..., Figure]) -> None:
    def empty(told: dict[str, Any]) -> None:
        nothing = [None] * len(told["windows"])
        for view in (view for view in told["views"] if view["defined"]):
            for one in (view["classes"][1], view["control"]["classes"][1]):
                one |= {"curve": {"mean": nothing, "low": None, "high": None}, "peak": None, "ranges": []}
            view["classes"][1] |= {"strongest": [], "band": None}
        for row in told["agreement"]:
            row |= {"correlation": None, "apart": None, "shared": None}

    for name in (*OF_VIEWS, "band_channels"):
        figure = after(name, empty, case="nothing")
        assert "nan" not in " ".join((figure.title, figure.caption, figure.alt))
        check_look(figure)


def test_bands_as_a_whole_are_told_as_they_are(drawn: Drawn) -> None:
    figure = drawn("bands", "band_effect")
    assert figure.title == "Negative is read from 14–31 Hz and positive from 31–50 Hz, by all three views"
    assert "frequencies within a band cannot be told apart" in figure.caption
    assert "beta\n14–31 Hz" in texts(figure)
    assert "off" not in texts(drawn("bands", "band_views"))  # the middle of a band says nothing of a peak


def test_curves_are_those_of_the_data(drawn: Drawn, make: Callable[[str], list[Output]]) -> None:
    told = Inputs(make("62 channels")).one("band_views")
    line = drawn("62 channels", "band_effect").picture.axes[0].lines[1]
    assert line.get_ydata() == pytest.approx(entry(told, "passes", "negative")["curve"]["mean"])
    assert line.get_xdata() == pytest.approx(np.mean(told["windows"], axis=1))
    table = [row for row in rows(drawn("62 channels", "band_effect")) if row["in a range"] and row["view"] == "gradient"]
    inside = {row["class"] for row in table}
    assert inside == {"negative", "positive"}
    low = min(row["from Hz"] for row in table if row["class"] == "positive")
    assert low == pytest.approx(entry(told, "gradient", "positive")["ranges"][0]["low"] - 1, abs=0.5)


def test_recovery_is_told_beside_the_ranges(drawn: Drawn) -> None:
    figure = drawn("62 channels", "band_views")
    assert {"range", "off", "overlap", "channels", "no range"} <= set(texts(figure))
    own = {(row["class"], row["view"]): row for row in rows(figure)}
    assert own["positive", "gradient"]["planted from Hz"] == 32 and own["positive", "gradient"]["overlap"] > 0.7
    assert own["neutral", "gradient"]["overlap"] is None


def test_missed_bands_are_told(after: Callable[..., Figure]) -> None:
    def miss(told: dict[str, Any]) -> None:
        for row in told["truth"]:
            for one in row["views"]:
                one["found"] = False

    figure = after("band_views", miss)
    assert figure.title == "No view finds a planted band"
    assert texts(figure).count("missed") == 7  # of eight, as band-swap finds no range of one


def test_band_scores_beside_chance(drawn: Drawn, after: Callable[..., Figure]) -> None:
    figure = drawn("62 channels", "band_scores")
    assert figure.title.endswith("chance is 0.33")
    assert "Not clearly above chance: delta, theta and alpha." in figure.caption
    assert len(figure.data) == 1 + 1 + 5 * (1 + 8)
    assert after("band_scores", lambda told: told.update(bands=[]), kind="band_scores").title == (
        "No network was trained on a single band"
    )


def test_axis_is_linear_or_a_step_a_band() -> None:
    bands = {"theta": (4, 8), "alpha": (8, 14), "gamma": (31, 50)}
    fine = Hertz(True, np.array([[1, 3], [48, 50]]), bands)
    assert fine.at((4, 8)).tolist() == [4, 8] and fine.limits == (1, 50)
    banded = Hertz(False, np.array(list(bands.values())), bands)
    assert banded.at((4, 6, 8, 14, 20, 31, 50)).tolist() == [-0.5, 0, 0.5, 1.5, 1.5, 1.5, 2.5]


def test_bands_without_room_are_greek_letters() -> None:
    assert letters(["delta", "gamma"], 0.5, 7) == ["delta", "gamma"]
    assert letters(["delta", "gamma", "mine"], 0.2, 7) == ["δ", "γ", "min"]
    ax = Picture().subplots()
    Hertz(True, np.array([[1, 3], [48, 50]]), {"delta": (1, 4), "gamma": (31, 50)}).prepare(ax, 2.0, names=True)
    assert [text.get_text() for text in ax.texts] == ["δ", "γ"]


def test_figures_leave_no_open_windows(drawn: Drawn) -> None:
    drawn("62 channels", "band_heads")
    assert not matplotlib.pyplot.get_fignums()


def test_same_bytes_in_another_process(tmp_path: Path) -> None:
    study = samples.looked(tmp_path / "study", channels=samples.MUSE, undefined=("stop",))
    code = f"""
import sys
for name in ("torch", "sklearn", "skimage", "pandas"):
    sys.modules[name] = None
from pathlib import Path
import test_figures_frequencies as tests
study = tests.samples.looked(Path({str(tmp_path / "study")!r}), channels=tests.samples.MUSE, undefined=("stop",))
for name in tests.FIGURES:
    tests.run(name, study, Path({str(tmp_path / "there")!r}) / name)
"""
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=Path(__file__).parent.parent)
    for name in FIGURES:
        words = run(name, study, tmp_path / "here" / name)
        assert words["caption"].endswith("Simulated data.")
        assert list(csv.DictReader(io.StringIO((tmp_path / "here" / name / "figure.csv").read_text(encoding="utf-8"))))
        for path in sorted((tmp_path / "here" / name).iterdir()):
            assert path.read_bytes() == (tmp_path / "there" / name / path.name).read_bytes(), path.name
