"""The words of the project as frozen types: no I/O, numpy only.

Steps hand each other *outputs*. An output is one file in the store; its stem is its kind, and the kinds are the
closed list `KINDS` below: the joint between the half that computes and the half that reports.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

Part = Literal["unused", "train", "validation", "test"]
PARTS: tuple[Part, ...] = ("unused", "train", "validation", "test")
"""What the numbers in the output `parts` mean."""
UNUSED, TRAIN, VALIDATION, TEST = range(len(PARTS))

KINDS: Mapping[str, str] = {
    # of a data set (step `load`)
    "facts": "json: its `Facts`, with `n`, `counts` found {part: {class: n}}, `published_counts`, `parts`, `shape`, `notices`",
    "samples": "(sample, row, column) uint8 grey, or (sample, …) float32; restricted where its people did not agree",
    "labels": "(sample,) int16, index into facts.classes",
    "origin": "(sample,) int16, index into facts.parts: the part that the publisher put the sample in",
    "sources": "(sample,) text: file name or row, to find the sample again",
    "twins": "(sample,) int32: samples that are identical to the last bit share a number",
    "truth": "(sample, row, column) bool: region that was planted to carry the class (simulated data only)",
    "class_means": "(class, row, column) float32 in [0, 255]: mean over the publisher's training part",
    # of an EEG data set (step `load`); its `facts` have `rate` in Hz, `channels`, `positions` {channel: [x, y, z] m} or null,
    # `bands` or null, `subjects`, `sessions`, `recordings`, and n and counts are of trials
    "signals": "(time, channel) float32, or (window, channel, band) of given features: stretches one after another",
    "stretches": "json: {column: [value a stretch]}: subject, session, recording, trial, clip, label, start in s,"
    " offset, lead, length, tail in rows of `signals`: the trial itself lies from offset + lead on; dataset, of a pool",
    "quality": "json: {channels, recordings: [{subject, session, recording, seconds, measures: {name: [channel]}}]},"
    " see quality.py",
    "planted": "json: what was planted into simulated recordings, see datasets/eeg_sim.py",
    # of an experiment on EEG: what its features make of the signals (step `features`); with samples, labels, twins
    "features": "json: {chain: [{use, settings}], shape, axes, unit, names {axis: [name]}, channels, n, notices}",
    "rows": "npz: {column: (sample,)}: dataset, subject, session, recording, trial, clip, all text and unique in the study;"
    " index: of the window in its trial; start, stop in s since the recording began; rate in Hz",
    "interpolated": "json: the rows of `pieces` that were stretched to another length, where there are any",
    "pieces": "json: {column: [value a stretch]}: subject, session, recording, trial, clip, label and what was measured"
    " on the way: {name: [value]}",
    # of an experiment: how its samples are divided (step `split`)
    "split": "json: name, settings, counts {part: {class: n}}, test_origin, n_test, n_test_twin_free, folds [name]; of several"
    " folds, counts are the sum of the test parts and the mean of the others",
    "parts": "(sample,) or, of a split with folds, (fold, sample) uint8, index into PARTS",
    "twin_free": "(sample,) bool: no identical sample lies in train or validation",
    "rehearsal": "json: {model, loss, explainers}: what an untrained network was tried with (step `rehearse`)",
    # of an experiment and seed (steps `train`, `evaluate`)
    "model": "json: id, settings, trainable, buffers, layers [{name, type, shape, parameters}]",
    "weights": "safetensors: the chosen epoch's parameters and buffers",
    "history": "json: epochs [{epoch, learning_rate, train_loss, train_accuracy, validation_loss, validation_accuracy}],"
    " chosen, stopped, smoke, chosen_by, loss, order, samples {train, validation}, standardise {mean, sd},"
    " levels {mean, sd} of the training part in grey values",
    "logits": "(sample, class) float32: of the test part, in the order of `test_samples`",
    "test_samples": "(sample,) int32, index into samples",
    "validation_logits": "(sample, class) float32: of the validation part in the order of the samples",
    "looks": "json: {test: how often the test part was looked at, by: [who]}",
    "validation_samples": "(sample,) int32, index into samples: of `validation_logits`, where folds are gathered",
    # of an experiment whose model is an estimator, a fold and a seed (step `fit`); step `evaluate` gathers the folds
    "fitted": "json: see estimating.py: {model, chosen, candidates [{name, validation}], scale, samples {train, validation},"
    " outliers {rule, threshold, trials [{trial, distance}]}}",
    "fold_logits": "(sample, class) float32: of the fold's test part, in the order of the samples",
    "fold_validation_logits": "(sample, class) float32: of its validation part, in the order of the samples",
    "canary": "json: see steps/canary.py: accuracy of the same estimator, fitted to shuffled labels",
    # of experiments that only differ in their split (step `contrast`)
    "contrast": "json: see contrast.py: the same model under several splits, unit by unit",
    # of an experiment that looks at the data (task `explore`)
    "spectra": "npz: see steps/spectra.py: power spectra of each class, channel and unit",
    "separation": "json: see steps/spectra.py: how far each channel and band separates the classes",
    "projection": "npz: see steps/projection.py: PCA and t-SNE of the features",
    "outliers": "json: see steps/outliers.py: what trimming and outlier trials do to the score",
    # of an experiment, all seeds (steps `evaluations`, `score`)
    "evaluations": "json: {ever: trainings that were tried on the test part since the store began, shown: those of this build}",
    "scores": "json: see metrics.py",
    # of an experiment and explainer (step `explain`)
    "explained": "json: [{sample, label, predicted, probability}] of the explained test samples",
    "explained_samples": "(image, row, column) uint8, restricted like `samples`",
    "explained_truth": "(image, row, column) bool",
    "superpixels": "(image, row, column) int16: segment of each pixel, from 0",
    "superpixel_weights": "(image, class, segment) float32, probability units; NaN beyond an image's own segments",
    "superpixel_signs": "(image, class, segment) float32 in [0, 1]: share of repeats with the weight's sign; NaN as there",
    "lime_quality": "json: [{sample, segments, samples, repeats, r2 [class], jaccard [class], kernel_width, engine,"
    " notes [text]}]: all samples and their R², Jaccard index of the top five between repeats",
    "attribution": "(image, class, row, column) float32, raw units of the explainer",
    "feature_maps": "npz: {layer: (class, unit, row, column) float32}: class means over test samples, most selective first",
    "feature_units": "json: {layer: {units: [index], selectivity: [0..1], of: number of units}}",
    "attribution_means": "(class, row, column) float32: mean over reference test samples of each class of its own map",
    "attribution_about": "json: {method, layer, map_shape, unit, complete: {bias [class], largest_gap} | null}",
    "class_activation": "(image, class, map row, map column) float32, unit as attribution_about says, not enlarged;"
    " for cam: mean + bias = logit",
    # of an experiment and explainer, held against controls (step `judge`): see the modules of reportgen/judging
    "faithfulness": "json: see judging/faithfulness.py: deletion, insertion and ROAD beside four controls",
    "localisation": "json: see judging/localisation.py: pointing game and relevance inside the planted region",
    "randomisation": "json: see judging/randomisation.py: likeness of the maps as layers are randomised",
    # of an experiment whose settings are searched for (step `tune`)
    "trials": "json: see tuning/outcome.py: every trial, its settings, its course and its state",
    "tuned": "json: {settings {model, train}, trial, value, importance {parameter: share} | null}: the winner",
    "ranked_samples": "(sample,) int32, index into samples: what the trials were ranked on",
    # of the experiments on one data set and split (step `compare`)
    "comparison": "json: see comparison.py: scores side by side, paired tests, differences of each class",
    # of the study
    "findings": "json: [Finding]",
    "figure": "json: Figure without its pictures; beside it figure.svg|png, figure.csv, figure.plotly.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A published value, with the part of the data it belongs to: a score on another part is another number."""

    name: str
    model: str  # id of the model it was reached with, "" for none of ours
    metric: str  # a name in `scores`
    value: float
    part: str  # the publisher's name of the test part, one of the keys of Facts.counts
    source: str  # citation key or short citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about a data set before a byte of it is read."""

    title: str
    modality: Literal["image", "eeg", "vector"]
    classes: tuple[str, ...]
    simulated: bool
    licence: str
    consent: str  # what the people in it agreed to, as far as known
    redistribute: bool  # may samples be shown in a public report?
    citation: str
    bibtex: str = ""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # {part: {class: published count}}
    training_part: str = "train"  # the publisher's name of the part to train on
    test_part: str = "test"  # and of the part to test on
    references: tuple[Reference, ...] = ()
    limits: str = ""  # what conclusions the data cannot carry


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """One chunk of a data set: rows of an array, their labels and where they come from."""

    x: np.ndarray  # (sample, row, column) uint8 for images
    axes: tuple[str, ...]  # names of x's axes
    unit: str
    labels: np.ndarray  # (sample,) int, index into Facts.classes
    origin: np.ndarray  # (sample,) str, the publisher's part
    sources: np.ndarray  # (sample,) str, file name or row
    truth: np.ndarray | None = None  # (sample, row, column) bool, planted region
    notices: tuple[str, ...] = ()  # one line each: what differs from the published facts, what was skipped or mended


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A gapless stretch of one trial of a recording; a trial with a gap has several."""

    x: np.ndarray  # (channel, time) float32, or (window, channel, band) float32 of given features
    label: int  # index into Facts.classes
    trial: str  # unique in its recording
    clip: str = ""  # what was shown, the same for all who saw it; "" unknown
    start: float = 0.0  # s since the recording began, of the first sample after `lead`
    lead: int = 0  # samples before the trial that only keep filters from ringing in it
    tail: int = 0  # and after it


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What a reader of EEG yields: one recording in memory at a time."""

    subject: str
    session: str
    source: str  # file name, unique in the data set
    channels: tuple[str, ...]  # the same for all recordings of a data set
    rate: float  # Hz; of given features: windows a second. The same for all recordings
    stretches: tuple[Stretch, ...]
    unit: str = "µV"
    bands: Mapping[str, tuple[float, float]] | None = None  # Hz, of given features
    planted: Mapping[str, Any] | None = None  # JSON: what the simulation put in
    notices: tuple[str, ...] = ()  # one line each: what differs from the published facts, what was skipped or mended


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch on its way through the features of an experiment: first a signal, then windows of it."""

    x: np.ndarray  # (channel, time) float32, with `lead` and `tail`; or (window, …) float32 without
    axes: tuple[str, ...]  # names of x's axes: channel, time; or window and channel, band, frequency, time, row, column …
    unit: str
    channels: tuple[str, ...]
    rate: float  # Hz: samples of `time` per second in which they were recorded, also after interpolation
    highest: float = math.inf  # Hz, what was recorded: upsampling adds nothing above it
    start: float = 0.0  # s since the recording began, of the first sample after `lead`
    lead: int = 0  # samples of `time` before the trial
    tail: int = 0  # and after it
    spans: np.ndarray | None = None  # (window, 2) s since the recording began: start and stop of each window
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # {axis: names along it}, channels excepted
    measures: Mapping[str, float] = field(default_factory=dict)  # {name with unit: number}, kept for the report
    notices: tuple[str, ...] = ()  # what was mended; equal ones of several pieces are counted

    @property
    def trial(self) -> np.ndarray:
        """(channel, time): the signal without what only serves filters."""
        return np.asarray(self.x[..., self.lead : self.x.shape[-1] - self.tail])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a split may look at: labels and where the samples come from, never the samples themselves."""

    labels: np.ndarray  # (sample,) int, index into classes
    origin: np.ndarray  # (sample,) str, the publisher's part; of a pool the name of the data set
    groups: np.ndarray  # (sample,) int: samples of one group belong together; for images, identical ones
    classes: tuple[str, ...]
    training_part: str  # Facts.training_part
    test_part: str = "test"  # Facts.test_part
    subject: np.ndarray | None = None  # (sample,) str, as in kind `rows`; None where the data do not know
    session: np.ndarray | None = None  # 1, 2, 3 …: the same for all subjects, in the order of recording
    recording: np.ndarray | None = None
    trial: np.ndarray | None = None  # unique over all recordings
    clip: np.ndarray | None = None  # the same for all who saw it


