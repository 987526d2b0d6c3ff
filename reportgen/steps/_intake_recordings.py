"""Taking in a data set of recordings."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import numpy as np

from reportgen.array_file import ArrayFile
from reportgen.core import Facts, Recording, Stretch
from reportgen.montage import positions
from reportgen.outputs import Out
from reportgen.quality import Quality

RECORDED = "recorded"
"""The only part that a data set of recordings has."""


class RecordingIntake:
    """Takes in recordings one by one: signals go straight to disk, the small things are collected.

    Writes facts, signals, stretches, quality of signals and, for simulated data, planted.
    """

    def __init__(self, facts: Facts, out: Out) -> None:
        self.n = 0  # trials
        self.per_class = np.zeros(len(facts.classes))  # (class,) trials
        self._facts, self._out = facts, out
        self._stretches: list[dict[str, Any]] = []
        self._quality: list[dict[str, Any]] = []
        self._planted: list[dict[str, Any]] = []
        self._notices: list[str] = []
        self._like: Recording | None = None
        self._offset = 0
        self._files = ExitStack()
        self._signals: ArrayFile | None = None

    def __enter__(self) -> "RecordingIntake":
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def add(self, recording: Recording) -> None:
        """Take in one recording.

        Raises:
            ValueError: other channels or another rate than the recordings before: a fault of the reader.
        """
        like = self._like = self._like or recording
        if (recording.channels, recording.rate, recording.bands) != (like.channels, like.rate, like.bands):
            raise ValueError(f"{recording.source} has other channels, another rate or other bands than {like.source}")
        whose = {"subject": recording.subject, "session": recording.session, "recording": recording.source}
        quality = Quality()
        for stretch in sorted(recording.stretches, key=lambda one: one.start):  # splits by order go by time
            self._stretches.append({**whose, **self._keep(stretch)})
            if stretch.x.ndim == 2:
                quality.add(stretch.x, recording.rate)
        if quality.seconds:
            self._quality.append(quality.recording(**whose))
        if recording.planted is not None:
            self._planted.append({**whose, **recording.planted})
        labels = {stretch.trial: stretch.label for stretch in recording.stretches}
        self.per_class += np.bincount(list(labels.values()), minlength=len(self.per_class))
        self.n += len(labels)
        self._notices += recording.notices

    def _keep(self, stretch: Stretch) -> dict[str, Any]:
        """Write the signal of a stretch; returns its row."""
        rows = np.ascontiguousarray(stretch.x.T if stretch.x.ndim == 2 else stretch.x, dtype=np.float32)
        if self._signals is None:
            axes = ("time", "channel") if stretch.x.ndim == 2 else ("window", "channel", "band")
            assert self._like is not None
            restricted = not self._facts.redistribute
            path = self._out.path("signals", ".npy", restricted=restricted, axes=axes, unit=self._like.unit)
            self._signals = self._files.enter_context(ArrayFile(path))
        self._signals.append(rows)
        offset, self._offset = self._offset, self._offset + len(rows)
        told = {name: getattr(stretch, name) for name in ("trial", "clip", "label", "start", "lead", "tail")}
        return {**told, "offset": offset, "length": len(rows) - stretch.lead - stretch.tail}

    def finish(self, use: str) -> None:
        """Write all but the signals."""
        assert self._like is not None
        columns = {name: [row[name] for row in self._stretches] for name in self._stretches[0]}
        self._out.json("stretches", columns)
        if self._quality:
            self._out.json("quality", {"channels": list(self._like.channels), "recordings": self._quality})
        if self._planted:
            self._out.json("planted", {"recordings": self._planted})
        self._out.json("facts", {**asdict(self._facts), **self._found(use, columns)})

    def _found(self, use: str, columns: dict[str, list[Any]]) -> dict[str, Any]:
        """What the facts say of the data as they were read, in place of what is published."""
        like = self._like
        assert like is not None
        given = like.bands is not None
        counts = dict(zip(self._facts.classes, self.per_class.astype(int).tolist(), strict=True))
        subject_sessions = set(zip(columns["subject"], columns["session"], strict=True))
        return {
            "id": use,
            "n": self.n,
            "parts": [RECORDED],
            "training_part": RECORDED,
            "test_part": RECORDED,
            "published_counts": {},
            "counts": {RECORDED: counts},
            "shape": [len(like.channels), *([len(like.bands)] if like.bands else [])],
            "axes": ["window", "channel", "band"] if given else ["time", "channel"],
            "unit": like.unit,
            "rate": like.rate,
            "channels": list(like.channels),
            "positions": positions(like.channels),
            "bands": {name: list(edges) for name, edges in like.bands.items()} if like.bands else None,
            "subjects": len(set(columns["subject"])),
            "sessions": max(Counter(subject for subject, _ in subject_sessions).values()),
            "recordings": len(set(columns["recording"])),
            "seconds": sum(columns["length"]) / like.rate,
            "notices": self._notices,
        }
