"""The table of a search: what cannot be tried is said before the first trial, with its place and the parameter's range."""

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from reportgen.plugins import settings
from reportgen.search import Choices, Range, Tune, parameters, space_faults

MODEL = SimpleNamespace(use="fer_gap_small", settings=settings("model", "fer_gap_small")().model_dump(mode="json"))
LINEAR = SimpleNamespace(use="linear", settings={})


def tune(space: Any, **others: Any) -> Tune:
    return Tune.model_validate({"space": space, **others})


def said(space: Any, model: Any = MODEL) -> list[tuple[tuple[str, ...], str]]:
    return space_faults(tune(space), model, {})


def refused(space: Any, **others: Any) -> dict[str, str]:
    """{place: message} of what is no table at all."""
    with pytest.raises(ValidationError) as caught:
        tune(space, **others)
    return {".".join(map(str, error["loc"])): error["msg"] for error in caught.value.errors()}


def test_a_space_that_fits_has_no_faults() -> None:
    space = {
        "model.width": {"low": 8, "high": 32, "step": 8},
        "model.dropout": {"low": 0, "high": 0.3, "step": 0.1},  # three steps, though not in binary
        "train.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
        "train.batch": {"low": 16, "high": 256, "log": True},
        "train.optimizer": {"choices": ["adam", "sgd"]},
        "train.shuffle": {"choices": [True, False]},
        "train.weight_decay": {"choices": [0, 0.01]},
    }
    assert said(space) == []
    read = tune(space)
    assert read.space["model.width"] == Range(low=8, high=32, step=8)
    assert read.space["train.shuffle"] == Choices(choices=[True, False])
    assert (read.trials, read.epochs, read.reduction, read.sampler, read.objective, read.processes) == (
        *(20, 10, 3, "tpe", "validation_accuracy"),
        1,
    )


def test_no_trial_could_be_stopped_before_the_end() -> None:
    (fault,) = space_faults(tune({"train.learning_rate": {"low": 1e-4, "high": 1e-2}}, epochs=4, least=5), LINEAR, {})
    assert fault[0] == ("least",)
    assert "least = 5 is more than epochs = 4" in fault[1]


def test_numbers_stay_whole_in_json() -> None:
    table = tune({"model.width": {"low": 8, "high": 32, "step": 8}, "train.batch": {"choices": [16, 32]}}).model_dump(
        mode="json"
    )
    assert table["space"] == {
        "model.width": {"low": 8, "high": 32, "step": 8, "log": False},
        "train.batch": {"choices": [16, 32]},
    }
    assert isinstance(table["space"]["model.width"]["low"], int)


@pytest.mark.parametrize(
    ("name", "values", "place", "words"),
    [
        ("width", {"low": 1, "high": 2}, (), ["unknown parameter 'width'", "did you mean 'model.width'?"]),
        ("model.widht", {"low": 1, "high": 2}, (), ["did you mean 'model.width'?"]),
        ("train.learningrate", {"low": 1, "high": 2}, (), ["did you mean 'train.learning_rate'?"]),
        ("model.batch", {"low": 1, "high": 2}, (), ["unknown parameter 'model.batch'", "model.width"]),
        ("split.validation", {"low": 1, "high": 2}, (), ["unknown parameter"]),
        ("train.epochs", {"low": 1, "high": 9}, (), ["Hyperband", "`epochs` of tune"]),
        ("train.smoke", {"choices": [True, False]}, (), ["smoke"]),
        ("train.choose", {"choices": ["last"]}, (), ["best epoch"]),
        ("model.width", {"low": 0, "high": 8}, ("low",), ["width of fer_gap_small", "greater than or equal to 1", "0"]),
        ("model.width", {"low": 1.5, "high": 8}, ("low",), ["width of fer_gap_small", "valid integer", "1.5"]),
        ("model.dropout", {"low": 0, "high": 1}, ("high",), ["dropout of fer_gap_small", "less than 1", "1"]),
        ("train.learning_rate", {"low": 0, "high": 1}, ("low",), ["learning_rate of the training", "greater than 0"]),
        ("model.width", {"low": 8, "high": 8}, ("low",), ["low = 8 is not below high = 8"]),
        ("model.width", {"low": 9, "high": 8}, ("low",), ["low = 9 is not below high = 8"]),
        ("train.weight_decay", {"low": 0, "high": 1, "log": True}, ("log",), ["no place for low = 0"]),
        ("train.batch", {"low": 8, "high": 64, "step": 8, "log": True}, ("step",), ["leave one of them away"]),
        ("train.batch", {"low": 8, "high": 63, "step": 8}, ("step",), ["steps of 8 from 8 do not reach 63", "end at 56"]),
        ("model.dropout", {"low": 0, "high": 0.35, "step": 0.1}, ("step",), ["end at 0.3"]),
        ("model.width", {"low": 8, "high": 9, "step": 0.5}, ("step",), ["whole number greater than 0, not 0.5"]),
        ("model.width", {"low": 8, "high": 9, "step": 0}, ("step",), ["greater than 0, not 0"]),
        ("model.dropout", {"low": 0, "high": 0.5, "step": -0.1}, ("step",), ["greater than 0, not -0.1"]),
        ("train.optimizer", {"low": 1, "high": 2}, (), ["optimizer of the training is not a number", "choices"]),
        ("train.shuffle", {"low": 0, "high": 1}, (), ["shuffle of the training is not a number", "choices"]),
        ("train.optimizer", {"choices": []}, ("choices",), ["optimizer of the training has no choices"]),
        ("train.optimizer", {"choices": ["adam", "adan"]}, ("choices",), ["optimizer of the training", "'adan'", "'sgd'"]),
        ("train.batch", {"choices": [8, "16"]}, ("choices",), ["batch of the training", "16, not '16'"]),
        ("train.batch", {"choices": [8, 0]}, ("choices",), ["greater than or equal to 1", "0"]),
        ("train.batch", {"choices": [8, True]}, ("choices",), ["batch of the training", "not True"]),
        ("train.shuffle", {"choices": [0, 1]}, ("choices",), ["shuffle of the training", "not 0"]),
        ("train.optimizer", {"choices": ["sgd", "sgd"]}, ("choices",), ["twice"]),
    ],
)
def test_a_fault_names_its_place_the_parameter_and_its_range(
    name: str, values: Any, place: tuple[str, ...], words: list[str]
) -> None:
    faults = said({"train.momentum": {"low": 0.5, "high": 0.9}, name: values})
    assert {where for where, _ in faults} == {("space", name, *place)}
    assert all(word in faults[0][1] for word in words), faults