@dataclass(frozen=True, slots=True, kw_only=True)
class Folds:
    """A split that tests several models, each on other samples."""

    names: tuple[str, ...]  # of the folds, unique: "subject 3"
    parts: np.ndarray  # (fold, sample) uint8, index into PARTS; no sample is tested twice


@dataclass(frozen=True, slots=True)
class Spec:
    """What a model is built for."""

    shape: tuple[int, ...]  # (channel, row, column) of one sample
    classes: int


@dataclass(frozen=True, slots=True)
class Explained:
    """What an explainer is given: samples of the test part, on the device, with what the model should have said."""

    x: Any  # torch.Tensor (image, channel, row, column) float32, standardised as in training
    images: np.ndarray  # (image, row, column) uint8, as stored
    labels: np.ndarray  # (image,) int
    classes: tuple[str, ...]
    ids: np.ndarray  # (image,) int, index into samples: seeds are derived from it
    standardise: Any  # (image, channel, row, column) float tensor in [0, 255] -> the model's input
    reference: Any = None  # torch.Tensor (sample, channel, row, column): many test samples, for class means
    reference_labels: np.ndarray | None = None  # (sample,) int


@dataclass(frozen=True, slots=True)
class Array:
    """An array that says what it is."""

    values: np.ndarray
    axes: tuple[str, ...]
    unit: str = ""
    restricted: bool = False  # shows samples: not for a public report where the data may not be redistributed


