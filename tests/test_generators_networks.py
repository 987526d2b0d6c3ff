"""Adversarial generators: what they learn, what they refuse, and that a kill changes nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from reportgen.core import Place
from reportgen.errors import UsageError
from reportgen.generators import gan_dense, wgan_de, wgan_raw
from reportgen.generators._choosing import Choice
from reportgen.generators._octave_start import heard
from reportgen.generators._octaves import OctaveGenerator
from reportgen.generators._scale import Scale
from reportgen.synthetic import Domain, Learnable, Made, Real

SMALL: dict[Any, dict[str, Any]] = {
    gan_dense: {"epochs": 2, "units": 16},
    wgan_de: {"epochs": 2, "units": 16, "blocks": 1, "critic_updates": 2},
    wgan_raw: {"epochs": 2, "units": 16, "maps": 4, "critic_updates": 2},
}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def _real(rng: np.random.Generator, shape: tuple[int, ...], trials: int, prefix: str) -> Real:
    """Noise around 10 with SD 2; class 1 is higher by 6 in the first number or channel, by trials of four windows."""
    labels = np.repeat(np.arange(trials) % 2, 4)
    x = 10 + 2 * rng.standard_normal((len(labels), *shape))
    x[:, 0] += 6 * labels.reshape(-1, *[1] * (len(shape) - 1))
    trial = np.repeat([f"{prefix}{number}" for number in range(trials)], 4)
    return Real(x=x.astype(np.float32), labels=labels, trial=trial)


def _known(shape: tuple[int, ...], axes: tuple[str, ...], seed: int = 0, trials: int = 12) -> Learnable:
    rng = np.random.default_rng(seed)
    train, validation = _real(rng, shape, trials, "t"), _real(rng, shape, 4, "v")
    domain = Domain(
        shape=shape,
        axes=axes,
        unit="µV",
        classes=("low", "high"),
        channels=tuple(f"C{number}" for number in range(shape[0])),
        rate=64.0,
        bands=None,
    )
    return Learnable(domain=domain, train=train, validation=validation, wanted=train.labels[::-1].copy())


def _maps() -> Learnable:
    return _known((4, 3), ("channel", "band"))


def _signals() -> Learnable:
    """Each channel has another loudness; class 1 has a rhythm of 10 Hz in the first channel."""
    known = _known((4, 64), ("channel", "time"))
    rng = np.random.default_rng(1)

    def sound(part: Real) -> Real:
        x = rng.standard_normal(part.x.shape) * np.array([1, 2, 4, 8])[:, None]
        phase = rng.uniform(0, 2 * np.pi, (len(part), 1))
        x[:, 0] += 6 * part.labels[:, None] * np.sin(2 * np.pi * 10 * np.arange(64) / 64 + phase)
        return replace(part, x=x.astype(np.float32))

    return replace(known, train=sound(known.train), validation=sound(known.validation))


CASES: list[tuple[Any, Callable[[], Learnable]]] = [
    (gan_dense, _signals),
    (gan_dense, _maps),
    (wgan_de, _maps),
    (wgan_raw, _signals),
]


def _generate(generator: Any, known: Learnable, **settings: Any) -> Made:
    place = settings.pop("place", None) or Place(device="cpu", seed=settings.pop("seed", 0))
    made: Made = generator.generate(known, place, **SMALL[generator] | settings)
    return made


@pytest.mark.parametrize(("generator", "make"), CASES)
def test_gives_what_is_asked_for_and_equal_seeds_give_equal_bytes(generator: Any, make: Callable[[], Learnable]) -> None:
    known = make()
    known = replace(known, wanted=known.wanted[:7])
    first, second, other = (_generate(generator, known, seed=seed) for seed in (3, 3, 4))
    assert first.x is not None and second.x is not None and other.x is not None
    assert first.x.shape == (7, *known.domain.shape) and first.x.dtype == np.float32
    assert first.x.tobytes() == second.x.tobytes() != other.x.tobytes()
    assert first.course == second.course
    json.dumps([first.course, first.model], allow_nan=False)


@pytest.mark.parametrize(("generator", "make"), CASES)
def test_a_course_has_every_epoch_and_judges_the_last_critic(generator: Any, make: Callable[[], Learnable]) -> None:
    course, known = _generate(generator, make(), epochs=3).course, make()
    assert course is not None
    assert [row["epoch"] for row in course["epochs"]] == [1, 2, 3]
    assert set(course["epochs"][0]) == {
        "epoch",
        "generator_loss",
        "discriminator_loss",
        "accuracy_real",
        "accuracy_made",
        "gap",
        "penalty",
        "spectrum",
        "mmd",
    }
    assert course["updates"] == 3 * -(-len(known.train) // course["batch"])
    assert all(0 <= course["judged"][name] <= 1 for name in ("train", "validation", "made", "noise"))
    assert (course["chosen_by"] == "last") == (generator is gan_dense) == (course["floor"] is None)
    assert course["chosen"] in (1, 2, 3) and course["diverged"] == ""


@pytest.mark.parametrize(("generator", "make"), CASES)
def test_killed_and_continued_ends_in_the_same_bytes(generator: Any, make: Callable[[], Learnable], tmp_path: Any) -> None:
    class Killed(Exception):
        pass

    def kill(done: int, total: int, _: str) -> None:
        if done > total / 2:
            raise Killed

    known, file = make(), tmp_path / "checkpoint.safetensors"
    undisturbed = _generate(generator, known, epochs=4)
    with pytest.raises(Killed):
        _generate(generator, known, epochs=4, place=Place(device="cpu", seed=0, checkpoint=file, progress=kill))
    assert file.exists()
    begun: list[int] = []
    place = Place(device="cpu", seed=0, checkpoint=file, progress=lambda done, *_: begun.append(done))
    continued = _generate(generator, known, epochs=4, place=place)
    assert begun[0] > 0
    assert undisturbed.x is not None and continued.x is not None
    assert undisturbed.x.tobytes() == continued.x.tobytes() and undisturbed.course == continued.course


@pytest.mark.parametrize(("generator", "make"), CASES)
def test_tells_its_progress_before_the_first_update(generator: Any, make: Callable[[], Learnable]) -> None:
    class Enough(Exception):
        pass

    def stop(done: int, total: int, _: str) -> None:
        assert done == 0 < total
        raise Enough

    with pytest.raises(Enough):
        _generate(generator, make(), place=Place(device="cpu", seed=0, progress=stop))


@pytest.mark.parametrize(
    ("generator", "settings"),
    [(gan_dense, {"epochs": 100, "learning_rate": 0.001, "units": 64}), (wgan_de, {"epochs": 20})],
)
def test_classes_are_learned(generator: Any, settings: dict[str, Any]) -> None:
    known = _known((4, 3), ("channel", "band"), trials=60)
    made = _generate(generator, known, **settings)
    assert made.x is not None
    low, high = (made.x[known.wanted == label, 0].mean() for label in (0, 1))
    tolerance = 4 if generator is gan_dense else 1  # the plain game goes round in circles
    assert low == pytest.approx(10, abs=tolerance) and high == pytest.approx(16, abs=tolerance) and high - low > 1.5
    assert made.x[:, 1:].mean() == pytest.approx(10, abs=1)


def test_the_course_tells_what_the_start_is_worth() -> None:
    course = _generate(wgan_de, _maps()).course
    assert course is not None and set(course["start"]) == set(course["floor"]) == {"spectrum", "mmd"}
    other = _generate(gan_dense, _maps()).course
    assert other is not None and other["start"] is None, "what keeps its last epoch is compared with nothing"


def test_signals_have_the_loudness_and_the_rhythm_of_their_class() -> None:
    known = _signals()
    known = replace(known, wanted=np.repeat([0, 1], 60))
    made = _generate(wgan_raw, known, epochs=10)
    assert made.x is not None
    assert made.x[:60].std((0, 2)) == pytest.approx(known.train.x[known.train.labels == 0].std((0, 2)), rel=0.35)
    power = [np.exp(heard(made.x[known.wanted == label]))[0, 8:13].sum() for label in (0, 1)]
    assert power[1] > 4 * power[0]


def test_validation_only_chooses() -> None:
    known = _maps()
    other = replace(known, validation=replace(known.validation, x=known.validation.x * 3 + 50))
    one, two = (_generate(wgan_de, which, epochs=6).course for which in (known, other))
    assert one is not None and two is not None
    for name in ("generator_loss", "discriminator_loss", "gap", "penalty"):
        assert [row[name] for row in one["epochs"]] == [row[name] for row in two["epochs"]]
    assert [row["mmd"] for row in one["epochs"]] != [row["mmd"] for row in two["epochs"]]


def test_without_a_validation_part_the_last_epoch_is_kept() -> None:
    known = _maps()
    nothing = Real(x=known.validation.x[:0], labels=known.validation.labels[:0], trial=known.validation.trial[:0])
    course = _generate(wgan_de, replace(known, validation=nothing), epochs=3).course
    assert course is not None
    assert (course["chosen"], course["chosen_by"], course["floor"]) == (3, "last", None)
    assert course["judged"]["validation"] is None


def test_the_kept_epoch_is_the_nearest_to_the_validation_part() -> None:
    known = _maps()
    choice, course = Choice.of(known), _generate(wgan_de, known, epochs=8, learning_rate=0.01).course
    assert choice is not None and course is not None
    badness = [choice.badness({name: row[name] for name in ("spectrum", "mmd")}) for row in course["epochs"]]
    assert course["chosen"] == 1 + int(np.argmin(badness))


@pytest.mark.parametrize(("generator", "make"), CASES)
def test_a_diverged_training_keeps_its_curves(generator: Any, make: Callable[[], Learnable]) -> None:
    made = _generate(generator, make(), learning_rate=1e30, epochs=5)
    assert made.x is None and made.course is not None
    assert made.diverged.startswith("epoch ") and made.course["diverged"] == made.diverged
    assert made.course["epochs"]
    json.dumps(made.course, allow_nan=False)


@pytest.mark.parametrize(
    ("generator", "shape", "axes", "told"),
    [
        (wgan_raw, (4, 3), ("channel", "band"), "62 × 128 (channel, time), not 4 × 3 (channel, band)"),
        (wgan_de, (4, 64), ("channel", "time"), "not 4 × 64 (channel, time)"),
    ],
)
def test_samples_that_it_cannot_make_are_refused_with_both_shapes(
    generator: Any, shape: tuple[int, ...], axes: tuple[str, ...], told: str
) -> None:
    with pytest.raises(UsageError) as caught:
        _generate(generator, _known(shape, axes))
    assert told in caught.value.message and caught.value.hint


def test_a_dense_layer_that_is_too_large_is_refused_with_its_weights() -> None:
    known = _maps()
    known = replace(known, domain=replace(known.domain, shape=(62, 10_000), axes=("channel", "time")))
    with pytest.raises(UsageError, match=r"256 units to 62 × 10000 \(channel, time\) has 159 million weights") as caught:
        gan_dense.generate(known, Place(device="cpu", seed=0))
    assert 'channels = "one"' in caught.value.hint


def test_one_channel_a_sample() -> None:
    known = _signals()
    made = _generate(gan_dense, known, channels="one", epochs=60, learning_rate=0.002, units=32)
    assert made.x is not None and made.x.shape == known.train.x.shape
    assert made.model is not None and made.model["generator"]["layers"][-1]["shape"] == [64]
    loudness = made.x.std((0, 2))
    assert loudness[3] > 2 * loudness[1]
    with pytest.raises(UsageError, match=r"not 2 × 3 × 3 \(band, row, column\)"):
        _generate(gan_dense, _known((2, 3, 3), ("band", "row", "column")), channels="one")


@pytest.mark.parametrize(
    ("shape", "axes"), [((2, 3, 3), ("band", "row", "column")), ((2, 2, 3, 3), ("slice", "band", "row", "column"))]
)
@pytest.mark.parametrize("generator", [gan_dense, wgan_de])
def test_grids_and_films_keep_what_never_varies(generator: Any, shape: tuple[int, ...], axes: tuple[str, ...]) -> None:
    known = _known(shape, axes)
    for part in (known.train, known.validation):
        part.x[..., 0, 0] = 0
        part.x[..., 2, 2] = 7
    made = _generate(generator, known)
    assert made.x is not None and made.x.shape[1:] == shape
    assert (made.x[..., 0, 0] == 0).all() and (made.x[..., 2, 2] == 7).all() and made.x[..., 1, 1].std() > 0.1


@pytest.mark.parametrize("times", [9, 50, 131, 400])
def test_signals_of_any_length(times: int) -> None:
    made = _generate(wgan_raw, _known((3, times), ("channel", "time")), epochs=1)
    assert made.x is not None and made.x.shape[1:] == (3, times)
    assert np.isfinite(made.x).all()


def test_octaves_leave_no_images_of_themselves() -> None:
    """Slow signals stay slow: what is above them is as small as in the signals that the generator starts from."""
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft(rng.standard_normal((200, 2, 256)))
    spectrum[..., 33:] *= 0.01  # below 1/8 of the rate
    x = np.fft.irfft(spectrum)[..., 64:192].astype(np.float32)
    x /= x.std()
    torch.manual_seed(0)
    generator = OctaveGenerator.started(x, np.zeros(200, int), 1, size=50, style=8, maps=2, seed=0)
    with torch.no_grad():
        made = generator(torch.zeros(200, dtype=torch.int64)).numpy()
    difference = 10 / np.log(10) * (heard(made) - heard(x)).mean(0)
    assert np.abs(difference[2:12]).max() < 3
    assert difference[24:].max() < 3


def test_one_sample_that_is_far_out_does_not_set_the_scale() -> None:
    known = _signals()
    known.train.x[0] *= 1000
    assert Scale.of(known).sd.flatten()[1:].tolist() == pytest.approx([2, 4, 8], rel=0.1)
    x = known.train.x
    assert Scale.of(known).back(Scale.of(known).there(x)) == pytest.approx(x, rel=1e-4, abs=1e-3)
    bent = Scale.of(_maps(), 3.0)
    assert bent.back(bent.there(_maps().train.x)) == pytest.approx(_maps().train.x, rel=1e-4)
