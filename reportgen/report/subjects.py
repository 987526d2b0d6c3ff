"""What a report is about, as templates are given it: data sets, experiments, and what compares them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_doc import Doc

from reportgen.report.frequencies import Frequencies
from reportgen.report.ratings import Ratings
from reportgen.report.regressions import Regression
from reportgen.report.results import Model, Scores, Training
from reportgen.report.spaces import Space
from reportgen.report.synthetic import Synthetic
from reportgen.report.tables import Table


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
    ratings: Annotated[Ratings | None, Doc("what is special to rated segments, which have no classes")]
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
    """What the same model makes of shuffled labels."""

    repeats: Annotated[int, Doc("how often labels were shuffled between trials")]
    accuracy: Annotated[float, Doc("balanced accuracy on the true labels of the test part, mean over the repeats")]
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
    task: Annotated[str, Doc("classify, tune, explore, generate, regress, embed")]
    recordings: Annotated[bool, Doc("its samples are made of recordings")]
    features: Annotated[Derived | None, Doc("what it makes of recordings; None: images, or they are not made yet")]
    model: Annotated[Plugin, Doc("the model and its settings; without an id: it has regressors, or makes a map")]
    split: Annotated[Plugin, Doc("how its samples are divided")]
    folds: Annotated[tuple[str, ...], Doc("one model each; a single nameless one where the split has none")]
    canary: Annotated[Canary | None, Doc("what shuffled labels come to, if that was tried")]
    train: Annotated[Mapping[str, Any], Doc("{setting of the training: value}")]
    evaluate: Annotated[Mapping[str, Any], Doc("{setting of the evaluation: value}")]
    judge: Annotated[Mapping[str, Any], Doc("{setting of how explanations are judged: value}")]
    seeds: Annotated[tuple[int, ...], Doc("random seeds, one training each")]
    images_per_class: Annotated[int, Doc("test images of each class that are explained")]
    network: Annotated[Model | None, Doc("what was built: parameters, layers")]
    trainings: Annotated[tuple[Training, ...], Doc("one a seed, of recordings one a fold and seed")]
    smoke: Annotated[bool, Doc("trained only to see that it runs: its scores are no result")]
    scores: Annotated[Scores | None, Doc("how well it did")]
    divided: Annotated[Mapping[str, int], Doc("{part: samples}; parts are train, validation, test, unused")]
    tuning: Annotated[Tuning | None, Doc("the search that its settings come from, if there was one")]
    explanations: Annotated[tuple[Explanation, ...], Doc("one an explainer")]
    frequencies: Annotated[Frequencies | None, Doc("which frequencies its networks use, if that was asked")]
    generators: Annotated[Mapping[str, Plugin], Doc("{name: what makes its synthetic samples}, empty where none are made")]
    synthetic: Annotated[Synthetic | None, Doc("its synthetic samples beside the real ones, if it makes any")]
    regressors: Annotated[Mapping[str, Plugin], Doc("{name: what predicts intensities}, empty where nothing does")]
    regression: Annotated[Regression | None, Doc("how well intensities are predicted, if they are")]
    space: Annotated[Space | None, Doc("the map of emotions that it makes, if it makes one")]
    gaps: Annotated[tuple[Gap, ...], Doc("steps of it that did not finish")]
    seconds: Annotated[float, Doc("of work in all its steps")]
    tables: Annotated[
        Mapping[str, Table],
        Doc("scores, per_class, divided, trainings, layers, settings, records; of recordings also units, fits, sources"),
    ]

    @property
    def recognises(self) -> bool:
        """Its task is to recognise classes, so that it belongs beside others that do."""
        return self.task not in ("explore", "generate", "regress", "embed")


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
