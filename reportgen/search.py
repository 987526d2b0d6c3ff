"""The table `tune` of an experiment: which settings are searched for, over which values, with how many trials.

The values are checked here against the ranges of the model and the training that they are meant for: a search that
would fail in its tenth trial fails before the first one.
"""

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Protocol

from annotated_types import Ge, Le
from pydantic import BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from reportgen import plugins
from reportgen.plugins import Settings, fault


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise fault(f"must be a number, not {value!r}")
    return value


def _plain(value: Any) -> Any:
    if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
        raise fault(f"must be a number, a text, true or false, not {value!r}")
    return value


Number = Annotated[int | float, BeforeValidator(_number)]


class Range(Settings):
    """Numbers from `low` to `high`, both included."""

    low: Number
    high: Number
    step: Number | None = None
    """Distance of neighbouring values; 1 between whole numbers if there is none."""
    log: bool = False
    """Draw evenly on a logarithmic scale."""


class Choices(Settings):
    """Some values, none nearer to another than to the rest."""

    choices: list[Annotated[bool | int | float | str, BeforeValidator(_plain)]]


def _values(table: Any) -> Any:
    if isinstance(table, Range | Choices):
        return table
    if not isinstance(table, Mapping):
        raise fault("must be { low = …, high = … } or { choices = […] }" + f", not {table!r}")
    return (Choices if "choices" in table else Range).model_validate(table)


def _quoted(space: Any) -> Any:
    """TOML reads `model.width = {…}` as a table in a table."""
    if isinstance(space, Mapping):
        for name in _OWNERS & space.keys():
            if isinstance(space[name], Mapping) and not space[name].keys() & {"low", "high", "choices"}:
                inner = next(iter(space[name]), "…")
                raise fault(f'write the parameter in quotation marks: "{name}.{inner}" = {{ … }}')
    return space


Values = Annotated[Range | Choices, BeforeValidator(_values)]


class Tune(Settings):
    """A search for settings with Hyperband (Li et al. 2018, JMLR 18:185), ranked on the validation part."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    trials: Annotated[int, Ge(1)] = 20
    """How many settings are tried."""
    epochs: Annotated[int, Ge(1)] = 10
    """Most epochs of a trial: Hyperband's largest resource."""
    least: Annotated[int, Ge(1)] = 1
    """Epochs that every trial may run: Hyperband's smallest resource. More where the first epochs predict little."""
    reduction: Annotated[int, Ge(2)] = 3
    """Hyperband's η: of so many trials that reach a rung, one goes on. 3 is the paper's."""
    sampler: Literal["tpe", "random"] = "tpe"
    """What proposes settings: tree-structured Parzen estimators (Bergstra et al. 2011), or chance, as in Li et al."""
    objective: Literal["validation_accuracy", "validation_loss"] = "validation_accuracy"
    """What trials are ranked by; the loss is the cross-entropy, whatever they are trained with."""
    processes: Annotated[int, Ge(1), Le(64)] = 1
    """More than one share the trials; then the search is not repeatable."""
    space: Annotated[dict[str, Values], BeforeValidator(_quoted)]
    """{"model.width": values, "train.learning_rate": values}"""


class Model(Protocol):
    """A model as a study names it: `study.Choice`."""

    @property
    def use(self) -> str:
        """Its id."""

    @property
    def settings(self) -> dict[str, Any]:
        """Its settings."""


_OWNERS = {"model", "train"}
_FIXED: Mapping[str, str] = {
    "train.epochs": "epochs are what Hyperband deals out: set `epochs` of tune",
    "train.choose": "choose cannot be searched for: a trial counts with its best epoch in any case",
    "train.smoke": "smoke cannot be searched for: it tells whether a training has a result at all",
}


def parameters(use: str) -> dict[str, FieldInfo]:
    """What may stand in a space for a model: {"model.width": field, …, "train.batch": field, …}."""
    model, train = plugins.settings("model", use), plugins.settings_of(plugins.PACKAGE / "training.py", "fit")
    found = {f"model.{key}": field for key, field in model.model_fields.items()}
    found |= {f"train.{key}": field for key, field in train.model_fields.items()}
    return {name: field for name, field in found.items() if name not in _FIXED}


