"""Taking in a data set of images."""

import hashlib
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import numpy as np

from reportgen.array_file import ArrayFile
from reportgen.core import Facts, Samples
from reportgen.outputs import Out


class Intake:
    """Takes in a data set chunk by chunk: samples go straight to disk, the small things are collected.

    Writes facts, samples, labels, origin, sources, twins, class_means and, for simulated data, truth.
    """

    def __init__(self, facts: Facts, out: Out) -> None:
        self.n = 0
        self.per_class = np.zeros(len(facts.classes))  # (class,) samples of the publisher's training part
        self._facts, self._out = facts, out
        self._sums: Any = 0.0  # (class, row, column) over the publisher's training part
        self._rows: dict[str, list[np.ndarray]] = {"labels": [], "origin": [], "sources": [], "hashes": []}
        self._notices: list[str] = []
        self._like: Samples | None = None
        self._files = ExitStack()
        self._written: dict[str, ArrayFile] = {}

    def __enter__(self) -> "Intake":
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def add(self, chunk: Samples) -> None:
        """Take in one chunk."""
        self._like = chunk
        self.n += len(chunk.x)
        self._append("samples", chunk.x, chunk.unit)
        if chunk.truth is not None:
            self._append("truth", chunk.truth, "")
        for name in ("labels", "origin", "sources"):
            self._rows[name].append(np.asarray(getattr(chunk, name)))
        self._rows["hashes"].append(np.array([hashlib.sha256(x.tobytes()).digest() for x in chunk.x], dtype="S32"))
        self._notices += chunk.notices
        training = np.asarray(chunk.origin) == self._facts.training_part
        member = (chunk.labels[training, None] == np.arange(len(self.per_class))).astype(np.float64)  # (sample, class)
        self._sums = self._sums + np.tensordot(member, chunk.x[training].astype(np.float64), axes=(0, 0))
        self.per_class += member.sum(0)

    def _append(self, kind: str, rows: np.ndarray, unit: str) -> None:
        assert self._like is not None
        if kind not in self._written:
            restricted = not self._facts.redistribute
            path = self._out.path(kind, ".npy", restricted=restricted, axes=self._like.axes, unit=unit)
            self._written[kind] = self._files.enter_context(ArrayFile(path))
        self._written[kind].append(rows)

    def finish(self, use: str) -> None:
        """Write all but the samples."""
        assert self._like is not None
        labels, origin, sources, hashes = (np.concatenate(rows) for rows in self._rows.values())
        parts = sorted(set(origin.tolist()))
        means = self._sums / np.maximum(self.per_class, 1)[:, None, None]
        twins = np.unique(hashes, return_inverse=True)[1]
        self._out.array("labels", labels.astype(np.int16), ("sample",))
        self._out.array("origin", np.searchsorted(parts, origin).astype(np.int16), ("sample",))
        self._out.array("sources", sources, ("sample",))
        self._out.array("twins", twins.astype(np.int32), ("sample",))
        self._out.array("class_means", means.astype(np.float32), ("class", "row", "column"), self._like.unit)
        counts = {
            part: {name: int(((origin == part) & (labels == i)).sum()) for i, name in enumerate(self._facts.classes)}
            for part in parts
        }
        published = asdict(self._facts)
        found = {
            "id": use,
            "n": self.n,
            "parts": parts,
            "published_counts": published.pop("counts"),
            "counts": counts,
            "shape": list(self._like.x.shape[1:]),
            "axes": list(self._like.axes),
            "unit": self._like.unit,
            "notices": self._notices,
        }
        self._out.json("facts", {**published, **found})
