"""Step: let a generator learn from the training part of a fold and make synthetic samples; the test part is not handed in.

A kind `generator` is the JSON object

    {"use", "settings", "diverged": "" or what happened, "notes": [sentence],
     "keeps": [score that it preserves by construction],
     "model": {generator, discriminator: {trainable, layers}} or null, "weights": [name of a stored tensor],
     "trained": {"samples", "trials": how many it learned from, "seen": [names of the parts that it was given]},
     "synthetic": how many samples it made}
"""

from typing import Any

import numpy as np

from reportgen import plugins
from reportgen.core import PARTS, TRAIN, VALIDATION, Place
from reportgen.outputs import Inputs, Out
from reportgen.steps._crowds import domain_of, part_of, rows_of
from reportgen.synthetic import Learnable, Made
from reportgen.work import Work

_SEEN = (TRAIN, VALIDATION)


def run(inputs: Inputs, out: Out, work: Work, *, use: str, settings: dict[str, Any], most: int, seed: int, fold: int) -> None:
    """Write generator, and where the training did not diverge synthetic and synthetic_labels.

    Of networks also course and generator_weights; synthetic_source where each sample was made from certain real ones.
    An interrupted training goes on from its checkpoint in the work folder.

    Args:
        inputs: facts, features, samples, labels, rows and parts.
        out: for the outputs.
        work: where checkpoints lie and progress is told.
        use: id of a generator.
        settings: its own.
        most: samples that it makes, at most; otherwise as many as it learned from.
        seed: of whatever is drawn.
        fold: index into the first axis of `parts`.
    """
    (train, index), (validation, _) = (part_of(inputs, fold, part) for part in _SEEN)
    wanted = np.asarray(inputs.one("labels")).astype(int)[rows_of(inputs, fold, TRAIN, most=most, seed=seed)]
    known = Learnable(domain=domain_of(inputs), train=train, validation=validation, wanted=wanted)
    place = Place(device=work.device, seed=seed, checkpoint=work.folder / "checkpoint.safetensors", progress=work.progress)
    made: Made = plugins.verb("generator", use)(known, place, **settings)
    restricted = not inputs.one("facts")["redistribute"]
    if made.x is not None:
        axes = ("sample", *known.domain.axes)
        out.array("synthetic", np.asarray(made.x, np.float32), axes, known.domain.unit, restricted=restricted)
        out.array("synthetic_labels", wanted.astype(np.int16), ("sample",))
    if made.source is not None:
        out.array("synthetic_source", index[made.source].astype(np.int32), ("sample", "source"))
    if made.course is not None:
        out.json("course", made.course)
    if made.weights:
        _save(out, made)
    out.json(
        "generator",
        {
            "use": use,
            "settings": settings,
            "diverged": made.diverged,
            "notes": list(made.notes),
            "keeps": list(made.keeps),
            "model": made.model,
            "weights": sorted(made.weights),
            "trained": {
                "samples": len(train),
                "trials": len(np.unique(train.trial)),
                "seen": [PARTS[part] for part in _SEEN],
            },
            "synthetic": 0 if made.x is None else len(wanted),
        },
    )


def _save(out: Out, made: Made) -> None:
    from safetensors.torch import save_file

    tensors = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in made.weights.items()}
    save_file(tensors, out.path("generator_weights", ".safetensors"))
