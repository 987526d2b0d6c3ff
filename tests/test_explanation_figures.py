"""Figures of maps and of how far they can be trusted say what was planted, share one scale, and claim nothing they cannot."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import figure_samples
import figure_samples_attribution as samples
import numpy as np
import pytest
from figure_samples import CLASSES
from matplotlib.colors import to_rgb
from matplotlib.image import AxesImage
from matplotlib.text import Text
from test_figures import about, check_look, draw, run, without_restricted

from reportgen import plugins
from reportgen.core import Figure
from reportgen.figures._attribution import OPAQUE, limit_of, one_decimal, strongest, third, tint
from reportgen.figures._style import NEGATIVE, POSITIVE, drawing_style
from reportgen.outputs import Inputs, Output
from reportgen.trust import CONTROLS, unbeaten

MAPS = ("attribution_classes", "attribution_images", "attribution_means")
JUDGED = ("faithfulness", "localisation", "randomisation")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    return figure_samples.study(tmp_path_factory.mktemp("study"))


def judged(folder: Path, *names: str, **how: Any) -> list[Output]:
    """The facts of `faces`, and what the judges find of explainers with those names, all of them like cam."""
    found = [o for o in figure_samples.data_set(folder, "faces", simulated=True) if o.kind == "facts"]
    for name in names:
        which = {"dataset": "faces", "experiment": "small", "seed": "0", "explainer": name}
        found += samples.judged(folder / name, which, CLASSES, name="cam", **how)
    return found


def changed(outputs: Sequence[Output], kind: str, value: Any, folder: Path) -> list[Output]:
    """The outputs with another value of a kind."""
    path = folder / (f"{kind}.npy" if isinstance(value, np.ndarray) else f"{kind}.json")
    if isinstance(value, np.ndarray):
        np.save(path, value)
    else:
        path.write_text(json.dumps(value))
    return [replace(o, path=path) if o.kind == kind else o for o in outputs]


def tints(figure: Figure) -> list[np.ndarray]:
    """The coloured maps (row, column, rgba) of a picture, without its scale."""
    shown = [np.asarray(image.get_array()) for image in figure.picture.axes[0].findobj(AxesImage)]
    return [values for values in shown if values.ndim == 3 and len(values) > 1]


def greys(figure: Figure) -> list[np.ndarray]:
    """The grey pictures (row, column)."""
    shown = [np.asarray(image.get_array()) for image in figure.picture.findobj(AxesImage)]
    return [values for values in shown if values.ndim == 2]


# ---- one image, all classes


def test_the_number_below_a_map_is_the_logit(study: list[Output]) -> None:
    outputs = about(study, "attribution_classes")
    inputs = Inputs(outputs)
    logits = np.asarray(inputs.one("class_activation")).mean((2, 3)) + samples.BIAS  # (image, class)
    rows = {row["sample"]: i for i, row in enumerate(inputs.one("explained"))}
    header, *table = draw("attribution_classes", outputs).data
    assert header[4] == "logit"
    assert len(table) == 3 * len(CLASSES)
    for sample, _, _, name, number, *_ in table:
        assert float(number) == pytest.approx(logits[rows[sample], CLASSES.index(name)], abs=1e-5)


def test_without_a_complete_account_the_number_is_the_mean_of_the_map(study: list[Output], tmp_path: Path) -> None:
    outputs = about(study, "attribution_classes")
    told = Inputs(outputs).one("attribution_about")
    figure = draw("attribution_classes", changed(outputs, "attribution_about", told | {"complete": None}, tmp_path))
    whole = draw("attribution_classes", outputs)
    assert figure.data[0][4] == "mean of the map"
    assert float(whole.data[1][4]) - float(figure.data[1][4]) == pytest.approx(samples.BIAS, abs=1e-5)
    assert "leaves nothing out" in whole.caption
    assert "leaves nothing out" not in figure.caption


@pytest.mark.parametrize("name", MAPS)
def test_explainer_and_unit_are_those_of_the_study(name: str, study: list[Output], tmp_path: Path) -> None:
    outputs = about(study, name)
    told = Inputs(outputs).one("attribution_about") | {"method": "grad_cam", "unit": "log sigmoid", "complete": None}
    outputs = changed(outputs, "attribution_about", told, tmp_path)
    outputs = [replace(o, about={**o.about, "explainer": "cam_b"}) if "explainer" in o.about else o for o in outputs]
    figure = draw(name, outputs)
    assert "By cam_b, " in figure.title
    assert "by cam_b (Grad-CAM of the layer features.3)" in figure.caption
    words = [text.get_text() for text in figure.picture.findobj(Text)]
    assert any("relevance (log sigmoids)" in text for text in words)
    assert "logit" not in " ".join([figure.title, figure.caption, figure.alt, *words, *map(str, figure.data[0])])


def test_one_right_image_of_a_class_is_drawn_by_lot(study: list[Output]) -> None:
    outputs = about(study, "attribution_classes")
    told = {row["sample"]: row for row in Inputs(outputs).one("explained")}
    shown = [
        list(dict.fromkeys(row[0] for row in draw("attribution_classes", outputs, seed=seed).data[1:])) for seed in (0, 0, 1)
    ]
    assert shown[0] == shown[1] != shown[2]
    assert all(told[sample]["label"] == told[sample]["predicted"] for sample in shown[0])
    labels = [told[sample]["label"] for sample in shown[0]]
    assert labels == sorted(set(labels))


def louder(outputs: Sequence[Output], folder: Path) -> list[Output]:
    """The maps of all images but those of fear are four times as strong."""
    inputs = Inputs(outputs)
    maps = np.array(inputs.one("attribution"))
    maps[[row["label"] != CLASSES.index("fear") for row in inputs.one("explained")]] *= 4
    return changed(outputs, "attribution", maps, folder)


@pytest.mark.parametrize("name", ["attribution_classes", "attribution_images"])
def test_one_scale_serves_the_whole_figure(name: str, study: list[Output], tmp_path: Path) -> None:
    """Opacity is proportional to relevance with one factor for all maps."""
    outputs = louder(about(study, name), tmp_path)
    inputs = Inputs(outputs)
    maps, told = np.asarray(inputs.one("attribution")), inputs.one("explained")
    figure = draw(name, outputs)
    index = {row["sample"]: i for i, row in enumerate(told)}
    header, *table = figure.data
    own = header.index("class")
    drawn = [maps[index[row[header.index("sample")]], CLASSES.index(row[own])] for row in table]
    assert len(tints(figure)) == len(drawn)
    limit = limit_of(*drawn)
    for shown, relevance in zip(tints(figure), drawn, strict=True):
        np.testing.assert_allclose(shown[..., 3], OPAQUE * np.abs(relevance) / limit, atol=1e-6)


def test_a_scale_for_each_image_is_said(study: list[Output], tmp_path: Path) -> None:
    outputs = louder(about(study, "attribution_classes"), tmp_path)

    def strongest_of_rows(scale: str) -> tuple[list[float], str]:
        figure = draw("attribution_classes", outputs, scale=scale)
        rows = np.array(tints(figure)).reshape(3, len(CLASSES), -1, 4)
        return rows[..., 3].max((1, 2)).tolist(), figure.caption

    fear, *others = strongest_of_rows("shared")[0]
    assert fear < 0.4 * max(others)
    alike, caption = strongest_of_rows("image")
    assert alike == pytest.approx([OPAQUE] * 3, rel=0.1)
    assert "cannot be compared" in caption
    assert "cannot be compared" not in strongest_of_rows("shared")[1]


def test_two_hues_tell_for_from_against() -> None:
    colours = tint(np.array([[-2.0, 0.0, 1.0]]), 2.0)[0]
    assert colours[:, 3].tolist() == [OPAQUE, 0, OPAQUE / 2]
    assert tuple(colours[0, :3]) == to_rgb(NEGATIVE)
    assert tuple(colours[2, :3]) == to_rgb(POSITIVE)


def test_true_and_predicted_classes_are_marked(study: list[Output], tmp_path: Path) -> None:
    outputs = about(study, "attribution_classes")
    told = [row | {"predicted": 0} for row in Inputs(outputs).one("explained")]
    figure = draw("attribution_classes", changed(outputs, "explained", told, tmp_path), images=7)
    texts = [text.get_text() for text in figure.picture.findobj(Text)]
    assert texts.count("true, predicted") == 1  # angry
    assert texts.count("true") == texts.count("predicted") == 6
    bold = [text for text in figure.picture.findobj(Text) if text.get_weight() == "bold" and text.get_text()]
    assert len(bold) == 7


# ---- many images, means


@pytest.mark.parametrize("name", ["attribution_classes", "attribution_images"])
def test_a_public_report_shows_maps_without_faces(name: str, study: list[Output]) -> None:
    outputs = without_restricted(about(study, name, photos=True))
    with_faces = draw(name, about(study, name, photos=True))
    assert greys(with_faces)
    figure = public(name, outputs)
    assert not greys(figure)
    assert len(tints(figure)) == len(tints(with_faces))
    assert figure.data == with_faces.data
    check_look(figure)


def public(name: str, outputs: Sequence[Output]) -> Figure:
    """What a public report draws."""
    with drawing_style():
        figure: Figure = plugins.verb("figure", name)(Inputs(outputs, public=True))
        figure.picture.draw_without_rendering()
    return figure


@pytest.mark.parametrize("images", [1, 2, 3, 4, 8])
def test_rows_of_any_length_fit(images: int, study: list[Output]) -> None:
    outputs = about(study, "attribution_images")
    figure = draw("attribution_images", outputs, images=images)
    assert len(figure.data) == 1 + images * len(CLASSES)
    check_look(figure)
    told = Inputs(outputs).one("explained")
    first = [row["sample"] for row in told if row["label"] == 0][:images]
    assert [row[1] for row in figure.data[1:] if row[0] == CLASSES[0]] == first  # in the order of the lot, right or wrong


def test_disagreement_between_images_is_said(study: list[Output], tmp_path: Path) -> None:
    outputs = about(study, "attribution_images")
    told = Inputs(outputs).one("explained")
    maps = np.array(Inputs(outputs).one("attribution"))
    for i, row in enumerate(told):
        if CLASSES[row["label"]] == "fear" and i % 2:
            maps[i, row["label"]] = maps[i, row["label"], ::-1]  # every second one upside down
    figure = draw("attribution_images", changed(outputs, "attribution", maps, tmp_path))
    assert figure.title == (
        "By cam, what speaks most for anger lies in the lower centre in 6 of 6 images; "
        "for fear no more than 3 of 6 agree on a place"
    )


def test_only_explained_classes_are_drawn(study: list[Output], tmp_path: Path) -> None:
    for name in ("attribution_classes", "attribution_images"):
        outputs = about(study, name)
        keep = [i for i, row in enumerate(Inputs(outputs).one("explained")) if CLASSES[row["label"]] in ("fear", "sad")]
        for kind in ("attribution", "class_activation", "explained_samples"):
            outputs = changed(outputs, kind, np.array(Inputs(outputs).one(kind))[keep], tmp_path)
        outputs = changed(outputs, "explained", [Inputs(outputs).one("explained")[i] for i in keep], tmp_path)
        figure = draw(name, outputs)
        column = figure.data[0].index("true" if name == "attribution_classes" else "class")
        assert {row[column] for row in figure.data[1:]} == {"fear", "sad"}
        check_look(figure)


def test_means_say_where_each_class_is_looked_for(study: list[Output], tmp_path: Path) -> None:
    outputs = about(study, "attribution_means")
    means = np.array(Inputs(outputs).one("attribution_means"))
    fear = CLASSES.index("fear")
    means[fear] = means[fear, ::-1]
    means[0] = -1
    figure = draw("attribution_means", changed(outputs, "attribution_means", means, tmp_path))
    assert figure.title == (
        "By cam, what speaks most for a class lies on average in the lower centre for disgust, happy, sad, surprise and "
        "neutral, nowhere for angry, in the upper centre for fear"
    )
    limit = limit_of(means)
    for shown, relevance in zip(tints(figure), means, strict=True):
        np.testing.assert_allclose(shown[..., 3], OPAQUE * np.abs(relevance) / limit, atol=1e-6)


@pytest.mark.parametrize(
    ("down", "right", "name"),
    [
        (0.1, 0.1, "upper left"),
        (0.5, 0.5, "centre"),
        (0.9, 0.5, "lower centre"),
        (0.4, 0.99, "middle right"),
        (1, 1, "lower right"),
    ],
)
def test_places_are_named_in_thirds(down: float, right: float, name: str) -> None:
    assert third(down, right) == name


def test_a_map_that_speaks_against_a_class_lies_nowhere() -> None:
    assert strongest(np.full((6, 6), -1.0)) == "nowhere"
    peak = np.zeros((6, 6))
    peak[5, 0] = 1
    assert strongest(peak) == "lower left"


def test_the_end_of_the_scale_can_be_written_down() -> None:
    assert limit_of(np.array([12.9])) == 13
    assert limit_of(np.array([-0.041])) == pytest.approx(0.041)
    assert limit_of(np.array([0.0412]), np.array([0.01])) == pytest.approx(0.042)
    assert limit_of(np.zeros(3)) == 1
    assert [one_decimal(value) for value in (-0.04, 0.06, -1.25)] == ["0.0", "0.1", "\N{MINUS SIGN}1.2"]


# ---- beside the controls


@pytest.mark.parametrize("name", ["faithfulness", "localisation"])
def test_the_table_holds_every_map_and_difference(name: str, study: list[Output]) -> None:
    outputs = about(study, name)
    found = Inputs(outputs).one(name, explainer="cam")
    header, *table = draw(name, outputs).data
    rows = {(row[0], row[1], row[3]): dict(zip(header, row, strict=True)) for row in table}
    for measure, value in found["measures"].items():
        assert rows["cam", measure, "explanation"]["mean"] == value["explainer"]["mean"]
        for control in CONTROLS:
            assert rows["cam", measure, control]["difference low"] == value["controls"][control]["difference_low"]
    assert ("lime", *next(iter(rows))[1:2], "explanation") in rows


def test_every_axis_has_better_on_the_right(study: list[Output]) -> None:
    figure = draw("faithfulness", about(study, "faithfulness"))
    reversed_axes = {ax.get_title(loc="left"): ax.xaxis_inverted() for ax in figure.picture.axes if "better →" in texts_of(ax)}
    assert reversed_axes == {"deletion": True, "insertion": False, "ROAD": False}


def texts_of(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("name", ["faithfulness", "localisation"])
def test_open_dots_are_the_controls_that_are_not_beaten(name: str, study: list[Output]) -> None:
    outputs = about(study, name)
    found = Inputs(outputs).one(name, explainer="lime")["measures"]
    expected = sum(len(unbeaten(measure)) for measure in found.values())
    expected += sum(len(unbeaten(m)) for m in Inputs(outputs).one(name, explainer="cam")["measures"].values())
    lines = [line for ax in draw(name, outputs).picture.axes for line in ax.lines if line.get_marker() == "o"]
    assert sum(line.get_markerfacecolor() == "white" for line in lines) == expected
    assert len(lines) >= 2 * len(found) * len(CONTROLS)


@pytest.mark.parametrize("name", JUDGED)
def test_nothing_is_claimed_of_a_few_images(name: str, tmp_path: Path) -> None:
    figure = draw(name, judged(tmp_path, "cam", images=4))
    assert "too few" in figure.title
    assert "beat " not in figure.title.replace("beats its controls", "")
    assert "[" not in figure.alt
    check_look(figure)


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_any_number_of_explainers_fits(name: str, count: int, tmp_path: Path) -> None:
    names = ["cam", "lime", "grad_cam", "layer_cam of an early layer", "hires_cam"][:count]
    figure = draw(name, judged(tmp_path, *names))
    assert {row[0] for row in figure.data[1:]} == set(names)
    if name != "randomisation":
        assert ("Not drawn, but in the data" in figure.caption) == (count > 3)
    check_look(figure)


def test_explainers_that_fare_alike_share_a_clause(study: list[Output], tmp_path: Path) -> None:
    alike = draw("faithfulness", judged(tmp_path, "cam", "grad_cam"))
    assert alike.title == (
        "cam and grad_cam beat every control in deletion and ROAD, but do not clearly beat an edge map in insertion"
    )
    apart = draw("faithfulness", about(study, "faithfulness")).title
    assert apart == "No explanation clearly beats every control: neither lime nor cam does"


def test_a_randomised_network_that_passes_is_said(study: list[Output], tmp_path: Path) -> None:
    outputs = [o for o in judged(tmp_path, "cam") if o.kind != "randomisation"]
    found = Inputs(outputs).one("localisation")
    assert "randomised network passes" not in draw("localisation", outputs).title
    found["randomised"] |= found["measures"]
    outputs = changed(outputs, "localisation", found, tmp_path)
    assert draw("localisation", outputs).title.endswith(
        "but for cam a randomised network passes the same test, which proves nothing then"
    )


def test_without_a_randomised_network_its_row_is_empty(tmp_path: Path) -> None:
    figure = draw("localisation", judged(tmp_path, "cam", randomised=False))
    assert "randomised" not in " ".join(str(cell) for row in figure.data for cell in row)
    assert "randomised" not in figure.caption
    assert "randomised network" not in {text.get_text() for text in figure.picture.findobj(Text)}


def test_chance_and_classes_are_drawn(study: list[Output]) -> None:
    figure = draw("localisation", about(study, "localisation"))
    dotted = [line for ax in figure.picture.axes for line in ax.lines if list(line.get_xdata()) == [samples.CHANCE] * 2]
    assert len(dotted) == 2 * 2  # two explainers, two measures
    told = {row[3] for row in figure.data[1:]}
    assert {f"class {name}" for name in CLASSES if name != "neutral"} | {"chance", "randomised network"} <= told
    assert "class neutral" not in told  # nothing is planted for it


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ({"mean": 0.1, "low": 0.0, "high": 0.2}, "Maps of cam depend on what the network learned"),
        ({"mean": -0.6, "low": -0.7, "high": -0.5}, "Maps of cam depend on what the network learned in part at most"),
        ({"mean": 0.45, "low": 0.3, "high": 0.6}, "Maps of cam depend on what the network learned in part at most"),
        ({"mean": 0.8, "low": 0.7, "high": 0.9}, "Maps of cam hardly depend on what the network learned"),
        ({"mean": 0.8, "low": None, "high": None}, "Maps of cam hardly depend on what the network learned"),  # all agree
    ],
)
def test_randomisation_claims_what_the_interval_allows(end: Mapping[str, Any], said: str, tmp_path: Path) -> None:
    outputs = judged(tmp_path, "cam")
    found = Inputs(outputs).one("randomisation")
    found["depths"][-1]["spearman"] = end
    figure = draw("randomisation", changed(outputs, "randomisation", found, tmp_path))
    assert figure.title.split(":")[0] == said


def test_randomisation_of_few_or_constant_maps_claims_nothing(tmp_path: Path) -> None:
    outputs = judged(tmp_path, "cam")
    found = Inputs(outputs).one("randomisation")
    few = changed(outputs, "randomisation", {**found, "images": 8, "constant": 4}, tmp_path)
    assert "too few to say" in draw("randomisation", few).title
    found["depths"][-1]["spearman"] = dict.fromkeys(("mean", "low", "high"))
    constant = changed(outputs, "randomisation", {**found, "constant": found["images"]}, tmp_path)
    assert "shows nothing" in draw("randomisation", constant).title


def test_randomisation_says_whose_constant_maps_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    cam, lime = judged(tmp_path, "cam"), judged(tmp_path, "lime")[1:]
    found = Inputs(cam).one("randomisation")
    cam = changed(cam, "randomisation", {**found, "constant": 6}, tmp_path)
    for row in found["depths"]:
        row["spearman"] = row["ssim"] = dict.fromkeys(("mean", "low", "high"))
    lime = changed(lime, "randomisation", {**found, "constant": found["images"]}, tmp_path / "other")
    figure = draw("randomisation", [*cam, *lime])
    assert "Means over 50 images (cam), with 95 % bootstrap intervals as bands." in figure.caption
    assert figure.caption.endswith("maps of the trained network, 6 of cam and all of lime.")
    assert "lime" not in figure.title
    assert {tuple(row[:3]) for row in figure.data[1:]} == {("cam", 50, 6), ("lime", 0, 56)}
    check_look(figure)


def test_randomisation_that_is_the_same_in_every_image_has_no_bands(tmp_path: Path) -> None:
    outputs = judged(tmp_path, "cam")
    found = Inputs(outputs).one("randomisation")
    for row in found["depths"]:
        row["spearman"] = row["ssim"] = {"mean": 1.0, "low": None, "high": None}
    figure = draw("randomisation", changed(outputs, "randomisation", found, tmp_path))
    assert "rank correlation 1.00 in every image once it is randomised" in figure.title
    assert "bands" not in figure.caption
    check_look(figure)


def test_a_control_that_is_better_is_told_from_an_unclear_one(tmp_path: Path) -> None:
    outputs = [o for o in judged(tmp_path, "cam") if o.kind in ("facts", "faithfulness")]
    found = Inputs(outputs).one("faithfulness")
    found["measures"]["road"]["controls"]["edges"] |= {"difference": -0.2, "difference_low": -0.3, "difference_high": -0.1}
    assert draw("faithfulness", changed(outputs, "faithfulness", found, tmp_path)).title == (
        "cam beats every control in deletion, but does not clearly beat an edge map in insertion, and is worse than an edge map"
        " in ROAD"
    )


# ---- several explainers in one experiment


@pytest.mark.parametrize("name", ["lime_panels", "lime_on_truth", "lime_quality", "feature_maps"])
def test_another_explainer_does_not_disturb(name: str, study: list[Output], tmp_path: Path) -> None:
    outputs = about(study, name)
    assert {o.about["explainer"] for o in outputs if "explainer" in o.about} >= {"cam"} or name == "feature_maps"
    for where, handed in (
        ("all", outputs),
        ("reversed", outputs[::-1]),
        ("alone", [o for o in outputs if o.about.get("explainer") not in ("cam", "lime" if name == "feature_maps" else "")]),
    ):
        run(name, handed, tmp_path / where)
    files = sorted(path.name for path in (tmp_path / "all").iterdir())
    for file in files:
        drawn = {(tmp_path / where / file).read_bytes() for where in ("all", "reversed", "alone")}
        assert len(drawn) == 1, file
