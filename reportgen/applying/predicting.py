"""Tables of inputs: what a model of intensities predicts for each row, from what, and where that lies on the map."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from reportgen.applying.answers import Answer, Bars, Grid
from reportgen.applying.finding import Found
from reportgen.applying.rated import grid, ratings
from reportgen.applying.regressors import Model, Regressors, regressors_of
from reportgen.applying.scored import with_interval
from reportgen.applying.space import of_rows, space_for
from reportgen.applying.strongest import strongest, tallied
from reportgen.applying.table_files import Table
from reportgen.applying.unlikeness import Unlikeness, drawn, measured
from reportgen.core import TRAIN, VALIDATION
from reportgen.emotions import is_plane
from reportgen.errors import DataError
from reportgen.figures._emotion_space import called
from reportgen.report.results import Score
from reportgen.words import count, counted, fixed, listing

_WORDS = 60  # of a transcript that are left out one by one
_TOLD = 8  # of them that are shown
_VERDICTS: Mapping[str, str] = {
    "collapsed": "This model collapsed: it tells only one thing apart, so that its other intensities mean little",
    "constant": "This model says the same whatever it is given",
    "weak": "This model is weak: it tells little",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What a table holds of a set of modalities."""

    set: str
    names: tuple[str, ...]  # its modalities
    modalities: Mapping[str, np.ndarray]
    transcripts: tuple[str, ...] | None
    whole: bool  # whether that is all that the table holds
    order: np.ndarray  # (row,) int: rows of a video together, in the order of time
    video: np.ndarray  # (row,) int, in that order


def predicted(found: Found, table: Table) -> Answer:
    """What the experiment's models predict for the rows of a table.

    Raises:
        DataError: the table holds no set of modalities that a model learned from, or a cell is no number.
    """
    known = regressors_of(found)
    given = _given(known, table)
    models = known.models(given.set)
    x = known.prepared(given.names, given.modalities, given.transcripts)
    each = {model.key: _in_rows(known, model, x, given) for model in models}
    best = models[0]
    values = each[best.key]
    space = space_for(found, known.emotions)
    places = space(values) if space else None
    alike = _alike(known, given, x, table)
    top = strongest(known.emotions, known.scale, values)
    return Answer(
        name=table.file.name,
        said=_told(known.emotions, values, top, best),
        read=(f"predicted from {listing(given.names)} by {best.title}{_chosen(len(models), given.whole)}",),
        warnings=(*filter(None, [alike.warning]), *_unheard(known, given, table.names), *_warnings(best)),
        bars=_bars(known, each, best) if len(table) == 1 else None,
        score=_score(known, best),
        grid=grid(table, known.emotions, values, places, top, alike.ratio),
        reasons=_reasons(known, best, given, x),
        position=of_rows(space, places, values, table.courses()) if space and places else None,
        likeness=alike.sentence,
    )


def _given(known: Regressors, table: Table) -> _Given:
    """The largest set of modalities that the table holds."""
    columns = {name: _columns(known, table, name) for name in known.modalities}
    fitting = ((name, own) for name, own in known.sets.items() if all(columns[one] for one in own))
    name, own = next(fitting, ("", ()))
    if not own:
        wanted = listing([_wanted(known, one) for one in known.modalities])
        there = ", ".join(table.header[:8])
        raise DataError(
            f"{table.file} row 1: no columns that a model learned from; found {there}", f"It learned from {wanted}."
        )
    text = next((one for one in own if known.modalities[one]["text"]), "")
    courses = table.courses() or _of_videos(table)
    order = np.concatenate(courses)
    return _Given(
        set=name,
        whole=len(own) == sum(map(bool, columns.values())),
        names=tuple(own),
        modalities={one: _shaped(known, one, table.numbers(columns[one])) for one in own if one != text},
        transcripts=tuple(table.column(columns[text][0])) if text else None,
        order=order,
        video=np.repeat(np.arange(len(courses)), [len(rows) for rows in courses]),
    )


def _unheard(known: Regressors, given: _Given, names: Sequence[str]) -> list[str]:
    """Rows that say nothing that the model has ever read: what it says of them is much the same for all."""
    if given.transcripts is None:
        return []
    terms = set(known.inputs.one("vocabulary"))
    rows = [i for i, text in enumerate(given.transcripts) if not terms & set(re.findall(r"\w\w+", text.lower()))]
    if not rows:
        return []
    named = names[rows[0]] if len(rows) == 1 else f"{count(len(rows))} of {counted(len(given.transcripts), 'row')}"
    return [f"{named[:1].upper()}{named[1:]}: no word that the model has learned from is said."]


def _of_videos(table: Table) -> tuple[np.ndarray, ...]:
    """Rows of each video as they stand; without a column `video` each row is by itself."""
    if "video" not in table.header:
        return tuple(np.arange(len(table))[:, None])
    whose = np.array(table.column("video"))
    return tuple(np.flatnonzero(whose == name) for name in dict.fromkeys(whose.tolist()))


