"""Where steps run: pools of one spawned process each, so that a killed worker takes nobody along.

A worker gets names, settings and keys and gives back a plain answer; no array and no function crosses. Any
`concurrent.futures` executor could stand in for the pools.
"""

import errno
import importlib
import multiprocessing
import os
import shutil
import traceback
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from reportgen import plugins
from reportgen.errors import ReportgenError
from reportgen.orphans import die_with
from reportgen.outputs import Out
from reportgen.store import Record, Store
from reportgen.work import Work


@dataclass(frozen=True, slots=True)
class Order:
    """One step to execute, as plain values."""

    store: Path
    roots: tuple[Path, ...]  # of plugins
    key: str
    record: Record  # all but its outputs
    files: Mapping[str, Path]
    reads: tuple[str, ...]
    device: str
    threads: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an order: all fields empty when it was done."""

    error: ReportgenError | None = None
    bug: str = ""  # a traceback: not the user's fault


def execute(order: Order) -> Answer:
    """Run a step: read from the store, write to the store, say only whether it worked."""
    for root in order.roots:
        plugins.add_root(root)
    try:
        _run(order)
    except ReportgenError as error:
        return Answer(error=error)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        return Answer(bug=traceback.format_exc())
    except Exception:
        return Answer(bug=traceback.format_exc())
    return Answer()


def _run(order: Order) -> None:
    store = Store(order.store)
    folder = store.work(order.key)
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "out").mkdir(parents=True)
    out = Out(folder / "out")
    work = Work(folder, order.files, order.device, order.threads)
    public = bool(order.record.settings.get("public"))
    inputs = store.inputs(order.record.inputs.values(), reads=order.reads, public=public)
    module, _, function = order.record.call.partition(":")
    getattr(importlib.import_module(module), function)(inputs, out, work, **order.record.settings)
    libraries = {name: _version(name) for name in order.record.basis["libraries"] if name not in ("sklearn", "skimage")}
    told = {
        "device": work.used_device,
        "threads": work.threads,
        "seconds": round(work.seconds, 3),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": libraries,
    }
    fields = {name: getattr(order.record, name) for name in Record.__dataclass_fields__}
    store.finish(order.key, out, Record(**{**fields, **told}))


@cache
def _version(library: str) -> str:
    """Version of an installed library; looking it up takes milliseconds, and each step asks for several."""
    return version(library)


class Here(Executor):
    """The executor of this very process: for tests and debuggers."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run at once."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


_ENVIRONMENT = {
    # Threads that wait by spinning bring a training on a busy machine to a crawl.
    "OMP_WAIT_POLICY": "PASSIVE",
    # numpy's small fits gain nothing from more threads, and their sums would depend on how many there are.
    "OPENBLAS_NUM_THREADS": "1",
    # glibc would give the memory of large layers back after every batch and ask for it again: a quarter of the time of fer_vgg.
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "4000000000",
}
"""Read by libraries when a worker starts; whatever the user has set holds."""


class Pools:
    """`count` one-process pools; a pool is started when it is first needed and replaced when its process dies."""

    def __init__(self, count: int, *, in_process: bool = False) -> None:
        self._executors: list[Executor | None] = [None] * count
        self._in_process = in_process

    def __len__(self) -> int:
        return len(self._executors)

    def submit(self, index: int, order: Order) -> Future[Answer]:
        """Let pool `index` execute an order."""
        executor = self._executors[index]
        if executor is None:
            executor = Here() if self._in_process else self._new()
            self._executors[index] = executor
        return executor.submit(execute, order)

    @staticmethod
    def _new() -> Executor:
        for name, value in _ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        # Spawned, never forked: torch's threads do not survive a fork.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(1, mp_context=context, initializer=die_with, initargs=(os.getpid(),))

    def replace(self, index: int) -> None:
        """Forget a pool whose process died."""
        if executor := self._executors[index]:
            executor.shutdown(wait=False, cancel_futures=True)
        self._executors[index] = None

    def close(self) -> None:
        """End all processes once they are idle."""
        for executor in self._executors:
            if executor:
                executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def pools(count: int, *, in_process: bool = False) -> Iterator[Pools]:
    """Pools that are closed at the end; after Ctrl-C or an error nobody waits for a training to finish."""
    made = Pools(count, in_process=in_process)
    try:
        yield made
    except BaseException:
        for child in multiprocessing.active_children():
            child.kill()
        raise
    finally:
        made.close()
