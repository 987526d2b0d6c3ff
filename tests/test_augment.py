"""Augmentation: what each strength does to a dot, for all images of a batch at once."""

import math

import pytest
import torch
from torch.nn import functional

from reportgen.augment import AUGMENTATIONS, Augmentation, mixup

ROWS, COLUMNS = 48, 64  # unequal, so that degrees must mean degrees in pixels


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(samples: int = 8) -> torch.Tensor:
    return torch.rand(samples, 1, ROWS, COLUMNS, generator=generator(9)) * 4 - 2  # (sample, channel, row, column)


def dots(row: float, column: float, samples: int = 200) -> torch.Tensor:
    """Gaussian dots at a place in pixels from the centre."""
    down, right = torch.arange(ROWS) - (ROWS - 1) / 2, torch.arange(COLUMNS) - (COLUMNS - 1) / 2
    dot = torch.exp(-((down[:, None] - row) ** 2 + (right - column) ** 2) / 8)
    return dot.expand(samples, 1, ROWS, COLUMNS)


def places(x: torch.Tensor) -> torch.Tensor:
    """Centres of mass (sample, [row, column]) in pixels from the centre."""
    down, right = torch.arange(ROWS) - (ROWS - 1) / 2, torch.arange(COLUMNS) - (COLUMNS - 1) / 2
    mass = x.sum((1, 2, 3))
    return torch.stack([(x.sum((1, 3)) * down).sum(1) / mass, (x.sum((1, 2)) * right).sum(1) / mass], 1)


def test_without_strength_nothing_changes() -> None:
    assert torch.equal(AUGMENTATIONS["none"](noise()), noise())
    barely = Augmentation(rotation=1e-9, shift=1e-9, zoom=1e-9, contrast=1e-9, brightness=1e-9)
    torch.testing.assert_close(barely(noise(), generator()), noise(), atol=1e-4, rtol=0)


def test_flip() -> None:
    torch.testing.assert_close(Augmentation(flip=1)(noise()), noise().flip(-1), atol=1e-4, rtol=0)
    flipped = places(Augmentation(flip=0.5)(dots(0, 10), generator()))[:, 1] < 0
    assert 0.35 < flipped.float().mean() < 0.65


def test_rotation_keeps_distances_and_its_limits() -> None:
    place = places(Augmentation(rotation=40)(dots(0, 14), generator()))
    torch.testing.assert_close(place.norm(dim=1), torch.full((200,), 14.0), atol=0.3, rtol=0)
    degrees = torch.rad2deg(torch.atan2(place[:, 0], place[:, 1]))
    assert degrees.min() < -30 and degrees.max() > 30
    assert degrees.abs().max() <= 41


def test_shift_is_a_share_of_each_side() -> None:
    place = places(Augmentation(shift=0.2)(dots(0, 0), generator()))
    for axis, size in enumerate((ROWS, COLUMNS)):
        assert 0.15 * size < place[:, axis].abs().max() <= 0.2 * size + 0.3
    assert place.mean(0).abs().max() < 1.5


def test_zoom_scales_about_the_centre() -> None:
    ratio = places(Augmentation(zoom=0.25)(dots(9, 12), generator())) / torch.tensor([9, 12])
    torch.testing.assert_close(ratio[:, 0], ratio[:, 1], atol=0.02, rtol=0)
    assert 0.74 < ratio.min() < 0.8
    assert 1.2 < ratio.max() < 1.26


def test_rotation_then_flip_is_still_a_rigid_motion() -> None:
    place = places(Augmentation(rotation=30, flip=0.5)(dots(5, 12), generator()))
    torch.testing.assert_close(place.norm(dim=1), torch.full((200,), 13.0), atol=0.3, rtol=0)


def test_brightness_and_contrast() -> None:
    x = noise(200)
    brighter = Augmentation(brightness=0.5)(x, generator()) - x
    assert brighter.std((1, 2, 3)).max() < 1e-5, "one value for each image"
    assert 0.45 < brighter.mean((1, 2, 3)).abs().max() <= 0.5
    ratio = Augmentation(contrast=0.3)(x, generator()) / x
    assert ratio.std((1, 2, 3)).max() < 1e-3
    assert 0.69 < ratio.mean((1, 2, 3)).min() < 0.75
    assert 1.25 < ratio.mean((1, 2, 3)).max() < 1.31


def test_erased_are_rectangles_of_mean_grey_in_some_images() -> None:
    erased = Augmentation(erase=0.5)(torch.ones(400, 1, ROWS, COLUMNS), generator()) == 0
    area = erased.float().mean((1, 2, 3))
    assert 0.4 < (area > 0).float().mean() < 0.6
    assert area[area > 0].min() > 0.01 and area.max() < 0.27
    for image in erased[area > 0, 0]:
        rows, columns = image.any(1), image.any(0)
        assert torch.equal(image, rows[:, None] & columns), "a rectangle"
        assert 1 / 5 < rows.sum() / columns.sum() < 5


@pytest.mark.parametrize("name", ["s2", "modern"])
def test_geometry_invents_no_grey_value(name: str) -> None:
    strengths = AUGMENTATIONS[name]
    geometry = Augmentation(rotation=strengths.rotation, shift=strengths.shift, zoom=strengths.zoom, flip=strengths.flip)
    changed = geometry(noise(), generator())
    assert changed.min() >= noise().min() and changed.max() <= noise().max()
    assert not changed.isnan().any()


@pytest.mark.parametrize("name", ["s2", "modern"])
def test_each_image_is_changed_in_its_own_way_and_again_the_same(name: str) -> None:
    x = noise(1).expand(16, -1, -1, -1)
    once = AUGMENTATIONS[name](x, generator())
    assert torch.equal(once, AUGMENTATIONS[name](x, generator()))
    assert len(torch.unique(once.flatten(1), dim=0)) == 16
    assert torch.equal(x, noise(1).expand(16, -1, -1, -1)), "the input is left alone"


@pytest.mark.parametrize("name", ["s2", "modern"])
def test_a_batch_is_resampled_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = functional.grid_sample
    monkeypatch.setattr(functional, "grid_sample", lambda x, *rest, **named: calls.append(len(x)) or real(x, *rest, **named))
    AUGMENTATIONS[name](noise(100), generator())
    assert calls == [100]


def test_s2_is_as_published() -> None:
    assert AUGMENTATIONS["s2"] == Augmentation(rotation=40, shift=0.2, zoom=0.05, flip=0.5)


def test_mixup_blends_images_as_it_weighs_labels() -> None:
    labels = torch.arange(64)
    x = functional.one_hot(labels).float()[:, None, None]  # an image shows its label
    torch.manual_seed(0)
    blended, targets = mixup(x, labels, 0.4)
    (own, share), (other, rest) = targets
    assert share + rest == 1 and share >= 0.5 and torch.equal(own, labels)
    expected = share * functional.one_hot(own, 64) + rest * functional.one_hot(other, 64)
    torch.testing.assert_close(blended[:, 0, 0], expected)
    assert sorted(other.tolist()) == labels.tolist()


def test_mixup_can_be_off() -> None:
    x = noise()
    same, targets = mixup(x, torch.arange(8), 0.0)
    assert same is x and math.isclose(targets[0][1], 1) and len(targets) == 1
