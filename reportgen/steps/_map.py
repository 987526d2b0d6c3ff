"""The map of emotions that a step is given."""

from reportgen.mapping.projection import Projection, projection_of
from reportgen.outputs import Inputs


def projection_in(inputs: Inputs) -> Projection:
    """From map and map_weights; of ratings that are a plane themselves there are no weights."""
    from safetensors.torch import load_file

    return projection_of(inputs.one("map"), load_file(inputs.one("map_weights")) if "map_weights" in inputs else {})
