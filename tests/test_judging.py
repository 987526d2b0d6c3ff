"""Judging explanations: the imputation is ROAD's, good maps beat the controls and bad ones do not, chance is seeded."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve
from scipy.stats import spearmanr
from torch import Tensor, nn
from torch.nn.functional import interpolate

from reportgen import plugins
from reportgen.core import Array, Explained, Spec
from reportgen.errors import StepError
from reportgen.judging import faithfulness as judging_faithfulness
from reportgen.judging.controls import control_maps, moved, smoothness
from reportgen.judging.faithfulness import Asked, faithfulness
from reportgen.judging.imputation import NOISE, impute, noise_of
from reportgen.judging.localisation import localisation, scored
from reportgen.judging.measures import Bootstrap, measure
from reportgen.judging.randomisation import layers_by_depth, randomisation, randomised, spearman, ssim, stages
from reportgen.networks import Standardise, predict, save_weights
from reportgen.outputs import Inputs
from reportgen.report.trusted import sentences
from reportgen.steps import judge
from reportgen.trust import CONTROLS, unbeaten, verdict, worse
from reportgen.work import Work
from tests import factories

SIDE = 24
REGION = np.s_[3:10, 12:20]  # where the planted model looks: neither the middle nor an edge
IMAGES = 12
BOOTSTRAP = Bootstrap(500, 0)
SETTINGS: dict[str, Any] = {"steps": 6, "percentiles": [10, 30, 50], "seed": 0}


def smooth(seed: int, shape: tuple[int, ...] = (SIDE, SIDE), sd: float = 2.0) -> np.ndarray:
    return np.asarray(gaussian_filter(np.random.default_rng(seed).normal(size=shape), sd))


def silent(done: int, total: int) -> None:
    """No voice."""


# --- imputation

NEAR = [(r, c, (1 / 6 if r == 0 or c == 0 else 1 / 12)) for r in (-1, 0, 1) for c in (-1, 0, 1) if r or c]


def solved_directly(image: np.ndarray, removed: np.ndarray) -> np.ndarray:
    """Each removed pixel as the weighted mean of its neighbours, written down pixel by pixel."""
    unknown = {place: i for i, place in enumerate(zip(*np.nonzero(removed), strict=True))}
    matrix, right = lil_matrix((len(unknown), len(unknown))), np.zeros(len(unknown))
    for (row, column), i in unknown.items():
        near = [(row + r, column + c, w) for r, c, w in NEAR if 0 <= row + r < len(image) and 0 <= column + c < image.shape[1]]
        matrix[i, i] = 1
        for r, c, weight in near:
            share = weight / sum(w for *_, w in near)
            if removed[r, c]:
                matrix[i, unknown[r, c]] = -share
            else:
                right[i] += share * image[r, c]
    filled = image.copy()
    filled[removed] = spsolve(matrix.tocsc(), right)
    return filled


def first(values: np.ndarray, percent: int) -> np.ndarray:
    """The largest values, as a mask."""
    order = np.argsort(-values, axis=None)[: round(values.size * percent / 100)]
    return np.isin(np.arange(values.size), order).reshape(values.shape)


def masks(shape: tuple[int, int], percent: int, seed: int) -> np.ndarray:
    """(mask, row, column): a smooth map's, noise, blocks, a hole in the middle, and all but a hole, so that borders go."""
    rng, (rows, columns) = np.random.default_rng(seed), shape
    middle = -np.hypot(*np.meshgrid(np.arange(rows) - rows / 2, np.arange(columns) - columns / 2, indexing="ij"))
    blocks = np.kron(rng.random((rows // 4, columns // 4)), np.ones((4, 4))) + 1e-9 * rng.random(shape)
    return np.stack([first(m, percent) for m in (smooth(seed, shape, 4), rng.random(shape), blocks, middle, -middle)])


@pytest.mark.parametrize("percent", range(10, 100, 10))
def test_imputation_is_that_of_a_direct_solver(percent: int) -> None:
    images = np.stack([255 * np.random.default_rng(s).random((48, 48)) if s else 40 * smooth(s, (48, 48)) for s in (0, 1)])
    removed = np.stack([masks((48, 48), percent, seed) for seed in (0, 1)])
    expected = np.stack([[solved_directly(i, mask) for mask in own] for i, own in zip(images, removed, strict=True)])
    for dtype, tolerance in ((torch.float32, 5e-5), (torch.float64, 2e-5)):
        filled = impute(torch.tensor(images, dtype=dtype)[:, None], torch.tensor(removed))[:, :, 0].numpy()
        gap = np.abs(filled - expected).max((1, 2, 3)) / np.ptp(images, axis=(1, 2))
        assert (gap < tolerance).all()


@pytest.mark.parametrize("shape", [(8, 32), (40, 12), (120, 112)])
def test_imputation_serves_other_sizes(shape: tuple[int, int]) -> None:
    image, removed = np.random.default_rng(0).random(shape), masks(shape, 80, 0)[[0, 2]]
    filled = impute(torch.tensor(image)[None, None], torch.tensor(removed)[None])[0, :, 0].numpy()
    np.testing.assert_allclose(filled, [solved_directly(image, mask) for mask in removed], atol=1e-5)


def test_hole_in_a_plane_is_filled_by_the_plane() -> None:
    plane = torch.arange(20.0)[:, None] - 2 * torch.arange(30.0)
    removed = torch.zeros(1, 1, 20, 30, dtype=torch.bool)
    removed[..., 3:15, 4:26] = True
    torch.testing.assert_close(impute(plane[None, None], removed)[0, 0, 0], plane, atol=1e-4, rtol=0)


def test_corner_is_the_mean_of_its_three_neighbours_by_their_weights() -> None:
    image = torch.tensor([[9.0, 1.0, 0.0], [2.0, 5.0, 0.0], [0.0, 0.0, 0.0]])
    removed = torch.zeros(1, 1, 3, 3, dtype=torch.bool)
    removed[..., 0, 0] = True
    assert impute(image[None, None], removed)[0, 0, 0, 0, 0].item() == pytest.approx((2 * 1 + 2 * 2 + 5) / 5)


def test_signal_is_filled_by_straight_lines() -> None:
    time = torch.arange(60.0)[None, None, None]  # (image, channel, 1, time)
    removed = torch.zeros(1, 1, 1, 60, dtype=torch.bool)
    removed[..., 5:50] = True
    torch.testing.assert_close(impute(time, removed)[:, 0], time, atol=1e-3, rtol=0)


def test_nothing_removed_changes_nothing_and_all_removed_leaves_nothing() -> None:
    image = torch.rand(1, 2, 9, 9)
    noise = noise_of(np.array([7]), image.shape[1:], 0)
    filled = impute(image, torch.tensor([False, True])[None, :, None, None].expand(1, 2, 9, 9), noise=noise)
    assert torch.equal(filled[0, 0], image[0])
    assert torch.equal(filled[0, 1], noise[0])


def test_channels_masks_and_images_do_not_see_each_other() -> None:
    images = torch.rand(3, 2, SIDE, SIDE, dtype=torch.float64)
    removed = torch.tensor(np.stack([masks((SIDE, SIDE), 60, seed) for seed in range(3)]))
    together = impute(images, removed)
    for image, channel, mask in ((0, 0, 0), (1, 1, 3), (2, 0, 4)):
        alone = impute(images[image, channel][None, None], removed[image, mask][None, None])[0, 0, 0]
        torch.testing.assert_close(together[image, mask, channel], alone, atol=1e-5, rtol=0)


def test_image_with_a_hole_in_its_numbers_is_refused() -> None:
    image = torch.rand(1, 1, 9, 9)
    image[..., 0, 0] = torch.nan
    removed = torch.zeros(1, 1, 9, 9, dtype=torch.bool)
    removed[..., 1:4, 1:4] = True
    with pytest.raises(StepError, match="1 of 1 masks did not converge"):
        impute(image, removed)


def test_noise_is_that_of_the_sample_whatever_is_beside_it() -> None:
    three, one = noise_of(np.array([5, 6, 7]), (1, 50, 50), 3), noise_of(np.array([6]), (1, 50, 50), 3)
    assert torch.equal(three[1], one[0])
    assert not torch.equal(three[0], three[1])
    assert three.std().item() == pytest.approx(NOISE, rel=0.05)


# --- controls


def blocks(seed: int) -> np.ndarray:
    return np.kron(np.random.default_rng(seed).normal(size=(6, 6)), np.ones((8, 8)))


@pytest.mark.parametrize("values", [blocks(0), smooth(1, (48, 48), 3), smooth(2, (48, 48), 0.5), blocks(3).clip(min=0)])
def test_moved_map_has_the_values_and_the_smoothness_of_the_map(values: np.ndarray) -> None:
    other = moved(values, np.random.default_rng(0))
    np.testing.assert_array_equal(np.sort(other, axis=None), np.sort(values, axis=None))
    assert smoothness(other) == pytest.approx(smoothness(values), abs=0.02)
    assert abs(np.corrcoef(other.ravel(), values.ravel())[0, 1]) < 0.3


def test_smoothness_of_blurred_noise_is_that_of_its_closed_form() -> None:
    lags = np.arange(1, 33)
    expected = np.exp(-(lags**2) / (4 * 5.0**2)).mean()
    assert smoothness(gaussian_filter(np.random.default_rng(0).normal(size=(256, 256)), 5)) == pytest.approx(expected, abs=0.02)


def test_controls_of_an_image_are_the_same_in_every_batch() -> None:
    attribution, images = np.stack([smooth(s) for s in range(3)]), np.random.default_rng(0).integers(256, size=(3, SIDE, SIDE))
    together = control_maps(attribution, images, np.array([4, 5, 6]), 1)
    alone = control_maps(attribution[1:2], images[1:2], np.array([5]), 1)
    assert list(together) == list(CONTROLS)
    for name, maps in alone.items():
        np.testing.assert_array_equal(together[name][1], maps[0])


def test_controls_are_what_their_names_say() -> None:
    image = np.zeros((1, SIDE, SIDE), np.uint8)
    image[:, :, 5:] = 200
    maps = control_maps(np.zeros((1, SIDE, SIDE)), image, np.array([0]), 0)
    assert set(np.nonzero(maps["edges"][0])[1]) == {4, 5}
    assert np.unravel_index(maps["centre"][0].argmax(), (SIDE, SIDE)) == (SIDE // 2 - 1, SIDE // 2 - 1)
    assert np.unique(maps["random"]).size == SIDE**2
    assert not maps["blur_matched"].any()  # of a map without any relevance


# --- a planted model, its true map and worse ones


PATTERN = np.zeros((SIDE, SIDE))  # a chessboard of single pixels in the region: a blur wipes it out
PATTERN[REGION] = np.where(np.indices((SIDE, SIDE)).sum(0) % 2, 1, -1)[REGION]


class LooksAtRegion(nn.Module):
    """Says yes to a pattern in one region of an image, and is blind to all else."""

    def forward(self, x: Tensor) -> Tensor:
        match = (x[:, 0] * torch.tensor(PATTERN)).sum((1, 2)) / np.abs(PATTERN).sum()
        return torch.stack([3 * match, torch.zeros_like(match)], 1)


def pictures() -> np.ndarray:
    """Standardised images (image, row, column) with the pattern in the region, and sharp edges elsewhere."""
    images = np.stack([smooth(seed) / smooth(seed).std() for seed in range(IMAGES)]) + PATTERN
    images[:, 14:20, 3:9] -= 3
    return images


def true_maps() -> np.ndarray:
    """What each pixel adds to the evidence."""
    return pictures() * PATTERN


def judged(maps: np.ndarray, **settings: Any) -> dict[str, Any]:
    images, ids = pictures(), np.arange(100, 100 + IMAGES)
    beside = {"explainer": maps, **control_maps(maps, images, ids, 0)}
    x = torch.tensor(images, dtype=torch.float32)[:, None]
    asked = Asked(model=LooksAtRegion(), x=x, classes=np.zeros(IMAGES, int), ids=ids, maps=beside, grey=0.0, sd=1.0)
    return faithfulness(asked, BOOTSTRAP, **{**SETTINGS, "progress": silent, **settings})


def placed(maps: np.ndarray, **more: Any) -> dict[str, Any]:
    truth, labels = true_maps() != 0, np.arange(IMAGES) % 2
    beside = {"explainer": maps, **control_maps(maps, pictures(), np.arange(IMAGES), 0)}
    found = localisation(beside, truth, labels, ("yes", "no"), BOOTSTRAP, randomised=more.get("randomised"))
    assert found
    return found


def test_true_map_beats_every_control_in_every_measure() -> None:
    maps = true_maps()
    maps[0] = -np.abs(maps[0])  # without one failure all images would be hits, and nothing would be claimed of the spread
    for name, found in {**judged(true_maps())["measures"], **placed(maps)["measures"]}.items():
        assert unbeaten(found) == [], name


@pytest.mark.parametrize("kind", ["random", "shuffled", "wrong way round"])
def test_maps_that_know_nothing_do_not_beat_the_controls(kind: str) -> None:
    rng = np.random.default_rng(9)
    maps = {
        "random": rng.random((IMAGES, SIDE, SIDE)),
        "shuffled": rng.permuted(true_maps().reshape(IMAGES, -1), axis=1).reshape(IMAGES, SIDE, SIDE),
        "wrong way round": -np.abs(true_maps()),
    }[kind]
    for name, found in {**judged(maps)["measures"], **placed(maps)["measures"]}.items():
        assert {"random", "blur_matched"} & set(unbeaten(found)), name


def test_differences_are_positive_where_the_explainer_is_better() -> None:
    found = judged(true_maps())["measures"]
    assert {name: m["better"] for name, m in found.items()} == {"deletion": "lower", "insertion": "higher", "road": "higher"}
    for name, m in found.items():
        for control in m["controls"].values():
            gap = m["explainer"]["mean"] - control["mean"]
            assert control["difference"] == pytest.approx(-gap if name == "deletion" else gap)
            assert control["difference_low"] <= control["difference"] <= control["difference_high"]
    turned = judged(-true_maps())["measures"]
    assert all(m["controls"]["random"]["difference"] < 0 for m in turned.values())


def test_curves_start_and_end_where_they_must() -> None:
    curves = judged(true_maps())["curves"]
    x = torch.tensor(pictures(), dtype=torch.float32)[:, None]
    whole = LooksAtRegion()(x).softmax(1)[:, 0].mean().item()
    for who in ("explainer", *CONTROLS):
        assert curves["deletion"][who][0] == pytest.approx(whole) == pytest.approx(curves["insertion"][who][-1])
        assert curves["deletion"][who][-1] == pytest.approx(0.5)  # the region's evidence is gone
    assert curves["deletion"]["fraction"] == [i / 6 for i in range(7)]
    assert curves["road_morf"]["fraction"] == [0.1, 0.3, 0.5]


def test_areas_are_those_under_the_curves() -> None:
    found = judged(true_maps())
    for name in ("deletion", "insertion"):
        for who, curve in list(found["curves"][name].items())[1:]:
            shown = found["measures"][name]
            mean = (shown["explainer"] if who == "explainer" else shown["controls"][who])["mean"]
            assert mean == pytest.approx(np.trapezoid(curve, found["curves"][name]["fraction"]))
    lerf, morf = (np.array(found["curves"][f"road_{order}"]["explainer"]) for order in ("lerf", "morf"))
    assert found["measures"]["road"]["explainer"]["mean"] == pytest.approx((lerf - morf).mean() / 2)


def test_judging_twice_gives_the_same_and_other_batches_nearly_so(monkeypatch: pytest.MonkeyPatch) -> None:
    once = judged(true_maps())
    assert once == judged(true_maps())
    monkeypatch.setattr(judging_faithfulness, "batch_for", lambda device: 500)
    for name, curves in judged(true_maps())["curves"].items():
        for who, curve in curves.items():
            np.testing.assert_allclose(curve, once["curves"][name][who], atol=1e-5)


def test_ties_are_broken_by_lot_and_alike_for_all_maps_of_an_image() -> None:
    ranks = judging_faithfulness._ranks(np.zeros((2, SIDE, SIDE)), np.array([3, 4]), 0)
    assert np.abs(spearmanr(ranks[0].ravel(), np.arange(SIDE**2)).statistic) < 0.2
    assert np.abs(spearmanr(ranks[0].ravel(), ranks[1].ravel()).statistic) < 0.2
    np.testing.assert_array_equal(ranks[1:], judging_faithfulness._ranks(np.ones((1, SIDE, SIDE)), np.array([4]), 0))


def unpadded_network() -> nn.Sequential:
    """A network of standardised input that is sensitive to small changes; a border of zeros would be black in grey values."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * (SIDE - 2) ** 2, 2)).eval()
    with torch.no_grad():
        model[3].weight.mul_(10)
    return model


def of_grey_values(model: nn.Sequential, standardise: Standardise) -> nn.Sequential:
    """The same function of grey values: w · (x − mean) / sd + b = (w / sd) · x + (b − Σ w mean / sd)."""
    other = deepcopy(model)
    with torch.no_grad():
        other[0].weight.div_(standardise.sd)
        other[0].bias.sub_(standardise.mean * other[0].weight.sum((1, 2, 3)))
    return other


def test_networks_of_grey_values_are_judged_as_networks_of_standardised_ones() -> None:
    images = (140 + 15 * pictures()).clip(0, 255).round().astype(np.uint8)
    ids, maps, levels = np.arange(IMAGES), np.abs(true_maps()), Standardise.of(images)
    beside = {"explainer": maps, **control_maps(maps, images, ids, 0)}

    def found(model: nn.Module, standardise: Standardise, **other: float) -> dict[str, Any]:
        x = standardise(torch.tensor(images)[:, None])
        units = {"grey": (levels.mean - standardise.mean) / standardise.sd, "sd": levels.sd / standardise.sd} | other
        asked = Asked(model=model, x=x, classes=np.zeros(IMAGES, int), ids=ids, maps=beside, **units)
        return faithfulness(asked, BOOTSTRAP, progress=silent, **SETTINGS)

    def gap(first: dict[str, Any], second: dict[str, Any], curves: tuple[str, ...]) -> float:
        whos = ("explainer", *CONTROLS)
        return max(
            float(np.abs(np.subtract(first["curves"][c][w], second["curves"][c][w])).max()) for c in curves for w in whos
        )

    model, raw = unpadded_network(), Standardise(0.0, 1.0)
    standardised, grey = found(model, levels), found(of_grey_values(model, levels), raw)
    assert gap(standardised, grey, judging_faithfulness.CURVES) < 1e-4
    for name, expected in standardised["measures"].items():
        assert unbeaten(grey["measures"][name]) == unbeaten(expected)
    wrong = found(of_grey_values(model, levels), raw, grey=0.0, sd=1.0)  # black, and noise of another unit
    for curves in (("deletion",), ("road_morf", "road_lerf")):
        assert gap(standardised, wrong, curves) > 5e-4


def test_few_images_are_shown_and_nothing_is_claimed() -> None:
    found = measure({"explainer": np.arange(5.0), "random": np.zeros(5)}, BOOTSTRAP, better="higher")
    assert found["explainer"] == {"mean": 2, "low": None, "high": None}
    assert unbeaten(found) == ["random"]


@pytest.mark.parametrize(("difference", "left"), [(1e-12, ["random"]), (-1e-12, ["random"]), (1e-3, []), (-1e-3, ["random"])])
def test_difference_that_is_the_same_in_all_images_counts_unless_it_is_rounding(difference: float, left: list[str]) -> None:
    found = measure({"explainer": np.full(12, 0.3 + difference), "random": np.full(12, 0.3)}, BOOTSTRAP, better="higher")
    assert unbeaten(found) == left
    assert worse(found) == (["random"] if difference == -1e-3 else [])


def held(**limits: tuple[float | None, float | None]) -> dict[str, Any]:
    """A measure whose differences to some controls have these limits; it beats the others."""
    both = {name: limits.get(name, (0.1, 0.2)) for name in CONTROLS}
    return {"controls": {name: {"difference_low": low, "difference_high": high} for name, (low, high) in both.items()}}


def test_verdict_tells_worse_from_unclear() -> None:
    measures = {"deletion": held(edges=(-0.3, 0.1)), "insertion": held(edges=(-0.3, -0.1), random=(-0.1, 0.1)), "road": held()}
    assert verdict(measures) == (
        "it beats every control in ROAD; it is not shown to be better than an edge map in deletion; it is worse than an edge"
        " map in insertion; it is not shown to be better than a random map in insertion"
    )
    assert unbeaten(measures["insertion"]) == ["random", "edges"]
    unknown = held(**dict.fromkeys(CONTROLS, (None, None)))
    assert worse(unknown) == []
    assert verdict({"road": unknown}).startswith("it is not shown to be better than a random map, a centred Gaussian")


# --- localisation


def test_scores_of_maps_with_known_hits() -> None:
    truth = np.zeros((4, 4, 5), bool)
    truth[:, :2] = True
    maps = np.zeros((4, 4, 5))
    maps[0, 0, 0], maps[0, 3, 3] = 3, 1  # three quarters inside
    maps[1, 1, 0] = maps[1, 2, 0] = 2  # the largest value twice, once inside
    maps[1, 0] = -9  # negative relevance counts for nothing
    maps[2] = -1  # nothing positive, the same everywhere
    maps[3, 3, 3] = 1
    found = scored(maps, truth)
    np.testing.assert_allclose(found["pointing"], [1, 0.5, 0.5, 0])
    np.testing.assert_allclose(found["inside"], [0.75, 0.5, 0.5, 0])


def test_images_without_a_region_are_left_out_and_counted() -> None:
    truth = np.zeros((10, 6, 6), bool)
    truth[:8, :2, :3] = True
    maps = {"explainer": truth.astype(float), "random": np.random.default_rng(0).random(truth.shape)}
    labels = np.repeat([0, 1, 2], [7, 1, 2])
    found = localisation(
        maps,
        truth,
        labels,
        ("a", "b", "neutral"),
        BOOTSTRAP,
        randomised=({who: values[[0, 9]] for who, values in maps.items()}, np.array([0, 9])),
    )
    assert found
    assert (found["images"], found["left_out"], found["chance"]) == (8, 2, 6 / 36)
    assert [(row["class"], row["images"], row["pointing"]["mean"]) for row in found["per_class"]] == [("a", 7, 1), ("b", 1, 1)]
    assert found["randomised"]["images"] == 1
    assert localisation(maps, np.zeros_like(truth), labels, ("a", "b", "c"), BOOTSTRAP, randomised=None) is None


# --- randomised networks


def network(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    layers = [nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * SIDE * SIDE, 2)]
    return nn.Sequential(*layers).eval()


def planted_network() -> nn.Sequential:
    """A network that is positive where the image is bright, and whose output looks at the region alone."""
    model = network()
    with torch.no_grad():
        model[0].weight.zero_()[:, :, 1, 1] = 1
        model[0].bias.zero_()
        weight = torch.zeros(4, SIDE, SIDE)
        weight[:, REGION[0], REGION[1]] = 0.05
        model[4].weight[:] = torch.stack([weight.flatten(), -weight.flatten()])
    return model


def gradient_maps(model: nn.Module, x: Tensor) -> np.ndarray:
    """Gradients of the first class, smoothed a little: (image, row, column)."""
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x)[:, 0].sum(), x)
    return np.asarray(gaussian_filter(gradient[:, 0].numpy(), (0, 1, 1)))


@pytest.mark.parametrize(("depth", "layers", "expected"), [(5, 11, [1, 4, 6, 8, 11]), (9, 3, [1, 2, 3]), (1, 4, [1, 4])])
def test_stages_are_spread_from_one_layer_to_all(depth: int, layers: int, expected: list[int]) -> None:
    assert stages(depth, layers) == expected


def test_layers_are_drawn_anew_from_the_output_on() -> None:
    model, x, before = network(), torch.rand(2, 1, SIDE, SIDE), torch.get_rng_state()
    with torch.no_grad():
        for name in ("running_mean", "running_var", "weight", "bias"):
            getattr(model[1], name).add_(1)
    found = list(randomised(model, x, depths=3, seed=0))
    assert [(stage.depth, stage.layer) for stage in found] == [(1, "4"), (2, "1"), (3, "0")]
    for stage in found:
        same = [name for name, value in stage.model.state_dict().items() if torch.equal(value, model.state_dict()[name])]
        kept = {name.partition(".")[0] for name in same if not name.endswith("num_batches_tracked")}
        assert kept == {"0", "1", "4"} - {earlier.layer for earlier in found[: stage.depth]}
        assert not stage.model.training
    assert torch.equal(found[0].model[4].weight, found[2].model[4].weight)  # a layer is drawn once
    assert torch.equal(torch.get_rng_state(), before)
    again = list(randomised(model, x, depths=3, seed=0))
    assert torch.equal(found[2].model[0].weight, again[2].model[0].weight)


def test_layers_are_ordered_as_they_compute_and_not_as_they_were_written() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last, self.unused, self.first = nn.Linear(3, 2), nn.Linear(1, 1), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.first(x))  # type: ignore[no-any-return]

    assert layers_by_depth(Backwards(), torch.rand(1, 4)) == ["last", "first", "unused"]


def test_layer_that_cannot_be_drawn_anew_is_named() -> None:
    class Scale(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.by = nn.Parameter(torch.ones(1))

    with pytest.raises(StepError, match=r"1 \(Scale\)"):
        layers_by_depth(nn.Sequential(nn.Linear(4, 3), Scale()), torch.rand(1, 4))


def test_likeness_falls_for_an_honest_explainer_and_stays_for_one_that_ignores_the_network() -> None:
    x = torch.tensor(pictures(), dtype=torch.float32)[:, None]
    model = planted_network()
    honest = [(s.depth, s.layer, gradient_maps(s.model, x)) for s in randomised(model, x, depths=3, seed=1)]
    found = randomisation(gradient_maps(model, x), honest, BOOTSTRAP)
    assert [(row["depth"], row["layer"]) for row in found["depths"]] == [(0, ""), (1, "4"), (2, "1"), (3, "0")]
    assert [found["depths"][0][name]["mean"] for name in ("spearman", "ssim")] == pytest.approx([1, 1])
    assert all(abs(row["spearman"]["mean"]) < 0.2 and row["ssim"]["mean"] < 0.7 for row in found["depths"][1:])
    edges = control_maps(pictures(), pictures(), np.arange(IMAGES), 0)["edges"]
    blind = randomisation(edges, [(depth, layer, edges) for depth, layer, _ in honest], BOOTSTRAP)
    assert all(row["spearman"]["mean"] == pytest.approx(1) for row in blind["depths"])


def test_constant_maps_of_the_trained_network_are_counted_and_left_out() -> None:
    """Also those that are constant but for the rounding of their enlargement."""
    trained = np.stack([smooth(s) for s in range(IMAGES)]).astype(np.float32)
    coarse = torch.tensor([0.1, -0.7, 3.3])[:, None, None, None].expand(-1, 1, 6, 6)
    trained[:3] = interpolate(coarse, size=(SIDE, SIDE), mode="bilinear")[:, 0].numpy()
    trained[3] = 0
    assert np.ptp(trained[:3], axis=(1, 2)).any()
    others = np.stack([smooth(s) for s in range(50, 50 + IMAGES)])
    found = randomisation(trained, [(1, "head", others)], BOOTSTRAP)
    assert (found["images"], found["constant"]) == (IMAGES, 4)
    assert found["depths"][1] == randomisation(trained[4:], [(1, "head", others[4:])], BOOTSTRAP)["depths"][1]
    nothing = randomisation(trained[:4], [(1, "head", others[:4])], BOOTSTRAP)
    assert nothing["constant"] == 4
    assert all(set(row[name].values()) == {None} for row in nothing["depths"] for name in ("spearman", "ssim"))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            (7, 0, 0.02, -0.3, 0.3),
            "its maps of 7 images are like the real ones by a rank correlation of 0.02 [−0.30,\N{NO-BREAK SPACE}0.30].",
        ),
        (
            (8, 1, 0.02, -0.3, 0.3),
            "its maps of 7 images are like the real ones by a rank correlation of 0.02 [−0.30,\N{NO-BREAK SPACE}0.30]; 1 image",
        ),
        (
            (8, 0, 1.0, None, None),
            "its maps of 8 images are like the real ones by a rank correlation of 1.00 in every one of them.",
        ),
        ((8, 4, 1.0, None, None), "its maps of 4 images are like the real ones by a rank correlation of 1.00 (too few"),
        ((8, 8, None, None, None), "All maps of 8 images are constant"),
    ],
)
def test_sentence_of_the_randomised_network_names_measure_and_images(found: tuple[Any, ...], said: str) -> None:
    images, constant, *limits = found
    end = {"spearman": dict(zip(("mean", "low", "high"), limits, strict=True))}
    (sentence,) = sentences(None, None, {"images": images, "constant": constant, "layers": 11, "depths": [end]})
    assert said in sentence


def test_randomised_network_loses_the_pointing_game() -> None:
    x = torch.tensor(pictures(), dtype=torch.float32)[:, None]
    model = planted_network()
    *_, last = randomised(model, x, depths=3, seed=1)
    maps = gradient_maps(last.model, x)
    other = {"explainer": maps, **control_maps(maps, pictures(), np.arange(IMAGES), 0)}
    found = placed(gradient_maps(model, x), randomised=(other, np.arange(IMAGES)))
    assert {"random", "blur_matched"} <= set(unbeaten(found["randomised"]["pointing"]))
    assert found["randomised"]["pointing"]["explainer"]["mean"] < 0.3
    assert found["measures"]["pointing"]["explainer"]["mean"] > 0.9
    assert not {"random", "blur_matched"} & set(unbeaten(found["measures"]["pointing"]))


def test_rank_correlation_is_that_of_scipy_also_with_ties() -> None:
    rng = np.random.default_rng(0)
    maps, others = rng.normal(size=(3, 9, 9)).round(), rng.normal(size=(3, 9, 9)).round()
    expected = [spearmanr(a, b, axis=None).statistic for a, b in zip(maps, others, strict=True)]
    np.testing.assert_allclose(spearman(maps, others), expected)


def test_likeness_of_turned_and_constant_maps() -> None:
    maps, flat = np.stack([smooth(0), smooth(1)]), np.zeros((2, SIDE, SIDE))
    np.testing.assert_allclose(spearman(maps, -maps), -1)
    np.testing.assert_allclose(ssim(maps, 3 * maps), 1)  # each in units of its largest value
    assert (ssim(maps, -maps) < 0).all()
    np.testing.assert_array_equal(spearman(maps, flat), 0)
    np.testing.assert_array_equal(spearman(flat, flat), 1)
    np.testing.assert_array_equal(ssim(flat, flat), 1)
    np.testing.assert_allclose(ssim(maps[:, :7, :5], maps[:, :7, :5]), 1)  # smaller than the window


# --- the step


def test_images_are_taken_from_each_class_in_turn() -> None:
    labels = np.array([0, 0, 0, 1, 2, 2, 2])
    assert judge.evenly(labels, 5).tolist() == [0, 1, 3, 4, 5]
    assert judge.evenly(labels, 0).tolist() == judge.evenly(labels, 99).tolist() == list(range(7))


def gradient_times_input(model: nn.Module, explained: Explained, progress: Callable[[int, int], None]) -> dict[str, Array]:
    """A cheap explainer: a pass for each class."""
    x = explained.x.clone().requires_grad_()
    gradients = [torch.autograd.grad(model(x)[:, c].sum(), x)[0] for c in range(len(explained.classes))]
    progress(1, 1)
    maps = torch.stack([(g * x)[:, 0] for g in gradients], 1).detach().numpy()
    return {"attribution": Array(maps, ("image", "class", "row", "column"))}


@pytest.fixture
def inputs_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[Inputs, dict[str, Any]]]:
    """What the step is given for an explainer, "cheap" or "lime"; and the explainer's choice."""
    verb = plugins.verb
    monkeypatch.setattr(plugins, "verb", lambda kind, name: gradient_times_input if name == "cheap" else verb(kind, name))

    def made(use: str) -> tuple[Inputs, dict[str, Any]]:
        settings = {"samples": 64, "repeats": 2, "segments": 12} if use == "lime" else {}
        out, classes = factories.out_in(tmp_path, use), ("a", "b", "c")
        images = np.stack([128 + 40 * smooth(s) / smooth(s).std() for s in range(12)]).clip(0, 255).astype(np.uint8)
        labels, ids = np.repeat([0, 1, 2], 4), np.arange(12) + 50
        torch.manual_seed(0)
        model = verb("model", "fer_gap_small")(Spec((1, SIDE, SIDE), 3), width=4)
        standardise = Standardise(128.0, 40.0)
        predicted = predict(model, images, standardise, "cpu").argmax(1)
        x = standardise(torch.tensor(images)[:, None])
        explained = Explained(x, images, labels, classes, ids, standardise)
        for kind, value in plugins.verb("explainer", use)(model, explained, silent, **settings).items():
            out.put(kind, value)
        rows = zip(ids.tolist(), labels.tolist(), predicted.tolist(), strict=True)
        out.json("explained", [{"sample": s, "label": label, "predicted": p, "probability": 0.5} for s, label, p in rows])
        out.put("explained_samples", Array(images, ("image", "row", "column")))
        truth = np.zeros(images.shape, bool)
        truth[labels < 2, :6] = True
        out.put("explained_truth", Array(truth, ("image", "row", "column")))
        out.json("facts", {"shape": [SIDE, SIDE], "classes": classes})
        out.json("model", {"id": "fer_gap_small", "settings": {"width": 4}})
        out.json("history", {"levels": {"mean": 128.0, "sd": 40.0}})
        save_weights(out.path("weights", ".safetensors"), model, standardise)
        return Inputs(factories.of(out)), {"use": use, "settings": settings}

    return made


@pytest.mark.parametrize(("use", "others"), [("cheap", 8), ("lime", 4)])
def test_step_writes_the_same_judgement_twice(
    use: str, others: int, inputs_of: Callable[[str], tuple[Inputs, dict[str, Any]]], tmp_path: Path
) -> None:
    inputs, explainer = inputs_of(use)
    asked: dict[str, Any] = {
        "images": 0,
        "steps": 3,
        "percentiles": [30, 60],
        "depths": 3,
        "randomised_images": 6,
        "resamples": 100,
        "seed": 2,
    }
    written = []
    for attempt in ("first", "second"):
        out = factories.out_in(tmp_path, attempt)
        judge.run(inputs, out, Work(tmp_path, {}, "cpu", 1), explainer=explainer, **asked)
        written.append({path.name: path.read_bytes() for path in out.folder.iterdir()})
    assert written[0] == written[1]
    found = {name: json.loads(text) for name, text in written[0].items()}
    assert set(found) == {"faithfulness.json", "localisation.json", "randomisation.json"}
    assert found["faithfulness.json"]["images"] == 12
    assert (found["localisation.json"]["images"], found["localisation.json"]["left_out"]) == (8, 4)
    assert found["localisation.json"]["randomised"]["images"] == others  # all with a region, or those of the six
    rows = found["randomisation.json"]["depths"]
    assert [row["depth"] for row in rows] == [0, 1, 6, 11]
    assert rows[0]["spearman"]["mean"] == pytest.approx(1)
    assert all(row["spearman"]["mean"] < 0.9 for row in rows[1:])
