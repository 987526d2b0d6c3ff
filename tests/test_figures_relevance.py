"""Figures of explainers of networks on EEG say what was planted, claim nothing of too few, and stay readable."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import figure_samples_relevance as samples
import numpy as np
import pytest
from matplotlib.text import Text

from reportgen import plugins
from reportgen.bands import BANDS
from reportgen.core import Figure
from reportgen.figures._layout import layout
from reportgen.figures._over_units import over_units
from reportgen.figures._style import SMALL, TALLEST, WIDTHS, drawing_style
from reportgen.kinds import KINDS
from reportgen.outputs import Inputs, Out, Output
from reportgen.steps import figure as step

FIGURES = ("relevance_maps", "ideals", "attention", "feature_maps")
OWN = FIGURES[:3]
MUSE = ("TP9", "AF7", "AF8", "TP10")
LONG = ("a name that is much longer than anybody expects", *"bcdefgh")
CASES: dict[str, dict[str, Any]] = {
    **{name: {"of": name} for name in samples.AXES},
    "cells": {"of": "film", "cells": True},
    "muse": {"channels": MUSE, "subjects": 3},
    "many": {"classes": LONG, "frequencies": 80},
    "nameless": {"of": "bands", "channels": [f"electrode number {i}" for i in range(60)], "places": False},
    "alike": {"alike": True, "signed": True},
}
LOOK = [
    *(("relevance_maps", case) for case in CASES if case not in ("film", "cells", "alike")),
    *(("ideals", case) for case in ("spectrogram", "bands", "many", "nameless")),
    *(("attention", case) for case in ("spectrogram", "muse", "nameless", "many")),
    *(("feature_maps", case) for case in ("spectrogram", "signal")),
]
Drawn = Callable[[str, str], Figure]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Output]]:
    """The outputs of a case, made once for all tests."""
    return cache(lambda case: samples.explained(tmp_path_factory.mktemp("study"), **CASES[case]))


@pytest.fixture(scope="module")
def study(made: Callable[[str], list[Output]]) -> list[Output]:
    return made("spectrogram")


@pytest.fixture(scope="module")
def drawn(made: Callable[[str], list[Output]]) -> Drawn:
    """A figure of a case, drawn once for all tests."""
    return cache(lambda name, case: draw(name, made(case)))


def given(outputs: Sequence[Output], name: str) -> list[Output]:
    """What the planner would hand to a figure."""
    path = plugins.path_of("figure", name)
    kinds = {"facts", *plugins.constant(path, "NEEDS"), *(plugins.constant(path, "SHOWS") or ())}
    return [output for output in outputs if output.kind in kinds]


def draw(name: str, outputs: Sequence[Output]) -> Figure:
    with drawing_style():
        figure: Figure = plugins.verb("figure", name)(Inputs(given(outputs, name)))
    return figure


def check_look(figure: Figure) -> None:
    """As wide as the report, no text too small to print, nothing cut off, on white."""
    with drawing_style():
        figure.picture.draw_without_rendering()
    width, height = figure.picture.get_size_inches()
    assert width == WIDTHS[figure.width]
    assert height <= TALLEST + 1e-9
    texts = [text for text in figure.picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert min(text.get_fontsize() for text in texts) >= SMALL
    area = figure.picture.get_tightbbox()
    assert -0.02 <= area.x0 <= area.x1 <= width + 0.02, "something is cut off at a side"
    assert -0.02 <= area.y0 <= area.y1 <= height + 0.02, "something is cut off above or below"


def changed(outputs: Sequence[Output], folder: Path, kind: str, **values: Any) -> list[Output]:
    """The outputs with other values in one of them."""
    old = next(output for output in outputs if output.kind == kind)
    path = folder / old.path.name
    if path.suffix == ".json":
        path.write_text(json.dumps({**old.load(), **values}))
    else:
        np.savez(path, **{**old.load(), **values})
    return [replace(output, path=path) if output is old else output for output in outputs]


@pytest.mark.parametrize("name", FIGURES)
def test_contract(name: str, drawn: Drawn) -> None:
    path = plugins.path_of("figure", name)
    assert plugins.constant(path, "EACH") in ("experiment", "explainer")
    assert set(plugins.constant(path, "NEEDS")) <= set(KINDS)
    figure = drawn(name, "spectrogram")
    words = {" ".join(text.split()) for text in (figure.title, figure.caption, figure.alt)}
    assert len(words) == 3
    assert not figure.title.endswith(".")
    assert figure.caption.endswith(".")
    header, *rows = figure.data
    assert rows
    assert all(isinstance(cell, str) for cell in header)
    assert {len(row) for row in rows} == {len(header)}


@pytest.mark.parametrize(("name", "case"), LOOK)
def test_look(name: str, case: str, drawn: Drawn) -> None:
    check_look(drawn(name, case))


@pytest.mark.parametrize("name", OWN)
def test_files(name: str, study: list[Output], tmp_path: Path) -> None:
    step.run(Inputs(given(study, name)), Out(tmp_path), None, use=name, settings={})
    assert json.loads((tmp_path / "figure.json").read_text())["caption"].endswith("Simulated data.")
    assert len(list(csv.DictReader(io.StringIO((tmp_path / "figure.csv").read_text())))) > 3


BY_BAND = "in alpha for negative, in theta for neutral, in gamma for positive"


@pytest.mark.parametrize("case", samples.AXES)
def test_relevance_is_said_to_lie_where_it_was_planted(case: str, drawn: Drawn) -> None:
    title = drawn("relevance_maps", case).title
    if case in ("signal", "time"):
        assert " s " not in title and "over the window" in title, "where a window begins means nothing"
    else:
        assert title == f"By saliency, relevance gathers {BY_BAND}"


def test_relevance_that_is_spread_is_called_so(study: list[Output], tmp_path: Path) -> None:
    units = np.random.default_rng(0).normal(1, 0.05, (9, 3, 50, 62)).astype(np.float32)
    figure = draw("relevance_maps", changed(study, tmp_path, "relevance", mean=units.mean(axis=0), units=units))
    assert figure.title == "By saliency, relevance is spread over all frequencies, whatever the class"
    units[:, 1, 13:30] *= 1.5  # by 32 % more than the mean over all
    figure = draw("relevance_maps", changed(study, tmp_path, "relevance", mean=units.mean(axis=0), units=units))
    told = "gathers in beta for neutral, and is spread over all frequencies for negative and positive"
    assert figure.title == f"By saliency, relevance {told}"


@pytest.mark.parametrize("units", ["subject", "trial"])
def test_relevance_over_time_is_told_without_a_moment(units: str, made: Callable[[str], list[Output]], tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(1, 0.05, (24, 3, 512)).astype(np.float32)
    if units == "trial":  # each has one class
        values[np.arange(24)[:, None] % 3 != np.arange(3)] = np.nan

    def title() -> str:
        mean = np.nanmean(values, axis=0)
        return draw("relevance_maps", changed(made("time"), tmp_path, "relevance", mean=mean, units=values)).title

    same = "not clearly larger for one class than for all others"
    assert title() == f"By saliency, relevance is even over the window and {same}"
    values[..., :128] *= 2
    assert title() == f"By saliency, relevance is uneven over the window and {same}"
    values[:, 2] *= 1.5
    assert title() == "By saliency, relevance is largest for positive and uneven over the window"


def test_relevance_names_channels_and_numbers(study: list[Output], drawn: Drawn) -> None:
    figure = drawn("relevance_maps", "spectrogram")
    assert "negative 10 Hz at OZ" in figure.alt
    assert "positive 40 Hz at T7" in figure.alt
    relevance = next(o for o in study if o.kind == "relevance").load()
    header, *rows = figure.data
    table = [dict(zip(header, row, strict=True)) for row in rows]
    (own,) = (row for row in table if (row["class"], row["frequency"]) == ("neutral", "6 Hz"))
    expected = relevance["units"][:, 1, 5].mean()
    assert float(str(own["mean in logit per SD"])) == pytest.approx(expected, rel=1e-4)
    assert float(str(own["low"])) < expected < float(str(own["high"]))
    assert float(str(own["relevance there"])) == pytest.approx(relevance["mean"][1, 5].max(), rel=1e-4)


def test_channels_of_a_grid_are_named_where_their_cells_are_known(drawn: Drawn) -> None:
    figure = drawn("relevance_maps", "cells")
    assert "negative alpha at OZ" in figure.alt
    assert "Slices of a sample are averaged." in figure.caption


def test_maps_that_are_the_same_for_all_classes_are_called_so(drawn: Drawn) -> None:
    figure = drawn("relevance_maps", "alike")
    assert figure.title == "By saliency, relevance gathers in gamma, the same for all classes"


def test_maps_of_nothing_are_called_so(study: list[Output], tmp_path: Path) -> None:
    empty = np.zeros((3, 50, 62), np.float32)
    outputs = changed(study, tmp_path, "relevance", mean=empty, units=np.zeros((9, *empty.shape), np.float32))
    figure = draw("relevance_maps", outputs)
    assert figure.title == "By saliency, nothing is relevant: all maps are zero"
    check_look(figure)


@pytest.mark.parametrize("name", ["relevance_maps", "attention"])
def test_three_people_give_no_interval(name: str, drawn: Drawn) -> None:
    figure = drawn(name, "muse")
    assert "There are no intervals: 3 subjects are too few for a claim about others." in figure.caption
    assert "interval of" not in figure.caption
    low = figure.data[0].index("low")
    assert {row[low] for row in figure.data[1:]} == {"nan"}


def test_units_that_lack_a_class_do_not_count(study: list[Output], tmp_path: Path) -> None:
    old = next(o for o in study if o.kind == "relevance").load()["units"].copy()
    old[0, 1] = np.nan
    figure = draw("relevance_maps", changed(study, tmp_path, "relevance", units=old))
    (own,) = (row for row in figure.data[1:] if row[:2] == ["neutral", "6 Hz"])
    assert float(str(own[2])) == pytest.approx(old[1:, 1, 5].mean(), rel=1e-4)


def test_ideals_of_signals_are_told_by_their_frequency(drawn: Drawn) -> None:
    figure = drawn("ideals", "signal")
    assert figure.title == f"What the network of fold subject 1 wants most lies {BY_BAND}"
    assert ["output", "positive", "T7", "40 Hz"] in [[row[0], row[1], row[5], row[6]] for row in figure.data[1:]]
    amplitude = next(float(str(row[7])) for row in figure.data[1:] if row[1] == "negative")
    assert amplitude == pytest.approx(2.2, rel=0.05), "a wave of 2.2 SD"


@pytest.mark.parametrize("case", ["spectrogram", "bands", "film"])
def test_ideals_lie_where_they_were_planted(case: str, drawn: Drawn) -> None:
    figure = drawn("ideals", case)
    assert figure.title == f"What the network of fold subject 1 wants most lies {BY_BAND}"
    assert [row[:2] for row in figure.data[1:4]] == [["output", name] for name in samples.CLASSES]
    assert ("hidden units want is in the table alone" in figure.caption) == (case != "spectrogram")
    assert "11 of 11 reach more than any test sample" in figure.caption


def test_ideals_that_lie_nowhere_are_not_placed(study: list[Output], tmp_path: Path) -> None:
    old = next(output for output in study if output.kind == "ideals").load()
    noise = np.random.default_rng(0).normal(size=old["output"].shape).astype(np.float32)
    figure = draw("ideals", changed(study, tmp_path, "ideals", output=noise))
    assert figure.title == "Inputs that the network of fold subject 1 answers to most lie in no band alone"


def test_attention_says_what_is_uneven_and_what_differs(study: list[Output], drawn: Drawn) -> None:
    figure = drawn("attention", "spectrogram")
    assert figure.title == (
        "Attention goes most to gamma (1.4 times its share) and OZ (1.8 times its share), and differs between the classes"
    )
    assert "Even over slices. Alike for all classes over places and slices." in figure.caption
    weights = next(o for o in study if o.kind == "attention").load()["spectral"]
    (own,) = (row for row in figure.data[1:] if row[:3] == ["spectral", "gamma", "positive"])
    assert float(str(own[3])) == pytest.approx(weights[:, 2, 4].mean(), abs=1e-4)


def test_even_attention_is_called_even(drawn: Drawn) -> None:
    title = "Attention is nearly even over bands, places and slices and the same for all classes"
    assert drawn("attention", "alike").title == title


def test_attention_of_few_is_not_tested(drawn: Drawn) -> None:
    assert drawn("attention", "muse").title.endswith(", not tested")


@pytest.mark.parametrize("kept", [("spectral",), ("spatial",), ("temporal",)])
def test_attention_of_networks_that_have_less_of_it(kept: tuple[str, ...], study: list[Output], tmp_path: Path) -> None:
    old = next(output for output in study if output.kind == "attention")
    np.savez(tmp_path / "attention.npz", **{name: old.load()[name] for name in kept})
    figure = draw("attention", [replace(o, path=tmp_path / "attention.npz") if o is old else o for o in study])
    assert {row[0] for row in figure.data[1:]} == set(kept)
    check_look(figure)


def test_attention_on_a_grid_of_which_nobody_knows_the_channels(study: list[Output], tmp_path: Path) -> None:
    figure = draw("attention", changed(study, tmp_path, "attention_about", cells=None))
    assert "row 8, column" in figure.title


def test_feature_maps_say_what_lies_where(drawn: Drawn) -> None:
    captions = {case: drawn("feature_maps", case).caption for case in ("spectrogram", "signal", "film")}
    assert "In a map frequency grows to the right" in captions["spectrogram"]
    assert "In a map time grows to the right" in captions["signal"]
    assert "Maps show the head from above, nose up and are means over slices." in captions["film"]


def test_feature_maps_of_frequencies_are_turned(study: list[Output], drawn: Drawn) -> None:
    figure = drawn("feature_maps", "spectrogram")
    shown = [image.get_array() for ax in figure.picture.axes for image in ax.images]
    maps = next(o for o in study if o.kind == "feature_maps").load()["conv1 (Conv2d)"]
    np.testing.assert_array_equal(np.asarray(shown[0]), maps[0, 0].T)
    extents = [image.get_extent() for ax in figure.picture.axes for image in ax.images]
    assert abs(extents[0][3] - extents[0][2]) > 0.5, "62 channels are no strip"


def test_layout_brings_samples_into_one_form(made: Callable[[str], list[Output]]) -> None:
    for of, shape in {"spectrogram": (62, 50), "signal": (62, 200), "bands": (62, 5), "grid": (72, 5), "film": (72, 5)}.items():
        inputs = Inputs(made(of))
        own = layout(inputs, samples.AXES[of])
        values = np.random.default_rng(0).normal(size=(2, *inputs.one("features")["shape"]))
        found = own.matrix(values)
        assert found.shape == (2, *shape)
        assert (len(own.places), len(own.names)) == shape
        np.testing.assert_allclose(found.mean(axis=(1, 2)), values.reshape(2, -1).mean(axis=1), atol=1e-3)
    assert own.names == tuple(BANDS)
    np.testing.assert_allclose(found[0, 10, 3], values[0, :, 3, 1, 1].mean())


def test_intervals_are_over_units_and_only_of_enough() -> None:
    values = np.random.default_rng(0).normal(1, 0.1, (8, 3))
    values[:3, 2] = np.nan
    found = over_units(values)
    np.testing.assert_allclose(found.mean, np.nanmean(values, axis=0))
    assert np.isfinite(found.low).tolist() == np.isfinite(found.high).tolist() == [True, True, False]
    assert ((found.low < found.mean) & (found.mean < found.high))[:2].all()
