"""What stands in a study file, as typed tables."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Lt, MinLen
from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from reportgen import plugins
from reportgen.plugins import Settings, fault
from reportgen.search import Tune

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


def _is_path(field: FieldInfo) -> bool:
    """Whether a setting is a file or folder of the user, or may be one."""
    return field.annotation in (Path, Path | None)


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
        written = {key: rest[key] for key, field in model.model_fields.items() if _is_path(field) and key in rest}
        return made(use=name, settings=settings | written, **own)

    return BeforeValidator(resolve)


def _name_them(value: Any) -> Any:
    """In `[experiment.x.explain.lime]` the name of the table is the plugin, unless `use` says otherwise."""
    if not isinstance(value, Mapping):
        return value
    return {name: {"use": name, **table} if isinstance(table, Mapping) else table for name, table in value.items()}


def _training(value: Any, info: ValidationInfo) -> Any:
    """The `train` table: of a network what `training.fit` takes, of an estimator what `estimating.fit` takes."""
    model = info.data.get("model")
    file = "estimating.py" if model and is_estimator(model.use) else "training.py"
    table = plugins.settings_of(plugins.PACKAGE / file, "fit")
    return table.model_validate(value).model_dump(mode="json") if isinstance(value, Mapping) else value


def is_estimator(model: str) -> bool:
    """Whether a model is one of scikit-learn's, and no network."""
    return bool(model) and bool(plugins.constant(plugins.path_of("model", model), "ESTIMATOR", False))


def _chain(value: Any) -> Any:
    """One feature or several, each a name or a table with `use`."""
    return value if isinstance(value, list) else [value]


