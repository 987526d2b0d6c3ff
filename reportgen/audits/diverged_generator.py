"""Generators whose training diverged."""

from collections.abc import Iterator

from reportgen.audits._controls import experiments
from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count, counted, listing

NEEDS = ("facts", "generator")


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding an experiment with generators that are networks; others cannot diverge."""
    for name in experiments(inputs, "generator"):
        made = list(inputs.all("generator", experiment=name))
        trained = [(about, one) for about, one in made if one["model"] is not None or one["diverged"]]
        if not trained:
            continue
        about = f"experiment {name}"
        lost = [(about, one) for about, one in trained if one["diverged"]]
        if not lost:
            evidence = f"{counted(len(trained), 'training')}, whose losses stayed finite to the end"
            yield Finding(severity="ok", about=about, title="No training of a generator diverged", evidence=evidence)
            continue
        keys = list(dict.fromkeys(about["generator"] for about, _ in lost))
        lines = [(about["generator"], about["fold"], about["seed"], one["diverged"]) for about, one in lost]
        yield Finding(
            severity="warning",
            about=about,
            title=f"Training diverged: {listing(keys)}",
            evidence=f"{count(len(lost))} of {counted(len(trained), 'training')} ended early, and made no synthetic samples",
            remedy="Lower the learning rates or the weight of the penalty; the curves are kept up to the end. A generator is"
            " scored only if it was trained in all folds and with all seeds.",
            rows=(("generator", "fold", "seed", "what happened"), *lines),
        )
