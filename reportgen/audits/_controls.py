"""Experiments that are there to be beaten: nothing that they cannot do is a fault."""

from collections.abc import Mapping

from reportgen.audits._divided import samples_about
from reportgen.outputs import Inputs

GUESSES = frozenset({"most_frequent", "class_distribution"})
"""Ids of models that look at no sample."""
AMPLITUDE = "amplitude"
"""The feature that needs no brain: how strong each channel is."""


def experiments(inputs: Inputs, *kinds: str) -> list[str]:
    """Names of those that have outputs of some kinds; networks that were trained on shuffled labels belong to none."""
    abouts = (about for kind in kinds for about in inputs.about(kind))
    return list(dict.fromkeys(about["experiment"] for about in abouts if "experiment" in about))


def is_guess(inputs: Inputs, experiment: str) -> bool:
    """Whether the model of an experiment looks at no sample."""
    return any(model["id"] in GUESSES for _, model in inputs.all("model", experiment=experiment))


def is_amplitude(inputs: Inputs, about: Mapping[str, str]) -> bool:
    """Whether an experiment is given plain amplitudes only."""
    chains = [found["chain"] for _, found in inputs.all("features", **samples_about(about))] if "features" in about else []
    return any(feature["use"] == AMPLITUDE for chain in chains for feature in chain)
