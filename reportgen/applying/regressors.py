"""The stored models of intensities: built again, and asked about new rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from reportgen import plugins
from reportgen.applying.finding import Found
from reportgen.errors import UsageError
from reportgen.outputs import Inputs
from reportgen.regression.contract import Wanted
from reportgen.regression.preparing import applied
from reportgen.steps._rated import rows_of
from reportgen.steps.regress import beside

_READ = (
    *("facts", "intensities", "parts", "prepared", "preparation", "preparation_arrays", "vocabulary"),
    *("regressor", "regressor_weights", "regression"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """All seeds of one model and one set of modalities."""

    key: str  # in the study
    title: str
    seeds: tuple[Any, ...]
    told: Mapping[str, Any] | None  # what the step `assess` says of it


@dataclass(frozen=True, slots=True)
class Regressors:
    """What is stored of an experiment that predicts intensities."""

    inputs: Inputs

    @property
    def emotions(self) -> tuple[str, ...]:
        """What is predicted."""
        return tuple(self.inputs.one("facts")["classes"])

    @property
    def scale(self) -> tuple[float, float]:
        """Least and largest intensity."""
        low, high = self.inputs.one("facts")["scale"]
        return float(low), float(high)

    @property
    def modalities(self) -> Mapping[str, Any]:
        """{name: what preparing it told}, of those of which something was learned."""
        told: Mapping[str, Any] = self.inputs.one("preparation")["modalities"]
        return {name: one for name, one in told.items() if one["features"]}

    @property
    def sets(self) -> Mapping[str, tuple[str, ...]]:
        """{set: its modalities}, the largest first."""
        _, told = next(iter(self.inputs.all("regressor")))
        found = {name: tuple(one["modalities"]) for name, one in told["sets"].items()}
        return dict(sorted(found.items(), key=lambda item: -len(item[1])))

    def models(self, name: str) -> tuple[Model, ...]:
        """The models of a set, the one that did best on the validation part first.

        Raises:
            UsageError: a stored model does not fit its code any more.
        """
        stored: dict[str, list[Any]] = {}
        titles: dict[str, str] = {}
        for about, told in self.inputs.all("regressor"):
            key = about["regressor"]
            weights = load_file(self.inputs.one("regressor_weights", regressor=key, seed=about["seed"]))
            own = {tensor.removeprefix(f"{name}/"): value for tensor, value in weights.items() if tensor.startswith(f"{name}/")}
            stored.setdefault(key, []).append(_rebuilt(told, told["sets"][name]["wanted"], own))
            titles[key] = told["title"]
        judged = {one["id"]: one for one in self._judged()}
        made = [
            Model(key=key, title=titles[key], seeds=tuple(seeds), told=judged.get(f"{key}/{name}"))
            for key, seeds in stored.items()
        ]
        return tuple(sorted(made, key=_rank))

    @property
    def blind_error(self) -> float | None:
        """Mean absolute error of always saying the median, if it is known."""
        return next((one["scores"]["mae"]["mean"] for one in self._judged() if one["id"] == "median"), None)

    def _judged(self) -> Sequence[Mapping[str, Any]]:
        """What is said of the models; nothing where the step `assess` failed."""
        return list(self.inputs.one("regression")["candidates"]) if "regression" in self.inputs else []

    def prepared(
        self, names: Sequence[str], modalities: Mapping[str, np.ndarray], transcripts: Sequence[str] | None
    ) -> np.ndarray:
        """Inputs of new rows for the modalities of a set: (row, window, feature)."""
        preparation = self.inputs.one("preparation")
        own = {"modalities": {name: preparation["modalities"][name] for name in names}}
        made = applied(own, self.inputs.one("preparation_arrays"), self.inputs.one("vocabulary"), modalities, transcripts)
        return _beside([made[name] for name in names])

    def known(self, names: Sequence[str], part: int) -> np.ndarray:
        """(row, feature) inputs of a part of the stored rows, means over windows."""
        chosen = rows_of(self.inputs, part)
        arrays = self.inputs.one("prepared")
        return np.asarray(_beside([arrays[name][chosen] for name in names]).mean(axis=1))

    def predict(self, model: Model, x: np.ndarray, video: np.ndarray) -> np.ndarray:
        """(row, emotion) within the scale, mean over seeds."""
        made = [np.clip(one.predict(x, video), *self.scale) for one in model.seeds]
        return np.asarray(np.mean(made, axis=0))


def _beside(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Modalities (row, feature) or (row, window, feature) as the step joins them: (row, window, feature)."""
    return beside([array[:, None] if array.ndim == 2 else array for array in arrays])


def _rank(model: Model) -> float:
    """Lower is better: by the correlation on the validation part, never by the test part."""
    validation = (model.told or {}).get("validation") or {}
    pearson = validation.get("pearson")
    return -float(pearson) if pearson is not None else 2.0


def _rebuilt(told: Mapping[str, Any], wanted: Mapping[str, Any], weights: Mapping[str, torch.Tensor]) -> Any:
    scale = tuple(wanted["scale"])
    built = plugins.verb("regressor", told["use"])(Wanted(**{**wanted, "scale": scale}), **told["settings"])
    try:
        built.load_state_dict(weights)
    except RuntimeError as error:
        fault = f"a stored model of {told['use']} does not fit its code any more: {error}"
        raise UsageError(" ".join(fault.split())[:300], "Run `reportgen build`: it is trained anew.") from error
    return built.eval()


def regressors_of(found: Found) -> Regressors:
    """What the last build holds of the experiment."""
    return Regressors(found.outputs(*_READ))
