"""What a model of an experiment is built for: by training, and by all that looks at a trained one."""

from reportgen.core import Spec
from reportgen.outputs import Inputs


def spec_of(inputs: Inputs) -> Spec:
    """What a model is built for: grey images, or features of recordings."""
    if "features" not in inputs:
        facts = inputs.one("facts")
        return Spec(shape=(1, *facts["shape"]), classes=len(facts["classes"]))
    features = inputs.one("features")
    shape, axes, classes = tuple(features["shape"]), tuple(features["axes"][1:]), len(features["classes"])
    if len(shape) == 2:  # see networks.as_input
        return Spec(shape=(1, *shape), classes=classes, axes=("map", *axes))
    return Spec(shape=shape, classes=classes, axes=axes)
