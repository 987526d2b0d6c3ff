"""Publications: BibTeX in, what a reader needs out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reportgen.errors import UsageError
from reportgen.words import listing

_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^\s,{}]+)\s*,")
_FIELD = re.compile(r"\s*([\w-]+)\s*=\s*")
_VENUES = ("journal", "booktitle", "publisher", "institution", "school", "howpublished")


@dataclass(frozen=True, slots=True)
class Publication:
    """One BibTeX entry, its TeX turned into text."""

    key: str
    type: str
    fields: Mapping[str, str]
    source: str  # the entry as BibTeX

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """(family, given) of each author, or editor."""
        people = re.split(r"\s+and\s+", self.fields.get("author", self.fields.get("editor", "")))
        return tuple(_name(person) for person in people if person)

    @property
    def authors(self) -> str:
        """`M. T. Ribeiro, S. Singh and C. Guestrin`; from the ninth author on `et al.`."""
        shown = [f"{_initials(given)} {family}".strip() for family, given in self.names]
        return listing(shown) if len(shown) <= 8 else ", ".join(shown[:6]) + " et al."

    @property
    def label(self) -> str:
        """`Ribeiro et al. 2016`."""
        families = [family for family, _ in self.names] or [self.key]
        who = families[0] + " et al." if len(families) > 2 else " and ".join(families)
        return f"{who} {self.year}".strip()

    @property
    def title(self) -> str:
        """Of the work."""
        return self.fields.get("title", "")

    @property
    def year(self) -> str:
        """Of its publication."""
        return self.fields.get("year", "")

    @property
    def venue(self) -> str:
        """Where it appeared: journal, proceedings or publisher."""
        return next((self.fields[name] for name in _VENUES if name in self.fields), "")

    @property
    def place(self) -> str:
        """Volume, number and pages: `69(3): 369–390`."""
        volume = self.fields.get("volume", "") + (f"({self.fields['number']})" if "number" in self.fields else "")
        return ": ".join(part for part in (volume, self.fields.get("pages", "")) if part)

    @property
    def address(self) -> str:
        """Where to read it, or empty."""
        return f"https://doi.org/{self.fields['doi']}" if "doi" in self.fields else self.fields.get("url", "")

    @property
    def uses(self) -> tuple[str, ...]:
        """What in a study calls for it: `explainer/lime`, `train/optimizer/adam`."""
        return tuple(re.split(r"\s*,\s*", self.fields["keywords"])) if self.fields.get("keywords") else ()


def parse(text: str, where: str) -> dict[str, Publication]:
    """Every entry of a BibTeX text; `where` names it in errors.

    Raises:
        UsageError: a brace is never closed.
    """
    return {entry.key: entry for entry in _entries(text, where)}


def _entries(text: str, where: str) -> Iterator[Publication]:
    for start in _ENTRY.finditer(text):
        try:
            end = _closing(text, text.index("{", start.start()))
        except IndexError:
            line = text.count("\n", 0, start.start()) + 1
            raise UsageError(f"{where}:{line}: BibTeX entry {start[2]} is not closed", "A brace `}` is missing.") from None
        fields = dict(_fields(text[start.end() : end]))
        yield Publication(start[2], start[1].lower(), fields, text[start.start() : end + 1])


def _closing(text: str, opening: int) -> int:
    """Index of the brace that closes the one at `opening`."""
    depth, index = 1, opening
    while depth:
        index += 1
        depth += {"{": 1, "}": -1}.get(text[index], 0)
    return index


def _fields(body: str) -> Iterator[tuple[str, str]]:
    at = 0
    while field := _FIELD.match(body, at):
        begin = field.end()
        if body[begin] == "{":
            end = _closing(body, begin)
            value = body[begin + 1 : end]
        elif body[begin] == '"':
            end = body.index('"', begin + 1)
            value = body[begin + 1 : end]
        else:
            end = begin + len(re.match(r"[^,\s]*", body[begin:])[0]) - 1  # type: ignore[index]
            value = body[begin : end + 1]
        yield field[1].lower(), _untexed(value)
        separator = body.find(",", end)
        if separator < 0:
            return
        at = separator + 1


def _untexed(value: str) -> str:
    text = re.sub(r"\\([&%_#$])", r"\1", " ".join(value.split()))
    return text.replace("{", "").replace("}", "").replace("--", "–").replace("~", " ")


def _name(person: str) -> tuple[str, str]:
    if "," in person:
        family, _, given = person.partition(",")
        return family.strip(), given.strip()
    *given_names, family = person.split()
    return family, " ".join(given_names)


def _initials(given: str) -> str:
    return " ".join(f"{'-'.join(part[0] for part in name.split('-') if part)}." for name in given.split())
