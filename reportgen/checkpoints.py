"""A training on disk: one safetensors file that a kill leaves either old or new, and that only its own training reads."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer


@dataclass(slots=True)
class State:
    """All that a training would lose in a kill. Rates, patience and the chosen epoch follow from `rows`."""

    model: nn.Module
    optimizer: Optimizer
    average: nn.Module | None  # exponential moving average of the model
    best: dict[str, Tensor] = field(default_factory=dict)  # state of the chosen epoch, as it was validated
    rows: list[dict[str, Any]] = field(default_factory=list)  # one per finished epoch

    def judged(self) -> nn.Module:
        """The network that is validated and kept."""
        return self.average or self.model

    def tensors(self) -> dict[str, Tensor]:
        """Everything but `rows`, flat."""
        parts: dict[str, Mapping[str, Tensor]] = {"model": self.model.state_dict(), "best": self.best}
        if self.average:
            parts["average"] = self.average.state_dict()
        for index, values in self.optimizer.state_dict()["state"].items():
            parts[f"optimizer.{index}"] = {name: value for name, value in values.items() if isinstance(value, Tensor)}
        return {f"{part}/{name}": value for part, values in parts.items() for name, value in values.items()}

    def restore(self, tensors: Mapping[str, Tensor], rows: list[dict[str, Any]]) -> None:
        """Become the state that was saved."""
        parts: dict[str, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            part, _, name = key.partition("/")
            parts.setdefault(part, {})[name] = value
        self.model.load_state_dict(parts["model"])
        if self.average:
            self.average.load_state_dict(parts["average"])
        moments = {int(part.removeprefix("optimizer.")): parts[part] for part in parts if part.startswith("optimizer.")}
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})
        self.best, self.rows = parts.get("best", {}), rows


class Checkpoint:
    """Where a training is kept while it runs. `path` None: nowhere.

    `identity` names the training: settings, seed, data, network, device. A file of another one is not read.
    """

    def __init__(self, path: Path | None, identity: str) -> None:
        self.path = path
        self.identity = identity
        self._saved = self._cost = 0.0  # seconds

    def save(self, state: State) -> None:
        """Write the state, unless writing would take more than a twentieth of the time since the last one."""
        began = time.monotonic()
        if self.path is None or began - self._saved < 20 * self._cost:
            return
        # Clones: an average that is no average but the network itself shares its memory, which the format refuses.
        tensors = {name: tensor.cpu().clone().contiguous() for name, tensor in state.tensors().items()}
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        save_file(tensors, temporary, {"json": json.dumps({"identity": self.identity, "rows": state.rows})})
        os.replace(temporary, self.path)
        self._saved = time.monotonic()
        self._cost = self._saved - began

    def load(self, state: State) -> str:
        """Continue where the file stops; otherwise leave `state` as it is and say why, if there is a file."""
        if self.path is None or not self.path.exists():
            return ""
        try:
            with safe_open(self.path, "pt") as stored:
                said = json.loads(stored.metadata()["json"])
                tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        except (SafetensorError, OSError, TypeError, KeyError, ValueError) as error:
            return f"{self.path.name} is damaged ({error}): training starts again"
        if said.get("identity") != self.identity:
            return f"{self.path.name} is of another training: this one starts again"
        state.restore(tensors, said["rows"])
        return ""
