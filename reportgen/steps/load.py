"""Step: read a data set once, check it, and keep it as arrays."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from reportgen import plugins
from reportgen.core import Facts, Recording, Samples, Segments
from reportgen.errors import DataError
from reportgen.outputs import Inputs, Out
from reportgen.steps._intake import Intake
from reportgen.steps._intake_recordings import RecordingIntake
from reportgen.steps._intake_segments import SegmentIntake
from reportgen.work import Work

_INTAKES: Mapping[str, tuple[Any, str]] = {
    "Recording": (RecordingIntake, "trials"),
    "Segments": (SegmentIntake, "segments"),
    "Samples": (Intake, "samples"),
}
"""By what a reader yields: who takes it in, and what is counted."""


def run(_inputs: Inputs, out: Out, work: Work, *, use: str, settings: dict[str, Any]) -> None:
    """Write what the data set holds: see `Intake` for samples, `RecordingIntake` for recordings, `SegmentIntake` for ratings.

    One chunk or recording is in memory at a time.

    Raises:
        DataError: there is nothing to train on.
    """
    facts = _facts(use, settings)
    chunks: Iterator[Samples | Recording | Segments] = plugins.verb("dataset", use)(**{**settings, **work.files})
    made = plugins.returns("dataset", use)
    take, what = next(known for name, known in _INTAKES.items() if name in made)
    with take(facts, out) as intake:
        for chunk in chunks:
            intake.add(chunk)
            work.progress(intake.n, 0, f"{intake.n:,} {what}")
    if not (intake.n if take is SegmentIntake else intake.per_class.sum()):
        hint = "There is nothing to train on: give the whole set."
        raise DataError(f"{facts.title}: no sample of the part '{facts.training_part}' was found", hint)
    intake.finish(use)


def _facts(use: str, settings: dict[str, Any]) -> Facts:
    """What is known of a data set; of the user's own recordings only the user knows it, and says it in the settings."""
    facts: Facts = plugins.module("dataset", use).FACTS
    known = {field.name for field in fields(Facts)} & settings.keys()
    told: dict[str, Any] = {
        name: tuple(settings[name]) if name == "classes" else settings[name] for name in known if settings[name]
    }
    return replace(facts, **told)
