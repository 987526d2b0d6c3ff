"""Models that look at no sample: they are there to be beaten, so nothing that they cannot do is a fault."""

from reportgen.outputs import Inputs

GUESSES = frozenset({"most_frequent", "class_distribution"})
"""Their ids."""


def is_guess(inputs: Inputs, experiment: str) -> bool:
    """Whether the model of an experiment is one of them."""
    return any(model["id"] in GUESSES for _, model in inputs.all("model", experiment=experiment))
