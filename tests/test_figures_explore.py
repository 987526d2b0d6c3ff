"""Figures of looking at EEG say what was planted, claim nothing where nothing is known, and stay readable."""

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

import figure_samples_explore as samples
import matplotlib.pyplot
import numpy as np
import pytest
from matplotlib.figure import Figure as Picture
from matplotlib.text import Text

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures._bands import muscular
from reportgen.figures._scalp import electrodes, flat, scalp_map
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style
from reportgen.montage import SEED_62, positions
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import figure as step

FIGURES = ("class_spectra", "band_topography", "separation", "projection", "trimming", "outlier_trials")
LONG = ("a name that is much longer than anybody expects", *"bcdefghijkl")
Make = Callable[..., list[Output]]
Drawn = Callable[[str, str], Figure]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    return lambda **settings: samples.explored(tmp_path_factory.mktemp("study"), **settings)


@pytest.fixture(scope="module")
def study(make: Make) -> list[Output]:
    return make()


@pytest.fixture(scope="module")
def drawn(make: Make) -> Drawn:
    """A figure of one of the `CASES`, drawn once for all tests."""
    outputs = cache(lambda case: make(**CASES[case]))
    return cache(lambda case, name: draw(name, outputs(case)))


def about(outputs: Sequence[Output], name: str) -> list[Output]:
    """What the planner would hand to a figure."""
    needs = {"facts", *plugins.constant(plugins.path_of("figure", name), "NEEDS")}
    return [o for o in outputs if o.kind in needs]


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


def changed(outputs: Sequence[Output], folder: Path, kind: str, **values: Any) -> list[Output]:
    """The outputs with other values in one JSON."""
    old = next(output for output in outputs if output.kind == kind)
    path = folder / f"{kind}.json"
    path.write_text(json.dumps({**old.load(), **values}), encoding="utf-8")
    return [replace(output, path=path) if output is old else output for output in outputs]


def check_look(figure: Figure) -> None:
    """As wide as the report, no text too small to print or unset as mathematics, nothing cut off, on white."""
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width]
    assert height <= TALLEST
    texts = [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in texts) >= SMALL
    assert not any("$" in text.get_text() for text in texts)
    area = figure.picture.get_tightbbox()
    assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
    assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"


CASES: dict[str, dict[str, Any]] = {
    "62 channels": {},
    "4 channels": {"channels": samples.MUSE, "classes": ("calm", "afraid"), "subjects": 3},
    "given features": {"given": True, "channels": SEED_62[::3]},
    "nothing differs": {"effect": 0.0, "channels": SEED_62[::3]},
    "one subject": {"subjects": 1, "channels": SEED_62[::6]},
    "unknown places": {"channels": [f"E{i}" for i in range(1, 130)], "places": False},
    "crowd": {"classes": LONG, "subjects": 30, "channels": SEED_62[::2]},
}


