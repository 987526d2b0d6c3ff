"""What may be asked of a build, beside the study."""

import os
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may be asked of a build, beside the study."""

    profile: str = ""
    only: tuple[str, ...] = ()
    device: str = "auto"
    jobs: int = 1
    threads: int = 0  # CPU threads of each step; 0: all cores, whatever --jobs, because sums depend on their number
    again: tuple[str, ...] = ()
    public: bool = False
    pdf: bool = True
    strict: bool = True
    paper: Literal["A4", "Letter"] = "A4"
    in_process: bool = False  # for tests and debuggers

    @property
    def cpu_threads(self) -> int:
        """CPU threads of each step."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return self.threads or cores
