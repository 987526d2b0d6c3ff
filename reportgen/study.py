"""The study file: one TOML file, typed, every fault reported at once with its line and the nearest known name."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Lt, MinLen
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from reportgen import plugins
from reportgen.errors import StudyError, UsageError
from reportgen.plugins import Settings, fault
from reportgen.search import Tune, space_faults
from reportgen.toml_lines import line_of

FULL = "full"
"""The profile that every study has: the study as it is written."""


class Choice(Settings):
    """A plugin and its settings, defaults filled in: what `{use = "lime", samples = 256}` becomes."""

    use: str
    settings: dict[str, Any]


class Explain(Choice):
    """An explainer, its settings, and how many images it explains."""

    images_per_class: Annotated[int, Ge(0)] = 0
    """Instead of the experiment's; the images of a smaller number are among those of a larger one. 0: the experiment's."""


def _choice(kind: str, made: type[Choice] = Choice) -> Any:
    def resolve(value: Any) -> Any:
        table = {"use": value} if isinstance(value, str) else value
        if isinstance(table, Choice) or not isinstance(table, Mapping):
            return table
        own = {key: table[key] for key in made.model_fields.keys() - Choice.model_fields.keys() if key in table}
        rest = {key: setting for key, setting in table.items() if key != "use" and key not in own}
        name = table.get("use")
        if not isinstance(name, str):
            raise fault(f"the key `use` is required: which {kind}; known are {', '.join(sorted(plugins.find(kind)))}")
        if name not in plugins.find(kind):
            unknown = fault(plugins.unknown(kind, name, plugins.find(kind)))
            if isinstance(value, str):
                raise unknown
            raise ValidationError.from_exception_data(kind, [{"type": unknown, "loc": ("use",), "input": name}])
        model = plugins.settings(kind, name)
        settings = model.model_validate(rest).model_dump(mode="json")
        # Paths stay as they were written: pydantic would make "." of "".
        written = {key: rest[key] for key, field in model.model_fields.items() if field.annotation is Path and key in rest}
        return made(use=name, settings=settings | written, **own)

    return BeforeValidator(resolve)


def _name_them(value: Any) -> Any:
    """In `[experiment.x.explain.lime]` the name of the table is the plugin, unless `use` says otherwise."""
    if not isinstance(value, Mapping):
        return value
    return {name: {"use": name, **table} if isinstance(table, Mapping) else table for name, table in value.items()}


def _training(value: Any) -> Any:
    model = plugins.settings_of(plugins.PACKAGE / "training.py", "fit")
    return model.model_validate(value).model_dump(mode="json") if isinstance(value, Mapping) else value


def _id(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise fault(f"'{value}' is no name: use small letters, digits and _, starting with a letter")
    return value


Name = Annotated[str, BeforeValidator(lambda v: _id(v) if isinstance(v, str) else v)]


class Evaluate(Settings):
    """How the test part is scored."""

    resamples: Annotated[int, Ge(200)] = 2000
    """Bootstrap resamples of groups of identical samples."""
    views: Literal["one", "flip", "ten_crop"] = "one"
    """Average the prediction over these views of each test image."""


class Judge(Settings):
    """How explanations are held against maps that know nothing of the network."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    images: Annotated[int, Ge(0)] = 0
    """Explained images whose faithfulness is judged, classes in turn: it costs most. 0: all."""
    steps: Annotated[int, Ge(2)] = 16
    """Steps in which pixels are deleted and inserted."""
    percentiles: Annotated[list[Annotated[int, Gt(0), Lt(100)]], MinLen(1)] = Field(default_factory=lambda: [20, 40, 60, 80])
    """Percentages of the pixels that ROAD removes."""
    depths: Annotated[int, Ge(2)] = 5
    """Stages of randomising the network, layer by layer from its output."""
    randomised_images: Annotated[int, Ge(1)] = 14
    """Images whose maps are compared with those of randomised networks."""
    resamples: Annotated[int, Ge(200)] = 2000
    """Bootstrap resamples of images."""

    @field_validator("percentiles")
    @classmethod
    def _rising(cls, value: list[int]) -> list[int]:
        if value != sorted(set(value)):
            raise fault(f"must rise, none twice, not {value}")
        return value


