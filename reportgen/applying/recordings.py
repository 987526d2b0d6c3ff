"""Recordings of EEG: read, made into the features of the experiment, decoded window by window, explained and compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reportgen import plugins
from reportgen.applying.answers import Answer
from reportgen.applying.finding import Found
from reportgen.applying.networks import Networks, agreement, answer_of, bars, networks_of
from reportgen.applying.recording_files import Taken, taken
from reportgen.applying.recording_pictures import over_time, relevance
from reportgen.applying.unlikeness import Unlikeness, odd
from reportgen.core import TRAIN
from reportgen.errors import DataError, UsageError
from reportgen.outputs import Inputs
from reportgen.steps.features import finite, through, verbs_of
from reportgen.words import counted

_EXPLAINED = 64
"""Windows that the explanation is a mean over, by lot: gradients cost memory."""


@dataclass(frozen=True, slots=True)
class Windows:
    """What the features make of a recording."""

    x: np.ndarray  # (window, …) float32
    spans: np.ndarray  # (window, 2) s since the recording began
    notices: tuple[str, ...]


def answers(found: Found, files: Sequence[Path]) -> tuple[list[Answer], np.ndarray, tuple[str, ...]]:
    """What the experiment's networks say of recordings.

    Returns:
        An answer a file, probabilities (file, network, class) as means over windows, and the classes.

    Raises:
        DataError: a file is no recording, lacks channels, or is too short.
        UsageError: the experiment learned from given features, which no recording has.
    """
    networks = networks_of(found)
    facts, features = networks.inputs.one("facts", dataset=found.dataset), networks.inputs.one("features")
    if facts["bands"] or not facts["rate"]:
        raise UsageError(
            f"experiment '{found.name}' learned from features as their publisher computed them, not from signals",
            "Apply an experiment whose data set holds signals.",
        )
    resampled = any(feature["use"] == "resample" for feature in features["chain"])
    made, means = [], []
    for file in files:
        signal = taken(file, facts, resampled=resampled)
        windows = _windows(file, signal, features)
        probabilities = networks.probabilities(windows.x)  # (network, window, class)
        means.append(probabilities.mean(axis=1))
        made.append(_answer(file, signal, windows, networks, probabilities))
    return made, np.stack(means), networks.classes


def _windows(file: Path, signal: Taken, features: Mapping[str, Any]) -> Windows:
    """The features of all stretches; windows with values that are no numbers are left out."""
    verbs = verbs_of(features["chain"])
    rows: list[np.ndarray] = []
    spans: list[np.ndarray] = []
    notices: dict[str, None] = {}
    for piece in signal.pieces:
        made = through(verbs, {"recording": file.name, "trial": "1"}, piece)
        if made.x.shape[1:] != tuple(features["shape"]):
            was, now = (" × ".join(map(str, shape)) for shape in (features["shape"], made.x.shape[1:]))
            hint = "Cut the recording into trials like those of the training data, or record at their rate."
            raise DataError(f"{file}: its windows are {now} where the model takes {was}", hint)
        whole = finite(made)
        assert made.spans is not None
        rows.append(np.asarray(made.x, np.float32)[whole])
        spans.append(made.spans[whole])
        notices |= dict.fromkeys(made.notices)
    if not sum(map(len, rows)):
        hint = "Record longer than one window of the experiment, with all channels."
        raise DataError(f"{file}: no window can be made of its {signal.seconds:.1f} s: {_why(notices)}", hint)
    return Windows(np.concatenate(rows), np.concatenate(spans), tuple(notices))


def _why(notices: Mapping[str, None]) -> str:
    return "; ".join(notices) or "values are missing in all of them"


def _answer(file: Path, signal: Taken, windows: Windows, networks: Networks, probabilities: np.ndarray) -> Answer:
    classes, mean = networks.classes, probabilities.mean(axis=1)  # (network, class)
    top = int(mean.mean(axis=0).argmax())
    over = counted(len(windows.x), "window")
    alike = _alike(networks, windows.x)
    return Answer(
        name=file.name,
        said=f"{answer_of(classes, mean)} over {over}",
        read=(*signal.read, f"cut into {over}", *(text.rstrip(".") for text in windows.notices)),
        warnings=(*filter(None, [alike.warning]), *agreement(classes, mean)),
        shown=over_time(signal, windows.spans, probabilities.mean(axis=0), classes),
        bars=bars(classes, mean, len(networks.each), over),
        explanation=relevance(networks.inputs, _maps(networks, windows.x, top), classes[top]),
        likeness=alike.sentence,
    )


def _maps(networks: Networks, x: np.ndarray, label: int) -> np.ndarray:
    """(…) mean size of the gradient of a class over windows, for the first network: one number for each of a sample."""
    drawn = np.sort(np.random.default_rng(0).permutation(len(x))[:_EXPLAINED])
    explain: Any = plugins.verb("explainer", "saliency")
    explained = networks.explained(x[drawn], np.full(len(drawn), label))
    values = explain(networks.each[0].model, explained, lambda *_: None)["attribution"].values
    return np.asarray(values[:, label].mean(axis=0))


def _alike(networks: Networks, x: np.ndarray) -> Unlikeness:
    """How unlike the training part the windows are."""
    inputs: Inputs = networks.inputs
    train = networks.standard(np.asarray(inputs.one("samples")[networks.part(TRAIN)]))
    mine = networks.standard(x)
    strength = np.sqrt((train**2).mean(axis=1))
    return Unlikeness(
        measures=networks.measures(x, inputs.one("rows")["subject"]),
        odd=(
            *odd("features' strength", float(np.median(np.sqrt((mine**2).mean(axis=1)))), strength, " SD"),
            *odd("features' mean", float(np.median(mine.mean(axis=1))), train.mean(axis=1), " SD"),
        ),
        rows="windows",
    )
