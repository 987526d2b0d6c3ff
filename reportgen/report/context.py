"""What page templates are given: frozen data, every field explained; a template may use nothing else.

A page for the study gets the fields of `StudyContext`, one for a data set those of `DatasetContext`, one for an
experiment those of `ExperimentContext`, one for a comparison those of `ComparisonContext`, one for a contrast those of
`ContrastContext`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from annotated_doc import Doc

from reportgen.report.subjects import Comparison, Contrast, Dataset, Experiment, Gap
from reportgen.report.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawn figure."""

    id: Annotated[str, Doc("its anchor: `figure-confusion_matrix-small`")]
    plugin: Annotated[str, Doc("id of the figure plugin")]
    needs: Annotated[tuple[str, ...], Doc("kinds of outputs that it is drawn from")]
    title: Annotated[str, Doc("the finding")]
    caption: Annotated[str, Doc("what is seen and what it means")]
    alt: Annotated[str, Doc("the finding for somebody who cannot see it")]
    file: Annotated[str, Doc("the picture, relative to the pages")]
    size: Annotated[tuple[int, int], Doc("width and height of the picture in CSS pixels")]
    data: Annotated[str, Doc("CSV of what is drawn, relative to the pages")]
    narrow: Annotated[bool, Doc("drawn for less than the full width of the text")]
    interactive: Annotated[str, Doc("a Plotly figure as JSON, or empty")]
    subject: Annotated[str, Doc("name of the experiment or data set that it is about, empty for the study")]
    record: Annotated[str, Doc("anchor of the record of the step that drew it")]
    without_samples: Annotated[bool, Doc("drawn for a public report, where a local one shows samples")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A finding of an audit."""

    severity: Annotated[str, Doc("error, warning, notice or ok")]
    about: Annotated[str, Doc("what it is about: `data set faces`")]
    title: Annotated[str, Doc("the finding in one sentence")]
    evidence: Annotated[str, Doc("the numbers")]
    remedy: Annotated[str, Doc("what to do, if anything")]
    table: Annotated[Table | None, Doc("a small table that shows it")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A check and what it found."""

    id: Annotated[str, Doc("id of the audit plugin")]
    title: Annotated[str, Doc("its id as words")]
    summary: Annotated[str, Doc("what it checks, in one sentence")]
    findings: Annotated[tuple[Remark, ...], Doc("worst first")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one number of the report comes from: from the page down to the code."""

    shown: Annotated[str, Doc("the number as the report prints it")]
    experiment: Annotated[Experiment, Doc("whose accuracy it is")]
    table: Annotated[Table, Doc("the table that holds it")]
    file: Annotated[str, Doc("name of the output that holds it")]
    place: Annotated[str, Doc("where in that output")]
    step: Annotated[str, Doc("the step that computed it")]
    key: Annotated[str, Doc("key of that step's record")]
    record: Annotated[str, Doc("anchor of that record")]
    function: Annotated[str, Doc("the function that ran")]
    inputs: Annotated[tuple[str, ...], Doc("steps whose outputs it read")]
    files: Annotated[int, Doc("files of code that it and those steps ran")]
    plugins: Annotated[tuple[str, ...], Doc("those of them that are plugins")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file that lies beside the pages."""

    file: Annotated[str, Doc("relative to the pages")]
    title: Annotated[str, Doc("what it holds")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The study and everything that it came to."""

    title: Annotated[str, Doc("of the study")]
    question: Annotated[str, Doc("what the study asks")]
    abstract: Annotated[str, Doc("its summary by the author")]
    authors: Annotated[tuple[str, ...], Doc("names")]
    version: Annotated[str, Doc("of the study, as its author counts")]
    date: Annotated[str, Doc("of the study, as its author writes it")]
    profile: Annotated[str, Doc("which profile of the study was built")]
    limits: Annotated[str, Doc("the author's words on limits")]
    seed: Annotated[int, Doc("decides whatever is drawn at random outside of a training")]
    simulated: Annotated[bool, Doc("all of its data are simulated")]
    public: Annotated[bool, Doc("restricted samples are left out")]
    pdf: Annotated[bool, Doc("report.pdf lies beside the pages")]
    datasets: Annotated[tuple[Dataset, ...], Doc("in the order of the study")]
    experiments: Annotated[tuple[Experiment, ...], Doc("in the order of the study")]
    comparisons: Annotated[tuple[Comparison, ...], Doc("one for each data set and split that experiments share")]
    contrasts: Annotated[tuple[Contrast, ...], Doc("one for each model that is scored under several splits")]
    best: Annotated[
        tuple[Experiment, ...],
        Doc("for each data set and split the experiment of highest validation accuracy; smoke-trained ones do not count"),
    ]
    audits: Annotated[tuple[Audit, ...], Doc("every check that ran")]
    severities: Annotated[Mapping[str, int], Doc("{severity: findings}, all four of them")]
    gaps: Annotated[tuple[Gap, ...], Doc("steps that did not finish")]
    left_out: Annotated[tuple[str, ...], Doc("steps of figures that a public report cannot show")]
    without_samples: Annotated[tuple[Picture, ...], Doc("figures that a public report draws without samples")]
    origin: Annotated[Origin | None, Doc("one number traced back")]
    environment: Annotated[Mapping[str, str], Doc("{python, system, a library: version} of the machine that computed")]
    source: Annotated[str, Doc("text of the study file")]
    build: Annotated[str, Doc("id of the build")]
    command: Annotated[str, Doc("what makes this build")]
    downloads: Annotated[tuple[Download, ...], Doc("files beside the pages")]
    tables: Annotated[Mapping[str, Table], Doc("results, audits, records, environment")]
    seconds: Annotated[float, Doc("of work in all steps")]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyContext:
    """Given to a page of the study."""

    report: Annotated[Report, Doc("the study and everything that it came to")]
    figures: Annotated[
        Mapping[str, tuple[Picture, ...]], Doc("{place named in the front matter: figures}; `rest` has all others")
    ]
    key: Annotated[
        tuple[Picture, ...],
        Doc("figures that the front matter's `key` asks for: of the best experiment, its data, frequencies, synthetic samples"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetContext(StudyContext):
    """Given to a page of a data set."""

    dataset: Annotated[Dataset, Doc("the data set")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentContext(StudyContext):
    """Given to a page of an experiment."""

    experiment: Annotated[Experiment, Doc("the experiment")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonContext(StudyContext):
    """Given to a page of a comparison."""

    comparison: Annotated[Comparison, Doc("the experiments side by side")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastContext(StudyContext):
    """Given to a page of a contrast."""

    contrast: Annotated[Contrast, Doc("the same model under several splits")]
