"""Step: let a regressor learn from each modality and from all together, and predict what it has not learned from.

A kind `regressor` is the JSON object

    {"use", "settings", "seed", "title": for readers, "sort": "neighbours" | "linear" | "network" | "other",
     "sets": {set: {"modalities": [name], "wanted": `contract.Wanted` as an object, "parameters": number of trainable ones or
                    null, "course": what `learn` returned: {"epochs": [{"epoch", "train_loss", "validation_loss"}], "chosen",
                    "loss"} or null}},
     "trained": {"segments", "videos"}, "notes": [sentence]}

A set is a single modality, or `all`: their features side by side; what has no windows is repeated over the windows of others.
Of a row with windows all have as many; modalities with different numbers of windows make no set `all`, and a note says so.

A kind `estimates` is an npz archive: {"SET/validation", "SET/test": (segment, emotion) float32 cut to the scale,
"validation/segments", "test/segments": (segment,) int32, index into all segments}. A kind `regressor_weights` has the tensors
of each model as SET/NAME.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from reportgen import plugins
from reportgen.core import PARTS, TEST, TRAIN, VALIDATION, Place
from reportgen.errors import StepError
from reportgen.outputs import Inputs, Out
from reportgen.regression.contract import Learned, Rated, Wanted
from reportgen.steps._rated import rows_of, videos_of
from reportgen.work import Work

ALL = "all"
"""The set of all modalities, where there are several."""
_PREDICTED = (VALIDATION, TEST)


def run(inputs: Inputs, out: Out, work: Work, *, use: str, settings: dict[str, Any], key: str, seed: int) -> None:
    """Write regressor, regressor_weights and estimates.

    Args:
        inputs: facts, intensities, segments, parts, prepared and preparation.
        out: for the outputs.
        work: its device, and hears how far it is.
        use: id of a regressor.
        settings: its own.
        key: its name in the study.
        seed: of whatever is drawn.

    Raises:
        StepError: a part has no rated segments, or a prediction is no finite number.
    """
    data = _Data(inputs)
    sets, notes = sets_of(inputs.one("prepared"))
    told: dict[str, Any] = {}
    tensors: dict[str, torch.Tensor] = {}
    estimates = {f"{PARTS[part]}/segments": data.rows[part].astype(np.int32) for part in _PREDICTED}
    for done, (name, (modalities, x)) in enumerate(sets.items()):
        work.progress(done, len(sets), f"{key} on {name}")
        wanted = data.wanted(x)
        torch.manual_seed(seed)  # initial weights
        model = plugins.verb("regressor", use)(wanted, **settings)
        learned = Learned(train=data.rated(x, TRAIN), validation=data.rated(x, VALIDATION))
        course = model.learn(learned, Place(device=work.device, seed=seed, progress=work.progress))
        for part in _PREDICTED:
            estimates[f"{name}/{PARTS[part]}"] = _predicted(model, data, x, part, f"{key} on {name}")
        tensors |= {f"{name}/{tensor}": value for tensor, value in model.state_dict().items()}
        trainable = sum(values.numel() for values in model.parameters() if values.requires_grad)
        built = {"modalities": modalities, "wanted": asdict(wanted), "parameters": trainable or None}
        told[name] = {**built, "course": course}
    path = out.path("estimates", ".npz", axes=("segment", "emotion"), unit="rating")
    np.savez_compressed(path, **estimates)  # type: ignore[arg-type] # its stubs take names for options
    kept = {name: value.detach().cpu().clone().contiguous() for name, value in tensors.items()}
    save_file(kept, out.path("regressor_weights", ".safetensors", restricted=not inputs.one("facts")["redistribute"]))
    plugin = plugins.path_of("regressor", use)
    titled = {
        "title": _title(plugins.constant(plugin, "TITLE", use), use, key),
        "sort": plugins.constant(plugin, "SORT", "other"),
    }
    counts = {"segments": len(data.rows[TRAIN]), "videos": len(np.unique(data.video[data.rows[TRAIN]]))}
    out.json(
        "regressor",
        {"use": use, "settings": settings, "seed": seed, **titled, "sets": told, "trained": counts, "notes": notes},
    )


def _title(title: str, use: str, key: str) -> str:
    """What readers call a model: `LSTM`, and `LSTM absolute` of one that a study calls `lstm_absolute`."""
    own = key.removeprefix(use).strip("_").replace("_", " ")
    return f"{title} {own}".strip()


def sets_of(prepared: Mapping[str, np.ndarray]) -> tuple[dict[str, tuple[list[str], np.ndarray]], list[str]]:
    """{set: (names of its modalities, (segment, window, feature) float32)}, and what readers should know."""
    arrays = {name: x[:, None] if x.ndim == 2 else x for name, x in prepared.items()}
    sets = {name: ([name], x) for name, x in arrays.items()}
    windows = sorted({x.shape[1] for x in arrays.values()} - {1})
    if len(arrays) == 1:
        return sets, []
    if len(windows) > 1:
        counts = " and ".join(map(str, windows))
        return sets, [f"Modalities have {counts} windows a segment, so that no model learns from all of them together."]
    return sets | {ALL: (list(arrays), beside(list(arrays.values())))}, []


def beside(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Features of several modalities side by side, (segment, window, feature): a single window is repeated for all."""
    windows = max(x.shape[1] for x in arrays)
    return np.concatenate([np.broadcast_to(x, (len(x), windows, x.shape[2])) for x in arrays], axis=2)


class _Data:
    """Ratings and parts of all segments."""

    def __init__(self, inputs: Inputs) -> None:
        facts = inputs.one("facts")
        self._values = np.asarray(inputs.one("intensities"), np.float32)
        self.scale = (float(facts["scale"][0]), float(facts["scale"][1]))
        self.video = np.unique(videos_of(inputs), return_inverse=True)[1]
        self.rows = {part: rows_of(inputs, part) for part in (TRAIN, *_PREDICTED)}

    def wanted(self, x: np.ndarray) -> Wanted:
        """What a model of this set is built for."""
        _, windows, features = x.shape
        return Wanted(
            features=features,
            windows=windows,
            emotions=self._values.shape[1],
            scale=self.scale,
            rows=len(self.rows[TRAIN]),
        )

    def rated(self, x: np.ndarray, part: int) -> Rated:
        """A part of a set, with its ratings."""
        rows = self.rows[part]
        return Rated(x=np.ascontiguousarray(x[rows]), y=self._values[rows], video=self.video[rows])


def _predicted(model: Any, data: _Data, x: np.ndarray, part: int, what: str) -> np.ndarray:
    """(row, emotion) float32 in the scale."""
    rows = data.rows[part]
    said = model.predict(np.ascontiguousarray(x[rows]), data.video[rows])
    if not np.isfinite(said).all():
        raise StepError(
            f"{what}: {np.sum(~np.isfinite(said))} predictions of the part {PARTS[part]} are no finite numbers",
            "Look for extreme features, or lower the learning rate.",
        )
    return np.asarray(np.clip(said, *data.scale), np.float32)
