"""Numbers of figures and tables, and what is cited: counted in a first rendering, known in the second."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reportgen.errors import UsageError
from reportgen.plugins import unknown
from reportgen.report.context import Picture
from reportgen.report.references import Publication
from reportgen.report.tables import Table


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure or table is shown: `Figure 3` on page `experiment-small`."""

    word: str
    number: int
    page: str
    id: str

    @property
    def target(self) -> str:
        """Address of it, relative to the pages."""
        return f"{self.page}.html#{self.id}"


@dataclass(slots=True)
class Numbering:
    """What templates call to number, to refer and to cite.

    A number is given where a thing is shown, in the order of the report; a reference to a page further on can be
    resolved only in a second rendering, which knows what the first one found.
    """

    bibliography: Mapping[str, Publication]
    known: Mapping[str, Place] = field(default_factory=dict)  # of the first rendering
    known_cited: frozenset[str] = frozenset()
    page: str = ""  # the page that is being rendered
    places: dict[str, Place] = field(default_factory=dict)
    shown: list[Picture | Table] = field(default_factory=list)
    cited: set[str] = field(default_factory=set)

    def functions(self) -> dict[str, Any]:
        """By the names that templates call them; each documents itself."""
        return {"number": self.number, "place": self.place, "cite": self.cite, "publications": self.publications}

    def number(self, thing: Picture | Table) -> int:
        """Give a figure or table, shown here, its number. Nothing is shown twice."""
        if thing.id in self.places:
            raise UsageError(
                f"page {self.page}: {thing.id} is already shown on page {self.places[thing.id].page}", "Refer to it."
            )
        word = "Table" if isinstance(thing, Table) else "Figure"
        number = 1 + sum(place.word == word for place in self.places.values())
        self.places[thing.id] = Place(word, number, self.page, thing.id)
        self.shown.append(thing)
        return number

    def place(self, thing: Picture | Table) -> Place | None:
        """Where a figure or table is shown; None if it is not, or in the first rendering."""
        return self.known.get(thing.id)

    def cite(self, key: str) -> Publication:
        """A publication, which the references then list."""
        if key not in self.bibliography:
            raise UsageError(f"page {self.page}: {unknown('publication', key, self.bibliography)}", "Add it to references.bib.")
        self.cited.add(key)
        return self.bibliography[key]

    def publications(self) -> list[Publication]:
        """What the report cites, by author and year."""
        return sorted((self.bibliography[key] for key in self.known_cited), key=lambda entry: (entry.label.lower(), entry.key))

    def begin_again(self) -> None:
        """For the second rendering: what the first one found is known now."""
        self.known, self.known_cited = self.places, frozenset(self.cited)
        self.places, self.shown, self.cited = {}, [], set()