Severity = Literal["ok", "notice", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an audit says. `ok` findings are shown too: a check that passed is a result."""

    severity: Severity
    about: str  # "data set faces" or "experiment small"
    title: str  # the finding in one sentence
    evidence: str  # numbers
    remedy: str = ""
    rows: tuple[tuple[str, ...], ...] = ()  # a small table, first row the header


@dataclass(frozen=True, slots=True)
class Step:
    """One cached unit of work, named and described, nothing of it loaded."""

    name: str  # unique in a study: "train small seed 0"
    call: str  # "reportgen.steps.train:train"
    settings: Mapping[str, Any] = field(default_factory=dict)  # its slice of the study: all it may see
    inputs: tuple[str, ...] = ()  # names of earlier steps
    about: Mapping[str, str] = field(default_factory=dict)  # dataset, experiment, seed, explainer, figure …
    plugins: tuple[str, ...] = ()  # "model/fer_vgg": whose code it runs beside its own
    reads: tuple[str, ...] = ()  # the kinds it reads of its inputs; empty: all
    files: Mapping[str, Path] = field(default_factory=dict)  # the user's, by setting: their content counts, not their place


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """An answer drawn from outputs."""

    title: str  # the finding, if there is one: "Fear is mistaken for sadness"
    caption: str  # what is seen and what it means
    alt: str  # the finding for somebody who cannot see it; differs from the caption
    picture: Any  # matplotlib Figure
    data: Any  # header row and rows: Sequence[Sequence[object]], becomes the CSV
    dense: bool = False  # True: PNG at 200 dpi; False: SVG
    width: Literal["column", "narrow"] = "column"
    interactive: Mapping[str, Any] | None = None  # a Plotly figure as JSON, drawn over the static picture