def _columns(known: Regressors, table: Table, name: str) -> list[str]:
    """The columns of a modality in a table, none where it lacks one: `text`, or face_1, face_2 and so on."""
    if known.modalities[name]["text"]:
        return [column for column in (name, "text") if column in table.header][:1]
    numbered = {
        int(match[1]): column for column in table.header if (match := re.fullmatch(rf"{re.escape(name)}_(\d+)", column))
    }
    return [numbered[i] for i in sorted(numbered)] if sorted(numbered) == list(range(1, _width(known, name) + 1)) else []


def _width(known: Regressors, name: str) -> int:
    """How many numbers of a modality a row has."""
    shape = known.inputs.one("facts")["modalities"][name]["shape"]
    return int(np.prod(shape))


def _wanted(known: Regressors, name: str) -> str:
    return name if known.modalities[name]["text"] else f"{name}_1 to {name}_{_width(known, name)}"


def _shaped(known: Regressors, name: str, values: np.ndarray) -> np.ndarray:
    """(row, number) as (row, feature) or (row, window, feature): windows follow each other."""
    return values.reshape(len(values), *known.inputs.one("facts")["modalities"][name]["shape"])


def _in_rows(known: Regressors, model: Model, x: np.ndarray, given: _Given) -> np.ndarray:
    """Predictions (row, emotion) in the order of the table."""
    made = np.empty((len(x), len(known.emotions)))
    made[given.order] = known.predict(model, x[given.order], given.video)
    return made


def _chosen(models: int, whole: bool) -> str:
    """Why this model."""
    if models < 2:
        return ""
    takers = "that take all modalities that the file has" if whole else "that take no other modality"
    return f", the best on the validation part of {models} models {takers}"


def _told(emotions: Sequence[str], values: np.ndarray, top: Sequence[str], best: Model) -> str:
    """`happiness is strongest, 1.20 (KNN)`, or what rows are."""
    intensity = "" if len(values) > 1 or is_plane(emotions) else f", {fixed(float(values.max()), 2)}"
    return f"{tallied(emotions, top)}{intensity} ({best.title})"


def _score(known: Regressors, best: Model) -> str:
    """How good the model was on the test part, beside always saying the median."""
    if not best.told:
        return ""
    error, correlation = (Score.of(best.told["scores"][name]) for name in ("mae", "pearson"))
    blind = known.blind_error
    beside = "" if blind is None else f"; always saying the median, by {fixed(blind, error.places)}"
    return (
        f"On its test part this model erred by {with_interval(error)} on average{beside}. Mean correlation with the ratings:"
        f" {with_interval(correlation)}."
    )


def _warnings(best: Model) -> tuple[str, ...]:
    collapse = (best.told or {}).get("collapse") or {}
    said = _VERDICTS.get(collapse.get("verdict", ""), "")
    why = str(collapse.get("why") or "")
    return (f"{said}. {why}".strip().rstrip(".") + ".",) if said else ()


def _bars(known: Regressors, each: Mapping[str, np.ndarray], best: Model) -> Bars:
    """The intensities of a single row, and how far models differ."""
    rows = np.array([values[0] for values in each.values()])
    spread = [f"{fixed(float(low), 2)}–{fixed(float(high), 2)}" for low, high in zip(rows.min(0), rows.max(0), strict=True)]
    return ratings(known.emotions, each[best.key][0], known.scale, spread if len(rows) > 1 else ())


def _alike(known: Regressors, given: _Given, x: np.ndarray, table: Table) -> Unlikeness:
    """How unlike the training part the inputs are."""
    train, validation = (known.known(given.names, part) for part in (TRAIN, VALIDATION))
    some = [rows[drawn(np.arange(len(rows)), seed=i)] for i, rows in enumerate((train, validation))]
    return Unlikeness(measures=(measured("its inputs", x.mean(axis=1), *some),), names=table.names)


def _reasons(known: Regressors, best: Model, given: _Given, x: np.ndarray) -> Grid | None:
    """Of a single row of words: which of them, left out, changes the strongest emotion most."""
    if len(x) != 1 or given.transcripts is None:
        return None
    words = list(dict.fromkeys(re.findall(r"\w[\w'’]*", given.transcripts[0])))[:_WORDS]
    if len(words) < 2:
        return None
    without = [re.sub(rf"(?<!\w){re.escape(word)}(?![\w])", " ", given.transcripts[0]) for word in words]
    repeated = {name: np.repeat(values, len(words), axis=0) for name, values in given.modalities.items()}
    changed = known.prepared(given.names, repeated, without)
    whole = known.predict(best, x, np.zeros(1, int))[0]
    top = int(whole.argmax())
    share = whole[top] - known.predict(best, changed, np.arange(len(words)))[:, top]
    order = np.argsort(-np.abs(share), kind="stable")[:_TOLD]
    if not np.abs(share[order]).max():
        return None
    name = called(known.emotions[top])
    return Grid(
        caption=f"How much less {name} is predicted when a word is left out; below zero, more. One word at a time: words that"
        " say the same hide each other.",
        header=("word", name),
        rows=tuple((words[i], fixed(float(share[i]), 3)) for i in order),
    )
