"""What page templates are given: frozen data, every field explained; a template may use nothing else.

A page for the study gets the fields of `StudyContext`, one for a data set those of `DatasetContext`, one for an
experiment those of `ExperimentContext`, one for a comparison those of `ComparisonContext`, one for a contrast those of
`ContrastContext`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.report.results import Model, Scores, Training
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
class Gap:
    """Something that the report lacks."""

    step: Annotated[str, Doc("the step that did not finish")]
    reason: Annotated[str, Doc("what went wrong, in one line")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plugin that the study uses, and how."""

    kind: Annotated[str, Doc("dataset, model, split, explainer …")]
    id: Annotated[str, Doc("its file name")]
    summary: Annotated[str, Doc("its one-sentence description, empty if this machine does not have it")]
    settings: Annotated[Mapping[str, Any], Doc("{setting: value} as it ran")]
    cites: Annotated[tuple[str, ...], Doc("keys of the publications behind it")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is special to a data set of recordings."""

    rate: Annotated[float | None, Doc("samples a second and channel, in Hz; windows a second of given features; None: several")]
    channels: Annotated[tuple[str, ...], Doc("names")]
    placed: Annotated[bool, Doc("it is known where the channels lie on the head")]
    bands: Annotated[Mapping[str, tuple[float, float]], Doc("{band: from, below, Hz} of given features, empty for signals")]
    subjects: Annotated[int, Doc("people, or simulated ones")]
    sessions: Annotated[int, Doc("most sessions of a subject")]
    recordings: Annotated[int, Doc("files")]
    seconds: Annotated[float, Doc("of all trials together")]
    members: Annotated[tuple[str, ...], Doc("data sets that it is pooled of, by their names in the study; none: it is no pool")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set of the study."""

    name: Annotated[str, Doc("its name in the study")]
    slug: Annotated[str, Doc("file name of its page without the suffix")]
    plugin: Annotated[Plugin, Doc("the plugin that read it, and its settings")]
    title: Annotated[str, Doc("its name as its publishers write it")]
    modality: Annotated[str, Doc("image, eeg or vector")]
    classes: Annotated[tuple[str, ...], Doc("names of the classes")]
    simulated: Annotated[bool, Doc("no person is behind it")]
    licence: Annotated[str, Doc("under what terms it may be used")]
    consent: Annotated[str, Doc("what its people agreed to, as far as known")]
    redistribute: Annotated[bool, Doc("its samples may be shown in public")]
    hidden: Annotated[bool, Doc("this report leaves its samples out")]
    citation: Annotated[str, Doc("how its publishers want to be cited, as text")]
    cites: Annotated[tuple[str, ...], Doc("keys of its own BibTeX entries")]
    limits: Annotated[str, Doc("conclusions that it cannot carry")]
    n: Annotated[int, Doc("samples")]
    parts: Annotated[Mapping[str, int], Doc("{the publisher's part: samples}")]
    training_part: Annotated[str, Doc("the publisher's name of the part to train on")]
    shape: Annotated[tuple[int, ...], Doc("of one sample")]
    unit: Annotated[str, Doc("of a sample's values")]
    notices: Annotated[tuple[str, ...], Doc("what differs from the published facts, what was skipped or mended")]
    recorded: Annotated[Recorded | None, Doc("what is special to recordings; None: it holds samples such as images")]
    tables: Annotated[Mapping[str, Table], Doc("counts, published")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An explainer and how good its explanations are."""

    name: Annotated[str, Doc("its name in the study")]
    plugin: Annotated[Plugin, Doc("the explainer and its settings")]
    images: Annotated[int, Doc("samples that it explained")]
    r2: Annotated[float | None, Doc("median over images and classes of the surrogate's R², if it has one")]
    jaccard: Annotated[
        float | None, Doc("median over images and classes of the agreement of the top five between repeats, if known")
    ]
    trust: Annotated[tuple[str, ...], Doc("how it compares with maps that know nothing of the network, in sentences")]
    table: Annotated[Table | None, Doc("how well each sample could be explained, if known")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """A search for settings."""

    trials: Annotated[int, Doc("how many were begun")]
    states: Annotated[Mapping[str, int], Doc("{complete, pruned, failed: trials}")]
    best: Annotated[int, Doc("number of the winner")]
    value: Annotated[float, Doc("of the winner's objective, which it was chosen by")]
    objective: Annotated[str, Doc("what the trials were ranked by")]
    ranked_n: Annotated[int, Doc("validation samples that they were ranked on")]
    sampler: Annotated[str, Doc("how new settings are proposed: tpe or random")]
    reduction: Annotated[int, Doc("of Hyperband: how many trials one is chosen among at each stop")]
    least: Annotated[int, Doc("epochs before a trial may be stopped")]
    epochs: Annotated[int, Doc("of a whole trial")]
    epochs_run: Annotated[int, Doc("by all trials together")]
    processes: Annotated[int, Doc("that shared the search")]
    repeatable: Annotated[bool, Doc("the same search ends with the same winner")]
    winner: Annotated[Mapping[str, str], Doc("{`model.width`: its value, to three digits}")]
    space: Annotated[Mapping[str, str], Doc("{`model.width`: the values it might have had, in words}")]
    seconds: Annotated[float, Doc("of work")]
    table: Annotated[Table, Doc("the best trials")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What the same estimator makes of shuffled labels."""

    repeats: Annotated[int, Doc("how often labels were shuffled between trials")]
    accuracy: Annotated[float, Doc("mean over the repeats")]
    low: Annotated[float | None, Doc("lower end of what chance gives, None if that is not known")]
    high: Annotated[float | None, Doc("upper end of what chance gives")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What an experiment makes of recordings."""

    chain: Annotated[tuple[Plugin, ...], Doc("features and their settings, one after the other")]
    shape: Annotated[tuple[int, ...], Doc("of one sample")]
    axes: Annotated[tuple[str, ...], Doc("names of the axes of a sample")]
    unit: Annotated[str, Doc("of its values")]
    n: Annotated[int, Doc("samples")]
    notices: Annotated[tuple[str, ...], Doc("what was mended or left out on the way, counted")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """An experiment of the study; what is not there yet or has failed is None or empty."""

    name: Annotated[str, Doc("its name in the study")]
    slug: Annotated[str, Doc("file name of its page without the suffix")]
    samples: Annotated[str, Doc("equal for experiments that are tested on the same samples: their data set and split")]
    title: Annotated[str, Doc("what the report calls it")]
    about: Annotated[str, Doc("the author's words on it")]
    dataset: Annotated[Dataset | None, Doc("its data, None if they could not be read")]
    task: Annotated[str, Doc("classify, tune, explore")]
    features: Annotated[Derived | None, Doc("what it makes of recordings; None: images, or they are not made yet")]
    model: Annotated[Plugin, Doc("the model and its settings")]
    split: Annotated[Plugin, Doc("how its samples are divided")]
    folds: Annotated[tuple[str, ...], Doc("one model each; a single nameless one where the split has none")]
    canary: Annotated[Canary | None, Doc("what shuffled labels come to, if that was tried")]
    train: Annotated[Mapping[str, Any], Doc("{setting of the training: value}")]
    evaluate: Annotated[Mapping[str, Any], Doc("{setting of the evaluation: value}")]
    judge: Annotated[Mapping[str, Any], Doc("{setting of how explanations are judged: value}")]
    seeds: Annotated[tuple[int, ...], Doc("random seeds, one training each")]
    images_per_class: Annotated[int, Doc("test images of each class that are explained")]
    network: Annotated[Model | None, Doc("what was built: parameters, layers")]
    trainings: Annotated[tuple[Training, ...], Doc("one a seed")]
    smoke: Annotated[bool, Doc("trained only to see that it runs: its scores are no result")]
    scores: Annotated[Scores | None, Doc("how well it did")]
    divided: Annotated[Mapping[str, int], Doc("{part: samples}; parts are train, validation, test, unused")]
    tuning: Annotated[Tuning | None, Doc("the search that its settings come from, if there was one")]
    explanations: Annotated[tuple[Explanation, ...], Doc("one an explainer")]
    gaps: Annotated[tuple[Gap, ...], Doc("steps of it that did not finish")]
    seconds: Annotated[float, Doc("of work in all its steps")]
    tables: Annotated[
        Mapping[str, Table],
        Doc("scores, per_class, divided, trainings, layers, settings, records; of recordings also units, fits, sources"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Experiments on one data set and split, side by side."""

    name: Annotated[str, Doc("`faces-official`: its data set and split")]
    slug: Annotated[str, Doc("file name of its page without the suffix")]
    dataset: Annotated[Dataset, Doc("the data of all of them")]
    split: Annotated[Plugin, Doc("how all of them divide it")]
    n: Annotated[int, Doc("test samples")]
    groups: Annotated[int, Doc("independent groups of them")]
    experiments: Annotated[tuple[Experiment, ...], Doc("best on the validation part first")]
    left_out: Annotated[tuple[Experiment, ...], Doc("on the same samples, but without a result: smoke-trained or failed")]
    clear: Annotated[tuple[str, ...], Doc("`this over that and that`, where the test part clearly says what validation does")]
    reversed: Annotated[tuple[str, ...], Doc("the same where it clearly says the opposite")]
    settled: Annotated[tuple[str, ...], Doc("those of `clear` that other trainings with these settings would show too")]
    apart: Annotated[int, Doc("pairs that differ clearly on the test part")]
    pairs: Annotated[int, Doc("pairs that were compared")]
    tests: Annotated[tuple[str, ...], Doc("mcnemar, sign_flip: the tests that were used")]
    tables: Annotated[Mapping[str, Table], Doc("scores, pairs")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Experiments that only differ in their split."""

    name: Annotated[str, Doc("`brains-svm`: its data set and model")]
    slug: Annotated[str, Doc("file name of its page without the suffix")]
    dataset: Annotated[Dataset, Doc("the data of all of them")]
    model: Annotated[Plugin, Doc("the model of all of them")]
    unit: Annotated[str, Doc("what scores are paired over: subject, recording, trial")]
    units: Annotated[int, Doc("how many of these all experiments share")]
    experiments: Annotated[tuple[Experiment, ...], Doc("in the order of the study")]
    gaps: Annotated[tuple[str, ...], Doc("sentences that name the gaps between splits")]
    tables: Annotated[Mapping[str, Table], Doc("scores, pairs")]


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
        tuple[Picture, ...], Doc("figures that the front matter's `key` asks for, of the best experiment and its data")
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