class Experiment(Settings):
    """One question put to one data set with one model."""

    title: str = ""
    about: str = ""
    """A paragraph for the experiment's page."""
    task: str = "classify"
    dataset: str
    model: Annotated[Choice, _choice("model")]
    split: Annotated[Choice, _choice("split")] = Field("official", validate_default=True)
    train: Annotated[dict[str, Any], BeforeValidator(_training)] = Field(default_factory=dict, validate_default=True)
    evaluate: Evaluate = Evaluate()
    explain: Annotated[dict[Name, Annotated[Explain, _choice("explainer", Explain)]], BeforeValidator(_name_them)] = Field(
        default_factory=dict
    )
    judge: Judge = Judge()
    tune: Tune | None = None
    """With the task `tune`: the search whose winner is trained."""
    images_per_class: Annotated[int, Ge(1)] = 1
    """Test images of each class that are explained, drawn at random from the study's seed."""
    seeds: Annotated[list[Annotated[int, Ge(0), Lt(2**32)]], MinLen(1)] = Field(default_factory=lambda: [0])

    @field_validator("task")
    @classmethod
    def _known_task(cls, value: str) -> str:
        if value not in plugins.find("task"):
            raise fault(plugins.unknown("task", value, plugins.find("task")))
        return value

    @field_validator("seeds")
    @classmethod
    def _no_seed_twice(cls, value: list[int]) -> list[int]:
        if len(set(value)) < len(value):
            raise fault(f"seeds {value} holds a seed twice")
        return value


class Study(Settings):
    """What is asked, of which data, with which models."""

    title: Annotated[str, MinLen(1)]
    question: str = ""
    abstract: str = ""
    authors: list[str] = Field(default_factory=list)
    version: str = ""
    date: str = ""
    limits: str = ""
    """A paragraph for the page on limits and responsible use."""
    seed: Annotated[int, Ge(0), Lt(2**32)] = 0
    """Decides whatever is drawn at random outside of a training: splits, explained images, bootstrap."""
    profile: str = FULL
    """The profile that is built when none is asked for."""
    dataset: Annotated[dict[Name, Annotated[Choice, _choice("dataset")]], MinLen(1)]
    experiment: Annotated[dict[Name, Experiment], MinLen(1)]
    audit: Annotated[dict[Name, Annotated[Choice, _choice("audit")]], BeforeValidator(_name_them)] = Field(default_factory=dict)
    """Settings of audits; all of them run, named here or not."""
    figure: Annotated[dict[Name, Annotated[Choice, _choice("figure")]], BeforeValidator(_name_them)] = Field(
        default_factory=dict
    )
    """Settings of figures; all are drawn that there is something for, named here or not."""

    def files(self, name: str) -> dict[str, str]:
        """The user's files that a data set reads: {setting: path as written}."""
        choice = self.dataset[name]
        fields = plugins.settings("dataset", choice.use).model_fields
        return {key: str(choice.settings[key]) for key, field in fields.items() if field.annotation is Path}


