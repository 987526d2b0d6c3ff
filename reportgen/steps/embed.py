"""Step: fit a map of emotions to the ratings of the training part, and say where things lie on it.

A kind `map` is the JSON object

    {"method": "infonce", "vdm2009" or "plane", "emotions", "scale", "whole", "dimension": 2, "settings", "members",
     "segments": training rows, "distinct": different ratings among them, "parameters": numbers in all networks,
     "anchors": [{"emotion", "at": [x, y], "spread": covariance over the networks, "affect": [valence, arousal] or null}],
     "zero": {"at", "share": of training rows that are without any emotion} or null, "limits": [[x0, x1], [y0, y1]],
     "unit": root mean square distance of training rows from their mean,
     "orientation": {"by": "affect" or "none", "valence": r of the anchors' x with it or null, "arousal": r of their y},
     "course": [{"member", "step", "loss"}], "notes": [sentence]}

Anchors are the pure emotions that some training row has: one at its largest, the others absent. If the ratings are valence
and arousal, they are a plane already: the method is "plane", nothing is fitted, there are no `map_weights`, and an anchor has
the other one in its middle.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reportgen.core import PARTS, TEST, TRAIN, Place
from reportgen.embedding.density import density, edges, limits
from reportgen.embedding.distinct import Distinct, distinct
from reportgen.emotions import affect, is_plane, pure
from reportgen.errors import StepError
from reportgen.mapping.fitting import fit
from reportgen.mapping.orientation import agreement
from reportgen.mapping.projection import projection_of
from reportgen.outputs import Inputs, Out
from reportgen.words import listing
from reportgen.work import Work


@dataclass(frozen=True, slots=True)
class _Made:
    """A map, fitted or given."""

    method: str
    settings: dict[str, Any]
    by: str = "affect"
    tensors: dict[str, Any] = field(default_factory=dict)
    course: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run(inputs: Inputs, out: Out, work: Work, *, map: dict[str, Any], seed: int) -> None:  # noqa: A002 # a key of the study
    """Write map, map_weights and density.

    The test part is only counted, on the grid of `density`; no fit and no limit sees it.

    Args:
        inputs: facts, intensities and parts.
        out: for the outputs.
        work: where to compute, and who hears of progress.
        map: settings of `mapping.fitting.fit`.
        seed: of whatever is drawn.
    """
    facts = inputs.one("facts")
    emotions, scale = facts["classes"], tuple(facts["scale"])
    train, test = (_part(inputs, part) for part in (TRAIN, TEST))
    if not len(train):
        raise StepError("the training part holds no rated segment", "Give it a share in the split.")
    if is_plane(emotions):
        made = _Made("plane", {}, notes=["The ratings are valence and arousal, a plane already: nothing is fitted."])
    else:
        place = Place(device=work.device, seed=seed, progress=work.progress)
        fitted = fit(train, emotions, scale, place, **map)
        made = _Made(fitted.settings["method"], fitted.settings, fitted.oriented, fitted.tensors, fitted.course, fitted.notes)
    about = _described(facts, train, made)
    x, y = edges(np.array(about["limits"]))
    projection = projection_of(about, made.tensors)
    shares = {
        PARTS[part]: density(projection(known.vectors).at, known.weights, x, y)
        for part, known in ((TRAIN, train), (TEST, test))
    }
    out.json("map", about)
    np.savez_compressed(out.path("density", ".npz", axes=("row", "column")), x=x, y=y, **shares)  # type: ignore[arg-type] # stubs
    if made.tensors:
        from safetensors.torch import save_file

        save_file(made.tensors, out.path("map_weights", ".safetensors"))


def _part(inputs: Inputs, part: int) -> Distinct:
    """The different ratings of a part; segments that nobody rated are left out."""
    values = np.asarray(inputs.one("intensities"))
    return distinct(values[(np.asarray(inputs.one("parts")) == part) & np.isfinite(values).all(axis=1)])


def _described(facts: dict[str, Any], train: Distinct, made: _Made) -> dict[str, Any]:
    """The kind `map`."""
    emotions, (low, high) = facts["classes"], facts["scale"]
    about: dict[str, Any] = {
        "method": made.method,
        "emotions": emotions,
        "scale": [low, high],
        "whole": facts["whole"],
        "dimension": 2,
        "settings": made.settings,
        "members": made.settings.get("members", 1),
        "segments": int(train.weights.sum()),
        "distinct": len(train),
        "parameters": sum(tensor.numel() for name, tensor in made.tensors.items() if name not in ("mean", "scale")),
    }
    projection = projection_of(about, made.tensors)
    plane = projection(train.vectors).at.astype(np.float64)
    absent = (low + high) / 2 if made.method == "plane" else low
    there = np.atleast_1d(
        (train.vectors > np.float32(low)).any(axis=0)
    )  # nothing is known of where an emotion lies that nobody had
    anchors = projection(pure(emotions, (absent, high))[there])
    named = [name for name, known in zip(emotions, there.tolist(), strict=True) if known]
    zero = projection(np.full((1, len(emotions)), low, np.float32)).at[0]
    mean = np.average(plane, axis=0, weights=train.weights)
    valence, arousal = agreement(named, anchors.at)
    about["anchors"] = [
        {"emotion": name, "at": at.tolist(), "spread": spread.tolist(), "affect": affect(name)}
        for name, at, spread in zip(named, anchors.at, anchors.spread, strict=True)
    ]
    none = train.weights[(train.vectors == np.float32(low)).all(axis=1)].sum() / train.weights.sum()
    return about | {
        "zero": None if made.method == "plane" else {"at": zero.tolist(), "share": float(none)},
        "limits": limits(plane, train.weights, anchors.at).tolist(),
        "unit": float(np.sqrt(np.average(((plane - mean) ** 2).sum(axis=1), weights=train.weights))),
        "orientation": {"by": made.by, "valence": valence, "arousal": arousal},
        "course": made.course,
        "notes": [*made.notes, *_missing([name for name in emotions if name not in named])],
    }


def _missing(names: list[str]) -> list[str]:
    if not names:
        return []
    return [f"No segment of the training part has {listing(names)}: where that lies is not known, and it is not drawn."]
