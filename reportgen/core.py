"""The words of the project as frozen types: no I/O, numpy only."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

Part = Literal["unused", "train", "validation", "test"]
PARTS: tuple[Part, ...] = ("unused", "train", "validation", "test")
"""What the numbers in the output `parts` mean."""
UNUSED, TRAIN, VALIDATION, TEST = range(len(PARTS))


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
    scale: tuple[float, float] = (0.0, 1.0)  # of ratings: least and largest; above the least an emotion is called present
    whole: str = "video"  # of rated segments: what they are of, "video" or "song"


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
class Segments:
    """What a reader of ratings yields: all rated segments of one video or song, in the order of time."""

    video: str  # or song: what belongs together, unique in the data set
    part: str  # the publisher's part
    source: str  # file name or row
    start: np.ndarray  # (segment,) s since the video began
    stop: np.ndarray  # (segment,) s
    values: np.ndarray  # (segment, emotion) float32 in Facts.scale, emotions as Facts.classes; NaN: nobody rated it
    speaker: str = ""  # the same for several videos; "" unknown
    spread: np.ndarray | None = None  # (segment, emotion) standard deviation over raters, NaN unknown
    raters: np.ndarray | None = None  # (segment,) int: how many people rated it
    overall: np.ndarray | None = None  # (emotion,) what was said of the video as a whole, apart from its segments
    modalities: Mapping[str, np.ndarray] = field(default_factory=dict)  # {name: (segment, feature) or (segment, window,
    # feature) float32}: the same names and shapes for all videos; NaN where a number is missing
    transcripts: tuple[str, ...] = ()  # what is said in each segment, "" for nothing
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

    shape: tuple[int, ...]  # (channel, row, column) of one sample; two axes of a feature get one in front, as grey images do
    classes: int
    axes: tuple[str, ...] = ("channel", "row", "column")  # of a feature its own, such as ("map", "frequency", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A stretch of a test trial as it was recorded, and what became of it."""

    label: int
    unit: str  # as Decoder.unit
    name: str  # of the trial, unique in the study
    samples: np.ndarray  # (window,) int, index into the samples of its decoder, in the order in which `extract` gives them
    piece: Callable[[], Piece]  # reads the signal, with the channels that the features get


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """The network of one fold, and the test part of that fold, which it has never seen."""

    fold: str  # its name, "" of a split without folds
    model: Any  # torch.nn.Module in evaluation mode, on `device`
    control: Any  # one like it, trained on shuffled labels, or None
    standardise: Any  # float tensor of features (sample, …) on `device` -> the input of both; gradients pass through
    device: str
    classes: tuple[str, ...]
    samples: np.ndarray  # (sample, …) float32: features of the test part
    labels: np.ndarray  # (sample,) int
    unit: np.ndarray  # (sample,) str: what intervals are over, see units.py
    over: str  # what that is: subject, recording or trial
    trial: np.ndarray  # (sample,) str
    baseline: np.ndarray  # (…) float32: of the training part, mean over classes of the mean of each
    spread: np.ndarray  # (…) float32: of the training part, standard deviation of each number of a sample
    axes: tuple[str, ...]  # of a sample: ("channel", "time"), ("frequency", "channel"), ("channel", "band"), ("band", "row",
    # "column") or ("slice", "band", "row", "column"); others are not explained in Hz
    channels: tuple[str, ...]
    cells: np.ndarray | None  # (channel, 2) int: row and column of each channel, of features on a grid
    frequency: np.ndarray | None  # (frequency,) Hz, of an axis `frequency`
    bands: Mapping[str, tuple[float, float]] | None  # {name: (from, below) Hz} of an axis `band`, in its order
    rate: float  # Hz: of an axis `time`, or of what the features were made of; NaN where samples differ
    trials: Sequence[Trial]  # nothing where features were given and no signals
    extract: Callable[[Piece], np.ndarray]  # signal -> features (window, …) float32, by the chain of the experiment
    positions: Mapping[str, Sequence[float]] | None  # {channel: (x, y, z) m}
    planted: Any = None  # kind `planted`, of simulated recordings


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how a training runs, beside its settings."""

    device: str  # of torch: "cpu", "cuda", "mps"
    seed: int
    checkpoint: Path | None = None  # kept up to date; the caller removes it
    progress: Callable[[int, int, str], None] = lambda *_: None  # updates done, of all, last news
    stop: Callable[[Sequence[Mapping[str, Any]]], bool] = lambda _: False  # given all epochs so far: is that enough?


@dataclass(frozen=True, slots=True)
class Explained:
    """What an explainer is given: samples of the test part, on the device, with what the model should have said.

    Of recordings an image is a sample of features, and its axes are those of the feature.
    """

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