def _id(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise fault(f"'{value}' is no name: use small letters, digits and _, starting with a letter")
    return value


Name = Annotated[str, BeforeValidator(lambda v: _id(v) if isinstance(v, str) else v)]


class Evaluate(Settings):
    """How the test part is scored."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    resamples: Annotated[int, Ge(200)] = 2000
    """Bootstrap resamples of groups of samples that are not independent."""
    views: Literal["one", "flip", "ten_crop"] = "one"
    """Average the prediction over these views of each test image."""
    unit: Literal["auto", "subject", "recording", "trial"] = "auto"
    """Of recordings: what intervals and tests are over. auto: subjects; recordings or trials if there is only one subject."""
    shuffles: Annotated[int, Ge(0)] | None = None
    """Of recordings: how often the model is fitted to shuffled labels too, which must bring it down to chance. Without it three
    times an estimator, once a network, whose explanations are then held against those of the real one."""


class Look(Settings):
    """How the task `explore` looks at the data."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    window: Annotated[float, Gt(0)] = 2.0
    """Seconds of the windows that spectra are averaged over."""
    perplexity: Annotated[float, Gt(1)] = 40.0
    """Of t-SNE."""
    samples: Annotated[int, Ge(30)] = 1500
    """Samples that are drawn in the plane, some of each trial."""
    trim: Annotated[float, Ge(0)] = 0.5
    """Seconds at the start of each trial that the trimmed inputs lack; 0: no trimming is tried."""
    low: Annotated[float, Ge(0)] = 13.0
    """Hz: the input that is trimmed in frequency too begins here."""
    outliers: Annotated[float, Gt(0)] = 3.5
    """Robust distance from which a training trial counts as an outlier."""


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


class Realism(Settings):
    """How synthetic samples are held against real ones, by the task `generate`."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    most: Annotated[int, Ge(30)] = 4000
    """Synthetic samples that a generator makes in each fold: as many as it learned from, but not more than these."""
    compared: Annotated[int, Ge(30)] = 1000
    """Samples of each side that scores are computed on, classes in proportion."""
    resamples: Annotated[int, Ge(200)] = 500
    """Bootstrap resamples of trials."""
    permutations: Annotated[int, Ge(100)] = 500
    """Of the test of the maximum mean discrepancy."""
    trainings: Annotated[int, Ge(1)] = 3
    """How often the model, if it is a network, learns from each kind of samples; scores are means over these."""
    examples: Annotated[int, Ge(1), Lt(10)] = 3
    """Samples of each class that are shown."""


def _of(file: str, verb: str) -> Any:
    """A table whose keys are the settings of a function of ours."""

    def resolve(value: Any) -> Any:
        table = plugins.settings_of(plugins.PACKAGE / file, verb)
        return table.model_validate(value).model_dump(mode="json") if isinstance(value, Mapping) else value

    return BeforeValidator(resolve)


class Lay(Settings):
    """What a map of emotions is held against, and how much is put on it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    peers: tuple[Literal["pca", "opentsne"], ...] = ("pca", "opentsne")
    """Other maps that it is measured beside, fitted to the same training part."""
    neighbours: Annotated[int, Ge(2)] = 15
    """Neighbours that measures of the map look at."""
    videos: Annotated[int, Ge(1), Lt(13)] = 3
    """Videos or songs that are followed over time."""
    samples: Annotated[int, Ge(30)] = 2000
    """Samples of a classifier that are drawn on the map, at most."""


NO_MODEL = Choice(use="", settings={})
"""Of tasks that need none: they have regressors, or a map."""


class Experiment(Settings):
    """One question put to one data set with one model."""

    title: str = ""
    about: str = ""
    """A paragraph for the experiment's page."""
    task: str = "classify"
    dataset: str
    model: Annotated[Choice, _choice("model")] = NO_MODEL
    """Needed by all tasks but regress and embed."""
    features: Annotated[list[Annotated[Choice, _choice("feature")]], BeforeValidator(_chain)] = Field(default_factory=list)
    """Of recordings: what is made of them, one after the other."""
    split: Annotated[Choice, _choice("split")] = Field("official", validate_default=True)
    train: Annotated[dict[str, Any], BeforeValidator(_training)] = Field(default_factory=dict, validate_default=True)
    evaluate: Evaluate = Evaluate()
    explain: Annotated[dict[Name, Annotated[Explain, _choice("explainer", Explain)]], BeforeValidator(_name_them)] = Field(
        default_factory=dict
    )
    judge: Judge = Judge()
    generate: Annotated[dict[Name, Annotated[Choice, _choice("generator")]], BeforeValidator(_name_them)] = Field(
        default_factory=dict
    )
    """With the task `generate`: what makes synthetic samples. `model` is then what learns from them."""
    realism: Realism = Realism()
    regress: Annotated[dict[Name, Annotated[Choice, _choice("regressor")]], BeforeValidator(_name_them)] = Field(
        default_factory=dict
    )
    """With the task `regress`: the models that predict intensities."""
    modalities: list[str] = Field(default_factory=list)
    """With the task `regress`: what they predict from, one by one and all together; none named: all that the data have."""
    text: Annotated[dict[str, Any], _of("regression/preparing.py", "prepare")] = Field(
        default_factory=dict, validate_default=True
    )
    """With the task `regress`: how transcripts become numbers."""
    map: Annotated[dict[str, Any], _of("mapping/fitting.py", "fit")] = Field(default_factory=dict, validate_default=True)
    """With the task `embed`: how the map is fitted."""
    lay: Lay = Lay()
    look: Look = Look()
    tune: Tune | None = None
    """With the task `tune`: the search whose winner is trained."""
    images_per_class: Annotated[int, Ge(1)] = 1
    """Test images of each class that are explained, drawn at random from the study's seed; of recordings, test samples of each
    class in each fold, 32 where nothing is said."""
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


class Pool(Settings):
    """Several data sets of recordings as one, under the same classes."""

    datasets: Annotated[list[str], MinLen(2)]
    classes: Annotated[list[str], MinLen(2)]
    labels: dict[str, dict[str, str]] = Field(default_factory=dict)
    """{data set: {its class: ours}}; a class that is not named keeps its name, and "" leaves it out."""


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
    pool: dict[Name, Pool] = Field(default_factory=dict)
    """Data sets that experiments use together, under a name of their own."""
    experiment: Annotated[dict[Name, Experiment], MinLen(1)]
    audit: Annotated[dict[Name, Annotated[Choice, _choice("audit")]], BeforeValidator(_name_them)] = Field(default_factory=dict)
    """Settings of audits; all of them run, named here or not."""
    figure: Annotated[dict[Name, Annotated[Choice, _choice("figure")]], BeforeValidator(_name_them)] = Field(
        default_factory=dict
    )
    """Settings of figures; all are drawn that there is something for, named here or not."""

    def members(self, name: str) -> list[str]:
        """The data sets behind a name: those of a pool, or the one."""
        return self.pool[name].datasets if name in self.pool else [name]

    def recordings(self, name: str) -> bool:
        """Whether a data set or pool holds recordings, which features are made of, and not samples."""
        return name in self.pool or "Recording" in plugins.returns("dataset", self.dataset[name].use)

    def rated(self, name: str) -> bool:
        """Whether a data set holds rated segments: intensities, and no classes."""
        return name not in self.pool and "Segments" in plugins.returns("dataset", self.dataset[name].use)

    def files(self, name: str) -> dict[str, str]:
        """The user's files that a data set reads: {setting: path as written}."""
        choice = self.dataset[name]
        fields = plugins.settings("dataset", choice.use).model_fields
        asked = (key for key, field in fields.items() if _is_path(field) and choice.settings[key] is not None)
        return {key: str(choice.settings[key]) for key in asked}


def resolve(written: str, root: Path) -> Path:
    """A path of a study: environment variables and ~ expanded, relative to the workspace."""
    return (root / os.path.expanduser(os.path.expandvars(written))).absolute()
