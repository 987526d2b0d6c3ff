"""What page templates are given: frozen data, every field explained; a template may use nothing else.

A page for the study gets the fields of `StudyContext`, one for a data set those of `DatasetContext`, one for an
experiment those of `ExperimentContext`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reportgen.report.results import Model, Scores, Training
from reportgen.report.tables import Table


def says(help_: str) -> Any:
    """A required field and what it holds."""
    return field(metadata={"help": help_})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawn figure."""

    id: str = says("its anchor: `figure-confusion-matrix-small`")
    plugin: str = says("id of the figure plugin")
    needs: tuple[str, ...] = says("kinds of outputs that it is drawn from")
    title: str = says("the finding")
    caption: str = says("what is seen and what it means")
    alt: str = says("the finding for somebody who cannot see it")
    file: str = says("the picture, relative to the pages")
    size: tuple[int, int] = says("width and height of the picture in CSS pixels")
    data: str = says("CSV of what is drawn, relative to the pages")
    narrow: bool = says("drawn for less than the full width of the text")
    interactive: str = says("a Plotly figure as JSON, or empty")
    simulated: bool = says("drawn from simulated data")
    subject: str = says("name of the experiment or data set that it is about, empty for the study")
    step: str = says("name of the step that drew it")
    key: str = says("key of that step's record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that the report lacks."""

    step: str = says("the step that did not finish")
    reason: str = says("what went wrong, in one line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plugin that the study uses, and how."""

    kind: str = says("dataset, model, split, explainer …")
    id: str = says("its file name")
    summary: str = says("its one-sentence description, empty if this machine does not have it")
    settings: Mapping[str, Any] = says("{setting: value} as it ran")
    cites: tuple[str, ...] = says("keys of the publications behind it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set of the study."""

    name: str = says("its name in the study")
    slug: str = says("file name of its page without the suffix")
    id: str = says("id of the plugin that read it")
    plugin: Plugin = says("the plugin and its settings")
    title: str = says("its name as its publishers write it")
    modality: str = says("image, eeg or vector")
    classes: tuple[str, ...] = says("names of the classes")
    simulated: bool = says("no person is behind it")
    licence: str = says("under what terms it may be used")
    consent: str = says("what its people agreed to, as far as known")
    redistribute: bool = says("its samples may be shown in public")
    hidden: bool = says("this report leaves its samples out")
    citation: str = says("how its publishers want to be cited, as text")
    cites: tuple[str, ...] = says("keys of its own BibTeX entries")
    limits: str = says("conclusions that it cannot carry")
    n: int = says("samples")
    parts: Mapping[str, int] = says("{the publisher's part: samples}")
    shape: str = says("what one sample is: `48 × 48, uint8 in [0, 255]`")
    notices: tuple[str, ...] = says("what differs from the published facts, what was skipped or mended")
    tables: Mapping[str, Table] = says("counts, published")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An explainer and how good its explanations are."""

    name: str = says("its name in the study")
    plugin: Plugin = says("the explainer and its settings")
    images: int = says("samples that it explained")
    r2: float | None = says("median over images and classes of the surrogate's R², if it has one")
    jaccard: float | None = says("median over images and classes of the agreement of the top five between repeats, if known")


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """An experiment of the study; what is not there yet or has failed is None or empty."""

    name: str = says("its name in the study")
    slug: str = says("file name of its page without the suffix")
    title: str = says("what the report calls it")
    about: str = says("the author's words on it")
    dataset: Dataset | None = says("its data, None if they could not be read")
    task: Plugin = says("the task")
    model: Plugin = says("the model and its settings")
    split: Plugin = says("how its samples are divided")
    train: Mapping[str, Any] = says("{setting of the training: value}")
    evaluate: Mapping[str, Any] = says("{setting of the evaluation: value}")
    seeds: tuple[int, ...] = says("random seeds, one training each")
    network: Model | None = says("what was built: parameters, layers")
    trainings: tuple[Training, ...] = says("one a seed")
    smoke: bool = says("trained only to see that it runs: its scores are no result")
    scores: Scores | None = says("how well it did")
    divided: Mapping[str, int] = says("{part: samples}; parts are train, validation, test, unused")
    explanations: tuple[Explanation, ...] = says("one an explainer")
    gaps: tuple[Gap, ...] = says("steps of it that did not finish")
    seconds: float = says("of work in all its steps")
    tables: Mapping[str, Table] = says("scores, per_class, divided, layers, settings, explanations, records")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A finding of an audit."""

    severity: str = says("error, warning, notice or ok")
    about: str = says("what it is about: `data set faces`")
    title: str = says("the finding in one sentence")
    evidence: str = says("the numbers")
    remedy: str = says("what to do, if anything")
    rows: Table | None = says("a small table that shows it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A check and what it found."""

    id: str = says("id of the audit plugin")
    summary: str = says("what it checks, in one sentence")
    findings: tuple[Remark, ...] = says("worst first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one number of the report comes from: from the page down to the code."""

    shown: str = says("the number as the report prints it")
    means: str = says("what it says")
    page: str = says("slug of the page that shows it")
    table: str = says("id of the table that holds it")
    file: str = says("the output in the store, and the place in it")
    step: str = says("the step that computed it")
    key: str = says("key of that step's record")
    function: str = says("the function that ran")
    inputs: tuple[str, ...] = says("steps whose outputs it read")
    plugins: tuple[str, ...] = says("plugins that those steps ran")


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file that lies beside the pages."""

    file: str = says("relative to the pages")
    title: str = says("what it holds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The study and everything that it came to."""

    title: str = says("of the study")
    question: str = says("what the study asks")
    abstract: str = says("its summary by the author")
    authors: tuple[str, ...] = says("names")
    version: str = says("of the study, as its author counts")
    date: str = says("of the study, as its author writes it")
    profile: str = says("which profile of the study was built")
    limits: str = says("the author's words on limits")
    seed: int = says("decides whatever is drawn at random outside of a training")
    simulated: bool = says("all of its data are simulated")
    public: bool = says("restricted samples are left out")
    pdf: bool = says("report.pdf lies beside the pages")
    datasets: tuple[Dataset, ...] = says("in the order of the study")
    experiments: tuple[Experiment, ...] = says("in the order of the study")
    best: tuple[Experiment, ...] = says("for each data set the experiment of highest accuracy; smoke-trained ones do not count")
    audits: tuple[Audit, ...] = says("every check that ran")
    severities: Mapping[str, int] = says("{severity: findings}, all four of them")
    gaps: tuple[Gap, ...] = says("steps that did not finish")
    left_out: tuple[str, ...] = says("figures that a public report does not show")
    origin: Origin | None = says("one number traced back")
    environment: Mapping[str, str] = says("{python, system, a library: version} of the machine that computed")
    source: str = says("text of the study file")
    study_name: str = says("name of the study file without the suffix")
    downloads: tuple[Download, ...] = says("files beside the pages")
    tables: Mapping[str, Table] = says("results, audits, records, environment, licences")
    seconds: float = says("of work in all steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyContext:
    """Given to a page of the study."""

    report: Report = says("the study and everything that it came to")
    figures: Mapping[str, tuple[Picture, ...]] = says("{place named in the front matter: figures}; `rest` has all others")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetContext(StudyContext):
    """Given to a page of a data set."""

    dataset: Dataset = says("the data set")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentContext(StudyContext):
    """Given to a page of an experiment."""

    experiment: Experiment = says("the experiment")
