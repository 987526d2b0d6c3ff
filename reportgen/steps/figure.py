"""Step: draw one figure; keep the picture, its words and the data behind it."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure as Picture
from matplotlib.transforms import Bbox

from reportgen import plugins
from reportgen.core import Figure
from reportgen.errors import StepError
from reportgen.figures._plotly import tagged
from reportgen.figures._style import QUIET, SMALL, drawing_style
from reportgen.outputs import Inputs, Out
from reportgen.words import listing

DPI = 200  # of dense pictures
_STRIP = 0.2  # inches, added above a picture for its tags
_NO_STAMP = {".svg": {"Date": None, "Creator": None}, ".png": {"Software": None}}  # the same bytes on another day


def run(inputs: Inputs, out: Out, _work: object, *, use: str, settings: dict[str, Any], public: bool = False) -> None:
    """Write figure.json, figure.svg or figure.png, figure.csv and, if it is interactive, figure.plotly.json.

    A figure of simulated data or of a smoke-trained model says so in its picture and in its caption. For a `public` report
    `inputs` hide what is restricted, so that the figure draws something else.

    Raises:
        StepError: the figure has no words for somebody who cannot see it, or only repeats others.
    """
    path = plugins.path_of("figure", use)
    tags = _tags(inputs, plugins.constant(path, "EACH"))
    restricted = inputs.restricted and not public
    with drawing_style(salt=use):
        figure = plugins.verb("figure", use)(inputs, **settings)
        _check(use, figure)
        picture = out.path("figure", ".png" if figure.dense else ".svg", restricted=restricted)
        inches = _save(figure.picture, picture, " · ".join(tags))
    table = out.path("figure", ".csv", restricted=restricted)
    _write_csv(table, figure.data)
    if figure.interactive:
        text = json.dumps(
            tagged(figure.interactive, " · ".join(tags)), ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
        out.path("figure", ".plotly.json").write_text(text + "\n", encoding="utf-8")
    out.json(
        "figure",
        {
            "title": figure.title,
            "caption": " ".join([figure.caption, *tags.values()]),
            "alt": figure.alt,
            "width": figure.width,
            "inches": inches,
            "dense": figure.dense,
            "interactive": figure.interactive is not None,
            "file": picture.name,
            "csv": table.name,
        },
    )


def _tags(inputs: Inputs, each: str) -> dict[str, str]:
    """What must be said of the figure, whatever it shows: {tag in the picture: sentence in the caption}."""
    tags: dict[str, str] = {}
    if each in ("experiment", "explainer") and any(history["smoke"] for _, history in inputs.all("history")):
        tags["smoke-trained: not a result"] = "Smoke-trained: not a result."
    titles = {facts["title"]: facts["simulated"] for _, facts in inputs.all("facts")}
    if simulated := [title for title, made in titles.items() if made]:
        which = "" if len(simulated) == len(titles) else f": {listing(simulated)}"
        tags[f"simulated{which}"] = f"Simulated data{which}."
    return tags


def _check(use: str, figure: Figure) -> None:
    told = [" ".join(text.split()) for text in (figure.title, figure.caption, figure.alt)]
    if not all(told):
        name = ("title", "caption", "alt")[told.index("")]
        raise StepError(f"figure {use}: its {name} is empty", "Say in words what the picture shows.")
    if told[2] in told[:2]:
        name = ("title", "caption")[told.index(told[2])]
        raise StepError(f"figure {use}: its alt text repeats its {name}", "Say the finding for somebody who cannot see it.")


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """A missing number is an empty cell, whether it is None or NaN."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("" if cell != cell else cell) for cell in row] for row in rows)


def _save(picture: Picture, path: Path, tags: str) -> list[float]:
    """Write the picture, under a strip with the tags if there are any; returns its size in inches."""
    width, height = map(float, picture.get_size_inches())
    if tags:
        at: dict[str, Any] = {"fontsize": SMALL, "color": QUIET, "ha": "right", "va": "top", "in_layout": False}
        picture.text(1 - 0.04 / width, 1 + (_STRIP - 0.03) / height, tags, **at)
        height += _STRIP
    area = Bbox.from_bounds(0, 0, width, height)  # given, so that the strip is not cut off
    picture.savefig(path, dpi=DPI, bbox_inches=area, metadata=_NO_STAMP[path.suffix])
    return [round(width, 3), round(height, 3)]
