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
    again: tuple[str, ...] = ()
    public: bool = False
    pdf: bool = True
    strict: bool = True
    paper: Literal["A4", "Letter"] = "A4"
    in_process: bool = False  # for tests and debuggers

    @property
    def threads(self) -> int:
        """CPU threads of one worker."""
        return max(1, len(os.sched_getaffinity(0)) // self.jobs) if hasattr(os, "sched_getaffinity") else 1