def space_faults(tune: Tune, model: Model, train: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str]]:
    """What is wrong with the space of a search.

    Args:
        tune: the table.
        model: the model that is searched, with its settings.
        train: settings of the training.

    Returns:
        (place within the table, fault in words), in the order of the space; empty if trials can be made of it.
    """
    if not tune.space:
        return [(("space",), 'there is nothing to search for: give "train.learning_rate" = { low = …, high = … }')]
    faults: list[tuple[tuple[str, ...], str]] = []
    if tune.least > tune.epochs:
        faults.append((("least",), f"least = {tune.least} is more than epochs = {tune.epochs}: no trial could ever be stopped"))
    for name, values in tune.space.items():
        faults += [(("space", name, *inner), text) for inner, text in _faults(name, values, model, train)]
    return faults


Faults = Iterator[tuple[tuple[str, ...], str]]


def _faults(name: str, values: Range | Choices, model: Model, train: Mapping[str, Any]) -> Faults:
    known = parameters(model.use)
    owner, _, key = name.partition(".")
    if name in _FIXED:
        yield (), _FIXED[name]
        return
    if name not in known:
        alike = [other for other in known if owner not in _OWNERS or other.startswith(f"{owner}.")]
        yield (), plugins.unknown("parameter", name, alike) if alike else f"{model.use} has no settings to search for"
        return
    parameter = (
        _Parameter(key, plugins.settings("model", model.use), model.settings, model.use)
        if owner == "model"
        else _Parameter(key, plugins.settings_of(plugins.PACKAGE / "training.py", "fit"), train, "the training")
    )
    yield from (_choice_faults if isinstance(values, Choices) else _range_faults)(parameter, values)  # type: ignore[arg-type]


class _Parameter:
    """One setting of a model or a training, beside the others as they are in the study."""

    def __init__(self, key: str, model: type[Settings], base: Mapping[str, Any], owner: str) -> None:
        self.name = f"{key} of {owner}"
        self.type = model.model_fields[key].annotation
        self._key, self._model, self._base = key, model, base

    def refuses(self, value: Any) -> str:
        """Why it cannot have a value: what its settings model says of it; "" if it can."""
        try:
            kept = getattr(self._model.model_validate({**self._base, self._key: value}), self._key)
        except ValidationError as error:
            told = [e["msg"] for e in error.errors() if e["loc"][:1] == (self._key,)]
            return f"{self.name} {told[0]}" if told else ""
        same = kept == value and isinstance(kept, bool) == isinstance(value, bool)
        return "" if same else f"{self.name} must be {kept!r}, not {value!r}: it is another type"


def _choice_faults(parameter: _Parameter, values: Choices) -> Faults:
    if not values.choices:
        yield ("choices",), f"{parameter.name} has no choices: give some"
    if len(set(values.choices)) < len(values.choices):
        yield ("choices",), f"{parameter.name} has a choice twice: {values.choices}"
    for value in values.choices:
        if text := parameter.refuses(value):
            yield ("choices",), text


def _range_faults(parameter: _Parameter, values: Range) -> Faults:
    if parameter.type not in (int, float):
        yield (), f"{parameter.name} is not a number: give {{ choices = […] }}"
        return
    refused = {key: text for key in ("low", "high") if (text := parameter.refuses(getattr(values, key)))}
    yield from (((key,), text) for key, text in refused.items())
    if values.low >= values.high:
        yield ("low",), f"{parameter.name}: low = {values.low} is not below high = {values.high}"
    elif values.log and values.low <= 0:
        yield ("log",), f"{parameter.name}: a logarithmic scale has no place for low = {values.low}"
    elif values.log and values.step is not None:
        yield ("step",), f"{parameter.name}: steps are equal distances, and log asks for equal ratios: leave one of them away"
    elif text := _step_fault(parameter, values):
        yield ("step",) if values.step is not None else (), text
    elif not refused and (text := parameter.refuses(values.low + _step(parameter, values))):
        yield (), text  # a multiple of something, and the step is not


def _step(parameter: _Parameter, values: Range) -> int | float:
    """Distance of neighbouring values; 0: none."""
    return values.step if values.step is not None else int(parameter.type is int)


def _step_fault(parameter: _Parameter, values: Range) -> str:
    """As optuna reckons, in decimals: 0.3 is three steps of 0.1."""
    if values.step is None:
        return ""
    if values.step <= 0 or (parameter.type is int and values.step != int(values.step)):
        kind = "whole number" if parameter.type is int else "number"
        return f"{parameter.name}: step must be a {kind} greater than 0, not {values.step}"
    low, high, step = (Decimal(str(number)) for number in (values.low, values.high, values.step))
    if rest := (high - low) % step:
        return f"{parameter.name}: steps of {values.step} from {values.low} do not reach {values.high}: end at {high - rest}"
    return ""
