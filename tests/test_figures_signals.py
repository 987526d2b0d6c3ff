"""Pictures of synthetic samples say what was planted, show all sides on one scale, and stay readable."""

import csv
import io
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import figure_samples_signals as samples
import matplotlib.pyplot
import numpy as np
import pytest
from matplotlib.text import Text

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures import _signals as shared
from reportgen.figures._pass_band import passed
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style
from reportgen.kinds import KINDS
from reportgen.montage import SEED_62, positions
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import figure as step

FIGURES = tuple(f"signal_{name}" for name in ("pair", "neighbours", "spectra", "heads", "covariance", "plane"))
OF_SAMPLES = FIGURES[:2]
SEVEN = ("happy", "sad", "angry", "fear", "disgust", "surprise", "neutral")
CASES: dict[str, dict[str, Any]] = {
    "two": {"keys": samples.TWO, "channels": SEED_62[::8]},
    "eight": {"channels": SEED_62[::16]},
    "maps": {"domain": "maps", "keys": ("dense", "other", "mixed"), "classes": samples.CLASSES[:2], "channels": SEED_62[::16]},
    "grid": {"domain": "grid", "keys": ("other", "gaussian"), "classes": SEVEN, "trials": 6, "channels": SEED_62[::16]},
    "4 channels": {
        "channels": samples.MUSE,
        "classes": ("calm", "afraid"),
        "keys": ("wgan", "copies"),
        "trials": 4,
        "fold": "",
    },
    "no places": {"places": False, "keys": ("wgan", "dense"), "scored": False, "gone": ("dense",), "channels": SEED_62[::2]},
    "gone": {"keys": samples.TWO, "gone": samples.TWO, "channels": samples.MUSE},
}
Drawn = Callable[[str, str], Figure]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Output]]:
    return cache(lambda case: samples.beside(tmp_path_factory.mktemp("study"), **CASES[case]))


@pytest.fixture(scope="module")
def drawn(make: Callable[[str], list[Output]]) -> Drawn:
    """A figure of one of the `CASES`, drawn once for all tests."""
    return cache(lambda case, name: draw(name, make(case)))


def about(outputs: Sequence[Output], name: str) -> list[Output]:
    """What the planner would hand to a figure."""
    path = plugins.path_of("figure", name)
    reads = {"facts", *plugins.constant(path, "NEEDS"), *plugins.constant(path, "SHOWS")}
    return [o for o in outputs if o.kind in reads]


def planned(case: str, name: str, make: Callable[[str], list[Output]]) -> bool:
    """Whether the records hold all kinds that the figure needs."""
    return set(plugins.constant(plugins.path_of("figure", name), "NEEDS")) <= {o.kind for o in make(case)}


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


def check_look(figure: Figure) -> None:
    """As wide as the report, no text too small to print, nothing cut off."""
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width]
    assert height <= TALLEST
    shown = [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in shown) >= SMALL
    inches = figure.picture.dpi_scale_trans.inverted()
    headings = [text.get_window_extent().transformed(inches) for text in shown if not text.get_in_layout()]
    for area in (figure.picture.get_tightbbox(), *headings):
        assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
        assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"


def texts(figure: Figure) -> list[str]:
    return [text.get_text().strip() for text in figure.picture.findobj(Text) if text.get_visible()]


def rows(figure: Figure) -> list[dict[str, Any]]:
    header, *table = figure.data
    return [dict(zip(header, row, strict=True)) for row in table]


@pytest.mark.parametrize("case", CASES)
def test_contract(case: str, drawn: Drawn, make: Callable[[str], list[Output]]) -> None:
    for name in FIGURES:
        path = plugins.path_of("figure", name)
        kinds = {*plugins.constant(path, "NEEDS"), *plugins.constant(path, "SHOWS")}
        assert plugins.constant(path, "EACH") == "experiment" and kinds <= set(KINDS)
        if not planned(case, name, make):
            continue
        figure = drawn(case, name)
        words = [figure.title, figure.caption, figure.alt]
        assert all(words) and len({" ".join(text.split()) for text in words}) == 3, name
        assert not figure.title.endswith(".") and figure.caption.endswith("."), name
        assert not any(word in " ".join(words) for word in ("nan", "None", "  ", "inf ")), name
        assert not figure.title[0].islower() or figure.title.startswith("wgan"), name
        assert len(figure.title) < 200 and len(figure.data) > 1, name
        assert {len(row) for row in figure.data} == {len(figure.data[0])}, name
        check_look(figure)
    assert not matplotlib.pyplot.get_fignums()


