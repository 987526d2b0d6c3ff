"""The conductor: what is out of date runs, says why, and leaves its outputs in the store. Imports no torch."""

import errno
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Protocol

from reportgen import plugins
from reportgen.core import Step
from reportgen.errors import MachineError, ReportgenError, StepError, UsageError
from reportgen.fingerprint import changes, code_of, digest
from reportgen.store import Record, Store
from reportgen.work import read_progress
from reportgen.workers import Answer, Order, Pools

AGAIN = "asked for with --again"
"""The reason of a step that runs although nothing changed."""


class Voice(Protocol):
    """Who is told how the work goes."""

    def runs(self, step: Step, reason: str) -> None:
        """A step starts."""

    def advances(self, step: Step, done: int, total: int, text: str) -> None:
        """A step at work says how far it is."""

    def done(self, step: Step, record: Record) -> None:
        """A step is finished."""

    def fails(self, step: Step, message: str, trace: str = "") -> None:
        """A step failed, or cannot run because one that it needs failed; "" if that is told elsewhere.

        A bug comes with its traceback.
        """

    def remarks(self, text: str) -> None:
        """Something that the user should know."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a step must run, and why."""

    key: str
    basis: Mapping[str, Any]
    reason: str  # "" when the stored record holds
    record: Record | None = None


@dataclass(slots=True)
class Outcome:
    """What became of the steps."""

    records: dict[str, Record] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    wrong_use: list[UsageError] = field(default_factory=list)  # what the user gave is at fault


class Judge:
    """Decides what is out of date: by content, never by time, device, jobs or place."""

    def __init__(self, store: Store, study: str, again: Sequence[str] = ()) -> None:
        self._store = store
        self._latest = store.latest_keys(study)
        self._again = tuple(again)
        self._code: dict[tuple[str, tuple[str, ...]], tuple[dict[str, str], dict[str, str]]] = {}

    def judge(self, step: Step, known: Mapping[str, Record]) -> Verdict:
        """The verdict on a step whose inputs are all known."""
        basis = self._basis(step, known)
        key = digest(basis)
        record = self._store.record(key)
        if any(word in (step.name, step.name.partition(" ")[0]) for word in self._again):
            return Verdict(key, basis, AGAIN)
        if record is None:
            return Verdict(key, basis, self._why_new(step, basis))
        damage = self._store.damage(record)
        return Verdict(key, basis, damage, None if damage else record)

    def _basis(self, step: Step, known: Mapping[str, Record]) -> dict[str, Any]:
        place = (step.call, step.plugins)
        if place not in self._code:
            self._code[place] = code_of(self._store.files, *place)
        code, libraries = self._code[place]
        inputs = {
            name: {file: o["sha256"] for file, o in known[name].outputs.items() if not step.reads or o["kind"] in step.reads}
            for name in step.inputs
        }
        return {
            "call": step.call,
            "about": dict(step.about),
            "settings": _without(step.settings, step.files),
            "files": {name: self._store.files.content(path) for name, path in step.files.items()},
            "inputs": inputs,
            "code": code,
            "libraries": libraries,
        }

    def _why_new(self, step: Step, basis: Mapping[str, Any]) -> str:
        before = self._store.record(self._latest.get(step.name, ""))
        if before is None:
            return "for the first time"
        old = before.basis
        reasons = changes(old["settings"], basis["settings"])
        reasons += [f"{name} has other content" for name in basis["files"] if old["files"].get(name) != basis["files"][name]]
        reasons += [f"{name} is another" for name in basis["inputs"] if old["inputs"].get(name) != basis["inputs"][name]]
        reasons += [f"{name} changed" for name in basis["code"] if old["code"].get(name) != basis["code"][name]]
        reasons += changes(old["libraries"], basis["libraries"])
        return ", ".join(reasons[:4]) + (f" and {len(reasons) - 4} more" if len(reasons) > 4 else "") or "its plan changed"


