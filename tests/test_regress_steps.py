"""Steps prepare, regress and assess, one after another, on segments of which it is known what tells what."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from reportgen import plugins
from reportgen.core import TEST, TRAIN, UNUSED, VALIDATION
from reportgen.errors import StepError, UsageError
from reportgen.outputs import Inputs, Output
from reportgen.regression.contract import Wanted
from reportgen.steps import assess, prepare, regress
from reportgen.steps.regress import sets_of
from reportgen.work import Work
from tests.factories import of, out_in

EMOTIONS = ("happy", "sad", "fear")
SET = {"dataset": "videos"}
ABOUT = {**SET, "experiment": "first"}
VIDEOS, EACH = 30, 8
KEYS: Mapping[str, Mapping[str, Any]] = {"knn": {"k": 10}, "ridge": {}, "lstm": {"units": 6, "epochs": 4}}


def intensities() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.clip(np.round(rng.normal([0.6, 0.3, 0.0], 0.9, (VIDEOS * EACH, 3)) * 3) / 3, 0, 3).astype(np.float32)


def loaded(folder: Path, *, unrated: Sequence[int] = (), parts: np.ndarray | None = None, **kept: Any) -> list[Output]:
    """Of steps `load` and `split`: the face tells everything, windows of a voice only happiness, words whether it is happy."""
    out, split, rng = out_in(folder, "load"), out_in(folder, "split"), np.random.default_rng(1)
    y = intensities()
    face = y @ rng.standard_normal((3, 5)) + 0.1 * rng.standard_normal((len(y), 5))
    voice = y[:, None, :1] + 0.3 * rng.standard_normal((len(y), 4, 2))
    face[4, 2] = np.nan
    words = [" ".join(rng.choice(("joy", "fun", "film") if happy else ("dull", "grey", "film"), 5)) for happy in y[:, 0] > 0.5]
    y[list(unrated)] = np.nan
    out.json("facts", {"classes": EMOTIONS, "scale": [0, 3], "whole": "video", "redistribute": False})
    out.array("intensities", y, ("segment", "emotion"))
    video = np.repeat([f"v{number:02d}" for number in range(VIDEOS)], EACH)
    np.savez(out.path("segments", ".npz"), video=video)
    given = {"face": face.astype(np.float32), "voice": voice.astype(np.float32)} | kept
    np.savez(out.path("modalities", ".npz", restricted=True), **given)
    out.array("transcripts", np.array(words), ("segment",), restricted=True)
    by_video = np.repeat(np.array([TRAIN, TRAIN, VALIDATION, TRAIN, TEST], np.uint8)[np.arange(VIDEOS) % 5], EACH)
    split.array("parts", by_video if parts is None else parts, ("segment",))
    split.json("split", {"name": "holdout"})
    return [*of(out, **SET), *of(split, **ABOUT)]


def prepared(folder: Path, given: Sequence[Output], modalities: Sequence[str] = (), **text: int) -> list[Output]:
    out = out_in(folder, "prepare")
    text = {"terms": 100, "components": 2, "least": 2} | text
    prepare.run(Inputs(given), out, None, modalities=list(modalities), text=text)
    return [*given, *of(out, **ABOUT)]


def regressed(folder: Path, given: Sequence[Output], key: str, seed: int, name: str = "") -> list[Output]:
    out = out_in(folder, name or f"regress {key} {seed}")
    work = Work(out_in(folder, f"work {name} {key} {seed}").folder, {}, "cpu", 1)
    regress.run(Inputs(given), out, work, use=key, settings=dict(KEYS[key]), key=key, seed=seed)
    return of(out, **ABOUT, regressor=key, seed=str(seed))


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    folder = tmp_path_factory.mktemp("ready")
    return prepared(folder, loaded(folder, unrated=(3, 20, 35)))


@pytest.fixture(scope="module")
def models(ready: list[Output], tmp_path_factory: pytest.TempPathFactory) -> list[Output]:
    folder = tmp_path_factory.mktemp("models")
    return [output for key in KEYS for seed in (0, 1) for output in regressed(folder, ready, key, seed)]


@pytest.fixture(scope="module")
def found(ready: list[Output], models: list[Output], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = out_in(tmp_path_factory.mktemp("assessed"), "assess")
    kinds = ("facts", "intensities", "segments", "parts", "split", "regressor", "estimates")
    inputs = Inputs([output for output in [*ready, *models] if output.kind in kinds])
    assess.run(inputs, out, None, resamples=200, seed=0)
    return dict(json.loads((out.folder / "regression.json").read_text()))


def test_inputs_are_prepared_and_told_of(ready: list[Output]) -> None:
    inputs = Inputs(ready)
    arrays, told = inputs.one("prepared"), inputs.one("preparation")
    assert {name: x.shape[1:] for name, x in arrays.items()} == {"face": (5,), "voice": (4, 2), "text": (2,)}
    assert told["left_out"] == 3 and told["trained"] == {"segments": 18 * EACH - 1, "videos": 18}
    assert told["modalities"]["face"]["missing"] == pytest.approx(1 / (240 * 5))
    assert "joy" in inputs.one("vocabulary") and "face/mean" in inputs.one("preparation_arrays")
    assert Inputs(ready, public=True).restricted and "prepared" not in Inputs(ready, public=True)


def test_models_of_each_modality_and_of_all(ready: list[Output], models: list[Output]) -> None:
    told = Inputs(models).one("regressor", regressor="lstm", seed="1")
    assert list(told["sets"]) == ["face", "voice", "text", "all"]
    wanted = told["sets"]["all"]["wanted"]
    assert (wanted["windows"], wanted["features"], wanted["emotions"], wanted["rows"]) == (4, 9, 3, 143)
    assert told["sets"]["face"]["wanted"]["windows"] == 1 and told["sets"]["all"]["modalities"] == ["face", "voice", "text"]
    assert told["sets"]["face"]["parameters"] > 0 and len(told["sets"]["face"]["course"]["epochs"]) == 4
    assert (told["title"], told["sort"], told["seed"]) == ("LSTM", "network", 1)
    plain = Inputs(models).one("regressor", regressor="knn", seed="0")
    assert plain["sets"]["all"]["parameters"] is None and plain["sets"]["all"]["course"] is None
    assert plain["trained"] == {"segments": 143, "videos": 18}


def test_estimates_are_of_rated_segments_and_in_the_scale(ready: list[Output], models: list[Output]) -> None:
    parts = np.asarray(Inputs(ready).one("parts"))
    for _, said in Inputs(models).all("estimates"):
        for name, part in (("validation", VALIDATION), ("test", TEST)):
            rows = said[f"{name}/segments"]
            assert np.array_equal(rows, np.setdiff1d(np.flatnonzero(parts == part), (3, 20, 35))) and rows.dtype == np.int32
            for which in ("face", "voice", "text", "all"):
                values = said[f"{which}/{name}"]
                assert values.shape == (len(rows), 3) and values.dtype == np.float32
                assert values.min() >= 0 and values.max() <= 3
    linear = Inputs(models).one("estimates", regressor="ridge", seed="0")
    assert (linear["face/test"] == 0).any(), "cut"


def test_stored_models_predict_the_same(ready: list[Output], models: list[Output]) -> None:
    arrays, _ = sets_of(Inputs(ready).one("prepared"))
    video = np.unique(Inputs(ready).one("segments")["video"], return_inverse=True)[1]
    for key, settings in KEYS.items():
        about = {"regressor": key, "seed": "0"}
        told, said = (Inputs(models).one(kind, **about) for kind in ("regressor", "estimates"))
        tensors = load_file(Inputs(models).one("regressor_weights", **about))
        for name, one in told["sets"].items():
            model = plugins.verb("regressor", key)(Wanted(**one["wanted"]), **settings)
            own = {k.partition("/")[2]: tensor for k, tensor in tensors.items() if k.startswith(f"{name}/")}
            model.load_state_dict(own)
            rows = said["test/segments"]
            again = np.clip(model.predict(arrays[name][1][rows], video[rows]), 0, 3)
            np.testing.assert_array_equal(again, said[f"{name}/test"])


def test_seeds_change_networks_only(ready: list[Output], models: list[Output], tmp_path: Path) -> None:
    for key in KEYS:
        first, second = (one["face/test"] for _, one in Inputs(models).all("estimates", regressor=key))
        assert np.array_equal(first, second) == (key != "lstm")
    torch.manual_seed(99)
    again = Inputs(regressed(tmp_path, ready, "lstm", 1)).one("estimates")
    assert np.array_equal(again["all/test"], Inputs(models).one("estimates", regressor="lstm", seed="1")["all/test"])


def test_the_test_part_is_not_learned_from(tmp_path: Path, ready: list[Output], models: list[Output]) -> None:
    """Other ratings of it change nothing."""
    out = out_in(tmp_path, "other")
    y = np.array(Inputs(ready).one("intensities"))
    test = np.asarray(Inputs(ready).one("parts")) == TEST
    y[test] = 3 - y[test]
    out.array("intensities", y, ("segment", "emotion"))
    other = [output for output in ready if output.kind != "intensities"] + of(out, **SET)
    said = Inputs(regressed(tmp_path, other, "ridge", 0)).one("estimates")
    assert np.array_equal(said["all/test"], Inputs(models).one("estimates", regressor="ridge", seed="0")["all/test"])


def test_what_is_assessed(found: dict[str, Any]) -> None:
    assert (found["n"], found["videos"], found["seeds"]) == (47, 6, [0, 1])
    assert found["train"] == {"segments": 143, "videos": 18} and found["sets"] == ["face", "voice", "text", "all"]
    each = {one["id"]: one for one in found["candidates"]}
    assert list(each)[-3:] == ["zero", "median", "mean"] and len(each) == 15
    face = each["ridge/face"]
    assert face["scores"]["pearson"]["mean"] > 0.9 and face["scores"]["skill"]["low"] > 0.3
    assert face["collapse"]["verdict"] == "healthy" and face["sort"] == "linear"
    text = each["ridge/text"]["emotions"]
    assert text["happy"]["pearson"]["mean"] > 0.5 > 0.3 > text["fear"]["pearson"]["mean"]
    assert each["ridge/all"]["scores"]["mae"]["mean"] < each["median"]["scores"]["mae"]["mean"]


def test_scores_of_seeds_are_averaged(found: dict[str, Any], ready: list[Output], models: list[Output]) -> None:
    said = [one for _, one in Inputs(models).all("estimates", regressor="lstm")]
    truth = np.asarray(Inputs(ready).one("intensities"))[said[0]["test/segments"]]
    each = [np.abs(one["face/test"].astype(float) - truth).mean() for one in said]
    told = next(one for one in found["candidates"] if one["id"] == "lstm/face")
    assert told["scores"]["mae"]["mean"] == pytest.approx(np.mean(each)) and each[0] != each[1]


def test_a_single_modality_has_no_set_of_all(tmp_path: Path) -> None:
    given = prepared(tmp_path, loaded(tmp_path), ["text"])
    assert list(Inputs(given).one("prepared")) == ["text"]
    assert list(Inputs(regressed(tmp_path, given, "knn", 0)).one("regressor")["sets"]) == ["text"]


def test_other_numbers_of_windows_cannot_lie_side_by_side(tmp_path: Path) -> None:
    pose = np.random.default_rng(0).standard_normal((VIDEOS * EACH, 7, 2)).astype(np.float32)
    given = prepared(tmp_path, loaded(tmp_path, pose=pose), ["voice", "pose"])
    told = Inputs(regressed(tmp_path, given, "knn", 0)).one("regressor")
    assert list(told["sets"]) == ["voice", "pose"] and "4 and 7 windows" in told["notes"][0]


# bad input


def test_a_modality_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown modality 'vioce': did you mean 'voice'"):
        prepared(tmp_path, loaded(tmp_path), ["face", "vioce"])


def test_nothing_that_varies(tmp_path: Path) -> None:
    flat = np.ones((VIDEOS * EACH, 3), np.float32)
    with pytest.raises(StepError, match="no feature varies"):
        prepared(tmp_path, loaded(tmp_path, flat=flat), ["flat"])


@pytest.mark.parametrize(("missing", "name"), [(VALIDATION, "validation"), (TEST, "test"), (TRAIN, "train")])
def test_a_part_without_segments(missing: int, name: str, tmp_path: Path) -> None:
    parts = np.repeat(np.array([TRAIN, VALIDATION, TEST], np.uint8)[np.arange(VIDEOS) % 3], EACH)
    parts[parts == missing] = UNUSED
    given = loaded(tmp_path, parts=parts)

    def build() -> None:
        regressed(tmp_path, prepared(tmp_path, given), "knn", 0)

    with pytest.raises(StepError, match=f"no rated segments for the part {name}"):
        build()
