"""Step: let one explainer say where a trained model looks, on test samples that were drawn by lot."""

from typing import Any

import numpy as np
import torch

from reportgen import plugins
from reportgen.core import Array, Explained
from reportgen.networks import Standardise, batch_for, to_device
from reportgen.outputs import Inputs, Out
from reportgen.steps.evaluate import rebuilt
from reportgen.work import Work

REFERENCE_PER_CLASS = 64
"""Test samples of each class that class means are taken over; more change them little and cost memory."""


def run(inputs: Inputs, out: Out, work: Work, *, use: str, settings: dict[str, Any], images_per_class: int, seed: int) -> None:
    """Write what the explainer returns and which samples it explained: none was picked by its looks."""
    facts, labels = inputs.one("facts"), np.asarray(inputs.one("labels"))
    test = np.asarray(inputs.one("test_samples"))
    chosen = drawn(test, labels, images_per_class, seed)
    model, standardise = rebuilt(inputs)
    to_device(model.eval(), work.device)
    explained = handed(inputs, chosen, standardise, work.device, seed)
    for kind, value in plugins.verb("explainer", use)(model, explained, work.progress, **settings).items():
        out.put(kind, value)
    out.json("explained", _what_was_said(model, explained))
    axes = ("image", "row", "column")
    out.put("explained_samples", Array(explained.images, axes, facts["unit"], restricted=not facts["redistribute"]))
    if "truth" in inputs:
        out.put("explained_truth", Array(np.array(inputs.one("truth")[chosen]), axes))


def handed(inputs: Inputs, chosen: np.ndarray, standardise: Standardise, device: str, seed: int) -> Explained:
    """What an explainer is given of the samples `chosen` (image,)."""
    images, labels = inputs.one("samples"), np.asarray(inputs.one("labels"))
    reference = drawn(np.asarray(inputs.one("test_samples")), labels, REFERENCE_PER_CLASS, seed)
    return Explained(
        x=standardise(_tensor(images, chosen, device)),
        images=np.array(images[chosen]),
        labels=labels[chosen],
        classes=tuple(inputs.one("facts")["classes"]),
        ids=chosen,
        standardise=standardise,
        reference=standardise(_tensor(images, reference, device)),
        reference_labels=labels[reference],
    )


def drawn(test: np.ndarray, labels: np.ndarray, per_class: int, seed: int) -> np.ndarray:
    """Samples (sample,) of the test part by lot, up to `per_class` of each class, classes in order."""
    lot = np.random.default_rng(seed).permutation(test)
    return np.concatenate([lot[labels[lot] == label][:per_class] for label in np.unique(labels[test])])


def _tensor(images: np.ndarray, chosen: np.ndarray, device: str) -> torch.Tensor:
    return torch.from_numpy(np.array(images[chosen])).to(device).unsqueeze(1)  # (image, channel, row, column)


@torch.no_grad()
def _what_was_said(model: Any, explained: Explained) -> list[dict[str, Any]]:
    """Of the one view that is explained; a score may be of several views."""
    batches = torch.split(explained.x, batch_for(explained.x.device.type))
    probabilities = torch.cat([model(x).float().softmax(1) for x in batches]).cpu().numpy()  # (image, class)
    said = zip(explained.ids.tolist(), explained.labels.tolist(), probabilities, strict=True)
    return [
        {"sample": sample, "label": label, "predicted": int(p.argmax()), "probability": float(p.max())}
        for sample, label, p in said
    ]
