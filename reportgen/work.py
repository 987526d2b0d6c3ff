"""What a step is given beside its inputs."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reportgen.atomic import write_atomically

PAUSE = 0.2
"""Seconds between two words on how far a step is: nobody reads more often, and each is a file that must reach the disk."""


class Work:
    """What a step is given beside its inputs: a folder that survives a kill, its files, its device, and a voice."""

    def __init__(self, folder: Path, files: Mapping[str, Path], device: str, threads: int) -> None:
        self.folder = folder
        self.files = files
        self.threads = threads
        self.used_device = "cpu"
        self._wanted = device
        self._earlier = read_progress(folder).get("seconds", 0.0)
        self._started = time.monotonic()
        self._said = -PAUSE  # seconds after the start

    @property
    def device(self) -> str:
        """The torch device to compute on; asking for it loads torch."""
        from reportgen.device import choose

        self.used_device = choose(self._wanted, self.threads)
        return self.used_device

    @property
    def seconds(self) -> float:
        """Seconds of work so far, interrupted attempts included."""
        return float(self._earlier + time.monotonic() - self._started)

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Say how far the step is; what comes within `PAUSE` of the last word is not written."""
        now = time.monotonic() - self._started
        if now < self._said + PAUSE:
            return
        self._said = now
        state = {"done": done, "total": total, "text": text, "seconds": self.seconds}
        write_atomically(self.folder / "progress.json", json.dumps(state))


def read_progress(folder: Path) -> dict[str, Any]:
    """The last word of a step at work; {} if it has said nothing."""
    try:
        return dict(json.loads((folder / "progress.json").read_text()))
    except (OSError, ValueError):
        return {}
