"""Step: how good a map of emotions is on segments that no fit has seen, beside other maps of the same ratings."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from reportgen.core import TEST, TRAIN
from reportgen.embedding.distinct import distinct
from reportgen.embedding.neighbours import most_neighbours
from reportgen.embedding.peers import Absent, peer
from reportgen.embedding.quality import MEASURES, Mapped, quality
from reportgen.errors import StepError
from reportgen.outputs import Inputs, Out
from reportgen.steps._map import projection_in
from reportgen.work import Work

_TITLES = {"infonce": "Parametric t-SNE", "vdm2009": "Parametric t-SNE (2009)"}


def run(inputs: Inputs, out: Out, work: Work, *, peers: Sequence[str], k: int, resamples: int, seed: int) -> None:
    """Write map_quality; nothing where the ratings are a plane themselves, which every measure would call perfect.

    Args:
        inputs: facts, intensities, segments, parts, map and map_weights.
        out: for the outputs.
        work: hears how far it is.
        peers: other maps, see `embedding.peers`.
        k: neighbours that are looked at.
        resamples: of the bootstrap over videos.
        seed: of whatever is drawn.
    """
    about = inputs.one("map")
    if about["method"] == "plane":
        return
    (known, train), (held, test) = (_part(inputs, part) for part in (TRAIN, TEST))
    if not len(held):
        raise StepError("the test part holds no rated segment", "Give it a share in the split.")
    learned, unseen = distinct(known), distinct(held)
    total = 1 + len(peers)
    projection = projection_in(inputs)

    def measured(key: str, title: str, note: str, inside: np.ndarray, outside: np.ndarray) -> dict[str, Any]:
        there = quality(Mapped(unseen, outside, test), k=k, resamples=resamples, seed=seed)
        here = quality(Mapped(learned, inside, train), k=k, resamples=0, seed=seed)
        values = {name: value["mean"] for name, value in here.items()}
        return {"key": key, "title": title, "values": there, "train": values, "note": note}

    work.progress(0, total, "the map")
    own = (projection(part.vectors).at for part in (learned, unseen))
    methods = [measured("map", _TITLES.get(about["method"], about["method"]), "", *own)]
    absent = []
    for done, key in enumerate(peers, start=1):
        work.progress(done, total, key)
        found = peer(key, learned, seed)
        if isinstance(found, Absent):
            absent.append({"key": key, "why": found.why})
        else:
            methods.append(measured(key, found.title, found.note, found.train, found.place(unseen.vectors)))
    out.json(
        "map_quality",
        {
            "k": most_neighbours(len(unseen), k),
            "n": {"segments": len(held), "distinct": len(unseen), "videos": len(np.unique(test))},
            "train": {"segments": len(known), "distinct": len(learned)},
            "resamples": resamples,
            "measures": list(MEASURES),
            "methods": methods,
            "absent": absent,
        },
    )


def _part(inputs: Inputs, part: int) -> tuple[np.ndarray, np.ndarray]:
    """Ratings (row, emotion) and videos (row,) of a part; segments that nobody rated are left out."""
    values = np.asarray(inputs.one("intensities"))
    rows = (np.asarray(inputs.one("parts")) == part) & np.isfinite(values).all(axis=1)
    return values[rows], np.unique(inputs.one("segments")["video"][rows], return_inverse=True)[1]