def read_study(path: Path, profile: str = "", root: Path | None = None) -> tuple[Study, str]:
    """Read a study with one profile applied.

    Args:
        path: the TOML file.
        profile: name of its `[profile.NAME]`; "" for the one that the study names itself.
        root: folder that relative data paths start at; the files must exist. None: they are not looked for.

    Returns:
        The study and the text of its file.

    Raises:
        StudyError: with one line per fault.
        UsageError: no such file.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except FileNotFoundError:
        raise UsageError(
            f"no study file {path}", "`reportgen build PATH` takes a TOML file; data/studies/demo.toml is one."
        ) from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder, not a study file", "Give the TOML file in it.") from None
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path}: not valid TOML: {error}", "Two tables of one name are one too many.") from None
    except UnicodeDecodeError as error:
        raise StudyError(f"{path}: not UTF-8 text: {error}", "Save it as UTF-8.") from None
    profiles = raw.pop("profile", {})
    default = profiles.pop("default", "") if isinstance(profiles, dict) else ""
    name = profile or default or FULL
    overrides = _profile(path, profiles, name)
    try:
        study = Study.model_validate({**_merged(raw, overrides), "profile": name})
    except ValidationError as error:
        raise StudyError(_report(path, text, error.errors(include_url=False), overrides, name)) from None
    faults = _crossing_faults(study, root)
    if faults:
        raise StudyError(_report(path, text, faults, overrides, name))
    return study, text


def _profile(path: Path, profiles: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(profiles, dict):
        raise StudyError(
            f"{path}: profile: must be a table", 'Write `[profile.quick]`, and `[profile]` with `default = "quick"`.'
        )
    if name != FULL and name not in profiles:
        raise UsageError(f"{path}: {plugins.unknown('profile', name, [FULL, *profiles])}", f"`{FULL}` is the study as written.")
    return dict(profiles.get(name, {}))


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged key by key; anything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _crossing_faults(study: Study, root: Path | None) -> list[dict[str, Any]]:
    """What pydantic cannot see in one field: names that point nowhere, files that are not there."""
    faults: list[dict[str, Any]] = []
    for name, experiment in study.experiment.items():
        if experiment.dataset not in study.dataset:
            text = plugins.unknown("dataset", experiment.dataset, study.dataset)
            faults.append({"loc": ("experiment", name, "dataset"), "msg": text})
        faults += [
            {"loc": ("experiment", name, *place), "msg": text}
            for place, text in (*_order_faults(experiment), *_search_faults(experiment))
        ]
    used = {experiment.dataset for experiment in study.experiment.values()}
    for name in study.dataset:
        if name not in used:
            faults.append({"loc": ("dataset", name), "msg": "no experiment uses this data set: use it or delete it"})
        elif root is not None:
            for setting, written in study.files(name).items():
                if text := _path_fault(written, root):
                    faults.append({"loc": ("dataset", name, setting), "msg": text})
    return faults


def _order_faults(experiment: Experiment) -> list[tuple[tuple[str, ...], str]]:
    if experiment.train["shuffle"] and experiment.train["order"] != "stored":
        return [(("train", "order"), "the order has no effect on shuffled samples: set shuffle = false, or delete order")]
    return []


def _search_faults(experiment: Experiment) -> list[tuple[tuple[str, ...], str]]:
    if experiment.tune is None:
        return [(("task",), "the task tune needs a table `tune`: what to search for")] if experiment.task == "tune" else []
    if experiment.task != "tune":
        return [(("tune",), "only the task tune searches: set task = 'tune', or delete this table")]
    return [(("tune", *place), text) for place, text in space_faults(experiment.tune, experiment.model, experiment.train)]


def _path_fault(written: str, root: Path) -> str:
    if missing := re.findall(r"\$\{?(\w+)\}?", os.path.expandvars(written)):
        return f"the environment variable {missing[0]} is not set: set it to the file or folder of the data"
    if not written.strip() or not os.path.expandvars(written).strip():
        return "the path is empty: give the file or folder of the data"
    path = resolve(written, root)
    return "" if path.exists() else f"no such file or folder: {path}"


def resolve(written: str, root: Path) -> Path:
    """A path of a study: environment variables and ~ expanded, relative to the workspace."""
    return (root / os.path.expanduser(os.path.expandvars(written))).absolute()


def _report(path: Path, text: str, faults: Any, overrides: Mapping[str, Any], profile: str) -> str:
    return "\n".join(_fault_line(path, text, f["loc"], f["msg"], overrides, profile) for f in faults)


def _fault_line(path: Path, text: str, loc: tuple[Any, ...], message: str, overrides: Mapping[str, Any], profile: str) -> str:
    keys = [str(part) for part in loc if part not in ("[key]", "function-before")]
    inside: Any = overrides
    for key in keys:
        inside = inside.get(key) if isinstance(inside, Mapping) else None
    place = ["profile", profile, *keys] if inside is not None else keys
    return f"{path}:{line_of(text, place)}: {'.'.join(place)}: {message}"
