"""What both forms of FER2013 share: classes, parts, published counts, and what to do with a sample that is bad."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from reportgen.errors import DataError

SIDE = 48  # pixels
CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # in the order of the csv's numbers
COUNTS: Mapping[str, Mapping[str, int]] = {
    part: dict(zip(CLASSES, counts, strict=True))
    for part, counts in {
        "Training": (3995, 436, 4097, 7215, 4830, 3171, 4965),
        "PublicTest": (467, 56, 496, 895, 653, 415, 607),
        "PrivateTest": (491, 55, 528, 879, 594, 416, 626),
    }.items()
}
PARTS = tuple(COUNTS)
MERGED_TEST = "test"  # PublicTest and PrivateTest, where file names do not tell them apart
_NAMED = 3  # skipped samples that a notice names


class BadSample(Exception):
    """A sample that cannot be used: what is wrong with it, and what to do."""

    def __init__(self, fault: str, hint: str) -> None:
        super().__init__(fault, hint)
        self.fault = fault
        self.hint = hint


class Row(NamedTuple):
    """One good sample."""

    image: np.ndarray  # (row, column) uint8 grey
    label: int
    part: str
    source: str


@dataclass(slots=True)
class Intake:
    """Counts what a reader brings, and knows when there is enough of it and when it must stop."""

    on_bad_sample: Literal["error", "skip"]
    limit: int  # of each class and part; 0: none
    counts: Counter[tuple[str, int]] = field(default_factory=Counter)  # {(part, label): samples}
    skipped: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def wants(self, part: str, label: int) -> bool:
        """Whether another sample of this part and class may be kept: asked before its pixels are read."""
        return not self.limit or self.counts[part, label] < self.limit

    def keep(self, row: Row) -> Row:
        """Count a good sample."""
        self.counts[row.part, row.label] += 1
        return row

    def refuse(self, place: str, bad: BadSample) -> None:
        """Stop at a bad sample, or note it and go on.

        Raises:
            DataError: the fault, unless bad samples are to be skipped.
        """
        if self.on_bad_sample == "error":
            raise DataError(f"{place}: {bad.fault}", f'{bad.hint} Or leave it out: on_bad_sample = "skip".') from bad
        self.skipped.append(f"{place}: {bad.fault}")

    def report(self) -> tuple[str, ...]:
        """One line for everything that the reader mended, skipped or found to differ from what was published."""
        lines = []
        if self.skipped:
            more = f"; and {len(self.skipped) - _NAMED:,} more" if len(self.skipped) > _NAMED else ""
            lines.append(f"bad samples skipped: {len(self.skipped):,} ({'; '.join(self.skipped[:_NAMED])}{more})")
        lines.extend(self.notices)
        if self.limit:
            lines.append(
                f"limit = {self.limit:,}: the first of each class and part only, counts not compared with the published"
            )
        else:
            lines.extend(self._differences())
        return tuple(lines)

    def _differences(self) -> Iterator[str]:
        found = {part for part, _ in self.counts}
        published = dict(COUNTS)
        if MERGED_TEST in found and found.isdisjoint(PARTS[1:]):
            public, private = (published.pop(part) for part in PARTS[1:])
            published[MERGED_TEST] = {name: public[name] + private[name] for name in CLASSES}
        for part in dict.fromkeys((*published, *sorted(found))):
            expected = published.get(part, dict.fromkeys(CLASSES, 0))
            if part not in found:
                yield f"{part}: absent (published {sum(expected.values()):,})"
                continue
            for label, name in enumerate(CLASSES):
                if self.counts[part, label] != expected[name]:
                    yield f"{part}/{name}: {self.counts[part, label]:,} (published {expected[name]:,})"
