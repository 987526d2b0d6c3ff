"""Ways through the emotion space: the figure says what was planted, its frames hold only what moves, and all stays readable."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import figure_samples_space as space
import figure_samples_trajectories as samples
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.text import Text

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures._comet import colours, draw_comet
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style, new_figure
from reportgen.figures._trajectories import Track, _chosen, along, ellipse, journey, windows
from reportgen.kinds import KINDS
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import figure as step

NAME = "trajectories"
LARGEST = 400_000  # characters of JSON
SIX_SETS = ("text", "audio", "vision", "hands", "posture", "all")
CASES: dict[str, dict[str, Any]] = {
    "usual": {},
    "own": {"sets": ()},
    "nine": {"sets": (), "emotions": space.NINE, "segments": (20, 10, 8, 5, 30)},
    "songs": {"sets": (), "emotions": space.TWO, "segments": (60,) * 6},
    "heard": {"sets": ("audio",), "emotions": space.TWO, "segments": (60,) * 4},
    "halved": {"sets": ("audio", "lyrics", "all"), "emotions": space.TWO, "segments": (20, 20)},
    "four": {"segments": (4,)},
    "one song": {"sets": (), "emotions": space.TWO, "segments": (60,)},
    "long": {"segments": (52, 60, 9, 12), "names": (samples.LONG, f"another_{samples.LONG}")},
    "same": {"shrunk": 1.0, "sets": ("text", "all")},
    "many": {"sets": SIX_SETS, "segments": (60,) * 12},
    "sure": {"spread": 0.0},
}


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Output]]:
    return cache(lambda case: samples.followed(tmp_path_factory.mktemp("study"), **CASES[case]))


@pytest.fixture(scope="module")
def drawn(make: Callable[[str], list[Output]]) -> Callable[[str], Figure]:
    return cache(lambda case: draw(make(case)))


def about(outputs: Sequence[Output]) -> list[Output]:
    """What the planner would hand to the figure."""
    path = plugins.path_of("figure", NAME)
    return [o for o in outputs if o.kind in ("facts", *plugins.constant(path, "NEEDS"), *plugins.constant(path, "SHOWS"))]


def draw(outputs: Sequence[Output]) -> Figure:
    with drawing_style():
        figure: Figure = plugins.verb("figure", NAME)(Inputs(about(outputs)))
        figure.picture.draw_without_rendering()
    return figure


def rows(figure: Figure) -> list[dict[str, Any]]:
    header, *table = figure.data
    return [dict(zip(header, row, strict=True)) for row in table]


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]


def twin(figure: Figure) -> dict[str, Any]:
    """The interactive one, as the page gets it."""
    return dict(json.loads(json.dumps(figure.interactive, allow_nan=False)))


def trajectories(outputs: Sequence[Output], source: str = "words") -> dict[str, Any]:
    value: dict[str, Any] = Inputs(outputs).one("trajectories", laid=source)
    return value


# the still picture


@pytest.mark.parametrize("case", CASES)
def test_contract(case: str, drawn: Callable[[str], Figure]) -> None:
    figure = drawn(case)
    path = plugins.path_of("figure", NAME)
    assert plugins.constant(path, "EACH") == "experiment" and set(plugins.constant(path, "NEEDS")) <= set(KINDS)
    assert len({figure.title, figure.caption, figure.alt}) == 3 and all((figure.title, figure.caption, figure.alt))
    assert not figure.title.endswith(".") and figure.caption.endswith(".")
    header, *table = figure.data
    assert table and {len(row) for row in table} == {len(header)}
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width] or (width == WIDTHS["narrow"] and case in ("own", "one song"))
    assert height <= TALLEST
    area = figure.picture.get_tightbbox()
    assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
    assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"
    shown = [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in shown) >= SMALL


def test_title_says_how_far_predictions_move(drawn: Callable[[str], Figure]) -> None:
    assert drawn("halved").title == "In 2 songs, the predictions of KNN move only 50\N{NO-BREAK SPACE}% as far as the ratings"
    assert drawn("same").title == "In 3 videos, the predictions of KNN move about as far as the ratings"


def test_predictions_are_drawn_before_the_own_ratings(make: Callable[[str], list[Output]]) -> None:
    outputs = make("usual")
    assert [o.about["laid"] for o in outputs if o.kind == "trajectories"] == ["own", "words"]
    assert journey(Inputs(outputs)).model == "KNN"
    assert journey(Inputs(outputs)).videos[0].whole.name == "all"


def test_caption_says_why_it_is_this_model() -> None:
    assert _chosen([{"key": "knn"}, {"key": "lstm"}]).endswith("correlates best with the ratings of the validation part.")
    assert _chosen([{"key": "knn"}, {"key": "knn"}]) == ""


def test_a_song_has_a_length_of_its_way_and_segments_start_when_they_start(drawn: Callable[[str], Figure]) -> None:
    figure = drawn("halved")
    first = twin(figure)["controls"]["choices"][0]["steps"][0]["text"]
    start = next(row["start in s"] for row in rows(figure))
    assert first.startswith(f"{start:.1f}")
    assert not any(why in figure.caption for why in ("(most segments)", "(moves least)")), "words that hold for ties"


def test_ratings_alone_are_followed_where_nothing_predicts(drawn: Callable[[str], Figure]) -> None:
    figure = drawn("own")
    assert "predict" not in figure.caption + figure.title + figure.alt
    assert figure.title.endswith("from happiness 2.0 to sadness 2.0")
    assert {"happiness", "sadness", "fear"} <= set(texts(figure)), "rows of the strip are named"
    assert {row["what"] for row in rows(figure)} == {"rated"}


def test_strip_shows_where_modalities_disagree(drawn: Callable[[str], Figure]) -> None:
    figure = drawn("usual")
    assert "half lie below the line (chance). In 37 of 39 segments they do." in figure.caption
    strips = [ax for ax in figure.picture.findobj(Axes) if "chance" in [text.get_text() for text in ax.texts]]
    high = [[i for i, bar in enumerate(ax.patches) if bar.get_height() > samples.CHANCE] for ax in strips]
    assert high == [list(samples.PLANTED), [], []]
    apart = [row["segment"] - 1 for row in rows(figure) if row["what"] == "rated" and row["apart"] > row["chance"]]
    assert apart == list(samples.PLANTED)


def test_alt_text_says_when_modalities_are_farthest_apart(
    make: Callable[[str], list[Output]], drawn: Callable[[str], Figure]
) -> None:
    video = trajectories(make("usual"))["videos"][0]
    at = video["start"][int(np.argmax(video["agreement"]["mean"]))]
    told = drawn("usual").alt.split("v2:")[0]
    assert f"modalities are farthest apart at {at:.0f}\N{NO-BREAK SPACE}s" in told
    assert "from happiness 2.0 to sadness 2.0" in told


def test_comet_gets_thicker_and_brighter_to_its_end() -> None:
    at = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    track = Track(name="", at=at, spread=np.full((4, 2, 2), np.nan), intensities=np.zeros((4, 2)))
    ax = new_figure("narrow", 3).subplots()
    ax.set(xlim=(0, 2), ylim=(0, 2))
    draw_comet(ax, track, np.linspace(0, 1, 4))
    comet = [one for one in ax.collections if isinstance(one, LineCollection)][-1]
    assert np.array_equal(np.array(comet.get_segments()), np.stack([at[:-1], at[1:]], axis=1))
    assert all(a < b for a, b in pairwise(comet.get_linewidths()))
    assert all(a[3] < b[3] and a[:3].sum() < b[:3].sum() for a, b in pairwise(comet.get_colors())), "the tail fades"
    start, end = ax.lines[-2:]
    assert start.get_xydata().tolist() == [[0, 0]] and start.get_markerfacecolor() == "white"
    assert end.get_xydata().tolist() == [[2, 2]] and tuple(end.get_markerfacecolor()) == tuple(colours(np.array(1.0)))


def test_arrows_stand_at_equal_lengths() -> None:
    at = np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 0.0], [3.0, 1.0]])  # it stays for a segment
    places, angles = along(at, 1.0, 4)
    assert places == pytest.approx(np.array([[0.5, 0], [1.5, 0], [2.5, 0], [3, 0.5]]))
    assert angles == pytest.approx([0, 0, 0, np.pi / 2])
    assert len(along(at, 1.0, 2)[0]) == 2 and len(along(at, 5.0, 4)[0]) == 0
    assert len(along(np.zeros((3, 2)), 1.0, 4)[0]) == 0


def test_ellipse_reaches_two_standard_deviations() -> None:
    outline = ellipse(np.array([[1.0, 1.0]]), np.array([[[4.0, 0.0], [0.0, 0.25]]]))[0]
    assert np.ptp(outline, axis=0) == pytest.approx([8, 2], abs=0.01)
    assert outline.mean(axis=0) == pytest.approx([1, 1], abs=0.1) and outline[0] == pytest.approx(outline[-1])
    assert np.ptp(ellipse(np.ones((1, 2)), np.full((1, 2, 2), np.nan)), axis=1).max() == 0, "unknown: nothing is drawn"


def test_uncertainty_is_told_only_where_it_is_known(drawn: Callable[[str], Figure]) -> None:
    assert "Ellipses reach two standard deviations" in drawn("usual").caption
    assert "llipse" not in drawn("sure").caption + drawn("songs").caption


def test_songs_have_real_axes_of_one_scale(make: Callable[[str], list[Output]], drawn: Callable[[str], Figure]) -> None:
    own = journey(Inputs(make("songs")))
    views = windows(own, own.videos)
    assert {round(float(span), 9) for view in views for span in np.ptp(view, axis=1)} == {round(float(np.ptp(views[0][0])), 9)}
    for video, (across, up) in zip(own.videos, views, strict=True):
        x, y = video.truth.at.T
        assert across[0] < x.min() < x.max() < across[1] and up[0] < y.min() < y.max() < up[1]
    figure = drawn("songs")
    panels = [ax for ax in figure.picture.findobj(Axes) if ax.get_aspect() == 1]
    assert len(panels) == 6 and all(ax.get_xticklabels() and ax.get_yticklabels() for ax in panels)
    assert {"valence", "arousal"} <= set(texts(figure))


def test_a_map_is_shown_whole_and_holds_what_leaves_it(tmp_path: Path) -> None:
    outputs = samples.followed(tmp_path / "one", segments=(6,))
    own = journey(Inputs(outputs))
    assert np.array_equal(windows(own, own.videos)[0], own.limits)
    path = next(o.path for o in outputs if o.kind == "trajectories" and o.about["laid"] == "words")
    value = json.loads(path.read_text())
    value["videos"][0]["truth"]["at"][2] = [float(own.limits[0, 1]) + 5, 0.0]
    path.write_text(json.dumps(value))
    wider = journey(Inputs(outputs))
    view = windows(wider, wider.videos)[0]
    assert view[0, 1] > own.limits[0, 1] + 5 and view[1, 0] < own.limits[1, 0]
    assert np.ptp(view[0]) == pytest.approx(np.ptp(view[1]))


def test_segments_that_nobody_rated_are_left_out(tmp_path: Path) -> None:
    outputs = samples.followed(tmp_path / "one", segments=(8,))
    path = next(o.path for o in outputs if o.kind == "trajectories" and o.about["laid"] == "words")
    value = json.loads(path.read_text())
    value["videos"][0]["truth"]["at"][3] = [None, None]
    path.write_text(json.dumps(value))
    figure = draw(outputs)
    assert {row["start in s"] for row in rows(figure)} == {s for i, s in enumerate(value["videos"][0]["start"]) if i != 3}
    assert len(twin(figure)["frames"]) == 7


def test_long_names_are_cut_in_the_picture_only(drawn: Callable[[str], Figure]) -> None:
    figure = drawn("long")
    assert samples.LONG in figure.caption and samples.LONG in {row["video"] for row in rows(figure)}
    assert not any(samples.LONG in text for text in texts(figure))
    assert samples.LONG in twin(figure)["controls"]["choices"][0]["text"]
    assert "The interactive picture holds 4 videos." in figure.caption


# the interactive twin


@pytest.mark.parametrize("case", CASES)
def test_frames_hold_only_what_moves(case: str, drawn: Callable[[str], Figure]) -> None:
    found = twin(drawn(case))
    assert len(json.dumps(found, separators=(",", ":"))) < LARGEST
    data, moving = found["data"], {tuple(frame["traces"]) for frame in found["frames"]}
    assert len(moving) == 1, "all frames move the same traces"
    (moved,) = moving
    chosen = {trace for choice in found["controls"]["choices"] for trace in choice["traces"]}
    still = set(range(len(data))) - set(moved) - chosen
    assert all(data[i]["x"] for i in still), "what neither moves nor changes is there from the start"
    assert any("happiness" in data[i].get("text", []) for i in still) or case not in ("usual", "own")
    assert {trace["type"] for trace in data} == {"scatter"}, "others vanish when some traces are animated"
    for frame in found["frames"]:
        assert set(frame) == {"name", "data", "traces"} and len(frame["data"]) == len(frame["traces"])
        assert all(set(trace) == {"x", "y"} for trace in frame["data"]), "only places"
        assert sum(len(trace["x"]) for trace in frame["data"]) <= 200


@pytest.mark.parametrize("case", CASES)
def test_every_step_has_its_frame(case: str, drawn: Callable[[str], Figure]) -> None:
    found = twin(drawn(case))
    steps = [step for choice in found["controls"]["choices"] for step in choice["steps"]]
    assert [one["name"] for one in steps] == [frame["name"] for frame in found["frames"]]
    assert len({one["name"] for one in steps}) == len(steps) and all(one["text"] for one in steps)
    for choice in found["controls"]["choices"]:
        assert len(choice["update"]["x"]) == len(choice["update"]["y"]) == len(choice["traces"])


def test_comets_end_where_the_segment_lies(make: Callable[[str], list[Output]], drawn: Callable[[str], Figure]) -> None:
    found, videos = twin(drawn("usual")), trajectories(make("usual"))["videos"]
    near = 0.01 * space.PLACES["happy"][0]
    for frame in found["frames"]:
        i, k = map(int, frame["name"].split("/"))
        rated = frame["data"][0]
        assert [rated["x"][-1], rated["y"][-1]] == pytest.approx(videos[i]["truth"]["at"][k], abs=near)
        assert [rated["x"][-2], rated["y"][-2]] == pytest.approx(videos[i]["truth"]["at"][max(k - 1, 0)], abs=near)
        moment = (videos[i]["start"][k] + videos[i]["stop"][k]) / 2
        assert frame["data"][-1]["x"] == pytest.approx([moment, moment], abs=0.01), "the mark of time"
    first = found["data"][found["frames"][0]["traces"][0]]
    assert first["x"] == found["frames"][0]["data"][0]["x"], "without data a trace would have no place in the legend"
    assert [one["name"] for one in found["data"] if one["type"] == "scatter" and one.get("showlegend", True)] == [
        *("rated", "from everything", "from text", "from audio", "from vision")
    ]


def test_strip_of_the_twin_has_gaps_and_chance(make: Callable[[str], list[Output]], drawn: Callable[[str], Figure]) -> None:
    choice = twin(drawn("usual"))["controls"]["choices"][0]
    video = trajectories(make("usual"))["videos"][0]
    x, y = (np.array(choice["update"][axis][-2]).reshape(-1, 4) for axis in "xy")
    assert y[:, 1] == pytest.approx(video["agreement"]["mean"], abs=1e-3) and not y[:, [0, 3]].any()
    assert x[:, 0] == pytest.approx(video["start"], abs=0.01) and x[:, 2] == pytest.approx(video["stop"], abs=0.01)
    assert choice["update"]["y"][-1] == [samples.CHANCE] * 2
    assert choice["steps"][3]["text"].endswith(f"modalities {video['agreement']['mean'][3]:.2f} apart")


def test_what_is_too_much_for_a_page_is_in_the_data(drawn: Callable[[str], Figure]) -> None:
    figure = drawn("many")
    played = len(twin(figure)["controls"]["choices"])
    assert 1 < played < 12
    assert f"The interactive picture holds {played} videos, the data all 12." in figure.caption
    assert len({row["video"] for row in rows(figure)}) == 12


def test_markup_in_names_stays_text(tmp_path: Path) -> None:
    evil = "<b>sad</b>"
    outputs = samples.followed(tmp_path / "one", emotions=("happy", evil), segments=(5,), sets=("text", "<i>all"))
    found = twin(draw(outputs))
    shown = json.dumps([found["data"], found["layout"]])
    assert "<b>sad" not in shown and "<i>all" not in shown and "&lt;i&gt;all" in shown


# files


def test_files_are_tagged_and_the_same_elsewhere(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    """Hashes of strings differ between processes, so that the order of a set would show."""
    code = f"""