@pytest.mark.parametrize(
    ("case", "name", "title"),
    [
        ("two", "signal_pair", "Real windows change from one moment to the next by "),
        ("two", "signal_neighbours", "No generator's examples lie near training windows: at "),
        ("eight", "signal_neighbours", "Examples of Interpolation within a class lie near training windows: at 0.02 of the"),
        ("two", "signal_spectra", "Spectra of WGAN-GP on raw windows are 0."),
        ("two", "signal_heads", "Over the head, WGAN-GP on raw windows is like real windows with r = 0.9"),
        ("two", "signal_covariance", "Correlations of channels are 0.0"),
        ("two", "signal_plane", "Samples of GAN of dense layers have few modes"),
        ("4 channels", "signal_plane", "In this plane all generators spread "),
        ("maps", "signal_spectra", "Band means of "),
        ("no places", "signal_plane", "In this plane wgan spreads "),
        ("gone", "signal_spectra", "No generator has made samples"),
    ],
)
def test_titles_say_what_was_planted(case: str, name: str, title: str, drawn: Drawn) -> None:
    assert drawn(case, name).title.startswith(title)


def test_what_keeps_a_score_by_construction_is_no_finding(drawn: Drawn) -> None:
    """Surrogates have the spectrum: they are named as such, and no title praises them."""
    figure = drawn("eight", "signal_spectra")
    assert (
        "Phase" not in figure.title and "Like real ones by construction, which is no merit: Phase surrogates" in figure.caption
    )
    assert "Phase surrogates, shared phases" not in drawn("eight", "signal_covariance").title


def test_the_best_network_and_the_worst_generator_are_named() -> None:
    one, two, plain = (
        shared.Shown(key, key, network, keeps, "", "")
        for key, network, keeps in (("a", True, ()), ("b", True, ()), ("c", False, ("x",)))
    )
    assert shared.off({one: 2.0, two: 1.0, plain: 0.1}, "x") == (two, one)
    assert shared.off({one: 2.0, two: float("nan"), plain: 3.0}, "y") == (one, plain)
    assert shared.off({plain: 0.1}, "x") == (plain, plain)
    assert shared.off({one: float("nan")}, "x") is None


def test_numbers_have_two_digits() -> None:
    assert [shared.two(value) for value in (0.0531, 1.234, 13.9, 0.0, -2.0, float("nan"))] == [
        "0.053",
        "1.2",
        "14",
        "0.0",
        "−2.0",
        "–",
    ]
    assert [shared.round_down(value) for value in (7.0, 0.3, 19.0, 20.0)] == [5.0, 0.2, 10.0, 20.0]


def test_synthetic_windows_have_the_scale_of_real_ones(drawn: Drawn) -> None:
    axes = drawn("two", "signal_pair").picture.axes
    assert len(axes) == 9 and len({ax.get_ylim() for ax in axes}) == 1, "three rows of three classes"
    assert {"Real windows of the test part", "WGAN-GP on raw windows", "GAN of dense layers"} <= set(
        texts(drawn("two", "signal_pair"))
    )
    images = [image for ax in drawn("maps", "signal_pair").picture.axes for image in ax.images]
    assert len({image.norm.vmin for image in images}) == 1 and len(images) == 4 * 6


def test_traces_keep_to_their_lanes(drawn: Drawn) -> None:
    """Large waves hide no other channel, and the scale lies below all of them."""
    panel = drawn("two", "signal_pair").picture.axes[-1]
    lines = [line for line in panel.lines if len(line.get_xdata()) > 3]
    boxes = [line.get_clip_box() for line in lines]
    assert len(boxes) == 5
    for upper, lower in itertools.pairwise(boxes):
        assert lower.y1 - upper.y0 < 0.2 * upper.height
    scale = next(text for text in panel.texts if "µV" in text.get_text())
    assert scale.get_window_extent().y1 < boxes[-1].y0


def test_frequencies_that_a_filter_emptied_are_not_drawn() -> None:
    frequency = np.arange(1.0, 50.0)
    natural = -20 * np.log10(frequency)
    assert passed(frequency, natural).all(), "EEG falls by itself"
    high = natural - 40 * np.log2(np.maximum(4 / frequency, 1))
    assert frequency[passed(frequency, high)][0] == 4
    low = natural - 90 * np.log2(np.maximum(frequency / 30, 1))
    assert 30 <= frequency[passed(frequency, low)][-1] < 36
    peak = np.where(frequency == 10, 15.0, 0.0) + natural
    assert passed(frequency, peak).all(), "an alpha rhythm is no filter"


def test_the_table_holds_what_is_drawn(drawn: Drawn, make: Callable[[str], list[Output]]) -> None:
    pair = Inputs([o for o in make("two") if o.about.get("generator") == "dense"]).one("signal_pair")
    own = [
        row
        for row in rows(drawn("two", "signal_pair"))
        if row["samples"] == "GAN of dense layers" and row["class"] == "neutral"
    ]
    first = samples.CLASSES.index("neutral")
    channel = next(name for name in own[0] if name in SEED_62)
    at = SEED_62[::8].index(channel)
    assert [row[channel] for row in own] == pytest.approx(pair["made"][first, 0, at], abs=1e-3)


