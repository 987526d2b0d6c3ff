"""LIME: the package's surrogate from fewer and steadier samples, and nothing claimed that it does not say."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lime.lime_image import ImageExplanation, LimeImageExplainer
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances
from torch import Tensor, nn

from reportgen.core import Explained
from reportgen.errors import DataError, UsageError
from reportgen.explainers._engines import batched, fast_fit, package
from reportgen.explainers._neighbourhood import Neighbourhood, Scene, background, balanced, block, predictor
from reportgen.explainers._segments import superpixels
from reportgen.explainers._surrogate import FactorisedRidge, agreement, kernel, r2, surrogate, weights
from reportgen.explainers._variate import steadied
from reportgen.explainers.lime import explain
from reportgen.outputs import Out
from reportgen.superpixels import top_mask

REGION = np.s_[8:24, 20:36]  # where the planted model looks
CLASSES = ("yes", "no", "perhaps")


def picture(seed: int = 0, side: int = 48) -> np.ndarray:
    """A smooth random image (row, column) uint8."""
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=(side, side)), 1.5)
    return np.uint8(255 * (noise - noise.min()) / np.ptp(noise))


def standardise(pixels: Tensor) -> Tensor:
    return pixels / 255 - 0.5


class LooksAtRegion(nn.Module):
    """Says yes to what one region of an image shows, and is blind to all else."""

    def __init__(self, image: np.ndarray) -> None:
        super().__init__()
        self.template = torch.zeros(image.shape)
        region = torch.tensor(image[REGION], dtype=torch.float32)
        self.template[REGION] = (region - region.mean()) / region.std()

    def forward(self, x: Tensor) -> Tensor:
        match = (x[:, 0] * self.template).sum((1, 2)) / 10
        return torch.stack([match, -match, torch.zeros_like(match)], 1)


def convolutional(seed: int = 0) -> nn.Module:
    """A small network with random weights."""
    torch.manual_seed(seed)
    layers = nn.Sequential(
        nn.Conv2d(1, 8, 5, 2), nn.Tanh(), nn.Conv2d(8, 8, 5, 2), nn.Tanh(), nn.Flatten(), nn.Linear(8 * 81, len(CLASSES))
    )
    return layers.eval()


def scene_of(model: nn.Module, image: np.ndarray) -> Scene:
    return Scene(model, standardise, "cpu", len(CLASSES), image, superpixels(image, 50))


def asked(*images: np.ndarray, ids: tuple[int, ...] = ()) -> Explained:
    n = len(images)
    ids = ids or tuple(range(n))
    return Explained(torch.empty(0), np.stack(images), np.zeros(n, int), CLASSES, np.array(ids), standardise)


def explained(model: nn.Module, *images: np.ndarray, ids: tuple[int, ...] = (), **settings: Any) -> dict[str, Any]:
    return explain(model, asked(*images, ids=ids), lambda done, total: None, **settings)


def share_in_region(outputs: dict[str, Any], count: int = 3) -> float:
    """Share of the strongest superpixels for `yes` of the first image that lies in the region."""
    chosen = top_mask(outputs["superpixels"].values[0], outputs["superpixel_weights"].values[0, 0], count=count, sign=1)
    return float(chosen[REGION].sum() / chosen.sum())


# --- superpixels


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("count", [1, 5, 99])
def test_top_mask_is_the_mask_of_the_package(sign: Any, count: int) -> None:
    rng = np.random.default_rng(count)
    segments = rng.integers(0, 12, (20, 20))
    strength = rng.normal(size=12).round(1)  # with ties
    strength[[0, 5]] = 0
    package_says = ImageExplanation(np.zeros((20, 20, 3)), segments)
    package_says.local_exp = {1: sorted(enumerate(strength), key=lambda pair: abs(pair[1]), reverse=True)}
    _, mask = package_says.get_image_and_mask(1, positive_only=sign > 0, negative_only=sign < 0, num_features=count)
    padded = np.concatenate([strength, [np.nan, np.nan]])
    np.testing.assert_array_equal(top_mask(segments, padded, count=count, sign=sign), mask == 1)


@pytest.mark.parametrize("seed", range(5))
def test_superpixels_are_forty_to_sixty_and_numbered_without_gaps(seed: int) -> None:
    segments = superpixels(picture(seed), 50)
    assert 40 <= segments.max() + 1 <= 60
    np.testing.assert_array_equal(np.unique(segments), np.arange(segments.max() + 1))


def test_constant_image_is_cut_by_a_grid() -> None:
    segments = superpixels(np.full((48, 48), 9, np.uint8), 50)
    assert 40 <= segments.max() + 1 <= 60
    assert len(np.unique(np.bincount(segments.ravel()))) <= 4  # cells of equal size but for rounding


# --- masks and copies


@pytest.mark.parametrize(("segments", "pairs"), [(8, 8), (45, 64), (45, 127), (64, 64), (65, 128), (50, 20)])
def test_each_superpixel_is_seen_in_half_of_the_masks_and_each_mask_has_its_complement(segments: int, pairs: int) -> None:
    masks = balanced(segments, pairs, np.random.default_rng(0))
    assert masks.shape == (2 * pairs, segments)
    assert (masks.mean(axis=0) == 0.5).all()
    np.testing.assert_array_equal(masks[:pairs], ~masks[pairs:])


def test_two_superpixels_are_seen_together_in_a_quarter_of_a_block() -> None:
    for pairs in (block(45), 3 * block(45)):
        signs = 2.0 * balanced(45, pairs, np.random.default_rng(1)) - 1
        np.testing.assert_array_equal(signs.T @ signs, 2 * pairs * np.eye(45))


def test_masks_of_two_seeds_are_unlike() -> None:
    first, second = (balanced(45, 64, np.random.default_rng(seed)) for seed in (0, 1))
    assert 0.4 < (first == second).mean() < 0.6


def test_hidden_superpixels_show_the_background_and_seen_ones_the_image() -> None:
    image, seen = picture(), []

    class Keep(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            seen.append(x[:, 0])
            return torch.zeros(len(x), 3)

    scene = Scene(Keep(), lambda pixels: pixels, "cpu", 3, image, superpixels(image, 50))
    masks = balanced(scene.count, 20, np.random.default_rng(0))
    predictor(scene, "mean")(masks)
    copies = torch.cat(seen).numpy()
    fill = background(image, scene.segments, "mean")
    np.testing.assert_array_equal(copies, np.where(masks[:, scene.segments], image, fill))


def test_backgrounds_are_what_they_are_called() -> None:
    image = picture()
    segments = superpixels(image, 50)
    assert not background(image, segments, "black").any()
    mean = background(image, segments, "mean")
    assert all(mean[segments == s] == pytest.approx(image[segments == s].mean()) for s in range(segments.max() + 1))
    blurred = background(image, segments, "blur")
    assert blurred.std() < 0.5 * image.std()
    assert blurred.mean() == pytest.approx(image.mean(), abs=5)


# --- the surrogate


def test_one_factorisation_gives_the_coefficients_of_sklearn_for_all_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    masks, weight, targets = (rng.random((300, 45)) < 0.5).astype(float), rng.random(300), rng.random((300, 7))
    factorised: list[int] = []
    original = FactorisedRidge._factorise
    monkeypatch.setattr(FactorisedRidge, "_factorise", lambda self, *design: (factorised.append(1), original(self, *design)))
    ours = FactorisedRidge()
    for target in targets.T:
        theirs = Ridge(alpha=1, fit_intercept=True).fit(masks, target, sample_weight=weight)
        ours.fit(masks.copy(), target, sample_weight=weight.copy())
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-10)
        assert ours.intercept_ == pytest.approx(theirs.intercept_, abs=1e-10)
        assert ours.score(masks, target, weight) == pytest.approx(theirs.score(masks, target, sample_weight=weight), abs=1e-10)
    assert factorised == [1]
    ours.fit(1 - masks, targets[:, 0], sample_weight=weight)
    np.testing.assert_allclose(ours.coef_, -Ridge().fit(masks, targets[:, 0], sample_weight=weight).coef_, atol=1e-10)


def test_distances_and_kernel_are_those_of_the_package() -> None:
    masks = balanced(45, 64, np.random.default_rng(0))
    masks[0], masks[1] = True, False
    distance = Neighbourhood(masks, np.empty(0)).distance
    np.testing.assert_allclose(
        distance, pairwise_distances(masks.astype(float), masks[:1].astype(float), "cosine").ravel(), atol=1e-15
    )
    np.testing.assert_array_equal(kernel(distance, 0.25), LimeImageExplainer().base.kernel_fn(distance))


def test_both_engines_agree_on_the_same_samples() -> None:
    scene = scene_of(convolutional(), picture())
    (near,), (theirs,) = package(scene, [(1, 2)], samples=400, hide="mean", kernel_width=0.25)
    ours = fast_fit(scene, near, kernel_width=0.25, control_variate=False)
    np.testing.assert_allclose(weights(ours), weights(theirs), rtol=0, atol=1e-8)
    np.testing.assert_allclose(list(ours.intercept.values()), list(theirs.intercept.values()), rtol=0, atol=1e-8)
    assert ours.score[2] == pytest.approx(theirs.score, abs=1e-8)  # the package keeps that of the last class
    np.testing.assert_allclose(predictor(scene, "mean")(near.masks), near.probabilities, atol=1e-6)
    assert near.masks[0].all()
    assert not any(np.array_equal(mask, ~near.masks[1]) for mask in near.masks)  # coin flips, not ours


def saturating(segments: int, seed: int) -> Callable[[np.ndarray], np.ndarray]:
    """Probabilities of a made-up model: a softmax of single effects and weaker joint ones of two and three superpixels."""
    rng = np.random.default_rng(seed)
    single, joint = 2 * rng.normal(size=(segments, 3)), rng.normal(size=(30, 3))
    i, j, k = rng.integers(0, segments, (3, 30))

    def probabilities(masks: np.ndarray) -> np.ndarray:
        sign = masks - 0.5
        exp = np.exp(sign @ single + (sign[:, i] * sign[:, j] * (1 + sign[:, k])) @ joint)
        return exp / exp.sum(axis=1, keepdims=True)

    return probabilities


def sampled(segments: int, model: Callable[[np.ndarray], np.ndarray], masks: np.ndarray) -> Neighbourhood:
    masks = np.concatenate([np.ones((1, segments), bool), masks])
    return Neighbourhood(masks, model(masks))


def test_control_variate_steadies_the_weights_and_leaves_what_they_estimate() -> None:
    scene = scene_of(nn.Identity(), picture())
    model = saturating(scene.count, 0)
    coins = np.random.default_rng(0).random((40_000, scene.count)) < 0.5
    truth = weights(surrogate(scene, sampled(scene.count, model, coins), 0.25, regressor=FactorisedRidge()))
    found = {
        variate: np.stack(
            [
                weights(fast_fit(scene, sampled(scene.count, model, masks), kernel_width=0.25, control_variate=variate))
                for seed in range(20)
                for masks in [balanced(scene.count, 128, np.random.default_rng((1, seed)))]
            ]
        )
        for variate in (True, False)
    }  # (seed, class, segment)
    error = {variate: np.sqrt(((w - truth) ** 2).mean()) for variate, w in found.items()}
    assert error[True] < 0.8 * error[False]
    bias = np.sqrt(((found[True].mean(axis=0) - truth) ** 2).mean())
    assert bias < 0.5 * error[True]  # 0.22 by chance, the rest is what the ridge shrinks and the likeness errs
    assert np.mean([agreement(found[True][:, c], 5) for c in range(3)]) > np.mean(
        [agreement(found[False][:, c], 5) for c in range(3)]
    )


def test_fit_is_told_for_the_probabilities_and_not_for_the_steadied_targets() -> None:
    scene = scene_of(nn.Identity(), picture())
    near = sampled(scene.count, saturating(scene.count, 1), balanced(scene.count, 300, np.random.default_rng(0)))
    told = fast_fit(scene, near, kernel_width=0.25, control_variate=True)
    predicted = near.design @ weights(told).T + list(told.intercept.values())
    weight = kernel(near.distance, 0.25)
    np.testing.assert_allclose(list(told.score.values()), r2(near.probabilities, predicted, weight))
    targets = steadied(near, 0.25, FactorisedRidge())
    assert (r2(targets, predicted, weight) > list(told.score.values())).all()


# --- the explainer


def test_positive_superpixels_lie_where_the_model_looks() -> None:
    image = picture()
    outputs = explained(LooksAtRegion(image), image)
    assert share_in_region(outputs) > 0.6  # the region is a ninth of the image
    for_yes, for_no, _ = outputs["superpixel_weights"].values[0]
    assert np.corrcoef(for_yes, for_no)[0, 1] < -0.9
    painted = outputs["attribution"].values[0, 0]
    assert painted[REGION].mean() > 10 * abs(painted[30:, :].mean())
    np.testing.assert_array_equal(painted, for_yes[outputs["superpixels"].values[0]])
    quality = outputs["lime_quality"][0]
    assert quality["r2"][0] > 0.7
    assert quality["jaccard"][0] >= 0.6


def test_random_network_is_explained_otherwise() -> None:
    image = picture()
    planted, random = (explained(m, image, samples=128, repeats=2) for m in (LooksAtRegion(image), convolutional()))
    rank = spearmanr(*(np.abs(o["superpixel_weights"].values[0, 0]) for o in (planted, random)))[0]
    assert abs(rank) < 0.5
    assert share_in_region(random) < 0.5


def test_engines_find_the_same() -> None:
    image = picture()
    slow = explained(LooksAtRegion(image), image, engine="lime", samples=500, repeats=2)
    fast = explained(LooksAtRegion(image), image, adaptive=False, samples=500, repeats=2)
    first, second = (o["superpixel_weights"].values[0] for o in (slow, fast))
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.97
    assert slow["lime_quality"][0]["engine"] == "lime"
    assert slow["lime_quality"][0]["samples"] == 999  # two neighbourhoods share the image itself


@pytest.mark.parametrize("engine", ["batched", "lime"])
def test_same_seed_same_bytes_whatever_else_is_explained(engine: Any) -> None:
    first, second = picture(0), picture(1)
    settings: dict[str, Any] = {"engine": engine, "samples": 128, "repeats": 2}
    alone = explained(convolutional(), second, ids=(7,), **settings)
    together = explained(convolutional(), first, second, ids=(3, 7), **settings)
    own = alone["superpixel_weights"].values[0]
    assert together["superpixel_weights"].values[1, :, : own.shape[1]].tobytes() == own.tobytes()
    assert together["lime_quality"][1] == alone["lime_quality"][0]
    other = explained(convolutional(), second, ids=(7,), seed=1, **settings)
    assert not np.allclose(other["superpixel_weights"].values, own, atol=1e-6)


def test_batches_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = explained(convolutional(), picture(), samples=128, repeats=2)
    monkeypatch.setattr("reportgen.explainers._neighbourhood._CPU_BATCH", 7)
    again = explained(convolutional(), picture(), samples=128, repeats=2)
    np.testing.assert_allclose(outputs["superpixel_weights"].values, again["superpixel_weights"].values, atol=1e-6)


def test_stable_explanations_stop_early_and_others_use_all_samples() -> None:
    image = picture()

    class Restless(nn.Module):
        """Answers as if by chance, but always the same to the same copy."""

        def forward(self, x: Tensor) -> Tensor:
            ramp = torch.linspace(0, 1, x[0].numel(), dtype=torch.double).view(x[0].shape)
            return torch.sin(1e4 * (x * ramp).sum((1, 2, 3)))[:, None] * torch.tensor([1.0, 2.0, 3.0])

    stable = explained(LooksAtRegion(image), image, samples=1000, repeats=3)["lime_quality"][0]
    restless = explained(Restless(), image, samples=600, repeats=3)["lime_quality"][0]
    fixed = explained(LooksAtRegion(image), image, samples=300, repeats=3, adaptive=False)["lime_quality"][0]
    assert stable["samples"] < 1000
    assert max(stable["jaccard"]) >= 0.85
    assert restless["samples"] == 3 * 598 + 1  # pairs, and the image once
    assert max(restless["jaccard"]) < 0.6
    assert max(restless["r2"]) < 0.3
    assert fixed["samples"] == 3 * 298 + 1


def test_signs_are_the_share_of_repeats_that_agree() -> None:
    image = picture()
    outputs = explained(LooksAtRegion(image), image, adaptive=False, samples=128, repeats=4)
    signs, found = outputs["superpixel_signs"].values[0], outputs["superpixel_weights"].values[0]
    assert set(np.unique(signs * 4)) <= {0, 1, 2, 3, 4}
    strongest = np.argsort(-np.abs(found[0]))
    assert (signs[0][strongest[:3]] == 1).all()
    scene = scene_of(LooksAtRegion(image), image)
    seeds = [(0, 0, repeat) for repeat in range(4)]
    fit = partial(fast_fit, kernel_width=0.25, control_variate=True)
    _, repeats = batched(scene, seeds, fit, samples=128, adaptive=False, hide="mean")
    same = np.mean([np.sign(weights(r)) == np.sign(found) for r in repeats], axis=0)
    np.testing.assert_allclose(signs, same)


def test_images_with_fewer_superpixels_are_padded_with_nan_only(tmp_path: Path) -> None:
    outputs = explained(convolutional(), *map(picture, range(4)), samples=64, repeats=2)
    out = Out(tmp_path)
    for kind, value in outputs.items():
        out.put(kind, value)
    found, signs = (np.load(tmp_path / f"{kind}.npy") for kind in ("superpixel_weights", "superpixel_signs"))
    counts = [q["segments"] for q in json.loads((tmp_path / "lime_quality.json").read_text())]
    assert len(set(counts)) > 1
    for values, array in ((v, a) for a in (found, signs) for v in [np.isnan(a)]):
        np.testing.assert_array_equal(
            values, np.broadcast_to(np.arange(array.shape[2]) >= np.array(counts)[:, None, None], array.shape)
        )
    assert np.isfinite(np.load(tmp_path / "attribution.npy")).all()
    assert np.load(tmp_path / "superpixels.npy").dtype == np.int16


def test_constant_image_is_explained_and_told() -> None:
    blank = np.full((48, 48), 120, np.uint8)
    blank.flags.writeable = False  # as a memory-mapped one
    outputs = explained(convolutional(), blank, samples=64, repeats=2)
    assert np.abs(outputs["superpixel_weights"].values).max() < 1e-6
    quality = outputs["lime_quality"][0]
    assert quality["r2"] == [0, 0, 0]
    assert "constant" in quality["notes"][0]


def test_few_samples_are_told() -> None:
    few, enough = (explained(convolutional(), picture(), samples=n, repeats=2, adaptive=False) for n in (64, 512))
    assert "fewer than 10 for each of" in few["lime_quality"][0]["notes"][0]
    assert enough["lime_quality"][0]["notes"] == []


def test_what_cannot_be_explained_is_said() -> None:
    with pytest.raises(DataError, match=r"sample 5 of 2×3 pixels divides into \d superpixels, 8 are needed"):
        explained(convolutional(), np.arange(6, dtype=np.uint8).reshape(2, 3), ids=(5,))
    with pytest.raises(UsageError, match="cannot hide by 'blur'"):
        explained(convolutional(), picture(), engine="lime", hide="blur")


@pytest.mark.parametrize("hide", ["mean", "blur", "black"])
def test_every_background_finds_the_region(hide: Any) -> None:
    image = picture(2)
    assert share_in_region(explained(LooksAtRegion(image), image, hide=hide, samples=256, repeats=2)) > 0.6


def test_progress_counts_images() -> None:
    said: list[tuple[int, int]] = []
    explain(convolutional(), asked(picture(0), picture(1)), lambda *done: said.append(done), samples=32, repeats=2)
    assert said == [(1, 2), (2, 2)]
