"""Tables as data: a template shows them to readers, a CSV file gives the same numbers to programs."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from reportgen.report.results import Score
from reportgen.words import ABSENT, count, duration, fixed


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads somewhere: `experiment-small.html#result`."""

    text: str
    target: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A cell that can be linked to."""

    text: str
    id: str


@dataclass(frozen=True, slots=True)
class Code:
    """A cell with an identifier, a key or a call."""

    text: str


@dataclass(frozen=True, slots=True)
class Seconds:
    """A cell with a duration."""

    value: float


Cell = str | int | float | Score | Link | Anchor | Code | Seconds | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a caption; columns of numbers are set to the right."""

    id: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    spread: bool = True  # show the standard deviation over seeds beside a score

    @property
    def file(self) -> str:
        """Where its CSV lies, relative to the pages."""
        return f"tables/{self.id.removeprefix('table-')}.csv"

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers and nothing else."""
        numbers = int | float | Score | Seconds
        columns = [[row[i] for row in self.rows if row[i] is not None] for i in range(len(self.head))]
        return tuple(bool(cells) and all(isinstance(cell, numbers) for cell in cells) for cells in columns)

    @property
    def wordy(self) -> tuple[bool, ...]:
        """Which columns hold sentences, and need room for them."""
        columns = [[row[i] for row in self.rows] for i in range(len(self.head))]
        return tuple(any(isinstance(cell, str) and len(cell) > 30 for cell in cells) for cells in columns)

    def kind(self, cell: Cell) -> Literal["link", "anchor", "code", "score", "text"]:
        """How a template has to write a cell."""
        match cell:
            case Link():
                return "link"
            case Anchor():
                return "anchor"
            case Code():
                return "code"
            case Score():
                return "score"
            case _:
                return "text"

    def point(self, score: Score) -> str:
        """A score without its interval."""
        return score.spread if self.spread else score.value

    def text(self, cell: Cell) -> str:
        """What a reader sees of any other cell."""
        match cell:
            case None:
                return ABSENT
            case Link() | Anchor() | Code():
                return cell.text
            case Score():
                return cell.estimate
            case Seconds():
                return duration(cell.value)
            case int():
                return count(cell)
            case float():
                return fixed(cell, 3)
            case _:
                return cell

    def csv(self) -> str:
        """The numbers in full, a score as four columns."""
        scored = [any(isinstance(row[i], Score) for row in self.rows) for i in range(len(self.head))]
        head = [
            name
            for i, title in enumerate(self.head)
            for name in (_score_head(title) if scored[i] else [_head(title, i, self.rows)])
        ]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(head)
        writer.writerows([value for i, cell in enumerate(row) for value in _values(cell, scored[i])] for row in self.rows)
        return text.getvalue()


def _head(title: str, column: int, rows: Iterable[tuple[Cell, ...]]) -> str:
    return f"{title} [s]" if any(isinstance(row[column], Seconds) for row in rows) else title


def _score_head(title: str) -> list[str]:
    return [f"{title} mean", f"{title} sd", f"{title} low", f"{title} high"]


def _values(cell: Cell, scored: bool) -> Iterator[Any]:
    match cell:
        case Score():
            yield from (cell.mean, cell.sd, cell.low, cell.high)
        case Link():
            yield f"{cell.text} ({cell.note})" if cell.note else cell.text
        case Anchor() | Code():
            yield cell.text
        case Seconds():
            yield cell.value
        case _:
            yield cell
    if scored and not isinstance(cell, Score):
        yield from (None, None, None)
