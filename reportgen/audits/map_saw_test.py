"""Predictions that lie on a map of emotions which was fitted to ratings of the videos that they are tested on."""

from collections.abc import Iterator

from reportgen.core import Finding
from reportgen.outputs import Inputs
from reportgen.words import count

NEEDS = ("laid_about",)


def inspect(inputs: Inputs) -> Iterator[Finding]:
    """One finding for each experiment whose predictions lie on a map."""
    for about, laid in inputs.all("laid_about"):
        if laid["sort"] != "regression":
            continue
        whole, seen = laid["whole"], laid["seen"]
        asked = (
            f"{count(seen)} of {count(laid['n'])} test segments of {laid['source']} are of {whole}s of the map's training part"
        )
        if not seen:
            yield Finding(
                severity="ok",
                about=f"experiment {about['experiment']}",
                title=f"The map has seen no {whole} that the predictions on it are tested on",
                evidence=asked,
            )
            continue
        yield Finding(
            severity="warning",
            about=f"experiment {about['experiment']}",
            title=f"The map was fitted to {whole}s that the predictions on it are tested on",
            evidence=asked,
            remedy="Divide both experiments by the same split: places and areas of these predictions are too good.",
        )
