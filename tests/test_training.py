"""Training: it learns, chooses on validation alone, and a killed one ends in the bytes of an undisturbed one."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from reportgen import epochs, plugins, training
from reportgen.core import Place, Spec
from reportgen.errors import StepError
from reportgen.networks import Standardise, load_weights, predict, save_weights
from reportgen.optimisers import Schedule, plateaus
from reportgen.training import Data, Fitted, fit, stratified

SIZE = 12


def tiny(seed: int = 0) -> nn.Module:
    """A network with all that a training has to keep: normalisation, dropout, convolution."""
    torch.manual_seed(seed)
    convolution = nn.Sequential(nn.Conv2d(1, 6, 3, stride=2), nn.BatchNorm2d(6), nn.ReLU(), nn.Dropout(0.2))
    return nn.Sequential(convolution, nn.Flatten(), nn.Linear(6 * 5 * 5, 3))


def squares(samples: int = 180, noise: float = 60) -> Data:
    """Three classes: a bright square at one of three places in noise; the last third is for validation."""
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 3, samples)
    images = rng.normal(100, noise, (samples, SIZE, SIZE))
    for image, label in zip(images, labels, strict=True):
        image[4 * label : 4 * label + 4, 4:8] += 60
    train = np.arange(samples * 2 // 3)
    return Data(images.clip(0, 255).astype(np.uint8), labels, train, np.arange(len(train), samples))


def place(checkpoint: Path | None = None, progress: Callable[[int, int, str], None] = lambda *_: None, seed: int = 3) -> Place:
    return Place(device="cpu", seed=seed, checkpoint=checkpoint, progress=progress)


def contents(model: nn.Module) -> bytes:
    return b"".join(value.numpy().tobytes() for value in model.state_dict().values())


class Killed(Exception):
    pass


def kill_in_epoch(epoch: int, epochs: int) -> Callable[[int, int, str], None]:
    def progress(done: int, total: int, text: str) -> None:
        if done > (epoch - 1) * total / epochs:
            raise Killed

    return progress


RECIPES: dict[str, dict[str, Any]] = {
    "adam": {"optimizer": "adam", "weight_decay": 0.1, "augment": "s2", "choose": "validation_accuracy"},
    "rmsprop": {"optimizer": "rmsprop", "schedule": "plateau", "plateau_patience": 1, "learning_rate": 0.02},
    "sgd": {"optimizer": "sgd", "schedule": "cosine", "warm_up": 2, "learning_rate": 0.1, "mixup": 0.4, "clip": 1.0},
    "average": {"optimizer": "sgd", "ema": 0.9, "schedule": "decay", "decay": 0.1, "augment": "modern", "label_smoothing": 0.1},
    "patience": {"patience": 2, "learning_rate": 0.05},
    "last": {"choose": "last", "samples": 70, "shuffle": False},
}


@pytest.mark.parametrize("recipe", RECIPES)
def test_killed_and_continued_equals_undisturbed(recipe: str, tmp_path: Path) -> None:
    settings = {"epochs": 7, "batch": 32, **RECIPES[recipe]}
    undisturbed, killed = tiny(), tiny()
    expected = fit(undisturbed, squares(), place(), **settings)
    checkpoint = tmp_path / "checkpoint.safetensors"
    for epoch in (2, 3):  # twice: also a continued training can be killed
        with pytest.raises(Killed):
            fit(killed, squares(), place(checkpoint, kill_in_epoch(epoch, 7)), **settings)
        killed = tiny(seed=99)  # what comes after a kill knows nothing but the checkpoint
    done: list[int] = []
    continued = fit(killed, squares(), place(checkpoint, lambda update, *_: done.append(update)), **settings)
    assert done[0] > 0, "started again"
    assert contents(killed) == contents(undisturbed)
    assert continued == expected
    if recipe == "patience":
        assert expected.history["stopped"]


def test_checkpoint_of_every_epoch_continues_alike(tmp_path: Path) -> None:
    settings = {"epochs": 5, "batch": 32, "ema": 0.9, "augment": "s2"}
    expected = tiny()
    fit(expected, squares(), place(), **settings)
    for epoch in range(1, 6):
        checkpoint = tmp_path / f"{epoch}.safetensors"
        with pytest.raises(Killed):
            fit(tiny(), squares(), place(checkpoint, kill_in_epoch(epoch, 5)), **settings)
        model = tiny(seed=epoch)
        if checkpoint.exists():
            fit(model, squares(), place(checkpoint), **settings)
            assert contents(model) == contents(expected)
    assert checkpoint.exists()


def test_training_ends_where_its_place_has_seen_enough(tmp_path: Path) -> None:
    """Also when it is continued: the epochs before count."""
    seen: list[int] = []

    def stop(rows: Any) -> bool:
        seen.append(len(rows))
        return len(rows) >= 3

    checkpoint = tmp_path / "checkpoint.safetensors"
    with pytest.raises(Killed):
        fit(tiny(), squares(), place(checkpoint, kill_in_epoch(3, 7)), epochs=7, batch=32)
    there = replace(place(checkpoint), stop=stop)
    history = fit(tiny(seed=9), squares(), there, epochs=7, batch=32).history
    assert history["stopped"] == 3 == len(history["epochs"])
    assert seen[-1] == 3
    assert seen[0] > 0, "a restored training is looked at before its next epoch"


def test_unshuffled_training_sees_one_class_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a folder of class folders is read; within a class the stored order holds."""
    seen: list[int] = []
    update = epochs._update

    def watched(state: Any, recipe: Any, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        seen.extend(labels.tolist())
        return update(state, recipe, images, labels)

    monkeypatch.setattr(epochs, "_update", watched)
    data = squares()
    stored = data.labels[data.train].tolist()
    history = fit(tiny(), data, place(), epochs=1, batch=32, shuffle=False, order="by_class").history
    assert seen == sorted(stored) != stored
    assert history["order"] == "by_class"
    seen.clear()
    fit(tiny(), data, place(), epochs=1, batch=32, shuffle=False)
    assert seen == stored


def test_grey_values_may_stay_as_they_are() -> None:
    assert fit(tiny(), squares(), place(), epochs=1, standardise=False).standardise == Standardise(0.0, 1.0)


def spoilt(checkpoint: Path, how: str) -> None:
    content = checkpoint.read_bytes()
    checkpoint.write_bytes({"truncated": content[: len(content) // 2], "empty": b"", "text": b"not a checkpoint" * 99}[how])


@pytest.mark.parametrize("how", ["truncated", "empty", "text"])
def test_damaged_checkpoint_is_said_and_ignored(how: str, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.safetensors"
    expected, model, news = tiny(), tiny(), []
    result = fit(expected, squares(), place(checkpoint), epochs=2)
    spoilt(checkpoint, how)
    again = fit(model, squares(), place(checkpoint, lambda *said: news.append(said)), epochs=2)
    assert news[0][0] == 0 and "is damaged" in news[0][2]
    assert again == result and contents(model) == contents(expected)


FOREIGN: dict[str, dict[str, Any]] = {"seed": {"seed": 4}, "settings": {"learning_rate": 0.002}, "data": {"noise": 61}}


@pytest.mark.parametrize("what", FOREIGN)
def test_checkpoint_of_another_training_is_said_and_ignored(what: str, tmp_path: Path) -> None:
    checkpoint, news, changed = tmp_path / "checkpoint.safetensors", [], dict(FOREIGN[what])
    fit(tiny(), squares(), place(checkpoint), epochs=2)
    seed, data = changed.pop("seed", 3), squares(noise=changed.pop("noise", 60))
    expected, model = tiny(), tiny()
    result = fit(expected, data, place(seed=seed), epochs=2, **changed)
    again = fit(model, data, place(checkpoint, lambda *said: news.append(said), seed), epochs=2, **changed)
    assert "another training" in news[0][2]
    assert again == result and contents(model) == contents(expected)


def test_no_half_written_file_stays(tmp_path: Path) -> None:
    fit(tiny(), squares(), place(tmp_path / "checkpoint.safetensors"), epochs=2)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.safetensors"]


def test_learns_and_beats_the_majority() -> None:
    data, model = squares(), tiny()
    fitted = fit(model, data, place(), epochs=12, learning_rate=0.01)
    said = predict(model, data.samples[data.validation], fitted.standardise, "cpu").argmax(1)
    labels = data.labels[data.validation]
    assert (said == labels).mean() > 0.9 > np.bincount(labels).max() / len(labels)


def test_images_may_be_memory_mapped(tmp_path: Path) -> None:
    data, one, two = squares(), tiny(), tiny()
    np.save(tmp_path / "images.npy", data.samples)
    mapped = replace(data, samples=np.load(tmp_path / "images.npy", mmap_mode="r"))
    assert fit(one, data, place(), epochs=1) == fit(two, mapped, place(), epochs=1)
    assert contents(one) == contents(two)


def test_same_seed_same_bytes_other_seed_other_bytes() -> None:
    one, two, other = tiny(), tiny(), tiny()
    settings = {"epochs": 2, "augment": "modern", "mixup": 0.2}
    assert fit(one, squares(), place(), **settings) == fit(two, squares(), place(), **settings)
    assert fit(other, squares(), place(seed=4), **settings)
    assert contents(one) == contents(two) != contents(other)


@pytest.mark.parametrize(("choose", "pick"), [("validation_loss", np.argmin), ("validation_accuracy", np.argmax)])
@pytest.mark.parametrize("ema", [0.0, 0.8])
def test_the_chosen_epochs_weights_are_kept(choose: str, pick: Any, ema: float) -> None:
    data, model = squares(noise=200), tiny()
    fitted = fit(model, data, place(), epochs=15, learning_rate=0.05, choose=choose, ema=ema)
    rows = fitted.history["epochs"]
    best = int(pick([row[choose] for row in rows]))
    assert fitted.history["chosen"] == rows[best]["epoch"] == best + 1
    assert best + 1 < len(rows), "the last epoch would be chosen anyway"
    logits = torch.from_numpy(predict(model, data.samples[data.validation], fitted.standardise, "cpu"))
    labels = torch.from_numpy(data.labels[data.validation])
    assert functional.cross_entropy(logits, labels).item() == pytest.approx(rows[best]["validation_loss"], abs=1e-5)
    assert (logits.argmax(1) == labels).float().mean().item() == pytest.approx(rows[best]["validation_accuracy"])


def test_early_stopping_waits_for_patience() -> None:
    fitted = fit(tiny(), squares(noise=120), place(), epochs=60, learning_rate=0.05, patience=3)
    history = fitted.history
    assert history["stopped"] == len(history["epochs"]) == history["chosen"] + 3 < 60
    assert fit(tiny(), squares(), place(), epochs=2).history["stopped"] is None


def test_validation_part_chooses_but_never_teaches() -> None:
    data = squares()
    upside_down = replace(data, samples=data.samples.copy(), labels=data.labels.copy())
    upside_down.samples[data.validation] = 255 - data.samples[data.validation]
    upside_down.labels[data.validation] = 2 - data.labels[data.validation]
    one, two = tiny(), tiny()
    fits = [fit(m, d, place(), epochs=3, choose="last") for m, d in ((one, data), (two, upside_down))]
    assert contents(one) == contents(two)
    assert fits[0].standardise == fits[1].standardise == Standardise.of(data.samples[data.train])


def test_no_validation_part() -> None:
    data = replace(squares(), validation=np.array([], np.int64))
    with pytest.raises(StepError, match="validation part is empty"):
        fit(tiny(), data, place(), epochs=2)
    history = fit(tiny(), data, place(), epochs=2, choose="last").history
    assert history["epochs"][1]["validation_loss"] is None and history["chosen"] == 2


def test_divergence_names_epoch_rate_and_remedy() -> None:
    with pytest.raises(StepError, match=r"diverged in epoch 1: loss .*, learning rate 1e\+30") as caught:
        fit(tiny(), squares(), place(), epochs=2, optimizer="sgd", learning_rate=1e30)
    assert "Lower learning_rate" in caught.value.hint


def test_constant_images_cannot_be_standardised() -> None:
    with pytest.raises(StepError, match="every pixel of the training part is 7"):
        fit(tiny(), replace(squares(), samples=np.full((180, SIZE, SIZE), 7, np.uint8)), place(), epochs=1)


def test_too_little_memory_names_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(nn.Conv2d, "forward", full)
    with pytest.raises(StepError, match="cpu has too little memory for batch = 64"):
        fit(tiny(), squares(), place(), epochs=1)


def test_progress_counts_updates_and_tells_the_last_epoch() -> None:
    said: list[tuple[int, int, str]] = []
    rows = fit(tiny(), squares(), place(progress=lambda *news: said.append(news)), epochs=2, batch=50).history["epochs"]
    assert [done for done, _, _ in said] == sorted(done for done, _, _ in said)
    assert said[0] == (0, 6, "") and said[-1][:2] == (6, 6)
    assert (
        said[-1][2]
        == f"epoch 2: validation loss {rows[1]['validation_loss']:.3f}, accuracy {100 * rows[1]['validation_accuracy']:.1f} %"
    )


def test_smoke_is_eight_batches_and_marked() -> None:
    updates: list[int] = []
    fitted = fit(tiny(), squares(), place(progress=lambda done, *_: updates.append(done)), epochs=30, batch=8, smoke=True)
    assert fitted.history["smoke"] is True and len(fitted.history["epochs"]) == 1
    assert fitted.history["samples"] == {"train": 64, "validation": 60}
    assert max(updates) == 8


class Watching(nn.Module):
    """Notes which images come, by their first pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.seen = tiny(), list[float]()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.seen += x[:, 0, 0, 0].tolist()
        return self.inner(x)  # type: ignore[no-any-return]


@pytest.mark.parametrize("shuffle", [True, False])
def test_each_sample_once_an_epoch(shuffle: bool) -> None:
    model, data = Watching(), squares()
    fitted = fit(model, data, place(), epochs=2, batch=50, shuffle=shuffle)
    expected = ((data.samples[data.train, 0, 0].astype(np.float32) - fitted.standardise.mean) / fitted.standardise.sd).tolist()
    first, second = model.seen[: len(expected)], model.seen[len(expected) :]
    assert sorted(first) == sorted(second) == pytest.approx(sorted(expected))
    assert (first == pytest.approx(expected)) is not shuffle
    assert (first == second) is not shuffle


def test_average_is_the_documented_one() -> None:
    data = replace(squares(), train=np.arange(64))
    averaged, plain = nn.Sequential(nn.Flatten(), nn.Linear(SIZE**2, 3)), nn.Sequential(nn.Flatten(), nn.Linear(SIZE**2, 3))
    plain.load_state_dict(averaged.state_dict())
    settings: dict[str, Any] = {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 0.1, "shuffle": False, "batch": 64}
    mean = plain[1].weight.detach().clone()
    x = Standardise.of(data.samples[:64])(torch.from_numpy(data.samples[:64]).unsqueeze(1))
    for update in range(4):
        loss = functional.cross_entropy(plain(x), torch.from_numpy(data.labels[:64]))
        gradients = torch.autograd.grad(loss, list(plain.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(plain.parameters(), gradients, strict=True):
                parameter.sub_(0.1 * gradient)
        decay = min(0.3, (1 + update) / (10 + update))
        mean = decay * mean + (1 - decay) * plain[1].weight.detach()
    fit(averaged, data, place(), epochs=4, ema=0.3, choose="last", **settings)
    torch.testing.assert_close(averaged[1].weight.detach(), mean)
    assert not torch.allclose(mean, plain[1].weight, atol=1e-3)


@pytest.mark.parametrize(("decay", "expected"), [(0.0, 1.0), (0.5, 0.5)])
def test_weights_decay_and_biases_do_not(decay: float, expected: float) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(SIZE**2, 3))
    nn.init.ones_(model[1].weight)
    nn.init.ones_(model[1].bias)
    data = replace(
        squares(),
        samples=np.where(np.arange(SIZE) % 2, 0, 255).astype(np.uint8)[None, None] + np.zeros((180, SIZE, 1), np.uint8),
    )
    fit(model, data, place(), epochs=1, batch=120, learning_rate=1e-9, weight_decay=decay * 1e9, choose="last")
    assert model[1].weight.mean().item() == pytest.approx(expected, abs=1e-3)
    assert model[1].bias.mean().item() == pytest.approx(1, abs=1e-3)


def schedule(name: Any, warm_up: int = 0, decay: float = 0.0) -> Schedule:
    return Schedule(name, learning_rate=0.8, updates=100, warm_up=warm_up, decay=decay, factor=0.5, patience=2)


def test_schedules() -> None:
    assert schedule("constant").rate(99, []) == 0.8
    assert schedule("decay", decay=0.01).rate(50, []) == pytest.approx(0.8 / 1.5)
    cosine = schedule("cosine", warm_up=10)
    assert [cosine.rate(u, []) for u in (0, 4, 9, 10)] == pytest.approx([0.08, 0.4, 0.8, 0.8])
    assert cosine.rate(55, []) == pytest.approx(0.4)
    assert 0 < cosine.rate(99, []) < 0.001
    assert schedule("plateau").rate(99, [3, 2, 2, 2, 1, 1, 1]) == pytest.approx(0.2)


@pytest.mark.parametrize(("losses", "expected"), [([], 0), ([3, 2, 1], 0), ([1, 2, 2], 1), ([1] * 5, 2), ([1, 2, 0, 1, 1], 1)])
def test_plateaus(losses: list[float], expected: int) -> None:
    assert plateaus(losses, 2) == expected


def test_learning_rates_are_used_and_noted() -> None:
    rows = fit(tiny(), squares(), place(), epochs=3, batch=60, schedule="decay", decay=0.5, learning_rate=0.01).history[
        "epochs"
    ]
    assert [row["learning_rate"] for row in rows] == pytest.approx([0.01 / 1.5, 0.01 / 2.5, 0.01 / 3.5])
    still = tiny()
    before = contents(still)
    fit(still, squares(), place(), epochs=1, batch=120, learning_rate=1e-30)
    assert contents(still)[:100] == before[:100]


def test_plateau_follows_the_validation_loss() -> None:
    settings: dict[str, Any] = {"schedule": "plateau", "plateau_patience": 1, "plateau_factor": 0.5, "learning_rate": 0.05}
    rows = fit(tiny(), squares(noise=200), place(), epochs=10, **settings).history["epochs"]
    losses = [row["validation_loss"] for row in rows]
    expected = [0.05 * 0.5 ** plateaus(losses[:epoch], 1) for epoch in range(10)]
    assert [row["learning_rate"] for row in rows] == pytest.approx(expected)
    assert expected[-1] < 0.03 and losses != sorted(losses, reverse=True)


def test_clip_limits_the_step() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(SIZE**2, 3))
    before = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
    fit(model, squares(), place(), epochs=1, batch=120, optimizer="sgd", momentum=0.0, learning_rate=1.0, clip=0.01)
    step = torch.nn.utils.parameters_to_vector(model.parameters()).detach() - before
    assert step.norm().item() == pytest.approx(0.01, rel=1e-3)


def test_stratified_keeps_proportions_and_order() -> None:
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    part = np.random.default_rng(0).permutation(1000)[:900]
    drawn = stratified(labels, part, 90, seed=1)
    assert np.abs(np.bincount(labels[drawn]) - np.bincount(labels[part]) / 10).max() <= 1
    assert np.array_equal(drawn, part[np.isin(part, drawn)])
    assert set(drawn) < set(stratified(labels, part, 200, seed=1))
    assert set(drawn) != set(stratified(labels, part, 90, seed=2))
    assert np.array_equal(stratified(labels, part, 0, seed=1), part)


def test_standardise_is_exact_and_lets_gradients_through() -> None:
    images = np.random.default_rng(0).integers(0, 256, (5000, 4, 4), np.uint8)
    standardise = Standardise.of(images)
    assert standardise.mean == pytest.approx(images.mean()) and standardise.sd == pytest.approx(images.std())
    x = torch.from_numpy(images).unsqueeze(1).float().requires_grad_()
    y = standardise(x)
    y.sum().backward()
    assert abs(y.mean().item()) < 1e-4 and y.std(correction=0).item() == pytest.approx(1, abs=1e-4)
    torch.testing.assert_close(x.grad, torch.full_like(x, 1 / standardise.sd))


@pytest.fixture(scope="module")
def trained() -> tuple[nn.Module, Fitted]:
    model = tiny()
    return model, fit(model, squares(), place(), epochs=3)


def test_predict_is_raw_logits_sample_by_sample(trained: tuple[nn.Module, Fitted], tmp_path: Path) -> None:
    model, fitted = trained
    np.save(tmp_path / "images.npy", squares().samples)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    whole = predict(model, mapped, fitted.standardise, "cpu")
    assert whole.shape == (180, 3) and whole.dtype == np.float32
    np.testing.assert_allclose(predict(model, mapped, fitted.standardise, "cpu", batch=7), whole, atol=1e-5)
    with torch.no_grad():
        own = model(fitted.standardise(torch.from_numpy(squares().samples).unsqueeze(1)))
    np.testing.assert_allclose(whole, own, atol=1e-5)


def test_views_average_probabilities(trained: tuple[nn.Module, Fitted]) -> None:
    model, fitted = trained
    images = squares().samples
    mirrored = images[:, :, ::-1]
    flip = predict(model, images, fitted.standardise, "cpu", views="flip")
    one, other = (torch.from_numpy(predict(model, x, fitted.standardise, "cpu")).softmax(1) for x in (images, mirrored))
    np.testing.assert_allclose(np.exp(flip), (one + other) / 2, atol=1e-5)
    ten = predict(model, images, fitted.standardise, "cpu", views="ten_crop")
    np.testing.assert_allclose(np.exp(ten).sum(1), 1, atol=1e-5)
    assert np.abs(ten - flip).max() > 1e-3


def test_ten_crops_are_corners_and_centre() -> None:
    class Shown(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            corners = torch.stack([x[:, 0, 0, 0], x[:, 0, 0, -1], x[:, 0, -1, 0], x[:, 0, -1, -1]], 1)
            self.views.append(corners[0].tolist())
            return corners

        views: list[list[float]] = []  # noqa: RUF012

    image = np.arange(24 * 24).reshape(1, 24, 24) % 256
    predict(Shown(), image.astype(np.uint8), Standardise(0, 1), "cpu", views="ten_crop")
    starts = [image[0, i, j] for i, j in ((0, 0), (0, 2), (2, 0), (2, 2), (1, 1))]
    assert [view[0] for view in Shown.views[:5]] == pytest.approx(starts, abs=12)
    assert [view[1] for view in Shown.views[5:]] == [view[0] for view in Shown.views[:5]]


def test_weights_come_back_and_are_the_same_bytes(trained: tuple[nn.Module, Fitted], tmp_path: Path) -> None:
    model, fitted = trained
    for name in ("one", "two"):
        save_weights(tmp_path / name, model, fitted.standardise)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    fresh = tiny(seed=8)
    assert load_weights(tmp_path / "one", fresh) == fitted.standardise
    images = squares().samples
    again = predict(fresh, images, fitted.standardise, "cpu")
    np.testing.assert_allclose(again, predict(model, images, fitted.standardise, "cpu"), atol=1e-6)


def test_settings_are_read_as_text_as_python_reads_them() -> None:
    fields = plugins.settings_of(Path(str(training.__file__)), "fit").model_fields
    signature = inspect.signature(fit).parameters
    keywords = {name: p for name, p in signature.items() if p.kind is p.KEYWORD_ONLY}
    assert {name: p.default for name, p in keywords.items()} == {name: field.default for name, field in fields.items()}


def test_small_network_learns_faces_that_a_linear_model_cannot() -> None:
    chunks = list(plugins.verb("dataset", "faces_sim")(samples=1200, seed=1))
    images, labels, origin = (np.concatenate([getattr(chunk, name) for chunk in chunks]) for name in ("x", "labels", "origin"))
    train, test = (np.flatnonzero(origin == part) for part in ("train", "test"))
    data = Data(images, labels, train[:-120], train[-120:])

    def accuracy(model: str, built: dict[str, Any], **settings: Any) -> float:
        torch.manual_seed(0)
        network = plugins.verb("model", model)(Spec(shape=(1, 48, 48), classes=7), **built)
        fitted = fit(network, data, place(), **settings)
        said = predict(network, images[test], fitted.standardise, "cpu").argmax(1)
        return float((said == labels[test]).mean())

    linear = accuracy("linear", {}, epochs=20, learning_rate=0.0003)
    network = accuracy("fer_gap_small", {"width": 8}, epochs=12, batch=32, learning_rate=0.004, schedule="cosine", warm_up=1)
    assert network > linear + 0.1
    assert network > 0.4, "chance is 0.14"