@pytest.mark.parametrize("case", CASES)
def test_contract(case: str, drawn: Drawn) -> None:
    for name in FIGURES:
        figure = drawn(case, name)
        words = [figure.title, figure.caption, figure.alt]
        assert all(words) and len({" ".join(text.split()) for text in words}) == 3, name
        assert not figure.title.endswith(".") and figure.caption.endswith("."), name
        assert "nan" not in " ".join(words).split(), name
        assert {len(row) for row in figure.data} == {len(figure.data[0])}, name
        check_look(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_title_says_the_finding(name: str, drawn: Drawn) -> None:
    titles = {
        "class_spectra": "Negative has",
        "band_topography": "Beta at F3 (highest in negative) and gamma at T8, maybe muscle, (highest in positive)",
        "separation": "Beta at F3 separates the classes most",
        "projection": "Subjects order the plane more than classes: 92",
        "trimming": "Without outlier trials in training the accuracy rises by 0.06",
        "outlier_trials": "9 trials lie far from the others, 6 of them of subject 3",
    }
    none = {
        "class_spectra": "The spectra of the classes do not differ clearly",
        "band_topography": "At no electrode does the power of a band differ clearly between the classes",
        "separation": "No channel and band separates the classes more than labels by lot would",
        "trimming": "Neither trimming nor leaving out outlier trials changes the accuracy clearly (corrected p = 1.000)",
    }
    assert drawn("62 channels", name).title.startswith(titles[name])
    if name in none:
        assert drawn("nothing differs", name).title == none[name]


def test_beta_is_said_with_its_size(drawn: Drawn) -> None:
    size = np.ptp(samples.planted(SEED_62, 3).mean(axis=1), axis=0)[3]
    assert drawn("62 channels", "class_spectra").title == f"Negative has {size:.1f} dB more beta than neutral"


def test_few_units_claim_nothing(drawn: Drawn) -> None:
    assert "There are no intervals: 3 subjects" in drawn("4 channels", "class_spectra").caption
    trimming = drawn("4 channels", "trimming")
    assert trimming.title.endswith("on too few subjects for a claim")
    assert "[" not in trimming.alt


def test_what_cannot_be_tested_is_not_marked(study: list[Output], tmp_path: Path) -> None:
    found = Inputs(study).one("separation")
    none = {"p": [[None] * 5] * 62, "whole": {**found["whole"], "p": [None] * 5}, "tested": False}
    outputs = changed(study, tmp_path, "separation", **none, exchanged=["recording"], blocks="subject")
    titles = {
        "class_spectra": "In beta the spectra of the classes differ most, not tested",
        "band_topography": "The classes differ most in beta at F3, not tested",
        "separation": "Beta at F3 separates the classes most, not tested (η² = ",
    }
    for name, title in titles.items():
        figure = draw(name, outputs)
        assert figure.title.startswith(title)
        assert "can be exchanged in too few ways for any p below 0.05" in figure.caption
        assert not any(word in figure.caption for word in ("do so clearly", "White rings", "p-values", "Clear in"))
        assert "nan" not in figure.alt and "—" not in figure.alt
        check_look(figure)


def test_sites_of_one_class_are_merged(study: list[Output], tmp_path: Path) -> None:
    found = Inputs(study).one("separation")
    outputs = changed(study, tmp_path, "separation", largest=(np.array(found["largest"]) * 0 + 2).tolist())
    figure = draw("band_topography", outputs)
    title = "Beta at F3 and gamma at T8, maybe muscle, differ most clearly between the classes, both highest in positive"
    assert figure.title == title and "Largest η²: beta at F3 p = 0.002" in figure.alt


def test_bands_of_one_site_are_merged(study: list[Output], tmp_path: Path) -> None:
    eta2 = np.full((62, 5), 0.1)
    eta2[3, :2], p = (0.8, 0.9), np.where(eta2 > 1, 1, 0.01)
    found = {"eta2": eta2.tolist(), "p": p.tolist(), "largest": [[0] * 5] * 62}
    title = draw("band_topography", changed(study, tmp_path, "separation", **found)).title
    assert title == f"Theta and delta at {SEED_62[3]} differ most clearly between the classes, both highest in negative"


def test_difference_is_within_units_only_where_they_hold_all_classes(study: list[Output], tmp_path: Path) -> None:
    assert "Each subject holds every class" in draw("class_spectra", study).caption
    found = dict(Inputs(study).one("spectra"))
    found["unit_band_power"] = np.where(np.eye(8, 3, dtype=bool)[..., None], np.nan, found["unit_band_power"])
    np.savez(tmp_path / "spectra.npz", **found)
    outputs = [replace(o, path=tmp_path / "spectra.npz") if o.kind == "spectra" else o for o in study]
    assert "Not every subject holds every class" in draw("class_spectra", outputs).caption


def test_mains_are_gaps_in_the_lines(drawn: Drawn) -> None:
    figure = drawn("62 channels", "class_spectra")
    assert "Bands leave out 48–50 Hz, where mains hum. Grey: left out." in figure.caption
    for line in figure.picture.axes[1].lines[:3]:
        x, y = line.get_data()
        assert np.isnan(y[x >= 48]).all() and np.isfinite(y[x < 48]).all()
    assert "mains" not in drawn("given features", "class_spectra").caption


def trimmed(study: Sequence[Output], folder: Path, moved: Sequence[float], p: float) -> Figure:
    """Of inputs that move the accuracy of each unit so far."""
    found = Inputs(study).one("outliers")
    full, one, *others = found["inputs"]
    units = np.add(full["accuracy"]["units"], moved).tolist()
    one["accuracy"] |= {"units": units, "difference": float(np.mean(moved)), "low": 0.01, "high": 0.04, "p": p}
    return draw("trimming", changed(study, folder, "outliers", inputs=[full, one, *others[:-1]]))


def test_units_that_cancel_out_are_not_equal(study: list[Output], tmp_path: Path) -> None:
    assert "differs at all" not in trimmed(study, tmp_path, [0.1, -0.1] * 4, 1.0).caption
    assert "No subject differs at all: without its first moments." in trimmed(study, tmp_path, [0.0] * 8, 1.0).caption


def test_title_of_trimming_follows_corrected_p(study: list[Output], tmp_path: Path) -> None:
    """An interval without 0 and p = 0.03, which is 0.06 of two comparisons."""
    figure = trimmed(study, tmp_path, [0.025] * 8, 0.03)
    assert figure.title == "Neither trimming nor leaving out outlier trials changes the accuracy clearly (corrected p = 0.060)"
    assert (
        "an interval without 0 may not be clear" in figure.caption and "each for one comparison, uncorrected" in figure.caption
    )
    assert trimmed(study, tmp_path, [0.025] * 8, 0.01).title.startswith("Without the first moments of each trial")


def test_given_features_are_in_their_own_unit(drawn: Drawn) -> None:
    figure = drawn("given features", "class_spectra")
    assert " nat more beta than " in figure.title
    assert {row[1] for row in figure.data[1:]} == {"delta", "theta", "alpha", "beta", "gamma"}


def test_spectra_end_with_the_bands_but_not_the_data(drawn: Drawn) -> None:
    figure = drawn("62 channels", "class_spectra")
    assert figure.picture.axes[1].get_xlim() == (1, 50)
    assert max(row[2] for row in figure.data[1:]) == 100
    ticks = [text.get_text() for text in figure.picture.axes[1].get_xticklabels()]
    assert ticks == ["1", "4", "8", "14", "31", "50"]


def test_separation_by_muscles_alone_is_called_so(study: list[Output], tmp_path: Path) -> None:
    found = Inputs(study).one("separation")
    p = np.ones((62, 5))
    p[SEED_62.index("T8"), 4] = 0.001
    figure = draw("separation", changed(study, tmp_path, "separation", p=p.tolist()))
    assert figure.title == "Only temporal gamma separates the classes, which may be of muscles"
    p[SEED_62.index("C4"), 4] = 0.001
    eta2 = np.array(found["eta2"])
    eta2[SEED_62.index("T8"), 4] = 0.9
    figure = draw("separation", changed(study, tmp_path, "separation", p=p.tolist(), eta2=eta2.tolist()))
    assert figure.title.startswith("Gamma at C4 separates the classes most, but for temporal sites that may be of muscles")
    told = {(row[0], row[1]): row[-1] for row in figure.data[1:]}
    assert told["T8", "gamma"] and not told["T8", "beta"] and not told["C4", "gamma"]


@pytest.mark.parametrize(("channel", "told"), [("T8", True), ("EEG T7-REF", True), ("t8", True), ("C4", False), ("TP9", True)])
def test_muscles_lie_at_the_temples(channel: str, told: bool) -> None:
    assert muscular(channel, (31, 50)) == told
    assert not muscular(channel, (8, 14))


def test_many_channels_are_cut_to_the_best_and_said(drawn: Drawn) -> None:
    figure = drawn("unknown places", "separation")
    assert "Shown are the 72 of 129 channels" in figure.caption
    assert len(figure.data) == 1 + 129 * 5
    assert drawn("unknown places", "band_topography").width == "narrow"


def test_missing_values_stay_empty(study: list[Output], tmp_path: Path) -> None:
    """A channel that was always flat has no separation."""
    found = Inputs(study).one("separation")
    found["eta2"][5] = found["p"][5] = [None] * 5
    outputs = changed(study, tmp_path, "separation", **found)
    for name in ("separation", "band_topography", "class_spectra"):
        check_look(draw(name, outputs))
    run("separation", outputs, tmp_path / "out")
    rows = csv.DictReader(io.StringIO((tmp_path / "out" / "figure.csv").read_text(encoding="utf-8")))
    assert {row["eta squared"] for row in rows if row["channel"] == SEED_62[5]} == {""}


@pytest.mark.parametrize(
    ("like", "title"),
    [
        ((0.9, 0.2), "Classes order the plane more than subjects: 90"),
        ((0.35, 0.14), "Neither classes nor subjects order the plane"),
        ((0.6, 0.5), "Classes and subjects order the plane alike"),
        ((0.6, np.nan), "60"),
    ],
)
def test_projection_weighs_class_against_person(
    like: tuple[float, float], title: str, study: list[Output], tmp_path: Path
) -> None:
    found = samples.projection(samples.CLASSES, 8) | {"neighbours": np.array([like, like])}
    found["chance"] = np.where(np.isnan(like), np.nan, found["chance"])
    np.savez(tmp_path / "projection.npz", **found)
    outputs = [replace(o, path=tmp_path / "projection.npz") if o.kind == "projection" else o for o in study]
    assert draw("projection", outputs).title.startswith(title)


def test_no_outliers(study: list[Output], tmp_path: Path) -> None:
    none = samples.outliers(samples.CLASSES, 8, trials=0)["outliers"]
    figure = draw("outlier_trials", changed(study, tmp_path, "outliers", outliers=none))
    assert figure.title == "No training trial lies far from the others"
    check_look(figure)


def test_many_outliers_fit_on_a_page(study: list[Output], tmp_path: Path) -> None:
    many = samples.outliers(samples.CLASSES, 8, trials=80)["outliers"]
    figure = draw("outlier_trials", changed(study, tmp_path, "outliers", outliers=many))
    assert "Drawn are the 32 farthest of 80" in figure.caption
    assert len(figure.data) == 1 + 80 + 1
    check_look(figure)


def test_head_is_seen_from_above_nose_up() -> None:
    at = positions(SEED_62)
    assert at is not None
    points = dict(zip(SEED_62, flat([at[channel] for channel in SEED_62]), strict=True))
    assert np.hypot(*points["CZ"]) < 0.05
    assert points["FPZ"][1] > 0.8 > -0.8 > points["OZ"][1]
    assert points["T7"][0] < -0.9 < 0.9 < points["T8"][0]
    assert np.hypot(*points["CB1"]) > 1  # below the outline
    left, right = points["F3"], points["F4"]
    assert left == pytest.approx((-right[0], right[1]), abs=0.03)


def test_map_is_coloured_as_its_electrodes() -> None:
    """The interpolated image has at the electrodes what was measured there."""
    at = positions(SEED_62)
    assert at is not None
    values = np.array([at[channel][0] for channel in SEED_62])  # left to right
    ax = Picture().subplots()
    colours = scalp_map(ax, values, at, SEED_62, (-0.1, 0.1), "RdBu_r")
    image = ax.images[0]
    (x0, x1, y0, y1), found = image.get_extent(), np.asarray(image.get_array(), float)
    for channel in ("C3", "C4", "FZ", "PZ"):
        x, y = flat([at[channel]])[0]
        row, column = round((y - y0) / (y1 - y0) * (len(found) - 1)), round((x - x0) / (x1 - x0) * (len(found) - 1))
        assert found[row, column] == pytest.approx(at[channel][0], abs=0.008)
    assert colours.get_clim() == (-0.1, 0.1)


def test_few_electrodes_and_holes_are_dots() -> None:
    at = positions(samples.MUSE)
    assert at is not None
    ax = Picture().subplots()
    scalp_map(ax, np.array([1, np.nan, 0, -1.0]), at, samples.MUSE, (-1, 1), "RdBu_r", names=True)
    assert not ax.images
    assert len(ax.collections[0].get_offsets()) == 3
    assert {text.get_text() for text in ax.texts} == {"TP9", "AF8", "TP10"}
    other = Picture().subplots()
    electrodes(other, at, [*samples.MUSE, "EOG"])
    assert {text.get_text() for text in other.texts} == set(samples.MUSE)


def test_figures_leave_no_open_windows(drawn: Drawn) -> None:
    drawn("62 channels", "band_topography")
    assert not matplotlib.pyplot.get_fignums()


def test_same_bytes_in_another_process(make: Make, tmp_path: Path) -> None:
    study = make(channels=SEED_62[::4])
    code = f"""
import sys
for name in ("torch", "sklearn", "skimage", "pandas"):
    sys.modules[name] = None
from pathlib import Path
import test_figures_explore as tests
study = tests.samples.explored(Path({str(tmp_path / "study")!r}), channels=tests.SEED_62[::4])
for name in tests.FIGURES:
    tests.run(name, study, Path({str(tmp_path / "there")!r}) / name)
"""
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=Path(__file__).parent.parent)
    for name in FIGURES:
        words = run(name, study, tmp_path / "here" / name)
        assert words["caption"].endswith("Simulated data.")
        for path in sorted((tmp_path / "here" / name).iterdir()):
            assert path.read_bytes() == (tmp_path / "there" / name / path.name).read_bytes(), path.name
