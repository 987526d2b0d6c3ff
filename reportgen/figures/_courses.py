"""The trainings of networks that make samples, gathered from the kind `course`, generator by generator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reportgen.figures._candidates import in_order, looks_of
from reportgen.figures._style import Look
from reportgen.outputs import Inputs

CRITERIA = ("spectrum", "mmd")
"""Columns that are told in units of their floor: what real samples of the training part have."""

Course = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """All trainings of one generator, seed by seed and fold by fold."""

    key: str
    title: str
    abouts: Sequence[Mapping[str, str]]
    courses: Sequence[Course]
    verdict: str  # on its discriminator, "" where nobody said one
    added: str  # what training has added to its start: a verdict, "" where there is none
    look: Look

    @property
    def critic(self) -> bool:
        """Whether its discriminator estimates a distance and answers no question of real or not."""
        return bool(self.courses[0]["loss"].startswith("Wasserstein"))

    @property
    def whole(self) -> Sequence[Course]:
        """Trainings that ran to their end, or all where none did."""
        return [course for course in self.courses if not course["diverged"]] or self.courses

    def mean(self, column: str) -> np.ndarray:
        """(epoch,): over trainings, as far as all ran, criteria in floors; NaN where nothing was measured."""
        values = [by_floor(course, column) for course in self.whole]
        shortest = min(map(len, values))
        return np.asarray(np.mean([one[:shortest] for one in values], axis=0))

    def last(self, column: str) -> float | None:
        """Mean over trainings of the last value of each, if all have one."""
        ends = [_column(course, column)[-1:] for course in self.whole]
        value = float(np.mean(np.concatenate(ends))) if all(len(end) for end in ends) else np.nan
        return value if np.isfinite(value) else None

    def known(self, column: str) -> bool:
        """Whether anything was measured."""
        return any(np.isfinite(_column(course, column)).any() for course in self.courses)

    def chosen(self, column: str) -> float | None:
        """Mean over trainings of the value in the epoch that was kept, criteria in floors; if all have one."""
        kept = [course for course in self.whole if course["epochs"] and course["chosen"]]
        values = [by_floor(course, column)[course["chosen"] - 1] for course in kept]
        return float(np.mean(values)) if values and np.isfinite(values).all() else None

    def start(self, column: str) -> float | None:
        """Mean over trainings of a criterion before the first update, in floors; if all have one."""
        values = [start_of(course, column) for course in self.whole]
        return float(np.mean(values)) if values and np.isfinite(values).all() else None

    @property
    def epochs(self) -> str:
        """`epoch 7` or `epochs 7 to 12`: those that were kept."""
        kept = sorted(int(course["chosen"]) for course in self.whole if course["chosen"]) or [0]
        return f"epoch {kept[0]}" if kept[0] == kept[-1] else f"epochs {kept[0]} to {kept[-1]}"

    @property
    def gone(self) -> str:
        """What happened to trainings that diverged: `2 of 4 trainings diverged, epoch 7: …`."""
        reasons = [course["diverged"].rstrip(".") for course in self.courses if course["diverged"]]
        if not reasons:
            return ""
        n = len(self.courses)
        return f"{'diverged' if n == 1 else f'{len(reasons)} of {n} trainings diverged'}, {reasons[0]}"

    @property
    def right(self) -> float | None:
        """Share of real and synthetic samples that the discriminator tells in the last epoch."""
        real, synthetic = self.last("accuracy_real"), self.last("accuracy_made")
        return None if real is None or synthetic is None else (real + synthetic) / 2


def trained_of(inputs: Inputs) -> list[Trained]:
    """In the order of the study, if that is known."""
    found: dict[str, list[tuple[Mapping[str, str], Course]]] = {}
    for about, course in sorted(inputs.all("course"), key=lambda one: (int(one[0]["seed"]), int(one[0].get("fold", 0)))):
        found.setdefault(about["generator"], []).append((about, course))
    scores = next((value for _, value in inputs.all("signal_scores")), None)
    titles = {one["key"]: one["title"] for one in scores["candidates"]} if scores else {}
    known = {one["key"]: one for one in scores["candidates"]} if scores else {}
    order = [one["key"] for one in in_order(known.values())]
    looks = looks_of({"key": name} | dict(known.get(name, {})) for name in {**dict.fromkeys(order), **dict.fromkeys(found)})
    added = {row["key"]: row["verdict"] for row in scores.get("trained", ())} if scores else {}
    verdicts = {row["key"]: row["verdict"] for row in scores["discriminators"]} if scores else {}
    keys = sorted(found, key=lambda name: (order.index(name) if name in order else len(order), name))
    whose = {name: [about for about, _ in found[name]] for name in keys}
    courses = {name: [course for _, course in found[name]] for name in keys}
    return [
        Trained(
            key=name,
            title=titles.get(name, name),
            abouts=whose[name],
            courses=courses[name],
            verdict=verdicts.get(name, ""),
            added=added.get(name, ""),
            look=looks[name],
        )
        for name in keys
    ]


def _column(course: Course, name: str) -> np.ndarray:
    """(epoch,), NaN where nothing was measured."""
    return np.array([np.nan if row[name] is None else row[name] for row in course["epochs"]], float)


def by_floor(course: Course, column: str) -> np.ndarray:
    """(epoch,): a column; criteria divided by their floor, NaN where that is nothing or less."""
    values = _column(course, column)
    return _in_floors(course, column, values) if column in CRITERIA else values


def start_of(course: Course, column: str) -> float:
    """A criterion before the first update, divided by its floor; NaN where it is not known."""
    value = (course.get("start") or {}).get(column)
    return float(_in_floors(course, column, np.array(np.nan if value is None else value, float)))


def _in_floors(course: Course, column: str, values: np.ndarray) -> np.ndarray:
    floor = (course["floor"] or {}).get(column) or np.nan
    ratios = values / (floor if floor > 0 else np.nan)
    return np.where(ratios > 0, ratios, np.nan)
