"""Sigmoid outputs and binary losses for labels that exclude each other."""

from collections.abc import Iterator, Sequence

from reportgen.audits._controls import experiments
from reportgen.audits._smoke import soften
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import listing

NEEDS = ("facts", "model", "history")
_SIGMOIDS = ("LogSigmoid", "Sigmoid")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment: a sample has one label (kind `labels`), so the outputs should share one probability."""
    for name in experiments(inputs, "history"):  # an estimator's loss is its own
        about, model = next(inputs.all("model", experiment=name))  # seeds and folds differ in their weights only
        histories = [history for _, history in inputs.all("history", experiment=name)]
        losses = sorted({history["loss"] for history in histories})
        classes = len(inputs.one("facts", dataset=about["dataset"])["classes"])
        found = _finding(f"experiment {name}", model["layers"][-1]["type"], losses, classes)
        yield soften(found, any(history["smoke"] for history in histories))


def _finding(about: str, last: str, losses: Sequence[str], classes: int) -> Finding:
    binary, sigmoid = "binary_cross_entropy" in losses, last in _SIGMOIDS
    said = (
        f"{classes} classes, one label a sample; last layer {last}, loss {listing([loss.replace('_', ' ') for loss in losses])}"
    )
    if not binary and not sigmoid:
        return Finding(severity="ok", about=about, title="The loss fits labels that exclude each other", evidence=said)
    return Finding(
        severity="warning",
        about=about,
        title="The loss treats classes that exclude each other as independent"
        if binary
        else "The outputs are sigmoids, though each sample has one label",
        evidence=f"{said}: {classes} separate answers of yes or no need not add up to one",
        remedy="Use a softmax with cross-entropy, or show on the validation part that this is no worse; either way count a"
        " sample as right by its largest output, never by binary accuracy.",
    )
