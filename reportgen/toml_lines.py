"""Where a key stands in a TOML text: tomllib does not say, and an error without a line is half an error."""

import re
from collections.abc import Sequence

_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")


def line_of(text: str, keys: Sequence[str]) -> int:
    """Line number, from 1, of the deepest of `keys` that has a line of its own (keys of inline tables have none)."""
    places = _places(text)
    for depth in range(len(keys), 0, -1):
        if tuple(keys[:depth]) in places:
            return places[tuple(keys[:depth])]
    return 1


def _places(text: str) -> dict[tuple[str, ...], int]:
    places: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    quote = ""  # the mark of the multi-line string that we are in: its lines are text, not keys
    for number, line in enumerate(text.split("\n"), 1):
        if not quote:
            if header := _HEADER.match(line):
                table = _parts(header[1])
                _note(places, table, number)
            elif key := _KEY.match(line):
                _note(places, table + _parts(key[1]), number)
        quote = _open_quote(line, quote)
    return places


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _note(places: dict[tuple[str, ...], int], keys: tuple[str, ...], number: int) -> None:
    for depth in range(1, len(keys) + 1):
        places.setdefault(keys[:depth], number)


def _open_quote(line: str, quote: str) -> str:
    for mark in re.findall(r'"""|' + "'''", line):
        quote = "" if quote == mark else quote or mark
    return quote
