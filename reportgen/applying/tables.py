"""Tables: ratings that a map places, or inputs of which a model predicts ratings."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.neighbors import NearestNeighbors

from reportgen.applying.answers import Answer
from reportgen.applying.finding import Found
from reportgen.applying.predicting import predicted
from reportgen.applying.rated import grid, ratings
from reportgen.applying.space import Space, of_rows, point, spaces
from reportgen.applying.strongest import strongest, tallied
from reportgen.applying.table_files import Table, emotion_columns, opened
from reportgen.applying.unlikeness import Measured, Unlikeness, measured
from reportgen.core import TRAIN, VALIDATION
from reportgen.embedding.distinct import distinct
from reportgen.emotions import plain
from reportgen.words import counted

_AROUND = (
    "video",
    "video_id",
    "id",
    "clip",
    "song",
    "song_id",
    "sentiment",
    "speaker",
    "part",
    "split",
    "source",
    "segment",
    "start",
    "stop",
    "end",
    "text",
    "transcript",
    "row",
)
"""Columns beside ratings that nobody would take for an emotion."""


def answers(found: Found, files: Sequence[Path]) -> list[Answer]:
    """What a map or a model of intensities says of tables.

    Raises:
        DataError: a file is no table, lacks a column, or holds what is no number or out of the scale.
    """
    tables = [opened(file) for file in files]
    if found.sort == "intensities":
        return [predicted(found, table) for table in tables]
    space = spaces(found)[0]
    return [_placed(found, space, table) for table in tables]


def _placed(found: Found, space: Space, table: Table) -> Answer:
    """Where rated rows lie on a map."""
    emotions, scale = space.about["emotions"], space.about["scale"]
    values = table.numbers(emotion_columns(table, emotions), (scale[0], scale[1]))
    places, courses = space(values), table.courses()
    alike = Unlikeness(measures=(_as_rated(found, values),), names=table.names)
    top = strongest(emotions, space.scale, values)
    extra = [name for name in table.header if plain(name) not in (*map(plain, emotions), *_AROUND)]
    unused = (f"The map knows no {', '.join(extra)}: these columns are not used.",) if extra else ()
    return Answer(
        name=table.file.name,
        said=tallied(emotions, top) + (f", at {point(places.at[0])} on the map" if len(table) == 1 else ""),
        read=(f"read as ratings from {scale[0]:g} to {scale[1]:g}", *([_over_time(len(courses))] if courses else [])),
        warnings=(*filter(None, [alike.warning]), *unused),
        bars=replace(ratings(emotions, values[0], (scale[0], scale[1])), heading="What was rated") if len(table) == 1 else None,
        grid=grid(table, emotions, values, places, top, alike.ratio),
        position=of_rows(space, places, values, courses),
        likeness=alike.sentence,
    )


def _over_time(courses: int) -> str:
    return f"{counted(courses, 'course')} over time"


def _as_rated(found: Found, values: np.ndarray) -> Measured:
    """How far ratings lie from those that the map was fitted to.

    Ratings lie on a grid, so that many of the validation part lie on training ones: a step of the grid is never far.
    """
    inputs = found.outputs("intensities", "parts")
    known, parts = np.asarray(inputs.one("intensities"), np.float64), np.asarray(inputs.one("parts"))
    rated = np.isfinite(known).all(axis=1)
    train = distinct(known[rated & (parts == TRAIN)]).vectors
    others = known[rated & (parts == VALIDATION)]
    return measured("its ratings", values, train, others, neighbours=1, least=_step(train))


def _step(vectors: np.ndarray) -> float:
    """The usual distance of distinct vectors (distinct, emotion) to the next."""
    if len(vectors) < 2:
        return 0.0
    return float(np.median(NearestNeighbors(n_neighbors=2).fit(vectors).kneighbors(vectors)[0][:, 1]))