def _without(settings: Mapping[str, Any], files: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without those that are paths: the content of the files stands in the key instead."""
    inner = settings.get("settings")
    if not files or not isinstance(inner, Mapping):
        return dict(settings)
    return {**settings, "settings": {key: value for key, value in inner.items() if key not in files}}


def status(steps: Sequence[Step], store: Store, study: str) -> Iterator[tuple[Step, str]]:
    """What would run and why; the reason is "" for what is up to date."""
    for step, reason, _ in _look(steps, store, study):
        yield step, reason


def up_to_date(steps: Sequence[Step], store: Store, study: str) -> dict[str, Record]:
    """The records of the steps that need not run."""
    return {step.name: record for step, _, record in _look(steps, store, study) if record}


def _look(steps: Sequence[Step], store: Store, study: str) -> Iterator[tuple[Step, str, Record | None]]:
    judge, known = Judge(store, study), dict[str, Record]()
    for step in steps:
        if waits := [name for name in step.inputs if name not in known]:
            yield step, f"after {waits[0]}", None
            continue
        verdict = judge.judge(step, known)
        if verdict.record:
            known[step.name] = verdict.record
        yield step, verdict.reason, verdict.record


@dataclass(frozen=True, slots=True)
class Running:
    """A step at work."""

    step: Step
    verdict: Verdict
    pool: int
    attempt: int


class Conductor:
    """Runs the steps that are out of date, as many at a time as there are pools."""

    def __init__(self, store: Store, study: str, pools: Pools, voice: Voice, *, device: str, threads: int) -> None:
        self._store, self._study, self._pools, self._voice = store, study, pools, voice
        self._device, self._threads = device, threads
        self._keys = store.latest_keys(study)

    def run(
        self,
        steps: Sequence[Step],
        known: Mapping[str, Record] | None = None,
        again: Sequence[str] = (),
        *,
        failed: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Bring steps, given in an order in which they could run, up to date.

        Those that need a failed one are left out; the others go on. `known` and `failed` are of steps that ran before.
        """
        outcome = Outcome(records=dict(known or {}), failed=dict(failed or {}))
        judge = Judge(self._store, self._study, again)
        todo = {step.name: step for step in steps}
        running: dict[Future[Answer], Running] = {}
        while todo or running:
            idle = sorted(set(range(len(self._pools))) - {work.pool for work in running.values()})
            for pool, (step, verdict) in zip(idle, self._look_through(todo, judge, outcome), strict=False):
                if verdict.reason == AGAIN:  # from the start, not from where it once stopped
                    shutil.rmtree(self._store.work(verdict.key), ignore_errors=True)
                self._voice.runs(step, verdict.reason)
                running[self._submit(step, verdict, pool, outcome)] = Running(step, verdict, pool, 1)
            self._listen(running, outcome)
        self._store.remember_keys(self._study, self._keys)
        return outcome

    def _look_through(self, todo: dict[str, Step], judge: Judge, outcome: Outcome) -> Iterator[tuple[Step, Verdict]]:
        """Take out of `todo` what is up to date or lost, and what can run now, the first of the plan first.

        Asked for one at a time: while the first steps run, the others are still looked at.
        """
        for step in list(todo.values()):
            lost = [name for name in step.inputs if name in outcome.failed]
            if not lost and not set(step.inputs) <= outcome.records.keys():
                continue
            del todo[step.name]
            if lost:
                outcome.failed[step.name] = f"needs {lost[0]}, which failed"
                self._voice.fails(step, "" if outcome.wrong_use else outcome.failed[step.name])
            elif record := (verdict := judge.judge(step, outcome.records)).record:
                outcome.records[step.name] = record
                self._keys[step.name] = record.key
            else:
                yield step, verdict

    def _submit(self, step: Step, verdict: Verdict, pool: int, outcome: Outcome) -> Future[Answer]:
        record = Record(
            key=verdict.key,
            step=step.name,
            call=step.call,
            about=dict(step.about),
            reason=verdict.reason,
            settings=dict(step.settings),
            inputs={name: outcome.records[name].key for name in step.inputs},
            outputs={},
            basis=verdict.basis,
        )
        order = Order(
            store=self._store.root,
            roots=plugins.roots(),
            key=verdict.key,
            record=record,
            files=step.files,
            reads=step.reads,
            device=self._device,
            threads=self._threads,
        )
        return self._pools.submit(pool, order)

    def _listen(self, running: dict[Future[Answer], Running], outcome: Outcome) -> None:
        """Wait a moment, pass on progress, and take in what has ended."""
        ended = wait(running, timeout=0.2, return_when=FIRST_COMPLETED).done if running else set()
        for future, work in list(running.items()):
            if future in ended:
                del running[future]
                if isinstance(future.exception(), BrokenProcessPool):
                    self._pools.replace(work.pool)
                    if work.attempt == 1:
                        self._voice.remarks(f"{work.step.name}: its worker was killed; it goes on from its last checkpoint")
                        again = self._submit(work.step, work.verdict, work.pool, outcome)
                        running[again] = Running(work.step, work.verdict, work.pool, 2)
                        continue
                self._take(work.step, work.verdict, future, outcome)
            elif state := read_progress(self._store.work(work.verdict.key)):
                self._voice.advances(work.step, state["done"], state["total"], state["text"])

    def _take(self, step: Step, verdict: Verdict, future: Future[Answer], outcome: Outcome) -> None:
        """Note down what a step came to."""
        error, record = _error_of(future), self._store.record(verdict.key)
        if error is None and record is not None:
            outcome.records[step.name] = record
            outcome.ran.append(step.name)
            self._keys[step.name] = record.key
            self._store.learn(record)
            self._store.remember_keys(self._study, self._keys)  # at once: a kill may come before the end
            self._voice.done(step, record)
            return
        if isinstance(error, UsageError):
            outcome.wrong_use.append(UsageError(f"{step.name}: {error.message}", error.hint))
            shutil.rmtree(self._store.work(verdict.key), ignore_errors=True)
        outcome.failed[step.name] = str(error) if error else "it left no record"
        # What the user must mend is told once, by whoever asked for the run.
        told = "" if outcome.wrong_use else outcome.failed[step.name]
        self._voice.fails(step, told, "" if future.exception() else future.result().bug)


def _error_of(future: Future[Answer]) -> ReportgenError | None:
    """What went wrong, as an error of ours."""
    error = future.exception()
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return MachineError("the disk is full", "Free some space and build again: finished steps are kept.")
    if isinstance(error, BrokenProcessPool):
        return StepError("its worker was killed twice", "Out of memory? Try fewer --jobs or a smaller batch.")
    if error is not None:
        return StepError(repr(error))
    answer = future.result()
    return StepError(answer.bug.strip().splitlines()[-1]) if answer.bug else answer.error