import sys
for name in ("torch", "scipy", "sklearn", "pandas", "plotly", "matplotlib.pyplot"):
    sys.modules[name] = None
from pathlib import Path
import test_figures_trajectories as tests
tests.run(tests.samples.followed(Path({str(tmp_path / "again")!r})), Path({str(tmp_path / "other")!r}))
"""
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=Path(__file__).parent.parent)
    run(make("usual"), tmp_path / "here")
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert names == ["figure.csv", "figure.json", "figure.plotly.json", "figure.svg"]
    for name in names:
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "other" / name).read_bytes(), name
    words = json.loads((tmp_path / "here" / "figure.json").read_text(encoding="utf-8"))
    assert words["interactive"] and words["caption"].endswith(" Simulated data.")
    tagged = json.loads((tmp_path / "here" / "figure.plotly.json").read_text(encoding="utf-8"))
    plain = twin(draw(make("usual")))
    assert tagged["layout"]["annotations"][0]["text"] == "simulated"
    assert all(tagged[name] == plain[name] for name in ("data", "frames", "controls"))


def run(outputs: Sequence[Output], folder: Path) -> None:
    """Draw as the pipeline does."""
    folder.mkdir(parents=True)
    step.run(Inputs(about(outputs)), Out(folder), None, use=NAME, settings={})
