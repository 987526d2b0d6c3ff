"""The store: work/ (unfinished), objects/<key>/ (finished), builds/<study>/ (what a report is made from).

Everything is written beside its place and renamed into it, so that a kill leaves either the old or the new.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from reportgen.atomic import write_atomically
from reportgen.errors import MachineError, UsageError
from reportgen.fingerprint import Files, digest
from reportgen.outputs import Inputs, Out, Output


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a finished step wrote down about itself."""

    key: str
    step: str
    call: str
    about: Mapping[str, str]
    reason: str  # why it ran
    settings: Mapping[str, Any]
    inputs: Mapping[str, str]  # {name of an earlier step: its key}
    outputs: Mapping[str, Mapping[str, Any]]  # {file: kind, axes, unit, restricted, sha256, bytes}
    basis: Mapping[str, Any]  # everything that the key is made of, so that the next reason can name what changed
    device: str = "cpu"
    threads: int = 1
    seconds: float = 0.0  # of work, interrupted attempts included
    finished: str = ""  # UTC, ISO 8601
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """The records of one building of a study: immutable; a report is rendered from one."""

    id: str
    study: Mapping[str, Any]  # the study as it was read, profile applied
    source: str  # the text of the study file
    profile: str
    command: str
    started: str  # UTC, ISO 8601
    records: Mapping[str, str]  # {step: key}
    failed: Mapping[str, str] = field(default_factory=dict)  # {step: what went wrong}
    environment: Mapping[str, str] = field(default_factory=dict)  # python, system, processor, library versions


class Store:
    """A folder of finished outputs by key."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files = Files(root / "files.json")
        self._records: dict[str, Record | None] = {}

    def work(self, key: str) -> Path:
        """The folder that an unfinished step may leave a checkpoint in."""
        return self.root / "work" / key

    def object(self, key: str) -> Path:
        """The folder of a finished step."""
        return self.root / "objects" / key

    def record(self, key: str) -> Record | None:
        """What is written down under a key; None if nothing is, or not what was written. Its outputs are not looked at."""
        try:
            written = json.loads((self.object(key) / "record.json").read_text(encoding="utf-8"))
            sealed = written.pop("seal") == digest(written) and written["key"] == key
            return Record(**written) if sealed else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def damage(self, record: Record) -> str:
        """What is wrong with a record's outputs: "" if their hashes hold."""
        for name, described in record.outputs.items():
            path = self.object(record.key) / name
            if not path.exists():
                return f"output {name} is gone"
            if self.files.sha256(path) != described["sha256"]:
                return f"output {name} was changed"
        return ""

    def outputs(self, record: Record) -> Iterator[Output]:
        """The outputs of a finished step."""
        for name, described in record.outputs.items():
            yield Output(
                kind=described["kind"],
                path=self.object(record.key) / name,
                about=record.about,
                restricted=described["restricted"],
                sha256=described["sha256"],
            )

    def inputs(self, keys: Iterable[str], *, reads: Iterable[str] = (), public: bool = False) -> Inputs:
        """What a step sees of earlier ones; `reads` narrows it to some kinds."""
        wanted = set(reads)
        found: list[Output] = []
        for key in keys:
            record = self.record(key)
            if record is None:
                raise MachineError(f"the store has no object {key}", "Run `reportgen build` again: it is made anew.")
            found += [o for o in self.outputs(record) if not wanted or o.kind in wanted]
        return Inputs(found, public=public)

    def learn(self, record: Record) -> None:
        """Take over the digests of outputs that a worker has just written, so that nobody reads them once more."""
        for name, described in record.outputs.items():
            self.files.learn(self.object(record.key) / name, described["sha256"])

    def finish(self, key: str, out: Out, record: Record) -> Record:
        """Turn a written folder into the object of its key."""
        described = {
            name: {**what, "sha256": self.files.sha256(out.folder / name), "bytes": (out.folder / name).stat().st_size}
            for name, what in sorted(out.described.items())
        }
        record = Record(**{**asdict(record), "outputs": described})
        written = asdict(record)
        text = json.dumps({**written, "seal": digest(written)}, indent=1, ensure_ascii=False)
        (out.folder / "record.json").write_text(text, encoding="utf-8")
        target = self.object(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():  # damaged or forced: the old one goes first, a kill in between only means running again
            shutil.rmtree(target)
        os.replace(out.folder, target)
        shutil.rmtree(self.work(key), ignore_errors=True)
        return record

    def discard(self, key: str) -> None:
        """Forget a finished object."""
        shutil.rmtree(self.object(key), ignore_errors=True)

    # builds

    def _builds(self, study: str) -> Path:
        return self.root / "builds" / study

    def latest_keys(self, study: str) -> dict[str, str]:
        """{step: key} of the last time that each step of a study was finished, for reasons only."""
        try:
            return dict(json.loads((self._builds(study) / "steps.json").read_text()))
        except (OSError, ValueError):
            return {}

    def remember_keys(self, study: str, keys: Mapping[str, str]) -> None:
        """Write down the keys of finished steps."""
        write_atomically(self._builds(study) / "steps.json", json.dumps(dict(keys), indent=1))

    def evaluations(self, study: str) -> dict[str, list[str]]:
        """{experiment: digests of the settings that were ever tried on its test part}."""
        try:
            return dict(json.loads((self._builds(study) / "evaluations.json").read_text()))
        except (OSError, ValueError):
            return {}

    def add_evaluations(self, study: str, new: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
        """Remember what was tried on the test part; returns all that ever was."""
        ever = self.evaluations(study)
        ever |= {name: sorted({*ever.get(name, ()), *tried}) for name, tried in new.items()}
        write_atomically(self._builds(study) / "evaluations.json", json.dumps(ever, indent=1))
        return ever

    def save_build(self, study: str, build: Build) -> Path:
        """Write a build down; it is never changed afterwards."""
        path = self._builds(study) / f"{build.id}.json"
        write_atomically(path, json.dumps(asdict(build), indent=1, ensure_ascii=False))
        write_atomically(self._builds(study) / "last", build.id)
        return path

    def last_build(self, study: str = "") -> tuple[str, Build]:
        """The study's last build; without a name, the newest of all studies.

        Raises:
            UsageError: nothing has been built.
        """
        pattern = f"{study or '*'}/last"
        marks = sorted((self.root / "builds").glob(pattern), key=lambda p: p.stat().st_mtime_ns)
        if not marks:
            raise UsageError(
                f"nothing has been built{f' of study {study}' if study else ''} in {self.root}", "Run `reportgen build` first."
            )
        path = marks[-1].parent / f"{marks[-1].read_text().strip()}.json"
        try:
            return path.parent.name, Build(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            raise UsageError(f"the last build is damaged: {path}", "Run `reportgen build` again: it is made anew.") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store: two builds at a time would break each other.

        Raises:
            MachineError: another build holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / "lock")
        try:
            with lock.acquire(timeout=0.2):
                yield
        except Timeout:
            raise MachineError(
                f"another build is using {self.root}", "Wait for it to end, or use --out for a store apart."
            ) from None
        finally:
            self.files.save()