def test_all_faults_are_said_at_once() -> None:
    faults = said(
        {"model.width": {"low": 0, "high": -1}, "train.batches": {"choices": [1]}, "train.optimizer": {"choices": []}}
    )
    assert [where for where, _ in faults] == [
        ("space", "model.width", "low"),
        ("space", "model.width", "high"),
        ("space", "model.width", "low"),
        ("space", "train.batches"),
        ("space", "train.optimizer", "choices"),
    ]


def test_a_search_for_nothing() -> None:
    (((place,), text),) = said({})
    assert place == "space" and "nothing to search for" in text
    (((*_, name), text),) = said({"model.width": {"low": 1, "high": 2}}, LINEAR)
    assert name == "model.width" and "linear has no settings" in text


def test_steps_must_hit_the_multiples_that_a_setting_asks_for(workspace: Any) -> None:
    from reportgen import plugins

    (workspace / "plugins" / "models").mkdir(parents=True)
    text = '"""Even."""\ndef build(spec, *, size: Annotated[int, MultipleOf(2)] = 2): ...\n'
    (workspace / "plugins" / "models" / "even.py").write_text(text, encoding="utf-8")
    plugins.add_root(workspace / "plugins")
    model = SimpleNamespace(use="even", settings={"size": 2})
    assert said({"model.size": {"low": 2, "high": 8, "step": 2}}, model) == []
    ((place, text),) = said({"model.size": {"low": 2, "high": 8}}, model)
    assert place == ("space", "model.size") and "multiple of 2, not 3" in text


@pytest.mark.parametrize(
    ("space", "place", "words"),
    [
        ({"model.width": [8, 16]}, "space.model.width", "must be { low"),
        ({"model.width": {"low": 1}}, "space.model.width.high", "this key is required"),
        ({"model.width": {"low": 1, "hihg": 2}}, "space.model.width.hihg", "did you mean 'high'?"),
        ({"model.width": {"low": "1", "high": 2}}, "space.model.width.low", "must be a number, not '1'"),
        ({"model.width": {"low": True, "high": 2}}, "space.model.width.low", "must be a number, not True"),
        ({"model.width": {"low": 1, "high": float("inf")}}, "space.model.width.high", "must be a number, not inf"),
        ({"model.width": {"choices": [[8], 16]}}, "space.model.width.choices.0", "must be a number, a text"),
        ({"model.width": {"choices": [8], "low": 1}}, "space.model.width.low", "unknown key 'low'"),
        ({"model": {"width": {"low": 1, "high": 2}}}, "space", '"model.width" = { … }'),
    ],
)
def test_what_is_no_space_has_its_own_place(space: Any, place: str, words: str) -> None:
    (message,) = [text for where, text in refused(space).items() if where == place]
    assert words in message


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("trials", 0, "greater than or equal to 1, not 0"),
        ("reduction", 1, "greater than or equal to 2, not 1"),
        ("processes", 0, "greater than or equal to 1, not 0"),
        ("sampler", "cma", "'tpe' or 'random', not 'cma'"),
        ("objective", "accuracy", "not 'accuracy'"),
        ("trial", 3, "did you mean 'trials'?"),
    ],
)
def test_the_other_keys_have_ranges(key: str, value: Any, words: str) -> None:
    assert words in refused({"train.batch": {"choices": [1, 2]}}, **{key: value})[key]


def test_every_setting_of_model_and_training_may_be_searched_but_the_ones_that_a_search_decides() -> None:
    names = set(parameters("fer_gap_small"))
    assert {"model.width", "model.dropout", "train.batch", "train.augment"} <= names
    assert not names & {"train.epochs", "train.choose", "train.smoke"}
