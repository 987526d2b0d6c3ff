"""Counts what a reader mends or leaves out, so that equal faults of many files or trials become one line."""

from collections.abc import Sequence

_NAMED = 3  # places that a line names


def listed(places: Sequence[str], most: int = _NAMED) -> str:
    """`a, b, c and 4 more`."""
    more = f" and {len(places) - most:,} more" if len(places) > most else ""
    return ", ".join(places[:most]) + more


class Tally:
    """Faults and where they were met."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}

    def add(self, fault: str, place: str) -> None:
        """Count a fault once more."""
        self._places.setdefault(fault, []).append(place)

    def lines(self) -> tuple[str, ...]:
        """One line a fault, in the order in which they were first met: `trials cut short: 3 (a.edf at 2.0 s, …)`."""
        return tuple(f"{fault}: {len(places):,} ({listed(places)})" for fault, places in self._places.items())
