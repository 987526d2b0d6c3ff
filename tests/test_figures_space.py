"""Figures of the map of emotions say what was planted, and stay readable wherever emotions lie and however many there are."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import figure_samples_space as samples
import numpy as np
import pytest
from matplotlib.figure import Figure as Picture
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures._callouts import beside_points, cut, extent
from reportgen.figures._density import HELD, _levels, _smoothed, shares_of
from reportgen.figures._emotion_space import angles, apart, axes_named, called, colour_of
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style, looks
from reportgen.kinds import KINDS
from reportgen.outputs import Inputs, Out, Output
from reportgen.report.figures import _holds
from reportgen.steps import figure as step

FIGURES = ("emotion_map", "map_classes", "map_predictions", "map_quality")
LONG = ("happy", "a name that is much longer than anybody expects", "another very long name of an emotion", "sad")
CASES: dict[str, dict[str, Any]] = {
    "six": {},
    "nine": {
        "emotions": samples.NINE,
        "models": ("knn", "ridge", "lstm", "forest", "transformer"),
        "sets": ("text", "audio", "vision", "motion", "hands", "all"),
        "classes": ("sad", "neutral", "tension"),
    },
    "close": {"emotions": samples.NINE, "together": 0.02, "sources": ("own",)},
    "plane": {"emotions": samples.TWO, "sources": ("own", "words"), "sets": ("audio",), "models": ("lstm", "knn")},
    "long": {
        "emotions": LONG,
        "classes": ("happy", "sad", LONG[1]),
        "models": (LONG[2],),
        "sets": (LONG[1].replace(" ", "_"), "text"),
        "quality": samples.a_quality({"map": (0.9, 0.9, 0.3, -0.2, None), LONG[1]: (0.8, None, 0.2, 0.88, 0.2)}),
    },
    "few": {
        "n": 12,
        "turned": False,
        "collapsed": (),
        "quality": samples.a_quality(
            {"map": (0.9, 0.9, 0.3, 0.5, None)}, [{"key": "opentsne", "why": "it is too slow"}], videos=4
        ),
    },
    "many": {"sources": ("own", "words", "music", *(f"faces{i}" for i in range(7)))},
    "bare": {"sources": (), "quality": samples.a_quality({"map": (None,) * 5})},
}
Drawn = Callable[[str, str], Figure]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Output]]:
    return cache(lambda case: samples.on_map(tmp_path_factory.mktemp(case), **CASES[case]))


@pytest.fixture(scope="module")
def drawn(make: Callable[[str], list[Output]]) -> Drawn:
    return cache(lambda case, name: draw(name, make(case)))


def draw(name: str, outputs: Sequence[Output]) -> Figure:
    with drawing_style():
        figure: Figure = plugins.verb("figure", name)(Inputs(about(outputs, name)))
        figure.picture.draw_without_rendering()
    return figure


def about(outputs: Sequence[Output], name: str) -> list[Output]:
    """What the planner would hand to a figure."""
    return [o for o in outputs if o.kind in {"facts", *plugins.constant(plugins.path_of("figure", name), "NEEDS")}]


def changed(outputs: Sequence[Output], kind: str, folder: Path, change: Callable[[Any], Any]) -> list[Output]:
    """The outputs, those of a JSON kind changed."""
    found = []
    for i, output in enumerate(outputs):
        path = output.path
        if output.kind == kind:
            path = folder / f"{i}.json"
            path.write_text(json.dumps(change(output.load())))
        found.append(Output(output.kind, path, output.about, output.restricted))
    return found


def rows(figure: Figure) -> list[dict[str, Any]]:
    header, *table = figure.data
    return [dict(zip(header, row, strict=True)) for row in table]


def written(figure: Figure) -> list[Text]:
    return [one for one in figure.picture.findobj(Text) if one.get_visible() and one.get_text().strip()]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", CASES)
def test_contract(case: str, name: str, drawn: Drawn) -> None:
    path = plugins.path_of("figure", name)
    assert plugins.constant(path, "EACH") == "experiment" and set(plugins.constant(path, "NEEDS")) <= set(KINDS)
    figure = drawn(case, name)
    words = [figure.title, figure.caption, figure.alt]
    assert all(words) and len({" ".join(text.split()) for text in words}) == 3
    assert not figure.title.endswith(".") and figure.caption.endswith(".") and not figure.title[0].islower()
    assert not any(word in " ".join(words) for word in ("nan", "None", "  ", "inf ", "[]"))
    assert len(figure.title) < 200 and len(figure.data) > 1
    assert {len(row) for row in figure.data} == {len(figure.data[0])}
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width] and height <= TALLEST
    assert min(text.get_fontsize() for text in written(figure)) >= SMALL
    area = figure.picture.get_tightbbox()
    assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
    assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", CASES)
def test_no_text_lies_over_another(case: str, name: str, drawn: Drawn) -> None:
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in written(drawn(case, name))]
    for (first, a), (second, b) in combinations(boxes, 2):
        shared = Bbox.intersection(a, b)
        assert shared is None or min(shared.width, shared.height) < 1.5, f"{first!r} over {second!r}"


@pytest.mark.parametrize("where", ["one spot", "a corner", "a line", "the right edge"])
def test_names_of_points_do_not_overlap_wherever_they_lie(where: str) -> None:
    n = np.arange(10)
    at = {
        "one spot": np.full((10, 2), 0.5),
        "a corner": np.full((10, 2), 0.99) - 0.001 * n[:, None],
        "a line": np.stack([np.full(10, 0.5), 0.45 + 0.01 * n], axis=1),
        "the right edge": np.stack([np.full(10, 0.98), 0.3 + 0.03 * n], axis=1),
    }[where]
    names = [*samples.NINE, "nothing: 15 %"]
    with drawing_style():
        picture = Picture(figsize=(4, 4))
        ax = picture.add_axes((0, 0, 1, 1), xlim=(0, 1), ylim=(0, 1))
        beside_points(ax, at, names, ["black"] * 10, size=7.5)
        picture.draw_without_rendering()
        boxes = [Text.get_window_extent(text) for text in ax.texts]
    assert [text.get_text() for text in ax.texts] == names
    assert not [1 for a, b in combinations(boxes, 2) if a.overlaps(b)]
    assert all(box.x0 > -1 and box.x1 < picture.bbox.width + 1 and box.y0 > -1 for box in boxes), "beyond the panel"


def test_a_name_is_cut_at_its_room() -> None:
    assert cut("joyful", 1.0, 7) == "joyful"
    short = cut("a name that is much longer", 0.6, 7)
    assert short.endswith("…") and extent(short, 7)[0] <= 0.6 * 72 < extent(short + "mm", 7)[0]


# emotion_map


def test_title_says_who_lies_apart(drawn: Drawn) -> None:
    assert drawn("six", "emotion_map").title == "Happiness lies apart from anger, disgust and fear"


def test_title_claims_nothing_that_the_ensemble_does_not_support(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    def unsure(found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "anchors": [{**one, "spread": [[40.0, 0.0], [0.0, 40.0]]} for one in found["anchors"]]}

    figure = draw("emotion_map", changed(make("six"), "map", tmp_path, unsure))
    assert figure.title == "No two emotions lie clearly closer together or farther apart than all others"


@pytest.mark.parametrize(
    ("places", "title"),
    [
        ({"happy": (90, 0)}, "Happiness lies apart from all other emotions"),
        (
            {"happy": (3, 2), "sad": (3, 2.4), "anger": (-3, 4), "surprise": (0, 6), "disgust": (-6, 0), "fear": (-1, -4)},
            "sadness",
        ),
    ],
)
def test_title_follows_the_anchors(
    places: Mapping[str, tuple[float, float]], title: str, make: Callable[[str], list[Output]], tmp_path: Path
) -> None:
    def moved(found: dict[str, Any]) -> dict[str, Any]:
        near = [[0.0001, 0.0], [0.0, 0.0001]]
        anchors = [{**one, "at": places.get(one["emotion"], one["at"]), "spread": near} for one in found["anchors"]]
        return {**found, "anchors": anchors}

    assert title in draw("emotion_map", changed(make("six"), "map", tmp_path, moved)).title


def test_quadrants_of_the_plane_are_counted(make: Callable[[str], list[Output]], drawn: Drawn) -> None:
    density = Inputs(make("plane")).one("density")
    middle = len(density["x"]) // 2
    assert density["x"][middle] == pytest.approx(0)
    share = density["train"][middle:, middle:].sum() / density["train"].sum()
    assert f"pleasant and excited ({100 * share:.0f}" in drawn("plane", "emotion_map").title
    names = {text.get_text() for text in written(drawn("plane", "emotion_map"))}
    assert {"pleasant, excited", "unpleasant, calm", "valence (unpleasant to pleasant)"} <= names


def test_axes_are_named_only_where_they_mean_something() -> None:
    turned = {**samples.a_map(samples.SIX), "orientation": {"by": "affect", "valence": 0.95, "arousal": 0.3}}
    assert axes_named(turned) == ("towards pleasant →", "")
    blind = samples.a_map(samples.SIX, turned=False)
    assert axes_named(blind) == ("the axes have no meaning of their own", "")
    loose = {**turned, "orientation": {"by": "affect", "valence": 0.4, "arousal": 0.3}}
    assert "no meaning" in axes_named(loose)[0]


def test_zeros_and_shades_are_told(drawn: Drawn) -> None:
    texts = {text.get_text() for text in written(drawn("six", "emotion_map"))}
    assert "nothing: 15\N{NO-BREAK SPACE}%" in texts
    cells = [row for row in rows(drawn("six", "emotion_map")) if row["what"] == "cell"]
    assert sum(row["share of training part"] for row in cells) == pytest.approx(1, abs=1e-6)


def test_ring_shows_directions_from_the_vector_of_zeros() -> None:
    found = samples.a_map(("happy", "sad"))
    found["zero"] = {"at": [0.0, 0.0], "share": 0.1}
    found["anchors"] = [{**one, "at": at} for one, at in zip(found["anchors"], ([2.0, 2.0], [0.0, -3.0]), strict=True)]
    assert np.degrees(angles(found)) == pytest.approx([45, -90])
    found["zero"] = None
    assert np.degrees(angles(found))[1] == pytest.approx(np.degrees(angles(found))[0] - 180)


def test_apart_keeps_the_order_and_the_gap() -> None:
    found = apart([0.0, 0.01, 0.02, 0.5], 0.1, 1.0)
    assert found == sorted(found)
    assert np.diff(found).min() == pytest.approx(0.1, abs=1e-3)


def test_shades_hold_what_they_say() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(20_000, 2))
    edges = np.linspace(-4, 4, 81)
    smooth = _smoothed(shares_of(points, {"x": edges, "y": edges}))
    held = [smooth[smooth >= level].sum() / smooth.sum() for level in _levels(smooth, HELD)]
    assert held == pytest.approx(HELD, abs=0.02)
    radius = np.sqrt((smooth >= _levels(smooth, HELD)[-2]).sum() * 0.01 / np.pi)  # 40 % of a normal distribution
    assert radius == pytest.approx(np.sqrt(-2 * np.log(1 - 0.4)), rel=0.1)


# map_predictions


def test_collapse_is_said_in_the_title_and_marked_in_two_ways(drawn: Drawn) -> None:
    figure = drawn("six", "map_predictions")
    assert (
        figure.title == "LSTM collapses whatever it is given (6\N{NO-BREAK SPACE}% to 21\N{NO-BREAK SPACE}% of the true area)"
    )
    panels = {ax.get_title(): ax for ax in figure.picture.axes if "%" in ax.get_title()}
    fallen = [name for name in panels if name.startswith("collapsed")]
    assert len(fallen) == 4 and len(panels) == 8
    widths = {name: ax.spines["left"].get_linewidth() for name, ax in panels.items()}
    assert min(widths[name] for name in fallen) > 2 * max(widths[name] for name in panels if name not in fallen)
    assert all(panels[name].title.get_weight() == "bold" for name in fallen)


def test_one_collapsed_set_is_named(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    def healed(found: dict[str, Any]) -> dict[str, Any]:
        own = [{**one, "verdict": "weak"} if one["set"] != "text" else one for one in found["candidates"]]
        return {**found, "candidates": own}

    figure = draw("map_predictions", changed(make("six"), "laid_about", tmp_path, healed))
    assert figure.title == "LSTM on text collapses (6\N{NO-BREAK SPACE}% of the true area)"


def test_without_collapse_nobody_is_accused(drawn: Drawn) -> None:
    figure = drawn("few", "map_predictions")
    assert figure.title.startswith("No model collapses: predictions fill 55")
    assert "collapsed" not in {text.get_text().split(",")[0] for text in written(figure) if "%" in text.get_text()}


def test_what_could_not_be_tested_is_not_called_healthy(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    def untested(found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "candidates": [{**one, "verdict": "not tested"} for one in found["candidates"]]}

    title = draw("map_predictions", changed(make("six"), "laid_about", tmp_path, untested)).title
    assert "could not be tested" in title and "No model collapses" not in title


def test_models_without_room_are_named(drawn: Drawn) -> None:
    figure = drawn("nine", "map_predictions")
    assert "for lack of room: KNN on motion" in figure.caption
    assert {row["model"] for row in rows(figure)} == {"truth", "KNN", "Ridge", "LSTM", "Forest", "Transformer"}
    shown = {text.get_text() for text in written(figure)}
    assert {"KNN", "Ridge", "LSTM", "Forest", "everything"} <= shown and "Transformer" not in shown


def test_several_sources_are_told_apart(drawn: Drawn) -> None:
    figure = drawn("many", "map_predictions")
    assert "Music" in figure.caption and "Words" in figure.caption
    assert {"LSTM: Music", "LSTM: Words"} <= {text.get_text() for text in written(figure)}


@pytest.mark.parametrize(
    ("name", "full", "empty"),
    [
        ("map_predictions", {"sort": "regression"}, {"sort": "own"}),
        ("map_classes", {"sort": "classes"}, {"sort": "regression"}),
        ("regressor_course", {"sets": {"text": {"course": {"epochs": [{}]}}}}, {"sets": {"text": {"course": None}}}),
        ("videos_in_time", {"n": 9, "videos": 8}, {"n": 8, "videos": 8}),
    ],
)
def test_figures_without_anything_to_show_are_not_planned(name: str, full: Any, empty: Any) -> None:
    ((kind, way),) = plugins.constant(plugins.path_of("figure", name), "HOLDS").items()
    assert kind in plugins.constant(plugins.path_of("figure", name), "NEEDS")
    assert _holds(full, way) and not _holds(empty, way)


def test_a_line_is_called_one_only_where_it_is(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    def thin(found: dict[str, Any]) -> dict[str, Any]:
        area = {"mean": 0.002, "low": 0.001, "high": 0.003}
        own = [{**one, "area": area} if one["id"] == "lstm/text" else one for one in found["candidates"]]
        return {**found, "candidates": own}

    title = draw("map_predictions", changed(make("six"), "laid_about", tmp_path, thin)).title
    assert title.startswith("LSTM on text keeps to a line (0.2\N{NO-BREAK SPACE}% of the true area); 3 more collapse")


def test_healthy_is_not_said(drawn: Drawn) -> None:
    figure = drawn("few", "map_predictions")
    assert "not collapsed" in figure.alt
    everything = [figure.title, figure.caption, figure.alt, str(figure.data), *(text.get_text() for text in written(figure))]
    assert "healthy" not in " ".join(everything)


def test_a_wide_ellipse_is_told(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    def lost(found: dict[str, Any]) -> dict[str, Any]:
        far = float(found["unit"]) ** 2
        own = [{**one, "spread": [[far, 0], [0, 0]]} if one["emotion"] == "surprise" else one for one in found["anchors"]]
        return {**found, "anchors": own}

    assert "Pure surprise has no sure place" in draw("emotion_map", changed(make("six"), "map", tmp_path, lost)).caption


def test_few_segments_are_smoothed_further() -> None:
    shares = np.zeros((60, 60))
    shares[30, 30] = 1.0
    assert _smoothed(shares, 200).max() < _smoothed(shares, 900).max()


def test_nothing_laid_is_said(drawn: Drawn) -> None:
    assert drawn("bare", "map_predictions").title == "No predictions lie on this map"
    assert drawn("bare", "map_classes").title == "No classes lie on this map"
    assert drawn("bare", "map_quality").title == "How good the map is could not be measured"


# map_classes


def test_classes_near_their_own_emotion_are_counted(drawn: Drawn, make: Callable[[str], list[Output]]) -> None:
    figure = drawn("six", "map_classes")
    assert figure.title == "2 of 7 classes of Small network on faces lie nearest to their own emotion"
    assert "nearest to their own emotion: happy and neutral" in figure.alt
    assert "times 3" in figure.caption and "neutral adds nothing" in figure.caption and "other data (Talks)" in figure.caption
    means = {row["class"]: (row["x"], row["y"]) for row in rows(figure) if row["what"] == "mean"}
    arrays = next(value for told, value in Inputs(make("six")).all("laid") if told["laid"] == "faces")
    assert means["happy"] == pytest.approx(arrays["class_means"][3], abs=1e-3)


def test_class_without_samples_has_no_mean(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    outputs = []
    for output in make("six"):
        path = output.path
        if output.kind == "laid" and output.about["laid"] == "faces":
            arrays = output.load()
            arrays["class_means"][0] = np.nan
            path = tmp_path / "laid.npz"
            np.savez(path, **arrays)
        outputs.append(Output(output.kind, path, output.about, output.restricted))
    figure = draw("map_classes", outputs)
    assert figure.title.startswith("2 of 6 classes") and "angry" not in figure.alt


def test_classes_that_stand_for_an_emotion_are_explained(tmp_path: Path) -> None:
    outputs = samples.on_map(tmp_path, classes=("positive", "negative", "neutral"), sources=("own", "faces"), n=60)
    assert "Positive stands for happiness. Negative stands for sadness." in draw("map_classes", outputs).caption


# map_quality


def test_quality_says_how_many_neighbours_are_kept(drawn: Drawn) -> None:
    figure = drawn("six", "map_quality")
    assert figure.title.startswith("The map keeps 38") and "openTSNE 51" in figure.title
    assert "below openTSNE on neighbours kept" in figure.caption
    assert "above PCA on trustworthiness, neighbours kept and steps in time" in figure.caption, "distances overlap"
    assert "openTSNE is not there: it is too slow" in drawn("few", "map_quality").caption
    assert "too few videos for intervals" in drawn("few", "map_quality").caption


def test_training_values_are_hollow_and_best_is_marked(drawn: Drawn) -> None:
    ax = drawn("six", "map_quality").picture.axes[0]
    marks = [line for line in ax.lines if line.get_marker() in ("o", "s", "D")]
    hollow = [float(line.get_xdata()[0]) for line in marks if line.get_markerfacecolor() == "white"]
    assert len(hollow) == 12 and len(marks) == 27, "steps in time are not known of the training part"
    assert 0.394 in np.round(hollow, 3)
    assert "best" in {text.get_text() for text in ax.texts}


# colours


def test_names_of_one_emotion_share_their_look() -> None:
    assert looks(["anger", "Angry"])[0] == looks(["anger", "Angry"])[1]
    assert colour_of("happiness") == colour_of("joy") == colour_of("happy") == "#E69F00"
    assert colour_of("sadness") == "#0072B2"


def test_emotions_of_music_differ_and_keep_their_look_in_every_set() -> None:
    nine = looks(samples.NINE)
    assert len({look.colour for look in nine}) == len({look.marker for look in nine}) == 9
    assert looks(["power", "calmness"]) == [nine[samples.NINE.index(name)] for name in ("power", "calmness")]
    assert len({(look.colour, look.marker) for look in looks(["PVHA", "NVHA", "NVLA", "PVLA"])}) == 4
    values = np.array([[int(look.colour[i : i + 2], 16) for i in (1, 3, 5)] for look in nine], float)
    apart_by = [np.abs(a - b).max() for a, b in combinations(values, 2)]
    assert min(apart_by) > 20, "two hues that nobody tells apart"


def test_unknown_names_keep_their_colours() -> None:
    from reportgen.figures._style import _MARKERS, _hue

    names = [f"class {i}" for i in range(5)]
    assert [look.colour for look in looks(names)] == [_hue(i / 5) for i in range(5)]
    assert [look.marker for look in looks(names)] == list(_MARKERS[:5])


def test_emotions_are_called_as_people_do() -> None:
    assert [called(name) for name in ("happy", "angry", "joyful_activation", "PVHA", "Sadness")] == [
        *("happiness", "anger", "joyful activation", "PVHA", "sadness")
    ]


# files


def test_simulated_is_said_and_bytes_are_the_same_elsewhere(
    make: Callable[[str], list[Output]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashes of strings differ between processes, so that the order of a set would show."""
    code = f"""
import sys
for name in ("torch", "scipy", "sklearn", "pandas", "plotly", "matplotlib.pyplot"):
    sys.modules[name] = None
from pathlib import Path
import test_figures_space as tests
outputs = tests.samples.on_map(Path({str(tmp_path / "again")!r}))
for name in tests.FIGURES:
    tests.run(name, outputs, Path({str(tmp_path / "other")!r}) / name)
"""
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=Path(__file__).parent.parent)
    for name in FIGURES:
        words = run(name, make("six"), tmp_path / "here" / name)
        assert words["caption"].endswith(" Simulated data.")
        for path in (tmp_path / "here" / name).iterdir():
            assert path.read_bytes() == (tmp_path / "other" / name / path.name).read_bytes(), f"{name}: {path.name}"


def run(name: str, outputs: Sequence[Output], folder: Path) -> dict[str, Any]:
    """Draw as the pipeline does; the words."""
    folder.mkdir(parents=True, exist_ok=True)
    step.run(Inputs(about(outputs, name)), Out(folder), None, use=name, settings={})
    words: dict[str, Any] = json.loads((folder / "figure.json").read_text(encoding="utf-8"))
    return words
