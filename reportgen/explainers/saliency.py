"""Saliency: how far each number of the input moves each class, by the gradient of the network's outputs."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from annotated_doc import Doc
from torch import Tensor, nn

from reportgen.core import Explained
from reportgen.explainers._gradient import class_gradients, explanation, rows

MAKES = ("attribution",)


def explain(
    model: nn.Module,
    explained: Explained,
    progress: Callable[[int, int], None],
    *,
    show: Annotated[
        Literal["absolute", "signed", "times_input"], Doc("of the gradient its size, itself, or its product with the input")
    ] = "absolute",
) -> dict[str, Any]:
    """Explain all classes of each sample by the gradient of the outputs (Simonyan et al. 2014, arXiv 1312.6034).

    It takes any network and any input. It says what a small change does, not what the network has used; on simulated EEG it
    was specific neither to class nor to network (Sujatha Ravindran and Contreras-Vidal 2023, doi 10.1038/s41598-023-43871-8).

    Returns:
        `attribution` (image, class, …) with all axes of a sample, `attribution_about` and, with reference samples,
        `attribution_means`; see `reportgen.kinds.KINDS`.

    Raises:
        DataError: a class has no reference sample.
    """

    def gradients(x: Tensor, _: Any) -> Tensor:
        return class_gradients(model, x)

    return explanation(model, explained, gradients, rows(explained), progress, "", show)