def test_copies_are_drawn_even_where_there_is_no_room_for_all(drawn: Drawn) -> None:
    figure = drawn("eight", "signal_neighbours")
    assert any(text.startswith("Interpolation") for text in texts(figure)) and "Without room here: " in figure.caption
    ratios = [row["relative to real"] for row in rows(figure) if row["generator"] == "Interpolation within a class"]
    assert max(ratios) < 0.1
    others = [row["relative to real"] for row in rows(figure) if row["generator"] == "WGAN-GP on raw windows"]
    assert np.median(others) == pytest.approx(1, abs=0.1)
    assert "Interpolation within a class 0.04" in figure.caption, "the score of all samples is told besides"


def test_few_trials_claim_nothing(drawn: Drawn) -> None:
    assert "There are no intervals: no class has six trials." in drawn("4 channels", "signal_spectra").caption
    assert "95 % bootstrap intervals" in drawn("two", "signal_spectra").caption


def test_what_diverged_is_named(drawn: Drawn, make: Callable[[str], list[Output]]) -> None:
    for name in FIGURES:
        told = "Not shown, as training diverged: dense (epoch 7: the loss is no number)."
        assert drawn("no places", name).caption.endswith(told), name
    assert not any(planned("gone", name, make) for name in OF_SAMPLES)
    assert drawn("gone", "signal_spectra").width == "narrow"
    assert "WGAN-GP on raw windows (epoch 7" in drawn("gone", "signal_heads").caption


def test_electrodes_without_places_are_strips(drawn: Drawn) -> None:
    figure = drawn("no places", "signal_heads")
    assert "The places of the electrodes are not known" in figure.caption
    assert sum(len(ax.images) for ax in figure.picture.axes[:2]) == 2, "one strip of real and one of synthetic samples"
    assert "Channels are in their stored order." in drawn("no places", "signal_covariance").caption
    assert "too few electrodes" in drawn("4 channels", "signal_heads").caption


def test_channels_go_from_front_to_back() -> None:
    names = ("OZ", "T8", "FP2", "T7", "FP1", "CZ")
    order = shared.front_to_back({"channels": names, "positions": positions(names)})
    assert [names[i] for i in order] == ["FP1", "FP2", "T7", "CZ", "T8", "OZ"]
    assert shared.front_to_back({"channels": names, "positions": None}) == list(range(6))


def test_only_some_classes_have_room(drawn: Drawn) -> None:
    figure = drawn("grid", "signal_spectra")
    assert "Drawn are 4 of 7 classes, those with the largest difference." in figure.caption
    assert {row["class"] for row in rows(figure)} == set(SEVEN)
    assert "Drawn are 3 of 7 classes" in drawn("grid", "signal_pair").caption


def test_class_without_samples_is_left_out(make: Callable[[str], list[Output]], tmp_path: Path) -> None:
    """A fold may test no trial of a class."""
    changed = []
    emptied = {"signal_pair": ("real", "usual"), "signal_means": ("spectrum_real", "level_real", "power_real")}
    for output in make("two"):
        changed.append(output)
        if output.kind in emptied:
            values = output.load()
            for name in emptied[output.kind]:
                values[name][1] = np.nan
            path = tmp_path / f"{output.kind} {output.about['generator']}.npz"
            np.savez(path, **values)
            changed[-1] = replace(output, path=path)
    for name in ("signal_pair", "signal_neighbours", "signal_spectra", "signal_heads", "signal_plane"):
        figure = draw(name, changed)
        assert "nan" not in figure.title + figure.caption + figure.alt, name
        assert name not in ("signal_pair", "signal_spectra") or "neutral" not in texts(figure)


def test_public_figures_hide_samples(tmp_path: Path) -> None:
    """Examples of people who did not agree are not handed in; means are."""
    outputs = samples.beside(tmp_path, keys=("wgan",), channels=samples.MUSE, restricted=True)
    public = Inputs([*outputs], public=True)
    assert "signal_pair" not in public and "signal_means" in public


def test_same_bytes_in_another_process(tmp_path: Path) -> None:
    how = "keys=('wgan',), channels=tests.samples.MUSE"
    study = samples.beside(tmp_path / "study", keys=("wgan",), channels=samples.MUSE)
    code = f"""
import sys
for name in ("torch", "sklearn", "skimage", "pandas"):
    sys.modules[name] = None
from pathlib import Path
import test_figures_signals as tests
study = tests.samples.beside(Path({str(tmp_path / "study")!r}), {how})
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
